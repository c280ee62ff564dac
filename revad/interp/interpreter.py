"""Interpreter: follows a Program of variables and emits typed stages in which each value is defined once.

Every assignment makes a new value with its kind; a branch that kinds and settings decide keeps one
side; calls of functions with source are followed (see `calls`).

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

from ..analysis import memory_order
from ..builder.scatter import is_last_known
from ..builder.symbols import computes
from ..errors import Rejected, UnsupportedError, at
from ..ir.nodes import Branch, Form, Lit, Stage, Unset, Value
from ..ir.traversal import targets_of
from ..ir.untyped import Act, Each, While
from ..syntax import gast_of
from ..types.constants import evaluate
from ..types.inference import Inferred, function_of, infer
from ..types.kinds import UNKNOWN, in_words
from ..types.refusals import RankUnknown, Refusal, at_the_call, diagnostic
from ..types.requirements import FAILS, Fails, of_stage
from ..types.scope import NameMissing, Unknown
from ..types.shape_rules import kind_of_operand
from . import (
    boolean_ops,
    calls,
    container_methods,
    containers,
    dynamic_lists,
    exceptions,
    inline,
    list_arithmetic,
    one_element,
    opaque,
    outline,
    real_powers,
    stores,
)
from .active_integers import ActiveIntegers, has_dtype_of
from .branches import JUMPS, BranchInterpreter
from .environment import (
    BREAK,
    NEXT,
    RAISE,
    Closure,
    Frame,
    Raised,
    UnreadList,
    Unusable,
    object_of,
    object_value,
    returned,
)
from .loops import ahead, comprehensions, generators, iterables, rolled, stored_lists, turns
from .nonlocals import OutsideState, read
from .objects import attributes, protocols

TOO_DEEP = Refusal(
    "call",
    "calls go too deep in it: a function that calls itself, as often as values say that only running knows",
    "Write the recursion with a loop.")


class Interpreter(ActiveIntegers, BranchInterpreter):
    """Takes untyped stages in order; `builder` gets the typed ones."""

    # The modules call one another through the interpreter, so that none has to import another.
    parts, put, display = containers.parts, containers.put, containers.display
    with_element, element_key = containers.with_element, containers.element_key
    displayed_elements, element = containers.displayed_elements, containers.element
    static_of = containers.static_of
    elements, as_operand = iterables.elements, iterables.as_operand
    materialised, add_to_sum = comprehensions.materialised, comprehensions.add_to_sum
    generated = generators.as_list
    stored, propagate_store, fill_array = stores.store, stores.propagate_store, stores.fill_array
    augment, renew, roots = stores.augment, stores.renew, stores.roots
    latest_version, was_written = staticmethod(stores.latest_version), stores.was_written
    is_rederived = stores.is_rederived
    attribute, construct = attributes.attribute, attributes.construct
    set_attribute, put_attribute = attributes.set_attribute, attributes.put_attribute
    assign_attribute, assigned_attribute = attributes.assign_attribute, attributes.assigned_attribute
    first_assigned, read_assigned = attributes.first_assigned, attributes.read_assigned
    before_side = attributes.before_side
    is_assigned_attribute = attributes.is_assigned_attribute
    container_method = container_methods.container_method
    call_special, subscript, special_store = protocols.call_special, protocols.subscript, protocols.store
    truth, augmented_object, function_of_object = protocols.truth, protocols.augmented, protocols.function
    enter, follow, constant, invoke = inline.enter, inline.follow, inline.constant, calls.invoke
    outline_call, enter_closure = outline.outline_call, inline.enter_closure
    copied, respelled, typed, outside_value = (opaque.copied, opaque.respelled, opaque.typed,
                                               opaque.outside_value)

    def __init__(self, builder, layers=True):
        self.builder, self.outermost, self.frame = builder, builder, Frame()
        self.layers = layers      # whether called functions may become layers
        self.entered = []         # the functions that are being followed
        self.frames = [self.frame]
        self.problems, self.trials, self.depth = [], 0, 0
        self.nested = 0           # iterations of loops that are followed in branches
        self.taken = {}           # {condition: the side that is being followed}
        self.literals = {}        # {result of a branch: (its condition, the literal of each side or None)}
        self.attributes = {}      # {(object, name): the variable of an attribute that is assigned}
        self.instances = set()    # the texts of the objects that the function makes
        self.holders = {}         # {(object, name): the object}
        self.derived = set()      # views that were taken again after a store
        self.copied_objects = set()     # the texts of objects that a shallow copy shares its arrays with
        self.integers = {}        # {float: a small integer, as which the function has it}
        self.conversions = {}     # {float: the active integer that it is, beside a float of another side}
        self.is_in_float = False  # whether something is computed in float that the function has in integers
        self.later = {}           # {array or view: its version after the next store}
        self.choices = {}         # {container after a loop or of one side: the containers that it may be}
        self.rebuilt = {}         # {list or dict with another element, or its container: the one before}
        self.varied_keys = set()  # active integers that became keys of a dict
        self.mirrors = {}         # {array made from a view that was stored into: the base of the view}
        self.outside = OutsideState(builder.scope)
        self.flats = set()        # values of `.flat`
        self.read = None          # while items are computed ahead of time: what they are computed from
        self.read_attributes = {}     # {object: {name: value}} of the attributes that are read

    # ---- operands

    def operand(self, operand, frame=None):
        """The current value of an operand.  Refusal if it has none."""
        current = (operand if isinstance(operand, Lit)
                   else self.on_current_side((frame or self.frame).find(operand)))
        if self.read is not None and not isinstance(operand, Lit):
            ahead.note(self, frame or self.frame, operand)
        if isinstance(current, Unusable):
            raise Refusal(_description(operand), current.why, current.instead)
        if current is None or isinstance(current, Unset):
            raise Refusal(_description(operand), "it has no value here", "Give it a value before.")
        return current

    def assign(self, variable, operand):
        self.frame.assign(variable, operand)

    def run(self, stages, after=()):
        """Follow a block; an Exit if it ends early.  `after`: the stages after the block."""
        for position, stage in enumerate(stages):
            continues = isinstance(stage, (Branch, Each, While))
            try:
                exit = self.run_stage(stage, (*stages[position + 1:], *after) if continues else ())
            except Raised:
                exit = RAISE
            if exit is not None:
                return exit
            stored_lists.convert_filled(self, stage, lambda at=position: (*stages[at + 1:], *after))
        return None

    def run_stage(self, stage, continuation):
        """Follow one stage: an Exit if it ends the block, else None.

        continuation: of a branch or a loop, the stages after it.
        """
        stage = exceptions.with_statement_of_caller(self, stage)
        if isinstance(stage, (Branch, Each, While)):
            self.guarded(stage, lambda: self.in_float_before(stage))
            handler = self.branch if isinstance(stage, Branch) else functools.partial(rolled.loop, self)
            return self.guarded(stage, lambda: handler(stage, continuation))
        if isinstance(stage, Stage) and stage.form.kind in JUMPS:
            return self.jump(stage)
        return self.guarded(
            stage, lambda: opaque.act(self, stage) if isinstance(stage, Act) else self.stage(stage))

    def jump(self, stage):
        kind = stage.form.kind
        if kind == "return":
            if stage.operands[0] == Lit(None) and not self.depth and self.builder is not self.outermost:
                return opaque.raise_no_result(self, stage)
            return (self.guarded(stage, lambda: returned(self.operand(stage.operands[0])))
                    or returned(Lit(None)))
        return {"break": BREAK, "continue": NEXT, "raise": RAISE}[kind]

    def guarded(self, stage, action):
        """Record a refusal and go on, or raise it where another way is tried."""
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
        if problem not in self.problems:        # once, even if every iteration of a loop refuses it
            self.problems.append(problem)
        for target in stage.targets:
            self.assign(target, Value(target.name, kind=UNKNOWN))
        return None

    def attempt(self, action, keep=False):
        """The result of an action, or None where it refuses something: then its effects are undone.

        keep: raise the refusal as an UnsupportedError instead.
        """
        before, checkpoint = self.snapshot(), self.builder.checkpoint()
        scope, assumptions = self.builder.scope, self.builder.scope.assumptions()
        names = dict(self.attributes), dict(self.holders)
        read = {base: dict(variables) for base, variables in self.read_attributes.items()}
        self.trials += 1
        try:
            return action()
        except (UnsupportedError, Refusal, NameMissing, Unknown, RankUnknown) as error:
            self.restore(before)
            self.builder.rollback(checkpoint)
            scope.give_up(assumptions)
            (self.attributes, self.holders), self.read_attributes = names, read
            if keep:
                raise error
            return None
        finally:
            self.trials -= 1

    def snapshot(self):
        return (len(self.frames), [dict(frame.env) for frame in self.frames], self.frame, self.builder,
                dict(self.later))

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
        stored_lists.check(stage, operands)
        if self.builder.scope.uniform_lists:
            turns.note_operands(self, stage.form, operands)
        result = handler(self, stage, operands) if handler else self.evaluate_or_emit(stage, operands)
        if result is not None and stage.targets:
            is_call = stage.form.kind in ("call", "invoke", "method")
            is_result = is_call and getattr(result, "name", "") is None \
                and result in targets_of(self.builder.stages[start:])
            is_tried = (isinstance(result, Value) and result.name is None
                        and exceptions.in_try(stage.statement))
            if is_result or is_tried:
                # A call's result has the caller's name; in a `try` every value has a line.
                result.name = stage.target.name
            self.assign(stage.target, result)
            if stage.target.name is None:
                frame.before[stage.target] = result      # not its value of an earlier iteration
        if stage.form.kind in ("store", "augment"):
            frame.statement = ()        # the statement ends here: the next iteration may begin with the same

    def evaluate_or_emit(self, stage, operands):
        """A stage whose form stays: its kind and gate, or its value where that is known."""
        form = stage.form
        if form.kind in ("tuple", "list") and form.name == "*" and any(o.varied for o in operands):
            form, operands = list_arithmetic.unpacked(self, stage, operands)
        result = None
        if form.kind == "binary" and form.name in "+*|":
            result = list_arithmetic.combined(self, stage, operands)
        if result is not None:
            return result
        if form.kind in ("binary", "unary", "compare"):
            result = NotImplemented
            if any(kind_of_operand(o).tag == "object" for o in operands):
                result = protocols.operator(self, stage, operands)
            if result is not NotImplemented:
                return result
            known = evaluate(form, list(map(kind_of_operand, operands)))
            if known is not None \
                    and (form.kind == "compare" or form.name == "not" or type(known.value) is str):
                return Lit(known.value) if known.exact else self.emit(stage, form, operands, known)
            if known is not None and known.exact and type(known.value) in (int, bool) \
                    and all(isinstance(o, Lit) for o in operands) \
                    and not all(isinstance(o, Lit) for o in stage.operands):
                return Lit(known.value)
        if form.kind == "compare":      # a mask that the statement computes twice: x[x > 0] = 1 / x[x > 0]
            equal_mask = self.builder.known(form, operands)
            if equal_mask is not None and equal_mask.kind.rank \
                    and self.builder.definitions[equal_mask].statement is stage.statement:
                return equal_mask
        return self.emit(stage, form, operands)

    def emit(self, stage, form, operands, known=None, name=None):
        """Append the typed stage of a form, and return its value."""
        operands = tuple(iterables.as_operand(self, stage, operand) for operand in operands)
        operands = dynamic_lists.with_assertions(self, stage, form, operands)
        operands = one_element.with_numbers(self, stage, form, operands)
        self.refuse_compile_time_objects(form, operands)
        if form.kind in ("method", "attr") and operands[0] in self.integers:
            operands = (self.as_numpy_float(stage, operands[0]), *operands[1:])
        inferred, demanded = self.inferred(stage, form, operands)
        demanded = [*demanded, *dynamic_lists.demands_of_elements(self, form, operands)]
        integers = self.as_integers(stage, form, operands) or inferred.kind
        is_narrow = any(operand.varied and kind_of_operand(operand).narrow for operand in operands)
        is_lifted = inferred.varied and inferred.gate is not None and is_narrow and computes(form)
        if is_lifted:
            if form.kind == "call" and "casting" in form.keywords:
                # The cast that it forbids was checked; the conversion to float is no cast of the user's.
                form, operands = one_element.without_keyword(form, operands, "casting")
            real_powers.refuse_integers(inferred.gate, inferred.bound)
            # A float of NumPy's that the stage makes stays one, with its methods.
            kind = inferred.kind
            is_numpy_float = kind.tag == "number" and not kind.weak and kind.dtype == "d"
            function = function_of(self.builder.scope, self.builder.externals, form)
            has_methods = form.kind in ("method", "attr") or is_numpy_float and (
                form.kind in ("binary", "unary") or getattr(function, "__module__", "") == "_operator")
            operands = tuple(
                self.in_float(stage, operand, has_methods) if kind_of_operand(operand).narrow else operand
                for operand in operands)
            inferred, more = self.inferred(stage, form, operands)
            demanded = [*demanded, *more]
        kind = inferred.kind
        if known is not None:
            kind = kind._replace(known=known, tag=_tag(known, kind))
        kind = self.builder.scope.settled(kind)
        hint = inferred.gate and (inferred.gate.hint or inferred.gate.name)
        name = name or (stage.targets[0].name if stage.targets else None)
        value = Value(name, hint, kind, inferred.varied)
        # Of arithmetic alone the kinds are exact: of other functions they are those of floats.
        has_dtype = has_dtype_of(kind, integers) and (not is_lifted or form.kind in ("binary", "unary"))
        self.is_in_float |= inferred.varied and not has_dtype
        if integers.narrow and not kind.narrow:
            self.integers[value] = Value(kind=integers, varied=inferred.varied)
        typed = Stage((value,), form, operands, stage.statement, stage.place, inferred.gate, inferred.bound,
                      tuple(demanded),
                      memory_order.may_show_memory(self, form, operands, inferred.gate))
        memory_order.refuse_unknown(self, typed)
        is_active_store = form.kind == "store" and (operands[1].varied or form.name) and inferred.varied
        if is_active_store and not form.name.startswith("at") and not is_last_known(self.builder, typed):
            raise Refusal("store into a subscript", "an element may be in it twice, and the last value wins",
                          "Use np.add.at to add up, or a mask, a slice or np.arange(n) as the subscript.")
        real_powers.guard_power(self, stage, inferred.gate, inferred.bound, kind)
        self.builder.append(typed, (form, operands))
        return value

    def inferred(self, stage, form, operands):
        """What inference says of a stage, and its demands.

        On a side of a branch, a stage that surely raises ends the side.
        """
        scope, externals = self.builder.scope, self.builder.externals
        return self.followed_where_it_runs(
            stage, form, operands, lambda: infer(scope, externals, form, operands))

    def followed_where_it_runs(self, stage, form, operands, infer):
        """As `inferred`, of the result of `infer`."""
        scope = self.builder.scope
        try:
            with of_stage(scope) as demanded:
                return infer(), demanded
        except (Fails, Refusal) as error:
            if isinstance(error, Refusal) and not (
                    scope.lenient and self.taken
                    and error.raises in (ValueError, IndexError, AttributeError)):
                raise
            self.refuse_unwritable(operands)      # the line that raises stands in the text
            if self.taken:
                self.end_with_raise(stage, form, operands,
                                    (error.what, error.why, error.instead) if isinstance(error, Refusal)
                                    else error.args)
        with of_stage(scope, True):     # the line stands in the text, and raises when it runs
            try:
                return infer(), [FAILS]
            except (ArithmeticError, LookupError):      # what raises may have no kind
                return Inferred(None, None, UNKNOWN, any(operand.varied for operand in operands)), [FAILS]

    def end_with_raise(self, stage, form, operands, reason):
        """A stage on one side of a branch that raises wherever it runs: the side ends there."""
        targets = tuple(Value(None, kind=UNKNOWN) for _ in stage.targets or [None])
        failing = Stage(targets, form, operands, stage.statement, stage.place, demands=(FAILS,))
        self.builder.append(failing)
        unreachable = gast_of("raise AssertionError('unreachable')").body[0]
        place = Rejected(**vars(stage.place or stage.statement.place), reason=reason)
        self.builder.append(
            Stage((), Form("effect", spec=unreachable), (), stage.statement._replace(place=place), place))
        raise Raised

    def refuse_compile_time_objects(self, form, operands):
        """Refuse a compile-time object in an expression: it cannot stand in the text."""
        if form.kind not in containers.CONTAINERS \
                and any(isinstance(object_of(operand), UnreadList) for operand in operands):
            raise UnreadList.refused()
        if form.kind in ("binary", "unary", "compare", "call", "method"):
            self.refuse_unwritable(operands)
        elif form.kind in ("index", "attr") and kind_of_operand(operands[0]).tag not in containers.CONTAINERS:
            self.refuse_unwritable(operands[:1])

    def refuse_unwritable(self, operands):
        """Refuse compile-time objects among the operands of a stage that has to stand in the text."""
        for operand in operands:
            kind = _compile_time_kind(kind_of_operand(operand))
            if kind is not None and (operand not in self.builder.definitions
                                     or operand.kind.tag in containers.CONTAINERS):
                raise Refusal("expression", f"it uses {in_words(kind)} that is made in the function",
                              "Write it with numbers and arrays.")

    def make(self, stage, form, operands):
        """As `emit`, for a value without a name."""
        return self.emit(Stage((Value(),), form, (), stage.statement, stage.place), form, operands)


def _compile_time_kind(kind):
    """The kind of a compile-time object, of the value itself or of one that it holds; None for others."""
    if kind.tag in containers.CONTAINERS:
        return next(filter(None, map(_compile_time_kind, kind.items)), None)
    is_made_here = (kind.tag in ("object", "function", "iterator") and kind.known is not None
                    and kind.known.text.startswith("?"))
    return kind if is_made_here else None


def _description(variable):
    return f"name {variable.name!r}" if variable.name else "value"


def _tag(known, kind):
    return "static" if type(known.value) in (str, type(None)) else kind.tag


# ---- handlers of forms

def _alias(interp, stage, operands):
    operand = operands[0]
    kind = kind_of_operand(operand)
    if kind.tag in ("function", "iterator", "object") \
            or stage.target.name is None and not isinstance(operand, Lit):
        return operand
    if isinstance(operand, Lit) and stage.target.name is None:
        return operand
    definition = interp.builder.definitions.get(operand)
    is_recent = isinstance(definition, Stage) and definition in interp.builder.stages[-8:] \
        and definition.statement is stage.statement
    if isinstance(operand, Value) and operand.name is None and is_recent:
        operand.name = stage.target.name        # of `a, b = f(x), g(x)`
        return operand
    return interp.emit(stage, Form("alias"), operands)


def _define(interp, stage, operands):
    program, defaults = inline.nested(*stage.form.spec), []
    # A default that calls may change is a variable of the frame, so that the next call sees the change.
    for operand in operands:
        if kind_of_operand(operand).tag not in ("number", "static", "function"):
            interp.frame.env[variable := Value()] = operand
            operand = variable
        defaults.append(operand)
    return object_value(Closure(program, interp.frame, tuple(defaults)))


def _read(interp, stage, operands):
    path = interp.frame.rename(stage.form.name)
    head, _, name = path.rpartition(".")
    base = interp.outside_value(stage, head) if head else None
    if base is not None:
        return attributes.attribute(interp, dataclasses.replace(stage, form=Form("attr", name)), (base,))
    return read(interp, stage, path)


def _effect(interp, stage, operands):
    """An assert or raise, as it stands."""
    opaque.effect(interp, stage, operands)


def _delete(interp, stage, operands):
    if stage.form.name == "item":
        containers.remove(interp, stage, *operands)
    elif stage.form.name == ".":
        raise Refusal("'del' of an attribute",
                      "the gradient does not follow objects that lose their attributes", "Leave it out.")
    else:
        interp.frame.env.pop(stage.operands[0], None)


_HANDLERS = {
    "alias": _alias, "text": opaque.text, "define": _define, "read": _read, "copied": opaque.copied,
    "effect": _effect, "decide": boolean_ops.decide, "delete": _delete, "import": exceptions.imported,
    "yield": generators.yield_item, "call": calls.call, "invoke": calls.invoke, "method": calls.method,
    "collect": comprehensions.collect, "unpack": containers.unpack, "index": containers.index,
    "attr": attributes.attribute, "setattr": attributes.set_attribute,
    "store": stores.store, "augment": stores.augment,
}
