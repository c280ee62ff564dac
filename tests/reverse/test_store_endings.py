"""An array that is stored into, and then summed, averaged, multiplied: every ending after every store.

What a gradient that one number spreads over the array is made of must be read before the store has cleared
it.
"""
import itertools

import numpy as np
import pytest
from from_text import assert_right, assert_second, function

X, W = np.array([1.2, 2.1, 0.3, 0.7]), np.array([0.5, 1.5, -0.3, 2.0])

STORES = [
    "x[0] = 5.0 * x[1]", "x[1:] = x[:-1]", "np.multiply(x, x[::-1], out=x)", "x[::2] *= 3.0",
    "x[1] = x[0] * x[2]", "x[:] = x ** 2",
    "x[x > 0.5] = 2.0 * x[0]", "x *= x[::-1]", "x[-1] += x[0] * x[1]",
    "if x[0] > 0:\n        x[1] = 3.0 * x[0]",
    "if x[0] > 0:\n        x[1:] = x[:-1]\n    else:\n        x[0] = x[1]",
    "if x[0] < 0:\n        x[1] = x[0] ** 2",
    "for i in range(3):\n        x[i] = x[i + 1] * x[i]", "x[[0, 2]] = x[[1, 3]]", "x[...] = x.sum() * x",
    "y = x[1:]\n    y *= x[:-1]",
    "x[0] = 5.0 * x[1]\n    x[1] = x[0] * x[2]", "x = x * 2\n    x[0] = 5.0 * x[1]",
    "np.add(x, 1.0, out=x, where=x > 0)",
    "x[0], x[1] = x[1], x[0] * x[0]", "x.fill(x[1])", "x.sort()", "x[1:] -= x[:-1].copy()",
]
ENDINGS = [
    "x.sum() ** 2", "np.sum(x) ** 2", "sum(x) ** 2", "x.mean() ** 2",
    "np.sum(np.broadcast_to(x, (2, 4))) ** 2", "np.prod(x)", "np.max(x) ** 2", "np.dot(x, x)",
    "np.dot(x, w) ** 2", "np.linalg.norm(x)", "x.var()", "np.sum(x * x[::-1])", "np.sum(np.exp(x))",
    "np.sum(x) * np.sum(x ** 2)", "np.log(np.sum(np.exp(x)))", "np.sum(np.cumsum(x)) ** 2",
    "np.sum(np.outer(x, x))", "np.sum(np.tanh(x.sum() * x))", "x.reshape(2, 2).sum(axis=0).sum() ** 2",
    "np.sum(x[:, None]) ** 2", "np.full(4, x.sum()) @ x", "x[1:].mean() ** 2 * x[0]",
]
PAIRS = [f"def f(x, w):\n    {store}\n    return {ending}\n"
         for store, ending in itertools.product(STORES, ENDINGS)]


@pytest.mark.parametrize("text", [PAIRS[0], *PAIRS[1::4]])
def test_a_store_and_what_the_array_is_reduced_to(text):
    assert_right(function(text), X, W)


@pytest.mark.parametrize("text", [PAIRS[0], *PAIRS[3::45]])
def test_a_store_and_what_the_array_is_reduced_to_twice(text):
    assert_second(function(text), X, W)
