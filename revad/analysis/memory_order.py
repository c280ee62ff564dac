"""Memory order: whether an array is contiguous in memory, by rows ('C') or by columns ('F').

Of an argument, and of an array from outside, it is what it is in the call at hand, guarded.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import array, literal
>>> from ..ir.nodes import Form, Lit
>>> from ..interp.interpreter import Interpreter
>>> interp, x = Interpreter(Builder()), Value("x", kind=array((literal(3), literal(2))))
>>> y = interp.make(Stage((), Form("alias"), ()), Form("binary", "*"), (x, Lit(2.0)))
>>> is_contiguous(interp, x, "C"), is_contiguous(interp, y, "C")
(None, None)
>>> interp.builder.scope.layouts["x"] = True, False
>>> is_contiguous(interp, x, "C"), is_contiguous(interp, y, "C"), is_contiguous(interp, y, "F")
(True, True, False)
>>> list(interp.builder.scope.guards)
['x.flags.c_contiguous']
"""
from __future__ import annotations

import copy
from typing import Any, NamedTuple

from ..ir.nodes import Stage, Value
from ..types.indexing import Part
from ..types.kinds import Known
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand, static_value
from ..types.sharing import UNKNOWN, may_expose
from ..types.subscripts import selected
from .aliases import CallFacts, is_read_only, is_view, viewed_operands
from .argument_paths import path_of

FLAGS = {"C": "c_contiguous", "F": "f_contiguous"}
OTHER = {"C": "F", "F": "C"}
HOLDERS = ("tuple", "list", "dict")
NEW_BY_ROWS = frozenset(("zeros", "ones", "empty", "full", "ndarray", "eye", "outer", "stack", "matmul"))
KEEPS_ORDER = frozenset((
    "np_copy", "astype", "asarray", "array", "zeros_like", "ones_like", "empty_like", "full_like"))
TRANSPOSES = frozenset(("T", "mT", "transpose", "method_transpose"))
ORDERED_BY_MEMORY = frozenset(("reshape", "method_reshape", "ravel", "flatten"))
KEEPS_LAYOUT = frozenset(
    ("expand_dims", "squeeze", "atleast", "real", "view", "asanyarray", "asarray_chkfinite"))


def is_contiguous(interp, value, order):
    """Whether an array is contiguous in the order: True, False, or None where that is not known."""
    kind = kind_of_operand(value)
    if kind.rank == 0:
        return True
    if order not in FLAGS or not isinstance(value, Value):
        return None
    while value in interp.mirrors:
        value = interp.mirrors[value]
    stage = interp.builder.definitions.get(value)
    path = path_of(value, interp.builder.definitions)
    if path is not None:
        return interp.builder.scope.has_flag(path, FLAGS[order])
    if not isinstance(stage, Stage) or kind.tag != "array" or kind.rank is None or is_read_only(stage):
        return None
    if stage.form.kind in ("alias", "store", "augment"):
        return is_contiguous(interp, stage.operands[0], order)
    if stage.form.kind == "index":
        return (_is_subscript_contiguous(interp, stage, order) if is_view(stage)
                else True if kind.rank == 1 else None)
    requested = _order_of_result(interp, stage)
    if requested in FLAGS:
        return True if requested == order else _in_other_order(interp, stage.target)
    if is_view(stage):
        return _is_view_contiguous(interp, stage, order)
    if stage.gate is None and stage.form.kind not in ("binary", "unary", "compare"):
        return None
    return (True if kind.rank == 1 else _is_elementwise_contiguous(interp, stage, order)
            if requested == "K" else None)


def _order_of_result(interp, stage):
    """The order of the result whatever the arguments are; 'K' for theirs, None where it is not known."""
    is_elementwise = stage.gate is not None and stage.gate.mode == "elementwise"
    if stage.form.kind in ("binary", "unary", "compare") and is_elementwise:
        return "K"
    name = stage.gate.name if stage.gate else ""
    if name in ("ascontiguousarray", "asfortranarray"):
        return {"c": "C", "f": "F"}[name[2]]
    if name in ("ravel", "flatten"):
        return "C"
    if name in NEW_BY_ROWS or stage.form[:2] == ("method", "copy"):
        default = "C"
    elif name in KEEPS_ORDER or is_elementwise:
        default = "K"
    else:
        return None
    has_order = stage.bound and "order" in stage.gate.defaults
    requested = GuardedCallFacts(interp, stage).get("order") if has_order else None
    if name in ("array", "asarray") and kind_of_operand(stage.operands[0]).tag in HOLDERS:
        default = "C"
    return default if requested in (None, "K") else requested


def _is_view_contiguous(interp, stage, order):
    base, name = viewed_operands(stage)[0], stage.gate.name if stage.gate else ""
    rank = kind_of_operand(base).rank
    if name in TRANSPOSES:
        axes = permutation(interp, stage)
        if axes is None:
            return None
        if axes == tuple(range(rank)):
            return is_contiguous(interp, base, order)
        return is_contiguous(interp, base, OTHER[order]) if axes == tuple(range(rank))[::-1] else None
    if name in KEEPS_ORDER or name in KEEPS_LAYOUT:
        return is_contiguous(interp, base, order)
    if name in ("reshape", "method_reshape"):
        requested = GuardedCallFacts(interp, stage).get("order") or "C"
        if requested in FLAGS and is_contiguous(interp, base, requested):
            return (True if stage.target.kind.rank == 1 or requested == order
                    else _in_other_order(interp, stage.target))
    return None


def permutation(interp, stage):
    """The axes of a transposed array as np.transpose takes them, or None."""
    name, rank = stage.gate.name, kind_of_operand(viewed_operands(stage)[0]).rank
    if rank is None:
        return None
    if name == "mT":
        return (*range(rank - 2), rank - 1, rank - 2)
    if name == "T":
        return tuple(range(rank))[::-1]
    axes = GuardedCallFacts(interp, stage).get("axes")
    while isinstance(axes, (tuple, list)) and len(axes) == 1 and not isinstance(axes[0], int):
        axes = axes[0]
    if axes is UNKNOWN:
        return None
    return tuple(i % rank for i in axes) if axes else tuple(range(rank))[::-1]


def _is_elementwise_contiguous(interp, stage, order):
    """The result of an elementwise operation is contiguous where its operands are, all in one order."""
    arrays = [o for o in stage.operands if isinstance(o, Value) and o.kind.tag == "array"]
    rank = stage.target.kind.rank
    if not arrays or any(o.kind.rank is None for o in arrays):
        return None
    if all(o.kind.rank < 2 or is_contiguous(interp, o, "C") for o in arrays):
        return True if order == "C" else _in_other_order(interp, stage.target)
    if all(o.kind.rank == rank and is_contiguous(interp, o, "F") for o in arrays):
        return True if order == "F" else _in_other_order(interp, stage.target)
    return None


def _in_other_order(interp, value):
    """An array contiguous in one order is so in the other where at most one axis is longer than 1."""
    longer = [interp.builder.scope.is_one(n) for n in value.kind.shape or (None,)]
    return None if None in longer else longer.count(False) < 2


class Axis(NamedTuple):
    """A subscript of one axis: the lengths of the axis and of the result (None if dropped), and the step."""

    length: Any
    part: Any
    step: Any


def _is_subscript_contiguous(interp, stage, order):
    """A basic subscript is contiguous where it takes whole rows of a contiguous array."""
    base, rank = stage.operands[0], stage.target.kind.rank
    shape = kind_of_operand(base).shape
    if kind_of_operand(base).tag != "array" or shape is None:
        return None
    kinds = list(map(kind_of_operand, stage.operands))
    parts, taken = selected(interp.builder.scope, kinds[0], stage.form.spec, kinds, stage.operands)
    if taken is None:
        return None
    axes = []
    for axis, (number, _) in enumerate(taken.axes):
        part = parts[number] if number < len(parts) else Part("slice")
        length = None if part.kind == "int" else taken.shape[taken.sources.index(("axis", axis))]
        axes.append(Axis(shape[axis], length, None if part.kind == "int" else _step(part)))
    for base_order in (order, OTHER[order]) if rank == 1 else (order,):
        if is_contiguous(interp, base, base_order):
            return _is_one_run(interp.builder.scope, axes if base_order == "C" else axes[::-1])
    return None


def _step(part):
    """The step of a slice; None where it is not a constant."""
    if part.value is None:
        return 1
    if isinstance(part.value, Known):
        return None
    step = part.value[2]
    if step is None:
        return 1
    return step.known.value if step.known is not None and step.known.exact else None


def _is_one_run(scope, axes):
    """Whether what is taken of each axis, the outermost first, is one run of memory."""
    is_started = False
    for axis in axes:
        is_unit = axis.part is None or scope.is_one(axis.part)
        is_full = (scope.is_one(axis.length) if axis.part is None
                   else _is_full_axis(scope, axis.part, axis.length))
        if is_unit is None or is_full is None or not is_unit and axis.step is None:
            return None
        if is_started and not is_full or not is_unit and axis.step != 1:
            return False
        is_started = is_started or not is_unit
    return True


def _is_full_axis(scope, part, length):
    """Whether a part of an axis is as long as the axis; the answer is guarded."""
    if part.value is None or length.value is None or "?" in part.text + length.text:
        return True if part.text == length.text else None
    if part.value == length.value:
        return scope.relied_equal(part, length)
    if not (part.exact and length.exact):
        scope.rely(f"({part.text}) != ({length.text})")
    return False


def may_show_memory(interp, form, operands, gate):
    """True for a call without a rule that may return memory of its arguments; else None."""
    if gate is not None or form.kind not in ("call", "method", "attr"):
        return None
    scope, name = interp.builder.scope, form.name
    if form.kind != "call":
        function = name
    else:
        function = interp.builder.externals.get(name) if name.startswith("@") else scope.resolve(name)
    is_array_copy = function is copy.copy and all(kind_of_operand(o).tag == "array" for o in operands)
    return may_expose(function) and not is_array_copy or None


def refuse_unknown(interp, stage):
    """Refuse a gate that reads elements in memory order unless the array is contiguous by rows."""
    if stage.gate is None or stage.gate.name not in ORDERED_BY_MEMORY or "order" not in (stage.bound or ()):
        return
    if stage.target.kind.rank == 0:
        return
    array, order = viewed_operands(stage)[0], GuardedCallFacts(interp, stage).get("order")
    if order in ("A", "K") and not (kind_of_operand(array).rank == 1 or is_contiguous(interp, array, "C")):
        raise Refusal(f"order={order!r}", "it goes by the layout in memory", "Write order='C' or order='F'.")


class GuardedCallFacts(CallFacts):
    """A call as `CallFacts`, with settings and layouts that a guard of this text may rely on."""

    def __init__(self, interp, stage):
        super().__init__(stage)
        self.interp = interp

    def value_of(self, operand):
        return static_value(kind_of_operand(operand), self.interp.builder.scope)

    def is_contiguous(self, order):
        return is_contiguous(self.interp, self.parts[0], order)
