"""Hoist loads: an element read from an array that is overwritten later is loaded before the store.

The load gets a line of its own before the store, because else the whole array would have to be copied.

>>> from ..types.kinds import FLOAT, Known, array
>>> from ..ir.nodes import Form, Item, Lit
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> x, new = Value("x", kind=kind), Value("x", kind=kind)
>>> v, y = Value(None, "d", FLOAT), Value("y", kind=FLOAT)
>>> at = (Item("at", (1,)),)
>>> stages = [Stage((v,), Form("index", spec=at), (x, Lit(0))),
...           Stage((new,), Form("store", "", ("",), (Item("at", (2,)),)), (x, Lit(0), Lit(0))),
...           Stage((y,), Form("binary", "*"), (v, Lit(2)))]
>>> _ = hoist_loads([(None, stages)], [new, y])
>>> v
d
"""
from __future__ import annotations

import dataclasses

from ..analysis.aliases import COPY, allocates, is_view
from ..analysis.cost import is_cheap
from ..analysis.liveness import alive, uses_in
from ..ir.nodes import BLOCKS, Branch, Loop, Stage, Value
from ..ir.traversal import read_in, substituted, walk
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import is_basic


def hoist_loads(sections, roots):
    """Sections in which loads before a store have a name, and slices are copied."""
    sections, definitions = alive(sections, roots), {}
    uses = uses_in(sections, roots)
    for _, stages in sections:
        _collect_definitions(stages, definitions)
    lengths = [len(stages) for _, stages in sections]
    block = _block([stage for _, stages in sections for stage in stages], roots, definitions, uses)
    hoisted, block = [], iter(block)
    for (heading, _), length in zip(sections, lengths):
        hoisted.append((heading, [replacement for _ in range(length) for replacement in next(block)]))
    return hoisted


def _collect_definitions(stages, definitions):
    """Collect {value: its stage}, blocks inside included, and {row value: the row's initial value}."""
    for stage in walk(stages, into_calls=False):
        if isinstance(stage, Loop):
            definitions.update((value, row.init) for row in stage.rows for value in (row.inner, row.out))
        elif isinstance(stage, Stage):
            definitions.update((target, stage) for target in stage.targets)


def _block(stages, ends, definitions, uses):
    """For each stage of a block, the stages that take its place."""
    last = _last_uses(stages, ends, uses)
    stored = {stage.operands[0]: position for position, stage in reversed(list(enumerate(stages)))
              if _is_store(stage)}
    hoisted = dict.fromkeys(stage for position, stage in enumerate(stages)
                            if isinstance(stage, Stage) and stage.form.kind == "index"
                            and position < stored.get(stage.operands[0], 0) < last.get(stage.target, 0))
    loads = {}      # {array: {(form, index): value}}
    for stage in hoisted:
        loads.setdefault(stage.operands[0], {}).setdefault((stage.form, stage.operands[1:]), stage.target)
    replacements, duplicates = [], {}
    for stage in stages:
        if isinstance(stage, (Branch, Loop)):
            replacements.append((_hoisted_inside(stage, definitions, uses),))
        elif stage in hoisted:
            loads_of_array = loads[stage.operands[0]]
            first = loads_of_array[stage.form, stage.operands[1:]]
            if first is not stage.target and stage.target.name is None and stage.target not in ends:
                duplicates[stage.target] = first
                replacements.append(())
            else:
                replacements.append(_load(stage, definitions, len(loads_of_array) == 1))
        else:
            replacements.append((stage,))
    return ([substituted(replacement, duplicates) for replacement in replacements] if duplicates
            else replacements)


def _hoisted_inside(stage, definitions, uses):
    """A loop or branch with hoisted loads in its blocks."""
    def block(stages, ends):
        return tuple(replacement for stage_replacements in _block(stages, ends, definitions, uses)
                     for replacement in stage_replacements)

    if isinstance(stage, Loop):
        return dataclasses.replace(stage, block=block(stage.block, [row.next for row in stage.rows]))
    then, orelse = (block(side, [row[column] for row in stage.results])
                    for side, column in ((stage.then, 1), (stage.orelse, 2)))
    return dataclasses.replace(stage, then=then, orelse=orelse)


def _last_uses(stages, ends, uses):
    """{value: where in the block it is read for the last time, also inside another expression}."""
    last = {end: len(stages) for end in ends if isinstance(end, Value)}
    for position, stage in reversed(list(enumerate(stages))):
        goes_inside = isinstance(stage, Stage) and len(stage.targets) == 1 and stage.target.name is None \
            and stage.form.kind != "store" and (uses[stage.target] <= 1 or is_cheap(stage, {}))
        last_line = last.get(stage.target, position) if goes_inside else position
        for value in read_in((stage,)) if isinstance(stage, BLOCKS) else stage.operands:
            if isinstance(value, Value):
                last[value] = max(last.get(value, 0), last_line)
    return last


def _is_store(stage):
    """Whether a stage may write into its first operand."""
    return isinstance(stage, Stage) and stage.form.kind == "store" and isinstance(stage.operands[0], Value)


def _load(stage, definitions, is_only_load):
    """An element with a line of its own; a copy of a slice, where the text allocated the array.

    is_only_load: no other load is hoisted for the array; else a store by the user copies all of it.
    """
    target = stage.target
    name = target.name or target.hint or "d"
    if kind_of_operand(target).tag == "number":
        target.name = name
        return (stage,)
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    is_generated = stage.statement is None
    if not is_generated and (target.name or not is_only_load):
        return (stage,)
    if not is_basic(stage.form.spec, kinds) or not kinds[0].rank \
            or not _is_allocated_here(stage.operands[0], definitions):
        return (stage,)
    view = Value(None, target.hint, target.kind)
    target.name = name if is_generated else f"{stage.operands[0].name or 'x'}_kept"
    return dataclasses.replace(stage, targets=(view,)), Stage((target,), COPY, (view,))


def _is_allocated_here(value, definitions):
    """Whether these stages allocate the memory."""
    while isinstance(value, Value):
        stage = definitions.get(value)
        if not isinstance(stage, Stage):
            value = stage       # the initial value of a row
        elif is_view(stage) and stage.form.kind != "store":
            value = stage.operands[0]
        else:
            # An array of somebody else is copied before it is stored into.
            return allocates(stage) or stage.form.kind == "store"
    return False
