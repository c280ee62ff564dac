"""Elementary functions: exp and log, roots, circular and hyperbolic functions.

Local gradients use the result where that is cheaper than the operand, and are spelled so that no
step cancels or overflows where the gradient does not (`tests/rules/test_accuracy.py`).  Formulas:
Abramowitz and Stegun, chapters 4.2 to 4.6.

>>> tanh(0.5, 1.0)
0.75
"""
import math

import numpy as np

from ...types.registry import elementwise
from ...types.shape_rules import floats
from .arithmetic import literal_value


@elementwise(np.exp, math.exp, kind=floats, hint="e")
def exp(y, x):
    return y


@elementwise(np.exp2, kind=floats)
def exp2(y, x):
    return math.log(2) * y


@elementwise(np.expm1, math.expm1, kind=floats)
def expm1(y, x):
    return y + 1


@elementwise(np.log, kind=floats, hint="log")
def log(y, x):
    return 1 / x


@elementwise(np.log1p, math.log1p, kind=floats)
def log1p(y, x):
    return 1 / (1 + x)


@elementwise(np.log2, math.log2, kind=floats)
def log2(y, x):
    return 1 / (math.log(2) * x)


@elementwise(np.log10, math.log10, kind=floats)
def log10(y, x):
    return 1 / (math.log(10) * x)


@elementwise(np.sqrt, math.sqrt, kind=floats, hint="root")
def sqrt(y, x):
    return 0.5 / y


@elementwise(np.cbrt, *([math.cbrt] if hasattr(math, "cbrt") else []), kind=floats)
def cbrt(y, x):
    return 1 / (3 * y**2)


@elementwise(np.sin, math.sin, kind=floats)
def sin(y, x):
    return np.cos(x)


@elementwise(np.cos, math.cos, kind=floats)
def cos(y, x):
    return -np.sin(x)


@elementwise(np.tan, math.tan, kind=floats)
def tan(y, x):
    return 1 + y**2


@elementwise(np.arcsin, math.asin, kind=floats)
def arcsin(y, x):
    return 1 / np.sqrt((1 - x) * (1 + x))


@elementwise(np.arccos, math.acos, kind=floats)
def arccos(y, x):
    return -1 / np.sqrt((1 - x) * (1 + x))


@elementwise(np.arctan, math.atan, kind=floats)
def arctan(y, x):
    return 1 / (1 + x * x)


@elementwise(np.arctan2, math.atan2, kind=floats)
def arctan2(z, y, x):
    r2 = x * x + y * y
    return x / r2, -y / r2


@elementwise(np.sinh, math.sinh, kind=floats)
def sinh(y, x):
    return np.cosh(x)


@elementwise(np.cosh, math.cosh, kind=floats)
def cosh(y, x):
    return np.sinh(x)


@elementwise(np.tanh, math.tanh, kind=floats)
def tanh(y, x):
    return 1 - y**2


@elementwise(np.arcsinh, math.asinh, kind=floats)
def arcsinh(y, x):
    return 1 / np.sqrt(x * x + 1)


@elementwise(np.arccosh, math.acosh, kind=floats)
def arccosh(y, x):
    return 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))


@elementwise(np.arctanh, math.atanh, kind=floats)
def arctanh(y, x):
    return 1 / ((1 - x) * (1 + x))


@elementwise(np.hypot, kind=floats)
def hypot(z, x, y):
    length = z + (z == 0)
    return x / length, y / length


@elementwise(math.fabs, kind=floats)
def fabs(y, x):
    return np.sign(x)


@elementwise(np.deg2rad, np.radians, math.radians, kind=floats)
def deg2rad(y, x):
    return np.pi / 180


@elementwise(np.rad2deg, np.degrees, math.degrees, kind=floats)
def rad2deg(y, x):
    return 180 / np.pi


@elementwise(np.logaddexp, kind=floats)
def logaddexp(z, x, y):
    """Computed from the difference of the operands: x - z is nan where both are infinite."""
    if literal_value(x) == 0 or literal_value(y) == 0:      # softplus
        return -np.expm1(-z), -np.expm1(-z)
    return np.exp(-np.logaddexp(0, y - x)), np.exp(-np.logaddexp(0, x - y))


@elementwise(np.logaddexp2, kind=floats)
def logaddexp2(z, x, y):
    return np.exp2(-np.logaddexp2(0, y - x)), np.exp2(-np.logaddexp2(0, x - y))


@elementwise(np.sinc, kind=floats)
def sinc(y, x):
    """Near 0, where the difference cancels, the gradient is the first term of its series."""
    near = np.abs(x) < 1e-4
    return np.where(near, -np.pi**2 / 3 * x, (np.cos(np.pi * x) - y) / np.where(near, 1, x))
