"""Simplify: drop ones, zeros, double signs and transposes from the stages of a rule, one by one.

>>> from .builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Value
>>> x, d = (Builder().symbol(Value(n, kind=FLOAT)).operand for n in "xd")
>>> builder = Builder()
>>> inverse = builder.emit(Form("binary", "/"), (Lit(1), x))
>>> builder.definitions[builder.emit(Form("binary", "*"), (inverse, d))]
_ = binary '/' (d, x)
"""
from __future__ import annotations

from ..ir.nodes import Form, Item, Lit, Stage
from ..types.kinds import INTEGERS
from ..types.shape_rules import kind_of_operand
from . import factors
from .joined import joined
from .quotients import cancelled
from .transposes import permuted

QUOTIENTS = (Form("binary", "*"), Form("binary", "/"))
WHOLE_AXIS = Item("slice", (None,) * 3)
SHORT = 5       # digits of a constant that is worth writing in the place of two


def simplify(builder, form, operands):
    """A simpler operand that equals the stage, or None."""
    rule = _RULES.get((form.kind, form.name)) or _RULES.get(form.kind)
    return rule(builder, form, operands) if rule else None


def is_lit(operand, value):
    return isinstance(operand, Lit) and type(operand.value) in (int, float) and operand.value == value


def _numbers(operands):
    return all(isinstance(o, Lit) and type(o.value) in (int, float) for o in operands)


def _operands_of(builder, operand, kind, name):
    """The operands of `operand`, if a stage `kind` `name` defines it; not of integers, which may wrap."""
    stage = builder.definitions.get(operand)
    if (isinstance(stage, Stage) and stage.form.name == name and stage.form.kind == kind
            and operand.name is None and not (kind in ("binary", "unary") and operand.kind.integral)):
        return stage.operands
    return None


def _binary(builder, name, *operands):
    return builder.emit(Form("binary", name), operands)


def _negated(builder, operand):
    return builder.emit(Form("unary", "-"), (operand,))


def without_sign(builder, operand):
    """The operand without its minus, if it begins with one: what `-=` is to take; else None."""
    if isinstance(operand, Lit):
        return Lit(-operand.value) if type(operand.value) in (int, float) and operand.value < 0 else None
    inner = _operands_of(builder, operand, "unary", "-")
    if inner:
        return inner[0]
    for name in "*/":
        parts = _operands_of(builder, operand, "binary", name)
        left = without_sign(builder, parts[0]) if parts else None
        if left is not None:
            return _binary(builder, name, left, parts[1])
    return None


def _folded(builder, operand):
    """A constant that the user wrote as a product of constants (0.5 * 1e-3)."""
    stage = builder.definitions.get(operand)
    if isinstance(stage, Stage) and stage.form in QUOTIENTS and _numbers(stage.operands):
        left, right = (part.value for part in stage.operands)
        if stage.form.name == "*" or right:
            value = left * right if stage.form.name == "*" else left / right
            return Lit(value) if len(repr(value)) <= SHORT else operand
    return operand


def _scaled(builder, operand):
    """(constant, rest) of a product with a constant: 2 * x is (2, x)."""
    parts = _operands_of(builder, operand, "binary", "*") or _operands_of_number(builder, operand, "*")
    return parts if parts and _numbers(parts[:1]) else (None, operand)


def _operands_of_number(builder, operand, name):
    """The operands of a gradient that is a product or quotient of numbers, seen through its name."""
    stage = builder.definitions.get(operand)
    return (stage.operands if isinstance(stage, Stage) and stage.form == Form("binary", name)
            and builder.is_backward(operand) and operand.kind.tag == "number" and not operand.kind.integral
            and operand.name is not None else None)


def _multiply(builder, form, operands):
    if _numbers(operands):
        return Lit(operands[0].value * operands[1].value)
    folded = tuple(_folded(builder, operand) for operand in operands)
    if folded != operands:
        return builder.emit(form, folded)
    a, b = operands
    for factor, other in (operands, operands[::-1]):
        if is_lit(factor, 1) and _inexact(other):
            return other if not _widens(factor, other) else builder.symbol(other).as_float().operand
        if is_lit(factor, -1) and _inexact(other) and not _widens(factor, other):
            return _negated(builder, other)
    return (cancelled(builder, form, a, b)
            or factors.shared_quotient(builder, a, b) or _constants_first(builder, form, a, b)
            or _fractions(builder, a, b) or factors.small_first(builder, a, b))


def _constants_first(builder, form, a, b):
    """Constants of both factors are multiplied; a minus moves to the front."""
    positive = None if isinstance(b, Lit) else without_sign(builder, b)
    if positive is not None and kind_of_operand(a).integral and _inexact(a):
        return _negated(builder, _binary(builder, "*", a, positive))
    if positive is not None:
        return _binary(builder, "*", _negated(builder, a), positive)
    if isinstance(b, Lit) and not isinstance(a, Lit):
        return _binary(builder, "*", b, a)
    parts = _operands_of(builder, b, "binary", "*") if isinstance(a, Lit) else None
    if parts and not isinstance(parts[0], Lit) and builder.is_backward(b) \
            and factors.rank_of(parts[0]) == 0 and factors.rank_of(parts[1]):
        return _binary(builder, "*", _binary(builder, "*", a, parts[0]), parts[1])      # 2 * d * x
    times = a if isinstance(a, Lit) else _scaled(builder, a)[0]
    inner = _times_leading(builder, b, times) if times is not None and _numbers((times,)) else None
    if inner is not None:
        rest = None if times is a else _scaled(builder, a)[1]
        order = (inner, rest) if factors.rank_of(inner) == 0 else (rest, inner)
        return inner if rest is None else _binary(builder, "*", *order)
    left, right = ((a, None) if isinstance(a, Lit) else _scaled(builder, a)), _scaled(builder, b)
    if left[0] is None or right[0] is None or not _numbers((left[0], right[0])):
        return None
    constant = Lit(left[0].value * right[0].value)
    if len(repr(constant.value)) > SHORT:
        if left[1] is None:
            return None
        constant = builder.unsimplified(form, (left[0], right[0]))      # 3 * 0.044715, as the user wrote it
    if left[1] is None:
        return _binary(builder, "*", constant, right[1])
    return _binary(builder, "*", _binary(builder, "*", constant, left[1]), right[1])


def _times_leading(builder, operand, times, inside=False):
    """2 * (0.5 * r * d) is r * d: a constant that leads a product of more factors is multiplied."""
    for name in "*/":
        parts = _operands_of(builder, operand, "binary", name)
        if not parts:
            continue
        if not _numbers(parts[:1]):
            first = _times_leading(builder, parts[0], times, True)
            return None if first is None else _binary(builder, name, first, parts[1])
        constant = Lit(times.value * parts[0].value)
        is_short = inside and len(repr(constant.value)) <= SHORT
        return _binary(builder, name, constant, parts[1]) if is_short else None
    return None


def _fractions(builder, a, b):
    """(1 / x) * b is b / x, and 2 * x * (0.5 / y) is x / y."""
    for factor, other in ((a, b), (b, a)):
        inverse = (_operands_of(builder, factor, "binary", "/")
                   or _operands_of_number(builder, factor, "/"))
        if inverse and is_lit(inverse[0], 1) and builder.is_backward(factor):
            return _binary(builder, "/", other, inverse[1])
        if inverse and _numbers(inverse[:1]) and builder.is_backward(factor) and not is_lit(inverse[0], -1):
            if _numbers((other,)):
                return _binary(builder, "/", Lit(other.value * inverse[0].value), inverse[1])
            if not kind_of_operand(other).integral and kind_of_operand(other).dtype != "?" \
                    and factors.rank_of(other) == factors.rank_of(inverse[1]) is not None:
                return _binary(builder, "/", _binary(builder, "*", inverse[0], other), inverse[1])
        if inverse and is_lit(inverse[0], -1) and builder.is_backward(factor) \
                and _is_by_length(inverse[1], other):
            return _binary(builder, "/", _negated(builder, other), inverse[1])
    quotient = _operands_of(builder, b, "binary", "/")
    constant, scaled = _scaled(builder, a)
    if quotient and constant is not None and _numbers((constant, quotient[0])):
        scaled = _binary(builder, "*", Lit(constant.value * quotient[0].value), scaled)
        return _binary(builder, "/", scaled, quotient[1])
    return None


def _is_by_length(divisor, operand):
    """Whether an integer of Python divides what is NumPy's, which takes 0, where -1 / 0 raises."""
    kind = kind_of_operand(divisor)
    return kind.weak and kind.dtype in INTEGERS and not kind_of_operand(operand).weak


def _inexact(operand):
    """Multiplying truth values by one converts them to numbers: such a factor must stay."""
    return kind_of_operand(operand).dtype != "?"


def _widens(literal, other):
    """Whether a number converts an array of integers to float: it must stay, for integers may wrap."""
    return type(literal.value) is float and kind_of_operand(other).integral


def _divide(builder, form, operands):
    a, b = operands
    if is_lit(b, 1) and not kind_of_operand(a).integral:
        return a
    negative = None if kind_of_operand(a).integral else _operands_of(builder, b, "unary", "-")
    if negative:
        return _binary(builder, "/", _negated(builder, a), negative[0])
    return cancelled(builder, form, a, b)


def _add(builder, form, operands):
    a, b = operands
    if _numbers(operands):
        return Lit(a.value + b.value)
    if is_lit(a, 0):
        return b
    if is_lit(b, 0):
        return a
    if isinstance(b, Lit) and type(b.value) is float and b.value.is_integer() and abs(b.value) < 1e6 \
            and kind_of_operand(a).dtype in ("f", "d"):
        return _binary(builder, "+", a, Lit(int(b.value)))
    if a is b and a.name is None:
        return _binary(builder, "*", Lit(2), a)
    like = _like_terms(builder, a, b, 1)
    if like is not None:
        return like
    choice = joined(builder, a, b)
    if choice is not None:
        return choice
    positive = without_sign(builder, b)
    return None if positive is None else _binary(builder, "-", a, positive)


def _like_terms(builder, a, b, sign):
    """2 * x + 3 * x is 5 * x, and y - 2 * x - 3 * x is y - 5 * x."""
    (p, left), (q, right) = _scaled(builder, a), _scaled(builder, b)
    if p is not None and q is not None and left is right:
        return _binary(builder, "*", Lit(p.value + sign * q.value), left)
    parts = _operands_of(builder, a, "binary", "-") if sign < 0 else None
    if parts and q is not None:
        p, left = _scaled(builder, parts[1])
        if p is not None and left is right:
            return _binary(builder, "-", parts[0], _binary(builder, "*", Lit(p.value + q.value), left))
    return None


def _subtract(builder, form, operands):
    a, b = operands
    if _numbers(operands):
        return Lit(a.value - b.value)
    if is_lit(b, 0):
        return a
    if is_lit(a, 0):
        return _negated(builder, b)
    like = _like_terms(builder, a, b, -1)
    if like is not None or isinstance(b, Lit):
        return like
    positive = without_sign(builder, b)
    return None if positive is None else _binary(builder, "+", a, positive)


def _compare(builder, form, operands):
    """A number that something is compared with stands on the right: x > 0."""
    a, b = operands
    turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(form.name)
    if turned is None or not isinstance(a, Lit) or isinstance(b, Lit):
        return None
    return builder.emit(Form("compare", turned), (b, a))


def _power(builder, form, operands):
    a, b = operands
    if is_lit(b, 1):
        return a
    if is_lit(b, 0):
        return Lit(1)
    return None


def _negative(builder, form, operands):
    operand = operands[0]
    if _numbers(operands):
        return Lit(-operand.value)
    inner = _operands_of(builder, operand, "unary", "-")
    if inner:
        return inner[0]
    for name in "*/":
        parts = _operands_of(builder, operand, "binary", name)
        if parts and _numbers(_first_factor(builder, parts)):
            return _binary(builder, name, _negated(builder, parts[0]), parts[1])
        if parts and without_sign(builder, operand) is not None:
            return without_sign(builder, operand)
    return None if _inexact(operand) else builder.emit(Form("binary", "*"), (Lit(-1.0), operand))


def _first_factor(builder, parts):
    """The first factor of a product or quotient of several."""
    while parts:
        first = parts[:1]
        parts = (_operands_of(builder, first[0], "binary", "*")
                 or _operands_of(builder, first[0], "binary", "/"))
    return first


def _transpose(builder, form, operands):
    operand = operands[0]
    if kind_of_operand(operand).rank in (0, 1):
        return operand
    inner = _operands_of(builder, operand, "attr", form.name)
    if inner:
        return inner[0]
    for product in (Form("binary", "@"), Form("method", "dot")):
        parts = _operands_of(builder, operand, product.kind, product.name)
        if parts and all(kind_of_operand(p).rank == 2 for p in (operand, *parts)) \
                and any(_operands_of(builder, p, "attr", "T") for p in parts):
            left, right = (builder.emit(form, (p,)) for p in parts)
            return builder.emit(product, (right, left))
    return None


def _reshape(builder, form, operands):
    """A reshape to the shape that the value has, or that takes the axis away that a sum has left."""
    kind = kind_of_operand(operands[0])
    is_vector = len(operands) == 2 and len(kind_of_operand(operands[1]).items) == 1
    if is_vector and kind.rank == 2 and builder.is_backward(operands[0]):
        vector = _without_axis(builder, operands[0], 1, 2)
        if vector is not None:
            return vector
    if len(operands) == 2 and kind.shape is not None:
        target = kind_of_operand(operands[1])
        if target.tag == "tuple" and len(target.items) == len(kind.shape) and all(
                i.known is not None and i.known.text == n.text for i, n in zip(target.items, kind.shape)):
            return operands[0]
    return None


def _index(builder, form, operands):
    """`g[0][1]` is `g[0, 1]`; an element of a list that is written out is that element."""
    stage = builder.definitions.get(operands[0])
    summed = _summed_axis(builder, form, operands)
    if summed is not None:
        return summed
    negative = _operands_of(builder, operands[0], "unary", "-")
    if negative:
        return _negated(builder, builder.emit(form, (negative[0], *operands[1:])))
    only = form.spec[0] if len(form.spec) == 1 else None
    if stage is None or operands[0].name is not None or only is None or only.kind != "at":
        return None
    at = operands[1]
    if getattr(stage, "form", None) is None or not isinstance(at, Lit) or type(at.value) is not int:
        return None
    if stage.form.kind in ("tuple", "list") and not stage.form.name:
        return stage.operands[at.value]
    if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "array" \
            and all(item.kind == "at" for item in stage.form.spec) \
            and all(isinstance(o, Lit) and type(o.value) is int for o in stage.operands[1:]):
        holes = stage.operands + (at,)
        spec = tuple(Item("at", (k,)) for k in range(1, len(holes)))
        return builder.emit(Form("index", spec=spec), holes)
    return None


def _summed_axis(builder, form, operands):
    """`a.sum(axis=1, keepdims=True)[:, 0]` is `a.sum(axis=1)`, also as a factor of `v[:, None]` or a term."""
    holes = [operands[item.holes[0]] if item.kind == "at" else item for item in form.spec]
    axes = [axis for axis, item in enumerate(holes) if item == Lit(0)]
    if not axes or any(item not in (Lit(0), WHOLE_AXIS) for item in holes):
        return None
    summed = _sum_without(builder, operands[0], axes)
    if summed is not None or len(axes) != 1:
        return summed
    return _without_axis(builder, operands[0], axes[0], len(holes))


def _sum_without(builder, operand, axes):
    """The sum of which a subscript takes the axes that it keeps; two sums of the same are one.

    `a.sum(axis=(2, 3), keepdims=True).sum(axis=0)[:, 0, 0]` is `a.sum(axis=(0, 2, 3))`.
    """
    base, over, is_kept = _sum_of(builder, operand)
    if not over:
        return None
    if is_kept:
        return _sum_over(builder, base, over) if over == axes else None
    left = [axis for axis in range(kind_of_operand(base).rank) if axis not in over]
    inner, inside, is_kept = _sum_of(builder, base)
    return _sum_over(builder, inner, over + inside) \
        if is_kept and inside == [left[axis] for axis in axes] else None


def _sum_of(builder, operand):
    """(a, axes, keepdims) of the nameless a.sum(axis=axes); no axes if it is none, or they are not known."""
    stage = None if isinstance(operand, Lit) else builder.definitions.get(operand)
    if not isinstance(stage, Stage) or operand.name is not None or stage.form.kind != "method" \
            or stage.form.name != "sum" or stage.form.keywords not in (("axis",), ("axis", "keepdims")):
        return None, [], False
    base, axis, *kept = stage.operands
    rank, written = kind_of_operand(base).rank, builder.definitions.get(axis)
    axes = written.operands if isinstance(written, Stage) and written.form == Form("tuple") else (axis,)
    if rank is None or kept not in ([], [Lit(True)]) or any(
            not isinstance(part, Lit) or type(part.value) is not int for part in axes):
        return None, [], False
    return base, sorted(part.value % rank for part in axes), bool(kept)


def _sum_over(builder, base, axes):
    axes = sorted(axes)
    return builder.symbol(base).sum(axis=axes[0] if len(axes) == 1 else tuple(axes)).operand


def _without_axis(builder, operand, axis, rank):
    """A value without an axis of length 1 that a sum has left, or that was added to broadcast; or None."""
    if kind_of_operand(operand).rank == 0:
        return operand
    stage = builder.definitions.get(operand)
    if not isinstance(stage, Stage) or operand.name is not None or kind_of_operand(operand).rank != rank:
        return None
    form, first = stage.form, stage.operands[0] if stage.operands else None
    if form.kind == "method" and form.name == "sum":
        is_kept = (form.keywords == ("axis", "keepdims") and stage.operands[1:] == (Lit(axis), Lit(True))
                   and axis == rank - 1)
        return builder.emit(Form("method", "sum", ("axis",)), stage.operands[:2]) if is_kept else None
    if form.kind == "index" and stage.gate is None:
        kinds = [item.kind for item in form.spec]
        is_added = kinds == ["new" if i == axis else "slice" for i in range(rank)] and all(
            item in (WHOLE_AXIS, form.spec[axis]) for item in form.spec)
        return first if is_added else None
    if form == Form("unary", "-"):
        inner = _without_axis(builder, first, axis, rank)
        return None if inner is None else _negated(builder, inner)
    if form.kind != "binary" or form.name not in "+-*/" or not builder.is_backward(operand):
        return None
    parts = []
    for part in stage.operands:
        parts.append(_without_axis(builder, part, axis, rank))
        if parts[-1] is None:
            return None
    return _binary(builder, form.name, *parts)


def _sum(builder, form, operands):
    """The sum of a number, and of a product."""
    if kind_of_operand(operands[0]).rank == 0 and len(operands) == 1:
        return operands[0]
    return factors.sum_of_product(builder, form, operands)


_RULES = {("binary", "*"): _multiply, ("binary", "/"): _divide, ("binary", "+"): _add,
          ("binary", "-"): _subtract, ("binary", "**"): _power, ("unary", "-"): _negative,
          ("attr", "T"): _transpose, ("attr", "mT"): _transpose, ("method", "reshape"): _reshape,
          ("method", "swapaxes"): permuted, ("method", "transpose"): permuted,
          ("method", "sum"): _sum, "index": _index, "compare": _compare}
