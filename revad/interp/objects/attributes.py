"""Attributes: attributes of objects and named tuples, read and assigned, and the construction of objects.

>>> is_plain(3.0), is_plain(Value("x"))
(False, True)
"""
from __future__ import annotations

import dataclasses
import functools
import types
from collections import OrderedDict

import numpy as np

from ...ir.nodes import UNSET, Form, Lit, Stage, Unset, Value, beside
from ...types.kinds import Kind, Known, is_object, kind_of, number, record
from ...types.parts import carries, display_form
from ...types.refusals import Refusal
from ...types.scope import Unknown
from ...types.shape_rules import kind_of_operand
from ...types.snapshot import attributes_of
from .. import views
from ..builtin_functions import dict_of
from ..environment import Partial, Unusable, object_of, object_value
from ..inline import source_function
from ..loops.iterables import Range
from ..nonlocals import MUTABLE, read
from . import instances, superclasses
from .instances import is_local_object
from .lambda_lifting import LocalGradient


def is_plain(obj):
    """Whether it is an object of a user's class, which holds its parts as attributes."""
    if is_object(obj):
        return True
    special = (types.ModuleType, type, np.ndarray, np.generic, np.random.Generator, np.random.RandomState)
    return (not callable(obj) and not isinstance(obj, special)
            and type(obj).__module__ not in ("builtins", "numpy"))


def attribute(interp, stage, operands):
    """`self.W`, `x.shape`, `point.x`."""
    base, name = operands[0], stage.form.name
    kind = kind_of_operand(base)
    of_super = superclasses.attribute(interp, stage, base, name)
    if of_super is not NotImplemented:
        return of_super
    if kind.tag == "tuple" and kind.keys and name in kind.keys:
        return interp.element(stage, base, kind.keys.index(name))
    if isinstance(object_of(base), LocalGradient) and name in ("forward", "backward"):
        return object_value(object_of(base)._replace(part=name))
    if kind.tag == "function" and object_of(base) is not None and not isinstance(object_of(base), tuple):
        member = getattr(object_of(base), name, None)
        cls, scope = object_of(base), interp.builder.scope
        if isinstance(cls, type) and not callable(member) and not isinstance(vars(cls).get(name), property) \
                and any(name in vars(ancestor) for ancestor in cls.__mro__):
            return read(interp, beside(stage, Value()), _class_path(scope, cls, name))
        return Lit(member) if isinstance(member, (int, float, str, bool)) else object_value(member)
    if kind.tag == "static" and isinstance(object_of(base), type) and not kind.known.text.startswith("?"):
        member = getattr(object_of(base), name, None)
        if type(member) in (int, float, bool, str):      # `cls.rate` in a class method
            interp.builder.scope.static(kind.known)
            interp.builder.scope.guard_kind(f"{kind.known.text}.{name}", member)
            return interp.typed(stage, stage.form, operands, kind_of(member, f"{kind.known.text}.{name}"))
    if kind.tag == "iterator" and type(object_of(base)) is Range and name in Range._fields:
        end = getattr(object_of(base), name)
        if kind_of_operand(end).weak:
            return end
    if kind.tag == "array" and name == "flat":
        return views.flat(interp, stage, base)
    if kind.tag != "object" or object_of(base) is None:
        return interp.emit(stage, stage.form, operands)
    return _object_attribute(interp, stage, base, name)


def _object_attribute(interp, stage, base, name):
    """An attribute of an object, looked up in Python's order.

    That is: a property, what was assigned, the object, its class, `__getattr__`.
    """
    obj, text = object_of(base), kind_of_operand(base).known.text
    cls, class_attribute = type(obj), class_member(type(obj), name)
    scope = interp.builder.scope
    if isinstance(class_member(cls, "__getattribute__"), types.FunctionType):
        raise Refusal(f"attribute .{name}", "its class looks for attributes itself, in __getattribute__",
                      "Use the arrays themselves.")
    if isinstance(class_attribute, property):
        return _call_hook(interp, stage, cls, name, class_attribute.fget, base)
    if is_local_object(base) or base.varied or _has_assigned(interp, text):
        if is_data_descriptor(class_attribute):
            raise Refusal(f"attribute .{name}", "a descriptor of its class makes it",
                          "Write it as a property.")
        if name == "__dict__":
            raise Refusal(f"attribute .{name}",
                          "the gradient does not follow attributes as elements of a dict",
                          "Name the attributes themselves.")
    assigned = assigned_attribute(interp, text, name)
    if assigned is not None:
        return assigned
    is_own = name in attributes_of(obj)
    if not is_own and isinstance(class_attribute, functools.cached_property):
        if not is_local_object(base):
            scope.rely(f"{name!r} not in {text}.__dict__")
        value = _call_hook(interp, stage, cls, name, class_attribute.func, base)
        assign_attribute(interp, base, name, value)
        return value
    if not is_own and class_attribute is None \
            and isinstance(class_member(cls, "__getattr__"), types.FunctionType):
        if not is_local_object(base) and hasattr(obj, "__dict__"):
            scope.rely(f"{name!r} not in {text}.__dict__")
        return _call_hook(interp, stage, cls, "__getattr__", class_member(cls, "__getattr__"),
                          base, Lit(name))
    if not hasattr(obj, name):
        raise Refusal(f"attribute .{name}", "the object does not have it", "Use an attribute that it has.",
                      AttributeError)
    attribute_value = getattr(obj, name)
    path = f"{text}.{name}"
    if text == "?finfo":
        kind = number(getattr(attribute_value, "dtype", np.dtype(float)).char, True)
        return interp.typed(stage, Form("attr", name), (base,), kind)
    if isinstance(attribute_value, types.MethodType):
        return _bound_method(interp, stage, base, name, attribute_value)
    if is_local_object(base):
        if callable(attribute_value) and not is_object(attribute_value):
            scope.rely_on_class(cls, name)
            return object_value(attribute_value)
        return read(interp, beside(stage, Value()), _class_path(scope, cls, name))
    inner = kind_of(attribute_value, path)
    if inner.tag in ("function",):
        scope.guards.setdefault(f"{path} is {scope._constant(name, attribute_value)}")
        return object_value(attribute_value)
    scope.guard_kind(path, attribute_value)
    outside = None
    if isinstance(attribute_value, MUTABLE) and not is_own:       # a class attribute is shared by all objects
        outside = _class_path(scope, cls, name)
    elif isinstance(attribute_value, MUTABLE) and _is_outside(interp, base):
        outside = path
    stored = interp.outside.find(interp, attribute_value, outside)
    if stored is not None:
        return stored
    known = interp.builder.known(Form("attr", name), (base,))
    if known is not None:
        return known
    # A class attribute is a setting.
    value = Value(None, name, inner, base.varied and is_own and carries(inner))
    form = Form("attr", name)
    interp.builder.append(Stage((value,), form, (base,), stage.statement, stage.place), (form, (base,)))
    interp.read_attributes.setdefault(base, {}).setdefault(name, value)
    if outside is not None or inner.tag == "object" and _is_outside(interp, base):
        interp.outside.note(value, attribute_value, outside or path)
    return value


def class_member(cls, name):
    """The class attribute that the first class of the method resolution order has, or None."""
    return next((vars(owner)[name] for owner in cls.__mro__ if name in vars(owner)), None)


def is_data_descriptor(class_attribute):
    """Whether a class attribute is a data descriptor, which decides what reading and assigning does."""
    is_known = isinstance(class_attribute,
                          (property, types.MemberDescriptorType, types.GetSetDescriptorType))
    return not is_known and hasattr(type(class_attribute), "__set__")


def _call_hook(interp, stage, cls, name, function, *operands):
    """A call of a function that Python calls for an attribute."""
    interp.builder.scope.rely_on_class(cls, name)
    plain_function = source_function(function)
    if plain_function is None:
        raise Refusal(f"attribute .{name}", "what it does when it is read or assigned has no source",
                      "Write it as a plain attribute, or a property.",
                      AttributeError if function is None else None)
    return interp.enter(stage, plain_function, operands, {})


def _bound_method(interp, stage, base, name, method):
    """A bound method that is not called: its function, with the object that it is bound to."""
    path, scope = f"{kind_of_operand(base).known.text}.{name}", interp.builder.scope
    if not is_local_object(base):
        scope.guards.setdefault(f"{path}.__func__ is {scope._constant(name, method.__func__)}")
    else:
        scope.rely_on_class(type(object_of(base)), name)
    if isinstance(method.__self__, type):
        receiver = object_value(method.__self__)
    elif method.__self__ is object_of(base):
        receiver = base
    else:
        bound = interp.make(stage, Form("attr", name), (base,))
        receiver = bound_to(interp, stage, bound, method, path)
    return object_value(Partial(object_value(method.__func__), (receiver,), {}))


def bound_to(interp, stage, operand, method, path):
    """The object of a bound method that the text reads by a path."""
    kind = kind_of(method.__self__, f"{path}.__self__")
    value = interp.typed(beside(stage, Value()), Form("attr", "__self__"), (operand,), kind)
    interp.outside.note(value, method.__self__, f"{path}.__self__")
    return value


def _is_outside(interp, base):
    """Whether an object is read from outside of the function, directly or as an attribute of another."""
    definition = interp.builder.definitions.get(base)
    while isinstance(definition, Stage) and definition.form.kind in ("attr", "alias"):
        definition = interp.builder.definitions.get(definition.operands[0])
    return isinstance(definition, Stage) and definition.form.kind == "read" and \
        all(step.isidentifier() for step in kind_of_operand(base).known.text.split("."))


def _class_path(scope, cls, name):
    """The path by which the text reads a class attribute."""
    owner = next(ancestor for ancestor in cls.__mro__ if name in vars(ancestor))
    return f"{scope.supply(owner.__name__, owner)}.{name}"


def _has_assigned(interp, text):
    return any(object_text == text for object_text, _ in interp.attributes)


def _limits(interp, stage, args):
    """`np.finfo(dtype)`: an object whose attributes are numbers."""
    try:
        dtype = interp.static_of(args[0])
        limits = np.finfo(dtype)
    except (Unknown, ValueError, TypeError):
        return NotImplemented
    limits_value = interp.make(stage, Form("call", "@np.finfo"), args)
    interp.builder.externals.setdefault("@np.finfo", np.finfo)
    limits_value.kind = Kind("object", known=Known(limits, "?finfo", True, True))
    return limits_value


def assigned_attribute(interp, text, name):
    """The value that the function has assigned to an attribute, or None."""
    variable = interp.attributes.get((text, name))
    value = None if variable is None else interp.frames[0].find(variable)
    if isinstance(value, Unusable):
        raise Refusal(f"attribute .{name}", value.why, value.instead)
    return Lit(None) if isinstance(value, Unset) else value


def set_attribute(interp, stage, operands):
    """`self.cache = x`: assigns a variable of the function, so the object itself does not change."""
    base, value = operands
    kind = kind_of_operand(base)
    if kind.tag == "array" and stage.form.name == "shape":
        return _reshape(interp, stage, base, value)
    if kind.tag != "object" or kind.known is None:
        raise Refusal("assignment to an attribute", "its object is not known when compiling",
                      "Assign to a local name.")
    hook = class_member(type(object_of(base)), "__setattr__")
    if isinstance(hook, types.FunctionType):
        _call_hook(interp, stage, type(object_of(base)), "__setattr__", hook, base,
                   Lit(stage.form.name), value)
    else:
        put_attribute(interp, stage, base, stage.form.name, value)


def put_attribute(interp, stage, base, name, value):
    """As `object.__setattr__` does it: through a property of the class, else into the object."""
    cls = type(object_of(base))
    class_attribute = class_member(cls, name)
    if isinstance(class_attribute, property):
        _call_hook(interp, stage, cls, name, class_attribute.fset, base, value)
    elif is_data_descriptor(class_attribute) or name in ("__dict__", "__class__"):
        raise Refusal(f"assignment to .{name}", "a descriptor of its class takes what is assigned",
                      "Write it as a property.")
    elif not isinstance(class_attribute, types.MemberDescriptorType) and not cls.__dictoffset__ \
            and cls is not types.SimpleNamespace:
        raise Refusal(f"assignment to .{name}", "its class has no such slot", "Name it in __slots__.",
                      AttributeError)
    else:
        assign_attribute(interp, base, name, value)


def _reshape(interp, stage, base, shape):
    """`x.shape = shape`: all names of the array itself, not of its views, get the new shape."""
    array, _ = interp.builder.origin(base)
    interp.outside.stored(base, array, interp.builder.definitions)
    named = dataclasses.replace(stage, targets=(Value(base.name),))
    reshaped = interp.emit(named, Form("method", "reshape"), (base, shape))
    for frame in interp.frames:
        for variable, operand in list(frame.env.items()):
            if isinstance(operand, Value) and interp.builder.origin(operand)[0] is array:
                frame.env[variable] = reshaped


def assign_attribute(interp, base, name, value):
    key = base.kind.known.text, name
    variable = interp.attributes.setdefault(key, Value(name))
    interp.holders[key] = base
    if isinstance(value, Value) and value.name is None:
        value.hint = name
    interp.frames[0].assign(variable, value)


def is_assigned_attribute(interp, base, name):
    """Whether an attribute has a variable, which other names of an array do not decide."""
    return interp.attributes.get((base.kind.known.text, name)) in interp.frames[0].env


def first_assigned(interp, before, made_before):
    """The attributes that have a variable now and had none before, of objects that had them, or their class.

    made_before: the objects that the function had made by then.
    """
    return [key for key, variable in interp.attributes.items()
            if variable in interp.frames[0].env and variable not in before
            and _had_attribute(interp, key, made_before)]


def _had_attribute(interp, key, made_before):
    text, name = key
    return (not text.startswith("?") or text in made_before) and hasattr(object_of(interp.holders[key]), name)


def read_assigned(interp, stage, key, inner):
    """Assign to an attribute's variable the value that the object has; inner: definitions of an iteration."""
    interp.frames[0].assign(interp.attributes[key], _value_before(interp, stage, key, inner))


def before_side(interp, stage, variable, made_before, side, other):
    """The value on one side of an attribute that the other side assigns first; UNSET of other variables.

    side, other: the builders of the two.
    """
    key = next((key for key, attribute in interp.attributes.items() if attribute is variable), None)
    if key is None or not _had_attribute(interp, key, made_before):
        return UNSET
    outer, interp.builder = interp.builder, side
    try:
        return _value_before(interp, stage, key, other.definitions)
    finally:
        interp.builder = outer


def _value_before(interp, stage, key, inner):
    """What an object, or its class, has for an attribute that has no variable; inner: more definitions."""
    def outside(base):
        definition = interp.builder.definitions.get(base) or inner.get(base)
        if base in interp.builder.definitions or definition is None:
            return base
        if definition.form.kind != "attr":
            raise Refusal(f"attribute .{key[1]}", "its object is chosen in the loop",
                          "Choose it before the loop.")
        read_stage = dataclasses.replace(beside(stage, Value()), form=definition.form)
        return attribute(interp, read_stage, (outside(definition.operands[0]),))
    base = outside(interp.holders[key])
    read_stage = dataclasses.replace(beside(stage, Value()), form=Form("attr", key[1]))
    return attribute(interp, read_stage, (base,))


def construct(interp, stage, function, args, keywords):
    """A named tuple or an object made of operands; NotImplemented for other classes."""
    if function is OrderedDict:
        return dict_of(interp, stage, args, keywords)
    if function is np.finfo and args and not keywords:
        return _limits(interp, stage, args)
    if issubclass(function, tuple) and hasattr(function, "_fields"):
        values = dict(zip(function._fields, args))
        values.update(keywords)
        for name, default in function._field_defaults.items():
            if name not in values:
                values[name] = Lit(default)
        if list(values) and set(values) == set(function._fields):
            form = display_form(interp.builder, record(function, ()))
            return interp.make(stage, form, tuple(values[n] for n in function._fields))
    return instances.construct(interp, stage, function, args, keywords)
