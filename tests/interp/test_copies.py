"""Copies: copy.copy, copy.deepcopy, dataclasses.replace and methods of operators do what Python does."""
import collections
import copy
import dataclasses
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function
from samples import part_of

import revad


@dataclasses.dataclass
class Pair:
    a: object
    b: object = 2.0


class Plain:
    def __init__(self, a, b):
        self.a, self.b = a, b


class Own(Plain):
    def __copy__(self):
        return Own(self.b, self.a)


Named = collections.namedtuple("Named", "a b")
OUTSIDE = {"copy": copy, "dataclasses": dataclasses, "collections": collections, "Pair": Pair, "Plain": Plain,
           "Own": Own, "Named": Named}
MADE = {"list": ("[x, x * 2]", "[{}]"), "dict": ("{{'a': x, 'b': x * 2}}", None),
        "ordered": ("collections.OrderedDict(a=x, b=x * 2)", None), "tuple": ("(x, x * 2)", "[{}]"),
        "named": ("Named(x, x * 2)", "[{}]"), "dataclass": ("Pair(x, x * 2)", None),
        "object": ("Plain(x, x * 2)", None), "nested": ("[[x], [x * 2]]", "[{}][0]"),
        "one twice": ("[[x]] * 2", "[{}][0]")}
COPIES = ["copy.copy(m)", "copy.deepcopy(m)", "copy.deepcopy([m, m])[1]", "copy.copy([m])[0]"]
CHANGES = {"array": "{} *= 3.0", "element": "{}[0] = y * y", "rebound": "{} = y * 1.5"}


def place(kind, of, number):
    if kind in ("dataclass", "object"):
        return f"{of}.{'ab'[number]}"
    return f"{of}['{'ab'[number]}']" if kind in ("dict", "ordered") else of + MADE[kind][1].format(number)


@pytest.mark.parametrize("kind, copied, change", part_of(itertools.product(MADE, COPIES, CHANGES.values()), 2))
def test_what_shares_and_what_does_not(kind, copied, change):
    """After a change of the copy, or of what was copied, both are what they are in Python."""
    for changed, number in itertools.product("mc", (0, 1)):
        lines = ["z = x * 1.0", f"m = {MADE[kind][0].format().replace('x', 'z')}", f"c = {copied}",
                 change.format(place(kind, changed, number)).replace("y * y", "np.sum(y * y)"),
                 "return sum(np.sum(v * k) for k, v in enumerate(["
                 + ", ".join(place(kind, name, n) for name in "mc" for n in (0, 1)) + "], 1))"]
        f = function("def f(x, y):\n" + "".join(f"    {line}\n" for line in lines), **OUTSIDE)
        x, y = np.array([1.5, -0.5]), np.array([0.3, 0.7])
        try:
            f(x, y)
        except TypeError:       # tuples keep their items
            with pytest.raises((TypeError, revad.RevadError)):
                revad.grad(f)(x, y)
            continue
        try:
            assert_gradient(f, (x, y))
        except revad.UnsupportedError as refused:
            assert kind == "named" and "copy" in str(refused)


@pytest.mark.parametrize("call", ["dataclasses.replace(p, b=x * 3)", "dataclasses.replace(p)",
                                  "dataclasses.replace(p, a=y, b=x)"])
def test_replaced_fields(call):
    f = function(f"def f(x, y):\n    p = Pair(x, x * y)\n    q = {call}\n    p.a = y * y\n"
                 "    return np.sum(p.a * p.b + q.a * q.b * x)", **OUTSIDE)
    assert_gradient(f, (1.5, 0.5))
    assert_gradient(f, (np.ones(2), np.array([0.5, 2.0])))
    g = function(f"def f(p, x, y):\n    q = {call}\n    return np.sum(p.a * p.b + q.a * q.b * x)", **OUTSIDE)
    assert_gradient(g, (Pair(1.5, 0.5), 2.0, 3.0))


@pytest.mark.parametrize("call", ["dataclasses.replace(Pair(x, x), c=x)", "Pair(x, c=x)", "Pair(x, x, a=x)"])
def test_a_field_that_there_is_not(call):
    f = function(f"def f(x):\n    return {call}.a", **OUTSIDE)
    with pytest.raises((TypeError, revad.RevadError)):
        revad.grad(f)(1.0)


def test_a_class_that_says_how_it_is_copied():
    f = function("def f(x):\n    p = copy.copy(Own(x, x * 2))\n    return p.a * p.a", **OUTSIDE)
    with pytest.raises(revad.UnsupportedError, match="says itself how it is copied"):
        revad.grad(f)(1.0)


@pytest.mark.parametrize("call", ["x.__add__(y)", "x.__sub__(y)", "x.__mul__(y)", "x.__truediv__(y)",
                                  "x.__pow__(y)", "x.__radd__(y)", "x.__rsub__(y)", "x.__rtruediv__(y)",
                                  "x.__rpow__(y)",
                                  "x.__neg__() * y", "x.__pos__() * y", "x.__add__(2)", "x.__rsub__(2.0)"])
@pytest.mark.parametrize("args", [(1.5, 0.7), (np.array([1.5, 0.5]), np.array([0.7, 2.0])),
                                  (np.array([1.5, 0.5]), 0.7),
                                  (1.5, np.array([0.7, 2.0])), (3, 0.5)],
                         ids=["numbers", "arrays", "array and number", "number and array", "int"])
def test_methods_of_operators(call, args):
    f = function(f"def f(x, y):\n    return np.sum(({call}) * y) * 1.5")
    try:
        value = f(*args)
    except TypeError:
        value = None
    try:
        revad.grad(f)(*args)
    except (revad.UnsupportedError, TypeError):
        return
    assert value is not None
    assert_gradient(f, args)
    assert_second(f, *map(np.float64, args))
