"""Anything that revad generates is accepted by revad: the text of every golden function is differentiated again."""

import ast
import itertools
import linecache
import math

import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, parameters, random_dout
from from_text import function
from golden_blocks import CASES

import revad

_numbers = itertools.count()


def compiled(text):
    """The one function of a text, with its source where inspect finds it."""
    name = f"<generated {next(_numbers)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"np": np, "math": math}
    exec(compile(text, name, "exec"), namespace)
    return [value for value in namespace.values() if getattr(value, "__code__", None)][-1]


def gradient_of(case):
    gradient = revad.grad(case.function, **({} if case.wrt is None else {"wrt": case.wrt}))
    gradient(*case.args)
    return gradient


def with_squares(text, example):
    """The text of a gradient, returning the sum of the squares of all gradients."""
    *lines, last = text.rstrip().splitlines()
    returned = ast.unparse(ast.parse(last.strip()).body[0].value)
    terms = [f"np.sum(gradients{path}**2)" for path, _ in leaves(example)]
    return "\n".join([*lines, f"    gradients = {returned}", f"    return {' + '.join(terms)}", ""])


SCALAR = [name for name, case in CASES.items() if not case.layer]
LAYERS = [name for name, case in CASES.items() if case.layer]


@pytest.mark.parametrize("name", SCALAR)
def test_the_gradient_of_the_squares_of_a_gradient(name):
    case = CASES[name]
    gradient = gradient_of(case)
    text = with_squares(gradient.source, gradient(*case.args))
    assert_gradient(compiled(text), case.args, parameters(case.function, case.args, case.wrt)[1],
                    rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", SCALAR)
def test_every_gradient_of_every_gradient(name):
    """The Jacobian of the generated function, in all its outputs at once."""
    case = CASES[name]
    again = compiled(gradient_of(case).source)
    assert_gradient(again, case.args, parameters(case.function, case.args, case.wrt)[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_the_forward_pass_of_a_layer(name):
    case = CASES[name]
    gradient = revad.grad(case.function, **({} if case.wrt is None else {"wrt": case.wrt}))
    gradient.forward(*case.args)
    names = parameters(case.function, case.args, case.wrt)[1]
    assert_gradient(compiled(gradient.forward.source), case.args, names, rtol=1e-5, atol=1e-6, integers=True)


# Not the maxima that max_pool keeps: no window has a maximum that differs from what is kept of it.
@pytest.mark.parametrize("name", [name for name in LAYERS if name != "max_pool"])
def test_the_backward_pass_of_a_layer(name):
    case = CASES[name]
    gradient = revad.grad(case.function, **({} if case.wrt is None else {"wrt": case.wrt}))
    _, cache = gradient.forward(*case.args)
    dout = random_dout(case.function, case.args, case.wrt)
    gradient.backward(dout, cache)
    assert_gradient(compiled(gradient.backward.source), (dout, tuple(cache)), rtol=1e-5, atol=1e-6,
                    integers=True)


def test_grad_of_grad_of_a_number():
    def cube(x):
        return x**3

    assert revad.grad(revad.grad(cube))(2.0) == 12.0
    assert revad.grad(revad.grad(revad.grad(cube)))(2.0) == 6.0


def test_grad_of_grad_of_the_staged_function():
    staged = CASES["staged"].function
    names = ["x", "y"]
    for first, second in itertools.product(names, names):
        mixed = revad.grad(revad.grad(staged, wrt=first), wrt=second)(3.0, -4.0)
        h = 1e-5
        slope = revad.grad(staged, wrt=first)
        above, below = (((3.0 + h, -4.0), (3.0 - h, -4.0)) if second == "x"
                        else ((3.0, -4.0 + h), (3.0, -4.0 - h)))
        assert mixed == pytest.approx((slope(*above) - slope(*below)) / (2 * h), rel=1e-5, abs=1e-7)


def test_grad_of_value_and_grad_is_refused_in_one_sentence():
    with pytest.raises(revad.RevadError):
        revad.grad(revad.value_and_grad(CASES["circuit"].function))(1.0, 2.0, 3.0)


@pytest.mark.parametrize("text", [
    "def f(x):\n    return np.sum(np.tanh(x) * np.exp(-x))\n",
    "def f(x):\n    return np.sum(np.sqrt(x * x + 1.0) / (2.0 + np.sin(x)))\n",
    "def f(x):\n    return np.sum(np.log1p(np.exp(x)) ** 2)\n",
    "def f(x):\n    return np.sum(x.reshape(-1) * np.arange(3.0) ** 2)\n",
    "def f(x):\n    return np.sum(x[1:] * x[:-1]) ** 2\n",
    "def f(x):\n    return np.sum(x[[0, 0, 2]] ** 3)\n",
    "def f(x):\n    return np.linalg.norm(x) ** 3\n",
    "def f(x):\n    return np.prod(x)\n",
    "def f(x):\n    return np.var(x) * np.mean(x ** 3)\n",
    "def f(x):\n    return np.sum(np.outer(x, x) @ x)\n",
    "def f(x):\n    return np.sum(np.cumsum(x ** 2) * x)\n",
    "def f(x):\n    return np.sum(np.where(x > 0, x ** 2, np.sin(x)))\n",
    "def f(x):\n    return np.sum(np.maximum(x, 0.5 * x ** 2))\n",
    "def f(x):\n    return np.sum(np.concatenate([x, x ** 2]) ** 2)\n",
    "def f(x):\n    y = x ** 2 if x[0] > 0 else x ** 3\n    return np.sum(y * x)\n",
    "def f(x):\n    return np.sum(np.einsum('i,j->ij', x, x ** 2) ** 2)\n",
    "def f(x):\n    return np.max(x) ** 3\n",
])
def test_the_gradient_of_an_array_function_twice(text):
    x = np.array([0.4, -1.3, 0.7])
    gradient = revad.grad(compiled(text))
    example = gradient(x)
    assert_gradient(compiled(gradient.source), (x,), rtol=1e-5, atol=1e-6)
    assert_gradient(compiled(with_squares(gradient.source, example)), (x,), rtol=1e-5, atol=1e-6)


def test_a_gradient_inside_of_a_function_is_its_text():
    first = revad.grad(lambda x: np.sum(x ** 3))    # noqa: E731

    def product(x, v):
        return np.sum(first(x) * v)

    x, v = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(revad.grad(product, wrt="x")(x, v), 6 * x * v)
    second = revad.grad(first)
    value, cache = second.forward(x)
    np.testing.assert_allclose(second.backward(v, cache), 6 * x * v)


@pytest.mark.parametrize("body", ["x**3 * r.start", "x**3 * r.step + r.stop * x**2", "x**3 * len(r) * r[1]",
                                  "sum(x**3 * i * r.stop for i in r)"])
def test_ends_of_a_range(body):
    f = function(f"def f(x, n):\n    r = range(1, n, 2)\n    return {body}\n")
    first = revad.grad(f, wrt="x")
    second = revad.grad(first, wrt="x")
    assert first(1.5, 5) == pytest.approx(numeric_gradient(lambda x: f(x, 5), (1.5,)))
    assert second(1.5, 5) == pytest.approx(numeric_gradient(lambda x: first(x, 5), (1.5,)))
