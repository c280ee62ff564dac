"""What an operation reads twice of the same version of an array is one value: its gradient is one line."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, written

X = np.array([1.3, 0.7, -0.4])


@pytest.mark.parametrize("body, line", [
    ("out = np.zeros(3)\n    for i in range(3):\n        out[i] = x[i] * x[i]\n    return np.sum(out)",
     "dx[i] += 2 * x[i] * dout_[i]"),
    ("s = 0.0\n    for i in range(2):\n        s += x[i + 1] * x[i + 1]\n    return s",
     "dx[i + 1] += 2 * x[i + 1]"),
    ("return np.sum(x[1:] * x[1:])", "dx[1:] = 2 * x[1:]"),
    ("return x[0] * x[0]", "dx[0] = 2 * x[0]"),
    ("return (lambda t: t * t)(x[0] + 1)", "dx[0] = 2 * (x[0] + 1)"),
])
def test_the_gradient_is_one_line(body, line):
    text = f"def f(x):\n    {body}"
    assert line in [one.strip() for one in written(text, X).splitlines()]
    assert_gradient(function(text), (X,))


@pytest.mark.parametrize("body", [
    "y = x * 1\n    s = y[0]\n    y[0] = s * y[1]\n    return y[0] * y[0] + s * y[0]",
    "y = x * 1\n    for i in range(2):\n        y[i + 1] = y[i] * y[i] + y[i + 1] * y[i + 1]\n"
    "    return np.sum(y * y)",
    "y = x * 1\n    def g(a, b):\n        y[0] = 3.0\n        return a * b * y[0] * y[0]\n"
    "    return g(y[0], y[0])",
    "s = 0.0\n    for i in range(3):\n        if x[i] * x[i] > 0.3:\n            s += x[i] * x[i]\n"
    "    return s",
    "a = [x[0] * 2 if x[1] > 0 else x[2], (x[1] * x[1],)]\n    return a[0] * a[0] + a[1][0]",
    "return (lambda t: sum([t, t, 0.0]) + max((t, t)) * t)(x[0] * 2 if x[1] > 0 else x[2])",
    "return (lambda t: np.sum(np.concatenate([t, t]) * np.concatenate((t, t))))("
    "x * 2 if x[1] > 0 else x[::-1])",
    "def g(t):\n        return [t, t, (t, 2.0)]\n    r = g(x * 2 if x[1] > 0 else x[::-1])\n"
    "    return np.sum(r[0] * r[1] * r[2][0])",
    "while x[0] * x[0] < 9:\n        x = x * x[1] * 2\n    return x[0] * x[0] * x[2]",
])
def test_versions_and_sides_are_told_apart(body):
    assert_gradient(function(f"def f(x):\n    {body}"), (X,))
