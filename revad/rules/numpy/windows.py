"""Windows: views of an array that repeat its elements, once for each place in a window.

>>> import numpy as np
>>> sliding_window_view(None, np.ones((3, 2)), np.zeros(4), 2)
array([1., 2., 2., 1.])
"""
import itertools

import numpy as np

from ...ir.nodes import Stage
from ...types.dims import total
from ...types.kinds import Kind, array, literal
from ...types.registry import adjoint
from ...types.shape_rules import same
from ..axes import as_tuple, call, placed, refuse, settled

MANY = 64       # places in a window, each of which gets a statement


def _over(window, axis, rank):
    """The window's lengths and the axis of each."""
    window = tuple(int(n) for n in as_tuple(window))
    axes = tuple(range(rank)) if axis is None else tuple(int(i) % rank for i in as_tuple(axis))
    return window, axes


def _windows(bound):
    kind = same(bound)
    if kind.shape is None:
        return Kind("array", kind.dtype)
    window, axes = _over(bound.static("window_shape"), bound.static("axis"), kind.rank)
    shape = list(kind.shape)
    for n, axis in zip(window, axes):
        shape[axis] = total([shape[axis]], 1 - n)
    return array([*shape, *map(literal, window)], kind.dtype)


@adjoint(np.lib.stride_tricks.sliding_window_view, arrays=("x",), kind=_windows, hint="windows")
def sliding_window_view(y, dy, x, window_shape, axis=None, subok=False, writeable=False):
    """For each place in the window, the gradients of the elements there in all windows are added."""
    window, axes = _over(settled(window_shape), settled(axis), x.ndim)
    if (len(set(axes)) != len(axes) or len(axes) != len(window) or np.prod(window) > MANY
            or settled(writeable)):
        refuse("sliding_window_view", f"revad has a rule for windows of at most {MANY} places, to be read",
               "Write it with a loop.")
    if all(n == 1 for n in window):
        return dy[(Ellipsis, *(0,) * len(window))]
    dx = None
    for place in itertools.product(*map(range, window)):
        key = [slice(None)] * x.ndim
        for i, n, axis in zip(place, window, axes):
            key[axis] = slice(i or None, i + 1 - n or None)
        while key and key[-1] == slice(None):
            key.pop()
        dx = placed(dy[(Ellipsis, *place)], x, tuple(key), dx)
    return dx


@adjoint(np.lib.stride_tricks.as_strided, arrays=("x",), hint="windows",
         kind=lambda b: array(b.lengths("shape"), same(b).dtype)
         if b.has("shape") and b.lengths("shape") is not None else Kind("array", same(b).dtype))
def as_strided(y, dy, x, shape=None, strides=None, subok=False, writeable=True):
    """An array of indices, viewed with the same strides, gives the source of each element."""
    if not hasattr(dy, "builder"):
        places = np.lib.stride_tricks.as_strided(np.arange(x.size).reshape(x.shape), shape, strides)
        return np.bincount(places.ravel(), dy.ravel(), x.size).reshape(x.shape)
    if (_left_out(shape) or _left_out(strides) or x.kind.dtype not in PLACES
            or not _in_rows(x.builder, x.operand)):
        refuse("as_strided", "how its array lies in memory is not known",
               "Use sliding_window_view, or np.ascontiguousarray before.")
    count = dy._call(np.arange, (x.size,), {} if x.kind.dtype == "d" else {"dtype": PLACES[x.kind.dtype]})
    places = call(np.lib.stride_tricks.as_strided, count.reshape(x.shape), y.shape, strides)
    places = dy.builder.symbol(dy.builder.named(places.operand, "places"))
    return call(np.bincount, places.reshape(-1), dy.reshape(-1), x.size).reshape(x.shape)


PLACES = {"d": np.int64, "f": np.int32}     # integers as long as the elements


def _left_out(setting):
    return setting is None or getattr(getattr(setting, "operand", None), "value", 0) is None


def _in_rows(builder, operand):
    """Whether an array is C-contiguous: by how it was allocated, or, for a parameter, by a guard."""
    operand, definition = builder.origin(operand)
    if definition is None:
        if operand.name is None:
            return False
        builder.scope.rely(f"{operand.name}.flags.c_contiguous")
        return True
    if not isinstance(definition, Stage):
        return False
    if definition.form.name.endswith("ascontiguousarray"):
        return True
    if definition.form.kind == "store" or definition.gate is not None and definition.gate.name == "pad":
        return _in_rows(builder, definition.operands[0])
    return (definition.gate is not None
            and definition.gate.name in ("zeros", "ones", "empty", "ndarray", "full", "stack"))
