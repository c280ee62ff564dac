"""Picked: the gradient of a softmax of which one element in each row is read, as in the cross-entropy.

The cotangent is zeros with one value v stored in each row, so the sum of `y * dy` along the row is the one
product y[k] * v: the gradient is -y[k] * v * y, and y[k] * v more at k.

>>> from revad.api import grad
>>> def loss(s, k):
...     p = np.exp(s) / np.sum(np.exp(s))
...     return -np.log(p[k])
>>> loss.__module__ = "example"     # functions of revad itself are left alone
>>> gradient = grad(loss, wrt="s")
>>> _ = gradient(np.ones(3), 1)
>>> print(gradient.source)
def loss_grad(s, k):
    # forward pass
    p = np.exp(s) / np.sum(np.exp(s))
    # backprop p = np.exp(s) / np.sum(np.exp(s))
    ds = p.copy()
    ds[k] -= 1
    return ds
"""
from __future__ import annotations

import numpy as np

from ..builder.broadcasting import full
from ..builder.factors import TIMES, around, factors_of
from ..builder.quotients import cancelled
from ..builder.simplify import without_sign
from ..ir.nodes import Form, Lit, Stage, Value
from ..rules.fused import along
from ..types.kinds import INTEGERS
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import shifted
from .masks import are_zeros, is_truth, same_shape
from .shift_invariance import is_every_row

PLACES = INTEGERS - {"?"}


def one_in_each_row(builder, stage, cotangent):
    """[(operand, gradient)] of a softmax, or of its logarithm, whose cotangent has one value in each row."""
    y, x = stage.target, stage.bound["x"]
    if stage.gate.name == "softmax" and not isinstance(cotangent, list):
        product = cancelled(builder, TIMES, y, cotangent.operand, narrowed=True, named=True)
        if product is not None:
            return [(x, lambda: _of_product(builder, stage, product))]
    if stage.gate.name == "log_softmax" and not isinstance(cotangent, list):
        value = _along_diagonal(builder, cotangent.operand)
        if value is not None and all(map(builder.scope.relied_equal, value[1].kind.shape, y.kind.shape)):
            return [(x, lambda: _of_diagonal(builder, y, *value))]
    store = builder.definitions.get(cotangent.operand) if isinstance(cotangent.operand, Value) else None
    if (not isinstance(store, Stage) or store.form.kind != "store" or store.form.name
            or not are_zeros(builder, store.operands[0]) or not same_shape(cotangent.operand, y)):
        return None
    axis = getattr(stage.bound.get("axis"), "value", None)
    if not _is_one_in_each_row(builder, store, axis):
        return None
    return [(x, lambda: _gradient(builder, stage, store, axis))]


def _of_product(builder, stage, product):
    """The gradient of a softmax from y * dy, where that is simpler than dy."""
    y, axis = builder.symbol(stage.target), getattr(stage.bound.get("axis"), "value", None)
    product = full(builder, builder.symbol(product), stage.target)
    positive = without_sign(builder, product.operand)
    if positive is None:
        return product - y * along(product, axis)
    positive = builder.symbol(positive)
    return y * along(positive, axis) - positive


def _along_diagonal(builder, operand):
    """(c, np.eye(n)) of a product c * np.eye(n) with a number c; None of others."""
    product = factors_of(builder, operand, named=True)
    eyes = [factor for factor in product.factors if _is_eye(builder, factor)]
    if len(eyes) != 1 or any(kind_of_operand(part).rank != 0 for part in (*product.factors, *product.divisors)
                             if part is not eyes[0]):
        return None
    factors = [factor for factor in product.factors if factor is not eyes[0]] or [Lit(1.0)]
    return around(builder, factors[-1], factors[:-1], product.divisors, product.minus), eyes[0]


def _is_eye(builder, operand):
    stage = builder.definitions.get(operand) if isinstance(operand, Value) else None
    return isinstance(stage, Stage) and stage.form == Form("call", "@np.eye") and len(stage.operands) == 1


def _of_diagonal(builder, y, value, eye):
    """The gradient of a log-softmax of which only the diagonal is read, all times the same number."""
    positive = without_sign(builder, value)
    p, eye = np.exp(builder.symbol(y)), builder.symbol(eye)
    return (eye - p) * builder.symbol(value) if positive is None else (p - eye) * builder.symbol(positive)


def _is_one_in_each_row(builder, store, axis):
    """Whether a store puts one value into each line along the axis, by integers that are in line order."""
    shape, spec = store.target.kind.shape, store.form.spec
    if any(item.kind not in ("at", "slice") or item.inside for item in spec) or len(spec) != len(shape):
        return False
    holes = [store.operands[item.holes[0]] if item.kind == "at" else None for item in spec]
    if len(shape) == 1:
        return holes[0] is not None and _is_place(holes[0], (0,))
    if len(shape) != 2 or axis is None:
        return False
    axis %= 2
    place, row, rows = holes[axis], holes[1 - axis], shape[1 - axis]
    if place is None:
        return False
    if row is None:
        return spec[1 - axis].holes == (None,) * 3 and _is_place(place, (0,))
    have = kind_of_operand(row).shape
    return (_is_place(place, (0, 1)) and is_every_row(builder, row) and have is not None
            and builder.scope.relied_equal(have[0], rows))


def _is_place(operand, ranks):
    kind = kind_of_operand(operand)
    return (isinstance(operand, Lit) and type(operand.value) is int
            or not isinstance(operand, Lit) and kind.tag in ("number", "array") and kind.dtype in PLACES
            and kind.rank in ranks)


def _gradient(builder, stage, store, axis):
    y, (_, value, *holes) = stage.target, store.operands
    if stage.gate.name == "softmax":
        value = _times_element(builder, y, value, store, holes)
        y = builder.symbol(y)
    else:
        y = np.exp(builder.symbol(y))
    positive = without_sign(builder, value)
    sign, value = ("+", value) if positive is None else ("-", positive)
    if isinstance(value, Lit) and float(value.value).is_integer():
        value = Lit(int(value.value))
    along = builder.symbol(value)
    if along.kind.rank == 1 and len(store.form.spec) == 2 and axis % 2 == 1:
        along = along[:, None]
    gradient = (y * along if sign == "-" else -along * y).operand
    name = "d" + (stage.bound["x"].name or stage.bound["x"].hint or "x")
    builder.forget(gradient)
    if builder.is_backward(gradient) and gradient.name is None:
        gradient.name = name
    target = Value(name, kind=kind_of_operand(gradient))
    form = Form("store", sign, store.form.keywords, store.form.spec)
    builder.append(Stage((target,), form, (gradient, value, *holes)))
    return builder.symbol(target)


def _times_element(builder, y, value, store, holes):
    """y[k] * value: what value is a quotient by y[k] of is that quotient's numerator."""
    spec = shifted(store.form.spec, -1)
    product = factors_of(builder, value)
    loads = [divisor for divisor in product.divisors
             if _is_load(builder, divisor, y, spec, holes, product.factors)]
    load = loads[0] if loads else builder.emit(Form("index", store.form.keywords[0], spec=spec), (y, *holes))
    return (cancelled(builder, TIMES, load, value, narrowed=True)
            or builder.emit(TIMES, (load, value)))


def _is_load(builder, operand, base, spec, holes, factors):
    """Whether it is base[k], or np.where(mask, base[k], 1) where the mask is a factor as well."""
    stage = builder.definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage):
        return False
    if stage.form.name == "@np.where" and stage.operands[0] in factors and is_truth(stage.operands[0]):
        return _is_load(builder, stage.operands[1], base, spec, holes, factors)
    return (stage.form.kind == "index" and stage.gate is None
            and stage.form.spec == spec and stage.operands == (base, *holes))
