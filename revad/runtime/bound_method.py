"""Bound method: a gradient in a class body, bound to an object as a function would be.

>>> from ..api import grad
>>> class Spring:
...     @grad(wrt="x")
...     def energy(self, x):
...         return 3 * x**2 / 2
>>> spring = Spring()
>>> spring.energy(2.0)
6.0
>>> out, cache = spring.energy.forward(2.0)
>>> out, spring.energy.backward(1.0, cache)
(6.0, 6.0)
"""
from __future__ import annotations

import functools
import inspect

from . import introspection


class Method:
    """A gradient and the object that comes first among its arguments."""

    __slots__ = ("__func__", "__self__")

    def __init__(self, gradient, instance):
        self.__func__, self.__self__ = gradient, instance

    def __call__(self, *args, **keywords):
        return self.__func__(self.__self__, *args, **keywords)

    def __getattr__(self, name):
        return getattr(self.__func__, name)

    @property
    def __doc__(self):
        return self.__func__.__doc__

    @property
    def forward(self):
        return _BoundPass(self.__func__.forward, self.__self__)

    @property
    def primal(self):
        return self.__func__.primal.__get__(self.__self__, type(self.__self__))

    def compiled(self, *args, **keywords):
        return self.__func__.compiled(self.__self__, *args, **keywords)

    def compile(self, *args, **keywords):
        return self.__func__.compile(self.__self__, *args, **keywords)

    @property
    def __signature__(self):
        return introspection.without_first(inspect.signature(self.__func__))

    __dir__ = introspection.public("backward", "compile", "compiled", "forward", "primal", "source", "wrt")

    def __eq__(self, other):
        if not isinstance(other, Method):
            return NotImplemented
        return self.__func__ is other.__func__ and self.__self__ is other.__self__

    def __hash__(self):
        return hash((id(self.__func__), id(self.__self__)))

    def __repr__(self):
        return f"<bound {self.__func__!r} of {self.__self__!r}>"

    def __reduce__(self):
        return getattr, (self.__self__, self.__func__.__name__)


class _BoundPass(functools.partial):
    """A forward pass with its first argument given."""

    def __repr__(self):
        return f"<bound {self.func!r} of {self.args[0]!r}>"

    @property
    def source(self):
        return self.func.source
