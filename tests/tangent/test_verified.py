"""verify=True in forward mode: texts are compared with differences, and wrong rules are found."""
import warnings

import numpy as np
import pytest
from from_text import function

import revad
from revad.runtime.verification.verify import counts

X = np.array([0.5, -0.3, 0.8])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


def decay(p, t):
    return p[0] * np.exp(-p[1] * t)


@pytest.mark.parametrize("call", [
    lambda: revad.jvp(lambda x, k: np.sin(x * k), verify=True)(X, 2.0, tangents=(X, 1.0)),
    lambda: revad.jvp(lambda x: np.maximum(x, 0), verify=True)(np.zeros(3), tangents=X),
    lambda: revad.hvp(rosenbrock, verify=True)(X, X), lambda: revad.hessian(rosenbrock, verify=True)(X),
    lambda: revad.jacobian(decay, wrt="p", verify=True)(X[:2] + 1, np.linspace(0.0, 1.0, 5)),
    lambda: revad.jacobian(lambda W, x: np.tanh(W @ x), verify=True)(np.full((2, 3), 0.3), X),
    lambda: revad.jacobian(lambda x: np.sum(np.sin(x)), verify=True)(X),
    lambda: revad.jacobian(lambda x: np.sin(x) * x[0], verify=True)(X.astype(np.float32)),
    lambda: revad.hessian(lambda x, y: x**2 * y, verify=True)(3.0, 2.0),
    lambda: revad.hessian(lambda p: np.sum(p["w"]**3) * p["b"], verify=True)({"w": X, "b": 2.0})])
def test_texts_are_compared(call):
    before = dict(counts)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call()
    assert counts["verified"] > before["verified"] and counts["skipped"] == before["skipped"]


@pytest.mark.parametrize("derive", [
    lambda f: revad.jvp(lambda x: f(x), verify=True)(X, tangents=X),
    lambda f: revad.jacobian(lambda x: f(x) * x[0], verify=True)(X),
    lambda f: revad.hvp(lambda x: np.sum(f(x) * x), verify=True)(X, X),
    lambda f: revad.hessian(lambda x: np.sum(f(x) * x), verify=True)(X)])
def test_a_wrong_rule_is_found(derive):
    square = function("def square(x):\n    return x * x")
    revad.elementwise(square)(lambda y, x: 3 * x)
    with pytest.raises(revad.VerificationError):
        derive(square)


def test_a_wrong_tangent_is_found():
    double = function("def double(x):\n    return 2 * np.flip(x)")

    @revad.adjoint(double, tangent=lambda y, dx, x: 3 * np.flip(dx))
    def rule(y, dy, x):
        return 2 * np.flip(dy)
    with pytest.raises(revad.VerificationError):
        revad.jvp(lambda x: double(x), verify=True)(X, tangents=X)
    revad.grad(lambda x: np.sum(double(x)), verify=True)(X)
