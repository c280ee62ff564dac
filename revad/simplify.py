"""Simplify: ones, zeros, double signs and transposes that a rule leaves behind, one stage at a time.

>>> from .builder import Builder
>>> from .kinds import FLOAT
>>> from .program import Value
>>> x, d = (Builder().symbol(Value(n, kind=FLOAT)).operand for n in "xd")
>>> builder = Builder()
>>> inverse = builder.emit(Form("binary", "/"), (Lit(1), x))
>>> builder.definitions[builder.emit(Form("binary", "*"), (inverse, d))]
_ = binary '/' (d, x)
"""
from __future__ import annotations

from .lengths import kind_of_operand
from .program import Form, Item, Lit


def simplify(builder, form, operands):
    """A simpler operand that equals the stage, or None."""
    rule = _RULES.get((form.kind, form.name)) or _RULES.get(form.kind)
    return rule(builder, form, operands) if rule else None


def is_lit(operand, value):
    return isinstance(operand, Lit) and type(operand.value) in (int, float) and operand.value == value


def _numbers(operands):
    return all(isinstance(o, Lit) and type(o.value) in (int, float) for o in operands)


def _made(builder, operand, kind, name):
    """The operands of the stage that defines `operand`, if it is a `name`."""
    stage = builder.definitions.get(operand)
    if stage is not None and operand.name is None and getattr(stage, "form", None) \
            and stage.form.kind == kind and stage.form.name == name:
        return stage.operands
    return None


def _binary(builder, name, *operands):
    return builder.emit(Form("binary", name), operands)


def _negated(builder, operand):
    return builder.emit(Form("unary", "-"), (operand,))


def _multiply(builder, form, operands):
    a, b = operands
    if _numbers(operands):
        return Lit(a.value * b.value)
    for one, other in (operands, operands[::-1]):
        if is_lit(one, 1) and _inexact(other):
            return other
        if is_lit(one, -1):
            return _negated(builder, other)
    inverse = _made(builder, a, "binary", "/")
    if inverse and is_lit(inverse[0], 1):
        return _binary(builder, "/", b, inverse[1])
    inverse = _made(builder, b, "binary", "/")
    if inverse and is_lit(inverse[0], 1):
        return _binary(builder, "/", a, inverse[1])
    part = _made(builder, b, "binary", "/")
    if part and isinstance(part[0], Lit):
        scaled = _made(builder, a, "binary", "*")
        if scaled and _numbers((scaled[0], part[0])):
            return _binary(builder, "/", _binary(builder, "*", Lit(scaled[0].value * part[0].value), scaled[1]), part[1])
    negative = _made(builder, b, "unary", "-")
    if negative:
        return _binary(builder, "*", _negated(builder, a), negative[0])
    if isinstance(a, Lit) and a.value is not None:
        inner = _made(builder, b, "binary", "*")
        if inner and isinstance(inner[0], Lit) and _numbers((a, inner[0])):
            return _binary(builder, "*", Lit(a.value * inner[0].value), inner[1])
    if isinstance(b, Lit) and not isinstance(a, Lit):
        return builder.emit(form, (b, a))
    return None


def _inexact(operand):
    """Multiplying truth values by one makes numbers of them: not to be dropped then."""
    return kind_of_operand(operand).dtype != "?"


def _divide(builder, form, operands):
    a, b = operands
    if is_lit(b, 1):
        return a
    negative = _made(builder, b, "unary", "-")
    if negative:
        return _binary(builder, "/", _negated(builder, a), negative[0])
    return None


def _add(builder, form, operands):
    a, b = operands
    if _numbers(operands):
        return Lit(a.value + b.value)
    if is_lit(a, 0):
        return b
    if is_lit(b, 0):
        return a
    negative = _made(builder, b, "unary", "-")
    if negative:
        return _binary(builder, "-", a, negative[0])
    return None


def _subtract(builder, form, operands):
    a, b = operands
    if _numbers(operands):
        return Lit(a.value - b.value)
    if is_lit(b, 0):
        return a
    if is_lit(a, 0):
        return _negated(builder, b)
    return None


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
    inner = _made(builder, operand, "unary", "-")
    if inner:
        return inner[0]
    return None


def _transpose(builder, form, operands):
    operand = operands[0]
    if kind_of_operand(operand).rank in (0, 1):
        return operand
    inner = _made(builder, operand, "attr", form.name)
    return inner[0] if inner else None


def _reshape(builder, form, operands):
    """A reshape to the shape that the value has."""
    kind = kind_of_operand(operands[0])
    if len(operands) == 2 and kind.shape is not None:
        target = kind_of_operand(operands[1])
        if target.tag == "tuple" and len(target.items) == len(kind.shape) and all(
                i.known is not None and i.known.text == n.text for i, n in zip(target.items, kind.shape)):
            return operands[0]
    return None


def _index(builder, form, operands):
    """`g[0][1]` is `g[0, 1]`; an element of a list that is written out is that element."""
    stage = builder.definitions.get(operands[0])
    only = form.spec[0] if len(form.spec) == 1 else None
    if stage is None or operands[0].name is not None or only is None or only.kind != "at":
        return None
    at = operands[1]
    if getattr(stage, "form", None) is None or not isinstance(at, Lit) or type(at.value) is not int:
        return None
    if stage.form.kind in ("tuple", "list"):
        return stage.operands[at.value]
    if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "array" and all(item.kind == "at" for item in stage.form.spec) \
            and all(isinstance(o, Lit) for o in stage.operands[1:]):
        holes = stage.operands + (at,)
        spec = tuple(Item("at", (k,)) for k in range(1, len(holes)))
        return builder.emit(Form("index", spec=spec), holes)
    return None


def _sum(builder, form, operands):
    """The sum of a number, and of negatives."""
    if kind_of_operand(operands[0]).rank == 0 and len(operands) == 1:
        return operands[0]
    negative = _made(builder, operands[0], "unary", "-")
    if negative:
        return _negated(builder, builder.emit(form, (negative[0], *operands[1:])))
    return None


_RULES = {("binary", "*"): _multiply, ("binary", "/"): _divide, ("binary", "+"): _add,
          ("binary", "-"): _subtract, ("binary", "**"): _power, ("unary", "-"): _negative,
          ("attr", "T"): _transpose, ("attr", "mT"): _transpose, ("method", "reshape"): _reshape,
          ("method", "sum"): _sum, "index": _index}
