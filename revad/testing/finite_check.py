"""Finite check: `check_finite` names the first line of a gradient that makes nan, inf or too large a value.

>>> from ..api import grad
>>> def loss(x):
...     e = np.exp(x)
...     return np.log(np.sum(e))
>>> report = check_finite(grad(loss))(np.array([1.0, 800.0]))
>>> bool(report)
False
>>> print(report)  # doctest: +ELLIPSIS
gradient of loss: inf is made of finite values
    your line:  e = np.exp(x)  (<doctest revad.testing.finite_check[1]>:2)
    generated:  e = np.exp(x)  (line 3)
    np.exp(x) is inf at [1]
    x is 800 there
"""
from __future__ import annotations

import ast
import functools
from typing import Any

import numpy as np

from ..errors import CallError
from ..runtime import arguments
from ..runtime.bound_method import Method
from ..runtime.compilation import Listing, bind, compile_text
from ..runtime.gradient import Gradient
from ..syntax import tree_of
from .watched import LOOK, Event, Watch


def check_finite(g, limit=None):
    """A function that runs a gradient line by line, and reports the first value that is not finite.

    g: what `grad` or `value_and_grad` made, or a function, for which its gradient is taken.  limit: the
    largest size of a value that is allowed; left out, any finite one.  A value counts that is made of values
    which are themselves allowed: an inf of an argument, or that stands in the text, is no fault.
    The result takes the arguments of `g` and returns a FiniteReport, which is true if there is no such value.

    >>> bool(check_finite(lambda x: np.sum(np.sqrt(x)))(np.array([4.0, 9.0])))
    True
    >>> report = check_finite(lambda x: np.sum(np.sqrt(x)))(np.array([4.0, 0.0]))
    >>> bool(report), report.event.expression
    (False, '0.5 / root')
    """
    if limit is not None and not limit > 0:
        raise CallError(f"limit is the largest size of a value that is allowed, and {limit!r} allows none")
    receiver = ()
    if isinstance(g, Method):
        g, receiver = g.__func__, (g.__self__,)
    gradient = g if isinstance(g, Gradient) else Gradient(g, value=True)

    @functools.wraps(gradient)
    def checked(*args, **keywords):
        return _report(gradient, gradient.complete((*receiver, *args), keywords), limit)
    return checked


class FiniteReport:
    """What `check_finite` has found out; true if all values are finite and within the limit.

    event: the first bad value, None if there is none: the function and line of the text, the expression, its
    value and what it was computed from.  place: the line of the user's function that it belongs to.  line:
    the generated line.  result: the gradient, None where the text raises.
    """

    def __init__(self, name, event=None, place=None, line="", result=None, error=None):
        self.name, self.event, self.place, self.line = name, event, place, line
        self.result, self.error = result, error

    def __bool__(self):
        return self.event is None

    def __str__(self):
        if self.event is None:
            return f"gradient of {self.name}: all values are finite"
        event = self.event
        if self.error is not None:
            lines = [f"gradient of {self.name}: {type(self.error).__name__} ({self.error})"]
        else:
            at = _worst(event.result)
            value = np.asarray(event.result, dtype=float)[at]
            kind = "nan" if np.isnan(value) else "inf" if value == np.inf else "-inf" if np.isinf(value) \
                else f"{value:.6g}"
            origin = "finite values" if not np.isfinite(value) else "values within the limit"
            lines = [f"gradient of {self.name}: {kind} is made of {origin}"]
        if self.place is not None and self.place.text.strip():
            lines.append(f"    your line:  {self.place.text.strip()}  ({self.place.file}:{self.place.line})")
        within = "" if event.function == self.name else f" of {event.function}"
        lines.append(f"    generated:  {self.line}  (line {event.line}{within})")
        if self.error is None:
            lines.append(f"    {event.expression} is {kind}{_at(at)}")
            lines += [f"    {text} {_there(part, at, np.shape(event.result))}"
                      for text, part in event.operands.items()]
        return "\n".join(lines)

    __repr__ = __str__


def _worst(value):
    """The subscript of the first nan, else inf, else the largest element."""
    array = np.asarray(value, dtype=float)
    order = np.where(np.isnan(array), 2.0, np.where(np.isinf(array), 1.0, 0.0))
    if not order.any():
        order = np.abs(array)
    return np.unravel_index(int(np.argmax(order)), array.shape) if array.ndim else ()


def _at(at):
    return f" at [{', '.join(map(str, at))}]" if at else ""


def _there(value, at, shape) -> str:
    """What an operand is where the result is bad, or its range.

    >>> _there(np.array([1.0, 2.0]), (1,), (2,)), _there(np.array([1.0, 2.0]), (), ())
    ('is 2 there', 'is from 1 to 2')
    """
    array: Any = np.asarray(value, dtype=float)
    try:
        return f"is {np.broadcast_to(array, shape)[at]:.6g} there" if array.ndim else f"is {array:.6g}"
    except ValueError:
        if array.size == 0:
            return "is empty"
        return f"is from {np.min(array):.6g} to {np.max(array):.6g}"


# ---- running


def _report(gradient, args, limit):
    """Run the text for these arguments with each value looked at."""
    args = tuple(map(arguments.to_native, args))
    bound = gradient.bound(gradient.part, gradient.call(args))

    def is_bad(value):
        return not np.all(np.isfinite(value)) or limit is not None and bool(np.any(np.abs(value) > limit))
    watch = Watch(is_bad)
    run, error, result = _watched(bound, watch), None, None
    positional, keywords = arguments.split_arguments(gradient.signature, args)
    with np.errstate(all="ignore"):
        try:
            result = run(*positional, **keywords)
        except ArithmeticError as raised:        # math.exp raises where NumPy gives inf
            error = raised
    name, event = gradient.__name__, watch.event
    if event is None and error is None:
        return FiniteReport(name, result=result)
    if event is None:       # it raised after the last value that was looked at
        event = Event(watch.last.function, watch.last.line, watch.last.expression, np.nan, {})
    else:
        error = None
    listing = _listings(bound)[event.function]
    text = listing.text.splitlines()[event.line - 1].strip()
    return FiniteReport(name, event._replace(function=name if event.function == bound.variant.listing.name
                                             else event.function),
                        listing.lines.get(event.line), text, result, error)


def _listings(bound):
    """{name: Listing} of the functions of a text."""
    variant = bound.variant
    return {listing.name: listing for listing in (*variant.listings, variant.listing)}


def _watched(bound, watch):
    """The text of a bound variant with its values looked at, in the same namespace."""
    free = (*bound.variant.free, LOOK)
    cells = {**bound.cells, LOOK: watch.look}
    # What the text calls stands before it, in the order of the calls.
    for name, listing in _listings(bound).items():
        tree = next(node for node in tree_of(listing.text).body if getattr(node, "name", None) == name)
        instrumented = Listing(ast.unparse(watch.instrumented(tree, name)), name, "watched")
        cells[name] = bind(compile_text(instrumented, free), bound.root.function.__globals__, cells)
    run = cells[bound.variant.listing.name]
    run.__defaults__ = bound.root.function.__defaults__
    run.__kwdefaults__ = bound.root.function.__kwdefaults__
    return run
