"""Norms, quadratic forms, determinants, solves and products of every rank."""

import numpy as np

from .case import Case

rng = np.random.default_rng(20)


def vector_norm(x):
    return np.linalg.norm(x)


def frobenius(A):
    return np.linalg.norm(A, "fro")


def norm_rows(A):
    return np.linalg.norm(A, axis=1)


def norm_inf(x):
    return np.linalg.norm(x, np.inf)


def norm_by_hand(x):
    return np.sqrt(np.sum(np.abs(x) ** 2))


def unit_vector(v):
    return v / np.linalg.norm(v)


def normalize_columns(A):
    return A / np.sqrt((A * A).sum(0))


def quadratic_form(x, A):
    return x.T @ A @ x


def quadratic_full(x, Q, c, d):
    return 0.5 * np.dot(x, np.dot(Q, x)) + np.dot(c, x) + d


def quadratic_rows(X, A):
    return np.sum(X @ A * X, axis=1)


def rayleigh_quotient(A, x):
    return np.dot(x, A.dot(x)) / np.dot(x, x)


def least_squares(A, x, b):
    r = A @ x - b
    return 0.5 * r.T @ r


def solve_system(A, b):
    return np.linalg.solve(A, b)


def solve_and_dot(A, b, c):
    return c @ np.linalg.solve(A, b)


def ridge_solution(X, y, lam):
    n = X.shape[1]
    return np.linalg.solve(X.T @ X + lam * np.eye(n), X.T @ y)


def normal_equations_inv(X, y):
    return np.linalg.inv(X.T.dot(X)).dot(X.T).dot(y)


def inverse(A):
    return np.linalg.inv(A)


def determinant(A):
    return np.linalg.det(A)


def log_determinant(A):
    sign, logdet = np.linalg.slogdet(A)
    return logdet


def det_2x2(M):
    return M[0][0] * M[1][1] - M[0][1] * M[1][0]


def inverse_2x2(M):
    a, b, c, d = M[0, 0], M[0, 1], M[1, 0], M[1, 1]
    return np.array([[d, -b], [-c, a]]) / (a * d - b * c)


def det_3x3(m):
    return (
        m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
        - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
        + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
    )


def trace_product(A, B):
    return np.trace(A @ B)


def trace_elementwise(A, B):
    return np.sum(A * B.T)


def trace_method(A):
    return (A @ A.T).trace()


def eigenvalues_2x2(a, b, d):
    mean = (a + d) / 2
    radius = np.sqrt(((a - d) / 2) ** 2 + b**2)
    return mean + radius, mean - radius


def outer_product(u, v):
    return np.outer(u, v)


def outer_broadcast(u, v):
    return u[:, None] * v[None, :]


def projection(u, v):
    return np.dot(u, v) / np.dot(v, v) * v


def householder(v):
    return np.eye(len(v)) - 2 * np.outer(v, v) / np.dot(v, v)


def gram_schmidt_two(a, b):
    e1 = a / np.sqrt(a @ a)
    u2 = b - (b @ e1) * e1
    e2 = u2 / np.sqrt(u2 @ u2)
    return np.vstack([e1, e2])


def covariance(X):
    Xc = X - X.mean(axis=0)
    return Xc.T @ Xc / (X.shape[0] - 1)


def correlation(X):
    Z = (X - np.mean(X, axis=0)) / np.std(X, axis=0)
    return np.dot(Z.T, Z) / len(Z)


def whiten(X, W):
    X = X - X.mean(0)
    return np.sum(np.log(np.cosh(X @ W)))


def symmetric_part(A):
    return 0.5 * (A + A.T)


def antisymmetric_energy(A):
    return np.sum((A - A.transpose()) ** 2)


def power_iteration_step(A, v):
    w = A @ v
    return w / np.max(np.abs(w))


def three_products(A, B, C):
    return np.dot(np.dot(A, B), C).sum()


def matmul_batch(A, B):
    return np.matmul(A, B)


def matvec_batch(A, x):
    return (A @ x[..., None])[..., 0]


def inner_product(a, b):
    return np.inner(a, b)


def vdot_matrices(A, B):
    return np.vdot(A, B)


def tensordot_axes(A, B):
    return np.tensordot(A, B, axes=([1], [0]))


def tensordot_two(A, B):
    return np.tensordot(A, B, axes=2)


def lower_triangular_product(L, x):
    return np.tril(L) @ x


def diagonal_scaling(d, A):
    return np.diag(d) @ A


def diagonal_sum(A):
    return np.sum(np.diag(A) ** 2)


def upper_penalty(A):
    return np.abs(np.triu(A, 1)).sum()


def orthogonality_penalty(W):
    return np.sum((W.T @ W - np.eye(W.shape[1])) ** 2)


def low_rank(U, s, V):
    return (U * s) @ V.T


def kronecker_by_einsum(A, B):
    return np.einsum("ij,kl->ikjl", A, B).reshape(A.shape[0] * B.shape[0], -1)


def cross_by_hand(a, b):
    a1, a2, a3 = a
    b1, b2, b3 = b
    return np.array([a2 * b3 - a3 * b2, a3 * b1 - a1 * b3, a1 * b2 - a2 * b1])


def polynomial_of_matrix(A, c):
    n = A.shape[0]
    return c[0] * np.eye(n) + c[1] * A + c[2] * A @ A


def condition_proxy(A):
    return np.linalg.norm(A) * np.linalg.norm(np.linalg.inv(A))


def n(*shape):
    return rng.normal(size=shape)


A, B, x, y = n(3, 3) + 3 * np.eye(3), n(3, 3), n(3), n(3)
S = A @ A.T
R = n(4, 3)
CASES = [
    *[Case(f, (x,)) for f in (vector_norm, norm_inf, norm_by_hand, unit_vector, householder)],
    *[Case(f, (R,)) for f in (frobenius, norm_rows, normalize_columns, covariance, correlation, trace_method)],
    *[Case(f, (A,)) for f in (inverse, determinant, log_determinant, det_3x3, symmetric_part, antisymmetric_energy)],
    *[Case(f, (A,)) for f in (diagonal_sum, upper_penalty, orthogonality_penalty, condition_proxy)],
    Case(vector_norm, (R,), note="matrix"),
    *[Case(f, (x, A)) for f in (quadratic_form, diagonal_scaling)],
    *[Case(f, (A, x)) for f in (rayleigh_quotient, solve_system, power_iteration_step, lower_triangular_product)],
    Case(quadratic_form, (np.array([1, 2]), np.array([[2, 1], [1, 3]])), note="ints"),
    Case(quadratic_form, (x.astype(np.float32), A.astype(np.float32)), note="float32"),
    Case(quadratic_full, (x, S, y, 0.5)),
    Case(quadratic_rows, (R, A)),
    Case(least_squares, (R, x, n(4))),
    Case(solve_system, (A, R.T), note="matrix"),
    Case(solve_and_dot, (A, x, y)),
    Case(ridge_solution, (R, n(4), 0.5)),
    Case(normal_equations_inv, (R, n(4))),
    Case(inverse, (np.stack([A, S]),), note="batch"),
    Case(determinant, (np.stack([A, S]),), note="batch"),
    Case(det_2x2, ([[1.0, 2.0], [3.0, 5.0]],), note="lists"),
    Case(det_2x2, (n(2, 2),)),
    Case(inverse_2x2, (np.array([[2.0, 1.0], [0.5, 3.0]]),)),
    *[Case(f, (A, B)) for f in (trace_product, trace_elementwise, vdot_matrices, tensordot_two, kronecker_by_einsum)],
    Case(eigenvalues_2x2, (2.0, 0.5, -1)),
    *[Case(f, (x, n(4))) for f in (outer_product, outer_broadcast)],
    *[Case(f, (x, y)) for f in (projection, gram_schmidt_two, inner_product, cross_by_hand)],
    Case(inner_product, (R, n(2, 3)), note="matrices"),
    Case(cross_by_hand, ([1, 2, 3], [4, 5, 7]), note="lists"),
    Case(whiten, (R, n(3, 2))),
    Case(three_products, (R, A, n(3, 2))),
    Case(matmul_batch, (n(2, 3, 4), n(2, 4, 2))),
    Case(matmul_batch, (n(2, 3, 4), n(4, 2)), note="shared"),
    Case(matmul_batch, (n(4), n(2, 4, 3)), note="row"),
    Case(matvec_batch, (n(2, 3, 4), n(2, 4))),
    Case(tensordot_axes, (R, n(3, 2, 2))),
    Case(low_rank, (n(4, 2), n(2), n(3, 2))),
    Case(polynomial_of_matrix, (A, [1.0, -0.5, 0.25])),
]
