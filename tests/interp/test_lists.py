"""Lists of lists that a branch changes, lists of objects, and subscripts of lists that only running shows."""
import bisect

import numpy as np
import pytest
from differences import assert_gradient

import revad

A, B = np.array([1.0, 2.0]), np.array([3.0, 5.0])


def inner_list(x, a, b):
    rows = [[0.0] for _ in range(2)]
    if x > 0.0:
        rows[0][0] = x
    return rows[0][0] * x + rows[1][0]


def on_each_side(x, a, b):
    rows = [[0.0, 0.0] for _ in range(2)]
    for k in range(2):
        if x > 0.0:
            rows[k][1] = x * k
        else:
            rows[k][0] = x - k
    return rows[0][0] * x + rows[1][1] * rows[1][0]


def element_and_array(x, a, b):
    parts = [a * 1, b * 1]
    if x > 0.0:
        parts[0] = a * x
        parts[1][0] = x
    return np.sum(parts[0] * x) + np.sum(parts[1])


def element_and_array_of_inner_list(x, a, b):
    rows = [[a * 1, b * 1] for _ in range(2)]
    if x > 0.0:
        rows[0][1] = a * x
        rows[0][0][1] = x
    return np.sum(rows[0][0] * x) + np.sum(rows[0][1]) + np.sum(rows[1][0])


def array_of_another_name(x, a, b):
    rows = [[a * 1] for _ in range(2)]
    first = rows[0]
    if x > 0.0:
        rows[0][0] = b * x
        first[0][1] = 3 * x
    return np.sum(first[0] * x) + np.sum(rows[0][0])


def appended(x, a, b):
    rows = [[a * 1] for _ in range(2)]
    if x > 0.0:
        rows[0].append(a * x)
    else:
        rows[0].append(b * x)
    return np.sum(rows[0][1] * x) + np.sum(rows[1][0])


def dicts(x, a, b):
    cells = [{"v": 0.0} for _ in range(3)]
    if x > 0.0:
        for i, cell in enumerate(cells):
            cell["v"] += x * i
    return cells[1]["v"] * cells[2]["v"] + x


def held_by_a_tuple(x, a, b):
    rows = [[0.0] for _ in range(3)]
    three = tuple(rows)
    if x > 0.0:
        three[1][0] = x
    return rows[1][0] * x + three[1][0]


@pytest.mark.parametrize("x", [2.0, -1.0])
@pytest.mark.parametrize("function",
                         [inner_list, on_each_side, element_and_array, element_and_array_of_inner_list,
                          array_of_another_name, appended, dicts, held_by_a_tuple])
def test_of_a_branch(function, x):
    assert_gradient(function, (x, A, B))


class Joint:
    def __init__(self, angles):
        self.angles = angles

    def matrix(self):
        return np.array([[np.cos(self.angles[0]), self.angles[1]], [0, 1]])


def test_a_list_of_objects_is_gone_through_one_by_one():
    def chain(a):
        joints = [Joint([a, 0.1]), Joint([1.5, 0.2])]
        joints[1].angles[1] = a * a
        product = np.identity(2)
        for i in range(2):
            product = np.dot(product, joints[i].matrix())
        return product

    assert_gradient(chain, (0.3,))


def test_which_of_some_objects_shows_only_while_running():
    def one_of(a, i):
        joints = [Joint([a, 0.1]), Joint([1.5, 0.2])]
        return joints[int(a * 0)].angles[0] * a

    with pytest.raises(revad.UnsupportedError,
                       match="which of the objects in it it takes is not known when compiling"):
        revad.grad(one_of, wrt="a")(0.3, 1)


def nearest(points, x):
    gaps = [(x - p)**2 for p in points]
    gap = min(gaps)
    at = gaps.index(gap)
    return gap * points[at] + gaps[gaps.index(max(gaps))] * gaps.count(gap)


def last_that_fits(points, x):
    best, at = float("inf"), -1
    for i, p in enumerate(points):
        if abs(x - p) <= best:
            best, at = abs(x - p), i
    return points[at]**2 * x


def row_at(rows, x):
    at = int(np.argmax(rows[0]))
    return np.sum(rows[at]**2) * x + np.sum(rows[-at])


def in_a_while(points, x):
    i = 0
    while points[i] < x:
        i += 1
    return points[i] * points[i - 1] * x


@pytest.mark.parametrize("function, items", [(nearest, [1.0, 2.0, 3.5]), (last_that_fits, [1.0, 2.0, 3.5]),
                                             (in_a_while, [1.0, 2.0, 3.5]),
                                             (row_at, [A, B, A * B]), (nearest, (1.0, 2.0, 3.5))])
def test_which_element_is_taken_shows_while_running(function, items):
    assert_gradient(function, (items, 1.7))


def test_which_of_lists_of_another_length_shows_while_running():
    def ragged(rows, x):
        return rows[int(np.argmax(rows[0]))] * x

    with pytest.raises(revad.UnsupportedError, match="which element it takes is not known when compiling"):
        revad.grad(ragged).forward([A, np.ones(3)], 1.5)


def test_between_which_points_shows_while_running():
    def interpolated(xs, ys, t):
        i = bisect.bisect(xs, t) - 1
        w = (t - xs[i]) / (xs[i + 1] - xs[i])
        return (1 - w) * ys[i] + w * ys[i + 1]

    assert_gradient(interpolated, ([0.0, 1.0, 3.0], [1.0, 2.0, 5.0], 1.7))
    assert_gradient(interpolated, (np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 5.0]), 0.4))


@pytest.mark.parametrize("x, y", [(2.0, 3.0), (4.0, 3.0)])
def test_one_of_two_numbers_by_what_running_shows(x, y):
    def f(x, y):
        n = np.argmax([y, x])
        return [x, y][n] ** 2

    assert_gradient(f, (x, y))
