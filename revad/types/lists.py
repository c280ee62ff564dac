"""Kinds of lists: the kind of a list that a loop appends to, and of its elements.

>>> from .kinds import FLOAT, Kind, unknown_length
>>> from ..ir.nodes import Item
>>> empty, single = Kind("list"), Kind("list", items=(FLOAT,))
>>> kind = kind_of_list((empty, single), lambda a, b: a, unknown_length(7))
>>> kind.tag, [n.text for n in kind.shape]
('stack', ['?7'])
>>> element_of_list(kind, (Item("at", (1,)),), (kind, FLOAT._replace(dtype="l"))) == FLOAT
True
"""
from __future__ import annotations

import re
from functools import reduce

from .kinds import INTEGERS, join, stack, unknown_length
from .refusals import Refusal

CONTAINERS = ("tuple", "list", "dict")
MAKE = "Make it an array before the loop, and store into it."


def kind_of_list(kinds, joined, length):
    """The kind of a list that is of one of `kinds` when an iteration begins; None where it does not grow.

    joined: from the kinds of two elements to the kind of an element that is either.
    """
    if (any(kind.tag not in ("list", "stack") for kind in kinds)
            or len({len(kind.items) for kind in kinds}) == 1
            and not any(kind.tag == "stack" for kind in kinds)):
        return None
    items = [item for kind in kinds for item in kind.items]
    for item in items:
        if not _is_element(item):
            raise Refusal("list", "its elements are not all numbers, or all arrays of one shape", MAKE)
    if any(map(is_of_containers, items)):
        item = reduce(join, map(kind_of_element, items))
    else:
        item = reduce(lambda a, b: _lists_joined(joined, a, b) if a.tag == b.tag == "stack"
                      else joined(a, b), items)._replace(known=None, affine=None)
    if not _is_element(item):
        raise Refusal("list", "its elements differ in kind", MAKE)
    return stack(item, length)


def _lists_joined(joined, a, b):
    """Lists in a list must have the same length in all iterations."""
    if a.rank != b.rank or a.shape[0].text != b.shape[0].text:
        raise Refusal("list", "its elements are lists that differ in length", MAKE)
    return stack(_lists_joined(joined, *a.items, *b.items) if a.items[0].tag == "stack"
                 else joined(*a.items, *b.items), a.shape[0])


def _is_element(kind):
    return (kind.tag == "number"
            or kind.tag in ("array", "stack") and bool(kind.shape)
            and all(map(is_invariant_length, kind.shape))
            or is_of_containers(kind))


def is_of_containers(kind):
    """Whether it is a tuple or dict of numbers, arrays, settings and such containers: what a cache is."""
    if kind.tag in ("tuple", "dict"):
        return all(item.tag in ("number", "array", "static", "text") or is_of_containers(item)
                   for item in kind.items)
    return False


def kind_of_element(kind):
    """The kind of an element of a list of containers: what is not the same in all rounds is left out."""
    if is_of_containers(kind):
        return kind._replace(items=tuple(map(kind_of_element, kind.items)))
    if kind.shape:
        kind = kind._replace(shape=tuple(n if is_invariant_length(n) else unknown_length()
                                         for n in kind.shape))
    return kind._replace(known=None, affine=None) if kind.numeric else kind


def is_invariant_length(length):
    """Whether a length is the same in all iterations of a loop, unlike that of x[:t]."""
    return length.value is not None or re.fullmatch(r"\?\w+", length.text) is not None


def element_of_list(kind, spec, kinds, varied=False):
    """The kind of an element of a list."""
    place = kinds[spec[0].holes[0]] if len(spec) == 1 and spec[0].kind == "at" else None
    if (place is None or place.tag != "number" or not place.dtype or place.dtype not in INTEGERS
            or place.dtype == "?"):
        raise Refusal("subscript of a list", "which elements it takes is not known when compiling",
                      "Take its elements one by one.")
    if is_of_containers(kind.items[0]) and varied:
        raise Refusal("list", "a loop has filled it with objects or tuples",
                      "Fill arrays instead, made before the loop.")
    return kind.items[0]
