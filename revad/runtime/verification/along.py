"""Along: what forward mode gives in a direction is compared with differences of the function along it.

>>> f = lambda x: x**2
>>> compare("f", f, (3.0,), {0: 1.0}, 6.0)
>>> compare("f", f, (3.0,), {0: 1.0}, 7.0)     # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
revad.errors.VerificationError: the derivative of f is wrong: in the direction it was asked for it is 7...
"""
from __future__ import annotations

import copy
import math
import warnings

import numpy as np

from ...errors import VerificationError, VerificationSkipped
from ..arguments import split_arguments
from ..cotangents import inner_product, layout_of, random_cotangent
from ..guarded import place_of_function
from ..structure import child, in_float64, is_float, leaves, narrowest, replaced
from .differences import compared
from .effects import lasting_effect
from .points import TOLERANCE
from .sandbox import NotRepeatable, Sandbox
from .verify import REPORT, counts, is_on, measured


def verify_along(derivative, bound, function, args, directions, tangent):
    """Compare a derivative in directions, one for each of wrt, before the first result of a text is given.

    function: what is differentiated, with one argument for each parameter in `args`, which the text may have
    been given already: it changes none.
    """
    variant = bound.variant
    if variant.is_verified or not is_on(derivative):
        return
    variant.is_verified = True
    effect, reason = lasting_effect(bound.root.function, args), None
    if effect is not None or variant.draws:
        reason = "it has an effect that lasts, or another result each time"
    elif variant.stops_gradients:
        reason = "what stop_gradient takes for constant, differences move"
    else:
        names = list(derivative.signature.parameters)
        along = {names.index(name): direction for name, direction in zip(derivative.wrt, directions)}

        def called(*values):
            positional, keywords = split_arguments(derivative.signature, values)
            return function(*positional, **keywords)
        try:
            compare(derivative.__name__, called, args, along, tangent)
        except (NotRepeatable, RecursionError, TypeError, copy.Error, AttributeError, ValueError) as error:
            reason = str(error)
    counts["verified" if reason is None else "skipped"] += 1
    if reason is not None:
        warnings.warn(VerificationSkipped(f"{place_of_function(bound.root.function)}: the derivative of "
                                          f"{derivative.__name__} is not verified: {reason}"), stacklevel=4)


def compare(name, function, args, directions, tangent):
    """Raise VerificationError where differences of a function show another derivative.

    directions: {position: the direction of that argument}; tangent: the derivative along them, None where it
    is zero.
    """
    sandbox = Sandbox(function, args)
    real = tuple(in_float64(arg, i in directions) for i, arg in enumerate(args))
    out = sandbox.run(function, *real)
    layout = layout_of(out)
    dout = random_cotangent(layout, out, np.random.default_rng(0))
    _same_structure(name, out, tangent)
    generated = inner_product(tangent, dout)

    def along(t):
        try:
            with np.errstate(all="ignore"):
                return inner_product(sandbox.run(function, *moved(real, directions, t)), dout)
        except (ValueError, IndexError, KeyError, ZeroDivisionError, OverflowError, TypeError):
            return math.nan
    size, _ = measured(tangent, dout)
    magnitude, eps = measured(out, dout)
    verdict = compared(along, generated, size, TOLERANCE[narrowest(args)], magnitude, eps)
    if verdict.kind == "differs":
        raise VerificationError(f"the derivative of {name} is wrong: in the direction it was asked for it is "
                                f"{generated:.6g}, times random numbers, and differences of the function "
                                f"give {verdict.numeric:.6g}. {REPORT}", None, None, float(generated),
                                float(verdict.numeric))


def _same_structure(name, out, tangent):
    for where, path, _ in leaves(out, None, (), "its value"):
        value, part = out, tangent
        for key in path:
            value, part = child(value, key), child(part, key)
        if is_float(value) and (part is None or np.shape(part) != np.shape(value)):
            raise VerificationError(f"the derivative of {name} is wrong: {where} has the shape "
                                    f"{np.shape(value)}, and its tangent {np.shape(part)}. {REPORT}")


def moved(args, directions, t):
    for position, direction in directions.items():
        for _, path, part in leaves(args[position], direction, (position,), ""):
            value = args
            for key in path:
                value = child(value, key)
            if is_float(value):
                new = value + t * np.asarray(part, float)
                args = replaced(args, path, new if isinstance(value, np.ndarray) else float(new))
    return args
