"""Classes: whether a number is of one class of Python's or NumPy's, whichever way the function took.

Kinds tell a float from np.float64, but not for a value that one side of a branch leaves as the one and the
other as the other, nor for what is computed with it.

>>> from ..ir.nodes import Branch
>>> from ..types.kinds import FLOAT
>>> x, y, z = Value("x", kind=FLOAT), Value("y", kind=FLOAT._replace(weak=False)), Value("z", kind=FLOAT)
>>> has_one_class(z, {z: Branch(x, (), (), ((z, x, x),))})
True
>>> has_one_class(z, {z: Branch(x, (), (), ((z, x, y),))})
False
"""
from __future__ import annotations

from ..ir.nodes import Branch, Call, Loop, Stage, Value
from ..ir.traversal import targets_of
from ..types.constants import type_of
from ..types.shape_rules import kind_of_operand

HANDING_ON = ("binary", "unary", "alias", "ifexp", "method", "augment", "boolop")
BUILTINS = ("abs", "max", "min", "sum", "pow", "round")


def has_one_class(operand, definitions, seen=None):
    """Whether an operand is of the class that its kind says, for certain."""
    kind = kind_of_operand(operand)
    if kind.tag == "array" and kind.shape is None:
        return False
    if not isinstance(operand, Value) or kind.tag not in ("number", "array") or kind.shape != ():
        return True
    seen = set() if seen is None else seen
    if operand in seen:
        return True
    seen.add(operand)
    stage = definitions.get(operand)
    if isinstance(stage, Stage):
        if stage.form.kind == "ifexp":
            return _are_alike(stage.operands[1:], definitions, seen)
        is_builtin = stage.form.kind == "call" and stage.form.name.lstrip("@") in BUILTINS
        if stage.form.kind in HANDING_ON or is_builtin:
            return all(has_one_class(part, definitions, seen) for part in stage.operands)
        return stage.form.kind != "call" or stage.gate is not None     # not where the text calls a helper
    if isinstance(stage, Branch):
        ends = next(row[1:] for row in stage.results if row[0] is operand)
    elif isinstance(stage, Loop):
        row = next((row for row in stage.rows if operand in (row.inner, row.out)), None)
        if row is None or not isinstance(getattr(row, "next", None), Value):
            return row is None
        ends = row.init, row.next
    elif isinstance(stage, Call):
        ends = [end for target, end in stage.results if target is operand]
    else:
        return True
    inside = {**definitions, **{target: inner for block in _blocks(stage)
                                for target, inner in targets_of(block).items()}}
    return _are_alike(ends, inside, seen)


def _blocks(stage):
    return (stage.block,) if isinstance(stage, Call) else stage.blocks


def _are_alike(ends, definitions, seen):
    classes = {type_of(kind_of_operand(end)) for end in ends}
    return len(classes) == 1 and None not in classes and all(
        has_one_class(end, definitions, seen) for end in ends)
