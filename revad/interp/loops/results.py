"""Loop results: what the variables that a loop changes stand for after it, a row of the Loop for each.

>>> bare(INT._replace(known=literal(3))).known is None
True
"""
from __future__ import annotations

from ...analysis.aliases import is_immutable, is_written, owners
from ...ir.nodes import ABSENT, UNSET, Begun, Branch, Form, Lit, Loop, Row, Stage, Unset, Value, beside
from ...ir.traversal import pushes, targets_of
from ...types.kinds import INT, INTEGERS, Kind, literal, stack, unknown_length
from ...types.lists import kind_of_list
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from .. import dynamic_lists
from ..environment import Exit, UnreadList, Unusable, object_of, object_value
from . import iterables, unroll

CONTAINERS = ("tuple", "list", "dict")
DERIVED, UNREAD = "a view of what is changed", "a list that nobody may read"
SPECIAL = ("function", "iterator", "object")
CHOSEN_ANEW = Unusable("it is a function or object that changes in a loop", "Choose it before the loop.")


class LoopResults:
    """The part of a loop on its way into the Program that says what it leaves."""

    def hold_roots(self):
        """An array of which there are views, and no variable, gets one: what a round makes of it is followed by that."""
        held = {operand for frame in self.interp.frames for operand in frame.env.values() if isinstance(operand, Value)}
        for root in {root: None for operand in held if operand.kind.tag == "array" for root in self.interp.roots(operand)}:
            if root not in held:
                self.interp.assign(Value(None, root.hint), root)

    def memory(self, outer, groups):
        """{leader: all memory that it may lie in at the start of a round}: what makes it before the loop, or in a round."""
        inner = self.interp.builder.definitions
        lies = {keys[0]: {memory for one in (init, end) if not is_immutable(one) for memory in owners(one, inner)}
                for init, end, keys in groups}
        found = {leader: set() for leader in lies}
        for one in {memory: None for part in lies.values() for memory in part}:
            sharing = frozenset(leader for leader, part in lies.items() if one in part)
            if one in inner and one not in outer.definitions:
                one = self.fresh.setdefault(sharing, Value(None, "memory"))
            for leader in sharing:
                found[leader].add(one)
        return {leader: frozenset(part) for leader, part in found.items()}

    def read_before(self, before):
        """Read the attributes that a round assigned for the first time: other rounds begin with what that left."""
        interp, names = self.interp, self.interp.first_assigned(before[1][0])
        if names:
            interp.restore(before)
            for key in names:
                interp.read_assigned(self.stage, key, self.inner.definitions)
        return bool(names)

    def out(self, rows, variable, init, start, end, outer):
        """What a variable stands for after the loop."""
        if isinstance(end, (Unset, Unusable)) or isinstance(init, Unusable):
            found = end if not isinstance(init, Unusable) else init
            return found.alone() if isinstance(found, Unusable) else found
        kind = kind_of_operand(end)
        if kind.tag in SPECIAL:
            return CHOSEN_ANEW
        if isinstance(init, Unset) or start is None:
            return self.leaf_rows(rows, variable, UNSET, None, end, kind, outer)
        return self.leaf_rows(rows, variable, init, start, end, start.kind, outer)

    def is_unread(self, init, end):
        """Whether a list has got an object or a tuple: it is left out of the loop, and refused where it is read."""
        scope = self.interp.builder.scope
        if not scope.growing or isinstance(init, (Lit, Unusable)) or isinstance(end, (Lit, Unusable)):
            return False
        if isinstance(object_of(end), UnreadList):       # by a loop in this one
            return True
        before, after = kind_of_operand(init), kind_of_operand(end)
        added = after.items[len(before.items):]
        if not before.tag == after.tag == "list" or not added or any(kind.tag not in ("object", "tuple", "dict") for kind in added):
            return False
        scope.grown = True
        return True

    def is_passing(self, init, keys):
        """Whether a container has no name, as that of `xs, ys = [], []`: it is left out of the loop, too."""
        scope = self.interp.builder.scope
        found = scope.growing and kind_of_operand(init).tag in CONTAINERS and all(variable.name is None for _, variable in keys)
        scope.grown |= found
        return found

    def lists(self, envs):
        """A first guess of the lists that are appended to: what a round does may need it."""
        found, scope = {}, self.interp.builder.scope
        number = self.interp.frames.index(self.interp.frame)
        for variable in dynamic_lists.appended(self.stage.body) if scope.growing else ():
            operand = envs[number].get(variable)
            if isinstance(operand, Value) and operand.kind.tag == "list" and operand.kind.items:
                try:
                    kind = self.grown(variable, [operand.kind, Kind("list")], operand.varied)
                except Refusal:
                    continue
                found[number, variable] = (kind, operand.varied, (number, variable), True, frozenset(
                    owners(operand, self.interp.builder.definitions)))
        return found

    def grown(self, variable, kinds, varied):
        """The kind of a list that is longer in every round; None of what is not."""
        scope = self.interp.builder.scope
        length = self.lengths.setdefault(variable, unknown_length())
        found = kind_of_list(kinds, lambda a, b: self.guess(variable, [a, b], varied, False)[0], length) if scope.growing else None
        if found is None:
            return None
        if varied and (not found.dtype or found.dtype in INTEGERS):
            raise Refusal("list", "its elements differ in precision", dynamic_lists.MAKE)
        if not varied and found.dtype in INTEGERS and found.dtype != "?" and dynamic_lists.is_written_out(self.over):
            raise Refusal("list", "its elements are settings, and known one by one", dynamic_lists.MAKE)
        scope.grown = True
        return found

    def filled(self, init, start, end):
        """The kind of what a loop leaves: of a list that gets one element in each round, the length is the number of rounds."""
        interp, kind = self.interp, start.kind
        if kind.tag != "stack":
            return kind
        added = pushes(end, start, self.inner.definitions)
        empty = kind_of_operand(init).tag == "list" and not kind_of_operand(init).items
        if not empty or added is None or len(added) != 1:
            return stack(kind.items[0], unknown_length())
        return stack(kind.items[0], self.lengths.setdefault(None, unknown_length() if self.ends_early else dynamic_lists.number_of_rounds(
            interp, self.over and iterables.known_length(interp, self.over))))

    def leaf_rows(self, rows, variable, init, start, end, kind, outer):
        interp = self.interp
        if kind.tag not in CONTAINERS:
            inner = start if start is not None else Value(variable.name, variable.hint, bare(kind), False)
            left = bare(kind if start is None else self.filled(init, start, end))
            out = Value(named(variable, left), variable.hint, left,
                        end.varied or not isinstance(init, Unset) and init.varied)
            if init is ABSENT:
                interp.builder.scope.absent.add(out)
            if isinstance(init, Unset) and end.varied and kind.tag == "unknown":
                raise Refusal(f"name {variable.name!r}" if variable.name else "value",
                              "what it is differs from round to round", "Give it one structure and one shape.")
            rows.append(Row(inner, init, end, out))
            return out
        keys = kind.keys if kind.tag == "dict" else range(len(kind.items))

        def parts(operand, builder):
            if operand is None or isinstance(operand, Unset):
                return {key: operand for key in keys}
            outer_builder, interp.builder = interp.builder, builder
            found = interp.parts(self.stage, operand)
            interp.builder = outer_builder
            return found
        inner_builder = interp.builder
        inits, starts, ends = parts(init, outer), parts(start, inner_builder), parts(end, inner_builder)
        made = []
        for key, item in zip(keys, kind.items):
            if inits[key] is ends[key]:
                made.append(ends[key])
                continue
            made.append(self.leaf_rows(rows, Value(None, f"{variable.name or 'part'}"), inits[key], starts[key], ends[key],
                                       item, outer))
        return PendingContainer(kind, tuple(made))

    def finish(self, rows, block, test, exit, outs, rest, guesses, envs):
        """Append the Loop, and give the variables what they are after it."""
        interp, stage = self.interp, self.stage
        outer = interp.builder
        until = None if exit.broken == Lit(False) else exit.broken
        broken = flag = value = None
        if until is not None and stage.orelse:
            broken = self.flag(rows, until)
        if exit.returned != Lit(False):
            flag = self.flag(rows, exit.returned)
            interp.builder = self.inner
            value = self.leaf_rows(rows, Value(None, "out"), ABSENT, None, exit.value, kind_of_operand(exit.value), outer)
            interp.builder = outer
            block = tuple(self.inner.stages)
        rows = [self.own(row, block) for row in rows]
        made = Loop((self.index,) if self.index is not None else (), self.iterable, test, tuple(rows), block, until,
                    stage.statement, stage.place)
        interp.builder.append_blocks(made)
        renewed, shown = {}, {}
        for (number, variable), operand in outs.items():
            if operand is not DERIVED:
                if operand not in shown:
                    shown[operand] = self.shown(operand, variable)
                interp.frames[number].env[variable] = shown[operand]
                if getattr(guesses.get((number, variable)), "same", False):
                    renewed[envs[number][variable]] = shown[operand]
        for (number, variable), guess in guesses.items():
            if guess is UNREAD:
                interp.frames[number].env[variable] = object_value(UnreadList(), "iterator")
        self.take_again(guesses, envs, renewed, {})
        if flag is not None:
            exit = Exit(flag, flag, self.shown(value, Value()))
            return unroll.perhaps(interp, stage, exit, lambda rest: self.otherwise(broken, rest), rest)
        return self.otherwise(broken, rest)

    def own(self, row, block):
        """A row that the rounds store into begins with a copy, if its memory is not the function's own.

        What a loop around this one begins its rounds with is left to that loop.
        """
        made = self.interp.builder.definitions
        row = dynamic_lists.as_grown(self.interp, self.stage, row)
        base, value = made.get(row.init), row.init
        while isinstance(base, Stage) and base.form.kind in ("store", "augment", "alias") or type(base) is Loop:
            value = base.operands[0] if isinstance(base, Stage) else next((one.init for one in base.rows if one.out is value), None)
            base = made.get(value)
        if isinstance(base, Begun):
            return row
        if isinstance(row.init, Value) and row.inner.kind.tag == "array" and is_written(row, targets_of(block)) \
                and not owners(row.init, made) <= made.keys():
            form = Form("method", "copy")
            return row._replace(init=self.interp.emit(beside(self.stage, Value(row.inner.name)), form, (row.init,)))
        return row

    def otherwise(self, broken, rest):
        """The `else` of the loop: the other side of a branch on whether it broke, `rest` being what comes after both."""
        interp, stage = self.interp, self.stage
        if not stage.orelse:
            return None
        if broken is None:
            return interp.run(stage.orelse, rest)
        return interp.branch_on(broken, Branch(None, (), stage.orelse, (), stage.statement, stage.place), rest)

    def flag(self, rows, operand):
        kind = kind_of_operand(operand)._replace(known=None)
        out = Value(None, "ended", kind)
        rows.append(Row(Value(None, "ended", kind), Lit(False), operand, out))
        return out

    def shown(self, operand, variable):
        if not isinstance(operand, PendingContainer):
            return operand
        kind = operand.kind
        parts = tuple(self.shown(part, Value()) for part in operand.parts)
        return self.interp.make(self.stage, Form(kind.tag, keywords=kind.keys if kind.tag == "dict" else ()), parts)


class PendingContainer:
    """A container after a loop, before it has a stage."""

    def __init__(self, kind, parts):
        self.kind, self.parts = kind, parts


def named(variable, kind):
    """The name for what a variable holds: a list that grows has one in any case."""
    return variable.name or ("items" if kind.tag == "stack" else None)


def bare(kind: Kind) -> Kind:
    """A kind without the value, which changes from round to round."""
    if kind.tag in CONTAINERS:
        return kind._replace(items=tuple(map(bare, kind.items)))
    return kind._replace(known=None, affine=None) if kind.tag == "number" else kind


def leaves(builder, value):
    """A value at the start of a round, and its parts."""
    made = builder.definitions.get(value)
    if isinstance(made, Stage) and value.kind.tag in CONTAINERS and made.form.kind in CONTAINERS:
        return [value, *(leaf for part in made.operands for leaf in leaves(builder, part))]
    return [value]


def used_in(stages, exit, ends, test):
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
