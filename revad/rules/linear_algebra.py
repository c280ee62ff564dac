"""Linear algebra: inverse, determinant, solve, norm and trace.

Formulas: Giles, Collected matrix derivative results for forward and reverse mode (2008).

>>> import numpy as np
>>> det(2.0, 1.0, np.diag([1.0, 2.0]))
array([[2., 0.],
       [0., 1.]])
"""
import numpy as np

from ..gates import adjoint
from ..kinds import Kind, array, promote
from ..lengths import axes as axes_of
from ..lengths import floating, literal, same
from .products import swap
from .axes import spread


def _stacked_number(bound):
    kind = same(bound)
    return Kind("array", "d") if kind.shape is None else array(kind.shape[:-2], floating(kind.dtype))


def _float_kind(bound):
    kind = same(bound)
    return kind._replace(dtype=floating(kind.dtype))


@adjoint(np.linalg.inv, kind=_float_kind, hint="inverse")
def inv(y, dy, a):
    return -swap(y) @ dy @ swap(y)


def expanded(d, a):
    """A number for each matrix of a stack, to multiply the matrices."""
    return d if a.ndim == 2 else d[..., None, None]


@adjoint(np.linalg.det, kind=_stacked_number)
def det(y, dy, a):
    return expanded(dy * y, a) * swap(np.linalg.inv(a))


def _pair(bound):
    number = _stacked_number(bound)
    return Kind("tuple", items=(number, number))


@adjoint(np.linalg.slogdet, kind=_pair)
def slogdet(y, dy, a):
    """The sign is constant."""
    return expanded(dy[1], a) * swap(np.linalg.inv(a))


def _solution(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.rank != 2 or b.rank not in (1, 2):
        return Kind("array", floating(promote(a, b)))
    return b._replace(dtype=floating(promote(a, b)), tag="array")


@adjoint(np.linalg.solve, kind=_solution)
def solve(y, dy, a, b):
    db = np.linalg.solve(swap(a), dy)
    da = -np.outer(db, y) if y.ndim == 1 else -db @ swap(y)
    return da, db


def _norm(bound):
    kind = bound.kind("x")
    if kind.shape is None:
        return Kind("array", floating(kind.dtype))
    reduced = axes_of(bound, kind.rank)
    if bound.has("keepdims") and bound.static("keepdims"):
        shape = [literal(1) if i in reduced else n for i, n in enumerate(kind.shape)]
    else:
        shape = [n for i, n in enumerate(kind.shape) if i not in reduced]
    return array(shape, floating(kind.dtype))


@adjoint(np.linalg.norm, kind=_norm, lazy=True, hint="norm")
def norm(y, dy, x, ord=None, axis=None, keepdims=False):
    """Vector norms, and the Frobenius norm of matrices; at 0 the gradient is 0."""
    matrix = axis is None and x.ndim == 2 or isinstance(axis, tuple) and len(axis) == 2
    top = spread(y, x, axis, keepdims)
    above = spread(dy, x, axis, keepdims)
    if ord is None or ord == "fro" or ord == 2 and not matrix:
        return x * (above / np.where(top == 0, 1, top))
    if matrix:
        raise NotImplementedError(f"np.linalg.norm of matrices with ord={ord!r}")
    if ord == 1:
        return np.sign(x) * above
    if ord in (float("inf"), float("-inf")):
        mask = np.abs(x) == top
        ties = mask.sum() if axis is None else mask.sum(axis=axis, keepdims=True)
        return np.sign(x) * mask * (above / ties)
    return np.sign(x) * (np.abs(x) / np.where(top == 0, 1, top))**(ord - 1) * above
