"""Cumulative functions: running sums and products, differences and integrals along an axis.

>>> import numpy as np
>>> cumsum(None, np.array([1.0, 2.0, 3.0]), np.ones(3))
array([6., 5., 3.])
"""
import numpy as np

from ...ir.nodes import Lit
from ...types.dims import total
from ...types.kinds import INTEGERS, Kind, array, joint_dtype, literal, promote
from ...types.refusals import RankUnknown
from ...types.registry import adjoint
from ...types.scope import Unknown
from ...types.shape_rules import broadcast, cumulative, product, unknown_length
from ..axes import at, at_least, call, fitted, is_at_least, laid, placed, refuse, settled


def _reversed_sum(d, axis):
    """The sum from each place to the end."""
    back = at(axis, slice(None, None, -1))
    return d[back].cumsum(axis=axis)[back] if d.ndim > 1 else d[back].cumsum()[back]


def _flat(a, axis):
    """The array and the axis of a scan; without an axis the array is flattened."""
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
    """Correct also where elements are zero.

    For each of the first two zeros the product without it is computed; that of the second matters when this
    is differentiated again.
    """
    if a.ndim == 0:
        return dy[0]
    x, axis = _flat(a, axis)
    zero = x == 0
    zeros = zero.cumsum(axis=axis)
    dx = _reversed_sum(dy * y, axis) / np.where(zero, 1, x)
    for number in (2, 1):
        left_out = zero & (zeros == number)
        dx = np.where(left_out, _reversed_sum(dy * np.where(left_out, 1, x).cumprod(axis=axis), axis), dx)
    return dx if x is a else dx.reshape(a.shape)


def _differences(bound):
    kind = bound.kind("a")
    if not kind.shape:
        return Kind("array", kind.dtype)
    if bound.static("n") == 0:      # prepend and append are not used, either
        if bound.raw("a").tag in ("list", "tuple"):
            refuse("np.diff with n=0 of a list", "what it gives is the list itself", "Leave the call out.")
        return kind
    axis = bound.static("axis") % kind.rank
    lengths = [kind.shape[axis]]
    for name in ("prepend", "append"):
        if bound.has(name) and not _is_nothing(bound, name):
            end = bound.kind(name)
            kind = kind._replace(dtype=promote(kind._replace(weak=False), end._replace(weak=False)))
            if end.shape is None or end.shape and end.rank != kind.rank:
                return Kind("array", kind.dtype)
            lengths.append(end.shape[axis] if end.shape else literal(1))
    shape, length = list(kind.shape), total(lengths)
    shape[axis] = (total(lengths, -bound.static("n"))
                   if is_at_least(bound.scope, length, bound.static("n")) is not False else literal(0))
    return array(shape, kind.dtype)


def _is_nothing(bound, name):
    return isinstance(bound.operands[name], Lit) and bound.operands[name].value is None


@adjoint(np.diff, kind=_differences, arrays=("a", "prepend", "append"))
def diff(y, dy, a, n=1, axis=-1, prepend=None, append=None):
    """The differences of the gradient, with a zero at each end that had none."""
    n = settled(n)
    if n == 0:
        return dy
    axis = settled(axis) % a.ndim
    along = {} if axis == a.ndim - 1 else {"axis": axis}
    ends_given = [end for end in (prepend, append) if end is not None]
    if n == 1 and not any(getattr(end, "ndim", 0) or getattr(getattr(end, "operand", None), "varied", False)
                          for end in ends_given):
        ends = {name: 0 for name, end in (("prepend", prepend), ("append", append)) if end is None}
        return -np.diff(dy, **along, **ends) if ends_given else _undone(dy, a, axis)
    if not ends_given:
        enough = at_least(a, axis, n)
        if enough is False:
            return np.zeros_like(a)
        before = [a]
        while not enough and len(before) < n:
            before.append(np.diff(before[-1], **along))
        for _ in range(n):
            dy = -np.diff(dy, **along, prepend=0, append=0) if enough else _undone(dy, before.pop(), axis)
        return dy
    if not at_least(a, axis, n):        # with prepend or append, the number of differences is another
        refuse("np.diff with ends, as often as the axis is long", "its result may be empty",
               "Put the ends on with np.concatenate.")
    for _ in range(n):
        dy = -np.diff(dy, **along, prepend=0, append=0)
    start = None if prepend is None else prepend.shape[axis] if getattr(prepend, "ndim", 0) else 1
    stop = None if append is None else a.shape[axis] if start is None else start + a.shape[axis]
    before, after = ((_end(dy, end, at(axis, part)))
                     for end, part in ((prepend, slice(None, start)), (append, slice(stop, None))))
    return dy[at(axis, slice(start, stop))], before, after


def _undone(dy, a, axis):
    """The gradient of the operand of np.diff, which has one element more, or none."""
    enough = at_least(a, axis, 1)
    if enough:
        return -np.diff(dy, **({} if axis == dy.ndim - 1 else {"axis": axis}), prepend=0, append=0)
    if enough is False:
        return np.zeros_like(a)
    return placed(dy, a, at(axis, slice(1, None))) - placed(dy, a, at(axis, slice(None, -1)))


def _end(dy, end, key):
    """The gradient of `prepend` or `append`."""
    return None if end is None else dy[key] if getattr(end, "ndim", 0) else dy[key].sum()


@adjoint(np.ediff1d, arrays=("ary", "to_end", "to_begin"), kind=lambda b: _flat_differences(b))
def ediff1d(y, dy, ary, to_end=None, to_begin=None):
    """`to_begin` and `to_end` come before and after the differences, flattened."""
    start, stop = (None if end is None else getattr(end, "size", 1) if getattr(end, "ndim", 0) else 1
                   for end in (to_begin, to_end))
    before = None if start is None else laid(dy[:start], to_begin)
    after = None if stop is None else laid(dy[dy.shape[0] - stop:], to_end)
    if ary.ndim == 0:
        return 0.0, after, before
    flat = ary if ary.ndim == 1 else ary.reshape(-1)
    inner = (dy if start is None and stop is None
             else dy[slice(start, None if stop is None else dy.shape[0] - stop)])
    dx = _undone(inner, flat, 0)
    return dx if flat is ary else dx.reshape(ary.shape), after, before


def _flat_differences(bound):
    kind = bound.kind("ary")
    if kind.shape is None:
        return Kind("array", kind.dtype)
    size = product(kind.shape) if kind.shape else literal(1)
    inner = literal(0) if is_at_least(bound.scope, size, 1) is False else total([size], -1)
    ends = [bound.kind(name) for name in ("to_end", "to_begin")
            if bound.has(name) and not _is_nothing(bound, name)]
    if any(end.shape is None for end in ends):
        return array([unknown_length()], kind.dtype)
    return array([total([inner, *(product(end.shape) if end.shape else literal(1) for end in ends)]) if ends
                  else inner], kind.dtype)


def _integral(bound):
    kinds = [bound.kind(name) for name in ("y", "x") if bound.has(name) and not _is_nothing(bound, name)]
    if bound.has("dx"):
        kinds.append(bound.kind("dx"))
    dtype = promote(*kinds) if promote(*kinds) not in INTEGERS else "d"
    kinds = kinds[:-1] if bound.has("dx") else kinds
    if any(kind.shape is None for kind in kinds):
        return Kind("array", dtype)
    axis = bound.static("axis")
    others_of_each = []
    for kind in kinds:
        if kind.rank == 0:
            raise RankUnknown
        along = 0 if kind.rank == 1 else axis % kind.rank
        others_of_each.append((*kind.shape[:along], *kind.shape[along + 1:]))
    if (len({len(others) for others in others_of_each}) > 1 and all(kind.rank > 1 for kind in kinds)
            and axis != -1):
        return Kind("array", dtype)
    return array(broadcast(bound.scope, others_of_each), dtype)


def _slopes(bound):
    kind = bound.kind("f")
    kind = kind._replace(dtype="d" if kind.dtype in INTEGERS else kind.dtype)
    axis = bound.static("axis")
    if isinstance(axis, int) or kind.rank == 1 or axis is not None and len(axis) == 1:
        return kind
    return Kind("tuple", items=(kind,) * len(axis if axis is not None else kind.shape or ()))


@adjoint(np.gradient, arrays=("f", "varargs"), variadic="varargs", kind=_slopes)
def gradient(y, dy, f, varargs=(), axis=None, edge_order=1):
    """Half the difference of the neighbours; at the ends, the difference to the only neighbour."""
    axis, steps = settled(axis), list(varargs)
    if settled(edge_order) != 1 or any(getattr(step, "ndim", 0) != 0 for step in steps):
        refuse("np.gradient with edge_order=2 or places", "revad has a rule for equal steps",
               "Write the differences.")
    axes = range(f.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    if f.ndim == 0:
        return 0.0, None
    each = steps * len(axes) if len(steps) == 1 else steps
    single = len(axes) == 1
    df, dsteps = None, []
    for i, along in enumerate(axes):
        cotangent = dy if single else dy[i]
        part = _one_gradient(cotangent, along % f.ndim)
        part = part / (2 * each[i] if each else 2)
        df = part if df is None else df + part
        if each:
            dsteps.append(-(cotangent * (y if single else y[i])).sum() / each[i])
    if len(steps) == 1:
        dsteps = [sum(dsteps[1:], dsteps[0])]
    return df, dsteps


def _one_gradient(d, axis):
    first, last = at(axis, slice(None, 1)), at(axis, slice(-1, None))
    d = np.concatenate([2 * d[first], d[at(axis, slice(1, -1))], 2 * d[last]], axis=axis)
    before = np.concatenate([-d[first], d[at(axis, slice(None, -1))]], axis=axis)
    return before - np.concatenate([d[at(axis, slice(1, None))], -d[last]], axis=axis)


_TRAPEZOIDS = [getattr(np, name) for name in ("trapezoid", "trapz") if hasattr(np, name)]


@adjoint(*_TRAPEZOIDS, arrays=("y", "x", "dx"), kind=_integral)
def trapezoid(z, dz, y, x=None, dx=1.0, axis=-1):
    """Each step is multiplied by the mean of the values at its ends."""
    axis_given, axis = settled(axis), settled(axis) % y.ndim
    empty = at_least(y, axis, 1) is False
    if x is None:
        if getattr(dx, "ndim", 0):
            refuse("np.trapezoid with an array as dx", "revad has a rule for one step",
                   "Give it the places, as x.")
        first = at(axis, slice(1, None))
        top = dz if dz.ndim == 0 else dz[at(axis, None)]
        return np.zeros_like(y) if empty else _halves(top * dx * np.ones_like(y[first]), axis), None, \
            lambda: (dz * call(_TRAPEZOIDS[0], y, None, 1.0, axis_given)).sum()
    if x.ndim > 1 and x.ndim != y.ndim:
        if axis_given != -1:
            refuse("np.trapezoid along an axis that lies otherwise in x", "revad has a rule for axis=-1",
                   "Use np.moveaxis first.")
    last = max(x.ndim, y.ndim) - 1 if axis_given == -1 else axis      # the axis in the result of the product
    top = dz if dz.ndim == 0 else dz[at(last, None)]
    first, before = at(axis, slice(1, None)), at(axis, slice(None, -1))
    along = x.ndim - 1 if axis_given == -1 else axis if x.ndim > 1 else 0
    steps = np.diff(x) if along == x.ndim - 1 else np.diff(x, axis=along)
    if x.ndim == 1 and axis < y.ndim - 1:
        steps = steps.reshape(tuple(-1 if i == axis else 1 for i in range(y.ndim)))
    middles = (y[first] + y[before]) / 2
    dmiddles, dsteps = (fitted(top * steps * np.ones_like(middles), middles),
                        top * middles * np.ones_like(steps))
    if x.ndim == 1 and y.ndim > 1:
        others = tuple(i for i in range(y.ndim) if i != axis)
        dsteps = dsteps.sum(axis=others[0] if len(others) == 1 else others)
    else:
        dsteps = fitted(dsteps, steps)
    if empty:
        return np.zeros_like(y), np.zeros_like(x), None
    return _halves(dmiddles, axis), -np.diff(dsteps, axis=along, prepend=0, append=0), None


def _halves(steps, axis):
    """Each end of a step gets half of it."""
    widths = [(0, 0)] * steps.ndim
    left, right = list(widths), list(widths)
    left[axis], right[axis] = (1, 0), (0, 1)
    return (np.pad(steps, tuple(left)) + np.pad(steps, tuple(right))) / 2


@adjoint(np.convolve, arrays=("a", "v"), kind=lambda b: _overlapped(b))
def convolve(y, dy, a, v, mode="full"):
    """The adjoint of the full convolution; where its ends were cut, the gradient is padded with zeros."""
    if a.ndim == 0 or v.ndim == 0:
        return _scaled(dy, a, v)
    dy = _whole(dy, a, v, _mode(settled(mode)))
    return np.correlate(dy, v, "valid"), np.correlate(dy, a, "valid")


@adjoint(np.correlate, arrays=("a", "v"), kind=lambda b: _overlapped(b))
def correlate(y, dy, a, v, mode="valid"):
    if a.ndim == 0 or v.ndim == 0:
        return _scaled(dy, a, v)
    dy = _whole(dy, a, v, _mode(settled(mode)), turned=True)
    return np.convolve(dy, v, "valid"), np.correlate(dy, a, "valid")[::-1]


def _scaled(dy, a, v):
    """With a number it is a product, in every mode."""
    if a.ndim == v.ndim == 0:
        return dy[0] * v, dy[0] * a
    return (dy @ v, dy * a) if a.ndim == 0 else (dy * v, dy @ a)


def _mode(mode):
    """The mode by its name: NumPy also accepts its number."""
    return mode if isinstance(mode, str) else ("valid", "same", "full")[mode]


def _whole(dy, a, v, mode, turned=False):
    if mode == "full":
        return dy
    longer = not hasattr(a, "builder") or _is_shorter(a.builder.scope, v.kind, a.kind)
    shorter = v.shape[0] if longer else a.shape[0]
    ends = [shorter - 1] * 2 if mode == "valid" else [(shorter - 1) // 2, shorter // 2]
    left, right = reversed(ends) if turned and not longer else ends
    return np.concatenate([call(np.zeros, left), dy, call(np.zeros, right)])


def _is_shorter(scope, left, right):
    """Whether an array has no more elements than another, which becomes a guard."""
    left, right = left.shape[0], right.shape[0]
    if left.value is None or right.value is None:
        raise Unknown
    if not (left.exact and right.exact):
        scope.guards.setdefault(f"({left.text}) {'<=' if left.value <= right.value else '>'} ({right.text})")
    return left.value <= right.value


def _overlapped(bound):
    a, v = bound.kind("a"), bound.kind("v")
    dtype = joint_dtype(a, v)
    if a.rank is None or v.rank is None:
        return Kind("array", dtype)
    if a.rank == 0 or v.rank == 0:
        return array(a.shape or v.shape or (literal(1),), dtype)
    mode = _mode(bound.static("mode"))
    short, long_ = (v, a) if mode == "full" or _is_shorter(bound.scope, v, a) else (a, v)
    if mode == "same":
        return array(long_.shape, dtype)
    if mode == "full":
        return array([total([a.shape[0], v.shape[0]], -1)], dtype)
    return array([total([long_.shape[0], short.shape[0]], 1, -1)], dtype)
