def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    ratio = 1 / (1 + np.exp(-a[:, :H]))
    ratio_2 = 1 / (1 + np.exp(-a[:, H:2 * H]))
    ratio_3 = 1 / (1 + np.exp(-a[:, 2 * H:3 * H]))
    g = np.tanh(a[:, 3 * H:])
    next_c = ratio_2 * prev_c + ratio * g
    t = np.tanh(next_c)
    next_h = ratio_3 * t
    cache = x, prev_h, prev_c, Wx, Wh, ratio, ratio_2, ratio_3, g, t
    return next_h, next_c, cache


def lstm_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev_h = h0
    prev_c = np.zeros_like(h0)
    prev_h_caches = []
    for t in range(T):
        prev_h, prev_c, prev_h_cache = lstm_step_forward(x[:, t], prev_h, prev_c, Wx, Wh, b)
        prev_h_caches.append(prev_h_cache)
        h[:, t] = prev_h
    cache = x, h0, Wx, Wh, b, T, prev_h_caches
    return h, cache


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, ratio, ratio_2, ratio_3, g, t = cache
    H = prev_h.shape[1]
    # backprop next_h = o * np.tanh(next_c)
    da = np.zeros((x.shape[0], Wx.shape[1]))
    da[:, 2 * H:3 * H] += (1 - ratio_3) * ratio_3 * (t * dnext_h)
    dnext_c = dnext_c + (1 - t**2) * (ratio_3 * dnext_h)
    # backprop next_c = f * prev_c + i * g
    da[:, H:2 * H] += (1 - ratio_2) * ratio_2 * (prev_c * dnext_c)
    dprev_c = ratio_2 * dnext_c
    da[:, :H] += (1 - ratio) * ratio * (g * dnext_c)
    dg = ratio * dnext_c
    # backprop g = np.tanh(a[:, 3 * H:])
    da[:, 3 * H:] += (1 - g**2) * dg
    # backprop a = x @ Wx + prev_h @ Wh + b
    dx = da @ Wx.T
    dWx = x.T @ da
    dprev_h = da @ Wh.T
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def lstm_backward(dout, cache):
    x, h0, Wx, Wh, b, T, prev_h_caches = cache
    # backprop for t in range(T)
    dx = np.zeros_like(x)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros_like(b)
    dprev_h = np.zeros_like(h0)
    dprev_c = np.zeros_like(h0)
    for t in reversed(range(T)):
        dh = dout
        dprev_h += dh[:, t]
        dx_, dprev_h, dprev_c, dWx_, dWh_, db_ = lstm_step_backward(dprev_h, dprev_c, prev_h_caches[t])
        dx[:, t] += dx_
        dWx += dWx_
        dWh += dWh_
        db += db_
    # backprop prev_h = h0
    dh0 = dprev_h
    return dx, dh0, dWx, dWh, db
