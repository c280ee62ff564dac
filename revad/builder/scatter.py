"""Scatter: the gradient of a subscript is stored where the value was read.

`y = x[i]` gives `dx[i] += dy` into zeros; repeated indices of an integer array add up with
`np.add.at`; a subscript that only adds axes is undone by one that drops them.

>>> from .builder import Builder
>>> from ..types.kinds import FLOAT, INT, Known, array
>>> from ..ir.nodes import Item, Stage
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

from functools import partial

import numpy as np

from ..analysis.distinct import counts
from ..ir.nodes import Form, Lit, Stage, Value
from ..types.indexing import inverse, is_distinct, is_written_apart
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from ..types.subscripts import is_basic, is_length, selected, shifted, written
from .broadcasting import as_floats, full
from .simplify import without_sign


def backprop_index(builder, stage, above, old, name):
    """Either (the new adjoint of the base, None) or (None, a gradient to add to it)."""
    base, holes = stage.operands[0], stage.operands[1:]
    parts, taken = _selected(builder, stage)
    back = None if taken is None else inverse(parts, taken, base.kind.shape, builder.scope.is_one)
    if back is not None:
        return None, full(builder, above, stage.target)[back] if back and above.kind.rank != 0 else above
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


def _selected(builder, stage):
    """(parts, what they take) of a read or a store; (None, None) where that is not known."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    return selected(builder.scope, kinds[0], stage.form.spec, kinds, stage.operands)


def takes_each_once(builder, stage):
    """Whether no element is in what the subscript takes twice, so that `+=` loses nothing."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    if is_basic(stage.form.spec, kinds):
        return True
    parts, taken = _selected(builder, stage)
    if taken is None:
        return False
    arrays = _arrays(builder, stage, len(parts))
    parts = [part._replace(value=_written(builder, operand)) if part.what == "places" and part.value is None else part
             for part, operand in zip(parts, arrays)]
    return is_distinct(parts, taken, kinds[0].shape, _distinct(builder, parts, arrays), partial(is_length, builder.scope))


def is_last_known(builder, stage):
    """Whether of several values that a store puts in one place it is known which is the last.

    NumPy goes through places along one axis in their order; along several as they lie in memory, which is no matter
    where the values for all places are the same.
    """
    value = kind_of_operand(stage.operands[1])
    if value.rank == 0 or takes_each_once(builder, stage):
        return True
    _, taken = _selected(builder, stage)
    if taken is None or value.shape is None:
        return False
    before = len(taken.shape) - len(value.shape)
    along = [number - before for number, (what, _) in enumerate(taken.sources) if what == "place" and number >= before]
    return len(taken.places) < 2 or all(builder.scope.is_one(value.shape[axis]) is True for axis in along)


def _arrays(builder, stage, count):
    """The operand of each part of a subscript, or the (tuple, number) that it is taken out of; None where there is none."""
    operands = [stage.operands[item.holes[0]] if item.kind == "at" else None for item in stage.form.spec]
    if len(operands) == 1 and operands[0] is not None and not stage.form.spec[0].inside and kind_of_operand(operands[0]).tag == "tuple":
        return [(operands[0], number) for number in range(count)]
    return operands


def _distinct(builder, parts, arrays):
    """{numbers of parts: (their shape, axis or None)} of arrays of places of which none comes twice, by how they were made."""
    found, tuples = {}, {}
    for number, (part, array) in enumerate(zip(parts, arrays)):
        if part.what != "places" or array is None:
            continue
        source, key = _taken_out(builder, array)
        made = builder.origin(source)[1]
        if key is None and _differ(builder, source) or key is not None and _differ_by_axis(builder, made, key):
            found[number,] = part.lengths, None
        elif key is None and (axis := _order_of(builder, source)) is not None:
            found[number,] = part.lengths, axis
        elif key is not None and _name(made) in PLACES and (_name(made) != "where" or len(made.operands) == 1):
            tuples.setdefault(source, {})[key] = number
    for source, numbers in tuples.items():
        if len(numbers) == len(kind_of_operand(source).items):      # they differ together
            found[tuple(numbers.values())] = parts[min(numbers.values())].lengths, None
    return found


def _taken_out(builder, array):
    """(an array, None), or (the tuple that an array is taken out of, its number in that)."""
    if isinstance(array, tuple):
        value, made = builder.origin(array[0])
        if isinstance(made, Stage) and made.form.kind == "tuple" and not made.form.name:
            return _taken_out(builder, made.operands[array[1]])
        return value, array[1]
    value, made = builder.origin(array)
    if isinstance(made, Stage) and made.form.kind in ("unpack", "index") and kind_of_operand(made.operands[0]).tag == "tuple":
        key = made.targets.index(value) if made.form.kind == "unpack" else getattr(made.operands[1], "value", None)
        if type(key) is int:
            return _taken_out(builder, (made.operands[0], key % len(kind_of_operand(made.operands[0]).items)))
    return value, None


def _differ(builder, array):
    """Whether the numbers in an array are places that certainly differ: a range, an order, what is taken once of such an array."""
    array, made = builder.origin(array)
    if counts(builder.definitions, array):
        return True
    if not isinstance(made, Stage):
        return False
    if made.form.kind == "index" and kind_of_operand(made.operands[0]).tag == "array":
        return _differ(builder, made.operands[0]) and takes_each_once(builder, made)
    name = _name(made)
    return name in ORDERS and made.target.kind.rank == 1 and (name != "permutation" or kind_of_operand(made.operands[-1]).tag == "number")


def _order_of(builder, array):
    """The axis along which an array is an order, as of np.argsort(x, axis=1)."""
    made = builder.origin(array)[1]
    if _name(made) not in ("argsort", "argpartition") or not made.bound or not made.target.kind.rank:
        return None
    axis = made.bound.get("axis", Lit(-1))
    return axis.value % made.target.kind.rank if isinstance(axis, Lit) and type(axis.value) is int else None


def _differ_by_axis(builder, made, key):
    """Whether an array is one of those that np.ix_ makes of places that differ, or of truth values."""
    if _name(made) != "ix_" or made.form.keywords or made.form.spec:
        return False
    operand = made.operands[key]
    return as_array(kind_of_operand(operand), builder.scope).dtype == "?" or _differ(builder, operand) \
        or is_written_apart(_written(builder, operand))


def _name(made):
    """The last name of a function of NumPy that is called; of others nothing is known, but of a permutation that is drawn."""
    name = made.form.name.rpartition(".")[2] if isinstance(made, Stage) and made.form.kind in ("call", "method") else ""
    return name if name and (made.gate is not None or name == "permutation") else ""


PLACES = frozenset(("nonzero", "where", "triu_indices", "tril_indices", "diag_indices", "diag_indices_from", "triu_indices_from",
                    "tril_indices_from"))
ORDERS = frozenset(("argsort", "argpartition", "flatnonzero", "permutation"))


def _written(builder, operand):
    """The numbers of a list, or of np.array of one, that is written out; None for others."""
    if operand is None or isinstance(operand, tuple):
        return None
    made = builder.origin(operand)[1]
    if _name(made) in ("array", "asarray") and len(made.operands) == 1:
        operand = made.operands[0]
    return written(kind_of_operand(operand))


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
    display = builder.symbol(builder.emit(Form("list"), tuple(part.operand for part in found)))
    # Numbers of unlike precision make an array of the widest.
    dtype = {"dtype": np.dtype(base.kind.dtype).type} if base.kind.rank == 1 and base.kind.dtype in ("e", "f", "g") else {}
    return [(base, display._call(np.array if base.kind.rank == 1 else np.stack, (display,), dtype))]
