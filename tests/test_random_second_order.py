"""Second derivatives of random programs with loops and branches: those of the gradient itself, or refused with a place."""

import inspect
import os
import random

import numpy as np
import pytest
from differences import call, is_scalar, numeric_gradient
from random_blocks import Blocks, write_blocks
from random_programs import Nothing, is_smooth, passes_revad, verdict

import revad

PROGRAMS = int(os.environ.get("REVAD_PROGRAMS", "40"))
ORDINARY = 1e4


def numbered(mode, number):
    """A program of a number, or None: a sum of what a program of blocks returns."""
    program = write_blocks(random.Random(f"second {mode} {number}").randrange, mode)
    start = program.calls[0][0]
    if isinstance(start, np.ndarray) and start.dtype != np.float64 or isinstance(start, (int, np.float32)):
        return None
    return Blocks(program.prelude, program.parameters, program.lines, program.calls, program.parameters[0])


def second(program):
    """'right', or the error that refused it; Nothing where differences say nothing."""
    f, args = program.function, program.calls[0]
    if not is_scalar(call(f, args)) or verdict(program) != "right" or not is_smooth(program, args):
        raise Nothing
    first = revad.grad(f, wrt=program.wrt)

    def along(*inputs):
        return np.sum(np.sin(1.0 + first(*inputs)))

    along.__signature__ = inspect.signature(f)
    sloped = Blocks(program.prelude, program.parameters, program.lines, program.calls, program.wrt)
    sloped._function = along
    if not is_smooth(sloped, args):
        raise Nothing
    numeric = numeric_gradient(along, args, program.wrt)
    if not np.all(np.abs(numeric) < ORDINARY):
        raise Nothing
    try:
        found = _projected(f, program.wrt)(*args)
    except revad.UnsupportedError as error:
        return error
    np.testing.assert_allclose(found, numeric, 1e-4, 1e-5 * max(1.0, np.max(np.abs(numeric), initial=0.0)))
    return "right"


def _projected(f, wrt):
    """The gradient of a function of the gradient."""
    first = revad.grad(f, wrt=wrt)
    split = revad.grad(first, wrt=wrt)

    def found(*args):
        value, cache = split.forward(*args)
        return split.backward(np.cos(1.0 + value) if np.ndim(value) else float(np.cos(1.0 + value)), cache)
    return found


def outcome(program):
    try:
        return "right" if second(program) == "right" else "refused"
    except Nothing:
        return "nothing"
    except Exception as error:
        if not isinstance(error, AssertionError) and not passes_revad(error):
            return "nothing"
        raise


@pytest.mark.parametrize("mode", ["loops", "branches", "all"])
def test_second_derivatives_are_right_or_refused(mode):
    found = []
    for number in range(PROGRAMS):
        program = numbered(mode, number)
        if program is not None:
            try:
                found.append(outcome(program))
            except Exception as error:
                raise AssertionError(f"of program {number}:\n{program}") from error
    assert found.count("right") > 0
