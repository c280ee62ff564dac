"""Bound to protocol: a variant whose text, written for NumPy's arrays, is run with arrays of other classes.

A text is written for an array of NumPy's with the same dtype and shape, and run with the arrays themselves,
which NumPy's functions hand on to their class.  Where they differ from an array in what a text relies on, the
text is changed before it is compiled or the call is refused: results without axes may be arrays, which `+=`
would change under all their names; lengths may be unknown (nan); what looks like a view may be a copy.  What
else such a class lacks is an error of its own, or NumPy's.

>>> classes_in([np.ones(2), 3.0]), stand_in("x", [np.ones(2), 3.0])
({}, [array([1., 1.]), 3.0])
"""
from __future__ import annotations

import ast
import math
import re

import numpy as np

from ...errors import CallError, note_place
from ...types.foreign import is_protocol_array
from ...types.kinds import DICTS, is_record
from .. import compilation
from ..variant import Bound
from .stores import store_that_may_be_lost
from .texts import HELPERS, Adapted

# Conditions that stand for a question for the class of a value.
ASKS_CLASS = re.compile(r"\bndarray is\b|\bisinstance\b")


# ---- arguments


def classes_in(value):
    """{class: an array} of the protocol arrays in an argument."""
    if is_protocol_array(value):
        return {type(value): value}
    if isinstance(value, (list, tuple, dict)):
        parts = value.values() if isinstance(value, dict) else value
        return {cls: array for part in parts for cls, array in classes_in(part).items()}
    return {}


def stand_in(name, value):
    """An argument with NumPy's arrays of no memory in the place of protocol arrays.

    >>> stand_in("x", [np.ones(2), 3.0])
    [array([1., 1.]), 3.0]
    """
    if is_protocol_array(value):
        if any(math.isnan(length) for length in value.shape):
            raise CallError(f"{name} has a length that is not known: compute it before, with "
                            f"{name}.compute_chunk_sizes() where it is of dask")
        return np.broadcast_to(np.zeros((), value.dtype), value.shape)
    if type(value) in (list, tuple):
        return type(value)(stand_in(f"{name}[{i}]", part) for i, part in enumerate(value))
    if is_record(value):
        return type(value)(*(stand_in(f"{name}.{key}", part) for key, part in zip(value._fields, value)))
    if type(value) in DICTS:
        return type(value)((key, stand_in(f"{name}[{key!r}]", part)) for key, part in value.items())
    return value


def shares_memory(array) -> bool:
    """Whether parts of such an array are views, so that a store into them is seen in it, as of NumPy's."""
    try:
        sample = np.zeros_like(array, shape=(2,))
        part, other = sample[:1], sample
        part[...] = 1
        other += 1
        return float(sample[0]) == 2.0
    except Exception:       # it takes no stores at all
        return False


# ---- texts


class ProtocolBound(Bound):
    """A variant whose text is run with protocol arrays.  Raises CallError for a store that may be lost.

    start: of the message for a text that cannot be; sees_stores: whether stores are seen through parts.
    """

    def __init__(self, variant, root, start, sees_stores, classes):
        self.start, self.sees_stores, self.classes = start, sees_stores, set(classes)
        super().__init__(variant, root)
        if variant.numbers_are_shared and sees_stores:
            raise CallError(f"{start} where NumPy's sum is a number theirs is an array, which += changes "
                            "under both of its names. Write x = x + y for x += y")
        if variant.stores_are_shared and not sees_stores:
            raise CallError(f"{start} their parts are copies, and it stores into an array that has another "
                            "name or parts with a name. Write x = x + y for x += y, or copy before the store")
        for listing in () if sees_stores else (*self.variant.listings, self.variant.listing):
            line, _ = store_that_may_be_lost(listing.parsed())
            if line is not None:
                raise CallError(f"{start} their parts are copies, through which a store is not seen, as in "
                                f"{listing.text.splitlines()[line - 1].strip()!r}")

    def for_variant(self, variant):
        return ProtocolBound(variant, self.root, self.start, self.sees_stores, self.classes)

    def code_of(self, listing):
        def adapted(tree):
            _, aliased = store_that_may_be_lost(tree)
            return ast.fix_missing_locations(Adapted(aliased, self.sees_stores).visit(tree))
        return compilation.compile_text(listing, (*self.variant.free, *HELPERS), adapted)

    def _bind(self, code, constants=()):
        return super()._bind(code, {**dict(constants), **HELPERS})


def bound_for(bound, classes):
    """A variant, whose conditions hold for NumPy's arrays in the place of those of other classes, for these.

    Raises CallError where the text relies on what only an array of NumPy's is known to have.
    """
    variant = bound.variant
    described = " and ".join(sorted(f"{cls.__module__}.{cls.__qualname__}" for cls in classes))
    start = f"{bound.root.function.__name__} cannot be differentiated for arrays of {described}:"
    if variant.relies_on("contiguous") or variant.apart:
        raise CallError(f"{start} the text relies on how they lie in memory")
    if any(ASKS_CLASS.search(text) for conditions in variant.conditions for text in conditions.texts):
        raise CallError(f"{start} it asks for the class of an array")
    return ProtocolBound(variant, bound.root, start, all(map(shares_memory, classes.values())), classes)


def call(bound, signature, args):
    """The text of a variant with arguments, whose own errors get the user's line as a note."""
    try:
        return bound.call(signature, args)
    except Exception as error:
        note_line(error)
        raise


def note_line(error):
    trace, place = error.__traceback__, None
    while trace is not None:
        place = compilation.place_of(trace.tb_frame.f_code.co_filename, trace.tb_lineno) or place
        trace = trace.tb_next
    if place is not None:
        note_place(error, place)
