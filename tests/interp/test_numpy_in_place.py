"""Functions that write into an array that they are given, and sorting, each against finite differences."""

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

A = np.random.default_rng(3).uniform(0.3, 1.3, (3, 4))
V = np.array([0.9, 0.3, 0.7, 0.4])


def copied(x, y):
    out = np.zeros_like(x)
    np.copyto(out, x * y)
    np.copyto(out, y, where=out > 0.4)
    return out


def put(x, v):
    y = 2 * x
    np.put(y, [0, 2], v)
    return y


def diagonal(x, v):
    y = 2 * x
    np.fill_diagonal(y, v)
    return y


def hollow(x):
    y = x @ x.T
    np.fill_diagonal(y, 0)
    return np.sum(y**3)


def sorted_rows(x):
    y = 2 * x
    y.sort()
    return y**2 * np.arange(4.0)


def sorted_columns(x):
    y = 2 * x
    y.sort(axis=0)
    return y**2 * np.arange(3.0)[:, None]


def root_of_a_number(x):
    total = np.atleast_1d(np.sum(x * x))
    np.sqrt(total, total)
    return total


def doubled_number(x):
    total = np.atleast_1d(np.sum(x * x))
    total *= total
    return total


def quotient(a, b):
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0.5)


def logarithm(a):
    floor = np.full_like(a, -3.0)
    np.log(a, out=floor, where=a > 0.5)
    return np.sum(floor * a)


@pytest.mark.parametrize("f, args", [
    (copied, (V, V[::-1].copy())), (put, (V, V[:2] + 2)), (diagonal, (A[:, :3], 0.7)), (diagonal, (A, 0.7)),
    (hollow, (A,)), (sorted_rows, (A,)), (sorted_columns, (A,)), (root_of_a_number, (V,)),
    (doubled_number, (V,)), (quotient, (V, V[::-1].copy())), (logarithm, (V,))])
def test_a_place_to_write_into(f, args):
    assert_gradient(f, args)


def test_a_quotient_by_zero_that_is_left_out():
    a, b = V, np.array([1.0, 0.0, 2.0, 0.0])
    out, cache = revad.grad(quotient).forward(a, b)
    da, db = revad.grad(quotient).backward(np.ones(4), cache)
    assert out.tolist() == quotient(a, b).tolist()
    assert da.tolist() == [1, 0, 0.5, 0] and np.allclose(db, [-0.9, 0, -0.175, 0])


def test_sorted():
    def smallest(x):
        y = sorted(x)
        return 2 * y[0] + y[-1] * y[1]

    def by_key(x):
        y = sorted(x, key=lambda v: -v, reverse=True)
        return 2 * y[0] + y[-1] * y[1]

    def of_numbers(a, b, c):
        low, middle, high = sorted([a, b, c])
        return 2 * low + high * middle
    assert_gradient(smallest, (V,))
    assert_gradient(by_key, (V,))
    assert_gradient(of_numbers, (0.3, 0.1, 0.5))


def test_decompositions_read_one_triangle():
    S = A[:, :3] + A[:, :3].T

    def principal(cov):
        w, v = np.linalg.eigh(cov)
        order = w.argsort()[::-1]
        return w[order], v[:, order]**2

    def likelihood(K, y):
        L = np.linalg.cholesky(K + 3 * np.eye(3))
        return -0.5 * np.sum(np.linalg.solve(L, y)**2) - np.sum(np.log(np.diag(L)))

    def upper(cov):
        return np.linalg.eigvalsh(cov, UPLO="U")
    assert_gradient(principal, (S,))
    assert_gradient(likelihood, (S, V[:3]))
    assert_gradient(upper, (S,))


def test_places_that_count():
    def f(x):
        n = len(x)
        y = np.zeros(n)
        i = np.arange(1, n - 1)
        y[i] = 2 * x[i] - x[i + 1]**2
        y[i + 1] += x[i]
        return y

    def mirrored(a, b, n=5):
        nodes = np.zeros(n)
        i = np.arange((n + 1) // 2)
        nodes[i] = a - b * np.cos(i)
        nodes[-i - 1] = a + b * np.cos(i)
        return nodes
    assert_gradient(f, (np.append(V, V),))
    assert_gradient(mirrored, (0.3, 0.8))


def test_the_diagonal_of_a_list_is_an_array_of_its_own():
    def f(a, v):
        R = np.diag([np.cos(a), a, a])
        R += np.outer(v, v) * (1 - a)
        return R
    assert_gradient(f, (0.4, V[:3]))


def test_numbers_in_an_array_of_integers():
    def f(x):
        s = np.where(x > 0.5, 1, -1)
        s[0] = 1.0
        return x * s
    assert_gradient(f, (V,))


def test_a_store_on_either_side_of_a_branch_goes_in_place():
    """What the other side reads of the array is of no concern, as it does not run."""
    def f(x, heads):
        y = np.zeros((len(heads), 4))
        for i in range(len(heads)):
            if heads[i] < 0:
                y[i] = x[i] * 2
            else:
                y[i] = np.sin(y[heads[i]]) * x[i]
        return y
    heads = np.array([-1, 0, -1])
    assert_gradient(f, (A, heads), "x")
    gradient = revad.grad(f, wrt="x")
    gradient.forward(A, heads)
    assert "y_2" not in gradient.forward.source and "dx_2" not in gradient.backward.source
    assert gradient.backward.source.count(".copy()") == 1       # of dout


def test_a_store_on_one_side_spares_what_is_read_after_the_branch():
    def f(x, flag):
        y = 2 * x
        z = y
        if flag:
            w = y.copy()
            w[0] = x[1] * x[2]
            y = w
        else:
            y = np.cos(z) * z
        return np.sum(y * z)

    def in_a_loop(x, flag):
        y, s = 2 * x, 0.0
        for i in range(3):
            if x[i] > 0.5:
                y[i] = x[i] ** 2
            elif flag:
                y = y * 1.5
            s += np.sum(y * x)
        return s
    for flag in (True, False):
        assert_gradient(f, (V, flag), "x")
        assert_gradient(in_a_loop, (V, flag), "x")


VALUES = ["v", "[v, 2.0]", "v * np.arange(1.0, 4.0)", "v * np.arange(1.0, 8.0)", "x * 3.0",
          "[[v, 1.0], [2.0, v]]", "np.array([v])"]
WRITTEN = ["np.fill_diagonal({t}, {v})", "np.put({t}, [0, 2], {v})", "{t}.put([1, 0, 2], {v})",
           "np.place({t}, {t} > 0, {v})", "np.place({t}, np.ones({t}.shape), {v})",
           "np.putmask({t}, {t} > 0, {v})", "{t}.flat[::2] = {v}", "{t}.flat[[0, 1]] = {v}",
           "np.copyto({t}, {v}, where={t} > 0)", "np.fill_diagonal({t}, v, wrap=True)", "{t}.fill({v})",
           "np.put({t}, 1, v)", "{t}.flat[1] += v", "{t}.partition(1)", "np.nan_to_num({t}, False)"]


@pytest.mark.parametrize("number, text", [*enumerate(WRITTEN)])
def test_values_are_repeated_as_numpy_repeats_them(number, text):
    """Over shapes and values, each once with each function: right, or what NumPy says of them."""
    shapes = [(3, 3), (2, 4), (5, 2), (1, 1), (2, 2, 2)]
    for at, value in enumerate(VALUES if "{v}" in text else VALUES[:2]):
        shape, target = shapes[(at + number) % len(shapes)], "xy"[(at + number) % 2]
        f = function("def f(x, v):\n" + "    y = x * 1.5\n" * (target == "y")
                     + f"    {text.format(t=target, v=value)}\n"
                     f"    return np.sum({target} * {target} * "
                     f"np.sin(np.arange({target}.size).reshape({target}.shape) + 1.0))\n")
        x = np.cos(np.arange(float(np.prod(shape))).reshape(shape) * 2.0)
        try:
            f(x.copy(), 1.7)
        except (ValueError, TypeError, IndexError) as error:
            with pytest.raises((type(error), revad.UnsupportedError)):
                revad.grad(f)(x, 1.7)
            continue
        try:
            assert_gradient(f, (x, 1.7))
        except revad.UnsupportedError as refused:
            assert ("shows only" in str(refused) or "no array" in str(refused) or text.endswith("wrap=True)")
                    or "fill" in text), refused
