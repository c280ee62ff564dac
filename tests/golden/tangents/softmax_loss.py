def softmax_loss_jvp(X, y, W, b, dW, db):
    scores = X @ W + b
    dscores = X @ dW + db
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    dprobs = probs * (dscores - (probs * dscores).sum(axis=1, keepdims=True))
    rows = np.arange(X.shape[0])
    t = probs[rows, y]
    return -np.mean(np.log(t)), -np.mean(dprobs[rows, y] / t)
