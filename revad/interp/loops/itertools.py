"""Itertools: those of itertools, item by item.

>>> Cycled(Range(Lit(0), Lit(3), Lit(1))).item(None, None, 4)
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
from ..environment import holding
from . import ahead
from .iterables import Listed, Range, Rows, elements, iterator

FOREVER = sys.maxsize
MANY = 4096         # items that are written out


class Endless:
    """What has no end is gone through beside something that has one."""

    def count(self, walk):
        return FOREVER

    def header(self, walk, stage):
        raise Refusal("loop", "it goes over what has no end", "Loop over a range.")


class Repeated(NamedTuple):
    """`itertools.repeat(thing, times)`."""

    thing: Any
    times: Any

    def count(self, walk):
        return FOREVER if self.times is None else max(Range(Lit(0), self.times, Lit(1)).count(walk), 0)

    def item(self, walk, stage, number):
        return self.thing

    def header(self, walk, stage):
        if self.times is None:
            raise Refusal("loop", "it goes over what has no end", "Loop over a range.")
        return Range(Lit(0), self.times, Lit(1)).operand(walk, stage), lambda number: self.thing

    def at(self, walk, stage, number):
        return self.thing


@dataclasses.dataclass(frozen=True)
class Counted(Endless):
    """`itertools.count(start, step)`."""

    start: Any
    step: Any

    def item(self, walk, stage, number):
        if isinstance(self.start, Lit) and isinstance(self.step, Lit):
            return Lit(self.start.value + number * self.step.value)
        ahead = walk.make(stage, Form("binary", "*"), (Lit(number), self.step))
        return walk.make(stage, Form("binary", "+"), (self.start, ahead))


@dataclasses.dataclass(frozen=True)
class Cycled(Endless):
    """`itertools.cycle(items)`."""

    inner: Any
    sources: tuple = ()

    def item(self, walk, stage, number):
        return self.inner.item(walk, stage, number % self.inner.count(walk))


class Product(NamedTuple):
    """`itertools.product(*parts)`: the last one runs fastest."""

    parts: tuple
    sources: tuple = ()     # it has kept the items of its parts

    def count(self, walk):
        return math.prod(part.count(walk) for part in self.parts)

    def item(self, walk, stage, number):
        found = []
        for part in reversed(self.parts):
            number, place = divmod(number, part.count(walk))
            found.append(part.item(walk, stage, place))
        return walk.make(stage, Form("tuple"), tuple(reversed(found)))

    def header(self, walk, stage):
        """One loop over all of them: the place in each part is what a division leaves."""
        sizes = [_size(walk, stage, part) for part in self.parts]
        total = sizes[0]
        for size in sizes[1:]:
            total = walk.make(stage, Form("binary", "*"), (total, size))
        places = [_index(walk, size) for size in sizes]

        def item(number):
            found = []
            for part, size, place in zip(self.parts[:0:-1], sizes[:0:-1], places[:0:-1]):
                here = walk.make(stage, Form("binary", "%"), (number, size))
                number = walk.make(stage, Form("binary", "//"), (number, size))
                here.kind = here.kind._replace(affine=place)
                found.append(part.at(walk, stage, here))
            if len(self.parts) > 1:
                number.kind = number.kind._replace(affine=places[0])
            found.append(self.parts[0].at(walk, stage, number))
            return walk.make(stage, Form("tuple"), tuple(reversed(found)))
        return Range(Lit(0), total, Lit(1)).operand(walk, stage), item


def _index(walk, size):
    """What is known of the place in a part: that it is an index below the size."""
    scope, known = walk.builder.scope, kind_of_operand(size).known
    return affine.of_range(scope, f"i{len(scope.bounds)}", literal(0), known, literal(1))


def _size(walk, stage, part):
    """How many items a part of a product has, as an operand."""
    if isinstance(part, Range) and (part.start, part.step) == (Lit(0), Lit(1)):
        return part.stop
    if isinstance(part, Rows) and kind_of_operand(part.base).tag == "array":
        return walk.make(stage, Form("index", spec=(Item("at", (1,)),)), (walk.make(stage, Form("attr", "shape"), (part.base,)), Lit(0)))
    raise Refusal("loop", "how many items it has is not known when compiling", "Loop over ranges that start at 0, one inside the other.")


# ---- the functions

def _ahead(walk, make):
    """An iterator over items that are made at once."""
    return holding(Listed(*ahead.made(walk, lambda: tuple(make()))), "iterator")


def _product(walk, stage, args, keywords):
    parts = tuple(iterator(walk, stage, arg) for arg in args)
    times = walk.builder.static(keywords["repeat"]) if "repeat" in keywords else 1
    sources = tuple(source for part in parts if isinstance(part, Rows) for source in part.sources_now())
    return holding(Product(parts * times, sources), "iterator") if parts and not set(keywords) - {"repeat"} else NotImplemented


def _repeat(walk, stage, args, keywords):
    return holding(Repeated(args[0], keywords.get("times", args[1] if len(args) > 1 else None)), "iterator")


def _count(walk, stage, args, keywords):
    start, step = (*args, *(Lit(0), Lit(1))[len(args):])
    return holding(Counted(keywords.get("start", start), keywords.get("step", step)), "iterator")


def _cycle(walk, stage, args, keywords):
    inner = iterator(walk, stage, args[0])
    return holding(Cycled(inner, inner.sources_now() if isinstance(inner, Rows) else ()), "iterator")


def _chain(walk, stage, args, keywords):
    return _ahead(walk, lambda: [item for arg in args for item in elements(walk, stage, arg)])


def _flat_chain(walk, stage, args, keywords):
    return _chain(walk, stage, elements(walk, stage, args[0]), {})


def _islice(walk, stage, args, keywords):
    inner = iterator(walk, stage, args[0])
    ends = [walk.builder.static(arg) for arg in args[1:]]
    try:
        length = inner.count(walk)
    except Unknown:
        return NotImplemented
    places = range(length)[slice(*ends)]
    return _ahead(walk, lambda: [inner.item(walk, stage, place) for place in places]) if len(places) <= MANY else NotImplemented


def _chosen(function):
    """Of combinations and permutations: tuples of the items at the places that it gives."""
    def made(walk, stage, args, keywords):
        items = elements(walk, stage, args[0])
        rest = [walk.builder.static(arg) for arg in (*args[1:], *keywords.values())]
        places = list(itertools.islice(function(range(len(items)), *rest), MANY + 1))
        if len(places) > MANY:
            return NotImplemented
        return holding(Listed(tuple(walk.make(stage, Form("tuple"), tuple(items[i] for i in some)) for some in places)), "iterator")
    return made


def _accumulate(walk, stage, args, keywords):
    return _ahead(walk, lambda: _accumulated(walk, stage, args, keywords))


def _accumulated(walk, stage, args, keywords):
    items = elements(walk, stage, args[0])
    function = args[1] if len(args) > 1 else keywords.get("func", Lit(None))
    if "initial" in keywords and keywords["initial"] != Lit(None):
        items = [keywords["initial"], *items]
    found = items[:1]
    for item in items[1:]:
        bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),))
        found.append(walk.make(stage, Form("binary", "+"), (found[-1], item)) if function == Lit(None) else
                     walk.invoke(bare, (function, found[-1], item)))
    return found


def _pairwise(walk, stage, args, keywords):
    def made():
        items = elements(walk, stage, args[0])
        return [walk.make(stage, Form("tuple"), pair) for pair in zip(items, items[1:])]
    return _ahead(walk, made)


SPECIAL = {itertools.product: _product, itertools.repeat: _repeat, itertools.count: _count, itertools.cycle: _cycle,
           itertools.chain: _chain, itertools.chain.from_iterable: _flat_chain, itertools.islice: _islice,
           itertools.combinations: _chosen(itertools.combinations), itertools.permutations: _chosen(itertools.permutations),
           itertools.combinations_with_replacement: _chosen(itertools.combinations_with_replacement),
           itertools.accumulate: _accumulate}
if hasattr(itertools, "pairwise"):
    SPECIAL[itertools.pairwise] = _pairwise
