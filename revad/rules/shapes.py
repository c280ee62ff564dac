"""Shapes: what rearranges or repeats elements, undone by the same move backwards.

>>> import numpy as np
>>> transpose(np.ones((3, 2)), np.ones((3, 2)), np.ones((2, 3))).shape
(2, 3)
"""
import numpy as np

from ..gates import adjoint
from ..kinds import Kind, array, literal
from ..lengths import Bound, like_first, product, reshaped, same, unknown_length


@adjoint(np.reshape, kind=lambda b: reshaped(b, "shape"), arrays=("a",), view=True, cheap=True, hint="laid")
def reshape(y, dy, a, shape, order="C", copy=None):
    if order != "C":
        raise NotImplementedError("reshape with order other than 'C'")
    return dy.reshape(a.shape)


@adjoint(method="reshape", kind=lambda b: reshaped(b, "shape"), arrays=("a",), variadic="shape", view=True,
         cheap=True, hint="laid")
def method_reshape(y, dy, a, shape, order="C"):
    return reshape(y, dy, a, shape, order)


def _flat(bound):
    kind = same(bound)
    return array((unknown_length(),) if kind.shape is None else (product(kind.shape) if kind.shape else literal(1),),
                 kind.dtype)


@adjoint(np.ravel, method=("ravel",), kind=_flat, view=True, cheap=True)
def ravel(y, dy, a, order="C"):
    return reshape(y, dy, a, None, order)


@adjoint(method="flatten", kind=_flat)
def flatten(y, dy, a, order="C"):
    return reshape(y, dy, a, None, order)


def _permuted(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axes = bound.static("axes") if bound.has("axes") else None
    if isinstance(axes, tuple) and len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    return array([kind.shape[i] for i in (axes or range(kind.rank)[::-1])], kind.dtype)


@adjoint(np.transpose, np.permute_dims if hasattr(np, "permute_dims") else np.transpose,
         kind=_permuted, view=True, cheap=True)
def transpose(y, dy, a, axes=None):
    if isinstance(axes, tuple) and len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    if not axes:
        return dy.T
    order = [i % len(axes) for i in axes]
    return dy.transpose(tuple(order.index(i) for i in range(len(order))))


@adjoint(method="transpose", kind=_permuted, arrays=("a",), variadic="axes", view=True, cheap=True)
def method_transpose(y, dy, a, axes=()):
    return transpose(y, dy, a, tuple(axes) if axes else None)


@adjoint(method=".T", kind=lambda b: array(same(b).shape and same(b).shape[::-1], same(b).dtype), view=True,
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


@adjoint(method=".mT", kind=lambda b: _last_two(b), view=True, cheap=True)
def mT(y, dy, a):
    return dy.swapaxes(-1, -2)


def _last_two(bound):
    kind = same(bound)
    return array(kind.shape and (*kind.shape[:-2], kind.shape[-1], kind.shape[-2]), kind.dtype)


@adjoint(np.swapaxes, method="swapaxes", arrays=("a",), kind=_swapped, view=True, cheap=True)
def swapaxes(y, dy, a, axis1, axis2):
    return dy.swapaxes(settled(axis1), settled(axis2))


def settled(x):
    """The value of a setting that has no default in NumPy."""
    return x.static() if hasattr(x, "static") else x


def _moved(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    order = _move_order(bound.static("source"), bound.static("destination"), kind.rank)
    return array([kind.shape[i] for i in order], kind.dtype)


def _move_order(source, destination, rank):
    source = [i % rank for i in (source if isinstance(source, tuple) else (source,))]
    destination = [i % rank for i in (destination if isinstance(destination, tuple) else (destination,))]
    order = [i for i in range(rank) if i not in source]
    for to, at in sorted(zip(destination, source)):
        order.insert(to, at)
    return order


@adjoint(np.moveaxis, arrays=("a",), kind=_moved, view=True, cheap=True)
def moveaxis(y, dy, a, source, destination):
    return np.moveaxis(dy, settled(destination), settled(source))


def _expanded(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axis = bound.static("axis")
    axes = axis if isinstance(axis, tuple) else (axis,)
    shape = list(kind.shape)
    rank = len(shape) + len(axes)
    for i in sorted(a % rank for a in axes):
        shape.insert(i, literal(1))
    return array(shape, kind.dtype)


@adjoint(np.expand_dims, arrays=("a",), kind=_expanded, view=True, cheap=True)
def expand_dims(y, dy, a, axis):
    axis = settled(axis)
    if isinstance(axis, int):
        return dy[(*(slice(None),) * (axis % dy.ndim), 0)]
    return dy.reshape(a.shape)


def _squeezed(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axis = bound.static("axis")
    if axis is None:
        ones = [bound.scope.is_one(n) for n in kind.shape]
        if None in ones:
            return Kind("array", kind.dtype)
        return array([n for n, one in zip(kind.shape, ones) if not one], kind.dtype)
    axes = [i % kind.rank for i in (axis if isinstance(axis, tuple) else (axis,))]
    return array([n for i, n in enumerate(kind.shape) if i not in axes], kind.dtype)


@adjoint(np.squeeze, method="squeeze", kind=_squeezed, view=True, cheap=True)
def squeeze(y, dy, a, axis=None):
    return dy.reshape(a.shape) if hasattr(dy, "reshape") else np.reshape(dy, a.shape)


def _broadcast_kind(bound: Bound):
    return array(bound.lengths("shape"), same(bound).dtype)


@adjoint(np.broadcast_to, arrays=("array",), kind=_broadcast_kind, view=True, broadcasts=True, lazy=True)
def broadcast_to(y, dy, array, shape, subok=False):
    return dy


@adjoint(np.flip, kind=same, view=True)
def flip(y, dy, m, axis=None):
    return np.flip(dy, axis)


@adjoint(np.fliplr, kind=same, view=True)
def fliplr(y, dy, m):
    return np.fliplr(dy)


@adjoint(np.flipud, kind=same, view=True)
def flipud(y, dy, m):
    return np.flipud(dy)


@adjoint(np.roll, arrays=("a",), kind=same)
def roll(y, dy, a, shift, axis=None):
    if hasattr(shift, "kind"):
        shift = tuple(-s for s in shift) if shift.kind.tag == "tuple" else -shift
    else:
        shift = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
    return np.roll(dy, shift, axis)


def _unknown_axes(bound):
    """The rank of the operand, lengths that only run time knows."""
    kind = same(bound)
    if kind.shape is None:
        return kind
    return array([unknown_length() for _ in kind.shape], kind.dtype)


def _tiled(bound):
    kind, reps = same(bound), bound.lengths("reps")
    if kind.shape is None or reps is None:
        return Kind("array", kind.dtype)
    rank = max(kind.rank, len(reps))
    shape = (literal(1),) * (rank - kind.rank) + tuple(kind.shape)
    reps = (literal(1),) * (rank - len(reps)) + tuple(reps)
    return array([product((r, n)) if not (r.exact and r.value == 1) else n for r, n in zip(reps, shape)], kind.dtype)


@adjoint(np.tile, arrays=("A",), kind=_tiled)
def tile(y, dy, A, reps):
    """The tiles are laid along an axis of their own, and added."""
    reps = settled(reps)
    reps = (reps,) if isinstance(reps, int) else tuple(reps)
    reps = (1,) * (A.ndim - len(reps)) + reps
    shape, axes = [], []
    for position, r in enumerate(reps):
        inner = position - (len(reps) - A.ndim)
        axes.append(len(shape))
        shape += [r, A.shape[inner] if inner >= 0 else 1]
    total = dy.reshape(tuple(shape)).sum(axis=tuple(axes))
    return total if len(reps) == A.ndim else total.reshape(A.shape)


def _repeated(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axis, repeats = bound.static("axis"), bound.lengths("repeats")
    shape = list(kind.shape) if axis is not None else [product(kind.shape)] if kind.shape else [literal(1)]
    at = axis % len(shape) if axis is not None else 0
    shape[at] = product((repeats[0], shape[at])) if repeats is not None and len(repeats) == 1 else unknown_length()
    return array(shape, kind.dtype)


@adjoint(np.repeat, arrays=("a",), method="repeat", kind=_repeated)
def repeat(y, dy, a, repeats, axis=None):
    if axis is None:
        flat = a.size
        return dy.reshape((flat, -1)).sum(axis=1).reshape(a.shape)
    axis = axis % a.ndim
    shape = [a.shape[i] for i in range(a.ndim)]
    return dy.reshape((*shape[:axis + 1], -1, *shape[axis + 1:])).sum(axis=axis + 1)


def _padded(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    return array([unknown_length() for _ in kind.shape], kind.dtype)


@adjoint(np.pad, arrays=("array",), kind=_padded)
def pad(y, dy, array, pad_width, mode="constant", constant_values=0):
    if mode != "constant":
        raise NotImplementedError("np.pad with a mode other than 'constant'")
    width = settled(pad_width)
    if isinstance(width, int):
        width = ((width, width),) * array.ndim
    width = tuple((w, w) if isinstance(w, int) else tuple(w) for w in width)
    if len(width) == 1 or len(width) == 2 and array.ndim != 2 and all(w[0] == w[1] for w in width):
        width = (width[0],) * array.ndim
    return dy[tuple(slice(before or None, -after or None) for before, after in width)]


@adjoint(np.rot90, kind=_unknown_axes, view=True)
def rot90(y, dy, m, k=1, axes=(0, 1)):
    return np.rot90(dy, -k, axes)


def _triangle(name, function):
    @adjoint(function, kind=same)
    def triangle(y, dy, m, k=0):
        return function(dy, k) if k != 0 else function(dy)
    return triangle


tril, triu = _triangle("tril", np.tril), _triangle("triu", np.triu)


def _diagonal_kind(bound):
    kind = same(bound)
    if kind.rank not in (1, 2):
        return Kind("array", kind.dtype)
    k = bound.static("k")
    if kind.rank == 1:
        return array([kind.shape[0] if k == 0 else unknown_length()] * 2, kind.dtype)
    square = kind.shape[0].text == kind.shape[1].text and k == 0
    return array([kind.shape[0] if square else unknown_length()], kind.dtype)


@adjoint(np.diag, kind=_diagonal_kind)
def diag(y, dy, v, k=0):
    if v.ndim == 1:
        return np.diag(dy) if k == 0 else np.diag(dy, k)
    return np.zeros_like(v) + _embedded(dy, v, k)


def _embedded(dy, v, k):
    rows, columns = np.arange(v.shape[0])[:, None], np.arange(v.shape[1])
    index = rows if k >= 0 else columns
    return np.where(columns - rows == k, np.take(dy, np.minimum(index, dy.shape[0] - 1)), 0.0)


@adjoint(method="copy", kind=same)
def copy(y, dy, a, order="C"):
    return dy


@adjoint(np.copy, kind=same)
def np_copy(y, dy, a, order="K", subok=False):
    return dy


def _as_type(bound):
    return like_first(bound)


@adjoint(method="astype", arrays=("a",), kind=_as_type)
def astype(y, dy, a, dtype, copy=True):
    """A cast to integers carries no derivative."""
    return dy


@adjoint(np.atleast_1d, np.atleast_2d, np.atleast_3d, kind=lambda b: Kind("array", same(b).dtype), view=True)
def atleast(y, dy, a):
    return np.reshape(dy, np.shape(a))
