"""Stores into arrays and if statements, as revad writes them itself and people do: against finite differences."""
import math

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

pytestmark = pytest.mark.quick

R = np.random.default_rng(0)
V, X = R.normal(size=5), R.normal(size=(5, 3))
ROWS, LABELS = np.array([0, 1, 1, 2, 0]), np.array([0, 1, 2, 1, 0])


def slices(x):
    y = np.zeros_like(x)
    y[1:] += x[:-1]**2
    y[0] = x[2]*3
    return np.sum(y*x)


def mask(x):
    out = x * 2.0
    out[out < 0] = 0
    return np.sum(out**2)


def parameter(x):
    x[0] = 1.0
    return np.sum(x**2)


def seen_through_a_view(x):
    y = x*1.0
    v = y[1:3]
    y[1] = 5.0
    return np.sum(v*y[0])


def repeated_rows(x, i):
    d = np.zeros((4,3))
    np.add.at(d, i, x)
    return np.sum(d**2)


def scaled_slice(x):
    y = x**2
    y[1:3] *= x[0]
    return np.sum(y)


def branch(x):
    s = np.sum(x)
    if s > 0:
        h = np.tanh(x*s)
        z = h * 2
    else:
        z = x**3
        h = z
    return np.sum(z*h)


def branch_on_setting(x, flag=True):
    if flag:
        x = x - x.mean()
    y = x**2
    if y.sum() > 1e9:
        y = y*0
    elif y.sum() > 0:
        y = y * x
    return y.sum()


def store_in_branch(x):
    y = x*1.0
    if x[0] > -100:
        y[0] = 2*x[1]
        y[1] += x[2]
    return np.sum(y**2)


def label_rows(x, y):
    N = x.shape[0]
    dx = np.exp(x)
    dx[np.arange(N), y] -= 1
    return np.sum(dx**2)/N


def two_items(x):
    y = x*1.
    y[0], y[1] = y[1]*2, y[0]*3
    return np.sum(y*np.arange(5.))


def effect_in_branch(x):
    if x[0] > 0:
        print('pos')
        q = 1.0
    return np.sum(x)


def one_side_only(x):
    if x[0] > -9:
        q = x*2
    return np.sum(q)


def items(x):
    z = np.zeros(3)
    z[0] = x[0] * x[1]
    z[1] = math.sin(x[2])
    z[2] = z[0] * z[1]
    return z[2] + z[0]


def updated_alias(x):
    y = x * 1.0
    z = y
    if x[0] > -100:
        z[0] = 3.0
    return np.sum(y * z)


def overwritten_twice(x):
    y = x**2
    y[1:3] = x[0]
    y[2] = np.sin(x[1]) * y[1]
    y[2] -= x[4]
    return np.sum(y**2)


def stored_number(x):
    y = np.empty(x.shape)
    y[:] = 2.0
    y[1:] = x[:-1]
    return np.sum(y * x)


def broadcast_row(x):
    y = np.zeros((5, 3))
    y[:, 1] = x[:, 0]
    y += x[0]
    y[2] = x[1].sum()
    return np.sum(y**2)


def float32_into_float64(x):
    y = np.zeros(5)
    y[:3] += x[:3]
    return np.sum(y**2)


CASES = [(slices, (V,), None), (mask, (V,), None), (parameter, (V,), None), (repeated_rows, (X, ROWS), "x"),
         (scaled_slice, (V,), None), (branch, (V,), None), (branch, (-abs(V),), None),
         (branch_on_setting, (V,), None), (store_in_branch, (V,), None), (label_rows, (X, LABELS), "x"),
         (two_items, (V,), None), (effect_in_branch, (V,), None), (items, (V,), None),
         (overwritten_twice, (V,), None), (stored_number, (V,), None), (broadcast_row, (X,), None),
         (float32_into_float64, (V.astype("f"),), None), (seen_through_a_view, (V,), None),
         (updated_alias, (V,), None)]


@pytest.mark.parametrize("function, args, wrt", CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_gradient(function, args, wrt):
    assert_gradient(function, args, wrt)


def test_the_mask_is_computed_once_and_clears_the_gradient():
    gradient = revad.grad(mask)
    gradient(V)
    assert gradient.source.rstrip() == """\
def mask_grad(x):
    # forward pass
    out = x * 2.0
    less = out < 0
    out[less] = 0
    # backprop np.sum(out**2)
    dout = 2 * out
    # backprop out[out < 0] = 0
    dout[less] = 0
    # backprop out = x * 2.0
    dx = 2.0 * dout
    return dx"""


def test_a_name_with_a_value_on_one_side_only():
    with pytest.raises(revad.UnsupportedError) as caught:
        revad.grad(one_side_only)(V)
    problem, = caught.value.diagnostics
    assert (problem.what, problem.why, problem.instead) == (
        "name 'q'", "it has a value on one side of an 'if' only", "Give it a value before the 'if'.")


def test_integers_cut_off_what_is_stored():
    def cut(x):
        y = np.arange(5)
        y[1] = x[0]
        return np.sum(y * x)
    with pytest.raises(revad.UnsupportedError, match="it cuts off the fraction"):
        revad.grad(cut)(V)


def test_the_last_of_two_values_for_one_place_wins():
    def twice(x):
        y = np.zeros(3)
        y[np.array([0, 0, 1])] = x[:3]
        return np.sum(y)
    assert_gradient(twice, (V,))


def test_a_draw_inside_a_branch_is_drawn_once():
    def noisy(x):
        y = x
        if x[0] > -100:
            y = x * np.random.rand(5)
        return np.sum(y * y)
    assert_gradient(noisy, (V,), fresh=lambda: np.random.seed(3))
    gradient = revad.grad(noisy)
    gradient(V)
    assert sum("np.random.rand(5)" in line and "# backprop" not in line
               for line in gradient.source.splitlines()) == 1


def test_an_array_that_is_made_by_its_class_or_of_the_type_of_an_element():
    def by_class(x):
        y = np.ndarray((3, x.shape[0]), dtype=x.dtype)
        y[:] = 0.0
        for i in range(3):
            y[i] = y[i - 1] + x * i
        return y

    def of_type(x):
        y = np.zeros((3, 2), dtype=type(x[0]))
        y[0] = x
        for i in range(2):
            y[i + 1] = y[i] * x
        return y * type(x[1])(2) if type(x) is np.ndarray else x

    assert_gradient(by_class, (np.array([2.0, 3.0]),))
    assert_gradient(of_type, (np.array([2.0, 3.0]),))


def test_a_mask_that_a_statement_writes_twice_is_computed_once():
    def inverted(x):
        y = x * 2
        y[y > 0] = 1 / y[y > 0]
        return y

    assert_gradient(inverted, (np.array([2.0, -3.0, 0.5]),))
    gradient = revad.grad(inverted)
    gradient.forward(np.array([2.0, -3.0, 0.5]))
    assert gradient.forward.source.count("y > 0") == 1 and "unbroadcast" not in gradient.backward.source


@pytest.mark.parametrize("store", ["u[:] = u", "u[...] = u", "u[1:] = u[1:]", "u[:] = u[::-1]", "v = u[:]\n    v[:] = u",
                                   "np.copyto(u, u)", "u[u > 0] = u[u > 0]", "u.flat[:] = u", "w = u * u\n    u[:] = u",
                                   "for i in range(2):\n        u[:] = u", "u[:] = u + 0 * u[::-1] * u"])
def test_an_array_is_stored_into_itself(store):
    for start in ("", "u = u * 3\n    "):
        for result in ("u", "u * u", "np.sum(u)"):
            f = function(f"def f(u):\n    {start}{store}\n    return {result}")
            for u in (np.array([0.4, 0.3, 0.2]), np.array([0.4])):
                assert_gradient(f, (u,))
