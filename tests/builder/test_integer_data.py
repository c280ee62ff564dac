"""Data of small, unsigned and true/false values beside a number that is differentiated: nothing wraps on the way back, also where factors leave a sum."""
import itertools

import numpy as np
import pytest
from from_text import function

from revad import UnsupportedError, grad

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


OVERFLOWS = {
    "a loop's number": "z = 0.0\nfor i in range(4):\n    z = z + x * (i * {0})\nreturn z",
    "a number of rounds": "z = 0.0\nfor i in range(n):\n    z = z + x * (i * {0})\nreturn z",
    "a function": "z = 0.0\nfor i in range(n):\n    z = z + np.maximum(x, i * {0})\nreturn z",
    "a parameter": "return np.maximum(x, n * {0}) * 2.0",
    "an own function": "def g(v, k):\n    s = v * k\n    return s\nreturn g(x, n * {0})",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(np.__version__ < "2", reason="NumPy 1 takes the next larger dtype")
@pytest.mark.parametrize("x", [np.uint8(3), np.array([2, 3], np.uint8), np.int8(-3)], ids=repr)
@pytest.mark.parametrize("body", OVERFLOWS.values(), ids=OVERFLOWS)
def test_python_integer_that_does_not_fit(body, x):
    """It is rejected in whichever round it comes first; one that fits is a number as any other."""
    for factor, n in ((5, 4), (50, 4), (100, 4), (100, 2), (5, 4)):
        lines = body.format(factor).splitlines()
        f = function("def f(x, n):\n" + "".join(f"    {line}\n" for line in lines))
        gradient = grad(f, wrt="x", verify=False)     # a difference of small integers is none of the gradient
        try:
            value = f(x, n)
        except OverflowError:
            with pytest.raises((OverflowError, UnsupportedError)):
                gradient.forward(x, n)
            continue
        out, cache = gradient.forward(x, n)
        np.testing.assert_array_equal(out, value, strict=isinstance(x, np.ndarray))    # as it wraps there


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
@pytest.mark.parametrize("end", ["n.flatten('F')", "n[()]", "n.sum()", "n.reshape(1)", "n.item()", "n * 2"])
@pytest.mark.parametrize("lines", ["    n = np.sum(x)\n    if n > {}:\n        n = 1.5\n",
                                   "    n, m = 0.0, x.max()\n    for i in range(2):\n        if m > {}:\n"
                                   "            m = n + 1.0\n        else:\n            n = m\n"])
def test_integers_that_a_branch_leaves_beside_floats_are_numbers_of_numpy(lines, end, dtype):
    for limit in (100, 1):
        f = function("def f(x):\n" + lines.format(limit) + f"    return {end}")
        x = np.array([1, 2], dtype)
        try:
            value = f(x)
        except (AttributeError, TypeError, IndexError) as error:
            with pytest.raises((type(error), UnsupportedError)):
                grad(f, verify=False).forward(x)
            continue
        try:        # what one side leaves in integers is in float, which is not verified
            out, cache = grad(f, verify=False).forward(x)
        except UnsupportedError:
            continue
        np.testing.assert_allclose(out, value)
