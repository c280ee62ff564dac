def softmax_loss_grad(X, y, W, b):
    # forward pass
    scores = X @ W + b
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    # backprop probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    dscores = probs / X.shape[0]
    dscores[np.arange(X.shape[0]), y] -= 1.0 / X.shape[0]
    # backprop scores = X @ W + b
    dW = X.T @ dscores
    db = dscores.sum(axis=0)
    return dW, db
