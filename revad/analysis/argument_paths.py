"""Argument paths: how a text called with the same arguments reads a part of one: `params['layers'][0]`.

>>> from ..ir.nodes import Form, Item, Lit, Stage, Value
>>> from ..types.kinds import Kind
>>> params, layers = (Value("params", kind=Kind("dict")), Value(kind=Kind("list")))
>>> read = Stage((layers,), Form("index", spec=(Item("at", (1,)),)), (params, Lit("layers")))
>>> path_of(layers, {layers: read}), path_of(params, {})
("params['layers']", 'params')
"""
from __future__ import annotations

from ..errors import NotInTurns
from ..ir.nodes import Lit, Stage, Value
from ..types.parts import part
from ..types.shape_rules import kind_of_operand
from ..types.uniform_lists import Stretch

HOLDERS, SEQUENCES = ("tuple", "list", "dict"), ("list", "tuple")


def path_of(value, definitions):
    """How a text reads a value from outside, or None: of the arguments, or by the name of a global."""
    definition = definitions.get(value)
    if definition is None:
        return value.name
    if not isinstance(definition, Stage):
        return None
    if definition.form.kind == "read":
        return definition.form.name
    base = definition.operands[0] if definition.operands else None
    is_element = definition.form.kind == "index" and len(definition.operands) == 2 \
        and definition.form.spec[0].kind == "at"
    if not is_element or not isinstance(base, Value) or base.kind.tag not in HOLDERS:
        return None
    key, path = definition.operands[1], path_of(base, definitions)
    if path is None or not isinstance(key, Lit):
        return None
    return (f"{path}.{definition.form.name[1:]}" if definition.form.name.startswith(".")
            else f"{path}[{key.value!r}]")


def parameter_of(value, definitions):
    """The value at the beginning of the path of a part: the parameter, or what reads a global."""
    while isinstance(definitions.get(value), Stage) and definitions[value].form.kind == "index":
        value = definitions[value].operands[0]
    return value


# ---- lists of any number of elements

def stretch_of(builder, operand):
    """The Stretch of a list of an argument, or of a slice of one that leaves out elements at its ends.

    None for others, and where no loop may go over such a list.
    """
    stretches = builder.scope.stretches
    if not builder.scope.uniform_lists or not isinstance(operand, Value) or operand.kind.tag not in SEQUENCES:
        return None
    if operand not in stretches:
        stretch = _stretch(builder, operand)
        if stretch is None:
            return None
        stretches[operand] = stretch
    return stretches[operand]


def _stretch(builder, operand):
    definition = builder.definitions.get(operand)
    if isinstance(definition, Stage) and definition.form.kind == "alias":
        return stretch_of(builder, definition.operands[0])
    if isinstance(definition, Stage) and definition.form.kind == "index":
        ends = left_out(definition.form, definition.operands)
        stretch = None if ends is None else stretch_of(builder, definition.operands[0])
        if stretch is not None:
            return stretch.without(*ends)
    path = path_of(operand, builder.definitions)
    if path is None or not operand.kind.items \
            or parameter_of(operand, builder.definitions) not in builder.scope.arguments:
        return None
    return Stretch(operand, path, len(operand.kind.items))


def left_out(form, operands):
    """(how many elements at the beginning, at the end a slice leaves out); None for what is no such slice."""
    if form.kind != "index" or len(form.spec) != 1 or form.spec[0].kind != "slice":
        return None
    holes = form.spec[0].holes
    start, stop, step = (None if hole is None else constant_position(operands[hole]) for hole in holes)
    given = [hole is not None for hole in holes]
    if given[2] and step != 1 or given[0] and (start is None or start < 0) or given[1] and (stop or 0) >= 0:
        return None
    return start or 0, -(stop or 0)


def constant_position(operand):
    """An integer that is the same in every call, or None."""
    known = kind_of_operand(operand).known
    return known.value if known is not None and known.exact and type(known.value) is int else None


def part_in_place(builder, value, key):
    """A read of an element of a container, as `types.parts.part`.

    Of a list of any number of elements one of the last is read by its position from the end.
    """
    stretch = stretch_of(builder, value)
    use = None if stretch is None else builder.scope.use_of(stretch.path)
    if use is not None and key + stretch.start >= use.first:
        key -= stretch.length.value
        if stretch.stop - key > use.last:
            raise NotInTurns
    return part(builder, value, key)


def reread(builder, value):
    """A part of an argument, read where the builder is: it may have been read in a loop or a branch."""
    stage = builder.definitions.get(value)
    if stage is None:
        return value
    base = reread(builder, stage.operands[0])
    if stage.form.kind == "alias":
        return base
    renewed = Value(None, value.hint, value.kind, value.varied)
    builder.append(Stage((renewed,), stage.form, (base, *stage.operands[1:])))
    return renewed
