"""Factors: order the factors of products so that few operations go over large arrays.

Factors that are constant along a summed axis are moved out of the sum, small factors are multiplied
before a large one, and a quotient or a sum that was computed before is reused.

>>> from .builder import Builder
>>> from ..types.kinds import Known, array
>>> from ..ir.nodes import Loop, Value
>>> n, d = Known(5, "x.shape[0]", False, True), Known(3, "x.shape[1]", False, True)
>>> builder = Builder()
>>> x, y, r = (builder.symbol(Value(k, kind=array(s))) for k, s in zip("xyr", [(n, d), (n, d), (d,)]))
>>> total = (-x / r * y).sum(axis=0).operand
>>> builder.definitions[total].operands[1]
r
"""
from __future__ import annotations

from typing import NamedTuple

from ..ir.nodes import Form, Lit, Stage
from ..types.kinds import UNSIGNED
from ..types.shape_rules import kind_of_operand

TIMES, OVER, MINUS, ALIAS = Form("binary", "*"), Form("binary", "/"), Form("unary", "-"), Form("alias")
PRODUCTS = frozenset(form[:2] for form in (TIMES, OVER, MINUS, ALIAS))


def _parts(builder, operand, form, named=False):
    """The operands of `operand` as a `form`, if it has no name (or `named`); integers may have wrapped."""
    stage = builder.definitions.get(operand)
    if not isinstance(stage, Stage) or form is not ALIAS and operand.kind.integral \
            or stage.form != form or operand.name is not None and not named:
        return None
    return stage.operands


def rank_of(operand):
    return kind_of_operand(operand).rank


def texts_of(operand):
    shape = kind_of_operand(operand).shape
    return None if shape is None else [length.text for length in shape]


def shared_quotient(builder, a, b):
    """a / y * b is a * (b / y), where b / y was computed and has a name: dx = dz / y; dy = -z * dx."""
    for factor, other in ((a, b), (b, a)):
        parts = _parts(builder, factor, OVER)
        quotient = builder.known(OVER, (other, parts[1])) if parts else None
        if quotient is not None and quotient.name is not None and not isinstance(parts[0], Lit):
            return builder.emit(TIMES, (parts[0], quotient))
    return None


def small_first(builder, a, b):
    """2 * x * s is 2 * s * x, for a large x: the small factors are multiplied first."""
    parts = _parts(builder, a, TIMES)
    ranks = [rank_of(o) for o in (*parts, b)] if parts else [None]
    if None in ranks or not (ranks[0] < ranks[1] and ranks[2] < ranks[1]) or _are_whole(parts[0], b):
        return None
    quotient = _parts(builder, b, OVER)
    if quotient:
        small = builder.emit(OVER, (builder.emit(TIMES, (parts[0], quotient[0])), quotient[1]))
    else:
        small = builder.emit(TIMES, (parts[0], b))
    return builder.emit(TIMES, (small, parts[1]))


# ---- sums ----

class Product(NamedTuple):
    """A product: factors, divisors, and whether there is a minus."""

    factors: list
    divisors: list
    minus: bool


def sum_of_product(builder, form, operands):
    """A sum over axes with the constant factors moved out of it; None if there are none."""
    kind = kind_of_operand(operands[0])
    axes, keepdims = summed_axes(form, operands, kind.rank)
    if axes is None:
        return None
    product = factors_of(builder, operands[0])
    constant, varying = constant_and_varying(builder, product.factors, kind.rank, axes, keepdims)
    divisors, varying_divisors = constant_and_varying(builder, product.divisors, kind.rank, axes, keepdims)
    shared = _shared_sum(builder, form, operands, product, axes, keepdims)
    if shared is not None or not varying:
        return shared
    varying, constant = _floats_first(varying), _floats_first(constant)
    if _are_whole(*varying[:2]) or _are_whole(*constant[:2]):
        return None
    inner = _product(builder, varying, varying_divisors)
    if kind_of_operand(inner).dtype in UNSIGNED:
        return None
    if not (constant or divisors or product.minus) or texts_of(inner) != texts_of(operands[0]):
        return None
    return around(builder, builder.emit(form, (inner, *operands[1:])), constant, divisors, product.minus)


def _floats_first(factors):
    """Factors in an order in which integers meet a float first, because their own product may wrap."""
    return sorted(factors, key=lambda factor: kind_of_operand(factor).integral)


def _are_whole(*factors):
    return (len(factors) == 2
            and all(factor is not None and kind_of_operand(factor).integral for factor in factors))


def factors_of(builder, operand, named=False):
    """An operand as a product; one with a name is one only if `named` says so."""
    stage = builder.definitions.get(operand)
    form = stage.form if isinstance(stage, Stage) and (named or operand.name is None) else None
    if form is None or form[:2] not in PRODUCTS or operand.kind.integral and form != ALIAS:
        return Product([operand], [], False)
    factors, divisors, minus = factors_of(builder, stage.operands[0])
    if form == MINUS:
        return Product(factors, divisors, not minus)
    if form == ALIAS:
        return Product(factors, divisors, minus)
    other = factors_of(builder, stage.operands[1])
    more, less = (other.factors, other.divisors) if form == TIMES else (other.divisors, other.factors)
    return Product(factors + more, divisors + less, minus != other.minus)


def _shared_sum(builder, form, operands, product, axes, keepdims):
    """The same from a sum of two factors that was computed before, seen through the names of gradients."""
    rank = rank_of(operands[0])
    while True:
        constant, varying = constant_and_varying(builder, product.factors, rank, axes, keepdims)
        divisors, varying_divisors = constant_and_varying(builder, product.divisors, rank, axes, keepdims)
        if varying_divisors or len(varying) != 2:
            return None
        for pair in (varying, varying[::-1]):
            inner = builder.known(TIMES, tuple(pair))
            total = None if inner is None else builder.known(form, (inner, *operands[1:]))
            if total is not None and kind_of_operand(total).dtype not in UNSIGNED:
                return around(builder, total, constant, divisors, product.minus)
        expanded = [factors_of(builder, f, named=builder.is_backward(f)) for f in varying]
        if all(p.factors == [f] for p, f in zip(expanded, varying)):
            return None
        product = Product(constant + [f for p in expanded for f in p.factors],
                          divisors + [f for p in expanded for f in p.divisors],
                          product.minus ^ expanded[0].minus ^ expanded[1].minus)


def summed_axes(form, operands, rank):
    """(the summed axes, keepdims) of a call of the method sum."""
    settings = dict(zip(form.keywords, operands[len(operands) - len(form.keywords):]))
    if rank is None or not settings.keys() <= {"axis", "keepdims"} or len(operands) != 1 + len(settings):
        return None, False
    axis = getattr(settings.get("axis"), "value", None) if "axis" in settings else tuple(range(rank))
    if not isinstance(axis, (int, tuple)):
        return None, False
    axes = [a % rank for a in (axis if isinstance(axis, tuple) else (axis,))] if rank else None
    keepdims = settings.get("keepdims", Lit(False))
    return (axes, bool(keepdims.value)) if isinstance(keepdims, Lit) else (None, False)


def constant_and_varying(builder, factors, rank, axes, keepdims):
    """The factors that are constant along the axes, and those that vary."""
    constant, varying = [], []
    leading = sorted(axes) == list(range(len(axes)))
    for factor in factors:
        shape = kind_of_operand(factor).shape
        is_constant = shape == ()
        if shape and (keepdims or leading and len(shape) <= rank - len(axes)):
            missing = rank - len(shape)
            is_constant = all(a < missing or builder.scope.is_one(shape[a - missing]) is True for a in axes)
        (constant if is_constant else varying).append(factor)
    return constant, varying


def _product(builder, factors, divisors=()):
    product = factors[0]
    for factor in factors[1:]:
        product = builder.emit(TIMES, (product, factor))
    for factor in divisors:
        product = builder.emit(OVER, (product, factor))
    return product


def around(builder, total, constant, divisors, minus):
    """constant * total / below; a minus stands before a float, because unsigned integers have none."""
    first, *more = [*constant, total]
    if minus and not kind_of_operand(first).integral:
        return _product(builder, [builder.emit(MINUS, (first,)), *more], divisors)
    product = _product(builder, [first, *more], divisors)
    return builder.emit(MINUS, (product,)) if minus else product
