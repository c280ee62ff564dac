def larger_grad(x, y):
    # backprop max(x, y)
    dx = 1.0 * (x >= y)
    dy = 1.0 * (y > x)
    return dx, dy
