"""Loops and branches in combination: changing ranks, None at first, ways out of two loops, growing arrays."""

import numpy as np

from ..case import Case

rng = np.random.default_rng(150)


def memoised(x, n):
    memo = {}

    def chebyshev(k):
        if k in memo:
            return memo[k]
        if k == 0:
            value = 1.0
        elif k == 1:
            value = x
        else:
            value = 2 * x * chebyshev(k - 1) - chebyshev(k - 2)
        memo[k] = value
        return value

    return chebyshev(n)


def recursion_with_stores(x):
    def fft_like(v):
        n = len(v)
        if n == 1:
            return v.copy()
        even, odd = fft_like(v[::2]), fft_like(v[1::2])
        out = np.empty(n)
        out[: n // 2] = even + odd
        out[n // 2 :] = even * odd
        return out

    return fft_like(x)


def merge_sort(xs):
    if len(xs) <= 1:
        return xs
    half = len(xs) // 2
    left, right = merge_sort(xs[:half]), merge_sort(xs[half:])
    out = []
    while left and right:
        if left[0] <= right[0]:
            out.append(left[0])
            left = left[1:]
        else:
            out.append(right[0])
            right = right[1:]
    return out + left + right


def bubble_sort_weighted(x):
    y = x.copy()
    for i in range(len(y)):
        for j in range(len(y) - 1 - i):
            if y[j] > y[j + 1]:
                y[j], y[j + 1] = y[j + 1], y[j]
    return np.sum(y * np.arange(1, len(y) + 1))


def number_becomes_array(X, w):
    total = 0
    for i in range(len(w)):
        total = total + w[i] * X[i]
    return np.sum(total**2)


def number_plus_equals_array(X):
    total = 0
    for row in X:
        total += row
        total *= 1.5
    return total


def none_at_first(xs):
    previous = None
    total = 0.0
    for x in xs:
        if previous is not None:
            total += (x - previous) ** 2
        previous = x
    return total


def best_so_far(xs):
    best, at = None, -1
    for i, x in enumerate(xs):
        value = (x - 1) ** 2
        if best is None or value < best:
            best, at = value, i
    return best * xs[at]


def array_grows(x):
    out = np.array([])
    for v in x:
        out = np.append(out, v**2)
        out = np.concatenate([out, [out.sum()]])
    return out


def rank_changes(x):
    h = x
    while h.ndim > 0:
        h = np.sum(h**2, axis=0)
    return h


def shadowed_names(x):
    i = x[0]
    total = sum(i * i for i in x)
    for x in (total, total * 2):
        i = i + x
    return i * x


def break_out_of_two(A, limit):
    s, done = 0.0, False
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            s += A[i, j] ** 2
            if s > limit:
                done = True
                break
        if done:
            break
        s *= 0.5
    return s * A[i, j]


def return_from_inner_loop(A, limit):
    s = 0.0
    for row in A:
        for v in row:
            s = s + v * v
            if s > limit:
                return s * v, True
        s = s * row[0]
    return s, False


def continue_in_while(x):
    i, s = 0, 1.0
    while i < len(x):
        i += 1
        if i % 2:
            continue
        s *= x[i - 1]
    return s + i


def zip_of_unequal_lengths(x, y):
    total = 0.0
    for a, b in zip(x, y):
        total += a * b
    for a, *rest in ([x[0], x[1], x[2]], [y[0], y[1]]):
        total += a * sum(rest)
    return total


def mask_in_a_loop(x, steps):
    for t in range(steps):
        m = x > 0.2 * t
        x = x.copy()
        x[m] = x[m] ** 2
        x[~m] -= 0.1
        if not m.any():
            break
    return x


def stores_by_slices_of_growing_length(x):
    n = len(x)
    T = np.zeros((n, n))
    for i in range(n):
        T[i, i:] = x[: n - i] * (i + 1)
        T[i + 1 :, i] = T[i, i + 1 :] ** 2
    return T


def toeplitz_by_strides(x):
    n = len(x)
    flat = np.zeros(n * n)
    for k in range(n):
        flat[k :: n + 1][: n - k] = x[k]
    return flat.reshape(n, n) @ x


def accumulates_in_list_of_arrays(X, labels):
    sums = [np.zeros(X.shape[1]) for _ in range(2)]
    counts = [0] * 2
    for x, label in zip(X, labels):
        sums[label] += x
        counts[label] += 1
    centres = [s / max(c, 1) for s, c in zip(sums, counts)]
    return np.sum((centres[0] - centres[1]) ** 2)


def shared_zero_list(x):
    rows = [np.zeros(2)] * 2
    rows[0][0] = x
    rows[1][1] = rows[0][0] ** 2
    return rows[0][1] + rows[1][0]


A, x4, x3 = rng.normal(size=(3, 3)), rng.normal(size=4), rng.uniform(0.5, 1.5, 3)
X, y4, edges = rng.normal(size=(4, 3)), rng.normal(size=4), np.array([[0, 1], [1, 2], [0, 2], [2, 0]])
steps = [("standardise", {}), ("power", {"degree": 3, "scale": 0.5}), ("tanh", {})]
CASES = [
    Case(memoised, (0.7, 5), "x"),
    Case(recursion_with_stores, (x4,)),
    Case(merge_sort, ([2.0, 0.5, 1.5, 1.0],)),
    Case(bubble_sort_weighted, (x4,)),
    Case(number_becomes_array, (X, y4)),
    Case(number_plus_equals_array, (X,)),
    Case(none_at_first, ([2.0, 0.5, 1.5],)),
    Case(best_so_far, ([2.0, 0.5, 1.7],)),
    Case(array_grows, (x3,)),
    Case(rank_changes, (A,)),
    Case(shadowed_names, (x3,)),
    Case(break_out_of_two, (A, 1.5), "A"),
    Case(break_out_of_two, (A, 1e6), "A", note="runs out"),
    Case(return_from_inner_loop, (A, 1.5), "A", output=0),
    Case(return_from_inner_loop, (A, 1e6), "A", output=0, note="runs out"),
    Case(continue_in_while, (x4,)),
    Case(zip_of_unequal_lengths, (x3, x4)),
    Case(mask_in_a_loop, (x4, 3), "x"),
    Case(stores_by_slices_of_growing_length, (x3,)),
    Case(toeplitz_by_strides, (x3,)),
    Case(accumulates_in_list_of_arrays, (X, np.array([0, 1, 1, 0])), "X"),
    Case(shared_zero_list, (1.3,)),
]
