"""Ahead: items computed before the program takes them, which is right if what they read does not change.

Python computes the items of a generator expression, of a generator and of most of itertools one by one,
when they are taken.  Here they are computed at once: what that reads is recorded, and may not change before
the items are taken.

>>> from ...ir.nodes import Lit, Value
>>> class Interpreter:
...     read, frame = None, Frame()
>>> interp, k = Interpreter(), Value("k")
>>> interp.frame.assign(k, Lit(1))
>>> items, sources = computed_ahead(interp, lambda: note(interp, interp.frame, k))
>>> refuse_changes(sources)
>>> interp.frame.assign(k, Lit(2))
>>> refuse_changes(sources)
Traceback (most recent call last):
    ...
revad.types.refusals.Refusal: iterator
"""
from __future__ import annotations

from ...types.refusals import Refusal
from ..environment import Frame


def note(interp, frame, variable):
    """Record the value of a variable at its first read."""
    while frame is not None and variable not in frame.env:
        frame = frame.enclosing
    if frame is not None:
        interp.read.setdefault((frame, variable), frame.env[variable])


def computed_ahead(interp, make):
    """(the result of `make`, what it read: ((frame, variable, value), ...))."""
    outer, interp.read = interp.read, {}
    try:
        items = make()
        reads = interp.read
    finally:
        interp.read = outer
    for key, operand in reads.items() if outer is not None else ():
        outer.setdefault(key, operand)
    # A variable that was assigned meanwhile belongs to the items.
    return (items,
            tuple((*key, operand) for key, operand in reads.items() if key[0].env.get(key[1]) is operand))


def refuse_changes(sources, changed=None):
    """Refuse changes of `sources`; changed: the (frame, variable) that a loop assigns, or None to compare."""
    for frame, variable, operand in sources:
        if frame.env.get(variable) is not operand if changed is None else (frame, variable) in changed:
            raise Refusal("iterator", "what its items are made of changes before they are taken",
                          "Make a list of it first, with list(...), or loop over what it is made of.")
