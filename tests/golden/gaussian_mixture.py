def gaussian_mixture_grad(x, logits, mu, log_sigma):
    # forward pass
    log_pi = logits - np.log(np.sum(np.exp(logits)))
    diff = x[:, None, :] - mu
    e = np.exp(-log_sigma)
    z = diff * e
    log_p = log_pi - 0.5 * np.sum(z**2, axis=2) - np.sum(log_sigma, axis=1)
    m = np.max(log_p, axis=1, keepdims=True)
    e_2 = np.exp(log_p - m)
    # backprop np.sum(m[:, 0] + np.log(np.sum(np.exp(log_p - m), axis=1)))
    dlog_p = e_2 * (1 / np.sum(e_2, axis=1))[:, None]
    # backprop log_p = log_pi - 0.5 * np.sum(z**2, axis=2) - np.sum(log_sigma, axis=1)
    dlog_pi = dlog_p.sum(axis=0)
    dz = 2 * z * (-0.5 * dlog_p)[:, :, None]
    # backprop z = (x[:, None, :] - mu) * np.exp(-log_sigma)
    dmu = -(e * dz).sum(axis=0)
    dlog_sigma = -dlog_pi[:, None] - e * (diff * dz).sum(axis=0)
    # backprop log_pi = logits - np.log(np.sum(np.exp(logits)))
    dlogits = dlog_pi - np.exp(log_pi) * dlog_pi.sum()
    return dlogits, dmu, dlog_sigma
