"""`.forward` and `.backward`: caches, and every form of `dout`."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
from from_text import function

from revad import CallError, InternalError, RevadError, grad


def affine(x, w, b):
    return x.reshape(x.shape[0], -1) @ w + b


def data(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)


def test_a_layer():
    layer = grad(affine)
    x, w, b = data()
    out, cache = layer.forward(x, w, b)
    dout = np.ones(out.shape)
    dx, dw, db = layer.backward(dout, cache)
    np.testing.assert_allclose(out, x @ w + b)
    np.testing.assert_allclose(dx, dout @ w.T)
    np.testing.assert_allclose(dw, x.T @ dout)
    np.testing.assert_allclose(db, dout.sum(axis=0))


def test_caches_in_any_order_any_number_of_times():
    layer = grad(affine)
    calls = [layer.forward(*data(seed)) for seed in range(3)]
    expected = [layer.backward(np.ones((4, 2)), cache) for _, cache in calls]
    for index in (2, 0, 1, 1, 0, 2):
        for a, b in zip(layer.backward(np.ones((4, 2)), calls[index][1]), expected[index]):
            np.testing.assert_array_equal(a, b)


def test_caches_of_different_kinds_side_by_side():
    g = grad(lambda x: x * x)
    caches = [(value, g.forward(value)[1]) for value in (2.0, 3, np.ones(3), np.ones((2, 1)), np.float32(2))]
    for value, cache in reversed(caches):
        found = g.backward(np.ones(np.shape(value)), cache)
        np.testing.assert_allclose(found, 2.0 * value)
        assert np.shape(found) == np.shape(value)


def test_settings_stay_with_their_cache():
    def f(x, mode="double"):
        return x * 2 if mode == "double" else x * x

    g = grad(f)
    _, double = g.forward(3.0)
    _, square = g.forward(3.0, mode="square")
    for _ in range(2):
        assert g.backward(1.0, square) == 6.0
        assert g.backward(1.0, double) == 2.0


def test_nothing_is_changed_and_nothing_is_shared():
    for function in (lambda x: x, lambda x: x * 1.0, lambda x: x + 0.0, lambda x: x.T, lambda x: (x, x),
                     lambda x: [x]):
        g = grad(function)
        x = np.arange(6.0).reshape(2, 3)
        out, cache = g.forward(x)
        dout = copy.deepcopy(out)
        before = copy.deepcopy((x, dout))
        dx = g.backward(dout, cache)
        assert not np.shares_memory(dx, x)
        for part in dout if isinstance(dout, (tuple, list)) else [dout]:
            assert not np.shares_memory(dx, part)
        dx[...] = np.nan
        np.testing.assert_array_equal(g.backward(dout, cache), g.backward(dout, cache))
        for a, b in zip((x, np.asarray(dout)), (before[0], np.asarray(before[1]))):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dout", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.array(2.0),
                                  np.array(2), True])
def test_dout_of_a_number(dout):
    g = grad(lambda x: x**2)
    expected = 6.0 * float(dout)
    for x in (3.0, 3):
        found = g.backward(dout, g.forward(x)[1])
        assert found == expected and type(found) is float
    found = g.backward(dout, g.forward(np.float32(3))[1])
    assert found == expected and type(found) is np.float32


@pytest.mark.parametrize("dout",
                         [[1, 2], (1.0, 2.0), np.array([1, 2]), np.float32([1, 2]), np.array([1, 2], ">f8"),
                          np.array([1, 0, 2, 0])[::2]])
def test_dout_of_an_array(dout):
    g = grad(lambda x: x**2)
    for dtype in (np.float32, np.float64, int):
        x = np.array([3, 4], dtype)
        found = g.backward(dout, g.forward(x)[1])
        np.testing.assert_allclose(found, [6.0, 16.0])
        assert found.dtype == (dtype if dtype is not int else float)


@pytest.mark.parametrize("dout, message", [
    (np.ones(3), "dout has shape (3,), the output (2,)"),
    (1.0, "dout has shape (), the output (2,)"),
    (np.ones((2, 1)), "dout has shape (2, 1), the output (2,)"),
    ([1.0, [2.0]], "dout is not an array: its rows differ in length"),
    (np.ones(2, complex), "dout is not of real numbers: it has dtype complex128"),
    (["a", "b"], "dout is not of real numbers: it has dtype <U1"),
])
def test_a_dout_that_does_not_fit(dout, message):
    g = grad(lambda x: x**2)
    _, cache = g.forward(np.ones(2))
    with pytest.raises(CallError) as caught:
        g.backward(dout, cache)
    assert str(caught.value) == message
    np.testing.assert_array_equal(g.backward(np.ones(2), cache), [2.0, 2.0])


def parts(x, y):
    scaled = np.exp(x)
    return {"product": x * y, "pair": [scaled * y, x]}, "a label", 3


def test_none_is_zero():
    g = grad(parts)
    x, y = 0.5, 3.0
    _, cache = g.forward(x, y)
    e = np.exp(x)
    for dout, expected in [
        (({"product": 1.0, "pair": [1, 1]}, None, None), (y + e * y + 1, x + e)),
        (({"product": 1.0, "pair": None}, None, None), (y, x)),
        (({"product": None, "pair": [1.0, None]}, None, None), (e * y, e)),
        (({"product": None, "pair": (None, 2.0)}, None, None), (2.0, 0.0)),
        (None, (0.0, 0.0)),
        ((None, None, None), (0.0, 0.0)),
        (({"pair": [1, 1], "product": 1.0}, None, None), (y + e * y + 1, x + e)),
    ]:
        for _ in range(2):
            np.testing.assert_allclose(g.backward(dout, cache), expected)


@pytest.mark.parametrize("dout, words", [
    ((1.0, None), "dout has to be a tuple of 3, as the output is"),
    (1.0, "dout has to be a tuple of 3"),
    (({"product": 1.0}, None, None), "dout[0] has to be a dict with the keys 'product', 'pair'"),
    (({"product": np.ones(2), "pair": None}, None, None), "dout[0]['product'] has shape (2,), the output ()"),
    (({"product": None, "pair": [1.0]}, None, None), "dout[0]['pair'] has to be a list of 2"),
    ((None, "x", None), "dout[1] has to be None: the output there has no gradient"),
])
def test_a_structure_that_does_not_fit(dout, words):
    g = grad(parts)
    _, cache = g.forward(0.5, 3.0)
    with pytest.raises(CallError) as caught:
        g.backward(dout, cache)
    assert str(caught.value).startswith(words)


def test_what_is_no_cache():
    g = grad(lambda x: x**2)
    _, cache = g.forward(1.0)
    for wrong in (tuple(cache), None, 1.0, cache[0]):
        with pytest.raises(CallError, match="cache that .forward returned"):
            g.backward(1.0, wrong)
    with pytest.raises(CallError, match="this cache is of <grad of"):
        g.backward(1.0, grad(lambda x: x**3).forward(1.0)[1])


def test_a_cache_serves_the_same_gradient_made_again():
    _, cache = grad(affine).forward(*data())
    assert len(grad(affine).backward(np.ones((4, 2)), cache)) == 3
    with pytest.raises(CallError):
        grad(affine, wrt="x").backward(np.ones((4, 2)), cache)


def test_copies_of_a_cache():
    g = grad(affine)
    x, w, b = data()
    _, cache = g.forward(x, w, b)
    expected = g.backward(np.ones((4, 2)), cache)
    for again in (copy.copy(cache), copy.deepcopy(cache)):
        for a, b in zip(g.backward(np.ones((4, 2)), again), expected):
            np.testing.assert_array_equal(a, b)
    assert not any(np.shares_memory(a, x) for a in copy.deepcopy(cache) if isinstance(a, np.ndarray))
    with pytest.raises(RevadError, match="cannot be pickled"):
        pickle.dumps(cache)


def test_a_cache_keeps_only_what_is_in_it():
    class Array(np.ndarray):
        pass

    g = grad(lambda x, y: np.exp(x) + y)
    x, y = np.ones(1000), np.ones(1000)
    alive = weakref.ref(y)
    out, cache = g.forward(x, y)
    g.backward(np.ones(1000), cache)
    g(1.0, 2.0)
    del y, out
    gc.collect()
    assert alive() is None
    assert len(cache) == 1


def test_gradients_keep_no_argument_alive():
    g = grad(lambda x, y: np.sum(x * y))
    x, y = np.ones(10), np.ones(10)
    alive = weakref.ref(x)
    g(x, y)
    g.forward(x, y)
    g.source, g.forward.source, g.backward.source
    del x
    gc.collect()
    assert alive() is None


def test_jacobian_rows():
    g = grad(lambda x: np.sin(x) * x[0])
    x = np.array([1.0, 2.0, 3.0])
    _, cache = g.forward(x)
    rows = np.array([g.backward(row, cache) for row in np.eye(3)])
    expected = np.diag(np.cos(x) * x[0])
    expected[:, 0] += np.sin(x)
    np.testing.assert_allclose(rows, expected)


def test_keywords_and_settings_in_forward():
    def f(x, y, *, scale=2.0):
        return x * y * scale

    g = grad(f)
    assert g.backward(1.0, g.forward(y=3.0, x=2.0)[1]) == (6.0, 4.0)
    assert g.backward(1.0, g.forward(2.0, 3.0, scale=1.0)[1]) == (3.0, 2.0)
    with pytest.raises(CallError, match="misses its argument 'y'"):
        g.forward(1.0)


def test_a_global_that_changes_its_kind_between_the_passes():
    k = 2.0

    def f(x):
        return x * k

    g = grad(f)
    _, cache = g.forward(3.0)
    k = np.ones(3)
    with pytest.raises(CallError, match="changed since"):
        g.backward(1.0, cache)
    k = 2.0
    assert g.backward(1.0, cache) == 2.0


def test_two_outputs_that_are_the_same_array():
    g = grad(lambda x: (x, x))
    _, cache = g.forward(np.ones(2))
    one = np.ones(2)
    np.testing.assert_array_equal(g.backward((one, one), cache), [2.0, 2.0])
    np.testing.assert_array_equal(g.backward((one, None), cache), [1.0, 1.0])
    np.testing.assert_array_equal(one, [1.0, 1.0])


def test_errors_in_the_backward_pass_name_the_users_line():
    g = grad(lambda x, w: x @ w)
    _, cache = g.forward(np.ones((2, 3)), np.ones((3, 2)))
    broken = type(cache)([part[:1] for part in cache], cache.owner, cache.bound, cache.layout)
    with pytest.raises(InternalError, match="g = grad|the gradient of <lambda> fails here") as caught:
        g.backward(np.ones((2, 2)), broken)
    assert __file__ in str(caught.value) and isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("dout", [
    {"a": [np.ones(2), None], "b": None}, {"a": [None, None], "b": [np.ones(2), np.ones(2)]},
    {"a": [np.ones(2), np.ones(2)], "b": [None, None]}, {"a": [None, np.ones(2)], "b": [None, None]},
    {"a": [None, None], "b": [None, None]}])
def test_parts_of_dout_with_one_name(dout):
    """Two parts are the same list, so that their names are one: also where nothing reads one of them."""
    f = function("def f(x):\n    items = [x, x * 2]\n    return {'a': items, 'b': items}")
    gradient = grad(f)
    out, cache = gradient.forward(np.array([1.0, 3.0]))
    expected = sum((2 if i else 1) * d for part in dout.values()
                   for i, d in enumerate(part or ()) if d is not None)
    np.testing.assert_allclose(gradient.backward(dout, cache), expected + np.zeros(2))


def test_parts_without_a_name_of_one_side_of_a_branch():
    gradient = grad(function("def f(x, w):\n    acc = 1.0\n    if x:\n        return (acc, w)"))
    out, cache = gradient.forward(1.0, np.ones(2))
    assert gradient.source and [np.sum(d) for d in gradient.backward((1.0, np.ones(2)), cache)] == [0.0, 2.0]
