"""Untyped: the statements of a Program before type inference, besides stages and branches.

Names are still variables then, and stages have these kinds besides those of a Form:

    'decide'   'and', 'or'    as 'copied': `keywords` is the copied form, `spec` the operands with their
                              stages
    'text'                    an f-string: the values in it; `keywords` is the copied form, `spec` its
                              variables
    'invoke'                  a call of a local name or an expression: the function, then as for 'call'
    'return', 'break', 'continue', 'delete', 'raise'
    'setattr'  'W'            object, value
    'import'   'math'         none: an import inside the function, which may raise
    'yield'                   the element that a generator yields
    'define'                  `spec` is the syntax of a function inside the function
    'collect'  'list'         a comprehension: `spec` is a Collected

>>> from .nodes import Value
>>> loop = Each(Value("x"), Value("xs"), (), ())
>>> loop.target, loop.targets
(x, ())
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from .nodes import Stage


@dataclass(frozen=True, eq=False)
class Each:
    """A `for` statement before type inference: `target` stands for the item, which the body unpacks."""

    target: Any
    iterable: Any
    body: tuple
    orelse: tuple
    statement: Any = None
    place: Any = None
    targets = ()


@dataclass(frozen=True, eq=False)
class While:
    """A `while` statement before type inference: the stages of `test` run before each iteration."""

    test: tuple
    condition: Any
    body: tuple
    orelse: tuple
    statement: Any = None
    place: Any = None
    targets = ()


@dataclass(frozen=True, eq=False)
class Act:
    """A call whose result is unused, before type inference: as an effect, and as an expression's stages."""

    effect: Stage
    block: tuple
    statement: Any = None
    place: Any = None
    targets = ()


class Collected(NamedTuple):
    """A comprehension: the stages that collect its elements in a list, and the list."""

    block: tuple
    result: Any
