"""A plan says which stages stand on lines of their own.

Dead ones go, values used once are written in place.
"""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines, typed

from revad.analysis.cost import is_cheap
from revad.codegen.plan import make_plan
from revad.ir.nodes import Branch, Form, Item, Lit, Stage, Value
from revad.types.kinds import FLOAT, UNKNOWN, Known, array

V = np.array([0.5, 1.5, -2.0])
ARRAY = array((Known(3, "x.shape[0]", False, True), Known(4, "x.shape[1]", False, True)))


def planned(*stages, roots=()):
    """The lines of one section, as text, and what is written inside others."""
    plan = make_plan([(None, list(stages))], list(roots))
    return [repr(line) for _, found in plan.sections for line in found], set(plan.inside)


def negated(operand, name=None, kind=FLOAT):
    value = Value(name, kind=kind)
    return value, Stage((value,), Form("unary", "-"), (operand,))


def called(operand, name=None, kind=FLOAT, gate=None):
    value = Value(name, kind=kind)
    return value, Stage((value,), Form("call", "g"), (operand,), gate=gate)


X = Value("x", kind=ARRAY)


# what is needed

def test_what_nothing_needs_goes_and_what_it_needed_with_it():
    a, first = negated(X, "a")
    b, second = negated(a, "b")
    c, third = negated(X, "c")
    assert planned(first, second, third, roots=[c]) == (["c = unary '-' (x)"], set())
    assert planned(first, second, third, roots=[]) == ([], set())


def test_effects_stay_and_keep_what_they_show():
    a, first = negated(X, "a")
    shown = Stage((), Form("effect", "", ("a",)), (a,))
    assert planned(first, shown)[0] == ["a = unary '-' (x)", "effect (a)"]


def test_sections_without_lines_go():
    a, first = negated(X, "a")
    b, second = negated(X, "b")
    plan = make_plan([("one", [first]), ("two", [second])], [b])
    assert [heading for heading, _ in plan.sections] == ["two"]


def test_a_stage_with_two_targets_is_needed_for_either():
    a, b = Value("a", kind=FLOAT), Value("b", kind=FLOAT)
    assert planned(Stage((a, b), Form("unpack"), (X,)), roots=[b])[0] == ["a, b = unpack (x)"]


# what is written in place

def test_a_value_without_a_name_that_is_used_once_is_written_in_place():
    a, first = negated(X)
    b, second = negated(a, "b")
    assert planned(first, second, roots=[b]) == (["b = unary '-' (_)"], {a})


def test_a_value_with_a_name_has_a_line():
    a, first = negated(X, "a")
    b, second = negated(a, "b")
    assert planned(first, second, roots=[b])[1] == set()


def test_a_value_that_is_used_twice_has_a_line_unless_it_is_cheap():
    a, first = called(X, kind=ARRAY)
    b = Value("b", kind=ARRAY)
    both = Stage((b,), Form("binary", "*"), (a, a))
    assert planned(first, both, roots=[b])[1] == set()
    t = Value(kind=ARRAY)
    assert planned(Stage((t,), Form("attr", "T"), (X,)), Stage((b,), Form("binary", "*"), (t, t)),
                   roots=[b])[1] == {t}


def test_a_root_counts_as_a_use():
    a, first = called(X, kind=ARRAY)
    b = Value("b", kind=ARRAY)
    assert planned(first, Stage((b,), Form("unary", "-"), (a,)), roots=[a, b])[1] == set()
    assert planned(first, roots=[a])[1] == {a}


def test_a_call_of_an_unknown_function_keeps_its_place():
    a, first = called(X, kind=UNKNOWN)
    b, second = negated(a, "b")
    assert planned(first, second, roots=[b])[1] == set()


def test_a_gradient_does_not_grow_without_end():
    stages, value = [], X
    for _ in range(40):
        value, stage = called(value)
        stages.append(stage)
    found, inside = planned(*stages, roots=[value])
    assert len(found) == 3 and len(inside) == 37


def test_the_statements_of_the_user_stand_on_one_line_however_long():
    text = "def f(x):\n    return " + " + ".join(f"np.sin(x * {i}.5)" for i in range(20))
    assert_gradient(function(text), (0.3,))
    long = ("def f(x):\n    y = " + " * ".join(f"np.sin(x * {i}.5)" for i in range(1, 9))
            + "\n    return y * y")
    assert sum(line.startswith("y = ") for line in lines(long, 0.3)) == 1


INDEX = Form("index", spec=(Item("at", (1,)),))


@pytest.mark.parametrize("form, operands, cheap", [
    (Form("attr", "T"), (X,), True), (Form("read", "np.pi"), (), True), (INDEX, (X, Lit(0)), True),
    (INDEX, (X, Value("i", kind=array((Known(3, "n", False, True),), "l"))), False),
    (INDEX, (X, Value("m", kind=ARRAY._replace(dtype="?"))), False),
    (Form("tuple"), (Lit(1), Lit(2)), True), (Form("unary", "-"), (Lit(2),), True),
    (Form("unary", "-"), (X,), False),
    (Form("binary", "*"), (X, X), False), (Form("compare", ">"), (X, Lit(0)), False),
    (Form("compare", ">"), (Value("a", kind=FLOAT), Lit(0)), True),
    (Form("binary", "-"), (Value("n", kind=FLOAT._replace(known=Known(3, "n"))), Lit(1)), True),
    (Form("binary", "-"), (Value("n", kind=FLOAT), Lit(1)), False), (Form("call", "np.exp"), (X,), False),
    (Form("copied", "", (), "len(x)"), (), True)])
def test_what_costs_nothing_to_write_again(form, operands, cheap):
    assert is_cheap(Stage((Value(kind=FLOAT),), form, operands), {}) is cheap


def test_what_is_cheap_needs_cheap_operands():
    a, first = called(X, kind=ARRAY)
    assert not is_cheap(Stage((Value(kind=ARRAY),), Form("attr", "T"), (a,)), {a: first})
    assert is_cheap(Stage((Value(kind=ARRAY),), Form("attr", "T"), (a,)), {})


# branches

def branch(then, orelse, target="z"):
    return Branch(Value("c", kind=FLOAT), then[1], orelse[1], ((Value(target, kind=FLOAT), then[0], orelse[0]),))


def test_a_branch_of_expressions_is_one_expression():
    a, first = negated(X)
    made = branch((a, (first,)), (Lit(2), ()))
    assert planned(made, roots=made.targets)[0] == ["z = ifexp (c, _, 2)"]


def test_a_branch_with_lines_stays_a_branch():
    a, first = negated(X, "a")
    made = branch((a, (first,)), (Lit(2), ()))
    plan = make_plan([(None, [made])], list(made.targets))
    (_, (line,)), = plan.sections
    assert isinstance(line, Branch) and line.then == (first,)


def test_dead_results_of_a_branch_go():
    a, first = negated(X, "a")
    made = branch((a, (first,)), (Lit(2), ()))
    assert planned(made, roots=[]) == ([], set())


# the whole

@pytest.mark.parametrize("body, expected", [
    ("return np.sum(np.tanh(x * y) * 2)", ["dprod = 2.0 * (1 - np.tanh(x * y)**2)"]),
    ("h = np.exp(x)\n    return np.sum(h * y)", ["h = np.exp(x)"]),
    ("u = np.sin(y)\n    return np.sum(x * 3)", ["dx = np.full_like(x, 3.0)"]),
])
def test_lines_of_gradients(body, expected):
    text = f"def f(x, y):\n    {body}"
    assert_gradient(function(text), (V, V + 1))
    assert lines(text, V, V + 1)[:1] == expected[:1]


def test_what_is_written_in_place_is_not_written_past_a_change():
    text = "def f(x, y):\n    a = x * y\n    b = a[1:] * 2\n    a += 1\n    return np.sum(a) * np.sum(b * b) + np.sum(a[1:] * b)"
    assert_gradient(function(text), (V, V + 1))


def test_nothing_of_the_program_is_changed():
    program, builder = typed("def f(x, y):\n    a = x * y\n    b = np.exp(x)\n    return a", 2.0, 3.0)
    before = list(builder.stages)
    make_plan([(None, builder.stages)], [program.result])
    assert builder.stages == before
