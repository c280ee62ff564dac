def network_hvp(W, V, x, y, dW_, dV_):
    h = np.tanh(x @ W)
    dh_ = (1 - h**2) * (x @ dW_)
    ddiff = 2 * (h @ V - y) / x.shape[0]
    dddiff = 2 * (dh_ @ V + h @ dV_) / x.shape[0]
    dh = ddiff @ V.T
    ddh = dddiff @ V.T + ddiff @ dV_.T
    ddV = dh_.T @ ddiff + h.T @ dddiff
    ddW = x.T @ (-2 * h * dh_ * dh + (1 - h**2) * ddh)
    return ddW, ddV
