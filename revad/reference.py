"""Reference: the reference pages, generated from the compiler's own tables so that they cannot go stale.

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
from .frontend.syntax_check import EXPRESSIONS, REFUSED, STATEMENTS
from .types.registry import OPERATORS, all_gates, methods

KINKS = (
    ("max(x, y), np.maximum(x, y), np.fmax(x, y)", "the first where they are equal"),
    ("min(x, y), np.minimum(x, y), np.fmin(x, y)", "the first where they are equal"),
    ("np.maximum(x, 0), np.maximum(0, x), np.where(x > 0, x, 0), x * (x > 0)", "0 at 0"),
    ("abs(x), np.abs(x), math.fabs(x)", "0 at 0"),
    ("np.max(x), np.min(x), np.ptp(x)", "a tie is shared equally, over axes too"),
    ("max(x), min(x)", "the first of equal elements of a list or an array"),
    ("np.clip(x, low, high)", "1 on the bounds, as inside"),
    ("np.linalg.norm(x), np.hypot(x, y), np.sqrt(x**2 + y**2), np.sum(x**2)**0.5, np.sqrt(x @ x), "
     "np.std(x), np.sqrt(np.abs(x))", "0 at 0"),
    ("x**y", "on y, where x is 0: 0, the limit for y > 0"),
    ("np.where(x > 0, np.sqrt(x), 0), np.sqrt(x)[x > 0], np.log(x)[1:]",
     "0 on the side that is not taken, and of elements that are not used, also where the slope is "
     "infinite or no number"),
    ("np.sqrt(np.maximum(x, 0)), np.clip(x, 0, 1)**0.4, math.acos(min(x, 1.0))",
     "0 where the clamp holds; nothing is divided by zero there"),
    ("np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))",
     "softplus, 1/2 at 0; so np.logaddexp and losses of logits in this spelling, at second order too"),
    ("np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
     "the logistic function, 1/4 at 0; no inf or nan far from it"),
    ("np.sqrt(x), np.log(x), 1 / x", "at 0: inf and NumPy's warning; of Python's numbers ZeroDivisionError"),
    ("x / 0", "inf, of an array"),
    ("np.sign(x), np.floor(x), x > 0, np.argmax(x)", "0 everywhere"),
)

# An example of each syntax that `check` accepts, by the type of its node.
WRITTEN = {
    "Assign": "y = x", "AnnAssign": "y: float = x", "AugAssign": "y += x", "Return": "return y",
    "Expr": "out.append(y)", "If": "if", "For": "for", "While": "while", "Break": "break",
    "Continue": "continue", "Pass": "pass", "FunctionDef": "def inside", "Import": "import math",
    "ImportFrom": "from math import exp", "Assert": "assert", "Raise": "raise", "Delete": "del",
    "With": "with np.errstate()", "Try": "try", "Global": "global", "Name": "x", "Constant": "1.5",
    "UnaryOp": "-x", "BinOp": "x + y", "BoolOp": "x and y", "Compare": "0 < x < y",
    "IfExp": "x if x > y else y", "NamedExpr": "y := x", "Call": "f(x)", "Starred": "f(*x)",
    "Attribute": "self.x", "Subscript": "x[i]", "Slice": "x[i:j]", "Tuple": "(x, y)", "List": "[x, y]",
    "Dict": '{"x": x}', "Set": "{1, 2}", "ListComp": "[f(x) for x in xs]", "SetComp": "{f(i) for i in n}",
    "DictComp": "{k: f(x) for k, x in xs.items()}", "GeneratorExp": "sum(f(x) for x in xs)",
    "Lambda": "lambda x: x**2", "JoinedStr": 'f"..."', "FormattedValue": 'f"{x}"',
}


def syntax() -> str:
    """The table of the syntax that is accepted and refused, in short."""
    rows = {f"accepted {label}": [f"`{text}`" for node, text in WRITTEN.items() if node in nodes]
            for label, nodes in (("statements", STATEMENTS), ("expressions", EXPRESSIONS))}
    rows["refused"] = dict.fromkeys(refusal.what for refusal in REFUSED.values())
    return "\n".join(["| | |", "|---|---|",
                      *(f"| {label} | {', '.join(cells)} |" for label, cells in rows.items()), ""])


def gate_rows() -> dict:
    """The functions that have a gate, by how it is declared, as users write them."""
    rows = {"elementwise": [], "adjoint": [], "zero": []}
    for function, gate in all_gates().items():
        name = spelling(function)
        if name is not None:
            rows[gate.mode].append(name)
    return {mode: sorted(set(names)) for mode, names in rows.items()}


def spelling(function) -> str | None:
    """`np.exp`, `math.exp`, `abs`; None for functions that users do not write."""
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
        "Of scipy.special, which revad does not import itself: the error functions and the normal "
        "distribution (`erf`, `ndtr`, `log_ndtr` ...), `expit` and `logit`, the gamma and beta "
        "functions (`gammaln`, `psi`, `betaln` ...), `xlogy`, `entr`, `rel_entr`, `kl_div`, `huber`, "
        "Bessel functions (`j0`, `iv` ...), `logsumexp`, `softmax` and `log_softmax`. Of scipy.linalg: "
        "`inv`, `det`, `solve`, `solve_triangular`, `cholesky`, `norm`, `expm` and `sqrtm`.", "",
        f"Methods of arrays: {', '.join(sorted('.' + m for m in methods() if not m.startswith('.')))}; "
        f"attributes: {', '.join(attributes)}.", "",
        f"Operators: {', '.join('`' + name.replace('unary ', '') + '`' for name in sorted(set(OPERATORS)))}.",
        "",
        "## Ties and kinks", "", "| where | the gradient goes to, or is |", "|---|---|",
        *(f"| `{where}` | {convention} |" for where, convention in KINKS), "",
        "## Syntax", "", syntax(),
        "| refused | why | instead |", "|---|---|---|",
        *dict.fromkeys(f"| {_cell(r.what)} | {_cell(r.why)} | {_cell(r.instead)} |"
                       for r in REFUSED.values()), "",
    ]
    return "\n".join(lines)


def _cell(text):
    return text.replace("|", "\\|")
