"""Activations, layers and normalisations, each with its backward pass written by hand from the formulas.

A pair is a function and `<its name>_hand`, which takes `dout` and the function's arguments, then what a forward
pass would keep under its own name: the values of the function by their names. It returns the gradients of what
PAIRS names.
"""
import numpy as np


def sigmoid(x):
    out = 1 / (1 + np.exp(-x))
    return out


def sigmoid_hand(dout, out):
    return out * (1 - out) * dout


def stable_sigmoid(x):
    pos = x >= 0
    neg = ~pos
    z = np.zeros_like(x)
    z[pos] = np.exp(-x[pos])
    z[neg] = np.exp(x[neg])
    top = np.ones_like(x)
    top[neg] = z[neg]
    out = top / (1 + z)
    return out


def stable_sigmoid_hand(dout, out):
    return out * (1 - out) * dout


def tanh_layer(x):
    out = np.tanh(x)
    return out


def tanh_layer_hand(dout, out):
    return (1 - out**2) * dout


def relu(x):
    return np.maximum(0, x)


def relu_hand(dout, x):
    return dout * (x > 0)


def leaky_relu(x, slope=0.01):
    return np.where(x > 0, x, slope * x)


def leaky_relu_hand(dout, x, slope):
    return np.where(x > 0, dout, slope * dout)


def masked_leaky_relu(x, slope=0.1):
    out = x.copy()
    out[x < 0] *= slope
    return out


def masked_leaky_relu_hand(dout, x, slope):
    dx = dout.copy()
    dx[x < 0] *= slope
    return dx


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def elu_hand(dout, x, alpha):
    return np.where(x > 0, dout, alpha * np.exp(x) * dout)


def softplus(x):
    return np.log(1 + np.exp(x))


def softplus_hand(dout, x):
    return dout / (1 + np.exp(-x))


def swish(x):
    s = 1 / (1 + np.exp(-x))
    return x * s


def swish_hand(dout, x, s):
    return (s + x * s * (1 - s)) * dout


def gelu(x):
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return 0.5 * x * (1 + t)


def gelu_hand(dout, x, t):
    dt = 0.5 * x * dout
    dinner = np.sqrt(2 / np.pi) * (1 - t**2) * dt
    return 0.5 * (1 + t) * dout + (1 + 3 * 0.044715 * x**2) * dinner


def hard_tanh(x):
    return np.clip(x, -1, 1)


def hard_tanh_hand(dout, x):
    return dout * ((x >= -1) & (x <= 1))


def softsign(x):
    a = 1 + np.abs(x)
    return x / a


def softsign_hand(dout, x, a):
    return dout / a - x * np.sign(x) * dout / a**2


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    out = e / e.sum(axis=1, keepdims=True)
    return out


def softmax_hand(dout, out):
    return out * (dout - (out * dout).sum(axis=1, keepdims=True))


def log_softmax(x):
    z = x - x.max(axis=1, keepdims=True)
    out = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return out


def log_softmax_hand(dout, out):
    return dout - np.exp(out) * dout.sum(axis=1, keepdims=True)


def affine(x, W, b):
    return x @ W + b


def affine_hand(dout, x, W):
    dx = dout @ W.T
    dW = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dW, db


def affine_of_images(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    return rows @ w + b


def affine_of_images_hand(dout, x, w, rows):
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def two_layers(x, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    return h @ W2 + b2


def two_layers_hand(dout, x, W1, W2, h):
    dh = dout @ W2.T
    dW2 = h.T @ dout
    db2 = dout.sum(axis=0)
    da = (1 - h**2) * dh
    dx = da @ W1.T
    dW1 = x.T @ da
    db1 = da.sum(axis=0)
    return dx, dW1, db1, dW2, db2


def batchnorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    xhat = (x - mu) / std
    return gamma * xhat + beta


def batchnorm_hand(dout, x, gamma, mu, std, xhat):
    n = x.shape[0]
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = gamma * dout
    dvar = -0.5 * (dxhat * (x - mu)).sum(axis=0) / std**3
    dmu = -dxhat.sum(axis=0) / std
    dx = dxhat / std + (2 * dvar * (x - mu) + dmu) / n
    return dx, dgamma, dbeta


def layernorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=1, keepdims=True)
    xc = x - mu
    var = (xc**2).mean(axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    xhat = xc / std
    return gamma * xhat + beta


def layernorm_hand(dout, x, gamma, xc, std, xhat):
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = gamma * dout
    dxc = dxhat / std
    dstd = -(dxc * xhat).sum(axis=1, keepdims=True)
    dxc += dstd * xc / (std * x.shape[1])
    dx = dxc - dxc.mean(axis=1, keepdims=True)
    return dx, dgamma, dbeta


def rmsnorm(x, g, eps=1e-6):
    rms = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return x / rms * g


def rmsnorm_hand(dout, x, g, rms):
    dg = (x / rms * dout).sum(axis=0)
    dxhat = g * dout
    drms = -(x * dxhat).sum(axis=-1, keepdims=True) / rms**2
    dx = dxhat / rms + x * drms / (rms * x.shape[-1])
    return dx, dg


def dropout(x, mask, p=0.5):
    return x * mask / p


def dropout_hand(dout, mask, p):
    return dout * mask / p


def standardise(x):
    return (x - x.mean()) / x.std()


def standardise_hand(dout, x):
    std = x.std()
    xhat = (x - x.mean()) / std
    return (dout - dout.mean() - xhat * (xhat * dout).mean()) / std


def unit_rows(x):
    norm = np.sqrt((x**2).sum(axis=1, keepdims=True))
    out = x / norm
    return out


def unit_rows_hand(dout, norm, out):
    return (dout - out * (out * dout).sum(axis=1, keepdims=True)) / norm


def embedding(E, ids):
    return E[ids]


def embedding_hand(dout, E, ids):
    dE = np.zeros_like(E)
    np.add.at(dE, ids, dout)
    return dE


def average_pool(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))


def average_pool_hand(dout, x):
    return (dout / 4).repeat(2, axis=2).repeat(2, axis=3)


def convolve(x, w):
    n = len(x) - len(w) + 1
    out = np.zeros(n)
    for k in range(len(w)):
        out += w[k] * x[k:k + n]
    return out


def convolve_hand(dout, x, w, n):
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for k in range(len(w)):
        dw[k] = dout @ x[k:k + n]
        dx[k:k + n] += w[k] * dout
    return dx, dw


def max_pool(x):
    out = np.zeros(len(x) // 2)
    for i in range(len(out)):
        out[i] = x[2 * i:2 * i + 2].max()
    return out


def max_pool_hand(dout, x, out):
    dx = np.zeros_like(x)
    for i in range(len(out)):
        mask = x[2 * i:2 * i + 2] == out[i]
        dx[2 * i:2 * i + 2] = dout[i] * mask / mask.sum()
    return dx


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p @ v


def attention_hand(dout, q, k, v, p):
    dp = dout @ v.T
    dv = p.T @ dout
    dscores = p * (dp - (p * dp).sum(axis=1, keepdims=True)) / np.sqrt(q.shape[1])
    dq = dscores @ k
    dk = dscores.T @ q
    return dq, dk, dv
