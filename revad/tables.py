"""Tables: the reference pages, made of the compiler's own tables so that they cannot go stale.

`python -m revad reference` prints what `docs/reference.md` holds, `python -m revad reference --syntax`
the table that README.md holds as well.

>>> "np.tanh" in gate_rows()["elementwise"]
True
>>> "`while`" in syntax().splitlines()[2], "'yield'" in syntax().splitlines()[4]
(True, True)
"""
from __future__ import annotations

import builtins
import math

import numpy as np

from . import rules  # noqa: F401  (declares the gates)
from .check import EXPRESSIONS, REFUSED, STATEMENTS
from .gates import OPERATORS, all_gates, methods

KINKS = (
    ("max(x, y), np.maximum(x, y)", "the first where they are equal"),
    ("min(x, y), np.minimum(x, y)", "the first where they are equal"),
    ("np.maximum(x, 0), np.maximum(0, x), np.where(x > 0, x, 0)", "0 at 0"),
    ("abs(x), np.abs(x)", "0 at 0"),
    ("np.max, np.min over axes", "a tie is shared equally"),
    ("np.clip(x, low, high)", "1 on the bounds, as inside"),
    ("np.linalg.norm(x), np.hypot(x, y), np.sqrt(x**2 + y**2)", "0 at 0"),
    ("x**y on y, where x is 0", "0, the limit for y > 0"),
    ("np.sign, np.floor, comparisons, argmax", "0 everywhere"),
)

# How the syntax that `check` accepts is written, by the type of its node.
WRITTEN = {
    "Assign": "y = x", "AnnAssign": "y: float = x", "AugAssign": "y += x", "Return": "return y", "Expr": "out.append(y)",
    "If": "if", "For": "for", "While": "while", "Break": "break", "Continue": "continue", "Pass": "pass",
    "FunctionDef": "def inside", "Import": "import math", "ImportFrom": "from math import exp", "Assert": "assert",
    "Raise": "raise", "Delete": "del", "With": "with np.errstate()", "Try": "try", "Global": "global",
    "Name": "x", "Constant": "1.5", "UnaryOp": "-x", "BinOp": "x + y", "BoolOp": "x and y", "Compare": "0 < x < y",
    "IfExp": "x if x > y else y", "NamedExpr": "y := x", "Call": "f(x)", "Starred": "f(*x)", "Attribute": "self.x",
    "Subscript": "x[i]", "Slice": "x[i:j]", "Tuple": "(x, y)", "List": "[x, y]", "Dict": '{"x": x}', "Set": "{1, 2}",
    "ListComp": "[f(x) for x in xs]", "SetComp": "{f(i) for i in n}", "DictComp": "{k: f(x) for k, x in xs.items()}",
    "GeneratorExp": "sum(f(x) for x in xs)", "Lambda": "lambda x: x**2", "JoinedStr": 'f"..."', "FormattedValue": 'f"{x}"',
}


def syntax() -> str:
    """The table of the syntax that is accepted and refused, in short."""
    rows = {f"accepted {what}": [f"`{text}`" for node, text in WRITTEN.items() if node in nodes]
            for what, nodes in (("statements", STATEMENTS), ("expressions", EXPRESSIONS))}
    rows["refused"] = dict.fromkeys(refusal.what for refusal in REFUSED.values())
    return "\n".join(["| | |", "|---|---|", *(f"| {what} | {', '.join(cells)} |" for what, cells in rows.items()), ""])


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
        "Of scipy.special, which revad does not import itself: the error functions and the normal distribution (`erf`, `ndtr`, "
        "`log_ndtr` ...), `expit` and `logit`, the gamma and beta functions (`gammaln`, `psi`, `betaln` ...), `xlogy`, `entr`, "
        "`rel_entr`, `kl_div`, `huber`, Bessel functions (`j0`, `iv` ...), `logsumexp`, `softmax` and `log_softmax`. Of scipy.linalg: `inv`, `det`, `solve`, "
        "`solve_triangular`, `cholesky`, `norm`, `expm` and `sqrtm`.", "",
        f"Methods of arrays: {', '.join(sorted('.' + m for m in methods() if not m.startswith('.')))}; "
        f"attributes: {', '.join(attributes)}.", "",
        f"Operators: {', '.join('`' + name.replace('unary ', '') + '`' for name in sorted(set(OPERATORS)))}.", "",
        "## Ties and kinks", "", "| where | the gradient goes to, or is |", "|---|---|",
        *(f"| `{where}` | {what} |" for where, what in KINKS), "",
        "## Syntax", "", syntax(),
        "| refused | why | instead |", "|---|---|---|",
        *dict.fromkeys(f"| {_cell(r.what)} | {_cell(r.why)} | {_cell(r.instead)} |" for r in REFUSED.values()), "",
    ]
    return "\n".join(lines)


def _cell(text):
    return text.replace("|", "\\|")
