"""scipy.linalg: the rules of scipy.linalg, declared once the program has imported it.

Formulas: as in linear_algebra and decompositions; Higham, Functions of Matrices (2008), for exp and the
square root.

>>> matrices.__name__
'matrices'
"""
import numpy as np

from ...types.registry import adjoint, when_imported
from ...types.shape_rules import mean_reduction
from ..axes import call, refuse, settled
from ..numpy import decompositions, linalg
from ..numpy.decompositions import read_triangle, symmetric
from ..numpy.linalg import float_kind, solution_kind, stacked_number
from ..numpy.matmul import swap


@when_imported("scipy.linalg")
def matrices(module):
    _systems(module)
    _factors(module)
    _functions(module)


def _refuse_overwriting(*options):
    if any(settled(option) for option in options):
        refuse("overwrite_a of scipy.linalg", "the backward pass may need what it destroys", "Leave it out.")


def _systems(sc):
    @adjoint(sc.inv, kind=float_kind, hint="inverse")
    def inv(y, dy, a, overwrite_a=False, check_finite=True):
        _refuse_overwriting(overwrite_a)
        return linalg.inv(y, dy, a)

    @adjoint(sc.det, kind=stacked_number)
    def det(y, dy, a, overwrite_a=False, check_finite=True):
        _refuse_overwriting(overwrite_a)
        return linalg.det(y, dy, a)

    @adjoint(sc.solve, kind=solution_kind)
    def solve(y, dy, a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True,
              assume_a=None, transposed=False):
        _refuse_overwriting(overwrite_a, overwrite_b)
        if settled(assume_a) not in (None, "gen") or settled(transposed):
            refuse("scipy.linalg.solve of a special matrix", "revad has a rule for general ones",
                   "Leave assume_a and transposed out.")
        return linalg.solve(y, dy, a, b)

    @adjoint(sc.solve_triangular, kind=solution_kind)
    def solve_triangular(y, dy, a, b, trans=0, lower=False, unit_diagonal=False, overwrite_b=False,
                         check_finite=True):
        _refuse_overwriting(overwrite_b)
        turned, unit, low = settled(trans) not in (0, "N"), bool(settled(unit_diagonal)), bool(settled(lower))
        db = call(sc.solve_triangular, a, dy, 0 if turned else 1, low, unit)
        left, right = (y, db) if turned else (db, y)
        da = -np.outer(left, right) if y.ndim == 1 else -left @ swap(right)
        side = np.tril if low else np.triu
        return (side(da, -1 if low else 1) if unit else side(da)), db


def _factors(sc):
    @adjoint(sc.cholesky, kind=float_kind)
    def cholesky(y, dy, a, lower=False, overwrite_a=False, check_finite=True):
        """It reads one triangle: the upper one, or the lower one if `lower`."""
        _refuse_overwriting(overwrite_a)
        if settled(lower):
            return decompositions.cholesky(y, dy, a)
        return read_triangle(symmetric(decompositions.cholesky_of_all(swap(y), swap(dy))), "U")


def _functions(sc):
    @adjoint(sc.norm, kind=lambda bound: _norm_kind(bound))
    def norm(y, dy, a, ord=None, axis=None, keepdims=False, check_finite=True):
        return linalg.norm(y, dy, a, ord, axis, keepdims)

    @adjoint(sc.expm, kind=float_kind)
    def expm(y, dy, A):
        return call(sc.expm_frechet, swap(A), dy)[1]

    @adjoint(sc.sqrtm, kind=float_kind, hint="root")
    def sqrtm(y, dy, A, disp=True, blocksize=64):
        return call(sc.solve_sylvester, swap(y), swap(y), dy)


def _norm_kind(bound):
    kind = mean_reduction(bound)
    return kind._replace(dtype=kind.dtype or "d")
