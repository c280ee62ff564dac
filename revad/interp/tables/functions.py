"""Table functions: operators, subscripts and functions of containers that change while running.

>>> heapq.heappush in FUNCTIONS, builtins.zip in FUNCTIONS
(True, False)
"""
from __future__ import annotations

import bisect
import builtins
import collections
import dataclasses
import heapq

import numpy as np

from ...ir.nodes import Form, Lit, Stage, Value
from ...ir.untyped import Each
from ...types.kinds import INT
from ...types.registry import lookup
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from .types import is_table, type_of
from ..inline import source_function
from ..loops import rolled
from .elements import (
    changed,
    converted,
    count_of,
    created,
    derived,
    element_at,
    entries_of,
    expression,
    listed,
    put,
    refuse,
    require,
    truth,
)
from .methods import (
    DICT_METHODS,
    LIST_METHODS,
    contains,
    copy,
    empty,
    extend,
    get_item,
    latest,
    pop,
    refused,
    remove_key,
    set_item,
    sorted_entries,
)

HEAP_METHODS = ("copy", "clear")


# ---- the operations

def method(interp, stage, table, name, args, keywords):
    """A method of a table."""
    table_type = type_of(table.kind)
    handler = (DICT_METHODS if table_type.container == "dict" else LIST_METHODS).get(name)
    is_own = stage.operands and getattr(stage.operands[0], "name", None) is None    # of a comprehension
    if handler is None or table_type.is_heap and name not in HEAP_METHODS and not (
            name == "append" and is_own):
        raise refused(f"method .{name} of a container that changes while running")
    try:
        return handler(interp, stage, table, *args, **keywords)
    except TypeError:
        raise refused(f"method .{name} of a container that changes while running") from None


def index(interp, stage, table, operands):
    """`xs[i]`, `xs[a:b]`, `d[key]`."""
    spec, table_type = stage.form.spec, type_of(table.kind)
    if table_type.container == "dict":
        return get_item(interp, stage, table, _key_of(interp, stage, spec, operands))
    if len(spec) != 1 or spec[0].kind not in ("at", "slice"):
        raise refused("subscript of a list that changes while running")
    if table_type.element is None and spec[0].kind == "at":
        raise empty("subscript")
    m = entries_of(interp, stage, table)
    if spec[0].kind == "slice":
        if table_type.is_heap:
            raise refused("slice of a heap")
        holes = {name: operands[hole] for name, hole in zip("abc", spec[0].holes) if hole is not None}
        text = ":".join(name if name in holes else "" for name in "abc")
        entries = expression(interp, stage, f"m[{text}]", name=table.name, m=m, **holes)
        return derived(interp, stage, table, entries, stage.targets[0].name if stage.targets else None)
    place = operands[spec[0].holes[0]]
    if table_type.is_heap and place != Lit(0):
        raise refused("subscript of a heap", "which element stands there is not followed", "Take element 0.")
    if place.varied or kind_of_operand(place).dtype not in ("l", "q", "i"):
        raise refused("subscript of a list that changes while running")
    return element_at(interp, stage, table, expression(interp, stage, "m[i]", hint="entry", m=m, i=place))


def _key_of(interp, stage, spec, operands):
    if any(item.kind != "at" for item in spec):
        raise refused("subscript of a dict")
    keys = tuple(operands[item.holes[0]] for item in spec)
    return keys[0] if len(keys) == 1 and not spec[0].inside else interp.make(stage, Form("tuple"), keys)


def store(interp, stage, table, operands):
    """`d[key] = v`, `d[key] += v`."""
    if type_of(table.kind).container != "dict":
        raise refused("store into a list that changes while running",
                      instead="Make a list of the new elements.")
    key, value = _key_of(interp, stage, stage.form.spec, operands), operands[1]
    if stage.form.name:
        old = get_item(interp, stage, table, key)
        table = latest(interp, table)
        augment = dataclasses.replace(stage, form=Form("augment", stage.form.name), targets=(Value(),))
        value = interp.augment(augment, (old, value))
    set_item(interp, stage, table, key, value)
    return latest(interp, table)


def remove(interp, stage, table, key):
    """`del d[key]`, `del xs[i]`."""
    if type_of(table.kind).container == "dict":
        remove_key(interp, stage, table, key)
    elif type_of(table.kind).is_heap:
        raise refused("'del' of an element of a heap")
    else:
        pop(interp, stage, table, key)


def operator(interp, stage, operands):
    """`not xs`, `x in xs`, `xs + ys`; NotImplemented where there is no table."""
    form = stage.form
    if not any(is_table(kind_of_operand(operand)) for operand in operands):
        return NotImplemented
    if form[:2] == ("unary", "not"):
        is_full = truth(interp, stage, operands[0])
        return interp.evaluate_or_emit(dataclasses.replace(stage, operands=()), (is_full,))
    if form.kind == "compare" and form.name in ("in", "not in") \
            and not is_table(kind_of_operand(operands[0])):
        there = contains(interp, stage, operands[1], operands[0])
        if form.name == "in":
            return there
        negated = dataclasses.replace(stage, form=Form("unary", "not"), operands=())
        return interp.evaluate_or_emit(negated, (there,))
    if form.kind == "binary":
        return concatenated(interp, stage, operands)
    if form.kind in ("unary", "compare"):
        refuse(operands)
    return NotImplemented


def concatenated(interp, stage, operands):
    """`xs + ys` of two tables."""
    kinds = list(map(kind_of_operand, operands))
    if stage.form.name != "+" or not all(map(is_table, kinds)) or type_of(kinds[0]).container == "dict" \
            or type_of(kinds[0]).has_limit:
        refuse(operands)
    if None in (type_of(kinds[0]).element, type_of(kinds[1]).element):
        return copy(interp, stage, operands[type_of(kinds[0]).element is None])
    fields = [dict(zip(kind.keys, interp.parts(stage, o).values())) for kind, o in zip(kinds, operands)]
    if fields[0].keys() != fields[1].keys() or any(
            fields[0][name] is not fields[1][name] for name in fields[0] if name != "entries"):
        variable = Value()      # the elements of the other one are put into a copy
        interp.assign(variable, copy(interp, stage, operands[0]))
        extend(interp, stage, interp.operand(variable), operands[1])
        return interp.operand(variable)
    entries = expression(interp, stage, "m + o", m=fields[0]["entries"], o=fields[1]["entries"])
    return derived(interp, stage, operands[0], entries, stage.targets[0].name)


# ---- functions

def _heappush(interp, stage, path, table, value):
    require(interp, table, is_heap=True)
    parts = put(interp, stage, table, value)
    if type_of(table.kind).element.places:
        require(interp, table, is_ordered=True)
    entry = parts.pop("entry")
    entries = expression(interp, stage, "sorted([*m, e])", name=table.name, e=entry,
                         m=entries_of(interp, stage, table))
    changed(interp, stage, table, **parts, entries=entries)
    return Lit(None)


def _heappop(interp, stage, path, table):
    require(interp, table, is_heap=True)
    return pop(interp, stage, table, Lit(0))


def _heapify(interp, stage, path, table):
    require(interp, table, is_heap=True)
    if type_of(table.kind).element is not None:
        if type_of(table.kind).element.places:
            require(interp, table, is_ordered=True)
        changed(interp, stage, table, entries=expression(
            interp, stage, "sorted(m)", name=table.name, m=entries_of(interp, stage, table)))
    return Lit(None)


def _bisect(interp, stage, path, table, value):
    element = type_of(table.kind).element
    if element is None:
        return Lit(0)
    if not element.is_scalar or type_of(table.kind).container == "dict":
        raise refused("bisect of a list that changes while running")
    m = entries_of(interp, stage, table)
    if element.places:
        require(interp, table, is_ordered=True)
        m = expression(interp, stage, "[entry[0] for entry in m]", m=m)
    return interp.typed(stage, Form("call", path), (m, value), INT)


def _sorted(interp, stage, path, table, **keywords):
    if type_of(table.kind).container == "dict":
        if type_of(table.kind).element is None:
            return interp.make(stage, Form("list"), ())
        if keywords:
            raise refused("sorted of a dict")
        m = entries_of(interp, stage, table)
        return listed(interp, stage, type_of(table.kind).key, expression(interp, stage, "sorted(m)", m=m))
    if type_of(table.kind).element is None:
        return copy(interp, stage, table)
    entries = sorted_entries(interp, stage, table, **keywords)
    return derived(interp, stage, table, entries, stage.targets[0].name if stage.targets else None)


def _extreme(name):
    def function(interp, stage, path, table):
        element, m = type_of(table.kind).element, entries_of(interp, stage, table)
        if element is None:
            raise empty(name)
        if type_of(table.kind).container == "dict" or not element.is_scalar:
            raise refused(f"{name} of a container that changes while running")
        if not element.places:
            return element_at(interp, stage, table, expression(interp, stage, f"{name}(m)", m=m))
        require(interp, table, is_ordered=True)
        entry = expression(interp, stage, f"{name}(m, key=lambda entry: entry[0])", hint="entry", m=m)
        return element_at(interp, stage, table, entry)
    return function


def _sum(interp, stage, path, table, start=Lit(0)):
    item, source, total = Value(), Value(), Value(None, "total")
    interp.assign(source, table)
    interp.assign(total, start)
    add = Stage((total,), Form("augment", "+"), (total, item), stage.statement, stage.place)
    rolled.loop(interp, Each(item, source, (add,), (), stage.statement, stage.place), ())
    return interp.operand(total)


def _length(interp, stage, path, table):
    return count_of(interp, stage, table)


def _list(interp, stage, path, table):
    if type_of(table.kind).container == "dict":
        m = entries_of(interp, stage, table)
        if type_of(table.kind).key is None:
            return interp.make(stage, Form("list"), ())
        return listed(interp, stage, type_of(table.kind).key, expression(interp, stage, "list(m)", m=m))
    if type_of(table.kind).is_heap:
        raise refused("list of a heap")
    return copy(interp, stage, table)


FUNCTIONS = {heapq.heappush: _heappush, heapq.heappop: _heappop, heapq.heapify: _heapify,
             bisect.bisect_left: _bisect, bisect.bisect_right: _bisect, bisect.bisect: _bisect,
             builtins.sorted: _sorted, builtins.max: _extreme("max"), builtins.min: _extreme("min"),
             builtins.sum: _sum, builtins.len: _length, builtins.list: _list}
ITERATORS = (builtins.zip, builtins.enumerate, builtins.reversed, builtins.map)


def call(interp, stage, function, path, args, keywords):
    """A call with a table among its arguments; NotImplemented where it is one like any other."""
    if function in ITERATORS:
        return NotImplemented
    handler = FUNCTIONS.get(function) if not isinstance(function, np.ufunc) else None
    if handler is None or not is_table(kind_of_operand(args[0])) \
            or any(is_table(kind_of_operand(o)) for o in (*args[1:], *keywords.values())):
        refuse((*args, *keywords.values()))
        return NotImplemented
    try:
        return handler(interp, stage, path, *args, **keywords)
    except (TypeError, Unknown):
        raise refused(f"{function.__name__} of a container that changes while running") from None


# ---- how tables begin

def constructed(interp, stage, function, args, keywords):
    """`deque()`, `defaultdict(float)`."""
    if function is collections.deque:
        limit = keywords.get("maxlen", args[1] if len(args) > 1 else None)
        if len(args) > 2 or set(keywords) - {"maxlen"}:
            raise refused("deque")
        table = created(interp, stage, "list", limit=None if limit == Lit(None) else limit)
        if args:
            variable = Value()
            interp.assign(variable, table)
            extend(interp, stage, table, args[0])
            table = interp.operand(variable)
        return table
    factory = args[0] if len(args) == 1 and not keywords else None
    known = getattr(getattr(factory, "kind", None), "known", None)
    if known is None or known.value not in (int, float):
        raise refused("defaultdict", "what it gives for a missing key is not followed",
                      "Use a dict and .setdefault or .get.")
    return created(interp, stage, "dict", default=Lit(known.value()))


MODULES = ("collections", "heapq", "_heapq", "bisect", "_bisect")
CLASSES = (collections.deque, collections.defaultdict)


def applied(interp, stage, function, path, args, keywords):
    """A call that makes a table or gets some; NotImplemented for others, and for the user's own functions."""
    if getattr(function, "__module__", None) in MODULES:
        interp.builder.scope.changes_containers = True
        if interp.builder.scope.tables is not None and function in CLASSES:
            return constructed(interp, stage, function, args, keywords)
    has_table = any(is_table(kind_of_operand(operand)) for operand in (*args, *keywords.values()))
    if not has_table or lookup(function) is None and source_function(function) is not None:
        return NotImplemented
    return call(interp, stage, function, path, args, keywords)


def assigned(interp, stage, operand):
    """A list or dict under a name by which loops change it, as a table."""
    scope = interp.builder.scope
    if scope.tables is None or not stage.targets or not isinstance(operand, Value) \
            or stage.targets[0] not in scope.tables.variables \
            or kind_of_operand(operand).tag not in ("list", "dict") or operand.kind.known is not None:
        return operand
    if any(value is operand for frame in interp.frames for value in frame.env.values()):
        return operand
    return converted(interp, stage, operand)
