"""Shift invariance: a maximum subtracted from a softmax's scores carries no derivative, as any shift cancels.

Each value that depends on the shift m is followed: `z = x - m` decreases by m, `exp(z)` is divided
by exp(m), `log(exp(z).sum())` decreases by m.  Where the result does not depend on m, the gradient of m
is zero, and no line is written for it.

>>> import gast, numpy as np
>>> from ..types.kinds import Known, array
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> text = "def f(x):\\n    z = x - np.max(x)\\n    return np.log(np.sum(np.exp(z))) - z[0]"
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> program, builder = infer_shapes(lower_tree(gast.parse(text).body[0], "f"), [kind], {"x"},
...                                 Scope({"np": np}, {}, "f"))
>>> cancels(builder, builder.stages, builder.stages[1], None, [program.result])
True
"""
from __future__ import annotations

from typing import NamedTuple

from ..ir.nodes import Lit, Stage
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import selected


class ShiftEffect(NamedTuple):
    """How a shift by m changes a value: by adding `added` * m, or by a factor of exp(`scaled` * m).

    `axes`: for each of its axes, which of the axes of m it lies along, None where m is constant.
    """

    added: int
    scaled: int
    axes: tuple


UNTRACKED = ShiftEffect(1, 1, ())     # the value changes in another way


def cancels(builder, stages, shifted, axis, results) -> bool:
    """Whether the results do not depend on what `shifted` subtracts, which is constant along `axis`."""
    rank = shifted.target.kind.rank
    if rank is None:
        return False
    axes = tuple(None if axis is None or i == axis % rank else i for i in range(rank))
    return _unchanged(builder, stages, shifted, ShiftEffect(-1, 0, axes), results)


def vanishes(builder, stages, top, results) -> bool:
    """Whether the results do not depend on the maximum that `top` computes, wherever it is used."""
    rank = kind_of_operand(top.bound["a"]).rank
    if rank is None or top.target.kind.rank is None or set(top.bound) - {"a", "axis", "keepdims"}:
        return False
    try:
        axis = builder.static(top.bound["axis"]) if "axis" in top.bound else None
    except Unknown:
        return False
    if not isinstance(axis, int | None):
        return False
    axes = tuple(None if axis is None or i == axis % rank else i for i in range(rank))
    if top.target.kind.rank != rank:
        axes = tuple(a for a in axes if a is not None)
    return (len(axes) == top.target.kind.rank
            and _unchanged(builder, stages, top, ShiftEffect(1, 0, axes), results))


def _unchanged(builder, stages, changed, effect, results):
    effects = {changed.target: effect}
    for stage in stages[stages.index(changed) + 1:]:
        effect = _effect_of(builder, stage, effects)
        if effect is not None and (effect.added or effect.scaled):
            effects.update(dict.fromkeys(stage.targets, effect))
    return not any(result in effects for result in results)


def _effect_of(builder, stage, effects):
    """The effect of the shift on the result of a stage; None if there is none."""
    if not any(operand in effects for operand in stage.operands):
        return None
    if not isinstance(stage, Stage):
        return UNTRACKED
    if stage.form.kind == "alias":
        return effects[stage.operands[0]]
    if stage.form.kind == "index":
        return _index(builder, stage, effects)
    rule = _RULES.get(stage.gate and stage.gate.name)
    return (rule(builder, stage, effects) if rule and UNTRACKED not in map(effects.get, stage.operands)
            else UNTRACKED)


def _exp(builder, stage, effects):
    added, scaled, axes = effects[stage.operands[0]]
    return UNTRACKED if scaled else ShiftEffect(0, added, axes)


def _log(builder, stage, effects):
    added, scaled, axes = effects[stage.operands[0]]
    return UNTRACKED if added else ShiftEffect(scaled, 0, axes)


def _negative(builder, stage, effects):
    added, scaled, axes = effects[stage.operands[0]]
    return ShiftEffect(-added, scaled, axes)


def _sum(sign):
    def rule(builder, stage, effects):
        left, right = (effects.get(stage.bound[name], ShiftEffect(0, 0, ())) for name in "xy")
        axes = _aligned(left, right)
        if axes is None or left.scaled != right.scaled or left.scaled and (left.added or right.added):
            return UNTRACKED
        return ShiftEffect(left.added + sign * right.added, left.scaled, axes)
    return rule


def _product(sign):
    def rule(builder, stage, effects):
        left, right = (effects.get(stage.bound[name], ShiftEffect(0, 0, ())) for name in "xy")
        axes = _aligned(left, right)
        if axes is None or left.added or right.added:
            return UNTRACKED
        return ShiftEffect(0, left.scaled + sign * right.scaled, axes)
    return rule


def _aligned(left, right):
    """The axes of the two, broadcast; None where the same axis of m lies in different places."""
    if not (left.added or left.scaled) or not (right.added or right.scaled):
        return left.axes or right.axes
    rank = max(len(left.axes), len(right.axes))
    first, second = ((None,) * (rank - len(axes)) + axes for axes in (left.axes, right.axes))
    return first if first == second else None


def _reduction(scaled_only):
    def rule(builder, stage, effects):
        effect = effects.get(stage.bound.get("a"))
        if effect is None or set(stage.bound) - {"a", "axis", "keepdims"} or scaled_only and effect.added:
            return UNTRACKED
        axes, rank = effect.axes, stage.bound["a"].kind.rank
        try:
            axis = builder.static(stage.bound["axis"]) if "axis" in stage.bound else None
            kept = "keepdims" in stage.bound and builder.static(stage.bound["keepdims"])
        except Unknown:
            return UNTRACKED
        if rank is None:
            return UNTRACKED
        axes = (None,) * (rank - len(axes)) + axes
        over = (range(rank) if axis is None
                else [a % rank for a in (axis if isinstance(axis, tuple) else (axis,)) if rank])
        if any(axes[i] is not None for i in over):
            return UNTRACKED
        return effect._replace(axes=axes if kept else tuple(a for i, a in enumerate(axes) if i not in over))
    return rule


def _softmax(builder, stage, effects):
    """Any shift along the axis cancels: the pattern as a whole does not depend on it."""
    effect = effects.get(stage.bound["x"])
    axis = stage.bound.get("axis")
    if effect is None or effect.scaled:
        return UNTRACKED
    # NumPy takes an axis of a number where it reduces.
    axes = effect.axes if axis is None or not effect.axes else (effect.axes[axis.value],)
    return None if all(a is None for a in axes) else UNTRACKED


def _log_sum_exp(builder, stage, effects):
    """The pattern is a function of the unshifted operand."""
    return None if stage.bound["x"] not in effects else UNTRACKED


def _index(builder, stage, effects):
    """New axes, and an element of each row: s[:, None], s[np.arange(N), y], s[0] of a vector."""
    effect = effects.get(stage.operands[0])
    rank = kind_of_operand(stage.operands[0]).rank
    if effect is None or effect is UNTRACKED or rank is None or any(o in effects for o in stage.operands[1:]):
        return UNTRACKED
    kinds = list(map(kind_of_operand, stage.operands))
    parts, taken = selected(builder.scope, kinds[0], stage.form.spec, kinds, stage.operands)
    if taken is None or any(part.kind in ("truth", "mask") or part.kind == "slice" and part.value is not None
                            for part in parts):
        return UNTRACKED
    left, rows = (None,) * (rank - len(effect.axes)) + tuple(effect.axes), []
    for axis, (number, _) in enumerate(taken.axes):
        if number < len(parts) and parts[number].kind in ("int", "places"):
            holes = stage.form.spec[number].holes if len(stage.form.spec) == len(parts) else ()
            operand = stage.operands[holes[0]] if holes else None
            if left[axis] is not None or not isinstance(operand, Lit):
                rows.append((left[axis], operand))
    axes = tuple(left[axis] if what == "axis" else None for what, axis in taken.sources if what != "place")
    if rows:
        if axes or any(along is not None and (operand is None or not is_every_row(builder, operand))
                       for along, operand in rows):
            return UNTRACKED
        axes = tuple(along for along, _ in rows if along is not None)
        if len(axes) > 1:
            return UNTRACKED
    return effect._replace(axes=axes)


def is_every_row(builder, operand):
    """np.arange(N), range(N): element i is i."""
    stage = None if isinstance(operand, Lit) else builder.definitions.get(operand)
    if not isinstance(stage, Stage) or len(stage.operands) != 1 or stage.form.keywords:
        return False
    return stage.form.name == "@range" or stage.gate is not None and stage.gate.name == "arange"


_RULES = {"exp": _exp, "log": _log, "negative": _negative, "add": _sum(1), "subtract": _sum(-1),
          "multiply": _product(1), "divide": _product(-1), "sum": _reduction(True), "mean": _reduction(False),
          "softmax": _softmax, "log_softmax": _softmax, "log_sum_exp": _log_sum_exp}
