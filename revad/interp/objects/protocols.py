"""Protocols: the special methods behind operators and built-ins: `a + b`, `p["W"]`, `key in p`, `len(p)`.

>>> import types
>>> from ...types.kinds import Kind, Known
>>> class Weights:
...     __module__ = "models"
...     def __len__(self):
...         return 2
>>> _method(Value("w", kind=Kind("object", known=Known(Weights(), "w"))), "len").__name__
'__len__'
"""
from __future__ import annotations

import builtins
import dataclasses
import types

from ...ir.nodes import Form, Stage, Value
from ...types.kinds import is_plain_class, is_stored_list
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..loops import stored_lists

_BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "**": "pow", "@": "matmul", "//": "floordiv",
           "%": "mod", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_REFLECTED = {"+": "radd", "-": "rsub", "*": "rmul", "/": "rtruediv", "**": "rpow", "@": "rmatmul",
              "<": "gt", "<=": "ge", ">": "lt", ">=": "le"}
_UNARY = {"-": "neg", "+": "pos"}
_FUNCTIONS = {builtins.abs: "abs", builtins.float: "float", builtins.int: "int", builtins.round: "round",
              builtins.reversed: "reversed", builtins.hash: "hash", builtins.divmod: "divmod"}
# The methods that read or store an element of the object.
_ACCESS = frozenset(("getitem", "setitem", "contains", "len", "iter"))


def _method(operand, name):
    """The special method of that name in the class of an object, or None."""
    kind = kind_of_operand(operand)
    if kind.tag != "object" or kind.known is None or not is_plain_class(type(kind.known.value)):
        return None     # np.r_
    method = getattr(type(kind.known.value), f"__{name}__", None)
    return method if isinstance(method, types.FunctionType) else None


def call_special(interp, stage, operand, name, *args):
    """The result of a special method; NotImplemented if the object has none."""
    method = _method(operand, name)
    return (NotImplemented if method is None
            else interp.enter(stage, method, (operand, *args), {}, name not in _ACCESS))


def operator(interp, stage, operands):
    """`a + b`, `-a`, `a < b`, `a in b` of objects."""
    form = stage.form
    if form.name in ("in", "not in"):
        result = call_special(interp, stage, operands[1], "contains", operands[0])
        if result is NotImplemented or form.name == "in":
            return result
        return interp.evaluate_or_emit(_unnamed_as(stage, Form("unary", "not")), (result,))
    if form.name == "not":
        result = truth(interp, stage, operands[0])
        if result is operands[0]:
            return NotImplemented
        return interp.evaluate_or_emit(_unnamed_as(stage, Form("unary", "not")), (result,))
    if form.name == "!=" and _method(operands[0], "ne") is None and _method(operands[0], "eq") is not None:
        result = call_special(interp, stage, operands[0], "eq", operands[1])
        return interp.evaluate_or_emit(_unnamed_as(stage, Form("unary", "not")), (result,))
    for place, operand in enumerate(operands):
        table = _UNARY if form.kind == "unary" else _REFLECTED if place else _BINARY
        others = [other for other in operands if other is not operand] or list(operands[1:])
        result = call_special(interp, stage, operand, table.get(form.name), *others[:len(operands) - 1])
        if result is not NotImplemented:
            return result
    return NotImplemented


def truth(interp, stage, operand):
    """The condition of `if a:` for an object whose class has a method for it; else the operand itself."""
    if is_stored_list(kind_of_operand(operand)):
        stored_lists.refuse()
    if _method(operand, "bool") is None and _method(operand, "len") is None:
        return operand
    unnamed = Stage((Value(),), Form("alias"), (), stage.statement, stage.place)
    result = call_special(interp, unnamed, operand, "bool")
    return call_special(interp, unnamed, operand, "len") if result is NotImplemented else result


def augmented(interp, stage, operands):
    """`a += b` of an object: the result of its method, or the sum."""
    name = _BINARY.get(stage.form.name, "")
    result = call_special(interp, stage, operands[0], f"i{name}", operands[1])
    if result is NotImplemented:
        return interp.evaluate_or_emit(_unnamed_as(stage, Form("binary", stage.form.name)), operands)
    return result


def function(interp, stage, obj, args):
    """`abs(a)`, `reversed(a)` of an object."""
    name = next((name for function, name in _FUNCTIONS.items() if function is obj), None)
    return (NotImplemented if name is None or not args
            else call_special(interp, stage, args[0], name, *args[1:]))


def subscript(interp, stage, operands):
    """`p["W"]`."""
    if _method(operands[0], "getitem") is None:
        return NotImplemented
    return call_special(interp, stage, operands[0], "getitem", _key(interp, stage, operands))


def store(interp, stage, operands):
    """`p["W"] = v`, `p["W"] += v`."""
    base, value = operands[:2]
    if _method(base, "setitem") is None:
        return NotImplemented
    key = _key(interp, stage, operands)
    if stage.form.name:
        element = call_special(interp, stage, base, "getitem", key)
        value = interp.augment(_unnamed_as(stage, Form("augment", stage.form.name)), (element, value))
    call_special(interp, stage, base, "setitem", key, value)
    return base


def _key(interp, stage, operands):
    items = stage.form.spec
    if any(item.kind != "at" for item in items):
        raise Refusal("subscript", "a slice is handed to a method of the object",
                      "Call a method with numbers in place of the slice.")
    keys = tuple(operands[item.holes[0]] for item in items)
    return keys[0] if len(keys) == 1 else interp.make(stage, Form("tuple"), keys)


def _unnamed_as(stage, form) -> Stage:
    return dataclasses.replace(stage, form=form, targets=(Value(),))
