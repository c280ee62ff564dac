"""The functions whose generated text is kept in tests/golden/, with the arguments that they are compiled for.

CASES maps the name of a golden file to a Case. A layer has two texts, forward and backward; all else has one.
"""

import math
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    function: Any
    args: tuple
    wrt: Any = None
    layer: bool = False


CASES = {}


def golden(*args, wrt=None, layer=False):
    def keep(function):
        CASES[function.__name__] = Case(function, args, wrt, layer)
        return function

    return keep


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


LABELS = np.array([0, 2, 1, 1])


@golden(3.0, -4.0)
def staged(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f


@golden(-2.0, 5.0, -4.0)
def circuit(x, y, z):
    q = x + y
    f = q * z
    return f


@golden([2.0, -3.0, -3.0], [-1.0, -2.0])
def neuron(w, x):
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1.0 / (1 + math.exp(-dot))
    return f


@golden(4.0, 2.0)
def larger(x, y):
    return max(x, y)


@golden(3.0, -4.0, 2.0, -1.0)
def pattern(x, y, z, w):
    return 2 * (x * y + max(z, w))


@golden(normal(4, 5), normal(5, 3), normal(3), layer=True)
def affine_relu(x, w, b):
    a = x @ w + b
    out = np.maximum(a, 0)
    return out


@golden(normal(4, 3), normal(3), normal(3, seed=1), layer=True)
def batchnorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    xc = x - mu
    var = np.mean(xc**2, axis=0)
    std = np.sqrt(var + eps)
    xhat = xc / std
    out = gamma * xhat + beta
    return out


@golden(normal(4, 5), LABELS, normal(5, 3), normal(3), wrt=("W", "b"))
def softmax_loss(X, y, W, b):
    scores = X @ W + b
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    return -np.mean(np.log(probs[np.arange(X.shape[0]), y]))


@golden(normal(4, 5), LABELS, normal(5, 3), normal(3), wrt=("W", "b"))
def svm_loss(X, y, W, b, reg=0.1):
    N = X.shape[0]
    scores = X @ W + b
    correct = scores[np.arange(N), y]
    margins = np.maximum(0, scores - correct[:, None] + 1)
    data_loss = (np.sum(margins) - N) / N
    return data_loss + 0.5 * reg * np.sum(W * W)


@golden(normal(4, 6), normal(6, 5, seed=1), normal(6, 5, seed=2), normal(6, 3, seed=3), layer=True)
def attention(x, Wq, Wk, Wv):
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    scores = q @ k.T / np.sqrt(q.shape[1])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = e / e.sum(axis=1, keepdims=True)
    out = weights @ v
    return out


@golden(normal(4, 6), normal(6), normal(6, seed=1), layer=True)
def layernorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    xhat = (x - mu) / np.sqrt(var + eps)
    return gamma * xhat + beta


@golden(normal(4, 5), np.array([0, 1, 1, 0]), normal(5), 0.3, wrt=("w", "b"))
def logistic_regression(X, y, w, b):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@golden(normal(5))
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@golden(0.7, 2.0)
def huber(x, delta):
    a = abs(x)
    loss = 0.5 * x * x if a <= delta else delta * (a - 0.5 * delta)
    return loss


@golden(normal(6, 2), normal(3), normal(3, 2, seed=1), normal(3, 2, seed=2),
        wrt=("logits", "mu", "log_sigma"))
def gaussian_mixture(x, logits, mu, log_sigma):
    log_pi = logits - np.log(np.sum(np.exp(logits)))
    z = (x[:, None, :] - mu) * np.exp(-log_sigma)
    log_p = log_pi - 0.5 * np.sum(z**2, axis=2) - np.sum(log_sigma, axis=1)
    m = np.max(log_p, axis=1, keepdims=True)
    return np.sum(m[:, 0] + np.log(np.sum(np.exp(log_p - m), axis=1)))


@golden(normal(4, 5), normal(4, 3), normal(5, 3), normal(3, 3, seed=1), normal(3), layer=True)
def rnn_step(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h
