"""Tangent arguments: the tangents of a call, checked against the arguments and converted to their types.

>>> import numpy as np
>>> matched(np.ones(2, np.float32), [1, 2], "x"), matched({"w": 2.0, "mode": "a"}, {"w": 1}, "p")
(array([1., 2.], dtype=float32), {'w': 1.0, 'mode': None})
>>> matched(np.ones(2), np.ones(3), "x")
Traceback (most recent call last):
    ...
revad.errors.CallError: the tangent of x has shape (3,), x has shape (2,)
"""
from __future__ import annotations

import types

import numpy as np

from ..errors import CallError
from ..types.kinds import is_object, kind_of
from ..types.parts import carries
from ..types.snapshot import attributes_of


FLOAT = np.dtype(float)


def directions(gradient, args, tangents):
    """The tangent of each parameter of `wrt`, in order."""
    names = gradient.wrt
    if gradient.bare:
        tangents = (tangents,)
    elif not isinstance(tangents, (tuple, list)) or len(tangents) != len(names):
        raise CallError(f"tangents of {gradient.__name__} has to be a tuple of {len(names)}, one for each of "
                        f"{', '.join(names)} (None for zero)")
    values = dict(zip(gradient._parameters, args))
    return tuple([matched(values[name], tangent, name) for name, tangent in zip(names, tangents)])


def matched(value, tangent, name, seen=()):
    """A tangent in the structure, shape and precision of its argument; None stands for zero."""
    if type(value) is np.ndarray and type(tangent) is np.ndarray and value.shape == tangent.shape \
            and value.dtype is tangent.dtype is FLOAT or type(value) is type(tangent) is float:
        return tangent
    if isinstance(value, dict):
        return _of_dict(value, tangent, name, seen)
    if isinstance(value, (tuple, list)):
        return _of_sequence(value, tangent, name, seen)
    if is_object(value):
        return _of_object(value, tangent, name, seen)
    dtype = getattr(value, "dtype", None)
    if not (isinstance(value, (int, float)) or dtype is not None and dtype.kind in "biuf"):
        if tangent is not None:
            raise CallError(f"the tangent of {name} has to be None: it is no number")
        return None
    if isinstance(value, np.ndarray):
        return _of_array(value, tangent, name)
    number = _numbers(0.0 if tangent is None else tangent, name)
    if number.shape:
        raise CallError(f"the tangent of {name} has shape {number.shape}, {name} is a number")
    if dtype is None:
        return float(number)
    return (dtype.type if dtype.kind == "f" else np.float64)(number)


def _numbers(tangent, name):
    try:
        array = np.asarray(tangent)
    except ValueError:
        raise CallError(f"the tangent of {name} is not an array: its rows differ in length") from None
    if array.dtype.kind not in "biuf":
        raise CallError(f"the tangent of {name} is not of real numbers: it has dtype {array.dtype}")
    return array


def _of_array(value, tangent, name):
    dtype = np.dtype(value.dtype.newbyteorder("=") if value.dtype.kind == "f" else float)
    if tangent is None:
        return np.zeros(value.shape, dtype)
    array = _numbers(tangent, name)
    if array.shape != value.shape:
        raise CallError(f"the tangent of {name} has shape {array.shape}, {name} has shape {value.shape}")
    return array.view(np.ndarray).astype(dtype, copy=False)


def _of_dict(value, tangent, name, seen):
    if tangent is not None and (not isinstance(tangent, dict) or not set(tangent) <= set(value)):
        raise CallError(f"the tangent of {name} has to be a dict with the keys "
                        f"{', '.join(map(repr, value))}, as {name} has")
    return {key: matched(part, None if tangent is None else tangent.get(key), f"{name}[{key!r}]", seen)
            for key, part in value.items()}


def _of_object(value, tangent, name, seen):
    """A namespace with a tangent for each attribute that can have one; those that are left out are zero."""
    if id(value) in seen:
        return types.SimpleNamespace()
    held = {attribute: part for attribute, part in attributes_of(value).items()
            if carries(kind_of(part, attribute))}
    given = {} if tangent is None else attributes_of(tangent) if is_object(tangent) else None
    if given is None or not set(given) <= set(attributes_of(value)):
        raise CallError(f"the tangent of {name} has to be an object with attributes of {name}, such as "
                        "types.SimpleNamespace")
    return types.SimpleNamespace(**{
        attribute: matched(part, given.get(attribute), f"{name}.{attribute}", (*seen, id(value)))
        for attribute, part in held.items()})


def _of_sequence(value, tangent, name, seen):
    if tangent is not None and (not isinstance(tangent, (tuple, list)) or len(tangent) != len(value)):
        raise CallError(f"the tangent of {name} has to be a {type(value).__name__} of {len(value)}, "
                        f"as {name} is")
    parts = [matched(part, None if tangent is None else tangent[i], f"{name}[{i}]", seen)
             for i, part in enumerate(value)]
    if hasattr(value, "_fields"):
        return type(value)(*parts)
    return parts if isinstance(value, list) else tuple(parts)


def in_precision_of(value, tangent):
    """A tangent in the precision of its value, where only running shows what that is.

    >>> first, second = in_precision_of((np.float32(1), 2.0), (np.float64(3), np.float32(4)))
    >>> type(first).__name__, type(second).__name__
    ('float32', 'float')
    """
    if isinstance(tangent, dict):
        return {key: in_precision_of(value[key], part) for key, part in tangent.items()}
    if isinstance(tangent, (list, tuple)):
        parts = list(map(in_precision_of, value, tangent))
        return type(tangent)(*parts) if hasattr(tangent, "_fields") else type(tangent)(parts)
    dtype = getattr(value, "dtype", np.dtype(float))
    if tangent is None or is_object(value) or dtype.kind != "f":
        return tangent
    if isinstance(value, np.ndarray):
        return np.asarray(tangent).astype(dtype, copy=False)
    return float(tangent) if type(value) is float else dtype.type(tangent)
