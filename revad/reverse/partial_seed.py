"""Partial seed: the backward pass for some parts of `dout` reads what the forward pass keeps for all of them.

A cache is made before it is known which parts are given. A backward pass for some of them asks for lists,
values and caches of its own of loops, branches and calls; each is found among those that the forward pass
leaves.

>>> from .residuals import Additions
>>> loop, x, mine, kept = Loop((), None, None, (), ()), Value("x"), Value("x_kept"), Value("x_kept")
>>> own, whole, new = Additions(), Additions(), {}
>>> own.lists[x], whole.lists[x] = (mine, False), (kept, True)
>>> match((loop,), {loop: own}, {loop: whole}, new, {})
>>> new[mine] is kept
True
"""
from __future__ import annotations

import dataclasses

from ..errors import NotApart, NotKept
from ..ir.nodes import BLOCKS, Branch, Call, Loop, Row, Unset, Value
from ..ir.traversal import substituted
from .residuals import with_additions
from .sweep import backpropagate


def narrowed(builder, program, wrt, borrowed, split, seed, whole_seed):
    """As `backpropagate`, with the forward part of `whole_seed`.  Raises NotKept where that does not leave what is needed."""
    start, whole, own = builder.checkpoint(), {}, {}
    backpropagate(builder, program, wrt, borrowed, split, whole_seed, whole)
    builder.rollback(start)
    try:
        _, groups, gradients = backpropagate(builder, program, wrt, borrowed, split, seed, own)
    except NotApart:
        raise NotKept from None
    new, caches = {}, {}
    match(program.block, own, whole, new, caches)
    groups = [(heading, [*_fitted(stages, new, caches)]) for heading, stages in groups]
    for stages in (forward := with_additions(program.block, whole, split), *(stages for _, stages in groups)):
        builder.define_all(stages)
    return forward, groups, [new.get(gradient, gradient) if isinstance(gradient, Value) else gradient
                             for gradient in gradients]


def match(block, own, whole, new, caches):
    """Fill `new`: what `own` asks for, as what `whole` leaves; `caches`: of calls, the values asked for and those that are kept.

    Both map loops, branches and calls of a forward block to Additions.
    """
    for stage in block:
        if not isinstance(stage, BLOCKS):
            continue
        for inner in stage.blocks:      # lists hold the lists of inner loops
            match(inner, own, whole, new, caches)
        if stage not in own:
            continue
        asked, left = own[stage], whole.get(stage)
        for value, (held, copy) in asked.lists.items():
            found = left and left.lists.get(new.get(value, value))
            if not found or copy and not found[1]:
                raise NotKept
            new[held] = found[0]
        rows = {_said(row, new): row for row in left.rows} if left else {}
        for row in asked.rows:
            found = rows.get(_said(row, new))
            if found is None:
                raise NotKept
            new[_target(row)] = _target(found)
        if asked.cache is not None:
            if (left is None or left.cache is None
                    or not {new.get(value, value) for value in asked.kept} <= set(left.kept)):
                raise NotKept
            new[asked.cache] = left.cache
            caches[tuple(asked.kept)] = left.kept


def _target(row):
    return row.out if isinstance(row, Row) else row[0]


def _said(row, new):
    """What a row leaves: a value of the last round, or of one side; or the number of rounds."""
    ends = ((row.next,) if isinstance(row, Row) and isinstance(row.init, Unset) else ()
            if isinstance(row, Row) else row[1:])
    return (isinstance(row, Row), *(None if isinstance(end, Unset) else new.get(end, end) for end in ends))


def _fitted(block, new, caches):
    for stage in substituted(block, new):
        if isinstance(stage, Branch):
            yield dataclasses.replace(stage, then=tuple(_fitted(stage.then, new, caches)),
                                      orelse=tuple(_fitted(stage.orelse, new, caches)))
        elif isinstance(stage, Loop):
            yield dataclasses.replace(stage, block=tuple(_fitted(stage.block, new, caches)))
        elif isinstance(stage, Call):
            here = {new.get(value, value): one for one, value in stage.kept}
            kept = caches.get(tuple(value for _, value in stage.kept), ())
            sections = tuple((heading, tuple(_fitted(stages, new, caches)))
                             for heading, stages in stage.sections)
            yield dataclasses.replace(stage, sections=sections, kept=tuple(
                (here[value] if value in here else Value(value.name, value.hint, value.kind), value)
                for value in kept))
        else:
            yield stage
