"""Splits: arrays split into lists, arrays made of numbers, and conversions.

>>> import numpy as np
>>> split(None, [np.ones(2), np.zeros(1)], np.ones(3), (2,))
array([1., 1., 0.])
"""
import numpy as np

from ...types.dims import factor
from ...types.kinds import INTEGERS, NUMPY_1, UNKNOWN, Kind, Known, array, literal, number, static
from ...types.registry import adjoint
from ...types.shape_rules import as_array, broadcast, dtype_of, product, unknown_length
from ...types.subscripts import slice_length
from ..axes import absent, call, fitted, laid, refuse, settled
from .concatenate import lowered, raised


def _lengths(length, parts):
    """The lengths of the pieces: equal shares, or the distances between the given places."""
    if not isinstance(parts, int):
        ends = [None, *(static(int(p)) for p in parts), None]
        return [slice_length(length, (a, b, None)) for a, b in zip(ends, ends[1:])]
    if length.value is None:
        return [unknown_length() for _ in range(parts)]
    if length.exact and length.value % parts == 0:
        return [literal(length.value // parts)] * parts
    if length.value % parts:
        return [unknown_length() for _ in range(parts)]
    return [Known(length.value // parts, f"{factor(length.text)} // {parts}")] * parts


def _pieces(default_axis=None, even=True):
    def kind(bound):
        array_kind = bound.kind("ary")
        parts = bound.static("indices_or_sections")
        number = parts if isinstance(parts, int) else len(parts) + 1
        if array_kind.shape is None:
            return Kind("list", items=(array_kind,) * number)
        axis = (bound.static("axis") % array_kind.rank if default_axis is None
                else default_axis(array_kind.rank))
        if axis and bound.raw("ary").tag in ("list", "tuple"):
            refuse("a list that is split along another axis than its first",
                   "NumPy goes by the length of the list there",
                   "Split the array of it: np.array(rows).")
        return Kind("list", items=tuple(array([*array_kind.shape[:axis], n, *array_kind.shape[axis + 1:]],
                                              array_kind.dtype)
                                        for n in (_lengths(array_kind.shape[axis], parts) if even else
                                                  [unknown_length() for _ in range(number)])))
    return kind


@adjoint(np.array_split, arrays=("ary",), kind=_pieces(even=False))
def array_split(y, dy, ary, indices_or_sections, axis=0):
    """The pieces may differ in length."""
    return split(y, dy, ary, indices_or_sections, axis)


@adjoint(np.split, arrays=("ary",), kind=_pieces())
def split(y, dy, ary, indices_or_sections, axis=0):
    """Pieces without a gradient get zeros."""
    axis = settled(axis)
    return np.concatenate(list(dy), axis=axis) if axis else np.concatenate(list(dy))


@adjoint(np.hsplit, arrays=("ary",), kind=_pieces(lambda rank: min(1, rank - 1)))
def hsplit(y, dy, ary, indices_or_sections):
    return split(y, dy, ary, indices_or_sections, min(1, ary.ndim - 1))


@adjoint(np.vsplit, arrays=("ary",), kind=_pieces(lambda rank: 0))
def vsplit(y, dy, ary, indices_or_sections):
    return split(y, dy, ary, indices_or_sections, 0)


@adjoint(np.dsplit, arrays=("ary",), kind=_pieces(lambda rank: 2))
def dsplit(y, dy, ary, indices_or_sections):
    return split(y, dy, ary, indices_or_sections, 2)


def _listed(bound):
    """A list of Python's numbers, as long as the array."""
    kind = bound.kind("a")
    if kind.rank != 1 or kind.shape[0].value is None:
        return UNKNOWN
    dtype = kind.dtype if kind.dtype in ("?", "") else "l" if kind.dtype in INTEGERS else "d"
    return Kind("list", items=(number(dtype, True),) * bound.scope.static(kind.shape[0]))


@adjoint(method="tolist", arrays=("a",), kind=_listed)
def tolist(y, dy, a):
    if y.kind.tag != "list":
        refuse(".tolist() of an array of several axes, or of unknown length",
               "revad has a rule for one axis of known length", "Use the array itself.")
    parts = list(dy)
    return call(np.array, parts, like=a) if parts else np.zeros_like(a)


def _made(bound):
    """A new array, also for a number."""
    kind = bound.kind("object")
    dtype = dtype_of(bound, otherwise=kind.dtype) if bound.has("dtype") else kind.dtype
    shape = kind.shape
    if bound.has("ndmin") and shape is not None:
        shape = (literal(1),) * (bound.static("ndmin") - len(shape)) + tuple(shape)
    return Kind("array", dtype, shape)


@adjoint(np.array, arrays=("object",), kind=_made)
def array_(y, dy, object, dtype=None, copy=True, order="K", ndmin=0):
    return dy if dy.ndim == 0 or object.ndim == dy.ndim else dy[(0,) * (dy.ndim - object.ndim)]


def _at_least_one_axis(bound):
    kind = _made(bound)
    return kind._replace(shape=(literal(1),)) if kind.shape == () else kind


@adjoint(np.asarray, np.asanyarray, arrays=("object",), kind=_made)
def asarray(y, dy, object, dtype=None, order=None, copy=None):
    return dy


@adjoint(np.asarray_chkfinite, arrays=("object",), kind=_made)
def asarray_chkfinite(y, dy, object, dtype=None, order=None):
    return dy


@adjoint(np.ascontiguousarray, arrays=("object",), kind=_at_least_one_axis)
def ascontiguousarray(y, dy, object, dtype=None):
    return dy if object.ndim else dy.reshape(())


@adjoint(np.asfortranarray, arrays=("object",), kind=_at_least_one_axis)
def asfortranarray(y, dy, object, dtype=None):
    return ascontiguousarray(y, dy, object, dtype)


def _required(bound):
    kind = bound.kind("a")
    return Kind("array", dtype_of(bound, otherwise=kind.dtype) if bound.has("dtype")
                else kind.dtype, kind.shape)


@adjoint(np.require, arrays=("a",), kind=_required)
def require(y, dy, a, dtype=None, requirements=None):
    return dy


def _atleast(rank):
    def kind(bound):
        kinds = [raised(as_array(k, bound.scope), rank) for k in bound.raw("arys").items]
        return kinds[0] if len(kinds) == 1 else Kind("tuple", items=tuple(kinds))
    return kind


def _raise_to(rank, function):
    @adjoint(function, variadic="arys", kind=_atleast(rank))
    def atleast(y, dy, arys):
        arys = list(arys)
        return ([lowered(g, x, rank) for g, x in zip([dy] if len(arys) == 1 else dy, arys)],)
    return atleast


for _rank, _function in enumerate((np.atleast_1d, np.atleast_2d, np.atleast_3d), 1):
    _raise_to(_rank, _function)


def _spread(bound):
    kinds = [as_array(kind, bound.scope) for kind in bound.raw("args").items]
    shape = broadcast(bound.scope, [kind.shape for kind in kinds])
    return Kind("list" if NUMPY_1 else "tuple",
                items=tuple(Kind("array", kind.dtype, shape) for kind in kinds))


@adjoint(np.broadcast_arrays, arrays=("args",), variadic="args", kind=_spread)
def broadcast_arrays(y, dy, args, subok=False):
    return ([None if absent(g) else fitted(g, x) for g, x in zip(dy, list(args))],)


def _grids(bound):
    """Arrays with several axes are flattened first."""
    kinds = [as_array(kind, bound.scope) for kind in bound.raw("xi").items]
    tag = "list" if NUMPY_1 else "tuple"
    if any(kind.shape is None for kind in kinds):
        return Kind(tag, items=tuple(Kind("array", kind.dtype) for kind in kinds))
    order, sparse = _grid_axes(len(kinds), bound.static("indexing")), bound.static("sparse")
    lengths = [product(kind.shape) if kind.shape else literal(1) for kind in kinds]
    shape = [lengths[order.index(axis)] for axis in range(len(kinds))]
    return Kind(tag, items=tuple(array([n if not sparse or axis == order[i] else literal(1)
                                        for axis, n in enumerate(shape)], kind.dtype)
                                 for i, kind in enumerate(kinds)))


def _grid_axes(n, indexing):
    """The axis along which each of the arrays lies."""
    axes = list(range(n))
    if indexing == "xy" and n > 1:
        axes[:2] = [1, 0]
    return axes


@adjoint(np.meshgrid, arrays=("xi",), variadic="xi", kind=_grids, structural=("sparse",))
def meshgrid(y, dy, xi, copy=True, sparse=False, indexing="xy"):
    xi = list(xi)
    gradients = []
    for i, axis in enumerate(_grid_axes(len(xi), settled(indexing))):
        others = tuple(k for k in range(len(xi)) if k != axis)
        g = dy[i]
        gradients.append(None if absent(g)
                     else laid(g.sum(axis=others[0] if len(others) == 1 else others) if others else g, xi[i]))
    return (gradients,)
