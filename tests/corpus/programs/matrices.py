"""Numerical kernels in loops: decompositions, substitutions and products of matrices in place."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(131)


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


A1, B1, S3, S4 = rng.normal(size=6), rng.normal(size=6), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
SPD = S3 @ S3.T + 3 * np.eye(3)
v3, v4 = rng.normal(size=3), rng.normal(size=4)
A32, A23 = rng.normal(size=(3, 2)), rng.normal(size=(2, 3))
tri = np.tril(S3) + 3 * np.eye(3)
CASES = [
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
]
