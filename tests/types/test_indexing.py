"""NumPy's index grammar: every kind of subscript, beside every other, at every rank."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import assert_right, function

import revad
from revad.ir.nodes import Item
from revad.types.indexing import is_distinct
from revad.types.kinds import NUMPY_1, Kind, array, literal, static
from revad.types.refusals import Refusal
from revad.types.scope import Scope
from revad.types.subscripts import selected

SHAPES = {0: (), 1: (3,), 2: (2, 3), 3: (2, 1, 3), 4: (2, 1, 3, 2)}

REJECTED = (IndexError, DeprecationWarning)     # as which NumPy 1 tells of places in an axis without elements


def array_of(shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def assert_taken(items, x, order=1, **outside):
    """The gradient through a subscript is that of differences; with order 2 that of the gradient, too.

    The loss is not linear, and is weighted with a W as large as what the subscript takes.
    """
    text = ", ".join(items)
    taken = eval(f"x[{text}]", {"np": np, "x": x, **outside})
    outside["W"] = array_of(np.shape(taken), 1) if np.ndim(taken) else 1.7
    f = function(f"def f(x):\n    return np.sum((x[{text}] * W)**2)", **outside)
    assert_right(f, x)
    if order == 2:
        gradient = revad.grad(f)
        gradient(x)
        V = array_of(x.shape, 2)
        outer = function("def outer(x):\n    return np.sum(inner(x) * V)", V=V,
                         inner=function(gradient.source, **outside).__globals__["f_grad"])
        np.testing.assert_allclose(revad.grad(outer)(x), numeric_gradient(outer, (x,)), 1e-6, 1e-8)


# axes that are added among whole axes: their gradient drops them again

WHOLE = [items for count in range(1, 5) for items in itertools.product(("None", "...", ":"), repeat=count)
         if items.count("...") < 2]


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_axes_that_are_added_among_whole_axes(rank):
    """`x[..., None, :]`, `x[None, ..., None, :, :]`: an ellipsis, new axes and full slices in every order."""
    fitting = [items for items in WHOLE if items.count(":") <= rank]
    for number, items in enumerate(fitting):
        if len(items) < 4 or number % 3 == rank % 3:
            assert_taken(items, array_of(SHAPES[rank]) if rank else np.array(1.3), 1 + (number % 5 == rank))
# the model beside NumPy itself, with nothing compiled

ITEMS = [0, -1, 2, True, False, slice(None), slice(1, None), slice(None, None, -1), slice(0, 0),
         slice(-1, None, 2), Ellipsis, None, [], [0], [0, 1], [1, 1, -1], [[0], [1]], [[0, 1], [1, 0]],
         [True], [False, True], [True, False, True], [[True, False, True]], [[False, True], [True, True]],
         np.array(1), range(2), [[]], 1.5]
LENGTHS = [shape for rank in range(5) for shape in itertools.product((0, 1, 2, 3), repeat=rank)]


def kind_of_item(item):
    """What is known when compiling of an item that is written out."""
    if isinstance(item, (list, range)):
        return Kind("list", items=tuple(map(kind_of_item, item)))
    if isinstance(item, slice):
        return Kind("slice", items=tuple(map(static, (item.start, item.stop, item.step))))
    return Kind("array", "l", ()) if isinstance(item, np.ndarray) else static(item)


def sequences():
    """All up to two items long, with every other at least once at each place of three and four."""
    yield from ((items, shape) for count in range(3) for items in itertools.product(ITEMS, repeat=count)
                for shape in LENGTHS[:85:1 + 12 * (count == 2)])
    rng = np.random.default_rng(0)
    for count, several in ((2, 2000), (3, 4000), (4, 4000)):
        for _ in range(several):
            items = tuple(ITEMS[i] for i in rng.integers(len(ITEMS), size=count))
            yield items, LENGTHS[85:][rng.integers(256)] if rng.random() < 0.6 else LENGTHS[rng.integers(85)]


def modelled(items, shape):
    """(parts, what they take) as the model has it."""
    kinds = ([array(map(literal, shape))._replace(tag="array", shape=tuple(map(literal, shape)))]
             + [kind_of_item(item) for item in items])
    spec = tuple(Item("at", (number,)) for number in range(1, len(kinds)))
    return selected(Scope({}, {}, "f"), kinds[0], spec, kinds, ())


def gathered(x, items, taken):
    """What a subscript takes, element by element, as the model says where each comes from."""
    items = [*items, Ellipsis]      # which stands for the axes behind
    index = np.indices([n.value for n in taken.shape])
    places = {axis: index[number] for number, (what, axis) in enumerate(taken.sources) if what == "place"}
    rows = {axis: index[number] for number, (what, axis) in enumerate(taken.sources) if what == "axis"}
    found = []
    for axis, (number, inside) in enumerate(taken.axes):
        item = items[number]
        if axis in rows:
            found.append(np.arange(x.shape[axis])[item if isinstance(item, slice) else slice(None)][rows[axis]])
            continue
        array = np.asarray(item, dtype=None if np.size(item) else int)
        array = np.nonzero(array)[inside] if array.dtype == bool else array
        count = array.ndim
        at = tuple(places[len(taken.places) - count + i] * (n > 1) for i, n in enumerate(array.shape))
        found.append(array[at] if count else array % x.shape[axis])
    return np.broadcast_to(x[tuple(found)], index.shape[1:])


@pytest.mark.parametrize("part", range(4))
def test_the_model_is_what_numpy_does(part):
    """Shapes, errors, where each element comes from, and whether one comes twice."""
    for number, (items, shape) in enumerate(itertools.islice(sequences(), part, None, 4)):
        x = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
        try:
            wanted = x[items]
        except REJECTED:
            wanted = None
        try:
            parts, taken = modelled(items, shape)
        except Refusal as refusal:
            assert refusal.raises is IndexError and wanted is None, f"x[{items}] of {shape}: {refusal.why}"
            continue
        if wanted is None and any(isinstance(item, np.ndarray) for item in items):
            continue        # of an array without axes the number is not known
        assert wanted is not None, f"x[{items}] of {shape} fails in NumPy"
        assert tuple(n.value for n in taken.shape) == wanted.shape, f"x[{items}] of {shape}"
        if number % 3 == 0:
            assert np.array_equal(gathered(x, items, taken), wanted), f"x[{items}] of {shape}"
            once = is_distinct(parts, taken, tuple(map(literal, shape)), {},
                               lambda length, n: length.value == n)
            assert not once or np.unique(wanted).size == wanted.size, f"x[{items}] of {shape}"
            told = not any(part.kind == "mask" for part in parts)
            assert (once or not told or np.unique(wanted).size < wanted.size
                    or not wanted.size), f"x[{items}] of {shape}"


# a truth value chooses an element of a list or tuple

CHOICES = ["(x, y)[x < y]", "[x, 2 * x][x > 0] * 3", "[x, y][x > y] * x", "[x, y][x > y] * y",
           "(x, y, x * y)[not x < y]", "([x] * 2)[x > 0] * x", "[[x, 1.0], [2.0, x * y]][x > 0][x > y] * x",
           "[1.0, 2.0][x > y] * x", "{True: x, False: y * y}[x > y]", "[x, y][bool(x < y)]",
           "[x, y][0 < x < y] * x", "[x, x * x][-(x > 0)]", "[x, y][int(x > y)] * x",
           "[x * i for i in range(3)][x > y]", "np.sum([x * V, V * V][math.isfinite(x)] * y)"]


@pytest.mark.parametrize("text", CHOICES)
def test_a_truth_value_chooses_an_element(text):
    f = function(f"def f(x, y):\n    return {text}", V=array_of((3,)))
    for args in ((1.5, 2.0), (2.5, 2.0), (-1.5, 0.7)):
        assert_gradient(f, args)


def test_a_truth_value_chooses_an_element_of_a_list_that_grows():
    assert_gradient(function("""
        def f(x, n):
            xs, s = [], 0.0
            while s < n:
                xs.append(x * s * x)
                s += 1.0
            return xs[x > 0] * x + xs[x < 0] + xs[n > 1]"""), (1.5, 3.0), "x")


def test_of_which_element_nothing_is_known_is_refused():
    with pytest.raises(revad.RevadError, match="which element it takes is not known"):
        revad.grad(function("def f(x):\n    return [x][x < 0] * x"))(1.5)


@pytest.mark.skipif(NUMPY_1, reason="NumPy 1 takes its truth values for integers, with a warning")
def test_a_truth_value_of_numpy_is_no_index_of_a_list():
    with pytest.raises(TypeError, match="indices must be integers or slices"):
        revad.grad(function("def f(x):\n    return np.sum([x, 2 * x][x[0] > 0])"))(array_of((3,)))


# gradients: every pair of kinds of item, at every rank, of axes that are 0, 1 and 3 long

def items_of(n):
    """Each kind of item, where all axes are of length n.

    `k`, `s` and capitals are settings and arrays from outside.
    """
    mask = "[" + ", ".join(("True", "False", "True")[:n]) + "]" if n else "M"
    return ["0", "-1", "k", "True", "k < 0", ":", "1:", "::-1", "0:0", "s", "...", "None", "[0]", "[0, -1]", "[0, 0, 0]", "[[0], [0]]", "[]", "J",
            "K", "Z", mask, "M", "range(1)", "np.arange(len(x))", "np.array([0])"]


def outside_of(n):
    return {"k": 0, "s": slice(1, None), "J": np.array([0, -1, 0][:max(n, 1)]), "K": np.array([[0, 0], [0, -1]], np.int8), "Z": np.array(0),
            "M": np.arange(n) % 2 == 0}


def pairs(rank):
    """(n, the pair, as text): a part of the many, others at each rank and length."""
    for number, (first, second) in enumerate(itertools.product(range(len(items_of(1))), repeat=2)):
        for n in (0, 1, 3):
            if (number + 5 * n + 3 * rank + first) % (4 + 3 * rank) == 0:
                yield n, f"{items_of(n)[first]}, {items_of(n)[second]}"


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_pairs_of_items(rank):
    """What NumPy rejects is rejected.

    The rest has the gradient of differences, some of it at second order, too.
    """
    for number, (n, text) in enumerate(pairs(rank)):
        x, outside = array_of((n,) * rank), outside_of(n)
        try:
            taken = eval(f"x[{text}]", {"np": np, "x": x, **outside})
        except REJECTED:
            with pytest.raises((*REJECTED, revad.RevadError)):
                revad.grad(function(f"def f(x):\n    return np.sum(x[{text}]**2)", **outside))(x)
        else:
            assert_taken(text.split(", "), x, 1 + (number % 9 == 0 and n > 0), **outside)


STORES = ["np.ix_([0, 1], [0, 2])", "np.ix_([True, False, True], [0, 2])", "np.ix_(x[:, 0] > 0.8, [0, 2])",
          "[0, 1], [1, 2]", "np.ix_(range(2), np.argsort(x[0]))", "[0, 0], [1, 2]", "[0, 0], [1, 1]",
          "[0, -1], [1, 1]", "[0, -2], [1, 1]", "[[0], [1]], [0, 2]", "np.array([0, 1]), np.array([1, 2])",
          "np.diag_indices(3)", "np.diag_indices_from(x)", "np.triu_indices(3, 1)",
          "np.tril_indices_from(x)", "np.nonzero(x > 1)", "np.where(x > 1)", "np.argsort(x[0])[:2]",
          "np.argsort(x[0])[::-1], 0", "np.arange(3)[:, None], np.arange(2)", "np.arange(3), [0, 0, 1]",
          "np.arange(1), [0, 0, 1]", "range(3), range(3)", "x[0] > 0, [0, 1, 2]", "x[0] > 0.8, 0", "x > 1",
          "[2, 0], ::2", "slice(1, 3)", "(slice(None), 0)", "I", "J, I", "np.unravel_index([0, 4], (3, 3))",
          "True", "x[0, 0] > 0, 0", "None, 1, ...", "[0, 1, 0]", "[-1, 2, 0]", "(..., *[None] * 2)",
          "0, [1, 1]", "[]", "k, ...", "(1, 1),"]


@pytest.mark.parametrize("operation", ["=", "+=", "-=", "*="])
def test_stores(operation):
    """The value is an array of what is taken, or broadcasts to it.

    Where a place comes twice what was stored last counts.
    """
    outside = {"I": np.array([0, 2]), "J": np.array([1, 1]), "k": 1}
    x = array_of((3, 3))
    for number, text in enumerate(STORES):
        shape = np.shape(eval(f"x[{text}]", {"np": np, "x": x, **outside}))
        shape = (shape, shape[1:], (1,) * len(shape), ())[(number + len(operation)) % 4]
        f = function(f"def f(x, v):\n    t = x * 1.0\n    t[{text}] {operation} v\n"
                     "    return np.sum((t * W)**2)", W=array_of((3, 3), 1), **outside)
        assert_right(f, x, array_of(shape, 2) if shape else 0.7)


ORDERS = [np.array([0, 2, 0]), np.array([0, 2, 0])[::-1], np.array([0, 1, 2, 0, 1, 2])[::-2]]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("places", ORDERS)
def test_the_value_that_is_stored_last(places, turned):
    """NumPy takes the places along one axis in their order, however they and the values lie in memory."""
    v = array_of((3, 2), 1)[::-1] if turned else np.asfortranarray(array_of((3, 2), 1))
    for text in ("t[i] = v", "t[:2, i] = v.T", "t[i, 1:] = v[:, :1]", "t[:2, None, i] = v.T[:, None]",
                 "t[0, i] += v[:, 1]"):
        f = function(f"def f(x, v, i):\n    t = x * 2\n    {text}\n    return np.sum(t**2)")
        x = array_of((3, 2) if text.startswith("t[i]") else (3, 3))
        assert_gradient(f, (x, v, places), ("x", "v"))


@pytest.mark.parametrize("text, right", [
    ("t[K] = x[0, 0]", True), ("t[K] *= 2", False), ("t[K] = x[1]", True), ("t[K] = x[K]", False),
    ("t[K] += x[0]", True), ("t[K, 0] = x[0]", False), ("t[K, 0] = x[:1, :1]", True),
    ("t[np.ix_([0, 0], [0, 2])] = x[:2, :2]", False), ("t[np.ix_([0, 0], [0, 2])] = x[0, 0]", True),
    ("t[np.ix_([0, 0], [0, 2])] = x[:, 1:2][:1]", True)])
def test_several_values_for_places_along_several_axes(text, right):
    """Which is stored last hangs on how they lie in memory: right where the values are the same
    for all places."""
    f = function(f"def f(x):\n    t = x * 2\n    {text}\n    return np.sum(t**2)",
                 K=np.array([[0, 1, 0], [2, 0, 0]]))
    if right:
        assert_right(f, array_of((3, 3)))
    else:
        with pytest.raises(revad.RevadError, match="an element may be in it twice, and the last value wins"):
            revad.grad(f)(array_of((3, 3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_store_where_places_come_twice(dtype):
    """At first order in single precision too.

    The text names its dtype, so that differences of the text need double.
    """
    f = function("""
        def f(x, v, i):
            t = x * 2
            t[i] = v * v
            t[i, 1] *= v[:, 0]
            t[i] += v
            return np.sum(t**2)""")
    x, v, i = array_of((3, 2)).astype(dtype), array_of((4, 2), 1).astype(dtype), np.array([0, 2, 0, -1])
    assert_gradient(f, (x, v, i), ("x", "v"))
    if dtype is np.float32:
        return
    gradient = revad.grad(f, wrt=("x", "v"))
    gradient(x, v, i)
    text = f"{gradient.source}\ndef g(x, v, i):\n    dx, dv = f_grad(x, v, i)\n    return np.sum(dx**2) + np.sum(dv**2)"
    assert_gradient(function(text).__globals__["g"], (x, v, i), ("x", "v"), atol=1e-6)


# what is seen to differ is stored and added without np.add.at

@pytest.mark.parametrize("text, plain", [
    ("x[[0, -1]]", True), ("x[[0, -2]]", True), ("x[[0, -3]]", False), ("x[[0, 0]]", False),
    ("x[[0, 0], [0, 1]]", True), ("x[[0, 1], [0, 0]]", True), ("x[range(1), [0, 1, 1]]", False),
    ("x[np.arange(3), [0, 1, 1]]", True), ("x[np.arange(3)[:, None], [[0, 1]]]", True),
    ("np.sort(x, axis=0)", True), ("x[np.arange(3)[:, None], [[0, 0]]]", False),
    ("x[np.ix_([0, 1], [1, 0])]", True), ("x[np.ix_([0, 1], [1, 1])]", False), ("x[x[:, 0] > 0]", True),
    ("x[np.nonzero(x > 0)]", True), ("x[np.nonzero(x > 0)[0]]", False),
    ("x[x[:, 0] > 0, [0, 1, 0]]", False), ("x[np.argsort(x[0])[1:]]", True),
    ("x[np.argsort(x, axis=0), [0, 1, 2]]", True), ("x[np.argsort(x, axis=1), [0, 1, 2]]", False),
    ("x[np.array([2, 0])]", True), ("x[I]", False)])
def test_whether_an_element_is_seen_to_come_once(text, plain):
    f = function(f"def f(x):\n    return np.sum({text}**2)", I=np.array([0, 1]))
    x = array_of((3, 3))
    assert_right(f, x)
    gradient = revad.grad(f)
    gradient(x)
    assert ("np.add.at" not in gradient.source) == plain


def test_places_from_both_ends_that_are_one_in_another_call():
    """What was seen to differ of one length is compiled again for another."""
    gradient = revad.grad(function("def f(x):\n    return np.sum(x[[0, -3]]**2 * W)", W=np.array([1.0, 2.0])))
    assert gradient(np.ones(5)).tolist() == [2, 0, 4, 0, 0]
    assert gradient(np.ones(3)).tolist() == [6, 0, 0]


@pytest.mark.parametrize("text, shape", [
    ("np.take_along_axis(x, np.array([[0, 1], [1, 2]]), 1)", (1, 3)),
    ("np.take_along_axis(x, np.array([[0, 1]]), 1)", (2, 3)),
    ("np.take_along_axis(x, np.array([[0], [1]]), 0)", (2, 3)),
    ("np.take_along_axis(x, np.argsort(x, axis=0), 0)", (2, 3)),
    ("np.take_along_axis(x, np.argmax(x, axis=1)[:, None], 1)", (1, 3)), ("np.take(x, 0)", (1, 1)),
    ("np.take(x, [0, 0])", (1, 1)),
    ("np.take(x, [[0]], axis=0)", (1, 3)), ("np.take(x, x > 1)", (2, 3)), ("x.take(-1, axis=1)", (2, 3)),
    ("np.take(x, 0)", ())])
def test_what_is_taken_by_functions(text, shape):
    x = array_of(shape) if shape else np.array(1.3)
    taken = eval(text, {"np": np, "x": x})
    assert_right(function(f"def f(x):\n    return np.sum({text}**2 * W)",
                          W=array_of(np.shape(taken), 1) if np.ndim(taken) else 1.7), x)


STATEMENTS = [
    "t = x[x > 1] * 1.0; t[...] = x[x > 1][None]; return np.sum(t * t)",
    "t = x[x > 1] * 1.0; t[:] = x[x > 1][None, None]; return np.sum(t * t)",
    "idx = [slice(None)] * x.ndim; idx[1] = slice(1, None); a = x[tuple(idx)]; idx[1] = slice(None, -1); "
    "return np.sum((a - x[tuple(idx)])**3)",
    "t = x.copy(); s = np.s_[1:, ::2]; t[s] = y; t[s] **= 2; return np.sum(t * x)",
    "t = x.copy(); s = slice(1, None); r = t[s]; r[...] *= y; r[0] = 2 * y; return np.sum(t * x)",
    "t = x.copy(); r = t[np.array(1)]; r[0] = y; return np.sum(t * x) + np.sum(r * r)",
    "t = x.copy(); r = t[()]; r[0] = y; return np.sum(t * x) + np.sum(r * r)",
    "t = x.copy(); r = t[True]; r[0, 0] = y; return np.sum(t * x) + np.sum(r * r)",
    "t = np.zeros((3, 3)); np.add.at(t, np.s_[1:, [0, 0]], x[1:, :2] * y); return np.sum(t * t)",
    "t = x.copy(); t[1][t[1] > 1] = y; return np.sum(t * x)",
    "lo = 1; s = slice(lo, lo + 2); return np.sum(x[:, s]**2) "
    "+ s.start * np.sum(x) + (s.stop - s.start) * x[0, 0] * y",
    "t = x.copy(); r = t[1:]; r[:, [0, 0]] = y * x[1:, :2]; return np.sum(t * x)",
]


@pytest.mark.parametrize("body", STATEMENTS)
def test_statements_with_subscripts_in_variables(body):
    f = function("def f(x, y):\n" + "".join(f"    {line}\n" for line in body.split("; ")))
    assert_gradient(f, (array_of((3, 3)), 0.3))


SHIFTED = ["z[:, 0]", "z[True]", "z[True, :, 0]", "z[np.arange(3), [0, 1, 1]]", "z[[0, 0, 1], [0, 1, 1]]",
           "z[:, None, 0]", "z[s, 0]", "z[m]", "z[(slice(None), 1)]",
           "z[..., 0]", "z[k]", "z[None]"]


@pytest.mark.parametrize("text", SHIFTED)
def test_what_is_taken_of_scores_from_which_the_maximum_was_taken(text):
    """The gradient on the maximum is left out where the shift cancels, and only there."""
    outside = {"k": 1, "s": slice(1, None), "m": np.array([True, False, True])}
    for total in ("np.sum(np.log(np.sum(np.exp(z), axis=1)))", "np.log(np.sum(np.exp(z)))"):
        f = function("def f(x):\n    z = x - np.max(x, axis=1)[:, None]\n"
                     f"    return {total} - np.sum({text})", **outside)
        assert_right(f, array_of((3, 3)))


@pytest.mark.parametrize("body", [
    "s = slice(1, None); r = t[s]; u = r.reshape(-1); u *= y",
    "s = (0, slice(1, None)); r = t[s]; u = r.ravel(); u *= y",
    "s = (slice(None), 0); r = t[s]; u = r.reshape(-1, 1); u *= y",
    "r = t[0][None, 1:]; u = r.reshape(2); u *= y"])
def test_what_is_reshaped_of_a_part(body):
    """Whether it is a view is told by what the part takes of each axis, be it written out or
    in a variable."""
    f = function("def f(x, y):\n    t = x.copy()\n" + "".join(f"    {line}\n" for line in body.split("; "))
                 + "    return np.sum(t * t * x) + np.sum(u)")
    assert_right(f, array_of((3, 3)), 0.3)


@pytest.mark.parametrize("index", ["ord('b') - 97", "I[I > 0].tolist()[0]"])
def test_a_store_into_what_may_be_a_view_is_refused(index):
    """Of an index of which nothing is known the result may be a view or a copy: reads are right,
    stores into it refused."""
    outside = {"k": 1, "I": np.array([1])}
    assert_right(function(f"def f(x, y):\n    return np.sum(x[{index}]**2 * y)", **outside),
                 array_of((3, 3)), 0.3)
    with pytest.raises(revad.RevadError):
        revad.grad(function(f"def f(x, y):\n    t = x.copy()\n    r = t[{index}]\n    r[0] = y\n"
                            "    return np.sum(t**2)", **outside))(array_of((3, 3)), 0.3)


@pytest.mark.parametrize("use", ["x[k]", "x * max(k)", "x * len(k)", "x * k[-1]"])
def test_places_that_a_comprehension_selects(use):
    store = "t[k] *= y" if "max" not in use else "t[:1] *= y"
    f = function(f"def f(x, y):\n    k = [i for i, v in enumerate(m) if v]\n    t = x * y\n    {store}\n"
                 f"    return np.sum(t**2) + np.sum({use}) * y",
                 m=np.array([True, False, True]))
    assert_right(f, array_of((3, 3)), 0.3)


def test_a_comprehension_of_which_the_length_hangs_on_what_is_differentiated_is_refused():
    f = function("def f(x):\n    k = [i for i in range(3) if x[i, 0] > 0.5]\n    return np.sum(x) * max(k)")
    with pytest.raises(revad.RevadError, match="how many elements it has shows only while running"):
        revad.grad(f)(array_of((3, 3)))
