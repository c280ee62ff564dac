"""The Program: a small typed tree of stages, in which every value is defined once.

`lower` creates it from the user's syntax tree, every later pass takes a Program and returns one, and `writer`
prints the last.  A name that the user assigns twice is two values here (single assignment), so no pass needs
to ask which `x` is meant; `names` restores the names in the text.

>>> x = Value("x")
>>> y = Value("y")
>>> stage = Stage((y,), Form("binary", "*"), (Lit(2.0), x))
>>> print(stage)
y = binary '*' (2.0, x)
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .stems import stem_of


class Value:
    """A value of the program, defined by one stage (or a parameter).

    `name` is its name in the text where it has a line of its own, `hint` one for the case that it
    comes to need a line.  `kind` is what `specialize` knows of it; `varied`: whether it is active, so that
    a derivative flows through it.  A Value is equal to itself only.
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
    """The operator of a stage and how it is written; its operands fill the holes in order.

    kind       name           operands
    'binary'   '+', '@' ...   left, right
    'unary'    '-', 'not' ... operand
    'compare'  '<' ...        left, right
    'call'     'np.sum'       positional, then one for each of `keywords`
    'method'   'sum'          receiver, positional, then one for each of `keywords`
    'attr'     'T'            receiver
    'index'                   base, then the holes of `spec`, a tuple of subscript items; with name '.x' it is
                              written as an attribute: the field of a named tuple
    'tuple', 'list'           elements; with name '*', `spec` says which are starred; of a named tuple
                              `name` is its class as the text calls it, `spec` the class, `keywords` the
                              fields
    'dict'                    values; `keywords` are the keys; with a name, it is called with the keywords
    'read'     'np.pi'        none: a name from outside the function
    'copied'                  the locals named in `keywords`; `spec` is opaque syntax
    'unpack'                  the one value that is unpacked into several targets
    'alias'                   a second name for its operand
    'store'    '', '+', 'at+' base, value, then the holes of `spec`: base[spec] = value, += or
                              np.add.at; keywords[0] is 'tuple' for a subscript with commas
    'augment'  '+' ...        old, value: old += value
    'push'                    base, value: base.append(value); `spec` is the value's position, for the
                              backward pass
    'keep'     '', 'copy' ... list, value: a residual of an iteration is appended, or a copy of it
    'ifexp'                   condition, then, else
    'effect'                  as 'copied', a whole statement (print)
    'heading'                 none: `statement` is the statement that the following stages differentiate
    `spec` of a call says which operands are starred: '*' or '**' for each, '' for others.  docs/ir.md
    describes each.
    """

    kind: str
    name: str = ""
    keywords: tuple = ()
    spec: Any = None


class Item(NamedTuple):
    """One item of a subscript: 'at' (one hole), 'slice' (three, None where absent), 'new', 'dots'.

    inside: it is the only item of a tuple, `x[i,]`, so that a tuple in its place is an array and not a
    subscript with several items.
    """

    kind: str
    holes: tuple = ()
    inside: bool = False


class Statement(NamedTuple):
    """A statement of the user: its place in the file, its syntax, and the source that it is in."""

    place: Any
    node: Any
    source: Any = None


@dataclass(frozen=True, eq=False)
class Stage:
    """An operation: `targets = form(operands)`, with the statement that it belongs to.

    `specialize` adds the gate and its operands by the parameter names of the gate; `patterns`
    may replace it by the gate of a whole pattern (the logistic function).
    demands: the requirements on the lengths of its operands.
    """

    targets: tuple
    form: Form
    operands: tuple
    statement: Any = None
    place: Any = None
    gate: Any = None
    bound: Any = None
    demands: tuple = ()
    # Whether the result is a view of an operand, where more is known than by the gate alone; "may" of a copy
    # that the function itself does not make.
    shares: Any = None
    blocks = regions = ()

    @property
    def head(self):
        return self.operands

    @property
    def target(self):
        return self.targets[0]

    def __repr__(self):
        name = f" {self.form.name!r}" if self.form.name else ""
        left = ", ".join(map(repr, self.targets)) + " = " if self.targets else ""
        return f"{left}{self.form.kind}{name} ({', '.join(map(repr, self.operands))})"


def beside(stage, target) -> Stage:
    """A stage of the same statement and place."""
    return Stage((target,), Form("alias"), (), stage.statement, stage.place)


class Region(NamedTuple):
    """A block that a stage owns: the values that it begins with, its stages, and what it hands on."""

    arguments: tuple
    block: tuple
    ends: tuple


@dataclass(frozen=True, eq=False)
class Branch:
    """Two blocks, one of which runs; `results` are (target, value in then, value in orelse)."""

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
    def blocks(self):
        return self.then, self.orelse

    @property
    def regions(self):
        return tuple(Region((), block, tuple(row[column] for row in self.results))
                     for block, column in ((self.then, 1), (self.orelse, 2)))

    @property
    def head(self):
        """What is read before any of the regions runs."""
        return (self.condition,)

    @property
    def operands(self):
        """What the branch reads from outside its blocks, in order of first use."""
        return outside_operands(self)


def outside_operands(stage):
    """The values that a branch or loop reads, except those that it defines."""
    inside, read = set(), dict.fromkeys(stage.head)
    for region in stage.regions:
        inside.update(region.arguments)
        for inner in region.block:
            read.update(dict.fromkeys(inner.operands))
            inside.update(inner.targets)
        read.update(dict.fromkeys(region.ends))
    return tuple(v for v in read if isinstance(v, Value) and v not in inside)


class Row(NamedTuple):
    """A loop-carried value: at an iteration's start, before the loop, at its end, after the loop."""

    inner: Any
    init: Any
    next: Any
    out: Any


@dataclass(frozen=True, eq=False)
class Loop:
    """A block that runs repeatedly: `for indices in iterable`, or `while` the condition of `test`.

    test: (stages, condition), or None.  until: the loop ends after an iteration in which this holds.
    """

    indices: tuple
    iterable: Any
    test: Any
    rows: tuple
    block: tuple
    until: Any = None
    statement: Any = None
    place: Any = None

    @property
    def targets(self):
        return tuple(row.out for row in self.rows)

    @property
    def blocks(self):
        return (*((self.test[0],) if self.test else ()), self.block)

    @property
    def regions(self):
        """The iteration, after that of the test, if there is one, of which it sees all."""
        arguments = (*self.indices, *(row.inner for row in self.rows))
        ends = (*(row.next for row in self.rows), self.until)
        if self.test is None:
            return (Region(arguments, self.block, ends),)
        return Region(arguments, self.test[0], (self.test[1],)), Region((), self.block, ends)

    @property
    def head(self):
        return (self.iterable, *(row.init for row in self.rows))

    @property
    def operands(self):
        """What the loop reads from outside its block, in order of first use."""
        return outside_operands(self)


@dataclass(frozen=True, eq=False)
class Call:
    """A call of the forward or the backward pass of a user's function, which the text defines, too.

    It reads nothing from outside except its inputs, (value inside, operand); results are (target, value
    inside).  layer: the same for both passes; sections: (statement, stages).  cache: the residuals that the
    forward pass returns for the backward pass; kept: (value inside, value of the forward pass) of each.
    """

    layer: Any
    part: str
    inputs: tuple
    sections: tuple
    results: tuple
    cache: Any = None
    kept: tuple = ()
    statement: Any = None
    place: Any = None

    @property
    def block(self):
        return tuple(stage for _, stages in self.sections for stage in stages)

    @property
    def blocks(self):
        return (self.block,)

    @property
    def regions(self):
        loaded = [value for value, _ in self.kept]
        arguments = (*(value for value, _ in self.inputs), *(loaded if self.part == "backward" else ()))
        ends = (*(end for _, end in self.results), *(loaded if self.part == "forward" else ()))
        return (Region(arguments, self.block, ends),)

    @property
    def targets(self):
        return (*(target for target, _ in self.results), *self._cache_in("forward"))

    @property
    def operands(self):
        return (*(operand for _, operand in self.inputs), *self._cache_in("backward"))

    head = operands

    def _cache_in(self, part):
        return (self.cache,) if self.part == part and self.cache is not None else ()

    def same_as(self, value):
        """The counterpart of a result, an input or a cached value on the other side of the call, or None."""
        pairs = (*self.results, *self.inputs, *(self.kept if self.part == "backward" else ()))
        return next((other for inner, other in pairs if inner is value), None)


@dataclass(frozen=True, eq=False)
class Layer:
    """A user's function that is differentiated on its own: its stem, and its syntax, whose names it uses."""

    stem: str
    tree: Any
    source: Any


BLOCKS = (Branch, Loop, Call)       # nodes with blocks of stages


@dataclass(frozen=True, eq=False)
class Program:
    """A function: its parameters, a block of stages and the operand that it returns.

    imports: names that an import inside the function gives: (module, attribute).  exact: the result as the
    function computes it, where `result` is computed in float instead of small integers; else None.
    """

    name: str
    parameters: tuple
    block: tuple
    result: Any
    source: Any = None
    tree: Any = None
    imports: Any = None
    exact: Any = None

    @property
    def returned(self):
        """What the texts return as the value."""
        return self.result if self.exact is None else self.exact

    @property
    def qualname(self):
        has_source = self.source is not None and self.source.tree is self.tree
        return self.source.function.__qualname__ if has_source else self.name

    @property
    def stem(self):
        """What its texts are called after."""
        return stem_of(self.name, self.qualname)

    def _replace_block(self, block):
        return replace(self, block=tuple(block))


class Adjoint(NamedTuple):
    """What the reverse sweep makes of a Program.

    forward: the forward part, which stores the residuals; groups: (statement, stages) of the backward part,
    in the order in which they run; gradients: the operands that hold the gradients of `wrt`.
    """

    forward: list
    groups: list
    gradients: list


class Unset(Lit):
    """Stands for the value of a name that has none (undefined)."""


class TryCondition(Lit):
    """Stands for the condition of a `try`; its handlers are (paths of exceptions or None for all, block)."""

    __slots__ = ("handlers",)

    def __init__(self, handlers):
        super().__init__(True)
        self.handlers = handlers


class Absent(Unset):
    """As Unset, but the text assigns None to the name."""

UNSET, ABSENT = Unset(None), Absent(None)


@dataclass(frozen=True, eq=False)
class LoopInProgress(Loop):
    """Stands for a loop that is being interpreted.

    memory: the owners of all memory that a value at the start of an iteration may lie in; sources: the values
    from outside that it may be.
    """

    memory: frozenset = frozenset()
    sources: frozenset = frozenset()
