"""A call that the function rejects is rejected, with the function's own error, also where the gradient does not need the value.

Each is tried as the first call and after one that fits, of the gradient and of the forward pass.
"""
import copy
import textwrap

import mistakes
import numpy as np
import pytest
from differences import assert_gradient, leaves, with_leaves
from from_text import function
from golden_blocks import CASES

from revad import UnsupportedError, grad
from revad.runtime.primal import copied


def a(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape) / 7


def added(x, w):
    h = x + w
    return h


def affine(x, w):
    h = x @ w
    return h + 1


def square(x, w):
    h = x * w
    k = h + w
    return k * k


OUTSIDE = {"W": a(3), "affine": affine, "square": square, "added": added}


def error_of(f, args):
    try:
        f(*copied(args))
    except Exception as error:
        return error
    return None


def first_line(error):
    return (str(error).splitlines() or [""])[0]


def assert_rejected(f, args, own):
    error = error_of(f, args)
    assert error is not None, f"accepted, where the function raises {own!r}"
    assert (type(error), first_line(error)) == (type(own), first_line(own))
    if hasattr(error, "__notes__"):
        assert any(note.startswith("in the gradient of ") for note in error.__notes__)


def assert_all_rejected(text, parameters, good, bads):
    f = function(f"def f({parameters}):\n{textwrap.indent(textwrap.dedent(text).strip(), '    ')}\n",
                 **OUTSIDE)
    for bad in bads:
        own = error_of(f, bad)
        assert own is not None, f"the function takes {bad}"
        assert_rejected(grad(f), bad, own)
        if good is not None:
            for compiled in (grad(f), grad(f).forward):
                compiled(*copy.deepcopy(good))
                assert_rejected(compiled, bad, own)


def arrays(shapes):
    return tuple(a(*map(int, shape.split(","))) for shape in shapes.split())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression, good, bads", [
    pytest.param(one, good, bads, id=f"{one} {good}") for ones, good, bads in mistakes.SHAPES for one in ones
    if "trapezoid" not in one or hasattr(np, "trapezoid")])
def test_shapes_that_do_not_fit(expression, good, bads):
    assert_all_rejected(f"return np.sum({expression})", "x, y"[:1 + 3 * (" " in good)], arrays(good),
                        map(arrays, bads.split(" | ")))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", [one for one in mistakes.SETTINGS
                                        if "trapezoid" not in one or hasattr(np, "trapezoid")])
def test_settings_that_do_not_fit(expression):
    assert_all_rejected(f"return np.sum({expression})", "x", None, [arrays("2,3")])


def resized(array):
    """The array with each axis longer, or shorter."""
    for axis, n in enumerate(array.shape):      # those of length 1 compile anew
        yield np.concatenate([array, array.take([0], axis)], axis)
        if n > 2:
            yield array.take(range(n - 1), axis)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_arguments_of_other_shapes(name):
    """Of what people write: other lengths of an argument is right for the function and for its gradient,
    or for neither."""
    case = CASES[name]
    flat = [leaf for _, leaf in leaves(list(case.args))]
    gradient = grad(case.function, wrt=case.wrt)
    compiled = gradient.forward if case.layer else gradient
    compiled(*copy.deepcopy(case.args))
    for at, leaf in enumerate(flat):
        for other in resized(leaf) if isinstance(leaf, np.ndarray) else ():
            args = tuple(with_leaves(list(copy.deepcopy(case.args)), [*flat[:at], other, *flat[at + 1:]]))
            own = error_of(case.function, args)
            if own is not None:
                assert_rejected(compiled, args, own)
            elif case.layer or np.ndim(case.function(*copy.deepcopy(args))) == 0:
                compiled(*args)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text, good, bads",
                         [pytest.param(*row, id=" ".join(row[0].split())) for row in mistakes.PROGRAMS])
def test_programs_that_do_not_fit(text, good, bads):
    good, *bads = (eval(f"({one},)", {"a": a, "np": np}) for one in (good, *bads.split(" | ")))
    assert_all_rejected(text.replace("; ", "\n"), "x, y, z"[:3 * len(good) - 2], good, bads)


def test_a_side_that_does_not_run_may_be_of_lengths_that_do_not_fit():
    """The function is asked once, and then its gradient is compiled for such lengths.

    Where the side runs, it raises.
    """
    f = function("""
        def f(x, y):
            if x[0] > 0:
                return np.sum(x + y)
            return np.sum(x * x)
    """)
    g, x, y = grad(f), a(3), a(4)
    np.testing.assert_array_equal(g(x, a(3))[0], np.ones(3))
    for _ in range(2):
        np.testing.assert_array_equal(g(-x, y)[0], -2 * x)
        assert_rejected(g, (x, y), error_of(f, (x, y)))
    np.testing.assert_array_equal(g(x, a(3))[1], np.ones(3))


def test_a_handler_of_lengths_that_do_not_fit_is_followed():
    f = function("""
        def f(x, y):
            try:
                return np.sum(x @ y)
            except ValueError:
                return np.sum(x.T @ y)
    """)
    x = a(2, 3)
    for g in (grad(f, wrt="x"), grad(f, wrt="x")):
        np.testing.assert_array_equal(g(x, a(2)), np.repeat(a(2)[:, None], 3, 1))
        np.testing.assert_array_equal(g(x, a(3)), np.repeat(a(3)[None], 2, 0))
        assert_rejected(g, (x, a(4)), error_of(f, (x, a(4))))


@pytest.mark.parametrize("other", [
    "np.sum(x @ s)", "np.sum(s.mean(axis=1))", "x.sum() + s.shape[0]", "np.sum(x.reshape(7, 7))",
    "np.sum(x.sum(axis=4))", "np.sum(x + np.ones(7))", "np.sum(np.concatenate([x, s]))", "x[0, 0] * s",
    "np.sum(np.linalg.inv(x))", "math.sqrt(x) + s"])
def test_a_side_that_surely_raises_ends_there(other):
    """It has no gradient; the other side has the one that it has."""
    f = function(f"""
        def f(x, s):
            if x[0] > 0:
                y = np.sum(x * s)
            else:
                y = {other}
            return y * y
    """)
    for wrt in (("x",), ("x", "s")):
        g = grad(f, wrt=wrt)
        for _ in range(2):
            np.testing.assert_allclose(g(a(3), 2.0)[0], 8 * np.sum(a(3)) * np.ones(3))
            assert_rejected(g, (-a(3), 2.0), error_of(f, (-a(3), 2.0)))


def test_conditions_are_of_what_no_line_tells():
    def conditions(text, *args):
        g = grad(function(text))
        g(*args)
        return [one for one in g._last.cell_contents.variant.conditions[-1].texts if "shape" in one]

    x, w, b = a(4, 3), a(3), a(4)
    assert conditions("def f(x, w): return np.sum(x @ w)", x, w) == ["x.shape[1] == w.shape[0]"]
    assert conditions("def f(x, w, b): return np.sum((x @ w + b)**2)", x, w, b) == []
    assert conditions("def f(x, w, b): return np.sum(x @ w * b)", x, w, b) == []
    assert conditions("def f(x, y): return np.sum(x * y)", x, x) == ["x.shape == y.shape"]
    assert conditions("def f(x, y, z): return np.sum(x + y) + np.sum(y - z) + np.sum(x + z)", w, w, w) == [
        "x.shape[0] == y.shape[0]", "y.shape[0] == z.shape[0]"]


@pytest.mark.parametrize("text", ("np.linalg.slogdet(a)[1]", "np.linalg.det(a) + np.linalg.slogdet(a)[1]"))
def test_a_logarithm_of_a_determinant_that_is_written_with_the_inverse_of_a_singular_matrix(text):
    """The function has a value there; that its derivative cannot be had is told with the line."""
    f = function(f"def f(a):\n    return {text}")
    with pytest.raises(np.linalg.LinAlgError) as caught:
        grad(f)(np.array([[1.0, 2.0], [2.0, 4.0]]))
    told = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    assert ("its derivative is written with the inverse of a matrix, and that is singular" in told
            and "line 2" in told)


@pytest.mark.parametrize("args", ((2.0, np.array([1.5, 0.5])), (np.array([1.5, 0.5]), 2.0), (2.0, 3.0),
                                  (np.eye(2) * 0.3, 2.0)))
def test_the_gradient_of_a_number_in_tensordot_is_a_number(args):
    assert_gradient(function("def f(a, b):\n    return np.sum(np.tensordot(a, b, axes=0)**2)"), args)


def test_keywords_with_the_name_of_a_parameter_that_is_given_by_its_place():
    f = function("def f(a):\n    return times(a, x=a * a)\ndef times(x, /, **rest):\n"
                 "    return x * rest['x']")
    assert_gradient(f, (1.5,))


@pytest.mark.parametrize("line, y", [("t = next(iter([]))", 0), ("g = iter([]); t = next(g)", 0),
                                     ("t = next(enumerate([]))", 0), ("t = next(iter(y))", []),
                                     ("t = next(iter(y))", np.ones(0)), ("t = next(v for v in [])", 0),
                                     ("t = next(v for v in [1, 2] if v > y)", 3),
                                     ("t = next(iter(range(y)))", 0)])
def test_the_next_of_nothing_is_rejected_where_nothing_reads_it(line, y):
    f = function("def f(x, y):\n    " + line.replace("; ", "\n    ") + "\n    return np.sum(x)")
    with pytest.raises(StopIteration):
        f(np.ones(2), y)
    for of_two in (grad(f, wrt="x"), grad(f, wrt="x").forward):
        with pytest.raises((StopIteration, UnsupportedError)):
            of_two(np.ones(2), y)


SMALL = """
    y = x * 2; return np.sum(y + k)
    y = x; z = y[::-1]; return np.sum(z + k)
    y = x + 1; y = y * 1; return np.sum(y * k)
    y = x.copy(); y[0] = k; return np.sum(y)
    y = -x; return np.sum(y - k)
    y = x[0] * x[1]; return y * k
    y = x ** 2; return np.sum(y // k)
    y = [x * 2, x]; return np.sum(y[0] + k)
    """.strip().splitlines()


@pytest.mark.skipif(np.__version__.startswith("1."), reason="NumPy 1 takes another type")
@pytest.mark.parametrize("body", [line.strip() for line in SMALL])
def test_numbers_that_small_integers_do_not_take_are_rejected_lines_later(body):
    x = np.array([1, 2], np.uint8)
    f = function("def f(x, k):\n    " + body.replace("; ", "\n    "))
    for made in (grad(f, wrt="x"), grad(f, wrt="x").forward):
        made(x, 3)
        for k in (300, -1):
            with pytest.raises(OverflowError):
                f(x.copy(), k)
            with pytest.raises((OverflowError, UnsupportedError)):
                made(x, k)
        made(x, 4)


@pytest.mark.parametrize("power", ["x**2", "x**3.5", "pow(x, 2)", "x**n", "(x * 2)**4"])
@pytest.mark.parametrize("place", ["    y = {}\n", "    {}\n", "    for i in range(2):\n        y = {}\n",
                                   "    ys = [{}, x]\n    x = ys[1]\n"])
def test_a_power_that_overflows_where_nothing_reads_it(power, place):
    f = function(f"def f(x, n):\n{place.format(power)}    return x * 2.0")
    d = grad(f, wrt="x")
    assert d(1.5, 2) == 2.0
    for _ in range(2):
        with pytest.raises(OverflowError):
            d(1e200, 2)
        assert d(2.5, 2) == 2.0
