"""Plan: which stages get a line of their own, and which are written inside another.

Dead stages go.  What the user named has its own line; a value without a name that is used
once is written in place, and so is what costs nothing to write again (`x.T`, `x[0]`).

>>> from .kinds import FLOAT
>>> x, t, y = Value("x", kind=FLOAT), Value(kind=FLOAT), Value("y", kind=FLOAT)
>>> stages = [Stage((t,), Form("unary", "-"), (x,)), Stage((y,), Form("call", "np.exp"), (t,))]
>>> plan = make_plan([(None, stages)], [y])
>>> [line.targets for _, lines in plan.sections for line in lines], list(plan.inside)
([(y,)], [_])
"""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from .kinds import UNKNOWN
from .program import Branch, Form, Lit, Stage, Value
from .subscripts import is_basic
from .lengths import kind_of_operand

LARGEST = 12  # operations that a gradient may have in one line


@dataclass(frozen=True)
class Plan:
    """`sections` are (heading, lines); `inside` maps a value to the stage written in its place."""

    sections: list
    inside: dict
    uses: Any


def make_plan(sections, roots) -> Plan:
    """Sections of (heading, stages) become sections of lines; `roots` are what must be computed."""
    sections = _alive(sections, roots)
    uses = Counter(root for root in roots if isinstance(root, Value))
    for _, stages in sections:
        _count(stages, uses)
    inside, sizes = {}, {}
    planned = []
    for number, (heading, stages) in enumerate(sections):
        lines = _lines(stages, uses, inside, sizes, heading)
        if lines:
            planned.append((heading, lines))
    return Plan(planned, inside, uses)


# ---- what is needed ----

def _alive(sections, roots):
    needed = {root for root in roots if isinstance(root, Value)}
    kept = []
    for heading, stages in reversed(sections):
        kept.append((heading, _needed(stages, needed)))
    return kept[::-1]


def _needed(stages, needed):
    """The stages that something needs, in order; adds to `needed` what they need."""
    kept = []
    for stage in reversed(stages):
        if isinstance(stage, Branch):
            results = tuple(row for row in stage.results if row[0] in needed)
            if not results:
                continue
            blocks = []
            for block, column in ((stage.then, 1), (stage.orelse, 2)):
                needed.update(row[column] for row in results if isinstance(row[column], Value))
                blocks.append(tuple(_needed(block, needed)))
            if isinstance(stage.condition, Value):
                needed.add(stage.condition)
            kept.append(replace(stage, then=blocks[0], orelse=blocks[1], results=results))
        elif stage.form.kind == "effect" or any(target in needed for target in stage.targets):
            needed.update(o for o in stage.operands if isinstance(o, Value))
            kept.append(stage)
    return kept[::-1]


def _count(stages, uses):
    for stage in stages:
        if isinstance(stage, Branch):
            uses[stage.condition] += 1
            for block, column in ((stage.then, 1), (stage.orelse, 2)):
                _count(block, uses)
                uses.update(row[column] for row in stage.results)
        else:
            uses.update(stage.operands)


# ---- lines ----

def _lines(stages, uses, inside, sizes, heading):
    lines = []
    for stage in stages:
        if isinstance(stage, Branch):
            lines += _branch(stage, uses, inside, sizes, heading)
        elif _goes_inside(stage, uses, inside, sizes):
            inside[stage.target] = stage
            sizes[stage.target] = 1 + sum(sizes.get(o, 0) for o in stage.operands)
        else:
            lines.append(stage)
    return lines


def _goes_inside(stage, uses, inside, sizes):
    if stage.form.kind in ("effect", "store", "unpack") or stage.target.name is not None:
        return False
    if uses[stage.target] <= 1:
        if stage.statement is None and sum(sizes.get(o, 0) for o in stage.operands) >= LARGEST:
            return False
        return not _impure(stage)
    return is_cheap(stage, inside)


def _impure(stage):
    """A call of a function without a rule may draw random numbers: it keeps its place."""
    return stage.form.kind in ("call", "method") and stage.gate is None and stage.target.kind == UNKNOWN


def is_cheap(stage, inside):
    """Whether writing it twice costs nothing: names, views, sizes, comparisons of numbers."""
    form = stage.form
    if not all(isinstance(o, Lit) or o not in inside or is_cheap(inside[o], inside) for o in stage.operands):
        return False
    if form.kind in ("read", "attr") or form.kind == "copied" and isinstance(form.spec, str):
        return True
    kinds = [kind_of_operand(o) for o in stage.operands]
    if form.kind == "index" and stage.gate is None:
        return kinds[0].tag != "array" or is_basic(form.spec, kinds)
    if form.kind in ("tuple", "compare") or form.kind in ("unary", "binary"):
        return all(kind.rank == 0 and (form.kind != "binary" or kind.known is not None) for kind in kinds) \
            and form.kind != "unary" or form.kind == "unary" and kinds[0].rank == 0
    return stage.gate is not None and stage.gate.cheap


def _branch(branch, uses, inside, sizes, heading):
    """A conditional expression for each result where both sides are expressions, else `if`."""
    trial = dict(inside)
    sides = [_lines(block, uses, trial, sizes, heading) for block in (branch.then, branch.orelse)]
    if any(sides) or len(branch.results) > 1:
        inside.update(trial)
        return [replace(branch, then=tuple(sides[0]), orelse=tuple(sides[1]))]
    inside.update(trial)
    lines = []
    for target, then, orelse in branch.results:
        stage = Stage((target,), Form("ifexp"), (branch.condition, then, orelse), branch.statement, branch.place)
        lines += _lines([stage], uses, inside, sizes, heading)
    return lines
