"""The forms in which backward passes are written, and what `check_backward` says of passes that it cannot
run.
"""

import copy

import numpy as np
import pytest
from from_text import function

import revad
from revad import check_backward
from revad.__main__ import main

pytestmark = pytest.mark.quick

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(0, x)


class Dense:
    def __init__(self):
        self.W, self.b, self.dW, self.db = RNG.normal(size=(4, 2)), np.zeros(2), None, None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Averaging(Dense):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / len(dout)
        return dx


class Net:
    def __init__(self):
        self.params = {"W1": RNG.normal(size=(4, 5)), "b1": np.zeros(5), "W2": RNG.normal(size=(5, 2))}
        self.reg = 0.1

    def loss(self, X, y):
        W1, b1, W2 = self.params["W1"], self.params["b1"], self.params["W2"]
        h = np.maximum(0, X @ W1 + b1)
        d = h @ W2 - y
        loss = np.sum(d**2) / len(X) + self.reg * np.sum(W1**2)
        ds = 2 * d / len(X)
        grads = {"W2": h.T @ ds}
        dh = ds @ W2.T
        dh[h <= 0] = 0
        grads["W1"] = X.T @ dh + 2 * self.reg * W1
        grads["b1"] = dh.sum(axis=0)
        return loss, grads


@pytest.mark.parametrize(
    "prime",
    [lambda x: sigmoid(x) * (1 - sigmoid(x)), lambda s: s * (1 - s)],
    ids=["of the input", "of the output"],
)
def test_a_derivative(prime):
    result = check_backward(sigmoid, prime, X)
    assert result and result.form == "derivative"


def test_a_wrong_derivative_is_wrong():
    assert not check_backward(sigmoid, lambda x: sigmoid(x), X)


def test_an_object_is_left_as_it_was():
    layer = Dense()
    result = check_backward(layer.forward, layer.backward, X)
    assert result and result.form == "object" and len(result.rows) == 3
    assert layer.dW is None and not hasattr(layer, "x")


def test_a_wrong_attribute():
    layer = Averaging()
    result = check_backward(layer.forward, layer.backward, X)
    assert result.verdict == "self.dW is wrong" and result.mistakes == ("doubled 1/N",)


def test_a_loss_of_an_object_with_a_dict_of_gradients():
    net = Net()
    before = copy.deepcopy(net.params)
    result = check_backward(net.loss, None, X, RNG.normal(size=(3, 2)))
    assert result and result.form == "loss and gradients" and len(result.rows) == 3
    assert all(np.array_equal(net.params[name], before[name]) for name in before)


@pytest.mark.parametrize(
    "backward",
    [
        "def b(dout, x):\n    return dout * (x > 0)",
        "def b(dout, out):\n    return dout * (out > 0)",
        "def b(x, dout):\n    return dout * (x > 0)",
    ],
)
def test_a_pass_without_a_cache(backward):
    assert check_backward(relu, function(backward), X)


def test_another_side_of_a_kink_is_not_blamed():
    result = check_backward(
        relu, function("def b(dout, x):\n    return dout * (x >= 0)"), np.array([-1.0, 0.0, 2.0])
    )
    assert result and result.rows[0].verdict == "kink"


def test_a_function_that_revad_refuses_is_compared_with_differences():
    forward = function(
        "def f(x):\n    y = 0\n    for part in memoryview(x):\n        y = y + part**2\n    return y, x"
    )
    right = function("def b(dout, cache):\n    return 2 * cache * dout")
    wrong = function("def b(dout, cache):\n    return cache * dout")
    assert check_backward(forward, right, np.arange(1.0, 4)).notes
    result = check_backward(forward, wrong, np.arange(1.0, 4))
    assert result.mistakes == ("factor 2",) and result.rows[0].ratio == "0.5"


def test_a_cache_from_before():
    forward = function("def f(x, w):\n    kept['x'] = x\n    return x @ w, (w,)", kept={})
    backward = function(
        "def b(dout, cache):\n    return dout @ cache[0].T, kept['x'].T @ dout",
        kept=forward.__globals__["kept"],
    )
    result = check_backward(forward, backward, X, RNG.normal(size=(4, 2)))
    assert result.mistakes == ("stale cache",) and result.findings[0].gradients == ("w",)


def test_two_mistakes_are_both_named():
    forward = function("def f(x, w):\n    return x @ w, (x, w)")
    backward = function(
        "def b(dout, cache):\n    x, w = cache\n    dx = -dout @ w.T\n    dw = 2 * x.T @ dout\n"
        "    return dx, dw"
    )
    result = check_backward(forward, backward, X, RNG.normal(size=(4, 2)))
    assert set(result.mistakes) == {"sign", "factor 2"}


def test_a_pass_that_raises():
    backward = function("def b(dout, cache):\n    return dout @ cache")
    result = check_backward(function("def f(x, w):\n    return x @ w, w"), backward, X, np.ones((4, 2)))
    assert not result and result.mistakes == ("raises",) and "line 2" in str(result)


def test_what_has_no_known_form_is_refused():
    with pytest.raises(revad.CallError, match="takes ys"):
        check_backward(relu, function("def b(dout, ys):\n    return dout"), X)
    with pytest.raises(revad.CallError, match="no gradients beside"):
        check_backward(relu, None, X)
    with pytest.raises(revad.CallError, match="no parameter 'w'"):
        check_backward(relu, lambda dout, x: dout, X, wrt="w")


def test_float32_has_its_own_tolerance():
    backward = function("def b(dout, x):\n    return (dout * (x > 0)).astype(np.float32)")
    assert check_backward(relu, backward, X.astype(np.float32))


FILE = """
import numpy as np

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, {}

def tanh(x):
    return np.tanh(x)

def tanh_prime(x):
    return 1 - np.tanh(x)**2

def odd_forward(table):
    return table["x"] * 2, None

def odd_backward(dout, cache):
    return {{"x": 2 * dout}}

odd_args = ({{"x": np.ones(3)}},)
"""


@pytest.mark.parametrize("db, status", [("dout.sum(axis=0)", 0), ("dout", 1)])
def test_a_file_is_graded(tmp_path, capsys, db, status):
    path = tmp_path / "layers.py"
    path.write_text(FILE.format(db))
    assert main(["grade", str(path)]) == status
    out = capsys.readouterr().out
    assert f"{3 - status} of 3 right" in out
    assert ("broadcast not summed" in out) == bool(status)


def test_a_file_without_pairs_or_arguments(tmp_path, capsys):
    path = tmp_path / "layers.py"
    path.write_text("x = 1\n")
    assert main(["grade", str(path)]) == 2 and "no pairs" in capsys.readouterr().out
    path.write_text("def f(x):\n    return x.undefined\ndef f_grad(x):\n    return x\n")
    assert main(["grade", str(path)]) == 2 and "f_args" in capsys.readouterr().out
    assert main(["grade", str(tmp_path / "none.py")]) == 2


class Leaky:
    """Parameters in one dict, gradients in another."""

    def __init__(self):
        self.params, self.grads = {"W": RNG.normal(size=(4, 2)), "b": np.ones(2)}, {}

    def forward(self, x):
        self.x, self.z = x, x.dot(self.params["W"]) + self.params["b"]
        return np.where(self.z > 0, self.z, 0.1 * self.z)

    def backward(self, dout):
        dz = dout * np.where(self.z > 0, 1, 0.1)
        self.grads["W"], self.grads["b"] = self.x.T.dot(dz), dz.sum(0)
        return dz.dot(self.params["W"].T)


class Blamed(Leaky):
    def backward(self, dout):
        dz = dout * np.where(self.z < 0, 1, 0.1)
        self.grads["W"], self.grads["b"] = self.x.T.dot(dz), dz.sum(0)
        return dz.dot(self.params["W"].T)


def test_gradients_in_a_dict_of_an_object():
    right, wrong = Leaky(), Blamed()
    assert check_backward(right.forward, right.backward, X)
    assert check_backward(wrong.forward, wrong.backward, X).mistakes == ("wrong mask",)


EMBEDDING = """
def forward(W, index):
    return W[index] * 3.0, (W.shape, index)
def backward(dout, cache):
    shape, index = cache
    dW = np.zeros(shape)
    np.add.at(dW, index, dout * 3.0)
    return dW
"""
SCALE = """
def forward(x, gamma):
    return x * gamma, (x, gamma)
def backward(dy, cache):
    x, gamma = cache
    dgamma = (dy * x).sum(axis=0)
    dx = dy * gamma
    return dx, dgamma
"""
ENTROPY = """
def forward(scores, y):
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    n = len(y)
    loss = -np.log(p[range(n), y]).sum() / n
    p[range(n), y] -= 1
    return loss, p / n
"""


@pytest.mark.parametrize("text, args, before, after, kind", [
    (EMBEDDING, (RNG.normal(size=(6, 3)), np.array([[0, 2, 2], [5, 2, 1]])), "np.add.at(dW, index, dout * 3.0)",
     "dW[index] += dout * 3.0", "overwritten"),
    (SCALE, (X, RNG.normal(size=4)), "dx = dy * gamma", "dx = dy", "local gradient"),
    (ENTROPY, (X, np.array([3, 0, 2])), "p[range(n), y] -= 1", "p[range(n), y] += 1", "sign"),
    (ENTROPY, (X, np.array([3, 0, 2])), "p / n", "p", "missing 1/N"),
])
def test_a_mistake_of_an_unusual_style_is_named(text, args, before, after, kind):
    def graded(text):
        forward = function(text)
        return check_backward(forward, forward.__globals__.get("backward"), *args)

    assert graded(text)
    assert graded(text.replace(before, after)).mistakes == (kind,)
