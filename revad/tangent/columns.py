"""Columns: the stages of forward mode for several directions at once, which lie along a first axis.

A tangent is linear in its direction.  So each stage that reads a tangent is written once more for tangents
with an axis before their own, and a tangent that no direction changes is zero.

>>> from ..types.kinds import FLOAT
>>> batched_kind(FLOAT, Known(7, "dx.shape[0]", False, True)).rank
1
"""
from __future__ import annotations

import ast
import dataclasses

import numpy as np

from ..builder.builder import Builder
from ..errors import RuleError, UnsupportedError
from ..ir.nodes import Branch, Call, Form, Item, Lit, Loop, Row, Stage, Value
from ..ir.traversal import targets_of, values_of
from ..reverse.loop_headers import with_owned_start
from ..rules.axes import call
from ..syntax import tree_of
from ..types.kinds import Known, array, stack
from ..types.parts import CONTAINERS, kind_of_part, read
from ..types.refusals import RankUnknown, Refusal, diagnostic
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from .column_gates import GATES, binary, refuse

COUNT = 7919        # stands for the number of directions, which is that of no axis of the user's
WHOLE = Item("slice", (None, None, None))


def batched_kind(kind, count):
    """The kind of a tangent for several directions: each number and array in it has one more axis."""
    if kind.tag in CONTAINERS and kind.tag != "object":
        return kind._replace(items=tuple(batched_kind(item, count) for item in kind.items))
    if kind.tag == "stack":
        return stack(batched_kind(kind.items[0], count), kind.shape[0])
    if not kind.numeric:
        return kind
    if kind.shape is None:
        refuse("a tangent whose number of axes is not known")
    return array((count, *kind.shape), kind.dtype or "d")


def of_columns(builder, parameters, result, of_units=None):
    """(parameters, result) for several directions; the builder then holds the stages for them.

    of_units: the vector along whose elements the directions lie, which are then no parameter.
    """
    scope, stages = builder.scope, tuple(builder.stages)
    builder.stages.clear()
    builder.numbers.clear()
    before = set(scope.guards)
    first = parameters[0]
    if of_units is not None:
        count = of_units.kind.shape[0]
        units = call(np.eye, builder.symbol(of_units).shape[0], like=builder.symbol(of_units))
        if first.kind.dtype != "d":
            units = units.astype(np.dtype(first.kind.dtype).type)
        units.operand.name = first.name
        new = {first: units.operand}
    else:
        if _path(first.kind) is None or first.kind.tag == "dict" and first.kind.known is not None:
            refuse("an object that is differentiated")
        path = "".join(f"[{key!r}]" for key in _path(first.kind))
        count = Known(COUNT, f"{first.name}{path}.shape[0]", False, True)
        new = {p: Value(p.name, p.hint, batched_kind(p.kind, count)) for p in parameters}
        builder.models.extend(new.values())
    columns = Columns(builder, dict(new), count, new[first], of_units)
    columns.block(stages)
    result = columns.filled(result)
    builder.stages[:] = [_without_demands(stage) for stage in builder.stages]
    if of_units is not None:
        return (), result
    names = {p.name for p in new.values()}
    for text in set(scope.guards) - before:
        if any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(tree_of(text, "eval"))):
            refuse("a condition on the directions")
    return tuple(new.values()), result


def _path(kind):
    """The keys that lead to the first number or array of a parameter, None where it has none."""
    if kind.tag not in CONTAINERS:
        return () if kind.numeric else None
    for key, item in zip(kind.keys or range(len(kind.items)), kind.items):
        inner = _path(item)
        if inner is not None:
            return (key, *inner)
    return None


def _without_demands(stage):
    return dataclasses.replace(stage, demands=()) if isinstance(stage, Stage) and stage.demands else stage


class Columns:
    """The stages of one block; `values` holds, by tangent, those of several directions."""

    def __init__(self, builder, values, count, first, of_units=None):
        self.builder, self.values, self.count = builder, values, count
        self.first, self.of_units = first, of_units

    def block(self, stages):
        for stage in stages:
            try:
                self.stage(stage)
            except (Refusal, RankUnknown, Unknown, RuleError) as error:
                if self.builder.place is None:
                    raise
                if stage.place is None:
                    stage = dataclasses.replace(stage, place=self.builder.place)
                raise UnsupportedError([diagnostic(stage, error)]) from None

    def stage(self, stage):
        builder = self.builder
        place = stage.place if stage.statement is None else stage.statement.place
        builder.place = place or builder.place
        if isinstance(stage, Loop):
            self.loop(stage)
        elif isinstance(stage, Branch):
            self.branch(stage)
        elif isinstance(stage, Call):
            refuse("a called pass")
        elif not any(operand in self.values for operand in values_of(stage.operands)):
            builder.append(stage, (stage.form, stage.operands) if len(stage.targets) == 1 else None)
        elif stage.form.kind == "unpack":
            self.unpack(stage)
        else:
            start = len(builder.stages)
            write = getattr(self, f"form_{stage.form.kind}", None)
            if write is None:
                refuse(f"'{stage.form.kind}'")
            self.define(stage.target, builder.operand(write(stage)), start)

    def define(self, old, operand, start):
        """Give the tangents of several directions the name that a tangent has."""
        kind = kind_of_operand(operand)
        if kind.numeric != old.kind.numeric or kind.numeric and None in (kind.rank, old.kind.rank) \
                or kind.numeric and kind.rank != old.kind.rank + 1:
            refuse("a tangent of another number of axes")
        is_new = any(operand in stage.targets for stage in self.builder.stages[start:])
        if old.name and operand.name != old.name:
            if operand.name is None and is_new:
                operand.name = old.name
            else:
                operand = self.builder.named(operand, old.name)
        elif operand.name is None and is_new:
            operand.hint = old.hint
        self.values[old] = operand

    # ---- operands

    def is_identity(self, operand):
        """Whether the tangents are the unit vectors themselves."""
        return self.of_units is not None and self.is_batched(operand) \
            and self.builder.origin(self.values[operand])[0] is self.first

    def is_batched(self, operand):
        return isinstance(operand, Value) and operand in self.values

    def symbol(self, operand):
        """The symbol of an operand, of several directions if it is a tangent."""
        return self.builder.symbol(self.values[operand] if self.is_batched(operand) else operand)

    def aligned(self, operand, rank):
        """An operand that broadcasts where its result has `rank` axes for each direction."""
        symbol = self.symbol(operand)
        if not self.is_batched(operand):
            return symbol
        if kind_of_operand(operand).rank is None:
            refuse("a tangent whose number of axes is not known")
        lacking = rank - kind_of_operand(operand).rank
        return symbol[(slice(None), *(None,) * lacking)] if lacking else symbol

    def number(self):
        """How many directions there are."""
        if self.of_units is not None:
            return self.builder.symbol(self.of_units).shape[0]
        symbol = self.builder.symbol(self.first)
        for key in _path(self.first.kind):
            part = self.builder.emit(read(symbol.kind, key), (symbol.operand, Lit(key)))
            symbol = self.builder.symbol(part)
        return symbol.shape[0]

    def zeros(self, kind, shape):
        """Zeros for several directions; shape: that of one of them, as symbols."""
        more = () if kind.dtype in ("d", "") else (np.dtype(kind.dtype).type,)
        self.builder.externals.setdefault("@np.zeros", np.zeros)
        return call(np.zeros, (self.number(), *shape), *more, like=self.number())

    def filled(self, operand, like=None):
        """The operand for several directions; what no direction changes is zero, in the shape of `like`."""
        if self.is_batched(operand):
            return self.values[operand]
        if isinstance(operand, Lit) and operand.value is None:
            return operand
        like = operand if like is None else like
        kind = kind_of_operand(like)
        if kind.tag in CONTAINERS or kind.tag == "stack":
            definition = self.builder.definitions.get(operand)
            if kind.tag == "stack" and isinstance(definition, Stage) and definition.form.kind == "list" \
                    and not definition.operands:
                value = Value(operand.name, operand.hint, batched_kind(kind, self.count))
                self.builder.append(Stage((value,), definition.form, (), place=definition.place))
                return value
            if kind.tag != "stack" and not kind.items:
                return operand
            refuse("a container of constants")
        if not kind.numeric or kind.rank is None:
            return operand
        symbol = self.builder.symbol(like)
        return self.zeros(kind, tuple(symbol.shape[i] for i in range(kind.rank))).operand

    # ---- forms

    def form_alias(self, stage):
        return self.builder.named(self.values[stage.operands[0]], stage.target.name) \
            if stage.target.name else self.values[stage.operands[0]]

    def form_binary(self, stage):
        return binary(self, stage.form.name, *stage.operands, stage.target.kind)

    def form_unary(self, stage):
        if stage.form.name not in "+-":
            refuse(f"'{stage.form.name}'")
        return self.builder.emit(stage.form, (self.values[stage.operands[0]],))

    def form_call(self, stage):
        name = "sum" if stage.gate is not None and stage.gate.name == "add_reduce" else \
            getattr(stage.gate, "name", stage.form.name)
        if name not in GATES:
            refuse(f"call of {stage.form.name}")
        return GATES[name](self, stage)

    form_method = form_call

    def form_attr(self, stage):
        if stage.form.name in ("T", "mT"):
            return GATES[stage.form.name](self, stage)
        if kind_of_operand(stage.operands[0]).tag in CONTAINERS:
            return self.builder.emit(stage.form, (self.values[stage.operands[0]],))
        return refuse(f"'.{stage.form.name}'")

    def form_ifexp(self, stage):
        condition, *sides = stage.operands
        if self.is_batched(condition):
            refuse("a condition on a tangent")
        return self.builder.emit(stage.form, (condition, *(self.of_shape(side, stage.target)
                                                           for side in sides)))

    def of_shape(self, operand, target):
        """An operand that becomes the target, in the shape of that for several directions."""
        kind = kind_of_operand(operand)
        if not target.kind.numeric:
            return self.filled(operand)
        if self.is_batched(operand) and kind.rank == target.kind.rank:
            return self.values[operand]
        if not self.is_batched(operand) and target.kind.rank == 0:
            return self.zeros(target.kind, ()).operand
        if not self.is_batched(operand) and kind.rank == target.kind.rank:
            return self.filled(operand)
        return refuse("sides of different numbers of axes")

    def form_tuple(self, stage):
        if any(self.is_batched(o) and o.kind.tag == "unknown" for o in stage.operands) \
                or stage.form.name == "*":
            refuse("a starred element")
        operands = tuple(map(self.filled, stage.operands))
        if stage.target.kind.tag == "stack":
            return self.appended(stage, operands)
        return self.builder.emit_container(stage.form, operands)

    form_list = form_dict = form_tuple

    def appended(self, stage, operands):
        value = Value(None, kind=batched_kind(stage.target.kind, self.count))
        self.builder.append(Stage((value,), stage.form, operands, place=stage.place))
        return value

    def form_push(self, stage):
        return self.appended(stage, tuple(map(self.filled, stage.operands[:2])))

    def form_index(self, stage):
        base, *holes = stage.operands
        if any(map(self.is_batched, holes)):
            refuse("a subscript that is a tangent")
        if base.kind.tag in CONTAINERS or base.kind.tag == "stack":
            return self.builder.emit(stage.form, (self.values[base], *holes))
        form = stage.form._replace(spec=self.subscript(stage.form, stage.operands))
        return self.builder.emit(form, (self.values[base], *holes))

    def subscript(self, form, operands):
        """The subscript with the axis of the directions before it."""
        spec = form.spec
        arrays = [i for i, item in enumerate(spec) if item.kind == "at"
                  and kind_of_operand(operands[item.holes[0]]).rank != 0]
        for i in arrays:
            kind = kind_of_operand(operands[spec[i].holes[0]])
            if kind.tag != "array" or kind.rank is None:
                refuse("a subscript that is not known when compiling")
        places = [i for i, item in enumerate(spec) if item.kind == "at"]
        if arrays and places[-1] - places[0] + 1 != len(places):
            refuse("a subscript with arrays apart from each other")
        if any(kind_of_operand(operands[spec[i].holes[0]]).dtype == "?" for i in places if i not in arrays):
            refuse("a truth value as a subscript")
        return (WHOLE, *(item._replace(inside=False) if item.kind == "at" else item for item in spec))

    def form_store(self, stage):
        base, value, *holes = stage.operands
        builder = self.builder
        if any(map(self.is_batched, holes)) or not base.kind.numeric:
            refuse("a store that is not into an array")
        spec = self.subscript(stage.form, stage.operands)
        into = self.filled(base)
        operands = (into, value, *holes)
        if self.is_batched(value):
            start = builder.checkpoint()
            place = builder.emit(Form("index", spec=spec), (into, value, *holes))
            rank = kind_of_operand(place).rank
            builder.rollback(start)
            if rank is None:
                refuse("a store at a place of unknown shape")
            operands = (into, self.aligned(value, rank - 1).operand, *holes)
        builder.forget(into)
        target = Value(None, kind=batched_kind(stage.target.kind, self.count))
        builder.append(Stage((target,), stage.form._replace(keywords=("tuple", *stage.form.keywords[1:]),
                                                            spec=spec), operands, place=stage.place))
        return target

    def form_augment(self, stage):
        old, value = stage.operands
        if stage.form.name in "*/" and self.is_batched(value) or stage.form.name not in "+-*/":
            refuse(f"'{stage.form.name}='")
        into = self.filled(old)
        self.builder.forget(into)
        target = Value(None, kind=batched_kind(stage.target.kind, self.count))
        operand = self.aligned(value, stage.target.kind.rank).operand
        self.builder.append(Stage((target,), stage.form, (into, operand), place=stage.place))
        return target

    def unpack(self, stage):
        value = self.values[stage.operands[0]]
        if value.kind.tag not in CONTAINERS or stage.form.spec is not None and any(stage.form.spec):
            refuse("an array that is unpacked")
        targets = tuple(Value(t.name, t.hint, kind_of_part(value.kind, i))
                        for i, t in enumerate(stage.targets))
        self.builder.append(dataclasses.replace(stage, targets=targets, operands=(value,)))
        self.values.update(zip(stage.targets, targets))

    # ---- blocks

    def inside(self):
        return Columns(Builder(outer=self.builder), self.values, self.count, self.first, self.of_units)

    def depends(self, stages, values):
        """The values that stages make of tangents, those of blocks included."""
        values = set(values)
        while True:
            before = len(values)
            self._spread(stages, values)
            if len(values) == before:
                return values

    def _spread(self, stages, values):
        for stage in stages:
            if isinstance(stage, Stage):
                if any(operand in values for operand in values_of(stage.operands)):
                    values.update(stage.targets)
                continue
            for block in stage.blocks:
                self._spread(block, values)
            if isinstance(stage, Branch):
                values.update(row[0] for row in stage.results if row[1] in values or row[2] in values)
            elif isinstance(stage, Loop):
                for row in stage.rows:
                    if row.init in values or row.next in values or row.inner in values:
                        values.update((row.inner, row.out))

    def loop(self, loop):
        outer = self.builder
        dependent = self.depends((loop,), self.values)
        if loop.iterable in dependent or any(i in dependent for i in loop.indices) \
                or loop.until in dependent or loop.test is not None and loop.test[1] in dependent:
            refuse("a loop over tangents")
        rows, inits = [], {}
        for row in loop.rows:
            if row.inner in dependent:
                inits[row] = self.filled(row.init, None if isinstance(row.init, Value) else row.inner)
                kind = batched_kind(row.inner.kind, self.count)
                self.values[row.inner] = Value(row.inner.name, row.inner.hint, kind)
        inside, test = self.inside(), None
        if loop.test is not None:
            inside.block(loop.test[0])
            test = tuple(inside.builder.stages), loop.test[1]
            inside.builder.stages.clear()
        inside.block(loop.block)
        ends = {row: inside.of_shape(row.next, row.inner) if row in inits else row.next for row in loop.rows}
        block = tuple(map(_without_demands, inside.builder.stages))
        for row in loop.rows:
            if row not in inits:
                rows.append(row)
                continue
            inner = self.values[row.inner]
            out = self.values[row.out] = Value(row.out.name, row.out.hint, inner.kind)
            rows.append(with_owned_start(outer, Row(inner, inits[row], ends[row], out), targets_of(block)))
        outer.append_blocks(dataclasses.replace(loop, test=test, rows=tuple(rows), block=block))

    def branch(self, branch):
        if self.is_batched(branch.condition):
            refuse("a condition on a tangent")
        dependent = self.depends((branch,), self.values)
        blocks, columns = [], []
        for block, column in ((branch.then, 1), (branch.orelse, 2)):
            side = self.inside()
            side.block(block)
            columns.append([side.of_shape(row[column], row[0]) if row[0] in dependent else row[column]
                            for row in branch.results])
            blocks.append(tuple(map(_without_demands, side.builder.stages)))
        results = []
        for row, *ends in zip(branch.results, *columns):
            target = row[0]
            if target in dependent:
                self.values[target] = Value(target.name, target.hint, batched_kind(target.kind, self.count))
                target = self.values[target]
            results.append((target, *ends))
        self.builder.append_blocks(Branch(branch.condition, *blocks, tuple(results), branch.statement,
                                          branch.place))
