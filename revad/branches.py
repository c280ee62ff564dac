"""Branches: a block gone through again, and one side's gradients of what both sides read.

The backward pass takes the branch that was taken.  What it needs of the values inside is
computed again there, in a copy of the block, so nothing has to be carried out of a branch.

>>> from .kinds import FLOAT
>>> from .program import Form, Stage
>>> x, y = Value("x", kind=FLOAT), Value(kind=FLOAT)
>>> (stage,), again = repeated((Stage((y,), Form("unary", "-"), (x,)),))
>>> stage, again[y] is stage.target
(_ = unary '-' (x), True)
"""
from __future__ import annotations

from dataclasses import replace

from .broadcasting import full
from .finish import element
from .kinds import join
from .lengths import as_array, kind_of_operand
from .program import Branch, Lit, Value
from .refusals import Refusal


def refuse_draws(stages):
    """A call of which nothing is known may draw random numbers: not again in the backward pass. Refusal."""
    for stage in stages:
        if isinstance(stage, Branch):
            refuse_draws((*stage.then, *stage.orelse))
        elif stage.form.kind in ("call", "method") and stage.gate is None:
            raise Refusal(f"call of {stage.form.name} inside a branch",
                          "the backward pass goes through the branch again, and it may not give the same twice",
                          "Call it before the branch, and use its result inside.")


def repeated(block, again=None):
    """A copy of a block, with values of its own: (stages, {value: its copy})."""
    again = {} if again is None else again
    stages = []

    def copied(operand):
        if isinstance(operand, tuple):
            return tuple(map(copied, operand))
        return again.get(operand, operand)

    for stage in block:
        if isinstance(stage, Branch):
            then, orelse = repeated(stage.then, again)[0], repeated(stage.orelse, again)[0]
            results = []
            for target, *ends in stage.results:
                again[target] = Value(target.name, target.hint, target.kind, target.varied)
                results.append((again[target], *map(copied, ends)))
            stages.append(replace(stage, condition=copied(stage.condition), then=then, orelse=orelse,
                                  results=tuple(results)))
            continue
        for target in stage.targets:
            again[target] = Value(target.name, target.hint, target.kind, target.varied)
        bound = stage.bound and {name: copied(operand) for name, operand in stage.bound.items()}
        stages.append(replace(stage, targets=tuple(map(copied, stage.targets)),
                              operands=tuple(map(copied, stage.operands)), bound=bound))
    return tuple(stages), again


def join_sides(outer, sides, value, ends, results):
    """The gradient of a value from outside the branch, as a result of the branch; of a container, each element's."""
    kind = kind_of_operand(value)
    if kind.tag in ("tuple", "list", "dict"):
        found = {}
        for key in dict.fromkeys(key for end in ends for key in end or ()):
            part = element(outer, value, kind, kind.keys.index(key) if kind.tag == "dict" else key, key)
            found[key] = join_sides(outer, sides, part, [end and end.get(key) for end in ends], results)
        return found
    whole = [full(side.builder, side.builder.symbol(Lit(0.0) if end is None else end), value).operand
             for side, end in zip(sides, ends)]
    kind = as_array(kind, outer.scope)
    ends_kinds = [kind_of_operand(end) for end in whole]
    dtype = ends_kinds[0].dtype if ends_kinds[0].dtype == ends_kinds[1].dtype else ""
    kind = join(*ends_kinds) if kind.tag == "number" else kind._replace(dtype=dtype)
    results.append((Value(None, value.hint or value.name, kind), *whole))
    return outer.symbol(results[-1][0])
