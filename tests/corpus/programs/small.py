"""Short programs for one form of control each, on numbers, integers, small arrays and float32."""

import math

import numpy as np

from ..case import Case

rng = np.random.default_rng(151)


def overwrite(x):
    x = x * x
    x = np.sin(x)
    x = x + x * x
    return x


def overwrite_in_loop(x):
    for i in range(3):
        x = x * x + i
    return x


def overwrite_under_if(x):
    y = x * 3
    if x > 1:
        y = y * y
    return y * x


def both_read_and_write(x):
    for _ in range(2):
        y = x
        x = x * y
    return x


def unused_loop(x):
    for i in range(3):
        y = i * x  # noqa: F841
    return x**2


def loop_of_loops(x):
    for i in range(3):
        for j in range(i):
            x = x * (1 + 0.1 * j)
        x = np.sin(x)
    return x


def loop_index_as_number(x):
    y = 0.0
    for i in range(1, 5):
        y += x**i / math.factorial(i)
    return y


def loop_over_tuple(x):
    for k in (1.0, 0.5, 2.0):
        x = k * x * x
    return x


def loop_over_strings(p):
    total = 0
    for name in ["a", "b"]:
        total += p[name] ** 2
    return total


def loop_over_linspace(x):
    return sum(np.exp(-t * x) for t in np.linspace(0, 1, 4))


def loop_over_list_parameter(xs):
    y = 1.0
    for x in xs:
        y = y * x + 1
    return y


def loop_with_zero_rounds(x, n):
    for i in range(n):
        x = x * x
    else:
        y = x + 1
    return x * y


def negative_range(x):
    total = 0.0
    for i in range(6, 0, -2):
        total = total * x + i
    return total


def while_on_integer(x, n):
    while n > 0:
        x = x * x if n % 2 else x + n
        n //= 2
    return x


def while_on_array(x):
    while np.linalg.norm(x) > 1:
        x = x / 2
    return x


def binary_power(x, n):
    result = 1
    while n:
        if n & 1:
            result = result * x
        x = x * x
        n >>= 1
    return result


def bisection(c):
    """Carries no derivative but through the last step of Newton."""
    lo, hi = 0.0, 2.0
    for _ in range(20):
        mid = 0.5 * (lo + hi)
        if mid**3 > 1.7:
            hi = mid
        else:
            lo = mid
    return lo - (lo**3 - c) / (3 * lo**2)


def continued_fraction(x, n=5):
    f = x
    for k in range(n, 0, -1):
        f = x + k / f
    return f


def arithmetic_geometric_mean(a, b):
    while abs(a - b) > 1e-12:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


def sine_series(x):
    term, total, n = x, x, 1
    while abs(term) > 1e-16:
        term = -term * x * x / ((2 * n) * (2 * n + 1))
        total += term
        n += 1
    return total


def secant(c):
    x0, x1 = 1.0, 2.0
    f0, f1 = x0**2 - c, x1**2 - c
    for _ in range(20):
        if abs(f1) < 1e-14:
            break
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, x1**2 - c
    return x1


def matrix_power_loop(A, n):
    P = np.eye(A.shape[0])
    for _ in range(n):
        P = P @ A
    return P


def matrix_exponential(A, terms=6):
    E, term = np.eye(len(A)), np.eye(len(A))
    for k in range(1, terms):
        term = term @ A / k
        E += term
    return E


def de_casteljau(points, t):
    points = [p for p in points]
    while len(points) > 1:
        points = [(1 - t) * a + t * b for a, b in zip(points[:-1], points[1:])]
    return points[0]


def lagrange(x, xs, ys):
    total = 0.0
    for j in range(len(xs)):
        basis = 1.0
        for m in range(len(xs)):
            if m != j:
                basis *= (x - xs[m]) / (xs[j] - xs[m])
        total += ys[j] * basis
    return total


def divided_differences(x, y):
    c = y.copy()
    n = len(x)
    for k in range(1, n):
        c[k:] = (c[k:] - c[k - 1 : -1]) / (x[k:] - x[: n - k])
    return c


def trapezoid(y, x):
    return sum((x[i + 1] - x[i]) * (y[i + 1] + y[i]) / 2 for i in range(len(x) - 1))


def simpson(f, a, b, n=4):
    h = (b - a) / n
    s = f(a) + f(b)
    for i in range(1, n, 2):
        s += 4 * f(a + i * h)
    for i in range(2, n - 1, 2):
        s += 2 * f(a + i * h)
    return s * h / 3


def polygon_area(vertices):
    area = 0.0
    for (x1, y1), (x2, y2) in zip(vertices, vertices[1:] + vertices[:1]):
        area += x1 * y2 - x2 * y1
    return abs(area) / 2


def path_length(points):
    length = 0.0
    for i in range(1, len(points)):
        length += math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1])
    return length


def moving_average(x, k):
    out = []
    for i in range(len(x) - k + 1):
        out.append(sum(x[i : i + k]) / k)
    return out


def welford(x):
    mean, m2 = 0.0, 0.0
    for n, v in enumerate(x, 1):
        delta = v - mean
        mean += delta / n
        m2 += delta * (v - mean)
    return m2 / (len(x) - 1)


def kahan_sum(x):
    total, c = 0.0, 0.0
    for v in x:
        y = v**2 - c
        t = total + y
        c = (t - total) - y
        total = t
    return total


def compound_interest(principal, rates):
    for year, rate in enumerate(rates):
        if year % 2 == 0:
            principal *= 1 + rate
        else:
            principal += principal * rate / 2
    return principal


def net_present_value(rate, flows):
    return sum(flow / (1 + rate) ** t for t, flow in enumerate(flows))


def binomial_option(S, K, sigma, n=3, r=0.05):
    u = math.exp(sigma * math.sqrt(1 / n))
    p = (math.exp(r / n) - 1 / u) / (u - 1 / u)
    values = [max(0.0, S * u ** (2 * j - n) - K) for j in range(n + 1)]
    for i in range(n - 1, -1, -1):
        values = [math.exp(-r / n) * (p * values[j + 1] + (1 - p) * values[j]) for j in range(i + 1)]
    return values[0]


def softmax_list(xs):
    m = max(xs)
    es = [math.exp(x - m) for x in xs]
    s = sum(es)
    return [e / s for e in es]


def dot_of_lists(a, b):
    return sum(x * y for x, y in zip(a, b))


def matvec_of_lists(A, x):
    return [sum(a * v for a, v in zip(row, x)) for row in A]


def cumulative_max(x):
    out, m = [], -math.inf
    for v in x:
        m = max(m, v)
        out.append(m)
    return np.array(out)


def alternating_signs(x):
    sign, total = 1, 0
    for v in x:
        total += sign * v**2
        sign = -sign
    return total


def any_all_conditions(x):
    if all(v > 0 for v in x):
        return np.prod(x)
    if any(v > 1 for v in x):
        return np.max(x) ** 2
    return np.sum(x)


def pairs_by_two_indices(x, pairs):
    energy = 0.0
    for i, j in pairs:
        energy = energy + (x[i] - x[j]) ** 2 * x[j]
    return energy


x3, x4 = rng.uniform(0.5, 1.5, 3), rng.normal(size=4)
A = rng.normal(size=(2, 2))
f32 = np.float32
one = (overwrite, overwrite_in_loop, overwrite_under_if, both_read_and_write, unused_loop, loop_of_loops)
two = (loop_index_as_number, loop_over_tuple, loop_over_linspace, negative_range, continued_fraction, sine_series)
points = [[0.0, 0.1], [1.0, 0.2], [0.8, 1.1]]
CASES = [
    *(Case(f, (1.3,)) for f in one + two),
    *(Case(f, (2,), note="integer") for f in (overwrite_in_loop, negative_range, loop_over_tuple)),
    *(Case(f, (x3,), note="array") for f in (overwrite_in_loop, loop_of_loops, continued_fraction)),
    Case(overwrite_in_loop, (x3.astype(f32) / 2,), note="float32"),
    Case(loop_over_strings, ({"a": 1.5, "b": 0.5},)),
    Case(loop_over_list_parameter, ([1.5, 2, 0.5],)),
    *(Case(loop_with_zero_rounds, (1.3, n), "x", note=str(n)) for n in (0, 2)),
    Case(while_on_integer, (1.3, 6), "x"),
    Case(while_on_array, (x4 * 4,)),
    Case(binary_power, (1.3, 11), "x"),
    Case(bisection, (1.7,)),
    Case(arithmetic_geometric_mean, (1.0, 2.5)),
    Case(secant, (2.5,)),
    Case(matrix_power_loop, (A, 3), "A"),
    Case(matrix_exponential, (A,)),
    Case(de_casteljau, ([np.array(p) for p in points], 0.3)),
    Case(lagrange, (0.4, [0.0, 0.5, 1.2], x3)),
    Case(divided_differences, (np.array([0.0, 0.5, 1.2, 2.0]), x4)),
    Case(trapezoid, (x4, np.array([0.0, 0.5, 1.2, 2.0]))),
    Case(simpson, (lambda t: t * math.sin(t), 0.2, 1.1), ("a", "b")),
    Case(polygon_area, (points,)),
    Case(path_length, (points,)),
    Case(moving_average, (x4, 2), "x"),
    Case(welford, (x4,)),
    Case(kahan_sum, (x4,), atol=1e-5),
    Case(compound_interest, (100.0, [0.05, 0.03, 0.04])),
    Case(net_present_value, (0.05, [-10.0, 4.0, 5.0, 6.0])),
    Case(binomial_option, (100.0, 95.0, 0.2)),
    Case(softmax_list, ([0.3, 1.2, -0.4],)),
    Case(dot_of_lists, ([1.0, 2.0], [0.5, -1.0])),
    Case(matvec_of_lists, ([[1.0, 2.0], [0.5, -1.0]], [0.3, 0.7])),
    Case(cumulative_max, (x4,)),
    Case(alternating_signs, (x4,)),
    Case(any_all_conditions, (x3,)),
    Case(any_all_conditions, (-x3,), note="negative"),
    Case(pairs_by_two_indices, (x4, [(0, 1), (2, 1), (3, 0)]), "x"),
]
