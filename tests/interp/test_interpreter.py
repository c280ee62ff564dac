"""The interpreter follows variables through branches, returns and calls; what it refuses, it refuses whole."""
import math

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines

import revad

V, S = np.array([0.5, -1.5, 2.0]), np.arange(9.0).reshape(3, 3) / 7 - 0.4


def early_returns(x, y):
    if x > 0:
        return x * y
    if y > 1:
        z = x + y
    else:
        return y * y
    return z * x


def settings(x, mode='a', flag=True, n=3):
    if mode == 'a':
        y = x * 2
    elif mode == 'b':
        y = x * x
    else:
        raise ValueError(mode)
    if flag:
        y = y * x
    if n > 2:
        y = y + x
    return np.sum(y)


def parameter_that_is_none(x, y=None):
    if y is None:
        y = x * x
    return np.sum(x * y)


def isinstance_of_array(x):
    if isinstance(x, np.ndarray):
        return np.sum(x * x)
    return x


def rank_decides(x):
    if x.ndim == 1:
        x = x[None]
    return np.sum(x @ x.T)


def raise_and_assert(x, y):
    if x < 0:
        raise ValueError("no")
    assert y > 0, "bad"
    return x * y * y


def nested_function(x):
    def g(a, b=2.0):
        if a > b:
            return a * x[0]
        return b * a
    return g(x[0]) + g(x[2], b=x[1])


def arguments_of_all_kinds_inner(a, *rest, k=1, **kw):
    for r in rest:
        a = a * r + k
    return a * kw.get('z', 1.0)


def arguments_of_all_kinds(x):
    return arguments_of_all_kinds_inner(x[0], x[1], x[2], k=x[0]) + arguments_of_all_kinds_inner(*x, z=x[1]) + arguments_of_all_kinds_inner(x[0], **{'z': x[2]})


def recursion_inner(a, n):
    return a if n == 0 else a * recursion_inner(a, n - 1) + 1


def recursion(x):
    return recursion_inner(x[0], 4) + recursion_inner(x[1], 0)


def walrus(x):
    if (n := len(x)) > 2:
        s = (y := x * x)[0]
    else:
        s = 0.0
    return s * n + np.sum(y)


def truth_of_two(x, y):
    t = x > 0 and y > 0
    z = x * y if t else x + y
    return z if not t or x > 1 else z * z


def tuple_on_both_sides(x):
    a, b = (x[0], x[1]) if x[0] > 0 else (x[1], x[2])
    return a * b


def dict_on_both_sides(x):
    p = {'a': x[0], 'b': x[1]} if x[0] > 0 else {'a': x[2], 'b': x[1]}
    return p['a'] * p['b']


def dict_changed_on_both_sides(x):
    p = {'a': x[0]}
    if x[0] > 0:
        p['a'] = x[1]
    else:
        p['a'] *= x[2]
    return p['a'] ** 2


def list_changed_on_both_sides(x):
    l = []
    if x[0] > 0:
        l.append(x[0])
    else:
        l.append(x[1])
    l.append(x[2])
    return l[0] * l[1]


def global_array(x):
    global V
    return np.sum(V * x)


def imports_inside(x):
    import math as m

    from numpy import sin
    return m.exp(x[0]) * np.sum(sin(x))


def return_inside_errstate(x):
    with np.errstate(all='ignore'):
        y = np.exp(x)
        if y[0] > 1:
            return np.sum(y)
    return np.sum(x)


def deleted_names(x):
    for i in range(3):
        y = x[i]
        del y
    n = 4
    del n
    return x[0] ** 2


def print_on_one_side(x):
    y = x * 2
    if y[0] > 100:
        print("big")
    elif y[0] > 0.5:
        y = y * y
    return y[0]


def function_as_setting(x, act=np.tanh, k=2):
    return np.sum(act(x) ** k)


def closures_of_closures(x):
    def outer(a):
        def inner(b):
            return a * b
        return inner
    g = outer(x[0])
    return g(x[1]) + outer(x[2])(x[0])


def closure_sees_the_last_value(x):
    c = x[0]
    def g():
        return c * x[1]
    c = c * x[2]
    return g() + c


def closure_cell_in_a_list(x):
    c = [0.0]
    def g(v):
        c[0] = c[0] + v * v
    for i in range(3):
        g(x[i])
    return c[0] * x[0]


def functions_in_a_list(x):
    fs = [np.sin, np.cos, lambda v: v * v]
    y = x
    for g in fs:
        y = g(y)
    return np.sum(y)


def overwritten_with_a_constant(x, y):
    if x > 0:
        x = 2
    return x * y * y


def while_with_return(x, y):
    while x < 10:
        if y < 0:
            return x * x
        x = x * 2 + y
    return x * y


CASES = [
    (early_returns, (1.5, 0.7)), (settings, (V,)), (parameter_that_is_none, (V,)),
    (isinstance_of_array, (V,)), (rank_decides, (V,)), (raise_and_assert, (1.5, 0.7)),
    (nested_function, (V,)), (arguments_of_all_kinds, (V,)), (recursion, (V,)), (walrus, (V,)),
    (truth_of_two, (0.5, 0.7)), (tuple_on_both_sides, (V,)), (dict_on_both_sides, (V,)),
    (dict_changed_on_both_sides, (V,)), (list_changed_on_both_sides, (V,)), (global_array, (V,)),
    (imports_inside, (V,)), (return_inside_errstate, (V,)), (deleted_names, (V,)),
    (print_on_one_side, (V,)), (function_as_setting, (V,)), (closures_of_closures, (V,)),
    (closure_sees_the_last_value, (V,)), (closure_cell_in_a_list, (V,)), (functions_in_a_list, (V,)),
    (overwritten_with_a_constant, (1.5, 0.7)), (while_with_return, (1.5, 0.7))]


@pytest.mark.parametrize("function, args", CASES,
                         ids=[f"{c.__name__} {number}" for number, (c, _) in enumerate(CASES)])
def test_gradient(function, args):
    assert_gradient(function, args)


@pytest.mark.parametrize("x", [1.5, -1.5, 0.3])
@pytest.mark.parametrize("y", [0.7, 1.7])
def test_every_way_through_the_branches(x, y):
    for f in (early_returns, truth_of_two, overwritten_with_a_constant):
        assert_gradient(f, (x, y))
    for sign in (1, -1):
        assert_gradient(while_with_return, (abs(x), sign * y))


def test_a_setting_leaves_one_side_and_is_guarded():
    gradient = revad.grad(function("""
        def f(x, mode="a"):
            if mode == "a":
                return np.sum(x * x)
            return np.sum(x)
        """))
    assert gradient(V).tolist() == (2 * V).tolist()
    assert gradient.source.rstrip() == """\
def f_grad(x, mode='a'):
    # backprop np.sum(x * x)
    dx = 2 * x
    return dx"""
    assert gradient(V, "b").tolist() == [1.0, 1.0, 1.0]
    assert "ones_like" in gradient.source and "if" not in gradient.source
    assert gradient(V).tolist() == (2 * V).tolist()


@pytest.mark.parametrize("condition, args", [
    ("y is None", (None, V)), ("y is not None", (V, None)), ("isinstance(y, float)", (2.0, V)),
    ("y", (True, False)),
    ("np.ndim(y) > 0", (V, 2.0)), ("len(y)", ([], [1.0])), ("'w' in y", ({"w": 2.0}, {"b": 1})),
    ("not y or y == 'up'", ("", "down"))])
def test_what_the_kinds_decide_has_one_side_in_each_text(condition, args):
    f = function(f"def f(x, y=None):\n    if {condition}:\n        return np.sum(x * 2)\n"
                 "    return np.sum(x * x)")
    gradient = revad.grad(f)
    found = []
    for y in args:
        assert gradient(V, y).tolist() in ([2.0] * 3, (2 * V).tolist())
        assert "if " not in gradient.source
        found.append(gradient(V, y).tolist())
    assert found[0] != found[1]


def test_a_number_that_is_a_setting_leaves_both_sides():
    text = "def f(x, n=3):\n    if n:\n        x = x * 2\n    return np.sum(x * x)"
    assert_gradient(function(text), (V,))
    assert lines(text, V, 3) == ["if n:", "x = x * 2", "dx = 2 * x", "dx = 2 * dx if n else dx", "return dx"]
    gradient = revad.grad(function(text))
    assert gradient(V, 3).tolist() == (8 * V).tolist()
    once = gradient.source
    assert gradient(V, 0).tolist() == (2 * V).tolist() and gradient.source == once


def test_a_comparison_of_a_number_that_is_a_setting_leaves_one_side():
    text = "def f(x, n=3):\n    if n > 2:\n        x = x * 2\n    return np.sum(x * x)"
    assert lines(text, V, 3) == ["x = x * 2", "dx = 4 * x", "return dx"]
    assert lines(text, V, 1) == ["dx = 2 * x", "return dx"]
    gradient = revad.grad(function(text))
    assert [gradient(V, n).tolist() for n in (3, 1, 7)] == [(8 * V).tolist(), (2 * V).tolist(),
                                                            (8 * V).tolist()]


def test_a_number_that_decides_the_structure_is_guarded():
    gradient = revad.grad(function("def f(x, n=3):\n    p = [x] if n > 2 else [x, x * 2]\n"
                                   "    return sum(np.sum(q * q) for q in p)"))
    assert gradient(V, 3).tolist() == (2 * V).tolist() and gradient(V, 1).tolist() == (10 * V).tolist()
    assert gradient(V, 5).tolist() == (2 * V).tolist()


def test_a_function_that_only_raises():
    with pytest.raises(ValueError, match="^up"):
        revad.grad(function("def f(x, mode):\n    if mode == 'down':\n        return x\n"
                            "    raise ValueError(mode)"), wrt="x")(2.0, "up")
    with pytest.raises(ValueError, match="^3.0"):
        revad.grad(function("def f(x):\n    if x > 2:\n        raise ValueError(x)\n    return x * x"))(3.0)


def test_a_call_that_carries_no_derivative_stands_as_it_is(capsys):
    f = function("def f(x, y):\n    return x * g(y)",
                 g=function("def g(y):\n    print('called')\n    return y * 2"))
    gradient = revad.grad(f, wrt="x")
    assert gradient(2.0, 3.0) == 6.0 and capsys.readouterr().out == "called\n"
    assert (gradient.source.rstrip()
            == "def f_grad(x, y):\n    # backprop x * g(y)\n    dx = g(y)\n    return dx")


def test_a_call_that_changes_what_it_is_given_is_followed_once():
    g = function("def g(b):\n    b[0] += 1\n    return b[0] * 2")
    f = function("def f(x):\n    b = np.zeros(3)\n    c = g(b)\n    return x * c * g(b)", g=g)
    assert revad.grad(f)(6.0) == f(6.0) / 6.0 == 8.0


def deep(x):
    return deep(x * 2)


def two(a, b):
    return a * b


RESULT = ("the result: whether it is one number is not known when compiling, and a gradient "
          "needs one number. Return its sum (np.sum), or use .forward and .backward.")
WHICH = "call: which function it calls is not known when compiling. Call a function by its name, or pass it as an argument."


@pytest.mark.parametrize("body, line, message", [
    ("if x[0] > 0: w = x * 2; return np.sum(w)", 3,
     "name 'w': it has a value on one side of an 'if' only. Give it a value before the 'if'."),
    ("y = x * 1; del y; return np.sum(y)", 4, "name 'y': it has no value here. Give it a value before."),
    ("p = [x] if x[0] > 0 else [x, 2.0]; return np.sum(p[0])", 2,
     "value: it is a list on one side and a list on the other, or they "
     "differ in their elements. Give it the same structure on both sides."),
    ("return np.sum(x) if x[0] > 0 else None", 2, RESULT),
    ("if x[0] > 0: return x; return np.sum(x)", 3, RESULT),
    ("g = 3; return np.sum(g(x))", 3, WHICH), ("for g in x: pass; return g(x[0])", 3, WHICH),
    ("return np.sum(two(**x))", 2,
     "'**' in a call: the names in it are not known when compiling. Write the arguments out."),
    ("return np.sum(open(x))", 2,
     "call of open: revad has no rule for it. Declare its derivative with @revad.elementwise(open) or "
     "@revad.adjoint(open)."),
    ("return x[0] if x.any else 2.0", 2,
     "attribute .any: a derivative cannot be followed through it. Pass what it holds as a "
     "parameter of its own."),
])
def test_refused(body, line, message):
    f = function("def f(x):\n" + "".join(f"    {part}\n" for part in body.split("; ")), two=two)
    with pytest.raises(revad.UnsupportedError) as caught:
        revad.grad(f)(V)
    problem, = caught.value.diagnostics
    assert (problem.place.line, f"{problem.what}: {problem.why}. {problem.instead}") == (line, message)


def test_calls_that_never_end_are_refused_where_they_are_made():
    with pytest.raises(revad.UnsupportedError) as caught:
        revad.grad(lambda x: deep(x))(2.0)
    problem, = caught.value.diagnostics
    assert problem.place.text == "    return deep(x * 2)"
    assert (f"{problem.what}: {problem.why}. {problem.instead}"
            == "call of deep: calls go deeper than 60. Write it with a loop.")


def refused(f, *args):
    with pytest.raises(revad.UnsupportedError) as caught:
        revad.grad(f)(*args)
    problem, *_ = caught.value.diagnostics
    return problem.place.text.strip(), problem.sentence()


def test_what_a_library_does_is_told_at_the_call_of_it():
    """Not in a file of the library, where the user cannot change anything."""
    import statistics

    def spread(values):
        return statistics.variance(values)

    def f(x):
        return spread(x * 2.0)
    text, sentence = refused(f, np.arange(3.0))
    assert text == "return statistics.variance(values)"
    assert (sentence.startswith("call of variance: revad has no rule for it, and cannot follow it (")
            and "statistics.py:" in sentence)
    assert sentence.endswith("Declare its derivative with @revad.elementwise(variance) or "
                             "@revad.adjoint(variance).")


def test_a_recursion_that_only_values_end():
    def factorial(n):
        return 1 if n <= 1 else n * factorial(n - 1)

    def f(x):
        return factorial(x) * 2
    text, sentence = refused(f, 4.1)
    assert (text == "return factorial(x) * 2"
            and sentence.startswith("call: calls go too deep in it: a function that calls itself"))


def pooled(x, size):
    height, width, stride = size
    tiles = height == width == stride and x.shape[0] % height == 0
    if tiles:
        parts = x.reshape(x.shape[0] // height, height)
        out, cache = parts.max(axis=1), ("parts", (parts, x))
    else:
        out, cache = x[::stride] * x[0], ("steps", x, stride)
    return out, cache


@pytest.mark.parametrize("x, size", [(np.array([0.3, 0.9, -0.4, 0.1]), (2, 2, 2)), (V, (2, 2, 2)),
                                     (V, (3, 3, 1)), (V, (3, 3, 3))])
def test_a_chain_of_settings_and_shapes_chooses_a_side(x, size):
    """The sides keep something else, and so only one of them stands in the text."""
    assert_gradient(pooled, (x, size), "x", output=0)


@pytest.mark.parametrize("x", [0.5, -1.0, 4.0])
def test_a_chain_of_data_is_decided_while_running(x):
    def between(x, y):
        if 0 < x < y:
            return x * y
        return x - y if x < 0 <= y else y * y
    assert_gradient(between, (x, 3.0), ("x", "y"))
