"""stage takes nested expressions apart.

Every local name is one variable, which stages assign again and again.
"""
import gast
import pytest
from differences import assert_gradient
from from_text import function, staged

from revad import grad
from revad.ir.nodes import Branch, Item, Lit
from revad.ir.untyped import Act, Each, While

WHOLE = Item("slice", (None, None, None))


def block(body, parameters="x, y"):
    """The stages of a body as text."""
    program = staged(f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    return [*map(shown, program.block)]


def shown(stage):
    if isinstance(stage, Branch):
        assert stage.results == ()      # the sides assign variables
        return [f"if {stage.condition!r}", [*map(shown, stage.then)], [*map(shown, stage.orelse)]]
    if isinstance(stage, Each):
        return [f"for {stage.target!r} in {stage.iterable!r}", [*map(shown, stage.body)], [*map(shown, stage.orelse)]]
    if isinstance(stage, While):
        return ["while", [*map(shown, stage.test)], repr(stage.condition), [*map(shown, stage.body)], [*map(shown, stage.orelse)]]
    if isinstance(stage, Act):
        return [repr(stage.effect), [*map(shown, stage.block)]]
    return repr(stage)


def only(body, parameters="x, y"):
    """The one stage of a body before its `return`."""
    stage, returned = staged(f"def f({parameters}):\n    {body}").block
    assert returned.form.kind == "return" and returned.operands == (stage.target,)
    return stage


# statements

def test_nested_expressions_come_apart_from_the_inside_and_the_left():
    assert block("return x * y + -(x - 2) ** y") == [
        "_ = binary '*' (x, y)", "_ = binary '-' (x, 2)", "_ = binary '**' (_, y)", "_ = unary '-' (_)",
        "_ = binary '+' (_, _)", "return (_)"]


def test_every_stage_has_its_own_place_and_the_statement_it_belongs_to():
    program = staged("def f(x, y):\n    z = x * (y + 1)\n    return z")
    inner, outer, returned = program.block
    assert (inner.place.column, inner.place.end_column) == (14, 19)
    assert inner.statement is outer.statement and inner.statement.place.text == "    z = x * (y + 1)"
    assert returned.statement.place.text == "    return z" and returned.targets == ()


def test_a_name_is_one_variable_wherever_it_is_assigned():
    program = staged("def f(x):\n    a = x * x\n    x = a + x\n    return x * a")
    x, = program.parameters
    square, total, product, returned = program.block
    a = square.target
    assert square.operands == (x, x) and total.operands == (a, x) and total.target is x
    assert product.operands == (x, a) and returned.operands == (product.target,) and program.result is None


@pytest.mark.parametrize("body, stages", [
    ("a = b = x * y\nreturn a + b",
     ["a = binary '*' (x, y)", "b = alias (a)", "_ = binary '+' (a, b)", "return (_)"]),
    ("a = x\nreturn a", ["a = alias (x)", "return (a)"]),
    ("a = 2\nreturn a * x", ["a = alias (2)", "_ = binary '*' (a, x)", "return (_)"]),
    ("a: float = x * 2\nreturn a", ["a = binary '*' (x, 2)", "return (a)"]),
    ("x += y\nx **= 2\nreturn x", ["x = augment '+' (x, y)", "x = augment '**' (x, 2)", "return (x)"]),
    ("x @= y * 2\nreturn x", ["_ = binary '*' (y, 2)", "x = augment '@' (x, _)", "return (x)"]),
    ("a = b = x\nreturn a", ["a = alias (x)", "b = alias (a)", "return (a)"]),
    ("'text'\n3\npass\nreturn x", ["return (x)"]),
])
def test_assignments(body, stages):
    assert block(body) == stages


def test_both_sides_of_a_swap_are_read_before_either_name_is_given():
    program = staged("def f(x, y):\n    x, y = y, x\n    return x - y")
    x, y = program.parameters
    before, first, second, _, _ = program.block
    assert before.operands == (x,) and before.target not in (x, y)
    assert ((first.target, first.operands) == (x, (y,))
            and (second.target, second.operands) == (y, (before.target,)))


@pytest.mark.parametrize("body, stages", [
    ("a, b = x\nreturn a * b", ["a, b = unpack (x)", "_ = binary '*' (a, b)", "return (_)"]),
    ("[a, b] = x * y, 2\nreturn a", ["a = binary '*' (x, y)", "b = alias (2)", "return (a)"]),
    ("(a, b), c = x\nreturn b", ["_, c = unpack (x)", "a, b = unpack (_)", "return (b)"]),
    ("(a, b), c = (x, y), x\nreturn b",
     ["_ = tuple (x, y)", "_ = tuple (_, x)", "_, c = unpack (_)", "a, b = unpack (_)", "return (b)"]),
    ("a, b = b, a = y, x\nreturn a",
     ["_ = tuple (y, x)", "a, b = unpack (_)", "b, a = unpack (_)", "return (a)"]),
    ("a, b = (c, d) = x\nreturn c", ["a, b = unpack (x)", "c, d = unpack (x)", "return (c)"]),
])
def test_unpacking(body, stages):
    assert block(body) == stages


def test_all_parameters_are_values_in_order():
    program = staged("def f(a, /, b, k=1, *, n, m=2):\n    return a * n")
    assert [p.name for p in program.parameters] == ["a", "b", "k", "n", "m"]


# expressions

@pytest.mark.parametrize("text, items", [
    ("x[y]", [Item("at", (1,))]),
    ("x[1:]", [Item("slice", (1, None, None))]),
    ("x[y, 1:-1, ::2, None, ...]",
     [Item("at", (1,)), Item("slice", (2, 3, None)), Item("slice", (None, None, 4)),
     Item("new"), Item("dots")]),
    ("x[:,]", [WHOLE._replace(inside=True)]),
    ("x[..., y]", [Item("dots"), Item("at", (1,))]),
])
def test_subscripts(text, items):
    stage = only(f"return {text}")
    assert stage.form.kind == "index" and list(stage.form.spec) == items
    assert stage.form.name == ("tuple" if "," in text else "")


def test_the_holes_of_a_subscript_are_operands():
    assert only("return x[y, 1:-1, ::2]").operands[2:] == (Lit(1), Lit(-1), Lit(2))
    assert repr(only("return x[()]")) == "_ = index 'tuple' (x)" and only("return x[()]").form.spec == ()
    assert only("return x[np.newaxis]").form == only("return x[None]").form


@pytest.mark.parametrize("text, stages", [
    ("np.exp(x)", ["_ = call 'np.exp' (x)"]),
    ("np.linalg.norm(x, ord=2, axis=y)", ["_ = call 'np.linalg.norm' (x, 2, y)"]),
    ("x.sum(axis=0)", ["_ = method 'sum' (x, 0)"]),
    ("x.T.shape", ["_ = attr 'T' (x)", "_ = attr 'shape' (_)"]),
    ("np.pi", ["_ = read 'np.pi' ()"]),
    ("np.eye(3).T", ["_ = call 'np.eye' (3)", "_ = attr 'T' (_)"]),
    ("max(x, y)", ["_ = call 'max' (x, y)"]),
    ("k", ["_ = read 'k' ()"]),
    ("k.w.dot(x)", ["_ = call 'k.w.dot' (x)"]),
])
def test_calls_methods_and_attributes(text, stages):
    assert block(f"return {text}") == [*stages, "return (_)"]


def test_a_local_name_hides_the_outer_one():
    assert block("np = x\nreturn np.exp(y)") == ["np = alias (x)", "_ = method 'exp' (np, y)", "return (_)"]


def test_keywords_of_a_call_are_its_last_operands():
    stage = only("return np.sum(x, keepdims=True, axis=y)")
    assert stage.form.keywords == ("keepdims", "axis") and stage.operands[1].value is True
    assert only("return {'a': x, 1: y}").form.keywords == ("a", 1)


def test_numbers_keep_their_sign_and_strings_their_text():
    program = staged("def f(x):\n    return -3, 2, -2.5, 'a', True, None, -True")
    assert program.block[-2].operands[:6] == tuple(map(Lit, (-3, 2, -2.5, "a", True, None)))
    assert repr(program.block[0]) == "_ = unary '-' (True)"


def test_a_conditional_expression_is_a_branch_with_a_block_for_each_side():
    assert block("z = x if x > y else np.exp(y) * 2\nreturn z") == [
        "_ = compare '>' (x, y)",
        ["if _", ["_ = alias (x)"], ["_ = call 'np.exp' (y)", "_ = binary '*' (_, 2)", "_ = alias (_)"]],
        "z = alias (_)", "return (z)"]


def test_conditional_expressions_nest():
    assert block("return (x * 2 if x > 0 else y) if y else 1") == [
        ["if y", ["_ = compare '>' (x, 0)",
                  ["if _", ["_ = binary '*' (x, 2)", "_ = alias (_)"], ["_ = alias (y)"]],
                  "_ = alias (_)"], ["_ = alias (1)"]],
        "return (_)"]


def test_both_sides_assign_the_same_variable():
    branch, returned = staged("def f(x, y):\n    return x if y else 2").block
    (then,), (orelse,) = branch.then, branch.orelse
    assert then.target is orelse.target is returned.operands[0]


def test_what_a_branch_reads_from_outside_its_blocks():
    program = staged("def f(x, y, z):\n    return x * y + x if z else y - 1")
    assert [v.name for v in program.block[0].operands if v.name] == ["z", "x", "y"]


# loops, jumps, functions

@pytest.mark.parametrize("body, stages", [
    ("for i in x:\n    y = y * i\nreturn y", [["for i in x", ["y = binary '*' (y, i)"], []], "return (y)"]),
    ("for i, (a, b) in x:\n    y += b\nelse:\n    y = a\nreturn y",
     [["for _ in x", ["i, _ = unpack (_)", "a, b = unpack (_)", "y = augment '+' (y, b)"], ["y = alias (a)"]],
      "return (y)"]),
    ("for i in range(3):\n    if i:\n        break\n    continue\nreturn x",
     ["_ = call 'range' (3)", ["for i in _", [["if i", ["break ()"], []], "continue ()"], []], "return (x)"]),
    ("while x < y:\n    x = x * 2\nreturn x",
     [["while", ["_ = compare '<' (x, y)"], "_", ["x = binary '*' (x, 2)"], []], "return (x)"]),
    ("if x:\n    return y\nreturn x", [["if x", ["return (y)"], []], "return (x)"]),
    ("if x:\n    raise ValueError(y)\nreturn x", [["if x", ["effect (y)", "raise ()"], []], "return (x)"]),
    ("def g(a, b=x * 2):\n    return a\nreturn g(y)",
     ["_ = binary '*' (x, 2)", "g = define 'g' (_)", "_ = invoke (g, y)", "return (_)"]),
    ("z = (y := x * 2) + 1\nreturn y",
     ["_ = binary '*' (x, 2)", "y = alias (_)", "_ = alias (y)", "z = binary '+' (_, 1)", "return (y)"]),
    ("x[y] = 2\nx[1:][0] += y\nreturn x",
     ["x = store (x, 2, y)", "_ = index (x, 1)", "_ = store '+' (_, y, 0)", "return (x)"]),
    ("x.w = y\nx.w *= 2\nreturn x",
     ["setattr 'w' (x, y)", "_ = attr 'w' (x)", "_ = augment '*' (_, 2)", "setattr 'w' (x, _)",
      "return (x)"]),
    ("np.add.at(x, [0], y)\ndel y\nreturn x",
     ["_ = list (0)", "x = store 'at+' (x, y, _)", "delete 'y' (y)", "return (x)"]),
    ("a, *b = x\nreturn max(*b, **y)", ["a, b = unpack (x)", "_ = call 'max' (b, y)", "return (_)"]),
    ("return {**x, 'a': y}",
     ["_ = dict ()", "_ = method 'update' (_, x)", "_ = store (_, y, 'a')", "return (_)"]),
])
def test_control_flow_and_what_changes_things(body, stages):
    assert block(body) == stages


def test_what_is_laid_out_is_marked():
    assert staged("def f(x, y):\n    return max(1, *x, **y)").block[0].form.spec == ("", "*", "**")
    assert staged("def f(x):\n    a, *b = x\n    return a").block[0].form.spec == (False, True)


def test_a_comprehension_is_a_loop_that_appends_and_its_syntax():
    stage = only("return [a * y for a in x if a]")
    assert (stage.form.kind, stage.form.name, stage.form.keywords) == ("collect", "list", ("x", "y"))
    assert [v.name for v in stage.operands] == ["x", "y"]
    collected, syntax = stage.form.spec
    assert [*map(shown, collected.block)] == [
        "_ = list ()", ["for a in x", [["if a", ["_ = binary '*' (a, y)", "_ = method 'append' (_, _)"], []]],
                        []]]
    assert collected.result is collected.block[0].target and isinstance(syntax, gast.ListComp)


def test_and_is_decided_later_or_copied():
    stage = only("return x > 1 and y")
    assert (stage.form.kind, stage.form.name, stage.form.keywords.name) == ("decide", "and", "'and'")
    (first, condition), (second, value) = stage.form.spec
    assert [*map(shown, first)] == ["_ = compare '>' (x, 1)"] and condition is first[0].target
    assert second == () and value.name == "y"
    assert only("return x > 1 or not y").form.keywords.name == "truth"


def test_a_chain_of_comparisons_is_decided_later_or_copied():
    stage = only("return 0 < x < y")
    assert (stage.form.kind, stage.form.name, stage.form.keywords.name) == ("decide", "chain", "truth")
    assert [[*map(shown, part)] for part, _ in stage.form.spec] == [["_ = compare '<' (0, x)"],
                                                                    ["_ = compare '<' (x, y)"]]
    assert {v.name for v in stage.operands} == {"x", "y"}


def test_a_call_that_is_a_statement_is_kept_both_ways():
    assert block("x.append(y + 1)\nreturn x") == [
        ["effect (x, y)", ["_ = binary '+' (y, 1)", "_ = method 'append' (x, _)"]], "return (x)"]


# what is copied

@pytest.mark.parametrize("text, what", [
    ("0 < len(x) < 3", "truth"), ("{i for i in x}", "set comprehension"), ("{x, y}", "set")])
def test_copied_expressions(text, what):
    stage = only(f"return {text}")
    assert (stage.form.kind, stage.form.name) == ("copied", what)
    assert {v.name for v in stage.operands} == set(stage.form.keywords) == {n for n in "xy" if n in text}


def test_the_text_of_values_keeps_its_syntax_and_its_parts():
    program = staged("def f(x, y):\n    return f'{x + 1} of {y!r:>{x}}'")
    added, stage, _ = program.block
    assert stage.form.kind == "text" and stage.operands == (added.target, program.parameters[1])
    assert stage.form.keywords.kind == "copied" and stage.form.keywords.keywords == ("x", "y")
    assert stage.form.spec == program.parameters and isinstance(stage.form.keywords.spec, gast.JoinedStr)


def test_copied_statements():
    program = staged("def f(x, y):\n    print(x, sep='')\n    assert x > y, 'no'\n    return x")
    act, asserts, _ = program.block
    shows = act.effect
    assert (shows.form.kind, shows.form.keywords, shows.targets) == ("effect", ("x",), ())
    assert isinstance(shows.form.spec, gast.Expr) and isinstance(asserts.form.spec, gast.Assert)
    assert asserts.form.keywords == ("x", "y")


def test_what_is_copied_reads_the_variables_of_the_names():
    program = staged("def f(x):\n    x = x * 2\n    n = {i for i in x if i}\n    return x")
    assert program.block[1].operands == (program.block[0].target,) == program.parameters


@pytest.mark.parametrize("text", [
    "(lambda x: x * x)(x)", "sum([x * x for x in [x]])", "sum(x * x for x in [x])",
    "float({x: x for x in [2.0]}[2.0])",
    "(lambda y=x: y * y)()", "(lambda y: x * y)(2.0)", "sum([x for y in [1]])",
    "sum([a for a in [x] for x in [a]])"])
def test_a_name_bound_inside_is_not_the_one_outside(text):
    assert_gradient(function(f"def f(x):\n    return x * {text} + x"), (3.0,))


@pytest.mark.parametrize("text", ["[x for x in a]", "[a for a in a]", "[(lambda a: a)(v) for v in a]"])
def test_a_name_bound_inside_what_is_copied_is_not_the_outer_one(text):
    f = function(f"def f(x, y):\n    a = [1, 2]\n    x = x * 2\n    n = {text}\n    return x * y * len(n)")
    assert grad(f)(3.0, 5.0) == (20.0, 12.0)
