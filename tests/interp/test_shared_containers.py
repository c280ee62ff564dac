"""What may be one list on one way through the function and another on another: its changes are seen, or refused."""
import contextlib
import itertools
import re

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function
from samples import part_of

from revad import UnsupportedError

V, W = np.array([0.7, -0.9, 0.4]), np.array([-0.3, 1.1, 0.6])

FLAT = {
    "branch": "a = [p, q]; b = a; if x[0] > 0: a = {}",
    "else": "a = [p, q]; b = a; if x[0] > 0: a = {}; else: a[1] = p",
    "dict": "a = dict(enumerate([p, q])); b = a; if x[0] > 0: a = dict(enumerate({}))",
    "tuple": "a = p, q; b = a; if x[0] > 0: a = tuple({})",
    "loop": "a = [p, q]; b = a; for i in range(k): a = {}",
    "while": "a = [p, q]; b = a; while k: a = {}; k = k - 1",
    "one side": "b = p, q; a = [p, q]; if x[0] > 0: c = a; a = {}; c[0] = y * s",
    "returned": "b = [p, q]; a = pick(x, b, {})",
}
ENDS = ["[p, p]", "[q, p]", "[a[1], a[0]]", "[y * 2.0, a[1]]", "a[:]"]
STORES = ["a[0] += s", "a[0][1] = s", "a[1][1:] *= s", "p[0] = s", "u, v = a; u *= s",
          "a[1] = y * s", "b[0] = x * s", "for r in a: r[0] = s"]
READS = ["a[0]", "a[1]", "b[0]", "b[1]", "p"]

NESTED = {
    "branch": "a = [l, m]; if x[0] > 0: a = {}",
    "tuple": "a = l, m; if x[0] > 0: a = tuple({})",
    "loop": "a = [l, m]; for i in range(k): a = {}",
    "loop that changes": "a = [l, m]; for i in range(k): a = {}; a[0][1] = y * s",
}
LISTS = ["[m, l]", "[l, l]", "[a[1], a[0]]", "[[p, q], a[1]]", "[a[0], [q, y * 2.0]]"]
LIST_STORES = ["a[0][1] = y * s", "a[0][1] *= s", "a[1][0][1] = s", "l[0] = x * s", "l[0] *= s", "u, v = a; v[0] = p * s",
               "a[0].reverse()", "a[0] = [p, q]"]
LIST_READS = ["a[0][1]", "a[1][0]", "a[1][1]", "l[0]", "l[1]", "m[0]"]


TWO = "l = [p, q]; m = [q * 2, p * 1.5]"


def program(before, place, end, store, read):
    """A function whose blocks stand in one line each."""
    lines = ["p = x * s", "q = y * s", *filter(None, before.split("; "))]
    for part in place.format(end).split("; "):
        if BLOCK.match(lines[-1]) and not BLOCK.match(part):
            lines[-1] += f"; {part}"
        else:
            lines.append(part)
    lines += [*store.split("; "), f"return np.sum({read}**3) + s * np.sum(x * y)"]
    return "def f(x, y, s, k):\n" + "".join(f"    {line}\n" for line in lines) + PICK


BLOCK = re.compile("if |for |while |else")
PICK = """
def pick(x, a, b):
    for v in x:
        if v > 0.5:
            return a
    return b
"""


def is_right(text):
    """Whether a program is right, not refused, wherever the function itself does not raise."""
    f, calls = function(text), []
    for sign, k in itertools.product((1, -1), (0, 1, 2)):
        # A slice of a dict is a TypeError up to Python 3.11, and a KeyError from 3.12 on.
        with contextlib.suppress(TypeError, KeyError, UnboundLocalError):
            f(sign * V, W, 0.8, k)
            calls.append((sign * V, W, 0.8, k))
    try:
        for args in calls:
            assert_gradient(f, args, ("x", "y", "s"))
    except UnsupportedError:
        return False
    return True


def assert_none_is_wrong(before, *parts):
    """Of a part of the programs; the others are alike."""
    for chosen in part_of(itertools.product(*parts), 6):
        is_right(program(before, *chosen))


@pytest.mark.parametrize("place", FLAT)
@pytest.mark.parametrize("store", STORES)
def test_elements(place, store):
    assert_none_is_wrong("", [FLAT[place]], ENDS, [store], READS)


@pytest.mark.parametrize("place", NESTED)
@pytest.mark.parametrize("store", LIST_STORES)
def test_lists_in_lists(place, store):
    assert_none_is_wrong(TWO, [NESTED[place]], LISTS, [store], LIST_READS)


@pytest.mark.parametrize("place, store, read", [
    ("a = [p, q]; if x[0] > 0: a = [q, p]", "a[0] += s", "a[1] + a[0]"),
    ("a = [p, p]; if x[0] > 0: a[1] *= s", "a[0] += s", "a[1] + a[0] * p"),
    ("a = [p, q]; for i in range(k): a = [a[1], a[0]]", "a[0] = y * s", "a[1] + a[0] * p"),
    ("a = [p, q]; while k: a = [a[1], a[0]]; k = k - 1", "a[0] = y * s", "a[1] + a[0] * p"),
    ("a = [p, q]; for i in range(k): a[0] = a[1] * s; a[1] *= s", "b = a; b[0] = y * s", "a[1] + a[0] * q"),
    ("a = dict(u=p, v=q); b = a; for i in range(k): a['u'] = b['v'] * s", "b['v'] = s * p", "a['v'] * a['u']"),
])
@pytest.mark.quick
def test_what_is_one_list_on_every_way_is_right(place, store, read):
    assert is_right(program("", place, "", store, read))


@pytest.mark.parametrize("place, store, read", [
    ("a = [l, m]; if x[0] > 0: a = [m, l]", "a[0][1] = a[1][0] * s", "a[0][1] * a[1][1]"),
    ("a = [l, m]; for i in range(k): a[0][1] = a[1][0] * s", "a[1][0] = l[1] * s", "l[1] * m[0]"),
    ("a = l, m; for i in range(k): a = a[0], m; a[0][0] = y * s", "l[1] = p", "a[0][1]"),
])
@pytest.mark.quick
def test_what_is_one_list_in_lists_is_right(place, store, read):
    assert is_right(program(TWO, place, "", store, read))
