"""Cotangents: the structure of an output, and the conversion of `dout` to it.

>>> layout = layout_of((np.ones(2, np.float32), 3.0, "label"))
>>> match_output(([1, 2], 1, None), layout)
((True, True, None), (array([1., 2.], dtype=float32), 1.0, None))
>>> match_output(([1, 2, 3], 1, None), layout)
Traceback (most recent call last):
    ...
revad.errors.CallError: dout[0] has shape (3,), the output (2,)
"""
from __future__ import annotations

import types
from typing import Any, NamedTuple

import numpy as np

from ..errors import CallError
from ..types.foreign import is_protocol_array
from ..types.kinds import is_object, is_plain_class
from ..types.snapshot import attributes_of
from .structure import child, children


class Leaf(NamedTuple):
    """A number or array: `kind` is the type of a number, None for an array; dtype: the gradient's dtype."""

    kind: Any
    shape: tuple
    dtype: Any


class Node(NamedTuple):
    """A tuple, list, dict or object; keys are those of a dict, or the names of attributes."""

    kind: type
    parts: tuple
    keys: Any


class Rows(Node):
    """A list of numbers or arrays whose length only running shows: `dout` has an array, one row for each."""


class Elements(Node):
    """A list of containers whose length only running shows: the same parts of all of them are given."""


FLOAT = np.dtype(float)
NUMBER = Leaf(float, (), FLOAT)


def layout_of(out, lists=None):
    """The Leaf or Branches of an output; None for a value without a gradient, such as a string.

    lists: the kind of the output, where it has lists whose length only running shows, or small integers that
    are differentiated in float.
    """
    kind = type(out)
    if lists is not None:
        return _with_lists(out, lists)
    if is_protocol_array(out) and not out.shape:
        return Leaf(out.dtype.type, (), out.dtype) if out.dtype.kind == "f" else NUMBER
    if kind is np.ndarray or is_protocol_array(out):
        return Leaf(None, out.shape, out.dtype if out.dtype.kind == "f" else FLOAT)
    if kind is float or kind is int or kind is bool:
        return NUMBER
    if isinstance(out, np.generic):
        return Leaf(kind, (), out.dtype) if out.dtype.kind == "f" else NUMBER
    if isinstance(out, (tuple, list)):
        return Node(kind, tuple(map(layout_of, out)), range(len(out)))
    if isinstance(out, dict):
        return Node(dict, tuple(map(layout_of, out.values())), tuple(out))
    if is_object(out):
        held = attributes_of(out)
        return Node(kind, tuple(map(layout_of, held.values())), tuple(held))
    return None


def _with_lists(out, kind):
    if kind.tag == "stack":
        node = Rows if kind.items[0].tag in ("number", "array") else Elements
        return node(list, tuple(map(layout_of, out)), range(len(out)))
    if kind.tag in ("tuple", "list"):
        return Node(type(out), tuple(map(_with_lists, out, kind.items)), range(len(out)))
    if kind.tag == "dict" and isinstance(out, dict):
        return Node(dict, tuple(_with_lists(out[key], item) for key, item in zip(kind.keys, kind.items)),
                    kind.keys)
    layout = layout_of(out)
    if isinstance(layout, Leaf) and kind.dtype == FLOAT.char and layout.dtype != FLOAT:
        return NUMBER if layout.kind else layout._replace(dtype=FLOAT)      # of integers: a float16, say
    return layout


def match_output(dout, layout):
    """(which parts are given, dout in the types of the output); parts that are None stay None."""
    try:
        return _matched(dout, layout, None)
    except CallError:
        return _matched(dout, layout, "dout")       # with the name of what does not fit


def _matched(dout, layout, name):
    """As `match_output`; name: of `dout`, a part of the whole one, for messages, or None."""
    if dout is None:
        return None, None
    if isinstance(layout, Node):
        return _container(dout, layout, name)
    if layout is None:
        raise CallError(f"{name} has to be None: the output there has no gradient")
    if is_protocol_array(dout):
        # A result without axes may be one, where that of NumPy's arrays is a number.
        if dout.shape != layout.shape:
            raise CallError(f"{name} has shape {dout.shape}, the output {layout.shape}")
        return True, dout if dout.dtype == layout.dtype else dout.astype(layout.dtype)
    if type(dout) is np.ndarray and layout.kind is None:
        if dout.shape == layout.shape and dout.dtype is layout.dtype:
            return True, dout if dout.shape else dout[()]
    elif type(dout) is layout.kind:
        return True, dout
    return True, _converted(dout, layout, name)


def zero_filled(dout, layout):
    """A dout with zeros for the parts that are None.

    >>> zero_filled((None, [2.0, None]), layout_of((np.ones(2), [1.0, "label"])))
    (array([0., 0.]), [2.0, None])
    """
    if isinstance(layout, Node):
        return rebuild(layout, [zero_filled(None if dout is None else _part_of(dout, key), part)
                                for key, part in zip(layout.keys, layout.parts)])
    if dout is not None or layout is None:
        return dout
    return np.zeros(layout.shape, layout.dtype) if layout.kind is None else layout.kind(0)


def _container(dout, layout, name):
    if layout.kind is dict:
        if not isinstance(dout, dict) or dout.keys() != set(layout.keys):
            raise CallError(f"{name} has to be a dict with the keys {', '.join(map(repr, layout.keys))}, "
                            "as the output is (None for a part without a gradient)")
    elif _is_of_object(layout):
        missing = [name for name in layout.keys if not hasattr(dout, name)]
        if missing:
            raise CallError(f"{name} has no attribute {missing[0]}: give it the attributes of the output, a "
                            f"{layout.kind.__name__} (None for a part without a gradient)")
    elif not isinstance(dout, (tuple, list)) or len(dout) != len(layout.parts):
        raise CallError(f"{name} has to be a {layout.kind.__name__} of {len(layout.parts)}, as the output is "
                        "(None for a part without a gradient)")
    given, values = [], []
    for key, part in zip(layout.keys, layout.parts):
        part_name = name and (f"{name}.{key}" if _is_of_object(layout) else f"{name}[{key!r}]")
        is_given, value = _matched(_part_of(dout, key), part, part_name)
        given.append(is_given)
        values.append(value)
    given = tuple(given)
    if type(layout) in (Rows, Elements):
        return _of_list(given, values, layout)
    return given, rebuild(layout, values)


def _of_list(given, values, layout):
    """A list whose length only running shows has one pattern for all elements; zeros complete it."""
    if given and all(map(_is_nothing, given)):
        return None, None
    if type(layout) is Rows:
        return True, np.array([zero_filled(value, part) for value, part in zip(values, layout.parts)])
    if len(set(given)) > 1:
        pairs = [match_output(zero_filled(value, part), part) for value, part in zip(values, layout.parts)]
        given, values = [pattern for pattern, _ in pairs], [value for _, value in pairs]
    return tuple(given[:1]) or None, values


def _is_nothing(pattern):
    return pattern is None or isinstance(pattern, tuple) and all(map(_is_nothing, pattern))


def _is_of_object(layout):
    return layout.kind not in (tuple, list, dict) and is_plain_class(layout.kind)


def _part_of(dout, key):
    return dout[key] if isinstance(dout, (dict, list, tuple)) else getattr(dout, key)


def rebuild(layout, values):
    """The parts in the structure of the output; for an object, a namespace of its attributes."""
    if layout.kind is tuple:
        return tuple(values)
    if layout.kind is dict:
        return dict(zip(layout.keys, values))
    if _is_of_object(layout):
        return types.SimpleNamespace(**dict(zip(layout.keys, values)))
    if hasattr(layout.kind, "_fields"):
        return layout.kind(*values)
    return values if layout.kind is list else tuple(values)


def _converted(dout, layout, name):
    """A dout converted to the type of the output; never a view, which could be written through."""
    try:
        array = np.asarray(dout)
    except ValueError:
        raise CallError(f"{name} is not an array: its rows differ in length") from None
    if array.shape != layout.shape:
        raise CallError(f"{name} has shape {array.shape}, the output {layout.shape}")
    if array.dtype.kind not in "biuf":
        raise CallError(f"{name} is not of real numbers: it has dtype {array.dtype}")
    array = array.astype(layout.dtype)
    return array if layout.kind is None else layout.kind(array[()])


def random_cotangent(layout, out, rng, pattern=True, otherwise=None):
    """A random `dout` for the parts of an output that are given (see `match_output`) and are floats in `out`.

    `out` is the output computed in float64; other parts get `otherwise`.
    """
    if pattern is None:
        return None
    if isinstance(layout, Node):
        patterns = pattern if isinstance(pattern, tuple) else (pattern,) * len(layout.parts)
        if type(layout) is Elements:
            patterns = (pattern[0] if isinstance(pattern, tuple) else pattern,) * len(layout.parts)
        return rebuild(layout, [random_cotangent(part, child(out, key), rng, pattern_of_part, otherwise)
                                for key, part, pattern_of_part in zip(layout.keys, layout.parts, patterns)])
    if layout is None:
        return None
    if not isinstance(out, float) and getattr(out, "dtype", np.dtype(int)).kind != "f":
        return otherwise if otherwise is None else np.full(layout.shape, otherwise)
    return rng.uniform(0.5, 1.5, layout.shape) * rng.choice([-1.0, 1.0], layout.shape)


def inner_product(out, dout):
    """The sum of all elements of an output times those of dout."""
    if dout is None:
        return 0.0
    parts = children(dout)
    if parts is not None:
        return sum(inner_product(child(out, key), part) for key, part, _ in parts)
    return float(np.sum(np.multiply(dout, out, dtype=np.float64)))
