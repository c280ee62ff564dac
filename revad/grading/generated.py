"""Generated: the gradients that revad generates for the forward pass of a hand-written layer, and their
lines.

>>> import numpy as np
>>> from .handwritten import HandPass
>>> def double(x):
...     return 2 * x, x
>>> hand = HandPass(double, lambda dout, cache: 2 * dout, (np.ones(2),))
>>> result = hand.run(hand.args)
>>> generated = Generated(hand, ["x"], result)
>>> generated.gradient_at((0,)).tolist() == (2 * result.dout).tolist(), generated.lines_of("x")
(True, ('return 2 * dout',))
"""

from __future__ import annotations

import re


from ..errors import RevadError
from ..runtime.arguments import split_arguments
from ..runtime.gradient import Gradient
from ..runtime.structure import child


class Generated:
    """The generated gradients at the arguments of a hand-written pass; `refused` says why there are none."""

    def __init__(self, hand, names, result):
        self.hand, self.wrt, self.refused, self.gradients = hand, tuple(names), "", None
        self.text, self.places = "", {}
        for forward in (hand.forward, None):
            try:
                self._differentiate(forward or hand.without_cache(), result, forward is None)
                self.refused = ""
                return
            except RevadError as error:
                self.refused = self.refused or str(error).splitlines()[0]
            except Exception as error:  # another fault than a wrong gradient is no reason to stop
                self.refused = self.refused or f"{type(error).__name__}: {error}"

    def _differentiate(self, forward, result, is_output_alone):
        if forward is None:
            raise RevadError("the forward pass has no source")
        gradient = Gradient(forward, self.wrt)
        self.gradients = gradients_of(gradient, self.hand, result, is_output_alone)
        variant = gradient.backward.last.variant
        self.text, self.places = variant.text, variant.listing.lines

    def gradient_at(self, path):
        """The generated gradient of a leaf."""
        gradient = self.gradients[self.wrt.index(self.hand.names[path[0]])]
        for key in path[1:]:
            gradient = child(gradient, key)
        return gradient

    def lines_of(self, name, place=None):
        """The lines of the text that assign to the gradient of a name, or those of a line of the user's."""
        lines = self.text.splitlines()
        if place is not None:
            chosen = [
                text
                for number, text in enumerate(lines, 1)
                if getattr(self.places.get(number), "line", None) == place
                and "=" in text
                and re.match(r"\s*d", text)
            ]
            if chosen:
                return tuple(text.strip() for text in chosen[:4])
        pattern = re.compile(rf"\s*(return\b.*|d{re.escape(name)}_*(_\d+)?(\[.*\])? [-+*/]?= .*)$")
        chosen = [
            text.strip() for text in lines if pattern.match(text) and not text.strip().startswith("return")
        ]
        return (
            tuple(chosen[:4])
            or tuple(text.strip() for text in lines if text.strip().startswith("return"))[-1:]
        )


def gradients_of(gradient, hand, result, is_output_alone=False):
    """A tuple of the gradients that a Gradient gives for the `dout` of a hand-written run."""

    def passes(args):
        positional, keywords = split_arguments(hand.signature, args)
        out, cache = gradient.forward(*positional, **keywords)
        return gradient.backward(_whole(hand, out, result.dout, is_output_alone), cache)

    gradients = hand.sandbox.run(passes, hand.args)
    return (gradients,) if gradient.bare else gradients


def _whole(hand, out, dout, is_output_alone):
    """`dout` for everything that the forward pass returns: None for the cache and for gradients."""
    if is_output_alone or hand.form not in ("layer with a cache", "loss and gradients"):
        return dout
    if hand.form == "loss and gradients" or len(out) == 2:
        return (dout, *(None for _ in out[1:]))
    return (*dout, None)
