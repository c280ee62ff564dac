"""The adjoint goes through the stages in reverse and adds gradients up where a value is used twice."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_right, assert_second, function, lines, typed, written

from revad.reverse.sweep import backpropagate

V, X = np.array([0.5, -1.5, 2.0]), np.arange(12.0).reshape(4, 3) / 5 - 1.1
M = np.array([[0.5, -1.5, 2.0], [0.3, 0.7, -0.9], [1.1, -0.4, 0.6]])


def text(body, parameters="x, y"):
    return f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.split("; "))


def right(body, *args, parameters="x, y", **options):
    """The lines of a gradient that is right."""
    assert_gradient(function(text(body, parameters)), args)
    return lines(text(body, parameters), *args, **options)


# forks

@pytest.mark.parametrize("body, expected", [
    ("q = x + y; z = q * x; return z * q",
     ["q = x + y", "z = q * x", "dz = q", "dq = z", "dq += x * dz", "dx = q * dz", "dx += dq", "dy = dq",
      "return dx, dy"]),
    ("a = x * y; b = x + a; return a * b",
     ["a = x * y", "b = x + a", "da = b", "db = a", "dx = db", "da += db", "dx += y * da", "dy = x * da",
      "return dx, dy"]),
])
def test_gradients_add_up_at_forks(body, expected):
    assert right(body, 2.0, 3.0) == expected


@pytest.mark.parametrize("body", [
    "return x * x * x", "return x ** y * x + x", "a = x; b = a; return a * b * x",
    "a = x * y; return a * a + a * x", "a = b = x * y; return a * b",
    "x = x * y; y = x * y; x = x + y; return x * y", "x += y; y *= x; x -= y; return x * y",
    "a, b = x * y, x; a, b = b, a; return a * b * b", "(a, b), c = (x, y), x * y; return a * b * c",
    "a = x; x = y; y = a; return x / y", "return (x * y) * (x * y) + (x * y)",
    "x = x * x; x = x * x; x = x * x; return x * y", "a = x + x + x; return a * y - (y - x)"])
@pytest.mark.parametrize("x, y", [(1.5, 0.7), (V, V + 3)])
def test_gradients_add_up(body, x, y):
    body = body.replace("return ", "return np.sum(") + ")"
    assert_gradient(function(text(body)), (abs(x), y))


def test_a_chain_that_doubles_gives_a_text_that_does_not():
    body = "; ".join(["a = x * y", *["a = a + a * a"] * 20, "return a"])
    assert_gradient(function(text(body)), (1e-3, 1e-3))
    assert len(right(body, 1e-3, 1e-3)) < 100


@pytest.mark.parametrize("args", [(V, V + 1), (X, V), (V, X), (X, 2.0)])
def test_the_same_operand_twice_in_one_gate(args):
    for body in ("return np.sum(x * x * y * y)", "return np.sum(np.maximum(x, x) * y)",
                 "return np.sum(np.arctan2(x, x) + y)",
                 "return np.sum(np.where(x > y, x, x) * y)",
                 "z = x * y; return np.sum(np.hypot(z, z + 1) * z)",
                 "z = x * y; return np.sum(np.concatenate([z, z]) ** 2)",
                 "z = x + y; return np.sum(z @ z.T)"):
        assert_right(function(text(body)), *args)


# order

def test_operands_are_taken_from_the_left_and_statements_from_the_end():
    assert right("a = x * y; b = np.sin(a); return b * x", 2.0, 3.0) == [
        "a = x * y", "b = np.sin(a)", "da = np.cos(a) * x", "dx = b + y * da", "dy = x * da",
        "return dx, dy"]
    program, builder = typed(text("return x * y - y * x"), 2.0, 3.0)
    _, _, gradients = backpropagate(builder, program, ("y", "x"))
    assert [g.name for g in gradients] == ["dy", "dx"]


def test_each_group_belongs_to_a_statement():
    program, builder = typed(text("a = x * y; b = a * x; return np.sin(b)"), 2.0, 3.0)
    _, groups, _ = backpropagate(builder, program, ("x", "y"))
    assert [s and s.place.line for s, _ in groups] == [4, 3, 2]
    comments = [line.strip() for line in written(text("a = x * y; b = a * x; return np.sin(b)"), 2.0,
                                                 3.0).splitlines() if "#" in line]
    assert comments == ["# forward pass", "# backprop np.sin(b)", "# backprop b = a * x",
                        "# backprop a = x * y"]


def test_only_what_is_asked_for_is_computed():
    assert right("return np.sum(np.exp(x) * np.sin(y))", V, V)[-1] == "return dx, dy"
    assert lines(text("return np.sum(np.exp(x) * np.sin(y))"), V, V,
                 wrt="y") == ["dy = np.cos(y) * np.exp(x)", "return dy"]
    assert lines(text("a = np.exp(x); return np.sum(x)"), V, V,
                 wrt="x") == ["dx = np.ones_like(x)", "return dx"]


def test_what_the_output_does_not_depend_on_gets_zeros():
    assert right("return np.sum(x)", V, X) == ["dx = np.ones_like(x)", "dy = np.zeros_like(y)",
                                               "return dx, dy"]
    assert right("return x * np.floor(y)", 2.0, 3.5)[-1] == "return dx, 0.0"
    assert right("a = x * y; a = x; return a * a", 2.0, 3.0)[-1] == "return dx, 0.0"


def test_a_constant_output():
    assert lines("def f(x):\n    return 3.0", 2.0) == ["return 0.0"]


# containers

@pytest.mark.parametrize("body", [
    "p = [x, x * y]; q = (p[1], p[0], 2); return np.sum(q[0] * q[1]) * q[2]",
    "p = {'a': x, 'b': [y, x]}; return np.sum(p['a'] * p['b'][0] + p['b'][1])",
    "p = (x, y); q = p; a, b = q; return np.sum(a * b * p[0])",
    "p = [x, y]; return np.sum(p[0] + p[-1] * p[-2])",
    "p = [x, y, x]; q = p[1:]; return np.sum(q[0] * q[1])",
    "p = [[x, y], [y, x]]; (a, b), c = p; return np.sum(a * b + c[0] * c[1])",
    "p = [x, y]; return np.sum(np.array(p) ** 2)", "p = [x, y]; return np.sum(np.stack(p) * p[0])",
    "return np.sum(sum([x, y, x]))",
    "p = ([x], {'k': y}); q = p[0]; r = p[1]; return np.sum(q[0] * r['k'] + q[0])",
    "p = [x, y]; p = [p[1], p[0]]; return np.sum(p[0] ** 2)"])
def test_containers_inside(body):
    assert_gradient(function(text(body)), (V, V[::-1].copy()))
    assert_gradient(function(text(body.replace("np.array(p)", "np.array(p[:2])"))), (1.5, 0.5))


@pytest.mark.parametrize("body, args", [
    ("return p['a'] * p['b'][0]", ({"a": 2.0, "b": [3.0, 4.0]},)),
    ("a, b = p; return a * b * p[0]", ([2.0, 3.0],)),
    ("return np.sum(p[0] * p[1]['w'])", ((V, {"w": V, "b": 2.0}),)),
    ("q = p; return q[0] * p[0]", ((2.0, 3.0),)),
    ("return np.sum(np.array(p) ** 2)", ([1.0, 2.0, 3.0],)), ("return np.dot(p, p)", ([1.0, 2.0, 3.0],)),
    ("return p[0][1] * p[1]", ([[1.0, 2.0], 3],)),
    ("a, b = p[1:]; return np.sum(a * b)", ([V, V + 1, V - 1],)), ("return sum(p)", ([1.0, 2.0],)),
    ("return len(p) * p[0]", ([1.0, 2.0],))])
def test_containers_as_parameters(body, args):
    assert_gradient(function(text(body, "p")), args)


def test_the_text_for_a_dict():
    assert lines(text("return p['a'] * p['b'][0]", "p"), {"a": 2.0, "b": [3.0, 4.0]}) == [
        "dp = {'a': p['b'][0], 'b': [p['a'], 0.0]}", "return dp"]


# branches

@pytest.mark.parametrize("body", [
    "z = x * y if x > y else y; return z * x", "return (x if x > y else y) * (x * x if y > 1 else x * y)",
    "z = x if y else x * y; return z * z",
    "z = (x * 2 if x > 0 else y) if y > 0 else x * y; return z * x",
    "z = [x, y] if x > y else [y, x * y]; return z[0] * z[1]",
    "z = 1.0 if x > y else x * y; return z * x", "z = x if x > y else 2; return z * z",
    "n = 2 if x > y else 3; return x * y * n",
    "z = math.exp(x) * x if x > 1 else math.sin(y); return z + x", "x = x * x if x < y else x; return x * y",
    "z = 2 if x > y else 3; return x ** z",
    "z = x; z = z * z if x > y else z; z = z * y if x < y else z; return z"])
@pytest.mark.parametrize("args", [(1.5, 0.7), (0.7, 1.5), (-0.5, 2.0)])
def test_branches_of_numbers(body, args):
    assert_gradient(function(text(body)), args)


@pytest.mark.parametrize("body", [
    "z = x if {c} else y; return np.sum(z * x)", "z = np.exp(x) * y if {c} else x; return np.sum(z * z)",
    "z = x.sum() if {c} else y.sum(); return z * x[0]",
    "z = x.T if {c} else x + y; return np.sum(z * y)", "z = x[1:] if {c} else y[:-1]; return np.sum(z * z)",
    "z = x * y if {c} else x; return np.sum(z) * np.sum(z * x)",
    "z = x * x if {c} else 0.0 * x; w = z * y if {c} else z; return np.sum(w * z)",
    "e = np.exp(x); z = e * e if {c} else e + y; return np.sum(z * e)",
    "z = np.sum(x) if {c} else 0; return z * np.sum(y)",
    "z = np.where(x > 0, x, y) if {c} else np.maximum(x, y); return np.sum(z)"])
def test_branches_of_arrays(body):
    for condition in ("x[0] > 0", "x[0] < 0", "n", "x.ndim == 1"):
        assert_right(function(text(body.format(c=condition), "x, y, n=1")), V, V[::-1] + 0.3)


def test_the_branch_that_was_not_taken_is_not_run():
    f = function(text("z = np.log(x) if x > 0 else x * y; return z * y"))
    assert_gradient(f, (-1.5, 2.0))
    assert right("z = x * y if x > y else y; return z", 2.0, 3.0)[-1] == "return dx, dy"


# subscripts and joins that write into zeros

@pytest.mark.parametrize("body", [
    "return np.sum(x[1:] * x[:-1] * x[0])", "return np.sum(x[[0, 0, 2]] * x[1])",
    "return np.sum(x[x > 0] ** 2) + np.sum(x)", "a, b, c = x; return a * b * c + np.sum(x)",
    "return np.sum(x[::-1] * x)", "return np.sum(x[None] * x[:, None] * y)",
    "z = x * y; return np.sum(z[1:]) * z[0] + np.sum(z)", "return x[0] * x[0] + x[-1] * y[0]",
    "a, b = x[:2], x[1:]; return np.sum(a * b * a)", "i = np.argmax(x); return x[i] * x[i - 1]",
    "return np.sum(np.sort(x) * y)", "z = x[1:]; w = z[1:]; return np.sum(z) * np.sum(w * w)"])
def test_reads_of_parts(body):
    assert_gradient(function(text(body)), (V, V + 2))


@pytest.mark.parametrize("part", ["[1:]", "[::-1]", "[0]", "[[0, 2]]"])
@pytest.mark.parametrize("reduction", ["sum(axis=0)", "sum(axis=1)", "mean(axis=0)",
                                       "sum(axis=0, keepdims=True)[0]"])
@pytest.mark.parametrize("steep", ["np.log(x * x + 1)", "np.abs(x)**1.5 * y", "x / (y * y + 1)",
                                   "np.sqrt(y * y + x**2)"])
def test_a_part_of_a_sum_of_what_has_a_steep_slope(steep, reduction, part):
    f = function(text(f"z = ({steep}).{reduction}; return np.sum(z{part}**2)"))
    assert_gradient(f, (M, M[::-1] + 0.3))
    assert_second(f, M, M[::-1] + 0.3)


def test_reads_are_stored_where_they_came_from():
    assert right("return np.sum(x[1:] * x[:-1])", V, parameters="x") == [
        "dx = np.zeros_like(x)", "dx[1:] = x[:-1]", "dx[:-1] += x[1:]", "return dx"]


# backward passes

def test_a_backward_pass_starts_from_dout():
    assert lines(text("return x * y"), V, V, want="backward") == ["x, y = cache", "dx = y * dout",
                                                                  "dy = x * dout", "return dx, dy"]


def test_the_forward_program_is_left_as_it_is():
    program, builder = typed(text("a = x * y; return a * a"), 2.0, 3.0)
    before = repr(program.block)
    forward, _, _ = backpropagate(builder, program, ("x",))
    assert (repr(program.block) == repr(tuple(forward)) == before
            == "(a = binary '*' (x, y), _ = binary '*' (a, a))")
