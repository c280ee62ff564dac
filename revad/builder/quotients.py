"""Quotients: what a product both has as a factor and is divided by is written neither here nor there.

`p * dout / p` is `dout`; a quotient of the function itself is looked into, so `dout / (a / b) / b` is
`dout / a`.  Where such a quotient is not a number (p is 0), what is left is its limit.

>>> from .builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Value
>>> builder = Builder()
>>> x, d = (builder.symbol(Value(name, kind=FLOAT)) for name in "xd")
>>> (x * d / x).operand
d
"""
from __future__ import annotations

from ..ir.nodes import Lit, Stage, Value
from ..types.shape_rules import kind_of_operand
from .factors import MINUS, OVER, TIMES, Product, around, factors_of, texts_of


def cancelled(builder, form, a, b, narrowed=False, named=False):
    """a * b or a / b without the factors that cancel, or None if there are none.

    narrowed: the result may be of fewer axes, along which it is the same.  named: b is a gradient that may
    have a name; what has a line already is not computed again, unless what is left is a single operation.
    """
    if _is_plain(builder, a) and _is_plain(builder, b):
        return None
    named = named and b.name is not None and builder.is_backward(b) if isinstance(b, Value) else False
    left, right = factors_of(builder, a), factors_of(builder, b, named)
    more, less = ((right.factors, right.divisors) if form == TIMES else (right.divisors, right.factors))
    product = _without_ones(left.factors + more, left.divisors + less, left.minus != right.minus)
    if not product.divisors:
        return None
    rest = _without_common(builder, product)
    if rest is None:
        looked_into = _looked_into(builder, product)
        rest = None if looked_into is None else _without_common(builder, looked_into, False)
        if rest is None or _size(rest) >= _size(product):
            return None
    return None if named and _size(rest) > 2 else _written(builder, product, rest, narrowed)


def _is_plain(builder, operand):
    definition = builder.definitions.get(operand)
    return getattr(definition, "form", None) not in (TIMES, OVER, MINUS)


def _without_ones(factors, divisors, minus):
    ones = [factor for factor in factors if isinstance(factor, Lit) and factor.value in (1, -1)]
    minus ^= sum(factor.value == -1 for factor in ones) % 2 == 1
    return Product([factor for factor in factors if factor not in ones], divisors, minus)


def _size(product):
    return len(product.factors) + len(product.divisors)


def _without_common(builder, product, literals=True):
    """The product without what is a factor and a divisor; None if nothing is, or nothing but literals."""
    factors, divisors, gone = list(product.factors), [], []
    for divisor in product.divisors:
        at = next((i for i, factor in enumerate(factors) if _is_same(builder, factor, divisor)), None)
        if at is None:
            divisors.append(divisor)
        else:
            gone.append(factors.pop(at))
    if all(isinstance(factor, Lit) for factor in gone) and not (gone and literals):
        return None
    return Product(factors, divisors, product.minus)


def _is_same(builder, left, right):
    """Whether two operands are the same number, or computed alike from the same values."""
    if isinstance(left, Lit) or isinstance(right, Lit):
        return left == right and bool(left.value)
    stages = builder.definitions.get(left), builder.definitions.get(right)
    return left is right or (all(isinstance(stage, Stage) and stage.form.kind in ("binary", "index")
                                 for stage in stages)
                             and (stages[0].form, stages[0].operands) == (stages[1].form, stages[1].operands))


def _looked_into(builder, product):
    """The product, with its nameless divisors that the function computes by products or quotients."""
    factors, divisors, minus = list(product.factors), [], product.minus
    for divisor in product.divisors:
        inner = (factors_of(builder, divisor) if not isinstance(divisor, Lit)
                 and not builder.is_backward(divisor) else Product([divisor], [], False))
        divisors += inner.factors
        factors += inner.divisors
        minus ^= inner.minus
    return Product(factors, divisors, minus) if len(divisors) + len(factors) > _size(product) else None


def _written(builder, product, rest, narrowed):
    """The rest as a value; None where it would lose axes, or where integers would meet that may wrap."""
    gone = [operand for operand in (*product.factors, *product.divisors)
            if operand not in rest.factors and operand not in rest.divisors]
    left = [*rest.factors, *rest.divisors]
    whole_numbers = [o for o in left if kind_of_operand(o).integral and not isinstance(o, Lit)]
    if len(whole_numbers) > 1 or whole_numbers and all(map(_is_whole, rest.factors)):
        return None
    shapes, dtypes = [[values(o) for o in left] for values in (texts_of, _dtype)]
    if not (narrowed and all(shape == [] for shape in shapes)) and any(
            _dtype(operand) not in (*dtypes, None) or not narrowed and texts_of(operand) not in (*shapes, [])
            for operand in gone):
        return None
    factors = sorted(rest.factors, key=_is_whole) if whole_numbers else rest.factors
    *others, last = factors or [Lit(1.0)]
    written = around(builder, last, others, rest.divisors, rest.minus)
    return Lit(float(written.value)) if isinstance(written, Lit) else written


def _is_whole(operand):
    return isinstance(operand, Lit) or kind_of_operand(operand).integral


def _dtype(operand):
    """The type of an array, or of a number that decides that of an array; None of Python's numbers."""
    kind = kind_of_operand(operand)
    return None if kind.weak or isinstance(operand, Lit) else kind.dtype
