"""Selections: take, sort and their kin read elements; the gradient is added where they were read.

>>> import numpy as np
>>> take(None, np.ones(3), np.zeros(2), np.array([0, 0, 1]))
array([2., 1.])
"""
import numpy as np

from ...types.dims import total
from ...types.kinds import Kind, array, is_complex, joint_dtype, literal
from ...types.registry import adjoint
from ...types.shape_rules import broadcast, product, same, unknown_length
from ..axes import at, at_least, call, fitted, laid, placed, positive, refuse, settled


def _taken(bound):
    kind, indices = bound.kind("a"), bound.kind("indices")
    if kind.shape is None or indices.shape is None:
        return Kind("array", kind.dtype)
    axis = bound.static("axis")
    if axis is None or kind.rank == 0:
        return array(indices.shape, kind.dtype)
    axis %= kind.rank
    return array([*kind.shape[:axis], *indices.shape, *kind.shape[axis + 1:]], kind.dtype)


@adjoint(np.take, method="take", arrays=("a",), kind=_taken)
def take(y, dy, a, indices, axis=None, out=None, mode="raise"):
    """As the adjoint of a subscript at that axis."""
    axis, mode = settled(axis), settled(mode)
    if getattr(getattr(indices, "kind", None), "tag", "") in ("list", "tuple"):
        empty = not indices.kind.items
        indices = call(np.array, indices).astype(int) if empty else call(np.array, indices)
    if getattr(getattr(indices, "kind", None), "dtype", "") == "?":
        indices = indices.astype(int)       # truth values are no mask here, but the indices 0 and 1
    if a.ndim == 0:
        return dy.sum() if dy.ndim else dy
    if axis is not None and a.ndim > 1 and any(at_least(a, i, 1) is False for i in range(axis % a.ndim + 1)):
        return np.zeros_like(a)     # a store looks at the places, np.take of nothing does not
    if mode != "raise":
        length = a.shape[axis % a.ndim] if axis is not None else a.shape[0] if a.ndim == 1 else a.size
        indices = np.clip(indices, 0, length - 1) if mode == "clip" else indices % length
    if axis is None:
        flat = a if a.ndim == 1 else a.reshape(-1)
        dx = placed(dy, flat, (indices,))
        return dx if flat is a or dx.ndim == 0 else dx.reshape(a.shape)
    return placed(dy, a, at(axis % a.ndim, indices))


def _along(bound):
    """The lengths of the indices, which broadcast with the array along the other axes."""
    kind, indices = bound.kind("arr"), bound.kind("indices")
    if bound.static("axis") is None or kind.shape is None or indices.shape is None:
        return Kind("array", kind.dtype)
    axis = bound.static("axis") % kind.rank
    others = [literal(1) if i == axis else n for i, n in enumerate(kind.shape)]
    return Kind("array", kind.dtype, broadcast(bound.scope, [indices.shape, others]))


@adjoint(np.take_along_axis, arrays=("arr",), kind=_along)
def take_along_axis(y, dy, arr, indices, axis=-1):
    axis = settled(axis)
    if axis is None:
        refuse("np.take_along_axis with axis=None", "revad has a rule for one axis",
               "Use np.ravel(a)[indices].")
    return placed(dy, arr, rows_of(arr, indices, axis % arr.ndim))


def rows_of(a, index, axis):
    """The subscript that takes `index` along an axis, row by row."""
    key = []
    for i in range(a.ndim):
        if i == axis:
            key.append(index)
        else:
            n = call(np.arange, a.shape[i])
            key.append(n[(slice(None), *(None,) * (a.ndim - 1 - i))] if a.ndim > i + 1 else n)
    return tuple(key)


def _sorted_kind(bound):
    kind = same(bound)
    if kind.shape is not None and bound.static("axis") is None:
        return array([product(kind.shape) if kind.shape else literal(1)], kind.dtype)
    return kind


@adjoint(np.sort, arrays=("a",), kind=_sorted_kind)
def sort(y, dy, a, axis=-1, kind=None, order=None, stable=None):
    """Each element keeps its gradient; of equal ones the order is argsort's."""
    how = {} if settled(kind) is None else {"kind": kind}
    return _reordered(dy, a, axis, lambda x, **axis: np.argsort(x, **axis, **how))


@adjoint(np.partition, arrays=("a",), kind=_sorted_kind)
def partition(y, dy, a, kth, axis=-1, kind="introselect", order=None):
    """argpartition may order the other elements differently, so both results are matched by sorting."""
    if settled(axis) is None or a.ndim == 1:
        return _reordered(dy[y.argsort()], a, axis, np.argsort)
    along, = positive(axis, a.ndim)
    last = {} if along == a.ndim - 1 else {"axis": along}
    return _reordered(dy[rows_of(y, np.argsort(y, **last), along)], a, axis, np.argsort)


def _reordered(dy, a, axis, order):
    if a.ndim == 0:
        return dy.sum()
    if settled(axis) is None:
        flat = a if a.ndim == 1 else a.reshape(-1)
        dx = placed(dy, flat, (order(flat),))
        return dx if flat is a else dx.reshape(a.shape)
    axis, = positive(axis, a.ndim)
    index = order(a) if axis == a.ndim - 1 else order(a, axis=axis)
    return placed(dy, a, rows_of(a, index, axis))


@adjoint(np.interp, arrays=("x", "xp", "fp", "left", "right"),
         kind=lambda b: b.kind("x")._replace(dtype="D" if is_complex(b.kind("fp")) else "d", weak=False))
def interp(y, dy, x, xp, fp, left=None, right=None):
    """Piecewise linear interpolation.

    x gets the slope of its piece, 0 outside; xp and fp the shares of both ends; left and right the gradients
    of the points outside.
    """
    below, above = x < xp[0], x > xp[-1]
    ends = [None if end is None else (dy * side).sum() if y.ndim else dy * side
            for end, side in ((left, below), (right, above))]
    for end, side in ((left, below), (right, above)):
        dy = dy if end is None else dy * ~side
    if at_least(xp, 0, 2) is False:         # one point: the same number everywhere
        return None, None, call(np.full, 1, dy.sum() if y.ndim else dy), *ends
    i = np.clip(np.searchsorted(xp, x) - 1, 0, xp.shape[0] - 2)
    low, step = xp[i], xp[i + 1] - xp[i]
    slope = (fp[i + 1] - fp[i]) / step
    inside = (x >= xp[0]) & (x <= xp[-1])
    part = np.clip((x - low) / step, 0, 1)
    dx = dy * (slope * inside)
    fall = -slope * inside * dy
    dxp = placed(fall * (1 - part), xp, (i,)) + placed(fall * part, xp, (i + 1,))
    dfp = placed(dy * (1 - part), fp, (i,)) + placed(dy * part, fp, (i + 1,))
    return dx, dxp, dfp, *ends


def _kept(bound):
    """np.delete of a single index removes one element."""
    kind, place = bound.kind("arr"), bound.raw("obj")
    axis = bound.static("axis")
    if kind.shape is None or axis is None and kind.rank != 1:
        return Kind("array", kind.dtype)
    shape = list(kind.shape)
    axis = 0 if axis is None else axis % kind.rank
    shape[axis] = total([shape[axis]], -1) if place.tag == "number" else unknown_length()
    return array(shape, kind.dtype)


@adjoint(np.delete, arrays=("arr",), kind=_kept)
def delete(y, dy, arr, obj, axis=None):
    axis = settled(axis)
    if axis is None and arr.ndim != 1:
        refuse("np.delete without an axis", "revad has a rule for one axis", "Use np.ravel first.")
    axis = 0 if axis is None else axis % arr.ndim
    return placed(dy, arr, at(axis, np.delete(call(np.arange, arr.shape[axis]), obj)))


def _chosen(bound):
    """How many are chosen depends on data."""
    kind = bound.kind("a")
    if kind.shape is None or bound.static("axis") is None or not kind.rank:
        return Kind("array", kind.dtype, None if kind.shape is None else (unknown_length(),))
    shape = list(kind.shape)
    shape[bound.static("axis") % kind.rank] = unknown_length()
    return array(shape, kind.dtype)


@adjoint(np.compress, arrays=("condition", "a"), kind=_chosen)
def compress(y, dy, condition, a, axis=None, out=None):
    """The gradient goes to what was chosen; a condition may be shorter than the axis."""
    axis = settled(axis)
    if a.ndim == 0:
        return None, dy.sum()
    if any(at_least(a, i, 1) is False for i in range(a.ndim)):
        return None, np.zeros_like(a)     # a store looks at the places, np.compress of nothing does not
    places = call(np.flatnonzero, condition, like=a)
    if axis is None:
        return None, laid(placed(dy, a if a.ndim == 1 else a.reshape(-1), (places,)), a)
    return None, placed(dy, a, at(axis % a.ndim, places))


def _extracted(bound):
    kind = bound.kind("arr")
    return Kind("array", kind.dtype, None if kind.shape is None else (unknown_length(),))


@adjoint(np.extract, arrays=("condition", "arr"), kind=_extracted)
def extract(y, dy, condition, arr):
    """As np.compress of the flattened arrays, whose shapes may differ."""
    return compress(y, dy, condition, arr)


def _polynomial(bound):
    """Coefficients with several axes are a polynomial for each index of the other axes."""
    p, x = bound.kind("p"), bound.kind("x")
    shape = None if p.shape is None else broadcast(bound.scope, [p.shape[1:], x.shape])
    return Kind("number" if shape == () else "array", joint_dtype(p, x), shape)


@adjoint(np.polyval, arrays=("p", "x"), kind=_polynomial)
def polyval(y, dy, p, x):
    """x gets the derivative of the polynomial, p the powers of x, the highest first."""
    powers = call(np.arange, p.shape[0] - 1, -1, -1)
    dx = fitted(dy * np.polyval((p * _upright(powers, p.ndim - 1))[:-1], x), x, y)
    if y.ndim == 0:
        return dy * x**powers, dx
    dp = x**_upright(powers, y.ndim) * dy
    extra = tuple(range(1, y.ndim - p.ndim + 2))
    return fitted(dp.sum(axis=extra[0] if len(extra) == 1 else extra) if extra else dp, p), dx


def _upright(powers, rank):
    """The powers along an axis before `rank` others."""
    return powers[(slice(None), *(None,) * rank)] if rank else powers
