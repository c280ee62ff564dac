"""Shapes: functions that rearrange or repeat elements; the gradient is rearranged back, and summed.

>>> import numpy as np
>>> transpose(np.ones((3, 2)), np.ones((3, 2)), np.ones((2, 3))).shape
(2, 3)
"""
import numpy as np

from ...types.dims import factor
from ...types.kinds import Kind, Known, array, literal
from ...types.registry import adjoint
from ...types.shape_rules import Bound, as_new_array, like_first, product, same, unknown_length
from ..axes import as_tuple, laid, refuse, settled


def reshaped(bound):
    kind = same(bound)
    lengths = bound.lengths("shape")
    if lengths is None:
        return Kind("array", kind.dtype)
    free = [i for i, n in enumerate(lengths) if n.value == -1]
    if free:
        lengths = list(lengths)
        lengths[free[0]] = _remaining(kind.shape, [n for n in lengths if n.value != -1])
    return array(lengths, kind.dtype)


def _remaining(shape, taken):
    """The length that reshape's -1 stands for."""
    if shape is None:
        return unknown_length()
    left = list(shape)
    for length in taken:
        match = next((n for n in left if n.text == length.text), None)
        if match is None:
            if length.exact and length.value == 1:
                continue
            known = [*shape, *taken]
            if any(n.value is None for n in known):
                return unknown_length()
            total, part = product(shape), product(taken)
            if not part.value:
                return unknown_length()
            return Known(total.value // part.value, f"{factor(total.text)} // {factor(part.text)}")
        left.remove(match)
    return product(left) if left else literal(1)


@adjoint(np.reshape, kind=reshaped, arrays=("a",), cheap=True, hint="laid")
def reshape(y, dy, a, shape, order="C", copy=None):
    if dy.ndim == 0 or settled(order) != "F" or a.ndim == 0 or a.ndim < 2 and dy.ndim < 2:
        return dy if dy.ndim == 0 else laid(dy, a)
    return dy.reshape(a.shape, order="F") if a.ndim > 1 else dy.ravel(order="F")


@adjoint(method="reshape", kind=reshaped, arrays=("a",), variadic="shape",
         cheap=True, hint="laid")
def method_reshape(y, dy, a, shape, order="C"):
    return reshape(y, dy, a, shape, order)


def _flat(bound):
    kind = same(bound)
    return array((unknown_length(),) if kind.shape is None
                 else (product(kind.shape) if kind.shape else literal(1),),
                 kind.dtype)


@adjoint(np.ravel, method=("ravel",), kind=_flat, cheap=True)
def ravel(y, dy, a, order="C"):
    return reshape(y, dy, a, None, order)


@adjoint(method="flatten", kind=_flat)
def flatten(y, dy, a, order="C"):
    return reshape(y, dy, a, None, order)


@adjoint(method="view", arrays=("a",),
         kind=lambda b: Kind("array", "") if b.has("dtype") or b.has("type") else same(b), cheap=True)
def view(y, dy, a, dtype=None, type=None):
    """A view of the bytes as another dtype has no derivative."""
    if dtype is not None or type is not None:
        refuse("view", "it takes the bytes of its array for other numbers", "Convert them, with .astype.")
    return dy


def _permuted(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axes = bound.static("axes") if bound.has("axes") else None
    if isinstance(axes, tuple) and len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    return array([kind.shape[i] for i in (range(kind.rank)[::-1] if axes is None or axes == ()
                                          else as_tuple(axes))], kind.dtype)


@adjoint(np.transpose, np.permute_dims if hasattr(np, "permute_dims") else np.transpose,
         kind=_permuted, cheap=True)
def transpose(y, dy, a, axes=None):
    if isinstance(axes, tuple) and len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    if axes is None or axes == ():
        return dy.T
    axes = as_tuple(axes)
    order = [i % len(axes) for i in axes]
    return dy.transpose(tuple(order.index(i) for i in range(len(order))))


@adjoint(method="transpose", kind=_permuted, arrays=("a",), variadic="axes", cheap=True)
def method_transpose(y, dy, a, axes=()):
    return transpose(y, dy, a, tuple(axes) if axes else None)


@adjoint(method=".T", kind=lambda b: array(same(b).shape and same(b).shape[::-1], same(b).dtype),
         cheap=True)
def T(y, dy, a):
    return dy.T


def _swapped(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    shape = list(kind.shape)
    i, j = (bound.static(name) % len(shape) for name in ("axis1", "axis2"))
    shape[i], shape[j] = shape[j], shape[i]
    return array(shape, kind.dtype)


@adjoint(*[owner.matrix_transpose for owner in (np, np.linalg) if hasattr(owner, "matrix_transpose")],
         method=".mT",
         kind=lambda b: _last_two(b), cheap=True)
def mT(y, dy, a):
    return dy.swapaxes(-1, -2)


def _last_two(bound):
    kind = same(bound)
    return array(kind.shape and (*kind.shape[:-2], kind.shape[-1], kind.shape[-2]), kind.dtype)


@adjoint(np.swapaxes, method="swapaxes", arrays=("a",), kind=_swapped, cheap=True)
def swapaxes(y, dy, a, axis1, axis2):
    return dy.swapaxes(settled(axis1), settled(axis2))


def _moved(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    order = _move_order(bound.static("source"), bound.static("destination"), kind.rank)
    return array([kind.shape[i] for i in order], kind.dtype)


def _move_order(source, destination, rank):
    source = [i % rank for i in as_tuple(source)]
    destination = [i % rank for i in as_tuple(destination)]
    order = [i for i in range(rank) if i not in source]
    for to, at in sorted(zip(destination, source)):
        order.insert(to, at)
    return order


@adjoint(np.moveaxis, arrays=("a",), kind=_moved, cheap=True)
def moveaxis(y, dy, a, source, destination):
    return np.moveaxis(dy, settled(destination), settled(source))


def _expanded(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axes = as_tuple(bound.static("axis"))
    shape = list(kind.shape)
    rank = len(shape) + len(axes)
    for i in sorted(a % rank for a in axes):
        shape.insert(i, literal(1))
    return array(shape, kind.dtype)


@adjoint(np.expand_dims, arrays=("a",), kind=_expanded, cheap=True)
def expand_dims(y, dy, a, axis):
    axis = settled(axis)
    if isinstance(axis, int) and a.ndim:
        return dy[(*(slice(None),) * (axis % dy.ndim), 0)]
    return laid(dy, a)


def _squeezed(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axis = bound.static("axis")
    if axis is None:
        are_unit = [bound.scope.is_one(n) for n in kind.shape]
        if None in are_unit:
            return Kind("array", kind.dtype)
        return Kind("array", kind.dtype, tuple(n for n, is_unit in zip(kind.shape, are_unit) if not is_unit))
    axes = [i % kind.rank for i in as_tuple(axis) if kind.rank]
    return Kind("array", kind.dtype, tuple(n for i, n in enumerate(kind.shape) if i not in axes))


@adjoint(np.squeeze, method="squeeze", kind=_squeezed, cheap=True)
def squeeze(y, dy, a, axis=None):
    return dy if dy.ndim == 0 else dy.reshape(a.shape)


def _broadcast_kind(bound: Bound):
    return array(bound.lengths("shape"), same(bound).dtype)


@adjoint(np.broadcast_to, arrays=("array",), kind=_broadcast_kind, broadcasts=True, lazy=True)
def broadcast_to(y, dy, array, shape, subok=False):
    return dy


@adjoint(method="copy", kind=same)
def copy(y, dy, a, order="C"):
    return dy


@adjoint(np.copy, kind=lambda b: as_new_array(same(b)))
def np_copy(y, dy, a, order="K", subok=False):
    return dy


@adjoint(*([np.astype] if hasattr(np, "astype") else []), method="astype", arrays=("a",), kind=like_first)
def astype(y, dy, a, dtype, order="K", casting="unsafe", subok=True, copy=True):
    """A cast to integers carries no derivative."""
    return dy
