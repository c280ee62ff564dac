def logistic_regression_grad(X, y, w, b):
    # forward pass
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    # backprop p = 1 / (1 + np.exp(-z))
    dz = (p - y) / y.size
    # backprop z = X @ w + b
    dw = X.T @ dz
    db = dz.sum()
    return dw, db
