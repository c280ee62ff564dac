"""Dims: sums and differences of lengths, with one normal form as text for equal sums.

>>> n, m = Known(5, "x.shape[0]", False, True), Known(2, "m")
>>> total([n, m], -1).text, total([total([n], -1)], 1).text
('x.shape[0] + m - 1', 'x.shape[0]')
>>> total([total([n], 1), n], 0, -1).text
'1'
>>> total([literal(2), literal(3)]).text
'5'
"""
from __future__ import annotations

import ast
import re
from functools import lru_cache

from ..syntax import tree_of
from .kinds import Known, literal, unknown_length


@lru_cache(maxsize=4096)
def _terms(text):
    """A text as a sum: {atom: coefficient}, with '' for the constant."""
    terms = {}

    def walk(node, sign):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            walk(node.left, sign)
            walk(node.right, sign if isinstance(node.op, ast.Add) else -sign)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            walk(node.operand, -sign)
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            terms[""] = terms.get("", 0) + sign * node.value
        else:
            atom = ast.unparse(node)
            terms[atom] = terms.get(atom, 0) + sign
    walk(tree_of(text, "eval").body, 1)
    return terms


@lru_cache(maxsize=4096)
def factor(text):
    """A text as an operand of `*` or `//`, in parentheses if needed.

    >>> factor("x.shape[0]"), factor("x.shape[0] - 1")
    ('x.shape[0]', '(x.shape[0] - 1)')
    """
    try:
        body = tree_of(text, "eval").body
    except SyntaxError:
        return f"({text})"
    return (text if isinstance(body, (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call))
            else f"({text})")


def without(length, dropped) -> Known:
    """The length of an axis after dropping elements at its ends; dropping twice is dropping the sum.

    >>> once = without(Known(5, "x.shape[0]"), 2)
    >>> once.text, without(once, 1).text, without(once, 4).value
    ('max(x.shape[0] - 2, 0)', 'max(x.shape[0] - 3, 0)', 0)
    """
    text = length.text
    if length.value is None:
        before = re.fullmatch(r"\?max\((\?[^()]*) - (\d+), 0\)", text)
        name, so_far = before.groups() if before else (text, 0)
        return unknown_length(f"max({name} - {int(so_far) + dropped}, 0)")
    inside = text[4:-4] if text.startswith("max(") and text.endswith(", 0)") and _is_floored(text) else text
    remaining = total([Known(0, inside), literal(dropped)], last=-1)
    return Known(max(length.value - dropped, 0), f"max({remaining.text}, 0)")


@lru_cache(maxsize=4096)
def _is_floored(text):
    call = tree_of(text, "eval").body
    return isinstance(call, ast.Call) and len(call.args) == 2 and ast.unparse(call.args[1]) == "0"


def total(lengths, extra=0, last=1) -> Known:
    """The sum of lengths and a number; `last=-1` subtracts the last length."""
    if any(n.value is None for n in lengths):
        return unknown_length()
    value = sum(n.value for n in lengths[:-1]) + last * lengths[-1].value + extra
    if all(n.exact for n in lengths):
        return literal(value)
    if len(lengths) == 1 and extra == 0:
        return lengths[0]
    terms = {"": extra}
    for place, n in enumerate(lengths, 1):
        for atom, times in _terms(n.text).items():
            terms[atom] = terms.get(atom, 0) + (times * last if place == len(lengths) else times)
    text = ""
    number = terms.pop("")
    if not any(terms.values()):
        return literal(number)      # the terms that depend on the arguments cancel
    for atom, times in [*((a, t) for a, t in terms.items() if t > 0),
                        *((a, t) for a, t in terms.items() if t < 0)]:
        many = f"{abs(times)} * {factor(atom)}" if abs(times) != 1 else atom
        text += (" + " if text else "") + many if times > 0 else f"{' - ' if text else '-'}{many}"
    if number:
        text += f" {'+' if number > 0 else '-'} {abs(number)}"
    same = next((n for n in lengths if n.text == text), None)
    if same is not None:
        return same
    # Lengths that are not 1 have no sum of 1; beside a 1 they may all be 0.
    least = extra + sum(n.value for n in lengths if n.exact)
    is_not_one = last > 0 and extra >= 0 and (
        least > 1 or least == 0 and all(n.exact or n.unit and n.value != 1 for n in lengths))
    return Known(value, text or "0", False, is_not_one)
