"""Boolean ops: `a and b`, `a or b`: the values themselves where the first is settled, a branch where they carry derivatives.

>>> decide.__name__
'decide'
"""
from __future__ import annotations

import dataclasses

from ..ir.nodes import Value
from ..types.constants import settled
from ..types.shape_rules import kind_of_operand
from . import opaque


def decide(interp, stage, operands):
    """`a and b`: the values themselves where the first is settled, else copied; so is `a < b < c`, a chain."""
    word, parts, found = stage.form.name, stage.form.spec, None
    for number, (block, part) in enumerate(parts):
        last = number == len(parts) - 1
        attempt = interp.attempt(lambda: [interp.run(block), interp.operand(part)])
        if attempt is None:
            break
        found = attempt[1]
        if last:
            return found
        known = settled(kind_of_operand(interp.truth(stage, found)))
        if known is None:
            break
        if bool(interp.relied(known)) == (word == "or"):
            return found
    if any(o.varied for o in operands) and found is not None and word != "chain":
        return _decided_later(interp, stage, word, parts)
    return opaque.copied(interp, dataclasses.replace(stage, form=stage.form.keywords), operands)


def _decided_later(interp, stage, word, parts):
    """`a or b` of numbers that carry a derivative: `a if a else b`."""
    (block, part), *rest = parts
    interp.run(block)
    first, target = interp.operand(part), Value()
    if not rest:
        return first

    def one():
        interp.assign(target, first)

    def other():
        interp.assign(target, _decided_later(interp, stage, word, rest))
    interp.run_sides(first, stage, *((one, other) if word == "or" else (other, one)))
    return interp.operand(target)
