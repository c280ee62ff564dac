"""Ranks: what each function requires of the ranks of its operands, and of its axis arguments.

>>> from ...types.requirements import requirement_of
>>> requirement_of("transpose").__name__
'transpose'
"""
import numpy as np

from ...types.requirements import fail, require, requires
from ..axes import as_tuple

AXIS = getattr(np, "exceptions", np).AxisError


def axis_in(scope, axis, rank, what):
    """Require an axis that an array of that rank has."""
    if isinstance(axis, (bool, np.bool_)) or not hasattr(type(axis), "__index__"):
        return fail(scope, what, f"axis {axis!r} is not an integer", TypeError)
    if not -rank <= axis < rank:
        fail(scope, what, f"there is no axis {axis} among {rank}", AXIS)


def axes_in(scope, axes, rank, what):
    """Require several axes, none of them twice; None stands for all."""
    if axes is None:
        return
    axes = as_tuple(axes)
    for axis in axes:
        axis_in(scope, axis, rank, what)
    if len({axis % rank for axis in axes if rank and hasattr(type(axis), "__index__")}) < len(axes):
        fail(scope, what, "an axis comes twice", ValueError)


def rank_of(bound, name, least, raises=np.linalg.LinAlgError):
    """The kind of an operand, which is required to have so many axes; None where its shape is not known."""
    kind = bound.kind(name)
    if kind.shape is None:
        return None
    if kind.rank < least:
        fail(bound.scope, bound.gate.name, f"it needs an array with {least} axes or more", raises)
        return None
    return kind


# The `axis` of these functions is one of the result, of the pieces, or of something else.
OWN_AXIS = frozenset(("stack", "expand_dims", "concatenate", "append", "gradient", "sliding_window_view",
                      "squeeze", "cross", "interp"))


@requires("axis")
def axis(bound):
    """Require the setting `axis` to be an axis of the first operand."""
    gate = bound.gate
    if bound.has("keepdims") and isinstance(bound.static("keepdims"), str):
        fail(bound.scope, gate.name, "keepdims is True or False", TypeError)
    if gate.name in OWN_AXIS or "axis" not in gate.defaults or not bound.has("axis"):
        return
    kind = bound.kind(gate.parameters[0][0])
    if kind.shape is not None:      # a number counts as an array with one axis
        axes = bound.static("axis")
        if gate.name == "roll" and axes is not None:        # which may roll along one axis twice
            for single in as_tuple(axes):
                axis_in(bound.scope, single, kind.rank or 1, gate.name)
        else:
            axes_in(bound.scope, axes, kind.rank or 1, gate.name)


@requires("squeeze")
def squeeze(bound):
    kind, axis = bound.kind("a"), bound.static("axis")
    if not kind.rank or axis is None:
        return
    axes_in(bound.scope, axis, kind.rank, "squeeze")
    for i in as_tuple(axis):
        if -kind.rank <= i < kind.rank and bound.scope.is_one(kind.shape[i]) is False:
            fail(bound.scope, "squeeze", "an axis that is longer than 1 cannot be left out", ValueError)


@requires("expand_dims")
def expand_dims(bound):
    kind, axis = bound.kind("a"), bound.static("axis")
    if kind.shape is not None:
        axes_in(bound.scope, axis, kind.rank + len(as_tuple(axis)), "expand_dims")


@requires("swapaxes")
def swapaxes(bound):
    kind = rank_of(bound, "a", 1, AXIS)
    for name in ("axis1", "axis2") if kind else ():
        axis_in(bound.scope, bound.static(name), kind.rank, "swapaxes")


@requires("moveaxis")
def moveaxis(bound):
    kind = bound.kind("a")
    ends = [as_tuple(bound.static(name)) for name in ("source", "destination")]
    for axes in ends if kind.shape is not None else ():
        axes_in(bound.scope, axes, kind.rank, "moveaxis")
    if len(ends[0]) != len(ends[1]):
        fail(bound.scope, "moveaxis", "source and destination differ in length")


@requires("transpose", "method_transpose")
def transpose(bound):
    kind, axes = bound.kind("a"), bound.static("axes") if bound.has("axes") else None
    if isinstance(axes, tuple) and len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = axes[0]
    if kind.shape is None or axes is None or axes == () and bound.gate.name == "method_transpose":
        return
    axes_in(bound.scope, axes, kind.rank, "transpose")
    if len(as_tuple(axes)) != kind.rank:
        fail(bound.scope, "transpose", f"it is given {len(as_tuple(axes))} axes of {kind.rank}")


@requires("rot90")
def rot90(bound):
    kind = rank_of(bound, "m", 2, ValueError)
    axes = bound.static("axes") if bound.has("axes") else (0, 1)
    if kind is not None and len(as_tuple(axes)) == 2:
        axes_in(bound.scope, axes, kind.rank, "rot90")


@requires("flipud", "tril", "triu")
def one_axis(bound):
    rank_of(bound, bound.gate.parameters[0][0], 1, ValueError)


@requires("fliplr", "mT", "matrix_norm")
def two_axes(bound):
    rank_of(bound, bound.gate.parameters[0][0], 2, ValueError)


@requires("diag")
def diag(bound):
    kind = rank_of(bound, "v", 1, ValueError)
    if kind is not None and kind.rank > 2:
        fail(bound.scope, "diag", "it takes an array with one axis or two")


@requires("diagonal", "trace")
def diagonal(bound):
    kind = rank_of(bound, bound.gate.parameters[0][0], 2, ValueError)
    if kind is not None and "axis1" in bound.gate.defaults:     # those of np.linalg have no axes
        axes_in(bound.scope, (bound.static("axis1"), bound.static("axis2")), kind.rank, bound.gate.name)


@requires("split", "hsplit", "vsplit", "dsplit")
def split(bound):
    kind, parts = bound.kind("ary"), bound.static("indices_or_sections")
    axis = {"split": None, "hsplit": 1, "vsplit": 0, "dsplit": 2}[bound.gate.name]
    axis = bound.static("axis") if axis is None else axis
    if bound.gate.name == "hsplit" and kind.rank == 1:
        axis = 0
    if kind.shape is None:
        return
    if bound.gate.name != "split" and kind.rank < {"hsplit": 1, "vsplit": 2, "dsplit": 3}[bound.gate.name]:
        return fail(bound.scope, bound.gate.name, "the array has too few axes")
    axis_in(bound.scope, axis, kind.rank, bound.gate.name)
    if isinstance(parts, int) and -kind.rank <= axis < kind.rank:
        length = kind.shape[axis]
        if length.value is not None and not length.exact and parts > 0:
            require(bound.scope, length.value % parts == 0, f"({length.text}) % {parts} == 0", "split",
                    "the parts are not equally long")
        elif parts <= 0 or length.value is not None and length.value % parts:
            fail(bound.scope, "split", "the parts are not equally long")


@requires("norm")
def norm(bound):
    kind, axis = bound.kind(bound.gate.arrays[0]), bound.static("axis")
    if kind.shape is not None and (axis is None and kind.rank > 2 and bound.static("ord") is not None
                                   or isinstance(axis, tuple) and len(axis) > 2):
        fail(bound.scope, "norm", "it is that of a vector or of a matrix")
