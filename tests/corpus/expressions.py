"""Conditional expressions, asserts, prints, operators, builtins, literals and odd names."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(24)
DEBUG = False


def conditional_setting(x, mode="square"):
    return x**2 if mode == "square" else x**3


def conditional_none(x, weight=None):
    w = 1.0 if weight is None else weight
    return np.sum(w * x**2)


def conditional_data(x, y):
    return x * y if x > y else x + y


def conditional_nested(x):
    return 0.0 if x < 0 else x**2 if x < 1 else 2 * x - 1


def conditional_size(x):
    n = x.shape[0]
    return x.sum() / (n - 1 if n > 1 else n)


def boolean_settings(x, clip=True, low=0.0):
    bounded = np.maximum(x, low) if clip and low is not None else x
    return (bounded**2).sum()


def asserts(x, w):
    assert x.ndim == 2, f"expected a matrix, got {x.ndim} axes"
    assert x.shape[1] == w.shape[0], "%d columns" % x.shape[1]
    return x @ w


def prints(x):
    y = np.sum(x**2)
    print(f"loss: {y:.3f}") if DEBUG else None
    return y


def prints_directly(x):
    y = x * 3
    print("value", y, f'shape {np.shape(x)!r:>8} {"quoted"}')
    return y**2


def docstring_only_text(x):
    """Returns x squared.

    Parameters
    ----------
    x : float
    """
    "another string"
    return x**2


def comments_kept(x, y):
    # first the product
    p = x * y  # the product
    return p + x


def semicolons(x, y):
    a = x * y; b = a + x  # noqa: E702
    return a * b


def line_continuation(x, y):
    return x * y \
        + np.sin(x) \
        - y  # fmt: skip


def constants_only(x):
    return x * 1e-3 + 0x10 * x - 1_000 * x**2


def integer_arithmetic(x, n):
    half = n // 2
    rest = n % 2
    return x**half + rest * x


def floor_and_mod(x, y):
    return x % y + x // y * x


def unary(x, y):
    return -x + +y - -x * y


def powers(x, y):
    return x**y + 2**x + y**-2 + x**0.5 + (-1) ** 2 * y**0 + x**1


def builtins_on_numbers(x, y, z):
    return max(x, y, z) * min(x, y) + abs(z) + pow(x, 3) + sum([x, y, z]) + float(y) + round(2.4) * x


def builtins_on_lists(v):
    return max(v) - min(v) + sum(v) / len(v)


def math_functions(x, y):
    a = math.sin(x) * math.cosh(y) + math.log(x) - math.atan(y) + math.fabs(-x)
    b = math.expm1(x) + math.log1p(y) + math.log(y, 2) + math.log10(x) + math.pow(x, y)
    return a + b + math.sqrt(x * y) + math.tanh(x) + math.asinh(y) + math.degrees(x)


def list_of_parameters(w):
    return w[0] * w[1] + w[-1] ** 2


def nested_parameters(params, x):
    (w1, b1), (w2, b2) = params
    h = np.tanh(x @ w1 + b1)
    return np.sum(h @ w2 + b2)


def list_literal(x, y):
    terms = [x * y, np.sin(x), y**2]
    return terms[0] + terms[1] * terms[2]


def tuple_literal(x, y):
    pair = (x + y, x - y)
    return pair[0] * pair[1]


def list_literal_slices(x, y):
    both = [x, y, x * y][1:]
    a, b = both
    return a * b


def dead_code(x, y):
    unused = np.exp(x) * y
    also = [unused, unused]
    return x * y


def independent(x, y):
    return y**2


def constant_result(x):
    return 3.0


def identity(x):
    return x


def deep_nesting(x):
    return np.log(1 + np.exp(np.sin(np.cos(np.tanh(x * (x + (x - (x / 2))))))))


def lambda_names(dx, dy, out, cache):
    dout = dx * dy
    d = out + cache
    return dout * d


def shadow_builtin(x, sum, max):
    list = x * sum
    return list + max**2


def unicode_names(α, β):
    σ = 1 / (1 + np.exp(-α))
    return σ * β


v3, w3, m = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(3, 2))
TWO = [
    conditional_data, comments_kept, semicolons, line_continuation, unary, powers, math_functions, list_literal,
    tuple_literal, list_literal_slices, dead_code, independent, floor_and_mod, unicode_names,
]  # fmt: skip
ONE = [
    conditional_setting, conditional_nested, prints_directly, docstring_only_text, constants_only,
    constant_result, identity, deep_nesting,
]  # fmt: skip
CASES = [
    *[Case(f, (1.3, 0.7)) for f in TWO],
    *[Case(f, (v3, w3), note="arrays") for f in (unary, tuple_literal, list_literal_slices, dead_code, unicode_names)],
    *[Case(f, (m, v3[:2]), note="broadcast") for f in (unary, tuple_literal, comments_kept, line_continuation)],
    *[Case(f, (0.6,)) for f in ONE],
    *[Case(f, (v3,), note="array") for f in (identity, deep_nesting, conditional_setting)],
    *[Case(f, (3, -4), note="ints") for f in (unary, list_literal, dead_code, independent)],
    Case(conditional_setting, (1.3, "cube"), "x", note="cube"),
    Case(conditional_none, (v3,)),
    Case(conditional_none, (v3, 2.0), ("x", "weight"), note="weight"),
    Case(conditional_data, (0.2, 0.7), note="other"),
    Case(conditional_nested, (-0.4,), note="negative"),
    Case(conditional_nested, (3,), note="above"),
    *[Case(f, (v3,)) for f in (conditional_size, boolean_settings, prints)],
    Case(boolean_settings, (v3, False), "x", note="unclipped"),
    Case(asserts, (m, v3[:2])),
    Case(integer_arithmetic, (1.3, 5), "x"),
    Case(builtins_on_numbers, (1.3, 0.7, -0.4)),
    *[Case(f, ([1.5, -2.5, 0.5],)) for f in (builtins_on_lists, list_of_parameters)],
    *[Case(f, (v3,), note="array") for f in (builtins_on_lists, list_of_parameters)],
    Case(nested_parameters, ([(m.T, v3), (v3[:, None] * 2, v3[:1] * 3)], rng.normal(size=(4, 2)))),
    Case(lambda_names, (1.0, 2.0, 3.0, 4.0)),
    Case(shadow_builtin, (1.0, 2.0, 3.0)),
]
