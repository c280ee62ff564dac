"""List arithmetic: `+`, `*` and `|` of lists, tuples and dicts, whose elements are known one by one.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Lit, Stage
>>> from .interpreter import Interpreter
>>> interp, x = Interpreter(Builder()), Value("x", kind=FLOAT)
>>> stage = Stage((Value("y"),), Form("binary", "*"), ())
>>> pair = interp.make(stage, Form("tuple"), (x, Lit(2)))
>>> combined(interp, stage, (pair, Lit(2))), interp.builder.stages[-1]
(y, y = tuple (x, 2, x, 2))
"""
from __future__ import annotations

import dataclasses

from ..ir.nodes import Form, Value
from ..types.constants import is_integer
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from .loops import stored_lists

SEQUENCES = ("tuple", "list")
LONGEST = 4096      # elements of a list that is written out


def combined(interp, stage, operands):
    """A new list, tuple or dict from the elements of two; None where the operation is another one."""
    left, right = operands
    kinds = kind_of_operand(left), kind_of_operand(right)
    form, stored = Form(kinds[0].tag), None
    if stage.form.name == "+" and kinds[0].tag == kinds[1].tag and kinds[0].tag in SEQUENCES:
        elements = (*_parts(interp, stage, left), *_parts(interp, stage, right))
    elif stage.form.name == "|" and kinds[0].tag == kinds[1].tag == "dict":
        entries = {**interp.parts(stage, left), **interp.parts(stage, right)}
        form, elements = Form("dict", keywords=tuple(entries)), tuple(entries.values())
    elif stage.form.name == "*" and kinds[0].tag in SEQUENCES and is_integer(kinds[1]):
        stored = stored_lists.repeated(interp, stage, left, right)
        elements = _repeated(interp, stage, left, right) if stored is None else None
    elif stage.form.name == "*" and kinds[1].tag in SEQUENCES and is_integer(kinds[0]):
        stored = stored_lists.repeated(interp, stage, right, left)
        form, elements = Form(kinds[1].tag), _repeated(interp, stage, right, left) if stored is None else None
    else:
        return None
    return stored if elements is None else interp.emit(stage, form, elements)


def unpacked(interp, stage, operands):
    """`[a, *b]`: (form, operands) with the elements of b written out."""
    elements = [part for operand, starred in zip(operands, stage.form.spec)
                for part in (interp.elements(stage, operand) if starred else (operand,))]
    return Form(stage.form.kind), tuple(elements)


def _parts(interp, stage, operand):
    return tuple(interp.parts(stage, operand).values())


def _repeated(interp, stage, operand, count):
    try:
        number = interp.builder.static(count) if isinstance(count, Value) else count.value
    except Unknown:
        return None
    if number * len(kind_of_operand(operand).items) > LONGEST:
        return None
    return _parts(interp, stage, operand) * number


def extended(interp, stage, operands):
    """`items += more`, `options |= more`: in place for a list or dict, for all its names; a tuple is new."""
    base, more = operands
    tag, name = kind_of_operand(base).tag, stage.form.name
    if tag == "list" and name == "+":
        elements = dict(enumerate([*_parts(interp, stage, base), *interp.elements(stage, more)]))
    elif (tag, name, kind_of_operand(more).tag) == ("dict", "|", "dict"):
        elements = {**interp.parts(stage, base), **interp.parts(stage, more)}
    else:
        binary = dataclasses.replace(stage, form=stage.form._replace(kind="binary"))
        result = combined(interp, binary, operands)
        if result is None:
            return interp.emit(stage, stage.form, operands)
        return result if tag == "tuple" else interp.propagate_store(stage, base, result)
    return interp.propagate_store(stage, base, interp.display(stage, base, elements, base.name))
