"""Draws with parameters that vary: of a location and a scale the gradient is known, whole numbers have none."""
import random

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError, grad, value_and_grad

V, S = np.array([1.0, 2.0]), 0.7


def seeded():
    np.random.seed(3)
    random.seed(3)


DRAWS = [
    lambda x, s: np.sum((x + np.random.normal(0, s, x.shape))**2),
    lambda x, s: np.sum(np.random.normal(x, s)**2 * x),
    lambda x, s: np.sum(x * np.random.uniform(-s, s, (3, 2))),
    lambda x, s: np.sum(x * np.random.uniform(high=s)) + np.random.exponential(s) * s,
    lambda x, s: np.sum(np.random.uniform(x, x + s, (3, 2))**2),
    lambda x, s: np.sum(np.random.laplace(x, s) + np.random.gumbel(s, x)),
    lambda x, s: np.sum(np.random.logistic(size=2, scale=s) * x) + np.random.rayleigh(s, 3).sum(),
    lambda x, s: np.random.normal(loc=s) * np.sum(x) + np.random.uniform() * s,
    lambda x, s: np.sum(x * np.random.binomial(1, s, size=x.shape) / s),
    lambda x, s: np.sum(np.random.poisson(s, x.shape) * x),
    lambda x, s: np.sum(x[np.random.choice(2, 3, p=np.array([s, 1 - s]))]**2),
    lambda x, s: np.sum(x) * random.uniform(0, s) + random.gauss(s, x[0]) * x[random.randint(0, 1)] + s * random.random(),
    lambda x, s: x[random.choice([0, 1])] * s * random.uniform(1, 2) * random.gauss(0.0, 1.0)]


@pytest.mark.parametrize("draw", DRAWS)
def test_right(draw):
    assert_gradient(draw, (V, S), fresh=seeded)


def test_a_scale_of_zero():
    np.random.seed(3)
    standard = np.random.normal(size=2)
    np.random.seed(3)
    dx, ds = grad(lambda x, s: np.sum(np.random.normal(x, s) * V))(V, 0.0)
    assert dx.tolist() == V.tolist() and ds == pytest.approx(standard @ V)


@pytest.mark.parametrize("draw", [
    lambda x, s, rng: np.sum(rng.normal(x, s)**2), lambda x, s,
    rng: rng.exponential(s) + np.sum(rng.binomial(1, s, 2) * x), lambda x, s,
    rng: np.sum(rng.uniform(s, x, size=(3, 2)))])
def test_generators(draw):
    assert_gradient(draw, (V, S, np.random.default_rng(1)), ("x", "s"))


class Dropout:
    def __init__(self):
        self.keep, self.limit = 0.6, 0.5

    def forward(self, x):
        self.W = np.random.uniform(-self.limit, self.limit, (2, 3))
        return (x * np.random.binomial(1, self.keep, size=x.shape) / self.keep) @ self.W


def test_of_settings_of_a_layer():
    assert_gradient(Dropout.forward, (Dropout(), np.ones((4, 2))), fresh=seeded)


@pytest.mark.parametrize("draw, why", [
    (lambda x: np.sum(np.random.permutation(x) * x), "call of permutation: what it moves where is drawn"),
    (lambda x: np.random.gamma(x[0]) * x[0],
     "call of gamma: a derivative cannot be followed through this draw"),
    (lambda x: random.choice([x[0], x[1]]), "call of random.choice: what it draws, or changes, is not known"),
    (lambda x: random.betavariate(x[0], 1.0), "call of random.betavariate: what it draws")])
def test_refused(draw, why):
    with pytest.raises(UnsupportedError, match=why):
        grad(draw)(V)


DEAD_DRAWS = ["a = {}", "{}", "a = x * {}", "for i in range(3):\n    a = x * {}", "if x[0] > 0:\n    a = {}",
              "def g(v):\n    b = {}\n    return v * 2\nx = g(x)",
              "a = np.random.normal(x, 2.0)", "a = np.random.permutation(3)", "a = random.gauss(0.0, 1.0)"]


@pytest.mark.parametrize("draw", ["np.random.rand(2)", "np.random.normal(size=2)", "np.random.rand()",
                                  "random.random()"])
@pytest.mark.parametrize("line", DEAD_DRAWS)
def test_draw_that_nothing_reads_is_drawn(line, draw):
    """The next one is another number otherwise, also that of the next call."""
    dead = line.format(draw)
    body = f"{dead}\nt = np.random.rand(2) * random.random()\n{dead}\nreturn np.sum(x * t)"
    f = function("def f(x):\n" + "".join(f"    {line}\n" for line in body.splitlines()), random=random)
    both, x = value_and_grad(f), np.array([0.7, -1.2])
    results = []
    for call in (lambda: f(x), lambda: both(x)[0], lambda: grad(f).forward(x)[0],
                 lambda: grad(f)(x) is None):
        seeded()
        results.append((call(), np.random.rand(), random.random()))
    assert results[0] == results[1] == results[2] and results[0][1:] == results[3][1:]
