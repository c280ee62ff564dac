"""Products: dot, matmul and their kin, each rank with its own formula.

>>> import numpy as np
>>> a, b = np.ones((2, 3)), np.ones((3, 4))
>>> da, db = matmul(a @ b, np.ones((2, 4)), a, b)
>>> da.shape, db.shape
((2, 3), (3, 4))
"""
import builtins
import operator

import numpy as np

from ...types.kinds import Kind, array, joint_dtype, literal, number
from ...types.registry import adjoint
from ...types.shape_rules import broadcast, product
from ..axes import fitted, laid, refuse, settled


def _matmul_kind(bound, outer=False):
    a, b = (bound.kind(name) for name in bound.gate.arrays[:2])
    dtype = joint_dtype(a, b)
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


@adjoint(np.matmul, operator.matmul, *([np.linalg.matmul] if hasattr(np.linalg, "matmul") else []),
         operator="@", kind=_matmul_kind, broadcasts=False, hint="p")
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
    return fitted(dz @ swap(x2), x1), fitted(swap(x1) @ dz, x2)


def over_all(x, dz):
    """Sum over every axis but the last of x."""
    axes = tuple(range(dz.ndim))
    return np.tensordot(dz, x, (axes, axes))


def sum_leading(g, rank):
    return g.sum(axis=tuple(range(g.ndim - rank))) if g.ndim > rank else g


def to_rank(g, x):
    return sum_leading(g, x.ndim)


@adjoint(np.dot, method="dot", kind=lambda b: _matmul_kind(b, True), hint="p")
def dot(z, dz, a, b, out=None):
    if a.ndim == 0 and b.ndim == 0:
        return b * dz, a * dz
    if b.ndim == 0:
        return b * dz, (a * dz).sum()
    if a.ndim == 0:
        return (b * dz).sum(), a * dz
    if a.ndim <= 2 and b.ndim <= 2:
        gradients = matmul(z, dz, a, b)
        return tuple(as_dot(g) for g in gradients)
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
    if getattr(getattr(stage, "form", None), "name", None) != "@":
        return g
    left, right = (builder.symbol(operand) for operand in stage.operands)
    return left.dot(right)


@adjoint(np.vdot, kind=lambda b: _scalar(b), hint="p")
def vdot(z, dz, a, b):
    return laid(dz * b, a), laid(dz * a, b)


def _scalar(bound):
    return number(joint_dtype(bound.kind("a"), bound.kind("b")))


def _inner_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", joint_dtype(a, b))
    if a.rank == 0 or b.rank == 0:
        return array(a.shape or b.shape, joint_dtype(a, b))
    return array((*a.shape[:-1], *b.shape[:-1]), joint_dtype(a, b))


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
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", joint_dtype(a, b))
    return array([product(x.shape) if x.shape else literal(1) for x in (a, b)], joint_dtype(a, b))


@adjoint(np.outer, arrays=("a", "b"), kind=_outer_kind)
def outer(z, dz, a, b, out=None):
    return laid(_times(dz, b), a), laid(_times(dz.T, a), b)


@adjoint(np.multiply.outer, arrays=("a", "b"), kind=lambda b: _all_pairs(b))
def multiply_outer(z, dz, a, b):
    return _of_pairs(dz * b, a, 0), _of_pairs(dz * _apart(a, b), b, a.ndim)


@adjoint(np.add.outer, arrays=("a", "b"), kind=lambda b: _all_pairs(b))
def add_outer(z, dz, a, b):
    return _of_pairs(dz, a, 0), _of_pairs(dz, b, a.ndim)


@adjoint(np.subtract.outer, arrays=("a", "b"), kind=lambda b: _all_pairs(b))
def subtract_outer(z, dz, a, b):
    return _of_pairs(dz, a, 0), _of_pairs(-dz, b, a.ndim)


def _all_pairs(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", joint_dtype(a, b))
    return array((*a.shape, *b.shape), joint_dtype(a, b))


def _apart(a, b):
    return a[(..., *(None,) * b.ndim)] if b.ndim and a.ndim else a


def _of_pairs(g, x, first):
    """Summed over the axes that belong to the other operand."""
    axes = tuple(i for i in range(g.ndim) if not first <= i < first + x.ndim)
    return g.sum(axis=axes[0] if len(axes) == 1 else axes) if axes else g


def _times(dz, x):
    if x.ndim == 0:
        return dz[:, 0] * x
    return dz @ (x if x.ndim == 1 else x.reshape(-1))


LETTERS = "abcdefghijklmnop"


@adjoint(np.kron, kind=lambda b: _kron_kind(b))
def kron(z, dz, a, b):
    """Each element of `a` multiplies all of `b`: the blocks get axes of their own."""
    if a.ndim == 0 or b.ndim == 0:
        return fitted(dz * b, a), fitted(dz * a, b)
    rank, blocks, of_a, of_b = builtins.max(a.ndim, b.ndim), [], "", ""
    for axis in range(-rank, 0):        # an axis that one of them lacks belongs to the other
        if axis >= -a.ndim:
            of_a += LETTERS[len(blocks)]
            blocks.append(a.shape[axis + a.ndim])
        if axis >= -b.ndim:
            of_b += LETTERS[len(blocks)]
            blocks.append(b.shape[axis + b.ndim])
    letters, dz = LETTERS[:len(blocks)], dz.reshape(tuple(blocks))
    return np.einsum(f"{letters},{of_b}->{of_a}", dz, b), np.einsum(f"{letters},{of_a}->{of_b}", dz, a)


def _kron_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", joint_dtype(a, b))
    rank = builtins.max(a.rank, b.rank)
    pairs = zip(*((None,) * (rank - kind.rank) + tuple(kind.shape) for kind in (a, b)))
    return array([n if m is None else m if n is None else product((m, n)) for m, n in pairs],
                 joint_dtype(a, b))


@adjoint(np.cross, arrays=("a", "b"), kind=lambda b: _cross_kind(b))
def cross(z, dz, a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """Of vectors of length 3, or in the plane, where the third component is 0."""
    axes = [settled(i) for i in ((axisa, axisb, axisc) if settled(axis) is None else (axis,) * 3)]
    flat = [hasattr(x, "kind") and x.ndim > 0 and x.kind.shape[along].value == 2
            for x, along in zip((a, b), axes)]
    if any(hasattr(x, "kind") and x.ndim and x.kind.shape[along].value is None
           for x, along in zip((a, b), axes)):
        refuse("np.cross of vectors whose length is not known", "vectors of the plane have another gradient",
               "Use .reshape(-1, 3).")
    if any(flat):
        return _in_the_plane(dz, (a, b), axes, flat)
    if a.ndim == b.ndim == dz.ndim and len({i % a.ndim for i in axes}) == 1:
        along = {} if axes[0] % a.ndim == a.ndim - 1 else {"axis": axes[0]}
        return fitted(np.cross(b, dz, **along), a), fitted(np.cross(dz, a, **along), b)
    # The axis may be at different positions in the operands: it is moved to the end.
    last_a, last_b, last = (x if i % x.ndim == x.ndim - 1 else np.moveaxis(x, i, -1)
                            for x, i in zip((a, b, dz), axes))
    da, db = fitted(np.cross(last_b, last), last_a), fitted(np.cross(last, last_a), last_b)
    return tuple(g if i % x.ndim == x.ndim - 1 else np.moveaxis(g, -1, i)
                 for g, x, i in ((da, a, axes[0]), (db, b, axes[1])))


def _in_the_plane(dz, vectors, axes, flat):
    a, b = (x if i % x.ndim == x.ndim - 1 else np.moveaxis(x, i, -1) for x, i in zip(vectors, axes))
    if all(flat):       # the product is its third component alone
        above = dz[..., None] if dz.ndim else dz
        da, db = fitted(above * _turned(b), a), fitted(-above * _turned(a), b)
    else:
        last = dz if axes[2] % dz.ndim == dz.ndim - 1 else np.moveaxis(dz, axes[2], -1)
        a, b = (np.pad(x, ((0, 0),) * (x.ndim - 1) + ((0, 1),)) if plane else x
                for x, plane in zip((a, b), flat))
        da, db = (g[..., :2] if plane else g
                  for g, plane in zip((fitted(np.cross(b, last), a), fitted(np.cross(last, a), b)), flat))
    return tuple(g if i % x.ndim == x.ndim - 1 else np.moveaxis(g, -1, i)
                 for g, x, i in zip((da, db), vectors, axes))


def _turned(v):
    """A vector of the plane, turned by a right angle."""
    return np.stack((v[..., 1], -v[..., 0]), axis=-1)


def _cross_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if not a.shape or not b.shape:
        return Kind("array", joint_dtype(a, b))
    axes = [bound.static(name)
            for name in (("axisa", "axisb", "axisc") if bound.static("axis") is None else ("axis",) * 3)]
    places = [i % kind.rank for i, kind in zip(axes, (a, b))]
    lengths = [kind.shape[i] for i, kind in zip(places, (a, b))]
    others = broadcast(bound.scope,
                       [(*kind.shape[:i], *kind.shape[i + 1:]) for i, kind in zip(places, (a, b))])
    if all(n.value == 2 for n in lengths):
        return array(others, joint_dtype(a, b))
    place, three = (axes[2] % (len(others) + 1),
                    lengths[0] if lengths[0].exact and lengths[0].value != 2 or lengths[1].value == 2
                    else lengths[1])
    return Kind("array", joint_dtype(a, b), (*others[:place], three, *others[place:]))


if hasattr(np.linalg, "cross"):
    @adjoint(np.linalg.cross, arrays=("a", "b"), kind=lambda b: _cross_kind(b))
    def cross_of_three(z, dz, a, b, axis=-1):
        return cross(z, dz, a, b, axis=axis)
