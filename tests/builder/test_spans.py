"""Slices that do not meet are stored, not added; those that cover an axis are one np.hstack; near misses."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, written
from samples import part_of

RNG = np.random.default_rng(0)
A, W, H = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 6)), RNG.normal(size=(4, 2))

SLICES = ["[:, :n]",
          "[:, n:2 * n]", "[:, 2 * n:]", "[:, n:]", "[:, 2 * n:3 * n]", "[:, 0:n]", "[:, n:2 * n:1]",
          "[:2]",
          "[:, -n:]", "[:, :-n]", "[:, 2]", "[0, :n]", "[:, :2]", "[:, 2:4]", "[:, 4:]", "[:, None, 2:4]",
          "[..., 4:]",
          "[:, n - 1:n + 1]", "[:, ::2]", "[:, [0, 1]]", "[:, 1 * n:2]"]


def _text(first, second, third, length):
    return (f"def f(x, w, h, n):\n    n = {length}\n    a = x @ w\n    i = np.tanh(a{first})\n"
            f"    j = np.sin(a{second})\n    k = a{third}**2\n    return np.sum(i) + np.sum(j) * np.sum(k)")


@pytest.mark.parametrize("first, second", part_of(itertools.product(SLICES, SLICES), 4))
def test_every_pair(first, second):
    for length in ("h.shape[1]", "n", "w.shape[1] // 3"):
        assert_gradient(function(_text(first, second, "[:, 2 * n:]", length)), (A, W, H, 2), ("x", "w"))


@pytest.mark.parametrize("n", [-2, 0, 1, 3])
def test_other_numbers(n):
    f = function(_text("[:, :n]", "[:, n:2 * n]", "[:, 2 * n:]", "n"))
    for other in (n, 2):
        assert_gradient(f, (A, W, H, other), ("x", "w"))


@pytest.mark.parametrize("text, place", [
    ("np.tanh(a[:, :n]) * np.sin(a[:, n:2 * n]) * a[:, 2 * n:]", "np.hstack"),
    ("np.tanh(a[:2]) * a[2:]", "np.vstack"), ("np.tanh(a[:2]).sum() * a[2:]", "np.vstack"),
    ("np.tanh(a[:, :n]) * a[:, n:2 * n]", ""), ("np.tanh(a[:, :n]) * a[:, n:]**2", ""),
    ("a[:, :n].sum(axis=1) * a[:, n:].sum(axis=1)", "")])
def test_one_stack(text, place):
    text = f"def f(x, w, h):\n    n = h.shape[1]\n    a = x @ w\n    return {text}"
    args = (A, W if "2 * n" in text else RNG.normal(size=(3, 4)), H)
    assert_gradient(function(text), args, ("x", "w"))
    source = written(text, *args, want="backward", wrt=("x", "w"))
    assert place in source if place else "vstack" not in source, source


def test_the_parts_of_an_array_are_stored():
    text = "def f(w):\n    a, b, rest = w[0], w[1], w[2:]\n    return a * b + np.sum(rest**2)"
    assert_gradient(function(text), (RNG.normal(size=5),))
    assert "+=" not in written(text, RNG.normal(size=5))
    text = "def f(w):\n    return w[0] * w[1] + np.sum(w[1:]**2) + w[-1]"
    assert_gradient(function(text), (RNG.normal(size=5),))
    assert_gradient(function(text), (RNG.normal(size=2),))
