"""The iterators of itertools, written out and rolled: against finite differences."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

X, V = np.arange(12.0).reshape(3, 4) / 5 - 1.1, np.array([0.5, -1.5, 2.0, 0.7])


def made(body):
    f = function("def f(x, v):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    f.__globals__["itertools"] = itertools
    return f


@pytest.mark.parametrize("body", [
    "return [a * b for a, b in itertools.product(x[0], v)]",
    "return sum(x[i, j] * v[k] for i, j, k in itertools.product(range(2), repeat=3))",
    "return [a * b for a, b in itertools.permutations(v, 2)] + [np.dot(a, b) for a, b in itertools.combinations(x, r=2)]",
    "return sum(s * a for s, a in zip(itertools.cycle([1.0, -1.0]), v))",
    "return sum(a * i for i, a in zip(itertools.count(1, 2), v)) + sum(a * i for i, a in zip(itertools.count(v[0], v[1]), x[0]))",
    "return list(itertools.accumulate(v, lambda a, b: a * b)) + list(itertools.accumulate(v, initial=x[0, 0]))",
    "return sum(itertools.chain.from_iterable([v ** 2, x[0]])) + sum(itertools.chain([v[0]], x[1] ** 2))",
    "return [a * b for a, b in zip(v, itertools.islice(v, 1, None))]",
    "return sum(a * b for a, b in zip(itertools.islice(itertools.count(3), 2, 4), itertools.repeat(v[0])))",
    "y = 0.0; y = sum(y * x[0] + v for _ in itertools.repeat(None, 3)); return y",
    "return sum(a * b for a, b in itertools.combinations_with_replacement(v, 2))",
])
def test_written_out(body):
    assert_gradient(made(body), (X, V))


def over_windows(x, w):
    out = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i, j in itertools.product(range(out.shape[0]), range(out.shape[1])):
        out[i, j] = np.sum(x[i:i + w.shape[0], j:j + w.shape[1]] * w)
    return out


def by_rows(x, w):
    s = 0.0
    for row, k in itertools.product(x, range(w.shape[0])):
        s = s * 0.9 + row[k] ** 2 * w[k, 0]
    return s


def again(x, w):
    y = x[0]
    for _ in itertools.repeat(None, x.shape[0]):
        y = np.tanh(y * w[0, 1])
    return y


@pytest.mark.parametrize("f", [over_windows, by_rows, again])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rolled(f, rows):
    w = np.arange(6.0).reshape(3, 2)[:rows] / 3 + 0.2
    assert_gradient(f, (X, w))


def test_the_text_of_a_product_of_ranges():
    gradient = revad.grad(over_windows)
    gradient.forward(X, np.ones((2, 2)))
    assert "i = i_ // out.shape[1]" in gradient.forward.source and "unbroadcast" not in gradient.backward.source


@pytest.mark.parametrize("body, message", [
    ("s = 0.0; it = itertools.repeat(v); s = sum(x[0] * a for a in it); return s", "it has more than 4096 rounds"),
    ("return sum(v[0] * a for a in itertools.combinations(range(40), 20))", "itertools.combinations"),
])
def test_refused(body, message):
    with pytest.raises(revad.UnsupportedError, match=message):
        revad.grad(made(body))(X, V)
