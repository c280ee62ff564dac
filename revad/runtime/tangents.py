"""Tangents: the object that `jvp` returns; it finds the text of forward mode for a call.

>>> from ..api import jvp
>>> jvp(lambda x, y: x * y)(3.0, 4.0, tangents=(1.0, 2.0))
(12.0, 10.0)
"""
from __future__ import annotations

import copy

from ..errors import CallError
from ..frontend.decorators import innermost
from ..tracebacks import boundary
from . import arguments, introspection
from .bound_method import Method
from .gradient import Gradient, place_of_error
from .compilation import asserted_list
from .higher import HigherGradient
from .primal import ran_once
from .sourced import sourced
from .tangent_arguments import directions, in_precision_of
from .verification.along import verify_along
from .verification.verify import is_on

KNOWN = 8    # texts that are tried before the table of all


class Tangent(Gradient):
    """The directional derivative of a function, compiled for each kind of arguments.

    Called with the function's arguments and `tangents`, it returns (value, tangent); with `value` unset the
    tangent alone.
    """

    def __init__(self, function, wrt=None, value=True, receiver=None, has_aux=False, verify=None):
        super().__init__(function, wrt, value, receiver, has_aux, verify)
        self.part = "jvp" if value else "tangent"
        if "tangents" in self.signature.parameters:
            raise CallError(f"{self.__name__} has a parameter named tangents, as the result of jvp has: "
                            "rename it")

    @boundary
    def __call__(self, *args, tangents, **keywords):
        args = self.complete(args, keywords)
        bound = next((known for known in self._known if known.accepts(*args)), None)
        if bound is None:
            args = tuple(map(arguments.to_native, args))
            bound = self.bound(self.part, self.call(args))
            self._known = (bound, *self._known[:KNOWN - 1])
            if not bound.variant.is_verified and is_on(self):
                return self._compared(bound, args, directions(self, args, tangents))
        self._last.cell_contents = bound
        self._last.cell_contents, result = self.along(bound, args, directions(self, args, tangents))
        return result

    def _compared(self, bound, args, tangents):
        """The result of a first call, which is compared with differences along its direction."""
        given = copy.deepcopy((args, tangents))
        bound, result = self.along(bound, args, tangents)
        self._last.cell_contents = bound
        verify_along(self, bound, self.compared_function, *given,
                     result[1] if self.part == "jvp" else result)
        return result

    @property
    def compared_function(self):
        """What is differentiated, as a function of all arguments."""
        return self.function

    def along(self, bound, args, tangents):
        """(text, result) of a call in a direction; of another text where lists are empty."""
        def evaluate(bound):
            return self.evaluated(bound, args, tangents)
        try:
            return bound, evaluate(bound)
        except Exception as error:
            if self.on_error(error, args):
                raise
            if bound.variant.draws:
                raise ran_once(asserted_list(place_of_error(error))) from error
            return self.with_empty_lists(self.part, error, args, evaluate)

    def evaluated(self, bound, args, tangents):
        """The result of a text, whose last parameters are the tangents."""
        function = bound.function
        positional, keywords = args, {}
        if self._spread is not None:
            positional, keywords = arguments.split_arguments(self.signature, args)
        count = function.__code__.co_kwonlyargcount
        if not count:
            result = function(*positional, *tangents)
        else:
            first = function.__code__.co_argcount
            names = function.__code__.co_varnames[first:first + count][-len(tangents):]
            result = function(*positional, **keywords, **dict(zip(names, tangents)))
        if bound.variant.result is not None:    # a list may hold views of the directions
            result = (result[0], copy.deepcopy(result[1])) if self.part == "jvp" else copy.deepcopy(result)
        if bound.variant.mixes_precisions and self.part == "jvp":
            return result[0], in_precision_of(*result)
        return result

    @property
    def __signature__(self):
        return introspection.signature_of_call(self, ("tangents",))

    __dir__ = introspection.public("compile", "primal", "source", "wrt")

    follows = "tangent"

    def verified(self, bound, args, *more):
        """A text of forward mode is compared with the result of its first call."""


class HigherTangent(Tangent, HigherGradient):
    """The directional derivative of a gradient: of the text that the gradient runs."""

    @property
    def compared_function(self):
        return self.inner

    def with_empty_lists(self, part, error, args, evaluate=None):
        return HigherGradient.with_empty_lists(self, part, error, args, evaluate)


def tangent_of(function, wrt=None, value=True, verify=None):
    """The directional derivative of a plain function, or of a gradient."""
    function = sourced(function)
    is_gradient = isinstance(innermost(function, (Gradient, Method)), (Gradient, Method))
    return (HigherTangent if is_gradient else Tangent)(function, wrt, value, verify=verify)
