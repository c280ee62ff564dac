"""Partial seed: a backward pass for some parts of `dout` reads the residuals stored for all of them.

The cache is filled before it is known which parts will be given.  A backward pass for some of them needs
lists, values and caches of loops, branches and calls; each must be among those that the forward pass stored
for the complete seed.

>>> from .residuals import Residuals
>>> loop, x, mine, kept = Loop((), None, None, (), ()), Value("x"), Value("x_kept"), Value("x_kept")
>>> partial, complete, new = Residuals(), Residuals(), {}
>>> partial.lists[x], complete.lists[x] = (mine, False), (kept, True)
>>> match((loop,), {loop: partial}, {loop: complete}, new, {})
>>> new[mine] is kept
True
"""
from __future__ import annotations

import dataclasses

from ..errors import NotApart, NotKept
from ..ir.nodes import BLOCKS, Adjoint, Call, Loop, Row, Unset, Value
from ..ir.traversal import mapped, substituted
from .residuals import with_residuals
from .sweep import backpropagate


def backpropagate_partial_seed(builder, program, wrt, borrowed, split, seed, complete_seed):
    """As `backpropagate`, with the forward part of `complete_seed`.

    Raises NotKept where that does not store a residual that is needed.
    """
    start, complete, partial = builder.checkpoint(), {}, {}
    backpropagate(builder, program, wrt, borrowed, split, complete_seed, complete)
    builder.rollback(start)
    try:
        _, groups, gradients = backpropagate(builder, program, wrt, borrowed, split, seed, partial)
    except NotApart:
        raise NotKept from None
    new, caches = {}, {}
    match(program.block, partial, complete, new, caches)
    groups = [(heading, [*_with_complete_caches(stages, new, caches)]) for heading, stages in groups]
    for stages in (forward := with_residuals(program.block, complete, split),
                   *(stages for _, stages in groups)):
        builder.define_all(stages)
    return Adjoint(forward, groups, [new.get(gradient, gradient) if isinstance(gradient, Value) else gradient
                                     for gradient in gradients])


def match(block, partial, complete, new, caches):
    """Map in `new` each residual of `partial` to that of `complete`.

    Both map loops, branches and calls of a forward block to Residuals.  `caches`: {values that the cache of a
    call is to hold: those that it does hold}.
    """
    for stage in block:
        if not isinstance(stage, BLOCKS):
            continue
        for inner in stage.blocks:      # lists hold the lists of inner loops
            match(inner, partial, complete, new, caches)
        if stage not in partial:
            continue
        requested, available = partial[stage], complete.get(stage)
        for value, (saved_list, copy) in requested.lists.items():
            counterpart = available and available.lists.get(new.get(value, value))
            if not counterpart or copy and not counterpart[1]:
                raise NotKept
            new[saved_list] = counterpart[0]
        rows = {_row_key(row, new): row for row in available.rows} if available else {}
        for row in requested.rows:
            counterpart = rows.get(_row_key(row, new))
            if counterpart is None:
                raise NotKept
            new[_target(row)] = _target(counterpart)
        if requested.cache is not None:
            if (available is None or available.cache is None
                    or not {new.get(value, value) for value in requested.kept} <= set(available.kept)):
                raise NotKept
            new[requested.cache] = available.cache
            caches[tuple(requested.kept)] = available.kept


def _target(row):
    return row.out if isinstance(row, Row) else row[0]


def _row_key(row, new):
    """Which value a row stores: that of the last iteration, or of one side; or the number of iterations."""
    ends = ((row.next,) if isinstance(row, Row) and isinstance(row.init, Unset) else ()
            if isinstance(row, Row) else row[1:])
    return (isinstance(row, Row), *(None if isinstance(end, Unset) else new.get(end, end) for end in ends))


def _with_complete_caches(block, new, caches):
    for stage in substituted(block, new):
        stage = mapped(stage, lambda inner: tuple(_with_complete_caches(inner, new, caches)))
        if isinstance(stage, Call):
            inside = {new.get(value, value): inner for inner, value in stage.kept}
            kept = caches.get(tuple(value for _, value in stage.kept), ())
            yield dataclasses.replace(stage, kept=tuple(
                (inside[value] if value in inside else Value(value.name, value.hint, value.kind), value)
                for value in kept))
        else:
            yield stage
