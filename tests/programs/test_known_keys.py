"""Dicts that a function fills under keys that are known when compiling, and strings that give such keys.

Each program at several sizes, with its second derivative; another key or string is another text.
"""
import copy

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function

from revad import grad

PROGRAMS = {
    "pairs as keys": ("""
def f(x, n):
    table = {(0, 0): x * x}
    for i in range(1, n):
        table[i, 0] = table[i - 1, 0] * x + 1.0
        table[(i, 1)] = np.sin(table[i, 0])
    return sum(table.values()) * table[0, 0]
""", [(1.3, 1), (1.3, 2), (0.7, 4)]),
    "a chart of spans": ("""
def f(x, n):
    chart = {}
    for i in range(n):
        chart[i, i + 1] = x * i + 1.0
    for span in range(2, n + 1):
        for i in range(n - span + 1):
            k = i + span
            chart[i, k] = 0.0
            for j in range(i + 1, k):
                chart[i, k] += chart[i, j] * chart[j, k]
    return chart[0, n]
""", [(1.3, 1), (0.4, 2), (0.7, 4)]),
    "a key that is there or not": ("""
def f(x, keys):
    total = {}
    for key in keys:
        total[key] = total[key] * x + x if key in total else x * x
    if "c" not in total:
        total["c"] = x
    return sum(value ** 2 for value in total.values())
""", [(1.3, ()), (1.3, ("a",)), (0.7, ("a", "b", "a", "c", "a"))]),
    "a recursion that remembers": ("""
def f(x, n):
    memo = {}

    def value(i):
        if i in memo:
            return memo[i]
        memo[i] = x if i < 2 else value(i - 1) * x + value(i - 2)
        return memo[i]
    return value(n)
""", [(1.3, 0), (1.3, 1), (0.7, 2), (0.7, 6)]),
    "keys of an argument": ("""
def f(x, n):
    return (x["a"] ** n if "a" in x else 1.0) * (x["b"] ** 2 if "b" in x else 3.0)
""", [({"a": 1.2}, 3), ({"b": 1.2, "c": 0.4}, 3), ({"a": 0.3, "b": 0.4}, 2)]),
    "characters": ("""
def f(x, text):
    total = 0.0
    for i in range(len(text) - 1):
        total = total + x[text[i] + text[i + 1]] ** 2 * x[text[-1] * 2]
    return total
""", [({"ab": 1.2, "ba": 0.4, "aa": 0.3, "bb": 0.9}, text) for text in ("a", "ab", "abba", "bbbab")]),
    "slices and words": ("""
def f(x, text):
    total = x[text[:1]]
    for first, second in zip(text.split(), text[::-1].split()):
        for letter, other in zip(first, second):
            total = total * x[letter] + x[other] ** 2
    return total
""", [({"a": 1.2, "b": 0.4}, text) for text in ("a", "ab ba", "b ab aab")]),
    "a prefix table of a string": ("""
def f(x, text):
    table = {0: 0.0}
    for end in range(1, len(text) + 1):
        table[end] = sum(table[start] * x[text[start:end]] for start in range(end) if text[start:end] in x)
        table[end] = table[end] + x["a"] * end
    return table[len(text)]
""", [({"a": 1.2, "b": 0.4, "ab": 0.7}, text) for text in ("", "a", "ab", "abab")]),
}


@pytest.mark.parametrize("text, arguments", PROGRAMS.values(), ids=PROGRAMS)
def test_gradients_are_right_at_each_size(text, arguments):
    f = function(text)
    for args in arguments:
        assert_gradient(f, args, ("x",))


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivatives_are_right(name):
    text, arguments = PROGRAMS[name]
    assert_second(function(text), *copy.deepcopy(arguments[-1]), wrt=("x",))


def test_one_gradient_serves_keys_and_strings_of_all_kinds_in_turn():
    for text, arguments in PROGRAMS.values():
        f = function(text)
        df = grad(f, wrt="x")
        expected = [grad(f, wrt="x")(*copy.deepcopy(args)) for args in arguments]
        for _ in range(2):
            for args, wanted in zip(arguments, expected):
                np.testing.assert_equal(df(*copy.deepcopy(args)), wanted)


@pytest.mark.parametrize("expression, error", [
    ("x[text[5]]", IndexError), ("x[text['a']]", TypeError), ("x[text[:2]]", KeyError)])
def test_what_a_string_or_a_dict_does_not_have_is_told_as_python_does(expression, error):
    f = function(f"def f(x, text):\n    return {expression} * 2.0\n")
    args = {"a": 1.2, "b": 0.4}, "ab"
    with pytest.raises(error) as own:
        f(*args)
    with pytest.raises(error) as told:
        grad(f, wrt="x")(*args)
    assert str(told.value).splitlines()[0] == str(own.value)       # Python 3.10 has the place below
