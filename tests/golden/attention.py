def attention_forward(x, Wq, Wk, Wv):
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    root = np.sqrt(q.shape[1])
    scores = q @ k.T / root
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = e / e.sum(axis=1, keepdims=True)
    out = weights @ v
    cache = x, Wq, Wk, Wv, q, k, v, root, weights
    return out, cache


def attention_backward(dout, cache):
    x, Wq, Wk, Wv, q, k, v, root, weights = cache
    # backprop out = weights @ v
    dweights = dout @ v.T
    dv = weights.T @ dout
    # backprop weights = e / e.sum(axis=1, keepdims=True)
    dscores = weights * (dweights - (weights * dweights).sum(axis=1, keepdims=True))
    # backprop scores = q @ k.T / np.sqrt(q.shape[1])
    dp = dscores / root
    dq = dp @ k
    dk = dp.T @ q
    # backprop v = x @ Wv
    dWv = x.T @ dv
    # backprop k = x @ Wk
    dWk = x.T @ dk
    # backprop q = x @ Wq
    dx = dv @ Wv.T + dk @ Wk.T + dq @ Wq.T
    dWq = x.T @ dq
    return dx, dWq, dWk, dWv
