"""Branches: on settings, on None, on integers and on data; early returns, conditional expressions, nested functions."""

import math

import numpy as np

from ..case import Case

rng = np.random.default_rng(102)


def relu_by_if(x):
    if x > 0:
        return x
    return 0.1 * x


def elif_on_data(x):
    if x < -1:
        y = -2 * x - 1
    elif x < 1:
        y = x * x
    else:
        y = 2 * x - 1
    return y


def huber(r, delta=1.0):
    if abs(r) <= delta:
        return 0.5 * r**2
    else:
        return delta * (abs(r) - 0.5 * delta)


def activation(x, kind):
    if kind == "relu":
        return np.maximum(x, 0)
    elif kind == "tanh":
        return np.tanh(x)
    elif kind in ("sigmoid", "logistic"):
        return 1 / (1 + np.exp(-x))
    elif kind is None:
        return x
    else:
        raise ValueError(f"unknown activation {kind!r}")


def loss_with_reduction(pred, target, reduction="mean"):
    """Squared error, reduced as asked for."""
    err = (pred - target) ** 2
    if reduction == "mean":
        return err.mean()
    if reduction == "sum":
        return err.sum()
    return err


def optional_bias(x, W, b=None):
    y = x @ W
    if b is not None:
        y = y + b
    return y


def optional_weights(y, p, sample_weight=None):
    errors = (y - p) ** 2
    if sample_weight is None:
        return np.mean(errors)
    return np.sum(errors * sample_weight) / np.sum(sample_weight)


def flags(x, scale=2.0, use_scale=True, centre=False):
    if centre:
        x = x - x.mean()
    if use_scale and scale != 1.0:
        x = x * scale
    return np.sum(x**3)


def isinstance_branch(x, p):
    if isinstance(p, (int, float)):
        return np.sum(np.abs(x) ** p)
    return np.sum(x * p)


def rank_branch(x, w):
    if x.ndim == 1:
        x = x[np.newaxis, :]
    elif x.ndim > 2:
        x = x.reshape(x.shape[0], -1)
    return x @ w


def shape_branch(x):
    n = x.shape[0]
    if n % 2 == 0:
        return x[n // 2 - 1] * x[n // 2]
    return x[n // 2] ** 2


def guard_and_raise(x, alpha):
    if alpha <= 0:
        raise ValueError("alpha must be positive")
    if not 0 < alpha < 10:
        raise ValueError("alpha is too large")
    assert x.ndim == 1, "a vector"
    return np.sum(np.exp(alpha * x))


def branch_stores(x):
    y = x.copy()
    if x[0] > x[1]:
        y[0] = x[1] ** 2
    else:
        y[1] = x[0] ** 2
    return y.sum()


def one_branch_defines(x, flag):
    if flag:
        scale = x.max()
        x = x / scale
    y = x**2
    if flag:
        y = y * scale
    return y.sum()


def branch_on_any(x):
    if np.any(x < 0):
        x = np.abs(x) + 0.5
    return np.log(x).sum()


def branch_on_norm(g, max_norm=1.0):
    norm = np.sqrt(np.sum(g**2))
    if norm > max_norm:
        g = g * (max_norm / norm)
    return g


def stable_sigmoid(x):
    if x >= 0:
        z = math.exp(-x)
        return 1 / (1 + z)
    z = math.exp(x)
    return z / (1 + z)


def stable_softplus_list(xs):
    out = []
    for x in xs:
        if x > 20:
            out.append(x)
        else:
            out.append(math.log1p(math.exp(x)))
    return sum(out)


def conditional_expression_in_loop(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2 if x[i] > 0 else -x[i]
    return s


def nested_ifs(x, y):
    if x > 0:
        if y > 0:
            r = x * y
        else:
            r = x - y
            if x > 2:
                r = r * 3
    else:
        r = x**2 + y**2
    return r


def nested_function_of_branches(x, mode):
    def inner(v):
        if mode == "square":
            return v * v
        if v > 1:
            return 2 * v
        return v**3

    return inner(x) + inner(x + 1)


def early_return_in_loop(x, limit):
    s = 0.0
    for v in x:
        s = s + v * v
        if s > limit:
            return s * v
    return s


def early_return_of_none_case(x, mask=None):
    if mask is None:
        return np.sum(x)
    total = np.sum(x * mask)
    return total / mask.sum()


def piecewise_segments(t, p):
    if t < 1:
        return p[0] * t
    if t < 2:
        return p[0] + p[1] * (t - 1)
    return p[0] + p[1] + p[2] * (t - 2) ** 2


def integer_branch_in_double_loop(W, y):
    loss = 0.0
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            loss += (W[i, j] - W[i, y[i]]) ** 2
    return loss


def chained_comparison(x, lo, hi):
    if lo < x < hi:
        return x**2
    return lo * hi


def boolean_logic(x, y):
    if (x > 0 and y > 0) or not x < 5:
        return x * y
    return x - y


def or_default(x, w=None):
    w = w or 2.0
    return w * x**2


def walrus(x):
    if (n := np.sum(x**2)) > 1:
        return n * x[0]
    return n


def clip_by_hand(x, lo, hi):
    if x < lo:
        return lo
    if x > hi:
        return hi
    return x


def max_of_three(a, b, c):
    m = a
    if b > m:
        m = b
    if c > m:
        m = c
    return m**2


def pass_and_else(x):
    if x > 3:
        pass
    else:
        x = x**2
    return x * 2


def match_by_dict(x, kind):
    table = {"sin": np.sin, "cos": np.cos, "exp": np.exp}
    return table[kind](x).sum()


def lambda_table(x, name):
    functions = {"square": lambda v: v**2, "cube": lambda v: v**3}
    f = functions.get(name, lambda v: v)
    return f(x) + f(2 * x)


def integer_power_cases(x, n):
    if n == 0:
        return 1.0 + 0 * x
    if n == 1:
        return x
    y = x
    while n > 1:
        if n % 2:
            y = y * x
        n -= 1
    return y


def entropy_skipping_zeros(p):
    h = 0.0
    for q in p:
        if q > 0:
            h -= q * np.log2(q)
    return h


def median_of_three(x):
    a, b, c = x
    if a > b:
        a, b = b, a
    if b > c:
        b, c = c, b
    if a > b:
        a, b = b, a
    return b * 2 + a


x5, x3 = rng.normal(size=5), np.array([0.8, -1.1, 0.5])
W, b, X = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(4, 3))
p5 = rng.normal(size=5)
CASES = [
    Case(relu_by_if, (1.5,), note="positive"),
    Case(relu_by_if, (-1.5,), note="negative"),
    *(Case(elif_on_data, (v,), note=str(v)) for v in (-2.0, 0.3, 4)),
    Case(huber, (0.3,), note="inside"),
    Case(huber, (-3.0,), note="outside"),
    *(Case(activation, (x5, kind), "x", note=str(kind)) for kind in ("relu", "tanh", "logistic", None)),
    *(Case(loss_with_reduction, (x5, p5, kind), ("pred", "target"), note=kind) for kind in ("mean", "sum", "none")),
    Case(loss_with_reduction, (x5, p5)),
    Case(optional_bias, (X, W)),
    Case(optional_bias, (X, W, b), ("x", "W", "b"), note="with b"),
    Case(optional_weights, (x5, p5)),
    Case(optional_weights, (x5, p5, np.arange(1.0, 6.0)), ("p", "sample_weight"), note="weights"),
    Case(flags, (x5,)),
    Case(flags, (x5,), kwargs={"centre": True, "use_scale": False}, note="others"),
    Case(isinstance_branch, (x5, 3.0), "x", note="number"),
    Case(isinstance_branch, (x5, p5), note="array"),
    Case(rank_branch, (x3, W), note="1"),
    Case(rank_branch, (X, W), note="2"),
    Case(rank_branch, (rng.normal(size=(2, 1, 3)), W), note="3"),
    Case(shape_branch, (x5,), note="odd"),
    Case(shape_branch, (x5[1:],), note="even"),
    Case(guard_and_raise, (x5, 0.5)),
    Case(branch_stores, (x3,)),
    Case(one_branch_defines, (x3, True), "x"),
    Case(one_branch_defines, (x3, False), "x", note="not"),
    Case(branch_on_any, (x3,)),
    Case(branch_on_norm, (x5,), note="large"),
    Case(branch_on_norm, (x5 * 0.01,), note="small"),
    Case(stable_sigmoid, (1.5,)),
    Case(stable_sigmoid, (-0.5,), note="negative"),
    Case(stable_softplus_list, ([0.5, 30.0, -2.0],)),
    Case(conditional_expression_in_loop, (x5,)),
    Case(nested_ifs, (3.0, -1.5)),
    Case(nested_ifs, (-3.0, -1.5), note="else"),
    Case(nested_function_of_branches, (1.4, "square"), "x"),
    Case(nested_function_of_branches, (0.4, "other"), "x", note="other"),
    Case(early_return_in_loop, (x5, 1.0), "x"),
    Case(early_return_in_loop, (x5, 100.0), "x", note="late"),
    Case(early_return_of_none_case, (x3,)),
    Case(early_return_of_none_case, (x3, np.array([1.0, 0.0, 1.0])), "x", note="mask"),
    *(Case(piecewise_segments, (t, x3), note=str(t)) for t in (0.5, 1.5, 2.5)),
    Case(integer_branch_in_double_loop, (X, np.array([0, 2, 1, 1])), "W"),
    Case(chained_comparison, (0.5, 0.0, 1.0)),
    Case(chained_comparison, (1.5, 0.5, 1.0), note="outside"),
    Case(boolean_logic, (1.5, 2.0)),
    Case(or_default, (1.5,)),
    Case(or_default, (1.5, 3.0), ("x", "w"), note="given"),
    Case(walrus, (x5,)),
    *(Case(clip_by_hand, (v, -1.0, 1.0), note=str(v)) for v in (-2.0, 0.5, 2.0)),
    Case(max_of_three, (0.5, 2.5, 1.0)),
    Case(pass_and_else, (5.0,)),
    Case(pass_and_else, (2.0,), note="else"),
    Case(match_by_dict, (x5, "cos"), "x"),
    Case(lambda_table, (1.2, "cube"), "x"),
    Case(lambda_table, (1.2, "none"), "x", note="default"),
    Case(integer_power_cases, (1.2, 5), "x"),
    Case(integer_power_cases, (1.2, 1), "x", note="one"),
    Case(entropy_skipping_zeros, (np.array([0.2, 0.5, 0.3]),)),
    Case(median_of_three, ([2.0, 0.5, 1.0],)),
]
