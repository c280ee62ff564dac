"""Every value gets a name: the user's own where it is free, d<name> for a gradient, and nobody else's."""
import builtins
import keyword
import re

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_right, function, lines, written

from revad.codegen.names import assign, live_ranges
from revad.ir.nodes import Branch, Form, Lit, Stage, Value
from revad.types.kinds import FLOAT

V = np.array([0.5, 1.5, -2.0])


def values(*names):
    return [Value(name, kind=FLOAT) for name in names]


def named(ranges, parameters=(), taken=(), users=(), adjoints=()):
    return list(assign(ranges, set(parameters), set(taken), set(users), set(adjoints)).values())


# live ranges

def test_a_value_lives_from_its_line_to_its_last_use():
    x, a, b, c = values("x", "a", "b", "c")
    stages = [Stage((a,), Form("unary", "-"), (x,)), Stage((b,), Form("unary", "-"), (a,)),
              Stage((c,), Form("binary", "*"), (a, b))]
    assert live_ranges([(None, stages)], {}, [x], [c]) == {x: (0, 1), a: (1, 3), b: (2, 3), c: (3, 4)}


def test_what_is_written_inside_a_line_is_used_there():
    x, a, b = values("x", None, "b")
    inner = Stage((a,), Form("attr", "T"), (x,))
    ranges = live_ranges([(None, [Stage((b,), Form("unary", "-"), (a,))]), (None, [])], {a: inner}, [x], [b])
    assert ranges == {x: (0, 1), b: (1, 2)}


def test_a_parameter_that_is_returned_lives_to_the_end():
    x, a = values("x", "a")
    assert live_ranges([(None, [Stage((a,), Form("unary", "-"), (x,))])], {}, [x], [x, Lit(1)])[x] == (0, 2)


def test_values_of_a_branch_live_on_both_sides():
    x, c, a, z = values("x", "c", "a", "z")
    branch = Branch(c, (Stage((a,), Form("unary", "-"), (x,)),), (), ((z, a, x),))
    ranges = live_ranges([(None, [branch])], {}, [x, c], [z])
    assert ranges[c] == (0, 1) and ranges[a][0] > 1 and ranges[x][1] == ranges[z][0] < ranges[z][1]


# versions and collisions

@pytest.mark.parametrize("ranges, expected", [
    ([(0, 1), (1, 2), (2, 3)], ["x", "x", "x"]), ([(0, 2), (1, 2), (2, 3)], ["x", "x_2", "x"]),
    ([(0, 3), (1, 3), (2, 3)], ["x", "x_2", "x_3"]), ([(0, 3), (1, 2), (2, 3)], ["x", "x_2", "x_2"])])
def test_versions_of_one_name(ranges, expected):
    versions = values("x", "x", "x")
    assert named(dict(zip(versions, ranges)), versions[:1], ["x"], versions) == expected


def test_a_version_does_not_take_a_name_of_the_user():
    first, second = values("x", "x")
    assert named({first: (0, 3), second: (1, 3)}, [first], ["x", "x_2"], [first, second]) == ["x", "x_3"]


@pytest.mark.parametrize("name, taken, expected", [
    ("dx", [], "dx"), ("dx", ["dx"], "dx_"), ("dx", ["dx", "dx_"], "dx__"), ("lambda", [], "lambda_"),
    ("sum", [], "sum_"), ("dsum", [], "dsum")])
def test_a_gradient_gets_underscores_until_its_name_is_free(name, taken, expected):
    value, = values(name)
    assert named({value: (1, 2)}, taken=taken) == [expected]


def test_a_temporary_never_gets_the_name_of_a_gradient_or_of_the_user():
    for hint, expected in [("dx", "dx_"), ("x", "x_"), ("e", "e"), ("not a name", "t"), (None, "t"),
                           ("max", "max_")]:
        assert named({Value(None, hint, FLOAT): (1, 2)}, taken=["x"], adjoints=["dx"]) == [expected]


def test_the_user_keeps_the_names_of_builtins():
    value, = values("sum")
    assert named({value: (0, 2)}, [value], ["sum"], [value]) == ["sum"]


# whole functions

NAMES = ["x", "dx", "dx_", "dy", "dout", "out", "cache", "e", "t", "mask", "sum", "exp", "float",
         "negative", "dnegative", "np_", "f_grad", "x_2", "y_2", "da", "d", "dt", "de", "sin", "multiply",
         "prod", "len", "diff", "grad", "root", "log", "top"]


@pytest.mark.parametrize("a", NAMES)
def test_any_name_that_the_compiler_would_like_to_have(a):
    """Gradients of the same function with other names are the same numbers, and no name is overwritten."""
    for b in ("y", f"d{a}", f"{a}_"):
        text = (f"def f({a}, {b}):\n    {b} = np.exp(-{a} * {b}) * {a}\n    {a} = {a} - {b}.max()\n"
                f"    {a} = np.sin({a} * {b}) + np.tanh({a}) * {a}\n"
                f"    {b} = np.where({a} > {b}, {a} * {a}, {b})\n"
                f"    return np.sum({a} * {b} + {a}[0] * {b}[1:].sum())")
        assert_right(function(text), V, V + 0.7)


def test_a_name_that_is_given_again_stays_where_the_old_value_is_dead():
    text = "def f(x):\n    a = np.sin(x)\n    a = a + 1\n    a = a * 2\n    return np.exp(a)"
    assert lines(text, 2.0)[:3] == ["a = np.sin(x)", "a = a + 1", "a = a * 2"]
    assert_gradient(function(text), (2.0,))


def test_both_values_of_a_name_are_kept_where_both_are_needed():
    assert lines("def f(x):\n    x = np.sin(x)\n    x = x * x\n    return np.exp(x)",
                 2.0)[:2] == ["x_2 = np.sin(x)", "x_3 = x_2 * x_2"]


def test_no_line_gives_a_name_that_is_none():
    for a in NAMES:
        text = written(f"def f({a}, y):\n    z = np.exp({a}) * y if y > 0 else {a}\n"
                       f"    return z * {a} / (1 + np.exp(-z))", 2.0, 3.0)
        for line in text.splitlines():
            for name in re.findall(r"^\s*(\w+) (?:=|\+=|-=) ", line):
                assert name.isidentifier() and not keyword.iskeyword(name)
                assert name == a or name not in dir(builtins)


def test_the_same_function_gives_the_same_text():
    text = "def f(x, y):\n    a = np.exp(x) * y\n    return np.sum(a / a.sum()) + np.sum(np.maximum(a, x) * y)"
    assert len({written(text, V, V) for _ in range(3)}) == 1


def test_what_no_round_reads_has_a_name_of_its_own():
    """A round gives all names of the loop at its end: one that only the first round has a value for
    is not given twice."""
    text = ("def f(u, v, n):\n    for k in range(n):\n"
            "        new = [[0.0, 0.0], [0.0, 2 * u[1][1] - v[1][1] + u[0][0]]]\n"
            "        v = u\n        u = new\n    return u")
    assert_gradient(function(text), ([[1.0, 2.0], [4.0, 3.0]], [[0.5, 0.2], [0.3, 0.1]], 2), ("u", "v"))
    assert_gradient(function(text), ([[1.0, 2.0], [4.0, 3.0]], [[0.5, 0.2], [0.3, 0.1]], 0), ("u", "v"))
