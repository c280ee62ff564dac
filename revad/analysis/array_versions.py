"""Array versions: the shape of an array that is stored into is read of the version at hand.

A store makes a new value of an array, of the same shape.  `by_first` reads all shapes of the first version,
so that nothing has to be kept for the sake of a shape; `by_latest` reads them of the version that the text has
where the shape is read, so that the array as it was need not be there either.

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
from ..ir.traversal import substituted

SIZES = ("shape", "ndim", "size")
LIKE = ("zeros_like", "ones_like", "empty_like", "full_like")


def reads_shape(stage):
    """Whether a stage reads no more than the shape and type of its first operand."""
    if not isinstance(stage, Stage) or not stage.operands or not isinstance(stage.operands[0], Value) or stage.operands[0].kind.tag != "array":
        return False
    form = stage.form
    return form.kind == "attr" and form.name in SIZES or form.kind == "call" and (
        form.name == "@len" or stage.gate is not None and stage.gate.name == "len" and not form.keywords) or makes_like(stage)


def makes_like(stage):
    """Whether a stage makes an array of the shape and type of its first operand: an array, which is not a size."""
    return stage.form.kind == "call" and stage.gate is not None and stage.gate.name in LIKE and not stage.form.keywords


def versions(stages):
    """{value: the first version of the array}, of the arrays that are stored into."""
    broken = set()      # rows that leave another array than they begin with
    while True:
        first, seen = {}, len(broken)
        _find(stages, first, broken)
        if len(broken) == seen:
            return first


def _find(stages, first, broken):
    def of(operand):
        return first.get(operand, operand)

    for stage in stages:
        if isinstance(stage, Branch):
            for block in stage.blocks:
                _find(block, first, broken)
            for target, *ends in stage.results:
                if isinstance(ends[0], Value) and of(ends[0]) is of(ends[1]) and any(end in first for end in ends):
                    first[target] = of(ends[0])
        elif isinstance(stage, Loop):
            rows = [row for row in stage.rows if row not in broken and isinstance(row.init, Value) and row.init.kind.tag == "array"
                    and isinstance(row.next, Value)]
            first.update((value, of(row.init)) for row in rows for value in (row.inner, row.out))
            for block in stage.blocks:
                _find(block, first, broken)
            broken.update(row for row in rows if of(row.next) is not of(row.init))
        elif isinstance(stage, Call):
            _find(stage.block, first, broken)
        elif stage.form.kind in ("store", "augment") and isinstance(stage.operands[0], Value) \
                and stage.operands[0].kind.tag == "array" and stage.target.kind.dtype == stage.operands[0].kind.dtype:
            first[stage.target] = of(stage.operands[0])


def by_first(stages):
    """The stages of a block; what reads the shape of an array reads that of its first version."""
    first = versions(stages)

    def block(stages):
        found = []
        for stage in stages:
            if isinstance(stage, Branch):
                stage = dataclasses.replace(stage, then=block(stage.then), orelse=block(stage.orelse))
            elif isinstance(stage, Loop):
                stage = dataclasses.replace(stage, block=block(stage.block), test=stage.test and (block(stage.test[0]), stage.test[1]))
            elif isinstance(stage, Call):
                stage = dataclasses.replace(stage, sections=tuple((heading, block(inner)) for heading, inner in stage.sections))
            elif reads_shape(stage) and stage.operands[0] in first:
                stage, = substituted((stage,), {stage.operands[0]: first[stage.operands[0]]})
            found.append(stage)
        return tuple(found)
    return list(block(stages)) if first else list(stages)


def by_latest(sections):
    """(sections in which shapes are read of the version at hand, {first version: the last one that the text leaves})."""
    first = versions([stage for _, stages in sections for stage in stages])
    if not first:
        return sections, {}
    reading, latest = _LatestVersions(first), {}
    made = {}
    return [(heading, reading.block(stages, latest, made)) for heading, stages in sections], latest


class _LatestVersions:
    """first: see `versions`; sizes: {number, tuple or range without a name: the stage that computes it of shapes}."""

    def __init__(self, first):
        self.first, self.firsts, self.sizes = first, set(first.values()), {}

    def block(self, stages, latest, made):
        """The stages of a block.  latest: {first version: that at hand}; made: sizes computed again here."""
        found = []
        for stage in stages:
            if isinstance(stage, Branch):
                self.branch(stage, latest, made, found)
            elif isinstance(stage, Loop):
                self.loop(stage, latest, made, found)
            else:
                self.stage(stage, latest, made, found)
        return tuple(found)

    def stage(self, stage, latest, made, found):
        if not isinstance(stage, Call) and self.is_size(stage):
            # Of an array the shape is read, and no element: what else the stage reads, it reads as it was.
            shaped = stage.operands[:1] if reads_shape(stage) else ()
            new = {operand: self.now(operand, latest, made, found) if operand in shaped else self.size_now(operand, latest, made, found)
                   for operand in stage.operands if isinstance(operand, Value)}
            stage, = substituted((stage,), new)
            if stage.target.name is None and not makes_like(stage):
                self.sizes[stage.target] = stage
            found.append(stage)
            return
        found.append(self.reread(stage, stage.operands, latest, made, found))
        if isinstance(stage, Stage) and stage.form.kind in ("store", "augment") and stage.target in self.first:
            latest[self.first[stage.target]] = stage.target

    def branch(self, branch, latest, made, found):
        branch = self.reread(branch, (branch.condition,), latest, made, found)
        blocks, columns = [], []
        for block, column in ((branch.then, 1), (branch.orelse, 2)):
            inside, again = dict(latest), dict(made)
            block = list(self.block(block, inside, again))
            columns.append([self.size_now(row[column], inside, again, block) for row in branch.results])
            blocks.append(tuple(block))
        results = tuple((row[0], *ends) for row, *ends in zip(branch.results, *columns))
        found.append(dataclasses.replace(branch, then=blocks[0], orelse=blocks[1], results=results))
        latest.update((self.first[row[0]], row[0]) for row in results if row[0] in self.first)

    def loop(self, loop, latest, made, found):
        before = [row.init for row in loop.rows]
        loop = self.reread(loop, before, latest, made, found)
        inside, again = dict(latest), dict(made)
        inside.update((self.first[row.inner], row.inner) for row in loop.rows if row.inner in self.first)
        iterable = self.size_now(loop.iterable, inside, dict(made), found)       # the text has set the rows by then
        block, test = list(self.block(loop.block, inside, again)), loop.test
        if test is not None:
            steps = list(self.block(test[0], dict(inside), dict(made)))
            test = tuple(steps), test[1]
        rows = tuple(row._replace(next=self.size_now(row.next, inside, again, block)) for row in loop.rows)
        found.append(dataclasses.replace(loop, iterable=iterable, rows=rows, block=tuple(block), test=test))
        latest.update((self.first[row.out], row.out) for row in rows if row.out in self.first)

    def is_size(self, stage):
        """Whether a stage computes something of shapes alone, shapes of arrays that are stored into among them."""
        if reads_shape(stage) and (stage.operands[0] in self.first or stage.operands[0] in self.firsts):
            return True
        return len(stage.targets) == 1 and any(operand in self.sizes for operand in stage.operands) and (
            stage.form.kind in ("index", "binary", "unary", "tuple")
            or stage.form.kind == "call" and stage.form.name in ("@range", "@reversed")) \
            and all(isinstance(o, Lit) or o in self.sizes or o.kind.tag == "number" for o in stage.operands)

    def reread(self, stage, operands, latest, made, found):
        """The stage with the sizes that it reads computed again where an array has another version by now."""
        new = {operand: self.size_now(operand, latest, made, found) for operand in operands if operand in self.sizes}
        new = {operand: one for operand, one in new.items() if one is not operand}
        if not new:
            return stage
        if isinstance(stage, Branch):
            return dataclasses.replace(stage, condition=new.get(stage.condition, stage.condition))
        if isinstance(stage, Loop):
            return dataclasses.replace(stage, rows=tuple(row._replace(init=new.get(row.init, row.init)) for row in stage.rows))
        return substituted((stage,), new)[0]

    def now(self, operand, latest, made, found):
        """The latest version of an array, or a size of such."""
        first = self.first.get(operand, operand)
        return latest.get(first, operand) if first in self.firsts else self.size_now(operand, latest, made, found)

    def size_now(self, operand, latest, made, found):
        stage = self.sizes.get(operand)
        if stage is None:
            return operand
        shaped = stage.operands[:1] if reads_shape(stage) else ()
        new = {one: self.now(one, latest, made, found) if one in shaped else self.size_now(one, latest, made, found)
               for one in stage.operands if isinstance(one, Value)}
        if all(one is old for old, one in new.items()):
            return operand
        key = operand, tuple(new.values())
        if key not in made:
            made[key] = Value(None, operand.hint, operand.kind, operand.varied)
            stage, = substituted((stage,), new)
            self.sizes[made[key]] = stage = dataclasses.replace(stage, targets=(made[key],))
            found.append(stage)
        return made[key]


def read_for_shape(sections):
    """What the stages read nothing of but the shape."""
    shapes, others = set(), set()

    def note(stages):
        for stage in stages:
            if reads_shape(stage):
                shapes.add(stage.operands[0])
                others.update(stage.operands[1:])
                continue
            for block in stage.blocks if isinstance(stage, (Branch, Loop)) else ():
                note(block)
            if isinstance(stage, Branch):
                others.update(end for row in stage.results for end in (*row[1:], stage.condition))
            elif isinstance(stage, Loop):
                others.update(end for row in stage.rows for end in (row.init, row.next))
                others.update((stage.iterable, stage.until, stage.test and stage.test[1]))
            else:
                others.update(stage.operands)
    for _, stages in sections:
        note(stages)
    return shapes - others
