"""Conditions on shapes are evaluated once for each new tuple of shapes, and each new one is evaluated."""
import ast
import types

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import grad
from revad.runtime.shape_conditions import once_per_shapes

ROWS, COLUMN = np.arange(6.0).reshape(2, 3), np.ones((2, 1))


def grouped(*texts, **constants):
    tests = [ast.parse(text, mode="eval").body for text in texts]
    return [ast.unparse(test) for test in once_per_shapes(tests, "seen", {"ndarray": np.ndarray, **constants})]


@pytest.mark.parametrize("other", [
    "len(x) == 3",                      # a call
    "x.shape[0] == n",                  # another argument
    "x.shape[0] == y.shape[0]",         # nobody states that y is an array
    "x.flags.writeable", "x[0].shape == (3,)", "key_of(x) == key", "True"])
def test_a_condition_that_reads_something_else_is_evaluated_in_each_call(other):
    first, *rest = grouped("type(x) is ndarray", "x.ndim == 2", other, "x.shape[0] != 1", "x.shape[1] == 3")
    assert rest[0] == other and len(rest) == 2
    assert first == "type(x) is ndarray"


def test_a_few_conditions_stay_as_they_are():
    texts = ["type(x) is ndarray", "x.ndim == 1", "1 not in x.shape"]
    assert grouped(*texts) == texts


def test_each_new_shape_is_evaluated():
    f = function("""
        def f(net, x, w):
            return np.sum(x * w * net.scale, axis=0).sum()
        """)
    net = types.SimpleNamespace(scale=np.ones(3) * 2)
    d = grad(f, wrt=("x", "w"))
    shapes = [(ROWS, ROWS[0]), (ROWS, ROWS[:1]), (ROWS, COLUMN), (ROWS[:, :1], ROWS), (ROWS, ROWS),
              (ROWS[:0], ROWS[0]), (ROWS, ROWS[0])]
    for x, w in [*shapes, *shapes]:
        for found, value in zip(d(net, x, w), (x, w)):
            assert found.shape == value.shape
        assert_gradient(f, (net, x, w), wrt=("x", "w"))
    net.scale = np.ones((1, 3))
    assert d(net, ROWS, ROWS)[0].shape == (2, 3)
    net.scale = np.ones(4)
    with pytest.raises(ValueError, match="could not be broadcast"):
        d(net, ROWS, ROWS)


def test_a_length_that_the_text_relies_on_is_evaluated_for_new_shapes():
    f = function("""
        def f(x, y, z):
            a, b, c = x
            return a * y.sum() + b * c * np.sum(z * y)
        """)
    d = grad(f)
    x, y = np.array([0.5, 0.2, -1.0]), np.ones(4)
    for _ in range(2):
        d(x, y, y)
        with pytest.raises(ValueError, match="too many values to unpack"):
            d(y, y, y)
        with pytest.raises(ValueError, match="not enough values to unpack"):
            d(x[:2], y, y)
        assert d(x, x, x)[0].shape == (3,)
    assert_gradient(f, (x, y, y))
