"""Overlap: whether arguments that a function stores into share memory with others, or lists are the same.

The text stores into a copy of its argument, which the others would not see.

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


def is_apart(value, other=None, inside=False) -> bool:
    """Whether no array in `value` shares memory with one in `other`, or without `other` with another one.

    inside: `value` is a part of `other`, in which each of its arrays must occur once.
    """
    arrays, others = list(_arrays(value, set())), () if other is None else list(_arrays(other, set()))
    if inside:
        return all(sum(first_array is array or _share(first_array, array) for first_array in others) == 1
                   for array in arrays)
    if all(array.base is None for array in (*arrays, *others)):      # each has memory of its own
        first, second = {*map(id, arrays)}, {*map(id, others)}
        return len(first) == len(arrays) if other is None else first.isdisjoint(second)
    pairs = itertools.combinations(arrays, 2) if other is None else itertools.product(arrays, others)
    return not any(_share(first_array, second_array) for first_array, second_array in pairs)


def _share(left, right):
    if not np.may_share_memory(left, right):
        return False
    try:
        return np.shares_memory(left, right, max_work=MAX_WORK)
    except np.exceptions.TooHardError:
        return True


def has_own_lists(value, other=None) -> bool:
    """As `is_apart`, for lists and dicts."""
    first, second = [*map(id, _lists(value, set()))], [] if other is None else map(id, _lists(other, set()))
    return len({*first}) == len(first) if other is None else {*first}.isdisjoint(second)


def _lists(value, seen):
    """Every list and dict, as often as it occurs."""
    if isinstance(value, (list, tuple, dict)):
        if not isinstance(value, tuple):
            yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _lists(part, seen)
    elif is_object(value) and id(value) not in seen:
        seen.add(id(value))
        for part in attributes_of(value).values():
            yield from _lists(part, seen)


def _arrays(value, seen):
    """Every array, as often as it occurs; those of an object once."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _arrays(part, seen)
    elif is_object(value) and id(value) not in seen:
        seen.add(id(value))
        for part in attributes_of(value).values():
            yield from _arrays(part, seen)
