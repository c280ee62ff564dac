"""Stores: a store into an array is seen through every name that shares its memory.

In the Program a store makes a new value.  Where the array is a view of another, that one gets a
new value too, and every variable that shares their memory gets its new version.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT, array, literal
>>> from .interpreter import Interpreter
>>> interp, x, y = Interpreter(Builder()), Value("x"), Value("y")
>>> interp.assign(x, Value("x", None, array((literal(3),)), True))
>>> store_0 = Stage((y,), Form("store", "", ("",), (Item("at", (2,)),)), (y, Lit(1.0), Lit(0)))
>>> interp.run((Stage((y,), Form("alias"), (x,)), store_0))
>>> interp.builder.stages[1], interp.operand(x) is interp.builder.stages[1].target
(y = store (y, 1.0, 0), True)
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ..analysis.aliases import (
    allocates,
    is_immutable,
    is_list,
    is_read_only,
    is_view,
    owner,
    owners,
    through_broadcast,
    viewed_operands,
)
from ..analysis.argument_paths import path_of
from ..analysis.identity import candidates, key_of, reached, shares_elements
from ..analysis.overlapping_stores import refuse_overlap
from ..ir.nodes import BLOCKS, Branch, Form, Item, Lit, Loop, Stage, Value
from ..ir.traversal import as_subscript
from ..types.kinds import INTEGERS, in_words
from ..types.lists import is_argument_as_array
from ..types.parts import keys_of
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from ..types.sharing import OVERLAPPING
from ..types.subscripts import shifted
from . import dynamic_lists, list_arithmetic, numpy_in_place, scattered_stores, views
from .environment import Unusable
from .loops import stored_lists

HOLDERS = ("tuple", "list", "dict")
WRITES = ("store", "push")
REDUCED = frozenset("sum max min mean prod dot matmul inner vdot trace std var norm median".split())
MAY_SHARE = Unusable("it may share its memory with an array that was stored into",
                     "Copy it before, with .copy().")
MAY_BE_READ_ONLY = "it may be read-only, or hold an element in several places"


# ---- stores

def store(interp, stage, operands):
    """`x[i] = v`, `x[i] += v`, `x[i] *= v`, `np.add.at(x, i, v)`; of a list or dict, a new element."""
    base, value = operands[:2]
    if isinstance(base, Value) and base.kind.tag in ("stack", "array"):
        base = stored_lists.base_of_store(interp, stage, base)
        operands = base, *operands[1:]
    kind = kind_of_operand(base)
    if kind.tag in HOLDERS:
        return interp.put(stage, operands)
    result = interp.special_store(stage, operands) if kind.tag == "object" else NotImplemented
    if result is not NotImplemented:
        return result
    if kind.tag in ("function", "object", "static", "iterator") or isinstance(base, Lit):
        raise Refusal("store into a subscript", f"what it stores into is {in_words(kind)}",
                      "Store into an array, a list or a dict.", Exception)
    if numpy_in_place.flat_of(interp, base) is not None:
        return numpy_in_place.store_flat(interp, stage, operands)
    form, base_store = stage.form, views.store_into_base(interp, stage.form, operands)
    if form.name[:2] != "at" and form.name and interp.frame.before.get(stage.operands[0], base) is not base:
        raise Refusal(f"store into an element with '{form.name}='",
                      "what is added stores into the array before it is added",
                      "Compute it in a line of its own before.")
    if base_store is not None:
        return store_into_array(interp, dataclasses.replace(stage, form=base_store[0]), base_store[1], base)
    return store_into_array(interp, stage, operands, base)


def store_into_array(interp, stage, operands, seen):
    """A store into an array; returns the new version of `seen`, the array or a view of it."""
    form, base = stage.form, operands[0]
    refuse_listed(interp, base)
    refuse_overlap(interp.builder.definitions, form, operands)
    if form.name.startswith("at"):
        form = form._replace(keywords=(form.keywords[0], interp.frame.rename(form.keywords[1])))
    elif form.name not in ("", "+", "-"):
        operands = base, _combined(interp, stage, operands), *operands[2:]
        form = form._replace(name="")
    result = NotImplemented
    if seen is base and not form.name:
        result = scattered_stores.stored(interp, dataclasses.replace(stage, form=form), operands, store)
    if result is not NotImplemented:
        return result
    name = _name(interp, base, stage) if seen is base else base.name or base.hint or "x"
    return propagate_store(interp, stage, base, interp.emit(stage, form, operands, name=name), seen)


def _combined(interp, stage, operands):
    """The product that `x[i] *= v` stores."""
    form, (base, value, *holes) = stage.form, operands
    element = interp.make(stage, Form("index", form.keywords[0], spec=shifted(form.spec, -1)), (base, *holes))
    binary = dataclasses.replace(stage, form=Form("binary", form.name), targets=(Value(),))
    result = interp.evaluate_or_emit(binary, (element, value))
    if kind_of_operand(element).tag == "array":
        _refuse_casts(stage, element, result)
    return result


def _name(interp, base, stage):
    return base.name or (stage.targets[0].name if stage.targets else None) or base.hint or "x"


def augment(interp, stage, operands):
    """`x += y`: a new number, or a store into all of an array."""
    value_before, kind = operands[0], kind_of_operand(operands[0])
    if "object" in (kind.tag, kind_of_operand(operands[1]).tag):
        return interp.augmented_object(stage, operands)
    if kind.tag in ("list", "tuple", "stack") and kind_of_operand(operands[1]).tag == "array":
        # NumPy adds; the list itself does not change.
        return interp.evaluate_or_emit(
            dataclasses.replace(stage, form=Form("binary", stage.form.name)), operands)
    if kind.tag in HOLDERS:
        return list_arithmetic.extended(interp, stage, operands)
    if kind.tag == "stack" and stage.form.name == "+":
        return dynamic_lists.extend(interp, stage, value_before, interp.elements(stage, operands[1]))
    refuse_listed(interp, value_before)
    uncertain = may_be_number(interp.builder.definitions, value_before)
    if kind.tag != "array" or isinstance(value_before, Lit) or uncertain:
        views.note_other_names(interp, value_before)
        result = interp.evaluate_or_emit(stage, operands)
        if uncertain:
            _may_change(interp, stage, value_before)
        return result
    whole_array = Form("store", stage.form.name, ("",), (Item("dots"),))
    base_store = views.store_into_base(interp, whole_array, operands)
    if base_store is not None:
        return store_into_array(interp, dataclasses.replace(stage, form=base_store[0]),
                                base_store[1], value_before)
    result = interp.emit(stage, stage.form, operands, name=_name(interp, value_before, stage))
    _refuse_casts(stage, value_before, result)
    if value_before.kind.dtype in ("e", "f") and result.kind.dtype != value_before.kind.dtype:
        # An array of single precision stays one, whatever is added: the sum is cast back.
        result.hint, result.name = result.name, None
        cast = result, Lit(np.dtype(value_before.kind.dtype).name)
        result = interp.emit(stage, Form("method", "astype"), cast, name=_name(interp, value_before, stage))
    if value_before.kind.rank == 0:     # the text may write `x = x + y`, which is no array any more
        result.hint, result.name = result.name, None
        interp.builder.externals.setdefault("@np.array", np.array)
        result = interp.emit(stage, Form("call", "@np.array"), (result,),
                             name=_name(interp, value_before, stage))
    return propagate_store(interp, stage, value_before, result)


def refuse_listed(interp, operand):
    """Refuse a change of list(y), or of a part: subscripts treat it as the array y, changes as a list."""
    definitions = interp.builder.definitions
    while isinstance(operand, Value):
        stage = definitions.get(operand)
        if not isinstance(stage, Stage):
            return
        if is_listed(stage):
            raise Refusal("change of a list that was made of an array", "it is followed as the array",
                          "Make the list with [v for v in ...].")
        operand = stage.operands[0] if stage.form.kind in ("alias", "index", "store", "augment") else None


def is_listed(stage):
    """Whether a stage is list(y) or tuple(y) of an array y that carries no derivative."""
    return stage.form.kind == "call" and stage.gate is None and stage.target.kind.tag == "array" \
        and len(stage.operands) == 1 and kind_of_operand(stage.operands[0]).tag == "array"


def may_be_number(definitions, operand):
    """Whether only running shows if a value is an array or a number, of which `x += y` makes another."""
    kind = kind_of_operand(operand)
    if kind.tag == "unknown" or kind.tag != "array" or kind.shape is not None:
        return kind.tag == "unknown"
    stage = definitions.get(operand)
    if isinstance(stage, (Branch, Loop)):
        if isinstance(stage, Branch):
            ends = [end for row in stage.results for end in row[1:] if row[0] is operand]
        else:
            ends = [row.init for row in stage.rows if row.out is operand]
        return any(isinstance(end, Value) and may_be_number(definitions, end) for end in ends)
    if isinstance(stage, Stage) and stage.form.kind in ("alias", "augment"):
        return may_be_number(definitions, stage.operands[0])
    if not isinstance(stage, Stage) or stage.gate is None:
        return False
    if stage.gate.mode == "elementwise":
        kinds = [kind_of_operand(part) for part in stage.operands]
        return all(kind.tag == "number" or kind.rank == 0 or may_be_number(definitions, part)
                   for part, kind in zip(stage.operands, kinds))
    return stage.gate.name in REDUCED


def _refuse_casts(stage, old, new):
    description = f"'{stage.form.name}=' on an array"
    instead = f"Write {old.name or 'x'} = {old.name or 'x'} {stage.form.name} ... if a new array is meant."
    if old.kind.dtype in INTEGERS and old.kind.dtype and new.kind.dtype not in INTEGERS:
        raise Refusal(
            description, "its elements are integers, and NumPy refuses to store others in it", instead)
    if old.kind.rank is not None and new.kind.rank is not None and old.kind.rank < new.kind.rank:
        raise Refusal(description, "the other operand has more axes, so NumPy cannot store the result in it",
                      instead, ValueError)


def fill_array(interp, stage, base, value):
    """`x.fill(v)`, `out=x`: every element is replaced."""
    if kind_of_operand(base).tag != "array":
        raise Refusal("store into all of an array", "what it stores into is not an array of known type",
                      "Assign instead.")
    form = Form("store", "", ("",), (Item("dots"),))
    return store(interp, dataclasses.replace(stage, form=form, targets=(Value(base.name),)), (base, value))


# ---- aliases of the array

def propagate_store(interp, stage, old, new, seen=None):
    """Give every variable that shares memory with `old` its new version; returns that of `seen`, or `new`."""
    if not isinstance(old, Value):
        return new
    definitions = interp.builder.definitions
    child, version, written_through = old, new, {old}
    while True:
        _refuse_read_only(interp, child)
        definition = as_subscript(definitions.get(child), child)
        if isinstance(definition, Stage) and is_argument_as_array(definition):
            stored_lists.refuse()
        if not isinstance(definition, Stage) or definition.form.kind in WRITES \
                or not is_view(definition) or len(viewed_operands(definition)) != 1 \
                or stored_lists.is_conversion(definition):
            break
        parent, = viewed_operands(definition)
        if _is_new_list(definition, parent) and kind_of_operand(child).tag in HOLDERS:
            break
        # np.asarray of an unknown value may be a copy.
        if definition.form.kind == "call" and kind_of_operand(parent).tag == "unknown":
            break
        shares = views.is_surely_view(interp, definition)
        if shares is False or shares is None and _is_hidden(interp, parent, child):
            # Of one number in all places every shape is a view.
            if shares is None and definition.gate.name != "ravel" \
                    and any(is_read_only(definitions.get(memory)) for memory in owners(parent, definitions)):
                raise Refusal("store into an array", MAY_BE_READ_ONLY, views.INSTEAD)
            break
        _refuse_shared_elements(interp, definition, child, old)
        version = views.write_back(interp, stage, definition, child, parent, version)
        child = parent
        written_through.add(child)
    if kind_of_operand(old).tag != "stack":     # to append stores into none of the elements
        interp.outside.stored(old, child, definitions)
    renewed = {child: version}      # its views are taken again, also the one that was stored into
    source = definitions.get(child)
    if getattr(source, "form", None) is not None and source.form.kind == "attr" \
            and source.operands[0].kind.tag == "object":
        known = source.operands[0].kind.known
        if known is not None and known.text in interp.copied_objects:
            raise Refusal("store into an array", "a shallow copy of its object shares it",
                          "Copy the array before, with .copy().")
        # The object itself does not change: from here on the attribute is a variable of the function.
        # One that is a variable already may hold another array now.
        if not interp.is_assigned_attribute(source.operands[0], source.form.name):
            interp.assign_attribute(source.operands[0], source.form.name, version)
    # A list that gets another element stores into none of the arrays that it holds.
    memory = {child} if kind_of_operand(old).tag in HOLDERS else {*owners(old, definitions), child}
    if kind_of_operand(old).tag == "stack":
        itself = owner(old, definitions)
        memory = {child, itself} if itself is not None else {child, *filter(is_list, memory)}
    if kind_of_operand(old).tag in HOLDERS:
        # What was an element before stays what it is, whatever stands in its place now.
        renewed.update((value, value) for value in _elements_of(interp, old))
        renewed.update((value, MAY_SHARE) for value in candidates(old, definitions, interp.choices)
                       if value not in written_through)
    names = len(written_through)
    for frame in interp.frames:
        for variable, operand in list(frame.env.items()):
            if isinstance(operand, Value) and not operand.kind.tag == "number":
                frame.env[variable] = renew(interp, stage, operand, renewed, memory)
                names += frame.env[variable] is not operand
            elif isinstance(operand, Unusable):
                frame.env[variable] = _forget_stored_sides(interp, operand, memory, renewed)
    if names > 2:       # the array itself, and the name by which it is stored into
        interp.builder.scope.stores_are_shared = True
    result = renew(interp, stage, seen or old, renewed, memory)
    if isinstance(result, Unusable):
        raise Refusal("store into an array", result.why, result.instead)
    interp.later.update((before, after) for before, after in renewed.items() if before is not after)
    if kind_of_operand(old).tag in HOLDERS:
        interp.rebuilt.update((after, child) for before, after in renewed.items() if before is not after)
    return result


def _refuse_shared_elements(interp, definition, child, old):
    """Refuse a store through an element of a container of which another element may see it, or not."""
    container, kind = definition.operands[0], kind_of_operand(definition.operands[0])
    if kind.tag not in HOLDERS or definition.form.kind != "index":
        return
    key = key_of(definition, child)
    for other in keys_of(kind):
        if other != key and shares_elements(container, key, other, old, interp.builder.definitions,
                                            interp.choices):
            raise Refusal("store into an array" if kind_of_operand(old).tag not in HOLDERS else
                          f"store into a {kind_of_operand(old).tag}",
                          f"another element of the {kind.tag} that it was taken from may share it",
                          "Copy it before, with .copy().")


def _is_new_list(definition, parent):
    """Whether it is a slice of a list or tuple: another list, of the same elements."""
    return definition.form.kind == "index" and kind_of_operand(parent).tag in HOLDERS \
        and any(item.kind != "at" for item in definition.form.spec)


def _elements_of(interp, container):
    """The values that were read from a container, or that an earlier version of it holds as elements."""
    definitions = interp.builder.definitions

    def origin(value):
        definition = definitions.get(value)
        while isinstance(definition, Stage) and definition.form.kind == "alias":
            value = definition.operands[0]
            definition = definitions.get(value)
        return value, definition

    def is_container(value):
        (value, definition), (known, stage) = origin(value), origin(container)
        return value is known or (
            isinstance(definition, Stage) and isinstance(stage, Stage) and definition.form.kind == "index"
            and definition.form == stage.form and definition.operands[1:] == stage.operands[1:]
            and origin(definition.operands[0])[0] is origin(stage.operands[0])[0])

    for value, definition in list(definitions.items()):
        is_read = isinstance(definition, Stage) and (
            definition.form.kind in ("index", "unpack")
            or definition.form[:2] in (("list", "*"), ("tuple", "*")))
        if is_read and any(isinstance(part, Value) and is_container(part)
                           for part in definition.operands[:None if definition.form.name == "*" else 1]):
            yield value


def _refuse_read_only(interp, array):
    """Refuse a store into what is read-only: an array from outside (guarded), what np.broadcast_to gives."""
    definitions = interp.builder.definitions
    definition = definitions.get(array)
    path = path_of(array, definitions) if array.kind.tag == "array" else None
    if path is not None and interp.builder.scope.has_flag(path, "writeable") is False:
        raise Refusal("store into an array", "it is read-only", views.INSTEAD, ValueError)
    if is_read_only(definition) and definition.gate.name not in OVERLAPPING:
        raise Refusal("store into an array", "it is read-only", views.INSTEAD, ValueError)
    if is_read_only(definition) or isinstance(definition, BLOCKS) and through_broadcast(array, definitions):
        raise Refusal("store into an array", MAY_BE_READ_ONLY, views.INSTEAD)


def _is_hidden(interp, array, view):
    """Whether the view is the only way to reach an array: then no one sees whether it is a view or a copy."""
    definitions = interp.builder.definitions
    memory, others = owners(array, definitions), {**definitions, view: None}
    if not all(isinstance(definitions.get(allocation), Stage) and allocates(definitions[allocation])
               for allocation in memory):
        return False

    def leads(operand):
        if not isinstance(operand, Value) or is_immutable(operand):
            return isinstance(operand, Unusable)
        return bool(owners(operand, others) & {*memory, None})
    # Temporaries are read at most once, so an unnamed variable cannot observe the store.
    return not any(leads(operand) for frame in interp.frames for variable, operand in frame.env.items()
                   if variable.name is not None)


def _may_change(interp, stage, old):
    """Make the aliases of a value unusable that may be an array: they may see the change, or not."""
    renewed, memory = {old: MAY_SHARE}, owners(old, interp.builder.definitions)
    interp.outside.stored(old, old, interp.builder.definitions)
    for frame in interp.frames:
        for variable, operand in list(frame.env.items()):
            operand_now = operand
            if isinstance(operand, Unusable):
                operand_now = _forget_stored_sides(interp, operand, memory, renewed)
            frame.env[variable] = renew(interp, stage, operand_now, renewed, memory)


def _forget_stored_sides(interp, unusable, memory, renewed):
    """An unusable value without its sides, if an array or container of one side was stored into."""
    def touched(end):
        if isinstance(end, list):
            is_changed = any(value in renewed and renewed[value] is not value for value in end[2])
            return is_changed or any(map(touched, end[1]))
        return isinstance(end, Value) and bool(owners(end, interp.builder.definitions) & memory)
    if unusable.sides is not None and any(map(touched, unusable.sides[1])):
        return unusable.alone()
    return unusable


def is_rederived(interp, old, known):
    """Whether a container is unchanged but for new versions of its arrays and of the containers `known`."""
    def versions(value):
        yield value
        while value in interp.later:
            value = interp.later[value]
            yield value
    known = {version for value in known for version in versions(value)}
    return all(interp.rebuilt.get(version) in (None, *known) for version in versions(old))


def latest_version(operand, later):
    """The latest version of an array."""
    while operand in later:
        operand = later[operand]
    return operand


def was_written(interp, value, later):
    """Whether a side stores into an array or container itself, not only into what the container holds."""
    for side in later:
        version = value
        while version in side:
            version = side[version]
            if version not in interp.derived:
                return True
    return False


def roots(interp, view, later=()):
    """The arrays that a view or container is derived from, and the containers in it that a side changed."""
    found_roots, seen, pending = {}, {view}, [view]
    while pending:
        value = pending.pop()
        definition = as_subscript(interp.builder.definitions.get(value), value)
        is_derived = isinstance(definition, Stage) and definition.form.kind not in WRITES \
            and not stored_lists.is_conversion(definition) \
            and (definition.form.kind in HOLDERS or is_view(definition))
        if not is_derived or was_written(interp, value, later):
            found_roots[value] = None
            continue
        bases = definition.operands if definition.form.kind in HOLDERS else viewed_operands(definition)
        unvisited = [operand for operand in dict.fromkeys(bases)
                     if isinstance(operand, Value) and operand not in seen]
        seen.update(unvisited)
        pending += reversed(unvisited)
    return found_roots


def renew(interp, stage, operand, renewed, memory):
    """The version of an operand after the store."""
    if not isinstance(operand, Value) or operand.kind.tag == "number":
        return operand
    if operand in renewed:
        return renewed[operand]

    def is_changed(values):
        return any(value in renewed and renewed[value] is not value for value in values)
    definition = as_subscript(interp.builder.definitions.get(operand), operand)
    result = operand
    is_stage = isinstance(definition, Stage)
    if is_changed(interp.choices.get(operand, ())):
        result = MAY_SHARE       # it may be the container that was changed
    elif is_stage and (definition.form.kind in HOLDERS
                     or definition.form.kind not in WRITES and is_view(definition)):
        bases = definition.operands if definition.form.kind in HOLDERS else viewed_operands(definition)
        parts = [renew(interp, stage, part, renewed, memory) for part in bases]
        unusable = next((part for part in parts if isinstance(part, Unusable)), None)
        if unusable is not None:
            result = unusable
        elif any(part is not before for part, before in zip(parts, bases)):
            shares = definition.form.kind in HOLDERS or (
                views.is_surely_view(interp, definition) if len(bases) == 1 else None)
            if shares:
                result = views.rederived(interp, definition, operand, parts)
            else:
                result = operand if shares is False else MAY_SHARE
            if isinstance(result, Value) and result is not operand:
                interp.derived.add(result)
                if operand in interp.choices:
                    choices = (renew(interp, stage, v, renewed, memory) for v in interp.choices[operand])
                    interp.choices[result] = frozenset(v for v in choices if isinstance(v, Value))
    elif is_changed(reached(operand, interp.builder.definitions, interp.choices)):
        result = MAY_SHARE       # it may be or hold the container that was changed
    elif operand.kind.tag in ("array", "unknown", "stack", *HOLDERS) \
            and owners(operand, interp.builder.definitions) & memory - {None}:
        result = MAY_SHARE       # a store into one of two arrays, or into one that may be this one
    renewed[operand] = result
    return result
