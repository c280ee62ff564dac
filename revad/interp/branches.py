"""Branches: a branch whose condition is known has one side; of others both sides are followed and joined.

>>> from ..ir.nodes import Form
>>> has_jump((Stage((), Form("return"), ()),)), has_jump((Stage((), Form("effect"), ()),))
(True, False)
"""
from __future__ import annotations

from ..analysis.identity import candidates
from ..builder.builder import Builder
from ..ir.nodes import ABSENT, UNSET, Branch, Form, Lit, Stage, TryCondition, Unset, Value
from ..ir.untyped import Each, While
from ..types.constants import settled
from ..types.kinds import UNKNOWN, in_words, join
from ..types.parts import display_form
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from . import dynamic_lists
from .environment import NEXT, RAISE, Exit, Unusable, object_of, object_value
from .exceptions import stages_of_try
from .loops.iterables import Range

JUMPS = ("return", "break", "continue", "raise")
CONTAINERS = ("tuple", "list", "dict")


def has_jump(block, in_loop=False):
    """Whether a block may end early without an error; breaks of loops inside it do not count."""
    for stage in block:
        if isinstance(stage, Branch):
            may_jump = has_jump(stage.then, in_loop) or has_jump(stage.orelse, in_loop)
        elif isinstance(stage, (Each, While)):
            may_jump = has_jump(stage.body, True) or has_jump(stage.orelse, in_loop)
        else:
            jumps = ("return",) if in_loop else ("return", "break", "continue")
            may_jump = isinstance(stage, Stage) and stage.form.kind in jumps
        if may_jump:
            return True
    return False


class BranchInterpreter:
    """The part of an Interpreter that follows branches."""

    def branch(self, branch, continuation):
        if isinstance(branch.condition, TryCondition):
            return self.run((*stages_of_try(self, branch), *continuation))
        return self.branch_on(self.operand(branch.condition), branch, continuation)

    def branch_on(self, condition, branch, continuation):
        """Follow a branch whose condition has been evaluated."""
        condition = self.truth(branch, condition)
        kind = kind_of_operand(condition)
        known = settled(kind)
        if kind.rank and all(n.unit for n in kind.shape) \
                and any(n.value > 1 for n in kind.shape) and all(n.value for n in kind.shape):
            raise Refusal("condition", "the truth value of an array with more than one element is ambiguous",
                          "Use np.any or np.all of it.", ValueError)
        if known is not None:
            return self.run(branch.then if self.relied(known) else branch.orelse, continuation)
        jumps = has_jump(branch.then) or has_jump(branch.orelse)
        for block, other in ((branch.then, branch.orelse), (branch.orelse, branch.then)):
            if block and isinstance(block[-1], Stage) and block[-1].form.kind == "raise" \
                    and not has_jump(block[:-1]):
                self.run_sides(condition, branch,
                               *(((lambda b=b: self.run(b) and None) if b is block else (lambda: None))
                                 for b in (branch.then, branch.orelse)))
                return self.run(other, continuation)
        sides = [(lambda b=b: self.run((*b, *continuation))) if jumps else (lambda b=b: self.run(b))
                 for b in (branch.then, branch.orelse)]
        if kind.known is None or kind.known.text.startswith("?"):
            return self.run_sides(condition, branch, *sides)
        # A number that is a setting: both sides where they agree, else the one that runs in this call.
        exits = self.attempt(lambda: [self.run_sides(condition, branch, *sides, strict=True)])
        if exits is None:
            taken = branch.then if self.builder.scope.static(kind.known) else branch.orelse
            return self.run(taken, continuation)
        return exits[0]

    def relied(self, known):
        return known.value if known.exact else self.builder.scope.static(known)

    def run_sides(self, condition, stage, then, orelse, strict=False):
        """Follow both sides, and join their states; returns the joined Exit."""
        outer, before, made_before = self.builder, self.snapshot(), frozenset(self.instances)
        sides, after, exits, later, taken = [], [], [], [], self.taken
        same, opposite = self.same_condition(condition)
        for number, side in enumerate((then, orelse)):
            self.restore(before)
            self.builder = Builder(outer=outer)
            self.taken = {**taken, same: number ^ opposite}
            exits.append(side())
            sides.append(self.builder)
            after.append([dict(frame.env) for frame in self.frames[:before[0]]])
            later.append(self.later)
        self.restore(before)
        rows, renewed, derived = [], {}, []
        self.builder, self.taken = outer, taken
        if RAISE in exits:
            live = 1 - exits.index(RAISE)
            self.adopt_side(after[live], stage, condition, live, rows, exits)
            exit = exits[live]
            if exit is not None and exit is not RAISE:
                exit = Exit(
                    *(part if type(part) is Lit
                      else self.row(rows, None, *((part, UNSET) if live == 0 else (UNSET, part)))
                      for part in exit))
        else:
            renewed, derived = self.join_variables(before[1], after, later, rows, strict, stage, sides,
                                                    made_before)
            self.record_sides(condition, after, sides, rows, stage)
            self.record_literals((same, opposite), rows)
            exit = None
        if RAISE not in exits and exits != [None, None]:
            flags = []
            for field, ends in zip(Exit._fields, zip(*(e or NEXT for e in exits))):
                is_flag = field != "value" and all(type(end) is Lit for end in ends)
                flags.append(self.flag(condition, ends, stage) if is_flag
                             else self.join_parts(rows, ends, sides, stage))
            outer.append_blocks(self.branch_stage(condition, sides, rows, stage))
            exit = Exit(*(self.rebuilt_container(stage, part) for part in flags))
        else:
            outer.append_blocks(self.branch_stage(condition, sides, rows, stage))
        # Views of arrays that the branch changed are taken again from the new versions.
        for frame, variable, old in derived:
            frame.env[variable] = self.renew(stage, old, renewed, set())
        self.later.update((old, new) for old, new in renewed.items() if old is not new)
        return exit

    def branch_stage(self, condition, sides, rows, stage):
        return Branch(condition, *(tuple(side.stages) for side in sides), tuple(rows),
                      stage.statement, stage.place)

    def flag(self, condition, ends, stage):
        """Whether a block ends, as an operand; often it is the condition itself."""
        if ends[0] == ends[1]:
            return ends[0]
        return condition if ends[0].value else self.make(stage, Form("unary", "not"), (condition,))

    def join_parts(self, rows, ends, sides, stage):
        """As `joined`; a container that only one side has is split into [kind, parts, what it may be]."""
        kinds = [None if isinstance(end, Unset) else kind_of_operand(end) for end in ends]
        kind = next(k for k in (*kinds, UNKNOWN) if k is not None)
        if None in kinds and kind.tag in CONTAINERS:
            side = 1 if kinds[0] is None else 0
            outer, self.builder = self.builder, sides[side]
            parts = self.parts(stage, ends[side])
            identities = self.identities(ends[side])
            self.builder = outer
            return [kind,
                    [self.join_parts(rows, (part, ABSENT) if side == 0 else (ABSENT, part), sides, stage)
                     for part in parts.values()], identities]
        return self.joined(rows, None, ends, True)

    def rebuilt_container(self, stage, part):
        if not isinstance(part, list):
            return part
        kind, parts, identities = part
        rebuilt = self.make(stage, display_form(self.builder, kind),
                            tuple(self.rebuilt_container(stage, inner) for inner in parts))
        self.choices[rebuilt] = identities
        return rebuilt

    def identities(self, operand):
        """The containers that a list or dict may be."""
        return frozenset(candidates(operand, self.builder.definitions, self.choices))

    def join_variables(self, before, after, later, rows, strict, stage, sides, made_before):
        """Join each variable over both sides; those that share a value on both sides share the joined one.

        Returns {array: its new version} for the arrays that the branch stores into, and [(frame, variable,
        view)] of the views to take again.
        """
        joined, renewed, derived = {}, {}, []

        def others(variable):
            """What other variables stood for before: a list of theirs stays the same list."""
            return [value for frame, env in zip(self.frames, before) for other, value in env.items()
                    if other is not variable and value is not env.get(variable)]

        def join(variable, ends):
            key = (tuple(map(id, ends)) if isinstance(ends[0], Value) or isinstance(ends[1], Value)
                   else (variable,))
            if key not in joined:
                converted = ends
                if not any(value in others(variable) for end, side in zip(ends, sides)
                           for value in candidates(end, side.definitions, self.choices)):
                    converted = dynamic_lists.ends_as_dynamic(self, stage, variable.name, ends, sides)
                converted = self.in_one_dtype(stage, converted, sides)
                joined[key] = self.joined(rows, variable, converted, strict), ends
            return joined[key][0]
        for number, (frame, *envs) in enumerate(zip(self.frames, *after)):
            for variable in dict.fromkeys([*envs[0], *envs[1]]):
                # None: a call's result that nothing reads, or a statement that was refused.
                ends = [UNSET if end is None else end for end in (side.get(variable, UNSET) for side in envs)]
                for at in (0, 1) if number == 0 else ():
                    if ends[at] is UNSET and ends[1 - at] is not UNSET:
                        ends[at] = self.before_side(stage, variable, made_before, sides[at], sides[1 - at])
                if ends[0] is ends[1]:
                    frame.env[variable] = ends[0]
                    continue
                value_before = before[number].get(variable)
                same = isinstance(value_before, Value) and all(
                    self.latest_version(value_before, side_versions) is end
                    for end, side_versions in zip(ends, later))
                if same and not self.was_written(value_before, later):
                    derived.append((frame, variable, value_before))
                    continue
                frame.env[variable] = join(variable, ends)
                if same:
                    renewed[value_before] = frame.env[variable]
        for frame, variable, value_before in derived:
            for root in self.roots(value_before, later):
                ends = [self.latest_version(root, side_versions) for side_versions in later]
                if ends[0] is not ends[1] and root not in renewed:
                    renewed[root] = join(root, ends)
        return renewed, derived

    def in_one_dtype(self, stage, ends, sides):
        """Both ends in float, where one is an active integer and the other a float."""
        outer, converted = self.builder, []
        for number, (end, other) in enumerate(zip(ends, ends[::-1])):
            self.builder = sides[number]
            converted.append(self.in_float_beside(stage, end, other))
        self.builder = outer
        return tuple(converted)

    def same_condition(self, condition):
        """(the canonical value of a condition, whether the condition is its negation)."""
        definition = self.builder.definitions.get(condition)
        if isinstance(definition, Stage) and definition.form == Form("unary", "not"):
            same, opposite = self.same_condition(definition.operands[0])
            return same, not opposite
        return self.canonical(condition), False

    def canonical(self, condition, memo=None):
        """The first value that was computed by the same stages; `memo`: canonical values of operands."""
        memo = {} if memo is None else memo
        if condition not in memo:
            memo[condition] = self._canonical(condition, memo)
        return memo[condition]

    def _canonical(self, condition, memo):
        definition = self.builder.definitions.get(condition)
        if not isinstance(definition, Stage) \
                or definition.gate is None and definition.form.kind != "compare" and not (
                definition.form.kind in ("index", "attr")
                and kind_of_operand(definition.operands[0]).numeric):
            return condition
        equal_value = self.builder.known(
            definition.form, tuple(self.canonical(operand, memo) for operand in definition.operands))
        return condition if equal_value is None else equal_value

    def record_sides(self, condition, after, sides, rows, stage):
        """Record what an unusable variable is on each side: on that side of a later branch it is usable."""
        outer, exported = self.builder, {}
        same, opposite = self.same_condition(condition)
        for number, frame in enumerate(self.frames):
            for variable, joined in frame.env.items():
                ends = [env[number].get(variable, UNSET) for env in after]
                if variable.name and isinstance(joined, Unusable) and joined.sides is None \
                        and ends[0] is not ends[1]:
                    key = tuple(map(id, ends))
                    if key not in exported:
                        exported[key] = []
                        for side, end in enumerate(ends):
                            self.builder = sides[side]
                            exported[key].append(self.exported(end, variable, side, rows, stage))
                        self.builder = outer
                    by_side = exported[key][::-1] if opposite else exported[key]
                    frame.env[variable] = joined._replace(sides=(same, by_side, stage))

    def record_literals(self, condition, rows):
        """Record the literals that a branch gives: a counter stays known on the same side later."""
        same, opposite = condition
        for value, *ends in rows:
            kinds = [None if isinstance(end, Unset) else kind_of_operand(end) for end in ends]
            literals = [Lit(kind.known.value) if kind is not None and kind.known is not None
                        and kind.known.exact and type(kind.known.value) in (int, bool) else None
                        for kind in kinds]
            if literals != [None, None]:
                self.literals[value] = same, literals[::-1] if opposite else literals

    def exported(self, end, variable, side, rows, stage):
        """One side's value as a row of the branch; of a container [kind, parts, what it may be]."""
        if isinstance(end, Unusable) or end is None:        # None: a call's result that nothing reads
            return UNSET if end is None else end.alone()
        kind = kind_of_operand(end)
        if isinstance(end, Lit) or kind.tag in ("function", "object"):
            return end
        if kind.tag == "iterator":
            ends = object_of(end)
            if not isinstance(ends, Range):
                return Unusable("it goes over values of one side of an 'if'", "Make it where it is used.")
            return object_value(
                Range(*(self.exported(part, None, side, rows, stage) for part in ends)), "iterator")
        if kind.tag in CONTAINERS:
            return [kind,
                    [self.exported(part, None, side, rows, stage)
                     for part in self.parts(stage, end).values()], self.identities(end)]
        result = self.row(rows, variable, *((end, UNSET) if side == 0 else (UNSET, end)))
        self.builder.scope.absent.add(result)
        return result

    def on_current_side(self, value):
        """The value on the side that is being followed, of one that differs between the sides."""
        while isinstance(value, Unusable) and value.sides is not None and value.sides[0] in self.taken:
            condition, ends, stage = value.sides
            value = self.rebuilt_container(stage, ends[self.taken[condition]])
        condition, ends = self.literals.get(value, (None, ())) if isinstance(value, Value) else (None, ())
        if condition in self.taken:
            value = ends[self.taken[condition]] or value
        return value

    def adopt_side(self, envs, stage, condition, live, rows, exits):
        """Take the state of one side, where the other raises."""
        for frame, env in zip(self.frames, envs):
            for variable, operand in env.items():
                if isinstance(operand, Unusable):
                    frame.env[variable] = operand
                elif frame.env.get(variable) is not operand:
                    ends = (operand, UNSET) if live == 0 else (UNSET, operand)
                    frame.env[variable] = self.row(rows, variable, *ends)

    def joined(self, rows, variable, ends, strict):
        """The value after a branch: a row of the branch, or Unusable."""
        if ends[0] is ends[1] or type(ends[0]) is type(ends[1]) is Lit and ends[0] == ends[1] \
                and repr(ends[0].value) == repr(ends[1].value):     # True is 1, and 1 is 1.0
            return ends[0]
        unusable = self.why_unusable(variable, ends)
        if unusable is None:
            return self.row(rows, variable, *ends)
        if strict and variable is None or strict and variable.name:
            raise Refusal(f"name {variable.name!r}" if variable is not None and variable.name else "value",
                          unusable.why, unusable.instead)
        return unusable

    def why_unusable(self, variable, ends):
        if any(isinstance(end, Unusable) for end in ends):
            return next(end for end in ends if isinstance(end, Unusable))
        if any(isinstance(end, Unset) for end in ends):
            if variable is None:
                return None
            return Unusable("it has a value on one side of an 'if' only", "Give it a value before the 'if'.")
        kinds = [kind_of_operand(end) for end in ends]
        special = [k.tag in ("function", "iterator", "object") for k in kinds]
        if any(special):
            return Unusable("it is another function or object on each side of an 'if'",
                            "Call it inside the 'if'.")
        if join(*kinds) == UNKNOWN and any(end.varied for end in ends) and any(
                k.tag in (*CONTAINERS, "stack") for k in kinds):
            return Unusable(f"it is {in_words(kinds[0])} on one side and {in_words(kinds[1])} on the other, "
                            "or they differ in their elements", "Give it the same structure on both sides.")
        return None

    def row(self, rows, variable, then, orelse):
        present = [end for end in (then, orelse) if not isinstance(end, Unset)]
        if not present:
            return UNSET
        kinds = [kind_of_operand(end) for end in present]
        kind = kinds[0] if len(kinds) == 1 else self.builder.scope.joined(*kinds)
        name = variable.name if variable is not None else None
        name = name or next((end.name for end in present if kind.tag == "stack"), None)
        hint = present[0].hint if len(present) == 1 and isinstance(present[0], Value) else None
        value = Value(name, hint, kind, any(end.varied for end in present))
        if then is ABSENT or orelse is ABSENT:
            self.builder.scope.absent.add(value)
        rows.append((value, then, orelse))
        return value
