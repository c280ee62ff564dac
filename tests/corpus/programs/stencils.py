"""Numerical kernels: stencils over time, by slices and by single elements."""

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


A1, B1, S3, S4 = rng.normal(size=6), rng.normal(size=6), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
fields = [rng.normal(size=(3, 3)) for _ in range(3)]
CASES = [
    Case(jacobi_1d, (3, A1, B1), ("A", "B")),
    Case(jacobi_2d, (2, S4), "A"),
    Case(heat_3d, (2, rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 4, 3))), ("A", "B")),
    Case(seidel_2d, (2, S4), "A"),
    Case(seidel_half_vectorised, (S4,)),
    Case(adi, (2, S4), "u"),
]
