"""The cross-entropy of a softmax and of a logistic function gives p - y; what only looks like it does not."""
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function

from revad import grad

RNG = np.random.default_rng(0)
S, SQUARE, K = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 3)), np.array([0, 2, 1, 1])

SOFTMAX = {
    "in place": "p = np.exp(s - s.max(axis=1, keepdims=True))\np /= p.sum(axis=1, keepdims=True)",
    "in two lines": "e = np.exp(s)\np = e / e.sum(axis=1, keepdims=True)",
    "not kept": "e = np.exp(s)\np = e / e.sum(axis=1)[:, None]",
    "over all": "e = np.exp(s)\np = e / e.sum()",
    "along the other axis": "e = np.exp(s)\np = e / e.sum(axis=0, keepdims=True)",
    "scaled": "e = np.exp(s)\np = 2 * e / e.sum(axis=1, keepdims=True)",
    "logarithm": "p = np.exp(s - np.log(np.exp(s).sum(axis=1, keepdims=True)))",
}
READ = ["np.arange(4), k", "np.arange(n), k", "np.arange(len(k)), k", "k, 0", ":, 1", "1", "1, k", "k, k",
        "::-1, 0",
        "np.arange(4)[::-1], k", "np.arange(4), 1", "np.arange(3), k[:3]", "[0, 1, 1, 2], k", "..., 0",
        "1:, 2",
        "np.arange(4)[:, None], k[:, None]", "np.arange(4), [0, 1, 0, 1]"]


def assert_right(f, *args, wrt=None):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        assert_gradient(f, args, wrt or ("x", "y") if "x" in f.__code__.co_varnames else wrt or None)


def _loss(softmax, read, loss):
    text = f"n = s.shape[0]\n{SOFTMAX[softmax]}\nreturn {loss.replace('@', f'p[{read}]')}"
    body = text.replace("\n", "\n    ")
    return function(f"def f(s, k):\n    {body}")


@pytest.mark.parametrize("softmax", SOFTMAX)
@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize("loss", ["-np.log(@).sum() / n", "np.sum(@**2)", "-np.mean(s[0, 0] * np.log(@))"])
def test_one_element_of_each_row(softmax, read, loss):
    assert_right(_loss(softmax, read, loss), S, K, wrt="s")


@pytest.mark.parametrize("softmax", SOFTMAX)
def test_the_second_derivative(softmax):
    assert_second(_loss(softmax, "np.arange(4), k", "-np.log(@).sum() / n"), S, K, wrt="s")


def test_the_text_is_p_minus_one():
    f = grad(_loss("in place", "np.arange(n), k", "-np.log(@).sum() / n"), wrt="s")
    f(S, K)
    assert "np.zeros" not in f.source and "-= 1" in f.source


@pytest.mark.parametrize("scale", [0, 1, 800])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_overflows(scale, dtype):
    s = (scale * np.array([[1, 0, -1.0]] * 2)).astype(dtype)
    k = np.array([0, 2])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        gradient = grad(_loss("in place", "np.arange(n), k", "-np.log(@).sum() / n"), wrt="s")(s, k)
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[[0, 1], k] -= 1
    np.testing.assert_allclose(gradient, p / 2, rtol=1e-6)
    assert gradient.dtype == dtype


@pytest.mark.parametrize("text", [
    "p = np.exp(s) / np.sum(np.exp(s))\nreturn -np.log(p[k])",
    "p = np.exp(s - np.max(s))\np /= np.sum(p)\nreturn -np.log(p[k]) * p[0]",
    "p = np.exp(s) / np.sum(np.exp(s))\nreturn -np.log(p[-1]) + p[k]",
    "p = np.exp(s) / np.sum(np.exp(s))\nreturn -np.log(p[k:].sum())",
    "p = np.exp(s) / np.sum(np.exp(s))\nt = 0.0\nfor i in range(3):\n    t -= np.log(p[i]) * i\nreturn t",
    "t = 0.0\nfor i in range(3):\n    z = s * i\n    z -= np.max(z)\n    p = np.exp(z) / np.sum(np.exp(z))\n"
    "    t -= np.log(p[k])\nreturn t",
    "t = 0.0\nfor i in range(3):\n    z = s * i\n    z -= np.max(z)\n    p = np.exp(z) / np.sum(np.exp(z))\n"
    "    t -= np.log(p[k]) + z[0]\nreturn t",
    "z = s\nfor i in range(3):\n    z = z - np.max(z)\n    p = np.exp(z) / np.sum(np.exp(z))\n"
    "    z = z * 2 + p\nreturn -np.log(p[k]) * z[0]",
    "t = 0.0\nfor i in range(2):\n    z = s * i\n    if s[0] > -9:\n        z = z - np.max(z)\n"
    "    t -= np.log(np.exp(z[k]) / np.sum(np.exp(z)))\nreturn t"])
def test_vectors_and_loops(text):
    body = text.replace("\n", "\n    ")
    for k in (0, 2):
        assert_right(function(f"def f(s, k):\n    {body}"), S[0], k, wrt="s")
        assert_second(function(f"def f(s, k):\n    {body}"), S[0], k, wrt="s")


@pytest.mark.parametrize("loss", [
    "-np.sum(t * np.log(p))", "-np.sum(t * np.log(p), axis=1).mean()", "-np.sum(t.T @ np.log(p))",
    "-np.sum(t * np.log(p + 1e-3))", "np.sum(t / p)", "-np.sum(p * np.log(p))",
    "np.sum(t * (np.log(t) - np.log(p)))"])
@pytest.mark.parametrize("axis", [0, 1])
def test_weights_for_each_class(loss, axis):
    f = function(f"def f(s, t):\n    e = np.exp(s - s.max(axis={axis}, keepdims=True))\n"
                 f"    p = e / e.sum(axis={axis}, keepdims=True)\n    return {loss}")
    assert_right(f, SQUARE, np.abs(RNG.normal(size=(3, 3))))
    assert_second(f, SQUARE, np.abs(RNG.normal(size=(3, 3))))


LOGISTIC = ["1 / (1 + np.exp(-z))", "1 / (1 + np.exp(z))", "np.tanh(z)**2"]
LOSSES = ["-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))",
          "np.sum(-t * np.log(p) - (1 - t) * np.log(1 - p))",
          "-np.mean(t * np.log(p) + (2 - t) * np.log(1 - p))",
          "-np.mean(t * np.log(p) - (1 - t) * np.log(1 - p))",
          "-np.mean(t * np.log(1 - p) + (1 - t) * np.log(p))", "-np.sum(np.log(p) + np.log(1 - p))",
          "-np.sum(3 * t * np.log(p) + (1 - t) * np.log(1 - p))", "np.sum(t / p + (1 - t) / (1 - p))",
          "-np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) + np.sum(p)",
          "-np.sum(t * np.log(p * p) + np.log(1 - p))",
          "np.sum(t * np.log(p) + (1 - t[::-1]) * np.log(1 - p))",
          "np.sum((t * np.log(p) + (1 - t) * np.log(1 - p)) * t)"]


@pytest.mark.parametrize("logistic", LOGISTIC)
@pytest.mark.parametrize("loss", LOSSES)
def test_two_classes(logistic, loss):
    f = function(f"def f(z, t):\n    p = {logistic}\n    return {loss}")
    z = RNG.normal(size=5)
    for t in (RNG.uniform(0.2, 0.8, size=5), (z > 0).astype(int), (z > 0).astype(np.uint8),
              (z > 0).astype(float)):
        assert_right(f, z, t, wrt="z")
    assert_second(f, z, RNG.uniform(0.2, 0.8, size=5), wrt="z")
    assert_right(f, RNG.normal(size=(2, 5)), RNG.uniform(0.2, 0.8, size=5))


def test_two_classes_in_one_line():
    f = grad(function(f"def f(z, t):\n    p = {LOGISTIC[0]}\n    return {LOSSES[0]}"), wrt="z")
    with np.errstate(all="ignore"):
        assert f(np.array([800.0, -800.0]), np.array([1.0, 0.0])).tolist() == [0, 0]
    assert "dz = (p - t) / t.size" in f.source


@pytest.mark.parametrize("text", [
    "np.log(x / y)", "np.log(x * y)", "-np.log(x / y) * x", "x * np.log(x)", "np.sum(x / y) / y[0]",
    "x / y / (x / y)",
    "np.log(x / y)**2", "(x / y)**2 / x", "np.sqrt(x / y) / x", "np.log(2 * x / y) / 2",
    "x * y / x[:, None]"])
def test_what_cancels(text):
    f = function(f"def f(x, y):\n    return {text}")
    x, y = RNG.uniform(1, 2, size=(2, 3))
    assert_right(f, x[0] + np.zeros((3, 3)), y)
    if "[" not in text:
        assert_right(f, x, y)
        assert_right(f, 1.3, 0.7)
        assert_right(f, x, 0.7)
        assert_right(f, 1.3, y)
        assert_right(f, np.arange(1, 4), y)
        assert_right(f, np.arange(1, 4), np.arange(1, 4, dtype=np.uint8))
        gradient, _ = grad(function(f"def f(x, y):\n    return np.sum({text})"))(x.astype(np.float32), y)
        assert gradient.dtype == np.float32


ROWS = ["np.arange(len(k))", "range(len(k))", "np.arange(s.shape[0])"]
MEANS = {
    "softmax": "p = np.exp(s - s.max(axis=1, keepdims=True))\np /= p.sum(axis=1, keepdims=True)\n"
               "return -np.mean(w * np.log(p[@, k]))",
    "log-softmax, one maximum": "m = s.max(axis=1, keepdims=True)\n"
                                "l = s - m - np.log(np.exp(s - m).sum(axis=1, keepdims=True))\n"
                                "return -np.mean(w * l[@, k]) - l.mean(axis=1).sum()",
}


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("loss", MEANS)
def test_a_mean_over_labels(rows, loss):
    body = MEANS[loss].replace("@", rows).replace("\n", "\n    ")
    f = function(f"def f(s, k, w):\n    {body}")
    w = np.array([1.0, 0.5, 2.0, 1.0])
    for size in (4, 1) + (3,) * (rows != ROWS[2]):      # fewer labels than rows: those have no gradient
        assert_right(f, S[:4 if size == 3 else size], K[:size], w[:size], wrt="s")
    g = grad(function(f"def f(s, k, w):\n    {body}"), wrt="s")      # a text for as many labels as rows
    g(S, K, w)
    assert "np.where" not in g.source and (loss != "softmax" or "np.zeros" not in g.source)


DIAGONALS = ["np.mean(np.diag(l))", "np.trace(l) / 3", "np.sum(l * np.eye(1))", "np.diagonal(l).sum()",
             "np.sum(np.diag(l)**2)", "np.sum(l * np.eye(3))"]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("read", DIAGONALS)
def test_the_diagonal_of_a_log_softmax(axis, read):
    f = function(f"def f(s):\n    z = s - s.max(axis={axis}, keepdims=True)\n"
                 f"    l = z - np.log(np.exp(z).sum(axis={axis}, keepdims=True))\n    return -{read}")
    assert_right(f, SQUARE, wrt="s")
    if read in DIAGONALS[:2]:
        g = grad(f)
        g(SQUARE)
        assert "np.exp(l) - np.eye(s.shape[0])" in g.source
