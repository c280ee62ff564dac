"""Traps by hand: the cases in which generated code of this style goes wrong while every simple test passes."""

import itertools
import linecache
import math
import pickle
import types

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient

import revad
from revad import grad, value_and_grad

pytestmark = pytest.mark.quick

WIDE = np.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]])
ROW = np.array([0.5, -0.8, 1.7])


_counter = itertools.count()


def defined(text, namespace):
    """The function f of a text, with the text where inspect finds it."""
    name = f"<trap {next(_counter)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    exec(compile(text, name, "exec"), namespace)
    return namespace["f"]


# --- forks: `dx = dz; dy = dz; dx += g`


def test_two_names_for_one_gradient_do_not_share_memory():
    def f(x, y):
        z = x + y
        return np.sum(z * z + 3.0 * x)

    assert_gradient(f, (ROW, ROW[::-1].copy()))


def test_the_staged_function_on_arrays():
    """The notes' own backward pass gives the gradient of x for both, once x and y are arrays."""

    def f(x, y):
        sigy = 1.0 / (1 + np.exp(-y))
        num = x + sigy
        sigx = 1.0 / (1 + np.exp(-x))
        xpy = x + y
        xpysqr = xpy**2
        den = sigx + xpysqr
        invden = 1.0 / den
        return np.sum(num * invden)

    assert_gradient(f, (np.array([3.0, 1.0]), np.array([-4.0, 0.5])))


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3, 2)])
def test_gradients_share_no_memory(shape):
    def f(x, y, z):
        q = x - y
        return q + z, q

    x = np.random.default_rng(0).standard_normal((3, *shape))
    assert_gradient(f, tuple(x))


def test_the_same_array_for_two_parameters():
    def f(x, y):
        return np.sum(x * y + x)

    x = ROW.copy()
    dx, dy = grad(f)(x, x)
    np.testing.assert_array_equal(dx, x + 1)
    np.testing.assert_array_equal(dy, x)
    assert not np.shares_memory(dx, dy) and not np.shares_memory(dx, x)


def test_a_parameter_returned_as_it_is():
    def f(x, y):
        return x

    gradient = grad(f)
    out, cache = gradient.forward(ROW, WIDE)
    dout = np.ones(3)
    dx, dy = gradient.backward(dout, cache)
    assert not np.shares_memory(dx, dout)
    np.testing.assert_array_equal(dy, np.zeros_like(WIDE))
    assert grad(f)(2.0, 3.0) == (1.0, 0.0)


def test_a_gradient_that_is_broadcast_is_writable_and_its_own():
    def f(x):
        return np.sum(x) + np.sum(x * x)

    dx = grad(f)(WIDE)
    dx += 1
    assert_gradient(f, (WIDE,))


def test_constant_functions_and_unused_parameters():
    def constant(x, y):
        return 3.0

    def unused(x, y):
        return x * 2.0

    dx, dy = grad(constant)(ROW, 2.0)
    np.testing.assert_array_equal(dx, np.zeros(3))
    assert dx.dtype == float and dy == 0.0 and isinstance(dy, float)
    assert grad(unused)(2.0, 5) == (2.0, 0.0)
    assert grad(constant)(1, 2) == (0.0, 0.0)


def test_a_zero_gradient_is_a_new_array_each_time():
    def f(x, y):
        return y

    gradient = grad(f, wrt="x")
    first = gradient(ROW, 1.0)
    first += 5
    np.testing.assert_array_equal(gradient(ROW, 1.0), np.zeros(3))


# --- repeated indices


@pytest.mark.parametrize("index", [[0, 0, 1], [2, 2, 2], [], [-1, 2]])
def test_repeated_indices_add_up(index):
    index = np.array(index, dtype=int)

    def f(x):
        return np.sum(x[index] * np.arange(1.0, len(index) + 1))

    assert_gradient(f, (ROW,))


def test_repeated_indices_of_a_parameter_and_of_two_axes():
    def f(x, i, j):
        return np.sum(x[i, j] ** 2 * 3.0)

    assert_gradient(f, (WIDE, np.array([0, 1, 0]), np.array([2, 2, 2])), wrt="x")
    assert_gradient(f, (WIDE, np.array([[0], [1]]), np.array([2, 2, 0])), wrt="x")
    assert_gradient(f, (WIDE, 1, np.array([0, 0])), wrt="x")


def test_masks_and_where():
    def f(x):
        mask = x > 0
        return np.sum(x[mask] ** 2) + np.sum(np.where(mask, np.exp(x), x))

    assert_gradient(f, (WIDE,))
    assert_gradient(f, (-np.abs(WIDE),))


# --- unit axes, lengths and ranks that differ between calls of one gradient


def same_gradient_for(f, *calls, wrt=None):
    """One gradient object, compiled for the first arguments, is right for all, in order and again in reverse."""
    gradient = grad(f) if wrt is None else grad(f, wrt=wrt)
    for args in [*calls, *calls[::-1]]:
        found, expected = gradient(*args), numeric_gradient(f, args, wrt)
        pairs = zip(found, expected, strict=True) if isinstance(expected, tuple) else [(found, expected)]
        for a, b in pairs:
            assert np.shape(a) == np.shape(b)
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


def ones_like_shapes(*shapes):
    rng = np.random.default_rng(3)
    return tuple(rng.standard_normal(shape) for shape in shapes)


def test_unit_axes_of_two_calls():
    def f(x, b):
        return np.sum((x + b) ** 2)

    same_gradient_for(f, *[ones_like_shapes(*s) for s in [
        ((4, 3), (3,)), ((4, 3), (1,)), ((4, 3), (4, 1)), ((4, 3), (1, 3)), ((1, 3), (4, 1)),
        ((4, 1), (3,)), ((1, 1), (3,)), ((1,), (1,)), ((), (3,)), ((3,), ()), ((4, 3), (4, 3)),
        ((0, 3), (3,)), ((0, 3), (1,)), ((3,), (2, 4, 3)), ((2, 1, 3), (4, 1))]])


def test_lengths_of_slices_at_run_time():
    """`x[1:]` has length 1 for two elements: then it is broadcast, and for 5 it is not."""

    def f(x, y):
        return np.sum(x[1:] * y) + np.sum(x[:-1] * y)

    same_gradient_for(f, *[ones_like_shapes((n,), (m,)) for n, m in [
        (5, 4), (2, 4), (1, 4 * 0), (2, 1), (5, 1), (3, 2), (1, 1), (2, 0)]])


@pytest.mark.parametrize("text",
                         ["x[:n]", "x[n:]", "x[::2]", "x[-n:]", "x[:3]", "x[1:-1]", "x[n:n + 1]", "x[::-1]"])
def test_lengths_of_slices_with_a_bound_from_outside(text):
    namespace = {"np": np}
    source = f"def f(x, y, n):\n    return np.sum(({text} + y) ** 2)\n"
    f = defined(source, namespace)
    y = np.array([0.4])
    same_gradient_for(f, *[(np.linspace(0.1, 1, length), y, n) for length, n in [
        (5, 2), (5, 1), (2, 1), (1, 1), (3, 3), (3, 0), (0, 1), (2, 2)]], wrt=("x", "y"))


def test_lengths_1_2_and_0_after_5():
    def f(x):
        y = x - x.mean(axis=0, keepdims=True) * 0.5
        return np.sum(y[:1] * y) + np.sum(y.reshape(-1, 1) * y.reshape(1, -1))

    same_gradient_for(f, *[ones_like_shapes((n,)) for n in (5, 1, 2)])


def test_empty_arrays():
    def f(x, w):
        return np.sum(x @ w) + np.sum(x * x) + np.sum(np.concatenate([x, x], axis=0))

    same_gradient_for(f, *[ones_like_shapes(*s) for s in [
        ((4, 3), (3, 2)), ((0, 3), (3, 2)), ((4, 0), (0, 2)), ((4, 3), (3, 0)), ((0, 0), (0, 0))]])


def test_ranks_that_change_between_calls():
    def f(x, y):
        return np.sum(x * y) + np.sum(x.T)

    same_gradient_for(f, *[ones_like_shapes(*s) for s in [
        ((2, 3), (3,)), ((3,), (3,)), ((), (3,)), ((3,), (2, 3)), ((2, 2, 3), (2, 3)), ((), ())]])


def test_products_of_every_rank():
    def f(x, y):
        return np.sum((x @ y) ** 2)

    same_gradient_for(f, *[ones_like_shapes(*s) for s in [
        ((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (3,)), ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((3,), (5, 3, 4)), ((5, 2, 3), (3,)),
        ((2, 1), (1, 4))]])


def test_numbers_arrays_and_numpy_scalars_in_turn():
    def f(x):
        return np.sum(x * x)

    gradient = grad(f)
    for x in (2.0, np.float64(2.0), np.float32(2.0), 2, np.array(2.0), np.array([2.0]),
              np.array([[2.0]]), 2.0):
        found = gradient(x)
        assert np.shape(found) == np.shape(x)
        np.testing.assert_array_equal(found, 4.0)
    assert type(gradient(2)) is float and type(gradient(np.float32(2))) is np.float32
    assert isinstance(gradient(np.array(2.0)), np.ndarray)


# --- precision


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_precision_of_an_input_is_that_of_its_gradient(dtype):
    def f(x, w):
        h = np.tanh(x @ w / 3) * 0.5
        return np.mean(h**2) + 1e-3 * np.sum(w * w)

    dx, dw = grad(f)(WIDE.astype(dtype), WIDE.T.astype(dtype))
    assert dx.dtype == dtype and dw.dtype == dtype


def test_mixed_precision():
    def f(x, w):
        return np.sum(x * w)

    dx, dw = grad(f)(ROW.astype(np.float32), ROW)
    assert (dx.dtype, dw.dtype) == (np.float32, np.float64)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint8, bool])
def test_integers_are_real_numbers(dtype):
    def f(x):
        return np.sum(x * x * 0.5 + x)

    x = np.array([1, 0, 1], dtype=dtype)
    dx = grad(f)(x)
    assert dx.dtype == np.float64
    np.testing.assert_array_equal(dx, x.astype(float) + 1)


def test_a_fork_of_an_integer_array():
    def f(x, y):
        z = x * y
        return np.sum(z * x + z)

    assert_gradient(f, (np.array([1, 2, -3]), np.array([4, 5, 6])))


def test_integer_numbers():
    def f(x, y):
        return x**3 * y + x // 2 + y % 3

    assert grad(f)(3, -4) == (-108.0, 28.0)


# --- names


def test_names_that_the_compiler_would_like_to_have():
    def f(dx, dout, out, cache):
        dy = dx * dout
        y = np.sin(dy) * out
        math_ = y + cache
        prod = math_ * dx
        return prod * y

    assert_gradient(f, (0.5, 0.3, 1.2, -0.4))
    assert_gradient(f, (ROW, ROW + 1, ROW * 2, ROW - 1))


def test_np_and_math_as_local_names():
    numpy, m = np, math

    def f(np, math):
        e = numpy.exp(np) * math
        return numpy.sum(e * e) * m.sqrt(2.0)

    assert_gradient(f, (ROW, ROW + 1))
    assert_gradient(f, (0.5, 0.3))


def test_builtins_as_local_names():
    def f(abs, max):
        sum = abs * max
        float = np.maximum(sum, abs)
        len = float * 2.0
        range = len - max
        return range

    assert_gradient(f, (0.5, 1.5))
    assert_gradient(f, (ROW, ROW + 0.25))


def test_np_not_imported_as_np():
    f = defined("def f(x):\n    return numpy.sum(numpy.abs(x) * x.max())\n", {"numpy": np})
    assert_gradient(f, (ROW,))
    g = defined("from numpy import exp, sum as total\n\ndef f(x):\n    return total(exp(x) * x)\n", {})
    assert_gradient(g, (ROW,))
    h = defined("def f(x):\n    return (x * x).sum() / (1 + abs(x).max())\n", {})
    assert_gradient(h, (ROW,))


def test_np_rebound_to_something_else():
    class Other:
        @staticmethod
        def exp(x):
            return x * x

    namespace = {"np": np}
    f = defined("def f(x):\n    return np.exp(x)\n", namespace)
    gradient = grad(f)
    assert gradient(1.0) == pytest.approx(math.e)
    namespace["np"] = Other
    assert gradient(1.0) == 2.0
    namespace["np"] = types.SimpleNamespace(exp=hash)
    with pytest.raises(revad.UnsupportedError, match="call of hash: revad has no rule for it"):
        gradient(1.0)
    namespace["np"] = np
    assert gradient(1.0) == pytest.approx(math.e)


# --- outside values


def test_a_global_that_changes_its_value_and_becomes_an_array():
    namespace = {"np": np, "scale": 2.0}
    f = defined("def f(x):\n    return np.sum(x * scale)\n", namespace)
    gradient = grad(f)
    assert gradient(3.0) == 2.0
    namespace["scale"] = 5.0
    assert gradient(3.0) == 5.0
    namespace["scale"] = np.array([1.0, 2.0, 4.0])
    assert gradient(3.0) == 7.0
    namespace["scale"] = np.array([[1.0], [2.0]])
    np.testing.assert_array_equal(gradient(ROW), [3.0, 3.0, 3.0])
    namespace["scale"] = np.float32(4.0)
    assert gradient(3.0) == 4.0
    namespace["scale"] = 7
    assert gradient(3.0) == 7.0


def test_a_global_setting_that_changes():
    namespace = {"np": np, "axis": 0, "keep": False}
    f = defined("def f(x):\n    return np.sum(np.sum(x, axis=axis, keepdims=keep) ** 2)\n", namespace)
    gradient = grad(f)
    for axis, keep in [(0, False), (1, False), (None, False), (1, True), (-1, True),
                       ((0, 1), False), (0, False)]:
        namespace.update(axis=axis, keep=keep)
        np.testing.assert_allclose(gradient(WIDE), numeric_gradient(f, (WIDE,)), rtol=1e-6)


def test_a_global_function_that_changes():
    namespace = {"np": np, "activation": np.tanh}
    f = defined("def f(x):\n    return np.sum(activation(x))\n", namespace)
    gradient = grad(f)
    np.testing.assert_allclose(gradient(ROW), 1 - np.tanh(ROW) ** 2)
    namespace["activation"] = np.sin
    np.testing.assert_allclose(gradient(ROW), np.cos(ROW))


def test_a_closure_variable_that_changes():
    def make():
        k = 2.0

        def f(x):
            return np.sum(x * k)

        def change(new):
            nonlocal k
            k = new

        return f, change

    f, change = make()
    gradient = grad(f)
    assert gradient(1.0) == 2.0
    change(np.array([1.0, 3.0]))
    assert gradient(1.0) == 4.0
    change(np.array([[1.0], [3.0], [5.0]]))
    np.testing.assert_array_equal(gradient(ROW), [9.0, 9.0, 9.0])


def test_a_default_is_read_when_it_is_called():
    def f(x, k=2.0):
        return np.sum(x * k)

    gradient = grad(f)
    assert gradient(1.0) == 2.0
    assert gradient(1.0, k=3.0) == 3.0
    assert gradient(1.0, np.array([1.0, 2.0])) == 3.0
    assert gradient(1.0) == 2.0


def test_a_setting_that_is_an_argument():
    def f(x, axis=0, mode="train"):
        scale = 2.0 if mode == "train" else 1.0
        return np.sum(x.sum(axis=axis) ** 2) * scale

    gradient = grad(f)
    for axis in (0, 1, -1, (0, 1), None, 0):
        for mode in ("train", "test"):
            expected = numeric_gradient(lambda x: f(x, axis, mode), (WIDE,))
            np.testing.assert_allclose(gradient(WIDE, axis, mode), expected, rtol=1e-6)


# --- memory of the caller


def test_an_argument_changed_between_forward_and_backward():
    """The cache holds the arrays themselves, as a hand-written layer does: documented, not copied."""

    def f(x):
        return np.sum(x * x)

    gradient = grad(f)
    x = ROW.copy()
    _, cache = gradient.forward(x)
    before = gradient.backward(1.0, cache)
    np.testing.assert_array_equal(before, 2 * ROW)


def test_augmented_assignment_does_not_change_an_argument():
    def f(x, y):
        x += y
        x *= 2.0
        return np.sum(x * x)

    x, y = ROW.copy(), ROW + 1
    grad(f)(x, y)
    value_and_grad(f)(x, y)
    gradient = grad(f)
    _, cache = gradient.forward(x, y)
    gradient.backward(1.0, cache)
    np.testing.assert_array_equal(x, ROW)
    assert_gradient(f, (ROW, ROW + 1))


@pytest.mark.parametrize("view", ["x", "x[1:]", "x.T", "x.reshape(-1)", "x[::-1]", "x[...]", "np.asarray(x)",
                                  "x.ravel()", "[x, x][0]", "(x if x[0] > 0 else x * 2)"])
def test_augmented_assignment_seen_by_another_name_is_right_or_refused(view):
    f = defined(f"def f(x):\n    y = {view}\n    y *= 2.0\n    return np.sum(x * x)\n", {"np": np})
    right_or_refused(f, ROW)
    g = defined(f"def f(x):\n    z = x * 1.0\n    y = {view.replace('x', 'z')}\n    z += 3.0\n"
                "    return np.sum(y * z[0])\n",
                {"np": np})
    right_or_refused(g, ROW)


def right_or_refused(f, *args):
    try:
        assert_gradient(f, args)
    except revad.UnsupportedError as error:
        assert error.lineno


@pytest.mark.parametrize("make", [
    np.asfortranarray, lambda x: x[::-1, ::-1], lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    lambda x: x.T.copy().T],
    ids=["fortran", "reversed", "strided", "transposed"])
def test_arrays_that_are_not_contiguous(make):
    def f(x):
        y = x.reshape(-1)
        return np.sum(y[1:] * y[:-1]) + np.sum(x * x.ravel()[0])

    x = make(WIDE)
    expected = numeric_gradient(f, (WIDE if x.shape == WIDE.shape and np.array_equal(x, WIDE) else x.copy(),))
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-6)
    dx = grad(f)(x)
    dx += 1


def test_read_only_arrays():
    def f(x, y):
        x += y
        return np.sum(x * y)

    def g(x, y):
        z = x * 1.0
        z += y
        return np.sum(z * y)

    x, y = ROW.copy(), ROW + 1
    x.setflags(write=False)
    y.setflags(write=False)
    dx, dy = grad(g)(x, y)
    assert dx.flags.writeable and dy.flags.writeable
    np.testing.assert_allclose(dy, x + 2 * y)
    gradient = grad(g)
    _, cache = gradient.forward(x, y)
    dx, _ = gradient.backward(1.0, cache)
    assert dx.flags.writeable


def test_a_dout_that_is_broadcast_and_read_only():
    def f(x, y):
        z = x + y
        return z * 1.0 + x

    gradient = grad(f)
    _, cache = gradient.forward(WIDE, WIDE + 1)
    dout = np.broadcast_to(1.0, WIDE.shape)
    dx, dy = gradient.backward(dout, cache)
    np.testing.assert_array_equal(dx, np.full(WIDE.shape, 2.0))
    dx += 1
    dy += 1


def test_backward_twice_and_caches_in_any_order():
    def f(x, w):
        h = x @ w
        h += x.sum()
        return np.tanh(h)

    gradient = grad(f)
    out1, cache1 = gradient.forward(WIDE, WIDE.T)
    out2, cache2 = gradient.forward(WIDE * 2, WIDE.T)
    douts = [np.ones_like(out1), np.arange(4.0).reshape(2, 2)]
    first = [gradient.backward(d, cache1)[0].copy() for d in douts]
    gradient.backward(douts[0], cache2)
    for d, expected in zip(douts, first):
        np.testing.assert_array_equal(gradient.backward(d, cache1)[0], expected)


# --- arrays that are refused


class Sub(np.ndarray):
    pass


@pytest.mark.parametrize("bad", [
    np.ma.masked_array([1.0]), np.array([1 + 2j]), np.array([object()]), np.array(["a"]), 1 + 2j, "text",
    None, object(), {1.0}, np.array([1.0]).view(Sub), np.array(["2020-01-01"], dtype="M8[D]")],
    ids=lambda bad: type(bad).__name__)
def test_what_has_no_gradient_is_refused_in_one_sentence(bad):
    def f(x):
        return x

    with pytest.raises(revad.CallError) as caught:
        grad(f)(bad)
    assert "x" in str(caught.value) and "\n" not in str(caught.value)


def test_a_memory_map_is_refused_or_right(tmp_path):
    def f(x):
        return np.sum(x * x)

    x = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(3,))
    x[:] = ROW
    try:
        found = grad(f)(x)
    except revad.CallError:
        return
    np.testing.assert_array_equal(found, 2 * ROW)
    assert type(found) is np.ndarray


# --- numbers at the edge


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_go_through(bad):
    def f(x):
        return np.sum(x * x)

    x = np.array([1.0, bad, 2.0])
    np.testing.assert_array_equal(grad(f)(x), 2 * x)


def test_negative_zero():
    def f(x):
        return np.sum(np.abs(x) + np.maximum(x, 0) + np.maximum(0, x))

    np.testing.assert_array_equal(grad(f)(np.array([-0.0, 0.0])), [0.0, 0.0])
    assert grad(lambda_free)(-0.0) == 0.0


def lambda_free(x):
    return abs(x) * 1.0


@pytest.mark.parametrize("write", [
    "e = np.exp(s - s.max(axis=1, keepdims=True))\n    p = e / e.sum(axis=1, keepdims=True)",
    "z = s - np.max(s, axis=1, keepdims=True)\n    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)"])
def test_softmax_of_large_scores(write):
    f = defined(f"def f(s, w):\n    {write}\n    return np.sum(p * w)\n", {"np": np})
    s = np.array([[1000.0, 1000.5, -1000.0], [-800.0, 800.0, 799.0]])
    with np.errstate(all="raise", under="ignore"):
        found = grad(f, wrt="s")(s, WIDE)
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, p * (WIDE - (p * WIDE).sum(axis=1, keepdims=True)),
                               rtol=1e-9, atol=1e-12)


def test_log_sum_exp_of_large_scores():
    def f(s):
        m = s.max()
        return m + np.log(np.sum(np.exp(s - m)))

    with np.errstate(all="raise", under="ignore"):
        found = grad(f)(np.array([1000.0, 1001.0, -1000.0]))
    np.testing.assert_allclose(found, [1 / (1 + math.e), math.e / (1 + math.e), 0.0], rtol=1e-9)


@pytest.mark.parametrize("x", [-800.0, 800.0, -40.0, 40.0, 0.0])
def test_logistic_and_softplus_far_out(x):
    def logistic(x):
        return np.sum(1 / (1 + np.exp(-x)))

    def softplus(x):
        return np.sum(np.logaddexp(0, x))

    with np.errstate(over="ignore"):
        slope = 1 / (1 + np.exp(-x))
        np.testing.assert_allclose(grad(logistic)(np.array([x])), [slope * (1 - slope)], atol=1e-15)
        np.testing.assert_allclose(grad(softplus)(np.array([x])), [slope], rtol=1e-9, atol=1e-300)


def test_the_side_not_taken_contributes_nothing():
    def f(x):
        return np.sum(np.sqrt(x)) if x[0] > 100 else np.sum(x)

    def g(x):
        return np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0))

    with np.errstate(all="raise"):
        np.testing.assert_array_equal(grad(f)(-ROW), np.ones(3))
        np.testing.assert_array_equal(grad(g)(np.array([4.0, -1.0, 0.0])), [0.25, 0.0, 0.0])


def test_powers_of_zero():
    def f(x):
        return np.sum(x**2 + x**3 + x**1)

    with np.errstate(all="raise"):
        np.testing.assert_array_equal(grad(f)(np.zeros(3)), np.ones(3))

    def g(x, y):
        return x**y

    with np.errstate(all="raise"):
        assert grad(g)(0.0, 2.0) == (0.0, 0.0)


# --- ties


def test_ties():
    def two(x, y):
        return max(x, y)

    def arrays(x, y):
        return np.sum(np.maximum(x, y))

    def relu(x):
        return np.sum(np.maximum(x, 0)) + np.sum(np.maximum(0, x))

    def least(x, y):
        return np.sum(np.minimum(x, y))

    def reduced(x):
        return np.max(x)

    assert grad(two)(2.0, 2.0) == (1.0, 0.0)
    for f in (arrays, least):
        dx, dy = grad(f)(ROW, ROW)
        np.testing.assert_array_equal(dx, np.ones(3))
        np.testing.assert_array_equal(dy, np.zeros(3))
    np.testing.assert_array_equal(grad(relu)(np.zeros(2)), np.zeros(2))
    np.testing.assert_array_equal(grad(reduced)(np.array([1.0, 3.0, 3.0])), [0.0, 0.5, 0.5])


# --- truth values are no numbers: True + True is True, and -True is refused


def test_masks_that_stand_for_gradients():
    def f(x, y):
        a, b = np.maximum(x, y), np.maximum(x, -3.0)
        return np.sum(a) + np.sum(b) - 3 * np.sum(np.fmax(x, -2.0))

    def g(x):
        return np.sum(np.maximum(x, -1.0) - np.maximum(x, -2.0))

    def h(x):
        return np.maximum(x, 0) + np.maximum(x, -1) - np.fmax(x, -2)

    assert_gradient(f, (ROW, ROW[::-1] * 1.1))
    assert_gradient(g, (ROW,))
    assert_gradient(h, (np.float64(1.5),))
    assert_gradient(h, (1.5,))


# --- the object


def test_two_functions_of_one_code_with_different_closures():
    def make(k):
        def f(x):
            return np.sum(x * k)

        return f

    number, array = grad(make(2.0)), grad(make(np.array([1.0, 2.0])))
    assert number(1.0) == 2.0 and array(1.0) == 3.0
    assert number(1.0) == 2.0 and array(1.0) == 3.0


@grad
def module_level(x, y):
    """Its own text."""
    return np.sum(x * y)


def test_pickle_signature_and_name():
    again = pickle.loads(pickle.dumps(module_level))
    assert again(2.0, 3.0) == (3.0, 2.0)
    assert module_level.__name__ == "module_level" and module_level.__doc__ == "Its own text."
    assert module_level.primal(2.0, 3.0) == 6.0


def test_the_source_shown_is_that_of_the_last_call():
    def f(x, w):
        return x @ w

    gradient = grad(f)
    out, cache = gradient.forward(WIDE, WIDE.T)
    gradient.backward(np.ones_like(out), cache)
    assert "dout @ w.T" in gradient.backward.source
    gradient.forward(ROW, ROW)
    assert "cache" in gradient.forward.source and not gradient.forward.source.startswith("#")


def test_dout_may_be_none_in_part():
    def f(x, w, b):
        a = x @ w + b
        return np.maximum(a, 0), (x, w, a)

    gradient = grad(f)
    (out, _), cache = gradient.forward(WIDE, WIDE.T, np.ones(2))
    dx, dw, db = gradient.backward((np.ones_like(out), None), cache)
    expected = numeric_gradient(lambda x, w, b: np.sum(f(x, w, b)[0]), (WIDE, WIDE.T, np.ones(2)))
    for found, right in zip((dx, dw, db), expected):
        np.testing.assert_allclose(found, right, rtol=1e-6)


def test_prints_and_asserts_happen_once(capsys):
    def f(x):
        print("called", x)
        assert x > 0, "positive"
        return x * x

    assert grad(f)(2.0) == 4.0
    assert capsys.readouterr().out == "called 2.0\n"
    with pytest.raises(AssertionError, match="positive"):
        grad(f)(-1.0)


def test_what_is_written_to_the_terminal_is_written_once(capsys):
    def f(x):
        import sys
        from sys import stderr
        y = np.sum(x * x)
        sys.stdout.write("y %.1f\n" % y)
        sys.stdout.flush()
        stderr.write(f"{y:.1f}")
        return y

    assert grad(f, verify=False)(np.ones(2)).tolist() == [2.0, 2.0]
    assert tuple(capsys.readouterr()) == ("y 2.0\n", "2.0")
