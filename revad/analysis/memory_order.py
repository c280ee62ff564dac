"""Memory order: whether the elements of an array lie in memory one after the other, by rows ('C') or by columns ('F').

Of an argument, and of an array from outside, it is what it is in the call at hand, and relied upon.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import array, literal
>>> from ..ir.nodes import Form
>>> from ..interp.interpreter import Interpreter
>>> interp, x = Interpreter(Builder()), Value("x", kind=array((literal(3), literal(2))))
>>> y = interp.make(Stage((), Form("alias"), ()), Form("binary", "*"), (x, Lit(2.0)))
>>> is_contiguous(interp, x, "C"), is_contiguous(interp, y, "C")
(None, None)
>>> interp.builder.scope.layouts["x"] = True, False
>>> is_contiguous(interp, x, "C"), is_contiguous(interp, y, "C"), is_contiguous(interp, y, "F"), list(interp.builder.scope.guards)
(True, True, False, ['x.flags.c_contiguous'])
"""
from __future__ import annotations

import copy
from typing import Any, NamedTuple

from ..ir.nodes import Lit, Stage, Value
from ..types.indexing import Part
from ..types.kinds import Known
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand, static_value
from ..types.sharing import UNKNOWN, may_show
from ..types.subscripts import selected
from .aliases import CallFacts, is_view, seen_by

FLAGS = {"C": "c_contiguous", "F": "f_contiguous"}
OTHER = {"C": "F", "F": "C"}
HOLDERS = ("tuple", "list", "dict")
BY_ROWS = frozenset(("zeros", "ones", "empty", "full", "ndarray", "eye", "outer", "stack", "matmul"))
AS_THEY_LIE = frozenset(("np_copy", "astype", "asarray", "array", "zeros_like", "ones_like", "empty_like", "full_like"))
SWAPPED = frozenset(("T", "mT", "transpose", "method_transpose"))
TOLD = frozenset(("reshape", "method_reshape", "ravel", "flatten"))
SPACED = frozenset(("expand_dims", "squeeze", "atleast", "real", "view", "asanyarray", "asarray_chkfinite"))


def is_contiguous(interp, value, order):
    """Whether an array lies in memory in the order: True, False, or None where that is not known."""
    kind = kind_of_operand(value)
    if kind.rank == 0:
        return True
    if order not in FLAGS or not isinstance(value, Value):
        return None
    while value in interp.mirrors:
        value = interp.mirrors[value]
    made = interp.builder.definitions.get(value)
    path = path_of(interp, value, made)
    if path is not None:
        return interp.builder.scope.lies(path, FLAGS[order])
    if not isinstance(made, Stage) or kind.tag != "array" or kind.rank is None:
        return None
    if made.form.kind in ("alias", "store", "augment"):
        return is_contiguous(interp, made.operands[0], order)
    if made.form.kind == "index":
        return _part(interp, made, order) if is_view(made) else True if kind.rank == 1 else None
    asked = _asked(interp, made)
    if asked in FLAGS:
        return True if asked == order else _otherwise(interp, made.target)
    if is_view(made):
        return _of_view(interp, made, order)
    if made.gate is None and made.form.kind not in ("binary", "unary", "compare"):
        return None
    return True if kind.rank == 1 else _as_they_lie(interp, made, order) if asked == "K" else None


def path_of(interp, value, made):
    """How a text that is called with the same arguments reads an array from outside, or None."""
    if made is None:
        return value.name
    if not isinstance(made, Stage):
        return None
    if made.form.kind == "read":
        return made.form.name
    base = made.operands[0] if made.operands else None
    if made.form.kind != "index" or not isinstance(base, Value) or base.kind.tag not in HOLDERS or len(made.operands) != 2:
        return None
    key, path = made.operands[1], path_of(interp, base, interp.builder.definitions.get(base))
    if path is None or not isinstance(key, Lit):
        return None
    return f"{path}.{made.form.name[1:]}" if made.form.name.startswith(".") else f"{path}[{key.value!r}]"


def _asked(interp, made):
    """The order that the result has whatever the arguments are; 'K' where it is theirs, None where it is not known."""
    if made.form.kind in ("binary", "unary", "compare") and made.gate is not None and made.gate.mode == "elementwise":
        return "K"
    name = made.gate.name if made.gate else ""
    if name in ("ascontiguousarray", "asfortranarray"):
        return {"c": "C", "f": "F"}[name[2]]
    if name in ("ravel", "flatten"):
        return "C"
    if name in BY_ROWS or made.form[:2] == ("method", "copy"):
        default = "C"
    elif name in AS_THEY_LIE or made.gate is not None and made.gate.mode == "elementwise":
        default = "K"
    else:
        return None
    asked = GuardedCallFacts(interp, made).get("order") if made.bound and "order" in made.gate.defaults else None
    if name in ("array", "asarray") and kind_of_operand(made.operands[0]).tag in HOLDERS:
        default = "C"
    return default if asked in (None, "K") else asked


def _of_view(interp, made, order):
    base, name = seen_by(made)[0], made.gate.name if made.gate else ""
    rank = kind_of_operand(base).rank
    if name in SWAPPED:
        axes = permutation(interp, made)
        return None if axes is None else is_contiguous(interp, base, order) if axes == tuple(range(rank)) else \
            is_contiguous(interp, base, OTHER[order]) if axes == tuple(range(rank))[::-1] else None
    if name in AS_THEY_LIE or name in SPACED:
        return is_contiguous(interp, base, order)
    if name in ("reshape", "method_reshape"):
        asked = GuardedCallFacts(interp, made).get("order") or "C"
        if asked in FLAGS and is_contiguous(interp, base, asked):
            return True if made.target.kind.rank == 1 or asked == order else _otherwise(interp, made.target)
    return None


def permutation(interp, made):
    """The axes of a transposed array as np.transpose takes them, or None."""
    name, rank = made.gate.name, kind_of_operand(seen_by(made)[0]).rank
    if rank is None:
        return None
    if name == "mT":
        return (*range(rank - 2), rank - 1, rank - 2)
    if name == "T":
        return tuple(range(rank))[::-1]
    axes = GuardedCallFacts(interp, made).get("axes")
    while isinstance(axes, (tuple, list)) and len(axes) == 1 and not isinstance(axes[0], int):
        axes = axes[0]
    if axes is UNKNOWN:
        return None
    return tuple(i % rank for i in axes) if axes else tuple(range(rank))[::-1]


def _as_they_lie(interp, made, order):
    """The result of operations on elements lies as their operands do, if all lie in one order."""
    arrays = [o for o in made.operands if isinstance(o, Value) and o.kind.tag == "array"]
    rank = made.target.kind.rank
    if not arrays or any(o.kind.rank is None for o in arrays):
        return None
    if all(o.kind.rank < 2 or is_contiguous(interp, o, "C") for o in arrays):
        return True if order == "C" else _otherwise(interp, made.target)
    if all(o.kind.rank == rank and is_contiguous(interp, o, "F") for o in arrays):
        return True if order == "F" else _otherwise(interp, made.target)
    return None


def _otherwise(interp, value):
    """What lies in one order lies in the other, too, where not more than one axis is longer than 1."""
    longer = [interp.builder.scope.is_one(n) for n in value.kind.shape or (None,)]
    return None if None in longer else longer.count(False) < 2


class Axis(NamedTuple):
    """What a subscript takes of an axis: its length, None where the axis is gone, that of the part, and the step."""

    length: Any
    part: Any
    step: Any


def _part(interp, made, order):
    """A part that ints and slices take: it lies in one run where it takes whole rows of an array that does."""
    base, rank = made.operands[0], made.target.kind.rank
    shape = kind_of_operand(base).shape
    if kind_of_operand(base).tag != "array" or shape is None:
        return None
    kinds = list(map(kind_of_operand, made.operands))
    parts, taken = selected(interp.builder.scope, kinds[0], made.form.spec, kinds, made.operands)
    if taken is None:
        return None
    axes = []
    for axis, (number, _) in enumerate(taken.axes):
        part = parts[number] if number < len(parts) else Part("slice")
        length = None if part.what == "int" else taken.shape[taken.sources.index(("axis", axis))]
        axes.append(Axis(shape[axis], length, None if part.what == "int" else _step(part)))
    for one in (order, OTHER[order]) if rank == 1 else (order,):
        if is_contiguous(interp, base, one):
            return _in_one_run(interp.builder.scope, axes if one == "C" else axes[::-1])
    return None


def _step(part):
    """The step of a slice; None where it is not written out."""
    if part.value is None:
        return 1
    step = None if isinstance(part.value, Known) else part.value[2]
    known = None if step is None else step.known
    return 1 if step is None and not isinstance(part.value, Known) else known.value if known is not None and known.exact else None


def _in_one_run(scope, axes):
    """Whether what is taken of each axis, the outermost first, lies in one run."""
    begun = False
    for axis in axes:
        one = axis.part is None or scope.is_one(axis.part)
        whole = scope.is_one(axis.length) if axis.part is None else _as_long(scope, axis.part, axis.length)
        if one is None or whole is None or not one and axis.step is None:
            return None
        if begun and not whole or not one and axis.step != 1:
            return False
        begun = begun or not one
    return True


def _as_long(scope, part, length):
    """Whether a part of an axis is as long as the axis: relied upon."""
    if part.value is None or length.value is None or "?" in part.text + length.text:
        return True if part.text == length.text else None
    if part.value == length.value:
        return scope.relied_equal(part, length)
    if not (part.exact and length.exact):
        scope.rely(f"({part.text}) != ({length.text})")
    return False


def shows(interp, form, operands, gate):
    """True for what has no rule and may show the memory of its arguments; else None."""
    if gate is not None or form.kind not in ("call", "method", "attr"):
        return None
    scope, name = interp.builder.scope, form.name
    function = name if form.kind != "call" else interp.builder.externals.get(name) if name.startswith("@") else scope.resolve(name)
    return may_show(function) and not (function is copy.copy and all(kind_of_operand(o).tag == "array" for o in operands)) or None


def refuse_unknown(interp, stage):
    """Of elements that are told in the order of the memory that order has to be known; then it is by rows."""
    if stage.gate is None or stage.gate.name not in TOLD or "order" not in (stage.bound or ()) or stage.target.kind.rank == 0:
        return
    array, order = seen_by(stage)[0], GuardedCallFacts(interp, stage).get("order")
    if order in ("A", "K") and not (kind_of_operand(array).rank == 1 or is_contiguous(interp, array, "C")):
        raise Refusal(f"order={order!r}", "it goes by the layout in memory", "Write order='C' or order='F'.")


class GuardedCallFacts(CallFacts):
    """A call as `CallFacts`, with what this text may rely on of settings and layouts."""

    def __init__(self, interp, stage):
        super().__init__(stage)
        self.interp = interp

    def value_of(self, operand):
        return static_value(kind_of_operand(operand), self.interp.builder.scope)

    def lies(self, order):
        return is_contiguous(self.interp, self.parts[0], order)
