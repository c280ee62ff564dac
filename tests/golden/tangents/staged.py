def staged_jvp(x, y, dx, dy):
    sigy = 1.0 / (1 + math.exp(-y))
    dsigy = (1 - sigy) * sigy * dy
    num = x + sigy
    dnum = dx + dsigy
    sigx = 1.0 / (1 + math.exp(-x))
    dsigx = (1 - sigx) * sigx * dx
    xpy = x + y
    dxpy = dx + dy
    xpysqr = xpy**2
    dxpysqr = 2 * xpy * dxpy
    den = sigx + xpysqr
    dden = dsigx + dxpysqr
    invden = 1.0 / den
    dinvden = -invden**2 * dden
    f = num * invden
    df = dnum * invden + num * dinvden
    return f, df
