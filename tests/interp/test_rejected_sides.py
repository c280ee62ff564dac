"""A side of a branch that raises, as far as the compiler knows: as the function, or refused, never another error."""
import sys
from pathlib import Path

import numpy as np
import pytest
from from_text import function

import revad

sys.path.insert(0, str(Path(__file__).parents[1]))
from sweep import load  # noqa: E402

PARTS, PROGRAMS, FIRST = 8, 640, 90_000


def in_branch(program):
    """The program with its last line on one side of a branch."""
    *lines, last = program.text.strip("\n").splitlines()
    name = program.parameters[0]
    if not last.startswith("    return "):
        return None
    text = "\n".join([*lines, f"    if np.sum(np.asarray({name})) < 1e9:", f"    {last}", "    return 0.5"])
    outside = {key: value for key, value in program.function.__globals__.items()
               if not key.startswith("__") and key not in ("np", "math", program.function.__name__)}
    return function(text + "\n", **outside)


# NumPy 1.25 and 1.26 warn where np.float64 is given an array of one number.
@pytest.mark.filterwarnings("ignore:Conversion of an array")
@pytest.mark.parametrize("part", range(PARTS))
def test_calls_of_gates_in_a_branch(part):
    gates, compared = load("gates"), 0
    for seed in range(FIRST + part, FIRST + PROGRAMS, PARTS):
        program = gates.program(seed)
        f = in_branch(program) if program is not None else None
        if f is None or "std(" in program.text and "dtype=int" in program.text:
            continue
        gradient = revad.grad(f, wrt=program.wrt)
        for again in (False, True):
            try:
                f(*program.arguments(again))
                raised = None
            except Exception as error:
                raised = error
            try:
                gradient.forward(*program.arguments(again))
            except revad.RevadError as error:
                assert not isinstance(error, revad.InternalError), program.text
                continue
            except Exception as error:
                assert raised is not None and not isinstance(error, AssertionError), (program.text, error)
            compared += 1
    assert compared > 50


def test_what_was_taken_for_an_error_is_refused_with_the_reason():
    f = function("def f(u):\n    if np.sum(u) < 100:\n        return np.bool_(u) * (u + 1.0)\n    return u * 2.0")
    if np.__version__.startswith("1."):     # np.bool_ takes an array there
        assert revad.grad(f).forward(np.ones(3))[0].tolist() == f(np.ones(3)).tolist()
    else:
        with pytest.raises(revad.UnsupportedError, match="lengths 1 and 3 do not fit"):
            revad.grad(f).forward(np.ones(3))
    out, cache = revad.grad(f).forward(np.full(3, 50.0))
    assert out.tolist() == [100.0] * 3


@pytest.mark.parametrize("shift, axis", [((2, 0), (-1, 0)), ((1, 2), (0, 0)), (7, (0, 0)), ((1,), (0, -1))])
def test_rolled_along_one_axis_twice(shift, axis):
    from differences import assert_gradient
    for lines in (["return np.roll(x, {}, {}) * np.arange(4.0)"],
                  ["if x[0] > 100:", "    return x", "return np.roll(x, {}, {}) * np.arange(4.0)"]):
        text = "def f(x):\n" + "".join(f"    {line}\n" for line in lines)
        assert_gradient(function(text.format(shift, axis)), (np.array([0.5, -1.0, 2.0, 0.3]),))
