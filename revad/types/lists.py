"""Kinds of lists: the kind of a list that grows in a loop, and of what is taken of it.

>>> from .kinds import FLOAT, Kind, unknown_length
>>> from ..ir.nodes import Item
>>> empty, one = Kind("list"), Kind("list", items=(FLOAT,))
>>> found = kind_of_list((empty, one), lambda a, b: a, unknown_length(7))
>>> found.tag, [n.text for n in found.shape]
('stack', ['?7'])
>>> taken(found, (Item("at", (1,)),), (found, FLOAT._replace(dtype="l"))) == FLOAT
True
"""
from __future__ import annotations

import re
from functools import reduce

from .kinds import INTEGERS, stack
from .refusals import Refusal

CONTAINERS = ("tuple", "list", "dict")
MAKE = "Make it an array before the loop, and store into it."


def kind_of_list(kinds, joined, length):
    """The kind of a list that is of one of `kinds` when a round begins; None where it does not grow.

    joined: what is known of an element that is one of two.
    """
    if (any(kind.tag not in ("list", "stack") for kind in kinds)
            or len({len(kind.items) for kind in kinds}) == 1
            and not any(kind.tag == "stack" for kind in kinds)):
        return None
    items = [item for kind in kinds for item in kind.items]
    for item in items:
        if not _is_element(item):
            raise Refusal("list", "its elements are not all numbers, or all arrays of one shape", MAKE)
    item = reduce(lambda a, b: _lists_joined(joined, a, b) if a.tag == b.tag == "stack"
                  else joined(a, b), items)
    if not _is_element(item):
        raise Refusal("list", "its elements differ in kind", MAKE)
    return stack(item._replace(known=None, affine=None), length)


def _lists_joined(joined, a, b):
    """Lists in a list have to be of one length, in all rounds."""
    if a.rank != b.rank or a.shape[0].text != b.shape[0].text:
        raise Refusal("list", "its elements are lists that differ in length", MAKE)
    return stack(_lists_joined(joined, *a.items, *b.items) if a.items[0].tag == "stack"
                 else joined(*a.items, *b.items), a.shape[0])


def _is_element(kind):
    return (kind.tag == "number"
            or kind.tag in ("array", "stack") and bool(kind.shape) and all(map(is_lasting, kind.shape)))


def is_lasting(length):
    """Whether a length is the same in all rounds of a loop, unlike that of x[:t]."""
    return length.value is not None or re.fullmatch(r"\?\w+", length.text) is not None


def taken(kind, spec, kinds):
    """The kind of an element of a list."""
    place = kinds[spec[0].holes[0]] if len(spec) == 1 and spec[0].kind == "at" else None
    if (place is None or place.tag != "number" or not place.dtype or place.dtype not in INTEGERS
            or place.dtype == "?"):
        raise Refusal("subscript of a list", "which elements it takes is not known when compiling",
                      "Take its elements one by one.")
    return kind.items[0]
