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
LARGEST = 64        # number of constant places that are compared one by one


class Part(NamedTuple):
    """One item of a subscript; lengths are Knowns.

    kind       consumes               yields                  lengths, count, value
    'int'      an axis                nothing                 value: the number, if it is a constant
    'slice'    an axis                an axis                 value: its ends; None if it is full
    'new'      nothing                an axis of length 1
    'dots'     the remaining axes     the same
    'truth'    nothing                an array of `count`     count: 0 or 1
    'mask'     the axes of `lengths`  an array of `count`
    'places'   an axis                an array of `lengths`   value: the numbers, if they are constants
    """

    kind: str
    lengths: tuple = ()
    count: Any = None
    value: Any = None

    @property
    def rank(self):
        """How many axes it consumes, dots aside."""
        return len(self.lengths) if self.kind == "mask" else int(self.kind in ("int", "slice", "places"))

    @property
    def index_shape(self):
        """The shape of the integer or boolean array that it is."""
        return self.lengths if self.kind == "places" else () if self.kind == "int" else (self.count,)


class Selected(NamedTuple):
    """What a subscript selects: the lengths of the result and where each axis comes from.

    sources: for each axis of the result ('axis', axis of the array), ('new', None), or ('place', axis of
    `places`).
    axes: for each axis of the array the number of the part that consumes it, and which axis of that.
    places: the shape that the arrays of places broadcast to; None where there are none.
    """

    shape: tuple
    sources: tuple
    axes: tuple
    places: Any


def is_basic(parts):
    """Whether a subscript selects a view, in which no element occurs twice."""
    return all(part.kind not in ADVANCED for part in parts)


def select(parts, shape, broadcast, sliced) -> Selected:
    """What the parts select of an array; IndexError, with NumPy's message, where they certainly do not fit.

    broadcast: from the shapes of arrays to that of all together.  sliced: from a length and the ends of a
    slice to the length of the slice.
    """
    used = sum(part.rank for part in parts)
    dots = sum(part.kind == "dots" for part in parts)
    if dots > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if used > len(shape):
        raise IndexError("too many indices for array: array is "
                         f"{len(shape)}-dimensional, but {used} were indexed")
    if not dots:
        parts = [*parts, Part("dots")]
    advanced = not is_basic(parts)
    group = [number for number, part in enumerate(parts) if advanced and part.kind in ("int", *ADVANCED)]
    result, axes = [], []
    for number, part in enumerate(parts):
        if group and number == group[0]:
            begin = len(result)
        if part.kind == "new":
            result.append((literal(1), ("new", None)))
        for axis in range(len(shape) - used if part.kind == "dots" else part.rank):
            length = shape[len(axes)]
            _check(part, axis, length, len(axes))
            if part.kind in ("slice", "dots"):
                result.append((length if part.value is None else sliced(length, part.value),
                               ("axis", len(axes))))
            axes.append((number, axis))
    places = None
    if advanced:
        places = _broadcast_places([parts[number].index_shape for number in group], broadcast)
        _check_places(parts, axes, shape, places)
        if group != list(range(group[0], group[-1] + 1)):
            begin = 0       # where basic parts stand between advanced ones, their axes come first
        result[begin:begin] = [(length, ("place", axis)) for axis, length in enumerate(places)]
    return Selected(tuple(length for length, _ in result), tuple(source for _, source in result),
                    tuple(axes), places)


def _check(part, axis, length, number):
    """Raise IndexError for a number, or a mask, that certainly does not fit."""
    if (part.kind == "int" and part.value is not None and length.exact
            and not -length.value <= part.value < length.value):
        raise IndexError(f"index {part.value} is out of bounds for axis {number} with size {length.value}")
    if part.kind == "mask":
        have = part.lengths[axis]
        if have.exact and length.exact and have.value != length.value:
            raise IndexError(f"boolean index did not match indexed array along axis {number}; size of axis "
                             f"is {length.value} but size of corresponding boolean axis is {have.value}")


def _broadcast_places(shapes, broadcast):
    rank = max(map(len, shapes))
    for axis in range(-rank, 0):
        settled = {shape[axis].value for shape in shapes if len(shape) >= -axis and shape[axis].exact} - {1}
        if len(settled) > 1:
            described = " ".join(f"({', '.join(n.text for n in shape)}{',' if len(shape) == 1 else ''})"
                                 for shape in shapes)
            raise IndexError("shape mismatch: indexing arrays could not "
                             f"be broadcast together with shapes {described}")
    return broadcast(shapes)


def _check_places(parts, axes, shape, places):
    """Raise IndexError for constant places out of bounds; NumPy does not check an empty selection."""
    if not all(length.exact and length.value for length in places):
        return
    for axis, (number, _) in enumerate(axes):
        part, length = parts[number], shape[axis]
        for value in (np.ravel(part.value)
                      if part.kind == "places" and part.value is not None and length.exact else ()):
            if not -length.value <= value < length.value:
                raise IndexError(f"index {value} is out of bounds for axis {axis} with size {length.value}")


def is_distinct(parts, selected, shape, distinct, is_length):
    """Whether certainly no element is selected twice.

    distinct: {numbers of parts: (the shape that their arrays broadcast to, axis)} of arrays of places in
    which none occurs twice; with an axis, none occurs twice along that axis.  Masks are of the first kind,
    and so are constants.  Together these must distinguish all places: each axis along which there may be
    several belongs to one of them, and is not broadcast from a single place.
    shape: of the array.  is_length: whether a length equals a number; None where that is not known.
    """
    if selected.places is None:
        return True
    lengths_taken = {number: length for (number, _), length in zip(selected.axes, shape)}
    together = _written(parts, lambda number, a, b: _differ(a, b, lengths_taken[number], is_length))
    known = [((part.count,), None) for part in parts if part.kind in ("mask", "truth")]
    known += [*distinct.values(), *([(together, None)] if together else [])]
    rank = len(selected.places)
    covered = {axis for axis, length in enumerate(selected.places) if is_length(length, 1) is True}

    def own(lengths):
        """The axes along which an array is not broadcast."""
        return {axis for axis, length in enumerate(lengths, rank - len(lengths))
                if length.text == selected.places[axis].text or is_length(length, 1) is False}
    for lengths, axis in sorted(known, key=lambda fact: fact[1] is not None):
        if axis is None:
            covered |= own(lengths)
        elif ({at for at, length in enumerate(lengths, rank - len(lengths))
               if is_length(length, 1) is not True}
                - {rank - len(lengths) + axis} <= covered):
            covered |= own(lengths) & {rank - len(lengths) + axis}
    return len(covered) == rank


def _written(parts, differ):
    """The shape of the constant places, if they certainly differ from one another."""
    arrays = {number: np.asarray(part.value) for number, part in enumerate(parts)
              if part.kind == "places" and part.value is not None}
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    points = list(zip(*(np.broadcast_to(array, shape).ravel().tolist() for array in arrays.values())))
    if len(points) > LARGEST:
        return None
    for first, second in itertools.combinations(points, 2):
        if not any(differ(number, a, b) for number, a, b in zip(arrays, first, second)):
            return None
    return tuple(map(literal, shape))


def _differ(a, b, length, is_length):
    """Whether two places of an axis differ: places counted from different ends may be the same."""
    return a != b and ((a < 0) == (b < 0) or is_length(length, abs(a - b)) is False)


def are_distinct_constants(values):
    """Whether these are constants that all differ, counted from the same end."""
    return (values is not None
            and bool(_written([Part("places", value=values)], lambda _, a, b: a != b and (a < 0) == (b < 0))))


def inverse(parts, selected, shape, is_one):
    """The subscript that restores the array from the result, if all of it is selected; None if not.

    A new axis is dropped with 0; an axis that a number consumed, which must have length 1, is restored with
    None.
    """
    if selected.places is not None:
        return None
    key = []
    for number, part in enumerate(parts):
        if part.kind == "new":
            key.append(0)
        elif part.kind == "int":
            if part.value not in (0, -1) or is_one(shape[selected.axes.index((number, 0))]) is not True:
                return None
            key.append(None)
        elif part.kind == "dots":
            key.append(Ellipsis)
        elif part.value is None:
            key.append(slice(None))
        else:
            return None
    if all(part in (Ellipsis, slice(None)) for part in key):
        return ()
    if not shape:       # a number: with dots, an array without axes
        key = [part for part in key if part is not Ellipsis]
    last = max(at for at, part in enumerate(key) if part in (0, None))
    # After the last of them only full slices follow, which need not be written, unless dots come before it.
    return tuple(key if Ellipsis in key[:last] else key[:last + 1])
