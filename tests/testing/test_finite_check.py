"""The first value of a gradient that is not finite is told, with the lines and what it was made of."""
import numpy as np
import pytest
from from_text import function

import revad
from revad import check_finite, grad, value_and_grad

pytestmark = pytest.mark.quick


def report(text, *args, limit=None, wrt=None, **outside):
    return check_finite(grad(function(text, **outside), wrt=wrt), limit)(*args)


SOFTMAX = """
def loss(x, y):
    e = np.exp(x)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))
"""
LABELS = np.array([0, 1])


def test_finite_values():
    result = report(SOFTMAX, np.ones((2, 3)), LABELS, wrt="x")
    assert result and result.event is None
    np.testing.assert_array_equal(result.result, grad(function(SOFTMAX), wrt="x")(np.ones((2, 3)), LABELS))


def test_the_lines_and_the_values():
    x = np.ones((2, 3))
    x[1, 2] = 800
    result = report(SOFTMAX, x, LABELS, wrt="x")
    assert not result and result.event.expression == "np.exp(x)"
    assert (result.place.line, result.line) == (2, "e = np.exp(x)")
    assert "np.exp(x) is inf at [1, 2]" in str(result) and "x is 800 there" in str(result)


@pytest.mark.parametrize("text, args, expression", [
    ("def f(x):\n    return np.sum(np.log(x))", (np.array([1.0, 0.0]),), "1 / x"),
    ("def f(x):\n    y = x * 1e200\n    y *= y\n    return np.sum(y)", (np.ones(2),), None),
    ("def f(x):\n    y = x.copy()\n    for i in range(400):\n        y = y * 10.0\n    return np.sum(y**2)",
     (np.ones(2),), None),
    ("def f(x):\n    with np.errstate(all='ignore'):\n        y = np.exp(x)\n    return np.sum(y * y)",
     (np.array([500.0]),), None),
    ("def f(x):\n    hs = []\n    for i in range(3):\n        if x[i] < 5:\n            hs.append(np.sqrt(x[i]))\n"
     "    return sum(hs)", (np.array([2.0, 0.0, 9.0]),), None),
    ("def f(x):\n    def g(v):\n        w = [v, np.exp(10 * v)]\n        return w[1]\n    s = x\n"
     "    while s < 1e3:\n        s = g(s)\n    return np.log(s - s)", (1.0,), None),
])
def test_what_is_told_is_the_first(text, args, expression):
    result = report(text, *args)
    with np.errstate(all="ignore"):
        gradient = grad(function(text))(*args)
    assert bool(result) == bool(np.all(np.isfinite(gradient)))
    if expression is not None:
        assert result.event.expression == expression
    if not result:
        with np.errstate(all="ignore"):
            assert all(np.all(np.isfinite(part)) for part in result.event.operands.values())


def test_an_inf_that_is_meant_is_not_told():
    text = ("def f(s, m):\n    s = np.where(m, s, -np.inf)\n    e = np.exp(s - s.max())\n"
            "    return np.sum((e / e.sum())**2)")
    assert report(text, np.ones(3), np.array([True, True, False]), wrt="s")
    assert report("def f(x, c):\n    return np.sum(x * np.exp(-c))", np.ones(2),
                  np.array([np.inf, 0.0]), wrt="x")


def test_a_limit():
    text = "def f(x, W):\n    for t in range(20):\n        x = x @ W\n    return np.sum(x)"
    args = np.ones((2, 3)), 3 * np.eye(3)
    assert report(text, *args)
    result = report(text, *args, limit=1e6)
    assert not result and "values within the limit" in str(result)
    assert np.max(np.abs(result.event.result)) > 1e6
    with pytest.raises(revad.CallError, match="allows none"):
        check_finite(lambda x: x, limit=0)


def test_a_function_that_is_called():
    layer = function("def layer(x, w):\n    a = x @ w\n    h = np.log(a)\n    return h")
    result = report("def net(x, w, v):\n    h = layer(x, w)\n    h = layer(h, v)\n    return np.sum(h)",
                    np.ones((2, 3)), np.ones((3, 3)), -np.ones((3, 2)), layer=layer)
    assert result.event.function == "layer_forward" and result.place.line == 3
    assert "of layer_forward" in str(result)


def test_math_raises():
    f = function("def f(x):\n    y = math.exp(x)\n    return y * y")
    result = check_finite(value_and_grad(f))(1000.0)
    assert not result and isinstance(result.error, OverflowError) and result.place.line == 2


def test_a_function_stands_for_its_gradient_and_a_method_for_its_object():
    class Net:
        def __init__(self):
            self.w = np.ones(2)

        @grad
        def loss(self, x):
            return np.sum(np.sqrt(x - self.w))
    assert not check_finite(Net().loss)(np.ones(2))
    assert check_finite(Net().loss)(2 * np.ones(2))
    assert check_finite(lambda x: x * x)(3.0)


def test_nothing_is_changed():
    x = np.array([1.0, 0.0])
    f = grad(function("def f(x):\n    x[0] = 0.5\n    return np.sum(np.log(x))"))
    assert not check_finite(f)(x)
    assert x.tolist() == [1.0, 0.0]
