"""Instances: objects that the function makes, whose attributes are variables of the function.

Such an object exists only when compiling; one that is returned is written as a call of its class.

>>> import types
>>> is_local_object(Value("x", kind=Kind("object", known=Known(types.SimpleNamespace(), "?1"))))
True
"""
from __future__ import annotations

import dataclasses
import types

from ...ir.nodes import Form, Lit, Value, beside
from ...types.kinds import Kind, Known, is_plain_class, is_stored_list, unknown_length
from ...types.parts import class_path, display_form
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ...types.lists import holds_stored_list
from ..loops import stored_lists
from ..environment import object_value


REDUCING = ("__reduce__", "__reduce_ex__", "__getstate__")     # what may say how a class is copied


def is_local_object(operand):
    """Whether an operand is an object that the function has made."""
    kind = kind_of_operand(operand)
    return kind.tag == "object" and kind.known is not None and kind.known.text.startswith("?")


def construct(interp, stage, cls, args, keywords):
    """An object of a plain class; NotImplemented for another class."""
    if not is_plain_class(cls) or cls.__new__ is not object.__new__ and cls is not types.SimpleNamespace:
        return NotImplemented
    instance = Value(None, kind=Kind("object", known=Known(cls.__new__(cls), unknown_length().text, True)))
    interp.instances.add(instance.kind.known.text)
    initializer = cls.__init__
    if cls is types.SimpleNamespace:
        _assign(interp, instance, keywords)
    elif dataclasses.is_dataclass(cls) and initializer.__code__.co_filename == "<string>":
        _assign(interp, instance, _fields(interp, stage, cls, args, keywords))
        if hasattr(cls, "__post_init__"):
            interp.enter(stage, cls.__post_init__, (instance,), {})
    elif initializer is not object.__init__:
        interp.enter(stage, initializer, (instance, *args), keywords)
    return instance


def copied(interp, operand, part):
    """Another object of the class of one that the function made, with its attributes; `part`: copies one."""
    cls = type(operand.kind.known.value)
    if any(hasattr(cls, name) for name in ("__copy__", "__deepcopy__", "__setstate__", "__slots__")) \
            or any(getattr(cls, name, None) is not getattr(object, name, None) for name in REDUCING):
        raise Refusal("copy of an object", f"{cls.__name__} says itself how it is copied",
                      "Make another object of its class.")
    instance = Value(None, kind=Kind("object", known=Known(cls.__new__(cls), unknown_length().text, True)))
    interp.instances.add(instance.kind.known.text)
    _assign(interp, instance, {name: part(value) for name, value in attributes(interp, operand).items()})
    return instance


def _assign(interp, instance, values):
    for name, value in values.items():
        interp.assign_attribute(instance, name, value)


def _fields(interp, stage, cls, args, keywords):
    """The values of a dataclass's fields, as its generated __init__ assigns them."""
    fields = [field for field in dataclasses.fields(cls) if field.init]
    if len(args) > len(fields):
        raise Refusal(f"call of {cls.__name__}", f"it has {len(fields)} fields, {len(args)} are given",
                      "Give as many.", TypeError)
    names = [field.name for field in fields]
    wrong = next((name for name in keywords if name not in names[len(args):]), None)
    if wrong is not None:
        raise Refusal(f"call of {cls.__name__}", f"its field {wrong!r} is given twice" if wrong in names
                      else f"it has no field {wrong!r}", "Call it as it is defined.", TypeError)
    values = {**dict(zip(names, args)), **keywords}
    for field in dataclasses.fields(cls):
        if field.name in values:
            continue
        if field.default is not dataclasses.MISSING:
            values[field.name] = interp.constant(stage, field.default, field.name)
        elif field.default_factory is not dataclasses.MISSING:
            call = dataclasses.replace(beside(stage, Value()), form=Form("invoke"))
            values[field.name] = interp.invoke(call, (object_value(field.default_factory),))
        elif field.init:
            raise Refusal(f"call of {cls.__name__}", f"it misses its field {field.name!r}",
                          "Call it as it is defined.", TypeError)
    return values


def attributes(interp, operand) -> dict:
    """{name: operand} of the current attributes of an object."""
    text = kind_of_operand(operand).known.text
    names = [name for object_text, name in interp.attributes if object_text == text]
    values = {name: interp.assigned_attribute(text, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def rebuilt_result(interp, stage, operand):
    """The result of the function, in which objects are calls of their classes."""
    if isinstance(operand, Lit) or operand is None:
        return operand
    if is_stored_list(operand.kind):
        return stored_lists.returned(interp, stage, operand)
    if is_local_object(operand):
        return _as_call_of_class(interp, stage, operand)
    kind = operand.kind
    if kind.tag in ("function", "iterator") and kind.known.text.startswith("?"):
        raise Refusal("the result", "it holds a function or an iterator that is made in the function",
                      "Return numbers and arrays.")
    if kind.tag == "object" and attributes(interp, operand):
        raise Refusal("the result", "it is an object whose attributes the function assigns",
                      "Return the numbers and arrays in it.")
    elements = interp.displayed_elements(operand) if kind.tag in ("tuple", "list", "dict") else None
    if elements is None:
        if holds_stored_list(kind):
            stored_lists.refuse()
        return operand
    parts = tuple(rebuilt_result(interp, stage, part) for part in elements)
    if all(part is before for part, before in zip(parts, elements)):
        return operand
    return interp.make(stage, display_form(interp.builder, kind), parts)


def _as_call_of_class(interp, stage, operand):
    cls, values = type(operand.kind.known.value), attributes(interp, operand)
    is_namespace = cls is types.SimpleNamespace
    if not is_namespace:
        names = ([field.name for field in dataclasses.fields(cls) if field.init]
                 if dataclasses.is_dataclass(cls) else None)
        if names is None or set(names) != set(values) or cls.__init__.__code__.co_filename != "<string>":
            raise Refusal("the result", f"it is a {cls.__name__} that is made in the function",
                          "Return the numbers and arrays in it, or make it a dataclass or a named tuple.")
        values = {name: values[name] for name in names}
    parts = tuple(rebuilt_result(interp, stage, value) for value in values.values())
    path = "@types.SimpleNamespace" if is_namespace else class_path(interp.builder, cls)
    interp.builder.externals.setdefault("@types.SimpleNamespace", types.SimpleNamespace)
    return interp.make(stage, Form("dict", path, tuple(values), cls), parts)
