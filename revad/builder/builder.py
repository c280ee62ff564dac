"""The builder appends stages to a block and infers the gate and the kind of each.

The forward part goes in as the user wrote it.  The stages of rules are simplified first (`simplify`)
and value-numbered: a value that was computed before is reused.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Value
>>> builder = Builder()
>>> x = builder.symbol(Value("x", kind=FLOAT))
>>> (1 * x).operand, (x * x).operand is (x * x).operand
(x, True)
"""
from __future__ import annotations

import numpy as np

from ..ir.nodes import BLOCKS, Call, Form, Lit, Stage, Value
from ..ir.traversal import walk
from ..types.inference import infer
from ..types.requirements import of_stage
from ..types.scope import Scope
from ..types.shape_rules import kind_of_operand, static_value
from .scalars import spelled_plainly
from .simplify import simplify
from .symbols import Symbol

PURE = frozenset(("binary", "unary", "compare", "call", "method", "attr", "index", "tuple", "list", "read",
                  "copied", "ifexp"))


# These allocate arrays that are stored into, so two calls must not share one value.
MAKERS = frozenset(("zeros", "zeros_like", "ones", "ones_like", "empty", "empty_like", "ndarray", "full",
                    "full_like", "copy"))


class Builder:
    """One block under construction; blocks of branches get builders of their own."""

    def __init__(self, scope=None, outer=None):
        self.outer = outer
        self.scope = scope or (outer.scope if outer else Scope({}, {}, ""))
        self.stages = []
        self.plain_numbers = outer.plain_numbers if outer else False
        self.mark = 0       # where the stages of the current statement begin
        self.keeps_names = False        # whether a gradient keeps the name of its own value
        self.place = outer.place if outer else None     # the user's line that new stages belong to
        self.externals = outer.externals if outer else {}
        self.numbers = dict(outer.numbers) if outer else {}
        self.definitions = dict(outer.definitions) if outer else {}
        self.models = outer.models if outer else []
        # Whether the gradient of an object is a dict of those of its attributes, not a namespace.
        self.objects_as_dicts = False
        self.closed = outer.closed if outer else False      # a layer's body: it sees no names of arguments
        self._forward = outer._forward if outer else set()
        # Of the outermost builder: operands of functions of infinite slope, see `finite`.
        self.before_roots = None
        self._suggested = outer._suggested if outer else set()
        # Of a value: whether a choice, a truth value or a store is among what it is computed from.
        self.masked = outer.masked if outer else {}
        self.attributes = outer.attributes if outer else {}      # object: {name: value} of attributes read

    def of_layer(self, inputs):
        """A builder for the backward pass of a layer, which sees nothing but its inputs."""
        builder = Builder(outer=self)
        builder.closed, builder.models, builder.numbers = True, list(inputs), {}
        return builder

    # ---- what rules write ----

    def emit(self, form, operands):
        """Append a stage (or reuse a simpler form, or the same value) and return its value."""
        if self.plain_numbers and form.kind == "call" and form.name.startswith("@np."):
            plain = spelled_plainly(self, form, operands)
            if plain is not None:
                return plain
        simple = simplify(self, form, operands)
        if simple is not None:
            return simple
        return self._append_new(form, operands)

    def unsimplified(self, form, operands):
        """Append a stage as it stands."""
        return self._append_new(form, operands)

    def emit_container(self, form, operands):
        """Append a container that is returned: no other value is it, as the caller may change it."""
        value = self._append_new(form, operands, numbered=False)
        self.forget(value)
        return value

    def _append_new(self, form, operands, numbered=True):
        key = (form, operands) if numbered else None
        if numbered and form.kind in PURE and form.name.rpartition(".")[2] not in MAKERS:
            try:
                known = self.numbers.get(key)
            except TypeError:
                known, key = None, None
            if known is not None:
                return known
        with of_stage(self.scope, True) as demanded:
            inferred = infer(self.scope, self.externals, form, operands)
        value = Value(kind=inferred.kind, hint=_hint(form, inferred.gate))
        self.append(
            Stage((value,), form, operands, place=self.place, gate=inferred.gate, bound=inferred.bound,
                  demands=tuple(demanded)), key)
        return value

    def known(self, form, operands):
        """The value of an equal stage that was appended before, or None."""
        return self.numbers.get((form, operands))

    def append(self, stage, key=None):
        """Append a finished stage; `key` lets equal stages reuse its value."""
        self.stages.append(stage)
        for target in stage.targets:
            self.definitions[target] = stage
        if key is not None and stage.form.kind in PURE and len(stage.targets) == 1:
            self.numbers.setdefault(key, stage.target)

    def append_blocks(self, stage):
        """Append a branch or a loop."""
        self.stages.append(stage)
        self.define_all((stage,))

    def define(self, value, stage):
        """Record the definition of a residual of the forward part, here and in the blocks around."""
        builder = self
        while builder is not None:
            builder.definitions[value] = stage
            builder = builder.outer

    def define_all(self, stages):
        """Record the definitions of all that the stages define, inside their blocks too."""
        for stage in walk(stages):
            for region in stage.regions:
                self.definitions.update((value, stage) for value in region.arguments)
            self.definitions.update((target, stage) for target in stage.targets)

    def checkpoint(self):
        """The state that `rollback` returns to."""
        return len(self.stages), dict(self.numbers)

    def rollback(self, checkpoint):
        count, numbers = checkpoint
        del self.stages[count:]
        self.numbers = numbers

    def named(self, operand, name):
        """An alias of a value with this name, on a line of its own."""
        value = Value(name, kind=kind_of_operand(operand))
        self.append(Stage((value,), Form("alias"), (operand,), place=self.place))
        return value

    def begin_backward(self, parameters, plain_numbers=False):
        """Begin the backward part; shapes may be read from `parameters`."""
        self._forward.update(self.definitions, parameters)
        self.models.extend(parameters)
        self.plain_numbers = plain_numbers

    def suggest(self, operand, hint):
        """Name a value, if it comes to need a line, after the first adjoint that it stands for."""
        if isinstance(operand, Value) and operand not in self._suggested and self.is_backward(operand):
            self._suggested.add(operand)
            operand.hint = hint

    def forget(self, value):
        """Drop a value from the value numbering, because its memory will be written into."""
        stage = self.definitions.get(value)
        if hasattr(stage, "form") and self.numbers.get((stage.form, stage.operands)) is value:
            del self.numbers[stage.form, stage.operands]

    def defined(self, stages):
        """{value: stage} of all that the stages define, inside their blocks too."""
        builder = Builder(self.scope)
        builder.define_all(stages)
        return builder.definitions

    def origin(self, operand):
        """(value, its definition), through aliases and through the results of calls."""
        stage = self.definitions.get(operand)
        while isinstance(stage, Call) or isinstance(stage, Stage) and stage.form.kind == "alias":
            operand = stage.operands[0] if isinstance(stage, Stage) else stage.same_as(operand)
            stage = self.definitions.get(operand)
        return operand, stage

    def note_forward(self, value):
        """Count a residual that a later pass adds to the forward part among the forward values."""
        self._forward.add(value)

    def is_backward(self, value):
        return value not in self._forward

    def move_to_end(self, value):
        """Move the stage of a value to the end of the block, if no later stage reads it.

        A loop, branch or call stays: later stages may read lists that it fills.
        """
        stage = self.definitions[value]
        if isinstance(stage, BLOCKS):
            return
        for position in range(len(self.stages) - 1, self.mark - 1, -1):
            if self.stages[position] is stage:
                self.stages.append(self.stages.pop(position))
                return
            if any(target in self.stages[position].operands for target in stage.targets):
                return

    # ---- symbols ----

    def symbol(self, operand):
        if isinstance(operand, tuple):
            operand = self.emit(Form("tuple"), operand)
        return Symbol(self, operand)

    def operand(self, value):
        """What a rule passes on, as an operand: symbols, numbers, nested lists, dtypes."""
        if isinstance(value, Symbol):
            return value.operand
        if isinstance(value, (Value, Lit)):
            return value
        if isinstance(value, (list, tuple)):
            kind = "list" if isinstance(value, list) else "tuple"
            return self.emit(Form(kind), tuple(self.operand(v) for v in value))
        if isinstance(value, np.generic):
            return Lit(value.item())
        if isinstance(value, type) and issubclass(value, np.generic):
            return self.emit(Form("read", f"@np.{value.__name__}"), ())
        if isinstance(value, type):
            self.externals.setdefault(f"@{value.__name__}", value)
            return self.emit(Form("read", f"@{value.__name__}"), ())
        return Lit(value)

    def static(self, operand):
        """The value of a setting (guarded); raises Unknown."""
        if isinstance(operand, tuple):
            return tuple(map(self.static, operand))
        return static_value(kind_of_operand(operand), self.scope)


def _hint(form, gate):
    """The name of a temporary, after its function."""
    if form.kind == "compare":
        return "mask"
    return None if gate is None else gate.hint or gate.name
