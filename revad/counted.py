"""Counted: a loop over the rows of an array that is stored into counts those of a parameter, if they are as many.

Else the array as it was would have to be there for the sake of its length.

>>> from .kinds import Known, array
>>> from .program import Item, Lit
>>> n = Known(3, "x.shape[0]", False, True)
>>> x, y, new, rows = Value("x", kind=array((n,))), Value("y", kind=array((n,))), Value("y", kind=array((n,))), Value(None)
>>> counted = Stage((rows,), Form("call", "@len"), (y,))
>>> store = Stage((new,), Form("store", "", ("",), (Item("at", (2,)),)), (y, Lit(1), Lit(0)))
>>> by_parameters([counted, store], [x])
[_ = call '@len' (x), y = store (y, 1, 0)]
"""
from __future__ import annotations

import dataclasses

from .program import Branch, Form, Loop, Stage, Value


def by_parameters(stages, parameters) -> list:
    """The stages of a block, where lengths of arrays that are stored into are those of parameters."""
    rows = {}
    for parameter in parameters:
        if parameter.kind.tag == "array" and parameter.kind.shape:
            rows.setdefault(parameter.kind.shape[0].text, parameter)
    changed = set()
    _note(stages, changed)
    return _block(stages, rows, changed) if rows and changed else list(stages)


def _note(stages, changed):
    """What a store or a loop makes another value of."""
    for stage in stages:
        if isinstance(stage, (Branch, Loop)):
            for block in stage.blocks:
                _note(block, changed)
        if isinstance(stage, Loop):
            changed.update(row.init for row in stage.rows if isinstance(row.init, Value) and row.init.kind.tag == "array")
        elif isinstance(stage, Stage) and stage.form.kind in ("store", "augment"):
            changed.add(stage.operands[0])


def _block(stages, rows, changed):
    found = []
    for stage in stages:
        if isinstance(stage, Branch):
            stage = dataclasses.replace(stage, then=tuple(_block(stage.then, rows, changed)), orelse=tuple(_block(stage.orelse, rows, changed)))
        elif isinstance(stage, Loop):
            stage = dataclasses.replace(stage, block=tuple(_block(stage.block, rows, changed)))
        elif isinstance(stage, Stage) and stage.form == Form("call", "@len") and stage.operands[0] in changed and stage.operands[0].kind.shape:
            same = rows.get(stage.operands[0].kind.shape[0].text)
            if same is not None and same is not stage.operands[0]:
                stage = dataclasses.replace(stage, operands=(same,))
        found.append(stage)
    return found
