"""What fitting, probability and colour code showed: joins of rows, scratch memory, functions that make functions."""

import numpy as np
import pytest
from differences import assert_gradient
from far_down import doubled, named

import revad

RANDOM = np.random.default_rng(21)
M = RANDOM.normal(size=(3, 4))
V = RANDOM.normal(size=8)


@pytest.mark.parametrize("axis", (0, 1, -1, None))
def test_the_rows_of_an_array_laid_end_to_end(axis):
    def rows(m):
        return np.concatenate(2 * m.reshape(3, 2, 2), axis=axis)

    def listed(m):
        parts = []
        for i in range(len(m)):
            parts.append(m[i].reshape(2, 2)**2)
        return np.concatenate(parts, axis=axis)

    def last(m):
        return np.concatenate([x[..., np.newaxis] for x in m], axis=axis)
    assert_gradient(rows, (M,))
    assert_gradient(listed, (M,))
    assert_gradient(last, (M,))


def test_the_input_of_a_median_is_left_as_it_was():
    def spread(x):
        return np.median(np.abs(x - np.median(x)), overwrite_input=True)

    def tail(x):
        return np.percentile(x**2, 70, axis=0, overwrite_input=True)
    assert_gradient(spread, (V,))
    assert_gradient(tail, (M,))
    with pytest.raises(revad.RevadError, match="overwrite_input"):
        revad.grad(lambda x: np.median(x**2, None, None, True))(V)


def test_an_identity_of_a_size_that_is_not_known():
    def f(m, shift=0.1):
        count = np.unravel_index(m.size - 1, m.shape)[1]
        return np.sum((m @ np.eye(count + 1) * shift)**2)
    assert_gradient(f, (M,))


def test_a_function_made_by_a_function_of_another_file():
    def f(x):
        return doubled(np.sin)(x) + named(np.cos)(x)
    assert_gradient(f, (0.7,))


def test_the_rest_of_the_arguments_are_options():
    def f(x, *args):
        return np.sum(x**2) * (args[0] if args else 1.0)

    def g(*xs):
        return xs[0] * xs[1]**2

    class Problem:
        def value(self, x, *args):
            return np.sum(x**2)
    assert revad.grad(f)(V).tolist() == revad.grad(Problem().value)(V).tolist() == (2 * V).tolist()
    assert revad.grad(f)(V, 3.0).tolist() == (6 * V).tolist()
    dx, rest = revad.grad(f, wrt=("x", "args"))(V, 3.0)
    assert dx.tolist() == (6 * V).tolist() and rest == (np.sum(V**2),)
    assert revad.grad(g)(2.0, 3.0) == (9.0, 12.0)
