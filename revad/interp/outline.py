"""Outline: a called function becomes a function of the text, with a forward and a backward pass.

It is followed as any call is; where it reads only numbers and arrays, and changes nothing but its
results, its stages are moved from the caller into a Call.  A function that is only an expression
stays inline.

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
>>> kinds = [array((literal(3),))] * 2
>>> call, _ = infer_shapes(read_front(f).program, kinds, {"x", "w"}, of_function(f))[0].block
>>> call.layer.stem, call.inputs, call.block
('cell', ((x, x), (w, w)), (a = binary '*' (x, w), _ = binary '*' (a, a), h = binary '+' (_, x)))
"""
from __future__ import annotations

from ..analysis.aliases import is_immutable, owners, stored_owners
from ..ir.nodes import BLOCKS, Call, Layer, Lit, Stage, Value, beside
from ..ir.stems import stem_of_call
from ..ir.traversal import substituted, targets_of
from ..types.parts import CONTAINERS
from ..types.shape_rules import kind_of_operand

PLAIN = ("number", "array", "static")
NUMBERS = 8


def outline_call(interp, stage, program, names, follow):
    """The result of `follow()`, a call; the callee becomes a Call with two passes if it can.

    program: of the callee; names: {operand: the parameter that it is passed for}, or None.
    """
    if not interp.layers or program.tree in interp.entered or names is None:
        return follow()
    builder = interp.builder
    start, checkpoint, before = len(builder.stages), builder.checkpoint(), interp.snapshot()[1]
    interp.entered.append(program.tree)
    try:
        result = follow()
    finally:
        interp.entered.pop()
    block = tuple(builder.stages[start:])
    parameter_reads, block = _split_parameter_reads(block)
    definitions = targets_of(block)
    leaves, inputs = _leaves(result, definitions), _inputs(block)
    changes_caller = interp.snapshot()[1][:len(before)] != before
    if changes_caller or not leaves or lines(block, leaves) < minimal_lines((*inputs, *leaves)) \
            or not any(leaf.varied for leaf in leaves) or not all(map(_is_plain, inputs)) \
            or not _is_closed(builder, block, leaves):
        return result
    paths = {operand: _path(operand, names, builder.definitions) for operand in inputs}
    parameters = {operand: _input(operand, paths[operand]) for operand in inputs}
    order = list(names)
    inputs.sort(key=lambda operand: order.index(paths[operand][0]) if paths[operand] else len(order))
    builder.rollback(checkpoint)
    for read in parameter_reads:
        read.target.name, read.target.hint = None, read.target.name or read.target.hint
        builder.append(read, (read.form, read.operands))
    stem = stem_of_call(program.name, program.qualname)
    single = stage.targets[0].name if stage.targets and _unaliased(result, definitions) in leaves else None
    results = tuple((Value(single, leaf.name or leaf.hint or stem, leaf.kind, leaf.varied), leaf)
                    for leaf in leaves)
    absent = builder.scope.absent
    absent.update(parameters[operand] for operand in inputs if operand in absent)
    absent.update(target for target, leaf in results if leaf in absent)
    layer = Layer(stem, program.tree, program.source)
    builder.append_blocks(Call(layer, "forward",
                               tuple((parameters[operand], operand) for operand in inputs),
                               ((None, substituted(block, parameters)),), results, None, (),
                               stage.statement, stage.place))
    return _rebuilt(interp, stage, result, {leaf: target for target, leaf in results}, definitions)


def _path(operand, names, definitions):
    """(argument, its name and the keys from it to an operand): `c_fc_w` of `c_fc["w"]`; None of others."""
    keys = []
    while operand not in names:
        stage = definitions.get(operand)
        if not isinstance(stage, Stage) or stage.form.kind not in ("index", "attr") \
                or kind_of_operand(stage.operands[0]).tag not in (*CONTAINERS, "object"):
            return None
        if stage.form.kind == "index":
            keys += [str(key.value) for key in stage.operands[1:] if isinstance(key, Lit)]
        else:
            keys += [stage.form.name]
        operand = stage.operands[0]
    root = [] if names[operand] == "self" else [names[operand]]
    return operand, "_".join([*root, *reversed(keys)])


def _input(operand, path):
    """A parameter of the callee; the constant of an active scalar is dropped, so that calls share a text."""
    kind = operand.kind
    if operand.varied and kind.tag == "number":
        kind = kind._replace(known=None)
    argument, name = path or (None, "")
    name_in_callee = operand.name if operand is not argument else None
    return Value(name_in_callee or (name if name.isidentifier() else operand.hint), None, kind,
                 operand.varied)


def parameter_of_operand(parameters, args, keywords):
    """{operand: the parameter that it is passed for}; None where one is passed for two."""
    names = {}
    for name, operand in (*zip(parameters, args), *keywords.items()):
        if isinstance(operand, Value) and names.setdefault(operand, name) != name:
            return None
    return names


def minimal_lines(values):
    """How long a layer has to be: a call with plain numbers takes longer than a few operations on them."""
    return NUMBERS if all(value.kind.tag == "number" and value.kind.weak for value in values) else 2


def lines(block, leaves):
    """About how many lines a block has in the text, its return value included."""
    unnamed_results = sum(leaf.name is None for leaf in leaves)
    return unnamed_results + sum(
        isinstance(stage, BLOCKS) or stage.form.kind in ("store", "augment")
        or any(target.name for target in stage.targets) and stage.form.kind != "alias" for stage in block)


def _split_parameter_reads(block):
    """(stages that read a part of a parameter, which the caller can do, and the others)."""
    parameter_reads, others, defined = [], [], set()
    for stage in block:
        reads_part = isinstance(stage, Stage) and stage.form.kind in ("index", "attr") and \
            kind_of_operand(stage.operands[0]).tag in (*CONTAINERS, "object")
        if reads_part and not any(operand in defined for operand in stage.operands):
            parameter_reads.append(stage)
        else:
            others.append(stage)
            defined.update(stage.targets)
    return parameter_reads, tuple(others)


def _inputs(block):
    """What a block reads from outside, in the order of first use."""
    inputs, defined = {}, set()
    for stage in block:
        inputs.update((operand, None) for operand in stage.operands
                      if isinstance(operand, Value) and operand not in defined)
        defined.update(stage.targets)
    return list(inputs)


def _is_plain(operand):
    kind = operand.kind
    if kind.tag in PLAIN:
        return True
    return (kind.tag in ("tuple", "list") and not operand.varied
            and all(item.tag in PLAIN for item in kind.items))


def _leaves(operand, definitions):
    """The numbers and arrays of a result that the callee computes; None where it holds something else."""
    operand = _unaliased(operand, definitions)
    if operand not in definitions:
        return [] if not isinstance(operand, Value) or operand.kind.tag in (*CONTAINERS, *PLAIN) else None
    if operand.kind.tag in ("number", "array"):
        return [operand]
    stage = definitions[operand]
    is_plain_container = isinstance(stage, Stage) and stage.form.kind in CONTAINERS
    if not is_plain_container or stage.form.spec is not None or stage.form.name:
        return None
    parts = [_leaves(part, definitions) for part in stage.operands]
    return None if None in parts else list(dict.fromkeys(leaf for part in parts for leaf in part))


def _unaliased(operand, definitions):
    """The value of the callee that an alias stands for."""
    while isinstance(definitions.get(operand), Stage) and definitions[operand].form.kind == "alias" \
            and definitions[operand].operands[0] in definitions:
        operand = definitions[operand].operands[0]
    return operand


def _is_closed(builder, block, leaves):
    """Whether a block stores only into memory that it allocates, and its results share no memory."""
    inside, taken = builder.defined(block), set()
    if any(memory not in inside for memory in stored_owners(block, inside)):
        return False
    for leaf in leaves:
        memory = set() if is_immutable(leaf) else owners(leaf, inside)
        if not memory <= inside.keys() or memory & taken:
            return False
        taken |= memory
    return True


def _rebuilt(interp, stage, operand, replacements, definitions):
    """The result, rebuilt from the results of the Call; definitions: {value: stage} of the callee."""
    operand = _unaliased(operand, definitions)
    if operand in replacements or operand not in definitions:
        return replacements.get(operand, operand)
    parts = tuple(_rebuilt(interp, stage, part, replacements, definitions)
                  for part in definitions[operand].operands)
    return interp.emit(beside(stage, Value()), definitions[operand].form, parts)
