"""Adjoint of stores: the stored value takes the gradient of its elements, which the array then loses.

>>> from ..types.kinds import FLOAT, array, literal
>>> from ..ir.nodes import Item
>>> x, y, i = Value("x", kind=array((literal(3),))), Value("y", kind=FLOAT), Lit(0)
>>> taken = Stage((y,), Form("index", spec=(Item("at", (1,)),)), (x, i))
>>> stored = Stage((Value("x"),), Form("store", "", ("",), (Item("at", (2,)),)), (x, y, i))
>>> is_same_place(stored, taken)
True
"""
from __future__ import annotations

import numpy as np

from ..analysis.distinct import is_same_place
from ..builder.broadcasting import as_floats, full, unbroadcast
from ..builder.scatter import selects_once
from ..builder.shape_exprs import shape_of
from ..ir.nodes import Form, Lit, Stage, Value
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import shifted


def backprop_store(builder, stage, cotangent, write_once=False):
    """The gradients of `x[i] = v` and `x[i] += v`: on v the elements at i, on x the others, or all of them.

    write_once: nothing else is stored at i, and the elements before the store have no gradient, so nothing
    needs to be cleared.

    Contributions as (operand, gradient), the value's first, because it reads what the store clears.
    """
    base, value, *holes = stage.operands
    if kind_of_operand(base).rank == 0:
        return _into_number(stage, cotangent)
    cotangent = as_floats(full(builder, cotangent, stage.target))
    if not stage.form.name and _is_of_all(stage):
        return [(value, lambda: unbroadcast(builder, cotangent, cotangent.kind, value)), (base, lambda: None)]
    spec = shifted(stage.form.spec, -1)

    def on_value():
        read = builder.symbol(builder.emit(Form("index", stage.form.keywords[0], spec=spec),
                                           (cotangent.operand, *holes)))
        if not stage.form.name.startswith("at") and not selects_once(builder, stage):
            read = _last_stored(builder, stage, spec, holes, read, cotangent.operand)
        read = -read if stage.form.name.endswith("-") else read
        return unbroadcast(builder, read, read.kind, value)

    def on_base():
        if stage.form.name or write_once:
            return cotangent
        cleared = Value(cotangent.operand.name, cotangent.operand.hint, kind_of_operand(cotangent.operand))
        builder.append(Stage((cleared,), stage.form, (cotangent.operand, Lit(0), *holes)))
        return builder.symbol(cleared)
    return [(value, on_value), (base, on_base)]


def _is_of_all(stage):
    """Whether every element of the array is replaced, as by `x[:] = v`: nothing is left of it."""
    spec = stage.form.spec
    return bool(spec) and all(item.kind == "dots" or item.kind == "slice" and item.holes == (None, None, None)
                              for item in spec)


def _last_stored(builder, stage, spec, holes, read, cotangent):
    """The gradient that was read at places that may come twice, kept for the value that was stored last."""
    builder.externals.setdefault("@np.arange", np.arange)
    order = builder.symbol(builder.emit(Form("call", "@np.arange"), (read.size.operand,)))
    order = order if read.kind.rank == 1 else order.reshape(shape_of(builder, read.operand))
    order.operand.hint = "order"
    zeros = np.zeros_like(builder.symbol(cotangent), dtype=int).operand
    builder.forget(zeros)
    last = Value("last", kind=kind_of_operand(zeros))
    builder.append(Stage((last,), stage.form._replace(name=""), (zeros, order.operand, *holes)))
    latest = builder.symbol(builder.emit(Form("index", stage.form.keywords[0], spec=spec), (last, *holes)))
    return np.where(latest == order, full(builder, read, read.operand), 0.0)


def _into_number(stage, cotangent):
    """A store into an array without axes: its single element is replaced, or added to."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    if any(item.kind == "at" and kinds[item.holes[0]].items != ()
           or item.kind == "at" and kinds[item.holes[0]].tag != "tuple"
           for item in stage.form.spec):
        raise Refusal("store into an array without axes",
                      "what its subscript takes is not known when compiling", "Use [...].")
    gradient = -cotangent if stage.form.name.endswith("-") else cotangent
    return [(stage.operands[1], lambda: gradient),
            (stage.operands[0], lambda: cotangent if stage.form.name else None)]


def refill_cleared(builder, old, taken, cotangent):
    """The gradient of an array that was cleared at `taken`, with `cotangent` stored there; None otherwise."""
    cleared = builder.definitions.get(old)
    if isinstance(cleared, Stage) and cleared.form == Form("alias") and builder.is_backward(old):
        cleared = builder.definitions.get(cleared.operands[0])      # given the name of this array's gradient
    if (not isinstance(cleared, Stage) or cleared.form.kind != "store" or cleared.form.name
            or cleared.operands[1] != Lit(0)
            or not is_same_place(cleared, taken) or not selects_once(builder, taken)):
        return None
    refilled = Value(old.name, old.hint, old.kind)
    builder.append(Stage((refilled,), cleared.form,
                         (cleared.operands[0], cotangent.operand, *cleared.operands[2:])))
    return refilled


def backprop_repeated(builder, stage, cotangent):
    """The gradient of `[x] * n` on the list of x: the sum of those of the elements."""
    cotangent = full(builder, cotangent, stage.target)
    return [(stage.operands[0], {0: cotangent.sum().operand})]
