"""Kinds say what is known of a value; the key of a value separates what needs another text."""
import numpy as np
import pytest

from revad.types.kinds import (
    BOOL,
    FLOAT,
    INT,
    UNKNOWN,
    Kind,
    Known,
    array,
    floating,
    join,
    key_of,
    kind_of,
    literal,
    number,
    promote,
    static,
)

DTYPES = "?bBhHiIlLqQefdg"
WEAK = [(BOOL, True), (INT, 3), (FLOAT, 2.5)]
N = Known(5, "x.shape[0]", False, True)
ONE = Known(1, "x.shape[0]", True, True)


# keys

def test_arrays_of_one_key_share_a_text():
    assert key_of(np.ones((3, 4))) == key_of(np.zeros((7, 2))) == key_of(np.ones((3, 4)).T) == ("d", 2)
    assert key_of(np.ones((3, 1))) == key_of(np.ones((0, 1))) == ("d", 2, (1,))
    assert key_of(2.5) == key_of(-1.0) is float


@pytest.mark.parametrize("values", [
    [np.ones(3), np.ones((3, 4)), np.ones((3, 4), "f"), np.ones((3, 4), int), np.ones((3, 1)),
     np.ones((1, 3)), np.ones((1, 1)), np.ones(1), np.ones(()), np.ones(3, bool)],
    [1, 1.0, True, np.float64(1), np.float32(1), np.int64(1), np.bool_(True), None, "a"],
    [[1.0], (1.0,), [1], [1.0, 1.0], [[1.0]], [np.ones(3)], [np.ones(1)], {"a": 1.0}, {"b": 1.0}, {"a": 1},
     {}],
    [np.ones(2), np.ma.ones(2), np.ones(2).view(np.recarray)]])
def test_what_differs_has_another_key(values):
    keys = [key_of(value) for value in values]
    assert len(set(keys)) == len(values)


def test_the_order_of_a_dict_is_in_its_key():
    assert key_of({"a": 1.0, "b": 2.0}) != key_of({"b": 2.0, "a": 1.0})


# the kind of a value

def test_an_array_knows_its_lengths_and_their_expressions():
    kind = kind_of(np.ones((3, 1), np.float32), "x")
    assert (kind.tag, kind.dtype, kind.rank, kind.weak) == ("array", "f", 2, False)
    assert kind.shape == (Known(3, "x.shape[0]", False, True), Known(1, "x.shape[1]", True, True))


@pytest.mark.parametrize("value, tag, dtype, weak", [
    (2.5, "number", "d", True), (3, "number", "l", True), (True, "number", "?", True),
    (np.float64(2), "number", "d", False), (np.float32(2), "number", "f", False),
    (np.int8(2), "number", "b", False), (np.ones(()), "array", "d", False), (None, "static", "", False),
    ("a", "static", "", False), (np.sum, "function", "", False), (object(), "object", "", False),
    (np.ones(2), "array", "d", False)])
def test_kinds_of_values(value, tag, dtype, weak):
    kind = kind_of(value, "x")
    assert (kind.tag, kind.dtype, kind.weak) == (tag, dtype, weak)
    assert kind.numeric is (tag in ("number", "array"))


def test_a_container_knows_its_elements():
    kind = kind_of({"W": np.ones(3), "b": [1, 2.5]}, "p")
    assert (kind.tag, kind.keys) == ("dict", ("W", "b"))
    assert kind.items[0].shape[0].text == "p['W'].shape[0]" and kind.items[1].tag == "list"
    assert [item.known.text for item in kind.items[1].items] == ["p['b'][0]", "p['b'][1]"]


@pytest.mark.parametrize("value, real", [(1.0, True), (1, False), (True, False), (np.float16(1), True),
                                         (np.ones(2), True), (np.ones(2, int), False), ("a", False),
                                         (None, False)])
def test_what_can_carry_a_derivative(value, real):
    assert kind_of(value, "x").real is real


def test_literals():
    assert static(3) == Kind("number", "l", (), True, known=literal(3))
    assert static((1, "a")).items == (static(1), static("a"))
    assert static(None) == Kind("static", known=Known(None, "None", True, True))


def test_an_array_without_axes_is_a_number():
    assert array(()) == number() and array((N,)) == Kind("array", "d", (N,)) and array(None).rank is None


# promotion

@pytest.mark.parametrize("a", DTYPES)
def test_arrays_promote_as_numpy_has_it(a):
    for b in DTYPES:
        found = np.dtype(promote(array((N,), a), array((N,), b)))
        assert found == np.result_type(np.dtype(a), np.dtype(b)) == (np.ones(2, a) + np.ones(2, b)).dtype


@pytest.mark.parametrize("a", DTYPES)
@pytest.mark.parametrize("weak, value", WEAK)
def test_python_numbers_do_not_widen_arrays(a, weak, value):
    """The same in NumPy 1.26 and 2: the result for arrays with axes."""
    expected = (np.ones(2, a) * value).dtype
    assert np.dtype(promote(array((N,), a), weak)) == np.dtype(promote(weak, array((N,), a))) == expected


@pytest.mark.skipif(np.__version__ < "2", reason="NumPy 1.26 looks at the value of a NumPy scalar")
@pytest.mark.parametrize("a", DTYPES)
@pytest.mark.parametrize("weak, value", WEAK)
def test_python_numbers_do_not_widen_numpy_scalars(a, weak, value):
    expected = (np.dtype(a).type(1) * value).dtype
    assert np.dtype(promote(number(a), weak)) == np.dtype(promote(weak, number(a))) == expected


@pytest.mark.parametrize("kinds, dtype", [
    ((INT, FLOAT), "d"), ((BOOL, INT), "l"), ((BOOL, BOOL), "?"), ((FLOAT, INT, array((N,), "f")), "f"),
    ((INT, array((N,), "i"), array((N,), "f")), "d"), ((array((N,), ""), FLOAT), ""),
    ((array((N,), "e"),), "e"), ((FLOAT, array((N,), "i")), "d"),
    ((array((N,), "b"), FLOAT, array((N,), "f")), "d")])
def test_promotion_goes_from_the_left(kinds, dtype):
    assert promote(*kinds) == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_of_a_function_such_as_exp(dtype):
    assert np.dtype(floating(dtype)) == np.exp(np.ones(2, dtype)).dtype


# joining: nothing is converted, so where the two differ in their dtype it is not known

EITHER = Kind("number", "", (), True)


@pytest.mark.parametrize("a, b, expected", [
    (FLOAT, FLOAT, FLOAT), (FLOAT, INT, EITHER), (INT, BOOL, EITHER),
    (FLOAT, number("d"), number("d")),
    (FLOAT, array((N,)), UNKNOWN), (FLOAT, static(None), UNKNOWN), (FLOAT, static("a"), UNKNOWN),
    (array((N,)), array((N,), "f"), array((N,), "")), (array((N,)), array((N,), "l"), array((N,), "")),
    (number("f"), FLOAT, number("")),
    (Kind("tuple", items=(FLOAT, INT)), Kind("tuple", items=(INT, INT)), Kind("tuple", items=(EITHER, INT))),
    (Kind("tuple", items=(FLOAT,)), Kind("tuple", items=(FLOAT, INT)), UNKNOWN),
    (Kind("tuple", items=(FLOAT,)), Kind("list", items=(FLOAT,)), UNKNOWN)])
def test_a_value_that_is_one_of_two(a, b, expected):
    assert join(a, b) == join(b, a) == expected


def test_two_literals_join_to_a_number_that_is_not_known():
    assert join(static(1), static(2)) == INT and join(static(1), static(2.5)) == EITHER
    assert join(static(1), static(1)) == static(1)


def test_joined_lengths_are_known_to_be_one_only_where_both_are():
    other = Known(7, "y.shape[0]", False, True)
    length, = join(array((N,)), array((other,))).shape
    assert (length.value, length.exact, length.unit) == (None, False, True)
    length, = join(array((N,)), array((ONE,))).shape
    assert (length.value, length.unit) == (None, False)
