"""Containers: lists, dicts and tuples whose elements are known one by one.

A list that is appended to, or a dict that is filled, becomes a new display of its elements.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> from .interpreter import Interpreter
>>> interp, x = Interpreter(Builder()), Value("x", kind=FLOAT)
>>> items = interp.make(Stage((), Form("alias"), ()), Form("list"), (x, Lit(2.0)))
>>> displayed_elements(interp, items), parts(interp, None, items)
((x, 2.0), {0: x, 1: 2.0})
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ..ir.nodes import Call, Form, Item, Lit, Stage, Value, beside
from ..types.constants import is_integer
from ..types.containers import check_key, unpacked
from ..types.kinds import NUMPY_1
from ..types.lists import is_list_of_numbers
from ..types.parts import display_form, keys_of, read
from ..types.refusals import Refusal, no_such_element
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand, static_value
from .loops import turns
from .numpy_in_place import flat_of

CONTAINERS = ("tuple", "list", "dict")


# ---- the elements of a container

def displayed_elements(interp, operand):
    """The operands of a container that is written out in this function, or None."""
    definition = interp.builder.definitions.get(operand)
    while isinstance(definition, Stage) and definition.form.kind == "alias":
        definition = interp.builder.definitions.get(definition.operands[0])
    if not isinstance(definition, Stage) or definition.form.kind not in CONTAINERS \
            or definition.form.name == "*":
        return None
    return definition.operands


def parts(interp, stage, operand):
    """{key or position: operand} of a container."""
    kind = kind_of_operand(operand)
    if kind.tag == "stack":
        raise Refusal("list", "how many elements it has shows only while running",
                      "Take its elements one by one.")
    keys = kind.keys if kind.tag == "dict" else range(len(kind.items))
    turns.note_elements(interp.builder, operand)
    elements = displayed_elements(interp, operand)
    if isinstance(operand, Lit):
        return dict(zip(keys, map(Lit, operand.value)))
    if elements is not None:
        return dict(zip(keys, elements))
    return {key: element(interp, stage, operand, key) for key in keys}


def element(interp, stage, operand, key):
    turns.note_elements(interp.builder, operand)
    elements = displayed_elements(interp, operand)
    if elements is not None:
        return elements[keys_of(kind_of_operand(operand)).index(key)]
    form = read(kind_of_operand(operand), key)
    known = interp.builder.known(form, (operand, Lit(key)))
    return known if known is not None else interp.make(stage, form, (operand, Lit(key)))


def index(interp, stage, operands):
    """A subscript; of a container that is written out, the element itself."""
    base, kind = operands[0], kind_of_operand(operands[0])
    if kind.tag == "iterator":
        base = interp.as_operand(stage, base)
        kind = kind_of_operand(base)
    result = interp.subscript(stage, operands) if kind.tag == "object" else NotImplemented
    if result is not NotImplemented:
        return result
    if kind.tag == "static" and type(kind.known.value) is str and len(stage.form.spec) == 1:
        return _characters(interp, stage, operands)
    if kind.tag == "stack" and len(operands) == 2 and is_truth(kind_of_operand(operands[1])):
        interp.builder.externals.setdefault("@int", int)      # a truth value is no subscript of an array
        operands = base, interp.make(stage, Form("call", "@int"), operands[1:])
    operands = turns.index_from_end(interp.builder, operands)
    if flat_of(interp, base) is not None:
        return _not_shared(interp, interp.emit(stage, stage.form, operands))
    if kind.tag == "dict" and (len(stage.form.spec) != 1 or stage.form.spec[0].inside):     # d["a", 2]
        try:
            key = _static_key(interp, stage.form, operands)
        except Unknown:
            return interp.emit(stage, stage.form, (base, *operands[1:]))
        return _element_at(kind, {key: None for key in kind.keys}, key) or element(interp, stage, base, key)
    if kind.tag in CONTAINERS and len(stage.form.spec) == 1 and not isinstance(base, Lit):
        item = stage.form.spec[0]
        elements = displayed_elements(interp, base)
        if kind.tag == "dict" and item.kind == "slice":
            raise Refusal("subscript", "a dict has no slices", "Use a key that it has.", KeyError)
        try:
            if item.kind == "slice" and kind.tag != "dict" and elements is not None:
                ends = [None if h is None else static_of(interp, operands[h]) for h in item.holes]
                return interp.emit(stage, Form(kind.tag), tuple(elements[slice(*ends)]))
            key = static_of(interp, operands[item.holes[0]]) if item.kind == "at" else None
        except Unknown:
            key, item = None, Item("")
            if is_list_of_numbers(kind) and base.varied and not turns.is_followed(
                    interp.builder, stage.form, operands):
                interp.builder.scope.reads_places = True
        if item.kind == "at":
            if elements is not None:
                return _element_at(
                    kind, dict(zip(kind.keys, elements)) if kind.tag == "dict" else elements, key)
            if type(key) in (int, str, bool) and not isinstance(operands[item.holes[0]], Lit):
                literal = Lit(key)
                if not kind_of_operand(operands[1]).known.exact:
                    return interp.emit(stage, stage.form, (base, *operands[1:]))
                return interp.emit(stage, Form("index", spec=(Item("at", (1,)),)), (base, literal))
        if item.kind == "" and is_truth(kind_of_operand(operands[1])) and {False, True} <= set(keys_of(kind)):
            return _element_by_truth(interp, stage, base, operands[1])
        if any(map(is_compile_time_object, kind.items)):
            raise Refusal(f"subscript of a {kind.tag}",
                          "which of the objects in it it takes is not known when compiling",
                          "Use a constant subscript, or loop over them.")
        if item.kind == "" and base.varied and _is_run_time_index(kind_of_operand(operands[1])) \
                and _is_array_like(interp, kind):
            interp.builder.externals.setdefault("@np.array", np.array)
            base = interp.make(stage, Form("call", "@np.array"), (base,))
            if all(item.weak and item.dtype == kind.items[0].dtype for item in kind.items):
                scalar = interp.make(stage, stage.form, (base, *operands[1:]))      # of NumPy's, not the item
                return interp.emit(stage, Form("method", "item"), (scalar,))
    return interp.emit(stage, stage.form, (base, *operands[1:]))


def _characters(interp, stage, operands):
    """A part of a string that is known when compiling, as a string that is."""
    item = stage.form.spec[0]
    try:
        holes = [None if hole is None else static_of(interp, operands[hole]) for hole in item.holes]
        return Lit(static_of(interp, operands[0])[slice(*holes) if item.kind == "slice" else holes[0]])
    except Unknown:
        return interp.emit(stage, stage.form, operands)
    except (IndexError, TypeError) as error:
        raise Refusal("subscript", str(error), "Use an index that the string has.", type(error)) from None


def _element_by_truth(interp, stage, base, truth):
    """`(x, y)[x < y]`: element 1 where the comparison holds, else element 0."""
    tag = kind_of_operand(base).tag
    if tag != "dict" and not kind_of_operand(truth).weak and not NUMPY_1:
        raise Refusal(f"subscript of a {tag}", f"{tag} indices must be integers or slices, not numpy.bool",
                      "Use int() of it.", TypeError)
    target = Value()
    sides = ((lambda key=key: interp.assign(target, element(interp, stage, base, key)))
             for key in (True, False))
    interp.run_sides(truth, stage, *sides)
    return interp.operand(target)


def is_truth(kind):
    return kind.dtype == "?" and kind.rank == 0


def _not_shared(interp, part):
    """An element of `x.flat`, which is no view."""
    if kind_of_operand(part).tag == "array":
        interp.builder.define(part, dataclasses.replace(interp.builder.definitions[part], shares=False))
    return part


def _is_run_time_index(kind):
    """Whether it is an integer that unrolling a loop would not make constant."""
    return is_integer(kind) and kind.dtype != "?" and kind.affine is None


def _is_array_like(interp, kind):
    """Whether a list holds numbers, or arrays of one shape, so that it can be subscripted as an array."""
    items = kind.items if kind.tag in ("list", "tuple") else ()
    is_uniform = bool(items) and all(
        item.numeric and item.rank == items[0].rank and item.dtype in ("d", "f", "l") for item in items)
    return is_uniform and all(interp.builder.scope.relied_equal(*pair)
                              for item in items for pair in zip(item.shape, items[0].shape))


def is_compile_time_object(kind):
    """Whether it exists only when compiling, or holds such an object."""
    if kind.tag in ("object", "function", "iterator"):
        return kind.known is not None and kind.known.text.startswith("?")
    return kind.tag in CONTAINERS and any(map(is_compile_time_object, kind.items))


def static_of(interp, operand):
    return static_value(kind_of_operand(operand), interp.builder.scope)


def _static_key(interp, form, operands):
    """The key or position of a subscript, which is a tuple where it has several items.  Raises Unknown."""
    if any(item.kind != "at" for item in form.spec):
        raise Unknown
    items = [static_of(interp, operands[item.holes[0]]) for item in form.spec]
    return items[0] if len(items) == 1 and not form.spec[0].inside else tuple(items)


def _element_at(kind, elements, key):
    try:
        return elements[key]
    except (LookupError, TypeError):
        raise no_such_element("subscript", kind.tag, key, elements) from None


def unpack(interp, stage, operands):
    """`a, *b = x`: each variable gets its element."""
    operand, marks = operands[0], stage.form.spec
    if kind_of_operand(operand).tag == "object":
        iterated = interp.call_special(stage, operand, "iter")
        operand = operand if iterated is NotImplemented else iterated
    kind = kind_of_operand(operand)
    if kind.tag == "iterator" or marks or kind.tag in CONTAINERS and (
            displayed_elements(interp, operand) is not None or kind.tag == "dict" or isinstance(operand, Lit)
            or any(item.tag not in ("number", "array") for item in kind.items)):
        by_position = turns.unpacked(interp, stage, operand, marks) if marks else None
        items = interp.elements(stage, operand) if by_position is None else by_position
        if marks and by_position is None:
            position, starred_count = marks.index(True), len(items) - len(marks) + 1
            if starred_count >= 0:
                middle = interp.make(stage, Form("list"), tuple(items[position:position + starred_count]))
                items = [*items[:position], middle, *items[position + starred_count:]]
        if len(items) != len(stage.targets):
            interp.followed_where_it_runs(
                stage, stage.form, operands, lambda: _refuse_count(len(items), len(stage.targets)))
        for target, part in zip(stage.targets, items):
            alias = dataclasses.replace(stage, targets=(target,), form=Form("alias"))
            is_compile_time = kind_of_operand(part).tag in ("function", "object", "iterator")
            # The index of a loop over a generator needs no alias.
            is_index = interp.frame.is_yielding and kind_of_operand(part).affine is not None
            is_plain = target.name is None or is_compile_time or is_index
            is_new = isinstance(part, Value) and part.name is None and _is_new_item(interp, stage, part)
            if not is_plain and is_new \
                    or isinstance(interp.builder.definitions.get(part), Call) and part.name is None:
                part.name, is_plain = target.name, True        # `h, c = cell(x)`, `for a, b in zip(xs, ys)`
            interp.assign(target, part if is_plain else interp.emit(alias, Form("alias"), (part,)))
        return None
    kinds, demanded = interp.followed_where_it_runs(
        stage, stage.form, operands, lambda: unpacked(operand, len(stage.targets), interp.builder.scope))
    targets = tuple(Value(t.name, None, kind, operand.varied and kind.tag not in ("static", "function"))
                    for t, kind in zip(stage.targets, kinds))
    for variable, value in zip(stage.targets, targets):
        interp.assign(variable, value)
    interp.builder.append(
        Stage(targets, stage.form, operands, stage.statement, stage.place, demands=tuple(demanded)))
    return None


def _refuse_count(values, names):
    raise Refusal("unpacking", f"{values} values into {names} names",
                  "Give as many names as there are values.", ValueError)


def _is_new_item(interp, stage, part):
    definition = interp.builder.definitions.get(part)
    return isinstance(definition, Stage) and definition.form.kind == "index" \
        and definition.statement is stage.statement and definition in interp.builder.stages[-8:]


# ---- stores into containers

def display(interp, stage, old, elements, name=None):
    """A container like `old`, with these elements: {key: operand}."""
    kind = kind_of_operand(old)
    form = display_form(interp.builder, kind, elements if kind.tag == "dict" else None)
    return interp.emit(stage, form, tuple(elements.values()), name=name)


def put(interp, stage, operands):
    """`d[key] = v`, `d[key] += v` of a list or dict."""
    base, value = operands[:2]
    kind = kind_of_operand(base)
    if kind.tag == "tuple":
        raise Refusal("store into a tuple", "Python refuses it", "Make it a list.", TypeError)
    first = stage.form.spec[0]
    if kind.tag == "list" and first.kind == "slice" and len(stage.form.spec) == 1 and not stage.form.name:
        return _put_slice(interp, stage, base, first, operands)
    if any(item.kind != "at" for item in stage.form.spec) or len(stage.form.spec) != 1 and kind.tag != "dict":
        raise Refusal(f"store into a slice of a {kind.tag}",
                      "how many elements it replaces cannot be followed",
                      "Make a new list.")
    try:
        key = _static_key(interp, stage.form, operands)
    except Unknown:
        raise Refusal(f"store into a {kind.tag}", "which element it replaces is not known when compiling",
                      "Use a constant subscript, or an array instead.") from None
    if kind.tag != "dict":
        if not -len(kind.items) <= key < len(kind.items):
            raise Refusal("store into a list", "it has no such element", "Use .append.", IndexError)
        key %= len(kind.items)
    elements = parts(interp, stage, base)
    if kind.tag == "dict":
        for part in stage.form.spec:
            check_key(interp, elements, key, operands[part.holes[0]])
    if stage.form.name:
        old_element = _element_at(kind, elements, key)
        augment = dataclasses.replace(stage, form=Form("augment", stage.form.name), targets=(Value(),))
        value = interp.augment(augment, (old_element, value))
        base = interp.operand(stage.operands[0])      # the element itself may have been stored into
        elements = parts(interp, stage, base)
        if elements[key] is value and kind_of_operand(value).tag == "array":
            return base         # the array itself was stored into
    changed = display(interp, beside(stage, Value(base.name)), base, {**elements, key: value}, base.name)
    return interp.propagate_store(stage, base, changed)


def _put_slice(interp, stage, base, item, operands):
    """`xs[:] = ys`: the same list, with other elements in the place of some."""
    try:
        taken = slice(*(None if hole is None else static_of(interp, operands[hole]) for hole in item.holes))
        kept, values = list(parts(interp, stage, base).values()), list(interp.elements(stage, operands[1]))
    except Unknown:
        raise Refusal("store into a slice of a list", "how many elements it replaces cannot be followed",
                      "Make a new list.") from None
    try:
        kept[taken] = values
    except ValueError as error:     # of a slice with a step
        raise Refusal("store into a slice of a list", str(error), "Give it as many elements.",
                      ValueError) from None
    changed = display(interp, beside(stage, Value(base.name)), base, dict(enumerate(kept)), base.name)
    return interp.propagate_store(stage, base, changed)


def element_key(interp, view):
    """The key or position of the element that a subscript reads."""
    key, kind = _static_key(interp, view.form, view.operands), kind_of_operand(view.operands[0])
    return key if kind.tag == "dict" else key % len(kind.items)


def with_element(interp, stage, parent, key, element_now):
    """A container with a new version of one element."""
    return display(interp, beside(stage, Value(parent.name)), parent,
                   {**parts(interp, stage, parent), key: element_now}, parent.name)


def remove(interp, stage, base, key):
    """`del d[key]`, `del xs[i]`."""
    elements = parts(interp, stage, base) if kind_of_operand(base).tag in CONTAINERS else None
    if elements is None:
        raise Refusal("'del'", "what it takes an element out of is not known when compiling",
                      "Make a list or dict without the element.")
    removed_key = static_of(interp, key)
    is_from_end = type(removed_key) is int and -len(elements) <= removed_key < 0
    if isinstance(removed_key, (int, str)) and removed_key not in elements and not is_from_end:
        raise Refusal("'del'", f"there is no {removed_key!r}", "Take out what there is.",
                      KeyError if kind_of_operand(base).tag == "dict" else IndexError)
    elements.pop(removed_key, None)
    if kind_of_operand(base).tag != "dict":
        elements = dict(enumerate(elements.values()))
    interp.propagate_store(stage, base, display(interp, beside(stage, Value(base.name)), base, elements))
