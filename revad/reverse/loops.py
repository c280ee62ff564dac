"""Adjoint of loops: the adjoint of a loop is a loop over the same iterations, last first.

Each row of the loop becomes a row of its gradient, and so does the gradient of each value from outside
that the iterations read: it accumulates, from zeros on.  A row whose gradient no iteration changes (that
of a sum) needs none.

>>> loop = Loop((Value("t"),), None, None, (), ())
>>> _active(loop, set())
[]
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..analysis.aliases import owners
from ..analysis.argument_paths import parameter_of, part_in_place
from ..analysis.liveness import live
from ..analysis.single_store import stored_once
from ..builder.broadcasting import as_floats, full, kind_of_sum
from ..builder.builder import Builder
from ..builder.shape_exprs import length
from ..errors import NotApart, NotInTurns
from ..ir import check
from ..ir.nodes import UNSET, Form, Item, Lit, Loop, Row, Stage, Unset, Value
from ..ir.traversal import before_first_use, read_in, substituted, targets_of
from ..types.kinds import INT, INTEGERS
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from ..types.uniform_lists import counted
from .dynamic_lists import (
    ElementGradients,
    appends_of,
    is_allocated_in,
    list_gradient,
    lists_holding,
    onto_initial_elements,
    scatter_waiting,
)
from .loop_headers import header, is_counted, is_length, with_owned_start
from .residuals import Rematerialisation, Residuals, list_of_saved, reached, saved_values
from .uniform_lists import Turn, begun, gathered, turn_of

CONTAINERS = ("tuple", "list", "dict", "object")


class Gradient(NamedTuple):
    """A row of the reversed loop: the gradient of a row, of a value from outside, or of a part of that."""

    inner: Value
    init: Any
    of: Any         # a Row, a Value, or (container, keys that lead to the part)


def backprop_loop(backward, loop):
    """Append the reversed loop; returns (operand, gradient) for the loop's initial values."""
    definitions = targets_of(loop.block)
    inside = {*definitions, *loop.indices, *(row.inner for row in loop.rows)}
    cotangents = {row: backward.adjoints.pop(row.out)
                  for row in loop.rows if backward.adjoints.get(row.out) is not None}
    active = _active(loop, set(cotangents))
    touched = reached(loop.block, [row.next for row in active])
    read = dict.fromkeys([*read_in(loop.block), *(row.next for row in active if isinstance(row.next, Value))])
    outside = [v for v in read if v not in inside and v in touched and v.varied and v.kind.tag != "static"]
    parts = {v: {} for v in outside if v.kind.tag in CONTAINERS}
    appends = appends_of(loop, active, backward.builder.definitions)
    # Rows and values whose gradient is the same in every iteration.
    invariant = {row: None for row, appended in appends.items() if not appended.is_read}
    begins = {}     # {path of a list: its gradients before the loop, and when an iteration begins}
    while True:
        start = backward.builder.checkpoint()
        builder, side, gradients, lists = _iteration(backward, loop, cotangents, active, outside, parts,
                                                     invariant, appends, begins)
        new_lists = {path: added for path, added in side.lists.items() if path not in begins}
        if new_lists:
            if not is_counted(loop, backward.builder.definitions):
                raise NotInTurns        # what the forward pass keeps could not be differentiated again
            backward.builder.rollback(start)
            begins.update((path, begun(backward, added, path)) for path, added in new_lists.items())
            continue
        if not _note_new_parts(backward.builder, side, parts):
            ends = [_at_end(side, builder, gradient) for gradient in gradients]
            unchanged = {g.of: g.init for g, end in zip(gradients, ends) if end is g.inner}
            if not unchanged:
                turned_lists = side.turn.lists(backward, side, ends) if side.turn is not None else []
                return _append_loop(backward, loop, builder, side, gradients, ends, invariant, begins,
                                    Rematerialisation(definitions, inside, in_loop=True), lists,
                                    turned_lists)
            invariant.update(unchanged)
        backward.builder.rollback(start)


def _active(loop, active):
    """The rows whose gradient is not zero in some iteration."""
    while True:
        values = reached(loop.block, [row.next for row in active])
        more = {row for row in loop.rows if row.inner in values and row.inner.varied}
        if more <= active:
            return [row for row in loop.rows if row in active]
        active |= more


def _iteration(backward, loop, cotangents, active, outside, parts, invariant, appends, begins):
    """(builder, Backward of the iteration, its Gradients, its ElementGradients of lists)."""
    outer = backward.builder
    builder = Builder(outer=outer)
    side = type(backward)(builder, loop.block, residuals=backward.residuals, stored=backward.stored,
                          write_once={*backward.write_once, *stored_once(loop, builder.scope)})
    gradients = []
    for row in active:
        if row in invariant:
            invariant[row] = (list_gradient if row in appends and not appends[row].is_read
                              else _materialised)(outer, cotangents.get(row, Lit(0.0)), row.out)
            if isinstance(row.next, Value) and row.next.varied:
                if row.next in side.adjoints or row.next.kind.tag in CONTAINERS:
                    side.push(row.next, builder.symbol(invariant[row]))
                else:
                    side.adjoints[row.next] = invariant[row]       # under its own name
                side.uses[row.next] += 1
            continue
        start = _materialised(outer, cotangents.get(row, Lit(0.0)), row.out)
        name = f"d{row.inner.name}" if row.inner.name else None
        inner = Value(name, f"d{row.inner.name or row.inner.hint or 't'}", _kind_after(row, start))
        gradients.append(Gradient(inner, start, row))
    for value in outside:
        if value in parts:
            side.adjoints[value] = _container(backward, gradients, value, parts[value],
                                              backward.adjoints.get(value))
        elif value not in invariant:
            gradients.append(_accumulator(backward, value, backward.adjoints.get(value), value, value.name))
            side.adjoints[value] = gradients[-1].inner
    for gradient in gradients:
        if isinstance(gradient.of, Row) and isinstance(gradient.of.next, Value) and gradient.of.next.varied:
            side.push(gradient.of.next, builder.symbol(gradient.inner))
            side.uses[gradient.of.next] += 1
    lists = ElementGradients(side, appends,
                             {row: outer.symbol(invariant[row]) for row in appends if row in invariant})
    side.elements, side.places = lists.elements, lists.places
    side.lists = {path: begin for path, (_, begin) in begins.items()}
    if loop.indices and turn_of(outer.scope, loop.indices[0]) is not None:
        side.turn = Turn(loop.indices[0])
    side.block(loop.block, with_headings=True)
    for version in list(side.waiting):
        scatter_waiting(side, version)
    return builder, side, gradients, lists


def _kind_after(row, start):
    """The kind of a row's gradient when a reversed iteration begins; its lengths may change in each."""
    kind, after = kind_of_operand(start)._replace(known=None), kind_of_operand(row.next)
    return kind._replace(shape=after.shape) if kind.rank and _changes(after) else kind


def _kind_before(gradient, end):
    """The kind of a gradient after the reversed loop."""
    kind = kind_of_sum(gradient.inner.kind, end)
    if isinstance(gradient.of, Row) and _changes(kind) and not isinstance(gradient.of.init, Unset):
        return kind._replace(shape=kind_of_operand(gradient.of.init).shape)
    return kind


def _changes(kind):
    return any(n.rounds is not None for n in kind.shape or ())


def _materialised(builder, operand, value):
    gradient = as_floats(full(builder, builder.symbol(operand), value)).operand
    check.adjoint(kind_of_operand(gradient), kind_of_operand(value), value, bool(kind_of_operand(value).rank))
    return Lit(float(gradient.value)) if isinstance(gradient, Lit) else gradient


def _accumulator(backward, value, old, of, name):
    """The accumulator of a value from outside the loop: it begins with its gradient so far, or with zeros."""
    outer = backward.builder
    start = _materialised(outer, Lit(0.0) if old is None else old, value)
    name = f"d{name}" if name else None
    if isinstance(start, Value):
        outer.forget(start)
        if start.name is None and outer.is_backward(start) and start in targets_of(outer.stages):
            start.name = name
    kind = as_array(kind_of_operand(value), outer.scope)
    kind = kind._replace(dtype="d") if kind.dtype in INTEGERS else kind
    if isinstance(start, Value):
        # An array without axes stays one where there are no rounds.
        kind = kind._replace(dtype=start.kind.dtype,
                             tag=start.kind.tag if start.kind.shape == () else kind.tag)
    return Gradient(Value(name, f"d{value.name or value.hint or 't'}", kind._replace(known=None)), start, of)


def _container(backward, gradients, value, parts, old, path=()):
    """The accumulators of those parts of a container that get a gradient."""
    adjoints = {}
    for key, (piece, inner) in parts.items():
        before = old.get(key) if isinstance(old, dict) else None
        if piece.kind.tag in CONTAINERS:
            adjoints[key] = _container(backward, gradients, value, inner, before, (*path, key))
        else:
            hint = "_".join(map(str, (value.name or value.hint or "part", *path, key)))
            of = (value, (*path, key))
            gradients.append(_accumulator(backward, piece, before, of, hint if hint.isidentifier() else None))
            adjoints[key] = gradients[-1].inner
    return adjoints


def _note_new_parts(outer, side, parts):
    """Add to `parts` those that got their first gradient; returns whether there are any."""
    is_new = False

    def note(value, adjoint, known):
        nonlocal is_new
        for key, piece in (adjoint or {}).items():
            if piece is None:
                continue
            if key not in known:
                known[key] = (_part_of(outer, value, key), {})
                is_new = True
            if isinstance(piece, dict):
                note(known[key][0], piece, known[key][1])
    for value, known in parts.items():
        note(value, side.adjoints.get(value), known)
    return is_new


def _part_of(outer, value, key):
    return part_in_place(outer, value, key)


def _at_end(side, builder, gradient):
    """A gradient at the end of a reversed iteration."""
    of, inner = gradient.of, gradient.inner
    if isinstance(of, tuple) and not isinstance(of, Row):
        adjoint, value = side.adjoints.get(of[0]), inner
        for key in of[1]:
            adjoint = None if adjoint is None else adjoint.get(key)
    else:
        value = of.inner if isinstance(of, Row) else of
        adjoint = side.adjoints.get(value)
    if adjoint is inner:
        return inner
    if adjoint is None and isinstance(of, Row) and isinstance(of.init, Unset) and inner.kind.tag == "array":
        # The first iteration begins without a value, so its gradient has no shape to be full of zeros.
        adjoint = np.zeros_like(builder.symbol(inner)).operand
    # The gradient of a list keeps the length of the final list.
    if not isinstance(of, Row) or adjoint is None or value.kind.tag != "stack":
        adjoint = _materialised(builder, Lit(0.0) if adjoint is None else adjoint, value)
    if isinstance(adjoint, Value) and adjoint.name is None and adjoint in targets_of(builder.stages):
        adjoint.name, adjoint.hint = inner.name, inner.hint
    return adjoint


def _append_loop(backward, loop, builder, side, gradients, ends, invariant, begins, remat,
                 element_gradients, turned_lists):
    outer = backward.builder
    rows = [Row(gradient.inner, gradient.init, end,
                Value(gradient.inner.name, gradient.inner.hint, _kind_before(gradient, end)))
            for gradient, end in zip(gradients, ends)]
    for path, (before, begin) in begins.items():
        after = Value(begin.value.name, begin.value.hint, begin.value.kind)
        rows.append(Row(begin.value, before.value, side.lists[path].value, after))
        backward.lists[path] = before._replace(value=after)
    if rows or turned_lists:
        lists = [gradients for _, _, gradients in turned_lists]
        outer.stages += [Stage((gradients,), Form("list"), ()) for gradients in lists]
        block = live(builder.stages, [*(row.next for row in rows), *lists])
        rows = [with_owned_start(outer, row, targets_of(block)) for row in rows]
        outer.append_blocks(_reversed_loop(backward, loop, tuple(block), list(rows), remat,
                                           element_gradients.zipped))
    for position, (stretch, (base, element), list_gradients) in enumerate(turned_lists):
        is_reversed = counted(outer.scope, loop.indices[0])[0].is_reversed
        is_second = stretch.path in (*begins, *(other.path for other, _, _ in turned_lists[:position]))
        backward.lists[stretch.path] = gathered(backward, stretch, (base, element), list_gradients,
                                                is_reversed, is_second)
        backward.last_statement[parameter_of(base, outer.definitions)] = backward.statement
    contributions = [(row.init, outer.symbol(gradient)) for row, gradient in invariant.items()
                     if isinstance(row, Row) and isinstance(row.init, Value)]
    for gradient, row in zip(gradients, rows):
        of = gradient.of
        if isinstance(of, Row):
            if isinstance(of.init, Value):
                contributions.append((of.init, outer.symbol(row.out)))
        elif isinstance(of, tuple):
            _put_part(backward, of, row.out)
        else:
            backward.adjoints[of] = row.out
            backward.last_statement[of] = backward.statement
    return onto_initial_elements(outer, contributions, element_gradients.appends)


def _put_part(backward, of, result):
    """Set the gradient of a part of a container, given the keys that lead to the part."""
    value, (*path, last) = of
    parts = backward.adjoints.setdefault(value, {})
    for key in path:
        parts = parts.setdefault(key, {})
    parts[last] = result
    backward.last_statement[value] = backward.statement


def _reversed_loop(backward, loop, block, rows, remat, zipped):
    """The reversed loop, with loads of the residuals of each iteration."""
    outer, extra = backward.builder, backward.residuals.setdefault(loop, Residuals())
    definitions = outer.definitions
    extra.__init__()
    known_index = loop.indices and loop.until is None
    index = Value(*((None, "i") if loop.indices[0].name == "_"
                    else (loop.indices[0].name, loop.indices[0].hint)), INT) \
        if known_index else None
    if known_index:
        remat.substitution[loop.indices[0]] = index
        outer.note_forward(index)
    remat.inside.update(saved_values(loop.block, backward.residuals))
    remat.substitution.update((value, length(outer, value.kind.known)) for value in remat.definitions
                              if is_length(outer, value) and not remat.is_free(value))
    free, keep = remat.needed(block, [row.next for row in rows])
    duplicates = remat.duplicates(keep)
    keep = [value for value in keep if value not in duplicates]
    for value in [v for v in keep if remat.is_loop_invariant(v)]:
        keep.remove(value)
        saved = remat.substitution[value] = Value(value.name, value.hint, value.kind)
        extra.rows.append(Row(Value(value.name, value.hint, value.kind), UNSET, value, saved))
        outer.define(saved, Stage((saved,), Form("alias"), (value,)))
        outer.note_forward(saved)
    if any(value.kind.tag == "stack" and not is_allocated_in(loop.block, value, outer) for value in keep):
        raise Refusal("list in a loop", "its gradient needs the list as it was in each round",
                      "Store into an array made before the loop.")
    counted = is_counted(loop, definitions)
    shifted = {row.next: row for row in loop.rows if row.next in keep and row.inner in keep}
    opening, lists = [], []
    program_lists = lists_holding(loop, definitions, [value for value in keep if value not in shifted],
                                  backward.stored)
    for value in keep:
        if value in shifted:
            continue
        loaded = Value(value.name, value.hint, value.kind)
        outer.note_forward(loaded)
        if value in program_lists:       # a list of the program holds it, so no list of residuals is needed
            remat.substitution[value] = loaded
            kept, place = program_lists[value]
            if place is None:
                lists.append((loaded, kept))
            else:
                steps = Builder(outer=outer)
                load = Stage((loaded,), Form("index", spec=(Item("at", (1,)),)), (kept, place(steps)))
                opening += [*steps.stages, load]
            continue
        kept, stored = (list_of_saved(value, remat.definitions.get(value)),
                        bool(owners(value, definitions) & backward.stored))
        if stored and value.kind.tag == "cache":
            raise NotApart      # the cache holds arrays that other iterations store into
        extra.lists[value] = (kept, value.kind.tag == "array" and stored)
        remat.substitution[value] = loaded
        if counted:
            opening.append(Stage((loaded,), Form("index", spec=(Item("at", (1,)),)), (kept, index)))
        lists.append((loaded, kept))
    for value, row in shifted.items():
        inner = Value(row.inner.name, row.inner.hint, value.kind)
        outer.note_forward(inner)
        rows.append(Row(inner, row.out, row.inner, Value(row.inner.name, row.inner.hint, value.kind)))
        remat.substitution[value] = inner
    remat.substitution.update((value, remat.substitution[first]) for value, first in duplicates.items())
    for value in free:
        opening += remat.recompute(value)
    for stage in opening:
        outer.note_forward(stage.target)
    block = before_first_use(substituted(block, remat.substitution), substituted(opening, remat.substitution))
    rows = [Row(row.inner, row.init,
                remat.substitution.get(row.next, row.next) if isinstance(row.next, Value)
                else row.next, row.out)
            for row in rows]
    indices, iterable = header(outer, loop, definitions, index, [] if counted else [*lists, *zipped],
                               counted, extra)
    return Loop(indices, iterable, None, tuple(rows), block, None, loop.statement, loop.place)
