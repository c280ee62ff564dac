"""Ordering: `sorted`, and `max` and `min` with a key, of items whose order may show only while running.

>>> from ...builder.builder import Builder
>>> from ...ir.nodes import Stage
>>> from ..interpreter import Interpreter
>>> interp = Interpreter(Builder())
>>> stage = Stage((Value("y"),), Form("call", "sorted"), ())
>>> names = interp.make(stage, Form("list"), (Lit("b"), Lit("a")))
>>> sorted_list(interp, stage, (names,), {}), interp.builder.stages[-1]
(_, _ = list ('a', 'b'))
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ...ir.nodes import Form, Item, Lit, Value
from ...types.refusals import Refusal
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from ..containers import index
from ..numpy_in_place import call_numpy
from .iterables import elements

AT = Form("index", spec=(Item("at", (1,)),))


def sorted_list(interp, stage, args, keywords):
    """Of settings, such as names and numbers, when compiling; of other numbers while running."""
    if len(args) != 1 or set(keywords) - {"reverse", "key"}:
        return NotImplemented
    kind = kind_of_operand(args[0])
    ordered = _sorted_by_settings(interp, stage, args[0], keywords) if kind.tag != "array" else None
    if ordered is not None:
        return ordered
    if "key" in keywords or kind.tag == "array" or args[0].varied and kind.tag != "dict":
        return _sorted_at_run_time(interp, stage, args[0], keywords)
    try:
        values = [interp.builder.static(o) for o in elements(interp, stage, args[0]) if not o.varied]
        if len(values) != len(elements(interp, stage, args[0])):
            return NotImplemented
        values = sorted(
            values, reverse=bool(interp.builder.static(keywords["reverse"])) if keywords else False)
    except (Unknown, Refusal, TypeError):
        return NotImplemented
    return interp.make(stage, Form("list"), tuple(map(Lit, values)))


def _sorted_by_settings(interp, stage, sequence, keywords):
    """Items of any kind whose keys are settings, such as the pairs of a dict; else None."""
    key = keywords.get("key")
    bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),))

    def keyed():
        items = elements(interp, stage, sequence)
        if key is not None:
            return items, [interp.builder.static(interp.invoke(bare, (key, item))) for item in items]
        if any(kind_of_operand(item).tag != "tuple" or not kind_of_operand(item).items for item in items):
            raise Unknown
        return items, [interp.builder.static(elements(interp, stage, item)[0]) for item in items]
    try:
        items, keys = interp.attempt(keyed) or ((), ())
        if not items or key is None and len(set(keys)) < len(keys):
            return None
        back = bool(interp.builder.static(keywords["reverse"])) if "reverse" in keywords else False
        order = sorted(range(len(items)), key=keys.__getitem__, reverse=back)
    except (Unknown, TypeError):
        return None
    return interp.make(stage, Form("list"), tuple(items[i] for i in order))


def _sorted_at_run_time(interp, stage, sequence, keywords):
    """Of items whose order only running knows: np.sort, or what np.argsort of the keys takes.

    The items are turned round first where the largest is to lead: so equal ones stay in their order.
    """
    key, items = keywords.get("key", Lit(None)), elements(interp, stage, sequence)
    try:
        back = bool(interp.builder.static(keywords["reverse"])) if "reverse" in keywords else False
    except Unknown:
        return NotImplemented
    if not items:
        return NotImplemented
    if key != Lit(None):
        items = items[::-1] if back else items
        order = _order(interp, stage, key, items, np.argsort, {"kind": Lit("stable")})
        if order is NotImplemented:
            return order
        ordered = [_taken(interp, stage, items, interp.make(stage, AT, (order, Lit(at))))
                   for at in range(len(items))]
        return NotImplemented if NotImplemented in ordered else \
            interp.make(stage, Form("list"), tuple(ordered[::-1] if back else ordered))
    if any(kind_of_operand(item).tag != "number" for item in items):
        return NotImplemented
    unsorted = sequence
    if kind_of_operand(sequence).tag != "array":
        unsorted = call_numpy(interp, stage, np.array, (interp.make(stage, Form("list"), tuple(items)),))
    ordered = call_numpy(interp, stage, np.sort, (unsorted,))
    if back:
        ordered = interp.make(stage, Form("index", spec=(Item("slice", (None, None, 1)),)),
                              (ordered, Lit(-1)))
    return interp.make(stage, Form("list"), tuple(elements(interp, stage, ordered)))


def _order(interp, stage, key, items, function, options):
    """What a function of NumPy says of the keys of the items; NotImplemented where these are no numbers."""
    bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),))
    keys = tuple(interp.invoke(bare, (key, item)) for item in items)
    if any(kind_of_operand(each).tag != "number" for each in keys):
        return NotImplemented
    return call_numpy(interp, stage, function, (interp.make(stage, Form("list"), keys),), options)


def _taken(interp, stage, items, place):
    """The item at a place that only running shows; NotImplemented for items that differ in structure."""
    kinds = list(map(kind_of_operand, items))
    if all(isinstance(item, Lit) and type(item.value) is int and item.value == at
           for at, item in enumerate(items)):
        return place
    if all(kind.tag == "tuple" and kind.known is None and len(kind.items) == len(kinds[0].items)
           for kind in kinds):
        columns = zip(*(interp.parts(stage, item).values() for item in items))
        parts = [_taken(interp, stage, list(column), place) for column in columns]
        return NotImplemented if NotImplemented in parts else interp.make(stage, Form("tuple"), tuple(parts))
    if not (all(kind.tag == "number" for kind in kinds)
            or all(kind.tag == "array" and kind.rank == kinds[0].rank for kind in kinds)):
        return NotImplemented
    bare = dataclasses.replace(stage, form=AT, targets=(Value(),))
    return index(interp, bare, (interp.make(stage, Form("list"), tuple(items)), place))


def extreme(function):
    """`max` and `min` with a key: the first of the items whose keys np.argmax or np.argmin picks."""
    def picked(interp, stage, args, keywords):
        key = keywords.get("key")
        if key is None or key == Lit(None) or set(keywords) - {"key", "default"}:
            return NotImplemented
        items = list(args) if len(args) > 1 else list(elements(interp, stage, args[0]))
        if not items:
            return keywords.get("default", NotImplemented)
        settled = _picked_by_settings(interp, stage, key, items, function)
        if settled is not None:
            return settled
        place = _order(interp, stage, key, items, getattr(np, function), {})
        if place is NotImplemented:
            return place
        if len(args) == 1 and kind_of_operand(args[0]).tag == "array":
            return interp.make(stage, AT, (args[0], place))
        return _taken(interp, stage, items, place)
    return picked


def _picked_by_settings(interp, stage, key, items, function):
    """The item whose keys are known when compiling; else None."""
    bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),))
    try:
        keys = interp.attempt(
            lambda: [interp.builder.static(interp.invoke(bare, (key, item))) for item in items])
        if not keys:
            return None
        pick = max if function == "argmax" else min
        return items[pick(range(len(items)), key=keys.__getitem__)]
    except (Unknown, TypeError):
        return None
