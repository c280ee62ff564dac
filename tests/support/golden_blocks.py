"""Functions with loops, branches, stores, calls and containers, whose generated text is kept in tests/golden/ too."""

import numpy as np
from golden_functions import CASES, LABELS, golden, normal

__all__ = ["CASES"]


@golden(normal(3, 2, 4), normal(2, 5), normal(4, 5), normal(5, 5, seed=1), normal(5))
def rnn(x, h, W, U, b):
    for t in range(x.shape[0]):
        h = np.tanh(x[t] @ W + h @ U + b)
    return np.sum(h**2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i = sigmoid(a[:, :H])
    f = sigmoid(a[:, H:2 * H])
    o = sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c


@golden(normal(2, 3, 4), normal(2, 5), normal(4, 20), normal(5, 20), normal(20), layer=True)
def lstm(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev_h = h0
    prev_c = np.zeros_like(h0)
    for t in range(T):
        prev_h, prev_c = lstm_step(x[:, t], prev_h, prev_c, Wx, Wh, b)
        h[:, t] = prev_h
    return h


@golden(normal(2, 2, 4, 5), normal(3, 2, 2, 3), normal(3), {"stride": 2, "pad": 1},
        wrt=("x", "w", "b"), layer=True)
def convolution(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out


@golden(normal(2, 3, 4, 4), {"pool_height": 2, "pool_width": 2, "stride": 2}, wrt="x", layer=True)
def max_pool(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    H_out = 1 + (H - height) // stride
    W_out = 1 + (W - width) // stride
    out = np.zeros((N, C, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            window = x[:, :, i * stride:i * stride + height, j * stride:j * stride + width]
            out[:, :, i, j] = np.max(window, axis=(2, 3))
    return out


def running_averages(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if mode == "train":
        sample_mean = x.mean(axis=0)
        sample_var = x.var(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * sample_mean
        running_var = momentum * running_var + (1 - momentum) * sample_var
        x_hat = (x - sample_mean) / np.sqrt(sample_var + eps)
        out = gamma * x_hat + beta
    elif mode == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * x_hat + beta
    else:
        raise ValueError(f"invalid mode {mode}")
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out


@golden(normal(4, 3), normal(3), normal(3, seed=1), {"mode": "train"}, wrt=("x", "gamma", "beta"), layer=True)
def batchnorm_train(x, gamma, beta, bn_param):
    return running_averages(x, gamma, beta, bn_param)


@golden(normal(4, 3), normal(3), normal(3, seed=1),
        {"mode": "test", "running_mean": normal(3), "running_var": normal(3) ** 2},
        wrt=("x", "gamma", "beta"), layer=True)
def batchnorm_test(x, gamma, beta, bn_param):
    return running_averages(x, gamma, beta, bn_param)


@golden(normal(5, 3), normal(4, 5), LABELS, 0.1, wrt="W")
def svm_loss_masked(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    correct = scores[np.arange(N), y].reshape(N, 1)
    margins = scores - correct + 1
    margins[np.arange(N), y] = 0
    margins[margins < 0] = 0
    loss = np.sum(margins) / N
    loss += reg * np.sum(W * W)
    return loss


@golden(normal(5, 3), normal(4, 5), LABELS, 0.1, wrt="W")
def svm_loss_naive(W, X, y, reg):
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1
            if margin > 0:
                loss += margin
    loss /= num_train
    loss += reg * np.sum(W * W)
    return loss


@golden(np.array([[0, 3, 1], [2, 3, 3]]), normal(5, 4), wrt="W", layer=True)
def word_embedding(x, W):
    out = W[x]
    return out


@golden(normal(2, 5, 6), normal(6, 4, seed=1), normal(6, 4, seed=2), normal(6, 3, seed=3), layer=True)
def causal_attention(x, Wq, Wk, Wv):
    N, T, D = x.shape
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    scores[:, ~np.tri(T, dtype=bool)] = -np.inf
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ v


@golden(np.array([1.0, -3.0, 0.5, 2.0]), 2.5)
def newton(coefficients, x):
    for _ in range(20):
        value, slope = 0.0, 0.0
        for c in coefficients:
            slope = slope * x + value
            value = value * x + c
        step = value / slope
        x = x - step
        if abs(step) < 1e-9:
            break
    return x


@golden(normal(5, 3), normal(5, 4), normal(3, 4), normal(4, 4), wrt=("W", "U"))
def rnn_states(x, targets, W, U):
    h = np.zeros(U.shape[0])
    states = []
    for t in range(len(x)):
        h = np.tanh(x[t] @ W + h @ U)
        states.append(h)
    return np.sum((np.stack(states) - targets)**2)


@golden(normal(5, 3), normal(3), 0.1)
def trajectory(forces, x, h):
    xs = [x]
    for t in range(len(forces)):
        xs.append(xs[-1] + h * (forces[t] - np.sin(xs[-1])))
    energy = 0.0
    for x in xs:
        energy += np.sum(x**2)
    return energy


class TwoLayerNet:
    """The network of a course: parameters in a dict, the loss a method."""

    def __init__(self, D, H, C, reg=0.1):
        self.params = {"W1": normal(D, H), "b1": normal(H), "W2": normal(H, C), "b2": normal(C)}
        self.reg = reg

    def loss(self, X, y):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        hidden = np.maximum(0, X.dot(W1) + b1)
        scores = hidden.dot(W2) + b2
        scores -= np.max(scores, axis=1, keepdims=True)
        probs = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
        data_loss = -np.sum(np.log(probs[np.arange(X.shape[0]), y])) / X.shape[0]
        return data_loss + self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))


@golden(TwoLayerNet(5, 6, 3), normal(4, 5), LABELS, wrt="net")
def two_layer_net(net, X, y):
    return net.loss(X, y)


@golden({"W1": normal(5, 6), "b1": normal(6), "W2": normal(6, 3), "b2": normal(3)}, normal(4, 5),
        LABELS, wrt="params")
def network_of_a_dict(params, X, y):
    x = X
    for layer in ["1", "2"]:
        a = x @ params["W" + layer] + params["b" + layer]
        x = np.maximum(a, 0)
    shifted = a - a.max(axis=1, keepdims=True)
    logsum = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(logsum - shifted[np.arange(len(y)), y])


@golden(normal(6, 6), 3, wrt="A")
def jacobi(A, steps):
    for t in range(steps):
        new = A.copy()
        new[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        A = new
    return np.sum(A**2)


@golden(normal(4, 3), 2.0)
def scaled_rows(x, s):
    y = x.copy()
    for i, row in enumerate(y):
        row *= s
        row[0] = np.tanh(row[1])
    y[1:] /= s
    return np.sum(y**2)
