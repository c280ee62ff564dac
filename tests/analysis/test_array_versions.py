"""The shape of an array that is stored into costs no copy of it, and nothing is kept for its sake."""
import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import function

import revad

X = np.random.default_rng(5).normal(size=(4, 4))
V = X[0].copy()


def pooled(x, p):
    ph = p["h"]
    out = np.zeros((x.shape[0] // ph, x.shape[1] // ph))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = x[i * ph:i * ph + ph, j * ph:j * ph + ph].sum()
    return out


def states(x):
    h = np.zeros(len(x) + 1)
    for t in range(len(h) - 1):
        h[t + 1] = np.tanh(h[t] + x[t])
    return np.sum(h) / h.size


def products(x):
    y = np.sin(x)
    n = y.shape[0]
    for i in range(1, y.shape[0]):
        y[i] *= y[i - 1]
    for i in range(len(y)):
        if y[i] > 0.1:
            y[i] = y[i] / len(y)
    return np.sum(y) + y.shape[0] / n


def like_it(x):
    y = x * 2
    y[0] = 1.0
    z = np.zeros_like(y)
    y[1] = x[0]
    z[1:] = y[1:] / y.shape[0]
    while z[0] < 1.0:
        z[:y.ndim] += len(y)
        y[-1] *= 2
    return np.sum(z * y) + np.sum(np.ones_like(z) * y)


def of_one_side(x):
    y = x * 2
    if x[0] > 0:
        y[1:] *= x[0]
        for i in range(len(y)):
            y[i] += x[i] * y.size
    else:
        y = y[1:]
        y[0] = 3.0
    s = 0.0
    for i in range(y.shape[0]):
        s += y[i] * y.shape[0]
    return s


def another_array(x):
    y = x * 2
    for i in range(3):
        y[i] = x[i]
        y = y[1:] if i == 1 else y
        y[0] = len(y)
    return np.sum(y) * len(y)


@pytest.mark.parametrize("f, args", [(pooled, (X, {"h": 2})), (states, (V,)), (products, (V,)),
                                     (like_it, (abs(V),)), (of_one_side, (V,)),
                                     (of_one_side, (-V,)), (another_array, (V,))],
                         ids=lambda f: getattr(f, "__name__", ""))
def test_gradient(f, args):
    assert_gradient(f, args, "x")


@pytest.mark.parametrize("f, args", [(pooled, (X, {"h": 2})), (states, (V,)), (products, (V,))],
                         ids=lambda f: getattr(f, "__name__", ""))
def test_nothing_is_copied(f, args):
    g = revad.grad(f, wrt="x")
    g.forward(*args)
    assert ".copy()" not in g.forward.source and ".copy()" not in g.backward.source
    assert "range" not in g.forward.source.replace("in range(", "")


def test_the_last_version_is_in_the_cache():
    f = function("""
        def f(x):
            y = x * x
            y[0] = 0.0
            for i in range(len(y)):
                y[i] += x[i]
            return y
        """)
    out, cache = revad.grad(f).forward(V)
    assert [array is out for array in cache if isinstance(array, np.ndarray)] == [False, True]


def test_second_derivatives_count_the_same_rounds():
    first = revad.grad(states)
    split = revad.grad(first)
    value, cache = split.forward(V)
    numeric = numeric_gradient(lambda x: np.sum(np.sin(first(x))), (V,), "x")
    np.testing.assert_allclose(split.backward(np.cos(value), cache), numeric, 1e-6, 1e-8)


def test_an_array_of_single_precision_stays_one():
    f = function("""
        def f(x, y, z):
            v = np.sin(x) if x.sum() < y else x * 3.0
            z -= np.maximum(y * (v > 0.3), y)
            return x.sum()
        """)
    assert_gradient(f, (np.array(-3), -1.477, np.array([[[1.495, -1.684, -1.665]]], np.float32)), "z")
