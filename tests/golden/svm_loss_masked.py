def svm_loss_masked_grad(W, X, y, reg):
    # forward pass
    N = X.shape[0]
    scores = X.dot(W)
    rows = np.arange(N)
    correct = scores[rows, y].reshape(N, 1)
    margins = scores - correct + 1
    rows_2 = np.arange(N)
    margins[rows_2, y] = 0
    # backprop margins[margins < 0] = 0
    dmargins = np.where(margins < 0, 0, 1 / N)
    # backprop margins[np.arange(N), y] = 0
    dmargins[rows_2, y] = 0
    # backprop margins = scores - correct + 1
    dscores = dmargins
    dcorrect = -dmargins.sum(axis=1, keepdims=True)
    # backprop correct = scores[np.arange(N), y].reshape(N, 1)
    dscores[rows, y] += dcorrect.reshape((N,))
    # backprop scores = X.dot(W)
    dW = 2 * reg * W + X.T.dot(dscores)
    return dW
