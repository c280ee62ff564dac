"""A recurrent network reads handwritten digits row by row: eight steps of eight pixels each."""
import numpy as np
from sklearn.datasets import load_digits

from revad import check_grad, value_and_grad


def scores_of(params, X):
    """The scores of the ten digits, for images of shape (N, 8, 8)."""
    h = np.zeros((X.shape[0], params["U"].shape[0]))
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ params["W"] + h @ params["U"] + params["b"])
    return h @ params["V"] + params["c"]


def loss(params, X, y):
    """The mean cross-entropy of the labels under a softmax of the scores."""
    scores = scores_of(params, X)
    scores = scores - scores.max(axis=1, keepdims=True)
    logsum = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(logsum - scores[np.arange(len(y)), y])


def accuracy(params, X, y):
    return np.mean(scores_of(params, X).argmax(axis=1) == y)


rng = np.random.default_rng(0)
X, y = load_digits(return_X_y=True)
order = rng.permutation(len(y))
X, y = X[order].reshape(-1, 8, 8) / 16, y[order]
X_test, y_test, X, y = X[:360], y[:360], X[360:], y[360:]

H = 48
params = {
    "W": rng.normal(scale=np.sqrt(1 / 8), size=(8, H)),
    "U": rng.normal(scale=np.sqrt(1 / H), size=(H, H)),
    "b": np.zeros(H),
    "V": rng.normal(scale=np.sqrt(1 / H), size=(H, 10)),
    "c": np.zeros(10),
}

# The gradient of a dict is a dict with the same keys.
step = value_and_grad(loss, wrt="params")
assert check_grad(step, params, X[:5], y[:5])

speed = {name: np.zeros_like(value) for name, value in params.items()}
for epoch in range(12):
    losses = []
    for rows in np.array_split(rng.permutation(len(y)), 23):
        value, gradient = step(params, X[rows], y[rows])
        for name in params:
            speed[name] = 0.9 * speed[name] - 0.05 * gradient[name]
            params[name] += speed[name]
        losses.append(value)
    reached = accuracy(params, X_test, y_test)
    print(f"epoch {epoch + 1:2}  loss {np.mean(losses):.3f}  accuracy on held-out digits {reached:.1%}")
assert reached > 0.9

print("\nThe backward pass, generated from the forward pass above:\n")
print(step.source)
