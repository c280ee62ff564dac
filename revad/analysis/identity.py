"""Identity: which container a value may be, through names, choices and elements, and what it may hold.

Two names of one list see each other's changes.  Which list a value is shows in the stages that compute it;
of one that a loop hands on, or that a branch takes apart, `choices` has the containers that it may be.

>>> from ..ir.nodes import Form, Stage
>>> from ..types.kinds import FLOAT, Kind
>>> of_one = Kind("list", items=(FLOAT,))
>>> x, l, m = Value("x", kind=FLOAT), Value("l", kind=of_one), Value("m", kind=of_one)
>>> definitions = {l: Stage((l,), Form("list"), (x,)), m: Stage((m,), Form("alias"), (l,))}
>>> list(candidates(m, definitions)), list(elements(m, 0, definitions))
([m, l], [(x, {l: l = list (x), m: m = alias (l)})])
"""
from __future__ import annotations

import itertools

from ..ir.nodes import Branch, Lit, Loop, Stage, Unset, Value
from ..ir.traversal import targets_of
from ..types.parts import keys_of
from ..types.shape_rules import kind_of_operand
from .aliases import choice_ends, is_immutable, is_opaque, is_view, owners, viewed_operands

HOLDERS = ("tuple", "list", "dict")
NO_CHOICES: dict = {}


def alternatives(value, definitions, choices=NO_CHOICES, seen=None):
    """(value, the definitions that it stands in) of each that a value may be the same object as."""
    seen = set() if seen is None else seen
    if not isinstance(value, Value) or value in seen or is_immutable(value):
        return
    seen.add(value)
    yield value, definitions
    stage = definitions.get(value)
    for choice in choices.get(value, ()):
        if choice not in seen:
            seen.add(choice)
            yield choice, definitions
    ends = ()
    if isinstance(stage, Branch):
        ends = [end for end in choice_ends(stage, value) if not isinstance(end, Unset)]
        definitions = {**definitions, **targets_of(stage.then), **targets_of(stage.orelse)}
    elif isinstance(stage, Loop):
        ends = [end for row in stage.rows if value is row.out for end in (row.init, row.next)]
        definitions = {**definitions, **targets_of(stage.block)}
    elif isinstance(stage, Stage) and (stage.form.kind == "alias" or is_opaque(stage)):
        ends = stage.operands
    elif isinstance(stage, Stage) and stage.form.kind in ("index", "unpack"):
        container, key = stage.operands[0], key_of(stage, value)
        if kind_of_operand(container).tag in HOLDERS and (container, key) not in seen:
            seen.add((container, key))      # elements of elements lead to the same container again
            for end, inner in elements(container, key, definitions, choices):
                yield from alternatives(end, inner, choices, seen)
    for end in ends:
        yield from alternatives(end, definitions, choices, seen)


def candidates(value, definitions, choices=NO_CHOICES):
    """All values that a value may be the same object as."""
    return (alternative for alternative, _ in alternatives(value, definitions, choices))


def key_of(stage, value):
    """The key of the element that a subscript or an unpacking takes of a container; None if not known."""
    if stage.form.kind == "unpack":
        return stage.targets.index(value) if not stage.form.spec else None
    if len(stage.operands) != 2 or not isinstance(stage.operands[1], Lit):
        return None
    key, kind = stage.operands[1].value, kind_of_operand(stage.operands[0])
    if kind.tag == "dict" or type(key) is not int:
        return key
    return key % len(kind.items) if kind.items else None


def displays(container, definitions, choices=NO_CHOICES):
    """(its elements as {key: operand}, their definitions) of each that a container may be, if written out."""
    for value, inner in alternatives(container, definitions, choices):
        stage = inner.get(value)
        if isinstance(stage, Stage) and stage.form.kind in HOLDERS and stage.form.name != "*":
            yield dict(zip(keys_of(value.kind), stage.operands)), inner


def elements(container, key, definitions, choices=NO_CHOICES):
    """(operand, its definitions) of each that may be the element at a key; of all where it is not known."""
    for by_key, inner in displays(container, definitions, choices):
        yield from ((by_key[at], inner) for at in ((key,) if key in by_key else by_key))


def reached(value, definitions, choices=NO_CHOICES, seen=None):
    """All containers that a value may be or hold, and what of them is read."""
    seen = set() if seen is None else seen
    for alternative, inner in alternatives(value, definitions, choices):
        if alternative in seen:
            continue
        seen.add(alternative)
        for operand, around in elements(alternative, None, inner, choices):
            if kind_of_operand(operand).tag in HOLDERS:
                reached(operand, around, choices, seen)
    return seen


def shares_elements(container, key, other, stored, definitions, choices=NO_CHOICES):
    """Whether the elements at two keys may both lie in what is stored into: an array, or a list or dict."""
    if stored.kind.tag in HOLDERS:
        changed = set(candidates(stored, definitions, choices))

        def share(first, second, inner):
            return bool(changed & reached(first, inner, choices) & reached(second, inner, choices))
    else:
        places = _places(stored, definitions)

        def share(first, second, inner):
            both = [[place for place in _places(operand, inner) if any(_overlap(place, at) for at in places)]
                    for operand in (first, second)]
            return any(_overlap(*pair) for pair in itertools.product(*both))
    return any(key not in by_key or other in by_key and share(by_key[key], by_key[other], inner)
               for by_key, inner in displays(container, definitions, choices))


def _places(value, definitions):
    """{(owner of the memory, keys from it)} of an array: two elements of an argument are apart."""
    if is_immutable(value):
        return set()
    keys, stage, base = (), definitions.get(value), value
    while isinstance(stage, Stage) and is_view(stage) and len(viewed_operands(stage)) == 1 \
            and stage.form.kind in ("alias", "index", "unpack"):
        inner, = viewed_operands(stage)
        if kind_of_operand(inner).tag in HOLDERS:
            key = key_of(stage, base)
            keys = () if key is None else (key, *keys)
        base, stage = inner, definitions.get(inner)
    if stage is None and keys:
        return {(base, keys)}
    return {(memory, ()) for memory in owners(value, definitions)}


def _overlap(place, other):
    keys = min(len(place[1]), len(other[1]))
    return place[0] is other[0] and place[1][:keys] == other[1][:keys]
