"""Joined: two terms of which each is 0 where the other is not are one choice.

`np.where(c, d, 0) + k * np.where(c, 0, d)` is `np.where(c, d, k * d)`, as is `d * (x >= y) + k * d * (x < y)`
with its comparison.

>>> from .builder import Builder
>>> from ..types.kinds import Known, array
>>> from ..ir.nodes import Value
>>> n = Known(3, "x.shape[0]", False, True)
>>> builder = Builder()
>>> c, d = (builder.symbol(Value(name, kind=array((n,), dtype))) for name, dtype in (("c", "?"), ("d", "d")))
>>> _ = np.where(c, d, 0) + 2 * np.where(c, 0, d)
>>> builder.stages[-2:]
[_ = binary '*' (2, d), _ = call '@np.where' (c, d, _)]
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..ir.nodes import Form, Lit, Stage
from ..types.shape_rules import kind_of_operand
from .factors import ALIAS, MINUS, OVER, TIMES, texts_of

OPPOSITE = {">": "<=", "<=": ">", "<": ">=", ">=": "<"}
INVERTED = Form("unary", "~")
DEPTH = 6           # operations that are looked through


class Sided(NamedTuple):
    """A term that is `rest()` where the mask is `taken`, 0 elsewhere."""

    mask: Any
    taken: bool
    rest: Any           # writes the term without its mask


def joined(builder, a, b):
    """The sum of a and b as one choice, or None."""
    left = _sided(builder, a, DEPTH)
    right = None if left is None else _sided(builder, b, DEPTH)
    if right is None or texts_of(left.mask) is None or _dtypes_differ(a, b) \
            or not texts_of(left.mask) == texts_of(a) == texts_of(b):
        return None
    if left.mask is right.mask:
        if left.taken is right.taken:
            return None
    elif not (left.taken and right.taken and are_opposite(builder, left.mask, right.mask)):
        return None
    first, second = (left, right) if left.taken else (right, left)
    return np.where(builder.symbol(first.mask), builder.symbol(first.rest()),
                    builder.symbol(second.rest())).operand


def _dtypes_differ(a, b):
    return kind_of_operand(a).dtype != kind_of_operand(b).dtype or not kind_of_operand(a).dtype


def are_opposite(builder, mask, other):
    """Whether one of two comparisons holds exactly where the other does not, for numbers."""
    stages = [builder.definitions.get(value) for value in (mask, other)]
    return (all(isinstance(stage, Stage) and stage.form.kind == "compare" for stage in stages)
            and OPPOSITE.get(stages[0].form.name) == stages[1].form.name
            and stages[0].operands == stages[1].operands)


def _is_zero(operand):
    return isinstance(operand, Lit) and type(operand.value) in (int, float) and operand.value == 0


def _is_mask(operand):
    kind = kind_of_operand(operand)
    return not isinstance(operand, Lit) and kind.dtype == "?" and kind.tag in ("array", "number")


def _sided(builder, operand, depth) -> Any:
    stage = builder.definitions.get(operand)
    if not isinstance(stage, Stage) or not depth or not builder.is_backward(operand):
        return None
    form, operands = stage.form, stage.operands
    if form.name == "@np.where" and len(operands) == 3 and not form.keywords:
        mask, x, y = operands
        if _is_zero(y):
            return Sided(mask, True, lambda: x)
        return Sided(mask, False, lambda: y) if _is_zero(x) else None
    if form == ALIAS:
        return _sided(builder, operands[0], depth - 1)
    if form not in (TIMES, OVER, MINUS):
        return None
    if form == TIMES:
        for truth, other in (operands, operands[::-1]):
            if _is_mask(truth) and not _is_mask(other):
                inverted = builder.definitions.get(truth)
                if isinstance(inverted, Stage) and inverted.form == INVERTED \
                        and _is_mask(inverted.operands[0]):
                    return Sided(inverted.operands[0], False, lambda other=other: other)
                return Sided(truth, True, lambda other=other: other)
    for number, inner in enumerate(operands if form == TIMES else operands[:1]):
        side = _sided(builder, inner, depth - 1)
        if side is not None:
            return side._replace(rest=lambda side=side, number=number: builder.emit(form, tuple(
                side.rest() if i == number else _on_side(builder, o, side) if form == TIMES else o
                for i, o in enumerate(operands))))
    return None


def _on_side(builder, operand, side):
    """An operand where the mask is taken: a choice by the same mask, as a guard is, is decided."""
    stage = builder.definitions.get(operand)
    if (isinstance(stage, Stage) and stage.form.name == "@np.where" and len(stage.operands) == 3
            and stage.operands[0] is side.mask and not stage.form.keywords):
        return stage.operands[1 if side.taken else 2]
    return operand
