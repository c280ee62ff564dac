"""A helper that returns one literal or another has that literal as its result, not the condition."""
import itertools

import numpy as np
import pytest
from from_text import function

import revad

LITERALS = ["0.5", "1", "0", "2.0", "True"]
SHAPES = {
    "returns": "    if {c}:\n        return {a}\n    return {b}\n",
    "else": "    if {c}:\n        return {a}\n    else:\n        return {b}\n",
    "loop": "    for i in range(2):\n        if {c}:\n            return {a}\n    return {b}\n",
    "variable": "    r = {b}\n    if {c}:\n        r = {a}\n    return r\n",
    "expression": "    return {a} if {c} else {b}\n",
    "pair": "    if {c}:\n        return {a}, {b}\n    return {b}, {a}\n"}


@pytest.mark.parametrize("condition", ["v[1] > n", "np.sum(v) - n", "not v[0] > n"])
@pytest.mark.parametrize("shape", SHAPES)
def test_literals_of_both_sides(shape, condition):
    for a, b in itertools.permutations(LITERALS, 2):
        take = "e[0] - e[1]" if shape == "pair" else "e"
        f = function(f"def f(v, n):\n    e = h(v, n)\n    return np.sum(v) * ({take}) + ({take})\n\n"
                     "def h(v, n):\n" + SHAPES[shape].format(a=a, b=b, c=condition))
        gradient = revad.grad(f, wrt="v")
        for v in (np.array([1.5, 2.5]), np.array([0.5, 0.5]), np.array([0.1, 0.2])):
            try:
                value = f(v, 1.0)
            except TypeError:
                continue
            try:
                out, cache = gradient.forward(v, 1.0)
            except revad.UnsupportedError:
                continue
            assert out == value and type(out) is type(value), (a, b, v)
            np.testing.assert_allclose(gradient.backward(1.0, cache), np.full(2, factor(f, v)))


def factor(f, v):
    e = f.__globals__["h"](v, 1.0)
    return float(e[0] - e[1]) if isinstance(e, tuple) else float(e)
