"""Rivals: published programs on which other systems give a wrong gradient, as NumPy functions: each is right here.

`docs/comparison.md` says who gets which right. Of `PROGRAMS`, the first column names who was wrong, with
the thread or the document that says so; the programs are rewritten from what those tell, with weights so
that no loss is a plain sum.
"""
import numpy as np
import pytest
from differences import assert_gradient

from revad import grad

X, W = np.array([0.7, -1.2, 0.4, 1.6, -0.3]), np.array([1.5, -0.7, 0.9, 2.1, -1.3])
IDX = np.array([2, 0, 2, 1, 2])


def branch_on_an_element(x, w):
    y = np.zeros(x.shape[0])
    for i in range(x.shape[0]):
        if x[i] > 0:
            y[i] = x[i] * x[i]
        else:
            y[i] = 3 * x[i]
    return np.sum(w * y)


def store_through_indices(x, w, idx):
    s = np.zeros(x.shape[0])
    for i in range(x.shape[0]):
        s[idx[i]] += x[i] * x[i]
    return np.sum(w * s * s)


def scalar_recurrence(x, n):
    s = 1.0
    for i in range(n):
        s = np.sin(s * x[i])
    return s


def used_after_the_loop(x, n):
    a = x[0] * x[1]
    s = 0.0
    for i in range(n):
        s = s + x[i] * x[i]
    return s * a


def continue_before_a_maximum(x, n):
    m = -10.0
    for i in range(n):
        if x[i] < 0:
            continue
        m = max(m, x[i] * 2.0)
    return m * m


def overwritten_after_it_was_read(x, w):
    a = x * 1.0
    b = a * a
    a[:] = 2.0
    return np.sum(w * b) + a[0] * x[0]


def times_in_place(x, w):
    a = x * 1.0
    for i in range(x.shape[0]):
        a[i] *= w[i]
    return np.sum(a * a)


def component_updated_in_place(x, n):
    v = np.zeros(3)
    for i in range(n):
        v[0] = v[0] * 0.9 + x[0]
        v[1] += v[0] * x[1]
    return v[0] * v[1]


def segments(x, w, bounds):
    y = np.zeros(bounds.shape[0] - 1)
    for i in range(bounds.shape[0] - 1):
        for j in range(bounds[i], bounds[i + 1]):
            y[i] += x[j] * x[j] * w[j]
    return np.sum(y * y)


def copy_of_an_array(x, w):
    b = x * w
    a = b.copy()
    a[1] = a[0] * 3.0
    return np.sum(a * b)


def break_out_of_a_loop(x, w):
    s = 0.0
    for i in range(x.shape[0]):
        if s > 2.0:
            break
        s = s + w[i] * x[i] * x[i]
    return s * s


def while_loop(x):
    s = x * x
    while s < 50.0:
        s = s * x
    return s


def repeated_indices(x, w, idx):
    return np.sum(w * x[idx] * x[idx])


def added_to_an_element(x):
    y = x * x
    y[1] += x[1] * 3.0
    return np.sum(y * y)


def two_names(x, w):
    y = x * x
    z = y
    z[0] = x[1] * 5.0
    return np.sum(w * y)


def broadcast_quotient(x, w):
    return np.sum(x / w * x)


def augmented_assignment(x, y):
    z = x * y
    z += x
    z *= z
    return np.sum(z)


def one_branch_of_two(x, w):
    if x[0] > 0:
        y = x * w
    else:
        y = x * x * x
    return np.sum(y * y)


def buffer_written_after_use(x, buf):
    b = buf * 1.0
    y = np.sum(x * b)
    b *= 10.0
    return y + b[0]


def square_root_then_in_place(x, w):
    y = np.exp(x)
    z = y * w
    y += 1.0
    return np.sum(z * y)


def logarithm_of_a_sum_in_a_loop(x):
    s = 0.0
    for i in range(x.shape[0]):
        s += np.exp(x[i])
    return np.log(s)


WIDE = np.outer(W[:3], X[:4]) + 2.0
PROGRAMS = {
    "DaCe: an element's branch": (branch_on_an_element, (X, W), ("x", "w")),
    "DaCe: store through indices": (store_through_indices, (X, W, IDX), ("x", "w")),
    "Warp: scalar recurrence": (scalar_recurrence, (X, 5), ("x",)),
    "Warp#1694": (used_after_the_loop, (X, 4), ("x",)),
    "Warp#1552": (continue_before_a_maximum, (X, 5), ("x",)),
    "Warp: overwritten after it was read": (overwritten_after_it_was_read, (X, W), ("x", "w")),
    "Warp: times in place": (times_in_place, (X, W), ("x", "w")),
    "Warp#1697": (component_updated_in_place, (X, 40), ("x",)),
    "Warp#1293": (segments, (X, W, np.array([0, 2, 2, 5])), ("x", "w")),
    "Warp#202, #1728": (copy_of_an_array, (X, W), ("x", "w")),
    "Taichi#1074, #7771: break": (break_out_of_a_loop, (X, W), ("x", "w")),
    "Taichi#1074: while": (while_loop, (1.7,), ("x",)),
    "Taichi#3802, numpy2ad: a branch": (one_branch_of_two, (X, W), ("x", "w")),
    "Taichi#3802, numpy2ad: the other branch": (one_branch_of_two, (-X, W), ("x", "w")),
    "Tangent: repeated indices": (repeated_indices, (X, W, IDX), ("x", "w")),
    "Tangent: added to an element": (added_to_an_element, (X,), ("x",)),
    "Tangent: two names": (two_names, (X, W), ("x", "w")),
    "Tangent: broadcast quotient": (broadcast_quotient, (WIDE, W[:4]), ("x", "w")),
    "Tangent#64": (augmented_assignment, (X, W), ("x", "y")),
    "Tangent#66": (logarithm_of_a_sum_in_a_loop, (X,), ("x",)),
    "autograd: buffer written after use": (buffer_written_after_use, (X, W), ("x",)),
    "PyTorch#10586, #74874: in place": (square_root_then_in_place, (X, W), ("x", "w")),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_right_where_others_are_wrong(name):
    f, args, wrt = PROGRAMS[name]
    before = [np.array(arg) for arg in args]
    assert_gradient(f, args, wrt=wrt)
    for arg, old in zip(args, before):
        np.testing.assert_array_equal(arg, old)


def test_integers_count_as_real_numbers():
    """Tangent#66: an array of integers gave zeros, and a warning that was printed."""
    x = np.array([1, 2, 3])
    np.testing.assert_allclose(grad(logarithm_of_a_sum_in_a_loop)(x), np.exp(x) / np.exp(x).sum(), rtol=1e-12)


def length_of_a_vector(x):
    return np.sqrt(np.sum(x * x))


def norm_of_a_vector(x):
    return np.linalg.norm(x)


@pytest.mark.parametrize("f", (length_of_a_vector, norm_of_a_vector))
def test_the_length_of_zeros_has_a_gradient_of_zeros(f):
    """autograd#151: NaN. At 0 there is a kink, and 0 is the slope that differences of both sides give."""
    np.testing.assert_array_equal(grad(f)(np.zeros(3)), np.zeros(3))


def root_that_is_not_chosen(x, w):
    return np.sum(w * np.where(x > 0, np.sqrt(x), x))


def test_a_root_that_is_not_chosen_leaves_no_nan():
    """jax#347, #1052: NaN, unless `where` is written twice."""
    with np.errstate(invalid="ignore"):         # of the program itself
        got = grad(root_that_is_not_chosen, wrt="x")(X, W)
    np.testing.assert_allclose(got, W * np.where(X > 0, 0.5 / np.sqrt(abs(X)), 1.0), rtol=1e-12)
