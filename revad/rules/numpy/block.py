"""Block matrices: np.block of nested lists, whose gradients are cut into the same blocks.

>>> import numpy as np
>>> a, b = np.ones((2, 2)), np.ones((2, 1))
>>> [[g.shape for g in row] for row in block(None, np.ones((4, 3)), [[a, b], [a, b]])[0]]
[[(2, 2), (2, 1)], [(2, 2), (2, 1)]]
"""
import numpy as np

from ...types.kinds import Kind, joint_dtype
from ...types.registry import adjoint
from ...types.shape_rules import as_array
from ..axes import refuse
from .concatenate import ONE, joined, starts_of


def _block_depth(kind):
    return 1 + max(map(_block_depth, kind.items), default=0) if kind.tag == "list" else 0


def _block_kind(kind, depth, rank, scope):
    """The kind of a nested list of arrays of known rank.

    depth: how many levels it has; the parts are joined along the axis of that number, from the end.
    """
    if depth == 0:
        leaf = as_array(kind, scope)
        return Kind("array", leaf.dtype, (ONE,) * (rank - leaf.rank) + tuple(leaf.shape))
    parts = [_block_kind(item, depth - 1, rank, scope) for item in kind.items]
    return joined(parts, -depth, joint_dtype(*parts))


def _blocks(bound):
    kind = bound.raw("arrays")
    depth = _block_depth(kind)
    if kind.tag != "list" or not _even(kind, depth):
        refuse("np.block of what is no list", "revad has a rule for lists of equal depth",
               "Leave the call out, or write the lists out: np.block([[a, b], [c, d]]).")
    leaves = [as_array(leaf, bound.scope) for leaf in _leaves_of(kind)]
    if any(leaf.shape is None for leaf in leaves):
        return Kind("array", "")
    return _block_kind(kind, depth, max(depth, *(leaf.rank for leaf in leaves)), bound.scope)


def _leaves_of(kind):
    return [leaf for item in kind.items for leaf in _leaves_of(item)] if kind.tag == "list" else [kind]


def _even(kind, depth):
    """Whether all leaves are arrays or numbers, as deep as the first."""
    if kind.tag != "list":
        return depth == 0 and (kind.numeric or kind.tag in ("array", "static"))
    return bool(kind.items) and all(_even(item, depth - 1) for item in kind.items)


@adjoint(np.block, arrays=("arrays",), kind=_blocks, containers=True)
def block(y, dy, arrays):
    """Each block gets its part of the gradient, by one subscript."""
    return (_parts_of_block(dy, arrays, ()),)


def _parts_of_block(dy, arrays, slices):
    """slices: where the list of blocks lies along the axes that the lists around it were joined along."""
    if not _is_nested(arrays):
        places = (slice(None),) * (dy.ndim - len(slices)) + slices
        added = dy.ndim - arrays.ndim       # axes of length 1, before those of the block
        key = (*(0 if place.start is None else place.start for place in places[:added]), *places[added:])
        while key and isinstance(key[-1], slice) and key[-1].start is key[-1].stop is None:
            key = key[:-1]
        return dy[key] if key else dy
    parts = list(arrays)
    depth = _depth_of(arrays)
    starts = starts_of([_block_length(part, depth) for part in parts])
    return [_parts_of_block(dy, part, (*slices, slice(a, b)))
            for part, a, b in zip(parts, starts, starts[1:])]


def _is_nested(arrays):
    return isinstance(arrays, list) or getattr(getattr(arrays, "kind", None), "tag", "") == "list"


def _depth_of(arrays):
    return 1 + _depth_of(list(arrays)[0]) if _is_nested(arrays) else 0


def _block_length(part, depth):
    """The length of a block along the axis of that number from the end, which its first array has."""
    while _is_nested(part):
        part = list(part)[0]
    return part.shape[part.ndim - depth] if part.ndim >= depth else 1
