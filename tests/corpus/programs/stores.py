"""Stores into arrays: items, slices, masks, fancy indices, views and in-place operators."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(100)


def set_first(x, v):
    x = x.copy()
    x[0] = v
    return np.sum(x**2)


def set_first_of_the_argument(x, v):
    x[0] = v
    return np.sum(x**3)


def neighbours_product(x):
    n = len(x) // 2
    out = np.zeros(n)
    for i in range(n):
        out[i] = x[2 * i] * x[2 * i + 1]
    return out


def clear_negative(x):
    out = x * 2
    out[out < 0] = 0
    return out


def leaky_in_place(x, slope=0.1):
    out = np.array(x)
    out[x < 0] *= slope
    return out


def scale_slice(x, w):
    y = x.copy()
    y[1:3] *= w
    y[::2] += 1.0
    return np.sum(y**2)


def subtract_one_at_label(scores, y):
    s = np.exp(scores)
    s /= s.sum(axis=1, keepdims=True)
    N = s.shape[0]
    s[np.arange(N), y] -= 1
    s /= N
    return s


def fill_then_read(x):
    buf = np.empty(4)
    buf.fill(2.0)
    buf[1:3] = x
    return np.prod(buf)


def overwritten_before_read(x):
    y = np.zeros(3)
    y[0] = x[0] ** 2
    y[0] = x[1] ** 3
    y[1] = y[0] * x[2]
    return y.sum()


def read_between_stores(x):
    y = x.copy()
    a = y[0] * y[1]
    y[0] = np.sin(y[1])
    b = y[0] * y[1]
    y[1] = a * b
    return y[0] + y[1] ** 2


def store_into_slice_view(x):
    y = x * 1.0
    v = y[1:3]
    v *= 2
    v[0] += 5.0
    return np.sum(y**2)


def alias_is_stored_into(x):
    y = x
    y[0] = 0
    return np.sum(x * x)


def alias_reads_the_store(x):
    a = np.exp(x)
    b = a
    b[1] = b[0] * 3
    return np.sum(a * b)


def store_through_transpose(x):
    y = x.copy()
    t = y.T
    t[0] = t[1] * 2
    return np.sum(y**2)


def store_through_reshape(x):
    y = x.copy()
    flat = y.reshape(-1)
    flat[::3] = 0.5
    flat[1] *= flat[2]
    return np.sum(y**3)


def store_through_ravel(x, v):
    y = np.ascontiguousarray(x + 1)
    y.ravel()[2] = v
    return (y**2).sum()


def rows_of_a_matrix(x, w):
    out = np.zeros((3, 2))
    out[0, :] = x @ w
    out[1] = out[0] ** 2
    out[2, 1] = out[1, 0] * out[0, 1]
    return out


def columns_of_a_matrix(theta):
    R = np.zeros((2, 2))
    R[:, 0] = [np.cos(theta), np.sin(theta)]
    R[:, 1] = [-np.sin(theta), np.cos(theta)]
    return R


def diagonal_store(d, x):
    n = d.shape[0]
    A = np.ones((n, n))
    A[range(n), range(n)] = d
    return A @ x


def nested_subscripts(x):
    A = np.zeros((2, 3))
    A[0][1] = x[0]
    A[1][:2] = x[1:] ** 2
    return A.sum() * A[0][1]


def strided_interleave(a, b):
    out = np.empty(a.size + b.size)
    out[0::2] = a
    out[1::2] = b
    return np.cumsum(out)


def reverse_in_place(x):
    y = x.copy()
    y[::-1] = y * np.arange(len(y))
    return np.sum(y[:2] ** 2)


def overlapping_shift(x):
    y = x.copy()
    y[1:] = y[:-1] * 2
    y[0] = 1
    return np.sum(y**2)


def scatter_repeated(x, idx):
    out = np.zeros(4)
    np.add.at(out, idx, x)
    return np.sum(out**2)


def subtract_at(x, idx, w):
    out = w * 2
    np.subtract.at(out, idx, x**2)
    return np.sum(out**2)


def accumulate_rows(x, idx):
    out = np.zeros((3, x.shape[1]))
    for i in range(x.shape[0]):
        out[idx[i]] += x[i] ** 2
    return out


def out_argument(x, y):
    buf = np.empty_like(x)
    np.multiply(x, y, out=buf)
    np.add(buf, x, out=buf)
    np.exp(buf, out=buf)
    return buf.sum()


def out_argument_reused(x):
    t = np.tanh(x)
    np.square(t, out=t)
    np.negative(t, t)
    return np.sum(x * t)


def plus_equals_array(x, y):
    z = x * y
    z += y
    z *= x
    z -= 1.0
    z /= y
    return z.sum()


def plus_equals_on_the_argument(x, b):
    x += b
    x *= 2
    return (x**2).sum()


def plus_equals_broadcasts(x, b):
    z = x.copy()
    z += b
    z **= 2
    return z.mean()


def masked_store_of_values(x, fallback):
    y = np.sqrt(np.abs(x))
    bad = x < 0
    y[bad] = fallback[bad]
    return y.sum()


def masked_column_store(X, c):
    Z = X * X
    m = X[:, 0] > 0
    Z[m, 1] = c * Z[m, 0]
    return Z.sum()


def put_along(x, v):
    y = x.copy()
    order = np.argsort(x)
    y[order[:2]] = v
    return np.dot(y, x)


def pad_by_store(x, p=1):
    n, m = x.shape
    out = np.zeros((n + 2 * p, m + 2 * p))
    out[p:-p, p:-p] = x
    return out[:-1, 1:] * out[1:, :-1]


def symmetric_from_triangle(v):
    A = np.zeros((3, 3))
    A[np.triu_indices(3)] = v
    A = A + A.T - np.diag(np.diag(A))
    return A @ A


def block_matrix(A, B):
    n, m = A.shape[0], B.shape[0]
    M = np.zeros((n + m, n + m))
    M[:n, :n] = A
    M[n:, n:] = B
    M[:n, n:] = A @ np.ones((n, m))
    return M.T @ M


def swap_two(x):
    y = x.copy()
    y[0], y[1] = y[1] ** 2, y[0]
    return y[0] - 2 * y[1] + y[2]


def swap_rows_fancy(A):
    B = A.copy()
    B[[0, 1]] = B[[1, 0]]
    return B * np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def ellipsis_store(x, v):
    y = np.ones((2,) + x.shape)
    y[..., 0] = v
    y[0, ...] *= x
    return y.sum(axis=0)


def copyto_and_put(x, y):
    out = np.zeros_like(x)
    np.copyto(out, x * y)
    out[-1] = out[0]
    return out


def fill_diagonal(A):
    B = A @ A
    np.fill_diagonal(B, 0)
    return B.sum()


def ones_like_store(x):
    grads = np.ones_like(x)
    grads[x > 1] = x[x > 1] ** 2
    return grads


def two_names_two_arrays(x):
    a = b = np.zeros(3)
    a[0] = x
    b[1] = a[0] ** 2
    return (a * b).sum()


def integer_buffer(x):
    counts = np.zeros(3, dtype=int)
    counts[1] += 2
    return np.sum(x ** counts)


x5, x3, x4 = rng.normal(size=5), rng.uniform(0.5, 2, 3), np.array([0.7, -1.2, 0.4, -0.3])
M23, M32 = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
scores, labels, idx = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1]), np.array([0, 2, 2, 3])
CASES = [
    Case(set_first, (x5, 2.0)),
    Case(set_first_of_the_argument, (x5, 2.0)),
    Case(neighbours_product, (x4,)),
    Case(clear_negative, (x4,)),
    Case(clear_negative, (x4.astype(np.float32),), note="float32"),
    Case(leaky_in_place, (x4,)),
    Case(scale_slice, (x5, 1.5)),
    Case(scale_slice, (x5, np.array([2.0, -1.0])), note="array"),
    Case(subtract_one_at_label, (scores, labels), "scores"),
    Case(fill_then_read, (np.array([1.5, -2.0]),)),
    Case(overwritten_before_read, (x3,)),
    Case(read_between_stores, (x3,)),
    Case(store_into_slice_view, (x5,)),
    Case(alias_is_stored_into, (x5,)),
    Case(alias_reads_the_store, (x3,)),
    Case(store_through_transpose, (M23,)),
    Case(store_through_reshape, (M23,)),
    Case(store_through_ravel, (M23, 0.7)),
    Case(rows_of_a_matrix, (x3, M32)),
    Case(columns_of_a_matrix, (0.4,)),
    Case(diagonal_store, (x3, rng.normal(size=3))),
    Case(nested_subscripts, (x3,)),
    Case(strided_interleave, (x3, rng.normal(size=3))),
    Case(reverse_in_place, (x5,)),
    Case(overlapping_shift, (x4,)),
    Case(scatter_repeated, (x4, idx), "x"),
    Case(subtract_at, (x4, idx, rng.normal(size=4)), ("x", "w")),
    Case(accumulate_rows, (M32, np.array([1, 0, 1])), "x"),
    Case(out_argument, (x3, rng.normal(size=3))),
    Case(out_argument_reused, (x3,)),
    Case(plus_equals_array, (x3, rng.uniform(1, 2, 3))),
    Case(plus_equals_on_the_argument, (x3, rng.normal(size=3))),
    Case(plus_equals_on_the_argument, (M23, x3), note="broadcast"),
    Case(plus_equals_broadcasts, (M23, x3)),
    Case(masked_store_of_values, (x4, rng.normal(size=4))),
    Case(masked_column_store, (np.array([[1.0, 2.0], [-0.5, 0.7], [0.3, -0.2]]), 1.3)),
    Case(put_along, (x4, 0.3)),
    Case(pad_by_store, (M23,)),
    Case(symmetric_from_triangle, (rng.normal(size=6),)),
    Case(block_matrix, (rng.normal(size=(2, 2)), rng.normal(size=(1, 1)))),
    Case(swap_two, (x3,)),
    Case(swap_rows_fancy, (M32,)),
    Case(ellipsis_store, (M23, 1.5)),
    Case(copyto_and_put, (x3, rng.normal(size=3))),
    Case(fill_diagonal, (rng.normal(size=(3, 3)),)),
    Case(ones_like_store, (np.array([0.5, 1.5, 2.5]),)),
    Case(two_names_two_arrays, (1.3,)),
    Case(integer_buffer, (x3,)),
]
