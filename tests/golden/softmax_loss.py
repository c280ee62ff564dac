def softmax_loss_grad(X, y, W, b):
    # forward pass
    scores = X @ W + b
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    rows = np.arange(X.shape[0])
    # backprop -np.mean(np.log(probs[np.arange(X.shape[0]), y]))
    dprobs = np.zeros((X.shape[0], W.shape[1]))
    dprobs[rows, y] = -1 / probs[rows, y] / X.shape[0]
    # backprop probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    dshifted = probs * (dprobs - (probs * dprobs).sum(axis=1, keepdims=True))
    # backprop shifted = scores - np.max(scores, axis=1, keepdims=True)
    dscores = dshifted
    # backprop scores = X @ W + b
    dW = X.T @ dscores
    db = dscores.sum(axis=0)
    return dW, db
