def scaled_rows_grad(x, s):
    # forward pass
    y = x.copy()
    tanh_kept = []
    y_kept = []
    for i_ in range(len(y)):
        y_kept.append(y[i_].copy())
        y[i_] *= s
        row = y[i_]
        tanh = np.tanh(row[1])
        tanh_kept.append(tanh)
        y[i_, 0] = tanh
    y_kept_2 = y[1:].copy()
    y[1:] = y_kept_2 / s
    # backprop np.sum(y**2)
    dy = 2 * y
    # backprop y[1:] /= s
    ds = -(y_kept_2 * dy[1:]).sum() / s / s
    dy[1:] /= s
    # backprop for i, row in enumerate(y)
    for i_ in reversed(range(len(y))):
        # backprop row[0] = np.tanh(row[1])
        drow = np.zeros(x.shape[1])
        drow[1] = (1 - tanh_kept[i_]**2) * dy[i_, 0]
        dy[i_, 0] = 0
        dy[i_] += drow
        # backprop row *= s
        ds += (y_kept[i_] * dy[i_]).sum()
        dy[i_] *= s
    # backprop y = x.copy()
    dx = dy
    return dx, ds
