"""Patterns: an expression that is one function, written out, gets the local gradient of that function.

A stage keeps the form that computes it; only its gate and operands change, so the text of
the forward part stays the user's.

>>> import gast, numpy as np
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> program = lower_tree(gast.parse("def f(x):\\n    return 1 / (1 + np.exp(-x))").body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT], {"x"}, Scope({"np": np}, {}, "f"))
>>> recognise(builder, typed.result)[-1].gate.name
'logistic'
"""
from __future__ import annotations

import dataclasses
from functools import partial

from ..analysis.liveness import alive
from ..errors import at
from ..ir.nodes import Call, Lit, Stage, Value
from ..ir.traversal import mapped, walk
from ..rules import fused
from ..types.registry import lookup
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from . import growing, masked_stores, smooth
from .shift_invariance import cancels, vanishes


def recognise(builder, result) -> list:
    """The stages of the builder, with the gates of the patterns that they match."""
    patterns = _Patterns(builder, builder.stages, [result])
    stages = patterns.block(builder.stages)
    stages = smooth.smooth_sums(patterns, patterns.without_shifts(stages, result), result)
    for stage in stages:
        for target in stage.targets:
            builder.definitions[target] = stage
    return stages


def _is(operand, *numbers):
    return isinstance(operand, Lit) and type(operand.value) in (int, float) and operand.value in numbers


class _Patterns:
    def __init__(self, builder, stages, results):
        self.builder, self.definitions = builder, builder.definitions
        # What the blocks inside hand on, and is read after them or in the next iteration.
        self.handed_on = {end for stage in walk(stage for _, block in alive([(None, stages)], results)
                                                for stage in block)
                          for region in stage.regions for end in region.ends if isinstance(end, Value)}
        self.shifted = {}             # the stages x - max(x), and the axis of the maximum

    def gate(self, operand, *names):
        """The bound operands of the stage that makes `operand`, if its gate is one of `names`."""
        stage = self.definitions.get(operand) if isinstance(operand, Value) else None
        if not isinstance(stage, Stage) or stage.gate is None or stage.gate.name not in names:
            return None
        return stage.bound

    def block(self, stages):
        """The stages of a block, and of the blocks in it."""
        rebuilt = []
        for stage in stages:
            shifted = dict(self.shifted)
            if isinstance(stage, Call):
                rebuilt.append(self.in_call(stage))
                continue
            if stage.blocks:
                stage = mapped(stage, partial(self.inside, stage))
                self.definitions.update((row.inner, stage) for row in getattr(stage, "rows", ()))
            else:
                try:
                    stage = self.stage(stage)
                except Exception as error:
                    at(stage.place, error)
                    raise
            if not isinstance(stage, Stage):
                self.shifted = shifted
            self.definitions.update((target, stage) for target in stage.targets)
            rebuilt.append(stage)
        return rebuilt

    def inside(self, stage, block):
        """A block of a branch or a loop: whatever it hands on counts as a result of each of its shifts."""
        self.shifted = {}
        stages = self.block(block)
        if getattr(stage, "test", None) is None:
            ends = [end for region in stage.regions for end in region.ends if end in self.handed_on]
            stages = self.without_shifts(stages, *ends)
            self.definitions.update((target, inner) for inner in stages for target in inner.targets)
        return tuple(stages)

    def in_call(self, call):
        """A called function is searched for patterns by itself."""
        ends = [end for _, end in call.results]
        inside = _Patterns(self.builder, call.block, ends)
        stages = smooth.smooth_sums(inside, inside.without_shifts(inside.block(call.block), *ends), *ends)
        self.definitions.update((target, stage) for stage in stages for target in stage.targets)
        call = dataclasses.replace(call, sections=((None, tuple(stages)),))
        self.definitions.update((value, call)
                                for value in (*call.targets, *(value for value, _ in call.inputs)))
        return call

    def replaced(self, stage, function, **bound):
        return dataclasses.replace(stage, gate=lookup(function), bound=bound)

    def stage(self, stage):
        if stage.form.kind == "store" and stage.target.varied:
            simpler = masked_stores.cleared(self, stage)
            return masked_stores.logistic_store(self, stage) if simpler is stage else simpler
        if stage.gate is None or len(stage.targets) != 1 or not stage.target.varied:
            return stage
        if stage.form.kind == "augment":
            if stage.gate.name == "subtract":
                self.note_shift(stage, stage.bound)
            if stage.gate.name == "divide":
                top = self.gate(stage.bound["x"], "exp")
                return stage if top is None else self.softmax(stage, stage.bound, top["x"])
            return stage
        handler = getattr(self, "_" + stage.gate.name, None)
        return handler(stage, stage.bound) if handler else stage

    def one_plus_exp(self, operand):
        """z, if the operand is 1 + exp(z)."""
        parts = self.gate(operand, "add")
        if parts is None:
            return None
        for constant, exponential in ((parts["x"], parts["y"]), (parts["y"], parts["x"])):
            inner = self.gate(exponential, "exp")
            if _is(constant, 1) and inner is not None:
                return inner["x"]
        return None

    def _divide(self, stage, bound):
        logistic = (smooth.logistic_quotient(self, stage)
                    or masked_stores.logistic_quotient(self, stage, bound["x"], bound["y"]))
        if logistic is not None:
            return logistic
        z = self.one_plus_exp(bound["y"])
        if z is not None and _is(bound["x"], 1):
            return self.logistic(stage, z)
        top = self.gate(bound["x"], "exp")
        if z is not None and top is not None and self.is_same(top["x"], z):
            return self.replaced(stage, fused.logistic_function, x=z)
        if top is not None:
            softmax = self.softmax(stage, bound, top["x"])
            if softmax is not stage:
                return softmax
        return growing.quotient(self, stage, bound["x"], bound["y"])

    def logistic(self, stage, z):
        minus = self.gate(z, "negative")
        if minus is not None:
            return self.replaced(stage, fused.logistic_function, x=minus["x"])
        return self.replaced(stage, fused.falling_logistic_function, x=z)

    def _exp(self, stage, bound):
        """exp(x - softplus(x)) and exp(-softplus(x))."""
        parts = self.gate(bound["x"], "subtract", "negative")
        if parts is None:
            return stage
        z = self.softplus_of(parts["y"] if "y" in parts else parts["x"])
        if not isinstance(z, Value) or not z.varied or "y" in parts and not self.is_same(parts["x"], z) \
                or kind_of_operand(z).shape != stage.target.kind.shape:
            return stage
        return self.replaced(stage, fused.logistic_function if "y" in parts
                             else fused.falling_logistic_function, x=z)

    def softplus_of(self, operand):
        """z, if the operand is log(1 + exp(z)), or None."""
        parts = self.gate(operand, "softplus")
        if parts is not None:
            return parts["x"]
        parts = self.gate(operand, "logaddexp")
        if parts is None:
            return None
        return parts["y"] if _is(parts["x"], 0) else parts["x"] if _is(parts["y"], 0) else None

    def _reciprocal(self, stage, bound):
        z = self.one_plus_exp(bound["x"])
        return growing.quotient(self, stage, Lit(1), bound["x"]) if z is None else self.logistic(stage, z)

    def _power(self, stage, bound):
        if _is(bound["y"], 0.5):
            return self._sqrt(stage, bound)
        z = self.one_plus_exp(bound["x"])
        if z is not None and _is(bound["y"], -1):
            return self.logistic(stage, z)
        return growing.negative_power(self, stage, bound["x"], bound["y"])

    def _log(self, stage, bound):
        z = self.one_plus_exp(bound["x"])
        return (growing.logarithm(self, stage, bound["x"]) if z is None
                else self.replaced(stage, fused.softplus_function, x=z))

    def _log_to_base(self, stage, bound):
        return stage if "base" in bound else self._log(stage, bound)

    def _log1p(self, stage, bound):
        inner = self.gate(bound["x"], "exp")
        return stage if inner is None else self.replaced(stage, fused.softplus_function, x=inner["x"])

    def _where(self, stage, bound):
        test = self.gate(bound["condition"], "greater")
        if test is not None and test["x"] is bound["x"] and _is(test["y"], 0) and _is(bound["y"], 0):
            if kind_of_operand(bound["x"]).shape == stage.target.kind.shape:
                return self.replaced(stage, fused.relu_function, x=bound["x"])
        return smooth.smooth_choice(self, stage)

    def _sqrt(self, stage, bound):
        return (self.replaced(stage, fused.length_function, x=bound["x"])
                if self.is_squares(bound["x"]) else stage)

    def is_squares(self, operand):
        """Whether it is a sum of squares, whose root is the length of a vector."""
        stage = self.definitions.get(operand) if isinstance(operand, Value) else None
        parts = stage.bound if isinstance(stage, Stage) and stage.gate is not None else {}
        name = stage.gate.name if parts else ""
        if name in ("add", "multiply", "power"):
            x, y = parts["x"], parts["y"]
            return (name == "power" and any(_is(y, n) for n in (2, 4)) or name == "multiply" and any(
                self.is_squares(square) and not factor.varied for square, factor in ((x, y), (y, x)))
                    or name == "multiply" and self.is_same(x, y)
                    or name == "add" and self.is_squares(x) and self.is_squares(y))
        if name == "divide":
            return self.is_squares(parts["x"]) and not parts["y"].varied
        if name in ("dot", "inner", "vdot", "matmul") and len(stage.operands) == 2:
            return self.is_same(*stage.operands)
        return name in ("square", "var") or name in ("sum", "mean") and self.is_squares(parts.get("a"))

    def is_same(self, left, right):
        """Whether two operands are the same value, or computed alike from the same values."""
        if left is right or isinstance(left, Lit) and left == right:
            return True
        definitions = [self.definitions.get(operand)
                       for operand in (left, right) if isinstance(operand, Value)]
        return (len(definitions) == 2
                and all(isinstance(stage, Stage)
                        and (stage.form.kind in ("index", "binary", "unary")
                             or getattr(stage.gate, "mode", "") == "elementwise"
                             and stage.form.kind == "call") for stage in definitions)
                and definitions[0].form == definitions[1].form
                and len(definitions[0].operands) == len(definitions[1].operands)
                and all(map(self.is_same, definitions[0].operands, definitions[1].operands)))

    # ---- sums of exponentials ----

    def without_new_axis(self, operand):
        """(s, position of the new axis) of a subscript such as s[:, None]; (operand, None) of others."""
        stage = self.definitions.get(operand) if isinstance(operand, Value) else None
        if not isinstance(stage, Stage) or stage.form.kind != "index" or stage.gate is not None:
            return operand, None
        spec, rank = stage.form.spec, kind_of_operand(stage.operands[0]).rank
        kinds = [item.kind for item in spec]
        if rank is None or kinds.count("new") != 1 or kinds.count("dots") > 1 \
                or any(item.kind == "at" or item.kind == "slice" and item.holes != (None, None, None)
                       for item in spec):
            return operand, None
        before = spec[:kinds.index("new")]
        spread = rank - kinds.count("slice")        # how many axes the dots stand for
        return stage.operands[0], sum(spread if item.kind == "dots" else 1 for item in before)

    def reduced(self, operand, name):
        """(operand of the reduction `name`, axis, whether the axis is kept, or restored by s[:, None])."""
        operand, place = self.without_new_axis(operand)
        parts = self.gate(operand, name)
        if parts is None or set(parts) - {"a", "axis", "keepdims"}:
            return None
        try:
            axis = None if "axis" not in parts else self.builder.static(parts["axis"])
            kept = "keepdims" in parts and bool(self.builder.static(parts["keepdims"]))
        except Unknown:
            return None
        rank = kind_of_operand(parts["a"]).rank
        if place is not None and (kept or not rank or not isinstance(axis, int) or axis % rank != place):
            return None
        return parts["a"], axis, kept or place is not None

    def softmax(self, stage, bound, z):
        reduction = self.reduced(bound["y"], "sum")
        if (reduction is None or not self.same_exp(reduction[0], bound["x"])
                or not (reduction[1] is None or reduction[2])):
            return stage
        _, axis, _ = reduction
        if axis is not None and isinstance(axis, tuple):
            return stage
        bound = {"x": z} if axis is None else {"x": z, "axis": Lit(axis)}
        return self.replaced(stage, fused.softmax_function, **bound)

    def same_exp(self, left, right):
        """Whether both are the same value, or exp of the same value."""
        if left is right:
            return True
        parts = self.gate(left, "exp"), self.gate(right, "exp")
        return None not in parts and self.is_same(parts[0]["x"], parts[1]["x"])

    def exponentials(self, operand):
        """(z, e, s, axis, kept) if the operand is log(sum(exp(z)))."""
        log = self.gate(operand, "log")
        reduction = self.reduced(log["x"], "sum") if log is not None else None
        if reduction is None:
            return None
        inner = self.gate(reduction[0], "exp")
        return None if inner is None else (inner["x"], reduction[0], log["x"], reduction[1], reduction[2])

    def _subtract(self, stage, bound):
        log_sum = self.exponentials(bound["y"])
        if log_sum is not None and self.is_same(log_sum[0], bound["x"]) \
                and (log_sum[3] is None or log_sum[4]):
            z, _, _, axis, _ = log_sum
            bound = {"x": z} if axis is None else {"x": z, "axis": Lit(axis)}
            return self.replaced(stage, fused.log_softmax_function, **bound)
        self.note_shift(stage, bound)
        return stage

    def note_shift(self, stage, bound):
        """Note x - x.max(), or the same along an axis that is kept or restored."""
        reduction = self.reduced(bound["y"], "max")
        if reduction is not None and reduction[0] is bound["x"] and isinstance(reduction[1], int | None):
            rank = kind_of_operand(bound["x"]).rank
            if reduction[1] is None or reduction[2]:
                self.shifted[stage] = reduction[1]
            elif rank == 1:
                self.shifted[stage] = None

    def maximum_of(self, operand):
        """(the maximum, its operand, for each of its axes that of the operand, or None for length 1)."""
        inner, place = self.without_new_axis(operand)
        parts = self.gate(inner, "max")
        if (parts is None or set(parts) - {"a", "axis", "keepdims"}
                or kind_of_operand(parts["a"]).rank is None):
            return None
        rank = kind_of_operand(parts["a"]).rank
        try:
            axis = self.builder.static(parts["axis"]) if "axis" in parts else None
            kept = "keepdims" in parts and bool(self.builder.static(parts["keepdims"]))
        except Unknown:
            return None
        if not isinstance(axis, int | None):
            return None
        axes = [None if axis is None or i == axis % rank else i for i in range(rank)]
        if not kept:
            axes = [] if axis is None else axes[:axis % rank] + axes[axis % rank + 1:]
        if place is not None:
            axes.insert(place, None)
        return inner, parts["a"], axes

    def _add(self, stage, bound):
        """m + log(sum(exp(x - m)))."""
        for top, other in ((bound["x"], bound["y"]), (bound["y"], bound["x"])):
            log_sum = self.exponentials(other)
            if log_sum is None:
                continue
            z, e, s, axis, kept = log_sum
            less = self.gate(z, "subtract")
            added, taken = self.maximum_of(top), less and self.maximum_of(less["y"])
            if not added or not taken or added[0] is not taken[0] or taken[1] is not less["x"] \
                    or not self.is_the_same_shift(added[2], taken[2], axis, kept,
                                                  kind_of_operand(less["x"]).rank):
                continue
            bound = {"x": less["x"], "e": e, "s": s, "keepdims": Lit(kept)}
            if axis is not None:
                bound["axis"] = Lit(axis)
            return self.replaced(stage, fused.log_sum_exp_function, **bound)
        return stage

    @staticmethod
    def is_the_same_shift(added, taken, axis, kept, rank):
        """Whether each sum along `axis` gets back the shift of its terms, given the axes of both shifts."""
        if not isinstance(axis, int | None) or rank is None or len(taken) > rank:
            return False
        summed = [axis is None or i == axis % rank for i in range(rank)]
        if any(along is not None and (along != i or summed[i])
               for i, along in enumerate(taken, rank - len(taken))):
            return False
        left = [None if summed[i] else i for i in range(rank) if kept or not summed[i]]
        return (len(added) <= len(left)
                and all(along in (None, i) for along, i in zip(added, left[len(left) - len(added):])))

    def without_shifts(self, stages, *results):
        """The maximum that is subtracted before a softmax carries no derivative, since any shift cancels."""
        swapped = {stage: self.replaced(stage, fused.shift_function, x=stage.bound["x"])
                   for stage, axis in self.shifted.items()
                   if cancels(self.builder, stages, stage, axis, results)}
        stages = [swapped.get(stage, stage) for stage in stages]
        for stage in stages:
            if (isinstance(stage, Stage) and stage.gate is not None and stage.gate.name == "max"
                    and stage.target.varied
                    and "a" in stage.bound and vanishes(self.builder, stages, stage, results)):
                swapped[stage] = self.replaced(stage, fused.constant_function, x=stage.bound["a"])
        return [swapped.get(stage, stage) for stage in stages]
