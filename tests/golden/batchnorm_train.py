def batchnorm_train_forward(x, gamma, beta, bn_param):
    sample_mean = x.mean(axis=0)
    sample_var = x.var(axis=0)
    diff = x - sample_mean
    root = np.sqrt(sample_var + 1e-5)
    x_hat = diff / root
    out = gamma * x_hat + beta
    cache = gamma, diff, root, x_hat
    return out, cache


def batchnorm_train_backward(dout, cache):
    gamma, diff, root, x_hat = cache
    # backprop out = gamma * x_hat + beta
    dgamma = (x_hat * dout).sum(axis=0)
    dbeta = dout.sum(axis=0)
    # backprop x_hat = (x - sample_mean) / np.sqrt(sample_var + eps)
    dx = gamma * dout / root
    dsample_mean = -dx.sum(axis=0)
    dsample_var = -0.5 * (gamma * dgamma / root) / root
    # backprop sample_var = x.var(axis=0)
    dx += 2 * dsample_var / dout.shape[0] * diff
    # backprop sample_mean = x.mean(axis=0)
    dx += dsample_mean / dout.shape[0]
    return dx, dgamma, dbeta
