"""Edits: small changes of a backward pass, each of which would mend one kind of mistake.

>>> from .factors import statements_of
>>> from .reading import definition_of
>>> def backward(dout, cache):
...     x, w = cache
...     dw = x @ dout
...     return dw
>>> tree = definition_of(backward)
>>> texts = []
>>> for edit in edits(tree, list(statements_of(tree)), {"x": np.ones((2, 3)), "dout": np.ones((2, 4))}):
...     texts += [edit.right] * (edit.kind == "transposed product")
>>> "dw = x.T @ dout" in texts, ast.unparse(tree.body[1])
(True, 'dw = x @ dout')
"""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

import numpy as np


REDUCTIONS = {"sum", "mean", "max", "min", "var", "std", "argmax", "amax"}
AXES = (0, 1, 2, -1, None, (0, 1), (0, 2), (0, 2, 3), (1, 2))


class Edit(NamedTuple):
    """A change that is in force while it is given: its kind, the statement as it was, and as it is now."""

    kind: str
    wrong: str
    line: int
    right: str
    statement: Any


def edits(tree, statements, values, extras=(), kinds=None):
    """Yield each Edit of these kinds, with the tree changed in place; before the next one it is changed back.

    values: of the names, subscripts and attributes in the function, by their text, as they are at its end.
    extras: texts of values that the function does not have itself.
    """
    parents = {
        inner: (node, name, number)
        for node in ast.walk(tree)
        for name, field in ast.iter_fields(node)
        for number, inner in (enumerate(field) if isinstance(field, list) else [(None, field)])
        if isinstance(inner, ast.AST)
    }
    rounds = [
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name)
    ]
    for statement, _ in statements:
        wrong = ast.unparse(statement)
        for kind, node, new in (*_changes(statement, values, extras), *_of_rounds(statement, rounds)):
            if kinds is not None and kind not in kinds:
                continue
            parent, name, number = parents[node]
            held = getattr(parent, name)
            if number is None:
                setattr(parent, name, new)
            else:
                held[number] = new
            ast.copy_location(new, node)
            current = new if node is statement else statement
            right = ast.unparse(ast.fix_missing_locations(current))
            if right != wrong:
                yield Edit(kind, wrong, statement.lineno, right, statement)
            if number is None:
                setattr(parent, name, node)
            else:
                held[number] = node


def _changes(statement, values, extras):
    """(kind, node, what stands in its place) of the changes of one statement."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)):
            yield "overwritten", statement, ast.AugAssign(target, ast.Add(), statement.value)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        yield "accumulated", statement, ast.Assign([statement.target], statement.value)
        if isinstance(statement.target, ast.Subscript):     # an index that comes twice counts once
            place = _expression("np.add.at")
            given = [statement.target.value, statement.target.slice, statement.value]
            if not any(isinstance(part, ast.Slice) for part in ast.walk(statement.target.slice)):
                yield "overwritten", statement, ast.Expr(ast.Call(place, given, []))
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, (ast.Add, ast.Sub)):
        other = ast.Sub() if isinstance(statement.op, ast.Add) else ast.Add()
        yield "sign", statement, ast.AugAssign(statement.target, other, statement.value)
    value = getattr(statement, "value", None)
    if value is None:
        return
    roots = value.elts if isinstance(value, ast.Tuple) else [value]
    if isinstance(statement, (ast.Assign, ast.Return, ast.AugAssign)):
        for root in roots:
            yield from _summed(root, values)
            yield from _added(root, values)
            yield from _masked(root, values, extras)
            yield from _multiplied(root, values, extras)
    in_compare = {
        inner for node in ast.walk(value) if isinstance(node, ast.Compare) for inner in ast.walk(node)
    }
    for node in list(ast.walk(value)):
        if isinstance(node, ast.Call):
            yield from _axes(node)
            yield from _averages(node)
        yield from _transposed(node, values)
        if isinstance(node, ast.Compare):
            yield from _comparisons(node, values)
        if isinstance(node, ast.BinOp):
            yield from _local(node, values)
        if isinstance(node, (ast.Name, ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            yield from _names(node, values, extras, node in in_compare)


def _of_rounds(statement, rounds):
    """What is taken of a list is that of the round."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Constant, ast.UnaryOp)):
            for name in rounds:
                yield "stale cache", node.slice, ast.Name(name, ast.Load())


def _summed(root, values):
    rank = max((np.ndim(value) for value in values.values()), default=0)
    for axis in (*range(rank), *((0, 1), (0, 2, 3), (0, 1, 2))[: max(rank - 1, 0)]):
        for keepdims in (False, True):
            keywords = [ast.keyword("axis", _constant(axis))]
            keywords += [ast.keyword("keepdims", ast.Constant(True))] * keepdims
            yield (
                "broadcast not summed",
                root,
                ast.Call(ast.Attribute(root, "sum", ast.Load()), [], keywords),
            )
    yield "broadcast not summed", root, ast.Call(ast.Attribute(root, "sum", ast.Load()), [], [])
    for inner in ast.walk(root):
        if (
            isinstance(inner, ast.Call)
            and _name_of(inner) in ("sum",)
            and not any(keyword.arg == "keepdims" for keyword in inner.keywords)
        ):
            kept = ast.Call(
                inner.func, inner.args, [*inner.keywords, ast.keyword("keepdims", ast.Constant(True))]
            )
            yield "wrong axis", inner, kept


def _added(root, values):
    """A gradient that comes from elsewhere, too."""
    for text, value in values.items():
        if text.startswith("d") and isinstance(value, np.ndarray) and text not in ast.unparse(root):
            yield "path forgotten", root, ast.BinOp(root, ast.Add(), _expression(text))


def _masked(root, values, extras):
    for text in (*values, *extras):
        value = values.get(text)
        if value is not None and getattr(value, "dtype", np.dtype(int)).kind in "fb" and np.ndim(value):
            mask = _expression(text)
            if np.any(value == 0):
                yield "wrong mask", root, ast.BinOp(root, ast.Mult(), mask)
            if value.dtype.kind == "f":
                positive = ast.Compare(mask, [ast.Gt()], [ast.Constant(0)])
                yield "wrong mask", root, ast.BinOp(root, ast.Mult(), positive)


def _multiplied(root, values, extras):
    """A local gradient that is missing, of all of a statement or of a part that is joined with others."""
    parts = [part for node in ast.walk(root) if isinstance(node, (ast.List, ast.Tuple)) for part in node.elts]
    for node in (root, *parts):
        if isinstance(node, (ast.Constant, ast.List, ast.Tuple, ast.Dict)):
            continue
        for text in dict.fromkeys((*values, *extras)):
            if not text.startswith("d") and isinstance(values.get(text), (np.ndarray, float, np.generic)):
                yield "local gradient", node, ast.BinOp(node, ast.Mult(), _expression(text))
                yield "local gradient", node, ast.BinOp(node, ast.Div(), _expression(text))


def _axes(call):
    if _name_of(call) not in REDUCTIONS:
        return
    for keyword in call.keywords:
        if keyword.arg == "axis":
            for axis in AXES:
                yield "wrong axis", keyword.value, _constant(axis)
    at = (
        1
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("np", "numpy")
        else 0
    )
    if len(call.args) == at + 1:
        for axis in AXES:
            yield "wrong axis", call.args[at], _constant(axis)


def _averages(call):
    name = _name_of(call)
    other = {"sum": "mean", "mean": "sum"}.get(name)
    if other and isinstance(call.func, ast.Attribute):
        yield (
            ("sum for mean" if other == "mean" else "doubled 1/N"),
            call,
            ast.Call(ast.Attribute(call.func.value, other, ast.Load()), call.args, call.keywords),
        )


def _transposed(node, values):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        left, right, make = node.left, node.right, lambda a, b: ast.BinOp(a, ast.MatMult(), b)
    elif isinstance(node, ast.Call) and _name_of(node) in ("dot", "outer", "matmul"):
        if len(node.args) == 2:
            left, right = node.args
            make = lambda a, b: ast.Call(node.func, [a, b], node.keywords)  # noqa: E731
        elif len(node.args) == 1 and isinstance(node.func, ast.Attribute):
            left, right = node.func.value, node.args[0]
            make = lambda a, b: ast.Call(ast.Attribute(a, node.func.attr, ast.Load()), [b], [])  # noqa: E731
        else:
            return
    else:
        return
    lefts, rights = _with_transposes(left), _with_transposes(right)
    for first in lefts:
        for second in rights:
            yield "transposed product", node, make(first, second)
            yield "transposed product", node, make(second, first)


def _with_transposes(node):
    """An operand, its transpose, and for stacks the transpose of the last two axes."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return [node, node.value]
    if isinstance(node, ast.Call) and _name_of(node) in ("transpose", "swapaxes"):
        module = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
        return [node, node.args[0] if module else node.func.value]
    swapped = ast.Call(ast.Attribute(node, "swapaxes", ast.Load()), [ast.Constant(-1), _constant(-2)], [])
    return [node, ast.Attribute(node, "T", ast.Load()), swapped]


def _comparisons(node, values):
    for text, value in values.items():
        if isinstance(value, np.ndarray):
            yield "wrong mask", node, ast.Compare(node.left, [ast.Eq()], [_expression(text)])
            yield "wrong mask", node, _expression(text)
    for op in (ast.Gt(), ast.GtE(), ast.Lt(), ast.LtE(), ast.NotEq(), ast.Eq()):
        yield "wrong mask", node, ast.Compare(node.left, [op], node.comparators)


def _local(node, values):
    if isinstance(node.op, (ast.Add, ast.Sub)):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield "sign", node, ast.BinOp(node.left, other, node.right)
    if isinstance(node.op, ast.Div):
        is_length = not any(
            ast.unparse(part) in values or isinstance(part, ast.Call)
            for part in ast.walk(node.right)
            if isinstance(part, ast.expr)
        ) or bool(re.search(r"len\(|\.shape|\.size", ast.unparse(node.right)))
        yield "doubled 1/N" if is_length else "local gradient", node, node.left
    if isinstance(node.op, ast.Mult):
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(factor, ast.Constant) and factor.value in (2, 2.0, 0.5):
                yield "factor 2", node, other
    if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
        for power in (1, 2, 3, 4, 0.5):
            yield (
                "local gradient",
                node,
                node.left if power == 1 else ast.BinOp(node.left, ast.Pow(), ast.Constant(power)),
            )
    if isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Constant):
        yield "local gradient", node, ast.BinOp(node.left, ast.Add(), node.right)
        yield (
            "local gradient",
            node,
            ast.BinOp(node.left, ast.Sub(), ast.BinOp(node.right, ast.Pow(), ast.Constant(2))),
        )
        yield "local gradient", node, node.right
    if isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
        yield "local gradient", node, ast.BinOp(node.left, ast.Sub(), node.right)


def _names(node, values, extras, is_mask):
    text = ast.unparse(node)
    value = values.get(text)
    if value is None or not isinstance(value, (np.ndarray, float, np.generic)):
        return
    is_mask = is_mask or np.asarray(value).dtype.kind == "b" or "mask" in text
    if not is_mask and isinstance(node, ast.Name) and node.id.startswith("d"):
        for axis in range(np.ndim(value)):
            keywords = [ast.keyword("axis", _constant(axis)), ast.keyword("keepdims", ast.Constant(True))]
            yield "unsummed", node, ast.Call(ast.Attribute(node, "sum", ast.Load()), [], keywords)
    others = [other for other in (*values, *extras) if other != text]
    for other in others:
        if other in values and np.shape(values[other]) == np.shape(value):
            yield "wrong mask" if is_mask else "stale cache", node, _expression(other)


def _expression(text):
    return ast.parse(text, mode="eval").body


def _constant(value):
    return ast.parse(repr(value), mode="eval").body


def _name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
