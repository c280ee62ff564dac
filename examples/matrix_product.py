"""The gradients of a matrix product, with `.dot` and with `@`."""
import numpy as np

from revad import grad


@grad
def dot(W, X):
    return W.dot(X)


@grad
def matmul(W, X):
    return W @ X


rng = np.random.default_rng(0)
W = rng.normal(size=(5, 10))
X = rng.normal(size=(10, 3))

for product in dot, matmul:
    D, cache = product.forward(W, X)
    dD = rng.normal(size=D.shape)  # suppose that the circuit above gave us this gradient
    dW, dX = product.backward(dD, cache)

    # Each gradient has the shape of its matrix, and there is one way of getting it.
    assert dW.shape == W.shape and dX.shape == X.shape
    np.testing.assert_allclose(dW, dD.dot(X.T))
    np.testing.assert_allclose(dX, W.T.dot(dD))
    print(product.backward.source, end="\n\n")
