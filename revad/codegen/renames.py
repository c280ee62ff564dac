"""Renames: a gradient that is read once, to be given another name, has that name from the start.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Lit
>>> x, v, dx = Value("x", kind=FLOAT), Value("dz", kind=FLOAT), Value("dx", kind=FLOAT)
>>> stages = [Stage((v,), Form("binary", "*"), (x, Lit(2))), Stage((dx,), ALIAS, (v,))]
>>> sections, definitions = without_renames([(None, stages)], [dx], lambda value: value is not x)
>>> sections, definitions[dx].form.kind
([(None, [dx = binary '*' (x, 2)])], 'binary')
"""
from __future__ import annotations

import dataclasses
from collections import Counter

from ..analysis.liveness import uses_in
from ..ir.nodes import Branch, Call, Form, Loop, Stage, Value
from ..ir.traversal import mapped, substituted, walk

ALIAS = Form("alias")
MOST = 1        # versions of a gradient that is renamed: that of many stages says what it is of

UNNAMED = "dt"  # of the gradient of a value that has neither a name nor a hint


def without_renames(sections, roots, is_backward, seeds=None):
    """(the sections, {value: its new definition}).

    seeds: the gradients that the text is given; None where each stage keeps its line.
    """
    uses = uses_in(sections, roots)
    stages = [stage for _, block in sections for stage in block]
    stages = _without_second_names(stages, uses, is_backward)
    if seeds is not None:
        stages = _without_borrowed_names(stages, roots, uses, is_backward, seeds)
    renamed = _block(stages, uses, is_backward, definitions := {})
    rebuilt, position = [], 0
    for heading, block in sections:
        rebuilt.append((heading, [s for s in renamed[position:position + len(block)] if s is not None]))
        position += len(block)
    return rebuilt, definitions


def _without_second_names(stages, uses, is_backward):
    """`dx = dc`, `dx += dm` of arrays is `dx = dc + dm`: the stages, with those sums reading dc itself.

    The second name of dc is read by the sum alone, and is no longer read then.
    """
    second = {stage.target: stage.operands[0] for stage in stages
              if isinstance(stage, Stage) and stage.form == ALIAS and stage.operands
              and isinstance(stage.operands[0], Value) and is_backward(stage.operands[0])
              and stage.target.kind.tag == "array" and stage.target.kind.rank and uses[stage.target] == 1
              and uses[stage.operands[0]] > 1}
    return [substituted((stage,), second)[0]
            if isinstance(stage, Stage) and stage.form.kind == "binary" and stage.form.name in "+-"
            and stage.operands[0] in second else stage for stage in stages]


def _without_borrowed_names(stages, roots, uses, is_backward, seeds):
    """`dlinear = dout`, where dout is read elsewhere, too: the stages, which read dout itself.

    The line stays where it carries a gradient into a loop, where dout is another value by then, and where
    dlinear is returned.
    """
    every = list(walk(stages))
    names = Counter(value.name for stage in every for value in (
        *stage.targets, *(inner for region in stage.regions for inner in region.arguments)))
    carried = {end for stage in every for region in stage.regions for end in region.ends}.union(
        *(stage.operands for stage in every if isinstance(stage, Loop)))
    second = {}
    for stage in stages:
        if not isinstance(stage, Stage) or stage.form != ALIAS or not isinstance(stage.operands[0], Value):
            continue
        target, first = stage.target, stage.operands[0]
        first = second.get(first, first)
        if ((first in seeds or is_backward(first)) and is_backward(target)
                and None not in (first.name, target.name) and first.name != target.name
                and uses[first] > 1 and (uses[target] > 1 or target.kind.rank) and names[first.name] <= 1
                and target not in roots and target not in carried and first.kind.tag == target.kind.tag):
            second[target] = first
    return substituted(stages, second) if second else stages


def _block(stages, uses, is_backward, definitions):
    """The stages of a block, None in the place of one that goes."""
    positions, renamed = {}, []
    for stage in stages:
        if isinstance(stage, (Branch, Loop)):
            stage = mapped(stage, lambda block: tuple(
                inner for inner in _block(block, uses, is_backward, definitions) if inner is not None))
        first = (stage.operands[0] if isinstance(stage, Stage) and stage.form == ALIAS and stage.operands
                 else None)
        if (isinstance(first, Value) and first in positions and uses[first] == 1 and is_backward(first)
                and is_backward(stage.target) and stage.target.name is not None):
            versions = _versions(renamed, positions, first, is_backward)
            if len(versions) > MOST:
                renamed.append(stage)
                continue
            place = positions.pop(first)
            if stage.target.name == UNNAMED and first.name is not None:
                stage.target.name = first.name
            for version in versions:
                version.name = stage.target.name
            renamed[place] = definitions[stage.target] = dataclasses.replace(
                renamed[place], targets=(stage.target,))
            positions[stage.target] = place
            renamed.append(None)
            continue
        if isinstance(stage, Stage) and not isinstance(stage, Call) and len(stage.targets) == 1 \
                and stage.form.kind not in ("unpack", "push", "alias"):
            positions[stage.target] = len(renamed)
        renamed.append(stage)
    return renamed


def _versions(stages, positions, value, is_backward):
    """The versions of a gradient before its last store or sum, which have its name, too."""
    versions = []
    while value in positions:
        stage = stages[positions[value]]
        if stage.form.kind != "store" and not (stage.form.kind == "binary" and stage.form.name in "+-"):
            break
        before = stage.operands[0]
        if not isinstance(before, Value) or before.name != value.name or not is_backward(before):
            break
        versions.append(before)
        value = before
    return versions
