"""Memo: what was inferred of an operation, for operands of the same kinds.

Most operations of a text are the same few, of the same kinds.  An inference that only looks at kinds gives
the same for equal kinds, with the same demands; it is kept for one compilation.

>>> from ..ir.nodes import Value
>>> from .kinds import FLOAT
>>> x, y = Value("x", kind=FLOAT, varied=True), Value("y", kind=FLOAT)
>>> key_of_operation(Form("binary", "*"), (x, y), None) == key_of_operation(Form("binary", "*"), (x, y), None)
True
>>> key_of_operation(Form("binary", "**"), (x, y), None) is None
True
"""
from __future__ import annotations

from operator import is_

from ..ir.nodes import Form, Lit

OPERATORS = frozenset(("+", "-", "*", "/"))
KINDS = frozenset(("unary", "call", "method"))
NUMBERS = (int, float)


def key_of_operation(form: Form, operands, demanded):
    """The key of an operation on numbers and arrays by position, or None; demanded: None where none are."""
    if not (form.name in OPERATORS if form.kind == "binary" else form.kind in KINDS) or form.keywords:
        return None
    key = [form.kind, form.name, demanded is None]
    for operand in operands:
        if isinstance(operand, Lit):
            if type(operand.value) not in NUMBERS:
                return None
            key += type(operand.value), repr(operand.value)
        else:
            kind = operand.kind
            if not kind.numeric or kind.known is not None or kind.affine is not None or kind.items:
                return None
            key += kind, operand.varied
    return tuple(key)


def recall(scope, key, operands):
    """The inference that was kept under a key, for these operands, or None; its demands are made again."""
    if key is None or key not in scope.inferred:
        return None
    names, inferred, demands = scope.inferred[key]
    if demands:
        scope.demanded.extend(demands)
    return inferred._replace(bound=dict(zip(names, operands)))


def keep(scope, key, inferred, operands, demands_before):
    """Keep the inference of an elementwise gate, with the demands that it made.

    Its guards stay in the scope; where they are taken back, what was kept is dropped with them.
    """
    gate, bound, kind, _ = inferred
    if (gate is not None and gate.mode == "elementwise" and kind.known is None and kind.affine is None
            and len(bound) == len(operands) and all(map(is_, bound.values(), operands))):
        scope.inferred[key] = tuple(bound), inferred, tuple((scope.demanded or [])[demands_before:])
