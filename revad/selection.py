"""Selection: the gradient of a subscript is stored where the value was read.

`y = x[i]` gives `dx[i] += dy` into zeros; repeated indices of an integer array add up with
`np.add.at`; a subscript that only adds axes is undone by one that drops them.

>>> from .builder import Builder
>>> from .kinds import FLOAT, INT, Known, array
>>> from .program import Item, Stage
>>> x = Value("x", None, array((Known(5, "x.shape[0]", False, True),)), True)
>>> y, i = Value("y", None, FLOAT, True), Value("i", None, INT)
>>> stage = Stage((y,), Form("index", spec=(Item("at", (1,)),)), (x, i))
>>> builder = Builder()
>>> builder.models.append(x)
>>> stored, _ = backprop_index(builder, stage, builder.symbol(Value("dy", kind=FLOAT)), None, "dx")
>>> builder.stages
[dx = call '@np.zeros_like' (x), dx = store (dx, dy, i)]
"""
from __future__ import annotations

import numpy as np

from .counting import counts
from .broadcasting import as_floats, full
from .lengths import as_array, kind_of_operand
from .program import Form, Lit, Stage, Value
from .refusals import Refusal
from .simplify import without_sign
from .subscripts import is_basic, is_mask, shifted


def backprop_index(builder, stage, above, old, name):
    """Either (the new adjoint of the base, None) or (None, a gradient to add to it)."""
    base, holes = stage.operands[0], stage.operands[1:]
    if base.kind.rank is not None and _drops_unit_axes(builder, stage):
        return None, _put_back(builder, stage, above)
    if all(item.kind in ("new", "dots") or item.kind == "slice" and item.holes == (None, None, None)
           for item in stage.form.spec) and base.kind.rank is not None:
        return None, _drop_axes(builder, stage, above)
    if base.kind.rank == 0:
        raise Refusal("subscript of a number", "what it takes is not known when compiling", "Leave the subscript out.")
    whole = old if old is not None else Lit(0.0)
    whole = as_floats(full(builder, builder.symbol(whole), base)).operand
    builder.forget(whole)
    if isinstance(whole, Lit):
        whole = builder.named(whole, name)
    elif whole.name is None and builder.is_backward(whole):
        whole.name = name
    unique = takes_each_once(builder, stage)
    positive = without_sign(builder, above.operand)
    operand, sign = (above.operand, "+") if positive is None else (positive, "-")
    target = Value(name, kind=kind_of_operand(whole))
    if unique and old is None:      # into zeros
        operand, sign = operand if positive is None else (-builder.symbol(positive)).operand, ""
    form = Form("store", sign if unique else "at" + sign, keywords=(stage.form.name,), spec=shifted(stage.form.spec, 1))
    builder.append(Stage((target,), form, (whole, operand, *holes)))
    return target, None


def _drops_unit_axes(builder, stage):
    """Whether the subscript takes whole axes, and element 0 of axes that have no other."""
    spec = stage.form.spec
    if any(item.kind == "at" and not isinstance(stage.operands[item.holes[0]], Lit) for item in spec):
        return False
    left = list(stage.operands[0].kind.shape)
    if len(spec) > len(left) or not any(item.kind == "at" for item in spec):
        return False
    return all(item.kind == "slice" and item.holes == (None, None, None)
               or item.kind == "at" and builder.scope.is_one(length) is True for item, length in zip(spec, left))


def _put_back(builder, stage, above):
    """Undo a subscript that dropped axes of length 1: put them back."""
    if above.kind.rank == 0:
        return above
    above = full(builder, above, stage.target)
    return above[tuple(None if item.kind == "at" else slice(None) for item in stage.form.spec)]


def _drop_axes(builder, stage, above):
    """Undo a subscript that added axes: take element 0 of each."""
    if above.kind.rank == 0:
        return above
    above = full(builder, above, stage.target)
    parts = {"new": 0, "slice": slice(None), "dots": Ellipsis}
    key = [parts[item.kind] for item in stage.form.spec]
    last = max((at for at, part in enumerate(key) if part == 0), default=-1)
    if Ellipsis not in key[:last + 1]:
        key = key[:last + 1]        # what stands behind the last element takes whole axes
    return above[tuple(key)] if 0 in key else above


def takes_each_once(builder, stage):
    """Whether no element is in what the subscript takes twice, so that `+=` loses nothing."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    return is_basic(stage.form.spec, kinds) or is_mask(stage.form.spec, kinds) or _own_rows(builder, stage) \
        or _is_masked(stage.form.spec, kinds) or _is_distinct(stage.form.spec, kinds) or _distinct(builder, stage)


def _is_masked(spec, kinds):
    """`x[mask, 1]`: one mask of one axis beside numbers and slices."""
    places = [kinds[item.holes[0]] for item in spec if item.kind == "at"]
    arrays = [kind for kind in places if kind.tag != "number"]
    return len(arrays) == 1 and arrays[0].tag == "array" and arrays[0].dtype == "?" and arrays[0].rank == 1 \
        and all(kind.dtype and kind.dtype in "lLiIqQhHbB" for kind in places if kind.tag == "number")


def _is_distinct(spec, kinds):
    """`x[[0, 2]]`: one list of places, all different, and counted from the same end."""
    places = [kinds[item.holes[0]] for item in spec if item.kind == "at"]
    lists = [kind for kind in places if kind.tag != "number"]
    if len(lists) != 1 or lists[0].tag != "list":
        return False
    found = [kind.known.value if kind.known is not None and kind.known.exact else None for kind in lists[0].items]
    return all(type(value) is int for value in found) and len(set(found)) == len(found) \
        and len({value < 0 for value in found}) < 2


def _own_rows(builder, stage):
    """`s[np.arange(N), y]`: each row once, so no element comes twice.

    Not so if another index has more axes, which repeats the rows, or the range starts below 0.
    """
    kinds = [kind_of_operand(o) for item in stage.form.spec if item.kind == "at"
             for o in (stage.operands[item.holes[0]],)]
    if any(as_array(kind, builder.scope).rank not in (0, 1) for kind in kinds):
        return False
    for item in stage.form.spec:
        if item.kind == "at" and counts(builder.definitions, builder.origin(stage.operands[item.holes[0]])[0]):
            return True
    return False


PLACES = frozenset(("nonzero", "where", "triu_indices", "tril_indices", "diag_indices", "triu_indices_from", "tril_indices_from"))
ORDERS = frozenset(("argsort", "flatnonzero", "permutation"))


def _distinct(builder, stage):
    """One array of places that differ, or all the arrays of places that one call gives together."""
    arrays = [stage.operands[item.holes[0]] for item in stage.form.spec if item.kind == "at"
              and kind_of_operand(stage.operands[item.holes[0]]).tag not in ("number", "static")]
    sources = {}
    for operand in arrays:
        source, keys = _origin_of_places(builder, operand)
        made = builder.origin(source)[1]
        if not isinstance(made, Stage) or not _differ(made, len(arrays)):
            return False
        sources.setdefault(builder.origin(source)[0], set()).update(keys)
    if len(sources) != 1:
        return False
    (source, keys), = sources.items()
    kind = kind_of_operand(source)
    return len(keys) == len(kind.items) if kind.tag == "tuple" and builder.origin(source)[1].form.kind == "call" else True


def _origin_of_places(builder, operand):
    """What an array of places is taken out of, and which of its arrays it is; of a tuple all."""
    operand, made = builder.origin(operand)
    keys = set(range(len(kind_of_operand(operand).items)))
    while isinstance(made, Stage) and (made.form.kind == "unpack" or made.form.kind == "index" and made.form.spec[0].kind == "at"
                                       and kind_of_operand(made.operands[0]).tag == "tuple"):
        key = made.targets.index(operand) if made.form.kind == "unpack" else getattr(made.operands[1], "value", None)
        count = len(kind_of_operand(made.operands[0]).items)        # 0 of what is not known to be a tuple
        keys = {key % count} if type(key) is int and count else set()
        operand, made = builder.origin(made.operands[0])
    return operand, keys


def _differ(made, count):
    """Whether no place comes twice in what a stage makes: numbers that are written out, places of elements, an order."""
    if made.form.kind in ("list", "tuple"):
        return count == 1 and all(isinstance(o, Lit) and type(o.value) is int and o.value >= 0 for o in made.operands) \
            and len({o.value for o in made.operands}) == len(made.operands)
    name = made.form.name.rpartition(".")[2] if made.form.kind in ("call", "method") else ""
    if name in ORDERS:
        return made.target.kind.rank == 1 and (name != "permutation" or kind_of_operand(made.operands[-1]).tag == "number")
    return name in PLACES and (name != "where" or len(made.operands) == 1)


def backprop_unpack(builder, stage, parts):
    """The gradient of `a, b = x` on x, from those on a and b."""
    base = stage.operands[0]
    if base.kind.tag in ("tuple", "list"):
        return [(base, {i: part if isinstance(part, dict) else builder.symbol(part)
                        for i, part in enumerate(parts) if part is not None})]
    found = []
    for target, part in zip(stage.targets, parts):
        part = Lit(0.0) if part is None else part
        found.append(full(builder, builder.symbol(part), target))
    path = "@np.array" if base.kind.rank == 1 else "@np.stack"
    builder.externals.setdefault(path, getattr(np, path[4:]))
    display = builder.emit(Form("list"), tuple(part.operand for part in found))
    gradient = builder.emit(Form("call", path), (display,))
    return [(base, builder.symbol(gradient))]
