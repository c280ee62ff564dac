"""Lasting effects: what a function does that cannot be undone or repeated: files, time, input, iterators.

>>> import time
>>> def timed(x):
...     return x * time.time()
>>> place, effect = lasting_effect(timed, (1.0,))
>>> place.line, effect
(2, 'time.time')
"""
from __future__ import annotations

import builtins
import collections.abc
import functools
import inspect
import io
import pathlib
import random
import sys
import types

import gast
import numpy as np

from ...errors import SourceError
from ...frontend.source import read_source
from ...types.refusals import LIBRARIES

DEEPEST = 12        # nested calls of the user's functions that are followed
MODULES = frozenset(("time", "_time", "socket", "_socket", "subprocess", "shutil", "urllib", "requests",
                     "http", "tempfile", "uuid", "secrets", "sqlite3", "posix", "nt", "os", "io", "_io",
                     "ctypes", "_ctypes", "multiprocessing", "asyncio", "queue", "_queue"))
BUILTINS = frozenset((open, input, exec, breakpoint))
FILES = frozenset(("save", "savez", "savez_compressed", "savetxt", "load", "loadtxt", "genfromtxt",
                   "fromfile", "fromregex", "memmap", "open_memmap"))
METHODS = frozenset(("tofile", "dump", "read", "readline", "readlines", "readinto", "read_text",
                     "read_bytes", "write", "writelines", "write_text", "write_bytes", "unlink", "mkdir",
                     "rmdir", "touch", "recv", "send", "sendall", "now", "utcnow", "today"))
UNKNOWN = object()
OWN = str(pathlib.Path(__file__).parents[2] / "_")[:-1]        # the folder of revad itself


def lasting_effect(function, args=()):
    """(place in the user's file, source of the lasting effect there); None if none is found."""
    return _search(function, args, set(), DEEPEST)


def _search(function, args, seen, depth):
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not isinstance(function, types.FunctionType) or function.__code__ in seen or not depth \
            or function.__code__.co_filename.startswith((*LIBRARIES, OWN)):
        return None
    seen.add(function.__code__)
    try:
        source = read_source(function)
    except SourceError:
        return None
    names = _Names(function, source.tree, args)
    called = {id(node.func) for node in gast.walk(source.tree) if isinstance(node, gast.Call)}
    for node in gast.walk(source.tree):
        if not isinstance(node, (gast.Name, gast.Attribute)) or not isinstance(node.ctx, gast.Load):
            continue
        referent = names.meaning(node)
        if (_is_lasting(referent) or referent is UNKNOWN and id(node) in called
                and isinstance(node, gast.Attribute)
                and node.attr in METHODS
                and not names.is_own(node.value)):
            return source.place(node), source.segment(node)
        inner = _called_function(referent, id(node) in called)
        owner = names.meaning(node.value) if isinstance(node, gast.Attribute) else UNKNOWN
        arguments = ((owner,) if inner is not None and owner is not UNKNOWN
                     and not isinstance(owner, (type, types.ModuleType)) else ())
        effect = inner and _search(inner, arguments, seen, depth - 1)
        if effect:
            return effect
    return None


class _Names:
    """What the names of a function refer to: arguments that are not reassigned, and names from outside."""

    def __init__(self, function, tree, args):
        code = function.__code__
        parameters = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
        stored = {node.id for node in gast.walk(tree)
                  if isinstance(node, gast.Name) and not isinstance(node.ctx, (gast.Load, gast.Param))}
        self.local = stored | set(code.co_varnames) | set(code.co_cellvars)
        self.arguments = {name: arg for name, arg in zip(parameters, args) if name not in stored}
        self.cells = dict(zip(code.co_freevars, function.__closure__ or ()))
        self.space = function.__globals__

    def meaning(self, node):
        if isinstance(node, gast.Attribute):
            owner = self.meaning(node.value)
            return UNKNOWN if owner is UNKNOWN else _attribute(owner, node.attr)
        if not isinstance(node, gast.Name) or node.id in self.local and node.id not in self.arguments:
            return UNKNOWN
        if node.id in self.arguments:
            return self.arguments[node.id]
        if node.id in self.cells:
            try:
                return self.cells[node.id].cell_contents
            except ValueError:      # the cell is empty
                return UNKNOWN
        return self.space.get(node.id, getattr(builtins, node.id, UNKNOWN))

    def is_own(self, node):
        """Whether it is certainly an array, a number or a container, whose methods have no such effect."""
        return isinstance(self.meaning(node), (np.ndarray, np.generic, int, float, list, dict, tuple))


def _attribute(owner, name):
    """An attribute, looked up without running the user's code."""
    if isinstance(owner, types.ModuleType):
        return vars(owner).get(name, UNKNOWN)
    attributes = getattr(owner, "__dict__", {})
    if not isinstance(owner, type) and name in attributes:
        return attributes[name]
    attribute = inspect.getattr_static(owner, name, UNKNOWN)
    if isinstance(attribute, property):
        return attribute.fget
    attribute = getattr(attribute, "__func__", attribute)
    return attribute if isinstance(attribute, types.FunctionType) else UNKNOWN if attribute is UNKNOWN else \
        getattr(owner, name, UNKNOWN) if isinstance(owner, (type, np.random.Generator,
                                                            np.random.RandomState, random.Random)) \
        or type(owner).__module__ in ("_io", "pathlib", "datetime") else UNKNOWN


def _is_lasting(referent):
    """Whether using an object has an effect that lasts, or another result each time."""
    if referent is UNKNOWN or referent is sys.stdout or referent is sys.stderr:
        return False
    if isinstance(referent, (collections.abc.Iterator, io.IOBase, random.SystemRandom)):
        return True
    if not callable(referent) or isinstance(referent, np.ufunc):
        return False
    try:
        if referent in BUILTINS:
            return True
    except TypeError:       # what cannot be looked up
        return False
    receiver = getattr(referent, "__self__", None)
    if receiver is not None and (receiver is sys.stdout or receiver is sys.stderr):
        return False
    module, name = getattr(referent, "__module__", None) or "", getattr(referent, "__name__", "")
    module = module or getattr(receiver if isinstance(receiver, type) else type(receiver), "__module__", "")
    if name in ("getenv", "fspath", "getpid", "cpu_count", "BytesIO", "StringIO"):
        return False
    return module.partition(".")[0] in MODULES or module.partition(".")[0] == "numpy" and name in FILES \
        or module in ("datetime", "pathlib") and name in METHODS


def _called_function(referent, is_called):
    """The function that runs where an object is called or read, or None."""
    if isinstance(referent, functools.partial):
        referent = referent.func
    if isinstance(referent, type) and is_called:
        referent = vars(referent).get("__init__")
    elif (is_called and not isinstance(referent, (types.FunctionType, types.MethodType))
            and hasattr(type(referent), "__call__")):
        referent = getattr(type(referent), "__call__")
    return referent if isinstance(referent, (types.FunctionType, types.MethodType)) else None
