"""Reductions: sums, means, extremes, products and norms over axes.

>>> import numpy as np
>>> spread(np.ones(3), np.ones((3, 2)), 1, False).shape
(3, 1)
"""
import builtins

import numpy as np

from ..gates import adjoint
from ..lengths import Bound, array, cumulative, mean_reduction, reduction
from ..kinds import Kind


def spread(dy, a, axis, keepdims):
    """The gradient of a reduction with its reduced axes put back, to broadcast against `a`."""
    if axis is None or keepdims or dy.ndim == 0:
        return dy
    axes = {i % a.ndim for i in (axis if isinstance(axis, tuple) else (axis,))}
    key = [None if i in axes else slice(None) for i in range(a.ndim)]
    while key and key[0] is None:
        key.pop(0)
    return dy[tuple(key)] if None in key else dy


def count(a, axis):
    """How many elements of `a` go into one result."""
    if axis is None:
        return a.size
    axes = [i % a.ndim for i in (axis if isinstance(axis, tuple) else (axis,))]
    n = a.shape[axes[0]]
    for i in axes[1:]:
        n = n * a.shape[i]
    return n


@adjoint(np.sum, method="sum", kind=reduction, lazy=True, hint="s")
def sum(y, dy, a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True):
    dx = spread(dy, a, axis, keepdims)
    return dx if where is True else dx * where


@adjoint(np.mean, method="mean", kind=mean_reduction, lazy=True, hint="mean")
def mean(y, dy, a, axis=None, dtype=None, out=None, keepdims=False):
    return spread(dy, a, axis, keepdims) / count(a, axis)


@adjoint(np.average, arrays=("a",), kind=mean_reduction, lazy=True)
def average(y, dy, a, axis=None, weights=None, keepdims=False):
    if weights is None:
        return spread(dy, a, axis, keepdims) / count(a, axis)
    if axis is not None and weights.ndim == 1:
        shape = [1] * a.ndim
        shape[axis] = -1
        weights = weights.reshape(tuple(shape))
    return spread(dy, a, axis, keepdims) * weights / np.sum(weights)


@adjoint(np.var, method="var", kind=mean_reduction, lazy=True, hint="var")
def var(y, dy, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    n = count(a, axis)
    centred = a - a.mean(axis=axis, keepdims=axis is not None)
    return 2 * centred * (spread(dy, a, axis, keepdims) / (n - ddof))


@adjoint(np.std, method="std", kind=mean_reduction, lazy=True, hint="std")
def std(y, dy, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    n = count(a, axis)
    centred = a - a.mean(axis=axis, keepdims=axis is not None)
    return centred * (spread(dy / y, a, axis, keepdims) / (n - ddof))


def _extreme(y, dy, a, axis, keepdims):
    """A reduction to an extreme shares a tie equally."""
    mask = a == spread(y, a, axis, keepdims)
    ties = mask.sum() if axis is None else mask.sum(axis=axis, keepdims=True)
    return mask * (spread(dy, a, axis, keepdims) / ties)


@adjoint(np.max, np.amax, method="max", kind=reduction, lazy=True, hint="top")
def max(y, dy, a, axis=None, out=None, keepdims=False):
    return _extreme(y, dy, a, axis, keepdims)


@adjoint(np.min, np.amin, method="min", kind=reduction, lazy=True, hint="low")
def min(y, dy, a, axis=None, out=None, keepdims=False):
    return _extreme(y, dy, a, axis, keepdims)


@adjoint(np.ptp, kind=reduction, lazy=True)
def ptp(y, dy, a, axis=None, out=None, keepdims=False):
    keep = axis is not None
    top, low = a.max(axis=axis, keepdims=keep), a.min(axis=axis, keepdims=keep)
    return _extreme(top, dy, a, axis, keepdims) - _extreme(low, dy, a, axis, keepdims)


@adjoint(np.prod, method="prod", kind=reduction, lazy=True, hint="product")
def prod(y, dy, a, axis=None, dtype=None, out=None, keepdims=False):
    """The product of the others, also where some are zero: exclusive products from both ends."""
    if axis is None:
        flat = a.reshape(-1)
        return dy * _others(flat, 0).reshape(a.shape)
    if isinstance(axis, tuple):
        return spread(dy * y, a, axis, keepdims) / a
    return spread(dy, a, axis, keepdims) * _others(a, axis % a.ndim)


def _others(a, axis):
    before = (slice(None),) * axis
    one = np.ones_like(a[(*before, slice(None, 1))])
    left = np.cumprod(np.concatenate([one, a[(*before, slice(None, -1))]], axis=axis), axis=axis)
    back = a[(*before, slice(None, None, -1))]
    right = np.cumprod(np.concatenate([one, back[(*before, slice(None, -1))]], axis=axis), axis=axis)
    return left * right[(*before, slice(None, None, -1))]


@adjoint(np.cumsum, method="cumsum", kind=cumulative, hint="running")
def cumsum(y, dy, a, axis=None, dtype=None, out=None):
    if axis is None:
        axis, shape = 0, a.shape
    else:
        shape = None
    back = (*(slice(None),) * (axis % dy.ndim), slice(None, None, -1))
    dx = dy[back].cumsum(axis=axis)[back]
    return dx if shape is None or a.ndim == 1 else dx.reshape(shape)


@adjoint(np.cumprod, method="cumprod", kind=cumulative)
def cumprod(y, dy, a, axis=None, dtype=None, out=None):
    """Valid where no element is zero."""
    flat = a if axis is not None or a.ndim == 1 else a.reshape(-1)
    axis = 0 if axis is None else axis
    back = (*(slice(None),) * (axis % dy.ndim), slice(None, None, -1))
    dx = (dy * y)[back].cumsum(axis=axis)[back] / flat
    return dx if flat is a else dx.reshape(a.shape)


@adjoint(builtins.sum, arrays=("iterable",), kind=lambda b: _builtin_sum(b), lazy=True)
def builtin_sum(y, dy, iterable, start=0):
    """Python's sum adds along the first axis, or the elements of a list."""
    if hasattr(iterable, "kind") and iterable.kind.tag in ("list", "tuple"):
        return [dy] * len(iterable)
    return dy


def _builtin_sum(bound: Bound) -> Kind:
    kind = bound.kind("iterable")
    return array(None if kind.shape is None else kind.shape[1:], kind.dtype)


@adjoint(np.diff, kind=lambda b: _differences(b), arrays=("a",))
def diff(y, dy, a, n=1, axis=-1):
    if n != 1:
        raise NotImplementedError("np.diff with n > 1")
    axis = axis % a.ndim
    before = (slice(None),) * axis
    edge = np.zeros_like(a[(*before, slice(None, 1))])
    return np.concatenate([edge, dy], axis=axis) - np.concatenate([dy, edge], axis=axis)


def _differences(bound):
    from ..kinds import Known
    from ..subscripts import slice_length
    from ..kinds import static
    kind = bound.kind("a")
    if kind.shape is None:
        return kind
    axis = bound.static("axis") % kind.rank
    shape = list(kind.shape)
    shape[axis] = slice_length(shape[axis], (static(1), None, None))
    assert isinstance(shape[axis], Known)
    return array(shape, kind.dtype)
