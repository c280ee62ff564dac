"""Fused gates: the functions that `reverse.patterns` recognises, with their local gradients.

>>> logistic(0.5, 0.0)
0.25
"""
import numpy as np

from ..types.registry import adjoint, elementwise, nondifferentiable
from .axes import spread


def logistic_function(x):
    """1 / (1 + exp(-x)), however it is written."""


def falling_logistic_function(x):
    """1 / (1 + exp(x))."""


def relu_function(x):
    """where(x > 0, x, 0): 0 at 0."""


def cleared_relu_function(x):
    """maximum(x, 0) with zeros stored into it, where it is positive."""


def softplus_function(x):
    """log(1 + exp(x))."""


def falling_softplus_function(x):
    """log(1 + exp(-x)): softplus(x) - x."""


def log_logistic_function(x):
    """-log(1 + exp(-x)): the logarithm of the logistic function."""


def falling_log_logistic_function(x):
    """-log(1 + exp(x))."""


def soft_maximum_function(x, y, e):
    """log(1 + e), where e is exp(-|x - y|), to which the larger of x and y is added elsewhere."""


def soft_minimum_function(x, y, e):
    """log(1 + e), where e is exp(-|x - y|), which is subtracted from the smaller of x and y elsewhere."""


SOFT = {(1, 0): softplus_function, (1, -1): falling_softplus_function, (-1, 1): log_logistic_function,
        (-1, 0): falling_log_logistic_function}


def length_function(x):
    """sqrt of a sum of squares: 0 at 0."""


def softmax_function(x, axis=None):
    """exp(x) / sum(exp(x)), along an axis."""


def log_softmax_function(x, axis=None):
    """x - log(sum(exp(x))), along an axis."""


def log_sum_exp_function(x, e, s, axis=None, keepdims=False):
    """log(sum(exp(x))) with a shift, along an axis; e is the shifted exp(x), s its sum."""


def shift_function(x):
    """x less its maximum, where the result does not depend on the shift."""


def over_exp_function(above, d, x, times=1):
    """above / d, where d is exp(x)**times."""


def over_power_function(above, d, x, base, times=1):
    """above / d, where d is (base**x)**times."""


def over_cosh_function(above, d, x, times=1):
    """above / d, where d is cosh(x)**times."""


def over_sinh_function(above, d, x, times=1):
    """above / d, where d is sinh(x)**times."""


def over_one_plus_exp_function(above, d, x, base, times=1):
    """above / d, where d is base**times, and the base is 1 + exp(x)."""


def log_exp_function(x):
    """log(exp(x))."""


def log_cosh_function(x):
    """log(cosh(x))."""


def log_sinh_function(x):
    """log(sinh(x))."""


def constant_function(x):
    """A value that the result does not depend on."""


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


@elementwise(cleared_relu_function)
def cleared_relu(y, x):
    return y > 0


@elementwise(softplus_function)
def softplus(y, x):
    """The logistic function of x, from the result: nothing overflows."""
    return -np.expm1(-y)


@elementwise(falling_softplus_function)
def falling_softplus(y, x):
    return np.expm1(-y)


@elementwise(log_logistic_function)
def log_logistic(y, x):
    return -np.expm1(y)


@elementwise(falling_log_logistic_function)
def falling_log_logistic(y, x):
    return np.expm1(y)


@elementwise(soft_maximum_function, arrays=("x", "y"))
def soft_maximum(z, x, y, e):
    """The local gradients of the whole sum: a half for each where they are equal."""
    return np.where(x > y, 1.0, e) / (1 + e), np.where(x > y, e, 1.0) / (1 + e)


@elementwise(soft_minimum_function, arrays=("x", "y"))
def soft_minimum(z, x, y, e):
    return -(np.where(x < y, 1.0, e) / (1 + e)), -(np.where(x < y, e, 1.0) / (1 + e))


def _quotient(z, d, times, slope):
    """The local gradients of n / d, given the relative slope of the base that d is a power of."""
    fall = z if times == 1 else times * z
    return 1 / d, -fall if isinstance(slope, int) else -fall * slope


@elementwise(over_exp_function, arrays=("above", "x"))
def over_exp(z, above, d, x, times=1):
    return _quotient(z, d, times, 1)


@elementwise(over_power_function, arrays=("above", "x"))
def over_power(z, above, d, x, base, times=1):
    return _quotient(z, d, times, np.log(base))


@elementwise(over_cosh_function, arrays=("above", "x"))
def over_cosh(z, above, d, x, times=1):
    return _quotient(z, d, times, np.tanh(x))


@elementwise(over_sinh_function, arrays=("above", "x"))
def over_sinh(z, above, d, x, times=1):
    return _quotient(z, d, times, 1 / np.tanh(x))


@elementwise(over_one_plus_exp_function, arrays=("above", "x"))
def over_one_plus_exp(z, above, d, x, base, times=1):
    return _quotient(z, d, times, 1 - 1 / base)


@elementwise(log_exp_function)
def log_exp(y, x):
    return 1


@elementwise(log_cosh_function)
def log_cosh(y, x):
    return np.tanh(x)


@elementwise(log_sinh_function)
def log_sinh(y, x):
    return 1 / np.tanh(x)


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
