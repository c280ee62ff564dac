"""revad's backward passes beside those written by hand: the same gradients, and about as long.

The median is 1.0 statements for each by hand, the 90th percentile at most 1.3, and none is over 1.6; of `courses`,
which were chosen because they are hard, 1.15, 1.45 and 1.6.
"""
import numpy as np
import pytest

from . import courses
from .cases import CASES
from .measure import both, measured

# Statements: median, 90th percentile, largest; nodes: median; names in neither the function nor the hand pass.
BOUNDS = {"ours": (1.0, 1.3, 1.6, 1.01, 65), "courses": (1.15, 1.45, 1.6, 1.04, 70)}


@pytest.mark.parametrize("name", CASES)
def test_both_passes_agree(name):
    revads, by_hand, _ = both(name)
    gradients, expected = revads(), by_hand()
    if not isinstance(expected, tuple):
        gradients, expected = [gradients], [expected]
    assert len(gradients) == len(expected)
    for gradient, wanted in zip(gradients, expected):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("group", BOUNDS)
def test_no_pass_is_longer_than_it_was(group):
    names = [name for name in CASES if hasattr(courses, name) == (group == "courses")]
    measures, (median, high, largest, size, foreign) = [*map(measured, names)], BOUNDS[group]
    ratios = [m.ratio for m in measures]
    assert np.median(ratios) <= median and np.percentile(ratios, 90) <= high and max(ratios) <= largest
    assert np.median([m.size for m in measures]) <= size
    assert sum(len(m.foreign) for m in measures) <= foreign
    assert not any(m.helpers for m in measures) and max(m.longest for m in measures) <= 100
