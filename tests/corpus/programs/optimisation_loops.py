"""Optimisation test functions as they are typed: loops, comprehensions, generator expressions, early settings."""

import math
from math import cos, exp, pi, sin, sqrt

import numpy as np

from ..case import Case

rng = np.random.default_rng(130)


def rosenbrock_loop(x):
    total = 0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


def rosenbrock_generator(x, a=1, b=100):
    return sum(b * (x[i + 1] - x[i] ** 2) ** 2 + (a - x[i]) ** 2 for i in range(len(x) - 1))


def rosenbrock_rows(X):
    """One value for each row of a population."""
    values = []
    for x in X:
        values.append(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))
    return np.array(values)


def griewank(x):
    part1, part2 = 0.0, 1.0
    for i in range(len(x)):
        part1 += x[i] ** 2
        part2 *= cos(x[i] / sqrt(i + 1))
    return 1 + part1 / 4000.0 - part2


def griewank_enumerate(xs):
    s = sum(x**2 for x in xs) / 4000
    p = math.prod(cos(x / sqrt(i)) for i, x in enumerate(xs, 1))
    return s - p + 1


def ackley(x, a=20, b=0.2, c=2 * pi):
    n = len(x)
    sum1 = sum([xi**2 for xi in x])
    sum2 = sum([cos(c * xi) for xi in x])
    return -a * exp(-b * sqrt(sum1 / n)) - exp(sum2 / n) + a + math.e


def rastrigin(x):
    fx = 10 * len(x)
    for xi in x:
        fx = fx + xi**2 - 10 * cos(2 * pi * xi)
    return fx


def sphere_zip(x, centre):
    return sum((a - c) ** 2 for a, c in zip(x, centre))


def schwefel_222(x):
    s, p = 0.0, 1.0
    for xi in x:
        s += abs(xi)
        p *= abs(xi)
    return s + p


def schwefel_12(x):
    total = 0.0
    for i in range(len(x)):
        inner = 0.0
        for j in range(i + 1):
            inner += x[j]
        total += inner**2
    return total


def rotated_ellipsoid_comprehension(x):
    return sum(sum(x[j] for j in range(i + 1)) ** 2 for i in range(len(x)))


def dixon_price(x):
    total = (x[0] - 1) ** 2
    for i in range(2, len(x) + 1):
        total += i * (2 * x[i - 1] ** 2 - x[i - 2]) ** 2
    return total


def levy(x):
    w = [1 + (xi - 1) / 4 for xi in x]
    term1 = sin(pi * w[0]) ** 2
    term3 = (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)
    total = 0
    for wi in w[:-1]:
        total += (wi - 1) ** 2 * (1 + 10 * sin(pi * wi + 1) ** 2)
    return term1 + total + term3


def michalewicz(x, m=10):
    total = 0.0
    for i, v in enumerate(x):
        total -= sin(v) * sin((i + 1) * v**2 / pi) ** (2 * m)
    return total


def zakharov(x):
    s1, s2 = 0.0, 0.0
    for i in range(1, len(x) + 1):
        s1 += x[i - 1] ** 2
        s2 += 0.5 * i * x[i - 1]
    return s1 + s2**2 + s2**4


def powell(x):
    total = 0.0
    for i in range(len(x) // 4):
        a, b, c, d = x[4 * i : 4 * i + 4]
        total += (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4
    return total


def powell_strides(x):
    f = 0.0
    for i in range(0, len(x), 4):
        f += (x[i] + 10 * x[i + 1]) ** 2 + 5 * (x[i + 2] - x[i + 3]) ** 2
    return f


def perm_function(x, beta=0.5):
    d = len(x)
    outer = 0.0
    for i in range(1, d + 1):
        inner = 0.0
        for j in range(1, d + 1):
            inner += (j**i + beta) * ((x[j - 1] / j) ** i - 1)
        outer += inner**2
    return outer


def power_sum(x, b=(8, 18, 44)):
    outer = 0
    for i, bi in enumerate(b):
        inner = 0
        for xj in x:
            inner += xj ** (i + 1)
        outer += (inner - bi) ** 2
    return outer


def trid(x):
    d = len(x)
    return sum((x[i] - 1) ** 2 for i in range(d)) - sum(x[i] * x[i - 1] for i in range(1, d))


def styblinski_tang(x):
    return 0.5 * sum(v**4 - 16 * v**2 + 5 * v for v in x)


A_HARTMANN = np.array([[3.0, 10, 30], [0.1, 10, 35], [3.0, 10, 30], [0.1, 10, 35]])
P_HARTMANN = 1e-4 * np.array([[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]])


def hartmann(x):
    alpha = [1.0, 1.2, 3.0, 3.2]
    outer = 0.0
    for i in range(4):
        inner = 0.0
        for j in range(3):
            inner += A_HARTMANN[i, j] * (x[j] - P_HARTMANN[i][j]) ** 2
        outer += alpha[i] * exp(-inner)
    return -outer


def shekel(x, m=3):
    beta = (0.1, 0.2, 0.2)
    C = [[4.0, 1.0, 8.0], [4.0, 1.0, 8.0]]
    total = 0.0
    for i in range(m):
        total -= 1 / (beta[i] + sum((x[j] - C[j][i]) ** 2 for j in range(2)))
    return total


def langermann(x):
    a = [3, 5, 2, 1, 7]
    b = [5, 2, 1, 4, 9]
    c = [1, 2, 5, 2, 3]
    total = 0.0
    for ai, bi, ci in zip(a, b, c):
        d = (x[0] - ai) ** 2 + (x[1] - bi) ** 2
        total += ci * exp(-d / pi) * cos(pi * d)
    return -total


def shubert(x):
    product = 1.0
    for xi in x:
        product *= sum(j * cos((j + 1) * xi + j) for j in range(1, 6))
    return product


def weierstrass(x, a=0.5, b=3, kmax=4):
    total = 0.0
    for xi in x:
        k = 0
        while k <= kmax:
            total += a**k * cos(2 * pi * b**k * (xi + 0.5))
            k += 1
    return total


def colville_unpacked(x):
    x1, x2, x3, x4 = x
    terms = [100 * (x1**2 - x2) ** 2, (x1 - 1) ** 2, (x3 - 1) ** 2, 90 * (x3**2 - x4) ** 2]
    return sum(terms) + 19.8 * (x2 - 1) * (x4 - 1)


def penalty(x, a, k, m):
    if x > a:
        return k * (x - a) ** m
    elif x < -a:
        return k * (-x - a) ** m
    return 0


def penalized_1(x):
    n = len(x)
    y = [1 + (v + 1) / 4 for v in x]
    total = 10 * sin(pi * y[0]) ** 2
    for i in range(n - 1):
        total += (y[i] - 1) ** 2 * (1 + 10 * sin(pi * y[i + 1]) ** 2)
    total += (y[n - 1] - 1) ** 2
    return pi / n * total + sum(penalty(v, 1, 100, 4) for v in x)


def bukin_or_booth(x, name):
    x0, x1 = x
    if name == "booth":
        return (x0 + 2 * x1 - 7) ** 2 + (2 * x0 + x1 - 5) ** 2
    elif name == "bukin":
        return 100 * math.sqrt(abs(x1 - 0.01 * x0**2)) + 0.01 * abs(x0 + 10)
    raise KeyError(name)


class Function:
    """A test function as an object with its settings."""

    def __init__(self, dim, shift=0.5):
        self.dim = dim
        self.shift = shift
        self.bounds = [(-5, 5)] * dim

    def evaluate(self, x):
        assert len(x) == self.dim
        for v, (lo, hi) in zip(x, self.bounds):
            if not lo <= v <= hi:
                return np.inf
        z = x - self.shift
        return np.sum(z**2) + self.cross(z)

    def cross(self, z):
        return sum(z[i] * z[j] for i in range(self.dim) for j in range(i))


def lennard_jones(positions):
    n = len(positions) // 3
    r = positions.reshape(n, 3)
    energy = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            d2 = np.sum((r[i] - r[j]) ** 2)
            s6 = 1 / d2**3
            energy += 4 * (s6**2 - s6)
    return energy


def gradient_descent(x, rate, steps=4):
    """The point after some steps; the gradient of the quadratic by hand."""
    for i in range(steps):
        g = 2 * x * np.arange(1, len(x) + 1)
        x -= rate * g
    return np.sum(x**2)


def line_search(x, d):
    step = 1.0
    f0 = np.sum(x**2)
    while np.sum((x + step * d) ** 2) > f0 and step > 1e-3:
        step *= 0.5
    return np.sum((x + step * d) ** 2)


def momentum_trajectory(x0, rate, momentum):
    x, v = x0, 0.0
    path = [x0]
    for _ in range(4):
        v = momentum * v - rate * 4 * x**3
        x = x + v
        path.append(x)
    return np.array(path)


def nelder_mead_centroid(simplex):
    order = np.argsort([np.sum(p**2) for p in simplex])
    best = [simplex[i] for i in order[:-1]]
    centroid = sum(best) / len(best)
    reflected = centroid + (centroid - simplex[order[-1]])
    return np.sum(reflected**2)


def simulated_constraint(x, constraints, mu=10.0):
    value = np.sum((x - 1) ** 2)
    for g in constraints:
        violation = g(x)
        if violation > 0:
            value += mu * violation**2
    return value


x4 = np.array([0.3, -1.2, 0.7, 1.4])
x3 = x4[:3]
positions = np.array([0.0, 0, 0, 1.1, 0.1, 0, 0.2, 1.2, 0.3])
CASES = [
    *(Case(f, (x4,)) for f in (rosenbrock_loop, rosenbrock_generator, griewank, griewank_enumerate, ackley, rastrigin)),
    Case(rosenbrock_loop, ([0.5, 1.5, -0.3],), note="list"),
    Case(rosenbrock_rows, (rng.normal(size=(3, 4)),)),
    Case(sphere_zip, (x4, [0.5, 0.0, 1.0, 2.0]), "x"),
    *(Case(f, (x4,)) for f in (schwefel_222, schwefel_12, rotated_ellipsoid_comprehension, dixon_price, levy)),
    *(Case(f, (x4,)) for f in (zakharov, powell, powell_strides, perm_function, trid, styblinski_tang)),
    Case(michalewicz, (np.array([2.2, 1.57, 1.3]), 2), "x"),
    Case(power_sum, (x3,)),
    Case(hartmann, (np.array([0.2, 0.5, 0.7]),)),
    Case(shekel, (np.array([3.5, 4.4]),)),
    Case(langermann, (np.array([2.1, 1.3]),)),
    Case(shubert, (np.array([0.3, 0.8]),)),
    Case(weierstrass, (x3,), rtol=1e-5, atol=1e-6),
    Case(colville_unpacked, (x4,)),
    Case(penalized_1, (x4,)),
    Case(bukin_or_booth, ([1.0, 3.5], "booth"), "x"),
    Case(bukin_or_booth, ([1.0, 3.5], "bukin"), "x", note="bukin"),
    Case(Function(3).evaluate, (x3,)),
    Case(Function.evaluate, (Function(3), x3), ("self", "x"), note="self"),
    Case(lennard_jones, (positions,)),
    Case(gradient_descent, (x3, 0.1)),
    Case(line_search, (x3, -3 * x3)),
    Case(momentum_trajectory, (0.7, 0.05, 0.8)),
    Case(nelder_mead_centroid, (rng.normal(size=(4, 3)),)),
    Case(simulated_constraint, (x3, [lambda v: v[0] + v[2] - 0.5, lambda v: -v[2]]), "x"),
]
