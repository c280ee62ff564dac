"""Matrix tangents: declarations of forward mode for decompositions, systems and products of many factors.

Formulas: those of the adjoints, see `numpy.decompositions` and `scipy.linalg`, read forward.

>>> import numpy as np
>>> pinv(np.array([[0.5]]), np.array([[1.0]]), np.array([[2.0]]))
array([[-0.25]])
"""
import sys

import numpy as np

from .axes import at_least, call, positive, settled, spread, total
from .numpy.decompositions import identity
from .numpy.matmul import swap
from .tangents import added, no_tangent, of_module, solve as solve_general, tangent


@tangent
def qr(y, da, a, mode="reduced"):
    q, r = y[0], y[1]
    if settled(mode) != "reduced" or r.kind.shape[-1].text != r.kind.shape[-2].text:
        no_tangent("np.linalg.qr of a wide matrix, or with another mode")
    right = swap(np.linalg.solve(swap(r), swap(da)))
    inner = swap(q) @ right
    below = np.tril(inner, -1)
    upper = inner - below + swap(below)
    return right - q @ upper, upper @ r


def _one_triangle(da, is_hermitian):
    """The tangent of a matrix, of which NumPy reads the lower triangle if it is Hermitian."""
    if not is_hermitian:
        return da
    lower = np.tril(da, -1)
    return lower + swap(lower) + da * identity(da)


@tangent
def pinv(y, da, a, rcond=None, hermitian=False):
    """Valid where the rank is locally constant."""
    if settled(hermitian):
        a, da = _one_triangle(a, True), _one_triangle(da, True)
    up, y_t = swap(da), swap(y)
    left, right = y @ (y_t @ up), (up @ y_t) @ y
    return (left - (left @ a) @ y) + (right - y @ (a @ right)) - y @ da @ y


@tangent
def svd(y, da, a, full_matrices=True, compute_uv=True, hermitian=False):
    """Singular values must be distinct where singular vectors are used."""
    options = (True, True) if settled(hermitian) else ()
    da = _one_triangle(da, settled(hermitian))
    if not settled(compute_uv):
        return _of_values(call(np.linalg.svd, a, False, *options), da)
    u, s, v = y[0], y[1], swap(y[2])
    if settled(full_matrices) and not a.builder.scope.relied_equal(u.kind.shape[-1], y[2].kind.shape[-1]):
        no_tangent("np.linalg.svd with full_matrices=True")
    eye = identity(u)
    apart = (1 - eye) / (s[..., None, :]**2 - s[..., :, None]**2 + eye)
    inner = swap(u) @ da @ v
    along_rows, along_columns = s[..., None, :], s[..., :, None]
    left = apart * (inner * along_rows + along_columns * swap(inner))
    right = apart * (along_columns * inner + swap(inner) * along_rows)
    outside_u = (da @ v - u @ inner) / along_rows
    outside_v = (swap(da) @ u - v @ swap(inner)) / along_rows
    return (u @ left + outside_u, np.diagonal(inner, axis1=-2, axis2=-1), swap(v @ right + outside_v))


def _of_values(parts, da):
    return np.diagonal(swap(parts[0]) @ da @ swap(parts[2]), axis1=-2, axis2=-1)


@tangent
def svdvals(y, dx, x):
    return _of_values(call(np.linalg.svd, x, False), dx)


@tangent
def lstsq(y, da, db, a, b, rcond=None):
    """For a tall matrix of full rank; the squares that are left have a tangent where there are any."""
    rows, columns = (n.value for n in a.kind.shape)
    if rows is None or columns is None or rows < columns:
        no_tangent("np.linalg.lstsq of a wide matrix")
    a.builder.scope.guards.setdefault(f"({a.kind.shape[0].text}) >= ({a.kind.shape[1].text})")
    x, inverse = y[0], np.linalg.pinv(a)
    change = added(db, None if da is None else -(da @ x))
    residual = b - a @ x
    dx = inverse @ change
    if da is not None:
        dx = dx + inverse @ (swap(inverse) @ (swap(da) @ residual))
    squares = None
    if at_least(a, 0, columns + 1):
        squares = (2 * residual * change).sum(axis=0, keepdims=b.ndim == 1)
    return dx, squares, None, None if da is None else _of_values(call(np.linalg.svd, a, False), da)


@tangent
def multi_dot(y, tangents, arrays, out=None):
    """The product so far and its tangent, factor by factor."""
    product = dproduct = None
    for factor, dfactor in zip(arrays, tangents):
        if product is None:
            product, dproduct = factor, dfactor
            continue
        dproduct = added(None if dproduct is None else dproduct @ factor,
                         None if dfactor is None else product @ dfactor)
        product = product @ factor
    return dproduct


@tangent
def cumprod(y, da, a, axis=None, dtype=None, out=None):
    """Correct also where elements are zero: see the adjoint, of which the second zero matters later, too."""
    if a.ndim == 0:
        return da
    x, axis = a, settled(axis)
    if axis is None:
        x, da, axis = (a, da, 0) if a.ndim == 1 else (a.reshape(-1), da.reshape(-1), 0)
    zero = x == 0
    zeros = zero.cumsum(axis=axis)
    dy = y * (np.where(zero, 0, da) / np.where(zero, 1, x)).cumsum(axis=axis)
    for number in (1, 2):
        left_out = zero & (zeros == number)
        dy = dy + (np.where(left_out, da, 0).cumsum(axis=axis)
                   * np.where(left_out, 1, x).cumprod(axis=axis))
    return dy


@tangent
def partition(y, da, a, kth, axis=-1, kind="introselect", order=None):
    """Sorting shows which element of the argument each of the result is."""
    axis = settled(axis)
    if axis is None or a.ndim == 1:
        flat, da = (a, da) if a.ndim == 1 else (a.reshape(-1), da.reshape(-1))
        return da[flat.argsort()[y.argsort().argsort()]]
    axis, = positive(axis, a.ndim)
    ranks = np.argsort(np.argsort(y, axis=axis), axis=axis)
    return np.take_along_axis(np.take_along_axis(da, np.argsort(a, axis=axis), axis), ranks, axis)


@tangent
def average(y, da, dweights, a, axis=None, weights=None, returned=False, keepdims=False):
    """Weights with fewer axes lie along the axes that are averaged."""
    if settled(returned):
        no_tangent("np.average with returned=True")
    keywords = {} if settled(axis) is None else {"axis": axis}
    if settled(keepdims):
        keywords["keepdims"] = True
    if weights is None:
        return None if da is None else da.mean(**keywords)
    if a.ndim == 0 and weights.ndim == 0:
        return da
    axes = positive(axis, a.ndim)
    if list(axes) != sorted(axes):
        no_tangent("np.average with axes in another order")
    if weights.ndim != a.ndim:
        key = tuple(slice(None) if i in axes else None for i in range(a.ndim))
        weights, dweights = weights[key], None if dweights is None else dweights[key]
    product = added(None if da is None else da * weights,
                    None if dweights is None else (a - spread(y, a, axis, keepdims)) * dweights)
    all_weights = total(weights, axis) if settled(keepdims) else weights.sum(**keywords)
    return product.sum(**keywords) / all_weights


@tangent
def arange(y, dstart, dstep, start=0, stop=None, step=1, dtype=None):
    """Each element is start + i * step."""
    along_step = None if dstep is None else dstep * call(np.arange, y.shape[0])
    return added(dstart, along_step)


# ---- SciPy


def _scipy():
    """The module, which the program has imported."""
    return sys.modules["scipy.linalg"]


def _options(*options):
    if any(settled(option) for option in options):
        no_tangent("overwrite_a of scipy.linalg")


def _solve(y, da, db, a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True,
           assume_a=None, transposed=False):
    _options(overwrite_a, overwrite_b)
    if settled(assume_a) not in (None, "gen") or settled(transposed):
        no_tangent("scipy.linalg.solve of a special matrix")
    return solve_general(y, da, db, a, b)


def _solve_triangular(y, da, db, a, b, trans=0, lower=False, unit_diagonal=False, overwrite_b=False,
                      check_finite=True):
    _options(overwrite_b)
    turned, unit, low = settled(trans) not in (0, "N"), bool(settled(unit_diagonal)), bool(settled(lower))
    if da is not None:
        side = np.tril if low else np.triu
        da = side(da, -1 if low else 1) if unit else side(da)
        da = -((swap(da) if turned else da) @ y)
    return call(_scipy().solve_triangular, a, added(db, da), 1 if turned else 0, low, unit)


def _cholesky(y, da, a, lower=False, overwrite_a=False, check_finite=True):
    """It reads one triangle: the upper one, or the lower one if `lower`."""
    _options(overwrite_a)
    is_lower = settled(lower)
    half = np.tril(da, -1) if is_lower else np.triu(da, 1)
    factor = y if is_lower else swap(y)
    inverse, eye = np.linalg.inv(factor), identity(y)
    inner = inverse @ (half + swap(half) + da * eye) @ swap(inverse)
    dfactor = factor @ (np.tril(inner, -1) + inner * (eye / 2))
    return dfactor if is_lower else swap(dfactor)


def _expm(y, da, A):
    return call(_scipy().expm_frechet, swap(A), swap(da))[1].T


def _sqrtm(y, da, A, disp=True, blocksize=64):
    return call(_scipy().solve_sylvester, swap(y), swap(y), swap(da)).T


for _rule in (_solve, _solve_triangular, _cholesky, _expm, _sqrtm):
    of_module("scipy.linalg", _rule)
