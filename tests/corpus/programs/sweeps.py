"""Numerical kernels that sweep: recursive filters, columns, orbits, tables, bodies, bins and sparse rows."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(131)


def deriche(alpha, img):
    k = (1.0 - np.exp(-alpha)) ** 2 / (1.0 + alpha * np.exp(-alpha) - np.exp(2.0 * alpha))
    a1, a2 = k, k * np.exp(-alpha) * (alpha - 1.0)
    b1, b2 = 2.0**-alpha, -np.exp(-2.0 * alpha)
    y1 = np.empty_like(img)
    y1[:, 0] = a1 * img[:, 0]
    y1[:, 1] = a1 * img[:, 1] + a2 * img[:, 0] + b1 * y1[:, 0]
    for j in range(2, img.shape[1]):
        y1[:, j] = a1 * img[:, j] + a2 * img[:, j - 1] + b1 * y1[:, j - 1] + b2 * y1[:, j - 2]
    y2 = np.empty_like(img)
    y2[:, -1] = 0.0
    y2[:, -2] = a1 * img[:, -1]
    for j in range(img.shape[1] - 3, -1, -1):
        y2[:, j] = a1 * img[:, j + 1] + a2 * img[:, j + 2] + b1 * y2[:, j + 1] + b2 * y2[:, j + 2]
    return y1 + y2


def fdtd_2d(steps, ex, ey, hz, source):
    for t in range(steps):
        ey[0, :] = source[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return hz


def hdiff(in_field, coeff):
    I, J = in_field.shape[0] - 4, in_field.shape[1] - 4
    lap = 4.0 * in_field[1 : I + 3, 1 : J + 3] - (
        in_field[2 : I + 4, 1 : J + 3]
        + in_field[0 : I + 2, 1 : J + 3]
        + in_field[1 : I + 3, 2 : J + 4]
        + in_field[1 : I + 3, 0 : J + 2]
    )
    res = lap[1:, 1 : J + 1] - lap[:-1, 1 : J + 1]
    flx = np.where(res * (in_field[2 : I + 3, 2 : J + 2] - in_field[1 : I + 2, 2 : J + 2]) > 0, 0, res)
    res = lap[1 : I + 1, 1:] - lap[1 : I + 1, :-1]
    fly = np.where(res * (in_field[2 : I + 2, 2 : J + 3] - in_field[2 : I + 2, 1 : J + 2]) > 0, 0, res)
    return in_field[2 : I + 2, 2 : J + 2] - coeff * (flx[1:, :] - flx[:-1, :] + fly[:, 1:] - fly[:, :-1])


def vadv(wcon, u, dtr=0.3):
    """Two sweeps along the last axis with columns kept between them."""
    I, K = u.shape
    ccol, dcol = np.zeros((I, K)), np.zeros((I, K))
    for k in range(K):
        if k == 0:
            gcv = 0.25 * wcon[:, k + 1]
            divided = 1.0 / (dtr + gcv)
            ccol[:, k] = gcv * divided
            dcol[:, k] = (dtr * u[:, k] - gcv * (u[:, k + 1] - u[:, k])) * divided
        elif k < K - 1:
            gav, gcv = -0.25 * wcon[:, k], 0.25 * wcon[:, k + 1]
            divided = 1.0 / (dtr - gav - gcv - ccol[:, k - 1] * gav)
            ccol[:, k] = gcv * divided
            dcol[:, k] = (dtr * u[:, k] - dcol[:, k - 1] * gav) * divided
        else:
            gav = -0.25 * wcon[:, k]
            divided = 1.0 / (dtr - gav - ccol[:, k - 1] * gav)
            dcol[:, k] = (dtr * u[:, k] - dcol[:, k - 1] * gav) * divided
    out = np.zeros_like(u)
    for k in range(K - 1, -1, -1):
        data = dcol[:, k] if k == K - 1 else dcol[:, k] - ccol[:, k] * data
        out[:, k] = dtr * (data - u[:, k])
    return out


def escape_time_smooth(cx, cy, steps=6, limit=4.0):
    """The orbit of a point, until it leaves the disc."""
    x, y = 0.0, 0.0
    for n in range(steps):
        if x * x + y * y > limit:
            break
        x, y = x * x - y * y + cx, 2 * x * y + cy
    return x * x + y * y + n


def mandelbrot_masked(X, Y, steps=4):
    zx, zy = np.zeros_like(X), np.zeros_like(X)
    total = np.zeros_like(X)
    for _ in range(steps):
        inside = zx**2 + zy**2 < 4
        new = zx[inside] ** 2 - zy[inside] ** 2 + X[inside]
        zy[inside] = 2 * zx[inside] * zy[inside] + Y[inside]
        zx[inside] = new
        total += inside * zx
    return total.sum()


def floyd_warshall(path):
    for k in range(path.shape[0]):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))
    return path


def nussinov_like(costs, N):
    """A table filled from the bottom right, by max of real costs."""
    table = np.zeros((N, N))
    for i in range(N - 1, -1, -1):
        for j in range(i + 1, N):
            if j - 1 >= 0:
                table[i, j] = max(table[i, j], table[i, j - 1])
            if i + 1 < N:
                table[i, j] = max(table[i, j], table[i + 1, j])
            if j - 1 >= 0 and i + 1 < N:
                bonus = costs[i, j] if i < j - 1 else 0.0
                table[i, j] = max(table[i, j], table[i + 1, j - 1] + bonus)
            for k in range(i + 1, j):
                table[i, j] = max(table[i, j], table[i, k] + table[k + 1, j])
    return table[0, N - 1]


def conv2d_bias(x, w, bias):
    K = w.shape[0]
    N, H, W, C = x.shape
    out = np.empty((N, H - K + 1, W - K + 1, w.shape[3]))
    for i in range(H - K + 1):
        for j in range(W - K + 1):
            out[:, i, j, :] = np.sum(
                x[:, i : i + K, j : j + K, :, np.newaxis] * w[np.newaxis, :, :, :], axis=(1, 2, 3)
            )
    return out + bias


def maxpool2d(x):
    out = np.empty([x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]], dtype=x.dtype)
    for i in range(x.shape[1] // 2):
        for j in range(x.shape[2] // 2):
            out[:, i, j, :] = np.max(x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :], axis=(1, 2))
    return out


def nbody(mass, pos, vel, dt=0.05, steps=2):
    def acceleration(p):
        a = np.zeros_like(p)
        for i in range(len(mass)):
            for j in range(len(mass)):
                if i != j:
                    d = p[j] - p[i]
                    a[i] += mass[j] * d / (d @ d + 0.1) ** 1.5
        return a

    acc = acceleration(pos)
    for _ in range(steps):
        vel += acc * dt / 2
        pos += vel * dt
        acc = acceleration(pos)
        vel += acc * dt / 2
    return 0.5 * np.sum(mass[:, None] * vel**2)


def channel_flow_step(u, b, dx, dt, rho=1.0):
    p = np.zeros_like(u)
    for _ in range(3):
        pn = p.copy()
        p[1:-1, 1:-1] = (pn[1:-1, 2:] + pn[1:-1, :-2] + pn[2:, 1:-1] + pn[:-2, 1:-1] - dx**2 * b[1:-1, 1:-1]) / 4
        p[0, :] = p[1, :]
        p[-1, :] = p[-2, :]
    u[1:-1, 1:-1] -= dt / (rho * 2 * dx) * (p[1:-1, 2:] - p[1:-1, :-2])
    return u


def spmv(data, cols, rows, x):
    y = np.empty(rows.size - 1)
    for i in range(rows.size - 1):
        y[i] = data[rows[i] : rows[i + 1]] @ x[cols[rows[i] : rows[i + 1]]]
    return y


def azimuthal_bins(data, radius, npt=3):
    edges = np.linspace(0, 1, npt + 1)
    res = np.zeros(npt)
    for i in range(npt):
        mask = np.logical_and(edges[i] <= radius, radius < edges[i + 1])
        if mask.any():
            res[i] = data[mask].mean()
    return res


def scattering(neigh_idx, G, D):
    Sigma = np.zeros_like(G)
    for a in range(G.shape[0]):
        for b in range(neigh_idx.shape[1]):
            Sigma[a] += G[neigh_idx[a, b]] @ D[a, b]
    return Sigma


A1, B1, S3, S4 = rng.normal(size=6), rng.normal(size=6), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
v3, v4 = rng.normal(size=3), rng.normal(size=4)
path = np.array([[0.3, 1.2, 5.0], [2.15, 0.2, 1.4], [0.7, 4.0, 0.4]])
fields = [rng.normal(size=(3, 3)) for _ in range(3)]
image, wcon = rng.normal(size=(6, 6)), rng.normal(size=(2, 4)) * 0.1
batch = rng.normal(size=(1, 4, 4, 2))
sparse = (rng.normal(size=5), np.array([0, 2, 1, 0, 2]), np.array([0, 2, 3, 5]))
grid = np.meshgrid(np.linspace(-1.4, 0.4, 3), np.linspace(-0.9, 0.8, 3))
CASES = [
    Case(deriche, (0.25, rng.normal(size=(2, 5)))),
    Case(fdtd_2d, (2, *fields, v3), ("ex", "ey", "hz", "source")),
    Case(hdiff, (image, 0.3)),
    Case(vadv, (wcon, rng.normal(size=(2, 4)))),
    Case(escape_time_smooth, (-0.4, 0.6)),
    Case(escape_time_smooth, (1.2, 0.6), note="escapes"),
    Case(mandelbrot_masked, tuple(grid)),
    Case(floyd_warshall, (path,)),
    Case(nussinov_like, (rng.uniform(0.5, 2, (5, 5)), 5), "costs"),
    Case(conv2d_bias, (batch, rng.normal(size=(2, 2, 2, 2)), v3[:2])),
    Case(maxpool2d, (batch,)),
    Case(nbody, (np.array([1.0, 2.0, 0.5]), S3, S3.T * 0.1)),
    Case(channel_flow_step, (S4, S4.T, 0.5, 0.1)),
    Case(spmv, (*sparse, v3), ("data", "x")),
    Case(azimuthal_bins, (A1, np.array([0.1, 0.2, 0.4, 0.8, 0.9, 0.95])), "data"),
    Case(scattering, (np.array([[0, 1], [1, 0]]), rng.normal(size=(2, 2, 2)), rng.normal(size=(2, 2, 2, 2))), ("G", "D")),
]
