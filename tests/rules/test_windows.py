"""Views made of strides, and shapes that are assigned, each against finite differences."""

import numpy as np
import pytest
from differences import assert_gradient
from numpy.lib.stride_tricks import as_strided, sliding_window_view

import revad

# From NumPy 2.5 on the functions themselves warn where they assign a shape.
pytestmark = pytest.mark.filterwarnings("ignore:Setting the shape")

IMAGES = np.sin(np.arange(80.0)).reshape(2, 2, 4, 5)
KERNELS = np.cos(np.arange(36.0)).reshape(2, 2, 3, 3)
V = np.linspace(0.2, 0.9, 6)


def columns(x, size):
    n, c, h, w = x.shape
    a, b = h - size + 1, w - size + 1
    sn, sc, sh, sw = x.strides
    return as_strided(x, shape=(c, size, size, n, a, b), strides=(sc, sh, sw, sn, sh, sw)).reshape(c * size * size, n * a * b)


def convolution(x, w, b, stride=1, pad=1):
    n, c, height, width = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    height += 2 * pad
    width += 2 * pad
    oh, ow = (height - kh) // stride + 1, (width - kw) // stride + 1
    strides = x.itemsize * np.array((height * width, width, 1, c * height * width, stride * width, stride))
    cols = np.ascontiguousarray(as_strided(padded, shape=(c, kh, kw, n, oh, ow), strides=strides))
    cols.shape = (c * kh * kw, n * oh * ow)
    out = w.reshape(f, -1).dot(cols) + b.reshape(-1, 1)
    out.shape = (f, n, oh, ow)
    return np.ascontiguousarray(out.transpose(1, 0, 2, 3))


def pooled(x, size=2):
    x = np.ascontiguousarray(x)
    n, c, h, w = x.shape
    s = x.strides
    shape = n, c, h // size, w // size, size, size
    return as_strided(x, shape=shape, strides=(s[0], s[1], s[2] * size, s[3] * size, s[2], s[3])).max(axis=(4, 5))


def rolling(a, n=3):
    shape, strides = a.shape[:-1] + (a.shape[-1] - n + 1, n), a.strides + (a.strides[-1],)
    return np.std(as_strided(a, shape=shape, strides=strides), axis=-1)


def slid(x, k):
    return np.einsum("nchwij,fcij->nfhw", sliding_window_view(x, (3, 3), axis=(-2, -1)), k)


@pytest.mark.parametrize("f, args, wrt", [
    (columns, (IMAGES, 3), "x"), (convolution, (IMAGES, KERNELS, V[:2]), None), (pooled, (IMAGES,), "x"),
    (rolling, (V,), "a"),
    (rolling, (IMAGES[0, 0].astype(np.float32),), "a"), (slid, (IMAGES, KERNELS), None)])
def test_windows(f, args, wrt):
    assert_gradient(f, args, wrt)


def test_an_array_that_does_not_lie_row_by_row():
    with pytest.raises(revad.CallError, match="row by row"):
        revad.grad(rolling, wrt="a").forward(np.append(V, V)[::2])


def test_a_shape_that_is_assigned():
    def f(x):
        y = 2 * x
        z, row = y, y[:3]
        y.shape = (2, 3)
        z[0, 1] = 5.0
        return y * np.ones((2, 3)), z, row
    assert_gradient(f, (V,))


def test_windows_are_read_only():
    def f(x):
        w = sliding_window_view(x, 2)
        w[0] = 1.0
        return w
    with pytest.raises(ValueError, match="^assignment destination is read-only"):
        revad.grad(f).forward(V)
