"""unbroadcast gives each operand a gradient of its own shape, for every pair of shapes."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_right, function, lines, typed, written

from revad import runtime
from revad.broadcasting import full, is_full, unbroadcast
from revad.builder import Builder
from revad.kinds import FLOAT, Known, array, literal
from revad.program import Lit, Value

LENGTHS = (4, 3, 2)


def shapes(rank):
    """All shapes up to a rank with each axis there, 1 or missing on the left."""
    return [tuple(n if long else 1 for n, long in zip(LENGTHS[3 - r:], mask))
            for r in range(rank + 1) for mask in itertools.product((True, False), repeat=r)]


def kind(name, shape):
    return array([Known(n, f"{name}.shape[{i}]" if n != 1 else f"{name}1", n == 1, True) for i, n in enumerate(shape)])


def dummy(*shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) if shape else float(rng.normal()) for shape in shapes]


MULTIPLY = function("def f(x, y):\n    return np.sum(np.sin(x * y) * y)")
ADD = function("def f(x, y):\n    return np.sum(x + y) + np.sum(x - 2 * y)")
WHERE = function("def f(x, y):\n    return np.sum(np.where(x > y, x * x, y) / (y * y + 1))")


@pytest.mark.parametrize("a", shapes(3), ids=str)
def test_all_pairs(a):
    for b in shapes(3):
        assert_right(MULTIPLY, *dummy(a, b))
        assert_right(ADD, *dummy(a, b))


@pytest.mark.parametrize("a", shapes(2), ids=str)
def test_all_pairs_of_a_choice(a):
    for b in shapes(2):
        assert_right(WHERE, *dummy(a, b))


def test_an_array_without_axes():
    assert_gradient(MULTIPLY, (np.array(0.7), np.ones((2, 3))))
    assert_gradient(MULTIPLY, (np.ones((2, 3)), np.array(0.7)))
    assert_gradient(ADD, (np.array(0.7), 0.3))


def test_empty_arrays():
    for a, b in [((0, 3), (3,)), ((0,), (1,)), ((3, 0), (3, 1)), ((0, 3), ())]:
        assert_gradient(ADD, tuple(dummy(a, b)))


# texts

@pytest.mark.parametrize("a, b, expected", [
    ((4, 3), (3,), "(x * np.exp(x * y)).sum(axis=0)"), ((4, 3), (4, 1), "(x * np.exp(x * y)).sum(axis=1, keepdims=True)"),
    ((4, 3), (1, 1), "(x * np.exp(x * y)).sum(axis=(0, 1), keepdims=True)"), ((4, 3), (), "(x * np.exp(x * y)).sum()"),
    ((2, 4, 3), (3,), "(x * np.exp(x * y)).sum(axis=(0, 1))"), ((4, 3), (4, 3), "x * np.exp(x * y)"),
    ((2, 4, 3), (4, 1), "(x * np.exp(x * y)).sum(axis=2, keepdims=True).sum(axis=0)"), ((1, 3), (1, 3), "x * np.exp(x * y)"),
    ((3,), (4, 1), "(x * np.exp(x * y)).sum(axis=1, keepdims=True)"), ((), (4, 3), "x * np.exp(x * y)")])
def test_no_helper_where_ranks_are_known(a, b, expected):
    text = "def f(x, y):\n    return np.sum(np.exp(x * y))"
    assert lines(text, *dummy(a, b), wrt="y") == [f"dy = {expected}", "return dy"]


@pytest.mark.parametrize("text, shapes, expected", [
    ("np.sum(x + b)", ((4, 3), (3,)), "db = np.full_like(b, x.shape[0])"),
    ("np.sum(x + b)", ((4, 3), ()), "db = float(x.size)"), ("np.sum(x * b)", ((4, 3), ()), "db = x.sum()"),
    ("np.mean(x + b)", ((4, 3), (4, 3)), "db = np.full_like(b, 1.0 / x.size)")])
def test_a_gradient_that_stands_for_more_is_scaled_not_summed(text, shapes, expected):
    whole = lines(f"def f(x, b):\n    return {text}", *dummy(*shapes), wrt="b")
    assert whole[-1] == "return db" and not any("ones" in line for line in whole)
    assert_gradient(function(f"def f(x, b):\n    return {text}"), tuple(dummy(*shapes)))


@pytest.mark.parametrize("part", ["x[::2]", "x[:3]", "x[1:3]", "x[-2:]", "x[x > 0]", "x[:n]", "x[2:]", "x[[0, 1]]", "x[:, ::2]", "x[1::2, 1:]",
                                  "np.repeat(x, 2, axis=0)", "np.concatenate([x, x[:1]])", "x.reshape(-1)[::3]", "x[:2].reshape(1, -1)"])
@pytest.mark.parametrize("outer", ["np.sum({0} + k)", "np.mean({0} - k)", "np.sum(k - {0} * 2)"])
def test_a_number_beside_a_part_of_an_array(part, outer):
    f = function(f"def f(x, k, n=2):\n    return {outer.format(part)}")
    assert_right(f, np.random.default_rng(1).normal(size=(5, 4)), 0.7)


@pytest.mark.parametrize("part", ["x[1:]", "x[5:]", "x[:-1]", "x[2:-3]", "x[::2]", "x[3:1]", "x[:9]"])
def test_one_text_for_arrays_of_every_length(part):
    """Also for those that are shorter than what the slice takes off."""
    for first in (9, 3):
        f = function(f"def f(x, k):\n    return np.sum(({part} + k) ** 2) + np.sum({part} - k)")
        for n in (first, 2, 7, 0, 1, 4, 12):
            assert_right(f, np.arange(float(n)), 0.7)


def test_the_helper_is_there_where_it_cannot_be_known():
    text = written("def f(x, b):\n    m = x[x > 0]\n    return np.sum(np.exp(m * b[b > 0]))", np.ones(1), np.ones(4))
    assert "unbroadcast(" in text and "def unbroadcast" in text
    f = function("def f(x, b):\n    m = x[x > 0]\n    return np.sum(np.exp(m * b[b > 0]))")
    assert_gradient(f, (np.ones(1), np.ones(4)))
    assert_gradient(f, (np.array([1.0, -1.0, 1.0]), np.array([1.0, 0.5])))


@pytest.mark.parametrize("a", shapes(3), ids=str)
def test_the_helper_itself(a):
    for b in shapes(3):
        whole = np.broadcast_shapes(a, b)
        found = runtime.unbroadcast(np.ones(whole), a)
        assert np.shape(found) == a and np.all(found == np.prod(whole) / np.prod(a))


# the pieces

@pytest.mark.parametrize("a", shapes(2), ids=str)
def test_the_stages_of_unbroadcast(a):
    whole = kind("x", (4, 3, 2))
    operand = Value("b", kind=array([Known(n, f"x.shape[{i + 3 - len(a)}]" if n != 1 else "1", n == 1, True) for i, n in enumerate(a)]))
    builder = Builder()
    builder.models.append(Value("x", kind=whole))
    found = unbroadcast(builder, builder.symbol(Value("dz", kind=whole)), whole, operand)
    assert [n.value for n in found.kind.shape] == list(a)
    assert {stage.form.name for stage in builder.stages if stage.form.kind != "tuple"} <= {"sum"}
    assert sum(stage.form.name == "sum" for stage in builder.stages) <= 2


@pytest.mark.parametrize("have, want, full_", [
    ((4, 3), (4, 3), True), ((), (4, 3), False), ((1, 3), (4, 3), False), ((3,), (4, 3), False), ((1, 3), (1, 3), True)])
def test_whether_a_gradient_has_the_whole_shape(have, want, full_):
    assert is_full(Builder(), kind("x", have), kind("x", want)) is full_


@pytest.mark.parametrize("gradient, stages", [
    (Lit(0.0), "[_ = call '@np.zeros_like' (x)]"), (Lit(1.0), "[_ = call '@np.ones_like' (x)]"),
    (Lit(2.5), "[_ = call '@np.full_like' (x, 2.5)]"), (Value("g", kind=FLOAT), "[_ = call '@np.full_like' (x, g)]"),
    (Value("g", kind=kind("x", (4, 3))), "[]")])
def test_full(gradient, stages):
    builder = Builder()
    x = Value("x", kind=kind("x", (4, 3)))
    builder.models.append(x)
    full(builder, builder.symbol(gradient), x)
    assert repr(builder.stages) == stages


def test_full_without_a_parameter_to_take_the_shape_from():
    builder = Builder()
    full(builder, builder.symbol(Lit(0.0)), Value("h", kind=array((literal(4), literal(3)), "f")))
    assert repr(builder.stages[-1]) == "_ = call '@np.zeros' (_, _)" and builder.stages[-1].form.keywords == ("dtype",)


def test_integers_have_gradients_of_floats():
    program, _ = typed("def f(x):\n    return np.sum(x * 2.5)", np.ones(3, int))
    assert program.result.kind.dtype == "d"
    assert_gradient(ADD, (np.ones((2, 3), int), np.ones(3, int)))
    assert_gradient(MULTIPLY, (np.ones((2, 3), np.float32), np.ones((2, 1), np.float32)), rtol=1e-3, atol=1e-3)
