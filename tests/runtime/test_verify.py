"""Verified mode: a wrong text is caught on its first call, a right one is not accused, and nothing is left of the comparison."""
import collections
import contextlib
import datetime
import io
import os
import pathlib
import pickle
import random
import subprocess
import sys
import threading
import time
import types
import warnings

import numpy as np
import pytest
from differences import leaves
from from_text import function
from mutants import mutants

import revad
from revad import adjoint, elementwise, grad, pipeline, value_and_grad
from revad.runtime.verification import verify as verification

V = np.array([0.3, 0.7, -0.2])
X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])
W = np.array([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]])
B = np.array([0.1, -0.3])
NOT_SKIPPED = pytest.mark.filterwarnings("error::revad.VerificationSkipped")


@contextlib.contextmanager
def written(change, monkeypatch, part=None):
    """Texts are as `change` makes them of the right ones."""
    original = pipeline.differentiate

    def differentiate(front, names, kinds, request, strategy):
        text = original(front, names, kinds, request, strategy)
        return text._replace(text=change(text.text)) if part in (None, request.part) else text
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "differentiate", differentiate)
        yield


# ---- mistakes


MUTANTS = 20        # of each program
PROGRAMS = {
    "elementwise": ("return np.sum(np.sin(x) * y)", V, V + 1),
    "a layer": ("return np.sum(np.tanh(x @ y + z)**2)", X, W, B),
    "a fork": ("s = x + y\n    return np.sum(s * x)", V, 2.0),
    "largest": ("return np.sum(np.max(x, axis=1)**2)", X),
    "a loop": ("out = np.zeros(3)\n    for i in range(3):\n        out[i] = x[i] * x[i - 1]\n"
               "    return np.sum(out**2)", V),
    "a recurrence": ("h = x\n    for t in range(3):\n        h = np.tanh(h * x)\n    return np.sum(h)", V),
    "a store": ("x[0] = x[1]**2\n    return np.sum(x**3)", V),
    "a dict": ("return np.sum(x['w'] @ x['v']) + x['c']**2", {"w": W.T, "v": V, "c": 3.0}),
    "a slice": ("return np.sum(x.reshape(-1)[1:]**2 * 3)", X),
    "a mean": ("return np.mean(x**2, axis=0)[1]", X),
    "relu": ("return np.sum(np.maximum(x, 0) * x)", V),
    "a sum of sums": ("return np.sum(np.cumsum(x)**2)", V),
}


def program(name):
    body, *args = PROGRAMS[name]
    return function(f"def f({', '.join('xyz'[:len(args)])}):\n    {body}"), args


def is_near(a, b):
    """Whether values and gradients are the same, types and all."""
    pairs = list(zip(leaves(a), leaves(b)))
    return all(np.shape(p) == np.shape(q) and np.asarray(p).dtype == np.asarray(q).dtype
               and np.allclose(p, q, 1e-3, 1e-12, equal_nan=True) for (_, p), (_, q) in pairs)


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::RuntimeWarning")
@NOT_SKIPPED
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_mistake_in_a_text_is_caught(name, monkeypatch):
    right = value_and_grad(program(name)[0])
    expected, wrong = right(*program(name)[1]), 0
    every = list(mutants(right.source))
    for what, text in every[::-(-len(every) // MUTANTS)]:
        f, args = program(name)
        with written(lambda _: text, monkeypatch):
            try:
                found = value_and_grad(f, verify=True)(*args)
            except revad.VerificationError:
                wrong += 1
            except Exception:
                continue        # the text itself fails
            else:
                assert is_near(found, expected), f"{what}\n{text}"
    assert wrong >= 4


def of_return(written):
    """A change of what a text returns: `value, (dx, dy)`."""
    return lambda text: text.replace("return ", "result = ") + f"\n    value, (dx, dy) = result\n    return {written}"


RETURNS = {
    "dtype": ("value, (dx.astype(np.float32), dy)",
              "the gradient of x has the dtype float32, where float64 belongs"),
    "shape": ("value, (dx[:2], dy)", "x has the shape (3,), and its gradient (2,)"),
    "not reduced": ("value, (dx, dy * np.ones(3))", "y has the shape (), and its gradient (3,)"),
    "transposed": ("value, (dx[:, None], dy)", "x has the shape (3,), and its gradient (3, 1)"),
    "reversed": ("value, (dx[::-1], dy)", "in the direction of x["),
    "nan": ("value, (dx * np.nan, dy)", "in the direction of x["),
    "one element": ("value, (dx + np.array([0, 0, 0.05]), dy)", "in the direction of x[2] it is "),
    "a percent": ("value, (dx, 1.01 * dy)", "in the direction of y it is "),
    "no gradient": ("value, (0 * dx, dy)", "in the direction of x["),
    "the value": ("value + 1e-6, (dx, dy)", "the value of its output is not that of the function's"),
    "the dtype of the value": ("np.float32(value), (dx, dy)",
                               "the dtype of its output is not that of the function's"),
    "the shape of the value": ("np.array([value]), (dx, dy)",
                               "the shape of its output is not that of the function's"),
    "the argument": ("value, (np.multiply(dx, 1, out=x), dy)", "it changes the argument x"),
    "the argument's last bit": ("value, (dx, dy)[:x.__setitem__(0, np.nextafter(x[0], 9))]",
                                "it changes the argument x"),
    "what is outside": ("value, (dx, dy)[:scale.__setitem__(0, 2.0)]",
                        "it changes what is outside of the function"),
}


@NOT_SKIPPED
@pytest.mark.parametrize("what", RETURNS)
def test_a_wrong_result_is_named(what, monkeypatch):
    change, message = RETURNS[what]
    scale = [1.0]
    f = function("def f(x, y):\n    return np.sum(np.exp(x) * x * y) * scale[0]", scale=scale)
    x = V.copy()
    with written(of_return(change), monkeypatch), pytest.raises(revad.VerificationError) as caught:
        value_and_grad(f, verify=True)(x, 2.0)
    assert message in str(caught.value)
    assert (str(caught.value).startswith("the gradient of f is wrong")
            and "Please report it" in str(caught.value))
    assert np.array_equal(x, V) and scale == [1.0]


@NOT_SKIPPED
@pytest.mark.parametrize("what,change", {
    "wrong sign": ("da * dout", "-da * dout"),
    "a cache that is used up": ("x, w = cache", "x, w = cache\n    x *= 0.5"),
    "dout that is changed": ("x, w = cache", "x, w = cache\n    dout *= 2"),
    "no transpose": ("x.T @ dout", "x.T @ dout[::-1]"),
}.items())
def test_a_wrong_backward_pass_is_caught(what, change, monkeypatch):
    f = function("def f(x, w):\n    return x @ w")
    g = grad(f, verify=True)
    with written(lambda text: text.replace("return dx", "return -dx") if what == "wrong sign" else text.replace(*change), monkeypatch, "backward"):
        out, cache = g.forward(X, W)
        with pytest.raises(revad.VerificationError, match="the gradient of f is wrong"):
            g.backward(np.ones((2, 2)), cache)


@NOT_SKIPPED
def test_a_wrong_forward_pass_is_caught(monkeypatch):
    g = grad(function("def f(x, w):\n    return x @ w"), verify=True)
    with written(lambda text: text.replace("out = x @ w", "out = x @ w * 2"), monkeypatch, "forward"):
        with pytest.raises(revad.VerificationError,
                           match="the value of its output is not that of the function's"):
            g.forward(X, W)


# ---- rules of the user's own


def declared(name):
    """(a function with a wrong rule, arguments)."""
    if name == "wrong axis":
        total = np.vectorize(lambda x: np.sum(x, axis=0), signature="(n,m)->(m)")

        @adjoint(total)
        def total_rule(y, dy, x):
            return np.broadcast_to(dy[::-1], x.shape)
        return function("def f(x):\n    return np.sum(total(x)**2)", total=total), (X,)
    rules = {"sign": "-np.cos(x)", "factor": "2 * np.cos(x)", "the function itself": "y",
             "the other function": "np.sin(x)", "one": "1.0",
             "an exponent": "np.cos(x)**2", "a shift": "np.cos(x) + 0.01", "right": "np.cos(x)"}
    sine = np.vectorize(np.sin)
    elementwise(sine)(function(f"def sine_rule(y, x):\n    return {rules[name]}"))
    return function("def f(x):\n    return np.sum(sine(x)**2 * x)", sine=sine), (V,)


@NOT_SKIPPED
@pytest.mark.parametrize("name", ["sign", "factor", "the function itself", "the other function", "one",
                                  "an exponent", "a shift", "wrong axis"])
def test_a_rule_that_is_declared_wrongly_is_caught(name):
    f, args = declared(name)
    with pytest.raises(revad.VerificationError) as caught:
        grad(f, verify=True)(*args)
    error = caught.value
    assert (error.parameter == "x" and error.direction.startswith("x[")
            and abs(error.generated - error.numeric) > 1e-3)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_wrong_text_is_told_in_each_call_and_a_right_one_once():
    f, args = declared("sign")
    g = grad(f, verify=True)
    for _ in range(2):
        with pytest.raises(revad.VerificationError):
            g(*args)
    grad(f, verify=False)(*args)      # nothing was asked for


def test_second_order_is_compared_with_the_first_and_that_with_the_function():
    f, args = declared("sign")
    g = grad(function("def f(x):\n    return np.sum(np.sin(x))"))
    h = grad(function("def h(x):\n    return x**4"))
    assert grad(h, verify=True)(2.0) == 48.0 and grad(grad(h), verify=True)(2.0) == 48.0
    second = grad(grad(f), verify=True)
    with pytest.raises(revad.VerificationError):
        second.forward(*args)
    _, cache = grad(g, verify=True).forward(V)
    np.testing.assert_allclose(grad(g, verify=True).backward(np.ones(3), cache), -np.sin(V))


# ---- no false alarms

Z = np.zeros(4)
O = np.ones(4)
A = np.array([0.3, -0.7, 0.2, 1.1])
QUIET = [
    ("np.sum(np.maximum(x, 0))", Z), ("np.sum(np.maximum(x, 0) - 0.01 * np.maximum(-x, 0))", Z),
    ("np.sum(np.maximum(x, 0) - np.maximum(-x, 0))", Z),
    ("np.sum(np.abs(x))", Z), ("np.max(x)", Z), ("np.max(x)**2", O), ("np.max(x) + np.min(x)", O),
    ("np.sum(np.abs(x) * x)", Z),
    ("np.sum(np.sort(x) * np.arange(4))", O), ("np.median(x)", O), ("np.sum(np.sign(x) * x**2)", Z),
    ("np.linalg.norm(x)", Z), ("np.var(x)", O),
    ("np.std(x)", O), ("np.sum(1e8 * x)", A), ("np.sum(1e-12 * x)", A), ("np.sum(x**2)", A * 1e10),
    ("np.sum(x**2)", A * 1e-10), ("np.sum(x)**2", A * 1e150),
    ("np.sum(np.cos(x)) * 1e-300", A), ("np.sum(np.sin(x * 1e6))", A), ("np.sum(np.tanh(x * 1e3))", A),
    ("(x[0] + 1e16 - 1e16) * x[1]", A),
    ("np.sum(np.sqrt(x**2 + 1e-16))", Z), ("np.sum(np.round(x))", A), ("np.sum(np.floor(x))", A * 1e10),
    ("np.sum(x * np.floor(x * 10))", A),
    ("np.sum((x > 0.25) * x)", A), ("np.sum(x % 0.3)", A), ("np.sum(x * np.round(x * 1e6) / 1e6)", A),
    ("np.sum(np.clip(x, -0.7, 0.3))", A),
    ("np.sum(np.sqrt(x))", np.full(3, 1e-300)),
    ("np.sum(np.log1p(x))", np.array([-1 + 1e-12, -1 + 1e-15, 1e-300])),
    ("np.sum(np.arccos(x))", np.array([1 - 1e-12, -1 + 1e-14, 0.5])),
    ("np.sum(np.log(x))", np.array([1e-300, 1e300, 1.0])),
    ("np.sum(np.sqrt(1 - x**2))", np.array([1.0, 0.5])), ("np.prod(x)", np.array([0.0, 1, 2])),
    ("np.prod(x)", np.array([0.0, 0, 2])),
    ("np.sum(np.exp(x))", np.array([700.0, -700, 0])),
    ("np.sum(1 / (1 + np.exp(-x)))", np.array([-1000.0, 1000, 0])),
    ("np.log(np.sum(np.exp(x)))", np.array([600.0, 1.0])), ("np.sum(x)", np.zeros(0)),
    ("np.sum(x**2)", np.zeros((0, 3))), ("np.sum(x**2)", np.array(3.0)),
    ("np.sum(x**3)", A.astype(np.float32)), ("np.sum(np.sin(x * 100))", A.astype(np.float32)),
    ("np.sum(x**2)", A.astype(np.float16)),
    ("np.sum(np.exp(x))", A.astype(np.longdouble)),
    ("np.mean((x - np.mean(x))**2)", (A * 1e-3 + 1000).astype(np.float32)),
    ("np.sum(x.astype(np.float32)**2)", A), ("np.sum(x**2) / 3", np.array([1, 2, 3])), ("x**2", 3),
    ("x**2", np.float32(3)), ("np.sum(x) / np.sum(x)", A),
    ("np.sum(x**2)", np.array([np.nan, 1.0])), ("np.sum(np.exp(x))", np.array([np.inf, 1.0])),
    ("np.sum(np.where(x > 0, np.sqrt(np.abs(x)), 0))", Z),
    ("np.sum(np.power(x, 0))", Z), ("np.sum(np.cbrt(x))", Z), ("np.sum(np.exp(-1 / x**2))", A * 1e-2),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@NOT_SKIPPED
@pytest.mark.parametrize("expression,x", QUIET)
def test_a_right_gradient_is_not_accused(expression, x):
    before = verification.counts["verified"]
    value_and_grad(function(f"def f(x):\n    return {expression}"), verify=True)(x)
    assert verification.counts["verified"] == before + 1


@NOT_SKIPPED
@pytest.mark.parametrize("text,args", [
    ("def f(x):\n    for i in range(100):\n        x = 3.9 * x * (1 - x)\n    return x", (0.3,)),
    ("def f(x):\n    while abs(x) > 1:\n        x = x / 2\n    return x**2", (100.3,)),
    ("def f(x, w):\n    for i in range(100):\n        x = np.tanh(w @ x * 3)\n    return np.sum(x)",
     (A, np.outer(A, A[::-1]) + np.eye(4))),
    ("def f(x):\n    n = np.random.normal(size=4)\n    return np.sum(n * x) * random.random()", (A,)),
    ("def f(x, y):\n    return max(x, y) + 2 * min(x, y)", (1.0, 1.0)),
    ("def f(x, y):\n    return x if x > y else y * 2", (1.0, 1.0)),
    ("def f(x, n):\n    return x**n", (2.0, 3)),
])
def test_a_right_gradient_of_a_harder_function_is_not_accused(text, args):
    before = verification.counts["verified"]
    value_and_grad(function(text, random=random), verify=True)(*args)
    assert verification.counts["verified"] == before + 1


# ---- forms


class Layer:
    def __init__(self):
        self.w, self.calls, self.rng = W.copy(), [0], np.random.default_rng(3)

    @grad(wrt=("x", "self"), verify=True)
    def loss(self, x):
        self.calls[0] = self.calls[0] + 1
        self.scale = 2.0
        noise = self.rng.normal(size=3)
        return np.sum((x + noise) @ self.w) * self.calls[0] * self.scale


@NOT_SKIPPED
def test_methods_and_what_their_objects_hold():
    layer, other = Layer(), Layer()
    dx, dlayer = layer.loss(X)
    noise = other.rng.normal(size=3)
    np.testing.assert_allclose(dx, np.tile(2 * W.sum(axis=1), (2, 1)))
    np.testing.assert_allclose(dlayer.w, np.repeat(2 * (X + noise).sum(axis=0)[:, None], 2, axis=1))
    assert layer.calls == [0] and not hasattr(layer, "scale")
    assert layer.rng.bit_generator.state == other.rng.bit_generator.state       # drawn from once


@NOT_SKIPPED
def test_forms():
    aux = value_and_grad(function("def f(x, y):\n    return np.sum(x * y), x + 1"), wrt="y",
                         has_aux=True, verify=True)
    (value, extra), dy = aux(V, V + 1)
    assert value == np.sum(V * (V + 1)) and np.array_equal(extra, V + 1) and np.array_equal(dy, V)
    assert np.array_equal(grad(aux.primal, wrt=("y",), has_aux=True, verify=True)(V, V)[0][0], V)
    spread = grad(function("def f(*xs, k=2.0, **more):\n    return sum(xs) * k * more['z']"),
                  wrt=("xs", "k", "more"), verify=True)
    assert spread(1.0, 2.0, k=3.0, z=2.0) == ((6.0, 6.0), 6.0, {"z": 9.0})
    nested = grad(function("def f(p):\n    return p['a'][0] * p['b'] + np.sum(p['c'].w)"), verify=True)
    found = nested({"a": [2.0, 5], "b": np.float32(3.0), "c": types.SimpleNamespace(w=V, name="c")})
    assert found["a"] == [3.0, 0.0] and found["b"] == 2.0 and np.array_equal(found["c"].w, np.ones(3))

    @grad(wrt="x", verify=True)
    def decorated(x, scale=2):
        return x * scale
    assert decorated(1.0) == 2.0 and decorated.verify is True
    assert grad(decorated.primal).verify is None


@NOT_SKIPPED
def test_passes_for_parts_of_an_output():
    g = grad(function("def f(x, w):\n    h = x @ w\n"
                      "    return {'h': h, 'sums': (np.sum(x), np.argmax(h)), 'name': 'h'}"), verify=True)
    before = verification.counts["verified"]
    out, cache = g.forward(X, W)
    g.backward({"h": np.ones((2, 2)), "sums": (1.0, None), "name": None}, cache)
    g.backward({"h": None, "sums": (1.0, None), "name": None}, cache)
    g.backward({"h": None, "sums": (2.0, None), "name": None}, cache)
    assert verification.counts["verified"] == before + 3


@NOT_SKIPPED
def test_what_is_outside_stays_bitwise():
    state = {"n": 0, "seen": [], "work": np.array([np.nan, -0.0, 1.0])}
    f = function("def f(x):\n    state['n'] += 1\n    state['seen'].append(1.0)\n"
                 "    state['work'][0] = x[0]\n"
                 "    return np.sum(x * state['work'][0]) * state['n'] * len(state['seen'])", state=state)
    before = state["work"].tobytes()
    found = grad(f, verify=True)(V)
    np.testing.assert_allclose(found, [V.sum() + V[0], V[0], V[0]])
    assert state["n"] == 0 and state["seen"] == [] and state["work"].tobytes() == before


def test_random_states_and_output_are_those_of_one_call(capsys):
    text = ("def f(x, rng):\n    print('once')\n    warnings.warn('once')\n"
            "    return np.sum(x * np.random.normal(size=3) * rng.normal()) * random.random() * "
            "other.normal()")
    found = []
    for verify in (False, True):
        other = np.random.RandomState(5)
        np.random.seed(1)
        random.seed(1)
        rng = np.random.default_rng(2)
        with pytest.warns(UserWarning, match="once") as shown:
            gradient = grad(function(text, other=other, random=random, warnings=warnings), wrt="x",
                            verify=verify)(V, rng)
        assert len(shown) == 1 and capsys.readouterr().out == "once\n"
        found.append((gradient.tolist(), np.random.normal(), random.random(), rng.normal(), other.normal()))
    assert found[0] == found[1]


@NOT_SKIPPED
def test_what_texts_may_do_otherwise():
    seen = []
    f = function("def f(x):\n    assert seen.append(1) is None\n    if x > 3:\n        return x * 2\n"
                 "    else:\n        return 1", seen=seen)
    assert value_and_grad(f, verify=True)(2) == (1, 0.0) and seen == [1]
    g = grad(function("def f(x):\n    return np.append(x[:2], 0.3) * x"), verify=True)
    for dtype in (np.longdouble, np.float16):
        out, cache = g.forward(V.astype(dtype))
        assert g.backward(np.ones(3, dtype), cache).dtype == dtype


@NOT_SKIPPED
def test_an_object_that_leads_back_to_itself():
    node = types.SimpleNamespace(w=V, child=types.SimpleNamespace(w=V + 1))
    node.child.parent = node
    g = grad(function("def f(x, node):\n    return np.sum(node.w * node.child.w * x)"), wrt="x", verify=True)
    np.testing.assert_allclose(g(V, node), V * (V + 1))


# ---- what is not verified

def reading(x):
    return x * float(time.perf_counter() > 0)


LASTING = {
    "time": ("x * float(time.time() > 0)", "2:22", "time.time"),
    "the date": ("x * float(datetime.datetime.now().year > 0)", "2:22", "datetime.datetime.now"),
    "a file": ("x * len(open('/dev/null').read())", "2:20", "open('/dev/null').read"),
    "a path": ("x * float(len(pathlib.Path('/dev/null').read_text()))", "2:26",
               "pathlib.Path('/dev/null').read_text"),
    "numbers in a file": ("x * len(np.loadtxt('/dev/null'))", "2:20", "np.loadtxt"),
    "an iterator": ("x * float(next(numbers))", "2:27", "numbers"),
    "the system": ("x * float(len(os.listdir('/')) > 0)", "2:26", "os.listdir"),
}


@pytest.mark.filterwarnings("ignore:loadtxt", "ignore::ResourceWarning",
                            "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("what", LASTING)
def test_a_lasting_effect_is_not_tried(what):
    expression, place, name = LASTING[what]
    numbers = iter([1.0, 2.0, 3.0])
    f = function(f"def f(x):\n    return {expression}", time=time, os=os, datetime=datetime, pathlib=pathlib,
                 numbers=numbers)
    g = grad(f, verify=True)
    before = dict(verification.counts)
    with pytest.warns(revad.VerificationSkipped) as shown:
        g(2.0)
    file = f.__code__.co_filename
    assert [str(one.message) for one in shown if one.category is revad.VerificationSkipped] == [
        f"{file}:{place}: the gradient of f is not verified: {name} has an effect that lasts, or another "
        "result each time"]
    assert verification.counts == {**before, "skipped": before["skipped"] + 1}
    assert next(numbers) == (2.0 if what == "an iterator" else 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", revad.VerificationSkipped)
        g(2.0)      # it is said once


def test_a_lasting_effect_is_seen_in_what_a_function_calls():
    f = function("def f(x):\n    return reading(x) * x", reading=reading)
    line = reading.__code__.co_firstlineno + 1
    with pytest.warns(revad.VerificationSkipped,
                      match=f"test_verify.py:{line}:22: the gradient of f is not verified: "
                            "time.perf_counter has"):
        assert grad(f, verify=True)(2.0) == 4.0


@pytest.mark.parametrize("expression,why", [
    ("x * np.random.default_rng().normal()", "its value differs from run to run"),
    ("x * float(next(held[0]))", "it may go on with list_iterator from outside of it"),
])
def test_what_cannot_be_run_again_is_not_compared(expression, why):
    f = function(f"def f(x):\n    return {expression}", held=[iter([1.0, 2.0, 3.0])])
    with pytest.warns(revad.VerificationSkipped,
                      match=f"<text .*>:1: the gradient of f is not verified: {why}"):
        grad(f, verify=True)(2.0)


def test_an_argument_that_cannot_be_copied():
    f = function("def f(x, more):\n    return x**2")
    with pytest.warns(revad.VerificationSkipped, match="generator"):
        assert grad(f, wrt="x", verify=True)(2.0, (i for i in range(3))) == 4.0


# ---- when


def test_what_the_function_raises_is_raised(capsys):
    g = grad(function("def f(x, y):\n    return np.sum(x @ y)"), verify=True)
    with pytest.raises(ValueError, match="matmul"):
        g(np.ones(2), np.ones(3))
    assert np.array_equal(g(np.ones(2), np.ones(2))[0], np.ones(2))


def test_the_environment_turns_it_on(monkeypatch):
    f, args = declared("sign")
    monkeypatch.setenv("REVAD_VERIFY", "1")
    assert grad(f, verify=False)(*args) is not None
    with pytest.raises(revad.VerificationError):
        grad(f)(*args)
    monkeypatch.setenv("REVAD_VERIFY", "0")
    grad(f)(*args)
    again = pickle.loads(pickle.dumps(grad(plain, verify=True)))
    assert again.verify is True and again(3.0) == 6.0


def plain(x):
    return x * x


def test_later_calls_cost_nothing():
    """What runs is the text behind its conditions, the same code with and without."""
    text = "def f(x):\n    return x * x + x"
    checked, unchecked = grad(function(text), verify=True), grad(function(text), verify=False)
    checked(2.0), unchecked(2.0)
    codes = [type(g).__call__.__code__ for g in (checked, unchecked)]
    assert codes[0].co_filename.startswith("<revad ") and codes[0].co_code == codes[1].co_code


def test_two_threads_compare_once():
    text = "def f(x):\n    print('f')\n    return np.sum(np.tanh(x) * np.random.normal())"
    before, found, failed = verification.counts["verified"], [], []
    g = grad(function(text), verify=True)
    start = threading.Barrier(4)

    def run(number):
        try:
            start.wait()
            found.append(g(np.full(number + 2, 0.5)))
        except BaseException as error:
            failed.append(error)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failed and sorted(map(len, found)) == [2, 3, 4, 5]
    assert verification.counts["verified"] == before + 1
    assert shown.getvalue().count("f\n") == 4


def test_what_another_thread_prints_is_not_lost():
    from revad.runtime.verification.sandbox import output_discarded
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        with output_discarded():
            thread = threading.Thread(target=print, args=("kept",))
            thread.start()
            thread.join()
            print("lost")
    assert shown.getvalue() == "kept\n"


def test_compiled_is_verified_too():
    f, args = declared("factor")
    with pytest.raises(revad.VerificationError):
        grad(f, verify=True).compiled(*args)


# ---- the plugin

ROOT = pathlib.Path(revad.__file__).resolve().parents[1]
TESTS = """
import numpy as np
from revad import elementwise, grad
sine = np.vectorize(np.sin)

@elementwise(sine)
def rule(y, x):
    return {rule}

def test_right():
    def f(x):
        return np.sum(x**2)
    assert grad(f)(np.ones(2)).tolist() == [2.0, 2.0]

def test_wrong():
    def f(x):
        return np.sum(sine(x))
    grad(f)(np.ones(2))

def test_skipped():
    import time
    def f(x):
        return x * float(time.time() > 0)
    assert grad(f)(2.0) == 1.0
"""


@pytest.mark.parametrize("options,verified,rule,outcome", [
    (("--revad-verify", "-n", "2"), True, "y", "1 failed, 2 passed"), ((), False, "y", "3 passed"),
])
def test_the_plugin(tmp_path, options, verified, rule, outcome):
    (tmp_path / "test_it.py").write_text(TESTS.replace("{rule}", rule))
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    environment.pop("REVAD_VERIFY", None)
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:revad", "-p", "pytest_revad", *options,
                           "test_it.py"], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, timeout=120)
    assert outcome in done.stdout, done.stdout + done.stderr
    line = f"revad: {1 + (rule != 'y')} texts verified, 1 skipped"
    assert (line in done.stdout) == verified, done.stdout


def test_the_plugin_costs_nothing_where_it_is_off():
    code = "import sys, pytest_revad; assert not {'numpy', 'revad'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    code = "import sys, revad; assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert "revad = pytest_revad" in (ROOT / "setup.cfg").read_text()


# ---- who else runs the function


def test_check_grad_draws_the_same_numbers_each_time(capsys):
    state = [1.0]
    f = function("def f(x):\n    print('f')\n    state[0] = x[0]\n"
                 "    return np.sum(x * np.random.normal(size=3)) * state[0]", state=state)
    np.random.seed(4)
    first = np.random.normal()
    np.random.seed(4)
    assert revad.check_grad(f, V)
    assert np.random.normal() == first and state == [1.0] and capsys.readouterr().out == ""


def test_a_function_is_asked_for_its_error_without_a_trace(capsys):
    seen = []
    text = "def f(x, y):\n    seen.append(np.random.normal())\n    print('f')\n    return np.sum(x @ y)"
    np.random.seed(4)
    first = np.random.normal()
    np.random.seed(4)
    with pytest.raises(ValueError, match="matmul"):
        grad(function(text, seen=seen))(np.ones(2), np.ones(3))
    assert not seen and np.random.normal() == first
    with np.errstate(all="raise"), pytest.raises(FloatingPointError) as caught:
        grad(function("def f(x):\n    return np.sum(1 / x)"))(np.zeros(2))
    assert "derivative" not in str(getattr(caught.value, "__notes__", caught.value))


# ---- what is no mistake


@pytest.mark.parametrize("text, args", [
    ("return 1 / x", (1e-300,)), ("return 1 / x", (1e200,)), ("return x**2", (1e-170,)),
    ("return np.sum(np.exp(x))", (np.array([-700.0, 700.0]),)),
    ("return math.sqrt(x)", (1e-300,))])
def test_numbers_of_which_differences_vanish_or_overflow_are_no_mistakes(text, args):
    f = (function(f"import math\ndef f(x):\n    {text}") if "math" in text
         else function(f"def f(x):\n    {text}"))
    np.testing.assert_array_equal(grad(f, verify=True)(*args), grad(f, verify=False)(*args))


def test_a_logger_that_notes_what_is_enabled_is_no_change():
    import logging
    f = function("def f(x):\n    log.debug('called')\n    return x * x",
                 log=logging.getLogger("of a verified function"))
    assert grad(f, verify=True)(3.0) == 6.0


def test_a_dict_keeps_its_class():
    f = function("def f(p, x):\n    return p['a'] * x * (2.0 if type(p) is OrderedDict else 1.0)",
                 OrderedDict=collections.OrderedDict)
    assert grad(f, wrt="x", verify=True)(collections.OrderedDict(a=3.0), 2.0) == 6.0


def test_small_integers_are_real_numbers():
    f = function("def f(x):\n    return np.sum((x * x) * 1.0)")
    np.testing.assert_array_equal(grad(f, verify=True)(np.array([20, 30], np.uint8)), [40.0, 60.0])
