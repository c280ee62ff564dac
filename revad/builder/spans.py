"""Spans: slices of one axis in multiples of one length, which do not meet, or which cover the axis.

>>> from ..types.kinds import Kind, Known
>>> h = Known(3, "h.shape[1]")
>>> [_bound(Known(value, text)) for value, text in ((3, "h.shape[1]"), (6, "2 * h.shape[1]"), (4, "k"))]
[(1, 'h.shape[1]'), (2, 'h.shape[1]'), None]
>>> Span(1, "h.shape[1]", 0, 1).is_apart(Span(1, "h.shape[1]", 2, None))
True
"""
from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from ..ir.nodes import Form, Lit, Stage, Value
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import shifted

LENGTH = re.compile(r"(?:(\d+) \* )?\(?([\w.]+\.shape\[\d+\](?: // \d+)?)\)?")
FULL = (None, None, None)
LONGEST = 16        # stores that are followed


class Span(NamedTuple):
    """From `start` to `stop` times a length (its text; None of a span of literals), or to the end."""

    axis: int
    unit: Any
    start: int
    stop: Any

    def is_apart(self, other):
        if self.axis != other.axis or self.unit != other.unit and not {self.unit, other.unit} <= {None}:
            return False
        first, second = sorted((self, other), key=lambda span: span.start)
        return first.stop is not None and first.stop <= second.start


def span_of(form, operands):
    """The Span of a subscript; None for others than a slice, or a place, of one axis."""
    sliced = [(axis, item) for axis, item in enumerate(form.spec)
              if item.kind != "slice" or item.holes != FULL]
    if len(sliced) != 1 or len(form.spec) > (kind_of_operand(operands[0]).rank or 0):
        return None
    (axis, item), ends = sliced[0], []
    if item.kind == "at" and not item.inside and isinstance(operands[item.holes[0]], Lit):
        place = operands[item.holes[0]].value
        return Span(axis, None, place, place + 1) if type(place) is int and place >= 0 else None
    if item.kind != "slice" or item.holes[2] is not None:
        return None
    for hole in item.holes[:2]:
        operand = None if hole is None else operands[hole]
        if operand is None or isinstance(operand, Lit) and operand.value is None:
            ends.append(None)
            continue
        bound = _bound(kind_of_operand(operand).known) if isinstance(operand, Value) else (
            (operand.value, None) if type(operand.value) is int and operand.value >= 0 else None)
        if bound is None:
            return None
        ends.append(bound)
    units = {end[1] for end in ends if end is not None and end[0]}
    if len(units) > 1:
        return None
    start, stop = ends
    start = 0 if start is None else start[0]
    stop = None if stop is None else stop[0]
    if stop is not None and stop <= start:
        return None
    return Span(axis, units.pop() if units else None, start, stop)


def _bound(known):
    """(times, the text of a length) of a multiple of a length, which is not negative."""
    match = None if known is None else LENGTH.fullmatch(known.text)
    return None if match is None else (int(match[1] or 1), match[2])


def stores_of(builder, array, is_zeros):
    """The stores of a gradient that begins with zeros, the last first; None for others."""
    stores = []
    while isinstance(array, Value) and builder.is_backward(array):
        stage = builder.definitions.get(array)
        if isinstance(stage, Stage) and stage.form.kind == "store" and len(stores) < LONGEST:
            stores.append(stage)
            array = stage.operands[0]
            continue
        return stores if stores and is_zeros(builder, array) else None
    return None


def is_apart(builder, accumulator, form, operands, is_zeros):
    """Whether nothing has been stored at a slice of a gradient that begins with zeros."""
    stores = stores_of(builder, accumulator, is_zeros)
    span = None if stores is None else span_of(form, operands)
    spans = [] if span is None else [span_of(store.form, store.operands) for store in stores]
    return span is not None and all(other is not None and other.is_apart(span) for other in spans)


def stacked(builder, array, is_zeros):
    """A gradient whose slices cover an axis, as one array of what is stored in them; else itself."""
    stores = stores_of(builder, array, is_zeros)
    if stores is None or len(stores) < 2 or any(store.form.name for store in stores):
        return array
    spans = [span_of(store.form, store.operands) for store in stores]
    if None in spans:
        return array
    pairs = sorted(zip(spans, stores), key=lambda pair: pair[0].start)
    spans = [span for span, _ in pairs]
    if (spans[0].start or spans[-1].stop is not None or len({span.axis for span in spans}) > 1
            or any(left.stop != right.start or not left.is_apart(right)
                   for left, right in zip(spans, spans[1:]))
            or not all(_fills(builder, store) for _, store in pairs)):
        return array
    axis, rank = spans[0].axis, kind_of_operand(array).rank
    parts = builder.emit(Form("tuple"), tuple(store.operands[1] for _, store in pairs))
    parts = builder.symbol(parts)
    stack = (np.hstack(parts) if axis == 1 or rank == 1 else np.vstack(parts) if axis == 0
             else np.concatenate(parts, axis=axis)).operand
    if stack.name is None and builder.is_backward(stack):
        stack.name = array.name
    return stack


def _fills(builder, store):
    """Whether what is stored has the shape of its place: it is not spread over it."""
    base, value = store.operands[:2]
    form = Form("index", store.form.keywords[0], spec=shifted(store.form.spec, -1))
    kind = kind_of_operand(builder.emit(form, (base, *store.operands[2:])))
    have = kind_of_operand(value)
    return (have.shape is not None and kind.shape is not None and have.dtype == kind.dtype
            and len(have.shape) == len(kind.shape) == kind_of_operand(base).rank
            and all(n.parts >= m.parts or builder.scope.is_one(n) is False
                    for n, m in zip(have.shape, kind.shape)))
