"""Protocols: the methods that Python calls for what is written without a name: `a + b`, `p["W"]`, `key in p`, `len(p)`.

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
from ...types.kinds import is_plain_class
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand

_BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "**": "pow", "@": "matmul", "//": "floordiv", "%": "mod",
           "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_REFLECTED = {"+": "radd", "-": "rsub", "*": "rmul", "/": "rtruediv", "**": "rpow", "@": "rmatmul",
              "<": "gt", "<=": "ge", ">": "lt", ">=": "le"}
_UNARY = {"-": "neg", "+": "pos"}
_FUNCTIONS = {builtins.abs: "abs", builtins.float: "float", builtins.int: "int", builtins.round: "round", builtins.reversed: "reversed",
              builtins.hash: "hash", builtins.divmod: "divmod"}
_ACCESS = frozenset(("getitem", "setitem", "contains", "len", "iter"))       # what gives or takes a part of the object


def _method(operand, name):
    """The function with that name between two underscores in the class of an object, or None."""
    kind = kind_of_operand(operand)
    if kind.tag != "object" or kind.known is None or not is_plain_class(type(kind.known.value)):
        return None     # np.r_
    found = getattr(type(kind.known.value), f"__{name}__", None)
    return found if isinstance(found, types.FunctionType) else None


def called(interp, stage, operand, name, *args):
    """What the method gives; NotImplemented if the object has none."""
    found = _method(operand, name)
    return NotImplemented if found is None else interp.enter(stage, found, (operand, *args), {}, name not in _ACCESS)


def operator(interp, stage, operands):
    """`a + b`, `-a`, `a < b`, `a in b` of objects."""
    form = stage.form
    if form.name in ("in", "not in"):
        found = called(interp, stage, operands[1], "contains", operands[0])
        return found if found is NotImplemented or form.name == "in" else interp.plain(_apart(stage, Form("unary", "not")), (found,))
    if form.name == "not":
        found = truth(interp, stage, operands[0])
        return NotImplemented if found is operands[0] else interp.plain(_apart(stage, Form("unary", "not")), (found,))
    if form.name == "!=" and _method(operands[0], "ne") is None and _method(operands[0], "eq") is not None:
        found = called(interp, stage, operands[0], "eq", operands[1])
        return interp.plain(_apart(stage, Form("unary", "not")), (found,))
    for place, operand in enumerate(operands):
        table = _UNARY if form.kind == "unary" else _REFLECTED if place else _BINARY
        rest = [other for other in operands if other is not operand] or list(operands[1:])
        found = called(interp, stage, operand, table.get(form.name), *rest[:len(operands) - 1])
        if found is not NotImplemented:
            return found
    return NotImplemented


def truth(interp, stage, operand):
    """What decides `if a:` of an object, where a method of it does; the operand itself of all else."""
    if _method(operand, "bool") is None and _method(operand, "len") is None:
        return operand
    at = Stage((Value(),), Form("alias"), (), stage.statement, stage.place)
    found = called(interp, at, operand, "bool")
    return called(interp, at, operand, "len") if found is NotImplemented else found


def augmented(interp, stage, operands):
    """`a += b` of an object: what its method gives, or the sum."""
    name = _BINARY.get(stage.form.name, "")
    found = called(interp, stage, operands[0], f"i{name}", operands[1])
    return interp.plain(_apart(stage, Form("binary", stage.form.name)), operands) if found is NotImplemented else found


def function(interp, stage, thing, args):
    """`abs(a)`, `reversed(a)` of an object."""
    name = next((name for function, name in _FUNCTIONS.items() if function is thing), None)
    return NotImplemented if name is None or not args else called(interp, stage, args[0], name, *args[1:])


def subscript(interp, stage, operands):
    """`p["W"]`."""
    if _method(operands[0], "getitem") is None:
        return NotImplemented
    return called(interp, stage, operands[0], "getitem", _key(interp, stage, operands))


def store(interp, stage, operands):
    """`p["W"] = v`, `p["W"] += v`."""
    base, value = operands[:2]
    if _method(base, "setitem") is None:
        return NotImplemented
    key = _key(interp, stage, operands)
    if stage.form.name:
        value = interp.augment(_apart(stage, Form("augment", stage.form.name)), (called(interp, stage, base, "getitem", key), value))
    called(interp, stage, base, "setitem", key, value)
    return base


def _key(interp, stage, operands):
    items = stage.form.spec
    if any(item.kind != "at" for item in items):
        raise Refusal("subscript", "a slice is handed to a method of the object", "Call a method with numbers in place of the slice.")
    keys = tuple(operands[item.holes[0]] for item in items)
    return keys[0] if len(keys) == 1 else interp.make(stage, Form("tuple"), keys)


def _apart(stage, form) -> Stage:
    return dataclasses.replace(stage, form=form, targets=(Value(),))
