"""Polynomials: the slope `(1 - y) * y` of the logistic function, times quotients by y and by 1 - y.

The cross-entropy `t * log(y) + (1 - t) * log(1 - y)` has the cotangent `t / y - (1 - t) / (1 - y)` on y; the
products are multiplied out and added up, which leaves `t - y`.

>>> from .builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..types.registry import lookup
>>> from ..rules.fused import logistic_function
>>> from ..ir.nodes import Stage, Value
>>> builder = Builder()
>>> x, y, t = (builder.symbol(Value(name, kind=FLOAT)) for name in "xyt")
>>> logistic = Stage((y.operand,), Form("call", "sigmoid"), (x.operand,), gate=lookup(logistic_function))
>>> builder.definitions[slope_of_logistic_times(builder, logistic, (t / y - (1 - t) / (1 - y)).operand)]
_ = binary '-' (t, y)
"""
from __future__ import annotations

from collections import Counter

from ..ir.nodes import Form, Lit, Stage
from ..types.shape_rules import kind_of_operand
from .factors import MINUS, OVER, TIMES, factors_of, texts_of

PLUS, LESS, ALIAS = Form("binary", "+"), Form("binary", "-"), Form("alias")
WIDE = frozenset("fdgilq")       # 1 - t of these is what it is for real numbers
MOST = 8        # terms that are multiplied out


def slope_of_logistic_times(builder, stage, cotangent):
    """(1 - y) * y * cotangent of a logistic function y, multiplied out; None where it is not that simple."""
    if stage.gate.name not in ("logistic", "falling_logistic"):
        return None
    y, sums = stage.target, []
    for sign, operand in _summands(builder, cotangent, 1):
        product = factors_of(builder, operand, named=True) if builder.is_backward(operand) \
            else factors_of(builder, operand)
        factors, divisors = list(product.factors), list(product.divisors)
        below = next((d for d in divisors if d is y or _complement(builder, d) is y), None)
        if below is None or len(sums) == MOST:
            return None
        divisors.remove(below)
        sums.append((-sign if product.minus else sign, factors, divisors, below is not y))
    if not sums or len(sums) < 2:
        return None
    total = Counter()
    for sign, factors, divisors, is_above in sums:
        for coefficient, monomial in _multiplied_out(builder, factors, sign):
            for times, with_y in ([(1, (y,))] if is_above else [(1, ()), (-1, (y,))]):
                total[_key((*monomial, *with_y), divisors)] += coefficient * times
    total = {key: coefficient for key, coefficient in total.items() if coefficient}
    written = _written(builder, total, y)
    if written is None or stage.gate.name == "logistic":
        return written
    return builder.emit(MINUS, (written,))


def _summands(builder, operand, sign):
    """(sign, term) of each term of a sum, seen through the names of gradients."""
    stage = builder.definitions.get(operand)
    if isinstance(stage, Stage) and builder.is_backward(operand):
        if stage.form in (PLUS, LESS):
            yield from _summands(builder, stage.operands[0], sign)
            yield from _summands(builder, stage.operands[1], sign if stage.form == PLUS else -sign)
            return
        if stage.form == ALIAS:
            yield from _summands(builder, stage.operands[0], sign)
            return
    yield sign, operand


def _complement(builder, operand):
    """t, if the operand is 1 - t."""
    stage = builder.definitions.get(operand)
    if (isinstance(stage, Stage) and stage.form == LESS and isinstance(stage.operands[0], Lit)
            and type(stage.operands[0].value) in (int, float) and stage.operands[0].value == 1
            and kind_of_operand(stage.operands[1]).dtype in WIDE):
        return stage.operands[1]
    return None


def _multiplied_out(builder, factors, sign):
    """[(coefficient, factors)] of a product in which 1 - t is a factor."""
    terms = [(sign, ())]
    for factor in factors:
        if isinstance(factor, Lit) and type(factor.value) in (int, float):
            terms = [(c * factor.value, parts) for c, parts in terms]
            continue
        inner = _complement(builder, factor)
        if inner is None:
            terms = [(c, (*parts, factor)) for c, parts in terms]
        else:
            terms = [term for c, parts in terms for term in ((c, parts), (-c, (*parts, inner)))]
    return terms


def _key(factors, divisors):
    return frozenset(Counter(factors).items()), frozenset(Counter(divisors).items())


def _written(builder, total, y):
    """c * (p - q) * common / divisors, for two terms that are unlike in one factor; None for others."""
    if len(total) != 2 or sum(total.values()):
        return None
    (positive, scale), (negative, _) = sorted(total.items(), key=lambda item: -item[1])
    if positive[1] != negative[1]:
        return None
    first, second = Counter(dict(positive[0])), Counter(dict(negative[0]))
    common = first & second
    sides = [list((part - common).elements()) for part in (first, second)]
    if sorted(map(len, sides)) not in ([0, 1], [1, 1]) or y not in sides[0] + sides[1]:
        return None
    left, right = (side[0] if side else Lit(1) for side in sides)
    if any(not isinstance(o, Lit) and (kind_of_operand(o).dtype not in WIDE) for o in (left, right)):
        return None
    factors = list(common.elements())
    if any(kind_of_operand(o).integral for o in factors) or texts_of(y) is None:
        return None
    small = Lit(scale)
    for factor in factors:
        small = builder.emit(TIMES, (small, factor))
    for divisor in Counter(dict(positive[1])).elements():
        small = builder.emit(OVER, (small, divisor))
    difference = builder.emit(LESS, (left, right))
    return builder.emit(TIMES, (difference, small))
