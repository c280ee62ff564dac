"""revad's backward passes beside those written by hand: the same gradients, and about as long.

The median is 1.0 statements for each by hand, the 90th percentile at most 1.3, and none is over 1.6.
"""
import numpy as np
import pytest

from .cases import CASES
from .measure import all_measured, both

MEDIAN, HIGH, LARGEST, SIZE, FOREIGN = 1.0, 1.3, 1.6, 1.01, 65


@pytest.mark.parametrize("name", CASES)
def test_both_passes_agree(name):
    revads, by_hand, _ = both(name)
    gradients, expected = revads(), by_hand()
    if not isinstance(expected, tuple):
        gradients, expected = [gradients], [expected]
    assert len(gradients) == len(expected)
    for gradient, wanted in zip(gradients, expected):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-10, atol=1e-10)


def test_no_pass_is_longer_than_it_was():
    measures = all_measured()
    ratios = [m.ratio for m in measures]
    assert np.median(ratios) <= MEDIAN and np.percentile(ratios, 90) <= HIGH and max(ratios) <= LARGEST
    assert np.median([m.size for m in measures]) <= SIZE
    assert sum(len(m.foreign) for m in measures) <= FOREIGN
    assert not any(m.helpers for m in measures) and max(m.longest for m in measures) <= 100
