"""Superclasses: methods looked up in a class, as in `super().forward(x)` or `self.cost.value(x)`.

>>> class A:
...     def f(self):
...         return 1
>>> class B(A):
...     pass
>>> _class_member((B, A), "f") is A.f, _class_member((B, A), "g") is None
(True, True)
"""
from __future__ import annotations

import types
from typing import Any, NamedTuple

from ...ir.nodes import Lit
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import object_of, object_value


class Super(NamedTuple):
    """`super()`: the classes after the current one in the method resolution order, and the object."""

    classes: tuple
    receiver: Any


def parent(interp, stage, args, keywords):
    """`super()`, `super(Net, self)`."""
    if not args:
        cls = interp.builder.scope.resolve(interp.frame.rename("__class__"))
        receiver = interp.frame.find(interp.frame.first) if interp.frame.first is not None else None
    else:
        cls, receiver = object_of(args[0]), args[1] if len(args) == 2 else None
    instance = object_of(receiver)
    order = (instance if isinstance(instance, type) else type(instance)).__mro__
    if instance is None or cls not in order:
        raise Refusal("super()", "which object it is for is not known when compiling",
                      "Name the class: Base.method(self, x).")
    return object_value(Super(order[order.index(cls) + 1:], receiver))


def method(interp, stage, owner, name, args, keywords):
    """A method of super(), or of a class; NotImplemented if the owner is neither."""
    obj, kind = object_of(owner), kind_of_operand(owner)
    if kind.tag not in ("static", "function") or not isinstance(obj, (Super, type)):
        return NotImplemented
    if isinstance(obj, type) and not kind.known.exact:
        interp.builder.scope.static(kind.known)
    classes, receiver = obj if isinstance(obj, Super) else (obj.__mro__, None)
    member = _class_member(classes, name)
    if isinstance(member, types.FunctionType):
        return interp.enter(stage, member, (receiver, *args) if receiver is not None else args, keywords)
    if isinstance(member, staticmethod) and isinstance(member.__func__, types.FunctionType):
        return interp.enter(stage, member.__func__, args, keywords)
    if isinstance(member, classmethod) and isinstance(member.__func__, types.FunctionType):
        instance = object_of(receiver)
        cls = obj if isinstance(obj, type) else instance if isinstance(instance, type) else type(instance)
        return interp.enter(stage, member.__func__, (object_value(cls), *args), keywords)
    if member is object.__init__:
        return Lit(None)
    if member is object.__setattr__ and receiver is not None:
        interp.put_attribute(stage, receiver, interp.builder.static(args[0]), args[1])
        return Lit(None)
    return NotImplemented


def attribute(interp, stage, owner, name):
    """A property of super(); NotImplemented if the owner is no super()."""
    super_object = object_of(owner) if kind_of_operand(owner).tag == "function" else None
    if not isinstance(super_object, Super):
        return NotImplemented
    cls = next((cls for cls in super_object.classes if name in vars(cls)), None)
    member = None if cls is None else vars(cls)[name]
    if isinstance(member, property) and isinstance(member.fget, types.FunctionType):
        interp.builder.scope.rely_on_class(cls, name)
        return interp.enter(stage, member.fget, (super_object.receiver,), {})
    raise Refusal(f"attribute .{name} of super()", "only methods and properties are looked up there",
                  "Name the class: Base.name.")


def _class_member(classes, name):
    """The member of the first class that has one of this name."""
    return next((vars(cls)[name] for cls in classes if name in vars(cls)), None)
