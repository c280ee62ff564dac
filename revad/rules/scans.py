"""Scans: running sums and products, differences and what integrates along an axis.

>>> import numpy as np
>>> cumsum(None, np.array([1.0, 2.0, 3.0]), np.ones(3))
array([6., 5., 3.])
"""
import numpy as np

from ..gates import adjoint
from ..kinds import INTEGERS, Kind, array, promote
from ..lengths import axes as axes_of
from ..lengths import cumulative
from ..scope import Unknown
from ..sums import total
from .axes import at, call, refuse, settled


def _reversed_sum(d, axis):
    """At each place, the sum from there to the end."""
    back = at(axis, slice(None, None, -1))
    return d[back].cumsum(axis=axis)[back] if d.ndim > 1 else d[back].cumsum()[back]


def _flat(a, axis):
    """The array that a scan runs along, and the axis."""
    axis = settled(axis)
    if axis is None:
        return (a if a.ndim == 1 else a.reshape(-1)), 0
    return a, axis % a.ndim


@adjoint(np.cumsum, method="cumsum", kind=cumulative, hint="running")
def cumsum(y, dy, a, axis=None, dtype=None, out=None):
    if a.ndim == 0:
        return dy[0]
    _, along = (None, 0) if settled(axis) is None else _flat(a, axis)
    dx = _reversed_sum(dy, along)
    return dx if settled(axis) is not None or a.ndim == 1 else dx.reshape(a.shape)


@adjoint(np.cumprod, method="cumprod", kind=cumulative)
def cumprod(y, dy, a, axis=None, dtype=None, out=None):
    """Also right where elements are zero: nothing after the first zero matters but that zero."""
    if a.ndim == 0:
        return dy[0]
    x, axis = _flat(a, axis)
    zero = x == 0
    zeros = zero.cumsum(axis=axis)
    first = zero & (zeros == 1)
    without = np.where(first, 1, x).cumprod(axis=axis)
    before = np.where(zeros == 0, _reversed_sum(dy * y, axis), 0)
    dx = np.where(first, _reversed_sum(dy * without, axis), before) / np.where(zero, 1, x)
    return dx if x is a else dx.reshape(a.shape)


def _differences(bound):
    kind = bound.kind("a")
    if kind.shape is None:
        return kind
    axis = bound.static("axis") % kind.rank
    for name in ("prepend", "append"):
        if bound.has(name):
            kind = kind._replace(dtype=promote(kind._replace(weak=False), bound.kind(name)._replace(weak=False)))
    shape = list(kind.shape)
    added = sum(bound.has(name) and bound.raw(name).tag == "number" for name in ("prepend", "append"))
    if any(bound.has(name) and bound.raw(name).tag in ("array", "list") for name in ("prepend", "append")):
        return Kind("array", kind.dtype)
    shape[axis] = total([shape[axis]], added - bound.static("n"))
    return array(shape, kind.dtype)


@adjoint(np.diff, kind=_differences, arrays=("a",))
def diff(y, dy, a, n=1, axis=-1, prepend=None, append=None):
    """The differences of the gradient, with a zero at each end that had none."""
    axis, n = settled(axis), settled(n)
    if (prepend is not None or append is not None) and n != 1 or \
            any(getattr(end, "ndim", 0) != 0 for end in (prepend, append)):
        refuse("np.diff with prepend or append", "revad has a rule for n=1 and one number at an end",
               "Join the arrays with np.concatenate first.")
    ends = {name: 0 for name, end in (("prepend", prepend), ("append", append)) if end is None}
    along = {} if axis % a.ndim == a.ndim - 1 else {"axis": axis}
    for _ in range(n):
        dy = -np.diff(dy, **along, **ends)
    return dy


@adjoint(np.ediff1d, arrays=("ary",), kind=lambda b: _flat_differences(b))
def ediff1d(y, dy, ary):
    dx = -np.diff(dy, prepend=0, append=0)
    return dx if ary.ndim == 1 else dx.reshape(ary.shape)


def _flat_differences(bound):
    kind = bound.kind("ary")
    if kind.rank != 1:
        return Kind("array", kind.dtype)
    return array([total(kind.shape, -1)], kind.dtype)


def _integral(bound):
    kind = bound.kind("y")
    if kind.shape is None:
        return kind
    dropped = axes_of(bound, kind.rank)
    return array([n for i, n in enumerate(kind.shape) if i not in dropped], "d")


def _slopes(bound):
    kind = bound.kind("f")
    kind = kind._replace(dtype="d" if kind.dtype in INTEGERS else kind.dtype)
    axis = bound.static("axis")
    if isinstance(axis, int) or kind.rank == 1:
        return kind
    return Kind("tuple", items=(kind,) * len(axis if axis is not None else kind.shape or ()))


@adjoint(np.gradient, arrays=("f",), variadic="varargs", kind=_slopes)
def gradient(y, dy, f, varargs=(), axis=None, edge_order=1):
    """Half the difference of the neighbours; at the ends, the difference to the only one."""
    axis, steps = settled(axis), list(varargs)
    if settled(edge_order) != 1 or any(getattr(step, "ndim", 0) != 0 for step in steps):
        refuse("np.gradient with edge_order=2 or places", "revad has a rule for equal steps", "Write the differences.")
    axes = range(f.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if len(steps) == 1:
        steps = steps * len(axes)
    single = isinstance(axis, int) or f.ndim == 1
    found = None
    for i, along in enumerate(axes):
        part = _one_gradient(dy if single else dy[i], along % f.ndim)
        part = part / (2 * steps[i] if steps else 2)
        found = part if found is None else found + part
    return found


def _one_gradient(d, axis):
    first, last = at(axis, slice(None, 1)), at(axis, slice(-1, None))
    d = np.concatenate([2 * d[first], d[at(axis, slice(1, -1))], 2 * d[last]], axis=axis)
    before = np.concatenate([-d[first], d[at(axis, slice(None, -1))]], axis=axis)
    return before - np.concatenate([d[at(axis, slice(1, None))], -d[last]], axis=axis)


_TRAPEZOIDS = [getattr(np, name) for name in ("trapezoid", "trapz") if hasattr(np, name)]


@adjoint(*_TRAPEZOIDS, arrays=("y", "x"), kind=_integral)
def trapezoid(z, dz, y, x=None, dx=1.0, axis=-1):
    """Each step counts with the mean of its two ends."""
    axis = settled(axis) % y.ndim
    top = dz if dz.ndim == 0 else dz[at(axis, None)]
    first, last = at(axis, slice(1, None)), at(axis, slice(None, -1))
    if x is None:
        return _halves(top * dx * np.ones_like(y[first]), axis), None
    steps = np.diff(x)
    if x.ndim == 1 and y.ndim > 1:
        steps = steps.reshape(tuple(-1 if i == axis else 1 for i in range(y.ndim)))
    elif x.ndim > 1:
        steps = np.diff(x, axis=axis)
    dy = _halves(top * steps * np.ones_like(y[first]), axis)
    dsteps = top * (y[first] + y[last]) / 2
    if x.ndim == 1 and y.ndim > 1:
        others = tuple(i for i in range(y.ndim) if i != axis)
        dsteps, axis = dsteps.sum(axis=others[0] if len(others) == 1 else others), 0
    return dy, -np.diff(dsteps, axis=axis, prepend=0, append=0)


def _halves(steps, axis):
    """Half of each step to either end of it."""
    widths = [(0, 0)] * steps.ndim
    left, right = list(widths), list(widths)
    left[axis], right[axis] = (1, 0), (0, 1)
    return (np.pad(steps, tuple(left)) + np.pad(steps, tuple(right))) / 2


@adjoint(np.convolve, arrays=("a", "v"), kind=lambda b: _overlapped(b))
def convolve(y, dy, a, v, mode="full"):
    """Of the whole convolution; where its ends were cut the gradient gets zeros there first."""
    dy = _whole(dy, a, v, settled(mode))
    return np.correlate(dy, v, "valid"), np.correlate(dy, a, "valid")


@adjoint(np.correlate, arrays=("a", "v"), kind=lambda b: _overlapped(b))
def correlate(y, dy, a, v, mode="valid"):
    dy = _whole(dy, a, v, settled(mode), turned=True)
    return np.convolve(dy, v, "valid"), np.correlate(dy, a, "valid")[::-1]


def _whole(dy, a, v, mode, turned=False):
    if mode == "full":
        return dy
    if a.ndim != 1 or v.ndim != 1:
        refuse(f"mode={mode!r}", "one of the two is a number", "Give it arrays with one axis.")
    longer = not hasattr(a, "builder") or _is_shorter(a.builder.scope, v.kind, a.kind)
    shorter = v.shape[0] if longer else a.shape[0]
    ends = [shorter - 1] * 2 if mode == "valid" else [(shorter - 1) // 2, shorter // 2]
    left, right = reversed(ends) if turned and not longer else ends
    return np.concatenate([call(np.zeros, left), dy, call(np.zeros, right)])


def _is_shorter(scope, one, other):
    """Whether an array has no more elements than another, relied upon."""
    one, other = one.shape[0], other.shape[0]
    if one.value is None or other.value is None:
        raise Unknown
    if not (one.exact and other.exact):
        scope.guards.setdefault(f"({one.text}) {'<=' if one.value <= other.value else '>'} ({other.text})")
    return one.value <= other.value


def _overlapped(bound):
    a, v = bound.kind("a"), bound.kind("v")
    if a.rank != 1 or v.rank != 1:
        return Kind("array", "d")
    mode = bound.static("mode")
    short, long_ = (v, a) if mode == "full" or _is_shorter(bound.scope, v, a) else (a, v)
    if mode == "same":
        return array(long_.shape, "d")
    if mode == "full":
        return array([total([a.shape[0], v.shape[0]], -1)], "d")
    return array([total([long_.shape[0], short.shape[0]], 1, -1)], "d")
