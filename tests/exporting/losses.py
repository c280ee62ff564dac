"""Functions that tests/exporting/test_export.py exports, as users write them."""
import math

import numpy as np

from revad import grad, value_and_grad

EPS = 1e-5
TABLE = (1, 2.0)
ROWS = np.ones(3)


def helper(labels):
    """What the labels are."""
    return labels % (TABLE[0] + 2)


def logistic(X, y, w, b, lam=0.1, mode="train"):
    z = X @ w + b     # scores
    if mode == "train":
        z = z * 2     # twice
    p = 1 / (1 + np.exp(-z))
    return np.mean((p - y)**2) + lam * np.sum(w**2) + EPS


@value_and_grad(wrt="p")
def two_layers(X, labels, p):
    h = np.maximum(X @ p["w1"] + p["b1"], 0)
    scores = h @ p["w2"]
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), helper(labels)])


@grad
def affine(x, w, b):
    return np.tanh(x @ w + b)


def dense(x, w):
    h = x @ w
    h = np.tanh(h)
    return h


@grad
def network(x, w1, w2):
    a = dense(x, w1)
    return np.sum(dense(a, w2))


def numbers(x, y):
    return math.sin(x) * y**2


def of_a_list(xs, k):
    total = 0.0
    for x in xs:
        total += np.sum(x)**2 * k
    return total


def recurrent(x, W, U):
    h = np.zeros(U.shape[0])
    for t in range(len(x)):
        h = np.tanh(x[t] @ W + h @ U)
    return np.sum(h**2)


def stored(x, k):
    out = np.zeros(x.shape)
    out[1:] = x[1:] * k
    return np.sum(out**2)


def reads_an_array(x):
    return np.sum(x * ROWS)
