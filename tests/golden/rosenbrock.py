def rosenbrock_grad(x):
    # forward pass
    diff = x[1:] - x[:-1]**2
    # backprop np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    dx = np.zeros_like(x)
    dx[1:] = 200.0 * diff
    dx[:-1] -= 400.0 * x[:-1] * diff + 2 * (1 - x[:-1])
    return dx
