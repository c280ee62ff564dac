"""Jacobians and pullbacks inside functions, by several parameters and of structures."""
import numpy as np
import pytest
from differences import assert_gradient

import revad
from revad import grad, hessian, jacobian, vjp

X, Y = np.array([0.5, -0.3, 0.8]), np.array([0.2, 0.7, -0.4])
A = np.array([[0.3, -0.2, 0.5], [1.0, 0.4, -0.6]])
by_both = jacobian(lambda a, b: np.sin(a * b[0]) * b)
with_default = vjp(lambda y, k=3.0: y**3 * k)
layer = grad(lambda x, W: (np.tanh(W @ x), {"decay": np.sum(W**2), "name": "layer"}))


def by_two_vectors(x, y):
    by_x, by_y = by_both(x, y)
    return np.sum(by_x * A[:1].T) + np.sum(by_y**2)


def by_a_number_too(x, k):
    by_x, by_k = jacobian(lambda a, b: np.sin(a * b), wrt=("a", "b"))(x, k)
    return np.sum(by_x**2) + np.sum(by_k * x)


def by_a_dict(p):
    J = jacobian(lambda q: np.tanh(q["w"] * q["b"]))(p)
    return np.sum(J["w"]**2) + np.sum(J["b"] * p["w"])


def by_a_matrix(w):
    return np.sum(jacobian(lambda v: np.tanh(v * v[0]))(w)**2)


def of_a_dict(x):
    J = jacobian(lambda v: {"s": np.sin(v) * v[1], "t": (v[0]**2,)})(x)
    return np.sum(J["s"]**2) + np.sum(J["t"][0] * x)


def hessian_by_two(x, y):
    H = hessian(lambda a, b: np.sum(a**2 * b) * b[0])(x, y)
    return np.sum(H[0][1]**2) + np.sum(H[1][1]) + np.sum(H[0][0] * H[1][0])


def hessian_by_a_dict(p):
    H = hessian(lambda q: np.sum(q["w"]**3 * q["b"]**2))(p)
    return np.sum(H["w"]["b"]**2) + H["b"]["b"]


def column_by_column(x):
    """Of a matrix, which is no text for all columns at once."""
    J = jacobian(lambda y: jacobian(lambda z: np.outer(z, z) * x[0])(y))(x[:2] * x[1:])
    return np.sum(J[0, 1] * A[0, 0] + J[1, 0]**2) * J[0, 0, 1, 1]


def pulled_dict(x):
    value, pull = vjp(lambda y: {"a": y**2, "b": y[0]})(x)
    return np.sum(pull({"a": x, "b": 2.0}) * value["a"]) + np.sum(pull({"a": None, "b": x[1]}))


def pulled_list(x):
    value, pull = vjp(lambda y: [y * k for k in range(3)])(x)
    return np.sum(pull([x, x, value[1]]) * x)


def pulled_with_default(x):
    value, pull = with_default(x, k=2.0)
    other, pull_other = with_default(x)
    return np.sum(pull(value) * pull_other(other))


def passes_of_a_layer(x, W):
    (h, r), cache = layer.forward(x, W)
    dx, dW = layer.backward((h * 2.0, {"decay": r["decay"], "name": None}), cache)
    return np.sum(dx**2) + np.sum(dW * W)


@pytest.mark.parametrize("f, args", [
    (by_two_vectors, (X, Y)), (by_a_number_too, (X, 2.0)), (by_a_dict, ({"w": X, "b": 2.0},)),
    (by_a_matrix, (A,)),
    (of_a_dict, (X,)), (hessian_by_two, (X, Y)), (hessian_by_a_dict, ({"w": X, "b": 2.0},)),
    (column_by_column, (X,)),
    (pulled_dict, (X,)), (pulled_list, (X,)), (pulled_with_default, (X,)), (passes_of_a_layer, (X, A))])
def test_blocks_inside(f, args):
    assert_gradient(f, args)


def test_blocks_have_the_shapes_and_precision_of_those_outside():
    outer = jacobian(lambda a, b: (a * b[0], np.sum(a)))

    def f(a, b):
        J = outer(a, b)
        return np.sum(J[0][0]) + np.sum(J[1][0]), J
    a, b = X.astype(np.float32), Y.astype(np.float32)
    _, inside = revad.grad(f, has_aux=True)(a, b)
    for row, other in zip(inside, outer(a, b)):
        for block, same in zip(row, other):
            assert block.shape == same.shape and block.dtype == same.dtype
            np.testing.assert_allclose(block, same, rtol=1e-6)


def test_a_cotangent_of_another_length_raises():
    def f(x, y):
        _, pull = vjp(lambda z: z * x)(x)
        return np.sum(pull(y[y > 0]))
    with pytest.raises((ValueError, revad.RevadError)):
        grad(f)(X, np.array([1.0, -1.0, -1.0]))
