"""Files: every pair of passes in a file, graded: `X_forward` with `X_backward`, `X` with `X_grad` or
`X_prime`.

>>> import tempfile, pathlib
>>> text = '''
... import numpy as np
... def scale_forward(x, w):
...     return x * w, (x, w)
... def scale_backward(dout, cache):
...     x, w = cache
...     return dout * w, dout * x
... '''
>>> with tempfile.TemporaryDirectory() as folder:
...     path = pathlib.Path(folder) / "scale.py"
...     _ = path.write_text(text)
...     print(grade(path))
pass   form                arguments         verdict      mistakes
scale  layer with a cache  x (5, 4), w (4,)  dw is wrong  broadcast not summed
0 of 1 right
"""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import pathlib
import re
import sys

import numpy as np

from ..errors import CallError
from ..runtime.verification.sandbox import Sandbox
from .comparison import check_backward
from .table import BackwardReport

DERIVATIVES = ("backward", "bwd", "grad", "prime", "derivative", "deriv")
ROWS, COLUMNS, UNITS = 5, 4, 3  # of arrays whose shapes nobody has said
TRIES = 5000
HEADINGS = ("pass", "form", "arguments", "verdict", "mistakes")


class Grades:
    """The reports of a file by the names of its pairs; true if there are some and all are right.

    Prints as a table.  A pair without a report has the reason in its place.
    """

    def __init__(self, reports):
        self.reports = dict(reports)

    def __bool__(self):
        return bool(self.reports) and all(
            isinstance(report, BackwardReport) and report for _, report in self.reports.values()
        )

    @property
    def status(self):
        """0 if all are right, 1 if one is wrong, 2 if one could not be graded or there is none."""
        if not self.reports or any(isinstance(report, str) for _, report in self.reports.values()):
            return 2
        return 0 if self else 1

    def details(self):
        """The reports of the wrong passes, whole."""
        return "\n\n".join(
            str(report)
            for _, report in self.reports.values()
            if isinstance(report, BackwardReport) and not report
        )

    def __str__(self):
        if not self.reports:
            return (
                "no pairs: a pair is X_forward and X_backward, or X and X_grad, X_prime or X_derivative, "
                "or X_loss that returns (loss, gradients)"
            )
        table = [HEADINGS]
        for name, (args, report) in self.reports.items():
            if isinstance(report, str):
                table.append((name, "", args, "not graded", report))
            else:
                table.append((name, report.form, args, report.verdict, ", ".join(report.mistakes)))
        widths = [max(map(len, column)) for column in zip(*table)]
        right = sum(bool(report) for _, report in self.reports.values() if not isinstance(report, str))
        return "\n".join(
            [
                *(
                    "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
                    for cells in table
                ),
                f"{right} of {len(self.reports)} right",
            ]
        )

    __repr__ = __str__


def grade(path, only=None) -> Grades:
    """The Grades of the pairs in a file.

    only: the names of the pairs to grade.  Arguments of a pair X are what `X_args` in the file holds, or
    returns when it is called with a random generator; left out, arrays that the forward pass takes are
    drawn.
    """
    space = _loaded(pathlib.Path(path))
    reports = {}
    for name, forward, backward in pairs(space):
        if only and name not in only:
            continue
        try:
            args = arguments_of(name, forward, space)
        except CallError as error:
            reports[name] = "", str(error)
            continue
        written = ", ".join(
            f"{word} {np.shape(arg)}" for word, arg in zip(inspect.signature(forward).parameters, args)
        )
        try:
            reports[name] = written, check_backward(forward, backward, *args)
        except Exception as error:  # of the file that is graded
            reports[name] = written, f"{type(error).__name__}: {error}"
    return Grades(reports)


def pairs(space):
    """(name, forward, backward) of the pairs in a namespace; backward is None for a loss with its gradients.

    >>> def tanh(x): pass
    >>> def tanh_prime(x): pass
    >>> [name for name, forward, backward in pairs({"tanh": tanh, "tanh_prime": tanh_prime})]
    ['tanh']
    """
    functions = {
        name: value
        for name, value in space.items()
        if inspect.isfunction(value) and value.__module__ == space.get("__name__", value.__module__)
    }
    for name, function in functions.items():
        stem = re.sub(r"_(forward|fwd)$", "", name)
        backward = next(
            (functions[f"{stem}_{word}"] for word in DERIVATIVES if f"{stem}_{word}" in functions), None
        )
        if backward is not None:
            if stem == name and (f"{stem}_forward" in functions or f"{stem}_fwd" in functions):
                continue
            yield stem, function, backward
        elif (
            re.search(r"(^|_)loss($|_)", name)
            and not name.endswith(DERIVATIVES)
            and _returns_several(function)
        ):
            yield name, function, None


def _returns_several(function):
    from .pairing import returned_names

    return len(returned_names(function)) > 1


def _loaded(path):
    """The namespace of a file, run as a module of its own."""
    name = f"graded_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise CallError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.resolve().parent))
    return vars(module)


# ---- arguments


def arguments_of(name, forward, space):
    """The arguments for a pair: those that the file gives, or drawn ones that the forward pass takes."""
    rng = np.random.default_rng(0)
    given = space.get(f"{name}_args")
    if given is not None:
        return tuple(given(rng) if callable(given) else given)
    names = [
        p.name
        for p in inspect.signature(forward).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    sandbox = Sandbox(forward)
    choices = [_shapes(word, position) for position, word in enumerate(names)]
    for shapes in itertools.islice(itertools.product(*choices), TRIES):
        args = tuple(_drawn(shape, rng) for shape in shapes)
        try:
            with np.errstate(all="ignore"):
                result = sandbox.run(forward, *args)
        except Exception:
            continue
        out = result[0] if isinstance(result, tuple) else result
        if np.all(np.isfinite(np.asarray(out, dtype=float))) if _is_numeric(out) else True:
            return args
    raise CallError(
        f"no arguments are known that {forward.__name__} takes: "
        f"give them as {name}_args = (...) or as a function {name}_args(rng) in the file"
    )


def _is_numeric(out):
    return isinstance(out, (float, np.ndarray, np.generic)) and np.asarray(out).dtype.kind in "fiu"


LABEL = object()


def _shapes(name, position):
    """The shapes that a parameter of this name and position may have, the likeliest first."""
    n, d, m = ROWS, COLUMNS, UNITS
    if re.fullmatch(r"(y|labels?|targets?|classes)", name):
        return [LABEL, (n,), (n, m), (n, d)]
    if re.fullmatch(r"(b\d?|bias|beta|b_?[a-z])", name):
        return [(m,), (d,), (4 * m,), ()]
    if re.fullmatch(r"(gamma|scale|g)", name):
        return [(d,), (m,), ()]
    if re.match(r"(prev_|h|c0|state)", name):
        return [(n, m), (2, m), (n, d)]
    if re.fullmatch(r"(U|Wh|W_?hh?|Whh|w_?h)", name):
        return [(m, m), (m, 4 * m), (d, m)]
    if re.match(r"(w|W|kernel|theta|weights?|params)", name):
        return [(d, m), (2, 3, 3, 3), (d, 4 * m), (d,), (m, d), ()]
    if position == 0 or re.match(r"(x|X|inputs?|data|images?|scores|a$|z$)", name):
        return [(n, d), (2, 3, 4, 4), (n, 2, d), (n,), ()]
    return [(), (n, d), (d,), (n,), (d, m), (m,), (n, m), (m, m)]


def _drawn(shape, rng):
    if shape is LABEL:
        return rng.integers(0, UNITS, size=ROWS)
    return rng.normal(size=shape) if shape else float(rng.uniform(0.5, 1.5))
