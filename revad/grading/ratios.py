"""Ratios: whether two gradients agree, are multiples of one another, or one is a sum of the other.

>>> multiple(np.array([2.0, 4.0]), np.array([1.0, 2.0])), list(axes_between(np.ones((3, 2)), np.full(2, 3.0)))
(2.0, [0])
"""
from __future__ import annotations

import numpy as np


def is_close(a, b, scale=None, rtol=1e-6):
    """Whether two gradients agree, relative to the larger elements of the second.

    >>> is_close(np.ones(2), np.ones(2) + 1e-9), is_close(np.ones(2), np.ones(3))
    (True, False)
    """
    if np.shape(a) != np.shape(b):
        return False
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):
        return False
    largest = np.max(np.abs(b), initial=0.0, where=np.isfinite(b)) if scale is None else scale
    with np.errstate(all="ignore"):
        return bool(
            np.all(
                (np.abs(a - b) <= rtol * np.abs(b) + 0.01 * rtol * largest + 1e-12)
                | (np.isnan(a) & np.isnan(b))
                | (a == b)
            )
        )


def multiple(a, b):
    """The number that times b is a, or None.

    >>> multiple(np.array([2.0, 4.0]), np.array([1.0, 2.0])), multiple(np.array([2.0, 4.0]), np.ones(2))
    (2.0, None)
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not np.all(np.isfinite(a)) or not np.all(np.isfinite(b)):
        return None
    norm = float(np.sum(b * b))
    if norm == 0:
        return None
    amount = float(np.sum(a * b)) / norm
    return amount if amount and is_close(amount * b, a) else None


def axes_between(written, right):
    """Axes whose sum turns one gradient into the other, if there are any."""
    rank = np.ndim(written)
    for axes in (*range(rank), *(tuple(range(count)) for count in range(2, rank + 1))):
        total = np.sum(written, axis=axes)
        if (
            is_close(total, right)
            or np.size(total) == np.size(right)
            and is_close(np.reshape(total, np.shape(right)), right)
        ):
            yield axes
            return
