"""The product of a tuple of sizes is a size: a reshape by it needs no check of the gradient's shape."""
import math

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import grad

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(5, 2, 3), (5, 1, 1), (1, 2, 3), (0, 2, 3)])
@pytest.mark.parametrize("size", [
    "np.prod(x.shape[1:])", "math.prod(x.shape[1:])", "int(np.prod(x.shape[1:]))",
    "np.prod((x.shape[1], x.shape[2]))", "math.prod((x.shape[2], x.shape[1]))"])
def test_reshape_by_a_product_of_sizes(size, shape):
    f = function(f"def f(x, w):\n    out = x.reshape(x.shape[0], {size}) @ w\n"
                 f"    return np.sum(out**2) / {size}", math=math)
    args = RNG.normal(size=shape), RNG.normal(size=(shape[1] * shape[2], 4))
    assert_gradient(f, args)
    g = grad(f)
    g(*args)
    assert "raise" not in g.source and "full_like" not in g.source
