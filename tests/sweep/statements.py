"""The sweep of programs with loops, branches, stores through views, jumps, functions and containers; some of them at second order.

The generator is `random_blocks.py`.
"""
import inspect
import random
import types

import numpy as np
from differences import _Check, call, is_scalar, leaves, numeric_gradient, random_dout, with_leaves
from random_blocks import MODES, Blocks, write_blocks
from random_programs import Nothing, is_smooth, passes_revad, verdict
from shrinking import smaller

import revad

from .expressions import outcome_by
from .family import EndlessError, limited

SAMPLE = 125
ORDERS = [*((mode, judge) for mode in MODES for judge in ["first"]), ("loops", "second"),
          ("branches", "second"), ("all", "second")]
ORDINARY = 1e4
SHORT = 4       # seconds for one trial of the shrinker


def program(seed):
    mode, order = ORDERS[seed % len(ORDERS)]
    number = seed // len(ORDERS)
    found = write_blocks(random.Random(f"{mode} {number}" if order == "first"
                                       else f"second {mode} {number}").randrange, mode)
    if order == "second":
        found = Blocks(found.prelude, found.parameters, found.lines, found.calls, found.parameters[0])
    found.order = order
    return found


def outcome(program):
    return outcome_by(first_order if program.order == "first" else second_order, program)


def first_order(program):
    """As `verdict`, also with no gradient on some parts of the output."""
    result = verdict(program)
    if result == "right":
        try:
            _parts(program)
        except revad.UnsupportedError as error:
            raise AssertionError("refused for a part of dout") from error
        except AssertionError:
            if not is_smooth(program, program.calls[0]):
                raise Nothing from None
            raise
    return result


def _parts(program):
    """The backward pass where dout is None in places."""
    f, args = program.function, program.calls[0]
    dout = random_dout(f, args, program.wrt)
    if isinstance(dout, (dict, list, tuple)):
        flat = [part for _, part in leaves(dout)]
        for kept in range(len(flat)):
            part = with_leaves(dout, [d if at == kept else None for at, d in enumerate(flat)],
                               types.SimpleNamespace)
            options = {} if program.wrt is None else {"wrt": program.wrt}
            check = _Check(f, args, program.wrt, 1e-5, 1e-6, {})
            check.run_split(revad.grad(f, **options), numeric_gradient(f, args, program.wrt, part), part)


def second_order(program):
    """'right', or the error that refused the second derivative.

    Nothing where differences of the gradient say nothing.
    """
    f, args = program.function, program.calls[0]
    start = args[0]
    if isinstance(start, np.ndarray) and start.dtype != np.float64 or isinstance(start, (int, np.float32)):
        raise Nothing
    try:
        value = call(f, args)
    except Exception:
        raise Nothing from None
    if not is_scalar(value) or verdict(program) != "right" or not is_smooth(program, args):
        raise Nothing
    first = revad.grad(f, wrt=program.wrt)

    def along(*inputs):
        return np.sum(np.sin(1.0 + first(*inputs)))

    along.__signature__ = inspect.signature(f)
    sloped = Blocks(program.prelude, program.parameters, program.lines, program.calls, program.wrt)
    sloped._function = along
    try:
        if not is_smooth(sloped, args):
            raise Nothing
        numeric = numeric_gradient(along, args, program.wrt)
    except revad.UnsupportedError as error:     # of the float64 copies, whose kinds differ
        return error
    if not np.all(np.abs(numeric) < ORDINARY):
        raise Nothing
    try:
        exact = _projected(f, program.wrt)(*args)
    except revad.UnsupportedError as error:
        return error
    except Exception as error:
        if not passes_revad(error):
            raise Nothing from None
        raise
    np.testing.assert_allclose(exact, numeric, 1e-4, 1e-5 * max(1.0, np.max(np.abs(numeric), initial=0.0)))
    return "right"


def _projected(f, wrt):
    """The gradient of a function of the gradient."""
    first = revad.grad(f, wrt=wrt)
    split = revad.grad(first, wrt=wrt)

    def projected(*args):
        value, cache = split.forward(*args)
        return split.backward(np.cos(1.0 + value) if np.ndim(value) else float(np.cos(1.0 + value)), cache)
    return projected


def from_text(text, like):
    """A program with another text; its last function is f."""
    at = text.rindex("def f(")
    lines = [line[4:] for line in text[at:].splitlines()[1:]]
    other = Blocks(text[:at], like.parameters, lines, like.calls, like.wrt)
    other.order = like.order
    return other


def shrunk(program, first):
    """The smallest program that fails with an error of the same kind."""
    def fails(text):
        try:
            with limited(SHORT):        # a shorter program may lose what ends its loop
                found = outcome(from_text(text, program))
        except (Exception, EndlessError):
            return False
        return (found.what == first.what
                and (isinstance(found.error, AssertionError) or passes_revad(found.error)))

    return from_text(smaller(program.text, fails), program)
