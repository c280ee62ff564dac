"""Sums: `dx = a` and `dx += b` in the next line are `dx = a + b`, where that fits into a line.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Lit
>>> from .plan import make_plan
>>> x, d, dx = Value("x", kind=FLOAT), Value("dx", kind=FLOAT), Value("dx", kind=FLOAT)
>>> stages = [Stage((d,), Form("binary", "*"), (x, Lit(2))), Stage((dx,), Form("binary", "+"), (d, x))]
>>> plan = make_plan([(None, stages)], [dx])
>>> updated = {dx}
>>> add_up(plan, updated, lambda value: True, lambda line: "dx = x * 2 + x")
>>> plan.sections, updated
([(None, [dx = binary '+' (dx, x)])], set())
"""
from __future__ import annotations

from ..ir.nodes import Branch, Loop, Stage, Value
from ..ir.traversal import mapped

WIDTH = 88
EXPRESSIONS = frozenset(("binary", "unary", "call", "method", "index", "ifexp", "alias"))


def add_up(plan, updated, is_backward, written):
    """Put the first term of each such sum inside the line of the second; `written`: the text of a line."""
    for number, (heading, lines) in enumerate(plan.sections):
        plan.sections[number] = (heading, _added_up(plan, updated, is_backward, written, lines, 1))


def _added_up(plan, updated, is_backward, written, lines, depth):
    merged = []
    for line in lines:
        if isinstance(line, (Branch, Loop)):
            merged.append(mapped(line, lambda block: tuple(
                _added_up(plan, updated, is_backward, written, block, depth + 1))))
            continue
        first = merged[-1] if merged else None
        if _continues(plan, updated, is_backward, first, line):
            plan.inside[first.target] = first
            updated.discard(line.target)
            if len(written(line)) + 4 * depth <= WIDTH:
                merged[-1] = line
                continue
            del plan.inside[first.target]
            updated.add(line.target)
        merged.append(line)
    return merged


def _continues(plan, updated, is_backward, first, line):
    """Whether a line adds to what the line before it assigned, and nothing else reads that."""
    return (isinstance(line, Stage) and isinstance(first, Stage) and line.targets and first.targets
            and line.target in updated
            and line.form.kind == "binary" and line.form.name in "+-" and line.operands[0] is first.target
            and first.form.kind in EXPRESSIONS and first.target not in updated
            and plan.uses[first.target] == 1 and is_backward(first.target))
