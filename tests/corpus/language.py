"""The constructs of the language: parameters, names, assignment, conditions, closures, results."""

import numpy as np

from .case import Case

rng = np.random.default_rng(21)
SCALE = 2.5
WEIGHTS = np.array([0.2, 0.3, 0.5])
DEFAULTS = {"rate": 0.1}


def keyword_defaults(x, y, *, scale=2.0, shift=0.5):
    return scale * x * y + shift


def default_expression(x, c=2 * np.pi, power=3):
    return np.sin(c * x) ** power


def positional_only(x, /, y, *, z=1.0):
    return x**y * z


def annotated(x: float, y: float = 2.0) -> float:
    result: float = x * y
    unused: int
    return result + y


def module_constants(x):
    return SCALE * x**2 + DEFAULTS["rate"] * x


def module_array(x):
    return np.sum(WEIGHTS * x**2) / WEIGHTS.sum()


def make_scaled(factor, offset=1.0):
    def scaled(x):
        return factor * x + offset * x**2

    return scaled


def make_with_data(data):
    n = len(data)

    def mean_squared(w):
        return np.sum((data @ w) ** 2) / n

    return mean_squared


def tuple_unpacking(p):
    (a, b), c = p
    return a * b + c


def swap(x, y):
    x, y = y, x * y
    return x - 2 * y


def rotate_names(a, b, c):
    a, b, c = b, c, a
    return a + 2 * b * c


def list_unpacking(v):
    [first, second] = v
    return first / second


def tuple_result(x, y):
    return x * y, x / y


def nested_result(x, y):
    total = x + y
    return total, (x * total, [y, x / y])


def dict_result(x, y):
    return {"sum": x + y, "product": x * y}


def list_result(x, y):
    return [x - y, x**2]


def parameter_returned(x, y):
    z = x * y
    return z, x


def same_value_twice(x):
    y = np.exp(x)
    return y, y


def reassigned(x):
    x = x - 1
    x = x * x
    x = np.sin(x)
    return x


def augmented_number(x, y):
    total = x
    total += y
    total *= x
    total -= 3
    total /= y
    total **= 2
    return total


def augmented_fresh(x, b):
    h = x * 2
    h += b
    h *= h
    return h.sum()


def augmented_parameter(x, b):
    x = x.copy()
    x += b
    x -= x.mean()
    return np.sum(x**3)


def chained(x):
    a = b = x**2
    return a * b + a


def alias_fork(x):
    y = x
    z = y
    return np.sum(x * y * z)


def fork_views(x):
    top = x[:2]
    whole = x.reshape(-1)
    return np.sum(top**2) + np.sum(whole * 3) + x.T.sum()


squared_plus = lambda x, y: x**2 + y  # noqa: E731

v3, w3, m = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(3, 2))
scaled, mean_squared = make_scaled(3.0), make_with_data(m)
TWO = [
    keyword_defaults, tuple_result, nested_result, dict_result, list_result, parameter_returned, swap,
    augmented_number, positional_only, squared_plus,
]  # fmt: skip
ONE = [default_expression, module_constants, same_value_twice, reassigned, chained, scaled, annotated]
CASES = [
    *[Case(f, (1.3, 0.7)) for f in TWO],
    *[Case(f, (v3, w3), note="arrays") for f in (keyword_defaults, tuple_result, swap, parameter_returned)],
    *[Case(f, (0.6,)) for f in ONE],
    *[Case(f, (v3,), note="array") for f in (reassigned, chained, same_value_twice, scaled, alias_fork)],
    Case(keyword_defaults, (m, v3[:2]), note="broadcast"),
    Case(keyword_defaults, (3, -4), kwargs={"scale": 5}, note="given"),
    Case(annotated, (0.6, 3.0), ("x", "y"), note="both"),
    Case(module_array, (v3,)),
    Case(mean_squared, (v3[:2],)),
    Case(tuple_unpacking, (((1.0, 2.0), 3.0),)),
    Case(tuple_unpacking, ([[1, 2], 3],), note="lists"),
    Case(rotate_names, (1.0, 2.0, 3.0)),
    Case(list_unpacking, ([1.5, 2.5],)),
    Case(list_unpacking, (m[:2],), note="array"),
    Case(augmented_fresh, (m, v3[:2])),
    Case(augmented_parameter, (m, v3[:2])),
    Case(fork_views, (m,)),
]
