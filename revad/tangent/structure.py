"""Structure: the tangents of a block's values, by value: of a container one for each of its parts.

The tangent of a number or an array is an operand, None stands for zero.  That of a container is a dict from
key or position to tangent, or one value of the same structure, such as a parameter.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT
>>> x, dx = Value("x", kind=FLOAT, varied=True), Value("dx", kind=FLOAT)
>>> tangents = Tangents({x: dx})
>>> tangents.get(x), tangents.get(Lit(2.0)), tangents.full(Builder(), Value("y", kind=FLOAT))
(dx, None, 0.0)
"""
from __future__ import annotations

import types

import numpy as np

from ..builder.broadcasting import full, is_full
from ..builder.shape_exprs import same_shape
from ..builder.symbols import as_one_array
from ..ir.nodes import Form, Lit, Stage, Value
from ..rules.tangents import no_tangent
from ..types.kinds import INTEGERS, NUMPY_1
from ..types.parts import CONTAINERS, display_form, is_written_object, keys_of, kind_of_part, part, read
from ..types.shape_rules import as_array, kind_of_operand
from .kinds import REAL, has_tangent, is_active, tangent_kind


class Tangents(dict):
    """{value: its tangent}."""

    def get(self, operand):
        """The tangent of an operand, None for zero."""
        return super().get(operand) if isinstance(operand, Value) else None

    def part(self, builder, value, tangent, key):
        """The tangent of a part of a container."""
        if tangent is None or isinstance(tangent, dict):
            return None if tangent is None else tangent.get(key)
        kind = kind_of_part(value.kind, key)
        if not has_tangent(kind) or tangent.kind.tag == "dict" and key not in tangent.kind.keys:
            return None
        return builder.emit(read(tangent.kind, key), (tangent, Lit(key)))

    def full(self, builder, operand, numeric=False):
        """The tangent of an operand as an operand of the same structure, shape and precision.

        numeric: truth values have zeros, too.
        """
        return filled(builder, operand, self.get(operand), numeric)

    def as_array(self, builder, operand, broadcasts=False):
        """The tangent of what NumPy takes as an array, a list of numbers too; None for zero.

        broadcasts: it may have fewer axes, or axes of length 1, where it broadcasts to the operand's shape.
        """
        if not is_active(operand) or self.get(operand) is None:
            return None
        if broadcasts and operand.kind.numeric:
            return builder.symbol(self.get(operand))
        tangent = builder.symbol(self.full(builder, operand))
        return as_one_array(tangent) if operand.kind.tag in ("tuple", "list", "stack") else tangent


def filled(builder, value, tangent, numeric=False):
    """A tangent in the structure of its value, with zeros for None; None for settings."""
    kind = kind_of_operand(value)
    if kind.tag in CONTAINERS:
        if isinstance(tangent, Value):
            return tangent
        if kind.tag == "object":
            no_tangent("object that is handed on")
        parts = tuple(filled(builder, part(builder, value, key),
                             None if tangent is None else tangent.get(key), numeric)
                      if has_tangent(item) or numeric and item.numeric else Lit(None)
                      for key, item in zip(keys_of(kind), kind.items))
        if is_written_object(kind):
            builder.externals.setdefault("@types.SimpleNamespace", types.SimpleNamespace)
            return builder.emit_container(Form("dict", "@types.SimpleNamespace", tuple(kind.keys)), parts)
        return builder.emit_container(display_form(builder, kind), parts)
    if kind.tag == "stack":
        return tangent if tangent is not None else zeros_of_list(builder, value)
    if not has_tangent(kind) and not (numeric and kind.numeric):
        return Lit(None)
    if kind.tag == "unknown" or kind.shape is None and not kind.dtype:
        like = builder.symbol(value)
        if tangent is None:
            return np.zeros_like(like, dtype=float).operand
        return (np.zeros_like(like) + builder.symbol(tangent)).operand
    if tangent is None:
        tangent = Lit(0.0)
        if kind.rank == 0 and kind.tag == "number":
            return tangent
    operand = in_precision(builder, full_rank(builder, tangent, value), kind)
    symbol = builder.symbol(operand)
    if kind.tag == "array" and kind.rank == 0:      # arithmetic gives a number
        return symbol._call(np.array, (symbol,), {}).operand
    if kind.tag == "number" and symbol.kind.tag == "array" and symbol.kind.rank == 0:
        return symbol._call(np.asarray, (symbol,), {})[()].operand
    return operand


def is_uncertain(kind, has_singles):
    """Whether only running shows the type of a value, or of a part: its precision or that it is a number.

    has_singles: something may be of lower precision than double.
    """
    if kind.tag in CONTAINERS:
        return any(is_uncertain(item, has_singles) for item in kind.items)
    return (kind.tag == "array" and kind.rank in (0, None) or kind.tag == "unknown"
            or has_singles and kind.numeric and (not kind.dtype or kind.rank == 0))


def is_single(kind):
    """Whether a value, or a part of it, may be of lower precision than double."""
    if kind.tag in CONTAINERS:
        return kind.tag == "object" or any(map(is_single, kind.items))
    return kind.tag == "unknown" or kind.numeric and kind.dtype not in (*INTEGERS, "d")


def full_rank(builder, tangent, value):
    """The tangent with the shape of its value; where that is an array without axes, such an array."""
    kind = kind_of_operand(value)
    if kind.tag == "array" and kind.rank == 0 and kind_of_operand(tangent).tag == "number":
        return builder.symbol(tangent)
    as_given = as_array(kind, builder.scope)
    symbol = builder.symbol(tangent)
    if isinstance(value, Value) and kind.tag == "array" and kind.dtype in REAL and kind.rank != 0 \
            and not is_full(builder, symbol.kind, as_given) and same_shape(builder, as_given) is None:
        like = builder.symbol(value)
        return np.zeros_like(like) if tangent == Lit(0.0) else np.full_like(like, symbol)
    return full(builder, symbol, value)


def in_precision(builder, symbol, kind):
    """The operand of a tangent, converted where its precision is another one than that of its value."""
    wanted, have = tangent_kind(kind).dtype, symbol.kind.dtype
    if isinstance(symbol.operand, Lit) or kind.weak and (have in ("d", "l", "?") or symbol.kind.weak):
        return symbol.operand
    if kind.weak:
        return symbol._call(float, (symbol,), {}).operand if symbol.kind.rank == 0 else symbol.operand
    if have in INTEGERS and have:
        symbol = symbol.as_float()
        have = symbol.kind.dtype
    if wanted == have and not (NUMPY_1 and wanted != "d") or wanted not in REAL or not wanted:
        return symbol.operand
    return cast(builder, symbol, np.dtype(wanted).type).operand


def cast(builder, symbol, scalar_type):
    """A symbol converted to a type of NumPy's: `x.astype(np.float32)`, or `np.float32(x)` of a number."""
    if symbol.kind.tag == "array" and symbol.kind.rank != 0:
        return symbol.astype(scalar_type if scalar_type is not np.float64 else float)
    return symbol._call(scalar_type, (symbol,), {})


def zeros_of_list(builder, value):
    """The tangent of a list of unknown length whose elements are all constants: as many zeros."""
    definition = builder.definitions.get(value)
    if isinstance(definition, Stage) and definition.form.kind == "list" and not definition.operands:
        tangent = Value(None, kind=tangent_kind(value.kind))
        builder.append(Stage((tangent,), Form("list"), ()))
        return tangent
    no_tangent("list that begins with constants")


def value_part(builder, value, key):
    """A part of a container, read for its shape."""
    return part(builder, value, key)
