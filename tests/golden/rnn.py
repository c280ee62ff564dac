def rnn_grad(x, h, W, U, b):
    # forward pass
    h_kept = []
    for t in range(x.shape[0]):
        h_kept.append(h)
        h = np.tanh(x[t] @ W + h @ U + b)
    # backprop np.sum(h**2)
    dh = 2 * h
    # backprop for t in range(x.shape[0])
    dx = np.zeros_like(x)
    dW = np.zeros_like(W)
    dU = np.zeros_like(U)
    db = np.zeros_like(b)
    for t in reversed(range(x.shape[0])):
        # backprop h = np.tanh(x[t] @ W + h @ U + b)
        da = (1 - h**2) * dh
        dx[t] += da @ W.T
        dW += x[t].T @ da
        h = h_kept[t]
        dh = da @ U.T
        dU += h.T @ da
        db += da.sum(axis=0)
    return dx, dh, dW, dU, db
