"""max, min and sorted with a key, slices of lists that are stored into, integers that stand beside floats."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

V = np.array([0.4, -1.3, 0.9, 0.1])


@pytest.mark.parametrize("text", [
    "min(v, key=lambda t: (t - 0.3)**2)", "max(v, key=abs)", "max(range(len(v)), key=lambda i: v[i]) * v[0]",
    "max([(v[0], v[1:]), (v[1], v[:-1])], key=lambda p: p[0])[1]", "sorted(v, key=abs, reverse=True)",
    "sorted([v[0], -v[0], v[1]], key=abs, reverse=True)", "sorted(zip(v, v[::-1]), key=lambda p: p[1])",
    "max(v[0], v[1], key=abs)", "max([v[:2], v[2:]], key=np.sum)", "max([], key=abs, default=v[0])",
    "sorted([v[:2], v[2:]], key=lambda t: t[0])[0]", "sorted([3, 1, 2], key=lambda i: v[i])[0] * v"])
def test_an_order_by_keys(text):
    assert_gradient(function(f"def f(v):\n    return {text}"), (V,))


@pytest.mark.parametrize("body", [
    "row = [0.0] * 4\n    row[1:] = [v[0], v[1]]\n    row[::2] = v[:2]\n    return row",
    "row = [0.0] * 4\n    same = row\n    row[1:2] = [v[0], v[1], 2.0]\n    row += [v[2]]\n"
    "    same[:0] = [v[0] * 2]\n    return row",
    "old, new = [0.0] * 4, [0.0] * 4\n    for t in v:\n        for j in range(1, 4):\n"
    "            new[j] = min(old[j] + t, new[j - 1] + 0.3, old[j - 1] + t * t)\n        old[:] = new\n"
    "    return old[-1] + new[0]"])
def test_a_store_into_a_slice_of_a_list(body):
    assert_gradient(function(f"def f(v):\n    {body}"), (V,))


SHARED = ["y = x\n    for i in range(2):\n        y += 1\n    return x * 0.5",
          "y = x if x.sum() > 2 else x * 0.5\n    y += 1\n    return x * 0.5",
          "y = x if x.sum() > 2 else 1.0\n    y += 1\n    return x * 0.5",
          "y = x[1:] if x.sum() > 2 else x * 0.5\n    x[1] = 3\n    return y * 0.5",
          "y = x.copy()\n    if x.sum() > 2:\n        y = y * 0.5\n    y[0] = 1\n    return x * 0.5 + y"]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64"])
@pytest.mark.parametrize("body", SHARED)
def test_integers_that_stand_beside_floats_share_their_memory(body, dtype):
    """A conversion is a copy that the function does not make: right, or refused."""
    f = function(f"def f(x):\n    {body}")
    for numbers in ([1, 2, 0, 1], [0, 1, 0, 0]):
        x = np.array(numbers, dtype)
        try:
            output, _ = revad.grad(f).forward(x)
        except revad.UnsupportedError:
            continue
        np.testing.assert_allclose(output, f(x.copy()))


def test_the_condition_of_a_loop_reads_the_array_as_a_round_begins():
    assert_gradient(function("def f(x, w):\n    n = 0\n    while n < w[0] and x.size > 4:\n        n += 1\n"
                             "        for i in range(x.shape[0]):\n            x[i] = 1.0\n"
                             "        x.T[0] = 2.0\n    return np.sum(w) + np.sum(x)"),
                    (np.ones((3, 3)), np.array([1.5, 2.0])), "w")


def test_a_gradient_of_a_number_is_a_number_where_a_loop_has_no_rounds():
    f = function("def f(x, y):\n    n = 0\n    while np.sum(y) < 20 and n < 4:\n        n += 1\n"
                 "        if np.mean(x) > 1:\n            return x\n    res = np.where(x > x, x, x)\n"
                 "    return res + np.sum(np.sin(y))")
    assert_gradient(f, (0.6, np.ones(3)), "x")
