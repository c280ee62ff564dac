"""Argument paths: how a text called with the same arguments reads a part of one: `params['layers'][0]`.

>>> from ..ir.nodes import Form, Item, Lit, Stage, Value
>>> from ..types.kinds import Kind
>>> params, layers = (Value("params", kind=Kind("dict")), Value(kind=Kind("list")))
>>> read = Stage((layers,), Form("index", spec=(Item("at", (1,)),)), (params, Lit("layers")))
>>> path_of(layers, {layers: read}), path_of(params, {})
("params['layers']", 'params')
"""
from __future__ import annotations

from ..ir.nodes import Lit, Stage, Value

HOLDERS = ("tuple", "list", "dict")


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
