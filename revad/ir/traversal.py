"""Traversal: walks over the stages of blocks: what they read and define, and substitution of operands.

>>> from .nodes import Form, Lit, Stage, Value
>>> x, y = Value("x"), Value("y")
>>> [target.name for target in targets_of((Stage((y,), Form("binary", "*"), (x, Lit(2.0))),))]
['y']
"""
from __future__ import annotations

import dataclasses

from .nodes import Branch, Call, Form, Item, Lit, Loop, Row, Stage, Value


def walk(block, into_calls=True):
    """Every stage of a block, each followed by those of its own blocks, in order."""
    for stage in block:
        yield stage
        if stage.blocks and (into_calls or not isinstance(stage, Call)):
            for inner in stage.blocks:
                yield from walk(inner, into_calls)


def mapped(stage, function):
    """A branch, loop or call with a function applied to each of its blocks; another stage as it is."""
    if isinstance(stage, Branch):
        return dataclasses.replace(stage, then=function(stage.then), orelse=function(stage.orelse))
    if isinstance(stage, Loop):
        test = stage.test and (function(stage.test[0]), stage.test[1])
        return dataclasses.replace(stage, test=test, block=function(stage.block))
    if isinstance(stage, Call):
        sections = tuple((heading, function(block)) for heading, block in stage.sections)
        return dataclasses.replace(stage, sections=sections)
    return stage


def values_of(operands):
    """The values among operands, inside tuples of operands too."""
    for operand in operands:
        if isinstance(operand, tuple):
            yield from values_of(operand)
        elif isinstance(operand, Value):
            yield operand


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

    def note(operands):
        values.update((operand, None) for operand in operands if isinstance(operand, Value))

    def walk(stages):
        for stage in stages:
            regions = stage.regions if isinstance(stage, (Branch, Loop)) else ()     # a call's is closed
            for region in regions:
                walk(region.block)
            note(stage.operands)
            for region in regions:
                note(region.ends)
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


def as_subscript(stage, value):
    """The stage that defines a value; of `a, b = x` the subscript that reads the value alone."""
    if not isinstance(stage, Stage) or stage.form.kind != "unpack":
        return stage
    form = Form("index", spec=(Item("at", (1,)),))
    return dataclasses.replace(stage, targets=(value,), form=form, bound=None,
                               operands=(stage.operands[0], Lit(stage.targets.index(value))))
