"""Shape rules: the kinds of results, from the kinds of operands, by NumPy's shape rules.

Each function here takes a `Bound`, the operands of one gate by parameter name, and returns
the Kind of the result.  Gates name the one that fits them (`kind=reduction`).

>>> from .scope import Scope
>>> a = Kind("array", "f", (Known(5, "x.shape[0]", False, True), Known(3, "x.shape[1]", False, True)))
>>> b = Kind("array", "d", (Known(3, "b.shape[0]", False, True),))
>>> [n.text for n in broadcast(Scope({}, {}, "f"), (a.shape, b.shape))]
['x.shape[0]', 'x.shape[1]']
"""
from __future__ import annotations

import numpy as np

from ..ir.nodes import Lit
from .dims import factor
from .kinds import (
    INTEGERS,
    Kind,
    Known,
    array,
    broadcast_length,
    floating,
    is_stored_list,
    joint_dtype,
    literal,
    number,
    promote,
    static,
    unknown_length,
)
from .refusals import Refusal
from .requirements import operand_text, require_equal
from .scope import Unknown

LARGE = {**dict.fromkeys("?bhi", "l"), **dict.fromkeys("BHI", "L")}     # the dtypes of sums of small integers


def kind_of_operand(operand) -> Kind:
    return static(operand.value) if isinstance(operand, Lit) else operand.kind


class Bound:
    """The operands of one gate by parameter name, for kind rules."""

    __slots__ = ("scope", "gate", "operands")

    def __init__(self, scope, gate, operands):
        self.scope, self.gate, self.operands = scope, gate, operands

    def has(self, name):
        return name in self.operands

    def kind(self, name) -> Kind:
        """The kind of an array operand: a list of numbers counts as the array that NumPy converts it to."""
        operand = self.operands.get(name)
        if operand is None:
            return static(self.gate.default(name))
        return as_array(kind_of_operand(operand), self.scope)

    def raw(self, name) -> Kind:
        operand = self.operands.get(name)
        if isinstance(operand, tuple):
            return Kind("tuple", items=tuple(map(kind_of_operand, operand)))
        return static(self.gate.default(name)) if operand is None else kind_of_operand(operand)

    def static(self, name):
        """The value of a setting, which becomes a guard; raises Unknown."""
        return static_value(self.raw(name), self.scope)

    def lengths(self, name):
        """The lengths in a shape argument, or None if even their number is unknown."""
        kind = self.raw(name)
        if kind.tag == "number":
            return (kind.known or unknown_length(),)
        if kind.tag in ("tuple", "list"):
            if len(kind.items) == 1 and kind.items[0].tag in ("tuple", "list"):
                kind = kind.items[0]
            return tuple(item.known or unknown_length() for item in kind.items)
        return None


def static_value(kind, scope):
    if kind.tag in ("tuple", "list"):
        values = [static_value(item, scope) for item in kind.items]
        return tuple(values) if kind.tag == "tuple" else values
    if kind.known is None:
        raise Unknown
    return scope.static(kind.known)


def as_array(kind, scope) -> Kind:
    if kind.tag in ("tuple", "list"):
        items = [as_array(item, scope) for item in kind.items]
        if not items:
            return array((Known(0, "0", True, True),), "d")
        if any(item.shape is None for item in items):
            return Kind("array", "")
        shape = broadcast(scope, [item.shape for item in items])
        # In a list Python's numbers count as the arrays that they become, so they widen single precision.
        dtype = joint_dtype(*items)
        return array((literal(len(items)), *shape), dtype)
    if kind.tag == "stack":
        if kind.rank > 1 and not _has_rows(scope, kind.shape[0]):
            raise Refusal("list",
                          "it is empty, so that the array of it has no axes for those of its elements",
                          "Take the shape from the array that it is made of.")
        return array(kind.shape, kind.dtype)
    if not kind.numeric:
        return Kind("array", "", None)
    if is_stored_list(kind):
        return array(kind.shape, kind.dtype)
    return kind._replace(items=()) if kind.items else kind


def _has_rows(scope, length):
    """Whether a list is not empty, by a guard; a list of unknown length is assumed not to be."""
    if length.value is not None and not length.exact and length.value > 0:
        scope.rely(f"{operand_text(length)} >= 1")
    return length.value != 0


def broadcast(scope, shapes):
    """The shape that operands broadcast to; None where a rank is unknown."""
    if any(shape is None for shape in shapes):
        return None
    rank = max(map(len, shapes), default=0)
    result = []
    for axis in range(-rank, 0):
        lengths = [shape[axis] for shape in shapes if len(shape) >= -axis]
        result.append(_common(scope, lengths))
    return tuple(result)


def _common(scope, lengths):
    first = lengths[0]
    if all(length.text == first.text for length in lengths):
        return first
    unit = [scope.is_one(length) for length in lengths]
    several = [length for length, is_one in zip(lengths, unit) if is_one is False]
    if several:     # they are equal: the simplest is chosen, which does not grow from iteration to iteration
        require_equal(scope, *several, *(length for length, is_one in zip(lengths, unit) if is_one is None))
        return min(several, key=lambda length: (not length.exact, length.text.count("(")))
    undecided = [length for length, is_one in zip(lengths, unit) if is_one is None]
    if not undecided or all(scope.relied_equal(first, length) for length in lengths[1:]):
        return first
    require_equal(scope, *undecided)
    return broadcast_length(undecided)


# ---- elementwise ----

def _elementwise(bound, dtype):
    kinds = [bound.kind(name) for name in bound.gate.arrays or bound.gate.required if name in bound.operands]
    shape = broadcast(bound.scope, [kind.shape for kind in kinds])
    weak = all(kind.weak for kind in kinds) and shape == ()
    result_dtype = dtype(kinds)
    if bound.has("dtype"):
        result_dtype = dtype_of(bound)
    if shape == ():
        return number(result_dtype, weak)
    return Kind("array", result_dtype, shape)


def arithmetic(bound):
    return _elementwise(bound, lambda kinds: promote(*kinds))


def floats(bound):
    return _elementwise(bound, lambda kinds: floating(promote(*kinds)))


def quotient(bound):
    return _elementwise(bound, lambda kinds: floating(promote(*kinds))
                        if promote(*kinds) not in INTEGERS else "d")


def truth(bound):
    kinds = [bound.kind(name) for name, _ in bound.gate.parameters if name in bound.operands]
    shape = broadcast(bound.scope, [kind.shape for kind in kinds])
    return number("?", all(kind.weak for kind in kinds)) if shape == () else Kind("array", "?", shape)


def selection(bound):
    """np.where: the shape of all three, the dtype of the two."""
    kinds = [bound.kind(name) for name in ("condition", "x", "y")]
    return Kind("array", promote(*kinds[1:]), broadcast(bound.scope, [kind.shape for kind in kinds]))


def same(bound):
    """The kind of the first operand."""
    return bound.kind(bound.gate.parameters[0][0])


def dtype_of(bound, name="dtype", otherwise=""):
    try:
        value = bound.static(name)
    except Unknown:
        return ""
    return otherwise if value is None else np.dtype(value).char


# ---- reductions ----

def axes(bound, rank, name="axis"):
    """The reduced axes, as a tuple of non-negative numbers; None means all."""
    axis = bound.static(name)
    if axis is None:
        return tuple(range(rank))
    chosen = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(sorted(int(a) % rank if rank else 0 for a in chosen))


def reduce_shape(bound):
    shape = same(bound).shape
    if shape is None:
        if bound.static("axis") is None and not (bound.has("keepdims") and bound.static("keepdims")):
            return ()
        return None
    dropped = axes(bound, len(shape))
    if bound.has("keepdims") and bound.static("keepdims"):
        return tuple(literal(1) if i in dropped else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in dropped)


def reduction(bound):
    dtype = bound.kind(bound.gate.arrays[0]).dtype
    if bound.has("dtype"):
        dtype = dtype_of(bound, otherwise=dtype)
    return array(reduce_shape(bound), dtype)


def summation(bound):
    """Sums of truth values and of small integers are integers."""
    kind = reduction(bound)
    return kind if bound.has("dtype") else kind._replace(dtype=LARGE.get(kind.dtype, kind.dtype))


def mean_reduction(bound):
    kind = reduction(bound)
    # After a cast to integers the mean is no smooth function.
    cast = bound.has("dtype") and dtype_of(bound, otherwise="d") in INTEGERS
    return kind._replace(dtype="d") if kind.dtype in INTEGERS and not cast else kind


def counting(bound):
    return array(reduce_shape(bound), "l")


def cumulative(bound):
    kind = same(bound)
    kind = kind._replace(dtype=LARGE.get(kind.dtype, kind.dtype))
    if bound.has("dtype"):
        kind = kind._replace(dtype=dtype_of(bound, otherwise=kind.dtype))
    if kind.rank == 0 or bound.static("axis") is None and kind.rank != 1:
        return array((unknown_length() if kind.shape is None else product(kind.shape) if kind.shape
                      else literal(1),),
                     kind.dtype)
    return kind


# ---- shapes ----

def product(lengths):
    """The length of several axes flattened into one."""
    if len(lengths) == 1:
        return lengths[0]
    if any(n.value is None for n in lengths):
        return unknown_length()
    value = int(np.prod([n.value for n in lengths]))
    settled = all(n.unit and n.value != 1 or n.exact for n in lengths)
    if all(n.exact for n in lengths):
        return literal(value)
    return Known(value, " * ".join(factor(n.text) for n in lengths), False, settled)



def product_of_sizes(kind):
    """The product of a tuple of sizes, np.prod(x.shape[1:]), as a length; None for others."""
    sizes = [item.known for item in kind.items] if kind.tag == "tuple" else []
    if not sizes or any(n is None or type(n.value) is not int or n.value < 0 for n in sizes):
        return None
    return product(sizes)


def like_first(bound):
    kind = same(bound)
    return kind._replace(dtype=dtype_of(bound, otherwise=kind.dtype)) if bound.has("dtype") else kind


def new_like_first(bound):
    """np.zeros_like and its kin: an array, also for a number, with the shape given by `shape`, if any."""
    kind = like_first(bound)
    if bound.has("shape") and not (isinstance(bound.operands["shape"], Lit)
                                   and bound.operands["shape"].value is None):
        lengths = bound.lengths("shape")
        return Kind("array", kind.dtype, None if lengths is None else tuple(lengths))
    return as_new_array(kind)


def as_new_array(kind):
    """The kind of a new array; for a number, that of an array without axes."""
    return kind._replace(tag="array", weak=False, known=None) if kind.tag == "number" else kind
