"""Nonlocals: what a function reads from outside, and a variable for each outside object that it stores into.

An array, list or dict that is only read is read where the function reads it, late.  Where a store meets one,
interpretation begins again: the object is then read once, before all else, into a variable, and each name
under which the function reads the same object gives that variable.  So the store is seen wherever Python
would show it, and the object itself does not change.

>>> weights = np.ones(3)
>>> overlaps({"w": weights}, weights[1:]), overlaps([weights], [np.ones(3)])
(True, False)
"""
from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from ..analysis.aliases import is_view, owners
from ..ir.nodes import Branch, Call, Form, Lit, LoopInProgress, Stage, Value
from ..types.parts import display_form
from ..types.refusals import Refusal
from .environment import object_of

REACHING = ("array", "list", "tuple", "dict", "object")     # kinds of arguments that lead to arrays
MUTABLE = (np.ndarray, list, dict, tuple)      # a tuple may hold one
SHARED = ("name from outside of the function",
          "it may share its memory with something else from there that the function stores into",
          "Copy one of them first, with .copy().")


class NonlocalStore(Exception):
    """A store meets an outside object that has no variable yet."""


class OutsideObject(NamedTuple):
    """An outside object, and the path by which the text reads it; of a default, the name to supply it by."""

    obj: Any
    path: str
    supplied: bool = True


class OutsideVariable(NamedTuple):
    """The variable of an outside object."""

    obj: Any
    path: str
    variable: Any


class OutsideState:
    """What has been read from outside, and the variables of the objects that are stored into."""

    def __init__(self, scope):
        self.scope, self.reads, self.entries = scope, {}, {}
        self.objects = {}       # {id: (object, the first path by which it is read)}
        self.arguments = frozenset()        # the values of the parameters that lead to arrays or lists
        self.written = {}       # {(parameter, whether a list or an array in it is stored into, path): None}

    def begin(self, interp, program):
        """Read each object that an earlier attempt stored into, into a variable."""
        self.arguments = {operand for operand in interp.start.values() if operand.kind.tag in REACHING}
        first = program.block[0]
        for obj, path, deep in self.scope.stored.values():
            variable = Value(path.rpartition(".")[2])
            stage = Stage((Value(),), Form("alias"), (), first.statement, first.place)
            value = interp.emit(stage, Form("read", path), ())
            if deep or value.kind.tag == "array":
                value = _unshared_copy(interp, stage, value)
            else:
                self.reads[value] = OutsideObject(obj, path)
            value.hint = variable.name
            interp.frames[0].assign(variable, value)
            self.entries[id(obj)] = OutsideVariable(obj, path, variable)

    def end(self, interp, program):
        """Guard that arguments that are stored into share no memory with outside objects or one another."""
        parameter_names = {interp.start[parameter]: parameter.name for parameter in program.parameters}
        arrays = {read.path: read.obj for read in self.reads.values()
                  if read.supplied and isinstance(read.obj, np.ndarray)}
        for operand, lists, path in self.written:
            if operand.kind.tag != "array":
                self.scope.rely_on_memory(parameter_names[operand], None, lists, path=path)
            for other, name in parameter_names.items():
                if other is not operand and other.kind.tag in REACHING[lists:]:
                    both_arrays = operand.kind.tag == other.kind.tag == "array"
                    self.scope.rely_on_memory(parameter_names[operand], name, lists, both_arrays, path)
            for obj in () if lists else arrays:
                is_array = operand.kind.tag == "array"
                self.scope.rely_on_memory(parameter_names[operand], obj, lists, is_array, path)
        for parameter in program.parameters:
            operand = interp.start[parameter]
            for entry in self.entries.values():
                if operand.kind.tag == "array" and isinstance(entry.obj, np.ndarray):
                    self.scope.rely_on_others(parameter.name, entry.path, True)
        argument_objects = {
            parameter.name: object_of(interp.start[parameter]) for parameter in program.parameters
                            if interp.start[parameter].kind.tag == "object"}
        known = {**argument_objects, **{path: obj for obj, path in self.objects.values()}}
        for path in {text for text, _ in interp.attributes if text in known}:
            for other, obj in known.items():
                is_argument = path in argument_objects or other in argument_objects
                if other != path and type(obj) is type(known[path]) and is_argument:
                    self.scope.rely_on_others(path, other)

    def find(self, interp, obj, path=None):
        """The variable's value of an object that is stored into; None of others.

        Refusal if the object may share memory with one that is stored into.
        """
        if not self.entries or not isinstance(obj, MUTABLE):
            return None
        entry = self.entries.get(id(obj))
        if entry is not None:
            if path not in (None, entry.path):
                self.scope.rely(f"{path} is {entry.path}")
            return interp.operand(entry.variable, interp.frames[0])
        for entry in self.entries.values():
            if overlaps(obj, entry.obj):
                raise Refusal(*SHARED)
            if path is not None and type(obj) is type(entry.obj):
                self.scope.rely(f"{path} is not {entry.path}")
        return None

    def at(self, interp, path):
        """As `find`, of the object that a path leads to, if there is one."""
        if not self.entries or not self.scope.has(path.partition(".")[0]):
            return None
        return self.find(interp, self.scope.resolve(path), path)

    def note(self, value, obj, path, supplied=True):
        """Record that a value was read by an outside path.  An object is known by the first path to it."""
        value.kind = self._kind_by_first_path(value.kind, obj)
        if isinstance(obj, MUTABLE):
            self.reads[value] = OutsideObject(obj, path, supplied)

    def _kind_by_first_path(self, kind, obj):
        """The kind of an object, with the objects in it under the first paths to them."""
        is_container = kind.tag in ("list", "tuple", "dict") and isinstance(obj, (list, tuple, dict))
        if is_container and len(kind.items) == len(obj):
            parts = obj.values() if isinstance(obj, dict) else obj
            if any(item.tag in ("object", "list", "tuple", "dict") for item in kind.items):
                return kind._replace(items=tuple(map(self._kind_by_first_path, kind.items, parts)))
        if kind.tag == "object" and kind.known is not None and not kind.known.text.startswith("?"):
            path = kind.known.text
            _, first_path = self.objects.setdefault(id(obj), (obj, path))
            if first_path != path:
                self.scope.rely(f"{path} is {first_path}")
                return kind._replace(known=kind.known._replace(text=first_path))
        return kind

    def keep(self, value, function):
        """Record that a function with a cache returned the value: it is the same in each of its calls."""
        self.reads[value] = OutsideObject(function, None)

    def stored(self, value, into, definitions):
        """A store into `value` goes `into` its base.

        Raises NonlocalStore if that, or what may share its memory, is outside and has no variable yet.
        The arrays of an outside container are copied where a store is into one of them.
        """
        is_container = value.kind.tag in ("list", "dict", "tuple")
        self._note_arguments(value, into, definitions, is_container)
        sources = (into,)
        if into not in self.reads:
            sources = self.sources(value, definitions) if self.reads and not is_container else ()
        for source in sources:
            self.store(source, not is_container and not isinstance(self.reads[source].obj, np.ndarray))

    def _note_arguments(self, value, into, definitions, lists):
        """Record which arguments lie in the memory that is stored into."""
        root, path = max(_path(value, definitions), _path(into, definitions),
                         key=lambda root_and_path: (root_and_path[0] in self.arguments,
                                                    len(root_and_path[1])))
        others = () if lists else (owner for owner in owners(value, definitions) if owner is not root)
        roots = (root, "" if lists else path), *((owner, "") for owner in others)
        self.written.update({(owner, lists, path_to_owner): None for owner, path_to_owner in roots
                             if owner in self.arguments})

    def store(self, value, deep=False):
        """A store into what this value was read from: NonlocalStore, if it has no variable yet."""
        read = self.reads[value]
        if read.path is None:
            raise Refusal("store into an array", f"{read.obj.__name__} keeps it, and returns it again",
                          "Copy it before, with .copy().")
        known = self.scope.stored.get(id(read.obj))
        if known is None or deep and not known[2]:
            if known is not None:
                path = known[1]
            else:
                path = read.path if read.supplied else self.scope.supply(read.path, read.obj)
            self.scope.stored[id(read.obj)] = read.obj, path, deep
            raise NonlocalStore

    def sources(self, value, definitions, seen=None):
        """The values read from outside that a value may share its memory with."""
        seen = set() if seen is None else seen
        if not isinstance(value, Value) or value in seen or not self.reads:
            return []
        seen.add(value)
        stage = definitions.get(value)
        sources, inner_definitions = [value] if value in self.reads else [], definitions
        if isinstance(stage, LoopInProgress):
            return [*sources, *stage.sources]
        if isinstance(stage, Stage):
            is_container = stage.form.kind in ("tuple", "list", "dict", "push")
            parts = stage.operands if is_container else stage.operands[:1] if is_view(stage) else ()
        elif isinstance(stage, Call):
            parts = (stage.same_as(value),)
        elif stage is not None:
            inside = {target: inner_stage for block in stage.blocks for inner_stage in block
                      for target in inner_stage.targets}
            inner_definitions = {**definitions, **inside}
            rows = stage.results if isinstance(stage, Branch) else stage.rows
            is_branch = isinstance(stage, Branch)
            parts = next(
                (row[1:] if is_branch else row[1:3] for row in rows if value in (row[0], row[-1])), ())
        else:
            parts = ()
        return [*sources,
                *(source for part in parts for source in self.sources(part, inner_definitions, seen))]


def _unshared_copy(interp, stage, value):
    """A copy of a value from outside; of a container, copies of the arrays in it."""
    if value.kind.tag == "array":
        return interp.make(stage, Form("method", "copy"), (value,))
    if value.kind.tag not in ("tuple", "list", "dict"):
        return value
    parts = tuple(_unshared_copy(interp, stage, part) if isinstance(part, Value) else part
                  for part in interp.parts(stage, value).values())
    return interp.make(stage, display_form(interp.builder, value.kind), parts)


def read(interp, stage, path):
    """The operand that a path from outside leads to."""
    obj = interp.builder.scope.resolve(path)
    operand = interp.outside.find(interp, obj, path)
    if operand is not None:
        if not stage.targets or stage.target.name is None:
            return operand
        return interp.emit(stage, Form("alias"), (operand,))
    value = interp.emit(dataclasses.replace(stage, form=Form("read", path), operands=()),
                        Form("read", path), ())
    interp.outside.note(value, obj, path)
    return value


def _path(value, definitions):
    """(the root of a value, the subscripts and attributes from it to the value: "" if one is no constant)."""
    path, stage = "", definitions.get(value)
    while isinstance(stage, Stage) and stage.form.kind == "store":
        value = stage.operands[0]
        stage = definitions.get(value)
    while isinstance(stage, Stage) and stage.form.kind in ("attr", "index") \
            and stage.operands[0].kind.tag in ("object", "list", "tuple", "dict"):
        keys = stage.operands[1:]
        written = (stage.form.kind == "attr"
                   or len(keys) == 1 and isinstance(keys[0], Lit) and not stage.form.name)
        attribute = (f".{stage.form.name}" if stage.form.kind == "attr" else f"[{keys[0].value!r}]"
                     if written else "")
        value, path = stage.operands[0], attribute + path if written and path is not None else None
        stage = definitions.get(value)
    return value, path or ""


def overlaps(a, b):
    """Whether two objects share an array's memory, a list or a dict."""
    first, second = _reachable(a), _reachable(b)
    if not first[0].isdisjoint(second[0]):
        return True
    return any(np.may_share_memory(x, y) for x in first[1] for y in second[1])


def _reachable(obj):
    """({id of each list and dict}, [each array]) that an object leads to."""
    seen, arrays, pending = set(), [], [obj]
    while pending:
        part = pending.pop()
        if isinstance(part, np.ndarray):
            arrays.append(part)
        elif isinstance(part, (list, dict, tuple)) and id(part) not in seen:
            pending += part.values() if isinstance(part, dict) else part
            if not isinstance(part, tuple):
                seen.add(id(part))
    return seen, arrays
