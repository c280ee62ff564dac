"""Iteration: what a loop goes over, item by item: ranges, rows, zip, enumerate, comprehensions.

>>> Range(Lit(2), Lit(7), Lit(2)).count(None)
3
"""
from __future__ import annotations

import builtins
import dataclasses
from typing import Any, NamedTuple

import numpy as np

from . import statics
from .frames import Unusable, held, holding
from .kinds import INT, Kind, Known, kind_of
from .lengths import kind_of_operand
from .program import Form, Item, Lit, Stage, Value, beside
from .refusals import Refusal
from .scope import Unknown

CONTAINERS = ("tuple", "list", "dict")
LARGEST = 64        # elements that a passive comprehension is written out for


class Range(NamedTuple):
    """`range(start, stop, step)`, of operands."""

    start: Any
    stop: Any
    step: Any

    def values(self, walk):
        ends = [o.value if isinstance(o, Lit) else walk.builder.static(o) for o in self]
        if not all(isinstance(e, (int, np.integer)) for e in ends):
            raise Unknown
        return range(*map(int, ends))

    def count(self, walk):
        return len(self.values(walk))

    def item(self, walk, stage, number):
        return Lit(self.values(walk)[number])

    def operand(self, walk, stage):
        """The call of range, as short as it can be written."""
        walk.builder.externals.setdefault("@range", builtins.range)
        ends = tuple(self) if self.step != Lit(1) else (self.start, self.stop)
        ends = ends[1:] if len(ends) == 2 and self.start == Lit(0) else ends
        return walk.make(stage, Form("call", "@range"), ends)

    def header(self, walk, stage):
        return self.operand(walk, stage), lambda number: number

    def at(self, walk, stage, number):
        return number


class Rows(NamedTuple):
    """The elements of a container, or the rows of an array; `variable` stands for it while the loop changes it."""

    base: Any
    frame: Any = None
    variable: Any = None

    def now(self):
        found = self.base if self.frame is None else self.frame.find(self.variable)
        if isinstance(found, Unusable):
            raise Refusal("loop", found.why, found.instead)
        return found

    def count(self, walk):
        kind = kind_of_operand(self.base)
        if kind.tag in CONTAINERS:
            return len(kind.items)
        if isinstance(self.base, Lit) and isinstance(self.base.value, (str, tuple)):
            return len(self.base.value)
        if kind.tag != "array" or not kind.shape:
            raise Unknown
        return walk.builder.scope.static(kind.shape[0])

    def item(self, walk, stage, number):
        from . import objects
        kind = kind_of_operand(self.base)
        if isinstance(self.base, Lit):
            return Lit(self.base.value[number])
        if kind.tag == "dict":
            return Lit(kind.keys[number])
        if kind.tag in CONTAINERS:
            found = list(objects.parts(walk, stage, self.now()).values())
            if len(found) != len(kind.items):
                raise Refusal("loop", "the list that it goes over grows or shrinks in it", "Loop over a copy.")
            return found[number]
        return walk.make(stage, Form("index", spec=(Item("at", (1,)),)), (self.now(), Lit(number)))

    def header(self, walk, stage):
        if kind_of_operand(self.base).tag != "array":
            raise Refusal("loop", "its items differ in kind", "Loop over an array.")
        return _length_range(walk, stage, self.base).operand(walk, stage), lambda number: walk.make(
            stage, Form("index", spec=(Item("at", (1,)),)), (self.now(), number))


    def at(self, walk, stage, number):
        return walk.make(stage, Form("index", spec=(Item("at", (1,)),)), (self.now(), number))


def _length_range(walk, stage, base):
    walk.builder.externals.setdefault("@len", builtins.len)
    return Range(Lit(0), walk.make(stage, Form("call", "@len"), (base,)), Lit(1))


class Listed(NamedTuple):
    """Items that are there already."""

    items: tuple

    def header(self, walk, stage):
        raise Refusal("loop", "its items differ in kind", "Loop over an array.")

    def count(self, walk):
        return len(self.items)

    def item(self, walk, stage, number):
        return self.items[number]


def _known_length(walk, part):
    """The text of a length, which is the same for equal lengths; None where it cannot be told."""
    if isinstance(part, Rows):
        kind = kind_of_operand(part.base)
        return kind.shape[0].text if kind.tag == "array" and kind.shape and not kind.shape[0].text.startswith("?") else None
    if isinstance(part, Range) and (part.start, part.step) == (Lit(0), Lit(1)):
        known = kind_of_operand(part.stop).known
        return None if known is None else known.text
    return None


class Zipped(NamedTuple):
    parts: tuple

    def count(self, walk):
        return min(part.count(walk) for part in self.parts)

    def item(self, walk, stage, number):
        return walk.make(stage, Form("tuple"), tuple(part.item(walk, stage, number) for part in self.parts))

    def header(self, walk, stage):
        """Over the first array, where all are known to be as long as that."""
        lengths = {_known_length(walk, part) for part in self.parts}
        if len(lengths) != 1 or None in lengths:
            raise Refusal("loop", "its sequences may differ in length", "Loop over a range.")
        arrays = [part for part in self.parts if isinstance(part, Rows)]
        if not arrays:
            raise Refusal("loop", "its sequences may differ in length", "Loop over a range.")
        first = arrays[0].header(walk, stage)[0]

        def item(number):
            return walk.make(stage, Form("tuple"), tuple(part.at(walk, stage, number) for part in self.parts))
        return first, item


class Numbered(NamedTuple):
    """`enumerate(parts, start)`."""

    inner: Any
    start: Any

    def count(self, walk):
        return self.inner.count(walk)

    def item(self, walk, stage, number):
        first = walk.builder.static(self.start)
        return walk.make(stage, Form("tuple"), (Lit(first + number), self.inner.item(walk, stage, number)))

    def header(self, walk, stage):
        iterable, inner = self.inner.header(walk, stage)
        if isinstance(self.inner, Range) and (self.inner.start, self.inner.step) != (Lit(0), Lit(1)):
            raise Refusal("loop", "it counts a range that does not start at 0", "Loop over a range.")

        def item(number):
            place = number if self.start == Lit(0) else walk.make(
                stage, Form("binary", "+"), (number, self.start))
            return walk.make(stage, Form("tuple"), (place, inner(number)))
        return iterable, item


class Backwards(NamedTuple):
    """`reversed(items)`."""

    inner: Any

    def count(self, walk):
        return self.inner.count(walk)

    def item(self, walk, stage, number):
        return self.inner.item(walk, stage, self.inner.count(walk) - 1 - number)

    def header(self, walk, stage):
        iterable, item = self.inner.header(walk, stage)
        walk.builder.externals.setdefault("@reversed", builtins.reversed)
        return walk.make(stage, Form("call", "@reversed"), (iterable,)), item


class Lazy(NamedTuple):
    """A generator expression: followed where it is used."""

    collected: Any
    frame: Any


def iterator(walk, stage, operand):
    """What a loop over an operand goes through.  Refusal if that cannot be followed."""
    kind = kind_of_operand(operand)
    thing = held(operand)
    if kind.tag == "iterator":
        if isinstance(thing, Lazy):
            return Rows(materialised(walk, stage, thing))
        return Listed(tuple(thing)) if isinstance(thing, list) else thing
    if kind.tag in CONTAINERS or kind.tag == "array" or isinstance(operand, Lit) and isinstance(operand.value, (str, tuple)):
        variable = Value()
        walk.assign(variable, operand)
        return Rows(operand, walk.frame, variable)
    raise Refusal("loop", "what it goes over is not known when compiling", "Loop over a range, a list or an array.")


def elements(walk, stage, operand):
    """All items of something that can be looped over, as operands."""
    found = iterator(walk, stage, operand)
    try:
        return [found.item(walk, stage, i) for i in range(found.count(walk))]
    except Unknown:
        raise Refusal("iteration", "how many items there are is not known when compiling",
                      "Use an array, or a list of known length.") from None


def as_operand(walk, stage, operand):
    """An iterator as the list of its items, a range as itself; other operands as they are."""
    if isinstance(operand, Value) and operand.kind.tag == "iterator":
        thing = held(operand)
        if isinstance(thing, Range):
            return thing.operand(walk, stage)
        return walk.make(stage, Form("list"), tuple(elements(walk, stage, operand)))
    return operand


# ---- comprehensions

def collect(walk, stage, operands):
    """A comprehension: its elements one by one, or as it stands where no derivative needs them."""
    collected, syntax = stage.form.spec
    if stage.form.name == "generator":
        return holding(Lazy((collected, stage, operands), walk.frame), "iterator")
    return _collected(walk, stage, collected, syntax, operands)


def _collected(walk, stage, collected, syntax, operands):
    from . import calls
    found = walk.attempt(lambda: [walk.run(collected.block), walk.operand(collected.result)])
    form = Form("copied", f"{stage.form.name.replace('generator', 'list')} comprehension", stage.form.keywords, syntax)
    if found is None:
        if any(o.varied for o in operands):
            walk.run(collected.block)
            return walk.operand(collected.result)
        return calls.copied(walk, dataclasses.replace(stage, form=form), operands)
    made = found[1]
    plain = all(kind.tag == "number" for kind in made.kind.items) and made.kind.tag == "list"
    if not made.varied and plain and len(made.kind.items) > 4 and all(
            kind_of_operand(o).tag in ("number", "array", "list", "tuple", "static") for o in operands):
        form = calls.respelled(walk, form)
        kind = made.kind._replace(items=tuple(item._replace(known=None) for item in made.kind.items))
        return calls._typed(walk, stage, form, operands, kind)
    return made


def materialised(walk, stage, lazy):
    """The list of a generator expression's elements."""
    outer, walk.frame = walk.frame, lazy.frame
    try:
        collected, made, operands = lazy.collected
        return _collected(walk, made, collected, made.form.spec[1], operands)
    finally:
        walk.frame = outer


def _summed(walk, stage, args, keywords):
    """`sum(x * y for ...)`: added up as the items come."""
    if not args or kind_of_operand(args[0]).tag != "iterator":
        return NotImplemented
    lazy = held(args[0])
    if not isinstance(lazy, Lazy) or not any(o.varied for o in lazy.collected[2]):
        return NotImplemented
    collected, made, operands = lazy.collected
    start = args[1] if len(args) > 1 else keywords.get("start", Lit(0))
    outer, walk.frame = walk.frame, lazy.frame
    try:
        walk.run((Stage((collected.result,), Form("alias"), (start,), made.statement, made.place), *collected.block[1:]))
        return walk.operand(collected.result)
    finally:
        walk.frame = outer


def add_to_sum(walk, stage, item):
    """One more item of a sum; its variable is the receiver of the `append` at hand."""
    variable = stage.operands[0]
    total = walk.operand(variable)
    first = total == Lit(0) and kind_of_operand(item).dtype in ("d", "f")
    bare = beside(stage, Value())
    walk.assign(variable, item if first else walk.plain(dataclasses.replace(bare, form=Form("binary", "+")), (total, item)))
    return Lit(None)


# ---- built-in functions that make or use iterators

def _range(walk, stage, args, keywords):
    if keywords or not 1 <= len(args) <= 3:
        return NotImplemented
    ends = (Lit(0), args[0], Lit(1)) if len(args) == 1 else (*args, Lit(1))[:3]
    return holding(Range(*ends), "iterator")


def _enumerate(walk, stage, args, keywords):
    start = args[1] if len(args) > 1 else keywords.get("start", Lit(0))
    return holding(Numbered(iterator(walk, stage, args[0]), start), "iterator")


def _zip(walk, stage, args, keywords):
    return holding(Zipped(tuple(iterator(walk, stage, a) for a in args)), "iterator")


def _reversed(walk, stage, args, keywords):
    return holding(Backwards(iterator(walk, stage, args[0])), "iterator")


def _listed(tag):
    def made(walk, stage, args, keywords):
        if not args:
            return walk.make(stage, Form(tag), ())
        kind = kind_of_operand(args[0])
        if kind.tag == "iterator" or kind.tag in CONTAINERS:
            if isinstance(held(args[0]), Range) and not any(o.varied for o in args):
                try:
                    if held(args[0]).count(walk) > LARGEST:
                        raise Unknown
                except Unknown:
                    return NotImplemented
            return walk.make(stage, Form(tag), tuple(elements(walk, stage, args[0])))
        if kind.tag == "array" and args[0].varied:
            return walk.make(stage, Form(tag), tuple(elements(walk, stage, args[0])))
        return NotImplemented
    return made


def dict_of(walk, stage, args, keywords):
    from . import objects
    found = {}
    for operand in args:
        if kind_of_operand(operand).tag == "dict":
            found.update(objects.parts(walk, stage, operand))
        else:
            for pair in elements(walk, stage, operand):
                key, value = elements(walk, stage, pair)
                found[walk.builder.static(key)] = value
    found.update(keywords)
    return walk.make(stage, Form("dict", keywords=tuple(found)), tuple(found.values()))


def _isinstance(walk, stage, args, keywords):
    classes = _classes(args[1])
    found = statics.is_instance(kind_of_operand(args[0]), classes) if classes else None
    return NotImplemented if found is None else Lit(found)


def _classes(operand):
    kind = kind_of_operand(operand)
    if kind.tag == "tuple":
        inner = [i.known.value if i.known is not None else None for i in kind.items]
        return tuple(inner) if all(isinstance(i, type) for i in inner) else None
    value = held(operand)
    return value if isinstance(value, type) else None


def _hasattr(walk, stage, args, keywords):
    from . import objects
    kind, name = kind_of_operand(args[0]), getattr(args[1], "value", None)
    if type(name) is not str:
        return NotImplemented
    if kind.tag == "object" and kind.known is not None:
        if objects.assigned_attribute(walk, kind.known.text, name) is not None:
            return Lit(True)
        found = hasattr(kind.known.value, name)
        if not kind.known.text.startswith("?"):
            walk.builder.scope.guard_attribute(kind.known.text, name, found)
        return Lit(found)
    found = statics.type_of(kind)
    return NotImplemented if found is None else Lit(hasattr(found, name))


def _getattr(walk, stage, args, keywords):
    from . import objects
    name = walk.builder.static(args[1])
    if len(args) > 2 and _hasattr(walk, stage, args[:1] + (Lit(name),), {}) == Lit(False):
        return args[2]
    return objects.attribute(walk, dataclasses.replace(stage, form=Form("attr", name)), args[:1])


def _callable(walk, stage, args, keywords):
    tag = kind_of_operand(args[0]).tag
    return NotImplemented if tag in ("unknown", "object") else Lit(tag == "function")


def _map(walk, stage, args, keywords):
    from . import calls
    function, *sources = args
    rows = Zipped(tuple(iterator(walk, stage, s) for s in sources))
    found = []
    for number in range(rows.count(walk)):
        items = tuple(part.item(walk, stage, number) for part in rows.parts)
        bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),))
        found.append(calls.invoke(walk, bare, (function, *items)))
    return holding(found, "iterator")


def _setattr(walk, stage, args, keywords):
    from . import objects
    name = walk.builder.static(args[1])
    objects.set_attribute(walk, dataclasses.replace(stage, form=Form("setattr", name)), (args[0], args[2]))
    return Lit(None)


def _length(walk, stage, args, keywords):
    kind = kind_of_operand(args[0])
    if kind.tag == "iterator":
        return Lit(len(elements(walk, stage, args[0])))
    return NotImplemented


SPECIAL = {builtins.range: _range, builtins.enumerate: _enumerate, builtins.zip: _zip, builtins.reversed: _reversed,
           builtins.list: _listed("list"), builtins.tuple: _listed("tuple"), builtins.dict: dict_of,
           builtins.isinstance: _isinstance, builtins.hasattr: _hasattr, builtins.getattr: _getattr,
           builtins.callable: _callable, builtins.map: _map, builtins.setattr: _setattr, builtins.len: _length,
           builtins.sum: _summed}
