"""Environment: the variables of each function while it is followed, and functions defined inside functions.

>>> x = Value("x")
>>> outer = Frame()
>>> outer.env[x] = Lit(1)
>>> Frame(outer).find(x)
1
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ..ir.nodes import ABSENT, Lit, Value
from ..types.kinds import Kind, Known
from ..types.refusals import Refusal


class Frame:
    """The environment of one call: {variable: value}; `enclosing` is the frame that defined the function."""

    def __init__(self, enclosing=None, rename=None):
        self.env, self.enclosing, self.tried = {}, enclosing, None
        self.statement, self.before = None, {}      # the current statement, and the environment at its start
        self.consumer = None        # of a generator: (frame, loop, counter) of the loop over it
        self.is_yielding = False    # whether the frame's loop has just got an item from a generator
        self.first = None       # the variable of the first parameter: of a method, the object
        self.rename = rename or (lambda path: path)    # the spelling of outside names in the text
        self.home = None        # (globals, cells) of the function, unless it is that which is differentiated

    def namespace(self):
        """(globals, cells) of the function around, None for that which is differentiated."""
        frame = self
        while frame is not None and frame.home is None:
            frame = frame.enclosing
        return None if frame is None else frame.home

    def find(self, variable):
        """The value of the variable, or None."""
        frame = self
        while frame is not None:
            if variable in frame.env:
                return frame.env[variable]
            frame = frame.enclosing
        return None

    def assign(self, variable, operand):
        """Assign the variable; one that is declared nonlocal is a variable of an enclosing frame."""
        frame = self
        while frame is not None and variable not in frame.env:
            frame = frame.enclosing
        (frame or self).env[variable] = operand


class Closure(NamedTuple):
    """A function defined inside a function: its Program, the frame it was defined in, and its defaults.

    A default that may be changed is a variable of that frame.
    """

    program: Any
    frame: Any
    defaults: tuple


class Partial(NamedTuple):
    """A functools.partial made inside a function."""

    function: Any
    args: tuple
    keywords: dict


class UnreadList:
    """A list of objects or tuples that a loop appends to: it may be extended and passed on, but not read."""

    def __bool__(self):
        raise self.refused()

    @staticmethod
    def refused():
        return Refusal("list", "a loop has filled it with objects or tuples",
                       "Fill arrays instead, made before the loop.")


class Exit(NamedTuple):
    """How a block ends: whether the loop or function around it ends too, and the value returned."""

    broken: Any         # the loop ends
    returned: Any       # the function ends
    value: Any


class Raised(Exception):
    """A called function surely raises: so does the statement that calls it."""


class Unusable(NamedTuple):
    """Stands for a value that differs in a way that cannot be followed: reading it is refused."""

    why: str
    instead: str
    sides: Any = None   # of a branch: (condition, the value on each side, the branch)

    def alone(self):
        """As it is seen where it is not known which side was taken."""
        return self._replace(sides=None)


NEXT = Exit(Lit(False), Lit(False), ABSENT)
BREAK = Exit(Lit(True), Lit(False), ABSENT)
RAISE = Exit(Lit(None), Lit(None), Lit("raise"))


def returned(operand) -> Exit:
    """The Exit of a return statement."""
    return Exit(Lit(True), Lit(True), operand)


def object_value(obj, tag="function") -> Value:
    """A value that exists only when compiling: a function, an iterator."""
    return Value(None, kind=Kind(tag, known=Known(obj, "?", True, True)))


def object_of(operand):
    """The object that a value stands for, where that is known when compiling; else None."""
    known = getattr(getattr(operand, "kind", None), "known", None)
    return None if known is None else known.value
