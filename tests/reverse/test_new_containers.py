"""The gradient of a container is a new container in each of its parts, at either order: the caller may change it."""
import types

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import grad

PARAMETERS = [
    [], [[]], [[], []], [[2.0, 1.0], [1.0, 0.5]], [[0.5], [0.5]], ([1.0, 2.0], [1.0, 2.0]), {"a": [1.0], "b": [1.0]},
    {"a": {}, "b": {}}, [{"w": 1.0}, {"w": 1.0}], [np.ones(2), np.ones(2)], [[np.ones(2)], [np.ones(2)]],
    [types.SimpleNamespace(w=1.0), types.SimpleNamespace(w=1.0)]]
BODIES = ["return 1.0", "return np.sum(y)", "return total(x)", "return np.sum(y) * total(x)"]


def total(part):
    if isinstance(part, dict):
        return sum(total(p) for p in part.values())
    if isinstance(part, (list, tuple)):
        return sum(total(p) for p in part)
    if hasattr(part, "w"):
        return part.w
    return np.sum(part)


def containers(value):
    """All that the caller may change in a gradient."""
    if isinstance(value, (list, dict, types.SimpleNamespace, np.ndarray)):
        yield value
    parts = (value.values() if isinstance(value, dict) else vars(value).values()
             if isinstance(value, types.SimpleNamespace) else value if isinstance(value, (list, tuple)) else ())
    for part in parts:
        yield from containers(part)


def assert_apart(*values):
    found = [container for value in values for container in containers(value)]
    assert len({id(container) for container in found}) == len(found)
    arrays = [array for array in found if isinstance(array, np.ndarray)]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@pytest.mark.parametrize("x", PARAMETERS, ids=repr)
@pytest.mark.parametrize("body", BODIES)
def test_each_part_is_new(x, body):
    f = function(f"def f(x, y):\n    {body}\n", total=total)
    y = np.array([0.3, 0.7])
    assert_gradient(f, (x, y))
    first = grad(f)
    assert_apart(*first(x, y), x, y)
    out, cache = first.forward(x, y)
    assert_apart(*first.backward(1.0, cache), *first.backward(1.0, cache), x, y)
    second = grad(first)
    out, cache = second.forward(x, y)
    assert_apart(*out, *second.backward(out, cache), *second.backward(out, cache), x, y)
