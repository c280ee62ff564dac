"""Functions with loops: of numbers, a stencil, an LSTM, a convolution, pooling, a loss with branches.

The passes by hand keep what the way back needs in lists, or in nothing at all where the stores
destroy nothing that is needed, and add up gradients in place.
"""
from __future__ import annotations

import math

import numpy as np

from .workload import ARRAY_GOAL, CALL_GOAL, MEMORY_GOAL, SCALAR_GOAL, Workload


def orbit(x, a, steps):
    for _ in range(steps):
        x = x + 0.01 * math.sin(a * x)
    return x


def orbit_by_hand(x, a, steps):
    xs = []
    for _ in range(steps):
        xs.append(x)
        x = x + 0.01 * math.sin(a * x)
    dx, da = 1.0, 0.0
    for old in reversed(xs):
        d = 0.01 * math.cos(a * old) * dx
        da += old * d
        dx += a * d
    return x, (dx, da)


def stencil(A, steps):
    for _ in range(steps):
        A[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
    return np.sum(A**2)


def stencil_by_hand(A, steps):
    A = A.copy()
    for _ in range(steps):
        A[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
    dA = 2 * A
    for _ in range(steps):
        d = 0.2 * dA[1:-1, 1:-1]
        dA[1:-1, 1:-1] = d
        dA[1:-1, :-2] += d
        dA[1:-1, 2:] += d
        dA[:-2, 1:-1] += d
        dA[2:, 1:-1] += d
    return np.sum(A**2), dA


def jacobi(A, steps):
    for _ in range(steps):
        new = A.copy()
        new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        A = new
    return np.sum(A**2)


def jacobi_by_hand(A, steps):
    for _ in range(steps):
        new = A.copy()
        new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        A = new
    dA = 2 * A
    for _ in range(steps):
        d = 0.25 * dA[1:-1, 1:-1]
        dA[1:-1, 1:-1] = 0
        dA[1:-1, :-2] += d
        dA[1:-1, 2:] += d
        dA[:-2, 1:-1] += d
        dA[2:, 1:-1] += d
    return np.sum(A**2), dA


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cell(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i = sigmoid(a[:, :H])
    f = sigmoid(a[:, H:2 * H])
    o = sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    c = f * c + i * g
    return o * np.tanh(c), c


def lstm(x, h, Wx, Wh, b):
    c = np.zeros_like(h)
    for t in range(x.shape[0]):
        h, c = cell(x[t], h, c, Wx, Wh, b)
    return np.sum(h**2)


def cell_by_hand(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i = sigmoid(a[:, :H])
    f = sigmoid(a[:, H:2 * H])
    o = sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    old_c, c = c, f * c + i * g
    tanh_c = np.tanh(c)
    return o * tanh_c, c, (h, old_c, i, f, o, g, tanh_c)


def lstm_by_hand(x, h, Wx, Wh, b):
    c = np.zeros_like(h)
    kept = []
    for t in range(x.shape[0]):
        h, c, cache = cell_by_hand(x[t], h, c, Wx, Wh, b)
        kept.append(cache)
    value = np.sum(h**2)
    H = h.shape[1]
    dh, dc = 2 * h, np.zeros_like(h)
    dx, dWx, dWh, db = np.empty_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    da = np.empty((h.shape[0], 4 * H))
    for t in reversed(range(x.shape[0])):
        h, c, i, f, o, g, tanh_c = kept[t]
        dc += (1 - tanh_c**2) * o * dh
        da[:, :H] = (1 - i) * i * g * dc
        da[:, H:2 * H] = (1 - f) * f * c * dc
        da[:, 2 * H:3 * H] = (1 - o) * o * tanh_c * dh
        da[:, 3 * H:] = (1 - g**2) * i * dc
        dx[t] = da @ Wx.T
        dWx += x[t].T @ da
        dWh += h.T @ da
        db += da.sum(axis=0)
        dh = da @ Wh.T
        dc *= f
    return value, (dx, dh, dWx, dWh, db)


def convolution(x, w, b, pad):
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H, W))
    for n in range(N):
        for f in range(F):
            for i in range(H):
                for j in range(W):
                    out[n, f, i, j] = np.sum(x_pad[n, :, i:i + HH, j:j + WW] * w[f]) + b[f]
    return np.sum(out**2)


def convolution_by_hand(x, w, b, pad):
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H, W))
    for n in range(N):
        for f in range(F):
            for i in range(H):
                for j in range(W):
                    out[n, f, i, j] = np.sum(x_pad[n, :, i:i + HH, j:j + WW] * w[f]) + b[f]
    dout = 2 * out
    dx_pad, dw, db = np.zeros_like(x_pad), np.zeros_like(w), np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            for i in range(H):
                for j in range(W):
                    d = dout[n, f, i, j]
                    dx_pad[n, :, i:i + HH, j:j + WW] += w[f] * d
                    dw[f] += x_pad[n, :, i:i + HH, j:j + WW] * d
                    db[f] += d
    return np.sum(out**2), (dx_pad[:, :, pad:-pad, pad:-pad], dw, db)


def pooling(x, weights):
    N, C, H, W = weights.shape
    out = np.zeros(weights.shape)
    for i in range(H):
        for j in range(W):
            out[:, :, i, j] = np.max(x[:, :, 2 * i:2 * i + 2, 2 * j:2 * j + 2], axis=(2, 3))
    return np.sum(weights * out)


def pooling_by_hand(x, weights):
    N, C, H, W = weights.shape
    out = np.zeros(weights.shape)
    for i in range(H):
        for j in range(W):
            out[:, :, i, j] = np.max(x[:, :, 2 * i:2 * i + 2, 2 * j:2 * j + 2], axis=(2, 3))
    dx = np.zeros_like(x)
    for i in range(H):
        for j in range(W):
            mask = x[:, :, 2 * i:2 * i + 2, 2 * j:2 * j + 2] == out[:, :, i, j, None, None]
            share = weights[:, :, i, j, None, None] / mask.sum(axis=(2, 3), keepdims=True)
            dx[:, :, 2 * i:2 * i + 2, 2 * j:2 * j + 2] += mask * share
    return np.sum(weights * out), dx


def svm(W, X, y):
    loss = 0.0
    for i in range(X.shape[0]):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
    return loss / X.shape[0]


def svm_by_hand(W, X, y):
    loss = 0.0
    N, C = X.shape[0], W.shape[1]
    dW = np.zeros_like(W)
    for i in range(N):
        scores = X[i] @ W
        dscores = np.zeros(C)
        for j in range(C):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dscores[j] += 1 / N
                dscores[y[i]] -= 1 / N
        dW += np.outer(X[i], dscores)
    return loss / N, dW


rng = np.random.default_rng(0)


def lstm_arguments(T, N, D, H):
    return (rng.normal(size=(T, N, D)), rng.normal(size=(N, H)), rng.normal(size=(D, 4 * H)) / np.sqrt(D),
            rng.normal(size=(H, 4 * H)) / np.sqrt(H), rng.normal(size=4 * H))


GRID = rng.normal(size=(128, 128))

WORKLOADS = [
    Workload("1,000 steps on a number", orbit, orbit_by_hand, (0.5, 1.2, 1000), ("x", "a"), SCALAR_GOAL, MEMORY_GOAL),
    Workload("stencil 128x128, 50 steps", stencil, stencil_by_hand, (GRID, 50), "A", ARRAY_GOAL, MEMORY_GOAL),
    Workload("Jacobi 128x128, 50 steps", jacobi, jacobi_by_hand, (GRID, 50), "A", ARRAY_GOAL, MEMORY_GOAL),
    Workload("LSTM, 10 steps of 16x32x64", lstm, lstm_by_hand, lstm_arguments(10, 16, 32, 64),
             ("x", "h", "Wx", "Wh", "b"), CALL_GOAL, MEMORY_GOAL),
    Workload("convolution with four loops", convolution, convolution_by_hand,
             (rng.normal(size=(2, 3, 8, 8)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4), 1),
             ("x", "w", "b"), ARRAY_GOAL, MEMORY_GOAL),
    Workload("max pooling with two loops", pooling, pooling_by_hand,
             (rng.normal(size=(32, 16, 28, 28)), rng.normal(size=(32, 16, 14, 14))), "x", ARRAY_GOAL, MEMORY_GOAL),
    Workload("SVM loss with two loops", svm, svm_by_hand,
             (rng.normal(size=(20, 10)), rng.normal(size=(16, 20)), rng.integers(10, size=16)),
             "W", ARRAY_GOAL, MEMORY_GOAL),
]
