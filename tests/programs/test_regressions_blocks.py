"""Programs with stores, loops, branches and calls whose gradient was once wrong, or that revad failed on."""
import math

import numpy as np
import pytest
from differences import assert_gradient

import revad

R = np.random.default_rng(3)
V, X = R.normal(size=3), R.normal(size=(2, 3))


def test_no_dout_for_a_tuple_of_an_output_that_a_branch_made():
    def f(x):
        if x > 0:
            r = x * 2.0
        else:
            r = x % (abs(x) + 0.7)
        t = np.tanh(x)
        return t, (r, t)

    assert_gradient(f, (-0.965,))
    assert_gradient(f, (0.965,))


def test_a_store_into_a_row_that_was_unpacked():
    def f(x):
        a, b = x
        a[0] = 5.0
        return np.sum(x ** 2) + np.sum(a * b)

    assert_gradient(f, (X,))


def test_a_store_into_a_part_that_was_split_off_is_refused():
    def f(x):
        a, b = np.split(x, 2)
        a[0] = 5.0
        return np.sum(x ** 2)

    try:
        assert_gradient(f, (X,))
    except revad.UnsupportedError as error:
        assert error.lineno


def test_a_store_after_an_augmented_assignment_to_an_array_without_axes():
    def f(x, w):
        x += w
        x[...] *= w * x
        x[()] += w
        y = np.array(x * w)
        y[...] = x * 2.0
        return y * w

    assert_gradient(f, (np.array(1.25), 3.0))


def test_a_root_of_single_precision_is_a_float_of_pythons():
    def f(scale, x):
        s = scale + x
        if x < 1:
            s = max([math.sqrt(abs(s)), 0.2])
        return s

    assert_gradient(f, (np.float32(1.73), -0.315), "x")


def test_parts_of_dout_for_an_output_that_differs_in_kind():
    def f(x, w):
        if x[0] > 9.0:
            return w, (x, w)
        h = 1.0 + np.sum(x)
        return h, (h, h * 2.0)

    try:
        _, cache = revad.grad(f).forward(V, 2.0)
    except revad.UnsupportedError as error:
        assert error.lineno
        return
    for dout in [(1.0, None), (None, (1.0, None)), (None, None), None]:
        revad.grad(f).backward(dout, cache)
    assert_gradient(f, (V, 2.0))


def test_rows_of_an_array_with_one_of_two_lengths():
    def f(x):
        if x[0] > 0:
            y = x
        else:
            y = x[:2]
        s = 0.0
        for k, row in enumerate(y):
            s += k * row
        return s

    for x in (V, -V):
        try:
            assert_gradient(f, (x,))
        except revad.UnsupportedError as error:
            assert error.lineno


# ---- memory that is shared in some rounds, or on one side, only

def aliased_before_a_branch_that_stores_and_renames(x):
    v = x
    if v[1] <= 1.0:
        x[1] = 1.0
        x = 1.0
    return v


def another_name_on_one_side(x):
    y = np.zeros_like(x)
    if x.mean() >= 0.5:
        x[1] *= 1.0
    else:
        x = y
    x += 1.0
    return y.sum() + x.sum()


def renamed_in_every_round(x):
    y = x * 2.0
    for _ in range(3):
        x = y
        y[...] += 1.0
    return x


def shared_from_the_second_round(x):
    y, s = x * 2.0, 0.0
    for _ in range(3):
        y[...] += 1.0
        s += np.sum(x * x)
        x = y
    return s


def shared_in_the_first_round(x):
    x = x * 1.0
    w, s = x, 0.0
    for _ in range(3):
        x[...] += 1.0
        s += np.sum(w * w)
        x = x * 2.0
    return s + w.sum()


def a_view_of_what_has_no_name(x):
    v = (x * 2.0)[1:]
    for j in range(3):
        v += j
    return (v * v).sum()


def two_that_change_places(x):
    z, w = x * 1.0, x * 2.0
    for j in range(3):
        z, w = w, z
        z[0] += x[j]
        w[1] *= 0.5
    return (z * z).sum() + w.sum()


def a_list_that_holds_the_argument(x):
    rows = [x, x * 2.0]
    for _ in range(3):
        rows[0][1] += x[0]
        rows[1] = rows[0] * 0.5
    return rows[0].sum() + (rows[1] * x).sum()


def a_side_that_ends_with_another_array(x):
    y = x * 1.0
    v = y[1:]
    if y[0] > 0.1:
        y[2] = 3.0 * y[0]
        y = y * 2.0
    v[0] *= 2.0
    return (v * v).sum()


def first_positive(p):
    for i in range(3):
        if p.sum() > i - 1.0:
            return p


def what_only_a_loop_returns(x):
    return first_positive(x[:2])


@pytest.mark.parametrize("f", [
    aliased_before_a_branch_that_stores_and_renames, another_name_on_one_side, renamed_in_every_round,
    shared_from_the_second_round, shared_in_the_first_round, a_view_of_what_has_no_name,
    two_that_change_places, a_list_that_holds_the_argument, a_side_that_ends_with_another_array,
    what_only_a_loop_returns], ids=lambda f: f.__name__)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_right_or_refused(f, sign):
    try:
        assert_gradient(f, (sign * V,))
    except revad.UnsupportedError as error:
        assert error.lineno


def lists_on_both_sides_one_with_the_array(x):
    x = x * 1.0
    items = [x, x * 3.0] if x[0] > 0 else [x * 2.0, x]
    x[0] = 5.0
    return items[0].sum() + x.sum()


def an_element_of_a_list_from_a_branch(x):
    x = x * 1.0
    if x[0] > 0:
        items = [x, x * 3.0]
    else:
        items = [x * 2.0, x]
    items[1][0] = 5.0
    return items[0].sum() + x.sum()


def a_number_or_the_array(x):
    x = x * 1.0
    b = x
    if x[0] > 0:
        b = 1.0
    x[0] += 1.0
    return np.sum(b)


def a_list_of_the_last_two(x):
    hs = [np.zeros(3)] * 2
    for _ in range(3):
        h = np.tanh(hs[0] + x)
        h[0] *= 2.0
        hs = [h, hs[0]]
        hs[1][2] += x[0]
    return (hs[0] * hs[1]).sum()


@pytest.mark.parametrize("f", [
    lists_on_both_sides_one_with_the_array, an_element_of_a_list_from_a_branch, a_number_or_the_array,
    a_list_of_the_last_two],
    ids=lambda f: f.__name__)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_right_or_refused_with_lists(f, sign):
    test_right_or_refused(f, sign)


# ---- loops

def named_in_a_loop_only(x):
    for i, _ in enumerate(x):
        i = x[x > -5.0]
    return i.sum()


def left_out_of_a_list(x):
    for item in [x, x * 2.0]:
        if x[0] > 0:
            break
    return item


def a_condition_that_reads_what_rows_are_stored_into(x):
    y = np.outer(x, x)
    for row in y:
        c = 0
        while c < 3 and y[0, 0] < 20:
            row[c:] = x[1]
            c += 1
    return (y ** 2).sum()


def two_names_of_an_argument(x):
    y = x
    x = y
    c = 0
    while c < 4:
        if y[0] > 2 or c == 0:
            y -= np.maximum(x[0], 2)
        else:
            y[0] += x[0] ** 2
        c += 1
    return y


def added_to_an_array_a_number_or_an_array(x):
    x = np.tanh(x)
    c = 0
    while c < 3:
        t = x
        x += x if c != 1 and t.mean() < c else c
        c += 1
    return x, t


@pytest.mark.parametrize("f", [
    named_in_a_loop_only, left_out_of_a_list, a_condition_that_reads_what_rows_are_stored_into,
    two_names_of_an_argument, added_to_an_array_a_number_or_an_array], ids=lambda f: f.__name__)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_right_in_loops(f, sign):
    assert_gradient(f, (sign * V,))


def test_what_only_a_loop_returns_is_refused():
    """Where the loop returns nothing there is no array to take the shape of a gradient from."""
    with pytest.raises(revad.UnsupportedError, match="its shape is not known where it is not made"):
        revad.grad(what_only_a_loop_returns).forward(np.array([[1.0, 2.0], [3.0, 4.0]]))


def test_a_gradient_of_single_precision_is_a_float_of_pythons():
    def f(a, x):
        for _ in x:
            x[1] += a
        return x

    assert_gradient(f, (0.823, np.array([-0.684, -0.026, 1.409], np.float32)))


def test_a_truth_value_as_the_subscript_of_a_number_is_refused():
    def f(x):
        return x + np.sum(x)[True]

    with pytest.raises(revad.UnsupportedError):
        revad.grad(f).forward(V)


def test_a_value_of_more_axes_than_the_place_that_it_is_stored_into():
    def in_a_loop(x):
        value = x[::2] * 1.5
        y = x * 1.0
        for i in range(len(x)):
            y[i] = value
        return y

    def once(x):
        y = np.zeros((2, 2))
        y[0] = x[:1] * 2.0
        y[1] = x[None, :1]
        return y

    for f in (in_a_loop, once):
        assert_gradient(f, (np.array([[0.498, 0.122], [0.517, -0.362]]),))


def test_a_store_into_a_number_that_is_written_out_is_rejected():
    def f(x):
        1.0[0] = x
        return x

    with pytest.raises(TypeError, match="'float' object does not support item assignment"):
        revad.grad(f)(1.0)


def returned_from_its_loop(p):
    for _ in range(3):
        if np.sum(p):
            return p
    return p


def test_the_precision_of_a_gradient_that_begins_with_another():
    def f(x, w):
        w = returned_from_its_loop(w)
        return x.sum() + w

    assert_gradient(f, (V, np.array([0.451, 0.926, -0.039], np.float32)), rtol=1e-3, atol=1e-3)


def fills_with_ones(p):
    out = p
    for i in range(len(p)):
        out[i] = 1.0
    return out


def test_a_name_of_a_round_that_is_of_this_rank_or_that():
    def f(x):
        for row in x:
            if x.max():
                row = x
        return row

    assert_gradient(f, (np.array([[-1.162, -0.982], [0.413, 1.379]]),))


def test_what_a_side_of_a_branch_leaves_in_a_list_may_be_none():
    def f(x):
        n = x
        for _, row in zip(x, x):
            if 1.0 < row[1]:
                n *= fills_with_ones(row)
        return row

    assert_gradient(f, (np.array([[-0.147, 1.393], [-0.043, -0.878]]),))


def stores_and_gives(p):
    p[0] = 2.0
    return 1.0


def test_what_is_added_to_an_element_stores_into_it_first():
    def f(x):
        y = x * 1.0
        y[0] += stores_and_gives(y)
        return y

    def in_rounds(x):
        y = x * 1.0
        for i in range(3):
            y[i] += y[0] * x[i]
        return y

    with pytest.raises(revad.UnsupportedError,
                       match="what is added stores into the array before it is added"):
        revad.grad(f).forward(V)
    assert_gradient(in_rounds, (V,))


def test_what_may_be_an_array_or_a_number_is_no_array_of_its_own():
    def f(x, b):
        q = b if x else 2
        p = np.asarray(q)
        np.multiply(b, x ** 2, out=b)
        return p.sum()

    with pytest.raises(revad.UnsupportedError,
                       match="it may share its memory with an array that was stored into"):
        revad.grad(f)(1.5, V)
