"""Diagonals: functions that read or make diagonals and triangles.

>>> import numpy as np
>>> trace(5.0, 2.0, np.ones((2, 2)))
array([[2., 0.],
       [0., 2.]])
"""
import numpy as np

from ...types.dims import total
from ...types.kinds import Kind, Known, array, literal
from ...types.registry import adjoint
from ...types.shape_rules import LARGE, dtype_of, product, same
from ..axes import call, laid, placed, settled


def _triangle_kind(bound):
    kind = same(bound)
    return array(kind.shape * 2, kind.dtype) if kind.rank == 1 else kind


def _triangle(function, dy, m, k):
    """The same triangle of dy; a vector stands for as many equal rows, over which dy is summed."""
    dm = function(dy) if isinstance(k, int) and k == 0 else function(dy, k)
    return dm.sum(axis=0) if m.ndim == 1 else dm


@adjoint(np.tril, kind=_triangle_kind, arrays=("m",))
def tril(y, dy, m, k=0):
    return _triangle(np.tril, dy, m, k)


@adjoint(np.triu, kind=_triangle_kind, arrays=("m",))
def triu(y, dy, m, k=0):
    return _triangle(np.triu, dy, m, k)


def diagonal_length(rows, columns, k):
    if rows.text == columns.text and k == 0:
        return rows
    if rows.text == columns.text:
        return total([rows], -abs(k))
    if rows.value is None or columns.value is None:
        return Known(None, f"?diagonal {k} of {rows.text}, {columns.text}")
    value = max(min(rows.value + min(k, 0), columns.value - max(k, 0)), 0)
    ends = [f"{n.text}{f' - {less}' if less else ''}"
            for n, less in ((rows, max(-k, 0)), (columns, max(k, 0)))]
    shorter = f"min({', '.join(ends)})"
    return Known(value, f"max({shorter}, 0)" if k else shorter, rows.exact and columns.exact)


def _length_by_guard(scope, rows, columns, k):
    """The length of the k-th diagonal, which most ask of a square matrix."""
    return rows if k == 0 and scope.relied_equal(rows, columns) else diagonal_length(rows, columns, k)


def _diag_kind(bound):
    kind, k = same(bound), bound.static("k")
    if kind.rank == 1:
        return array([total([kind.shape[0]], abs(k))] * 2, kind.dtype)
    if kind.rank == 2:
        return array([_length_by_guard(bound.scope, *kind.shape, k)], kind.dtype)
    return Kind("array", kind.dtype)


def _is_square(a, *axes):
    """Whether a matrix, or a stack of some, is as long along two axes, by a guard of its kind."""
    return hasattr(a, "kind") and a.builder.scope.relied_equal(*(a.kind.shape[axis] for axis in axes))


def _ones_on_diagonal(a, k, first, second):
    """np.eye of two axes of `a`."""
    rows, columns = a.shape[first], a.shape[second]
    is_square = k == 0 and _is_square(a, first, second)
    return call(np.eye, *((rows,) if is_square else (rows, columns, k) if k else (rows, columns)))


def _on_diagonal(dy, a, k, stacked=False):
    """dy along the k-th diagonal of zeros like `a`."""
    if dy.ndim == 0:
        return dy * _ones_on_diagonal(a, k, -2, -1)
    if k == 0 and not stacked and _is_square(a, -2, -1):
        return np.diag(dy)
    n = dy.shape[-1]
    i = call(np.arange, n)
    lead = (Ellipsis,) if stacked else ()
    return placed(dy, a, (*lead, i - min(k, 0) if k < 0 else i, i + k if k > 0 else i))


@adjoint(np.diag, arrays=("v",), kind=_diag_kind, lazy=True)
def diag(y, dy, v, k=0):
    k = settled(k)
    if v.ndim == 1 and dy.ndim == 0:
        return dy
    if v.ndim == 1:
        return np.diag(dy) if k == 0 else np.diag(dy, k)
    return _on_diagonal(dy, v, k)


def _diagflat_kind(bound):
    kind = same(bound)
    if kind.shape is None:
        return Kind("array", kind.dtype)
    return array([total([product(kind.shape) if kind.shape else literal(1)], abs(bound.static("k")))] * 2,
                 kind.dtype)


@adjoint(np.diagflat, arrays=("v",), kind=_diagflat_kind)
def diagflat(y, dy, v, k=0):
    """All elements, in order, along a diagonal."""
    dv = np.diag(dy) if settled(k) == 0 else np.diag(dy, k)
    return dv if v.ndim == 1 else laid(dv, v)


def _plane(bound):
    """The kind, the lengths without two axes, and those of the two."""
    kind = same(bound)
    if kind.shape is None:
        return kind, None, None
    axes = [bound.static(name) % kind.rank for name in ("axis1", "axis2")]
    others = [n for i, n in enumerate(kind.shape) if i not in axes]
    return kind, others, [kind.shape[axis] for axis in axes]


def _diagonal_kind(bound):
    kind, others, plane = _plane(bound)
    if others is None:
        return kind
    return array([*others, _length_by_guard(bound.scope, *plane, bound.static("offset"))], kind.dtype)


@adjoint(np.diagonal, method="diagonal", arrays=("a",), kind=_diagonal_kind, lazy=True)
def diagonal(y, dy, a, offset=0, axis1=0, axis2=1):
    offset, first, second = settled(offset), settled(axis1) % a.ndim, settled(axis2) % a.ndim
    if a.ndim == 2:
        return _on_diagonal(dy, a, offset if first < second else -offset)
    if dy.ndim == 0:
        dy = dy * np.ones_like(y)
    back = np.moveaxis(a, (first, second), (-2, -1))
    g = _on_diagonal(dy, back, offset, stacked=True)
    return g if (first, second) == (a.ndim - 2, a.ndim - 1) else np.moveaxis(g, (-2, -1), (first, second))


def _trace_kind(bound):
    kind, others, _ = _plane(bound)
    dtype = dtype_of(bound, otherwise=kind.dtype) if bound.has("dtype") else LARGE.get(kind.dtype, kind.dtype)
    return kind._replace(dtype=dtype) if others is None else array(others, dtype)


@adjoint(np.trace, method="trace", arrays=("a",), kind=_trace_kind)
def trace(y, dy, a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    offset, first, second = settled(offset), settled(axis1) % a.ndim, settled(axis2) % a.ndim
    if first > second:
        first, second, offset = second, first, -offset
    eye = _ones_on_diagonal(a, offset, first, second)
    if a.ndim == 2:
        return dy * eye
    g = dy[..., None, None] * eye
    return g if (first, second) == (a.ndim - 2, a.ndim - 1) else np.moveaxis(g, (-2, -1), (first, second))
