"""Request: what is wanted of a function, and the strategies by which the compiler tries to write it.

>>> Request("grad", ("x",)), Request("grad", ("x",)).is_bare, Request("grad", ("x", "y")).is_bare
(grad wrt x, True, False)
>>> Request("backward", ("x",)).in_two_passes
True
"""
from __future__ import annotations

from typing import Any, NamedTuple


class Request(NamedTuple):
    """One text that is wanted of a function.

    part: 'grad', 'value_and_grad', 'forward' or 'backward'; of forward mode 'jvp', 'tangent' without the
    value, 'tangents' for several directions at once, or 'jacobian' for all.  wrt: the names of the
    parameters to differentiate.  bare: whether the gradient of the only one stands without a tuple; None
    where it is so if there is only one.  has_aux: the function returns a pair, of which the first is
    differentiated.
    pattern, slots: of a backward pass, which parts of `dout` are not None, and what its cache holds.
    """

    part: str
    wrt: tuple
    bare: bool | None = None
    has_aux: bool = False
    pattern: Any = True
    slots: tuple | None = None

    @property
    def is_bare(self):
        return len(self.wrt) == 1 if self.bare is None else self.bare

    @property
    def has_value(self):
        """Whether the text returns something that the function computes, or is of one that does."""
        return self.part in ("forward", "backward", "value_and_grad", "jvp") or self.has_aux

    @property
    def in_two_passes(self):
        return self.part in ("forward", "backward")

    @property
    def in_forward_mode(self):
        return self.part in ("jvp", "tangent", "tangents", "jacobian")

    def __repr__(self):
        return f"{self.part}{' with aux' * self.has_aux} wrt {', '.join(self.wrt)}"


class Strategy(NamedTuple):
    """How a text is written.

    layers: called functions may have passes of their own.  dynamic_lists: lists may be of a length that only
    running shows; otherwise the loops that make them are written out.  uniform_lists: a loop over a list of
    an argument whose elements are alike serves any number of them.  stored_lists: lists that a loop stores
    into may count as arrays, see `types/lists.py`.  number_lists: so do lists of numbers that are arguments.
    """

    layers: bool
    dynamic_lists: bool
    uniform_lists: bool = False
    stored_lists: bool = False
    number_lists: bool = False


# In the order in which they are tried: see `pipeline.write`.
STRATEGIES = (Strategy(True, True, True, True), Strategy(False, True, True, True),
              Strategy(True, True, False, True), Strategy(False, True, False, True),
              Strategy(True, False), Strategy(False, False))

# Where arguments are lists of numbers, which a loop does not read one element in each round.
NUMBER_LISTS = Strategy(True, True, True, True, True), Strategy(False, True, True, True, True)

# A tangent is of the text of the function as a whole: called functions are written out in it.
INLINE = tuple(strategy for strategy in STRATEGIES if not strategy.layers)
