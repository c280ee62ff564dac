"""Growing: lists whose length shows only while running, filled in a loop by `append`.

All elements are of one kind.  Such a list counts as an array with an axis more, wherever it is read; in the text
it is the list that the user made.

>>> from .kinds import FLOAT, Kind
>>> from .program import Item
>>> empty, one = Kind("list"), Kind("list", items=(FLOAT,))
>>> found = kind_of_list((empty, one), lambda a, b: a, unknown_length(7))
>>> found.tag, [n.text for n in found.shape]
('stack', ['?7'])
>>> taken(found, (Item("at", (1,)),), (found, FLOAT._replace(dtype="l"))) == FLOAT
True
"""
from __future__ import annotations

import re
from functools import reduce

from .kinds import INTEGERS, join, stack, unknown_length
from .lengths import kind_of_operand
from .program import Branch, Form, Lit, Stage, Value, beside
from .refusals import Refusal
from .untyped import Act, Each, While

CONTAINERS = ("tuple", "list", "dict")
MAKE = "Make it an array before the loop, and store into it."


def kind_of_list(kinds, joined, length):
    """The kind of a list that is of one of `kinds` when a round begins; None where it does not grow.

    joined: what is known of an element that is one of two.
    """
    if any(kind.tag not in ("list", "stack") for kind in kinds) or len({len(kind.items) for kind in kinds}) == 1 \
            and not any(kind.tag == "stack" for kind in kinds):
        return None
    items = [item for kind in kinds for item in kind.items]
    for item in items:
        if not _is_element(item):
            raise Refusal("list", "its elements are not all numbers, or all arrays of one shape", MAKE)
    item = reduce(lambda a, b: _lists_joined(joined, a, b) if a.tag == b.tag == "stack" else joined(a, b), items)
    if not _is_element(item):
        raise Refusal("list", "its elements differ in kind", MAKE)
    return stack(item._replace(known=None, affine=None), length)


def _lists_joined(joined, a, b):
    """Lists in a list have to be of one length, in all rounds."""
    if a.rank != b.rank or a.shape[0].text != b.shape[0].text:
        raise Refusal("list", "its elements are lists that differ in length", MAKE)
    return stack(_lists_joined(joined, *a.items, *b.items) if a.items[0].tag == "stack" else joined(*a.items, *b.items), a.shape[0])


def _is_element(kind):
    return kind.tag == "number" or kind.tag in ("array", "stack") and bool(kind.shape) and all(map(is_lasting, kind.shape))


def is_lasting(length):
    """Whether a length is the same in all rounds of a loop, unlike that of x[:t]."""
    return length.value is not None or re.fullmatch(r"\?\w+", length.text) is not None


# ---- what is done with it

def method(walk, stage, base, name, args):
    """`xs.append(x)`, `xs.extend(more)`: every name of the list sees it."""
    if name not in ("append", "extend") or len(args) != 1:
        return NotImplemented
    extended(walk, stage, base, args if name == "append" else walk.elements(stage, args[0]))
    return Lit(None)


def extended(walk, stage, base, values):
    """The list with more elements."""
    for value in values:
        base = walk.changed(stage, base, _pushed(walk, stage, base, value))
    return base


def _pushed(walk, stage, base, value):
    """The list with one element more."""
    old, kind = base.kind.items[0], kind_of_operand(value)
    same = kind.tag == old.tag and kind.shape is not None and kind.rank == old.rank and all(
        walk.builder.scope.relied_equal(*pair) for pair in zip(old.shape, kind.shape))
    if not same:
        raise Refusal(".append", "the elements of the list differ in kind or shape", MAKE)
    item = join(old, kind)._replace(shape=old.shape, known=None, affine=None)
    varied = base.varied or value.varied
    if varied and (not item.dtype or item.dtype in INTEGERS):
        raise Refusal(".append", "the elements of the list differ in precision", MAKE)
    new = Value(base.name, base.hint, stack(item, unknown_length()), varied)
    walk.builder.externals.setdefault("@len", len)
    place = walk.emit(beside(stage, Value("place")), Form("call", "@len"), (base,))
    walk.builder.append(Stage((new,), Form("push", spec=place), (base, value), stage.statement, stage.place))
    return new


def taken(kind, spec, kinds):
    """The kind of an element of a list."""
    place = kinds[spec[0].holes[0]] if len(spec) == 1 and spec[0].kind == "at" else None
    if place is None or place.tag != "number" or not place.dtype or place.dtype not in INTEGERS or place.dtype == "?":
        raise Refusal("subscript of a list", "which elements it takes is not known when compiling", "Take its elements one by one.")
    return kind.items[0]


def as_grown(walk, stage, row):
    """The list that a loop begins with, as one of unknown length."""
    kind = kind_of_operand(row.init)
    if row.inner.kind.tag != "stack" or kind.tag != "list":
        return row
    return row._replace(init=_shown(walk, stage, row.init, row.inner.kind, row.inner.name))


def _shown(walk, stage, operand, kind, name):
    """A list of known elements as one of unknown length."""
    parts = tuple(walk.parts(stage, operand).values())
    made = Value(name, None, kind, any(part.varied for part in parts))
    walk.builder.append(Stage((made,), Form("list"), parts, stage.statement, stage.place))
    return made


def ends_as_grown(walk, stage, name, ends, sides):
    """What a branch leaves, lists of unknown length instead of lists that differ in length."""
    if not all(isinstance(end, Value) for end in ends):
        return ends
    kinds = [end.kind for end in ends]
    if not walk.builder.scope.growing or any(kind.tag not in ("list", "stack") for kind in kinds):
        return ends
    try:
        kind = kind_of_list(kinds, _joined, unknown_length())
    except Refusal:
        return ends
    if kind is None or not kind.dtype or kind.dtype in INTEGERS and any(end.varied for end in ends):
        return ends
    found, outer = [], walk.builder
    for end, side in zip(ends, sides):
        walk.builder = side
        found.append(end if kind_of_operand(end).tag == "stack" else
                     _shown(walk, stage, end, kind._replace(shape=(unknown_length(), *kind.shape[1:])), name))
    walk.builder, outer.scope.grown = outer, True
    return found


def _joined(a, b):
    """What is known of an element that is one of two, of one shape."""
    if a.tag != b.tag or a.rank != b.rank or any(m.text != n.text for m, n in zip(a.shape, b.shape)):
        raise Refusal("list", "its elements differ in shape", MAKE)
    return join(a, b)


# ---- how it is filled

def appended(block):
    """The variables that a block before `shapes` appends to."""
    for stage in block:
        if isinstance(stage, Act):
            last = stage.block[-1]
            if isinstance(last, Stage) and last.form.kind == "method" and last.form.name in ("append", "extend"):
                yield last.operands[0]
        elif isinstance(stage, Branch):
            yield from appended((*stage.then, *stage.orelse))
        elif isinstance(stage, (Each, While)):
            yield from appended(stage.body)


def pushes(value, start, made):
    """The stages that append to `start`, up to `value`, the last first; None where other stages are between."""
    found = []
    while value is not start:
        stage = made.get(value)
        if not isinstance(stage, Stage) or stage.form.kind != "push":
            return None
        found.append(stage)
        value = stage.operands[0]
    return found


def is_written_out(over):
    """Whether a loop goes over a range of which the ends are literals."""
    return hasattr(over, "stop") and all(isinstance(end, Lit) for end in over)


def number_of_rounds(walk, length):
    """The length of a list that gets an element in each round, of as many rounds as the Known `length` says."""
    if length is None or length.value is not None and not (type(length.value) is int and length.value > 0):
        return unknown_length()
    if length.value is not None and not length.exact and not re.fullmatch(r"[\w.]+\.shape\[\d+\]", length.text):
        walk.builder.scope.rely(f"{length.text} > 0")
    return length


def length_of(operand, made):
    """The length of a list, where an operand is that: a Known, or None."""
    stage = made.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or stage.form[:2] != ("call", "@len"):
        return None
    kind = kind_of_operand(stage.operands[0])
    return kind.shape[0] if kind.tag == "stack" else None
