"""Objects with attributes: as parameters, as `self`, made inside, returned, and never changed."""
import copy
import types
from dataclasses import dataclass, field

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import CallError, UnsupportedError, check_grad, grad, value_and_grad

rng = np.random.default_rng(21)
x, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)


class Net:
    """A layer with a setting, a cache and state."""

    def __init__(self, W, b, act="tanh"):
        self.W, self.b, self.act = W, b, act
        self.sizes = list(W.shape)
        self.cache, self.seen = None, 0

    def forward(self, x):
        h = x @ self.W + self.b
        self.cache = x
        self.seen += len(x)
        return np.tanh(h) if self.act == "tanh" else h

    def loss(self, x):
        return np.sum(self.forward(x) ** 2) / self.sizes[1]


class Stack:
    """Objects in a list and in a dict."""

    def __init__(self):
        draw = np.random.default_rng(3)
        self.layers = [Net(draw.normal(size=(3, 4)), draw.normal(size=4)), Net(draw.normal(size=(4, 2)), draw.normal(size=2), "id")]
        self.scale = {"out": 0.5, "name": "scale"}
        self.depth = 2

    def __call__(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x * self.scale["out"]

    def loss(self, x):
        return (self(x) ** 2).mean()


def outside(net, x):
    return np.sum(np.tanh(x @ net.W + net.b) ** 2)


CASES = [
    (outside, (Net(W, b), x), None), (outside, (Net(W, b), x), "net"), (Net.loss, (Net(W, b), x), None),
    (Net.loss, (Net(W, b, "id"), x), "self"), (Net.forward, (Net(W, b), x), None),
    (Stack.loss, (Stack(), x), None),
    (Stack.loss, (Stack(), x), ("x", "self")), (Stack.__call__, (Stack(), x), "self")]


@pytest.mark.parametrize("function, args, wrt", CASES)
def test_right(function, args, wrt):
    assert_gradient(function, args, wrt)


@pytest.mark.parametrize("function, args, wrt", CASES[:6])
def test_check_grad(function, args, wrt):
    assert check_grad(function, *args, wrt=wrt)


def affine(net, x):
    h = x @ net.W + net.b
    return np.sum(h**2)


def test_the_text():
    f = grad(affine, wrt="net")
    f(Net(W, b), x)
    assert f.source == """\
def affine_grad(net, x):
    # forward pass
    h = x @ net.W + net.b
    # backprop np.sum(h**2)
    dh = 2 * h
    # backprop h = x @ net.W + net.b
    dnet = types.SimpleNamespace(W=x.T @ dh, b=dh.sum(axis=0))
    return dnet"""


def test_nested_gradients_have_the_structure_of_the_object():
    g = grad(Stack.loss, wrt="self")(Stack(), x)
    assert vars(g).keys() == {"layers", "scale"} and g.scale["name"] is None
    assert [vars(layer).keys() for layer in g.layers] == [{"W", "b"}, {"W", "b"}]


# ---- self


def test_bound_methods():
    net = Net(W, b)
    dx = grad(net.loss)(x)
    dself, dx_too = grad(net.loss, wrt=("self", "x"))(x)
    np.testing.assert_allclose(dx, dx_too)
    np.testing.assert_allclose(dself.W, grad(Net.loss, wrt="self")(net, x).W)
    assert check_grad(net.loss, x, wrt=("self", "x"))
    with pytest.raises(CallError, match="loss has no parameter 'weights': it has x"):
        grad(net.loss, wrt="weights")


def test_as_a_decorator():
    class Line:
        def __init__(self):
            self.slope = 2.0

        @value_and_grad(wrt="self")
        def loss(self, t):
            return self.slope * t**2

    value, g = Line().loss(3.0)
    assert value == 18.0 and g == types.SimpleNamespace(slope=9.0)


# ---- what changes between calls


class Changing:
    def __init__(self):
        self.W, self.mode = W, "plain"

    def loss(self, x):
        h = x @ self.W
        if self.mode == "square":
            h = h**2
        if hasattr(self, "shift"):
            h = h + self.shift
        return np.sum(h * h) * getattr(self, "scale", 1.0)


def test_each_change_of_an_attribute_is_seen():
    net, f = Changing(), grad(Changing.loss, wrt="self")

    def right():
        assert check_grad(Changing.loss, net, x, wrt="self")
        fresh = grad(Changing.loss, wrt="self")(net, x)
        found = f(net, x)
        assert vars(found).keys() == vars(fresh).keys()
        np.testing.assert_allclose(found.W, fresh.W)

    right()
    for change in ({"mode": "square"}, {"shift": 1.0}, {"shift": np.ones(2)}, {"scale": 3.0},
                   {"mode": "plain"}, {"W": W[:, :1]}, {"W": W}, {"W": W.astype(np.float32)},
                   {"W": W[:, 0], "shift": 0.5}):
        vars(net).update(change)
        right()
    for name in ("shift", "scale"):
        delattr(net, name)
        right()
    del net.W
    with pytest.raises(AttributeError, match="'Changing' object has no attribute 'W'"):
        f(net, x)


def test_equal_calls_are_compiled_once(monkeypatch):
    from revad import pipeline
    count = []
    original = pipeline.differentiate
    monkeypatch.setattr(pipeline, "differentiate", lambda *args: count.append(1) or original(*args))

    class Local(Changing):
        def loss(self, x):
            return np.sum(x @ self.W) * getattr(self, "missing", 2.0) if self.mode == "plain" else 0.0

    net = Local()
    for f, args in ((grad(Local.loss, wrt="self"), (net, x)), (grad(net.loss, wrt="self"), (x,)),
                    (grad(net.loss), (x,))):
        before = len(count)
        for _ in range(4):
            f(*args)
            net.W = net.W * 1.5
        assert len(count) - before <= 1


def test_a_cache_holds_what_the_attributes_were():
    net, f = Net(W, b), grad(Net.loss, wrt="self")
    expected = f(net, x)
    out, cache = f.forward(net, x)
    net.W, net.act = 5 * W, "id"
    found = f.backward(1.0, cache)
    np.testing.assert_allclose(found.W, expected.W)


# ---- nothing of the caller's changes


class Stateful:
    def __init__(self):
        self.count, self.log, self.buffer = 0, [], np.zeros(3)
        self.state, self.w = {"a": 1.0}, np.ones(3)

    def step(self, t):
        self.count += 1
        self.log.append(t)
        self.buffer[0] = t
        self.state["a"] = self.state["a"] * t
        self.state.setdefault("b", t**2)
        self.buffer += self.w
        self.last = t
        return np.sum(self.buffer**2) * self.state["a"] + self.state["b"] + self.count + self.log[-1] + self.last


def test_no_side_effects():
    thing = Stateful()
    before = copy.deepcopy(vars(thing))
    f = grad(Stateful.step)
    for _ in range(2):
        f(thing, 2.0)
        _, cache = f.forward(thing, 2.0)
        f.backward(1.0, cache)
        assert repr(vars(thing)) == repr(before)
    assert_gradient(Stateful.step, (thing, 2.0))


def normalised(x, param):
    mean = 0.9 * param.get("mean", 0.0) + 0.1 * x.mean(axis=0)
    param["mean"] = mean
    param.setdefault("eps", 1e-5)
    param["log"].append("seen")
    return (x - mean) / np.sqrt(x.var(axis=0) + param["eps"]), (x, param)


def test_no_side_effects_on_a_dict():
    param = {"log": [], "mode": "train"}
    f = grad(normalised, wrt="x")
    out, cache = f.forward(x, param)
    assert param == {"log": [], "mode": "train"}
    assert out[1][1]["log"] == ["seen"] and list(out[1][1]) == ["log", "mode", "mean", "eps"]
    f.backward((np.ones_like(x), None), cache)
    assert param == {"log": [], "mode": "train"}
    assert_gradient(normalised, (x, param), "x", output=0)


# ---- dataclasses and other classes


@dataclass
class Gaussian:
    mean: np.ndarray
    log_std: np.ndarray
    name: str = "normal"
    tags: list = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slots:
    a: float
    b: np.ndarray

    @property
    def total(self):
        return self.a * self.b.sum()

    @staticmethod
    def square(t):
        return t * t

    @classmethod
    def of(cls, a):
        return cls(a, np.ones(2) * a)


def log_density(q, x):
    return -0.5 * np.sum(((x - q.mean) / np.exp(q.log_std)) ** 2) - np.sum(q.log_std)


def slots(s, t):
    return s.square(s.total) * t + Slots.of(t).total


class Tree:
    def __init__(self, value, children=()):
        self.value, self.children = value, list(children)

    def total(self):
        return self.value**2 + sum(child.total() * child.value for child in self.children)


class Tape:
    def __init__(self, scale):
        self.scale, self.values = scale, []

    def push(self, v):
        self.values.append(v * self.scale)
        return self

    def total(self):
        return sum(v**2 for v in self.values)


def made_inside(v, scale):
    tape = Tape(scale)
    tape.push(v[0]).push(2 * v[1])
    tape.scale = 1.0
    return tape.push(v[2]).total()


class Dual:
    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        return Dual(self.data + (other.data if isinstance(other, Dual) else other))

    def __rmul__(self, other):
        return Dual(self.data * other)

    def __neg__(self):
        return Dual(-self.data)


def operators(t):
    return (-(2.0 * Dual(t**2) + 1.0 + Dual(t))).data


def in_a_loop(net, v):
    total = 0.0
    for i in range(v.shape[0]):
        if v[i] > 0:
            total += net.a * v[i]
        else:
            total -= net.inner["a"] ** 2
    return total


def on_one_side(net, t):
    if t > 0:
        return net.a * t
    return net.inner["a"] * t


space = types.SimpleNamespace(a=2.0, inner={"a": 3.0, "unused": 1.0}, steps=4)


@pytest.mark.parametrize("function, args, wrt", [
    (log_density, (Gaussian(b, 0.1 * b), x[:, :2]), None),
    (Tree.total, (Tree(1.0, [Tree(2.0), Tree(3.0, [Tree(4.0)])]),), None), (made_inside, (x[0], 0.7), None),
    (operators, (1.3,), None), (in_a_loop, (space, x[0]), None), (on_one_side, (space, 1.0), None),
    (on_one_side, (space, -1.0), None)])
def test_more_objects(function, args, wrt):
    assert_gradient(function, args, wrt)


def test_slots_properties_static_and_class_methods():
    thing = Slots(2.0, b)
    assert check_grad(slots, thing, 3.0)
    total = 2.0 * b.sum()
    found = grad(slots, wrt="s")(thing, 3.0)
    np.testing.assert_allclose(found.a, 6 * total * b.sum())
    np.testing.assert_allclose(found.b, 6 * total * 2.0 * np.ones(2))


unit = Net(W, b)


def global_object(x):
    return unit.loss(x) + np.sum(unit.W[0]) * x[0, 0]


def test_an_object_of_the_module():
    np.testing.assert_allclose(grad(global_object)(x)[1:], grad(unit.loss)(x)[1:])
    assert check_grad(global_object, x)


# ---- objects as results


def returns_dataclass(v):
    return Gaussian(2 * v, log_std=v**2)


def returns_namespace(v):
    return types.SimpleNamespace(total=np.sum(v**3), parts=[v, 2 * v], label="x")


@pytest.mark.parametrize("function", [returns_dataclass, returns_namespace])
def test_results_that_are_objects(function):
    assert_gradient(function, (b,))
    assert check_grad(function, b)


def test_dout_of_an_object():
    f = grad(returns_dataclass)
    out, cache = f.forward(b)
    assert isinstance(out, Gaussian) and out.name == "normal" and out.tags == []
    np.testing.assert_allclose(f.backward(Gaussian(b, None, None, None), cache), 2 * b)
    np.testing.assert_allclose(f.backward(None, cache), 0 * b)
    with pytest.raises(CallError) as caught:
        f.backward(types.SimpleNamespace(mean=b), cache)
    assert (str(caught.value)
            == ("dout has no attribute log_std: give it the attributes of the output, a Gaussian "
               "(None for a part without a gradient)"))
    with pytest.raises(CallError, match=r"dout.mean has shape \(1,\), the output \(2,\)"):
        f.backward(Gaussian(b[:1], None, None, None), cache)


def test_an_object_that_is_handed_back():
    f = grad(lambda net, t: (net, net.a * t))
    out, cache = f.forward(space, 2.0)
    assert out[0] is space and f.backward((None, 1.0), cache) == (types.SimpleNamespace(a=2.0), 2.0)
    with pytest.raises(CallError) as caught:
        f.backward((types.SimpleNamespace(a=1.0, inner=None, steps=None), 1.0), cache)
    assert (str(caught.value)
            == ("the output holds an object that was given to the function, and that has no gradient of "
               "its own: give None for it, or return its parts"))


def test_an_object_made_inside_cannot_always_be_returned():
    with pytest.raises(UnsupportedError) as caught:
        grad(lambda t: Tape(t)).forward(2.0)
    assert "the result: it is a Tape that is made in the function. Return the numbers and arrays in it, or make it a " \
        "dataclass or a named tuple." in str(caught.value)


class Checked:
    def __init__(self, n, scale):
        self.n, self.scale = n, scale

    def spread(self, x):
        assert self.n == np.size(x), "expected {} numbers".format(self.n)
        return x * self.scale * self.n


def test_an_assert_that_reads_an_object_made_in_the_function():
    def f(x, s):
        return Checked(3, s).spread(x) + Checked(3, s * s).spread(x * x)

    assert_gradient(f, (np.array([1.0, 2.0, 3.0]), 0.5))
    with pytest.raises(AssertionError, match="expected 3 numbers"):
        grad(f).forward(np.ones(4), 0.5)

    def shown(x):
        checked = Checked(3, x)
        assert checked, "no object"
        return checked.scale * x

    with pytest.raises(UnsupportedError, match="it uses an object that is made in the function"):
        grad(shown)(2.0)


@pytest.mark.parametrize("line", ["d[-1]", "d[0]", "d[1:]", "d.T", "d @ X", "len(d)"])
@pytest.mark.parametrize("value", ["Made(X)", "lambda t: t * 2", "range(3)", "(lambda t: t, 3)"])
@pytest.mark.parametrize("place", ["d = {value}", "for i in range(3): d = {value}"])
def test_a_line_that_cannot_take_what_is_made_in_the_function_is_refused_or_raises(place, value, line):
    f = function(f"""
        def f(X, s):
            d = X[0]
            if s < 0:
                {place.format(value=value)}
                d = {line}
            return s * np.sum(X)

        class Made:
            def __init__(self, w):
                self.w = w
        """, __name__="outside")
    try:
        assert_gradient(f, (W, 0.5), rtol=1e-5)
    except UnsupportedError:
        pass


DEFAULTS = """
class Base:
    total, rows = 0.5, 3

class Made(Base):
    last = None
    def add(self, v):
        self.total += v
        return self
    def step(self, v):
        self.last = v if self.last is None else self.last * 0.5 + v
        return self.last
    def keep(self, v):
        if np.sum(v) > 0:
            self.total = np.sum(v)
        return self.total
"""


@pytest.mark.parametrize("body", [
    "a = Made(); for i in range(3): a.total += x[i] * s; return a.total * s",
    "a = Made(); for i in range(3): a.add(x[i] * s).add(s); return a.total * s",
    "a, b = Made(), Made(); for i in range(3): a.add(x[i]); b.add(a.total * s); return a.total * b.total",
    "a = Made(); i = 0; while i < a.rows: a.total = a.total * x[i] + s; i += 1; return a.total * s",
    "a = Made(); t = 0.0; for i in range(3): a = Made(); a.add(x[i]); t = t + a.total * s; return t",
    "a = Made(); t = 0.0; for i in range(3): t = t + a.step(x * s); return np.sum(t)",
    "a = Made(); t = 0.0; for v in x: t = t * s + a.keep(v); return t * a.total",
    "a = Made(); if x[0] > 0: a.total = x[1] * s; return a.total * s",
    "a = Made(); if x[0] > 0: a.add(x[1]); return a.keep(x * s) * s",
    "a = Made(); if x[0] > 0: b = a; b.total = x[1]; return a.total * s",
    "a = Made(); for i in range(3): a.total = a.total + x[i] if x[i] > 0 else s; return a.total",
    "a = [Made(), Made()]; for v in x: a[0].add(v); a[1].add(a[0].total); return a[1].total * s",
])
def test_what_a_class_has_until_the_object_has_it(body):
    lines = []
    for line in body.split("; "):
        head, colon, block = line.partition(": ")
        if lines and lines[-1].startswith(("for", "while", "if")) and not colon and "return" not in line:
            lines[-1] += f"; {line}"
        else:
            lines.append(f"{head}{colon}{block}")
    f = function("def f(x, s):\n" + "".join(f"    {line}\n" for line in lines) + DEFAULTS,
                 __name__="outside")
    for sign in (1, -1):
        assert_gradient(f, (sign * np.array([0.7, -0.4, 1.2]), 0.8))
