"""Windows: views of an array that show it once for each place in a window.

>>> import numpy as np
>>> sliding_window_view(None, np.ones((3, 2)), np.zeros(4), 2)
array([1., 2., 2., 1.])
"""
import itertools

import numpy as np

from ..gates import adjoint
from ..kinds import Kind, array, literal
from ..lengths import same
from ..sums import total
from .axes import as_tuple, placed, refuse, settled

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


@adjoint(np.lib.stride_tricks.sliding_window_view, arrays=("x",), kind=_windows, view=True, hint="windows")
def sliding_window_view(y, dy, x, window_shape, axis=None, subok=False, writeable=False):
    """For each place in the window, the gradients of what stands there in all windows."""
    window, axes = _over(settled(window_shape), settled(axis), x.ndim)
    if len(set(axes)) != len(axes) or len(axes) != len(window) or np.prod(window) > MANY or settled(writeable):
        refuse("sliding_window_view", f"revad has a rule for windows of at most {MANY} places, to be read", "Write it with a loop.")
    if all(n == 1 for n in window):
        return dy[(Ellipsis, *(0,) * len(window))]
    whole = None
    for place in itertools.product(*map(range, window)):
        key = [slice(None)] * x.ndim
        for i, n, axis in zip(place, window, axes):
            key[axis] = slice(i or None, i + 1 - n or None)
        while key and key[-1] == slice(None):
            key.pop()
        whole = placed(dy[(Ellipsis, *place)], x, tuple(key), whole)
    return whole
