"""Hoist loads: what is read of an array that is stored into is read before that, on a line of its own.

Else the array as it was would have to be copied for the sake of one element.

>>> from ..types.kinds import FLOAT, Known, array
>>> from ..ir.nodes import Form, Item, Lit
>>> n = Known(3, "x.shape[0]", False, True)
>>> x, new, v, y = Value("x", kind=array((n,))), Value("x", kind=array((n,))), Value(None, "d", FLOAT), Value("y", kind=FLOAT)
>>> at = (Item("at", (1,)),)
>>> stages = [Stage((v,), Form("index", spec=at), (x, Lit(0))),
...           Stage((new,), Form("store", "", ("",), (Item("at", (2,)),)), (x, Lit(0), Lit(0))),
...           Stage((y,), Form("binary", "*"), (v, Lit(2)))]
>>> _ = read_early([(None, stages)], [new, y])
>>> v
d
"""
from __future__ import annotations

import dataclasses

from ..analysis.aliases import COPY, allocates, is_view
from ..analysis.cost import is_cheap
from ..analysis.liveness import alive, uses_in
from ..ir.nodes import BLOCKS, Branch, Loop, Stage, Value
from ..ir.traversal import read_in, substituted
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import is_basic


def read_early(sections, roots):
    """Sections in which what is needed later has a name, and slices are copied."""
    sections, made = alive(sections, roots), {}
    uses = uses_in(sections, roots)
    for _, stages in sections:
        _note(stages, made)
    lengths = [len(stages) for _, stages in sections]
    block = _block([stage for _, stages in sections for stage in stages], roots, made, uses)
    found, block = [], iter(block)
    for (heading, _), length in zip(sections, lengths):
        found.append((heading, [one for _ in range(length) for one in next(block)]))
    return found


def _note(stages, made):
    """{value: the stage that makes it}, blocks inside included; of a row, what it begins with."""
    for stage in stages:
        if isinstance(stage, (Branch, Loop)):
            for inner in stage.blocks:
                _note(inner, made)
        if isinstance(stage, Loop):
            made.update((value, row.init) for row in stage.rows for value in (row.inner, row.out))
        elif isinstance(stage, Stage):
            made.update((target, stage) for target in stage.targets)


def _block(stages, ends, made, uses):
    """For each stage of a block, the stages that take its place."""
    last = _last_uses(stages, ends, uses)
    stored = {stage.operands[0]: at for at, stage in reversed(list(enumerate(stages))) if _writes(stage)}
    early = dict.fromkeys(stage for at, stage in enumerate(stages) if isinstance(stage, Stage) and stage.form.kind == "index"
                          and at < stored.get(stage.operands[0], 0) < last.get(stage.target, 0))
    parts = {}      # of an array, what is read of it
    for stage in early:
        parts.setdefault(stage.operands[0], {}).setdefault((stage.form, stage.operands[1:]), stage.target)
    found, same = [], {}
    for stage in stages:
        if isinstance(stage, (Branch, Loop)):
            found.append((_inside(stage, made, uses),))
        elif stage in early:
            of = parts[stage.operands[0]]
            first = of[stage.form, stage.operands[1:]]
            if first is not stage.target and stage.target.name is None and stage.target not in ends:
                same[stage.target] = first
                found.append(())
            else:
                found.append(_read(stage, made, len(of) == 1))
        else:
            found.append((stage,))
    return [substituted(part, same) for part in found] if same else found


def _inside(stage, made, uses):
    """A loop or branch of which the blocks have been gone through."""
    def block(stages, ends):
        return tuple(one for part in _block(stages, ends, made, uses) for one in part)

    if isinstance(stage, Loop):
        return dataclasses.replace(stage, block=block(stage.block, [row.next for row in stage.rows]))
    then, orelse = (block(side, [row[column] for row in stage.results]) for side, column in ((stage.then, 1), (stage.orelse, 2)))
    return dataclasses.replace(stage, then=then, orelse=orelse)


def _last_uses(stages, ends, uses):
    """{value: where in the block it is needed for the last time, be it inside another expression}."""
    last = {end: len(stages) for end in ends if isinstance(end, Value)}
    for at, stage in reversed(list(enumerate(stages))):
        goes_inside = isinstance(stage, Stage) and len(stage.targets) == 1 and stage.target.name is None \
            and stage.form.kind != "store" and (uses[stage.target] <= 1 or is_cheap(stage, {}))
        where = last.get(stage.target, at) if goes_inside else at
        for value in read_in((stage,)) if isinstance(stage, BLOCKS) else stage.operands:
            if isinstance(value, Value):
                last[value] = max(last.get(value, 0), where)
    return last


def _writes(stage):
    """Whether a stage may write into its first operand."""
    return isinstance(stage, Stage) and stage.form.kind == "store" and isinstance(stage.operands[0], Value)


def _read(stage, made, alone):
    """An element on a line of its own; of an array of the text's own, a copy of a slice.

    alone: nothing else is read of what the user stores into; else all of it is copied.
    """
    target = stage.target
    named = target.name or target.hint or "d"
    if kind_of_operand(target).tag == "number":
        target.name = named
        return (stage,)
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    ours = stage.statement is None
    if not ours and (target.name or not alone) or not is_basic(stage.form.spec, kinds) or not kinds[0].rank or not _is_own(stage.operands[0], made):
        return (stage,)
    part, target.name = Value(None, target.hint, target.kind), named if ours else f"{stage.operands[0].name or 'x'}_kept"
    return dataclasses.replace(stage, targets=(part,)), Stage((target,), COPY, (part,))


def _is_own(value, made):
    """Whether the memory is made by these stages."""
    while isinstance(value, Value):
        stage = made.get(value)
        if not isinstance(stage, Stage):
            value = stage       # what a row begins with
        elif is_view(stage) and stage.form.kind != "store":
            value = stage.operands[0]
        else:
            return allocates(stage) or stage.form.kind == "store"      # which is to a copy, if it has to be
    return False
