"""Clamps: the sides on which an operand is constant, because of a clamp, a choice or a store.

>>> import gast, numpy as np
>>> from ..types.kinds import Known, array
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> text = "def f(x):\\n    h = np.maximum(x, 0)\\n    return np.sqrt(h)"
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> program, builder = infer_shapes(lower_tree(gast.parse(text).body[0], "f"), [kind], {"x"},
...                                 Scope({"np": np}, {}, "f"))
>>> [(side.taken, side.value) for side in constant_sides(builder, builder.stages[-2].target)]
[(True, 0)]
"""
from __future__ import annotations

from ..builder.evaluate import computed, number_of
from ..ir.nodes import Branch, Form, Lit, Stage, Value
from ..types.kinds import Kind
from ..types.shape_rules import kind_of_operand
from .masks import (
    DEPTH,
    Side,
    covers,
    is_truth,
    mask_of_store,
    operand_values,
    reduced,
    reindexed,
    zero_sides,
)


def constant_sides(builder, operand) -> list:
    """The sides on which an operand is constant, because of a clamp or a choice, with its value there."""
    return _constant_sides(builder, operand, DEPTH, {})


def _constant_sides(builder, operand, depth, memo):
    if operand not in memo:
        memo[operand] = _compute_sides(builder, operand, depth, memo)
    return memo[operand]


def _compute_sides(builder, operand, depth, memo):
    stage = (builder.definitions.get(operand)
             if isinstance(operand, Value) and operand.varied and depth else None)
    if isinstance(stage, Branch):
        row = next(row for row in stage.results if row[0] is operand)
        return _chosen(builder, stage.condition, row[1], row[2])
    if not isinstance(stage, Stage):
        return []

    def inner(value):
        return _constant_sides(builder, value, depth - 1, memo)
    if stage.form.kind == "alias":
        return inner(stage.operands[0])
    if stage.form.kind == "store":
        mask = mask_of_store(stage)
        return ([] if mask is None or stage.form.name or stage.operands[1].varied
                else [Side(mask, False, number_of(builder, stage.operands[1]))])
    if stage.gate is None:
        return reindexed(builder, stage, inner)
    if stage.gate.name in ("sum", "mean") and not set(stage.bound) - {"a", "axis", "keepdims"}:
        return reduced(builder, stage, stage.bound["a"], inner(stage.bound["a"]))
    if stage.gate.name == "where":
        condition, x, y = (stage.bound[name] for name in ("condition", "x", "y"))
        sides = inner(x) if not y.varied else inner(y) if not x.varied else []
        # On a constant side of x or y, the value may also be the other operand, by the condition.
        other = number_of(builder, y if x.varied else x)
        return _chosen(builder, condition, x, y) + [side if side.value == other else side._replace(value=None)
                                                    for side in sides]
    if stage.gate.name == "select":
        return _selected(builder, stage)
    if stage.gate.mode == "elementwise":
        return _elementwise(builder, stage, inner)
    if stage.gate.name in ("matmul", "dot") and len(stage.operands) == 2:
        return _contracted(builder, stage, inner)
    return (_extreme(builder, stage, inner) if stage.gate.name in ("max", "min")
            and "arguments" in stage.bound else reindexed(builder, stage, inner))


def _chosen(builder, condition, x, y):
    if x.varied == y.varied:
        return []
    return ([Side(condition, True, number_of(builder, y))] if x.varied
            else [Side(condition, False, number_of(builder, x))])


def _selected(builder, stage):
    """np.select with one active choice: constant where an earlier condition holds, or its own does not."""
    default = stage.bound.get("default", Lit(0))
    lists = [builder.definitions.get(stage.bound[name]) for name in ("condlist", "choicelist")]
    if not all(isinstance(definition, Stage) and definition.form.kind in ("list", "tuple")
               and not definition.form.name
               for definition in lists):
        return []
    conditions, choices = (definition.operands for definition in lists)
    varied = [i for i, choice in enumerate((*choices, default)) if choice.varied]
    if len(varied) != 1 or len(conditions) != len(choices):
        return []
    sides = [Side(condition, False, number_of(builder, choice))
             for condition, choice in zip(conditions[:varied[0]], choices)]
    only = number_of(builder, default) if varied[0] == len(choices) - 1 else None
    return sides + [Side(condition, True, only) for condition in conditions[varied[0]:varied[0] + 1]]


def _elementwise(builder, stage, inner):
    """A function with a kink is constant where its slope is 0; any other one where all its operands are."""
    names = [name for name in stage.gate.arrays if name in stage.bound]
    varied = list(dict.fromkeys(stage.bound[name] for name in names if stage.bound[name].varied))
    sides = inner(varied[0])
    if len(varied) > 1:
        if stage.gate.name == "multiply":
            return [side for operand in varied for side in inner(operand) if side.value == 0]
        others = [inner(operand) for operand in varied[1:]]
        return [side._replace(value=None)
                for side in sides if all(any(o[:2] == side[:2] for o in other) for other in others)]
    sides = [side._replace(value=computed(stage.gate, operand_values(builder, stage, varied[0], side.value)))
             for side in sides]
    if stage.gate.name in ("maximum", "minimum", "fmax", "fmin", "clip", "relu"):
        sides += _kinks(builder, stage, names, varied[0])
    elif stage.gate.name in ("absolute", "fabs"):
        sides.append(Side(builder.emit(Form("compare", "!="), (varied[0], Lit(0))), True, 0, True))
    elif stage.gate.name == "multiply":
        sides += [side._replace(value=0) for name in names if not stage.bound[name].varied
                  for side in zero_sides(builder, stage.bound[name], None, False)]
    return sides


def _kinks(builder, stage, names, operand):
    """The bounds of a clamp, one by one."""
    bound, symbol = stage.bound, builder.symbol
    if [bound[name] for name in names].count(operand) > 1:
        return []       # the larger of x and x
    if stage.gate.name == "clip":
        sides = []
        for options, sign in ((("a_min", "min"), ">="), (("a_max", "max"), "<=")):
            for limit in (bound[name] for name in options
                          if name in bound and getattr(bound[name], "value", 0) is not None):
                if kind_of_operand(limit).tag != "static":
                    sides.append(Side(builder.emit(Form("compare", sign), (operand, limit)), True,
                                      number_of(builder, limit)))
        return sides
    local = stage.gate.rule(symbol(stage.target), *(symbol(bound[name]) for name in names))
    local = local if isinstance(local, tuple) else (local,)
    other = next((bound[name] for name in names if bound[name] is not operand), Lit(0))
    return [Side(part.operand, True, number_of(builder, other))
            for name, part in zip(names, local) if bound[name] is operand]


def _contracted(builder, stage, inner):
    """A product of vectors and matrices is 0 where a whole row or column of one of them is held at 0."""
    ranks, sides = [kind_of_operand(operand).rank for operand in stage.operands], []
    if not all(rank in (1, 2) for rank in ranks):
        return []
    for number, operand in enumerate(stage.operands):
        column = number and ranks[1] == 2
        for side in inner(operand) if operand.varied else ():
            if (side.taken and side.value == 0 and kind_of_operand(side.mask)[:2] == ("array", "?")
                    and covers(builder, side.mask, operand)):
                kept = not number and ranks == [2, 2]
                names, settings = (("axis", "keepdims")[:1 + kept],
                                   (Lit(0 if column else -1), Lit(True))[:1 + kept])
                is_vector = ranks[number] == 1
                mask = builder.emit(Form("method", "any", () if is_vector else names),
                                    (side.mask, *(() if is_vector else settings)))
                sides.append(Side(mask, True, 0))
    return sides


def _extreme(builder, stage, inner):
    """max(0.0, x) of two numbers."""
    parts = stage.bound["arguments"]
    varied = [operand for operand in parts if operand.varied]
    if len(parts) != 2 or len(varied) != 1 or any(kind_of_operand(o).tag != "number" for o in parts):
        return []
    cotangent = builder.symbol(Value(kind=Kind("number", "d", (), True)))
    (local,) = stage.gate.rule(builder.symbol(stage.target), cotangent, [builder.symbol(o) for o in parts])
    other = next(operand for operand in parts if operand is not varied[0])
    part = builder.definitions[local[parts.index(varied[0])].operand]
    return [Side(o, True, number_of(builder, other)) for o in part.operands if is_truth(o)] + inner(varied[0])
