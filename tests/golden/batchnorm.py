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
    dbeta = dout.sum(axis=0)
    # backprop xhat = xc / std
    dstd = -gamma * dgamma / std
    # backprop var = np.mean(xc**2, axis=0)
    dxc = gamma * dout / std + dstd / std / dout.shape[0] * xc
    # backprop mu = x.mean(axis=0)
    dx = dxc - dxc.sum(axis=0) / dout.shape[0]
    return dx, dgamma, dbeta
