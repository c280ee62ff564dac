"""has_aux: a function that returns (loss, aux) gives its gradient and aux, which no gradient flows from."""
import pickle

import numpy as np
import pytest
from differences import assert_gradient

from revad import CallError, check_grad, grad, value_and_grad

rng = np.random.default_rng(11)
x, W = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))


def loss(x, W):
    h = np.tanh(x @ W)
    return np.sum(h**2), {"h": h, "n": len(x), "mode": "tanh", "none": None}


def plain(x, W):
    return loss(x, W)[0]


def same(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_gradients_and_aux():
    (dx, dW), aux = grad(loss, has_aux=True)(x, W)
    ex, eW = grad(plain)(x, W)
    same(dx, ex)
    same(dW, eW)
    same(aux.pop("h"), np.tanh(x @ W))
    assert aux == {"n": 4, "mode": "tanh", "none": None}


def test_value_and_aux_and_gradients():
    (value, aux), dW = value_and_grad(loss, wrt="W", has_aux=True)(x, W)
    assert value == plain(x, W) and list(aux) == ["h", "n", "mode", "none"]
    same(dW, grad(plain, wrt="W")(x, W))


def test_the_text():
    gradient = grad(loss, has_aux=True)
    gradient(x, W)
    assert gradient.source == """\
def loss_grad(x, W):
    # forward pass
    h = np.tanh(x @ W)
    # backprop h = np.tanh(x @ W)
    dp = 2 * (1 - h**2) * h
    dx = dp @ W.T
    dW = x.T @ dp
    return (dx, dW), {'h': h, 'n': len(x), 'mode': 'tanh', 'none': None}"""
    assert repr(gradient) == "<grad with aux of loss wrt x, W>"


def test_the_text_with_the_value():
    @value_and_grad(has_aux=True)
    def f(t):
        u = 3 * t
        return u * u, u

    assert f(2.0) == ((36.0, 6.0), 36.0)
    assert f.source.splitlines()[-1] == "    return (u * u, u), dt"


@pytest.mark.parametrize("wrt, shape", [(None, 2), ("x", None), (("W",), 1), (("W", "x"), 2), (1, None)])
def test_with_every_form_of_wrt(wrt, shape):
    found, aux = grad(loss, wrt=wrt, has_aux=True)(x, W)
    assert (len(found) if isinstance(found, tuple) else None) == shape and aux["n"] == 4


def test_as_a_decorator_of_a_method():
    class Model:
        def __init__(self):
            self.w = np.array([1.0, 2.0])

        @grad(wrt="self", has_aux=True)
        def loss(self, v):
            return np.sum(self.w * v) ** 2, (self.w, v)

    model = Model()
    found, (w, v) = model.loss(np.ones(2))
    same(found.w, [6.0, 6.0])
    assert w is model.w


def cube(t):
    return t**3, [t, 2 * t]


def test_higher_derivatives_hand_aux_on():
    second = grad(grad(cube, has_aux=True), has_aux=True)
    assert second(2.0) == (12.0, [2.0, 4.0])
    assert grad(second, has_aux=True)(2.0) == (6.0, [2.0, 4.0])


def test_the_gradient_of_a_gradient_with_aux_needs_has_aux_as_well():
    with pytest.raises(CallError) as caught:
        grad(grad(cube, has_aux=True))(2.0)
    assert "returns a tuple of 2: a gradient needs one number" in str(caught.value)


def sides(t, k):
    if t > 0:
        return k * t**2, {"side": t}
    return -t, {"side": 2 * t}


def test_of_a_result_that_depends_on_the_side_of_a_branch():
    f = grad(sides, has_aux=True)
    assert f(2.0, 3.0) == ((12.0, 4.0), {"side": 2.0})
    assert f(-2.0, 3.0) == ((-1.0, 0.0), {"side": -4.0})


def helper_returns_the_pair(t):
    pair = sides(t, 2.0)
    return pair


def test_of_a_pair_that_a_called_function_returns():
    assert grad(helper_returns_the_pair, has_aux=True)(2.0) == (8.0, {"side": 2.0})
    assert value_and_grad(helper_returns_the_pair, has_aux=True)(-1.0) == ((1.0, {"side": -2.0}), -1.0)


def shares(v):
    y = 1.5 * v
    return np.sum(y * y) / 2, y


def test_no_gradient_shares_memory_with_aux():
    v = np.ones(3)
    dv, y = grad(shares, has_aux=True)(v)
    dv *= 10
    same(y, 1.5 * np.ones(3))
    same(v, np.ones(3))


def stores(v):
    y = v * 2
    total = np.sum(y**3)
    y[0] = 0
    return total, y


def test_aux_is_what_the_function_gives_also_where_it_stores():
    dv, y = grad(stores, has_aux=True)(np.array([1.0, 2.0]))
    same(dv, [24.0, 96.0])
    same(y, [0.0, 4.0])


def test_forward_and_backward_take_the_pair_as_an_output():
    assert_gradient(loss, (x, W), output=0)
    f = grad(loss, has_aux=True)
    out, cache = f.forward(x, W)
    assert out[1]["mode"] == "tanh"
    for got, expected in zip(f.backward((1.0, None), cache), grad(plain)(x, W)):
        same(got, expected)


def test_check_grad():
    assert check_grad(grad(loss, has_aux=True), x, W)


def test_pickle():
    f = pickle.loads(pickle.dumps(grad(cube, has_aux=True)))
    assert f(2.0) == (12.0, [2.0, 4.0])


REMEDY = "with has_aux=True it has to return a pair, the number to differentiate and whatever else it has to tell: " \
         "return loss, aux"


@pytest.mark.parametrize("function, argument, message", [
    (lambda t: t**2, 1.0, "one number"), (lambda t: (t, t, t), 1.0, "a tuple of 3"),
    (lambda t: 2 * t, np.ones(2), "an array"),
    (lambda t: {"loss": t, "aux": t}, 1.0, "a dict of 2")])
def test_what_is_no_pair(function, argument, message):
    with pytest.raises(CallError) as caught:
        grad(function, has_aux=True)(argument)
    assert str(caught.value) == f"function returns {message}: {REMEDY}"


def test_a_pair_whose_first_is_no_number():
    with pytest.raises(CallError, match=r"returns an array of shape \(2,\): a gradient needs one number"):
        grad(lambda v: (2 * v, v), has_aux=True)(np.ones(2))
