"""Gradients that are added to in places, whole, and in loops are right, and each is added to once."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import grad

RNG = np.random.default_rng(0)
X, IDS = RNG.normal(size=6), np.array([0, 2, 2, 5])
READS = ["np.sum(x[1:] * x[:-1])", "np.sum(x[1:]**2)", "np.sum(np.sin(x))", "np.sum(x[ids]**2)",
         "x[0] * x[1]",
         "np.sum(-x[1:] * 2)", "np.sum(x[1:-1] * x[2:] * x[:-2])", "np.sum(x * x[0])",
         "np.sum(x[::2] - 3 * x[::2]**2)"]
BODIES = [
    "a = @\nb = #\nreturn a + b",
    "a = @\nb = #\nreturn a * b",
    "y = x * 1\ny[1:-1] = x[2:] - x[:-2]\nreturn np.sum(y**2) * @ - # * np.sum(y[1:-1])",
    "s = 0.0\nfor i in range(1, len(x) - 1):\n    s += x[i] * x[i - 1] - x[i]**2 / 3\n    if x[i] > 0:\n"
    "        s -= x[i] * x[i + 1] * @\nreturn s * #",
    "a, b = 1.2, x[2]\nfor i in range(3):\n    c = a * b - x[i] * a\n    d = a * b * x[i] - b\n"
    "    a = a + 0.1 * c\n"
    "    b = b + 0.1 * d\nreturn a * @ + b * #",
]
PROGRAMS = [body.replace("@", first).replace("#", second)
            for body, (first, second) in itertools.product(BODIES, itertools.product(READS, READS))]


@pytest.mark.parametrize("body", [PROGRAMS[i] for i in RNG.permutation(len(PROGRAMS))[:24]])
def test_sums_of_what_is_read_in_places(body):
    f = function("def f(x, ids):\n    " + body.replace("\n", "\n    "))
    assert_gradient(f, (X, IDS), "x")


def text(body, *args, wrt="x"):
    g = grad(function(body), wrt=wrt)
    g(*args)
    return g.source


def test_zeros_are_no_summand():
    source = text("def f(w, X):\n    return np.sum(np.tanh(X @ w)) + 0.1 * np.sum(w[1:]**2)",
                  RNG.normal(size=4), RNG.normal(size=(3, 4)), wrt="w")
    assert "np.zeros" not in source and "dw[1:] += 0.2 * w[1:]" in source


def test_one_place_is_added_to_once():
    source = text("def f(x):\n    return np.sum(x[1:] * x[:-1] - 3 * x[1:]**2 + np.sin(x[1:]))", X)
    assert source.count("dx[1:]") == 1


def test_what_a_loop_carries_is_added_to_once():
    source = text("def f(x):\n    y = x\n    for _ in range(5):\n        z = y * y - 3 * y\n"
                  "        y = y + 0.1 * z"
                  "\n    return y", 0.3)
    assert source.count("dx +=") + source.count("dy +=") <= 1
