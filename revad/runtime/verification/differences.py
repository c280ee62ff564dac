"""Differences: whether a generated derivative is that of a function along a line, as far as differences show.

>>> compared(lambda t: (3 + t)**2, 6.0, 6.0).kind, compared(lambda t: (3 + t)**2, 7.0, 7.0).kind
('agrees', 'differs')
>>> compared(abs, 0.0, 1.0).kind, compared(lambda t: float(round(1e3 * t + 0.5)), 7.0, 7.0).kind
('unclear', 'unclear')
"""
from __future__ import annotations

import math
from typing import NamedTuple

STEPS = (2e-4, 1e-2, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12)
FAR = (0.1, 1.0, 10.0, 1e2, 1e4, 1e8)
SMALLEST = 1e-7     # below this step a derivative may agree only because rounding hides the change
EPS = 2.0**-52


class Verdict(NamedTuple):
    """'agrees', 'differs', or 'unclear' at a kink, a step or low precision; with the numeric derivative."""

    kind: str
    numeric: float


class _Estimate(NamedTuple):
    """A numeric derivative, its possible error, the part of that from rounding, whether both sides agree."""

    numeric: float
    doubt: float
    rounding: float
    is_smooth: bool


def compared(along, generated, size, tolerance=1e-5, magnitude=0.0, eps=EPS) -> Verdict:
    """Compare with differences of `along`, a function of a number t, at t = 0.

    size: magnitude of the terms whose sum `generated` is; magnitude, eps: magnitude and precision of the
    terms of the function, which is nan where it has no value.  A derivative counts as wrong only where two
    steps, with both halves of each and both sides, agree on another one, and no smaller step contradicts.
    """
    values = {}

    def at(t):
        if t not in values:
            values[t] = along(t)
        return values[t]

    size = size if math.isfinite(size) else 0.0
    estimates = []
    for step in STEPS:
        estimate = _estimate(at, step, magnitude, eps)
        if estimate is None:
            continue
        off = abs(estimate.numeric - generated) if math.isfinite(generated) else math.inf
        scale = max(size, abs(estimate.numeric))
        rounding = estimate.rounding if not size else min(estimate.rounding, 0.05 * scale)
        if estimate.is_smooth and off <= tolerance * scale + rounding + min(estimate.doubt, 1e-3 * scale):
            return Verdict("agrees" if step > SMALLEST else "unclear", estimate.numeric)
        if math.isfinite(generated) and estimate.rounding > 0.05 * min(off, scale) and off > 0:
            continue        # too small a step to tell
        if not estimate.is_smooth and off <= tolerance * scale and step <= SMALLEST:
            return Verdict("unclear", estimate.numeric)
        estimates.append((step, estimate, off, scale))
    if (math.isfinite(generated)
            and all(value == values[0.0] or math.isnan(value) for value in values.values())
            and any(abs(at(far) - values[0.0] - generated * far) <= 0.1 * abs(generated * far)
                    for far in FAR)):
        return Verdict("unclear", math.nan)     # rounding hides smaller steps
    smooth = sorted((entry for entry in estimates if entry[1].is_smooth), key=lambda entry: entry[0])
    for (_, first, off, scale), (_, second, _, _) in zip(smooth, smooth[1:]):
        room = 0.1 * min(off, scale) + (0.0 if math.isfinite(generated)
                                        else 10 * max(first.rounding, second.rounding))
        if abs(first.numeric - second.numeric) <= room and off > max(20 * tolerance, 1e-3) * scale:
            best = min((estimate for _, estimate, _, _ in smooth),
                       key=lambda entry: entry.doubt + entry.rounding)
            return Verdict("differs", best.numeric)
    return Verdict("unclear", estimates[0][1].numeric if estimates else math.nan)


def _estimate(at, step, magnitude, eps):
    """Two central differences, extrapolated; None where the function has no value on a side."""
    middle, values = at(0.0), [at(t) for t in (step, -step, step / 2, -step / 2)]
    if not all(map(math.isfinite, (middle, *values))):
        return None
    coarse, fine = (values[0] - values[1]) / (2 * step), (values[2] - values[3]) / step
    numeric = (4 * fine - coarse) / 3
    rounding = 4 * eps * max(magnitude, *map(abs, (middle, *values))) / step
    # For a smooth function the difference between the sides halves with the step; at a kink it does not.
    right, left = (values[2] - middle) / (step / 2), (middle - values[3]) / (step / 2)
    further = abs((values[0] - middle) / step - (middle - values[1]) / step)
    apart, largest = abs(right - left), max(abs(right), abs(left))
    doubt = abs(fine - coarse)
    is_smooth = math.isfinite(numeric) and doubt <= 1e-2 * max(abs(fine), abs(coarse)) + 10 * rounding \
        and (apart <= 0.75 * further or apart <= 1e-4 * largest + 10 * rounding)
    return _Estimate(numeric, doubt, rounding, is_smooth)
