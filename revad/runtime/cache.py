"""Cache: what was compiled, for each function's code, options and kinds of arguments.

Closures made in a loop share their code and so what was compiled for it; each gets only
function objects of its own.  The least recently used functions are forgotten, and of each
function the least recently used kinds.

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
from .guarded import guarded
from .variant import Bound, Variant

FUNCTIONS, KINDS, GUARDED = 512, 256, 32
_entries: OrderedDict = OrderedDict()
_lock = threading.Lock()


class Root(NamedTuple):
    """A function object to differentiate: its entry, the cells of its names from around it, and
    the conditions under which this function, if it was generated, is the one to differentiate."""

    function: Any
    entry: Any
    cells: dict
    conditions: tuple = ()


def plain(function):
    """(the function itself, what it is bound to): methods unbound, `functools.wraps` followed."""
    given, function = function, innermost(function)
    receiver = getattr(function, "__self__", None) if inspect.ismethod(function) else None
    function = innermost(getattr(function, "__func__", function))
    if not inspect.isfunction(function):
        name = getattr(given, "__name__", repr(given))
        raise SourceError(f"{name} is not a Python function, so it has no source to "
                          "differentiate: write a function that calls it, and declare "
                          "its derivative with revad.elementwise or revad.adjoint")
    return function, receiver


def root(function) -> Root:
    """The function as what is to be differentiated."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    return Root(function, entry(function), cells)


def entry(function):
    """The entry of a function's code; its source is read and checked when it is first asked for."""
    key = (function.__code__, function.__code__.co_filename, function.__module__)
    with _lock:
        found = _entries.get(key)
        if found is not None:
            _entries.move_to_end(key)
            return found
    with guarded(function):
        found = Entry(read_front(function))
    with _lock:
        found = _entries.setdefault(key, found)
        while len(_entries) > FUNCTIONS:
            _entries.popitem(last=False)
    return found


def is_importable(thing):
    """Whether pickle can find it by its module and name."""
    found = sys.modules.get(thing.__module__)
    for name in thing.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is thing


class Entry:
    """The source of one function, and every text made of it."""

    def __init__(self, front):
        self.front = front
        self.variants: OrderedDict = OrderedDict()
        self.lock = threading.RLock()

    def find(self, want, wrt, bare, call, root, lenient=False):
        """The bound variant for a call: one whose conditions hold, or a new one.

        A call without arguments, of which a text is only to be shown, has that of the same call.
        """
        row = (want, wrt, bare, call.key, root.conditions)
        with self.lock:
            found = self.variants.get(row, ())
            for variant in found:
                bound = Bound(variant, root)
                if variant.call.kinds is call.kinds if call.args is None else bound.fits(*call.args):
                    self.variants.move_to_end(row)
                    return bound
            with guarded(root.function):
                variant = Variant(self.front, want, wrt, bare, call, root, lenient=lenient)
                if (call.args is not None and variant.relies_on("c_contiguous")
                        and not Bound(variant, root).fits(*call.args)):
                    raise CallError(f"{root.function.__name__} cannot be differentiated for an array that "
                                    "does not lie in memory row by row: pass np.ascontiguousarray of it")
                if call.args is not None and variant.apart and not Bound(variant, root).fits(*call.args):
                    raise CallError(f"{root.function.__name__} {variant.not_apart(root, call.args)}")
            self.variants[row] = [variant, *found[:GUARDED - 1]]
            while len(self.variants) > KINDS:
                self.variants.popitem(last=False)
            return Bound(variant, root)
