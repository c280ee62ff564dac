def causal_attention_forward(x, Wq, Wk, Wv):
    N, T, D = x.shape
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    root = np.sqrt(q.shape[-1])
    scores = q @ k.transpose(0, 2, 1) / root
    invert = ~np.tri(T, dtype=bool)
    scores[:, invert] = -np.inf
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    out = weights @ v
    cache = x, Wq, Wk, Wv, q, k, v, root, invert, weights
    return out, cache


def causal_attention_backward(dout, cache):
    x, Wq, Wk, Wv, q, k, v, root, invert, weights = cache
    # backprop weights @ v
    dweights = dout @ v.swapaxes(-1, -2)
    dv = weights.swapaxes(-1, -2) @ dout
    # backprop weights /= weights.sum(axis=-1, keepdims=True)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    # backprop scores[:, ~np.tri(T, dtype=bool)] = -np.inf
    dscores[:, invert] = 0
    # backprop scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    dp = dscores / root
    dq = dp @ k
    dk = dp.swapaxes(-1, -2) @ q
    # backprop q, k, v = x @ Wq, x @ Wk, x @ Wv
    t = (0, 1), (0, 1)
    dWv = np.tensordot(x, dv, t)
    dWk = np.tensordot(x, dk, t)
    dx = dv @ Wv.T + dk @ Wk.T + dq @ Wq.T
    dWq = np.tensordot(x, dq, t)
    return dx, dWq, dWk, dWv
