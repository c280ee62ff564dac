"""Nonlocals: what a function reads from around it, and a variable in the place of each thing there that it stores into.

An array, list or dict that is only read is read where the function reads it, late.  Where a store meets one, the interpreter begins again:
it is then read once, before all else, into a variable, and each name under which the function reads the same
thing gives that variable.  So the store is seen wherever Python would show it, and the thing itself stays as it was.

>>> weights = np.ones(3)
>>> overlaps({"w": weights}, weights[1:]), overlaps([weights], [np.ones(3)])
(True, False)
"""
from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from ..analysis.aliases import is_view, owners
from ..ir.nodes import Begun, Branch, Call, Form, Lit, Stage, Value
from ..types.parts import display_form
from ..types.refusals import Refusal
from .environment import object_of

REACHING = ("array", "list", "tuple", "dict", "object")     # kinds of arguments that lead to arrays
MUTABLE = (np.ndarray, list, dict, tuple)      # a tuple may hold one
SHARED = ("name from outside of the function", "it may share its memory with something else from there that the function stores into",
                 "Copy one of them first, with .copy().")


class NonlocalStore(Exception):
    """A store meets a thing from outside that has no variable yet."""


class OutsideObject(NamedTuple):
    """A thing from outside, and the path by which the text reads it; of a default, the name that it is to have there."""

    thing: Any
    path: str
    supplied: bool = True


class OutsideVariable(NamedTuple):
    """The variable in the place of a thing from outside."""

    thing: Any
    path: str
    variable: Any


class OutsideState:
    """What an interpreter has read from outside, and the variables of what it stores into."""

    def __init__(self, scope):
        self.scope, self.reads, self.entries = scope, {}, {}
        self.objects = {}       # {id: (object, the first path by which it is read)}
        self.arguments = frozenset()        # the values of the parameters that lead to arrays or lists
        self.written = {}       # {(parameter, whether the function stores into a list that it leads to or an array, the path to that): None}

    def begin(self, interp, program):
        """Read all that an earlier attempt has stored into, each into a variable."""
        self.arguments = {operand for operand in interp.start.values() if operand.kind.tag in REACHING}
        first = program.block[0]
        for thing, path, deep in self.scope.stored.values():
            variable = Value(path.rpartition(".")[2])
            stage = Stage((Value(),), Form("alias"), (), first.statement, first.place)
            value = interp.emit(stage, Form("read", path), ())
            if deep or value.kind.tag == "array":
                value = _copied(interp, stage, value)
            else:
                self.reads[value] = OutsideObject(thing, path)
            value.hint = variable.name
            interp.frames[0].assign(variable, value)
            self.entries[id(thing)] = OutsideVariable(thing, path, variable)

    def end(self, interp, program):
        """Rely on that no argument is a thing outside, or another argument, into which the function stores, and shares no memory with it."""
        named = {interp.start[parameter]: parameter.name for parameter in program.parameters}
        things = {read.path: read.thing for read in self.reads.values() if read.supplied and isinstance(read.thing, np.ndarray)}
        for operand, lists, path in self.written:
            if operand.kind.tag != "array":
                self.scope.rely_on_memory(named[operand], None, lists, path=path)
            for other, name in named.items():
                if other is not operand and other.kind.tag in REACHING[lists:]:
                    self.scope.rely_on_memory(named[operand], name, lists, operand.kind.tag == other.kind.tag == "array", path)
            for thing in () if lists else things:
                self.scope.rely_on_memory(named[operand], thing, lists, operand.kind.tag == "array", path)
        for parameter in program.parameters:
            operand = interp.start[parameter]
            for entry in self.entries.values():
                if operand.kind.tag == "array" and isinstance(entry.thing, np.ndarray):
                    self.scope.rely_on_others(parameter.name, entry.path, True)
        given = {parameter.name: object_of(interp.start[parameter]) for parameter in program.parameters if interp.start[parameter].kind.tag == "object"}
        known = {**given, **{path: thing for thing, path in self.objects.values()}}
        for path in {text for text, _ in interp.attributes if text in known}:
            for other, thing in known.items():
                if other != path and type(thing) is type(known[path]) and (path in given or other in given):
                    self.scope.rely_on_others(path, other)

    def find(self, interp, thing, path=None):
        """What stands in the place of a thing that the function stores into; None of others.  Refusal if it may be a part of one."""
        if not self.entries or not isinstance(thing, MUTABLE):
            return None
        entry = self.entries.get(id(thing))
        if entry is not None:
            if path not in (None, entry.path):
                self.scope.rely(f"{path} is {entry.path}")
            return interp.operand(entry.variable, interp.frames[0])
        for entry in self.entries.values():
            if overlaps(thing, entry.thing):
                raise Refusal(*SHARED)
            if path is not None and type(thing) is type(entry.thing):
                self.scope.rely(f"{path} is not {entry.path}")
        return None

    def at(self, interp, path):
        """As `find`, of the thing that a path leads to, if there is one."""
        if not self.entries or not self.scope.has(path.partition(".")[0]):
            return None
        return self.find(interp, self.scope.resolve(path), path)

    def note(self, value, thing, path, supplied=True):
        """A value is what a path from outside leads to.  An object is known by the first path to it."""
        value.kind = self._known(value.kind, thing)
        if isinstance(thing, MUTABLE):
            self.reads[value] = OutsideObject(thing, path, supplied)

    def _known(self, kind, thing):
        """The kind of a thing, with the objects in it under the first paths to them."""
        if kind.tag in ("list", "tuple", "dict") and isinstance(thing, (list, tuple, dict)) and len(kind.items) == len(thing):
            parts = thing.values() if isinstance(thing, dict) else thing
            if any(item.tag in ("object", "list", "tuple", "dict") for item in kind.items):
                return kind._replace(items=tuple(map(self._known, kind.items, parts)))
        if kind.tag == "object" and kind.known is not None and not kind.known.text.startswith("?"):
            path = kind.known.text
            _, first = self.objects.setdefault(id(thing), (thing, path))
            if first != path:
                self.scope.rely(f"{path} is {first}")
                return kind._replace(known=kind.known._replace(text=first))
        return kind

    def keep(self, value, function):
        """A value is what a function with a cache returns, the same in each of its calls."""
        self.reads[value] = OutsideObject(function, None)

    def stored(self, value, into, made):
        """A store into a value goes `into` another: NonlocalStore if that, or what may share its memory, is outside and has no variable.

        Of a container that has one the arrays get memory of their own, where a store is into one of them.
        """
        whole = value.kind.tag in ("list", "dict", "tuple")
        self._note_arguments(value, into, made, whole)
        for one in (into,) if into in self.reads else self.sources(value, made) if self.reads and not whole else ():
            self.store(one, not whole and not isinstance(self.reads[one].thing, np.ndarray))

    def _note_arguments(self, value, into, made, lists):
        """Which arguments lie in the memory that is stored into."""
        root, path = max(_path(value, made), _path(into, made), key=lambda found: (found[0] in self.arguments, len(found[1])))
        others = () if lists else (one for one in owners(value, made) if one is not root)
        self.written.update({(one, lists, way): None for one, way in ((root, "" if lists else path), *((one, "") for one in others))
                             if one in self.arguments})

    def store(self, value, deep=False):
        """A store goes into what this value was read from: NonlocalStore, if there is no variable for it yet."""
        read = self.reads[value]
        if read.path is None:
            raise Refusal("store into an array", f"{read.thing.__name__} keeps it, and returns it again", "Copy it before, with .copy().")
        known = self.scope.stored.get(id(read.thing))
        if known is None or deep and not known[2]:
            path = known[1] if known is not None else read.path if read.supplied else self.scope.supply(read.path, read.thing)
            self.scope.stored[id(read.thing)] = read.thing, path, deep
            raise NonlocalStore

    def sources(self, value, made, seen=None):
        """The values read from outside that a value may share its memory with."""
        seen = set() if seen is None else seen
        if not isinstance(value, Value) or value in seen or not self.reads:
            return []
        seen.add(value)
        stage = made.get(value)
        found, inner = [value] if value in self.reads else [], made
        if isinstance(stage, Begun):
            return [*found, *stage.sources]
        if isinstance(stage, Stage):
            is_container = stage.form.kind in ("tuple", "list", "dict", "push")
            parts = stage.operands if is_container else stage.operands[:1] if is_view(stage) else ()
        elif isinstance(stage, Call):
            parts = (stage.same_as(value),)
        elif stage is not None:
            inner = {**made, **{target: one for block in stage.blocks for one in block for target in one.targets}}
            rows = stage.results if isinstance(stage, Branch) else stage.rows
            parts = next((row[1:] if isinstance(stage, Branch) else row[1:3] for row in rows if value in (row[0], row[-1])), ())
        else:
            parts = ()
        return [*found, *(source for part in parts for source in self.sources(part, inner, seen))]


def _copied(interp, stage, value):
    """A value from outside in memory of its own; of a container, the arrays in it."""
    if value.kind.tag == "array":
        return interp.make(stage, Form("method", "copy"), (value,))
    if value.kind.tag not in ("tuple", "list", "dict"):
        return value
    parts = tuple(_copied(interp, stage, part) if isinstance(part, Value) else part for part in interp.parts(stage, value).values())
    return interp.make(stage, display_form(interp.builder, value.kind), parts)


def read(interp, stage, path):
    """The operand that a path from outside stands for."""
    thing = interp.builder.scope.resolve(path)
    operand = interp.outside.find(interp, thing, path)
    if operand is not None:
        return operand if not stage.targets or stage.target.name is None else interp.emit(stage, Form("alias"), (operand,))
    value = interp.emit(dataclasses.replace(stage, form=Form("read", path), operands=()), Form("read", path), ())
    interp.outside.note(value, thing, path)
    return value


def _path(value, made):
    """(what a value is a part of, the subscripts and attributes that lead from that to it); "" where one is not written in the text."""
    path, stage = "", made.get(value)
    while isinstance(stage, Stage) and stage.form.kind == "store":
        value = stage.operands[0]
        stage = made.get(value)
    while isinstance(stage, Stage) and stage.form.kind in ("attr", "index") and stage.operands[0].kind.tag in ("object", "list", "tuple", "dict"):
        keys = stage.operands[1:]
        written = stage.form.kind == "attr" or len(keys) == 1 and isinstance(keys[0], Lit) and not stage.form.name
        step = f".{stage.form.name}" if stage.form.kind == "attr" else f"[{keys[0].value!r}]" if written else ""
        value, path = stage.operands[0], step + path if written and path is not None else None
        stage = made.get(value)
    return value, path or ""


def overlaps(a, b):
    """Whether two things share an array's memory, a list or a dict."""
    first, second = _reached(a), _reached(b)
    return not first[0].isdisjoint(second[0]) or any(np.may_share_memory(x, y) for x in first[1] for y in second[1])


def _reached(thing):
    """({id of each list and dict}, [each array]) that a thing leads to."""
    seen, arrays, left = set(), [], [thing]
    while left:
        part = left.pop()
        if isinstance(part, np.ndarray):
            arrays.append(part)
        elif isinstance(part, (list, dict, tuple)) and id(part) not in seen:
            left += part.values() if isinstance(part, dict) else part
            if not isinstance(part, tuple):
                seen.add(id(part))
    return seen, arrays
