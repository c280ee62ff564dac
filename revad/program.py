"""The Program: a small typed tree of stages, in which every value is defined once.

`stage` makes one from the user's syntax tree, every later pass takes one and returns
one, `write` prints the last.  A name that the user assigns twice is two values here, so
no pass has to ask which `x` is meant; `names` gives the text its names back.

>>> x = Value("x")
>>> y = Value("y")
>>> stage = Stage((y,), Form("binary", "*"), (Lit(2.0), x))
>>> print(stage)
y = binary '*' (2.0, x)
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple


class Value:
    """One value of the program, defined by one stage (or a parameter).

    `name` is the name to give it where it has a line of its own, `hint` one to give it if
    it comes to need a line.  `kind` is what `shapes` knows of it; `varied` says that a
    derivative flows through it.  A Value is equal to itself only and never changes.
    """

    __slots__ = ("name", "hint", "kind", "varied")

    def __init__(self, name=None, hint=None, kind=None, varied=False):
        self.name, self.hint, self.kind, self.varied = name, hint, kind, varied

    def __repr__(self):
        return self.name or "_"


class Lit:
    """A constant written in the text."""

    __slots__ = ("value",)
    varied = False

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return repr(self.value)

    def _key(self):
        return type(self.value), repr(self.value)

    def __eq__(self, other):
        return isinstance(other, Lit) and self._key() == other._key()

    def __hash__(self):
        return hash(self._key())


class Form(NamedTuple):
    """How a stage is written; its operands fill the holes in order.

    kind       name           operands
    'binary'   '+', '@' ...   left, right
    'unary'    '-', 'not' ... operand
    'compare'  '<' ...        left, right
    'call'     'np.sum'       positional, then one for each of `keywords`
    'method'   'sum'          receiver, positional, then one for each of `keywords`
    'attr'     'T'            receiver
    'index'                   base, then the holes of `spec`, a tuple of subscript items
    'tuple', 'list'           elements; with name '*', `spec` says which are laid out
    'dict'                    values; `keywords` are the keys
    'read'     'np.pi'        none: a name from outside the function
    'copied'                  the locals named in `keywords`; `spec` is syntax, left alone
    'unpack'                  the one value that is unpacked into several targets
    'alias'                   a second name for its operand
    'store'    '', '+', 'at+' base, value, then the holes of `spec`: base[spec] = value, += or
                              np.add.at; keywords[0] is 'tuple' for a subscript with commas
    'effect'                  as 'copied', a whole statement (print, assert)
    """

    kind: str
    name: str = ""
    keywords: tuple = ()
    spec: Any = None


class Item(NamedTuple):
    """One item of a subscript: 'at' (one hole), 'slice' (three, None where absent), 'new', 'dots'."""

    kind: str
    holes: tuple = ()


class Statement(NamedTuple):
    """A statement of the user's: its place in the file and its syntax."""

    place: Any
    node: Any


@dataclass(frozen=True, eq=False)
class Stage:
    """One gate: `targets = form(operands)`, with the statement it belongs to.

    `shapes` adds the gate and its operands by the parameter names of the gate; `recognise`
    may put the gate of a whole pattern (the logistic function) there instead.
    """

    targets: tuple
    form: Form
    operands: tuple
    statement: Any = None
    place: Any = None
    gate: Any = None
    bound: Any = None

    @property
    def target(self):
        return self.targets[0]

    def __repr__(self):
        name = f" {self.form.name!r}" if self.form.name else ""
        left = ", ".join(map(repr, self.targets)) + " = " if self.targets else ""
        return f"{left}{self.form.kind}{name} ({', '.join(map(repr, self.operands))})"


@dataclass(frozen=True, eq=False)
class Branch:
    """Two blocks of which one runs; `results` are (target, value in then, value in orelse)."""

    condition: Any
    then: tuple
    orelse: tuple
    results: tuple
    statement: Any = None
    place: Any = None

    @property
    def targets(self):
        return tuple(target for target, _, _ in self.results)

    @property
    def operands(self):
        """What the branch reads from outside its blocks, in order of first use."""
        inside, seen = set(), {}
        for block, column in ((self.then, 1), (self.orelse, 2)):
            for stage in block:
                for operand in stage.operands:
                    seen.setdefault(operand)
                inside.update(stage.targets)
            for row in self.results:
                seen.setdefault(row[column])
        return (self.condition, *(v for v in seen if isinstance(v, Value) and v not in inside))


@dataclass(frozen=True, eq=False)
class Program:
    """A function: its parameters, a block of stages and the operands that it returns."""

    name: str
    parameters: tuple
    block: tuple
    result: Any
    source: Any = None

    def _replace_block(self, block):
        return replace(self, block=tuple(block))
