"""Leaving: what the variables that a loop changes stand for after it, a row of the Loop for each.

>>> bare(INT._replace(known=literal(3))).known is None
True
"""
from __future__ import annotations

from . import unrolling
from .frames import ABSENT, UNSET, Exit, Unset, Unusable
from .keeping import targets_of
from .kinds import INT, Kind, literal
from .lengths import kind_of_operand
from .own import owners
from .program import Branch, Form, Lit, Loop, Row, Stage, Value, beside

CONTAINERS = ("tuple", "list", "dict")
DERIVED = "a view of what is changed"
SPECIAL = ("function", "iterator", "object")


class Leaving:
    """The part of a loop on its way into the Program that says what it leaves."""

    def out(self, rows, variable, init, start, end, outer):
        """What a variable stands for after the loop."""
        if isinstance(end, (Unset, Unusable)) or isinstance(init, Unusable):
            found = end if not isinstance(init, Unusable) else init
            return found.alone() if isinstance(found, Unusable) else found
        kind = kind_of_operand(end)
        if kind.tag in SPECIAL:
            return Unusable("it is a function or object that changes in a loop", "Choose it before the loop.")
        if isinstance(init, Unset) or start is None:
            return self.leaf_rows(rows, variable, UNSET, None, end, kind, outer)
        return self.leaf_rows(rows, variable, init, start, end, start.kind, outer)

    def leaf_rows(self, rows, variable, init, start, end, kind, outer):
        walk = self.walk
        if kind.tag not in CONTAINERS:
            inner = start if start is not None else Value(variable.name, variable.hint, bare(kind), False)
            out = Value(variable.name, variable.hint, bare(kind if start is None else start.kind),
                        end.varied or not isinstance(init, Unset) and init.varied)
            if init is ABSENT:
                walk.builder.scope.absent.add(out)
            rows.append(Row(inner, init, end, out))
            return out
        keys = kind.keys if kind.tag == "dict" else range(len(kind.items))

        def parts(operand, builder):
            if operand is None or isinstance(operand, Unset):
                return {key: operand for key in keys}
            outer_builder, walk.builder = walk.builder, builder
            found = walk.parts(self.stage, operand)
            walk.builder = outer_builder
            return found
        inner_builder = walk.builder
        inits, starts, ends = parts(init, outer), parts(start, inner_builder), parts(end, inner_builder)
        made = []
        for key, item in zip(keys, kind.items):
            if inits[key] is ends[key]:
                made.append(ends[key])
                continue
            made.append(self.leaf_rows(rows, Value(None, f"{variable.name or 'part'}"), inits[key], starts[key], ends[key],
                                       item, outer))
        return Display(kind, tuple(made))

    def finish(self, rows, block, test, exit, outs, rest, guesses, envs):
        """Append the Loop, and give the variables what they are after it."""
        walk, stage = self.walk, self.stage
        outer = walk.builder
        until = None if exit.broken == Lit(False) else exit.broken
        broken = flag = value = None
        if until is not None and stage.orelse:
            broken = self.flag(rows, until)
        if exit.returned != Lit(False):
            flag = self.flag(rows, exit.returned)
            walk.builder = self.inner
            value = self.leaf_rows(rows, Value(None, "out"), ABSENT, None, exit.value, kind_of_operand(exit.value), outer)
            walk.builder = outer
            block = tuple(self.inner.stages)
        rows = [self.own(row, block) for row in rows]
        made = Loop((self.index,) if self.index is not None else (), self.iterable, test, tuple(rows), block, until,
                    stage.statement, stage.place)
        walk.builder.append_blocks(made)
        renewed, shown = {}, {}
        for (number, variable), operand in outs.items():
            if operand is not DERIVED:
                if operand not in shown:
                    shown[operand] = self.shown(operand, variable)
                walk.frames[number].env[variable] = shown[operand]
                if getattr(guesses.get((number, variable)), "same", False):
                    renewed[envs[number][variable]] = shown[operand]
        self.take_again(guesses, envs, renewed, {})
        if flag is not None:
            return unrolling.perhaps(walk, stage, Exit(flag, flag, self.shown(value, Value())), lambda: self.otherwise(broken), rest)
        return self.otherwise(broken, rest)

    def own(self, row, block):
        """A row that the rounds store into begins with a copy, if its memory is not the function's own."""
        made = self.walk.builder.definitions
        if isinstance(row.init, Value) and row.inner.kind.tag == "array" and is_stored(row, targets_of(block)) \
                and not owners(row.init, made) <= made.keys():
            form = Form("method", "copy")
            return row._replace(init=self.walk.emit(beside(self.stage, Value(row.inner.name)), form, (row.init,)))
        return row

    def otherwise(self, broken, rest=()):
        """The `else` of the loop."""
        walk, stage = self.walk, self.stage
        if not stage.orelse:
            return None
        if broken is None:
            return walk.run(stage.orelse, rest)
        return walk.choose(broken, stage, lambda: None, lambda: walk.run(stage.orelse))

    def flag(self, rows, operand):
        kind = kind_of_operand(operand)._replace(known=None)
        out = Value(None, "ended", kind)
        rows.append(Row(Value(None, "ended", kind), Lit(False), operand, out))
        return out

    def shown(self, operand, variable):
        if not isinstance(operand, Display):
            return operand
        kind = operand.kind
        parts = tuple(self.shown(part, Value()) for part in operand.parts)
        return self.walk.make(self.stage, Form(kind.tag, keywords=kind.keys if kind.tag == "dict" else ()), parts)


class Display:
    """A container after a loop, before it has a stage."""

    def __init__(self, kind, parts):
        self.kind, self.parts = kind, parts


def is_stored(row, made):
    """Whether a round stores into the memory that it begins with."""
    def chain(value, inner, made):
        stage = made.get(value)
        if value is inner or stage is None:
            return False
        if isinstance(stage, Loop):
            return any(inside.out is value and inside.init is inner and chain(inside.next, inside.inner, targets_of(stage.block))
                       for inside in stage.rows)
        if isinstance(stage, Branch):
            return any(chain(end, inner, targets_of(block)) for found in stage.results if found[0] is value
                       for end, block in zip(found[1:], (stage.then, stage.orelse)))
        return isinstance(stage, Stage) and stage.form.kind in ("store", "augment", "alias") and (
            stage.form.kind != "alias" and stage.operands[0] is inner or chain(stage.operands[0], inner, made))
    return chain(row.next, row.inner, made)


def bare(kind: Kind) -> Kind:
    """A kind without the value, which changes from round to round."""
    if kind.tag in CONTAINERS:
        return kind._replace(items=tuple(map(bare, kind.items)))
    return kind._replace(known=None, affine=None) if kind.tag == "number" else kind
