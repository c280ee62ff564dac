"""Checking: `check_grad` compares a generated gradient with differences of the program itself.

>>> def f(x, y):
...     return np.sum(x**2) * y
>>> print(check_grad(f, np.array([1.0, 2.0]), 3.0))
gradient of f: agrees with central differences
parameter  worst at  generated  numeric  relative error
x          [0]       6.0        6.0      ...
y                    5.0        5.0      ...
"""
from __future__ import annotations

import copy
import numbers
from typing import Any, NamedTuple

import numpy as np

from . import arguments
from .gradient import Gradient
from .layout import Branches, Leaf, layout_of
from .method import Method
from .report import Report, Row

STEP = 2e-4          # relative to an element, of the first attempt
SMALLER = (1, 1e-2)  # further steps for an element that disagrees: a kink may be near
ELEMENTS = 20        # of a larger array, so many are drawn
DIRECTIONS = 3       # and so many random directions, which no element escapes
TOLERANCE = {8: 1e-5, 4: 5e-4, 2: 3e-2}    # by bytes of a float


def check_grad(f, *args, wrt=None, seed=0, rtol=None, **keywords) -> Report:
    """Compare the gradient of `f` at the arguments with central differences in float64.

    f: a function, or what `grad` or `value_and_grad` made of one.  wrt: as for `grad`.  An output
    that is not one number is multiplied by a random `dout` of the seed.  rtol: the relative error
    that is allowed, by default that of the precision of the arguments.  Of arrays of more than
    20 elements, 20 and three random directions are compared.  Returns a Report, which is true
    if all agree, and prints as a table.
    """
    if isinstance(f, Method):
        f, args = f.__func__, (f.__self__, *args)
    if not isinstance(f, Gradient) or wrt is not None:
        f = Gradient(f.primal if isinstance(f, Gradient) else f, wrt)
    args = f.complete(args, keywords)
    program = _Program(f, args)
    rng = np.random.default_rng(seed)
    dout = program.draw_dout(rng)
    gradients = program.generated(dout)
    rows = []
    for name, gradient in zip(f.wrt, gradients):
        position = program.names.index(name)
        for leaf in leaves(args[position], gradient, (position,), name):
            rows += _compare(program, leaf, dout, rng, rtol)
    return Report(f.__name__, rows)


class Part(NamedTuple):
    """One number or array of the arguments: where it is, its value and its generated gradient."""

    path: tuple
    name: str
    value: Any
    gradient: Any


def leaves(value, gradient, path, name):
    """Every real number and array of an argument, with its gradient."""
    if isinstance(value, (list, tuple, dict)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], gradient[key], (*path, key), f"{name}[{key!r}]")
    elif is_real(value):
        yield Part(path, name, value, gradient)


def is_real(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


class _Program:
    """The user's function as a function of float64 arguments that it cannot harm."""

    def __init__(self, gradient, args):
        self.gradient, self.args = gradient, args
        self.names = list(gradient.signature.parameters)
        self.real = tuple(widen(arg, name in gradient.wrt) for name, arg in zip(self.names, args))

    def __call__(self, args):
        positional, keywords = arguments.separate(self.gradient.signature, copy.deepcopy(args))
        if self.gradient.receiver is not None:
            positional = positional[1:]
        return self.gradient.primal(*positional, **keywords)

    def draw_dout(self, rng):
        """1 for one number; random numbers where the output is real, None elsewhere."""
        out = self(self.real)
        layout = layout_of(out)
        one_number = isinstance(layout, Leaf) and layout.shape == ()
        return 1.0 if one_number else _drawn(layout, out, rng)

    def generated(self, dout):
        """The generated gradients, of copies of the arguments."""
        args, gradient = copy.deepcopy(self.args), self.gradient
        if gradient.receiver is not None:
            args = args[1:]
        positional, keywords = arguments.separate(gradient.signature, args)
        _, cache = gradient.forward(*positional, **keywords)
        found = gradient.backward(dout, cache)
        return (found,) if gradient.bare else found

    def value(self, path, leaf, dout):
        """sum(dout * output), with one leaf of the arguments replaced."""
        return _projected(self(replaced(self.real, path, leaf)), dout)

    def at(self, path):
        found = self.real
        for key in path:
            found = found[key]
        return found


def widen(value, all_numbers):
    """Float64 for every float, for integers too where they are differentiated."""
    if isinstance(value, dict):
        return {key: widen(part, all_numbers) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [widen(part, all_numbers) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if not is_real(value) or not all_numbers and not _is_float(value):
        return value
    return value.astype(np.float64) if isinstance(value, np.ndarray) else float(value)


def replaced(value, path, leaf):
    """A structure with the part at a path replaced."""
    if not path:
        return leaf
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: replaced(value[key], rest, leaf)}
    parts = list(value)
    parts[key] = replaced(parts[key], rest, leaf)
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def _drawn(layout, out, rng):
    if isinstance(layout, Branches):
        parts = {key: _drawn(part, out[key], rng) for key, part in zip(layout.keys, layout.parts)}
        return parts if layout.kind is dict else tuple(parts.values())
    if layout is None or not isinstance(out, float) and getattr(out, "dtype", np.dtype(int)).kind != "f":
        return None
    return rng.uniform(0.5, 1.5, layout.shape) * rng.choice([-1.0, 1.0], layout.shape)


def _projected(out, dout):
    if dout is None:
        return 0.0
    if isinstance(dout, (tuple, dict)):
        keys = dout if isinstance(dout, dict) else range(len(dout))
        return sum(_projected(out[key], dout[key]) for key in keys)
    return float(np.sum(np.multiply(dout, out, dtype=np.float64)))


# ---- comparing


def _compare(program, leaf, dout, rng, rtol):
    """The row of the worst of a leaf's elements and directions."""
    shape = np.shape(leaf.value)
    if np.shape(leaf.gradient) != shape:
        return [Row(leaf.name, "", np.nan, np.nan, False, f"shape {np.shape(leaf.gradient)} for {shape}")]
    gradient = np.asarray(leaf.gradient, dtype=np.float64)
    x = np.asarray(program.at(leaf.path), dtype=np.float64)
    size = min(getattr(leaf.value, "dtype", np.dtype(float)).itemsize, 8) if _is_float(leaf.value) else 8
    rtol = TOLERANCE[min(size, _narrowest(program.args))] if rtol is None else rtol
    largest = np.max(np.abs(gradient), initial=0.0, where=np.isfinite(gradient))
    worst = None
    for at, direction, step in _directions(x, rng):
        generated = float(np.sum(gradient * direction, where=direction != 0))

        def along(t, direction=direction):
            moved = x + t * direction
            return program.value(leaf.path, np.asarray(moved) if isinstance(leaf.value, np.ndarray) else float(moved), dout)

        scale = abs(generated) + 0.01 * largest
        numeric, excess = _closest(along, generated, step, rtol * scale, rtol)
        row = Row(leaf.name, at, generated, float(numeric), bool(excess <= 1))
        if worst is None or excess > worst[0]:
            worst = excess, row
    return [] if worst is None else [worst[1]]


def _is_float(value):
    return isinstance(value, float) or getattr(value, "dtype", np.dtype(int)).kind == "f"


def _narrowest(value):
    """Bytes of the narrowest float in a structure: it limits what is computed from it."""
    if isinstance(value, (list, tuple, dict)):
        return min(map(_narrowest, value.values() if isinstance(value, dict) else value), default=8)
    return min(value.dtype.itemsize, 8) if _is_float(value) and hasattr(value, "dtype") else 8


def _directions(x, rng):
    """(name, direction, step): elements, and for large arrays random directions too."""
    chosen = range(x.size)
    if x.size > ELEMENTS:
        chosen = np.sort(rng.choice(x.size, ELEMENTS, replace=False))
        for number in range(1, DIRECTIONS + 1):
            signs = rng.choice([-1.0, 1.0], x.shape)
            yield f"direction {number}", signs, STEP * max(np.sqrt(np.mean(x**2)), 0.1)
    for flat in chosen:
        direction = np.zeros(x.shape)
        direction.flat[flat] = 1.0
        index = ", ".join(str(i) for i in np.unravel_index(flat, x.shape))
        yield f"[{index}]" if x.ndim else "", direction, STEP * max(abs(x.flat[flat]), 0.1)


def _closest(along, generated, step, allowed, rtol):
    """(numeric derivative, error in units of what is allowed), of the step that agrees best."""
    found = None
    for factor in SMALLER:
        numeric, doubt = _derivative(along, step * factor, generated)
        # What differences cannot tell is no error, but a doubt of a tenth of a percent helps nobody.
        room = allowed + min(doubt, 20 * allowed) + 1e-10
        if numeric == generated or np.isnan(numeric) and np.isnan(generated):
            return numeric, 0.0
        error = abs(numeric - generated) / room
        excess = np.inf if np.isnan(error) else error
        if found is None or excess < found[1]:
            found = numeric, excess
        if excess <= 1:
            break
    return found


def _derivative(along, h, generated):
    """Two central differences extrapolated, and how far they can be trusted.

    On a kink, where the two sides differ, a gradient between them is right.
    """
    at, values = along(0.0), [along(t) for t in (h, -h, h / 2, -h / 2)]
    coarse, fine = (values[0] - values[1]) / (2 * h), (values[2] - values[3]) / h
    right, left = (values[2] - at) / (h / 2), (at - values[3]) / (h / 2)
    rounding = 4 * np.finfo(float).eps * max(map(abs, (at, *values))) / h
    further_right, further_left = (values[0] - at) / h, (at - values[1]) / h
    # Smooth functions halve the difference of the sides with the step; a kink keeps it.
    apart, further = abs(right - left), abs(further_right - further_left)
    if apart > 0.75 * further > 0 and apart > 1e-4 * (abs(right) + abs(left)) + 10 * rounding:
        low, high = sorted((left, right))
        return float(np.clip(generated, low - apart * 1e-3, high + apart * 1e-3)), rounding
    return (4 * fine - coarse) / 3, rounding + abs(fine - coarse) / 30
