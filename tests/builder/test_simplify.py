"""What a rule writes comes out simpler, and is the same value with the same shape and dtype."""
import itertools
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function, lines

import revad
from revad.builder.builder import Builder
from revad.builder.simplify import is_lit, without_sign
from revad.codegen.plan import make_plan
from revad.codegen.unparse import unparse
from revad.codegen.writer import Writer
from revad.ir.nodes import Lit, Value
from revad.types.kinds import kind_of

rng = np.random.default_rng(0)
ARRAYS = {"x": rng.normal(size=(3, 2)) + 2, "y": rng.normal(size=(3, 2)) + 2, "r": rng.normal(size=2),
          "c": rng.normal(size=(3, 1)),
          "s": 1.7, "m": np.array([[True, False]] * 3), "w": np.float32([[1, 2], [3, 4], [5, 6]])}


class Paths(dict):
    def get(self, path, otherwise):
        return path.removeprefix("@")


def simplified(text):
    """The text of an expression that a rule writes with symbols; its value is that of NumPy."""
    builder = Builder()
    values = {name: Value(name, kind=kind_of(array, name)) for name, array in ARRAYS.items()}
    builder.begin_backward(values.values())
    found = builder.operand(eval(text, {"np": np},
                                 {name: builder.symbol(value) for name, value in values.items()}))
    plan = make_plan([(None, builder.stages)], [found])
    made = [target for _, stages in plan.sections for stage in stages for target in stage.targets]
    names = {value: name for name, value in values.items()} | {value: f"t{i}" for i, value in enumerate(made)}
    writer = Writer(plan, names, set(), Paths())
    namespace = {"np": np, **ARRAYS}
    before = [unparse(line) for _, stages in plan.sections for stage in stages for line in writer.line(stage)]
    for line in before:
        exec(line, namespace)
    last = unparse(writer.expression(found))
    value, expected = eval(last, namespace), eval(text, {"np": np, **ARRAYS})
    np.testing.assert_allclose(value, expected, rtol=1e-6 if "w" in text else 1e-12)
    assert np.shape(value) == np.shape(expected) and np.asarray(value).dtype == np.asarray(expected).dtype
    return "; ".join([*before, last])


@pytest.mark.parametrize("text, expected", [
    # ones and zeros
    ("1 * x", "x"), ("x * 1.0", "x"), ("-1 * x", "-x"), ("x * -1", "-x"), ("x / 1", "x"), ("x + 0", "x"),
    ("0 + x", "x"),
    ("x - 0", "x"), ("0 - x", "-x"), ("x ** 1", "x"), ("1 * s", "s"), ("1 * w", "w"),
    # which are numbers only after they are multiplied
    ("1 * m", "1 * m"), ("-1 * m", "-1 * m"), ("1.0 * (x > 0)", "1.0 * (x > 0)"),
    ("(x > 0) * y", "(x > 0) * y"),
    # constants
    ("2 * (3 * x)", "6 * x"), ("(2 * x) * (3 * y)", "6 * x * y"), ("x * 2", "2 * x"),
    ("x + (y * -2)", "x - 2 * y"),
    ("0.1 * (3 * x)", "0.1 * (3 * x)"), ("1e-3 * (7 * x)", "0.007 * x"), ("x * y * 2", "2 * (x * y)"),
    ("0 * x", "0 * x"),
    # signs
    ("-(-x)", "x"), ("x * (-y)", "-x * y"), ("(-x) * (-y)", "x * y"), ("x / (-y)", "-x / y"),
    ("-(2 * x)", "-2 * x"),
    ("2 * -x", "-2 * x"), ("-(2 / x)", "-2 / x"), ("x + (-y)", "x - y"), ("x + (-2 * y)", "x - 2 * y"),
    ("x + -3", "x - 3"),
    ("(-x)[0]", "-x[0]"), ("x + -y / r", "x - y / r"), ("-(x / y)", "-(x / y)"),
    ("(x > 0) * -y", "-1.0 * (x > 0) * y"),
    # fractions
    ("(1 / x) * y", "y / x"), ("y * (1 / x)", "y / x"), ("2 * x * (0.5 / y)", "x / y"),
    ("x * (1 / (x * y))", "x / (x * y)"),
    # sums
    ("(x * y) + (x * y)", "2 * (x * y)"), ("2 * x + 3 * x", "5 * x"), ("2 * x - 3 * x", "-x"),
    ("y - 2 * x - 3 * x", "y - 5 * x"),
    ("x - (2 * y)", "x - 2 * y"), ("(-x).sum()", "-x.sum()"), ("(-x).sum(axis=0)", "-x.sum(axis=0)"),
    ("(2 * x).sum()", "2 * x.sum()"),
    ("(2 * x * y).sum(axis=0)", "2 * (x * y).sum(axis=0)"), ("(-x / s * y).sum()", "-(x * y).sum() / s"),
    ("x.sum(axis=1, keepdims=True)[:, 0]", "x.sum(axis=1)"),
    ("(-x).sum(axis=1, keepdims=True)[:, 0]", "-x.sum(axis=1)"),
    ("x.sum(axis=0, keepdims=True)[:, 0]", "x.sum(axis=0, keepdims=True)[:, 0]"),
    # transposes, reshapes, subscripts
    ("x.T.T", "x"), ("(x @ y.T).T", "y @ x.T"), ("(x.T @ y).T", "y.T @ x"), ("r.T", "r"),
    ("x.reshape(x.shape)", "x"),
    ("x.reshape((6,))", "x.reshape((6,))"), ("x[0][1]", "x[0, 1]"), ("x[1:][0]", "x[1:][0]"),
])
def test_rules(text, expected):
    assert simplified(text) == expected


OPERANDS = ["x", "y", "r", "c", "s", "w", "2", "-1", "1.0", "0.5", "-x", "2 * y", "1 / x", "x / y", "-c",
            "3 / s", "x * y", "-(r * x)", "s / x", "-2 * w"]


@pytest.mark.parametrize("a", OPERANDS)
def test_every_pair_keeps_its_value(a):
    """What is returned is not looked at: simplified asserts value, shape and dtype."""
    for b, form in itertools.product(OPERANDS, ["({}) * ({})", "({}) / ({})", "({}) + ({})", "({}) - ({})",
                                                "-(({}) * ({}))",
                                                "2 * ({}) * ({})", "(({}) + ({})) * s",
                                                "np.exp(({}) / 8) * ({})"]):
        text = form.format(a, b)
        if any(name in (a if "exp" in form else text) for name in "xyrcsw"):
            simplified(text)


@pytest.mark.parametrize("inner", ["x * y", "-x * c", "2 * x / c * y", "x * r", "c * r * x",
                                   "x / r / s * y", "-(c * r)", "s * c * x", "w * c", "x / c", "c / x",
                                   "r * r", "x * x * c", "-(x / c)", "x * (y / r)", "c * (x * y)", "2 * c",
                                   "-s * r"])
def test_what_is_taken_out_of_a_sum(inner):
    for call in ("sum()", "sum(axis=0)", "sum(axis=1)", "sum(axis=1, keepdims=True)", "sum(axis=(0, 1))",
                 "sum(axis=0, keepdims=True)", "sum(axis=-1)"):
        if eval(f"np.ndim({inner})", {"np": np}, ARRAYS) == 2 or "1" not in call:
            text = simplified(f"({inner}).{call}")
            assert text.count("sum(") == 1
            if "s" in inner:
                assert text.index("sum") > text.index("s") or "sum(axis=" in text or "/ s" in text


@pytest.mark.parametrize("text, expected", [("-x", "x"), ("-2 * x", "2 * x"), ("-x * y", "x * y"),
                                            ("-x / y", "x / y"), ("x", None), ("2 * x", None), ("-3", "3"),
                                            ("3", None), ("x - y", None), ("-1.0 * m", "1.0 * m")])
def test_without_sign(text, expected):
    builder = Builder()
    symbols = {name: builder.symbol(Value(name, kind=kind_of(array, name))) for name, array in ARRAYS.items()}
    found = without_sign(builder, builder.operand(eval(text, {}, symbols)))
    assert (found is None) == (expected is None)
    if expected is not None:
        again = builder.operand(eval(expected, {}, symbols))
        assert found is again or found == again


def test_a_literal():
    assert is_lit(Lit(1), 1) and is_lit(Lit(1.0), 1) and not is_lit(Lit(True), 1) and not is_lit(Lit("1"), 1)


def test_the_same_value_is_written_once():
    assert simplified("np.exp(x) * np.exp(x)") == "t0 = np.exp(x); t0 * t0"


@pytest.mark.parametrize("text, expected", [
    ("x * 1 + 0", ["dx = np.ones_like(x)"]), ("-(-x)", ["dx = np.ones_like(x)"]), ("x ** 2", ["dx = 2 * x"]),
    ("x ** 1", ["dx = np.ones_like(x)"]),
    ("x ** 0", ["dx = np.zeros_like(x)"]), ("2 * (3 * x)", ["dx = np.full_like(x, 6.0)"]),
    ("x / 2", ["dx = np.full_like(x, 0.5)"]),
    ("x ** 3", ["dx = 3 * x**2"])])
def test_gradients_as_they_are_written(text, expected):
    whole = lines(f"def f(x):\n    return np.sum({text})", ARRAYS["x"])
    assert_gradient(function(f"def f(x):\n    return np.sum({text})"), (ARRAYS["x"],))
    assert whole == [*expected, "return dx"]


@pytest.mark.parametrize("reduced", ["y.mean(axis=0)", "y.mean()", "y.sum(axis=0) / len(y)", "y.sum() / y.size",
                                     "np.average(y, axis=0)", "y.mean(axis=0, keepdims=True)"])
@pytest.mark.parametrize("sign", "-+")
def test_an_array_is_divided_by_a_length_that_may_be_zero(sign, reduced):
    """-1 / 0 raises, where an array without elements divided by 0 is one without elements."""
    f = function(f"def f(x):\n    return np.sum(part(x)**2)\ndef part(x):\n    y = x * x\n"
                 f"    return y {sign} {reduced}")
    second = revad.grad(revad.grad(f))
    for n in (2, 0, 1):
        y = np.linspace(-1, 1, 3 * n).reshape(n, 3)
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                f(y)
                gradient = revad.grad(f)(y)
                twice, cache = second.forward(y)
                again = second.backward(np.ones((n, 3)), cache)
        except ZeroDivisionError:
            with pytest.raises(ZeroDivisionError):
                f(y)
            continue
        assert gradient.shape == again.shape == (n, 3)
        if n:
            assert_second(f, y)
