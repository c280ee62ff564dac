"""Choices: functions that choose one of several values for each element: maximum, where, clip, select.

Where two are equal the gradient goes to the first, and the relu forms give 0 at 0.

>>> maximum(3.0, 3.0, 3.0)
(True, False)
"""
import numpy as np

from ...builder.symbols import as_one_array
from ...ir.nodes import Lit
from ...types.kinds import Kind, promote
from ...types.registry import adjoint, elementwise
from ...types.shape_rules import arithmetic, as_array, broadcast, floats, selection
from ..axes import fitted
from .arithmetic import literal_value


@elementwise(np.maximum, kind=arithmetic, hint="most")
def maximum(z, x, y):
    """The gradient goes to the first where both are equal; a relu has the slope 0 at 0."""
    if literal_value(y) == 0:
        return x > y, y > x
    return x >= y, x < y


@elementwise(np.minimum, kind=arithmetic, hint="least")
def minimum(z, x, y):
    return x <= y, x > y


@elementwise(np.fmax, kind=arithmetic, hint="most")
def fmax(z, x, y):
    """Where one operand is NaN, the gradient goes to the other."""
    if literal_value(y) is not None:
        return maximum(z, x, y)
    return (x >= y) | np.isnan(y), (x < y) | np.isnan(x)


@elementwise(np.fmin, kind=arithmetic, hint="least")
def fmin(z, x, y):
    if literal_value(y) is not None:
        return minimum(z, x, y)
    return (x <= y) | np.isnan(y), (x > y) | np.isnan(x)


@adjoint(np.where, arrays=("condition", "x", "y"), kind=selection, lazy=True, broadcasts=True, hint="chosen")
def where(z, dz, condition, x, y):
    """The condition carries no derivative."""
    if dz.ndim == 0 and getattr(condition, "kind", None) is not None and (
            condition.kind.dtype, condition.kind.tag) == ("?", "array"):
        return None, dz * condition, dz * ~condition
    return None, np.where(condition, dz, 0.0), np.where(condition, 0.0, dz)


def _given(bound):
    """Bounds that are None are ignored."""
    kinds = [bound.kind(name) for name in bound.gate.arrays
             if bound.has(name)
             and not (isinstance(bound.operands[name], Lit) and bound.operands[name].value is None)
             and bound.raw(name).tag != "static"]
    shape = broadcast(bound.scope, [kind.shape for kind in kinds])
    return Kind("number" if shape == () else "array", promote(*kinds), shape)


@elementwise(np.clip, method="clip", arrays=("a", "a_min", "a_max", "min", "max"), kind=_given)
def clip(y, a, a_min=None, a_max=None, out=None, min=None, max=None):
    """The gradient passes where the value is inside the bounds, both included."""
    low, high = _bound(a_min, min), _bound(a_max, max)
    inside = None
    if low is not None:
        inside = a >= low
    if high is not None:
        inside = a <= high if inside is None else inside & (a <= high)
    dlow = None if low is None else a < low if high is None else (a < low) & (low <= high)
    dhigh = None if high is None else a > high if low is None else (a > high) | (low > high)
    if inside is None:
        inside = 1
    return inside, _of(a_min, dlow), _of(a_max, dhigh), _of(min, dlow), _of(max, dhigh)


def _bound(first, second):
    """The bound that is given under either name; a setting of None is no bound."""
    for bound in (first, second):
        if bound is not None and getattr(getattr(bound, "kind", None), "tag", "") != "static":
            return bound
    return None


def _of(argument, gradient):
    return None if argument is None else gradient


@elementwise(np.nan_to_num, arrays=("x", "nan", "posinf", "neginf"), kind=lambda b: _as_array_of_floats(b))
def nan_to_num(y, x, copy=True, nan=0.0, posinf=None, neginf=None):
    return np.isfinite(x), np.isnan(x), x == np.inf, x == -np.inf


def _as_array_of_floats(bound):
    """The replacement for NaN does not widen the dtype."""
    kind = bound.kind("x")
    return kind._replace(weak=False)


@elementwise(np.heaviside, kind=floats)
def heaviside(z, x1, x2):
    return None, x1 == 0


@elementwise(np.copysign, kind=floats)
def copysign(z, x1, x2):
    return np.sign(x1) * np.sign(z), None


def _selected(bound):
    parts = [as_array(item, bound.scope)
             for name in ("condlist", "choicelist") for item in bound.raw(name).items]
    parts.append(bound.kind("default"))
    half = (len(parts) - 1) // 2
    return Kind("array", promote(*parts[half:]), broadcast(bound.scope, [part.shape for part in parts]))


@adjoint(np.select, arrays=("condlist", "choicelist", "default"), containers=True, kind=_selected)
def select(y, dy, condlist, choicelist, default=0):
    """The gradient goes to the first choice whose condition holds, else to the default."""
    gradients, left = [], None
    for condition, choice in zip(condlist, choicelist):
        if condition.kind.tag in ("list", "tuple"):
            condition = as_one_array(condition)
        # ~True is -2, which is true: a Python truth value is inverted by `not` alone.
        other = np.logical_not(condition) if condition.kind.weak else ~condition
        here = condition if left is None else left & condition
        left = other if left is None else left & other
        gradients.append(fitted(np.where(here, dy, 0.0), choice))
    return None, gradients, fitted(np.where(left, dy, 0.0), default) if hasattr(default, "kind") else None
