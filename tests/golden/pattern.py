def pattern_grad(x, y, z, w):
    # backprop 2 * (x * y + max(z, w))
    dx = 2.0 * y
    dy = 2.0 * x
    dz = 2.0 * (z >= w)
    dw = 2.0 * (w > z)
    return dx, dy, dz, dw
