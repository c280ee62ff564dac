"""Adjoint of loops: the adjoint of a loop is a loop over the same rounds, last first.

Each row of the loop is a row of gradients here, and so is the gradient of each value from
outside that the rounds read: it begins with zeros and grows.  A row through which the gradient
passes unchanged (a sum) needs none.

>>> loop = Loop((Value("t"),), None, None, (), ())
>>> _active(loop, set())
[]
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..analysis.aliases import owners
from ..analysis.liveness import live
from ..analysis.single_store import stored_once
from ..builder.broadcasting import as_floats, full, kind_of_sum
from ..builder.builder import Builder
from ..builder.shape_exprs import length
from ..errors import NotApart
from ..ir.nodes import UNSET, Form, Item, Lit, Loop, Row, Stage, Unset, Value
from ..ir.traversal import before_first_use, read_in, substituted, targets_of
from ..types.kinds import INT, INTEGERS
from ..types.parts import part
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from .dynamic_lists import Rows, before_loop, filled_by, gradient_of, held_by, is_made_in, store_waiting
from .loop_headers import header, is_counted, is_length, own_start
from .residuals import Additions, Again, left_by, list_for, reached

CONTAINERS = ("tuple", "list", "dict", "object")


class Gradient(NamedTuple):
    """A row of the reversed loop: the gradient of a row, of a value from outside, or of a part of one."""

    inner: Value
    init: Any
    of: Any         # a Row, a Value, or (container, keys that lead to the part)


def backprop_loop(backward, loop):
    """Append the reversed loop; returns (operand, gradient) for what the loop begins with."""
    made = targets_of(loop.block)
    inside = {*made, *loop.indices, *(row.inner for row in loop.rows)}
    above = {row: backward.adjoints.pop(row.out)
             for row in loop.rows if backward.adjoints.get(row.out) is not None}
    active = _active(loop, set(above))
    touched = reached(loop.block, [row.next for row in active])
    read = dict.fromkeys([*read_in(loop.block), *(row.next for row in active if isinstance(row.next, Value))])
    outside = [v for v in read if v not in inside and v in touched and v.varied and v.kind.tag != "static"]
    parts = {v: {} for v in outside if v.kind.tag in CONTAINERS}
    fills = filled_by(loop, active, backward.builder.definitions)
    # What has the same gradient in every round.
    passed = {row: None for row, fill in fills.items() if not fill.is_read}
    while True:
        start = backward.builder.checkpoint()
        builder, side, gradients, lists = _round(backward, loop, above, active, outside, parts, passed, fills)
        if not _more_parts(backward.builder, side, parts):
            ends = [_end(side, builder, gradient) for gradient in gradients]
            unchanged = {g.of: g.init for g, end in zip(gradients, ends) if end is g.inner}
            if not unchanged:
                return _finish(backward, loop, builder, side, gradients, ends, passed,
                               Again(made, inside, rounds=True), lists)
            passed.update(unchanged)
        backward.builder.rollback(start)


def _active(loop, active):
    """The rows whose gradient is not zero in some round."""
    while True:
        values = reached(loop.block, [row.next for row in active])
        more = {row for row in loop.rows if row.inner in values and row.inner.varied}
        if more <= active:
            return [row for row in loop.rows if row in active]
        active |= more


def _round(backward, loop, above, active, outside, parts, passed, fills):
    """(builder, the Backward of the round, its Gradients, what it takes of lists)."""
    outer = backward.builder
    builder = Builder(outer=outer)
    side = type(backward)(builder, loop.block, additions=backward.additions, stored=backward.stored,
                         once={*backward.once, *stored_once(loop, builder.scope)})
    gradients = []
    for row in active:
        if row in passed:
            passed[row] = (gradient_of if row in fills and not fills[row].is_read
                           else _whole)(outer, above.get(row, Lit(0.0)), row.out)
            if isinstance(row.next, Value) and row.next.varied:
                if row.next in side.adjoints or row.next.kind.tag in CONTAINERS:
                    side.push(row.next, builder.symbol(passed[row]))
                else:
                    side.adjoints[row.next] = passed[row]       # under the name that it has
                side.uses[row.next] += 1
            continue
        start = _whole(outer, above.get(row, Lit(0.0)), row.out)
        name = f"d{row.inner.name}" if row.inner.name else None
        inner = Value(name, f"d{row.inner.name or row.inner.hint or 't'}",
                      kind_of_operand(start)._replace(known=None))
        gradients.append(Gradient(inner, start, row))
    for value in outside:
        if value in parts:
            side.adjoints[value] = _container(backward, gradients, value, parts[value],
                                              backward.adjoints.get(value))
        elif value not in passed:
            gradients.append(_growing(backward, value, backward.adjoints.get(value), value, value.name))
            side.adjoints[value] = gradients[-1].inner
    for gradient in gradients:
        if isinstance(gradient.of, Row) and isinstance(gradient.of.next, Value) and gradient.of.next.varied:
            side.push(gradient.of.next, builder.symbol(gradient.inner))
            side.uses[gradient.of.next] += 1
    lists = Rows(side, fills, {row: outer.symbol(passed[row]) for row in fills if row in passed})
    side.elements, side.places = lists.elements, lists.places
    side.block(loop.block, headed=True)
    for version in list(side.waiting):
        store_waiting(side, version)
    return builder, side, gradients, lists


def _whole(builder, operand, value):
    found = as_floats(full(builder, builder.symbol(operand), value)).operand
    return Lit(float(found.value)) if isinstance(found, Lit) else found


def _growing(backward, value, old, of, name):
    """The gradient of a value from outside: what there is of it before, or zeros."""
    outer = backward.builder
    start = _whole(outer, Lit(0.0) if old is None else old, value)
    name = f"d{name}" if name else None
    if isinstance(start, Value):
        outer.forget(start)
        if start.name is None and outer.is_backward(start) and start in targets_of(outer.stages):
            start.name = name
    kind = as_array(kind_of_operand(value), outer.scope)
    kind = kind._replace(dtype="d") if kind.dtype in INTEGERS else kind
    if isinstance(start, Value) and kind.tag == "array":
        kind = kind._replace(dtype=start.kind.dtype)
    return Gradient(Value(name, f"d{value.name or value.hint or 't'}", kind._replace(known=None)), start, of)


def _container(backward, gradients, value, parts, old, path=()):
    """The gradients of those parts of a container that are touched."""
    found = {}
    for key, (piece, inner) in parts.items():
        before = old.get(key) if isinstance(old, dict) else None
        if piece.kind.tag in CONTAINERS:
            found[key] = _container(backward, gradients, value, inner, before, (*path, key))
        else:
            hint = "_".join(map(str, (value.name or value.hint or "part", *path, key)))
            of = (value, (*path, key))
            gradients.append(_growing(backward, piece, before, of, hint if hint.isidentifier() else None))
            found[key] = gradients[-1].inner
    return found


def _more_parts(outer, side, parts):
    """Note the parts of containers that got a gradient for the first time."""
    found = False

    def note(value, adjoint, known):
        nonlocal found
        for key, piece in (adjoint or {}).items():
            if piece is None:
                continue
            if key not in known:
                known[key] = (_part_of(outer, value, key), {})
                found = True
            if isinstance(piece, dict):
                note(known[key][0], piece, known[key][1])
    for value, known in parts.items():
        note(value, side.adjoints.get(value), known)
    return found


def _part_of(outer, value, key):
    return part(outer, value, key)


def _end(side, builder, gradient):
    """A gradient at the end of a round in reverse."""
    of, inner = gradient.of, gradient.inner
    if isinstance(of, tuple) and not isinstance(of, Row):
        found, value = side.adjoints.get(of[0]), inner
        for key in of[1]:
            found = None if found is None else found.get(key)
    else:
        value = of.inner if isinstance(of, Row) else of
        found = side.adjoints.get(value)
    if found is inner:
        return inner
    if found is None and isinstance(of, Row) and isinstance(of.init, Unset) and inner.kind.tag == "array":
        # The first round begins without a value: it has no shape.
        found = np.zeros_like(builder.symbol(inner)).operand
    # That of a list is as long as the list is in the end.
    if not isinstance(of, Row) or found is None or value.kind.tag != "stack":
        found = _whole(builder, Lit(0.0) if found is None else found, value)
    if isinstance(found, Value) and found.name is None and found in targets_of(builder.stages):
        found.name, found.hint = inner.name, inner.hint
    return found


def _finish(backward, loop, builder, side, gradients, ends, passed, again, taken):
    outer = backward.builder
    rows = [Row(gradient.inner, gradient.init, end,
                Value(gradient.inner.name, gradient.inner.hint, kind_of_sum(gradient.inner.kind, end)))
            for gradient, end in zip(gradients, ends)]
    if rows:
        block = live(builder.stages, [row.next for row in rows])
        rows = [own_start(outer, row, targets_of(block)) for row in rows]
        outer.append_blocks(_reversed(backward, loop, tuple(block), list(rows), again, taken.zipped))
    found = [(row.init, outer.symbol(gradient)) for row, gradient in passed.items()
             if isinstance(row, Row) and isinstance(row.init, Value)]
    for gradient, row in zip(gradients, rows):
        of = gradient.of
        if isinstance(of, Row):
            if isinstance(of.init, Value):
                found.append((of.init, outer.symbol(row.out)))
        elif isinstance(of, tuple):
            _put(backward, of, row.out)
        else:
            backward.adjoints[of] = row.out
            backward.last[of] = backward.statement
    return before_loop(outer, found, taken.fills)


def _put(backward, of, result):
    """The gradient of a part of a container, where its place in the container is."""
    value, (*path, last) = of
    parts = backward.adjoints.setdefault(value, {})
    for key in path:
        parts = parts.setdefault(key, {})
    parts[last] = result
    backward.last[value] = backward.statement


def _reversed(backward, loop, block, rows, again, zipped):
    """The reversed loop, with what it needs of the rounds of the loop."""
    outer, extra = backward.builder, backward.additions.setdefault(loop, Additions())
    definitions = outer.definitions
    extra.__init__()
    known_index = loop.indices and loop.until is None
    index = Value(*((None, "i") if loop.indices[0].name == "_"
                    else (loop.indices[0].name, loop.indices[0].hint)), INT) \
        if known_index else None
    if known_index:
        again.new[loop.indices[0]] = index
        outer.note_forward(index)
    again.inside.update(left_by(loop.block, backward.additions))
    again.new.update((value, length(outer, value.kind.known)) for value in again.made
                     if is_length(outer, value) and not again.can(value))
    free, keep = again.needed(block, [row.next for row in rows])
    twins = again.twins(keep)
    keep = [value for value in keep if value not in twins]
    for value in [v for v in keep if again.is_same_in_all_rounds(v)]:
        keep.remove(value)
        left = again.new[value] = Value(value.name, value.hint, value.kind)
        extra.rows.append(Row(Value(value.name, value.hint, value.kind), UNSET, value, left))
        outer.define(left, Stage((left,), Form("alias"), (value,)))
        outer.note_forward(left)
    if any(value.kind.tag == "stack" and not is_made_in(loop.block, value, outer) for value in keep):
        raise Refusal("list in a loop", "its gradient needs the list as it was in each round",
                      "Store into an array made before the loop.")
    counted = is_counted(loop, definitions)
    shifted = {row.next: row for row in loop.rows if row.next in keep and row.inner in keep}
    opening, lists = [], []
    held = held_by(loop, definitions, [value for value in keep if value not in shifted], backward.stored)
    for value in keep:
        if value in shifted:
            continue
        here = Value(value.name, value.hint, value.kind)
        outer.note_forward(here)
        if value in held:       # a list of the program itself
            again.new[value] = here
            kept, place = held[value]
            if place is None:
                lists.append((here, kept))
            else:
                steps = Builder(outer=outer)
                taken = Stage((here,), Form("index", spec=(Item("at", (1,)),)), (kept, place(steps)))
                opening += [*steps.stages, taken]
            continue
        kept, stored = (list_for(value, again.made.get(value)),
                        bool(owners(value, definitions) & backward.stored))
        if stored and value.kind.tag == "cache":
            raise NotApart      # a cache that holds arrays which other rounds store into
        extra.lists[value] = (kept, value.kind.tag == "array" and stored)
        again.new[value] = here
        if counted:
            opening.append(Stage((here,), Form("index", spec=(Item("at", (1,)),)), (kept, index)))
        lists.append((here, kept))
    for value, row in shifted.items():
        inner = Value(row.inner.name, row.inner.hint, value.kind)
        outer.note_forward(inner)
        rows.append(Row(inner, row.out, row.inner, Value(row.inner.name, row.inner.hint, value.kind)))
        again.new[value] = inner
    again.new.update((value, again.new[first]) for value, first in twins.items())
    for value in free:
        opening += again.make(value)
    for stage in opening:
        outer.note_forward(stage.target)
    block = before_first_use(substituted(block, again.new), substituted(opening, again.new))
    rows = [Row(row.inner, row.init,
                again.new.get(row.next, row.next) if isinstance(row.next, Value) else row.next, row.out)
            for row in rows]
    indices, iterable = header(outer, loop, definitions, index, [] if counted else [*lists, *zipped],
                               counted, extra)
    return Loop(indices, iterable, None, tuple(rows), block, None, loop.statement, loop.place)
