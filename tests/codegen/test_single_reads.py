"""Which gradients are written inside the line that reads them, and which keep theirs."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import grad

X = np.array([[0.3, 1.2], [-0.7, 0.4], [0.9, -1.1]])
Y, W = np.array([0.6, -0.8]), np.array([[0.2, 0.7], [-0.4, 0.5]])


def backward(body, args, parameters="x, y"):
    """The lines of a backward pass that is right, but for comments and the line that unpacks the cache."""
    text = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.split("; "))
    assert_gradient(function(text), args)
    layer = grad(function(text))
    out, cache = layer.forward(*args)
    layer.backward(np.ones(np.shape(out)) if np.ndim(out) else 1.0, cache)
    return [line.strip() for line in layer.backward.source.splitlines()[1:]
            if "#" not in line and not line.endswith("= cache")]


@pytest.mark.parametrize("body, expected", [
    # an operation that only the next stage reads; two terms of one gradient, of different statements
    ("u = x * y; v = np.sin(u); return v * x", ["du = np.cos(u) * (x * dout)", "dx = v * dout + y * du",
                                                "dy = (x * du).sum(axis=0)", "return dx, dy"]),
    # what is only named otherwise
    ("u = x; v = u * y; return v", ["dx = y * dout", "dy = (u * dout).sum(axis=0)", "return dx, dy"]),
    # a sum over an axis is a stage of its own
    ("s = x.sum(axis=0); return np.exp(s) * y", ["ds = out * dout", None, None]),
])
def test_lines(body, expected):
    lines = backward(body, (X, Y))
    assert expected[-1] is None or lines == expected


@pytest.mark.parametrize("body", [
    "h = np.tanh(x @ y); return h * h", "h = x @ y; g = np.exp(h); return g * h",
    "h = (x @ y).reshape(-1); return h * h", "h = x @ y; h[0] = 2.0; return h * h[1]",
    "h = x.copy(); h[1:] += h[:-1]; return h * x", "h = x @ y; return np.where(h > 0, h, 0.1 * h)"])
def test_products_of_matrices(body):
    backward(body, (X, W))


def test_a_product_of_matrices_keeps_its_line():
    lines = backward("h = x @ y; r = h * (h > 0); return r @ y", (X, W))
    assert "dr = dout @ y.T" in lines


@pytest.mark.parametrize("body", [
    "for i in range(3):\n        x = x - 0.1 * y * x\n    return x",
    "s = 0.0; for i in range(2):\n        s = s + x * y * i\n    return s * x",
    "for i in range(2):\n        t = x * y\n        x = t + x * x\n        y = y * y\n    return x * y"])
def test_what_an_iteration_begins_with_is_added_to_in_place(body):
    text = "def f(x, y):\n    " + body.replace("; ", "\n    ") + "\n"
    assert_gradient(function(text), (X, Y))


@pytest.mark.parametrize("body, line", [
    ("return (1 - x) * y + x * y * y", None), ("n = x * y; return (1 - x) * n + x * y", None),
    ("a = 1 + np.abs(x); return x / a * np.sum(y)", None),
    ("return x.T @ x + np.sum(y)", None), ("return 0.5 * np.sum(x * x) * 0.3 * np.sum(y)", None),
    ("n = y * 2; return (1 - x) * n + x * y", "dx = (y - n) * dout"),
    ("q = x * x; return x / (1 + q) * y", "(1 - 2 * x * ratio) * dx")])
def test_common_factors(body, line):
    lines = backward(body, (X, Y))
    assert line is None or any(line.partition("=")[2].strip() in written for written in lines)


@pytest.mark.parametrize("body, line", [
    ("return x.T @ x", "return x @ (dout + dout.T)"), ("p = x @ x.T; return p @ x", None),
    ("p = x.T @ x; return p @ p", None), ("return x.dot(x.T)", None)])
def test_two_products_with_one_matrix(body, line):
    lines = backward(body, (X,), "x")
    assert line is None or line in lines


WIDTHS = [("xp = np.pad(x, p); return xp * xp", 2), ("xp = np.pad(x, ((p, p), (p, p))); return xp * xp", 1),
          ("q = p; xp = np.pad(x, ((0, 0), (q, 0))); return xp * xp", 1),
          ("xp = np.pad(x, ((p, 1),)); return xp * xp", 2), ("xp = np.pad(x, (p, p)); return xp * xp", 0)]


@pytest.mark.parametrize("body, width", WIDTHS)
def test_padding_is_cut_off_by_the_users_name(body, width):
    f = function("def f(x, p):\n    " + body.replace("; ", "\n    ") + "\n")
    for number in (width, 0, 3):
        assert_gradient(f, (X, number), wrt="x")
    layer = grad(f, wrt="x")
    out, cache = layer.forward(X, 2)
    layer.backward(out, cache)
    assert "2:" not in layer.backward.source


WHOLE_STORES = ["c = x.copy(); c[:] = 0.5 * c + y; return c * c", "c = x.copy(); c[...] = c * y; return c * x",
                "c = x.copy(); c[:, :] = y; return c * x", "c = x * y; d = c[1:]; d[:] = d * 2 + x[0]; return c * d[0]",
                "c = x.copy(); d = c; c[:] = np.sin(c); return c * d",
                "c = np.zeros_like(x); for i in range(3):\n        c[:] = 0.5 * c + x * y\n    return c",
                "c = x.copy(); for i in range(3):\n        c[:] = c * y\n        c[0] = 1.0\n    return c * x",
                "c = x.copy(); if x[0, 0] > 0:\n        c[:] = y\n    return c * x"]


@pytest.mark.parametrize("body", WHOLE_STORES)
def test_a_store_into_the_whole_array(body):
    assert_gradient(function("def f(x, y):\n    " + body.replace("; ", "\n    ") + "\n"), (X, Y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(0, 2), (1, 2), (3, 2)])
def test_common_factors_of_other_lengths_and_types(shape, dtype):
    f = function("def f(x, y):\n    z = 1 / (1 + np.exp(-x))\n"
                 "    return (1 - z) * y + z * x / (1 + np.abs(x))")
    x, y = np.full(shape, 0.4, dtype), np.full(shape[1], 0.7, dtype)
    dx, dy = grad(lambda x, y: np.sum(f(x, y)))(x, y)
    assert dx.shape == shape and dy.shape == shape[1:] and dx.dtype == dy.dtype == dtype


LENGTHS = ["n = np.sqrt((x**2).sum(axis=1, keepdims=True)); return x / n",
           "n = np.sqrt((x**2).sum(axis=1)); return x / n[:, None]",
           "n = np.sqrt(np.sum(x * x)); return x / n * n",
           "n = np.sqrt(np.sum(x * x, axis=0)); return (x / n) @ (x / n).T",
           "n = np.sqrt((x**2).sum(axis=1)); return x @ x.T / (n[:, None] * n)"]


@pytest.mark.parametrize("body", LENGTHS)
def test_divided_by_a_length(body):
    text = "def f(x):\n    " + body.replace("; ", "\n    ") + "\n"
    assert_gradient(function(text), (X,))


@pytest.mark.parametrize("body, expected", [
    ("n = np.sqrt((x**2).sum(axis=1, keepdims=True)); return np.where(n > 0, x / n, 0.0)", 0.0),
    ("n = np.sqrt((x**2).sum(axis=1, keepdims=True)); return n * x", 0.0),
    ("n = np.sqrt((x**2).sum(axis=1, keepdims=True)); return n", 0.0)])
def test_a_row_of_zeros_has_a_gradient_where_the_function_has_one(body, expected):
    f = function("def f(x):\n    " + body.replace("; ", "\n    ") + "\n")
    x = X.copy()
    x[1] = 0
    with np.errstate(all="ignore"):
        assert (grad(lambda x: np.sum(f(x)))(x)[1] == expected).all()
