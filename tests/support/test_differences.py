"""The reference is itself checked: against derivatives known by hand, and on what must make it fail."""

import sys
import types

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient, random_dout


def test_a_number():
    assert numeric_gradient(lambda x: x**3, (2.0,)) == pytest.approx(12, abs=1e-9)


def test_integers_are_real_numbers():
    assert numeric_gradient(lambda x, y: x * y, (3, -4)) == pytest.approx((-4.0, 3.0), abs=1e-9)
    gradient = numeric_gradient(lambda x: np.sum(x**2), (np.array([1, 2, 3]),))
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, [2, 4, 6], atol=1e-9)


def test_arrays_of_any_rank():
    for shape in [(), (1,), (3,), (2, 3), (2, 1, 3)]:
        x = np.random.default_rng(0).uniform(0.5, 2, shape)
        np.testing.assert_allclose(numeric_gradient(lambda x: np.sum(np.log(x)), (x,)), 1 / x, atol=1e-9)


def test_structures():
    def f(p):
        return p["w"][0] * p["x"][1] + np.sum(p["a"] ** 2)

    gradient = numeric_gradient(f,
                                ({"w": [2.0, 3.0], "x": (4.0, 5), "a": np.array([1.0, 2.0]),
                                  "mode": "train"},))
    assert gradient["w"] == pytest.approx([5, 0]) and isinstance(gradient["w"], list)
    assert gradient["x"] == pytest.approx((0, 2)) and isinstance(gradient["x"], tuple)
    assert gradient["a"] == pytest.approx([2, 4])
    assert gradient["mode"] is None


def test_wrt_by_name_position_and_default():
    def f(x, y, eps=1e-5):
        return x * y + eps

    assert numeric_gradient(f, (3.0, 4.0)) == pytest.approx((4, 3))
    assert numeric_gradient(f, (3.0, 4.0), "y") == pytest.approx(3)
    assert numeric_gradient(f, (3.0, 4.0), 0) == pytest.approx(4)
    assert numeric_gradient(f, (3.0, 4.0), ("y",)) == pytest.approx((3,))
    assert numeric_gradient(f, (3.0, 4.0, 1.0), ("eps", "x")) == pytest.approx((1, 4))


def test_an_array_output_is_projected():
    x, dout = np.array([1.0, 2.0]), np.array([10.0, 100.0])
    np.testing.assert_allclose(numeric_gradient(lambda x: x**2, (x,), dout=dout), [20, 400], atol=1e-8)


def test_none_in_dout_is_zero():
    def f(x):
        return x**2, (x, "name", x)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numeric_gradient(f, (x,), dout=(np.ones(2), None)), [2, 4], atol=1e-9)
    np.testing.assert_allclose(numeric_gradient(f, (x,), dout=(None, (np.ones(2), None, None))),
                               [1, 1], atol=1e-9)


def test_random_dout_has_numbers_where_the_output_is_real():
    def f(x, labels):
        return x * 2, (x, labels, 3, "axis", x > 0)

    dout, cache = random_dout(f, (np.array([1, 2]), np.array([0, 1])), "x")
    assert dout.shape == (2,) and dout.dtype == np.float64
    assert cache[0].shape == (2,) and cache[1:] == (None, None, None, None)
    assert random_dout(f, (np.ones(2, np.float32), None), "x")[0].dtype == np.float32


def test_arguments_are_not_changed():
    def f(x):
        x *= 2
        return x.sum()

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numeric_gradient(f, (x,)), [2, 2])
    assert x.tolist() == [1.0, 2.0]


def test_float32_is_computed_in_float64():
    x = np.array([0.1, 1.3], np.float32)
    np.testing.assert_allclose(numeric_gradient(lambda x: np.sum(np.sin(x)), (x,)),
                               np.cos(x.astype(float)), atol=1e-10)


# --- assert_gradient: a compiler with one fault must fail


def product(x, y):
    return np.sum(x * y)


def right(x, y):
    return 1.0 * y, 1.0 * x


def changes_its_argument(x, y):
    gradients = right(x, y)
    x[0] = 0
    return gradients


def read_only(x, y):
    return np.broadcast_to(y, (2,)), 1.0 * x


def remembers(x, y, calls=[]):
    calls.append(x)
    return len(calls) * y, 1.0 * x


class Compiled:
    def __init__(self, gradients):
        self.gradients = gradients

    def __call__(self, x, y):
        return self.gradients(x, y)

    def forward(self, x, y):
        return product(x, y), (1 * x, 1 * y)

    def backward(self, dout, cache):
        return tuple(dout * gradient for gradient in right(*cache))


@pytest.fixture
def compiler(monkeypatch):
    """Puts a compiler of `product` with the given gradients (and value) in the place of revad."""

    def install(gradients, value=product):
        def value_and_grad(f):
            return lambda x, y: (value(x, y), gradients(x, y))

        fake = types.SimpleNamespace(grad=lambda f: Compiled(gradients), value_and_grad=value_and_grad)
        monkeypatch.setitem(sys.modules, "revad", fake)

    return install


X, Y = np.array([1.0, 2.0]), np.array([3.0, -4.0])


def test_a_right_gradient_passes(compiler):
    compiler(right)
    assert_gradient(product, (X, Y))


@pytest.mark.parametrize(
    "gradients, message",
    [
        (lambda x, y: (1.001 * y, 1.0 * x), "the gradient on x"),
        (lambda x, y: (1.0 * y, -x), "the gradient on y"),
        (lambda x, y: (1.0 * y,), "1 gradients for x, y"),
        (lambda x, y: [1.0 * y, 1.0 * x], "list where a tuple"),
        (lambda x, y: (y[:, None] * 1.0, 1.0 * x), r"is \(2, 1\) for an input \(2,\)"),
        (lambda x, y: (y.astype(np.float32), 1.0 * x), "is float32, not float64"),
        (lambda x, y: (y, 1.0 * x), r"shares args\[1\]"),
        (read_only, "read-only"),
        (changes_its_argument, "was changed"),
        (remembers, "another gradient"),
    ],
)
def test_a_wrong_gradient_is_caught(compiler, gradients, message):
    compiler(gradients)
    with pytest.raises(AssertionError, match=message):
        assert_gradient(product, (X, Y))


def test_gradients_that_share_memory_are_caught(compiler):
    def shared(x, y):
        gradient = 1.0 * x
        return gradient, gradient

    compiler(shared)
    with pytest.raises(AssertionError, match="the gradients on x and y share memory"):
        assert_gradient(product, (X, X))


def test_a_wrong_value_is_caught(compiler):
    compiler(right, lambda x, y: 1.001 * product(x, y))
    with pytest.raises(AssertionError, match="value_and_grad"):
        assert_gradient(product, (X, Y))


def test_a_number_has_a_float(compiler):
    compiler(lambda x, y: (np.array(y), x))
    with pytest.raises(AssertionError, match="is ndarray, not float"):
        assert_gradient(product, (2.0, 3.0))
