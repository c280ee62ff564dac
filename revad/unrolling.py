"""Unrolling: a loop over parts of a known number is followed round by round.

>>> from .builder import Builder
>>> from .frames import holding
>>> from .kinds import FLOAT
>>> from .program import Value
>>> from .walk import Walk
>>> from . import iteration
>>> walk, x, i = Walk(Builder()), Value("x"), Value("i")
>>> walk.frame.assign(x, Value("x", None, FLOAT, True))
>>> body = (Stage((x,), Form("binary", "*"), (x, i)),)
>>> each = Each(i, holding(iteration.Range(Lit(2), Lit(4), Lit(1)), "iterator"), body, ())
>>> walk.assign(each.iterable, each.iterable)
>>> loop(walk, each, ()), walk.builder.stages
(None, [x = binary '*' (x, 2), x = binary '*' (x, 3)])
"""
from __future__ import annotations

from . import iteration
from .frames import Exit
from .program import Form, Lit, Stage, Value
from .refusals import Refusal
from .lengths import kind_of_operand
from .scope import Unknown
from .statics import settled
from .untyped import Each

LONGEST = 4096       # rounds
LARGEST = 40000      # stages


def loop(walk, stage, rest):
    """Follow a loop; an Exit if the function may end in it, `rest` being what comes after."""
    if not isinstance(stage, Each):
        return _while(walk, stage, rest)
    over = iteration.iterator(walk, stage, walk.operand(stage.iterable))
    try:
        count = over.count(walk)
    except Unknown:
        raise Refusal("'for' loop", "how many rounds it has is not known when compiling",
                      "Loop over a range or an array.") from None
    if count > LONGEST:
        raise Refusal("'for' loop", f"it has more than {LONGEST} rounds", "Compute with whole arrays.")
    return _rounds(walk, stage, over, 0, count, rest)


def _rounds(walk, stage, over, number, count, rest):
    """The rounds from a number on."""
    while number < count:
        if len(walk.builder.stages) > LARGEST:
            raise Refusal("'for' loop", "written out it is too long", "Compute with whole arrays.")
        item = over.item(walk, stage, number)
        if isinstance(item, Value) and item.name is None and isinstance(
                walk.builder.definitions.get(item), Stage) and walk.builder.stages and item in walk.builder.stages[-1].targets:
            item.name = stage.target.name
        walk.assign(stage.target, item)
        number += 1
        exit = walk.run((*stage.body, _END))
        if exit.broken == Lit(False):
            continue
        if exit.returned == Lit(True):
            return exit
        if exit.broken == Lit(True):
            return None
        return perhaps(walk, stage, exit, lambda: _rounds(walk, stage, over, number, count, rest), rest)
    return walk.run(stage.orelse, rest) if stage.orelse else None


def perhaps(walk, stage, exit, go_on, rest):
    """Whether the loop ended with the round at hand shows only at run time."""
    if exit.returned == Lit(False):
        walk.choose(exit.broken, stage, lambda: None, go_on)
        return None
    after = (*rest, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place))

    def on():
        found = go_on()
        return found if found is not None else walk.run(after)
    ended = lambda: Exit(Lit(True), Lit(True), exit.value)       # noqa: E731
    if exit.broken is exit.returned:
        return walk.choose(exit.returned, stage, ended, on)
    return walk.choose(exit.returned, stage, ended,
                       lambda: walk.choose(exit.broken, stage, lambda: walk.run(after), on))


def _while(walk, stage, rest, rounds=0):
    """A `while` whose condition is settled before each round."""
    walk.run(stage.test)
    known = settled(kind_of_operand(walk.operand(stage.condition)))
    if known is None or rounds > LONGEST:
        raise Refusal("'while' loop", "what it changes differs from round to round, and so does how it ends",
                      "Make its arrays and lists as large as they get before the loop.")
    if not walk.relied(known):
        return walk.run(stage.orelse, rest) if stage.orelse else None
    exit = walk.run((*stage.body, _END))
    if exit.returned == Lit(True):
        return exit
    if exit.broken == Lit(True):
        return None
    if exit.broken == Lit(False):
        return _while(walk, stage, rest, rounds + 1)
    return perhaps(walk, stage, exit, lambda: _while(walk, stage, rest, rounds + 1), rest)


_END = Stage((), Form("continue"), ())
