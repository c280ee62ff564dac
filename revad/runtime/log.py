"""Log: `logging.getLogger("revad")` says at INFO what was compiled, how long it took, and why once more.

>>> from ..api import grad
>>> import io
>>> handler = logging.StreamHandler(io.StringIO())
>>> LOGGER.addHandler(handler); LOGGER.setLevel(logging.INFO)
>>> square = grad(lambda x: x * x)
>>> square(3.0), square(2)
(6.0, 4.0)
>>> print(handler.stream.getvalue())
function_grad for x: float, in ... ms (<doctest ...>, line 1)
function_grad for x: int, in ... ms (<doctest ...>, line 1), once more: not type(x) is float
<BLANKLINE>
>>> LOGGER.removeHandler(handler); LOGGER.setLevel(logging.NOTSET)
"""
from __future__ import annotations

import logging

import numpy as np

from .guards import Conditions

LOGGER = logging.getLogger("revad")
LONGEST = 60


def is_on() -> bool:
    return LOGGER.isEnabledFor(logging.INFO)


def note_compiled(variant, args, function, why="") -> None:
    """Log that a text was compiled for arguments; why: what differs from the call before."""
    given = "" if args is None else " for " + ", ".join(
        f"{name}: {described(value)}" for name, value in zip(variant.parameters, args))
    code = function.__code__
    LOGGER.info("%s%s, in %.0f ms (%s, line %d)%s", variant.listing.name, given, 1000 * variant.seconds,
                code.co_filename, code.co_firstlineno, f", once more: {why}" if why else "")


def described(value) -> str:
    """The kind of an argument in a log.

    >>> described(np.ones((2, 3))), described({"a": [1.0]}), described(None)
    ('float64[2, 3]', "{'a': [float]}", 'None')
    """
    if isinstance(value, np.ndarray):
        text = f"{value.dtype}{list(value.shape)}"
    elif isinstance(value, dict):
        text = f"{{{', '.join(f'{key!r}: {described(part)}' for key, part in value.items())}}}"
    elif isinstance(value, (list, tuple)):
        inside = ", ".join(map(described, value))
        text = f"[{inside}]" if isinstance(value, list) else f"({inside})"
    else:
        text = repr(value) if value is None or isinstance(value, (str, bool)) else type(value).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST - 4]} ..."


def difference(variants, args, failing) -> str:
    """The first condition of each of the texts that there are which does not hold for the arguments.

    failing: whether a condition of a text, given alone, does not hold.
    """
    reasons = []
    for variant in variants:
        for conditions in (variant.of_kinds, *variant.conditions):
            text = next((text for text in conditions.texts
                         if failing(variant, Conditions(variant.parameters, (text,), conditions.constants))),
                        None)
            if text is not None:
                reasons.append(f"not {text}")
                break
    return " nor ".join(dict.fromkeys(reasons)).replace(" nor not ", " nor ")
