"""Subscripts: the kind of `x[...]`, and whether every element is read at most once.

>>> from .kinds import static
>>> from .program import Item
>>> from .scope import Scope
>>> x = Kind("array", "d", (Known(5, "x.shape[0]", False, True), Known(3, "x.shape[1]", False, True)))
>>> item = Item("slice", (1, None, None))
>>> kind = subscripted(Scope({}, {}, "f"), x, (item,), [None, static(1)], ["x", "1"])
>>> [n.text for n in kind.shape]
['max(x.shape[0] - 1, 0)', 'x.shape[1]']
"""
from __future__ import annotations

from . import affine
from .kinds import Kind, Known, array, literal
from .lengths import as_array, broadcast, unknown_length
from .refusals import Refusal


def layout(items, kinds):
    """The items with a tuple subscript (`x[index]`) laid out; None if it cannot be told."""
    if len(items) == 1 and items[0].kind == "at" and kinds[items[0].holes[0]].tag == "tuple":
        inner = kinds[items[0].holes[0]].items
        return [("at", kind) for kind in inner]
    found = []
    for item in items:
        if item.kind == "at":
            kind = kinds[item.holes[0]]
            if kind.tag == "static":
                value = kind.known.value
                if value is None:
                    found.append(("new", None))
                    continue
                if value is Ellipsis:
                    found.append(("dots", None))
                    continue
                if isinstance(value, slice):        # it is relied upon to be one, not upon its ends
                    found.append(("span", kind))
                    continue
                return None
            found.append(("at", kind))
        elif item.kind == "slice":
            found.append(("slice", tuple(None if h is None else kinds[h] for h in item.holes)))
        else:
            found.append((item.kind, None))
    return found


def is_basic(items, kinds):
    """Only integers, slices, None and dots: a view, in which no element comes twice."""
    parts = layout(items, kinds)
    return parts is not None and all(
        what != "at" or kind.tag == "number" and kind.dtype in "lLiIqQhHbB" and kind.dtype
        for what, kind in parts)


def is_mask(items, kinds):
    """One truth array among slices: no element comes twice."""
    parts = layout(items, kinds) or [("at", None)]
    arrays = [kind for what, kind in parts if what == "at"]
    return len(arrays) == 1 and arrays[0] is not None and arrays[0].dtype == "?" and arrays[0].tag == "array"


def subscripted(scope, base, items, kinds, operands) -> Kind:
    """The kind of a read, by NumPy's rules for basic and advanced subscripts."""
    unknown = Kind("array", base.dtype)
    parts = layout(items, kinds)
    if parts is None or base.shape is None:
        return unknown
    consumed = sum(_consumes(what, kind, scope) for what, kind in parts)
    if any(what == "at" and as_array(kind, scope).shape is None for what, kind in parts):
        return unknown
    if consumed > len(base.shape):
        raise Refusal("subscript", "it takes more axes than the array has", "Use as many as there are.", IndexError)
    dots = any(what == "dots" for what, _ in parts)
    if not dots:
        parts = [*parts, ("dots", None)]
    result, advanced, places, axis = [], [], [], 0
    some_array = any(what == "at" and as_array(kind, scope).rank for what, kind in parts)
    for position, (what, kind) in enumerate(parts):
        if what == "new":
            result.append(literal(1))
        elif what == "dots":
            for _ in range(len(base.shape) - consumed):
                result.append(base.shape[axis])
                axis += 1
        elif what == "slice":
            found = None
            if kind[2] is None:
                found = affine.slice_length(scope, base.shape[axis], *kind[:2])
            result.append(found or slice_length(base.shape[axis], kind))
            axis += 1
        elif what == "span":
            known = kind.known.text
            result.append(unknown_length("" if known.startswith("?") else f"{base.shape[axis].text}[{known}]"))
            axis += 1
        else:
            if some_array:
                places.append((position, len(result)))
                advanced.append(_advanced_shape(kind, scope, operands))
            axis += _consumes(what, kind, scope)
    if some_array:
        at = places[0][1]
        run = [p for p, _ in places]
        if run != list(range(run[0], run[0] + len(run))):
            at = 0
        shape = broadcast(scope, advanced)
        result[at:at] = shape
    if dots and not result:
        return Kind("array", base.dtype, ())    # x[..., 0] of one axis is an array without axes, x[0] a number
    return array(result, base.dtype)


def _consumes(what, kind, scope):
    if what in ("slice", "span"):
        return 1
    if what != "at":
        return 0
    kind = as_array(kind, scope)
    return kind.rank if kind.dtype == "?" and kind.rank else 1


def _advanced_shape(kind, scope, operands):
    kind = as_array(kind, scope)
    if kind.dtype == "?":
        tag = next((f"count {id(o)}" for o in operands if getattr(o, "kind", None) is kind), "")
        return (unknown_length(tag),)
    return kind.shape


def slice_length(length: Known, ends) -> Known:
    """How many elements `[start:stop:step]` takes of an axis."""
    start, stop, step = (None if e is None else (e.known if e.tag != "static" or e.known.value is not None else None)
                         for e in ends)
    given = [e for e, k in zip(ends, (start, stop, step)) if e is not None and k is None
             and not (e.tag == "static" and e.known.value is None)]
    if given or length.value is None:
        if given or step is not None or any(k is not None and not k.exact for k in (start, stop)) \
                or start is not None and start.value < 0 or stop is not None and stop.value >= 0:
            return unknown_length()
        dropped = (start.value if start else 0) - (stop.value if stop else 0)
        return unknown_length(f"max({length.text} - {dropped}, 0)") if dropped else length
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
        return Known(size, f"max({length.text} - {dropped}, 0)")
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
    """A subscript of which the operands stand elsewhere: those of a store come after the value that is stored."""
    return tuple(item._replace(holes=tuple(None if hole is None else hole + by for hole in item.holes)) for item in spec)
