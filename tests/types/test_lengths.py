"""The kinds of results are those of NumPy: rank, dtype, lengths, and the expressions for the lengths."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_kind, function, typed

import revad
from revad.types.kinds import FLOAT, Kind, Known, array, literal, number, static
from revad.types.scope import Scope
from revad.types.shape_rules import as_array, broadcast, product

N, M = Known(5, "x.shape[0]", False, True), Known(3, "y.shape[0]", False, True)
ONE, UNKNOWN = Known(1, "z.shape[0]", True, True), Known(None, "?a")
SIZES = [(2, 3, 4), (5, 2, 7), (3, 3, 3), (1, 3, 4), (2, 1, 1), (1, 1, 1), (0, 3, 2)]


def arrays(*sizes, dtype=float):
    return [(np.ones(size, dtype),) for size in sizes]


# broadcasting

def shapes(rank):
    return [shape for r in range(rank + 1) for shape in itertools.product((1, 2, 3), repeat=r)]


def test_broadcasting_of_all_pairs_up_to_rank_2():
    for a, b in itertools.product(shapes(2), repeat=2):
        try:
            whole = np.broadcast_shapes(a, b)
        except ValueError:
            continue
        known = [tuple(Known(n, f"{name}{i}", n == 1, True) for i, n in enumerate(shape))
                 for name, shape in (("x", a), ("y", b))]
        assert tuple(n.value for n in broadcast(Scope({}, {}, "f"), known)) == whole


@pytest.mark.parametrize("a, b, c", [(s, t, u) for s, t, u in itertools.product(
    [(), (4,), (3, 1), (3, 4), (1, 4), (2, 3, 4), (2, 1, 1)], [(4,), (1,), (3, 4)], [(), (3, 1), (2, 3, 4)])])
def test_broadcasting_of_three_arrays(a, b, c):
    calls = [(np.ones(a), np.ones(b), np.ones(c))]
    kind = assert_kind("x * y + z", *calls)
    assert assert_kind("np.where(x > 0, y, z)", *calls).shape == kind.shape


@pytest.mark.parametrize("lengths, found", [
    ((N, N), N), ((N, ONE), N), ((ONE, N), N), ((ONE, ONE), ONE), ((N, M), N), ((literal(1), M), M),
    ((UNKNOWN, N), N), ((UNKNOWN, ONE), UNKNOWN), ((UNKNOWN, UNKNOWN), UNKNOWN)])
def test_the_length_that_two_axes_broadcast_to(lengths, found):
    assert broadcast(Scope({}, {}, "f"), [(n,) for n in lengths]) == (found,)


def test_of_two_lengths_that_are_equal_the_plainest_is_taken():
    cut = Known(5, "len(range(w.shape[0])[:x.shape[0]])", False, True)
    for lengths in ((N, cut), (cut, N)):
        assert broadcast(Scope({}, {}, "f"), [(n,) for n in lengths]) == (N,)


def gates(x, h, w):
    n = h.shape[0]
    a = x * w
    return a[n:2 * n] + a[:n] * h


def rounds(x, h, w):
    steps = []
    for t in range(len(x)):
        h = gates(x[t], h, w)
        steps.append((h, t))
    return h, steps


def test_conditions_do_not_grow_from_round_to_round():
    sizes = []
    for count in (2, 6):
        layer = revad.grad(rounds)
        layer.forward(np.ones(count), np.ones(2), np.ones(4))
        sizes.append(sorted(len(text) for one in layer.forward.last.variant.conditions for text in one.texts))
    assert sizes[0] == sizes[1]


def test_two_lengths_that_may_be_one_give_a_length_that_is_not_known():
    length, = broadcast(Scope({}, {}, "f"), [(UNKNOWN,), (Known(None, "?b"),)])
    assert length.value is None and length.text not in ("?a", "?b")
    assert broadcast(Scope({}, {}, "f"), [None, (N,)]) is None


# lists as arrays

@pytest.mark.parametrize("kind, found", [
    (Kind("list", items=(FLOAT, FLOAT)), array((literal(2),), "d")),
    (Kind("tuple", items=(array((N,), "f"), FLOAT)), array((literal(2), N), "d")),
    (Kind("list", items=(Kind("list", items=(static(1),)),) * 3), array((literal(3), literal(1)), "l")),
    (Kind("list"), array((literal(0),), "d")),
    (Kind("list", items=(Kind("array", "d"),)), Kind("array", "")),
    (FLOAT, FLOAT), (static("a"), Kind("array", "", None))])
def test_a_list_counts_as_the_array_that_numpy_makes_of_it(kind, found):
    assert as_array(kind, Scope({}, {}, "f")) == found


@pytest.mark.parametrize("text", ["np.sum([x, y])", "np.array([x, y])", "np.array([x, 2.0 * y, x])",
                                  "np.maximum([x, y], 0)",
                                  "np.array([[x, y], [y, x]])", "np.array([x])", "np.stack([x, y])",
                                  "np.array((x, y)).sum(0)"])
def test_lists_of_the_call(text):
    for a, b in [((3,), (3,)), ((2, 1), (2, 1)), ((1,), (1,))]:
        assert_kind(text, (np.ones(a), np.ones(b)))


# elementwise

@pytest.mark.parametrize("text", ["x + y", "x / y", "x ** y", "x // y", "x % y", "x * y - x",
                                  "np.maximum(x, y)", "np.hypot(x, y)", "x > y", "np.arctan2(x, y)", "-x",
                                  "abs(x)", "np.exp(x)", "np.sqrt(x)", "x * 2", "x * 2.5", "2 / x",
                                  "x ** 2", "np.where(x > 1, y, 0)", "np.where(x > 1, 1.5, y)",
                                  "np.sign(x)", "x.astype(float)", "x.astype(np.float32) + y",
                                  "np.multiply(x, y)", "np.add(x, y, dtype=float)", "np.clip(x, 0, 1)",
                                  "np.floor(x)", "np.round(x, 1)", "x == y", "np.log(x) * y",
                                  "np.square(x)", "x.clip(0, 1)"])
def test_the_dtype_of_an_elementwise_result(text):
    # NumPy 1.26 makes floats there.
    dtypes = "dfelih" if np.__version__ >= "2" or "floor" not in text else "dfe"
    for a, b in itertools.product(dtypes, repeat=2):
        # Small integers that are differentiated are floats.
        assert_kind(text, (np.ones((2, 3), a), np.ones(3, b)), wrt=())


@pytest.mark.parametrize("text", ["x + 1", "x * 2.5", "x / 2", "x ** 2", "-x", "abs(x)", "max(x, 2.5)",
                                  "x + True", "x * y", "x // 2", "x % 2", "math.exp(x)", "np.exp(x)",
                                  "float(x)", "round(x)", "x ** -1", "min(x, 0.5)", "x > 1", "sum([x, y])"])
def test_the_dtype_of_a_number(text):
    for x, y in itertools.product([2, 2.5], [3, 0.5]):
        kind = assert_kind(text, (x, y))
        assert kind.tag == "number"


# reductions

AXES = ["", "0", "-1", "1", "(0, 1)", "(0, -1)", "(2, 0)", "None", "(0, 1, 2)", "()"]


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "std", "var", "any", "all"])
def test_reductions(name):
    for axis, kept in itertools.product(AXES, ["", "keepdims=True", "keepdims=False"]):
        extra = ", ".join(part for part in (f"axis={axis}" if axis else "", kept) if part)
        for sizes in (SIZES[:3], SIZES[1:6]):
            for text in (f"x.{name}({extra})", f"np.{name}(x, {extra})"):
                assert_kind(text, *arrays(*sizes))


@pytest.mark.parametrize("text", [
    "np.sum(x, 1)", "np.sum(x, 0, None, None, True)", "x.sum(0, keepdims=True)", "np.argmax(x, axis=1)",
    "x.argmin()", "np.count_nonzero(x, axis=0)", "np.cumsum(x, axis=1)", "np.cumsum(x)",
    "np.cumsum(x[0, 0])", "np.trace(x)", "np.linalg.norm(x)", "np.linalg.norm(x, axis=1)",
    "np.linalg.norm(x, axis=-1, keepdims=True)", "np.median(x, axis=0)", "np.ptp(x, axis=0)",
    "np.sum(x, axis=x.ndim - 1)", "np.average(x, axis=0)", "np.diff(x, axis=1)", "np.nansum(x, axis=0)",
    "sum(x)", "np.diff(x)"])
def test_other_reductions(text):
    for sizes in (SIZES[:3], SIZES[1:4]):
        assert_kind(text, *arrays(*sizes), known=False)


@pytest.mark.parametrize("text", ["x.sum()", "x.mean()", "x.max()", "np.prod(x, axis=0)", "x.std()",
                                  "np.cumsum(x, axis=0)", "x.dot(x)",
                                  "np.sum(x, dtype=np.float32)", "np.mean(x, axis=0)", "x @ x",
                                  "np.sum(x * 2)", "x.min(axis=0)"])
@pytest.mark.parametrize("dtype", "dfel")
def test_the_dtype_of_a_reduction(text, dtype):
    assert_kind(text, (np.ones(3, dtype),))


# shapes

@pytest.mark.parametrize("text", [
    "x.reshape(-1)", "x.reshape(x.shape[0], -1)", "x.reshape((x.shape[0], -1))",
    "np.reshape(x, (-1, x.shape[-1]))", "x.reshape(-1, 1)", "x.reshape(1, -1)",
    "x.reshape(x.shape[0] * x.shape[1], x.shape[2])", "x.reshape(x.shape)",
    "x.reshape(x.shape[0], x.shape[1] * x.shape[2])", "x.reshape(x.shape[::-1])",
    "x.reshape(-1, x.shape[1], 1)", "x.reshape(x.size)", "x.reshape(x.shape[0], -1, 1)",
    "x.reshape(x.shape + (1,))", "x.reshape((1,) + x.shape)", "x.reshape(x.shape[:2] + (-1,))",
    "x.reshape(len(x), -1)", "x.ravel()", "x.flatten()", "x.T", "x.transpose(1, 0, 2)",
    "x.transpose((2, 0, 1))", "np.transpose(x)", "x.swapaxes(0, 2)", "np.moveaxis(x, 0, -1)",
    "np.expand_dims(x, 1)", "np.expand_dims(x, (0, -1))", "x[:, None] + x[None]", "np.squeeze(x[None], 0)",
    "np.squeeze(x[:, :1], 1)", "np.broadcast_to(x, (4,) + x.shape)", "np.broadcast_to(x, (4, *x.shape))",
    "np.concatenate([x, x])", "np.concatenate([x, x, x[:, :, :1]], axis=-1)", "np.stack([x, x], axis=1)",
    "np.concatenate((x, x[:1]), axis=0)", "np.concatenate([x, x], axis=None)", "np.hstack([x, x])",
    "np.vstack([x, x])", "np.dstack([x, x])", "np.tile(x, 2)", "np.tile(x, (2, 1, 3))", "np.repeat(x, 2)",
    "np.repeat(x, 3, axis=1)", "np.flip(x)", "np.roll(x, 1, axis=0)", "np.pad(x, 1)",
    "np.pad(x, ((0, 0), (1, 2), (3, 0)))", "np.zeros_like(x)", "np.ones(x.shape)",
    "np.full(x.shape[1:], 2.0)", "np.zeros((x.shape[0], 2))", "np.eye(x.shape[0])", "np.arange(x.shape[0])",
    "np.arange(1, x.shape[1])", "np.linspace(0, 1, x.shape[2])", "np.zeros(x.shape[0])", "np.empty_like(x)",
    "np.arange(6.0)", "np.arange(2, 9, 3)", "np.arange(0.5, 3)", "x @ x.swapaxes(1, 2)",
    "np.matmul(x, x[0].T)", "x @ x[0, 0]", "np.dot(x, x[0].T)", "np.tensordot(x, x, axes=([0], [0]))",
    "np.einsum('ijk,ijk->i', x, x)", "np.einsum('ijk,ljk->il', x, x)", "np.einsum('ijk->kj', x)",
    "np.einsum('ijk,ilk', x, x)", "np.einsum('...j,...j->...', x, x)", "np.outer(x[0, 0], x[:, 0, 0])",
    "np.inner(x, x)", "np.vdot(x, x)", "np.tensordot(x, x[0, 0], 1)", "np.split(x, 1)[0]",
    "np.split(x, [1, 2], axis=1)[1]", "np.diag(x[0, 0])", "np.diag(x[0])", "np.tril(x)", "np.atleast_1d(x)",
    "np.take(x, [0, 1], axis=2)", "np.sort(x, axis=0)", "np.copy(x)", "np.ravel(x[0])",
    "np.array_split(x, 2, axis=1)[0]", "np.trace(x @ x.swapaxes(1, 2), axis1=1, axis2=2)", "np.squeeze(x)",
    "np.rot90(x)", "np.triu(x[0])", "x.reshape(2, -1)", "np.meshgrid(x[0, 0], x[0, :, 0])[0]",
    "np.kron(x[0], x[0])", "np.diagonal(x[0])", "np.swapaxes(x, 0, 1)",
])
def test_shapes(text):
    sizes = [(2, 3, 4), (4, 5, 3), (2, 2, 2), (6, 3, 5), (2, 4, 1), (2, 1, 3)]
    for first in range(len(sizes)):
        calls = arrays(sizes[first], *sizes)
        try:
            eval(text, {"np": np, "x": calls[0][0]})
        except (ValueError, IndexError):
            continue
        fits = [call for call in calls if _runs(text, call[0])]
        assert_kind(text, *fits, known=False)


def _runs(text, x):
    try:
        eval(text, {"np": np, "x": x})
    except (ValueError, IndexError):
        return False
    return True


@pytest.mark.parametrize("text", ["x.reshape(-1)", "x.reshape(x.shape[0], -1)", "x.T", "x @ x.swapaxes(1, 2)",
                                  "np.concatenate([x, x])",
                                  "x.reshape(-1, x.shape[-1])", "np.stack([x, x])", "x[:, None]",
                                  "np.zeros(x.shape)",
                                  "x.transpose(2, 0, 1)", "np.einsum('ijk->kj', x)",
                                  "x.reshape(x.shape[0], -1)[:, 1:]"])
def test_what_has_to_be_known(text):
    assert_kind(text, *arrays((2, 3, 4), (4, 5, 3)))


@pytest.mark.parametrize("lengths, text, value", [
    ((N,), "x.shape[0]", 5), ((N, M), "x.shape[0] * y.shape[0]", 15),
    ((N, Known(2, "n - 1")), "x.shape[0] * (n - 1)", 10),
    ((literal(2), literal(3)), "6", 6), ((), "1", 1)])
def test_axes_laid_in_one(lengths, text, value):
    known = product(lengths)
    assert (known.text, known.value) == (text, value) and known.exact is all(n.exact for n in lengths)


def test_a_product_is_known_to_be_one_or_not():
    assert (product((N, M)).unit and product((N, literal(1))).unit is False
            or product((N, literal(1))).value == 5)
    assert product((UNKNOWN, N)).value is None


def test_sizes_are_numbers_that_are_known():
    program, _ = typed("def f(x):\n    n = x.shape[0] * 2 - 1\n    return x * n", np.ones((4, 3)), wrt="x")
    n = next(s.target for s in program.block if s.target.name == "n")
    assert n.kind.known == Known(7, "(x.shape[0] * 2) - 1") and not n.varied


def test_a_zero_dimensional_result_is_a_number():
    assert assert_kind("x.sum()", *arrays((3,))) == number("d")
    assert assert_kind("x[0]", *arrays((3,), dtype=np.float32)) == number("f")


def test_a_loop_that_ends_when_it_has_converged_stays_a_loop():
    def riccati(A, Q, rounds):
        P = Q
        for _ in range(rounds):
            new = A.T @ P @ A * 0.1 + Q
            if np.max(np.abs(new - P)) < 1e-3:
                break
            P = new
        return new

    A, Q = np.array([[0.5, 0.2], [0.1, 0.9]]), np.array([[1.0, 0.3], [0.3, 2.0]])
    assert_gradient(riccati, (A, Q, 30), wrt=("A", "Q"))
    pair = revad.grad(riccati, wrt=("A", "Q"))
    pair.forward(A, Q, 30)
    assert pair.forward.source.count("new = A.T") == 1


def test_what_differs_in_length_between_the_sides_of_a_branch():
    def f(x, y, flag):
        z = x * 2 if flag > 0 else y * y
        return np.sum(z * z)

    differentiated = revad.grad(f, wrt=("x", "y"))
    for n in (3, 4, 3):
        for flag in (1, -1):
            x, y = np.arange(3.0), np.arange(float(n)) + 1
            dx, dy = differentiated(x, y, flag)
            np.testing.assert_allclose(dx, 8 * x if flag > 0 else 0 * x)
            np.testing.assert_allclose(dy, 4 * y**3 if flag < 0 else 0 * y)


@pytest.mark.parametrize("grown", ["np.pad(x, (1, 0))", "np.pad(x, 1)", "np.append(x, 1.0)",
                                   "np.concatenate([x, [1.0]])",
                                   "np.concatenate([x, x])", "np.hstack([x, y[:1]])", "np.diff(x, prepend=0, append=1)"])
@pytest.mark.parametrize("text", ["np.clip(e, -1, y)", "np.minimum(e, y)", "e * y", "e + y", "np.where(y > 0, e, 1.0)"])
def test_a_sum_of_lengths_may_be_one_in_a_later_call(grown, text):
    f = function(f"def f(x, y):\n    e = {grown}\n    return {text}")
    for first in (2, 0, 1):
        split = revad.grad(f)
        for n in (first, 0, 1, 2, 3):
            x = np.arange(n) * 0.7 + 0.3
            length = len(eval(grown, {"np": np, "x": x, "y": np.ones(4)}))
            for m in {length, 1, 4}:
                y = np.arange(m) * 0.9 - 0.2
                try:
                    f(x, y)
                except ValueError:
                    continue
                out, cache = split.forward(x, y)
                dx, dy = split.backward(np.ones(out.shape), cache)
                assert dx.shape == x.shape and dy.shape == y.shape
