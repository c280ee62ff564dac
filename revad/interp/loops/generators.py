"""Generators: a loop over a generator is the generator's body, with the loop's body for each `yield`.

>>> import gast
>>> generator = gast.parse("def f(n):\\n for i in range(n):\\n  yield i").body[0]
>>> yields(generator), yields(gast.parse("def f(n): return n").body[0])
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
    return (isinstance(tree, gast.FunctionDef)
            and any(isinstance(node, gast.Yield) for node in own_nodes(tree)))


def generator_call(interp, program, frame):
    """The result of a call of a generator; its parameters may change before its first item is taken."""
    interp.frames.append(frame)
    return object_value(GeneratorCall(program.block, frame, program.name), "iterator")


def generator_of(operand):
    """(generator, the start of its enumeration or None), if a loop goes over one; else None."""
    obj = object_of(operand) if kind_of_operand(operand).tag == "iterator" else None
    if isinstance(obj, GeneratorCall):
        return obj, None
    if isinstance(obj, Enumerate) and isinstance(obj.inner, GeneratorCall):
        return obj.inner, obj.start
    return None


def loop(interp, stage, generator, start):
    """Follow the generator; each value that it yields is an item of the loop."""
    if has_jump(stage.body) or stage.orelse:
        raise Refusal("loop over a generator", "it may end before the generator does",
                      "Write the loop over the items of a list.")
    frame = Frame(generator.frame.enclosing, generator.frame.rename)
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


def as_list(interp, stage, generator):
    """The list of all items that a generator yields."""
    result, item = Value(), Value()
    interp.assign(result, interp.make(stage, Form("list"), ()))
    append = Stage((Value(),), Form("method", "append"), (result, item), stage.statement, stage.place)
    loop(interp, Each(item, None, (append,), (), stage.statement, stage.place), generator, None)
    return interp.operand(result)


def yield_item(interp, stage, operands):
    """`yield x`: one iteration of the loop."""
    generator_frame, (frame, each, counter) = interp.frame, interp.frame.consumer
    item = operands[0]
    interp.frame, was_yielding, frame.is_yielding = frame, frame.is_yielding, True
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
        interp.frame, frame.is_yielding = generator_frame, was_yielding
