"""Signs: a minus in the middle of a line goes where a reader expects it, and two constants become one.

>>> texts = ("dx += s * (-y * d)", "dz = -(n * d) + h * d", "da = 2 * u * (-d)[:, None]",
...          "dv = (1 - e) * (-0.5 * d)", "dm = 0.5 * (-r * d).sum()", "dw = 2 * (r * d) * w",
...          "dx += 2 * x * (0.5 * d / s)", "dx += 2 * (0.5 * d / s) * x")
>>> for text in texts:
...     print(ast.unparse(with_signs_in_front(ast.parse(text).body[0])))
dx -= s * (y * d)
dz = h * d - n * d
da = -2 * u * d[:, None]
dv = (e - 1) * (0.5 * d)
dm = -0.5 * (r * d).sum()
dw = 2 * r * d * w
dx += x * (d / s)
dx += d / s * x
"""
from __future__ import annotations

import ast
import math

METHODS = frozenset(("sum", "reshape", "transpose", "swapaxes"))
PRODUCTS = (ast.Mult, ast.Div)


def with_signs_in_front(statement):
    """The statement of a gradient, with the signs of its sums and products in front: it is changed."""
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Return)) and statement.value is not None:
        statement.value = expression(statement.value)
        opposite = {ast.Add: ast.Sub, ast.Sub: ast.Add}.get(type(getattr(statement, "op", None)))
        positive = without_minus(statement.value) if opposite else None
        if positive is not None:
            statement.value, statement.op = positive, opposite()
    return statement


def expression(node):
    return _Signs().visit(node)


def _is_users(node):
    """Whether the user wrote it so: an integer without a sign may be among its operands."""
    return getattr(node, "is_users", False)


def without_minus(node):
    """The expression without its leading minus, or None if it has none."""
    if _is_users(node):
        return None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value < 0:
        return ast.Constant(-node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS):
        left = without_minus(node.left)
        if left is not None:
            is_one = isinstance(node.op, ast.Mult) and isinstance(left, ast.Constant) and left.value == 1
            return node.right if is_one else ast.BinOp(left, node.op, node.right)
    return None


class _Signs(ast.NodeTransformer):
    def visit(self, node):
        return node if _is_users(node) else super().visit(node)

    def visit_Lambda(self, node):
        return node

    def visit_Subscript(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.UnaryOp) and isinstance(node.value.op, ast.USub) \
                and not _is_users(node.value):
            return ast.UnaryOp(ast.USub(), ast.Subscript(node.value.operand, node.slice, node.ctx))
        return node

    def visit_Call(self, node):
        """The minus of what is summed, or has its axes laid otherwise, goes in front."""
        self.generic_visit(node)
        function = node.func
        positive = without_minus(function.value) \
            if isinstance(function, ast.Attribute) and function.attr in METHODS else None
        if positive is None:
            return node
        inner = ast.Call(ast.Attribute(positive, function.attr, function.ctx), node.args, node.keywords)
        return ast.UnaryOp(ast.USub(), inner)

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return self.sum(node)
        if isinstance(node.op, PRODUCTS):
            return self.product(node)
        return node

    @staticmethod
    def sum(node):
        positive = without_minus(node.right)
        if positive is not None:
            return ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), positive)
        if isinstance(node.op, ast.Add) and isinstance(node.left, ast.UnaryOp) \
                and isinstance(node.left.op, ast.USub) and not _is_users(node.left):
            return ast.BinOp(node.right, ast.Sub(), node.left.operand)
        return node

    @staticmethod
    def product(node):
        """The minus of the second factor goes to the first: into its difference, or in front of it."""
        node = _with_one_constant(node)
        positive = without_minus(node.right) if isinstance(node, ast.BinOp) else None
        if positive is None:
            return node
        left = node.left
        if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Sub) and not _is_users(left):
            return ast.BinOp(ast.BinOp(left.right, ast.Sub(), left.left), node.op, positive)
        return ast.BinOp(_negated(left), node.op, positive)


def _with_one_constant(node):
    """2 * x * (0.5 * d / s) is x * (d / s): powers of two may be multiplied anywhere, nothing is rounded."""
    if not isinstance(node.op, ast.Mult):
        return node
    left, right = _steps(node.left), _steps(node.right)
    if len(left) == 1 < len(right) and _is_power_of_two(left[0][1]) and not _is_number(right[0][1]):
        return _product([*left, *right])            # 2 * (r * d) * x
    if _may_lead(left, right):
        return ast.BinOp(_product([right[0], *left]), ast.Mult(), _product(right[1:]))
    if not (_is_power_of_two(left[0][1]) and _is_power_of_two(right[0][1])) or len(right) < 2 \
            or not all(steps[1][0] for steps in (left, right) if len(steps) > 1):
        return node
    constant = left[0][1].value * right[0][1].value
    if constant != 1:
        left[0] = True, ast.Constant(int(constant) if constant >= 1 else constant)
    elif len(left) == 1:
        return _product(right[1:])
    else:
        left = left[1:]
    return ast.BinOp(_product(left), ast.Mult(), _product(right[1:]))


def _may_lead(left, right):
    """Whether a power of two may go to the front: k * (2 * y) is 2 * k * y, with no more work on arrays."""
    if len(right) < 2 or not right[1][0] or not _is_power_of_two(right[0][1]) \
            or isinstance(left[0][1], (ast.Constant, ast.UnaryOp)):
        return False
    ranks = [getattr(operand, "rank", None) for _, operand in (*left, *right[1:])]
    return bool(ranks[len(left)]) or all(rank == 0 for rank in ranks)


def _is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_power_of_two(node):
    return _is_number(node) and node.value > 0 and math.frexp(node.value)[0] == 0.5


def _steps(node):
    """[(whether it is a factor, operand)] of a chain of products and quotients."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS) and not _is_users(node):
        return [*_steps(node.left), (isinstance(node.op, ast.Mult), node.right)]
    return [(True, node)]


def _product(steps):
    product = steps[0][1]
    for is_factor, operand in steps[1:]:
        product = ast.BinOp(product, ast.Mult() if is_factor else ast.Div(), operand)
    return product


def _negated(node):
    positive = without_minus(node)
    if positive is not None:
        return positive
    if isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS) and not _is_users(node):
        return ast.BinOp(_negated(node.left), node.op, node.right)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value:
        return ast.Constant(-node.value)
    return ast.UnaryOp(ast.USub(), node)
