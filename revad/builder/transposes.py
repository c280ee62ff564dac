"""Transposes: axes that are permuted twice are as they were, and a product is transposed factor by factor.

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
    """What a permutation of axes gives, if that is simpler; None otherwise."""
    order, made = _order(builder, form, operands), builder.definitions.get(operands[0])
    if order is None or not isinstance(made, Stage) or operands[0].name is not None:
        return None
    before = _order(builder, made.form, made.operands)
    if before is not None and [before[axis] for axis in order] == list(range(len(order))):
        return made.operands[0]
    if made.form == Form("binary", "@") and _is_swap(order) and all(kind_of_operand(o).rank == len(order) for o in made.operands) \
            and any(_is_swapped(builder, factor) for factor in made.operands):
        left, right = (builder.emit(Form("method", "swapaxes"), (factor, *SWAPPED)) for factor in made.operands)
        return builder.emit(made.form, (right, left))
    return None


def _is_swap(order):
    """Whether only the last two axes change places."""
    return order is not None and len(order) > 1 and order == [*range(len(order) - 2), len(order) - 1, len(order) - 2]


def _is_swapped(builder, operand):
    made = builder.definitions.get(operand)
    return isinstance(made, Stage) and operand.name is None and _is_swap(_order(builder, made.form, made.operands))


def _order(builder, form, operands):
    """For each axis of the result, which axis it was; None for what is no permutation that is written out."""
    name, rank = form.name.rpartition(".")[2], kind_of_operand(operands[0]).rank if operands else None
    if form.kind not in ("method", "call") or name not in ("swapaxes", "transpose") or not rank or form.spec:
        return None
    axes = operands[1:]
    made = builder.definitions.get(axes[0]) if len(axes) == 1 else None
    if isinstance(made, Stage) and made.form.kind in ("tuple", "list"):
        axes = made.operands
    if not all(isinstance(axis, Lit) and type(axis.value) is int for axis in axes):
        return None
    axes = [axis.value % rank for axis in axes]
    if name == "transpose":
        axes = axes or [*range(rank)][::-1]
        return axes if len(axes) == rank else None
    order = list(range(rank))
    order[axes[0]], order[axes[1]] = axes[1], axes[0]
    return order
