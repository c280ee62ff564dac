"""Superclasses: methods that are looked up in a class: `super().forward(x)`, and `self.cost.value(x)` where the attribute is a class.

>>> class A:
...     def f(self):
...         return 1
>>> class B(A):
...     pass
>>> _found((B, A), "f") is A.f, _found((B, A), "g") is None
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
    """What super() gives: the classes after one in the order of lookup, and the object."""

    classes: tuple
    receiver: Any


def parent(interp, stage, args, keywords):
    """`super()`, `super(Net, self)`."""
    if not args:
        cls = interp.builder.scope.resolve(interp.frame.rename("__class__"))
        receiver = interp.frame.find(interp.frame.first) if interp.frame.first is not None else None
    else:
        cls, receiver = object_of(args[0]), args[1] if len(args) == 2 else None
    thing = object_of(receiver)
    order = (thing if isinstance(thing, type) else type(thing)).__mro__
    if thing is None or cls not in order:
        raise Refusal("super()", "which object it is for is not known when compiling", "Name the class: Base.method(self, x).")
    return object_value(Super(order[order.index(cls) + 1:], receiver))


def method(interp, stage, owner, name, args, keywords):
    """A method of super(), or of a class; NotImplemented if the owner is neither."""
    thing, kind = object_of(owner), kind_of_operand(owner)
    if kind.tag not in ("static", "function") or not isinstance(thing, (Super, type)):
        return NotImplemented
    if isinstance(thing, type) and not kind.known.exact:
        interp.builder.scope.static(kind.known)
    classes, receiver = thing if isinstance(thing, Super) else (thing.__mro__, None)
    found = _found(classes, name)
    if isinstance(found, types.FunctionType):
        return interp.enter(stage, found, (receiver, *args) if receiver is not None else args, keywords)
    if isinstance(found, staticmethod) and isinstance(found.__func__, types.FunctionType):
        return interp.enter(stage, found.__func__, args, keywords)
    if isinstance(found, classmethod) and isinstance(found.__func__, types.FunctionType):
        cls = thing if isinstance(thing, type) else object_of(receiver) if isinstance(object_of(receiver), type) else type(object_of(receiver))
        return interp.enter(stage, found.__func__, (object_value(cls), *args), keywords)
    if found is object.__init__:
        return Lit(None)
    if found is object.__setattr__ and receiver is not None:
        interp.put_attribute(stage, receiver, interp.builder.static(args[0]), args[1])
        return Lit(None)
    return NotImplemented


def attribute(interp, stage, owner, name):
    """A property of super(), or what stands in a class there; NotImplemented if the owner is no such thing."""
    parent = object_of(owner) if kind_of_operand(owner).tag == "function" else None
    if not isinstance(parent, Super):
        return NotImplemented
    cls = next((cls for cls in parent.classes if name in vars(cls)), None)
    if cls is not None and isinstance(vars(cls)[name], property) and isinstance(vars(cls)[name].fget, types.FunctionType):
        interp.builder.scope.rely_on_class(cls, name)
        return interp.enter(stage, vars(cls)[name].fget, (parent.receiver,), {})
    raise Refusal(f"attribute .{name} of super()", "only methods and properties are looked up there", "Name the class: Base.name.")


def _found(classes, name):
    """What the first class that has the name holds there."""
    return next((vars(cls)[name] for cls in classes if name in vars(cls)), None)
