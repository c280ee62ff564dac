"""Data of small, unsigned and true/false values beside a number that is differentiated: nothing wraps on the way back, also where factors leave a sum."""
import itertools

import numpy as np
import pytest
from from_text import function

from revad import grad

DATA = {"uint8": np.array([[3, 5, 7], [1, 2, 250]], np.uint8),
        "int8": np.array([[3, -5, 7], [1, 2, 120]], np.int8),
        "bool": np.array([[True, False, True]] * 2), "uint64": np.array([[3, 5, 7], [1, 2, 9]], np.uint64),
        "number": 7, "uint8()": np.uint8(200), "uint8 row": np.array([3, 200, 7], np.uint8)}
PRODUCTS = ["-(x / y) * k", "x / y * k", "k * (x / y) / y", "-k * (x / y)", "-(k / y) * x",
            "(x - y) * k / y", "-(x * y) * k", "k - x * y", "-x / y - k / y", "(-k * y) * x",
            "-(k * (x / y))", "y * k * x", "y**2 * k * x", "-y * x", "x / -y", "-(k * y) * x",
            "(x * k) * y", "np.where(x > 2, k, x) * -y", "x / y", "np.sum(x) / y * k",
            "np.sum(k, keepdims=True) * (x / y)"]
SUMS = ["np.sum({})", "np.sum(np.sum({}, axis=0))", "np.sum(np.mean({}, axis=-1, keepdims=True))"]
STEP = 1e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_number_beside_integers(product):
    compared = 0
    for at, (x, k) in enumerate(itertools.product(DATA.values(), repeat=2)):
        sums = SUMS[at % 3 if np.ndim(x) == 2 or np.ndim(k) == 2 and "k" in product else 0]
        f = function(f"def f(x, k, y):\n    return {sums.format(product)}")
        try:
            expected = (f(x, k, 1.7 + STEP) - f(x, k, 1.7 - STEP)) / (2 * STEP)
        except (ValueError, TypeError, OverflowError):
            # it does not take such, as truth values that are subtracted
            continue
        np.testing.assert_allclose(grad(f, wrt="y")(x, k, 1.7), expected, 1e-3, 1e-3)
        compared += 1
    assert compared > 30
