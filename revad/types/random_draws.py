"""Random draws: the kind of what a random generator's function returns, by its name and arguments.

>>> from .shape_rules import kind_of_operand
>>> from ..ir.nodes import Lit
>>> kind_of_draw("randn", (Lit(3), Lit(2)), {}).rank, kind_of_draw("uniform", (Lit(0.0), Lit(1.0)), {}).tag
(2, 'number')
"""
from __future__ import annotations

from .kinds import FLOAT, INT, Kind, array, unknown_length
from .shape_rules import kind_of_operand

# The position of `size` among the arguments.
SIZES = {"random": 0, "random_sample": 0, "ranf": 0, "sample": 0, "standard_normal": 0,
         "standard_exponential": 0, "standard_cauchy": 0, "uniform": 2, "normal": 2, "laplace": 2,
         "logistic": 2, "gumbel": 2, "lognormal": 2, "beta": 2, "gamma": 2, "exponential": 1, "poisson": 1,
         "rayleigh": 1, "standard_gamma": 1, "chisquare": 1, "randint": 2, "integers": 2, "binomial": 2,
         "geometric": 1, "choice": 1}
INTEGER_DRAWS = frozenset(("randint", "integers", "binomial", "poisson", "geometric"))

DRAWN = frozenset((*SIZES, "rand", "randn", "permutation"))


def kind_of_draw(name, args, keywords):
    """The kind of what a function or method of that name draws; None if it is not known."""
    if name in ("rand", "randn"):
        return array(tuple(map(_length, args))) if args else FLOAT
    if name == "permutation" and len(args) == 1:
        kind = kind_of_operand(args[0])
        return kind._replace(known=None) if kind.tag == "array" else array((_length(args[0]),), "l")
    if name not in SIZES:
        return None
    if name == "choice" and kind_of_operand(args[0]).tag != "number":
        source = kind_of_operand(args[0])
        dtype, single = (source.dtype, None) if source.rank == 1 else ("", None)
    else:
        dtype, single = ("l", INT) if name in INTEGER_DRAWS or name == "choice" else ("d", FLOAT)
    size = keywords.get("size", args[SIZES[name]] if len(args) > SIZES[name] else None)
    if size is not None and getattr(size, "value", size) is not None:
        kind = kind_of_operand(size)
        if kind.tag in ("tuple", "list"):
            return array(tuple(item.known or unknown_length() for item in kind.items), dtype)
        return array((_length(size),), dtype) if kind.tag == "number" else Kind("array", dtype)
    parameters = [kind_of_operand(o) for o in args[:SIZES[name]] if name != "choice"]
    if all(kind.rank == 0 for kind in parameters):
        return single
    arrays = [kind for kind in parameters if kind.rank]
    return Kind("array", dtype, arrays[0].shape) if len(arrays) == 1 and name != "choice" else None


def _length(operand):
    return kind_of_operand(operand).known or unknown_length()
