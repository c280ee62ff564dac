"""Subscripts that come from elsewhere: slices as values, the places that np.where finds, orders, sorted pairs."""
import operator

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

X = np.arange(12.0).reshape(3, 4) / 5 - 1.1


def right(body, *args, wrt=None):
    names = ", ".join("xst"[:len(args)])
    f = function(f"def f({names}):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    f.__globals__["operator"] = operator
    assert_gradient(f, args, wrt, fresh=lambda: np.random.seed(1))


class Parts:
    """The parts of a vector of parameters."""

    def __init__(self):
        self.found = {"w": (slice(0, 6), (2, 3)), "b": (slice(6, 9), (3,))}

    def part(self, vector, name):
        where, shape = self.found[name]
        return np.reshape(vector[where], shape)

    def affine(self, vector, x):
        return x @ self.part(vector, "w") + self.part(vector, "b")


def test_slices_that_an_object_keeps():
    assert_gradient(Parts().affine, (np.arange(9.0) / 7, X[:, :2]))


@pytest.mark.parametrize("part",
                         [slice(0, 2), slice(None), slice(None, None, 2), slice(None, None, -1), slice(1, 1)])
@pytest.mark.parametrize("body", [
    "return x[s] ** 2",
    "y = x.copy(); y[s] = x[s] ** 2; y[s, 1:] *= 2.0; return np.sum(y ** 2)",
    "return np.sum(x[1, s] ** 2) + np.sum(x[s, s] ** 3)",
    "y = x * 1; v = y[s]; v[...] = 0.1 * v; return np.sum(y ** 2)",
])
def test_a_slice_as_an_argument(body, part):
    if part != slice(1, 1) or body.startswith("y"):
        right(body, X, part, wrt="x")


def test_the_text_of_a_slice_as_an_argument():
    f = function("def f(x, s):\n    y = x.copy()\n    y[s] = x[s] ** 2\n    return np.sum(y)")
    gradient = revad.grad(f, wrt="x")
    gradient(X, slice(0, 2))
    assert "unbroadcast" not in gradient.source


@pytest.mark.parametrize("body", [
    "y = x * 2; i, j = np.where(x < 0); y[i, j] = x[i, j] ** 2; return y",
    "y = x * 2; t = np.where(x < 0); y[t] = x[t] ** 2; return np.sum(y * y)",
    "i, = np.where(x[0] < 0); return np.sum(x[1, i] ** 2) * len(i) + i.size * x[0, 0]",
    "return np.sum(x[np.where(x)] ** 2)",
    "return sum(x[0, i] ** 2 for i in np.where(x[0] < 0)[0])",
    "s = 0.0; t = np.where(x < 0); s = s + sum(x[i, j] ** 3 for i, j in zip(t[0], t[1])); return s",
])
def test_places_that_a_condition_has(body):
    right(body, X)


@pytest.mark.parametrize("places", [
    "np.nonzero(x > 0)[0]", "np.nonzero(x > 0)[-2]", "np.where(x > 0)[0]", "np.tril_indices(3)[0]",
    "np.argsort(x[:, :3], axis=1)", "np.argsort(x[:, 0])", "np.random.permutation(3)",
    "np.random.permutation(np.array([0, 1, 1, 2]))", "np.flatnonzero(x[:, 0] < 0)", "[0, 2, 1]",
])
def test_places_of_which_some_come_twice(places):
    """Only all arrays of places together, or an order of one axis, are places that differ."""
    right(f"i = {places}; return np.sum(x[i] ** 2)", X)
    right(f"i = {places}; return np.sum(x[i, 0] ** 2)", X)


@pytest.mark.parametrize("body", ["i, j = np.nonzero(x > 0); return np.sum(x[i, i] ** 2)",
                                  "i, j = np.tril_indices(3); return np.sum(x[j, j] ** 2)",
                                  "i, j = np.tril_indices(3); return np.sum(x[j, i] ** 2)"])
def test_one_array_of_places_used_twice(body):
    right(body, X)


def test_a_store_at_places_that_may_come_twice():
    """What was stored last is what is left."""
    right("y = x.copy(); i, j = np.nonzero(x > 0); y[i, 0] = x[i, j]; return np.sum(y ** 2)", X)


@pytest.mark.parametrize("pairs",
                         ["sorted(x.items())", "sorted(x.items(), key=lambda pair: pair[0], reverse=True)",
                          "sorted(x.items(), key=operator.itemgetter(0))",
                          "[(k, x[k]) for k in sorted(x, key=len)]"])
def test_pairs_in_the_order_of_their_names(pairs):
    right(f"return sum(np.sum(v ** 2) * (i + 1.0) + len(k) for i, (k, v) in enumerate({pairs}))",
          {"bb": X, "a": X[0], "ccc": 0.5})


def test_an_itemgetter():
    right("first, both = operator.itemgetter(1), operator.itemgetter(0, 2); "
          "return first(x) * sum(both(x)) ** 2", [0.5, 0.7, -1.2])


@pytest.mark.parametrize("places", [(0, 1), (1, 1), (2, 0), (-1, 2)])
@pytest.mark.parametrize("body", [
    "y = x * 1.0; y[[s, t]] = y[[t, s]]; return np.sum(y * np.arange(12.0).reshape(3, 4)) + np.sum(y ** 2)",
    "y = x * 1.0; y[:, [s, t]] = y[:, [t, s]] ** 2; return np.sum(y * np.arange(12.0).reshape(3, 4))",
    "y = x * 1.0; y[[s, t]] = x[0] ** 2; y[[s, t], 1:] = x[:2, 1:] ** 3; "
    "return np.sum(y * np.arange(12.0).reshape(3, 4))",
    "y = x * 1.0; y[[s, t]] *= 3.0; y[:, [s, t]] /= x[:, :2] + 2.0; "
    "return np.sum(y * np.arange(12.0).reshape(3, 4))",
    "y = x * 1.0; y[[s, t]] **= 2; return np.sum(y * np.arange(12.0).reshape(3, 4))",
    "y = x * 1.0; y[[s, t]] = np.sum(y, axis=0, keepdims=True); y[:, [s, t]] = x[:, :1]; "
    "return np.sum(y * np.arange(12.0).reshape(3, 4))",
    "y = x * 1.0; y[[s, t]] = x[:2]; return np.sum(y * np.arange(12.0).reshape(3, 4))",
    "y = x[0] * 1.0; y[[s, t]] = x[1, 0] * 2; return np.sum(y * np.arange(4.0))",
])
def test_rows_that_change_places(body, places):
    """The two may be one, and then the last value wins."""
    right(body, X, *places, wrt="x")


@pytest.mark.parametrize("i", [0, 1, 2])
def test_a_list_of_places_with_a_view_of_the_same_array(i):
    right("y = x * 1.0; y[[0, s]] = y[1:3]; return np.sum(y ** 2)", X, i, 0, wrt="x")


def test_a_product_at_places_that_may_be_equal():
    def f(x, y):
        y[[0, -1]] *= x
        return y

    assert_gradient(f, (2.0, np.array([1.0, 2.0, 3.0])))
    assert_gradient(f, (2.0, np.array([3.0])))
