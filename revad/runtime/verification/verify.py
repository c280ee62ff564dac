"""Verify: before its first call, a text is compared with the function that it was generated from.

Value, dtype, shape and structure must be those of the function, the arguments and all objects outside must
stay unchanged, and along a random direction for each parameter the gradient must agree with differences.
This is a safety net, not a proof.

>>> from ...api import grad
>>> def f(x, y):
...     return np.sum(x * y)
>>> before = counts["verified"]
>>> dx, dy = grad(f, verify=True)(np.ones(3), 2.0)
>>> counts["verified"] - before
1
"""
from __future__ import annotations

import ast
import copy
import math
import os
import time
import warnings

import numpy as np

from ...errors import VerificationError, VerificationSkipped
from ...syntax import tree_of
from ..arguments import split_arguments
from ..cotangents import inner_product, layout_of, match_output, random_cotangent
from ..guarded import place_of_function
from ..structure import child, children, in_float64, is_float, is_real, leaves
from .differences import EPS
from .effects import lasting_effect
from .points import TOLERANCE, Point, gradient_at, last_digit_changed, part_at, shifted_slightly
from .sandbox import NotRepeatable, Sandbox, is_same_bits, lock

SECONDS, RUNS = 20.0, 600                   # of the function, after which a doubt is not pursued further
SHIFTS = 2                                  # points in general position, next to the arguments
# By how many units in the last place another order of operations may change a value.
ROUNDING = 2.0**22
KINKS = frozenset((
    "maximum", "minimum", "fmax", "fmin", "max", "min", "amax", "amin", "nanmax", "nanmin", "where",
    "select", "sign", "abs", "absolute", "fabs", "clip", "heaviside", "argmax", "argmin", "sort", "argsort",
    "floor", "ceil", "round", "rint", "trunc", "searchsorted", "copysign", "partition", "argpartition",
    "median", "percentile", "quantile", "nonzero", "choose", "norm", "sqrt"))
REPORT = ("Please report it with the function's text and with what .source of the gradient shows; "
          "revad.check_grad compares it element by element, and verify=False leaves this out")
counts = {"verified": 0, "skipped": 0}


def is_on(gradient):
    """Whether the texts of a gradient are verified."""
    return (os.environ.get("REVAD_VERIFY", "0") not in ("", "0") if gradient.verify is None
            else gradient.verify)


def verify(gradient, bound, args, forward=None, pattern=True, always=False):
    """Compare a text with its function, unless that has been done.  Raises VerificationError.

    args: one for each parameter; forward: of a backward pass, the bound forward pass that goes with it;
    pattern: which parts of `dout` are given; always: also where the gradient itself is not to be verified.
    """
    variant = bound.variant
    if variant.is_verified or not always and not is_on(gradient):
        return
    reason = None
    with lock:
        if variant.is_verified:
            return
        effect = lasting_effect(bound.root.function, args)
        if variant.stops_gradients:
            reason = (f"{place_of_function(bound.root.function)}: the gradient of {gradient.__name__} is not "
                      "verified: what stop_gradient takes for constant, differences move")
        elif effect is not None:
            reason = (f"{effect[0]}: the gradient of {gradient.__name__} is not verified: "
                      f"{effect[1]} has an effect that lasts, or another result each time")
        else:
            try:
                if not _Verification(gradient, bound, args, forward, pattern).is_done():
                    return
            except (_Skipped, NotRepeatable, RecursionError, TypeError, copy.Error, AttributeError,
                    ValueError) as error:
                reason = (f"{place_of_function(bound.root.function)}: the gradient of {gradient.__name__} "
                          f"is not verified: {error}")
        variant.is_verified = True
        if variant.request.part == "forward" and reason is None:
            variant.sample = bound, copy.deepcopy(args)
        counts["verified" if reason is None else "skipped"] += 1
    if reason is not None:
        warnings.warn(VerificationSkipped(reason), stacklevel=4)


_ABSENT = object()


class _Skipped(Exception):
    """A function cannot be verified; the message says why."""


class _Raised(Exception):
    """The function or the text raises for the arguments; the call itself will report that."""


class _Verification:
    """The comparison of a text with the function that it was generated from."""

    def __init__(self, gradient, bound, args, forward, pattern):
        self.gradient, self.bound, self.args, self.forward, self.pattern = (gradient, bound, args,
                                                                            forward, pattern)
        self.function, self.request = bound.root.function, bound.variant.request
        self.sandbox = Sandbox(self.function, args)
        self.rng = np.random.default_rng(0)
        self.started, self.runs, self.dout, self.magnitude, self.eps = time.monotonic(), 0, 1.0, 0.0, EPS

    def is_done(self):
        """Compare everything; False where the call itself raises, so that there is nothing to compare."""
        try:
            out = self._run_function(self.args)
            second_out = self._run_function(self.args)
            self._draw_dout(out)
            text_out, gradients = self._text(self.args, True)
        except _Raised:
            return False
        if _unequal(out, second_out) is not None:
            raise _Skipped("its value differs from run to run")
        self._compare_outputs(out, text_out)
        if gradients is not None:
            for name, gradient in zip(self.gradient.wrt, gradients):
                self._compare_structure(name, gradient)
            self._compare_values(gradients)
        return True

    # ---- runs

    def _called(self, args):
        positional, keywords = split_arguments(self.gradient.signature, args)
        return self.function(*positional, **keywords)

    def _run_function(self, args):
        """The result of the function."""
        self.runs += 1
        copied = copy.deepcopy(args)
        try:
            return self.sandbox.call(self._called, (copied,))
        except (VerificationError, NotRepeatable):
            raise
        except Exception as error:
            raise _Raised from error

    def _text(self, args, checked=False):
        """(function's output as the text returns it, gradients or None); checked: for side effects."""
        part, copied = self.request.part, copy.deepcopy(args)
        try:
            result = self.sandbox.call(self._run_text, (copied,))
        except (VerificationError, NotRepeatable):
            raise
        except Exception as error:
            raise _Raised from error
        if checked:
            for name, before, after in zip(self.gradient.signature.parameters, args, copied):
                if (place := _unequal(before, after)) is not None:
                    raise self._error(name, f"it changes the argument {name}{place[0]}")
            # The text runs the assert statements of the function, too, whatever they change.
            if self.sandbox.changed and not any(isinstance(node, ast.Assert)
                                                for node in ast.walk(tree_of(self.bound.variant.text))):
                raise self._error(None, "it changes what is outside of the function")
        if part == "forward":
            return result[0], None
        if self.request.has_aux:
            first, aux = result if part == "grad" else (result[1], result[0])
            return (_ABSENT, aux) if part == "grad" else aux, self._tuple(first)
        if part == "value_and_grad":
            return result[0], self._tuple(result[1])
        return _ABSENT, self._tuple(result)

    def _run_text(self, args):
        return self._passes(args) if self.forward else self.bound.call(self.gradient._spread, args)

    def _passes(self, args):
        """The gradients of the two passes; a second `backward` with the same cache must return the same."""
        out, kept = self.forward.call(self.gradient._spread, args)
        kept = self.forward.variant.residuals(kept)
        cotangent = match_output(self.dout, layout_of(out, self.forward.variant.result))[1]
        before = copy.deepcopy((cotangent, kept))
        first = copy.deepcopy(self.bound.called(cotangent, kept))
        if _unequal(before, (cotangent, kept)) is not None:
            raise self._error(None, "its backward pass changes dout or the cache")
        if _unequal(first, self.bound.called(cotangent, kept)) is not None:
            raise self._error(None, "a second backward pass with the same cache gives another gradient")
        return first

    def _tuple(self, gradients):
        return (gradients,) if self.request.is_bare else gradients

    def _draw_dout(self, out):
        """Set the cotangent `dout`, and the magnitude and precision of the output."""
        out = out[0] if self.request.has_aux else out
        try:
            real = self._run_function(self._real_args())
            real = real[0] if self.request.has_aux else real
        except _Raised:
            real = out
        if self.forward:
            layout = layout_of(out, self.forward.variant.result)
            self.dout = random_cotangent(layout, real, self.rng, self.pattern, 0.0)
        self.magnitude, self.eps = measured(real, self.dout)

    def _real_args(self):
        """The arguments in float64, with what is differentiated as real numbers."""
        return tuple(in_float64(arg, name in self.gradient.wrt)
                     for name, arg in zip(self.gradient.signature.parameters, self.args))

    def value(self, args):
        """The output projected on `dout`; nan where the function has none, or the budget is spent."""
        if self.runs > RUNS or time.monotonic() - self.started > SECONDS:
            return math.nan
        try:
            out = self._run_function(args)
            return inner_product(out[0] if self.request.has_aux else out, self.dout)
        except (_Raised, TypeError, ValueError, IndexError, KeyError):
            return math.nan

    # ---- outputs and structure

    def _compare_outputs(self, out, text_out):
        pairs = [(out, text_out, "")]
        if self.request.has_aux:
            pairs = [(a, b, f"[{n}]") for n, (a, b) in enumerate(zip(out, text_out))]
        for own, of_text, place in pairs:
            if of_text is _ABSENT:
                continue
            unequal = _unequal(own, of_text, ROUNDING)
            if unequal is not None and unequal[1] == "value":
                # If a change of the last digits of the arguments changes the value as much, so may another
                # order of operations.
                moved = self._run_function(tuple(map(last_digit_changed, self.args)))
                unequal = _unequal(own, of_text, ROUNDING, moved[int(place[1])] if place else moved)
            if unequal is not None and unequal[1] == "value":
                # What is differentiated is a real number: small integers and truth values do not wrap.
                real = self._run_function(self._real_args())
                unequal = _unequal(real[int(place[1])] if place else real, of_text, ROUNDING)
            if unequal is not None:
                raise self._error(None,
                                  f"the {unequal[1]} of its output{place}{unequal[0]} "
                                  "is not that of the function's")

    def _compare_structure(self, name, gradient):
        arg = self._argument(self.args, name)
        for where, path, part in leaves(arg, gradient, (), name):
            value, part = part_at(arg, path), gradient_at(gradient, path)
            if part is None:
                continue
            if np.shape(part) != np.shape(value):
                raise self._error(name,
                                  f"{where} has the shape {np.shape(value)}, and its gradient "
                                  f"{np.shape(part)}")
            dtype = value.dtype if is_float(value) and hasattr(value, "dtype") else np.dtype(float)
            if np.asarray(part).dtype != dtype or np.ndim(value) and not isinstance(part, np.ndarray):
                raise self._error(name,
                                  f"the gradient of {where} has the dtype {np.asarray(part).dtype}, "
                                  f"where {dtype} belongs")

    # ---- values

    def _argument(self, args, name):
        return args[list(self.gradient.signature.parameters).index(name)]

    def _compare_values(self, gradients):
        has_kinks = _has_kinks(self.bound.variant.text)
        point = Point(self, self.args, gradients)
        near = None
        for name in self.gradient.wrt:
            line = point.line(name)
            if line is None:
                continue
            verdict = line.verdict()
            if verdict.kind == "agrees" and line.size:
                continue
            wrong = self._bisected(line, verdict) if verdict.kind != "agrees" else None
            near = [self._nearby_point() for _ in range(SHIFTS)] if near is None else near
            lines = [line for other in near
                     if other is not None and (line := other.line(name, line.direction)) is not None]
            judged = [(shifted, verdict) for shifted in lines
                      if (verdict := shifted.verdict()).kind != "unclear"]
            others = [mistake for shifted, verdict in judged
                      if verdict.kind == "differs" and (mistake := self._bisected(shifted, verdict))]
            if (wrong is not None and (judged or not lines)
                    and (len(others) == len(judged) > 0 or not has_kinks)):
                raise self._gradient_error(name, *wrong, "")
            # At a kink any slope between those of the sides is right, and that of several kinks together need
            # not be between them: then the points next to the arguments decide.
            if wrong is None and len(others) == len(judged) == SHIFTS:
                raise self._gradient_error(name, *others[0], " next to the arguments")

    def _nearby_point(self):
        """A point in general position near the arguments; None where the text does not fit it, or raises."""
        args = tuple(shifted_slightly(arg, self.rng) if name in self.gradient.wrt else arg
                     for name, arg in zip(self.gradient.signature.parameters, self.args))
        try:
            if not (self.forward or self.bound).fits(*args):
                return None
            return Point(self, args, self._text(args)[1])
        except _Raised:
            return None

    def _bisected(self, line, verdict):
        """(element, generated, numeric) of an element for which a line differs, by bisection; or None."""
        if line.is_rough():
            # At low precision, running the same formulas in float64 distinguishes rounding from mistakes.
            try:
                line = Point(self, line.point.real,
                             self._text(line.point.real)[1]).line(line.name, line.direction)
                verdict = line.verdict(rough=True)
            except (_Raised, TypeError, ValueError):
                return None
        chosen = np.flatnonzero(line.direction)
        while len(chosen) > 1 and verdict.kind != "agrees":
            halves = [chosen[:len(chosen) // 2], chosen[len(chosen) // 2:]]
            verdicts = [line.restricted_to(half).verdict() for half in halves]
            number = next((n for kind in ("differs", "unclear") for n in (0, 1) if verdicts[n].kind == kind),
                          None)
            if number is None:
                return None
            chosen, verdict = halves[number], verdicts[number]
        line = line.restricted_to(chosen)
        if len(chosen) and verdict.kind != "differs":
            verdict = line.verdict()
        if (verdict.kind != "differs"
                or not math.isfinite(line.generated) and self._overflows(line.point.args)):
            return None
        return (line.element(chosen[0]), line.generated / line.direction[chosen[0]],
                verdict.numeric / line.direction[chosen[0]])

    def _overflows(self, args):
        """Whether a text whose results are not finite has overflowed."""
        def raising(copied):
            with np.errstate(over="raise"):
                return self._run_text(copied)
        try:
            self.sandbox.call(raising, (copy.deepcopy(args),))
        except FloatingPointError:
            return True
        except Exception:
            return False
        return False

    # ---- errors

    def _error(self, parameter, fault):
        where = "" if parameter is None else f" for {parameter}"
        return VerificationError(f"the gradient of {self.gradient.__name__} is wrong{where}: {fault}. "
                                 f"{REPORT}", parameter)

    def _gradient_error(self, name, element, generated, numeric, near):
        return VerificationError(
            f"the gradient of {self.gradient.__name__} is wrong for {name}: "
            f"in the direction of {element}{near} it is {generated:.6g}, "
            f"and differences of the function give {numeric:.6g}. {REPORT}", name, element, float(generated),
            float(numeric))


# ---- structures


def _unequal(value, other, room=None, moved=None, seen=()):
    """(place, aspect) where two structures differ, or None.

    room: tolerance in units in the last place of the largest element; None: all bits must be equal.  moved:
    a value that is as good as the first.
    """
    if id(value) in seen:
        return None
    parts = children(value)
    if parts is not None:
        if (type(value) is not type(other) and not isinstance(other, type(value))
                or len(parts) != len(children(other))):
            return "", "structure"
        for key, part, written in parts:
            difference = _unequal(part, child(other, key), room, None if moved is None else child(moved, key),
                                  (*seen, id(value)))
            if difference is not None:
                return written + difference[0], difference[1]
        return None
    if not isinstance(value, (np.ndarray, np.generic, int, float)):
        return None
    if (not isinstance(other, (np.ndarray, np.generic, int, float))
            or np.ndim(value) and not isinstance(other, np.ndarray)):
        return "", "type"
    a, b = np.asarray(value), np.asarray(other)
    if a.shape != b.shape:
        return "", "shape"
    if a.dtype != b.dtype and not (room and not a.ndim and a.dtype.kind in "biu" and b.dtype.kind == "f"):
        return "", "dtype"      # but an integer result of one side of a branch may be a float in a text
    if a.dtype.hasobject or is_same_bits(a, b):
        return None
    if room is None:
        return "", "value"
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        return None if np.array_equal(a, b) else ("", "value")
    with np.errstate(all="ignore"):
        largest = np.max(np.abs(a), initial=0.0, where=np.isfinite(a))
        allowed = (room * np.finfo(a.dtype).eps * largest if a.dtype.itemsize >= 8
                   else TOLERANCE[a.dtype.itemsize] * largest)
        allowed = allowed + (0 if moved is None or np.shape(moved) != a.shape else 100 * np.abs(a - moved))
        same = ((a == b) | np.isnan(a) & np.isnan(b) | (np.abs(a - b) <= allowed)
                | (~np.isfinite(a) if moved is not None else False))
    return None if np.all(same) else ("", "value")


def measured(out, dout):
    """(sum of the magnitudes of the terms of `inner_product`, rounding unit of the least precise of them)."""
    parts = children(dout)
    if parts is not None:
        measures = [measured(child(out, key), part) for key, part, _ in parts]
        return sum(size for size, _ in measures), max((eps for _, eps in measures), default=EPS)
    if dout is None or not is_real(out):
        return 0.0, EPS
    with np.errstate(all="ignore"):
        size = float(np.sum(np.abs(np.multiply(dout, out, dtype=np.float64))))
    return (size if math.isfinite(size) else 0.0,
            float(np.finfo(out.dtype).eps) if is_float(out) and hasattr(out, "dtype") else EPS)


def _has_kinks(text):
    """Whether a text branches, compares or rounds, so that its derivative may jump between nearby points."""
    return any(isinstance(node, (ast.Compare, ast.If, ast.IfExp, ast.Mod, ast.FloorDiv))
               or getattr(node, "attr", getattr(node, "id", None)) in KINKS
               for node in ast.walk(tree_of(text)))
