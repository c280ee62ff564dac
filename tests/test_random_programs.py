"""Random straight-line programs: the gradient agrees with finite differences of the program, or is refused with a place.

Each program has a number, so a run is the same on every machine.

    REVAD_PROGRAMS=5000 pytest tests/test_random_programs.py     thousands of them, of each kind
"""

import os
import random

import numpy as np
import pytest
from random_programs import MODES, Nothing, Program, shrink, verdict, write_program

import revad

PROGRAMS = int(os.environ.get("REVAD_PROGRAMS", "80"))


def numbered(mode, number):
    return write_program(random.Random(f"{mode} {number}").randrange, mode)


def outcome(program):
    """'right', 'refused' or 'nothing', and the error of a program that is neither right nor refused with a place."""
    try:
        return ("right" if verdict(program) == "right" else "refused"), None
    except Nothing:
        return "nothing", None
    except Exception as error:
        return "wrong", error


def failure(program):
    return outcome(program)[1]


def shortest(program, kind):
    """The fewest lines of a failing program that fail with an error of the same kind."""
    return shrink(program, lambda shorter: isinstance(failure(shorter), kind))


@pytest.mark.parametrize("mode", MODES)
def test_right_or_refused(mode):
    found = []
    for number in range(PROGRAMS):
        program = numbered(mode, number)
        kind, error = outcome(program)
        if error is not None:
            raise AssertionError(f"of program {number}:\n{shortest(program, type(error))}") from error
        found.append(kind)
    assert found.count("right") >= len(found) / 3, "programs that are thrown away or refused show nothing"


def test_an_error_of_the_program_itself_is_none_of_revad():
    """The reference moves a number and asks the program again: what it raises then is no fault of revad."""
    body = ["s = x * 1.0", "if s != 0.5:", "    s = math.floor(s)", "return s * 1.0 if s == 0.5 else s.shape"]
    assert failure(Program("np", ["x"], body, [[0.5]])) is None
    program = Program("np", ["x"], ["return x * x"], [[0.5]])

    def broken(f, **options):
        namespace = {}
        exec(compile("def f_grad(x): return x.shape", "<revad .f_grad>", "exec"), namespace)
        return namespace["f_grad"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revad, "grad", broken)
        assert isinstance(failure(program), AttributeError)


def test_the_judge_sees_a_gradient_that_is_off(monkeypatch):
    """Were a rule wrong by one part in a thousand, the programs above would fail, all that depend on their inputs."""
    from differences import _Check, leaves, map_leaves

    right, differs = _Check.right, []

    def spoilt(self, gradients, expected, args):
        off = map_leaves(lambda g: type(g)(g * 1.001) if isinstance(g, float) else g, gradients)
        differs.append(any(abs(a - b) > 1e-4 for (_, a), (_, b) in zip(leaves(off), leaves(gradients))))
        right(self, off, expected, args)

    monkeypatch.setattr(_Check, "right", spoilt)
    caught = missed = 0
    for number in range(60):
        program = numbered("numbers", number)
        if any(isinstance(value, np.float32) for args in program.calls for _, value in leaves(args)):
            continue     # single precision hides so small a difference
        differs.clear()
        error = failure(program)
        caught += isinstance(error, AssertionError)
        missed += error is None and any(differs)
    assert caught >= 10
    assert missed == 0
