"""Test functions of optimisation in n variables, with sums, products and slices."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(17)


def sphere(x):
    return np.sum(x**2)


def sphere_dot(x):
    return x.dot(x)


def sphere_builtin(x):
    return sum(x**2)


def rosen(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def rosen_builtin(x):
    return sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def rosen_pairs(x):
    odd, even = x[::2], x[1::2]
    return ((1 - odd) ** 2 + 100 * (even - odd**2) ** 2).sum()


def ackley_n(x, a=20, b=0.2, c=2 * np.pi):
    n = len(x)
    s1 = np.sum(x**2)
    s2 = np.sum(np.cos(c * x))
    return -a * np.exp(-b * np.sqrt(s1 / n)) - np.exp(s2 / n) + a + np.exp(1)


def ackley_mean(x):
    x = np.asarray(x)
    return (
        -20 * np.exp(-0.2 * np.sqrt(np.mean(np.square(x)))) - np.exp(np.mean(np.cos(2 * np.pi * x))) + 20 + math.exp(1)
    )


def rastrigin_n(x):
    return 10 * len(x) + np.sum(x**2 - 10 * np.cos(2 * np.pi * x))


def rastrigin_rows(X):
    """A population at once, one candidate a row."""
    n_dim = X.shape[1]
    return 10.0 * n_dim + (X**2.0 - 10.0 * np.cos(2.0 * np.pi * X)).sum(axis=1)


def griewank(x):
    d = len(x)
    i = np.arange(1, d + 1)
    s = np.sum(x**2 / 4000)
    p = np.prod(np.cos(x / np.sqrt(i)))
    return s - p + 1


def griewank_float(x, fr=4000):
    x = np.asarray(x, dtype=float)
    n = len(x)
    j = np.arange(1.0, n + 1)
    return sum(x**2) / fr - np.prod(np.cos(x / np.sqrt(j))) + 1


def styblinski_tang(x):
    return 0.5 * np.sum(x**4 - 16 * x**2 + 5 * x)


def styblinski_tang_mean(x):
    return (x**4 - 16 * x**2 + 5 * x).sum(axis=-1) / 2


def levy(x):
    w = 1 + (x - 1) / 4
    term1 = np.sin(np.pi * w[0]) ** 2
    term2 = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2))
    term3 = (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)
    return term1 + term2 + term3


def schwefel(x):
    return 418.9829 * len(x) - np.sum(x * np.sin(np.sqrt(np.abs(x))))


def schwefel_222(x):
    return np.sum(np.abs(x)) + np.prod(np.abs(x))


def schwefel_12(x):
    return np.sum(np.cumsum(x) ** 2)


def michalewicz(x, m=10):
    i = np.arange(1, x.shape[0] + 1)
    return -np.sum(np.sin(x) * np.sin(i * x**2 / np.pi) ** (2 * m))


def zakharov(x):
    i = np.arange(1, x.size + 1)
    s1 = (x**2).sum()
    s2 = (0.5 * i * x).sum()
    return s1 + s2**2 + s2**4


def dixon_price(x):
    i = np.arange(2, len(x) + 1)
    return (x[0] - 1) ** 2 + np.sum(i * (2 * x[1:] ** 2 - x[:-1]) ** 2)


def sum_squares(x):
    return np.dot(np.arange(1, len(x) + 1), x**2)


def sum_powers(x):
    return np.sum(np.abs(x) ** (np.arange(len(x)) + 2))


def rotated_ellipsoid(x):
    return np.sum((len(x) - np.arange(len(x))) * x**2)


def trid(x):
    return np.sum((x - 1) ** 2) - np.sum(x[1:] * x[:-1])


def salomon(x):
    r = np.sqrt(np.sum(x**2))
    return 1 - np.cos(2 * np.pi * r) + 0.1 * r


def alpine(x):
    return np.sum(np.abs(x * np.sin(x) + 0.1 * x))


def alpine_2(x):
    return np.prod(np.sqrt(x) * np.sin(x))


def ellipsoid(x):
    n = x.shape[0]
    return np.sum(10 ** (6 * np.arange(n) / (n - 1)) * x**2)


def bent_cigar(x):
    return x[0] ** 2 + 1e6 * np.sum(x[1:] ** 2)


def discus(x):
    return 1e6 * x[0] ** 2 + (x[1:] ** 2).sum()


def brown(x):
    a, b = x[:-1] ** 2, x[1:] ** 2
    return np.sum(a ** (b + 1) + b ** (a + 1))


def exponential(x):
    return -np.exp(-0.5 * np.sum(x**2))


def powell_sum(x):
    return np.sum(np.abs(x) ** np.arange(2, len(x) + 2))


def powell_blocks(x):
    a, b, c, d = x[0::4], x[1::4], x[2::4], x[3::4]
    return np.sum((a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4)


def qing(x):
    return np.sum((x**2 - np.arange(1, x.shape[-1] + 1)) ** 2, axis=-1)


def xin_she_yang(x):
    return np.abs(x).sum() * np.exp(-np.sin(x**2).sum())


def happy_cat(x, alpha=0.125):
    n = len(x)
    s2 = np.dot(x, x)
    return (np.abs(s2 - n)) ** (2 * alpha) + (0.5 * s2 + x.sum()) / n + 0.5


def schaffer_f7(x):
    s = np.sqrt(x[:-1] ** 2 + x[1:] ** 2)
    return np.mean(np.sqrt(s) * (np.sin(50 * s**0.2) + 1)) ** 2


def penalty(x, a=1.0, k=10, m=2):
    return np.sum(np.where(x > a, k * (x - a) ** m, np.where(x < -a, k * (-x - a) ** m, 0)))


def hartmann_3(x):
    alpha = np.array([1.0, 1.2, 3.0, 3.2])
    A = np.array([[3.0, 10, 30], [0.1, 10, 35], [3.0, 10, 30], [0.1, 10, 35]])
    P = 1e-4 * np.array([[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]])
    inner = np.sum(A * (x - P) ** 2, axis=1)
    return -np.sum(alpha * np.exp(-inner))


def shekel(x):
    a = np.array([[4.0, 1, 8, 6], [4.0, 1, 8, 6]]).T
    c = np.array([0.1, 0.2, 0.2, 0.4])
    return -np.sum(1 / (((x[:2] - a) ** 2).sum(1) + c))


def langermann(x):
    A = np.array([[3, 5], [5, 2], [2, 1], [1, 4], [7, 9]])
    c = np.array([1, 2, 5, 2, 3])
    s = np.sum((x[None, :] - A) ** 2, axis=1)
    return np.sum(c * np.exp(-s / np.pi) * np.cos(np.pi * s))


x4 = np.array([0.7, -1.2, 0.4, 1.6])
x8 = rng.normal(size=8)
VECTOR = [
    sphere, sphere_dot, sphere_builtin, rosen, rosen_builtin, rosen_pairs, ackley_n, ackley_mean, rastrigin_n, griewank,
    griewank_float, styblinski_tang, styblinski_tang_mean, levy, schwefel, schwefel_222, schwefel_12, michalewicz,
    zakharov, dixon_price, sum_squares, sum_powers, rotated_ellipsoid, trid, salomon, alpine, ellipsoid, bent_cigar,
    discus, brown, exponential, powell_sum, powell_blocks, qing, xin_she_yang, happy_cat, schaffer_f7, penalty, shekel,
]  # fmt: skip
CASES = [
    *[Case(f, (x4,)) for f in VECTOR],
    Case(sphere, (2.5,), note="number"),
    Case(sphere, (rng.normal(size=(2, 3)),), note="2-d"),
    *[Case(f, (np.array([1, 2, 3]),), note="ints") for f in (sphere, rosen, schwefel_12, trid)],
    *[Case(f, (x4.astype(np.float32),), note="float32") for f in (sphere, rosen, zakharov, griewank)],
    *[Case(f, (x8.reshape(2, 4),), note="rows") for f in (styblinski_tang_mean, qing)],
    Case(rastrigin_rows, (x8.reshape(2, 4),)),
    Case(ackley_mean, ([0.7, -1.2, 0.4],), note="list"),
    Case(powell_blocks, (x8,), note="8"),
    Case(alpine_2, (np.array([0.7, 1.2, 2.0]),)),
    Case(hartmann_3, (np.array([0.2, 0.5, 0.7]),)),
    Case(langermann, (np.array([2.2, 3.5]),)),
]
