"""Outside: what a text reads from outside of it, as the imports and definitions at the top of its file.

>>> table = Outside("example")
>>> table.add("np", np)
>>> table.add("EPS", 1e-5)
>>> table.imports, table.definitions
({'import numpy as np'}, ['EPS = 1e-05'])
>>> table.add("table", np.ones(3))
Traceback (most recent call last):
    ...
revad.errors.ExportError: it reads table from its module, which is a ndarray: make it a parameter
"""
from __future__ import annotations

import builtins
import inspect
import symtable
import sys
import textwrap
import types
from typing import Any

import numpy as np

from ..errors import ExportError, SourceError
from ..frontend.source import read_source
from ..types.kinds import is_plain_key
from ..types.refusals import LIBRARIES
from ..types.registry import OTHERS

MISSING = object()


def names_from_outside(text: str) -> list[str]:
    """The names that the functions of a text read and that it does not define, those of builtins included.

    >>> names_from_outside("def f(x):\\n    return np.sum(x) * k * len(x)")
    ['k', 'len', 'np']
    """
    module = symtable.symtable(text, "text", "exec")
    tables, names = [module], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        if table is not module:
            names |= {symbol.get_name() for symbol in table.get_symbols()
                      if symbol.is_global() and symbol.is_referenced()}
    defined = {symbol.get_name() for symbol in module.get_symbols()
               if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()}
    return sorted(names - defined)


class Outside:
    """The imports and definitions that texts of one module need."""

    def __init__(self, module):
        self.module, self.imports, self.definitions, self._objects = module, set(), [], {}

    def add_names(self, text, resolve):
        """Add all that a text reads from outside; `resolve` gives the object of a name, else MISSING."""
        for name in names_from_outside(text):
            value = resolve(name)
            if value is not MISSING:
                self.add(name, value)
            elif not hasattr(builtins, name):
                raise ExportError(f"it reads {name}, which is not defined")

    def add(self, name: str, value: Any) -> None:
        """Add one name.  Raises ExportError for what a file cannot define."""
        if name in self._objects:
            if self._objects[name] is not value:
                raise ExportError(f"two things are named {name} in the functions that it calls: rename one")
            return
        self._objects[name] = value
        if isinstance(value, types.ModuleType):
            self._import_module(name, value)
        elif _is_constant(value):
            self.definitions.append(f"{name} = {value!r}")
        elif self._is_of_library(value):
            own = value.__name__
            self.imports.add(f"from {_importable(value)} import {own}{'' if own == name else f' as {name}'}")
        elif inspect.isfunction(value):
            self._define(name, value)
        else:
            raise ExportError(f"it reads {name} from its module, which is a {type(value).__name__}: "
                              "make it a parameter")

    def _import_module(self, name, module):
        if module.__name__.partition(".")[0] == "revad":
            raise ExportError(f"it reads {name}, which is revad: what is exported runs without it")
        parent, _, last = module.__name__.rpartition(".")
        if name == module.__name__:
            self.imports.add(f"import {name}")
        elif name == last:
            self.imports.add(f"from {parent} import {last}")
        else:
            self.imports.add(f"import {module.__name__} as {name}")

    def _is_of_library(self, value):
        if not hasattr(value, "__name__") or _importable(value) is None:
            return False
        code = getattr(inspect.unwrap(value), "__code__", None)
        return code is None or code.co_filename.startswith(LIBRARIES)

    def _define(self, name, function):
        """The text of a function of the user's that has no derivative, with what it reads itself."""
        try:
            source = read_source(function)
        except SourceError as error:
            raise ExportError(f"it calls {name}, whose text is not to be had ({error})") from None
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        if source.is_lambda:
            text = f"{name} = {source.text}"
        elif source.name == name:
            text = textwrap.dedent(source.text).rstrip()
        else:
            raise ExportError(f"it calls {source.name} by the name {name}: use one name")
        probe = f"def probe():\n{textwrap.indent(text, '    ')}"
        self.add_names(probe, lambda inner: cells[inner].cell_contents if inner in cells
                       else function.__globals__.get(inner, MISSING))
        self.definitions.append(text)


def _is_constant(value):
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        return all(map(_is_constant, value))
    if type(value) is dict:
        return all(map(is_plain_key, value)) and all(map(_is_constant, value.values()))
    return type(value) in (int, float, bool, str, type(None)) and value == value \
        and value not in (float("inf"), float("-inf"))


def _importable(value):
    """The module from which an object of a library is imported by its name, or None."""
    if isinstance(value, np.ufunc):
        homes = ["numpy", *OTHERS.values()]
        return next((home for home in homes if home in sys.modules
                     and getattr(sys.modules[home], value.__name__, None) is value), None)
    module = getattr(value, "__module__", None) or ""
    public = ".".join(part for part in module.split(".") if not part.startswith("_"))
    if not public or public.partition(".")[0] in ("revad", "__main__"):
        return None
    for candidate in (public, module):
        try:
            reached = __import__(candidate, fromlist=["x"])
        except ImportError:
            continue
        if getattr(reached, getattr(value, "__name__", ""), None) is value:
            return candidate
    return None
