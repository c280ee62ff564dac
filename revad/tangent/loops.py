"""Tangents of loops: the same loop, in which the tangents are carried beside the values.

>>> from ..types.kinds import FLOAT
>>> x = Value("x", kind=FLOAT, varied=True)
>>> leaf_value(x, ())
dx
"""
from __future__ import annotations

from ..ir.nodes import Loop, Row, Value
from ..ir.traversal import read_in, targets_of
from ..reverse.loop_headers import with_owned_start
from ..rules.tangents import no_tangent
from .branches import leaf_names, leaf_tangent, leaf_value, put
from .kinds import is_active


def values_read(loop):
    """What the regions of a loop read of one another."""
    inner = loop.block if loop.test is not None else ()
    return [*read_in(inner), *(end for region in loop.regions for end in region.ends)]


def propagate_loop(sweep, loop):
    """Append a loop with rows for the tangents."""
    outer, tangents = sweep.builder, sweep.tangents
    if any(map(is_active, loop.indices)):
        no_tangent("what the loop iterates over")
    rows = [(row, path) for row in loop.rows if is_active(row.inner) or is_active(row.out)
            for path in leaf_names(row.inner)]
    inits = [leaf_tangent(outer, tangents, row.init, path) for row, path in rows]
    inner = [leaf_value(row.inner, path) for row, path in rows]
    for (row, path), value in zip(rows, inner):
        put(tangents, row.inner, path, value)
    inside, test = sweep.inside(), None
    if loop.test is not None:
        inside.block(loop.test[0], values_read(loop))
        test = tuple(inside.builder.stages), loop.test[1]
        inside.builder.stages.clear()
    inside.block(loop.block, values_read(loop))
    ends = [leaf_tangent(inside.builder, tangents, row.next, path) for row, path in rows]
    block = tuple(inside.builder.stages)
    new_rows = []
    for row in loop.rows:
        new_rows.append(row)
        for (owner, path), value, init, end in zip(rows, inner, inits, ends):
            if owner is row:
                out = Value(value.name, value.hint, value.kind)
                new_rows.append(with_owned_start(outer, Row(value, init, end, out), targets_of(block)))
                put(tangents, row.out, path, out)
    outer.append_blocks(Loop(loop.indices, loop.iterable, test, tuple(new_rows), block, loop.until,
                             loop.statement, loop.place))
