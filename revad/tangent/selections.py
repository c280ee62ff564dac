"""Selections: values of which np.where takes a part and nothing else reads any.

Where it does not take them, an infinite slope must neither raise nor warn: it is taken at a safe point there.

>>> import numpy as np
>>> from ..ir.nodes import Form
>>> from ..types.registry import lookup
>>> mask, x, y, z = map(Value, ("mask", "x", "y", "z"))
>>> log = Stage((y,), Form("call", "np.log"), (x,), gate=lookup(np.log), bound={"x": x})
>>> where = Stage((z,), Form("call", "np.where"), (mask, y, x), gate=lookup(np.where),
...               bound={"condition": mask, "x": y, "y": x})
>>> selections((log, where), (z,), {mask})
{y: (mask, True)}
"""
from __future__ import annotations

from collections import Counter

from ..ir.nodes import Stage, Value
from ..ir.traversal import values_of, walk


def selections(stages, ends, before):
    """{value: (the condition of the only np.where that reads it, whether it is taken where that holds)}.

    ends: what is read of the block from outside; before: what is defined before it.
    """
    uses, order = Counter(ends), dict.fromkeys(before, -1)
    for stage in walk(stages):
        uses.update(set(stage.head))
        uses.update(end for region in stage.regions for end in region.ends)
    for number, stage in enumerate(stages):
        order.update((target, number) for target in stage.targets)
    selected = {}
    for stage in reversed(stages):
        if not isinstance(stage, Stage) or stage.gate is None:
            continue
        if stage.gate.name == "where" and stage.bound.get("x") is not None:
            pairs = [(stage.bound[name], (stage.bound["condition"], name == "x")) for name in "xy"]
        elif stage.gate.mode == "elementwise" and stage.target in selected:
            pairs = [(operand, selected[stage.target]) for operand in values_of(stage.operands)]
        else:
            continue
        for value, (condition, taken) in pairs:
            if isinstance(value, Value) and uses[value] == 1 and value in order \
                    and order.get(condition, len(stages)) < order[value]:
                selected[value] = condition, taken
    return selected
