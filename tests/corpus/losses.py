"""Loss functions as they stand in training scripts."""

import numpy as np

from .case import Case

rng = np.random.default_rng(13)
EPSILON = 1e-12


def mse(y_true, y_pred):
    return np.mean(np.power(y_true - y_pred, 2))


def mse_half(y, t):
    return 0.5 * np.sum((y - t) ** 2)


def mse_method(pred, target):
    return ((pred - target) ** 2).mean()


def rmse(y_hat, y):
    return np.sqrt(np.mean(np.square(y_hat - y)))


def mae(y_true, y_pred):
    return np.abs(y_true - y_pred).mean()


def mape(actual, predicted):
    return np.mean(np.abs((actual - predicted) / actual)) * 100


def msle(y_true, y_pred):
    return np.mean((np.log1p(y_true) - np.log1p(y_pred)) ** 2)


def r2_score(y_true, y_pred):
    ss_res = np.sum((y_true - y_pred) ** 2)
    ss_tot = np.sum((y_true - np.mean(y_true)) ** 2)
    return 1 - ss_res / ss_tot


def huber(y, y_pred, delta=1.0):
    error = y - y_pred
    return np.where(np.abs(error) < delta, 0.5 * error**2, delta * (np.abs(error) - 0.5 * delta)).mean()


def huber_mask(y_true, y_pred, delta=1.0):
    r = y_true - y_pred
    small = np.abs(r) <= delta
    loss = small * 0.5 * np.square(r) + ~small * (delta * np.abs(r) - 0.5 * delta**2)
    return np.sum(loss)


def pseudo_huber(a, delta):
    return np.sum(delta**2 * (np.sqrt(1 + (a / delta) ** 2) - 1))


def log_cosh(pred, true):
    return np.sum(np.log(np.cosh(pred - true)))


def quantile_loss(y, f, tau=0.7):
    e = y - f
    return np.mean(np.maximum(tau * e, (tau - 1) * e))


def smooth_l1(x, beta=0.5):
    absolute = abs(x)
    return np.where(absolute < beta, 0.5 * x**2 / beta, absolute - 0.5 * beta).sum()


def binary_cross_entropy(y_true, y_pred, eps=1e-7):
    y_pred = np.clip(y_pred, eps, 1 - eps)
    return -np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))


def bce_additive(p, t):
    return -np.sum(t * np.log(p + EPSILON) + (1.0 - t) * np.log(1.0 - p + EPSILON)) / t.size


def bce_with_logits(logits, targets):
    max_val = np.clip(-logits, 0, None)
    loss = logits - logits * targets + max_val + np.log(np.exp(-max_val) + np.exp(-logits - max_val))
    return loss.mean()


def bce_logits_short(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def cost_columns(AL, Y):
    m = Y.shape[1]
    cost = (-1 / m) * (np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T))
    cost = np.squeeze(cost)
    assert cost.shape == ()
    return cost


def cross_entropy_one_hot(predictions, targets, epsilon=1e-12):
    predictions = np.clip(predictions, epsilon, 1.0 - epsilon)
    N = predictions.shape[0]
    ce = -np.sum(targets * np.log(predictions + 1e-9)) / N
    return ce


def cross_entropy_index(X, y):
    m = y.shape[0]
    e = np.exp(X - X.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    log_likelihood = -np.log(p[range(m), y])
    loss = np.sum(log_likelihood) / m
    return loss


def cross_entropy_one_example(scores, label):
    scores = scores - np.max(scores)
    return -scores[label] + np.log(np.sum(np.exp(scores)))


def cross_entropy_eye(logits, labels):
    onehot = np.eye(logits.shape[1])[labels]
    logprobs = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    return -(onehot * logprobs).sum(axis=1).mean()


def cross_entropy_size(y, t):
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


def label_smoothing(logits, onehot, smoothing=0.1):
    K = onehot.shape[-1]
    target = onehot * (1 - smoothing) + smoothing / K
    m = logits.max(-1, keepdims=True)
    logp = logits - m - np.log(np.exp(logits - m).sum(-1, keepdims=True))
    return -np.mean(np.sum(target * logp, -1))


def hinge(y_true, y_pred):
    return np.mean(np.maximum(0, 1 - y_true * y_pred))


def squared_hinge(y, s):
    return np.sum(np.square(np.maximum(1.0 - y * s, 0.0)))


def exponential_loss(y, f):
    return np.exp(-y * f).sum()


def modified_huber(y, p):
    z = y * p
    return np.where(z >= 1, 0.0, np.where(z >= -1, (1 - z) ** 2, -4 * z)).sum()


def n(*shape):
    return rng.normal(size=shape)


a, b, u, v = n(5), n(5), rng.uniform(0.1, 0.9, (3, 2)), rng.uniform(0.1, 0.9, (3, 2))
p, logits, positive = rng.uniform(0.2, 0.9, (4, 3)), n(4, 3), rng.uniform(0.5, 2, 5)
labels, onehot = np.array([0, 2, 2, 1]), np.eye(3)[[0, 2, 2, 1]]
bits, signs = np.array([[1, 0], [0, 0], [1, 1]]), np.array([1, -1, -1, 1, 1])
f32 = np.float32
CASES = [
    *[Case(f, (a, b)) for f in (mse, mse_half, mse_method, rmse, mae, mape, r2_score, huber, huber_mask, log_cosh)],
    *[Case(f, (1.5, 0), note="numbers") for f in (mse, mse_half, rmse, log_cosh, quantile_loss)],
    *[Case(f, (a.astype(f32), b.astype(f32)), note="float32") for f in (mse, huber, mae, log_cosh)],
    Case(mse, (np.array([1, 2, 3]), np.array([1.5, 1.0, 2.0])), note="ints"),
    Case(msle, (u, v)),
    Case(pseudo_huber, (a, 0.8)),
    Case(quantile_loss, (a, b)),
    Case(smooth_l1, (a,)),
    Case(binary_cross_entropy, (bits, u), 1),
    *[Case(f, (u, bits), 0) for f in (bce_additive, bce_with_logits, bce_logits_short)],
    Case(bce_logits_short, (n(3, 2), v), note="both"),
    Case(cost_columns, (u[:1], bits[:1]), "AL"),
    Case(cross_entropy_one_hot, (p, onehot), "predictions"),
    Case(cross_entropy_index, (logits, labels), "X"),
    Case(cross_entropy_one_example, (n(4), 2), "scores"),
    Case(cross_entropy_eye, (logits, labels), "logits"),
    Case(cross_entropy_size, (p, labels), "y"),
    Case(label_smoothing, (logits, onehot), "logits"),
    *[Case(f, (signs, a), 1) for f in (hinge, squared_hinge, exponential_loss, modified_huber)],
    *[Case(f, (a, b), note="both") for f in (hinge, squared_hinge, exponential_loss)],
]
