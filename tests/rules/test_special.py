"""The rules of scipy.special, where it is installed: each against finite differences of the call itself."""

import subprocess
import sys

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

pytestmark = pytest.mark.quick

special = pytest.importorskip("scipy.special")

ALL, POSITIVE, UNIT = (np.array([[-1.3, 0.4, 0.9], [1.7, -0.6, 0.2]]), np.array([0.3, 1.4, 2.6]),
                       np.array([0.15, 0.5, 0.8]))
DOMAINS = {
    "erf erfc erfcx dawsn ndtr log_ndtr expit log_expit exp10 exp2 expm1 j0 j1 i0 i1 i0e i1e": ALL,
    "gamma rgamma gammaln loggamma psi digamma log1p cbrt entr y0 y1 k0 k1 exp1 expi": POSITIVE,
    "erfinv erfcinv ndtri logit": UNIT,
}
ONE = [(name, x) for names, x in DOMAINS.items() for name in names.split()]
TWO = "beta betaln xlogy xlog1py rel_entr kl_div huber pseudo_huber".split()


def of_one(name):
    function = getattr(special, name)

    def f(x):
        return function(x) * x
    return f


@pytest.mark.parametrize("name, x", ONE)
def test_functions_of_one_argument(name, x):
    assert_gradient(of_one(name), (x,))
    assert_gradient(of_one(name), (float(x.flat[1]),))


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_arguments(name):
    function = getattr(special, name)

    def f(x, y):
        return function(x, y)
    assert_gradient(f, (POSITIVE, POSITIVE[::-1] * 0.7))
    assert_gradient(f, (0.8, POSITIVE))


@pytest.mark.parametrize("name", ("gammainc", "gammaincc", "jv", "iv", "kv", "ive", "polygamma"))
def test_functions_of_an_order(name):
    function = getattr(special, name)

    def f(x, order=2):
        return function(order, x)

    def both(order, x):
        return function(order, x)
    assert_gradient(f, (POSITIVE,))
    if name != "polygamma":
        with pytest.raises(revad.RevadError, match="no closed form"):
            revad.grad(lambda order, x: np.sum(both(order, x)))(2.0, POSITIVE)


@pytest.mark.parametrize("axis", (None, 0, 1, -1))
def test_sums_of_exponentials(axis):
    def f(x):
        return special.logsumexp(x, axis=axis), special.softmax(x, axis=axis), special.log_softmax(x, axis=axis)

    def kept(x):
        return x - special.logsumexp(x, axis=axis, keepdims=True)

    def weighted(x, b):
        return special.logsumexp(x, axis, b=b)
    assert_gradient(f, (ALL,))
    assert_gradient(kept, (ALL,))
    assert_gradient(weighted, (ALL, ALL**2 + 0.3))


def test_counts_are_settings():
    def f(x):
        return (np.prod(x) - special.factorial(len(x)))**2 + special.comb(3, 2) * x[0]
    assert_gradient(f, (POSITIVE,))


def test_where_the_first_argument_is_zero():
    def f(y):
        return np.sum(special.xlogy(np.array([0.0, 0.0, 2.0]), y))
    assert revad.grad(f)(np.array([0.0, 0.5, 0.5])).tolist() == [0.0, 0.0, 4.0]


def test_second_derivatives():
    def f(x):
        return special.gammaln(x) + special.ndtr(x) + special.i0(x)
    found, step = revad.grad(revad.grad(f))(1.3), 1e-5
    expected = (revad.grad(f)(1.3 + step) - revad.grad(f)(1.3 - step)) / (2 * step)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_the_text_calls_it_by_the_name_that_the_user_has():
    def f(x):
        return special.gammaln(x)
    gradient = revad.grad(f)
    gradient(2.0)
    assert gradient.source.endswith("dx = special.psi(x)\n    return dx")


def test_the_text_can_be_pasted():
    gradient = revad.grad(function("def f(x):\n    return logarithm(x)\n", logarithm=special.gammaln))
    expected, namespace = gradient(2.0), {}
    assert gradient.source.startswith("import scipy.special as special\n")
    exec(gradient.source, namespace)
    assert namespace["f_grad"](2.0) == expected


def test_scipy_is_not_imported_by_revad():
    text = "import sys, math, revad; from revad.types.registry import lookup; lookup(math.exp); sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0


@pytest.mark.parametrize("call", ["np.sum(sp.comb(x, 2))", "sp.comb(5.5, x[0])", "np.sum(sp.factorial(x))",
                                  "sp.factorial(x[0], exact=False)"])
def test_what_counts_has_no_gradient_of_real_numbers(call):
    with pytest.raises(revad.UnsupportedError, match="of real numbers"):
        revad.grad(function(f"def f(x): return {call}", sp=special))(np.array([2.3, 3.1]))


@pytest.mark.parametrize("call", ["sp.comb(4, 2)", "sp.comb(len(x), 1, exact=True)",
                                  "sp.factorial(np.array([1, 2]))"])
def test_what_counts_is_known(call):
    assert_gradient(function(f"def f(x): return np.sum(x * {call})", sp=special), (np.array([2.3, 3.1]),))
