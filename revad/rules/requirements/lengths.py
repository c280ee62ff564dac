"""Lengths: what each function requires of the lengths of its operands beyond its kind rule.

>>> from ...types.requirements import requirement_of
>>> requirement_of("matmul").__name__
'matmul'
"""
import re

import numpy as np

from ...types.kinds import INTEGERS, literal
from ...types.requirements import fail, require, require_broadcast, require_equal, require_length, requires
from ...types.shape_rules import as_array, broadcast, product
from ..axes import as_tuple
from ..numpy.concatenate import column, raised
from ..numpy.einsum import Rank, terms_of
from .ranks import AXIS, axes_in, axis_in, rank_of

PLAIN_LENGTH = re.compile(r"""[\w.\[\]'"]+\.shape\[\d+\]|len\([\w.]+\)|\d+""").fullmatch
SINGULAR = np.linalg.LinAlgError


# ---- products

@requires("matmul")
def matmul(bound):
    kinds = [rank_of(bound, name, 1, ValueError) for name in ("x1", "x2")]
    if all(kinds):
        contracted(bound, *kinds)


def contracted(bound, a, b):
    """Require the contracted axes to be equally long: the last of `a` and the last but one of `b`."""
    require_equal(bound.scope, a.shape[-1], b.shape[-2] if b.rank > 1 else b.shape[-1], what=bound.gate.name)


@requires("dot")
def dot(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.rank and b.rank:
        contracted(bound, a, b)


@requires("inner")
def inner(bound):
    a, b = bound.kind("a"), bound.kind("b")
    if a.rank and b.rank:
        require_equal(bound.scope, a.shape[-1], b.shape[-1], what="inner")


@requires("vdot")
def vdot(bound):
    shapes = [bound.kind(name).shape for name in ("a", "b")]
    if None not in shapes:
        require_equal(bound.scope, *(product(shape) if shape else literal(1) for shape in shapes),
                      what="vdot")


@requires("tensordot")
def tensordot(bound):
    a, b, axes = bound.kind("a"), bound.kind("b"), bound.static("axes")
    if a.shape is None or b.shape is None:
        return
    if isinstance(axes, int):
        if axes > min(a.rank, b.rank):
            return fail(bound.scope, "tensordot", f"it has no {axes} axes to sum over", IndexError)
        axes = range(a.rank - axes, a.rank), range(axes)
    left, right = map(as_tuple, map(lambda side: tuple(side) if isinstance(side, range) else side, axes))
    if len(left) != len(right):
        return fail(bound.scope, "tensordot", "the axes of the two arrays differ in number")
    for i, j in zip(left, right):
        if not (-a.rank <= i < a.rank and -b.rank <= j < b.rank):
            return fail(bound.scope, "tensordot", "an array lacks an axis", IndexError)
        require_equal(bound.scope, a.shape[i], b.shape[j], what="tensordot")


@requires("einsum")
def einsum(bound):
    subscripts = bound.static("subscripts")
    kinds = [as_array(kind, bound.scope) for kind in bound.raw("operands").items]
    if not isinstance(subscripts, str) or any(kind.shape is None for kind in kinds):
        return
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if "..." in subscripts:
        if (len(terms) != len(kinds)
                or any(len(term.replace("...", "")) > kind.rank for term, kind in zip(terms, kinds))):
            return fail(bound.scope, "einsum", "the subscripts do not fit the arrays")
        terms, output = terms_of(subscripts, [Rank(kind) for kind in kinds])
        inputs = "".join(terms)
    if len(terms) != len(kinds) or any(len(term) != kind.rank for term, kind in zip(terms, kinds)):
        return fail(bound.scope, "einsum", "the subscripts do not fit the arrays")
    if set(output) - set(inputs) or len(set(output)) < len(output):
        return fail(bound.scope, "einsum", "the subscripts of the result are not those of the arrays")
    lengths = {}
    for term, kind in zip(terms, kinds):
        for letter, length in zip(term, kind.shape):
            lengths.setdefault(letter, []).append((length,))
    for shapes in lengths.values():
        broadcast(bound.scope, shapes)


@requires("cross", "cross_of_three")
def cross(bound):
    a, b = bound.kind("a"), bound.kind("b")
    axes = [bound.static(name)
            for name in (("axisa", "axisb") if bound.static("axis") is None else ("axis",) * 2)]
    lengths = (2, 3) if bound.gate.name == "cross" else (3,)
    for kind, axis in zip((a, b), axes):
        if kind.shape is None:
            return
        if kind.rank == 0:
            return fail(bound.scope, "cross", "it takes vectors")
        if not isinstance(axis, int) or not -kind.rank <= axis < kind.rank:
            return fail(bound.scope, "cross", f"there is no axis {axis}", AXIS)
        length = kind.shape[axis]
        if length.value is not None and length.value not in lengths:
            fail(bound.scope, "cross", "its vectors are of length 3", ValueError,
                 f"({length.text}) not in {lengths}")
        elif length.value is not None and not length.exact:
            # Vectors of the plane have another gradient, which no line of the text checks.
            bound.scope.rely(f"({length.text}) == {length.value}")


@requires("vecdot")
def vecdot(bound):
    kinds, axis = [bound.kind(name) for name in ("x1", "x2")], bound.static("axis")
    if (all(kind.rank for kind in kinds) and isinstance(axis, int)
            and all(-kind.rank <= axis < kind.rank for kind in kinds)):
        broadcast(bound.scope, [(kind.shape[axis],) for kind in kinds])


@requires("multi_dot")
def multi_dot(bound):
    kinds = [as_array(kind, bound.scope) for kind in bound.raw("arrays").items]
    for a, b in zip(kinds, kinds[1:]):
        if a.rank and b.rank:
            require_equal(bound.scope, a.shape[-1], b.shape[0], what="multi_dot")


# ---- linear algebra

@requires("inv", "det", "slogdet", "cholesky", "eigh", "eigvalsh", "matrix_power")
def square(bound):
    kind = rank_of(bound, bound.gate.parameters[0][0], 2)
    if kind is not None:
        require_equal(bound.scope, *kind.shape[-2:], what=bound.gate.name, raises=SINGULAR)


@requires("svd", "svdvals", "qr", "pinv")
def matrix(bound):
    rank_of(bound, bound.gate.parameters[0][0], 2)


@requires("solve")
def solve(bound):
    a, b = rank_of(bound, "a", 2), bound.kind("b")
    if a is None or not b.rank:
        return
    require_equal(bound.scope, *a.shape[-2:], what="solve", raises=SINGULAR)
    require_equal(bound.scope, a.shape[-1], b.shape[-2 if b.rank > 1 else -1], what="solve")


@requires("lstsq")
def lstsq(bound):
    a, b = rank_of(bound, "a", 2), bound.kind("b")
    if a is not None and b.rank:
        require_equal(bound.scope, a.shape[0], b.shape[0], what="lstsq", raises=SINGULAR)


# ---- joining

def joined(bound, parts, axis, what):
    """Require concatenated pieces to be equally long along all other axes."""
    if not parts or any(part.shape is None for part in parts):
        return
    first = parts[0]
    if first.rank == 0:
        return fail(bound.scope, what, "numbers cannot be joined")
    if any(part.rank != first.rank for part in parts):
        return fail(bound.scope, what, "the arrays differ in their number of axes")
    axis_in(bound.scope, axis, first.rank, what)
    for i in range(first.rank):
        if i != axis % first.rank:
            require_equal(bound.scope, *(part.shape[i] for part in parts), what=what)


def pieces(bound, name):
    """The kinds of the joined arrays, of which one is required; None where they are not known."""
    kind = bound.raw(name)
    if kind.tag in ("tuple", "list"):
        if not kind.items:
            fail(bound.scope, bound.gate.name, "it needs at least one array")
        return [as_array(item, bound.scope) for item in kind.items]
    if kind.shape:
        require_length(bound.scope, kind.shape[0], 1, bound.gate.name, ValueError)
    return None


@requires("concatenate")
def concatenate(bound):
    parts, axis = pieces(bound, "arrays"), bound.static("axis")
    if axis is not None:
        joined(bound, parts, axis, "concatenate")


@requires("append")
def append(bound):
    axis = bound.static("axis")
    if axis is not None:
        joined(bound, [bound.kind("arr"), bound.kind("values")], axis, "append")


@requires("stack")
def stack(bound):
    parts = pieces(bound, "arrays")
    if not parts or any(part.shape is None for part in parts):
        return
    same_shapes(bound, parts, "stack")
    axis_in(bound.scope, bound.static("axis"), parts[0].rank + 1, "stack")


def same_shapes(bound, parts, what):
    """Require arrays of one shape: nothing is broadcast."""
    if any(part.rank != parts[0].rank for part in parts):
        return fail(bound.scope, what, "the arrays differ in their number of axes")
    for lengths in zip(*(part.shape for part in parts)):
        require_equal(bound.scope, *lengths, what=what)


@requires("hstack", "vstack", "dstack", "r")
def laid_out(bound):
    least = {"hstack": 1, "vstack": 2, "dstack": 3, "r": 1}[bound.gate.name]
    parts = pieces(bound, "tup")
    if (not parts or any(part.shape is None for part in parts)
            or any(kind.tag == "static" for kind in bound.raw("tup").items)):
        return
    parts = [raised(part, least) for part in parts]
    axis = {"hstack": min(parts[0].rank - 1, 1), "vstack": 0, "dstack": 2, "r": 0}[bound.gate.name]
    joined(bound, parts, axis, bound.gate.name)


@requires("column_stack", "c")
def column_stack(bound):
    parts = pieces(bound, "tup")
    if (parts and all(part.shape is not None for part in parts)
            and not any(kind.tag == "static" for kind in bound.raw("tup").items)):
        joined(bound, [column(part) for part in parts], 1 if bound.gate.name == "column_stack" else -1,
               bound.gate.name)


@requires("array", "asarray")
def array(bound):
    def uniform(kind):
        if kind.tag in ("tuple", "list") and kind.items:
            parts = [as_array(item, bound.scope) for item in kind.items]
            if all(part.shape is not None for part in parts):
                same_shapes(bound, parts, "array")
            for item in kind.items:
                uniform(item)
    uniform(bound.raw("object"))


# ---- shapes

@requires("reshape", "method_reshape")
def reshape(bound):
    kind, lengths = bound.kind("a"), bound.lengths("shape")
    if kind.shape is None or lengths is None or any(n.value is None for n in (*kind.shape, *lengths)):
        return
    size = product(kind.shape) if kind.shape else literal(1)
    known_lengths = [n for n in lengths if n.value != -1]
    if len(known_lengths) < len(lengths) - 1 or any(n.value < 0 for n in known_lengths):
        return fail(bound.scope, "reshape", "only one length can be left open")
    known_size = product(known_lengths) if known_lengths else literal(1)
    if len(known_lengths) == len(lengths):
        if (sorted(n.text for n in kind.shape if not (n.exact and n.value == 1))
                != sorted(n.text for n in known_lengths if not (n.exact and n.value == 1))):
            require_equal(bound.scope, size, known_size, what="reshape")
    elif known_size.value == 0 or size.value % known_size.value:
        fail(bound.scope, "reshape", "the number of elements does not fit", ValueError,
             f"({known_size.text}) == 0 or ({size.text}) % ({known_size.text}) != 0")
    elif not _divides(kind.shape, known_lengths):
        require(bound.scope, True, f"({size.text}) % ({known_size.text}) == 0", "reshape", "")


def _divides(shape, lengths):
    """Whether the given lengths are among those of the shape."""
    left = [n.text for n in shape]
    for n in lengths:
        if n.text in left:
            left.remove(n.text)
        elif not (n.exact and n.value == 1):
            return False
    return True


@requires("broadcast_to")
def broadcast_to(bound):
    require_broadcast(bound.scope, bound.kind("array"), bound.lengths("shape"), "broadcast_to", True)


@requires("full")
def full(bound):
    require_broadcast(bound.scope, bound.kind("fill_value"), bound.lengths("shape"), "full")


@requires("full_like")
def full_like(bound):
    require_broadcast(bound.scope, bound.kind("fill_value"), bound.kind("a").shape, "full_like")


@requires("zeros", "ones", "empty", "eye", "identity", "tri")
def not_negative(bound):
    names = [name for name in ("shape", "N", "M") if name in bound.gate.defaults and bound.has(name)]
    for length in (length for name in names for length in bound.lengths(name) or ()
                   if not PLAIN_LENGTH(length.text)):
        if length.value is not None or not length.text.startswith("?"):
            require_length(bound.scope, length, 0, bound.gate.name, ValueError)


# ---- others

@requires("average")
def average(bound):
    kind = bound.kind("a")
    if not bound.has("weights") or kind.shape is None:
        return
    weights, axis = bound.kind("weights"), bound.static("axis")
    if weights.tag not in ("array", "number") or weights.shape is None:
        return
    if weights.rank == kind.rank:
        same_shapes(bound, [kind, weights], "average")
    elif axis is None:
        fail(bound.scope, "average", "weights of another shape need an axis", TypeError)
    elif weights.rank == len(as_tuple(axis)):
        for i, length in zip(as_tuple(axis), weights.shape):
            if -kind.rank <= i < kind.rank:
                require_equal(bound.scope, kind.shape[i], length, what="average")
    else:
        fail(bound.scope, "average", "its weights do not fit", TypeError)


@requires("interp")
def interp(bound):
    xp, fp = rank_of(bound, "xp", 1, ValueError), rank_of(bound, "fp", 1, ValueError)
    if xp and fp:
        require_equal(bound.scope, xp.shape[0], fp.shape[0], what="interp")
        require_length(bound.scope, xp.shape[0], 1, "interp", ValueError)


@requires("convolve", "correlate")
def convolve(bound):
    for name in ("a", "v"):
        kind = bound.kind(name)
        if kind.shape is not None and kind.rank > 1:
            fail(bound.scope, bound.gate.name, "it takes arrays with one axis")
        elif kind.rank:
            require_length(bound.scope, kind.shape[0], 1, bound.gate.name, ValueError)
    mode = bound.static("mode")
    if isinstance(mode, str) and mode not in ("full", "same", "valid"):
        fail(bound.scope, bound.gate.name, f"there is no mode {mode!r}")


@requires("trapezoid")
def trapezoid(bound):
    y, axis = rank_of(bound, "y", 1, IndexError), bound.static("axis")
    if y is None or not bound.has("x") or bound.kind("x").shape is None:
        return
    x = bound.kind("x")
    if x.rank == 1 and isinstance(axis, int) and -y.rank <= axis < y.rank:
        if bound.scope.is_one(x.shape[0]) is False:
            require_equal(bound.scope, x.shape[0], y.shape[axis], what="trapezoid")


@requires("diff")
def diff(bound):
    n = bound.static("n")
    kind = rank_of(bound, "a", 1, ValueError) if n != 0 else None
    if kind is not None and isinstance(n, int) and n < 0:
        fail(bound.scope, "diff", "its order is negative")
    axis = bound.static("axis")
    for name in ("prepend", "append"):
        if kind is None or not bound.has(name) or bound.kind(name).shape is None or not bound.kind(name).rank:
            continue
        end = bound.kind(name)
        if end.rank != kind.rank:
            fail(bound.scope, "diff", "what is joined to it has another number of axes")
        elif isinstance(axis, int) and -kind.rank <= axis < kind.rank:
            joined(bound, [kind, end], axis, "diff")


@requires("gradient")
def gradient(bound):
    kind = rank_of(bound, "f", 1, ValueError)
    if kind is None:
        return
    axis, order = bound.static("axis"), bound.static("edge_order")
    axes_in(bound.scope, axis, kind.rank, "gradient")
    for i in range(kind.rank) if axis is None else as_tuple(axis):
        if -kind.rank <= i < kind.rank and isinstance(order, int):
            require_length(bound.scope, kind.shape[i], order + 1, "gradient", ValueError)


@requires("max", "min", "ptp", "argmax", "argmin", "nanmax", "nanmin", "extreme_reduce")
def extreme(bound):
    """Require at least one element."""
    if bound.gate.variadic:
        alone = bound.raw(bound.gate.variadic).items
        if len(alone) == 1 and alone[0].tag == "number":
            fail(bound.scope, bound.gate.name, "a number has no elements", TypeError)
    if "axis" not in bound.gate.defaults or bound.has("initial"):
        return
    kind = bound.kind(bound.gate.parameters[0][0])
    axis = bound.static("axis")
    for i, length in enumerate(kind.shape or ()):
        if axis is None or any(isinstance(a, int) and i == a % kind.rank for a in as_tuple(axis)):
            require_length(bound.scope, length, 1, bound.gate.name, ValueError)


@requires("bincount")
def bincount(bound):
    x = rank_of(bound, "x", 1, ValueError)
    if x is not None and bound.has("weights") and bound.kind("weights").rank:
        require_equal(bound.scope, x.shape[0], bound.kind("weights").shape[0], what="bincount")


@requires("repeat")
def repeat(bound):
    kind, counts, axis = bound.kind("a"), bound.kind("repeats"), bound.static("axis")
    if kind.shape is None or not counts.rank or bound.scope.is_one(counts.shape[0]) is not False:
        return
    if axis is None:
        require_equal(bound.scope, product(kind.shape) if kind.shape else literal(1), counts.shape[0],
                      what="repeat")
    elif isinstance(axis, int) and -kind.rank <= axis < kind.rank:
        require_equal(bound.scope, kind.shape[axis], counts.shape[0], what="repeat")


@requires("ediff1d")
def ediff1d(bound):
    is_integral = bound.kind("ary").dtype in INTEGERS
    for name in ("to_end", "to_begin"):
        if (is_integral and bound.has(name) and bound.kind(name).numeric
                and bound.kind(name).dtype not in INTEGERS):
            fail(bound.scope, "ediff1d", f"{name} does not fit into integers", TypeError)


@requires("select")
def select(bound):
    lists = [bound.raw(name) for name in ("condlist", "choicelist")]
    if all(kind.tag in ("tuple", "list") for kind in lists) and len(lists[0].items) != len(lists[1].items):
        fail(bound.scope, "select", "there are not as many choices as conditions")
    shapes = [as_array(item, bound.scope).shape for kind in lists for item in kind.items]
    broadcast(bound.scope, shapes)


@requires("pad")
def pad(bound):
    mode = bound.static("mode") if bound.has("mode") else "constant"
    if (isinstance(mode, str)
            and mode not in ("constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum",
                             "reflect", "symmetric", "wrap", "empty")):
        fail(bound.scope, "pad", f"there is no mode {mode!r}")
