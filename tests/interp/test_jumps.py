"""Loops that leave in every way, and what comes after them: compared with differences of the same function."""
import itertools
import textwrap

import jumps
import numpy as np
import pytest
from from_text import assert_right, function

from revad import grad

X, Y = np.array([1.017, 1.631, -0.502]), np.array([-0.9, 1.4, 0.6])

TESTS = [
    "np.sum(x ** 2) > 0.2 and c < 5", "np.abs(x).max() > 0.1 and c < 4", "x.sum() > 0.3 or c < 2",
    "not (np.sum(x) < 0.4 or c >= 5)",
    "0.2 < np.sum(x ** 2) < 50 and c < 5", "min(x.sum(), 1.0) > 0.3 and c < 6",
]
BODIES = [
    "x = np.where(y > 0, x * 0.5, x * 0.9)", "x = 0.5 * x if y.sum() > 0 else 0.8 * x",
    "x = x * 0.6\nx[y > 1] *= 0.9",
    "if y[0] > 0:\n    x = x * 0.5\nelse:\n    x = x * 0.7", "m = y > 0\nx = np.where(m, 0.5 * x, 0.7 * x)",
    "if x[0] > 0.5 and y[1] > 0:\n    x = 0.5 * x\nelse:\n    x = 0.7 * x",
    "g = np.sum(y ** 2) > 0.2\nx = x * (0.5 if g else 0.4)",
    "x = x * 0.5\nk = 0\nwhile k < 2 and np.sum(y ** 2) > 0.2:\n    x = np.where(y > 0, x, 0.9 * x)\n"
    "    k += 1",
]


@pytest.mark.parametrize("test, body", [pair for n, pair in enumerate(itertools.product(TESTS, BODIES))
                                        if n % 3 == n // 8 % 3])
def test_until_it_converges_but_so_often_at_most(test, body):
    lines = ["c = 0", f"while {test}:", textwrap.indent(f"{body}\nc += 1", "    "),
             "return np.sum(x * np.where(y > 0, 2.0, 1.0))"]
    assert_right(function("def f(x, y):\n" + textwrap.indent("\n".join(lines), "    ")), X, Y)


@pytest.mark.parametrize("choice, number", jumps.sample(0),
                         ids=lambda part: "-".join(part) if isinstance(part, tuple) else str(part))
def test_two_loops_that_leave(choice, number):
    assert_right(function(jumps.text(choice, number)), X, Y)


@pytest.mark.parametrize("loop", ["for j in range(3):", "j = -1\n        while j < 2:\n            j += 1"])
@pytest.mark.parametrize("orelse", ["continue", "break", "return s * x[1]", "s = s * x[1]",
                                    "if x[0] > 0.5:\n                continue\n            s = s * x[2]",
                                    "raise ValueError"])
@pytest.mark.parametrize("condition", ["x[j] > 1", "x[j] * y[i] > -0.4", "x[j] > 0.5 and s < 1"])
def test_the_else_of_a_loop_that_breaks(loop, orelse, condition):
    f = function(f"""
def f(x, y):
    s = 0.1
    for i in range(3):
        {loop}
            if {condition}:
                break
        else:
            {orelse}
        s += x[i]
    return s * s + s
""")
    try:
        f(X, Y)
    except ValueError:
        with pytest.raises(ValueError):
            grad(f)(X, Y)
    else:
        assert_right(f, X, Y)
