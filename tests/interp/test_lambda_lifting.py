"""Derivatives of functions inside, which read functions and gradients around them, and have defaults."""
import functools

import numpy as np
import pytest
from differences import assert_gradient

from revad import elementwise_grad, grad, hvp, jacobian, jvp, vjp

quick = pytest.mark.quick
X = np.array([0.5, -0.3, 0.8])
FACTOR = 2.0


def jvp_of_jvp(w, x):
    def u(x):
        return np.sum(np.tanh(w * x) * w)

    def u_x(x):
        return jvp(u)(x, tangents=1.0)[1]

    def u_xx(x):
        return jvp(u_x)(x, tangents=1.0)[1]
    return (u_xx(x) + u(x) * u_x(x))**2


def gradient_around(w, x):
    def u(x):
        return np.sum(np.tanh(w * x) * w)
    u_x = grad(u)

    def flux(x):
        return u_x(x) * u(x) * FACTOR
    return grad(flux)(x)**2


def two_meanings_of_a_name(w, x):
    """What `u` calls x is not what `v` calls x."""
    def u(y):
        return np.sum(np.tanh(w * x * y) * y)

    def v(x):
        return jvp(u)(x, tangents=1.0)[1]
    return jvp(v)(2.0 * x, tangents=1.0)[1]


def helper_inside(x):
    def act(z):
        return np.tanh(z) * x[0]

    def net(y):
        return np.sum(act(y) * y)
    return np.sum(grad(net)(x) * x) + np.sum(hvp(net)(x, vector=x))


def products_of_products(x):
    def f(y):
        return np.sum(y**4)

    def h(y):
        return np.sum(hvp(f)(y, vector=y))
    return np.sum(hvp(h)(x, x))


def recursive(x):
    def power(y, n):
        return y if n == 1 else y * power(y, n - 1)

    def f(y):
        return np.sum(power(y, 3)) * x[0]
    return np.sum(grad(f)(x) * x)


def default_around(x):
    c = x[0]

    def helper(y, k=c):
        return k * y**3

    def f(y, p=2.0, *, k=c):
        return np.sum(k * y**p + helper(y))
    return np.sum(grad(f)(x)**2) + np.sum(hvp(f)(x, x)) + np.sum(grad(f, wrt="k")(x, 3.0, k=x[1]))


def partials(x):
    def f(k, y):
        return np.sum(k * y**3)
    held = functools.partial(f, x[0])

    def g(y):
        return held(y) * y[0]
    return np.sum(grad(functools.partial(f, x[1]))(x)) + np.sum(grad(g)(x))


def names_in_comprehensions(x):
    return np.sum(grad(lambda y: sum([np.sum(x * y) for x in (y, y)]) * x[0])(x) * x)


def passes_of_inside(x):
    g = grad(lambda y, k=2.0: np.sin(y * k) * x)
    out, cache = g.forward(x)
    return np.sum(g.backward(out, cache) * x)


def column_by_column(x):
    def f(y):
        while np.sum(y**2) < 10:
            y = y * 2
        return y * x
    return np.sum(jacobian(f)(x)**2)


@pytest.mark.parametrize("f, args", [
    (jvp_of_jvp, (X, 0.3)), (gradient_around, (X, 0.3)), (two_meanings_of_a_name, (X, 0.3)),
    (helper_inside, (X,)), (products_of_products, (X,)), (recursive, (X,)), (default_around, (X,)),
    (partials, (X,)), (names_in_comprehensions, (X,)), (passes_of_inside, (X,)), (column_by_column, (X,)),
    (lambda x: np.sum(elementwise_grad(lambda y, k=2.0: k * y**2)(x)**2), (X,)),
    (lambda x: np.sum(vjp(lambda y, k=2.0: k * y**2)(x)[1](x)**2), (X,))])
def test_lifted_functions(f, args):
    assert_gradient(f, args)


@quick
def test_the_value_is_that_of_the_function():
    for f, args in ((jvp_of_jvp, (X, 0.3)), (two_meanings_of_a_name, (X, 0.3)), (default_around, (X,))):
        value, _ = jvp(f, wrt=0)(*args, tangents=X)
        np.testing.assert_allclose(value, f(*args))
