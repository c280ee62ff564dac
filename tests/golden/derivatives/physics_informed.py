def u_hvp_forward(x, w):
    tanh = np.tanh(w[0] * x + w[1])
    prod = w[0] * tanh
    diff = 1 - tanh**2
    prod_2 = prod * diff
    prod_3 = prod_2 * w[0]
    ddx = -2 * 1.0 * (prod_3 * w[2]).sum()
    cache = x, w, tanh, prod, diff, prod_2, prod_3
    return ddx, cache


def u_hvp_backward(dddx, cache):
    x, w, tanh, prod, diff, prod_2, prod_3 = cache
    # backprop ddx = -2 * dx_ * (w[0] * tanh * (1 - tanh**2) * w[0] * w[2]).sum()
    prod_4 = w[2] * (2.0 * dddx)
    prod_5 = w[0] * prod_4
    prod_6 = diff * prod_5
    dw = np.zeros_like(w)
    dw[0] = -(tanh * prod_6)
    dtanh = -w[0] * prod_6 + 2 * tanh * (prod * prod_5)
    dw[0] -= prod_2 * prod_4
    dw[2] = -(prod_3 * (2.0 * dddx))
    # backprop tanh = np.tanh(w[0] * x + w[1])
    da = (1 - tanh**2) * dtanh
    dw[0] += x * da
    dw[1] = da
    return dw


def physics_informed_grad(w, points):
    # forward pass
    a_kept = []
    tanh_kept = []
    u_hvp_caches = []
    for i in range(len(points)):
        x = points[i]
        ddx, u_hvp_cache = u_hvp_forward(x, w)
        u_hvp_caches.append(u_hvp_cache)
        tanh = np.tanh(w[0] * x + w[1])
        tanh_kept.append(tanh)
        a_kept.append(ddx + np.sum(tanh * w[2]))
    # backprop for x in points
    dw = np.zeros_like(w)
    for i in reversed(range(len(points))):
        # backprop total = total + (hessian(u)(x) + u(x))**2
        da = 2 * a_kept[i]
        da_2 = (1 - tanh_kept[i]**2) * (w[2] * da)
        x = points[i]
        dw[0] += x * da_2
        dw[1] += da_2
        dw[2] += tanh_kept[i] * da
        dw_ = u_hvp_backward(da, u_hvp_caches[i])
        dw += dw_
    return dw
