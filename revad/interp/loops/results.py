"""Loop results: the value after a loop of each variable that it changes, as a row of the Loop.

>>> without_constant(INT._replace(known=literal(3))).known is None
True
"""
from __future__ import annotations

from ...analysis.aliases import is_immutable, is_written, owners
from ...analysis.identity import candidates
from ...ir.nodes import (
    ABSENT,
    UNSET,
    Branch,
    Form,
    Lit,
    Loop,
    LoopInProgress,
    Row,
    Stage,
    Unset,
    Value,
    beside,
)
from ...ir.traversal import pushes, targets_of, values_of, walk
from ...types.kinds import INT, INTEGERS, UNKNOWN, Kind, literal, stack, unknown_length
from ...types.lists import is_of_containers, kind_of_list
from ...types.parts import display_form, keys_of
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from .. import dynamic_lists
from ..environment import Exit, UnreadList, Unusable, object_of, object_value
from . import iterables, stored_lists, turns, unroll

CONTAINERS = ("tuple", "list", "dict")
DERIVED, UNREAD = "a view of what is changed", "a list that nobody may read"
SPECIAL = ("function", "iterator", "object")
CHANGING_OBJECT = Unusable("it is a function or object that changes in a loop", "Choose it before the loop.")


class LoopResults:
    """The part of a rolled loop that computes its results."""

    def name_roots(self):
        """Give an array that has views, but no variable, one: so its versions in an iteration are tracked."""
        current_values = {operand for frame in self.interp.frames for operand in frame.env.values()
                          if isinstance(operand, Value)}
        roots = {root: None for operand in current_values if operand.kind.tag == "array"
                 for root in self.interp.roots(operand)}
        for root in roots:
            if root not in current_values:
                self.interp.assign(Value(None, root.hint), root)

    def memory(self, outer, groups):
        """{leader: all memory that it may lie in at the head}, from before the loop or from an iteration."""
        inner = self.interp.builder.definitions
        return self.at_the_head(outer, {
            keys[0]: {memory for operand in (init, end) if not is_immutable(operand)
                      for memory in owners(operand, inner)}
            for init, end, keys in groups})

    def identities(self, outer, groups):
        """{leader: {keys to a container in it: all containers that this may be at the head}}."""
        inner, of_place = self.interp.builder, {}

        def collect(leader, path, operand, builder):
            if kind_of_operand(operand).tag not in CONTAINERS or isinstance(operand, Lit):
                return
            of_place.setdefault((leader, path), set()).update(
                candidates(operand, builder.definitions, self.interp.choices))
            for key, part in self.parts_of(operand, builder).items():
                collect(leader, (*path, key), part, builder)
        for init, end, keys in groups:
            collect(keys[0], (), init, outer)
            collect(keys[0], (), end, inner)
        identities = {}
        for (leader, path), containers in self.at_the_head(outer, of_place).items():
            identities.setdefault(leader, {})[path] = containers
        return identities

    def at_the_head(self, outer, values_of):
        """{leader: values}, with a value of the previous iteration in the place of those of an iteration."""
        inner, values_at_head = self.interp.builder.definitions, {leader: set() for leader in values_of}
        for value in {value: None for values in values_of.values() for value in values}:
            sharing = frozenset(leader for leader, values in values_of.items() if value in values)
            if value in inner and value not in outer.definitions:
                value = self.iteration_memory.setdefault(sharing, Value(None, "memory", UNKNOWN))
            for leader in sharing:
                values_at_head[leader].add(value)
        return {leader: frozenset(values) for leader, values in values_at_head.items()}

    def parts_of(self, operand, builder):
        """{key: element} of a container, read where the builder stands."""
        current, self.interp.builder = self.interp.builder, builder
        by_key = self.interp.parts(self.stage, operand)
        self.interp.builder = current
        return by_key

    def read_assigned_attributes(self, before):
        """Read the attributes that an iteration assigned first: later iterations begin with their values."""
        interp, names = self.interp, self.interp.first_assigned(before[1][0], self.made_before)
        if names:
            interp.restore(before)
            for key in names:
                interp.read_assigned(self.stage, key, self.inner.definitions)
        return bool(names)

    def converted_before(self, before):
        """Let lists from before the loop count as arrays where an iteration makes others that do."""
        if not self.filled:
            return False
        self.interp.restore(before)
        for operand in self.filled:
            stored_lists.converted(self.interp, self.stage, operand)
        return True

    def result(self, rows, variable, init, start, end, outer):
        """The value of a variable after the loop."""
        if isinstance(end, (Unset, Unusable)) or isinstance(init, Unusable):
            unusable = end if not isinstance(init, Unusable) else init
            return unusable.alone() if isinstance(unusable, Unusable) else unusable
        kind = kind_of_operand(end)
        if kind.tag in SPECIAL:
            return CHANGING_OBJECT
        if isinstance(init, Unset) or start is None:
            return self.leaf_rows(rows, variable, UNSET, None, end, kind, outer)
        return self.leaf_rows(rows, variable, init, start, end, start.kind, outer)

    def is_unread(self, init, end):
        """Whether a list got an object or a tuple: it is left out of the Loop, and reading it is refused."""
        scope = self.interp.builder.scope
        if not scope.dynamic_lists or isinstance(init, (Lit, Unusable)) or isinstance(end, (Lit, Unusable)):
            return False
        if isinstance(object_of(end), UnreadList):       # by a loop in this one
            return True
        before, after = kind_of_operand(init), kind_of_operand(end)
        added = after.items[len(before.items):]
        is_extended = before.tag == after.tag == "list" and added
        if not is_extended or any(kind.tag not in ("object", "tuple", "dict") or is_of_containers(kind)
                                  for kind in added):
            return False
        scope.has_dynamic_lists = True
        return True

    def is_unnamed_container(self, init, keys):
        """Whether a container has no name, as that of `xs, ys = [], []`: it is left out of the Loop, too."""
        scope = self.interp.builder.scope
        is_left_out = scope.dynamic_lists and kind_of_operand(init).tag in CONTAINERS \
            and all(variable.name is None for _, variable in keys)
        scope.has_dynamic_lists |= is_left_out
        return is_left_out

    def initial_list_states(self, envs):
        """The first head states, of lists that are appended to: an iteration may need them."""
        states, scope = {}, self.interp.builder.scope
        number = self.interp.frames.index(self.interp.frame)
        for variable in dynamic_lists.appended_variables(self.stage.body) if scope.dynamic_lists else ():
            operand = envs[number].get(variable)
            if isinstance(operand, Value) and operand.kind.tag == "list" and operand.kind.items:
                try:
                    kind = self.dynamic_list_kind(variable, [operand.kind, Kind("list")], operand.varied)
                except Refusal:
                    continue
                memory = frozenset(owners(operand, self.interp.builder.definitions))
                states[number, variable] = kind, operand.varied, (number, variable), True, memory
        return states

    def dynamic_list_kind(self, variable, kinds, varied):
        """The kind of a list that every iteration extends; None for others."""
        scope = self.interp.builder.scope
        length = self.lengths.setdefault(variable, unknown_length())
        list_kind = None
        if scope.dynamic_lists:
            list_kind = kind_of_list(
                kinds, lambda a, b: self.head_kind(variable, [a, b], varied, False)[0], length)
        if list_kind is None:
            return None
        if varied and not is_of_containers(list_kind.items[0]) \
                and (not list_kind.dtype or list_kind.dtype in INTEGERS):
            raise Refusal("list", "its elements differ in precision", dynamic_lists.MAKE)
        is_numeric = list_kind.dtype in INTEGERS and list_kind.dtype != "?"
        if not varied and is_numeric and dynamic_lists.is_written_out(self.over):
            raise Refusal("list", "its elements are settings, and known one by one", dynamic_lists.MAKE)
        scope.has_dynamic_lists = True
        return list_kind

    def kind_after(self, init, start, end):
        """The kind after the loop; a list to which each iteration appends once is as long as their number."""
        interp, kind = self.interp, start.kind
        if kind.tag != "stack":
            return turns.lengths_after(end.kind if isinstance(end, Value) and end.kind.numeric and any(
                n.rounds is not None for n in kind.shape or ()) else kind)
        added = pushes(end, start, self.inner.definitions)
        empty = kind_of_operand(init).tag == "list" and not kind_of_operand(init).items
        if not empty or added is None or len(added) != 1:
            return stack(kind.items[0], unknown_length())
        length = unknown_length() if self.ends_early else dynamic_lists.length_after_loop(
            interp, self.over and iterables.known_length(interp, self.over))
        if length.value is None and kind.rank > 1 and self.over and iterables.is_empty(interp, self.over):
            length = literal(0)     # then the array of it has fewer axes
        return stack(kind.items[0], self.lengths.setdefault(None, length))

    def leaf_rows(self, rows, variable, init, start, end, kind, outer):
        interp = self.interp
        if kind.tag == "stack" and kind_of_operand(end).tag == "list" and start.varied:
            raise Refusal("list that a loop appends to",
                          "its rounds make it anew, and the one of the last round is read",
                          "Make it an array before the loop, and store into it.")
        if kind.tag not in CONTAINERS:
            inner = (start if start is not None
                     else Value(variable.name, variable.hint, without_constant(kind), False))
            result_kind = without_constant(turns.lengths_after(kind) if start is None
                                           else self.kind_after(init, start, end))
            out = Value(name_for(variable, result_kind), variable.hint, result_kind,
                        end.varied or not isinstance(init, Unset) and init.varied)
            if init is ABSENT:
                interp.builder.scope.absent.add(out)
            if isinstance(init, Unset) and end.varied and kind.tag == "unknown":
                raise Refusal(f"name {variable.name!r}" if variable.name else "value",
                              "what it is differs from round to round",
                              "Give it one structure and one shape.")
            rows.append(Row(inner, init, end, out))
            return out
        keys = keys_of(kind)

        def parts(operand, builder):
            if operand is None or isinstance(operand, Unset):
                return {key: operand for key in keys}
            return self.parts_of(operand, builder)
        inner_builder = interp.builder
        inits, starts, ends = parts(init, outer), parts(start, inner_builder), parts(end, inner_builder)
        containers = []
        for key, item in zip(keys, kind.items):
            if inits[key] is ends[key]:
                containers.append(ends[key])
                continue
            containers.append(
                self.leaf_rows(rows, Value(None, f"{variable.name or 'part'}"), inits[key],
                               starts[key], ends[key], item, outer))
        identities = frozenset(
            value for operand, builder in ((init, outer), (end, inner_builder))
            for value in candidates(operand, builder.definitions, interp.choices))
        return PendingContainer(kind, tuple(containers), identities)

    def finish(self, rows, block, test, exit, outs, continuation, states, envs):
        """Append the Loop, and assign its results to the variables."""
        interp, stage = self.interp, self.stage
        outer = interp.builder
        until = None if exit.broken == Lit(False) else exit.broken
        broken = flag = value = None
        if until is not None and stage.orelse:
            broken = self.flag(rows, until)
        if exit.returned != Lit(False):
            flag = self.flag(rows, exit.returned)
            interp.builder = self.inner
            value = self.leaf_rows(rows, Value(None, "out"), ABSENT, None, exit.value,
                                   kind_of_operand(exit.value), outer)
            interp.builder = outer
            block = tuple(self.inner.stages)
        rows = [self.with_own_memory(row, block) for row in rows]
        indices = (self.index,) if self.index is not None else ()
        rolled = Loop(indices, self.iterable, test, tuple(rows), block, until, stage.statement, stage.place)
        interp.builder.append_blocks(rolled)
        renewed, rebuilt = {}, {}
        for (number, variable), operand in outs.items():
            if operand is not DERIVED:
                if operand not in rebuilt:
                    rebuilt[operand] = self.rebuilt(operand, variable)
                interp.frames[number].env[variable] = rebuilt[operand]
                if getattr(states.get((number, variable)), "same", False):
                    renewed[envs[number][variable]] = rebuilt[operand]
        for (number, variable), state in states.items():
            if state is UNREAD:
                interp.frames[number].env[variable] = object_value(UnreadList(), "iterator")
        self.rederive_views(states, envs, renewed, {})
        if flag is not None:
            exit = Exit(flag, flag, self.rebuilt(value, Value()))
            return unroll.perhaps_ended(interp, stage, exit,
                                        lambda continuation: self.run_else(broken, continuation),
                                        continuation)
        return self.run_else(broken, continuation)

    def with_own_memory(self, row, block):
        """A row that iterations store into begins with a copy, unless the function allocated its memory.

        A head value of an outer loop is left to that loop.
        """
        definitions = self.interp.builder.definitions
        row = dynamic_lists.initial_as_dynamic(self.interp, self.stage, row)
        base, value = definitions.get(row.init), row.init
        while isinstance(base, Stage) and base.form.kind in ("store", "augment", "alias") \
                or type(base) is Loop:
            if isinstance(base, Stage):
                value = base.operands[0]
            else:
                value = next((inner_row.init for inner_row in base.rows if inner_row.out is value), None)
            base = definitions.get(value)
        if isinstance(base, LoopInProgress):
            return row
        if isinstance(row.init, Value) and row.inner.kind.tag == "array" \
                and is_written(row, targets_of(block)) \
                and not owners(row.init, definitions) <= definitions.keys():
            form = Form("method", "copy")
            return row._replace(
                init=self.interp.emit(beside(self.stage, Value(row.inner.name)), form, (row.init,)))
        return row

    def run_else(self, broken, continuation):
        """Follow the loop's `else`: the other side of a branch on whether the loop broke."""
        interp, stage = self.interp, self.stage
        if not stage.orelse:
            return None
        if broken is None:
            return interp.run(stage.orelse, continuation)
        branch = Branch(None, (), stage.orelse, (), stage.statement, stage.place)
        return interp.branch_on(broken, branch, continuation)

    def flag(self, rows, operand):
        kind = kind_of_operand(operand)._replace(known=None)
        out = Value(None, "ended", kind)
        rows.append(Row(Value(None, "ended", kind), Lit(False), operand, out))
        return out

    def rebuilt(self, operand, variable):
        if not isinstance(operand, PendingContainer):
            return operand
        kind = operand.kind
        parts = tuple(self.rebuilt(part, Value()) for part in operand.parts)
        rebuilt = self.interp.make(self.stage, display_form(self.interp.builder, kind), parts)
        self.interp.choices[rebuilt] = operand.identities
        return rebuilt


class PendingContainer:
    """A container after a loop whose parts are rows, before it has a stage."""

    def __init__(self, kind, parts, identities):
        self.kind, self.parts, self.identities = kind, parts, identities


def name_for(variable, kind):
    """The name of a variable's value: a dynamic list always has one."""
    return variable.name or (variable.hint or "items" if kind.tag == "stack" else None)


def without_constant(kind: Kind) -> Kind:
    """A kind without the constant, which changes from iteration to iteration."""
    if kind.tag in CONTAINERS:
        return kind._replace(items=tuple(map(without_constant, kind.items)))
    return kind._replace(known=None, affine=None) if kind.tag == "number" else kind


def leaves(builder, value):
    """A value at the head, and its parts."""
    definition = builder.definitions.get(value)
    if isinstance(definition, Stage) and value.kind.tag in CONTAINERS and definition.form.kind in CONTAINERS:
        return [value, *(leaf for part in definition.operands for leaf in leaves(builder, part))]
    return [value]


def values_read_in(stages, exit, ends, test):
    """The values that an iteration reads."""
    test_stages, condition = test or ((), None)
    read = [stage.operands for stage in walk((*stages, *test_stages), into_calls=False)]
    return set(values_of((*read, *exit, *ends, condition)))
