"""Layers in the style of course assignments: forward functions, many with `(out, cache)`."""

import numpy as np

from .case import Case

rng = np.random.default_rng(10)


def affine_forward(x, w, b):
    out = None
    x_flat = x.reshape(x.shape[0], -1)
    out = x_flat.dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_matmul(x, w, b):
    """Fully connected layer without a cache."""
    N = x.shape[0]
    return np.reshape(x, (N, -1)) @ w + b


def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache


def affine_relu_forward(x, w, b):
    a = x.dot(w) + b
    out = np.maximum(a, 0)
    return out, (x, w, b, a)


def batchnorm_train(x, gamma, beta, eps=1e-5):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu**2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    return out, cache


def batchnorm_short(x, gamma, beta, eps=1e-5):
    sample_mean = x.mean(axis=0)
    sample_var = x.var(axis=0)
    x_hat = (x - sample_mean) / np.sqrt(sample_var + eps)
    return gamma * x_hat + beta


def batchnorm_running(x, gamma, beta, running_mean, running_var, momentum=0.9, eps=1e-5):
    mean, var = np.mean(x, axis=0), np.var(x, axis=0)
    running_mean = momentum * running_mean + (1 - momentum) * mean
    running_var = momentum * running_var + (1 - momentum) * var
    out = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return out, running_mean, running_var


def batchnorm_test(x, gamma, beta, running_mean, running_var, eps=1e-5):
    xhat = (x - running_mean) / np.sqrt(running_var + eps)
    return gamma * xhat + beta


def layernorm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, axis=1, keepdims=True)
    var = np.var(x, axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_norm = (x - mean) / std
    out = gamma * x_norm + beta
    cache = x_norm, gamma, std
    return out, cache


def layernorm_transposed(x, gamma, beta, eps=1e-5):
    x_T = x.T
    mu = np.mean(x_T, axis=0)
    sigma = np.sqrt(np.var(x_T, axis=0) + eps)
    out = ((x_T - mu) / sigma).T
    return gamma * out + beta


def layernorm_last_axis(x, g, b, eps: float = 1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    return g * (x - mean) / np.sqrt(variance + eps) + b


def rmsnorm(x, weight, eps=1e-6):
    ms = (x**2).mean(-1, keepdims=True) + eps
    return x / np.sqrt(ms) * weight


def spatial_batchnorm(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    x_flat = x.transpose(0, 2, 3, 1).reshape(-1, C)
    mu = x_flat.mean(axis=0)
    var = np.mean((x_flat - mu) ** 2, axis=0)
    out_flat = gamma * (x_flat - mu) / np.sqrt(var + eps) + beta
    return out_flat.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def spatial_groupnorm(x, gamma, beta, G, eps=1e-5):
    N, C, H, W = x.shape
    size = (N * G, C // G * H * W)
    x_group = x.reshape(size)
    mean = x_group.mean(axis=1, keepdims=True)
    var = x_group.var(axis=1, keepdims=True)
    x_norm = ((x_group - mean) / np.sqrt(var + eps)).reshape(N, C, H, W)
    out = x_norm * gamma + beta
    return out, (x_norm, G)


def instancenorm(x, eps=1e-5):
    mean = x.mean(axis=(2, 3), keepdims=True)
    std = x.std(axis=(2, 3), keepdims=True)
    return (x - mean) / (std + eps)


def dropout_forward(x, mask, p=0.5):
    out = x * mask / p
    return out, mask


def inverted_dropout(a, drawn, keep_prob=0.8):
    d = drawn < keep_prob
    a = np.multiply(a, d)
    a /= keep_prob
    return a


def softmax_loss(x, y):
    shifted_logits = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted_logits), axis=1, keepdims=True)
    log_probs = shifted_logits - np.log(Z)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    return loss


def softmax_loss_probs(scores, y):
    probs = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = scores.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    return loss


def softmax_loss_range(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    scores -= scores.max(axis=1).reshape(-1, 1)
    correct = scores[range(num_train), list(y)].reshape(-1, 1)
    loss = np.sum(-correct + np.log(np.sum(np.exp(scores), axis=1)).reshape(-1, 1))
    loss /= num_train
    loss += 0.5 * reg * np.sum(W * W)
    return loss


def svm_loss(x, y):
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    loss = (np.sum(margins) - N) / N
    return loss


def svm_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    scores = X @ W
    right = scores[np.arange(num_train), y].reshape((num_train, 1))
    margin = np.maximum(scores - right + 1, np.zeros(scores.shape))
    loss = (margin.sum() - num_train) / num_train
    loss += reg * np.sum(W**2)
    return loss


def word_embedding_forward(x, W):
    out = W[x]
    cache = (x, W.shape)
    return out, cache


def word_embedding_rows(x, W):
    out = W[x, :]
    return out


def positional_embedding(tokens, table, position):
    N, T = tokens.shape
    return table[tokens] + position[:T]


def temporal_affine_forward(x, w, b):
    N, T, D = x.shape
    M = b.shape[0]
    out = x.reshape(N * T, D).dot(w).reshape(N, T, M) + b
    cache = x, w, b, out
    return out, cache


def temporal_softmax_loss(x, y, mask):
    N, T, V = x.shape
    x_flat = x.reshape(N * T, V)
    y_flat = y.reshape(N * T)
    mask_flat = mask.reshape(N * T)
    probs = np.exp(x_flat - np.max(x_flat, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.sum(mask_flat * np.log(probs[np.arange(N * T), y_flat])) / N
    return loss


def max_pool_2x2(x):
    N, C, H, W = x.shape
    x_reshaped = x.reshape(N, C, H // 2, 2, W // 2, 2)
    out = x_reshaped.max(axis=3).max(axis=4)
    return out, (x, x_reshaped)


def average_pool_2x2(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))


def global_average_pool(x):
    return np.mean(x, axis=(2, 3))


def conv1x1(x, w, b):
    return np.einsum("nchw,fc->nfhw", x, w) + b[None, :, None, None]


def pad_and_crop(x, pad=1):
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    return padded[:, :, :-1, 1:] * 2.0


x, w, b = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
x4, gamma, beta = rng.normal(size=(2, 4, 2, 4)), rng.normal(size=4), rng.normal(size=4)
scores, y = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
rm, rv = rng.normal(size=4), rng.uniform(0.5, 2, 4)
X, W = rng.normal(size=(4, 5)), rng.normal(size=(5, 3))
x3, tokens = rng.normal(size=(2, 3, 4)), np.array([[0, 2, 2], [3, 0, 1]])
f32 = np.float32
CASES = [
    Case(affine_forward, (x, w, b)),
    Case(affine_forward, (rng.normal(size=(2, 2, 2)), w, b), note="images"),
    Case(affine_forward, (x.astype(f32), w.astype(f32), b.astype(f32)), note="float32"),
    Case(affine_matmul, (x, w, b)),
    Case(affine_matmul, (x, w, b), ("w", "b"), note="weights"),
    Case(relu_forward, (x,)),
    Case(relu_forward, (1.5,), note="number"),
    Case(affine_relu_forward, (x, w, b)),
    Case(batchnorm_train, (x, gamma, beta)),
    Case(batchnorm_short, (x, gamma, beta)),
    Case(batchnorm_short, (x.astype(f32), gamma.astype(f32), beta.astype(f32)), note="float32"),
    Case(batchnorm_running, (x, gamma, beta, rm, rv)),
    Case(batchnorm_test, (x, gamma, beta, rm, rv)),
    Case(layernorm_forward, (x, gamma, beta)),
    Case(layernorm_transposed, (x, gamma, beta)),
    Case(layernorm_last_axis, (x3, gamma, beta)),
    Case(layernorm_last_axis, (x, 2.0, 1), note="numbers"),
    Case(rmsnorm, (x3, gamma)),
    Case(spatial_batchnorm, (x4, gamma, beta)),
    Case(spatial_groupnorm, (x4, gamma.reshape(1, 4, 1, 1), beta.reshape(1, 4, 1, 1), 2), ("x", "gamma", "beta")),
    Case(instancenorm, (x4,)),
    Case(dropout_forward, (x, rng.uniform(size=(3, 4)) < 0.5), "x"),
    Case(inverted_dropout, (x, rng.uniform(size=(3, 4))), "a"),
    Case(softmax_loss, (scores, y), "x"),
    Case(softmax_loss, (scores.astype(f32), y), "x", note="float32"),
    Case(softmax_loss_probs, (scores, y), "scores"),
    Case(softmax_loss_range, (W, X, y, 0.1), "W"),
    Case(softmax_loss_range, (W, X, y, 0.1), ("reg", "X"), note="others"),
    Case(svm_loss, (scores, y), "x"),
    Case(svm_loss_vectorized, (W, X, y, 0.1), "W"),
    Case(word_embedding_forward, (tokens, w), "W"),
    Case(word_embedding_rows, (tokens[0], w), "W"),
    Case(positional_embedding, (tokens, w, rng.normal(size=(4, 5))), ("table", "position")),
    Case(temporal_affine_forward, (x3, w, b)),
    Case(temporal_softmax_loss, (x3, tokens, np.array([[1, 1, 0], [1, 0, 1]])), "x"),
    Case(max_pool_2x2, (x4,)),
    Case(average_pool_2x2, (x4,)),
    Case(global_average_pool, (x4,)),
    Case(conv1x1, (x4, rng.normal(size=(3, 4)), rng.normal(size=3))),
    Case(pad_and_crop, (rng.normal(size=(1, 2, 3, 3)),)),
]
