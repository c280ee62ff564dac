"""Functions of arrays: a network, batch normalisation, attention and a long elementwise one.

The passes by hand compute the value as the plain functions do, overwrite every array that is not
needed any more, which is where most of the time goes that can be saved, and take the shortest
backward pass that we know.
"""
from __future__ import annotations

import numpy as np

from .workload import ARRAY_GOAL, Workload


def network(X, y, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    scores = hidden @ W2 + b2
    scores = scores - scores.max(axis=1, keepdims=True)
    logsum = np.log(np.exp(scores).sum(axis=1))
    return np.sum(logsum - scores[np.arange(X.shape[0]), y]) / X.shape[0]


def network_by_hand(X, y, W1, b1, W2, b2):
    N = X.shape[0]
    rows = np.arange(N)
    hidden = X @ W1
    hidden += b1
    np.maximum(hidden, 0, out=hidden)
    scores = hidden @ W2
    scores += b2
    scores -= scores.max(axis=1, keepdims=True)
    right = scores[rows, y]
    dscores = np.exp(scores, out=scores)
    total = dscores.sum(axis=1)
    value = (np.log(total) - right).sum() / N
    total *= N
    dscores /= total[:, None]
    dscores[rows, y] -= 1 / N
    dW2 = hidden.T @ dscores
    db2 = dscores.sum(axis=0)
    dhidden = dscores @ W2.T
    dhidden *= hidden > 0
    dW1 = X.T @ dhidden
    db1 = dhidden.sum(axis=0)
    return value, (dW1, db1, dW2, db2)


def batch_norm(x, gamma, beta, target):
    centred = x - x.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    xhat = centred / np.sqrt(variance + 1e-5)
    out = gamma * xhat + beta
    return np.sum((out - target)**2)


def batch_norm_by_hand(x, gamma, beta, target):
    N = x.shape[0]
    xhat = x - x.mean(axis=0)
    inverse = 1 / np.sqrt((xhat**2).mean(axis=0) + 1e-5)
    xhat *= inverse
    dout = gamma * xhat
    dout += beta
    dout -= target
    value = (dout**2).sum()
    dout *= 2
    dbeta = dout.sum(axis=0)
    dgamma = np.einsum("ij,ij->j", dout, xhat)
    # The two sums over the batch are those that the gradients of beta and gamma hold already.
    xhat *= dgamma / N
    dout -= dbeta / N
    dout -= xhat
    dout *= gamma * inverse
    return value, (dout, dgamma, dbeta)


def attention(q, k, v, target):
    scores = q * (1 / np.sqrt(q.shape[1])) @ k.T
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    out = weights @ v
    return np.sum((out - target)**2)


def attention_by_hand(q, k, v, target):
    scale = 1 / np.sqrt(q.shape[1])
    scaled = q * scale
    weights = scaled @ k.T
    weights -= weights.max(axis=1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    out = weights @ v
    dout = out - target
    value = (dout**2).sum()
    dout *= 2
    dv = weights.T @ dout
    dscores = dout @ v.T
    # The sum over a row of weights * dweights, taken where the arrays are narrow.
    dscores -= np.einsum("ij,ij->i", dout, out)[:, None]
    dscores *= weights
    dq = dscores @ k
    dq *= scale
    dk = dscores.T @ scaled
    return value, (dq, dk, dv)


def elementwise(x, y):
    s = np.sin(x * y)
    t = np.tanh(s + x)
    e = np.exp(-t**2)
    r = np.sqrt(1 + e * y)
    return np.sum(r * t / (1 + e))


def elementwise_by_hand(x, y):
    u = x * y
    t = np.sin(u)
    t += x
    np.tanh(t, out=t)
    t2 = t * t
    e = np.negative(t2)
    np.exp(e, out=e)
    r = e * y
    r += 1
    np.sqrt(r, out=r)
    below = e + 1
    dr = t / below
    q = r * dr
    value = q.sum()
    # q = r * t / (1 + e)
    q /= below
    dt = np.divide(r, below, out=below)
    de = np.negative(q, out=q)
    # r = sqrt(1 + e * y)
    dr /= r
    dr *= 0.5
    dy = np.multiply(dr, e, out=r)
    dr *= y
    de += dr
    # e = exp(-t**2)
    de *= e
    de *= t
    de *= 2
    dt -= de
    # t = tanh(s + x)
    t2 -= 1
    dt *= t2
    dx = np.negative(dt, out=dt)
    # s = sin(x * y)
    du = np.cos(u, out=u)
    du *= dx
    dy += np.multiply(du, x, out=t)
    du *= y
    dx += du
    return value, (dx, dy)


rng = np.random.default_rng(0)


def network_arguments(N, D, H, C):
    return (rng.normal(size=(N, D)), rng.integers(C, size=N),
            rng.normal(size=(D, H)) / np.sqrt(D), rng.normal(size=H),
            rng.normal(size=(H, C)) / np.sqrt(H), rng.normal(size=C))


def attention_arguments(N, D):
    return tuple(rng.normal(size=(N, D)) for _ in range(4))


NETWORK = ("W1", "b1", "W2", "b2")

WORKLOADS = [
    Workload("network 8x16x16x10", network, network_by_hand,
             network_arguments(8, 16, 16, 10), NETWORK, ARRAY_GOAL),
    Workload("network 128x784x256x10", network, network_by_hand,
             network_arguments(128, 784, 256, 10), NETWORK, ARRAY_GOAL),
    Workload("batch normalisation 256x512", batch_norm, batch_norm_by_hand,
             (rng.normal(size=(256, 512)), rng.normal(size=512), rng.normal(size=512),
              rng.normal(size=(256, 512))), ("x", "gamma", "beta"), ARRAY_GOAL),
    Workload("attention 64x64", attention, attention_by_hand,
             attention_arguments(64, 64), ("q", "k", "v"), ARRAY_GOAL),
    Workload("attention 512x64", attention, attention_by_hand,
             attention_arguments(512, 64), ("q", "k", "v"), ARRAY_GOAL),
    Workload("elementwise, 1e6 elements", elementwise, elementwise_by_hand,
             (rng.random(1_000_000), rng.random(1_000_000)), ("x", "y"), ARRAY_GOAL),
]
