def svm_loss_grad(X, y, W, b, reg=0.1):
    # forward pass
    N = X.shape[0]
    scores = X @ W + b
    rows = np.arange(N)
    correct = scores[rows, y]
    # backprop data_loss + 0.5 * reg * np.sum(W * W)
    dW = W * reg
    # backprop data_loss = (np.sum(margins) - N) / N
    dmargins = 1 / N
    # backprop margins = np.maximum(0, scores - correct[:, None] + 1)
    dscores = dmargins * (scores - correct[:, None] + 1 > 0)
    dcorrect = -dscores.sum(axis=1)
    # backprop correct = scores[np.arange(N), y]
    dscores[rows, y] += dcorrect
    # backprop scores = X @ W + b
    dW += X.T @ dscores
    db = dscores.sum(axis=0)
    return dW, db
