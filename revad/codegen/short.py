"""Short: a pass of a few lines with one gradient is one expression, where that fits into a line.

>>> tree = ast.parse('''
... dx = s * dout
... ds = x * dout
... dx += (1 - s) * s * ds
... ''')
>>> unparse(one_expression(tree.body, ast.Name("dx", ast.Load())))
's * dout + (1 - s) * s * (x * dout)'
"""
from __future__ import annotations

import ast
import copy

from . import signs
from .unparse import Comment, unparse

WIDTH = 88 - len("    return ")
MOST = 4        # lines that become one


def one_expression(body, result):
    """The result as one expression of what is there before these statements, or None."""
    lines = [statement for statement in body if not isinstance(statement, Comment)]
    if not 1 < len(lines) <= MOST or not isinstance(result, ast.Name):
        return None
    terms = _Terms()
    for line in lines:
        target = None
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            target = line.targets[0]
        elif isinstance(line, ast.AugAssign) and isinstance(line.op, (ast.Add, ast.Sub)):
            target = line.target
        if not isinstance(target, ast.Name):
            return None
        value = terms.visit(copy.deepcopy(line.value))
        if isinstance(line, ast.AugAssign):
            if target.id not in terms.values:
                return None
            value = ast.BinOp(terms.visit(ast.Name(target.id, ast.Load())), line.op, value)
        if target.id in terms.values and target.id not in terms.read:
            return None
        terms.values[target.id] = value
        terms.read.discard(target.id)
    expression = signs.expression(terms.visit(copy.deepcopy(result)))
    if terms.read_twice or set(terms.values) != terms.read or len(unparse(expression)) > WIDTH:
        return None
    return expression


def number_returned(body, result):
    """How many of the last statements name what is returned without need.

    That is the last one, or two products of the same gradient: `return da * y, da * x`.
    """
    names = [part.id for part in getattr(result, "elts", [result]) if isinstance(part, ast.Name)]
    last = body[-len(names):] if names else []
    if len(last) < len(names) or isinstance(result, ast.Tuple) and len(names) != len(result.elts) \
            or [_target(statement) for statement in last] != names:
        return 0
    values = [statement.value for statement in last]
    if len(names) == 1:
        is_only = all(isinstance(statement, Comment) for statement in body[:-1])
        is_computed = isinstance(values[0], (ast.BinOp, ast.UnaryOp, ast.Call, ast.Dict, ast.IfExp,
                                             ast.Tuple))
        return int(is_only or is_computed and len(unparse(values[0])) <= WIDTH)
    others = [statement for statement in body[:-len(names)] if not isinstance(statement, Comment)]
    return len(names) if len(names) == 2 and others and all(map(_is_product, values)) else 0


def _target(statement):
    is_one = isinstance(statement, ast.Assign) and len(statement.targets) == 1
    return getattr(statement.targets[0], "id", None) if is_one else None


def _is_product(value):
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) \
        and all(isinstance(side, ast.Name) for side in (value.left, value.right))


class _Terms(ast.NodeTransformer):
    """Puts the values of names in their place; `read`: names whose value has been put somewhere."""

    def __init__(self):
        self.values, self.read, self.read_twice = {}, set(), False

    def visit_Name(self, node):
        if node.id not in self.values:
            return node
        self.read_twice |= node.id in self.read
        self.read.add(node.id)
        return self.values[node.id]

    def visit_Lambda(self, node):
        self.read_twice = True
        return node

    visit_ListComp = visit_GeneratorExp = visit_SetComp = visit_DictComp = visit_Lambda
