"""Axes: helpers of the rules: values of settings, restored axes of reductions, gradients of selected parts.

>>> import numpy as np
>>> spread(np.ones(3), np.ones((3, 2)), 1, False).shape
(3, 1)
>>> at(2, slice(None, 3))
(slice(None, None, None), slice(None, None, None), slice(None, 3, None))
"""
import builtins
import dataclasses

import numpy as np

from ..builder.broadcasting import unbroadcast
from ..builder.scatter import backprop_index
from ..ir.nodes import Value
from ..types.kinds import INTEGERS
from ..types.refusals import Refusal


def settled(x):
    """The value of a setting; that of a symbol must be known when compiling."""
    return x.static() if hasattr(x, "static") else x


def as_tuple(axis):
    return tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)


def positive(axis, rank):
    """Axes as a tuple of non-negative numbers; None means all."""
    axis = settled(axis)
    if axis is None:
        return tuple(range(rank))
    return tuple(int(i) % rank if rank else 0 for i in as_tuple(axis))


def at(axis, item):
    """The subscript that selects `item` along an axis and everything along the axes before it."""
    return (*(slice(None),) * axis, item)


def spread(dy, a, axis, keepdims):
    """The gradient of a reduction with its reduced axes restored, to broadcast against `a`."""
    axis = settled(axis)
    if axis is None or keepdims or dy.ndim == 0:
        return dy
    axes = positive(axis, a.ndim)
    key = [None if i in axes else slice(None) for i in range(a.ndim)]
    while key and key[0] is None:
        key.pop(0)
    return dy[tuple(key)] if None in key else dy


def at_least(a, axis, n):
    """Whether an axis has at least n elements, which becomes a guard; None where that is not known."""
    return (is_at_least(a.builder.scope, a.kind.shape[axis], n) if hasattr(a, "builder")
            else a.shape[axis] >= n)


def is_whole(y):
    """Whether a result has an integer dtype."""
    dtype = getattr(getattr(y, "kind", None), "dtype", "")
    return bool(dtype) and dtype in INTEGERS


def is_at_least(scope, length, n):
    if length.value is None or "?" in length.text:
        return None
    if not length.exact:
        scope.guards.setdefault(f"({length.text}) {'>=' if length.value >= n else '<'} {n}")
    return length.value >= n


def shared(dy, a, axis):
    """dy / n for the n elements of `a` that are reduced to one result.

    Where n is 0, a Python number cannot be divided by it, and there is no element that needs the quotient.
    """
    axis = settled(axis)
    n = count(a, axis)
    if not hasattr(a, "builder") or not a.ndim or not getattr(getattr(dy, "kind", None), "weak", True):
        return dy / n
    there = [at_least(a, i, 1) for i in positive(axis, a.ndim)]
    if False in there:
        return dy
    return dy / (call(builtins.max, n, 1) if None in there else n)


def count(a, axis):
    """How many elements of `a` are reduced to one result."""
    axis = settled(axis)
    if axis is None:
        return a.size if a.ndim else 1
    n = None
    for i in positive(axis, a.ndim):
        n = a.shape[i] if n is None else n * a.shape[i]
    return 1 if n is None else n


def total(a, axis, keepdims=True):
    """The sum along an axis, which is kept."""
    return a.sum() if settled(axis) is None else a.sum(axis=axis, keepdims=keepdims)


def fitted(g, x, result=None):
    """A gradient summed to the shape of the operand `x`, which was broadcast.

    result: the value of the full shape, where `g` may be a single number that stands for it.
    """
    if not hasattr(g, "builder") or not hasattr(x, "operand"):
        return g
    return unbroadcast(g.builder, g, g.kind if result is None else result.kind, x.operand,
                       None if result is None else result.operand)


def laid(g, x):
    """A gradient with as many elements as `x`, reshaped to the shape of `x`."""
    return g if x.ndim == 0 and g.ndim == 0 else g.sum() if x.ndim == 0 else g.reshape(x.shape)


def placed(dy, a, key, out=None):
    """An array of zeros like `a`, or `out` of its shape, with `dy` added at a subscript."""
    if not hasattr(dy, "builder"):
        out = np.zeros_like(a) if out is None else out
        np.add.at(out, key, dy)
        return out
    builder = dy.builder
    operand = a.operand
    plain = Value(kind=a.kind)      # a stand-in, so that the read of the array itself is not simplified
    read = builder.definitions[builder.symbol(plain)[key].operand]
    read = dataclasses.replace(read, operands=(operand, *read.operands[1:]))
    name = "d" + (getattr(operand, "name", None) or getattr(operand, "hint", None) or "x")
    stored, gradient = backprop_index(builder, read, dy, None if out is None else out.operand, name)
    return gradient if stored is None else builder.symbol(stored)


def absent(g):
    """Whether a gradient is known to be zero, as that of an unused part of the result."""
    if not hasattr(g, "builder"):
        return False
    stage = g.builder.definitions.get(g.operand)
    form = getattr(stage, "form", None)
    return (getattr(g.operand, "value", None) == 0
            or form is not None and form.name in ("@np.zeros", "@np.zeros_like"))


def call(function, *args, like=None):
    """A call of a function that NumPy does not dispatch to symbols (np.eye, np.arange)."""
    candidates = [like, *(a for part in args for a in (part if isinstance(part, tuple) else (part,)))]
    symbol = next((a for a in candidates if hasattr(a, "builder")), None)
    return function(*args) if symbol is None else symbol._call(function, args, {})


def refuse(what, why, instead, raises=None):
    """Refuse a use of a function that its rule does not cover."""
    raise Refusal(what, why, instead, raises)
