"""The array API's names in np.linalg, and NumPy 2's, for functions with a rule under an older name.

They differ in their axes: `np.linalg.trace` and its kin take the last two, `vector_norm` all that it is
given, in one. NumPy 1 has none of them but `cond`.

>>> import numpy as np
>>> vecdot(np.float64(11.0), 2.0, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
(array([6., 8.]), array([2., 4.]))
"""
import numpy as np

from ...types.kinds import INT, Kind, array, joint_dtype, literal, magnitude
from ...types.registry import adjoint, elementwise, nondifferentiable
from ...types.shape_rules import arithmetic, broadcast
from ..axes import call, fitted, refuse, settled, spread
from . import diagonals
from .linalg import expanded, matrix_norm_gradient, norm_kind, stacked_number, vector_norm_gradient


def named(*paths):
    """The functions of NumPy with these names that this version has."""
    owners = {"linalg": np.linalg, "": np}
    pairs = [(owners[path.rpartition(".")[0]], path.rpartition(".")[2]) for path in paths]
    return [getattr(owner, name) for owner, name in pairs if hasattr(owner, name)]


def _along(axis):
    """The subscript that restores an axis that was counted from the end."""
    return (Ellipsis, None, *(slice(None),) * (-1 - axis))


def _vecdot_kind(bound):
    a, b, axis = bound.kind("x1"), bound.kind("x2"), bound.static("axis")
    shape = broadcast(bound.scope, (a.shape, b.shape))
    if not a.shape or not b.shape or axis >= 0:
        return Kind("array", joint_dtype(a, b))
    return array([n for i, n in enumerate(shape) if i != len(shape) + axis], joint_dtype(a, b))


@adjoint(*named("linalg.vecdot", "vecdot"), arrays=("x1", "x2"), kind=_vecdot_kind)
def vecdot(y, dy, x1, x2, axis=-1):
    """Products summed along an axis that is counted from the end, as the ranks may differ."""
    axis = settled(axis)
    if axis >= 0:
        refuse("np.vecdot with an axis counted from the front", "of unlike ranks it is another axis in each",
               "Count it from the end.")
    above = dy if y.ndim == 0 else dy[_along(axis)]
    return fitted(above * x2, x1), fitted(above * x1, x2)


@adjoint(*named("linalg.vector_norm"), kind=norm_kind, lazy=True, hint="norm")
def vector_norm(y, dy, x, axis=None, keepdims=False, ord=2):
    """The norm of all elements along the axes, however many axes that are."""
    if x.ndim == 0:
        return dy * np.sign(x)
    return vector_norm_gradient(y, dy, x, settled(ord), settled(axis), keepdims)


def _matrix_norm_kind(bound):
    kind = stacked_number(bound)
    if kind.shape is None or not bound.static("keepdims"):
        return kind
    return array((*kind.shape, literal(1), literal(1)), kind.dtype)


@adjoint(*named("linalg.matrix_norm"), kind=_matrix_norm_kind, hint="norm")
def matrix_norm(y, dy, x, keepdims=False, ord="fro"):
    """Along the last two axes; at 0 the gradient is 0."""
    if settled(ord) == "fro":
        return x * spread(dy / (y + (y == 0)), x, (-2, -1), settled(keepdims))
    return matrix_norm_gradient(y, dy, x, settled(ord), settled(keepdims))


@adjoint(np.linalg.cond, kind=stacked_number)
def cond(y, dy, x, p=None):
    """The largest singular value over the smallest, or with p=-2 the other way round."""
    if settled(p) not in (None, 2, -2):
        refuse(f"np.linalg.cond with p={settled(p)!r}",
               "revad has a rule for the quotient of singular values",
               "Write np.linalg.norm(x, p) * np.linalg.norm(np.linalg.inv(x), p).")
    u, s, v = call(np.linalg.svd, x, False)
    first, last = (0, -1) if settled(p) != -2 else (-1, 0)
    above = expanded(dy / s[..., last], x)

    def outer(i):
        return u[..., :, i][..., :, None] * v[..., i, :][..., None, :]
    return above * (outer(first) - expanded(y, x) * outer(last))


@adjoint(*named("linalg.trace"), kind=stacked_number)
def trace(y, dy, x, offset=0):
    return diagonals.trace(y, dy, x, offset, -2, -1)


def _diagonal_kind(bound):
    kind = bound.kind("x")
    if kind.shape is None:
        return kind
    *batch, rows, columns = kind.shape
    return array([*batch, diagonals.diagonal_length(rows, columns, bound.static("offset"))], kind.dtype)


@adjoint(*named("linalg.diagonal"), arrays=("x",), kind=_diagonal_kind)
def diagonal(y, dy, x, offset=0):
    return diagonals.diagonal(y, dy, x, offset, -2, -1)


def _parts_kind(bound):
    kind = bound.kind("x")
    if kind.shape is None:
        return Kind("tuple")
    shape = list(kind.shape)
    length = shape.pop(bound.static("axis"))
    if length.value is None:
        return Kind("unknown")
    return Kind("tuple", items=(array(shape, kind.dtype),) * bound.scope.static(length))


def _outer_kind(bound):
    a, b = bound.kind("x1"), bound.kind("x2")
    if a.shape is None or b.shape is None:
        return Kind("array", joint_dtype(a, b))
    return array((*a.shape, *b.shape), joint_dtype(a, b))


@adjoint(*named("linalg.outer"), arrays=("x1", "x2"), kind=_outer_kind)
def outer(y, dy, x1, x2):
    """Of vectors only."""
    return dy @ x2, x1 @ dy


def _real_part(bound):
    """Of Python's truth values an integer."""
    kind = magnitude(bound.kind("val"))
    return INT if kind.weak and kind.dtype == "?" else kind


@adjoint(np.real, np.real_if_close, method=".real", arrays=("val",), kind=_real_part)
def real(y, dy, val):
    """Real numbers are their own real part."""
    return dy


@elementwise(np.conjugate, kind=arithmetic)
@elementwise(method=("conj", "conjugate"), kind=arithmetic)     # of a real array the array itself
def conjugate(y, x):
    return 1


nondifferentiable(np.imag, method=".imag", parameters="val", kind=_real_part)


@adjoint(*named("unstack"), arrays=("x",), kind=_parts_kind)
def unstack(y, dy, x, axis=0):
    axis, parts = settled(axis), list(dy)
    if not parts:
        return call(np.zeros, x.shape)      # an axis of length 0
    return np.stack(parts, axis=axis) if axis else np.stack(parts)
