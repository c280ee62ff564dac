"""Value numbers: two loads of the same element that one operation reads are one value.

A store makes another version of an array, which is another value, so equal operands mean the same element.

>>> from ..types.kinds import FLOAT, INT, Known, array
>>> from ..ir.nodes import Form, Item, Stage, Value
>>> x, i = Value("x", kind=array((Known(3, "x.shape[0]", False, True),))), Value("i", kind=INT)
>>> a, b, y = Value(), Value(), Value("y", kind=FLOAT)
>>> load, product = Form("index", spec=(Item("at", (1,)),)), Form("binary", "*")
>>> stages = numbered([Stage((a,), load, (x, i)), Stage((b,), load, (x, i)), Stage((y,), product, (a, b))])
>>> stages, stages[1].operands[0] is stages[1].operands[1] is a
([_ = index (x, i), y = binary '*' (_, _)], True)
"""
from __future__ import annotations

from ..ir.traversal import mapped, substituted
from ..types.shape_rules import kind_of_operand
from .cost import is_cheap
from .liveness import uses_in


def numbered(block):
    """The stages of a block, without the loads that repeat one which the same stage reads."""
    numbers, copies, uses = {}, {}, uses_in([(None, block)], ())
    rebuilt = []
    for stage in block:
        if _is_load(stage):
            numbers[stage.target] = stage.form, tuple(numbers.get(o, o) for o in stage.operands)
        elif not stage.regions:
            first = {}
            for operand in stage.operands:
                value = first.setdefault(numbers.get(operand, operand), operand)
                if value is not operand and uses[operand] == 1 and operand in numbers:
                    copies[operand] = value
        stage, = substituted((stage,), copies) if copies else (stage,)
        rebuilt.append(mapped(stage, numbered))
    return [stage for stage in rebuilt if not any(target in copies for target in stage.targets)]


def _is_load(stage):
    """Whether a stage loads from an array, or computes where: both cost nothing to write twice."""
    if stage.regions or stage.form.kind not in ("index", "binary") or stage.target.name is not None:
        return False
    return is_cheap(stage, {}) and (stage.form.kind == "binary"
                                    or kind_of_operand(stage.operands[0]).tag == "array")
