"""Arrays of one element where a function takes a number, and integers where a function forbids casts."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad
from revad.types.kinds import NUMPY_1

ONE = [np.array([0.3]), np.array([0.3], np.float32), np.array([[0.3]]), np.array([1e-12], np.float32),
       np.array(0.3), 0.3]
CALLS = ["math.sqrt(x)", "math.exp(x) * math.sin(x)", "math.pow(x, 2.5)", "math.pow(1.5, x)",
         "math.atan2(x, 2 * x + 1)", "np.float64(x) * 3", "math.log(x, 3)", "float(x) * math.cbrt(x)"]


@pytest.mark.filterwarnings("ignore:Conversion of an array")
@pytest.mark.parametrize("call", [call for call in CALLS
                                  if "cbrt" not in call or hasattr(__import__("math"), "cbrt")])
def test_an_array_of_one_element_has_a_gradient_of_its_shape_or_is_no_number(call):
    f = function(f"def f(x):\n    return 2.0 * {call}\n")
    for x in ONE:
        try:
            f(x)
        except TypeError:       # NumPy 2.4 reads only what has no axes
            with pytest.raises(TypeError):
                revad.grad(f).forward(x)
            continue
        if np.all(x > 1e-6):
            assert_gradient(f, (x,), rtol=1e-5)
            continue
        # Differences cannot be taken near 0: the number itself is the reference.
        g, small = revad.grad(f), float(x.item())
        out, cache = g.forward(x)
        dx, wanted = g.backward(np.ones_like(out), cache), revad.grad(f)(small)
        assert dx.dtype == x.dtype and dx.shape == x.shape
        np.testing.assert_allclose(dx, np.full(x.shape, wanted), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Conversion of an array")
@pytest.mark.skipif(not NUMPY_1, reason="NumPy 2 has no such numbers")
def test_both_arguments_may_be_arrays_of_one_element():
    for x, y in [(np.array([0.3]), 0.7), (0.3, np.array([0.7])), (np.array([[0.3]]), np.array([0.7]))]:
        for call in ("math.pow(x, y)", "math.atan2(x, y)", "math.exp(x) * math.exp(y)"):
            assert_gradient(function(f"def f(x, y):\n    return {call}\n"), (x, y))


@pytest.mark.skipif(not NUMPY_1, reason="NumPy 2 averages no number along an axis")
def test_the_average_of_one_number_is_that_number():
    for call in ("np.average(x, 0, y)", "np.average(x, 0, y, keepdims=True)"):
        assert_gradient(function(f"def f(x, y):\n    return {call} * 2.0\n"), (0.3, 0.7))


@pytest.mark.parametrize("casting", ["no", "safe"])
@pytest.mark.parametrize("function_name", ["add", "maximum"])
def test_integers_are_real_numbers_where_casts_are_forbidden(function_name, casting):
    """What is forbidden raises.

    Numbers that are computed with in float for the derivative are no cast of the user's.
    """
    f = function(f"def f(x, y):\n    return np.{function_name}(x, y, casting={casting!r}) * 1.0\n")
    sides = [np.array([], bool), np.array([True]), False, 2, 2.5, np.array([3, 4], np.uint8),
             np.array([0.5, 1.5])]
    for x in sides:
        for y in sides:
            try:
                value = f(x, y)
            except TypeError as error:
                with pytest.raises(type(error)):
                    revad.grad(f).forward(x, y)
                continue
            except ValueError:      # the shapes do not fit
                continue
            # The sum of two truth values is a number here, which the function's is not.
            g = revad.grad(f, verify=False)
            out, cache = g.forward(x, y)
            for found, of in zip(g.backward(np.ones_like(out), cache), (x, y)):
                assert np.shape(found) == np.shape(of) and np.all(np.isfinite(found))
            assert np.shape(out) == np.shape(value)


@pytest.mark.parametrize("x, y, wanted", [
    (True, True, 1.0), ([False, True], [False, False], [0.0, 1.0]),
    (np.array([True, False]), -2.0, [-1.0, 0.0]), ([True, False], np.array([-1.0, 2.0]), [-1.0, 0.0])])
def test_truth_values_have_a_sign(x, y, wanted):
    g = revad.grad(function("def f(x, y):\n    return np.copysign(x, y)\n"), wrt="x")
    out, cache = g.forward(x, y)
    np.testing.assert_array_equal(g.backward(np.ones_like(out), cache), wanted)


@pytest.mark.parametrize("call",
                         ["operator.neg(x)", "operator.sub(x, x)", "operator.pos(x)", "-x", "np.negative(x)"])
@pytest.mark.parametrize("x", [np.array([], bool), np.zeros((2, 0), bool), np.array([True, False]),
                               np.array(True)])
def test_numpy_negates_no_truth_values(call, x):
    f = function(f"def f(x, y):\n    return {call} * y\n", operator=__import__("operator"))
    with pytest.raises(TypeError) as itself:
        f(x, 2.0)
    with pytest.raises(type(itself.value)):
        revad.grad(f).forward(x, 2.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_to_num_in_place_of_no_axes_is_a_number(dtype):
    f = function("def f(x):\n    return np.nan_to_num(x, False, 0.0, 1.0)\n")
    for x, slope in [(np.array(-0.3, dtype), 1.0), (np.array(np.nan, dtype), 0.0),
                     (np.array(np.inf, dtype), 0.0)]:
        g = revad.grad(f)
        out, cache = g.forward(x.copy())
        assert type(out) is type(f(x.copy())) and out == f(x.copy())
        dx = g.backward(1.0, cache)
        assert dx == slope and np.shape(dx) == () and dx.dtype == dtype


@pytest.mark.filterwarnings("ignore:Conversion of an array")
@pytest.mark.parametrize("call", ["dist([x, y], [y, 2.0])", "dist([x, 1.0], [y, 2.0])",
                                  "dist([y, x], [3.0, 2.0])", "fsum([x, y])", "hypot(x, y)", "prod([x, y])"])
def test_lists_of_numbers_and_of_arrays_of_one_element(call):
    f = function(f"def f(x, y):\n    return math.{call} * 2.0\n")
    for x, y in [(2.0, np.array([1.6])), (np.array([2.0]), 1.6), (np.array([2.0]), np.array([1.6])),
                 (np.array(2.0), 1.6), (2.0, 1.6)]:
        try:
            f(x, y)
        except TypeError:       # NumPy 2.4 reads only what has no axes
            with pytest.raises(TypeError):
                revad.grad(f).forward(x, y)
        else:
            assert_gradient(f, (x, y))


@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "same_kind", "unsafe"])
@pytest.mark.parametrize("made, call", [("float", "np.logical_xor(x, y"), ("bool", "np.logical_xor(x, y"),
                                        ("float", "np.add(x, y"), ("np.float32", "np.multiply(x, y")])
def test_what_an_array_takes_is_asked_where_nothing_reads_it_too(made, call, casting):
    f = function(f"def f(x, y):\n    return np.sum({call}, out=np.zeros(np.shape(x), {made}), "
                 f"casting={casting!r})) * np.sum(x * y)\n")
    for x in (np.array([0.3, 1.2]), np.array([0.3, 1.2], np.float32)):
        y = x[::-1] + np.ones(2, x.dtype)
        try:
            value = f(x, y)
        except TypeError as error:
            with pytest.raises(type(error)):
                revad.grad(f)(x, y)
        else:
            np.testing.assert_allclose(revad.value_and_grad(f)(x, y)[0], value, rtol=1e-6)
