"""Loops of every form, alone: over range, sequences, rows, pairs; while, break, continue, else."""

import math

import numpy as np

from ..case import Case

rng = np.random.default_rng(101)


def sum_of_squares(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2
    return s


def sum_over_items(xs):
    total = 0
    for x in xs:
        total = total + x * math.sin(x)
    return total


def power_by_loop(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


def bounds_and_step(x):
    s = 0.0
    for i in range(1, x.shape[0] - 1, 2):
        s += x[i - 1] * x[i + 1]
    return s


def counts_down(x):
    s = 0.0
    for i in range(len(x) - 1, -1, -1):
        s = s * 0.5 + x[i]
    return s


def horner(c, x):
    p = c[-1]
    for k in reversed(range(len(c) - 1)):
        p = p * x + c[k]
    return p


def horner_reversed(coefficients, x):
    result = 0.0
    for a in reversed(coefficients):
        result = result * x + a
    return result


def weighted_enumerate(x):
    total = 0.0
    for i, xi in enumerate(x):
        total += (i + 1) * xi**2
    return total


def enumerate_from_one(x):
    f = 1.0
    for j, v in enumerate(x, start=1):
        f *= math.cos(v / math.sqrt(j))
    return f


def zip_two(x, y):
    d = 0.0
    for a, b in zip(x, y):
        d += (a - b) ** 2
    return math.sqrt(d)


def zip_three_and_enumerate(xs, ys, ws):
    out = 0.0
    for i, (x, y, w) in enumerate(zip(xs, ys, ws)):
        out += w * (x * y) ** (i + 1)
    return out


def zip_neighbours(x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x[:-1], x[1:]))


def rows_of_array(X, w):
    loss = 0.0
    for row in X:
        loss += np.log(1 + np.exp(-(row @ w)))
    return loss / len(X)


def nested_pairs(x):
    n = len(x)
    e = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            e += 1.0 / (x[i] - x[j]) ** 2
    return e


def triple_nested_matmul(A, B):
    n, k = A.shape
    m = B.shape[1]
    C = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            for t in range(k):
                C[i, j] += A[i, t] * B[t, j]
    return C


def while_halving(x):
    n = 0
    while x > 1:
        x = x / 2
        n += 1
    return x**2 + n


def while_counter(x, n):
    i = 0
    y = x
    while i < n:
        y = np.sin(y) + x
        i += 1
    return y


def newton_sqrt(a):
    x = 1.0
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def newton_with_break(a, tol=1e-13, max_iter=50):
    x = a
    for _ in range(max_iter):
        step = (x**3 - a) / (3 * x**2)
        x = x - step
        if abs(step) < tol:
            break
    return x


def while_true_break(x):
    k, term, total = 0, 1.0, 0.0
    while True:
        total += term
        k += 1
        term = term * x / k
        if abs(term) < 1e-15:
            break
    return total


def continue_on_index(x, skip):
    s = 0.0
    for i in range(len(x)):
        if i == skip:
            continue
        s += x[i] * x[skip]
    return s


def continue_on_data(x):
    s = 0.0
    for v in x:
        if v < 0:
            continue
        s += v**3
    return s


def loop_else(x, limit):
    total = 0.0
    for v in x:
        total += v * v
        if total > limit:
            break
    else:
        total = total * 10
    return total


def break_of_inner_loop(x):
    s = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            if j > i:
                break
            s += x[i] * x[j] * (i - j + 1)
    return s


def while_else(x):
    n = 3
    while n > 0:
        x = x * 1.1 + 0.1
        n -= 1
    else:
        x = x**2
    return x


x5, x3 = rng.normal(size=5), np.array([0.8, -1.1, 0.5])
X, W, w = rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.normal(size=4)
CASES = [
    Case(sum_of_squares, (x5,)),
    Case(sum_over_items, (x5,)),
    Case(sum_over_items, ([0.3, 1.2, -0.4],), note="list"),
    Case(power_by_loop, (1.3, 4), "x"),
    Case(bounds_and_step, (x5,)),
    Case(counts_down, (x5,)),
    Case(horner, (x5, 0.7)),
    Case(horner_reversed, ([1.0, -2.0, 0.5], 0.7)),
    Case(weighted_enumerate, (x5,)),
    Case(enumerate_from_one, (x3,)),
    Case(zip_two, (x5, rng.normal(size=5))),
    Case(zip_three_and_enumerate, (x3, rng.uniform(1, 2, 3), [0.5, 1.5, -1.0])),
    Case(zip_neighbours, (x5,)),
    Case(rows_of_array, (X, w)),
    Case(nested_pairs, (np.array([0.0, 1.1, 2.5, 3.1]),)),
    Case(triple_nested_matmul, (rng.normal(size=(2, 3)), rng.normal(size=(3, 2)))),
    Case(while_halving, (5.3,)),
    Case(while_counter, (0.3, 4), "x"),
    Case(while_counter, (x3, 4), "x", note="array"),
    Case(newton_sqrt, (2.5,)),
    Case(newton_with_break, (2.5,)),
    Case(while_true_break, (0.7,)),
    Case(continue_on_index, (x5, 2), "x"),
    Case(continue_on_data, (x5,)),
    Case(loop_else, (x5, 1.0), "x", note="breaks"),
    Case(loop_else, (x5, 1000.0), "x", note="runs out"),
    Case(break_of_inner_loop, (x3,)),
    Case(while_else, (0.7,)),
]
