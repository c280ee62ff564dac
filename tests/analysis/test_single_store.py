"""Stores in the inner of two loops: what the gradient of an element is after the outer loop has written it again."""
import itertools
import textwrap

import numpy as np
import pytest
from from_text import assert_right, assert_second, function

X = np.array([1.3, 0.9, 0.7])

OUTER = {       # lines before the loop, its head, what a round ends with
    "while a number is small": ("", "while s < 5:", "s = s * 2"),
    "while a counter is small": ("k = 0", "while k < 2:", "s = s * x[1]\nk += 1"),
    "for nothing": ("", "for _ in range(2):", "s = s * x[1]"),
    "for an index": ("", "for k in range(n):", "s = s * x[1]"),
    "for the elements": ("", "for v in x:", "s = s * v"),
    "for, with a break": ("", "for k in range(4):", "s = s * 1.7\nif s > 3:\n    break"),
    "while True": ("", "while True:", "s = s * 1.7\nif s > 3:\n    break"),
    "in a branch": ("", "for k in range(3):\n    if x[k] > 0.8:", "s = s * x[1]"),
    "two loops": ("", "for k in range(2):\n    s = s * x[2]\n    while s < 2 * k:", "s = s * 1.9"),
}
INNER = {
    "forwards": ("out = np.zeros(3)", "for i in range(3):\n    out[i] = s * x[i]"),
    "backwards": ("out = np.zeros(3)", "for i in range(2, -1, -1):\n    out[i] = s * x[i]"),
    "as many as a setting says": ("out = np.zeros(n + 1)", "for i in range(n + 1):\n    out[i] = s * x[i]"),
    "enumerated": ("out = np.zeros(3)", "for i, v in enumerate(x):\n    out[i] = s * v"),
    "of what it was": ("out = np.ones(4)", "for i in range(3):\n    out[i] = out[i] * x[i] + out[i + 1]"),
    "a matrix": ("out = np.zeros((3, 2))",
                 "for i in range(3):\n    for j in range(2):\n        out[i, j] = s * x[i] * x[j]"),
    "a diagonal": ("out = np.zeros((3, 3))",
                   "for i in range(3):\n    for j in range(3):\n        out[i, i] = s * x[i] * x[j]"),
    "rows": ("out = np.zeros((3, 2))", "for i in range(3):\n    out[i] = s * x[i] * x[:2]"),
    "in a branch": ("out = np.zeros(3)", "for i in range(3):\n    if x[i] > 0.8:\n        out[i] = s * x[i]"),
    "while": ("out = np.zeros(3)", "i = 0\nwhile i < 3:\n    out[i] = s * x[i]\n    i += 1"),
    "in a function": ("out = np.zeros(3)", "filled(out, s, x)"),
    "in a function that returns it": ("out = np.zeros(3)", "out = filled(out, s, x)"),
    "with a break": ("out = np.zeros(3)",
                     "for i in range(3):\n    out[i] = s * x[i]\n    if out[i] > 3:\n        break"),
    "counted from the end": ("out = np.zeros(3)", "for i in range(-1, 2):\n    out[i] = s * x[i]"),
    "through a view": ("out = np.zeros((2, 3))",
                       "for i in range(3):\n    column = out[:, i]\n    column[1] = s * x[i]"),
}
PAIRS = list(itertools.product(OUTER, INNER))


def filled(out, s, x):
    for i in range(3):
        out[i] = s * x[i]
    return out


def stores(outer, inner):
    before, head, tail = OUTER[outer]
    begin, body = INNER[inner]
    depth = head.splitlines()[-1].count("    ") + 1
    lines = ["s = x[0]", before, begin, head, textwrap.indent(f"{body}\n{tail}", "    " * depth),
             "return np.sum(out) * s"]
    return function("def f(x, n=2):\n" + textwrap.indent("\n".join(lines), "    "), filled=filled)


@pytest.mark.parametrize("outer, inner", PAIRS[::2])
def test_stores_in_the_inner_of_two_loops(outer, inner):
    assert_right(stores(outer, inner), X)


@pytest.mark.parametrize("outer, inner",
                         [pair for pair in PAIRS[5::22] if pair[1] not in ("while", "with a break")])
def test_stores_in_the_inner_of_two_loops_twice(outer, inner):
    assert_second(stores(outer, inner), X, wrt=("x",))
