"""Generators: a loop over a generator is the generator's body, with the loop's in the place of each `yield`.

>>> import gast
>>> yields(gast.parse("def f(n):\\n for i in range(n):\\n  yield i").body[0]), yields(gast.parse("def f(n): return n").body[0])
(True, False)
"""
from __future__ import annotations

import gast

from ...ir.free_names import own_nodes
from ...ir.nodes import Form, Lit, Stage, Value
from ...ir.untyped import Each
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..branches import has_jump
from ..environment import RAISE, Frame, Raised, object_of, object_value
from .iterables import Enumerate, GeneratorCall


def yields(tree):
    """Whether a function is a generator."""
    return isinstance(tree, gast.FunctionDef) and any(isinstance(node, gast.Yield) for node in own_nodes(tree))


def called(interp, program, frame):
    """What a call of a generator gives; what its parameters are may change before its first item is taken."""
    interp.frames.append(frame)
    return object_value(GeneratorCall(program.block, frame, program.name), "iterator")


def generator_of(operand):
    """(generator, where its items are counted from or None), if a loop goes over one; else None."""
    thing = object_of(operand) if kind_of_operand(operand).tag == "iterator" else None
    if isinstance(thing, GeneratorCall):
        return thing, None
    if isinstance(thing, Enumerate) and isinstance(thing.inner, GeneratorCall):
        return thing.inner, thing.start
    return None


def loop(interp, stage, generator, start):
    """Follow the generator; each value that it gives is an item of the loop."""
    if has_jump(stage.body) or stage.orelse:
        raise Refusal("loop over a generator", "it may end before the generator does", "Write the loop over the items of a list.")
    frame = Frame(generator.frame.around, generator.frame.rename)
    frame.env, frame.tried = dict(generator.frame.env), generator.frame.tried
    counter = Value()
    if start is not None:
        interp.assign(counter, start)
    outer = interp.frame
    frame.consumer = outer, stage, counter if start is not None else None
    interp.frames.append(frame)
    interp.frame, interp.depth = frame, interp.depth + 1
    try:
        interp.run(generator.block)
    finally:
        interp.frame, interp.depth = outer, interp.depth - 1


def listed(interp, stage, generator):
    """The list of all that a generator gives."""
    result, item = Value(), Value()
    interp.assign(result, interp.make(stage, Form("list"), ()))
    append = Stage((Value(),), Form("method", "append"), (result, item), stage.statement, stage.place)
    loop(interp, Each(item, None, (append,), (), stage.statement, stage.place), generator, None)
    return interp.operand(result)


def give(interp, stage, operands):
    """`yield x`: one round of the loop."""
    inner, (frame, each, counter) = interp.frame, interp.frame.consumer
    item = operands[0]
    interp.frame, before, frame.given = frame, frame.given, True
    try:
        if counter is not None:
            number = interp.operand(counter)
            item = interp.make(stage, Form("tuple"), (number, item))
        interp.assign(each.target, item)
        if interp.run(each.body) == RAISE:
            raise Raised
        if counter is not None:
            interp.assign(counter, interp.make(stage, Form("binary", "+"), (number, Lit(1))))
    finally:
        interp.frame, frame.given = inner, before
