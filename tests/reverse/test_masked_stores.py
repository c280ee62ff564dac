"""Arrays filled by masks as the logistic function, maxima with stored zeros, choices; and near misses."""
import itertools
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function

from revad import grad

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3))

LOGISTIC = """
def f(x):
    neg = {neg}
    pos = {pos}
    z = np.{zeros}(x)
    z[neg] = np.exp({first})
    z[pos] = np.exp({second})
    top = np.{ones}(x)
    top[neg] = {top}
    return {out}
"""
SLOTS = {
    "neg": ["x < 0", "x <= 0", "x > 0", "x < 0.3", "~(x >= 0)", "x[::-1] < 0"],
    "pos": ["~neg", "x >= 0", "x > 0", "x < 0", "0 <= x", "x > -1"],
    "zeros": ["zeros_like", "ones_like"], "ones": ["ones_like", "zeros_like"],
    "first": ["x[neg]", "-x[neg]", "2 * x[neg]", "x[::-1][neg]"],
    "second": ["-x[pos]", "x[pos]", "-x[pos] + 1"],
    "top": ["z[neg]", "1", "2", "z[neg] * 2"],
    "out": ["top / (1 + z)", "top / (2 + z)", "top / (z + 1)", "(1 + z) / top",
            "top / (1 + z) * x", "top / z"],
}
STORED = """
def f(x):
    out = np.zeros_like(x)
    pos = {pos}
    out[pos] = {first}
    e = np.exp(x[~pos])
    out[~pos] = {second}
    return out
"""


def _fillings(slots):
    """The pattern itself, and each text with one of its parts changed."""
    first = {name: fillings[0] for name, fillings in slots.items()}
    return [first, *({**first, name: filling}
                     for name, fillings in slots.items() for filling in fillings[1:])]


def check(text, *args, wrt=None):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        assert_gradient(function(text), args, wrt)


def check_second(text, *args):
    head, _, last = text.rstrip().rpartition("return ")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        assert_second(function(f"{head}return np.sum(({last})**2)"), *args)


@pytest.mark.parametrize("filling", _fillings(SLOTS), ids=lambda filling: ", ".join(filling.values()))
def test_the_logistic_function_by_masks(filling):
    check(LOGISTIC.format(**filling), X)


@pytest.mark.parametrize("filling", _fillings({
    "pos": ["x >= 0", "x > 0", "x < 0", "x > 0.5"],
    "first": ["1 / (1 + np.exp(-x[pos]))", "1 / (1 + np.exp(x[pos]))", "1 / (2 + np.exp(-x[pos]))", "x[pos]"],
    "second": ["e / (1 + e)", "1 / (1 + e)", "e / (1 + 2 * e)", "e", "0"]}),
    ids=lambda f: ", ".join(f.values()))
def test_the_logistic_function_that_is_stored_side_by_side(filling):
    check(STORED.format(**filling), X)
    check_second(STORED.format(**filling), X)


def test_the_text_is_the_logistic_functions():
    for text in (LOGISTIC.format(**_fillings(SLOTS)[0]), STORED.format(
            pos="x >= 0", first="1 / (1 + np.exp(-x[pos]))", second="e / (1 + e)")):
        f = grad(function(text))
        for dtype in (np.float32, np.float64):
            x = np.array([0, 800, -800, 1, -1], dtype)
            out, cache = f.forward(x)
            gradient = f.backward(np.ones_like(x), cache)
            np.testing.assert_allclose(gradient, out * (1 - out), rtol=1e-6)
            assert gradient.dtype == dtype
        assert "(1 - out) * out * dout" in f.backward.source
    check_second(LOGISTIC.format(**_fillings(SLOTS)[0]), X)


def test_integers_are_not_the_logistic_function():
    x = np.array([-2, 0, 3])
    f = function(LOGISTIC.format(**_fillings(SLOTS)[0]))
    assert f(x).tolist() != (1 / (1 + np.exp(-x))).tolist()


@pytest.mark.parametrize("text", [
    "np.exp(x - np.logaddexp(0, x))", "np.exp(x - np.logaddexp(x, 0))", "np.exp(-np.logaddexp(0, -x))",
    "np.exp(x - np.logaddexp(1, x))", "np.exp(2 * x - np.logaddexp(0, x))", "np.exp(-np.logaddexp(0, x))",
    "np.exp(np.logaddexp(0, x) - x)", "np.exp(x - np.log(1 + np.exp(x)))", "np.exp(x - np.log1p(np.exp(-x)))",
    "np.exp(x[0] - np.logaddexp(0, x))"])
def test_exponentials_of_softplus(text):
    check(f"def f(x):\n    return {text}", X)
    check_second(f"def f(x):\n    return {text}", X)
    if "[" not in text:
        check(f"def f(x):\n    return {text}", X.astype(int) + 1)


@pytest.mark.parametrize("maximum", ["np.maximum(0, a)", "np.maximum(a, 0)", "np.maximum(a, 0.0)",
                                     "np.maximum(0.5, a)",
                                     "np.minimum(0, a)", "np.where(a > 0, a, 0)", "np.maximum(0, x)",
                                     "np.abs(a)", "np.maximum(0, a[0]) + 0 * a", "np.maximum(0, a) * 2"])
@pytest.mark.parametrize("store", ["m[np.arange(4), k] = 0", "m[0] = 0", "m[0] = 1", "m[0] += 0",
                                   "m[0] = m[1]",
                                   "m[x > 0] = 0", "m[:, 1] = 0\n    m[2] = 0",
                                   "t = m.sum()\n    m[0] = 0\n    m = m * t",
                                   "m[0] = 0\n    m[0] = x[0]", "m[0] = x[0]\n    m[1] = 0",
                                   "for i in range(2):\n        m[i, k[i]] = 0", "m[k, k - k] = 0.0"])
def test_zeros_in_a_maximum(maximum, store):
    text = f"def f(x, k):\n    a = x - x[:, :1] + 0.3\n    m = {maximum}\n    {store}\n    return m"
    check(text, X, np.array([0, 2, 1, 1]), wrt="x")


CHOICES = ["np.where(x > 0, x, y * x)", "np.where(x > 0, y * x, x)",
           "np.where(x > 0, x, 0) + np.where(x > 0, 0, y * x)",
           "np.where(x > 0, x, 0) + np.where(x <= 0, y * x, 0)", "np.where(x > 0, x, y * np.sqrt(-x))",
           "y * np.where(x > 0, x, np.exp(x) - 1)", "np.maximum(y * x, x)", "np.minimum(y * x, x)",
           "np.maximum(x, -x)",
           "np.where(x > 0, x, 0) + np.where(x > 1, 0, x)", "np.where(x > 0, 1 / x, x)",
           "np.where(x > y, x * y, x + y)",
           "np.where(x[0] > 0, x, y * x)", "np.where(x > 0, np.log(x), x**2)",
           "x * (x > 0) + y * x * (x <= 0)"]


@pytest.mark.parametrize("text", CHOICES)
def test_two_sides_of_a_choice(text):
    program = f"def f(x, y):\n    return {text}"
    for x, y in itertools.product((X, X[0]), (0.2, RNG.uniform(size=3))):
        check(program, x, y)
    check(program, X.astype(np.float32).astype(float), 0.3)
    if "[" not in text:
        check(program, 1.3, 0.3)
        check(program, -1.3, 0.3)
    check_second(program, X, RNG.uniform(size=3))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f = function(f"def f(x, y):\n    return np.sum({text})")
        assert grad(f, wrt="x")(X.astype(np.float32), 0.3).dtype == np.float32


def test_one_where_for_a_choice():
    for text in (CHOICES[0], CHOICES[5], CHOICES[6], CHOICES[3]):
        f = grad(function(f"def f(x, y):\n    return {text}"), wrt="x")
        _, cache = f.forward(X, 0.3)
        f.backward(X, cache)
        assert f.backward.source.split("# backprop")[-1].partition("\n")[2].count("np.where") == 1, f.backward.source
