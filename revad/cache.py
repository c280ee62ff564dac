"""Cache: what was compiled, for each function's code, options and kinds of arguments.

Closures made in a loop share their code and so what was compiled for it; each gets only a
function object of its own.  The least recently used functions are forgotten.

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

from . import build, scope
from .arguments import kinds_of
from .errors import CallError, RevadError, SourceError
from .kinds import FLOAT, key_of
from .pipeline import differentiate, read_front

KEPT = 512
_entries: OrderedDict = OrderedDict()
_lock = threading.Lock()


def plain(function):
    """(the function itself, what it is bound to): methods unbound, `functools.wraps` followed."""
    receiver = getattr(function, "__self__", None) if inspect.ismethod(function) else None
    function = inspect.unwrap(getattr(function, "__func__", function), stop=lambda f: type(f).__name__ == "Gradient")
    if not inspect.isfunction(function):
        name = getattr(function, "__name__", repr(function))
        raise SourceError(f"{name} is not a Python function, so it has no source to differentiate: write a function "
                          "that calls it, and declare its derivative with revad.elementwise or revad.adjoint")
    return function, receiver


def entry(function):
    """The entry of a function's code; its source is read and checked when it is first asked for."""
    key = (function.__code__, function.__code__.co_filename, function.__module__)
    with _lock:
        found = _entries.get(key)
        if found is not None:
            _entries.move_to_end(key)
            return found
    found = Entry(read_front(function))
    with _lock:
        found = _entries.setdefault(key, found)
        while len(_entries) > KEPT:
            _entries.popitem(last=False)
    return found


def is_importable(thing):
    """Whether pickle can find it by its module and name."""
    found = sys.modules.get(thing.__module__)
    for name in thing.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is thing


class Variant:
    """One compiled text with the guards that say when it may be used."""

    def __init__(self, text, names, parameters, defaults, stem):
        self.text, self.lines, self.injected = text.text, text.lines, text.injected
        self.constants = {**names.constants, "key_of": key_of}
        free = tuple(dict.fromkeys([*names.closure, *text.injected]))
        self.code = build.compile_text(text.text, text.name, free, stem)
        self.guard = build.compile_guard(names.guards, parameters, tuple(dict.fromkeys([*names.closure, *self.constants])))
        self.defaults = defaults

    def bound(self, function):
        """(guard, function) in the namespace of one function object."""
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        made = build.bind(self.code, function.__globals__, {**cells, **self.injected}, self.defaults)
        if self.guard is None:
            return None, made
        return build.bind(self.guard, function.__globals__, {**cells, **self.constants}), made


class Entry:
    """The source of one function, and every text made of it."""

    def __init__(self, front):
        self.front, self.variants, self.places = front, {}, {}
        self.latest = {}
        self.lock = threading.RLock()

    def find(self, want, wrt, bare, key, args, function, seed=None):
        """The variant for a call: one whose guards hold, or a new one."""
        row = (want, wrt, bare, key, seed)
        with self.lock:
            for variant in self.variants.get(row, ()):
                guard, _ = variant.bound(function)
                if guard is None or guard(*args):
                    break
            else:
                parameters = [p.name for p in self.front.program.parameters]
                kinds = kinds_of(parameters, args, wrt)
                variant = self.compile(want, wrt, bare, kinds, function, seed)
                self.variants.setdefault(row, []).append(variant)
            self.latest[want, wrt] = variant
            return variant

    def compile(self, want, wrt, bare, kinds, function, seed=None):
        names = scope.of_function(function)
        try:
            text = differentiate(self.front, names, kinds, wrt, want, bare,
                                 seed if want == "backward" else True)
        except RecursionError:
            raise RevadError(f"{function.__name__} has an expression that is nested too deeply: "
                             "give parts of it names") from None
        parameters = [p.name for p in self.front.program.parameters]
        defaults = function.__defaults__ if want in ("grad", "value_and_grad") else None
        variant = Variant(text, names, parameters, defaults, function.__module__ or "")
        self.places[variant.code.co_filename] = text.lines
        return variant

    def place(self, code, line):
        return self.places.get(code.co_filename, {}).get(line)

    def text(self, want, gradient):
        """The text of the forward or backward pass: of the last call, else for numbers."""
        found = self.latest.get((want, gradient.wrt))
        if found is None and gradient._last_call() is not None:
            key, args = gradient._last_call()
            found = self.find(want, gradient.wrt, gradient._bare, key, args, gradient._plain,
                              True if want == "backward" else None)
        if found is not None:
            return found.text
        return self.before_any_call(want, gradient.wrt, gradient._bare, gradient._plain, gradient._signature)

    def before_any_call(self, want, wrt, bare, function, signature):
        """The text for annotations or numbers; its first line says for which kinds it is."""
        kinds = [_annotated(function, p, p.name in wrt) for p in signature.parameters.values()]
        try:
            variant = self.compile(want, wrt, bare, kinds, function, True if want == "backward" else None)
        except RevadError as error:
            raise CallError(f"{function.__name__} is written for the kinds of its arguments, and cannot be for "
                            f"numbers ({str(error).splitlines()[0]}): call it once before you read its source"
                            ) from None
        return f"# for numbers: {', '.join(wrt)}\n{variant.text}"


def _annotated(function, parameter, differentiated):
    from .kinds import kind_of, static
    if parameter.default is not parameter.empty and not differentiated:
        return kind_of(parameter.default, parameter.name)
    if parameter.annotation in (int, "int"):
        return static(0)._replace(known=None)
    return FLOAT
