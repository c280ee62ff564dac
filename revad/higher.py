"""Higher: the gradient of a gradient, by differentiating the text of the first.

>>> from .api import grad
>>> def cube(x):
...     return x**3
>>> second = grad(grad(cube))
>>> second(2.0), grad(second)(2.0)
(12.0, 6.0)
"""
from __future__ import annotations

from . import arguments, cache
from .gradient import Gradient


class HigherGradient(Gradient):
    """The gradient of a `Gradient`: for each kind of arguments, that of the text it runs then."""

    def _prepare(self, inner):
        self.receiver, self.signature = inner.receiver, inner.signature

    def _chosen(self, wrt):
        if wrt is None:
            return self.primal.wrt, len(self.primal.wrt) == 1
        return arguments.chosen(self.__name__, self.signature, wrt, self.receiver is not None)

    def root(self, call):
        inner = self.primal.bound(self.primal.want, call)
        return cache.Root(inner.function, cache.entry(inner.function), inner.cells, inner.variant.conditions)
