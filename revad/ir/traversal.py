"""Traversal: walks over the stages of blocks: what they read and define, and substitution of operands.

>>> from .nodes import Form, Lit, Stage, Value
>>> x, y = Value("x"), Value("y")
>>> [target.name for target in targets_of((Stage((y,), Form("binary", "*"), (x, Lit(2.0))),))]
['y']
"""
from __future__ import annotations

import dataclasses

from .nodes import Branch, Call, Loop, Row, Stage, Value


def substituted(block, new):
    """A block with the values that it reads replaced as `new` maps them."""
    def substitute(operand):
        if isinstance(operand, tuple):
            return tuple(map(substitute, operand))
        return new.get(operand, operand) if isinstance(operand, Value) else operand

    rebuilt = []
    for stage in block:
        if isinstance(stage, Branch):
            rebuilt.append(dataclasses.replace(
                stage, condition=substitute(stage.condition), then=substituted(stage.then, new),
                orelse=substituted(stage.orelse, new),
                results=tuple((row[0], substitute(row[1]), substitute(row[2])) for row in stage.results)))
        elif isinstance(stage, Loop):
            test = stage.test and (substituted(stage.test[0], new), substitute(stage.test[1]))
            rebuilt.append(dataclasses.replace(
                stage, iterable=substitute(stage.iterable), test=test, block=substituted(stage.block, new),
                until=substitute(stage.until),
                rows=tuple(Row(row.inner, substitute(row.init), substitute(row.next), row.out)
                           for row in stage.rows)))
        elif isinstance(stage, Call):
            rebuilt.append(dataclasses.replace(stage, inputs=tuple((value, substitute(operand))
                                                                   for value, operand in stage.inputs),
                                               cache=substitute(stage.cache)))
        else:
            bound = stage.bound and {name: substitute(operand) for name, operand in stage.bound.items()}
            rebuilt.append(dataclasses.replace(stage,
                                               operands=tuple(map(substitute, stage.operands)), bound=bound))
    return tuple(rebuilt)


def targets_of(block):
    """{value: stage} of the values that a block defines for later stages."""
    return {target: stage for stage in block for target in stage.targets}


def read_in(block):
    """The values that a block reads, in order, including those inside nested blocks."""
    values = {}

    def walk(stages):
        for stage in stages:
            if isinstance(stage, (Branch, Loop)):
                blocks = (stage.then, stage.orelse) if isinstance(stage, Branch) else (
                    *((stage.test[0],) if stage.test else ()), stage.block)
                for inner in blocks:
                    walk(inner)
            values.update((o, None) for o in stage.operands if isinstance(o, Value))
            if isinstance(stage, Branch):
                values.update((o, None) for row in stage.results for o in row[1:] if isinstance(o, Value))
            elif isinstance(stage, Loop):
                values.update((o, None) for row in stage.rows for o in row[1:3] if isinstance(o, Value))
                values.update((o, None) for o in (stage.until, stage.test and stage.test[1])
                              if isinstance(o, Value))
    walk(block)
    return list(values)


def before_first_use(block, new_stages):
    """A block with stages inserted, each before the first stage that reads what it defines."""
    block = list(block)
    for stage in reversed(new_stages):
        at = next((i for i, reader in enumerate(block)
                   if any(t in read_in((reader,)) for t in stage.targets)),
                  len(block))
        block.insert(at, stage)
    return tuple(block)


def pushes(value, start, definitions):
    """The pushes from the list `start` up to `value`, the last first; None where other stages intervene."""
    push_chain = []
    while value is not start:
        stage = definitions.get(value)
        if not isinstance(stage, Stage) or stage.form.kind != "push":
            return None
        push_chain.append(stage)
        value = stage.operands[0]
    return push_chain
