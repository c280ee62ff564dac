def huber_jvp(x, delta, dx, ddelta):
    a = abs(x)
    da = dx * ((x > 0) - (x < 0))
    if a <= delta:
        t = 0.5 * x * x
        dt = 0.5 * dx * x + 0.5 * x * dx
    else:
        diff = a - 0.5 * delta
        t = delta * diff
        dt = ddelta * diff + delta * (da - 0.5 * ddelta)
    loss = t
    dloss = dt
    return loss, dloss
