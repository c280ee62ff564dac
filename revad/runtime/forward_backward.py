"""Forward backward: `.forward(*args)` and `.backward(dout, cache)`, as in a hand-written layer.

>>> from ..api import grad
>>> @grad
... def f(x, y):
...     return x * y
>>> out, cache = f.forward(3.0, -4.0)
>>> out, f.backward(1.0, cache)
(-12.0, (-4.0, 3.0))
"""
from __future__ import annotations

import copy

from ..errors import CallError, NotKept
from ..tracebacks import boundary
from . import introspection
from .arguments import to_native
from .cotangents import layout_of, match_output, zero_filled
from .protocol import bound as protocol_arrays
from .primal import note_not_finite, refuse_empty_lists

KNOWN = 8    # variants of the forward pass that are tried before the table of all variants


class Cache(tuple):
    """The residuals that a forward pass stores for the backward pass: a tuple that knows the text it is from.

    It keeps nothing alive but its elements.  As in a layer written by hand, these may be the caller's arrays
    and the output themselves: a store into them before the backward pass changes its result.
    """

    def __new__(cls, kept, owner, bound, layout):
        cache = super().__new__(cls, kept)
        cache.owner, cache.bound, cache.layout = owner, bound, layout
        return cache

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return Cache(copy.deepcopy(tuple(self), memo), self.owner, self.bound, self.layout)

    def __reduce_ex__(self, protocol):
        raise CallError("a cache cannot be pickled: send the arguments instead, and call .forward there")


class Forward:
    """The forward pass: returns (out, cache)."""

    follows = "forward"

    def __init__(self, gradient):
        self._gradient, self._known, self.last = gradient, (), None

    @property
    def of(self):
        return self._gradient

    @boundary
    def __call__(self, *args, **keywords):
        gradient = self._gradient
        args = gradient.complete(args, keywords)
        for bound in self._known:
            if bound.accepts(*args):
                break
        else:
            if protocol_arrays.classes_in(args):
                return self._with_protocol_arrays(args)
            args = tuple(map(to_native, args))
            bound = self._find(args)
        self.last = bound
        bound, (out, kept) = gradient.run(bound, args)
        self.last = bound
        return out, Cache(bound.variant.residuals(kept), gradient, bound,
                          layout_of(out, bound.variant.result))

    def _with_protocol_arrays(self, args):
        gradient = self._gradient
        self.last = bound = gradient.bound_to_protocol("forward", args)
        out, kept = protocol_arrays.call(bound, gradient._spread, args)
        return out, Cache(bound.variant.residuals(kept), gradient, bound,
                          layout_of(out, bound.variant.result))

    def _find(self, args):
        bound = self._gradient.bound("forward", self._gradient.call(args))
        self._gradient.verified(bound, args)
        others = [known for known in self._known if known.variant is not bound.variant]
        self._known = (bound, *others[:KNOWN - 1])
        return bound

    __dir__ = introspection.public("source")

    def __repr__(self):
        return introspection.name_of_pass("forward", self._gradient)

    @property
    @boundary
    def source(self):
        """The text of the forward pass, for its last call, else for the gradient's, else for numbers."""
        return self._gradient.text("forward")


class Backward:
    """The backward pass: gradients from the gradient on the output and a cache."""

    follows = "backward"

    def __init__(self, gradient):
        self._gradient, self.last = gradient, None
        self._complete_only = set()

    def _bound(self, forward, pattern):
        """The backward pass for a partial dout; None if the cache lacks a residual that it needs."""
        if (forward.variant, pattern) in self._complete_only:
            return None
        try:
            return forward.backward(pattern)
        except NotKept:
            self._complete_only.add((forward.variant, pattern))
            return None

    @property
    def of(self):
        return self._gradient

    @boundary
    def __call__(self, dout, cache):
        gradient = self._gradient
        if type(cache) is not Cache:
            raise CallError(f"{gradient.__name__}.backward needs the cache that .forward "
                            f"returned as its second argument, not a {type(cache).__name__}")
        if cache.owner is not gradient and not gradient.is_like(cache.owner):
            raise CallError(f"this cache is of {cache.owner!r}, not of {gradient!r}")
        pattern, cotangent = match_output(dout, cache.layout)
        bound = self._bound(cache.bound, pattern)
        if bound is None:
            pattern, cotangent = match_output(zero_filled(dout, cache.layout), cache.layout)
            try:
                bound = cache.bound.backward(pattern)
            except NotKept:
                raise CallError(f"dout of {gradient.__name__} has to be given in full: which parts "
                                "of its output have a gradient differs from branch to branch") from None
        if not bound.still_fits():
            raise CallError(f"a global or closure variable of {gradient.__name__} "
                            "has changed since .forward was called: call it again")
        if not bound.variant.is_verified and cache.bound.variant.sample is not None:
            forward, args = cache.bound.variant.sample
            gradient.verified(bound, args, forward, pattern)
        self.last = bound
        try:
            return bound.called(cotangent, cache)
        except Exception as error:
            if isinstance(bound, protocol_arrays.ProtocolBound):
                protocol_arrays.note_line(error)
                raise
            refuse_empty_lists(bound, error)
            if gradient.on_error(error, None, bound):
                raise
            try:
                self.last = cache.bound.backward(pattern, singular=True)
            except NotKept:
                note_not_finite(error)
                raise error from None
        try:
            return self.last.called(cotangent, cache)
        except Exception as error:
            gradient.on_error(error, None, self.last)
            raise

    __dir__ = introspection.public("source")

    def __repr__(self):
        return introspection.name_of_pass("backward", self._gradient)

    @property
    @boundary
    def source(self):
        """The text of the backward pass, as with the forward pass."""
        return self._gradient.text("backward")
