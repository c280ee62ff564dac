"""Flat: parameters in dicts, lists and tuples as one vector, and back.

>>> vector, unflatten = flat({"w": np.array([[1.0, 2.0]]), "b": 3.0, "name": "layer"})
>>> vector, unflatten(2 * vector)
(array([1., 2., 3.]), {'w': array([[2., 4.]]), 'b': 6.0, 'name': 'layer'})
>>> print(unflatten.source)
def unflatten(vector):
    if vector.shape != (3,):
        raise ValueError('unflatten takes a vector of length 3')
    return {'w': vector[0:2].reshape(1, 2), 'b': float(vector[2]), 'name': 'layer'}
"""
from __future__ import annotations

import numpy as np

from ..errors import CallError
from ..types.kinds import is_plain_key, is_record
from . import compilation


def flat(params):
    """(vector, unflatten): all numbers in one vector, in order, and the function that undoes it."""
    leaves, free = [], {}
    _collect(params, leaves, "params")
    dtype = np.result_type(*(leaf.dtype for leaf in leaves)) if leaves else np.dtype(float)
    dtype = dtype if dtype.kind == "f" else np.dtype(float)
    vector = np.concatenate([np.ravel(leaf) for leaf in leaves] or [[]]).astype(dtype)
    result, _ = _written(params, 0, dtype, free)
    text = (f"def unflatten(vector):\n    if vector.shape != ({len(vector)},):\n"
            f"        raise ValueError('unflatten takes a vector of length {len(vector)}')\n"
            f"    return {result}")
    listing = compilation.Listing(text, "unflatten", "flatten")
    unflatten = compilation.bind(compilation.compile_text(listing, tuple(free)), {"np": np}, free)
    unflatten.__module__ = "revad_flatten"      # functions of revad itself are left alone
    unflatten.source = text
    return vector, unflatten


def _collect(value, leaves, name):
    if isinstance(value, dict):
        for key, part in value.items():
            if not is_plain_key(key):
                raise CallError(f"{name} has the key {key!r}: use strings, numbers or tuples of them as keys")
            _collect(part, leaves, f"{name}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            _collect(part, leaves, f"{name}[{i}]")
    elif _is_number(value):
        leaves.append(np.asarray(value))
    elif not (value is None or isinstance(value, (bool, str, np.bool_))):
        raise CallError(f"{name} is a {type(value).__name__}: flatten takes numbers, arrays, and dicts, "
                        "lists and tuples of them")


def _is_number(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _written(value, start, dtype, free):
    """(the expression of a part of the parameters, where the next one begins in the vector)."""
    if isinstance(value, dict):
        parts = []
        for key, part in value.items():
            text, start = _written(part, start, dtype, free)
            parts.append(f"{key!r}: {text}")
        return "{" + ", ".join(parts) + "}", start
    if isinstance(value, (list, tuple)):
        parts = []
        for part in value:
            text, start = _written(part, start, dtype, free)
            parts.append(text)
        if is_record(value):
            free[type(value).__name__] = type(value)
            return f"{type(value).__name__}({', '.join(parts)})", start
        if isinstance(value, list):
            return f"[{', '.join(parts)}]", start
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})", start
    if not _is_number(value):
        return repr(value if not isinstance(value, np.bool_) else bool(value)), start
    own = getattr(value, "dtype", np.dtype(float))
    own = own if own.kind == "f" else np.dtype(float)
    if not isinstance(value, np.ndarray):
        text = f"vector[{start}]"
        return (f"float({text})" if not isinstance(value, np.generic) else
                text if own == dtype else f"np.{own.name}({text})"), start + 1
    text = f"vector[{start}:{start + value.size}]"
    if value.ndim != 1:
        text += f".reshape({', '.join(map(str, value.shape)) if value.ndim else '()'})"
    return text if own == dtype else f"{text}.astype(np.{own.name})", start + value.size
