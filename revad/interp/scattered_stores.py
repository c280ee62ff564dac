"""Scattered stores: a store at a few constant places, `x[[i, j]] = v`, becomes one store for each place.

Where i and j may be equal the last store wins.  Separate stores express that, and so does their gradient.

>>> from ..types.kinds import array, literal
>>> from ..pipeline import read_front
>>> from ..types.scope import of_function
>>> from .specialize import infer_shapes
>>> def f(x, v):
...     x[[0, -3]] = v
...     return x
>>> kinds = array((literal(3),)), array((literal(2),))
>>> block = infer_shapes(read_front(f).program, kinds, {"x", "v"}, of_function(f))[0].block
>>> [stage for stage in block if stage.form.kind == "store"]
[x = store (x, _, 0), x = store (x, _, -3)]
"""
from __future__ import annotations

import dataclasses

from ..analysis.aliases import owners
from ..builder.scatter import selects_once
from ..ir.nodes import Form, Item, Lit, Stage, Value
from ..types.shape_rules import kind_of_operand

SEVERAL = 4         # places that get a store each


def stored(interp, stage, operands, store):
    """The array after the stores, each by `store`; NotImplemented where one store is right or refused."""
    form, (base, value) = stage.form, operands[:2]
    places = _places(interp, stage, operands) if value.varied else ()
    if not places or selects_once(interp.builder, Stage((Value(),), form, operands)):
        return NotImplemented
    item = next(item for item in form.spec if item.kind == "at")
    before, (hole,) = form.spec.index(item), item.holes
    axis = kind_of_operand(value).rank - kind_of_operand(base).rank + before
    leading_slices = (Item("slice", (None, None, None)),) * axis
    rows = kind_of_operand(value).shape[axis] if axis >= 0 else None
    is_single_row = rows is not None and interp.builder.scope.is_one(rows)
    if is_single_row is None:
        return NotImplemented       # it may be one row for all places
    for number, place in enumerate(places):
        row = Lit(0 if is_single_row else number)
        subscript = Form("index", spec=(*leading_slices, Item("at", (1,))))
        part = value if rows is None else interp.make(stage, subscript, (value, row))
        store_operands = (base, part, *operands[2:hole], place, *operands[hole + 1:])
        base = store(interp, dataclasses.replace(stage, operands=store_operands), store_operands)
    return base


def _places(interp, stage, operands):
    """The elements of the only list among the slices of a subscript."""
    spec, kinds = stage.form.spec, [kind_of_operand(operand) for operand in operands]
    lists = [item.holes[0] for item in spec if item.kind == "at"]
    if len(lists) != 1 or kinds[lists[0]].tag != "list" \
            or any(item.kind not in ("at", "slice") for item in spec):
        return ()
    definitions = interp.builder.definitions
    if None in (kinds[0].rank, kinds[1].rank) \
            or owners(operands[0], definitions) & owners(operands[1], definitions):
        return ()
    places = interp.elements(stage, operands[lists[0]])
    is_few = len(places) <= SEVERAL and all(kind_of_operand(place).tag == "number" for place in places)
    return places if is_few else ()
