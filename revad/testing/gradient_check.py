"""Gradient check: `check_grad` compares a generated gradient with differences of the program itself.

>>> def f(x, y):
...     return np.sum(x**2) * y
>>> print(check_grad(f, np.array([1.0, 2.0]), 3.0))
gradient of f: agrees with central differences
parameter  worst at  generated  numeric  relative error
x          [0]       6.0        6.0      ...
y                    5.0        5.0      ...
"""
from __future__ import annotations

import inspect

import numpy as np

from ..errors import CallError
from ..runtime import arguments
from ..runtime.bound_method import Method
from ..runtime.cotangents import Leaf, inner_product, layout_of, random_cotangent
from ..runtime.gradient import Gradient
from ..runtime.structure import child, in_float64, leaves, narrowest, replaced
from ..runtime.verification.sandbox import Sandbox
from ..tracebacks import boundary
from .other_modes import forward_row, second_row
from .report import Report, Row
from .single_statements import first_wrong

STEP = 2e-4          # relative to an element, of the first attempt
SMALLER = (1, 1e-2)  # factors of further steps for an element that disagrees: a kink may be near
ELEMENTS = 20        # of a larger array, this many elements are drawn
DIRECTIONS = 3       # and this many random directions, which cover every element
TOLERANCE = {8: 1e-5, 4: 5e-4, 2: 3e-2}    # by bytes of a float


@boundary
def check_grad(f, *args, wrt=None, seed=0, rtol=None, modes=("rev",), order=1, lines=False,
               **keywords) -> Report:
    """Compare the gradient of `f` at the arguments with central differences in float64.

    f: a function, or what `grad` or `value_and_grad` made of one.  wrt: as for `grad`.  An output
    that is not one number is multiplied by a random `dout` of the seed.  rtol: the relative error
    that is allowed, by default that of the precision of the arguments.  Of arrays of more than
    20 elements, 20 and three random directions are compared.  modes: with "fwd" among them, forward mode in
    a random direction is compared with the gradient, <dout, J v> with <J^T dout, v>.  order=2: the product of
    the Hessian with a direction is compared with differences of the gradient.  lines=True: a row for the
    first statement whose adjoint disagrees with its tangent, by differences of it alone, if there is one.
    Returns a Report, which is true if all agree, and prints as a table.
    """
    if isinstance(f, Method):
        f, args = f.__func__, (f.__self__, *args)
    if not isinstance(f, Gradient) or wrt is not None:
        f = Gradient(f.primal if isinstance(f, Gradient) else f, wrt)
    settings = {"modes": (modes, ("rev",)), "order": (order, 1), "lines": (lines, False)}
    # A setting that is the function's own parameter is the function's.
    own = {name: pair for name, pair in settings.items() if name in f.signature.parameters}
    keywords.update((name, given) for name, (given, default) in own.items() if given != default)
    modes, order, lines = (default if name in own else given for name, (given, default) in settings.items())
    if not set(modes) <= {"fwd", "rev"} or order not in (1, 2):
        raise CallError(f"modes are 'fwd' and 'rev' and order is 1 or 2, not {modes!r} and {order!r}")
    args = f.complete(args, keywords)
    program = _Program(f, args)
    rng = np.random.default_rng(seed)
    dout = program.draw_dout(rng)
    gradients = program.generated(dout)
    rows = []
    for name, gradient in zip(f.wrt, gradients):
        position = program.names.index(name)
        for where, path, part in leaves(args[position], gradient, (position,), name):
            if "rev" in modes:
                rows += compare_leaf(program, where, path, part, dout, rng, rtol)
    if "fwd" in modes:
        rows.append(forward_row(program, gradients, dout, rng, narrowest(program.args)))
    if order == 2:
        allowed = TOLERANCE[8] if rtol is None else rtol
        rows.append(second_row(program, rng, lambda along, generated: _closest(
            along, generated, STEP, allowed * max(abs(generated), 1.0), allowed)))
    if lines:
        allowed = TOLERANCE[8] if rtol is None else rtol
        wrong = first_wrong(program, rng, lambda along, generated: _closest(
            along, generated, STEP, allowed * max(abs(generated), 1.0), allowed))
        rows += [] if wrong is None else [wrong]
    return Report(f.__name__, rows)


class _Program:
    """The user's function as a function of float64 arguments, without side effects on them."""

    def __init__(self, gradient, args):
        self.gradient, self.args = gradient, args
        self.names = list(gradient.signature.parameters)
        self.real = tuple(in_float64(arg, name in gradient.wrt) for name, arg in zip(self.names, args))
        self.sandbox = Sandbox(gradient.primal, args, warned=True)

    def __call__(self, args):
        return self.sandbox.run(self.called, args)

    def called(self, args):
        positional, keywords = arguments.split_arguments(self.gradient.signature, args)
        primal = self.gradient.primal
        if self.gradient.receiver is not None:
            primal, positional = ((primal.__func__, positional) if inspect.ismethod(primal)
                                  else (primal, positional[1:]))
        return primal(*positional, **keywords)

    def draw_dout(self, rng):
        """1 for one number; random numbers where the output is real, None elsewhere."""
        out = self(self.real)
        layout = layout_of(out)
        one_number = isinstance(layout, Leaf) and layout.shape == ()
        return 1.0 if one_number else random_cotangent(layout, out, rng)

    def generated(self, dout):
        """The generated gradients, computed from copies of the arguments."""
        return self.sandbox.run(self.of_passes, self.args, dout)

    def of_passes(self, args, dout):
        gradient = self.gradient
        positional, keywords = arguments.split_arguments(gradient.signature, args)
        if gradient.receiver is not None:
            positional = positional[1:]
        _, cache = gradient.forward(*positional, **keywords)
        if gradient.forward.last is not None and gradient.forward.last.variant.stops_gradients:
            raise CallError(f"{gradient.__name__} calls stop_gradient: what that takes for constant, "
                            "differences move, so that they cannot be compared")
        gradients = gradient.backward(dout, cache)
        return (gradients,) if gradient.bare else gradients

    def value(self, path, leaf, dout):
        """sum(dout * output), with one leaf of the arguments replaced."""
        return inner_product(self(replaced(self.real, path, leaf)), dout)

    def at(self, path):
        part = self.real
        for key in path:
            part = child(part, key)
        return part


# ---- comparing


def compare_leaf(program, name, path, gradient, dout, rng, rtol):
    """The row of the worst element or direction of a leaf."""
    value = program.at(path)
    shape = np.shape(value)
    if np.shape(gradient) != shape:
        return [Row(name, "", np.nan, np.nan, False, f"shape {np.shape(gradient)} for {shape}")]
    gradient = np.asarray(gradient, dtype=np.float64)
    x = np.asarray(value, dtype=np.float64)
    rtol = TOLERANCE[narrowest(program.args)] if rtol is None else rtol
    largest = np.max(np.abs(gradient), initial=0.0, where=np.isfinite(gradient))
    worst = None
    for at, direction, step in _directions(x, rng):
        generated = float(np.sum(gradient * direction, where=direction != 0))

        def along(t, direction=direction):
            moved = x + t * direction
            return program.value(path, np.asarray(moved) if isinstance(value, np.ndarray)
                                 else float(moved), dout)

        scale = abs(generated) + 0.01 * largest
        numeric, excess = _closest(along, generated, step, rtol * scale, rtol)
        row = Row(name, at, generated, float(numeric), bool(excess <= 1))
        if worst is None or excess > worst[0]:
            worst = excess, row
    return [] if worst is None else [worst[1]]


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
    best = None
    for factor in SMALLER:
        numeric, doubt = _derivative(along, step * factor, generated)
        # The uncertainty of differences is no error, but one of a tenth of a percent would be useless.
        room = allowed + min(doubt, 20 * allowed) + 1e-10
        if numeric == generated or np.isnan(numeric) and np.isnan(generated):
            return numeric, 0.0
        error = abs(numeric - generated) / room
        excess = np.inf if np.isnan(error) else error
        if best is None or excess < best[1]:
            best = numeric, excess
        if excess <= 1:
            break
    return best


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
