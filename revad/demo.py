"""Train a two-layer classifier of handwritten digits, with the forward pass alone written by hand.

`loss` below is ordinary NumPy. Its backward pass is made by `value_and_grad`, and printed at the
end of `run`. `accuracy` compares scores with labels:

>>> import numpy as np
>>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
0.5
"""
from __future__ import annotations

import numpy as np

from revad import value_and_grad


class MissingPackage(Exception):
    """A package that only the demo needs is not installed."""


def loss(X, y, W1, b1, W2, b2):
    """The mean cross-entropy of the labels y under a softmax of the network's scores."""
    hidden = np.maximum(X @ W1 + b1, 0)
    scores = hidden @ W2 + b2
    scores = scores - scores.max(axis=1, keepdims=True)
    logsum = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(logsum - scores[np.arange(len(y)), y])


def predict(X, W1, b1, W2, b2):
    """The scores of the ten digits for each row of X."""
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2


def accuracy(scores: np.ndarray, y: np.ndarray) -> float:
    """The share of the rows whose highest score is that of their label."""
    return float(np.mean(scores.argmax(axis=1) == y))


def digits(rng: np.random.Generator, held_out: int = 360):
    """The digits of scikit-learn in random order: (images, labels) to learn from and to test on."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        message = ("the demo needs scikit-learn, which comes with the extra 'demo':\n"
                   "    python -m pip install 'revad[demo]'")
        raise MissingPackage(message) from None
    X, y = load_digits(return_X_y=True)
    order = rng.permutation(len(y))
    X, y = X[order] / 16, y[order]
    return (X[held_out:], y[held_out:]), (X[:held_out], y[:held_out])


def progress(epochs: int):
    """The numbers of the epochs, with a bar if tqdm is installed; and how to say where we are."""
    try:
        from tqdm import trange
    except ImportError:
        return range(epochs), lambda epoch, text: print(f"epoch {epoch + 1:3}/{epochs}  {text}")
    bar = trange(epochs, unit="epoch")
    return bar, lambda epoch, text: bar.set_postfix_str(text)


def run(epochs: int = 30, seed: int = 0, batch: int = 64, rate: float = 0.5) -> float:
    """Train, print how it goes and the backward pass that was used; return the accuracy."""
    rng = np.random.default_rng(seed)
    (X, y), (X_test, y_test) = digits(rng)
    print(f"{len(y)} digits to learn from, {len(y_test)} held out")
    W1 = rng.normal(scale=np.sqrt(2 / 64), size=(64, 64))
    W2 = rng.normal(scale=np.sqrt(2 / 64), size=(64, 10))
    b1, b2 = np.zeros(64), np.zeros(10)

    step = value_and_grad(loss, wrt=("W1", "b1", "W2", "b2"))
    reached = accuracy(predict(X_test, W1, b1, W2, b2), y_test)
    counter, show = progress(epochs)
    for epoch in counter:
        order = rng.permutation(len(y))
        losses = []
        for start in range(0, len(y), batch):
            rows = order[start:start + batch]
            value, gradients = step(X[rows], y[rows], W1, b1, W2, b2)
            for parameter, gradient in zip((W1, b1, W2, b2), gradients):
                parameter -= rate * gradient
            losses.append(value)
        reached = accuracy(predict(X_test, W1, b1, W2, b2), y_test)
        show(epoch, f"loss {np.mean(losses):.4f}  accuracy on held-out digits {reached:.1%}")

    print(f"\naccuracy on {len(y_test)} held-out digits: {reached:.1%}")
    if epochs > 0:
        print("\nThe backward pass that did it was generated from `loss`:\n")
        print(step.source)
    return reached
