"""What a loop keeps for the way back: what it overwrites and what is dear, nothing that is had again for little."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines

import revad

V = np.array([0.5, -1.5, 2.0])
M = np.stack([V, V[::-1], V + 1])


def kept(text, *args, **options):
    """The names of the lists that the forward pass fills."""
    assert_gradient(function(text), args, **options)
    return [line.partition(" = ")[0] for line in lines(text, *args, **options) if line.endswith(" = []")]


def test_a_comparison_of_indices_is_made_again():
    text = """
        def f(x, y):
            s = 0.0
            for i in range(3):
                for j in range(3):
                    if j == y[i]:
                        continue
                    s += x[i, j] ** 2
            return s
        """
    assert kept(text, M, np.array([0, 2, 1]), wrt="x") == []
    assert "if j != y[i]:" in lines(text, M, np.array([0, 2, 1]), wrt="x")


def test_a_comparison_with_what_is_kept_anyway_is_made_again():
    text = """
        def f(x):
            s = 0.0
            for t in range(3):
                u = np.sin(x[t])
                s += u * u if u > 0.5 else u
            return s
        """
    assert kept(text, V) == ["u_kept"]


def test_small_parts_of_an_expression_are_written_again():
    text = """
        def f(h, x):
            for t in range(3):
                z = np.tanh(x[t] * h)
                h = (1 - z) * h
            return np.sum(h)
        """
    assert sorted(kept(text, V, V)) == ["h_kept", "z_kept"]
    assert any("(1 - z_kept[t])" in line or "(1 - z)" in line for line in lines(text, V, V)[-5:])


def test_what_needs_more_than_one_operation_is_kept():
    text = """
        def f(h):
            for t in range(3):
                h = np.exp(-h * h) * h
            return np.sum(h)
        """
    assert sorted(kept(text, V)) == ["e_kept", "h_kept"]


@pytest.mark.parametrize("index, wanted", [("_", "i"), ("t", "t")])
def test_the_index_of_a_kept_value_has_a_name(index, wanted):
    text = f"""
        def f(x):
            for {index} in range(4):
                x = np.sin(x)
            return np.sum(x)
        """
    assert f"for {wanted} in reversed(range(4)):" in lines(text, V)
    assert any(f"x_kept[{wanted}]" in line for line in lines(text, V))


def test_that_name_is_not_one_of_the_users():
    text = """
        def f(x, i):
            for _ in range(4):
                x = np.sin(x) * i
            return np.sum(x)
        """
    assert_gradient(function(text), (V, 2.0))
    assert "for i_ in reversed(range(4)):" in lines(text, V, 2.0)


def test_a_list_of_parts_of_an_array_has_the_name_of_the_array():
    text = """
        def f(x):
            h = np.zeros(5)
            h[0] = 1.0
            for t in range(4):
                h[t + 1] = h[t] * x[t]
            return h[4]
        """
    assert kept(text, M[:2].ravel()[:4]) == ["h_kept"]


def test_what_only_some_rounds_have_is_copied_where_it_is_there():
    text = """
        def f(x, r):
            for k in range(3):
                if x[k] <= 1.0:
                    continue
                y = x * r
                y *= r
                x = np.sin(y)
            return np.sum(x ** 2)
        """
    x = np.array([1.5, -0.5, 1.25])
    assert any(".append(None if " in line for line in lines(text, x, 0.7))
    assert_gradient(function(text), (x, 0.7))


def test_the_length_of_what_changes_is_that_of_a_parameter():
    text = """
        def f(y, a):
            for i in range(2):
                for j in range(len(y)):
                    y[j] = y[j] * a
            return np.sum(y)
        """
    assert "rows_kept" not in " ".join(kept(text, V, 0.7))


def test_the_same_part_is_kept_once_in_a_round():
    def normalised(A):
        s = 0.0
        for k in range(A.shape[1]):
            s += np.sqrt(np.dot(A[:, k], A[:, k]) + 1.0)
            A[:, k] = A[:, k] / s
        return s + A

    A = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
    assert_gradient(normalised, (A,))
    gradient = revad.grad(normalised)
    gradient.forward(A)
    assert gradient.forward.source.count(".append(A_2[:, k].copy())") == 1
