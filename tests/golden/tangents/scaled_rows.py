def scaled_rows_jvp(x, s, dx, ds):
    y = x.copy()
    dy = dx.copy()
    for i_ in range(len(y)):
        drow = dy[i_]
        dy[i_] = drow * s + y[i_] * ds
        y[i_] *= s
        row = y[i_]
        drow = dy[i_]
        tanh = np.tanh(row[1])
        y[i_, 0] = tanh
        dy[i_, 0] = (1 - tanh**2) * drow[1]
    ratio = y[1:] / s
    dy[1:] = (dy[1:] - ratio * ds) / s
    y[1:] = ratio
    return np.sum(y**2), np.sum(2 * y * dy)
