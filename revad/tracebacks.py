"""Tracebacks: an error shows the user's frames and the generated line, and no frame of revad itself.

What a user calls is a `boundary`, which drops revad's own frames from the exceptions that leave it:

>>> import traceback
>>> @boundary
... def shown(f):
...     return f()
>>> def fails():
...     raise ValueError("no")
>>> try:
...     shown(fails)
... except ValueError as error:
...     [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)][-2:]
['shown', 'fails']

With REVAD_TRACEBACK=full in the environment all frames stay.  The cause of an InternalError keeps all of
its frames, since they are what a report of it needs.  Python 3.10 puts back the frame of the boundary
itself, so that one frame is left there.
"""
from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TypeVar

from .errors import InternalError

OWN = os.path.dirname(__file__) + os.sep
PARTS_OF_DOUT = "<revad backward.called "       # what calls a backward pass with the parts of dout
CONDITIONS = "<revad conditions>"

Function = TypeVar("Function", bound=Callable)


def boundary(function: Function) -> Function:
    """`function`, whose exceptions show no frames of revad."""
    @functools.wraps(function)
    def called(*args, **keywords):
        try:
            return function(*args, **keywords)
        except Exception as error:
            trim(error)
            raise
    return called


def trim(error: BaseException | None) -> None:
    """Drop revad's own frames from the traceback of an exception, and from those of its causes."""
    if os.environ.get("REVAD_TRACEBACK") == "full":
        return
    trimmed: set[int] = set()
    while error is not None and id(error) not in trimmed:
        trimmed.add(id(error))
        _relink(error)
        if isinstance(error, InternalError):
            return
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _relink(error):
    first, kept = error.__traceback__, []
    trace = first
    while trace is not None:
        if not is_own(trace):
            kept.append(trace)
        trace = trace.tb_next
    if first is not None and first not in kept:
        first.tb_next = kept[0] if kept else None       # Python 3.10 shows the first frame all the same
    for trace, following in zip(kept, [*kept[1:], None]):
        trace.tb_next = following
    error.__traceback__ = kept[0] if kept else None


def is_own(trace) -> bool:
    """Whether a frame is of revad, or of a text's conditions: these have the line of its `def`."""
    code = trace.tb_frame.f_code
    file = code.co_filename
    return (file.startswith((OWN, PARTS_OF_DOUT, CONDITIONS))
            or file.startswith("<revad ") and trace.tb_lineno == code.co_firstlineno)
