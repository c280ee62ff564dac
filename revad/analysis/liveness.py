"""Liveness: which stages are needed for the results, and how often each value is read.

>>> from ..ir.nodes import Form, Lit, Stage, Value
>>> x, y, z = Value("x"), Value("y"), Value("z")
>>> product = Form("binary", "*")
>>> stages = [Stage((y,), product, (x, Lit(2.0))), Stage((z,), product, (x, Lit(3.0)))]
>>> [stage.targets[0].name for stage in live(stages, (z,))]
['z']
"""
from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..errors import Tried
from ..ir.nodes import BLOCKS, Branch, Call, Loop, Stage, Value
from ..ir.traversal import walk

OWN_LINE = 10**6


def alive(sections, roots):
    """Sections without the stages that the operands `roots` do not need."""
    sections_alive = _alive(sections, roots)
    calls = list(calls_in(sections_alive))
    shared = calls and _shared_results(calls_in(sections), calls)
    return _alive(sections, [*roots, *shared]) if shared else sections_alive


def calls_in(sections):
    """The calls of the text's functions, in order."""
    for _, lines in sections:
        for line in lines:
            if isinstance(line, Call):
                yield line
            elif isinstance(line, BLOCKS):
                yield from calls_in([(None, block) for block in line.blocks])


def _shared_results(before, after):
    """Results that a call returns as well, as another call of its function needs them: they share passes."""
    complete = {call.layer: call for call in before if call.part == "forward"}
    remaining = {call.layer: {target for target, _ in call.results} for call in after
                 if call.part == "forward"}
    needed = {}
    for layer, targets in remaining.items():
        numbers = needed.setdefault(layer.tree, set())
        numbers.update(i for i, (target, _) in enumerate(complete[layer].results) if target in targets)
    return [target for layer, targets in remaining.items()
            for i, (target, _) in enumerate(complete[layer].results)
            if i in needed[layer.tree] and target not in targets]


def _alive(sections, roots):
    needed = {root for root in roots if isinstance(root, Value)}
    kept = []
    for heading, stages in reversed(sections):
        kept.append((heading, _needed(stages, needed)))
    return kept[::-1]


def live(stages, roots):
    """The stages that the operands `roots` need."""
    return _needed(stages, {root for root in roots if isinstance(root, Value)})


def _needed(stages, needed):
    """The stages that something needs, in order; adds the values that they read to `needed`."""
    kept = []
    for stage in reversed(stages):
        if isinstance(stage, BLOCKS):
            needed_stage = _NEEDED[type(stage)](stage, needed)
            if needed_stage is not None:
                kept.append(needed_stage)
        elif is_heading(stage):
            if kept and not is_heading(kept[-1]):
                kept.append(stage)
        elif stage.form.kind == "effect" or not needed.isdisjoint(stage.targets) \
                or stage.form.kind == "keep" and stage.operands[0] in needed or _may_raise(stage):
            needed.update(o for o in stage.operands if isinstance(o, Value))
            kept.append(stage)
    return kept[::-1]


def is_heading(line):
    return isinstance(line, Stage) and line.form.kind == "heading"


def _may_raise(stage):
    """Whether an error of the stage must be raised even if nothing reads its result.

    That is so in a `try`, and where no other stage would raise it.
    """
    if stage.demands and stage.statement is not None \
            and any(demand.text is None and not demand.unused for demand in stage.demands):
        return True     # only running shows whether the user's line fails, or it surely fails
    is_tried = isinstance(getattr(stage.statement, "place", None), Tried)
    return is_tried and stage.form.kind not in ("alias", "read", "keep")


def _needed_branch(branch, needed):
    results = tuple(row for row in branch.results if row[0] in needed)
    blocks = []
    for block, column in ((branch.then, 1), (branch.orelse, 2)):
        needed.update(row[column] for row in results if isinstance(row[column], Value))
        blocks.append(tuple(_needed(block, needed)))
    if not results and not any(blocks):
        return None
    if isinstance(branch.condition, Value):
        needed.add(branch.condition)
    return replace(branch, then=blocks[0], orelse=blocks[1], results=results)


def _needed_loop(loop, needed):
    """A row is needed if its value after the loop is, or if a later iteration reads it."""
    rows = [row for row in loop.rows if row.out in needed]
    while True:
        inner = set(needed)
        inner.update(o for o in (loop.until, *(row.next for row in rows)) if isinstance(o, Value))
        block = tuple(_needed(loop.block, inner))
        test = loop.test
        if test is not None:
            inner.update((test[1],) if isinstance(test[1], Value) else ())
            test = (tuple(_needed(test[0], inner)), test[1])
        more = [row for row in loop.rows if row in rows or row.inner in inner]
        if len(more) == len(rows):
            break
        rows = more
    if not rows and not block:
        return None
    needed |= inner
    needed.update(o for o in (loop.iterable, *(row.init for row in rows)) if isinstance(o, Value))
    return replace(loop, rows=tuple(rows), block=block, test=test)


def _needed_call(call, needed):
    """The results that are needed, the cache as a whole, and the inputs that they need."""
    keeps = call.part == "backward" or call.cache in needed
    call = replace(call, results=tuple(row for row in call.results if row[0] in needed),
                   cache=call.cache if keeps else None, kept=call.kept if keeps else ())
    inside = {end for _, end in call.results} | {value for value, _ in call.kept}
    sections = []
    for heading, stages in reversed(call.sections):
        sections.append((heading, tuple(_needed(stages, inside))))
    if not call.targets and not any(stages for _, stages in sections):
        return None
    inputs = tuple(row for row in call.inputs if row[0] in inside)
    call = replace(call, sections=tuple(sections[::-1]), inputs=inputs)
    needed.update(o for o in call.operands if isinstance(o, Value))
    return call

_NEEDED = {Branch: _needed_branch, Loop: _needed_loop, Call: _needed_call}


def uses_in(sections, roots):
    """How often each value is read."""
    reads, own_line = [root for root in roots if isinstance(root, Value)], []
    for _, stages in sections:
        for stage in walk(stages, into_calls=False):
            reads += stage.head
            if not isinstance(stage, BLOCKS):
                continue
            if not isinstance(stage, Call):
                reads += (end for region in stage.regions for end in region.ends)
            if isinstance(stage, Loop):
                own_line.append(stage.until)    # it is read after the values of the iteration have been set
                # Loop-invariant operands keep a line before the loop: inside they would be recomputed.
                reads += set(stage.operands).difference(stage.head)
    uses = Counter(reads)
    uses.update(dict.fromkeys(own_line, OWN_LINE))
    return uses
