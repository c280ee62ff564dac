def circuit_grad(x, y, z):
    # forward pass
    q = x + y
    # backprop f = q * z
    dq = z
    dz = q
    # backprop q = x + y
    dx = dq
    dy = dq
    return dx, dy, dz
