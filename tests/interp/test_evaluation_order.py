"""Operands are read in Python's order: from the left, also where another part of the statement gives a name another value."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError, grad

X = np.array([0.7, -0.4, 1.3])
BODIES = ["y = x[0]\n    return y * (y := y + x[1]) + y",
          "q = x[0]\n    z = [q, (q := x[1]), q]\n    return z[0]*2 + z[1]*z[2]",
"q = x[0]\n    return max(q, (q := x[1])) * 2 + q",
          "q = x[0]\n    return np.sum(np.array([q, (q := x[1] * 2), q]) * np.array([1., 2., 3.]))",
          "s = x[0]\n    s += (s := s * 2)\n    return s * x[1]",
"k, y = 2, x * 1\n    y[k] += y[(k := k - 1)]\n    return np.sum(y**2) * k",
"def g(u, w): return u * w ** 2\n    y = x\n    return np.sum(g(u=y, w=(y := y + 1)))",
"total = x[0]\n    def add(v):\n        nonlocal total\n        total += v * x[1]\n        return total\n"
"    return total * add(1.0)",
"total = x[0]\n    def add(v):\n        nonlocal total\n        total = total * v\n        return total\n"
"    s = 0.0\n    for i in range(3):\n        s = s + total * add(x[1]) + total\n    return s",
"total = x[0]\n    def add(v):\n        nonlocal total\n        total = total * v\n        return total\n"
"    return sum([total * add(v) for v in x]) * total",
"y, k = x * 1, 0\n    y[k], k = x[1] * 2, 2\n    return y @ x * k",
          "y, k = x * 1, 0\n    k, y[k] = 2, x[1] * 2\n    return y @ x * k",
"y, i = x * 1, 0\n    while i < 3:\n        y[i], i = y[i] * y[0], i + 1\n"
"    return np.sum(y * np.array([1., 2., 3.]))",
"k, out = 0, np.zeros(3)\n    for v in x:\n        out[k], k = v * x[0], (k + 1) % 2\n"
"    return np.sum(out**2 * np.arange(1., 4.))",
"t = x[0]\n    [t := t * v for v in x]\n    return t",
          "x[1] > 100 or (q := x[0] * 2)\n    return q * x[1]",
          "t = x[0]\n    t > 0 and (t := t * x[1])\n    return t",
"n = 0\n    s = 0.0\n    while (n := n + 1) < 3:\n        s += x[n] * n\n    return s * n",
          "if (y := x[0] * 2) > 0 and y < 9:\n        return y * x[1]\n    return x[2]",
"d = {'a': x[0]}\n    k = 'a'\n    d[k], k = x[1] * x[0], 'b'\n    return d['a'] * len(k)",
"y = x * 1\n    def f2(v):\n        y[0] = v\n        return v\n    return np.sum(y * f2(x[1])) + np.sum(y)",
"a, b = x[0], x[1]\n    a, b = b * (a := a * 2), a\n    return a + 3 * b"]
# What is given on the way of `and` and `or`.
REFUSED = ("x[1] > 100 or (q :=", "if (y := x[0] * 2) > 0 and y < 9")


@pytest.mark.parametrize("body", BODIES)
def test_the_order_of_evaluation(body):
    f = function(f"def f(x):\n    {body}")
    if body.startswith(REFUSED):
        with pytest.raises(UnsupportedError, match="has no value here|on one side of an 'if' only"):
            grad(f)(X)
        return
    assert_gradient(f, (X,))
    assert_gradient(f, (X.astype(np.float32),))


def test_a_comprehension_of_calls_that_store_is_refused():
    f = function("def f(x):\n    y = np.zeros(3)\n    def put(i):\n        y[i] = x[i] * 2\n"
                 "    [put(i) for i in range(2)]\n    return np.sum(y**2)")
    with pytest.raises(UnsupportedError, match="call whose result is not used: it may change its arguments"):
        grad(f)(X)
