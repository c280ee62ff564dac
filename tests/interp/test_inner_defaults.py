"""Defaults of functions inside of a function: made once, and what one call, or a store outside, changes in them is so in the next."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

BODIES = ["def g(v, acc=[]):\n        acc.append(v)\n        return sum(acc)\n    a = g(x[0])\n"
          "    b = g(x[1])\n    return a * b",
"def g(v, acc={}):\n        acc[len(acc)] = v\n        return sum(acc.values())\n    a = g(x[0])\n"
"    b = g(x[1])\n    return a * b",
"def g(v, acc=np.zeros(2)):\n        acc += v\n        return acc[0]\n    a = g(x[0])\n    b = g(x[1])\n"
"    return a * b",
"def g(v, w=x):\n        return np.sum(w) * v\n    x[0] = 3 * x[1]\n    return g(x[2]) * g(x[1])",
"def g(v, acc=[x[0]]):\n        acc[0] = acc[0] * v\n        return acc[0]\n    s = 0.0\n"
"    for i in range(3):\n        s += g(x[i])\n    return s",
"def g(v, w=x, k=2): return np.sum(w * v) * k\n    s = 0.0\n    for i in range(3):\n"
"        s += g(x[i])\n    return s",
"h = lambda v, w=x[1]: v * w\n    return h(x[0]) + h(x[2], 3.0)",
"fs = []\n    for i in range(3):\n        fs.append(lambda v, i=i: v * x[i])\n"
"    return fs[0](x[1]) * fs[2](x[0])"]


@pytest.mark.parametrize("body", BODIES)
def test_a_default_is_one_thing(body):
    f = function(f"def f(x):\n    {body}")
    assert_gradient(f, (np.array([0.7, -0.4, 1.3]),))
    assert_gradient(f, (np.array([0.7, -0.4, 1.3], np.float32),))
