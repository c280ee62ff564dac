"""The side that is not taken: a mask or a clamp before or behind an infinite slope leaves 0, not nan, at first and second order,
and the gradient warns of nothing and raises nothing that the function does not."""
import itertools
import math
import warnings

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import assert_right, assert_second, function

import revad
from revad import grad

W = np.array([0.7, -1.3, 0.4, 2.1, 0.9])
# What has an infinite slope, or none, at 0 (`at`) or left of it, and where it does not.
STEEP = ["np.sqrt({})", "{}**0.5", "np.power({}, 1 / 2.4)", "np.cbrt({})", "np.sqrt(2 * {} * w2)",
         "np.arccos(1 - {})", "np.arcsin({} - 1)", "np.arccosh(1 + {})", "np.sqrt(1 - (1 - {})**2)",
         "({})**np.array([.5, .4, .3, .2, .6])", "np.float_power({}, .3)"]
POLES = ["np.log({})", "1 / {}", "{}**-1.5", "np.sin({}) / {}", "np.log2({})", "np.reciprocal({})",
         "np.log1p({} - 1)", "np.arctanh(1 - {})", "w2 / np.sqrt({})", "np.exp(1 / {})", "{} * np.log({})",
         "np.divide(w2, {})", "np.log(np.exp(2 / {}))"]
CLAMPS = [f"({clamp})" for clamp in ["np.maximum(x, 0)", "np.maximum(0.0, x)", "np.clip(x, 0, 9)",
                                     "np.where(x > 0, x, 0.0)", "x * (x > 0)", "np.fmax(x, 0)",
                                     "-np.minimum(-x, 0)", "np.where(x <= 0, 0, x)", "np.clip(x, lo, None)",
                                     "np.minimum(np.maximum(x, 0.0), 5.0)", "np.select([x > 0], [x], 0.0)",
                                     "np.maximum(x, lo)", "(x > 0) * x * w2",
                                     "np.maximum(np.where(x > 0, x, 0), 0) * 1.5"]]
MASKS = ["np.where(x > 0, {}, 0.0)", "np.where(x <= 0, 1.0, {})", "np.select([x > 0], [{}], 2.0)",
         "np.select([x <= 0, x < 0.6], [x, {}], 2 * {})", "{}[x > 0].sum()",
         "np.where(~(x > 0), x, {} * 2)", "np.where(x > 0, -{} * w2 + x, x)",
         "np.where((x > 0) & (x < 9), {}, x * x)", "np.where((x > 0)[None], {}, x).sum(axis=0)",
         "np.where(x > 0, w2 - {}, np.where(x < -1, 1.0, x))"]
X = np.array([-1.4, -0.3, 0.25, 0.5, 0.7])


def reference(f, x):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return numeric_gradient(f, (x, W), "x")


def noise(call):
    """What a call warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return {str(w.message).split(" encountered")[0] for w in caught}


def assert_quiet(text, x, second=True):
    """The gradient is right, also that of the gradient, and as quiet as the function is."""
    f = function(f"def f(x, w, w2=1.3, lo=0.0):\n    return np.sum({text} * w)")
    df = revad.grad(f, wrt="x")
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(df(x, W), reference(f, x), 1e-5, 1e-6, err_msg=text + "\n" + df.source)
    given = noise(lambda: f(x, W))
    assert noise(lambda: df(x, W)) <= given, text + "\n" + df.source
    if not given:
        with np.errstate(all="raise"):
            df(x, W)
    if second:
        split = revad.grad(df, wrt="x")
        with np.errstate(all="ignore"):
            value, cache = split.forward(x, W)
            np.testing.assert_allclose(split.backward(W[::-1] + 0 * value, cache),
                                       reference(lambda x, w: np.sum(df(x, w) * W[::-1]), x), 1e-4, 1e-5,
                                       err_msg=text + "\n" + df.source + split.forward.source
                                       + split.backward.source)
        assert noise(lambda: split.backward(W, split.forward(x, W)[1])) <= given, (
            text + "\n" + split.backward.source)


@pytest.mark.parametrize("clamp", CLAMPS)
def test_a_clamp_before(clamp):
    for number, steep in enumerate(STEEP):
        if (number + CLAMPS.index(clamp)) % 3 == 0:
            assert_quiet(steep.format(clamp), X, second=number % 2 == 0)


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_behind(mask):
    for number, steep in enumerate(STEEP[:-4] + POLES):
        if (number + MASKS.index(mask)) % 4 == 0:
            steep = steep.replace("{}", "x")
            assert_quiet(mask.replace("{}", f"({steep})"), X, second=number % 2 == 0)


@pytest.mark.parametrize("text, xs", [
    ("math.sqrt(max(0., x))", (-1., 2.)), ("max(x, 0)**.5", (-1., 2.)),
    ("math.sqrt(1 - min(1., x)**2)", (1.5, .5)), ("math.acos(max(-1., min(1., x)))", (1.5, -3., .2)),
    ("math.sqrt(x) if x > 0 else 0.", (-1., 0., 2.)), ("np.sqrt(np.maximum(0, x))", (-1., 2.)),
    ("math.log(x) * 2 if x > 0 else x", (-1., 2.)),
    ("math.sqrt(0. if x < 0 else x)", (-1., 2.)), ("max(0., x)**(1 / 3) + max(x, 0.)**1.5", (-1., 2.)),
    ("math.asin(min(x, 1.0))", (1.5, .2)),
    ("(lambda h: math.sqrt(h) * h if h > 0 else 0.)(max(0., x))", (-1., 0., 2.)),
    ("1 / x if x != 0 else 0.", (0., 2.)), ("float(np.where(x > 0, np.sqrt(abs(x)), 0.))", (-1., 2.))])
def test_numbers(text, xs):
    f = function(f"def f(x):\n    return {text}")
    df = revad.grad(f)
    for x in xs:
        expected = numeric_gradient(f, (x,)) if x else 0.0
        np.testing.assert_allclose(df(x), expected, 1e-6, 1e-8, err_msg=df.source)
        split = revad.grad(df)
        value, cache = split.forward(x)
        np.testing.assert_allclose(split.backward(1.0, cache),
                                   numeric_gradient(df, (x,)) if x else 0.0, 1e-5, 1e-6)
        with np.errstate(all="raise"):
            df(x)




STATEMENTS = [
    "y = x.copy(); y[y < 0] = 0; return np.sum(np.sqrt(y) * w)",
    "y = x * 1.0; m = y < 0; y[m] = 0.0; return np.sum(y**0.3 * w)",
    "x[x < 0] = 0.0; return np.sum(x**.7 * w)",
    "s = 0.0; for i in range(5): s = s + np.sqrt(max(x[i], 0.0)) * w[i]; return s",
    "s = 0.0; for v in x: s += np.sqrt(v) if v > 0 else v; return s",
    "out = np.zeros(5); for i in range(5): out[i] = np.sqrt(x[i] if x[i] > 0 else 0.0); "
    "return np.sum(out * w)",
    "return np.sum(np.array([math.sqrt(v) if v > 0 else 0.0 for v in x]) * w)",
    "return sum(math.sqrt(max(v, 0.0)) for v in x)",
    "r = np.sqrt(np.abs(x)); out = np.zeros(5); out[x > 0] = r[x > 0]; return np.sum(out * w)",
    "return np.sum(np.sqrt(np.where(x > 0, x, 0.0))[2:] * w[2:])",
    "lo = 0.0; hi = 0.6; return np.sum(np.sqrt(np.clip(x, lo, hi)) * w)",
    "clamp = lambda v: np.maximum(v, 0.0); return np.sum(np.sqrt(clamp(x)) * w)",
    "return np.sqrt(np.sum(np.maximum(-9 - x, 0))) + x @ w",
    "return np.sum(np.sqrt(np.maximum(x - 9, 0).mean()) * w) + x @ w",
    "return np.sqrt(np.max(np.maximum(x, 0))) + np.sqrt(np.sum(np.maximum(x, 0) * w**2))",
    "return np.sum(np.where(x > 0, np.sqrt(x), 0.0).reshape(1, 5).T * w[:, None])",
    "return np.sum(np.where(x[:, None] > 0, np.sqrt(x[:, None] * w**2), 0.0))",
    "return np.sum(np.where(np.isfinite(np.log(x)), w * np.log(x), 0.0))"]
STATEMENTS += [
    "t = np.minimum(x, x); return np.sum(np.sqrt(np.maximum(t, 0)) * w)",
    "t = np.maximum(x, x) + 2.0; return np.sqrt(t)[w > 0].sum()",
    "t = np.where(x < 0.3, np.maximum(x, 0), 0.0)**0.3; return np.sum(t[w > 0])",
    "t = (x * (x > 0.3) * (w > 0))**(1 / 3); return np.sum(t[w > -1])",
    "t = np.minimum(x, x[::-1] + 9) * (x > 0.3); t = np.sqrt(t[::-1]); return np.sum(t * w)",
    "m = 0.5 * (x > 9); return np.sum(np.sqrt(m * np.clip(x, 0, 0.7))[1:] * w[1:]) + x @ w",
    "x = np.where(x < 0, 0.0, x)**(1 / 3); t = np.exp(x[::-1]) * np.minimum(x, 9); return np.sum(t[w > 0])"]
AT_ZERO = [
    # infinite slopes of elements at 0 that are not used
    "return np.max(np.sqrt(x))", "return np.sum(np.sqrt(x)[1:] * w[1:])", "return np.sort(np.sqrt(x))[-1]",
    "return np.sqrt(x)[[1, 3, 3]].sum()", "return np.sqrt(x)[-1] * np.cbrt(x)[2]",
    "r = np.sqrt(x); return np.sum(r[x > 0] * w[1:])", "r = np.sqrt(x); return r[1] * r[2:4].sum()",
    "r = x**0.4; r[0] = 7.0; return np.sum(r * w)", "return np.sqrt(x).reshape(1, 5)[:, 1:].sum()",
    "r = np.sqrt(np.outer(x, x)); np.fill_diagonal(r, 0.0); return np.sum(r[1:, 1:])",
    "r = np.log(x + (x == 0)); return r[1:].sum()", "r = np.divide(w, x + 0); return r[1:] @ w[1:]",
    "i = np.arange(1, 5); return np.sum(np.sqrt(x)[i] * w[i])",
    "logs = np.log(x); return -logs[np.arange(1, 3)].mean()"]


def spelled(body):
    lines = body.replace("; ", "\n    ")
    return function(f"def f(x, w, w2=1.3):\n    {lines}")


@pytest.mark.parametrize("body, x", [(body, X) for body in STATEMENTS]
                         + [(body, np.array([0.0, 0.3, 0.5, 1.1, 2.0])) for body in AT_ZERO])
def test_statements(body, x):
    f = spelled(body)
    df = revad.grad(f, wrt="x")

    def moved(x, w):        # an element at 0 is not moved: what does not use it has no derivative there
        return f(np.where(X0, 0.0, x), w)
    X0 = x == 0
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(df(x.copy(), W), reference(moved, x), 1e-5, 1e-6, err_msg=df.source)
        split = revad.grad(df, wrt="x")
        value, cache = split.forward(x.copy(), W)
        second = split.backward(W[::-1] + 0 * value, cache)
        np.testing.assert_allclose(second,
                                   reference(lambda x, w: np.sum(df(np.where(X0, 0.0, x), w) * W[::-1]), x),
                                   1e-4, 1e-5,
                                   err_msg=df.source + split.backward.source)
    assert noise(lambda: df(x.copy(), W)) <= noise(lambda: f(x.copy(), W)), df.source


@pytest.mark.parametrize("body", [
    "return np.sum(np.sqrt(np.ones((2, 5)) @ np.maximum(x - 9, 0))) + x @ w",
    "return np.sum(np.sqrt(np.cumsum(np.maximum(x - 9, 0))) * w) + x @ w",
    "h = np.maximum(x - 9, 0); s = x @ w; for i in range(5): s = s + np.sqrt(h[i]); return s",
    "h = np.maximum(x, 0); h = h * 2 if w[0] > 5 else h * w2; return np.sum(np.sqrt(h) * w)",
    "if w[0] > 0: x = np.maximum(x, 0); return np.sum(np.sqrt(x) * w)",
    "h = np.clip(x, 5.0, 9.0) - 5.0; return np.sum(np.outer(h, w)**0.5 * w) + x @ w"])
def test_a_mask_is_applied_last_where_the_slope_has_to_be_infinite(body):
    f = spelled(body)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(revad.grad(f, wrt="x")(X, np.abs(W)),
                                   numeric_gradient(f, (X, np.abs(W)), "x"), 1e-6, 1e-7)


HELPERS = """
def f(x, w):
    t = {}
    return np.sum(t * w)

def clamp(x):
    y = x * 2
    y = np.maximum(y, 0)
    return y + 0.0

def root(h):
    r = np.sqrt(h)
    s = r * 2
    return s

def both(x):
    y = np.sqrt(x)
    out = np.where(x > 0, y, 0.0)
    return out
"""


@pytest.mark.parametrize("text", [
    "np.sqrt(clamp(x))", "root(np.maximum(x, 0))", "root(clamp(x))", "both(both(x))",
    "root(np.where(x > 0, x, 0.)) * clamp(x)", "np.where(x > 0, root(x), 0.)"])
def test_functions_that_are_called(text):
    f = function(HELPERS.format(text))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(revad.grad(f, wrt="x")(X, W), reference(f, X), 1e-5, 1e-6)


@pytest.mark.parametrize("text", ["x / 0", "x / 0.0 * 2", "x / k", "np.divide(x, k)", "(x / k).reshape(3, 1)",
                                  "x / -0.0", "np.mean(x / k, axis=0)", "1 + x / k"])
def test_a_quotient_by_zero_is_what_numpy_makes_of_it(text):
    x = np.array([0.5, 1.0, 4.0])
    f = function(f"def f(x, k=0.0):\n    return np.sum({text})")
    with np.errstate(all="ignore"):
        gradient = revad.grad(f)(x)
    assert np.all(np.isinf(gradient)) and np.all(gradient * (-1 if "-0" in text else 1) > 0)


if __name__ == "__main__":
    for text in [steep.format(clamp) for steep, clamp in itertools.product(STEEP, CLAMPS)] \
            + [mask.replace("{}", "(" + s.replace("{}", "x") + ")")
               for s, mask in itertools.product(STEEP[:-4] + POLES, MASKS)]:
        try:
            assert_quiet(text, X)
            x0 = X.copy()
            x0[1] = 0.0
        except Exception as error:      # noqa: BLE001
            print("------", text, type(error).__name__, str(error)[:1500])


@pytest.mark.parametrize("body", [
    "np.sum(np.where(x > 5, 1.0, (x > 9) * x)**2 * x)", "np.sum(np.where(x > 0.6, 2.0, (x > 0.5) * x)**3)",
    "np.prod(x * np.arange(3.0) + 1)**2",
    "np.sum((x * np.where(x > 0.6, 3.0, np.maximum(x - 9, 0)))**2)",
    "np.sum(np.sqrt(np.where(x > 0.6, 4.0, np.maximum(x - 0.4, 0))) * x)"])
def test_a_choice_between_a_number_and_what_is_held_at_another(body):
    f = function(f"def f(x):\n    return {body}")
    assert_right(f, np.array([0.55, 1.5, 0.7]))
    assert_second(f, np.array([0.55, 1.5, 0.7]))


def test_the_second_derivative_of_a_product():
    """The other factors are told by masks: `where(none_is_zero, 1, one_is_zero * ...)` is not 0
    where the second mask lets nothing through."""
    f = function("""
        def f(x):
            a = x * C + 1
            mask = a == 0
            s = mask.sum()
            others = np.where(mask, 1, a)
            zeros = np.where(mask, a, 0)
            d = C * (others.prod() / others * np.where(s == mask, 1, (s == mask + 1) * (zeros.sum() - zeros)))
            return np.sum(d**2)
        """, C=np.array([0.0, 2.0, 1.0, 3.0]))
    assert_right(f, np.array([0.55, 1.5, 0.7, -0.4]))


# ---- roots of sums of squares and of what a clamp holds, however they are written

LENGTHS = ("np.sqrt(x @ x)", "(x @ x)**0.5", "np.sum(x**2)**0.5", "np.sum(x * x)**.5",
           "np.sqrt(x.dot(x) / x.size)", "np.sqrt(np.dot(x, x))", "np.sqrt(np.var(x))", "np.var(x)**0.5",
           "np.mean((x - x.mean())**2)**.5", "np.sqrt(2 * np.sum(x**2))", "np.sqrt(np.mean(x**4))",
           "math.sqrt(x[0]**2 + x[1]**2)", "(x[0]**2 + x[1]**2)**0.5",
           "np.sqrt(np.inner(x, x) + np.sum(np.square(x)))")
CLAMPED = ("s = 0.0; for v in x:;     s = s + max(v, 0.0); return np.sqrt(s)",
          "s = 0.0; for v in x:;     s = s + (v if v > 0 else 0.0); return np.sqrt(s)",
          "s = 0.0; for v in x:;     s = s - min(-v, 0.0, 5.0); return np.sqrt(s)",
          "z = np.zeros(2); for i in range(2):;     z[i] = max(x[i], 0.0) * 2; return np.sum(np.sqrt(z))",
          "s = 0.0; i = 0; while i < 2:;     s += max(0.0, x[i]);     i += 1; return np.sqrt(s)")
PRODUCTS = (("np.sum(np.sqrt(np.maximum(x, 0) @ w))", 1), ("np.sqrt(np.maximum(x, 0) @ w[:, 0])", 1),
            ("np.sum(np.sqrt(np.maximum(x, 0) @ np.abs(w)))", 2),
            ("np.sum(np.sqrt(w @ np.where(x > 0, x, 0)))", 1), ("np.sum((np.clip(x, 0, 1).dot(w))**0.25)", 2),
            ("np.sum(np.sqrt(np.maximum(w, 0) @ np.maximum(x, 0)))", 1))


def _of(text, names):
    text = text if "return" in text else f"return {text}"
    return function(f"def f({names}):\n    " + text.replace("; ", "\n    ").replace(":;", ":\n"))


@pytest.mark.parametrize("text", LENGTHS)
def test_a_length_has_no_slope_at_zero(text):
    f = _of(text, "x")
    with np.errstate(all="raise"):
        assert (np.array_equal(grad(f)(np.zeros(2)), np.zeros(2))
                and np.array_equal(grad(f)(np.zeros(2) + 3) * text.count("va"), np.zeros(2)))
    assert_right(f, np.array([1.5, -0.7]))


@pytest.mark.parametrize("text", CLAMPED)
def test_a_root_of_what_a_loop_adds_up_of_clamps(text):
    f = _of(text, "x")
    with np.errstate(divide="ignore"):
        assert np.array_equal(grad(f)(np.array([-1.0, -2.0])), np.zeros(2))
        assert np.isfinite(grad(f)(np.array([-1.0, 2.0]))).all()
    assert_right(f, np.array([1.5, 0.7]))


@pytest.mark.parametrize("text, rank", PRODUCTS)
def test_a_root_of_a_product_with_what_a_clamp_holds(text, rank):
    f, w = _of(text, "x, w"), np.array([[1.5, 0.5], [0.7, 1.1]])
    x = {1: np.array([-1.0, -2.0]), 2: np.array([[-1.0, -2.0], [0.5, 0.7]])}[rank]
    with np.errstate(divide="ignore"):
        dx, dw = grad(f)(x, w)
    assert np.isfinite(dx).all() and np.isfinite(dw).all() and not dx[x < 0].any()
    assert_right(f, np.abs(x) / 3, w)


# A mask that is one number, behind what gives a number axes, or none.
AXES = ["d[...]", "d[None]", "d[()]", "d.reshape(1)", "d.reshape(1, 1)", "d.ravel()", "d.T", "d.reshape(-1)[0]"]


@pytest.mark.parametrize("text", AXES)
@pytest.mark.parametrize("number", [float, np.float64, np.array])
@pytest.mark.parametrize("d", [0.2, -0.4, 0.9])
def test_a_mask_that_is_a_number(text, number, d):
    f = function(f"def f(x, d):\n    d = np.where(d < 0.3, d, 0)\n    d = {text}\n"
                 "    return np.sum(np.divide(x, d, out=np.zeros_like(x), where=d != 0) * x * x)")
    x = np.array([[1.5, -0.7, 0.4]])
    with np.errstate(all="ignore"):
        assert_right(f, x, number(d))
        assert_second(f, x, number(d))


# What is nan left of 0 itself, and not by its slope alone: another factor's gradient must not be multiplied with it.
NOT_A_NUMBER = ["x**1.5", "x**2.5", "x**0.5", "np.sqrt(x)", "np.log(x)", "np.float_power(x, 1.5)", "x**p", "np.arccosh(x + 1)",
                "np.arctanh(1 - x)", "np.exp(-1000 * x)", "np.arccos(1 - x)"]
AS_A_FACTOR = ["np.sum(np.where(x > 0.05, x * {}, x**2)**2)", "np.sum(np.where(x <= 0.05, x**3, np.sin({}) * x))",
               "np.sum(np.select([x <= 0.05, x > 0.05], [x * x, x * ({})]))"]


@pytest.mark.parametrize("inner", NOT_A_NUMBER)
def test_a_factor_that_is_no_number_on_the_side_not_taken(inner):
    x = np.array([-0.3, 0.02, 0.7])
    with np.errstate(all="ignore"):
        for text in AS_A_FACTOR:
            f = function(f"def f(x, p=1.5):\n    return {text.format(inner)}")
            assert_right(f, x)
            assert np.isfinite(revad.hessian(f, wrt="x")(x)).all()
            assert np.isfinite(revad.jvp(f, wrt="x")(x, tangents=np.ones(3))[1])
