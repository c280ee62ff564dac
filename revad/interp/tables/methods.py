"""Table methods: what lists, deques and dicts are told to do while running, in terms of their entries.

>>> sorted(LIST_METHODS)[:4]
['append', 'appendleft', 'clear', 'copy']
"""
from __future__ import annotations

import dataclasses

from ...ir.nodes import Form, Lit, Stage, Value
from ...ir.untyped import Each
from ...types.kinds import BOOL
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from .types import type_of
from ..environment import object_value
from ..loops import rolled
from .elements import (
    changed,
    derived,
    element_at,
    entries_of,
    expression,
    key_operand,
    leaves_of,
    put,
    require,
)
from .items import items_of

WITHOUT = "[*m[:i], *m[i:][1:]]"


def refused(what, why="what it does cannot be followed", instead="Write it with a loop over the elements."):
    return Refusal(what, why, instead)


def empty(what):
    return Refusal(what, "the container is empty", "Take only what is there.", IndexError)


# ---- lists and deques

def _put_into(text):
    def method(interp, stage, table, *args):
        *places, value = args
        parts = put(interp, stage, table, value)
        entry, more = parts.pop("entry"), {"i": places[0]} if places else {}
        m = entries_of(interp, stage, table)
        entries = expression(interp, stage, text, name=table.name, m=m, e=entry, **more)
        if type_of(table.kind).has_limit:
            if text != "[*m, e]":
                raise refused("deque with maxlen", "elements may leave it at its end", "Append at its end.")
            limit = dict(zip(table.kind.keys, interp.parts(stage, table).values()))["limit"]
            entries = expression(interp, stage, "m[max(len(m) - n, 0):]", name=table.name, m=entries, n=limit)
        changed(interp, stage, table, **parts, entries=entries)
        return Lit(None)
    return method


def pop(interp, stage, table, place=Lit(-1)):
    if type_of(table.kind).element is None:
        raise empty(".pop")
    m = entries_of(interp, stage, table)
    entry = expression(interp, stage, "m[i]", hint="entry", m=m, i=place)
    element = element_at(interp, stage, table, entry)
    text = {"-1": "m[:-1]", "0": "m[1:]"}.get(repr(place), WITHOUT)
    operands = {"i": place} if text == WITHOUT else {}
    changed(interp, stage, table, entries=expression(interp, stage, text, name=table.name, m=m, **operands))
    return element


def _popleft(interp, stage, table):
    return pop(interp, stage, table, Lit(0))


def extend(interp, stage, table, more):
    """Element by element, in a loop where that is one."""
    item, source = Value(), Value()
    variable = Value()
    interp.assign(source, more)
    interp.assign(variable, table)
    append = Stage((Value(),), Form("method", "append"), (variable, item), stage.statement, stage.place)
    rolled.loop(interp, Each(item, source, (append,), (), stage.statement, stage.place), ())
    return Lit(None)


def _rewritten(text):
    def method(interp, stage, table):
        if type_of(table.kind).element is not None:
            m = entries_of(interp, stage, table)
            changed(interp, stage, table, entries=expression(interp, stage, text, name=table.name, m=m))
        return Lit(None)
    return method


def copy(interp, stage, table):
    return derived(interp, stage, table, entries_of(interp, stage, table))


def _sort(interp, stage, table, **keywords):
    if type_of(table.kind).element is not None:
        entries = sorted_entries(interp, stage, table, **keywords)
        changed(interp, stage, table, entries=entries)
    return Lit(None)


def sorted_entries(interp, stage, table, key=Lit(None), reverse=Lit(False)):
    """The entries in order; equal elements stay in theirs."""
    element = type_of(table.kind).element
    m = entries_of(interp, stage, table)
    back = interp.builder.static(reverse)
    after = ", reverse=True" if back else ""
    if element.places:
        require(interp, table, is_ordered=True)
    if key == Lit(None):
        text = "m" if not element.places else None
        by = "" if text else ", key=lambda entry: entry[:-1]"
        return expression(interp, stage, f"sorted(m{by}{after})", name=table.name, m=m)
    by = f", key=lambda entry: {_key_text(interp, stage, table, key)}"
    return expression(interp, stage, f"sorted(m{by}{after})", name=table.name, m=m)


def _key_text(interp, stage, table, key):
    """What a key function gives, as an expression of an entry: leaves, their negatives, tuples of these."""
    element = type_of(table.kind).element
    before, start = interp.snapshot(), interp.builder.checkpoint()
    try:
        entry = expression(interp, stage, "m[0]", m=entries_of(interp, stage, table))
        item = element_at(interp, stage, table, entry)
        leaves = leaves_of(interp, stage, item)
        bare = dataclasses.replace(stage, form=Form("invoke"), targets=(Value(),), operands=())
        given = interp.invoke(bare, (key, item))
        is_tuple = kind_of_operand(given).tag == "tuple"
        texts = [_leaf_text(interp, leaves, element, part) for part in leaves_of(interp, stage, given)]
    finally:
        interp.restore(before)
        interp.builder.rollback(start)
    return f"({', '.join(texts)},)" if is_tuple else texts[0]


def _leaf_text(interp, leaves, element, operand):
    definitions = interp.builder.definitions
    definition = definitions.get(operand)
    while isinstance(definition, Stage) and definition.form.kind == "alias":
        operand = definition.operands[0]
        definition = definitions.get(operand)
    for number, leaf in enumerate(leaves):
        if leaf is operand:
            return f"entry[{number}]" if element.places or not element.is_scalar else "entry"
    if isinstance(definition, Stage) and definition.form[:2] == ("unary", "-"):
        return f"-{_leaf_text(interp, leaves, element, definition.operands[0])}"
    raise refused("key of an order", "it is computed from the elements", "Order by elements as they are.")


LIST_METHODS = {"append": _put_into("[*m, e]"), "appendleft": _put_into("[e, *m]"),
                "insert": _put_into("[*m[:i], e, *m[i:]]"), "pop": pop, "popleft": _popleft,
                "extend": extend, "clear": _rewritten("[]"), "reverse": _rewritten("m[::-1]"),
                "copy": copy, "sort": _sort}


# ---- dicts

def contains(interp, stage, table, operand):
    """`x in table`."""
    table_type = type_of(table.kind)
    if table_type.element is None:
        return Lit(False)
    if table_type.container == "dict":
        return expression(interp, stage, "k in m", BOOL, k=key_operand(interp, stage, table, operand),
                          m=entries_of(interp, stage, table))
    if table_type.element.places or not table_type.element.is_scalar:
        raise refused("'in' of a list that changes while running")
    return expression(interp, stage, "k in m", BOOL, k=operand, m=entries_of(interp, stage, table))


def get_item(interp, stage, table, key):
    """`d[key]`; where there is none, a defaultdict gets one."""
    default = type_of(table.kind).default
    if default is None:
        if type_of(table.kind).element is None:
            raise Refusal("subscript", "the dict is empty", "Use a key that it has.", KeyError)
        return _value_at(interp, stage, table, key_operand(interp, stage, table, key))
    set_item(interp, stage, table, key, default, "missing")
    table = latest(interp, table)
    return _value_at(interp, stage, table, key_operand(interp, stage, table, key))


def latest(interp, table):
    while table in interp.later:
        table = interp.later[table]
    return table


def _value_at(interp, stage, table, key):
    entry = expression(interp, stage, "m[k]", hint="entry", k=key, m=entries_of(interp, stage, table))
    return element_at(interp, stage, table, entry)


def get(interp, stage, table, key, default=Lit(None)):
    """`d.get(key, default)`."""
    if type_of(table.kind).element is None:
        return default
    target, there = Value(), contains(interp, stage, table, key)

    def read():
        interp.assign(target, _value_at(interp, stage, table, key_operand(interp, stage, table, key)))
    interp.run_sides(there, stage, read, lambda: interp.assign(target, default))
    return interp.operand(target)


def set_item(interp, stage, table, key, value, where=""):
    """`d[key] = value`; only where there is no such key, with 'missing'."""
    parts = put(interp, stage, table, value)
    entry, key = parts.pop("entry"), key_operand(interp, stage, table, key)
    text = "m if k in m else {**m, k: e}" if where == "missing" else "{**m, k: e}"
    entries = expression(interp, stage, text, name=table.name, k=key, e=entry,
                         m=entries_of(interp, stage, table))
    changed(interp, stage, table, **parts, entries=entries)
    return Lit(None)


def _setdefault(interp, stage, table, key, default=Lit(None)):
    set_item(interp, stage, table, key, default, "missing")
    table = latest(interp, table)
    return _value_at(interp, stage, table, key_operand(interp, stage, table, key))


def _pop_key(interp, stage, table, key):
    element = get_item(interp, stage, table, key)
    remove_key(interp, stage, table, key)
    return element


def remove_key(interp, stage, table, key):
    key = key_operand(interp, stage, table, key)
    entries = expression(interp, stage, "{key: e for key, e in m.items() if key != k}", name=table.name,
                         k=key, m=entries_of(interp, stage, table))
    changed(interp, stage, table, entries=entries)


def _view(part):
    return lambda interp, stage, table: object_value(items_of(interp, table, part), "iterator")


DICT_METHODS = {"get": get, "setdefault": _setdefault, "pop": _pop_key, "keys": _view("keys"),
                "values": _view("values"), "items": _view("items"), "clear": _rewritten("{}"), "copy": copy}
