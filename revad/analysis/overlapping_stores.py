"""Overlapping stores: `x[::2] = x[:n]`, of a part of the array itself, of which NumPy reads what it wrote.

NumPy copies the part first, except to a target of one axis whose elements lie in the direction of those of
the part: there it goes from place to place, and backwards where the part begins before the target.  With
places as far apart in both that is right; else it may read an element after it wrote it.

>>> along = Line("x", 0, (), Subscript(0, None, ()))
>>> is_safe(along._replace(steps=(2,)), along._replace(steps=(3,)))
True
>>> is_safe(along._replace(steps=(3,)), along), is_safe(along._replace(steps=(-1,)), along)
(False, True)
"""
from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..ir.nodes import Lit, Stage, Value
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from .aliases import is_view, owners, viewed_operands

WHOLE = "slice", (None, None, None)


class Subscript(NamedTuple):
    """Where a line begins and ends on its axis, and what its subscript takes of the other axes."""

    start: Any
    stop: Any
    others: tuple


class Line(NamedTuple):
    """The places of a view of one axis: along which axis of which array they lie, and the steps between them.

    steps: those of each slice but 1; subscript: None of a view of a view.
    """

    array: Any
    axis: int
    steps: tuple
    subscript: Any


def refuse_overlap(definitions, form, operands):
    """Refuse a store of an active view into a line of its own array that NumPy may read after it wrote it."""
    base, value = operands[:2]
    if form.name or not value.varied or kind_of_operand(value).rank != 1 or not kind_of_operand(base).rank \
            or not owners(value, definitions) & owners(base, definitions) - {None}:
        return
    items = [item for item in form.spec if item.kind == "at"]
    are_numbers = all(kind_of_operand(operands[item.holes[0]]).tag == "number" for item in items)
    if not are_numbers or any(item.kind == "new" for item in form.spec) \
            or kind_of_operand(base).rank - len(items) != 1:
        return      # NumPy copies it first
    target = _line(_subscripted(_axes(definitions, base), form.spec, operands))
    if not is_safe(target, _line(_axes(definitions, value))):
        raise Refusal("store of a part of the array itself",
                      "NumPy may read places of it after it has written them",
                      "Copy it before, with .copy().")


def is_safe(target, part):
    """Whether no place of the part is read after it was written."""
    if None in (target, part) or target.array is not part.array:
        return False
    subscripts = target.subscript, part.subscript
    if target.axis != part.axis:        # x[i] = x[:, i] meet in one place, which stays as it is
        return None not in subscripts and len(subscripts[0].others) == len(subscripts[1].others) == 1 \
            and (target.steps == part.steps and subscripts[0] == subscripts[1]
                 or _begins_behind(target, part) or _begins_behind(part, target))
    if target.steps == part.steps:
        return True
    if any(type(step) is not int for step in target.steps + part.steps):
        return False
    steps = math.prod(target.steps), math.prod(part.steps)
    if (steps[0] < 0) != (steps[1] < 0):
        return True                     # NumPy copies it first
    if None in subscripts or steps[0] < 0 \
            or any(type(subscript.start) is not int or subscript.start < 0 for subscript in subscripts):
        return False
    return steps[0] >= steps[1] if subscripts[1].start < subscripts[0].start else steps[1] >= steps[0]


def _begins_behind(line, other):
    """Whether a line begins behind the place where another one crosses its axis: `x[1:, j]` and `x[0]`."""
    crossing, start = other.subscript.others[0], line.subscript.start
    return (type(crossing) is type(start) is int and 0 <= crossing < start
            and all(type(step) is int and step > 0 for step in line.steps))


def _line(view):
    if view is None or len(view[1]) != 1:
        return None
    array, ((axis, steps),), subscript = view
    return Line(array, axis, steps, subscript)


def _axes(definitions, value):
    """(the array that a value is a view of, [(axis of it, steps)] of its own axes, its Subscript) or None.

    The array may be a view itself, of which more is not known.
    """
    kind, stage = kind_of_operand(value), definitions.get(value)
    if kind.rank is None:
        return None
    itself = value, [(axis, ()) for axis in range(kind.rank)], Subscript(0, None, ())
    if not isinstance(stage, Stage) or not is_view(stage):
        return itself
    base = viewed_operands(stage)[0]
    form, array_axes = stage.form, _axes(definitions, base) if isinstance(base, Value) else None
    if form.kind in ("alias", "store") or array_axes is None:
        return array_axes
    array, axes, _ = array_axes
    if form.kind == "index" and stage.gate is None:
        return _subscripted(array_axes, form.spec, stage.operands)
    if form.kind == "unpack":
        return array, axes[1:], None
    if (form.kind, form.name) == ("attr", "T"):
        return array, axes[::-1], None
    is_line = kind.rank == kind_of_operand(base).rank == 1
    # What is not followed counts as an array itself.
    return (array, axes, None) if is_line and form.name in ("ravel", "reshape") else itself


def _subscripted(array_axes, spec, operands):
    """As `_axes`, of a subscript of numbers and slices."""
    if array_axes is None or any(item.kind == "new" for item in spec):
        return None
    array, axes, subscript = array_axes
    parts = [(item.kind, tuple(None if hole is None else _known(operands[hole]) for hole in item.holes))
             for item in spec]
    dots = next((n for n, item in enumerate(spec) if item.kind == "dots"), len(spec))
    parts[dots:dots + 1] = [WHOLE] * (len(axes) - len(parts) + (dots < len(parts)))
    taken = []
    for (axis, steps), (kind, holes) in zip(axes, parts):
        if kind == "slice":
            taken.append((axis, steps if holes[2] in (None, 1) else (*steps, holes[2])))
    starts = [holes[:2] for kind, holes in parts if kind == "slice"]
    is_direct = subscript == Subscript(0, None, ()) and len(starts) == 1
    return array, taken, Subscript(0 if starts[0][0] is None else starts[0][0], starts[0][1], tuple(
        holes[0] for kind, holes in parts if kind == "at")) if is_direct else None


def _known(operand):
    return operand.value if isinstance(operand, Lit) else operand
