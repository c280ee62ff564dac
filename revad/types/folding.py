"""Folding: the value of integer arithmetic on sizes and settings, with the expression for it.

>>> from .kinds import INT, literal
>>> from ..ir.nodes import Form
>>> length, one = INT._replace(known=Known(5, "x.shape[0]")), INT._replace(known=literal(1))
>>> fold(Form("binary", "-"), [length, one])[:2]
(4, 'x.shape[0] - 1')
"""
from __future__ import annotations

import math

from ..ir.nodes import Form
from .kinds import INT, Known, literal


def rounded(rounding):
    """The kind rule of int(x), math.floor(x) and math.ceil(x), whose value is known where that of x is."""
    def kind(bound):
        known = bound.raw("x").known
        if (known is None or type(known.value) not in (int, float)
                or type(known.value) is float and not math.isfinite(known.value)):
            return INT
        value = {"int": int, "floor": math.floor, "ceil": math.ceil}[rounding](known.value)
        texts = {"int": f"int({known.text})", "floor": f"int(({known.text}) // 1)",
                 "ceil": f"-int(-({known.text}) // 1)"}
        return INT._replace(known=Known(value, repr(value) if known.exact else texts[rounding],
                                        known.exact, known.exact))
    return kind


def fold(form, kinds):
    """The value of integer arithmetic on sizes and settings, with its expression."""
    known = [kind.known for kind in kinds]
    if (form == Form("unary", "-") and known[0] is not None and known[0].exact
            and type(known[0].value) is float):
        return literal(-known[0].value)
    if any(k is None or type(k.value) not in (int, bool) for k in known):
        return None
    texts = [k.text if k.text.isidentifier() or k.exact
             or " " not in k.text and ("[" in k.text or k.text.startswith("len(")) else f"({k.text})"
             for k in known]
    try:
        if form.kind == "unary":
            value = {"-": lambda a: -a, "+": lambda a: +a, "not": lambda a: not a,
                     "~": lambda a: ~a}[form.name](known[0].value)
            text = f"{form.name}{' ' if form.name == 'not' else ''}{texts[0]}"
        else:
            value = _FOLDS[form.name](known[0].value, known[1].value)
            text = f"{texts[0]} {form.name} {texts[1]}"
    except (KeyError, ZeroDivisionError, OverflowError, MemoryError):
        return None
    exact = all(k.exact for k in known)
    return Known(value, repr(value) if exact else text, exact, exact)


_FOLDS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
          "//": lambda a, b: a // b, "%": lambda a, b: a % b, "/": lambda a, b: a / b,
          "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
          ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b}


