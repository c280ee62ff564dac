"""Array versions: read the shape of an array that is stored into from the version that is live.

A store makes a new version of an array, of the same shape.  `by_first` reads all shapes from the first
version, so that no later version must be stored for its shape; `by_latest` reads them from the version
that is live where the shape is read, so that the first version need not be kept either.

>>> from ..types.kinds import Known, array
>>> from ..ir.nodes import Item
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> y, new, n, m = Value("y", kind=kind), Value("y", kind=kind), Value("n"), Value("m")
>>> store = Stage((new,), Form("store", "", ("",), (Item("at", (2,)),)), (y, Lit(1), Lit(0)))
>>> lengths = [Stage((n,), Form("call", "@len"), (y,)), Stage((m,), Form("call", "@len"), (new,))]
>>> by_first([store, *lengths])[2].operands[0] is y
True
>>> (_, (_, first, second)), = by_latest([(None, [store, *lengths])])[0]
>>> first.operands[0] is new, second.operands[0] is new
(True, True)
"""
from __future__ import annotations

import dataclasses

from ..ir.nodes import Branch, Call, Form, Lit, Loop, Stage, Value
from ..ir.traversal import mapped, substituted, walk
from ..types.kinds import is_stored_list

SIZES = ("shape", "ndim", "size")
LIKE = ("zeros_like", "ones_like", "empty_like", "full_like")


def reads_shape(stage):
    """Whether a stage reads no more than the shape and type of its first operand."""
    if not isinstance(stage, Stage) or not stage.operands:
        return False
    if not isinstance(stage.operands[0], Value) or stage.operands[0].kind.tag != "array":
        return False
    form = stage.form
    return form.kind == "attr" and form.name in SIZES or form.kind == "call" and (
        form.name == "@len" or stage.gate is not None and stage.gate.name == "len" and not form.keywords) \
        or allocates_like(stage)


def allocates_like(stage):
    """Whether a stage allocates an array of the shape and type of its first operand (it is not a size)."""
    return (stage.form.kind == "call" and stage.gate is not None and stage.gate.name in LIKE
            and not stage.form.keywords)


def versions(stages):
    """{value: the first version of the array}, for the arrays that are stored into."""
    changed_rows = set()      # rows whose array after an iteration is another one than before
    while True:
        first, seen = {}, len(changed_rows)
        _collect(stages, first, changed_rows)
        if len(changed_rows) == seen:
            return first


def _collect(stages, first, changed_rows):
    def of(operand):
        return first.get(operand, operand)

    for stage in stages:
        rows = [row for row in getattr(stage, "rows", ()) if row not in changed_rows
                and isinstance(row.init, Value) and row.init.kind.tag == "array"
                and isinstance(row.next, Value)]
        first.update((value, of(row.init)) for row in rows for value in (row.inner, row.out))
        for block in stage.blocks:
            _collect(block, first, changed_rows)
        changed_rows.update(row for row in rows if of(row.next) is not of(row.init))
        if isinstance(stage, Branch):
            for target, *ends in stage.results:
                if isinstance(ends[0], Value) and of(ends[0]) is of(ends[1]) \
                        and any(end in first for end in ends):
                    first[target] = of(ends[0])
        elif isinstance(stage, Stage) and stage.form.kind in ("store", "augment") \
                and isinstance(stage.operands[0], Value) and stage.operands[0].kind.tag == "array" \
                and (stage.target.kind.dtype == stage.operands[0].kind.dtype
                     or is_stored_list(stage.target.kind)):
            first[stage.target] = of(stage.operands[0])


def by_first(stages):
    """The stages of a block, in which the shape of an array is read from its first version."""
    first = versions(stages)

    def block(stages):
        return tuple(map(rewritten, stages))

    def rewritten(stage):
        if reads_shape(stage) and stage.operands[0] in first:
            stage, = substituted((stage,), {stage.operands[0]: first[stage.operands[0]]})
        return mapped(stage, block)
    return list(block(stages)) if first else list(stages)


def by_latest(sections):
    """(sections that read shapes from the live version, {first version: the last one in the text})."""
    first = versions([stage for _, stages in sections for stage in stages])
    if not first:
        return sections, {}
    reading, latest = _LatestVersions(first), {}
    recomputed = {}
    return [(heading, reading.block(stages, latest, recomputed)) for heading, stages in sections], latest


class _LatestVersions:
    """Rewrites blocks to read shapes from the live version.

    first: see `versions`; sizes: {unnamed number, tuple or range: the stage that computes it from shapes}.
    """

    def __init__(self, first):
        self.first, self.firsts, self.sizes = first, set(first.values()), {}

    def block(self, stages, latest, recomputed):
        """The stages of a block.  latest: {first version: live version}; recomputed: {size: value}."""
        rewritten = []
        for stage in stages:
            if isinstance(stage, Branch):
                self.branch(stage, latest, recomputed, rewritten)
            elif isinstance(stage, Loop):
                self.loop(stage, latest, recomputed, rewritten)
            else:
                self.stage(stage, latest, recomputed, rewritten)
        return tuple(rewritten)

    def stage(self, stage, latest, recomputed, rewritten):
        if not isinstance(stage, Call) and self.is_size(stage):
            # Only the shape of the array is read: the other operands of the stage stay as they are.
            arrays = stage.operands[:1] if reads_shape(stage) else ()
            replaced = {operand: self.latest_of(operand, latest, recomputed, rewritten) if operand in arrays
                        else self.latest_size(operand, latest, recomputed, rewritten)
                        for operand in stage.operands if isinstance(operand, Value)}
            stage, = substituted((stage,), replaced)
            if stage.target.name is None and not allocates_like(stage):
                self.sizes[stage.target] = stage
            rewritten.append(stage)
            return
        rewritten.append(self.with_latest_sizes(stage, stage.operands, latest, recomputed, rewritten))
        if isinstance(stage, Stage) and stage.form.kind in ("store", "augment") \
                and stage.target in self.first:
            latest[self.first[stage.target]] = stage.target

    def branch(self, branch, latest, recomputed, rewritten):
        branch = self.with_latest_sizes(branch, (branch.condition,), latest, recomputed, rewritten)
        blocks, columns = [], []
        for block, column in ((branch.then, 1), (branch.orelse, 2)):
            inside, recomputed_inside = dict(latest), dict(recomputed)
            block = list(self.block(block, inside, recomputed_inside))
            columns.append(
                [self.latest_size(row[column], inside, recomputed_inside, block) for row in branch.results])
            blocks.append(tuple(block))
        results = tuple((row[0], *ends) for row, *ends in zip(branch.results, *columns))
        rewritten.append(dataclasses.replace(branch, then=blocks[0], orelse=blocks[1], results=results))
        latest.update((self.first[row[0]], row[0]) for row in results if row[0] in self.first)

    def loop(self, loop, latest, recomputed, rewritten):
        before = [row.init for row in loop.rows]
        loop = self.with_latest_sizes(loop, before, latest, recomputed, rewritten)
        inside, recomputed_inside = dict(latest), dict(recomputed)
        inside.update((self.first[row.inner], row.inner) for row in loop.rows if row.inner in self.first)
        # The rows are set before the iterable is read.
        iterable = self.latest_size(loop.iterable, inside, dict(recomputed), rewritten)
        test = loop.test
        if test is not None:        # it is read when a round begins: not from what the round stores
            test = tuple(self.block(test[0], dict(inside), dict(recomputed))), test[1]
        block = list(self.block(loop.block, inside, recomputed_inside))
        rows = tuple(row._replace(next=self.latest_size(row.next, inside, recomputed_inside, block))
                     for row in loop.rows)
        rewritten.append(
            dataclasses.replace(loop, iterable=iterable, rows=rows, block=tuple(block), test=test))
        latest.update((self.first[row.out], row.out) for row in rows if row.out in self.first)

    def is_size(self, stage):
        """Whether a stage computes a size from shapes alone, of arrays that are stored into among others."""
        if reads_shape(stage) and (stage.operands[0] in self.first or stage.operands[0] in self.firsts):
            return True
        return len(stage.targets) == 1 and any(operand in self.sizes for operand in stage.operands) and (
            stage.form.kind in ("index", "binary", "unary", "tuple")
            or stage.form.kind == "call" and stage.form.name in ("@range", "@reversed")) \
            and all(isinstance(o, Lit) or o in self.sizes or o.kind.tag == "number" for o in stage.operands)

    def with_latest_sizes(self, stage, operands, latest, recomputed, rewritten):
        """The stage with the sizes that it reads recomputed where an array has a later version by now."""
        replaced = {operand: self.latest_size(operand, latest, recomputed, rewritten) for operand in operands
                    if operand in self.sizes}
        replaced = {operand: value for operand, value in replaced.items() if value is not operand}
        if not replaced:
            return stage
        if isinstance(stage, Branch):
            return dataclasses.replace(stage, condition=replaced.get(stage.condition, stage.condition))
        if isinstance(stage, Loop):
            return dataclasses.replace(
                stage, rows=tuple(row._replace(init=replaced.get(row.init, row.init)) for row in stage.rows))
        return substituted((stage,), replaced)[0]

    def latest_of(self, operand, latest, recomputed, rewritten):
        """The latest version of an array, or a size recomputed from it."""
        first = self.first.get(operand, operand)
        return (latest.get(first, operand) if first in self.firsts
                else self.latest_size(operand, latest, recomputed, rewritten))

    def latest_size(self, operand, latest, recomputed, rewritten):
        stage = self.sizes.get(operand)
        if stage is None:
            return operand
        arrays = stage.operands[:1] if reads_shape(stage) else ()
        replaced = {value: self.latest_of(value, latest, recomputed, rewritten) if value in arrays
                    else self.latest_size(value, latest, recomputed, rewritten)
                    for value in stage.operands if isinstance(value, Value)}
        if all(value is value_before for value_before, value in replaced.items()):
            return operand
        key = operand, tuple(replaced.values())
        if key not in recomputed:
            recomputed[key] = Value(None, operand.hint, operand.kind, operand.varied)
            stage, = substituted((stage,), replaced)
            self.sizes[recomputed[key]] = stage = dataclasses.replace(stage, targets=(recomputed[key],))
            rewritten.append(stage)
        return recomputed[key]


def read_for_shape_only(sections):
    """The arrays of which the stages read nothing but the shape."""
    shapes, others = set(), set()

    for _, stages in sections:
        for stage in walk(stages, into_calls=False):
            if reads_shape(stage):
                shapes.add(stage.operands[0])
                others.update(stage.operands[1:])
            else:
                others.update(stage.head)
            for region in stage.regions:
                others.update(region.ends)
    return shapes - others
