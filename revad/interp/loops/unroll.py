"""Unrolled loops: a loop with a known number of items is followed iteration by iteration.

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

LONGEST = 4096       # iterations
LARGEST = 40000      # stages
DEEPEST = 40         # iterations that may be the last: each stands in a branch of the one before


def loop(interp, stage, continuation, iterated=None):
    """Follow a loop over `iterated`; an Exit if the function may end in it.  continuation: later stages."""
    if not isinstance(stage, Each):
        return _while(interp, stage, continuation)
    iterated = (iterables.iterator(interp, stage, interp.operand(stage.iterable))
                if iterated is None else iterated)
    try:
        count = iterated.count(interp)
    except Unknown:
        raise Refusal("'for' loop", "how many rounds it has is not known when compiling",
                      "Loop over a range or an array.") from None
    if count > LONGEST:
        raise Refusal("'for' loop", f"it has more than {LONGEST} rounds", "Compute with whole arrays.")
    return _iterations_from(interp, stage, iterated, 0, count, continuation)


def _iterations_from(interp, stage, iterated, number, count, continuation):
    """The iterations from a number on."""
    while number < count:
        if len(interp.builder.stages) > LARGEST:
            raise Refusal("'for' loop", "written out it is too long", "Compute with whole arrays.")
        iterables.refuse_changes(iterated)
        item = iterated.item(interp, stage, number)
        stages = interp.builder.stages
        is_new = isinstance(item, Value) and item.name is None \
            and isinstance(interp.builder.definitions.get(item), Stage) and stages \
            and item in stages[-1].targets
        if is_new:
            item.name = stage.target.name
        interp.assign(stage.target, item)
        number += 1
        exit = interp.run((*stage.body, _END))
        if exit.broken != Lit(False):
            return _exit_after(
                interp, stage, exit,
                lambda continuation: _iterations_from(interp, stage, iterated, number, count, continuation),
                continuation)
    iterables.refuse_growth(iterated)
    iterables.refuse_changes(iterated)
    return interp.run(stage.orelse, continuation) if stage.orelse else None


def _exit_after(interp, stage, exit, next_iteration, continuation):
    """The Exit of the loop after an iteration that does not end with `continue`."""
    if exit == RAISE or exit.returned == Lit(True):
        return exit
    if exit.broken == Lit(True) and exit.returned == Lit(False):
        return None
    return perhaps_ended(interp, stage, exit, next_iteration, continuation)


def perhaps_ended(interp, stage, exit, next_iteration, continuation):
    """Follow a loop of which only running shows whether it ended with the current iteration.

    next_iteration: follows the other iterations and the `else`; its argument is the stages after the loop,
    since a branch that jumps has them on both sides.
    """
    if interp.nested >= DEEPEST:
        raise Refusal(
            "loop", f"its rounds have to be written out, and more than {DEEPEST} of them may be the last",
                      "Make its arrays and lists as large as they get before the loop.")
    interp.nested += 1
    try:
        return _perhaps_ended(interp, stage, exit, next_iteration, continuation)
    finally:
        interp.nested -= 1


def _perhaps_ended(interp, stage, exit, next_iteration, continuation):
    if exit.returned == Lit(False) and not _may_end_outer(stage):
        interp.run_sides(exit.broken, stage, lambda: None, lambda: next_iteration(()))
        return None
    after = (*continuation, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place))

    def go_on():
        exit_of_rest = next_iteration(after)
        return exit_of_rest if exit_of_rest is not None else interp.run(after)

    def ended():
        return Exit(Lit(True), Lit(True), exit.value)

    def broke():
        return interp.run(after)
    if exit.returned == Lit(False):
        return interp.run_sides(exit.broken, stage, broke, go_on)
    if exit.broken == Lit(True):
        return interp.run_sides(exit.returned, stage, ended, broke)
    if exit.broken is exit.returned:
        return interp.run_sides(exit.returned, stage, ended, go_on)
    return interp.run_sides(exit.returned, stage, ended,
                            lambda: interp.run_sides(exit.broken, stage, broke, go_on))


def _while(interp, stage, continuation, iterations=0):
    """A `while` whose condition is known before each iteration, or that surely ends with the next one."""
    interp.run(stage.test)
    condition = interp.truth(stage, interp.operand(stage.condition))
    known = settled(kind_of_operand(condition))
    if known is None:
        return _last_iteration(interp, stage, condition, continuation)
    if iterations > LONGEST:
        raise _refused()
    if not interp.relied(known):
        return interp.run(stage.orelse, continuation) if stage.orelse else None
    exit = interp.run((*stage.body, _END))
    if exit.broken == Lit(False):
        return _while(interp, stage, continuation, iterations + 1)
    return _exit_after(interp, stage, exit,
                       lambda continuation: _while(interp, stage, continuation, iterations + 1), continuation)


def _last_iteration(interp, stage, condition, continuation):
    """The last iteration of a `while`, if it runs: one that always breaks or returns."""
    after = ()
    if _may_end_outer(stage):
        after = (*continuation, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place))

    def run_body():
        exit = interp.run((*stage.body, _END))
        if exit != RAISE and exit.broken != Lit(True):
            raise _refused()
        return _exit_after(interp, stage, exit, None, continuation) or interp.run(after)
    return interp.run_sides(condition, stage, run_body, lambda: interp.run((*stage.orelse, *after)))


def _may_end_outer(stage):
    """Whether the loop may end more than itself: then its branches have the later stages on both sides."""
    return has_jump(stage.body, True) or has_jump(stage.orelse)


def _refused():
    return Refusal("'while' loop", "what it changes differs from round to round, and so does how it ends",
                   "Make its arrays and lists as large as they get before the loop.")


_END = Stage((), Form("continue"), ())
