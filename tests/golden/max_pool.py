def max_pool_forward(x, pool_param):
    height = pool_param['pool_height']
    width = pool_param['pool_width']
    stride = pool_param['stride']
    N, C, H, W = x.shape
    H_out = 1 + (H - height) // stride
    W_out = 1 + (W - width) // stride
    out = np.zeros((N, C, H_out, W_out))
    top_kepts = []
    for i in range(H_out):
        top_kept = []
        for j in range(W_out):
            window = x[:, :, i * stride:i * stride + height, j * stride:j * stride + width]
            top = np.max(window, axis=(2, 3))
            top_kept.append(top)
            out[:, :, i, j] = top
        top_kepts.append(top_kept)
    cache = x, height, width, stride, H_out, W_out, top_kepts
    return out, cache


def max_pool_backward(dout, cache):
    x, height, width, stride, H_out, W_out, top_kepts = cache
    # backprop for i in range(H_out)
    dx = np.zeros_like(x)
    for i in reversed(range(H_out)):
        # backprop for j in range(W_out)
        top_kept = top_kepts[i]
        for j in reversed(range(W_out)):
            # backprop out[:, :, i, j] = np.max(window, axis=(2, 3))
            window = x[:, :, i * stride:i * stride + height, j * stride:j * stride + width]
            mask = window == top_kept[j][:, :, None, None]
            dwindow = mask * (
                dout[:, :, i, j][:, :, None, None] / mask.sum(axis=(2, 3), keepdims=True)
            )
            # backprop window = x[:, :, i * stride:i * stride + height, j * stride:j * stride + w...
            dx[:, :, i * stride:i * stride + height, j * stride:j * stride + width] += dwindow
    return dx
