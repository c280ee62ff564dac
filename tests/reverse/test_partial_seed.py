"""A backward pass for some parts of dout: as the whole one with zeros, and without a line for what is not given."""
import itertools
import re

import numpy as np
import pytest
from differences import numeric_gradient

from revad import grad

V, W = np.array([0.5, -1.5, 2.0]), np.array([[0.3, -0.2, 0.7], [0.9, 0.4, -0.6], [-0.1, 0.8, 0.2]])


def layer(x, w):
    a = x @ w
    out = np.maximum(a, 0)
    return out, (x, w, a)


def loop(x, w):
    h, out = x, np.zeros((2, 3))
    for t in range(2):
        h = np.tanh(w @ h)
        out[t] = h * x
    return out, (h, w), x


def nested(x, w):
    out, total = np.zeros((3, 3)), 0.0
    for i in range(3):
        for j in range(3):
            p = x[i] * w[i, j]
            total = total * p + p
            out[i, j] = p * total
    return out, total, (x, w)


def counted(x, w):
    n, h = 0.0, x
    while np.sum(h**2) > 0.1:
        h = w @ h * 0.5
        n = n + h[0] * x[1]
    return h, n


def stopped(x, w):
    total, last = 0.0, x[0]
    for v in x:
        if v > 1:
            break
        last = last * v * w[0, 0]
        total = total + np.exp(last)
    return total, (last, w)


def branch(x, w):
    if np.sum(x) > 0:
        a = x * x
        out, kept = a @ w, a
    else:
        a = np.sin(x)
        out, kept = w @ a, x
    return out, kept


def called(x, w):
    h, first = layer(x, w)
    out, second = layer(h * x, w)
    return out, (first, second)


def called_in_a_loop(x, w):
    caches, h = [], x
    for t in range(3):
        h, cache = layer(h + x, w)
        caches.append(cache)
    return h, caches


def step(h, w):
    a = w @ h
    b = np.tanh(a) * h
    return b, (h, a)


def rolled(x, w, n=4):
    h, out = x, np.zeros((n, 3))
    for t in range(n):
        h, cache = step(h, w)
        out[t] = h
    return out, cache, h


def stored(x, w):
    y = x * 1
    for i in range(2):
        y[i + 1] = y[i] * w[i, i] + y[i + 1] ** 2
    return y[2], (y, w)


def loop_in_a_call(x, w):
    out, kept, last = loop(x, w)
    return out * 2, (kept, last)


def loop_in_a_branch_in_a_loop(x, w):
    total = 0.0
    for i in range(3):
        if x[i] > 0:
            h = x[i]
            for j in range(2):
                h = h * w[i, j] + np.sin(h)
            total = total + h * h
        else:
            h = w[i, i] * total
    return total, (h, w)


FUNCTIONS = [layer, loop, nested, counted, stopped, branch, called, called_in_a_loop, rolled, stored,
             loop_in_a_call, loop_in_a_branch_in_a_loop]


def leaves(out):
    return [leaf for part in out for leaf in leaves(part)] if isinstance(out, (tuple, list)) else [out]


def laid(out, values):
    if isinstance(out, (tuple, list)):
        return type(out)(laid(part, values) for part in out)
    return next(values)


def given(out, mask, nothing):
    """A gradient on those leaves that the mask says, and nothing, or zeros, on the others."""
    values = [np.cos(3 * i + np.arange(np.size(leaf))).reshape(np.shape(leaf)) for i, leaf in enumerate(leaves(out))]
    values = [value if np.ndim(value) else float(value) for value in values]
    return laid(out, iter([value if one else nothing(value) for value, one in zip(values, mask)])), values


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_part_alone_and_in_pairs(f):
    gradient, plain = grad(f, wrt=("x", "w")), (V, W)
    out, cache = gradient.forward(*plain)
    number = len(leaves(out))
    masks = [tuple(i in chosen for i in range(number))
             for size in (1, 2) for chosen in itertools.combinations(range(number), size)]
    for mask in masks[:12]:
        dout, values = given(out, mask, lambda value: None)
        found = gradient.backward(dout, cache)
        expected = numeric_gradient(lambda x, w: sum(np.sum(value * leaf) for value, leaf, one in zip(values, leaves(f(x, w)), mask) if one), plain)
        for one, right in zip(found, expected):
            np.testing.assert_allclose(one, right, rtol=1e-6, atol=1e-8)
        zeros = gradient.backward(given(out, mask, lambda value: value * 0)[0], cache)
        for one, right in zip(found, zeros):
            np.testing.assert_allclose(one, right, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("f", [loop, nested, called, called_in_a_loop, stored, loop_in_a_call],
                         ids=lambda f: f.__name__)
def test_there_is_no_line_for_what_is_not_given(f):
    gradient = grad(f, wrt=("x", "w"))
    out, cache = gradient.forward(V, W)
    gradient.backward((np.ones_like(out[0]), *(None for _ in out[1:])), cache)
    parameters = re.search(rf"def {f.__name__}_backward\((.*)\):", gradient.backward.source)[1]
    assert re.fullmatch(r"d\w+, \w+", parameters), parameters


def test_one_cache_serves_every_part():
    """In any order, and again; the cache stays as it is."""
    gradient = grad(loop, wrt=("x", "w"))
    out, cache = gradient.forward(V, W)
    one, other = (np.ones((2, 3)), None, None), (None, (np.ones(3), None), V)
    first = [gradient.backward(dout, cache) for dout in (one, other)]
    again = [gradient.backward(dout, cache) for dout in (other, one)]
    for before, after in zip(first, reversed(again)):
        assert all(map(np.array_equal, before, after))
