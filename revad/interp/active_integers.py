"""Active integers: small integers that are differentiated are floats wherever something computes with them.

There they stand for real numbers, and do not wrap.  What the function rejects of them, such as a Python
integer that does not fit, is rejected nevertheless: `integers` tells what each float is to the
function.  Where one side of a branch leaves such an integer and the other a float, both are floats;
what is only returned stays what it is.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import Kind
>>> from .interpreter import Interpreter
>>> interp, n = Interpreter(Builder()), Value("n", kind=Kind("number", "B", ()), varied=True)
>>> stage = Stage((n,), Form("alias"), (n,), None, None)
>>> interp.in_float_beside(stage, n, Lit(3)) is n, interp.in_float(stage, Lit(3))
(True, 3)

>>> from ..types.kinds import INT
>>> n, x, y, c = (Value(name, kind=INT) for name in "nxyc")
>>> stage = Stage((x,), Form("call", "@float"), (n,))
>>> block = (Branch(c, (stage,), (), ((y, x, Lit(2.0)),), None, None),)
>>> [branch] = without_conversions(block, {x: n})
>>> branch.results
((y, n, 2.0),)
"""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..ir.nodes import Branch, Form, Lit, Stage, Value
from ..ir.traversal import mapped, read_in
from ..ir.untyped import Each, While
from ..types.inference import infer
from ..types.kinds import INTEGERS, join
from ..types.refusals import Refusal
from ..types.requirements import Fails, of_stage
from ..types.shape_rules import kind_of_operand

DISPLAYS = ("tuple", "list", "dict")


class ActiveIntegers:
    """The part of an Interpreter that converts them."""

    def as_integers(self, stage, form, operands):
        """The kind of a stage whose operands are small integers to the function; rejects overflow there."""
        if self.integers.keys().isdisjoint(operands):
            return None
        scope, externals = self.builder.scope, self.builder.externals
        try:
            with of_stage(scope):
                operands = tuple(self.integers.get(operand, operand) for operand in operands)
                return infer(scope, externals, form, operands).kind
        except Refusal as error:
            if error.raises is OverflowError:
                raise
        except Fails:
            pass
        return None

    def in_float(self, stage, operand, has_methods=False):
        """An active integer as a float, as it stands for a real number; has_methods: as one of NumPy's."""
        if not (operand.varied and kind_of_operand(operand).integral):
            return operand
        to_float = self.builder.operand(float)
        if operand.kind.tag == "array":
            form, operands = Form("method", "astype"), (operand, to_float)
        elif has_methods:
            return self.as_numpy_float(stage, operand)
        else:
            form, operands = Form("call", "@float"), (operand,)
        return self.converted(stage, form, operand, operands)

    def as_numpy_float(self, stage, operand):
        """A number as a float with the methods of NumPy's; an array as it is."""
        if kind_of_operand(operand).tag != "number":
            return operand
        self.builder.externals.setdefault("@np.float64", np.float64)
        return self.converted(stage, Form("call", "@np.float64"), operand, (operand,))

    def converted(self, stage, form, operand, operands):
        """The result of a conversion, which is not repeated."""
        known = self.builder.known(form, operands)
        if known is not None:
            return known
        return self.emit(Stage((Value(operand.name),), form, (), stage.statement, stage.place),
                         form, operands)

    def in_float_beside(self, stage, value, other):
        """An active integer in float, where its place elsewhere holds a float."""
        if isinstance(value, Value) and value.varied and value.kind.integral \
                and isinstance(other, (Value, Lit)) \
                and kind_of_operand(other).numeric and kind_of_operand(other).dtype not in INTEGERS:
            converted = self.in_float(stage, value, has_methods=True)
            self.note_conversion(converted, value)
            return converted
        return value

    def note_conversion(self, converted, value):
        """Note a float that stands for an integer of the function: a store into either array changes both."""
        self.conversions[converted], self.is_in_float = value, True
        definition = self.builder.definitions[converted]
        if value.kind.tag == "array" and definition.shares is None and definition in self.builder.stages:
            may_share = replace(definition, shares="may")
            self.builder.stages[self.builder.stages.index(definition)] = may_share
            self.builder.define(converted, may_share)

    def in_float_before(self, block):
        """Convert active integers that a block may rebind to float: they are floats from there on."""
        for variable in _assigned_variables(block):
            value = self.frame.env.get(variable)
            if isinstance(value, Value) and value.varied and value.kind.narrow:
                converted = self.in_float(block, value, has_methods=True)
                self.note_conversion(converted, value)
                self.assign(variable, converted)


def has_dtype_of(kind, other):
    """Whether a value computed in float is surely of the same dtypes as the function's."""
    if kind.items and len(kind.items) == len(other.items):
        return all(map(has_dtype_of, kind.items, other.items))
    return kind.dtype == other.dtype != "" or not kind.numeric


def _assigned_variables(block):
    """The variables that the statements of a loop or branch assign."""
    parts = (block.then, block.orelse) if isinstance(block, Branch) else (block.body, block.orelse)
    for stage in (stage for part in parts for stage in part):
        yield from _assigned_variables(stage) if isinstance(stage, (Branch, Each, While)) else stage.targets


def as_copies(block):
    """The stages, in which each conversion is the copy that the text makes."""
    return tuple(replace(node, shares=None) if isinstance(node, Stage) and node.shares == "may"
                 else mapped(node, as_copies) for node in block)


# ---- what is only returned

def without_conversions(block, conversions, definitions=None) -> tuple:
    """The stages, with the integers in branches that need no conversion; conversions: {float: integer}."""
    if not conversions:
        return block
    definitions = {} if definitions is None else definitions
    read = _computed_with(block, set())
    return tuple(_unconverted(node, read, conversions, definitions) for node in block)


def _computed_with(block, read):
    """The values that stages read, except where these only hand them on to what nothing reads."""
    for node in reversed(block):
        if isinstance(node, Branch):
            read.update(end for target, *ends in node.results if target in read
                        for end in ends if isinstance(end, Value))
            read.add(node.condition)
            for side in (node.then, node.orelse):
                _computed_with(side, read)
        elif not (isinstance(node, Stage) and _hands_on(node)) or read.intersection(node.targets):
            read.update(read_in((node,)))
    return read


def _hands_on(stage):
    return stage.form.kind == "alias" or stage.form.kind in DISPLAYS and not stage.form.name


def _unconverted(node, read, conversions, definitions):
    if isinstance(node, Stage) and _hands_on(node) and not read.intersection(node.targets):
        kinds = tuple(map(kind_of_operand, node.operands))
        is_alias = node.form.kind == "alias"
        node.target.kind = kinds[0] if is_alias else node.target.kind._replace(items=kinds)
    if not isinstance(node, Branch):
        return node
    sides = [tuple(_unconverted(inner, read, conversions, definitions) for inner in side)
             for side in (node.then, node.orelse)]
    results = []
    for target, *ends in node.results:
        originals = [conversions.get(end, end) for end in ends]
        if target not in read and originals != ends:
            ends = originals
            target.kind = join(*map(kind_of_operand, ends))
        results.append((target, *ends))
    branch = replace(node, then=sides[0], orelse=sides[1], results=tuple(results))
    definitions.update((target, branch) for target in branch.targets)
    return branch
