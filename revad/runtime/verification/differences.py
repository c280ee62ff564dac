"""Differences: whether a derivative that was generated is that of a function along a line, as far as differences can tell.

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
SMALLEST = 1e-7     # a step below which a derivative that fits may do so because nothing moves any more
EPS = 2.0**-52


class Verdict(NamedTuple):
    """'agrees', 'differs' or, at a kink, a step or where numbers are too rough, 'unclear'; with the numeric derivative."""

    kind: str
    numeric: float


class _Estimate(NamedTuple):
    """A numeric derivative, what it may be off by, what rounding contributes to that, and whether both sides have it."""

    numeric: float
    doubt: float
    rounding: float
    is_smooth: bool


def compared(along, generated, size, tolerance=1e-5, magnitude=0.0, eps=EPS) -> Verdict:
    """Compare with differences of `along`, a function of a number t, at t = 0.

    size: how large the terms are whose sum `generated` is; magnitude and eps: how large the terms of the
    function, and how precise.  A function that has no value there is nan.  A mistake is one only where two
    steps, with both halves of each and both sides, say the same, and no smaller step says otherwise.
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
    smooth = sorted((one for one in estimates if one[1].is_smooth), key=lambda one: one[0])
    for (_, first, off, scale), (_, second, _, _) in zip(smooth, smooth[1:]):
        room = 0.1 * min(off, scale) + (0.0 if math.isfinite(generated)
                                        else 10 * max(first.rounding, second.rounding))
        if abs(first.numeric - second.numeric) <= room and off > max(20 * tolerance, 1e-3) * scale:
            best = min((estimate for _, estimate, _, _ in smooth), key=lambda one: one.doubt + one.rounding)
            return Verdict("differs", best.numeric)
    return Verdict("unclear", estimates[0][1].numeric if estimates else math.nan)


def _estimate(at, step, magnitude, eps):
    """Two central differences, extrapolated; None where the function has no value on one of the sides."""
    middle, values = at(0.0), [at(t) for t in (step, -step, step / 2, -step / 2)]
    if not all(map(math.isfinite, (middle, *values))):
        return None
    coarse, fine = (values[0] - values[1]) / (2 * step), (values[2] - values[3]) / step
    numeric = (4 * fine - coarse) / 3
    rounding = 4 * eps * max(magnitude, *map(abs, (middle, *values))) / step
    # Of a smooth function the difference of the two sides halves with the step; at a kink it stays.
    right, left = (values[2] - middle) / (step / 2), (middle - values[3]) / (step / 2)
    further = abs((values[0] - middle) / step - (middle - values[1]) / step)
    apart, largest = abs(right - left), max(abs(right), abs(left))
    doubt = abs(fine - coarse)
    is_smooth = math.isfinite(numeric) and doubt <= 1e-2 * max(abs(fine), abs(coarse)) + 10 * rounding \
        and (apart <= 0.75 * further or apart <= 1e-4 * largest + 10 * rounding)
    return _Estimate(numeric, doubt, rounding, is_smooth)
