"""Adjoint of stores: the adjoint of a store: what it wrote takes its part of the gradient, and leaves nothing of it.

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


def backprop_store(builder, stage, above, once=False):
    """The gradients of `x[i] = v`, `x[i] += v`: on v what stands at i, on x the rest, or all of it.

    once: nothing else is stored at i, and what was there before has no gradient, so nothing need be cleared.

    Contributions as (operand, gradient), the value's first: it reads what the store clears.
    """
    base, value, *holes = stage.operands
    if kind_of_operand(base).rank == 0:
        return _into_number(stage, above)
    above = as_floats(full(builder, above, stage.target))
    spec = shifted(stage.form.spec, -1)

    def taken():
        read = builder.symbol(builder.emit(Form("index", stage.form.keywords[0], spec=spec),
                                           (above.operand, *holes)))
        if not stage.form.name.startswith("at") and not selects_once(builder, stage):
            read = _last(builder, stage, spec, holes, read, above.operand)
        read = -read if stage.form.name.endswith("-") else read
        return unbroadcast(builder, read, read.kind, value)

    def rest():
        if stage.form.name or once:
            return above
        cleared = Value(above.operand.name, above.operand.hint, kind_of_operand(above.operand))
        builder.append(Stage((cleared,), stage.form, (above.operand, Lit(0), *holes)))
        return builder.symbol(cleared)
    return [(value, taken), (base, rest)]


def _last(builder, stage, spec, holes, read, above):
    """Of what is read at places that may come twice, that of the value that was stored last: the others left nothing."""
    builder.externals.setdefault("@np.arange", np.arange)
    order = builder.symbol(builder.emit(Form("call", "@np.arange"), (read.size.operand,)))
    order = order if read.kind.rank == 1 else order.reshape(shape_of(builder, read.operand))
    order.operand.hint = "order"
    whole = np.zeros_like(builder.symbol(above), dtype=int).operand
    builder.forget(whole)
    last = Value("last", kind=kind_of_operand(whole))
    builder.append(Stage((last,), stage.form._replace(name=""), (whole, order.operand, *holes)))
    again = builder.symbol(builder.emit(Form("index", stage.form.keywords[0], spec=spec), (last, *holes)))
    return np.where(again == order, full(builder, read, read.operand), 0.0)


def _into_number(stage, above):
    """A store into an array without axes: all there is of it is replaced, or added to."""
    kinds = [kind_of_operand(operand) for operand in stage.operands]
    if any(item.kind == "at" and kinds[item.holes[0]].items != ()
           or item.kind == "at" and kinds[item.holes[0]].tag != "tuple"
           for item in stage.form.spec):
        raise Refusal("store into an array without axes",
                      "what its subscript takes is not known when compiling", "Use [...].")
    gradient = -above if stage.form.name.endswith("-") else above
    return [(stage.operands[1], lambda: gradient),
            (stage.operands[0], lambda: above if stage.form.name else None)]


def replaced(builder, old, taken, above):
    """The gradient on an array of which the part taken had been cleared: `above` in its place; None for others."""
    cleared = builder.definitions.get(old)
    if (not isinstance(cleared, Stage) or cleared.form.kind != "store" or cleared.form.name
            or cleared.operands[1] != Lit(0)
            or not is_same_place(cleared, taken) or not selects_once(builder, taken)):
        return None
    found = Value(old.name, old.hint, old.kind)
    builder.append(Stage((found,), cleared.form, (cleared.operands[0], above.operand, *cleared.operands[2:])))
    return found
