"""Common factors: the sum of two gradients that have factors in common is written with these once.

`-(n * d) + h * d` is `(h - n) * d`, `q - s * q` is `(1 - s) * q`, and `0.5 * (d * r) + d * (0.5 * r)` is
`d * r`.  The gradients are seen through their names.

>>> from .builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Value
>>> builder = Builder()
>>> h, n, d = (builder.symbol(Value(name, kind=FLOAT)) for name in "hnd")
>>> builder.definitions[with_common_factors(builder, (-(n * d)).operand, (h * d).operand)]
_ = binary '*' (_, d)
"""
from __future__ import annotations

from collections import Counter

from ..ir.nodes import Form, Lit, Stage, Value
from ..types.shape_rules import kind_of_operand
from .factors import ALIAS, MINUS, OVER, TIMES, Product, constant_and_varying, rank_of, summed_axes

PLUS, LESS = Form("binary", "+"), Form("binary", "-")
MATRICES = Form("binary", "@")
FLOATS = frozenset(("f", "d"))
SHORT = 5       # digits of a constant that is worth writing in the place of two
DEPTH = 3       # named gradients, one inside another, that are seen through


def with_common_factors(builder, old, new):
    """The sum of two operands with their common factors written once, or None."""
    if not _are_alike(old, new) or builder.outer is not None and old not in builder.definitions:
        return None         # what an iteration begins with is added to in place
    product = _product_of_matrices(builder, old, new)
    if product is not None:
        return product
    terms = None
    for depth in range(DEPTH):
        before, terms = terms, [_product_of(builder, operand, old, depth, True) for operand in (old, new)]
        if terms == before:
            break           # no more names to see through
        summed = _with_old(builder, old, terms[1]) or _with_parts(builder, *terms)
        if summed is not None:
            return summed
    stage = builder.definitions.get(old)
    if getattr(stage, "form", None) == OVER and builder.is_backward(old):
        return _over_one_divisor(builder, old, stage.operands, new)
    if getattr(stage, "form", None) == PLUS and builder.is_backward(old):
        last = with_common_factors(builder, stage.operands[1], new)
        return None if last is None else builder.emit(PLUS, (stage.operands[0], last))
    return None


def _are_alike(old, new):
    kinds = [kind_of_operand(operand) for operand in (old, new)]
    return (isinstance(old, Value) and isinstance(new, Value) and old is not new
            and all(kind.dtype in FLOATS and kind.shape is not None for kind in kinds)
            and kinds[0].dtype == kinds[1].dtype and rank_of(old) in (0, rank_of(new)))


def _product_of(builder, operand, old, depth, is_top=False):
    """An operand as a product, in which `depth` named gradients, one inside another, are products as well.

    What the function itself computes is one only where it scales an array by a number.
    """
    parts = None if operand is old and not is_top else _parts(builder, operand, depth > 0 or is_top)
    if parts is None:
        return Product([operand], [], False)
    form, first, *more = parts
    depth -= operand.name is not None and not is_top
    product = _product_of(builder, first, old, depth)
    if form == MINUS:
        return product._replace(minus=not product.minus)
    if form == ALIAS:
        return product
    other = _product_of(builder, more[0], old, depth)
    times, over = (other.factors, other.divisors) if form == TIMES else (other.divisors, other.factors)
    return Product(product.factors + times, product.divisors + over, product.minus != other.minus)


def _parts(builder, operand, named):
    """(form, operands) of a product, a quotient, a negative, or another name of a value; or None."""
    stage = builder.definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or stage.form not in (TIMES, OVER, MINUS, ALIAS) \
            or operand.kind.dtype not in FLOATS:
        return None
    if builder.is_backward(operand):
        return (stage.form, *stage.operands) if operand.name is None or named else None
    scales = operand.name is None and stage.form == TIMES and rank_of(operand) \
        and any(rank_of(o) == 0 for o in stage.operands)
    return (stage.form, *stage.operands) if scales or operand.name is None and rank_of(operand) == 0 \
        and stage.form == TIMES else None


def _product_of_matrices(builder, old, new):
    """x @ p + x @ q of matrices as x @ (p + q), with one product; the same of p @ x + q @ x."""
    stages = [builder.definitions.get(operand) for operand in (old, new)]
    if any(not isinstance(stage, Stage) or stage.form != MATRICES or not builder.is_backward(stage.target)
           or any(rank_of(o) != 2 or kind_of_operand(o).dtype not in FLOATS for o in stage.operands)
           for stage in stages):
        return None
    for shared in (0, 1):
        terms = [stage.operands[1 - shared] for stage in stages]
        factor = stages[0].operands[shared]
        if factor is not stages[1].operands[shared]:
            continue
        transposed = builder.definitions.get(terms[0])
        if isinstance(transposed, Stage) and transposed.form == Form("attr", "T"):
            terms = terms[::-1]         # d + d.T
        total = builder.emit(PLUS, tuple(terms))
        return builder.emit(MATRICES, (total, factor) if shared else (factor, total))
    return None


def _are_floats(operands):
    return all(_is_number(operand) or kind_of_operand(operand).dtype in FLOATS for operand in operands)


def _is_number(operand):
    return isinstance(operand, Lit) and type(operand.value) in (int, float)


def _with_old(builder, old, product):
    """old + f * old as (1 + f) * old."""
    rest = list(product.factors)
    if old not in rest:
        return None
    rest.remove(old)
    if old in rest or len(product.divisors) > 1 or not _are_floats([*rest, *product.divisors]):
        return None
    times = _written(builder, rest, product.divisors)
    return builder.emit(TIMES, (builder.emit(LESS if product.minus else PLUS, (Lit(1), times)), old))


def _with_parts(builder, left, right):
    """f * c + g * c as (f + g) * c, where f and g are single factors, or numbers."""
    if left.divisors != right.divisors or len(left.divisors) > 1 \
            or not any(isinstance(factor, Value) and factor in left.factors for factor in right.factors) \
            or not _are_floats([*left.factors, *left.divisors, *right.factors]):
        return None
    numbers = [[f for f in product.factors if _is_number(f)] for product in (left, right)]
    factors = [Counter(f for f in product.factors if not _is_number(f)) for product in (left, right)]
    common = factors[0] & factors[1]
    rest = [[*(part - common).elements()] for part in factors]
    if not common or any(len(part) > 1 for part in rest):
        return None
    scales = [-1 if product.minus else 1 for product in (left, right)]
    for number, literals in enumerate(numbers):
        for literal in literals:
            scales[number] *= literal.value
    shared = [f for f in right.factors if f in common]
    if not any(rest):
        return _scaled(builder, sum(scales), shared, left.divisors)
    if not all(rest) or any(abs(scale) != 1 for scale in scales) \
            or rank_of(rest[0][0]) is None or rank_of(rest[0][0]) != rank_of(rest[1][0]):
        return None
    (first,), (second,) = rest
    shared, minus = _written(builder, shared, left.divisors), scales == [-1, -1]
    if minus:
        summed = builder.emit(PLUS, (first, second))
    elif scales[0] == -1:
        summed = builder.emit(LESS, (second, first))
    else:
        summed = builder.emit(PLUS if scales[1] == 1 else LESS, (first, second))
    factors = (shared, summed) if rank_of(shared) == 0 and rank_of(summed) else (summed, shared)
    return builder.emit(TIMES, (builder.emit(MINUS, factors[:1]) if minus else factors[0], factors[1]))


def _scaled(builder, scale, factors, divisors):
    """A number times a product; 0 as a product, which has its shape."""
    if abs(scale) == 1:
        product = _written(builder, factors, divisors)
        return builder.emit(MINUS, (product,)) if scale < 0 else product
    return _written(builder, [Lit(scale), *factors], divisors)


def _over_one_divisor(builder, old, parts, new):
    """q = a / n, q + y * (y * q).sum() as (a + y * (y * a).sum()) / n, where n is the same in each sum."""
    above, divisor = parts
    product = _product_of(builder, new, old, 1, True)
    total = next((f for f in product.factors if _sums(builder, f, old)), None)
    if product.divisors or total is None or not _are_floats(product.factors) or rank_of(old) != rank_of(new):
        return None
    stage = builder.definitions[total]
    axes, keepdims = summed_axes(stage.form, stage.operands, rank_of(stage.operands[0]))
    inner = _product_of(builder, stage.operands[0], old, 0)
    if axes is None or not keepdims or inner.factors.count(old) != 1 \
            or constant_and_varying(builder, [divisor], rank_of(old), axes, True)[1]:
        return None
    summed = _written(builder, [above if f is old else f for f in inner.factors], inner.divisors)
    summed = builder.emit(stage.form, (summed, *stage.operands[1:]))
    times = _written(builder, [f for f in product.factors if f is not total], ())
    form = LESS if product.minus != inner.minus else PLUS
    return builder.emit(OVER, (builder.emit(form, (above, builder.emit(TIMES, (times, summed)))), divisor))


def _sums(builder, operand, old):
    stage = builder.definitions.get(operand)
    return (isinstance(stage, Stage) and stage.form.kind == "method" and stage.form.name == "sum"
            and builder.is_backward(operand)
            and old in _product_of(builder, stage.operands[0], old, 0).factors)


def _written(builder, factors, divisors):
    """The product, with what has no axes first."""
    ordered = sorted(factors, key=lambda factor: (not isinstance(factor, Lit), rank_of(factor) or 0))
    product = ordered[0] if ordered else Lit(1.0)
    for factor in ordered[1:]:
        both = isinstance(product, Lit) and isinstance(factor, Lit)
        is_long = both and len(repr(product.value * factor.value)) > SHORT
        # 3 * 0.044715 stays as the user wrote it.
        product = (builder.unsimplified if is_long else builder.emit)(TIMES, (product, factor))
    for divisor in divisors:
        product = builder.emit(OVER, (product, divisor))
    return product
