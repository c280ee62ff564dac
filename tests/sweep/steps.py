"""Whether each step of a program is smooth: where one is not, the chain rule may give nan, or the slope of a side, of a program that is.

>>> from .gates import function_of
>>> texts = "np.sqrt(x - x) * 0", "np.abs(x) - np.abs(x)", "np.where(x > 1, np.sqrt(x), x)"
>>> [is_smooth_inside(f"def f(x):\\n    return {text}", [np.array([0.0, 4.0])], function_of) for text in texts]
[False, False, True]
"""
import ast
import copy
import re

import numpy as np
from differences import is_float, leaves, map_leaves

STEPS = (1e-5, -1e-5, 1e-6, -1e-6, 1e-7, -1e-7)
CLOSE = 0.1             # slopes of a smooth step agree to that
CALL, FACTOR = "_moved", "_factor"
STORING = r"\.(at|copyto|fill_diagonal|place|put|putmask|put_along_axis)$"
METHODS = {"clip", "cumprod", "cumsum", "dot", "max", "mean", "min", "prod", "std", "sum", "take", "trace", "var"}


def is_smooth_inside(text, args, compiled):
    """Whether what f(*args) gives has a slope, and one to both sides, where the arguments and all operands
    on the way move at once, each along a direction of its own.

    compiled: makes the function f of a text; its globals are changed.
    """
    f = compiled(ast.unparse(_Moved().visit(ast.parse(text))))
    still, slopes = _leaves(_value(f, args, 0.0)), []
    for h in STEPS:
        moved = _leaves(_value(f, args, h))
        if still is None or moved is None or [np.shape(a) for a in still] != [np.shape(b) for b in moved]:
            return False
        with np.errstate(all="ignore"):
            slopes.append([(b - a) / h for a, b in zip(still, moved)])
    return all(np.all(np.isnan(a) & np.isnan(b) | (np.abs(a - b) <= CLOSE * (1 + np.minimum(abs(a), abs(b)))))
               for each in zip(*slopes) for a, b in zip(each, each[1:]))


def _value(f, args, h):
    """What f gives where its arguments and all its steps are moved by h, or None."""
    rng = np.random.default_rng(3)

    def moved(value):
        return value + h * rng.uniform(0.5, 1.5, np.shape(value)) if h and is_float(value) else value

    f.__globals__.update({CALL: moved, FACTOR: _other})
    try:
        with np.errstate(all="ignore"):
            return f(*[map_leaves(moved, arg) for arg in copy.deepcopy(args)])
    except Exception:
        return None


def _leaves(value):
    return None if value is None else [np.asarray(leaf, float) for _, leaf in leaves(value) if is_float(leaf)]


class _Moved(ast.NodeTransformer):
    """Moves each operand of operators and of NumPy's functions and methods, on its own wherever it is read."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        node.left, node.right = map(_moved, (node.left, node.right))
        if isinstance(node.op, ast.Mult):
            node.left, node.right = map(_factor, (node.left, node.right))
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        node.operand = _moved(node.operand)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        name = ast.unparse(node.func)
        is_method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
        if re.match(r"(np|math)\.", name) and not re.search(STORING, name) or is_method:
            node.args = list(map(_moved, node.args))
            for keyword in node.keywords:
                if keyword.arg != "out":
                    keyword.value = _moved(keyword.value)
        if is_method and not name.startswith("np."):
            node.func.value = _moved(node.func.value)
        return node


def _moved(node):
    return node if isinstance(node, ast.Starred) else ast.Call(ast.Name(CALL, ast.Load()), [node], [])


def _factor(node):
    return ast.Call(ast.Name(FACTOR, ast.Load()), [node], [])


def _other(factor):
    """Another number: 0 * sqrt(x) has a slope where the root has none; shapes and lists stay."""
    is_array = isinstance(factor, np.ndarray) and factor.dtype.kind in "iuf"
    return factor + 0.5 if is_array or isinstance(factor, (float, np.floating)) or type(factor) is int \
        and factor == 0 else factor
