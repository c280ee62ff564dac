"""Rearrangements: elements flipped, rolled, repeated and padded; undone by the reverse move and sums.

>>> import numpy as np
>>> tile(None, np.ones((2, 6)), np.ones((2, 3)), 2).tolist()
[[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]
"""
import numpy as np

from ...ir.nodes import Form
from ...types.dims import total
from ...types.kinds import Kind, array, literal
from ...types.registry import adjoint
from ...types.shape_rules import as_new_array, product, same, unknown_length
from ..axes import as_tuple, at, call, is_whole, laid, placed, refuse, settled


@adjoint(np.flip, kind=same)
def flip(y, dy, m, axis=None):
    return np.flip(dy, axis) if settled(axis) is not None else np.flip(dy)


@adjoint(np.fliplr, kind=same)
def fliplr(y, dy, m):
    return dy[:, ::-1]


@adjoint(np.flipud, kind=same)
def flipud(y, dy, m):
    return dy[::-1]


@adjoint(np.roll, arrays=("a",), kind=lambda b: as_new_array(same(b)))
def roll(y, dy, a, shift, axis=None):
    if a.ndim == 0:
        return dy
    if getattr(getattr(shift, "kind", None), "tag", "") in ("tuple", "list") or isinstance(shift, tuple):
        back = tuple(-s for s in shift)
    else:
        back = -shift
    return np.roll(dy, back) if settled(axis) is None else np.roll(dy, back, axis)


def _tiled(bound):
    kind, reps = same(bound), bound.lengths("reps")
    if kind.shape is None or reps is None:
        return Kind("array", kind.dtype)
    rank = max(kind.rank, len(reps))
    shape = (literal(1),) * (rank - kind.rank) + tuple(kind.shape)
    reps = (literal(1),) * (rank - len(reps)) + tuple(reps)
    return array([n if r.exact and r.value == 1 else r if n.exact and n.value == 1 else product((r, n))
                  for r, n in zip(reps, shape)], kind.dtype)


@adjoint(np.tile, arrays=("A",), kind=_tiled)
def tile(y, dy, A, reps):
    """The tiles get axes of their own, along which dy is summed."""
    if getattr(getattr(reps, "kind", None), "tag", "") == "array":
        refuse("np.tile with an array of counts", "how many there are shows only while running",
               "Write them as a tuple.")
    reps = (list(reps) if isinstance(reps, (tuple, list))
            or getattr(getattr(reps, "kind", None), "tag", "") in (
        "tuple", "list") else [reps])
    reps = [1] * (A.ndim - len(reps)) + reps
    extra = len(reps) - A.ndim
    shape, axes, laid_apart = [], [], True      # laid_apart: each axis of dy is one of tiles or one of A
    for position, r in enumerate(reps):
        single = (isinstance(r, int) and r == 1
                  or hasattr(r, "operand") and getattr(r.operand, "value", None) == 1)
        laid_apart = laid_apart and single == (position >= extra)
        if not single:
            axes.append(len(shape))
            shape.append(r)
        if position >= extra:
            shape.append(A.shape[position - extra])
    if not axes:
        return laid(dy, A)
    axes = axes[0] if len(axes) == 1 else tuple(axes)
    if len(shape) == (1 if isinstance(axes, int) else len(axes)):
        return dy.sum()
    return (dy if laid_apart else dy.reshape(tuple(shape))).sum(axis=axes)


def _repeated(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    axis, repeats = bound.static("axis"), bound.kind("repeats")
    if not kind.shape:
        shape = [literal(1)]
    else:
        shape = list(kind.shape) if axis is not None else [product(kind.shape)]
    place = axis % len(shape) if axis is not None else 0
    times = repeats.known if repeats.rank == 0 else None
    if times is None or times.value is None:
        shape[place] = unknown_length()
    else:
        shape[place] = (times if shape[place].exact and shape[place].value == 1
                        else product((shape[place], times)))
    return array(shape, kind.dtype)


@adjoint(np.repeat, arrays=("a",), method="repeat", kind=_repeated)
def repeat(y, dy, a, repeats, axis=None):
    """The copies of an element are adjacent; `np.add.at` is used where their numbers differ."""
    axis = settled(axis)
    if a.ndim == 0:
        return dy.sum()
    flat = a if axis is not None or a.ndim == 1 else a.reshape(-1)
    axis = 0 if axis is None else axis % a.ndim
    if getattr(repeats, "ndim", 0) == 0 and not isinstance(repeats, (tuple, list)):
        shape = [flat.shape[i] for i in range(flat.ndim)]
        dx = dy.reshape((*shape[:axis + 1], repeats, *shape[axis + 1:])).sum(axis=axis + 1)
    else:
        dx = placed(dy, flat, at(axis, np.repeat(call(np.arange, flat.shape[axis]), repeats)))
    return dx if flat is a else dx.reshape(a.shape)


def _widths(pad_width, rank):
    """(before, after) for each axis, from any of NumPy's three forms of the argument."""
    if isinstance(pad_width, int):
        return ((pad_width, pad_width),) * rank
    if isinstance(pad_width, dict):
        return tuple(_pair(pad_width.get(i, pad_width.get(i - rank, 0))) for i in range(rank))
    width = tuple(pad_width)
    if all(isinstance(w, int) for w in width):
        return (_pair(width if len(width) == 2 else width[0]),) * rank
    return tuple(map(_pair, width)) if len(width) > 1 or rank == 1 else (_pair(width[0]),) * rank


def _pair(width):
    if isinstance(width, int):
        return width, width
    width = tuple(width)
    return width if len(width) == 2 else width * 2


def _padded(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    known = _number(bound.raw("pad_width"))
    if known is not None:
        return array([total([n, known, known]) for n in kind.shape], kind.dtype)
    pairs = _pairs(bound.raw("pad_width"), kind.rank)
    if pairs is None:
        pairs = [tuple(map(literal, pair)) for pair in _widths(bound.static("pad_width"), kind.rank)]
    return array([total([n, *pair]) for n, pair in zip(kind.shape, pairs)], kind.dtype)


def _number(kind):
    return kind.known if kind.tag == "number" else None


def _pairs(kind, rank):
    """The widths of `((a, b), (c, d))` as lengths."""
    if kind.tag not in ("tuple", "list") or len(kind.items) != rank:
        return None
    rows = [item.items for item in kind.items]
    if any(len(row) != 2 or any(_number(item) is None for item in row) for row in rows):
        return None
    return [tuple(map(_number, row)) for row in rows]


@adjoint(np.pad, arrays=("array", "constant_values"), kind=_padded)
def pad(y, dy, array, pad_width, mode="constant", constant_values=0, reflect_type="even"):
    """Padding that copies elements adds to their gradient.

    A single constant gets the sum over the padding.
    """
    mode = settled(mode)
    if array.ndim == 0:
        return dy, None
    if mode == "constant":
        dx = dy[_inside(array, pad_width)]
        # A constant is truncated in an array of integers.
        return dx, None if is_whole(y) else lambda: _outside(dy, dx, constant_values)
    if mode not in ("edge", "reflect", "symmetric", "wrap") or settled(reflect_type) != "even":
        refuse(f"np.pad with mode={mode!r}",
               "revad has a rule for 'constant', 'edge', "
               "'reflect', 'symmetric' and 'wrap'", "Join the arrays with np.concatenate.")
    for axis, (before, after) in enumerate(_widths(settled(pad_width), array.ndim)):
        if before or after:
            shape = [dy.shape[i] for i in range(dy.ndim)]
            shape[axis] = array.shape[axis]
            index = np.pad(call(np.arange, shape[axis]), (before, after), mode=mode)
            dy = placed(dy, call(np.zeros, tuple(shape)), at(axis, index))
    return dy


def _outside(dy, dx, constant_values):
    if constant_values.ndim:
        refuse("np.pad with several constants", "revad has a gradient for one number",
               "Pad once for each of them.")
    return dy.sum() - dx.sum()


def _inside(array, pad_width):
    """The subscript of the part that is not padding; unknown widths are counted from both ends."""
    try:
        widths = _widths(settled(pad_width), array.ndim)
    except TypeError:
        refuse("np.pad", "its widths are not numbers", "Write them as ((before, after), ...).", TypeError)
    key = []
    for axis, pair in enumerate(widths):
        before, after = (_named_width(pad_width, axis, side, width) for side, width in enumerate(pair))
        key.append(slice(before if pair[0] else None, -after if pair[1] else None))
    while len(key) > 1 and not any(widths[len(key) - 1]):
        key.pop()
    return tuple(key)


def _named_width(pad_width, axis, side, width):
    """A width by the user's name for it, if it has one: `p:-p`."""
    builder, part = pad_width.builder, pad_width.operand
    for is_pair, step in ((False, axis), (True, side)):
        stage = builder.definitions.get(part)
        if getattr(stage, "form", None) not in (Form("tuple"), Form("list")) or not stage.operands:
            continue
        items = part.kind.items
        if is_pair or items[0].tag in ("tuple", "list"):
            part = stage.operands[step if len(items) > 1 else 0]
    is_name = getattr(part, "name", None) is not None and part.kind.tag == "number"
    return builder.symbol(part) if is_name else width


def _rotated(bound):
    kind = same(bound)
    if kind.shape is None:
        return kind
    shape, (i, j) = list(kind.shape), as_tuple(bound.static("axes"))
    if bound.static("k") % 2:
        shape[i], shape[j] = shape[j], shape[i]
    return array(shape, kind.dtype)


@adjoint(np.rot90, arrays=("m",), kind=_rotated)
def rot90(y, dy, m, k=1, axes=(0, 1)):
    return np.rot90(dy, -k, axes) if tuple(settled(axes)) != (0, 1) else np.rot90(dy, -k)
