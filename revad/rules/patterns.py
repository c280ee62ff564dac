"""Patterns: whole expressions that `recognise` finds, with the local gradient of the whole.

>>> logistic(0.5, 0.0)
0.25
"""
import numpy as np

from ..gates import adjoint, elementwise, nondifferentiable
from .axes import spread


def logistic_function(x):
    """1 / (1 + exp(-x)), however it is written."""


def falling_logistic_function(x):
    """1 / (1 + exp(x))."""


def relu_function(x):
    """where(x > 0, x, 0): 0 at 0."""


def softplus_function(x):
    """log(1 + exp(x))."""


def length_function(x):
    """sqrt of a sum of squares: 0 at 0."""


def softmax_function(x, axis=None):
    """exp(x) / sum(exp(x)), along an axis."""


def log_softmax_function(x, axis=None):
    """x - log(sum(exp(x))), along an axis."""


def log_sum_exp_function(x, e, s, axis=None, keepdims=False):
    """log(sum(exp(x))) with a shift, along an axis; e is the shifted exp(x), s its sum."""


def shift_function(x):
    """x less its maximum, where what follows does not depend on a shift."""


def constant_function(x):
    """A value whose changes leave the result as it is."""


nondifferentiable(constant_function)


@elementwise(logistic_function)
def logistic(y, x):
    return (1 - y) * y


@elementwise(length_function)
def length(y, x):
    return 0.5 / (y + (y == 0))


@elementwise(falling_logistic_function)
def falling_logistic(y, x):
    return -(1 - y) * y


@elementwise(relu_function)
def relu(y, x):
    return x > 0


@elementwise(softplus_function)
def softplus(y, x):
    return 1 / (1 + np.exp(-x))


@elementwise(shift_function)
def shift(y, x):
    return 1


@adjoint(softmax_function)
def softmax(y, dy, x, axis=None):
    return y * (dy - along(y * dy, axis))


@adjoint(log_softmax_function)
def log_softmax(y, dy, x, axis=None):
    return dy - np.exp(y) * along(dy, axis)


def along(a, axis):
    return a.sum() if axis is None else a.sum(axis=axis, keepdims=True)


@adjoint(log_sum_exp_function, arrays=("x",), lazy=True)
def log_sum_exp(y, dy, x, e, s, axis=None, keepdims=False):
    return e * spread(dy / s, x, axis, keepdims)
