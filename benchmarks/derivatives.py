"""Forward mode, products with Hessians, Jacobians and Hessians beside the same written by hand.

    python -m benchmarks.derivatives [--rounds 200]

`ratio` is the time of a call of what revad returns over that of the function by hand, each the best of short
rounds in which they take turns, so that what else the machine does counts little. Of a product with a Hessian the ratio to the function itself is shown, too.
"""
from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from typing import Any, NamedTuple

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402

from revad import hessian, hvp, jacobian, jvp  # noqa: E402

rng = np.random.default_rng(0)


class Case(NamedTuple):
    """A derivative by revad and by hand, which are called with the same arguments."""

    name: str
    derivative: Any
    by_hand: Any
    arguments: tuple
    goal: float
    function: Any = None        # timed as well
    most: float | None = None   # the most that the derivative may cost, in times of the function


def forward(name, function, by_hand, arguments, wrt, tangents):
    along = jvp(function, wrt=wrt)
    return Case(name, lambda *args: along(*args, tangents=tangents),
                lambda *args: by_hand(*args, *(tangents if isinstance(wrt, tuple) else (tangents,))),
                arguments, 1.1)


def orbit(x, a, steps):
    for _ in range(steps):
        x = x + 0.01 * math.sin(a * x)
    return x


def orbit_along(x, a, steps, dx, da):
    for _ in range(steps):
        dx = dx + 0.01 * math.cos(a * x) * (da * x + a * dx)
        x = x + 0.01 * math.sin(a * x)
    return x, dx


def rnn(x, h, W, U):
    for t in range(x.shape[0]):
        h = np.tanh(x[t] @ W + h @ U)
    return h


def rnn_along(x, h, W, U, dU):
    dh = np.zeros_like(h)
    for t in range(x.shape[0]):
        da = dh @ U + h @ dU
        h = np.tanh(x[t] @ W + h @ U)
        dh = (1 - h**2) * da
    return h, dh


def network(W, V, X, y):
    return np.mean((np.tanh(X @ W) @ V - y)**2)


def network_along(W, V, X, y, dW, dV):
    h = np.tanh(X @ W)
    r = h @ V - y
    dr = ((1 - h**2) * (X @ dW)) @ V + h @ dV
    return np.mean(r**2), 2 * np.mean(r * dr)


def cross_entropy(scores, labels):
    scores = scores - scores.max(axis=1, keepdims=True)
    sums = np.log(np.exp(scores).sum(axis=1))
    return np.mean(sums - scores[np.arange(len(labels)), labels])


def cross_entropy_along(scores, labels, d):
    scores = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    s = e.sum(axis=1)
    rows = np.arange(len(labels))
    return (np.mean(np.log(s) - scores[rows, labels]),
            np.mean((e * d).sum(axis=1) / s - d[rows, labels]))


def stencil(A, steps):
    for _ in range(steps):
        A[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
    return np.sum(A**2)


def stencil_along(A, steps, dA):
    A, dA = A.copy(), dA.copy()
    for _ in range(steps):
        dA[1:-1, 1:-1] = 0.25 * (dA[1:-1, :-2] + dA[1:-1, 2:] + dA[:-2, 1:-1] + dA[2:, 1:-1])
        A[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
    return np.sum(A**2), 2 * np.sum(A * dA)


def layer_norm(x, g, b):
    z = x - x.mean(axis=1, keepdims=True)
    return z / np.sqrt((z**2).mean(axis=1, keepdims=True) + 1e-5) * g + b


def layer_norm_along(x, g, b, dx):
    z = x - x.mean(axis=1, keepdims=True)
    s = np.sqrt((z**2).mean(axis=1, keepdims=True) + 1e-5)
    dz = dx - dx.mean(axis=1, keepdims=True)
    ds = (z * dz).mean(axis=1, keepdims=True) / s
    n = z / s
    return n * g + b, (dz - n * ds) / s * g


def attention(q, k, v):
    e = np.exp(q @ k.T / np.sqrt(q.shape[1]))
    return e / e.sum(axis=1, keepdims=True) @ v


def attention_along(q, k, v, dq):
    root = np.sqrt(q.shape[1])
    e = np.exp(q @ k.T / root)
    p = e / e.sum(axis=1, keepdims=True)
    ds = dq @ k.T / root
    return p @ v, (p * (ds - (p * ds).sum(axis=1, keepdims=True))) @ v


def decay(p, t):
    return p[0] * np.exp(-p[1] * t) + p[2]


def decay_along(p, t, dp):
    e = np.exp(-p[1] * t)
    return p[0] * e + p[2], dp[0] * e - p[0] * (dp[1] * t) * e + dp[2]


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


def rosenbrock_along(x, dx):
    a, b = x[1:] - x[:-1]**2, 1 - x[:-1]
    return np.sum(100.0 * a**2 + b**2), np.sum(200.0 * a * (dx[1:] - 2 * x[:-1] * dx[:-1]) - 2 * b * dx[:-1])


def solved(A, b):
    return np.linalg.solve(A, b)


def solved_along(A, b, dA):
    x = np.linalg.solve(A, b)
    return x, -np.linalg.solve(A, dA @ x)


def network_product(W, V, X, y, dW, dV):
    """The product of the Hessian of `network`."""
    h = np.tanh(X @ W)
    slope, scale = 1 - h**2, 2 / y.size
    dh = slope * (X @ dW)
    dr, ddr = scale * (h @ V - y), scale * (dh @ V + h @ dV)
    back = dr @ V.T
    return X.T @ (slope * (ddr @ V.T + dr @ dV.T) - 2 * h * dh * back), dh.T @ dr + h.T @ ddr


def residuals(p, X, y):
    return np.exp(-X @ p) - y


def residuals_jacobian(p, X, y):
    return -np.exp(-X @ p)[:, None] * X


def rosenbrock_hessian(x):
    """As SciPy's `rosen_hess`."""
    H = np.diag(-400 * x[:-1], 1) - np.diag(400 * x[:-1], -1)
    diagonal = np.zeros(len(x))
    diagonal[0] = 1200 * x[0]**2 - 400 * x[1] + 2
    diagonal[-1] = 200
    diagonal[1:-1] = 202 + 1200 * x[1:-1]**2 - 400 * x[2:]
    return H + np.diag(diagonal)


def cases():
    R = rng.normal
    W, V, X, y = R(size=(64, 64)), R(size=(64, 10)), R(size=(256, 64)), R(size=(256, 10))
    dW, dV = R(size=W.shape), R(size=V.shape)
    U, x3 = R(size=(64, 64)) / 8, R(size=(20, 32, 64))
    scores, p = R(size=(256, 10)), R(size=10) / 4
    product = hvp(network, wrt=("W", "V"))
    A, t, x = R(size=(64, 64)) + 8 * np.eye(64), np.linspace(0, 4, 1000), R(size=100)
    q = R(size=(64, 32))
    return [
        forward("orbit of numbers", orbit, orbit_along, (0.7, 1.3, 100), ("x", "a"), (1.0, 0.5)),
        forward("recurrent network", rnn, rnn_along, (x3, np.zeros((32, 64)), W / 8, U), "U", dW),
        forward("two-layer network", network, network_along, (W, V, X, y), ("W", "V"), (dW, dV)),
        forward("cross-entropy", cross_entropy, cross_entropy_along,
                (scores, rng.integers(0, 10, 256)), "scores", R(size=scores.shape)),
        forward("stencil", stencil, stencil_along, (R(size=(64, 64)), 20), "A", R(size=(64, 64))),
        forward("layer norm", layer_norm, layer_norm_along, (X, V[:, 0], V[:, 1]), "x", R(size=X.shape)),
        forward("attention", attention, attention_along, (q, 2 * q, q - 1), "q", R(size=q.shape)),
        forward("decay", decay, decay_along, (p[:3], t), "p", np.ones(3)),
        forward("Rosenbrock", rosenbrock, rosenbrock_along, (R(size=10000),), "x", R(size=10000)),
        forward("linear system", solved, solved_along, (A, x[:64]), "A", R(size=A.shape)),
        Case("Hessian product of the network", lambda *args: product(*args, vector=(dW, dV)),
             lambda *args: network_product(*args, dW, dV), (W, V, X, y), 1.15, network, 4.0),
        Case("Jacobian of 1,000 residuals", jacobian(residuals, wrt="p"), residuals_jacobian,
             (p, R(size=(1000, 10)), np.ones(1000)), 1.2),
        Case("Hessian of Rosenbrock(100)", hessian(rosenbrock), rosenbrock_hessian, (x,), 3.0)]


def turns(functions, arguments, rounds):
    """The times of one call of each, in rounds that take turns."""
    for function in functions:
        function(*arguments)
    start = time.perf_counter()
    functions[0](*arguments)
    count = max(1, int(0.0005 / max(time.perf_counter() - start, 1e-7)))
    times = [[] for _ in functions]
    for _ in range(rounds):
        for spent, function in zip(times, functions):
            start = time.perf_counter()
            for _ in range(count):
                function(*arguments)
            spent.append((time.perf_counter() - start) / count)
    return times


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.derivatives", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, metavar="N")
    options = parser.parse_args()
    print(f"{'':32}{'by hand, us':>12}{'call, us':>10}{'ratio':>8}{'goal':>7}{'/ function':>12}")
    forward_ratios = []
    for case in cases():
        functions = [f for f in (case.by_hand, case.derivative, case.function) if f is not None]
        times = turns(functions, case.arguments, options.rounds)
        by_hand, call = (1e6 * min(spent) for spent in times[:2])
        ratio = call / by_hand
        over, more = ratio > case.goal, ""
        if case.function is not None:
            cost = call / (1e6 * min(times[2]))
            over, more = over or cost > case.most, f"{cost:12.2f}"
        forward_ratios += [ratio] if case.goal == 1.1 else []
        print(f"{case.name:32}{by_hand:12.1f}{call:10.1f}"
              f"{ratio:8.2f}{case.goal:7}{more}{'  over' if over else ''}", flush=True)
    print(f"forward mode, geometric mean: {math.exp(statistics.fmean(map(math.log, forward_ratios))):.2f}")


if __name__ == "__main__":
    main()
