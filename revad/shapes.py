"""Shapes: a Program and the kinds of its arguments become a Program that knows every value.

Each value gets its kind (number, rank, which axes are 1) and whether it varies with the
parameters that are differentiated; each stage gets its gate.  All stages that would lose a
derivative are reported together.

>>> import gast, numpy as np
>>> from .kinds import FLOAT
>>> from .scope import Scope
>>> from .stage import stage_tree
>>> program = stage_tree(gast.parse("def f(x, n):\\n    return np.exp(x) * n").body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT, FLOAT], {"x"}, Scope({"np": np}, {}, "f"))
>>> [(s.gate.name, s.target.varied) for s in typed.block]
[('exp', True), ('multiply', True)]
"""
from __future__ import annotations

import dataclasses

from .builder import Builder
from .errors import UnsupportedError
from .refusals import Refusal, diagnostic
from .program import Form, Lit, Stage, Value
from .walk import Walk


def infer_shapes(program, kinds, wrt, scope):
    """The typed Program, and the builder that holds its stages.  Raises UnsupportedError."""
    builder = Builder(scope)
    parameters = tuple(Value(p.name, kind=kind, varied=p.name in wrt)
                       for p, kind in zip(program.parameters, kinds))
    walk = Walk(builder)
    walk.frame.rename = scope.own_name
    for name, source in (program.imports or {}).items():
        scope.import_name(name, *source)
    walk.frame.env.update(zip(program.parameters, parameters))
    exit = walk.run((*program.block, Stage((), Form("return"), (Lit(None),))))
    if walk.problems:
        raise UnsupportedError(walk.problems)
    builder.attributes = walk.read_attributes
    inside = _made_inside(builder, exit.value)
    if inside is not None:
        problem = Refusal("the result", f"it holds {inside}, which is followed but not made by what is generated",
                          "Return its parts, in a tuple or a dict.")
        raise UnsupportedError([diagnostic(Stage((), Form("return"), (), None, program.source.place(program.tree.body[-1])), problem)])
    typed = dataclasses.replace(program, parameters=parameters, block=tuple(builder.stages), result=exit.value)
    return typed, builder


def _made_inside(builder, operand):
    """What a result holds that has no text: an object, a function or an iterator made inside the function."""
    kind = getattr(operand, "kind", None)
    if kind is None:
        return None
    if kind.tag in ("object", "function", "iterator") and kind.known is not None and kind.known.text.startswith("?"):
        return f"an {kind.tag}" if kind.tag != "function" else "a function"
    stage = builder.definitions.get(operand)
    if kind.tag in ("tuple", "list", "dict") and isinstance(stage, Stage):
        return next((found for found in (_made_inside(builder, o) for o in stage.operands) if found), None)
    return None
