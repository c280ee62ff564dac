"""Apply rule: run the rule of a stage with symbols, which gives the gradient of each operand.

For an elementwise gate the rule gives local gradients: they are multiplied by the cotangent here, and
summed over broadcast axes, for every gate alike.

>>> import numpy as np
>>> from ..builder.builder import Builder
>>> from ..types.registry import lookup
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Stage, Value
>>> builder, x, y = Builder(), Value("x", None, FLOAT, True), Value("y", None, FLOAT, True)
>>> stage = Stage((y,), Form("call", "np.tanh"), (x,), gate=lookup(np.tanh), bound={"x": x})
>>> (operand, gradient), = vjp(builder, stage, builder.symbol(Value("dy", kind=FLOAT)))
>>> operand, gradient().operand
(x, _)
>>> builder.stages
[_ = binary '**' (y, 2), _ = binary '-' (1, _), _ = binary '*' (_, dy)]
"""
from __future__ import annotations

from functools import partial
from inspect import Parameter

import numpy as np

from ..builder.broadcasting import full, unbroadcast
from ..builder.common_factors import with_common_factors
from ..builder.evaluate import never_zero
from ..builder.polynomials import slope_of_logistic_times
from ..builder.quotients import cancelled
from ..builder.symbols import Symbol, as_one_array
from ..errors import RuleError
from ..ir.nodes import Form, Lit, Stage
from ..types.parts import CONTAINERS
from ..types.scope import Unknown
from ..types.shape_rules import as_array, kind_of_operand
from .finite import flows_into_infinite_slope, is_finite
from .lengths import is_divided_by, slope_where_infinite
from .picked import one_in_each_row
from .slopes import on_selected_part, slopes


def vjp(builder, stage, cotangent):
    """(operand, gradient) for each active operand, in the order of the parameters.

    A gradient may be a function that returns it, so that its stages are emitted in their turn.
    """
    gate = stage.gate
    arguments = arguments_of(builder, gate, stage.bound)
    y = as_data(builder.symbol(stage.target))
    if gate.name in ("softmax", "log_softmax"):
        picked = one_in_each_row(builder, stage, cotangent)
        if picked is not None:
            return picked
    if gate.mode == "elementwise":
        rule = gate.rule
        if gate.name == "length" and is_divided_by(builder, cotangent.operand, stage.target):
            rule = slope_where_infinite
        part = on_selected_part(builder, stage, cotangent, y, arguments, rule)
        if part is not None:
            return part
        local = as_tuple(gate, slopes(builder, stage, cotangent, y, arguments, rule))
        return [(operand, partial(_chain_rule, builder, stage, part, cotangent, operand))
                for operand, part in _active_pairs(gate, stage.bound, local)]
    if not isinstance(cotangent, list) and not (gate.lazy and cotangent.kind.rank == 0):
        cotangent = full(builder, cotangent, stage.target)
    gradients = as_tuple(gate, gate.rule(y, cotangent, *arguments))
    if (gate.variadic == "arguments" and flows_into_infinite_slope(builder, stage.target)
            and (builder.closed or not is_finite(builder, cotangent.operand, None))):
        gradients = tuple(_masked(builder, part) for part in gradients)      # max(x, 0.0)
    if gate.broadcasts:
        return [(operand, partial(_sum_to, builder, stage, part, operand))
                for operand, part in _active_pairs(gate, stage.bound, gradients)]
    return [(operand, _by_element(builder, kind_of_operand(operand), _symbol(builder, part)))
            for operand, part in _active_pairs(gate, stage.bound, gradients)]


def _masked(builder, part):
    """A gradient times a truth value, as a choice between it and 0, because inf * 0 is nan."""
    if isinstance(part, list):
        return [_masked(builder, element) for element in part]
    definition = builder.definitions.get(part.operand) if isinstance(part, Symbol) else None
    if (not isinstance(definition, Stage) or definition.form != Form("binary", "*")
            or kind_of_operand(definition.operands[1]).dtype != "?"
            or any(kind_of_operand(operand).tag != "number" for operand in definition.operands)):
        return part
    inner = _masked(builder, builder.symbol(definition.operands[0])).operand
    return builder.symbol(builder.emit(Form("ifexp"), (definition.operands[1], inner, Lit(0.0))))


def _symbol(builder, part):
    if isinstance(part, list):
        return part
    return part.as_float() if isinstance(part, Symbol) else builder.symbol(Lit(part))


def as_data(symbol):
    """A symbol for an operand whose arithmetic is done in float, whatever its dtype is."""
    kind = symbol.kind
    symbol.data = kind.integral or kind.tag in ("list", "tuple", "stack")
    return symbol


def _by_element(builder, kind, part):
    """The gradient of a list that counted as an array, element by element."""
    if kind.tag not in ("tuple", "list") or isinstance(part, list):
        return part
    rank, have = as_array(kind, builder.scope).rank, part.kind.rank
    if rank is None or have is None or part.kind.tag in ("tuple", "list"):
        return part
    has_single_row = have == rank and len(kind.items) != 1 and builder.scope.is_one(part.kind.shape[0])
    return [_by_element(builder, item, part if have < rank else part[0] if has_single_row else part[i])
            for i, item in enumerate(kind.items)]


def arguments_of(builder, gate, bound):
    """The arguments of the rule: symbols for arrays, values for settings."""
    arguments = []
    for name, default in gate.parameters:
        operand = bound.get(name)
        if operand is None:
            arguments.append(() if name == gate.variadic else default)
        elif _is_none(builder, operand):
            arguments.append(None)
        elif name in gate.arrays or default is Parameter.empty:
            arguments.append(_array_argument(builder, gate, name, operand))
        elif name == "where" and kind_of_operand(operand).tag in ("list", "tuple"):
            arguments.append(as_one_array(builder.symbol(operand)))
        else:
            try:
                arguments.append(builder.static(operand))
            except Unknown:
                arguments.append(builder.symbol(operand))
    return arguments


def _is_none(builder, operand):
    """Whether a setting is None in this text, also by another name."""
    if isinstance(operand, Lit):
        return operand.value is None
    kind = None if isinstance(operand, tuple) else kind_of_operand(operand)
    return kind is not None and kind.tag == "static" and kind.known is not None and kind.known.value is None \
        and builder.static(operand) is None


def _array_argument(builder, gate, name, operand):
    """A list of numbers counts as the array that NumPy makes of it, unless the rule wants lists."""
    symbol = builder.symbol(operand)
    if not isinstance(operand, tuple) and kind_of_operand(operand).tag in ("tuple", "list", "stack") \
            and name in gate.arrays and not gate.containers:
        return as_data(as_one_array(symbol))
    return as_data(symbol) if name in gate.arrays else symbol


def as_tuple(gate, gradients):
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    if len(gradients) > len(gate.arrays):
        raise RuleError(f"the rule {gate.name} returns {len(gradients)} "
                        f"gradients for {len(gate.arrays)} operands")
    return gradients


def _active_pairs(gate, bound, gradients):
    for name, part in zip(gate.arrays, gradients):
        operand = bound.get(name)
        if isinstance(operand, tuple):
            pairs = zip(operand, part if part is not None else ())
        else:
            pairs = ((operand, part),)
        for active_operand, gradient in pairs:
            if active_operand is not None and active_operand.varied and gradient is not None:
                # A rule may return a function for a gradient that is rarely needed.
                yield active_operand, gradient() if callable(gradient) else gradient


def _chain_rule(builder, stage, local, cotangent, operand):
    """local gradient * cotangent, summed to the operand's shape."""
    local = local if isinstance(local, Symbol) else builder.symbol(builder.operand(local))
    # The result of a loop may still be the Python number from before the loop.
    if (stage.gate.name == "divide" and cotangent.kind.weak and operand is stage.bound["x"]
            and kind_of_operand(stage.bound["y"]).weak and (
            stage.target.kind.tag == "array" and not getattr(stage.bound["y"], "value", 0)
            or stage.target.kind.tag == "number" and not stage.target.kind.weak
            and isinstance(builder.definitions.get(operand, stage), Stage)
            and not never_zero(builder.symbol(stage.bound["y"])))):
        # Python's own division raises where NumPy's of the array, or of its number, gives inf.
        return _sum_to(builder, stage,
                       builder.symbol(cotangent.operand)._call(np.divide, (cotangent, stage.bound["y"]), {}),
                       operand)
    if local.kind.dtype == "?" and flows_into_infinite_slope(builder, stage.target) \
            and (builder.closed or not is_finite(builder, cotangent.operand, None)):
        return _sum_to(builder, stage, np.where(local, cotangent, 0.0), operand)
    simpler = _simpler_product(builder, stage, local, cotangent)
    if simpler is not None:
        return _sum_to(builder, stage, simpler, operand)
    product = (cotangent * local if local.kind.dtype == "?" or is_of_truths(builder, local.operand)
               else local * cotangent)
    return _sum_to(builder, stage, product.as_float(), operand)


def _simpler_product(builder, stage, local, cotangent):
    """The product where something in it cancels; None where nothing does."""
    operands = local.operand, cotangent.operand
    if local.data or cotangent.data or any(kind_of_operand(o).integral or kind_of_operand(o).dtype == "?"
                                           for o in operands):
        return None
    simpler = (slope_of_logistic_times(builder, stage, cotangent.operand)
               or cancelled(builder, Form("binary", "*"), *operands, narrowed=True, named=True))
    return None if simpler is None else builder.symbol(simpler)


def is_of_truths(builder, operand):
    """Whether a number is computed from truth values, as a sign is: (x > 0) - (x < 0)."""
    stage = builder.definitions.get(operand)
    return (isinstance(stage, Stage) and stage.form.kind == "binary"
            and all(kind_of_operand(o).dtype == "?" for o in stage.operands))


def _sum_to(builder, stage, product, operand):
    result_kind = stage.target.kind
    target = as_array(kind_of_operand(operand), builder.scope)
    if target.shape is None or result_kind.shape is None:
        if not (target.rank == 0 and product.kind.rank == 0) and product.kind != result_kind:
            product = full(builder, product, stage.target)
    summed = unbroadcast(builder, product, as_array(result_kind, builder.scope), operand, stage.target)
    return _by_element(builder, kind_of_operand(operand), summed)


def merged(contributions):
    """Contributions, with those of the same operand (x * x, x @ x) added up; not those of containers."""
    by_operand = {}
    for operand, gradient in contributions:
        by_operand.setdefault(operand, []).append(gradient)
    if len(by_operand) == len(contributions):
        return contributions
    return [pair for operand, gradients in by_operand.items() for pair in (
        [(operand, gradient) for gradient in gradients]
        if len(gradients) == 1 or isinstance(operand, Lit) or operand.kind.tag in CONTAINERS
        else [(operand, partial(_sum_of, gradients))])]


def _sum_of(gradients):
    """Their sum; None are those of which nothing is left, as of an array after `x[:] = x`."""
    each = [g() if callable(g) else g for g in gradients]
    first, *others = [gradient for gradient in each if gradient is not None] or [None]
    for gradient in others:
        summed = (with_common_factors(first.builder, first.operand, gradient.operand)
                  if isinstance(first, Symbol) and isinstance(gradient, Symbol) else None)
        first = first + gradient if summed is None else first.builder.symbol(summed)
    return first
