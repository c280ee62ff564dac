"""Two losses of a linear classifier. The data are given, so only W and b get gradients."""
import numpy as np

from revad import check_grad, grad, value_and_grad


def svm_loss(X, y, W, b, margin=1.0):
    """Each wrong class should score lower than the right one, by a margin."""
    scores = X @ W + b
    rows = np.arange(X.shape[0])
    correct = scores[rows, y]
    margins = np.maximum(scores - correct[:, None] + margin, 0)
    return np.sum(margins) / X.shape[0] - margin


def softmax_loss(X, y, W, b):
    """The cross-entropy of the right classes under the softmax of the scores."""
    scores = X @ W + b
    scores = scores - scores.max(axis=1, keepdims=True)
    exps = np.exp(scores)
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    return -np.mean(np.log(probabilities[np.arange(X.shape[0]), y]))


rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))
y = np.array([0, 1, 2, 2, 1, 0])
W = rng.normal(size=(4, 3))
b = np.zeros(3)

for loss in svm_loss, softmax_loss:
    check_grad(grad(loss, wrt=("W", "b")), X, y, W, b)

    # Follow the gradient downhill for a while, and the loss falls.
    step = value_and_grad(loss, wrt=("W", "b"))
    V, c = W.copy(), b.copy()
    for _ in range(100):
        value, (dV, dc) = step(X, y, V, c)
        V -= 0.1 * dV
        c -= 0.1 * dc
    assert loss(X, y, V, c) < 0.5 * loss(X, y, W, b)

    # Nothing is computed for the data.
    assert "dX" not in step.source
    print(step.source, end="\n\n")

# At the softmax, the gradient of the scores is as simple as the derivation on paper promises:
# the probabilities, less one at the right class.
dW, db = grad(softmax_loss, wrt=("W", "b"))(X, y, W, b)
dscores = np.exp(X @ W + b)
dscores /= dscores.sum(axis=1, keepdims=True)
dscores[np.arange(6), y] -= 1
np.testing.assert_allclose(dW, X.T @ dscores / 6, atol=1e-12)
np.testing.assert_allclose(db, dscores.sum(axis=0) / 6, atol=1e-12)
