"""Turns: a loop over a list of an argument whose elements are alike takes one element a turn.

Such a loop stays a loop, and serves lists of any number of elements (`types.uniform_lists`).  What is done
with the list besides looks at its elements one by one; then the text is for this list alone.

>>> from ...types.kinds import INT
>>> from ...types.uniform_lists import Stretch
>>> last = Value(kind=INT._replace(known=Known(2, "len(ws) - 1")))
>>> position(Stretch(None, "ws", 3), last), position(Stretch(None, "ws", 3), Lit(2))
(-1, 2)
"""
from __future__ import annotations

import builtins

from ...analysis.argument_paths import constant_position, left_out, stretch_of
from ...ir.nodes import Form, Item, Lit, Stage, Value, beside
from ...types.affine import added
from ...types.kinds import Known, literal
from ...types.shape_rules import kind_of_operand
from ...types.uniform_lists import (
    Counter,
    NotUniform,
    after_last,
    carried,
    stretch_of_turns,
    uniform_kind,
)

UNKNOWN_COUNT, AT = Known(None, "?"), Form("index", spec=(Item("at", (1,)),))


def is_uniform(builder, operand):
    """Whether it is a list of an argument whose elements are alike: a loop over it can stay a loop."""
    stretch = stretch_of(builder, operand)
    if stretch is None:
        return False
    try:
        uniform_kind(operand.kind.items, stretch, Counter("k_", UNKNOWN_COUNT))
    except NotUniform:
        return False
    return True


def length_of_list(interp, stage, operand):
    """`len(layers)` of a list of an argument, which is another one in other calls; None for other lists."""
    stretch = stretch_of(interp.builder, operand)
    if stretch is None:
        return None
    interp.builder.externals.setdefault("@len", builtins.len)
    left_out = stretch.start + stretch.stop
    if not left_out:
        return interp.emit(stage, Form("call", "@len"), (stretch.base,), stretch.length)
    length = interp.emit(beside(stage, Value()), Form("call", "@len"), (stretch.base,),
                         stretch._replace(start=0, stop=0).length)
    return interp.emit(stage, Form("binary", "-"), (length, Lit(left_out)), stretch.length)


def element_of_list(interp, stage, operand, number):
    """The element of a list, or of a slice of a list of an argument, that a round takes by its number."""
    stretch = stretch_of(interp.builder, operand)
    if stretch is not None:
        operand = stretch.base
        if stretch.start:
            number = interp.make(stage, Form("binary", "+"), (number, Lit(stretch.start)))
        note_operands(interp, AT, (operand, number))
    return interp.make(stage, AT, (operand, number))


def note_elements(builder, operand):
    """Note that more is done with a list than is followed: then the text is for this list alone."""
    stretch = stretch_of(builder, operand)
    if stretch is not None:
        builder.scope.exact.add(stretch.path)


def note_operands(interp, form, operands):
    """Note the lists that an operation looks into; calls are followed, and then their operations are."""
    if form.kind in ("alias", "call", "invoke", "collect", "tuple", "list", "dict") \
            and not form.name.startswith("*") or form.kind == "unpack" and any(form.spec or ()) \
            or form.kind == "index" and is_followed(interp.builder, form, operands):
        return
    for operand in operands:
        note_elements(interp.builder, operand)


def position(stretch, operand):
    """The position that a subscript of a list takes, from 0 or from -1 on; None where it may be another."""
    known, key = kind_of_operand(operand).known, constant_position(operand)
    if key is None and known is not None and type(known.value) is int:
        from_end = known.value - stretch.length.value
        text = f"len({stretch.path}) - {stretch.start + stretch.stop - from_end}"
        return from_end if from_end < 0 and known.text == text else None
    return key


def index_from_end(builder, operands):
    """The operands of a subscript, with -1 for `len(layers) - 1`."""
    stretch = stretch_of(builder, operands[0])
    if stretch is None or len(operands) != 2 or isinstance(operands[1], Lit):
        return operands
    key = position(stretch, operands[1])
    return operands if key is None else (operands[0], Lit(key))


def unpacked(interp, stage, operand, marks):
    """The items of a list of an argument with a starred name: the others by their positions; or None."""
    stretch, first = stretch_of(interp.builder, operand), marks.index(True)
    last = len(marks) - first - 1
    if stretch is None or stretch.without(first, last) is None:
        return None
    ends = [Lit(end) for end in (first, -last) if end]
    holes = (1 if first else None, len(ends) if last else None, None)
    forms = [*[(AT, (operand, Lit(i))) for i in range(first)],
             (Form("index", spec=(Item("slice", holes),)), (operand, *ends)),
             *[(AT, (operand, Lit(i))) for i in range(-last, 0)]]
    for form, operands in forms:
        note_operands(interp, form, operands)
    return [interp.make(stage, *form) for form in forms]


def is_followed(builder, form, operands):
    """Whether a subscript reads a list of an argument so that the text may serve any number of elements."""
    stretch = stretch_of(builder, operands[0])
    if stretch is None or len(form.spec) != 1:
        return False
    ends = left_out(form, operands)
    if ends is not None:
        inner = stretch.without(*ends)
        if inner is not None:
            builder.scope.cuts.add((inner.path, inner.start + inner.stop))
        return inner is not None
    if form.spec[0].kind != "at":
        return False
    key = position(stretch, operands[1])
    if key is None:
        return stretch_of_turns(builder.scope, operands) is not None
    if not -stretch.length.value <= key < stretch.length.value:
        return False
    builder.scope.taken.add((stretch.path, key + stretch.start if key >= 0 else key - stretch.stop))
    return True


class Turns:
    """The Counter of a rolled loop, if it takes the elements of lists in order; None for other loops."""

    def __init__(self, interp, iterable):
        self.scope, self.counter = interp.builder.scope, None
        definition = interp.builder.definitions.get(iterable)
        if not self.scope.uniform_lists or not isinstance(definition, Stage):
            return
        is_reversed = definition.form.name == "@reversed"
        if is_reversed:
            definition = interp.builder.definitions.get(definition.operands[0])
        if not isinstance(definition, Stage) or definition.form.name != "@range" \
                or len(definition.operands) > 2:
            return
        *start, stop = (kind_of_operand(operand).known for operand in definition.operands)
        first = literal(0) if not start else start[0]
        if None in (first, stop) or not first.exact or type(stop.value) is not int or "?" in stop.text:
            return
        if first.value >= 0 and stop.value >= first.value:
            count = added(stop, first, -1)
            self.counter = Counter(f"k{len(self.scope.counters)}_", count, is_reversed, first.value)

    def begin(self, index):
        """Note the index of the loop."""
        if self.counter is not None and index.kind.affine is not None:
            self.scope.counters[index.kind.affine.terms[0][0]] = self.counter

    def carried(self, first, last):
        """The kind of an array at the head of the loop, from those before it and after a turn, or None."""
        if self.counter is None or not first.numeric or first.rank is None or first.rank != last.rank:
            return None
        lengths = [before if self.scope.relied_equal(before, after) else carried(before, after, self.counter)
                   for before, after in zip(first.shape, last.shape)]
        return None if None in lengths else lengths


def lengths_after(kind):
    """A kind with the lengths that it has after the last turn."""
    if kind.shape is None or all(n.rounds is None for n in kind.shape):
        return kind
    return kind._replace(shape=tuple(
        n if n.rounds is None else after_last(n) or Known(None, f"?last {n.text}") for n in kind.shape))
