"""Higher: the gradient of a gradient, by differentiating the text of the first.

>>> from .api import grad
>>> grad(grad(lambda_cube))(2.0)
12.0
"""
from __future__ import annotations

import functools
import types

from .gradient import Gradient


def lambda_cube(x):
    """x**3, for the example above."""
    return x**3


class HigherGradient:
    """The gradient of a `Gradient`: for each kind of arguments, that of the function it runs then."""

    def __init__(self, inner, wrt=None, value=False):
        functools.update_wrapper(self, inner)
        self.primal = inner
        self._options = (wrt, value)
        self._made = {}
        self._last = None

    def _gradient(self, args, keywords=None):
        if keywords:
            args = self.primal._bind(args, keywords)
        function = self.primal.compiled(*args)
        found = self._made.get(function.__code__)
        if found is None:
            wrt, value = self._options
            wrt = self.primal.wrt if wrt is None and hasattr(self.primal, "wrt") else wrt
            if isinstance(wrt, tuple) and len(wrt) == 1 and self._options[0] is None:
                wrt = wrt[0]
            found = self._made[function.__code__] = Gradient(function, wrt, value)
        self._last = found
        return found, args

    def __call__(self, *args, **keywords):
        found, args = self._gradient(args, keywords)
        return found(*args)

    def compiled(self, *args):
        """The plain function that computes it for arguments of these kinds."""
        found, args = self._gradient(args)
        return found.compiled(*args)

    def _bind(self, args, keywords):
        return self.primal._bind(args, keywords)

    @property
    def wrt(self):
        wrt = self._options[0]
        return self.primal.wrt if wrt is None else wrt

    @property
    def source(self):
        """The generated function as text, of the last call."""
        if self._last is None:
            self._gradient((1.0,) * self.primal._count if hasattr(self.primal, "_count") else (1.0,))
        return self._last.source

    def forward(self, *args, **keywords):
        """(gradient, cache): the forward pass of the inner gradient."""
        found, args = self._gradient(args, keywords)
        return found.forward(*args)

    def backward(self, dout, cache):
        """The backward pass through the inner gradient."""
        return self._last.backward(dout, cache)

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self):
        return HigherGradient, (self.primal, *self._options)
