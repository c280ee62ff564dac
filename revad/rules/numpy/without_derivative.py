"""Without derivative: functions whose results carry no derivative, and Python's own on numbers.

>>> from revad.types.registry import lookup
>>> import numpy as np
>>> lookup(np.argmax).mode
'zero'
"""
import operator

import numpy as np

from ...types.folding import rounded
from ...types.kinds import BOOL, INT, UNKNOWN, Kind, Known, array, literal, number, static
from ...types.registry import adjoint, elementwise, nondifferentiable
from ...types.shape_rules import arithmetic, as_array, counting, product, same, truth, unknown_length
from ..axes import laid, refuse


def _decided(bound):
    return counting(bound)._replace(dtype="?")


nondifferentiable(np.sign, np.trunc, np.rint, np.fix, kind=arithmetic)
nondifferentiable(np.floor, kind=lambda b: arithmetic(b)._replace(known=rounded("floor")(b).known))
nondifferentiable(np.ceil, kind=lambda b: arithmetic(b)._replace(known=rounded("ceil")(b).known))
nondifferentiable(np.round, parameters="a decimals= out=", kind=arithmetic, method="round")
nondifferentiable(np.floor_divide, parameters="x y", kind=arithmetic, operator="//")
for _function, _operator in ((np.less, "<"), (np.less_equal, "<="), (np.greater, ">"),
                             (np.greater_equal, ">="),
                             (np.equal, "=="), (np.not_equal, "!=")):
    nondifferentiable(_function, parameters="x y", kind=truth, operator=_operator)
nondifferentiable(np.logical_and, np.logical_or, np.logical_xor, parameters="x y", kind=truth)
nondifferentiable(np.logical_not, np.isnan, np.isinf, np.isfinite, np.signbit, np.isreal, np.iscomplex,
                  parameters="x", kind=truth)
nondifferentiable(np.isclose, parameters="a b rtol= atol= equal_nan=", kind=truth)
for _function, _operator in ((np.bitwise_and, "&"), (np.bitwise_or, "|"), (np.bitwise_xor, "^"),
                             (np.left_shift, "<<"), (np.right_shift, ">>")):
    nondifferentiable(_function, parameters="x y", kind=arithmetic, operator=_operator)
nondifferentiable(np.invert, parameters="x", kind=arithmetic, operator="unary ~")
# `not` of any operand is a single truth value.
nondifferentiable(operator.not_, parameters="x", kind=lambda bound: number("?", True), operator="unary not")
nondifferentiable(np.argmax, parameters="a axis= out= keepdims=", kind=counting, method="argmax")
nondifferentiable(np.argmin, parameters="a axis= out= keepdims=", kind=counting, method="argmin")
nondifferentiable(np.count_nonzero, parameters="a axis= keepdims=", kind=counting)
nondifferentiable(np.any, parameters="a axis= out= keepdims=", kind=_decided, method="any")
nondifferentiable(np.all, parameters="a axis= out= keepdims=", kind=_decided, method="all")
nondifferentiable(np.allclose, np.array_equal, parameters="a b rtol= atol= equal_nan=", kind=lambda b: BOOL)


def _order(bound):
    """An index for each element: of the flattened array where the axis is None."""
    kind = bound.kind("a")._replace(dtype="l", weak=False)
    if kind.rank == 0:
        return array((literal(1),), "l")
    if not bound.has("axis") or bound.static("axis") is not None or kind.shape is None:
        return kind
    return array((product(kind.shape) if kind.shape else literal(1),), "l")


nondifferentiable(np.argsort, parameters="a axis= kind= order=", method="argsort", kind=_order)
nondifferentiable(np.argpartition, parameters="a kth axis= kind= order=", method="argpartition", kind=_order)


def shape_kind(bound):
    shape = bound.kind("x").shape
    if shape is None:
        return UNKNOWN
    return Kind("tuple", items=tuple(Kind("number", "l", (), True, known=n) for n in shape))


nondifferentiable(np.shape, parameters="x", kind=shape_kind, cheap=True, method=".shape")
nondifferentiable(np.ndim, parameters="x", kind=lambda b: _rank(b), cheap=True, method=".ndim")


def _rank(bound):
    rank = bound.kind("x").rank
    return INT if rank is None else static(rank)


def _size(bound):
    shape = bound.kind("x").shape
    if shape is None or any(n.value is None for n in shape):
        return INT
    return INT._replace(known=product(shape) if shape else static(1).known)


nondifferentiable(np.size, parameters="x axis=",
                  kind=lambda b: _size(b) if not b.has("axis") else INT, cheap=True,
                  method=".size")


def _dtype(bound):
    dtype = bound.kind("x").dtype
    return Kind("static", known=Known(np.dtype(dtype), repr(dtype), True)) if dtype else Kind("static")


nondifferentiable("dtype", parameters="x", kind=_dtype, cheap=True, method=".dtype")


nondifferentiable("strides", parameters="x", cheap=True, method=".strides",
                  kind=lambda b: UNKNOWN if same(b).shape is None
                  else Kind("tuple", items=(INT,) * same(b).rank))
nondifferentiable("itemsize", parameters="x", kind=lambda b: INT, cheap=True, method=".itemsize")
nondifferentiable(np.searchsorted, parameters="a v side= sorter=",
                  kind=lambda b: b.kind("v")._replace(dtype="l", known=None, affine=None))


def _places(bound):
    """One array of indices for each axis, all of one length that only run time knows."""
    kind = same(bound)
    return UNKNOWN if not kind.shape else Kind("tuple", items=(array((unknown_length(),), "l"),) * kind.rank)


def _pair_of_places(bound):
    return Kind("tuple", items=(array((unknown_length(),), "l"),) * 2)


def _some(dtype):
    return lambda bound: array((unknown_length(),), dtype)


nondifferentiable(np.nonzero, parameters="a", kind=_places, method="nonzero")
nondifferentiable(np.flatnonzero, parameters="a", kind=_some("l"))
nondifferentiable(np.argwhere, parameters="a",
                  kind=lambda b: array((unknown_length(), unknown_length()), "l"))
nondifferentiable(np.tril_indices, np.triu_indices, parameters="n k= m=", kind=_pair_of_places)
nondifferentiable(np.tril_indices_from, np.triu_indices_from, parameters="arr k=", kind=_pair_of_places)


def _diagonal(bound):
    """For each axis, as many indices as the array is long."""
    if bound.has("arr"):
        shape = bound.kind("arr").shape
        return UNKNOWN if not shape else Kind("tuple", items=(array(shape[:1], "l"),) * len(shape))
    length = bound.raw("n").known or unknown_length()
    return Kind("tuple", items=(array((length,), "l"),) * (bound.static("ndim") if bound.has("ndim") else 2))


nondifferentiable(np.diag_indices, parameters="n ndim=", kind=_diagonal)
nondifferentiable(np.diag_indices_from, parameters="arr", kind=_diagonal)


def _open_grid(bound):
    """An array of indices for each argument, along an axis of its own; for masks, where they are true."""
    kinds = [as_array(kind, bound.scope) for kind in bound.raw("args").items]
    if any(kind.rank != 1 for kind in kinds):
        return UNKNOWN
    lengths = [unknown_length() if kind.dtype == "?" else kind.shape[0] for kind in kinds]
    return Kind("tuple",
                items=tuple(Kind("array", "l",
                                 tuple(length if i == axis else literal(1) for i in range(len(kinds))))
                            for axis, length in enumerate(lengths)))


nondifferentiable(np.ix_, parameters="args", variadic="args", kind=_open_grid)


def _places_of(bound):
    """For each axis of the shape an index, or an array of as many as there are flat indices."""
    indices, lengths = bound.kind("indices"), bound.lengths("shape")
    index = INT if indices.rank == 0 else indices._replace(known=None)
    return UNKNOWN if lengths is None else Kind("tuple", items=(index,) * len(lengths))


nondifferentiable(np.unravel_index, parameters="indices shape order=", kind=_places_of)
nondifferentiable(np.digitize, parameters="x bins right=", kind=lambda b: same(b)._replace(dtype="l"))
nondifferentiable(np.isin, parameters="element test_elements", kind=lambda b: same(b)._replace(dtype="?"))


@adjoint(np.unique, arrays=("ar",),
         kind=lambda b: _some(same(b).dtype)(b) if set(b.operands) == {"ar"} else UNKNOWN)
def unique(y, dy, ar, return_index=False, return_inverse=False, return_counts=False, axis=None):
    refuse("np.unique", "which elements it keeps depends on the values",
           "Use np.sort, or index the elements.")


@adjoint(np.bincount, arrays=("weights",), structural=("x",),
         kind=lambda b: _some("d" if b.has("weights") else "l")(b))
def bincount(y, dy, x, weights=None, minlength=0):
    """Each weight was added to the bin of its x."""
    return dy[x] if weights.ndim == 1 else laid(dy[x], weights)


def _cast(dtype):
    def kind(bound):
        operand_kind = bound.kind("x")
        return Kind("number" if operand_kind.rank == 0 else "array", dtype, operand_kind.shape)
    return kind


def _identity(y, x):
    return 1


for _type in (np.float64, np.float32, np.float16, np.longdouble):
    elementwise(_type, kind=_cast(np.dtype(_type).char))(_identity)
nondifferentiable(np.bool_, parameters="x", kind=_cast("?"))
for _type in (np.int64, np.int32, np.int16, np.int8, np.uint8):
    nondifferentiable(_type, parameters="x", kind=_cast(np.dtype(_type).char))
