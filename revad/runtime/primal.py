"""Primal: the user's own function is asked where the compiler or a text fails: what it raises for the same arguments is the error.

>>> def f(x, w):
...     return x @ w
>>> ran, error = judged(f, inspect.signature(f), (np.ones(2), np.ones(3)))
>>> ran, type(error).__name__
(True, 'ValueError')
>>> judged(f, inspect.signature(f), (np.ones(2), np.ones(2)))
(True, None)
"""
from __future__ import annotations

import copy
import inspect
import linecache
import os

import numpy as np

from ..errors import Place, note, note_place
from ..types.refusals import LIBRARIES
from .arguments import separate
from .compilation import place_of
from .verification.effects import lasting_effect
from .verification.sandbox import NotRepeatable, Sandbox

OWN = os.path.dirname(os.path.dirname(__file__)) + os.sep
INFINITE = "the function has a value there, its derivative has none that is finite"
SINGULAR = "the function has a value there, its derivative is written with the inverse of a matrix, and that is singular"


def judged(function, signature, args):
    """(whether the function could be run on copies of the arguments, what it raised or None), with the user's line."""
    if lasting_effect(function, args) is not None:
        return False, None
    try:
        positional, keywords = separate(signature, copied(args))
        sandbox = Sandbox(function, args, warned=True)
    except Exception:       # what cannot be copied, a generator or an open file, is left alone
        return False, None
    try:
        sandbox.call(function, positional, keywords)
    except NotRepeatable:
        return True, None
    except Exception as error:
        place = _line(error.__traceback__)
        if place is not None:
            note_place(error, place)
        return True, error
    return True, None


def copied(args):
    """A deep copy, in which what is read-only stays so."""
    found = copy.deepcopy(args)
    for one, other in zip(_arrays(args), _arrays(found)):
        if not one.flags.writeable:
            other.setflags(write=False)
    return found


def _arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _arrays(part)


def _line(trace):
    """The innermost line of the user's files in a traceback, after those that called the function."""
    found = None
    while trace is not None:
        if _is_users(trace.tb_frame.f_code.co_filename):
            found = trace
        trace = trace.tb_next
    if found is None:
        return None
    file, line = found.tb_frame.f_code.co_filename, found.tb_lineno
    text = linecache.getline(file, line).rstrip("\n")
    return Place(file, line, 0, line, len(text) + 1, text)


def _is_users(file):
    return not file.startswith(("<revad ", OWN, *LIBRARIES))


def is_same(error, other):
    """Whether two exceptions say the same; Python 3.10 has no notes, so that one of them may have the place in its message."""
    return type(error) is type(other) and str(error).partition("\nin ")[0] == str(other).partition("\nin ")[0]


def is_of_text(error):
    """Whether an exception comes from the text itself, or from a library that it calls, rather than from code of the user's."""
    trace, inside, raised = error.__traceback__, False, False
    while trace is not None:
        file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        if file.startswith("<revad "):
            inside = True
            raised = (place_of(file, line) is not None
                      and linecache.getline(file, line).lstrip().startswith(("raise ", "assert ")))
        elif inside and _is_users(file):
            return False
        trace = trace.tb_next
    return inside and not raised


def is_infinite(error):
    """Whether an exception of a text tells that a derivative is not finite, where the function has a value."""
    return isinstance(error, (ArithmeticError, np.linalg.LinAlgError)) \
        or type(error) is ValueError and ("math domain" in str(error) or "expected a" in str(error))


def explained(error):
    """Say of an exception that it is the derivative which is not finite, or not written so that it is."""
    note(error, SINGULAR if isinstance(error, np.linalg.LinAlgError) else INFINITE)
