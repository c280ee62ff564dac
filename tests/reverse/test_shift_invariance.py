"""Shifts: a maximum that is taken off is left out of the backward pass only where it cancels."""
import numpy as np
import pytest
from differences import assert_gradient

from revad import grad

rng = np.random.default_rng(3)


def gathered(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[np.arange(3), y])


def in_place(s, y):
    z = s * 2.0
    z -= np.max(z, axis=1, keepdims=True)
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(3), y]))


def put_back(s, y):
    z = s - s.max(axis=-1)[:, None]
    e = np.exp(z)
    return np.sum((e / e.sum(axis=-1)[:, None])**3)


def difference(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[np.arange(3), y])


def mean_of_rows(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum((z.mean(axis=1) - np.log(np.exp(z).sum(axis=1)))**2)


def whole(s, y):
    z = s - np.max(s)
    return np.log(np.sum(np.exp(z))) - z[1, 2]


@pytest.mark.parametrize("loss", [gathered, in_place, put_back, difference, mean_of_rows, whole])
def test_cancels(loss):
    scores, y = rng.normal(size=(3, 4)), np.array([0, 3, 1])
    gradient = grad(loss, wrt="s")
    gradient(scores, y)
    assert "mask" not in gradient.source and "==" not in gradient.source
    assert_gradient(loss, (scores, y), wrt="s")


def other_rows(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[y, y])


def other_axis(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(z).sum(axis=0)))


def across(s, y):
    """The sums of rows meet the scores of columns, as the array is square."""
    z = s - s.max(axis=1, keepdims=True)
    return np.sum((z - np.log(np.exp(z).sum(axis=1)))**2)


def reversed_rows(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum((np.log(np.exp(z).sum(axis=1)) - z[::-1, 0])**2)


def twice(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(2 * z).sum(axis=1)) - z[:, 0])


def maximum_again(s, y):
    top = s.max(axis=1, keepdims=True)
    z = s - top
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[:, 0]) + np.sum(top**2)


def not_reduced(s, y):
    z = s - s.max(axis=1, keepdims=True)
    return np.sum(np.exp(z)**2)


@pytest.mark.parametrize("loss",
                         [other_rows, other_axis, across, reversed_rows, twice, maximum_again, not_reduced])
def test_does_not_cancel(loss):
    scores, y = rng.normal(size=(3, 3)), np.array([0, 2, 2])
    gradient = grad(loss, wrt="s")
    gradient(scores, y)
    assert "==" in gradient.source
    assert_gradient(loss, (scores, y), wrt="s")
