"""Requirements: what a function asks of the lengths of its operands, so that a call which it rejects is rejected, whatever the text needs.

Each stage of the forward part has the demands of its gate.  Where the lengths at hand do not meet one, the
function itself would raise there.  The lengths of later calls are tested by the lines of the text, which do
what the function does; what no line tells is a condition of the text.

>>> from .scope import Scope
>>> n, m = Known(3, "x.shape[0]", False, True), Known(3, "y.shape[0]", False, True)
>>> scope = Scope({}, {}, "f")
>>> with of_stage(scope) as demanded:
...     equal(scope, n, m)
>>> demanded
[Demand(lengths=('x.shape[0]', 'y.shape[0]'), text='x.shape[0] == y.shape[0]', fails=False, unused=False)]
>>> untold([Stage((Value(),), None, (), demands=tuple(demanded))], [], {}, [])
['x.shape[0] == y.shape[0]']
"""
from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import Any, NamedTuple

from ..errors import Tried
from ..ir.nodes import Branch, Call, Loop, Stage, Value
from .kinds import Known, literal
from .refusals import Refusal

FIT = "Give it what the function takes."


class Demand(NamedTuple):
    """lengths: the texts of two that have to be equal, or None; text: the condition, None where only running shows it.

    unused: only a line on which the result does not depend has to show it; where it depends on it, so does
    the derivative.
    """

    lengths: Any
    text: str | None
    fails: bool = False
    unused: bool = False


class Fails(Exception):
    """The function surely raises in a stage, which therefore stands where it does not run for the arguments at hand."""


FAILS = Demand(None, None, True)


@contextlib.contextmanager
def of_stage(scope, backward=False):
    """The demands that are made while the gate of one stage is inferred; backward: of the text's own, that fail with those of the function."""
    demanded = []
    before, scope.demanded = scope.demanded, None if backward and scope.lenient else demanded
    try:
        yield demanded
    finally:
        scope.demanded = before


# ---- what functions ask

_ASKED: dict = {}


def asks(*names):
    """Declare what the gates of these names ask of their operands, a Bound."""
    def declare(rule):
        _ASKED.update(dict.fromkeys(names, rule))
        return rule
    return declare


def asked_by(name):
    """What the gate of a name asks, or None."""
    return _ASKED.get(name)


# ---- made by the rules of kinds

def equal(scope, first, *others, what="operands", raises=ValueError):
    """Lengths have to be equal."""
    for other in others if scope.demanded is not None else ():
        if scope.same_length(first, other):
            continue
        settled = all(n.exact or n.unit and n.value == 1 for n in (first, other))
        if first.value is None or other.value is None:
            scope.demanded.append(Demand(None, None))
        elif first.value != other.value:
            fail(scope, what, f"lengths {first.value} and {other.value} do not fit", raises,
                 _comparison(first, "!=", other))
        elif not settled:
            _add(scope, (first.text, other.text), _comparison(first, "==", other))


def at_least(scope, length, least, what, raises=IndexError):
    """A length has to be so long."""
    if scope.demanded is None:
        return
    if length.value is None:
        scope.demanded.append(Demand(None, None))
    elif length.value < least:
        fail(scope, what, f"the length {length.value} is too small", raises, f"{_side(length)} < {least}")
    elif not length.exact:
        _add(scope, None, f"{_side(length)} >= {least}")


def holds(scope, value, text, what, why, raises=ValueError):
    """A condition, of which `value` tells whether it holds for the lengths at hand."""
    if scope.demanded is None:
        return
    if not value:
        fail(scope, what, why, raises, f"not ({text})")
    elif "?" in text:
        scope.demanded.append(Demand(None, None))
    else:
        _add(scope, None, text)


def fail(scope, what, why, raises=ValueError, otherwise=None):
    """The function raises here for the lengths at hand; `otherwise`: the condition under which it does, if it depends on lengths."""
    if scope.demanded is None:
        return
    if otherwise is not None and "?" not in otherwise:
        scope.rely(otherwise)
    if scope.lenient:
        raise Fails
    raise Refusal(what, why, FIT, raises)


def spread(scope, kind, shape, what, strict=False):
    """An array is broadcast to a shape, and does not make it larger; strict: nor has it more axes, of length 1."""
    if kind.shape is None or shape is None:
        return
    if kind.rank > len(shape):
        extra = kind.shape[:kind.rank - len(shape)]
        if strict or any(scope.is_one(n) is False for n in extra):
            fail(scope, what, "it has more axes than the shape")
        return
    for have, want in zip(kind.shape[::-1], shape[::-1]):
        if have.text != want.text and scope.is_one(have) is not True:
            equal(scope, have, want, what=what)


def is_decided(scope, kind):
    """The truth value of an array is that of its one element."""
    for length in kind.shape or () if kind.tag == "array" else ():
        equal(scope, literal(1), length, what="truth value")


def shown_while_running(scope):
    """Whether the function raises, only running shows."""
    if scope.demanded is not None:
        scope.demanded.append(Demand(None, None))


def _add(scope, lengths, text):
    scope.demanded.append(Demand(None, None) if "?" in text else Demand(lengths, text))


def _comparison(a: Known, sign, b: Known):
    return f"{_side(a)} {sign} {_side(b)}"


def _side(length):
    return length.text if re.fullmatch(r"""[\w.\[\]'"]+""", length.text) else f"({length.text})"


# ---- what the text tells by itself

def demanding(block):
    """All stages with demands, also inside of branches, loops and functions."""
    found = []
    for stage in block:
        if isinstance(stage, (Branch, Loop, Call)):
            found += [inner for part in stage.blocks for inner in demanding(part)]
        elif stage.demands:
            found.append(stage)
    return found


def shown_where_unused(stages, kept):
    """Stages of which those that are not among the `kept`, on which the result depends, show what they raise for their values."""
    alive = {id(stage) for stage in _leaves(kept)}
    if all(id(stage) in alive for stage in _leaves(stages) if any(demand.unused for demand in stage.demands)):
        return stages

    def shown(block):
        return tuple(map(of_stage, block))

    def of_stage(stage):
        if isinstance(stage, Branch):
            return replace(stage, then=shown(stage.then), orelse=shown(stage.orelse))
        if isinstance(stage, Loop):
            return replace(stage, test=stage.test and (shown(stage.test[0]), stage.test[1]),
                           block=shown(stage.block))
        if isinstance(stage, Call):
            return replace(stage,
                           sections=tuple((heading, shown(block)) for heading, block in stage.sections))
        if id(stage) in alive or not any(demand.unused for demand in stage.demands):
            return stage
        return replace(stage, demands=tuple(demand._replace(unused=False) for demand in stage.demands))
    return list(shown(stages))


def _leaves(block):
    for stage in block:
        if isinstance(stage, (Branch, Loop, Call)):
            for part in stage.blocks:
                yield from _leaves(part)
        else:
            yield stage


def untold(stages, sections, inside, roots, parameters=()):
    """The conditions of stages that no line of the text tells: of those without a line, and of those in a `try`.

    sections, inside: the lines of the text and what is written inside of them; roots: what it returns.
    parameters: arrays of which all lengths may be compared at once.
    """
    if not stages:
        return []
    written = set(inside) | {target for _, lines in sections for line in lines for target in _targets(line)}
    same = _Same()
    for _, lines in sections:
        for line in lines:
            if isinstance(line, Stage):
                same.told(line, inside)
    for root in roots:
        if root in inside:
            same.told(inside[root], inside)
    found = []
    for stage in stages:
        # A handler may run where it fails.
        tried = isinstance(getattr(stage.statement, "place", None), Tried)
        if written.intersection(stage.targets) and not tried:
            continue
        for demand in stage.demands:
            if (demand.text is not None and not demand.unused and demand.text not in found
                    and (tried or not (demand.lengths and same.are(*demand.lengths)))):
                found.append(demand.text)
                if demand.lengths:
                    same.join(*demand.lengths)
    return _at_once(found, {value.name: value.kind.rank for value in parameters})


def _at_once(conditions, ranks):
    """Conditions with `x.shape == y.shape` for those on each of the axes.

    >>> _at_once(["x.shape[0] == y.shape[0]", "x.shape[1] == y.shape[1]", "x.shape[1] == w.shape[0]"], {"x": 2, "y": 2, "w": 1})
    ['x.shape == y.shape', 'x.shape[1] == w.shape[0]']
    """
    pairs = {}
    for condition in conditions:
        match = re.fullmatch(r"(\w+)\.shape\[(\d+)\] == (\w+)\.shape\[\2\]", condition)
        if match:
            pairs.setdefault((match[1], match[3]), []).append(condition)
    whole = {one: f"{a}.shape == {b}.shape" for (a, b), ones in pairs.items()
             for one in ones if 1 < len(ones) == ranks.get(a) == ranks.get(b)}
    return list(dict.fromkeys(whole.get(condition, condition) for condition in conditions))


def _targets(line):
    yield from line.targets
    if isinstance(line, (Branch, Loop, Call)):
        for block in line.blocks:
            for inner in block:
                yield from _targets(inner)


class _Same:
    """Lengths that the lines which always run show to be equal."""

    def __init__(self):
        self.parents = {}

    def first(self, text):
        while text in self.parents:
            text = self.parents[text]
        return text

    def are(self, a, b):
        return self.first(a) == self.first(b)

    def join(self, a, b):
        a, b = self.first(a), self.first(b)
        if a != b:
            self.parents[a] = b

    def told(self, stage, inside):
        for demand in stage.demands:
            if demand.lengths:
                self.join(*demand.lengths)
        for operand in stage.operands:
            if isinstance(operand, Value) and operand in inside:
                self.told(inside[operand], inside)
