"""infer_shapes gives every value its kind, says whether it varies, and reports all refusals together."""
import math

import numpy as np
import pytest
from from_text import function, typed

from revad import UnsupportedError, grad
from revad.ir.nodes import Branch, Stage
from revad.types.kinds import FLOAT, UNKNOWN, Kind

X, Y, ONE = np.ones((4, 3)), np.ones((4, 1)), np.ones(3)


def values(body, *args, wrt=None, **outside):
    """name (or gate) -> the typed value of each stage."""
    text = "def f(x, y):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    program, _ = typed(text, *args, wrt=wrt, **outside)
    return {target.name or (stage.gate.name if stage.gate else stage.form.kind): target
            for stage in program.block if isinstance(stage, Stage) for target in stage.targets}


def lengths(value):
    return [n.text for n in value.kind.shape]


# kinds

def test_each_value_has_its_rank_its_lengths_and_their_expressions():
    found = values("h = np.tanh(x @ y)\ns = h.sum(axis=0)\nm = h[1:].T\nreturn (s * m.T).sum()", X, X.T)
    assert lengths(found["matmul"]) == lengths(found["h"]) == ["x.shape[0]", "y.shape[1]"]
    assert (lengths(found["s"]) == ["y.shape[1]"]
            and lengths(found["m"]) == ["y.shape[1]", "max(x.shape[0] - 1, 0)"])
    assert found["sum"].kind.tag == "number"


def test_a_unit_axis_gives_way_to_the_other_one():
    found = values("a = x * y\nb = y[:, 0] + x[:, 0]\nc = y.sum(axis=1)\nreturn a", X, Y)
    assert lengths(found["a"]) == ["x.shape[0]", "x.shape[1]"] and lengths(found["c"]) == ["y.shape[0]"]
    found = values("a = x * y\nreturn a", Y, Y)
    assert [n.value for n in found["a"].kind.shape] == [4, 1] and found["a"].kind.shape[1].unit


def test_numbers_stay_numbers():
    found = values("a = x * y\nb = a + x ** 2\nc = np.exp(b)\nd = [a, x][0]\nreturn c", 2.0, 3)
    assert found["a"].kind == FLOAT and found["b"].kind.weak and not found["c"].kind.weak
    assert all(v.kind.tag == "number" for v in found.values() if v.kind.tag not in ("list", "tuple"))


def test_what_is_known_of_containers_and_sizes():
    found = values("n, d = x.shape\np = [x, y, n]\nq = p[1]\nr = {'a': x, 'b': 2}\ns = r['b']\n"
                   "t = q * s\nreturn t", X, ONE)
    assert found["n"].kind.known.text == "x.shape[0]" and found["d"].kind.known.value == 3
    assert found["p"].kind.tag == "list" and [k.rank for k in found["p"].kind.items] == [2, 1, 0]
    assert lengths(found["t"]) == ["y.shape[0]"] and found["r"].kind.keys == ("a", "b")
    assert "q" not in found and "s" not in found      # they are y and 2 themselves


def test_each_stage_has_its_gate_and_its_operands_by_name():
    program, _ = typed("def f(x):\n    return np.sum(x, keepdims=True, axis=0)", X)
    stage, = program.block
    assert stage.gate.name == "sum" and list(stage.bound) == ["a", "keepdims", "axis"]
    assert stage.bound["a"] is program.parameters[0] and stage.bound["axis"].value == 0


def test_an_element_of_a_display_is_that_value_itself():
    program, _ = typed("def f(x, y):\n    return (x, [y * y])[1][0] * {'a': x}['a']", 2.0, 3.0)
    product = program.block[-1]
    assert product.operands[1] is program.parameters[0]
    assert product.operands[0] is next(s.target
                                       for s in program.block if s.gate and s.gate.name == "multiply")


def test_arrays_and_numbers_from_outside_are_objects_with_methods():
    found = values("a = W.sum(axis=0)\nb = config.W.T\nc = x @ b\nreturn a", X, 2.0, W=np.ones((5, 3)),
                   config=type("C", (), {"W": np.ones((5, 3))}))
    assert (found["a"].kind.shape[0].text == "W.shape[1]"
            and lengths(found["c"]) == ["x.shape[0]", "config.W.shape[0]"])


def test_a_branch_joins_its_sides():
    program, _ = typed("def f(x, y):\n    z = x if y > 0 else x * 2\n    w = x if y > 0 else y\n    return z",
                       X, 2.0)
    same, other = [stage for stage in program.block if isinstance(stage, Branch)]
    (z, _, _), = same.results
    (w, _, _), = other.results
    assert z.varied and [n.text for n in z.kind.shape] == ["x.shape[0]", "x.shape[1]"] and w.kind == UNKNOWN


# what varies

@pytest.mark.parametrize("body, varied", [
    ("a = x * y\nb = y * 2\nreturn a", {"a": True, "b": False}),
    ("a = np.floor(x)\nb = a * x\nc = a * y\nreturn b", {"a": False, "b": True, "c": False}),
    ("a = x.shape[0]\nb = np.argmax(x)\nc = x > 0\nreturn x", {"a": False, "b": False, "c": False}),
    ("a = np.zeros_like(x)\nb = np.ones(x.shape)\nc = len(x)\nreturn x",
     {"a": False, "b": False, "c": False}),
    ("a = [x, y]\nb = a[0] * 2\nc = (y, 2)\nd = a[1] * 2\nreturn b",
     {"a": True, "b": True, "c": False, "d": False}),
    ("a = x[np.argmax(y)]\nb = y[np.argmax(x)]\nreturn a", {"a": True, "b": False}),
    ("a = x.astype(int)\nb = x.astype(float)\nreturn b", {"a": False, "b": True}),
    ("a = f'{x}'\nb = {i for i in y}\nreturn x", {"a": True, "b": False}),
    ("a = np.array([i for i in y])\nb = np.array([i for i in x])\nreturn b", {"a": False, "b": True}),
    ("a = g(x) * 3\nb = g(y)\nreturn a", {"a": True, "b": False}),
    ("a = x\nb = y\nfor i in range(3):\n    a = a * y\n    b = b * y\nc = b * 1\nd = a * 1\nreturn d",
     {"c": False, "d": True}),
    ("for i in range(3):\n    a, b = (a, b) if i else (x, y)\nc = b * 1\nd = a * 1\nreturn d",
     {"c": False, "d": True}),
])
def test_what_varies_with_the_parameters_that_are_differentiated(body, varied):
    found = values(body, np.ones(3), np.ones(3), wrt="x", g=lambda t: t * 2)
    assert {name: found[name].varied for name in varied} == varied


# refusals

def problems(body, *args, wrt=None, parameters="x, y", **outside):
    text = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    with pytest.raises(UnsupportedError) as caught:
        typed(text, *args, wrt=wrt, **outside)
    return [(d.place.line, d.what, d.why) for d in caught.value.diagnostics]


def test_all_problems_are_reported_together_in_the_order_of_the_text():
    assert problems("a = g(x, x)\nb = np.i0(y) * a\nc = x.frobnicate() if y > 0 else missing\n"
                    "return x.nothing\n",
                    2.0, 3.0, g=math.nextafter) == [
        (2, "call of g", "revad has no rule for it"),
        (3, "call of np.i0", "revad has no rule for it"),
        (4, "attribute .frobnicate", "a number does not have it"),
        (4, "name 'missing'", "it is not defined"),
        (5, "attribute .nothing", "a number does not have it")]


def test_what_follows_a_problem_is_not_reported_again():
    assert len(problems("a = np.i0(x)\nb = a * 2\nc = np.exp(b)\nd, e = c\nreturn d.sum()", 2.0, 3.0)) == 1


@pytest.mark.parametrize("body, what", [
    ("a, b = x\nreturn a", "unpacking"), ("a, b = (x, y, 2)\nreturn a", "unpacking"),
    ("return {'a': x}['b']", "subscript"), ("return [x, y][2]", "subscript"),
    ("return [x, [y]][n]", "subscript of a list"),
    ("return [x] + (y,)", "'+'"),
    ("return np.sum(x, out=y)", "out="), ("return np.sum(x, nothing=1)", "call of 'np.sum'"),
    ("return np.arctan2(x)", "call of 'np.arctan2'"),
    ("return x.real.imag.nothing", None), ("return {**x}", "loop"), ("return {x, y}", "set"),
    ("return f(x)", "call of f"), ("return (lambda z: z.nothing)(x)", "attribute .nothing"),
    ("return sum([z.nothing for z in [x]])", "attribute .nothing")])
def test_refusals(body, what):
    found = problems(f"n = np.argmax([y, y])\n{body}", 2.0, 3.0)
    assert len(found) == 1 and found[0][0] == 3 and (what is None or found[0][1] == what)


@pytest.mark.parametrize("body", ["a = g(y)\nreturn x * x", "print(g(y), x)\nreturn x * x",
                                  "a = np.i0(y)\nreturn x * a", "a = {y, y}\nreturn x * x",
                                  "a = y and 2\nreturn x * a"])
def test_what_carries_no_derivative_is_left_alone(body):
    program, _ = typed("def f(x, y):\n" + "".join(f"    {line}\n" for line in body.splitlines()), 2.0, 3.0,
                       wrt="x", g=lambda t: t)
    assert program.result.varied


def test_a_whole_message():
    f = function("""
        def f(x, y):
            z = np.i0(x) + y
            return z
        """)
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(1.0, 2.0)
    file = f.__code__.co_filename
    assert str(caught.value) == (
        f"{file}:2:9: call of np.i0: revad has no rule for it. Declare its derivative with "
        "@revad.elementwise(i0) or @revad.adjoint(i0).\n"
        "    z = np.i0(x) + y\n"
        "        ^^^^^^^^")


def test_of_a_call_that_is_left_alone_the_kind_is_known():
    program, _ = typed("def f(x, y):\n    a = g(y)\n    return x * a", 2.0, X, wrt="x", g=lambda t: t @ t.T)
    assert [repr(stage) for stage in program.block] == ["a = call 'g' (y)", "_ = binary '*' (x, a)"]
    assert lengths(program.block[0].target) == ["y.shape[0]", "y.shape[0]"]


def test_an_unknown_value_is_passed_on_unknown():
    found = values("a = g(y)\nb = a + 1\nc = a[0]\nreturn x", 2.0, 3.0, wrt="x", g=np.i0)
    assert found["a"].kind == UNKNOWN and isinstance(found["b"].kind, Kind) and found["c"].kind.shape is None
