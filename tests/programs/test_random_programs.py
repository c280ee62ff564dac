"""The judge of random programs sees what is wrong, and blames revad for nothing else.

The programs themselves run in the sweep.
"""

import random

import numpy as np
import pytest
from random_programs import Program, write_program
from sweep import expressions

import revad


def numbered(mode, number):
    return write_program(random.Random(f"{mode} {number}").randrange, mode)


def failure(program):
    return expressions.outcome(program).error


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
    """Were a rule wrong by one part in a thousand, the programs above would fail, all
    that depend on their inputs."""
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
