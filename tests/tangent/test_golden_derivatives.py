"""The texts of a Jacobian, a Hessian, a product with one, and of a loss with derivatives inside.

    REVAD_GOLDEN=write pytest tests/tangent/test_golden_derivatives.py    writes them anew
"""
import os
import pathlib

import numpy as np
import pytest
from differences import assert_gradient

from revad import grad, hessian, hvp, jacobian, jvp

FOLDER = pathlib.Path(__file__).parents[1] / "golden" / "derivatives"
T = np.linspace(0.0, 1.0, 5)


def decays(p, t):
    return p[0] * np.exp(-p[1] * t) + p[2] * np.cos(p[3] * t)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


def network(W, V, x, y):
    h = np.tanh(x @ W)
    return np.mean((h @ V - y)**2)


def physics_informed(w, points):
    """The loss of a network u with u_xx + u = 0."""
    def u(x):
        return np.sum(np.tanh(w[0] * x + w[1]) * w[2])
    total = 0.0
    for x in points:
        total = total + (hessian(u)(x) + u(x))**2
    return total


def recurrent(x, h, U):
    for t in range(x.shape[0]):
        h = np.tanh(x[t] + h @ U)
    return h


W, V, NET_X, NET_Y = np.full((2, 3), 0.3), np.full((3, 1), 0.5), np.ones((4, 2)), np.ones((4, 1))
LOSS = np.array([[0.5, -0.3], [0.2, 0.7], [1.0, -0.4]]), np.array([0.1, 0.5])


def text_of(derivative, *args, **keywords):
    derivative(*args, **keywords)
    return derivative.source.rstrip() + "\n"


TEXTS = {
    "jacobian": lambda: text_of(jacobian(decays, wrt="p"), np.array([1.0, 2.0, 0.5, 3.0]), T),
    "hessian": lambda: text_of(hessian(rosenbrock), T),
    "hvp": lambda: text_of(hvp(network, wrt=("W", "V")), W, V, NET_X, NET_Y, vector=(W, V)),
    "jvp_with_a_loop": lambda: text_of(jvp(recurrent, wrt="U"), NET_X, np.zeros(2), np.eye(2),
                                       tangents=np.ones((2, 2))),
    "physics_informed": lambda: text_of(grad(physics_informed, wrt="w"), *LOSS),
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_text_is_the_golden_one(name):
    path, text = FOLDER / f"{name}.py", TEXTS[name]()
    if os.environ.get("REVAD_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


def test_the_loss_is_right():
    assert_gradient(physics_informed, LOSS, "w")
