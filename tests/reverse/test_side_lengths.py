"""Ends of a branch that differ in length: the side that is not taken may not fit, and a length may be 1."""
import itertools

import numpy as np
import pytest
from differences import numeric_gradient, random_dout
from from_text import function

import revad

SIDES = ["np.hypot(x, 0.3) * s", "np.vstack((s, s)).ravel()", "x[:2] * s", "x[1:] + s", "np.ones(3) * s",
         "np.array([s])"]
ENDS = ["np.power(abs(x) + 0.5, v)", "np.sum(v * x)", "np.sum(v) * x", "np.where(x > 0, v, x)", "v @ x",
        "np.concatenate([v, x])", "(v + x).sum() * v", "v * np.array([s, 1.0])",
        "np.sum(v * np.cumsum(x))"]


def assert_as_function(f, *calls):
    """The gradient where the function has a value, its exception where it has none."""
    gradient = revad.grad(f)
    for args in calls:
        try:
            f(*args)
        except ValueError:
            with pytest.raises(ValueError):
                gradient.forward(*args)
            continue
        dout = random_dout(f, args)
        want = numeric_gradient(f, args, dout=dout)
        for got, wanted in zip(gradient.backward(dout, gradient.forward(*args)[1]), want):
            assert np.shape(got) == np.shape(wanted)
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("then, orelse", list(itertools.permutations(SIDES, 2)))
def test_ends_of_two_lengths(then, orelse):
    for end in ENDS:
        f = function(f"def f(s, x):\n    if s > 0:\n        v = {then}\n    else:\n        v = {orelse}\n"
                     f"    return {end}\n")
        assert_as_function(f, *((s, np.array([0.5, 1.3, -0.4])[:n]) for s in (0.7, -0.9) for n in (2, 3, 1)))


@pytest.mark.parametrize("body", ["np.sum(x[x > 0] * y)", "np.sum(x[x > 0] * np.sin(y) * 2)",
                                  "np.mean(y / x[x > 0])",
                                  "np.sum(np.cumsum(y) * x[x > 0])"])
def test_part_that_turns_out_to_be_one_element(body):
    f = function(f"def f(x, y):\n    return {body}\n")
    assert_as_function(f, *((np.array(x), np.array([0.3, 0.8, -1.1])[:n])
                            for x in ([1.5, 2.0, -1.0], [1.5, -1.0, -2.0], [1.5, 2.5, 3.0])
                            for n in (3, 1, 2)))
