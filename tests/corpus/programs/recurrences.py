"""Loops that build something up: prefix sums, recurrences, lists that are appended to, comprehensions, settings."""

import math

import numpy as np

from ..case import Case

rng = np.random.default_rng(101)


def prefix_sums(x):
    out = np.zeros(len(x))
    acc = 0.0
    for i in range(len(x)):
        acc = acc + x[i]
        out[i] = acc
    return out


def prefix_sums_in_place(x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] += y[i - 1]
    return y


def running_product(x):
    out = np.empty_like(x)
    p = 1.0
    for i, v in enumerate(x):
        out[i] = p
        p *= v
    return out * p


def fibonacci_like(a, b, n):
    for _ in range(n):
        a, b = b, a * 0.5 + b
    return a


def logistic_map(r, x0, steps=6):
    x = x0
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def power_iteration(A, v):
    for _ in range(10):
        w = A @ v
        v = w / np.linalg.norm(w)
    return v @ A @ v


def fixed_point(c):
    x = 0.5
    for _ in range(60):
        new = math.cos(c * x)
        if abs(new - x) < 1e-14:
            return new
        x = new
    return x


def exponential_smoothing(x, alpha):
    s = x[0]
    out = [s]
    for t in range(1, len(x)):
        s = alpha * x[t] + (1 - alpha) * s
        out.append(s)
    return np.array(out)


def append_then_stack(X, W):
    rows = []
    for x in X:
        rows.append(np.tanh(W @ x))
    return np.stack(rows)


def append_then_concatenate(X):
    parts = []
    for i in range(X.shape[0]):
        parts.append(X[i, : i + 1] * (i + 1))
    return np.concatenate(parts)


def comprehension_to_array(x):
    return np.array([v**2 + i for i, v in enumerate(x)])


def comprehension_with_condition(x):
    return np.sum([x[i] * x[i + 1] for i in range(len(x) - 1) if i % 2 == 0])


def nested_comprehension(x, y):
    return np.array([[a * b for b in y] for a in x])


def double_generator(x):
    n = len(x)
    return sum(abs(x[i] - x[j]) for i in range(n) for j in range(n) if i < j)


def generator_in_max(x):
    return max(v**2 for v in x) + min(3 * v for v in x)


def loop_over_dict_items(weights, x):
    total = 0.0
    for name, w in weights.items():
        total += np.sum(w * x) ** 2
    return total


def loop_over_list_of_pairs(layers, x):
    for W, b in layers:
        x = np.tanh(x @ W + b)
    return x.sum()


def loop_over_chars(x, program):
    for op in program:
        if op == "s":
            x = math.sin(x)
        elif op == "d":
            x = 2 * x
        else:
            x = x * x
    return x


def variable_defined_in_loop(x):
    for i in range(3):
        y = x[i] * 2
    return y * x[0] + i


def empty_loop(x, n):
    s = x**2
    for i in range(n):
        s = s * i
    return s


def loop_changes_its_array(x, steps):
    for _ in range(steps):
        x[1:-1] = 0.5 * (x[:-2] + x[2:])
    return np.sum(x**2)


def array_accumulator(X):
    mean = np.zeros(X.shape[1])
    for t, x in enumerate(X):
        mean += (x - mean) / (t + 1)
    return mean


def list_multiplied(x):
    h = [0.0] * (len(x) + 1)
    for i in range(len(x)):
        h[i + 1] = 0.9 * h[i] + x[i] ** 2
    return h[-1]


x5, x3 = rng.normal(size=5), np.array([0.8, -1.1, 0.5])
X, W, w = rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.normal(size=4)
S = np.array([[2.0, 0.3], [0.3, 1.0]])
CASES = [
    Case(prefix_sums, (x5,)),
    Case(prefix_sums_in_place, (x5,)),
    Case(running_product, (x3,)),
    Case(fibonacci_like, (0.3, 1.2, 5), ("a", "b")),
    Case(logistic_map, (3.1, 0.4)),
    Case(power_iteration, (S, np.array([1.0, 0.5]))),
    Case(fixed_point, (0.9,)),
    Case(exponential_smoothing, (x5, 0.3)),
    Case(append_then_stack, (X, W)),
    Case(append_then_concatenate, (X,)),
    Case(comprehension_to_array, (x3,)),
    Case(comprehension_with_condition, (x5,)),
    Case(nested_comprehension, (x3, x5)),
    Case(double_generator, (x5,)),
    Case(generator_in_max, (x5,)),
    Case(loop_over_dict_items, ({"a": 0.5, "b": rng.normal(size=3)}, x3)),
    Case(loop_over_list_of_pairs, ([(rng.normal(size=(3, 2)), rng.normal(size=2)), (S, rng.normal(size=2))], x3)),
    Case(loop_over_chars, (0.7, "sdqs"), "x"),
    Case(variable_defined_in_loop, (x3,)),
    Case(empty_loop, (1.3, 0), "x"),
    Case(loop_changes_its_array, (x5, 3), "x"),
    Case(array_accumulator, (X,)),
    Case(list_multiplied, (x3,)),
]
