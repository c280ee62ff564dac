"""Uniform lists: lists of an argument whose elements are alike, so that one loop serves any number of them.

All elements have one structure, one precision and the same number of axes; the lengths of the axes may differ
from element to element.  Such a length is a Known with Rounds: what it is for each element, and an expression
for it in which a tag stands for the position.

>>> from .kinds import kind_of
>>> layers = [(np.ones((2, 4)), np.ones(4)), (np.ones((4, 3)), np.ones(3))]
>>> counter, stretch = Counter("k_", Known(2, "len(layers)")), Stretch(None, "layers", 2)
>>> W, b = uniform_kind(kind_of(layers, "layers").items, stretch, counter).items
>>> W.shape[1].rounds.values, W.shape[1].rounds.text
((4, 3), 'layers[k_][0].shape[1]')
>>> equality(W.shape[1], b.shape[0])
'all(layers[k_][0].shape[1] == layers[k_][1].shape[0] for k_ in range(len(layers)))'
>>> equality(W.shape[0], W.shape[1]) is None
True
>>> parts = [Stretch(None, "Ws", 3, 0, 1), Stretch(None, "Ws", 3, 0, 0)]
>>> use_of(parts, [-1])
Use(path='Ws', stretches=((0, 0), (0, 1)), first=0, last=1, least=2)
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .kinds import DICTS, Kind, Known, is_record, key_of, literal


class Stretch(NamedTuple):
    """Consecutive elements of a list of an argument: all but some at its beginning and some at its end.

    base: the list, as an operand; path: how a text reads it; size: how many elements it has in this call.
    """

    base: Any
    path: str
    size: int
    start: int = 0
    stop: int = 0

    @property
    def length(self):
        """The number of these elements, a Known."""
        left_out = self.start + self.stop
        text = f"len({self.path})"
        return Known(self.size - left_out, f"{text} - {left_out}" if left_out else text)

    def without(self, start, stop):
        """The stretch without more elements; None where it has no more."""
        stretch = self._replace(start=self.start + start, stop=self.stop + stop)
        return stretch if stretch.length.value > 0 else None


class Counter(NamedTuple):
    """The rounds of a loop: a name for their number, from 0 on, and how many there are.

    is_reversed: the last comes first.  first: the index of the loop in round 0.
    """

    tag: str
    count: Known
    is_reversed: bool = False
    first: int = 0


class Rounds(NamedTuple):
    """A length that differs from round to round of the loop with a Counter: its values, and its expression.

    The values are those of the positions 0, 1, ..., which the counter's tag stands for in the expression.
    ends: the expressions of the first and of the last, where they are known.
    """

    counter: Counter
    values: tuple
    text: str
    ends: tuple = ()


class NotUniform(Exception):
    """The elements of a list are not alike."""


def counted(scope, operand):
    """(Counter, offset) of an integer that is the number of a round plus a constant; None for others."""
    place = getattr(operand, "kind", None) and operand.kind.affine
    if not place or len(place.terms) != 1 or not place.constant.exact:
        return None
    (index, factor), = place.terms
    counter = scope.counters.get(index)
    if counter is None or factor != literal(1):
        return None
    return counter, place.constant.value + counter.first


def stretch_of_turns(scope, operands):
    """The Stretch of a list of which the rounds of a loop take one element each, in order; or None."""
    stretch, place = scope.stretches.get(operands[0]), counted(scope, operands[1])
    if stretch is None or place is None:
        return None
    counter, offset = place
    count = counter.count
    if type(count.value) is not int or offset < 0:
        return None
    rest = stretch.length.value - offset - count.value
    if rest < 0 or (rest or offset or stretch.start or stretch.stop) and "len(" not in count.text:
        return None
    stretch = stretch.without(offset, rest)
    return stretch if stretch is not None and scope.relied_equal(count, stretch.length) else None


def element_of_turn(scope, kind, operands):
    """The kind of the element of a list that a round of a loop takes by its index, or None."""
    stretch = stretch_of_turns(scope, operands)
    if stretch is None:
        return None
    given = scope.stretches[operands[0]]
    items = kind.items[stretch.start - given.start:len(kind.items) - (stretch.stop - given.stop)]
    try:
        element = uniform_kind(items, stretch, counted(scope, operands[1])[0])
    except NotUniform:
        return None
    scope.rolled.add(stretch._replace(base=None))
    return element


def element_from_end(scope, operands, key, kind):
    """The kind of an element of a list of an argument at a negative position: so its lengths are read."""
    stretch = scope.stretches.get(operands[0])
    if stretch is None or type(key) is not int or key >= 0:
        return kind
    return at_end(kind, stretch.path, stretch.size, key - stretch.stop)


def at_end(kind, path, size, key):
    """A kind whose lengths are read at a negative position of a list.

    >>> from .kinds import kind_of
    >>> b = kind_of(np.ones(3), "bs[4]")
    >>> at_end(b, "bs", 5, -1).shape[0].text
    'bs[-1].shape[0]'
    """
    old, new = f"{path}[{key + size}]", f"{path}[{key}]"

    def moved(known):
        return known._replace(text=new + known.text[len(old):]) if known.text.startswith(old) else known
    return kind._replace(known=kind.known and moved(kind.known),
                         shape=kind.shape and tuple(map(moved, kind.shape)),
                         items=tuple(at_end(item, path, size, key) for item in kind.items))


def uniform_kind(kinds, stretch, counter) -> Kind:
    """The kind of any element of a Stretch of a list, given those of all.  Raises NotUniform."""
    prefixes = [f"{stretch.path}[{stretch.start + i}]" for i in range(len(kinds))]
    if not prefixes:
        raise NotUniform
    return _joined(kinds, prefixes, stretch, counter)


def _joined(kinds, prefixes, stretch, counter):
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
                    [f"{p}.{first.keys[i]}" if records else f"{p}[{key!r}]" for p in prefixes],
                    stretch, counter)
            for i, key in enumerate(keys))
        return first._replace(items=items)
    if first.tag == "number":
        if any(k.known is not None and k.known.text != p for k, p in zip(kinds, prefixes)):
            raise NotUniform
        return first._replace(known=None, affine=None)
    if first.tag != "array" or any(k.shape is None or k.rank != first.rank for k in kinds):
        raise NotUniform
    return first._replace(shape=tuple(
        _length([k.shape[axis] for k in kinds], prefixes, axis, stretch, counter)
        for axis in range(first.rank)))


def _length(lengths, prefixes, axis, stretch, counter):
    if any(type(n.value) is not int or n.text != f"{p}.shape[{axis}]" for n, p in zip(lengths, prefixes)):
        raise NotUniform
    values = tuple(n.value for n in lengths)
    if set(values) == {1}:
        return literal(1)
    of_element = lengths[0].text[len(stretch.path) + len(f"[{stretch.start}]"):]
    places = (f"{counter.tag} + {stretch.start}" if stretch.start else counter.tag, stretch.start,
              f"len({stretch.path}) - {1 + stretch.stop}")
    text, *ends = (f"{stretch.path}[{place}]{of_element}" for place in places)
    return of_rounds(Rounds(counter, values, text, tuple(ends)))


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
    >>> kind = kind_of([[np.ones((2, 4))], [np.ones((4, 3))]], "Ws")
    >>> W, = uniform_kind(kind.items, Stretch(None, "Ws", 2), counter).items
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
    if not rounds.ends:
        return None
    place = 0 if rounds.counter.is_reversed else -1
    return Known(rounds.values[place], rounds.ends[place])


# ---- keys

class Use(NamedTuple):
    """How a text uses a list of which it serves any number of elements.

    stretches: what loops go over, (how many elements at the beginning, at the end are left out).
    first, last: of how many elements at the beginning and at the end it is known what each is.
    least: how many elements there have to be.
    """

    path: str
    stretches: tuple
    first: int
    last: int
    least: int


def use_of(parts, positions, cuts=()) -> Use:
    """The Use of a list of which loops go over some Stretches.

    positions: those of elements that are taken one by one, from 0 or from -1 on.  cuts: how many elements
    slices of it leave out.
    """
    path, stretches = parts[0].path, sorted({(part.start, part.stop) for part in parts})
    start, stop = map(max, zip(*stretches))     # the gradient of a loop is completed by that of another
    first = max([start, *(position + 1 for position in positions)])
    last = max([stop, *(-position for position in positions)])
    return Use(path, tuple(stretches), first, last,
               max(first + last, 1 + max([*map(sum, stretches), *cuts])))


def hull(use):
    """(how many elements at the beginning, at the end of a list no loop goes over)."""
    start, stop = map(min, zip(*use.stretches))
    return start, stop


class UniformKey(NamedTuple):
    """The part of the cache key that stands for an array of each element.

    always, sometimes: the axes that have length 1 in all, in some of them.
    """

    dtype: str
    rank: int
    always: tuple
    sometimes: tuple


def key_of_uniform(values, use):
    """The part of the cache key that stands for a list of elements that are alike; its own key for others.

    >>> use = Use("Ws", ((0, 1),), 0, 1, 2)
    >>> key_of_uniform([np.ones((2, 3)), np.ones((4, 1)), np.ones(5)], use)
    ('list', (UniformKey(dtype='d', rank=2, always=(), sometimes=(1,)),), (('d', 1),))
    """
    if type(values) not in (list, tuple) or len(values) < use.least:
        return key_of(values)
    try:
        stretches = tuple(_joined_key(values[start:len(values) - stop]) for start, stop in use.stretches)
    except NotUniform:
        return key_of(values)
    return type(values).__name__, stretches, tuple(
        map(key_of, [*values[:use.first], *values[len(values) - use.last:]]))


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


def with_uniform(name, value, uses):
    """The cache key of the argument `name`, with some lists of any number of elements: see their Uses.

    >>> with_uniform("p", {"a": [1.0, 2.0], "n": 3}, {Use("p['a']", ((0, 0),), 0, 0, 1)})
    ('dict', (('a', ('list', (<class 'float'>,), ())), ('n', <class 'int'>)))
    """
    for use in uses:
        if use.path == name:
            return key_of_uniform(value, use)
    if not any(use.path.startswith(name) for use in uses):
        return key_of(value)
    kind = type(value)
    if kind is list or kind is tuple:
        return kind.__name__, tuple(with_uniform(f"{name}[{i}]", part, uses) for i, part in enumerate(value))
    if kind in DICTS:
        return kind.__name__, tuple((k, with_uniform(f"{name}[{k!r}]", part, uses))
                                    for k, part in value.items())
    if is_record(value):
        return kind, tuple(with_uniform(f"{name}.{field}", part, uses)
                           for field, part in zip(kind._fields, value))
    return key_of(value)
