"""Stores: a store into an array is seen through every name that shares its memory.

The Program takes a store for a new value.  Where the array is a view of another, that one gets a
new value too, and every variable that shares their memory is given its new value.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT, array, literal
>>> from .interpreter import Interpreter
>>> interp, x, y = Interpreter(Builder()), Value("x"), Value("y")
>>> interp.assign(x, Value("x", None, array((literal(3),)), True))
>>> interp.run((Stage((y,), Form("alias"), (x,)), Stage((y,), Form("store", "", ("",), (Item("at", (2,)),)), (y, Lit(1.0), Lit(0)))))
>>> interp.builder.stages[1], interp.operand(x) is interp.builder.stages[1].target
(y = store (y, 1.0, 0), True)
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ..analysis import memory_order
from ..analysis.aliases import allocates, is_immutable, is_list, is_view, owner, owners, viewed_operands
from ..ir.nodes import Form, Item, Lit, Stage, Value
from ..types.kinds import INTEGERS, in_words
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import shifted
from . import dynamic_lists, list_arithmetic, numpy_in_place, scattered_stores, views
from .environment import Unusable

HOLDERS = ("tuple", "list", "dict")
WRITES = ("store", "push")
MAY_SHARE = Unusable("it may share its memory with an array that was stored into", "Copy it before, with .copy().")


# ---- the writes

def store(interp, stage, operands):
    """`x[i] = v`, `x[i] += v`, `x[i] *= v`, `np.add.at(x, i, v)`; of a list or dict, a new element."""
    base, value = operands[:2]
    kind = kind_of_operand(base)
    if kind.tag in HOLDERS:
        return interp.put(stage, operands)
    made = interp.special_store(stage, operands) if kind.tag == "object" else NotImplemented
    if made is not NotImplemented:
        return made
    if kind.tag in ("function", "object", "static", "iterator") or isinstance(base, Lit):
        raise Refusal("store into a subscript", f"what it stores into is {in_words(kind)}", "Store into an array, a list or a dict.", Exception)
    if numpy_in_place.flat_of(interp, base) is not None:
        return numpy_in_place.store_flat(interp, stage, operands)
    form, whole = stage.form, views.whole(interp, stage.form, operands)
    if form.name[:2] != "at" and form.name and interp.frame.before.get(stage.operands[0], base) is not base:
        raise Refusal(f"store into an element with '{form.name}='", "what is added stores into the array before it is added",
                      "Compute it in a line of its own before.")
    if whole is not None:
        return stored_into(interp, dataclasses.replace(stage, form=whole[0]), whole[1], base)
    return stored_into(interp, stage, operands, base)


def stored_into(interp, stage, operands, seen):
    """A store into an array; returns what `seen`, the array or a view of it, has become."""
    form, base = stage.form, operands[0]
    if form.name.startswith("at"):
        form = form._replace(keywords=(form.keywords[0], interp.frame.rename(form.keywords[1])))
    elif form.name not in ("", "+", "-"):
        operands = base, _combined(interp, stage, operands), *operands[2:]
        form = form._replace(name="")
    found = scattered_stores.stored(interp, dataclasses.replace(stage, form=form), operands, store) if seen is base and not form.name else NotImplemented
    if found is not NotImplemented:
        return found
    name = _name(interp, base, stage) if seen is base else base.name or base.hint or "x"
    return changed(interp, stage, base, interp.emit(stage, form, operands, name=name), seen)


def _combined(interp, stage, operands):
    """The product that `x[i] *= v` stores."""
    form, (base, value, *holes) = stage.form, operands
    taken = interp.make(stage, Form("index", form.keywords[0], spec=shifted(form.spec, -1)), (base, *holes))
    found = interp.plain(dataclasses.replace(stage, form=Form("binary", form.name), targets=(Value(),)), (taken, value))
    if kind_of_operand(taken).tag == "array":
        _refuse_casts(stage, taken, found)
    return found


def _name(interp, base, stage):
    return base.name or (stage.targets[0].name if stage.targets else None) or base.hint or "x"


def augment(interp, stage, operands):
    """`x += y`: a new number, or a write into all of an array."""
    old, kind = operands[0], kind_of_operand(operands[0])
    if "object" in (kind.tag, kind_of_operand(operands[1]).tag):
        return interp.augmented_object(stage, operands)
    if kind.tag in ("list", "tuple", "stack") and kind_of_operand(operands[1]).tag == "array":     # NumPy adds; the list stays as it is
        return interp.plain(dataclasses.replace(stage, form=Form("binary", stage.form.name)), operands)
    if kind.tag in HOLDERS:
        return list_arithmetic.extended(interp, stage, operands)
    if kind.tag == "stack" and stage.form.name == "+":
        return dynamic_lists.extended(interp, stage, old, interp.elements(stage, operands[1]))
    if kind.tag != "array" or isinstance(old, Lit):
        new = interp.plain(stage, operands)
        if kind.tag == "unknown":
            _may_change(interp, stage, old)
        return new
    whole = views.whole(interp, Form("store", stage.form.name, ("",), (Item("dots"),)), operands)
    if whole is not None:
        return stored_into(interp, dataclasses.replace(stage, form=whole[0]), whole[1], old)
    new = interp.emit(stage, stage.form, operands, name=_name(interp, old, stage))
    _refuse_casts(stage, old, new)
    if old.kind.dtype in ("e", "f") and new.kind.dtype != old.kind.dtype:
        # An array of single precision stays one, whatever is added: the sum is cast back.
        new.hint, new.name = new.name, None
        new = interp.emit(stage, Form("method", "astype"), (new, Lit(np.dtype(old.kind.dtype).name)), name=_name(interp, old, stage))
    return changed(interp, stage, old, new)


def _refuse_casts(stage, old, new):
    what = f"'{stage.form.name}=' on an array"
    instead = f"Write {old.name or 'x'} = {old.name or 'x'} {stage.form.name} ... if a new array is meant."
    if old.kind.dtype in INTEGERS and old.kind.dtype and new.kind.dtype not in INTEGERS:
        raise Refusal(what, "its elements are integers, and NumPy refuses to store others in it", instead)
    if old.kind.rank is not None and new.kind.rank is not None and old.kind.rank < new.kind.rank:
        raise Refusal(what, "the other operand has more axes, so NumPy cannot store the result in it", instead, ValueError)


def filled(interp, stage, base, value):
    """`x.fill(v)`, `out=x`: every element is replaced."""
    if kind_of_operand(base).tag != "array":
        raise Refusal("store into all of an array", "what it stores into is not an array of known type", "Assign instead.")
    form = Form("store", "", ("",), (Item("dots"),))
    return store(interp, dataclasses.replace(stage, form=form, targets=(Value(base.name),)), (base, value))


# ---- who sees them

def changed(interp, stage, old, new, seen=None):
    """Give every variable that shares the memory of `old` its new value; returns that of `seen`, or `new`."""
    if not isinstance(old, Value):
        return new
    made = interp.builder.definitions
    child, now = old, new
    while True:
        _refuse_read_only(interp, child)
        above = _taken(made.get(child), child)
        if not isinstance(above, Stage) or above.form.kind in WRITES or not is_view(above) or len(viewed_operands(above)) != 1:
            break
        parent, = viewed_operands(above)
        if above.form.kind == "call" and kind_of_operand(parent).tag == "unknown":      # np.asarray of what?
            break
        shares = views.is_surely_view(interp, above)
        if shares is False or shares is None and _is_hidden(interp, parent, child):
            break
        now = views.written_back(interp, stage, above, child, parent, now)
        child = parent
    interp.outside.stored(old, child, made)
    renewed = {child: now}      # the views of it are taken again, that which was written into among them
    source = made.get(child)
    if getattr(source, "form", None) is not None and source.form.kind == "attr" and source.operands[0].kind.tag == "object":
        # The object itself stays as it is: from here on the function has an attribute of its own.
        interp.assign_attribute(source.operands[0], source.form.name, now)
    # A list that gets another part stores into none of the arrays that it holds.
    memory = {child} if kind_of_operand(old).tag in HOLDERS else {*owners(old, made), child}
    if kind_of_operand(old).tag == "stack":
        itself = owner(old, made)
        memory = {child, itself} if itself is not None else {child, *filter(is_list, memory)}
    for frame in interp.frames:
        for variable, operand in list(frame.env.items()):
            if isinstance(operand, Value) and not operand.kind.tag == "number":
                frame.env[variable] = renew(interp, stage, operand, renewed, memory)
            elif isinstance(operand, Unusable):
                frame.env[variable] = _still_told(interp, operand, memory)
    found = renew(interp, stage, seen or old, renewed, memory)
    if isinstance(found, Unusable):
        raise Refusal("store into an array", found.why, found.instead)
    interp.later.update((before, after) for before, after in renewed.items() if before is not after)
    if kind_of_operand(old).tag in HOLDERS:
        interp.rebuilt.update((after, child) for before, after in renewed.items() if before is not after)
    return found


def _refuse_read_only(interp, array):
    """An argument, or an array from outside, that is stored into may be: relied upon."""
    path = memory_order.path_of(interp, array, interp.builder.definitions.get(array)) if array.kind.tag == "array" else None
    if path is not None and interp.builder.scope.lies(path, "writeable") is False:
        raise Refusal("store into an array", "it is read-only", "Copy it before, with .copy().", ValueError)


def _is_hidden(interp, array, view):
    """Whether nothing but the view of an array leads to it: then nobody sees whether it is one, or a copy."""
    made = interp.builder.definitions
    memory, others = owners(array, made), {**made, view: None}
    if not all(isinstance(made.get(one), Stage) and allocates(made[one]) for one in memory):
        return False

    def leads(operand):
        if not isinstance(operand, Value) or is_immutable(operand):
            return isinstance(operand, Unusable)
        return bool(owners(operand, others) & {*memory, None})
    # what has no name is not used again
    return not any(leads(operand) for frame in interp.frames for variable, operand in frame.env.items() if variable.name is not None)


def _may_change(interp, stage, old):
    """Of what may be an array or a number: other names may see what is done to it, or not."""
    renewed, memory = {old: MAY_SHARE}, owners(old, interp.builder.definitions)
    interp.outside.stored(old, old, interp.builder.definitions)
    for frame in interp.frames:
        for variable, operand in list(frame.env.items()):
            found = _still_told(interp, operand, memory) if isinstance(operand, Unusable) else operand
            frame.env[variable] = renew(interp, stage, found, renewed, memory)


def _still_told(interp, unusable, memory):
    """What differs between the sides of a branch; no longer told apart if an array of one side was written into."""
    def touched(end):
        if isinstance(end, list):
            return any(map(touched, end[1]))
        return isinstance(end, Value) and bool(owners(end, interp.builder.definitions) & memory)
    return unusable.alone() if unusable.sides is not None and any(map(touched, unusable.sides[1])) else unusable


def is_taken_again(interp, old, known):
    """Whether a container is what it was, of what its arrays and the containers `known` have become."""
    def versions(value):
        yield value
        while value in interp.later:
            value = interp.later[value]
            yield value
    known = {version for value in known for version in versions(value)}
    return all(interp.rebuilt.get(version) in (None, *known) for version in versions(old))


def now(operand, later):
    """What writes have made of an array."""
    while operand in later:
        operand = later[operand]
    return operand


def was_written(interp, value, later):
    """Whether one of the sides writes into an array, or gives a container another element; not only into what it holds."""
    for side in later:
        part = value
        while part in side:
            part = side[part]
            if part not in interp.derived:
                return True
    return False


def roots(interp, view, later=()):
    """What a view, or a container, is of: arrays, and the containers in it that a side changed themselves."""
    found, seen, left = {}, {view}, [view]
    while left:
        part = left.pop()
        made = _taken(interp.builder.definitions.get(part), part)
        if not isinstance(made, Stage) or made.form.kind in WRITES or not (made.form.kind in HOLDERS or is_view(made)) \
                or was_written(interp, part, later):
            found[part] = None
            continue
        inner = made.operands if made.form.kind in HOLDERS else viewed_operands(made)
        more = [operand for operand in dict.fromkeys(inner) if isinstance(operand, Value) and operand not in seen]
        seen.update(more)
        left += reversed(more)
    return found


def renew(interp, stage, operand, renewed, memory):
    """What an operand stands for after the write."""
    if not isinstance(operand, Value) or operand.kind.tag == "number":
        return operand
    if operand in renewed:
        return renewed[operand]
    made = _taken(interp.builder.definitions.get(operand), operand)
    found = operand
    is_stage = isinstance(made, Stage)
    if is_stage and (made.form.kind in HOLDERS or made.form.kind not in WRITES and is_view(made)):
        seen = made.operands if made.form.kind in HOLDERS else viewed_operands(made)
        parts = [renew(interp, stage, part, renewed, memory) for part in seen]
        unusable = next((part for part in parts if isinstance(part, Unusable)), None)
        if unusable is not None:
            found = unusable
        elif any(part is not before for part, before in zip(parts, seen)):
            shares = made.form.kind in HOLDERS or (views.is_surely_view(interp, made) if len(seen) == 1 else None)
            found = views.again(interp, made, operand, parts) if shares else operand if shares is False else MAY_SHARE
            if isinstance(found, Value) and found is not operand:
                interp.derived.add(found)
    elif operand.kind.tag in ("array", "unknown", "stack", *HOLDERS) and owners(operand, interp.builder.definitions) & memory - {None}:
        found = MAY_SHARE       # a store into one of two arrays, or into one that may be this one
    renewed[operand] = found
    return found


def _taken(made, value):
    """The stage of a value; of one that was unpacked, as if it were taken by its place."""
    if isinstance(made, Stage) and made.form.kind == "unpack":
        form = Form("index", spec=(Item("at", (1,)),))
        return dataclasses.replace(made, targets=(value,), form=form, operands=(made.operands[0], Lit(made.targets.index(value))))
    return made
