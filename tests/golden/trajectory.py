def trajectory_grad(forces, x, h):
    # forward pass
    xs = [x]
    diff_kept = []
    for t in range(len(forces)):
        diff = forces[t] - np.sin(xs[-1])
        diff_kept.append(diff)
        xs.append(xs[-1] + h * diff)
    # backprop for x in xs
    dxs = np.zeros((len(xs), x.shape[0]))
    for i in reversed(range(len(xs))):
        # backprop energy += np.sum(x**2)
        x = xs[i]
        dxs[i] += 2 * x
    # backprop for t in range(len(forces))
    dforces = np.zeros_like(forces)
    dh = 0.0
    for t in reversed(range(len(forces))):
        # backprop xs.append(xs[-1] + h * (forces[t] - np.sin(xs[-1])))
        dh += (diff_kept[t] * dxs[t + 1]).sum()
        ddiff = h * dxs[t + 1]
        dforces[t] += ddiff
        dxs[t] += dxs[t + 1] - np.cos(xs[t]) * ddiff
    dx = dxs[0]
    return dforces, dx, dh
