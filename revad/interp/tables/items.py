"""Table items: a loop over a table, whose elements come and go while running, goes over its entries.

>>> TableItems(None, None, None, "values").part
'values'
"""
from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np

from ...ir.nodes import Form, Lit, Value, beside
from ...types.kinds import INT
from ...types.refusals import Refusal
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from .types import type_of
from ..loops import turns
from . import elements as tables


class TableItems(NamedTuple):
    """The elements of a table; of a dict its 'keys', 'values' or 'items'.  `variable` holds its version."""

    base: Any
    frame: Any
    variable: Any
    part: str
    entries: Any = None

    @property
    def is_empty(self):
        return type_of(self.base.kind).element is None

    def count(self, interp):
        if self.is_empty:
            return 0
        raise Unknown

    def item(self, interp, stage, number):
        return self.at(interp, stage, Lit(number))

    def length(self, interp, stage):
        """How many items there are, as an operand."""
        return tables.count_of(interp, stage, self.base)

    def header(self, interp, stage):
        if self.is_empty:
            raise Refusal("loop", "it goes over nothing", "Leave it out.")
        interp.builder.externals.setdefault("@range", builtins.range)
        iterable = interp.make(stage, Form("call", "@range"), (self.length(interp, stage),))
        prepared = self.prepared(interp, stage)
        return iterable, lambda number: prepared.at(interp, stage, number)

    def prepared(self, interp, stage):
        """With the keys of a dict in a list, as they are when the loop begins."""
        if type_of(self.base.kind).container != "dict" or self.entries is not None:
            return self
        m = tables.entries_of(interp, stage, self.base)
        return self._replace(entries=tables.expression(interp, stage, "list(m)", hint="keys", m=m))

    def at(self, interp, stage, number):
        current = self.frame.find(self.variable)
        is_dict = type_of(self.base.kind).container == "dict"
        if current is not self.base and not (is_dict and self.part == "keys" and self.entries is not None):
            raise Refusal("loop", "the container that it goes over changes in it", "Loop over a copy.")
        if not is_dict:
            entry = tables.expression(interp, stage, "m[i]", hint="entry", i=number,
                                      m=tables.entries_of(interp, stage, self.base))
            return tables.element_at(interp, stage, self.base, entry)
        key = tables.expression(interp, stage, "m[i]", hint="key", m=self.entries, i=number)
        seen = tables.key_at(interp, stage, self.base, key) if self.part != "values" else None
        if self.part == "keys":
            return seen
        entry = tables.expression(interp, stage, "m[k]", hint="entry", k=key,
                                  m=tables.entries_of(interp, stage, self.base))
        value = tables.element_at(interp, stage, self.base, entry)
        return value if self.part == "values" else interp.make(stage, Form("tuple"), (seen, value))


def items_of(interp, operand, part="keys"):
    """What a loop over a table goes over."""
    if type_of(operand.kind).is_heap:
        raise Refusal("loop", "the order of the elements of a heap is not followed",
                      "Take them with heappop.")
    variable = Value()
    interp.assign(variable, operand)
    return TableItems(operand, interp.frame, variable, part)


def shortest(interp, stage, lengths):
    """The least of some lengths."""
    text = f"min({', '.join(f'n{i}' for i in range(len(lengths)))})"
    return tables.expression(interp, stage, text, INT, **{f"n{i}": n for i, n in enumerate(lengths)})


# ---- iterables with a table in them; those of several parts have `parts`, or one `inner`

def _inside(part):
    return getattr(part, "parts", None) or ((part.inner,) if hasattr(part, "inner") else ())


def is_of_table(part):
    """Whether an iterable goes over a table."""
    return isinstance(part, TableItems) or any(map(is_of_table, _inside(part)))


def is_empty_table(part):
    """Whether it goes over a table into which nothing has been put."""
    return part.is_empty if isinstance(part, TableItems) else any(map(is_empty_table, _inside(part)))


def prepared(interp, stage, part):
    """An iterable whose items can be taken by a number that only running shows."""
    if isinstance(part, TableItems):
        return part.prepared(interp, stage)
    if hasattr(part, "parts"):
        return part._replace(parts=tuple(prepared(interp, stage, inner) for inner in part.parts))
    if hasattr(part, "inner"):
        return part._replace(inner=prepared(interp, stage, part.inner))
    base = getattr(part, "base", None)
    if base is not None and kind_of_operand(base).tag in ("list", "tuple") \
            and not turns.is_uniform(interp.builder, base) \
            and all(item.tag == "number" for item in kind_of_operand(base).items):
        interp.builder.externals.setdefault("@np.array", np.array)
        array = interp.make(stage, Form("call", "@np.array"), (part.current(),))
        return part._replace(base=array, frame=None, variable=None)
    return part


def items_in(interp, stage, part):
    """How many items an iterable has, as an operand."""
    if isinstance(part, TableItems):
        return part.length(interp, stage)
    if _inside(part):
        lengths = [items_in(interp, stage, inner) for inner in _inside(part)]
        return lengths[0] if len(lengths) == 1 else shortest(interp, stage, lengths)
    base = getattr(part, "base", None)
    if base is not None and (kind_of_operand(base).tag in ("array", "stack")
                             or turns.is_uniform(interp.builder, base)):
        interp.builder.externals.setdefault("@len", builtins.len)
        length = turns.length_of_list(interp, beside(stage, Value()), base)
        return length or interp.make(stage, Form("call", "@len"), (base,))
    if hasattr(part, "stop") and (part.start, part.step) == (Lit(0), Lit(1)):
        return part.stop
    raise Refusal("loop", "its sequences may differ in length", "Loop over a range.")
