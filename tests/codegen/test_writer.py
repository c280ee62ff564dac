"""The text of a gradient: the user's syntax with the names that values have there, comments, and whose line each line is."""
import ast

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines, written

from revad import grad
from revad.codegen.plan import make_plan
from revad.codegen.unparse import unparse
from revad.codegen.writer import Writer
from revad.ir.nodes import Form, Item, Lit, Stage, Value
from revad.types.kinds import FLOAT, array, literal

V = np.array([0.5, -1.5, 2.0])


def f(*body, parameters="x"):
    return f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body)


# what is copied

@pytest.mark.parametrize("statement, copied", [
    ("print(x)", "print(x_2)"), ("print('x', x, sep='x')", "print('x', x_2, sep='x')"),
    ("print(f'{x:>8.2f} x {x!r}')", "print(f'{x_2:>8.2f} x {x_2!r}')"),
    ("print(f\"{'x'} {x}\")", None), ("assert x > 0, 'x is negative'", "assert x_2 > 0, 'x is negative'"),
    ("assert x > 0 and not x == 7", "assert x_2 > 0 and not x_2 == 7"),
    ("print(x if x else [x, (x,)])", "print(x_2 if x_2 else [x_2, (x_2,)])"),
    ("print([y for y in [x]])", "print([y for y in [x_2]])"),
    ("print((lambda y: y)(x))", "print((lambda y: y)(x_2))"),
    ("print({'x': x, **{}})", "print({'x': x_2, **{}})"),
    ("print(x, end='\\n\\t')", "print(x_2, end='\\n\\t')")])
def test_copied_statements_with_renamed_values(statement, copied, capsys):
    text = f("x = x * x", statement, "return x * math.sin(x)")
    whole = lines(text, 2.0)
    shown = capsys.readouterr().out
    function(text)(2.0)
    assert shown == capsys.readouterr().out
    assert (whole[0] in ("x_2 = x * x", "x_2 = x**2")
            and (copied is None or whole[1].replace('"', "'") == copied.replace('"', "'")))


def test_copied_expressions_with_renamed_values():
    text = f("x = x * 2", "n = len([i for i in k if i is not None]) if x is not None else 3", "k = k[1:]",
             "return x * n * len(k)", parameters="x, k")
    df = grad(function(text), wrt="x")
    assert df(2.0, (1, None, 3)) == 2 * 2 * 2
    assert lines(text, 2.0, (1, None, 3), wrt="x")[-1] == "return dx"


def test_statements_keep_their_order():
    text = f("print('a')", "y = math.exp(x)", "print('b', y)", "z = y * x", "assert z, 'c'",
             "print(z)", "return z")
    assert lines(text, 2.0)[:6] == ["print('a')", "y = math.exp(x)", "print('b', y)", "z = y * x",
                                    "assert z, 'c'", "print(z)"]


# forms

@pytest.mark.parametrize("statement", [
    "z = x[1:, None] * 2", "z = x[..., 0]", "z = x[::-1, 1:2]", "z = x[0][1:]", "z = x[[0, 1], 1]",
    "z = x[(0, 1)]", "z = x[:, np.newaxis]", "z = x.T @ x", "z = -x**2", "z = (-x)**2", "z = x / (x / 2)",
    "z = x - (x - 1)", "z = 2**-x", "z = np.sum(x, axis=0, keepdims=True)", "z = x.sum(axis=(0, 1))",
    "z = np.where(x > 0, x, -x)", "z = x if x[0, 0] > 0 else -x", "z = np.stack([x, x], axis=-1)",
    "z = x @ np.ones((x.shape[1], 2))", "z = np.einsum('ij,kj->ik', x, x)", "z = x * 1e-7", "z = x * 1e300",
    "z = x % 3 // 2.5", "z = ~(x > 0) * x", "z = +x", "z = x[x > 0]", "z = np.exp(x)[0]",
    "z = np.linalg.norm(x, axis=1)", "z = (x * 2).T", "z = (x if x[0, 0] > 0 else -x).T", "z = x[-1]",
    "z = x[-2:-1]"])
def test_a_statement_stands_as_the_user_wrote_it(statement):
    """Where the unparser would write a line so, it is the line of the gradient of something else."""
    text = f(statement, "return np.sum(np.sin(z)) * k", parameters="x, k")
    x = np.arange(1.0, 7.0).reshape(2, 3) / 4
    assert lines(text, x, 2.0, wrt="k")[0].replace("np.newaxis", "None") == \
        statement.replace("np.newaxis", "None").replace("x[(0, 1)]", "x[0, 1]")
    if "e300" not in statement:
        assert_gradient(function(text), (x, 2.0))


def written_line(form, *operands, names=(), kind=FLOAT):
    """The text of one stage."""
    target = Value("t", kind=kind)
    stage = Stage((target,), form, operands)
    table = {target: "t", **{o: o.name for o in operands if isinstance(o, Value)}}
    writer = Writer(make_plan([(None, [stage])], [target]), table, set(names), {})
    return "; ".join(map(unparse, writer.line(stage)))


X, Y, I = Value("x", kind=array((literal(3),))), Value("y", kind=FLOAT), Value("i", kind=FLOAT)
AT = (Item("at", (2,)),)


@pytest.mark.parametrize("form, operands, text", [
    (Form("binary", "//"), (X, Lit(-2)), "t = x // -2"), (Form("binary", "**"), (Lit(-2), X), "t = (-2)**x"),
    (Form("unary", "not"), (X,), "t = not x"),
    (Form("compare", "!="), (X, Lit("a")), "t = x != 'a'"),
    (Form("call", "np.sum", ("axis",)), (X, Lit(0)), "t = np.sum(x, axis=0)"),
    (Form("method", "sum", ("axis",)), (X, Lit(0)), "t = x.sum(axis=0)"),
    (Form("attr", "T"), (X,), "t = x.T"), (Form("read", "np.linalg.norm"), (), "t = np.linalg.norm"),
    (Form("tuple"), (X,), "t = (x,)"), (Form("tuple"), (), "t = ()"), (Form("list"), (X, Y), "t = [x, y]"),
    (Form("dict", keywords=("a", 1)), (X, Y), "t = {'a': x, 1: y}"),
    (Form("ifexp"), (Y, X, Lit(None)), "t = x if y else None"), (Form("alias"), (X,), "t = x"),
    (Form("copied", "", ("k",), "k + k.size"), (X,), "t = x + x.size"),
    (Form("index", spec=(Item("slice", (1, None, 2)), Item("new"), Item("dots"), Item("at", (3,)))),
     (X, Lit(1), Lit(2), I), "t = x[1::2, None, ..., i]"),
    (Form("index", "tuple", spec=(Item("at", (1,)),)), (X, I), "t = x[i,]"),
    (Form("augment", "*"), (X, Y), "t = x * y")])
def test_forms(form, operands, text):
    assert (written_line(form, *operands) == text
            or written_line(form, *operands) == text.replace("x[i,]", "x[(i,)]"))


@pytest.mark.parametrize("sign, spec, text", [
    ("+", AT, "t = x.copy(); t[i] += y"), ("-", AT, "t = x.copy(); t[i] -= y"),
    ("at+", AT, "t = x.copy(); np.add.at(t, i, y)"),
    ("at-", AT, "t = x.copy(); np.subtract.at(t, i, y)"),
    ("+", (Item("slice", (None, 2, None)),), "t = x.copy(); t[:i] += y"),
    ("at+", (Item("slice", (2, None, None)), Item("at", (2,)), Item("dots")),
     "t = x.copy(); np.add.at(t, (slice(i, None), i, ...), y)")])
def test_stores(sign, spec, text):
    class Paths(dict):
        def get(self, path, otherwise):
            return path.removeprefix("@")
    target = Value("t", kind=X.kind)
    stage = Stage((target,), Form("store", sign, keywords=("",), spec=spec), (X, Y, I))
    writer = Writer(make_plan([(None, [stage])], [target]), {target: "t", X: "x", Y: "y", I: "i"},
                    set(), Paths())
    assert "; ".join(map(unparse, writer.line(stage))) == text


# comments

def comments(text, *args):
    return [line.strip() for line in written(text, *args).splitlines() if "#" in line]


@pytest.mark.parametrize("statement, quoted", [
    ("y = (x * 2)", "# backprop y = (x * 2)"), ("y   =  x*2  # why", "# backprop y   =  x*2"),
    ("y = (x *\n         2)", "# backprop y = x * 2"), ("y: float = x * 2", "# backprop y: float = x * 2"),
    ("y = z = x * 2", "# backprop y = z = x * 2"), ("y, z = x * 2, 1", "# backprop y, z = x * 2, 1"),
    ("a = 1; y = x*a", "# backprop y = x*a"),
    ("y = x * 2 + " + " + ".join(["0.123456789"] * 12), None)])
def test_the_statement_is_quoted_over_its_lines(statement, quoted):
    found = comments(f(statement, "return np.sum(y * np.sin(y))"), np.ones(3))
    assert (found[0] == "# forward pass" and found[1] == "# backprop np.sum(y * np.sin(y))"
            and (quoted is None or found[2] == quoted))
    assert all(len(comment) <= 100 for comment in found)
    assert quoted is not None or found[2].endswith("...")


def test_no_comment_without_a_line():
    assert "# forward pass" not in comments(f("a = x", "b = a", "return b"), 2.0)
    assert "# forward pass" not in comments(f("return x * x"), 2.0)


# whose line each line is

def test_the_map_of_lines():
    g = function(f("y = np.exp(x)", "z = y * y", "return np.sum(z / (y + 2))"))
    df = grad(g)
    df(V)
    from revad.runtime.compilation import place_of
    file = next(v.__code__.co_filename for v in [df.compiled(V)])
    found = {}
    for number, line in enumerate(df.source.splitlines(), 1):
        place = place_of(file, number)
        found[line.strip()] = place and place.line
    forward = {line: at for line, at in found.items() if line in ("y = np.exp(x)", "z = y * y")}
    assert forward == {"y = np.exp(x)": 2, "z = y * y": 3}
    assert found[next(line for line in found if line.startswith("dx ="))] == 2


@pytest.mark.parametrize("body, args, line", [
    (("y = x[0]", "return y / x[1]"), ([1.0, 0.0],), "return y / x[1]"),
    (("a = x * 2", "y = math.log(a)", "return y * a"), (-1.0,), "y = math.log(a)"),
    (("assert x > 0, 'positive'", "return x"), (-1.0,), "assert x > 0, 'positive'")])
def test_an_error_names_the_line_of_the_user(body, args, line):
    g = function(f(*body))
    with pytest.raises((ZeroDivisionError, ValueError, AssertionError)) as caught:
        grad(g)(*args)
    notes = getattr(caught.value, "__notes__", None) or [str(caught.value)]
    assert notes[-1].endswith(line) and g.__code__.co_filename in notes[-1]


def test_every_text_is_python_that_ast_reads_back():
    for text, args in [(f("return np.sum(x ** 2 / x[::-1])"), (V,)),
                       (f("p = {'a': x, 'b': [x]}", "return np.sum(p['b'][0] * p['a'])"), (V,)),
                       (f("return x if x > 0 else -x * x"), (2.0,))]:
        whole = written(text, *args)
        assert ast.unparse(ast.parse(unparse(ast.parse(whole)))) == ast.unparse(ast.parse(whole))


def test_a_signature_keeps_its_defaults():
    text = 'def f(x, eps=1e-5, n=(1, "a")):\n    return x * eps'
    assert written(text, 2.0).splitlines()[0] == "def f_grad(x, eps=1e-5, n=(1, 'a')):"


# headings inside loops and branches

def test_each_block_inside_a_loop_or_branch_says_which_statement_it_belongs_to():
    text = f("s = 0.0", "for t in range(x.shape[0]):", "    u = np.sin(x[t])", "    if u > 0.5:",
             "        v = u * u", "        s = s + v * x[t]", "    else:", "        s = s + u",
             "return s * 2")
    assert_gradient(function(text), (np.array([0.5, -1.5, 1.0]),))
    found = written(text, np.array([0.5, -1.5, 1.0])).splitlines()
    inside = found[found.index("    for t in reversed(range(x.shape[0])):"):]
    comments = [line.strip() for line in inside if line.strip().startswith("#")]
    assert comments == ["# backprop if u > 0.5", "# backprop s = s + v * x[t]", "# backprop u = np.sin(x[t])"]


def test_a_loop_inside_a_loop_is_its_own_heading():
    text = f("s = 0.0", "for i in range(2):", "    for j in range(3):",
             "        s = s + x[i] * x[j]", "return s")
    found = written(text, V).splitlines()
    assert [line.strip() for line in found if "backprop" in line] == ["# backprop for i in range(2)",
                                                                      "# backprop s = s + x[i] * x[j]"]


def test_a_branch_that_is_an_expression_has_the_heading_of_its_statement_alone():
    text = f("for i in range(2):", "    x = np.sin(x) * x if i > 0 else x * k", "return np.sum(x)",
             parameters="x, k")
    found = written(text, V, 2.0).splitlines()
    assert sum("backprop x =" in line for line in found) == 1
