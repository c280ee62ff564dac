"""Boolean ops: `a and b` is decided when compiling where `a` is known, else a branch if it is active.

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
    """`a and b`: one of the operands where the others are known, else copied; so is the chain `a < b < c`."""
    word, parts, value = stage.form.name, stage.form.spec, None
    for number, (block, part) in enumerate(parts):
        last = number == len(parts) - 1
        attempt = interp.attempt(lambda: [interp.run(block), interp.operand(part)])
        if attempt is None:
            break
        value = attempt[1]
        if last:
            return value
        known = settled(kind_of_operand(interp.truth(stage, value)))
        if known is None:
            break
        if bool(interp.relied(known)) == (word == "or"):
            return value
    if any(o.varied for o in operands) and value is not None and word != "chain":
        return _as_branch(interp, stage, word, parts)
    return opaque.copied(interp, dataclasses.replace(stage, form=stage.form.keywords), operands)


def _as_branch(interp, stage, word, parts):
    """`a or b` of active numbers: `a if a else b`."""
    (block, part), *others = parts
    interp.run(block)
    first, target = interp.operand(part), Value()
    if not others:
        return first

    def keep_first():
        interp.assign(target, first)

    def follow_others():
        interp.assign(target, _as_branch(interp, stage, word, others))
    interp.run_sides(
        first, stage, *((keep_first, follow_others) if word == "or" else (follow_others, keep_first)))
    return interp.operand(target)
