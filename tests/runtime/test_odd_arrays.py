"""Arrays that are not plain ones of floats: each is right, or refused with a clear sentence.

Never silently taken for a plain one.
"""
import copy
import itertools

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient, random_dout
from from_text import function

import revad

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")      # np.matrix
B = np.array([[1.1, -0.7, 0.4], [0.9, 2.1, -1.3]])


class Doubling(np.ndarray):
    """As arrays with units are: products are its own."""

    def __array_ufunc__(self, ufunc, method, *args, **keywords):
        found = getattr(ufunc, method)(*map(np.asarray, args), **keywords)
        return (found * 2).view(Doubling) if ufunc is np.multiply else found


class Named(np.ndarray):
    """With the operations of an array."""


def frozen():
    found = B.copy()
    found.flags.writeable = False
    return found


@pytest.fixture
def in_file(tmp_path):
    np.save(tmp_path / "b.npy", B)
    return lambda mode="r": np.load(tmp_path / "b.npy", mmap_mode=mode)


RIGHT = {
    "other byte order": lambda: B.astype(">f8"), "float32 of other byte order": lambda: B.astype(">f4"),
    "read-only": frozen, "columns": lambda: B.copy("F"),
    "one row for all": lambda: np.broadcast_to(B[0], (2, 3)), "backwards": lambda: B[::-1, ::-1],
    "no rows": lambda: np.zeros((0, 3)),
    "no columns": lambda: np.zeros((2, 0)), "no axes": lambda: np.array(1.3),
    "float16": lambda: B.astype("f2"), "long": lambda: B.astype("g"),
    "not aligned": lambda: np.frombuffer(b"x" + B.tobytes(), "u1")[1:].view("f8").reshape(2, 3),
    "integers of other byte order": lambda: (B * 5).astype(">i4"),
    "unsigned": lambda: (B * B * 5).astype("u1"),
}
EXPRESSIONS = ["np.sum(x * x) * w", "x.sum() ** 2 * w", "np.sum(np.exp(x)) * w", "np.sum(x.T * w) * w"]


@pytest.mark.parametrize("name", RIGHT)
def test_right(name):
    x = RIGHT[name]()
    for text in EXPRESSIONS[:1] if x.dtype.kind in "iu" else EXPRESSIONS:
        dx, dw = revad.grad(function(f"def f(x, w):\n    return {text}\n"))(RIGHT[name](), 1.7)
        wanted = revad.grad(function(f"def f(x, w):\n    return {text}\n"))(x.astype(float), 1.7)
        assert (dx.shape == x.shape
                and dx.dtype == (x.dtype.newbyteorder("=") if x.dtype.kind == "f" else float))
        np.testing.assert_allclose(np.array(dx, float), wanted[0], rtol=2e-2 if x.dtype == "f2" else 1e-6)
        np.testing.assert_allclose(dw, wanted[1], rtol=2e-2 if x.dtype == "f2" else 1e-6)


def test_an_array_in_a_file_is_an_array(in_file):
    """As an argument, in a list, as a setting, from outside; it is not written into, whatever its mode."""
    f = function("def f(x, w):\n    x = x * 1.0\n    x[0] *= 3.0\n    return np.sum(x * x) * w\n")
    g = revad.grad(f)
    for mode in ("r", "c", "r+"):
        dx, dw = g(in_file(mode), 1.7)
        assert type(dx) is np.ndarray
        np.testing.assert_array_equal(dx, g(B, 1.7)[0])
    out, cache = g.forward(in_file(), 1.7)
    np.testing.assert_array_equal(g.backward(1.0, cache)[0], g(B, 1.7)[0])
    stored = function("def f(x):\n    x[0] = x[1] * 2.0\n    return np.sum(x * x)\n")
    np.testing.assert_array_equal(revad.grad(stored)(in_file("r+")), revad.grad(stored)(B))
    np.testing.assert_array_equal(in_file(), B)
    listed = function("def f(xs, w):\n    return np.sum(xs[0] * xs[1]['a']) * w\n")
    found = revad.grad(listed)([in_file(), {"a": in_file()}], 2.0)
    np.testing.assert_array_equal(found[0][0], 2 * B)
    outside = function("def f(w):\n    return np.sum(DATA * w)\n")
    outside.__globals__["DATA"] = in_file()
    assert_gradient(outside, (B * 2,))


@pytest.mark.parametrize("make, message", [
    (lambda: np.matrix(B),
     "x is a matrix, whose operations are not those of an array: convert it with np.asarray"),
    (lambda: np.ma.masked_less(B, 0),
     "x is a MaskedArray, whose operations are not those of an array: convert it with np.asarray"),
    (lambda: np.rec.array(B),
     "x is a recarray, whose operations are not those of an array: convert it with np.asarray"),
    (lambda: B.view(Doubling),
     "x is a Doubling, whose operations are not those of an array: convert it with np.asarray"),
    (lambda: B.astype(object), "x is an array of objects: convert it with .astype(float)"),
    (lambda: B + 0j,
     "x is complex: revad differentiates functions of real numbers; pass its real and imaginary parts"),
    (lambda: np.zeros(3, [("a", float)]), "x is an array of [('a', '<f8')], which has no gradient"),
    (lambda: np.array(["2020-01-01"], "M8[D]"), "x is an array of datetime64[D], which has no gradient"),
    (lambda: np.array(["a"]), "x is an array of <U1, which has no gradient"),
])
def test_what_has_no_gradient(make, message):
    f = function("def f(x, w):\n    return np.sum(x * w)\n")
    for call in (revad.grad(f), revad.grad(f).forward):
        with pytest.raises(revad.CallError) as caught:
            call(make(), 1.7)
        assert str(caught.value).startswith(message)


FOREIGN = {"matrix": lambda: np.matrix(B), "masked": lambda: np.ma.masked_less(B, 0),
           "units": lambda: B.copy().view(Doubling)}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("text",
                         ["np.sum(m * w)", "np.sum(m.T * w)", "np.sum(w * m[0:1] * 2.0)",
                          "np.sum(np.exp(m) * w)", "np.sum(-m / w)", "np.dot(m, np.ones(3)).sum() * w",
                          "np.sum(m + m) * w", "np.sum(np.asarray(m) * w)", "m.sum() * w", "len(m) * w",
                          "m[0, 0] * w"])
def test_a_setting_of_another_class_keeps_its_operations(name, text):
    """Where a derivative would go through one of them it is refused."""
    f = function(f"def f(w, m):\n    return {text}\n")
    try:
        found = revad.grad(f, wrt="w")(1.7, FOREIGN[name]())
    except revad.UnsupportedError as error:
        assert type(error) is revad.UnsupportedError and "np.asarray" not in text and "len" not in text
        return
    np.testing.assert_allclose(found, (f(1.7 + 1e-6, FOREIGN[name]()) - f(1.7 - 1e-6, FOREIGN[name]()))
                               / 2e-6, rtol=1e-6)


def test_a_setting_with_the_operations_of_an_array():
    f = function("def f(w, m):\n    return np.sum(m.T * w) * w\n")
    np.testing.assert_allclose(revad.grad(f, wrt="w")(1.7, B.copy().view(Named)), 2 * 1.7 * B.sum())


@pytest.mark.parametrize("text, m", [
    ("np.sum(m * w)", np.array([1, 2], "m8[D]")), ("np.sum(m[0] * 3.0) * w", np.array([1, 2], "m8[D]")),
    ("np.sum(m['a'] * w)", np.ones(3, [("a", float)])),
    ("np.sum(w * (m == 'a'))", np.array(["a", "b"])),
    ("np.sum(w * (m < np.datetime64('2020-01-02')))", np.array(["2020-01-01", "2020-01-03"], "M8[D]")),
    ("np.sum(w * m)", np.array([1.5, 2.0], object)),
    ("np.sum(w * (m - m[0]).astype(float))", np.array(["2020-01-01", "2020-01-03"], "M8[D]")),
])
def test_settings_that_are_no_numbers(text, m):
    f = function(f"def f(w, m):\n    return {text}\n")
    try:
        found = revad.grad(f, wrt="w")(1.7, m)
    except revad.UnsupportedError as error:
        assert type(error) is revad.UnsupportedError and m.dtype.kind == "m"
        return
    np.testing.assert_allclose(found, (f(1.7 + 1e-6, m) - f(1.7 - 1e-6, m)) / 2e-6, rtol=1e-6)


ALIASED = ["x[0] = 5.0 * y[1]; return np.sum(x * y * W)", "x *= y; return np.sum(x * W + y)",
           "y[1:] = x[:-1]; return np.sum(x * x * W)",
           "x += 1.0; y *= 2.0; return np.sum(x * y)", "np.multiply(x, y, out=y); return np.sum(x * W)",
           "x.sort(); return np.sum(x * y * W)", "return np.sum(x * y)"]


@pytest.mark.parametrize("body", ALIASED)
def test_one_array_for_two_parameters(body):
    """Refused where it is stored into, as the other parameter is changed by that.

    Else each parameter is a variable of its own.
    """
    f = function("def f(x, y):\n" + "".join(f"    {line}\n" for line in body.split("; ")))
    f.__globals__["W"] = np.array([0.3, -1.1, 0.7, 0.9])
    a = np.array([0.5, -1.5, 2.0, 0.7])
    for x, y in ((a, a), (a[:], a[::-1])):
        if body == "return np.sum(x * y)":
            assert all(map(np.array_equal, revad.grad(f)(x, y), revad.grad(f)(x.copy(), y.copy())))
        else:
            with pytest.raises(revad.CallError,
                               match=r"^f stores into [xy], which shares memory with [xy]: pass a copy "
                                     r"of one of them$"):
                revad.grad(f)(x, y)
        assert np.array_equal(a, [0.5, -1.5, 2.0, 0.7])


WITHOUT_AXES = [
    "for i in range(3):\n    if np.sum(x) > 0:\n        return x\nreturn x * y",
    "while True:\n    if y > 0:\n        return x\n    return x * y",
    "for i in range(3):\n    if y > i:\n        return x * i\nreturn x",
    "n = 2\nwhile n > 0:\n    n -= 1\n    if np.sum(x) > 0:\n        return x\nreturn x + np.sum(y**2)",
    "a = x * 1.0\nfor i in range(3):\n    a += x\n    if a > 2:\n        break\nreturn a",
    "x *= y\nreturn x", "x += 1\nz = x\nx *= y\nreturn z", "a = np.copy(x)\na *= y\na -= 2\nreturn a * a",
    "for i in range(2):\n    x *= y\nreturn x",
    "s = 0.0\nfor i in range(3):\n    s += x\n    x /= 2\nreturn s, x",
    "x **= 2\nreturn x + y", "if y > 0:\n    x *= y\nreturn x",
]


@pytest.mark.parametrize("body", WITHOUT_AXES)
def test_array_without_axes_stays_one(body):
    f = function("def f(x, y):\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    for x, y in itertools.product((np.array(0.7), np.array(-0.4), 0.7), (1.3, -0.6, np.array(0.6))):
        want, (out, cache) = f(copy.copy(x), y), revad.grad(f).forward(x, y)
        for got, wanted in zip(*(each if isinstance(each, tuple) else (each,) for each in (out, want))):
            assert type(got) is type(wanted) and got == wanted
        dout = random_dout(f, (x, y))
        for got, wanted in zip(revad.grad(f).backward(dout, cache), numeric_gradient(f, (x, y), dout=dout)):
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-7)
