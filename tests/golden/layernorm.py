def layernorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    diff = x - mu
    root = np.sqrt(var + eps)
    xhat = diff / root
    out = gamma * xhat + beta
    cache = x, gamma, diff, root, xhat
    return out, cache


def layernorm_backward(dout, cache):
    x, gamma, diff, root, xhat = cache
    # backprop gamma * xhat + beta
    dgamma = (xhat * dout).sum(axis=0)
    dbeta = dout.sum(axis=0)
    # backprop xhat = (x - mu) / np.sqrt(var + eps)
    dx = gamma * dout / root
    dmu = -dx.sum(axis=1, keepdims=True)
    dvar = -0.5 * (xhat * dx).sum(axis=1, keepdims=True) / root
    # backprop var = x.var(axis=-1, keepdims=True)
    dx += 2 * diff * (dvar / x.shape[1])
    # backprop mu = x.mean(axis=-1, keepdims=True)
    dx += dmu / x.shape[1]
    return dx, dgamma, dbeta
