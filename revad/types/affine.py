"""Affine: integers that are sums of loop indices times constants, so that slices have known lengths.

The length of `x[i*s : i*s + k]` in `for i in range(n)` is k, if the last window still lies in x: the range
of the loop decides that, and a guard says so.

>>> i = Affine((("i", literal(1)),), literal(0))
>>> window = sum_of(i, Affine((), Known(3, "k")), 1)
>>> sum_of(window, i, -1).constant.text
'k'
"""
from __future__ import annotations

from typing import Any, NamedTuple

from .dims import factor, total
from .kinds import Known, literal


class Affine(NamedTuple):
    """A constant plus terms (name of a loop index, coefficient); constant and coefficients are Knowns."""

    terms: tuple
    constant: Any


def of(kind):
    """An integer as an Affine, or None."""
    if kind.affine is not None:
        return kind.affine
    known = kind.known
    if (kind.tag == "number" and known is not None and type(known.value) is int
            and not known.text.startswith("?")):
        return Affine((), known)
    return None


def combined(name, kinds):
    """The Affine of the sum, difference or product of two integers; None where it is not affine."""
    left, right = map(of, kinds)
    if left is None or right is None or not left.terms and not right.terms:
        return None
    if name in ("+", "-"):
        return sum_of(left, right, 1 if name == "+" else -1)
    if name == "*" and not (left.terms and right.terms):
        varying, scale = (left, right) if left.terms else (right, left)
        return Affine(tuple((index, product(n, scale.constant)) for index, n in varying.terms),
                      product(varying.constant, scale.constant))
    return None


def sum_of(left, right, sign):
    """left + right, or left - right."""
    terms = dict(left.terms)
    for index, n in right.terms:
        terms[index] = added(terms.get(index, literal(0)), n, sign)
    return Affine(tuple((index, n) for index, n in terms.items() if n.text != "0"),
                  added(left.constant, right.constant, sign))


def added(a, b, sign):
    if b.exact and b.value == 0:
        return a
    if a.text == b.text and sign < 0:
        return literal(0)
    return total([a, b], 0, sign)


def product(a, b):
    if a.exact and b.exact:
        return literal(a.value * b.value)
    for known_factor, other in ((a, b), (b, a)):
        if known_factor.exact and known_factor.value in (0, 1):
            return other if known_factor.value else literal(0)
    return Known(a.value * b.value, f"{factor(a.text)} * {factor(b.text)}")


def bound(scope, value, largest):
    """The least or largest value over all iterations, as a Known; None where a range is not known."""
    extreme = value.constant
    for index, n in value.terms:
        ends = scope.bounds.get(index)
        if ends is None or n.value is None:
            return None
        if not n.exact:
            scope.rely(f"({n.text}) {'>=' if n.value >= 0 else '<'} 0")
        extreme = added(extreme, product(n, ends[(n.value >= 0) == largest]), 1)
    return extreme


def of_range(scope, name, start, stop, step):
    """The Affine of a loop index, given the Knowns of its range; notes the index's bounds in the scope."""
    if all(k is not None and type(k.value) is int and not k.text.startswith("?")
           for k in (start, stop, step)) and step.value:
        text = ", ".join(k.text for k in (start, stop, step))
        values = range(start.value, stop.value, step.value)
        plain = (start.text, step.text) == ("0", "1")
        exact = start.exact and stop.exact and step.exact
        low = literal(0) if plain else Known(min(values, default=0), f"min(range({text}), default=0)")
        high = (added(stop, literal(1), -1) if plain
                else Known(max(values, default=0), f"max(range({text}), default=0)"))
        if exact and not plain:
            low, high = literal(low.value), literal(high.value)
        scope.bounds[name] = low, high
    else:
        scope.bounds[name] = None       # the next index has another name
    return Affine(((name, literal(1)),), literal(0))


def slice_length(scope, length, start, stop):
    """The length of `[start:stop]` of an axis; None where it is not known."""
    first = Affine((), literal(0)) if start is None else of(start)
    last = Affine((), length) if stop is None else of(stop)
    if first is None or last is None or not first.terms and not last.terms or length.value is None:
        return None
    count = sum_of(last, first, -1)
    low, high, least = bound(scope, first, False), bound(scope, last, True), bound(scope, count, False)
    if None in (low, high, least) or low.value < 0 or high.value > length.value or least.value < 0:
        return None
    for known, condition in ((low, ">= 0"), (high, f"<= {length.text}"), (least, ">= 0")):
        if not known.exact or "<" in condition and known.text != length.text:
            scope.rely(f"{known.text} {condition}")
    if not count.terms:
        return count.constant
    return Known(None, "?" + " + ".join([count.constant.text,
                                         *(f"{factor(n.text)} * {index}" for index, n in count.terms)]))
