"""Finite: whether a value is finite where the data are, and which values flow into an infinite slope.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> builder = Builder()
>>> x = builder.symbol(Value("x", kind=FLOAT))
>>> [is_finite(builder, part.operand, None) for part in (2 * x, 1 / x, x**2, x**-2, x**1.5)]
[True, False, True, False, False]
"""
from __future__ import annotations

from ..builder.evaluate import number_of
from ..builder.nonnegative import is_nonnegative
from ..ir.nodes import Branch, Form, Lit, Loop, Stage, Value
from ..types.kinds import INTEGERS
from ..types.shape_rules import kind_of_operand
from .masks import same_shape

DEPTH = 40              # stages that are followed
TESTS = frozenset(("isnan", "isfinite", "isinf"))       # a mask made by these implies that data may be so
# Infinite slopes where the function is finite.
ROOTS = frozenset(("sqrt", "cbrt", "power", "arcsin", "arccos", "arccosh"))
POLES = frozenset(("log", "log2", "log10", "log_to_base", "reciprocal", "arctanh"))
BOUNDED = frozenset(("tanh", "sin", "cos", "arctan", "sign", "logistic", "falling_logistic", "softmax",
                     "heaviside"))
KEPT_FINITE = frozenset((
    "add", "subtract", "multiply", "negative", "positive", "maximum", "minimum", "fmax", "fmin", "clip",
    "absolute", "fabs", "square", "where", "select", "relu", "sum", "mean", "max", "min", "matmul", "dot",
    "reshape", "transpose", "ravel", "swapaxes", "squeeze", "expand_dims", "concatenate", "stack", "astype",
    "copy", "array", "asarray", "cumsum", "length", "norm", "log_softmax", "log_sum_exp", "broadcast_to",
    "diag", "shift", "outer", "full_like", "zeros_like", "ones_like", "zeros", "ones", "full", "arange",
    "linspace", "eye"))
KEPT_FORMS = frozenset(("index", "alias", "attr", "tuple", "list", "unpack", "compare", "ifexp",
                        "store", "unary"))


def is_finite(builder, operand, mask):
    """Whether a value is certainly finite where the data are; data that a mask tests may be anything."""
    return _finite(builder, operand, mask, DEPTH, {})


def _finite(builder, operand, mask, depth, memo):
    if operand not in memo:
        memo[operand] = _decide(builder, operand, mask, depth, memo)
    return memo[operand]


def _decide(builder, operand, mask, depth, memo):
    if isinstance(operand, Lit):
        return True
    if kind_of_operand(operand).dtype in INTEGERS:
        return True
    stage = builder.definitions.get(operand)
    if stage is None:
        return mask is None or not _tests(builder, mask)
    if not isinstance(stage, Stage) or not depth:
        return False

    def inner(value):
        return _finite(builder, value, mask, depth - 1, memo)
    form, operands = stage.form, stage.operands
    name = stage.gate.name if stage.gate is not None else ""
    if name in BOUNDED:
        return mask is None or all(map(inner, operands))
    if form == Form("binary", "/") or name == "divide":
        return all(map(inner, operands)) and (number_of(builder, operands[1]) not in (None, 0)
                                              or _is_one_at_zero(builder, operands[1]))
    if form == Form("binary", "**") or name == "power":
        exponent = number_of(builder, operands[1])
        return (exponent is not None and exponent >= 0 and inner(operands[0])
                and (exponent == int(exponent) or exponent > 1 and is_nonnegative(builder, operands[0])))
    if form.kind == "read":
        return True
    if form.kind in KEPT_FORMS or name in KEPT_FINITE \
            or form.kind in ("call", "method") and form.name.rpartition(".")[2] in KEPT_FINITE:
        return all(map(inner, operands))
    return form.kind == "binary" and form.name in ("+", "-", "*", "@") and all(map(inner, operands))


def _is_one_at_zero(builder, operand):
    """Whether it is y + (y == 0), the divisor of rules whose quotient is 0 for 0."""
    stage = builder.definitions.get(operand)
    test = (builder.definitions.get(stage.operands[1])
            if isinstance(stage, Stage) and stage.form == Form("binary", "+") else None)
    return (isinstance(test, Stage) and test.form == Form("compare", "==")
            and test.operands == (stage.operands[0], Lit(0)))


def _tests(builder, mask, depth=8):
    """Whether a mask tests which data are finite."""
    stage = builder.definitions.get(mask) if isinstance(mask, Value) and depth else None
    if not isinstance(stage, Stage):
        return False
    return (stage.form.name.rpartition(".")[2] in TESTS
            or any(_tests(builder, operand, depth - 1) for operand in stage.operands))


def ends_in_infinite_slope(builder, end):
    """Whether a result of a called function comes, elementwise, from a function with an infinite slope."""
    seen, work = set(), [end]
    while work:
        value = work.pop()
        stage = (builder.definitions.get(value)
                 if isinstance(value, Value) and value not in seen and value.varied else None)
        seen.add(value)
        if (not isinstance(stage, Stage) or stage.gate is None and stage.form.kind != "alias"
                or not same_shape(value, end)):
            continue
        name = stage.gate.name if stage.gate is not None else ""
        if _has_gate(builder, stage, ROOTS | POLES):
            return True
        if name == "divide" and stage.operands[1].varied and same_shape(stage.operands[1], end):
            return True
        if not name or name == "where" or stage.gate.mode == "elementwise":
            work += stage.operands
    return False


def _has_gate(builder, stage, names):
    """Whether the gate has one of the names, and is no power with an integer exponent."""
    name = stage.gate.name if stage.gate is not None else ""
    exponent = number_of(builder, stage.operands[1]) if name == "power" and len(stage.operands) > 1 else None
    return name in names and (exponent is None or exponent < 0 or exponent != int(exponent))


def flows_into_infinite_slope(builder, value):
    """Whether a value flows into an infinite slope, and not by elementwise functions alone."""
    top = builder
    while top.outer is not None:
        top = top.outer
    if top.before_roots is None:
        top.before_roots = _flowing_into_infinite_slopes(builder)
    return value in top.before_roots


def _flowing_into_infinite_slopes(builder):
    """The values that flow into an infinite slope by a sum, a loop or a branch, unseen by `clamps`."""
    seen, work = set(), []
    for target, stage in list(builder.definitions.items()):
        if (isinstance(stage, Stage) and target.varied and not builder.is_backward(target)
                and _has_gate(builder, stage, ROOTS)):
            work += [(operand, False) for operand in stage.operands if isinstance(operand, Value)]
    while work:
        value, hidden = work.pop()
        if not value.varied or (value, hidden) in seen:
            continue
        seen.add((value, hidden))
        stage = builder.definitions.get(value)
        if isinstance(stage, Stage):
            varied = {o for o in stage.operands if isinstance(o, Value) and o.varied}
            plain = (stage.gate is not None and stage.gate.mode == "elementwise" and len(varied) == 1
                     or stage.form.kind == "alias")
            work += [(operand, hidden or not plain) for operand in varied]
        elif stage is not None:
            inside = ([other for row in getattr(stage, "rows", ()) for other in (row.init, row.next)]
                      if isinstance(stage, Loop)
                      else [other for row in stage.results for other in row[1:]] if isinstance(stage, Branch)
                      else [stage.same_as(value)])
            work += [(operand, True) for operand in (*stage.operands, *inside) if isinstance(operand, Value)]
    return {value for value, hidden in seen if hidden}
