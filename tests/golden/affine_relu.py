def affine_relu_forward(x, w, b):
    a = x @ w + b
    out = np.maximum(a, 0)
    cache = x, w, a
    return out, cache


def affine_relu_backward(dout, cache):
    x, w, a = cache
    # backprop out = np.maximum(a, 0)
    da = dout * (a > 0)
    # backprop a = x @ w + b
    dx = da @ w.T
    dw = x.T @ da
    db = da.sum(axis=0)
    return dx, dw, db
