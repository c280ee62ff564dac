"""Walk: follows a Program through its variables, giving typed stages in which each value is defined once.

Every assignment makes a new value with its kind; conditions that the kinds and settings decide
leave one side; calls of functions with source are followed into (see `calls`).

>>> from .builder import Builder
>>> from .kinds import FLOAT
>>> from .scope import Scope
>>> x, f = Value("x"), Form("binary", "*")
>>> walk = Walk(Builder(Scope({}, {}, "f")))
>>> walk.frame.assign(x, Value("x", None, FLOAT, True))
>>> walk.run((Stage((x,), f, (x, x)), Stage((), Form("return"), (x,)))).value, walk.builder.stages
(x, [x = binary '*' (x, x)])
"""
from __future__ import annotations

import dataclasses

from . import calls, instances, iteration, lists, looping, memory, objects
from .builder import Builder
from .errors import UnsupportedError
from .frames import ABSENT, BREAK, NEXT, UNSET, Closure, Exit, Frame, Unset, Unusable, holding, returned
from .inference import infer
from .kinds import UNKNOWN, join
from .lengths import kind_of_operand
from .program import Act, Branch, Each, Form, Lit, Stage, Value, While
from .refusals import RankUnknown, Refusal, diagnostic
from .scope import NameMissing, Unknown
from .selection import takes_each_once
from .statics import evaluate, settled

JUMPS = ("return", "break", "continue", "raise")


class Walk:
    """Takes untyped stages in order; `builder` gets the typed ones."""

    def __init__(self, builder):
        self.builder, self.frame = builder, Frame()
        self.frames = [self.frame]
        self.problems, self.trials, self.depth = [], 0, 0
        self.attributes = {}      # (object, name): the variable of an attribute that is assigned
        self.late = []            # views to be taken again after the branch at hand
        self.derived = set()      # views taken again after a write
        self.mirrors = set()      # arrays made of a view of them that was stored into
        self.read_attributes = {}     # object: {name: value} of the attributes that are read

    # ---- operands

    def operand(self, operand):
        """What an operand stands for now.  Refusal if it stands for nothing."""
        if isinstance(operand, Lit):
            return operand
        found = self.frame.find(operand)
        if isinstance(found, Unusable):
            raise Refusal(f"name {operand.name!r}" if operand.name else "value", found.why, found.instead)
        if found is None or isinstance(found, Unset):
            raise Refusal(f"name {operand.name!r}", "it has no value here", "Give it a value before.")
        return found

    def assign(self, variable, operand):
        self.frame.assign(variable, operand)

    # ---- blocks

    def run(self, stages, after=()):
        """Follow a block; an Exit if it does not end at its end.  `after`: the stages that come then."""
        for position, stage in enumerate(stages):
            rest = (*stages[position + 1:], *after)
            if isinstance(stage, Branch):
                exit = self.guarded(stage, lambda: self.branch(stage, rest))
            elif isinstance(stage, (Each, While)):
                exit = self.guarded(stage, lambda: looping.loop(self, stage, rest))
            elif isinstance(stage, Act):
                exit = self.guarded(stage, lambda: calls.act(self, stage))
            elif stage.form.kind in JUMPS:
                return self.jump(stage)
            else:
                exit = self.guarded(stage, lambda: self.stage(stage))
            if exit is not None:
                return exit
        return None

    def jump(self, stage):
        kind = stage.form.kind
        if kind == "return":
            return self.guarded(stage, lambda: returned(self.operand(stage.operands[0]))) or returned(Lit(None))
        return {"break": BREAK, "continue": NEXT, "raise": RAISE}[kind]

    def guarded(self, stage, action):
        """Note what is refused and go on, or hand it on where another way is tried then."""
        try:
            return action()
        except UnsupportedError as error:
            if self.trials or self.depth:
                raise
            problem, = error.diagnostics[:1]
        except (Refusal, NameMissing, RankUnknown, Unknown) as error:
            problem = diagnostic(stage, error)
        if self.trials or self.depth:
            raise UnsupportedError([problem])
        self.problems.append(problem)
        for target in stage.targets:
            self.assign(target, Value(target.name, kind=UNKNOWN))
        return None

    def attempt(self, action, keep=False):
        """What an action gives, or None where it refuses something; nothing is left of it then.

        keep: raise what it refused, as an UnsupportedError.
        """
        before, checkpoint = self.snapshot(), self.builder.checkpoint()
        self.trials += 1
        try:
            return action()
        except (UnsupportedError, Refusal, NameMissing, Unknown, RankUnknown) as error:
            self.restore(before)
            self.builder.rollback(checkpoint)
            if keep:
                raise error
            return None
        finally:
            self.trials -= 1

    def snapshot(self):
        return len(self.frames), [dict(frame.env) for frame in self.frames], self.frame, self.builder

    def restore(self, before):
        count, envs, self.frame, self.builder = before
        del self.frames[count:]
        for frame, env in zip(self.frames, envs):
            frame.env = dict(env)

    # ---- branches

    def branch(self, branch, rest):
        condition = self.operand(branch.condition)
        kind = kind_of_operand(condition)
        known = settled(kind)
        if known is not None:
            return self.run(branch.then if self.relied(known) else branch.orelse, rest)
        jumps = _has_jump(branch.then) or _has_jump(branch.orelse)
        for block, other in ((branch.then, branch.orelse), (branch.orelse, branch.then)):
            if block and isinstance(block[-1], Stage) and block[-1].form.kind == "raise" and not _has_jump(block[:-1]):
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
        sides, after, exits = [], [], []
        for side in (then, orelse):
            self.restore(before)
            self.builder = Builder(outer=outer)
            exits.append(side())
            sides.append(self.builder)
            after.append([dict(frame.env) for frame in self.frames[:before[0]]])
        self.restore(before)
        rows = []
        self.builder = outer
        if RAISE in exits:
            live = 1 - exits.index(RAISE)
            self.adopt(after[live], stage, condition, live, rows, exits)
            exit = exits[live]
            if exit is not None and exit is not RAISE:
                exit = Exit(*(self.row(rows, None, *((part, UNSET) if live == 0 else (UNSET, part))) for part in exit))
        else:
            self.join_variables(stage, before[1], after, rows, strict)
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
        if RAISE not in exits:
            self.take_again(stage)
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
            found = objects.parts(self, stage, ends[at])
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

    def join_variables(self, stage, before, after, rows, strict):
        """What each variable is after the branch; those that shared a value on both sides share the new one."""
        joined, renewed, derived = {}, {}, []
        for number, (frame, *sides) in enumerate(zip(self.frames, *after)):
            for variable in dict.fromkeys([*sides[0], *sides[1]]):
                ends = [side.get(variable, UNSET) for side in sides]
                if ends[0] is ends[1]:
                    continue
                old = before[number].get(variable)
                if any(isinstance(end, Value) and end in self.derived for end in ends) and all(
                        end is old or isinstance(end, Value) and end in self.derived for end in ends):
                    derived.append((frame, variable, old))
                    continue
                key = tuple(map(id, ends)) if isinstance(ends[0], Value) or isinstance(ends[1], Value) else (variable,)
                if key not in joined:
                    joined[key] = self.joined(rows, variable, ends, strict), ends
                frame.env[variable] = joined[key][0]
                if isinstance(old, Value):
                    renewed[old] = joined[key][0]
        self.late.append((derived, renewed))

    def take_again(self, stage):
        """The views of what a branch changed, of what there is after it."""
        for frame, variable, old in self.late[-1][0]:
            frame.env[variable] = memory.renew(self, stage, old, self.late[-1][1], set())
        self.late.pop()

    def adopt(self, envs, stage, condition, live, rows, exits):
        """Where the other side raises, what this one leaves is what there is."""
        for frame, env in zip(self.frames, envs):
            for variable, operand in env.items():
                if frame.env.get(variable) is not operand:
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
                k.tag in CONTAINERS for k in kinds):
            what = "conditional expression" if variable is None or not variable.name else f"name {variable.name!r}"
            return Unusable(f"it is a {kinds[0].tag} on one side and a {kinds[1].tag} on the other, or they differ "
                            "in their elements", "Give it the same structure on both sides.")
        return None

    def row(self, rows, variable, then, orelse):
        present = [end for end in (then, orelse) if not isinstance(end, Unset)]
        if not present:
            return UNSET
        kinds = [kind_of_operand(end) for end in present]
        kind = kinds[0] if len(kinds) == 1 else join(*kinds)
        name = variable.name if variable is not None else None
        value = Value(name, None, kind, any(end.varied for end in present))
        rows.append((value, then, orelse))
        return value

    # ---- single stages

    def stage(self, stage):
        handler = _HANDLERS.get(stage.form.kind)
        operands = tuple(map(self.operand, stage.operands))
        found = handler(self, stage, operands) if handler else self.plain(stage, operands)
        if found is not None and stage.targets:
            self.assign(stage.target, found)

    def plain(self, stage, operands):
        """A stage whose form stays: its kind and gate, or its value where that is known."""
        form = stage.form
        made = lists.combined(self, stage, operands) if form.kind == "binary" and form.name in "+*|" else None
        if made is not None:
            return made
        if form.kind in ("binary", "unary", "compare"):
            if any(kind_of_operand(o).tag == "object" for o in operands):
                made = instances.operator(self, stage, operands)
                if made is not NotImplemented:
                    return made
            known = evaluate(form, list(map(kind_of_operand, operands)))
            simple = known is not None and (form.kind == "compare" or form.name == "not" or type(known.value) is str)
            if simple and known.exact:
                return Lit(known.value)
            if simple:
                return self.emit(stage, form, operands, known)
            if known is not None and known.exact and type(known.value) in (int, bool) and all(
                    isinstance(o, Lit) for o in operands) and not all(isinstance(o, Lit) for o in stage.operands):
                return Lit(known.value)
        return self.emit(stage, form, operands)

    def emit(self, stage, form, operands, known=None, name=None):
        """Append the typed stage of a form, and return its value."""
        operands = tuple(iteration.as_operand(self, stage, operand) for operand in operands)
        found = infer(self.builder.scope, self.builder.externals, form, operands)
        kind = found.kind if known is None else found.kind._replace(known=known, tag=_tag(known, found.kind))
        hint = found.gate and (found.gate.hint or found.gate.name)
        name = name or (stage.targets[0].name if stage.targets else None)
        value = Value(name, hint, kind, found.varied)
        typed = Stage((value,), form, operands, stage.statement, stage.place, found.gate, found.bound)
        if form.kind == "store" and found.varied and not form.name.startswith("at") \
                and not takes_each_once(self.builder, typed):
            raise Refusal("store into a subscript", "an element may be in it twice, and the last value wins",
                          "Use np.add.at to add up, or a mask, a slice or np.arange(n) as the subscript.")
        self.builder.append(typed, (form, operands))
        return value

    def make(self, stage, form, operands):
        """As `emit`, for a value without a name."""
        return self.emit(Stage((Value(),), form, (), stage.statement, stage.place), form, operands)


def _tag(known, kind):
    return "static" if type(known.value) in (str, type(None)) else kind.tag


RAISE = Exit(Lit(None), Lit(None), Lit("raise"))
CONTAINERS = ("tuple", "list", "dict")


def _has_jump(block, inside=False):
    """Whether a block may end before its end: breaks of loops inside it do not count."""
    for stage in block:
        if isinstance(stage, Branch):
            found = _has_jump(stage.then, inside) or _has_jump(stage.orelse, inside)
        elif isinstance(stage, (Each, While)):
            found = _has_jump(stage.body, True) or _has_jump(stage.orelse, inside)
        else:
            found = isinstance(stage, Stage) and stage.form.kind in (("return",) if inside else JUMPS)
        if found:
            return True
    return False


# ---- forms with a meaning of their own

def _alias(walk, stage, operands):
    operand = operands[0]
    kind = kind_of_operand(operand)
    if kind.tag in ("function", "iterator", "object") or stage.target.name is None and not isinstance(operand, Lit):
        return operand
    if isinstance(operand, Lit) and stage.target.name is None:
        return operand
    made = walk.builder.definitions.get(operand)
    if isinstance(operand, Value) and operand.name is None and isinstance(made, Stage) and made in walk.builder.stages[-8:] \
            and made.statement is stage.statement:
        operand.name = stage.target.name        # of `a, b = f(x), g(x)`
        return operand
    return walk.emit(stage, Form("alias"), operands)


def _define(walk, stage, operands):
    tree, around = stage.form.spec
    program = calls.nested(stage, tree, around)
    return holding(Closure(program, walk.frame, operands))


def _read(walk, stage, operands):
    path = walk.frame.rename(stage.form.name)
    form = stage.form._replace(name=path)
    head, _, name = path.rpartition(".")
    base = calls.outside_value(walk, stage, head) if head else None
    if base is not None:
        return objects.attribute(walk, dataclasses.replace(stage, form=Form("attr", name)), (base,))
    return walk.emit(stage, form, ())


def _copied(walk, stage, operands):
    return calls.copied(walk, stage, operands)


def _effect(walk, stage, operands):
    """An assert or raise: as it stands."""
    calls.effect(walk, stage, operands)


def _decide(walk, stage, operands):
    """`a and b`: the values themselves where the first is settled, else copied."""
    copied, names, parts = Form("copied", *stage.form[2][1:2]), None, stage.form.spec
    word, found = stage.form.name, None
    for number, (block, part) in enumerate(parts):
        last = number == len(parts) - 1
        attempt = walk.attempt(lambda: [walk.run(block), walk.operand(part)])
        if attempt is None:
            break
        found = attempt[1]
        if last:
            return found
        known = settled(kind_of_operand(found))
        if known is None:
            break
        if bool(walk.relied(known)) == (word == "or"):
            return found
    if any(o.varied for o in operands) and found is not None:
        return _decided_later(walk, stage, word, parts)
    return calls.copied(walk, dataclasses.replace(stage, form=stage.form.keywords), operands)


def _decided_later(walk, stage, word, parts):
    """`a or b` of numbers that carry a derivative: `a if a else b`."""
    (block, part), *rest = parts
    walk.run(block)
    first, target = walk.operand(part), Value()
    if not rest:
        return first

    def one():
        walk.assign(target, first)

    def other():
        walk.assign(target, _decided_later(walk, stage, word, rest))
    walk.choose(first, stage, *((one, other) if word == "or" else (other, one)))
    return walk.operand(target)


def _delete(walk, stage, operands):
    if stage.form.name == "item":
        objects.remove(walk, stage, *operands)
    else:
        walk.frame.env.pop(stage.operands[0], None)


_HANDLERS = {
    "alias": _alias, "define": _define, "read": _read, "copied": _copied, "effect": _effect, "decide": _decide,
    "delete": _delete, "call": calls.call, "invoke": calls.invoke, "method": calls.method,
    "collect": iteration.collect, "unpack": objects.unpack, "index": objects.index, "attr": objects.attribute,
    "setattr": objects.set_attribute, "store": memory.store, "augment": memory.augment,
}
