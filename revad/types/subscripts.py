"""Subscripts: what is known of the items of `x[...]` when compiling, and of what they select.

>>> from .kinds import static
>>> from ..ir.nodes import Item
>>> from .scope import Scope
>>> x = Kind("array", "d", (Known(5, "x.shape[0]", False, True), Known(3, "x.shape[1]", False, True)))
>>> item = Item("slice", (1, None, None))
>>> kind = subscripted(Scope({}, {}, "f"), x, (item,), [None, static(1)], ["x", "1"])
>>> [n.text for n in kind.shape]
['max(x.shape[0] - 1, 0)', 'x.shape[1]']
"""
from __future__ import annotations

from functools import partial

import numpy as np

from ..ir.nodes import Lit
from . import affine, indexing
from .dims import without
from .indexing import Part
from .kinds import INTEGERS, Kind, Known, array, literal
from .refusals import Refusal
from .requirements import Demand, require_equal, require_length
from .shape_rules import as_array, broadcast, kind_of_operand, unknown_length

ALLOWED = ("only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean "
           "arrays are valid indices")


def parts_of(items, kinds, scope, operands=()):
    """The Parts of a subscript; None where the kind of one is not known."""
    parts = [_part(kind, scope, operands) if item.kind == "at" else _slice(kind) if item.kind == "slice"
             else Part(item.kind)
             for item, kind in _flattened(items, kinds)]
    return None if None in parts else parts


def _flattened(items, kinds):
    """(item, kind of its operand, or those of the ends of a slice); a tuple (`x[index]`) item by item."""
    if (len(items) == 1 and items[0].kind == "at" and not items[0].inside
            and kinds[items[0].holes[0]].tag == "tuple"):
        return [(items[0], kind) for kind in kinds[items[0].holes[0]].items]
    return [(item, kinds[item.holes[0]] if item.kind == "at"
             else [None if hole is None else kinds[hole] for hole in item.holes])
            for item in items]


def _slice(ends):
    """The Part of a slice; a full slice has no ends."""
    ends = [None if end is None or end.tag == "static" and end.known.value is None else end for end in ends]
    if all(end is None or end.known == literal(usual) for end, usual in zip(ends, (0, None, 1))):
        return Part("slice")
    return Part("slice", value=tuple(ends))


def _part(kind, scope, operands):
    """The Part of an operand; None where its kind is not known."""
    if kind.tag == "static" and kind.known is not None:
        value = kind.known.value
        if value is None or value is Ellipsis:
            return Part("new" if value is None else "dots")
        if isinstance(value, slice):        # the guard is on its being a slice, not on its ends
            return Part("slice", value=kind.known)
        raise _refused(ALLOWED)
    if kind.tag == "slice":
        return _slice(kind.items)
    if kind.tag in ("tuple", "list") and any(item.tag in ("static", "slice") for item in kind.items):
        raise _refused(ALLOWED)
    values = written_indices(kind)
    index = as_array(kind, scope)
    if index.shape is None or not index.dtype:
        # Truth values and integers along one axis both yield one axis.
        return Part("places", (unknown_length(),)) if index.rank == 1 else None
    if index.dtype == "?":
        return _truth(kind, index, values, operands)
    if kind.tag in ("tuple", "list") and any(n.exact and n.value == 0 for n in index.shape):
        return Part("places", index.shape)          # an empty list counts as integers
    if kind.known is not None and kind.known.exact and type(kind.known.value) is float:
        raise _refused(ALLOWED)     # other floats fail where they are used
    return Part("places", index.shape, value=values) if index.rank else Part("int", value=values)


def _truth(kind, index, values, operands):
    """The Part of a truth value, or of an array of them."""
    if values is not None:
        count = literal(int(np.sum(values)))
    elif (not index.rank and index.known is not None and type(index.known.value) is bool
            and not index.known.text.startswith("?")):
        count = Known(int(index.known.value), f"int({index.known.text})")
    else:       # two reads with the same mask have the same length
        count = unknown_length(next((f"count {id(o)}" for o in operands if getattr(o, "kind", None) is kind),
                                    ""))
    return Part("mask", index.shape, count) if index.rank else Part("truth", count=count)


def written_indices(kind):
    """The numbers of a constant subscript, in nested lists as they are written; None for others."""
    if kind.tag in ("tuple", "list"):
        values = [written_indices(item) for item in kind.items]
        return None if None in values else values
    known = kind.known
    return (known.value if kind.tag == "number" and known is not None and known.exact
            and type(known.value) in (int, bool) else None)


def _refused(why):
    return Refusal("subscript", why,
                   "Use integers, slices, None, ... or arrays of integers or truth values.", IndexError)


def gives_view(items, kinds):
    """Whether it selects a view (integers, slices, None and dots alone); None where that is not known."""
    if any(item.kind == "at" and kind.tag in ("array", "list", "tuple", "stack")
           and (kind.tag != "array" or kind.dtype)
           for item, kind in _flattened(items, kinds)):
        return False        # an array without axes counts as a number here, but selects a copy
    try:
        parts = parts_of(items, kinds, None)
    except Refusal:
        return False
    return None if parts is None else indexing.is_basic(parts)


def is_basic(items, kinds):
    """Whether it certainly selects a view, in which no element occurs twice."""
    return gives_view(items, kinds) is True


def selected(scope, base, items, kinds, operands):
    """(parts, what they select of an array); (None, None) where that is not known."""
    if base.shape is None or base.dtype == "V":
        return None, None
    parts = parts_of(items, kinds, scope, operands)
    if parts is None:
        return None, None
    try:
        return parts, indexing.select(parts, base.shape, partial(broadcast, scope), partial(_sliced, scope))
    except IndexError as error:
        raise Refusal("subscript", str(error), "Use a subscript that the array has.", IndexError) from None


def is_length(scope, length, number):
    """Whether an axis has a length, None where that is not known.  If it has not, a guard says so."""
    if number == 1:
        return scope.is_one(length)
    if length.value is None or "?" in length.text:
        return None
    if not length.exact and length.value != number:
        scope.rely(f"({length.text}) != {number}")
    return length.value == number


def subscripted(scope, base, items, kinds, operands) -> Kind:
    """The kind of a read, by NumPy's rules for basic and advanced subscripts."""
    parts, result = selected(scope, base, items, kinds, operands)
    if result is None:
        return Kind("array", base.dtype)
    _require_fit(scope, base.shape, parts, _flattened(items, kinds),
                 getattr(operands[0], "varied", False))
    if not result.shape and any(part.kind == "dots" for part in parts):
        # x[..., 0] of one axis is an array without axes, x[0] a number.
        return Kind("array", base.dtype, ())
    return array(result.shape, base.dtype)._replace(items=base.items if result.shape else ())


def _require_fit(scope, shape, parts, laid_out, varied):
    """Require masks to be as long as the axes that they consume, and places to be inside their axes."""
    axis, taken = 0, sum(part.rank for part in parts)
    for part, (_, kind) in zip(parts, laid_out):
        if part.kind == "mask":
            for n, m in zip(shape[axis:], part.lengths):
                require_equal(scope, n, m, what="subscript", raises=IndexError)
        elif part.kind in ("int", "places") and part.value is not None:
            values = np.ravel(part.value)
            if values.size:
                require_length(scope, shape[axis], int(max(values.max() + 1, -values.min())), "subscript")
        elif part.kind == "int" and scope.demanded is not None:
            require_in_bounds(scope, shape[axis], kind, varied)
        axis += len(shape) - taken if part.kind == "dots" else part.rank


def require_in_bounds(scope, length, kind, varied):
    """Require a computed place to be inside its axis: by its range, by a condition, or left to run time."""
    value = affine.of(kind)
    low, high = ((None, None) if value is None
                 else (affine.bound(scope, value, largest) for largest in (False, True)))
    if (low is not None and high is not None and length.value is not None and -length.value <= low.value
            and high.value < length.value):
        remaining = affine.added(length, high, -1)
        texts = [] if remaining.exact and remaining.value > 0 else [f"{high.text} < {length.text}"]
        if low.text != "0" and not (low.exact and -low.value <= int(length.exact and length.value)):
            texts.append(f"{low.text} >= -({length.text})")
        if not any("?" in text for text in texts):
            scope.demanded.extend(Demand(None, text, unused=varied) for text in texts)
            return
    scope.demanded.append(Demand(None, None, unused=varied))


def _sliced(scope, length, ends):
    """The length of a slice with such ends, or of a slice that a variable holds."""
    if isinstance(ends, Known):     # of a slice that is a setting
        return unknown_length("" if ends.text.startswith("?") else f"{length.text}[{ends.text}]")
    if any(end is not None and end.tag == "number" and end.dtype and end.dtype not in INTEGERS
           for end in ends):
        raise Refusal("slice", "slice indices must be integers or None or have an __index__ method",
                      "Make them integers, with int().", TypeError)
    if ends[2] is not None and ends[2].known == literal(0):
        raise Refusal("slice", "slice step cannot be zero", "Use another step.", ValueError)
    affine_length = affine.slice_length(scope, length, *ends[:2]) if ends[2] is None else None
    return affine_length or slice_length(length, ends)


def slice_length(length: Known, ends) -> Known:
    """How many elements of an axis `[start:stop:step]` selects."""
    start, stop, step = (None if e is None
                         else (e.known if e.tag != "static" or e.known.value is not None else None)
                         for e in ends)
    computed = [e for e, k in zip(ends, (start, stop, step)) if e is not None and k is None
                and not (e.tag == "static" and e.known.value is None)]
    if computed or length.value is None:
        if computed or step is not None or any(k is not None and not k.exact for k in (start, stop)) \
                or start is not None and start.value < 0 or stop is not None and stop.value >= 0:
            return unknown_length()
        dropped = (start.value if start else 0) - (stop.value if stop else 0)
        return without(length, dropped) if dropped else length
    if start is stop is step is None or (start is None and stop is None and step.value == -1 and step.exact):
        return length
    values = [None if k is None else k.value for k in (start, stop, step)]
    if any(value is None for value, k in zip(values, (start, stop, step)) if k is not None):
        return unknown_length()
    size = len(range(*slice(*values).indices(length.value)))
    plain = step is None and all(k is None or k.exact for k in (start, stop))
    if plain and (start is None or start.value >= 0) and (stop is None or stop.value < 0):
        dropped = (start.value if start else 0) - (stop.value if stop else 0)
        if dropped == 0:
            return length
        if length.exact:
            return literal(size)
        return without(length, dropped)
    if plain and stop is not None and stop.value >= 0 and (start is None or 0 <= start.value):
        first = start.value if start else 0
        if length.value >= stop.value >= first:
            # settled only for arrays that are long enough: the guard reads the true length
            return Known(size, f"len(range({length.text})[{first}:{stop.value}])", length.exact, length.exact)
    texts = ["" if k is None else k.text for k in (start, stop, step)]
    inner = ":".join(texts if texts[2] else texts[:2])
    return Known(size, f"len(range({length.text})[{inner}])", length.exact and all(
        k is None or k.exact for k in (start, stop, step)), False)


def shifted(spec, by):
    """A subscript with shifted operand positions: those of a store come after the stored value."""
    return tuple(item._replace(holes=tuple(None if hole is None else hole + by for hole in item.holes))
                 for item in spec)


def is_truth(operand):
    """Whether an operand is a truth value or an array of them, and no literal."""
    kind = kind_of_operand(operand)
    return kind.dtype == "?" and kind.tag in ("array", "number") and not isinstance(operand, Lit)


def mask_of_store(stage):
    """The mask of a store into the elements that it takes, or None."""
    spec = stage.form.spec
    mask = stage.operands[spec[0].holes[0]] if len(spec) == 1 and spec[0].kind == "at" else None
    return (mask if mask is not None and is_truth(mask)
            and kind_of_operand(mask).rank == kind_of_operand(stage.operands[0]).rank else None)
