"""Itertools: the functions of itertools, item by item.

>>> Cycle(Range(Lit(0), Lit(3), Lit(1))).item(None, None, 4)
1
"""
from __future__ import annotations

import dataclasses
import itertools
import math
import sys
from typing import Any, NamedTuple

from ...ir.nodes import Form, Item, Lit, Value
from ...types import affine
from ...types.kinds import literal
from ...types.refusals import Refusal
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from ..environment import object_value
from . import ahead
from .iterables import Elements, FixedItems, Range, elements, iterator

FOREVER = sys.maxsize
MANY = 4096         # items that are written out


class Infinite:
    """An infinite iterable: it is iterated beside a finite one."""

    def count(self, interp):
        return FOREVER

    def header(self, interp, stage):
        raise Refusal("loop", "it goes over what has no end", "Loop over a range.")


class Repeat(NamedTuple):
    """`itertools.repeat(obj, times)`."""

    obj: Any
    times: Any

    def count(self, interp):
        return FOREVER if self.times is None else max(Range(Lit(0), self.times, Lit(1)).count(interp), 0)

    def item(self, interp, stage, number):
        return self.obj

    def header(self, interp, stage):
        if self.times is None:
            raise Refusal("loop", "it goes over what has no end", "Loop over a range.")
        return Range(Lit(0), self.times, Lit(1)).operand(interp, stage), lambda number: self.obj

    def at(self, interp, stage, number):
        return self.obj


@dataclasses.dataclass(frozen=True)
class Count(Infinite):
    """`itertools.count(start, step)`."""

    start: Any
    step: Any

    def item(self, interp, stage, number):
        if isinstance(self.start, Lit) and isinstance(self.step, Lit):
            return Lit(self.start.value + number * self.step.value)
        ahead = interp.make(stage, Form("binary", "*"), (Lit(number), self.step))
        return interp.make(stage, Form("binary", "+"), (self.start, ahead))


@dataclasses.dataclass(frozen=True)
class Cycle(Infinite):
    """`itertools.cycle(items)`."""

    inner: Any
    sources: tuple = ()

    def item(self, interp, stage, number):
        return self.inner.item(interp, stage, number % self.inner.count(interp))


class Product(NamedTuple):
    """`itertools.product(*parts)`: the last part changes fastest."""

    parts: tuple
    sources: tuple = ()     # what the items of its parts were read from

    def count(self, interp):
        return math.prod(part.count(interp) for part in self.parts)

    def item(self, interp, stage, number):
        items = []
        for part in reversed(self.parts):
            number, place = divmod(number, part.count(interp))
            items.append(part.item(interp, stage, place))
        return interp.make(stage, Form("tuple"), tuple(reversed(items)))

    def header(self, interp, stage):
        """One loop over all of them: the place in each part is a remainder of the number."""
        sizes = [_size(interp, stage, part) for part in self.parts]
        total = sizes[0]
        for size in sizes[1:]:
            total = interp.make(stage, Form("binary", "*"), (total, size))
        places = [_index(interp, size) for size in sizes]

        def item(number):
            items = []
            for part, size, place in zip(self.parts[:0:-1], sizes[:0:-1], places[:0:-1]):
                place_in_part = interp.make(stage, Form("binary", "%"), (number, size))
                number = interp.make(stage, Form("binary", "//"), (number, size))
                place_in_part.kind = place_in_part.kind._replace(affine=place)
                items.append(part.at(interp, stage, place_in_part))
            if len(self.parts) > 1:
                number.kind = number.kind._replace(affine=places[0])
            items.append(self.parts[0].at(interp, stage, number))
            return interp.make(stage, Form("tuple"), tuple(reversed(items)))
        return Range(Lit(0), total, Lit(1)).operand(interp, stage), item


def _index(interp, size):
    """The place in a part as an affine expression: an index below the size."""
    scope, known = interp.builder.scope, kind_of_operand(size).known
    return affine.of_range(scope, f"i{len(scope.bounds)}", literal(0), known, literal(1))


def _size(interp, stage, part):
    """The number of items of a part, as an operand."""
    if isinstance(part, Range) and (part.start, part.step) == (Lit(0), Lit(1)):
        return part.stop
    if isinstance(part, Elements) and kind_of_operand(part.base).tag == "array":
        return interp.make(stage, Form("index", spec=(Item("at", (1,)),)),
                           (interp.make(stage, Form("attr", "shape"), (part.base,)), Lit(0)))
    raise Refusal("loop", "how many items it has is not known when compiling",
                  "Loop over ranges that start at 0, one inside the other.")


# ---- the functions

def _computed_ahead(interp, make):
    """An iterator over items that are computed at once."""
    return object_value(FixedItems(*ahead.computed_ahead(interp, lambda: tuple(make()))), "iterator")


def _product(interp, stage, args, keywords):
    parts = tuple(iterator(interp, stage, arg) for arg in args)
    times = interp.builder.static(keywords["repeat"]) if "repeat" in keywords else 1
    sources = tuple(
        source for part in parts if isinstance(part, Elements) for source in part.current_sources())
    return (object_value(Product(parts * times, sources), "iterator")
            if parts and not set(keywords) - {"repeat"} else NotImplemented)


def _repeat(interp, stage, args, keywords):
    return object_value(
        Repeat(args[0], keywords.get("times", args[1] if len(args) > 1 else None)), "iterator")


def _count(interp, stage, args, keywords):
    start, step = (*args, *(Lit(0), Lit(1))[len(args):])
    return object_value(Count(keywords.get("start", start), keywords.get("step", step)), "iterator")


def _cycle(interp, stage, args, keywords):
    inner = iterator(interp, stage, args[0])
    return object_value(
        Cycle(inner, inner.current_sources() if isinstance(inner, Elements) else ()), "iterator")


def _chain(interp, stage, args, keywords):
    return _computed_ahead(interp, lambda: [item for arg in args for item in elements(interp, stage, arg)])


def _flat_chain(interp, stage, args, keywords):
    return _chain(interp, stage, elements(interp, stage, args[0]), {})


def _islice(interp, stage, args, keywords):
    inner = iterator(interp, stage, args[0])
    ends = [interp.builder.static(arg) for arg in args[1:]]
    try:
        length = inner.count(interp)
    except Unknown:
        return NotImplemented
    places = range(length)[slice(*ends)]
    return (_computed_ahead(interp, lambda: [inner.item(interp, stage, place) for place in places])
            if len(places) <= MANY else NotImplemented)


def _choices(function):
    """Combinations or permutations of the items, as tuples."""
    def choose(interp, stage, args, keywords):
        items = elements(interp, stage, args[0])
        settings = [interp.builder.static(arg) for arg in (*args[1:], *keywords.values())]
        places = list(itertools.islice(function(range(len(items)), *settings), MANY + 1))
        if len(places) > MANY:
            return NotImplemented
        return object_value(
            FixedItems(tuple(interp.make(stage, Form("tuple"), tuple(items[i] for i in chosen))
                             for chosen in places)), "iterator")
    return choose


def _accumulate(interp, stage, args, keywords):
    return _computed_ahead(interp, lambda: _accumulated(interp, stage, args, keywords))


def _accumulated(interp, stage, args, keywords):
    items = elements(interp, stage, args[0])
    function = args[1] if len(args) > 1 else keywords.get("func", Lit(None))
    if "initial" in keywords and keywords["initial"] != Lit(None):
        items = [keywords["initial"], *items]
    totals = items[:1]
    for item in items[1:]:
        bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),))
        totals.append(
            interp.make(stage, Form("binary", "+"), (totals[-1], item)) if function == Lit(None) else
                      interp.invoke(bare, (function, totals[-1], item)))
    return totals


def _pairwise(interp, stage, args, keywords):
    def pairs():
        items = elements(interp, stage, args[0])
        return [interp.make(stage, Form("tuple"), pair) for pair in zip(items, items[1:])]
    return _computed_ahead(interp, pairs)


SPECIAL = {itertools.product: _product, itertools.repeat: _repeat, itertools.count: _count,
           itertools.cycle: _cycle,
           itertools.chain: _chain, itertools.chain.from_iterable: _flat_chain, itertools.islice: _islice,
           itertools.combinations: _choices(itertools.combinations),
           itertools.permutations: _choices(itertools.permutations),
           itertools.combinations_with_replacement: _choices(itertools.combinations_with_replacement),
           itertools.accumulate: _accumulate}
if hasattr(itertools, "pairwise"):
    SPECIAL[itertools.pairwise] = _pairwise
