"""Branches: a branch of which one side is settled has that side only; of others both sides are followed, and joined.

>>> from ..ir.nodes import Form
>>> has_jump((Stage((), Form("return"), ()),)), has_jump((Stage((), Form("effect"), ()),))
(True, False)
"""
from __future__ import annotations

from ..builder.builder import Builder
from ..ir.nodes import ABSENT, UNSET, Branch, Form, Lit, Stage, Trial, Unset, Value
from ..ir.untyped import Each, While
from ..types.constants import settled
from ..types.kinds import UNKNOWN, in_words, join
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from . import dynamic_lists
from .environment import NEXT, RAISE, Exit, Unusable, held, holding
from .exceptions import tried
from .loops.iterables import Range

JUMPS = ("return", "break", "continue", "raise")
CONTAINERS = ("tuple", "list", "dict")


def has_jump(block, inside=False):
    """Whether a block may end before its end, and what comes after it go on: breaks of loops inside it do not count."""
    for stage in block:
        if isinstance(stage, Branch):
            found = has_jump(stage.then, inside) or has_jump(stage.orelse, inside)
        elif isinstance(stage, (Each, While)):
            found = has_jump(stage.body, True) or has_jump(stage.orelse, inside)
        else:
            found = isinstance(stage, Stage) and stage.form.kind in (("return",) if inside else ("return", "break", "continue"))
        if found:
            return True
    return False


class BranchInterpreter:
    """The part of a Interpreter that follows branches."""

    def branch(self, branch, rest):
        if isinstance(branch.condition, Trial):
            return self.run((*tried(self, branch), *rest))
        return self.decided(self.operand(branch.condition), branch, rest)

    def decided(self, condition, branch, rest):
        """Follow a branch whose condition is at hand."""
        condition = self.truth(branch, condition)
        kind = kind_of_operand(condition)
        known = settled(kind)
        if kind.rank and all(n.unit for n in kind.shape) and any(n.value > 1 for n in kind.shape) and all(n.value for n in kind.shape):
            raise Refusal("condition", "the truth value of an array with more than one element is ambiguous", "Use np.any or np.all of it.", ValueError)
        if known is not None:
            return self.run(branch.then if self.relied(known) else branch.orelse, rest)
        jumps = has_jump(branch.then) or has_jump(branch.orelse)
        for block, other in ((branch.then, branch.orelse), (branch.orelse, branch.then)):
            if block and isinstance(block[-1], Stage) and block[-1].form.kind == "raise" and not has_jump(block[:-1]):
                self.choose(condition, branch, *(((lambda b=b: self.run(b) and None) if b is block else (lambda: None))
                                                 for b in (branch.then, branch.orelse)))
                return self.run(other, rest)
        sides = [(lambda b=b: self.run((*b, *rest))) if jumps else (lambda b=b: self.run(b))
                 for b in (branch.then, branch.orelse)]
        if kind.known is None or kind.known.text.startswith("?"):
            return self.choose(condition, branch, *sides)
        # A number that is a setting: both sides where they agree, the one that runs where not.
        found = self.attempt(lambda: [self.choose(condition, branch, *sides, strict=True)])
        if found is None:
            taken = branch.then if self.builder.scope.static(kind.known) else branch.orelse
            return self.run(taken, rest)
        return found[0]

    def relied(self, known):
        return known.value if known.exact else self.builder.scope.static(known)

    def choose(self, condition, stage, then, orelse, strict=False):
        """Follow both sides, and join what they leave; returns how they end."""
        outer, before = self.builder, self.snapshot()
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
            self.adopt(after[live], stage, condition, live, rows, exits)
            exit = exits[live]
            if exit is not None and exit is not RAISE:
                exit = Exit(*(self.row(rows, None, *((part, UNSET) if live == 0 else (UNSET, part))) for part in exit))
        else:
            renewed, derived = self.join_variables(before[1], after, later, rows, strict, stage, sides)
            self.tell_sides(condition, after, sides, rows, stage)
            self.tell_integers((same, opposite), rows)
            exit = None
        if RAISE not in exits and exits != [None, None]:
            flags = []
            for ends in zip(*(e or NEXT for e in exits)):
                flags.append(self.flag(condition, ends, stage) if all(type(end) is Lit for end in ends)
                             else self.join_parts(rows, ends, sides, stage))
            outer.append_blocks(self.made_branch(condition, sides, rows, stage))
            exit = Exit(*(self.displayed(stage, part) for part in flags))
        else:
            outer.append_blocks(self.made_branch(condition, sides, rows, stage))
        for frame, variable, old in derived:     # the views of what the branch changed, of what there is after it
            frame.env[variable] = self.renew(stage, old, renewed, set())
        self.later.update((old, new) for old, new in renewed.items() if old is not new)
        return exit

    def made_branch(self, condition, sides, rows, stage):
        return Branch(condition, *(tuple(side.stages) for side in sides), tuple(rows), stage.statement, stage.place)

    def flag(self, condition, ends, stage):
        """Whether a block ends is often what decides the branch."""
        if ends[0] == ends[1]:
            return ends[0]
        return condition if ends[0].value else self.make(stage, Form("unary", "not"), (condition,))

    def join_parts(self, rows, ends, sides, stage):
        """As `joined`; a container that only one side has is taken apart: [kind, parts]."""
        kinds = [None if isinstance(end, Unset) else kind_of_operand(end) for end in ends]
        kind = next(k for k in (*kinds, UNKNOWN) if k is not None)
        if None in kinds and kind.tag in CONTAINERS:
            at = 1 if kinds[0] is None else 0
            outer, self.builder = self.builder, sides[at]
            found = self.parts(stage, ends[at])
            self.builder = outer
            return [kind, [self.join_parts(rows, (part, ABSENT) if at == 0 else (ABSENT, part), sides, stage)
                           for part in found.values()]]
        return self.joined(rows, None, ends, True)

    def displayed(self, stage, part):
        if not isinstance(part, list):
            return part
        kind, parts = part
        return self.make(stage, Form(kind.tag, keywords=kind.keys if kind.tag == "dict" else ()),
                         tuple(self.displayed(stage, inner) for inner in parts))

    def join_variables(self, before, after, later, rows, strict, stage, sides):
        """Give each variable what it is after the branch; those that shared a value on both sides share the new one.

        Returns what has become of arrays that the branch stores into, and (frame, variable, view) of those to be taken again.
        """
        joined, renewed, derived = {}, {}, []

        def join(variable, ends):
            key = tuple(map(id, ends)) if isinstance(ends[0], Value) or isinstance(ends[1], Value) else (variable,)
            if key not in joined:
                shown = self.alike(stage, dynamic_lists.ends_as_grown(self, stage, variable.name, ends, sides), sides)
                joined[key] = self.joined(rows, variable, shown, strict), ends
            return joined[key][0]
        for number, (frame, *envs) in enumerate(zip(self.frames, *after)):
            for variable in dict.fromkeys([*envs[0], *envs[1]]):
                # None: of a call whose result nobody has, or of a statement that was refused.
                ends = [UNSET if end is None else end for end in (side.get(variable, UNSET) for side in envs)]
                if ends[0] is ends[1]:
                    frame.env[variable] = ends[0]
                    continue
                old = before[number].get(variable)
                same = isinstance(old, Value) and all(self.now(old, one) is end for end, one in zip(ends, later))
                if same and not self.was_written(old, later):
                    derived.append((frame, variable, old))
                    continue
                frame.env[variable] = join(variable, ends)
                if same:
                    renewed[old] = frame.env[variable]
        for frame, variable, old in derived:
            for root in self.roots(old, later):
                ends = [self.now(root, one) for one in later]
                if ends[0] is not ends[1] and root not in renewed:
                    renewed[root] = join(root, ends)
        return renewed, derived

    def alike(self, stage, ends, sides):
        """Both in float, where one side gives integers that are differentiated and the other floats."""
        outer, found = self.builder, []
        for number, (end, other) in enumerate(zip(ends, ends[::-1])):
            self.builder = sides[number]
            found.append(self.in_float_beside(stage, end, other))
        self.builder = outer
        return tuple(found)

    def same_condition(self, condition):
        """(the first value that was computed as this one was, or as its opposite, whether it is the opposite)."""
        made = self.builder.definitions.get(condition)
        if isinstance(made, Stage) and made.form == Form("unary", "not"):
            same, opposite = self.same_condition(made.operands[0])
            return same, not opposite
        return self.first_made(condition), False

    def first_made(self, condition, told=None):
        """The first value that was computed as this one was; `told`: what is known of the values that it is made of."""
        told = {} if told is None else told
        if condition not in told:
            told[condition] = self._first_made(condition, told)
        return told[condition]

    def _first_made(self, condition, told):
        made = self.builder.definitions.get(condition)
        if not isinstance(made, Stage) or made.gate is None and made.form.kind != "compare" and not (
                made.form.kind in ("index", "attr") and kind_of_operand(made.operands[0]).numeric):
            return condition
        found = self.builder.known(made.form, tuple(self.first_made(operand, told) for operand in made.operands))
        return condition if found is None else found

    def tell_sides(self, condition, after, sides, rows, stage):
        """What cannot be used after a branch can be where the same side is known to have been taken."""
        outer, found = self.builder, {}
        same, opposite = self.same_condition(condition)
        for number, frame in enumerate(self.frames):
            for variable, joined in frame.env.items():
                ends = [env[number].get(variable, UNSET) for env in after]
                if variable.name and isinstance(joined, Unusable) and joined.sides is None and ends[0] is not ends[1]:
                    key = tuple(map(id, ends))
                    if key not in found:
                        found[key] = []
                        for at, end in enumerate(ends):
                            self.builder = sides[at]
                            found[key].append(self.exported(end, variable, at, rows, stage))
                        self.builder = outer
                    frame.env[variable] = joined._replace(sides=(same, found[key][::-1] if opposite else found[key], stage))

    def tell_integers(self, condition, rows):
        """What a number is on a side where it is a literal: a counter of rounds, which goes on counting there."""
        same, opposite = condition
        for value, *ends in rows:
            literals = [Lit(kind.known.value) if kind is not None and kind.known is not None and kind.known.exact
                        and type(kind.known.value) in (int, bool) else None
                        for kind in (None if isinstance(end, Unset) else kind_of_operand(end) for end in ends)]
            if literals != [None, None]:
                self.literals[value] = same, literals[::-1] if opposite else literals

    def exported(self, end, variable, at, rows, stage):
        """What one side of a branch leaves; of a container [kind, parts]."""
        if isinstance(end, Unusable) or end is None:        # None: of a call whose result nobody has
            return UNSET if end is None else end.alone()
        kind = kind_of_operand(end)
        if isinstance(end, Lit) or kind.tag in ("function", "object"):
            return end
        if kind.tag == "iterator":
            ends = held(end)
            if not isinstance(ends, Range):
                return Unusable("it goes over values of one side of an 'if'", "Make it where it is used.")
            return holding(Range(*(self.exported(part, None, at, rows, stage) for part in ends)), "iterator")
        if kind.tag in CONTAINERS:
            return [kind, [self.exported(part, None, at, rows, stage) for part in self.parts(stage, end).values()]]
        found = self.row(rows, variable, *((end, UNSET) if at == 0 else (UNSET, end)))
        self.builder.scope.absent.add(found)
        return found

    def on_this_side(self, found):
        """What a value that differs between the sides of a branch is on the side that is being followed."""
        while isinstance(found, Unusable) and found.sides is not None and found.sides[0] in self.taken:
            condition, ends, stage = found.sides
            found = self.displayed(stage, ends[self.taken[condition]])
        condition, ends = self.literals.get(found, (None, ())) if isinstance(found, Value) else (None, ())
        if condition in self.taken:
            found = ends[self.taken[condition]] or found
        return found

    def adopt(self, envs, stage, condition, live, rows, exits):
        """Where the other side raises, what this one leaves is what there is."""
        for frame, env in zip(self.frames, envs):
            for variable, operand in env.items():
                if isinstance(operand, Unusable):
                    frame.env[variable] = operand
                elif frame.env.get(variable) is not operand:
                    frame.env[variable] = self.row(rows, variable, *((operand, UNSET) if live == 0 else (UNSET, operand)))

    def joined(self, rows, variable, ends, strict):
        """A value that is one of two: a row of the branch, or what cannot be used."""
        if ends[0] is ends[1] or type(ends[0]) is Lit and ends[0] == ends[1]:
            return ends[0]
        unusable = self.why_not(variable, ends)
        if unusable is None:
            return self.row(rows, variable, *ends)
        if strict and variable is None or strict and variable.name:
            raise Refusal(f"name {variable.name!r}" if variable is not None and variable.name else "value",
                          unusable.why, unusable.instead)
        return unusable

    def why_not(self, variable, ends):
        if any(isinstance(end, Unusable) for end in ends):
            return next(end for end in ends if isinstance(end, Unusable))
        if any(isinstance(end, Unset) for end in ends):
            if variable is None:
                return None
            return Unusable("it has a value on one side of an 'if' only", "Give it a value before the 'if'.")
        kinds = [kind_of_operand(end) for end in ends]
        special = [k.tag in ("function", "iterator", "object") for k in kinds]
        if any(special):
            return Unusable("it is another function or object on each side of an 'if'", "Call it inside the 'if'.")
        if join(*kinds) == UNKNOWN and any(end.varied for end in ends) and any(
                k.tag in (*CONTAINERS, "stack") for k in kinds):
            return Unusable(f"it is {in_words(kinds[0])} on one side and {in_words(kinds[1])} on the other, or they differ "
                            "in their elements", "Give it the same structure on both sides.")
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
