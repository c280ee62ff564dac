"""Aliases: `x += y` writes into an array, which other names may share.

The Program takes it for a new value.  That is the same thing unless the old memory is read
again through another name; then the function is refused.

>>> import gast, numpy as np
>>> from .kinds import Known, array
>>> from .scope import Scope
>>> from .shapes import infer_shapes
>>> from .stage import stage_tree
>>> program = stage_tree(gast.parse("def f(x):\\n    y = x\\n    y += 1\\n    return x * y").body[0], "f")
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> typed, builder = infer_shapes(program, [kind], {"x"}, Scope({"np": np}, {}, "f"))
>>> [problem.what for problem in shared_writes(builder, typed)]
["'+=' on an array that has another name"]
"""
from __future__ import annotations

from .errors import Diagnostic
from .kinds import INTEGERS
from .own import owners
from .program import Branch, Value

HOLDERS = ("tuple", "list", "dict")


def shared_writes(builder, program) -> list:
    """A diagnostic for each augmented assignment that another name would see, or NumPy refuse."""
    stages = builder.stages
    found = []
    for position, stage in enumerate(stages):
        if isinstance(stage, Branch) or stage.form.kind != "augment" or stage.operands[0].kind.tag == "number":
            continue
        found += _problems(builder, program, stages, position, stage)
    return found


def _problems(builder, program, stages, position, stage):
    old, made = stage.operands[0], builder.definitions
    what = f"'{stage.form.name}=' on an array"
    if old.kind.tag == "array" and old.kind.dtype in INTEGERS and old.kind.dtype and \
            stage.target.kind.dtype not in INTEGERS:
        yield Diagnostic(stage.place, what, "its elements are integers, and NumPy refuses to store others in it",
                         f"Write {old.name} = {old.name} {stage.form.name} ...")
    elif old.kind.rank is not None and stage.target.kind.rank is not None \
            and old.kind.rank < stage.target.kind.rank:
        yield Diagnostic(stage.place, what, "the other operand has more axes, so NumPy cannot store the result in it",
                         f"Write {old.name} = {old.name} {stage.form.name} ...")
    elif _read_again(program, stages, position, stage, _sharing(old, stages[:position], program, made)):
        yield Diagnostic(stage.place, what + " that has another name",
                         "the other name sees the change, which the gradient would not follow",
                         f"Write {old.name} = {old.name} {stage.form.name} ... if a new array is meant.")


def _sharing(old, before, program, made):
    """The values made so far that lie in, or hold, the memory of `old`."""
    memory = owners(old, made)
    values = [*program.parameters, *(target for stage in before for target in stage.targets)]
    shared = {old} | {v for v in values if v.kind.tag != "number" and owners(v, made) & memory}
    for stage in before:
        if isinstance(stage, Branch) or stage.form.kind in HOLDERS:
            if any(operand in shared for operand in stage.operands):
                shared.update(stage.targets)
    return shared


def _read_again(program, stages, position, stage, shared):
    later = {operand for s in stages[position + 1:] for operand in s.operands}
    later.add(program.result)
    return any(isinstance(v, Value) and v in shared for v in later)


__all__ = ["shared_writes"]
