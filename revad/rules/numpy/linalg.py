"""Linear algebra: inverse, determinant, solve, powers, norms.

Formulas: Giles, Collected matrix derivative results for forward and reverse mode (2008).

>>> import numpy as np
>>> det(2.0, 1.0, np.diag([1.0, 2.0]))
array([[2., 0.],
       [0., 1.]])
"""
import numpy as np

from ...builder.symbols import as_one_array
from ...types.kinds import NUMPY_1, Kind, array, magnitude, number, promote
from ...types.registry import adjoint, nondifferentiable
from ...types.shape_rules import as_array, broadcast, floating, mean_reduction, same
from ..axes import at_least, call, fitted, positive, refuse, settled, spread, total
from .matmul import swap


def _ranks(bound):
    shape = bound.kind("A").shape
    return number("l") if shape is None or len(shape) <= 2 else array(shape[:-2], "l")


nondifferentiable(np.linalg.matrix_rank, parameters="A tol= hermitian= rtol=", kind=_ranks)


def stacked_number(bound):
    kind = same(bound)
    return Kind("array", "d") if kind.shape is None else array(kind.shape[:-2], floating(kind.dtype))


def float_kind(bound):
    kind = same(bound)
    return kind._replace(dtype=floating(kind.dtype))


@adjoint(np.linalg.inv, kind=float_kind, hint="inverse")
def inv(y, dy, a):
    return -swap(y) @ dy @ swap(y)


def expanded(d, a):
    """A number for each matrix of a stack, to multiply the matrices."""
    return d if a.ndim == 2 else d[..., None, None]


@adjoint(np.linalg.det, kind=stacked_number)
def det(y, dy, a):
    """The matrix of cofactors; that of a singular matrix has a formula, and a text, of its own."""
    if hasattr(a, "builder"):
        a.builder.scope.has_determinants = True
        if a.builder.scope.singular:
            return expanded(dy, a) * cofactors(a)
    return expanded(dy * y, a) * swap(np.linalg.inv(a))


def cofactors(a):
    """The cofactors of matrices of any rank: of each pair of singular vectors the product of the other
    singular values, with the sign of the rotations.

    >>> cofactors(np.array([[1.0, 2.0], [2.0, 4.0]])).round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """
    u, s, v = singular_vectors(a)
    # Not np.eye of a length: the cache of a forward pass has what the text with the inverse reads, no more.
    unit = np.triu(np.tril(np.ones_like(a)))
    others = np.where(unit, 1, s[..., None]).prod(axis=-2, keepdims=True)
    return expanded(np.linalg.det(u @ v), a) * (u * others @ v)


def _pair(bound):
    number = stacked_number(bound)
    return Kind("tuple", items=(number, number), keys=("sign", "logabsdet"))


@adjoint(np.linalg.slogdet, kind=_pair)
def slogdet(y, dy, a):
    """The sign is constant."""
    return expanded(dy[1], a) * swap(np.linalg.inv(a))


def solution_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    dtype = floating(promote(a, b))
    if not a.shape or not b.shape or b.rank == 1 and a.rank != 2 or _are_vectors(a.rank, b.rank):
        return Kind("array", dtype)
    if b.rank == 1:
        return Kind("array", dtype, b.shape)
    batch = broadcast(bound.scope, (a.shape[:-2], b.shape[:-2]))
    return Kind("array", dtype, (*batch, *b.shape[-2:]))


def _are_vectors(rank, other):
    """Whether NumPy 1 takes the right sides for several vectors, which NumPy 2 takes for matrices."""
    return NUMPY_1 and rank > 2 and other == rank - 1


@adjoint(np.linalg.solve, arrays=("a", "b"), kind=solution_kind)
def solve(y, dy, a, b):
    if _are_vectors(a.ndim, b.ndim):
        refuse("np.linalg.solve of several vectors", "NumPy 2 takes them for matrices",
               "Give each an axis of length 1: b[..., None].")
    db = np.linalg.solve(swap(a), dy)
    if y.ndim == 1:
        return -np.outer(db, y), db
    return fitted(-db @ swap(y), a), fitted(db, b)


@adjoint(np.linalg.matrix_power, arrays=("a",), kind=float_kind)
def matrix_power(y, dy, a, n):
    """One term for each factor."""
    n = settled(n)
    if n == 0:
        return None
    if n > 12 or n < -12:
        refuse(f"np.linalg.matrix_power with n={n}", "revad writes out up to 12 factors",
               "Use repeated squaring.")
    base = a if n > 0 else np.linalg.inv(a)
    powers = [None, base]
    for _ in range(abs(n) - 2):
        powers.append(powers[-1] @ base)
    dpower = None
    for i in range(abs(n)):
        left, right = powers[i], powers[abs(n) - 1 - i] if i < abs(n) - 1 else None
        term = dy if left is None else swap(left) @ dy
        term = term if right is None else term @ swap(right)
        dpower = term if dpower is None else dpower + term
    return dpower if n > 0 else -swap(base) @ dpower @ swap(base)


def _chain(bound):
    kinds = [as_array(item, bound.scope) for item in bound.raw("arrays").items]
    if not kinds or any(kind.rank not in (1, 2) for kind in kinds):
        return Kind("array", "")
    return array((*kinds[0].shape[:-1], *kinds[-1].shape[1:]), promote(*kinds))


@adjoint(np.linalg.multi_dot, arrays=("arrays",), kind=_chain, containers=True)
def multi_dot(y, dy, arrays, out=None):
    factors, g = [as_one_array(factor) if factor.kind.tag in ("list", "tuple") else factor
                  for factor in arrays], dy
    if any(factor.ndim not in (1, 2) for factor in factors):
        refuse("np.linalg.multi_dot of stacks or numbers",
               "revad has a rule for matrices and vectors", "Use @.")
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    if first and last:
        refuse("np.linalg.multi_dot from vector to vector",
               "revad has a rule with one vector at most", "Use @.")
    if first:
        factors[0] = factors[0][None]
    if last:
        factors[-1] = factors[-1][:, None]
    if first or last:
        g = dy[None] if first else dy[:, None]
    gradients = []
    for i in range(len(factors)):
        part = g
        for left in factors[:i]:
            part = left.T @ part
        for right in factors[:i:-1]:
            part = part @ right.T
        gradients.append(part[0] if first and i == 0 else part[:, 0]
                         if last and i == len(factors) - 1 else part)
    return (gradients,)


def norm_kind(bound):
    return magnitude(mean_reduction(bound)._replace(dtype=floating(bound.kind("x").dtype)))


@adjoint(np.linalg.norm, kind=norm_kind, lazy=True, hint="norm")
def norm(y, dy, x, ord=None, axis=None, keepdims=False):
    """Vector norms, and norms of a matrix; at 0 the gradient is 0."""
    ord, axis = settled(ord), settled(axis)
    if x.ndim == 0:
        return dy * np.sign(x)
    axes = positive(axis, x.ndim)
    if ord is not None and ord != "fro" and len(axes) == 2:
        if axes[0] > axes[1] and ord not in ("nuc", 2, -2):      # rows and columns are swapped
            ord = {1: np.inf, -1: -np.inf, np.inf: 1, -np.inf: -1}.get(ord, ord)
        return matrix_norm_gradient(y, dy, x, ord, keepdims)
    return vector_norm_gradient(y, dy, x, ord, axis, keepdims)


def vector_norm_gradient(y, dy, x, ord, axis, keepdims):
    """The adjoint of the norm of all elements along the axes."""
    if ord is None or ord == "fro" or ord == 2:
        return x * spread(dy / (y + (y == 0)), x, axis, keepdims)
    above = spread(dy, x, axis, keepdims)
    if ord == 1:
        return np.sign(x) * above
    top = spread(y, x, axis, keepdims)
    if ord in (float("inf"), float("-inf")):
        mask = np.abs(x) == top
        return np.sign(x) * mask * (above / total(mask, axis))
    if not isinstance(ord, (int, float)) or ord <= 0:
        refuse(f"np.linalg.norm with ord={ord!r}", "it has no gradient", "Use a positive order.")
    return np.sign(x) * (np.abs(x) / (top + (top == 0)))**(ord - 1) * above


def matrix_norm_gradient(y, dy, x, ord, keepdims):
    """Norms of one matrix by its columns, its rows or its singular values."""
    if x.ndim != 2 or keepdims:
        refuse(f"np.linalg.norm of stacked matrices with ord={ord!r}", "revad has a rule for one matrix",
               "Use the default order, or take the matrices one by one.")
    if ord in ("nuc", 2):
        if (not (at_least(x, 0, 1) and at_least(x, 1, 1)) and hasattr(x, "kind")
                and all(n.value is not None for n in x.kind.shape)):
            return np.zeros_like(x)
        u, _, v = singular_vectors(x)
        return dy * (u @ v) if ord == "nuc" else dy * np.outer(u[:, 0], v[0])
    if ord not in (1, -1, float("inf"), float("-inf")):
        refuse(f"np.linalg.norm of a matrix with ord={ord!r}", "revad has no rule for it",
               "Use 'fro', 'nuc', 1, 2 or inf.")
    sums = np.abs(x).sum(axis=0 if ord in (1, -1) else 1)
    mask = sums == y
    share = dy / mask.sum() * mask
    return np.sign(x) * (share if ord in (1, -1) else share[:, None])


def singular_vectors(x):
    parts = call(np.linalg.svd, x, False)
    return parts[0], parts[1], parts[2]
