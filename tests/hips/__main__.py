"""`python -m tests.hips SDIST [pytest options]`: how autograd's own tests fare with revad's operators.

SDIST is what `pip download autograd --no-binary :all: --no-deps` fetches. `-v` lists each test that does not
pass, with the reason; `-k` and others go to pytest. Outcomes: passed; refused, with an error of revad; wrong,
where a value is not that of differences; complex, about complex numbers only; unmapped, where a test asks for
what only a tracer has (boxes, primitives, vector spaces); other, any other error.
"""
import builtins
import collections
import importlib
import inspect
import sys
import tarfile
import tempfile
import types
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/support")]

import numpy as np  # noqa: E402
import pytest  # noqa: E402

import revad  # noqa: E402

from . import checks, operators  # noqa: E402

LIBRARIES = ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "scipy", "scipy.integrate", "scipy.linalg",
             "scipy.signal", "scipy.special", "scipy.stats")


class Unmapped(Exception):
    """A name of autograd that has no counterpart."""


def unmapped(name):
    def refused(*args, **keywords):
        raise Unmapped(name)
    return refused


def module(name, **names):
    sys.modules[name] = made_of = types.ModuleType(name)
    vars(made_of).update(names)
    if "." in name:
        parent, _, last = name.rpartition(".")
        setattr(sys.modules[parent], last, made_of)


def install():
    """Put modules in the place of autograd's."""
    plain = {name: getattr(builtins, name) for name in ("tuple", "list", "dict", "isinstance")}
    mapped = {name: value for name, value in vars(operators).items() if inspect.isfunction(value)}
    checked = {name: getattr(checks, name)
               for name in ("check_grads", "combo_check", "check_equivalent", "scalar_close")}
    tracer = {name: unmapped(name) for name in ("primitive", "defvjp", "defjvp", "vspace", "const_graph",
                                                "quick_grad_check")}
    module("autograd", __path__=[], holomorphic_grad=unmapped("holomorphic_grad"), **mapped, **plain)
    module("autograd.core", make_vjp=operators.make_vjp, primitive_vjps={}, **tracer)
    module("autograd.tracer", isbox=lambda x: False, **tracer)
    module("autograd.extend", **tracer)
    module("autograd.util", **tracer)
    module("autograd.builtins", **plain)
    module("autograd.misc", flatten=revad.flatten, **tracer)
    module("autograd.test_util", **checked)
    # Its one use is to make an operator that is `grad`.
    module("autograd.wrap_util", unary_to_nary=lambda operator: operators.grad)
    for name in LIBRARIES:
        try:
            library = importlib.import_module(name)
        except ImportError:
            continue
        sys.modules[f"autograd.{name}"] = library
        if "." not in name:
            setattr(sys.modules["autograd"], name, library)
    if "autograd.scipy.stats" in sys.modules:
        sys.modules["autograd.scipy.stats.multivariate_normal"] = importlib.import_module(
            "scipy.stats").multivariate_normal


class Outcomes:
    """A plugin of pytest that sorts what the tests come to."""

    def __init__(self):
        self.of = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        yield
        if call.when != "call":
            if call.excinfo is not None and item.nodeid not in self.of:
                self.of[item.nodeid] = self.sorted(call.excinfo.value)
        else:
            self.of[item.nodeid] = ("passed", "") if call.excinfo is None else self.sorted(call.excinfo.value)

    def pytest_collectreport(self, report):
        if report.failed:
            self.of[report.nodeid] = "other", str(report.longrepr).strip().splitlines()[-1]

    @staticmethod
    def sorted(error):
        name = next((name for kind, name in (
            (checks.Complex, "complex"), (Unmapped, "unmapped"), (pytest.skip.Exception, "skipped"),
            (revad.RevadError, "refused"), (AssertionError, "wrong")) if isinstance(error, kind)), "other")
        lines = str(error).strip().splitlines() or [""]
        said = next((line.strip() for line in lines if "error:" in line or " is " in line), lines[0])
        return name, f"{type(error).__name__}: {said if name != 'refused' else ' | '.join(lines)}"


def main():
    install()
    plugin = Outcomes()
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(sys.argv[1]) as archive:
            archive.extractall(place, filter="data")
        (tests,) = Path(place).glob("*/tests")
        sys.path.insert(0, str(tests))
        options = [option for option in sys.argv[2:] if option != "-v"]
        with np.errstate(all="ignore"):
            pytest.main(["-q", "--no-header", "--tb=no", "--show-capture=no", "-p", "no:cacheprovider", "-c",
                         "/dev/null", "--rootdir", str(tests), "-W", "ignore", str(tests), *options],
                        plugins=[plugin])
    for test, (outcome, why) in plugin.of.items():
        if outcome != "passed" and "-v" in sys.argv:
            print(f"{outcome:9}{test}\n         {why[:300]}")
    print(", ".join(f"{count} {outcome}" for outcome, count in
                    collections.Counter(outcome for outcome, _ in plugin.of.values()).most_common()))


main()
