"""Statistics: covariances, correlations, running extremes and choices by number.

>>> import numpy as np
>>> cov(np.eye(2), np.eye(2), np.array([[1.0, 3.0], [2.0, 2.0]]))[0]
array([[-2.,  2.],
       [ 0.,  0.]])
>>> running_extreme(np.array([1.0, 1.0, 3.0]), np.ones(3), np.array([1.0, 0.0, 3.0]))
array([2., 0., 1.])
"""
from typing import Any, NamedTuple

import numpy as np

from ...builder.symbols import as_one_array
from ...ir.nodes import Lit
from ...types.kinds import INTEGERS, Kind, array, literal, promote
from ...types.registry import adjoint
from ...types.shape_rules import as_array, broadcast, dtype_of, same
from ..axes import at, call, fitted, placed, refuse, settled
from .take import rows_of


def _between_rows(bound):
    kind = bound.kind(bound.gate.arrays[0])
    dtype = "d" if kind.dtype in INTEGERS else promote(kind, kind._replace(dtype="d"))
    rows = bound.static("rowvar") if bound.has("rowvar") else True
    if bound.has("y") and not _is_nothing(bound, "y"):
        return array((literal(2), literal(2)), dtype) if kind.rank == bound.kind("y").rank == 1 \
            else Kind("array", dtype)
    if kind.shape is None or kind.rank > 2:
        return Kind("array", dtype)
    if kind.rank < 2:
        return array((), dtype)
    count = kind.shape[0 if rows else 1]
    is_alone = bound.scope.is_one(count)        # one row gives a number
    return Kind("array", dtype) if is_alone is None else array(() if is_alone else (count, count), dtype)


def _is_nothing(bound, name):
    return isinstance(bound.operands[name], Lit) and bound.operands[name].value is None


class _Rows(NamedTuple):
    """The rows less their means: of one matrix, or of two vectors one below the other."""

    centred: Any
    axis: int           # along which a row lies
    count: Any          # of observations
    is_pair: bool

    def products(self, d):
        """The gradient of the rows, where d is that of their products with one another."""
        both = d + d.T
        return both @ self.centred if self.axis == 1 else self.centred @ both

    def apart(self, gradient):
        """The gradients of the arrays."""
        return (gradient[0], gradient[1]) if self.is_pair else (gradient, None)


def _rows(name, m, y, rowvar, **others):
    for key, value in others.items():
        if hasattr(value, "ndim") or settled(value) is not None:
            refuse(f"np.{name} with {key}=", "revad has a rule without it",
                   "Weigh or convert the array first.")
    if y is not None:
        if m.ndim != 1 or y.ndim != 1:
            refuse(f"np.{name} of two arrays", "revad has a rule for two of one axis each",
                   "Put their rows into one array, with np.vstack.")
        c = call(np.stack, (m - m.mean(), y - y.mean()))
        return _Rows(c, 1, m.shape[0], True)
    if m.ndim > 2 or m.ndim == 0:
        refuse(f"np.{name} of an array of {m.ndim} axes", "it takes one or two", "Reshape the array first.")
    if m.ndim == 1:
        return _Rows(m - m.mean(), 1, m.shape[0], False)
    axis = 1 if settled(rowvar) else 0
    return _Rows(m - m.mean(axis=axis, keepdims=True), axis, m.shape[axis], False)


def _degrees(rows, bias, ddof):
    """What the products are divided by."""
    less = settled(ddof) if settled(ddof) is not None else 0 if settled(bias) else 1
    return rows.count - less if less else rows.count


def _tangent_of_cov(z, dm, dy, m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None,
                    dtype=None):
    rows = _rows("cov", m, y, rowvar, fweights=fweights, aweights=aweights, dtype=dtype)
    moved = _moved("cov", dm, dy, m, y)
    count = _degrees(rows, bias, ddof)
    if z.ndim == 0:
        return 2 * (rows.centred * moved).sum() / count
    once = moved @ rows.centred.T if rows.axis == 1 else moved.T @ rows.centred
    return (once + once.T) / count


def _moved(name, dm, dy, m, y):
    """The tangent of the rows."""
    if y is None:
        return dm
    dm, dy = (0 * x if d is None else d for d, x in ((dm, m), (dy, y)))
    return call(np.stack, (dm, dy))


@adjoint(np.cov, arrays=("m", "y"), kind=_between_rows, tangent=_tangent_of_cov)
def cov(z, dz, m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, dtype=None):
    """Each row less its mean is multiplied with all the others: the gradient is a product with them again."""
    rows = _rows("cov", m, y, rowvar, fweights=fweights, aweights=aweights, dtype=dtype)
    count = _degrees(rows, bias, ddof)
    if z.ndim == 0:
        return 2 * dz * rows.centred / count, None
    return rows.apart(rows.products(dz) / count)


def _units(rows):
    """(the rows divided by their lengths, the lengths)."""
    length = np.sqrt((rows.centred**2).sum(axis=rows.axis, keepdims=True))
    return rows.centred / length, length


def _tangent_of_corrcoef(z, dx, dy, x, y=None, rowvar=True, bias=None, ddof=None, dtype=None):
    rows = _rows("corrcoef", x, y, rowvar, dtype=dtype)
    if z.ndim == 0:
        return 0.0
    moved = _moved("corrcoef", dx, dy, x, y)
    moved = moved - moved.mean(axis=rows.axis, keepdims=True)
    unit, length = _units(rows)
    dunit = (moved - unit * (unit * moved).sum(axis=rows.axis, keepdims=True)) / length
    once = dunit @ unit.T if rows.axis == 1 else dunit.T @ unit
    return once + once.T


@adjoint(np.corrcoef, arrays=("x", "y"), kind=_between_rows, tangent=_tangent_of_corrcoef)
def corrcoef(z, dz, x, y=None, rowvar=True, bias=None, ddof=None, dtype=None):
    """As of a covariance of the rows that have been divided by their lengths."""
    rows = _rows("corrcoef", x, y, rowvar, dtype=dtype)
    if z.ndim == 0:
        return np.zeros_like(x), None
    unit, length = _units(rows)
    dunit = rows._replace(centred=unit).products(dz)
    return rows.apart((dunit - unit * (dunit * unit).sum(axis=rows.axis, keepdims=True)) / length)


def _running(bound):
    kind = same(bound)
    if bound.has("dtype"):
        kind = kind._replace(dtype=dtype_of(bound, otherwise=kind.dtype))
    return kind if kind.shape is not None and kind.rank else Kind("array", kind.dtype)


def _places(y, array, axis):
    """Where the extreme so far stands, for each element."""
    if array.ndim == 0:
        refuse("accumulate of a number", "NumPy rejects it", "Give it an array.", TypeError)
    n = call(np.arange, array.shape[axis], like=array)
    n = n[(slice(None), *(None,) * (array.ndim - 1 - axis))] if array.ndim > axis + 1 else n
    before, after = at(axis, slice(None, -1)), at(axis, slice(1, None))
    place = np.where(y[after] != y[before], n[1:], 0)
    start = call(np.zeros_like, y[at(axis, slice(None, 1))], like=y).astype(int)
    places = call(np.maximum.accumulate, call(np.concatenate, (start, place), axis), axis, like=array)
    # Integers that are differentiated compute in float.
    return places.astype(int) if hasattr(places, "kind") and places.kind.dtype not in INTEGERS else places


def _running_tangent(y, da, array, axis=0, dtype=None, out=None):
    axis = settled(axis) % array.ndim if array.ndim else 0
    return np.take_along_axis(da, _places(y, array, axis), axis)


@adjoint(np.maximum.accumulate, np.minimum.accumulate, arrays=("array",), kind=_running, hint="extreme",
         tangent=_running_tangent)
def running_extreme(y, dy, array, axis=0, dtype=None, out=None):
    """The gradient goes to the first element that is the extreme so far."""
    if settled(dtype) is not None:
        refuse("accumulate with dtype=", "revad has a rule for arrays as they are",
               "Convert the array first.")
    axis = settled(axis) % array.ndim if array.ndim else 0
    return placed(dy, array, rows_of(array, _places(y, array, axis), axis))


def _chosen(bound):
    choices = bound.raw("choices")
    if choices.tag in ("list", "tuple"):
        parts = [as_array(item, bound.scope) for item in choices.items]
    else:
        choices = bound.kind("choices")
        if not choices.shape:
            return Kind("array", choices.dtype)
        parts = [array(choices.shape[1:], choices.dtype)]
    if any(part.shape is None for part in parts) or bound.kind("a").shape is None:
        return Kind("array", promote(*parts))
    shape = broadcast(bound.scope, [bound.kind("a").shape, *(part.shape for part in parts)])
    return array(shape, promote(*parts)) if shape else Kind("array", promote(*parts))


@adjoint(np.choose, arrays=("a", "choices"), containers=True, kind=_chosen)
def choose(y, dy, a, choices, out=None, mode="raise"):
    """The gradient goes to the choice with the number."""
    if settled(mode) != "raise":
        refuse(f"np.choose with mode={settled(mode)!r}", "revad has a rule for mode='raise'",
               "Bring the numbers into the range first.")
    if not isinstance(choices, (list, tuple)) and choices.kind.tag not in ("list", "tuple"):
        refuse("np.choose from an array", "revad has a rule for a list of choices",
               "Make it a list, or take the elements with a subscript.")
    if getattr(getattr(a, "kind", None), "tag", "") in ("list", "tuple"):
        a = as_one_array(a)
    # np.choose again: numbers that there is no choice for are rejected by NumPy itself.
    numbers = range(len(choices))
    return None, [fitted(call(np.choose, a, tuple(dy if at == number else 0.0 for at in numbers)), choice)
                  for number, choice in enumerate(choices)]
