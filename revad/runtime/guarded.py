"""Guarded: a safety net under the compiler: its own faults are reported as refusals, with the user's line.

>>> def f(x):
...     return x
>>> try:
...     with guarded(f):
...         raise KeyError("oh")
... except InternalError as error:
...     print(error)
<doctest ...>:1: f: revad itself fails here (KeyError: 'oh'). Write it otherwise, or declare ...

With REVAD_FAULTS=raise in the environment, as in revad's own tests, it is no refusal but a plain
InternalError.
"""
from __future__ import annotations

import gc
import linecache
import os
from types import SimpleNamespace

from ..errors import Diagnostic, Fault, InternalError, Place, RevadError, UnsupportedError
from ..types.refusals import RankUnknown, Refusal, diagnostic
from ..types.scope import NameMissing, Unknown

INSTEAD = ("Write it otherwise, or declare the derivative of a function that has it with @revad.adjoint; "
           "and please report it with the function's text.")


class guarded:
    """A context in which every error of the compiler gets a place in the user's file.

    The collector of cycles rests meanwhile: what a compilation allocates lives to its end, so that looking
    through it again and again would take a fifth of the time.
    """

    def __init__(self, function):
        self.function = function

    def __enter__(self):
        self.collects = gc.isenabled()
        gc.disable()
        return self

    def __exit__(self, kind, error, traceback):
        if self.collects:
            gc.enable()
        if error is None or isinstance(error, RevadError) or not isinstance(error, Exception):
            return False
        place = getattr(error, "place", None) or place_of_function(self.function)
        if isinstance(error, (Refusal, RankUnknown, Unknown, NameMissing)):
            raise UnsupportedError([diagnostic(SimpleNamespace(place=place), error)]) from None
        if isinstance(error, RecursionError):
            raise UnsupportedError([Diagnostic(place, self.function.__name__,
                                               "it has an expression that is nested too deeply",
                                               "Give parts of it names.")]) from None
        fault = Fault([Diagnostic(place, self.function.__name__,
                                  f"revad itself fails here ({type(error).__name__}: {error})", INSTEAD)])
        if os.environ.get("REVAD_FAULTS") == "raise":
            raise InternalError(str(fault)) from error
        raise fault from error


def place_of_function(function):
    """The place of a function: its first line."""
    code = function.__code__
    text = linecache.getline(code.co_filename, code.co_firstlineno).rstrip("\n")
    return Place(code.co_filename, code.co_firstlineno, 0, code.co_firstlineno, len(text) + 1, text)
