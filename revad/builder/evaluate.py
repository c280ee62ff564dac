"""Evaluate: constant folding, the value of a stage whose operands are all literals.

>>> from .builder import Builder
>>> number_of(Builder(), Lit(3.0))
3.0
"""
from __future__ import annotations

import warnings

import numpy as np

from ..ir.nodes import Lit, Stage


def number_of(builder, operand):
    """The value of an operand that is computed from literals, or None."""
    if isinstance(operand, Lit):
        return operand.value if type(operand.value) in (int, float) else None
    stage = builder.definitions.get(operand)
    if not isinstance(stage, Stage) or stage.form.kind not in ("binary", "unary") or stage.gate is None \
            or len(stage.operands) > 2:
        return None
    return computed(stage.gate, [number_of(builder, o) for o in stage.operands])


def computed(gate, operands):
    """The result of a function on numbers, None if one is not known or the function raises."""
    if None in operands or not gate.functions:
        return None
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return float(gate.functions[0](*operands))
    except (ArithmeticError, ValueError, TypeError):
        return None


def never_zero(y):
    """Whether a number that is known when compiling is not 0 (guarded)."""
    if not hasattr(y, "kind"):
        return False
    known = y.kind.known
    if known is None or known.value in (None, 0) or known.text.startswith("?"):
        return False
    if not known.exact:
        y.builder.scope.guards.setdefault(f"({known.text}) != 0")
    return True
