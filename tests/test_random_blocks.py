"""Random programs with loops, branches, stores, functions and containers: the gradient agrees with differences, or is refused.

Each program has a number, so a run is the same on every machine.

    REVAD_PROGRAMS=5000 pytest tests/test_random_blocks.py     thousands of them, of each kind
"""

import os
import random
import types
import warnings

import numpy as np
import pytest
from differences import _Check, is_scalar, leaves, numeric_gradient, random_dout, with_leaves
from random_blocks import MODES, Blocks, write_blocks
from random_programs import Nothing, is_smooth, passes_revad, verdict
from shrinking import smaller

import revad

MOSTLY_RIGHT = ("stores", "functions", "all")     # more of the others are refused than not
PROGRAMS = int(os.environ.get("REVAD_PROGRAMS", "40"))


def numbered(mode, number):
    return write_blocks(random.Random(f"{mode} {number}").randrange, mode)


def judged(program):
    """As `verdict`, also with no gradient on some parts of the output."""
    found = verdict(program)
    if found == "right":
        try:
            _parts(program)
        except revad.UnsupportedError as error:
            raise AssertionError("refused for a part of dout") from error
        except AssertionError:
            if not is_smooth(program, program.calls[0]):
                raise Nothing from None
            raise
    return found


def _parts(program):
    """The backward pass where dout is None in places."""
    f, args = program.function, program.calls[0]
    dout = random_dout(f, args, program.wrt)
    if isinstance(dout, (dict, list, tuple)):
        flat = [part for _, part in leaves(dout)]
        for kept in range(len(flat)):
            part = with_leaves(dout, [d if at == kept else None for at, d in enumerate(flat)], types.SimpleNamespace)
            options = {} if program.wrt is None else {"wrt": program.wrt}
            check = _Check(f, args, program.wrt, 1e-5, 1e-6, {})
            check.run_split(revad.grad(f, **options), numeric_gradient(f, args, program.wrt, part), part)


def outcome(program):
    """'right', 'refused' or 'nothing', and the error of a program that is neither right nor refused with a place."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ("right" if judged(program) == "right" else "refused"), None
    except Nothing:
        return "nothing", None
    except Exception as error:
        return "wrong", error


def failure(program):
    return outcome(program)[1]


def from_text(text, like):
    """A program with another text; its last function is f."""
    at = text.rindex("def f(")
    lines = [line[4:] for line in text[at:].splitlines()[1:]]
    return Blocks(text[:at], like.parameters, lines, like.calls, like.wrt)


def shortest(program, error):
    """The smallest program that fails with an error of the same kind."""
    def fails(text):
        try:
            found = failure(from_text(text, program))
        except Exception:
            return False
        return type(found) is type(error) and (isinstance(error, AssertionError) or passes_revad(found))

    return from_text(smaller(program.text, fails), program)


@pytest.mark.parametrize("mode", MODES)
def test_right_or_refused(mode):
    found = []
    for number in range(PROGRAMS):
        program = numbered(mode, number)
        kind, error = outcome(program)
        if error is not None:
            raise AssertionError(f"of program {number}:\n{shortest(program, error)}") from error
        found.append(kind)
    assert found.count("right") >= len(found) / 4, "refused programs show nothing"
    if mode in MOSTLY_RIGHT:
        assert found[:40].count("right") >= found[:40].count("refused")
