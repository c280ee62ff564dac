"""Traversal: walks over the stages of blocks: what they read and define, and the same stages with other operands.

>>> from .nodes import Form, Lit, Stage, Value
>>> x, y = Value("x"), Value("y")
>>> [target.name for target in targets_of((Stage((y,), Form("binary", "*"), (x, Lit(2.0))),))]
['y']
"""
from __future__ import annotations

import dataclasses

from .nodes import Branch, Call, Loop, Row, Stage, Value


def substituted(block, new):
    """A block that reads other values: `new` maps those that change."""
    def one(operand):
        if isinstance(operand, tuple):
            return tuple(map(one, operand))
        return new.get(operand, operand) if isinstance(operand, Value) else operand

    found = []
    for stage in block:
        if isinstance(stage, Branch):
            found.append(dataclasses.replace(
                stage, condition=one(stage.condition), then=substituted(stage.then, new),
                orelse=substituted(stage.orelse, new),
                results=tuple((row[0], one(row[1]), one(row[2])) for row in stage.results)))
        elif isinstance(stage, Loop):
            test = stage.test and (substituted(stage.test[0], new), one(stage.test[1]))
            found.append(dataclasses.replace(
                stage, iterable=one(stage.iterable), test=test, block=substituted(stage.block, new),
                until=one(stage.until),
                rows=tuple(Row(row.inner, one(row.init), one(row.next), row.out) for row in stage.rows)))
        elif isinstance(stage, Call):
            found.append(dataclasses.replace(stage, inputs=tuple((value, one(operand))
                                                                 for value, operand in stage.inputs),
                                             cache=one(stage.cache)))
        else:
            bound = stage.bound and {name: one(operand) for name, operand in stage.bound.items()}
            found.append(dataclasses.replace(stage, operands=tuple(map(one, stage.operands)), bound=bound))
    return tuple(found)


def targets_of(block):
    """{value: stage} of what a block makes for the stages behind it."""
    return {target: stage for stage in block for target in stage.targets}


def read_in(block):
    """The values that a block reads, in order, those inside its own blocks included."""
    found = {}

    def walk(stages):
        for stage in stages:
            if isinstance(stage, (Branch, Loop)):
                blocks = (stage.then, stage.orelse) if isinstance(stage, Branch) else (
                    *((stage.test[0],) if stage.test else ()), stage.block)
                for inner in blocks:
                    walk(inner)
            found.update((o, None) for o in stage.operands if isinstance(o, Value))
            if isinstance(stage, Branch):
                found.update((o, None) for row in stage.results for o in row[1:] if isinstance(o, Value))
            elif isinstance(stage, Loop):
                found.update((o, None) for row in stage.rows for o in row[1:3] if isinstance(o, Value))
                found.update((o, None) for o in (stage.until, stage.test and stage.test[1])
                             if isinstance(o, Value))
    walk(block)
    return list(found)


def before_first_use(block, made):
    """A block with stages put in, each before the first that reads what it makes."""
    block = list(block)
    for stage in reversed(made):
        at = next((i for i, one in enumerate(block) if any(t in read_in((one,)) for t in stage.targets)),
                  len(block))
        block.insert(at, stage)
    return tuple(block)


def pushes(value, start, made):
    """The stages that append to `start`, up to `value`, the last first; None where other stages are between."""
    found = []
    while value is not start:
        stage = made.get(value)
        if not isinstance(stage, Stage) or stage.form.kind != "push":
            return None
        found.append(stage)
        value = stage.operands[0]
    return found
