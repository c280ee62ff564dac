"""Recurrent layers of a course: steps, loops over time, LSTM gates, embeddings, temporal losses, captioning."""

import numpy as np

from ..case import Case
from .helpers import sigmoid, softmax

rng = np.random.default_rng(112)


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    H = h0.shape[1]
    h = np.zeros((N, T, H))
    cache = []
    prev_h = h0
    for t in range(T):
        prev_h, step_cache = rnn_step_forward(x[:, t, :], prev_h, Wx, Wh, b)
        h[:, t, :] = prev_h
        cache.append(step_cache)
    return h, cache


def rnn_forward_in_place(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T + 1, h0.shape[1]))
    h[:, 0] = h0
    for t in range(T):
        h[:, t + 1] = np.tanh(np.dot(x[:, t], Wx) + np.dot(h[:, t], Wh) + b)
    return h[:, 1:]


def rnn_last_state(x, h, W, U, b):
    for t in range(x.shape[0]):
        h = np.tanh(x[t] @ W + h @ U + b)
    return np.sum(h**2)


def rnn_backward_by_hand(dh, cache):
    dWh = np.zeros_like(cache[0][3])
    dprev_h = np.zeros_like(dh[:, 0])
    dx = np.zeros((dh.shape[0], dh.shape[1], cache[0][0].shape[1]))
    for t in reversed(range(dh.shape[1])):
        x, prev_h, Wx, Wh, next_h = cache[t]
        da = (dh[:, t] + dprev_h) * (1 - next_h**2)
        dx[:, t] = da @ Wx.T
        dprev_h = da @ Wh.T
        dWh += prev_h.T @ da
    return dx, dprev_h, dWh


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    next_h, next_c, cache = None, None, None
    N, H = prev_h.shape
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i = sigmoid(a[:, 0:H])
    f = sigmoid(a[:, H : 2 * H])
    o = sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H : 4 * H])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    cache = (i, f, o, g, x, prev_h, prev_c, Wx, Wh, next_c)
    return next_h, next_c, cache


def lstm_forward(x, h0, Wx, Wh, b):
    h, cache = None, []
    N, T, D = x.shape
    _, H = h0.shape
    h = np.zeros((N, T, H))
    prev_h, prev_c = h0, np.zeros((N, H))
    for t in range(T):
        next_h, next_c, step = lstm_step_forward(x[:, t], prev_h, prev_c, Wx, Wh, b)
        prev_h, prev_c = next_h, next_c
        cache.append(step)
        h[:, t, :] = next_h
    return h, cache


def lstm_split(x, h, c, W, U, b):
    a_i, a_f, a_o, a_g = np.split(x @ W + h @ U + b, 4, axis=1)
    i, f, o = [sigmoid(a) for a in (a_i, a_f, a_o)]
    c = f * c + i * np.tanh(a_g)
    return o * np.tanh(c), c


def gru_sequence(x, h, p):
    for xt in x:
        z = sigmoid(xt @ p["Wz"] + h @ p["Uz"])
        r = sigmoid(xt @ p["Wr"] + h @ p["Ur"])
        candidate = np.tanh(xt @ p["W"] + (r * h) @ p["U"])
        h = (1 - z) * h + z * candidate
    return h


def word_embedding_loop(x, W):
    N, T = x.shape
    out = np.zeros((N, T, W.shape[1]))
    for i in range(N):
        for j in range(T):
            out[i, j] = W[x[i, j]]
    return out


def word_embedding_backward(dout, x, V):
    dW = np.zeros((V, dout.shape[-1]))
    np.add.at(dW, x, dout)
    return dW


def temporal_softmax_loss(x, y, mask, verbose=False):
    N, T, V = x.shape
    x_flat = x.reshape(N * T, V)
    y_flat = y.reshape(N * T)
    mask_flat = mask.reshape(N * T)
    probs = np.exp(x_flat - np.max(x_flat, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.sum(mask_flat * np.log(probs[np.arange(N * T), y_flat])) / N
    dx_flat = probs.copy()
    dx_flat[np.arange(N * T), y_flat] -= 1
    dx_flat /= N
    dx_flat *= mask_flat[:, None]
    if verbose:
        print("dx_flat: ", dx_flat.shape)
    dx = dx_flat.reshape(N, T, V)
    return loss, dx


def temporal_loss_loops(x, y, mask):
    N, T, V = x.shape
    loss = 0.0
    for n in range(N):
        for t in range(T):
            if not mask[n, t]:
                continue
            p = softmax(x[n, t])
            loss -= np.log(p[y[n, t]])
    return loss / N


class CaptioningRNN:
    def __init__(self, seed, cell_type="rnn", V=4, D=3, W=2, H=2, null=0):
        if cell_type not in {"rnn", "lstm"}:
            raise ValueError('Invalid cell_type "%s"' % cell_type)
        self.cell_type = cell_type
        draw = np.random.default_rng(seed)
        dim_mul = {"lstm": 4, "rnn": 1}[cell_type]
        self._null = null
        self.params = {
            "W_embed": draw.normal(size=(V, W)),
            "W_proj": draw.normal(size=(D, H)),
            "b_proj": draw.normal(size=H),
            "Wx": draw.normal(size=(W, dim_mul * H)),
            "Wh": draw.normal(size=(H, dim_mul * H)),
            "b": draw.normal(size=dim_mul * H),
            "W_vocab": draw.normal(size=(H, V)),
            "b_vocab": draw.normal(size=V),
        }

    def loss(self, features, captions):
        captions_in = captions[:, :-1]
        captions_out = captions[:, 1:]
        mask = captions_out != self._null

        W_proj, b_proj = self.params["W_proj"], self.params["b_proj"]
        W_embed = self.params["W_embed"]
        Wx, Wh, b = self.params["Wx"], self.params["Wh"], self.params["b"]
        W_vocab, b_vocab = self.params["W_vocab"], self.params["b_vocab"]

        h0 = features.dot(W_proj) + b_proj
        x = W_embed[captions_in]
        if self.cell_type == "rnn":
            h, cache_rnn = rnn_forward(x, h0, Wx, Wh, b)
        elif self.cell_type == "lstm":
            h, cache_rnn = lstm_forward(x, h0, Wx, Wh, b)
        N, T, H = h.shape
        scores = h.reshape(N * T, H).dot(W_vocab).reshape(N, T, -1) + b_vocab
        loss, dscores = temporal_softmax_loss(scores, captions_out, mask)
        return loss


def char_rnn_loss(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    """The loss of a character model; its states live in dicts with the time as the key."""
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((3, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    return loss, hs[len(inputs) - 1]


def bidirectional(x, Wf, Wb):
    T = x.shape[0]
    forwards, backwards = [], []
    h = np.zeros(2)
    for t in range(T):
        h = np.tanh(x[t] @ Wf + 0.5 * h)
        forwards.append(h)
    h = np.zeros(2)
    for t in reversed(range(T)):
        h = np.tanh(x[t] @ Wb + 0.5 * h)
        backwards.insert(0, h)
    return np.concatenate([np.stack(forwards), np.stack(backwards)], axis=1)


def sampled_greedily(h, W, Wh, embed, steps):
    """Choices by argmax carry no derivative, the scores do."""
    total, token = 0.0, 0
    for _ in range(steps):
        h = np.tanh(embed[token] + h @ Wh)
        scores = h @ W
        token = int(np.argmax(scores))
        total = total + scores[token]
    return total


def attention_steps(query, keys, values, hops=2):
    for _ in range(hops):
        weights = softmax(keys @ query)
        read = weights @ values
        query = query + read
    return query, weights


x, h0 = rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 2))
Wx, Wh, b = rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)
Wx4, Wh4, b4 = rng.normal(size=(2, 8)), rng.normal(size=(2, 8)), rng.normal(size=8)
steps = rnn_forward(x, h0, Wx, Wh, b)[1]
gates = {k: rng.normal(size=(2, 2)) for k in ("Wz", "Uz", "Wr", "Ur", "W", "U")}
tokens, E = np.array([[0, 2, 2], [3, 0, 1]]), rng.normal(size=(4, 3))
scores, mask = rng.normal(size=(2, 3, 4)), np.array([[1, 1, 0], [1, 0, 1]])
captions, features = np.array([[1, 2, 3, 0], [1, 3, 0, 0]]), rng.normal(size=(2, 3))
net, lstm = CaptioningRNN(0), CaptioningRNN(1, "lstm")
char = (rng.normal(size=(2, 1)), rng.normal(size=(2, 3)), Wh, rng.normal(size=(3, 2)), rng.normal(size=(2, 1)))
CASES = [
    Case(rnn_step_forward, (x[:, 0], h0, Wx, Wh, b)),
    Case(rnn_forward, (x, h0, Wx, Wh, b), output=0),
    Case(rnn_forward, (x, h0, Wx, Wh, b), note="cache too"),
    Case(rnn_forward_in_place, (x, h0, Wx, Wh, b)),
    Case(rnn_last_state, (x.transpose(1, 0, 2), h0, Wx, Wh, b)),
    Case(rnn_backward_by_hand, (rng.normal(size=(2, 3, 2)), steps)),
    Case(lstm_step_forward, (x[:, 0], h0, h0 * 0.5, Wx4, Wh4, b4), output=(0, 1)),
    Case(lstm_forward, (x, h0, Wx4, Wh4, b4), output=0),
    Case(lstm_split, (x[:, 0], h0, h0 * 0.5, Wx4, Wh4, b4)),
    Case(gru_sequence, (x[0], h0[0], gates)),
    Case(word_embedding_loop, (tokens, E), "W"),
    Case(word_embedding_backward, (rng.normal(size=(2, 3, 2)), tokens, 4), "dout"),
    Case(temporal_softmax_loss, (scores, tokens, mask), "x", output=0),
    Case(temporal_softmax_loss, (scores, tokens, mask), "x", kwargs={"verbose": True}, note="with dx"),
    Case(temporal_loss_loops, (scores, tokens, mask), "x"),
    Case(CaptioningRNN.loss, (net, features, captions), ("self", "features"), note="rnn"),
    Case(CaptioningRNN.loss, (lstm, features, captions), "self", note="lstm"),
    Case(net.loss, (features, captions), "features", note="bound"),
    Case(char_rnn_loss, ([0, 2, 1], [2, 1, 0], *char, rng.normal(size=(3, 1))), (2, 3, 4, 5, 6, 7)),
    Case(bidirectional, (x[0], Wx, Wh)),
    Case(sampled_greedily, (h0[0], E.T[:2], Wh, rng.normal(size=(4, 2)), 3), ("h", "W", "Wh", "embed")),
    Case(attention_steps, (E[0], E, rng.normal(size=(4, 3)))),
]
