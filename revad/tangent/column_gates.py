"""Column gates: how functions of tangents are written where several directions lie along a first axis.

`columns` gives symbols: `columns.symbol(operand)` has the axis of the directions where the operand is a
tangent.  What is not here is refused, and its columns are taken one by one.

>>> shifted(0, 2), shifted(-1, 2), shifted((0, -1), 3)
(1, -1, (1, -1))
"""
from __future__ import annotations

import numpy as np

from ..ir.nodes import Form, Lit
from ..rules.axes import call
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand

GATES = {}


class NotTogether(Refusal):
    """What is not written for several directions at once: they are taken one by one."""

    def __init__(self, what):
        super().__init__(what, "revad does not write it for several directions at once", "")


def refuse(what):
    raise NotTogether(what)


def gate(*names):
    def declare(write):
        GATES.update(dict.fromkeys(names, write))
        return write
    return declare


def shifted(axis, rank):
    """An axis of one tangent as that of several."""
    if isinstance(axis, (tuple, list)):
        return tuple(shifted(i, rank) for i in axis)
    return axis + 1 if axis >= 0 else axis


def rank_of(operand):
    rank = kind_of_operand(operand).rank
    return refuse("an array whose number of axes is not known") if rank is None else rank


def _axis(columns, stage, default=None):
    axis = stage.bound.get("axis")
    return default if axis is None else columns.builder.static(axis)


def _only(stage, *names):
    """Refuse a call with other settings than these."""
    gate_of_stage = stage.gate
    for name, operand in stage.bound.items():
        if name not in (gate_of_stage.arrays[0], *names) and operand != Lit(None):
            refuse(f"{name!r} of {gate_of_stage.name}")


def binary(columns, operator, left, right, kind):
    """An operation of two operands, of which one or both are tangents."""
    if operator == "@":
        return product(columns, left, right)
    both = columns.is_batched(left) and columns.is_batched(right)
    if operator not in "+-*/" or operator in "*/" and both or operator == "/" and columns.is_batched(right):
        refuse(f"'{operator}'")
    if kind.rank is None:
        refuse("a result whose number of axes is not known")
    rank_of(left), rank_of(right)
    operands = columns.aligned(left, kind.rank).operand, columns.aligned(right, kind.rank).operand
    return columns.builder.emit(Form("binary", operator), operands)


def product(columns, left, right):
    """A matrix product with one tangent."""
    ranks, of_left = (rank_of(left), rank_of(right)), columns.is_batched(left)
    if of_left and columns.is_batched(right):
        refuse("a product of tangents")
    a, b = columns.symbol(left), columns.symbol(right)
    if columns.is_identity(left) and ranks == (1, 2):
        return b
    if columns.is_identity(right) and ranks[0] <= 2:
        return a if ranks[0] == 1 else a.T
    if of_left:
        return (columns.aligned(left, ranks[1]) if ranks[1] > max(ranks[0], 2) else a) @ b
    if ranks[1] == 1:
        if ranks[0] > 2:
            refuse("a product of a stack and a vector")
        return b @ (a if ranks[0] == 1 else a.T)
    return a @ (columns.aligned(right, ranks[0]) if ranks[0] > ranks[1] else b)


@gate("add", "subtract", "multiply", "divide")
def arithmetic(columns, stage):
    sign = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}[stage.gate.name]
    if len(stage.operands) != 2:
        refuse(f"settings of {stage.gate.name}")
    return binary(columns, sign, *stage.operands, stage.target.kind)


@gate("negative", "positive", "tril", "triu")
def itself(columns, stage):
    """What is done to the last axes, or to each number."""
    if stage.gate.name in ("tril", "triu") and rank_of(stage.operands[0]) < 2:
        refuse("a triangle of a vector")
    rest = stage.operands[1:]
    return columns.builder.emit(stage.form, (columns.symbol(stage.operands[0]).operand, *rest))


@gate("np_copy", "copy", "astype")
def copied(columns, stage):
    first, *rest = stage.operands
    rank_of(first)
    return columns.builder.emit(stage.form, (columns.symbol(first).operand, *rest))


@gate("array", "asarray", "ascontiguousarray")
def as_array(columns, stage):
    if len(stage.operands) > 1:
        refuse("an array of another dtype")
    symbol, kind = columns.symbol(stage.operands[0]), kind_of_operand(stage.operands[0])
    if not kind.numeric:
        return _stacked(symbol, kind)
    return symbol.copy() if stage.gate.name == "array" else symbol


@gate("float", "item")
def as_number(columns, stage):
    return columns.symbol(stage.operands[0])


@gate("matmul", "dot")
def dot(columns, stage):
    left, right = stage.operands[:2]
    ranks = rank_of(left), rank_of(right)
    if len(stage.operands) > 2 or stage.gate.name == "dot" and max(ranks) > 2:
        refuse("np.dot of stacks")
    if 0 in ranks:
        return binary(columns, "*", left, right, stage.target.kind)
    return product(columns, left, right)


@gate("outer", "multiply_outer")
def outer(columns, stage):
    left, right = stage.operands[:2]
    if (rank_of(left), rank_of(right)) != (1, 1) or len(stage.operands) > 2:
        refuse("an outer product of matrices")
    a, b = columns.symbol(left), columns.symbol(right)
    if columns.is_batched(left):
        return a[:, :, None] * b
    return a[:, None] * b[:, None, :]


@gate("einsum")
def einsum(columns, stage):
    subscripts = columns.builder.static(stage.operands[0])
    if stage.form.keywords or not isinstance(subscripts, str) or "->" not in subscripts \
            or "." in subscripts:
        refuse("np.einsum in this form")
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    letter = next(c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts)
    terms = [letter + term if columns.is_batched(operand) else term
             for term, operand in zip(inputs.split(","), stage.operands[1:])]
    symbols = [columns.symbol(operand) for operand in stage.operands[1:] if rank_of(operand)]
    if len(symbols) < len(terms):
        refuse("np.einsum of numbers")
    return call(np.einsum, f"{','.join(terms)}->{letter}{output}", *symbols)


@gate("sum", "mean")
def total(columns, stage):
    """Axes are those of one tangent; all of them, if none is given."""
    _only(stage, "axis", "keepdims")
    operand = stage.bound[stage.gate.arrays[0]]
    if isinstance(operand, tuple) or not kind_of_operand(operand).numeric:
        refuse("a sum of a list")
    rank, symbol = rank_of(operand), columns.symbol(operand)
    axis = _axis(columns, stage)
    if rank == 0:
        return symbol
    axis = (1 if rank == 1 else tuple(range(1, rank + 1))) if axis is None else shifted(axis, rank)
    keywords = {"axis": axis}
    if "keepdims" in stage.bound:
        keywords["keepdims"] = columns.symbol(stage.bound["keepdims"])
    return symbol.sum(**keywords) if stage.gate.name != "mean" else symbol.mean(**keywords)


SETTINGS = {"roll": ("shift",), "repeat": ("repeats",), "take": ("indices",), "diff": ("n",)}


@gate("cumsum", "roll", "flip", "diff", "repeat", "take")
def along_an_axis(columns, stage):
    """The same along an axis, which has to be given, unless there is only one."""
    name = stage.gate.name
    settings = SETTINGS.get(name, ())
    _only(stage, "axis", *settings)
    operand = stage.bound[stage.gate.arrays[0]]
    rank = rank_of(operand)
    axis = _axis(columns, stage, -1 if name == "diff" else None)
    if axis is None and rank == 1:
        axis = 0
    if axis is None or not rank or type(axis) is not int:
        refuse(f"{name} of all axes")
    values = [columns.symbol(stage.bound[setting]) for setting in settings if setting in stage.bound]
    if name == "roll" and kind_of_operand(stage.bound["shift"]).rank != 0:
        refuse("a roll along several axes")
    function = getattr(np, name)
    return columns.symbol(operand)._call(function, (columns.symbol(operand), *values),
                                         {"axis": shifted(axis, rank)})


@gate("reshape", "method_reshape", "ravel", "flatten")
def reshaped(columns, stage):
    symbol, kind = columns.symbol(stage.operands[0]), stage.target.kind
    if stage.form.keywords or rank_of(stage.operands[0]) is None or kind.rank is None:
        refuse("a reshape in this form")
    if stage.gate.name in ("ravel", "flatten"):
        lengths = [-1]
        if len(stage.operands) > 1:
            refuse("an order of elements")
    else:
        lengths = []
        for operand in stage.operands[1:]:
            given = kind_of_operand(operand)
            if given.tag == "tuple":
                part = columns.builder.symbol(operand)
                lengths += [part[i] for i in range(len(given.items))]
            elif given.tag == "number":
                lengths.append(columns.builder.symbol(operand))
            else:
                refuse("a shape that is not known when compiling")
    if len(lengths) != kind.rank:
        refuse("a shape that is not known when compiling")
    shaped = symbol.reshape(columns.number(), *lengths)
    if kind_of_operand(shaped.operand).rank != kind.rank + 1:
        refuse("a reshape in this form")
    shaped.operand.kind = shaped.operand.kind._replace(shape=(columns.count, *kind.shape))
    return shaped


@gate("T", "transpose", "method_transpose", "mT")
def transposed(columns, stage):
    operand = stage.operands[0]
    rank, symbol = rank_of(operand), columns.symbol(operand)
    if stage.gate is not None and stage.gate.name in ("transpose", "method_transpose"):
        if len(stage.operands) > 2 or stage.form.keywords:
            refuse("a transpose with axes apart")
        axes = columns.builder.static(stage.operands[1]) if len(stage.operands) == 2 else None
        if axes is not None:
            if not isinstance(axes, tuple) or not all(type(i) is int for i in axes):
                refuse("a transpose with axes apart")
            return symbol.transpose((0, *(i % rank + 1 for i in axes)))
    elif stage.gate is not None and stage.gate.name == "mT" or stage.form.name == "mT":
        return symbol.swapaxes(-1, -2)
    if rank < 2:
        return symbol
    return symbol.transpose((0, *range(rank, 0, -1)))


@gate("swapaxes")
def swapped(columns, stage):
    operand, *axes = stage.operands
    if len(axes) != 2 or stage.form.keywords:
        refuse("np.swapaxes in this form")
    first, second = (shifted(columns.builder.static(axis), 0) for axis in axes)
    return np.swapaxes(columns.symbol(operand), first, second)


@gate("where")
def where(columns, stage):
    if len(stage.operands) != 3 or columns.is_batched(stage.operands[0]) or stage.target.kind.rank is None:
        refuse("np.where in this form")
    condition, *sides = stage.operands
    for side in sides:
        rank_of(side)
    return np.where(columns.symbol(condition),
                    *(columns.aligned(side, stage.target.kind.rank) for side in sides))


@gate("concatenate", "stack")
def joined(columns, stage):
    _only(stage, "axis")
    parts = stage.bound[stage.gate.arrays[0]]
    axis = _axis(columns, stage, 0)
    if isinstance(parts, tuple) or kind_of_operand(parts).tag not in ("list", "tuple") \
            or type(axis) is not int:
        refuse("a joined list in this form")
    together = columns.symbol(parts)
    if any(kind.tag in ("list", "tuple") for kind in kind_of_operand(parts).items):
        together = [_stacked(together[i], kind) for i, kind in enumerate(kind_of_operand(parts).items)]
    elif any(not kind.numeric for kind in kind_of_operand(parts).items):
        refuse("a joined list in this form")
    return columns.symbol(parts)._call(getattr(np, stage.gate.name), (together,), {"axis": shifted(axis, 0)})


def _stacked(symbol, kind):
    """The array that NumPy makes of a list; kind: that of the list for one direction."""
    if kind.numeric:
        return symbol
    if kind.tag not in ("list", "tuple") or len({item.rank for item in kind.items}) != 1 \
            or not all(item.numeric and item.rank is not None for item in kind.items):
        refuse("an array of lists")
    return symbol._call(np.stack, (symbol,), {"axis": 1})


@gate("zeros_like", "ones_like", "empty_like")
def zeros(columns, stage):
    if stage.gate.name != "zeros_like" or len(stage.operands) > 1:
        refuse("an array like a tangent")
    return np.zeros_like(columns.symbol(stage.operands[0]))


@gate("full_like")
def full_like(columns, stage):
    like, value = stage.operands[:2]
    if len(stage.operands) > 2 or columns.is_batched(like):
        refuse("an array like a tangent")
    rank, shape = rank_of(like), columns.builder.symbol(like).shape
    room = columns.zeros(kind_of_operand(like), tuple(shape[i] for i in range(rank)))
    return room + columns.aligned(value, rank)


@gate("solve")
def solved(columns, stage):
    """Right sides of systems with the same matrix are solved together."""
    a, b = stage.operands[:2]
    if columns.is_batched(a) or len(stage.operands) > 2 or rank_of(a) != 2 or rank_of(b) not in (1, 2):
        refuse("a system in this form")
    right = columns.symbol(b)
    if rank_of(b) == 1:
        return np.linalg.solve(columns.symbol(a), right.T).T
    return np.linalg.solve(columns.symbol(a), right)
