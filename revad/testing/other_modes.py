"""Other modes: what `check_grad` compares besides the gradient: forward mode, and second derivatives.

>>> from .gradient_check import check_grad
>>> report = check_grad(lambda x: np.sum(x**3), np.array([1.0, 2.0]), modes=("fwd", "rev"), order=2)
>>> bool(report), [row.parameter for row in report.rows]
(True, ['x', 'forward mode', 'second order'])
"""
from __future__ import annotations

import numpy as np

from ..errors import CallError
from ..runtime import arguments
from ..runtime.cotangents import inner_product, layout_of, random_cotangent
from ..runtime.tangents import tangent_of
from ..runtime.verification.along import moved
from .report import Row

ROUNDING = {8: 1e-9, 4: 1e-3, 2: 5e-2}      # by bytes of a float, between the two modes


def called(derivative, gradient, args, **keywords):
    """A derivative at one argument for each parameter of a gradient."""
    positional, named = arguments.split_arguments(gradient.signature, args)
    if gradient.receiver is not None:
        positional = positional[1:]
    return derivative(*positional, **named, **keywords)


def random_directions(program, rng):
    """A direction for each parameter that is differentiated, by its position."""
    return {program.names.index(name): random_cotangent(
        layout_of(program.args[program.names.index(name)]), program.real[program.names.index(name)], rng)
        for name in program.gradient.wrt}


def forward_row(program, gradients, dout, rng, bytes_of_float):
    """<dout, J v> of forward mode beside <J^T dout, v> of reverse mode."""
    gradient = program.gradient
    directions = random_directions(program, rng)
    parts = tuple(directions.values())
    along = tangent_of(gradient.primal, gradient.wrt[0] if gradient.bare else gradient.wrt,
                       verify=False)
    tangent = program.sandbox.run(
        lambda args: called(along, gradient, args, tangents=parts[0] if gradient.bare else parts),
        program.args)[1]
    forward = inner_product(tangent, dout)
    reverse = sum(inner_product(part, direction) for part, direction in zip(gradients, parts))
    size = max(abs(forward), abs(reverse), 1e-9)
    agrees = abs(forward - reverse) <= ROUNDING[bytes_of_float] * size * 100
    return Row("forward mode", "direction", float(forward), float(reverse), bool(agrees))


def second_row(program, rng, closest):
    """The product of the Hessian with a direction beside differences of the gradient."""
    gradient = program.gradient
    if np.shape(program(program.real)) != () or gradient.has_aux:
        raise CallError(f"order=2 is for a function that returns one number; {gradient.__name__} does not")
    directions = random_directions(program, rng)
    parts = tuple(directions.values())
    along = tangent_of(gradient, None, False)
    slopes = type(gradient).__mro__[1](gradient.primal, gradient.wrt[0] if gradient.bare else gradient.wrt)

    def gradient_at(args):
        return program.sandbox.run(lambda args: called(slopes, gradient, args), args)
    weights = random_cotangent(layout_of(gradient_at(program.real)), gradient_at(program.real), rng)
    product = program.sandbox.run(
        lambda args: called(along, gradient, args, tangents=parts[0] if gradient.bare else parts),
        program.real)
    generated = inner_product(product, weights)

    def along_direction(t):
        return inner_product(gradient_at(moved(program.real, directions, t)), weights)
    numeric, excess = closest(along_direction, generated)
    return Row("second order", "direction", float(generated), float(numeric), bool(excess <= 1))
