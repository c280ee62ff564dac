def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i = 1 / (1 + np.exp(-a[:, :H]))
    f = 1 / (1 + np.exp(-a[:, H:2 * H]))
    o = 1 / (1 + np.exp(-a[:, 2 * H:3 * H]))
    g = np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    tanh = np.tanh(next_c)
    next_h = o * tanh
    cache = x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh
    return next_h, next_c, cache


def lstm_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev_h = h0
    prev_c = np.zeros_like(h0)
    lstm_step_caches = []
    for t in range(T):
        prev_h, prev_c, lstm_step_cache = lstm_step_forward(x[:, t], prev_h, prev_c, Wx, Wh, b)
        lstm_step_caches.append(lstm_step_cache)
        h[:, t] = prev_h
    cache = x, h0, Wx, Wh, b, T, lstm_step_caches
    return h, cache


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh = cache
    # backprop next_h = o * np.tanh(next_c)
    do = tanh * dnext_h
    dnext_c = dnext_c + (1 - tanh**2) * (o * dnext_h)
    # backprop next_c = f * prev_c + i * g
    df = prev_c * dnext_c
    dprev_c = f * dnext_c
    di = g * dnext_c
    dg = i * dnext_c
    # backprop a = x @ Wx + prev_h @ Wh + b
    da = np.hstack(((1 - i) * i * di, (1 - f) * f * df, (1 - o) * o * do, (1 - g**2) * dg))
    dx = da @ Wx.T
    dWx = x.T @ da
    dprev_h = da @ Wh.T
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def lstm_backward(dout, cache):
    x, h0, Wx, Wh, b, T, lstm_step_caches = cache
    # backprop for t in range(T)
    dx = np.zeros_like(x)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros_like(b)
    dprev_h = np.zeros_like(h0)
    dprev_c = np.zeros_like(h0)
    for t in reversed(range(T)):
        # backprop h[:, t] = prev_h
        dprev_h += dout[:, t]
        # backprop prev_h, prev_c = lstm_step(x[:, t], prev_h, prev_c, Wx, Wh, b)
        dx_, dprev_h, dprev_c, dWx_, dWh_, db_ = lstm_step_backward(
            dprev_h, dprev_c, lstm_step_caches[t]
        )
        dx[:, t] += dx_
        dWx += dWx_
        dWh += dWh_
        db += db_
    # backprop prev_h = h0
    dh0 = dprev_h
    return dx, dh0, dWx, dWh, db
