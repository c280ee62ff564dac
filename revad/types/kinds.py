"""Kinds: what is known of a value when compiling, and the key of a run-time value.

A kind says number, array or container, its dtype, and the size of each axis.  Sizes are
those of the call at hand, each with the expression that gave it; whatever the compiler
relies on becomes part of the cache key or a guard, so that one text serves every size.

>>> import numpy as np
>>> key_of(np.ones((3, 1), np.float32))
('f', 2, (1,))
>>> key_of([2.0, 3])
('list', (<class 'float'>, <class 'int'>))
"""
from __future__ import annotations

import enum
import itertools
import math
import numbers
import types
from collections import OrderedDict
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

DICTS = (dict, OrderedDict)
STORED_LIST = ("list",)     # the mark of a list that counts as an array


class Known(NamedTuple):
    """A value known when compiling, with the expression over the arguments that gives it.

    `exact`: a literal, the same in every call.  `unit`: whether an axis length equals 1 is
    settled by the cache key.  `value` is None where only the expression tells lengths apart.
    `among`: of a length to which several broadcast, of which any may be 1, the texts of these.
    `rounds`: of a length that differs from element to element of a list, see `uniform_lists`.
    """

    value: Any
    text: str
    exact: bool = False
    unit: bool = False
    among: frozenset = frozenset()
    rounds: Any = None

    def __eq__(self, other):
        """An object is equal to itself only, whatever its class says."""
        return isinstance(other, Known) and self[1:] == other[1:] and (
            self.value is other.value or not is_object(self.value) and not isinstance(self.value, np.ndarray)
            and self.value == other.value)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self[1:])

    @property
    def parts(self):
        """The lengths that broadcast to this one: itself, if it is no more than that."""
        return self.among or frozenset((self.text,))


def is_text(kind):
    """Whether it is the kind of a string."""
    return (kind.tag == "text"
            or kind.tag == "static" and kind.known is not None and type(kind.known.value) is str)


def literal(value) -> Known:
    return Known(value, repr(value), True, True)


class Kind(NamedTuple):
    """What is known of a value.

    tag: 'number', 'array', 'tuple', 'list', 'dict', 'stack', 'slice', 'static', 'text', 'function', 'object'
    or 'unknown'.

    A 'stack' is a list of unknown length: its one item is the kind of all its elements, its shape that of
    them as an array.

    dtype: a NumPy type character, '' if unknown.  shape: a Known for each axis, None if the
    rank is unknown.  weak: a Python number, which does not widen an array.  items: kinds of
    a container's elements and of a range's numbers, keys: a dict's keys or a named tuple's fields, or of an
    array the mark of a list that counts as one, see `lists`.  known: a
    setting's value, as a Known; of a named tuple its class, of an object the object itself.
    affine: of an integer, the Affine of loop indices that it is.
    """

    tag: str
    dtype: str = ""
    shape: Any = None
    weak: bool = False
    items: tuple = ()
    keys: tuple = ()
    known: Any = None
    affine: Any = None

    @property
    def rank(self):
        return None if self.shape is None else len(self.shape)

    @property
    def numeric(self):
        return self.tag in ("number", "array")

    @property
    def integral(self):
        """Is an array or a NumPy scalar of integers: arithmetic on such operands alone may wrap."""
        return self.numeric and not self.weak and self.dtype != "" and self.dtype in INTEGERS

    @property
    def narrow(self):
        """Is of integers that wrap at ordinary magnitudes: small or unsigned ones, not those of 64 bits."""
        return self.integral and self.dtype not in "lq"[np.dtype("l").itemsize < 8:]

    @property
    def real(self):
        """Can carry a derivative: not certainly an integer, a truth value or a setting."""
        return ((self.numeric or self.tag == "stack") and self.dtype not in INTEGERS
                or self.tag in ("unknown", "object"))


_counter = itertools.count()
HEAP_TYPE = 1 << 9
ARRAYS = (np.ndarray, np.memmap)        # classes whose operations are those of an array
NUMPY_1 = np.__version__.startswith("1.")
INTEGERS, SIGNED, UNSIGNED = frozenset("?bBhHiIlLqQpP"), frozenset("bhilqp"), frozenset("BHILQP")
UNKNOWN = Kind("unknown")
TEXT = Kind("text")     # a string of which no more is known
BOOL = Kind("number", "?", (), True)
INT = Kind("number", "l", (), True)
FLOAT = Kind("number", "d", (), True)
_PYTHON = {bool: "?", int: "l", float: "d", complex: "D"}
COMPLEX = frozenset("FDG")


def number(dtype="d", weak=False) -> Kind:
    return Kind("number", dtype, (), weak)


def array(shape, dtype="d") -> Kind:
    """The kind of an array; without axes that of a scalar, as NumPy's functions return."""
    if shape is None:
        return Kind("array", dtype)
    return Kind("array", dtype, tuple(shape)) if shape else number(dtype)


def stack(item: Kind, length: Known) -> Kind:
    """The kind of a list of unknown length, whose elements are all of the kind `item`.

    A list of containers has one axis.
    """
    return Kind("stack", item.dtype, (length, *(item.shape or ())), items=(item,))


def in_words(kind):
    """A value of this kind, in the words of a message.

    >>> in_words(FLOAT), in_words(UNKNOWN)
    ('a number', 'what is not known')
    """
    words = {"static": "a text or a constant", "stack": "a list", "unknown": "what is not known"}
    return words.get(kind.tag, f"{'an' if kind.tag[0] in 'aio' else 'a'} {kind.tag}")


def static(value) -> Kind:
    """The kind of a literal."""
    if type(value) in _PYTHON:
        return Kind("number", _PYTHON[type(value)], (), True, known=literal(value))
    if type(value) is tuple:
        return Kind("tuple", items=tuple(map(static, value)))
    return Kind("static", known=literal(value))


@lru_cache(maxsize=4096)
def _promote(a, b, weak_a, weak_b):
    if weak_a != weak_b:
        weak, strong = (a, b) if weak_a else (b, a)
        if weak in COMPLEX:
            return np.result_type(np.dtype(strong), np.complex64).char
        order = "?" if weak == "?" else "l" if weak in INTEGERS else "d"
        rank = {"?": 0, "l": 1, "d": 2}
        have = 0 if strong == "?" else 1 if strong in INTEGERS else 2
        return strong if rank[order] <= have else order
    try:
        return np.result_type(np.dtype(a), np.dtype(b)).char
    except TypeError:       # of dates and of records
        return ""


def promote(*kinds) -> str:
    """The dtype of an arithmetic result: Python numbers do not widen arrays, nor does NumPy 1 let its own."""
    by_value = NUMPY_1 and any(kind.shape for kind in kinds)
    dtype, weak = kinds[0].dtype, kinds[0].weak or by_value and kinds[0].shape == ()
    for kind in kinds[1:]:
        if not dtype or not kind.dtype:
            return ""
        other = kind.weak or by_value and kind.shape == ()
        dtype = _promote(dtype, kind.dtype, weak, other)
        weak = weak and other
    return dtype


def joint_dtype(*kinds) -> str:
    """The dtype of arrays joined: a Python number counts as the array that NumPy converts it to."""
    if any(not kind.dtype for kind in kinds):
        return ""
    return np.result_type(*(np.dtype(kind.dtype) for kind in kinds)).char


def is_complex(kind: Kind) -> bool:
    return kind.numeric and kind.dtype != "" and kind.dtype in COMPLEX


def magnitude(kind: Kind) -> Kind:
    """The kind of the absolute value: real, of complex numbers too."""
    return kind._replace(dtype=kind.dtype.lower()) if is_complex(kind) else kind


def floating(dtype: str) -> str:
    """The dtype of the result of a function such as exp for `dtype`."""
    return (dtype if dtype not in INTEGERS
            else {"?": "e", "b": "e", "B": "e", "h": "f", "H": "f"}.get(dtype, "d"))


def _join_lengths(p: Known, q: Known) -> Known:
    """What is known of a length that is one or the other."""
    settled = p.unit and q.unit
    if p == q or settled and p.value == q.value == 1:
        return p
    return Known(None, f"?({p.text} or {q.text})", False, settled and p.value != 1 and q.value != 1)


def _differ_in_structure(items, pairs):
    """Whether a part is a container on one side and something else on the other."""
    return any(item == UNKNOWN and any(kind.tag in ("tuple", "list", "dict", "stack") for kind in pair)
               for item, pair in zip(items, pairs))


def is_stored_list(kind):
    """Whether it is the kind of a list of numbers that counts as an array, see `lists`."""
    return kind is not None and kind.tag == "array" and kind.keys == STORED_LIST


def _join_stored_lists(a, b):
    """A list of integers and one of floats make a list of floats; a list and anything else nothing known."""
    if not is_stored_list(a) or not is_stored_list(b) or a.rank != b.rank:
        return UNKNOWN
    dtypes = {a.dtype, b.dtype}
    dtype = a.dtype if len(dtypes) == 1 else "d" if "d" in dtypes else "l"
    return Kind("array", dtype, tuple(map(_join_lengths, a.shape, b.shape)), a.weak and b.weak,
                keys=STORED_LIST)


def join(a: Kind, b: Kind) -> Kind:
    """What is known of a value that is either `a` or `b`."""
    if a == b:
        return a
    if is_stored_list(a) or is_stored_list(b):
        return _join_stored_lists(a, b)
    if is_text(a) and is_text(b):
        return TEXT
    if a.numeric and b.numeric and a.shape is not None and b.shape is not None and a.rank == b.rank:
        shape = tuple(map(_join_lengths, a.shape, b.shape))
        dtype = a.dtype if a.dtype == b.dtype else "D" if is_complex(a) or is_complex(b) else ""
        return Kind("number" if a.tag == b.tag == "number" else "array", dtype, shape, a.weak and b.weak)
    if a.tag == b.tag == "stack" and a.items[0].tag == b.items[0].tag and a.rank == b.rank:
        return stack(join(*a.items, *b.items), _join_lengths(a.shape[0], b.shape[0]))
    if a.tag == b.tag and a.tag in ("tuple", "list") and len(a.items) == len(b.items):
        same, items = a.keys == b.keys, tuple(map(join, a.items, b.items))
        if _differ_in_structure(items, zip(a.items, b.items)) or a.known != b.known:
            return UNKNOWN
        return Kind(a.tag, items=items, keys=a.keys if same else (), known=a.known if same else None)
    if a.tag == b.tag == "dict" and set(a.keys) == set(b.keys):
        other = dict(zip(b.keys, b.items))
        items = tuple(join(item, other[key]) for key, item in zip(a.keys, a.items))
        if _differ_in_structure(items, ((item, other[key]) for key, item in zip(a.keys, a.items))):
            return UNKNOWN
        return Kind("dict", items=items, keys=a.keys)
    return UNKNOWN


def key_of(value):
    """The part of the cache key that stands for one argument: its type, or dtype, rank, unit axes."""
    kind = type(value)
    if kind is np.ndarray:
        shape = value.shape
        if 1 in shape:
            return value.dtype.char, len(shape), tuple(i for i, n in enumerate(shape) if n == 1)
        return value.dtype.char, len(shape)
    if kind is list or kind is tuple:
        return kind.__name__, tuple(map(key_of, value))
    if kind in DICTS:
        return kind.__name__, tuple((k, key_of(v)) for k, v in value.items())
    if is_record(value):
        return kind, tuple(map(key_of, value))
    if isinstance(value, np.ndarray):
        return kind, value.dtype.char, value.ndim, tuple(i for i, n in enumerate(value.shape) if n == 1)
    return kind


def kind_of(value, text: str) -> Kind:
    """The kind of a run-time value that the expression `text` reads."""
    kind = type(value)
    if kind in _PYTHON:
        return Kind("number", _PYTHON[kind], (), True, known=Known(value, text))
    if kind in ARRAYS:
        shape = tuple(Known(n, f"{text}.shape[{i}]", n == 1, True) for i, n in enumerate(value.shape))
        return Kind("array", value.dtype.char, shape)
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return Kind("number", value.dtype.char, ())
    if kind in (list, tuple):
        items = tuple(kind_of(v, f"{text}[{i}]") for i, v in enumerate(value))
        return Kind(kind.__name__, items=items)
    if kind in DICTS:
        if not all(map(is_plain_key, value)):
            return UNKNOWN
        items = tuple(kind_of(v, f"{text}[{k!r}]") for k, v in value.items())
        return Kind("dict", items=items, keys=tuple(value))
    if is_record(value):
        items = tuple(kind_of(v, f"{text}.{name}") for name, v in zip(kind._fields, value))
        return record(kind, items)
    if value is None or isinstance(value, (str, bytes, np.dtype, type, slice, type(Ellipsis))):
        return Kind("static", known=Known(value, text))
    if callable(value) and not is_object(value):
        return Kind("function", known=Known(value, text))
    return Kind("object", known=Known(value, text))


OVERRIDES = ("__array_ufunc__", "__array_function__", "__mul__", "__rmul__", "__add__", "__matmul__",
             "__getitem__", "__array_wrap__")
FOREIGN = Kind("object", "foreign")


def is_foreign(kind) -> bool:
    """Whether it is an array of a class with its own operations: a matrix, a masked array, one with units."""
    if kind.tag != "object":
        return False
    value = kind.known and kind.known.value
    return kind.dtype == "foreign" or isinstance(value, np.ndarray) and any(
        getattr(type(value), name, None) is not getattr(np.ndarray, name, None) for name in OVERRIDES)


def record(cls, items) -> Kind:
    """The kind of a named tuple of the class."""
    return Kind("tuple", items=tuple(items), keys=cls._fields, known=Known(cls, "?", True, True))


def is_record(value):
    return isinstance(value, tuple) and hasattr(type(value), "_fields")


def is_plain_key(key):
    """Whether a key of a dict can be written out: a string, a number, None, a tuple of such."""
    return type(key) in (str, int, bool, type(None)) or type(key) is float and math.isfinite(key) \
        or type(key) is tuple and all(map(is_plain_key, key))


def is_object(value):
    """Whether a value is an instance of a plain class of the user, which holds its parts as attributes.

    >>> import types
    >>> is_object(types.SimpleNamespace(x=1)), is_object({}), is_object(3), is_object(len), is_object(types)
    (True, False, False, False, False)
    """
    return not isinstance(value, type) and is_plain_class(type(value)) \
        and type(value).__name__ != "cython_function_or_method"


def is_plain_class(cls):
    """Whether a class and its bases are written in Python, and it is no number or array."""
    if cls is types.SimpleNamespace:
        return True
    if issubclass(cls, (type, enum.Enum, numbers.Number)) \
            or hasattr(cls, "__array__") or hasattr(cls, "__array_function__") \
            or cls.__module__.partition(".")[0] in ("builtins", "numpy", "revad", "functools"):
        return False
    written = all(base is object or base.__flags__ & HEAP_TYPE for base in cls.__mro__)
    return written and (bool(cls.__dictoffset__) or any("__slots__" in vars(base) for base in cls.__mro__))


def broadcast_length(lengths) -> Known:
    """The length that lengths broadcast to, any of which may be 1: the same in any order."""
    parts = frozenset().union(*(length.parts for length in lengths))
    if len(parts) == 1:
        return lengths[0]
    return Known(None, f"?({' with '.join(sorted(parts))})", among=parts)


def unknown_length(tag="") -> Known:
    """A length of which nothing is known; with the same tag it is the same length."""
    return Known(None, f"?{tag or next(_counter)}")
