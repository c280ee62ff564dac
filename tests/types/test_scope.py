"""Scope reads the names outside of a function, and guards what was assumed of them."""
import math
import types

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError, grad
from revad.types.kinds import FLOAT, Known, key_of
from revad.types.scope import NameMissing, Scope, Unknown, of_function


def scope(**namespace):
    return Scope(namespace, {}, "f")


def guards(names):
    return list(names.guards)


# names

def test_closures_hide_globals_and_globals_hide_builtins():
    cell = types.CellType(1.0)
    assert Scope({"k": 2.0}, {"k": cell}, "f").resolve("k") == 1.0
    assert scope(k=2.0).resolve("k") == 2.0
    assert scope(max=np.maximum).resolve("max") is np.maximum
    assert scope().resolve("max") is max


@pytest.mark.parametrize("path", ["nothing", "np.nothing", "np.linalg.nothing"])
def test_a_missing_name(path):
    with pytest.raises(NameMissing) as caught:
        scope(np=np).resolve(path)
    assert caught.value.args == (path,)


def test_an_empty_closure_cell_is_a_missing_name():
    with pytest.raises(NameMissing):
        Scope({}, {"k": types.CellType()}, "f").resolve("k")


def test_the_scope_of_a_function():
    def make(k):
        def f(x):
            return k * x * math.pi
        return f
    names = of_function(make(3.0))
    assert (names.name, names.resolve("k"), names.resolve("math")) == ("f", 3.0, math)


# guards

@pytest.mark.parametrize("path, expected", [
    ("np.exp", ["np is np_0"]),                    # what NumPy holds does not change
    ("math.pi", ["math is math_0"]),
    ("max", ["max is max_0"]),
    ("g", ["g is g_0"]),
    ("k", ["type(k) is float_0"]),
    ("W", ["type(W) is ndarray_0", "W.dtype.char == 'd'", "W.ndim == 1", "1 not in W.shape"]),
    ("tools.g", ["tools is tools_0", "tools.g is tools_g_1"]),
    ("tools.k", ["tools is tools_0", "type(tools.k) is float_1"]),
    ("config.W", ["type(config.W) is ndarray_0", "config.W.dtype.char == 'd'", "config.W.ndim == 1",
                  "1 not in config.W.shape"]),
    ("row", ["type(row) is ndarray_0", "row.dtype.char == 'f'", "row.ndim == 2", "row.shape[0] == 1",
             "row.shape[1] != 1"]),
    ("pair", ["key_of(pair) == pair_key_0"]),
])
def test_guards_of_names(path, expected):
    tools = types.ModuleType("tools")
    tools.g, tools.k = len, 2.0
    config = types.SimpleNamespace(W=np.ones(3))
    names = scope(np=np, math=math, g=len, k=2.0, W=np.ones(3), tools=tools, config=config,
                  row=np.ones((1, 3), np.float32), pair=[np.ones(3), 2.0])
    names.resolve(path)
    assert guards(names) == expected


def test_a_guard_holds_now_and_fails_when_what_it_says_changes():
    names = scope(np=np, W=np.ones(3), k=2.0)
    for path in ("np.exp", "W", "k"):
        names.resolve(path)

    def hold(**changed):
        return [eval(g, {**names.namespace, **changed}, {**names.constants, "key_of": key_of}) for g in names.guards]
    assert hold() == hold(k=5.0, W=np.zeros(7)) == [True] * 6
    assert hold(np=math, W=np.ones((3, 3)), k=2) == [False, True, True, False, True, False]
    assert hold(W=np.ones(3, np.float32)) == [True, True, False, True, True, True]
    assert hold(W=np.ones(1)) == [True, True, True, True, False, True]


def test_a_constant_of_numpy_is_a_literal_and_any_other_number_is_not():
    names = scope(np=np, math=math, k=2.0)
    assert names.read("np.pi").known == Known(math.pi, repr(math.pi), True, True)
    assert names.read("k") == FLOAT._replace(known=Known(2.0, "k"))


def test_relying_on_a_value_guards_it():
    names = scope(axis=1)
    assert names.static(names.read("axis").known) == 1
    assert guards(names) == ["type(axis) is int_0", "axis == 1"]
    assert names.static(Known(3, "3", True, True)) == 3 and len(names.guards) == 2
    marker = object()
    assert names.static(Known(marker, "mode")) is marker
    assert guards(names)[2:] == ["mode is value_1"] and names.constants["value_1"] is marker


def test_a_guard_tells_a_truth_value_from_a_number():
    names = scope(flag=True)
    names.static(names.read("flag").known)
    assert guards(names)[0] == "type(flag) is bool_0"


@pytest.mark.parametrize("known", [None, Known(None, "?3")])
def test_a_value_that_is_not_known(known):
    with pytest.raises(Unknown):
        scope().static(known)


def test_none_is_a_value_too():
    assert scope(mode=None).static(Known(None, "mode")) is None


# lengths

@pytest.mark.parametrize("known, expected, guard", [
    (Known(1, "x.shape[0]", True, True), True, []), (Known(5, "x.shape[0]", False, True), False, []),
    (Known(2, "2", True, True), False, []), (Known(None, "?1"), None, []),
    (Known(1, "n"), True, ["(n) == 1"]), (Known(4, "n - 1"), False, ["(n - 1) != 1"])])
def test_whether_a_length_is_one(known, expected, guard):
    names = scope()
    assert names.is_one(known) is expected and guards(names) == guard


@pytest.mark.parametrize("a, b, same", [
    (Known(5, "n"), Known(5, "n"), True), (Known(5, "n"), Known(5, "m"), False),
    (Known(5, "5", True, True), Known(5, "5", True, True), True),
    (Known(None, "?1"), Known(None, "?1"), True),
    (Known(None, "?1"), Known(None, "?2"), False)])
def test_whether_two_lengths_are_the_same(a, b, same):
    assert scope().same_length(a, b) is same


# what is compiled follows the names

def test_a_changed_global_gets_another_text_and_its_old_value_the_old_one():
    f = function("def f(x):\n    return x.sum() * k", k=2.0)
    df, x = grad(f), np.ones((2, 3))
    assert df(x).tolist() == [[2.0] * 3] * 2
    f.__globals__["k"] = 5.0
    first = df._last
    assert df(x).tolist() == [[5.0] * 3] * 2 and df._last is first
    f.__globals__["k"] = 7
    assert df(x).tolist() == [[7.0] * 3] * 2
    f.__globals__["k"] = np.float32(3.0)
    assert df(x).tolist() == [[3.0] * 3] * 2 and df(x).dtype == float


def test_a_setting_that_is_relied_upon():
    f = function("def f(x):\n    return (x.sum(axis=axis) ** 2).sum()", axis=0)
    df, x = grad(f), np.array([[1.0, 2.0], [3.0, 5.0]])
    for axis in (0, 1, 0, -1, None, (0, 1)):
        f.__globals__["axis"] = axis
        expected = 2 * np.broadcast_to(x.sum(axis=axis, keepdims=True), x.shape)
        assert np.array_equal(df(x), expected)


def test_another_function_under_the_same_name():
    f = function("def f(x):\n    return g(x) * 2.0", g=np.sin)
    df = grad(f)
    assert df(0.3) == 2 * math.cos(0.3)
    f.__globals__["g"] = np.exp
    assert df(0.3) == 2 * math.exp(0.3)
    f.__globals__["max"] = min
    f = function("def f(x, y):\n    return max(x, y)")
    df = grad(f)
    assert df(1.0, 2.0) == (0.0, 1.0)
    f.__globals__["max"] = min
    assert df(1.0, 2.0) == (1.0, 0.0)


def test_a_name_that_is_not_defined_is_reported_with_the_others():
    with pytest.raises(UnsupportedError) as caught:
        grad(function("def f(x):\n    y = missing(x)\n    return y * np.nothing"))(1.0)
    assert [d.what for d in caught.value.diagnostics] == ["name 'missing'", "name 'np.nothing'"]


def test_a_number_that_becomes_an_array():
    f = function("def f(x):\n    return np.sum(x * k)", k=2.0)
    df = grad(f)
    assert df(3.0) == 2.0
    f.__globals__["k"] = np.array([1.0, 2.0, 4.0])
    assert df(3.0) == 7.0 and type(df(3.0)) in (float, np.float64)


@pytest.mark.parametrize("body", ["return np.sum(x * w)", "return np.sum(x * w) * np.sum(w * w) * w[0]",
                                  "w[0] = x[0]; return np.sum(x * w)",
                                  "return sum(np.sum(x * w) for _ in range(3))",
                                  "return np.sum(x * pair[0]) + pair[1]"])
def test_what_is_read_again_has_one_condition(body):
    f = function(f"def f(x):\n    {body}", w=np.arange(3.0), pair=[np.ones(3), 2.0])
    d = grad(f)
    d.forward(np.ones(3))
    texts = [text for condition in d.forward.last.variant.conditions for text in condition.texts]
    assert len(set(texts)) == len(texts), texts
    assert sum("key_of(" in text or "is ndarray" in text for text in texts) == 1, texts


def test_an_attempt_that_is_given_up_leaves_no_conditions():
    # The loop is tried as a loop first, for which both arrays would need the same length.
    f = function("""
        def f(a, b):
            a, b = a.copy(), b.copy()
            for i in range(3):
                a[i] = b[i] * 2
                a, b = b, a
            return np.sum(a**2) + np.prod(b)
        """)
    d = grad(f)
    a, b = np.array([0.3, 0.8, -1.1]), np.array([1.2, 0.5, 0.9])
    d.forward(a, b)
    variant = d.forward.last.variant
    texts = [text for condition in variant.conditions for text in condition.texts]
    assert not [text for text in texts if "a.shape" in text and "b.shape" in text], texts
    d.forward(np.append(a, 0.4), b)
    assert d.forward.last.variant is variant
    assert_gradient(f, (np.append(a, 0.4), b))
