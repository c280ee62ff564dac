"""The rules of scipy.linalg, where it is installed: each against finite differences of the call itself."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

linalg = pytest.importorskip("scipy.linalg")

rng = np.random.default_rng(5)
A, B, V = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=(3, 2)), rng.normal(size=3)
S = A @ A.T


@pytest.mark.parametrize("text, args", [
    ("linalg.inv(x)", (A,)), ("linalg.det(x)", (A,)), ("linalg.solve(x, y)", (A, B)),
    ("linalg.solve(x, y)", (A, V)),
    ("linalg.solve_triangular(x, y)", (A, V)), ("linalg.solve_triangular(x, y, lower=True)", (A, B)),
    ("linalg.solve_triangular(x, y, trans=1)", (A, B)),
    ("linalg.solve_triangular(x, y, trans='T', lower=True)", (A, V)),
    ("linalg.solve_triangular(x, y, unit_diagonal=True)", (A, B)), ("linalg.cholesky(x)", (S,)),
    ("linalg.cholesky(x, lower=True)", (S,)),
    ("linalg.norm(x)", (V,)), ("linalg.norm(x, axis=1)", (B,)), ("linalg.expm(x)", (A * 0.3,)),
    ("linalg.sqrtm(x)", (S,)),
])
def test_rules(text, args):
    assert_gradient(function(f"def f({', '.join('xy'[:len(args)])}):\n    return {text}\n", linalg=linalg),
                    args)


def test_what_destroys_its_input_is_refused():
    for text in ("linalg.inv(x, overwrite_a=True)", "linalg.solve(x, x, assume_a='pos')"):
        with pytest.raises(revad.RevadError, match="scipy.linalg"):
            revad.grad(function(f"def f(x):\n    return {text}\n", linalg=linalg)).forward(A)


def test_a_filter_that_tries_the_inverse():
    def gain(P, H, R):
        S = H @ P @ H.T + R
        try:
            K = P @ H.T @ linalg.inv(S)
        except ValueError:
            K = P @ H.T / S
        return K

    assert_gradient(gain, (S, B.T, np.eye(2)))
