"""Loops that are written out: arrays that get shorter or longer in each round, and integers whose expressions do."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_right, assert_second, function

from revad import UnsupportedError, grad


def values(n):
    return 1.0 + 0.3 * np.sin(1.7 * np.arange(n))


CASES = {
    "200 averages of neighbours, to one": ("for i in range(200):\n        v = 0.5 * v[:-1] + 0.5 * v[1:]",
                                           "v[0]", 201),
    "200 averages of neighbours": ("for i in range(200):\n        v = 0.5 * v[:-1] + 0.5 * v[1:]",
                                   "np.sum(v ** 2)", 203),
    "more rounds than elements": ("for i in range(9):\n        v = v[:-1] * v[1:]", "np.sum(v) + 1.0", 6),
    "as many rounds as elements": ("for i in range(len(v) - 1):\n        v = np.maximum(v[:-1] * v[1:], 0.1)",
                                   "v[0] ** 2", 9),
    "while there are two": ("while len(v) > 1:\n        v = 0.9 * v[:-1] * v[1:]", "v[0]", 9),
    "while there is one": ("s = 0.0\n    while v.size > 0:\n        s = s + v[0] * np.sum(v)\n"
                           "        v = v[1:]", "s", 8),
    "halves": ("while len(v) > 1:\n        h = len(v) // 2\n        v = v[:h] + v[h:] ** 2", "v[0]", 16),
    "even and odd": ("while v.size > 1:\n        v = v[::2] + v[1::2] ** 2", "v[0]", 16),
    "differences": ("for i in range(20):\n        v = np.diff(v) * 0.7", "np.sum(v) ** 2", 25),
    "convolutions": ("for i in range(12):\n        v = np.convolve(v, [0.25, 0.5, 0.25], mode='valid')",
                     "np.sum(v) ** 2", 30),
    "both ends": ("for i in range(12):\n        v = 0.5 * v[:-2] + 0.5 * v[2:] * v[1:-1]", "np.sum(v)", 30),
    "a matrix": ("v = v.reshape(6, 6)\n    for i in range(4):\n"
                 "        v = 0.5 * v[:-1, 1:] + 0.5 * v[1:, :-1]", "np.sum(v ** 2)", 36),
    "one element more in each round": ("for i in range(30):\n        v = np.concatenate([v, v[-1:] * 0.9])",
                                       "np.sum(v ** 2)", 5),
    "twice as long in each round": ("for i in range(5):\n        v = np.concatenate([v[1:], v * 0.9])",
                                    "np.sum(v ** 2)", 3),
    "extrapolation": ("for j in range(1, 7):\n        v = (4 ** j * v[1:] - v[:-1]) / (4 ** j - 1)", "v[0]",
                      7),
    "sums of all": ("out = []\n    for i in range(5):\n        v = v[:-1] * v[1:]\n"
                    "        out.append(np.sum(v))", "sum(out)", 8),
    "sums of sizes": ("a, b, vs = len(v), 1, []\n    for i in range(40):\n        a, b = b, a + b\n"
                      "        vs = [v * (b % 7), *vs]",
                      "np.sum(vs[0] * vs[7])", 3),
}


def shrinking(name):
    loop, result, n = CASES[name]
    return function(f"def f(v):\n    {loop}\n    return {result}\n"), values(n)


@pytest.mark.parametrize("name", CASES)
def test_arrays_of_another_length_in_each_round(name):
    assert_right(*shrinking(name))


@pytest.mark.parametrize("name",
                         ["as many rounds as elements", "halves", "extrapolation", "while there is one"])
def test_arrays_of_another_length_in_each_round_twice(name):
    assert_second(*shrinking(name))


def test_a_text_for_arrays_that_get_shorter_is_for_all_lengths():
    f, _ = shrinking("differences")
    for n in (25, 30, 21, 20, 4):
        assert_right(f, values(n))


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_the_sum_of_the_rows_of_a_matrix_also_of_none(rows):
    f = function("def f(x, w):\n    return np.sum(sum(np.maximum(x, 0)) + w)\n")
    assert_right(f, np.ones((rows, 2)), np.array([0.5]))


@pytest.mark.parametrize("text", ["np.array([x[0], 1.0])", "[x[0], 2.0] * x", "np.sum([x[0], 2.0]) * x",
                                  "np.array([x[0] * 2.0, 1]) * x",
                                  "np.maximum([x[0], 1.0], x)", "np.stack([x[0], 1.0])"])
def test_single_precision_in_a_list_with_numbers(text):
    assert_gradient(function(f"def f(x):\n    return {text}\n"), (np.array([1.5, -0.9], dtype=np.float32),))


def test_a_counter_counts_on_the_side_that_goes_on():
    """The rounds of a loop that may break are in each other.

    What the counter is in each of them is known there.
    """
    assert_right(function("""
def f(v):
    c = 0
    while c < 4:
        v = np.concatenate([v[1:], v[:2] * 1.5])
        if v[-1] > 4.0:
            break
        c += 1
    return np.sum(v * v) * (1.0 + c)
"""), values(4) + 1.0)


ROUNDS = "def f(v):\n    s = 0.0\n    for i in range({n}):\n        v = v[:-1] * 0.99\n        if v[0] < 0.1:\n            {jump}\n    return np.sum(v) + s\n"


@pytest.mark.parametrize("jump", ["break", "return s * v[0]", "continue"])
def test_rounds_that_may_be_the_last_one_in_the_other(jump):
    assert_right(function(ROUNDS.format(n=8, jump=jump)), values(12))
    if jump != "continue":
        f = function(ROUNDS.format(n=50, jump=jump))
        with pytest.raises(UnsupportedError,
                           match="loop: its rounds have to be written out, "
                                 "and more than 40 of them may be the last"):
            grad(f)(values(54))
