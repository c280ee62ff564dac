"""Distinct: whether an array of places holds each place once, as np.arange and what is added to it do.

>>> import types
>>> i, j = Value("i"), Value("j")
>>> made = Stage((i,), Form("call", "np.arange"), (Lit(1), Lit(5)), gate=types.SimpleNamespace(name="arange"))
>>> definitions = {i: made, j: Stage((j,), Form("binary", "-"), (i, Lit(2)))}
>>> counts(definitions, i), counts(definitions, j)
(True, False)
"""
from __future__ import annotations

from ..ir.nodes import Form, Lit, Stage, Value
from ..types.subscripts import shifted

UP, DOWN, BELOW = "from 0 or above, upwards", "from 0 downwards", "from below 0, downwards"


def counts(definitions, operand):
    """Whether no place is there twice, all counted from the same end."""
    return sign(definitions, operand) in (UP, BELOW)


def sign(definitions, operand):
    """UP, DOWN or BELOW for what counts in steps; None for anything else."""
    made = definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(made, Stage):
        return None
    if made.form.kind == "alias":
        return sign(definitions, made.operands[0])
    if made.gate is not None and made.gate.name in ("arange", "range"):
        return _range(made)
    if made.form.kind == "unary" and made.form.name == "-":
        return DOWN if sign(definitions, made.operands[0]) == UP else None
    if made.form.kind == "binary":
        left, right = made.operands
        if made.form.name in "+*" and isinstance(left, Lit):
            left, right = right, left
        number = right.value if isinstance(right, Lit) and type(right.value) is int else None
        found = sign(definitions, left)
        if number is None or found is None:
            return None
        if made.form.name == "*":
            return found if number > 0 else None
        if made.form.name == "+":
            return UP if found == UP and number >= 0 else None
        if made.form.name == "-":
            return BELOW if found in (DOWN, BELOW) and number > 0 else None
    return None


def _range(made):
    """np.arange with a start of 0 or above, and a step upwards."""
    ends = [o.value if isinstance(o, Lit) and type(o.value) is int else None for o in made.operands]
    if made.form.keywords or len(ends) > 3:
        return None
    start, step = ends[0] if len(ends) > 1 else 0, ends[2] if len(ends) == 3 else 1
    return UP if start is not None and start >= 0 and step is not None and step > 0 else None


def is_same_place(stored, taken):
    """Whether a store writes what was taken of an array before, as that of `x[i] *= v` does."""
    return taken.form.kind == "index" and shifted(stored.form.spec, -1) == taken.form.spec \
        and len(stored.operands) == len(taken.operands) + 1 \
        and all(a is b or type(a) is Lit and a == b for a, b in zip(stored.operands[2:], taken.operands[1:]))
