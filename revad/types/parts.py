"""Parts: the elements of containers and the attributes of objects: their kinds, and how they are read.

>>> from .kinds import FLOAT
>>> kind = Kind("dict", items=(FLOAT, FLOAT), keys=("W", "b"))
>>> list(keys_of(kind)), kind_of_part(kind, "b") == FLOAT
(['W', 'b'], True)
"""
from __future__ import annotations

from ..ir.nodes import Form, Item, Lit, Stage, Value
from .kinds import INTEGERS, Kind, is_object, kind_of

CONTAINERS = ("tuple", "list", "dict", "object")


def keys_of(kind):
    """The keys of a dict, the positions of a list or tuple."""
    return kind.keys if kind.tag == "dict" else range(len(kind.items))


def kind_of_part(kind, key) -> Kind:
    """The kind of an element, or of an attribute of an object."""
    if kind.tag == "object":
        return kind_of(getattr(kind.known.value, key), f"{kind.known.text}.{key}")
    return kind.items[kind.keys.index(key) if kind.tag == "dict" else key]


def carries(kind) -> bool:
    """Whether an attribute, or a part of it, can carry a derivative: integers in attributes are settings."""
    if kind.tag == "object":
        return kind.known is not None and is_object(kind.known.value)
    if kind.tag in CONTAINERS:
        return any(map(carries, kind.items))
    return kind.tag == "unknown" or kind.numeric and kind.dtype not in INTEGERS


def part(builder, value, key):
    """A read of an element of a container, or of an attribute, emitted for its shape."""
    kind = kind_of_part(value.kind, key)
    if kind.tag == "number":
        return Value(None, kind=kind)
    if value.kind.tag == "object":
        known = builder.known(Form("attr", key), (value,))
        if known is not None:
            return known
        attribute = Value(None, key, kind, value.varied)
        builder.append(Stage((attribute,), Form("attr", key), (value,)), (Form("attr", key), (value,)))
        return attribute
    return builder.emit(read(value.kind, key), (value, Lit(key)))


def read(kind, key) -> Form:
    """How an element is read: by a subscript, the field of a named tuple or an object as an attribute."""
    name = f".{kind.keys[key]}" if is_record_kind(kind) else f".{key}" if is_written_object(kind) else ""
    return Form("index", name, spec=(Item("at", (1,)),))


def is_record_kind(kind):
    """Whether it is the kind of a named tuple."""
    return kind.tag == "tuple" and kind.known is not None and isinstance(kind.known.value, type)


def is_written_object(kind):
    """Whether it is the kind of an object that the text constructs: a dict with the attributes as keys."""
    return kind.tag == "dict" and kind.known is not None and isinstance(kind.known.value, type)


def display_form(builder, kind, keys=None) -> Form:
    """How a container of a kind is written out; `keys`: other keys for a dict."""
    if is_record_kind(kind) and keys is None:
        cls = kind.known.value
        return Form("tuple", class_path(builder, cls), kind.keys, cls)
    return Form(kind.tag, keywords=tuple(kind.keys if keys is None else keys) if kind.tag == "dict" else ())


def class_path(builder, cls):
    """The name of a class in the text: the user's own name for it, if there is one."""
    scope = builder.scope
    if cls.__name__ not in scope.own_names and scope.root(cls.__name__) is cls:
        scope.resolve(cls.__name__)
        return cls.__name__
    builder.externals.setdefault(f"@{cls.__name__}", cls)
    return f"@{cls.__name__}"
