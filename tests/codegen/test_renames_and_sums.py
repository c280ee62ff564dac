"""A line that only renames is not written; two terms that fit into a line are one; a cleared copy is one np.where."""
import numpy as np
from differences import assert_gradient
from from_text import function, lines

from revad import grad

X = np.random.default_rng(0).normal(size=(4, 3))


def _backward(body, *args):
    text = f"def f({', '.join('xyk'[:len(args)])}):\n    " + body.replace("\n", "\n    ")
    assert_gradient(function(text), args, "x")
    return lines(text, *args, want="backward", wrt="x")


def test_a_rename_is_no_line():
    assert _backward("z = x - x.max(axis=1, keepdims=True)\ne = np.exp(z)\nreturn e / e.sum(axis=1, keepdims=True)",
                     X)[-1].startswith("return out * (dout - ")
    assert _backward("y = x.copy()\ny[0] = 0\nreturn y**2", X) == [
        "dx = 2 * y * dout", "dx[0] = 0", "return dx"]


def test_a_gradient_of_many_stages_keeps_its_name():
    text = _backward("y = x.copy()\ny[0] = 0\ny[1] *= 2\ny[2] *= 3\nreturn y**2", X)
    assert "dy = 2 * y * dout" in text and "dx = dy" in text


def test_what_is_read_twice_keeps_its_line():
    text = _backward("a = x * 2\nb = a + np.sin(a)\nreturn b", X)
    assert not any(line == "da = db" for line in text)


def test_two_terms_are_one_line_if_they_fit():
    assert _backward("return x * np.sin(x)", X) == ["x, sin = cache", "return sin * dout + np.cos(x) * (x * dout)"]
    name = "a_rather_long_name_of_an_argument_of_this_function"
    text = f"def f({name}):\n    return {name} * np.sin({name})"
    assert_gradient(function(text), (X,))
    assert any("+=" in line for line in lines(text, X, want="backward"))


def test_a_cleared_copy_is_a_choice():
    assert _backward("y = x.copy()\ny[y < 0] = 0\nreturn y", X) == ["return np.where(less, 0, dout)"]
    assert _backward("y = x.copy()\ny[x < 0] *= 0.1\nreturn y", X) == ["return np.where(less, 0.1 * dout, dout)"]
    assert _backward("z = x.copy()\nz[z < 0] *= y\nreturn z", X, 0.1)[1:] == [
        "dx = dout.copy()", "dx[less] *= y", "return dx"]
    assert "np.where" not in " ".join(_backward("y = x.copy()\ny[y[:, 0] < 0] = 0\nreturn y", X))
    gradient = function("def f(x):\n    y = x.copy()\n    y[y < 0] = 0\n    return y")
    g = grad(gradient)
    out, cache = g.forward(X.astype(np.float32))
    dout = np.ones_like(out)
    assert g.backward(dout, cache).dtype == np.float32 and (dout == 1).all()
