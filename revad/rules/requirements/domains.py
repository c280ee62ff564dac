"""Domains: what functions require of the values of numbers, where their derivatives require less.

The derivative of math.log has a value at -1; math.log has none.

>>> from ...types.requirements import requirement_of
>>> requirement_of("quantile").__name__
'quantile'
"""
import numpy as np

from ...types.kinds import INTEGERS, SIGNED, literal
from ...types.requirements import (
    fail,
    leave_to_run_time,
    require,
    require_equal,
    require_length,
    require_one_element,
    requires,
)
from ..axes import as_tuple

INSIDE = {"log_to_base": (0, None), "log2": (0, None), "log10": (0, None), "log1p": (-1, None),
          "arctanh": (-1, 1)}


@requires("quantile", "percentile")
def quantile(bound):
    most, q = 1 if bound.gate.name == "quantile" else 100, bound.static("q")
    if not np.all((0 <= np.asarray(q)) & (np.asarray(q) <= most)):
        fail(bound.scope, bound.gate.name, f"it is given {q}, which is not between 0 and {most}")
    kind, axis = bound.kind("a"), bound.static("axis")
    for i, length in enumerate(kind.shape or ()):       # an empty array has no quantile
        if axis is None or any(isinstance(reduced_axis, int) and i == reduced_axis % kind.rank
                               for reduced_axis in as_tuple(axis)):
            require_length(bound.scope, length, 1, bound.gate.name)


@requires("float", "item", "int")
def one_number(bound):
    kind = bound.kind(bound.gate.parameters[0][0])
    if kind.tag == "array" and not bound.has("args"):
        for length in kind.shape or ():
            require_equal(bound.scope, literal(1), length, what=bound.gate.name, raises=TypeError)


@requires("bool")
def truth(bound):
    require_one_element(bound.scope, bound.kind(bound.gate.parameters[0][0]))


@requires("math")
def of_math(bound):
    """The functions of math take numbers; some of them raise where their derivative has a value."""
    for name in bound.gate.required:
        kind = bound.kind(name) if bound.has(name) and not isinstance(bound.operands[name], tuple) else None
        for length in kind.shape or () if kind is not None and kind.tag == "array" else ():
            require_equal(bound.scope, literal(1), length, what=f"math.{bound.gate.name}", raises=TypeError)
    low, high = INSIDE.get(bound.gate.name, (None, None))
    if low is not None:
        x = bound.raw("x").known
        if x is None or x.value is None:
            return leave_to_run_time(bound.scope)
        text = f"{low} < {x.text}" + (f" < {high}" if high is not None else "")
        require(bound.scope, low < x.value and (high is None or x.value < high), text,
                f"math.{bound.gate.name}", f"{x.value} is not in its domain")


@requires("mod", "floor_divide", "fmod")
def divided(bound):
    """Python's numbers, and the function of math, are not divided by 0."""
    x, y = (bound.raw(name) for name in ("x", "y"))
    if y.tag == "number" and y.weak and (x.tag != "number" or x.weak):
        if x.tag == "array":
            return
        if y.known is None or y.known.value is None:
            leave_to_run_time(bound.scope)
        elif not y.known.exact or y.known.value == 0:
            require(bound.scope, y.known.value != 0, f"({y.known.text}) != 0", bound.gate.name,
                    "it is divided by 0", ZeroDivisionError)


@requires("power")
def raised_to(bound):
    """NumPy raises for integers to a negative integer power."""
    x, y = bound.raw("x"), bound.raw("y")
    known = y.known is not None and y.known.exact
    if x.dtype in INTEGERS and y.dtype in SIGNED and not known and not (x.weak and y.weak):
        leave_to_run_time(bound.scope)


@requires("sum")
def added(bound):
    """Python's sum iterates over the first axis."""
    if "iterable" in bound.gate.defaults and bound.raw("iterable").tag == "number":
        fail(bound.scope, "sum", "a number has no elements", TypeError)
