"""Slopes: the local gradients of elementwise functions, taken at a safe point where no gradient flows.

Where the cotangent is zero by a mask, `np.where(x > 0, np.sqrt(x), 0)`, and where the operand is
constant by a clamp, `np.sqrt(np.maximum(x, 0))`, an infinite slope would give 0 * inf.  There the slope is
taken at a safe point instead, so that everything the text computes is finite, and the text neither raises
nor warns where the function does not.

>>> import numpy as np
>>> from ..builder.builder import Builder
>>> from ..types.registry import lookup
>>> from ..types.kinds import Known, array
>>> n = Known(3, "x.shape[0]", False, True)
>>> builder = Builder()
>>> mask, d, x, y = (Value(name, None, array((n,), dtype), True)
...                  for name, dtype in zip(("mask", "d", "x", "y"), "?ddd"))
>>> stage = Stage((y,), Form("call", "np.sqrt"), (x,), gate=lookup(np.sqrt), bound={"x": x})
>>> cotangent = np.where(builder.symbol(mask), builder.symbol(d), 0)
>>> _ = slopes(builder, stage, cotangent, builder.symbol(y), [builder.symbol(x)], stage.gate.rule)
>>> builder.stages[-3], builder.stages[-1]
(_ = call '@np.where' (mask, y, 1.0), _ = binary '/' (0.5, _))
"""
from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np

from ..builder.evaluate import number_of
from ..builder.symbols import Symbol
from ..ir.nodes import Form, Stage, Value
from ..types.shape_rules import kind_of_operand
from .clamps import constant_sides
from .finite import is_finite
from .masks import are_zeros, covers, operand_values, same_shape, zero_sides

HARMLESS = 1.0          # where most functions have a finite slope; the others have a point of their own
POINTS = {"arcsin": 0.0, "arccos": 0.0, "arctanh": 0.0, "arccosh": 2.0}


def slopes(builder, stage, cotangent, y, arguments, rule) -> Any:
    """The local gradients of a stage, at a safe point where the cotangent is zero or the operand constant."""
    local = rule(y, *arguments)
    parts = local if isinstance(local, tuple) else (local,)
    guarded = list(parts)
    for number, (name, part) in enumerate(zip(stage.gate.arrays, parts)):
        operand = stage.bound.get(name)
        if not isinstance(operand, Value) or not operand.varied or not isinstance(part, Symbol):
            continue
        steep = not is_finite(builder, part.operand, None)
        varies = part.kind.rank != 0 or stage.target.kind.rank == 0
        sides = [side for side in zero_sides(builder, cotangent.operand, stage.target, steep and varies)
                 if (varies or kind_of_operand(side.mask).rank == 0 if steep
                     else not is_finite(builder, part.operand, side.mask))]
        if steep and _reads(builder, part.operand, (operand, stage.target)):
            sides += [side for side in constant_sides(builder, operand)
                      if _is_steep(builder, stage, operand, number, side)]
        sides = list(dict.fromkeys(side[:2] for side in sides))
        if sides:
            guarded[number] = _at_safe_point(builder, stage, number, sides, y, arguments, rule)
    return tuple(guarded) if isinstance(local, tuple) else guarded[0]


def _at_safe_point(builder, stage, number, sides, y, arguments, rule):
    """A local gradient, taken on the sides at a point where it is finite."""
    point = POINTS.get(stage.gate.name, HARMLESS)
    names = [name for name, _ in stage.gate.parameters]
    local = rule(_at(builder, y, sides, point), *(_at(builder, a, sides, point) if n in stage.gate.arrays
                                                  else a for n, a in zip(names, arguments)))
    return local[number] if isinstance(local, tuple) else local


def on_selected_part(builder, stage, cotangent, y, arguments, rule):
    """(operand, gradient) for each operand of a function with an infinite slope, for a selected part only.

    This is for a function of whose result only a part is used: the cotangent is zeros with that part stored
    into them.  None where it is not, or where the operands or the cotangent (of a sum: it is broadcast) have
    other shapes than the result.
    """
    store = builder.definitions.get(cotangent.operand) if isinstance(cotangent.operand, Value) else None
    if (not isinstance(store, Stage) or store.form.kind != "store" or store.form.name
            or not are_zeros(builder, store.operands[0]) or not same_shape(cotangent.operand, stage.target)
            or zero_sides(builder, store.operands[1], stage.target)):
        return None
    names = [name for name, _ in stage.gate.parameters]
    operands = [stage.bound.get(name) for name in names if name in stage.gate.arrays]
    if not all(same_shape(o, stage.target) if o is not None and o.varied
               else kind_of_operand(o).rank == 0 or same_shape(o, stage.target)
               for o in operands if o is not None):
        return None
    local = rule(y, *arguments)
    parts = local if isinstance(local, tuple) else (local,)
    if all(is_finite(builder, part.operand, None) for part in parts if isinstance(part, Symbol)):
        return None
    spec = tuple(item._replace(holes=tuple(hole and hole - 1 for hole in item.holes))
                 for item in store.form.spec)
    base, value, *holes = store.operands

    def part_of(symbol):
        if not isinstance(symbol, Symbol) or kind_of_operand(symbol.operand).rank == 0:
            return symbol
        return builder.symbol(builder.emit(Form("index", spec=spec), (symbol.operand, *holes)))
    y, arguments = part_of(y), [part_of(a) if n in stage.gate.arrays else a for n, a in zip(names, arguments)]
    local = rule(y, *arguments)
    parts, contributions = local if isinstance(local, tuple) else (local,), []
    for number, (operand, part) in enumerate(zip(operands, parts)):
        if operand is not None and operand.varied and part is not None:
            sides = [side for side in constant_sides(builder, operand) if covers(builder, side.mask, operand)
                     and _is_steep(builder, stage, operand, number, side)]
            sides = dict.fromkeys((part_of(builder.symbol(side.mask)).operand, side.taken) for side in sides)
            contributions.append((operand,
                                  partial(_scatter_back, builder, store,
                                          _at_safe_point(builder, stage, number, sides, y, arguments, rule)
                                          if sides else part,
                                          value, holes)))
    return contributions


def _scatter_back(builder, store, local, value, holes):
    product = builder.symbol(builder.operand(local)) * builder.symbol(value)
    zeros = builder.definitions[store.operands[0]]
    fresh_zeros = builder.emit(zeros.form, zeros.operands)
    target = Value(None, kind=store.target.kind, hint=store.target.hint)
    builder.append(Stage((target,), store.form, (fresh_zeros, product.operand, *holes)))
    return builder.symbol(target)


def _at(builder, symbol, sides, point):
    """A value, with the point in its place on the sides."""
    if not isinstance(symbol, Symbol) or number_of(symbol.builder, symbol.operand) is not None \
            or kind_of_operand(symbol.operand).tag not in ("array", "number"):
        return symbol
    for mask, taken in sides:
        pair = (symbol, point) if taken else (point, symbol)
        if all(kind_of_operand(o).tag == "number" for o in (symbol.operand, mask)):
            symbol = builder.symbol(builder.emit(Form("ifexp"), (mask, *map(builder.operand, pair))))
        else:
            symbol = np.where(builder.symbol(mask), *pair)
    return symbol


def _is_steep(builder, stage, operand, number, side):
    """Whether the slope at a constant value is infinite, or may be; unknown operands count as some number."""
    if side.value is None:
        return not side.point
    operands = [0.7 if known is None else known
                for known in operand_values(builder, stage, operand, side.value)]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            y = stage.gate.functions[0](*operands)
            local = stage.gate.rule(y, *operands)
            steep = not np.isfinite(local[number] if isinstance(local, tuple) else local)
            return steep and bool(np.isfinite(y) or not side.point)
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return not side.point


def _reads(builder, operand, values):
    """Whether a slope depends on the values."""
    seen, work = set(), [operand]
    while work:
        operand = work.pop()
        if operand in values:
            return True
        stage = (builder.definitions.get(operand)
                 if isinstance(operand, Value) and operand not in seen else None)
        seen.add(operand)
        if isinstance(stage, Stage) and builder.is_backward(operand):
            work += stage.operands
    return False
