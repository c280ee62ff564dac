"""Comprehensions: their elements are followed one by one, or they are copied as they stand.

>>> LARGEST
64
"""
from __future__ import annotations

import dataclasses

import gast

from ...ir.nodes import Form, Lit, Value, beside
from ...ir.untyped import Each
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import object_of, object_value
from .iterables import GeneratorExpression, exhaust, refuse_changes

LARGEST = 64        # elements up to which a passive comprehension is written out


def collect(interp, stage, operands):
    """A comprehension: its elements one by one, or as it stands where no derivative needs them."""
    collected, syntax = stage.form.spec
    if stage.form.name == "generator":
        variables_read = set()
        for inner in collected.block:
            variables_read.update(
                (inner.iterable,) if isinstance(inner, Each) else getattr(inner, "operands", ()))
            if isinstance(inner, Each):
                break
        sources = tuple((interp.frame, variable, operand) for variable, operand in interp.frame.env.items()
                        if variable in variables_read)
        return object_value(
            GeneratorExpression((collected, stage, operands), interp.frame, sources), "iterator")
    if stage.targets and stage.target.name:
        collected.result.hint = stage.target.name
    return _collect_or_copy(interp, stage, collected, syntax, operands)


def _collect_or_copy(interp, stage, collected, syntax, operands):
    result = interp.attempt(lambda: _run_block(interp, collected))
    name = f"{stage.form.name.replace('generator', 'list')} comprehension"
    form = Form("copied", name, stage.form.keywords, syntax)
    if result is None:
        if any(o.varied for o in operands):
            return _run_block(interp, collected)
        return interp.copied(dataclasses.replace(stage, form=form), operands)
    container = result
    plain = all(kind.tag == "number" for kind in container.kind.items) and container.kind.tag == "list"
    if not container.varied and plain and len(container.kind.items) > 4 and all(
            kind_of_operand(o).tag in ("number", "array", "list", "tuple", "static") for o in operands):
        if isinstance(syntax, gast.GeneratorExp):       # its items are read by position
            form = form._replace(
                spec=gast.copy_location(gast.ListComp(syntax.elt, syntax.generators), syntax))
        form, operands = interp.respelled(form, operands)
        kind = container.kind._replace(
            items=tuple(item._replace(known=None) for item in container.kind.items))
        return interp.typed(stage, form, operands, kind)
    return container


def _run_block(interp, collected):
    """The container of the elements: a list or dict, so that each element can be added to it."""
    interp.run(collected.block)
    container = interp.operand(collected.result)
    if kind_of_operand(container).tag not in ("list", "dict", "stack"):
        raise Refusal("comprehension", "how many elements it has shows only while running",
                      "Use a mask, or add up in a loop.")
    return container


def materialised(interp, stage, lazy):
    """The list of a generator expression's elements."""
    outer, interp.frame = interp.frame, lazy.frame
    try:
        collected, statement, operands = lazy.collected
        return _collect_or_copy(interp, statement, collected, statement.form.spec[1], operands)
    finally:
        interp.frame = outer


def summed(interp, stage, args, keywords):
    """`sum(x * y for ...)`, item by item; without items it is the start, and lists are concatenated."""
    if not args:
        return NotImplemented
    start = args[1] if len(args) > 1 else keywords.get("start", Lit(0))
    kind = kind_of_operand(args[0])
    if kind.tag in ("list", "tuple"):
        tag = kind_of_operand(start).tag
        if not kind.items and isinstance(start, Value):
            return start
        if tag in ("list", "tuple") and all(row.tag == tag for row in kind.items):
            rows = [start, *interp.elements(stage, args[0])]
            return interp.make(
                stage, Form(tag), tuple(part for row in rows for part in interp.elements(stage, row)))
    if kind.tag == "array" and kind.shape and kind.shape[0].value == 0 and isinstance(start, Value):
        if not kind.shape[0].exact:
            interp.builder.scope.rely(f"({kind.shape[0].text}) == 0")
        return start
    if kind.tag != "iterator":
        return NotImplemented
    lazy = object_of(args[0])
    if not isinstance(lazy, GeneratorExpression) or not any(o.varied for o in lazy.collected[2]):
        # Without items the result is that very array, else a new one.
        if kind_of_operand(start).tag == "array":
            raise Refusal("sum that begins with an array", "whether there are items shows only while running",
                          "Add the array to the sum.")
        return NotImplemented
    exhaust(interp, args[0])
    refuse_changes(lazy)
    collected, statement, operands = lazy.collected
    outer, interp.frame = interp.frame, lazy.frame
    try:
        interp.assign(collected.result, start)
        interp.run(collected.block[1:])
        return interp.operand(collected.result)
    finally:
        interp.frame = outer


def add_to_sum(interp, stage, item):
    """Add an item to a sum, whose variable is the receiver of the current `append`."""
    variable = stage.operands[0]
    total = interp.operand(variable)
    is_first = total == Lit(0) and kind_of_operand(item).dtype in ("d", "f")
    bare = beside(stage, Value())
    interp.assign(variable, item if is_first
                  else interp.evaluate_or_emit(dataclasses.replace(bare, form=Form("binary", "+")),
                                               (total, item)))
    return Lit(None)
