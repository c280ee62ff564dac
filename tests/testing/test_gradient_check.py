"""`check_grad` passes right gradients of every kind of argument, and catches a rule that is off by 0.1 %."""

import copy
import inspect
import math
import time

import numpy as np
import pytest

import revad
from revad import check_grad, elementwise, grad, value_and_grad

rng = np.random.default_rng(0)


def nearly(x):
    return np.tanh(x)


def exactly(x):
    return np.tanh(x)


slightly_wrong = np.vectorize(nearly)
right = np.vectorize(exactly)


@elementwise(slightly_wrong)
def wrong_rule(y, x):
    return 1.001 * (1 - y**2)


@elementwise(right)
def right_rule(y, x):
    return 1 - y**2


@pytest.mark.parametrize("shape", [(), (3,), (4, 5), (300, 40)])
def test_a_rule_that_is_off_by_a_thousandth_is_caught(shape):
    x = rng.uniform(0.2, 1.5, shape)
    x = float(x) if shape == () else x
    assert not check_grad(lambda x: np.sum(slightly_wrong(x)), x)
    assert check_grad(lambda x: np.sum(right(x)), x)


def test_an_array_output_and_a_part_of_a_tuple():
    def both(x, w):
        return x * w, slightly_wrong(x)

    x, w = rng.uniform(0.2, 1.5, (3, 4)), rng.uniform(0.2, 1.5, 4)
    report = check_grad(both, x, w)
    assert [row.agrees for row in report.rows] == [False, True]
    assert report.worst.parameter == "x"
    assert 1e-4 < report.worst.error < 0.1


def test_wrong_in_one_element_of_a_large_array():
    def f(x):
        return np.sum(x[7, 2:] ** 2) + 20 * np.sum(slightly_wrong(x[7, 2:3]))

    x = rng.normal(size=(200, 50))
    report = check_grad(f, x)
    assert not report and report.rows[0].at.startswith("direction")


def test_the_report_is_a_table():
    def f(x, w):
        return np.sum(slightly_wrong(x)) * w

    report = check_grad(f, np.array([0.5, 1.0]), 2.0)
    lines = str(report).splitlines()
    assert lines[0] == "gradient of f: x differs from central differences"
    assert lines[1].split() == ["parameter", "worst", "at", "generated", "numeric", "relative", "error"]
    assert lines[2].startswith("x ") and lines[2].endswith("differs")
    assert repr(report) == str(report)


def test_every_structure():
    def f(number, array, pair, row, table, labels):
        scores = array * table["scale"] + row[0] * pair[1]
        return number * np.sum(scores[labels] ** 2) + table["shift"]

    args = (2, rng.normal(size=5), (1.0, 3.0), [0.5, 1.5], {"scale": np.float64(1.5), "shift": 2.0},
            np.array([0, 2, 2]))
    before = copy.deepcopy(args)
    report = check_grad(f, *args, wrt=("number", "array", "pair", "row", "table"))
    assert report, report
    assert {row.parameter for row in report.rows} == {
        "number", "array", "pair[0]", "pair[1]", "row[0]", "row[1]", "table['scale']", "table['shift']"}
    assert repr(args) == repr(before)


def test_what_grad_returned_and_what_value_and_grad_returned():
    def f(x, y):
        return x * math.sin(y)

    for made in (grad(f), value_and_grad(f), grad(f, wrt="y"), grad(f, wrt=("y",))):
        assert check_grad(made, 3.0, 4.0)
    assert [row.parameter for row in check_grad(grad(f, wrt="y"), 3.0, 4.0).rows] == ["y"]
    assert [row.parameter for row in check_grad(grad(f, wrt="y"), 3.0, 4.0, wrt="x").rows] == ["x"]


def test_the_gradient_of_a_gradient():
    assert check_grad(grad(grad(lambda x: x**3)), 2.0)


def test_float32_is_compared_in_float64():
    def f(x, w):
        return np.mean(np.tanh(x @ w) ** 2)

    x, w = rng.normal(size=(50, 30)).astype(np.float32), rng.normal(size=30).astype(np.float32)
    report = check_grad(f, x, w)
    assert report, report
    assert not check_grad(lambda x: np.sum(slightly_wrong(x)), np.float32([1.0]))


def test_integers_are_real_numbers():
    assert check_grad(lambda x, y: x * y, 3, -4)
    assert check_grad(lambda x: np.sum(x**2), np.arange(4))


def test_settings_and_keywords():
    def f(x, n, *, power=2, shift):
        return np.sum(x**power) / n + shift * np.sum(x)

    assert check_grad(f, np.array([1.0, 2.0]), n=3, power=3, shift=1.0, wrt="x")


def test_kinks_are_right_where_the_gradient_is_between_the_sides():
    x = np.array([-1.0, 0.0, 2.0])
    assert check_grad(lambda x: np.sum(np.maximum(x, 0)), x)
    assert check_grad(lambda x: np.sum(np.abs(x)), x)
    assert check_grad(lambda x: np.max(x), np.array([1.0, 1.0, 0.0]))


def test_a_kink_nearby_does_not_disturb():
    assert check_grad(lambda x: np.sum(np.maximum(x, 0)), np.array([1e-6, -1e-6, 3.0]))


def test_the_program_may_store_into_its_copy():
    x = np.array([1.0, -2.0])

    def f(x):
        y = x * 1.0
        return np.sum(y * y)

    check_grad(f, x)
    assert x.tolist() == [1.0, -2.0]


def test_the_same_seed_gives_the_same_report():
    def f(x):
        return np.exp(x)

    x = rng.normal(size=(30, 30))
    assert str(check_grad(f, x)) == str(check_grad(f, x))
    assert str(check_grad(f, x, seed=1)) != str(check_grad(f, x, seed=2))


def test_large_arrays_are_quick():
    x, w = rng.normal(size=(500, 200)), rng.normal(size=(200, 100))
    start = time.perf_counter()
    assert check_grad(lambda x, w: np.mean(np.maximum(x @ w, 0)), x, w)
    assert time.perf_counter() - start < 10


def test_a_method():
    class Layer:
        @grad(wrt="x")
        def loss(self, x):
            return np.sum(x**2)

        def plain(self, x):
            return np.sum(x**2)

    layer = Layer()
    assert check_grad(layer.loss, np.array([1.0, 2.0]))
    assert check_grad(layer.plain, np.array([1.0, 2.0]), wrt="x")


def test_bad_calls():
    with pytest.raises(revad.CallError):
        check_grad(lambda x: x, 1.0, 2.0)
    with pytest.raises(revad.CallError):
        check_grad(lambda x: x, "a")


def test_values_of_no_use_are_reported():
    report = check_grad(lambda x: x * np.inf, 1.0)
    assert str(report)


# ---- other modes

def cubes(p, k):
    return np.sum(np.sin(p["w"])**3) * k * p["b"]


POINT = {"w": np.array([0.5, -0.3, 0.8]), "b": 2.0}


def test_forward_mode_and_second_order():
    report = check_grad(cubes, POINT, 2.0, modes=("fwd", "rev"), order=2)
    assert report and [row.parameter for row in report.rows][-2:] == ["forward mode", "second order"]
    assert [row.parameter for row in check_grad(cubes, POINT, 2.0, modes=("fwd",)).rows] == ["forward mode"]
    with pytest.raises(revad.CallError, match="one number"):
        check_grad(lambda x: x**2, np.ones(2), order=2)
    with pytest.raises(revad.CallError, match="order is 1 or 2"):
        check_grad(cubes, POINT, 2.0, order=3)


def test_a_wrong_tangent_is_told_from_a_wrong_gradient():
    def square(x):
        return x * x
    revad.adjoint(square, tangent=lambda y, dx, x: 3 * x * dx)(lambda y, dy, x: 2 * x * dy)
    report = check_grad(lambda x: np.sum(square(x)), np.ones(3), modes=("fwd", "rev"))
    assert [row.agrees for row in report.rows] == [True, False]


def test_a_setting_of_the_function_itself_is_the_function_s():
    assert check_grad(lambda x, order=1: np.sum(x**order), np.ones(3), order=3)


# ---- lines

VECTOR = np.array([0.5, -0.3, 0.8])


def statements_with(x, k):
    y = np.exp(x) * k
    total = 0.0
    for i in range(3):
        if i > 0:
            z = np.tanh(y[i])
            total += z
        y[i] = y[i] * 2
    kept = {"y": y}
    return total * np.sum(kept["y"])


def with_wrong_rule(x, k):
    return statements_with(x, k) + 0.0 * k if k < 0 else stored(x) * k


def stored(x):
    out = np.zeros(4)
    out[:3] = x
    out[1:] *= slightly_wrong(out[:3])
    return np.sum(out**2)


def in_a_loop(x, k):
    y = np.exp(x) * k
    total = 0.0
    for i in range(3):
        if i > 0:
            z = slightly_wrong(y[i])
            total += z
        y[i] = y[i] * 2
    return total * np.sum(y)


@pytest.mark.parametrize("f, args, line", [
    (stored, (VECTOR,), "out[1:] *= slightly_wrong(out[:3])"),
    (in_a_loop, (VECTOR, 0.3), "z = slightly_wrong(y[i])"),
    (lambda x: np.sum(slightly_wrong(x) * x), (VECTOR,), "return np.sum(slightly_wrong(x) * x)"),
    (with_wrong_rule, (VECTOR, 2.0),
     "return statements_with(x, k) + 0.0 * k if k < 0 else stored(x) * k")])
def test_the_first_wrong_statement_is_named(f, args, line):
    report = check_grad(f, *args, lines=True)
    row = report.rows[-1]
    assert not report and (row.at, row.agrees) == (line, False)
    assert row.parameter == "line " + str(next(
        f.__code__.co_firstlineno + number for number, text in enumerate(inspect.getsource(f).splitlines())
        if line in text))


def test_right_statements_have_no_line():
    report = check_grad(statements_with, VECTOR, 0.5, lines=True)
    assert report and [row.parameter for row in report.rows] == ["x", "k"]
