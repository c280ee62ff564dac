"""Lengths: the slope of a length `np.sqrt((x**2).sum())` is 0 at 0, unless its gradient is infinite there.

So it is `0.5 / (norm + (norm == 0))`; but what has already been divided by the length, as in `x / norm`, is
infinite or not a number where that is 0, whatever it is divided by next: there the slope is `0.5 / norm`.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Stage
>>> builder, x, n = Builder(), Value("x", kind=FLOAT), Value("n", kind=FLOAT)
>>> quotient = Value(kind=FLOAT)
>>> builder.append(Stage((quotient,), OVER, (x, n)))
>>> is_divided_by(builder, quotient, n), is_divided_by(builder, x, n)
(True, False)
"""
from __future__ import annotations

from ..builder.factors import ALIAS, MINUS, OVER, TIMES
from ..ir.nodes import Form, Stage, Value

DEPTH = 8       # operations that are looked through
SUMS = Form("binary", "+"), Form("binary", "-")


def slope_where_infinite(y, x):
    """The slope of the length y where its gradient is infinite, or not a number, if y is 0."""
    return 0.5 / y


def is_divided_by(builder, operand, length, depth=DEPTH):
    """Whether an operand is infinite, or not a number, wherever a length is 0."""
    stage = builder.definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or not depth:
        return False
    form = stage.form
    if form == OVER:
        return (_has_factor(builder, stage.operands[1], length, depth)
                or is_divided_by(builder, stage.operands[0], length, depth - 1))
    if form in (TIMES, *SUMS):
        return any(is_divided_by(builder, o, length, depth - 1) for o in stage.operands)
    if form in (MINUS, ALIAS) or form.kind == "method" and form.name == "sum":
        return is_divided_by(builder, stage.operands[0], length, depth - 1)
    return False


def _has_factor(builder, operand, length, depth):
    stage = builder.definitions.get(operand) if isinstance(operand, Value) else None
    return operand is length or depth > 0 and isinstance(stage, Stage) and stage.form in (TIMES, ALIAS) \
        and any(_has_factor(builder, o, length, depth - 1) for o in stage.operands)
