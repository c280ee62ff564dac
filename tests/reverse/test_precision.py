"""What a function does in float is differentiated in float: integers among its operands never wrap on the way back."""
import warnings

import numpy as np
import pytest
from differences import assert_gradient, call, is_scalar, leaves, numeric_gradient
from from_text import assert_right, assert_second, function, lines, result_kind

from revad import grad, jvp, value_and_grad

# Near the ends of what each type holds: the product of two of them, or the negative of one, wraps.
DATA = {"?": [1, 0, 1], "b": [-128, 100, -77], "B": [200, 130, 255], "h": [-2**15, 30000, 20001],
        "H": [60000, 50000, 40001], "i": [-2**31, 2**30, 2**31 - 7], "I": [2**32 - 5, 2**31, 2**31 + 9],
        "q": [-2**63, 2**62, 2**61], "Q": [2**63 + 2**12, 2**63, 2**62]}
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
        # Differences lose digits.
        code = TYPES[(number + k) % (5 if "X - w" in form or "subtract" in form or "cross" in form else 9)]
        X = np.array(DATA[code]).astype(code)
        with np.errstate(all="ignore"):
            found = grad(f, wrt="w")(W, X, X[0])
            expected = numeric_gradient(f, (W, X, X[0]), wrt="w")
        assert found.dtype == float and found.shape == (3,)
        np.testing.assert_allclose(found, expected, rtol=1e-5,
                                   atol=1e-5 * np.max(np.abs(expected)), err_msg=code)


@pytest.mark.parametrize("form", FORMS[::5])
def test_integers_at_the_second_order(form):
    f = function(f"def f(w, X, s):\n    return {form.strip()}")
    for code in "Bh":
        X = np.array(DATA[code]).astype(code)
        assert_second(f, W, X, X[0], wrt=("w",))


def test_integers_as_exponents_and_bases():
    for X in (np.array([0, 1, 3], "B"), np.array([0, 1, 0], "?"), np.array([0, 2, 3], "Q"),
              np.array([1, 2, 5], "b")):
        assert_gradient(function("def f(w, X):\n    return np.sum(w ** X)"), (W, X), "w")
        assert_gradient(function("def f(w, X):\n    return np.sum((X + 1) ** w)"), (W, X), "w",
                        rtol=2e-3 if X.dtype == "?" else 1e-6)


def test_numbers_of_python_that_no_integer_type_holds():
    f = function("def f(x, n):\n    return np.sum(-x * n) + np.sum(x * n * n)")
    assert_gradient(f, (W, 2**70), "x")
    assert_gradient(f, (W, -2**63), "x")


def test_what_the_function_computes_in_integers_wraps_as_it_does_there():
    X = np.array([200, 130, 255], "B")
    for form in ("-X * w", "X * X * w", "(X + X) * w", "w * (X - 201)", "w * (-X) * 3.0"):
        assert_gradient(function(f"def f(w, X):\n    return np.sum({form})"), (W, X), "w")


@pytest.mark.parametrize("form, expected", [
    ("np.sum(-(w * X))", ["dw = -1.0 * X"]), ("np.sum(w * X * X)", ["dw = X * X.astype(float)"]),
    ("np.mean(w * X)", ["dw = X / w.size"]),
    ("np.sum((w * X)**2)", ["dw = X * (2 * (w * X))"]), ("np.sum(w * (X > 3))", ["dw = 1.0 * (X > 3)"]),
    ("np.sum(np.exp(w * X))", ["dw = X * np.exp(w * X)"])])
def test_the_cleanest_spelling(form, expected):
    assert lines(f"def f(w, X):\n    return {form}", W, np.array([1, 2, 3], "B"),
                 wrt="w") == [*expected, "return dw"]


# integers that are differentiated themselves

INTEGERS = [np.array([200, 3, 9], "B"), np.array([-120, 100, 7], "b"), np.array([30000, -5, 2], "h"),
            np.array([40000, 3, 9], "Q"), np.array([2**20, 3, -9])]
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
    f = function(f"def f(x):\n    {body}" if "; " not in body
                 else "def f(x):\n    " + body.replace("; ", "\n    "))
    for k in (0, 2):
        x = INTEGERS[(number + k) % 5]
        with np.errstate(all="ignore"):
            found, expected = grad(f)(x), numeric_gradient(f, (x,))
        assert found.dtype == float
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.max(np.abs(expected)))


EXACT = ["x * 2", "-x", "np.sqrt(x)", "np.exp(x, where=True, dtype=None)", "x @ x", "np.maximum(x, 3) // 2", "x[1:]",
         "np.sum(x * x), {'a': [x + x, 'b']}", "np.linalg.matrix_power(np.outer(x, x), 2)", "x.item(0) + 1",
         "np.unstack(x * 1)" if hasattr(np, "unstack") else "x", "max(x, key=lambda v: v * v)", "np.prod(x[:2])"]


@pytest.mark.parametrize("body", [*EXACT, *(body.strip() for body in BODIES)])
def test_the_value_is_that_of_integers_which_wrap(body):
    """`.forward`, `value_and_grad`, jvp and has_aux give what the function gives: its dtype and its digits."""
    body = body if body in EXACT else body if "return" in body else body + "\n    return np.sum(x * x)"
    f = function(f"def f(x):\n    {'return ' * (body in EXACT)}" + body.replace("; ", "\n    "))
    for x in [*INTEGERS, *[np.array([True, False, True])] * ("-x" not in body)]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value, args = call(f, (x,)), (x.copy(),)
            values = [grad(f).forward(*args)[0]]
            if is_scalar(value):
                pair = function("def pair(x):\n    return f(x), [x * 2]", f=f)
                values += [value_and_grad(f)(*args)[0], jvp(f)(*args, tangents=np.ones(3))[0],
                           value_and_grad(pair, has_aux=True)(*args)[0][0]]
                aux = grad(pair, has_aux=True)(*args)[1]
                assert _is_same(aux, [x * 2])
        assert all(_is_same(each, value) for each in values), (x.dtype, values, value)
        assert _is_same(args[0], x)


def _is_same(a, b):
    pairs = list(zip(leaves(a), leaves(b), strict=True))
    return type(a) is type(b) and all(type(p) is type(q) and (
        np.array_equal(p, q, equal_nan=p.dtype.kind == "f") and p.dtype == q.dtype if isinstance(p, (np.ndarray, np.generic))
        else p == q) for (_, p), (_, q) in pairs)


def test_what_is_float_in_the_function_is_not_computed_twice():
    x = np.array([200, 3, 9], "B")
    for text in ("np.sum((x / 255.0)**2)", "np.sum(x.astype(float)**3)", "np.sum(np.where(x > 5, x, 0.5)**2)"):
        f = grad(function(f"def f(x):\n    return {text}"))
        f.forward(x)
        assert f.forward.source.count("**") == 1 and f.forward.source.count("sum") == 1


def test_the_gradient_above_a_result_of_half_precision_is_double():
    f = grad(function("def f(x):\n    return np.sqrt(x)"))
    out, cache = f.forward(np.array([4, 9], "B"))
    assert out.dtype == np.float16
    dx = f.backward(np.array([1e9, 1 / 3]), cache)
    np.testing.assert_allclose(dx, [0.25e9, 1 / 18], rtol=1e-12)
    out, cache = f.forward(np.uint8(4))
    assert type(out) is np.float16 and f.backward(1e9, cache) == 0.25e9


def test_a_scalar_of_integers():
    for x in (np.uint8(200), np.int8(-120), np.uint64(2**63 + 2**12), 2**70):
        f = function("def f(x):\n    return -x * x + x")
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(grad(f)(x), 1 - 2 * float(x))


@pytest.mark.parametrize("body", ["np.sum(W[x] ** 2)", "np.sum(W[int(x[0])] * W[x[1]])",
                                  "np.sum(np.eye(9)[x] * W)", "np.sum(W[:x[0]] * W[x[0]])",
                                  "sum(W[j] for j in x)", "np.sum(W * np.zeros(x[1]).size)",
                                  "np.sum(np.take(W, x))"])
def test_places_stay_integers(body):
    """Parameters that are places have a gradient of zeros, where `wrt` does not leave them out."""
    W, x = np.arange(9.0), np.array([2, 3, 1])
    f = function(f"def f(W, x):\n    return {body}")
    dW, dx = grad(f)(W, x)
    assert not dx.any() and dx.dtype == float and dx.shape == (3,)
    np.testing.assert_allclose(dW, numeric_gradient(f, (W, x), "W"), atol=1e-8)


# single, half and long precision

OF_TWO = """
    x + y; x * y; x / y; x ** y; x % y; x // y; np.maximum(x, y); np.hypot(x, y); np.where(x > 1, x, y); np.where(y > 1, y, x); np.clip(x, y, 9); np.clip(x, 0, y)
    np.dot(x, y); np.outer(x, y); np.inner(x, y); np.kron(x, y); np.vdot(x, y); np.tensordot(x, y, 0); np.multiply.outer(x, y); np.append(x, y); np.hstack([x, y])
    np.concatenate([np.ravel(x), np.ravel(y)]); np.stack([np.sum(x), np.sum(y)]); np.array([np.sum(x), y.sum() if np.ndim(y) else y])
    np.convolve(np.ravel(x), np.ravel(y)); np.full_like(x, np.sum(y)); np.polyval(y, x); np.polyval(x, y); np.average(x, weights=y)
    np.float_power(x, y); np.fmod(x, y); np.copysign(x, y); np.select([x > 1], [x], np.sum(y)); [x[0], x[1]] + y; np.sum(x) * y; np.arctan2(y, x)
    """
OF_ONE = """
    np.diff(x, prepend=0); np.diff(x, append=1.5); np.gradient(x, 2.0); np.prod(x, initial=2.0); np.sum(x, initial=2.0); np.ediff1d(x); np.pad(x, 1, constant_values=1.5)
    np.linspace(x[0], 2.0, 5); np.select([x > 1], [x], 0.0); np.nan_to_num(x, nan=1.5); np.cumsum(x); np.mean(x); np.var(x); np.median(x); np.quantile(x, 0.3)
    np.linalg.norm(x); np.sum(x, dtype=float); np.exp(x, dtype=float); np.multiply([x[0], 2.0], 3.0); np.array([x[0], 1.0]); np.array([x[0], 1]); np.array([[x[0], 1.0], [x[0], 2]])
    np.array(x, dtype=float); np.sum([x[0], 1.0]); np.max([x[0], 0.5]); np.stack([x, np.ones(3)]); np.column_stack([x, [1.0, 2.0, 3.0]]); np.concatenate([x, [1, 2]]); np.r_[x, 1.0]
    np.sum(x) * 2.0; max(np.sum(x), 1.0); min(x[0], 2); sum(x); sum([x[0], 1.0]); np.einsum('i,i->', x, np.ones(3)); np.interp(x, [0.0, 1.0], [1.0, 2.0]); np.cross(x, [1.0, 2.0, 3.0])
    np.zeros_like(x, dtype=float); x * np.arange(3); x * [1, 2, 3]; x * True; x * (x > 1); x * np.linalg.matrix_rank(np.outer(x, x)); x * x.size; x * np.argmax(x); x * np.count_nonzero(x)
    x * np.int8(2); x * np.float64(2); x * np.pi; x * float(x[0]); x * x[0].item(); np.outer(x, 2); np.dot(x, 2.0)
    """
OTHERS = [*(np.array([1.5, 2, 0.5]).astype(c) for c in "efdg"),
          *(np.array([1, 2, 3], c) for c in "bBhilL?"), 2.0, 2, True, np.float32(2), np.float64(2),
          np.int64(2), np.uint8(3), np.float16(1.5), [1.0, 2.0, 3.0], [1, 2, 3]]
if np.__version__.startswith("1."):     # which goes by the values of numbers
    OTHERS = [y for y in OTHERS if np.ndim(y)]

BY_VALUE = ("np.polyval(y, x)", "np.polyval(x, y)", "np.sum(x) * y", "np.diff(x, prepend=0)",
            "np.diff(x, append=1.5)", "np.quantile(x, 0.3)", "np.sum(x) * 2.0", "sum(x)",
            "sum([x[0], 1.0])")


@pytest.mark.parametrize("text", [text.strip() for text in (OF_TWO + OF_ONE).replace("\n", ";").split(";")
                                  if text.strip()])
def test_what_is_known_of_a_dtype_is_what_numpy_makes(text):
    if np.__version__.startswith("1.") and text in BY_VALUE:
        pytest.skip("NumPy 1 looks at the values of numbers")
    number = sum(map(ord, text))
    others = ([OTHERS[(number + 5 * k) % len(OTHERS)] for k in range(5)]
              if " y" in text or "(y" in text else [0])
    for k, y in enumerate(others):
        x = np.array([1.5, 2, 0.5]).astype("fegfd"[k])
        try:
            real = np.asarray(eval(text, {"np": np, "x": x, "y": y}))
        except (TypeError, ValueError, AttributeError):
            continue
        kind, _ = result_kind(text, x, y, wrt=["x"])
        assert kind.dtype in ("", real.dtype.char), f"{x.dtype} {y!r}"


@pytest.mark.parametrize("body", [
    "k = [0.5 * x[0], 0.25, x[1] * 0.1]\n    return np.sum(x + 0.1 * np.array(k))",
    "return np.sum(np.eye(3) @ x)", "return np.sum(np.append(x[:2], 0.3) * x)",
    "x *= np.append(x[:2], 0.3)\n    return np.sum(x)", "x += [0.7, x[1], 2.0]\n    return np.sum(x * x)",
    "return np.sum(np.ones(3) * x) if x[0] > 0 else x[0]",
    "for i in range(3): x = x + 0.1 * np.array([x[1], -x[0], 1.0])\n    return np.sum(x)",
    "y = np.zeros(3)\n    y[:] = x\n    return np.sum(y * y)",
    "y = np.zeros(3)\n    for i in range(3): y[i] = x[i] * 2.0\n    return np.sum(y ** 2)",
    "s = 0.0\n    for v in x: s += np.float64(2.0) * v\n    return s * x[0]",
    "return np.sum(np.where(x > 0.6, x, np.zeros(3)))", "return np.sum(np.concatenate([x, np.ones(2)]) ** 2)",
    "return np.sum(x.astype(float) @ np.ones((3, 2)))",
    "return np.sum(np.diff(x, prepend=0) ** 2)", "return np.sum(np.linspace(x[0], 1.0, 4) ** 2)",
    "return np.sum(np.ediff1d(x) ** 2)", "return 2.0", "return x[0] * 0.0 + float(x[1])"])
def test_a_gradient_has_the_precision_of_its_parameter(body):
    f = function(f"def f(x):\n    {body}")
    inside = function("def f(p):\n    x = p['x'] * 1\n    " + body)
    exact = numeric_gradient(f, (np.array([0.5, 1.5, 0.75]),))
    for dtype in (np.float32, np.float16, np.longdouble):
        x = np.array([0.5, 1.5, 0.75], dtype)
        g = grad(f)
        out, cache = g.forward(x)
        for found in (g(x), grad(inside)({"x": x, "n": 2})["x"],
                      g.backward(np.asarray(out).dtype.type(1) if isinstance(out, np.generic)
                                 else 1.0, cache)):
            assert found.dtype == dtype and found.shape == (3,)
            np.testing.assert_allclose(found.astype(float), exact, rtol=0,
                                       atol=1e-6 + 8 * np.finfo(dtype).eps * np.max(np.abs(exact)))


def test_a_number_has_a_float_or_its_own_precision():
    f = function("def f(x):\n    k = [0.5 * x, 0.25]\n    return np.sum(np.array(k) * np.ones(2)) * x")
    assert type(grad(f)(2.0)) in (float, np.float64) and type(grad(f)(2)) in (float, np.float64)
    assert (type(grad(f)(np.float32(2))) is np.float32 and type(grad(f)(np.float16(2))) is np.float16
            and type(grad(f)(np.longdouble(2))) is np.longdouble)


IMAGE = np.random.default_rng(3).integers(0, 256, (4, 4)).astype("B")
LABELS = np.array([0, 2, 1, 3], "B")
PROGRAMS = [
    "m = labels == 2\nreturn np.sum(-(w * image)[m] * labels[m]) + b[labels].sum()",
    "s = 0.0\nfor i in range(4):\n    for j in range(4):\n"
    "        s -= image[i, j] * w[i, j] * image[j, i]\nreturn s + b.sum()",
    "pad = np.pad(w, 1)\nacc = 0.0\nfor d in range(3):\n"
    "    acc = acc + pad[d:d + 4, 1:5] * image * (d - 1)\nreturn np.sum(acc**2) + np.dot(b, labels)",
    "n = np.uint16(65000)\nreturn np.sum(w) * n * n - n * b.sum() * n + np.sum(-(w / n) * n * n)",
    "t = image.astype(np.int8)\nreturn np.sum(w * t * t) - np.sum(b * t[0] - t[1] * b)",
    "a = image[:, ::2] * w[:, ::2]\na[a > 10] *= labels[1] + np.uint8(200)\na -= image[:, 1::2]\n"
    "return np.sum(a * image[:, ::2]) + b.sum()",
    "d = {'a': labels, 'n': np.int8(-128)}\n"
    "return np.sum(b * d['a'] * d['a']) + np.sum(w) * d['n'] * d['n'] + np.sum(-b * d['n'])",
    "rows = [w[i] * image[i] for i in range(4)]\n"
    "return np.sum(np.array(rows) * image) + np.sum([b, b] * labels)"]


@pytest.mark.parametrize("body", PROGRAMS)
def test_programs_over_images_and_labels(body):
    lines_ = "\n    ".join(body.split("\n"))
    f = function(f"def f(w, b):\n    {lines_}", image=IMAGE, labels=LABELS)
    assert_right(f, np.random.default_rng(4).normal(size=(4, 4)),
                 np.random.default_rng(5).normal(size=4), rtol=1e-5)
