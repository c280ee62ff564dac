"""Transposes: two permutations that cancel are dropped, and a product is transposed factor by factor.

>>> from .builder import Builder
>>> from ..types.kinds import Known, array
>>> from ..ir.nodes import Value
>>> n, d = Known(5, "x.shape[0]", False, True), Known(3, "x.shape[1]", False, True)
>>> builder = Builder()
>>> x = builder.symbol(Value("x", kind=array((n, n, d))))
>>> x.transpose((0, 2, 1)).swapaxes(-1, -2).operand
x
"""
from __future__ import annotations

from ..ir.nodes import Form, Lit, Stage
from ..types.shape_rules import kind_of_operand

SWAPPED = (Lit(-1), Lit(-2))


def permuted(builder, form, operands):
    """A simpler form of a permutation of axes; None if there is none."""
    order, stage = _order(builder, form, operands), builder.definitions.get(operands[0])
    if order is None or not isinstance(stage, Stage) or operands[0].name is not None:
        return None
    before = _order(builder, stage.form, stage.operands)
    if before is not None and [before[axis] for axis in order] == list(range(len(order))):
        return stage.operands[0]
    if stage.form == Form("binary", "@") and _is_swap(order) \
            and all(kind_of_operand(o).rank == len(order) for o in stage.operands) \
            and any(_is_swapped(builder, factor) for factor in stage.operands):
        left, right = (builder.emit(Form("method", "swapaxes"), (factor, *SWAPPED))
                       for factor in stage.operands)
        return builder.emit(stage.form, (right, left))
    return None


def _is_swap(order):
    """Whether only the last two axes change places."""
    return (order is not None and len(order) > 1
            and order == [*range(len(order) - 2), len(order) - 1, len(order) - 2])


def _is_swapped(builder, operand):
    stage = builder.definitions.get(operand)
    return (isinstance(stage, Stage) and operand.name is None
            and _is_swap(_order(builder, stage.form, stage.operands)))


def _order(builder, form, operands):
    """For each axis of the result, the operand's axis; None where the permutation is not a constant."""
    name, rank = form.name.rpartition(".")[2], kind_of_operand(operands[0]).rank if operands else None
    if form.kind not in ("method", "call") or name not in ("swapaxes", "transpose") or not rank or form.spec:
        return None
    axes = operands[1:]
    definition = builder.definitions.get(axes[0]) if len(axes) == 1 else None
    if isinstance(definition, Stage) and definition.form.kind in ("tuple", "list"):
        axes = definition.operands
    if not all(isinstance(axis, Lit) and type(axis.value) is int for axis in axes):
        return None
    axes = [axis.value % rank for axis in axes]
    if name == "transpose":
        axes = axes or [*range(rank)][::-1]
        return axes if len(axes) == rank else None
    order = list(range(rank))
    order[axes[0]], order[axes[1]] = axes[1], axes[0]
    return order
