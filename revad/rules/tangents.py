"""Tangents: what forward mode needs to know of functions that are not functions of each element.

LINEAR: the function is applied to the tangents, constants being zeros; MULTILINEAR: to one tangent after the
other; REDUCTION: each element belongs to one result, so that the gradient of the result gives the tangent;
OF_MATRICES: the same along the last two axes.
The others have a declaration `rule(y, tangents of the arrays, parameters)`, in which None stands for a
tangent that is zero; of functions with one number as result the gradient gives it.

>>> import numpy as np
>>> inv(np.array([[0.5]]), np.array([[1.0]]), np.array([[2.0]]))
array([[-0.25]])
"""
import numpy as np

from ..ir.nodes import Form
from .axes import at_least, call, refuse, settled
from .fused import along
from .numpy.arithmetic import literal_value
from .numpy.decompositions import identity
from .numpy.matmul import swap
from .numpy.take import interp as slopes_of_interp
from .numpy.take import polyval as slopes_of_polyval
from .python import _not_greater, _not_less

LINEAR, MULTILINEAR, REDUCTION, OF_MATRICES = "linear", "multilinear", "reduction", "of matrices"
# Linear functions of some of their arrays alone.
LINEAR_IN = {"gradient": ("f",), "select": ("choicelist", "default"),
             "choose": ("choices",), "compress": ("a",), "extract": ("arr",)}

_MODES = {
    LINEAR: """negative positive unbroadcast tril triu diag diagflat diagonal trace add_outer
        subtract_outer real concatenate stack hstack vstack dstack column_stack append linspace
        cumsum diff ediff1d flip fliplr flipud roll tile repeat rot90 sum add_reduce mean
        reshape ravel transpose mT swapaxes moveaxis expand_dims squeeze broadcast_to np_copy astype
        array_split block
        split hsplit vsplit dsplit array asarray asarray_chkfinite ascontiguousarray asfortranarray require
        atleast broadcast_arrays meshgrid take take_along_axis delete sliding_window_view as_strided
        method_reshape flatten method_transpose T copy item float unstack tolist fsum c r bincount gradient
        select choose compress extract""",
    MULTILINEAR: """matmul dot vdot inner outer multiply_outer kron cross tensordot einsum vecdot
        convolve correlate cross_of_three trapezoid""",
    REDUCTION: """multiply_reduce extreme_reduce nansum nanmean nanprod nanvar nanstd var std max min
        nanmax nanmin ptp prod median norm vector_norm log_sum_exp logsumexp quantile percentile""",
    OF_MATRICES: "det matrix_norm cond",
}
_MODE_OF = {name: mode for mode, names in _MODES.items() for name in names.split()}
# Gates whose names other gates have, too, by the module of their rules.
_APART = {**{("python", name): None for name in ("prod", "hypot", "dist")},
          ("python", "max"): lambda *parts: _chosen(_not_less, *parts),
          ("python", "min"): lambda *parts: _chosen(_not_greater, *parts),
          ("python", "sum"): LINEAR,
          ("scipy.linalg", "det"): None}
_RULES = {}


def declaration(gate):
    """LINEAR, MULTILINEAR, REDUCTION, the rule of a declaration, or None."""
    if gate.tangent is not None:
        return gate.tangent
    module = getattr(gate.rule, "__module__", "") or ""
    if not module.startswith("revad.rules."):
        return None
    key = module.removeprefix("revad.rules."), gate.name
    return _APART[key] if key in _APART else _RULES.get(gate.name) or _MODE_OF.get(gate.name)


def no_tangent(what):
    """Refuse what reverse mode takes and forward mode does not."""
    refuse(what, "revad has no tangent for it in forward mode", "Use grad or vjp, which go in reverse.")


def tangent(rule):
    """Declare the tangent of the gate with the rule's name."""
    _RULES[rule.__name__.rstrip("_")] = rule
    return rule


def of_module(module, rule):
    """Declare the tangent of a gate whose name another gate has, too, by the module of its adjoint."""
    _APART[module, rule.__name__.strip("_")] = rule


def added(*terms):
    """The sum of the terms that are not zero."""
    total = None
    for term in terms:
        if term is not None:
            total = term if total is None else total + term
    return total


@tangent
def add(z, dx, dy, x, y):
    return added(dx, dy)


@tangent
def subtract(z, dx, dy, x, y):
    return dx if dy is None else -dy if dx is None else dx - dy


@tangent
def multiply(z, dx, dy, x, y):
    if dx is not None and getattr(x, "operand", x) is getattr(y, "operand", y):
        return 2 * x * dx
    return added(None if dx is None else dx * y, None if dy is None else x * dy)


@tangent
def divide(z, dx, dy, x, y):
    if dy is None:
        return dx / y
    if dx is None:
        return -z**2 * dy if literal_value(x) == 1 else -z * dy / y
    return (dx - z * dy) / y


@tangent
def divmod(z, dx, dy, x, y):
    return None, added(dx, None if dy is None else -z[0] * dy)


@tangent
def where(z, dcondition, dx, dy, condition, x=None, y=None):
    return np.where(condition, 0.0 if dx is None else dx, 0.0 if dy is None else dy)


def _chosen(comes_first, y, tangents, arguments, default=None):
    """The tangent of the first of two numbers that Python chooses, at 0 that of 0; None for other calls."""
    if len(arguments) > 1 and any(argument.kind.rank is None for argument in arguments):
        no_tangent("max or min of what may have axes")
    if len(arguments) != 2 or any(argument.kind.tag != "number" for argument in arguments):
        return REDUCTION
    (a, b), (da, db) = arguments, tangents
    sides = [0.0 if side is None else side for side in (da, db)]
    return a.builder.symbol(a.builder.emit(Form("ifexp"), (
        comes_first(a, b, literal_value(b) == 0).operand, *map(a.builder.operand, sides))))


@tangent
def full(y, dshape, dvalue, shape, fill_value, dtype=None, order="C"):
    return _of_filling(y, dvalue)


@tangent
def full_like(y, da, dvalue, a, fill_value, dtype=None, order="K", subok=True, shape=None):
    return _of_filling(y, dvalue)


def _of_filling(y, dvalue):
    """What fills may have more axes than the array, of length 1."""
    extra = 0 if dvalue is None else dvalue.ndim - y.ndim
    return dvalue[(0,) * extra] if extra > 0 else dvalue


@tangent
def softmax(y, dx, x, axis=None):
    return y * (dx - along(y * dx, axis))


@tangent
def log_softmax(y, dx, x, axis=None):
    return dx - along(np.exp(y) * dx, axis)


@tangent
def pad(y, da, dvalues, array, pad_width, mode="constant", constant_values=0, reflect_type="even"):
    mode = settled(mode)
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap") or settled(reflect_type) != "even":
        no_tangent("np.pad in this mode")
    if dvalues is not None:
        return np.pad(0 * array if da is None else da, pad_width, mode, constant_values=dvalues)
    return np.pad(da, pad_width, mode)


@tangent
def interp(y, dx, dxp, dfp, dleft, dright, x, xp, fp, left=None, right=None):
    if dxp is not None or dfp is not None and (left is not None or right is not None) \
            or dleft is not None or dright is not None:
        no_tangent("np.interp with active xp, left or right")
    along_x = None if dx is None else slopes_of_interp(y, 1.0, x, xp, fp, left, right)[0]
    return added(None if along_x is None else along_x * dx, None if dfp is None else np.interp(x, xp, dfp))


@tangent
def polyval(y, dp, dx, p, x):
    if p.ndim != 1:
        no_tangent("np.polyval of several polynomials")
    along_x = None if dx is None or at_least(p, 0, 2) is False else slopes_of_polyval(y, 1.0, p, x)[1] * dx
    return added(None if dp is None else np.polyval(dp, x), along_x)


@tangent
def matrix_power(y, da, a, n):
    n, total = settled(n), None
    if n < 0:
        a = np.linalg.inv(a)
        da = -(a @ da @ a)
    for before in range(abs(n)):
        term = da
        for power, is_left in ((before, True), (abs(n) - 1 - before, False)):
            if power:
                factor = a if power == 1 else np.linalg.matrix_power(a, power)
                term = factor @ term if is_left else term @ factor
        total = added(total, term)
    return total


@tangent
def cholesky(y, da, a, upper=False):
    """NumPy reads the triangle that it returns."""
    if settled(upper):
        no_tangent("np.linalg.cholesky with upper=True")
    inverse, lower, eye = np.linalg.inv(y), np.tril(da, -1), identity(y)
    inner = inverse @ (lower + swap(lower) + da * eye) @ swap(inverse)
    return y @ (np.tril(inner, -1) + inner * (eye / 2))


def _in_eigenvectors(da, v, UPLO):
    """The tangent of a symmetric matrix, of which NumPy reads one triangle, in its eigenvectors."""
    half = np.tril(da, -1) if settled(UPLO).upper() == "L" else np.triu(da, 1)
    return swap(v) @ (half + swap(half) + da * identity(v)) @ v


@tangent
def eigh(y, da, a, UPLO="L"):
    w, v = y[0], y[1]
    inner, eye = _in_eigenvectors(da, v, UPLO), identity(v)
    apart = w[..., None, :] - w[..., :, None] + eye
    return (np.diagonal(inner, axis1=-2, axis2=-1), v @ (inner * ((1 - eye) / apart)))


@tangent
def eigvalsh(y, da, a, UPLO="L"):
    v = call(np.linalg.eigh, a, *(() if settled(UPLO).upper() == "L" else (UPLO,)))[1]
    return np.diagonal(_in_eigenvectors(da, v, UPLO), axis1=-2, axis2=-1)


@tangent
def slogdet(y, da, a):
    return (None, np.trace(np.linalg.solve(a, da), axis1=-2, axis2=-1))


@tangent
def inv(y, da, a, overwrite_a=False, check_finite=True):
    return -(y @ da @ y)


@tangent
def sort(y, da, a, axis=-1, kind=None, order=None, stable=None):
    axis = settled(axis)
    if a.ndim == 0:
        return da
    if axis is None:
        return da.reshape(-1)[np.argsort(a.reshape(-1))]
    return np.take_along_axis(da, np.argsort(a, axis=axis), axis)


@tangent
def solve(y, da, db, a, b, *options):
    """Of a x = b: a dx = db - da x."""
    if a.ndim != 2 and y.ndim != a.ndim:
        no_tangent("np.linalg.solve of several vectors")
    right = added(db, None if da is None else -(da @ y))
    return np.linalg.solve(a, right)
