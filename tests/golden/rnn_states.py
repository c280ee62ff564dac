def rnn_states_grad(x, targets, W, U):
    # forward pass
    h = np.zeros(U.shape[0])
    states = []
    h_kept = []
    for t in range(len(x)):
        h_kept.append(h)
        h = np.tanh(x[t] @ W + h @ U)
        states.append(h)
    # backprop np.sum((np.stack(states) - targets)**2)
    dstates = 2 * (np.stack(states) - targets)
    # backprop for t in range(len(x))
    dW = np.zeros_like(W)
    dU = np.zeros_like(U)
    dh = np.zeros(U.shape[0])
    for t in reversed(range(len(x))):
        # backprop states.append(h)
        dh += dstates[t]
        # backprop h = np.tanh(x[t] @ W + h @ U)
        da = (1 - h**2) * dh
        dW += np.outer(x[t], da)
        h = h_kept[t]
        dh = da @ U.T
        dU += np.outer(h, da)
    return dW, dU
