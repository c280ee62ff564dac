"""Kinds of tangents: those of the values that they belong to, in floats.

>>> from ..types.kinds import FLOAT, INT
>>> tangent_kind(INT) == FLOAT, tangent_kind(Kind("tuple", items=(INT, FLOAT))).items == (FLOAT, FLOAT)
(True, True)
"""
from __future__ import annotations

import types

from ..ir.nodes import Lit, Value
from ..types.kinds import INTEGERS, Kind, Known, array, is_object, is_stored_list, stack
from ..types.parts import CONTAINERS, carries, kind_of_part
from ..types.snapshot import attributes_of

SETTINGS = frozenset("?USOMmVFDG")      # numbers and arrays of these have no tangent
REAL = frozenset("efdg")
NAMESPACE = Known(types.SimpleNamespace, "?", True, True)


def tangent_kind(kind) -> Kind:
    """The kind of a tangent: the structure, lengths and precision of the value; of integers double."""
    if kind.tag in CONTAINERS:
        return kind._replace(items=tuple(map(tangent_kind, kind.items)))
    if kind.tag == "stack":
        return stack(tangent_kind(kind.items[0]), kind.shape[0])
    if not kind.numeric:
        return kind
    if is_stored_list(kind):        # the tangent is an array
        kind = array(kind.shape, kind.dtype)
    return kind._replace(dtype="d" if kind.dtype and kind.dtype in INTEGERS else kind.dtype,
                         known=None, affine=None)


def parameter_kind(kind, seen=()) -> Kind:
    """The kind of a parameter's tangent: of an object a namespace of the attributes that carry one."""
    if kind.tag == "object" and kind.known is not None and is_object(kind.known.value):
        if id(kind.known.value) in seen:
            return Kind("dict", known=NAMESPACE)
        seen = (*seen, id(kind.known.value))
        attributes = {name: kind_of_part(kind, name) for name in attributes_of(kind.known.value)}
        attributes = {name: part for name, part in attributes.items() if carries(part)}
        return Kind("dict", items=tuple(parameter_kind(part, seen) for part in attributes.values()),
                    keys=tuple(attributes), known=NAMESPACE)
    if kind.tag in CONTAINERS and kind.tag != "object":
        return kind._replace(items=tuple(parameter_kind(part, seen) for part in kind.items))
    return tangent_kind(kind)


def is_active(operand):
    """Whether an operand can have a tangent that is not zero."""
    if isinstance(operand, Lit) or not operand.varied:
        return False
    return has_tangent(operand.kind)


def has_tangent(kind):
    """Whether a value of this kind can have a tangent."""
    return kind.tag in CONTAINERS or kind.tag in ("stack", "unknown") \
        or kind.numeric and not (kind.dtype and kind.dtype in SETTINGS)


def tangent_name(value):
    """(name, hint) of the tangent of a value."""
    return f"d{value.name}" if value.name else None, f"d{value.name or value.hint or 't'}"


def tangent_parameter(value) -> Value:
    """The parameter for the tangent of another."""
    return Value(*tangent_name(value), parameter_kind(value.kind))
