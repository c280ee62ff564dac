"""Reductions: sums, means, spreads, extremes and products over axes.

>>> import numpy as np
>>> prod(0.0, 1.0, np.array([2.0, 0.0, 3.0]))[0]
array([0., 6., 0.])
"""
import functools
import operator

import numpy as np

from ...ir.nodes import Form, Lit
from ...types.kinds import UNKNOWN, Kind, array, joint_dtype, literal
from ...types.registry import adjoint
from ...types.shape_rules import axes as axes_of
from ...types.shape_rules import dtype_of, mean_reduction, product_of_sizes, reduction, same, summation
from ..axes import count, fitted, positive, refuse, settled, shared, spread, total
from .arithmetic import literal_value


@adjoint(np.sum, method="sum", arrays=("a", "initial"), kind=summation, lazy=True, hint="s")
def sum(y, dy, a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True):
    dx = spread(dy, a, axis, keepdims)
    return dx if where is True else dx * where, lambda: fitted(dy, initial, y)


def _reduced(bound):
    """A ufunc's `reduce` goes along the first axis by default."""
    kind = same(bound)
    dtype = dtype_of(bound, otherwise=kind.dtype) if bound.has("dtype") else kind.dtype
    if kind.shape is None:
        return kind._replace(dtype=dtype)
    dropped = range(kind.rank) if bound.static("axis") is None else axes_of(bound, kind.rank)
    keep = bound.has("keepdims") and bound.static("keepdims")
    return array([literal(1) if i in dropped else n
                  for i, n in enumerate(kind.shape) if keep or i not in dropped], dtype)


@adjoint(np.add.reduce, arrays=("array",), kind=_reduced, lazy=True)
def add_reduce(y, dy, array, axis=0, dtype=None, out=None, keepdims=False):
    return spread(dy, array, axis, keepdims)


@adjoint(np.multiply.reduce, arrays=("array",), kind=_reduced, lazy=True)
def multiply_reduce(y, dy, array, axis=0, dtype=None, out=None, keepdims=False):
    return others(dy, array, axis, keepdims)


@adjoint(np.maximum.reduce, np.minimum.reduce, arrays=("array",), kind=_reduced, lazy=True)
def extreme_reduce(y, dy, array, axis=0, dtype=None, out=None, keepdims=False):
    return extreme(y, dy, array if settled(dtype) is None else array.astype(dtype), axis, keepdims)


@adjoint(np.nansum, kind=summation, lazy=True)
def nansum(y, dy, a, axis=None, dtype=None, out=None, keepdims=False):
    return spread(dy, a, axis, keepdims) * ~np.isnan(a)


@adjoint(np.mean, method="mean", kind=mean_reduction, lazy=True, hint="mean")
def mean(y, dy, a, axis=None, dtype=None, out=None, keepdims=False, where=True):
    if where is True:
        return shared(spread(dy, a, axis, keepdims), a, axis)
    if a.ndim == 0:
        return dy * where
    chosen = np.broadcast_to(where, a.shape)
    return spread(dy, a, axis, keepdims) * where / total(chosen, axis)


@adjoint(np.nanmean, kind=mean_reduction, lazy=True)
def nanmean(y, dy, a, axis=None, dtype=None, out=None, keepdims=False):
    there = ~np.isnan(a)
    return spread(dy, a, axis, keepdims) * there / total(there, axis)


@adjoint(np.nanprod, kind=summation, lazy=True)
def nanprod(y, dy, a, axis=None, dtype=None, out=None, keepdims=False):
    there = ~np.isnan(a)
    return others(dy, np.where(there, a, 1), axis, keepdims) * there


def _apart(a, axis):
    """The deviations from the mean, 0 where an element is missing, and how many elements there are."""
    there = ~np.isnan(a)
    middle = np.nanmean(a) if settled(axis) is None else np.nanmean(a, axis=axis, keepdims=True)
    return np.where(there, a - middle, 0), total(there, axis)


@adjoint(np.nanvar, kind=mean_reduction, lazy=True)
def nanvar(y, dy, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    apart, number = _apart(a, axis)
    return 2 * apart * (spread(dy, a, axis, keepdims) / (number - ddof))


@adjoint(np.nanstd, kind=mean_reduction, lazy=True)
def nanstd(y, dy, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    """Where all elements are equal the gradient is 0."""
    apart, number = _apart(a, axis)
    return apart * (spread(dy / (y + (y == 0)), a, axis, keepdims) / (number - ddof))


def _averaged(bound):
    if bound.has("returned") and bound.static("returned"):      # a pair
        return UNKNOWN
    kind = mean_reduction(bound)
    return (kind._replace(dtype=joint_dtype(kind, bound.kind("weights")))
            if bound.has("weights") and bound.kind("weights").numeric else kind)


@adjoint(np.average, arrays=("a", "weights"), kind=_averaged, lazy=True)
def average(y, dy, a, axis=None, weights=None, returned=False, keepdims=False):
    """Weights with fewer axes lie along the axes that are averaged."""
    if settled(returned):
        refuse("np.average with returned=True", "revad has a rule for the average alone",
               "Sum the weights beside it.")
    dy = spread(dy, a, axis, keepdims)
    if weights is None:
        return shared(dy, a, axis)
    if a.ndim == 0 and weights.ndim == 0:       # of one number, whatever its weight
        return dy, None
    along, axes, apart = weights, positive(axis, a.ndim), weights.ndim != a.ndim
    if list(axes) != sorted(axes):
        refuse("np.average with axes in another order",
               "which axis of the weights is which depends on the lengths", "Give the axes in order.")
    if apart:
        along = weights[tuple(slice(None) if i in axes else None for i in range(a.ndim))]
    share = dy / total(along, axis)
    dweights = share * (a - spread(y, a, axis, keepdims))
    if apart:
        others = tuple(i for i in range(a.ndim) if i not in axes)
        dweights = dweights.sum(axis=others[0] if len(others) == 1 else others)
    return share * along, dweights


def _known_mean(a, axis):
    """The mean over an axis that the function has computed by itself, if it broadcasts; else None."""
    if not hasattr(a, "builder") or not isinstance(axis, (int, tuple)):
        return None
    place, rank = a.builder.operand(axis), a.ndim
    forms = [(("axis", "keepdims"), (place, Lit(True)))]
    if axis in (0, -rank):
        forms += [(("axis",), (place,)), ((), (place,))]
    for keywords, settings in forms:
        for kind, name in (("method", "mean"), ("call", "np.mean")):
            known = a.builder.known(Form(kind, name, keywords), (a.operand, *settings))
            if known is not None:
                return a.builder.symbol(known)
    return None


def _centred(a, axis, where):
    """The deviations from the mean, 0 outside of `where`, and the number of elements."""
    along = {} if settled(axis) is None else {"axis": axis, "keepdims": True}
    if where is True:
        known = _known_mean(a, settled(axis))
        return a - (a.mean(**along) if known is None else known), count(a, axis)
    return (np.where(where, a - a.mean(**along, where=where), 0.0),
            total(np.broadcast_to(where, a.shape), axis))


@adjoint(np.var, method="var", kind=mean_reduction, lazy=True, hint="var")
def var(y, dy, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True):
    if a.ndim == 0:
        return 0.0
    apart, number = _centred(a, axis, where)
    return 2 * apart * (spread(dy, a, axis, keepdims) / (number - ddof))


@adjoint(np.std, method="std", kind=mean_reduction, lazy=True, hint="std")
def std(y, dy, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True):
    """Where all elements are equal the gradient is 0."""
    if a.ndim == 0:
        return 0.0
    apart, number = _centred(a, axis, where)
    return apart * (spread(dy / (y + (y == 0)), a, axis, keepdims) / (number - ddof))


def extreme(y, dy, a, axis, keepdims, where=True, bounded=False):
    """A reduction to an extreme shares a tie equally; none of it goes to `initial`."""
    if a.ndim == 0:
        return dy * (a == y) if bounded else dy
    mask = a == spread(y, a, axis, keepdims)
    if where is not True:
        mask = mask & where
    ties = total(mask, axis)
    return mask * (spread(dy, a, axis, keepdims) / (np.maximum(ties, 1) if bounded else ties))


@adjoint(np.max, np.amax, method="max", kind=reduction, lazy=True, hint="top")
def max(y, dy, a, axis=None, out=None, keepdims=False, initial=None, where=True):
    return extreme(y, dy, a, axis, keepdims, where, initial is not None)


@adjoint(np.min, np.amin, method="min", kind=reduction, lazy=True, hint="low")
def min(y, dy, a, axis=None, out=None, keepdims=False, initial=None, where=True):
    return extreme(y, dy, a, axis, keepdims, where, initial is not None)


@adjoint(np.nanmax, kind=reduction, lazy=True)
def nanmax(y, dy, a, axis=None, out=None, keepdims=False):
    return extreme(y, dy, a, axis, keepdims)


@adjoint(np.nanmin, kind=reduction, lazy=True)
def nanmin(y, dy, a, axis=None, out=None, keepdims=False):
    return extreme(y, dy, a, axis, keepdims)


@adjoint(np.ptp, kind=reduction, lazy=True)
def ptp(y, dy, a, axis=None, out=None, keepdims=False):
    if a.ndim == 0:
        return 0.0
    kept = {} if settled(axis) is None else {"axis": axis, "keepdims": True}
    dy = spread(dy, a, axis, keepdims)
    keeps = True
    return extreme(a.max(**kept), dy, a, axis, keeps) - extreme(a.min(**kept), dy, a, axis, keeps)


def _multiplied(bound):
    kind = summation(bound)
    sizes = product_of_sizes(bound.raw("a")) if set(bound.operands) == {"a"} else None
    return kind if sizes is None else kind._replace(known=sizes)


@adjoint(np.prod, method="prod", arrays=("a", "initial"), kind=_multiplied, lazy=True, hint="product")
def prod(y, dy, a, axis=None, dtype=None, out=None, keepdims=False, initial=1, where=True):
    """The product of all the others, also where some elements are zero."""
    factors = a if where is True else np.where(where, a, 1)
    times = dy if literal_value(initial) == 1 or type(initial) is int and initial == 1 else dy * initial
    if a.ndim == 0:
        return times if where is True else times * where, lambda: dy * factors
    dx = others(times, factors, axis, keepdims)
    return dx if where is True else dx * where, lambda: fitted(spread(dy, a, axis, keepdims)
                                                               * _product(factors, axis), initial)


def _product(a, axis):
    return a.prod() if settled(axis) is None else a.prod(axis=axis, keepdims=True)


def others(dy, a, axis, keepdims):
    """The product of all other elements times dy, in a form that can be differentiated again at zeros."""
    if a.ndim == 0:
        return dy
    zero = a == 0
    zeros = total(zero, axis)
    factor, empty = np.where(zero, 1, a), np.where(zero, a, 0)
    share = spread(dy, a, axis, keepdims) * _product(factor, axis)
    return share / factor * np.where(zeros == zero, 1, (zeros == zero + 1) * (total(empty, axis) - empty))


@adjoint(np.median, kind=mean_reduction, lazy=True)
def median(y, dy, a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """The gradient goes to the middle element, or half of it to each of two; of equal ones to the first."""
    _left_as_it_was(overwrite_input)
    return quantile(y, dy, a, 0.5, axis, None, False, "linear", keepdims)


def _at_points(bound):
    """As a mean, with the axes of the points first, which may widen it where they are no Python number."""
    kind, points = mean_reduction(bound), bound.kind("q").shape
    if not bound.kind("q").weak and kind.dtype != "d":
        kind = kind._replace(dtype="")
    return kind if points == () else Kind("array", kind.dtype, None if points is None or kind.shape is None
                                          else (*points, *kind.shape))


@adjoint(np.quantile, arrays=("a",), kind=_at_points, lazy=True)
def quantile(y, dy, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    """A weighted mean of two neighbours in sorted order."""
    _left_as_it_was(overwrite_input)
    return _by_ranks(dy, a, q, axis, method, keepdims)


@adjoint(np.percentile, arrays=("a",), kind=_at_points, lazy=True)
def percentile(y, dy, a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False):
    _left_as_it_was(overwrite_input)
    return _by_ranks(dy, a, q, axis, method, keepdims, 100)


def _left_as_it_was(overwrite_input):
    """The backward pass reads the input again."""
    if settled(overwrite_input):
        refuse("overwrite_input=True as a positional argument", "the gradient needs the input as it was",
               "Leave it out.")


def _by_ranks(dy, a, q, axis, method, keepdims, parts=1):
    """The sum over the points, which are the first axis of the result.

    parts: 100 where the points are given in percent.
    """
    if isinstance(q, (list, tuple)) or getattr(getattr(q, "kind", None), "tag", "") in ("list", "tuple"):
        points = [(dy[i] if dy.ndim else dy, point) for i, point in enumerate(list(q))]
    else:
        points = [(dy, q)]
    if any(getattr(point, "ndim", 0) != 0 or isinstance(point, (list, tuple)) for _, point in points):
        refuse("a quantile at an array of points", "revad has a rule for one number, or a list of them",
               "Call it once for each point.")
    gradients = [_by_rank(d, a, point if parts == 1 else point / parts, axis, method, keepdims)
                 for d, point in points]
    return functools.reduce(operator.add, gradients) if gradients else np.zeros_like(a)


def _by_rank(dy, a, q, axis, method, keepdims):
    """The rank of every element, and its weight in the quantile."""
    if method != "linear":
        refuse(f"a quantile with method={method!r}", "only method='linear' has a gradient",
               "Leave method out.")
    if a.ndim == 0:
        return dy
    axes = positive(axis, a.ndim)
    if not axes:
        return dy
    if len(axes) > 1 and len(axes) != a.ndim:
        refuse("a quantile along several axes", "revad has a rule for one axis, or for all",
               "Reshape those axes to one.")
    if len(axes) == a.ndim:
        flat, shape, axis = (a if a.ndim == 1 else a.reshape(-1)), a.shape, 0
        dy = dy.sum() if dy.ndim else dy
    else:
        flat, shape, axis = a, None, axes[0]
        dy = spread(dy, a, axis, keepdims)
    order = flat.argsort().argsort() if flat.ndim == 1 else flat.argsort(axis=axis).argsort(axis=axis)
    weight = np.maximum(1 - np.abs(order - q * (flat.shape[axis] - 1)), 0)
    dx = dy * weight
    return dx if shape is None or a.ndim == 1 else dx.reshape(shape)

