"""Kinds: the sentence that says for which arguments a file is written, and what follows from it.

>>> kinds = parsed("X: float64[N, D], w: float64[D], lr: float, p: {'b': float64[K, 1]}, mode: 'train'")
>>> str(kinds["p"]), kinds["X"].annotation("np"), kinds["lr"].annotation("np")
("{'b': float64[K, 1]}", 'NDArray[np.float64]', 'float')
>>> sizes = sizes_of(kinds)
>>> sizes
{'N': 3, 'D': 5, 'K': 7}
>>> kinds["X"].example(sizes).shape, kinds["p"].example(sizes)["b"].shape, kinds["mode"].example(sizes)
((3, 5), (7, 1), 'train')

Equal letters are equal lengths; a letter may be given the length of the example: `float64[N:28, D]`.
"""
from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ExportError
from ..types.kinds import in_words

NUMBERS = {"float": 0.5, "int": 2, "bool": True}
LENGTHS = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)


@dataclass(frozen=True)
class Axis:
    """A length: a letter, which may have the length of an example, or a number."""

    letter: str
    size: int | None = None

    def __str__(self):
        return self.letter or str(self.size)

    @property
    def written(self):
        """The axis as the sentence of kinds has it."""
        return f"{self.letter}:{self.size}" if self.letter and self.size is not None else str(self)


@dataclass(frozen=True)
class Array:
    """An array, or with no axes a scalar of NumPy."""

    dtype: str
    axes: tuple | None

    def __str__(self):
        return self.dtype + ("" if self.axes is None else f"[{', '.join(map(str, self.axes))}]")

    @property
    def written(self):
        axes = "" if self.axes is None else f"[{', '.join(axis.written for axis in self.axes) or '()'}]"
        return self.dtype + axes

    def annotation(self, np_):
        return f"{np_}.{self.dtype}" if self.axes is None else f"NDArray[{np_}.{self.dtype}]"

    def gradient(self, np_):
        real = self if np.dtype(self.dtype).kind == "f" else Array("float64", self.axes)
        return real.annotation(np_)

    def example(self, sizes):
        if self.axes is None:
            return np.dtype(self.dtype).type(1)
        shape = tuple(sizes[axis.letter] if axis.letter else axis.size for axis in self.axes)
        return (0.5 + np.arange(np.prod(shape, dtype=int)) / 64).reshape(shape).astype(self.dtype)

    def arrays(self, path):
        yield path, self


@dataclass(frozen=True)
class Number:
    """A number of Python."""

    type: str

    def __str__(self):
        return self.type

    written = property(__str__)

    def annotation(self, np_):
        return self.type

    def gradient(self, np_):
        return "float"

    def example(self, sizes):
        return NUMBERS[self.type]

    def arrays(self, path):
        yield path, self


@dataclass(frozen=True)
class Setting:
    """A text, None or another constant, which the file is written for."""

    value: Any

    def __str__(self):
        return repr(self.value)

    written = property(__str__)

    def annotation(self, np_):
        return "None" if self.value is None else type(self.value).__name__

    def gradient(self, np_):
        return "None"

    def example(self, sizes):
        return self.value

    def arrays(self, path):
        yield path, self


@dataclass(frozen=True)
class Container:
    """A list, a tuple or a dict: `keys` are the keys of a dict."""

    type: str
    parts: tuple
    keys: tuple = ()

    def _written(self, parts):
        if self.type == "dict":
            return f"{{{', '.join(f'{key!r}: {part}' for key, part in zip(self.keys, parts))}}}"
        inside = ", ".join(parts)
        return f"[{inside}]" if self.type == "list" else f"({inside}{',' * (len(parts) == 1)})"

    def __str__(self):
        return self._written(list(map(str, self.parts)))

    @property
    def written(self):
        return self._written([part.written for part in self.parts])

    def _annotation(self, inside):
        if self.type == "tuple":
            return f"tuple[{', '.join(inside) or '()'}]"
        union = " | ".join(dict.fromkeys(inside)) or "object"
        keys = " | ".join(sorted({type(key).__name__ for key in self.keys})) or "object"
        return f"list[{union}]" if self.type == "list" else f"dict[{keys}, {union}]"

    def annotation(self, np_):
        return self._annotation([part.annotation(np_) for part in self.parts])

    def gradient(self, np_):
        return self._annotation([part.gradient(np_) for part in self.parts])

    def example(self, sizes):
        parts = [part.example(sizes) for part in self.parts]
        return dict(zip(self.keys, parts)) if self.type == "dict" else parts if self.type == "list" \
            else tuple(parts)

    def arrays(self, path):
        yield path, self
        for key, part in zip(self.keys or range(len(self.parts)), self.parts):
            yield from part.arrays(f"{path}[{key!r}]")


def leaves(kinds: dict) -> Iterator[tuple[str, Any]]:
    """(path, kind) of each argument and each part of one."""
    for name, kind in kinds.items():
        yield from kind.arrays(name)


def axes_of(kinds: dict) -> Iterator[tuple[str, Axis]]:
    """(expression of the length, Axis) of each axis of each array."""
    for path, kind in leaves(kinds):
        for i, axis in enumerate(getattr(kind, "axes", None) or ()):
            yield f"{path}.shape[{i}]", axis


def sizes_of(kinds: dict) -> dict[str, int]:
    """A length for each letter: what it was given, else a number that no other letter has."""
    sizes: dict[str, int] = {}
    for _, axis in axes_of(kinds):
        if axis.letter and axis.size is not None:
            sizes[axis.letter] = axis.size
    lengths = iter(length for length in LENGTHS if length not in sizes.values())
    ordered = {}
    for _, axis in axes_of(kinds):
        if axis.letter and axis.letter not in ordered:
            ordered[axis.letter] = sizes.get(axis.letter) or next(lengths, None)
            if ordered[axis.letter] is None:
                raise ExportError(f"there are more than {len(LENGTHS)} letters for lengths")
    return ordered


# ---- reading


def parsed(text: str) -> dict[str, Any]:
    """{name of a parameter: its kind}.  Raises ExportError with the part that is not understood."""
    try:
        arguments = ast.parse(f"def f({text}): pass").body[0].args
    except SyntaxError as error:
        raise ExportError(f"the kinds cannot be read ({error.msg}): {text}\n"
                          "write them as in \"X: float64[N, D], w: float64[D], lr: float\"") from None
    kinds = {}
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is None:
            raise ExportError(f"{argument.arg} has no kind: write {argument.arg}: float, or "
                              f"{argument.arg}: float64[N]")
        kinds[argument.arg] = _kind(argument.annotation)
    return kinds


def _kind(node):
    if isinstance(node, ast.Name) and node.id in NUMBERS:
        return Number(node.id)
    if isinstance(node, ast.Name):
        return Array(_dtype(node.id), None)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return Array(_dtype(node.value.id), tuple(map(_axis, inside)))
    if isinstance(node, (ast.List, ast.Tuple)):
        return Container("list" if isinstance(node, ast.List) else "tuple", tuple(map(_kind, node.elts)))
    if isinstance(node, ast.Dict) and None not in node.keys:
        return Container("dict", tuple(map(_kind, node.values)), tuple(map(_literal, node.keys)))
    return Setting(_literal(node))


def _dtype(name):
    try:
        return np.dtype(name).name
    except TypeError:
        raise ExportError(f"{name} is no kind: write float, int, bool, a dtype such as float64[N, D], a "
                          "list, tuple or dict of kinds, or a constant such as 'train'") from None


def _axis(node):
    if isinstance(node, ast.Name):
        return Axis(node.id)
    if isinstance(node, ast.Slice) and isinstance(node.lower, ast.Name) and node.step is None \
            and isinstance(node.upper, ast.Constant) and type(node.upper.value) is int:
        return Axis(node.lower.id, node.upper.value)
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 0:
        return Axis("", node.value)
    raise ExportError(f"{ast.unparse(node)} is no length: write a letter or a number")


def _literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ExportError(f"{ast.unparse(node)} is no kind and no constant") from None


# ---- of a call


def of_call(names, kinds) -> dict[str, Any]:
    """The kinds of a call as the compiler has them, with a letter for each length that is not 1.

    Equal lengths have equal letters.

    >>> from ..types.kinds import kind_of
    >>> print(of_call("x", [kind_of([np.ones((3, 1)), 2.0], "x")])["x"])
    [float64[N, 1], float]
    """
    letters = {}
    return {name: _of_kind(name, kind, letters) for name, kind in zip(names, kinds)}


def _of_kind(path, kind, letters):
    if kind.tag == "array" and kind.shape is not None and kind.dtype:
        axes = tuple(_axis_of(length.value, letters) for length in kind.shape)
        return Array(np.dtype(kind.dtype).name, axes)
    if kind.tag == "number" and kind.dtype and kind.dtype not in "FDG":
        if not kind.weak:
            return Array(np.dtype(kind.dtype).name, None)
        return Number({"?": "bool", "l": "int"}.get(kind.dtype, "float"))
    if kind.tag in ("list", "tuple", "dict") and kind.known is None:
        keys = kind.keys if kind.tag == "dict" else range(len(kind.items))
        parts = [_of_kind(f"{path}[{key!r}]", item, letters) for key, item in zip(keys, kind.items)]
        return Container(kind.tag, tuple(parts), tuple(kind.keys))
    if kind.tag == "static" and (kind.known.value is None or isinstance(kind.known.value, str)):
        return Setting(kind.known.value)
    raise ExportError(f"{path} is of a kind that a file which imports only NumPy cannot name "
                      f"({in_words(kind)}): pass numbers, arrays, and lists, tuples and dicts of them")


def _axis_of(length, letters):
    return Axis("", 1) if length == 1 else Axis(letters.setdefault(length, letter_of(len(letters))), length)


def letter_of(number):
    """A letter for a length: N, M, K, then with numbers.

    >>> [letter_of(i) for i in (0, 1, 8)]
    ['N', 'M', 'N2']
    """
    letters = "NMKDHCST"
    rounds = number // len(letters)
    return letters[number % len(letters)] + (str(rounds + 1) if rounds else "")
