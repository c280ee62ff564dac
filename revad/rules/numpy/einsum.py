"""Contractions: tensordot and einsum; the gradient contracts with all the other operands.

>>> import numpy as np
>>> einsum(None, np.ones((2, 2)), "ij,jk->ik", [np.ones((2, 3)), np.ones((3, 2))])[0][0].shape
(2, 3)
"""
import numpy as np

from ...builder.symbols import as_one_array
from ...types.kinds import Kind, array, joint_dtype
from ...types.registry import adjoint
from ...types.shape_rules import as_array
from ..axes import as_tuple, call, fitted, refuse, settled
from .matmul import matmul


class Rank:
    """A stand-in for an array of which only the rank is needed."""

    def __init__(self, kind):
        self.ndim = kind.rank


def _contracted(axes, a, b):
    if isinstance(axes, int):
        return tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    left, right = axes
    return tuple(i % a.ndim for i in as_tuple(left)), tuple(i % b.ndim for i in as_tuple(right))


def _tensordot_kind(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.shape is None or b.shape is None:
        return Kind("array", joint_dtype(a, b))
    left, right = _contracted(bound.static("axes"), Rank(a), Rank(b))
    free = [n for i, n in enumerate(a.shape) if i not in left] + [n for i, n in enumerate(b.shape)
                                                                  if i not in right]
    return array(free, joint_dtype(a, b))


@adjoint(np.tensordot, *([np.linalg.tensordot] if hasattr(np.linalg, "tensordot") else []), arrays=("a", "b"),
         kind=_tensordot_kind)
def tensordot(z, dz, a, b, axes=2):
    left, right = _contracted(settled(axes), a, b)
    if (left, right) == ((a.ndim - 1,), (0,)) and a.ndim <= 2 and b.ndim <= 2:
        return matmul(z, dz, a, b)
    free_a = tuple(i for i in range(a.ndim) if i not in left)
    free_b = tuple(i for i in range(b.ndim) if i not in right)
    order_a = free_a + tuple(left[right.index(i)] for i in sorted(right))
    order_b = tuple(right[left.index(i)] for i in sorted(left)) + free_b
    if dz.ndim == 0:
        return dz * reorder(b, order_a), dz * reorder(a, order_b)
    if 0 in (a.ndim, b.ndim):
        return (dz * b).sum() if a.ndim == 0 else dz * b, (dz * a).sum() if b.ndim == 0 else dz * a
    k = len(free_a)
    da = np.tensordot(dz, b, (tuple(range(k, k + len(free_b))), free_b))
    db = np.tensordot(a, dz, (free_a, tuple(range(k))))
    return reorder(da, order_a), reorder(db, order_b)


def reorder(g, order):
    """Axis i of g belongs at place order[i]."""
    if order == tuple(range(len(order))):
        return g
    if order == tuple(reversed(range(len(order)))):
        return g.T
    return g.transpose(tuple(order.index(i) for i in range(len(order))))


def terms_of(subscripts, operands):
    """The index letters of each operand and of the result, with capitals for the axes of dots."""
    if not isinstance(subscripts, str):
        refuse("np.einsum with lists of axes", "revad has a rule for subscripts in a string",
               "Write them as letters: np.einsum('ij,jk->ik', a, b).")
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if "..." in text:
        extra = max((o.ndim - len(t.replace("...", "")) for t, o in zip(terms, operands) if "..." in t),
                    default=0)
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
    kinds = [as_array(kind, bound.scope) for kind in bound.raw("operands").items]
    if any(kind.shape is None for kind in kinds):
        return Kind("array", joint_dtype(*kinds))
    terms, output = terms_of(bound.static("subscripts"), [Rank(kind) for kind in kinds])
    lengths = {}
    for term, kind in zip(terms, kinds):
        for letter, length in zip(term, kind.shape):
            if letter not in lengths or bound.scope.is_one(lengths[letter]):
                lengths[letter] = length
    return array([lengths[c] for c in output], joint_dtype(*kinds))


@adjoint(np.einsum, arrays=("operands",), variadic="operands", kind=_einsum_kind)
def einsum(z, dz, subscripts, operands, optimize=False):
    """The gradient on one operand contracts the upstream gradient with all the others."""
    operands = [as_one_array(o) if getattr(getattr(o, "kind", None), "tag", "") in ("list", "tuple") else o
                for o in operands]
    terms, output = terms_of(settled(subscripts), operands)
    options = {"optimize": optimize} if optimize else {}
    return ([_partial(dz, operands, terms, output, i, options) for i in range(len(operands))],)


def _partial(dz, operands, terms, output, i, options):
    """Letters of this operand alone are broadcast by ones, a repeated letter by the identity."""
    x, term = operands[i], terms[i]
    others = [(t, o) for j, (t, o) in enumerate(zip(terms, operands)) if j != i]
    if output:
        others.insert(0, (output, dz))
    seen = set("".join(t for t, _ in others))
    target = ""
    for axis, letter in enumerate(term):
        if letter in target:
            new = next(c for c in "abcdefghijklmnopqrstuvwxyz" if c not in seen and c not in term)
            others.append((letter + new, call(np.eye, x.shape[axis])))
            seen.update((letter, new))
            letter = new
        elif letter not in seen and letter not in term[axis + 1:]:
            others.append((letter, call(np.ones, x.shape[axis])))
            seen.add(letter)
        target += letter
    if not others:
        return dz
    if len(others) == 1 and others[0][0] == target:
        contracted = others[0][1]
    elif [t for t, _ in others] == [target, target]:
        contracted = others[0][1] * others[1][1]
    else:
        names = ",".join(t for t, _ in others)
        contracted = np.einsum(f"{names}->{target}", *(o for _, o in others), **options)
    return fitted(contracted if output else dz * contracted, x)
