"""Rolled loops: a loop whose rounds are all alike becomes a Loop, with a row for each value that it changes.

What a round does to the kinds is found by following it until the kinds stay as they are.  A
loop whose rounds differ (a list that grows, a dict read by a key that changes) is unrolled.

>>> from ...builder.builder import Builder
>>> from ..environment import object_value
>>> from ...types.kinds import FLOAT
>>> from ..interpreter import Interpreter
>>> interp, x, i = Interpreter(Builder()), Value("x"), Value("i")
>>> interp.frame.assign(x, Value("x", None, FLOAT, True))
>>> each = Each(i, object_value(iterables.Range(Lit(0), Lit(9), Lit(1)), "iterator"), (Stage((x,), Form("binary", "*"), (x, i)),), ())
>>> interp.assign(each.iterable, each.iterable)
>>> loop(interp, each, ()), interp.builder.stages[-1].rows[0], interp.builder.stages[-1].block
(None, Row(inner=x, init=x, next=x, out=x), (x = binary '*' (x, i),))
"""
from __future__ import annotations

import dataclasses
from typing import NamedTuple

from ...builder.builder import Builder
from ...errors import UnsupportedError
from ...ir.nodes import UNSET, Begun, Form, Lit, Stage, Unset, Value
from ...ir.traversal import substituted
from ...ir.untyped import Each
from ...types import affine
from ...types.constants import settled
from ...types.kinds import INT, INTEGERS, UNKNOWN, Kind, join, literal
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import UnreadList, Unusable, object_of, object_value
from . import generators, iterables, unroll
from .results import CHOSEN_ANEW, DERIVED, SPECIAL, UNREAD, LoopResults, bare, leaves, named, used_in

CONTAINERS, ROUNDS = ("tuple", "list", "dict"), 8
_END = Stage((), Form("continue"), ())


def loop(interp, stage, rest):
    """Follow a loop; an Exit if the function may end in it."""
    if isinstance(stage, Each):
        generator = generators.generator_of(interp.operand(stage.iterable))
        if generator is not None:
            iterables.spend(interp, interp.operand(stage.iterable))
            return generators.loop(interp, stage, *generator)
        over = iterables.iterator(interp, stage, interp.operand(stage.iterable))
        found = interp.attempt(lambda: [RolledLoop(interp, stage, over).follow(rest)])
        return found[0] if found is not None else unroll.loop(interp, stage, rest, over)
    try:
        found = interp.attempt(lambda: [RolledLoop(interp, stage, None).follow(rest)], keep=True)
    except (UnsupportedError, Refusal) as error:
        found = interp.attempt(lambda: [unroll.loop(interp, stage, rest)])
        if found is None:
            raise error
    return found[0]


class HeadState(NamedTuple):
    """What a variable is at the start of every round, and another variable that is the same.

    same: it is the array that it is before the loop, with what has been stored; memory: all that it may lie in.
    """

    kind: Kind
    varied: bool
    leader: tuple
    same: bool
    memory: frozenset


def _is_chosen_anew(init, end):
    """Whether a variable is another function or object after a round than it was before the loop."""
    if isinstance(init, (Unset, Unusable)) or isinstance(end, (Unset, Unusable)):
        return False
    kinds = kind_of_operand(init), kind_of_operand(end)
    return any(kind.tag in ("function", "object") for kind in kinds) and (kinds[0].tag != kinds[1].tag or object_of(init) is not object_of(end))


class RolledLoop(LoopResults):
    """One loop on its way into the Program."""

    def __init__(self, interp, stage, over):
        self.interp, self.stage, self.over = interp, stage, over
        self.index, self.iterable, self.item = None, None, None
        self.fresh = {}     # variables: the memory that they share, which a round makes
        self.sources, self.flowing = {}, frozenset()    # by leader, what it may be of that is read from outside; of the one at hand
        self.lengths = {}   # of lists that grow
        self.dead = {}      # parts of expressions of other statements that a round makes unusable: nobody reads them again

    def follow(self, rest):
        interp = self.interp
        if self.over is not None:
            self.iterable, self.item = self.over.header(interp, self.stage)
            self.affine = self.range_of_index()
        self.hold_roots()
        outer, before = interp.builder, interp.snapshot()
        # (frame number, variable): kind and whether it varies, at the start of a round
        guesses = {key: HeadState(*guess) for key, guess in self.lists(before[1]).items()}
        for _ in range(ROUNDS):
            found = self.round(outer, before, guesses)
            if self.read_before(before):
                before = interp.snapshot()
                continue
            if found is not None and found[3].broken == Lit(True):
                raise Refusal("loop", "it ends in its first round", "Leave the loop out.")
            if found is not None:
                iterables.refuse_changes(self.over, {(interp.frames[number], variable) for number, variable in found[4]})
                interp.restore(before)
                return self.finish(*found, rest, guesses, before[1])
        raise Refusal("loop", "what it changes has another kind in every round", "Give it the kind that it ends with before.")

    def range_of_index(self):
        """What is known of the index: the ends of its range."""
        scope, made = self.interp.builder.scope, self.interp.builder.definitions.get(self.iterable)
        if made is not None and made.form.name == "@reversed":
            made = self.interp.builder.definitions.get(made.operands[0])
        ends = [literal(0), literal(0), literal(1)]
        if made is not None and made.form.name == "@range":
            given = [kind_of_operand(operand).known for operand in made.operands]
            ends[:] = [ends[0], given[0], ends[2]] if len(given) == 1 else [*given, ends[2]][:3]
            return affine.of_range(scope, f"i{len(scope.bounds)}", *ends)
        return None

    def round(self, outer, before, guesses):
        """Follow one round; None if the guesses have to be made better, else all of the loop."""
        interp, stage, envs = self.interp, self.stage, before[1]
        interp.restore(before)
        interp.builder = inner = self.inner = Builder(outer=outer)
        starts = self.begin(guesses, envs)
        test = self.test()
        if self.over is not None:
            name = stage.target.name if isinstance(self.over, iterables.Range) or isinstance(
                self.over, iterables.Reversed) and isinstance(self.over.inner, iterables.Range) else None
            self.index = Value(name, "i", INT._replace(affine=self.affine))
            item = self.item(self.index)
            if isinstance(item, Value) and item.name is None:
                item.name = stage.target.name
            interp.assign(stage.target, item)
        exit = interp.run((*stage.body, _END))
        self.ends_early = exit.broken != Lit(False)
        ends = {}
        for number, frame in enumerate(interp.frames[:before[0]]):
            for variable, operand in frame.env.items():
                if operand is not starts.get((number, variable), envs[number].get(variable, UNSET)):
                    ends[number, variable] = operand
        ends.update((key, interp.in_float_beside(stage, end, envs[key[0]].get(key[1], UNSET))) for key, end in ends.items())
        ends.update((key, end) for key, end in self.dead.items() if key not in ends)
        known = len(self.dead)
        used = used_in(inner.stages, exit, ends.values(), test)
        better, groups = {key: guess for key, guess in guesses.items() if guess is UNREAD}, {}
        for key, end in ends.items():
            init = envs[key[0]].get(key[1], UNSET) if key not in self.dead else UNSET
            if guesses.get(key) is UNREAD:
                raise Refusal("list", "it is another list after some rounds", "Fill one list in all rounds.")
            if end is iterables.SPENT and object_of(init) is not None:
                raise Refusal(f"name {key[1].name!r}", end.why, end.instead)
            if self.is_unread(init, end):
                better[key] = UNREAD
                continue
            if isinstance(end, Unusable) and not isinstance(init, (Unset, Unusable)) and kind_of_operand(init).tag not in SPECIAL:
                if key[1].name is None:
                    self.dead.setdefault(key, end.alone())
                    continue
                raise Refusal(f"name {key[1].name!r}" if key[1].name else "value", end.why, end.instead)
            if _is_chosen_anew(init, end) and key[1].name is not None:
                self.dead.setdefault(key, CHOSEN_ANEW)
                continue
            if isinstance(init, (Unset, Unusable)) or isinstance(end, (Unset, Unusable)) \
                    or any(kind_of_operand(o).tag in SPECIAL for o in (init, end)):
                continue
            group = groups.setdefault((id(init), id(end)) if isinstance(init, Value) else key, (init, end, []))
            group[2].append(key)
        if len(self.dead) > known:
            for key in self.dead:
                guesses.pop(key, None)
            return None
        same = {init: end for init, end, _ in groups.values() if isinstance(init, Value) and interp.latest_version(init, interp.later) is end}
        rows, views = [], []
        for group in groups.values():
            derived = group[1] in interp.derived and same.get(group[0]) is group[1] and all(
                root is not group[0] and (root in same or root not in interp.later) for root in interp.roots(group[0])) \
                and interp.is_rederived(group[0], same.keys() - {group[0]})
            (views if derived else rows).append(group)
        memory = self.memory(outer, rows)
        self.sources = {keys[0]: frozenset(source for one in (init, end) for source in interp.outside.sources(one, inner.definitions))
                        for init, end, keys in rows}
        for init, end, keys in rows:
            start = starts.get(keys[0])
            free = start is not None and not any(leaf in used for leaf in leaves(inner, start))
            try:
                kind, varied = self.guess(keys[0][1], [kind_of_operand(init), kind_of_operand(end)], init.varied or end.varied, free)
            except Refusal:
                if not self.is_passing(init, keys):
                    raise
                better.update((key, UNREAD) for key in keys)
                continue
            better.update((key, HeadState(kind, varied, keys[0], same.get(init) is end, memory[keys[0]])) for key in keys)
        better.update((key, DERIVED) for _, _, keys in views for key in keys)
        if better != guesses:
            guesses.clear()
            guesses.update(better)
            return None
        rows, outs, made = [], {}, {}
        for key, end in ends.items():
            number, variable = key
            if key in self.dead:
                outs[key] = self.dead[key]
                continue
            if guesses.get(key) is DERIVED:
                outs[key] = DERIVED
                continue
            leader = guesses[key].leader if key in guesses else key
            if leader not in made:
                made[leader] = self.out(rows, variable, envs[number].get(variable, UNSET), starts.get(key), end, outer)
            outs[key] = made[leader]
        return rows, tuple(inner.stages), test, exit, outs

    def begin(self, guesses, envs):
        """Give the variables that a round changes what they are at its start: {key: value}."""
        interp, starts, begun, renewed = self.interp, {}, {}, {}
        for key, guess in guesses.items():
            if guess is UNREAD:
                starts[key] = interp.frames[key[0]].env[key[1]] = object_value(UnreadList(), "iterator")
            elif guess is not DERIVED:
                leader = guess.leader
                if leader not in begun:
                    self.flowing = self.sources.get(leader, frozenset())
                    begun[leader] = self.start(leader[1], guess.kind, guess.varied, guess.memory)
                    if guess.same:
                        renewed[envs[leader[0]][leader[1]]] = begun[leader]
                starts[key] = interp.frames[key[0]].env[key[1]] = begun[leader]
        self.take_again(guesses, envs, renewed, starts)
        for (number, variable), unusable in self.dead.items():
            starts[number, variable] = interp.frames[number].env[variable] = unusable
        return starts

    def take_again(self, guesses, envs, renewed, found):
        """The views among the variables, of what there is now; `renewed`: what arrays have become."""
        for key, guess in guesses.items():
            if guess is DERIVED:
                operand = self.interp.renew(self.stage, envs[key[0]][key[1]], renewed, set())
                found[key] = self.interp.frames[key[0]].env[key[1]] = operand
        self.interp.later.update((old, new) for old, new in renewed.items() if old is not new)

    def guess(self, variable, kinds, varied, free):
        """The kind that a variable has at the start of every round."""
        grows = self.grown(variable, kinds, varied)
        if grows is not None:
            return grows, varied
        kind = bare(join(*kinds))
        if kinds[0].weak and kinds[1].tag == "number":      # `s = 0` before the loop counts as what is added to it
            kind = kind._replace(dtype=kinds[1].dtype if kinds[1].dtype not in INTEGERS else kinds[0].dtype)
        same = kinds[0].shape is None or kinds[1].shape is None or kinds[0].rank == kinds[1].rank and all(
            self.interp.builder.scope.relied_equal(*pair) for pair in zip(kinds[0].shape, kinds[1].shape))
        if same and kinds[0].shape is not None:
            kind = kind._replace(shape=kinds[0].shape)
        if kind == UNKNOWN and kinds[0] != UNKNOWN or not same and kind.tag != "number":
            if free:
                return bare(kinds[1]), varied
            raise Refusal(f"name {variable.name!r}" if variable.name else "value",
                          "its structure or its shape changes from round to round", "Make it as large as it gets before the loop.")
        return kind, varied

    def start(self, variable, kind, varied, memory):
        """A value at the start of a round; of a container, its parts."""
        if kind.tag in CONTAINERS:
            parts = tuple(self.start(Value(None, f"{variable.name or 'part'}"), item, varied and item.tag != "static", memory)
                          for item in kind.items)
            made = Value(variable.name, None, kind, any(p.varied for p in parts))
            self.interp.builder.append(Stage((made,), Form(kind.tag, keywords=kind.keys if kind.tag == "dict" else ()), parts,
                                           self.stage.statement, self.stage.place))
            return made
        made = Value(named(variable, kind), variable.hint, kind, varied)
        self.interp.builder.definitions[made] = Begun((), None, None, (), (), memory=memory, sources=self.flowing)
        return made

    def test(self):
        """The condition of a `while`, followed with the values at the start of a round."""
        interp, stage = self.interp, self.stage
        if self.over is not None:
            return None
        outer = interp.builder
        interp.builder = Builder(outer=outer)
        interp.run(stage.test)
        condition = interp.truth(stage, interp.operand(stage.condition))
        block = tuple(interp.builder.stages)
        interp.builder = outer
        known = settled(kind_of_operand(condition))
        if known is not None:
            condition = Lit(bool(interp.relied(known)))
        return self.with_opening(tuple(outer.stages), block, condition)

    def with_opening(self, opening, block, condition):
        """The stages of a test, with views and lists of its own of what there is when a round begins."""
        new, found = {}, []
        for stage in opening:
            again, = substituted((stage,), new)
            new.update((target, Value(target.name, target.hint, target.kind, target.varied)) for target in stage.targets)
            found.append(dataclasses.replace(again, targets=tuple(new[target] for target in stage.targets)))
        return (*found, *substituted(block, new)), new.get(condition, condition)
