"""np.take looks at its places only where axes before have elements: other lengths are right or refused."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import RevadError, UnsupportedError, grad

SHAPES = [shape for rank in (1, 2, 3) for shape in itertools.product((0, 1, 3), repeat=rank)]
PLACES = ["2", "-1", "[0, 2]", "[-3]", "(1,)"]


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("place", PLACES)
def test_lengths_of_later_calls(place, axis):
    f = function(f"def f(x):\n    return np.take(x, {place}, {axis}) * 2.0\n")
    d = grad(f)
    counts = {"right": 0, "refused": 0, "raised": 0}
    for shape in SHAPES:
        if not -len(shape) <= axis < len(shape):
            continue
        x = np.arange(np.prod(shape, dtype=float)).reshape(shape)
        try:
            f(x)
        except IndexError as error:
            with pytest.raises(IndexError) as raised:
                d.forward(x)
            assert str(error) in str(raised.value)
            counts["raised"] += 1
            continue
        try:
            out, cache = d.forward(x)
            assert d.backward(np.ones_like(out), cache).shape == shape
        except UnsupportedError as error:
            assert not x.size and ("it takes nothing, at a place that the array does not have" in str(error)
                                   or "Use a subscript that the array has" in str(error))
            counts["refused"] += 1
            continue
        assert_gradient(f, (x,))
        counts["right"] += 1
    assert counts["right"] and counts["raised"] and bool(counts["refused"]) == (axis != 0), counts


@pytest.mark.parametrize("mode", ["raise", "clip", "wrap"])
@pytest.mark.parametrize("axis", [0, -1, None])
@pytest.mark.parametrize("places", [[0, 2], [[-1, 0]], []])
def test_computed_places(places, axis, mode):
    """Where NumPy takes nothing it looks at no place, and so does the gradient."""
    f = function(f"def f(x, i):\n    return np.take(x * x, i, axis={axis}, mode='{mode}') * 2.0\n")
    d, counts = grad(f, wrt="x"), {"right": 0, "raised": 0}
    for shape in [(2, 3), (0, 3), (2, 0), (0, 0), (1, 1), (3, 3), (0, 2), (0,), (3,), (0,), (2, 0, 3),
                  (2, 3, 3)]:
        x, i = np.arange(np.prod(shape, dtype=float)).reshape(shape), np.array(places, int)
        if axis is not None and axis >= len(shape):
            continue
        if mode == "wrap" and places and not x.size:
            continue        # NumPy itself does not end
        try:
            f(x, i)
        except IndexError:
            with pytest.raises(IndexError):
                d.forward(x, i)
            counts["raised"] += 1
            continue
        out, cache = d.forward(x, i)
        assert d.backward(np.ones_like(out), cache).shape == shape
        if mode != "raise":
            assert_gradient(f, (x, i), wrt="x")
        counts["right"] += 1
    assert counts["right"] and bool(counts["raised"]) == (places != [] and mode != "wrap"), counts


def test_the_rewrite_is_right():
    f = function("def f(x):\n    return np.take(x, 2, 1).sum() if x.size else 0.0\n")
    for shape in ((2, 3), (0, 2), (2, 0)):
        assert_gradient(f, (np.ones(shape),))
    with pytest.raises(RevadError, match="Take it only where the array has elements"):
        grad(function("def f(x):\n    return np.take(x, 2, 1).sum()\n"))(np.ones((0, 2)))
