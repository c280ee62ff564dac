"""Passes: `.forward(*args)` and `.backward(dout, cache)`, as in a hand-written layer.

>>> from .api import grad
>>> @grad
... def f(x, y):
...     return x * y
>>> out, cache = f.forward(3.0, -4.0)
>>> out, f.backward(1.0, cache)
(-12.0, (-4.0, 3.0))
"""
from __future__ import annotations

import numpy as np

from .errors import CallError
from .kinds import key_of


class Cache(tuple):
    """What a forward pass keeps for the backward pass: a plain tuple that knows its variant."""

    def __reduce__(self):
        return tuple, (tuple(self),)


class Forward:
    """The forward pass: returns (out, cache)."""

    def __init__(self, gradient):
        self._gradient, self._table, self._text = gradient, {}, None

    def __call__(self, *args, **keywords):
        gradient = self._gradient
        if keywords or len(args) != gradient._count:
            args = gradient._bind(args, keywords)
        key = tuple(map(key_of, args))
        for guard, function, context in self._table.get(key, ()):
            if guard is None or guard(*args):
                break
        else:
            guard, function = gradient.variant("forward", key, args)
            context = (key, args_without_data(args), {})
            self._table.setdefault(key, []).insert(0, (guard, function, context))
        try:
            out, kept = function(*args)
        except Exception as error:
            raise gradient.explained(error)
        cache = Cache(kept)
        cache.shape, cache.key, cache.args, cache.table = shape_of(out), key, args, context[2]
        return out, cache

    @property
    def source(self):
        """The text of the forward pass, for the last call's kinds or for numbers."""
        gradient = self._gradient
        return gradient._entry.text("forward", gradient)


def args_without_data(args):
    return None


class Backward:
    """The backward pass: gradients from the gradient on the output and a cache."""

    def __init__(self, gradient):
        self._gradient = gradient

    def __call__(self, dout, cache):
        if type(cache) is not Cache:
            raise CallError("cache is not one that .forward returned")
        pattern = check_like(dout, cache.shape, "dout")
        function = cache.table.get(pattern)
        if function is None:
            _, function = self._gradient.variant("backward", cache.key, cache.args, pattern)
            cache.table[pattern] = function
        try:
            return function(dout, tuple(cache))
        except Exception as error:
            raise self._gradient.explained(error)

    @property
    def source(self):
        """The text of the backward pass, for the last call's kinds or for numbers."""
        gradient = self._gradient
        return gradient._entry.text("backward", gradient)


def shape_of(out):
    """The structure of an output: shapes of arrays, within tuples, lists and dicts."""
    if isinstance(out, (tuple, list)):
        return type(out), tuple(map(shape_of, out))
    if isinstance(out, dict):
        return dict, tuple((key, shape_of(value)) for key, value in out.items())
    return getattr(out, "shape", ())


def check_like(dout, shape, name):
    """Which parts of dout are given, None for those that are not.  Raises CallError where it differs."""
    if dout is None:
        return None
    if shape and shape[0] in (tuple, list):
        if not isinstance(dout, (tuple, list)) or len(dout) != len(shape[1]):
            raise CallError(f"{name} has to be a {shape[0].__name__} of {len(shape[1])}, as the output is "
                            "(None for a part without a gradient)")
        return tuple(check_like(d, s, f"{name}[{i}]") for i, (d, s) in enumerate(zip(dout, shape[1])))
    if shape and shape[0] is dict:
        keys = [key for key, _ in shape[1]]
        if not isinstance(dout, dict) or list(dout) != keys:
            raise CallError(f"{name} has to be a dict with the keys {keys}, as the output is")
        return tuple(check_like(dout[key], s, f"{name}[{key!r}]") for key, s in shape[1])
    have = getattr(dout, "shape", None)
    if have is None:
        have = np.shape(dout)
    if have != shape:
        raise CallError(f"{name} has shape {have}, the output {shape}")
    return True
