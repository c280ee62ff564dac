def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    xc = x - mu
    var = np.mean(xc**2, axis=0)
    std = np.sqrt(var + eps)
    xhat = xc / std
    out = gamma * xhat + beta
    cache = gamma, xc, std, xhat
    return out, cache


def batchnorm_backward(dout, cache):
    gamma, xc, std, xhat = cache
    # backprop out = gamma * xhat + beta
    dgamma = (xhat * dout).sum(axis=0)
    dxhat = gamma * dout
    dbeta = dout.sum(axis=0)
    # backprop xhat = xc / std
    dxc = dxhat / std
    dstd = -gamma * dgamma / std
    # backprop std = np.sqrt(var + eps)
    dvar = 0.5 / std * dstd
    # backprop var = np.mean(xc**2, axis=0)
    dxc += 2 * dvar / dout.shape[0] * xc
    # backprop xc = x - mu
    dmu = -dxc.sum(axis=0)
    # backprop mu = x.mean(axis=0)
    dx = dxc + dmu / dout.shape[0]
    return dx, dgamma, dbeta
