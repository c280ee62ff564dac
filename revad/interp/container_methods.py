"""Container methods: the methods of lists and dicts, each giving the container after it and a result.

>>> _appended({0: Lit(1)}, Lit(2))
{0: 1, 1: 2}
"""
from __future__ import annotations

import contextlib
import inspect

from ..ir.nodes import Form, Lit, Value, beside
from ..types.containers import check_key
from ..types.kinds import INT
from ..types.parts import display_form, is_record_kind
from ..types.refusals import Refusal, no_such_element
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from . import dynamic_lists, numpy_in_place, stores
from .builtin_functions import dict_of
from .environment import UnreadList, object_of, object_value
from .loops.iterables import DictView, elements_of

CLASSES = {"tuple": tuple, "list": list, "dict": dict}
CONTAINERS = tuple(CLASSES)
WITHOUT_SIGNATURE = frozenset(("copy", "clear", "keys", "values", "items", "pop", "popitem"))


def container_method(interp, stage, receiver, name, args, keywords):
    """The result of a method of a container, or of one that writes into an array; else NotImplemented."""
    kind = kind_of_operand(receiver)
    if kind.tag == "array":
        if name in ("append", "insert", "extend"):
            stores.refuse_listed(interp, receiver)
        written = numpy_in_place.method(interp, stage, receiver, name, args, keywords)
        if written is not NotImplemented:
            return written
    if kind.numeric and name == "append":      # a sum over a generator
        return interp.add_to_sum(stage, args[0])
    if isinstance(object_of(receiver), UnreadList):
        if name in ("append", "extend", "insert"):
            return Lit(None)
        raise UnreadList.refused()
    if kind.tag == "stack":
        return dynamic_lists.method(interp, stage, receiver, name, args)
    if kind.tag not in CONTAINERS or isinstance(receiver, Lit):
        return NotImplemented
    _refuse_wrong_arguments(CLASSES[kind.tag], name, args, keywords)
    if is_record_kind(kind) and name in ("_replace", "_asdict"):
        fields = dict(zip(kind.keys, interp.parts(stage, receiver).values()))
        form = display_form(interp.builder, kind) if name == "_replace" else Form("dict", keywords=kind.keys)
        return interp.emit(stage, form, tuple({**fields, **keywords}.values()))
    if kind.tag != "dict" and name in ("index", "count") and receiver.varied and not keywords:
        # A position or a count of active elements carries no derivative.
        if any(kind_of_operand(part).rank != 0 for part in (*interp.parts(stage, receiver).values(), *args)):
            raise Refusal(f".{name}",
                          "whether an array is equal to another is one truth value for each of its elements",
                          "Look for a number, or compare with 'is' in a loop.", ValueError)
        return interp.typed(stage, Form("method", name), (receiver, *args), INT)
    if kind.tag == "dict" and name in ("keys", "values", "items") and not args and not keywords:
        return object_value(DictView(elements_of(interp, receiver), name), "iterator")
    handler = _METHODS.get((kind.tag, name))
    if handler is None:
        return NotImplemented
    elements = interp.parts(stage, receiver)
    after, result = handler(interp, stage, elements, args, keywords)
    if after is not None:
        new = interp.display(beside(stage, Value(receiver.name)), receiver, after, receiver.name)
        interp.propagate_store(stage, receiver, new)
    return result


def _refuse_wrong_arguments(cls, name, args, keywords):
    """Refuse arguments that Python's own method does not take, as far as Python tells."""
    if not hasattr(cls, name):
        return
    why = None
    try:
        inspect.signature(getattr(cls, name)).bind(None, *args, **keywords)
    except ValueError:      # the method has no signature: an empty container is tried
        with contextlib.suppress(KeyError):
            why = _error_of(cls(), name, len(args), keywords) if name in WITHOUT_SIGNATURE else None
    except TypeError as error:
        why = str(error)
    if why is not None:
        raise Refusal(f".{name} of a {cls.__name__}", why,
                      "Give it what Python's own method takes.", TypeError)


def _error_of(container, name, count, keywords):
    """The message with which a method rejects so many arguments, or None; KeyError if it takes them."""
    try:
        getattr(container, name)(*[None] * count, **dict.fromkeys(keywords))
    except TypeError as error:
        return str(error)


def _key(interp, operand):
    try:
        return interp.static_of(operand)
    except Unknown:
        raise Refusal("key of a dict", "it is not known when compiling", "Use a constant key.") from None


def _pop_list(interp, stage, e, args, keywords):
    position = _key(interp, args[0]) if args else -1
    values = list(e.values())
    if not values:
        raise Refusal(".pop", "the list is empty", "Pop only what was appended.", IndexError)
    popped = values.pop(position)
    return dict(enumerate(values)), popped


def _index(interp, stage, e, args, keywords):
    """The position of a setting among settings."""
    try:
        value = interp.static_of(args[0])
        return None, Lit([interp.static_of(element) for element in e.values()].index(value))
    except (Unknown, ValueError):
        raise Refusal(".index",
                      "the elements are not all known when compiling, or this one is not among them",
                      "Use a constant subscript.") from None


def _pop_dict(interp, stage, e, args, keywords):
    key = _key(interp, args[0])
    others = {k: v for k, v in e.items() if k != key}
    if key not in e and len(args) < 2:
        raise no_such_element(".pop", "dict", key, e)
    return (others, e[key]) if key in e else (None, args[1])


def _default(args):
    return args[1] if len(args) > 1 else Lit(None)


def _update(interp, stage, e, args, keywords):
    more = dict_of(interp, stage, args, keywords)
    return {**e, **interp.parts(stage, more)}, Lit(None)


def _setdefault(interp, stage, e, args, keywords):
    key = _key(interp, args[0])
    check_key(interp, e, key, args[0])
    return (None, e[key]) if key in e else ({**e, key: _default(args)}, _default(args))


def _appended(e, *values):
    return dict(enumerate([*e.values(), *values]))


_METHODS = {
    ("list", "append"): lambda w, s, e, a, k: (_appended(e, a[0]), Lit(None)),
    ("list", "extend"): lambda w, s, e, a, k: (_appended(e, *w.elements(s, a[0])), Lit(None)),
    ("list", "insert"): lambda w, s, e, a, k: (dict(enumerate(
        (lambda v, at: [*v[:at], a[1], *v[at:]])(list(e.values()), _key(w, a[0])))), Lit(None)),
    ("list", "reverse"): lambda w, s, e, a, k: (dict(enumerate(list(e.values())[::-1])), Lit(None)),
    ("list", "clear"): lambda w, s, e, a, k: ({}, Lit(None)),
    ("list", "copy"): lambda w, s, e, a, k: (None, w.make(s, Form("list"), tuple(e.values()))),
    ("list", "pop"): _pop_list,
    ("list", "index"): _index, ("tuple", "index"): _index,
    ("dict", "get"): lambda w, s, e, a, k: (None, e.get(_key(w, a[0]), k.get("default", _default(a)))),
    ("dict", "copy"): lambda w, s, e, a, k: (None,
                                             w.make(s, Form("dict", keywords=tuple(e)), tuple(e.values()))),
    ("dict", "update"): _update, ("dict", "setdefault"): _setdefault, ("dict", "pop"): _pop_dict,
}
