"""Arguments: which parameters a gradient is for, and arguments that cannot have one.

>>> import inspect
>>> def f(x, w, eps=1e-5): pass
>>> chosen(f, inspect.signature(f), None), chosen(f, inspect.signature(f), "w")
((('x', 'w'), False), (('w',), True))
"""
from __future__ import annotations

import numpy as np

from .errors import CallError
from .kinds import kind_of


def chosen(function, signature, wrt, has_receiver=False):
    """The names of the parameters to differentiate, and whether one gradient is returned bare."""
    names = list(signature.parameters)
    if wrt is None:
        found = [n for n, p in signature.parameters.items()
                 if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]
        if has_receiver:
            found = found[1:]
        if not found:
            raise CallError(f"{function.__name__} has no positional parameter without a default: "
                            "name the parameters to differentiate with wrt=")
        return tuple(found), len(found) == 1
    several = isinstance(wrt, (tuple, list))
    found = tuple(_name(function, names, one, has_receiver) for one in (wrt if several else (wrt,)))
    if not found:
        raise CallError("wrt is empty: name at least one parameter")
    if len(set(found)) != len(found):
        raise CallError(f"wrt names a parameter twice: {', '.join(found)}")
    return found, not several


def _name(function, names, one, has_receiver):
    if isinstance(one, str):
        if one in names:
            return one
        raise CallError(f"{function.__name__} has no parameter {one!r}: it has {', '.join(names)}")
    if isinstance(one, (int, np.integer)) and not isinstance(one, bool):
        given = names[1:] if has_receiver else names
        if -len(given) <= one < len(given):
            return given[one]
        raise CallError(f"{function.__name__} has no parameter at position {one}: it has {len(given)}")
    raise CallError(f"wrt is {one!r}: give a parameter's name or position, or a tuple of them")


def kinds_of(names, args, wrt):
    """The kinds of a call's arguments.  Raises CallError for those that have no gradient."""
    found = []
    for name, value in zip(names, args):
        refuse(name, value, name in wrt)
        found.append(kind_of(value, name))
    return found


def refuse(name, value, differentiated):
    """One clear sentence for an argument that cannot be differentiated."""
    if isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            refuse(f"{name}[{i}]", part, differentiated)
        return
    if isinstance(value, dict):
        for key, part in value.items():
            refuse(f"{name}[{key!r}]", part, differentiated)
        return
    dtype = getattr(value, "dtype", None)
    is_array = isinstance(value, (np.ndarray, np.generic))
    if isinstance(value, complex) or is_array and dtype.kind == "c":
        raise CallError(f"{name} is complex: revad differentiates functions of real numbers; "
                        "pass its real and imaginary parts")
    if not differentiated:
        return
    remedy = "name the parameters to differentiate with wrt=, or give it a default"
    if is_array:
        if type(value) is not np.ndarray and not isinstance(value, np.generic):
            raise CallError(f"{name} is a {type(value).__name__}: convert it with np.asarray")
        if dtype.kind == "O":
            raise CallError(f"{name} is an array of objects: convert it with .astype(float)")
        if dtype.kind not in "biuf":
            raise CallError(f"{name} is an array of {dtype}, which has no gradient: {remedy}")
        return
    if isinstance(value, (int, float)):
        return
    raise CallError(f"{name} is {_described(value)}, which has no gradient: {remedy}")


def _described(value):
    if value is None:
        return "None"
    article = "an" if type(value).__name__[0] in "aeiou" else "a"
    return f"{article} {type(value).__name__}"
