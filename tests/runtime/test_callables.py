"""What `grad` takes besides plain functions, `argnums`, `stop_gradient`, and arrays of other libraries."""
import functools
import math
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad
from revad import grad, stop_gradient

quick = pytest.mark.quick


def scaled(a, x, power=2):
    return np.sum(a * x**power)


class Spring:
    def __init__(self, k):
        self.k = k

    def __call__(self, x):
        return np.sum(self.k * x**2) / 2

    @grad
    @classmethod
    def below(cls, x):
        return x**2

    @classmethod
    @grad
    def above(cls, x):
        return x**3


@quick
@pytest.mark.parametrize("f, slope", [(np.sin, math.cos(0.4)), (math.exp, math.exp(0.4)), (np.sum, 1.0),
                                      (np.sqrt, 0.5 / 0.4**0.5), (np.abs, 1.0)])
def test_functions_with_a_rule(f, slope):
    assert math.isclose(grad(f)(0.4), slope)
    assert f.__name__ in grad(f).source
    _, tangent = revad.jvp(f)(0.4, tangents=2.0)
    assert math.isclose(tangent, 2 * slope)


def test_functions_with_a_rule_of_arrays():
    x = np.array([[2.0, 1.0], [0.5, 3.0]])
    np.testing.assert_allclose(grad(np.linalg.det)(x), [[3.0, -0.5], [-1.0, 2.0]])
    np.testing.assert_array_equal(revad.elementwise_grad(np.square)(x), 2 * x)
    np.testing.assert_array_equal(grad(functools.partial(np.sum, axis=None))(x), np.ones((2, 2)))
    with pytest.raises(revad.SourceError, match="no source"):
        grad(len)


@quick
def test_partials():
    x = np.array([1.0, 2.0])
    for partial, expected in [
            (functools.partial(scaled, 3.0), 6 * x), (functools.partial(scaled, 3.0, power=3), 9 * x**2),
            (functools.partial(functools.partial(scaled, 2.0), power=1), np.full(2, 2.0)),
            (functools.partial(Spring(4.0)), 4 * x)]:
        np.testing.assert_allclose(grad(partial)(x), expected)
        np.testing.assert_allclose(revad.jacobian(partial)(x), expected)
    assert grad(functools.partial(scaled, x=3.0))(2.0) == 9.0
    assert grad(functools.partial(scaled, 3.0))(2.0, power=3) == 36.0
    assert grad(functools.partial(scaled, 3.0), wrt="x").source


@quick
def test_objects_that_are_called_and_class_methods():
    spring = Spring(np.array([2.0, 3.0]))
    slope = grad(spring)
    np.testing.assert_array_equal(slope(np.ones(2)), [2.0, 3.0])
    spring.k = np.array([5.0, 6.0])
    np.testing.assert_array_equal(slope(np.ones(2)), [5.0, 6.0])
    np.testing.assert_array_equal(revad.hessian(spring, verify=False)(np.ones(2)), np.diag(spring.k))
    assert (Spring.below(3.0), Spring.above(3.0), Spring(1.0).below(3.0)) == (6.0, 27.0, 6.0)


def test_a_parameter_named_cls_is_one_like_others():
    def product(cls, x):
        return cls * x
    assert grad(product)(2.0, 3.0) == (3.0, 2.0)


@quick
def test_argnums_is_wrt():
    assert grad(scaled, argnums=1)(3.0, 2.0) == 12.0
    assert grad(scaled, argnums=(1, 0))(3.0, 2.0) == (12.0, 4.0)
    for derivative in (grad, revad.value_and_grad, revad.jvp, revad.vjp, revad.jacobian, revad.hessian,
                       revad.hvp, revad.elementwise_grad):
        assert derivative(scaled, argnums=1).wrt == derivative(scaled, wrt="x").wrt == ("x",)
        with pytest.raises(TypeError, match="argnums"):
            derivative(scaled, wrt="x", argnums=1)


def test_nondifferentiable_returns_what_it_decorates():
    def levels(x):
        return np.floor(x)
    assert revad.nondifferentiable(levels) is levels


# ---- stop_gradient

def in_parts(x):
    held = stop_gradient({"a": x, "b": [2 * x, 3.0]})
    return np.sum(held["a"] * x + held["b"][0] * x * held["b"][1])


@quick
def test_no_derivative_flows_through_stop_gradient():
    x = np.array([1.0, 2.0])
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3.0
    np.testing.assert_array_equal(grad(in_parts)(x), 7 * x)
    np.testing.assert_array_equal(grad(lambda x: np.sum(x + stop_gradient(np.round(x) - x)))(x), [1.0, 1.0])
    # the pattern of the logistic function is not looked through
    p = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(grad(lambda x: np.sum(x / (1 + np.exp(-stop_gradient(x)))))(x), p)
    value, tangent = revad.jvp(in_parts)(x, tangents=x)
    assert (value, tangent) == (np.sum(7 * x * x), np.sum(7 * x * x))
    np.testing.assert_array_equal(revad.hessian(lambda x: np.sum(x**2 * stop_gradient(x)))(x), np.diag(2 * x))


def test_the_constant_is_the_result_of_a_function():
    f = function("def f(x, k):\n    return np.sum(x * k**2)")
    target = function("def g(x):\n    return f(x, stop(x))", f=f, stop=stop_gradient)
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(grad(target)(x), x**2)
    assert_gradient(f, (x, x))


def test_arrays_are_copied():
    def f(x):
        y = stop_gradient(x)
        y[0] = 5.0
        return np.sum(x * y)
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(grad(f)(x), [5.0, 2.0])
    assert x[0] == 1.0


def test_it_is_not_compared_with_differences():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert grad(lambda x: x * stop_gradient(x), verify=True)(3.0) == 3.0
    assert any("stop_gradient" in str(warning.message) for warning in told)
    with pytest.raises(revad.CallError, match="stop_gradient"):
        revad.check_grad(lambda x: x * stop_gradient(x), 3.0)


# ---- arrays of other libraries

class Tensor:
    __module__ = "torch"

    def __array__(self, dtype=None, copy=None):
        return np.ones(2)


class Series(Tensor):
    __module__ = "pandas.core.series"


@quick
@pytest.mark.parametrize("cls, advice", [(Tensor, r"x\.detach\(\)\.numpy\(\)"),
                                         (Series, r"np\.asarray\(x\)")])
def test_arrays_of_other_libraries(cls, advice):
    with pytest.raises(revad.CallError, match=advice):
        grad(lambda x: np.sum(x))(cls())
    with pytest.raises(revad.CallError, match="NumPy's arrays"):
        grad(lambda p: np.sum(p["w"]))({"w": cls()})
