"""Arithmetic: the operators and their NumPy spellings.

>>> import numpy as np
>>> multiply(6.0, 2.0, 3.0)
(3.0, 2.0)
"""
import builtins
import operator

import numpy as np

from ...builder.evaluate import never_zero
from ...ir.nodes import Form
from ...types.kinds import Kind, magnitude
from ...types.registry import adjoint, elementwise
from ...types.shape_rules import arithmetic, quotient
from ..axes import absent, fitted


@elementwise(np.add, operator.add, operator="+", kind=arithmetic, hint="a")
def add(z, x, y):
    return 1, 1


@elementwise(np.subtract, operator.sub, operator="-", kind=arithmetic, hint="diff")
def subtract(z, x, y):
    return 1, -1


@elementwise(np.multiply, operator.mul, operator="*", kind=arithmetic, hint="prod")
def multiply(z, x, y):
    if getattr(x, "operand", None) is getattr(y, "operand", x):
        return 2 * x, None
    return y, x


@elementwise(np.divide, operator.truediv, operator="/", kind=quotient, hint="ratio")
def divide(z, x, y):
    return 1 / y, -z**2 if literal_value(x) == 1 and not of_python(y) else -z / y


@elementwise(np.power, operator.pow, builtins.pow, operator="**", kind=arithmetic, hint="power")
def power(z, x, y):
    """Where the base is 0 the exponent's gradient is 0, the limit for y > 0."""
    return slope_of_power(z, x, y), None if literal_value(x) == 0 else log_of_base(x) * z


@elementwise(np.float_power,
             kind=lambda b: arithmetic(b)._replace(dtype="" if arithmetic(b).dtype in ("", "g") else "d",
                                                   weak=False), hint="power")
def float_power(z, x, y):
    """It computes in float64, whatever the operands are."""
    return power(z, x, y)


def slope_of_power(z, x, y):
    """The gradient on the base; for an exponent of 0 it is 0 everywhere, at a base of 0 too."""
    settled = literal_value(y)
    if settled == 0:
        return None
    if settled == 0.5:
        return 0.5 / z
    return y * x**(y - 1 if settled is not None or never_zero(y) else y - (y != 0))


def of_python(x):
    """Whether it is a Python number, whose power raises where NumPy's overflows."""
    return getattr(x, "builder", None) is not None and x.kind.weak


def log_of_base(x):
    settled = literal_value(x)
    if settled is not None and settled > 0:
        return np.log(x)
    if of_python(x) and x.builder.plain_numbers:
        undefined = x.builder.symbol(x.builder.emit(Form("read", "@math.nan"), ()))
        return np.where(x > 0, np.log(x), np.where(x == 0, 0.0, undefined))
    return np.log(np.where(x == 0, 1, x))


def literal_value(x):
    """The number that is a literal in the text, or None."""
    return getattr(getattr(x, "operand", None), "value", None)


@elementwise(np.mod, np.remainder, operator.mod, operator="%", kind=arithmetic, hint="rest")
def mod(z, x, y):
    return 1, -(x // y)


@elementwise(np.fmod, kind=arithmetic)
def fmod(z, x, y):
    return 1, -np.trunc(x / y)


def _pair(bound):
    kind = arithmetic(bound)
    return Kind("tuple", items=(kind, kind))


@adjoint(np.divmod, builtins.divmod, arrays=("x", "y"), kind=_pair)
def divmod(z, dz, x, y):
    """The whole part is constant between its jumps, the rest is that of `%`."""
    rest = dz[1]
    if absent(rest):
        return None, None
    return fitted(rest, x), lambda: fitted(-z[0] * rest, y)


@elementwise(np.negative, operator.neg, operator="unary -", kind=arithmetic, hint="minus")
def negative(y, x):
    return -1


@elementwise(np.positive, operator.pos, operator="unary +", kind=arithmetic)
def positive(y, x):
    return 1


@elementwise(np.absolute, np.fabs, builtins.abs, operator.abs,
             kind=lambda b: magnitude(arithmetic(b)), hint="size")
def absolute(y, x):
    return np.sign(x)


@elementwise(np.reciprocal, kind=arithmetic)
def reciprocal(y, x):
    return -y**2


@elementwise(np.square, kind=arithmetic)
def square(y, x):
    return 2 * x
