"""What functions of public packages showed of calls, displays, results and lengths."""

import math

import numpy as np
import pytest
from differences import assert_gradient

import revad

V = np.array([0.9, 0.3, 0.7])


def test_jacobian_of_a_softmax_column():
    def f(x):
        s = x.reshape(-1, 1)
        return np.diagflat(s) - np.dot(s, s.T)
    assert_gradient(f, (V,))


def test_a_slice_of_a_descending_order():
    def f(w, share=0.7):
        w = -np.sort(-w)
        return w[:int(len(w) * share)]
    assert_gradient(f, (V,))


def refuse(x):
    raise ValueError("shape %s" % (x.shape,))


def test_a_helper_that_always_raises():
    def f(x):
        if np.sum(x) < 0:
            refuse(x)
        y = 2 * x
        return np.sum(y * refuse(y)) if np.sum(y) < 0 else np.sum(y**2)
    assert_gradient(f, (V,))
    with pytest.raises(ValueError, match="shape"):
        revad.grad(f)(-V)


def checked(a):
    a = np.asarray(a, dtype=float)
    if a.ndim != 1 or a.shape[0] != 4:
        raise ValueError("a vector of four is wanted, not %s" % (a.shape,))
    return a


def turned(a):
    norm = np.linalg.norm(a)
    if norm == 0.0:
        return np.array([1.0, 0.0, 0.0, 0.0])
    return np.hstack((a / norm, (norm,)))


def test_a_length_that_two_sides_give():
    def f(a):
        a = checked(turned(a))
        a[3] = np.sin(a[3])
        return a
    assert_gradient(f, (V,))


def test_a_display_that_lays_out():
    def f(n, e):
        q, r = np.array([n, *e]), [n, *e]
        return 2 * q, r[1] * r[0]
    assert_gradient(f, (0.3, V))


def test_is_it_a_number():
    def f(x, y):
        if np.isscalar(x):
            x = np.array([x])
        if np.isscalar(y) and not np.isscalar(x):
            y = 2 * y
        return np.sum(x * y)
    for x, y in ((V, 0.4), (0.3, 0.4), (0.3, V)):
        assert_gradient(f, (x, y))


def test_a_return_without_a_value_that_is_not_reached():
    def f(x, y):
        if x.shape != y.shape:
            return None
        if np.sum(x) < 0:
            return
        return np.sum(x * y)
    assert_gradient(f, (V, 2 * V))
    with pytest.raises(revad.CallError, match="returns None"):
        revad.grad(f)(V, V[:2])
    with pytest.raises(ValueError, match="returns None here"):
        revad.grad(f)(-V, V)


class Average:
    def __init__(self):
        self.total = np.zeros(3)

    def add(self, x):
        self.total = self.total + x
        return self


def test_results_that_cannot_be_told():
    def with_a_function(x):
        def inner(d):
            return d * x
        return x**2, inner
    with pytest.raises(revad.UnsupportedError, match="whose attributes the function assigns"):
        revad.grad(Average().add).forward(V)
    with pytest.raises(revad.UnsupportedError, match="a function or an iterator"):
        revad.grad(with_a_function).forward(V)


def test_cross_products_of_unlike_ranks():
    def f(a, b):
        return np.cross(a, b, axis=0)
    wide = np.arange(12.0).reshape(3, 4) / 7
    for a, b in ((V, wide), (wide, V), (wide, 2 - wide), (V, wide[:, :3])):
        assert_gradient(f, (a, b))


def test_one_number_for_an_array_of_unknown_length():
    def front(x):
        y = x[:int((len(x) + 1) / 2)]
        return np.sum(100 * (y[:-1]**2 - y[1:])**2 + (1.0 - y[:-1])**2)

    def stretched(u, v):
        u = u[:int(np.sum(u > -5) > 0)]
        return np.sum(v - u) + np.sum(2 * u + 3 * v)
    for n in (3, 4, 5):
        assert_gradient(front, (np.linspace(0.2, 0.9, n),))
    assert_gradient(stretched, (V, np.linspace(0.2, 0.9, 4)))


def test_a_search_that_may_return_nothing():
    def f(R, q, none):
        if none > 1:
            return None
        last = np.zeros(3)
        i = 0
        while np.linalg.norm(q - last) > 1e-8 and i <= 5:
            last = q
            q = R @ last
            q /= np.linalg.norm(q)
            i += 1
        return q / np.sum(q)
    assert_gradient(f, (np.diag([3.0, 1.0, 2.0]) + np.outer(V, V), V, 0.5), ("R", "q"))


class Cell:
    """Keeps what it computes in lists of a dict, as layers do."""

    def __init__(self, W):
        self.W, self.kept = W, {"h": [], "a": [], "z": []}

    def forward(self, x):
        if len(self.kept["h"]) == 0:
            self.kept["h"].append(np.zeros(3))
        h = self.kept["h"][-1]
        z = np.hstack([h, x])
        a = z @ self.W
        h = np.tanh(a)
        for name, value in (("h", h), ("a", a), ("z", z)):
            self.kept[name].append(value)
        return h


class Both:
    def __init__(self, W, U):
        self.there, self.back = Cell(W), Cell(U)

    def forward(self, X):
        steps = X.shape[1]
        there, back, out = [], [], []
        for t in range(steps):
            there.append(self.there.forward(X[:, t]))
        for t in reversed(range(steps)):
            back.insert(0, self.back.forward(X[:, t]))
        for t in range(steps):
            out.append(np.concatenate([there[t], back[t]]))
        return np.stack(out)


def test_cells_that_keep_lists_compile_in_time():
    W = np.sin(np.arange(15.0)).reshape(5, 3)
    assert_gradient(Both(W, 0.5 * W[::-1]).forward, (np.cos(np.arange(12.0)).reshape(2, 6),))


@pytest.mark.parametrize("count", [lambda n: int(n / 2), lambda n: math.floor(n / 2),
                                   lambda n: math.ceil(n / 2), lambda n: int(np.floor(n / 2))])
def test_a_padding_from_a_quotient_of_sizes(count):
    def f(x, k, stride=1):
        pad = count((len(x) - 1) * stride + len(k) - len(x))
        wide = np.pad(x, (pad, pad), "constant")
        out = np.zeros(int((len(wide) - len(k)) / stride) + 1)
        for i in range(len(out)):
            out[i] = np.sum(wide[i * stride:i * stride + len(k)] * k)
        return out
    for n, m in ((5, 3), (6, 5)):
        x, k = np.linspace(0.2, 0.9, n), np.linspace(-1.0, 1.0, m)
        assert_gradient(f, (x, k))
        assert_gradient(f, (x, k), kwargs={"stride": 2})


class ByAttribute:
    """A cell that keeps its state from call to call."""

    def __init__(self):
        self.h = np.ones(2)

    def step(self, x):
        self.h = np.tanh(self.h + x)
        return self.h


class ByKey:
    def __init__(self):
        self.states = {"h": np.ones(2)}

    def step(self, x):
        self.states["h"] = np.tanh(self.states["h"] + x)
        return self.states["h"]


class ByList:
    def __init__(self):
        self.all = {"h": []}

    def step(self, x):
        if len(self.all["h"]) == 0:
            self.all["h"].append(np.ones(2))
        self.all["h"].append(np.tanh(self.all["h"][-1] + x))
        return self.all["h"][-1]


class Runner:
    def __init__(self, cell):
        self.cell = cell()

    def run(self, X):
        out = np.zeros_like(X)
        for t in range(len(X)):
            out[t] = self.cell.step(X[t])
        return out


@pytest.mark.parametrize("cell", [ByAttribute, ByKey, ByList])
def test_what_a_round_assigns_to_an_object_is_there_in_the_next(cell):
    X = np.cos(np.arange(6.0)).reshape(3, 2)

    def fresh(X):
        return Runner(cell).run(X)

    layer = revad.grad(Runner(cell).run)
    out, cache = layer.forward(X)
    np.testing.assert_allclose(out, fresh(X), rtol=1e-12)
    dout = np.sin(np.arange(6.0)).reshape(3, 2)
    dX, step = layer.backward(dout, cache), 1e-6
    for place in np.ndindex(X.shape):
        shift = np.zeros_like(X)
        shift[place] = step
        slope = np.sum(dout * (fresh(X + shift) - fresh(X - shift))) / (2 * step)
        assert dX[place] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_convolution_with_an_array_of_unknown_rank():
    def smooth(x):
        w = np.i0(np.hanning(3))
        return np.convolve(w / w.sum(), np.r_[x[2:0:-1], x], mode="valid")
    with pytest.raises(revad.UnsupportedError, match="the number of axes of an array in it is not known"):
        revad.grad(smooth).forward(V)

    def smoothed(x):
        w = np.hanning(4)[1:]
        return np.convolve(w / w.sum(), np.r_[x[2:0:-1], x], mode="valid")
    assert_gradient(smoothed, (V,))


def test_a_store_at_places_that_are_unpacked_from_what_is_unknown():
    def f(x, n):
        i, j = divmod(n, 2)
        out = np.zeros((2, 2))
        out[i, j] = x[j]**2
        return out * 2
    for n in range(4):
        try:
            assert_gradient(f, (V, n), "x")
        except revad.UnsupportedError as error:
            assert "an element may be in it twice" in str(error)
