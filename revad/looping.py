"""Looping: a loop whose rounds are all alike becomes a Loop, with a row for each value that it changes.

What a round does to the kinds is found by following it until the kinds stay as they are.  A
loop whose rounds differ (a list that grows, a dict read by a key that changes) is unrolled.

>>> from .builder import Builder
from .errors import UnsupportedError
>>> from .kinds import FLOAT
>>> from .walk import Walk
>>> walk, x, i = Walk(Builder()), Value("x"), Value("i")
>>> walk.frame.assign(x, Value("x", None, FLOAT, True))
>>> each = Each(i, holding(iteration.Range(Lit(0), Lit(9), Lit(1)), "iterator"), (Stage((x,), Form("binary", "*"), (x, i)),), ())
>>> walk.assign(each.iterable, each.iterable)
>>> loop(walk, each, ()), walk.builder.stages[-1].rows[0], walk.builder.stages[-1].block
(None, Row(inner=x, init=x, next=x, out=x), (x = binary '*' (x, i),))
"""
from __future__ import annotations

import dataclasses

from . import affine, iteration, memory, objects, unrolling
from .builder import Builder
from .errors import UnsupportedError
from .frames import ABSENT, NEXT, UNSET, Exit, Unset, Unusable, holding
from .kinds import INT, INTEGERS, UNKNOWN, Kind, join, literal
from .keeping import targets_of
from .lengths import kind_of_operand
from .own import owners
from .program import Branch, Each, Form, Lit, Loop, Row, Stage, Value, beside
from .refusals import Refusal
from .statics import settled

CONTAINERS = ("tuple", "list", "dict")
DERIVED = "a view of what is changed"
ROUNDS = 8
SPECIAL = ("function", "iterator", "object")
_END = Stage((), Form("continue"), ())


def loop(walk, stage, rest):
    """Follow a loop; an Exit if the function may end in it."""
    if isinstance(stage, Each):
        over = iteration.iterator(walk, stage, walk.operand(stage.iterable))
        found = walk.attempt(lambda: [_Rolled(walk, stage, over).follow(rest)])
        return found[0] if found is not None else unrolling.loop(walk, stage, rest)
    try:
        found = walk.attempt(lambda: [_Rolled(walk, stage, None).follow(rest)], keep=True)
    except UnsupportedError as error:
        found = walk.attempt(lambda: [unrolling.loop(walk, stage, rest)])
        if found is None:
            raise error
    return found[0]


class _Rolled:
    """One loop on its way into the Program."""

    def __init__(self, walk, stage, over):
        self.walk, self.stage, self.over = walk, stage, over
        self.index, self.iterable, self.item = None, None, None

    def follow(self, rest):
        walk = self.walk
        if self.over is not None:
            self.iterable, self.item = self.over.header(walk, self.stage)
            self.affine = self.range_of_index()
        outer, before = walk.builder, walk.snapshot()
        guesses = {}        # (frame number, variable): kind and whether it varies, at the start of a round
        for _ in range(ROUNDS):
            found = self.round(outer, before, guesses)
            if found is not None:
                walk.restore(before)
                return self.finish(*found, rest, guesses, before[1])
        raise Refusal("loop", "what it changes has another kind in every round", "Give it the kind that it ends with before.")

    def range_of_index(self):
        """What is known of the index: the ends of its range."""
        scope, made = self.walk.builder.scope, self.walk.builder.definitions.get(self.iterable)
        if made is not None and made.form.name == "@reversed":
            made = self.walk.builder.definitions.get(made.operands[0])
        ends = [literal(0), literal(0), literal(1)]
        if made is not None and made.form.name == "@range":
            given = [kind_of_operand(operand).known for operand in made.operands]
            ends[:] = [ends[0], given[0], ends[2]] if len(given) == 1 else [*given, ends[2]][:3]
            return affine.of_range(scope, f"i{len(scope.bounds)}", *ends)
        return None

    def round(self, outer, before, guesses):
        """Follow one round; None if the guesses have to be made better, else all of the loop."""
        walk, stage, envs = self.walk, self.stage, before[1]
        walk.restore(before)
        walk.builder = inner = self.inner = Builder(outer=outer)
        starts = self.begin(guesses, envs)
        test = self.test()
        if self.over is not None:
            name = stage.target.name if isinstance(self.over, iteration.Range) or isinstance(
                self.over, iteration.Backwards) and isinstance(self.over.inner, iteration.Range) else None
            self.index = Value(name, "i", INT._replace(affine=self.affine))
            item = self.item(self.index)
            if isinstance(item, Value) and item.name is None:
                item.name = stage.target.name
            walk.assign(stage.target, item)
        exit = walk.run((*stage.body, _END))
        ends = {}
        for number, frame in enumerate(walk.frames[:before[0]]):
            for variable, operand in frame.env.items():
                if operand is not starts.get((number, variable), envs[number].get(variable, UNSET)):
                    ends[number, variable] = operand
        used = _used(inner.stages, exit, ends.values(), test)
        better, groups = {}, {}
        for key, end in ends.items():
            init = envs[key[0]].get(key[1], UNSET)
            if isinstance(init, (Unset, Unusable)) or isinstance(end, (Unset, Unusable)) \
                    or any(kind_of_operand(o).tag in SPECIAL for o in (init, end)):
                continue
            group = groups.setdefault((id(init), id(end)) if isinstance(init, Value) else key, (init, end, []))
            group[2].append(key)
        for init, end, keys in groups.values():
            if end in walk.derived:
                better.update((key, DERIVED) for key in keys)
                continue
            start = starts.get(keys[0])
            free = start is not None and not any(leaf in used for leaf in _leaves(inner, start))
            kind, varied = self.guess(keys[0][1], [kind_of_operand(init), kind_of_operand(end)], init.varied or end.varied, free)
            better.update((key, (kind, varied, keys[0])) for key in keys)
        if better != guesses:
            guesses.clear()
            guesses.update(better)
            return None
        rows, outs, made = [], {}, {}
        for key, end in ends.items():
            number, variable = key
            if guesses.get(key) is DERIVED:
                outs[key] = DERIVED
                continue
            leader = guesses[key][2] if key in guesses else key
            if leader not in made:
                made[leader] = self.out(rows, variable, envs[number].get(variable, UNSET), starts.get(key), end, outer)
            outs[key] = made[leader]
        return rows, tuple(inner.stages), test, exit, outs

    def begin(self, guesses, envs):
        """Give the variables that a round changes what they are at its start: {key: value}."""
        walk, starts, begun, renewed = self.walk, {}, {}, {}
        for key, guess in guesses.items():
            if guess is DERIVED:
                continue
            kind, varied, leader = guess
            if leader not in begun:
                begun[leader] = self.start(leader[1], kind, varied)
                init = envs[leader[0]][leader[1]]
                if isinstance(init, Value):
                    renewed[init] = begun[leader]
            starts[key] = walk.frames[key[0]].env[key[1]] = begun[leader]
        self.take_again(guesses, envs, renewed, starts)
        return starts

    def take_again(self, guesses, envs, renewed, found):
        """The views among the variables, of what there is now."""
        for key, guess in guesses.items():
            if guess is DERIVED:
                operand = memory.renew(self.walk, self.stage, envs[key[0]][key[1]], renewed, set())
                found[key] = self.walk.frames[key[0]].env[key[1]] = operand

    def guess(self, variable, kinds, varied, free):
        """The kind that a variable has at the start of every round."""
        kind = _bare(join(*kinds))
        if kinds[0].weak and kinds[1].tag == "number":      # `s = 0` before the loop counts as what is added to it
            kind = kind._replace(dtype=kinds[1].dtype if kinds[1].dtype not in INTEGERS else kinds[0].dtype)
        same = kinds[0].shape is None or kinds[1].shape is None or kinds[0].rank == kinds[1].rank and all(
            self.walk.builder.scope.relied_equal(*pair) for pair in zip(kinds[0].shape, kinds[1].shape))
        if same and kinds[0].shape is not None:
            kind = kind._replace(shape=kinds[0].shape)
        if kind == UNKNOWN and kinds[0] != UNKNOWN or not same and kind.tag != "number":
            if free:
                return _bare(kinds[1]), varied
            raise Refusal(f"name {variable.name!r}" if variable.name else "value",
                          "its structure or its shape changes from round to round", "Make it as large as it gets before the loop.")
        return kind, varied

    def start(self, variable, kind, varied):
        """A value at the start of a round; of a container, its parts."""
        if kind.tag in CONTAINERS:
            parts = tuple(self.start(Value(None, f"{variable.name or 'part'}"), item, varied and item.tag != "static")
                          for item in kind.items)
            made = Value(variable.name, None, kind, any(p.varied for p in parts))
            self.walk.builder.append(Stage((made,), Form(kind.tag, keywords=kind.keys if kind.tag == "dict" else ()), parts,
                                           self.stage.statement, self.stage.place))
            return made
        return Value(variable.name, variable.hint, kind, varied)

    def out(self, rows, variable, init, start, end, outer):
        """What a variable stands for after the loop."""
        if isinstance(end, (Unset, Unusable)) or isinstance(init, Unusable):
            return end if not isinstance(init, Unusable) else init
        kind = kind_of_operand(end)
        if kind.tag in SPECIAL:
            return Unusable("it is a function or object that changes in a loop", "Choose it before the loop.")
        if isinstance(init, Unset) or start is None:
            return self.leaf_rows(rows, variable, UNSET, None, end, kind, outer)
        return self.leaf_rows(rows, variable, init, start, end, start.kind, outer)

    def leaf_rows(self, rows, variable, init, start, end, kind, outer):
        walk = self.walk
        if kind.tag not in CONTAINERS:
            inner = start if start is not None else Value(variable.name, variable.hint, _bare(kind), False)
            out = Value(variable.name, variable.hint, _bare(kind if start is None else start.kind),
                        end.varied or not isinstance(init, Unset) and init.varied)
            rows.append(Row(inner, init, end, out))
            return out
        keys = kind.keys if kind.tag == "dict" else range(len(kind.items))

        def parts(operand, builder):
            if operand is None or isinstance(operand, Unset):
                return {key: operand for key in keys}
            outer_builder, walk.builder = walk.builder, builder
            found = objects.parts(walk, self.stage, operand)
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
        return _Display(kind, tuple(made))

    def test(self):
        """The condition of a `while`, followed with the values at the start of a round."""
        walk, stage = self.walk, self.stage
        if self.over is not None:
            return None
        outer = walk.builder
        walk.builder = Builder(outer=outer)
        walk.run(stage.test)
        condition = walk.operand(stage.condition)
        block = tuple(walk.builder.stages)
        walk.builder = outer
        known = settled(kind_of_operand(condition))
        if known is not None:
            condition = Lit(bool(walk.relied(known)))
        return block, condition

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
                if isinstance(envs[number].get(variable), Value):
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
        if not isinstance(operand, _Display):
            return operand
        kind = operand.kind
        parts = tuple(self.shown(part, Value()) for part in operand.parts)
        return self.walk.make(self.stage, Form(kind.tag, keywords=kind.keys if kind.tag == "dict" else ()), parts)


class _Display:
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
        return stage.form.kind in ("store", "augment", "alias") and (
            stage.form.kind != "alias" and stage.operands[0] is inner or chain(stage.operands[0], inner, made))
    return chain(row.next, row.inner, made)


def _bare(kind: Kind) -> Kind:
    """A kind without the value, which changes from round to round."""
    if kind.tag in CONTAINERS:
        return kind._replace(items=tuple(map(_bare, kind.items)))
    return kind._replace(known=None, affine=None) if kind.tag == "number" else kind


def _leaves(builder, value):
    """A value at the start of a round, and its parts."""
    made = builder.definitions.get(value)
    if isinstance(made, Stage) and value.kind.tag in CONTAINERS and made.form.kind in CONTAINERS:
        return [value, *(leaf for part in made.operands for leaf in _leaves(builder, part))]
    return [value]


def _used(stages, exit, ends, test):
    """The values that a round reads."""
    found = set()

    def walk(block):
        for stage in block:
            found.update(o for o in stage.operands if isinstance(o, Value))
            if isinstance(stage, Branch):
                walk(stage.then)
                walk(stage.orelse)
            elif isinstance(stage, Loop):
                walk(stage.block)
    walk(stages)
    found.update(part for part in exit if isinstance(part, Value))
    found.update(end for end in ends if isinstance(end, Value))
    if test is not None:
        walk(test[0])
        found.add(test[1])
    return found
