"""Places: what np.take and its kin require of the places that they take.

>>> from ...types.kinds import Kind, static
>>> _least_length(static(2)), _least_length(static(-3)), _least_length(Kind("array", "l"))
(3, 3, 0)
"""
from __future__ import annotations

from ...types.kinds import literal
from ...types.refusals import Refusal
from ...types.requirements import fail, operand_text, require_length, requires
from ...types.shape_rules import broadcast, product


@requires("take_along_axis")
def take_along_axis(bound):
    kind, indices = bound.kind("arr"), bound.kind("indices")
    axis = bound.static("axis") if bound.has("axis") else -1
    if kind.shape is None or indices.shape is None or not isinstance(axis, int):
        return
    if kind.rank != indices.rank:
        return fail(bound.scope, "take_along_axis", "the arrays differ in their number of axes")
    for i, (n, m) in enumerate(zip(kind.shape, indices.shape)):
        if kind.rank and i != axis % kind.rank:
            broadcast(bound.scope, [(n,), (m,)])


@requires("take")
def take(bound):
    kind, indices = bound.kind("a"), bound.raw("indices")
    axis = bound.static("axis")
    if (kind.shape is None or bound.has("mode")
            or axis is not None and not (isinstance(axis, int) and -kind.rank <= axis < kind.rank)):
        return
    length = (product(kind.shape) if kind.shape else literal(1)) if axis is None else kind.shape[axis]
    least = _least_length(indices)
    # Where an axis before this one has length 0, NumPy does not look at the place.
    before = kind.shape[:axis % kind.rank] if axis is not None else ()
    if before and least and length.value is not None:
        if length.value < least and 0 in (n.value for n in before):
            raise Refusal("call of take", "it takes nothing, at a place that the array does not have",
                          "Take it only where the array has elements.")
        if length.value >= least and not length.exact:
            bound.scope.rely(f"{operand_text(length)} >= {least}")
    inside(bound.scope, length, indices, "take")


def inside(scope, length, index, what):
    """Require constant subscripts to be inside an axis."""
    least = _least_length(index)
    if least:
        require_length(scope, length, least, what)


def _least_length(index):
    """The length that an axis must have for constant subscripts; 0 where none is constant."""
    items = index.items if index.tag in ("tuple", "list") else (index,)
    numbers = [item.known.value for item in items
               if item.known is not None and item.known.exact and type(item.known.value) is int]
    return max(max(numbers) + 1, -min(numbers)) if numbers else 0
