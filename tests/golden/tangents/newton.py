def newton_jvp(coefficients, x, dcoefficients, dx):
    for _ in range(20):
        value = 0.0
        slope = 0.0
        dvalue = 0.0
        dslope = 0.0
        for i in range(len(coefficients)):
            c = coefficients[i]
            dc = dcoefficients[i]
            dslope = dslope * x + slope * dx + dvalue
            slope = slope * x + value
            dvalue = dvalue * x + value * dx + dc
            value = value * x + c
        step = value / slope
        dstep = (dvalue - step * dslope) / slope
        x = x - step
        dx -= dstep
        less = abs(step) < 1e-9
        if less:
            break
    return x, dx
