"""Points: arguments with their generated gradients, and lines through them along which to compare.

>>> first, _ = shifted_slightly([1.0, 2], np.random.default_rng(0))
>>> abs(float(first) - 1) < 2 * SHIFT, magnitudes(np.array([0.0, 4.0]))
(True, array([2., 4.]))
"""
from __future__ import annotations

import math

import numpy as np

from ..structure import (
    child,
    children,
    in_float64,
    is_float,
    is_real,
    leaves,
    map_children,
    narrowest,
    replaced,
)
from .differences import EPS, Verdict, compared

TOLERANCE = {8: 1e-5, 4: 1e-3, 2: 5e-2}     # by bytes of a float
SMALLEST, LARGEST = 1e-100, 1e100           # magnitudes between which differences are trusted
SHIFT = 1e-3                                # relative distance of a point in general position


class Point:
    """Arguments, their generated gradients, and the arguments in float64 for the function."""

    def __init__(self, verification, args, gradients):
        self.verification, self.args, self.gradients = verification, args, gradients
        self.wrt, self.names = verification.gradient.wrt, list(verification.gradient.signature.parameters)
        self.real = tuple(in_float64(arg, name in self.wrt) for name, arg in zip(self.names, args))
        self.narrow = narrowest(args)

    def line(self, name, direction=None):
        """A line through the point along which one parameter changes; None if it has no derivative."""
        position = self.names.index(name)
        parts = [(where, path, part_at(self.real[position], path), gradient) for where, path, gradient in
                 leaves(self.args[position], self.gradients[self.wrt.index(name)], (), name)]
        parts = [(where, (position, *path), value, gradient) for where, path, value, gradient in parts
                 if np.size(value) and np.shape(value) == np.shape(gradient)]
        if not parts:
            return None
        if direction is None:
            direction = random_direction(np.concatenate([magnitudes(value) for _, _, value, _ in parts]),
                                         self.verification.rng)
        return Line(self, name, parts, direction)


class Line:
    """A direction in which one parameter changes, and the generated slope along it."""

    def __init__(self, point, name, parts, direction):
        self.point, self.name, self.parts, self.direction = point, name, parts, direction
        self.slopes = np.concatenate([np.ravel(np.asarray(gradient, dtype=np.float64))
                                      for _, _, _, gradient in parts])
        with np.errstate(all="ignore"):
            terms = np.where(direction == 0, 0.0, self.slopes * direction)
            self.generated, self.size = float(np.sum(terms)), float(np.sum(np.abs(terms)))

    def restricted_to(self, chosen):
        direction = np.zeros_like(self.direction)
        direction[chosen] = self.direction[chosen]
        return Line(self.point, self.name, self.parts, direction)

    def verdict(self, rough=False):
        verification = self.point.verification
        value = verification.value(self.point.real)
        eps = max(EPS, verification.eps)
        tolerance = TOLERANCE[self.point.narrow] if eps < 1e-10 else max(TOLERANCE[self.point.narrow], 1e-3)
        steps = np.abs(self.direction[self.direction != 0])
        if not math.isfinite(value) or not all(map(_is_ordinary, (value, self.generated, *steps))):
            return Verdict("unclear", math.nan)
        return compared(self._along, self.generated, self.size, tolerance, verification.magnitude, eps)

    def is_rough(self):
        return self.point.narrow < 8

    def _along(self, t):
        args, begin = self.point.real, 0
        for _, path, value, _ in self.parts:
            step = self.direction[begin:begin + np.size(value)].reshape(np.shape(value))
            begin += np.size(value)
            if t and np.any(step):
                moved = (np.asarray(value + t * step) if isinstance(value, np.ndarray)
                         else type(value)(value + t * float(step)))
                args = replaced(args, path, moved)
        return self.point.verification.value(args)

    def element(self, flat):
        """The text of an element."""
        for where, _, value, _ in self.parts:
            if flat < np.size(value):
                index = ", ".join(map(str, np.unravel_index(flat, np.shape(value))))
                return f"{where}[{index}]" if np.ndim(value) else where
            flat -= np.size(value)
        return ""


def _is_ordinary(number):
    """Whether differences of such numbers neither vanish nor overflow."""
    return number == 0 or not math.isfinite(number) or SMALLEST < abs(number) < LARGEST


def part_at(value, path):
    for key in path:
        value = child(value, key)
    return value


def gradient_at(gradient, path):
    """The gradient at a path; None where an object's gradient lacks it."""
    for key in path:
        gradient = None if gradient is None else child(gradient, key)
    return gradient


def magnitudes(value):
    """How far a step moves each element: its magnitude, or the mean magnitude where it is zero."""
    sizes = np.ravel(np.abs(np.asarray(value, dtype=np.float64)))
    sizes = np.where(np.isfinite(sizes), sizes, 0.0)
    others = np.mean(sizes) if np.any(sizes) else 1.0
    return np.where(sizes > 0, sizes, others)


def random_direction(sizes, rng):
    return sizes * rng.uniform(0.5, 1.5, sizes.shape) * rng.choice([-1.0, 1.0], sizes.shape)


def shifted_slightly(value, rng):
    """A copy with every float shifted a little."""
    if children(value) is not None:
        return map_children(value, lambda _, part: shifted_slightly(part, rng))
    if not is_real(value) or not is_float(value):
        return value
    with np.errstate(all="ignore"):
        off = SHIFT * random_direction(magnitudes(value), rng).reshape(np.shape(value))
        return (np.asarray(value + off).astype(value.dtype) if isinstance(value, np.ndarray)
                else type(value)(value + float(off)))


def last_digit_changed(value):
    """A copy with the last digit of every float changed."""
    if children(value) is not None:
        return map_children(value, lambda _, part: last_digit_changed(part))
    if not is_real(value) or not is_float(value):
        return value
    if isinstance(value, np.ndarray):
        return np.asarray(np.nextafter(value, np.inf, dtype=value.dtype))
    return type(value)(np.nextafter(value, type(value)(np.inf)))
