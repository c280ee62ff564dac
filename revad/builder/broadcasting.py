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
from ..ir.nodes import Form, Lit, Stage, Value
from ..types.kinds import INTEGERS, Kind
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand
from .shape_exprs import expressible, length, same_shape, shape_of, shown


def is_full(builder, kind, whole):
    """Whether a gradient of `kind` has the whole shape, for certain."""
    if kind.shape is None or whole.shape is None:
        return False
    if len(kind.shape) != len(whole.shape):
        return False
    return all(_covers(builder.scope, have, want) for have, want in zip(kind.shape, whole.shape))


def may_differ(builder, kind, whole):
    """Whether only running shows that a gradient of `kind` has the shape `whole`, or stands for it along known axes of length 1."""
    if kind.rank == 0:
        return False
    if kind.shape is None or len(kind.shape) > len(whole.shape):
        return True
    ends = zip(kind.shape[::-1], whole.shape[::-1])
    return not all(builder.scope.is_one(have) is True or _covers(builder.scope, have, want) for have, want in ends)


def verify_shape(kind, operand):
    """What a rule may never do: give a gradient that cannot stand for the shape of its operand.  Raises AssertionError."""
    have, want = kind.shape, kind_of_operand(operand).shape
    if have is None or want is None or kind_of_operand(operand).tag not in ("array", "number"):
        return
    ends = [(a, b) for a, b in zip(have[::-1], want[::-1]) if a.value is not None and b.value is not None]
    if len(have) > len(want) or any(a.value != b.value and a.value != 1 for a, b in ends):
        shapes = ["(%s)" % ", ".join(n.text for n in shape) for shape in (have, want)]
        raise AssertionError(f"a gradient of the shape {shapes[0]} for a value of the shape {shapes[1]}")


def _covers(scope, have, want):
    """Whether a length that broadcasts to `want` is as long as that."""
    if want.parts <= have.parts:
        return True
    have_one, want_one = scope.is_one(have), scope.is_one(want)
    return have_one is False or want_one is True and have_one is True


def full(builder, gradient, value):
    """The gradient with the shape of `value`, as a symbol."""
    kind = as_array(kind_of_operand(value), builder.scope)
    if kind.rank == 0 or is_full(builder, gradient.kind, kind):
        return gradient
    like = same_shape(builder, kind)
    floats = kind.dtype not in INTEGERS
    number = gradient.operand.value if isinstance(gradient.operand, Lit) else None
    if like is None and floats and kind.dtype:
        like = shown(builder, value)
    if like is None and value in builder.scope.absent and not (kind.shape and all(expressible(builder, n) for n in kind.shape)):
        raise Refusal("array that is returned, or made, in a branch or loop", "its shape is not known where it is not made",
                      "Give it a value before, of the shape that it will have.")
    if like is not None or floats and kind.shape is None:
        model = builder.symbol(like if like is not None else value)
        dtype = {} if model.kind.dtype else {"dtype": float}     # what is not known may be integers
        if number in (0, 1):
            return np.zeros_like(model, **dtype) if number == 0 else np.ones_like(model, **dtype)
        return np.full_like(model, gradient, **dtype)
    shape = shape_of(builder, value)
    dtype = {} if kind.dtype in INTEGERS or kind.dtype in ("d", "") else {"dtype": np.dtype(kind.dtype).type}
    if number in (0, 1):
        found = _call(builder, np.zeros if number == 0 else np.ones, shape, dtype)
    else:
        found = _call(builder, np.full, shape, dtype, gradient)
    if kind_of_operand(value).tag == "stack":
        found.operand.kind = found.kind._replace(shape=kind.shape)      # as long as the list, however long that is
    return found


def kind_of_sum(kind, *ends):
    """The kind of a gradient that has grown to one of `ends`: the precision may be that of what was added."""
    kinds = [kind, *(one for one in map(kind_of_operand, ends) if kind.tag == "number" or one.tag == "array")]
    if all(one.dtype == kind.dtype for one in kinds):
        return kind._replace(weak=all(one.weak for one in kinds))
    return kind._replace(dtype="", weak=False)


def as_floats(gradient):
    """A gradient that is to be written into: integers would cut off what is added."""
    kind = gradient.kind
    return gradient.astype(float) if kind.rank and kind.dtype and kind.dtype in INTEGERS else gradient


def _call(builder, function, shape, keywords, *rest):
    path = f"@np.{function.__name__}"
    builder.externals.setdefault(path, function)
    shape = builder.operand(shape)
    made = builder.definitions.get(shape)
    if isinstance(made, Stage) and made.form == Form("tuple") and len(made.operands) == 1:
        shape, = made.operands
    operands = tuple(builder.operand(o) for o in (shape, *rest, *keywords.values()))
    return builder.symbol(builder.emit(Form("call", path, tuple(keywords)), operands))


def unbroadcast(builder, gradient, whole: Kind, operand, value=None):
    """Sum a gradient of the result's shape `whole` down to the shape of one operand.

    Both are known by rank and unit axes, so the sums are written out; where an operand's
    axis may or may not have been broadcast, the text calls `unbroadcast`.
    """
    target = as_array(kind_of_operand(operand), builder.scope)
    scope = builder.scope
    if target.shape is None or whole.shape is None or gradient.kind.shape is None:
        if target.shape == () == whole.shape:
            return gradient
        return _at_run_time(builder, gradient, whole, operand, value)
    extra = len(whole.shape) - len(target.shape)
    if extra < 0:       # stored into a place of fewer axes: those in front are of length 1
        inner = builder.symbol(operand)[(0,) * -extra].operand
        return unbroadcast(builder, gradient, whole, inner, value)[(None,) * -extra]
    summed = []
    for axis, length_ in enumerate(target.shape, extra):
        if whole.shape[axis].parts <= length_.parts:
            continue
        one = scope.is_one(length_)
        if one is None:
            return _at_run_time(builder, gradient, whole, operand, value)
        if one and scope.is_one(whole.shape[axis]) is not True:
            summed.append(axis)
    return _sum(builder, gradient, whole, extra, summed, value)


def _sum(builder, gradient, whole, extra, summed, value):
    """Sum over the first `extra` axes and, keeping them, over `summed`.

    An axis that the gradient does not have counts as often as it is long; `value` is the
    result itself, for lengths that only it has.
    """
    missing = len(whole.shape) - gradient.ndim
    shape = gradient.kind.shape

    def pending(axis):
        return axis < missing or builder.scope.is_one(shape[axis - missing]) is True \
            and builder.scope.is_one(whole.shape[axis]) is not True

    for axis in [*range(extra), *summed]:
        if pending(axis):
            known = whole.shape[axis]
            if known.value is not None and expressible(builder, known):
                gradient = gradient * builder.symbol(length(builder, known))
            else:
                gradient = gradient * builder.symbol(builder.emit(Form("attr", "shape"), (value,)))[axis]
    kept = tuple(a - missing for a in summed if not pending(a))
    if kept:
        gradient = gradient.sum(axis=kept[0] if len(kept) == 1 else kept, keepdims=True)
    first = tuple(range(max(extra - missing, 0)))
    if first:
        if len(first) == gradient.ndim:
            return gradient.sum()
        gradient = gradient.sum(axis=first[0] if len(first) == 1 else first)
    return gradient


def _reaches(builder, kind, operand, whole):
    """Whether the gradient and its operand broadcast to the shape `whole`: no axis is missing that has to be summed."""
    target = as_array(kind_of_operand(operand), builder.scope)
    if kind.shape is None or target.shape is None or whole.shape is None:
        return kind.shape is None or kind.rank != 0 or whole.rank == 0
    for axis in range(1, len(whole.shape) + 1):
        want = whole.shape[-axis]
        ends = [shape[-axis] for shape in (kind.shape, target.shape) if len(shape) >= axis]
        if builder.scope.is_one(want) is not True and not want.parts <= frozenset().union(*(n.parts for n in ends)) \
                and not any(builder.scope.is_one(n) is False for n in ends):
            return False
    return True


def _at_run_time(builder, gradient, whole, operand, value):
    """The text's last resort: a helper that compares shapes when it runs."""
    if value is not None and not _reaches(builder, gradient.kind, operand, whole):
        # One number that stands for a whole array, or for an axis of it: it counts as often as that is long.
        shape = builder.symbol(builder.emit(Form("attr", "shape"), (value,)))
        gradient = gradient._call(np.broadcast_to, (gradient, shape), {})
    builder.externals.setdefault("@unbroadcast", support.unbroadcast)
    shape = shape_of(builder, operand)
    operands = (gradient.operand, shape.operand)
    found = builder.symbol(builder.emit(Form("call", "@unbroadcast"), operands))
    kind = as_array(kind_of_operand(operand), builder.scope)
    if isinstance(found.operand, Value):
        found.operand.kind = Kind("array" if kind.rank != 0 else "number", gradient.kind.dtype, kind.shape)
    return found
