def newton_grad(coefficients, x):
    # forward pass
    step_kept = []
    slope_kept = []
    x_kept = []
    value_kepts = []
    slope_kepts = []
    for _ in range(20):
        x_kept.append(x)
        value = 0.0
        slope = 0.0
        value_kept = []
        slope_kept_2 = []
        for i in range(len(coefficients)):
            value_kept.append(value)
            slope_kept_2.append(slope)
            c = coefficients[i]
            slope = slope * x + value
            value = value * x + c
        slope_kept.append(slope)
        value_kepts.append(value_kept)
        slope_kepts.append(slope_kept_2)
        step = value / slope
        step_kept.append(step)
        x = x - step
        less = abs(step) < 1e-9
        if less:
            break
    # backprop for _ in range(20)
    dcoefficients = np.zeros_like(coefficients)
    dx = 1.0
    for step, slope, x, value_kept, slope_kept in zip(
        reversed(step_kept), reversed(slope_kept), reversed(x_kept), reversed(value_kepts),
        reversed(slope_kepts)
    ):
        # backprop step = value / slope
        dvalue = -dx / slope
        dslope = -step * dvalue
        for i in reversed(range(len(coefficients))):
            # backprop value = value * x + c
            value = value_kept[i]
            dc = dvalue
            # backprop slope = slope * x + value
            dslope_2 = x * dslope
            slope = slope_kept[i]
            dx += value * dvalue + slope * dslope
            dvalue = x * dvalue + dslope
            dcoefficients[i] += dc
            dslope = dslope_2
    return dcoefficients, dx
