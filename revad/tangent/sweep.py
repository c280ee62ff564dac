"""Sweep: a typed Program with the tangent of each stage beside it, in the order of the program.

>>> import gast
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> program = lower_tree(gast.parse("def f(x, y):\\n    z = x * y\\n    return z * x").body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT, FLOAT], {"x", "y"}, Scope({}, {}, "f"))
>>> sweep, parameters = propagate(builder, typed, ("x", "y"))
>>> parameters, builder.stages[0], builder.stages[3]
((dx, dy), z = binary '*' (x, y), dz = binary '+' (_, _))
"""
from __future__ import annotations

from ..analysis.aliases import unshared
from ..builder.builder import Builder
from ..errors import RuleError, UnsupportedError, at
from ..ir.nodes import Branch, Form, Lit, Loop, Stage, Value
from ..ir.traversal import values_of
from ..rules.tangents import no_tangent
from ..types.kinds import is_stored_list
from ..types.parts import CONTAINERS, keys_of, kind_of_part
from ..types.refusals import RankUnknown, Refusal, diagnostic
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from .gates import gate_tangent
from .kinds import REAL, is_active, tangent_kind, tangent_name, tangent_parameter
from .loops import propagate_loop
from .branches import propagate_branch
from .selections import selections
from .structure import Tangents, filled, in_precision, is_single, is_uncertain


def propagate(builder, program, wrt, has_shapes=True):
    """(the Sweep of the program, whose builder then holds the stages; parameters for the tangents of wrt).

    has_shapes: lengths may be read from the tangents, which are those of one direction.
    """
    parameters = tuple(tangent_parameter(p) for name in wrt for p in program.parameters if p.name == name)
    tangents = Tangents({p: t for name, t in zip(wrt, parameters) for p in program.parameters
                         if p.name == name})
    own_names = {parameter.name for parameter in program.parameters}
    for parameter in parameters:        # lengths are read from parameters by their names
        while parameter.name in own_names:
            parameter.name += "_"
    if has_shapes:
        builder.models.extend(parameter for parameter in parameters if parameter.kind.tag == "array")
    block = tuple(builder.stages)
    builder.stages.clear()
    builder.numbers.clear()
    sweep = Sweep(builder, tangents)
    sweep.block(block, (program.result,))
    return sweep, parameters


class Sweep:
    """The stages of one block with their tangents; `tangents` are those of all values so far."""

    def __init__(self, builder, tangents):
        self.builder, self.tangents, self.selected = builder, tangents, {}

    def inside(self):
        """A Sweep for a block of a branch or loop."""
        return Sweep(Builder(outer=self.builder), self.tangents)

    def block(self, stages, ends):
        """Append stages with their tangents; ends: what is read of the block from outside."""
        self.selected = selections(stages, ends, self.builder.definitions)
        for stage in stages:
            self.guarded(stage, self.stage)

    def guarded(self, stage, write):
        """Write a stage; a refusal names its place."""
        try:
            write(stage)
        except (Refusal, RankUnknown, Unknown, RuleError) as error:
            raise UnsupportedError([diagnostic(stage, error)]) from None
        except Exception as error:
            at(getattr(stage, "place", None), error)
            raise

    def stage(self, stage):
        builder = self.builder
        builder.place = stage.place if stage.statement is None else stage.statement.place
        if isinstance(stage, Branch):
            propagate_branch(self, stage)
            return
        if isinstance(stage, Loop):
            propagate_loop(self, stage)
            return
        start = len(builder.stages)
        builder.append(stage, _key(stage))
        if not any(map(is_active, stage.targets)) or is_truncated(stage):
            return
        if stage.form.kind == "unpack":
            self.unpack(stage)
            return
        tangent = self.tangent(stage)
        if tangent is None:
            return
        self.tangents[stage.target] = tangent if isinstance(tangent, dict) else self.finished(
            stage.target, tangent, start, stage.form.kind == "alias")
        self.order(stage, start)

    # ---- the tangent of one stage

    def tangent(self, stage):
        """The tangent of the target: an operand, a symbol, a dict of parts, or None."""
        form, builder, tangents = stage.form, self.builder, self.tangents
        target = stage.target
        if form.kind == "alias":
            if target.kind.tag == "stack" and is_stored_list(kind_of_operand(stage.operands[0])):
                no_tangent("list that is returned")
            return tangents.get(stage.operands[0])
        if form.kind == "attr" and kind_of_operand(stage.operands[0]).tag in CONTAINERS:
            return tangents.part(builder, stage.operands[0], tangents.get(stage.operands[0]), form.name)
        if form.kind in ("tuple", "list") and target.kind.tag == "stack":
            return self.new_list(stage)
        if form.kind in ("tuple", "list", "dict") and target.kind.tag in CONTAINERS:
            return self.container(stage)
        if form.kind == "push":
            return self.push(stage)
        if form.kind == "store":
            return self.store(stage)
        if form.kind == "ifexp":
            return self.choice(stage)
        if form.kind == "index" and stage.gate is None:
            return self.element(stage)
        if stage.gate is None:
            no_tangent("expression")
        if stage.gate.mode == "zero":
            return None
        tangent = gate_tangent(builder, stage, tangents, self.selected.get(target))
        if isinstance(tangent, tuple):
            return {number: builder.operand(part) for number, part in enumerate(tangent) if part is not None}
        return tangent

    def container(self, stage):
        form = stage.form
        if form.name == "*":
            no_tangent("starred element")
        keys = form.keywords if form.kind == "dict" else range(len(stage.operands))
        return {key: self.tangents.get(operand) for key, operand in zip(keys, stage.operands)
                if self.tangents.get(operand) is not None}

    def new_list(self, stage):
        elements = tuple(self.tangents.full(self.builder, operand) for operand in stage.operands)
        return self.appended(stage, elements)

    def push(self, stage):
        base, value = stage.operands[:2]
        return self.appended(stage, (self.tangents.full(self.builder, base),
                                     self.tangents.full(self.builder, value)))

    def appended(self, stage, operands):
        """The same form with other operands, whose result is of the kind of the target's tangent."""
        tangent = Value(None, kind=tangent_kind(stage.target.kind))
        self.builder.append(Stage((tangent,), stage.form, operands, place=stage.place))
        return tangent

    def store(self, stage):
        """The same store into the tangent of the array, of the tangent of what is stored."""
        base, value, *holes = stage.operands
        builder, tangents = self.builder, self.tangents
        if stage.form.name and tangents.get(value) is None:
            return tangents.get(base)
        if tangents.get(base) is None and tangents.get(value) is None:
            return None
        operand = tangents.get(value)
        operand = Lit(0) if operand is None else tangents.full(builder, value)
        tangent = Value(None, kind=tangent_kind(stage.target.kind))
        into = tangents.full(builder, base)
        builder.forget(into)
        builder.append(Stage((tangent,), stage.form, (into, operand, *holes), place=stage.place))
        return tangent

    def choice(self, stage):
        condition, *sides = stage.operands
        return self.builder.symbol(self.builder.emit(
            Form("ifexp"), (condition, *(self.tangents.full(self.builder, side) for side in sides))))

    def element(self, stage):
        base = stage.operands[0]
        tangent = self.tangents.get(base)
        if tangent is None:
            return None
        if base.kind.tag in CONTAINERS:
            if isinstance(tangent, dict):
                key = self.key(stage)
                if isinstance(key, slice):
                    keys = range(len(base.kind.items))[key]
                    return {i: tangent[k] for i, k in enumerate(keys) if k in tangent}
                return tangent.get(key)
        tangent = tangent if base.kind.tag == "stack" or base.kind.tag in CONTAINERS \
            else self.tangents.full(self.builder, base)
        return self.builder.symbol(self.builder.emit(stage.form, (tangent, *stage.operands[1:])))

    def key(self, stage):
        """The key or position of an element of a container, or a slice of positions."""
        builder, base = self.builder, stage.operands[0]
        item, = stage.form.spec
        if item.kind == "at":
            key = builder.static(stage.operands[item.holes[0]])
            return key + len(base.kind.items) if base.kind.tag != "dict" and key < 0 else key
        return slice(*(None if hole is None else builder.static(stage.operands[hole]) for hole in item.holes))

    def unpack(self, stage):
        """Each target is a part of the value that is unpacked."""
        value, builder = stage.operands[0], self.builder
        tangent = self.tangents.get(value)
        if tangent is None:
            return
        if stage.form.spec is not None and any(stage.form.spec):
            no_tangent("starred target")
        for number, target in enumerate(stage.targets):
            start = len(builder.stages)
            part = tangent.get(number) if isinstance(tangent, dict) else builder.symbol(tangent)[number]
            if part is not None and is_active(target):
                self.tangents[target] = part if isinstance(part, dict) else self.finished(target, part, start)

    # ---- shape, precision and name

    def finished(self, value, tangent, start, is_alias=False):
        """A tangent in the precision of its value, named after it; it broadcasts to the value's shape.

        is_alias: another name for a value has another one for its tangent.
        """
        builder = self.builder
        operand = builder.operand(tangent)
        if value.kind.numeric:
            operand = in_precision(builder, builder.symbol(operand), value.kind)
            definition = builder.definitions.get(operand)
            if value.kind.tag == "number" and isinstance(definition, Stage) and operand.kind.rank == 0 \
                    and definition.form.kind in ("binary", "unary"):     # arithmetic gives numbers
                operand.kind = operand.kind._replace(tag="number")
        if isinstance(operand, Lit):
            return operand
        name, hint = tangent_name(value)
        if name is None or operand.name == name:
            if operand.name is None and any(operand in s.targets for s in builder.stages[start:]):
                operand.hint = hint
            return operand
        if operand.name is None and any(operand in stage.targets for stage in builder.stages[start:]):
            operand.name = name
            return operand
        return builder.named(operand, name) if is_alias or operand.name is None else operand

    def order(self, stage, start):
        """Move a stage behind its tangent where that reads what the stage assigns anew, as in x = x**2."""
        builder, target = self.builder, stage.target
        added = [new for new in builder.stages[start:] if new is not stage]
        if target.name is None or not added:
            return
        if not any(target in new.operands for new in added):
            if self.reads_name(added, target):
                builder.stages.remove(stage)
                builder.stages.append(stage)
            return
        for new in added:
            for operand in new.operands:
                if isinstance(operand, Value) and operand.name is None and operand.hint \
                        and operand in {t for s in builder.stages[:start] for t in s.targets} \
                        and builder.is_backward(operand) \
                        and self.reads_name([builder.definitions[operand]], target):
                    operand.name = operand.hint

    def reads_name(self, stages, target):
        """Whether lines read another value of the target's name, also inside the values that they read."""
        seen, work = set(), [o for stage in stages for o in values_of(stage.operands)]
        while work:
            operand = work.pop()
            if operand is target or operand in seen:
                continue
            seen.add(operand)
            if operand.name == target.name:
                return True
            definition = self.builder.definitions.get(operand)
            if operand.name is None and isinstance(definition, Stage):
                work += values_of(definition.operands)
        return False


def is_truncated(stage):
    """Whether floats end in an array of integers, whose elements change in steps."""
    if stage.gate is None or not stage.target.kind.integral:
        return False
    return any(o.varied and kind_of_operand(o).dtype in REAL for o in values_of(stage.operands))


def _key(stage):
    return (stage.form, stage.operands) if len(stage.targets) == 1 else None


def in_parts(builder, value, tangent):
    """The tangent of a container that is one value, as a dict of its parts."""
    kind = kind_of_operand(value)
    if kind.tag not in CONTAINERS or not isinstance(tangent, (Value, dict)):
        return tangent
    tangents = Tangents({value: tangent})
    parts = {key: tangents.part(builder, value, tangent, key) for key in keys_of(kind)}
    return {key: in_parts(builder, Value(None, kind=kind_of_part(kind, key)), part_tangent)
            for key, part_tangent in parts.items() if part_tangent is not None}


def result_tangent(sweep, program, parameters):
    """The tangent of the result: its structure, with zeros where nothing is active.

    The scope notes whether only running shows its precision: a number may be one of Python's or of NumPy's.
    """
    result, builder = program.result, sweep.builder
    has_singles = any(is_single(parameter.kind) for parameter in program.parameters)
    builder.scope.mixes_precisions = is_uncertain(kind_of_operand(result), has_singles)
    tangent = filled(builder, result, in_parts(builder, result, sweep.tangents.get(result)))
    return unshared(builder, tangent, {*program.parameters, *parameters})
