"""Test functions of optimisation in two variables: as numbers, as `x, y = X`, as `x[0]`, with math and with np."""

import math
from math import cos, exp, pi, sin, sqrt

import numpy as np

from .case import Case

rng = np.random.default_rng(16)


def rosenbrock(x, y, a=1, b=100):
    return (a - x) ** 2 + b * (y - x**2) ** 2


def rosenbrock_unpacked(X):
    x, y = X
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def rosenbrock_indexed(x):
    return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def ackley(x, y):
    a = -20 * math.exp(-0.2 * math.sqrt(0.5 * (x**2 + y**2)))
    b = -math.exp(0.5 * (math.cos(2 * math.pi * x) + math.cos(2 * math.pi * y)))
    return a + b + math.e + 20


def ackley_np(x, y):
    first = -20.0 * np.exp(-0.2 * np.sqrt(0.5 * (x**2 + y**2)))
    second = np.exp(0.5 * (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)))
    return first - second + np.e + 20


def rastrigin(X, A=10):
    x, y = X[0], X[1]
    return 2 * A + (x**2 - A * cos(2 * pi * x)) + (y**2 - A * cos(2 * pi * y))


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def booth(x):
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def himmelblau(p):
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def himmelblau_map(pos):
    return (pos[0] ** 2 + pos[1] - 11) ** 2 + (pos[0] + pos[1] ** 2 - 7) ** 2


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def bukin(x, y):
    return 100 * np.sqrt(np.abs(y - 0.01 * x**2)) + 0.01 * np.abs(x + 10)


def three_hump_camel(x, y):
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


def six_hump_camel(x):
    x1 = x[0]
    x2 = x[1]
    term1 = (4 - 2.1 * x1**2 + (x1**4) / 3) * x1**2
    term2 = x1 * x2
    term3 = (-4 + 4 * x2**2) * x2**2
    return term1 + term2 + term3


def easom(x, y):
    return -cos(x) * cos(y) * exp(-((x - pi) ** 2 + (y - pi) ** 2))


def easom_array(X):
    x, y = X[..., 0], X[..., 1]
    return -np.cos(x) * np.cos(y) * np.exp(-((x - np.pi) ** 2) - (y - np.pi) ** 2)


def goldstein_price(x, y):
    part1 = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    part2 = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return part1 * part2


def branin(x1, x2):
    a, b, c, r, s, t = 1, 5.1 / (4 * np.pi**2), 5 / np.pi, 6, 10, 1 / (8 * np.pi)
    return a * (x2 - b * x1**2 + c * x1 - r) ** 2 + s * (1 - t) * np.cos(x1) + s


def mccormick(x, y):
    return sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


def levy_13(x, y):
    return (
        np.sin(3 * np.pi * x) ** 2
        + (x - 1) ** 2 * (1 + np.sin(3 * np.pi * y) ** 2)
        + (y - 1) ** 2 * (1 + np.sin(2 * np.pi * y) ** 2)
    )


def cross_in_tray(x, y):
    inner = np.abs(np.sin(x) * np.sin(y) * np.exp(np.abs(100 - np.sqrt(x**2 + y**2) / np.pi)))
    return -0.0001 * (inner + 1) ** 0.1


def eggholder(X):
    x, y = X
    return -(y + 47) * np.sin(np.sqrt(abs(x / 2 + (y + 47)))) - x * np.sin(np.sqrt(abs(x - (y + 47))))


def holder_table(x, y):
    return -abs(sin(x) * cos(y) * exp(abs(1 - sqrt(x**2 + y**2) / pi)))


def schaffer_2(x, y):
    return 0.5 + (math.sin(x**2 - y**2) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


def schaffer_4(x, y):
    num = np.cos(np.sin(np.abs(x**2 - y**2))) ** 2 - 0.5
    den = np.square(1 + 0.001 * (x**2 + y**2))
    return 0.5 + num / den


def drop_wave(x, y):
    numer = 1 + np.cos(12 * np.hypot(x, y))
    return -numer / (0.5 * (x**2 + y**2) + 2)


def bohachevsky(x):
    return x[0] ** 2 + 2 * x[1] ** 2 - 0.3 * np.cos(3 * np.pi * x[0]) - 0.4 * np.cos(4 * np.pi * x[1]) + 0.7


def adjiman(x, y):
    return math.cos(x) * math.sin(y) - x / (y**2 + 1)


def bartels_conn(x, y):
    return abs(x**2 + y**2 + x * y) + abs(sin(x)) + abs(cos(y))


def bird(x, y):
    return sin(x) * exp((1 - cos(y)) ** 2) + cos(y) * exp((1 - sin(x)) ** 2) + (x - y) ** 2


def brent(x):
    x0, x1 = x
    return (x0 + 10) ** 2 + (x1 + 10) ** 2 + np.exp(-(x0**2) - x1**2)


def chichinadze(x, y):
    waves = 8 * sin(5 * pi * x / 2) + 10 * cos(pi * x / 2)
    return x**2 - 12 * x + waves + 11 - 0.2 * sqrt(5) / exp(0.5 * (y - 0.5) ** 2)


def leon(x, y):
    return 100 * pow(y - x**3, 2) + pow(1 - x, 2)


def mishra_bird(xy):
    x, y = xy[0], xy[1]
    return np.sin(y) * np.exp((1 - np.cos(x)) ** 2) + np.cos(x) * np.exp((1 - np.sin(y)) ** 2) + (x - y) ** 2


def zettl(x, y):
    return 0.25 * x + (x**2 - 2 * x + y**2) ** 2


def gramacy_lee(x):
    return math.sin(10 * math.pi * x) / (2 * x) + (x - 1) ** 4


def forrester(x):
    return (6 * x - 2) ** 2 * np.sin(12 * x - 4)


def wood(X):
    x1, x2, x3, x4 = X
    f = 100 * (x1**2 - x2) ** 2 + (x1 - 1) ** 2 + (x3 - 1) ** 2 + 90 * (x3**2 - x4) ** 2
    f += 10.1 * ((x2 - 1) ** 2 + (x4 - 1) ** 2) + 19.8 * (x2 - 1) * (x4 - 1)
    return f


def powell(x):
    return (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4


def colville(x):
    x1, x2, x3, x4 = x[0], x[1], x[2], x[3]
    return (
        100 * (x1**2 - x2) ** 2 + (x1 - 1) ** 2 + (x3 - 1) ** 2 + 90 * (x3**2 - x4) ** 2
        + 10.1 * ((x2 - 1) ** 2 + (x4 - 1) ** 2) + 19.8 * (x2 - 1) * (x4 - 1)
    )  # fmt: skip


TWO_NUMBERS = [
    rosenbrock, ackley, ackley_np, beale, matyas, bukin, three_hump_camel, easom, goldstein_price, branin, mccormick,
    levy_13, cross_in_tray, holder_table, schaffer_2, schaffer_4, drop_wave, adjiman, bartels_conn, bird, chichinadze,
    leon, zettl,
]  # fmt: skip
ON_ARRAYS = [rosenbrock, ackley_np, beale, matyas, three_hump_camel, levy_13, schaffer_4, drop_wave, branin]
PAIR = [
    rosenbrock_unpacked, rosenbrock_indexed, rastrigin, booth, himmelblau, himmelblau_map, six_hump_camel, eggholder,
    bohachevsky, brent, mishra_bird,
]  # fmt: skip
grid = rng.uniform(0.3, 2, (3, 2))
CASES = [
    *[Case(f, (1.3, 0.7)) for f in TWO_NUMBERS],
    *[Case(f, (grid, grid.T[:1].T + 0.1), note="grid") for f in ON_ARRAYS],
    *[Case(f, (np.array([1.3, 0.7]),)) for f in PAIR],
    *[Case(f, ([1.3, 0.7],), note="list") for f in PAIR],
    *[Case(f, ((3, -4),), note="ints") for f in PAIR[:5]],
    Case(rosenbrock, (-2, 5), note="ints"),
    Case(rosenbrock, (1.3, 0.7, 1, 10.0), ("x", "b"), note="settings"),
    Case(easom_array, (grid + 2,)),
    Case(easom_array, (grid[0] + 2,), note="one point"),
    Case(gramacy_lee, (0.8,)),
    Case(forrester, (0.8,)),
    Case(forrester, (grid[:, 0],), note="array"),
    *[Case(f, (np.array([1.1, 0.4, -0.6, 1.7]),)) for f in (wood, powell, colville)],
    Case(wood, ([1, 2, 3, 4],), note="ints"),
]
