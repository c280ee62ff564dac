"""Kinds of programs of which a random one was once wrong: each is compared with differences of itself."""
import copy
import types

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import assert_right, assert_second, function

from revad import UnsupportedError, grad


@pytest.mark.parametrize("steep", ["np.reciprocal(x + 3)", "1 / (x + 3)", "np.log(x + 3)", "np.sqrt(x + 3)",
                                   "(x + 3)**-1.5"])
@pytest.mark.parametrize("places",
                         ["[0, -1]", "[0, -1, 0]", "np.array([[0], [-1]])", "np.zeros(3, dtype=int)"])
@pytest.mark.parametrize("taken", ["y[0]", "y[-1]", "np.sum(y[:1] * y[0])", "np.sum(y[1:])"])
def test_a_part_of_places_that_come_twice(steep, places, taken):
    f = function(f"def f(x):\n    y = ({steep})[{places}]\n    return np.sum({taken})")
    for x in (np.array([0.821]), np.array([0.821, 0.5])):
        assert_right(f, x)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.5.0",
                    reason="it takes vectors of length 3 only")
@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
@pytest.mark.parametrize("text", ["np.cross(np.exp(-x)[...], x)", "np.cross(np.exp(-x), x)",
                                  "np.cross(x * 2, x**2)", "np.cross(x[:], x * x)"])
def test_vectors_of_the_plane_after_those_of_space(text):
    f = function(f"def f(x):\n    return np.sum({text} * 0.7)")
    space, plane = np.array([[0.3, -1.2, 0.7], [0.1, 0.4, -0.6]]), np.array([[0.3, -1.2], [0.7, 0.1]])
    df = grad(f)
    for x in (space, plane, space):
        np.testing.assert_allclose(df(x), numeric_gradient(f, (x,)), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("text", ["np.cross(x[x > 0], y)", "np.cross(y, x[x > 0])"])
def test_vectors_whose_length_is_not_known(text):
    f = function(f"def f(x, y):\n    return np.sum({text})")
    with pytest.raises(UnsupportedError, match="length is not known"):
        grad(f)(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))


@pytest.mark.filterwarnings("ignore:Bitwise inversion:DeprecationWarning")       # from Python 3.12 on
@pytest.mark.parametrize("text", ["x * ~(1.0 > 0.5)", "x * ~(x > 0.5)", "x * ~(x > 5)",
                                  "x * abs(~(x > 0.5))", "x * ((x > 0.5) << 2)",
                                  "[x, 2 * x, x * x][~(x > 0.5)]", "x * 3 if ~(x > 0.5) else x",
                                  "np.where(~(x > 0.5), x, x * x)", "x * ~np.bool_(x > 0.5)"])
def test_inverted_truth_values_of_python_are_integers(text):
    assert_right(function(f"def f(x):\n    return {text}"), 0.8)


@pytest.mark.parametrize("call", ["std()", "conj()", "reshape(-1)", "copy()", "mean()", "item()", "max()",
                                  "clip(0, 5)", "cumsum()", "prod()", "var()", "std(keepdims=True)"])
def test_methods_of_a_small_integer(call):
    f = function(f"def f(x, w):\n    m = w.max()\n    return np.sum(x * m.{call})")
    assert_gradient(f, (0.5, np.array([9, 6], dtype=np.uint8)))


@pytest.mark.parametrize("made",
                         ["np.piecewise(2.0, [True], [2.0]) * 2.0", "np.piecewise(x, [x > 0], [2.0]) + 0.0",
                          "np.sum(np.piecewise(x, [x > 0], [2.0]))"])
def test_what_may_be_a_number_or_an_array_is_not_changed_under_another_name(made):
    for names in ("m = h\n    h /= 1.5", "t = h\n    m = h = t\n    h /= 1.5", "m = h\n    h += 1\n    h /= 1.5",
                  "if x > 0.1:\n        h = h * 2\n    m = h\n    h /= 1.5",
                  "for i in range(3):\n        h = h * 2\n    m = h\n    h /= 1.5"):
        f = function(f"def f(x):\n    h = {made}\n    {names}\n    return np.sum(x * m + h)")
        try:
            got = grad(f)(0.5)
        except UnsupportedError:
            continue
        np.testing.assert_allclose(got, numeric_gradient(f, (0.5,)), rtol=1e-6)


@pytest.mark.parametrize("block", [
    "for t in idx:\n            r = r @ 1.0", "for t in idx:\n            a, b = t, t, t",
    "for t in idx:\n            raise ValueError",
    "while True:\n            if np.float64(1.0)[0]:\n                continue",
    "for t in idx:\n            if t > 1:\n                raise KeyError\n            raise ValueError",
    "for t in idx:\n            [q], = idx",
    "q = (1, 2)\n        while len(idx) > 0:\n            a, b, c = idx"])
@pytest.mark.parametrize("condition", ["np.sum(x) > 0", "not np.sum(x) < 0", "len(idx) > 1"])
def test_a_loop_that_can_only_raise_on_the_side_that_is_not_taken(block, condition):
    f = function(f"def f(x, idx):\n    r = 0.1\n    if {condition}:\n        r = x\n    else:\n"
                 f"        {block}\n    return np.sum(x * r * 3.0)")
    assert_gradient(f, (np.array([0.5, 0.25]), np.array([1, 0])), wrt="x")


@pytest.mark.parametrize("block", ["raise ValueError", "x = x * 3.0\n        raise ValueError",
                                   "a, b = x, x, x", "x = x @ 1.0"])
def test_a_loop_that_can_only_raise_and_has_no_rounds(block):
    f = function(f"def f(x, idx):\n    for t in idx:\n        {block}\n    return np.sum(x * 2.0)")
    assert_gradient(f, (np.array([0.5, 0.25]), np.array([], dtype=int)), wrt="x")


@pytest.mark.parametrize("text", ["np.outer(x, math.prod(x))", "math.prod(x, start=3.0) * x.sum()",
                                  "np.outer(x, sum(x))", "np.sum(math.prod(1.0 * x)) + x.sum()"])
def test_products_and_sums_of_no_rows(text):
    f = function(f"def f(x):\n    return np.sum({text})")
    df = grad(f)
    for shape in ((1, 2, 3), (0, 1, 2), (2, 2, 1)):
        x = np.full(shape, 1.2)
        np.testing.assert_allclose(df(x), numeric_gradient(f, (x,)), rtol=1e-6)


@pytest.mark.parametrize("made", ["np.broadcast_to(x.sum(), (3,))", "np.broadcast_to(np.inner(x, x), (3,))",
                                  "np.broadcast_to(x * 2, (3, 3))", "np.diagonal(np.outer(x, x))",
                                  "np.broadcast_arrays(x.sum(), x)[0]"])
@pytest.mark.parametrize("text", ["np.sum(r @ r.T)", "np.vdot(r, r.T)", "np.sum(r.T * r)"])
def test_gradients_are_not_added_into_what_is_read_only(made, text):
    assert_right(function(f"def f(x):\n    r = {made}\n    return {text}"), np.array([1.0, 2.0, 0.5]))


@pytest.mark.skipif(not hasattr(np.linalg, "svdvals"), reason="NumPy 2 has it")
@pytest.mark.parametrize("made",
                         ["x", "np.broadcast_to(x, n.shape)", "np.reshape(x, n.shape)", "x[n[:, 0] > 0]"])
def test_singular_values_of_a_shape_that_is_not_known(made):
    f = function(f"def f(x, n):\n    return np.sum(np.linalg.svdvals({made}) ** 2 * "
                 f"np.linalg.svdvals({made}))")
    assert_gradient(f, (np.array([[1.0, 0.5], [0.2, -0.7]]), np.ones((2, 2))), wrt="x")


DICT = """
    t = y['w']; y['w'] = y['b']; y['b'] = t
    y['w'], y['b'] = y['b'], y['w']
    t = y['w']; y['w'] = 3.0; y['b'] = t * 2
    t = y['w']; y['w'] = x * 2; y['b'] = np.sum(t)
    t = y['w']; y['w'] = y['w'] * 2; y['b'] = t + y['b']
    t = y['w']; y['c'] = y['b']; y['b'] = t
    t = y['w']; y.update(w=x); y['b'] = t
    t = y.get('w'); y['w'] = y['b']; y['b'] = t
    t = y.pop('w'); y['w'] = y['b']; y['b'] = t
    r, s = y.values(); y['w'] = s; y['b'] = r
    z = [y['w'], y['b']]; y['w'] = z[1]; y['b'] = z[0]
    z = y; t = z['w']; y['w'] = y['b']; z['b'] = t
    for k in range(3):!    y['w'], y['b'] = y['b'], y['w']
    for k in range(int(x[0] * 3.3)):!    y['w'], y['b'] = y['b'], y['w']
    if x[0] > 0:!    y['w'], y['b'] = y['b'], y['w']
    t = y['w']; y['w'] = y['b']; t += 1; y['b'] = y['b'] * t
    t = y['w']; t += 1; y['w'] = y['b']; y['b'] = t
    y = {'d': y, 'e': y['w']}['d']; t = y['w']; y['w'] = y['b']; y['b'] = t
    """.strip().splitlines()
LIST = """
    t = y[0]; y[0] = y[1]; y[1] = t
    y[0], y[1] = y[1], y[0]
    a, b = y; y[0] = b; y[1] = a
    t = y[0]; y.append(t); y[0] = x; y[1] = y[1] * np.sum(t)
    t = y[0]; y.reverse(); y[0] = y[0] * np.sum(t)
    t = y[0]; y.insert(0, x); y[1] = y[1] + np.sum(t)
    t = y[-1]; y[1] = 3.0; y[0] = y[0] * np.sum(t)
    t = y[0]; del y[0]; y.append(t)
    e = [*y]; t = y.pop(0); y.insert(0, t * 2); y[1] = e[0] * y[1]
    e = [*y]; y[0] = y[0] + 1; y[1] = e[0] * y[1]
    e = [*y]; y[0] += 1; y[1] = e[0] * y[1]
    """.strip().splitlines()


@pytest.mark.parametrize("wrt", ["x", ("x", "y")])
@pytest.mark.parametrize("body", [line.strip() for line in DICT + LIST])
def test_an_element_stays_what_it_is_when_another_takes_its_place(body, wrt):
    """Of an argument that is a dict or a list."""
    first, second = ("y[0]", "y[1]") if "y[0]" in body or "y[1]" in body else ("y['w']", "y['b']")
    text = body.replace("; ", "\n    ").replace("!", "\n    ")
    f = function(f"def f(x, y):\n    {text}\n"
                 f"    return np.sum(x * {first}) * np.sum(x * {second} * {second})")
    for w, b in ((np.array([0.374, 0.5]), np.array([0.7, 0.2])), (np.array([0.374, 0.5]), -0.518),
                 (0.3, np.array([0.7, 0.2])), (0.3, 0.7)):
        y = [w, b] if "[0]" in first else {"w": w, "b": b}
        try:
            assert_gradient(f, (np.array([1.0, 2.0]), y), wrt=wrt)
        except UnsupportedError:
            pass


@pytest.mark.parametrize("body",
                         ["v @= np.eye(v.shape[-1])", "if 1.0 > 0.7:\n        v @= np.eye(v.shape[-1]) * 2",
                          "v = v * t\n    if t > 5:\n        v @= np.eye(v.shape[-1]) * t",
                          "v @= np.ones((v.shape[-1], 2))", "v @= np.ones(v.shape[-1])",
                          "v = v * t\n    v @= np.ones((v.shape[-1],) * 2) * v.size", "v @= v"])
@pytest.mark.parametrize("shape", [(1, 3), (1, 1), (3, 3), (2,), (2, 2, 2)])
def test_matrix_products_in_place(body, shape):
    """The product has the shape of what it is stored into, or NumPy raises."""
    f, v = (function(f"def f(v, t):\n    {body}\n    return np.sum(v * v * t)"),
            np.linspace(0.5, 2.0, int(np.prod(shape))).reshape(shape))
    try:
        f(v.copy(), 0.5)
    except ValueError:
        with pytest.raises((UnsupportedError, ValueError)):
            grad(f)(v, 0.5)
    else:
        assert_right(f, v, 0.5)


@pytest.mark.parametrize("text", ["np.take(x, 0)", "x.take(0) * np.sum(x)", "np.sum(np.take(x, [0, 0]))",
                                  "np.take(x, [-1])[0]"])
def test_places_of_an_array_of_one_element(text):
    for shape in ((1,), (1, 1), (2, 1)):
        assert_right(function(f"def f(x):\n    return {text}"), np.full(shape, -0.131))


@pytest.mark.parametrize("limits", ["-1, x", "x, 1", "x, x", "-1, 1", "None, x", "x - 1, x"])
@pytest.mark.parametrize("steep", ["np.reciprocal(np.hypot(q, y) + 3)", "1 / (q + 3)", "np.sqrt(q + 3)",
                                   "np.log(q + 3)"])
def test_what_is_held_by_itself_is_not_held(limits, steep):
    assert_right(function(f"def f(x, y):\n    q = np.clip(x, {limits})\n    return np.sum({steep} * y)"),
                 np.array([-1.2, 0.3, 2.0]), np.array([0.9, 0.4, 0.7]))


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
@pytest.mark.parametrize("body", [
    "if w.sum() < 0:\n        b = w\n    return b", "return w if w.sum() < 0 else b",
    "q = w * 2 if w.sum() < 0 else b\n    return q, b", "q = w if w.sum() < 0 else b\n    return [q, q]",
    "q = w if w.sum() < 0 else b\n    return {'a': q, 'b': w}",
    "q = w[0] if w.sum() < 0 else b.max()\n    p = q if w[0] > 0 else w[1]\n    return p",
    "q = b.astype(float) if w.sum() > 0 else b\n    return q",
    "def g(z):\n        if z[0] > 2:\n            return z\n        return w\n    return g(b)"])
def test_integers_that_are_only_returned_stay_integers(body, dtype):
    f = function(f"def f(w, b):\n    {body}")
    args = np.array([1.0, 2.0]), np.array([3, 5], dtype)
    for got, wanted in zip(*(value if isinstance(value, (tuple, list)) else list(value.values())
                             if isinstance(value, dict) else [value]
                             for value in (grad(f).forward(*args)[0], f(*args))), strict=True):
        assert type(got) is type(wanted) and got.dtype == wanted.dtype
        np.testing.assert_array_equal(got, wanted)
    assert_gradient(f, args)


SLICES = """
    s = a[::1]; return s.pop() * np.sum(a[0])
    s = a[:]; s[0] = x; return np.sum(s[0] * x) * np.sum(a[0] * a[1])
    s = a[1:]; s.append(x); return np.sum(s[0]) * np.sum(a[1]) * len(a) * np.sum(s[-1])
    s = a[:]; s.reverse(); return np.sum(s[0]) * np.sum(a[1] * 2)
    s = a[:]; s[0] += 1; return np.sum(s[0]) * np.sum(a[0])
    t = a[0]; s = a[:]; s[0] = 3.0; return np.sum(t) * np.sum(a[0]) * s[0]
    s = a[::-1]; s[0] *= 2; return np.sum(s[0]) * np.sum(a[1])
    s = a[:]; a[0] = x; return np.sum(s[0] * a[0])
    s = a[:]; a[0] += 1; return np.sum(s[0] * a[0])
    """.strip().splitlines()


@pytest.mark.parametrize("body", [line.strip() for line in SLICES])
def test_a_slice_of_a_list_is_another_list_of_the_same_elements(body):
    f = function("def f(x, a):\n    " + body.replace("; ", "\n    "))
    for first, second in ((np.array([0.5, 0.2]), np.array([0.7, 0.3])), (0.5, 0.7)):
        for wrt in ("x", ("x", "a")):
            try:
                if (np.ndim(f(np.array([1.0, 2.0]), [np.copy(first) if np.ndim(first) else first, second]))
                        == 0):
                    assert_gradient(f, (np.array([1.0, 2.0]), [first, second]), wrt=wrt)
            except UnsupportedError:
                pass


@pytest.mark.parametrize("text",
                         ["d.clip(0.0, 9.0) + d.astype(float)", "d.sum() * d.round(1)", "d * d.mean()"])
@pytest.mark.parametrize("made", ["1.0 + v.sum()", "v.max() * 1.5", "v.max() / 2"])
def test_methods_of_a_float_made_of_small_integers(text, made):
    assert_gradient(function(f"def f(v):\n    d = {made}\n    return {text}"),
                    (np.array([1, 2], dtype=np.uint8),))


@pytest.mark.parametrize("loop", [
    "while True:\n            if np.sum(x) > 0.5:\n                break\n            raise ValueError",
    "for i in range(3):\n            if np.sum(x) > 0.5:\n                break\n"
    "            raise ValueError",
    "while True:\n            if np.sum(x) < 0.5:\n                raise ValueError\n            else:\n"
    "                break",
    "for i in range(3):\n            if np.sum(x) > 0.5:\n                return np.sum(x * x)\n"
    "            raise ValueError",
    "for i in range(3):\n            if np.sum(x) > 0.5:\n                continue\n"
    "            raise ValueError"])
@pytest.mark.parametrize("k", [1, -1])
def test_a_loop_that_is_left_or_raises_on_one_side(loop, k):
    f = function("def f(x, k):\n    y = x\n    if k > 0.5:\n        y = x * 3\n    else:\n"
                 f"        {loop}\n        y = x * 2\n    return np.sum(y * x * x)")
    assert_gradient(f, (np.array([0.5, 0.25]), float(k)), wrt="x")
    assert_second(f, np.array([0.5, 0.25]), float(k), wrt=("x",))


@pytest.mark.parametrize("call", ["cumsum() * 1.0", "clip(0, 9)", "std()", "reshape(-1)", "mean() * x"])
@pytest.mark.parametrize("made", ["x * True", "x * 2", "-(-x)", "x + x", "abs(x)"])
def test_methods_of_what_small_integers_make(made, call):
    f = function(f"def f(x):\n    d = {made}\n    return np.sum(d.{call})")
    assert_gradient(f, (np.array([3, 2], dtype=np.uint8),))
    np.testing.assert_allclose(grad(f)(np.uint8(9)), grad(f)(np.float64(9)))


@pytest.mark.parametrize("k", range(-3, 4))
@pytest.mark.parametrize("text", ["np.sum(np.diag(v, K) * w[:1])", "np.sum(np.diagonal(v, offset=K)**2)", "np.trace(v, offset=K) * 2"])
def test_diagonals_that_are_not_there(text, k):
    f = function(f"def f(v, w=np.ones(3)):\n    return {text.replace('K', str(k))}")
    df = grad(f, wrt="v")
    for shape in ((3, 1), (1, 3), (3, 3), (2, 4), (0, 2), (1, 1), (4, 2)):
        v = np.linspace(0.5, 1.5, int(np.prod(shape))).reshape(shape)
        np.testing.assert_allclose(df(v), numeric_gradient(f, (v,), wrt="v"), rtol=1e-6, atol=1e-8)


OBJECTS = """
    e = d.w; for k in range(2):!    d.w *= 1.5; return np.sum(e**3) * s
    e = [d.w]; for k in range(2):!    d.w *= 1.5; return np.sum(e[0]**3) * s
    e = (d.w, d.b); d.w *= 1.5; return np.sum(e[0]**3) * s
    e = {'w': d.w}; for k in range(2):!    d.w *= 1.5; return np.sum(e['w']**3) * s
    e = d.w; for k in range(2):!    d.w[0] = 3.0 + k; return np.sum(e**3) * s
    e = d.w; for k in range(2):!    w = d.w!    w *= 1.5; return np.sum(e**3) * s * np.sum(d.w)
    i = 0; e = d.w; while i < 2:!    d.w *= 1.5!    i += 1; return np.sum(e**3) * s
    e = d.w; f = d.w; for k in range(2):!    e *= 1.5; return np.sum(f**3) * s * np.sum(d.w)
    e = d.w; d.q = d.w; d.q[0] = 3.0; return np.sum(d.w * e) * s
    e = copy.copy(d); d.w[0] = 3.0; return np.sum(d.w * e.w) * s
    e = copy.copy(d); d.q = d.w; d.q[0] = 3.0; return np.sum(d.w * e.w) * s
    d.q = d.w; e = copy.copy(d); d.q *= 3.0; return np.sum(e.w) * np.sum(e.q) * s
    e = copy.copy(d); return np.sum(d.w * e.w) * s
    """.strip().splitlines()


@pytest.mark.parametrize("wrt", ["s", ("d", "s")])
@pytest.mark.parametrize("body", [line.strip() for line in OBJECTS])
def test_arrays_of_an_object_under_other_names(body, wrt):
    text = body.replace("; ", "\n    ").replace("!", "\n    ")
    f = function(f"def f(d, s):\n    {text}", copy=copy)
    try:
        assert_gradient(f, (types.SimpleNamespace(w=np.array([0.5, -1.2, 0.3]), b=0.7), 1.3), wrt=wrt)
    except UnsupportedError:
        assert "copy" in body or isinstance(wrt, tuple)


ALIASES = """
    e = d; d.update(b=s); for k in range(2):!    e['w'] = e['w'] * 1.5
    e = d; d['b'] = s; for k in range(2):!    d['w'] = e['w'] * 1.5
    e = d; f = e; d['b'] = s; i = 0; while i < 2:!    f['w'] = d['w'] * 1.5!    e['b'] = e['b'] * 2!    i += 1
    e = d; d['b'] = s; for k in range(2):!    e['w'] *= 1.5
    """.strip().splitlines()


@pytest.mark.parametrize("wrt", ["s", ("d", "s")])
@pytest.mark.parametrize("body", [line.strip() for line in ALIASES])
def test_names_of_one_dict_in_a_loop(body, wrt):
    text = body.replace("; ", "\n    ").replace("!", "\n    ")
    f = function(f"def f(d, s):\n    {text}\n    return np.sum(d['w']**2) * np.sum(e['b'])")
    assert_gradient(f, ({"w": np.array([0.5, -1.2, 0.3]), "b": 0.7}, 1.3), wrt=wrt)


ANEW = """
    w = d.w; d.w = d.w * 1.5; w *= 3.0; return np.sum(d.w**2) * s + np.sum(w)
    w = d.w; d.w = d.w * 1.5; w[0] = 3.0; return np.sum(d.w**2) * s + np.sum(w)
    w = d.w; d.w = d.w + s; d.w *= 2; w *= 3.0; return np.sum(d.w**2) * np.sum(w)
    w = d.w; d.w *= 2; w *= 3.0; return np.sum(d.w**2) * np.sum(w) * s
    w = d.w; d.w, d.b = d.b, d.w; w *= 3.0; return np.sum(d.w) * s + np.sum(d.b**2)
    """.strip().splitlines()


@pytest.mark.parametrize("body", [line.strip() for line in ANEW])
def test_an_array_that_an_attribute_held_before(body):
    text = body.replace("; ", "\n    ")
    f = function(f"def f(d, s):\n    {text}")
    for wrt in ("s", ("d", "s")):
        try:
            assert_gradient(f, (types.SimpleNamespace(w=np.array([0.5, -1.2, 0.3]), b=0.7), 1.3), wrt=wrt)
        except UnsupportedError:
            assert isinstance(wrt, tuple)
