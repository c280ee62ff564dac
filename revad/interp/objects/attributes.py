"""Attributes: of objects and named tuples, read and assigned, and the objects that a function makes.

>>> is_plain(3.0), is_plain(Value("x"))
(False, True)
"""
from __future__ import annotations

import dataclasses
import functools
import types
from collections import OrderedDict

import numpy as np

from ...ir.nodes import Form, Lit, Stage, Unset, Value, beside
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
from ..nonlocals import MUTABLE, read
from . import instances, superclasses
from .instances import is_made


def is_plain(thing):
    """An object of a class of the user's, which holds its parts as attributes."""
    return is_object(thing) or not callable(thing) and not isinstance(thing, (types.ModuleType, type, np.ndarray, np.generic, np.random.Generator,
                                                          np.random.RandomState)) \
        and type(thing).__module__ not in ("builtins", "numpy")


def attribute(interp, stage, operands):
    """`self.W`, `x.shape`, `point.x`."""
    base, name = operands[0], stage.form.name
    kind = kind_of_operand(base)
    parent = superclasses.attribute(interp, stage, base, name)
    if parent is not NotImplemented:
        return parent
    if kind.tag == "tuple" and kind.keys and name in kind.keys:
        return interp.element(stage, base, kind.keys.index(name))
    if kind.tag == "function" and object_of(base) is not None and not isinstance(object_of(base), tuple):
        found = getattr(object_of(base), name, None)
        if isinstance(object_of(base), type) and not callable(found) and not isinstance(vars(object_of(base)).get(name), property) and any(
                name in vars(cls) for cls in object_of(base).__mro__):
            return read(interp, beside(stage, Value()), _in_its_class(interp.builder.scope, object_of(base), name))
        return Lit(found) if isinstance(found, (int, float, str, bool)) else object_value(found)
    if kind.tag == "static" and isinstance(object_of(base), type) and not kind.known.text.startswith("?"):
        found = getattr(object_of(base), name, None)
        if type(found) in (int, float, bool, str):      # `cls.rate` in a class method
            interp.builder.scope.static(kind.known)
            interp.builder.scope.guard_kind(f"{kind.known.text}.{name}", found)
            return interp.typed(stage, stage.form, operands, kind_of(found, f"{kind.known.text}.{name}"))
    if kind.tag == "array" and name == "flat":
        return views.flat(interp, stage, base)
    if kind.tag != "object" or object_of(base) is None:
        return interp.emit(stage, stage.form, operands)
    return _of_object(interp, stage, base, name)


def _of_object(interp, stage, base, name):
    """An attribute of an object, where Python looks for it: a property, what was assigned, the object, its class, `__getattr__`."""
    thing, text = object_of(base), kind_of_operand(base).known.text
    cls, kept = type(thing), in_class(type(thing), name)
    scope = interp.builder.scope
    if isinstance(in_class(cls, "__getattribute__"), types.FunctionType):
        raise Refusal(f"attribute .{name}", "its class looks for attributes itself, in __getattribute__", "Use the arrays themselves.")
    if isinstance(kept, property):
        return _followed(interp, stage, cls, name, kept.fget, base)
    if is_made(base) or base.varied or _has_assigned(interp, text):
        if is_descriptor(kept):
            raise Refusal(f"attribute .{name}", "a descriptor of its class makes it", "Write it as a property.")
        if name == "__dict__":
            raise Refusal(f"attribute .{name}", "the gradient does not follow attributes as elements of a dict", "Name the attributes themselves.")
    assigned = assigned_attribute(interp, text, name)
    if assigned is not None:
        return assigned
    own = name in attributes_of(thing)
    if not own and isinstance(kept, functools.cached_property):
        if not is_made(base):
            scope.rely(f"{name!r} not in {text}.__dict__")
        value = _followed(interp, stage, cls, name, kept.func, base)
        assign_attribute(interp, base, name, value)
        return value
    if not own and kept is None and isinstance(in_class(cls, "__getattr__"), types.FunctionType):
        if not is_made(base) and hasattr(thing, "__dict__"):
            scope.rely(f"{name!r} not in {text}.__dict__")
        return _followed(interp, stage, cls, "__getattr__", in_class(cls, "__getattr__"), base, Lit(name))
    if not hasattr(thing, name):
        raise Refusal(f"attribute .{name}", "the object does not have it", "Use an attribute that it has.", AttributeError)
    found = getattr(thing, name)
    path = f"{text}.{name}"
    if text == "?finfo":
        return interp.typed(stage, Form("attr", name), (base,), number(getattr(found, "dtype", np.dtype(float)).char, True))
    if isinstance(found, types.MethodType):
        return _method(interp, stage, base, name, found)
    if is_made(base):
        if callable(found) and not is_object(found):
            scope.rely_on_class(cls, name)
            return object_value(found)
        return read(interp, beside(stage, Value()), _in_its_class(scope, cls, name))
    inner = kind_of(found, path)
    if inner.tag in ("function",):
        scope.guards.setdefault(f"{path} is {scope._constant(name, found)}")
        return object_value(found)
    scope.guard_kind(path, found)
    outside = None
    if isinstance(found, MUTABLE) and not own:       # what stands in the class is the same for all objects
        outside = _in_its_class(scope, cls, name)
    elif isinstance(found, MUTABLE) and _is_outside(interp, base):
        outside = path
    stored = interp.outside.find(interp, found, outside)
    if stored is not None:
        return stored
    known = interp.builder.known(Form("attr", name), (base,))
    if known is not None:
        return known
    value = Value(None, name, inner, base.varied and own and carries(inner))      # what stands in the class is a setting
    interp.builder.append(Stage((value,), Form("attr", name), (base,), stage.statement, stage.place), (Form("attr", name), (base,)))
    interp.read_attributes.setdefault(base, {}).setdefault(name, value)
    if outside is not None or inner.tag == "object" and _is_outside(interp, base):
        interp.outside.note(value, found, outside or path)
    return value


def in_class(cls, name):
    """What the first class in the order of lookup that has the name holds there, as it stands there; None if there is none."""
    return next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)


def is_descriptor(kept):
    """Whether what stands in a class decides itself what an attribute is, or what assigning to it does."""
    return not isinstance(kept, (property, types.MemberDescriptorType, types.GetSetDescriptorType)) and hasattr(type(kept), "__set__")


def _followed(interp, stage, cls, name, function, *operands):
    """A call of a function that Python calls for an attribute."""
    interp.builder.scope.rely_on_class(cls, name)
    plain = source_function(function)
    if plain is None:
        raise Refusal(f"attribute .{name}", "what it does when it is read or assigned has no source", "Write it as a plain attribute, or a property.",
                      AttributeError if function is None else None)
    return interp.enter(stage, plain, operands, {})


def _method(interp, stage, base, name, method):
    """A bound method that is not called: its function, with the object that it is bound to."""
    path, scope = f"{kind_of_operand(base).known.text}.{name}", interp.builder.scope
    if not is_made(base):
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
    value = interp.typed(beside(stage, Value()), Form("attr", "__self__"), (operand,), kind_of(method.__self__, f"{path}.__self__"))
    interp.outside.note(value, method.__self__, f"{path}.__self__")
    return value


def _is_outside(interp, base):
    """Whether an object is read from outside of the function, as itself or as an attribute of another that is."""
    made = interp.builder.definitions.get(base)
    while isinstance(made, Stage) and made.form.kind in ("attr", "alias"):
        made = interp.builder.definitions.get(made.operands[0])
    return isinstance(made, Stage) and made.form.kind == "read" and \
        all(step.isidentifier() for step in kind_of_operand(base).known.text.split("."))


def _in_its_class(scope, cls, name):
    """The path by which the text reads what stands in a class."""
    owner = next(one for one in cls.__mro__ if name in vars(one))
    return f"{scope.supply(owner.__name__, owner)}.{name}"


def _has_assigned(interp, text):
    return any(made == text for made, _ in interp.attributes)


def _limits(interp, stage, args):
    """`np.finfo(dtype)`: an object whose attributes are numbers."""
    try:
        dtype = interp.static_of(args[0])
        limits = np.finfo(dtype)
    except (Unknown, ValueError, TypeError):
        return NotImplemented
    made = interp.make(stage, Form("call", "@np.finfo"), args)
    interp.builder.externals.setdefault("@np.finfo", np.finfo)
    made.kind = Kind("object", known=Known(limits, "?finfo", True, True))
    return made


def assigned_attribute(interp, text, name):
    """What the function has assigned to an attribute, or None."""
    variable = interp.attributes.get((text, name))
    found = None if variable is None else interp.frames[0].find(variable)
    if isinstance(found, Unusable):
        raise Refusal(f"attribute .{name}", found.why, found.instead)
    return Lit(None) if isinstance(found, Unset) else found


def set_attribute(interp, stage, operands):
    """`self.cache = x`: the function's own variable, so the object stays as it is."""
    base, value = operands
    kind = kind_of_operand(base)
    if kind.tag == "array" and stage.form.name == "shape":
        return _reshape(interp, stage, base, value)
    if kind.tag != "object" or kind.known is None:
        raise Refusal("assignment to an attribute", "its object is not known when compiling", "Assign to a local name.")
    hook = in_class(type(object_of(base)), "__setattr__")
    if isinstance(hook, types.FunctionType):
        _followed(interp, stage, type(object_of(base)), "__setattr__", hook, base, Lit(stage.form.name), value)
    else:
        put_attribute(interp, stage, base, stage.form.name, value)


def put_attribute(interp, stage, base, name, value):
    """As `object.__setattr__` does it: through a property of the class, else into the object."""
    cls = type(object_of(base))
    kept = in_class(cls, name)
    if isinstance(kept, property):
        _followed(interp, stage, cls, name, kept.fset, base, value)
    elif is_descriptor(kept) or name in ("__dict__", "__class__"):
        raise Refusal(f"assignment to .{name}", "a descriptor of its class takes what is assigned", "Write it as a property.")
    elif not isinstance(kept, types.MemberDescriptorType) and not cls.__dictoffset__ and cls is not types.SimpleNamespace:
        raise Refusal(f"assignment to .{name}", "its class has no such slot", "Name it in __slots__.", AttributeError)
    else:
        assign_attribute(interp, base, name, value)


def _reshape(interp, stage, base, shape):
    """`x.shape = shape`: all names of the array itself, not views of it, have the new shape."""
    array, _ = interp.builder.origin(base)
    interp.outside.stored(base, array, interp.builder.definitions)
    new = interp.emit(dataclasses.replace(stage, targets=(Value(base.name),)), Form("method", "reshape"), (base, shape))
    for frame in interp.frames:
        for variable, operand in list(frame.env.items()):
            if isinstance(operand, Value) and interp.builder.origin(operand)[0] is array:
                frame.env[variable] = new


def assign_attribute(interp, base, name, value):
    key = base.kind.known.text, name
    variable = interp.attributes.setdefault(key, Value(name))
    interp.holders[key] = base
    if isinstance(value, Value) and value.name is None:
        value.hint = name
    interp.frames[0].assign(variable, value)


def first_assigned(interp, before):
    """The attributes of objects from outside that have a variable now, and had none before."""
    return [key for key, variable in interp.attributes.items() if variable in interp.frames[0].env and variable not in before
            and not key[0].startswith("?") and hasattr(object_of(interp.holders[key]), key[1])]


def read_assigned(interp, stage, key, inner):
    """Give the variable of an attribute the value that the object has; `inner`: what makes the values of a round."""
    def outside(base):
        made = interp.builder.definitions.get(base) or inner.get(base)
        if base in interp.builder.definitions or made is None:
            return base
        if made.form.kind != "attr":
            raise Refusal(f"attribute .{key[1]}", "its object is chosen in the loop", "Choose it before the loop.")
        return attribute(interp, dataclasses.replace(beside(stage, Value()), form=made.form), (outside(made.operands[0]),))
    base = outside(interp.holders[key])
    interp.frames[0].assign(interp.attributes[key], attribute(interp, dataclasses.replace(beside(stage, Value()), form=Form("attr", key[1])), (base,)))


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
