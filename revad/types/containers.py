"""Containers: the kinds of tuples, lists and dicts, whose elements are known one by one.

>>> from .kinds import FLOAT
>>> from ..ir.nodes import Value
>>> [kind.tag for kind in unpacked(Value("p", kind=Kind("tuple", items=(FLOAT, FLOAT))), 2, None)]
['number', 'number']
"""
from __future__ import annotations

import cmath
import math
from functools import reduce

import numpy as np

from ..ir.nodes import Lit
from .kinds import FLOAT, INT, INTEGERS, UNKNOWN, Kind, in_words, is_text, join, literal, number, static
from .refusals import Refusal, no_such_element
from .requirements import require_equal
from .scope import Unknown
from .shape_rules import as_array, kind_of_operand, static_value
from .uniform_lists import element_from_end, element_of_turn

# Functions of math that return integers.
WHOLE = frozenset(getattr(math, name) for name in ("comb", "factorial", "gcd", "isqrt", "lcm", "perm"))


def element_kind(scope, form, operands, base, kinds, varied):
    """The kind of the element or slice that a subscript selects from a container."""
    if not form.spec:
        raise Refusal("subscript", f"{base.tag} indices must be integers or slices, not tuple",
                      "Use one index.", TypeError)
    item, key, items = form.spec[0], form.spec[0].kind, base.items
    is_single = len(form.spec) == 1 and item.kind == "at"
    try:
        if item.kind == "slice" and len(form.spec) == 1:
            ends = [None if h is None else scope.static(kinds[h].known) for h in item.holes]
            return Kind(base.tag, items=base.items[slice(*ends)])
        key = static_value(kinds[item.holes[0]] if is_single else UNKNOWN, scope)
        items = dict(zip(base.keys, base.items)) if base.tag == "dict" else base.items
        return element_from_end(scope, operands, key, items[key])
    except Unknown:
        pass
    except (LookupError, TypeError):
        raise no_such_element("subscript", base.tag, key, items) from None
    element = element_of_turn(scope, base, operands) if is_single else None
    if element is not None:
        return element
    if not operands[0].varied:
        return reduce(join, base.items)._replace(known=None) if base.items else UNKNOWN
    raise Refusal(f"subscript of a {base.tag}", "which element it takes is not known when compiling",
                  "Use a constant subscript, or an array instead.")


def check_key(interp, elements, key, operand):
    """Refuse an active key, which would be read from the dict as a constant; an integer is noted as a key."""
    kind = kind_of_operand(operand)
    if operand.varied and key not in elements and not is_text(kind):
        if kind.dtype not in INTEGERS:
            raise _varied_key()
        interp.varied_keys.add(key)


def read_keys(interp, keys):
    """The keys of a dict, as operands."""
    if not interp.varied_keys.isdisjoint(keys):
        raise _varied_key()
    return list(map(Lit, keys))


def _varied_key():
    return Refusal("key of a dict", "a derivative cannot be followed through it",
                   "Keep a list of pairs, or name the others in wrt.")


def sequence_arithmetic(form, kinds, varied):
    """The kind of `(1,) + shape`, `[0] * n`, `'%d' % n`: Python's own meaning; None for NumPy's."""
    if any(kind.tag == "array" or kind.tag == "number" and not kind.weak for kind in kinds):
        return None
    tags = [kind.tag for kind in kinds]
    if form.name == "+" and tags[0] == tags[1] and tags[0] in ("tuple", "list"):
        if varied:
            raise Refusal(f"'+' of two {tags[0]}s", f"it joins the {tags[0]}s and adds nothing",
                          "Make them arrays with np.array to add, or index their elements.")
        return Kind(tags[0], items=kinds[0].items + kinds[1].items)
    if varied:
        raise Refusal(f"{form.name!r} of {in_words(kinds[0])} and {in_words(kinds[1])}",
                      "it has no derivative",
                      "Make lists arrays with np.array.")
    return UNKNOWN


def starred_kind(form, kinds) -> Kind:
    """The kind of `[*a, b]`: its elements one by one, if their number is known."""
    items = []
    for kind, starred in zip(kinds, form.spec):
        if not starred:
            items.append(kind)
        elif kind.tag in ("tuple", "list"):
            items += kind.items
        else:
            return UNKNOWN
    return Kind(form.kind, items=tuple(items))


REAL_OF_COMPLEX = frozenset("polar isfinite isinf isnan isclose".split())     # of cmath
# Functions of np.fft that return complex numbers.
SPECTRA = frozenset("fft ifft fft2 ifft2 fftn ifftn rfft rfft2 rfftn ihfft".split())


def kind_of_opaque_call(function, operands) -> Kind:
    """The kind of a call without a gate: unknown, except that list(y) is subscripted as the array y is."""
    if function in (list, tuple) and len(operands) == 1:
        kind = kind_of_operand(operands[0])
        if kind.tag == "array":
            return kind
        if kind.tag in ("tuple", "list"):
            return kind._replace(tag=function.__name__)
    if function is slice and 1 <= len(operands) <= 3:
        return slice_of(map(kind_of_operand, operands))
    if (getattr(function, "__name__", None) in SPECTRA
            and getattr(np.fft, function.__name__, None) is function):
        return Kind("array", "D")
    if (isinstance(function, type) and issubclass(function, (np.number, np.bool_)) and len(operands) == 1
            and kind_of_operand(operands[0]).numeric):
        return kind_of_operand(operands[0])._replace(dtype=np.dtype(function).char, weak=False,
                                                     known=None, affine=None)
    if function is cmath.phase:
        return FLOAT
    if getattr(function, "__module__", None) == "cmath" and function.__name__ not in REAL_OF_COMPLEX \
            or isinstance(function, type) and issubclass(function, (complex, np.complexfloating)):
        return number("D", True)
    if (getattr(function, "__module__", None) == "math" and function is not math.modf
            and function is not math.frexp):
        return INT if function in WHOLE else FLOAT
    return UNKNOWN


def slice_of(ends) -> Kind:
    """The kind of a slice: its items are its start, its stop and its step."""
    ends = list(ends)
    nothing = static(None)
    ends = [nothing, *ends] if len(ends) == 1 else ends
    return Kind("slice", items=(*ends, *[nothing] * (3 - len(ends))))


def written_subscript(form, kinds):
    """The kind of `np.s_[1:, None]`: a slice, a number, or a tuple of such."""
    items = []
    for item in form.spec:
        if item.kind == "slice":
            items.append(slice_of(static(None) if hole is None else kinds[hole] for hole in item.holes))
        else:
            items.append(kinds[item.holes[0]] if item.kind == "at"
                         else static(None if item.kind == "new" else Ellipsis))
    return Kind("tuple", items=tuple(items)) if form.name == "tuple" else items[0]


def unpacked(operand, count, scope) -> list:
    """The kinds of the parts of an unpacked value."""
    kind = kind_of_operand(operand)
    if kind.tag == "stack":
        raise Refusal("unpacking", "how many elements the list has shows only while running",
                      "Take its elements one by one.")
    if kind.tag in ("tuple", "list"):
        if len(kind.items) != count:
            raise Refusal("unpacking", f"{len(kind.items)} values into {count} names",
                          "Give as many names as there are values.", ValueError)
        return list(kind.items)
    if kind.tag == "array" and kind.shape:
        require_equal(scope, literal(count), kind.shape[0], what="unpacking")
        row_shape = kind.shape[1:]
        return [Kind("array", kind.dtype, row_shape) if row_shape else Kind("number", kind.dtype, ())
                for _ in range(count)]
    if operand.varied and (isinstance(operand, Lit) or kind.tag == "number"):
        raise Refusal("unpacking", "a number has no parts", "Unpack an array, a list or a tuple.", TypeError)
    # An object that the function makes exists only when compiling.
    is_local = kind.tag == "object" and kind.known is not None and kind.known.text.startswith("?")
    if is_local or operand.varied and as_array(kind, scope).shape is None:
        raise Refusal("unpacking", "what it unpacks is not known when compiling",
                      "Index its parts: x[0], x[1].")
    return [UNKNOWN] * count
