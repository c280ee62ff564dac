"""The kind of a subscript's result is what NumPy's own rules make of it, for every size."""
import itertools

import numpy as np
import pytest
from from_text import assert_kind, typed

from revad.ir.nodes import Item
from revad.types.kinds import Kind, Known, array, literal, static
from revad.types.scope import Scope
from revad.types.subscripts import is_basic, slice_length, subscripted

SLICES = [":", "1:", ":1", ":-1", "1:-1", "::2", "::-1", "-2:", ":3", "2:4", "1:1", "3:1", "5:", "::-2",
          "-1:0:-1", "1::2", "-3:-1", "0:2", ":0", ":10", "-10:", "-10:-10", "0:-1"]
SIZES = [(3,), (4,), (2,), (5,), (1,), (0,), (9,), (12,), (7,)]


@pytest.mark.parametrize("piece", SLICES)
def test_a_slice_of_one_axis(piece):
    """Compiled for one length, right for every length that the guards let through."""
    for first in SIZES:
        assert_kind(f"x[{piece}]", (np.ones(first),), *[(np.ones(size),) for size in SIZES])


@pytest.mark.parametrize("ends",
                         ["y:", ":y", "y::2", "-y:", "y:-1", "1:y", "::y", "y - 1:y + 1", ":x.shape[0] - y",
                          "x.shape[0] // 2:", ":len(x) - 1", ":-y or None"])
def test_a_slice_with_ends_that_are_numbers_of_the_call(ends):
    calls = [(np.ones(n), k) for n in (3, 4, 1, 8, 0) for k in (1, 2, 3)]
    for first in calls:
        assert_kind(f"x[{ends}]", first, *calls, wrt="x", known=" or " not in ends)


BASIC = ["0", "-1", ":", "1:", "::2", "None", "..."]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_basic_subscripts(rank):
    shapes = {1: [(3,), (5,), (1,)], 2: [(3, 4), (2, 2), (3, 1), (1, 3)],
              3: [(2, 3, 4), (3, 1, 5), (3, 4, 5), (1, 2, 1)]}
    count = 0
    for parts in itertools.chain(*(itertools.product(BASIC, repeat=n) for n in range(1, rank + 2))):
        if parts.count("...") > 1 or sum(p not in ("None", "...") for p in parts) > rank or (
                rank == 3 and len(parts) == 4 and count % 7):    # a part of the many
            count += 1
            continue
        count += 1
        calls = [(np.ones(shape),) for shape in shapes[rank]]
        assert_kind(f"x[{', '.join(parts)}]", calls[count % len(calls)], *calls)


ADVANCED = [
    "x[[0, 1]]", "x[[0, 0, 1]]", "x[[0]]", "x[[[0, 1], [1, 0]]]", "x[:, [0, 1]]", "x[[0, 1], [1, 0]]",
    "x[[0, 1], 0]", "x[0, [0, 1]]", "x[[0, 1], :, [0, 1]]", "x[:, [0, 1], [0, 1]]", "x[[0, 1], 1:]",
    "x[1:, [0, 1]]", "x[..., [0, 1]]", "x[[0, 1], ..., [0]]", "x[[0, 1], None]", "x[None, [0, 1]]",
    "x[[0, 1], None, [0, 1]]", "x[0, :, [0, 1]]", "x[[0, 1], :, 0]", "x[0, ..., [0, 1]]",
    "x[[[0], [1]], [0, 1]]", "x[[[0], [1]], :, [0, 1]]", "x[0, None, [0, 1]]", "x[None, 0, [0, 1]]",
    "x[[0, 1], 0, None]", "x[:, None, [0, 1]]", "x[np.array([0, 1])]", "x[np.arange(2)]",
    "x[np.arange(2), np.arange(2)]", "x[:, np.arange(2), None]", "x[np.array(1)]", "x[np.array(1), [0, 1]]",
    "x[np.arange(x.shape[0])]", "x[np.arange(x.shape[0]), 0]", "x[np.arange(len(x))[:, None], [0, 1]]",
    "x[[0, 1]][:, 0]", "x[1][[0, 1]]", "x[(0, 1)]", "x[(0, [0, 1])]", "x[[0, -1], -1]", "x[np.int64(1)]",
    "x[[0, 1], [0, 1], [0, 1]]", "x[[0, 1], 0, [0, 1]]", "x[0, [0, 1], 0]", "x[..., 0, [0, 1]]",
    "x[[0, 1], [[0], [1]], :]", "x[:, 0, [0, 1]]", "x[[0, 1], ::2]", "x[-1:, [0, 0]]", "x[[], 0]",
    "x[np.argmax(x.sum(axis=(1, 2)))]", "x[()]", "x[..., None, [0, 1]]", "x[[0, 1], ..., None]",
    "x[np.argsort(x[:, 0, 0])]", "x[np.argsort(x[:, 0, 0]), 1:]",
]


@pytest.mark.parametrize("text", ADVANCED)
def test_advanced_subscripts(text):
    calls = [(np.random.default_rng(0).normal(size=size),)
             for size in [(3, 4, 5), (2, 2, 2), (4, 3, 9), (3, 3, 3)]]
    for first in calls:
        assert_kind(text, first, *calls, known="[]" not in text)


@pytest.mark.parametrize("text", [
    "x[y]", "x[y, 0]", "x[:, y]", "x[y, y]", "x[y, :, [0]]", "x[y[:, None], y]", "x[y[0]]", "x[None, y]",
    "x[y, None]", "x[y, 1:]", "x[..., y]", "x[0, y]", "x[y][y]", "x[y][0]", "x[-y]", "x[y % 2]",
    "x[y + 1 - 1]"])
@pytest.mark.parametrize("ranks", [1, 2])
def test_subscripts_that_are_arrays_of_the_call(text, ranks):
    indices = [np.array([0, 1, 1]), np.array([1]), np.array([0, 1])] if ranks == 1 else \
        [np.array([[0, 1, 0], [1, 1, 1]]), np.array([[0]]), np.array([[0, 1]])]
    calls = [(np.ones(size), index) for size in [(3, 4, 5), (4, 2, 3)] for index in indices]
    if text == "x[y][y]":
        calls = [call for call in calls if call[1].shape[0] > 1]
    for first in calls:
        assert_kind(text, first, *calls, wrt="x", known=False)
        if text != "x[y[0]]":
            assert_kind(text, first, wrt="x")


@pytest.mark.parametrize("text, rank", [
    ("x[x > 0]", 1), ("x[x[:, 0] > 0]", 2), ("x[:, x[0] > 0]", 2), ("x[x[:, 0] > 0, 0]", 1),
    ("x[x > 0][1:]", 1),
    ("x[x[:, 0] > 0, None]", 3), ("x[None, x > 0]", 2), ("x[x > 0, None]", 2), ("x[x[:, 0] > 0][:, 0]", 1),
    ("x[x[:, 0] > 0, 1:]", 2), ("x[[True, False, True]]", 2), ("x[~(x > 0)]", 1), ("x[(x > 0) & (x < 1)]", 1),
    ("x[np.isfinite(x)]", 1), ("x[..., x[0] > 0]", 2), ("x[x[:, 0] > 0, ::2]", 2), ("x.T[x.T > 0]", 1)])
def test_masks(text, rank):
    calls = [(np.random.default_rng(seed).normal(size=size),) for seed, size in
             enumerate([(3, 4), (3, 2), (3, 7), (3, 5)])]
    assert assert_kind(text, *calls, known=False).rank == rank


def test_two_reads_with_one_mask_have_the_same_length():
    program, _ = typed("def f(x, y):\n    m = x > 0\n    return x[m] * y[m]", np.ones(4), np.ones(4))
    _, left, right, both = program.block
    assert left.target.kind.shape == right.target.kind.shape == both.target.kind.shape


# the parts

@pytest.mark.parametrize("length, ends, text", [
    (5, (None, None, None), "n"), (5, (1, None, None), "max(n - 1, 0)"),
    (5, (None, -1, None), "max(n - 1, 0)"), (5, (1, -1, None), "max(n - 2, 0)"),
    (7, (2, -3, None), "max(n - 5, 0)"), (4, (2, -3, None), "max(n - 5, 0)"), (5, (None, None, -1), "n"),
    (5, (None, 3, None), "len(range(n)[0:3])"), (5, (1, 3, None), "len(range(n)[1:3])"),
    (5, (None, None, 2), "len(range(n)[::2])"), (2, (3, None, None), "max(n - 3, 0)"),
    (5, (0, None, None), "n")])
def test_texts_of_slice_lengths(length, ends, text):
    known = slice_length(Known(length, "n", False, True),
                         tuple(None if e is None else static(e) for e in ends))
    assert known.text == text and known.value == len(range(length)[slice(*ends)])


def test_a_slice_of_a_literal_length_is_a_literal():
    known = slice_length(literal(5), (static(1), None, None))
    assert (known.value, known.exact) == (4, True)


INDEX, MASK, WHOLE = array((literal(2),), "l"), array((literal(2),), "?"), Item("slice", (None, None, None))


@pytest.mark.parametrize("items, kinds, basic", [
    ((Item("at", (1,)),), (static(0),), True),
    ((WHOLE, Item("new"), Item("dots"), Item("at", (1,))), (static(-1),), True),
    ((Item("at", (1,)),), (INDEX,), False),
    ((Item("at", (1,)),), (MASK,), False),
    ((WHOLE, Item("at", (1,))), (MASK,), False),
    ((Item("at", (1,)), Item("at", (2,))), (MASK, INDEX), False),
    ((Item("at", (1,)), Item("at", (2,))), (static(0), INDEX), False),
    ((Item("at", (1,)),), (static(True),), False),
    ((Item("at", (1,)),), (array((), "l")._replace(tag="array"),), False),
    ((Item("at", (1,)),), (Kind("tuple", items=(static(0), static(1))),), True),
    ((Item("at", (1,)),), (Kind("list", items=(static(0), static(1))),), False),
    ((Item("at", (1,)),), (static(None),), True),
    ((Item("at", (1,)),), (Kind("unknown"),), False)])
def test_whether_it_is_a_view(items, kinds, basic):
    assert is_basic(items, [array((literal(2),)), *kinds]) == basic


def test_a_read_of_an_array_of_unknown_rank():
    assert subscripted(Scope({}, {}, "f"), Kind("array", "f"), (WHOLE,), [None], ()) == Kind("array", "f")
