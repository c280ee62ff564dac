"""Snapshot: a copy of an object's structure, with arrays that hold no data, for use by the compiler later.

The backward pass may be compiled long after the forward pass, and the object may have changed by then.

>>> import types
>>> net = types.SimpleNamespace(W=np.ones((1000, 1000)), mode="train")
>>> kept = snapshot(net)
>>> net.mode = "test"
>>> kept.mode, kept.W.shape, kept.W.strides
('train', (1000, 1000), (0, 0))
"""
from __future__ import annotations

import types

import numpy as np

from .kinds import DICTS, is_object, is_record


def snapshot(value):
    """The value itself if there is no plain object in it, else a copy of its structure."""
    return _copy(value, {}) if _has_object(value) else value


def _has_object(value):
    if isinstance(value, (list, tuple, dict)):
        return any(map(_has_object, value.values() if isinstance(value, dict) else value))
    return is_object(value)


def _copy(value, seen):
    kind = type(value)
    if kind is np.ndarray:
        return np.broadcast_to(np.zeros((), value.dtype), value.shape)
    if id(value) in seen:
        return seen[id(value)]
    if kind in (list, tuple):
        return kind(_copy(part, seen) for part in value)
    if is_record(value):
        return kind(*(_copy(part, seen) for part in value))
    if kind in DICTS:
        return kind((key, _copy(part, seen)) for key, part in value.items())
    if not is_object(value):
        return value
    copy = seen[id(value)] = kind.__new__(kind) if kind is types.SimpleNamespace else object.__new__(kind)
    for name, part in attributes_of(value).items():
        object.__setattr__(copy, name, _copy(part, seen))
    return copy


def attributes_of(value) -> dict:
    """The attributes of a plain object: those in its __dict__ and in slots."""
    attributes = dict(getattr(value, "__dict__", ()))
    for cls in type(value).__mro__:
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                attributes.setdefault(name, getattr(value, name))
    return attributes
