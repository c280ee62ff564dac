"""Objects: lists, dicts, tuples and plain objects whose parts are known one by one.

A list that is appended to, or a dict that is filled, is a new display of its parts; attributes
that the function assigns are variables of its own, so no object of the caller's is changed.

>>> from .kinds import FLOAT, Known
>>> is_plain(3.0), is_plain(Value("x"))
(False, True)
"""
from __future__ import annotations

import dataclasses
import inspect
from collections import OrderedDict
import types

import numpy as np

from . import instances, iteration
from .containers import unpacked
from .frames import Unset, Unusable, held, holding
from .kinds import Kind, Known, is_object, kind_of, record
from .lengths import kind_of_operand, static_value
from .parts import carries, display_form, is_record_kind, keys_of, read
from .program import Branch, Form, Item, Lit, Loop, Stage, Value, beside
from .refusals import Refusal
from .scope import Unknown

CONTAINERS = ("tuple", "list", "dict")


def is_plain(thing):
    """An object of a class of the user's, which holds its parts as attributes."""
    return is_object(thing) or not callable(thing) and not isinstance(thing, (types.ModuleType, type, np.ndarray, np.generic, np.random.Generator,
                                                          np.random.RandomState)) \
        and type(thing).__module__ not in ("builtins", "numpy")


# ---- the parts of a container

def displayed(walk, operand):
    """The operands of a container that is written out in this function, or None."""
    made = walk.builder.definitions.get(operand)
    while made is not None and not isinstance(made, (Branch, Loop)) and made.form.kind == "alias":
        made = walk.builder.definitions.get(made.operands[0])
    if made is None or isinstance(made, (Branch, Loop)) or made.form.kind not in CONTAINERS or made.form.name == "*":
        return None
    return made.operands


def parts(walk, stage, operand):
    """{key or position: operand} of a container."""
    kind = kind_of_operand(operand)
    keys = kind.keys if kind.tag == "dict" else range(len(kind.items))
    shown = displayed(walk, operand)
    if isinstance(operand, Lit):
        return dict(zip(keys, map(Lit, operand.value)))
    if shown is not None:
        return dict(zip(keys, shown))
    return {key: _element(walk, stage, operand, key) for key in keys}


def _element(walk, stage, operand, key):
    shown = displayed(walk, operand)
    if shown is not None:
        return shown[keys_of(kind_of_operand(operand)).index(key)]
    form = read(kind_of_operand(operand), key)
    known = walk.builder.known(form, (operand, Lit(key)))
    return known if known is not None else walk.make(stage, form, (operand, Lit(key)))


def index(walk, stage, operands):
    """A subscript; of a container that is written out, the element itself."""
    base, kind = operands[0], kind_of_operand(operands[0])
    if kind.tag == "iterator":
        base = iteration.as_operand(walk, stage, base)
        kind = kind_of_operand(base)
    if kind.tag in CONTAINERS and len(stage.form.spec) == 1 and not isinstance(base, Lit):
        item = stage.form.spec[0]
        shown = displayed(walk, base)
        try:
            if item.kind == "slice" and kind.tag != "dict" and shown is not None:
                ends = [None if h is None else _static(walk, operands[h]) for h in item.holes]
                return walk.emit(stage, Form(kind.tag), tuple(shown[slice(*ends)]))
            key = _static(walk, operands[item.holes[0]]) if item.kind == "at" else None
        except Unknown:
            key, item = None, Item("")
        if item.kind == "at":
            if shown is not None:
                return _held(kind, dict(zip(kind.keys, shown)) if kind.tag == "dict" else shown, key)
            if type(key) in (int, str, bool) and not isinstance(operands[item.holes[0]], Lit):
                literal = Lit(key)
                return walk.emit(stage, Form("index", spec=(Item("at", (1,)),)), (base, literal)) \
                    if kind_of_operand(operands[1]).known.exact else walk.emit(stage, stage.form, (base, *operands[1:]))
    return walk.emit(stage, stage.form, (base, *operands[1:]))


def _static(walk, operand):
    return static_value(kind_of_operand(operand), walk.builder.scope)


def _held(kind, elements, key):
    try:
        return elements[key]
    except (LookupError, TypeError):
        raise Refusal("subscript", f"the {kind.tag} has no such element", "Use an element that it has.") from None


def unpack(walk, stage, operands):
    """`a, *b = x`: each variable gets its part."""
    operand, marks = operands[0], stage.form.spec
    kind = kind_of_operand(operand)
    if kind.tag == "iterator" or marks or kind.tag in CONTAINERS and (
            displayed(walk, operand) is not None or kind.tag == "dict" or isinstance(operand, Lit)
            or any(item.tag not in ("number", "array") for item in kind.items)):
        found = iteration.elements(walk, stage, operand)
        if marks:
            at, rest = marks.index(True), len(found) - len(marks) + 1
            if rest >= 0:
                middle = walk.make(stage, Form("list"), tuple(found[at:at + rest]))
                found = [*found[:at], middle, *found[at + rest:]]
        if len(found) != len(stage.targets):
            raise Refusal("unpacking", f"{len(found)} values into {len(stage.targets)} names",
                          "Give as many names as there are values.")
        for target, part in zip(stage.targets, found):
            alias = dataclasses.replace(stage, targets=(target,), form=Form("alias"))
            plain = target.name is None or kind_of_operand(part).tag in ("function", "object", "iterator")
            walk.assign(target, part if plain else walk.emit(alias, Form("alias"), (part,)))
        return None
    kinds = unpacked(operand, len(stage.targets), walk.builder.scope)
    targets = tuple(Value(t.name, None, kind, operand.varied and kind.tag not in ("static", "function"))
                    for t, kind in zip(stage.targets, kinds))
    for variable, value in zip(stage.targets, targets):
        walk.assign(variable, value)
    walk.builder.append(Stage(targets, stage.form, operands, stage.statement, stage.place))
    return None


# ---- containers that change

def display(walk, stage, old, elements, name=None):
    """A container as `old`, with these parts: a dict of operands."""
    kind = kind_of_operand(old)
    form = display_form(walk.builder, kind, elements if kind.tag == "dict" else None)
    return walk.emit(stage, form, tuple(elements.values()), name=name)


def put(walk, stage, operands):
    """`d[key] = v`, `d[key] += v` of a list or dict."""
    from . import memory
    base, value = operands[:2]
    kind, item = kind_of_operand(base), stage.form.spec[0]
    if kind.tag == "tuple":
        raise Refusal("store into a tuple", "Python refuses it", "Make it a list.")
    if item.kind != "at" or len(stage.form.spec) != 1:
        raise Refusal(f"store into a slice of a {kind.tag}", "how many elements it replaces cannot be followed", "Make a new list.")
    try:
        key = _static(walk, operands[item.holes[0]])
    except Unknown:
        raise Refusal(f"store into a {kind.tag}", "which element it replaces is not known when compiling",
                      "Use a constant subscript, or an array instead.") from None
    if kind.tag != "dict":
        if not -len(kind.items) <= key < len(kind.items):
            raise Refusal("store into a list", "it has no such element", "Use .append.")
        key %= len(kind.items)
    elements = parts(walk, stage, base)
    if stage.form.name:
        old = _held(kind, elements, key)
        value = memory.augment(walk, dataclasses.replace(stage, form=Form("augment", stage.form.name), targets=(Value(),)),
                               (old, value))
        elements = parts(walk, stage, base)
    new = display(walk, beside(stage, Value(base.name)), base, {**elements, key: value}, base.name)
    return memory.changed(walk, stage, base, new)


def element_key(walk, view):
    """The key or position of the element that a subscript reads."""
    key, kind = _static(walk, view.operands[view.form.spec[0].holes[0]]), kind_of_operand(view.operands[0])
    return key if kind.tag == "dict" else key % len(kind.items)


def with_element(walk, stage, parent, key, now):
    """A container, one part of which has become `now`."""
    return display(walk, beside(stage, Value(parent.name)), parent,
                   {**parts(walk, stage, parent), key: now}, parent.name)


def remove(walk, stage, base, key):
    from . import memory
    elements = parts(walk, stage, base)
    elements.pop(_static(walk, key), None)
    if kind_of_operand(base).tag != "dict":
        elements = dict(enumerate(elements.values()))
    memory.changed(walk, stage, base, display(walk, beside(stage, Value(base.name)), base, elements))


def changed(walk, stage, receiver, name, args, keywords):
    """The result of a method of a container, or of one that writes into an array; else NotImplemented."""
    from . import memory
    kind = kind_of_operand(receiver)
    if kind.tag == "array" and name == "fill" and len(args) == 1:
        memory.filled(walk, stage, receiver, args[0])
        return Lit(None)
    if kind.numeric and name == "append":      # a sum over a generator
        return iteration.add_to_sum(walk, stage, args[0])
    if kind.tag not in CONTAINERS or isinstance(receiver, Lit):
        return NotImplemented
    if is_record_kind(kind) and name in ("_replace", "_asdict"):
        fields = dict(zip(kind.keys, parts(walk, stage, receiver).values()))
        made = display_form(walk.builder, kind) if name == "_replace" else Form("dict", keywords=kind.keys)
        return walk.emit(stage, made, tuple({**fields, **keywords}.values()))
    found = _METHODS.get((kind.tag, name))
    if found is None:
        return NotImplemented
    elements = parts(walk, stage, receiver)
    after, result = found(walk, stage, elements, args, keywords)
    if after is not None:
        new = display(walk, beside(stage, Value(receiver.name)), receiver, after, receiver.name)
        memory.changed(walk, stage, receiver, new)
    return result


def _key(walk, operand):
    try:
        return _static(walk, operand)
    except Unknown:
        raise Refusal("key of a dict", "it is not known when compiling", "Use a constant key.") from None


def _pop_list(walk, stage, e, args, keywords):
    at = _key(walk, args[0]) if args else -1
    values = list(e.values())
    if not values:
        raise Refusal(".pop", "the list is empty", "Pop only what was appended.")
    taken = values.pop(at)
    return dict(enumerate(values)), taken


def _pop_dict(walk, stage, e, args, keywords):
    key = _key(walk, args[0])
    rest = {k: v for k, v in e.items() if k != key}
    if key not in e and len(args) < 2:
        raise Refusal(".pop", "the dict has no such element", "Use an element that it has.")
    return (rest, e[key]) if key in e else (None, args[1])


def _default(args):
    return args[1] if len(args) > 1 else Lit(None)


def _update(walk, stage, e, args, keywords):
    more = iteration.dict_of(walk, stage, args, keywords)
    return {**e, **parts(walk, stage, more)}, Lit(None)


def _setdefault(walk, stage, e, args, keywords):
    key = _key(walk, args[0])
    return (None, e[key]) if key in e else ({**e, key: _default(args)}, _default(args))


def _listed(e, *values):
    return dict(enumerate([*e.values(), *values]))


_METHODS = {
    ("list", "append"): lambda w, s, e, a, k: (_listed(e, a[0]), Lit(None)),
    ("list", "extend"): lambda w, s, e, a, k: (_listed(e, *iteration.elements(w, s, a[0])), Lit(None)),
    ("list", "insert"): lambda w, s, e, a, k: (dict(enumerate(
        (lambda v, at: [*v[:at], a[1], *v[at:]])(list(e.values()), _key(w, a[0])))), Lit(None)),
    ("list", "reverse"): lambda w, s, e, a, k: (dict(enumerate(list(e.values())[::-1])), Lit(None)),
    ("list", "clear"): lambda w, s, e, a, k: ({}, Lit(None)),
    ("list", "copy"): lambda w, s, e, a, k: (None, w.make(s, Form("list"), tuple(e.values()))),
    ("list", "pop"): _pop_list,
    ("dict", "get"): lambda w, s, e, a, k: (None, e.get(_key(w, a[0]), k.get("default", _default(a)))),
    ("dict", "copy"): lambda w, s, e, a, k: (None, w.make(s, Form("dict", keywords=tuple(e)), tuple(e.values()))),
    ("dict", "items"): lambda w, s, e, a, k: (None, holding([w.make(s, Form("tuple"), (Lit(n), v)) for n, v in e.items()], "iterator")),
    ("dict", "keys"): lambda w, s, e, a, k: (None, holding([Lit(n) for n in e], "iterator")),
    ("dict", "values"): lambda w, s, e, a, k: (None, holding(list(e.values()), "iterator")),
    ("dict", "update"): _update, ("dict", "setdefault"): _setdefault, ("dict", "pop"): _pop_dict,
}


# ---- attributes

def attribute(walk, stage, operands):
    """`self.W`, `x.shape`, `point.x`."""
    base, name = operands[0], stage.form.name
    kind = kind_of_operand(base)
    if kind.tag == "tuple" and kind.keys and name in kind.keys:
        return _element(walk, stage, base, kind.keys.index(name))
    if kind.tag == "function" and held(base) is not None and not isinstance(held(base), tuple):
        found = getattr(held(base), name, None)
        return Lit(found) if isinstance(found, (int, float, str, bool)) else holding(found)
    if kind.tag != "object" or held(base) is None:
        return walk.emit(stage, stage.form, operands)
    thing, text = held(base), kind.known.text
    assigned = assigned_attribute(walk, text, name)
    if assigned is not None:
        return assigned
    from . import calls
    made = inspect.getattr_static(type(thing), name, None)
    if isinstance(made, property):
        return calls.enter(walk, stage, made.fget, (base,), {})
    if not hasattr(thing, name):
        raise Refusal(f"attribute .{name}", "the object does not have it", "Use an attribute that it has.")
    found = getattr(thing, name)
    path = f"{text}.{name}"
    if path.startswith("?"):
        return calls.constant(walk, stage, found, name)
    inner = kind_of(found, path)
    if inner.tag in ("function",):
        walk.builder.scope.guards.setdefault(f"{path} is {walk.builder.scope._constant(name, found)}"
                                             if not isinstance(found, types.MethodType) else
                                             f"{path}.__func__ is {walk.builder.scope._constant(name, found.__func__)}")
        return holding(found)
    walk.builder.scope.guard_kind(path, found)
    known = walk.builder.known(Form("attr", name), (base,))
    if known is not None:
        return known
    value = Value(None, name, inner, base.varied and carries(inner))
    walk.builder.append(Stage((value,), Form("attr", name), (base,), stage.statement, stage.place), (Form("attr", name), (base,)))
    walk.read_attributes.setdefault(base, {}).setdefault(name, value)
    return value


def _limits(walk, stage, args):
    """`np.finfo(dtype)`: an object whose attributes are numbers."""
    try:
        dtype = _static(walk, args[0])
        limits = np.finfo(dtype)
    except (Unknown, ValueError, TypeError):
        return NotImplemented
    made = walk.make(stage, Form("call", "@np.finfo"), args)
    walk.builder.externals.setdefault("@np.finfo", np.finfo)
    made.kind = Kind("object", known=Known(limits, "?finfo", True, True))
    return made
def assigned_attribute(walk, text, name):
    """What the function has assigned to an attribute, or None."""
    variable = walk.attributes.get((text, name))
    found = None if variable is None else walk.frames[0].find(variable)
    if isinstance(found, Unusable):
        raise Refusal(f"attribute .{name}", found.why, found.instead)
    return Lit(None) if isinstance(found, Unset) else found


def set_attribute(walk, stage, operands):
    """`self.cache = x`: the function's own variable, so the object stays as it is."""
    base, value = operands
    kind = kind_of_operand(base)
    if kind.tag != "object" or kind.known is None:
        raise Refusal("assignment to an attribute", "its object is not known when compiling", "Assign to a local name.")
    assign_attribute(walk, kind, stage.form.name, value)


def assign_attribute(walk, kind, name, value):
    variable = walk.attributes.setdefault((kind.known.text, name), Value(name))
    if isinstance(value, Value) and value.name is None:
        value.hint = name
    walk.frames[0].assign(variable, value)


def construct(walk, stage, function, args, keywords):
    """A named tuple or an object made of operands; NotImplemented for other classes."""
    if function is OrderedDict:
        return iteration.SPECIAL[dict](walk, stage, args, keywords)
    if function is np.finfo and args and not keywords:
        return _limits(walk, stage, args)
    if issubclass(function, tuple) and hasattr(function, "_fields"):
        values = dict(zip(function._fields, args))
        values.update(keywords)
        for name, default in function._field_defaults.items():
            if name not in values:
                values[name] = Lit(default)
        if list(values) and set(values) == set(function._fields):
            form = display_form(walk.builder, record(function, ()))
            return walk.make(stage, form, tuple(values[n] for n in function._fields))
    return instances.construct(walk, stage, function, args, keywords)
