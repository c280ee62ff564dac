"""What a function does in float is differentiated in float: integers among its operands never wrap on the way back."""
import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import assert_second, function, lines

from revad import grad

# Near the ends of what each type holds: the product of two of them, or the negative of one, wraps.
DATA = {"?": [1, 0, 1], "b": [-128, 100, -77], "B": [200, 130, 255], "h": [-2**15, 30000, 20001], "H": [60000, 50000, 40001],
        "i": [-2**31, 2**30, 2**31 - 7], "I": [2**32 - 5, 2**31, 2**31 + 9], "q": [-2**63, 2**62, 2**61], "Q": [2**63 + 2**12, 2**63, 2**62]}
W = np.array([0.5, 1.5, 0.7])
FORMS = """
    np.sum(-(w * X))
    np.sum(w * X * X)
    np.sum(w * X + w * X)
    np.sum(3 * w * X - X * w)
    np.sum(X - w * X)
    np.sum(-(w * s) * s)
    np.sum(-w * s * s)
    np.sum(w.sum() * X * X)
    np.sum(np.sin(w[0]) * X * X * s)
    np.sum(X / w)
    np.sum(w / (X + 1.5))
    np.sum(-w / (-(X + 0.5)))
    np.mean(-(X - w)**2)
    np.sum(np.square(w * X))
    np.sum(np.subtract(X, w) * X)
    np.sum(np.hypot(w * X, X))
    np.sum(np.arctan2(w * X, X + 0.5))
    np.sum(np.maximum(w * X, X))
    np.sum(np.minimum(X, w * X) * X)
    np.sum(np.clip(w * X, X, None) * X)
    np.sum(np.where(w > 0.6, w * X, X * X * w))
    np.sum(np.copysign(w * X, X))
    np.sum(np.abs(w * X) * X)
    np.dot(w * X, X)
    np.dot(X, w) * s
    np.vdot(w, X) * np.sum(w * X)
    np.inner(w, X)**2
    np.sum(np.outer(w, X) * X)
    np.sum((w @ np.stack([X, X, X])) * X)
    np.sum(np.stack([X, X, X]) @ (w * X))
    np.sum(np.cross(w, X) * X[::-1])
    np.sum(np.kron(w, X) * np.kron(X, w))
    np.einsum('i,i,i', w, X, w * X)
    np.sum(np.convolve(w, X)**2)
    np.sum(np.tensordot(w, X, 0) * X)
    np.sum(np.multiply.outer(w, X) * s)
    np.polyval(X, w[0]) * s
    np.interp(w[0], [0.0, 1.0, 2.0], X)
    np.average(w, weights=[1.0, 2.0, 3.0]) * np.sum(X * w)
    np.sum(np.cumsum(w * X) * X)
    np.sum(np.concatenate([w * X, w * w]) * np.concatenate([X, X]))
    np.prod(w * X) * s
    np.sum(np.array([w[0] * X[0], w[1]]) * X[1] * X[2])
    np.sum((w * X)[::-1] * X * (X > 1))
    sum(a * b * b for a, b in zip(w, X))
    np.sum([w[0], w[1]] * X[:2] * X[:2])
    """.strip().splitlines()
TYPES = list(DATA)


@pytest.mark.parametrize("number, form", list(enumerate(FORMS)), ids=[form.strip() for form in FORMS])
def test_integers_beside_what_is_differentiated(number, form):
    f = function(f"def f(w, X, s):\n    return {form.strip()}")
    for k in (0, 2, 5):
        code = TYPES[(number + k) % (5 if "X - w" in form or "subtract" in form or "cross" in form else 9)]     # differences lose digits
        X = np.array(DATA[code]).astype(code)
        with np.errstate(all="ignore"):
            found = grad(f, wrt="w")(W, X, X[0])
            expected = numeric_gradient(f, (W, X, X[0]), wrt="w")
        assert found.dtype == float and found.shape == (3,)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.max(np.abs(expected)), err_msg=code)


@pytest.mark.parametrize("form", FORMS[::5])
def test_integers_at_the_second_order(form):
    f = function(f"def f(w, X, s):\n    return {form.strip()}")
    for code in "Bh":
        X = np.array(DATA[code]).astype(code)
        assert_second(f, W, X, X[0], wrt=("w",))


def test_integers_as_exponents_and_bases():
    for X in (np.array([0, 1, 3], "B"), np.array([0, 1, 0], "?"), np.array([0, 2, 3], "Q"), np.array([1, 2, 5], "b")):
        assert_gradient(function("def f(w, X):\n    return np.sum(w ** X)"), (W, X), "w")
        assert_gradient(function("def f(w, X):\n    return np.sum((X + 1) ** w)"), (W, X), "w", rtol=2e-3 if X.dtype == "?" else 1e-6)


def test_numbers_of_python_that_no_integer_type_holds():
    f = function("def f(x, n):\n    return np.sum(-x * n) + np.sum(x * n * n)")
    assert_gradient(f, (W, 2**70), "x")
    assert_gradient(f, (W, -2**63), "x")


def test_what_the_function_computes_in_integers_wraps_as_it_does_there():
    X = np.array([200, 130, 255], "B")
    for form in ("-X * w", "X * X * w", "(X + X) * w", "w * (X - 201)", "w * (-X) * 3.0"):
        assert_gradient(function(f"def f(w, X):\n    return np.sum({form})"), (W, X), "w")


@pytest.mark.parametrize("form, expected", [
    ("np.sum(-(w * X))", ["dw = -1.0 * X"]), ("np.sum(w * X * X)", ["dw = X * X.astype(float)"]), ("np.mean(w * X)", ["dw = X / w.size"]),
    ("np.sum((w * X)**2)", ["dw = X * (2 * (w * X))"]), ("np.sum(w * (X > 3))", ["dw = 1.0 * (X > 3)"]),
    ("np.sum(np.exp(w * X))", ["dw = X * np.exp(w * X)"])])
def test_the_cleanest_spelling(form, expected):
    assert lines(f"def f(w, X):\n    return {form}", W, np.array([1, 2, 3], "B"), wrt="w") == [*expected, "return dw"]


# integers that are differentiated themselves

INTEGERS = [np.array([200, 3, 9], "B"), np.array([-120, 100, 7], "b"), np.array([30000, -5, 2], "h"), np.array([40000, 3, 9], "Q"), np.array([2**40, 3, -9])]
BODIES = """
    return np.sum(x * x * x)
    return np.sum((x - 25)**2)
    return np.sum(-x) * x[1]
    return np.sum(np.sqrt(x * x + 1))
    return x @ x * x[0]
    return np.var(x) + np.mean(x) * np.prod(x)
    return np.sum(np.diff(x)**2) + np.sum(np.outer(x, x))
    for i in range(2): x = x * x / 100
    if np.sum(x) > 3: x = x * x
    y = np.zeros(3); y[x > 5] = x[x > 5]; x = y * y
    m = x[0]; m = max(m, x[1]); x = m * m * x
    s = 0.0; s = [s := s + v * v for v in x][-1]; x = s * x
    t = x.astype(float); x = t * x
    x = np.concatenate([x, x])**2
    x = np.stack([x, x]) * np.arange(6.0).reshape(2, 3)
    """.strip().splitlines()


@pytest.mark.parametrize("number, body", list(enumerate(BODIES)), ids=[body.strip() for body in BODIES])
def test_a_parameter_of_integers_is_differentiated_at_its_value_as_a_float(number, body):
    body = body.strip() if "return" in body else body.strip() + "\n    return np.sum(x * x)"
    f = function(f"def f(x):\n    {body}" if "; " not in body else "def f(x):\n    " + body.replace("; ", "\n    "))
    for k in (0, 2):
        x = INTEGERS[(number + k) % 5]
        with np.errstate(all="ignore"):
            found, expected = grad(f)(x), numeric_gradient(f, (x,))
        assert found.dtype == float
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.max(np.abs(expected)))


def test_a_scalar_of_integers():
    for x in (np.uint8(200), np.int8(-120), np.uint64(2**63 + 2**12), np.bool_(True), 2**70):
        f = function("def f(x):\n    return -x * x + x")
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(grad(f)(x), 1 - 2 * float(x))


@pytest.mark.parametrize("body", ["np.sum(W[x] ** 2)", "np.sum(W[int(x[0])] * W[x[1]])", "np.sum(np.eye(9)[x] * W)", "np.sum(W[:x[0]] * W[x[0]])",
                                  "sum(W[j] for j in x)", "np.sum(W * np.zeros(x[1]).size)", "np.sum(np.take(W, x))"])
def test_places_stay_integers(body):
    """Parameters that are places have a gradient of zeros, where `wrt` does not leave them out."""
    W, x = np.arange(9.0), np.array([2, 3, 1])
    f = function(f"def f(W, x):\n    return {body}")
    dW, dx = grad(f)(W, x)
    assert not dx.any() and dx.dtype == float and dx.shape == (3,)
    np.testing.assert_allclose(dW, numeric_gradient(f, (W, x), "W"), atol=1e-8)
