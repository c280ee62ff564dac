"""A gradient has the structure, the shape and the precision of its parameter."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines

from revad import CallError, grad
from revad.builder.builder import Builder
from revad.ir.nodes import Lit, Value
from revad.reverse.projection import project
from revad.types.kinds import FLOAT, INT, Kind, Known, array, number, static

V = np.array([0.5, -1.5, 2.0])
REAL = float, np.float64      # NumPy's own functions give the second
SUM = function("def f(x):\n    return np.sum(x)")
NOTHING = function("def f(x, y):\n    return np.sum(y)")


@pytest.mark.parametrize("dtype", ["e", "f", "d", "g", "i", "l", "b", "B", "?"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1), (0,), (2, 0)], ids=str)
def test_arrays(dtype, shape):
    x = np.ones(shape, dtype)
    for gradient, value in [(grad(SUM)(x), 1.0), (grad(NOTHING)(x, 2.0)[0], 0.0),
                            (grad(function("def f(x):\n    return np.sum(x * 2)"))(x), 2.0)]:
        assert type(gradient) is np.ndarray and gradient.shape == shape and np.all(gradient == value)
        assert gradient.dtype == (dtype if dtype in "efdg" else float)
        assert gradient.flags.writeable


@pytest.mark.parametrize("x, kind", [(2.0, REAL), (2, REAL), (True, REAL), (np.float64(2), REAL),
                                     (np.float32(2), np.float32),
                                     (np.float16(2), np.float16), (np.int64(2), REAL), (np.int8(2), REAL)])
def test_numbers(x, kind):
    kinds = kind if isinstance(kind, tuple) else (kind,)
    for f, args in [(function("def f(x):\n    return x * 3.0"), (x,)),
                    (function("def f(x):\n    return np.exp(x) * x"), (x,)), (SUM, (x,))]:
        assert type(grad(f)(*args)) in kinds
    assert type(grad(NOTHING)(x, 2.0)[0]) in kinds and grad(NOTHING)(x, 2.0)[0] == 0


@pytest.mark.parametrize("value", [
    [1.0, 2.0], (1.0, 2), {"a": 1.0, "b": V}, [V, [2.0, (3, V)]], {"w": {"x": [1.0]}, 3: (V,)},
    [np.float32(1), np.ones((2, 2), np.float32)], [], (), {}, [[]], [np.ones(3, int), 2]])
def test_containers(value):
    def same(gradient, value):
        if isinstance(value, dict):
            assert type(gradient) is dict and list(gradient) == list(value)
            return all(same(gradient[key], value[key]) for key in value)
        if isinstance(value, (list, tuple)):
            assert type(gradient) is type(value) and len(gradient) == len(value)
            return all(map(same, gradient, value))
        dtype = np.asarray(value).dtype
        assert np.shape(gradient) == np.shape(value) and np.all(np.asarray(gradient) == 0)
        return np.asarray(gradient).dtype == (dtype if dtype.kind == "f" else float)
    assert same(grad(NOTHING)(value, 2.0)[0], value)


def test_every_part_of_a_container_is_filled():
    f = function("def f(p):\n    return np.sum(p['w'][1]) * p['b']")
    p = {"w": (V, np.ones((2, 2), np.float32)), "b": 3, "unused": [V, 1.0]}
    found = grad(f)(p)
    assert list(found) == ["w", "b", "unused"] and found["b"] == 4.0 and type(found["b"]) is float
    assert not found["w"][0].any() and found["w"][1].dtype == np.float32 and np.all(found["w"][1] == 3)
    assert not np.shares_memory(found["unused"][0], found["w"][0])
    assert_gradient(f, (p,))


def test_a_constant_gradient_of_a_float32_array_is_float32():
    x = np.ones((2, 3), np.float32)
    assert lines("def f(x):\n    return np.mean(x)", x) == ["dx = np.full_like(x, 1.0 / x.size)", "return dx"]
    for body in ("np.sum(x * np.float64(2.5))", "np.sum(x * np.ones(3))", "np.sum(x.astype(float) ** 2)",
                 "np.sum(np.ones((2, 2)) @ x)"):
        assert grad(function(f"def f(x):\n    return {body}"))(x).dtype == np.float32


@pytest.mark.parametrize("value, described", [(None, "None"), ("text", "a str")])
def test_what_has_no_gradient(value, described):
    with pytest.raises(CallError) as caught:
        grad(NOTHING)(value, 2.0)
    assert (str(caught.value)
            == (f"x is {described}, which has no gradient: name the parameters to differentiate with wrt=, "
               "or give it a default"))
    # Inside of a container it is a setting.
    assert grad(NOTHING)([1.0, {"k": value}], 2.0)[0] == [0.0, {"k": None}]


# the pass itself

def finished(kind, adjoint):
    builder = Builder()
    value = Value("w", kind=kind, varied=True)
    builder.models.append(value)
    found = project(builder, value, adjoint)
    return repr(found), [repr(stage) for stage in builder.stages]


VECTOR = array((Known(3, "w.shape[0]", False, True),))


@pytest.mark.parametrize("kind, adjoint, found", [
    (FLOAT, None, ("0.0", [])), (INT, Lit(2), ("2.0", [])),
    (number("f"), Lit(2.0), ("dw", ["dw = call '@np.float32' (2.0)"])),
    (FLOAT, Value("g", kind=FLOAT), ("g", [])),
    (FLOAT, Value("g", kind=number("f")), ("dw", ["dw = call '@float' (g)"])),
    (VECTOR, None, ("dw", ["dw = call '@np.zeros_like' (w)"])),
    (VECTOR, Lit(1.0), ("dw", ["dw = call '@np.ones_like' (w)"])),
    (VECTOR, Value("g", kind=VECTOR), ("g", [])),
    (VECTOR, Value("g", kind=FLOAT), ("dw", ["dw = call '@np.full_like' (w, g)"])),
    (Kind("list", items=(FLOAT, VECTOR)), {0: Lit(2.0)},
     ("dw", ["_ = index (w, 1)", "_ = call '@np.zeros_like' (_)", "dw = list (2.0, _)"])),
    (Kind("dict", items=(FLOAT, INT), keys=("a", "b")), {"b": Lit(1)}, ("dw", ["dw = dict (0.0, 1.0)"])),
    (Kind("tuple"), None, ("dw", ["dw = tuple ()"]))])
def test_stages(kind, adjoint, found):
    assert finished(kind, adjoint) == found


def test_a_string_in_the_pass():
    assert finished(static("text"), None) == ("None", [])
