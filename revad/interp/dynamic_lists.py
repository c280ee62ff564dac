"""Dynamic lists: lists whose length shows only while running, filled in a loop by `append`.

All elements are of one kind.  Such a list counts as an array with an axis more, wherever it is read; in the text
it is the list that the user made.

>>> xs = Value("xs")
>>> append = Act(Stage((), Form("effect"), (xs,)), (Stage((Value("y"),), Form("method", "append"), (xs, Lit(1.0))),))
>>> [variable.name for variable in appended((append,))]
['xs']
"""
from __future__ import annotations

import re

from ..ir.nodes import Branch, Form, Lit, Stage, Value, beside
from ..ir.untyped import Act, Each, While
from ..types.kinds import INTEGERS, join, stack, unknown_length
from ..types.lists import MAKE, kind_of_list
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand

# ---- what is done with it

def method(interp, stage, base, name, args):
    """`xs.append(x)`, `xs.extend(more)`: every name of the list sees it."""
    if name not in ("append", "extend") or len(args) != 1:
        return NotImplemented
    extended(interp, stage, base, args if name == "append" else interp.elements(stage, args[0]))
    return Lit(None)


def extended(interp, stage, base, values):
    """The list with more elements."""
    for value in values:
        base = interp.propagate_store(stage, base, _pushed(interp, stage, base, value))
    return base


def _pushed(interp, stage, base, value):
    """The list with one element more."""
    old, kind = base.kind.items[0], kind_of_operand(value)
    same = kind.tag == old.tag and kind.shape is not None and kind.rank == old.rank and all(
        interp.builder.scope.relied_equal(*pair) for pair in zip(old.shape, kind.shape))
    if not same:
        raise Refusal(".append", "the elements of the list differ in kind or shape", MAKE)
    item = join(old, kind)._replace(shape=old.shape, known=None, affine=None)
    varied = base.varied or value.varied
    if varied and (not item.dtype or item.dtype in INTEGERS):
        raise Refusal(".append", "the elements of the list differ in precision", MAKE)
    new = Value(base.name, base.hint, stack(item, unknown_length()), varied)
    interp.builder.externals.setdefault("@len", len)
    place = interp.emit(beside(stage, Value("place")), Form("call", "@len"), (base,))
    interp.builder.append(Stage((new,), Form("push", spec=place), (base, value), stage.statement, stage.place))
    return new


def as_grown(interp, stage, row):
    """The list that a loop begins with, as one of unknown length."""
    kind = kind_of_operand(row.init)
    if row.inner.kind.tag != "stack" or kind.tag != "list":
        return row
    return row._replace(init=_shown(interp, stage, row.init, row.inner.kind, row.inner.name))


def _shown(interp, stage, operand, kind, name):
    """A list of known elements as one of unknown length."""
    parts = tuple(interp.parts(stage, operand).values())
    made = Value(name, None, kind, any(part.varied for part in parts))
    interp.builder.append(Stage((made,), Form("list"), parts, stage.statement, stage.place))
    return made


def ends_as_grown(interp, stage, name, ends, sides):
    """What a branch leaves, lists of unknown length instead of lists that differ in length."""
    if not all(isinstance(end, Value) for end in ends):
        return ends
    kinds = [end.kind for end in ends]
    if not interp.builder.scope.growing or any(kind.tag not in ("list", "stack") for kind in kinds):
        return ends
    try:
        kind = kind_of_list(kinds, _joined, unknown_length())
    except Refusal:
        return ends
    if kind is None or not kind.dtype or kind.dtype in INTEGERS and any(end.varied for end in ends):
        return ends
    found, outer = [], interp.builder
    for end, side in zip(ends, sides):
        interp.builder = side
        found.append(end if kind_of_operand(end).tag == "stack" else
                     _shown(interp, stage, end, kind._replace(shape=(unknown_length(), *kind.shape[1:])), name))
    interp.builder, outer.scope.grown = outer, True
    return found


def _joined(a, b):
    """What is known of an element that is one of two, of one shape."""
    if a.tag != b.tag or a.rank != b.rank or any(m.text != n.text for m, n in zip(a.shape, b.shape)):
        raise Refusal("list", "its elements differ in shape", MAKE)
    return join(a, b)


# ---- how it is filled

def appended(block):
    """The variables that a block before `specialize` appends to."""
    for stage in block:
        if isinstance(stage, Act):
            last = stage.block[-1]
            if isinstance(last, Stage) and last.form.kind == "method" and last.form.name in ("append", "extend"):
                yield last.operands[0]
        elif isinstance(stage, Branch):
            yield from appended((*stage.then, *stage.orelse))
        elif isinstance(stage, (Each, While)):
            yield from appended(stage.body)


def is_written_out(over):
    """Whether a loop goes over a range of which the ends are literals."""
    return hasattr(over, "stop") and all(isinstance(end, Lit) for end in over)


def number_of_rounds(interp, length):
    """The length of a list that gets an element in each round, of as many rounds as the Known `length` says."""
    if length is None or length.value is not None and not (type(length.value) is int and length.value > 0):
        return unknown_length()
    if length.value is not None and not length.exact and not re.fullmatch(r"[\w.]+\.shape\[\d+\]", length.text):
        interp.builder.scope.rely(f"{length.text} > 0")
    return length


def length_of(operand, made):
    """The length of a list, where an operand is that: a Known, or None."""
    stage = made.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or stage.form[:2] != ("call", "@len"):
        return None
    kind = kind_of_operand(stage.operands[0])
    return kind.shape[0] if kind.tag == "stack" else None
