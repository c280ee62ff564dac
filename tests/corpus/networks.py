"""Recurrent steps, attention heads and small networks with their losses in one function."""

import numpy as np

from .case import Case

rng = np.random.default_rng(11)


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = np.dot(x, Wx) + np.dot(prev_h, Wh) + b
    ai, af, ao, ag = a[:, 0:H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]
    i = 1 / (1 + np.exp(-ai))
    f = 1 / (1 + np.exp(-af))
    o = 1 / (1 + np.exp(-ao))
    g = np.tanh(ag)
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c


def lstm_split(x, h, c, W):
    gates = np.hstack((x, h)) @ W
    i, f, o, g = np.split(gates, 4, axis=1)
    i, f, o = 1.0 / (1.0 + np.exp(-i)), 1.0 / (1.0 + np.exp(-f)), 1.0 / (1.0 + np.exp(-o))
    c = f * c + i * np.tanh(g)
    h = o * np.tanh(c)
    return h, c


def lstm_columns(xt, a_prev, c_prev, Wf, bf, Wy, by):
    concat = np.concatenate((a_prev, xt), axis=0)
    ft = 1 / (1 + np.exp(-(np.dot(Wf, concat) + bf)))
    c_next = ft * c_prev
    a_next = ft * np.tanh(c_next)
    z = np.dot(Wy, a_next) + by
    e = np.exp(z - np.max(z))
    yt_pred = e / e.sum(axis=0)
    return a_next, c_next, yt_pred


def gru_step(x, h, Wz, Wr, Wh):
    xh = np.concatenate([x, h], axis=-1)
    z = 1 / (1 + np.exp(-xh @ Wz))
    r = 1 / (1 + np.exp(-xh @ Wr))
    h_tilde = np.tanh(np.concatenate([x, r * h], axis=-1) @ Wh)
    return (1 - z) * h + z * h_tilde


def attention_head(q, k, v):
    d_k = q.shape[-1]
    scores = q @ k.T / np.sqrt(d_k)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = scores / scores.sum(axis=-1, keepdims=True)
    return weights @ v


def causal_attention(x, wq, wk, wv):
    T = x.shape[0]
    q, k, v = x @ wq, x @ wk, x @ wv
    mask = (1 - np.tri(T)) * -1e10
    att = q @ k.T / np.sqrt(q.shape[1]) + mask
    att = np.exp(att - np.max(att, axis=-1, keepdims=True))
    att = att / np.sum(att, axis=-1, keepdims=True)
    return att @ v


def masked_attention(query, key, value, mask):
    scores = np.matmul(query, key.transpose(0, 2, 1)) / np.sqrt(query.shape[-1])
    scores = np.where(mask, scores, -1e9)
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return np.matmul(p, value), p


def multihead_attention(x, w_qkv, w_out):
    N, T, D = x.shape
    heads = 2
    qkv = (x @ w_qkv).reshape(N, T, 3, heads, D // heads)
    q, k, v = qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]
    scores = np.einsum("nthd,nshd->nhts", q, k) / (D // heads) ** 0.5
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    out = np.einsum("nhts,nshd->nthd", weights, v).reshape(N, T, D)
    return out @ w_out


def dot_attention_step(prev_h, A, Wattn):
    N, H, D, _ = A.shape
    At = A.reshape(N, H, -1)
    w = np.squeeze(np.matmul(prev_h[:, None, :], At), axis=1) / np.sqrt(H)
    w = np.exp(w - np.max(w, axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    attn = np.matmul(At, np.expand_dims(w, 2)).squeeze(2)
    return attn @ Wattn


def two_layer_loss(X, y, W1, b1, W2, b2, reg=0.0):
    N, D = X.shape
    h = np.maximum(0, X.dot(W1) + b1)
    scores = h.dot(W2) + b2
    shift = scores - np.max(scores, axis=1).reshape((-1, 1))
    softmax = np.exp(shift) / np.sum(np.exp(shift), axis=1).reshape((-1, 1))
    data_loss = -np.sum(np.log(softmax[range(N), y])) / N
    reg_loss = 0.5 * reg * np.sum(W1 * W1) + 0.5 * reg * np.sum(W2 * W2)
    return data_loss + reg_loss


def mlp_regression(X, t, w1, b1, w2, b2):
    z1 = np.dot(X, w1) + b1
    a1 = np.tanh(z1)
    y = np.dot(a1, w2) + b2
    error = y - t
    return 0.5 * np.mean(np.sum(error**2, axis=1))


def deep_columns_cost(X, Y, W1, b1, W2, b2):
    m = Y.shape[1]
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    cost = -1.0 / m * np.sum(logprobs)
    cost = np.squeeze(cost)
    return cost


def l2_cost(A3, Y, W1, W2, W3, lambd):
    m = Y.shape[1]
    cross_entropy = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m
    penalty = lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
    return cross_entropy + penalty


def perceptron(x, w, b):
    return np.tanh(np.dot(x, w) + b)


def sigmoid_neuron(w, x):
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1.0 / (1 + np.exp(-dot))
    return f


def autoencoder_loss(x, w_enc, w_dec):
    code = np.tanh(x @ w_enc)
    recon = code @ w_dec
    return ((x - recon) ** 2).sum(axis=1).mean()


def vae_loss(x, mu, logvar, noise, W):
    z = mu + np.exp(0.5 * logvar) * noise
    x_hat = 1 / (1 + np.exp(-(z @ W)))
    rec = -np.mean(np.sum(x * np.log(x_hat) + (1 - x) * np.log(1 - x_hat), axis=1))
    kl = -0.5 * np.mean(np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1))
    return rec + kl


def skipgram_loss(center, context, negatives, U, V):
    v = V[center]
    pos = np.log(1 / (1 + np.exp(-np.dot(U[context], v))))
    neg = np.sum(np.log(1 / (1 + np.exp(U[negatives] @ v))))
    return -pos - neg


def residual_block(x, w1, w2):
    h = np.maximum(x @ w1, 0) @ w2
    out = x + h
    return np.maximum(out, 0)


def gated_mlp(x, w_gate, w_up, w_down):
    gate = x @ w_gate
    hidden = gate / (1 + np.exp(-gate)) * (x @ w_up)
    return hidden @ w_down


def n(*shape):
    return rng.normal(size=shape) * 0.7


x, h, c = n(2, 3), n(2, 4), n(2, 4)
x3, X, y = n(2, 3, 4), n(4, 3), np.array([1, 0, 2, 1])
T, onehot = n(4, 2), (rng.uniform(size=(1, 4)) < 0.5).astype(float)
CASES = [
    Case(rnn_step_forward, (x, h, n(3, 4), n(4, 4), n(4))),
    Case(lstm_step_forward, (x, h, c, n(3, 16), n(4, 16), n(16))),
    Case(lstm_split, (x, h, c, n(7, 16))),
    Case(lstm_columns, (n(3, 2), n(4, 2), n(4, 2), n(4, 7), n(4, 1), n(2, 4), n(2, 1))),
    Case(gru_step, (x, h, n(7, 4), n(7, 4), n(7, 4))),
    Case(gru_step, (n(3), n(2), n(5, 2), n(5, 2), n(5, 2)), note="one example"),
    Case(attention_head, (n(3, 4), n(5, 4), n(5, 2))),
    Case(causal_attention, (X, n(3, 2), n(3, 2), n(3, 2))),
    Case(masked_attention, (x3, n(2, 5, 4), n(2, 5, 2), rng.uniform(size=(2, 3, 5)) < 0.7), ("query", "key", "value")),
    Case(multihead_attention, (x3, n(4, 12), n(4, 4))),
    Case(dot_attention_step, (n(2, 3), n(2, 3, 2, 2), n(3, 2))),
    Case(two_layer_loss, (X, y, n(3, 5), n(5), n(5, 3), n(3), 0.1), ("W1", "b1", "W2", "b2")),
    Case(mlp_regression, (X, T, n(3, 4), n(4), n(4, 2), n(2))),
    Case(deep_columns_cost, (n(3, 4), onehot, n(5, 3), n(5, 1), n(1, 5), n(1, 1)), ("W1", "b1", "W2", "b2")),
    Case(l2_cost, (rng.uniform(0.1, 0.9, (1, 4)), onehot, n(2, 3), n(2, 2), n(1, 2), 0.3)),
    Case(perceptron, (n(4), n(4), 0.3)),
    Case(perceptron, (X, n(3, 2), n(2)), note="layer"),
    Case(sigmoid_neuron, ([2.0, -3.0, -3.0], [-1.0, -2.0])),
    Case(sigmoid_neuron, (n(3), n(2)), note="arrays"),
    Case(autoencoder_loss, (X, n(3, 2), n(2, 3))),
    Case(vae_loss, (rng.uniform(0.1, 0.9, (2, 3)), n(2, 2), n(2, 2), n(2, 2), n(2, 3)), ("mu", "logvar", "W")),
    Case(skipgram_loss, (1, 2, np.array([0, 3, 3]), n(4, 3), n(4, 3)), ("U", "V")),
    Case(residual_block, (X, n(3, 4), n(4, 3))),
    Case(gated_mlp, (X, n(3, 4), n(3, 4), n(4, 3))),
]
