"""Masks: the sides on which a gradient is zero, derived from the stages that compute the gradient.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import Known, array
>>> n = Known(3, "x.shape[0]", False, True)
>>> builder = Builder()
>>> mask, d = (builder.symbol(Value(name, kind=array((n,), dtype)))
...            for name, dtype in (("mask", "?"), ("d", "d")))
>>> zero_sides(builder, (2 * np.where(mask, d, 0)).operand, None)
[Side(mask=mask, taken=True, value=None, point=False)]
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..builder.broadcasting import is_full
from ..builder.evaluate import number_of
from ..builder.joined import are_opposite
from ..builder.scatter import are_zeros
from ..ir.nodes import Branch, Form, Lit, Stage, Value
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import is_truth, mask_of_store

FILLED = {"@np.zeros": np.zeros, "@np.zeros_like": np.zeros_like, "@np.ones": np.ones,
          "@np.ones_like": np.ones_like,
          "@np.full": np.ones, "@np.full_like": np.ones_like}
DEPTH = 12              # stages that are followed
LONGEST = 8             # stores into a gradient that are followed for a mask


class Side(NamedTuple):
    """Where `mask` is not `taken`, no gradient flows through a value; it is `value` there, None if not known.

    point: the side is a single point, at which a function that is infinite itself keeps its slope.
    """

    mask: Any
    taken: bool
    value: Any = None
    point: bool = False


def zero_sides(builder, gradient, model, filled=True) -> list:
    """The sides on which a gradient is zero, whatever the other values in it are.

    model: a value of its shape, if there is one.  filled: whether a mask may be built along with the stores
    into the gradient.
    """
    if not _may_be_masked(builder, gradient):
        return []
    return _zero_sides(builder, gradient, model, filled, DEPTH, {})


def _may_be_masked(builder, operand):
    """Whether a truth value, a choice or a store is among what a value is computed from.

    Only these begin a side.  The answers are kept, so that all questions of a text take linear time.
    """
    masked, work = builder.masked, [operand]
    while work:
        value = work[-1]
        if value in masked or not isinstance(value, Value):
            work.pop()
            continue
        stage = builder.definitions.get(value)
        begins = (is_truth(value) or isinstance(stage, Branch)
                  or isinstance(stage, Stage) and (stage.form.kind in ("ifexp", "store")
                                                   or stage.form.name in ("@np.where", "np.where")))
        operands = [] if begins or not isinstance(stage, Stage) else [
            o for o in stage.operands if isinstance(o, Value)]
        unknown = [o for o in operands if o not in masked]
        if unknown:
            work += unknown
            continue
        masked[work.pop()] = begins or any(masked[o] for o in operands)
    return isinstance(operand, Value) and masked[operand]


def _zero_sides(builder, gradient, model, filled, depth, memo):
    key = gradient, model is None
    if key not in memo:
        memo[key] = _compute_sides(builder, gradient, model, filled, depth, memo)
    return memo[key]


def _compute_sides(builder, gradient, model, filled, depth, memo):
    if is_truth(gradient):
        return [Side(gradient, True)]
    stage = builder.definitions.get(gradient) if isinstance(gradient, Value) and depth else None
    if isinstance(stage, Branch):
        row = next(row for row in stage.results if row[0] is gradient)
        return _zero_side(stage.condition, row[1], row[2])
    if not isinstance(stage, Stage):
        return []
    form, operands = stage.form, stage.operands

    def inner(operand):
        return _zero_sides(builder, operand, model if same_shape(operand, gradient) else None, filled,
                           depth - 1, memo)
    if (form.kind == "ifexp"
            or form.name in ("@np.where", "np.where") and len(operands) == 3 and not form.keywords):
        condition, x, y = operands
        sides = _zero_side(condition, x, y)
        return sides + (inner(x) if is_zero(y) else inner(y) if is_zero(x) else [])
    if form == Form("binary", "*"):
        return [side for operand in operands for side in inner(operand)]
    if form == Form("binary", "/") or form == Form("unary", "-") or form.kind == "alias":
        return inner(operands[0])
    if form.kind == "binary" and form.name in ("+", "-"):
        return _in_both(builder, inner(operands[0]), inner(operands[1]))
    if form.kind == "store":
        return _stored(builder, stage, inner, model, filled)
    if (form.kind == "method" and form.name == "sum" and stage.gate is not None
            and not set(stage.bound) - {"a", "axis", "keepdims"}):
        return reduced(builder, stage, operands[0], inner(operands[0]))
    return reindexed(builder, stage, inner)


def _in_both(builder, sides, others):
    """The sides on which both of two terms are zero."""
    same = [side for side in sides if side in others]
    if (same or not sides or not others or not sides[0].taken or not others[0].taken
            or not covers(builder, sides[0].mask, others[0].mask)):
        return same
    if are_opposite(builder, sides[0].mask, others[0].mask):
        return []
    return [Side(builder.emit(Form("binary", "|"), (sides[0].mask, others[0].mask)), True)]


def _zero_side(condition, x, y):
    return [Side(condition, True)] if is_zero(y) else [Side(condition, False)] if is_zero(x) else []


def is_zero(operand):
    return isinstance(operand, Lit) and operand.value == 0


def _stored(builder, stage, inner, model, filled):
    """The sides on which nothing, or zero, was stored into zeros.

    They come from a mask in the subscript, or from a mask that is stored into as the gradient is.
    """
    base, value = stage.operands[:2]
    mask = mask_of_store(stage)
    if mask is not None and is_zero(value) and not stage.form.name:
        return [Side(mask, False), *inner(base)]
    if mask is not None and are_zeros(builder, base):
        return [Side(mask, True)]
    filled = _mask_of_stores(builder, stage, inner, model) if filled else None
    return [] if filled is None else [Side(filled, True)]


def _mask_of_stores(builder, stage, inner, model):
    """A mask that is true where an element of a gradient that is stored into may be other than zero."""
    chain = [stage]
    while (isinstance(below := builder.definitions.get(chain[-1].operands[0]), Stage)
           and below.form.kind == "store"):
        chain.append(below)
    first = chain[-1].operands[0]
    initial, sides = builder.definitions.get(first), inner(first)
    if len(chain) > LONGEST:
        return None
    if isinstance(initial, Stage) and initial.form.name in FILLED and not initial.form.keywords:
        mask = _truth_array(builder, FILLED[initial.form.name], initial.operands[0])
    elif sides and sides[0].taken and covers(builder, sides[0].mask, first):
        mask = builder.emit(Form("method", "copy"), (sides[0].mask,))
    elif model is not None and kind_of_operand(model).rank == kind_of_operand(first).rank:
        mask = _truth_array(builder, np.ones_like, model)
    else:
        return None
    for store in reversed(chain):
        stored, new = store.operands[1], Lit(not is_zero(store.operands[1]))
        sides = inner(stored) if isinstance(stored, Value) else []
        if (sides and sides[0].taken and covers(builder, sides[0].mask, stored)
                and not (store.form.name and not are_zeros(builder, store.operands[0]))):
            new = sides[0].mask
        if new == Lit(False) and store.form.name:       # zero is added
            continue
        value = Value("filled", kind=mask.kind)
        # Of places that come more than once one that is filled is enough: np.add of truth values is `or`.
        name = "at+" if store.form.name in ("at+", "at-") and isinstance(new, Value) else ""
        builder.append(Stage((value,), store.form._replace(name=name), (mask, new, *store.operands[2:]),
                             store.statement, store.place))
        mask = value
    return mask


def _truth_array(builder, function, operand):
    mask = builder.symbol(operand)._call(function, (operand,), {"dtype": bool}).operand
    mask.kind = mask.kind._replace(dtype="?")
    return mask


def reindexed(builder, stage, inner):
    """The sides of an index, a transpose or a reshape: the mask is indexed or reshaped like the operand.

    A mask that is a number is the same everywhere, and Python's has no index.
    """
    form, operands = stage.form, stage.operands
    if ((form.kind != "index" or stage.gate is not None)
            and (form.kind, form.name) not in (("attr", "T"), ("method", "reshape"), ("method", "ravel"))):
        return []
    return [side if kind_of_operand(side.mask).tag == "number"
            else side._replace(mask=builder.emit(form, (side.mask, *operands[1:])))
            for side in inner(operands[0]) if covers(builder, side.mask, operands[0])]


def reduced(builder, stage, operand, sides):
    """The sides of a sum: those on which all of its terms are zero, or constant."""
    names = [name for name in ("axis", "keepdims") if name in stage.bound]
    form = Form("method", "any", tuple(names))
    return [Side(builder.emit(form, (side.mask, *(stage.bound[name] for name in names))), True,
                 0 if side.value == 0 else None)
            for side in sides if side.taken and kind_of_operand(side.mask)[:2] == ("array", "?")
            and covers(builder, side.mask, operand)]


# ---- what is known of operands ----

def same_shape(left, right):
    """Whether two values certainly have the same shape."""
    kinds = kind_of_operand(left), kind_of_operand(right)
    return (None not in (kinds[0].shape, kinds[1].shape)
            and [n.text for n in kinds[0].shape] == [n.text for n in kinds[1].shape])


def covers(builder, mask, operand):
    """Whether a mask certainly has the full shape of the operand: it is not broadcast."""
    return is_full(builder, kind_of_operand(mask), kind_of_operand(operand))


def operand_values(builder, stage, operand, value):
    """The operands of a stage as numbers, with `value` for one of them."""
    bound = [stage.bound[name] for name in stage.gate.arrays if name in stage.bound]
    return [value if argument is operand else number_of(builder, argument) for argument in bound]
