"""Diagonals of matrices that are square, not square, empty, or stacked."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import grad

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (1, 3), (4,), (0, 0)])
@pytest.mark.parametrize("k", [0, 1, -1])
def test_diag(k, shape):
    assert_gradient(function(f"def f(x):\n    return np.sum(np.diag(x, {k})) + np.sum(np.diag(x, {k})**2)"),
                    (RNG.normal(size=shape),))


@pytest.mark.parametrize("shape", [(3, 3, 3), (2, 3, 4)])
@pytest.mark.parametrize("axes", ["0, 1", "1, 2", "2, 0"])
@pytest.mark.parametrize("k", [0, 1])
def test_diagonals_of_a_stack(k, axes, shape):
    f = function(f"def f(x):\n    d = np.diagonal(x, {k}, {axes})\n    return np.sum(d) + np.mean(d**2)")
    assert_gradient(f, (RNG.normal(size=shape),))


@pytest.mark.parametrize("loss, back", [
    ("np.trace(x)", "np.eye(x.shape[0])"), ("np.sum(np.diag(x))", "np.eye(x.shape[0])"),
    ("np.sum(np.diag(x)**2)", "np.diag(2 * np.diag(x))")])
def test_the_text_for_a_square_matrix_has_a_diagonal(loss, back):
    g = grad(function(f"def f(x):\n    return {loss}"))
    for shape in ((3, 3), (2, 2)):
        g(RNG.normal(size=shape))
    assert back in g.source
    np.testing.assert_allclose(g(np.ones((2, 3)))[:, 2], 0)     # another text
