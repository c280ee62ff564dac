"""Primal: where the compiler or a text fails, the user's function runs, and its own exception is the error.

>>> def f(x, w):
...     return x @ w
>>> ran, error = run_primal(f, inspect.signature(f), (np.ones(2), np.ones(3)))
>>> ran, type(error).__name__
(True, 'ValueError')
>>> run_primal(f, inspect.signature(f), (np.ones(2), np.ones(2)))
(True, None)
"""
from __future__ import annotations

import copy
import inspect
import linecache
import os

import numpy as np

from ..errors import Diagnostic, Place, UnsupportedError, note, note_place
from ..types.refusals import LIBRARIES
from .arguments import split_arguments
from .compilation import place_of
from .verification.effects import lasting_effect
from .verification.sandbox import NotRepeatable, Sandbox

OWN = os.path.dirname(os.path.dirname(__file__)) + os.sep
INFINITE = "the function has a value there, its derivative has none that is finite"
SINGULAR = ("the function has a value there, its derivative is written with the inverse of a matrix, "
            "and that is singular")


def run_primal(function, signature, args):
    """(whether the function could run on copies of the arguments, its exception or None)."""
    if lasting_effect(function, args) is not None:
        return False, None
    try:
        positional, keywords = split_arguments(signature, copied(args))
        sandbox = Sandbox(function, args, warned=True)
    except Exception:       # an argument that cannot be copied: a generator, an open file
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
    """A deep copy, in which read-only arrays stay read-only."""
    copies = copy.deepcopy(args)
    for array, duplicate in zip(_arrays(args), _arrays(copies)):
        if not array.flags.writeable:
            duplicate.setflags(write=False)
    return copies


def _arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _arrays(part)


def _line(trace):
    """The innermost line of a traceback that is in one of the user's files."""
    innermost = None
    while trace is not None:
        if _is_users(trace.tb_frame.f_code.co_filename):
            innermost = trace
        trace = trace.tb_next
    if innermost is None:
        return None
    file, line = innermost.tb_frame.f_code.co_filename, innermost.tb_lineno
    text = linecache.getline(file, line).rstrip("\n")
    return Place(file, line, 0, line, len(text) + 1, text)


def _is_users(file):
    return not file.startswith(("<revad ", OWN, *LIBRARIES))


def is_same_error(error, other):
    """Whether two exceptions are alike; in Python 3.10, without notes, the place may be in the message."""
    return type(error) is type(other) and str(error).partition("\nin ")[0] == str(other).partition("\nin ")[0]


def is_raised_by_text(error):
    """Whether an exception comes from the text or a library that it calls, not from the user's code."""
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


def is_not_finite(error):
    """Whether an exception of a text means that a derivative is not finite where the function has a value."""
    return isinstance(error, (ArithmeticError, np.linalg.LinAlgError)) \
        or type(error) is ValueError and ("math domain" in str(error) or "expected a" in str(error))


def is_singular(error):
    """Whether a matrix has no inverse."""
    return isinstance(error, np.linalg.LinAlgError)


def note_not_finite(error):
    """Note on an exception that the derivative is not finite, or its formula is not."""
    note(error, SINGULAR if is_singular(error) else INFINITE)


def note_missing_key(error, refused):
    """Note on a KeyError of the function which keys the dict has, as the compiler's refusal tells."""
    for problem in getattr(refused, "diagnostics", ()):
        if type(error) is KeyError and problem.raises is KeyError and repr(error.args[0]) in problem.why:
            note(error, f"{problem.why}. {problem.instead}")


def refuse_empty_lists(bound, error):
    """Raise a refusal if a text failed that has lists which are empty in some rounds only."""
    mixed = next((place for place in bound.variant.call.empty_lists if place.in_some_rounds), None)
    if mixed is not None and is_raised_by_text(error):
        raise _empty_list(mixed, "it is empty in one round of a loop and not in another") from error


def ran_once(place):
    """The refusal of an array of an empty list, where the function cannot run a second time."""
    return _empty_list(place, "it has no axes for those of the elements, and what has run before cannot run "
                       "a second time")


def _empty_list(place, why):
    return UnsupportedError([Diagnostic(place, "array of an empty list", why,
                                        "Compute with it only if the list has elements.")])
