"""Builtin functions: built-in functions that make or consume iterables, and that ask for types.

>>> object_of(_range(None, None, (Lit(3),), {}))
Range(start=0, stop=3, step=1)
"""
from __future__ import annotations

import builtins
import collections
import copy
import dataclasses
import functools
import operator

import numpy as np

from ..analysis.classes import has_one_class
from ..ir.nodes import Branch, Form, Item, Lit, Stage, Value
from ..ir.untyped import Each
from ..types import constants
from ..types.containers import check_key
from ..types.kinds import Kind, Known, array, is_complex, literal, unknown_length
from ..types.parts import display_form
from ..types.refusals import Refusal
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from .environment import object_of, object_value
from .loops import ordering, turns
from .loops.comprehensions import LARGEST, summed
from .loops.iterables import (
    Elements,
    Enumerate,
    GeneratorCall,
    GeneratorExpression,
    Map,
    Range,
    Reversed,
    Zip,
    as_iterator,
    elements,
    is_exhausted_by_use,
    iterator,
    known_length,
)
from .numpy_in_place import call_numpy
from .objects import instances
from .objects.instances import is_local_object
from .objects.superclasses import parent

CONTAINERS = ("tuple", "list", "dict")
def _range(interp, stage, args, keywords):
    if keywords or not 1 <= len(args) <= 3:
        return NotImplemented
    ends = (Lit(0), args[0], Lit(1)) if len(args) == 1 else (*args, Lit(1))[:3]
    return object_value(Range(*ends), "iterator")


def _enumerate(interp, stage, args, keywords):
    start = args[1] if len(args) > 1 else keywords.get("start", Lit(0))
    obj = object_of(args[0])
    source = obj if isinstance(obj, GeneratorCall) else iterator(interp, stage, args[0])
    return object_value(Enumerate(source, start), "iterator")


def _zip(interp, stage, args, keywords):
    spent = [a for a in args if is_exhausted_by_use(a)]
    if len(set(spent)) < len(spent):
        raise Refusal("zip", "it takes the items of one iterator in turns",
                      "Make a list of it first, with list(...).")
    return object_value(Zip(tuple(iterator(interp, stage, a) for a in args)), "iterator")


def _reversed(interp, stage, args, keywords):
    return object_value(Reversed(iterator(interp, stage, args[0])), "iterator")


def _iter(interp, stage, args, keywords):
    return (object_value(as_iterator(iterator(interp, stage, args[0])), "iterator") if len(args) == 1
            else NotImplemented)


def _next(interp, stage, args, keywords):
    """The first item of an iterator may be left out where nothing reads it, but there has to be one."""
    if len(args) == 2 and isinstance(object_of(args[0]), GeneratorExpression):
        raise Refusal("call of next", "which item of the generator is its first shows only while running",
                      "Write it as a loop with break.")
    iterable = object_of(args[0]) if len(args) == 1 and kind_of_operand(args[0]).tag == "iterator" else None
    while isinstance(iterable, (Reversed, Enumerate)):
        iterable = iterable.inner
    if isinstance(iterable, (GeneratorExpression, GeneratorCall)):
        raise Refusal("call of next", "whether the generator has an item left shows only while running",
                      "Give it a default, or take the first element of a list.")
    length = known_length(interp, iterable)
    if isinstance(iterable, Elements) and kind_of_operand(iterable.base).tag in ("tuple", "list", "dict"):
        length = literal(len(kind_of_operand(iterable.base).items))
    if length is not None and length.value is not None:
        if length.value == 0:
            raise Refusal("call of next", "there is no item left", "Give it a default.", StopIteration)
        if not length.exact:
            interp.builder.scope.rely(f"({length.text}) > 0")
    return NotImplemented


def _conversion(tag):
    def convert(interp, stage, args, keywords):
        if not args:
            return interp.make(stage, Form(tag), ())
        kind = kind_of_operand(args[0])
        if kind.tag == "iterator" or kind.tag in CONTAINERS:
            if isinstance(object_of(args[0]), Range) and not any(o.varied for o in args):
                try:
                    if object_of(args[0]).count(interp) > LARGEST:
                        raise Unknown
                except Unknown:
                    return NotImplemented
            return interp.make(stage, Form(tag), tuple(elements(interp, stage, args[0])))
        if kind.tag == "array" and args[0].varied:
            return interp.make(stage, Form(tag), tuple(elements(interp, stage, args[0])))
        return NotImplemented
    return convert


def dict_of(interp, stage, args, keywords):
    entries = {}
    for operand in args:
        if kind_of_operand(operand).tag == "dict":
            entries.update(interp.parts(stage, operand))
        else:
            for pair in elements(interp, stage, operand):
                key, value = elements(interp, stage, pair)
                check_key(interp, entries, interp.builder.static(key), key)
                entries[interp.builder.static(key)] = value
    entries.update(keywords)
    return interp.make(stage, Form("dict", keywords=tuple(entries)), tuple(entries.values()))


def _isinstance(interp, stage, args, keywords):
    classes = _classes(args[1])
    is_settled = classes and (_is_list_class(classes) or has_one_class(args[0], interp.builder.definitions))
    answer = constants.is_instance(kind_of_operand(args[0]), classes) if is_settled else None
    return NotImplemented if answer is None else Lit(answer)


def _is_list_class(classes):
    """Whether no number and no array is an instance."""
    return constants.is_instance(Kind("array"), classes) is False


def _classes(operand):
    kind = kind_of_operand(operand)
    if kind.tag == "tuple":
        inner = [i.known.value if i.known is not None else None for i in kind.items]
        return tuple(inner) if all(isinstance(i, type) for i in inner) else None
    value = object_of(operand)
    return value if isinstance(value, type) else None


def _hasattr(interp, stage, args, keywords):
    kind, name = kind_of_operand(args[0]), getattr(args[1], "value", None)
    if type(name) is not str:
        return NotImplemented
    if kind.tag == "object" and kind.known is not None:
        if interp.assigned_attribute(kind.known.text, name) is not None:
            return Lit(True)
        answer = hasattr(kind.known.value, name)
        if not kind.known.text.startswith("?"):
            interp.builder.scope.guard_attribute(kind.known.text, name, answer)
        return Lit(answer)
    answer = constants.type_of(kind) if has_one_class(args[0], interp.builder.definitions) else None
    return NotImplemented if answer is None else Lit(hasattr(answer, name))


def _getattr(interp, stage, args, keywords):
    name = interp.builder.static(args[1])
    if len(args) > 2:
        is_there = _hasattr(interp, stage, args[:1] + (Lit(name),), {})
        if is_there == Lit(False):
            return args[2]
        if is_there is NotImplemented and kind_of_operand(args[0]).tag != "object":
            raise Refusal("getattr", "whether there is such an attribute shows only while running",
                          "Call np.ndim or np.shape of it.")
    return interp.attribute(dataclasses.replace(stage, form=Form("attr", name)), args[:1])


def _callable(interp, stage, args, keywords):
    tag = kind_of_operand(args[0]).tag
    return NotImplemented if tag in ("unknown", "object") else Lit(tag == "function")


def _map(interp, stage, args, keywords):
    function, *sources = args
    return object_value(Map(function, Zip(tuple(iterator(interp, stage, s) for s in sources))), "iterator")


def _setattr(interp, stage, args, keywords):
    name = interp.builder.static(args[1])
    interp.set_attribute(dataclasses.replace(stage, form=Form("setattr", name)), (args[0], args[2]))
    return Lit(None)


def _record_class(interp, stage, args, keywords):
    """`namedtuple("Point", "x y")`: the class, the same for equal names."""
    try:
        options = {name: interp.static_of(operand) for name, operand in keywords.items()}
        return object_value(_record_class_of(*map(interp.static_of, args), **options))
    except (Unknown, TypeError, ValueError):
        raise Refusal("namedtuple", "its fields are not known when compiling",
                      "Make the class outside of the function.") from None


@functools.lru_cache(maxsize=256)
def _record_class_of(name, fields, **options):
    return collections.namedtuple(name, fields, **options)


def _plain_setattr(interp, stage, args, keywords):
    """`object.__setattr__(self, "w", w)`, as a frozen dataclass writes it."""
    if kind_of_operand(args[0]).tag != "object" or kind_of_operand(args[0]).known is None:
        return NotImplemented
    interp.put_attribute(stage, args[0], interp.builder.static(args[1]), args[2])
    return Lit(None)


def _copied_object(interp, stage, args, keywords):
    """`copy.copy(d)` shares the arrays of an object as it is outside, not what the function assigned."""
    if len(args) == 1 and not keywords:
        copied = _copied(interp, stage, args[0], lambda part: part)
        if copied is not NotImplemented:
            return copied
    text = kind_of_operand(args[0]).known.text if args and kind_of_operand(args[0]).tag == "object" \
        and kind_of_operand(args[0]).known is not None else None
    if text is None:
        return NotImplemented
    if any(of == text for of, _ in interp.attributes):
        raise Refusal("call of copy.copy", "an attribute of the object has been assigned or stored into",
                      "Copy the object before.")
    interp.copied_objects.add(text)
    return NotImplemented


def _deep_copied(interp, stage, args, keywords):
    """`copy.deepcopy(d)` of numbers, arrays, and containers and own objects of them."""
    copies = {}

    def deeply(part):
        if id(part) not in copies:
            copies[id(part)] = _copied(interp, stage, part, deeply), part       # the part lives as long
        if copies[id(part)][0] is NotImplemented:
            raise Refusal("call of copy.deepcopy", "an object that it copies is from outside of the function",
                          "Copy the arrays in it, with .copy().")
        return copies[id(part)][0]
    return deeply(args[0]) if len(args) == 1 and not keywords else NotImplemented


def _copied(interp, stage, operand, part):
    """A copy of a number, an array, a container or an object of the function's; `part`: copies an item."""
    kind = kind_of_operand(operand)
    if kind.tag in ("number", "static") or isinstance(operand, Lit):
        return operand
    if kind.tag == "array":
        return call_numpy(interp, stage, np.copy, (operand,))
    if is_local_object(operand):
        return instances.copied(interp, operand, part)
    if kind.tag not in CONTAINERS or kind.known is not None:
        return NotImplemented
    items = interp.parts(stage, operand).values() if kind.tag == "dict" else elements(interp, stage, operand)
    return interp.make(stage, display_form(interp.builder, kind), tuple(map(part, items)))


def _with_fields(interp, stage, args, keywords):
    """`dataclasses.replace(p, w=w)`: another object of its class."""
    obj = object_of(args[0]) if len(args) == 1 and kind_of_operand(args[0]).tag == "object" else None
    if not dataclasses.is_dataclass(obj):
        return NotImplemented
    values = {field.name: keywords[field.name] if field.name in keywords
              else interp.attribute(dataclasses.replace(stage, form=Form("attr", field.name)), args)
              for field in dataclasses.fields(obj) if field.init}
    return instances.construct(interp, stage, type(obj), (), {**values, **keywords})


def _length(interp, stage, args, keywords):
    kind = kind_of_operand(args[0])
    if kind.tag == "iterator":
        return Lit(len(elements(interp, stage, args[0])))
    if kind.tag == "number" and kind.weak:
        raise Refusal("len", "a number has no length",
                      "Take the length of an array, or of a list.", TypeError)
    length = turns.length_of_list(interp, stage, args[0])
    if length is not None:
        return length
    return interp.call_special(stage, args[0], "len") if kind.tag == "object" else NotImplemented


def _itemgetter(interp, stage, args, keywords):
    return object_value(operator.itemgetter(*map(interp.builder.static, args)))


def apply_itemgetter(interp, stage, getter, obj):
    """The result of an operator.itemgetter."""
    keys = getter.__reduce__()[1]
    items = [interp.make(stage, Form("index", spec=(Item("at", (1,)),)), (obj, Lit(key))) for key in keys]
    return items[0] if len(items) == 1 else interp.make(stage, Form("tuple"), tuple(items))


def _isscalar(interp, stage, args, keywords):
    """np.isscalar, decided by the kind."""
    kind = kind_of_operand(args[0])
    if kind.tag == "static" and kind.known is not None:
        return Lit(np.isscalar(kind.known.value))
    if not has_one_class(args[0], interp.builder.definitions):
        return NotImplemented
    return Lit(kind.tag == "number") if kind.tag in ("number", "array", *CONTAINERS) else NotImplemented


def _result_type(interp, stage, args, keywords):
    """np.result_type and np.promote_types, of dtypes and arrays that are known."""
    kinds = [kind_of_operand(arg) for arg in args]
    dtypes = [k.known.value if k.tag in ("static", "function") and k.known is not None else k.dtype
              for k in kinds]
    if not all(dtypes) or any(k.weak for k in kinds):
        return NotImplemented
    dtype = np.result_type(*map(np.dtype, dtypes))
    kind = Kind("static", known=Known(dtype, repr(dtype.char), True))
    return interp.typed(stage, Form("call", "@np.result_type"), args, kind)


def _type(interp, stage, args, keywords):
    """`type(x)` of a number or an array."""
    kind = kind_of_operand(args[0])
    class_of_value = None
    if len(args) == 1 and kind.tag in ("number", "array") and stage.form.kind == "call" \
            and has_one_class(args[0], interp.builder.definitions):
        class_of_value = constants.type_of(kind)
    if class_of_value is None:
        return NotImplemented
    kind = Kind("function", known=Known(class_of_value, class_of_value.__name__, True, True))
    return interp.typed(stage, Form("call", interp.frame.rename(stage.form.name)), args, kind)


def _where(interp, stage, args, keywords):
    """np.where of a condition alone: an array of places for each axis."""
    rank = kind_of_operand(args[0]).rank if len(args) == 1 and not keywords else None
    if not rank:
        return NotImplemented
    places = Kind("tuple", items=(array((unknown_length(),), "l"),) * rank)
    path = interp.frame.rename(stage.form.name) if stage.form.kind == "call" else "@np.where"
    return interp.typed(stage, Form("call", path), args, places)


def _always_false(interp, stage, args, keywords):
    """np.ma.isMaskedArray, np.iscomplexobj: false for every active number or array."""
    kind = kind_of_operand(args[0])
    return (Lit(False) if kind.tag in ("number", "array", *CONTAINERS) and not is_complex(kind)
            else NotImplemented)


def _any_or_all(word):
    """builtins.any and all: decided when compiling where the items are settings, else left as they are."""
    def decided(interp, stage, args, keywords):
        items, acts = args[0] if args else Lit(None), False
        if kind_of_operand(items).tag == "iterator" and stage.form.kind == "call":
            items, acts = _evaluated(interp, stage, items)
        if kind_of_operand(items).tag in ("tuple", "list"):
            for number, known in enumerate(map(constants.settled, kind_of_operand(items).items)):
                last = number == len(kind_of_operand(items).items) - 1
                if known is None and not (acts and last):
                    break
                if known is not None and bool(interp.relied(known)) == (word is builtins.any):
                    if acts and not last:
                        break
                    return Lit(word is builtins.any)
            else:
                if not acts:
                    return Lit(word is builtins.all)
                acts = False
        if acts:
            raise Refusal(f"{word.__name__} of items that do more than give a value",
                          "after which item it ends shows only while running",
                          "Write it as a loop with break.")
        if items is args[0]:
            return NotImplemented
        return interp.emit(stage, Form("call", interp.frame.rename(stage.form.name)), (items,))
    return decided


def _evaluated(interp, stage, items):
    """(the list of all items, whether evaluating them changes a variable or has an effect)."""
    before, attributes = [(frame, dict(frame.env)) for frame in interp.frames], len(interp.attributes)
    start, lazy = len(interp.builder.stages), object_of(items)
    assigned_inside = (set(_assigned_by(lazy.collected[0].block))
                       if isinstance(lazy, GeneratorExpression) else ())
    as_list = interp.as_operand(stage, items)
    is_assigned = any(
        frame.env.get(variable) is not value and variable not in assigned_inside
        for frame, env in before for variable, value in env.items())
    has_effect = (is_assigned or len(interp.attributes) != attributes
                  or _has_effect(interp.builder.stages[start:]))
    return as_list, has_effect


def _assigned_by(stages):
    """The variables that the stages of a comprehension assign, its targets included."""
    for stage in stages:
        yield from getattr(stage, "targets", ())
        yield from (stage.target,) if isinstance(stage, Each) else ()
        parts = (stage.then, stage.orelse) if isinstance(stage, Branch) else ()
        for part in (stage.body, stage.orelse) if isinstance(stage, Each) else parts:
            yield from _assigned_by(part)


def _has_effect(stages):
    return any(stage.form.kind == "effect" if isinstance(stage, Stage)
               else any(map(_has_effect, stage.blocks))
               for stage in stages)


SPECIAL = {operator.itemgetter: _itemgetter, np.isscalar: _isscalar, np.where: _where,
           np.result_type: _result_type,
           np.promote_types: _result_type, builtins.type: _type,
           np.ma.isMaskedArray: _always_false, np.ma.isMA: _always_false,
           np.iscomplexobj: _always_false, builtins.sorted: ordering.sorted_list,
           builtins.max: ordering.extreme("argmax"), builtins.min: ordering.extreme("argmin"),
           builtins.range: _range,
           builtins.iter: _iter, builtins.next: _next, builtins.enumerate: _enumerate, builtins.zip: _zip,
           builtins.reversed: _reversed,
           builtins.list: _conversion("list"), builtins.tuple: _conversion("tuple"), builtins.dict: dict_of,
           builtins.isinstance: _isinstance, builtins.hasattr: _hasattr, builtins.getattr: _getattr,
           builtins.callable: _callable, builtins.map: _map, builtins.setattr: _setattr,
           builtins.len: _length,
           object.__setattr__: _plain_setattr, collections.namedtuple: _record_class,
           builtins.sum: summed, builtins.super: parent, copy.copy: _copied_object,
           copy.deepcopy: _deep_copied, dataclasses.replace: _with_fields,
           builtins.any: _any_or_all(builtins.any),
           builtins.all: _any_or_all(builtins.all)}
