"""Numerical kernels: stencils over time, decompositions in loops, recursive filters, products of matrices in place."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(131)


def jacobi_1d(TSTEPS, A, B):
    for t in range(1, TSTEPS):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])
    return A, B


def jacobi_2d(steps, A):
    B = A.copy()
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        A, B = B, A
    return A


def heat_3d(steps, A, B):
    for t in range(steps):
        B[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, 1:-1, :-2])
            + A[1:-1, 1:-1, 1:-1]
        )
        A[:] = B
    return A


def seidel_2d(steps, A):
    N = A.shape[0]
    for t in range(0, steps):
        for i in range(1, N - 1):
            for j in range(1, N - 1):
                A[i, j] = (
                    A[i - 1, j - 1] + A[i - 1, j] + A[i - 1, j + 1]
                    + A[i, j - 1] + A[i, j] + A[i, j + 1]
                    + A[i + 1, j - 1] + A[i + 1, j] + A[i + 1, j + 1]
                ) / 9.0
    return A


def seidel_half_vectorised(A):
    N = A.shape[0]
    for i in range(1, N - 1):
        A[i, 1:-1] += A[i - 1, :-2] + A[i - 1, 1:-1] + A[i + 1, 2:]
        for j in range(1, N - 1):
            A[i, j] += A[i, j - 1]
            A[i, j] /= 9.0
    return A


def adi(steps, u):
    N = u.shape[0]
    a, b, c = -0.4, 1.8, -0.4
    v, p, q = np.empty_like(u), np.zeros_like(u), np.zeros_like(u)
    for t in range(1, steps + 1):
        v[0, 1 : N - 1] = 1.0
        p[1 : N - 1, 0] = 0.0
        q[1 : N - 1, 0] = v[0, 1 : N - 1]
        for j in range(1, N - 1):
            p[1 : N - 1, j] = -c / (a * p[1 : N - 1, j - 1] + b)
            q[1 : N - 1, j] = (
                0.3 * u[j, : N - 2] + 0.4 * u[j, 1 : N - 1] + 0.3 * u[j, 2:N] - a * q[1 : N - 1, j - 1]
            ) / (a * p[1 : N - 1, j - 1] + b)
        v[N - 1, 1 : N - 1] = 1.0
        for j in range(N - 2, 0, -1):
            v[j, 1 : N - 1] = p[1 : N - 1, j] * v[j + 1, 1 : N - 1] + q[1 : N - 1, j]
        u[1 : N - 1, 1 : N - 1] = v[1 : N - 1, 1 : N - 1]
    return u


def cholesky(A):
    A[0, 0] = np.sqrt(A[0, 0])
    for i in range(1, A.shape[0]):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])
    return np.tril(A)


def cholesky_columns(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for j in range(n):
        L[j, j] = np.sqrt(A[j, j] - np.sum(L[j, :j] ** 2))
        for i in range(j + 1, n):
            L[i, j] = (A[i, j] - L[i, :j] @ L[j, :j]) / L[j, j]
    return L


def lu(A):
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return A


def ludcmp(A, b):
    """Solves A x = b with a decomposition in place and two substitutions."""
    n = A.shape[0]
    x, y = np.zeros_like(b), np.zeros_like(b)
    for i in range(n):
        for j in range(i):
            A[i, j] = (A[i, j] - A[i, :j] @ A[:j, j]) / A[j, j]
        A[i, i:] -= A[i, :i] @ A[:i, i:]
    for i in range(n):
        y[i] = b[i] - A[i, :i] @ y[:i]
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x


def gramschmidt(A):
    Q = np.zeros_like(A)
    R = np.zeros((A.shape[1], A.shape[1]))
    for k in range(A.shape[1]):
        nrm = np.dot(A[:, k], A[:, k])
        R[k, k] = np.sqrt(nrm)
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, A.shape[1]):
            R[k, j] = np.dot(Q[:, k], A[:, j])
            A[:, j] -= Q[:, k] * R[k, j]
    return Q, R


def gram_schmidt_list(vectors):
    basis = []
    for v in vectors:
        w = v.copy()
        for b in basis:
            w -= np.dot(v, b) * b
        basis.append(w / np.linalg.norm(w))
    return np.array(basis)


def durbin(r):
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return y


def trisolv(L, x, b):
    for i in range(x.shape[0]):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return x


def thomas(a, b, c, d):
    """A tridiagonal system."""
    n = len(d)
    cp, dp = np.zeros(n), np.zeros(n)
    cp[0], dp[0] = c[0] / b[0], d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in reversed(range(n - 1)):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


def gaussian_elimination(A, b):
    n = len(b)
    M = np.hstack([A, b.reshape(-1, 1)])
    for i in range(n):
        pivot = i + np.argmax(np.abs(M[i:, i]))
        if pivot != i:
            M[[i, pivot]] = M[[pivot, i]]
        for j in range(i + 1, n):
            M[j] -= M[j, i] / M[i, i] * M[i]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (M[i, -1] - M[i, i + 1 : n] @ x[i + 1 :]) / M[i, i]
    return x


def determinant(A):
    """By expansion along the first row."""
    n = len(A)
    if n == 1:
        return A[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.delete(A[1:], j, axis=1)
        total += (-1) ** j * A[0, j] * determinant(minor)
    return total


def gemver(alpha, beta, A, u1, v1, u2, v2, w, x, y, z):
    A += np.outer(u1, v1) + np.outer(u2, v2)
    x += beta * y @ A + z
    w += alpha * A @ x
    return w


def gesummv(alpha, beta, A, B, x):
    return alpha * A @ x + beta * B @ x


def gemm_in_place(alpha, beta, C, A, B):
    C[:] = alpha * A @ B + beta * C
    return C


def syrk(alpha, beta, C, A):
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]
    return C


def syr2k(alpha, beta, C, A, B):
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += A[: i + 1, k] * alpha * B[i, k] + B[: i + 1, k] * alpha * A[i, k]
    return C


def trmm(alpha, A, B):
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += np.dot(A[i + 1 :, i], B[i + 1 :, j])
    B *= alpha
    return B


def symm(alpha, beta, C, A, B):
    temp2 = np.empty((C.shape[1],))
    C *= beta
    for i in range(C.shape[0]):
        for j in range(C.shape[1]):
            C[:i, j] += alpha * B[i, j] * A[i, :i]
            temp2[j] = B[:i, j] @ A[i, :i]
        C[i, :] += alpha * B[i, :] * A[i, i] + alpha * temp2
    return C


def doitgen(A, C4):
    for r in range(A.shape[0]):
        for q in range(A.shape[1]):
            A[r, q, :] = np.dot(A[r, q], C4)
    return A


def correlation(data):
    mean = np.mean(data, axis=0)
    stddev = np.std(data, axis=0)
    stddev[stddev <= 0.1] = 1.0
    data -= mean
    data /= np.sqrt(data.shape[0]) * stddev
    corr = np.eye(data.shape[1])
    for i in range(data.shape[1] - 1):
        corr[i + 1 :, i] = corr[i, i + 1 :] = data[:, i] @ data[:, i + 1 :]
    return corr


def covariance(data):
    float_n = data.shape[0]
    data -= data.mean(axis=0)
    cov = np.zeros((data.shape[1], data.shape[1]))
    for i in range(data.shape[1]):
        cov[i:, i] = cov[i, i:] = data[:, i] @ data[:, i:] / (float_n - 1.0)
    return cov


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
SPD = S3 @ S3.T + 3 * np.eye(3)
v3, v4 = rng.normal(size=3), rng.normal(size=4)
A32, A23 = rng.normal(size=(3, 2)), rng.normal(size=(2, 3))
tri = np.tril(S3) + 3 * np.eye(3)
path = np.array([[0.0, 1.2, 5.0], [2.1, 0, 1.4], [0.7, 4.0, 0]])
fields = [rng.normal(size=(3, 3)) for _ in range(3)]
image, wcon = rng.normal(size=(6, 6)), rng.normal(size=(2, 4)) * 0.1
batch = rng.normal(size=(1, 4, 4, 2))
sparse = (rng.normal(size=5), np.array([0, 2, 1, 0, 2]), np.array([0, 2, 3, 5]))
grid = np.meshgrid(np.linspace(-1.4, 0.4, 3), np.linspace(-0.9, 0.8, 3))
CASES = [
    Case(jacobi_1d, (3, A1, B1), ("A", "B")),
    Case(jacobi_2d, (2, S4), "A"),
    Case(heat_3d, (2, rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 4, 3))), ("A", "B")),
    Case(seidel_2d, (2, S4), "A"),
    Case(seidel_half_vectorised, (S4,)),
    Case(adi, (2, S4), "u"),
    Case(cholesky, (SPD,)),
    Case(cholesky_columns, (SPD,)),
    Case(lu, (S3 + 3 * np.eye(3),)),
    Case(ludcmp, (SPD, v3)),
    Case(gramschmidt, (rng.normal(size=(4, 3)),)),
    Case(gram_schmidt_list, (S3,)),
    Case(durbin, (rng.uniform(-0.3, 0.3, 4),)),
    Case(trisolv, (tri, np.zeros(3), v3)),
    Case(thomas, (v4 * 0.3, rng.uniform(2, 3, 4), v4 * 0.2, v4)),
    Case(gaussian_elimination, (S3, v3)),
    Case(determinant, (S3,)),
    Case(gemver, (1.5, 1.2, S3, v3, v3 + 1, v3 * 2, v3 - 1, v3**2, -v3, v3 * 0.3, np.ones(3))),
    Case(gesummv, (1.5, 1.2, S3, S3.T, v3)),
    Case(gemm_in_place, (1.5, 1.2, S3, A32, A23)),
    Case(syrk, (1.5, 1.2, S3, A32)),
    Case(syr2k, (1.5, 1.2, S3, A32, A32 + 1)),
    Case(trmm, (1.5, S3, A32)),
    Case(symm, (1.5, 1.2, A32, S3, A32 + 1)),
    Case(doitgen, (rng.normal(size=(2, 2, 3)), S3)),
    Case(correlation, (rng.normal(size=(4, 3)),)),
    Case(covariance, (rng.normal(size=(4, 3)),)),
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
