"""Iterables: what a loop iterates over, item by item: ranges, containers, zip, enumerate, comprehensions.

>>> Range(Lit(2), Lit(7), Lit(2)).count(None)
3
"""
from __future__ import annotations

import builtins
import dataclasses
from typing import Any, NamedTuple

import numpy as np

from ...analysis.argument_paths import stretch_of
from ...ir.nodes import Form, Item, Lit, Value, beside
from ...types.containers import read_keys
from ...types.lists import is_invariant_length
from ...types.refusals import Refusal
from ...types.requirements import operand_text
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from ..dynamic_lists import length_of
from ..environment import UnreadList, Unusable, object_of, object_value
from . import ahead, turns

CONTAINERS = ("tuple", "list", "dict")


class Range(NamedTuple):
    """`range(start, stop, step)`, of operands."""

    start: Any
    stop: Any
    step: Any

    def values(self, interp):
        ends = [o.value if isinstance(o, Lit) else interp.builder.static(o) for o in self]
        if not all(isinstance(e, (int, np.integer)) for e in ends):
            raise Unknown
        return range(*map(int, ends))

    def count(self, interp):
        return len(self.values(interp))

    def item(self, interp, stage, number):
        return Lit(self.values(interp)[number])

    def operand(self, interp, stage):
        """The call of range, as short as it can be written."""
        interp.builder.externals.setdefault("@range", builtins.range)
        ends = tuple(self) if self.step != Lit(1) else (self.start, self.stop)
        ends = ends[1:] if len(ends) == 2 and self.start == Lit(0) else ends
        return interp.make(stage, Form("call", "@range"), ends)

    def header(self, interp, stage):
        return self.operand(interp, stage), lambda number: number

    def at(self, interp, stage, number):
        return number


class Elements(NamedTuple):
    """The elements of a container, or the rows of an array; `variable` holds its version in the loop."""

    base: Any
    frame: Any = None
    variable: Any = None
    sources: tuple = ()     # of items that are computed ahead: see `ahead`

    def current(self):
        current = self.base if self.frame is None else self.frame.find(self.variable)
        if isinstance(current, Unusable):
            raise Refusal("loop", current.why, current.instead)
        return current

    def count(self, interp):
        kind = kind_of_operand(self.base)
        turns.note_elements(interp.builder, self.base)
        if kind.tag in CONTAINERS:
            return len(kind.items)
        if isinstance(self.base, Lit) and isinstance(self.base.value, (str, tuple)):
            return len(self.base.value)
        if kind.tag != "array" or not kind.shape or kind.shape[0].value is None:
            raise Unknown
        return interp.builder.scope.static(kind.shape[0])

    def current_sources(self):
        if self.frame is None:
            return self.sources
        return ((self.frame, self.variable, self.frame.find(self.variable)),)

    def note_read(self, interp):
        if interp.read is not None and self.frame is not None:
            ahead.note(interp, self.frame, self.variable)

    def item(self, interp, stage, number):
        kind = kind_of_operand(self.base)
        if isinstance(self.base, Lit):
            return Lit(self.base.value[number])
        self.note_read(interp)
        if kind.tag == "dict":
            refuse_growth(self)
            return read_keys(interp, kind.keys)[number]
        if kind.tag in CONTAINERS:
            refuse_growth(self)
            return list(interp.parts(stage, self.current()).values())[number]
        return interp.make(stage, Form("index", spec=(Item("at", (1,)),)), (self.current(), Lit(number)))

    def header(self, interp, stage):
        if kind_of_operand(self.base).tag not in ("array", "stack") \
                and not turns.is_uniform(interp.builder, self.base):
            raise Refusal("loop", "its items differ in kind", "Loop over an array.")
        iterable = _length_range(interp, stage, self.base).operand(interp, stage)
        return iterable, lambda number: self.at(interp, stage, number)

    def at(self, interp, stage, number):
        if kind_of_operand(self.base).tag in ("stack", *CONTAINERS) and self.current() is not self.base:
            raise Refusal("loop", "the list that it goes over grows in it", "Loop over a copy.")
        return turns.element_of_list(interp, stage, self.current(), number)


def refuse_growth(iterable):
    """Refuse a list that has another length after the iterations, or a dict that has other keys."""
    if isinstance(iterable, Elements) and iterable.frame is not None \
            and kind_of_operand(iterable.base).tag in ("list", "dict"):
        current, kind = iterable.frame.find(iterable.variable), iterable.base.kind
        if isinstance(current, Value) and kind.tag == "dict" and current.kind.keys != kind.keys:
            raise Refusal("loop", "the dict that it goes over gets other keys in it", "Loop over a copy.",
                          RuntimeError if len(current.kind.keys) != len(kind.keys) else None)
        if isinstance(current, Value) \
                and (current.kind.tag != kind.tag or len(current.kind.items) != len(kind.items)):
            raise Refusal("loop", "the list that it goes over grows or shrinks in it", "Loop over a copy.")
    for part in _inner_iterables(iterable):
        refuse_growth(part)


def refuse_changes(iterable, changed=None):
    """Refuse changes of what items computed ahead were computed from: see `ahead`."""
    ahead.refuse_changes(getattr(iterable, "sources", ()), changed)
    for part in _inner_iterables(iterable):
        refuse_changes(part, changed)


def _inner_iterables(iterable):
    if isinstance(iterable, (DictView, Map)):
        return (iterable.rows,)
    if isinstance(iterable, Zip):
        return iterable.parts
    return (iterable.inner,) if isinstance(iterable, (Enumerate, Reversed)) else ()


def _length_range(interp, stage, base):
    interp.builder.externals.setdefault("@len", builtins.len)
    length = turns.length_of_list(interp, beside(stage, Value()), base)
    return Range(Lit(0), length or interp.make(stage, Form("call", "@len"), (base,)), Lit(1))


class FixedItems(NamedTuple):
    """Items that have been computed."""

    items: tuple
    sources: tuple = ()

    def header(self, interp, stage):
        raise Refusal("loop", "its items differ in kind", "Loop over an array.")

    def count(self, interp):
        return len(self.items)

    def item(self, interp, stage, number):
        return self.items[number]


def known_length(interp, part):
    """The number of items as a Known, the same for equal lengths; None where it is not known."""
    if isinstance(part, Elements):
        kind = kind_of_operand(part.base)
        if kind.tag in ("array", "stack") and kind.shape and is_invariant_length(kind.shape[0]):
            return kind.shape[0]        # two lists that one loop has filled share their length
        if turns.is_uniform(interp.builder, part.base):
            return stretch_of(interp.builder, part.base).length
    if isinstance(part, Range) and (part.start, part.step) == (Lit(0), Lit(1)):
        return kind_of_operand(part.stop).known or length_of(part.stop, interp.builder.definitions)
    if isinstance(part, (Reversed, Enumerate)):
        return known_length(interp, part.inner)
    if isinstance(part, Zip):
        lengths = [known_length(interp, inner) for inner in part.parts]
        return lengths[0] if len(set(lengths)) == 1 else None
    return None


def is_empty(interp, part):
    """Whether an iterable has no items, relied upon; None where it is not known."""
    if isinstance(part, (Reversed, Enumerate)):
        return is_empty(interp, part.inner)
    if isinstance(part, Zip):
        answers = [is_empty(interp, inner) for inner in part.parts]
        return True if True in answers else None if None in answers else False
    if not isinstance(part, Range) or type(getattr(part.step, "value", None)) is not int \
            or not part.step.value:
        return None
    ends = [kind_of_operand(end).known for end in (part.start, part.stop)]
    if any(end is None or type(end.value) is not int or "?" in end.text for end in ends):
        return None
    sign = "<>"[part.step.value < 0]
    result = not range(*(end.value for end in ends), part.step.value)
    if not all(end.exact for end in ends):
        condition = f"{operand_text(ends[0])} {sign} {operand_text(ends[1])}"
        interp.builder.scope.rely(f"not {condition}" if result else condition)
    return result


class Zip(NamedTuple):
    """`zip(*parts)`."""

    parts: tuple

    def count(self, interp):
        return min(part.count(interp) for part in self.parts)

    def item(self, interp, stage, number):
        return interp.make(
            stage, Form("tuple"), tuple(part.item(interp, stage, number) for part in self.parts))

    def header(self, interp, stage):
        """Over the first array, where all parts are known to be equally long; backwards if all are."""
        if all(isinstance(part, Reversed) for part in self.parts):
            return Reversed(Zip(tuple(part.inner for part in self.parts))).header(interp, stage)
        shortest = _shortest(interp, self.parts)
        if shortest is not None:
            return shortest.header(interp, stage)[0], lambda number: self.at(interp, stage, number)
        first, *others = (known_length(interp, part) for part in self.parts)
        scope = interp.builder.scope
        if None in (first, *others) or not all(scope.relied_equal(first, other) for other in others):
            raise Refusal("loop", "its sequences may differ in length", "Loop over a range.")
        arrays = [part for part in self.parts if isinstance(part, Elements)]
        if not arrays:
            raise Refusal("loop", "its sequences may differ in length", "Loop over a range.")
        first = arrays[0].header(interp, stage)[0]
        return first, lambda number: self.at(interp, stage, number)

    def at(self, interp, stage, number):
        return interp.make(
            stage, Form("tuple"), tuple(part.at(interp, stage, number) for part in self.parts))


def _shortest(interp, parts):
    """The shortest of the parts, where all are slices of one list of an argument, as in `zip(ws, ws[1:])`."""
    stretches = [stretch_of(interp.builder, part.base) if isinstance(part, Elements) else None
                 for part in parts]
    if None in stretches or len({stretch.path for stretch in stretches}) > 1 \
            or not all(turns.is_uniform(interp.builder, part.base) for part in parts):
        return None
    return max(zip(stretches, parts), key=lambda pair: pair[0].start + pair[0].stop)[1]


class Enumerate(NamedTuple):
    """`enumerate(parts, start)`."""

    inner: Any
    start: Any

    def count(self, interp):
        return self.inner.count(interp)

    def item(self, interp, stage, number):
        first = interp.builder.static(self.start)
        return interp.make(
            stage, Form("tuple"), (Lit(first + number), self.inner.item(interp, stage, number)))

    def header(self, interp, stage):
        iterable, inner = self.inner.header(interp, stage)
        if isinstance(self.inner, Range) and (self.inner.start, self.inner.step) != (Lit(0), Lit(1)):
            raise Refusal("loop", "it counts a range that does not start at 0", "Loop over a range.")

        return iterable, lambda number: self._pair(interp, stage, number, inner(number))

    def at(self, interp, stage, number):
        return self._pair(interp, stage, number, self.inner.at(interp, stage, number))

    def _pair(self, interp, stage, number, item):
        place = number if self.start == Lit(0) else interp.make(
            stage, Form("binary", "+"), (number, self.start))
        return interp.make(stage, Form("tuple"), (place, item))


class Reversed(NamedTuple):
    """`reversed(items)`."""

    inner: Any

    def count(self, interp):
        return self.inner.count(interp)

    def item(self, interp, stage, number):
        return self.inner.item(interp, stage, self.inner.count(interp) - 1 - number)

    def at(self, interp, stage, number):
        if not isinstance(self.inner, (Range, Elements)):
            raise Refusal("loop", "its sequences may differ in length", "Loop over a range.")
        last = interp.make(stage, Form("binary", "-"), (self.inner.stop, Lit(1))) \
            if isinstance(self.inner, Range) else Lit(-1)
        return self.inner.at(interp, stage, interp.make(stage, Form("binary", "-"), (last, number)))

    def header(self, interp, stage):
        iterable, item = self.inner.header(interp, stage)
        interp.builder.externals.setdefault("@reversed", builtins.reversed)
        return interp.make(stage, Form("call", "@reversed"), (iterable,)), item


class GeneratorExpression(NamedTuple):
    """A generator expression, followed where it is used; its first iterable is evaluated where it stands."""

    collected: Any
    frame: Any
    sources: tuple


class GeneratorCall(NamedTuple):
    """A call of a generator: its stages, and the frame with its parameters."""

    block: tuple
    frame: Any
    name: str


class DictView(NamedTuple):
    """`d.keys()`, `d.values()` or `d.items()`: of the dict at the time when an item is taken."""

    rows: Elements
    part: str

    def with_current_base(self):
        return self._replace(rows=self.rows._replace(base=self.rows.current()))

    def count(self, interp):
        return self.rows.count(interp)

    def item(self, interp, stage, number):
        key = self.rows.item(interp, stage, number) if self.part != "values" else None
        if self.part == "keys":
            return key
        refuse_growth(self.rows)
        self.rows.note_read(interp)
        value = list(interp.parts(stage, self.rows.current()).values())[number]
        return value if self.part == "values" else interp.make(stage, Form("tuple"), (key, value))

    def header(self, interp, stage):
        return self.rows.header(interp, stage)


class Map(NamedTuple):
    """`map(function, ...)`: the function is called when an item is taken."""

    function: Any
    rows: Any

    def count(self, interp):
        return self.rows.count(interp)

    def item(self, interp, stage, number):
        items = tuple(part.item(interp, stage, number) for part in self.rows.parts)
        invoke = dataclasses.replace(beside(stage, Value()), form=Form("invoke"))
        return interp.invoke(invoke, (self.function, *items))

    def header(self, interp, stage):
        raise Refusal("loop", "it goes over a map", "Call the function in the loop.")


EXHAUSTED = Unusable("it is an iterator, which has been used up", "Make a list of it first, with list(...).")


class RangeIterator(Range):
    """iter(range(n))."""

    __slots__ = ()


class DictViewIterator(DictView):
    """iter(d.items())."""

    __slots__ = ()


def as_iterator(iterable):
    """`iter(iterable)` of an iterable that is no iterator."""
    if type(iterable) is Range:
        return RangeIterator(*iterable)
    return DictViewIterator(*iterable) if type(iterable) is DictView else iterable


def is_exhausted_by_use(operand):
    """Whether it is an iterator, whose items can be taken once."""
    iterable = object_of(operand)
    return kind_of_operand(operand).tag == "iterator" and (
        not isinstance(iterable, (Range, DictView, UnreadList))
        or isinstance(iterable, (RangeIterator, DictViewIterator)))


def exhaust(interp, operand):
    """Make the variables of an iterator unusable, because its items are taken."""
    if is_exhausted_by_use(operand):
        for frame in interp.frames:
            for variable, value in frame.env.items():
                if value is operand and variable.name is not None:
                    frame.env[variable] = EXHAUSTED


def iterator(interp, stage, operand):
    """The iterable of a loop over an operand.  Refusal if it cannot be followed."""
    kind = kind_of_operand(operand)
    obj = object_of(operand)
    if isinstance(obj, UnreadList):
        raise UnreadList.refused()
    if kind.tag == "iterator":
        exhaust(interp, operand)
        refuse_changes(obj)
        if isinstance(obj, (GeneratorExpression, GeneratorCall)):
            listed = interp.materialised if isinstance(obj, GeneratorExpression) else interp.generated
            items, sources = ahead.computed_ahead(interp, lambda: listed(stage, obj))
            return Elements(items, sources=sources)
        if isinstance(obj, Enumerate) and isinstance(obj.inner, GeneratorCall):
            return Enumerate(iterator(interp, stage, object_value(obj.inner, "iterator")), obj.start)
        if isinstance(obj, DictView):
            return obj.with_current_base()
        return obj
    if type(obj) is str and kind.tag == "static" and not isinstance(operand, Lit):
        return iterator(interp, stage, Lit(interp.builder.scope.static(kind.known)))
    is_literal = isinstance(operand, Lit) and isinstance(operand.value, (str, tuple))
    if kind.tag in CONTAINERS or kind.tag in ("array", "stack") or is_literal:
        return elements_of(interp, operand)
    special = interp.call_special(stage, operand, "iter") if kind.tag == "object" else NotImplemented
    if special is not NotImplemented:
        return iterator(interp, stage, special)
    raise Refusal("loop", "what it goes over is not known when compiling",
                  "Loop over a range, a list or an array.",
                  TypeError if kind.tag == "number" else None)


def elements_of(interp, operand):
    """The elements of an operand, with a variable that holds its current version."""
    variable = Value()
    interp.assign(variable, operand)
    return Elements(operand, interp.frame, variable)


def elements(interp, stage, operand):
    """All items of an iterable, as operands."""
    iterable = iterator(interp, stage, operand)
    try:
        return [iterable.item(interp, stage, i) for i in range(iterable.count(interp))]
    except Unknown:
        raise Refusal("iteration", "how many items there are is not known when compiling",
                      "Use an array, or a list of known length.") from None


def as_operand(interp, stage, operand):
    """An iterator as the list of its items, a range as itself; other operands as they are."""
    if isinstance(operand, Value) and operand.kind.tag == "iterator":
        iterable = object_of(operand)
        if isinstance(iterable, Range):
            return iterable.operand(interp, stage)
        if isinstance(iterable, UnreadList):
            return operand
        return interp.make(stage, Form("list"), tuple(elements(interp, stage, operand)))
    return operand
