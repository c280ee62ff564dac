"""Shape exprs: the shape, size and axis lengths of a value, read from a parameter where one has them.

A gradient needs the shape of a value more often than the value; reading it elsewhere keeps
the value out of the cache.

>>> from .builder import Builder
>>> from ..types.kinds import Known, array
>>> from ..ir.nodes import Value
>>> n = Known(5, "x.shape[0]", False, True)
>>> builder = Builder()
>>> builder.models.append(Value("x", kind=array((n,))))
>>> shape_of(builder, Value("h", kind=array((n,)))).operand, builder.stages
(_, [_ = attr 'shape' (x)])
"""
from __future__ import annotations

import ast

import numpy as np

from ..ir.nodes import Form, Item, Lit, Stage, Value
from ..syntax import tree_of
from ..types.kinds import INT, INTEGERS, is_stored_list
from ..types.parts import CONTAINERS
from ..types.shape_rules import as_array, kind_of_operand


def length_texts(kind):
    return None if kind.shape is None else tuple(n.text for n in kind.shape)


def same_shape(builder, kind):
    """A parameter of this shape and float dtype, to allocate arrays like it."""
    for value in builder.models:
        if value.kind.tag == "array" and value.kind.dtype == kind.dtype and kind.dtype not in INTEGERS \
                and not is_stored_list(value.kind) \
                and kind.shape is not None and length_texts(value.kind) == length_texts(kind):
            return value
    return None


def _model(builder, kind):
    for value in builder.models:
        if value.kind.tag == "array" and not value.kind.items and not is_stored_list(value.kind) \
                and kind.shape is not None and length_texts(value.kind) == length_texts(kind):
            return value
    return None


def _attribute(builder, operand, name):
    return builder.symbol(builder.emit(Form("attr", name), (operand,)))


def shape_of(builder, value):
    """The shape of a value, as a symbol."""
    kind = as_array(kind_of_operand(value), builder.scope)
    model = _model(builder, kind)
    if model is not None:
        return _attribute(builder, model, "shape")
    if kind.shape == ():
        return builder.symbol(builder.emit(Form("tuple"), ()))
    source = argument_part(builder, value)
    if source is None and kind.shape is not None and all(expressible(builder, n) for n in kind.shape):
        return builder.symbol(builder.emit(Form("tuple"), tuple(length(builder, n) for n in kind.shape)))
    is_list = kind_of_operand(value).tag == "stack" or is_stored_list(kind_of_operand(value))
    if is_list and all(expressible(builder, n) for n in kind.shape[1:]):
        builder.externals.setdefault("@len", len)
        count = builder.emit(Form("call", "@len"), (value,))
        return builder.symbol(
            builder.emit(Form("tuple"), (count, *(length(builder, n) for n in kind.shape[1:]))))
    if not kind_of_operand(value).numeric or kind.shape is None:
        return np.shape(builder.symbol(value))
    return _attribute(builder, value if source is None else source, "shape")


def size_of(builder, value):
    """The number of elements of a value, as a symbol."""
    kind = as_array(kind_of_operand(value), builder.scope)
    model = _model(builder, kind)
    if model is not None:
        return _attribute(builder, model, "size")
    if kind.shape is not None and all(expressible(builder, n) for n in kind.shape):
        total = builder.symbol(Lit(1))
        for n in kind.shape:
            total = total * builder.symbol(length(builder, n))
        return total
    return _attribute(builder, value, "size")


def argument_part(builder, value):
    """A parameter, or a part of one: it costs nothing to read its shape.  None for others."""
    if is_stored_list(kind_of_operand(value)):
        return None
    if value in builder.models:
        return value
    stage = builder.definitions.get(value)
    if not isinstance(stage, Stage) or stage.form.kind not in ("index", "attr") \
            or kind_of_operand(stage.operands[0]).tag not in CONTAINERS \
            or not all(isinstance(key, Lit) for key in stage.operands[1:]):
        return None
    container = argument_part(builder, stage.operands[0])
    if container is None or kind_of_operand(container).tag != "object":
        return None if container is None else builder.emit(stage.form, (container, *stage.operands[1:]))
    known = builder.known(stage.form, (container,))
    if known is None:
        known = Value(None, stage.form.name, value.kind, value.varied)
        builder.append(Stage((known,), stage.form, (container,)), (stage.form, (container,)))
    return known


def expressible(builder, known):
    """Whether an axis length can be computed from the arguments."""
    text = known.text
    if builder.closed and not any(n.text == text for model in builder.models for n in model.kind.shape or ()):
        return known.exact
    return not text.startswith(("?", "(")) and not any(
        part in text for part in ("[len(", "range(", "max(", " or "))


def length(builder, known):
    """An axis length as an operand, from the expression that gave it."""
    if known.exact:
        return Lit(known.value)
    for model in builder.models:
        axis = next((i for i, n in enumerate(model.kind.shape or ()) if n.text == known.text), None)
        if axis == 0 and (model.kind.items or is_stored_list(model.kind)) and model.kind.tag == "array":
            # of a range or a list
            builder.externals.setdefault("@len", len)
            return builder.emit(Form("call", "@len"), (model,))
        if axis is not None and model.kind.tag == "array" and not is_stored_list(model.kind):
            shape = builder.emit(Form("attr", "shape"), (model,))
            return builder.emit(Form("index", spec=(Item("at", (1,)),)), (shape, Lit(axis)))
    node = tree_of(known.text, "eval").body
    names = {model.name: model for model in builder.models}
    names_read = tuple(
        dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in names))
    value = builder.emit(Form("copied", "", names_read, known.text),
                         tuple(names[name] for name in names_read))
    value.kind = INT._replace(known=known)
    return value
