def lstm_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev_h = h0
    prev_c = np.zeros_like(h0)
    tanh_kept = []
    o_kept = []
    prev_c_kept = []
    f_kept = []
    g_kept = []
    i_kept = []
    prev_h_kept = []
    for t in range(T):
        prev_h_kept.append(prev_h)
        prev_c_kept.append(prev_c)
        H = prev_h.shape[1]
        a = x[:, t] @ Wx + prev_h @ Wh + b
        i = 1 / (1 + np.exp(-a[:, :H]))
        i_kept.append(i)
        f = 1 / (1 + np.exp(-a[:, H:2 * H]))
        f_kept.append(f)
        o = 1 / (1 + np.exp(-a[:, 2 * H:3 * H]))
        o_kept.append(o)
        g = np.tanh(a[:, 3 * H:])
        g_kept.append(g)
        next_c = f * prev_c + i * g
        tanh = np.tanh(next_c)
        tanh_kept.append(tanh)
        next_h = o * tanh
        prev_h = next_h
        prev_c = next_c
        h[:, t] = prev_h
    cache = x, h0, Wx, Wh, b, T, tanh_kept, o_kept, prev_c_kept, f_kept, g_kept, i_kept, prev_h_kept
    return h, cache


def lstm_backward(dout, cache):
    x, h0, Wx, Wh, b, T, tanh_kept, o_kept, prev_c_kept, f_kept, g_kept, i_kept, prev_h_kept = cache
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
        do = tanh_kept[t] * dnext_h
        o = o_kept[t]
        dnext_c += (1 - tanh_kept[t]**2) * (o * dnext_h)
        # backprop next_c = f * prev_c + i * g
        prev_c = prev_c_kept[t]
        df = prev_c * dnext_c
        f = f_kept[t]
        dprev_c = f * dnext_c
        g = g_kept[t]
        di = g * dnext_c
        i = i_kept[t]
        dg = i * dnext_c
        # backprop g = np.tanh(a[:, 3 * H:])
        da = np.zeros((dout.shape[0], Wx.shape[1]))
        prev_h = prev_h_kept[t]
        H = prev_h.shape[1]
        da[:, 3 * H:] += (1 - g**2) * dg
        # backprop o = sigmoid(a[:, 2 * H:3 * H])
        da[:, 2 * H:3 * H] += (1 - o) * o * do
        # backprop f = sigmoid(a[:, H:2 * H])
        da[:, H:2 * H] += (1 - f) * f * df
        # backprop i = sigmoid(a[:, :H])
        da[:, :H] += (1 - i) * i * di
        # backprop a = x @ Wx + prev_h @ Wh + b
        dx[:, t] += da @ Wx.T
        dWx += x[:, t].T @ da
        dprev_h = da @ Wh.T
        dWh += prev_h.T @ da
        db += da.sum(axis=0)
    # backprop prev_h = h0
    dh0 = dprev_h
    return dx, dh0, dWx, dWh, db
