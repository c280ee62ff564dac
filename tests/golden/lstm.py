def lstm_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev_h = h0
    prev_c = np.zeros_like(h0)
    t_kept = []
    ratio_kept = []
    prev_c_kept = []
    ratio_kept_2 = []
    g_kept = []
    ratio_kept_3 = []
    prev_h_kept = []
    for t in range(T):
        prev_h_kept.append(prev_h)
        prev_c_kept.append(prev_c)
        H = prev_h.shape[1]
        a = x[:, t] @ Wx + prev_h @ Wh + b
        ratio = 1 / (1 + np.exp(-a[:, :H]))
        ratio_kept_3.append(ratio)
        ratio_2 = 1 / (1 + np.exp(-a[:, H:2 * H]))
        ratio_kept_2.append(ratio_2)
        ratio_3 = 1 / (1 + np.exp(-a[:, 2 * H:3 * H]))
        ratio_kept.append(ratio_3)
        g = np.tanh(a[:, 3 * H:])
        g_kept.append(g)
        next_c = ratio_2 * prev_c + ratio * g
        t_ = np.tanh(next_c)
        t_kept.append(t_)
        next_h = ratio_3 * t_
        prev_h = next_h
        prev_c = next_c
        h[:, t] = prev_h
    cache = x, h0, Wx, Wh, b, T, t_kept, ratio_kept, prev_c_kept, ratio_kept_2, g_kept, ratio_kept_3, prev_h_kept
    return h, cache


def lstm_backward(dout, cache):
    x, h0, Wx, Wh, b, T, t_kept, ratio_kept, prev_c_kept, ratio_kept_2, g_kept, ratio_kept_3, prev_h_kept = cache
    # backprop for t in range(T)
    dx = np.zeros_like(x)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros_like(b)
    dprev_h = np.zeros_like(h0)
    dprev_c = np.zeros_like(h0)
    for t in reversed(range(T)):
        dh = dout
        # backprop h[:, t] = prev_h
        dprev_h += dh[:, t]
        # backprop prev_h, prev_c = lstm_step(x[:, t], prev_h, prev_c, Wx, Wh, b)
        dnext_c = dprev_c
        dnext_h = dprev_h
        # backprop next_h = o * np.tanh(next_c)
        da = np.zeros((dout.shape[0], Wx.shape[1]))
        prev_h = prev_h_kept[t]
        H = prev_h.shape[1]
        da[:, 2 * H:3 * H] += (1 - ratio_kept[t]) * ratio_kept[t] * (t_kept[t] * dnext_h)
        dnext_c += (1 - t_kept[t]**2) * (ratio_kept[t] * dnext_h)
        # backprop next_c = f * prev_c + i * g
        prev_c = prev_c_kept[t]
        da[:, H:2 * H] += (1 - ratio_kept_2[t]) * ratio_kept_2[t] * (prev_c * dnext_c)
        dprev_c = ratio_kept_2[t] * dnext_c
        g = g_kept[t]
        da[:, :H] += (1 - ratio_kept_3[t]) * ratio_kept_3[t] * (g * dnext_c)
        dg = ratio_kept_3[t] * dnext_c
        # backprop g = np.tanh(a[:, 3 * H:])
        da[:, 3 * H:] += (1 - g**2) * dg
        # backprop a = x @ Wx + prev_h @ Wh + b
        dx[:, t] += da @ Wx.T
        dWx += x[:, t].T @ da
        dprev_h = da @ Wh.T
        dWh += prev_h.T @ da
        db += da.sum(axis=0)
    # backprop prev_h = h0
    dh0 = dprev_h
    return dx, dh0, dWx, dWh, db
