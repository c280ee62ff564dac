"""Kinds of lists: the kind of a list that a loop appends to or stores into, and of its elements.

A list of numbers that is read and stored into by computed subscripts, a stored list, is an array in the
Program, whose kind has a mark: its versions, stores and gradients are those of an array.  What a list and an
array do differently is refused, so that other uses of lists are written out.

>>> from .kinds import FLOAT, Kind, unknown_length
>>> from ..ir.nodes import Item, Lit
>>> empty, single = Kind("list"), Kind("list", items=(FLOAT,))
>>> kind = kind_of_list((empty, single), lambda a, b: a, unknown_length(7))
>>> kind.tag, [n.text for n in kind.shape]
('stack', ['?7'])
>>> zeros = stored_list(FLOAT._replace(dtype="l"), (unknown_length(),))
>>> is_stored_list(zeros), after_store(zeros, Lit(1.0), FLOAT).dtype
(True, 'd')
>>> element_of_list(kind, (Item("at", (1,)),), (kind, FLOAT._replace(dtype="l"))) == FLOAT
True
"""
from __future__ import annotations

import math
import re
from functools import reduce

import numpy as np

from .kinds import INTEGERS, STORED_LIST, Kind, is_stored_list, join, number, stack, unknown_length
from .refusals import Refusal
from .shape_rules import kind_of_operand

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


# ---- stored lists

# What may be called with such a list: the rules of these hold for a list as for the array of it.
FUNCTIONS = (len, zip, enumerate, reversed, sum, math.fsum, np.array)


def stored_list(item, lengths) -> Kind:
    """The kind of a list of such numbers, or of lists of them."""
    return Kind("array", item.dtype or "d", tuple(lengths), item.weak, keys=STORED_LIST)


def is_list_of_numbers(kind):
    """Whether it is the kind of a list of floats, all of Python or all of NumPy, as an argument may be."""
    return kind.tag == "list" and len({item.weak for item in kind.items}) == 1 and all(
        item.tag == "number" and item.dtype == "d" for item in kind.items)


def is_argument_as_array(stage):
    """Whether a stage lets a list of numbers that is an argument count as an array."""
    return stage.form.kind == "alias" and is_stored_list(stage.target.kind) \
        and kind_of_operand(stage.operands[0]).tag == "list"


def element_of(kind):
    """The kind of an element, or of a row."""
    return kind._replace(shape=kind.shape[1:]) if kind.shape[1:] else number(kind.dtype, kind.weak)


def part_of(kind, part):
    """The kind of a part of a list, or of an array, given that of the part of the array."""
    if not is_stored_list(kind):
        return part
    return kind._replace(shape=part.shape) if part.shape else number(kind.dtype, kind.weak)


def holds_stored_list(kind):
    """Whether it is such a list, or a container that holds one."""
    return is_stored_list(kind) or kind.tag in ("tuple", "list", "dict", "stack") and any(
        map(holds_stored_list, kind.items))


def is_number(kind):
    """Whether a value may be an element: a number of double precision, or an integer."""
    return kind.tag == "number" and (kind.dtype in ("", "d") or kind.dtype in INTEGERS and kind.dtype != "?")


def after_store(kind, stored, place):
    """The kind of a list after a store of a number at a place of this kind: one of integers may get floats.

    A sum with `+=` is of the kinds of both, too.  An array keeps its kind.
    """
    if not is_stored_list(kind):
        return kind
    value = kind_of_operand(stored)
    if not is_number(value) or place.shape != ():
        refuse()
    after = join(kind, stored_list(value, kind.shape))
    if stored.varied and after.dtype in INTEGERS:
        refuse()
    return after


def refuse():
    """Refuse an operation on such a list: the text is written without such lists then."""
    raise Refusal("list whose length shows only while running", "this cannot be done with it",
                  "Make it an array, with np.array.")


def refuse_operation(scope, externals, form, operands):
    """Refuse what is not the same for a list and for an array of its elements."""
    are_lists = [is_stored_list(getattr(operand, "kind", None)) for operand in operands]
    if not any(are_lists) or form.kind in ("alias", "tuple", "list", "dict", "ifexp") and form.name != "*":
        return
    if form.kind == "copied" and type(form.spec) is str:
        return      # it reads lengths alone
    is_first_alone = are_lists[0] and not any(are_lists[1:])
    if form.kind in ("index", "store") and is_first_alone and _is_place(form, operands):
        return
    if form.kind == "call" and are_lists[0] and (is_first_alone or form.name == "@zip"):
        function = externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name)
        if any(function is allowed for allowed in FUNCTIONS) and (
                len(operands) == 1 or function is not np.array):
            return
    refuse()


def _is_place(form, operands):
    """Whether each item of the subscript is one integer, which is no truth value."""
    if any(item.kind != "at" or item.inside for item in form.spec) or form.name[:2] == "at":
        return False
    places = [kind_of_operand(operands[item.holes[0]]) for item in form.spec]
    return all(place.tag == "number" and place.dtype in INTEGERS and place.dtype not in ("?", "")
               for place in places)
