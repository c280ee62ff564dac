"""Ahead: items that are made before the program takes them, which is right as long as what they are made of stays the same.

Python makes the items of a generator expression, of a generator and of most of itertools one by one, when
they are taken.  Here they are made at once: what was read for that is noted, and may not change before.

>>> from ...ir.nodes import Lit, Value
>>> class Interpreter:
...     read, frame = None, Frame()
>>> interp, k = Interpreter(), Value("k")
>>> interp.frame.assign(k, Lit(1))
>>> items, sources = made(interp, lambda: note(interp, interp.frame, k))
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
    """A variable is read: what it stood for at first."""
    while frame is not None and variable not in frame.env:
        frame = frame.around
    if frame is not None:
        interp.read.setdefault((frame, variable), frame.env[variable])


def made(interp, make):
    """What `make` gives, and what it has read: [(frame, variable, what it stands for)]."""
    outer, interp.read = interp.read, {}
    try:
        items = make()
        read = interp.read
    finally:
        interp.read = outer
    for key, operand in read.items() if outer is not None else ():
        outer.setdefault(key, operand)
    # What was assigned meanwhile is a variable of the items' own.
    return items, tuple((*key, operand) for key, operand in read.items() if key[0].env.get(key[1]) is operand)


def refuse_changes(sources, changed=None):
    """`changed`: the (frame, variable) that a loop has given something else; None asks what they stand for now."""
    for frame, variable, operand in sources:
        if frame.env.get(variable) is not operand if changed is None else (frame, variable) in changed:
            raise Refusal("iterator", "what its items are made of changes before they are taken",
                          "Make a list of it first, with list(...), or loop over what it is made of.")
