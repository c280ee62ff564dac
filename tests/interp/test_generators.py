"""Loops over generators, each against finite differences."""

import numpy as np
import pytest
from differences import assert_gradient

import revad

IMAGE = np.sin(np.arange(30.0)).reshape(5, 6)
V = np.array([0.9, 0.3, 0.7, 0.4])


class Layer:
    def __init__(self):
        self.filters = np.cos(np.arange(18.0)).reshape(2, 3, 3)

    def regions(self, image):
        h, w = image.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield image[i:i + 3, j:j + 3], i, j

    def forward(self, image):
        h, w = image.shape
        out = np.zeros((h - 2, w - 2, 2))
        for region, i, j in self.regions(image):
            out[i, j] = np.sum(region * self.filters, axis=(1, 2))
        return out


def test_regions_of_an_image():
    assert_gradient(Layer().forward, (IMAGE,))
    forward = revad.grad(Layer.forward)
    forward.forward(Layer(), IMAGE)
    assert "out[i, j] = np.sum(region * self.filters, axis=(1, 2))" in forward.forward.source


def windows(x, count):
    for i in range(count):
        yield (slice(None), slice(i, i + 3)), x[:, i:i + 3]


def largest(x):
    out = None
    for number, (_, window) in enumerate(windows(x, 3), start=1):
        out = window * number if out is None else np.maximum(out, window)
    return out


def steps(x, dt, count):
    t = 0.0
    while t < count * dt:
        x = x - dt * x**3
        t += dt
        yield x


def path(x):
    total = 0.0
    for y in steps(x, 0.1, 5):
        total = total + y**2
    return total


def pieces(X, y, size):
    for start in range(0, len(X), size):
        yield X[start:start + size], y[start:start + size]


def loss(w, X, y):
    total = 0.0
    for a, b in pieces(X, y, 2):
        total += np.mean((a @ w - b)**2)
    return total


def inside(x):
    def squares(count):
        for i in range(count):
            yield x[i]**2
        yield x[0]
    total = 0
    for v in squares(2):
        total += v
    return total


@pytest.mark.parametrize("f, args, wrt", [
    (largest, (IMAGE[:2, :5],), None), (path, (0.7,), None), (loss, (V, IMAGE.T[:, :4], np.arange(6.0)), "w"),
    (inside, (V,), None)])
def test_loops_over_generators(f, args, wrt):
    assert_gradient(f, args, wrt)


def test_what_is_refused():
    def leaves(x):
        for a, b in pieces(x, x, 2):
            if a[0] > 0.5:
                break
        return a[0]

    def gives(x):
        yield x
    with pytest.raises(revad.UnsupportedError, match="loop over a generator: it may end before"):
        revad.grad(leaves)(V)
    with pytest.raises(revad.UnsupportedError, match="'yield'"):
        revad.grad(gives)(V)
