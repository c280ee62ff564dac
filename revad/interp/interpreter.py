"""Interpreter: follows a Program through its variables, giving typed stages in which each value is defined once.

Every assignment makes a new value with its kind; conditions that the kinds and settings decide
leave one side; calls of functions with source are followed into (see `calls`).

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> x, f = Value("x"), Form("binary", "*")
>>> interp = Interpreter(Builder(Scope({}, {}, "f")))
>>> interp.frame.assign(x, Value("x", None, FLOAT, True))
>>> interp.run((Stage((x,), f, (x, x)), Stage((), Form("return"), (x,)))).value, interp.builder.stages
(x, [x = binary '*' (x, x)])
"""
from __future__ import annotations

import dataclasses
import functools

import gast

from ..analysis import memory_order
from ..builder.scatter import is_last_known
from ..builder.symbols import computes
from ..errors import UnsupportedError, at
from ..ir.nodes import Branch, Form, Lit, Stage, Unset, Value
from ..ir.traversal import targets_of
from ..ir.untyped import Act, Each, While
from ..types.constants import evaluate
from ..types.inference import infer
from ..types.kinds import INTEGERS, UNKNOWN, in_words
from ..types.refusals import RankUnknown, Refusal, at_the_call, diagnostic
from ..types.requirements import FAILS, Fails, of_stage
from ..types.scope import NameMissing, Unknown
from ..types.shape_rules import kind_of_operand
from . import (
    boolean_ops,
    calls,
    container_methods,
    containers,
    exceptions,
    inline,
    list_arithmetic,
    one_element,
    opaque,
    outline,
    real_powers,
    stores,
)
from .branches import JUMPS, BranchInterpreter
from .environment import BREAK, NEXT, RAISE, Closure, Frame, Raised, UnreadList, Unusable, held, holding, returned
from .loops import ahead, comprehensions, generators, iterables, rolled
from .nonlocals import OutsideState, read
from .objects import attributes, protocols

TOO_DEEP = Refusal("call", "calls go too deep in it: a function that calls itself, as often as values say that only running knows",
                   "Write the recursion with a loop.")


class Interpreter(BranchInterpreter):
    """Takes untyped stages in order; `builder` gets the typed ones."""

    # What the modules ask of one another, each a function of the interpreter: so none has to import another.
    parts, put, display, with_element = containers.parts, containers.put, containers.display, containers.with_element
    element_key, shown_parts, element, static_of = containers.element_key, containers.shown_parts, containers.element, containers.static_of
    elements, as_operand = iterables.elements, iterables.as_operand
    materialised, add_to_sum, generated = comprehensions.materialised, comprehensions.add_to_sum, generators.listed
    stored, changed, filled, augment, renew = stores.store, stores.changed, stores.filled, stores.augment, stores.renew
    roots, now, is_taken_again, was_written = stores.roots, staticmethod(stores.now), stores.is_taken_again, stores.was_written
    attribute, construct = attributes.attribute, attributes.construct
    set_attribute, put_attribute, assign_attribute = attributes.set_attribute, attributes.put_attribute, attributes.assign_attribute
    first_assigned, read_assigned = attributes.first_assigned, attributes.read_assigned
    assigned_attribute, container_method = attributes.assigned_attribute, container_methods.container_method
    special, subscript, special_store = protocols.called, protocols.subscript, protocols.store
    truth, augmented_object, function_of_object = protocols.truth, protocols.augmented, protocols.function
    enter, follow, constant, invoke = inline.enter, inline.follow, inline.constant, calls.invoke
    outlined, enter_closure = outline.outlined, inline.enter_closure
    copied, respelled, typed, outside_value = opaque.copied, opaque.respelled, opaque.typed, opaque.outside_value

    def __init__(self, builder, layers=True):
        self.builder, self.whole, self.frame = builder, builder, Frame()
        self.layers, self.entered = layers, []      # whether functions stand on their own; those that are being followed
        self.frames = [self.frame]
        self.problems, self.trials, self.depth, self.nested = [], 0, 0, 0     # nested: rounds of loops that are followed in branches
        self.taken = {}           # the side of each branch that is being followed, by its condition
        self.literals = {}        # a number that a branch leaves: the branch's condition, and the literal that it is on each side or None
        self.attributes, self.holders = {}, {}      # (object, name): the variable of an attribute that is assigned; its object
        self.derived = set()      # views taken again after a write
        self.later = {}           # an array, and views of it: what a write has made of them
        self.rebuilt = {}         # a list or dict that got another element, and what holds it: the list or dict before
        self.varied_keys = set()  # integers that are differentiated, and became keys of a dict
        self.mirrors = {}         # arrays made of a view that was stored into: the array that it is a view of
        self.outside = OutsideState(builder.scope)
        self.flats = set()        # values of `.flat`
        self.read = None          # while items are made ahead of time: what they are made of
        self.read_attributes = {}     # object: {name: value} of the attributes that are read

    # ---- operands

    def operand(self, operand, frame=None):
        """What an operand stands for now.  Refusal if it stands for nothing."""
        found = operand if isinstance(operand, Lit) else self.on_this_side((frame or self.frame).find(operand))
        if self.read is not None and not isinstance(operand, Lit):
            ahead.note(self, frame or self.frame, operand)
        if isinstance(found, Unusable):
            raise Refusal(_named(operand), found.why, found.instead)
        if found is None or isinstance(found, Unset):
            raise Refusal(_named(operand), "it has no value here", "Give it a value before.")
        return found

    def assign(self, variable, operand):
        self.frame.assign(variable, operand)

    def run(self, stages, after=()):
        """Follow a block; an Exit if it does not end at its end.  `after`: the stages that come then."""
        for position, stage in enumerate(stages):
            rest = (*stages[position + 1:], *after)
            try:
                exit = self.followed(stage, rest)
            except Raised:
                exit = RAISE
            if exit is not None:
                return exit
        return None

    def followed(self, stage, rest):
        """How a stage ends the block, if it does."""
        stage = exceptions.marked(self, stage)
        if isinstance(stage, (Branch, Each, While)):
            self.guarded(stage, lambda: self.in_float_before(stage))
            follow = self.branch if isinstance(stage, Branch) else functools.partial(rolled.loop, self)
            return self.guarded(stage, lambda: follow(stage, rest))
        if isinstance(stage, Stage) and stage.form.kind in JUMPS:
            return self.jump(stage)
        return self.guarded(stage, lambda: opaque.act(self, stage) if isinstance(stage, Act) else self.stage(stage))

    def jump(self, stage):
        kind = stage.form.kind
        if kind == "return":
            if stage.operands[0] == Lit(None) and not self.depth and self.builder is not self.whole:
                return opaque.nothing(self, stage)
            return self.guarded(stage, lambda: returned(self.operand(stage.operands[0]))) or returned(Lit(None))
        return {"break": BREAK, "continue": NEXT, "raise": RAISE}[kind]

    def guarded(self, stage, action):
        """Note what is refused and go on, or hand it on where another way is tried then."""
        try:
            return action()
        except UnsupportedError as error:
            problem = at_the_call(stage, error.diagnostics[0])
            if self.trials or self.depth:
                raise error if problem is error.diagnostics[0] else UnsupportedError([problem])
        except (Refusal, NameMissing, RankUnknown, Unknown) as error:
            problem = diagnostic(stage, error)
            if self.trials or self.depth:
                raise UnsupportedError([problem]) from error
        except RecursionError:
            if self.depth:
                raise
            problem = diagnostic(stage, TOO_DEEP)
            if self.trials:
                raise UnsupportedError([problem]) from None
        except Exception as error:
            at(stage.place, error)
            raise
        if problem not in self.problems:        # once, in however many rounds it comes
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
        return len(self.frames), [dict(frame.env) for frame in self.frames], self.frame, self.builder, dict(self.later)

    def restore(self, before):
        count, envs, self.frame, self.builder, later = before
        self.later = dict(later)
        del self.frames[count:]
        for frame, env in zip(self.frames, envs):
            frame.env = dict(env)

    def stage(self, stage):
        handler, frame = _HANDLERS.get(stage.form.kind), self.frame
        if frame.statement is not stage.statement:
            frame.statement, frame.before = stage.statement, dict(frame.env)
        operands, start = tuple(map(self.operand, stage.operands)), len(self.builder.stages)
        found = handler(self, stage, operands) if handler else self.plain(stage, operands)
        if found is not None and stage.targets:
            called = stage.form.kind in ("call", "invoke", "method")
            if called and getattr(found, "name", "") is None and found in targets_of(self.builder.stages[start:]) \
                    or isinstance(found, Value) and found.name is None and exceptions.in_try(stage.statement):
                found.name = stage.target.name      # what a function returns has the caller's name; a line of its own in a `try`
            self.assign(stage.target, found)
            if stage.target.name is None:
                frame.before[stage.target] = found      # not what it was in another round
        if stage.form.kind in ("store", "augment"):
            frame.statement = ()        # the statement ends, and may be the next round's, too

    def plain(self, stage, operands):
        """A stage whose form stays: its kind and gate, or its value where that is known."""
        form = stage.form
        if form.kind in ("tuple", "list") and form.name == "*" and any(o.varied for o in operands):
            form, operands = list_arithmetic.laid_out(self, stage, operands)
        made = list_arithmetic.combined(self, stage, operands) if form.kind == "binary" and form.name in "+*|" else None
        if made is not None:
            return made
        if form.kind in ("binary", "unary", "compare"):
            made = protocols.operator(self, stage, operands) if any(kind_of_operand(o).tag == "object" for o in operands) else NotImplemented
            if made is not NotImplemented:
                return made
            known = evaluate(form, list(map(kind_of_operand, operands)))
            if known is not None and (form.kind == "compare" or form.name == "not" or type(known.value) is str):
                return Lit(known.value) if known.exact else self.emit(stage, form, operands, known)
            if known is not None and known.exact and type(known.value) in (int, bool) and all(
                    isinstance(o, Lit) for o in operands) and not all(isinstance(o, Lit) for o in stage.operands):
                return Lit(known.value)
        if form.kind == "compare":      # a mask that the statement computes twice: x[x > 0] = 1 / x[x > 0]
            same = self.builder.known(form, operands)
            if same is not None and same.kind.rank and self.builder.definitions[same].statement is stage.statement:
                return same
        return self.emit(stage, form, operands)

    def emit(self, stage, form, operands, known=None, name=None):
        """Append the typed stage of a form, and return its value."""
        operands = tuple(iterables.as_operand(self, stage, operand) for operand in operands)
        operands = one_element.read_out(self, stage, form, operands)
        self.refuse_unwritten(form, operands)
        found, demanded = self.inferred(stage, form, operands)
        if found.varied and found.gate is not None and any(operand.varied and kind_of_operand(operand).narrow for operand in operands) \
                and computes(form):
            if form.kind == "call" and "casting" in form.keywords:      # what it forbids has been seen; numbers in float are no cast of the user's
                form, operands = one_element.without_keyword(form, operands, "casting")
            real_powers.refuse_integers(found.gate, found.bound)
            operands = tuple(self.in_float(stage, operand) if kind_of_operand(operand).narrow else operand for operand in operands)
            found, more = self.inferred(stage, form, operands)
            demanded = [*demanded, *more]
        kind = self.builder.scope.settled(found.kind if known is None else found.kind._replace(known=known, tag=_tag(known, found.kind)))
        hint = found.gate and (found.gate.hint or found.gate.name)
        name = name or (stage.targets[0].name if stage.targets else None)
        value = Value(name, hint, kind, found.varied)
        typed = Stage((value,), form, operands, stage.statement, stage.place, found.gate, found.bound, tuple(demanded),
                      memory_order.may_show_memory(self, form, operands, found.gate))
        memory_order.refuse_unknown(self, typed)
        if form.kind == "store" and (operands[1].varied or form.name) and found.varied and not form.name.startswith("at") \
                and not is_last_known(self.builder, typed):
            raise Refusal("store into a subscript", "an element may be in it twice, and the last value wins",
                          "Use np.add.at to add up, or a mask, a slice or np.arange(n) as the subscript.")
        real_powers.guard_power(self, stage, found.gate, found.bound, kind)
        self.builder.append(typed, (form, operands))
        return value

    def inferred(self, stage, form, operands):
        """What a stage is, and what it demands.  One that surely raises ends the side of a branch that it stands on."""
        scope, externals = self.builder.scope, self.builder.externals
        try:
            with of_stage(scope) as demanded:
                return infer(scope, externals, form, operands), demanded
        except (Fails, Refusal) as error:
            if isinstance(error, Refusal) and not (scope.lenient and self.taken and error.raises in (ValueError, IndexError, AttributeError)):
                raise
            if self.taken:
                self.surely_raised(stage, form, operands)
        with of_stage(scope, True):     # the line stands in the text, and raises if it has to
            return infer(scope, externals, form, operands), [FAILS]

    def surely_raised(self, stage, form, operands):
        """A stage on one side of a branch that raises wherever it runs: the side ends there."""
        self.builder.append(Stage((Value(None, kind=UNKNOWN),), form, operands, stage.statement, stage.place, demands=(FAILS,)))
        self.builder.append(Stage((), Form("effect", spec=gast.parse("raise AssertionError('unreachable')").body[0]), (),
                                  stage.statement, stage.place))
        raise Raised

    def in_float(self, stage, operand):
        """The value of a parameter of integers as that of a real number, at which it is differentiated."""
        if not (operand.varied and kind_of_operand(operand).whole):
            return operand
        to_float = self.builder.operand(float)
        form, operands = (Form("method", "astype"), (operand, to_float)) if operand.kind.tag == "array" else (Form("call", "@float"), (operand,))
        known = self.builder.known(form, operands)
        return known if known is not None else self.emit(Stage((Value(operand.name),), form, (), stage.statement, stage.place), form, operands)

    def in_float_beside(self, stage, value, other):
        """A value of integers that are differentiated, in float where it stands in the place of one of floats."""
        if isinstance(value, Value) and value.varied and value.kind.whole and isinstance(other, (Value, Lit)) \
                and kind_of_operand(other).numeric and kind_of_operand(other).dtype not in INTEGERS:
            return self.in_float(stage, value)
        return value

    def in_float_before(self, block):
        """Integers that are differentiated and that a block may give other values: they are floats from there on."""
        for variable in _assigned(block):
            value = self.frame.env.get(variable)
            if isinstance(value, Value) and value.varied and value.kind.narrow:
                self.assign(variable, self.in_float(block, value))

    def refuse_unwritten(self, form, operands):
        """What exists only while the function is followed cannot stand in the text."""
        if form.kind not in ("tuple", "list", "dict") and any(isinstance(held(operand), UnreadList) for operand in operands):
            raise UnreadList.refused()
        for operand in operands if form.kind in ("binary", "unary", "compare", "call", "method") else ():
            kind = _unwritten(kind_of_operand(operand))
            if kind is not None and (operand not in self.builder.definitions or operand.kind.tag in ("list", "tuple", "dict")):
                raise Refusal("expression", f"it uses {in_words(kind)} that is made in the function",
                              "Write it with numbers and arrays.")

    def make(self, stage, form, operands):
        """As `emit`, for a value without a name."""
        return self.emit(Stage((Value(),), form, (), stage.statement, stage.place), form, operands)


def _assigned(block):
    """The variables that the statements of a loop or branch give a value."""
    parts = (block.then, block.orelse) if isinstance(block, Branch) else (block.body, block.orelse)
    for stage in (stage for part in parts for stage in part):
        yield from _assigned(stage) if isinstance(stage, (Branch, Each, While)) else stage.targets


def _unwritten(kind):
    """The kind of what exists only while the function is followed: that of a value, or of what it holds; None of others."""
    if kind.tag in ("list", "tuple", "dict"):
        return next(filter(None, map(_unwritten, kind.items)), None)
    made = kind.tag in ("object", "function", "iterator") and kind.known is not None and kind.known.text.startswith("?")
    return kind if made else None


def _named(variable):
    return f"name {variable.name!r}" if variable.name else "value"


def _tag(known, kind):
    return "static" if type(known.value) in (str, type(None)) else kind.tag


# ---- forms with a meaning of their own

def _alias(interp, stage, operands):
    operand = operands[0]
    kind = kind_of_operand(operand)
    if kind.tag in ("function", "iterator", "object") or stage.target.name is None and not isinstance(operand, Lit):
        return operand
    if isinstance(operand, Lit) and stage.target.name is None:
        return operand
    made = interp.builder.definitions.get(operand)
    if isinstance(operand, Value) and operand.name is None and isinstance(made, Stage) and made in interp.builder.stages[-8:] \
            and made.statement is stage.statement:
        operand.name = stage.target.name        # of `a, b = f(x), g(x)`
        return operand
    return interp.emit(stage, Form("alias"), operands)


def _define(interp, stage, operands):
    program, defaults = inline.nested(*stage.form.spec), []
    for operand in operands:        # what is changed in one call is so in the next: a name of the frame, as others of it are
        if kind_of_operand(operand).tag not in ("number", "static", "function"):
            interp.frame.env[variable := Value()] = operand
            operand = variable
        defaults.append(operand)
    return holding(Closure(program, interp.frame, tuple(defaults)))


def _read(interp, stage, operands):
    path = interp.frame.rename(stage.form.name)
    head, _, name = path.rpartition(".")
    base = interp.outside_value(stage, head) if head else None
    if base is not None:
        return attributes.attribute(interp, dataclasses.replace(stage, form=Form("attr", name)), (base,))
    return read(interp, stage, path)


def _effect(interp, stage, operands):
    """An assert or raise: as it stands."""
    opaque.effect(interp, stage, operands)


def _delete(interp, stage, operands):
    if stage.form.name == "item":
        containers.remove(interp, stage, *operands)
    elif stage.form.name == ".":
        raise Refusal("'del' of an attribute", "the gradient does not follow objects that lose their attributes", "Leave it out.")
    else:
        interp.frame.env.pop(stage.operands[0], None)


_HANDLERS = {
    "alias": _alias, "text": opaque.text, "define": _define, "read": _read, "copied": opaque.copied, "effect": _effect, "decide": boolean_ops.decide,
    "delete": _delete, "import": exceptions.imported, "yield": generators.give, "call": calls.call, "invoke": calls.invoke, "method": calls.method,
    "collect": comprehensions.collect, "unpack": containers.unpack, "index": containers.index, "attr": attributes.attribute,
    "setattr": attributes.set_attribute, "store": stores.store, "augment": stores.augment,
}
