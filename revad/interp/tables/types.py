"""Tables: containers whose elements come and go while running, as records of what the text keeps of them.

The entries of a table are a list or dict of Python's own, of settings.  The active parts of its elements
stand in stored lists that only grow, one for each; an entry holds the place of its element in them.  So no
store and no deletion ever loses what the backward pass reads, and the gradient of an element has one place.

>>> from ...types.kinds import FLOAT, INT
>>> cls = table_class(TableType("site", "list", Element(Kind("tuple", items=(INT, FLOAT)), (False, True))))
>>> cls._fields, cls.type.element.places
(('entries', 'count', 'part1'), (1,))
>>> kind = kind_of_table(cls, (UNKNOWN, INT, FLOAT))
>>> is_table(kind), is_table(FLOAT)
(True, False)
"""
from __future__ import annotations

import functools
from collections import namedtuple
from typing import Any, NamedTuple

from ...types.kinds import INTEGERS, TEXT, UNKNOWN, Kind, is_text, join, record, unknown_length
from ...types.lists import stored_list
from ...types.refusals import Refusal

ROUNDS = 40     # as often as a function is followed anew


class Element(NamedTuple):
    """What the elements of a table are: their kind, and which of their leaves are active."""

    kind: Kind
    active: tuple

    @property
    def places(self):
        """The positions of the active leaves."""
        return tuple(number for number, is_active in enumerate(self.active) if is_active)

    @property
    def is_scalar(self):
        return self.kind.tag != "tuple"


class TableType(NamedTuple):
    """What is known of a table: where it is made, 'list' or 'dict', and its elements, None for none at all.

    key: the Element of the keys of a dict.  is_ordered: its entries hold all leaves, so that they can be
    sorted.  is_heap: they are always sorted, as a heap may be.  default: what a missing key gives.
    has_limit: it is a deque with a largest length.
    """

    site: Any
    container: str
    element: Element | None = None
    key: Element | None = None
    is_ordered: bool = False
    is_heap: bool = False
    default: Any = None
    has_limit: bool = False


@functools.lru_cache(maxsize=1024)
def table_class(table_type):
    """The class that stands for the tables of a type, the same for equal types."""
    active = table_type.element.places if table_type.element is not None else ()
    fields = ("entries", *(("limit",) if table_type.has_limit else ()),
              *(("count", *(f"part{number}" for number in active)) if active else ()))
    cls = namedtuple("Table", fields)
    cls.type, cls.length = table_type, unknown_length()
    return cls


def kind_of_table(cls, items) -> Kind:
    """The kind of a table with parts of these kinds."""
    return record(cls, items)


def name_of_part(name, field, cls):
    """What a part of a table that is called `name` is called in the text; None for a number."""
    if field == "entries":
        return name
    if field in ("count", "limit"):
        return None
    number = field.removeprefix("part") if len(cls.type.element.places) > 1 else ""
    return f"{name or 'items'}_values{number}"


def is_table(kind):
    """Whether it is the kind of a table."""
    return kind is not None and kind.tag == "tuple" and kind.known is not None \
        and isinstance(kind.known.value, type) and hasattr(kind.known.value, "type") \
        and isinstance(kind.known.value.type, TableType)


def type_of(kind) -> TableType:
    return kind.known.value.type


def holds_table(kind):
    """Whether it is a table, or a container with one in it."""
    return is_table(kind) or kind.tag in ("tuple", "list", "dict") and any(map(holds_table, kind.items))


def part_kind(cls, leaf) -> Kind:
    """The kind of the stored list of an active leaf."""
    return stored_list(leaf, (cls.length,))


def leaf_kinds(kind):
    """The kinds of the leaves of an element, in order."""
    return [leaf for item in kind.items for leaf in leaf_kinds(item)] if kind.tag == "tuple" else [kind]


def kind_in_table(kind, varied):
    """The kind of an element as a table keeps it; None where a table cannot hold such elements."""
    if kind.tag == "tuple":
        items = [kind_in_table(item, varied) for item in kind.items]
        return None if None in items or is_table(kind) else kind._replace(items=tuple(items))
    if is_text(kind):
        return TEXT
    if kind.tag == "number":
        return kind._replace(known=None, affine=None)
    return UNKNOWN if kind.tag == "unknown" and not varied else None


def joined(a, b):
    """The Element that is either; None where there is none."""
    kind = _joined_kind(a.kind, b.kind)
    if kind is None or len(a.active) != len(b.active):
        return None
    active = tuple(map(max, a.active, b.active))
    leaves = leaf_kinds(kind)
    if any(is_active and (leaf.tag != "number" or not leaf.dtype) for leaf, is_active in zip(leaves, active)):
        return None
    return Element(kind, active)


def _joined_kind(a, b):
    if a.tag == b.tag == "tuple" and len(a.items) == len(b.items) and a.known == b.known:
        items = tuple(map(_joined_kind, a.items, b.items))
        return None if None in items else a._replace(items=items)
    if a.tag == b.tag == "number":
        if a.weak and b.weak and {a.dtype, b.dtype} <= {"d", *INTEGERS} and "d" in (a.dtype, b.dtype):
            return a if a.dtype == "d" else b
        kind = join(a, b)
        return kind if kind.dtype else None
    return a if a == b else None


def other_element():
    return Refusal("container that changes while running", "its elements differ in structure or kind",
                   "Put numbers, or tuples of numbers and texts of one structure, into it.")


class Learned(Exception):
    """More is known of a table than when it was made: the function is followed again."""


class Sites:
    """What is known of the tables of a function, by the place where they are made; places may be one."""

    def __init__(self):
        self.types, self.same, self.variables, self.plain, self.rounds = {}, {}, set(), set(), 0

    def site(self, stage):
        place = stage.place or stage.statement and stage.statement.place
        site = place and (place.file, place.line, place.column)
        return self.first(site)

    def first(self, site):
        while site in self.same:
            site = self.same[site]
        return site

    def learn(self, table_type):
        """Note the type of a table, and follow the function again."""
        self.types[table_type.site] = table_type
        self.follow_again()

    def unite(self, a, b):
        """The tables of two places are of one type."""
        first, second = (self.types[self.first(t.site)] for t in (a, b))
        elements = []
        for x, y in ((first.element, second.element), (first.key, second.key)):
            both = x if y is None else y if x is None else joined(x, y)
            if both is None and x is not None:
                raise other_element()
            elements.append(both)
        if first.container != second.container or first.default != second.default \
                or first.has_limit != second.has_limit:
            raise Refusal("container", "it is of another class on each side", "Make both of one class.")
        self.same[second.site] = first.site
        self.types[first.site] = first._replace(element=elements[0], key=elements[1],
                                                is_ordered=first.is_ordered or second.is_ordered,
                                                is_heap=first.is_heap or second.is_heap)
        self.follow_again()

    def follow_again(self):
        self.rounds += 1
        if self.rounds > ROUNDS:
            raise Refusal("container", "its elements differ in kind", "Give all of them one structure.")
        raise Learned
