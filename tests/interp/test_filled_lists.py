"""Lists whose length only running shows, of no element, of one and of many, and their arrays."""

import itertools

import numpy as np
import pytest
import revad
from differences import numeric_gradient, random_dout
from from_text import function

FILLS = {
    "in some rounds": "m = []\nfor i in range(len(x)):\n    if i < n:\n        m.append({})",
    "while": "m = []\ni = 0\nwhile i < n:\n    m.append({})\n    i += 1",
    "break": "m = []\nfor i in range(len(x)):\n    if i >= n:\n        break\n    m.append({})",
    "one side": "m = []\nif n > 0:\n    for i in range(n):\n        m.append({})",
    "rounds": "m = []\nfor i in range(n):\n    m.append({})",
}
ELEMENTS = {"row": "x[i] * w", "unit axis": "x[i:i + 1] * w", "number": "x[i, 0] * w[1]",
            "pair": "[x[i, 0] * w[0], x[i, 1]]", "matrix": "np.outer(x[i], w)"}
ENDS = [
    "a.T", "a.T * w[0]", "a[0] * 2", "a[-1]", "a[:1] * 3", "a.sum(axis=-1)", "np.sum(m, 0)", "np.mean(m, 0)",
    "sum(m) * w", "np.sum(m)", "np.stack(m)", "np.stack(m, axis=-1)", "np.concatenate(m)", "np.vstack(m)",
    "np.hstack(m)", "a[..., None] * w", "a.T @ a", "np.repeat(m, 2, 0)", "np.sort(m, 0)", "np.tile(m, 2)",
    "a[None].T", "np.broadcast_to(a, (2,) + a.shape)",
    "a.reshape(len(m), 2)", "a * w + w", "np.swapaxes(a, 0, -1)", "np.max(m, 0)", "a.shape[0] * w",
    "a.size * w", "a.ndim * w", "np.cumsum(m, 0)", "a.ravel()", "np.linalg.norm(a)", "a @ w",
    "a[:, None] * w", "np.atleast_2d(a) * w", "np.where(a > 0, a, 0)",
]
X, W = np.random.default_rng(5).standard_normal((3, 2)), np.array([0.7, -1.3])


def program(fill, element, end):
    lines = [*FILLS[fill].format(ELEMENTS[element]).splitlines(), "a = np.array(m)" if "a" in end else "",
             f"return {end}"]
    return function("def f(x, w, n):\n" + "".join(f"    {line}\n" for line in lines))


def outcome(call):
    """(its result, None) or (None, the exception)."""
    try:
        return call(), None
    except Exception as error:
        return None, error


def assert_calls(f, gradient, counts):
    """Each call has the function's value and gradient, or raises what it raises."""
    for n in counts:
        value, error = outcome(lambda: f(X.copy(), W.copy(), n))
        if error is not None:
            with pytest.raises(type(error)):
                gradient.forward(X, W, n)
            continue
        out, cache = gradient.forward(X, W, n)
        assert type(out) is type(value) and np.shape(out) == np.shape(value)
        np.testing.assert_allclose(out, value, rtol=1e-6)
        if not np.all(np.isfinite(value)):
            continue
        dout = random_dout(f, (X, W, n), ("x", "w"))
        want = numeric_gradient(f, (X, W, n), ("x", "w"), dout=dout)
        for got, wanted in zip(gradient.backward(dout, cache), want):
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("element", ELEMENTS)
def test_of_each_length(fill, element):
    first = (list(FILLS).index(fill) + list(ELEMENTS).index(element)) % 3
    for end, counts in zip(ENDS[first::3], itertools.cycle([(3, 0, 1), (0, 3, 1), (1, 0, 3)])):
        f = program(fill, element, end)
        try:
            assert_calls(f, revad.grad(f, wrt=("x", "w")), counts)
        except Exception as error:
            raise AssertionError(f"{end}, {counts}: {error}") from error


@pytest.mark.parametrize("end", [
    "np.sum(np.stack(m))", "np.sum(np.array(m).sum(axis=-1)**2)", "np.sum(np.array(m) @ w)",
    "np.sum(np.concatenate(m) * 2)", "np.sum(np.array(m).T * w[0])"])
@pytest.mark.parametrize("fill", FILLS)
def test_gradient_of_a_number(fill, end):
    """Where no line of the gradient's text needs the array, it raises all the same."""
    f = program(fill, "row", end)
    gradient = revad.grad(f, wrt=("x", "w"))
    for n in (0, 3, 0, 1):
        _, error = outcome(lambda: f(X, W, n))
        if error is not None:
            with pytest.raises(type(error)):
                gradient(X, W, n)
            continue
        for got, wanted in zip(gradient(X, W, n), numeric_gradient(f, (X, W, n), ("x", "w"))):
            np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("length", ["m = []\nwhile len(m) < n:", "m = []\nfor i in range(5):\n  if i < n:"])
@pytest.mark.parametrize("counts", [(2, 0, 1), (0, 2, 0)])
def test_second_order(length, counts):
    body = f"{length}\n    m.append(x**3 * np.ones(2))\n" \
           "a = np.array(m)\nreturn x**3 + np.sum(a.sum(axis=-1)**2)"
    f = function("def f(x, n):\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    first = revad.grad(f, wrt="x")
    second, third = revad.grad(first, wrt="x"), revad.grad(revad.grad(first, wrt="x"), wrt="x")
    for n in counts:
        assert second(1.5, n) == pytest.approx(numeric_gradient(lambda x: first(x, n), (1.5,)))
        assert third(1.5, n) == pytest.approx(numeric_gradient(lambda x: second(x, n), (1.5,)), rel=1e-5)


def test_of_two_lists():
    f = function("""
    def f(x, w, n):
        a, b = [], []
        for i in range(len(x)):
            if x[i, 0] * n > 0:
                a.append(x[i] * w)
            elif n >= 0:
                b.append(x[i]**2)
        return np.sum(np.array(a).sum(axis=-1)**2) + np.sum(np.array(b).T * 2.0)
    """)
    assert_calls(f, revad.grad(f, wrt=("x", "w")), (1, -1, 0, 1, -1))


@pytest.mark.parametrize("end", ["np.sum(np.array(m)**2)", "np.sum(np.array(m).sum(axis=-1)**2)"])
def test_empty_in_some_rounds(end):
    f = function(f"""
    def f(x, w, n):
        s = 0.0
        for r in x:
            m = []
            for v in r:
                if v < n:
                    m.append(v * w)
            s = s + {end}
        return s
    """)
    gradient, level = revad.grad(f, wrt=("x", "w")), np.mean(np.sort(X.min(axis=1))[:2])
    assert_calls(f, gradient, (9, -9, 9))
    if "axis" not in end:
        assert_calls(f, gradient, (level, -9, level, 9))
        return
    with pytest.raises(revad.UnsupportedError, match="empty"):
        gradient(X, W, level)
    out, cache = gradient.forward(X, W, level)
    with pytest.raises(revad.UnsupportedError, match="empty"):
        gradient.backward(1.0, cache)


@pytest.mark.parametrize("draw", ["rng.standard_normal(2)", "np.random.standard_normal(2)"])
def test_draws_are_not_repeated(draw):
    f = function(f"""
    def f(x, n, rng):
        y, m = x * {draw}, []
        while len(m) < n:
            m.append(x * {draw})
        a = np.array(m)
        return np.sum(y * x) + np.sum(a.sum(axis=-1)**2)
    """)
    gradient = revad.grad(f, wrt="x")
    gradient(1.5, np.int64(2), np.random.default_rng(1))
    with pytest.raises(revad.UnsupportedError, match="empty"):
        gradient(1.5, np.int64(0), np.random.default_rng(1))


LISTS = ["[v for v in b]", "[b[i] * 2 for i in range(len(b))]"]
USES = ["np.hypot(m, x)", "np.array(m) * x", "x * m", "np.sum(m) * x", "np.dot(x, m)"]


@pytest.mark.parametrize("dtype", ["f", "d"])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("elements", LISTS)
def test_the_array_of_an_empty_list_is_in_double_precision(elements, use, dtype):
    """A list without elements has no type of theirs: lists of a known length, in first and in later calls."""
    f = function(f"def f(x, b):\n    m = {elements}\n    return {use}")
    for lengths in ((2, 0, 3), (0, 2)):
        gradient = revad.grad(f)
        for n in lengths:
            x, b = np.ones((3, n), dtype) / 2, np.linspace(0.5, 1, n).astype(dtype)
            out, cache = gradient.forward(x, b)
            dx, db = gradient.backward(np.ones_like(out), cache)
            assert out.dtype == f(x, b).dtype
            assert (dx.shape, dx.dtype, db.shape, db.dtype) == (x.shape, x.dtype, b.shape, b.dtype)
