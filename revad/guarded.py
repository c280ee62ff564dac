"""Guarded: a safety net under the compiler, so that its own mistakes have a place in the user's file.

>>> def f(x):
...     return x
>>> with guarded(f):
...     raise KeyError("oh")
Traceback (most recent call last):
    ...
revad.errors.InternalError: ...: f cannot be compiled because of a mistake in revad itself (KeyError: 'oh'). ...
"""
from __future__ import annotations

from .errors import InternalError, RevadError


class guarded:
    """A safety net: whatever goes wrong in the compiler reaches the user with a place in the user's file."""

    def __init__(self, function):
        self.function = function

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is None or isinstance(error, RevadError) or not isinstance(error, Exception):
            return False
        code = self.function.__code__
        where = f"{code.co_filename}:{code.co_firstlineno}: {self.function.__name__}"
        if isinstance(error, RecursionError):
            raise RevadError(f"{where} has an expression that is nested too deeply: give parts of it names") from None
        raise InternalError(f"{where} cannot be compiled because of a mistake in revad itself "
                            f"({type(error).__name__}: {error}). Please report it with the function's text."
                            ) from error
