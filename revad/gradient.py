"""Gradient: the object that `grad` returns; it finds the compiled text for a call, or has it made.

>>> from .api import grad
>>> @grad
... def f(x, y):
...     return x * y
>>> f(3.0, -4.0), f.primal(3.0, -4.0)
((-4.0, 3.0), -12.0)
"""
from __future__ import annotations

import functools
import inspect
import types

from . import arguments, cache
from .errors import CallError, note_place
from .kinds import key_of
from .passes import Backward, Forward


class Gradient:
    """The gradient of a function, compiled for each kind of arguments that it is called with.

    Called with the function's arguments it returns the gradient for each parameter of
    `wrt`; with `value` set, the pair (value, gradients).  Raises UnsupportedError where the
    function cannot be differentiated, CallError for arguments that have no gradient.
    """

    def __init__(self, function, wrt=None, value=False, receiver=None):
        functools.update_wrapper(self, function)
        self.primal = function
        self._options = (wrt, value)
        self._plain, bound = cache.plain(function)
        self._receiver = bound if receiver is None else receiver
        self._entry = cache.entry(self._plain)
        self._signature = inspect.signature(self._plain)
        self._parameters = tuple(self._signature.parameters)
        self._count = len(self._parameters)
        self._want = "value_and_grad" if value else "grad"
        self.wrt, self._bare = arguments.chosen(self._plain, self._signature, wrt, self._receiver is not None)
        self._table = {}
        self._last = self._call = None
        self.forward, self.backward = Forward(self), Backward(self)

    def __call__(self, *args, **keywords):
        if keywords or len(args) != self._count:
            args = self._bind(args, keywords)
        key = tuple([kind if (kind := type(a)) is float else key_of(a) for a in args])
        for guard, function in self._table.get(key, ()):
            if guard is None or guard(*args):
                break
        else:
            function = self._find(key, args)
        try:
            return function(*args)
        except Exception as error:
            raise self.explained(error)

    def _bind(self, args, keywords):
        if self._receiver is not None:
            args = (self._receiver, *args)
        try:
            bound = self._signature.bind(*args, **keywords)
        except TypeError as error:
            raise CallError(f"{self.__name__}(): {error}") from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def _find(self, key, args):
        """The function for a call, compiled if no variant fits, and remembered for the next one."""
        guard, function = self.variant(self._want, key, args)
        self._table.setdefault(key, []).insert(0, (guard, function))
        return function

    def variant(self, want, key, args, seed=None):
        """(guard, function) for a call of one of the four texts."""
        found = self._entry.find(want, self.wrt, self._bare, key, args, self._plain, seed)
        if want == self._want:
            self._last = found
        self._call = key, args
        return found.bound(self._plain)

    def _last_call(self):
        return self._call

    def compiled(self, *args):
        """The plain function that computes this gradient for arguments of these kinds."""
        if len(args) != self._count:
            args = self._bind(args, {})
        key = tuple(map(key_of, args))
        return self.variant(self._want, key, args)[1]

    def explained(self, error):
        """An error of the generated code, with the user's line in a note."""
        place = None
        frame = error.__traceback__
        while frame is not None:
            code = frame.tb_frame.f_code
            if code.co_filename.startswith("<revad "):
                place = self._entry.place(code, frame.tb_lineno) or place
            frame = frame.tb_next
        if place is not None:
            note_place(error, place)
        return error

    @property
    def source(self) -> str:
        """The generated function as text: that of the last call, or one for numbers before any."""
        if self._last is not None:
            return self._last.text
        return self._entry.before_any_call(self._want, self.wrt, self._bare, self._plain, self._signature)

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return types.MethodType(self, instance)

    def __repr__(self):
        return f"<{self._want} of {self.__qualname__} wrt {', '.join(self.wrt)}>"

    def __reduce__(self):
        if cache.is_importable(self):
            return self.__qualname__
        return _rebuilt, (self.primal, *self._options)


def _rebuilt(function, wrt, value):
    return Gradient(function, wrt, value)
