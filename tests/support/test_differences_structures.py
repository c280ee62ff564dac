"""The reference on structures, draws and caches: what it gives, and that a compiler with one fault must fail."""

import collections
import copy
import dataclasses
import sys
import types

import numpy as np
import pytest
from differences import assert_gradient, assert_reference, leaves, numeric_gradient, random_dout

Pair = collections.namedtuple("Pair", "x y")


@dataclasses.dataclass(frozen=True)
class Line:
    slope: np.ndarray
    offset: float = 1.0
    degree: int = 1
    name: str = "line"

    def at(self, x):
        return np.sum(self.slope * x) + self.offset**2 * self.degree


class Net:
    def __init__(self):
        self.params = {"W": np.array([1.0, 2.0])}
        self.layers = [Line(np.array([3.0]), 2.0)]
        self.unused = 5.0

    def loss(self, x):
        self.seen = x
        return np.sum(self.params["W"] ** 2) * x * self.layers[0].offset


LINE = Line(np.array([1.0, 2.0]), 3.0)


def test_the_gradient_on_an_object_is_a_namespace():
    gradient = numeric_gradient(Line.at, (LINE, 2.0), "self")
    assert isinstance(gradient, types.SimpleNamespace)
    np.testing.assert_allclose(gradient.slope, [2, 2])
    assert gradient.offset == pytest.approx(6) and gradient.degree is None and gradient.name is None


def test_objects_in_objects():
    gradient = numeric_gradient(Net.loss, (Net(), 2.0), "self")
    np.testing.assert_allclose(gradient.params["W"], [8, 16])
    assert gradient.layers[0].offset == pytest.approx(10) and gradient.unused == 0


def test_a_bound_method_is_called_on_a_copy():
    net = Net()
    assert numeric_gradient(net.loss, (2.0,)) == pytest.approx(10)
    assert not hasattr(net, "seen")


def test_a_named_tuple():
    gradient = numeric_gradient(lambda p: p.x * p.y, (Pair(2.0, 3),))
    assert isinstance(gradient, Pair) and gradient == pytest.approx((3, 2))


def test_integers_that_are_settings():
    def f(p):
        return sum(p["x"] for _ in range(p["n"]))

    gradient = numeric_gradient(f, ({"x": 2.0, "n": 3},), integers=True)
    assert gradient == {"x": pytest.approx(3), "n": None}


def test_a_generator_draws_the_same_each_time():
    gradient = numeric_gradient(lambda x, rng: x * rng.normal(), (2.0, np.random.default_rng(0)), "x")
    assert gradient == pytest.approx(np.random.default_rng(0).normal())


def test_only_a_part_of_the_output():
    def f(x):
        return x**2, {"x": x}

    assert random_dout(f, (2.0,), output=0)[1] is None
    assert numeric_gradient(f, (2.0,), output=0, dout=(1.0, None)) == pytest.approx(4)


def test_an_output_with_attributes():
    dout = random_dout(lambda x: Line(x, 2 * x), (2.0,))
    assert isinstance(dout, types.SimpleNamespace) and dout.slope is not None and dout.name is None
    gradient = numeric_gradient(lambda x: Line(x, 2 * x), (2.0,), dout=dout)
    assert gradient == pytest.approx(dout.slope + 2 * dout.offset)


@pytest.mark.parametrize(
    "f, x, message",
    [
        (lambda x: np.sum(x > 0) * 1.0, np.ones(2), "the gradient is zero"),
        (lambda x: np.abs(x - 1).sum() + x.sum(), np.array([1.0 + 1e-5]), "differences on x"),
        (lambda x: np.log(x).sum(), np.zeros(2), "is not finite"),
        (lambda x: np.random.rand() * x, 2.0, "another one in a second call"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_function_that_is_unfit_is_caught(f, x, message):
    with pytest.raises(AssertionError, match=message):
        assert_reference(f, (x,))


# --- assert_gradient


class Compiled:
    """Does all right, by differences, but for what `fault` does to the gradients
    and `touch` to the arguments."""

    def __init__(self, f, fault, touch):
        self.f, self.fault, self.touch = f, fault, touch

    def __call__(self, *args):
        gradient = self.backward(1.0, copy.deepcopy(args))
        self.touch(args, self.f)
        return gradient

    def forward(self, *args):
        cache = copy.deepcopy(args)
        self.touch(args, self.f)
        return copy.deepcopy(self.f)(*args), cache

    def backward(self, dout, cache):
        return self.fault(numeric_gradient(self.f, cache, 0, dout))


@pytest.fixture
def compiler(monkeypatch):
    def install(fault=lambda g: g, touch=lambda args, f: None):
        def grad(f, wrt):
            return Compiled(f, fault, touch)

        def value_and_grad(f, wrt):
            return lambda *args: (copy.deepcopy(f)(*args), Compiled(f, fault, touch)(*args))

        fake = types.SimpleNamespace(grad=grad, value_and_grad=value_and_grad)
        monkeypatch.setitem(sys.modules, "revad", fake)

    return install


def total(line):
    return np.sum(line.slope) * line.offset


def bare(gradient, *left_out):
    return types.SimpleNamespace(**{k: v for k, v in vars(gradient).items()
                                    if v is not None and k not in left_out})


@pytest.mark.parametrize("fault", [lambda g: g, bare])
def test_a_right_gradient_on_an_object_passes(compiler, fault):
    compiler(fault)
    assert_gradient(total, (LINE,), "line")


def test_what_is_not_read_may_be_left_out(compiler):
    compiler(lambda g: bare(g, "offset"))
    assert_gradient(lambda line: np.sum(line.slope), (LINE,), "line")


def negated(gradient):
    return types.SimpleNamespace(slope=-gradient.slope, offset=gradient.offset)


@pytest.mark.parametrize(
    "fault, message",
    [
        (lambda g: bare(g, "offset"), "the gradient on line has no offset"),
        (negated, "the gradient on line.slope"),
        (vars, "is a dict, not a SimpleNamespace"),
        (lambda g: types.SimpleNamespace(**vars(bare(g)), other=1.0), "attributes that it has not: other"),
        (lambda g: types.SimpleNamespace(slope=list(g.slope), offset=g.offset), "line.slope"),
    ],
)
def test_a_wrong_gradient_on_an_object_is_caught(compiler, fault, message):
    compiler(fault)
    with pytest.raises(AssertionError, match=message):
        assert_gradient(total, (LINE,), "line")


def test_a_dict_keeps_its_keys(compiler):
    compiler(lambda g: {"a": g["a"]})
    with pytest.raises(AssertionError, match="the gradient on p is"):
        assert_gradient(lambda p: p["a"] ** 2, ({"a": 1.0, "b": 2.0},), "p")


def test_a_named_tuple_keeps_its_type(compiler):
    compiler(tuple)
    with pytest.raises(AssertionError, match="the gradient on p is"):
        assert_gradient(lambda p: p.x * p.y, (Pair(1.0, 2.0),), "p")


def test_a_changed_dict_is_caught(compiler):
    compiler(touch=lambda args, f: args[0].update(new=1))
    with pytest.raises(AssertionError, match="other parts than before"):
        assert_gradient(lambda p: p["a"] ** 2, ({"a": 1.0},), "p")


def test_a_changed_receiver_is_caught(compiler):
    compiler(touch=lambda args, f: setattr(f.__self__, "unused", 6.0))
    with pytest.raises(AssertionError, match="was changed"):
        assert_gradient(Net().loss, (2.0,), "x")


def test_draws_are_the_same_for_the_gradient(monkeypatch):
    class Drawing:
        def __init__(self, f, wrt):
            self.f = f

        def __call__(self, x):
            return np.random.rand()

        def forward(self, x):
            drawn = np.random.rand()
            return x * drawn, drawn

        def backward(self, dout, drawn):
            return dout * drawn

    def value_and_grad(f, wrt):
        def both(x):
            drawn = np.random.rand()
            return x * drawn, drawn

        return both

    monkeypatch.setitem(sys.modules, "revad",
                        types.SimpleNamespace(grad=Drawing, value_and_grad=value_and_grad))
    assert_gradient(lambda x: x * np.random.rand(), (2.0,), "x", fresh=lambda: np.random.seed(0))


def test_every_leaf_has_a_path():
    paths = [path for path, _ in leaves({"net": Net(), "pair": Pair(1.0, [2.0])})]
    assert ("['net'].params['W']" in paths and "['net'].layers[0].offset" in paths
            and "['pair'][1][0]" in paths)
