"""Letters: of a call only lengths are known; which of them have to be equal is tried out.

>>> import numpy as np
>>> from ..api import grad
>>> from .kinds import parsed
>>> def product(X, w, b):
...     return np.sum(X @ w) * b[0]
>>> kinds = parsed("X: float64[N:3, N:3], w: float64[N:3], b: float64[N:3]")
>>> print(", ".join(map(str, told_apart(grad(product), kinds, "grad").values())))
float64[N, M], float64[M], float64[K]
"""
from __future__ import annotations

import itertools
from dataclasses import replace

from ..errors import ExportError, RevadError
from .kinds import LENGTHS, Array, Axis, Container, axes_of, letter_of
from .texts import Texts

LARGEST = 7     # axes of one length; of more, all stay equal


def told_apart(gradient, kinds, part):
    """The kinds with as many letters as leave the texts as they are, and without lengths where others do."""
    texts = Texts(gradient, kinds, part).functions

    def is_same(letters, sizes):
        try:
            tried = Texts(gradient, relettered(kinds, letters, sizes), part)
            return tried.functions == texts and tried.runs()
        except (RevadError, ExportError):
            return False

    axes = [axis for _, axis in axes_of(kinds)]
    letters = [axis.letter for axis in axes]
    sizes = {axis.letter: axis.size for axis in axes if axis.letter}
    for letter in dict.fromkeys(filter(None, letters)):
        places = [i for i, other in enumerate(letters) if other == letter]
        if 1 < len(places) <= LARGEST:
            letters, sizes = _split(places, letters, sizes, is_same)
    names = {}
    for letter in letters:
        if letter:
            names.setdefault(letter, letter_of(len(names)))
    renamed = [names.get(letter, "") for letter in letters]
    if is_same(renamed, {}):
        return relettered(kinds, renamed, {})
    return relettered(kinds, renamed, {names[letter]: size for letter, size in sizes.items()
                                       if letter in names})


def _split(places, letters, sizes, is_same):
    """The letters in which the axes at `places` are split as far as the texts allow."""
    first, *others = places
    for count in range(len(others)):
        for together in itertools.combinations(others, count):
            apart = [place for place in others if place not in together]
            new = f"{letters[first]}_{apart[0]}"
            candidate = [new if i in apart else letter for i, letter in enumerate(letters)]
            size = next(length for length in LENGTHS if length not in sizes.values())
            new_sizes = {**sizes, new: size}
            if is_same(candidate, new_sizes):
                return _split(apart, candidate, new_sizes, is_same)
    return letters, sizes


def relettered(kinds, letters, sizes):
    """The kinds with other letters for their axes, in order."""
    rest = iter(letters)

    def of(kind):
        if isinstance(kind, Container):
            return replace(kind, parts=tuple(map(of, kind.parts)))
        if isinstance(kind, Array) and kind.axes is not None:
            axes = []
            for axis in kind.axes:
                letter = next(rest)
                axes.append(Axis(letter, sizes.get(letter)) if letter else axis)
            return replace(kind, axes=tuple(axes))
        return kind
    return {name: of(kind) for name, kind in kinds.items()}
