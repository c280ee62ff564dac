"""Uniform lists: lists of an argument whose elements are alike, so that one loop serves any number of them.

All elements have one structure, one precision and the same number of axes; the lengths of the axes may differ
from element to element.  Such a length is a Known with Rounds: what it is for each element, and an expression
for it in which a tag stands for the position.

>>> from .kinds import kind_of
>>> layers = [(np.ones((2, 4)), np.ones(4)), (np.ones((4, 3)), np.ones(3))]
>>> counter = Counter("k_", Known(2, "len(layers)"))
>>> W, b = uniform_kind(kind_of(layers, "layers"), "layers", counter).items
>>> W.shape[1].rounds.values, W.shape[1].rounds.text
((4, 3), 'layers[k_][0].shape[1]')
>>> equality(W.shape[1], b.shape[0])
'all(layers[k_][0].shape[1] == layers[k_][1].shape[0] for k_ in range(len(layers)))'
>>> equality(W.shape[0], W.shape[1]) is None
True
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .kinds import DICTS, Kind, Known, is_record, key_of, literal


class Counter(NamedTuple):
    """The index of a loop that counts from 0, or down to 0: a name for it, and how many rounds there are."""

    tag: str
    count: Known
    is_reversed: bool = False


class Rounds(NamedTuple):
    """A length that differs from round to round of the loop with a Counter: its values, and its expression.

    The values are those of the positions 0, 1, ..., which the counter's tag stands for in the expression.
    """

    counter: Counter
    values: tuple
    text: str


class NotUniform(Exception):
    """The elements of a list are not alike."""


def element_of_turn(scope, kind, operands):
    """The kind of the element of a list that a round of a loop takes by its index, or None."""
    counter, path = scope.counters.get(operands[1]), scope.list_paths.get(operands[0])
    if counter is None or path is None \
            or not scope.relied_equal(counter.count, Known(len(kind.items), f"len({path})")):
        return None
    try:
        element = uniform_kind(kind, path, counter)
    except NotUniform:
        return None
    scope.rolled.add(path)
    return element


def uniform_kind(kind, path, counter) -> Kind:
    """The kind of any element of the list at `path`.  Raises NotUniform."""
    prefixes = [f"{path}[{i}]" for i in range(len(kind.items))]
    if not prefixes:
        raise NotUniform
    return _joined(kind.items, prefixes, path, counter)


def _joined(kinds, prefixes, path, counter):
    first = kinds[0]
    if any(k.tag != first.tag or k.dtype != first.dtype or k.weak != first.weak or k.keys != first.keys
           or len(k.items) != len(first.items) for k in kinds):
        raise NotUniform
    if first.tag in ("tuple", "list", "dict"):
        if any(k.known != first.known for k in kinds):
            raise NotUniform
        keys = first.keys if first.tag == "dict" else range(len(first.items))
        records = first.tag == "tuple" and first.known is not None
        items = tuple(
            _joined([k.items[i] for k in kinds],
                    [f"{p}.{first.keys[i]}" if records else f"{p}[{key!r}]" for p in prefixes], path, counter)
            for i, key in enumerate(keys))
        return first._replace(items=items)
    if first.tag == "number":
        if any(k.known is not None and k.known.text != p for k, p in zip(kinds, prefixes)):
            raise NotUniform
        return first._replace(known=None, affine=None)
    if first.tag != "array" or any(k.shape is None or k.rank != first.rank for k in kinds):
        raise NotUniform
    return first._replace(shape=tuple(_length([k.shape[axis] for k in kinds], prefixes, axis, path, counter)
                                      for axis in range(first.rank)))


def _length(lengths, prefixes, axis, path, counter):
    if any(type(n.value) is not int or n.text != f"{p}.shape[{axis}]" for n, p in zip(lengths, prefixes)):
        raise NotUniform
    values = tuple(n.value for n in lengths)
    if set(values) == {1}:
        return literal(1)
    text = f"{path}[{counter.tag}]{lengths[0].text[len(path) + 3:]}"
    return of_rounds(Rounds(counter, values, text))


def of_rounds(rounds) -> Known:
    """The length that has these values; `unit`: it is 1 for no element, which the cache key settles."""
    return Known(None, f"?{rounds.text}", False, 1 not in rounds.values, rounds=rounds)


def equality(a, b):
    """The condition that two lengths are equal for every element; None where they are not, or not known."""
    rounds = a.rounds or b.rounds
    values, texts = [], []
    for length in (a, b):
        if length.rounds is not None:
            if length.rounds.counter != rounds.counter:
                return None
            values.append(length.rounds.values)
            texts.append(length.rounds.text)
        elif type(length.value) is int and "?" not in length.text:
            values.append((length.value,) * len(rounds.values))
            texts.append(f"({length.text})" if " " in length.text else length.text)
        else:
            return None
    if values[0] != values[1]:
        return None
    first, second = sorted(texts)
    return f"all({first} == {second} for {rounds.counter.tag} in range({rounds.counter.count.text}))"


def carried(first, last, counter):
    """The length of a value when a round begins: that before the loop, or that after the round before.

    None where it is not known.

    >>> from .kinds import kind_of
    >>> counter = Counter("k_", Known(2, "len(Ws)"))
    >>> W, = uniform_kind(kind_of([[np.ones((2, 4))], [np.ones((4, 3))]], "Ws"), "Ws", counter).items
    >>> length = carried(Known(2, "x.shape[1]", False, True), W.shape[1], counter)
    >>> length.rounds.values, length.rounds.text
    ((2, 4), '(x.shape[1] if k_ == 0 else Ws[k_ - 1][0].shape[1])')
    """
    rounds, tag = last.rounds, counter.tag
    if rounds is None or rounds.counter != counter or counter.is_reversed or type(first.value) is not int \
            or "?" in first.text or f"{tag} - 1" in rounds.text:
        return None
    text = f"({first.text} if {tag} == 0 else {rounds.text.replace(tag, f'{tag} - 1')})"
    return of_rounds(Rounds(counter, (first.value, *rounds.values[:-1]), text))


def after_last(length):
    """A length as it is after the last round; None where its expression does not say."""
    rounds = length.rounds
    if f"{rounds.counter.tag} - 1" in rounds.text:
        return None
    place, text = (0, "0") if rounds.counter.is_reversed else (-1, "-1")
    return Known(rounds.values[place], rounds.text.replace(rounds.counter.tag, text))


# ---- keys

class UniformKey(NamedTuple):
    """The part of the cache key that stands for an array of each element.

    always, sometimes: the axes that have length 1 in all, in some of them.
    """

    dtype: str
    rank: int
    always: tuple
    sometimes: tuple


def key_of_uniform(values):
    """The part of the cache key that stands for a list of elements that are alike; its own key for others.

    >>> key_of_uniform([np.ones((2, 3)), np.ones((4, 1))])
    ('list', 'uniform', UniformKey(dtype='d', rank=2, always=(), sometimes=(1,)))
    """
    if type(values) not in (list, tuple) or not values:
        return key_of(values)
    try:
        return type(values).__name__, "uniform", _joined_key(list(values))
    except NotUniform:
        return key_of(values)


def _joined_key(values):
    kind = type(values[0])
    if any(type(value) is not kind for value in values):
        raise NotUniform
    if kind is np.ndarray:
        dtype, rank = values[0].dtype.char, values[0].ndim
        if any(value.dtype.char != dtype or value.ndim != rank for value in values):
            raise NotUniform
        units = [[n == 1 for n in value.shape] for value in values]
        always = tuple(i for i in range(rank) if all(unit[i] for unit in units))
        return UniformKey(dtype, rank, always, tuple(
            i for i in range(rank) if i not in always and any(unit[i] for unit in units)))
    if kind in DICTS:
        keys = list(values[0])
        if any(list(value) != keys for value in values):
            raise NotUniform
        return kind.__name__, tuple((key, _joined_key([value[key] for value in values])) for key in keys)
    if kind in (list, tuple) or is_record(values[0]):
        count = len(values[0])
        if any(len(value) != count for value in values):
            raise NotUniform
        return kind, tuple(_joined_key([value[i] for value in values]) for i in range(count))
    return kind


def with_uniform(name, value, paths):
    """The cache key of the argument `name`, with the lists at some paths of any number of elements.

    >>> with_uniform("p", {"a": [1.0, 2.0], "n": 3}, {"p['a']"})
    ('dict', (('a', ('list', 'uniform', <class 'float'>)), ('n', <class 'int'>)))
    """
    if name in paths:
        return key_of_uniform(value)
    if not any(path.startswith(name) for path in paths):
        return key_of(value)
    kind = type(value)
    if kind is list or kind is tuple:
        return kind.__name__, tuple(with_uniform(f"{name}[{i}]", part, paths) for i, part in enumerate(value))
    if kind in DICTS:
        return kind.__name__, tuple((k, with_uniform(f"{name}[{k!r}]", part, paths))
                                    for k, part in value.items())
    if is_record(value):
        return kind, tuple(with_uniform(f"{name}.{field}", part, paths)
                           for field, part in zip(kind._fields, value))
    return key_of(value)
