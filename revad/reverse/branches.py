"""Adjoint of branches: the adjoint of a branch is a branch on the same condition, each side in reverse.

The residuals that it reads are stored by the forward pass, or recomputed where that costs nothing.

>>> from ..types.kinds import FLOAT
>>> from ..builder.builder import Builder
>>> x, y = (Value(n, kind=FLOAT, varied=True) for n in "xy")
>>> sides = [type("Side", (), {"builder": Builder()})() for _ in range(2)]
>>> results = []
>>> join_sides(Builder(), sides, x, [Lit(2.0), y], results).operand, results
(_, [(_, 2.0, y)])
"""
from __future__ import annotations

from ..analysis.aliases import owners
from ..analysis.argument_paths import part_in_place
from ..analysis.liveness import live
from ..builder.broadcasting import full, kind_of_sum
from ..builder.builder import Builder
from ..ir.nodes import UNSET, Branch, Form, Lit, Stage, Value
from ..ir.traversal import before_first_use, substituted, targets_of
from ..types.kinds import join
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from .dynamic_lists import as_long_as_list, is_allocated_in
from .residuals import Rematerialisation, Residuals, saved_values
from .uniform_lists import joined_lists


def backprop_branch(backward, branch):
    """Append the branch in reverse; returns (operand, gradient) for each value that the branch reads."""
    outer = backward.builder
    cotangents = {target: backward.adjoints.pop(target, None) for target in branch.targets}
    sides, accumulators = [], _accumulators(backward, branch)
    for block, column in ((branch.then, 1), (branch.orelse, 2)):
        builder = Builder(outer=outer)
        side = type(backward)(builder, block, naming=False, residuals=backward.residuals,
                              stored=backward.stored, write_once=backward.write_once)
        side.adjoints.update(accumulators)
        side.lists = dict(backward.lists)
        for row in branch.results:
            if cotangents[row[0]] is not None and isinstance(row[column], Value):
                side.push(row[column], as_long_as_list(side, row[column], side._wrap(cotangents[row[0]])))
                side.uses[row[column]] += 1
        side.block(block, with_headings=True)
        sides.append(side)
    inside = {*targets_of(branch.then), *targets_of(branch.orelse)}
    results = [_accumulated(backward, sides, value, old) for value, old in accumulators.items()
               if any(side.adjoints[value] is not old for side in sides)]
    results += joined_lists(backward, sides)
    touched = dict.fromkeys(v for side in sides for v in side.adjoints
                            if v not in inside and v not in accumulators)
    order = {v: i for i, v in enumerate(branch.operands)}
    touched = sorted(touched, key=lambda v: order.get(v, len(order)))
    contributions = [(value, join_sides(outer, sides, value, [s.adjoints.get(value) for s in sides], results))
                     for value in touched]
    blocks, results = _with_residuals(backward, branch, sides, results)
    if results:
        outer.append_blocks(Branch(branch.condition, *blocks, tuple(results), branch.statement, branch.place))
    return contributions


def _accumulators(backward, branch):
    """{value: its gradient so far} of the values that the branch reads: each side adds to it in place."""
    accumulators = {}
    for value in branch.operands:
        backward._flush(value)
        old = backward.adjoints.get(value)
        if (value.varied and isinstance(old, Value) and value.kind.numeric
                and kind_of_operand(old).rank == value.kind.rank):
            accumulators[value] = old
    return accumulators


def _accumulated(backward, sides, value, old):
    """The result of the reversed branch for a gradient that a side has added to."""
    ends = []
    for side in sides:
        end = full(side.builder, side.builder.symbol(side.adjoints[value]), value).operand
        if isinstance(end, Value) and end.name is None and end in targets_of(side.builder.stages):
            end.name, end.hint = old.name, old.hint
        ends.append(end)
    kind = kind_of_sum(kind_of_operand(old), *ends)
    backward.adjoints[value] = Value(old.name, old.hint, kind._replace(known=None))
    backward.last_statement[value] = backward.statement
    return backward.adjoints[value], *ends


def _with_residuals(backward, branch, sides, results):
    """The blocks in reverse, reading the residuals that the forward pass stores for them."""
    extra = backward.residuals.setdefault(branch, Residuals())
    extra.__init__()
    blocks, ends = [], []
    for side, block, column in zip(sides, (branch.then, branch.orelse), (1, 2)):
        definitions = targets_of(block)
        remat = Rematerialisation(definitions, {*definitions, *saved_values(block, backward.residuals)},
                                  is_stored_into=lambda value: value.kind.tag == "array"
                                  and bool(owners(value, backward.builder.definitions) & backward.stored))
        stages = live(side.builder.stages, [row[column] for row in results])
        free, keep = remat.needed(stages, [row[column] for row in results])
        for value in keep:
            if value.kind.tag == "stack" and not is_allocated_in(block, value, backward.builder):
                raise Refusal("list in a branch", "its gradient needs the list as it was in the branch",
                              "Make an array of it there.")
            row = next((row for row in branch.results if row[column] is value), None)
            if row is not None:
                remat.substitution[value] = row[0]
                continue
            saved = Value(value.name, value.hint, value.kind)
            extra.rows.append((saved, value, UNSET) if column == 1 else (saved, UNSET, value))
            backward.builder.define(saved, Stage((saved,), Form("alias"), (value,)))
            backward.builder.note_forward(saved)
            remat.substitution[value] = saved
        opening = [stage for value in free for stage in remat.recompute(value)]
        for stage in opening:
            backward.builder.note_forward(stage.target)
        blocks.append(before_first_use(substituted(stages, remat.substitution), opening))
        ends.append([remat.substitution.get(row[column], row[column]) if isinstance(row[column], Value)
                     else row[column]
                     for row in results])
    return blocks, [(row[0], then, orelse) for row, then, orelse in zip(results, *ends)]


def join_sides(outer, sides, value, ends, results):
    """The gradient of a value from outside as a result of the branch; of a container, by element."""
    kind = kind_of_operand(value)
    if kind.tag in ("tuple", "list", "dict", "object"):
        parts = {}
        for key in dict.fromkeys(key for end in ends for key in end or ()):
            parts[key] = join_sides(outer, sides, part_in_place(outer, value, key),
                                    [end and end.get(key) for end in ends], results)
        return parts
    if kind.tag == "stack" and None not in ends and ends[0] is ends[1]:
        return outer.symbol(ends[0])
    materialised = [full(side.builder, side.builder.symbol(Lit(0.0) if end is None else end), value).operand
                    for side, end in zip(sides, ends)]
    if (materialised[0] is materialised[1]
            or isinstance(materialised[0], Lit) and materialised[0] == materialised[1]):
        return outer.symbol(materialised[0])
    kind = as_array(kind, outer.scope)
    ends_kinds = [kind_of_operand(end) for end in materialised]
    dtype = ends_kinds[0].dtype if ends_kinds[0].dtype == ends_kinds[1].dtype else ""
    kind = join(*ends_kinds) if kind.rank == 0 else kind._replace(dtype=dtype)
    results.append((Value(None, value.hint or value.name, kind), *materialised))
    return outer.symbol(results[-1][0])


