"""Higher: the gradient of a gradient, by differentiating the text of the first.

>>> from ..api import grad
>>> def cube(x):
...     return x**3
>>> second = grad(grad(cube))
>>> second(2.0), grad(second)(2.0)
(12.0, 6.0)
"""
from __future__ import annotations

import re

from ..errors import Diagnostic, UnsupportedError
from ..frontend.decorators import innermost
from . import cache
from .bound_method import Method
from .gradient import Gradient
from .guarded import place_of_function
from .sourced import sourced
from .verification.verify import is_on, verify

PRODUCT = re.compile(r"\b(cum)?prod\(")


class HigherGradient(Gradient):
    """The gradient of a `Gradient`: for each kind of arguments, that of the text that it runs."""

    def _prepare(self, function):
        inner = innermost(function, (Gradient, Method))
        self.receiver = None
        if isinstance(inner, Method):
            self.receiver, inner = inner.__self__, inner.__func__
        inner.refresh()
        self.inner, self.signature = inner, inner.signature
        self.receiver = inner.receiver if self.receiver is None else self.receiver

    def _chosen(self, wrt):
        if wrt is None:
            return self.inner.wrt, len(self.inner.wrt) == 1
        return super()._chosen(wrt)

    @property
    def function(self):
        return self.inner.function

    def verified(self, bound, args, *more):
        """Verify the text that is differentiated first, against its own function."""
        if not bound.variant.is_verified and is_on(self):
            inner = self.inner.bound(self.inner.part, self.inner.call(args))
            self.inner.verified(inner, args) if is_on(self.inner) else verify(self.inner, inner,
                                                                              args, always=True)
        super().verified(bound, args, *more)

    def root(self, call):
        inner = self.inner.bound(self.inner.part, call)
        if inner.variant.asserts_lists and call.args is not None:
            inner, _ = self.inner.run(inner, call.args)     # it shows which lists are empty
        return self._root_of(inner)

    def _root_of(self, inner):
        """The Root of a text of the first derivative."""
        if isinstance(self.inner, HigherGradient) and PRODUCT.search(inner.variant.text):
            # The text of the second derivative drops what only a third one of several zeros would show.
            raise UnsupportedError([Diagnostic(
                place_of_function(self.function), "third derivative of np.prod or np.cumprod",
                "it is not right where several factors are zero",
                "Multiply the factors in a loop, or with math.prod.")])
        return cache.Root(inner.function, cache.entry(inner.function), inner.cells, inner.variant.conditions)

    def refuse_singular(self, error, place, variant):
        raise UnsupportedError([Diagnostic(
            place or place_of_function(self.function), "second derivative of np.linalg.det",
            "the matrix is singular, and revad writes its second derivative with the inverse",
            "Write the determinant out as a sum of products.")]) from error

    def for_kinds(self, kinds, layouts):
        return self._written(kinds, layouts, self._root_of(self.inner.for_kinds(kinds, layouts)))

    def with_empty_lists(self, part, error, args, evaluate=None):
        """As for a gradient, by the text of the first derivative that fits."""
        bound = self.bound(part, self.call(args))
        return bound, evaluate(bound) if evaluate else bound.call(self._spread, args)


def gradient_of(function, wrt=None, value=False, has_aux=False, verify=None):
    """The gradient of a plain function, or of a gradient.

    >>> gradient_of(lambda x: x * x), gradient_of(gradient_of(lambda x: x * x))(3.0)
    (<grad of <lambda> wrt x>, 2.0)
    """
    function = sourced(function)
    cls = (HigherGradient if isinstance(innermost(function, (Gradient, Method)), (Gradient, Method))
           else Gradient)
    return cls(function, wrt, value, has_aux=has_aux, verify=verify)
