"""Guards: expressions over a function's arguments that decide whether a text was generated for them.

They are equivalent to equal keys of `kinds.key_of`, at a tenth of the cost of computing a key.  They
compare with constants, which `compilation` passes to the generated code.

>>> conditions = Conditions(("x", "W"))
>>> conditions.add_kinds((2.0, np.ones((3, 1))))
>>> print("\\n".join(conditions.texts))
type(x) is float
type(W) is ndarray
W.dtype is float64
W.ndim == 2
W.shape[0] != 1
W.shape[1] == 1
>>> sorted(conditions.constants)
['float', 'float64', 'ndarray', 'type']
"""
from __future__ import annotations

import numpy as np

from ..types.kinds import DICTS, is_record, key_of
from ..types.uniform_lists import with_uniform

LARGEST = 12    # containers with more parts are compared by their keys


class Conditions:
    """Expressions that must all be true, and the constants that they name.

    `parameters` are the names of the arguments, which no constant takes.  lists: the Uses of lists whose
    number of elements does not matter.
    """

    def __init__(self, parameters, texts=(), constants=None, lists=frozenset()):
        self.lists = lists
        self.parameters = tuple(parameters)
        self.texts, self.constants = list(texts), dict(constants or {})

    def constant(self, name, value):
        """The name of a constant, unique for each value."""
        name = name if name.isidentifier() else "constant"
        while name in self.parameters or self.constants.get(name, value) is not value:
            name += "_"
        self.constants[name] = value
        return name

    def add_kinds(self, args):
        """Add conditions that each argument has the kind that it has in `args`."""
        for name, value in zip(self.parameters, args):
            self._of(name, value)

    def _of(self, path, value):
        kind = type(value)
        if any(use.path.startswith(path) for use in self.lists):
            self._of_any_length(path, value)
        elif kind is np.ndarray:
            self._is(path, np.ndarray)
            self._of_array(path, value)
        elif ((kind in (list, tuple, *DICTS) or is_record(value)) and _parts(value) <= LARGEST
                and _plain_keys(value)):
            self._is(path, kind)
            self._of_container(path, value)
        elif isinstance(value, (list, tuple, dict, np.ndarray)):
            key = self.constant(f"{path.partition('[')[0]}_key", key_of(value))
            self.texts.append(f"{self.constant('key_of', key_of)}({path}) == {key}")
        else:
            self._is(path, kind)

    def _of_any_length(self, path, value):
        """A list whose number of elements does not matter: one like this one is told quickly."""
        texts, lists, self.texts, self.lists = self.texts, self.lists, [], frozenset()
        self._of(path, value)
        alike, self.texts, self.lists = " and ".join(self.texts), texts, lists
        key = self.constant(f"{path.partition('[')[0]}_key", with_uniform(path, value, lists))
        self.texts.append(f"({alike} or {self.constant('with_uniform', with_uniform)}({path!r}, {path}, "
                          f"{self.constant('lists', lists)}) == {key})")

    def _is(self, path, kind):
        self.texts.append(f"{self.constant('type', type)}({path}) is {self.constant(kind.__name__, kind)}")

    def _of_array(self, path, value):
        # An equal dtype may be another object: then the variant is found by the key instead.
        dtype = self.constant(value.dtype.name, np.dtype(value.dtype.char))
        self.texts += [f"{path}.dtype is {dtype}", f"{path}.ndim == {value.ndim}"]
        if 1 in value.shape:
            self.texts += [f"{path}.shape[{i}] {'==' if n == 1 else '!='} 1"
                           for i, n in enumerate(value.shape)]
        elif value.ndim:
            self.texts.append(f"1 not in {path}.shape")

    def _of_container(self, path, value):
        if type(value) in DICTS:
            self.texts.append(f"[*{path}] == {list(value)!r}")
            items = value.items()
        else:
            self.texts.append(f"{self.constant('len', len)}({path}) == {len(value)}")
            items = enumerate(value)
        for key, item in items:
            self._of(f"{path}[{key!r}]", item)


def _parts(value):
    """How many numbers, arrays and containers a value consists of."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return 1
    return 1 + sum(map(_parts, value))


def _plain_keys(value):
    """Whether all keys of dicts can be written as literals."""
    if type(value) in DICTS:
        return all(type(key) in (str, int) for key in value) and all(map(_plain_keys, value.values()))
    return not isinstance(value, (list, tuple)) or all(map(_plain_keys, value))
