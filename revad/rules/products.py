"""Products: dot, matmul and their kin, each rank with its own formula.

>>> import numpy as np
>>> a, b = np.ones((2, 3)), np.ones((3, 4))
>>> da, db = matmul(a @ b, np.ones((2, 4)), a, b)
>>> da.shape, db.shape
((2, 3), (3, 4))
"""
import operator

import numpy as np

from ..gates import adjoint
from ..kinds import Kind, array, promote
from ..lengths import broadcast


def _matmul_kind(bound, outer=False):
    a, b = (bound.kind(name) for name in bound.gate.arrays[:2])
    dtype = promote(a, b)
    if a.shape is None or b.shape is None:
        return Kind("array", dtype)
    if outer and (a.rank == 0 or b.rank == 0):
        return array(a.shape or b.shape, dtype)
    if a.rank == 0 or b.rank == 0:
        return Kind("array", dtype)
    rows = a.shape[-2:-1]
    columns = b.shape[-1:] if b.rank > 1 else ()
    if outer:
        return array((*a.shape[:-1], *b.shape[:-2], *columns), dtype)
    batch = broadcast(bound.scope, (a.shape[:-2], b.shape[:-2]))
    return array((*batch, *rows, *columns), dtype)


def swap(a):
    """The last two axes exchanged, as `.T` where there are no others."""
    return a.T if a.ndim == 2 else a.swapaxes(-1, -2)


@adjoint(np.matmul, operator.matmul, operator="@", kind=_matmul_kind, broadcasts=False, hint="p")
def matmul(z, dz, x1, x2):
    """Matrix product, with NumPy's meaning for 1-d and stacked operands."""
    ranks = x1.ndim, x2.ndim
    if ranks == (1, 1):
        return dz * x2, dz * x1
    if ranks == (1, 2):
        return dz @ x2.T, np.outer(x1, dz)
    if ranks == (2, 1):
        return np.outer(dz, x2), x1.T @ dz
    if ranks == (2, 2):
        return dz @ x2.T, x1.T @ dz
    if x2.ndim == 1:
        return dz[..., None] * x2, over_all(x1, dz)
    if x1.ndim == 1:
        return sum_leading((x2 * dz[..., None, :]).sum(axis=-1), 1), \
            to_rank(x1[:, None] * dz[..., None, :], x2)
    if x2.ndim == 2:
        return dz @ x2.T, np.tensordot(x1, dz, (tuple(range(x1.ndim - 1)), tuple(range(dz.ndim - 1))))
    return Batched(dz @ swap(x2), x1), Batched(swap(x1) @ dz, x2)


def over_all(x, dz):
    """Sum over every axis but the last of x."""
    axes = tuple(range(dz.ndim))
    return np.tensordot(dz, x, (axes, axes))


def sum_leading(g, rank):
    return g.sum(axis=tuple(range(g.ndim - rank))) if g.ndim > rank else g


def to_rank(g, x):
    return sum_leading(g, x.ndim)


def Batched(g, x):
    """The gradient of one operand of a stacked product, before unit stacks are summed."""
    if not hasattr(g, "builder"):
        return g
    from ..broadcasting import unbroadcast
    return unbroadcast(g.builder, g, g.kind, x.operand)


@adjoint(np.dot, method="dot", kind=lambda b: _matmul_kind(b, True), hint="p")
def dot(z, dz, a, b, out=None):
    if a.ndim == 0 and b.ndim == 0:
        return b * dz, a * dz
    if b.ndim == 0:
        return b * dz, (a * dz).sum()
    if a.ndim == 0:
        return (b * dz).sum(), a * dz
    if a.ndim <= 2 and b.ndim <= 2:
        found = matmul(z, dz, a, b)
        return tuple(as_dot(g) for g in found)
    shared = b.ndim - 2 if b.ndim > 1 else 0
    left, right = tuple(range(a.ndim - 1)), tuple(range(a.ndim - 1, dz.ndim))
    others = tuple(i for i in range(b.ndim) if i != shared)
    da = np.tensordot(dz, b, (right, others)) if others else dz[..., None] * b
    db = np.tensordot(a, dz, (left, left))
    return da, np.moveaxis(db, 0, shared) if shared else db


def as_dot(g):
    """A product written with @ as `.dot`, which is what the user wrote."""
    builder = getattr(g, "builder", None)
    stage = builder.definitions.get(g.operand) if builder else None
    if stage is None or stage.form.name != "@":
        return g
    left, right = (builder.symbol(operand) for operand in stage.operands)
    return left.dot(right)


@adjoint(np.vdot, kind=lambda b: _scalar(b), hint="p")
def vdot(z, dz, a, b):
    return (dz * b).reshape(a.shape), (dz * a).reshape(b.shape)


def _scalar(bound):
    from ..kinds import number
    return number(promote(bound.kind("a"), bound.kind("b")))


def _inner_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", promote(a, b))
    if a.rank == 0 or b.rank == 0:
        return array(a.shape or b.shape, promote(a, b))
    return array((*a.shape[:-1], *b.shape[:-1]), promote(a, b))


@adjoint(np.inner, kind=_inner_kind)
def inner(z, dz, a, b):
    if a.ndim == 0 or b.ndim == 0:
        return dot(z, dz, a, b)
    if a.ndim == b.ndim == 1:
        return dz * b, dz * a
    left, right = tuple(range(a.ndim - 1)), tuple(range(a.ndim - 1, dz.ndim))
    da = np.tensordot(dz, b, (right, tuple(range(b.ndim - 1)))) if right else dz[..., None] * b
    db = np.tensordot(dz, a, (left, left)) if left else dz[..., None] * a
    return da, db


def _outer_kind(bound):
    from ..lengths import product
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", promote(a, b))
    return array((product(a.shape) if a.shape else _one(), product(b.shape) if b.shape else _one()), promote(a, b))


def _one():
    from ..kinds import literal
    return literal(1)


@adjoint(np.outer, kind=_outer_kind)
def outer(z, dz, a, b, out=None):
    da = dz @ (b if b.ndim == 1 else b.reshape(-1))
    db = dz.T @ (a if a.ndim == 1 else a.reshape(-1))
    return fit(da, a), fit(db, b)


def fit(g, x):
    return g if x.ndim == 1 else g.sum() if x.ndim == 0 else g.reshape(x.shape)


def _tensordot_axes(axes, a, b):
    if isinstance(axes, int):
        return tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    left, right = axes
    left = (left,) if isinstance(left, int) else tuple(left)
    right = (right,) if isinstance(right, int) else tuple(right)
    return tuple(i % a.ndim for i in left), tuple(i % b.ndim for i in right)


class _Rank:
    def __init__(self, kind):
        self.ndim = kind.rank


def _tensordot_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", promote(a, b))
    left, right = _tensordot_axes(bound.static("axes"), _Rank(a), _Rank(b))
    free = [n for i, n in enumerate(a.shape) if i not in left] + [n for i, n in enumerate(b.shape) if i not in right]
    return array(free, promote(a, b))


@adjoint(np.tensordot, kind=_tensordot_kind)
def tensordot(z, dz, a, b, axes=2):
    left, right = _tensordot_axes(axes, a, b)
    free_a = tuple(i for i in range(a.ndim) if i not in left)
    free_b = tuple(i for i in range(b.ndim) if i not in right)
    k = len(free_a)
    da = np.tensordot(dz, b, (tuple(range(k, k + len(free_b))), free_b))
    db = np.tensordot(a, dz, (free_a, tuple(range(k))))
    order_a = free_a + tuple(left[right.index(i)] for i in sorted(right))
    order_b = tuple(right[left.index(i)] for i in sorted(left)) + free_b
    return reorder(da, order_a), reorder(db, order_b)


def reorder(g, order):
    """Axis i of g belongs at place order[i]."""
    if order == tuple(range(len(order))):
        return g
    return g.transpose(tuple(order.index(i) for i in range(len(order))))


def _einsum_terms(subscripts, operands):
    """The index letters of each operand and of the result, dots written out with capitals."""
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if "..." in text:
        extra = max((o.ndim - len(t.replace("...", "")) for t, o in zip(terms, operands) if "..." in t), default=0)
        spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in text][:extra]
        terms = [t.replace("...", "".join(spare[extra - (o.ndim - len(t) + 3):])) if "..." in t else t
                 for t, o in zip(terms, operands)]
        output = output.replace("...", "".join(spare))
        if not arrow:
            output = "".join(spare)
    if not arrow:
        letters = "".join(terms)
        output += "".join(sorted(c for c in set(letters) if letters.count(c) == 1 and c not in output))
    return terms, output


def _einsum_kind(bound):
    operands = bound.raw("operands").items
    from ..lengths import as_array
    kinds = [as_array(kind, bound.scope) for kind in operands]
    if any(kind.shape is None for kind in kinds):
        return Kind("array", promote(*kinds))
    terms, output = _einsum_terms(bound.static("subscripts"), [_Rank(kind) for kind in kinds])
    lengths = {}
    for term, kind in zip(terms, kinds):
        for letter, length in zip(term, kind.shape):
            if letter not in lengths or bound.scope.is_one(lengths[letter]):
                lengths[letter] = length
    return array([lengths[c] for c in output], promote(*kinds))


@adjoint(np.einsum, arrays=("operands",), variadic="operands", kind=_einsum_kind)
def einsum(z, dz, subscripts, operands, optimize=False):
    """The gradient on one operand contracts the upstream gradient with all the others."""
    subscripts = subscripts.static() if hasattr(subscripts, "static") else subscripts
    operands = list(operands)
    terms, output = _einsum_terms(subscripts, operands)
    return ([_einsum_partial(dz, operands, terms, output, i) for i in range(len(operands))],)


def _einsum_partial(dz, operands, terms, output, i):
    x, term = operands[i], terms[i]
    others = [(t, o) for j, (t, o) in enumerate(zip(terms, operands)) if j != i]
    seen = set(output).union(*(t for t, _ in others)) if others else set(output)
    if len(set(term)) != len(term):
        mask = np.ones_like(x)
        others = [*others, (term, np.einsum(f"{term}->{term}", mask) if False else mask)]
        raise NotImplementedError("einsum with an index twice in one operand")
    missing = [c for c in term if c not in seen]
    if missing:
        others = [*others, (term, np.ones_like(x))]
    names = ",".join([output, *(t for t, _ in others)])
    return np.einsum(f"{names}->{term}", dz, *(o for _, o in others))


def _kron_kind(bound):
    from ..lengths import product
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None or a.rank != b.rank:
        return Kind("array", promote(a, b))
    return array([product((m, n)) for m, n in zip(a.shape, b.shape)], promote(a, b))


@adjoint(np.cross, kind=lambda b: _cross_kind(b))
def cross(z, dz, a, b):
    """Of vectors of length 3 along the last axis."""
    return Batched(np.cross(b, dz), a), Batched(np.cross(dz, a), b)


def _cross_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    return Kind("array", promote(a, b), broadcast(bound.scope, (a.shape, b.shape)))
