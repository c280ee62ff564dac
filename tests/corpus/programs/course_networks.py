"""Networks of a course: objects with self.params, loops over layers with numbered keys, losses with their gradients."""

import numpy as np

from ..case import Case
from .helpers import affine_backward, affine_forward, affine_relu_backward, affine_relu_forward, softmax_loss

rng = np.random.default_rng(111)


def two_layer_loss(params, X, y=None, reg=0.0):
    """Loss and gradients of a two-layer network, or its scores without labels."""
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    N, D = X.shape

    h = np.maximum(0, X.dot(W1) + b1)
    scores = h.dot(W2) + b2
    if y is None:
        return scores

    shift = scores - np.max(scores, axis=1)[:, np.newaxis]
    probs = np.exp(shift) / np.sum(np.exp(shift), axis=1, keepdims=True)
    loss = -np.sum(np.log(probs[range(N), y])) / N
    loss += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

    grads = {}
    dscores = probs.copy()
    dscores[range(N), y] -= 1
    dscores /= N
    grads["W2"] = h.T.dot(dscores) + reg * W2
    grads["b2"] = np.sum(dscores, axis=0)
    dh = dscores.dot(W2.T)
    dh[h <= 0] = 0
    grads["W1"] = X.T.dot(dh) + reg * W1
    grads["b1"] = np.sum(dh, axis=0)
    return loss, grads


class TwoLayerNet:
    def __init__(self, seed, input_dim=4, hidden_dim=3, num_classes=3, reg=0.1):
        draw = np.random.default_rng(seed)
        self.params = {}
        self.reg = reg
        self.params["W1"] = draw.normal(size=(input_dim, hidden_dim))
        self.params["b1"] = draw.normal(size=hidden_dim)
        self.params["W2"] = draw.normal(size=(hidden_dim, num_classes))
        self.params["b2"] = draw.normal(size=num_classes)

    def loss(self, X, y=None):
        scores = None
        W1, W2 = self.params["W1"], self.params["W2"]
        b1, b2 = self.params["b1"], self.params["b2"]
        hidden, cache_hidden = affine_relu_forward(X, W1, b1)
        scores, cache_scores = affine_forward(hidden, W2, b2)
        # If y is None then we are in test mode so just return scores
        if y is None:
            return scores

        loss, grads = 0, {}
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, cache_scores)
        dX, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, cache_hidden)
        grads["W2"] += self.reg * W2
        grads["W1"] += self.reg * W1
        return loss, grads


class FullyConnectedNet:
    def __init__(self, seed, dims, normalization=None, reg=0.0, dropout=1):
        draw = np.random.default_rng(seed)
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = len(dims) - 1
        self.params = {}
        for i in range(self.num_layers):
            self.params["W" + str(i + 1)] = draw.normal(size=(dims[i], dims[i + 1]))
            self.params["b" + str(i + 1)] = draw.normal(size=dims[i + 1])
            if normalization is not None and i < self.num_layers - 1:
                self.params["gamma%d" % (i + 1)] = draw.uniform(1, 2, dims[i + 1])
                self.params["beta%d" % (i + 1)] = draw.normal(size=dims[i + 1])
        self.bn_params = [{"mode": "train"} for i in range(self.num_layers - 1)]

    def scores(self, X):
        out = X
        for i in range(1, self.num_layers):
            out = np.maximum(out @ self.params[f"W{i}"] + self.params[f"b{i}"], 0)
        return out @ self.params[f"W{self.num_layers}"] + self.params[f"b{self.num_layers}"]

    def loss(self, X, y=None):
        X = X.astype(np.float64)
        mode = "test" if y is None else "train"
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        caches = {}
        out = X
        for i in range(self.num_layers - 1):
            W, b = self.params["W" + str(i + 1)], self.params["b" + str(i + 1)]
            a, fc_cache = affine_forward(out, W, b)
            if self.normalization == "batchnorm":
                gamma, beta = self.params["gamma%d" % (i + 1)], self.params["beta%d" % (i + 1)]
                mu, var = a.mean(axis=0), a.var(axis=0)
                a = gamma * (a - mu) / np.sqrt(var + self.bn_params[i].get("eps", 1e-5)) + beta
            caches["fc" + str(i + 1)] = fc_cache
            caches["relu" + str(i + 1)] = a
            out = np.maximum(0, a)
        last = str(self.num_layers)
        scores, caches["fc" + last] = affine_forward(out, self.params["W" + last], self.params["b" + last])
        if mode == "test":
            return scores

        loss, dscores = softmax_loss(scores, y)
        for i in range(self.num_layers):
            loss += 0.5 * self.reg * np.sum(self.params["W" + str(i + 1)] ** 2)
        return loss, caches


class ThreeLayerConvNet:
    def __init__(self, seed, reg=0.01):
        draw = np.random.default_rng(seed)
        self.reg = reg
        self.params = {
            "W1": draw.normal(size=(2, 1, 3, 3)),
            "b1": draw.normal(size=2),
            "W2": draw.normal(size=(8, 3)) * 0.5,
            "b2": draw.normal(size=3),
        }

    def loss(self, X, y):
        W1, b1 = self.params["W1"], self.params["b1"]
        conv_param = {"stride": 1, "pad": (W1.shape[2] - 1) // 2}
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        p = conv_param["pad"]
        N, C, H, W = X.shape
        padded = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant")
        conv = np.zeros((N, W1.shape[0], H, W))
        for i in range(H):
            for j in range(W):
                window = padded[:, :, i : i + 3, j : j + 3]
                conv[:, :, i, j] = np.tensordot(window, W1, axes=([1, 2, 3], [1, 2, 3])) + b1
        conv[conv < 0] = 0
        s = pool_param["stride"]
        pooled = conv.reshape(N, -1, H // s, s, W // s, s).max(axis=5).max(axis=3)
        scores, cache = affine_forward(pooled, self.params["W2"], self.params["b2"])
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * sum(np.sum(self.params[k] ** 2) for k in ("W1", "W2"))
        return loss


def fully_connected_dict(params, X, y, num_layers, reg):
    out = X
    loss = 0.0
    for layer in range(1, num_layers):
        out = out.dot(params["W%d" % layer]) + params["b%d" % layer]
        out = np.maximum(out, 0)
        loss += 0.5 * reg * np.sum(params["W%d" % layer] ** 2)
    scores = out.dot(params["W%d" % num_layers]) + params["b%d" % num_layers]
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    return loss - np.mean(np.log(p[np.arange(len(y)), y]))


def l2_of_all_weights(params, reg=0.5):
    total = 0
    for name, value in params.items():
        if name.startswith("W"):
            total += np.sum(value * value)
    return 0.5 * reg * total


def sorted_keys_norm(params):
    s = 0.0
    for k, name in enumerate(sorted(params)):
        s += (k + 1) * np.sum(params[name] ** 2)
    return s


def content_loss(content_weight, content_current, content_original):
    return content_weight * np.sum((content_current - content_original) ** 2)


def gram_matrix(features, normalize=True):
    N, C, H, W = features.shape
    flat = features.reshape(N, C, H * W)
    gram = np.zeros((N, C, C))
    for n in range(N):
        gram[n] = flat[n] @ flat[n].T
    if normalize:
        gram /= H * W * C
    return gram


def style_loss(feats, style_layers, style_targets, style_weights):
    loss = 0.0
    for i, idx in enumerate(style_layers):
        G = gram_matrix(feats[idx])
        loss += style_weights[i] * np.sum((G - style_targets[i]) ** 2)
    return loss


def tv_loss(img, tv_weight):
    N, C, H, W = img.shape
    loss = 0.0
    for i in range(H - 1):
        loss += np.sum((img[:, :, i + 1] - img[:, :, i]) ** 2)
    for j in range(W - 1):
        loss += np.sum((img[..., j + 1] - img[..., j]) ** 2)
    return tv_weight * loss


def sgd_step_loss(w, config, dw):
    """An update rule: the loss after one step of it, on the weights and on the learning rate."""
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    next_w = w + v
    config["velocity"] = v
    return next_w, config


def adam_update(w, dw, config=None):
    if config is None:
        config = {}
    lr = config.setdefault("learning_rate", 1e-3)
    beta1, beta2 = config.setdefault("beta1", 0.9), config.setdefault("beta2", 0.999)
    m, v = config.setdefault("m", np.zeros_like(w)), config.setdefault("v", np.zeros_like(w))
    t = config.setdefault("t", 0) + 1
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mt, vt = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * mt / (np.sqrt(vt) + 1e-8)


X, y = rng.normal(size=(5, 4)), np.array([0, 2, 1, 1, 0])
params = TwoLayerNet(0).params
deep = FullyConnectedNet(1, [4, 3, 3, 3], reg=0.1)
normed = FullyConnectedNet(2, [4, 3, 3], "batchnorm", reg=0.1)
img = rng.normal(size=(2, 1, 4, 4))
feats = [rng.normal(size=(1, 2, 2, 2)), rng.normal(size=(1, 2, 2, 3)), rng.normal(size=(1, 3, 2, 2))]
targets = [rng.normal(size=(1, 2, 2)), rng.normal(size=(1, 3, 3))]
w, dw = rng.normal(size=3), rng.normal(size=3)
CASES = [
    Case(two_layer_loss, (params, X, y, 0.1), ("params", "X"), output=0),
    Case(two_layer_loss, (params, X), note="scores"),
    Case(TwoLayerNet.loss, (TwoLayerNet(0), X, y), "self", output=0, note="two"),
    Case(TwoLayerNet.loss, (TwoLayerNet(0), X), ("self", "X"), note="two, scores"),
    Case(TwoLayerNet(0).loss, (X, y), "X", output=0, note="two, bound"),
    Case(FullyConnectedNet.scores, (deep, X), ("self", "X")),
    Case(FullyConnectedNet.loss, (deep, X, y), "self", output=0, note="deep"),
    Case(FullyConnectedNet.loss, (normed, X, y), ("self", "X"), output=0, note="normed"),
    Case(FullyConnectedNet.loss, (normed, X), "X", note="normed, scores"),
    Case(ThreeLayerConvNet.loss, (ThreeLayerConvNet(3), img, y[:2]), "self", note="conv"),
    Case(fully_connected_dict, (deep.params, X, y, 3, 0.1), "params"),
    Case(l2_of_all_weights, (params,)),
    Case(sorted_keys_norm, (params,)),
    Case(content_loss, (0.1, feats[0], feats[0] * 1.3)),
    Case(gram_matrix, (feats[0],)),
    Case(style_loss, (feats, [0, 2], targets, [0.5, 2.0]), ("feats", "style_weights")),
    Case(tv_loss, (img, 0.1)),
    Case(sgd_step_loss, (w, {"learning_rate": 0.1, "velocity": dw * 2}, dw), ("w", "dw"), output=0),
    Case(adam_update, (w, dw)),
    Case(adam_update, (w, dw, {"t": 3, "m": dw * 0.1, "v": dw**2, "learning_rate": 0.1}), note="config"),
]
