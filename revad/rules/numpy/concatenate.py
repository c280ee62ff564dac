"""Joins: arrays concatenated from arrays, whose gradients are split into the same pieces.

>>> import numpy as np
>>> [g.shape for g in cut(np.ones((5, 2)), [np.ones((2, 2)), np.ones((3, 2))], 0)]
[(2, 2), (3, 2)]
"""
import builtins

import numpy as np

from ...types.dims import total
from ...types.kinds import Kind, array, joint_dtype, literal, promote
from ...types.registry import adjoint
from ...types.shape_rules import as_array, dtype_of, product
from ..axes import at, call, settled


def _parts(bound, name):
    """The kinds of the pieces, as arrays; those of an array are its first axis."""
    kind = bound.raw(name)
    if kind.tag in ("tuple", "list"):
        return [as_array(item, bound.scope) for item in kind.items]
    return None


def _unknown(parts):
    return not parts or builtins.any(part.shape is None for part in parts)


def _dtype(bound, parts):
    return dtype_of(bound, otherwise=joint_dtype(*parts)) if bound.has("dtype") else joint_dtype(*parts)


def _rows_concatenated(bound):
    """np.concatenate of one array: its first axis and that of the pieces become one."""
    kind, axis = bound.kind("arrays"), bound.static("axis")
    kind = kind._replace(dtype=_dtype(bound, [kind]))
    if not kind.shape or kind.rank < 2:
        return Kind("array", kind.dtype)
    if axis is None:
        return array((product(kind.shape),), kind.dtype)
    return _rows_joined(kind, kind.shape[1:], axis)


def _rows_joined(kind, row, axis):
    """The kind of the concatenated rows of an array, each of the shape `row`."""
    shape, axis = list(row), axis % len(row)
    is_unit = shape[axis].exact and shape[axis].value == 1
    shape[axis] = kind.shape[0] if is_unit else product((kind.shape[0], shape[axis]))
    return array(shape, kind.dtype)


def joined(parts, axis, dtype):
    """The kind of concatenated pieces."""
    if axis is None:
        return array((total([product(p.shape) if p.shape else literal(1) for p in parts]),), dtype)
    axis = axis % parts[0].rank
    shape = [_settled_length([p.shape[i] for p in parts]) for i in range(parts[0].rank)]
    shape[axis] = total([p.shape[axis] for p in parts])
    return array(shape, dtype)


def _settled_length(lengths):
    """One of several equal lengths, the one of which most is known."""
    return next((n for n in lengths if n.exact),
                next((n for n in lengths if n.value is not None), lengths[0]))


def _concatenated(bound):
    parts = _parts(bound, "arrays")
    if parts is None:
        return _rows_concatenated(bound)
    if _unknown(parts):
        return Kind("array", "")
    return joined(parts, bound.static("axis"), _dtype(bound, parts))


@adjoint(np.concatenate, *([np.concat] if hasattr(np, "concat") else []), arrays=("arrays",),
         kind=_concatenated,
         containers=True)
def concatenate(y, dy, arrays, axis=0, out=None, dtype=None):
    axis = settled(axis)
    if not _is_list(arrays):
        return _apart(dy, arrays, axis)
    return (cut(dy, list(arrays), axis),)


def _apart(dy, arrays, axis):
    """The pieces of dy that belong to the rows of an array."""
    axis = 0 if axis is None else axis % dy.ndim
    if axis == 0:
        return dy.reshape(arrays.shape)
    count, *shape = arrays.shape
    return call(np.moveaxis, dy.reshape((*shape[:axis], count, *shape[axis:])), axis, 0)


def _raised_apart(dy, array, row, axis):
    """As `_apart`, where each row was raised to the lengths `row`; the axes added by that are ONE."""
    if row[axis] is not ONE:
        return _apart(dy, array, axis)
    rows = dy if axis == 0 else dy.T if dy.ndim == 2 else call(np.moveaxis, dy, axis, 0)
    return rows if rows.ndim == array.ndim else rows.reshape(array.shape)


def _is_list(arrays):
    return not hasattr(arrays, "kind") or arrays.kind.tag in ("tuple", "list")


def cut(dy, parts, axis):
    """The slices of dy along an axis that belong to each part."""
    if axis is None:
        starts = starts_of([p.size if p.ndim else 1 for p in parts])
        return [dy[a if a is not None else 0] if p.ndim == 0 else dy[a:b] if p.ndim == 1
                else dy[a:b].reshape(p.shape)
                for p, a, b in zip(parts, starts, starts[1:])]
    axis = axis % dy.ndim
    starts = starts_of([p.shape[axis] for p in parts])
    return [dy[at(axis, slice(a, b))] for a, b in zip(starts, starts[1:])]


def starts_of(lengths):
    """The bounds of the parts' slices: None for the start of the first and the end of the last."""
    starts = [None]
    for n in lengths[:-1]:
        starts.append(n if starts[-1] is None else starts[-1] + n)
    return [*starts, None]


def _stacked(bound):
    parts = _parts(bound, "arrays")
    if bound.raw("arrays").tag == "stack":
        length, *shape = bound.raw("arrays").shape
        shape.insert(bound.static("axis") % (len(shape) + 1), length)
        return array(shape, _dtype(bound, [bound.raw("arrays")]))
    if parts is None and bound.kind("arrays").shape:
        length, *shape = bound.kind("arrays").shape
        shape.insert(bound.static("axis") % (len(shape) + 1), length)
        return array(shape, _dtype(bound, [bound.kind("arrays")]))
    if _unknown(parts):
        return Kind("array", "")
    shape = [_settled_length([p.shape[i] for p in parts]) for i in range(parts[0].rank)]
    shape.insert(bound.static("axis") % (len(shape) + 1), literal(len(parts)))
    return array(shape, _dtype(bound, parts))


@adjoint(np.stack, arrays=("arrays",), kind=_stacked, containers=True)
def stack(y, dy, arrays, axis=0, out=None, dtype=None):
    axis = settled(axis) % dy.ndim
    if not _is_list(arrays):
        return (dy if axis == 0 else call(np.moveaxis, dy, axis, 0),)
    return ([dy[at(axis, i)] for i in range(len(list(arrays)))],)


ONE = literal(1)


def raised(kind, rank):
    """np.atleast_1d and its kin, for the kind of one piece."""
    return kind if kind.shape is None else Kind("array", kind.dtype, _raised_shape(kind.shape, rank))


def _raised_shape(shape, rank):
    """The lengths of a piece with at least `rank` axes, of which the new ones are ONE."""
    if len(shape) == 0:
        return (ONE,) * rank
    if len(shape) == 1 and rank > 1:
        return (ONE, *shape) if rank == 2 else (ONE, *shape, ONE)
    return (*shape, ONE) if len(shape) == 2 and rank == 3 else tuple(shape)


def lowered(g, x, rank):
    """The gradient of a piece, without the axes that `raised` added."""
    if x.ndim >= rank:
        return g
    if x.ndim == 0:
        return g[(0,) * rank]
    if x.ndim == 1:
        return g[0] if rank == 2 else g[0, :, 0]
    return g[:, :, 0]


def _laid_out(rank, axis):
    def kind(bound):
        parts = _parts(bound, "tup")
        kind_of_all = bound.kind("tup")
        if parts is None and kind_of_all.shape:
            row = _raised_shape(kind_of_all.shape[1:], rank)
            return _rows_joined(kind_of_all._replace(dtype=_dtype(bound, [kind_of_all])), row, axis(len(row)))
        if _unknown(parts):
            return Kind("array", "")
        parts = [raised(part, rank) for part in parts]
        return joined(parts, axis(parts[0].rank), _dtype(bound, parts))
    return kind


def _cut_back(dy, parts, rank, axis):
    """The pieces of dy along an axis, each with the axes that its part had."""
    if not _is_list(parts):
        return (_raised_apart(dy, parts, _raised_shape(parts.shape[1:], rank), axis),)
    parts, pieces, start = list(parts), [], None
    for number, part in enumerate(parts):
        if part.ndim < rank:
            here = 0 if start is None else start
            keys = {1: ((here,),), 2: ((here, 0), (here,)),
                    3: ((0, 0, here), (0, slice(None), here), (slice(None), slice(None), here))}
            pieces.append(dy[keys[rank][part.ndim]])
            start = here + 1
        else:
            end = part.shape[axis] if start is None else start + part.shape[axis]
            pieces.append(dy[at(axis, slice(start, None if number == len(parts) - 1 else end))])
            start = end
    return (pieces,)


@adjoint(np.hstack, arrays=("tup",), kind=_laid_out(1, lambda rank: 0 if rank == 1 else 1), containers=True)
def hstack(y, dy, tup, dtype=None):
    return _cut_back(dy, tup, 1, 0 if dy.ndim == 1 else 1)


@adjoint(np.vstack, *([np.row_stack] if hasattr(np, "row_stack") and np.__version__ < "2" else []),
         arrays=("tup",),
         kind=_laid_out(2, lambda rank: 0), containers=True)
def vstack(y, dy, tup, dtype=None):
    return _cut_back(dy, tup, 2, 0)


@adjoint(np.dstack, arrays=("tup",), kind=_laid_out(3, lambda rank: 2), containers=True)
def dstack(y, dy, tup):
    return _cut_back(dy, tup, 3, 2)


def _columns(bound):
    parts, kind_of_all = _parts(bound, "tup"), bound.kind("tup")
    if parts is None and kind_of_all.shape:
        return _rows_joined(kind_of_all, _column_shape(kind_of_all.shape[1:]), 1)
    if _unknown(parts):
        return Kind("array", "")
    parts = [column(part) for part in parts]
    return joined(parts, 1, joint_dtype(*parts))


def column(kind):
    return Kind("array", kind.dtype, _column_shape(kind.shape))


def _column_shape(shape):
    return (*shape, *(ONE,) * (2 - len(shape)))


@adjoint(np.column_stack, arrays=("tup",), kind=_columns, containers=True)
def column_stack(y, dy, tup):
    if not _is_list(tup):
        return (_raised_apart(dy, tup, _column_shape(tup.shape[1:]), 1),)
    pieces, start = [], 0
    for part in tup:
        if part.ndim < 2:
            pieces.append(dy[0, start] if part.ndim == 0 else dy[:, start])
            start = start + 1
        else:
            end = start + part.shape[1]
            pieces.append(dy[:, start:end])
            start = end
    return (pieces,)


def _side_by_side(bound):
    parts = [as_array(kind, bound.scope) for kind in bound.raw("tup").items]
    if _unknown(parts) or builtins.any(kind.tag == "static" for kind in bound.raw("tup").items):
        return Kind("array", "")
    parts = [column(part) for part in parts]
    return joined(parts, -1, joint_dtype(*parts))


@adjoint(np.c_, variadic="tup", kind=_side_by_side)
def c_(y, dy, tup):
    """Along the last axis; arrays with one axis become columns."""
    return (cut(dy, list(tup), -1),) if dy.ndim > 2 else column_stack(y, dy, list(tup))


def _end_to_end(bound):
    parts = [as_array(kind, bound.scope) for kind in bound.raw("tup").items]
    if _unknown(parts) or builtins.any(kind.tag == "static" for kind in bound.raw("tup").items):
        return Kind("array", "")
    dtype = promote(*parts)
    parts = [raised(part, 1) for part in parts]
    return joined(parts, 0, dtype)


@adjoint(np.r_, variadic="tup", kind=_end_to_end)
def r_(y, dy, tup):
    return _cut_back(dy, list(tup), 1, 0)


def _appended(bound):
    parts = [bound.kind("arr"), bound.kind("values")]
    if _unknown(parts):
        return Kind("array", "")
    return joined(parts, bound.static("axis"), joint_dtype(*parts))


@adjoint(np.append, arrays=("arr", "values"), kind=_appended)
def append(y, dy, arr, values, axis=None):
    return tuple(cut(dy, [arr, values], settled(axis)))
