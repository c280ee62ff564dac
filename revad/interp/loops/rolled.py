"""Rolled loops: a loop whose iterations are alike becomes a Loop, with a row for each value that it changes.

The kinds at the head of the loop are a fixpoint: an iteration is followed until they stay the same.  A
loop whose iterations differ (a list that grows, a dict read by a key that changes) is unrolled.

>>> from ...builder.builder import Builder
>>> from ..environment import object_value
>>> from ...types.kinds import FLOAT
>>> from ..interpreter import Interpreter
>>> interp, x, i = Interpreter(Builder()), Value("x"), Value("i")
>>> interp.frame.assign(x, Value("x", None, FLOAT, True))
>>> body = (Stage((x,), Form("binary", "*"), (x, i)),)
>>> each = Each(i, object_value(iterables.Range(Lit(0), Lit(9), Lit(1)), "iterator"), body, ())
>>> interp.assign(each.iterable, each.iterable)
>>> loop(interp, each, ()), interp.builder.stages[-1].rows[0], interp.builder.stages[-1].block
(None, Row(inner=x, init=x, next=x, out=x), (x = binary '*' (x, i),))
"""
from __future__ import annotations

import dataclasses
from typing import NamedTuple

from ...analysis.argument_paths import stretch_of
from ...builder.builder import Builder
from ...errors import UnsupportedError
from ...ir.nodes import UNSET, Form, Lit, LoopInProgress, Stage, Unset, Value
from ...ir.traversal import substituted
from ...ir.untyped import Each
from ...types import affine
from ...types.constants import settled
from ...types.kinds import INT, INTEGERS, UNKNOWN, Kind, join, literal
from ...types.parts import display_form, keys_of
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import NEXT, RAISE, UnreadList, Unusable, object_of, object_value
from . import generators, iterables, stored_lists, unroll
from .turns import Turns
from .results import (
    CHANGING_OBJECT,
    DERIVED,
    SPECIAL,
    UNREAD,
    LoopResults,
    leaves,
    name_for,
    values_read_in,
    without_constant,
)

CONTAINERS, ITERATIONS = ("tuple", "list", "dict"), 8
_END = Stage((), Form("continue"), ())


def loop(interp, stage, continuation):
    """Follow a loop; an Exit if the function may end in it.  continuation: the stages after the loop."""
    if isinstance(stage, Each):
        generator = generators.generator_of(interp.operand(stage.iterable))
        if generator is not None:
            iterables.exhaust(interp, interp.operand(stage.iterable))
            return generators.loop(interp, stage, *generator)
        iterated = iterables.iterator(interp, stage, interp.operand(stage.iterable))
        exits = interp.attempt(lambda: [RolledLoop(interp, stage, iterated).follow(continuation)])
        return exits[0] if exits is not None else unroll.loop(interp, stage, continuation, iterated)
    try:
        exits = interp.attempt(lambda: [RolledLoop(interp, stage, None).follow(continuation)], keep=True)
    except (UnsupportedError, Refusal) as error:
        exits = interp.attempt(lambda: [unroll.loop(interp, stage, continuation)])
        if exits is None:
            raise error
    return exits[0]


class HeadState(NamedTuple):
    """The abstract state of a variable at the head of the loop.

    leader: the variable with the same value that stands for both; same: it is the array from before the
    loop, with the stores since; memory: all that it may lie in; identities: of it and of the containers in
    it, as (the keys that lead there, the containers that it may be).
    """

    kind: Kind
    varied: bool
    leader: tuple
    same: bool
    memory: frozenset
    identities: frozenset = frozenset()


def _changes_object(init, end):
    """Whether a variable holds another function or object after an iteration than before the loop."""
    if isinstance(init, (Unset, Unusable)) or isinstance(end, (Unset, Unusable)):
        return False
    kinds = kind_of_operand(init), kind_of_operand(end)
    is_object = any(kind.tag in ("function", "object") for kind in kinds)
    return is_object and (kinds[0].tag != kinds[1].tag or object_of(init) is not object_of(end))


class RolledLoop(LoopResults):
    """A loop that becomes a Loop."""

    def __init__(self, interp, stage, over):
        self.interp, self.stage, self.over = interp, stage, over
        self.index, self.iterable, self.item = None, None, None
        self.iteration_memory = {}     # {variables: the memory, allocated in an iteration, that they share}
        self.sources = {}   # {leader: the outside objects that it may be read from}
        self.current_sources = frozenset()      # those of the value that is begun
        self.lengths = {}   # {list that grows: its length}
        self.filled = ()    # lists from before the loop in whose place lists come that count as arrays
        # {variable of another statement's subexpression that an iteration spoils: Unusable}
        self.unusable = {}

    def follow(self, continuation):
        interp = self.interp
        if self.over is not None:
            self.iterable, self.item = self.over.header(interp, self.stage)
            self.affine = self.range_of_index()
        stored_lists.convert_stored(interp, self.stage)
        self.turns = Turns(interp, self.iterable)
        self.name_roots()
        self.made_before = frozenset(interp.instances)
        outer, before = interp.builder, interp.snapshot()
        # {(frame number, variable): HeadState}
        states = {key: HeadState(*state) for key, state in self.initial_list_states(before[1]).items()}
        for _ in range(ITERATIONS):
            result = self.iteration(outer, before, states)
            if self.read_assigned_attributes(before) or self.converted_before(before):
                before = interp.snapshot()
                states = {key: HeadState(*state)
                          for key, state in self.initial_list_states(before[1]).items()}
                continue
            if result is not None and result[3].broken == Lit(True):
                raise Refusal("loop", "it ends in its first round", "Leave the loop out.")
            if result is not None:
                changed = {(interp.frames[number], variable) for number, variable in result[4]}
                iterables.refuse_changes(self.over, changed)
                if self.ends_early and self.turns.counter is not None and interp.builder.scope.rolled:
                    raise Refusal("loop", "it may end before the last element of the list",
                                  "Go over all of it.")
                interp.restore(before)
                return self.finish(*result, continuation, states, before[1])
        raise Refusal("loop", "what it changes has another kind in every round",
                      "Give it the kind that it ends with before.")

    def range_of_index(self):
        """The index as an affine expression: the bounds of its range."""
        scope, definition = self.interp.builder.scope, self.interp.builder.definitions.get(self.iterable)
        if definition is not None and definition.form.name == "@reversed":
            definition = self.interp.builder.definitions.get(definition.operands[0])
        ends = [literal(0), literal(0), literal(1)]
        if definition is not None and definition.form.name == "@range":
            bounds = [kind_of_operand(operand).known for operand in definition.operands]
            ends[:] = [ends[0], bounds[0], ends[2]] if len(bounds) == 1 else [*bounds, ends[2]][:3]
            return affine.of_range(scope, f"i{len(scope.bounds)}", *ends)
        return None

    def iteration(self, outer, before, states):
        """Follow one iteration; None if the head states have to be refined, else all parts of the Loop."""
        interp, stage, envs = self.interp, self.stage, before[1]
        interp.restore(before)
        interp.builder = inner = self.inner = Builder(outer=outer)
        starts = self.enter_iteration(states, envs)
        test = self.test()
        if self.over is not None:
            is_range = isinstance(self.over, iterables.Range) or (
                isinstance(self.over, iterables.Reversed) and isinstance(self.over.inner, iterables.Range))
            name = stage.target.name if is_range else None
            self.index = Value(name, "i", INT._replace(affine=self.affine))
            self.turns.begin(self.index)
            item = self.item(self.index)
            if isinstance(item, Value) and item.name is None:
                item.name = stage.target.name
            interp.assign(stage.target, item)
        exit = interp.run((*stage.body, _END))
        if exit is RAISE:
            # What follows the loop runs only where there is no round, with all as it was before.
            interp.restore(before)
            interp.builder, exit, starts = inner, NEXT, {}
        self.ends_early = exit.broken != Lit(False)
        self.filled = stored_lists.convert_ends(interp, stage, envs)
        ends = {}
        for number, frame in enumerate(interp.frames[:before[0]]):
            for variable, operand in frame.env.items():
                if variable.name is None and variable not in envs[number] \
                        and stretch_of(interp.builder, operand) is not None:
                    continue        # a list of an argument that a loop inside went over
                if operand is not starts.get((number, variable), envs[number].get(variable, UNSET)):
                    ends[number, variable] = operand
        ends.update((key, interp.in_float_beside(stage, end, envs[key[0]].get(key[1], UNSET)))
                    for key, end in ends.items())
        ends.update((key, end) for key, end in self.unusable.items() if key not in ends)
        known = len(self.unusable)
        values_read = values_read_in(inner.stages, exit, ends.values(), test)
        refined, groups = {key: state for key, state in states.items() if state is UNREAD}, {}
        for key, end in ends.items():
            init = envs[key[0]].get(key[1], UNSET) if key not in self.unusable else UNSET
            if states.get(key) is UNREAD:
                raise Refusal("list", "it is another list after some rounds", "Fill one list in all rounds.")
            if end is iterables.EXHAUSTED and object_of(init) is not None:
                raise Refusal(f"name {key[1].name!r}", end.why, end.instead)
            if self.is_unread(init, end):
                refined[key] = UNREAD
                continue
            is_lost = isinstance(end, Unusable) and not isinstance(init, (Unset, Unusable))
            if is_lost and kind_of_operand(init).tag not in SPECIAL:
                if key[1].name is None:
                    self.unusable.setdefault(key, end.alone())
                    continue
                raise Refusal(f"name {key[1].name!r}" if key[1].name else "value", end.why, end.instead)
            if _changes_object(init, end) and key[1].name is not None:
                self.unusable.setdefault(key, CHANGING_OBJECT)
                continue
            if isinstance(init, (Unset, Unusable)) or isinstance(end, (Unset, Unusable)) \
                    or any(kind_of_operand(o).tag in SPECIAL for o in (init, end)):
                continue
            group_key = key
            if isinstance(init, Value):     # names of one container are one variable
                group_key = tuple(id(named_container(interp.builder.definitions, o)) for o in (init, end))
            group = groups.setdefault(group_key, (init, end, []))
            group[2].append(key)
        if len(self.unusable) > known:
            for key in self.unusable:
                states.pop(key, None)
            return None
        new_versions = {
            init: end for init, end, _ in groups.values()
            if isinstance(init, Value) and interp.latest_version(init, interp.later) is end}
        rows, views = [], []
        for group in groups.values():
            group[2].sort(key=lambda key: key[1].name is None)      # `xs, ys = [], []`: the names lead
            derived = group[1] in interp.derived and new_versions.get(group[0]) is group[1] and all(
                root is not group[0] and (root in new_versions or root not in interp.later)
                for root in interp.roots(group[0])) \
                and interp.is_rederived(group[0], new_versions.keys() - {group[0]})
            (views if derived else rows).append(group)
        memory, identities = self.memory(outer, rows), self.identities(outer, rows)
        self.sources = {
            keys[0]: frozenset(source for operand in (init, end)
                               for source in interp.outside.sources(operand, inner.definitions))
            for init, end, keys in rows}
        for init, end, keys in rows:
            start = starts.get(keys[0])
            is_dead_value = (start is not None
                             and not any(leaf in values_read for leaf in leaves(inner, start)))
            try:
                kinds = [kind_of_operand(init), kind_of_operand(end)]
                kind, varied = self.head_kind(keys[0][1], kinds, init.varied or end.varied, is_dead_value)
            except Refusal:
                if not self.is_unnamed_container(init, keys):
                    raise
                refined.update((key, UNREAD) for key in keys)
                continue
            state = HeadState(kind, varied, keys[0], new_versions.get(init) is end, memory[keys[0]],
                              frozenset(identities.get(keys[0], {}).items()))
            refined.update((key, state) for key in keys)
        refined.update((key, DERIVED) for _, _, keys in views for key in keys)
        if refined != states:
            states.clear()
            states.update(refined)
            return None
        rows, outs, joined = [], {}, {}
        for key, end in ends.items():
            number, variable = key
            if key in self.unusable:
                outs[key] = self.unusable[key]
                continue
            if states.get(key) is DERIVED:
                outs[key] = DERIVED
                continue
            leader = states[key].leader if key in states else key
            if leader not in joined:
                init = envs[number].get(variable, UNSET)
                joined[leader] = self.result(rows, variable, init, starts.get(key), end, outer)
            outs[key] = joined[leader]
        return rows, tuple(inner.stages), test, exit, outs

    def enter_iteration(self, states, envs):
        """Assign the values at the head to the variables that an iteration changes: {key: value}."""
        interp, starts, values, renewed = self.interp, {}, {}, {}
        for key, state in states.items():
            if state is UNREAD:
                starts[key] = interp.frames[key[0]].env[key[1]] = object_value(UnreadList(), "iterator")
            elif state is not DERIVED:
                leader = state.leader
                if leader not in values:
                    self.current_sources = self.sources.get(leader, frozenset())
                    values[leader] = self.head_value(leader[1], state.kind, state.varied, state.memory,
                                                     dict(state.identities))
                    if state.same:
                        renewed[envs[leader[0]][leader[1]]] = values[leader]
                starts[key] = interp.frames[key[0]].env[key[1]] = values[leader]
        self.rederive_views(states, envs, renewed, starts)
        for (number, variable), unusable in self.unusable.items():
            starts[number, variable] = interp.frames[number].env[variable] = unusable
        return starts

    def rederive_views(self, states, envs, renewed, starts):
        """Take the views among the variables again; `renewed`: {array: its new version}."""
        for key, state in states.items():
            if state is DERIVED:
                operand = self.interp.renew(self.stage, envs[key[0]][key[1]], renewed, set())
                starts[key] = self.interp.frames[key[0]].env[key[1]] = operand
        self.interp.later.update((old, new) for old, new in renewed.items() if old is not new)

    def head_kind(self, variable, kinds, varied, is_dead_value):
        """The kind of a variable at the head: its kinds before the loop and after an iteration, joined."""
        list_kind = self.dynamic_list_kind(variable, kinds, varied)
        if list_kind is not None:
            return list_kind, varied
        kind = without_constant(join(*kinds))
        # `s = 0` before the loop takes the dtype of what is added
        if kinds[0].weak and kinds[1].tag == "number":
            kind = kind._replace(dtype=kinds[1].dtype if kinds[1].dtype not in INTEGERS else kinds[0].dtype)
        same_shape = kinds[0].shape is None or kinds[1].shape is None \
            or kinds[0].rank == kinds[1].rank and all(
            self.interp.builder.scope.relied_equal(*pair) for pair in zip(kinds[0].shape, kinds[1].shape))
        if same_shape and kinds[0].shape is not None:
            kind = kind._replace(shape=kinds[0].shape)
        lengths = None if same_shape else self.turns.carried(*kinds)
        if lengths is not None:
            kind, same_shape = kind._replace(shape=tuple(lengths)), True
        kind = self.with_first_lengths(kind, kinds)
        if kind == UNKNOWN and kinds[0] != UNKNOWN or not same_shape and kind.tag != "number":
            if is_dead_value:
                return without_constant(kinds[1]), varied
            raise Refusal(f"name {variable.name!r}" if variable.name else "value",
                          "its structure or its shape changes from round to round",
                          "Make it as large as it gets before the loop.")
        return kind, varied

    def with_first_lengths(self, kind, kinds):
        """A container's kind with the lengths of its arrays before the loop, where these stay the same."""
        if kind.tag not in CONTAINERS or any(len(k.items) != len(kind.items) for k in kinds):
            return kind
        scope, items = self.interp.builder.scope, []
        for item, *parts in zip(kind.items, *(k.items for k in kinds)):
            shapes = [part.shape for part in parts]
            if item.shape and None not in shapes and len(shapes[0]) == len(shapes[1]) \
                    and all(scope.relied_equal(*pair) for pair in zip(*shapes)):
                item = item._replace(shape=shapes[0])
            items.append(self.with_first_lengths(item, parts))
        return kind._replace(items=tuple(items))

    def head_value(self, variable, kind, varied, memory, identities, path=()):
        """A value at the head of the loop; of a container, with its parts."""
        if kind.tag in CONTAINERS:
            parts = tuple(self.head_value(Value(None, f"{variable.name or 'part'}"), item,
                                          varied and item.tag != "static", memory, identities, (*path, key))
                          for key, item in zip(keys_of(kind), kind.items))
            value = Value(variable.name, None, kind, any(p.varied for p in parts))
            self.interp.choices[value] = identities.get(path, frozenset())
            form = display_form(self.interp.builder, kind)
            self.interp.builder.append(
                Stage((value,), form, parts, self.stage.statement, self.stage.place))
            return value
        value = Value(name_for(variable, kind), variable.hint, kind, varied)
        self.interp.builder.definitions[value] = LoopInProgress((), None, None, (), (), memory=memory,
                                                                sources=self.current_sources)
        return value

    def test(self):
        """The condition of a `while`, evaluated with the values at the head."""
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
        return self.with_own_views(tuple(outer.stages), block, condition)

    def with_own_views(self, opening, block, condition):
        """The stages of a test, with copies of the views and containers of the head that it reads."""
        replacements, renamed = {}, []
        for stage in opening:
            copied, = substituted((stage,), replacements)
            replacements.update((target, Value(target.name, target.hint, target.kind, target.varied))
                                for target in stage.targets)
            targets = tuple(replacements[target] for target in stage.targets)
            renamed.append(dataclasses.replace(copied, targets=targets))
        return (*renamed, *substituted(block, replacements)), replacements.get(condition, condition)


def named_container(definitions, operand):
    """The container that a value is another name of; another value itself."""
    while isinstance(operand, Value) and operand.kind.tag in CONTAINERS:
        definition = definitions.get(operand)
        if not isinstance(definition, Stage) or definition.form.kind != "alias":
            break
        operand = definition.operands[0]
    return operand
