def convolution_jvp(x, w, b, conv_param, dx, dw, db):
    stride = conv_param['stride']
    pad = conv_param['pad']
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    t = (0, 0), (0, 0), (pad, pad), (pad, pad)
    x_pad = np.pad(x, t, mode='constant')
    dx_pad = np.pad(dx, t, 'constant')
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    dout = np.zeros_like(out)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    dwindow = dx_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
                    dout[n, f, i, j] = np.sum(dwindow * w[f] + window * dw[f]) + db[f]
    return out, dout
