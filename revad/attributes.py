"""Attributes: of objects and named tuples, read and assigned, and the objects that a function makes.

>>> is_plain(3.0), is_plain(Value("x"))
(False, True)
"""
from __future__ import annotations

import dataclasses
import inspect
import types
from collections import OrderedDict

import numpy as np

from . import instances
from .frames import Unset, Unusable, held, holding
from .kinds import Kind, Known, is_object, kind_of, number, record
from .lengths import kind_of_operand
from .parts import carries, display_form
from .program import Form, Lit, Stage, Value, beside
from .refusals import Refusal
from .scope import Unknown
from .snapshot import attributes_of
from .sequences import dict_of

def is_plain(thing):
    """An object of a class of the user's, which holds its parts as attributes."""
    return is_object(thing) or not callable(thing) and not isinstance(thing, (types.ModuleType, type, np.ndarray, np.generic, np.random.Generator,
                                                          np.random.RandomState)) \
        and type(thing).__module__ not in ("builtins", "numpy")


def attribute(walk, stage, operands):
    """`self.W`, `x.shape`, `point.x`."""
    base, name = operands[0], stage.form.name
    kind = kind_of_operand(base)
    if kind.tag == "tuple" and kind.keys and name in kind.keys:
        return walk.element(stage, base, kind.keys.index(name))
    if kind.tag == "function" and held(base) is not None and not isinstance(held(base), tuple):
        found = getattr(held(base), name, None)
        return Lit(found) if isinstance(found, (int, float, str, bool)) else holding(found)
    if kind.tag == "array" and name == "flat":
        return walk.emit(stage, Form("method", "ravel"), operands)
    if kind.tag != "object" or held(base) is None:
        return walk.emit(stage, stage.form, operands)
    thing, text = held(base), kind.known.text
    assigned = assigned_attribute(walk, text, name)
    if assigned is not None:
        return assigned
    made = inspect.getattr_static(type(thing), name, None)
    if isinstance(made, property):
        return walk.enter(stage, made.fget, (base,), {})
    if not hasattr(thing, name):
        raise Refusal(f"attribute .{name}", "the object does not have it", "Use an attribute that it has.", AttributeError)
    found = getattr(thing, name)
    path = f"{text}.{name}"
    if text == "?finfo":
        return walk.typed(stage, Form("attr", name), (base,), number(getattr(found, "dtype", np.dtype(float)).char, True))
    if path.startswith("?"):
        return walk.constant(stage, found, name)
    inner = kind_of(found, path)
    if inner.tag in ("function",):
        walk.builder.scope.guards.setdefault(f"{path} is {walk.builder.scope._constant(name, found)}"
                                             if not isinstance(found, types.MethodType) else
                                             f"{path}.__func__ is {walk.builder.scope._constant(name, found.__func__)}")
        return holding(found)
    walk.builder.scope.guard_kind(path, found)
    known = walk.builder.known(Form("attr", name), (base,))
    if known is not None:
        return known
    own = name in attributes_of(thing)      # what stands in the class is the same for all objects: a setting
    value = Value(None, name, inner, base.varied and own and carries(inner))
    walk.builder.append(Stage((value,), Form("attr", name), (base,), stage.statement, stage.place), (Form("attr", name), (base,)))
    walk.read_attributes.setdefault(base, {}).setdefault(name, value)
    return value


def _limits(walk, stage, args):
    """`np.finfo(dtype)`: an object whose attributes are numbers."""
    try:
        dtype = walk.static_of(args[0])
        limits = np.finfo(dtype)
    except (Unknown, ValueError, TypeError):
        return NotImplemented
    made = walk.make(stage, Form("call", "@np.finfo"), args)
    walk.builder.externals.setdefault("@np.finfo", np.finfo)
    made.kind = Kind("object", known=Known(limits, "?finfo", True, True))
    return made


def assigned_attribute(walk, text, name):
    """What the function has assigned to an attribute, or None."""
    variable = walk.attributes.get((text, name))
    found = None if variable is None else walk.frames[0].find(variable)
    if isinstance(found, Unusable):
        raise Refusal(f"attribute .{name}", found.why, found.instead)
    return Lit(None) if isinstance(found, Unset) else found


def set_attribute(walk, stage, operands):
    """`self.cache = x`: the function's own variable, so the object stays as it is."""
    base, value = operands
    kind = kind_of_operand(base)
    if kind.tag == "array" and stage.form.name == "shape":
        return _reshape(walk, stage, base, value)
    if kind.tag != "object" or kind.known is None:
        raise Refusal("assignment to an attribute", "its object is not known when compiling", "Assign to a local name.")
    assign_attribute(walk, base, stage.form.name, value)


def _reshape(walk, stage, base, shape):
    """`x.shape = shape`: all names of the array itself, not views of it, have the new shape."""
    array, _ = walk.builder.origin(base)
    new = walk.emit(dataclasses.replace(stage, targets=(Value(base.name),)), Form("method", "reshape"), (base, shape))
    for frame in walk.frames:
        for variable, operand in list(frame.env.items()):
            if isinstance(operand, Value) and walk.builder.origin(operand)[0] is array:
                frame.env[variable] = new


def assign_attribute(walk, base, name, value):
    key = base.kind.known.text, name
    variable = walk.attributes.setdefault(key, Value(name))
    walk.holders[key] = base
    if isinstance(value, Value) and value.name is None:
        value.hint = name
    walk.frames[0].assign(variable, value)


def first_assigned(walk, before):
    """The attributes of objects from outside that have a variable now, and had none before."""
    return [key for key, variable in walk.attributes.items() if variable in walk.frames[0].env and variable not in before
            and not key[0].startswith("?") and hasattr(held(walk.holders[key]), key[1])]


def read_assigned(walk, stage, key, inner):
    """Give the variable of an attribute the value that the object has; `inner`: what makes the values of a round."""
    def outside(base):
        made = walk.builder.definitions.get(base) or inner.get(base)
        if base in walk.builder.definitions or made is None:
            return base
        if made.form.kind != "attr":
            raise Refusal(f"attribute .{key[1]}", "its object is chosen in the loop", "Choose it before the loop.")
        return attribute(walk, dataclasses.replace(beside(stage, Value()), form=made.form), (outside(made.operands[0]),))
    base = outside(walk.holders[key])
    walk.frames[0].assign(walk.attributes[key], attribute(walk, dataclasses.replace(beside(stage, Value()), form=Form("attr", key[1])), (base,)))


def construct(walk, stage, function, args, keywords):
    """A named tuple or an object made of operands; NotImplemented for other classes."""
    if function is OrderedDict:
        return dict_of(walk, stage, args, keywords)
    if function is np.finfo and args and not keywords:
        return _limits(walk, stage, args)
    if issubclass(function, tuple) and hasattr(function, "_fields"):
        values = dict(zip(function._fields, args))
        values.update(keywords)
        for name, default in function._field_defaults.items():
            if name not in values:
                values[name] = Lit(default)
        if list(values) and set(values) == set(function._fields):
            form = display_form(walk.builder, record(function, ()))
            return walk.make(stage, form, tuple(values[n] for n in function._fields))
    return instances.construct(walk, stage, function, args, keywords)
