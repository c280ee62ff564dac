"""Joins, fills, axes, methods and elementwise functions of arrays."""

import numpy as np

from .case import Case

rng = np.random.default_rng(25)


def concatenate_two(x, y):
    return np.concatenate((x, y)) ** 2


def concatenate_axis(X, Y):
    return np.concatenate([X, Y, X * Y], axis=1)


def bias_column(X, theta):
    m = X.shape[0]
    Xb = np.concatenate([np.ones((m, 1)), X], axis=1)
    return Xb @ theta


def bias_hstack(X, theta):
    return np.hstack([np.ones((X.shape[0], 1)), X]).dot(theta)


def bias_c(X, w):
    return np.c_[X, np.ones(len(X))] @ w


def stack_axis(x, y):
    return np.stack([x, y, x * y], axis=1)


def stack_vertical(x, y):
    return np.vstack((x, y)).max(axis=0)


def array_literal(a, b):
    return np.array([a, b, a * b, 1.0])


def array_of_rows(x, y):
    M = np.array([x, y])
    return M @ M.T


def column_stack_features(x):
    A = np.column_stack((np.ones_like(x), x, x**2))
    return A.sum(axis=0)


def tile_rows(x):
    return np.tile(x, (3, 1)) * np.arange(3)[:, None]


def repeat_each(x):
    return np.repeat(x, 2) * np.arange(2 * len(x))


def repeat_axis(X):
    return X.repeat(2, axis=1)[:, 1:]


def roll_difference(x):
    return np.sum((np.roll(x, -1) - x) ** 2)


def flip_sum(X):
    return np.flip(X, axis=1) - X[:, ::-1] * X


def pad_reflect_free(x):
    return np.pad(x, (1, 2), mode="constant", constant_values=3.0).cumsum()


def pad_edge(x):
    return np.pad(x, 1, mode="edge")


def clip_method(x):
    return x.clip(-0.5, 0.5).sum()


def clip_one_side(x):
    return np.clip(x, 0.1, None).sum() + np.clip(x, a_min=None, a_max=0.2).sum()


def split_halves(x):
    a, b = np.split(x, 2)
    return a * b


def split_at(x):
    head, tail = np.split(x, [1])
    return head * tail.sum()


def broadcast_explicit(x):
    return np.broadcast_to(x, (2, x.shape[0])) * np.array([[1.0], [2.0]])


def reshape_chain(X):
    return X.reshape(-1, 1).ravel().reshape(X.shape[::-1]).T.flatten()


def transposes(X):
    return np.transpose(X, (2, 0, 1)) + X.swapaxes(0, 1).T + np.moveaxis(X, -1, 0)


def expand_and_squeeze(x):
    y = np.expand_dims(x, axis=0)
    return np.squeeze(y * y.T, axis=None)


def at_least_2d(x):
    return np.atleast_2d(x) * 2


def methods_reduce(X):
    return X.sum() + X.mean(0).max() + X.min(axis=1).sum() + X.prod() + X.std() + X.var(ddof=1)


def keepdims_everywhere(X):
    return (X - X.mean(1, keepdims=True)) / (X.max(1, keepdims=True) - X.min(1, keepdims=True))


def reduce_axes(X):
    return np.sum(X, axis=(0, 2)) * np.mean(X, (0, 2)) + X.max(axis=(0, 2))


def cumulative(X):
    return np.cumsum(X, axis=0) * X.cumsum(axis=1)


def differences(x):
    return np.sum(np.diff(x) ** 2)


def averages(x, w):
    return np.average(x, weights=w)


def weighted_mean(x, w):
    return (x * w).sum() / w.sum()


def where_both(x, y):
    return np.where(x > y, x * y, x + y)


def where_broadcast(X, row):
    return np.where(X > 0, X, row)


def logical_masks(x):
    inside = (x > -1) & (x < 1)
    outside = np.logical_or(x <= -1, x >= 1)
    return np.sum(inside * x**2) + np.sum(x[outside] * 3) + (~inside).sum()


def counting(x):
    return x.sum() / np.count_nonzero(x > 0) + np.any(x > 5) + x.argmax()


def maximum_chain(x, y, z):
    return np.maximum(np.maximum(x, y), np.minimum(y, z))


def constants_like(x):
    return x * np.ones_like(x) + np.zeros_like(x) + np.full_like(x, 2.0) * x + np.full(x.shape, 3.0)


def fresh_constants(x):
    n = x.shape[0]
    ramp = np.linspace(0, 1, n)
    return ramp @ x + np.arange(n) @ x + np.eye(n)[0] @ x + np.zeros(n) @ x


def astype_and_copy(x):
    y = x.astype(np.float64).copy()
    y *= 2
    return np.asarray(y).sum()


def item_and_float(x):
    return x[0].item() * float(x[1]) + x.sum().item()


def dot_methods(x, W, v):
    return x.dot(W).dot(v)


def ufunc_calls(x, y):
    s = np.add(np.multiply(x, y), np.divide(x, y))
    return np.subtract(np.power(s, 2), np.negative(x)) + np.reciprocal(y) + np.square(x) + np.absolute(s)


def trigonometry(x):
    return np.sin(x) + np.cos(x) * np.tan(x) + np.arctan(x) + np.arcsin(x / 4) - np.arccos(x / 4)


def hyperbolics(x):
    return np.sinh(x) * np.cosh(x) + np.arcsinh(x) - np.arctanh(x / 4) + np.arccosh(2 + np.abs(x))


def logarithms(x):
    return np.log2(x) + np.log10(x) * np.log1p(x) + np.cbrt(x) + np.exp2(x) + np.expm1(x)


def signs_and_steps(x):
    return np.sign(x) * x + np.floor(x) * x + np.heaviside(x, 0.5) * x + np.fabs(x)


def std_by_hand(x):
    return np.sqrt(((x - x.mean()) ** 2).sum() / (x.size - 1))


def zscore(x, axis=0):
    return (x - x.mean(axis=axis)) / x.std(axis=axis)


def min_max_scale(x):
    return (x - np.min(x)) / (np.max(x) - np.min(x))


def pairwise_maximum(x):
    return np.maximum(x[:, None], x[None, :]).sum()


def n(*shape):
    return rng.normal(size=shape)


x, y, X, Y, T = np.array([0.7, -0.4, 1.3, -1.6]), n(4), n(3, 4), n(3, 4), n(2, 3, 4)
p = rng.uniform(0.3, 2, 4)
VECTOR = [
    tile_rows, repeat_each, roll_difference, pad_reflect_free, pad_edge, clip_method, clip_one_side, split_halves,
    split_at, broadcast_explicit, expand_and_squeeze, at_least_2d, differences, logical_masks, counting,
    constants_like, fresh_constants, astype_and_copy, item_and_float, trigonometry, hyperbolics, signs_and_steps,
    std_by_hand, zscore, min_max_scale, pairwise_maximum, column_stack_features,
]  # fmt: skip
MATRIX = [
    repeat_axis, flip_sum, reshape_chain, methods_reduce, keepdims_everywhere, cumulative, clip_method, zscore,
    min_max_scale, constants_like,
]  # fmt: skip
CASES = [
    *[Case(f, (x,)) for f in VECTOR],
    *[Case(f, (X,), note="2-d") for f in MATRIX],
    *[Case(f, (x, y)) for f in (concatenate_two, stack_axis, stack_vertical, array_of_rows, where_both)],
    *[Case(f, (x.astype(np.float32),), note="float32") for f in (zscore, differences, pad_edge, repeat_each)],
    *[Case(f, (np.array([1, -2, 3, 5]),), note="ints") for f in (roll_difference, zscore, constants_like)],
    Case(reduce_axes, (T,)),
    Case(transposes, (n(3, 3, 3),)),
    Case(concatenate_axis, (X, Y)),
    *[Case(f, (X, n(5))) for f in (bias_column, bias_hstack, bias_c)],
    Case(array_literal, (1.5, 2)),
    Case(averages, (x, p)),
    Case(weighted_mean, (x, p)),
    Case(weighted_mean, (x.astype(np.float32), p), note="mixed precision"),
    Case(where_broadcast, (X, y)),
    Case(where_both, (1.5, 0.5), note="numbers"),
    Case(maximum_chain, (X, y, 0.1)),
    Case(dot_methods, (X, n(4, 2), n(2))),
    Case(dot_methods, (x, n(4, 2), n(2)), note="1-d"),
    Case(ufunc_calls, (x, p)),
    Case(ufunc_calls, (0.4, 2.0), note="numbers"),
    Case(logarithms, (p,)),
    Case(logarithms, (0.8,), note="number"),
]
