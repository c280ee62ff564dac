"""Layers of a course on convolutional networks: modes, running averages, caches, naive loops over pixels."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(110)


def batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalization with running averages in bn_param."""
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)

    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))

    out, cache = None, None
    if mode == "train":
        mu = np.mean(x, axis=0)
        var = np.var(x, axis=0)
        std = np.sqrt(var + eps)
        x_hat = (x - mu) / std
        out = gamma * x_hat + beta
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
        cache = (x, x_hat, gamma, mu, std)
    elif mode == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * x_hat + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)

    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_forward_steps(x, gamma, beta, bn_param):
    eps = bn_param.setdefault("eps", 1e-5)
    N, D = x.shape
    if bn_param["mode"] == "test":
        scale = gamma / np.sqrt(bn_param["running_var"] + eps)
        return x * scale + (beta - bn_param["running_mean"] * scale), None
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu**2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps)


def layernorm_forward(x, gamma, beta, ln_param):
    out, cache = None, None
    eps = ln_param.get("eps", 1e-5)
    xT = x.T
    mu = xT.mean(axis=0)
    var = xT.var(axis=0)
    x_norm = ((xT - mu) / np.sqrt(var + eps)).T
    out = gamma * x_norm + beta
    cache = {"x_norm": x_norm, "gamma": gamma, "ivar": 1 / np.sqrt(var + eps)}
    return out, cache


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    x_new = x.transpose(0, 2, 3, 1).reshape(N * H * W, C)
    out, cache = batchnorm_forward(x_new, gamma, beta, bn_param)
    out = out.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return out, cache


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    out = np.zeros_like(x)
    step = C // G
    for g in range(G):
        group = x[:, g * step : (g + 1) * step]
        mean = group.mean(axis=(1, 2, 3), keepdims=True)
        var = group.var(axis=(1, 2, 3), keepdims=True)
        out[:, g * step : (g + 1) * step] = (group - mean) / np.sqrt(var + eps)
    out = out * gamma + beta
    return out, (x, G)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])

    mask = None
    out = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p
        out = x * mask
    elif mode == "test":
        out = x
    cache = (dropout_param, mask)
    out = out.astype(x.dtype, copy=False)
    return out, cache


def conv_forward_naive(x, w, b, conv_param):
    out = None
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    stride, pad = conv_param["stride"], conv_param["pad"]
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    hs, ws = i * stride, j * stride
                    window = x_pad[n, :, hs : hs + HH, ws : ws + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    cache = (x, w, b, conv_param)
    return out, cache


def conv_forward_windows(x, w, b, conv_param):
    stride, pad = conv_param.get("stride", 1), conv_param.get("pad", 0)
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    Ho, Wo = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    out = np.empty((N, F, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            x_slice = xp[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            for k in range(F):
                out[:, k, i, j] = np.sum(x_slice * w[k, :, :, :], axis=(1, 2, 3))
    return out + b[None, :, None, None]


def im2col_conv(x, w, b, stride=1):
    N, C, H, W = x.shape
    F, _, k, _ = w.shape
    oh, ow = (H - k) // stride + 1, (W - k) // stride + 1
    cols = np.zeros((C * k * k, N * oh * ow))
    c = 0
    for n in range(N):
        for i in range(oh):
            for j in range(ow):
                cols[:, c] = x[n, :, i * stride : i * stride + k, j * stride : j * stride + k].flatten()
                c += 1
    out = w.reshape(F, -1) @ cols + b.reshape(-1, 1)
    return out.reshape(F, N, oh, ow).transpose(1, 0, 2, 3)


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH, WW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out, W_out = (H - HH) // stride + 1, (W - WW) // stride + 1
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    out[n, c, i, j] = np.max(window)
    cache = (x, pool_param)
    return out, cache


def max_pool_axes(x, pool_param):
    N, C, H, W = x.shape
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, (H - ph) // s + 1, (W - pw) // s + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * s : i * s + ph, j * s : j * s + pw].max(axis=(2, 3))
    return out, (x, pool_param)


def avg_pool_loop(x, size=2):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // size, W // size))
    for di in range(size):
        for dj in range(size):
            out += x[:, :, di::size, dj::size]
    return out / size**2


def conv1d_naive(x, w):
    n, k = len(x), len(w)
    y = np.zeros(n - k + 1)
    for i in range(n - k + 1):
        for j in range(k):
            y[i] += x[i + j] * w[j]
    return y


def im2col_flat_cache(x, w, b, conv_param):
    """A cache that is a dict."""
    out, cache = conv_forward_naive(x, w, b, conv_param)
    cache = dict(inputs=cache, out_shape=out.shape, kernel=w.shape[2:])
    return np.maximum(out, 0), cache


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    a, conv_cache = conv_forward_naive(x, w, b, conv_param)
    s = np.maximum(0, a)
    out, pool_cache = max_pool_forward_naive(s, pool_param)
    return out, (conv_cache, a, pool_cache)


def svm_loss(x, y):
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def svm_loss_naive(W, X, y, reg):
    """Structured SVM loss with its gradient, in loops."""
    dW = np.zeros(W.shape)
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1  # note delta = 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    loss = 0.0
    dW = np.zeros(W.shape)
    N = X.shape[0]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y].reshape(N, 1) + 1)
    margins[np.arange(N), y] = 0
    loss = margins.sum() / N + reg * np.sum(W * W)
    binary = margins
    binary[margins > 0] = 1
    row_sum = np.sum(binary, axis=1)
    binary[np.arange(N), y] = -row_sum.T
    dW = X.T.dot(binary) / N + 2 * reg * W
    return loss, dW


def softmax_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros_like(W)
    N, C = X.shape[0], W.shape[1]
    for i in range(N):
        f = X[i].dot(W)
        f -= np.max(f)
        sum_exp = np.sum(np.exp(f))
        loss += -f[y[i]] + np.log(sum_exp)
        for k in range(C):
            p = np.exp(f[k]) / sum_exp
            dW[:, k] += (p - (k == y[i])) * X[i]
    loss /= N
    loss += reg * np.sum(W * W)
    dW = dW / N + 2 * reg * W
    return loss, dW


def softmax_loss_inner_loops(W, X, y, reg):
    loss = 0.0
    for i in range(X.shape[0]):
        scores = X[i] @ W
        denominator = 0.0
        for s in scores:
            denominator += np.exp(s)
        loss -= np.log(np.exp(scores[y[i]]) / denominator)
    return loss / X.shape[0] + reg * (W**2).sum()


def distances_two_loops(X, Y):
    dists = np.zeros((X.shape[0], Y.shape[0]))
    for i in range(X.shape[0]):
        for j in range(Y.shape[0]):
            dists[i, j] = np.sqrt(np.sum(np.square(X[i] - Y[j])))
    return dists


def distances_one_loop(X, Y):
    num_test = X.shape[0]
    dists = np.zeros((num_test, Y.shape[0]))
    for i in range(num_test):
        dists[i, :] = np.sqrt(np.sum((Y - X[i, :]) ** 2, axis=1))
    return dists


def batchnorm_backward(dout, cache):
    """A hand-written backward pass is a function like any other."""
    x, x_hat, gamma, mu, std = cache
    N = x.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * (x - mu), axis=0) * -0.5 / std**3
    dmu = -np.sum(dx_hat / std, axis=0) - 2 * dvar * np.mean(x - mu, axis=0)
    dx = dx_hat / std + dvar * 2 * (x - mu) / N + dmu / N
    return dx, dgamma, dbeta


def conv_backward_naive(dout, x, w, pad):
    N, F, Ho, Wo = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    sl = np.s_[n, :, i : i + w.shape[2], j : j + w.shape[3]]
                    dw[f] += dout[n, f, i, j] * xp[sl]
                    dxp[sl] += dout[n, f, i, j] * w[f]
    return dxp[:, :, pad:-pad, pad:-pad], dw


x, gamma, beta = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=3)
running = {"running_mean": rng.normal(size=3), "running_var": rng.uniform(1, 2, 3)}
img, w, b = rng.normal(size=(2, 2, 4, 4)), rng.normal(size=(2, 2, 3, 3)), rng.normal(size=2)
g4, b4 = rng.normal(size=(1, 2, 1, 1)), rng.normal(size=(1, 2, 1, 1))
pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
W, X, y = rng.normal(size=(3, 4)) * 0.3, rng.normal(size=(4, 3)), np.array([0, 3, 1, 1])
three = ("x", "gamma", "beta")
conv = {"stride": 1, "pad": 1}
std = np.sqrt(x.var(axis=0) + 1e-5)
CASES = [
    Case(batchnorm_forward, (x, gamma, beta, {"mode": "train"}), three, output=0),
    Case(batchnorm_forward, (x, gamma, beta, {"mode": "test", **running}), three, output=0, note="test"),
    Case(batchnorm_forward, (x, gamma, beta, {"mode": "train", "momentum": 0.5, **running}), three, note="cache too"),
    Case(batchnorm_forward_steps, (x, gamma, beta, {"mode": "train"}), three, output=0),
    Case(batchnorm_forward_steps, (x, gamma, beta, {"mode": "test", **running}), three, output=0, note="test"),
    Case(layernorm_forward, (x, gamma, beta, {}), three, output=0),
    Case(spatial_batchnorm_forward, (img, b, g4[0, :, 0, 0], {"mode": "train"}), three, output=0),
    Case(spatial_groupnorm_forward, (img, g4, b4, 2, {"eps": 1e-3}), three, output=0),
    Case(dropout_forward, (x, {"mode": "train", "p": 0.6, "seed": 3}), "x", output=0),
    Case(dropout_forward, (x, {"mode": "test", "p": 0.6}), "x", output=0, note="test"),
    Case(conv_forward_naive, (img, w, b, conv), ("x", "w", "b"), output=0),
    Case(conv_forward_naive, (img, w, b, {"stride": 2, "pad": 1}), ("x", "w", "b"), output=0, note="strides"),
    Case(conv_forward_windows, (img, w, b, {"pad": 1, "stride": 2}), ("x", "w", "b")),
    Case(im2col_conv, (img, w[:, :, :2, :2], b)),
    Case(max_pool_forward_naive, (img, pool), "x", output=0),
    Case(max_pool_axes, (img, {**pool, "stride": 1}), "x", output=0),
    Case(avg_pool_loop, (img,)),
    Case(conv1d_naive, (rng.normal(size=6), gamma)),
    Case(im2col_flat_cache, (img, w, b, conv), ("x", "w", "b"), output=0),
    Case(conv_relu_pool_forward, (img, w, b, conv, pool), ("x", "w", "b"), output=0),
    Case(svm_loss, (rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])), "x", output=0),
    Case(svm_loss_naive, (W, X, y, 0.1), "W", output=0),
    Case(svm_loss_naive, (W, X, y, 0.1), ("X", "reg"), output=0, note="others"),
    Case(svm_loss_vectorized, (W, X, y, 0.1), "W", output=0),
    Case(softmax_loss_naive, (W, X, y, 0.1), "W", output=0),
    Case(softmax_loss_naive, (W, X, y, 0.1), ("W", "X", "reg"), note="with the gradient"),
    Case(softmax_loss_inner_loops, (W, X, y, 0.1), ("W", "X")),
    Case(distances_two_loops, (X, x[:2])),
    Case(distances_one_loop, (X, x[:2])),
    Case(batchnorm_backward, (rng.normal(size=x.shape), (x, (x - x.mean(0)) / std, gamma, x.mean(0), std))),
    Case(conv_backward_naive, (rng.normal(size=(1, 2, 4, 4)), img[:1], w, 1), ("dout", "x", "w")),
]
