"""Without: functions whose results carry no derivative, and Python's own on numbers.

>>> from revad.gates import lookup
>>> import numpy as np
>>> lookup(np.argmax).mode
'zero'
"""
import builtins
import math
import operator

import numpy as np

from ..gates import adjoint, elementwise, nondifferentiable
from ..kinds import INT, UNKNOWN, Kind, Known, array, number, static
from ..lengths import arithmetic, counting, kind_of_operand, shape_kind, truth

nondifferentiable(np.sign, np.floor, np.ceil, np.trunc, np.rint, np.fix, kind=arithmetic)
nondifferentiable(np.round, parameters="a decimals= out=", kind=arithmetic, method="round")
nondifferentiable(np.floor_divide, parameters="x y", kind=arithmetic, operator="//")
for _function, _operator in ((np.less, "<"), (np.less_equal, "<="), (np.greater, ">"), (np.greater_equal, ">="),
                             (np.equal, "=="), (np.not_equal, "!=")):
    nondifferentiable(_function, parameters="x y", kind=truth, operator=_operator)
nondifferentiable(np.logical_and, np.logical_or, np.logical_xor, parameters="x y", kind=truth)
nondifferentiable(np.logical_not, np.isnan, np.isinf, np.isfinite, np.signbit, parameters="x", kind=truth)
nondifferentiable(np.isclose, parameters="a b rtol= atol= equal_nan=", kind=truth)
for _function, _operator in ((np.bitwise_and, "&"), (np.bitwise_or, "|"), (np.bitwise_xor, "^"),
                             (np.left_shift, "<<"), (np.right_shift, ">>")):
    nondifferentiable(_function, parameters="x y", kind=arithmetic, operator=_operator)
nondifferentiable(np.invert, parameters="x", kind=arithmetic, operator="unary ~")
nondifferentiable(operator.not_, parameters="x", kind=truth, operator="unary not")
nondifferentiable(np.argmax, parameters="a axis= out= keepdims=", kind=counting, method="argmax")
nondifferentiable(np.argmin, parameters="a axis= out= keepdims=", kind=counting, method="argmin")
nondifferentiable(np.count_nonzero, parameters="a axis= keepdims=", kind=counting)
nondifferentiable(np.any, parameters="a axis= out= keepdims=", kind=counting, method="any")
nondifferentiable(np.all, parameters="a axis= out= keepdims=", kind=counting, method="all")
nondifferentiable(np.allclose, np.array_equal, parameters="a b rtol= atol= equal_nan=", kind=lambda b: INT)
nondifferentiable(np.argsort, parameters="a axis= kind= order=", method="argsort",
                  kind=lambda b: b.kind("a")._replace(dtype="l"))
nondifferentiable(np.shape, parameters="x", kind=shape_kind, cheap=True, method=".shape")
nondifferentiable(np.ndim, parameters="x", kind=lambda b: _rank(b), cheap=True, method=".ndim")


def _rank(bound):
    rank = bound.kind("x").rank
    return INT if rank is None else static(rank)


def _size(bound):
    shape = bound.kind("x").shape
    if shape is None or any(n.value is None for n in shape):
        return INT
    from ..lengths import product
    return INT._replace(known=product(shape) if shape else static(1).known)


nondifferentiable(np.size, parameters="x axis=", kind=lambda b: _size(b) if not b.has("axis") else INT, cheap=True,
                  method=".size")


def _dtype(bound):
    dtype = bound.kind("x").dtype
    return Kind("static", known=Known(np.dtype(dtype), repr(dtype), True)) if dtype else Kind("static")


nondifferentiable("dtype", parameters="x", kind=_dtype, cheap=True, method=".dtype")


def _length(bound):
    kind = kind_of_operand(bound.operands["x"])
    if kind.tag in ("tuple", "list", "dict"):
        return static(len(kind.items))
    return INT._replace(known=kind.shape[0]) if kind.tag == "array" and kind.shape else INT


nondifferentiable(builtins.len, parameters="x", kind=_length, cheap=True)
nondifferentiable(math.floor, math.ceil, math.trunc, builtins.int, parameters="x", kind=lambda b: INT)
nondifferentiable(math.isnan, math.isinf, math.isfinite, builtins.bool, parameters="x", kind=truth)
nondifferentiable(builtins.round, parameters="number ndigits=", kind=lambda b: number("", True))
nondifferentiable(builtins.isinstance, parameters="x classes", kind=lambda b: Kind("number", "?", (), True))
nondifferentiable(builtins.type, builtins.str, builtins.repr, builtins.id, builtins.print, builtins.range,
                  parameters="x= y= z=", kind=lambda b: UNKNOWN)
nondifferentiable(np.searchsorted, parameters="a v side= sorter=", kind=lambda b: b.kind("v")._replace(dtype="l"))
nondifferentiable(np.nonzero, np.flatnonzero, np.unique, parameters="a", kind=lambda b: UNKNOWN)


@elementwise(builtins.float, method="item", kind=lambda b: number("d", True))
def float_(y, x):
    return 1


@elementwise(np.float64, np.double, kind=lambda b: number("d"))
def float64(y, x):
    return 1


def _route(y, dy, parts, is_first):
    """The gradient goes to the first of the elements that equals the result."""
    if len(parts) == 2:
        a, b = parts
        return [dy * is_first(a, b), dy * is_first(b, a, True)]
    found, before = [], None
    for part in parts:
        here = part == y
        found.append(dy * (here if before is None else here > before))
        before = here if before is None else before | here
    return found


def _choice(is_first):
    """max and min of Python: of several numbers, or of the elements of one list."""
    def rule(y, dy, arguments):
        parts = list(arguments)
        if len(parts) == 1:
            return ([_route(y, dy, list(parts[0]), is_first)],)
        return (_route(y, dy, parts, is_first),)
    return rule


def _not_less(a, b, strictly=False):
    return a > b if strictly else a >= b


def _not_greater(a, b, strictly=False):
    return a < b if strictly else a <= b


def _chosen(bound):
    items = bound.raw("arguments").items
    if len(items) == 1:
        items = items[0].items or (Kind("number", "d", ()),)
    if any(kind.rank not in (0, None) for kind in items):
        return Kind("array", "")
    return number(items[0].dtype if len({k.dtype for k in items}) == 1 else "d", all(k.weak for k in items))


for _function, _first, _name in ((builtins.max, _not_less, "max"), (builtins.min, _not_greater, "min")):
    _rule = _choice(_first)
    _rule.__name__ = _name
    adjoint(_function, variadic="arguments", kind=_chosen)(_rule)

__all__ = ["array", "float_", "float64"]
