"""Symbols: what stands in the circle of a gate.

>>> [symbol(ast.parse(text, mode="eval").body) for text in
...  ("p0 + p1", "-p0", "1 + p0", "p0 * 2", "1.0 / p0", "p0**2", "np.exp(p0)", "p0.sum(axis=0)", "p0.T")]
['+', '*-1', '+1', '*2', '1/x', '^2', 'exp', 'sum', 'T']
"""

from __future__ import annotations

import ast

SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.MatMult: "@",
    ast.Pow: "^",
    ast.Mod: "%",
    ast.FloorDiv: "//",
}
MODULES = ("np", "numpy", "math", "scipy", "special", "linalg")


def symbol(gate):
    """The symbol of an expression whose operands are parameters: a constant operand is a part of it."""
    if isinstance(gate, ast.BinOp):
        sign = SYMBOLS.get(type(gate.op), "?")
        left, right = _is_operand(gate.left), _is_operand(gate.right)
        if left and right:
            return sign
        if left:
            return sign + ast.unparse(gate.right)
        constant = ast.unparse(gate.left)
        return f"{_plain(constant)}{sign}x" if sign in "-/^@%" else f"{sign}{_plain(constant)}"
    if isinstance(gate, ast.UnaryOp):
        return "*-1" if isinstance(gate.op, ast.USub) else ast.unparse(gate.op)
    if isinstance(gate, ast.Call):
        return getattr(gate.func, "attr", getattr(gate.func, "id", "call"))
    if isinstance(gate, ast.Subscript):
        text = ast.unparse(gate.slice)
        return f"[{text}]" if len(text) <= 8 and "p" not in text else "[...]"
    if isinstance(gate, ast.Attribute):
        return gate.attr
    if isinstance(gate, (ast.IfExp, ast.BoolOp)):
        return "if"
    return "list" if isinstance(gate, (ast.List, ast.Tuple)) else "?"


def _is_operand(node):
    """Whether a parameter is in an expression."""
    return any(
        isinstance(part, ast.Name) and part.id[:1] == "p" and part.id[1:].isdigit()
        for part in ast.walk(node)
    )


def _plain(text):
    return text[:-2] if text.endswith(".0") else text


def is_module(node):
    """Whether an expression is a module or one of its members: np, np.linalg, np.pi."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES
