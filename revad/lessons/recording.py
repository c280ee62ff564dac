"""Recording: a run of an instrumented function makes a node of each value of floats that it computes.

A value is known by its identity, so that it is the same node in a variable, a list, a dict or an object:
each gate gives an object of its own.

>>> recorder = Recorder()
>>> w = recorder.taken("w", 2.0)
>>> recorder.node_of(w).label, recorder.node_of(3.0)
('w', None)
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import operator
import types
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..errors import CallError
from ..grading.reading import definition_of, rebuilt
from ..runtime.structure import children, map_children
from ..types.kinds import is_object
from ..types.refusals import LIBRARIES
from ..types.registry import lookup
from .instrument import (
    ASSIGN, AUGMENT, EACH, ENTER, INDEX, KEEP, LEAVE, NODE, OPEN, SIGNS, STORE, UPDATE, Instrument, Site,
)  # fmt: skip
from .single import Argument, is_of_floats

MOST = 2000  # gates of a run
HELD = (type({}.values()), type({}.items()), map, filter)  # what they hold is known as the elements of a list


@dataclass(eq=False)
class Group:
    """A loop, or a call of a function of the user's, which a picture may show as one box.

    parent: the Group around it.
    """

    label: str
    line: int
    parent: Group | None

    @property
    def chain(self):
        """The Groups around it and itself, from the outermost."""
        return [*(self.parent.chain if self.parent else ()), self]


@dataclass(eq=False)
class Node:
    """A gate of a run, or an input: its place, its value and, after the way back, its gradient.

    kind: 'input', 'gate', 'store', and in a view of a trace 'box' (a Group) and 'port' (one of several
    values of a box).  name: of the variable that the value is given, if it is.  text: the expression.
    """

    number: int
    kind: str
    label: str
    operands: list
    value: Any
    line: int = 0
    text: str = ""
    name: str = ""
    gradient: Any = None
    site: Any = field(default=None, repr=False)
    arguments: Any = field(default=None, repr=False)
    function: Any = field(default=None, repr=False)
    group: Any = field(default=None, repr=False)
    is_result: bool = False

    @property
    def is_input(self):
        return self.kind == "input"


class View(NamedTuple):
    """An array that is a view of another, by a subscript."""

    array: Any
    base: Any
    site: Site
    arguments: tuple


class Recorder:
    """Makes a node of each value of floats that an instrumented function computes.

    opens: whether calls of the user's functions are followed; those of functions that the function itself
    defines always are.
    """

    def __init__(self, merge=(), opens=True):
        self.merge, self.opens = merge, opens
        self.nodes, self.inputs, self.sites = [], {}, []
        self.known, self.held, self.waiting = {}, [], {}
        self.latest, self.kept, self.views, self.functions = {}, {}, [], {}
        self.function, self.group, self.followed = None, None, set()

    def hooks(self):
        """What an instrumented function calls, by name."""
        return {
            NODE: self.node, ASSIGN: self.assign, STORE: self.store, KEEP: self.keep, UPDATE: self.update,
            OPEN: self.open, EACH: self.each, ENTER: self.enter, LEAVE: self.leave,
            AUGMENT: self.augment, INDEX: np.s_,
        }  # fmt: skip

    def instrumented(self, tree, function):
        """The function with its values handed to this recorder."""
        names = {*inspect.signature(function).parameters, *function.__code__.co_freevars}
        return rebuilt(
            Instrument(names, self.merge, self.sites).function(tree), function, **self.hooks()
        )

    def taken(self, name, value):
        """A copy of an argument, whose floats are inputs of the run."""
        return fresh(value, self._awaited, name)

    def _awaited(self, value, text):
        """A number or an array of an argument is an input as soon as it is read."""
        if is_of_floats(value):
            self.waiting[id(value)] = text
            self.held.append(value)

    def input(self, value, name):
        node = self._append("input", name, [], value, name=name, text=name)
        node.group = None
        self.inputs[name] = node
        return node

    def _append(self, kind, label, operands, value, **fields):
        if len(self.nodes) >= MOST:
            raise CallError(f"more than {MOST} gates: take smaller arguments, or fewer rounds")
        node = Node(
            len(self.nodes), kind, label, operands, value.copy() if isinstance(value, np.ndarray) else value,
            function=self.function, group=self.group, **fields,
        )  # fmt: skip
        self.nodes.append(node)
        self.known[id(value)] = node
        self.held.append(value)  # so that no other object gets its identity
        return node

    def gate(self, site, value, arguments, kind="gate", name=""):
        """A new node of a site."""
        operands = list(dict.fromkeys(node for argument in arguments for node in argument.nodes.values()))
        return self._append(
            kind, site.label, operands, value, line=site.line, text=site.text, name=name, site=site,
            arguments=arguments,
        )  # fmt: skip

    def node_of(self, value):
        """The node of a value, or None."""
        if id(value) in self.waiting and id(value) not in self.known:
            return self.input(value, self.waiting[id(value)])
        return self.known.get(id(value))

    def argument(self, value):
        """A value as the Argument of a gate, as it is now."""
        node, nodes = self.node_of(value), {}
        if node is not None:
            return Argument(node.value, {(): node})
        self._search(value, (), nodes, ())
        return Argument(fresh(value), nodes)

    def _search(self, value, path, nodes, seen):
        node = self.node_of(value)
        if node is not None:
            nodes[path] = node
        elif id(value) not in seen:
            for key, part, _ in children(value) or ():
                self._search(part, (*path, key), nodes, (*seen, id(value)))

    # ---- called by the instrumented function

    def node(self, number, value):
        """Note the value of a site; returns it, as an object of its own if it is a number of a new gate."""
        site = self.sites[number]
        value = list(value) if isinstance(value, HELD) else value
        arguments = tuple(self.latest.pop(operand, Argument(None, {})) for operand in site.operands)
        is_followed = number in self.followed
        self.followed.discard(number)
        if site.kind != "read" and not is_followed and any(argument.nodes for argument in arguments):
            if is_of_floats(value) and (site.kind == "fresh" or self.node_of(value) is None):
                value = fresh(value) if not isinstance(value, np.ndarray) else value
                self.gate(site, value, arguments)
                self._note_view(site, value, arguments)
            elif isinstance(value, (tuple, list)) and not self.argument(value).nodes:
                self._parts(site, value, arguments)
        self.latest[number] = self.argument(value)
        return value

    def _parts(self, site, values, arguments):
        """A function that gives several values is a gate for each."""
        for at, value in enumerate(values):
            if is_of_floats(value):
                part = site._replace(label=f"{site.label}[{at}]", gate=f"({site.gate})[{at}]")
                self.gate(part, value, arguments)

    def update(self, number, sign, left, right):
        """`left += right`, in place where left is an array."""
        site = self.sites[number]
        arguments = tuple(self.latest.pop(operand, Argument(None, {})) for operand in site.operands)
        return self._updated(site, arguments, _in_place(sign)(left, right))

    def _updated(self, site, arguments, value):
        if is_of_floats(value) and any(argument.nodes for argument in arguments):
            value = value if isinstance(value, np.ndarray) else fresh(value)
            self.gate(site, value, arguments)
            self._changed(value)
        return value

    def augment(self, number, sign, name, base, index, value):
        """`base[index] += value`, of an array, a list or a dict."""
        site = self.sites[number]
        if isinstance(base, np.ndarray):
            arguments = [self.argument(base)]
            arguments += [self.latest.pop(operand, Argument(None, {})) for operand in site.operands]
            arguments.append(self.argument(value))
            base[index] = _in_place(sign)(base[index], value)
            self._stored(site, name, base, arguments)
            return
        left = base[index]
        arguments = (self.argument(left), self.argument(value))
        text = f"a {SIGNS[sign]} b"
        site = site._replace(kind="fresh", label=SIGNS[sign], operands=(), gate=text, parameters=("a", "b"))
        base[index] = self._updated(site, arguments, _in_place(sign)(left, value))

    def assign(self, name, value):
        """A variable gets a value: of the numbers that have no name yet it is the name."""
        node = self.node_of(value)
        if node is not None:
            node.name = node.name or name
        elif not is_object(value):
            for _, part, text in children(value) or ():
                self.assign(name + text, part)

    def keep(self, number, base):
        """An array is about to be stored into."""
        if is_of_floats(base):
            self.kept[number] = self.argument(base)

    def store(self, name, number, base):
        """An array has been stored into: it is another node from here on."""
        site = self.sites[number]
        if number not in self.kept or not isinstance(base, np.ndarray):
            return
        arguments = [self.kept.pop(number)]
        arguments += [self.latest.pop(operand, Argument(None, {})) for operand in site.operands]
        self._stored(site, name, base, arguments)

    def _stored(self, site, name, base, arguments):
        if is_of_floats(base) and any(argument.nodes for argument in arguments):
            self.gate(site, base, tuple(arguments), "store", name)
            self._changed(base)

    def each(self, is_whole, value):
        """What a loop goes over, or what is unpacked: each element of an array is a gate of it."""
        if not isinstance(value, np.ndarray) or value.ndim == 0 or self.node_of(value) is None:
            return value
        elements = (self._element(value, at) for at in range(len(value)))
        return list(elements) if is_whole else elements

    def _element(self, array, at):
        value = array[at]
        site = Site("gate", f"[{at}]", f"[{at}]", 0, (), f"p0[{at}]", ("p0",))
        arguments = (self.argument(array),)
        self.gate(site, value, arguments)
        if isinstance(value, np.ndarray):
            self.views.append(View(value, array, site, arguments))
        return value

    def enter(self, label, line):
        self.group = Group(label, line, self.group)

    def leave(self):
        self.group = self.group.parent

    def open(self, number, function):
        """The function of a call, followed if it is the user's."""
        bound = function.__self__ if inspect.ismethod(function) else None
        plain = getattr(function, "__func__", function)
        if type(plain) is not types.FunctionType:
            return function
        if NODE not in plain.__code__.co_freevars:
            if not self.opens or not self._is_followed(plain):
                return function
            if plain not in self.functions:
                tree = definition_of(plain)
                self.functions[plain] = None if tree is None else self.instrumented(tree, plain)
            inside = self.functions[plain]
            if inside is None:
                return function
        else:
            inside = plain

        @contextlib.contextmanager
        def frame():
            before = self.latest, self.function, self.group
            self.latest = {}
            self.function = plain if inside is not plain else self.function
            self.group = Group(plain.__name__, self.sites[number].line, self.group)
            try:
                yield
            finally:
                self.latest, self.function, self.group = before

        def followed(*args, **keywords):
            args = args if bound is None else (bound, *args)
            try:
                with frame():
                    return inside(*args, **keywords)
            finally:
                self.followed.add(number)

        def in_turns(*args, **keywords):
            turns = inside(*args, **keywords) if bound is None else inside(bound, *args, **keywords)
            while True:
                with frame():
                    try:
                        value = next(turns)
                    except StopIteration:
                        return
                yield value

        return in_turns if inspect.isgeneratorfunction(plain) else followed

    @staticmethod
    def _is_followed(function):
        """Whether a function is the user's, and has no rule of its own."""
        return (
            not function.__code__.co_filename.startswith(LIBRARIES)
            and not (function.__module__ or "").startswith("revad.")
            and lookup(function) is None
            and not hasattr(function, "__wrapped__")
        )

    # ---- views

    def _note_view(self, site, value, arguments):
        if not isinstance(value, np.ndarray) or value.base is None or not site.gate.startswith("p0["):
            return
        for base in reversed(self.held):
            if isinstance(base, np.ndarray) and self.known.get(id(base)) is arguments[0].nodes.get(()):
                if np.shares_memory(base, value):
                    self.views.append(View(value, base, site, arguments))
                return

    def _changed(self, array, come_from=None):
        """After a store into an array: what it is a view of, and its own views, are other nodes too."""
        for view in list(self.views):
            if view.array is array and view.base is not come_from:
                place = view.site.gate.removeprefix("p0")
                gate = f"base = base.copy()\nbase{place} = stored\nreturn base"
                parameters = ("base", *view.site.parameters[1:], "stored")
                site = view.site._replace(kind="store", label="store", gate=gate, parameters=parameters)
                before = Argument(self.known[id(view.base)].value, {(): self.known[id(view.base)]})
                self.gate(site, view.base, (before, *view.arguments[1:], self.argument(array)), "store")
                self._changed(view.base, array)
            elif view.base is array and view.array is not come_from:
                self.gate(view.site, view.array, (self.argument(array), *view.arguments[1:]))
                self._changed(view.array, array)


def _in_place(sign):
    """The function of `+=` and the like, by the name of the class of their operator."""
    return getattr(operator, _IN_PLACE.get(sign, f"i{sign.lower()}"))


_IN_PLACE = {
    "Mult": "imul", "Div": "itruediv", "MatMult": "imatmul", "BitOr": "ior", "BitAnd": "iand",
    "BitXor": "ixor", "LShift": "ilshift", "RShift": "irshift",
}  # fmt: skip


def fresh(value, note=None, name=""):
    """A copy of a number, an array, or a structure of them, of which no part is an object of the original.

    note: called with each number and array of the copy, and the text that says where it stands.

    >>> number = 1.0
    >>> fresh([number])[0] is number
    False
    """
    return _fresh(value, note, name, {})


def _fresh(value, note, name, copies):
    if id(value) in copies:
        return copies[id(value)]
    if isinstance(value, np.ndarray):
        number = copies[id(value)] = value.copy()
    elif type(value) is float:
        number = value * 1.0
    elif isinstance(value, np.floating):
        number = type(value)(value)
    else:
        texts = {key: text for key, _, text in children(value) or ()}
        if not texts:
            return value.copy() if isinstance(value, (list, dict)) else value

        def copied(key, part):
            return _fresh(part, note, name + texts[key], copies)

        if isinstance(value, tuple):
            return map_children(value, copied)
        duplicate = copies[id(value)] = copy.copy(value)
        for key, part, _ in children(value):
            if is_object(value):
                object.__setattr__(duplicate, key, copied(key, part))
            else:
                duplicate[key] = copied(key, part)
        return duplicate
    if note is not None:
        note(number, name)
    return number
