def batchnorm_jvp(x, gamma, beta, eps=1e-5, *, dx, dgamma, dbeta):
    mu = x.mean(axis=0)
    dmu = dx.mean(axis=0)
    xc = x - mu
    dxc = dx - dmu
    var = np.mean(xc**2, axis=0)
    dvar = np.mean(2 * xc * dxc, axis=0)
    std = np.sqrt(var + eps)
    dstd = 0.5 * dvar / std
    xhat = xc / std
    dxhat = (dxc - xhat * dstd) / std
    out = gamma * xhat + beta
    dout = dgamma * xhat + gamma * dxhat + dbeta
    return out, dout
