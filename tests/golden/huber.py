def huber_grad(x, delta):
    # forward pass
    a = abs(x)
    # backprop loss = 0.5 * x * x if a <= delta else delta * (a - 0.5 * delta)
    if a <= delta:
        dx = x
        ddelta = 0.0
        da = 0.0
    else:
        dx = 0.0
        ddelta = a - delta
        da = delta
    # backprop a = abs(x)
    dx += da * ((x > 0) - (x < 0))
    return dx, ddelta
