"""unbroadcast gives each operand a gradient of its own shape, for every pair of shapes."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_right, assert_second, function, lines, typed, written

from revad import adjoint, grad, support
from revad.builder.broadcasting import full, is_full, unbroadcast
from revad.builder.builder import Builder
from revad.errors import InternalError
from revad.ir.nodes import Lit, Value
from revad.types.kinds import FLOAT, Known, array, literal

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
    ((4, 3), (3,), "(x * np.exp(x * y)).sum(axis=0)"),
    ((4, 3), (4, 1), "(x * np.exp(x * y)).sum(axis=1, keepdims=True)"),
    ((4, 3), (1, 1), "(x * np.exp(x * y)).sum(axis=(0, 1), keepdims=True)"),
    ((4, 3), (), "(x * np.exp(x * y)).sum()"),
    ((2, 4, 3), (3,), "(x * np.exp(x * y)).sum(axis=(0, 1))"), ((4, 3), (4, 3), "x * np.exp(x * y)"),
    ((2, 4, 3), (4, 1), "(x * np.exp(x * y)).sum(axis=2, keepdims=True).sum(axis=0)"),
    ((1, 3), (1, 3), "x * np.exp(x * y)"),
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


@pytest.mark.parametrize("part", ["x[::2]", "x[:3]", "x[1:3]", "x[-2:]", "x[x > 0]", "x[:n]", "x[2:]",
                                  "x[[0, 1]]", "x[:, ::2]", "x[1::2, 1:]", "np.repeat(x, 2, axis=0)",
                                  "np.concatenate([x, x[:1]])", "x.reshape(-1)[::3]",
                                  "x[:2].reshape(1, -1)"])
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
    text = written("def f(x, b):\n    m = x[x > 0]\n    return np.sum(np.exp(m * b[b > 0]))",
                   np.ones(1), np.ones(4))
    assert "unbroadcast(" in text and "def unbroadcast" in text
    f = function("def f(x, b):\n    m = x[x > 0]\n    return np.sum(np.exp(m * b[b > 0]))")
    assert_gradient(f, (np.ones(1), np.ones(4)))
    assert_gradient(f, (np.array([1.0, -1.0, 1.0]), np.array([1.0, 0.5])))


@pytest.mark.parametrize("a", shapes(3), ids=str)
def test_the_helper_itself(a):
    for b in shapes(3):
        whole = np.broadcast_shapes(a, b)
        found = support.unbroadcast(np.ones(whole), a)
        assert np.shape(found) == a and np.all(found == np.prod(whole) / np.prod(a))


# arrays of unknown length, of which any may have one element

X = np.array([0.5, 1.5, 0.7, 2.0])
MANY = ["x[x > -9]", "np.delete(x, [])", "np.array_split(x, [4])[0]", "x[:int(x[0]) + 4]",
        "x[np.nonzero(x > 0)[0]]",
        "np.repeat(x, np.array([1, 1, 1, 1]))"]
ONE = ["x[x > 1.9]", "np.delete(x, [0, 1, 2])", "np.array_split(x, [3])[1]", "x[int(x[0]) + 3:]",
       "x[np.where(x > 1.9)[0]]",
       "np.repeat(x, np.array([0, 0, 0, 1]))"]
NONE = ["x[x > 9]", "np.delete(x, [0, 1, 2, 3])", "np.array_split(x, [4])[1]", "x[int(x[0]) + 4:]",
        "x[np.nonzero(x > 9)[0]]",
        "np.repeat(x, np.array([0, 0, 0, 0]))"]
USES = ["np.sum(np.cumsum(t) * u)", "np.sum(t * u)", "np.sum(u * t) + np.sum(u - t)", "np.sum((t + u)**2)",
        "np.sum(np.cumsum(t * u) * t)", "np.sum(np.cumsum(t / u))",
        "np.sum(np.cumsum(np.maximum(t, u)) * np.cumsum(u))", "np.sum(np.where(u > 0, t, u) * t)",
        "np.sum(np.where(u > 0, u, t) * 3)", "np.sum(np.clip(t, 0.6 * u, 9.0))", "np.sum(t**u)",
        "np.sum(np.hypot(t, u) * u)", "np.sum(t + 2 * u)", "np.sum(np.outer(t, u) + u)",
        "np.sum(np.stack([t, t]) * u)", "np.sum(t + t * u * u + np.cumsum(t + u))"]


@pytest.mark.parametrize("number, use", list(enumerate(USES)), ids=USES)
def test_lengths_that_depend_on_data(number, use):
    """The two arrays have 4 and 1, 1 and 4, 1 and 1, or 0 and 1 elements."""
    k = number % 6
    for first, second in ((MANY[k], ONE[k - 1]), (ONE[k], MANY[k - 2]), (ONE[k - 3], ONE[k]),
                          (NONE[k], ONE[k - 4])):
        f = function(f"def f(x):\n    t, u = {first}, {second}\n    return {use}")
        assert_right(f, X)
        if number % 3 == 0:
            assert_second(f, X)


@pytest.mark.parametrize("body, shapes", [
    ("t, u = np.array_split(x, [3])\nreturn np.sum(t * u) + y", ((4,), ())),
    ("return np.sum(np.array_split(x, 2)[0] * y)", ((4, 3), (2, 1))),
    ("t = np.delete(x, [0, 1, 2]) + x\nreturn np.sum(t * np.delete(x, [1, 2, 3])) + y", ((4,), ())),
    ("n = int(x[0] > 9) + 3\nreturn np.sum(x[:n] * x[n:]) + np.sin(np.sum(x[:n] - x[n:])) * y", ((4,), ())),
    ("t = x[x > -9]\nt *= y\nreturn np.sum(t * t)", ((4,), (1,))),
    ("t = x[x > -9]\nt += x[x >= x.max()]\nreturn np.sum(t * t) * y", ((4,), ())),
    ("t = x[x > -9]\nt[:] = x[x >= x.max()]\nreturn np.sum(t * t) * y", ((4,), ())),
    ("t = x * y\nt[x > -9] = x[x >= x.max()]\nreturn np.sum(t * t)", ((4,), ())),
    ("return np.sum(x[:, y > -9] * x[:, y >= y.max()] * y)", ((4, 3), (3,)))])
def test_parts_that_broadcast_by_what_the_data_say(body, shapes):
    lines_ = "\n    ".join(body.split("\n"))
    f = function(f"def f(x, y):\n    {lines_}")
    assert_right(f, *dummy(*shapes))
    assert_second(f, *dummy(*shapes))


def test_the_helper_is_its_own_adjoint():
    for shape, whole in [((3,), (4, 3)), ((1,), (3,)), ((3,), (1,)), ((), (2, 3)), ((2, 1), (2, 3)),
                         ((2, 3), (1, 3)), ((1, 3), (2, 1))]:
        g, d = np.random.default_rng(0).normal(size=whole), np.random.default_rng(1).normal(size=shape)
        found = support.unbroadcast(g, shape)
        assert (found.shape == shape and (shape == () or found.flags.writeable)
                and not np.shares_memory(found, g))
        np.testing.assert_allclose(np.sum(found * d), np.sum(g * support.unbroadcast(d, whole)))


# shapes are compared, never made to fit

def test_a_length_that_only_the_data_tell_is_compared():
    text = written("def f(x, y):\n    return np.sum(np.polyval(x, y))", np.ones(3), 0.5, wrt="x")
    assert text.splitlines()[-3:] == ["    if dx.shape != x.shape:",
                                      "        raise ValueError('a gradient "
                                      "has another shape than its parameter')",
                                      "    return dx"]


@pytest.mark.parametrize("made", [lambda dy, x: dy.reshape(-1)[dy > -9], lambda dy, x: np.outer(dy, dy),
                                  lambda dy, x: dy])
def test_a_wrong_shape_of_a_rule_is_noticed(made):
    def own(x):
        return np.concatenate([x, x])
    adjoint(own, kind=lambda bound: array([literal(6)]))(lambda y, dy, x: made(dy, x))
    f = function("def f(x):\n    return np.sum(np.sin(own(x) * np.arange(6.0)))", own=own)
    with pytest.raises(InternalError):
        grad(f)(X[:3])


# the pieces

@pytest.mark.parametrize("a", shapes(2), ids=str)
def test_the_stages_of_unbroadcast(a):
    whole = kind("x", (4, 3, 2))
    operand = Value("b", kind=array([Known(n, f"x.shape[{i + 3 - len(a)}]" if n != 1 else "1", n == 1, True)
                                     for i, n in enumerate(a)]))
    builder = Builder()
    builder.models.append(Value("x", kind=whole))
    found = unbroadcast(builder, builder.symbol(Value("dz", kind=whole)), whole, operand)
    assert [n.value for n in found.kind.shape] == list(a)
    assert {stage.form.name for stage in builder.stages if stage.form.kind != "tuple"} <= {"sum"}
    assert sum(stage.form.name == "sum" for stage in builder.stages) <= 2


@pytest.mark.parametrize("have, want, full_", [
    ((4, 3), (4, 3), True), ((), (4, 3), False), ((1, 3), (4, 3), False), ((3,), (4, 3), False),
    ((1, 3), (1, 3), True)])
def test_whether_a_gradient_has_the_whole_shape(have, want, full_):
    assert is_full(Builder(), kind("x", have), kind("x", want)) is full_


@pytest.mark.parametrize("gradient, stages", [
    (Lit(0.0), "[_ = call '@np.zeros_like' (x)]"), (Lit(1.0), "[_ = call '@np.ones_like' (x)]"),
    (Lit(2.5), "[_ = call '@np.full_like' (x, 2.5)]"),
    (Value("g", kind=FLOAT), "[_ = call '@np.full_like' (x, g)]"),
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
    assert (repr(builder.stages[-1]) == "_ = call '@np.zeros' (_, _)"
            and builder.stages[-1].form.keywords == ("dtype",))


def test_integers_have_gradients_of_floats():
    program, _ = typed("def f(x):\n    return np.sum(x * 2.5)", np.ones(3, int))
    assert program.result.kind.dtype == "d"
    assert_gradient(ADD, (np.ones((2, 3), int), np.ones(3, int)))
    assert_gradient(MULTIPLY, (np.ones((2, 3), np.float32), np.ones((2, 1), np.float32)),
                    rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("s", [1.5, -1.5])
def test_sum_of_what_is_an_array_on_one_side_and_a_number_on_the_other(s):
    f = function("""
        def f(x, s):
            w = x * 2 if s > 0 else 4.0
            if s > -9:
                w -= s
            return np.sum(w) * s
        """)
    assert_gradient(f, (np.array([1.0, -2.0, 0.5]), s))
