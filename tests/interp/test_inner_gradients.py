"""Gradients inside functions: to any depth, made outside and inside, with closures; no directions are confused."""
import numpy as np
import pytest
from differences import assert_gradient

import revad
from revad import grad, hvp, jvp, value_and_grad

pytestmark = pytest.mark.quick

A = np.array


# ---- no perturbation confusion


def test_no_directions_are_confused():
    def f(x):
        return x * grad(lambda y: x + y)(2.0)
    assert grad(f)(1.0) == 1.0 and jvp(f)(1.0, tangents=1.0) == (1.0, 1.0)

    def g(x):
        return x * grad(lambda y: x * y)(3.0)
    assert grad(g)(2.0) == 4.0 and jvp(g)(2.0, tangents=1.0)[1] == 4.0 and hvp(g)(2.0, vector=1.0) == 2.0

    def deep(x):
        return grad(lambda y: y * grad(lambda z: x * y * z**2)(y))(x)
    assert_gradient(deep, (1.3,))


# ---- made outside


def energy(x, k):
    return k * np.sum(x**2) + np.sum(np.sin(x) * k)


force = grad(energy, wrt="x")
second = grad(force, wrt="x")
both = value_and_grad(energy, wrt=("x", "k"))


@value_and_grad(wrt="x", has_aux=True)
def with_aux(x, k):
    return k * np.sum(x**3), x * 2


X = A([0.3, -0.7, 1.1])


def test_a_gradient_made_outside():
    assert_gradient(lambda x, k: np.sum(force(x, k)**2), (X, 1.5))
    assert_gradient(lambda x, k: np.sum(force(x=x * x, k=k)) * k, (X, 1.5))
    assert_gradient(lambda x, k: force(np.sum(x), k) ** 2, (X, 1.5))


def test_a_second_derivative_made_outside():
    scalar = grad(grad(lambda x, k: k * x**4, wrt="x"), wrt="x")
    assert_gradient(lambda x, k: scalar(x, k) * x, (1.3, 0.7))


def test_value_and_gradients_and_aux():
    def f(x, k):
        value, (dx, dk) = both(x, k)
        return value * np.sum(dx) + dk
    assert_gradient(f, (X, 1.5))

    def g(x, k):
        (value, aux), dx = with_aux(x, k)
        return value + np.sum(aux * dx)
    assert_gradient(g, (X, 1.5))


def test_passed_on_and_kept():
    def applied(g, x, k):
        return np.sum(g(x, k)**2)
    expected = grad(lambda x, k: np.sum(force(x, k)**2))(X, 1.5)
    dx, dk = grad(applied, wrt=("x", "k"))(force, X, 1.5)
    np.testing.assert_allclose(dx, expected[0])
    assert dk == pytest.approx(expected[1])
    assert_gradient(lambda x, k: np.sum(TABLE["force"](x, k)**2), (X, 1.5))
    model = Model()
    np.testing.assert_allclose(grad(lambda x: model.total(x))(X), grad(lambda x: np.sum(force(x, 2.0)**2))(X))


TABLE = {"force": force}


class Model:
    def __init__(self):
        self.k = 2.0
        self.force = force

    def total(self, x):
        return np.sum(self.force(x, self.k)**2)


def test_the_global_that_a_gradient_reads_is_read_late():
    assert grad(lambda x: slope(x))(2.0) == 2 * FACTOR
    globals()["FACTOR"] = 5.0
    assert grad(lambda x: slope(x))(2.0) == 10.0


FACTOR = 3.0
slope = grad(lambda x: FACTOR * x**2)


def test_other_shapes_and_settings():
    def powers(x, n, mode="sum"):
        total = 0.0
        for i in range(n):
            total = total + np.sum(x**(i + 1))
        return total if mode == "sum" else total / x.size
    dpowers = grad(powers, wrt="x")
    outer = grad(lambda x, n: np.sum(dpowers(x, n)**2) + np.sum(dpowers(x, n, mode="mean")), wrt="x")
    for x, n in ((X, 2), (X, 3), (np.ones((2, 1)), 3), (np.ones(5), 1)):
        value = outer(x, n)
        assert value.shape == x.shape
        assert_gradient(lambda x, n: np.sum(dpowers(x, n)**2) + np.sum(dpowers(x, n, mode="mean")), (x, n), "x")


# ---- made inside


def net(p, x, t):
    return np.sum(p["w2"] * np.tanh(p["w1"] * x + p["b"] * t))


P = {"w1": A([1.0, 2.0, -0.5]), "w2": A([0.3, 0.2, 0.1]), "b": A([0.1, 0.2, 0.3])}


def test_a_physics_informed_network():
    def loss(p, xs):
        def u(x, t):
            return net(p, x, t)
        u_t, u_x = grad(u, wrt="t"), grad(u, wrt="x")
        u_xx = grad(u_x)
        total = 0.0
        for x in xs:
            total += (u_t(x, 0.5) + u(x, 0.5) * u_x(x, 0.5) - 0.1 * u_xx(x, 0.5))**2
        return total
    args = P, np.linspace(0, 1, 3)
    assert_gradient(loss, args, "p")
    _, tangent = jvp(loss, wrt="p")(*args, tangents=P)
    assert tangent == pytest.approx(sum(np.sum(P[k] * v) for k, v in grad(loss, wrt="p")(*args).items()))


def squares(w, X, y):
    return np.mean((X @ w - y)**2)


def test_steps_of_gradient_descent():
    rng = np.random.default_rng(0)
    data = rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)

    def maml(w, X, y, rate=0.1):
        for _ in range(3):
            w = w - rate * grad(squares, wrt="w")(w, X, y)
        value, g = value_and_grad(squares, wrt=0)(w, X, y)
        return value + np.sum(g**2)
    assert_gradient(maml, data)


def test_hamiltonian_mechanics():
    def run(q, p, mass):
        def hamiltonian(q, p):
            return np.sum(p**2) / (2 * mass) + np.sum(np.cos(q))
        for _ in range(4):
            p = p - 0.1 * grad(hamiltonian, wrt="q")(q, p)
            q = q + 0.1 * grad(hamiltonian, wrt="p")(q, p)
        return np.sum(q * p)
    assert_gradient(run, (A([0.3, 0.5]), A([1.0, -0.2]), 1.7))


def test_newton_s_method():
    def root(a, x):
        for _ in range(4):
            def g(x):
                return x**3 - a * x - 1
            x = x - g(x) / grad(g)(x)
        return x
    assert_gradient(root, (0.7, 1.5))


def test_what_is_around_is_read_late_and_names_are_apart():
    def f(x):
        k = x
        g = grad(lambda y: k * y**2 + X[0])
        k = x * x
        x = x + 1
        return g(x) * x
    assert_gradient(f, (1.3,))

    def shadows(x, y):
        def inner(y):
            x = y * 2
            return x * x
        return grad(inner)(y) * x
    assert_gradient(shadows, (1.3, 0.4))


def test_in_branches_and_in_other_functions():
    def helper(x, k):
        return grad(lambda y: k * y**3)(x) if k > 0 else grad(lambda y: -k * y)(x)

    def f(x, k):
        return helper(x, k) + helper(x, -k) * np.sum([grad(energy, wrt="k")(x * i, k) for i in range(2)])
    assert_gradient(f, (1.3, 0.4))


# ---- refused

class Scaled:
    def __init__(self, k):
        self.k = k

    def times(self, x):
        return self.k * x


@pytest.mark.parametrize("f, args", [
    (lambda x: grad(lambda *y: y[0] * x, wrt=0)(x), (1.3,)), (lambda x: grad(Scaled(2.0).times)(x), (1.3,))])
def test_what_cannot_be_lifted_is_refused(f, args):
    with pytest.raises(revad.UnsupportedError, match="call of a gradient"):
        grad(f)(*args)


def test_a_gradient_is_called_as_its_function_is():
    with pytest.raises(TypeError):
        grad(lambda x: force(x))(X)
