"""Kinks: where a function has no derivative, the gradient follows one convention, written down here.

Two equal values: the gradient goes to the first. The relu forms give 0 at 0, `abs` gives 0 at 0, a
reduction shares a tie equally, a norm and a standard deviation give 0 where all is equal. Nothing here is
nan where the limit is finite.
"""

import math
import re
import warnings

import numpy as np
import pytest
from from_text import function
from test_gates import Row

import revad
from revad import grad
from revad.reference import KINKS

pytestmark = pytest.mark.quick

TABLE = [
    # text, arguments, gradient on the first argument, on the second ...
    ("max(x, y)", (2.0, 2.0), (1.0, 0.0)),
    ("min(x, y)", (2.0, 2.0), (1.0, 0.0)),
    ("max(x, y, z)", (1.0, 2.0, 2.0), (0.0, 1.0, 0.0)),
    ("min(x, y, z)", (2.0, 2.0, 2.0), (1.0, 0.0, 0.0)),
    ("max(x, 0)", (0.0,), (0.0,)),
    ("max(0, x)", (0.0,), (0.0,)),
    ("max(x, 0)", (1.0,), (1.0,)),
    ("max(0.0, x)", (-1.0,), (0.0,)),
    ("min(x, 0)", (0.0,), (0.0,)),
    ("np.maximum(x, y)", (2.0, 2.0), (1.0, 0.0)),
    ("np.minimum(x, y)", (2.0, 2.0), (1.0, 0.0)),
    ("np.fmax(x, y) + np.fmin(x, y)", (2.0, 2.0), (2.0, 0.0)),
    ("np.maximum(x, 0)", (0.0,), (0.0,)),
    ("np.maximum(0, x)", (0.0,), (0.0,)),
    ("np.maximum(0.0, x).sum()", (np.array([-1.0, 0.0, 2.0]),), ([0.0, 0.0, 1.0],)),
    ("np.maximum(x, 0.0).sum()", (np.array([-1.0, 0.0, 2.0]),), ([0.0, 0.0, 1.0],)),
    ("np.where(x > 0, x, 0).sum()", (np.array([-1.0, 0.0, 2.0]),), ([0.0, 0.0, 1.0],)),
    ("np.sum(x * (x > 0))", (np.array([-1.0, 0.0, 2.0]),), ([0.0, 0.0, 1.0],)),
    ("np.maximum(x, y).sum()", (np.array([1.0, 2.0]), np.array([1.0, 3.0])), ([1.0, 0.0], [0.0, 1.0])),
    ("np.maximum(x, x)", (2.0,), (1.0,)),
    ("abs(x)", (0.0,), (0.0,)),
    ("np.abs(x).sum()", (np.array([-1.0, 0.0, 2.0]),), ([-1.0, 0.0, 1.0],)),
    ("math.fabs(x)", (0.0,), (0.0,)),
    ("np.max(x)", (np.array([1.0, 3.0, 3.0]),), ([0.0, 0.5, 0.5],)),
    ("x.max()", (np.array([[3.0, 3.0], [3.0, 3.0]]),), ([[0.25, 0.25], [0.25, 0.25]],)),
    ("np.max(x, axis=0).sum()", (np.array([[1.0, 2.0], [1.0, 0.0]]),), ([[0.5, 1.0], [0.5, 0.0]],)),
    ("np.min(x, axis=1, keepdims=True).sum()", (np.array([[1.0, 1.0], [1.0, 0.0]]),),
     ([[0.5, 0.5], [0.0, 1.0]],)),
    ("np.ptp(x)", (np.array([1.0, 1.0]),), ([0.0, 0.0],)),
    ("np.max(x, initial=3.0)", (np.array([1.0, 2.0]),), ([0.0, 0.0],)),
    ("max(x)", (np.array([1.0, 3.0, 3.0]),), ([0.0, 1.0, 0.0],)),
    ("max(x)", ([1.0, 3.0, 3.0],), ([0.0, 1.0, 0.0],)),
    ("np.clip(x, 0, 1).sum()", (np.array([-1.0, 0.0, 0.5, 1.0, 2.0]),), ([0.0, 1.0, 1.0, 1.0, 0.0],)),
    ("np.clip(x, y, z)", (0.5, 0.5, 0.5), (1.0, 0.0, 0.0)),
    ("np.median(x)", (np.array([1.0, 1.0, 5.0]),), ([0.0, 1.0, 0.0],)),
    ("np.sort(x)[0]", (np.array([1.0, 1.0]),), ([1.0, 0.0],)),
    # zeros
    ("np.linalg.norm(x)", (np.zeros(2),), ([0.0, 0.0],)),
    ("np.hypot(x, y)", (0.0, 0.0), (0.0, 0.0)),
    ("np.hypot(x, y).sum()", (np.array([0.0, 3.0]), np.array([0.0, 4.0])), ([0.0, 0.6], [0.0, 0.8])),
    ("math.hypot(x, y)", (0.0, 0.0), (0.0, 0.0)),
    ("np.sum(x**2)**0.5", (np.zeros(2),), ([0.0, 0.0],)),
    ("np.sqrt(x @ x)", (np.zeros(2),), ([0.0, 0.0],)),
    ("np.sqrt(x**2 + y**2)", (0.0, 0.0), (0.0, 0.0)),
    ("math.sqrt(x * x + y**2)", (0.0, 0.0), (0.0, 0.0)),
    ("math.sqrt(x * x + y**2)", (3.0, 4.0), (0.6, 0.8)),
    ("np.sqrt(np.sum(x * x, axis=1)).sum()", (np.array([[0.0, 0.0], [3.0, 4.0]]),),
     ([[0.0, 0.0], [0.6, 0.8]],)),
    ("np.sqrt(np.dot(x[0], x[0]))", (np.zeros((1, 2)),), ([[0.0, 0.0]],)),
    ("np.linalg.norm(x, axis=1).sum()", (np.array([[0.0, 0.0], [3.0, 4.0]]),), ([[0.0, 0.0], [0.6, 0.8]],)),
    ("np.linalg.norm(x, 3)", (np.zeros(2),), ([0.0, 0.0],)),
    ("np.linalg.norm(x, 1)", (np.array([0.0, -2.0]),), ([0.0, -1.0],)),
    ("np.linalg.norm(x - x)", (np.array([1.0, 2.0]),), ([0.0, 0.0],)),
    ("np.std(x)", (np.ones(3),), ([0.0, 0.0, 0.0],)),
    ("np.var(x)", (np.ones(3),), ([0.0, 0.0, 0.0],)),
    ("np.prod(x)", (np.array([2.0, 0.0, 3.0]),), ([0.0, 6.0, 0.0],)),
    ("np.prod(x)", (np.array([2.0, 0.0, 0.0]),), ([0.0, 0.0, 0.0],)),
    ("np.cumprod(x).sum()", (np.array([2.0, 0.0, 3.0]),), ([1.0, 8.0, 0.0],)),
    ("math.prod([x, y])", (0.0, 3.0), (3.0, 0.0)),
    ("x**0", (0.0,), (0.0,)),
    ("np.sum(x**0)", (np.array([0.0, 2.0]),), ([0.0, 0.0],)),
    ("x**1", (0.0,), (1.0,)),
    ("x**2", (0.0,), (0.0,)),
    ("np.sum(x**2)", (np.array([0.0, 1.0]),), ([0.0, 2.0],)),
    ("x**y", (0.0, 2.0), (0.0, 0.0)),
    ("np.sum(x**y)", (np.array([0.0, 1.0]), 2.0), ([0.0, 2.0], 0.0)),
    ("0**x", (2.0,), (0.0,)),
    ("np.power(x, 2)", (0.0,), (0.0,)),
    ("np.power(x, 3).sum()", (np.array([0.0, -1.0]),), ([0.0, 3.0],)),
    ("np.sinc(x)", (0.0,), (0.0,)),
    ("np.logaddexp(x, y)", (1000.0, 0.0), (1.0, 0.0)),
    ("np.logaddexp(x, y)", (-1000.0, -1000.0), (0.5, 0.5)),
    ("np.logaddexp(x, y)", (np.inf, 0.0), (1.0, 0.0)),
    ("np.logaddexp(x, y)", (0.0, np.inf), (0.0, 1.0)),
    ("np.logaddexp(x, y)", (0.0, -np.inf), (1.0, 0.0)),
    ("np.logaddexp(x, 0)", (np.inf,), (1.0,)),
    ("np.logaddexp2(x, y)", (np.inf, 0.0), (1.0, 0.0)),
    ("np.sign(x) * x + np.floor(x) + np.ceil(x)", (2.0,), (1.0,)),
    ("x % y", (4.0, 2.0), (1.0, -2.0)),
    ("-x % y", (3.0, 2.0), (-1.0, 2.0)),
    ("np.sqrt(x)", (4.0,), (0.25,)),
    # what overflows in the result has a finite gradient
    ("1 / (1 + np.exp(-x))", (-1000.0,), (0.0,)),
    ("1 / (1 + np.exp(-x))", (1000.0,), (0.0,)),
    ("np.tanh(x)", (1000.0,), (0.0,)),
    ("np.log(1 + np.exp(x))", (1000.0,), (1.0,)),
    ("np.log1p(np.exp(x))", (-1000.0,), (0.0,)),
    ("np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0).sum()", (np.array([0.0, 4.0]),), ([0.0, 0.25],)),
    # the side that is not taken
    ("np.where(x > 0, np.sqrt(x), 0).sum()", (np.array([-1.0, 0.0, 4.0]),), ([0.0, 0.0, 0.25],)),
    ("np.sqrt(x)[x > 0].sum()", (np.array([-1.0, 0.0, 4.0]),), ([0.0, 0.0, 0.25],)),
    ("np.log(x)[1:].sum()", (np.array([0.0, 4.0]),), ([0.0, 0.25],)),
    ("np.sqrt(np.maximum(x, 0)).sum()", (np.array([-1.0, 0.0, 4.0]),), ([0.0, 0.0, 0.25],)),
    ("np.sum(np.clip(x, 0, 1)**0.4)", (np.array([-1.0, 1.0, 4.0]),), ([0.0, 0.4, 0.0],)),
    ("math.acos(min(x, 1.0))", (1.5,), (0.0,)),
    ("np.where(x == 0, 1.0, np.sin(x) / x)", (0.0,), (0.0,)),
    ("np.where(x > 0, x, np.exp(x) - 1).sum()", (np.array([0.0, 800.0]),), ([1.0, 1.0],)),
    ("np.where(np.isnan(x), 0, x * y).sum()", (np.array([np.nan, 2.0]), 3.0), ([0.0, 3.0], 2.0)),
    ("np.sqrt(np.abs(x)).sum()", (np.array([0.0, -4.0]),), ([0.0, -0.25],)),
    ("np.std(x)", (np.array([1.0, 1.0]),), ([0.0, 0.0],)),
    ("np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))", (0.0,), (0.5,)),
    ("np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y)))", (2.0, 2.0), (0.5, 0.5)),
    ("np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))).sum()",
     (np.array([-800.0, 0.0, 800.0]),), ([0.0, 0.25, 0.0],)),
    ("np.sqrt(x).sum()", (np.array([0.0]),), ([np.inf],)),
    ("np.log(x).sum()", (np.array([0.0]),), ([np.inf],)),
    ("(1 / x).sum()", (np.array([0.0]),), ([-np.inf],)),
    ("np.sum(x / 0)", (np.array([1.0, -1.0]),), ([np.inf, np.inf],)),
    ("np.sign(x).sum() + np.floor(x).sum() + np.sum(x > 0) + np.argmax(x) + x @ x", (np.array([0.5, 0.0]),),
     ([1.0, 0.0],)),
    ("min(x)", ([1.0, 1.0, 3.0],), ([1.0, 0.0, 0.0],)),
    ("np.min(x)", (np.array([1.0, 1.0, 3.0]),), ([0.5, 0.5, 0.0],)),
]


@pytest.mark.parametrize("text, args, expected",
                         [pytest.param(*row, id=f"{row[0]} at {row[1]}") for row in TABLE])
def test_kink(text, args, expected):
    f = Row(text, **dict(zip("xyz", args))).function()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = revad.grad(f)(*args)
    found = found if len(args) > 1 else (found,)
    for one, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, want, rtol=1e-12, atol=1e-300)


def test_every_row_of_the_table_has_an_example():
    """The texts of the table in the docs stand in TABLE; `low` and `high` are numbers there."""
    texts = " ; ".join(text for text, _, _ in TABLE).replace("np.clip(x, y, z)",
                                                             "np.clip(x, low, high)").replace("(x / 0",
                                                                                              "(x / 0 ")
    for where, _ in KINKS:
        for text in re.split(r", (?![^()\[]*[)\]])", where):
            assert text in texts, f"no example of {text}"


@pytest.mark.parametrize("text, x", [("math.sqrt(x)", 0.0), ("math.log(x)", 0.0), ("1 / x", 0.0)])
def test_numbers_fail_as_the_function_does(text, x):
    """Where Python's own function raises, so does its gradient; it never invents a number."""
    f = Row(text, x=x).function()
    with pytest.raises((ZeroDivisionError, ValueError)):
        revad.grad(f)(x)
    assert math.isfinite(revad.grad(f)(1.0))


@pytest.mark.parametrize("name", ["fmax", "fmin"])
def test_where_one_is_nan_the_other_is_taken(name):
    f = function(f"def f(x, y): return np.sum(np.{name}(x, y) * np.array([1.0, 2.0, 3.0]))")
    dx, dy = revad.grad(f)(np.array([np.nan, 1.0, 2.0]), np.array([2.0, np.nan, 2.0]))
    np.testing.assert_array_equal((dx, dy), ([0.0, 2.0, 3.0], [1.0, 0.0, 0.0]))


# ---- divisions by a number of Python's that is 0

ZERO_DIVISORS = (
    ("np.sum(x * x) / k", np.inf), ("np.sum(x) / k", np.inf), ("x[0] / k + x[1]", np.inf),
    ("np.mean(x) / (k + 0)", np.inf), ("np.sum(x / k)", np.inf),
    ("np.sum(x) / (x.shape[0] - 2)", np.inf), ("np.max(x) / (len(x) - 2)", np.inf),
    ("np.sum(x) / 2 + k", 0.5))


@pytest.mark.parametrize("k", (0, 0.0))
@pytest.mark.parametrize("text, first", ZERO_DIVISORS)
def test_a_number_of_numpy_is_divided_by_zero_as_numpy_does(text, first, k):
    f = function(f"def f(x, k):\n    return {text}")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for x in (np.array([1.0, 1.0]), np.array([1.5, 1.5])):
            assert grad(f, wrt="x")(x, k)[0] == first
        g = grad(f, wrt="x")
        assert np.isfinite(g(np.array([1.0, 3.0]), 4)).all() or "x.shape" in text or "len" in text


def test_a_mean_of_nothing_has_a_gradient_of_nothing():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in ("np.sum(x) / len(x)", "x.sum() / x.shape[0]", "x.sum() / x.size", "np.mean(x)"):
            assert grad(function(f"def f(x):\n    return {text}"))(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("text", ["1 / x", "1 / x + y", "y * (1 / x)", "1 / (x * y)", "1 / x**0.5",
                                  "1 / math.sqrt(x)", "np.sum(1 / x * np.ones(2))"])
@pytest.mark.parametrize("x", [5e-324, 1e-300, 1e-200, 1e-20, 1e200, 1e308])
def test_the_gradient_of_a_number_overflows_where_the_quotient_does_not(text, x):
    """It is infinite then, as that of an array is, or right if a factor cancels; Python's powers would raise."""
    f = function(f"def f(x, y):\n    return {text}")
    if np.isfinite(f(x, 0.7)):
        with np.errstate(all="ignore"):
            expected = grad(f)(np.array(x), np.array(0.7))
            for got in (grad(f)(x, 0.7), revad.value_and_grad(f)(x, 0.7)[1]):
                for number, infinite in zip(got, expected):
                    assert (number == infinite or np.isinf(infinite) and number < 0
                            or np.isclose(number, infinite, 1e-12))
