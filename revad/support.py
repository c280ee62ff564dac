"""Support: `unbroadcast`, which generated code calls where a rank is not known, and `stop_gradient`.

The text of the first stands above the function that uses it, so that it still needs NumPy alone.

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


def stop_gradient(x):
    """x, as a constant: no derivative flows through it.

    A number, an array, or a tuple, list or dict of them; arrays are copied.

    >>> from revad import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    if isinstance(x, dict):
        return {key: stop_gradient(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        parts = map(stop_gradient, x)
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    return x.copy() if isinstance(x, np.ndarray) else x
