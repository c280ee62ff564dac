def convolution_forward(x, w, b, conv_param):
    stride = conv_param['stride']
    pad = conv_param['pad']
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode='constant')
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    cache = x, w, b, conv_param, stride, pad, N, x_pad, H_out, W_out
    return out, cache


def convolution_backward(dout, cache):
    x, w, b, conv_param, stride, pad, N, x_pad, H_out, W_out = cache
    F, C, HH, WW = w.shape
    # backprop for n in range(N)
    dx_pad = np.zeros(
        (
            dout.shape[0], x.shape[1], x.shape[2] + 2 * conv_param['pad'],
            x.shape[3] + 2 * conv_param['pad']
        )
    )
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in reversed(range(N)):
        for f in reversed(range(F)):
            for i in reversed(range(H_out)):
                for j in reversed(range(W_out)):
                    # backprop out[n, f, i, j] = np.sum(window * w[f]) + b[f]
                    dwindow = w[f] * dout[n, f, i, j]
                    window = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    dw[f] += window * dout[n, f, i, j]
                    db[f] += dout[n, f, i, j]
                    # backprop window = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * st...
                    dx_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW] += dwindow
    # backprop x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    dx = dx_pad[:, :, pad:-pad, pad:-pad]
    return dx, dw, db
