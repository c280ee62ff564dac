"""Scalars: NumPy functions of plain numbers in a rule are spelled with `math`.

`math.cos` of a number takes a fifth of the time of `np.cos`, and the function's own text
shows that it is about numbers: it calls nothing of NumPy's.

>>> from .builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Value
>>> builder = Builder()
>>> builder.plain_numbers = True
>>> x = builder.symbol(Value("x", kind=FLOAT))
>>> _ = np.cos(x), np.sign(x)
>>> builder.stages[0], builder.stages[-1]
(_ = call '@math.cos' (x), _ = binary '-' (_, _))
"""
from __future__ import annotations

import math

import numpy as np

from ..ir.nodes import Form, Lit
from ..types.shape_rules import kind_of_operand

SAME = {name: getattr(math, name) for name in (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh",
    "hypot", "floor", "ceil", "trunc")}


def spelled_plainly(builder, form, operands):
    """The same stage for plain numbers, or None where NumPy's function has to stay."""
    name = form.name.removeprefix("@np.")
    if form.keywords or not all(kind_of_operand(o).weak for o in operands):
        return None
    if name in SAME:
        path = f"@math.{name}"
        builder.externals.setdefault(path, SAME[name])
        return builder.emit(Form("call", path), operands)
    if name == "sign":
        is_positive, is_negative = (builder.emit(Form("compare", sign), (operands[0], Lit(0)))
                                    for sign in "><")
        return builder.emit(Form("binary", "-"), (is_positive, is_negative))
    if name == "where":
        return builder.emit(Form("ifexp"), operands)
    return None


def only_plain_numbers(builder, stages):
    """Whether the function's own stages call nothing of NumPy's."""
    for stage in stages:
        form = getattr(stage, "form", None)
        if form is not None and form.kind in ("call", "read") and not form.name.startswith("@"):
            if builder.scope.root(form.name.split(".")[0]) is np:
                return False
        if form is None and not all(only_plain_numbers(builder, block) for block in stage.blocks):
            return False
    return True
