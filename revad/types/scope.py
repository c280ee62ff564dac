"""Scope: what the names outside a function mean, and what the compiler assumed of them.

Globals and closure variables may change between calls.  Whatever is assumed of one (which
function it names, that it is a number) becomes a guard: an expression over the
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
from .uniform_lists import equality, use_of

_MISSING = object()
# Characters of an expression for a length, which an unrolled loop may make longer in each iteration.
LONGEST = 500


class Unknown(Exception):
    """A value that must be known when compiling is not."""


class NameMissing(Exception):
    """A name outside the function is not defined.

    words: the names that there are, among which the one that was meant may be.
    """

    def __init__(self, name, words=()):
        super().__init__(name)
        self.words = words


FLAGS = ("c_contiguous", "f_contiguous", "writeable")


class Namespace(ModuleType):
    """A module that stands for the globals of functions without one, as of an executed text."""

    def __init__(self, names):
        super().__init__("namespace")
        self.__dict__["names"] = names

    def __getattr__(self, name):
        try:
            return self.__dict__["names"][name]
        except KeyError:
            raise AttributeError(name) from None


class Scope:
    """The namespace of a function during one compilation, and the guards that it leads to."""

    def __init__(self, namespace, closure, name, taken=()):
        self.namespace, self.closure, self.name = namespace, closure, name
        self.own_names = taken    # the function's own names, which no constant may have
        self.guards = {}
        # The demands of the stage that is being inferred (see `requirements`); the stages with demands.
        self.demanded, self.stages_with_demands = None, []
        # Whether stages that certainly raise are left to the text, because they are not reached.
        self.lenient = False
        self.inferred = {}    # see `memo`
        self.constants, self.keys = {}, {}      # equal keys share a constant, so that no guard is repeated
        self.bounds = {}      # the least and the largest value of each loop index
        self.absent = set()   # values that are None where a function or loop ends elsewhere
        # Whether lists may be of unknown length; whether one is.
        self.dynamic_lists, self.has_dynamic_lists = True, False
        # Likewise, whether lists may count as arrays; whether one does.
        self.stored_lists, self.has_stored_lists = False, False
        # Whether lists of numbers that are arguments do; whether one is read by a computed subscript.
        self.number_lists, self.reads_places = False, False
        # Whether a loop may go over a list of an argument whose elements are alike, whatever its length is;
        # the Stretches that loops go over; {index of a loop, as in an Affine: its Counter}; {list of an
        # argument, or slice of one: its Stretch}.
        self.uniform_lists, self.rolled, self.counters, self.stretches = False, set(), {}, {}
        self.arguments = frozenset()      # the values of the parameters
        # {(path, position)} of elements that are taken one by one; {(path, number)} of slices that leave out
        # so many elements; the paths of lists with which something else is done.
        self.taken, self.cuts, self.exact = set(), set(), set()
        self.result = None    # the kind of the result, where it has lists whose length only running shows
        self.empty_lists = frozenset()      # places (`Filled`) of lists without elements
        # Whether determinants are differentiated; whether as those of matrices that may be singular; whether
        # there are loops, branches or calls, so that the cache depends on that.
        self.has_determinants, self.singular, self.has_blocks = False, False, False
        self.draws = False                  # whether random numbers are drawn
        # What makes a function of a text, its name, globals and cells; {what identifies a gradient that is
        # made inside a function: the gradient}.
        self.function_of_text, self.local_gradients = None, {}
        self.mixes_precisions = False       # whether only running shows the precision of a tangent
        self.stops_gradients = False        # whether stop_gradient is called
        # Whether a store is seen by another name than that of its array; whether a number that `+=` makes
        # another has two names.
        self.stores_are_shared, self.numbers_are_shared = False, False
        self.roots = set()    # the names from outside that were resolved
        self.namespaces = {}  # the Namespace of each dict of globals that is not a module's
        # {guard that arguments do not share memory with what is stored into: message where it fails}
        self.apart = {}
        self.stored = {}      # {id: (object, path)} of the objects outside that the function stores into
        self.powers, self.testing = [], False      # where a power may be complex; whether the text tests that
        # {path: FLAGS} of each array in the arguments.
        self.layouts = {}
        self.supplied = {}    # {name: object} that the text needs besides, for functions that it calls

    def assumptions(self):
        """What was assumed so far, for `give_up`."""
        return (dict(self.guards), dict(self.apart), dict(self.stored), list(self.powers), set(self.rolled),
                set(self.taken), set(self.cuts), set(self.exact))

    def give_up(self, assumptions):
        """Take back all that was assumed since: the attempt that led to it is given up."""
        (self.guards, self.apart, self.stored, self.powers, self.rolled, self.taken, self.cuts,
         self.exact) = assumptions
        self.inferred.clear()

    def root(self, name):
        """The object that a name outside the function stands for, or `_MISSING`."""
        if name in self.supplied:
            obj = self.supplied[name]
            return obj.cell_contents if isinstance(obj, CellType) else obj
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
        """The path by which the text reaches the object that `path` names in another function."""
        first, dot, suffix = path.partition(".")
        code = function.__code__
        cell = None
        if first in code.co_freevars:
            cell = function.__closure__[code.co_freevars.index(first)]
            if self.closure.get(first) is cell:
                return path
        else:
            same = (function.__globals__ is self.namespace and first not in self.closure
                    and first not in self.supplied)
            obj = function.__globals__.get(first, getattr(builtins, first, _MISSING))
            if obj is _MISSING:
                raise NameMissing(first, [*code.co_varnames, *function.__globals__, *dir(builtins)])
            if (first not in self.own_names
                    and (same or self.root(first) is obj and isinstance(obj, (ModuleType, type))
                        or self.root(first) is obj and getattr(builtins, first, None) is obj)):
                return path
            module = sys.modules.get(function.__module__)
            if module is None or vars(module) is not function.__globals__:
                module = self.namespaces.setdefault(id(function.__globals__), Namespace(function.__globals__))
            if not callable(obj) and not isinstance(obj, ModuleType):
                return f"{self.supply(module.__name__.rpartition('.')[2], module)}.{path}"
            if first in function.__globals__:       # the text calls the present object, guarded by identity
                holder = self._constant(module.__name__.rpartition(".")[2], module)
                self.guards.setdefault(f"{holder}.{first} is {self._constant(first, obj)}")
            cell = obj
        return self.supply(first, cell) + dot + suffix

    def supply(self, name, obj):
        """A unique name for an object that the text needs."""
        if name not in self.own_names and isinstance(obj, (ModuleType, type)) and self.root(name) is obj:
            return name
        while (name in self.own_names or name in self.namespace or name in self.closure
               or name in self.constants
               or self.supplied.get(name, obj) is not obj):
            name += "_"
        self.supplied[name] = obj
        return name

    def importing(self, imports, rename, supply):
        """`rename`, extended by the imports inside a function: {name: (module, attribute, package)}.

        An object that may change between calls (anything not from a library) is read from its module.
        supply: names an object that the text needs.
        """
        paths = {}
        for name, (module, attribute, package) in imports.items():
            try:
                obj = home = importlib.import_module(module, package)
                obj = obj if attribute is None else getattr(home, attribute)
            except (ImportError, TypeError, AttributeError):
                continue      # the function itself raises where it reaches the import
            if (isinstance(obj, ModuleType) or home.__name__.partition(".")[0]
                    in sys.stdlib_module_names | {"numpy"} and callable(obj)):
                paths[name] = supply(name, obj)
            else:
                paths[name] = f"{self.supply(home.__name__.rpartition('.')[2], home)}.{attribute}"

        def spelled(path):
            first, dot, suffix = path.partition(".")
            return paths[first] + dot + suffix if first in paths else rename(path)
        return spelled if paths else rename

    def keep(self, name, obj):
        """Supply an object under the function's own name for it."""
        self.supplied[name] = obj
        return name

    def resolve(self, path):
        """The object behind a dotted path; raises NameMissing where a step is missing."""
        first, *attributes = path.split(".")
        self.roots.add(first)
        obj = self.root(first)
        if obj is _MISSING:
            raise NameMissing(first, [*self.own_names, *self.closure, *self.namespace, *dir(builtins)])
        reached = first
        for step in attributes:
            holder, obj = obj, getattr(obj, step, _MISSING)
            if obj is _MISSING:
                raise NameMissing(path, [f"{reached}.{word}" for word in dir(holder)]
                                  if isinstance(holder, (ModuleType, type)) else ())
            reached += f".{step}"
        self._guard_path(path, first, obj)
        return obj

    def _guard_path(self, path, first, obj):
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
        if isinstance(obj, MethodType):
            self._guard_identity(f"{path}.__func__", obj.__func__)    # each access creates a bound method
        elif isinstance(obj, BuiltinMethodType) and not isinstance(obj.__self__, ModuleType):
            self.guards.setdefault(f"{path} == {self._constant(path.replace('.', '_'), obj)}")    # likewise
        elif callable(obj) or isinstance(obj, ModuleType):
            self._guard_identity(path, obj)
        else:
            self.guard_kind(path, obj)

    def _guard_identity(self, path, obj):
        name = self._constant(path.replace(".", "_"), obj)
        self.guards.setdefault(f"{path} is {name}")

    def constant(self, stem, value):
        """The name of an object in guards."""
        return self._constant(stem, value)

    def _constant(self, stem, value):
        for name, known in self.constants.items():
            if known is value:
                return name
        name = f"{re.sub(r'[^0-9A-Za-z_]+', '_', stem)}_{len(self.constants)}"
        while any(name in names for names in (self.own_names, self.namespace, self.closure, self.supplied)):
            name += "_"
        self.constants[name] = value
        return name

    def _key(self, stem, value):
        """The name of the key of a value."""
        key = key_of(value)
        return self._constant(f"{stem}_key", self.keys.setdefault(key, key))

    def rely_on_function(self, function):
        """Guard the code of a function that is inlined, and its defaults, which the text contains."""
        name = self._constant(function.__name__, function)
        self.guards.setdefault(f"{name}.__code__ is {self._constant('code', function.__code__)}")
        if function.__defaults__:
            self.guards.setdefault(f"{name}.__defaults__ is "
                                   f"{self._constant('defaults', function.__defaults__)}")
        for key, value in (function.__kwdefaults__ or {}).items():
            self.guards.setdefault(f"{name}.__kwdefaults__[{key!r}] is {self._constant('default', value)}")
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            if isinstance(value, (list, dict)) and _is_plain(value):
                self.guards.setdefault(f"{self._constant('default', value)} == {value!r}")
            elif isinstance(value, (list, dict)):
                self.guards.setdefault(f"key_of({self._constant('default', value)}) == "
                                       f"{self._key('default', value)}")

    def rely_on_class(self, cls, name):
        """Guard a member of a class: a method or a property."""
        member = getattr(cls, name)
        path = f"{self._constant(cls.__name__, cls)}.{name}"
        if isinstance(member, MethodType):
            path, member = f"{path}.__func__", member.__func__
        self.guards.setdefault(f"{path} is {self._constant(name, member)}")

    def rely_on_others(self, path, other, memory=False):
        """Guard that an argument is not the object at `other`, or shares no memory with it."""
        test = (f"{self._constant('may_share_memory', np.may_share_memory)}({path}, {other})" if memory
                else f"{path} is {other}")
        self.guards.setdefault(f"not {test}")
        self.apart[f"not {test}"] = ("stores into what is outside of it, or into an object, "
                                     "and is given the same thing as an argument: pass a copy")

    def rely_on_memory(self, name, other, lists, arrays=False, path=""):
        """Guard that what is stored into at `name` + `path` shares no memory (or lists) with an argument.

        other: the argument; None for the other arrays (or lists) in the argument `name` itself.
        """
        holds, path = has_own_lists if lists else is_apart, name + path
        # A pair of arguments that are both stored into has a single condition.
        paths = sorted((path, other)) if other else (path,) if path == name else (path, name, "True")
        test = f"{self._constant(holds.__name__, holds)}({', '.join(paths)})"
        if arrays:      # the common case is tested first: each array owns its memory
            first, second = paths
            may_share = self._constant("may_share_memory", np.may_share_memory)
            test = (f"({first}.base is {second}.base is None and {first} is not {second} or "
                    f"not {may_share}({first}, {second}) or {test})")
        self.guards.setdefault(test)
        same = ("has a list in common" if lists else "shares memory",
                "lists are the same" if lists else "arrays share memory")
        message = (f"stores into {path}, which {same[0]} with {other}: pass a copy of one of them"
                   if other else
                   f"stores into {path}, in which two {same[1]}: pass a copy of one of them"
                   if path == name else
                   f"stores into {path}, which shares memory with another array of {name}: pass a copy "
                   "of one of them")
        self.apart.setdefault(test, message)

    def guard_attribute(self, path, name, present):
        """Guard whether an object has an attribute."""
        test = f"{self._constant('hasattr', hasattr)}({path}, {name!r})"
        self.guards.setdefault(test if present else f"not {test}")

    def guard_kind(self, path, obj):
        if type(obj) in (int, float, bool, str, type(None)):
            self.guards.setdefault(f"type({path}) is {self._constant(type(obj).__name__, type(obj))}")
        elif type(obj) is np.ndarray:       # what `key_of` would compare, without a call
            self.guards.setdefault(f"type({path}) is {self._constant('ndarray', np.ndarray)}")
            self.guards.setdefault(f"{path}.dtype.char == {obj.dtype.char!r}")
            self.guards.setdefault(f"{path}.ndim == {obj.ndim}")
            units = [f"{path}.shape[{i}] {'==' if n == 1 else '!='} 1" for i, n in enumerate(obj.shape)]
            for test in units if 1 in obj.shape else [f"1 not in {path}.shape"] * (obj.ndim > 0):
                self.guards.setdefault(test)
        else:
            self.guards.setdefault(f"key_of({path}) == {self._key(path.replace('.', '_'), obj)}")

    def read(self, path) -> Kind:
        """The kind of an outside value that the function reads."""
        obj = self.resolve(path)
        if isinstance(self.root(path.split(".")[0]), ModuleType) and type(obj) is float \
                and path.split(".")[0] in ("np", "numpy", "math"):
            return Kind("number", "d", (), True, known=literal(obj))
        return kind_of(obj, path)

    def static(self, known):
        """The value of a Known, which becomes a guard."""
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
        """A kind whose lengths and value have short expressions: long ones become constants, with guards."""
        if kind.known is not None and type(kind.known.value) is int and len(kind.known.text) > LONGEST:
            kind = kind._replace(known=literal(self.static(kind.known)))
        if kind.shape is None or all(len(n.text) <= LONGEST for n in kind.shape):
            return kind
        return kind._replace(shape=tuple(n if len(n.text) <= LONGEST else unknown_length()
                                         if n.value is None or "?" in n.text
                                         else literal(self.static(n)) for n in kind.shape))

    def rely(self, condition):
        """Add a guard: a condition over arguments and outside names under which the text may be used."""
        self.guards.setdefault(condition)

    def of_any_length(self):
        """The Uses of the lists of which the text serves any number of elements."""
        paths = {part.path for part in self.rolled}
        return frozenset(filter(None, map(self.use_of, paths)))

    def use_of(self, path):
        """The Use of the list at a path, if the text serves any number of elements of it, else None."""
        parts = [part for part in self.rolled if part.path == path]
        if not parts or any(path.startswith(other) for other in self.exact):
            return None
        use = use_of(parts, *([number for other, number in noted if other == path]
                              for noted in (self.taken, self.cuts)))
        return use if use.least <= parts[0].size else None

    def has_flag(self, path, flag):
        """Whether an array from outside has a flag of its layout, by a guard; None if it is not known."""
        if path in self.layouts:
            flag_value = self.layouts[path][FLAGS.index(flag)]
        else:
            try:
                flag_value = getattr(getattr(self.resolve(path), "flags", None), flag, None)
            except NameMissing:
                return None
        if flag_value is not None:
            self.rely(f"{path}.flags.{flag}" if flag_value else f"not {path}.flags.{flag}")
        return flag_value

    def is_one(self, length: Known):
        """Whether an axis has length 1, by a guard if needed; None where that is not known."""
        if length.exact or length.unit:
            return length.value == 1
        if length.value is None:
            return None
        self.guards.setdefault(f"({length.text}) {'==' if length.value == 1 else '!='} 1")
        return length.value == 1

    def relied_equal(self, a: Known, b: Known):
        """Whether two axes have the same length, by a guard if needed."""
        if self.same_length(a, b):
            return True
        if a.rounds is not None or b.rounds is not None:
            condition = equality(a, b)
            if condition is not None:
                self.guards.setdefault(condition)
            return condition is not None
        if a.value is None or a.value != b.value or "?" in a.text + b.text:
            return False
        self.guards.setdefault(f"({a.text}) == ({b.text})")
        return True

    def covers(self, length: Known, full_length: Known):
        """Whether a length that broadcasts to `full_length` is surely the same, also where both may be 1."""
        return full_length.parts <= length.parts or length.rounds is not None \
            and self.relied_equal(length, full_length)

    def joined(self, a: Kind, b: Kind) -> Kind:
        """The kind of a value that is either `a` or `b`; equal lengths get a guard that they are equal."""
        kind = join(a, b)
        if kind == UNKNOWN or a.shape is None or b.shape is None or a.rank != b.rank:
            return kind
        return kind._replace(shape=tuple(first if self.relied_equal(first, second) else either
                                         for first, second, either in zip(a.shape, b.shape, kind.shape)))

    def same_length(self, a: Known, b: Known):
        """Whether two axes certainly have the same length in every call with this text."""
        if a == b or a.text == b.text:
            return True
        return a.exact and b.exact and a.value == b.value


def _is_plain(value):
    """Whether a value consists of settings alone, and can be written as a literal."""
    if isinstance(value, (list, tuple, dict)):
        return (type(value) in (list, tuple, dict)
                and all(map(_is_plain, value.items() if isinstance(value, dict) else value)))
    return type(value) in (int, str, bool, type(None)) or type(value) is float and math.isfinite(value)


def of_function(function) -> Scope:
    """The scope of a function object."""
    code = function.__code__
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    return Scope(function.__globals__, cells, function.__name__, code.co_varnames + code.co_cellvars)
