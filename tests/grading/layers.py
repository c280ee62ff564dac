"""Layers with backward passes written by hand as in a course: all of them right.

`PAIRS` has for each the names of its forward and backward pass (None where the gradients are returned with
the loss) and a function of a random generator that gives the arguments.
"""
import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    out = x.reshape(N, -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(N, -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x, w):
    a = x * w
    out = np.maximum(0, a)
    cache = (x, w, a)
    return out, cache


def relu_backward(dout, cache):
    x, w, a = cache
    da = dout * (a > 0)
    dx = da * w
    dw = np.sum(da * x, axis=0)
    return dx, dw


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=0)
    xmu = x - mu
    var = np.mean(xmu**2, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu = dxhat * ivar
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / np.sqrt(var + eps) * dsqrtvar
    dxmu += 2 * xmu * dvar / N
    dmu = -np.sum(dxmu, axis=0)
    dx = dxmu + dmu / N
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    out = gamma * xhat + beta
    return out, {"xhat": xhat, "std": std, "gamma": gamma}


def layernorm_backward(dout, cache):
    xhat, std, gamma = cache["xhat"], cache["std"], cache["gamma"]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dmean = dxhat.mean(axis=1, keepdims=True)
    dvar = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = (dxhat - dmean - xhat * dvar) / std
    return dx, dgamma, dbeta


def dropout_forward(x, w, p=0.7):
    h = x @ w
    mask = (np.random.rand(*h.shape) < p) / p
    out = h * mask
    return out, (x, w, mask, h)


def dropout_backward(dout, cache):
    x, w, mask, h = cache
    dh = dout * mask
    dx = dh @ w.T
    dw = x.T @ dh
    return dx, dw


def conv_forward(x, w, b, stride=1, pad=1):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xpad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho = 1 + (H + 2 * pad - HH) // stride
    Wo = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            window = xpad[:, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
            for f in range(F):
                out[:, f, i, j] = np.sum(window * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, stride, pad)


def conv_backward(dout, cache):
    x, w, b, stride, pad = cache
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, Ho, Wo = dout.shape
    xpad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxpad = np.zeros_like(xpad)
    dw = np.zeros_like(w)
    db = np.sum(dout, axis=(0, 2, 3))
    for i in range(Ho):
        for j in range(Wo):
            rows = slice(i * stride, i * stride + HH)
            cols = slice(j * stride, j * stride + WW)
            for f in range(F):
                d = dout[:, f, i, j].reshape(N, 1, 1, 1)
                dw[f] += np.sum(xpad[:, :, rows, cols] * d, axis=0)
                dxpad[:, :, rows, cols] += w[f] * d
    dx = dxpad[:, :, pad:pad + H, pad:pad + W]
    return dx, dw, db


def maxpool_forward(x, size=2):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // size, W // size))
    for i in range(H // size):
        for j in range(W // size):
            window = x[:, :, i * size:(i + 1) * size, j * size:(j + 1) * size]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out, (x, size, out)


def maxpool_backward(dout, cache):
    x, size, out = cache
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * size, (i + 1) * size)
            cols = slice(j * size, (j + 1) * size)
            window = x[:, :, rows, cols]
            best = out[:, :, i, j][:, :, None, None]
            mask = window == best
            dx[:, :, rows, cols] += mask * dout[:, :, i, j][:, :, None, None]
    return dx


def avgpool_forward(x, size=2):
    N, C, H, W = x.shape
    blocks = x.reshape(N, C, H // size, size, W // size, size)
    return blocks.mean(axis=(3, 5)), (x.shape, size)


def avgpool_backward(dout, cache):
    shape, size = cache
    spread = dout.repeat(size, axis=2).repeat(size, axis=3)
    dx = spread / size**2
    return dx


def softmax_loss(W, X, y, reg=0.1):
    N = X.shape[0]
    scores = X @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).sum() / N
    loss = loss + reg * np.sum(W * W)
    dscores = p.copy()
    dscores[np.arange(N), y] -= 1
    dscores = dscores / N
    dX = dscores @ W.T
    dW = X.T @ dscores
    dW += 2 * reg * W
    return loss, dW, dX


def svm_loss(W, X, y, reg=0.1, delta=1.0):
    N = X.shape[0]
    scores = X @ W
    correct = scores[np.arange(N), y]
    margins = np.maximum(0, scores - correct[:, None] + delta)
    margins[np.arange(N), y] = 0
    loss = np.mean(np.sum(margins, axis=1)) + reg * np.sum(W**2)
    dscores = 1.0 * (margins > 0)
    count = dscores.sum(axis=1)
    dscores[np.arange(N), y] -= count
    dscores = dscores / N
    dW = X.T @ dscores
    dW += 2 * reg * W
    return loss, {"W": dW}


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = (1 - next_h**2) * dnext_h
    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h, caches = h0, []
    hs = np.zeros((N, T, h0.shape[1]))
    for t in range(T):
        h, cache = rnn_step_forward(x[:, t], h, Wx, Wh, b)
        hs[:, t] = h
        caches.append(cache)
    return hs, caches


def rnn_backward(dh, cache):
    N, T, H = dh.shape
    x, h0, Wx, Wh, _ = cache[0]
    dx = np.zeros((N, T, x.shape[1]))
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(H)
    dprev = np.zeros((N, H))
    for t in reversed(range(T)):
        dnext = dh[:, t] + dprev
        dx_t, dprev, dWx_t, dWh_t, db_t = rnn_step_backward(dnext, cache[t])
        dx[:, t] = dx_t
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    dh0 = dprev
    return dx, dh0, dWx, dWh, db


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i = sigmoid(a[:, :H])
    f = sigmoid(a[:, H:2 * H])
    o = sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    tanh_c = np.tanh(next_c)
    next_h = o * tanh_c
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh_c = cache
    do = dnext_h * tanh_c
    dc = dnext_c + dnext_h * o * (1 - tanh_c**2)
    df = dc * prev_c
    dprev_c = dc * f
    di = dc * g
    dg = dc * i
    da = np.hstack((di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)))
    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def attention_forward(x, Wq, Wk, Wv):
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    scale = 1.0 / np.sqrt(q.shape[1])
    s = q @ k.T * scale
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    out = p @ v
    return out, (x, Wq, Wk, Wv, q, k, v, p, scale)


def attention_backward(dout, cache):
    x, Wq, Wk, Wv, q, k, v, p, scale = cache
    dv = p.T @ dout
    dp = dout @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    ds = ds * scale
    dq = ds @ k
    dk = ds.T @ q
    dWq = x.T @ dq
    dWk = x.T @ dk
    dWv = x.T @ dv
    dx = dq @ Wq.T
    dx += dk @ Wk.T
    dx += dv @ Wv.T
    return dx, dWq, dWk, dWv


def _normal(*shapes):
    return lambda rng: tuple(rng.normal(size=shape) for shape in shapes)


def _classifier(rng):
    return rng.normal(size=(4, 3)), rng.normal(size=(6, 4)), np.array([0, 2, 1, 1, 0, 2])


PAIRS = {
    "affine": ("affine_forward", "affine_backward", _normal((5, 2, 3), (6, 4), (4,))),
    "relu": ("relu_forward", "relu_backward", _normal((5, 4), (4,))),
    "batchnorm": ("batchnorm_forward", "batchnorm_backward", _normal((5, 3), (3,), (3,))),
    "layernorm": ("layernorm_forward", "layernorm_backward", _normal((5, 3), (3,), (3,))),
    "dropout": ("dropout_forward", "dropout_backward", _normal((5, 3), (3, 4))),
    "conv": ("conv_forward", "conv_backward", _normal((2, 3, 4, 4), (2, 3, 3, 3), (2,))),
    "maxpool": ("maxpool_forward", "maxpool_backward", _normal((2, 3, 4, 4))),
    "avgpool": ("avgpool_forward", "avgpool_backward", _normal((2, 3, 4, 4))),
    "softmax": ("softmax_loss", None, _classifier),
    "svm": ("svm_loss", None, _classifier),
    "rnn_step": ("rnn_step_forward", "rnn_step_backward", _normal((5, 3), (5, 4), (3, 4), (4, 4), (4,))),
    "rnn": ("rnn_forward", "rnn_backward", _normal((3, 5, 2), (3, 4), (2, 4), (4, 4), (4,))),
    "lstm_step": ("lstm_step_forward", "lstm_step_backward",
                  _normal((5, 3), (5, 2), (5, 2), (3, 8), (2, 8), (8,))),
    "attention": ("attention_forward", "attention_backward", _normal((5, 6), (6, 4), (6, 4), (6, 3))),
}
