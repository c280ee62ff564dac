"""Requirements: what a function requires of the lengths of its operands.

A call that the function rejects must be rejected, whatever the text computes.  Each stage of the forward
part has the demands of its gate.  Where the lengths of the arguments do not meet one, the function itself
would raise there.  The lengths of later calls are checked by the lines of the text, which do what the
function does; a demand that no line checks becomes a guard of the text.

>>> from .scope import Scope
>>> n, m = Known(3, "x.shape[0]", False, True), Known(3, "y.shape[0]", False, True)
>>> scope = Scope({}, {}, "f")
>>> with of_stage(scope) as demanded:
...     require_equal(scope, n, m)
>>> demanded
[Demand(lengths=('x.shape[0]', 'y.shape[0]'), text='x.shape[0] == y.shape[0]', fails=False, unused=False)]
>>> unchecked_conditions([Stage((Value(),), None, (), demands=tuple(demanded))], [], {}, [])
['x.shape[0] == y.shape[0]']
"""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple

from ..errors import Tried
from ..ir.nodes import Stage, Value
from ..ir.traversal import mapped, walk
from .kinds import Known, literal
from .refusals import Refusal

FIT = "Give it what the function takes."


class Demand(NamedTuple):
    """A requirement of a stage.

    lengths: the texts of two lengths that must be equal, or None; text: the condition, None where only
    running the stage checks it.  unused: only a stage that the result does not depend on needs to check it;
    for others, the derivative does.
    """

    lengths: Any
    text: str | None
    fails: bool = False
    unused: bool = False


class Fails(Exception):
    """The function certainly raises in a stage, which the arguments at hand therefore must not reach.

    Its arguments are those of a Refusal, if there are any.
    """


FAILS = Demand(None, None, True)


class of_stage:
    """A context that collects the demands which are made while a stage is inferred.

    backward: the stage is one of the text's own, whose demands fail only where the function's do.
    """

    def __init__(self, scope, backward=False):
        self.scope, self.demanded = scope, []
        self.collected = None if backward and scope.lenient else self.demanded

    def __enter__(self):
        self.before, self.scope.demanded = self.scope.demanded, self.collected
        return self.demanded

    def __exit__(self, kind, error, traceback):
        self.scope.demanded = self.before


# ---- what functions require

_ASKED: dict = {}


def requires(*names):
    """Declare what the gates of these names require of their operands, a Bound."""
    def declare(rule):
        _ASKED.update(dict.fromkeys(names, rule))
        return rule
    return declare


def requirement_of(name):
    """What the gate of a name requires, or None."""
    return _ASKED.get(name)


# ---- demands of the kind rules

def require_equal(scope, first, *others, what="operands", raises=ValueError):
    """Require lengths to be equal."""
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


def require_length(scope, length, least, what, raises=IndexError):
    """Require a length to be at least `least`."""
    if scope.demanded is None:
        return
    if length.value is None:
        scope.demanded.append(Demand(None, None))
    elif length.value < least:
        fail(scope, what, f"the length {length.value} is too small", raises,
             f"{operand_text(length)} < {least}")
    elif not length.exact:
        _add(scope, None, f"{operand_text(length)} >= {least}")


def require(scope, value, text, what, why, raises=ValueError):
    """Require a condition; `value`: whether it holds for the lengths at hand."""
    if scope.demanded is None:
        return
    if not value:
        fail(scope, what, why, raises, f"not ({text})")
    elif "?" in text:
        scope.demanded.append(Demand(None, None))
    else:
        _add(scope, None, text)


def fail(scope, what, why, raises=ValueError, otherwise=None):
    """Refuse, because the function itself raises here for the lengths at hand.

    otherwise: the condition under which it does, if it depends on lengths.
    """
    if scope.demanded is None:
        return
    if otherwise is not None and "?" not in otherwise:
        scope.rely(otherwise)
    if scope.lenient:
        raise Fails(what, why, FIT)
    raise Refusal(what, why, FIT, raises)


def require_broadcast(scope, kind, shape, what, strict=False):
    """Require an array to broadcast to a shape; strict: without more axes, even of length 1."""
    if kind.shape is None or shape is None:
        return
    if kind.rank > len(shape):
        extra = kind.shape[:kind.rank - len(shape)]
        if strict or any(scope.is_one(n) is False for n in extra):
            fail(scope, what, "it has more axes than the shape")
        return
    for have, want in zip(kind.shape[::-1], shape[::-1]):
        if have.text != want.text and scope.is_one(have) is not True:
            require_equal(scope, have, want, what=what)


def require_one_element(scope, kind):
    """Require an array to have a single element, whose truth value is that of the array."""
    for length in kind.shape or () if kind.tag == "array" else ():
        require_equal(scope, literal(1), length, what="truth value")


def leave_to_run_time(scope):
    """Note that only running the stage shows whether the function raises."""
    if scope.demanded is not None:
        scope.demanded.append(Demand(None, None))


def _add(scope, lengths, text):
    scope.demanded.append(Demand(None, None) if "?" in text else Demand(lengths, text))


def _comparison(a: Known, sign, b: Known):
    return f"{operand_text(a)} {sign} {operand_text(b)}"


def operand_text(length):
    """The expression for a length as an operand of a condition."""
    return length.text if re.fullmatch(r"""[\w.\[\]'"]+""", length.text) else f"({length.text})"


# ---- what the text checks by itself

def stages_with_demands(block):
    """All stages with demands, also inside branches, loops and calls."""
    return [stage for stage in _leaves(block) if stage.demands]


def checked_where_unused(stages, kept):
    """The stages, where those that the result does not depend on (not in `kept`) check their values, too."""
    alive = {id(stage) for stage in _leaves(kept)}
    if all(id(stage) in alive for stage in _leaves(stages) if any(demand.unused for demand in stage.demands)):
        return stages

    def shown(block):
        return tuple(map(of_stage, block))

    def of_stage(stage):
        if stage.blocks:
            return mapped(stage, shown)
        if id(stage) in alive or not any(demand.unused for demand in stage.demands):
            return stage
        return replace(stage, demands=tuple(demand._replace(unused=False) for demand in stage.demands))
    return list(shown(stages))


def _leaves(block):
    return [stage for stage in walk(block) if not stage.blocks]


def unchecked_conditions(stages, sections, inside, roots, parameters=()):
    """The conditions of stages that no line of the text checks: stages without a line, and those in a `try`.

    sections, inside: the lines of the text and the stages written inside them; roots: what it returns.
    parameters: arrays whose shapes may be compared as a whole.
    """
    if not stages:
        return []
    written = {*inside, *(target for _, lines in sections for line in walk(lines) for target in line.targets)}
    same = _EqualLengths()
    for _, lines in sections:
        for line in lines:
            if isinstance(line, Stage):
                same.learn(line, inside)
    for root in roots:
        if root in inside:
            same.learn(inside[root], inside)
    conditions = []
    for stage in stages:
        # A handler may run where it fails.
        tried = isinstance(getattr(stage.statement, "place", None), Tried)
        if written.intersection(stage.targets) and not tried:
            continue
        for demand in stage.demands:
            if (demand.text is not None and not demand.unused and demand.text not in conditions
                    and (tried or not (demand.lengths and same.are(*demand.lengths)))):
                conditions.append(demand.text)
                if demand.lengths:
                    same.join(*demand.lengths)
    return _merged_shapes(conditions, {value.name: value.kind.rank for value in parameters})


def _merged_shapes(conditions, ranks):
    """Conditions with `x.shape == y.shape` in place of one for each axis.

    >>> conditions = ["x.shape[0] == y.shape[0]", "x.shape[1] == y.shape[1]", "x.shape[1] == w.shape[0]"]
    >>> _merged_shapes(conditions, {"x": 2, "y": 2, "w": 1})
    ['x.shape == y.shape', 'x.shape[1] == w.shape[0]']
    """
    pairs = {}
    for condition in conditions:
        match = re.fullmatch(r"(\w+)\.shape\[(\d+)\] == (\w+)\.shape\[\2\]", condition)
        if match:
            pairs.setdefault((match[1], match[3]), []).append(condition)
    merged = {condition: f"{a}.shape == {b}.shape" for (a, b), conditions_of_pair in pairs.items()
              for condition in conditions_of_pair
              if 1 < len(conditions_of_pair) == ranks.get(a) == ranks.get(b)}
    return list(dict.fromkeys(merged.get(condition, condition) for condition in conditions))


class _EqualLengths:
    """Lengths that the lines which always run require to be equal, as a union-find structure."""

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

    def learn(self, stage, inside):
        for demand in stage.demands:
            if demand.lengths:
                self.join(*demand.lengths)
        for operand in stage.operands:
            if isinstance(operand, Value) and operand in inside:
                self.learn(inside[operand], inside)
