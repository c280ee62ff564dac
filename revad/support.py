"""Helpers that generated code calls where a rank is not known when compiling.

Their text stands above the function that uses them, so that it still needs NumPy alone.

>>> unbroadcast(np.ones((4, 3)), (3,))
array([4., 4., 4.])
"""
import numpy as np


def unbroadcast(gradient, shape):
    """Sum `gradient` over the axes along which an operand of `shape` was broadcast,
    and spread it along those that it lacks."""
    gradient = np.asarray(gradient)
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    gradient = gradient.reshape((1,) * (len(shape) - gradient.ndim) + gradient.shape)
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and gradient.shape[i] != 1)
    gradient = gradient.sum(axis=axes, keepdims=True)
    return gradient if gradient.shape == shape else np.broadcast_to(gradient, shape).copy()
