"""Structure: the numbers and arrays inside lists, tuples, dicts and objects, and copies with some replaced.

>>> import types
>>> net = types.SimpleNamespace(W=[1.0, 2.0], steps=3)
>>> replaced(net, ("W", 1), 5.0), net
(namespace(W=[1.0, 5.0], steps=3), namespace(W=[1.0, 2.0], steps=3))
>>> [name for name, _, _ in leaves(net, None, (), "net")]
['net.W[0]', 'net.W[1]']
"""
from __future__ import annotations

import copy
import numbers

import numpy as np

from ..types.kinds import is_object
from ..types.snapshot import attributes_of


def children(value):
    """(key, child, text of the access) for each child of a container or object; None for anything else."""
    if isinstance(value, dict):
        return [(key, part, f"[{key!r}]") for key, part in value.items()]
    if isinstance(value, (list, tuple)):
        return [(key, part, f"[{key}]") for key, part in enumerate(value)]
    if is_object(value):
        return [(name, part, f".{name}") for name, part in attributes_of(value).items()]
    return None


def child(value, key):
    """An element or attribute, or None."""
    if value is None:
        return None
    return getattr(value, key, None) if is_object(value) else value[key]


def leaves(value, gradient, path, name, inside=False):
    """(name, path, gradient) of every number and array in an argument that can have a gradient.

    Integers inside an object are settings.
    """
    parts = children(value)
    if parts is not None:
        for key, part, written in parts:
            yield from leaves(part, child(gradient, key), (*path, key), name + written,
                              inside or is_object(value))
    elif is_real(value) and (is_float(value) or not inside):
        yield name, path, np.zeros(np.shape(value)) if gradient is None else gradient


def is_real(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_float(value):
    return isinstance(value, float) or getattr(value, "dtype", np.dtype(int)).kind == "f"


def map_children(value, function):
    """A copy of a container or object with the function applied to each (key, child)."""
    if isinstance(value, dict):
        duplicate = copy.copy(value)        # of its own class, which a function may ask for
        duplicate.update({key: function(key, part) for key, part in value.items()})
        return duplicate
    if isinstance(value, (list, tuple)):
        parts = [function(key, part) for key, part in enumerate(value)]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    duplicate = copy.copy(value)
    for name, part in attributes_of(value).items():
        object.__setattr__(duplicate, name, function(name, part))
    return duplicate


def replaced(value, path, leaf):
    """A structure with the part at a path replaced."""
    if not path:
        return leaf
    first, *remaining = path
    return map_children(value, lambda key, part: replaced(part, remaining, leaf) if key == first else part)


def in_float64(value, all_numbers, known=None):
    """A copy with every float, or with `all_numbers` every integer, too, in float64.

    known: {id: copy} of objects, which may contain themselves.
    """
    known = {} if known is None else known
    if is_object(value):
        if id(value) not in known:
            duplicate = known[id(value)] = copy.copy(value)
            for name, part in attributes_of(value).items():
                object.__setattr__(duplicate, name, in_float64(part, False, known))
        return known[id(value)]
    if children(value) is not None:
        return map_children(value, lambda _, part: in_float64(part, all_numbers, known))
    if not is_real(value) or not all_numbers and not is_float(value):
        return value
    if isinstance(value, np.ndarray):
        return value.astype(np.float64, copy=False)
    return np.float64(value) if isinstance(value, np.generic) else float(value)


def narrowest(value, seen=()):
    """Bytes of the narrowest float in a structure: it limits the precision of results."""
    parts = children(value) if id(value) not in seen else ()
    if parts is not None:
        return min((narrowest(part, (*seen, id(value))) for _, part, _ in parts), default=8)
    return min(value.dtype.itemsize, 8) if is_float(value) and hasattr(value, "dtype") else 8
