"""A list or tuple beside an array is the array that NumPy makes of it, and each of its elements has its own gradient."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_right, assert_second, function

X, W, M = (np.array([0.53, 1.47, 0.71]), np.array([1.21, 0.43, 2.03]),
           np.arange(6.0).reshape(2, 3) / 3.1 + 0.217)
LISTS = ["[x, x]", "(x, x**2)", "[x]", "[x[0], x[1], x[2]]", "(x[0], 2.0, x[1])",
         "[[x[0], x[1], 1.0], [x[2], x[0], 3]]", "[x, w]", "[[x, w], [w, x]]", "[x.sum(), 1, 2]",
         "[[x[0]], [x[1]]]"]
ARRAYS = ["w", "M", "np.float64(1.5)", "w[None]", "M[:, :1]", "np.ones((4, 2, 3)) * w", "np.sum(w)"]
USES = ["{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} ** {1}", "{0} % {1}", "({0} < {1}) * x[0]",
        "np.multiply({0}, {1})", "np.maximum({0}, {1})", "np.hypot({0}, {1})",
        "np.where(x[0] > 0, {0}, {1})", "np.logaddexp({0}, {1})"]


@pytest.mark.parametrize("number, use", list(enumerate(USES)), ids=USES)
def test_a_list_beside_an_array(number, use):
    pairs = list(itertools.product(LISTS, ARRAYS))[number % 5::5]
    for k, pair in enumerate(pairs):
        pair = pair if k % 2 else pair[::-1]
        f = function(f"def f(x, w, M):\n    return np.sum(({use.format(*pair)}) * w[0])")
        try:
            f(X, W, M)
        except (ValueError, TypeError):     # the shapes do not fit, or a list times a number
            continue
        assert_right(f, X, W, M)
        if k % 7 == 1:
            assert_second(f, X, W, M)


@pytest.mark.parametrize("body",
                         ["np.sum(xs * w)", "np.sum(w * xs)", "np.sum((xs - w)**2)",
                          "np.sum(np.multiply(xs, w))", "np.sum(w / xs)", "np.sum(np.array(xs) * w * xs)",
                          "np.sum(np.maximum(xs, w) * xs[0])", "np.sum(np.dot(xs, w))", "np.sum(xs @ w)",
                          "np.sum(w @ np.transpose(xs))"])
def test_a_parameter_that_is_a_list(body):
    f = function(f"def f(xs, w):\n    return {body}")
    for xs in ([X, W * 2], (X, W / 3), [0.53, 1.47, 0.71], (0.53, 2, 0.71)):
        assert_gradient(f, (xs, W))


@pytest.mark.parametrize("body", ["M *= [x, x]", "M += [x, w]", "M = M * 1.0\n    M[:] = [x, w]",
                                  "M[0] += [x[0], 1.0, x[1]]", "M[:, 0] -= [x[0], x[1]]", "M /= (x, w)"])
def test_a_list_in_place(body):
    assert_gradient(function(f"def f(x, w, M):\n    {body}\n    return np.sum(M * M)"), (X, W, M))


@pytest.mark.parametrize("lines", ["L += x * 2", "M = L; L += x * 2; L = L * sum(M)", "L += np.ones(3)",
                                   "L *= x", "L -= x[:1]"])
def test_an_array_put_to_a_list_in_place_is_added(lines):
    """NumPy adds, and the list itself stays as it is."""
    assert_gradient(function("def f(x):\n    L = [x[0], x[1], x[2]]\n    " + lines.replace("; ", "\n    ")
                             + "\n    return sum(L) * L[0]"), (X,))
