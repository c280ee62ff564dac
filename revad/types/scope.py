"""Scope: what the names outside a function mean, and what the compiler relied on.

Globals and closure variables may change between calls.  Whatever is assumed of one (which
function it names, that it is a number) is noted as a guard: an expression over the
arguments and the outside names, checked before the compiled text is used again.

>>> scope = Scope({"np": __import__("numpy")}, {}, "f")
>>> scope.resolve("np.exp").__name__
'exp'
>>> list(scope.guards)
['np is np_0']
"""
from __future__ import annotations

import builtins
import importlib
import math
import re
import sys
from types import BuiltinMethodType, CellType, MethodType, ModuleType

import numpy as np

from .kinds import UNKNOWN, Kind, Known, join, key_of, kind_of, literal, unknown_length
from .overlap import has_own_lists, is_apart

_MISSING = object()
LONGEST = 500       # characters of an expression for a length: one that a loop written out makes longer in each round has an end


class Unknown(Exception):
    """A value that has to be known when compiling is not."""


class NameMissing(Exception):
    """A name outside the function is not defined."""


FLAGS = ("c_contiguous", "f_contiguous", "writeable")


class Namespace(ModuleType):
    """The names around functions that no module has, those of a text that was executed, as if there were one."""

    def __init__(self, names):
        super().__init__("namespace")
        self.__dict__["names"] = names

    def __getattr__(self, name):
        try:
            return self.__dict__["names"][name]
        except KeyError:
            raise AttributeError(name) from None


class Scope:
    """The namespace of one function during one compilation, and the guards it leads to."""

    def __init__(self, namespace, closure, name, taken=()):
        self.namespace, self.closure, self.name = namespace, closure, name
        self.taken = taken    # the function's own names, which no constant may have
        self.guards = {}
        self.demanded, self.demanding = None, []      # of the stage at hand: see `requirements`; the stages of the function that have any
        self.lenient = False    # whether what the function surely rejects is left to the text: it stands where it does not run
        self.constants, self.keys = {}, {}      # keys: equal ones are one, so that each condition stands once
        self.bounds = {}      # the least and the largest value of each loop index
        self.absent = set()   # values that are None where a function or loop ends elsewhere
        self.growing, self.grown = True, False      # whether lists may be of unknown length; whether there is one
        self.roots = set()    # the names from outside that were asked for
        self.namespaces = {}  # the Namespace of each dict of globals that is not a module's
        self.apart = {}       # guards by which arguments are other things than what is stored into: what to say where one fails
        self.stored = {}      # {id: (thing, path)} of what is outside that the function stores into
        self.powers, self.testing = [], False      # where a power may be complex; whether the text tests that
        self.layouts = {}     # of each array among the arguments, by how it is read: whether it lies by rows, by columns, and may be written into
        self.supplied = {}    # what the text names besides: functions and modules of those that it calls

    def root(self, name):
        """The object that a name outside the function stands for, or `_MISSING`."""
        if name in self.supplied:
            thing = self.supplied[name]
            return thing.cell_contents if isinstance(thing, CellType) else thing
        if name in self.closure:
            try:
                return self.closure[name].cell_contents
            except ValueError:
                return _MISSING
        return self.namespace.get(name, getattr(builtins, name, _MISSING))

    def has(self, name):
        return self.root(name) is not _MISSING

    # ---- names of the functions that are called

    def own_name(self, path):
        return path

    def spelled(self, path, function):
        """The path by which the text reaches what `path` is for another function."""
        first, dot, rest = path.partition(".")
        code = function.__code__
        cell = None
        if first in code.co_freevars:
            cell = function.__closure__[code.co_freevars.index(first)]
            if self.closure.get(first) is cell:
                return path
        else:
            same = function.__globals__ is self.namespace and first not in self.closure and first not in self.supplied
            found = function.__globals__.get(first, getattr(builtins, first, _MISSING))
            if found is _MISSING:
                raise NameMissing(first)
            if first not in self.taken and (same or self.root(first) is found and isinstance(found, (ModuleType, type))
                                            or self.root(first) is found and getattr(builtins, first, None) is found):
                return path
            module = sys.modules.get(function.__module__)
            if module is None or vars(module) is not function.__globals__:
                module = self.namespaces.setdefault(id(function.__globals__), Namespace(function.__globals__))
            if not callable(found) and not isinstance(found, ModuleType):
                return f"{self.supply(module.__name__.rpartition('.')[2], module)}.{path}"
            if first in function.__globals__:       # the text calls what it is now, as long as it is that
                holder = self._constant(module.__name__.rpartition(".")[2], module)
                self.guards.setdefault(f"{holder}.{first} is {self._constant(first, found)}")
            cell = found
        return self.supply(first, cell) + dot + rest

    def supply(self, name, thing):
        """A name of its own for something that the text needs."""
        if name not in self.taken and isinstance(thing, (ModuleType, type)) and self.root(name) is thing:
            return name
        while name in self.taken or name in self.namespace or name in self.closure or name in self.constants or \
                self.supplied.get(name, thing) is not thing:
            name += "_"
        self.supplied[name] = thing
        return name

    def importing(self, imports, rename, supply):
        """`rename`, with the names that imports inside of a function give: {name: (module, attribute, package)}.

        What may be another thing in the next call, as all that is not of a library is, is read from its module.
        supply: gives a name to what the text needs.
        """
        paths = {}
        for name, (module, attribute, package) in imports.items():
            try:
                found = home = importlib.import_module(module, package)
                found = found if attribute is None else getattr(home, attribute)
            except (ImportError, TypeError, AttributeError):
                continue      # the function itself sees that where it comes to it
            if isinstance(found, ModuleType) or home.__name__.partition(".")[0] in sys.stdlib_module_names | {"numpy"} and callable(found):
                paths[name] = supply(name, found)
            else:
                paths[name] = f"{self.supply(home.__name__.rpartition('.')[2], home)}.{attribute}"

        def spelled(path):
            first, dot, rest = path.partition(".")
            return paths[first] + dot + rest if first in paths else rename(path)
        return spelled if paths else rename

    def keep(self, name, thing):
        """Supply a thing under the name that the function itself gives it."""
        self.supplied[name] = thing
        return name

    def resolve(self, path):
        """The object behind a dotted path; raises NameMissing where a step is missing."""
        first, *rest = path.split(".")
        self.roots.add(first)
        found = self.root(first)
        if found is _MISSING:
            raise NameMissing(first)
        for step in rest:
            found = getattr(found, step, _MISSING)
            if found is _MISSING:
                raise NameMissing(path)
        self._guard_path(path, first, found)
        return found

    def _guard_path(self, path, first, found):
        root = self.root(first)
        if isinstance(root, ModuleType):
            self._guard_identity(first, root)
            path = path if root.__name__.split(".")[0] not in ("numpy", "math") else None
        elif getattr(builtins, first, None) is root and "." not in path:
            if first not in self.namespace and first not in self.closure:
                self._guard_identity(first, root)
                return
        if path is None:
            return
        if isinstance(found, MethodType):
            self._guard_identity(f"{path}.__func__", found.__func__)    # a bound method is made anew each time
        elif isinstance(found, BuiltinMethodType) and not isinstance(found.__self__, ModuleType):
            self.guards.setdefault(f"{path} == {self._constant(path.replace('.', '_'), found)}")    # as is this
        elif callable(found) or isinstance(found, ModuleType):
            self._guard_identity(path, found)
        else:
            self.guard_kind(path, found)

    def _guard_identity(self, path, found):
        name = self._constant(path.replace(".", "_"), found)
        self.guards.setdefault(f"{path} is {name}")

    def _constant(self, stem, value):
        for name, known in self.constants.items():
            if known is value:
                return name
        name = f"{re.sub(r'[^0-9A-Za-z_]+', '_', stem)}_{len(self.constants)}"
        while name in self.taken or name in self.namespace or name in self.closure or name in self.supplied:
            name += "_"
        self.constants[name] = value
        return name

    def _key(self, stem, value):
        """The name of the key of a value."""
        key = key_of(value)
        return self._constant(f"{stem}_key", self.keys.setdefault(key, key))

    def rely_on_function(self, function):
        """The code of a function that is followed, and its defaults, which are written out."""
        name = self._constant(function.__name__, function)
        self.guards.setdefault(f"{name}.__code__ is {self._constant('code', function.__code__)}")
        if function.__defaults__:
            self.guards.setdefault(f"{name}.__defaults__ is {self._constant('defaults', function.__defaults__)}")
        for key, value in (function.__kwdefaults__ or {}).items():
            self.guards.setdefault(f"{name}.__kwdefaults__[{key!r}] is {self._constant('default', value)}")
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            if isinstance(value, (list, dict)) and _is_plain(value):
                self.guards.setdefault(f"{self._constant('default', value)} == {value!r}")
            elif isinstance(value, (list, dict)):
                self.guards.setdefault(f"key_of({self._constant('default', value)}) == {self._key('default', value)}")

    def rely_on_class(self, cls, name):
        """What a class holds under a name: a method or a property."""
        found = getattr(cls, name)
        path = f"{self._constant(cls.__name__, cls)}.{name}"
        if isinstance(found, MethodType):
            path, found = f"{path}.__func__", found.__func__
        self.guards.setdefault(f"{path} is {self._constant(name, found)}")

    def rely_on_others(self, path, other, memory=False):
        """Two paths lead to different things, or to arrays that share no memory: an argument, and what the function stores into."""
        test = f"{self._constant('may_share_memory', np.may_share_memory)}({path}, {other})" if memory else f"{path} is {other}"
        self.guards.setdefault(f"not {test}")
        self.apart[f"not {test}"] = "stores into what is outside of it, or into an object, and is given the same thing as an argument: pass a copy"

    def rely_on_memory(self, name, other, lists, arrays=False, path=""):
        """What the argument `name` leads to by a path shares no memory, or no `lists`, with another, or (`other` is None) with another in it."""
        holds, path = has_own_lists if lists else is_apart, name + path
        # Of two that are both stored into there is one condition.
        given = sorted((path, other)) if other else (path,) if path == name else (path, name, "True")
        test = f"{self._constant(holds.__name__, holds)}({', '.join(given)})"
        if arrays:      # the common case first: each has memory of its own
            one, two = given
            test = f"({one}.base is {two}.base is None and {one} is not {two} or " \
                   f"not {self._constant('may_share_memory', np.may_share_memory)}({one}, {two}) or {test})"
        self.guards.setdefault(test)
        same = ("has a list in common" if lists else "shares memory", "lists are the same" if lists else "arrays share memory")
        said = f"stores into {path}, which {same[0]} with {other}: pass a copy of one of them" if other else \
            f"stores into {path}, in which two {same[1]}: pass a copy of one of them" if path == name else \
            f"stores into {path}, which shares memory with another array of {name}: pass a copy of one of them"
        self.apart.setdefault(test, said)

    def guard_attribute(self, path, name, present):
        """Whether an object has an attribute."""
        test = f"{self._constant('hasattr', hasattr)}({path}, {name!r})"
        self.guards.setdefault(test if present else f"not {test}")

    def guard_kind(self, path, found):
        if type(found) in (int, float, bool, str, type(None)):
            self.guards.setdefault(f"type({path}) is {self._constant(type(found).__name__, type(found))}")
        else:
            self.guards.setdefault(f"key_of({path}) == {self._key(path.replace('.', '_'), found)}")

    def read(self, path) -> Kind:
        """The kind of an outside value that the function reads."""
        found = self.resolve(path)
        if isinstance(self.root(path.split(".")[0]), ModuleType) and type(found) is float \
                and path.split(".")[0] in ("np", "numpy", "math"):
            return Kind("number", "d", (), True, known=literal(found))
        return kind_of(found, path)

    def static(self, known):
        """The value of a Known, relied upon from here on."""
        if known is None or known.value is None and not known.exact and known.text.startswith("?"):
            raise Unknown
        if not known.exact:
            value = known.value
            text = known.text if known.text.isidentifier() else f"({known.text})"
            if type(value) is bool:
                self.guards.setdefault(text if value else f"not {text}")
            elif type(value) in (int, str) or type(value) is float and math.isfinite(value):
                self.guards.setdefault(f"{text} == {value!r}")
            elif type(value) is float:
                self.guards.setdefault(f"{text} == {self._constant('value', value)}")
            else:
                self.guards.setdefault(f"{text} is {self._constant('value', value)}")
        return known.value

    def settled(self, kind):
        """A kind whose lengths, and whose value, have short expressions: one that got long is relied upon as it is here."""
        if kind.known is not None and type(kind.known.value) is int and len(kind.known.text) > LONGEST:
            kind = kind._replace(known=literal(self.static(kind.known)))
        if kind.shape is None or all(len(n.text) <= LONGEST for n in kind.shape):
            return kind
        return kind._replace(shape=tuple(n if len(n.text) <= LONGEST else unknown_length() if n.value is None or "?" in n.text
                                         else literal(self.static(n)) for n in kind.shape))

    def rely(self, condition):
        """A condition over arguments and outside names that has to hold for the text to be used."""
        self.guards.setdefault(condition)

    def has_flag(self, path, flag):
        """Whether an array from outside has a flag of its layout: relied upon; None where that is not known."""
        if path in self.layouts:
            found = self.layouts[path][FLAGS.index(flag)]
        else:
            try:
                found = getattr(getattr(self.resolve(path), "flags", None), flag, None)
            except NameMissing:
                return None
        if found is not None:
            self.rely(f"{path}.flags.{flag}" if found else f"not {path}.flags.{flag}")
        return found

    def is_one(self, length: Known):
        """Whether an axis has length 1: True, False, or None where that cannot be told."""
        if length.exact or length.unit:
            return length.value == 1
        if length.value is None:
            return None
        self.guards.setdefault(f"({length.text}) {'==' if length.value == 1 else '!='} 1")
        return length.value == 1

    def relied_equal(self, a: Known, b: Known):
        """Whether two axes have the same length in every call that this text is for: relied upon."""
        if self.same_length(a, b):
            return True
        if a.value is None or a.value != b.value or "?" in a.text + b.text:
            return False
        self.guards.setdefault(f"({a.text}) == ({b.text})")
        return True

    def joined(self, a: Kind, b: Kind) -> Kind:
        """What is known of a value that is either `a` or `b`; axes that are equally long here are relied upon to be."""
        found = join(a, b)
        if found == UNKNOWN or a.shape is None or b.shape is None or a.rank != b.rank:
            return found
        return found._replace(shape=tuple(one if self.relied_equal(one, other) else either
                                          for one, other, either in zip(a.shape, b.shape, found.shape)))

    def same_length(self, a: Known, b: Known):
        """Whether two axes have the same length for certain in every call with this text."""
        if a == b or a.text == b.text:
            return True
        return a.exact and b.exact and a.value == b.value


def _is_plain(value):
    """Whether a value is made of settings alone, and can be written out."""
    if isinstance(value, (list, tuple, dict)):
        return type(value) in (list, tuple, dict) and all(map(_is_plain, value.items() if isinstance(value, dict) else value))
    return type(value) in (int, str, bool, type(None)) or type(value) is float and math.isfinite(value)


def of_function(function) -> Scope:
    """The scope of a function object."""
    code = function.__code__
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    return Scope(function.__globals__, cells, function.__name__, code.co_varnames + code.co_cellvars)
