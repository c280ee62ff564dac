"""Cache: compiled variants, by a function's code, the options and the kinds of arguments.

Closures that are created in a loop share their code, and so its variants; each binds its own function
objects.  The least recently used functions are evicted, and of each function the least recently used kinds.

>>> def make(k):
...     def f(x):
...         return k * x
...     return f
>>> entry(make(1)) is entry(make(2))
True
"""
from __future__ import annotations

import inspect
import sys
import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from ..errors import CallError, SourceError
from ..frontend.decorators import innermost
from ..pipeline import read_front
from . import compilation, log
from .guarded import guarded
from .variant import Bound, Variant, key_with_lists

FUNCTIONS, KINDS, GUARDED = 512, 256, 32
COMPARED = 2        # texts with which the log compares a new one
_entries: OrderedDict = OrderedDict()
_lock = threading.Lock()


class Root(NamedTuple):
    """A function object to differentiate: its entry, the cells of its names from around it, and
    the conditions under which this function, if it was generated, is the one to differentiate."""

    function: Any
    entry: Any
    cells: dict
    conditions: tuple = ()


def unwrap(function):
    """(the function itself, its receiver or None): methods unbound, `functools.wraps` followed."""
    wrapped, function = function, innermost(function)
    receiver = getattr(function, "__self__", None) if inspect.ismethod(function) else None
    function = innermost(getattr(function, "__func__", function))
    if not inspect.isfunction(function):
        name = getattr(wrapped, "__name__", repr(wrapped))
        raise SourceError(f"{name} is not a Python function, so it has no source to "
                          "differentiate: write a function that calls it, and declare "
                          "its derivative with revad.elementwise or revad.adjoint")
    return function, receiver


def root(function) -> Root:
    """The Root of a function that is to be differentiated."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    return Root(function, entry(function), cells)


def entry(function):
    """The entry of a function's code; its source is read and checked on first use."""
    key = (function.__code__, function.__code__.co_filename, function.__module__)
    with _lock:
        cached = _entries.get(key)
        if cached is not None:
            _entries.move_to_end(key)
            return cached
    with guarded(function):
        cached = Entry(read_front(function))
    with _lock:
        cached = _entries.setdefault(key, cached)
        while len(_entries) > FUNCTIONS:
            _entries.popitem(last=False)
    return cached


def is_importable(definition):
    """Whether pickle can import a definition by its module and name."""
    resolved = sys.modules.get(definition.__module__)
    for name in definition.__qualname__.split("."):
        resolved = getattr(resolved, name, None)
    return resolved is definition


class Entry:
    """The source of a function, and every text generated from it."""

    def __init__(self, front):
        self.front = front
        self.variants: OrderedDict = OrderedDict()
        # {request: the sets of Uses of lists whose number of elements does not matter to some text}.
        self.lists: dict = {}
        self.lock = threading.RLock()

    def find(self, request, call, root):
        """The bound variant for a call: one whose conditions hold, or a new one.

        A call without arguments, whose text is only shown, matches by identity of its kinds.
        """
        def row_of(key):
            return request, key, root.conditions, call.empty_lists, call.singular
        with self.lock:
            for row in map(row_of, self.keys(request, call)):
                for variant in self.variants.get(row, ()):
                    bound = Bound(variant, root)
                    if variant.call.kinds is call.kinds if call.args is None else bound.fits(*call.args):
                        self.variants.move_to_end(row)
                        return bound
            with guarded(root.function):
                variant = Variant(self.front, request, call, root)
                if (call.args is not None and variant.relies_on("c_contiguous")
                        and not Bound(variant, root).fits(*call.args)):
                    raise CallError(f"{root.function.__name__} cannot be differentiated for an array that "
                                    "does not lie in memory row by row: pass np.ascontiguousarray of it")
                if call.args is not None and variant.apart and not Bound(variant, root).fits(*call.args):
                    raise CallError(f"{root.function.__name__} {variant.sharing_message(root, call.args)}")
            if log.is_on():
                log.note_compiled(variant, call.args, root.function, self._why_again(request, call, root))
            if variant.lists:
                self.lists.setdefault(request, {})[variant.lists] = None
            row = row_of(key_with_lists(variant.parameters, call, variant.lists))
            self.variants[row] = [variant, *self.variants.get(row, ())[:GUARDED - 1]]
            while len(self.variants) > KINDS:
                self.variants.popitem(last=False)
            return Bound(variant, root)

    def _why_again(self, request, call, root):
        """Which conditions of the latest texts for the same request do not hold for the arguments."""
        if call.args is None:
            return ""
        latest = [variant for row, variants in reversed(self.variants.items()) for variant in variants
                  if row[0] == request and variant.call.args is None and row[2] == root.conditions]

        def fails(variant, conditions):
            check = compilation.compile_check((conditions,), variant.parameters, variant.free)
            return not Bound(variant, root).bind_check(*check)(*call.args)
        return log.difference(latest[:COMPARED], call.args, fails)

    def keys(self, request, call):
        """The cache keys of a call: its own, and those in which a list stands for any number of elements."""
        yield call.key
        if call.args is not None:
            for uses in self.lists.get(request, ()):
                yield key_with_lists([p.name for p in self.front.program.parameters], call, uses)
