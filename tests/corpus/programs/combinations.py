"""Stores, loops, branches, calls and containers in combination: where a wrong gradient hides behind a right value."""

import copy

import numpy as np

from ..case import Case
from .helpers import scale_rows

rng = np.random.default_rng(150)


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


def training_loop_with_state(w, X, y, options):
    lr = options.get("lr", 0.1)
    state = {"m": np.zeros_like(w), "steps": 0}
    history = []
    for epoch in range(options["epochs"]):
        for xi, yi in zip(X, y):
            error = xi @ w - yi
            grad = 2 * error * xi
            if options.get("clip") is not None:
                norm = np.linalg.norm(grad)
                if norm > options["clip"]:
                    grad *= options["clip"] / norm
            state["m"] = 0.9 * state["m"] + grad
            w = w - lr * state["m"]
            state["steps"] += 1
        history.append(np.mean((X @ w - y) ** 2))
    return history[-1], history


def pipeline_of_steps(x, steps):
    """Steps are pairs of a name and its options."""
    def standardise(v, eps=1e-6):
        return (v - v.mean()) / (v.std() + eps)

    def power(v, degree=2, scale=1.0):
        return scale * v**degree

    table = {"standardise": standardise, "power": power, "tanh": np.tanh}
    for name, options in steps:
        x = table[name](x, **options)
    return x


def stack_machine(x, code):
    stack = [x]
    pointer = 0
    while pointer < len(code):
        op = code[pointer]
        if op == "dup":
            stack.append(stack[-1])
        elif op == "mul":
            stack.append(stack.pop() * stack.pop())
        elif op == "push":
            pointer += 1
            stack.append(code[pointer])
        elif op == "jump_if_small":
            pointer += 1
            if abs(stack[-1]) < 10:
                pointer = code[pointer]
                continue
        pointer += 1
    return stack[-1]


class Tape:
    """An object that keeps what it was given."""

    def __init__(self, scale):
        self.scale = scale
        self.values = []

    def push(self, v):
        self.values.append(v * self.scale)
        return self

    def total(self):
        return sum(v**2 for v in self.values)


def object_made_inside(x, scale):
    tape = Tape(scale)
    for v in x:
        tape.push(v).push(2 * v)
    tape.scale = 1.0
    tape.push(x[0])
    return tape.total()


class Accumulator:
    def __init__(self, decay):
        self.decay = decay
        self.state = 0.0

    def step(self, v):
        self.state = self.decay * self.state + v
        return self.state


def stateful_object(x, decay):
    acc = Accumulator(decay)
    return [acc.step(v) ** 2 for v in x][-1] * acc.state


def try_in_a_loop(x, tables):
    total = 0.0
    for table in tables:
        try:
            k = table["index"]
        except KeyError:
            continue
        total += x[k] ** 2
        del k
    return total


def nested_closures(x):
    def outer(a):
        def inner(b):
            return a * b + x

        x_local = inner(a)
        return inner(x_local)

    return outer(x) * outer(2.0)


def loop_in_condition(x, k):
    y = x
    if k > 0:
        for _ in range(k):
            if y > 1:
                y = y / 2
            else:
                y = y * 3
                break
    elif k == 0:
        y = y**2
    else:
        while y < 10:
            y = y * 2 + x
    return y


def checks_between_stores(x):
    y = np.zeros_like(x)
    s = 0.0
    for i in range(len(x)):
        y[i] = s
        s = s + x[i] * y[i // 2]
        y[i] += x[i]
        assert np.isfinite(s), "diverged"
    return s, y


def out_argument_in_loop(x, W):
    h, buf = x.copy(), np.empty_like(x)
    for _ in range(3):
        np.dot(W, h, out=buf)
        np.tanh(buf, out=buf)
        h += buf
    return h


def add_at_in_loop(x, edges, steps):
    h = x.copy()
    src, dst = edges[:, 0], edges[:, 1]
    for _ in range(steps):
        m = np.zeros_like(h)
        np.add.at(m, dst, np.tanh(h[src]))
        h = 0.5 * h + m
    return h


def message_passing(nodes, edges, W):
    for _ in range(2):
        messages = {i: [] for i in range(len(nodes))}
        for a, b in edges:
            messages[b].append(nodes[a] @ W)
        new = []
        for i, node in enumerate(nodes):
            new.append(np.tanh(node + sum(messages[i])) if messages[i] else node)
        nodes = np.stack(new)
    return nodes


class Value:
    """A number with operators of its own."""

    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        return Value(self.data + (other.data if isinstance(other, Value) else other))

    def __mul__(self, other):
        return Value(self.data * (other.data if isinstance(other, Value) else other))


def operators_of_a_class(x):
    v = Value(x)
    return ((v * v + 1.0) * v).data


class Net:
    def __init__(self, W, b):
        self.W, self.b = W, b


A, x4, x3 = rng.normal(size=(3, 3)), rng.normal(size=4), rng.uniform(0.5, 1.5, 3)
X, y4, edges = rng.normal(size=(4, 3)), rng.normal(size=4), np.array([[0, 1], [1, 2], [0, 2], [2, 0]])
steps = [("standardise", {}), ("power", {"degree": 3, "scale": 0.5}), ("tanh", {})]
code = ["dup", "mul", "push", 1.5, "mul", "jump_if_small", 0]
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
    Case(training_loop_with_state, (x3, X, y4, {"epochs": 2, "lr": 0.05}), ("w", "X", "y"), output=0),
    Case(training_loop_with_state, (x3, X, y4, {"epochs": 2, "lr": 0.05, "clip": 0.5}), "w", output=0, note="clipped"),
    Case(pipeline_of_steps, (x4, steps), "x"),
    Case(stack_machine, (1.3, code), "x"),
    Case(object_made_inside, (x3, 0.7)),
    Case(stateful_object, (x3, 0.7)),
    Case(try_in_a_loop, (x3, [{"index": 1}, {}, {"index": 2}]), "x"),
    Case(nested_closures, (1.3,)),
    *(Case(loop_in_condition, (1.3, k), "x", note=str(k)) for k in (3, 0, -1)),
    Case(checks_between_stores, (x4,)),
    Case(out_argument_in_loop, (x3, A)),
    Case(add_at_in_loop, (x3, edges, 2), "x"),
    Case(message_passing, (A, [(0, 1), (1, 2)], A.T), ("nodes", "W")),
    Case(operators_of_a_class, (1.3,)),
]
