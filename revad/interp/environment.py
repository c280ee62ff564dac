"""Environment: the variables of each function while it is followed, and functions made inside functions.

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
    """What each variable of one call stands for now; `around` is the frame that the function was made in."""

    def __init__(self, around=None, rename=None):
        self.env, self.around, self.tried = {}, around, None
        self.statement, self.before = None, {}      # the one at hand, and what there was when it began
        self.consumer, self.given = None, False     # of a generator: who takes what it gives; of that one: that it does
        self.first = None       # the variable of the first parameter: of a method, the object
        self.rename = rename or (lambda path: path)    # names from outside, as the text spells them

    def find(self, variable):
        """What the variable stands for, or None."""
        frame = self
        while frame is not None:
            if variable in frame.env:
                return frame.env[variable]
            frame = frame.around
        return None

    def assign(self, variable, operand):
        """Give the variable a value; one that is declared nonlocal is a variable of a function around this one."""
        frame = self
        while frame is not None and variable not in frame.env:
            frame = frame.around
        (frame or self).env[variable] = operand


class Closure(NamedTuple):
    """A function made inside a function: its Program, the frame it was made in, and its defaults.

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
    """A list of objects or of tuples that a loop fills: it can be filled further, and handed on, as long as nobody reads it."""

    def __bool__(self):
        raise self.refused()

    @staticmethod
    def refused():
        return Refusal("list", "a loop has filled it with objects or tuples", "Fill arrays instead, made before the loop.")


class Exit(NamedTuple):
    """How a block ends: whether the loop or function around it does, and the value returned."""

    broken: Any         # the loop ends
    returned: Any       # the function ends
    value: Any


class Raised(Exception):
    """A function that is followed surely raises: so does the statement that calls it."""


class Unusable(NamedTuple):
    """In the place of a value that differs in a way that cannot be followed: reading it is refused."""

    why: str
    instead: str
    sides: Any = None   # of a branch: its condition, what there is on each side, and the branch

    def alone(self):
        """As it is seen where the sides cannot be told apart."""
        return self._replace(sides=None)


NEXT = Exit(Lit(False), Lit(False), ABSENT)
BREAK = Exit(Lit(True), Lit(False), ABSENT)
RAISE = Exit(Lit(None), Lit(None), Lit("raise"))


def returned(operand) -> Exit:
    return Exit(Lit(True), Lit(True), operand)


def holding(thing, tag="function") -> Value:
    """A value that exists only for the compiler: a function, an iterator."""
    return Value(None, kind=Kind(tag, known=Known(thing, "?", True, True)))


def held(operand):
    """The thing that a value stands for, where that is known when compiling; else None."""
    known = getattr(getattr(operand, "kind", None), "known", None)
    return None if known is None else known.value
