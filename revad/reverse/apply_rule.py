"""Apply rule: run the rule of one stage with symbols, giving the gradient on each operand.

For an elementwise gate the rule gives local gradients: here they meet the gradient from
above, and broadcasting is undone, for every gate alike.

>>> import numpy as np
>>> from ..builder.builder import Builder
>>> from ..types.registry import lookup
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Stage, Value
>>> builder, x, y = Builder(), Value("x", None, FLOAT, True), Value("y", None, FLOAT, True)
>>> stage = Stage((y,), Form("call", "np.tanh"), (x,), gate=lookup(np.tanh), bound={"x": x})
>>> (operand, gradient), = partials(builder, stage, builder.symbol(Value("dy", kind=FLOAT)))
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
from ..builder.evaluate import never_zero
from ..builder.symbols import Symbol, as_one_array
from ..errors import RuleError
from ..ir.nodes import Form, Lit, Stage
from ..types.scope import Unknown
from ..types.shape_rules import as_array, kind_of_operand
from .finite import is_before_a_root, is_finite
from .slopes import on_part, slopes


def partials(builder, stage, above):
    """(operand, gradient) for each operand that varies, in the order of the parameters.

    A gradient may be a function that gives it: its stages are then written in their turn.
    """
    gate = stage.gate
    arguments = _arguments(builder, gate, stage.bound)
    y = _data(builder.symbol(stage.target))
    if gate.mode == "elementwise":
        part = on_part(builder, stage, above, y, arguments, gate.rule)
        if part is not None:
            return part
        local = _as_tuple(gate, slopes(builder, stage, above, y, arguments, gate.rule))
        return [(operand, partial(_chain, builder, stage, part, above, operand))
                for operand, part in _carrying(gate, stage.bound, local)]
    if not isinstance(above, list) and not (gate.lazy and above.kind.rank == 0):
        above = full(builder, above, stage.target)
    found = _as_tuple(gate, gate.rule(y, above, *arguments))
    if (gate.variadic == "arguments" and is_before_a_root(builder, stage.target)
            and (builder.closed or not is_finite(builder, above.operand, None))):
        found = tuple(_chosen(builder, part) for part in found)      # max(x, 0.0)
    if gate.broadcasts:
        return [(operand, partial(_sum_to, builder, stage, part, operand))
                for operand, part in _carrying(gate, stage.bound, found)]
    return [(operand, _in_pieces(builder, kind_of_operand(operand), _symbol(builder, part)))
            for operand, part in _carrying(gate, stage.bound, found)]


def _chosen(builder, part):
    """A gradient times a truth value, as one or nothing: infinity times nothing is no number."""
    if isinstance(part, list):
        return [_chosen(builder, one) for one in part]
    made = builder.definitions.get(part.operand) if isinstance(part, Symbol) else None
    if (not isinstance(made, Stage) or made.form != Form("binary", "*")
            or kind_of_operand(made.operands[1]).dtype != "?"
            or any(kind_of_operand(operand).tag != "number" for operand in made.operands)):
        return part
    inner = _chosen(builder, builder.symbol(made.operands[0])).operand
    return builder.symbol(builder.emit(Form("ifexp"), (made.operands[1], inner, Lit(0.0))))


def _symbol(builder, part):
    if isinstance(part, list):
        return part
    return part.as_float() if isinstance(part, Symbol) else builder.symbol(Lit(part))


def _data(symbol):
    """A symbol for an operand: arithmetic on it is done in float, whatever it is an array of."""
    kind = symbol.kind
    symbol.data = kind.whole or kind.tag in ("list", "tuple", "stack")
    return symbol


def _in_pieces(builder, kind, part):
    """The gradient of a list that counted as an array, element by element."""
    if kind.tag not in ("tuple", "list") or isinstance(part, list):
        return part
    rank, have = as_array(kind, builder.scope).rank, part.kind.rank
    if rank is None or have is None or part.kind.tag in ("tuple", "list"):
        return part
    whole = have == rank and len(kind.items) != 1 and builder.scope.is_one(part.kind.shape[0])
    return [_in_pieces(builder, item, part if have < rank else part[0] if whole else part[i])
            for i, item in enumerate(kind.items)]


def _arguments(builder, gate, bound):
    """What the rule is called with: symbols for arrays, values for settings."""
    found = []
    for name, default in gate.parameters:
        operand = bound.get(name)
        if operand is None:
            found.append(() if name == gate.variadic else default)
        elif _is_none(builder, operand):
            found.append(None)
        elif name in gate.arrays or default is Parameter.empty:
            found.append(_operand(builder, gate, name, operand))
        elif name == "where" and kind_of_operand(operand).tag in ("list", "tuple"):
            found.append(as_one_array(builder.symbol(operand)))
        else:
            try:
                found.append(builder.static(operand))
            except Unknown:
                found.append(builder.symbol(operand))
    return found


def _is_none(builder, operand):
    """A setting that is None in this text, also where another name stands for it."""
    if isinstance(operand, Lit):
        return operand.value is None
    kind = None if isinstance(operand, tuple) else kind_of_operand(operand)
    return kind is not None and kind.tag == "static" and kind.known is not None and kind.known.value is None \
        and builder.static(operand) is None


def _operand(builder, gate, name, operand):
    """A list of numbers counts as the array that NumPy makes of it, unless the rule wants lists."""
    symbol = builder.symbol(operand)
    if not isinstance(operand, tuple) and kind_of_operand(operand).tag in ("tuple", "list", "stack") \
            and name in gate.arrays and not gate.containers:
        return _data(as_one_array(symbol))
    return _data(symbol) if name in gate.arrays else symbol


def _as_tuple(gate, found):
    if not isinstance(found, tuple):
        found = (found,)
    if len(found) > len(gate.arrays):
        raise RuleError(f"the rule {gate.name} returns {len(found)} "
                        f"gradients for {len(gate.arrays)} operands")
    return found


def _carrying(gate, bound, found):
    for name, part in zip(gate.arrays, found):
        operand = bound.get(name)
        if isinstance(operand, tuple):
            pairs = zip(operand, part if part is not None else ())
        else:
            pairs = ((operand, part),)
        for one, piece in pairs:
            if one is not None and one.varied and piece is not None:
                # A gradient that is rarely wanted is a function of nothing.
                yield one, piece() if callable(piece) else piece


def _chain(builder, stage, local, above, operand):
    """local gradient * gradient from above, summed down to the operand's shape."""
    local = local if isinstance(local, Symbol) else builder.symbol(builder.operand(local))
    # The result of a loop may still be the Python number from before the loop.
    if (stage.gate.name == "divide" and above.kind.weak and operand is stage.bound["x"]
            and kind_of_operand(stage.bound["y"]).weak and (
            stage.target.kind.tag == "array" and not getattr(stage.bound["y"], "value", 0)
            or stage.target.kind.tag == "number" and not stage.target.kind.weak
            and isinstance(builder.definitions.get(operand, stage), Stage)
            and not never_zero(builder.symbol(stage.bound["y"])))):
        # Python's own division raises where NumPy's of the array, or of its number, gives inf.
        return _sum_to(builder, stage,
                       builder.symbol(above.operand)._call(np.divide, (above, stage.bound["y"]), {}), operand)
    if local.kind.dtype == "?" and is_before_a_root(builder, stage.target) \
            and (builder.closed or not is_finite(builder, above.operand, None)):
        return _sum_to(builder, stage, np.where(local, above, 0.0), operand)
    product = (above * local if local.kind.dtype == "?" or _is_of_truths(builder, local.operand)
               else local * above)
    return _sum_to(builder, stage, product.as_float(), operand)


def _is_of_truths(builder, operand):
    """Whether a number is computed of truth values: the sign of a number is (x > 0) - (x < 0)."""
    stage = builder.definitions.get(operand)
    return (isinstance(stage, Stage) and stage.form.kind == "binary"
            and all(kind_of_operand(o).dtype == "?" for o in stage.operands))


def _sum_to(builder, stage, product, operand):
    whole = stage.target.kind
    target = as_array(kind_of_operand(operand), builder.scope)
    if target.shape is None or whole.shape is None:
        if not (target.rank == 0 and product.kind.rank == 0) and product.kind != whole:
            product = full(builder, product, stage.target)
    summed = unbroadcast(builder, product, as_array(whole, builder.scope), operand, stage.target)
    return _in_pieces(builder, kind_of_operand(operand), summed)


def together(contributions):
    """Contributions with those on one operand (x * x, x @ x) added up."""
    found = {}
    for operand, gradient in contributions:
        found.setdefault(operand, []).append(gradient)
    if (len(found) == len(contributions)
            or any(isinstance(o, Lit) or o.kind.tag in ("tuple", "list", "dict") for o in found)):
        return contributions
    return [(operand, gradients[0] if len(gradients) == 1 else partial(_total, gradients))
            for operand, gradients in found.items()]


def _total(gradients):
    first, *rest = (g() if callable(g) else g for g in gradients)
    for gradient in rest:
        first = first + gradient
    return first
