"""Unrolled loops: a loop over parts of a known number is followed round by round.

>>> from ...builder.builder import Builder
>>> from ..environment import object_value
>>> from ...types.kinds import FLOAT
>>> from ...ir.nodes import Value
>>> from ..interpreter import Interpreter
>>> from . import iterables
>>> interp, x, i = Interpreter(Builder()), Value("x"), Value("i")
>>> interp.frame.assign(x, Value("x", None, FLOAT, True))
>>> body = (Stage((x,), Form("binary", "*"), (x, i)),)
>>> each = Each(i, object_value(iterables.Range(Lit(2), Lit(4), Lit(1)), "iterator"), body, ())
>>> interp.assign(each.iterable, each.iterable)
>>> loop(interp, each, ()), interp.builder.stages
(None, [x = binary '*' (x, 2), x = binary '*' (x, 3)])
"""
from __future__ import annotations

from ...ir.nodes import Form, Lit, Stage, Value
from ...ir.untyped import Each
from ...types.constants import settled
from ...types.refusals import Refusal
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from ..branches import has_jump
from ..environment import RAISE, Exit
from . import iterables

LONGEST = 4096       # rounds
LARGEST = 40000      # stages
DEEPEST = 40         # rounds that may be the last: each stands in a branch of the round before


def loop(interp, stage, rest, over=None):
    """Follow a loop over `over`; an Exit if the function may end in it, `rest` being what comes after."""
    if not isinstance(stage, Each):
        return _while(interp, stage, rest)
    over = iterables.iterator(interp, stage, interp.operand(stage.iterable)) if over is None else over
    try:
        count = over.count(interp)
    except Unknown:
        raise Refusal("'for' loop", "how many rounds it has is not known when compiling",
                      "Loop over a range or an array.") from None
    if count > LONGEST:
        raise Refusal("'for' loop", f"it has more than {LONGEST} rounds", "Compute with whole arrays.")
    return _rounds(interp, stage, over, 0, count, rest)


def _rounds(interp, stage, over, number, count, rest):
    """The rounds from a number on."""
    while number < count:
        if len(interp.builder.stages) > LARGEST:
            raise Refusal("'for' loop", "written out it is too long", "Compute with whole arrays.")
        iterables.refuse_changes(over)
        item = over.item(interp, stage, number)
        if isinstance(item, Value) and item.name is None and isinstance(
                interp.builder.definitions.get(item), Stage) and interp.builder.stages and item in interp.builder.stages[-1].targets:
            item.name = stage.target.name
        interp.assign(stage.target, item)
        number += 1
        exit = interp.run((*stage.body, _END))
        if exit.broken != Lit(False):
            return _ended(interp, stage, exit, lambda rest: _rounds(interp, stage, over, number, count, rest), rest)
    iterables.refuse_growth(over)
    iterables.refuse_changes(over)
    return interp.run(stage.orelse, rest) if stage.orelse else None


def _ended(interp, stage, exit, go_on, rest):
    """How the loop ends, after a round that ends with other than `continue`."""
    if exit == RAISE or exit.returned == Lit(True):
        return exit
    if exit.broken == Lit(True) and exit.returned == Lit(False):
        return None
    return perhaps(interp, stage, exit, go_on, rest)


def perhaps(interp, stage, exit, go_on, rest):
    """Whether the loop ended with the round at hand shows only at run time.

    `go_on` follows what there is of the loop if it did not, and its `else`; it is given what comes after the loop, as the
    stages after a branch that jumps are part of both of its sides.
    """
    if interp.nested >= DEEPEST:
        raise Refusal("loop", f"its rounds have to be written out, and more than {DEEPEST} of them may be the last",
                      "Make its arrays and lists as large as they get before the loop.")
    interp.nested += 1
    try:
        return _perhaps(interp, stage, exit, go_on, rest)
    finally:
        interp.nested -= 1


def _perhaps(interp, stage, exit, go_on, rest):
    if exit.returned == Lit(False) and not _leaves(stage):
        interp.run_sides(exit.broken, stage, lambda: None, lambda: go_on(()))
        return None
    after = (*rest, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place))

    def on():
        found = go_on(after)
        return found if found is not None else interp.run(after)

    def ended():
        return Exit(Lit(True), Lit(True), exit.value)

    def broke():
        return interp.run(after)
    if exit.returned == Lit(False):
        return interp.run_sides(exit.broken, stage, broke, on)
    if exit.broken == Lit(True):
        return interp.run_sides(exit.returned, stage, ended, broke)
    if exit.broken is exit.returned:
        return interp.run_sides(exit.returned, stage, ended, on)
    return interp.run_sides(exit.returned, stage, ended, lambda: interp.run_sides(exit.broken, stage, broke, on))


def _while(interp, stage, rest, rounds=0):
    """A `while` whose condition is settled before each round, or that ends with its next round in any case."""
    interp.run(stage.test)
    condition = interp.truth(stage, interp.operand(stage.condition))
    known = settled(kind_of_operand(condition))
    if known is None:
        return _last(interp, stage, condition, rest)
    if rounds > LONGEST:
        raise _refused()
    if not interp.relied(known):
        return interp.run(stage.orelse, rest) if stage.orelse else None
    exit = interp.run((*stage.body, _END))
    if exit.broken == Lit(False):
        return _while(interp, stage, rest, rounds + 1)
    return _ended(interp, stage, exit, lambda rest: _while(interp, stage, rest, rounds + 1), rest)


def _last(interp, stage, condition, rest):
    """A round of a `while` that is the last if it runs: one that breaks or returns in any case."""
    after = (*rest, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place)) if _leaves(stage) else ()

    def one_round():
        exit = interp.run((*stage.body, _END))
        if exit != RAISE and exit.broken != Lit(True):
            raise _refused()
        return _ended(interp, stage, exit, None, rest) or interp.run(after)
    return interp.run_sides(condition, stage, one_round, lambda: interp.run((*stage.orelse, *after)))


def _leaves(stage):
    """Whether a loop may end more than itself, so that what comes after it is part of each side of a branch in it."""
    return has_jump(stage.body, True) or has_jump(stage.orelse)


def _refused():
    return Refusal("'while' loop", "what it changes differs from round to round, and so does how it ends",
                   "Make its arrays and lists as large as they get before the loop.")


_END = Stage((), Form("continue"), ())
