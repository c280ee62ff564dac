"""Quantiles of single precision are wider for some spellings of the points: gradients keep their own."""
import numpy as np
import pytest
from from_text import function

from revad import grad

NAMES = ["quantile", "percentile", "nanquantile", "nanpercentile"]
POINTS = ["0.5", "1", "np.float64(0.5)", "np.float32(0.5)", "[0.5]", "[0.25, 0.5]", "(0.5, 0.2)", "[1]",
          "np.array(0.5)", "np.array([0.5])", "np.array([0.5], np.float32)"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize("dtype", ["e", "f", "d"])
def test_a_factor_keeps_its_precision(name, points, dtype):
    f = function(f"def f(x, y):\n    return np.sum(x * np.{name}(y, {points}, axis=0).ravel()[:1])\n")
    x, y = np.array([0.5, -1.2, 0.3], dtype), np.array([[1.0], [2.5], [0.5]], dtype)
    found = grad(f, wrt="x")(x, y)
    wanted = np.ravel(eval(f"np.{name}(y, {points}, axis=0)"))[0]
    assert found.dtype == x.dtype and found.shape == x.shape
    np.testing.assert_allclose(found, np.full(3, wanted), rtol=2 * np.finfo(dtype).eps)
