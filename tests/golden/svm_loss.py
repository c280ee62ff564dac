def svm_loss_grad(X, y, W, b, reg=0.1):
    # forward pass
    N = X.shape[0]
    scores = X @ W + b
    rows = np.arange(N)
    correct = scores[rows, y]
    # backprop margins = np.maximum(0, scores - correct[:, None] + 1)
    dscores = (scores - correct[:, None] + 1 > 0) / N
    # backprop correct = scores[np.arange(N), y]
    dscores[rows, y] -= dscores.sum(axis=1)
    # backprop scores = X @ W + b
    dW = W * reg + X.T @ dscores
    db = dscores.sum(axis=0)
    return dW, db
