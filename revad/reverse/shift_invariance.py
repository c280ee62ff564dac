"""Shift invariance: a maximum that is taken off a softmax's scores carries no derivative, as any shift cancels.

Each value that depends on the shift is followed: `z = x - m` goes down by m, `exp(z)` is divided
by exp(m), `log(exp(z).sum())` goes down by m again.  Where nothing of m is left in the result,
its gradient is zero, and no line is written for it.

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


class Follows(NamedTuple):
    """A value that a shift by m makes `added` * m larger, or exp(`scaled` * m) times as large.

    `axes`: for each of its axes, which of the axes of m it lies along, None where m is constant.
    """

    added: int
    scaled: int
    axes: tuple


LOST = Follows(1, 1, ())     # it changes in another way


def cancels(builder, stages, shifted, axis, results) -> bool:
    """Whether the results stay as it is when what `shifted` takes off, the same along `axis`, changes."""
    rank = shifted.target.kind.rank
    if rank is None:
        return False
    axes = tuple(None if axis is None or i == axis % rank else i for i in range(rank))
    return _unchanged(builder, stages, shifted, Follows(-1, 0, axes), results)


def vanishes(builder, stages, top, results) -> bool:
    """Whether the results stay as it is when the maximum that `top` takes changes, wherever it is used."""
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
            and _unchanged(builder, stages, top, Follows(1, 0, axes), results))


def _unchanged(builder, stages, changed, follows, results):
    found = {changed.target: follows}
    for stage in stages[stages.index(changed) + 1:]:
        follows = _follow(builder, stage, found)
        if follows is not None and (follows.added or follows.scaled):
            found.update(dict.fromkeys(stage.targets, follows))
    return not any(result in found for result in results)


def _follow(builder, stage, found):
    """How the result of a stage follows the shift; None if it does not."""
    if not any(operand in found for operand in stage.operands):
        return None
    if not isinstance(stage, Stage):
        return LOST
    if stage.form.kind == "alias":
        return found[stage.operands[0]]
    if stage.form.kind == "index":
        return _index(builder, stage, found)
    rule = _RULES.get(stage.gate and stage.gate.name)
    return rule(builder, stage, found) if rule and LOST not in map(found.get, stage.operands) else LOST


def _exp(builder, stage, found):
    added, scaled, axes = found[stage.operands[0]]
    return LOST if scaled else Follows(0, added, axes)


def _log(builder, stage, found):
    added, scaled, axes = found[stage.operands[0]]
    return LOST if added else Follows(scaled, 0, axes)


def _negative(builder, stage, found):
    added, scaled, axes = found[stage.operands[0]]
    return Follows(-added, scaled, axes)


def _sum(sign):
    def rule(builder, stage, found):
        one, other = (found.get(stage.bound[name], Follows(0, 0, ())) for name in "xy")
        axes = _aligned(one, other)
        if axes is None or one.scaled != other.scaled or one.scaled and (one.added or other.added):
            return LOST
        return Follows(one.added + sign * other.added, one.scaled, axes)
    return rule


def _product(sign):
    def rule(builder, stage, found):
        one, other = (found.get(stage.bound[name], Follows(0, 0, ())) for name in "xy")
        axes = _aligned(one, other)
        if axes is None or one.added or other.added:
            return LOST
        return Follows(0, one.scaled + sign * other.scaled, axes)
    return rule


def _aligned(one, other):
    """The axes of the two, broadcast; None where the same axis of m lies in different places."""
    if not (one.added or one.scaled) or not (other.added or other.scaled):
        return one.axes or other.axes
    rank = max(len(one.axes), len(other.axes))
    first, second = ((None,) * (rank - len(axes)) + axes for axes in (one.axes, other.axes))
    return first if first == second else None


def _reduction(scaled_only):
    def rule(builder, stage, found):
        follows = found.get(stage.bound.get("a"))
        if follows is None or set(stage.bound) - {"a", "axis", "keepdims"} or scaled_only and follows.added:
            return LOST
        axes, rank = follows.axes, stage.bound["a"].kind.rank
        try:
            axis = builder.static(stage.bound["axis"]) if "axis" in stage.bound else None
            kept = "keepdims" in stage.bound and builder.static(stage.bound["keepdims"])
        except Unknown:
            return LOST
        if rank is None:
            return LOST
        axes = (None,) * (rank - len(axes)) + axes
        over = (range(rank) if axis is None
                else [a % rank for a in (axis if isinstance(axis, tuple) else (axis,))])
        if any(axes[i] is not None for i in over):
            return LOST
        return follows._replace(axes=axes if kept else tuple(a for i, a in enumerate(axes) if i not in over))
    return rule


def _softmax(builder, stage, found):
    """Any shift along the axis cancels here: the pattern as a whole does not follow it."""
    follows = found.get(stage.bound["x"])
    axis = stage.bound.get("axis")
    if follows is None or follows.scaled:
        return LOST
    axes = follows.axes if axis is None else (follows.axes[axis.value],)
    return None if all(a is None for a in axes) else LOST


def _log_sum_exp(builder, stage, found):
    """The pattern is a function of what its own shift is taken off."""
    return None if stage.bound["x"] not in found else LOST


def _index(builder, stage, found):
    """Axes put in, and one element of each row: s[:, None], s[np.arange(N), y], s[0] of a vector."""
    follows = found.get(stage.operands[0])
    rank = kind_of_operand(stage.operands[0]).rank
    if follows is None or follows is LOST or rank is None or any(o in found for o in stage.operands[1:]):
        return LOST
    kinds = list(map(kind_of_operand, stage.operands))
    parts, taken = selected(builder.scope, kinds[0], stage.form.spec, kinds, stage.operands)
    if taken is None or any(part.what in ("truth", "mask") or part.what == "slice" and part.value is not None
                            for part in parts):
        return LOST
    left, rows = (None,) * (rank - len(follows.axes)) + tuple(follows.axes), []
    for axis, (number, _) in enumerate(taken.axes):
        if number < len(parts) and parts[number].what in ("int", "places"):
            holes = stage.form.spec[number].holes if len(stage.form.spec) == len(parts) else ()
            operand = stage.operands[holes[0]] if holes else None
            if left[axis] is not None or not isinstance(operand, Lit):
                rows.append((left[axis], operand))
    axes = tuple(left[axis] if what == "axis" else None for what, axis in taken.sources if what != "place")
    if rows:
        if axes or any(along is not None and (operand is None or not _every_row(builder, operand))
                       for along, operand in rows):
            return LOST
        axes = tuple(along for along, _ in rows if along is not None)
        if len(axes) > 1:
            return LOST
    return follows._replace(axes=axes)


def _every_row(builder, operand):
    """np.arange(N): element i is i."""
    gate = getattr(builder.definitions.get(operand), "gate", None)
    return not isinstance(operand, Lit) and gate is not None and gate.name == "arange" \
        and len(builder.definitions[operand].operands) == 1 and not builder.definitions[operand].form.keywords


_RULES = {"exp": _exp, "log": _log, "negative": _negative, "add": _sum(1), "subtract": _sum(-1),
          "multiply": _product(1), "divide": _product(-1), "sum": _reduction(True), "mean": _reduction(False),
          "softmax": _softmax, "log_softmax": _softmax, "log_sum_exp": _log_sum_exp}
