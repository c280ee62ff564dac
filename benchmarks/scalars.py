"""Circuits of numbers: those of the lecture notes, and a chain of 200 statements."""
from __future__ import annotations

import math

from .workload import SCALAR_GOAL, Workload, define


def circuit(x, y, z):
    q = x + y
    return q * z


def circuit_by_hand(x, y, z):
    q = x + y
    return q * z, (z, z, q)


def neuron(w, x):
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    return 1.0 / (1 + math.exp(-dot))


def neuron_by_hand(w, x):
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1.0 / (1 + math.exp(-dot))
    ddot = (1 - f) * f
    return f, ([x[0] * ddot, x[1] * ddot, ddot], [w[0] * ddot, w[1] * ddot])


def staged(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f


def staged_by_hand(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    invden = 1.0 / (sigx + xpy * xpy)
    f = num * invden
    dden = -invden * f
    dxpy = 2 * xpy * dden
    dx = dxpy + (1 - sigx) * sigx * dden + invden
    dy = dxpy + (1 - sigy) * sigy * invden
    return f, (dx, dy)


# Four statements, and how an expert goes back through them: d is the gradient of the last value.
LINKS = (
    ("v{n} = v{p} * y", "dy += v{p} * d", "d = y * d"),
    ("v{n} = math.sin(v{p})", "d = math.cos(v{p}) * d"),
    ("v{n} = v{p} + x", "dx += d"),
    ("v{n} = math.tanh(v{p})", "d = (1 - v{n} * v{n}) * d"),
)


def chain_lines(length: int) -> tuple[list[str], list[str]]:
    """The statements of a chain on x and y, and those of its backward pass.

    >>> forward, backward = chain_lines(2)
    >>> forward
    ['v0 = x', 'v1 = v0 * y', 'v2 = math.sin(v1)']
    >>> backward
    ['d = math.cos(v1) * d', 'dy += v0 * d', 'd = y * d', 'dx += d']
    """
    forward, backward = ["v0 = x"], ["dx += d"]
    for number in range(1, length + 1):
        statement, *back = (line.format(n=number, p=number - 1) for line in LINKS[(number - 1) % 4])
        forward.append(statement)
        backward = back + backward
    return forward, backward


def function_source(name: str, lines: list[str]) -> str:
    return "\n    ".join([f"def {name}(x, y):", *lines]) + "\n"


def chain(length: int, name: str = "chain"):
    """A function of x and y that has so many statements."""
    forward, _ = chain_lines(length - 1)
    lines = [*forward, f"return v{length - 1}"]
    return define(function_source(name, lines), name, {"math": math})


def chain_by_hand(length: int):
    forward, backward = chain_lines(length - 1)
    lines = [*forward, "d = 1.0", "dx = dy = 0.0", *backward, f"return v{length - 1}, (dx, dy)"]
    name = f"chain_by_hand_{length}"
    return define(function_source(name, lines), name, {"math": math})


WORKLOADS = [
    Workload("circuit (x + y) * z", circuit, circuit_by_hand, (-2.0, 5.0, -4.0),
             ("x", "y", "z"), SCALAR_GOAL),
    Workload("neuron", neuron, neuron_by_hand, ([2.0, -3.0, -3.0], [-1.0, -2.0]),
             ("w", "x"), SCALAR_GOAL),
    Workload("staged function", staged, staged_by_hand, (3.0, -4.0), ("x", "y"), SCALAR_GOAL),
    Workload("chain of 200 statements", chain(200), chain_by_hand(200), (0.3, 0.9),
             ("x", "y"), SCALAR_GOAL),
]
