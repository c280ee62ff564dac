"""Loop headers: what a reversed loop iterates over, and what it begins with.

A counted loop iterates over its range backwards and reads residuals by the number of the iteration; other
loops iterate over the lists of residuals, or count their iterations.

>>> loop = Loop((Value("t"),), None, None, (), ())
>>> is_counted(loop, {})
False
"""
from __future__ import annotations

import builtins

import numpy as np

from ..analysis.aliases import is_borrowed, is_written
from ..builder.shape_exprs import expressible
from ..ir.nodes import Form, Lit, Loop, Row, Stage, Value
from ..types.kinds import INT, INTEGERS
from ..types.shape_rules import kind_of_operand


def is_counted(loop, definitions):
    """Whether the loop's index is the number of the iteration: `for t in range(T)`."""
    stage = definitions.get(loop.iterable)
    return (loop.until is None and stage is not None and stage.form.kind == "call"
            and stage.form.name == "@range"
            and len(stage.operands) == 1)


def header(outer, loop, definitions, index, lists, counted, extra):
    """The header of the reversed loop: (indices, iterable)."""
    for name in ("reversed", "zip", "range"):
        outer.externals.setdefault(f"@{name}", getattr(builtins, name))
    sources, indices = [], []
    if index is not None:
        stage = definitions.get(loop.iterable)
        if isinstance(stage, Stage) and stage.form.name == "@reversed":
            sources.append(stage.operands[0])
        else:
            sources.append(_call(outer, "reversed", loop.iterable))
        indices.append(index)
    for element, saved_list in lists:
        sources.append(_call(outer, "reversed", saved_list))
        indices.append(element)
    if not sources:
        count = _counter(extra)
        return (Value(None, "_", INT),), _call(outer, "range", count)
    if len(sources) == 1:
        return tuple(indices), sources[0]
    return tuple(indices), _call(outer, "zip", *sources)


def _call(outer, name, *operands):
    return outer.emit(Form("call", f"@{name}"), operands)


def _counter(extra):
    """The number of iterations, counted in the forward pass."""
    inner, following, out = (Value("rounds", None, INT) for _ in range(3))
    extra.rows.append(Row(inner, Lit(0), following, out))
    extra.stages.append(Stage((following,), Form("augment", "+"), (inner, Lit(1))))
    return out


def with_owned_start(outer, row, block):
    """A row that accumulates in place begins with a copy where its initial value is borrowed memory."""
    if (not isinstance(row.init, Value) or row.inner.kind.tag != "array"
            or not is_written(row, block, sums=True)
            or not is_borrowed(row.init, outer)):
        return row
    if row.inner.kind.rank == 0:        # a gradient without axes may be a number
        outer.externals.setdefault("@np.array", np.array)
        return row._replace(init=outer.emit(Form("call", "@np.array"), (row.init,)))
    copy = Value(None, kind=kind_of_operand(row.init))
    outer.append(Stage((copy,), Form("method", "copy"), (row.init,)))
    return row._replace(init=copy)


def is_length(outer, value):
    """Whether a number is an axis length that can be written with the parameters' shapes."""
    return (value.kind.tag == "number" and value.kind.dtype in INTEGERS and value.kind.known is not None
            and not value.varied
            and not value.kind.known.exact and expressible(outer, value.kind.known))
