"""Distinct: whether an integer array holds each place once, as np.arange does, shifted or not.

>>> import types
>>> i, j = Value("i"), Value("j")
>>> gate = types.SimpleNamespace(name="arange")
>>> arange = Stage((i,), Form("call", "np.arange"), (Lit(1), Lit(5)), gate=gate)
>>> definitions = {i: arange, j: Stage((j,), Form("binary", "-"), (i, Lit(2)))}
>>> has_distinct_places(definitions, i), has_distinct_places(definitions, j)
(True, False)
"""
from __future__ import annotations

from ..ir.nodes import Form, Lit, Stage, Value
from ..types.subscripts import shifted

UP, DOWN, BELOW = "from 0 or above, upwards", "from 0 downwards", "from below 0, downwards"


def has_distinct_places(definitions, operand):
    """Whether no place occurs twice, and all are counted from the same end."""
    return sign(definitions, operand) in (UP, BELOW)


def sign(definitions, operand):
    """UP, DOWN or BELOW for an arithmetic sequence; None for anything else."""
    definition = definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(definition, Stage):
        return None
    if definition.form.kind == "alias":
        return sign(definitions, definition.operands[0])
    if definition.gate is not None and definition.gate.name in ("arange", "range"):
        return _range(definition)
    if definition.form.kind == "unary" and definition.form.name == "-":
        return DOWN if sign(definitions, definition.operands[0]) == UP else None
    if definition.form.kind == "binary":
        left, right = definition.operands
        if definition.form.name in "+*" and isinstance(left, Lit):
            left, right = right, left
        number = right.value if isinstance(right, Lit) and type(right.value) is int else None
        left_sign = sign(definitions, left)
        if number is None or left_sign is None:
            return None
        if definition.form.name == "*":
            return left_sign if number > 0 else None
        if definition.form.name == "+":
            return UP if left_sign == UP and number >= 0 else None
        if definition.form.name == "-":
            return BELOW if left_sign in (DOWN, BELOW) and number > 0 else None
    return None


def _range(stage):
    """np.arange with a start of 0 or above, and a step upwards."""
    ends = [o.value if isinstance(o, Lit) and type(o.value) is int else None for o in stage.operands]
    if stage.form.keywords or len(ends) > 3:
        return None
    start, step = ends[0] if len(ends) > 1 else 0, ends[2] if len(ends) == 3 else 1
    return UP if start is not None and start >= 0 and step is not None and step > 0 else None


def is_same_place(stored, taken):
    """Whether a store writes the element that was read of an array before, as that of `x[i] *= v` does."""
    return taken.form.kind == "index" and shifted(stored.form.spec, -1) == taken.form.spec \
        and len(stored.operands) == len(taken.operands) + 1 \
        and all(a is b or type(a) is Lit and a == b for a, b in zip(stored.operands[2:], taken.operands[1:]))
