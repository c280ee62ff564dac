"""In place: functions of NumPy that write into an array that they are given, as the stores that they stand for.

>>> import numpy as np
>>> np.fill_diagonal in WRITERS, np.exp in WRITERS
(True, False)
"""
from __future__ import annotations

import dataclasses

import numpy as np

from .lengths import kind_of_operand
from .program import Form, Item, Lit, Value, beside
from .refusals import Refusal

NEUTRAL = Lit(1.0)      # in the domain of every function of NumPy that takes a place to write into


def _stored(walk, stage, base, value, spec, holes, form=""):
    if kind_of_operand(base).tag != "array" or kind_of_operand(base).rank is None:
        raise Refusal("store into an array", "what it stores into is not an array of known type", "Assign to a subscript instead.")
    store = dataclasses.replace(stage, form=Form("store", "", (form,), spec), targets=(Value(base.name),))
    walk.stored(store, (base, value, *holes))
    return Lit(None)


def _given(args, keywords, *names):
    """Arguments by name; Refusal where there are others."""
    found = {**dict(zip(names, args)), **keywords}
    if len(args) > len(names) or set(found) - set(names):
        raise Refusal("store into an array", "revad does not know this argument", "Assign to a subscript instead.")
    return [found.get(name) for name in names]


def _copyto(walk, stage, args, keywords):
    keywords = {name: value for name, value in keywords.items() if name != "casting"}
    target, source, casting, where = _given(args, keywords, "dst", "src", "casting", "where")
    if where is not None:
        source = made(walk, stage, np.where, (where, source, target))
    return _stored(walk, stage, target, source, (Item("dots"),), ())


def _put(walk, stage, args, keywords):
    target, places, value = _given(args, keywords, "a", "ind", "v")
    if kind_of_operand(target).rank != 1:
        raise Refusal("np.put", "its array has more axes than one", "Assign to a subscript instead.")
    return _stored(walk, stage, target, value, (Item("at", (2,)),), (places,))


def _fill_diagonal(walk, stage, args, keywords):
    target, value = _given(args, keywords, "a", "val")
    shape = kind_of_operand(target).shape
    if shape is None or len(shape) != 2:
        raise Refusal("np.fill_diagonal", "its array does not have two axes", "Assign to a subscript instead.")
    rows, columns = (walk.make(stage, Form("index", spec=(Item("at", (1,)),)), (walk.make(stage, Form("attr", "shape"), (target,)), Lit(axis)))
                     for axis in (0, 1))
    square = walk.builder.scope.relied_equal(*shape)
    count = rows if square else walk.make(stage, Form("call", "@min"), (rows, columns))
    walk.builder.externals.setdefault("@min", min)
    places = made(walk, stage, np.arange, (count,))
    return _stored(walk, stage, target, value, (Item("at", (2,)), Item("at", (3,))), (places, places), "tuple")


def ordered(walk, stage, function, receiver, args, keywords):
    """`x.sort()`, `x.partition(2)`: what np.sort and np.partition give, in its place."""
    ordered = made(walk, stage, function, (receiver, *args), keywords)
    return _stored(walk, stage, receiver, ordered, (Item("dots"),), ())


def chosen(walk, stage, function, args, where, out):
    """`f(x, out=out, where=mask)`: f where the mask holds, what was there elsewhere."""
    safe = tuple(arg if isinstance(arg, Lit) or function in (np.divide, np.true_divide) and arg is args[0]
                 else made(walk, stage, np.where, (where, arg, NEUTRAL)) for arg in args)
    return made(walk, stage, np.where, (where, made(walk, stage, function, safe), out))


def made(walk, stage, function, operands, keywords=()):
    """A call of a function of NumPy."""
    path = f"@np.{function.__name__}"
    walk.builder.externals.setdefault(path, function)
    keywords = dict(keywords)
    return walk.make(beside(stage, Value()), Form("call", path, tuple(keywords)), (*operands, *keywords.values()))


WRITERS = {np.copyto: _copyto, np.put: _put, np.fill_diagonal: _fill_diagonal}
