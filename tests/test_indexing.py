"""NumPy's index grammar: every kind of subscript, beside every other, at every rank."""
import itertools

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import assert_right, function

import revad

SHAPES = {0: (), 1: (3,), 2: (2, 3), 3: (2, 1, 3), 4: (2, 1, 3, 2)}


def array_of(shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def loss(items):
    """A loss that is not linear, and is weighted with a W as large as what the subscript takes."""
    return function(f"def f(x):\n    return np.sum((x[{', '.join(items)}] * W)**2)", W=None)


def assert_taken(items, x, order=1):
    """The gradient through a subscript is that of differences; with order 2 that of the gradient, too."""
    f = loss(items)
    taken = eval(f"x[{', '.join(items)}]", {"np": np, "x": x})
    f.__globals__["W"] = array_of(np.shape(taken), 1) if np.ndim(taken) else 1.7
    assert_right(f, x)
    if order == 2:
        gradient = revad.grad(f)
        gradient(x)
        V = array_of(x.shape, 2)
        outer = function("def outer(x):\n    return np.sum(inner(x) * V)", inner=function(gradient.source, W=f.__globals__["W"]), V=V)
        np.testing.assert_allclose(revad.grad(outer)(x), numeric_gradient(outer, (x,)), 1e-6, 1e-8)


# axes that are added among whole axes: their gradient drops them again

WHOLE = [items for count in range(1, 5) for items in itertools.product(("None", "...", ":"), repeat=count) if items.count("...") < 2]


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_axes_that_are_added_among_whole_axes(rank):
    """`x[..., None, :]`, `x[None, ..., None, :, :]`: an ellipsis, new axes and full slices in every order."""
    fitting = [items for items in WHOLE if items.count(":") <= rank]
    for number, items in enumerate(fitting):
        if len(items) < 4 or number % 3 == rank % 3:
            assert_taken(items, array_of(SHAPES[rank]) if rank else np.array(1.3), 1 + (number % 5 == rank))
