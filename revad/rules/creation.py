"""Creation: arrays of constants; full and linspace carry derivatives of what they are made of.

>>> import numpy as np
>>> full(np.ones(3), np.ones(3), 3, 1.0)[1]
3.0
"""
import numpy as np

from ..gates import adjoint, nondifferentiable
from ..kinds import Kind, array, static
from ..lengths import dtype_of, filled, like_first, unknown_length

nondifferentiable(np.zeros, np.ones, np.empty, parameters="shape dtype= order=", kind=filled)
nondifferentiable(np.zeros_like, np.ones_like, np.empty_like, parameters="a dtype= order= subok= shape=",
                  kind=like_first)


def _eye(bound):
    n = bound.lengths("N")
    m = bound.lengths("M") if bound.has("M") and bound.raw("M").tag == "number" else n
    return array((n[0], m[0]), dtype_of(bound, otherwise="d"))


nondifferentiable(np.eye, parameters="N M= k= dtype=", kind=_eye)
nondifferentiable(np.identity, parameters="N dtype=", kind=lambda b: _eye(b))


def _arange(bound):
    """The length of `arange(n)` is n; of others it is not looked into."""
    kinds = [bound.raw(name) for name in ("start", "stop", "step") if bound.has(name)]
    dtype = "d" if any(kind.dtype == "d" for kind in kinds) else "l"
    if bound.has("dtype"):
        dtype = dtype_of(bound, otherwise=dtype)
    only = kinds[0].known if len(kinds) == 1 else None
    if only is not None and type(only.value) is int:
        return array((only,), dtype)
    return array((unknown_length(),), dtype)


nondifferentiable(np.arange, parameters="start stop= step= dtype=", kind=_arange, hint="rows")


def _full(bound):
    value = bound.kind("fill_value")
    return array(bound.lengths("shape"), dtype_of(bound, otherwise=value.dtype) if bound.has("dtype") else value.dtype)


@adjoint(np.full, arrays=("shape", "fill_value"), kind=_full)
def full(y, dy, shape, fill_value, dtype=None, order="C"):
    return None, fitted(dy, fill_value)


def fitted(dy, value):
    if getattr(value, "ndim", 0) == 0:
        return dy.sum()
    from ..broadcasting import unbroadcast
    return unbroadcast(dy.builder, dy, dy.kind, value.operand)


@adjoint(np.full_like, arrays=("a", "fill_value"), kind=like_first)
def full_like(y, dy, a, fill_value, dtype=None):
    return None, fitted(dy, fill_value)


def _linspace(bound):
    num = bound.raw("num").known
    ends = [bound.kind(name) for name in ("start", "stop")]
    if any(kind.rank != 0 for kind in ends):
        return Kind("array", "d")
    return array((num if num is not None else unknown_length(),), "d")


@adjoint(np.linspace, arrays=("start", "stop"), kind=_linspace)
def linspace(y, dy, start, stop, num=50, endpoint=True, retstep=False, dtype=None):
    """Of numbers: each point is a weighted mean of the two ends."""
    part = np.linspace(0.0, 1.0, num, endpoint)
    return (dy * (1 - part)).sum(), (dy * part).sum()


__all__ = ["full", "full_like", "linspace", "static"]
