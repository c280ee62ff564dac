r"""Adapted: the text for an array of NumPy's, changed where it means something else for other classes.

Results without axes may be arrays, which `+=` would change under all their names; lengths may be nan, which
says that they are not known.

>>> tree = Adapted().visit(ast.parse("dx += g\nn = x.shape[0]\nx[0] += 1"))
>>> print(ast.unparse(ast.fix_missing_locations(tree)))
dx = _revad_updated(dx, 'iadd', g, True)
n = _revad_known(x.shape)[0]
x[0] += 1
"""
from __future__ import annotations

import ast
import math
import operator

import numpy as np

from ...errors import CallError
from ...types.foreign import is_protocol_array

FUNCTIONS = ("iadd", "isub", "imul", "itruediv", "ipow", "ifloordiv", "imod", "imatmul")
OPERATORS = dict(zip((ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod, ast.MatMult),
                     FUNCTIONS))
UPDATED, NUMBER, KNOWN, FULL = "_revad_updated", "_revad_number", "_revad_known", "_revad_full"


class Adapted(ast.NodeTransformer):
    """A text in which `+=` changes no result without axes, and lengths that it reads are known.

    aliased: the names that `+=` changes and that may not be the only ones of an array; sees_stores: whether
    it would be seen under the others.
    """

    def __init__(self, aliased=frozenset(), sees_stores=True):
        self.aliased, self.sees_stores = aliased, sees_stores

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name) or type(node.op) not in OPERATORS:
            return node
        name = ast.Name(node.target.id, ast.Load())
        is_alone = name.id not in self.aliased
        helper = UPDATED if is_alone or self.sees_stores else NUMBER
        function = ast.Constant(OPERATORS[type(node.op)])
        call = ast.Call(ast.Name(helper, ast.Load()),
                        [name, function, node.value, ast.Constant(is_alone)], [])
        return ast.copy_location(ast.Assign([node.target], call), node)

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if node.attr in ("shape", "size") and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Call(ast.Name(KNOWN, ast.Load()), [node], []), node)
        return node

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("shape", "size"):
            node.args = [self.visit(arg) for arg in node.args]
            return ast.copy_location(ast.Call(ast.Name(KNOWN, ast.Load()), [node], []), node)
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "full":
            return ast.copy_location(ast.Call(ast.Name(FULL, ast.Load()), [node.func, *node.args],
                                              node.keywords), node)
        return node


def updated(value, function, other, is_alone):
    """What an augmented assignment gives: a new value for one without axes.

    is_alone: no other name has to see it, so that an array of NumPy's may become one of another class.

    >>> updated(2.0, "iadd", 3.0, False)
    5.0
    """
    if is_protocol_array(value) and not value.shape:
        function = function.removeprefix("i")
    elif is_alone and type(value) is np.ndarray and is_protocol_array(other):
        result = getattr(operator, function.removeprefix("i"))(value, other)
        return result if result.dtype == value.dtype else result.astype(value.dtype)
    return getattr(operator, function)(value, other)


def updated_number(value, function, other, is_alone):
    """As `updated`, of a value that may have another name.  Raises CallError for an array."""
    if np.ndim(value):
        raise CallError("an array that may have another name is changed in place, which arrays of this class "
                        "do not show under it: write x = x + y for x += y")
    return updated(value, function, other, is_alone)


def full(function, shape, value, *others, **keywords):
    """`np.full`, also of an array without axes, which hands on its class.

    >>> full(np.full, 2, 3.0)
    array([3., 3.])
    """
    if is_protocol_array(value) and not others and not keywords:
        return np.broadcast_to(value, shape if isinstance(shape, tuple) else (shape,)).copy()
    return function(shape, value, *others, **keywords)


def known(lengths):
    """Lengths that a text reads.  Raises CallError where they are not known.

    >>> known((2, 3)), known(6)
    ((2, 3), 6)
    """
    for length in lengths if isinstance(lengths, tuple) else (lengths,):
        if isinstance(length, float) and math.isnan(length):
            raise CallError("the length of an array depends on what is in it, and is not known: such arrays "
                            "(x[mask] of dask) cannot be differentiated here. Use np.where")
    return lengths


HELPERS = {UPDATED: updated, NUMBER: updated_number, KNOWN: known, FULL: full}
