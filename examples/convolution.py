"""A small convolutional network, its loops written plainly, learns to read handwritten digits."""
import numpy as np
from sklearn.datasets import load_digits

from revad import check_grad, value_and_grad


def convolve(x, w, b):
    """Filters w of shape (F, C, HH, WW) over images x of shape (N, C, H, W), one place at a time."""
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    out = np.zeros((N, F, H - HH + 1, W - WW + 1))
    for i in range(H - HH + 1):
        for j in range(W - WW + 1):
            window = x[:, :, i:i + HH, j:j + WW].reshape(N, -1)
            out[:, :, i, j] = window @ w.reshape(F, -1).T + b
    return out


def max_pool(x, size=2):
    """The largest value of every square of so many rows and columns."""
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // size, W // size))
    for i in range(H // size):
        for j in range(W // size):
            out[:, :, i, j] = x[:, :, i * size:(i + 1) * size, j * size:(j + 1) * size].max(axis=(2, 3))
    return out


def scores_of(X, w, b, V, c):
    """The scores of the ten digits, for images of shape (N, 1, 8, 8)."""
    hidden = max_pool(np.maximum(convolve(X, w, b), 0))
    return hidden.reshape(X.shape[0], -1) @ V + c


def loss(X, y, w, b, V, c):
    """The mean cross-entropy of the labels under a softmax of the scores."""
    scores = scores_of(X, w, b, V, c)
    scores = scores - scores.max(axis=1, keepdims=True)
    logsum = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(logsum - scores[np.arange(len(y)), y])


rng = np.random.default_rng(0)
X, y = load_digits(return_X_y=True)
order = rng.permutation(len(y))
X, y = X[order].reshape(-1, 1, 8, 8) / 16, y[order]
X_test, y_test, X, y = X[:360], y[:360], X[360:1000], y[360:1000]

F = 8
params = [rng.normal(scale=1 / 3, size=(F, 1, 3, 3)), np.zeros(F),
          rng.normal(scale=np.sqrt(1 / (F * 9)), size=(F * 9, 10)), np.zeros(10)]

step = value_and_grad(loss, wrt=("w", "b", "V", "c"))
assert check_grad(step, X[:3], y[:3], *params)

speeds = [np.zeros_like(value) for value in params]
for epoch in range(8):
    losses = []
    for rows in np.array_split(rng.permutation(len(y)), 20):
        value, gradients = step(X[rows], y[rows], *params)
        for param, speed, gradient in zip(params, speeds, gradients):
            speed *= 0.9
            speed -= 0.1 * gradient
            param += speed
        losses.append(value)
    reached = np.mean(scores_of(X_test, *params).argmax(axis=1) == y_test)
    print(f"epoch {epoch + 1}  loss {np.mean(losses):.3f}  accuracy on held-out digits {reached:.1%}")
assert reached > 0.9

print("\nThe backward pass, generated from the forward pass above:\n")
print(step.source)
