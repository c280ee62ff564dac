def rnn_jvp(x, h, W, U, b, dx, dh, dW, dU, db):
    for t in range(x.shape[0]):
        da = dx[t] @ W + x[t] @ dW + (dh @ U + h @ dU) + db
        h = np.tanh(x[t] @ W + h @ U + b)
        dh = (1 - h**2) * da
    return np.sum(h**2), np.sum(2 * h * dh)
