"""The other derivatives than `grad`, and the two passes, called in functions that are differentiated."""
import numpy as np
import pytest
from differences import assert_gradient

import revad
from revad import elementwise_grad, grad, hessian, hvp, jacobian, jvp, stop_gradient, vjp

quick = pytest.mark.quick
X, Y = np.array([0.5, -0.3, 0.8]), np.array([0.2, 0.7, -0.4])
A = np.array([[0.3, -0.2, 0.5], [1.0, 0.4, -0.6]])


def cube(x):
    return np.sum(x**3)


def waves(x, k):
    return np.sin(x * k)


cubes = grad(lambda x, k: np.sum(k * x**3))
product, along, along_k = hvp(cube), jvp(waves), jvp(waves, wrt="k")
bends, slopes, pull = hessian(cube), jacobian(lambda x: np.tanh(x) * x[0]), vjp(waves)
each = elementwise_grad(lambda x: np.sin(x) * x)


def two_passes(x, k):
    out, cache = cubes.forward(x, k)
    return np.sum(cubes.backward(out, cache)[0] * x)


def pulled(x, k):
    y, back = pull(x, k)
    dx, dk = back(y * x)
    return np.sum(dx * y) + dk


def pulled_inside(x):
    y, back = vjp(lambda z: z * x * 2)(x)
    return np.sum(back(y) * y)


def kept(x):
    held = {"along": along, "product": product}
    return np.sum(held["product"](x, vector=x)) + np.sum(held["along"](x, 0.3, tangents=(x, 1.0))[1])


def passed(x):
    def applied(derivative, z):
        return derivative(z, vector=z)
    return np.sum(applied(product, x))


@pytest.mark.parametrize("f, args", [
    (lambda x, v: np.sum(product(x, v)**2), (X, Y)), (lambda x: np.sum(product(x, vector=x)), (X,)),
    (lambda x, k: np.sum(along(x, k, tangents=(x, k))[1] * x), (X, 0.7)),
    (lambda x, k: np.sum(along_k(x, k, tangents=k)[1]), (X, 0.7)),
    (lambda x: np.sum(x * jvp(lambda y: np.sum(x * y**2))(x, tangents=x)[1]), (X,)),
    (lambda p: np.sum(jvp(lambda q: q["w"] * q["b"])(p, tangents=p)[1]), ({"w": X, "b": 2.0},)),
    (lambda x: np.sum(slopes(x)**2), (X,)),
    (lambda x, A: np.sum(jacobian(lambda y: np.sin(A @ y))(x)**2), (X, A)),
    (lambda x: x * jacobian(lambda y: x * y**3)(x), (1.3,)),
    (lambda x: np.sum(bends(x) @ x), (X,)), (lambda x: x * hessian(lambda y: x * y**3)(x), (1.3,)),
    (lambda x, k: np.linalg.det(hessian(lambda y: np.sum(k * y**4) + k * y[0] * y[1])(x)), (X, 1.3)),
    (lambda x: np.sum(each(x)**2), (X,)),
    (lambda x: np.sum(elementwise_grad(lambda y: y * np.tanh(y) * x[0])(x)**2), (X,)),
    (pulled, (X, 0.7)), (pulled_inside, (X,)), (two_passes, (X, 0.7)), (kept, (X,)), (passed, (X,)),
    (lambda x: grad(lambda a: jvp(lambda b: grad(lambda c: a * b * c**2 * x)(b))(a, tangents=a)[1])(x),
     (1.2,))])
def test_derivatives_inside(f, args):
    assert_gradient(f, args)


@quick
def test_no_directions_are_confused():
    assert grad(lambda x: x * jvp(lambda y: x + y)(2.0, tangents=1.0)[1])(1.0) == 1.0
    assert jvp(lambda x: x * grad(lambda y: x + y)(2.0))(1.0, tangents=1.0) == (1.0, 1.0)
    assert jvp(lambda x: x * jvp(lambda y: x + y)(2.0, tangents=1.0)[1])(1.0, tangents=1.0) == (1.0, 1.0)
    assert grad(lambda x: x * hvp(lambda y: x * y**2)(2.0, vector=1.0))(1.0) == 4.0
    assert grad(lambda x: x * jacobian(lambda y: x * y)(2.0))(3.0) == 6.0


# ---- as they are used

def maml(w, inputs, targets):
    for _ in range(2):
        w = w - 0.1 * grad(lambda w: np.sum((inputs @ w - targets)**2), wrt="w")(w)
    return np.sum((inputs @ w - targets)**2)


def newton(a, x):
    def g(x):
        return np.array([x[0]**2 + x[1] - a, x[0] - x[1]**3])
    for _ in range(2):
        x = x - np.linalg.solve(jacobian(g)(x), g(x))
    return np.sum(x)


def laplace(t, x):
    """The logarithm of an integral, by the curvature at a point."""
    def energy(w):
        return np.sum((w - x)**4) * t + np.sum(w**2)
    return -energy(x / 2) - 0.5 * np.log(np.linalg.det(hessian(energy)(x / 2)))


def hamiltonian(q, p):
    def energy(z):
        return np.sum(z[3:]**2) / 2 + np.sum(np.cos(z[:3]))
    slope = grad(energy)(np.concatenate([q, p]))
    return np.sum(slope[3:] * q - slope[:3] * p)


def residuals_of_network(w, points):
    """The loss of a network u with u_xx + u = 0."""
    def u(x):
        return np.sum(np.tanh(w[0] * x + w[1]) * w[2])
    total = 0.0
    for x in points:
        total = total + (hessian(u)(x) + u(x))**2
    return total


@pytest.mark.parametrize("f, args", [
    (maml, (X, A, Y[:2])), (newton, (1.2, np.array([1.0, 1.0]))), (laplace, (1.2, X)), (hamiltonian, (X, Y)),
    (residuals_of_network, (np.stack([X, Y, X * Y]), np.array([0.1, 0.5])))])
def test_uses(f, args):
    assert_gradient(f, args)


def test_an_implicit_function():
    def root(a):
        def g(x):
            return x**2 - a
        x = stop_gradient(np.sqrt(a))
        return x - g(x) / stop_gradient(jacobian(g)(x))
    np.testing.assert_allclose(grad(root)(2.0), 0.5 / np.sqrt(2.0))


@pytest.mark.parametrize("f, args", [
    (lambda x: np.sum(along(x, 0.3, tangents=(x[:2], 1.0))[1]), (X,)),
    (lambda x: np.sum(vjp(lambda y: (y, y))(x)[1](x)), (X,)),
    (lambda x: np.sum(vjp(lambda y: y * 2)(x)[1](1.0)), (X,))])
def test_what_is_not_followed_is_refused(f, args):
    with pytest.raises(revad.UnsupportedError, match="call of a gradient"):
        grad(f)(*args)
