"""List arithmetic: `+`, `*` and `|` of lists, tuples and dicts, whose parts are known one by one.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Lit, Stage
>>> from .interpreter import Walk
>>> walk, x = Walk(Builder()), Value("x", kind=FLOAT)
>>> stage = Stage((Value("y"),), Form("binary", "*"), ())
>>> pair = walk.make(stage, Form("tuple"), (x, Lit(2)))
>>> combined(walk, stage, (pair, Lit(2))), walk.builder.stages[-1]
(y, y = tuple (x, 2, x, 2))
"""
from __future__ import annotations

import dataclasses

from ..ir.nodes import Form, Value
from ..types.constants import is_integer
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand

SEQUENCES = ("tuple", "list")
LONGEST = 4096      # elements of a list that is written out


def combined(walk, stage, operands):
    """A new list, tuple or dict of the parts of two; None where an operation is another one."""
    left, right = operands
    kinds = kind_of_operand(left), kind_of_operand(right)
    form = Form(kinds[0].tag)
    if stage.form.name == "+" and kinds[0].tag == kinds[1].tag and kinds[0].tag in SEQUENCES:
        found = (*_parts(walk, stage, left), *_parts(walk, stage, right))
    elif stage.form.name == "|" and kinds[0].tag == kinds[1].tag == "dict":
        made = {**walk.parts(stage, left), **walk.parts(stage, right)}
        form, found = Form("dict", keywords=tuple(made)), tuple(made.values())
    elif stage.form.name == "*" and kinds[0].tag in SEQUENCES and is_integer(kinds[1]):
        found = _repeated(walk, stage, left, right)
    elif stage.form.name == "*" and kinds[1].tag in SEQUENCES and is_integer(kinds[0]):
        form, found = Form(kinds[1].tag), _repeated(walk, stage, right, left)
    else:
        return None
    return None if found is None else walk.emit(stage, form, found)


def laid_out(walk, stage, operands):
    """`[a, *b]`: the display with the elements of b written out, as (form, operands)."""
    found = [part for operand, starred in zip(operands, stage.form.spec)
             for part in (walk.elements(stage, operand) if starred else (operand,))]
    return Form(stage.form.kind), tuple(found)


def _parts(walk, stage, operand):
    return tuple(walk.parts(stage, operand).values())


def _repeated(walk, stage, operand, count):
    try:
        number = walk.builder.static(count) if isinstance(count, Value) else count.value
    except Unknown:
        return None
    return _parts(walk, stage, operand) * number if number * len(kind_of_operand(operand).items) <= LONGEST else None


def extended(walk, stage, operands):
    """`items += more`, `options |= more`: every name of a list or dict sees it; a tuple is a new one."""
    base, more = operands
    tag, name = kind_of_operand(base).tag, stage.form.name
    if tag == "list" and name == "+":
        found = dict(enumerate([*_parts(walk, stage, base), *walk.elements(stage, more)]))
    elif (tag, name, kind_of_operand(more).tag) == ("dict", "|", "dict"):
        found = {**walk.parts(stage, base), **walk.parts(stage, more)}
    else:
        binary = dataclasses.replace(stage, form=stage.form._replace(kind="binary"))
        made = combined(walk, binary, operands)
        if made is None:
            return walk.emit(stage, stage.form, operands)
        return made if tag == "tuple" else walk.changed(stage, base, made)
    return walk.changed(stage, base, walk.display(stage, base, found, base.name))
