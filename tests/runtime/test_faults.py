"""What the compiler or a text fails at: the function is asked, and what it raises is the error.

Else it is told with the user's line.
"""
import inspect
import math

import numpy as np
import pytest
from differences import assert_gradient

import revad
from revad import grad, value_and_grad
from revad.types import kinds
from revad.types.registry import nondifferentiable


def fails(monkeypatch, where="revad.pipeline.differentiate"):
    def broken(*args, **keywords):
        raise ZeroDivisionError("oh")
    monkeypatch.setattr(where, broken)


def test_a_fault_is_a_refusal_for_users_with_their_line(monkeypatch):
    def f(x):
        y = x * 2
        return np.tanh(y)

    monkeypatch.delenv("REVAD_FAULTS", raising=False)
    fails(monkeypatch, "revad.interp.interpreter.infer")
    with pytest.raises(revad.UnsupportedError) as caught:
        grad(f)(1.0)
    assert (isinstance(caught.value, revad.InternalError)
            and isinstance(caught.value.__cause__, ZeroDivisionError))
    line = inspect.getsourcelines(f)[1] + 1
    assert str(caught.value).startswith(f"{__file__}:{line}:13: f: revad itself fails here "
                                        "(ZeroDivisionError: oh). Write it otherwise")
    assert str(caught.value).endswith("\n    y = x * 2\n        ^^^^^")


def test_a_fault_where_nothing_is_known_of_the_line_names_the_function(monkeypatch):
    def f(x):
        return x * 2

    monkeypatch.delenv("REVAD_FAULTS", raising=False)
    fails(monkeypatch)
    with pytest.raises(revad.UnsupportedError) as caught:
        grad(f)(1.0)
    assert str(caught.value).startswith(f"{__file__}:{inspect.getsourcelines(f)[1]}: "
                                        "f: revad itself fails here")


@pytest.mark.parametrize("strict", ["raise", ""])
def test_what_the_function_raises_comes_before_a_fault(monkeypatch, strict):
    def f(x, w):
        return np.sum(x @ w)

    monkeypatch.setenv("REVAD_FAULTS", strict)
    fails(monkeypatch)
    x, w = np.ones((2, 3)), np.ones(4)
    with pytest.raises(ValueError) as caught:
        grad(f)(x, w)
    with pytest.raises(ValueError) as own:
        f(x, w)
    assert type(caught.value) is ValueError and caught.value.args[0].startswith(own.value.args[0])
    if hasattr(caught.value, "__notes__"):
        assert (caught.value.__notes__
                == [f"in the gradient of {__file__}, line "
                    f"{inspect.getsourcelines(f)[1] + 1}: return np.sum(x @ w)"])


A = np.arange(6.0).reshape(2, 3) + 0.5


@pytest.mark.parametrize("f", [
    lambda a: np.sum(np.transpose(a, (0, 2))),
    lambda a: np.sum(np.sum(a, axis="x")),
    lambda a: np.sum(np.zeros(3, 3) + a),
    lambda a: np.sum(np.einsum("ij", a, a)),
    lambda a: np.sum(np.einsum("ijk->i", a)),
    lambda a: np.sum(np.tensordot(a, a, axes=5)),
    lambda a: np.sum(np.pad(a, "x")),
    lambda a: np.sum(np.broadcast_to(a, (5,))),
    lambda a: np.sum(a @ 2),
    lambda a: np.sum(np.select([a > 0], [a, a])),
], ids=lambda f: inspect.getsource(f).strip()[10:-1])
def test_mistakes_have_the_message_of_numpy(f):
    with pytest.raises(Exception) as own:
        f(A)
    for made in (grad(f), value_and_grad(f), grad(f).forward):
        with pytest.raises(type(own.value)) as caught:
            made(A)
        assert str(caught.value).splitlines()[0] == str(own.value).splitlines()[0]


def test_a_derivative_that_is_not_finite_says_so():
    def f(x):
        return math.sqrt(x)

    with pytest.raises(ZeroDivisionError) as caught:
        grad(f)(0.0)
    said = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    assert "return math.sqrt(x)" in said and "its derivative has none that is finite" in said


def test_a_text_that_fails_where_the_function_does_not_is_an_internal_error():
    wrong = lambda x: x * 1.0       # noqa: E731

    def twice(x):
        return wrong(x)

    @revad.adjoint(wrong, kind=lambda bound: kinds.Kind("array", "d", bound.kind("x").shape))
    def rule(y, dy, x):
        return dy[7]

    def f(x):
        return np.sum(twice(x) ** 2)

    with pytest.raises(revad.InternalError) as caught:
        grad(f)(np.ones(3))
    assert (f"{__file__}:{inspect.getsourcelines(f)[1] + 1}:" in str(caught.value)
            and "IndexError" in str(caught.value))


def test_the_arguments_are_those_that_were_given():
    """The function is asked with the arguments as they were, also
    where the text gives their names other values."""
    def f(x, i):
        x[0] = 5.0
        x = x * 2
        return np.sum(x * x[i]) + 1 / (5.0 - x[1])

    g, x = grad(f, wrt="x"), np.array([1.0, 2.0])
    g(x, 0)
    for i in (0, 7):
        with pytest.raises(IndexError) as own:
            f(x.copy(), 7)
        with pytest.raises(IndexError) as caught:
            g(x, 7)
        assert str(caught.value).splitlines()[0] == str(own.value) and x[0] == 1.0


def test_an_exception_of_the_users_is_left_alone():
    state = []

    def check(x):
        state.append(1)
        if len(state) == 2:
            raise KeyError("mine")
        return 1.0

    def f(x):
        assert check(0) == 1.0
        return x * 2

    g = grad(f)
    with pytest.raises(KeyError):
        g(1.0), g(1.0)


class Base:
    rate = 3.0

    @classmethod
    @grad(wrt="x")
    def over(cls, x):
        return cls.rate * x**2

    @grad(wrt="x")
    @classmethod
    def under(cls, x):
        return cls.rate * x**2

    @classmethod
    def plain(cls, x):
        return cls.rate * x**2


class Derived(Base):
    rate = 5.0


def test_class_methods():
    for cls, wanted in ((Base, 12.0), (Derived, 20.0), (Base(), 12.0), (Derived(), 20.0)):
        assert cls.over(2.0) == cls.under(2.0) == grad(cls.plain)(2.0) == wanted


def test_the_source_before_any_call_says_why_there_is_none():
    def product(x, w):
        return np.sum(x @ w)

    def contraction(x, w):
        return np.sum(np.einsum("ij,j", x, w))

    def element(x):
        return x[0] * x[1]

    for f in (product, contraction, element):
        with pytest.raises(revad.CallError,
                           match="cannot be for numbers .*: call it once, or .compile"):
            grad(f).source


def test_the_source_of_a_layer_is_that_of_its_passes():
    g = grad(lambda x: x * 2)
    _, cache = g.forward(np.ones(3))
    g.backward(np.ones(3), cache)
    assert g.source == f"{g.forward.source}\n\n\n{g.backward.source}"


def test_functions_without_a_derivative_are_handed_back():
    def one(x):
        return 1

    def two(x):
        return 2

    assert nondifferentiable(one) is one and nondifferentiable(one, two) == (one, two)


@pytest.mark.parametrize("f", [
    lambda a: np.sum(np.expand_dims(a, [0, 2])**2), lambda a: np.sum(np.transpose(a[0], -1)**2),
    lambda a: np.sum(np.transpose(a[0], 0) * a[1]),
    lambda a: (lambda t: np.sum(t * t))(np.convolve(a[0], a[0], "valid")),
    lambda a: np.sum((np.correlate(a[0], a[0]) + np.ones(1))**2),
], ids=["new axes in a list", "one axis from the end", "one axis", "lengths that cancel",
        "lengths that cancel and one"])
def test_settings_of_other_kinds(f):
    assert_gradient(f, (A,))


@pytest.mark.parametrize("f", [
    lambda a: np.mean(np.quantile(a[0], [0.1, 0.7]) ** 2, axis=0),
    lambda a: np.sum(np.concatenate([np.percentile(a[0], [10, 70])] * 2) ** 3),
    lambda a: np.sum(np.percentile(a, (10, 70, 90), axis=1, keepdims=True) ** 2),
    lambda a: np.sum(np.quantile(a, []) ** 2) + np.sum(np.quantile(a, [0.4]) ** 2),
])
def test_quantiles_at_several_points(f):
    assert_gradient(f, (A,))


def test_quantiles_at_an_array_of_points_are_refused():
    with pytest.raises(revad.UnsupportedError, match="a quantile at an array of points"):
        grad(lambda a: np.sum(np.quantile(a[0], np.array([0.1, 0.7]))))(A)
