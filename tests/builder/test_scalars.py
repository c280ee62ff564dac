"""Functions of plain numbers are differentiated without NumPy, and their gradients are Python's floats."""
import math

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines, typed, written

from revad import grad
from revad.builder.builder import Builder
from revad.builder.scalars import SAME, only_plain_numbers
from revad.ir.nodes import Lit, Value
from revad.types.kinds import FLOAT, array, literal, number

UNARY = ["math.exp", "math.expm1", "math.log", "math.log1p", "math.log2", "math.log10", "math.sqrt",
         "math.sin", "math.cos", "math.tan", "math.asin", "math.acos", "math.atan", "math.sinh",
         "math.cosh", "math.tanh", "math.asinh", "math.atanh", "math.fabs", "abs", "float", "-", "+",
         "math.radians", "math.degrees"]


@pytest.mark.parametrize("gate", UNARY)
def test_a_function_of_numbers_calls_nothing_of_numpy(gate):
    text = f"def f(x, y):\n    return {gate}(x) * y"
    assert "np." not in written(text, 0.6, 2.0) and "import" not in written(text, 0.6, 2.0)
    assert_gradient(function(text), (0.6, 2.0))
    assert [type(g) for g in grad(function(text))(0.6, 2.0)] == [float, float]


@pytest.mark.parametrize("text", ["math.hypot(x, y)", "math.atan2(x, y)", "math.pow(x, y)", "x ** y",
                                  "max(x, y)", "min(x, y, 1)", "x % y", "x / y", "x // y * x",
                                  "max(x, 0) * y", "abs(x - y)", "round(x) * y", "sum([x, y])",
                                  "x if x > y else y", "math.floor(x) * y", "1 / (1 + math.exp(-x)) + y",
                                  "max([x, y]) * x", "pow(x, 2) + y", "math.log(x, 2) * y",
                                  "(x > y) * x + y", "x ** -1.5 * y", "x ** 2 / y ** 3", "2 ** x * y"])
def test_gates_of_two_numbers(text):
    text = f"def f(x, y):\n    return {text}"
    for x, y in [(1.7, 0.6), (0.6, 2.5)]:
        assert "np." not in written(text, x, y)
        assert_gradient(function(text), (x, y))


@pytest.mark.parametrize("x", [3, True])
def test_integers_have_floats_as_gradients(x):
    assert grad(function("def f(x):\n    return x * x + x"))(x) == 2.0 * x + 1.0
    assert type(grad(function("def f(x):\n    return x * 2"))(x)) is float


def test_numpy_of_numpy_stays_numpy():
    assert lines("def f(x):\n    return np.sin(x)", 0.5) == ["dx = np.cos(x)", "return dx"]
    assert any("np." in line for line in lines("def f(x):\n    return np.sinh(x) * abs(x)", 0.5))


def test_a_number_of_numpy_keeps_its_type():
    df = grad(function("def f(x, y):\n    return x * x * y"))
    assert type(df(np.float32(2), 3.0)[0]) is np.float32 and type(df(2.0, np.float32(3))[1]) is np.float32
    assert isinstance(df(np.float64(2), 3.0)[0], float) and isinstance(df(2.0, np.float64(3))[1], float)


# the spelling

def emitted(call, plain=True, kind=FLOAT):
    builder = Builder()
    builder.plain_numbers = plain
    call(builder.symbol(Value("x", kind=kind)))
    return [repr(stage) for stage in builder.stages]


@pytest.mark.parametrize("name", sorted(SAME))
def test_what_math_has_too(name):
    numpy_function = getattr(np, name)
    for x in (0.3, 1.7):
        args = (x,) * numpy_function.nin
        assert math.isclose(SAME[name](*args), numpy_function(*args), rel_tol=1e-15)
    expected = f"= call '@math.{name}' ({', '.join(['x'] * numpy_function.nin)})"
    assert emitted(lambda x: numpy_function(*[x] * numpy_function.nin))[0].endswith(expected)


def test_the_rest_is_written_out():
    assert emitted(np.sign) == ["_ = compare '>' (x, 0)", "_ = compare '<' (x, 0)", "_ = binary '-' (_, _)"]
    assert emitted(lambda x: np.where(x > 0, x, 1))[-1].endswith("ifexp (_, x, 1)")


@pytest.mark.parametrize("plain, kind", [(False, FLOAT), (True, number("d")), (True, array((literal(3),)))])
def test_where_it_stays_numpys(plain, kind):
    assert emitted(np.exp, plain, kind) == ["_ = call '@np.exp' (x)"]


@pytest.mark.parametrize("body, plain", [
    ("return math.exp(x)", True), ("return x * x", True), ("return np.exp(x)", False),
    ("return x * np.pi", False), ("return x if x > 0 else np.exp(x)", False),
    ("return max(x, 1)", True), ("return x if x > 0 else math.exp(x)", True),
    ("return f'{np.pi}' and 1", False)])
def test_whether_a_function_is_of_plain_numbers(body, plain):
    program, builder = typed(f"def f(x):\n    {body}", 2.0, wrt=())
    assert only_plain_numbers(builder, program.block) is plain


def test_a_literal_is_a_plain_number():
    builder = Builder()
    builder.plain_numbers = True
    np.exp(builder.symbol(Lit(2)))
    assert builder.stages[-1].form.name == "@math.exp"


def test_numpy_is_not_imported_for_a_text_without_it():
    """In a module that does not have NumPy, the text for numbers does not ask for it either."""
    f = function("def f(x, y):\n    return math.exp(x) * y")
    del f.__globals__["np"]
    df = grad(f)
    df(2.0, 3.0)
    assert df.source.splitlines()[0] == "def f_grad(x, y):"


def test_the_smaller_of_two_settings_is_one():
    def rows(x, n, m):
        table = [[0.0 for _ in range(n)] for _ in range(min(n, m) + 1)]
        table[max(0, n - m)][1] = x
        return table[1][1] * x

    for n, m in ((3, 2), (2, 1), (3, 2)):
        assert_gradient(rows, (2.0, n, m), wrt="x")
