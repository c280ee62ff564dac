"""Tables: the reference pages, made of the compiler's own tables so that they cannot go stale.

`python -m revad reference` prints what `docs/reference.md` holds.

>>> "np.tanh" in gate_rows()["elementwise"]
True
"""
from __future__ import annotations

import builtins
import math

import numpy as np

from . import rules  # noqa: F401  (declares the gates)
from .check import REFUSED
from .gates import OPERATORS, all_gates, methods

KINKS = (
    ("max(x, y), np.maximum(x, y)", "the first where they are equal"),
    ("min(x, y), np.minimum(x, y)", "the first where they are equal"),
    ("np.maximum(x, 0), np.maximum(0, x), np.where(x > 0, x, 0)", "0 at 0"),
    ("abs(x), np.abs(x)", "0 at 0"),
    ("np.max, np.min over axes", "a tie is shared equally"),
    ("np.clip(x, low, high)", "1 on the bounds, as inside"),
    ("np.linalg.norm(x)", "0 at 0"),
    ("x**y on y, where x is 0", "0, the limit for y > 0"),
    ("np.sign, np.floor, comparisons, argmax", "0 everywhere"),
)


def gate_rows() -> dict:
    """The functions that have a gate, by how it is declared, in the spelling of users."""
    found = {"elementwise": [], "adjoint": [], "zero": []}
    for function, gate in all_gates().items():
        name = spelling(function)
        if name is not None:
            found[gate.mode].append(name)
    return {mode: sorted(set(names)) for mode, names in found.items()}


def spelling(function) -> str | None:
    """`np.exp`, `math.exp`, `abs`; None for what users do not write."""
    name = getattr(function, "__name__", None)
    for prefix, module in (("np", np), ("np.linalg", np.linalg), ("math", math)):
        if name and vars(module).get(name) is function:
            return f"{prefix}.{name}"
    return name if name and vars(builtins).get(name) is function else None


def reference() -> str:
    """The text of docs/reference.md."""
    rows = gate_rows()
    attributes = sorted(name for name in methods() if name.startswith("."))
    lines = [
        "# What revad knows", "",
        "This page is written by `python -m revad reference`.", "",
        "## Functions", "",
        f"Elementwise: {', '.join(rows['elementwise'])}.", "",
        f"Others with a derivative: {', '.join(rows['adjoint'])}.", "",
        f"Without a derivative, copied through: {', '.join(rows['zero'])}.", "",
        f"Methods of arrays: {', '.join(sorted('.' + m for m in methods() if not m.startswith('.')))}; "
        f"attributes: {', '.join(attributes)}.", "",
        f"Operators: {', '.join('`' + name.replace('unary ', '') + '`' for name in sorted(set(OPERATORS)))}.", "",
        "## Ties and kinks", "", "| where | the gradient goes to, or is |", "|---|---|",
        *(f"| `{where}` | {what} |" for where, what in KINKS), "",
        "## Syntax that is refused", "", "| what | why | instead |", "|---|---|---|",
        *dict.fromkeys(f"| {_cell(r.what)} | {_cell(r.why)} | {_cell(r.instead)} |" for r in REFUSED.values()), "",
    ]
    return "\n".join(lines)


def _cell(text):
    return text.replace("|", "\\|")
