"""Stable spellings of smooth functions, whose pieces have kinks at 0, have the derivative of the whole: at 0, at 800, and of the second order."""
import itertools
import warnings

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import function

import revad

X = np.array([-800.0, -3.0, -0.5, 0.0, 0.5, 2.0, 800.0])
Z = np.array([0.0, 1.0, 0.3, 0.7, 1.0, 0.0, 0.4])
W = np.array([0.7, -1.3, 0.4, 2.1, 0.9, -0.6, 1.7])

KINKS = ["np.maximum(x, 0)", "np.maximum(0.0, x)", "np.where(x > 0, x, 0)", "np.where(x < 0, 0, x)",
         "x * (x > 0)", "np.clip(x, 0, None)", "np.fmax(x, 0)", "(x >= 0) * x", "-np.minimum(-x, 0)",
         "-np.minimum(0, -x)", "x.clip(0)"]
LOGS = ["np.log1p(np.exp(-np.abs(x)))", "np.log(1 + np.exp(-abs(x)))", "np.log(np.exp(-np.fabs(x)) + 1)",
        "np.log1p(np.exp(-np.abs(-x)))"]
SUMS = ["{k} + {l}", "{l} + {k}", "{k} - x * z + {l}", "-z * x + {l} + {k}", "{k} + ({l} - z * x) + 1.0",
        "-(z * x - {k} - {l})", "({k} + {l}) * z", "2 * ({l} + {k}) + x"]
OTHERS = [
    "np.logaddexp(0, x)", "np.logaddexp(x, 0.0) - x * z", "np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))",
    "np.where(x < 0, x, 0) - np.log(1 + np.exp(-np.abs(x)))",
    "np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))",
    "np.where(x < 0, np.log1p(np.exp(x)), x + np.log1p(np.exp(-x)))",
    "np.where(x > 0, x, 0) + np.log1p(np.exp(-np.abs(x)))",
    "np.where(x >= 0, -np.log1p(np.exp(-x)), x - np.log1p(np.exp(x)))",
    "np.where(x > 0, -x - np.log1p(np.exp(-x)), -np.log1p(np.exp(x)))",
    "np.where(0 < x, np.log1p(np.exp(-x)), np.log1p(np.exp(x)) - x)",
    "e = np.exp(-np.abs(x)); np.where(x > 0, x + np.log1p(e), np.log1p(e))",
    "e = np.exp(-np.abs(x)); np.where(x > 0, x, 0) - z * x + np.log1p(e)",
    "e = np.exp(-np.abs(x)); np.where(x > 0, -np.log1p(e), x - np.log1p(e))",
    "m = np.maximum(x, 0); loss = m - x * z + np.log1p(np.exp(-np.abs(x))); loss",
    "(1 - z) * x + np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)",
    "(1 - z) * x + (1 + 2 * z) * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0))",
    "t = np.maximum(x, 0); t += np.log1p(np.exp(-np.abs(x))); t",
    "np.maximum(x, z) + np.log1p(np.exp(-np.abs(x - z)))",
    "np.log1p(np.exp(-np.abs(z - x))) + np.where(x > z, x, z)",
    "np.minimum(x, z) - np.log1p(np.exp(-np.abs(x - z)))",
    "d = x - z; np.maximum(x, z) + np.log1p(np.exp(-np.abs(d)))",
    "m = np.maximum(x, z); m + np.log(np.exp(x - m) + np.exp(z - m))",
    # the logistic function
    "np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
    "np.where(x < 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))",
    "np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))",
    "e = np.exp(-np.abs(x)); np.where(x >= 0, 1 / (1 + e), e / (1 + e))",
    "e = np.exp(-np.abs(x)); np.where(x >= 0, 1, e) / (1 + e)",
    "e = np.exp(-np.abs(x)); np.where(x < 0, e, 1.0) / (1 + e)",
    "e = np.exp(-abs(x)); np.where(x < 0, 1, e) / (e + 1)",
    "pos = x >= 0; e = np.exp(-abs(x)); np.where(pos, 1 / (1 + e), e / (1 + e)) * z",
    "p = np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))); p * p",
    "out = np.empty_like(x); pos = x >= 0; out[pos] = 1 / (1 + np.exp(-x[pos])); e = np.exp(x[~pos]); "
    "out[~pos] = e / (1 + e); out",
    "out = np.zeros(x.shape); neg = x < 0; e = np.exp(x[neg]); out[neg] = e / (1 + e); "
    "out[~neg] = 1 / (1 + np.exp(-x[~neg])); out * z",
    "out = np.zeros_like(x); pos = x > 0; out[pos] = x[pos] + np.log1p(np.exp(-x[pos])); "
    "out[~pos] = np.log1p(np.exp(x[~pos])); out",
    "np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))", "np.exp(-np.logaddexp(0, -x))",
    "0.5 * (1 + np.tanh(0.5 * x))", "0.5 * (np.tanh(x / 2) + 1)"]
NUMBERS = [
    "max(x, 0) + math.log1p(math.exp(-abs(x)))", "max(0.0, x) - x * z + math.log1p(math.exp(-abs(x)))",
    "1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))",
    "x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))",
    "min(x, 0) - math.log(1 + math.exp(-abs(x)))", "np.logaddexp(0, x)",
    "np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))"]
SPELLINGS = [s.format(k=k, l=LOGS[i % len(LOGS)])
             for i, (k, s) in enumerate(zip(KINKS, itertools.cycle(SUMS)))] \
    + [s.format(k=KINKS[3 * i % len(KINKS)], l=log)
       for i, (log, s) in enumerate(zip(itertools.cycle(LOGS), SUMS))] + OTHERS


def made(text):
    *lines, last = text.split("; ")
    return function("def f(x, z, w):\n    " + "".join(line + "\n    " for line in lines)
                    + f"return np.sum(({last}) * w)")


def numeric(f, x, z=Z, w=W):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return numeric_gradient(f, (x, z, w), "x")


def assert_smooth(text, x, z, w):
    """First and second derivatives are those of the function.

    Nothing overflows that does not in the function.
    """
    f = made(text)
    df = revad.grad(f, wrt="x")
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        f(x, z, w)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if given else "error")
        gradient = df(x, z, w)
        np.testing.assert_allclose(gradient, numeric(f, x, z, w), 1e-6, 1e-7, err_msg=df.source)
        split = revad.grad(df, wrt="x")
        value, cache = split.forward(x, z, w)
        second = split.backward(w if np.ndim(x) else 1.0, cache)
        np.testing.assert_allclose(second, numeric(lambda x, z, w: np.sum(df(x, z, w) * w), x, z, w) / (1 if np.ndim(x) else w), 1e-5, 1e-6,
                                   err_msg=df.source + split.backward.source)
    return gradient


@pytest.mark.parametrize("text", SPELLINGS)
def test_arrays(text):
    gradient = assert_smooth(text, X, Z, W)
    with np.errstate(all="ignore"):
        narrow = revad.grad(made(text), wrt="x")(*(a.astype(np.float32) for a in (X[1:-1], Z[1:-1], W[1:-1])))
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, gradient[1:-1], 2e-6, 2e-6)


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text):
    for x in (-30.0, 0.0, 0.7, 30.0) if "np." in text else (-700.0, -3.0, 0.0, 0.7, 700.0):
        assert_smooth(text, x, 0.3, 1.2)


NEAR = ["np.maximum(x, 0) - np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(x, 0) + 2 * np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(x, 0) + np.log1p(np.exp(np.abs(-x)))",
        "2 * np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(x, 0.5) + np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(z, 0) + np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(x, 0) + np.log1p(np.exp(-np.abs(2 * x)))",
        "np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x[::-1])))",
        "np.minimum(x, 0) + np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(x[:1], 0) + np.log1p(np.exp(-np.abs(x)))",
        "np.maximum(x[:, None], 0) + np.log1p(np.exp(-np.abs(x)))",
        "m = np.maximum(x, 0); m * z + m + np.log1p(np.exp(-np.abs(x)))",
        "l = np.log1p(np.exp(-np.abs(x))); np.maximum(x, 0) + l + l * l",
        "np.maximum(x, z) + np.log1p(np.exp(-np.abs(x + z)))",
        "np.maximum(x, z) + np.log1p(np.exp(-np.abs(x)))",
        "np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(-x)))",
        "np.where(x > 0, 1 / (1 + np.exp(x)), np.exp(x) / (1 + np.exp(x)))",
        "np.where(x > 0.1, 1 / (1 + np.exp(-abs(x))), np.exp(x) / (1 + np.exp(x)))",
        "np.where(z > 0.5, 1 / (1 + np.exp(-abs(x))), np.exp(x) / (1 + np.exp(x)))",
        "np.where(x[:, None] > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
        "e = np.exp(-np.abs(x)); np.where(x > 0, 1, e) / (2 + e)",
        "e = np.exp(-np.abs(x)); np.where(x > 0.2, 1, e) / (1 + e)",
        "e = np.exp(-np.abs(x)); np.where(x > 0, 2, e) / (1 + e)",
        "e = np.exp(-np.abs(x)); np.where(x > 0, 1, e * e) / (1 + e)",
        "e = np.exp(-np.abs(x)); np.where(z > 0.5, 1, e) / (1 + e)",
        "np.where(x > 0, x + np.log1p(np.exp(x)), np.log1p(np.exp(x)))",
        "np.where(x > 0, 2 * x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))",
        "np.where(x > 0, x - np.log1p(np.exp(-x)), np.log1p(np.exp(x)))",
        "np.where(x > 0, z + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))", "np.exp(x) / (1 + np.exp(2 * x))",
        "np.where(x > 0, 2 * np.log1p(np.exp(x)), 2 * np.log1p(np.exp(x)))",
        "np.where(x > 0, 1 + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))"]


@pytest.mark.parametrize("text", NEAR)
def test_near_misses(text):
    assert_smooth(text, np.array([-1.7, 0.4, 0.35, -0.6, 1.2, 2.2, 0.9]), Z + 0.01, W)
