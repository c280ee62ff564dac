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


def decide(walk, stage, operands):
    """`a and b`: the values themselves where the first is settled, else copied; so is `a < b < c`, a chain."""
    word, parts, found = stage.form.name, stage.form.spec, None
    for number, (block, part) in enumerate(parts):
        last = number == len(parts) - 1
        attempt = walk.attempt(lambda: [walk.run(block), walk.operand(part)])
        if attempt is None:
            break
        found = attempt[1]
        if last:
            return found
        known = settled(kind_of_operand(walk.truth(stage, found)))
        if known is None:
            break
        if bool(walk.relied(known)) == (word == "or"):
            return found
    if any(o.varied for o in operands) and found is not None and word != "chain":
        return _decided_later(walk, stage, word, parts)
    return opaque.copied(walk, dataclasses.replace(stage, form=stage.form.keywords), operands)


def _decided_later(walk, stage, word, parts):
    """`a or b` of numbers that carry a derivative: `a if a else b`."""
    (block, part), *rest = parts
    walk.run(block)
    first, target = walk.operand(part), Value()
    if not rest:
        return first

    def one():
        walk.assign(target, first)

    def other():
        walk.assign(target, _decided_later(walk, stage, word, rest))
    walk.choose(first, stage, *((one, other) if word == "or" else (other, one)))
    return walk.operand(target)
