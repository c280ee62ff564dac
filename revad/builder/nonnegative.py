"""Nonnegative: whether a value is certainly not negative, so that its fractional powers are numbers.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Value
>>> from .builder import Builder
>>> builder = Builder()
>>> x = builder.symbol(Value("x", kind=FLOAT))
>>> [is_nonnegative(builder, part.operand) for part in (x, x * x, abs(x) + 1, x * x - 1)]
[False, True, True, False]
"""
from __future__ import annotations

import re

from ..ir.nodes import Stage
from ..types.shape_rules import kind_of_operand
from .evaluate import number_of

DEPTH = 12
LENGTH = re.compile(r"[\w.]+\.(shape\[-?\d+\]|size|ndim)|len\([\w.]+\)")
NONNEGATIVE = frozenset((
    "absolute", "fabs", "square", "exp", "exp2", "sqrt", "hypot", "cosh", "length", "norm",
    "arccos", "arccosh",
    "logistic", "softplus", "len"))
KEEPS_SIGN = frozenset((
    "add", "multiply", "divide", "positive", "float", "sqrt", "cbrt", "sinh", "tanh", "arctan",
    "expm1", "log1p",
    "sum", "min", "power"))


def is_nonnegative(builder, operand, depth=DEPTH):
    """Whether a number, or each element of an array, is certainly not negative."""
    number = number_of(builder, operand)
    if number is not None:
        return number >= 0
    known = kind_of_operand(operand).known
    if known is not None and LENGTH.fullmatch(known.text):
        return True
    stage = builder.definitions.get(operand) if depth else None
    if not isinstance(stage, Stage):
        return False

    def inner(value):
        return is_nonnegative(builder, value, depth - 1)
    name = stage.gate.name if stage.gate is not None else ""
    if name in NONNEGATIVE or stage.form.kind == "call" and stage.form.name in ("len", "@len"):
        return True
    if name == "multiply" and stage.operands[0] is stage.operands[1]:
        return True
    if name == "power":
        exponent = number_of(builder, stage.operands[1])
        return exponent is not None and exponent % 2 == 0 or inner(stage.operands[0])
    if name in ("max", "maximum"):
        return any(map(inner, stage.operands))
    if stage.form.kind == "ifexp":
        return all(map(inner, stage.operands[1:]))
    if stage.form.kind == "alias" or name in KEEPS_SIGN:
        return bool(stage.operands) and all(map(inner, stage.operands))
    return False
