"""Outline: a function that is called becomes one of its own in the text, with a forward and a backward pass.

It is followed as any call is; where what it does reads only numbers and arrays, and leaves nothing
but its results, its stages are taken out of the caller and put into a Call.  One that is no more
than an expression stays where it is called.

>>> from ..types.kinds import array, literal
>>> from ..pipeline import read_front
>>> from ..types.scope import of_function
>>> from .specialize import infer_shapes
>>> def cell(x, w):
...     a = x * w
...     h = a * a + x
...     return h
>>> cell.__module__ = "example"     # functions of revad itself are left alone
>>> def f(x, w):
...     return cell(x, w) + 1
>>> call, _ = infer_shapes(read_front(f).program, [array((literal(3),))] * 2, {"x", "w"}, of_function(f))[0].block
>>> call.layer.name, call.inputs, call.block
('cell', ((x, x), (w, w)), (a = binary '*' (x, w), _ = binary '*' (a, a), h = binary '+' (_, x)))
"""
from __future__ import annotations

from ..analysis.aliases import is_immutable, owners, stored_owners
from ..ir.nodes import BLOCKS, Call, Layer, Lit, Stage, Value, beside
from ..ir.traversal import substituted, targets_of
from ..types.parts import CONTAINERS
from ..types.shape_rules import kind_of_operand

PLAIN = ("number", "array", "static")
NUMBERS = 8


def outlined(interp, stage, program, names, follow):
    """What `follow()` gives, the result of a call; the function gets a forward and a backward pass if it can.

    program: the function's; names: {operand: the parameter that it is given for}, or None.
    """
    if not interp.layers or program.tree in interp.entered or names is None:
        return follow()
    builder = interp.builder
    start, checkpoint, before = len(builder.stages), builder.checkpoint(), interp.snapshot()[1]
    interp.entered.append(program.tree)
    try:
        found = follow()
    finally:
        interp.entered.pop()
    block = tuple(builder.stages[start:])
    moved, block = _readings(block)
    made = targets_of(block)
    leaves, inputs = _leaves(found, made), _inputs(block)
    if interp.snapshot()[1][:len(before)] != before or not leaves or lines(block, leaves) < least_lines((*inputs, *leaves)) \
            or not any(leaf.varied for leaf in leaves) or not all(map(_is_plain, inputs)) or not _is_closed(builder, block, leaves):
        return found
    paths = {operand: _path(operand, names, builder.definitions) for operand in inputs}
    new = {operand: _input(operand, paths[operand]) for operand in inputs}
    order = list(names)
    inputs.sort(key=lambda operand: order.index(paths[operand][0]) if paths[operand] else len(order))
    builder.rollback(checkpoint)
    for one in moved:
        one.target.name, one.target.hint = None, one.target.name or one.target.hint
        builder.append(one, (one.form, one.operands))
    single = stage.targets[0].name if stage.targets and _bare(found, made) in leaves else None
    results = tuple((Value(single, leaf.name or leaf.hint or program.name, leaf.kind, leaf.varied), leaf) for leaf in leaves)
    absent = builder.scope.absent
    absent.update(new[operand] for operand in inputs if operand in absent)
    absent.update(target for target, leaf in results if leaf in absent)
    layer = Layer(program.name, program.tree, program.source)
    builder.append_blocks(Call(layer, "forward", tuple((new[operand], operand) for operand in inputs),
                               ((None, substituted(block, new)),), results, None, (), stage.statement, stage.place))
    return _shown(interp, stage, found, {leaf: target for target, leaf in results}, made)


def _path(operand, names, made):
    """(what is given, its name and the keys that lead from it to an operand): `c_fc_w` of `c_fc["w"]`; None of others."""
    keys = []
    while operand not in names:
        stage = made.get(operand)
        if not isinstance(stage, Stage) or stage.form.kind not in ("index", "attr") or kind_of_operand(stage.operands[0]).tag not in (*CONTAINERS, "object"):
            return None
        keys += [str(key.value) for key in stage.operands[1:] if isinstance(key, Lit)] if stage.form.kind == "index" else [stage.form.name]
        operand = stage.operands[0]
    first = [] if names[operand] == "self" else [names[operand]]
    return operand, "_".join([*first, *reversed(keys)])


def _input(operand, path):
    """A parameter of the function; of a number that carries a derivative the value at hand is of no account."""
    kind = operand.kind._replace(known=None) if operand.varied and operand.kind.tag == "number" else operand.kind
    given, name = path or (None, "")
    own = operand.name if operand is not given else None
    return Value(own or (name if name.isidentifier() else operand.hint), None, kind, operand.varied)


def given_names(parameters, args, keywords):
    """{operand: the parameter that it is given for}; None where one is given for two."""
    found = {}
    for name, operand in (*zip(parameters, args), *keywords.items()):
        if isinstance(operand, Value) and found.setdefault(operand, name) != name:
            return None
    return found


def least_lines(values):
    """How long a function has to be: to call one of plain numbers takes longer than a few operations on them."""
    return NUMBERS if all(value.kind.tag == "number" and value.kind.weak for value in values) else 2


def lines(block, leaves):
    """How many lines a block comes to, about: what is named, loops and branches, and what it returns."""
    return sum(leaf.name is None for leaf in leaves) + sum(isinstance(stage, BLOCKS) or stage.form.kind in ("store", "augment")
               or any(target.name for target in stage.targets) and stage.form.kind != "alias"
               for stage in block)


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


def _leaves(operand, made):
    """The numbers and arrays of a result that the function makes; None where it holds something else."""
    operand = _bare(operand, made)
    if operand not in made:
        return [] if not isinstance(operand, Value) or operand.kind.tag in (*CONTAINERS, *PLAIN) else None
    if operand.kind.tag in ("number", "array"):
        return [operand]
    stage = made[operand]
    if not isinstance(stage, Stage) or stage.form.kind not in CONTAINERS or stage.form.spec is not None or stage.form.name:
        return None
    parts = [_leaves(part, made) for part in stage.operands]
    return None if None in parts else list(dict.fromkeys(leaf for part in parts for leaf in part))


def _bare(operand, made):
    """A value of the function under the first of its names."""
    while isinstance(made.get(operand), Stage) and made[operand].form.kind == "alias" and made[operand].operands[0] in made:
        operand = made[operand].operands[0]
    return operand


def _is_closed(builder, block, leaves):
    """Whether a block stores into no memory but its own, and each result has memory of its own."""
    inside, own = builder.defined(block), set()
    if any(memory not in inside for memory in stored_owners(block, inside)):
        return False
    for leaf in leaves:
        memory = set() if is_immutable(leaf) else owners(leaf, inside)
        if not memory <= inside.keys() or memory & own:
            return False
        own |= memory
    return True


def _shown(interp, stage, operand, new, made):
    """The result again, of what the call gives; made: {value: stage} of the function."""
    operand = _bare(operand, made)
    if operand in new or operand not in made:
        return new.get(operand, operand)
    parts = tuple(_shown(interp, stage, part, new, made) for part in made[operand].operands)
    return interp.emit(beside(stage, Value()), made[operand].form, parts)
