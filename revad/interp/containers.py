"""Containers: lists, dicts and tuples whose parts are known one by one.

A list that is appended to, or a dict that is filled, is a new display of its parts.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> from .interpreter import Interpreter
>>> interp, x = Interpreter(Builder()), Value("x", kind=FLOAT)
>>> items = interp.make(Stage((), Form("alias"), ()), Form("list"), (x, Lit(2.0)))
>>> shown_parts(interp, items), parts(interp, None, items)
((x, 2.0), {0: x, 1: 2.0})
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ..ir.nodes import Call, Form, Item, Lit, Stage, Value, beside
from ..types.constants import is_integer
from ..types.containers import check_key, unpacked
from ..types.kinds import NUMPY_1
from ..types.parts import display_form, keys_of, read
from ..types.refusals import Refusal
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand, static_value
from .numpy_in_place import flat_of

CONTAINERS = ("tuple", "list", "dict")


# ---- the parts of a container

def shown_parts(interp, operand):
    """The operands of a container that is written out in this function, or None."""
    made = interp.builder.definitions.get(operand)
    while isinstance(made, Stage) and made.form.kind == "alias":
        made = interp.builder.definitions.get(made.operands[0])
    if not isinstance(made, Stage) or made.form.kind not in CONTAINERS or made.form.name == "*":
        return None
    return made.operands


def parts(interp, stage, operand):
    """{key or position: operand} of a container."""
    kind = kind_of_operand(operand)
    if kind.tag == "stack":
        raise Refusal("list", "how many elements it has shows only while running", "Take its elements one by one.")
    keys = kind.keys if kind.tag == "dict" else range(len(kind.items))
    shown = shown_parts(interp, operand)
    if isinstance(operand, Lit):
        return dict(zip(keys, map(Lit, operand.value)))
    if shown is not None:
        return dict(zip(keys, shown))
    return {key: element(interp, stage, operand, key) for key in keys}


def element(interp, stage, operand, key):
    shown = shown_parts(interp, operand)
    if shown is not None:
        return shown[keys_of(kind_of_operand(operand)).index(key)]
    form = read(kind_of_operand(operand), key)
    known = interp.builder.known(form, (operand, Lit(key)))
    return known if known is not None else interp.make(stage, form, (operand, Lit(key)))


def index(interp, stage, operands):
    """A subscript; of a container that is written out, the element itself."""
    base, kind = operands[0], kind_of_operand(operands[0])
    if kind.tag == "iterator":
        base = interp.as_operand(stage, base)
        kind = kind_of_operand(base)
    made = interp.subscript(stage, operands) if kind.tag == "object" else NotImplemented
    if made is not NotImplemented:
        return made
    if kind.tag == "stack" and len(operands) == 2 and is_truth(kind_of_operand(operands[1])):
        interp.builder.externals.setdefault("@int", int)      # of an array a truth value is no place
        operands = base, interp.make(stage, Form("call", "@int"), operands[1:])
    if flat_of(interp, base) is not None:
        return _copied(interp, interp.emit(stage, stage.form, operands))
    if kind.tag == "dict" and len(stage.form.spec) > 1:      # d["a", 2]
        try:
            key = tuple(static_of(interp, operands[item.holes[0]]) for item in stage.form.spec)
        except (Unknown, IndexError):
            return interp.emit(stage, stage.form, (base, *operands[1:]))
        return _held(kind, {key: None for key in kind.keys}, key) or element(interp, stage, base, key)
    if kind.tag in CONTAINERS and len(stage.form.spec) == 1 and not isinstance(base, Lit):
        item = stage.form.spec[0]
        shown = shown_parts(interp, base)
        try:
            if item.kind == "slice" and kind.tag != "dict" and shown is not None:
                ends = [None if h is None else static_of(interp, operands[h]) for h in item.holes]
                return interp.emit(stage, Form(kind.tag), tuple(shown[slice(*ends)]))
            key = static_of(interp, operands[item.holes[0]]) if item.kind == "at" else None
        except Unknown:
            key, item = None, Item("")
        if item.kind == "at":
            if shown is not None:
                return _held(kind, dict(zip(kind.keys, shown)) if kind.tag == "dict" else shown, key)
            if type(key) in (int, str, bool) and not isinstance(operands[item.holes[0]], Lit):
                literal = Lit(key)
                return interp.emit(stage, Form("index", spec=(Item("at", (1,)),)), (base, literal)) \
                    if kind_of_operand(operands[1]).known.exact else interp.emit(stage, stage.form, (base, *operands[1:]))
        if item.kind == "" and is_truth(kind_of_operand(operands[1])) and {False, True} <= set(keys_of(kind)):
            return _chosen(interp, stage, base, operands[1])
        if any(map(is_made_here, kind.items)):
            raise Refusal(f"subscript of a {kind.tag}", "which of the objects in it it takes is not known when compiling",
                          "Use a constant subscript, or loop over them.")
        if item.kind == "" and base.varied and _is_shown_by_running(kind_of_operand(operands[1])) and _is_array_like(interp, kind):
            interp.builder.externals.setdefault("@np.array", np.array)
            base = interp.make(stage, Form("call", "@np.array"), (base,))
    return interp.emit(stage, stage.form, (base, *operands[1:]))


def _chosen(interp, stage, base, truth):
    """`(x, y)[x < y]`: element 1 where it holds, else element 0."""
    tag = kind_of_operand(base).tag
    if tag != "dict" and not kind_of_operand(truth).weak and not NUMPY_1:
        raise Refusal(f"subscript of a {tag}", f"{tag} indices must be integers or slices, not numpy.bool", "Use int() of it.", TypeError)
    target = Value()
    interp.run_sides(truth, stage, *((lambda key=key: interp.assign(target, element(interp, stage, base, key))) for key in (True, False)))
    return interp.operand(target)


def is_truth(kind):
    return kind.dtype == "?" and kind.rank == 0


def _copied(interp, part):
    """A part of `x.flat`, which is no view."""
    if kind_of_operand(part).tag == "array":
        interp.builder.define(part, dataclasses.replace(interp.builder.definitions[part], shares=False))
    return part


def _is_shown_by_running(kind):
    """An integer that rounds of a loop, written out, would not settle."""
    return is_integer(kind) and kind.dtype != "?" and kind.affine is None


def _is_array_like(interp, kind):
    """Whether a list has numbers in it, or arrays of one shape, of which any may be taken."""
    items = kind.items if kind.tag in ("list", "tuple") else ()
    return bool(items) and all(item.numeric and item.rank == items[0].rank and item.dtype in ("d", "f", "l") for item in items) and all(
        interp.builder.scope.relied_equal(*pair) for item in items for pair in zip(item.shape, items[0].shape))


def is_made_here(kind):
    """Whether it exists only while the function is followed, or holds such a thing."""
    return kind.tag in ("object", "function", "iterator") and kind.known is not None and kind.known.text.startswith("?") \
        or kind.tag in CONTAINERS and any(map(is_made_here, kind.items))


def static_of(interp, operand):
    return static_value(kind_of_operand(operand), interp.builder.scope)


def _held(kind, elements, key):
    try:
        return elements[key]
    except (LookupError, TypeError):
        raise Refusal("subscript", f"the {kind.tag} has no such element", "Use an element that it has.",
                      KeyError if kind.tag == "dict" else IndexError) from None


def unpack(interp, stage, operands):
    """`a, *b = x`: each variable gets its part."""
    operand, marks = operands[0], stage.form.spec
    kind = kind_of_operand(operand)
    if kind.tag == "iterator" or marks or kind.tag in CONTAINERS and (
            shown_parts(interp, operand) is not None or kind.tag == "dict" or isinstance(operand, Lit)
            or any(item.tag not in ("number", "array") for item in kind.items)):
        found = interp.elements(stage, operand)
        if marks:
            at, rest = marks.index(True), len(found) - len(marks) + 1
            if rest >= 0:
                middle = interp.make(stage, Form("list"), tuple(found[at:at + rest]))
                found = [*found[:at], middle, *found[at + rest:]]
        if len(found) != len(stage.targets):
            interp.followed_where_it_runs(stage, stage.form, operands, lambda: _refuse_count(len(found), len(stage.targets)))
        for target, part in zip(stage.targets, found):
            alias = dataclasses.replace(stage, targets=(target,), form=Form("alias"))
            plain = target.name is None or kind_of_operand(part).tag in ("function", "object", "iterator") \
                or interp.frame.given and kind_of_operand(part).affine is not None      # the index of a generator's loop
            if not plain and isinstance(part, Value) and part.name is None and _is_new_item(interp, stage, part) \
                    or isinstance(interp.builder.definitions.get(part), Call) and part.name is None:
                part.name, plain = target.name, True        # `h, c = cell(x)`, `for a, b in zip(xs, ys)`
            interp.assign(target, part if plain else interp.emit(alias, Form("alias"), (part,)))
        return None
    kinds, demanded = interp.followed_where_it_runs(
        stage, stage.form, operands, lambda: unpacked(operand, len(stage.targets), interp.builder.scope))
    targets = tuple(Value(t.name, None, kind, operand.varied and kind.tag not in ("static", "function"))
                    for t, kind in zip(stage.targets, kinds))
    for variable, value in zip(stage.targets, targets):
        interp.assign(variable, value)
    interp.builder.append(Stage(targets, stage.form, operands, stage.statement, stage.place, demands=tuple(demanded)))
    return None


def _refuse_count(values, names):
    raise Refusal("unpacking", f"{values} values into {names} names", "Give as many names as there are values.", ValueError)


def _is_new_item(interp, stage, part):
    made = interp.builder.definitions.get(part)
    return isinstance(made, Stage) and made.form.kind == "index" and made.statement is stage.statement and made in interp.builder.stages[-8:]


# ---- containers that change

def display(interp, stage, old, elements, name=None):
    """A container as `old`, with these parts: a dict of operands."""
    kind = kind_of_operand(old)
    form = display_form(interp.builder, kind, elements if kind.tag == "dict" else None)
    return interp.emit(stage, form, tuple(elements.values()), name=name)


def put(interp, stage, operands):
    """`d[key] = v`, `d[key] += v` of a list or dict."""
    base, value = operands[:2]
    kind, item = kind_of_operand(base), stage.form.spec[0]
    if kind.tag == "tuple":
        raise Refusal("store into a tuple", "Python refuses it", "Make it a list.", TypeError)
    if item.kind != "at" or len(stage.form.spec) != 1:
        raise Refusal(f"store into a slice of a {kind.tag}", "how many elements it replaces cannot be followed", "Make a new list.")
    try:
        key = static_of(interp, operands[item.holes[0]])
    except Unknown:
        raise Refusal(f"store into a {kind.tag}", "which element it replaces is not known when compiling",
                      "Use a constant subscript, or an array instead.") from None
    if kind.tag != "dict":
        if not -len(kind.items) <= key < len(kind.items):
            raise Refusal("store into a list", "it has no such element", "Use .append.", IndexError)
        key %= len(kind.items)
    elements = parts(interp, stage, base)
    if kind.tag == "dict":
        check_key(interp, elements, key, operands[item.holes[0]])
    if stage.form.name:
        old = _held(kind, elements, key)
        value = interp.augment(dataclasses.replace(stage, form=Form("augment", stage.form.name), targets=(Value(),)),
                               (old, value))
        base = interp.operand(stage.operands[0])      # the element may have been written into
        elements = parts(interp, stage, base)
    new = display(interp, beside(stage, Value(base.name)), base, {**elements, key: value}, base.name)
    return interp.propagate_store(stage, base, new)


def element_key(interp, view):
    """The key or position of the element that a subscript reads."""
    key, kind = static_of(interp, view.operands[view.form.spec[0].holes[0]]), kind_of_operand(view.operands[0])
    return key if kind.tag == "dict" else key % len(kind.items)


def with_element(interp, stage, parent, key, now):
    """A container, one part of which has become `now`."""
    return display(interp, beside(stage, Value(parent.name)), parent,
                   {**parts(interp, stage, parent), key: now}, parent.name)


def remove(interp, stage, base, key):
    elements = parts(interp, stage, base) if kind_of_operand(base).tag in CONTAINERS else None
    if elements is None:
        raise Refusal("'del'", "what it takes an element out of is not known when compiling", "Make a list or dict without the element.")
    removed = static_of(interp, key)
    if isinstance(removed, (int, str)) and removed not in elements and not (type(removed) is int and -len(elements) <= removed < 0):
        raise Refusal("'del'", f"there is no {removed!r}", "Take out what there is.", KeyError if kind_of_operand(base).tag == "dict" else IndexError)
    elements.pop(removed, None)
    if kind_of_operand(base).tag != "dict":
        elements = dict(enumerate(elements.values()))
    interp.propagate_store(stage, base, display(interp, beside(stage, Value(base.name)), base, elements))


# ---- attributes
