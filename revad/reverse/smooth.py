"""Smooth: sums and choices of functions with kinks that form one smooth function get its local gradient.

`np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))` is softplus; its two kinks at 0 cancel.  The same of two
arrays is np.logaddexp, and an `np.where` of the two sides of the logistic function is that function.

>>> import gast, numpy as np
>>> from .patterns import recognise
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> text = "def f(x):\\n    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))"
>>> program = lower_tree(gast.parse(text).body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT], {"x"}, Scope({"np": np}, {}, "f"))
>>> [stage.gate.name for stage in recognise(builder, typed.result)]
['constant_function', 'absolute', 'negative', 'exp', 'soft_maximum', 'add']
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ..analysis.liveness import uses_in
from ..ir.nodes import Branch, Call, Lit, Stage, Value
from ..ir.traversal import mapped
from ..rules import fused as rules
from ..types.shape_rules import kind_of_operand

ABOVE, BELOW = ("greater", "greater_equal"), ("less", "less_equal")
EXTREMES = {"maximum": 1, "fmax": 1, "max": 1, "minimum": -1, "fmin": -1, "min": -1}


class Soft(NamedTuple):
    """`times` * softplus(base) + `line` * base.

    For the logistic function `times` is 0, and `line` is the sign of its operand.
    """

    times: int
    line: int


def is_zero(operand):
    return isinstance(operand, Lit) and type(operand.value) in (int, float) and operand.value == 0


def without_sign(patterns, operand):
    """(sign, operand without its minus)."""
    sign = 1
    while (inner := patterns.gate(operand, "negative")) is not None:
        sign, operand = -sign, inner["x"]
    return sign, operand


def operand_of_abs(patterns, operand):
    """x, if the operand is -|x|, or None."""
    sign, inner = without_sign(patterns, operand)
    inner = patterns.gate(inner, "absolute", "fabs") if sign < 0 else None
    return None if inner is None else inner["x"]


def choice(patterns, operand):
    """(condition, x, y) of np.where, or of a result of a branch."""
    stage = patterns.definitions.get(operand) if isinstance(operand, Value) else None
    if isinstance(stage, Branch):
        return next((stage.condition, x, y) for target, x, y in stage.results if target is operand)
    parts = patterns.gate(operand, "where")
    return None if parts is None else (parts["condition"], parts["x"], parts["y"])


def comparison(patterns, condition):
    """(a, b, 1) for a > b, (a, b, -1) for a < b."""
    inverted = patterns.gate(condition, "invert", "logical_not")
    if inverted is not None:
        inner = comparison(patterns, inverted["x"])
        return inner and (*inner[:2], -inner[2])
    for names, sign in ((ABOVE, 1), (BELOW, -1)):
        parts = patterns.gate(condition, *names)
        if parts is not None:
            return parts["x"], parts["y"], sign
    return None


def same_difference(patterns, base, a, b):
    """1 if base is a - b, -1 if it is b - a; a itself, or its negative, where b is 0."""
    sign, base = without_sign(patterns, base)
    for term, subtracted, turned in ((a, b, sign), (b, a, -sign)):
        if is_zero(subtracted):
            inner, term = without_sign(patterns, term)
            if patterns.is_same(term, base):
                return turned * inner
    parts = patterns.gate(base, "subtract")
    if parts is not None and patterns.is_same(parts["x"], a) and patterns.is_same(parts["y"], b):
        return sign
    return (-sign if parts is not None and patterns.is_same(parts["x"], b)
            and patterns.is_same(parts["y"], a) else None)


# ---- max(x, 0) + log(1 + exp(-|x|)) ----

def smooth_sums(patterns, stages, *results) -> list:
    """The stages, with the two functions with kinks of each smooth sum replaced by one smooth function."""
    uses = uses_in([(None, stages)], results)

    def block(stages):
        return tuple(_in_block(patterns, uses, [
            stage if isinstance(stage, Call) else mapped(stage, block) for stage in stages]))
    return list(block(stages))


def _in_block(patterns, uses, stages):
    logs = [stage for stage in stages
            if _is(stage, "softplus") and operand_of_abs(patterns, stage.bound["x"]) is not None]
    reader = {operand: stage for stage in stages
              if logs and isinstance(stage, Stage) for operand in stage.operands}
    swapped = {}
    for log in logs:
        for sign, kink in _terms(patterns, uses, reader, log):
            gate = _joined(patterns, log, kink, sign) if kink in stages and kink not in swapped else None
            if gate is not None:
                swapped[kink] = patterns.replaced(kink, rules.constant_function, x=kink.operands[0])
                swapped[log] = patterns.replaced(log, gate[0], **gate[1])
                break
    stages = [swapped.get(stage, stage) for stage in stages]
    patterns.definitions.update((target, stage) for stage in stages for target in stage.targets)
    return stages


def _is(stage, *names):
    return (isinstance(stage, Stage) and stage.gate is not None and stage.gate.name in names
            and len(stage.targets) == 1)


def _terms(patterns, uses, reader, log):
    """(sign, stage) of the terms of the sum that `log` is in: all of them get the same gradient."""
    root = log.target
    while uses[root] == 1 and root in reader and _is(reader[root], "add", "subtract", "negative"):
        root = reader[root].target
    signs = {}

    def walk(operand, sign, top=False):
        stage = patterns.definitions.get(operand)
        if not isinstance(stage, Stage) or stage.gate is None or not (top or uses[operand] == 1):
            return
        if stage.gate.name == "negative":
            walk(stage.bound["x"], -sign)
        elif stage.gate.name in ("add", "subtract"):
            walk(stage.bound["x"], sign)
            walk(stage.bound["y"], sign if stage.gate.name == "add" else -sign)
        else:
            signs[stage] = sign
    if root is not log.target:
        walk(root, 1, True)
    own = next((sign for stage, sign in signs.items() if stage.target is log.target), None)
    return [(sign * own, stage) for stage, sign in signs.items()] if own else []


def _joined(patterns, log, kink, sign):
    """(function, operands) of the sum of `sign` times a kink and log(1 + exp(-|..|)), or None."""
    extreme = _extreme(patterns, kink)
    kinds = [kind_of_operand(stage.target) for stage in (log, kink)]
    if extreme is None or extreme[2] != sign or None in (kinds[0].shape, kinds[1].shape) \
            or [n.text for n in kinds[0].shape] != [n.text for n in kinds[1].shape]:
        return None
    a, b, _ = extreme
    relation = same_difference(patterns, operand_of_abs(patterns, log.bound["x"]), a, b)
    e = _exponential(patterns, log)
    if relation is None or e is None:
        return None
    function = rules.soft_maximum_function if sign > 0 else rules.soft_minimum_function
    return function, {"x": a, "y": b, "e": e}


def _exponential(patterns, log):
    """exp(-|x|) among the operands of log(1 + exp(-|x|)) or log1p(exp(-|x|))."""
    inner = log.operands[0]
    for operand in (inner, *(patterns.gate(inner, "add") or {}).values()):
        parts = patterns.gate(operand, "exp")
        if parts is not None and parts["x"] is log.bound["x"]:
            return operand
    return None


def _extreme(patterns, stage):
    """(a, b, 1) of the larger of two, (a, b, -1) of the smaller, however it is written."""
    bound, name = stage.bound, stage.gate.name
    if name in ("max", "min") and "arguments" in bound:
        return (*bound["arguments"], EXTREMES[name]) if len(bound["arguments"]) == 2 else None
    if name in ("maximum", "minimum", "fmax", "fmin"):
        return bound["x"], bound["y"], EXTREMES[name]
    if name == "relu":
        return bound["x"], Lit(0), 1
    if name == "clip":
        limits = {key: value for key, value in bound.items()
                  if key != "a" and getattr(value, "value", 0) is not None}
        if len(limits) == 1 and all(map(is_zero, limits.values())):
            return bound["a"], Lit(0), 1 if set(limits) <= {"a_min", "min"} else -1
    if name in ("where", "multiply"):
        return _extreme_by_comparison(patterns, stage)
    return None


def _extreme_by_comparison(patterns, stage):
    """np.where(a > b, a, b), and x * (x > 0)."""
    if stage.gate.name == "where":
        condition, x, y = (stage.bound[name] for name in ("condition", "x", "y"))
        test = comparison(patterns, condition)
        for a, b, way in ((x, y, 1), (y, x, -1)):
            if test is not None and all(is_zero(left) and is_zero(right) or patterns.is_same(left, right)
                                        for left, right in zip(test, (a, b))):
                return x, y, way * test[2]
        return None
    for x, condition in ((stage.bound["x"], stage.bound["y"]), (stage.bound["y"], stage.bound["x"])):
        test = comparison(patterns, condition)
        if test is not None and patterns.is_same(test[0], x) and is_zero(test[1]):
            return x, Lit(0), test[2]
    return None


# ---- the two sides of the logistic function, of softplus ----

def smooth_choice(patterns, stage):
    """np.where(x > 0, ..., ...) with the gate of the smooth function that both sides are, if there is one."""
    condition, *sides = (stage.bound[name] for name in ("condition", "x", "y"))
    test = comparison(patterns, condition)
    if test is None or not any(map(is_zero, test[:2])):
        return stage
    base, sign = (test[0], test[2]) if is_zero(test[1]) else (test[1], -test[2])
    turned, base = without_sign(patterns, base)
    sign *= turned
    first, second = (_soft(patterns, side, base, sign * way) for side, way in zip(sides, (1, -1)))
    if (first is None or first != second or [n.text for n in kind_of_operand(base).shape or ()]
            != [n.text for n in stage.target.kind.shape or ()]):
        return stage
    if first.times == 0:
        return patterns.replaced(stage, rules.logistic_function if first.line > 0
                                 else rules.falling_logistic_function, x=base)
    function = rules.SOFT.get(first)
    return stage if function is None else patterns.replaced(stage, function, x=base)


def _multiple(patterns, operand, base, side):
    """1 or -1 if the operand is that times the base, where the base has the sign `side`."""
    sign, operand = without_sign(patterns, operand)
    if patterns.is_same(operand, base):
        return sign
    parts = patterns.gate(operand, "absolute", "fabs")
    return (sign * side if parts is not None
            and patterns.is_same(without_sign(patterns, parts["x"])[1], base) else None)


def _soft(patterns, operand, base, side) -> Any:
    """The Soft that a value is where the base has the sign `side`, or None."""
    sign, operand = without_sign(patterns, operand)
    for name, turn in (("logistic", 1), ("falling_logistic", -1)):
        parts = patterns.gate(operand, name) if sign > 0 else None
        if parts is not None:
            way = _multiple(patterns, parts["x"], base, side)
            return way and Soft(0, way * turn)
    terms = _soft_terms(patterns, operand, base, side, sign)
    return terms if terms is not None and abs(terms.times) == 1 else None


def _soft_terms(patterns, operand, base, side, sign):
    way = _multiple(patterns, operand, base, side)
    if way is not None:
        return Soft(0, sign * way)
    parts = patterns.gate(operand, "softplus")
    if parts is not None:
        way = _multiple(patterns, parts["x"], base, side)
        return way and Soft(sign, 0 if way > 0 else -sign)      # softplus(-x) is softplus(x) - x
    parts, turn = patterns.gate(operand, "add"), 1
    if parts is None:
        parts, turn = patterns.gate(operand, "subtract"), -1
    if parts is None:
        parts = patterns.gate(operand, "negative")
        return parts and _soft_terms(patterns, parts["x"], base, side, -sign)
    pair = [_soft_terms(patterns, part, base, side, s)
            for part, s in ((parts["x"], sign), (parts["y"], sign * turn))]
    return None if None in pair else Soft(pair[0].times + pair[1].times, pair[0].line + pair[1].line)


def logistic_quotient(patterns, stage):
    """np.where(x > 0, 1, e) / (1 + e) with e = exp(-|x|) as the logistic function; None for other stages."""
    below = patterns.one_plus_exp(stage.bound["y"])
    base = operand_of_abs(patterns, below) if below is not None else None
    if base is None:
        return None
    direction = _saturated_side(patterns, stage.bound["x"], base)
    if direction is not None:
        return patterns.replaced(stage, rules.logistic_function if direction > 0
                                 else rules.falling_logistic_function, x=base)
    parts = choice(patterns, stage.bound["x"])
    test = comparison(patterns, parts[0]) if parts else None
    if test is None:
        return None
    way = same_difference(patterns, base, *test[:2])
    are_one = [isinstance(part, Lit) and part.value == 1 for part in parts[1:]]
    e = next((patterns.gate(part, "exp") for part, is_one in zip(parts[1:], are_one) if not is_one), None)
    if (way is None or sum(are_one) != 1 or e is None or not patterns.is_same(e["x"], below)
            or [n.text for n in kind_of_operand(base).shape or ()]
            != [n.text for n in stage.target.kind.shape or ()]):
        return None
    rises = way * test[2] * (1 if are_one[0] else -1) > 0
    return patterns.replaced(stage,
                             rules.logistic_function if rises else rules.falling_logistic_function, x=base)


def _saturated_side(patterns, operand, base):
    """1 for exp(min(x, 0)), -1 for exp(min(-x, 0)) or exp(-max(x, 0)), which are 1 on one side; or None."""
    parts = patterns.gate(operand, "exp")
    sign, inner = without_sign(patterns, parts["x"]) if parts else (0, None)
    extreme = (_extreme(patterns, patterns.definitions[inner])
               if patterns.gate(inner, *EXTREMES, "clip") is not None else None)
    way = (same_difference(patterns, base, *extreme[:2])
           if extreme is not None and extreme[2] == -sign else None)
    return None if way is None else way * sign if any(map(is_zero, extreme[:2])) else None
