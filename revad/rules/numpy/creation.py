"""Creation: arrays of constants; full and linspace have derivatives in their arguments.

>>> import numpy as np
>>> float(full(np.ones(3), np.ones(3), 3, 1.0)[1])
3.0
"""
import builtins
import math

import numpy as np

from ...types.dims import total
from ...types.kinds import INT, INTEGERS, UNKNOWN, Kind, array, literal, static
from ...types.registry import adjoint, nondifferentiable
from ...types.shape_rules import broadcast, dtype_of, new_like_first, unknown_length
from ..axes import call, fitted, is_whole, refuse, settled


def filled(bound):
    """zeros, ones: the lengths are the argument itself."""
    lengths = bound.lengths("shape")
    return array(lengths, dtype_of(bound, otherwise="d") if bound.has("dtype") else "d")


nondifferentiable(np.zeros, np.ones, np.empty, parameters="shape dtype= order=", kind=filled)
nondifferentiable(np.ndarray, parameters="shape dtype=", kind=filled)
nondifferentiable(np.zeros_like, np.ones_like, np.empty_like, parameters="a dtype= order= subok= shape=",
                  kind=new_like_first)


def _eye(bound):
    (n,) = bound.lengths("N") or (unknown_length(),)
    square = not bound.has("M") or bound.raw("M").known is not None and bound.static("M") is None
    (m,) = (n,) if square else bound.lengths("M") or (unknown_length(),)
    return array((n, m), dtype_of(bound, otherwise="d"))


nondifferentiable(np.eye, parameters="N M= k= dtype=", kind=_eye)
nondifferentiable(np.identity, parameters="N dtype=", kind=_eye)
nondifferentiable(np.tri, parameters="N M= k= dtype=", kind=_eye)
nondifferentiable(np.bartlett, np.blackman, np.hamming, np.hanning, parameters="M",
                  kind=lambda b: array(b.lengths("M"), "d"))


@adjoint(np.kaiser, arrays=("beta",), structural=("M",), kind=lambda b: array(b.lengths("M"), "d"))
def kaiser(y, dy, M, beta):
    refuse("np.kaiser", "revad has no gradient for its beta",
           "Use a beta that does not depend on what is differentiated.")


def counted(bound):
    """The length of `arange(n)` is n, of `arange(m, n)` it is n - m."""
    kinds = [bound.raw(name) for name in ("start", "stop", "step") if bound.has(name)]
    if not bound.has("start") and bound.has("step"):
        kinds.insert(0, static(0))
    dtype = "d" if any(kind.dtype == "d" for kind in kinds) else "l"
    if bound.has("dtype"):
        dtype = dtype_of(bound, otherwise=dtype)
    ends = [kind.known for kind in kinds]
    if (all(end is not None and end.exact and type(end.value) in (int, float) for end in ends)
            and float in (type(end.value) for end in ends)):
        start, stop, step = (0, ends[0].value, 1) if len(ends) == 1 else (*(end.value for end in ends), 1)[:3]
        if step and math.isfinite((stop - start) / step):
            return array((literal(max(math.ceil((stop - start) / step), 0)),), dtype)
    if any(end is None or type(end.value) is not int for end in ends):
        return array((unknown_length(),), dtype)
    return array((_length(*ends),), dtype)


def _length(start, stop=None, step=None):
    if stop is None:
        return start
    if start.exact and start.value == 0 and (step is None or step.exact and step.value == 1):
        return stop
    if step is None and stop.value > start.value:
        return total([stop, start], 0, -1)
    if not all(end is None or end.exact for end in (start, stop, step)):
        return unknown_length()
    return literal(len(range(start.value, stop.value, 1 if step is None else step.value)))


nondifferentiable(builtins.range, parameters="start stop= step=", hint="rows", cheap=True,
                  kind=lambda b: counted(b)._replace(items=(INT,)))


def _only_stop(bound):
    """`np.arange(n)` names the end."""
    return (bound if "stop" in bound or "start" not in bound
            else {"stop": bound["start"], **{k: v for k, v in bound.items() if k != "start"}})


@adjoint(np.arange, arrays=("start", "step"), steps=("stop",), kind=counted, hint="rows", settle=_only_stop)
def arange(y, dy, start=0, stop=None, step=1, dtype=None):
    """Each element is start + i * step; `stop` changes none of them, only their number."""
    return dy.sum(), dy @ call(np.arange, y.shape[0])


def _full(bound):
    value = bound.kind("fill_value")
    return array(bound.lengths("shape"),
                 dtype_of(bound, otherwise=value.dtype) if bound.has("dtype") else value.dtype)


@adjoint(np.full, arrays=("shape", "fill_value"), kind=_full)
def full(y, dy, shape, fill_value, dtype=None, order="C"):
    return None, _of_filling(dy, fill_value)


def _of_filling(dy, value):
    """The gradient on the values that fill; NumPy leaves out their first axes of length 1."""
    if getattr(value, "ndim", 0) == 0:
        return dy.sum()
    return call(np.full_like, value, dy, like=value) if getattr(dy, "ndim", 0) == 0 else fitted(dy, value)


@adjoint(np.full_like, arrays=("a", "fill_value"), kind=new_like_first)
def full_like(y, dy, a, fill_value, dtype=None, order="K", subok=True, shape=None):
    if is_whole(y):
        return None, None       # values are truncated in an array of integers
    return None, _of_filling(dy, fill_value)


def _linspace(bound):
    dtype = dtype_of(bound) if bound.has("dtype") else ""
    # For other dtypes the versions of NumPy differ.
    if not dtype and all(bound.kind(name).dtype in (*INTEGERS, "d") for name in ("start", "stop")):
        dtype = "d"
    num = bound.raw("num").known
    ends = broadcast(bound.scope, [bound.kind(name).shape for name in ("start", "stop")])
    points = (Kind("array", dtype) if ends is None or bound.has("axis")
              else array((num if num is not None else unknown_length(), *ends), dtype))
    if not bound.has("retstep") or not bound.static("retstep"):
        return points
    step = UNKNOWN if ends is None else array(ends, "d") if ends else Kind("number", "d", ())
    return Kind("tuple", items=(points, step))      # the step is a float, also between whole numbers


@adjoint(np.linspace, arrays=("start", "stop"), kind=_linspace)
def linspace(y, dy, start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """Each point is a weighted mean of the two ends."""
    if settled(retstep):
        refuse("np.linspace with retstep", "revad has a rule for the points alone",
               "Compute the step: (stop - start) / (num - 1).")
    if settled(axis) != 0 and start.ndim + stop.ndim:
        refuse("np.linspace along another axis", "revad has a rule for the points along the first axis",
               "Move the axis with np.moveaxis.")
    part = call(np.linspace, 0, 1, num, like=dy) if settled(endpoint) else call(np.arange, num, like=dy) / num
    dstart, dstop = (np.tensordot(weight, dy, 1) if dy.ndim > 2 else weight @ dy
                     for weight in (1 - part, part))
    return fitted(dstart, start), fitted(dstop, stop)
