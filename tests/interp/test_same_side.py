"""What one side of a branch gives a value can be read where the same side is known to have been taken."""
import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient

import revad

V, W = np.array([0.5, -0.2, 0.7]), np.array([1.1, 0.3, -0.4])


def the_same_comparison(x, w):
    if np.sum(x) > 0:
        y = np.exp(x)
        z = y * w
    else:
        z = x
    s = np.sum(z)
    if np.sum(x) > 0:
        s = s + np.sum(y ** 2)
    return s * s


def a_tuple_or_none(x, w):
    positive = np.sum(x) > 0
    pair, z = None, x * 2
    if positive:
        pair, z = (x * w, np.sin(w)), x
    s = np.sum(z)
    if positive:
        a, b = pair
        s += np.sum(a * b)
    else:
        s *= 2
    return s


def a_function_or_none(x, w):
    positive = x[0] > 0
    if positive:
        h = lambda u: u * w     # noqa: E731
    else:
        h = None
    s = np.sum(x)
    if positive:
        s += np.sum(h(x))
    return s


def in_a_loop(x, w):
    s = 0.0
    for i in range(3):
        positive = x[i] > 0
        if positive:
            t = x[i] * w[i]
        s = s + x[i] * s
        if positive:
            s = s + t * t
    return s


def numbers_on_both_sides(x, w):
    positive = x[0] > 0
    if positive:
        t = x * w
        found = {"a": x[1], "b": t}
    else:
        found = {"c": w}
    s = np.sum(x)
    if positive:
        return s * np.sum(found["b"]) * found["a"]
    return s * np.sum(found["c"])


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("f", [the_same_comparison, a_tuple_or_none, a_function_or_none, in_a_loop,
                               numbers_on_both_sides],
                         ids=lambda f: f.__name__)
def test_right(f, sign):
    assert_gradient(f, (sign * V, W))


def another_side(x, w):
    if x[0] > 0:
        y = x * w
    if x[1] > 0:
        return np.sum(y)
    return np.sum(x)


def the_condition_has_changed(x, w):
    x = x * 1.0
    if x[0] > 0:
        y = x * w
    x[0] = w[0]
    if x[0] > 0:
        return np.sum(y)
    return np.sum(x)


def a_view_of_what_is_stored_into(x, w):
    y = x * 1.0
    positive = x[0] > 0
    if positive:
        v = y[1:]
    y[1] = 5.0
    if positive:
        return np.sum(v * v)
    return np.sum(y)


def drawn_twice(x, w):
    if np.random.rand() > 0.5:
        y = x * w
    if np.random.rand() > 0.5:
        return np.sum(y)
    return np.sum(x)


def of_the_round_before(x, w):
    s = 0.0
    for i in range(3):
        positive = x[0] > 0
        if positive:
            s = s + y[0]    # noqa: F821
        if positive:
            y = x * w
    return s


@pytest.mark.parametrize("f",
                         [another_side, the_condition_has_changed, a_view_of_what_is_stored_into, drawn_twice,
                          of_the_round_before], ids=lambda f: f.__name__)
def test_refused(f):
    with pytest.raises(revad.UnsupportedError,
                       match="it has a value on one side of an 'if' only|it has no value here"):
        revad.grad(f)(V, W)


def rows_of_one_side(x, s):
    if s <= 0.5:
        return np.sum(np.sin(x)) + s
    x = x.copy()
    for row in x:
        row[...] *= -s
    return np.sum(np.sin(row)) + np.sum(x) + s


@pytest.mark.parametrize("s", [1.016, 0.3])
def test_a_range_of_one_side_is_there_in_second_derivatives(s):
    x = np.array([[0.872, -1.379, -0.616], [0.4, 0.1, -0.9]])
    first = revad.grad(rows_of_one_side, wrt="x")
    split = revad.grad(first, wrt="x")
    value, cache = split.forward(x, s)
    numeric = numeric_gradient(lambda x, s: np.sum(np.sin(first(x, s))), (x, s), "x")
    np.testing.assert_allclose(split.backward(np.cos(value), cache), numeric, 1e-6, 1e-8)
