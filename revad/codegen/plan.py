"""Plan: which stages get a line of their own, and which are written inside another.

Dead stages go.  What the user named has its own line; a value without a name that is read
once is written in place, and so is what costs nothing to write twice (`x.T`, `x[0]`).

>>> from ..types.kinds import FLOAT
>>> x, t, y = Value("x", kind=FLOAT), Value(kind=FLOAT), Value("y", kind=FLOAT)
>>> stages = [Stage((t,), Form("unary", "-"), (x,)), Stage((y,), Form("call", "np.exp"), (t,))]
>>> plan = make_plan([(None, stages)], [y])
>>> [line.targets for _, lines in plan.sections for line in lines], list(plan.inside)
([(y,)], [_])
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..analysis.cost import is_cheap
from ..analysis.liveness import OWN_LINE, _may_raise, alive, is_heading, uses_in
from ..ir.nodes import Branch, Call, Form, Loop, Stage, Value
from ..ir.traversal import mapped
from ..types.kinds import UNKNOWN
from ..types.shape_rules import kind_of_operand
from ..types.random_draws import DRAWN

RESHAPES = Form("method", "reshape"), Form("method", "ravel"), Form("method", "flatten")
SIZE = Form("attr", "size")
ORDERS = ("transpose", "swapaxes")
LARGEST = 12  # operations that one line of a gradient may have


@dataclass(frozen=True)
class Plan:
    """`sections` are (heading, lines); `inside` maps a value to the stage written in its place."""

    sections: list
    inside: dict
    uses: Any


def make_plan(sections, roots) -> Plan:
    """Sections of (heading, stages) become sections of lines; `roots` are what must be computed."""
    sections = alive(sections, roots)
    uses = uses_in(sections, roots)
    inside, sizes = {}, {}
    planned = []
    for number, (heading, stages) in enumerate(sections):
        lines = _lines(stages, uses, inside, sizes, heading)
        if lines:
            planned.append((heading, lines))
    return Plan(planned, inside, uses)


# ---- lines ----

def _lines(stages, uses, inside, sizes, heading):
    lines = []
    for stage in stages:
        if isinstance(stage, Branch):
            lines += _branch(stage, uses, inside, sizes, heading)
        elif isinstance(stage, Loop):
            lines.append(mapped(stage, lambda block: tuple(_lines(block, uses, inside, sizes, heading))))
        elif isinstance(stage, Call):
            lines.append(stage)
        elif _goes_inside(stage, uses, inside, sizes):
            inside[stage.target] = stage
            sizes[stage.target] = 1 + sum(sizes.get(o, 0) for o in stage.operands)
        else:
            lines.append(stage)
    return lines


def _goes_inside(stage, uses, inside, sizes):
    if uses[stage.target] >= OWN_LINE if stage.targets else True:
        return False
    if stage.form.kind in ("effect", "store", "unpack", "keep", "push") or stage.target.name is not None \
            or not uses[stage.target] and _may_raise(stage):
        return False
    if uses[stage.target] <= 1:
        if stage.statement is None and stage.form.kind not in ("tuple", "list") \
                and sum(sizes.get(o, 0) for o in stage.operands) >= LARGEST:
            return False
        return not _impure(stage)
    if _is_view_of_view(stage, inside):
        return False
    return is_cheap(stage, inside) or uses[stage.target] == 2 and _is_one_of_numbers(stage, inside)


def _is_one_of_numbers(stage, inside):
    """Whether a stage of the backward pass is one operation of numbers: `dout / n` needs no name."""
    return (stage.statement is None and stage.form.kind == "binary" and stage.form.name in "*/"
            and all(kind_of_operand(o).rank == 0 and kind_of_operand(o).tag in ("number", "array")
                    and (o not in inside or inside[o].form in (Form("unary", "-"), SIZE))
                    for o in stage.operands))


def _is_view_of_view(stage, inside):
    """Whether a reshape is of an array with its axes in another order, or a gradient the other way round.

    It is long to read, and read more than once, so it gets a line; of a reshape, a name after the array.
    """
    if stage.statement is None and stage.form.kind == "method" and stage.form.name in ORDERS:
        inner = inside.get(stage.operands[0])
        return inner is not None and inner.form == RESHAPES[0]
    is_reshape = stage.form in RESHAPES and stage.target.kind.tag == "array"
    inner = inside.get(stage.operands[0]) if is_reshape else None
    if inner is None or inner.form.kind != "method" or inner.form.name not in ORDERS:
        return False
    base = inner.operands[0]
    if isinstance(base, Value) and base.name is not None:
        stage.target.hint = f"{base.name}_rows"
    return True


def _impure(stage):
    """Whether a stage must stay in its line, as a function without a rule may draw random numbers."""
    if stage.form.kind not in ("call", "method") or stage.gate is not None or stage.form.name.startswith("@"):
        return False
    return stage.target.kind == UNKNOWN or stage.form.name.rpartition(".")[2] in DRAWN


def _branch(branch, uses, inside, sizes, heading):
    """A conditional expression for each result where both sides are expressions, else `if`."""
    trial = dict(inside)
    sides = [_lines(block, uses, trial, sizes, heading) for block in (branch.then, branch.orelse)]
    if not all(map(is_heading, sides[0] + sides[1])) or len(branch.results) > 1:
        inside.update(trial)
        return [replace(branch, then=tuple(sides[0]), orelse=tuple(sides[1]))]
    inside.update(trial)
    lines = []
    for target, then, orelse in branch.results:
        stage = Stage((target,), Form("ifexp"), (branch.condition, then, orelse),
                      branch.statement, branch.place)
        lines += _lines([stage], uses, inside, sizes, heading)
    return lines
