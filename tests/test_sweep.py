"""A fixed sample of the sweep, and that the table of parameters says what NumPy's signatures say.

    python -m tests.sweep --minutes 10      goes on with programs that have not run yet
"""
import inspect
import os
import re
import signal

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function as compiled
from sweep import FAMILIES, family, load, log, workers
from sweep.covering import covering
from sweep.family import SLOW, EndlessError, Outcome, guarded_outcome, limited
from sweep.gates import SPELLED, parameter_kinds, resolved

import revad
from revad.types import registry

NEWEST = (2, 4)         # the release of NumPy whose signatures the table has
PARTS = 5
# Parts of programs that are known to be wrong.
LEFT = ("np.cumsum(x, axis=None, dtype='float64', out=np.zeros(np.shape(x)))",)
# Of the programs: refused ones show nothing.
RIGHT = {"gates": 0.4, "expressions": 0.5, "statements": 0.15, "written_expressions": 0.6,
         "written_statements": 0.3, "written_containers": 0.6}


@pytest.mark.quick
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", FAMILIES)
def test_each_program_is_right_or_refused(name, part):
    programs, kinds = load(name), []
    known = {(row["family"], row["seed"], row["program"]) for row in log.read("wrong.csv", log.WRONG)}
    for seed in range(part, programs.SAMPLE, PARTS):
        program = programs.program(seed)
        if any(text in program.text for text in LEFT) or (name, str(seed), program.text[:log.TEXT]) in known:
            continue
        outcome = guarded_outcome(programs, program)
        assert outcome.kind != "wrong", f"{outcome.what}: {name} {seed}:\n{program!r}\n{outcome.error}"
        assert outcome.seconds < 3 * SLOW, f"{name} {seed} takes {outcome.seconds:.1f} s:\n{program!r}"
        kinds.append(outcome.kind)
    assert kinds.count("right") >= RIGHT[name] * len(kinds)


def test_a_seed_is_the_same_program_each_time():
    for name in FAMILIES:
        assert all(repr(load(name).program(seed)) == repr(load(name).program(seed)) for seed in (3, 17, 50))


class Family:
    """Programs of which the third takes its process with it, and the fifth does not end."""

    @staticmethod
    def program(seed):
        return seed

    @staticmethod
    def outcome(seed):
        if seed == 2:
            os.kill(os.getpid(), signal.SIGSEGV)
        while seed == 4:
            pass
        return Outcome("right", seconds=seed)


@pytest.mark.parametrize("alarm", [True, False])
def test_a_program_that_is_lost_is_wrong_and_the_sweep_goes_on(alarm, monkeypatch):
    monkeypatch.setattr(workers, "load", lambda name: Family)
    monkeypatch.setattr(family, "LONGEST", 1 if alarm else 60)
    monkeypatch.setattr(workers, "STANDSTILL", 60 if alarm else 1)
    blocks = iter([("mine", range(3)), ("mine", range(3, 5)), ("mine", range(5, 9))])
    outcomes = {seed: outcome for _, seed, outcome in workers.judged(blocks, 2)}
    assert sorted(outcomes) == list(range(9))
    assert {seed for seed, outcome in outcomes.items() if outcome.kind == "wrong"} == {2, 4}
    assert re.fullmatch(r"the process is lost: it dies of SIGSEGV in outcome \(test_sweep.py:\d+\)", outcomes[2].what)
    still = r"EndlessError" if alarm else r"the process is lost: it stands still in outcome \(test_sweep.py:\d+\)"
    assert re.fullmatch(still, outcomes[4].what)


def test_the_sooner_of_two_limits_ends_a_program():
    for outer, inner in ((1, 60), (60, 1)):
        with pytest.raises(EndlessError), limited(outer):
            with limited(inner):
                while True:
                    pass
    with pytest.raises(EndlessError), limited(1):
        with limited(30):
            pass
        while True:
            pass


@pytest.mark.parametrize("sizes", [(3, 4, 2), (2, 2), (7, 5, 3, 3, 2)], ids=str)
def test_all_pairs_meet(sizes):
    rows = covering(sizes, 1)
    count = max(a * b for a in sizes for b in sizes)
    seen = [next(rows) for _ in range(3 * count)]
    for i in range(len(sizes)):
        for j in range(i):
            assert len({(row[i], row[j]) for row in seen}) == sizes[i] * sizes[j]
    assert len(set(seen)) > 2


# --- the table and the signatures

W = np.array([0.5, -1.5, 2.0])
VARIED = {}         # function: {parameter: values}, of all rows of the table together
for _spelling in SPELLED:
    if _spelling.function is not None and not _spelling.method:
        for _name, _values in _spelling.parameters.items():
            VARIED.setdefault(_spelling.function, {}).setdefault(_name, []).extend(_values)


# Parameters that NumPy 2.5 has brought: refused by name, or of a function whose result carries no derivative.
NEW = {"sort": ("descending", "np.sum(np.sort(x, descending=True) * w)"), "argsort": ("descending", None),
       "as_strided": ("check_bounds",
                      "np.sum(np.lib.stride_tricks.as_strided(x, (2,), (8,), check_bounds=True)**2)")}


def numpy_functions():
    """{name: function} of NumPy's functions that have a gate."""
    theirs = {f for f in registry.all_gates() if isinstance(f, np.ufunc) or str(getattr(f, "__module__", "")).startswith("numpy")}
    return {getattr(f, "__name__", str(f)): f for f in theirs if not isinstance(f, type) and callable(f) and not isinstance(f, np.vectorize)}


@pytest.mark.skipif(tuple(map(int, np.__version__.split(".")[:2])) < NEWEST,
                    reason="the table has the signatures of the newest NumPy")
@pytest.mark.parametrize("name", sorted(numpy_functions()))
def test_the_sweep_varies_every_parameter(name):
    function = numpy_functions()[name]
    kinds = parameter_kinds(function)
    if kinds is None:
        pytest.skip("NumPy gives no signature")
    assert function in VARIED, f"no row of the table calls {name}"
    new, text = NEW.get(name, (None, None))
    left = set(kinds) - {"**"} - set(VARIED[function]) - {new}
    if text is not None and new in kinds:
        with pytest.raises(revad.UnsupportedError,
                           match=f"has no parameter '{new}' that revad can differentiate"):
            revad.grad(compiled(f"def f(x):\n    return {text}", w=W))(W)
    assert not left, f"the sweep does not vary {', '.join(sorted(left))} of {name}"


@pytest.mark.skipif("descending" not in inspect.signature(np.argsort).parameters,
                    reason="NumPy before 2.5 has no descending order")
def test_a_descending_order():
    f = compiled("def f(x):\n    return np.sum(x[np.argsort(x, descending=True)] * w + "
                 "x[x.argsort(descending=True)]**2)", w=W)
    assert_gradient(f, (W[::-1].copy(),))


def test_every_name_of_the_table_is_there():
    """On the newest NumPy at least; an older one has not all of them."""
    missing = {s.name for s in SPELLED
               if s.name.startswith("np.") and s.function is None and s.call.parameters} - {None}
    assert not {name for name in missing if resolved(name) is not None}
