"""What `jvp` takes and gives: tangents of all structures, its errors, calls of other kinds, kinks, and what it leaves alone."""
import math
import types

import numpy as np
import pytest
from directions import assert_tangent, assert_transpose
from from_text import function

import revad
from revad import grad, jvp

pytestmark = pytest.mark.quick

A = np.array


def product(x, y):
    return x * y


def test_one_parameter_is_bare_and_several_are_a_tuple():
    assert jvp(product, wrt="x")(3.0, 4.0, tangents=2.0) == (12.0, 8.0)
    assert jvp(product, wrt=("y", "x"))(3.0, 4.0, tangents=(1.0, 2.0)) == (12.0, 11.0)
    assert jvp(product)(3.0, 4.0, tangents=(None, 1.0)) == (12.0, 3.0)


def test_as_a_decorator_and_a_method():
    class Spring:
        k = 3.0

        @jvp(wrt="x")
        def energy(self, x):
            return self.k * x**2 / 2
    assert Spring().energy(2.0, tangents=1.0) == (6.0, 6.0)
    assert jvp(Spring().energy.primal)(2.0, tangents=0.5)[1] == 3.0


def test_integers_are_real_numbers():
    value, tangent = jvp(product)(3, -4, tangents=(1, 0))
    assert (value, tangent) == (-12, -4.0) and type(tangent) is float
    value, tangent = jvp(lambda x: x * 2)(A([1, 2]), tangents=A([1, 0]))
    assert tangent.dtype == float and tangent.tolist() == [2.0, 0.0]


def test_the_source_before_any_call():
    assert jvp(product).source == ("# for numbers: x, y\ndef product_jvp(x, y, dx, dy):\n"
                                   "    return x * y, dx * y + x * dy")


@pytest.mark.parametrize("args, tangents, message", [
    ((np.ones(2), 1.0), (np.ones(3), 1.0), "the tangent of x has shape \\(3,\\), x has shape \\(2,\\)"),
    ((np.ones(2), 1.0), (1.0, 1.0), "the tangent of x has shape \\(\\), x has shape"),
    ((1.0, 1.0), (np.ones(2), 1.0), "the tangent of x has shape \\(2,\\), x is a number"),
    ((1.0, 1.0), (1.0,), "a tuple of 2"),
    ((1.0, 1.0), 1.0, "a tuple of 2"),
    ((1.0, 1.0), (1j, 1.0), "not of real numbers"),
    ((1.0, 1.0), ("a", 1.0), "not of real numbers")])
def test_tangents_are_checked(args, tangents, message):
    with pytest.raises(revad.CallError, match=message):
        jvp(product)(*args, tangents=tangents)


def test_structures_of_tangents_are_checked():
    along = jvp(lambda p: p["w"] * 2)
    assert along({"w": 1.0, "name": "a"}, tangents={"w": 3.0}) == (2.0, 6.0)
    with pytest.raises(revad.CallError, match="a dict with the keys"):
        along({"w": 1.0}, tangents={"v": 3.0})
    with pytest.raises(revad.CallError, match="has to be None"):
        along({"w": 1.0, "name": "a"}, tangents={"name": 3.0})
    with pytest.raises(revad.CallError, match="a list of 2"):
        jvp(lambda p: p[0] * p[1])([1.0, 2.0], tangents=[1.0])
    with pytest.raises(revad.CallError, match="tangents"):
        jvp(lambda tangents: tangents * 2)


def test_objects_take_namespaces():
    point = types.SimpleNamespace(x=2.0, y=A([1.0, 2.0]), name="p", n=3)
    value, tangent = jvp(lambda p: p.x * p.y * p.n)(point, tangents=types.SimpleNamespace(x=1.0))
    assert tangent.tolist() == [3.0, 6.0] and point.x == 2.0


def test_other_shapes_and_other_kinds():
    along = jvp(lambda x: np.sum(x**2))
    for x in (np.ones(3), np.ones(5), np.ones((2, 3)), np.zeros((0, 3)), A(2.0), 3.0, np.ones(3, np.float32)):
        value, tangent = along(x, tangents=np.ones_like(x))
        assert tangent == np.sum(2 * np.asarray(x)) and np.asarray(tangent).dtype == np.asarray(value).dtype


def test_structures_of_results():
    value, tangent = jvp(lambda x: {"a": (x, [x * x, "b"]), "n": 3, "flag": x > 1})(2.0, tangents=1.0)
    assert tangent == {"a": (1.0, [4.0, None]), "n": 0.0, "flag": None}


def test_what_does_not_depend_is_zero():
    value, tangent = jvp(lambda x: np.ones(3, np.float32))(2.0, tangents=1.0)
    assert tangent.tolist() == [0, 0, 0] and tangent.dtype == np.float32
    assert jvp(lambda x: np.floor(x))(2.5, tangents=1.0)[1] == 0.0


KINKS = ["np.maximum(x, 0)", "abs(x)", "np.abs(x)", "max(x, 0)", "max(x, 0.0) * 2", "np.sqrt(np.sum(x * x))",
         "np.linalg.norm(np.array([x, x]))", "math.hypot(x, x)", "np.where(x > 0, x, 0.1 * x)", "min(x, x * 2)",
         "np.minimum(x, 2 * x)", "np.clip(x, 0, 1)", "np.sum(np.max(np.array([x, 2 * x])))",
         "np.where(x > 0, np.log(x), 0.0)", "np.where(x > 0, np.sqrt(x) * 2, x)"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", KINKS)
def test_kinks_are_those_of_reverse_mode(text):
    f = function(f"def f(x):\n    return {text}\n")
    tangent = jvp(f)(0.0, tangents=1.0)[1]
    assert tangent == revad.grad(f)(0.0)


PROGRAMS = {
    "a view is stored into": ("row = x[1]\n    row[0] = x[0, 1] * 2\n    return x * x", (np.ones((2, 2)),)),
    "a store into what is returned": ("y = x\n    y[0] = 3.0\n    return x, y", (A([1.0, 2.0]),)),
    "a store of a constant": ("y = x * 2\n    y[y > 3] = 1\n    return y", (A([1.0, 2.0]),)),
    "a store of what is active": ("y = np.zeros(3)\n    y[1:] = x\n    y[0] += x[1]\n    return y",
                                  (A([1.0, 2.0]),)),
    "add at": ("y = np.zeros(3)\n    np.add.at(y, [0, 0, 2], x * x)\n    return y", (A([1.0, 2.0, 3.0]),)),
    "repeated places": ("y = np.zeros(3)\n    y[[0, 1, 1]] = x\n    return y * y", (A([1.0, 2.0, 3.0]),)),
    "augmented": ("y = x.copy()\n    y *= x\n    y /= 2\n    y -= x\n    y **= 2\n    return y", (A([1.0, 2.0]),)),
    "integers that are stored into": ("y = np.zeros(2, int)\n    y[0] = x\n    return y * x", (1.5,)),
    "a break": ("s = 0.0\n    for i in range(9):\n        s = s + x**i\n        if s > 4:\n            break\n"
                "    return s", (1.3,)),
    "a while": ("n = 0\n    while x < 100:\n        x = x * x\n        n += 1\n    return x * n", (1.5,)),
    "a return in a loop": ("for i in range(9):\n        x = x * 1.5\n        if x > 4:\n            return x * i\n"
                           "    return x", (1.3,)),
    "no round": ("for i in range(0):\n        x = x * 1.5\n    return x", (1.3,)),
    "a list": ("out = []\n    for v in x:\n        out.append(v * v)\n    return np.array(out), out[-1]",
               (A([1.0, 2.0]),)),
    "an inner function": ("def g(v, k=2):\n        return v * k * x\n    return g(x) + g(x, 3)", (1.3,)),
    "a swap": ("y = x * x\n    for i in range(3):\n        x, y = y, x + y\n    return x - y", (1.3,)),
    "an empty array": ("return np.sum(x, axis=0) * 2, x * 3", (np.zeros((0, 3)),)),
    "without axes": ("y = np.array(x * x)\n    y[...] = y * 2\n    return y", (A(1.5),)),
    "names that it would take": ("dx = x * x\n    dy = dx + 1\n    return dx * dy", (1.5,)),
    "an array or a number": ("y = x if x.sum() > 0 else -x\n    z = y * 2 if x[0] > 5 else 1.0\n    return y * z",
                 (A([1.0, 2.0]),)),
    "a set of small floats": ("return np.exp(x) * 2, x.sum(), x.astype(float) * 2", (np.ones(3, np.float32),)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    body, args = PROGRAMS[name]
    try:
        assert_tangent(function(f"def f(x):\n    {body}\n"), args)
    except revad.UnsupportedError:
        assert name == "integers that are stored into"


def test_the_function_s_own_errors_are_those_of_forward_mode():
    with pytest.raises(ValueError, match="matmul|shapes"):
        jvp(lambda x, y: x @ y)(np.ones(2), np.ones(3), tangents=(np.ones(2), np.ones(3)))
    with pytest.raises(ZeroDivisionError):
        jvp(lambda x: 1 / x)(0.0, tangents=1.0)


def test_prints_happen_once(capsys):
    def loud(x):
        print("called")
        return math.exp(x)
    jvp(loud)(0.0, tangents=1.0)
    assert capsys.readouterr().out == "called\n"


def test_closures_are_read_late():
    scale = 2.0
    along = jvp(lambda x: scale * x)
    assert along(1.0, tangents=1.0) == (2.0, 2.0)
    scale = 3.0
    assert along(1.0, tangents=1.0) == (3.0, 3.0)


def test_forward_mode_over_a_gradient():
    """The product of the Hessian with a vector, against differences of the gradient."""
    def f(x, w):
        return np.sum(np.tanh(w @ x)**2)
    x, w, v = A([0.3, -0.7]), A([[0.4, 1.0], [0.2, -0.6]]), A([1.0, 2.0])
    gradient = revad.grad(f, wrt="x")
    value, tangent = jvp(gradient, wrt="x")(x, w, tangents=v)
    np.testing.assert_allclose(value, gradient(x, w))
    differences = (gradient(x + 1e-5 * v, w) - gradient(x - 1e-5 * v, w)) / 2e-5
    np.testing.assert_allclose(tangent, differences, rtol=1e-7)


def layers_of(*sizes):
    rng = np.random.default_rng(len(sizes))
    return [{"W": rng.normal(size=pair), "b": rng.normal(size=pair[1])} for pair in zip(sizes, sizes[1:])]


def through(layers, x):
    for layer in layers:
        x = np.tanh(x @ layer["W"] + layer["b"])
    return x


def scaled(weights, x):
    for i, w in enumerate(weights):
        x = x * w + i
    return x


@pytest.mark.parametrize("f, calls", [
    (through, [(layers_of(3, 3, 3, 3), np.ones(3)), (layers_of(3, 3, 3), np.ones(3)),
               (layers_of(2, 5, 4), np.ones((6, 2))), ([], np.ones(3))]),
    (scaled, [([1.0, 2.0, 3.0], 2.0), ([1.0, 2.0], np.ones(3)), ((1.0, 2.0), np.ones(3))]),
    (lambda ws, x: np.stack([np.tanh(w @ x) for w in ws]), [([np.eye(2) * 1.1] * 3, A([0.3, 0.5]))]),
    (lambda ws, x: sum(w * v for w, v in zip(ws, x)), [([1.0, 2.0], [3.0, 4.0])])])
def test_loops_over_lists_of_arguments(f, calls):
    for args in calls:
        assert_tangent(f, args)
        assert_transpose(f, args)


def test_a_loop_over_layers_stays_a_loop():
    along = jvp(through, wrt="layers")
    layers = layers_of(3, 3, 3)
    along(layers, np.ones(3), tangents=layers)
    assert along.source == """\
def through_jvp(layers, x, dlayers):
    dx = np.zeros_like(x)
    for i in range(len(layers)):
        layer = layers[i]
        dlayer = dlayers[i]
        da = dx @ layer['W'] + x @ dlayer['W'] + dlayer['b']
        x = np.tanh(x @ layer['W'] + layer['b'])
        dx = (1 - x**2) * da
    return x, dx"""


def test_a_number_whose_tangent_may_be_an_array_without_axes():
    f = function("def f(x):\n    h = np.full_like(x, 2) if x > 1 else x\n    x = int(h) + h\n    return x\n")
    for x in (-0.2, 1.7):
        value, tangent = jvp(f)(x, tangents=1.0)
        assert tangent == (x < 1) and not isinstance(tangent, np.ndarray)


@pytest.mark.parametrize("form", [
    "np.{r}(x, axis=1, keepdims=False)", "x.{r}(axis=-1, keepdims=False)",
    "np.{r}(x, axis=1, keepdims=False)[..., 0]", "np.log(np.exp(x).{r}(axis=0, keepdims=False))",
    "np.{r}(x - x.mean(axis=1, keepdims=True), axis=1, keepdims=False)"])
@pytest.mark.parametrize("r", ["sum", "max", "std"])
def test_an_axis_that_is_not_kept_by_name(form, r):
    """`keepdims=False` counts as left out."""
    x = np.random.default_rng(0).uniform(0.3, 1.6, (2, 3, 3))
    f = function(f"def f(x):\n    y = {form.format(r=r)}\n"
                 "    return np.sum(y**2 * np.cos(np.arange(y.size)).reshape(y.shape))")
    step, d = 1e-6, np.cos(np.arange(18.0)).reshape(x.shape)
    numeric = (f(x + step * d) - f(x - step * d)) / (2 * step)
    np.testing.assert_allclose(jvp(f)(x, tangents=d)[1], numeric, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(np.sum(grad(f)(x) * d), numeric, rtol=1e-5, atol=1e-7)
