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
from .own import is_view, owners
from .program import Branch, Stage, Value

HOLDERS = ("tuple", "list", "dict")


def shared_writes(builder, program) -> list:
    """A diagnostic for each write that another name would see, or that NumPy would refuse."""
    found = []
    _walk(builder, builder.stages, list(program.parameters), {program.result}, found)
    return found


def _walk(builder, stages, before, later, found):
    """The writes of one block: `before` are the values made so far, `later` those read after the block."""
    for position, stage in enumerate(stages):
        after = later | {operand for s in stages[position + 1:] for operand in s.operands}
        if isinstance(stage, Branch):
            for block, column in ((stage.then, 1), (stage.orelse, 2)):
                _walk(builder, block, list(before), after | {row[column] for row in stage.results}, found)
        elif stage.form.kind in ("augment", "store") and stage.operands[0].kind.tag != "number":
            found += _problems(builder, before, after, stage)
        before += stage.targets


def _problems(builder, before, after, stage):
    old, made = stage.operands[0], builder.definitions
    is_store = stage.form.kind == "store"
    what = "store into an array" if is_store else f"'{stage.form.name}=' on an array"
    instead = f"Copy {old.name} before, with .copy()." if is_store else \
        f"Write {old.name} = {old.name} {stage.form.name} ... if a new array is meant."
    if is_store and old.kind.rank == 0 and _is_summed(old, made):
        yield Diagnostic(stage.place, what + " without axes", "after '+=' it is a number in what revad writes",
                         f"Write {old.name or 'x'} = ... for the new value.")
    elif not is_store and old.kind.tag == "array" and old.kind.dtype in INTEGERS and old.kind.dtype and \
            stage.target.kind.dtype not in INTEGERS:
        yield Diagnostic(stage.place, what, "its elements are integers, and NumPy refuses to store others in it",
                         instead)
    elif old.kind.rank is not None and stage.target.kind.rank is not None \
            and old.kind.rank < stage.target.kind.rank:
        yield Diagnostic(stage.place, what, "the other operand has more axes, so NumPy cannot store the result in it",
                         instead)
    elif any(isinstance(v, Value) and v in after for v in _sharing(builder, old, before, made)):
        yield Diagnostic(stage.place, what + " that has another name",
                         "the other name sees the change, which the gradient would not follow", instead)


def _is_summed(value, made):
    """Whether `+=` gave the value, or what it is a view of."""
    stage = made.get(value)
    while isinstance(stage, Stage) and stage.form.kind != "augment" and is_view(stage):
        stage = made.get(stage.operands[0])
    return isinstance(stage, Stage) and stage.form.kind == "augment"


def _sharing(builder, old, before, made):
    """The values made so far that lie in, or hold, the memory of `old`."""
    memory = owners(old, made)
    shared = {old} | {v for v in before if v.kind.tag != "number" and owners(v, made) & memory}
    for value in before:
        stage = made.get(value)
        if stage is not None and (isinstance(stage, Branch) or stage.form.kind in HOLDERS):
            if any(operand in shared for operand in stage.operands):
                shared.add(value)
    return shared
