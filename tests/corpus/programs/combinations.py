"""Stores, views, calls and tables in combination: where a wrong gradient hides behind a right value."""

import copy

import numpy as np

from ..case import Case
from .helpers import scale_rows

rng = np.random.default_rng(150)


class Net:
    def __init__(self, W, b):
        self.W, self.b = W, b


def rows_are_views(A, w):
    B = A.copy()
    for row in B:
        row *= w
        row[0] = row[1] ** 2
    return B


def rows_with_index_are_views(A):
    B = A * 1.0
    for i, row in enumerate(B):
        if i > 0:
            row += B[i - 1]
    return np.sum(B**3)


def list_of_views(x):
    y = x.copy()
    halves = [y[:2], y[2:]]
    for h in halves:
        h *= h.sum()
    return np.sum(y * np.arange(1, 5))


def view_before_the_loop(x, steps):
    y = x.copy()
    inner, left = y[1:-1], y[:-2]
    for _ in range(steps):
        inner += 0.5 * left
        inner[0] = np.sin(inner[0])
    return np.sum(y**2)


def alias_by_branch(x, y, flag):
    x, y = x * 1.0, y * 1.0
    v = x if flag else y
    v[0] = v[1] * v[2]
    v *= 2
    return np.sum(x**2) * np.sum(y)


def alias_changes_in_the_loop(a, b):
    a, b = a.copy(), b.copy()
    for i in range(3):
        a[i] = b[i] * 2
        a, b = b, a
    return np.sum(a**2) + np.prod(b)


def rebinding_ends_the_alias(x):
    y = x.copy()
    z = y
    y = y * 2
    y[0] = 0
    z[1] = 5
    return np.sum(y * z)


def copy_in_every_round(x, n):
    h = [x]
    for i in range(n):
        new = h[-1].copy()
        new[i] = new[i] ** 2
        new[i + 1] *= new[i]
        h.append(new)
    return sum(np.sum(v) * (i + 1) for i, v in enumerate(h))


def helper_stores_into_a_view(X, w):
    Y = X.copy()
    for k in range(2):
        scale_rows(Y[k:], w[k:])
    return np.sum(Y**2)


def helper_returns_its_argument(x):
    def same(v):
        return v

    def clear_first(v):
        v[0] = 0.0
        return v

    y = x * 2
    z = same(y)
    u = clear_first(z)
    u[1] *= 3
    return np.sum(y**2) + z[1]


def in_place_on_dict_entry(params, grads, rate):
    new = {k: v.copy() for k, v in params.items()}
    for k in new:
        new[k] -= rate * grads[k]
        new[k][0] *= 2
    return new


def in_place_on_object(net, x):
    work = copy.copy(net)
    h = work.W @ x
    h += work.b
    h[h < 0] *= 0.1
    return h.sum()


def recurrence_in_place(x):
    for i in range(1, len(x)):
        x[i] = x[i - 1] * x[i]
    return x


def two_term_recurrence(x, n):
    f = np.zeros(n)
    f[0], f[1] = x, x**2
    for i in range(2, n):
        f[i] = f[i - 1] * 0.5 + f[i - 2] * x
    return f[n - 1]


def dynamic_programme(costs):
    """The cheapest way through a grid."""
    n, m = costs.shape
    best = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            if i == 0 and j == 0:
                before = 0.0
            elif i == 0:
                before = best[i, j - 1]
            elif j == 0:
                before = best[i - 1, j]
            else:
                before = min(best[i - 1, j], best[i, j - 1])
            best[i, j] = before + costs[i, j] ** 2
    return best[-1, -1]


def soft_time_warping(x, y, gamma=0.5):
    n, m = len(x), len(y)
    R = np.full((n + 1, m + 1), 1e3)
    R[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            z = np.array([-R[i - 1, j - 1], -R[i - 1, j], -R[i, j - 1]]) / gamma
            top = z.max()
            softmin = -gamma * (top + np.log(np.exp(z - top).sum()))
            R[i, j] = (x[i - 1] - y[j - 1]) ** 2 + softmin
    return R[n, m]


A, x4, x3 = rng.normal(size=(3, 3)), rng.normal(size=4), rng.uniform(0.5, 1.5, 3)
X, y4, edges = rng.normal(size=(4, 3)), rng.normal(size=4), np.array([[0, 1], [1, 2], [0, 2], [2, 0]])
steps = [("standardise", {}), ("power", {"degree": 3, "scale": 0.5}), ("tanh", {})]
f32 = np.float32
CASES = [
    Case(rows_are_views, (A, x3)),
    Case(rows_with_index_are_views, (A,)),
    Case(list_of_views, (x4,)),
    Case(view_before_the_loop, (x4, 3), "x"),
    Case(alias_by_branch, (x3, x3 + 1, True), ("x", "y")),
    Case(alias_by_branch, (x3, x3 + 1, False), ("x", "y"), note="other"),
    Case(alias_changes_in_the_loop, (x3, x3 * 2)),
    Case(rebinding_ends_the_alias, (x3,)),
    Case(copy_in_every_round, (x4, 3), "x"),
    Case(helper_stores_into_a_view, (X, y4)),
    Case(helper_returns_its_argument, (x3,)),
    Case(in_place_on_dict_entry, ({"W": A, "b": x3}, {"W": A * 2, "b": x3**2}, 0.1)),
    Case(in_place_on_object, (Net(A, x3), x3)),
    Case(recurrence_in_place, (x3,)),
    Case(recurrence_in_place, (x3.astype(f32),), note="float32"),
    Case(two_term_recurrence, (0.7, 6), "x"),
    Case(dynamic_programme, (A,)),
    Case(soft_time_warping, (x3, x4)),
]
