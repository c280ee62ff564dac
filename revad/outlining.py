"""Outlining: a function that is called becomes one of its own in the text, with a forward and a backward pass.

It is followed as any call is; where what it does reads only numbers and arrays, and leaves nothing
but its results, its stages are taken out of the caller and put into a Call.  One that is no more
than an expression stays where it is called.

>>> from .kinds import FLOAT
>>> from .pipeline import read_front
>>> from .scope import of_function
>>> from .shapes import infer_shapes
>>> def cell(x, w):
...     a = x * w
...     h = a * a + x
...     return h
>>> cell.__module__ = "example"     # functions of revad itself are left alone
>>> def f(x, w):
...     return cell(x, w) + 1
>>> call, _ = infer_shapes(read_front(f).program, [FLOAT] * 2, {"x", "w"}, of_function(f))[0].block
>>> call.layer.name, call.inputs, call.block
('cell', ((x, x), (w, w)), (a = binary '*' (x, w), _ = binary '*' (a, a), h = binary '+' (_, x)))
"""
from __future__ import annotations

import inspect

from .keeping import substituted
from .lengths import kind_of_operand
from .own import is_immutable, owners, stored_memories
from .parts import CONTAINERS
from .program import BLOCKS, Call, Layer, Stage, Value, beside

PLAIN = ("number", "array", "static")


def outlined(walk, stage, function, args, keywords):
    """The result of a call of a Python function, which gets a forward and a backward pass if it can."""
    if not walk.layers or function.__code__ in walk.entered:
        return walk.enter(stage, function, args, keywords)
    builder = walk.builder
    start, checkpoint, before = len(builder.stages), builder.checkpoint(), walk.snapshot()[1]
    walk.entered.append(function.__code__)
    try:
        found = walk.enter(stage, function, args, keywords)
    finally:
        walk.entered.pop()
    block = tuple(builder.stages[start:])
    if walk.snapshot()[1][:len(before)] != before:
        return found
    names = _names(function, args, keywords)
    moved, block = _readings(block)
    leaves = _leaves(builder, found, _made(block))
    inputs = _inputs(block)
    if names is None or not leaves or lines(block, leaves) < 2 or not any(leaf.varied for leaf in leaves) \
            or not all(map(_is_plain, inputs)) or not _is_closed(builder, block, leaves):
        return found
    new = {operand: Value(names.get(operand) or operand.name or operand.hint, None, operand.kind, operand.varied) for operand in inputs}
    order = list(names)
    inputs.sort(key=lambda operand: order.index(operand) if operand in names else len(order))
    shown = {target: made for made in block if isinstance(made, Stage) for target in made.targets}
    builder.rollback(checkpoint)
    for one in moved:
        one.target.name, one.target.hint = None, one.target.name or one.target.hint
        builder.append(one, (one.form, one.operands))
    single = stage.targets[0].name if stage.targets and found in leaves else None
    results = tuple((Value(single, leaf.name or leaf.hint or function.__name__, leaf.kind, leaf.varied), leaf) for leaf in leaves)
    program = walk.program_of(function)
    layer = Layer(function.__name__, program.tree, program.source)
    builder.append_blocks(Call(layer, "forward", tuple((new[operand], operand) for operand in inputs),
                               ((None, substituted(block, new)),), results, None, (), stage.statement, stage.place))
    return _shown(walk, stage, found, {leaf: target for target, leaf in results}, shown)


def lines(block, leaves):
    """How many lines a block comes to, about: what is named, loops and branches, and what it returns."""
    return sum(leaf.name is None for leaf in leaves) + sum(isinstance(stage, BLOCKS) or stage.form.kind in ("store", "augment")
               or any(target.name for target in stage.targets) and stage.form.kind not in ("alias", "tuple", "list", "dict")
               for stage in block)


def _names(function, args, keywords):
    """{operand: the parameter that it is given for}; None where one is given for two."""
    bound = inspect.signature(function, follow_wrapped=False).bind(*args, **keywords).arguments
    found = {}
    for name, operand in bound.items():
        if isinstance(operand, Value):
            if operand in found:
                return None
            found[operand] = name
    return found


def _readings(block):
    """(stages that read a part of what the function is given, which the caller can do, and the others)."""
    moved, rest, made = [], [], set()
    for stage in block:
        whole = isinstance(stage, Stage) and stage.form.kind in ("index", "attr") and \
            kind_of_operand(stage.operands[0]).tag in (*CONTAINERS, "object")
        if whole and not any(operand in made for operand in stage.operands):
            moved.append(stage)
        else:
            rest.append(stage)
            made.update(stage.targets)
    return moved, tuple(rest)


def _made(block):
    return {target for stage in block for target in stage.targets}


def _inputs(block):
    """What a block reads from outside, in the order of first use."""
    found, made = {}, set()
    for stage in block:
        found.update((operand, None) for operand in stage.operands if isinstance(operand, Value) and operand not in made)
        made.update(stage.targets)
    return list(found)


def _is_plain(operand):
    kind = operand.kind
    return kind.tag in PLAIN or kind.tag in ("tuple", "list") and not operand.varied and all(item.tag in PLAIN for item in kind.items)


def _leaves(builder, operand, made):
    """The numbers and arrays of a result that the function makes; None where it holds something else."""
    if not isinstance(operand, Value) or operand not in made and operand.kind.tag not in CONTAINERS:
        return []
    if operand.kind.tag in ("number", "array"):
        return [operand]
    stage = builder.definitions.get(operand)
    if not isinstance(stage, Stage) or stage.form.kind not in CONTAINERS or stage.form.spec is not None or stage.form.name:
        return None
    parts = [_leaves(builder, part, made) for part in stage.operands]
    return None if None in parts else list(dict.fromkeys(leaf for part in parts for leaf in part))


def _is_closed(builder, block, leaves):
    """Whether a block stores into no memory but its own, and each result has memory of its own."""
    inside, own = builder.defined(block), set()
    if any(memory not in inside for memory in stored_memories(block, inside)):
        return False
    for leaf in leaves:
        memory = set() if is_immutable(leaf) else owners(leaf, inside)
        if not memory <= inside.keys() or memory & own:
            return False
        own |= memory
    return True


def _shown(walk, stage, operand, new, made):
    """The result again, of what the call gives; made: {container: stage that shows it} of the function."""
    if operand in new or operand not in made:
        return new.get(operand, operand)
    parts = tuple(_shown(walk, stage, part, new, made) for part in made[operand].operands)
    return walk.emit(beside(stage, Value()), made[operand].form, parts)
