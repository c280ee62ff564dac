def logistic_regression_grad(X, y, w, b):
    # forward pass
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    diff = 1 - p
    # backprop -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dp = -1 / p * (y / y.size)
    dp += (1 - y) / y.size / diff
    # backprop p = 1 / (1 + np.exp(-z))
    dz = diff * p * dp
    # backprop z = X @ w + b
    dw = X.T @ dz
    db = dz.sum()
    return dw, db
