"""Quotients by functions that grow as exp does, and logarithms of them: finite where the derivative is, right elsewhere."""
import numpy as np
import pytest
from from_text import assert_right, assert_second, function, lines

from revad import grad

GROWING = ["np.exp(x)", "np.exp(-2 * x)", "np.exp2(x)", "2.0**x", "np.cosh(x)", "np.sinh(x)",
           "(1 + np.exp(x))", "(np.exp(-x) + 1)"]
QUOTIENTS = ["1 / G", "3 / G", "1 / G**2", "1 / G**2.5", "G**-1", "G**-2.0", "np.reciprocal(G)",
             "1 - 1 / G", "x / G", "x * x / G**2", "np.sin(x) / G", "1 / np.power(G, 2)"]
LOGS = ["np.log(np.cosh(x))", "np.log(np.exp(x))", "np.log(np.sinh(x))", "np.log(np.cosh(3 * x)) * x"]
X = np.array([0.3, 1.2, 2.5])


def of(quotient, growing):
    return function(f"def f(x):\n    return np.sum(({quotient.replace('G', growing)}) * np.array([0.5, "
                    "1.5, 0.7]))")


@pytest.mark.parametrize("quotient", QUOTIENTS)
@pytest.mark.parametrize("growing", GROWING)
def test_quotients(quotient, growing):
    f = of(quotient, growing)
    assert_right(f, X)
    assert_second(f, X)


@pytest.mark.parametrize("text", LOGS)
def test_logarithms(text):
    f = function(f"def f(x):\n    return np.sum({text} * np.array([0.5, 1.5, 0.7]))")
    assert_right(f, X)
    assert_second(f, X)


@pytest.mark.parametrize("number", [np.float64, lambda x: np.array([x])])
@pytest.mark.parametrize("quotient", [quotient for quotient in QUOTIENTS if "sin" not in quotient])
@pytest.mark.parametrize("growing", GROWING)
def test_far_out_the_gradient_is_a_number_where_the_quotient_is(quotient, growing, number):
    """There the quotient is constant, or falls as its numerator does."""
    f = function(f"def f(x):\n    return np.sum({quotient.replace('G', growing)})")
    with np.errstate(all="ignore"):
        for x in (2000.0, -2000.0):
            values = [float(f(number(x + step))) for step in (-1, 0, 1)]
            if np.all(np.isfinite(values)):
                np.testing.assert_allclose(grad(f)(number(x)), (values[2] - values[0]) / 2, rtol=1e-2)


@pytest.mark.parametrize("x, slope", [(800.0, 1.0), (-800.0, -1.0), (0.0, 0.0)])
def test_logarithm_of_cosh_far_out(x, slope):
    with np.errstate(all="ignore"):
        assert grad(lambda x: np.log(np.cosh(x)))(x) == slope


def test_the_slope_of_a_quotient_reads_the_quotient():
    assert lines("def f(x):\n    return 1 / np.cosh(x)",
                 0.5) == ["dx = -1 / np.cosh(x) * np.tanh(x)", "return dx"]
    assert lines("def f(x):\n    return np.log(np.cosh(x))", 0.5) == ["dx = np.tanh(x)", "return dx"]


def test_several_operands_and_shapes():
    f = function("def f(x, y, w):\n    return np.sum(y / np.cosh(x) + w / np.exp(x * y))")
    assert_right(f, X, X[:, None] + 0.1, 0.7)
    assert_second(f, X, X[:, None] + 0.1, 0.7)


def test_a_divisor_that_is_read_again():
    f = function("def f(x):\n    e = np.exp(x)\n    c = np.cosh(x)\n"
                 "    return np.sum(x / e + e * c + 1 / c**3 - np.log(c))")
    assert_right(f, X)
    assert_second(f, X)
