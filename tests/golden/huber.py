def huber_grad(x, delta):
    # forward pass
    a = abs(x)
    # backprop loss = 0.5 * x * x if a <= delta else delta * (a - 0.5 * delta)
    dx = 0.5 * x + 0.5 * x if a <= delta else 0.0
    ddelta = 0.0 if a <= delta else a - 0.5 * delta - 0.5 * delta
    da = 0.0 if a <= delta else delta
    # backprop a = abs(x)
    dx += da * ((x > 0) - (x < 0))
    return dx, ddelta
