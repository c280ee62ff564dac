"""Samples: NumPy itself is asked, on arrays of one element, whether an operation accepts such types.

Its answer about types, numbers of axes and constant settings holds for every length.  What a call requires
of lengths is in `requirements`.

>>> from .kinds import Kind, Known
>>> from ..ir.nodes import Form, Lit, Value
>>> x = Value("x", kind=Kind("array", "f", (Known(4, "x.shape[0]"),)))
>>> error, _ = outcome(None, Form("binary", "<<"), (x, Lit(1)))
>>> str(error)[:38]
"ufunc 'left_shift' not supported for t"
>>> _, value = outcome(np.sum, Form("call", "np.sum"), (x,))
>>> type(value).__name__, float(value)
('float32', 1.0)
"""
from __future__ import annotations

import math
import operator
import threading
import warnings
from collections import OrderedDict
from functools import lru_cache

import gast
import numpy as np

from ..ir.nodes import Form, Lit
from .kinds import INTEGERS, NUMPY_1, is_stored_list
from .requirements import fail
from .lists import element_of

BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
          "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
          "&": operator.and_, "|": operator.or_, "^": operator.xor, "<<": operator.lshift,
          ">>": operator.rshift, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
          "==": operator.eq, "!=": operator.ne, "in": lambda a, b: a in b,
          "not in": lambda a, b: a not in b}
INPLACE = {"+": operator.iadd, "-": operator.isub, "*": operator.imul, "/": operator.itruediv,
           "//": operator.ifloordiv, "%": operator.imod, "**": operator.ipow, "@": operator.imatmul,
           "&": operator.iand, "|": operator.ior, "^": operator.ixor, "<<": operator.ilshift,
           ">>": operator.irshift}
UNARY = {"-": operator.neg, "+": operator.pos, "~": operator.invert, "not": operator.not_}
OPERATORS = frozenset(f for f in (*BINARY.values(), *UNARY.values(), operator.abs)
                      if f.__module__ == "_operator")
BUILTINS = frozenset((abs, round, max, min, sum, float, int, bool, complex, pow, divmod, len, any, all,
                      sorted, str))
# A small step makes a long array.
CREATION = frozenset((np.arange, np.linspace, np.logspace, np.geomspace))
EFFECTS = ("numpy.random", "numpy.testing", "numpy.lib.npyio", "numpy.lib._npyio")
MOST = 10**5        # elements that a sample may have
AXIS = getattr(np, "exceptions", np).AxisError
NUMBERS = {"?": True, "l": 1, "d": 1.0, "D": 1j}
CHARACTERS = frozenset("?bBhHiIlLqQpPefdgFDGUS")
_lock, _results = threading.Lock(), OrderedDict()


class Unsampled(Exception):
    """Too little is known of an operand to make a sample of it."""


def outcome(function, form, operands, length=1):
    """(exception for operands of such types or None, result for the samples); None where it cannot be run.

    length: that of axes which are not known to have length 1.
    """
    action = _action(function, form)
    if action is None:
        return None
    try:
        keys = tuple(map(_key, operands))
    except Unsampled:
        return None
    if form.kind in ("call", "method") and form.spec and any(form.spec) or _is_long(form, keys):
        return None
    cache_key = (action if action is function else None, form.kind,
                 form.name if action is not function else "",
                 form.keywords, keys, length)
    with _lock:
        if cache_key in _results:
            _results.move_to_end(cache_key)
            return _results[cache_key]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = _results[cache_key] = _run(action, form, keys, length)
        if len(_results) > 4096:
            _results.popitem(last=False)
    return result


def _action(function, form):
    if form.kind in ("binary", "compare"):
        return BINARY.get(form.name)
    if form.kind == "unary":
        return UNARY.get(form.name)
    if form.kind == "augment":
        return INPLACE.get(form.name)
    if form.kind == "method":
        return lambda receiver, *args, **keywords: getattr(receiver, form.name)(*args, **keywords)
    if form.kind == "call" and "out" not in form.keywords and _is_pure(function):
        return function
    return None


@lru_cache(maxsize=1024)
def _is_pure(function):
    """Whether a function is one of NumPy's, of math or of Python without side effects."""
    if isinstance(function, np.ufunc):
        return getattr(np, function.__name__, None) is function
    name, module = getattr(function, "__name__", ""), getattr(function, "__module__", None) or ""
    if function in BUILTINS or function in OPERATORS:
        return True
    if module == "math" or isinstance(function, type):
        return module == "math"
    home = np.linalg if getattr(np.linalg, name, None) is function else np
    return (module.partition(".")[0] == "numpy" and not module.startswith(EFFECTS)
            and getattr(home, name, None) is function)


# ---- the sample of an operand

def _key(operand):
    """What is known of an operand, as a hashable key from which its sample is made."""
    if isinstance(operand, Lit):
        return _of_value(operand.value, True)
    if isinstance(operand, tuple):
        return "tuple", tuple(map(_key, operand))
    return _of_kind(operand.kind)


def _of_value(value, exact):
    if type(value) is tuple:
        return "tuple", tuple(_of_value(item, exact) for item in value)
    if (type(value) in (bool, int, float, complex, str, bytes, type(None), type(Ellipsis))
            or isinstance(value, (type, np.dtype))):
        return "value", type(value), _Settled(value), exact
    raise Unsampled


class _Settled:
    """A value that is compared by its repr: 1, 1.0 and True differ."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return type(self.value) is type(other.value) and repr(self.value) == repr(other.value)

    def __hash__(self):
        return hash(repr(self.value))


def _of_kind(kind):
    if kind.numeric:
        if kind.known is not None and kind.weak and (kind.known.exact or type(kind.known.value) is int):
            return _of_value(kind.known.value, kind.known.exact)
        if not kind.dtype or kind.dtype not in CHARACTERS or kind.shape is None:
            raise Unsampled
        if is_stored_list(kind):
            return "list", (_of_kind(element_of(kind)),)
        if kind.items:
            return "range", kind.dtype, kind.shape[0].unit and kind.shape[0].value == 1
        return (("weak", kind.dtype) if kind.weak
                else (kind.tag, kind.dtype, tuple(n.unit and n.value == 1 for n in kind.shape)))
    if kind.tag in ("tuple", "list"):
        return kind.tag, tuple(map(_of_kind, kind.items))
    if kind.tag == "dict" and type(kind.keys) is tuple:
        return "dict", kind.keys, tuple(map(_of_kind, kind.items))
    if kind.tag == "stack":
        return "list", tuple(map(_of_kind, kind.items))
    if (kind.tag == "static" and kind.known is not None
            and not (kind.known.value is None and kind.known.text.startswith("?"))):
        return _of_value(kind.known.value, kind.known.exact)
    raise Unsampled


def _sample(key, length):
    tag, *parts = key
    if tag == "value":
        return parts[1].value
    if tag == "weak":
        return NUMBERS.get(parts[0], 1)
    if tag == "range":
        return range(1, 2 if parts[1] else 1 + length)
    if tag == "array":
        return np.ones([1 if unit else length for unit in parts[1]], parts[0])
    if tag == "number":
        return np.dtype(parts[0]).type(1)
    if tag == "dict":
        return dict(zip(parts[0], (_sample(item, length) for item in parts[1])))
    items = [_sample(item, length) for item in parts[0]]
    return tuple(items) if tag == "tuple" else items


def _settings(keys):
    """All numbers that are known, also those inside tuples."""
    for key in keys:
        if key[0] == "value" and key[1] in (int, float):
            yield abs(key[2].value)
        elif key[0] in ("tuple", "list"):
            yield from _settings(key[1])


def _is_long(form, keys):
    """Whether an operation may take long, as `10**10**10` does."""
    if (form.kind not in ("binary", "augment") or form.name not in ("**", "<<", "*")
            or any(key[0] in ("array", "number") for key in keys)):
        return False
    if form.name == "*" and not any(key[0] in ("tuple", "list")
                                    or key[0] == "value" and key[1] in (str, bytes) for key in keys):
        return False
    return any(number > 1000 for number in _settings(keys if form.name == "*" else keys[1:]))


# ---- the trial

def _run(action, form, keys, least):
    """(error or None, result) for samples of some length, and of length 3 where those are too short."""
    if form.kind in ("call", "method") and not isinstance(action, np.ufunc):
        steps = action in CREATION and any(key[0] == "value" and key[1] is float for key in keys)
        if steps or math.prod(max(n, 1) for n in _settings(keys)) > MOST:
            return None
    split = len(keys) - len(form.keywords)

    def call(keys, words, length, other=None):
        values = [_sample(key, length) for key in keys]
        if other is not None:       # in place of strings
            values = [other if name in words else value
                      for name, value in zip((*range(split), *form.keywords), values)]
            words = ()
        count = next((at for at in range(split) if at in words), split)
        return action(*values[:count], **{name: value for name, value in zip(form.keywords, values[split:])
                                          if name not in words})

    try:
        return None, call(keys, (), least)
    except (TypeError, OverflowError, ZeroDivisionError, AXIS) as error:
        return _bare(error), None
    except Exception as error:
        first = error
    if (all(map(_is_settled, keys))
            or form.kind in ("binary", "unary", "compare", "augment") and form.name != "@"):
        return _bare(first), None
    try:
        return None, call(keys, (), 3)
    except (TypeError, AXIS) as error:
        return _bare(error), None
    except Exception:
        pass
    words = {name for name, key in zip((*range(split), *form.keywords), keys)
             if key[0] == "value" and key[1] is str}
    for length, other in ((least, None), (3, None), (3, 1)) if words else ():
        try:
            call(keys, words, length, other)
        except Exception:
            continue
        return _bare(first), None       # a string is at fault
    return None


def _bare(error):
    return error.with_traceback(None)


def _is_settled(key):
    return key[0] == "value" or key[0] in ("tuple", "list") and all(map(_is_settled, key[1]))


# ---- operations that raise for some values

TOTAL = frozenset("""
    atan atan2 tanh asinh fabs copysign hypot degrees radians erf erfc isnan isinf isfinite isclose cbrt
    prod dist nextafter""".split())
BY_VALUE = frozenset("""
    arange linspace inv solve cholesky matrix_power tensorinv tensorsolve svd svdvals eig eigh eigvals
    eigvalsh pinv lstsq cond matrix_rank repeat bincount choose take take_along_axis put_along_axis
    ravel_multi_index unravel_index quantile percentile nanquantile nanpercentile histogram histogram2d
    histogramdd digitize split hsplit vsplit dsplit delete insert partition argpartition block fromiter
    fromstring frombuffer item index remove asarray_chkfinite vectorize apply_along_axis piecewise
    busday_count loadtxt genfromtxt load""".split())
PARTIAL = (gast.Call, gast.BinOp, gast.UnaryOp, gast.Subscript, gast.Attribute, gast.ListComp, gast.SetComp,
           gast.DictComp, gast.GeneratorExp, gast.Starred)
SHIFTS, DIVISIONS = ("<<", ">>"), ("/", "//", "%")


def may_raise(function, form, operands):
    """Whether an operation on such types may raise for some values; for subscripts see `subscripts`."""
    try:
        keys = tuple(map(_key, operands))
    except Unsampled:
        return form.kind != "index"
    if any(key[0] == "array" and key[1] in "US" for key in keys):
        return form.kind != "compare"
    if form.kind in ("binary", "augment"):
        left, right = keys
        value = right[2].value if right[0] == "value" and right[3] else None
        if form.name in SHIFTS or form.name == "**" and all(map(_is_integer, keys)):
            return not (type(value) in (int, bool) and value >= 0)
        if all(key[0] in ("weak", "value") for key in keys):
            # For a square of 1e200 see `may_overflow`.
            return (form.name in DIVISIONS and not value
                    or form.name == "**" and not (type(value) in (int, float) and value >= 0))
        return any(key[0] not in ("array", "number", "weak", "value", "range") for key in keys)
    if form.kind == "method":
        return keys[0][0] not in ("array", "number", "weak") or form.name in BY_VALUE
    if form.kind == "call":
        if all(map(_is_constant, keys)):
            return False        # `outcome` has run it
        if getattr(function, "__module__", None) == "math":
            return function.__name__ not in TOTAL
        if function is range:
            return len(keys) == 3
        if function is pow and len(keys) == 2:
            return may_raise(None, Form("binary", "**"), operands)
        if (function in (max, min, sum)
                and _has_numbers(keys if len(keys) > 1 and function is not sum else keys[0])):
            return False
        if (function is round and len(keys) == 2 and _is_number(keys[0]) and keys[1][0] == "value"
                and keys[1][3]):
            return not (type(keys[1][2].value) is int and keys[1][2].value >= 0)
        if function in (int, round, float, complex, max, min, sum, divmod, pow, sorted):
            return not (function is float and _is_number(keys[0]) or function is int and _is_integer(keys[0]))
        return not _is_pure(function) and function not in (next, iter, len, enumerate, zip, isinstance,
                                                           callable, list, tuple, dict) \
            or getattr(function, "__name__", "") in BY_VALUE
    return False


def may_overflow(function, form, operands):
    """Whether it is a power of Python's numbers, of which 1e200**2 raises: nobody wants a line for its sake
    where the result depends on it."""
    if function is not pow and (form.name != "**" or form.kind not in ("binary", "augment")):
        return False
    try:
        keys = tuple(map(_key, operands))
    except Unsampled:
        return False
    exponent = keys[1][2].value if keys[1][0] == "value" and keys[1][3] else None
    if type(exponent) in (int, float) and 0 <= exponent <= 1:
        return False
    return all(key[0] in ("weak", "value") for key in keys) and not all(map(_is_integer, keys)) \
        and not all(map(_is_constant, keys))


# Functions of two integers, whose dtype is the result's.
OF_INTEGERS = (np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.floor_divide,
               np.remainder)


def range_of(form, kinds, function=None):
    """(kind of a Python integer, least, largest value) where a NumPy integer beside it limits it, or None.

    function: of a call.
    """
    if (NUMPY_1 or form.kind not in ("binary", "augment", "compare") and function not in OF_INTEGERS
            or len(kinds) != 2
            or not all(kind.numeric and kind.dtype for kind in kinds)):
        return None
    for at, (number, other) in enumerate((kinds, kinds[::-1])):
        if (number.weak and number.dtype == "l" and not other.weak and other.dtype in INTEGERS
                and not (number.known and number.known.exact)):
            if form.kind == "compare" and other.dtype != "?" or function is not None and not other.narrow:
                return None
            ends = np.iinfo("l" if other.dtype == "?" else other.dtype)
            return number, 0 if form.name == "**" and at == 1 else ends.min, ends.max
    return None


def require_room(scope, kind, stored):
    """A Python integer that is stored into an array of small ones has to fit: NumPy 2 raises."""
    if (NUMPY_1 or not kind.narrow or kind.dtype == "?" or not stored.weak or stored.dtype != "l"
            or stored.known is None or stored.known.value is None):
        return
    ends = np.iinfo(kind.dtype)
    text = f"{ends.min} <= ({stored.known.text}) <= {ends.max}"
    if not ends.min <= stored.known.value <= ends.max:
        fail(scope, "store", f"{stored.known.value} is out of bounds for {ends.dtype}", OverflowError,
             None if stored.known.exact else f"not ({text})")
    elif not stored.known.exact and "?" not in text:
        scope.rely(text)


def _has_numbers(keys):
    """Whether all operands, or all elements of a tuple or list, are numbers."""
    if keys[0] in ("tuple", "list"):
        keys = keys[1]
    return bool(keys) and all(isinstance(key, tuple) and _is_number(key) for key in keys)


def _is_integer(key):
    return (key[0] == "value" and key[1] in (int, bool)
            or key[0] in ("weak", "array", "number", "range") and key[1] in INTEGERS)


def _is_number(key):
    return key[0] in ("weak", "number") or key[0] == "value" and key[1] in (bool, int, float)


def _is_constant(key):
    return key[0] == "value" and key[3] or key[0] in ("tuple", "list") and all(map(_is_constant, key[1]))


def is_total(form, operands):
    """Whether opaque syntax never raises: comparisons of numbers, f-strings without format specifications."""
    if not isinstance(form.spec, gast.AST):
        return True
    numbers = all(isinstance(operand, Lit) or operand.kind.tag in ("number", "static", "text")
                  for operand in operands)
    return numbers and not any(isinstance(node, PARTIAL)
                               or isinstance(node, gast.FormattedValue) and node.format_spec is not None
                               for node in gast.walk(form.spec))
