"""Indexing: NumPy's index grammar, as a function of the parts of a subscript and the shape of an array.

`x[:, [0, 0]]` of an array (2, 3) takes every element of its rows twice, that of column 0:

>>> from .kinds import literal, Known
>>> def broadcast(shapes):
...     return max(shapes, key=len)
>>> parts = [Part("slice"), Part("places", (literal(2),), value=[0, 0])]
>>> taken = select(parts, (literal(2), literal(3)), broadcast, lambda length, ends: length)
>>> [n.value for n in taken.shape], taken.sources, taken.axes
([2, 2], (('axis', 0), ('place', 0)), ((0, 0), (1, 0)))
>>> is_distinct(parts, taken, (literal(2), literal(3)), {}, lambda length, n: length.value == n)
False
"""
from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from .kinds import literal

ADVANCED = ("truth", "mask", "places")
LARGEST = 64        # of places that are written out, and compared one by one


class Part(NamedTuple):
    """One item of a subscript; lengths are Knowns.

    what       takes                             gives                     lengths, count, value
    'int'      an axis                           nothing                   value: the number, if it is written out
    'slice'    an axis                           an axis                   value: its ends; None if it takes all
    'new'      nothing                           an axis of length 1
    'dots'     the axes that nothing else takes  the same
    'truth'    nothing                           an array of `count`       count: 0 or 1
    'mask'     the axes of `lengths`             an array of `count`
    'places'   an axis                           an array of `lengths`     value: the numbers, if they are written out
    """

    what: str
    lengths: tuple = ()
    count: Any = None
    value: Any = None

    @property
    def rank(self):
        """How many axes it takes, other than dots."""
        return len(self.lengths) if self.what == "mask" else int(self.what in ("int", "slice", "places"))

    @property
    def given(self):
        """The shape of the array of places that it is."""
        return self.lengths if self.what == "places" else () if self.what == "int" else (self.count,)


class Selected(NamedTuple):
    """What a subscript takes: the lengths of the result and where each axis comes from.

    sources: for each axis of the result ('axis', axis of the array), ('new', None), or ('place', axis of
    `places`).
    axes: for each axis of the array the number of the part that takes it, and which axis of that.
    places: the shape that the arrays of places have together; None where there are none.
    """

    shape: tuple
    sources: tuple
    axes: tuple
    places: Any


def is_basic(parts):
    """Whether a subscript gives a view, in which no element comes twice."""
    return all(part.what not in ADVANCED for part in parts)


def select(parts, shape, broadcast, sliced) -> Selected:
    """What the parts take of an array; IndexError, with NumPy's words, where they certainly cannot.

    broadcast: the shape of arrays of such shapes together.  sliced: how much a slice with such ends takes
    of a length.
    """
    used = sum(part.rank for part in parts)
    dots = sum(part.what == "dots" for part in parts)
    if dots > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if used > len(shape):
        raise IndexError("too many indices for array: array is "
                         f"{len(shape)}-dimensional, but {used} were indexed")
    if not dots:
        parts = [*parts, Part("dots")]
    advanced = not is_basic(parts)
    group = [number for number, part in enumerate(parts) if advanced and part.what in ("int", *ADVANCED)]
    result, axes = [], []
    for number, part in enumerate(parts):
        if group and number == group[0]:
            begin = len(result)
        if part.what == "new":
            result.append((literal(1), ("new", None)))
        for axis in range(len(shape) - used if part.what == "dots" else part.rank):
            length = shape[len(axes)]
            _check(part, axis, length, len(axes))
            if part.what in ("slice", "dots"):
                result.append((length if part.value is None else sliced(length, part.value),
                               ("axis", len(axes))))
            axes.append((number, axis))
    places = None
    if advanced:
        places = _together([parts[number].given for number in group], broadcast)
        _check_places(parts, axes, shape, places)
        if group != list(range(group[0], group[-1] + 1)):
            begin = 0       # what stands between them leaves no place for their axes but the first
        result[begin:begin] = [(length, ("place", axis)) for axis, length in enumerate(places)]
    return Selected(tuple(length for length, _ in result), tuple(source for _, source in result),
                    tuple(axes), places)


def _check(part, axis, length, number):
    """A number, or a mask, that certainly does not fit."""
    if (part.what == "int" and part.value is not None and length.exact
            and not -length.value <= part.value < length.value):
        raise IndexError(f"index {part.value} is out of bounds for axis {number} with size {length.value}")
    if part.what == "mask":
        have = part.lengths[axis]
        if have.exact and length.exact and have.value != length.value:
            raise IndexError(f"boolean index did not match indexed array along axis {number}; size of axis "
                             f"is {length.value} but size of corresponding boolean axis is {have.value}")


def _together(shapes, broadcast):
    rank = max(map(len, shapes))
    for axis in range(-rank, 0):
        settled = {shape[axis].value for shape in shapes if len(shape) >= -axis and shape[axis].exact} - {1}
        if len(settled) > 1:
            told = " ".join(f"({', '.join(n.text for n in shape)}{',' if len(shape) == 1 else ''})"
                            for shape in shapes)
            raise IndexError("shape mismatch: indexing arrays could not "
                             f"be broadcast together with shapes {told}")
    return broadcast(shapes)


def _check_places(parts, axes, shape, places):
    """Numbers in lists that certainly do not fit; where there are no places at all, NumPy does not look at them."""
    if not all(length.exact and length.value for length in places):
        return
    for axis, (number, _) in enumerate(axes):
        part, length = parts[number], shape[axis]
        for value in (np.ravel(part.value)
                      if part.what == "places" and part.value is not None and length.exact else ()):
            if not -length.value <= value < length.value:
                raise IndexError(f"index {value} is out of bounds for axis {axis} with size {length.value}")


def is_distinct(parts, selected, shape, distinct, is_length):
    """Whether no element is taken twice, for certain.

    distinct: {numbers of parts: (the shape of their arrays together, axis)} of arrays of places of which
    none comes twice; with an axis none comes twice along that axis.  A mask is one of the first kind, and
    so is what is written out.
    Together these have to tell all places apart: each axis along which there may be several belongs to one
    of them, and is not spread from a single place.
    shape: of the array.  is_length: whether a length is a number; None where it cannot be told.
    """
    if selected.places is None:
        return True
    taken = {number: length for (number, _), length in zip(selected.axes, shape)}
    together = _written(parts, lambda number, a, b: _differ(a, b, taken[number], is_length))
    known = [((part.count,), None) for part in parts if part.what in ("mask", "truth")]
    known += [*distinct.values(), *([(together, None)] if together else [])]
    rank = len(selected.places)
    told = {axis for axis, length in enumerate(selected.places) if is_length(length, 1) is True}

    def own(lengths):
        """The axes along which an array has a place of its own for each."""
        return {axis for axis, one in enumerate(lengths, rank - len(lengths))
                if one.text == selected.places[axis].text or is_length(one, 1) is False}
    for lengths, axis in sorted(known, key=lambda fact: fact[1] is not None):
        if axis is None:
            told |= own(lengths)
        elif ({at for at, one in enumerate(lengths, rank - len(lengths)) if is_length(one, 1) is not True}
                - {rank - len(lengths) + axis} <= told):
            told |= own(lengths) & {rank - len(lengths) + axis}
    return len(told) == rank


def _written(parts, differ):
    """The shape of the places that are written out, if they certainly differ from one another."""
    arrays = {number: np.asarray(part.value) for number, part in enumerate(parts)
              if part.what == "places" and part.value is not None}
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    points = list(zip(*(np.broadcast_to(array, shape).ravel().tolist() for array in arrays.values())))
    if len(points) > LARGEST:
        return None
    for one, other in itertools.combinations(points, 2):
        if not any(differ(number, a, b) for number, a, b in zip(arrays, one, other)):
            return None
    return tuple(map(literal, shape))


def _differ(a, b, length, is_length):
    """Whether two places of an axis differ: those that are counted from its two ends may be the same."""
    return a != b and ((a < 0) == (b < 0) or is_length(length, abs(a - b)) is False)


def is_written_apart(values):
    """Whether these are numbers that all differ, counted from the same end."""
    return (values is not None
            and bool(_written([Part("places", value=values)], lambda _, a, b: a != b and (a < 0) == (b < 0))))


def inverse(parts, selected, shape, is_one):
    """The subscript of the result that gives the array again, if all of it is taken; None if not.

    A new axis is dropped with 0, and one that a number took, which has to be of length 1, is put back with
    None.
    """
    if selected.places is not None:
        return None
    key = []
    for number, part in enumerate(parts):
        if part.what == "new":
            key.append(0)
        elif part.what == "int":
            if part.value not in (0, -1) or is_one(shape[selected.axes.index((number, 0))]) is not True:
                return None
            key.append(None)
        elif part.what == "dots":
            key.append(Ellipsis)
        elif part.value is None:
            key.append(slice(None))
        else:
            return None
    if all(part in (Ellipsis, slice(None)) for part in key):
        return ()
    last = max(at for at, part in enumerate(key) if part in (0, None))
    # What stands behind the last of them takes whole axes, which need not be said, but where dots stand
    # before it.
    return tuple(key if Ellipsis in key[:last] else key[:last + 1])
