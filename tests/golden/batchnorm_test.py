def batchnorm_test_forward(x, gamma, beta, bn_param):
    root = np.sqrt(bn_param['running_var'] + 1e-5)
    x_hat = (x - bn_param['running_mean']) / root
    out = gamma * x_hat + beta
    cache = gamma, root, x_hat
    return out, cache


def batchnorm_test_backward(dout, cache):
    gamma, root, x_hat = cache
    # backprop out = gamma * x_hat + beta
    dgamma = (x_hat * dout).sum(axis=0)
    dbeta = dout.sum(axis=0)
    # backprop x_hat = (x - running_mean) / np.sqrt(running_var + eps)
    dx = gamma * dout / root
    return dx, dgamma, dbeta
