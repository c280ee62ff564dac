"""Decompositions: Cholesky, QR, eigenvalues, singular values, pseudo-inverse and least squares.

Formulas: Walter and Lehmann, Algorithmic differentiation of linear algebra functions (2010);
Townsend, Differentiating the singular value decomposition (2016); Golub and Pereyra (1973).

>>> import numpy as np
>>> cholesky(np.diag([2.0, 1.0]), np.eye(2), None)
array([[0.25, 0.  ],
       [0.  , 0.5 ]])
"""
import numpy as np

from ...types.kinds import INT, Kind, array, promote
from ...types.registry import adjoint
from ...types.shape_rules import floating
from ..axes import absent, call, refuse, settled
from .linalg import float_kind
from .matmul import swap


def identity(x):
    """The identity that multiplies the last axis of x."""
    return call(np.eye, x.shape[-1])


def symmetric(g):
    return (g + swap(g)) / 2


def read_triangle(g, triangle):
    """The part of a symmetric gradient on the triangle that NumPy reads, with the other one added to it."""
    side, step = (np.tril, -1) if settled(triangle).upper() == "L" else (np.triu, 1)
    return side(g) + side(g, step)


@adjoint(np.linalg.cholesky, kind=float_kind)
def cholesky(y, dy, a, upper=False):
    """NumPy reads the triangle that it returns."""
    if settled(upper):
        return read_triangle(symmetric(cholesky_of_all(swap(y), swap(dy))), "U")
    return read_triangle(symmetric(cholesky_of_all(y, dy)), "L")


def cholesky_of_all(y, dy):
    """The gradient of the full matrix, as if every element were read."""
    inverse, product = np.linalg.inv(y), swap(y) @ dy
    lower = np.tril(product, -1) + product * (identity(y) / 2)
    return swap(inverse) @ lower @ inverse


def _eigen(bound):
    kind = float_kind(bound)
    values = kind if kind.shape is None else array(kind.shape[:-1], kind.dtype)
    return Kind("tuple", items=(values, kind), keys=("eigenvalues", "eigenvectors"))


@adjoint(np.linalg.eigh, arrays=("a",), kind=_eigen)
def eigh(y, dy, a, UPLO="L"):
    """NumPy reads one triangle; eigenvalues must be distinct where eigenvectors are used."""
    w, v = y[0], y[1]
    inner = None if absent(dy[0]) else dy[0][..., None, :] * identity(v)
    if not absent(dy[1]):
        eye = identity(v)
        turned = swap(v) @ dy[1] * ((1 - eye) / (w[..., None, :] - w[..., :, None] + eye))
        inner = turned if inner is None else inner + turned
    return read_triangle(symmetric(v @ inner @ swap(v)), UPLO)


@adjoint(np.linalg.eigvalsh, arrays=("a",), kind=lambda b: _eigen(b).items[0])
def eigvalsh(y, dy, a, UPLO="L"):
    v = call(np.linalg.eigh, a, *(() if settled(UPLO).upper() == "L" else (UPLO,)))[1]
    return read_triangle((v * dy[..., None, :]) @ swap(v), UPLO)


def _shorter(bound, kind):
    """The smaller side of a matrix, by a guard; a square matrix counts as tall."""
    rows, columns = kind.shape[-2:]
    if rows.text == columns.text:
        return rows
    if rows.value is None or columns.value is None:
        return None
    if not (rows.exact and columns.exact):
        bound.scope.guards.setdefault(f"({rows.text}) {'<' if rows.value < columns.value else '>='} "
                                      f"({columns.text})")
    return rows if rows.value < columns.value else columns


def _singular(bound):
    kind = float_kind(bound)
    short = _shorter(bound, kind) if kind.shape else None
    if short is None:
        values, left, right = (Kind("array", kind.dtype),) * 3
    else:
        *batch, rows, columns = kind.shape
        full = bool(bound.static("full_matrices"))
        values = array((*batch, short), kind.dtype)
        left = array((*batch, rows, rows if full else short), kind.dtype)
        right = array((*batch, columns if full else short, columns), kind.dtype)
    return (Kind("tuple", items=(left, values, right), keys=("U", "S", "Vh"))
            if bound.static("compute_uv") else values)


@adjoint(np.linalg.svd, arrays=("a",), kind=_singular)
def svd(y, dy, a, full_matrices=True, compute_uv=True, hermitian=False):
    """Singular values must be distinct where singular vectors are used.

    Of a Hermitian matrix one triangle is read.
    """
    if settled(hermitian):
        return read_triangle(symmetric(_of_factors(y, dy, a, full_matrices, compute_uv, (True, True))), "L")
    return _of_factors(y, dy, a, full_matrices, compute_uv, ())


def _of_factors(y, dy, a, full_matrices, compute_uv, options):
    if not settled(compute_uv):
        parts = call(np.linalg.svd, a, False, *options)
        return (parts[0] * dy[..., None, :]) @ parts[2]
    if not absent(dy[0]) or not absent(dy[2]):
        if (settled(full_matrices)
                and not a.builder.scope.relied_equal(y[0].kind.shape[-1], y[2].kind.shape[-1])):
            refuse("np.linalg.svd with full_matrices=True",
                   "the columns that complete a basis have no gradient",
                   "Use full_matrices=False.")
        return _vectors(y, dy)
    if settled(full_matrices):
        parts = call(np.linalg.svd, a, False, *options)
        return (parts[0] * dy[1][..., None, :]) @ parts[2]
    return (y[0] * dy[1][..., None, :]) @ y[2]


def _vectors(y, dy):
    u, s, v = y[0], y[1], swap(y[2])
    du, dv = dy[0], swap(dy[2])
    eye = identity(u)
    apart = (1 - eye) / (s[..., None, :]**2 - s[..., :, None]**2 + eye)
    left, right = swap(u) @ du, swap(v) @ dv
    inner = apart * (left - swap(left)) * s[..., None, :] + s[..., :, None] * (apart * (right - swap(right)))
    inner = inner + dy[1][..., None, :] * eye
    outside_u = (du - u @ left) / s[..., None, :]
    outside_v = (dv - v @ right) / s[..., None, :]
    return (u @ inner + outside_u) @ swap(v) + u @ swap(outside_v)


def _singular_values(bound):
    kind = float_kind(bound)
    short = None if kind.shape is None else _shorter(bound, kind)
    return Kind("array", kind.dtype) if short is None else array((*kind.shape[:-2], short), kind.dtype)


@adjoint(*([np.linalg.svdvals] if hasattr(np.linalg, "svdvals") else []), arrays=("x",),
         kind=_singular_values)
def svdvals(y, dy, x):
    parts = call(np.linalg.svd, x, False)
    return (parts[0] * dy[..., None, :]) @ parts[2]


def _factors(bound):
    kind = float_kind(bound)
    mode = bound.static("mode")
    parts = (Kind("array", kind.dtype),) * 2
    if kind.shape and mode in ("reduced", "complete"):
        *batch, rows, columns = kind.shape
        short = _shorter(bound, kind) if mode == "reduced" else rows
        parts = array((*batch, rows, short), kind.dtype), array((*batch, short, columns), kind.dtype)
    return Kind("tuple", items=parts, keys=("Q", "R"))


@adjoint(np.linalg.qr, arrays=("a",), kind=_factors)
def qr(y, dy, a, mode="reduced"):
    q, r = y[0], y[1]
    if settled(mode) != "reduced" or r.kind.shape[-1].text != r.kind.shape[-2].text:
        refuse("np.linalg.qr of a wide matrix, or with another mode",
               "revad has a rule for tall matrices and mode='reduced'", "Factor the transpose.")
    product = r @ swap(dy[1]) - swap(dy[0]) @ q
    both = np.tril(product) + swap(np.tril(product, -1))
    return swap(np.linalg.solve(r, swap(dy[0] + q @ both)))


def _pseudo(bound):
    kind = float_kind(bound)
    return kind._replace(shape=kind.shape and (*kind.shape[:-2], kind.shape[-1], kind.shape[-2]))


@adjoint(np.linalg.pinv, arrays=("a",), kind=_pseudo)
def pinv(y, dy, a, rcond=None, hermitian=False):
    """Valid where the rank is locally constant; of a Hermitian matrix one triangle is read."""
    if settled(hermitian):
        if a.kind.shape:
            rows, columns = a.kind.shape[-2:]
            if rows.value != columns.value:     # NumPy takes one without elements
                refuse("np.linalg.pinv with hermitian=True", "its matrix is not square",
                       "Leave hermitian out.")
            a.builder.scope.guards.setdefault(f"({rows.text}) == ({columns.text})")
        a = np.tril(a) + swap(np.tril(a, -1))
        return read_triangle(symmetric(pinv(y, dy, a)), "L")
    up, y_t = swap(dy), swap(y)
    left, right = up @ (y @ y_t), (y_t @ y) @ up
    return (left - a @ (y @ left)) + (right - (right @ y) @ a) - y_t @ dy @ y_t


def _least_squares(bound):
    a, b = bound.kind("a"), bound.kind("b")
    dtype = floating(promote(a, b))
    solution = (Kind("array", dtype) if a.rank != 2 or b.shape is None
                else array((a.shape[1], *b.shape[1:]), dtype))
    return Kind("tuple", items=(solution, Kind("array", dtype), INT, Kind("array", dtype)))


@adjoint(np.linalg.lstsq, arrays=("a", "b"), kind=_least_squares)
def lstsq(y, dy, a, b, rcond=None):
    """The adjoint of the solution, for a tall matrix of full rank."""
    if not absent(dy[1]) or not absent(dy[3]):
        refuse("np.linalg.lstsq", "its residuals and singular values have no gradient here",
               "Compute them from the solution: ((b - a @ x)**2).sum(axis=0).")
    rows, columns = (n.value for n in a.kind.shape)
    if rows is None or columns is None or rows < columns:
        refuse("np.linalg.lstsq of a wide matrix", "revad has a rule for tall ones",
               "Use np.linalg.pinv(a) @ b.")
    a.builder.scope.guards.setdefault(f"({a.kind.shape[0].text}) >= ({a.kind.shape[1].text})")
    x, inverse = y[0], np.linalg.pinv(a)
    db = inverse.T @ dy[0]
    residual = b - a @ x
    if b.ndim == 1:
        return np.outer(residual, inverse @ db) - np.outer(db, x), db
    return residual @ (inverse @ db).T - db @ x.T, db

