"""Joining: arrays made of arrays, and their pieces.

>>> import numpy as np
>>> [g.shape for g in stack(np.ones((2, 3)), np.ones((2, 3)), [np.ones(3), np.ones(3)])]
[(3,), (3,)]
"""
import builtins

import numpy as np

from ..gates import adjoint
from ..kinds import Kind, array, literal, promote
from ..lengths import as_array, unknown_length


def _parts(bound, name):
    kind = bound.raw(name)
    if kind.tag in ("tuple", "list"):
        return [as_array(item, bound.scope) for item in kind.items]
    kind = as_array(kind, bound.scope)
    return None if kind.shape is None else [kind._replace(shape=kind.shape[1:])]


def _total(lengths):
    if builtins.all(n.exact for n in lengths):
        return literal(builtins.sum(n.value for n in lengths))
    return unknown_length()


def _concatenated(bound, name="arrays", axis=None, rank=0):
    parts = _parts(bound, name)
    axis = bound.static("axis") if axis is None else axis
    if not parts or builtins.any(p.shape is None for p in parts):
        return Kind("array", "")
    dtype = promote(*parts)
    if axis is None or len(parts) == 1 and bound.raw(name).tag == "array":
        return array((unknown_length(),), dtype) if axis is None else Kind("array", dtype)
    shape = list(parts[0].shape)
    shape[axis] = _total([p.shape[axis] for p in parts])
    return array(shape, dtype)


@adjoint(np.concatenate, *([np.concat] if hasattr(np, "concat") else []), arrays=("arrays",), kind=_concatenated)
def concatenate(y, dy, arrays, axis=0, out=None, dtype=None):
    return (cut(dy, list(arrays), axis),)


def cut(dy, parts, axis):
    """The pieces of dy that belong to each part, one after the other along an axis."""
    if axis is None:
        starts = _starts([p.size for p in parts])
        return [dy[a:b].reshape(p.shape) if p.ndim else dy[a] for p, a, b in zip(parts, starts, starts[1:])]
    axis = axis % dy.ndim
    starts = _starts([p.shape[axis] for p in parts])
    before = (slice(None),) * axis
    return [dy[(*before, slice(a, b))] for a, b in zip(starts, starts[1:])]


def _starts(lengths):
    """Where each part begins; the first at the start, the last runs to the end."""
    starts = [None]
    for n in lengths[:-1]:
        starts.append(n if starts[-1] is None else starts[-1] + n)
    return [*starts, None]


def _stacked(bound):
    parts = _parts(bound, "arrays")
    if not parts or builtins.any(p.shape is None for p in parts) or bound.raw("arrays").tag == "array":
        return Kind("array", "")
    shape = list(parts[0].shape)
    shape.insert(bound.static("axis") % (len(shape) + 1), literal(len(parts)))
    return array(shape, promote(*parts))


@adjoint(np.stack, arrays=("arrays",), kind=_stacked)
def stack(y, dy, arrays, axis=0, out=None):
    before = (slice(None),) * (axis % dy.ndim)
    return [dy[(*before, i)] for i in range(len(arrays))] if not hasattr(dy, "kind") else \
        ([dy[(*before, i)] for i in range(len(arrays))],)


def _hstacked(bound):
    parts = _parts(bound, "tup")
    if not parts or parts[0].shape is None:
        return Kind("array", "")
    if parts[0].rank == 0:
        return array((literal(len(parts)),), promote(*parts))
    return _concatenated(bound, "tup", 0 if parts[0].rank == 1 else 1)


@adjoint(np.hstack, arrays=("tup",), kind=_hstacked)
def hstack(y, dy, tup):
    parts = list(tup)
    if parts[0].ndim == 0:
        return ([dy[i] for i in range(len(parts))],)
    return (cut(dy, parts, 0 if parts[0].ndim == 1 else 1),)


def _vstacked(bound):
    parts = _parts(bound, "tup")
    if not parts or builtins.any(p.shape is None for p in parts):
        return Kind("array", "")
    if parts[0].rank == 0:
        return array((literal(len(parts)), literal(1)), promote(*parts))
    if builtins.all(p.rank == 1 for p in parts):
        return array((literal(len(parts)), parts[0].shape[0]), promote(*parts))
    lengths = [literal(1) if p.rank == 1 else p.shape[0] for p in parts]
    rest = next(p.shape[1:] for p in parts if p.rank > 1)
    return array((_total(lengths), *rest), promote(*parts))


@adjoint(np.vstack, arrays=("tup",), kind=_vstacked)
def vstack(y, dy, tup):
    found, start = [], 0
    for part in list(tup):
        if part.ndim < 2:
            found.append(dy[start, 0] if part.ndim == 0 else dy[start])
            start = start + 1
        else:
            found.append(dy[start:start + part.shape[0]])
            start = start + part.shape[0]
    return (found,)


def _columns(bound):
    parts = _parts(bound, "tup")
    if not parts or builtins.any(p.shape is None for p in parts):
        return Kind("array", "")
    lengths = [literal(1) if p.rank == 1 else p.shape[1] for p in parts]
    return array((parts[0].shape[0], _total(lengths)), promote(*parts))


@adjoint(np.column_stack, arrays=("tup",), kind=_columns)
def column_stack(y, dy, tup):
    found, start = [], 0
    for part in list(tup):
        if part.ndim == 1:
            found.append(dy[:, start])
            start = start + 1
        else:
            found.append(dy[:, start:start + part.shape[1]])
            start = start + part.shape[1]
    return (found,)


def _pieces(bound):
    kind = bound.kind("ary")
    parts = bound.static("indices_or_sections")
    number = parts if isinstance(parts, int) else len(parts) + 1
    if kind.shape is None:
        return Kind("list", items=(kind,) * number)
    axis = bound.static("axis") % kind.rank
    shape = list(kind.shape)
    shape[axis] = unknown_length()
    if not isinstance(parts, int):
        return Kind("list", items=tuple(array([*shape[:axis], unknown_length(), *shape[axis + 1:]], kind.dtype)
                                        for _ in range(number)))
    return Kind("list", items=(array(shape, kind.dtype),) * number)


@adjoint(np.split, np.array_split, arrays=("ary",), kind=_pieces, view=True)
def split(y, dy, ary, indices_or_sections, axis=0):
    """Pieces of which no gradient is known are zeros."""
    return np.concatenate(list(dy), axis=axis)


def _made(bound):
    kind = bound.kind("object")
    if bound.has("dtype"):
        from ..lengths import dtype_of
        return kind._replace(dtype=dtype_of(bound, otherwise=kind.dtype), weak=False, known=None)
    return kind._replace(weak=False, known=None, items=())


@adjoint(np.array, arrays=("object",), kind=_made)
def array_(y, dy, object, dtype=None, copy=True, order="K", ndmin=0):
    return dy


@adjoint(np.asarray, np.ascontiguousarray, np.asanyarray, arrays=("object",), kind=_made, view=True)
def asarray(y, dy, object, dtype=None, order=None):
    return dy
