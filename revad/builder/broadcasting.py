"""Broadcasting: undo it for a gradient, or spread a gradient that still stands for more.

An adjoint may be smaller than its value while it broadcasts to the same thing: the
gradient of a sum is one number for the whole array.  `full` spreads it where that matters.

>>> from .builder import Builder
>>> from ..types.kinds import Known, array
>>> n, d = Known(5, "x.shape[0]", False, True), Known(3, "x.shape[1]", False, True)
>>> x, b = Value("x", kind=array((n, d))), Value("b", kind=array((d,)))
>>> builder = Builder()
>>> g = Value("dz", kind=array((n, d)))
>>> unbroadcast(builder, builder.symbol(g), x.kind, b).operand, builder.stages
(_, [_ = method 'sum' (dz, 0)])
"""
from __future__ import annotations

import numpy as np

from .. import support
from ..ir import check
from ..ir.nodes import Form, Lit, Stage, Value
from ..types.kinds import INTEGERS, Kind, is_stored_list
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from .shape_exprs import argument_part, expressible, length, same_shape, shape_of


def is_full(builder, kind, full_kind):
    """Whether a gradient of `kind` certainly has the full shape."""
    if kind.shape is None or full_kind.shape is None:
        return False
    if len(kind.shape) != len(full_kind.shape):
        return False
    return all(_covers(builder.scope, length, full_length)
               for length, full_length in zip(kind.shape, full_kind.shape))


def may_differ(builder, kind, full_kind):
    """Whether only running shows that a gradient has the full shape, or broadcasts to it along unit axes."""
    if kind.rank == 0:
        return False
    if kind.shape is None or len(kind.shape) > len(full_kind.shape):
        return True
    ends = zip(kind.shape[::-1], full_kind.shape[::-1])
    return not all(builder.scope.is_one(length) is True or _covers(builder.scope, length, full_length)
                   for length, full_length in ends)


def verify_shape(kind, operand):
    """Raise AssertionError where a rule's gradient cannot broadcast to the shape of its operand."""
    have, want = kind.shape, kind_of_operand(operand).shape
    if have is None or want is None or kind_of_operand(operand).tag not in ("array", "number"):
        return
    ends = [(a, b) for a, b in zip(have[::-1], want[::-1]) if a.value is not None and b.value is not None]
    if len(have) > len(want) or any(a.value != b.value and a.value != 1 for a, b in ends):
        shapes = ["(%s)" % ", ".join(n.text for n in shape) for shape in (have, want)]
        raise AssertionError(f"a gradient of the shape {shapes[0]} for a value of the shape {shapes[1]}")


def _covers(scope, length, full_length):
    """Whether a length that broadcasts to `full_length` is as long as that."""
    if scope.covers(length, full_length):
        return True
    is_unit, is_full_unit = scope.is_one(length), scope.is_one(full_length)
    return is_unit is False or is_full_unit is True and is_unit is True


def full(builder, gradient, value):
    """The gradient with the shape of `value`, as a symbol."""
    materialised = _full(builder, gradient, value)
    if builder.outer is None:       # a side that these arguments do not take may have another length
        check.adjoint(materialised.kind, as_array(kind_of_operand(value), builder.scope), value, False)
    return materialised


def _full(builder, gradient, value):
    kind = as_array(kind_of_operand(value), builder.scope)
    if kind.rank == 0 or is_full(builder, gradient.kind, kind):
        return gradient
    model_value = same_shape(builder, kind)
    floats = kind.dtype not in INTEGERS
    constant = gradient.operand.value if isinstance(gradient.operand, Lit) else None
    if model_value is None and floats and kind.dtype:
        model_value = argument_part(builder, value)
    if model_value is None and value in builder.scope.absent \
            and not (kind.shape and all(expressible(builder, n) for n in kind.shape)):
        raise Refusal("array that is returned, or made, in a branch or loop",
                      "its shape is not known where it is not made",
                      "Give it a value before, of the shape that it will have.")
    if model_value is not None or floats and kind.shape is None:
        model = builder.symbol(model_value if model_value is not None else value)
        dtype = {} if model.kind.dtype else {"dtype": float}     # an unknown dtype may be one of integers
        if constant in (0, 1):
            return np.zeros_like(model, **dtype) if constant == 0 else np.ones_like(model, **dtype)
        return np.full_like(model, gradient, **dtype)
    shape = shape_of(builder, value)
    dtype = {} if kind.dtype in INTEGERS or kind.dtype in ("d", "") else {"dtype": np.dtype(kind.dtype).type}
    if constant in (0, 1):
        filled = _call(builder, np.zeros if constant == 0 else np.ones, shape, dtype)
    else:
        filled = _call(builder, np.full, shape, dtype, gradient)
    if kind_of_operand(value).tag == "stack" or is_stored_list(kind_of_operand(value)):
        # As long as the list, whose length only running shows.
        filled.operand.kind = filled.kind._replace(shape=kind.shape)
    return filled


def kind_of_sum(kind, *ends):
    """The kind of a gradient after one of `ends` is added: the precision may be that of the term."""
    kinds = [kind,
             *(term_kind for term_kind in map(kind_of_operand, ends)
               if kind.tag == "number" or term_kind.tag == "array")]
    if all(term_kind.dtype == kind.dtype for term_kind in kinds):
        return kind._replace(weak=all(term_kind.weak for term_kind in kinds))
    return kind._replace(dtype="", weak=False)


def as_floats(gradient):
    """A gradient that is stored into: integers would cut off what is added."""
    kind = gradient.kind
    return gradient.astype(float) if kind.rank and kind.dtype and kind.dtype in INTEGERS else gradient


def _call(builder, function, shape, keywords, *extra):
    path = f"@np.{function.__name__}"
    builder.externals.setdefault(path, function)
    shape = builder.operand(shape)
    definition = builder.definitions.get(shape)
    if isinstance(definition, Stage) and definition.form == Form("tuple") and len(definition.operands) == 1:
        shape, = definition.operands
    operands = tuple(builder.operand(o) for o in (shape, *extra, *keywords.values()))
    return builder.symbol(builder.emit(Form("call", path, tuple(keywords)), operands))


def unbroadcast(builder, gradient, result_kind: Kind, operand, value=None):
    """Sum a gradient of the shape of `result_kind` down to the shape of one operand.

    Where the ranks and unit axes of both are known, the sums are written out; where an operand's
    axis may or may not have been broadcast, the text calls `unbroadcast`.
    """
    target = as_array(kind_of_operand(operand), builder.scope)
    scope = builder.scope
    if target.shape is None or result_kind.shape is None or gradient.kind.shape is None:
        if target.shape == () == result_kind.shape:
            return gradient
        return _at_run_time(builder, gradient, result_kind, operand, value)
    extra = len(result_kind.shape) - len(target.shape)
    if extra < 0:       # stored into a place of fewer axes: those in front are of length 1
        inner = builder.symbol(operand)[(0,) * -extra].operand
        return unbroadcast(builder, gradient, result_kind, inner, value)[(None,) * -extra]
    summed = []
    for axis, length_ in enumerate(target.shape, extra):
        if scope.covers(length_, result_kind.shape[axis]):
            continue
        is_unit = scope.is_one(length_)
        if is_unit is None:
            return _at_run_time(builder, gradient, result_kind, operand, value)
        if is_unit and scope.is_one(result_kind.shape[axis]) is not True:
            summed.append(axis)
    return _sum(builder, gradient, result_kind, extra, summed, value)


def _sum(builder, gradient, result_kind, extra, summed, value):
    """Sum over the first `extra` axes and, keeping them, over `summed`.

    Along an axis that the gradient lacks, the sum is a product with the length; `value` is the
    result itself, for lengths that only it has.
    """
    missing = len(result_kind.shape) - gradient.ndim
    shape = gradient.kind.shape

    def pending(axis):
        return axis < missing or builder.scope.is_one(shape[axis - missing]) is True \
            and builder.scope.is_one(result_kind.shape[axis]) is not True

    for axis in [*range(extra), *summed]:
        if pending(axis):
            known = result_kind.shape[axis]
            if known.value is not None and expressible(builder, known):
                gradient = gradient * builder.symbol(length(builder, known))
            else:
                gradient = gradient * builder.symbol(builder.emit(Form("attr", "shape"), (value,)))[axis]
    kept_axes = tuple(a - missing for a in summed if not pending(a))
    if kept_axes:
        gradient = gradient.sum(axis=kept_axes[0] if len(kept_axes) == 1 else kept_axes, keepdims=True)
    first = tuple(range(max(extra - missing, 0)))
    if first:
        if len(first) == gradient.ndim:
            return gradient.sum()
        gradient = gradient.sum(axis=first[0] if len(first) == 1 else first)
    return gradient


def _reaches(builder, kind, operand, result_kind):
    """Whether gradient and operand together broadcast to the result's shape, so that no axis is missing."""
    target = as_array(kind_of_operand(operand), builder.scope)
    if kind.shape is None or target.shape is None or result_kind.shape is None:
        return kind.shape is None or kind.rank != 0 or result_kind.rank == 0
    for axis in range(1, len(result_kind.shape) + 1):
        result_length = result_kind.shape[-axis]
        ends = [shape[-axis] for shape in (kind.shape, target.shape) if len(shape) >= axis]
        if builder.scope.is_one(result_length) is not True \
                and not result_length.parts <= frozenset().union(*(n.parts for n in ends)) \
                and not any(builder.scope.is_one(n) is False for n in ends):
            return False
    return True


def _at_run_time(builder, gradient, result_kind, operand, value):
    """The text's last resort: a helper that compares shapes when it runs."""
    if value is not None and not _reaches(builder, gradient.kind, operand, result_kind):
        # One number stands for a whole array, or for an axis of it: it must count once for each element.
        shape = shape_of(builder, value)
        gradient = gradient._call(np.broadcast_to, (gradient, shape), {})
    builder.externals.setdefault("@unbroadcast", support.unbroadcast)
    shape = shape_of(builder, operand)
    operands = (gradient.operand, shape.operand)
    summed = builder.symbol(builder.emit(Form("call", "@unbroadcast"), operands))
    kind = as_array(kind_of_operand(operand), builder.scope)
    if isinstance(summed.operand, Value):
        summed.operand.kind = Kind("array" if kind.rank != 0 else "number", gradient.kind.dtype, kind.shape)
    return summed
