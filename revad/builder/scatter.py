"""Scatter: the gradient of a subscript is added where the value was read.

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

import dataclasses
from functools import partial

import numpy as np

from ..analysis.distinct import has_distinct_places
from ..ir.nodes import Form, Lit, Stage, Value
from ..types.kinds import INTEGERS
from ..types.indexing import are_distinct_constants, inverse, is_distinct
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from ..types.subscripts import is_basic, is_length, selected, shifted, written_indices
from .broadcasting import as_floats, full
from .simplify import without_sign
from .spans import is_apart
from .stored_sums import onto_same_place


ZEROS = ("@np.zeros", "@np.zeros_like")


def are_zeros(builder, operand):
    stage = builder.definitions.get(operand)
    return isinstance(stage, Stage) and stage.form.name in ZEROS


def backprop_index(builder, stage, cotangent, adjoint, name):
    """Either (the new adjoint of the base, None) or (None, a gradient to add to it)."""
    base, holes = stage.operands[0], stage.operands[1:]
    parts, taken = _selected(builder, stage)
    inverse_key = None if taken is None else inverse(parts, taken, base.kind.shape, builder.scope.is_one)
    if inverse_key is not None:
        if inverse_key and cotangent.kind.rank != 0:
            cotangent = full(builder, cotangent, stage.target)[inverse_key]
        return None, cotangent
    if base.kind.rank == 0:
        raise Refusal("subscript of a number", "what it takes is not known when compiling",
                      "Leave the subscript out.")
    accumulator = adjoint if adjoint is not None else Lit(0.0)
    accumulator = as_floats(full(builder, builder.symbol(accumulator), base)).operand
    builder.forget(accumulator)
    if isinstance(accumulator, Lit):
        accumulator = builder.named(accumulator, name)
    elif accumulator.name is None and builder.is_backward(accumulator):
        accumulator.name = name
    is_unique = selects_once(builder, stage)
    positive = without_sign(builder, cotangent.operand)
    operand, sign = (cotangent.operand, "+") if positive is None else (positive, "-")
    target = Value(name, kind=kind_of_operand(accumulator))
    if is_unique and (adjoint is None or is_apart(builder, adjoint, stage.form, stage.operands, are_zeros)):
        # Into zeros.
        operand, sign = operand if positive is None else (-builder.symbol(positive)).operand, ""
    form = Form("store", sign if is_unique else "at" + sign,
                keywords=(stage.form.name,), spec=shifted(stage.form.spec, 1))
    summed = onto_same_place(builder, accumulator, form, operand, holes) if adjoint is not None else None
    if summed is not None:
        return summed, None
    builder.append(Stage((target,), form, (accumulator, operand, *holes)))
    return target, None


def as_one_subscript(view, stage):
    """The read `x[i][j]`, of which `view` reads `x[i]`, as `x[i, j]`, if each takes one place of an axis."""
    if not isinstance(view, Stage) or view.form.kind != "index" or view.gate is not None \
            or kind_of_operand(view.operands[0]).tag != "array" \
            or not _takes_places(view) or not _takes_places(stage):
        return stage
    spec = view.form.spec + shifted(stage.form.spec, len(view.operands) - 1)
    return dataclasses.replace(stage, form=Form("index", "tuple", spec=spec),
                               operands=(*view.operands, *stage.operands[1:]))


def _takes_places(stage):
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    return all(item.kind == "at" and kinds[item.holes[0]].tag == "number"
               and kinds[item.holes[0]].dtype in INTEGERS - {"?", ""} for item in stage.form.spec)


def _selected(builder, stage):
    """(parts, their selection) of a read or a store; (None, None) where that is not known."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    return selected(builder.scope, kinds[0], stage.form.spec, kinds, stage.operands)


def selects_once(builder, stage):
    """Whether the subscript selects no element twice, so that `+=` loses nothing."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    if is_basic(stage.form.spec, kinds):
        return True
    parts, selection = _selected(builder, stage)
    if selection is None:
        return False
    arrays = _array_operands(builder, stage, len(parts))
    parts = [part._replace(value=_constant_places(builder, operand))
             if part.kind == "places" and part.value is None else part
             for part, operand in zip(parts, arrays)]
    return is_distinct(parts, selection, kinds[0].shape, _distinct(builder, parts, arrays),
                       partial(is_length, builder.scope))


def is_last_known(builder, stage):
    """Whether it is known which of several values that a store puts in one place is the last.

    NumPy visits places along one axis in order; along several axes it visits them in memory order, which
    does not matter where the values for all places are the same.
    """
    value = kind_of_operand(stage.operands[1])
    if value.rank == 0 or selects_once(builder, stage):
        return True
    _, selection = _selected(builder, stage)
    if selection is None or value.shape is None:
        return False
    before = len(selection.shape) - len(value.shape)
    along = [number - before for number, (source, _) in enumerate(selection.sources)
             if source == "place" and number >= before]
    return len(selection.places) < 2 or all(builder.scope.is_one(value.shape[axis]) is True for axis in along)


def _array_operands(builder, stage, count):
    """The operand of each part of a subscript, or the (tuple, number) that it is read from; else None."""
    operands = [stage.operands[item.holes[0]] if item.kind == "at" else None for item in stage.form.spec]
    only = operands[0] if len(operands) == 1 else None
    if only is not None and not stage.form.spec[0].inside and kind_of_operand(only).tag == "tuple":
        return [(operands[0], number) for number in range(count)]
    return operands


def _distinct(builder, parts, arrays):
    """{numbers of parts: (their shape, axis or None)} of the arrays of places without duplicates."""
    distinct, tuples = {}, {}
    for number, (part, array) in enumerate(zip(parts, arrays)):
        if part.kind != "places" or array is None:
            continue
        source, key = _element_of_tuple(builder, array)
        stage = builder.origin(source)[1]
        if key is None and _all_different(builder, source) \
                or key is not None and _all_different_in_ix(builder, stage, key):
            distinct[number,] = part.lengths, None
        elif key is None and (axis := _permuted_axis(builder, source)) is not None:
            distinct[number,] = part.lengths, axis
        elif key is not None and _numpy_name(stage) in PLACES_OF_MASK \
                and (_numpy_name(stage) != "where" or len(stage.operands) == 1):
            tuples.setdefault(source, {})[key] = number
    for source, numbers in tuples.items():
        if len(numbers) == len(kind_of_operand(source).items):      # they differ together
            distinct[tuple(numbers.values())] = parts[min(numbers.values())].lengths, None
    return distinct


def _element_of_tuple(builder, array):
    """(an array, None), or (the tuple that an array is read from, its number there)."""
    if isinstance(array, tuple):
        value, stage = builder.origin(array[0])
        if isinstance(stage, Stage) and stage.form.kind == "tuple" and not stage.form.name:
            return _element_of_tuple(builder, stage.operands[array[1]])
        return value, array[1]
    value, stage = builder.origin(array)
    if isinstance(stage, Stage) and stage.form.kind in ("unpack", "index") \
            and kind_of_operand(stage.operands[0]).tag == "tuple":
        key = (stage.targets.index(value) if stage.form.kind == "unpack"
               else getattr(stage.operands[1], "value", None))
        if type(key) is int:
            return _element_of_tuple(
                builder, (stage.operands[0], key % len(kind_of_operand(stage.operands[0]).items)))
    return value, None


def _all_different(builder, array):
    """Whether an array surely holds no place twice: a range, a permutation, a unique selection of such."""
    array, stage = builder.origin(array)
    if has_distinct_places(builder.definitions, array):
        return True
    if not isinstance(stage, Stage):
        return False
    if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "array":
        return _all_different(builder, stage.operands[0]) and selects_once(builder, stage)
    name = _numpy_name(stage)
    return (name in PERMUTATIONS and stage.target.kind.rank == 1
            and (name != "permutation" or kind_of_operand(stage.operands[-1]).tag == "number"))


def _permuted_axis(builder, array):
    """The axis along which an array holds permutations, as np.argsort(x, axis=1) does."""
    stage = builder.origin(array)[1]
    if _numpy_name(stage) not in ("argsort", "argpartition") or not stage.bound or not stage.target.kind.rank:
        return None
    axis = stage.bound.get("axis", Lit(-1))
    return axis.value % stage.target.kind.rank if isinstance(axis, Lit) and type(axis.value) is int else None


def _all_different_in_ix(builder, stage, key):
    """Whether np.ix_ made an array, of distinct places or of truth values."""
    if _numpy_name(stage) != "ix_" or stage.form.keywords or stage.form.spec:
        return False
    operand = stage.operands[key]
    return as_array(kind_of_operand(operand), builder.scope).dtype == "?" \
        or _all_different(builder, operand) \
        or are_distinct_constants(_constant_places(builder, operand))


def _numpy_name(stage):
    """The last name of a NumPy function with a gate, or of a drawn permutation; '' for others."""
    is_call = isinstance(stage, Stage) and stage.form.kind in ("call", "method")
    name = stage.form.name.rpartition(".")[2] if is_call else ""
    return name if name and (stage.gate is not None or name == "permutation") else ""


PLACES_OF_MASK = frozenset(
    ("nonzero", "where", "triu_indices", "tril_indices", "diag_indices", "diag_indices_from",
     "triu_indices_from",
     "tril_indices_from"))
PERMUTATIONS = frozenset(("argsort", "argpartition", "flatnonzero", "permutation"))


def _constant_places(builder, operand):
    """The numbers of a list, or of np.array of one, that is written out; None for others."""
    if operand is None or isinstance(operand, tuple):
        return None
    stage = builder.origin(operand)[1]
    if _numpy_name(stage) in ("array", "asarray") and len(stage.operands) == 1:
        operand = stage.operands[0]
    return written_indices(kind_of_operand(operand))


def backprop_unpack(builder, stage, parts):
    """The gradient of `a, b = x` on x, from those on a and b."""
    base = stage.operands[0]
    if base.kind.tag in ("tuple", "list"):
        return [(base, {i: part if isinstance(part, dict) else builder.symbol(part)
                        for i, part in enumerate(parts) if part is not None})]
    gradients = []
    for target, part in zip(stage.targets, parts):
        part = Lit(0.0) if part is None else part
        gradients.append(full(builder, builder.symbol(part), target))
    elements = builder.symbol(builder.emit(Form("list"), tuple(part.operand for part in gradients)))
    # Numbers of unlike precision make an array of the widest.
    is_narrow_vector = base.kind.rank == 1 and base.kind.dtype in ("e", "f", "g")
    dtype = {"dtype": np.dtype(base.kind.dtype).type} if is_narrow_vector else {}
    return [(base, elements._call(np.array if base.kind.rank == 1 else np.stack, (elements,), dtype))]
