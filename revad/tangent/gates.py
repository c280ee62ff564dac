"""Gates: the tangent of a stage that has a gate: of functions of each element by their local gradients.

A linear function is applied to the tangents themselves, one that is linear in each operand to the tangent of
each in turn.  A reduction takes its tangent from its adjoint: the gradient of each result, times the tangent,
summed along the same axes.  Other functions have a declaration, see `rules.tangents`.

>>> import numpy as np
>>> from ..builder.builder import Builder
>>> from ..types.registry import lookup
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Stage
>>> builder, x, y = Builder(), Value("x", None, FLOAT, True), Value("y", None, FLOAT, True)
>>> stage = Stage((y,), Form("call", "np.tanh"), (x,), gate=lookup(np.tanh), bound={"x": x})
>>> tangents = Tangents({x: Value("dx", kind=FLOAT)})
>>> _ = gate_tangent(builder, stage, tangents)
>>> builder.stages
[_ = binary '**' (y, 2), _ = binary '-' (1, _), _ = binary '*' (_, dx)]
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..builder.broadcasting import full
from ..builder.symbols import Symbol
from ..ir.nodes import Form, Lit, Stage, Value
from ..reverse.apply_rule import arguments_of, as_data, as_tuple, is_of_truths
from ..reverse.masks import same_shape
from ..reverse.slopes import slopes
from ..rules.tangents import LINEAR, LINEAR_IN, MULTILINEAR, OF_MATRICES, REDUCTION, declaration, no_tangent
from ..types.parts import CONTAINERS, keys_of
from ..types.shape_rules import kind_of_operand
from .kinds import is_active, tangent_kind
from .structure import Tangents


def gate_tangent(builder, stage, tangents, selection=None):
    """The tangent of the result of a stage as a symbol, or as a tuple of its parts; None for zero.

    selection: see `selections`.
    """
    gate = stage.gate
    declared = declaration(gate)
    if stage.form.kind == "augment" and stage.form.name in "*/" and not is_active(stage.operands[1]):
        return _in_place(builder, stage, tangents)
    if declared is LINEAR:
        return linear(builder, stage, tangents)
    if declared is MULTILINEAR:
        return multilinear(builder, stage, tangents)
    if callable(declared):
        tangent = _declared(builder, stage, tangents, declared)
        return reduction(builder, stage, tangents) if tangent is REDUCTION else tangent
    if gate.mode == "elementwise":
        return elementwise(builder, stage, tangents, selection)
    if declared in (REDUCTION, OF_MATRICES) or kind_of_operand(stage.target).rank == 0:
        return reduction(builder, stage, tangents)
    no_tangent(f"call of {gate.name}")


def _in_place(builder, stage, tangents):
    """`x *= v` and `x /= v` with a constant v: the same of the tangent."""
    base, factor = stage.operands
    if tangents.get(base) is None:
        return None
    tangent = Value(None, kind=tangent_kind(stage.target.kind))
    builder.append(Stage((tangent,), stage.form, (tangents.full(builder, base), factor), place=stage.place))
    return builder.symbol(tangent)


# ---- functions of each element


def elementwise(builder, stage, tangents, selection=None):
    """The sum of local gradients times tangents."""
    gate = stage.gate
    arguments = arguments_of(builder, gate, stage.bound)
    y = as_data(builder.symbol(stage.target))
    # The slopes are those for any cotangent, which a selection sets to zero on one side.
    any_cotangent = builder.symbol(Value(None, kind=tangent_kind(stage.target.kind)))
    if selection is not None and same_shape(selection[0], stage.target):
        sides = (any_cotangent, 0.0) if selection[1] else (0.0, any_cotangent)
        any_cotangent = np.where(builder.symbol(selection[0]), *sides)
    local = as_tuple(gate, slopes(builder, stage, any_cotangent, y, arguments, gate.rule))
    total = None
    for name, slope in zip(gate.arrays, local):
        operand = stage.bound.get(name)
        if operand is None or slope is None or not is_active(operand):
            continue
        tangent = tangents.as_array(builder, operand, True)
        if tangent is not None:
            total = plus(total, times(builder, slope() if callable(slope) else slope, tangent))
    return total


def times(builder, slope, tangent):
    """A local gradient times a tangent; truth values come last."""
    slope = slope if isinstance(slope, Symbol) else builder.symbol(builder.operand(slope))
    if slope.kind.dtype == "?" or is_of_truths(builder, slope.operand):
        return (tangent * slope).as_float()
    return (slope * tangent).as_float()


def plus(total, term):
    return term if total is None else term if term is None else total + term


# ---- functions that are linear


class _Position(NamedTuple):
    """The place of an operand in a stage, and what `Gate.bind` asks of operands."""

    number: int
    value: object


def parameters_of(stage):
    """The gate's name of the parameter that each operand of a stage is given for."""
    operands, form = stage.operands, stage.form
    if form.kind == "index":        # np.c_, np.r_
        return [None, *[stage.gate.variadic] * (len(operands) - 1)]
    if any(form.spec or ()) and form.kind in ("call", "method"):
        no_tangent(f"call of {stage.gate.name} with a star")
    places = [_Position(i, operand.value if isinstance(operand, Lit) else operand)
              for i, operand in enumerate(operands)]
    split = len(operands) - len(form.keywords)
    gate = stage.gate
    names, owners = tuple(gate.defaults), [None] * len(operands)
    positional = places[:split]
    for number, place in enumerate(positional):
        if gate.variadic and number >= names.index(gate.variadic):
            owners[place.number] = gate.variadic
        elif number < len(names):
            owners[place.number] = names[number]
    for name, place in zip(form.keywords, places[split:]):
        owners[place.number] = name if name in names else gate._own_name(name)
    return owners


def _applied(builder, stage, replaced):
    """The stage's own form with other operands, as a symbol."""
    form = stage.form
    if form.kind == "augment":
        form = Form("binary", form.name)
    return builder.symbol(builder.emit(form, tuple(replaced)))


def linear(builder, stage, tangents):
    """The function of the tangents, with zeros in the place of constants."""
    gate = stage.gate
    owners, replaced = parameters_of(stage), []
    arrays = LINEAR_IN.get(gate.name, gate.arrays)
    others = [owner for owner, o in zip(owners, stage.operands) if owner not in arrays and is_active(o)]
    if others:
        no_tangent(f"{others[0]!r} of {gate.name}")
    if not any(is_active(o) and tangents.get(o) is not None for o in stage.operands):
        return None
    for owner, operand in zip(owners, stage.operands):
        replaced.append(tangents.full(builder, operand, True)
                        if owner in arrays and (is_active(operand) or _is_number_like(operand))
                        else operand)
    return _applied(builder, stage, replaced)


def _is_number_like(operand):
    kind = kind_of_operand(operand)
    return kind.numeric or kind.tag in CONTAINERS or kind.tag == "stack"


def multilinear(builder, stage, tangents):
    """The sum of the function with one operand after the other replaced by its tangent."""
    gate, total = stage.gate, None
    owners = parameters_of(stage)
    for number, (owner, operand) in enumerate(zip(owners, stage.operands)):
        if owner not in gate.arrays or not is_active(operand) or tangents.get(operand) is None:
            continue
        if owner == gate.variadic and operand.kind.tag in CONTAINERS:
            no_tangent(f"call of {gate.name} with a list")
        replaced = list(stage.operands)
        replaced[number] = tangents.full(builder, operand)
        total = plus(total, _applied(builder, stage, replaced))
    return total


# ---- reductions


def reduction(builder, stage, tangents):
    """The gradient of each result on its elements, times their tangents, summed along the same axes."""
    gate, total = stage.gate, None
    if kind_of_operand(stage.target).rank != 0:
        _refuse_shared(stage)
    arguments = arguments_of(builder, gate, stage.bound)
    y = as_data(builder.symbol(stage.target))
    unit = builder.symbol(Lit(1.0))
    if not gate.lazy and kind_of_operand(stage.target).rank != 0:
        unit = _ones(builder, stage.target)
    gradients = as_tuple(gate, gate.rule(y, unit, *arguments))
    for name, gradient in zip(gate.arrays, gradients):
        operand = stage.bound.get(name)
        if operand is None or gradient is None:
            continue
        gradient = gradient() if callable(gradient) else gradient
        pairs = zip(operand, gradient) if isinstance(operand, tuple) else ((operand, gradient),)
        for one_operand, part in pairs:
            for term in _products(builder, stage, one_operand, part, tangents):
                total = plus(total, term)
    return total


def _refuse_shared(stage):
    """Refuse a reduction whose result is no number where an element belongs to several results."""
    gate = stage.gate
    others = [name for name in gate.arrays[1:] if is_active(stage.bound.get(name, Lit(None)))]
    if others or gate.name in ("quantile", "percentile") and kind_of_operand(stage.bound["q"]).rank != 0:
        no_tangent(f"{others[0] if others else 'q'!r} of {gate.name}")


def _ones(builder, value):
    return full(builder, builder.symbol(Lit(1.0)), value)


def _products(builder, stage, operand, gradient, tangents):
    """The terms of a reduction for one operand: of a list one for each element."""
    if isinstance(operand, Lit) or not is_active(operand):
        return
    tangent = tangents.get(operand)
    if tangent is None:
        return
    if isinstance(gradient, list) and operand.kind.tag in CONTAINERS:
        for key, part in zip(keys_of(operand.kind), gradient):
            part = part() if callable(part) else part
            inner = tangents.part(builder, operand, tangent, key)
            if inner is not None and part is not None:
                yield times(builder, part, builder.symbol(inner))
        return
    if isinstance(gradient, list):
        gradient, = gradient
    product = times(builder, gradient, tangents.as_array(builder, operand))
    if kind_of_operand(operand).rank == 0 or product.kind.rank == 0 \
            and kind_of_operand(stage.target).rank != 0:
        yield product
        return
    yield summed(stage, product)


def summed(stage, product):
    """A product summed along the axes of a reduction."""
    if kind_of_operand(stage.target).rank == 0:
        return product.sum()
    if declaration(stage.gate) is OF_MATRICES:
        keepdims = stage.bound.get("keepdims")
        more = {} if keepdims is None else {"keepdims": product.builder.symbol(keepdims)}
        return product.sum(axis=(-2, -1), **more)
    keywords = {}
    builder = product.builder
    for name in ("axis", "keepdims"):
        default = stage.gate.defaults.get(name)
        value = stage.bound.get(name)
        if value is not None:
            keywords[name] = builder.symbol(value)
        elif name == "axis" and default is not None:
            keywords[name] = default
    return product.sum(**keywords)


# ---- declared tangents


def _declared(builder, stage, tangents, rule):
    """What a declaration `rule(y, tangents of the arrays, parameters)` gives."""
    gate = stage.gate
    arguments = arguments_of(builder, gate, stage.bound)
    y = as_data(builder.symbol(stage.target))
    of_arrays, broadcasts = [], gate.mode == "elementwise" or gate.broadcasts
    for name in gate.arrays:
        operand = stage.bound.get(name)
        if isinstance(operand, tuple):
            of_arrays.append(tuple(tangents.as_array(builder, part, broadcasts) for part in operand))
        elif gate.containers and operand is not None and operand.kind.tag in CONTAINERS:
            of_arrays.append(_of_parts(builder, operand, tangents))
        else:
            of_arrays.append(None if operand is None else tangents.as_array(builder, operand, broadcasts))
    flat = [tangent for part in of_arrays for tangent in (part if isinstance(part, tuple) else (part,))]
    if all(tangent is None for tangent in flat):
        return None
    return rule(y, *of_arrays, *arguments)


def _of_parts(builder, operand, tangents):
    """The tangents of the elements of a list that a function takes apart, None for zero."""
    parts = [tangents.part(builder, operand, tangents.get(operand), key) for key in keys_of(operand.kind)]
    return tuple(None if part is None else builder.symbol(part) for part in parts)
