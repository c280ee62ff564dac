"""Columns: the derivatives of a function along all elements of its inputs, by a text for several directions.

>>> columns = Columns(lambda x: x**2, None)
>>> x = np.array([1.0, 2.0])
>>> columns.block(columns.text_for((x,)), (x,), layout_of(x))
array([[2., 0.],
       [0., 4.]])
>>> columns.text_for((x,)).variant.band
(0, 0)
"""
from __future__ import annotations

import numpy as np

from ..errors import UnsupportedError
from ..types.refusals import Refusal
from . import arguments
from .assembly import leaf_paths, size_of
from .cotangents import Node, layout_of, rebuild
from .tangents import KNOWN, tangent_of

ROOM = 2**20    # numbers in the arguments and in the inputs, times the directions that are taken together


class Columns:
    """The texts for several directions; where revad does not write one, `text_for` gives None."""

    def __init__(self, function, wrt):
        self.along, self._refused, self._last = tangent_of(function, wrt, False), set(), ((), None)
        self.along.part = "tangents"
        self.of_units = tangent_of(function, wrt, False)
        self.of_units.part = "jacobian"
        self.last = self.along

    @property
    def source(self):
        return self.last.source

    @property
    def how(self):
        """How the text gives all columns."""
        if self.last is self.of_units:
            return "all columns at once"
        band = self.along._last.cell_contents.variant.band
        return "all columns at once, by its product with unit vectors" if band is None \
            else f"the diagonals {band[0]} to {band[1]}, by its product with sums of unit vectors"

    def text_for(self, args):
        """The text for several directions."""
        return self._text(self.along, args)

    def units_text_for(self, args, size):
        """The text for all elements of one vector, where there is room for them."""
        if not self.along.bare or size * (size + self._numbers(args)) > ROOM:
            return None
        return self._text(self.of_units, args)

    def _text(self, along, args):
        bound = next((known for known in along._known if known.accepts(*args)), None)
        if bound is None:
            call = along.call(tuple(map(arguments.to_native, args)))
            if (along.part, call.key) in self._refused:
                return None
            try:
                bound = along.bound(along.part, call)
            except (UnsupportedError, Refusal):
                self._refused.add((along.part, call.key))
                return None
            along._known = (bound, *along._known[:KNOWN - 1])
        along._last.cell_contents = bound
        return None if bound.variant.draws else bound

    def all(self, bound, args):
        """The Jacobian that a text for all elements gives."""
        return self.of_units.along(bound, args, ())[1]

    def _numbers(self, args):
        return sum(arg.size if type(arg) is np.ndarray else size_of(layout_of(arg)) for arg in args)

    def repeated(self, args, inputs):
        """The Jacobian by one array, as the last call gave it; None where no text gives it now."""
        if self.last is self.of_units and inputs.shape[0] * (inputs.shape[0] + self._numbers(args)) <= ROOM:
            for known in self.of_units._known:
                if known.accepts(*args):
                    return self.all(known, args)
        bound = self.text_for(args)
        return None if bound is None else self.best(bound, args, inputs)

    def best(self, bound, args, inputs):
        """The Jacobian by one array, of a function whose value is one array; None if it is something else."""
        band = bound.variant.band
        if band is None and len(inputs.shape) == 1:
            text = self.units_text_for(args, inputs.shape[0])
            if text is not None:
                self.last = self.of_units
                return self.all(text, args)
        self.last = self.along
        return self.block(bound, args, inputs)

    def block(self, bound, args, leaf):
        """The same by the text for several directions."""
        band, shape = bound.variant.band, leaf.shape
        if band is not None and 0 < band[1] - band[0] + 1 < shape[0]:
            return self._banded(bound, args, leaf, band)
        parts = [self._along(bound, args, directions) for _, directions in self._chunks(args, leaf)]
        if not all(type(part) is np.ndarray for part in parts):
            return None
        columns = parts[0] if len(parts) == 1 else np.concatenate(parts)
        block = np.moveaxis(columns, 0, -1)
        return block if len(shape) == 1 else block.reshape(block.shape[:-1] + shape)

    def fill(self, bound, args, blocks):
        """Set all columns of a Jacobian."""
        paths = list(leaf_paths(blocks.inputs))
        for first, directions in self._chunks(args, blocks.inputs):
            tangents, at = self._along(bound, args, directions), 0
            count = len(next(part for _, part in _arrays(directions)))
            for path, leaf in paths:
                size = int(np.prod(leaf.shape))
                start, stop = max(at, first), min(at + size, first + count)
                if start < stop:
                    blocks.set_columns(path, slice(start - at, stop - at), tangents,
                                       slice(start - first, stop - first))
                at += size

    def _along(self, bound, args, directions):
        tangents = (directions,) if self.along.bare else directions
        return self.along.along(bound, args, tangents)[1]

    def _chunks(self, args, layout):
        """(number of the first, directions) of unit vectors, as many at once as there is room for."""
        if self._last[0] != layout:
            size = size_of(layout)
            numbers = size + self._numbers(args)
            step = max(1, ROOM // max(1, numbers))
            self._last = layout, [(first, _units(layout, first, min(first + step, size)))
                                  for first in range(0, size, step)] if size <= step else None
            if self._last[1] is None:
                self._last = (), None
                return ((first, _units(layout, first, min(first + step, size)))
                        for first in range(0, size, step))
        return self._last[1]

    def _banded(self, bound, args, leaf, band):
        """A band of diagonals: elements as far apart as it is wide share a direction."""
        (low, high), (size,) = band, leaf.shape
        width = high - low + 1
        places = np.arange(size)
        combs = (places % width == np.arange(width)[:, None]).astype(leaf.dtype)
        tangents = self._along(bound, args, combs)
        if type(tangents) is not np.ndarray:
            return None
        rows = tangents.shape[1]
        block = np.zeros((rows, size), tangents.dtype)
        flat = block.reshape(-1)
        for offset in range(low, high + 1):
            first, last = max(0, -offset), min(rows, size - offset)
            if first < last:
                start = first * size + first + offset
                flat[start:(last - 1) * (size + 1) + offset + 1:size + 1] = \
                    tangents[(places[first:last] + offset) % width, places[first:last]]
        return block


def _units(layout, first, stop):
    """The unit vectors of a structure from one number to another, along a first axis of each array."""
    at = 0

    def built(part):
        nonlocal at
        if part is None:
            return None
        if isinstance(part, Node):
            return rebuild(part, [built(inner) for inner in part.parts])
        size = int(np.prod(part.shape))
        units = np.eye(stop - first, size, first - at, dtype=part.dtype)
        at += size
        return units.reshape(stop - first, *part.shape)
    return built(layout)


def _arrays(directions, path=()):
    """(path, array) of each part of the directions."""
    if isinstance(directions, np.ndarray):
        yield path, directions
    elif directions is not None:
        pairs = directions.items() if isinstance(directions, dict) else enumerate(directions) \
            if isinstance(directions, (list, tuple)) else vars(directions).items()
        for key, part in pairs:
            yield from _arrays(part, (*path, key))
