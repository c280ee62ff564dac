"""Overlap: whether arrays that are given to a function share memory, or lists are the same, where it stores into one of them.

The text stores into a copy of what it is given, and so the others would not see it.

>>> x = np.zeros(4)
>>> row = [1.0]
>>> has_own_lists([row, [2.0]], {"w": [1.0]}), has_own_lists([row, [row]])
(True, False)
>>> is_apart(x[::2], x[1::2]), is_apart(x, {"w": [x[1:]]}), is_apart([x, x]), is_apart(np.zeros(4), [x, x])
(True, False, False, True)
"""
from __future__ import annotations

import itertools

import numpy as np

from .kinds import is_object
from .snapshot import attributes_of

MAX_WORK = 10_000


def is_apart(thing, other=None, inside=False) -> bool:
    """Whether no array that `thing` leads to shares memory with one of `other`; without that, with another of `thing`.

    inside: `thing` is a part of `other`, in which each of its arrays comes once.
    """
    arrays, others = list(_arrays(thing, set())), () if other is None else list(_arrays(other, set()))
    if inside:
        return all(sum(one is array or _share(one, array) for one in others) == 1 for array in arrays)
    if all(array.base is None for array in (*arrays, *others)):      # each has memory of its own
        first, second = {*map(id, arrays)}, {*map(id, others)}
        return len(first) == len(arrays) if other is None else first.isdisjoint(second)
    pairs = itertools.combinations(arrays, 2) if other is None else itertools.product(arrays, others)
    return not any(_share(one, two) for one, two in pairs)


def _share(one, other):
    if not np.may_share_memory(one, other):
        return False
    try:
        return np.shares_memory(one, other, max_work=MAX_WORK)
    except np.exceptions.TooHardError:
        return True


def has_own_lists(thing, other=None) -> bool:
    """As `is_apart`, of the lists and dicts."""
    first, second = [*map(id, _lists(thing, set()))], [] if other is None else map(id, _lists(other, set()))
    return len({*first}) == len(first) if other is None else {*first}.isdisjoint(second)


def _lists(thing, seen):
    """Every list and dict, as often as it comes."""
    if isinstance(thing, (list, tuple, dict)):
        if not isinstance(thing, tuple):
            yield thing
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from _lists(part, seen)
    elif is_object(thing) and id(thing) not in seen:
        seen.add(id(thing))
        for part in attributes_of(thing).values():
            yield from _lists(part, seen)


def _arrays(thing, seen):
    """Every array, as often as it comes; of an object once."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, (list, tuple, dict)):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from _arrays(part, seen)
    elif is_object(thing) and id(thing) not in seen:
        seen.add(id(thing))
        for part in attributes_of(thing).values():
            yield from _arrays(part, seen)
