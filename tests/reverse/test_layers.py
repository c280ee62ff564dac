"""Functions that are called: each has a forward and a backward pass of its own, as a hand-written layer."""
import inspect
import linecache
import math
import re
import traceback

import numpy as np
import pytest
from differences import assert_gradient

import revad
from revad import grad, value_and_grad

pytestmark = pytest.mark.quick

rng = np.random.default_rng(7)
X, W, B = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
V = rng.normal(size=5)
SCALE = 2.0


def functions(text):
    return re.findall(r"^def (\w+)", text, re.MULTILINE)


def called(f, *args, **options):
    """The functions that the text of a gradient has, besides itself."""
    gradient = grad(f, **options)
    gradient(*args)
    return functions(gradient.source)[:-1]


# ---- the text

def affine(x, w, b):
    n = x.shape[0]
    out = x.reshape(n, -1) @ w + b
    return out


def two_affines(x, w, b):
    return np.sum(affine(x, w, b) ** 3) + np.sum(affine(x, w, b) ** 2)


TWO_AFFINES = """\
def affine_forward(x, w, b):
    n = x.shape[0]
    out = x.reshape(n, -1) @ w + b
    cache = x, w
    return out, cache


def affine_backward(dout, cache):
    x, w = cache
    n = x.shape[0]
    # backprop out = x.reshape(n, -1) @ w + b
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(n, -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
"""


def test_calls_that_come_out_alike_share_a_pair():
    gradient = grad(two_affines)
    gradient(X, W, B)
    assert gradient.source.startswith(TWO_AFFINES)
    assert functions(gradient.source) == ["affine_forward", "affine_backward", "two_affines_grad"]
    assert_gradient(two_affines, (X, W, B))


def test_a_bias_with_a_unit_axis_has_a_pair_of_its_own():
    def f(x, w, b, c):
        return np.sum(affine(x, w, b) * affine(x, w, c))

    args = (X, W, B, B[None])
    assert called(f, *args) == ["affine_forward", "affine_backward", "affine_forward_2", "affine_backward_2"]
    assert_gradient(f, args)


def test_an_expression_stays_where_it_is_called():
    def relu(x):
        """One line, whatever is said of it."""
        assert x.ndim == 2
        out = np.maximum(x, 0)
        return out

    def f(x):
        return np.sum(relu(x) * x)

    assert called(f, X) == []
    assert_gradient(f, (X,))


def test_names_that_are_there_are_passed_over():
    def affine_forward(x):
        return x

    def f(x, w, b):
        affine_backward = np.sum(x)
        return np.sum(affine_forward(affine(x, w, b))) * affine_backward

    names = called(f, X, W, B)
    assert names == ["affine_forward_", "affine_backward_"] and affine_forward(1) == 1
    assert_gradient(f, (X, W, B))


def test_a_function_of_the_same_name_as_the_one_that_calls_it():
    def made():
        def same(x):
            y = x * x
            return y * np.sin(y)
        return same

    def same(x):
        return np.sum(inner(x))

    inner = made()
    assert called(same, V) == ["same_forward_", "same_backward_"]
    assert_gradient(same, (V,))


def test_names_of_ours_inside_a_function():
    def clash(x, dout, cache):
        dx = x * dout
        out = dx * cache + dx
        return out

    def f(x, y, z):
        return np.sum(clash(x, y, z) * clash(z, x, y))

    assert_gradient(f, (V, V + 1, V * 2))
    assert len(called(f, V, V + 1, V * 2)) == 2


def test_the_text_can_be_pasted():
    gradient = value_and_grad(two_affines)
    value, (dx, dw, db) = gradient(X, W, B)
    namespace = {"np": np}
    exec(gradient.source, namespace)
    pasted, (px, pw, pb) = namespace["two_affines_value_and_grad"](X, W, B)
    assert pasted == value
    for one, other in zip((dx, dw, db), (px, pw, pb)):
        np.testing.assert_array_equal(one, other)


def test_no_name_is_added_to_the_module():
    before = set(globals())
    grad(two_affines)(X, W, B)
    assert set(globals()) == before


def test_the_functions_can_be_looked_at():
    gradient = grad(two_affines)
    compiled = gradient.compiled(X, W, B)
    cells = dict(zip(compiled.__code__.co_freevars, compiled.__closure__))
    layer = cells["affine_backward"].cell_contents
    assert inspect.getsource(layer).rstrip() == TWO_AFFINES.split("\n\n\n")[1].rstrip()
    assert linecache.getline(layer.__code__.co_filename, 2) == "    x, w = cache\n"
    assert inspect.getsource(compiled).startswith("def two_affines_grad(")


def shares_logarithm(x):
    y = x - 1.0
    return np.log(y) + y


def test_an_error_inside_has_the_place_of_the_users_line():
    def f(x):
        return np.sum(shares_logarithm(x))

    gradient = grad(f)
    gradient(V + 10)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError) as found:
        gradient(V * 0 + 1)
    text = "".join(traceback.format_exception(found.value)) + "".join(getattr(found.value, "__notes__", ()))
    assert "shares_logarithm_" in text
    line = inspect.getsourcelines(shares_logarithm)[1] + 2
    assert f"line {line}" in text or f":{line}" in text


# ---- what functions do

def local_store(x):
    y = x.copy()
    y[y < 0] = 0.0
    y[0] *= 3.0
    return y


def rebinds(x):
    x = x * x
    x = x + np.sin(x)
    return x


def branches_inside(x, sign):
    if sign > 0:
        y = x * x
        z = np.exp(y)
    else:
        z = np.cos(x)
    return z * x


def loops_inside(x, n):
    total = np.zeros_like(x)
    for i in range(n):
        y = np.tanh(x + i)
        total += y * x
    return total


def keeps_views(x):
    total = 0.0
    for i in range(x.shape[0]):
        row = x[i] * x[i]
        total += row * np.sin(row)
    return total


def several(x, w):
    y = x * w
    z = np.tanh(y)
    return z, y.sum(), {"y": y, "count": x.size}


def returns_what_it_gets(x, w):
    y = x * w
    z = np.exp(y)
    return x, z, w


def returns_a_view(x, w):
    y = x * w
    z = x.reshape(-1)
    return y, z


def stores_into_its_argument(x, w):
    x[0] = w[1] * w[2]
    y = x * 2
    return y


def calls_another(x, w):
    y = rebinds(x) * w
    z = local_store(y)
    return z + y


def with_globals(x):
    y = x * SCALE
    return y * y + SCALE


def with_settings(x, power=2, *, kind="sum", scale=1.0):
    y = x ** power
    z = y * scale
    if kind == "sum":
        return np.sum(z) + z
    return np.mean(z) * z


def of_many(*parts, **named):
    total = parts[0] * named["w"]
    for part in parts[1:]:
        total = total + part * part
    return total * total


def drawn(x, generator):
    noise = generator.normal(size=x.shape)
    y = x + noise
    return y * y * noise


def is_printed(x):
    print("once")
    y = x * x
    return y * np.sin(y)


def recursive(x, n):
    y = x * x
    if n == 0:
        return np.sin(y)
    z = recursive(x * 0.5, n - 1)
    return y + z * x


def used_local_store(x):
    return np.sum(local_store(x) * x)


def used_rebinds(x):
    return np.sum(rebinds(x) ** 2) + np.sum(rebinds(x))


def used_branches(x):
    return np.sum(branches_inside(x, x[0]) * branches_inside(x, -x[0]))


def used_loops(x):
    return np.sum(loops_inside(x, 3)) * np.sum(loops_inside(x, 2))


def used_keeps_views(x):
    y = x * 1.0
    total = keeps_views(y)
    y[0] = 5.0
    return total + np.sum(y) * np.sum(y)


def used_several(x, w):
    z, total, rest = several(x, w)
    return np.sum(z) * total + np.sum(rest["y"] ** 2) / rest["count"]


def one_of_several(x, w):
    z, _, _ = several(x, w)
    return np.sum(z * z)


def used_returns_what_it_gets(x, w):
    a, z, b = returns_what_it_gets(x, w)
    return np.sum(a * z + b)


def used_returns_a_view(x, w):
    y, z = returns_a_view(x * 2, w)
    z *= 3
    return np.sum(y * z)


def used_stores_into_its_argument(x, w):
    x = x * 1.0
    y = stores_into_its_argument(x, w)
    return np.sum(y * x)


def used_calls_another(x, w):
    return np.sum(calls_another(x, w) * calls_another(w, x))


def used_several_once(x):
    z, total, rest = several(x, x + 1.0)
    return np.sum(z * rest["y"]) + total


def used_with_globals(x):
    return np.sum(with_globals(x))


def used_with_settings(x):
    return np.sum(with_settings(x) + with_settings(x, 3, kind="mean") + with_settings(x, scale=np.sum(x)))


def used_of_many(x, w):
    return np.sum(of_many(x, w, x * w, w=w))


def the_same_twice(x):
    return np.sum(several(x, x)[0])


def in_a_loop(x, w):
    h = w
    for t in range(x.shape[0]):
        h, total, _ = several(x[t] + h, w)
        h = h + total
    return np.sum(h * h)


def in_a_branch(x, w):
    if np.sum(x) > 0:
        z = rebinds(x) * w
    else:
        z = calls_another(x, w)
    return np.sum(z * z)


def stored_after_the_call(x, w):
    y = x * w
    z = rebinds(y)
    y[0] = 7.0
    y *= 2.0
    return np.sum(z * y)


def result_stored_into(x, w):
    z = rebinds(x)
    z[1:3] *= w[1:3]
    z += x
    return np.sum(z * z)


def stored_in_the_next_round(x, w):
    y = x * w
    total = 0.0
    for t in range(3):
        total += np.sum(rebinds(y) * w)
        y[t] = total
        y *= 0.5
    return total


def stored_in_a_branch_after_the_call(x, w):
    y = x * w
    if np.sum(x) > 100.0:
        z = y * 2
    else:
        z = rebinds(y)
    y[1] = 3.0
    return np.sum(z * y)


def used_recursive(x):
    return np.sum(recursive(x, 3))


def sums_what_is_passed_on(x, w):
    def plus(a, b):
        c = a + b
        d = c - 1.0
        return d

    y = plus(x, w)
    z = plus(y, x)
    return np.sum(z * y + x)


ONE = [used_local_store, used_rebinds, used_branches, used_loops, used_with_globals, used_with_settings,
       the_same_twice,
       used_recursive]
TWO = [used_several, one_of_several, used_returns_what_it_gets, used_returns_a_view,
       used_stores_into_its_argument, used_calls_another, used_of_many, in_a_branch, stored_after_the_call,
       result_stored_into, stored_in_the_next_round, stored_in_a_branch_after_the_call,
       sums_what_is_passed_on]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("f", ONE + TWO, ids=lambda f: f.__name__)
def test_right(f, sign):
    args = (sign * V, 0.3 * V + 1)[:1 if f in ONE else 2]
    assert_gradient(f, args)


@pytest.mark.parametrize("f", [used_rebinds, used_several_once, used_with_globals, used_recursive],
                         ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [np.float32([0.5, -1.5]), np.zeros(0), np.array([2, -3])],
                         ids=["float32", "empty", "integers"])
def test_other_arrays(f, x):
    assert_gradient(f, (x,), **({"rtol": 1e-3, "atol": 1e-4} if x.dtype == np.float32 else {}))


def of_numbers(x, y):
    a = x * y
    b = math.sin(a)
    c = b * b + x
    d = math.exp(-c)
    e = d * a
    if e > 0.1:
        e = e * e
    g = e + c
    h = g / (1 + d)
    return h * a, g


def few_of_numbers(x, y):
    a = x * y
    b = math.sin(a)
    return a * b + x


def test_a_function_of_numbers_is_apart_only_where_it_is_long():
    def f(x, y):
        h, g = of_numbers(x, y)
        u, v = of_numbers(g, h)
        return h * g + u * v

    assert called(f, 0.5, 1.5) == ["of_numbers_forward", "of_numbers_backward"]
    assert called(lambda x, y: few_of_numbers(x, y) * few_of_numbers(y, x), 0.5, 2.0) == []
    for x, y in ((0.5, 1.5), (-0.5, 1.5), (2, 1)):
        assert_gradient(f, (x, y))


@pytest.mark.parametrize("x", [1.5, 3, np.float32(0.5)], ids=["float", "int", "float32"])
def test_numbers(x):
    assert_gradient(lambda x: rebinds(x) * with_globals(x), (x,),
                    **({"rtol": 1e-3, "atol": 1e-4} if type(x) is np.float32 else {}))


def test_rows_in_a_loop():
    assert_gradient(in_a_loop, (X @ W, B))
    assert_gradient(in_a_loop, (np.zeros((0, 2)), B))
    assert called(in_a_loop, X @ W, B) == ["several_forward", "several_backward"]


def test_a_list_of_views_does_not_see_a_later_store():
    assert_gradient(used_keeps_views, (V,))


def test_what_is_printed_is_printed_once(capsys):
    def f(x):
        return np.sum(is_printed(x))

    gradient = grad(f)
    gradient(V)
    capsys.readouterr()
    gradient(V)
    assert capsys.readouterr().out == "once\n"
    assert functions(gradient.source)[0] == "is_printed_forward"


def test_what_is_drawn_is_drawn_once():
    def f(x, generator):
        return np.sum(drawn(x, generator))

    found = grad(f, wrt="x")(V, np.random.default_rng(3))
    noise = np.random.default_rng(3).normal(size=V.shape)
    np.testing.assert_allclose(found, 2 * (V + noise) * noise, rtol=1e-13)


def test_a_global_that_changes(monkeypatch):
    gradient = grad(used_with_globals)
    np.testing.assert_allclose(gradient(V), 8 * V)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    np.testing.assert_allclose(gradient(V), 18 * V)
    monkeypatch.setitem(globals(), "SCALE", np.arange(5.0))
    np.testing.assert_allclose(gradient(V), 2 * V * np.arange(5.0) ** 2)


def test_a_function_that_changes(monkeypatch):
    gradient = grad(used_with_globals)
    gradient(V)
    monkeypatch.setitem(globals(), "with_globals", rebinds)
    assert_gradient(used_with_globals, (V,))
    np.testing.assert_allclose(gradient(V), 2 * V * (1 + np.cos(V ** 2)))


def test_a_cache_serves_again():
    def f(x, w):
        z, total, rest = several(x, w)
        return calls_another(z, w), total

    layer = grad(f)
    (out, total), cache = layer.forward(V, V + 1)
    dout = np.ones_like(out)
    first = layer.backward((dout, 1.0), cache)
    for _ in range(2):
        again = layer.backward((dout, 1.0), cache)
        for one, other in zip(first, again):
            np.testing.assert_array_equal(one, other)
    assert np.all(dout == 1)
    only = layer.backward((None, 1.0), cache)
    np.testing.assert_allclose(only, (V + 1, V))


def test_gradients_share_no_memory():
    def plus(a, b):
        c = a + b
        d = c + 1.0
        return d

    def f(x, y):
        return plus(x, y)

    layer = grad(f)
    _, cache = layer.forward(V, V)
    dout = np.ones(5)
    dx, dy = layer.backward(dout, cache)
    dx += 1
    assert np.all(dy == 1) and np.all(dout == 1)


SECOND = [used_local_store, used_rebinds, used_branches, used_loops, used_with_globals, used_recursive]


@pytest.mark.parametrize("f", SECOND, ids=lambda f: f.__name__)
def test_the_gradient_of_a_gradient(f):
    inner = grad(f).compiled(V)

    def squares(x):
        return np.sum(inner(x) ** 2)

    assert_gradient(squares, (V,), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f", [used_several, used_calls_another, in_a_branch, result_stored_into,
                               stored_after_the_call,
                               stored_in_a_branch_after_the_call],
                         ids=lambda f: f.__name__)
def test_the_gradient_of_a_gradient_on_two(f):
    inner = grad(f).compiled(V, V)

    def squares(x, w):
        dx, dw = inner(x, w)
        return np.sum(dx ** 2) + np.sum(dx * dw)

    assert_gradient(squares, (V, 0.3 * V + 1), rtol=1e-5, atol=1e-6)


def test_has_aux():
    def f(x, w):
        z, total, rest = several(x, w)
        return np.sum(z * z), (z, rest)

    (dx, dw), (z, rest) = grad(f, has_aux=True)(V, V + 1)
    np.testing.assert_allclose(z, np.tanh(V * (V + 1)))
    np.testing.assert_allclose(dx, 2 * z * (1 - z ** 2) * (V + 1))
    dx += 1
    np.testing.assert_allclose(rest["y"], V * (V + 1))


def scaled(x):
    return x * SCALE


def scale_is_its_own(x, SCALE, np_):
    y = scaled(x) + SCALE
    z = np.sin(y) * np_
    return z


def numpy_is_another(np, x):
    y = np * x
    z = rebinds(y)
    return z


def test_parameters_with_the_names_of_globals():
    def f(x, y):
        return np.sum(scale_is_its_own(x, y, 3.0) + numpy_is_another(x, y) ** 2)

    assert_gradient(f, (V, V + 1))
    assert len(called(f, V, V + 1)) == 6


class Network:
    def __init__(self):
        self.W, self.b = W.copy(), B.copy()

    def layer(self, x):
        a = x @ self.W + self.b
        h = np.tanh(a)
        return h

    def loss(self, x):
        h = self.layer(x)
        return np.sum(h * h)


NETWORK = Network()


def of_a_global_object(x):
    a = x @ NETWORK.W + NETWORK.b
    h = np.tanh(a)
    return h * np.sum(NETWORK.W)


def test_the_attributes_of_a_global_object():
    def f(x):
        return np.sum(of_a_global_object(x) * np.sum(NETWORK.W ** 2)) + np.sum(of_a_global_object(x) * NETWORK.b)

    assert_gradient(f, (X,))


def returns_from_a_loop(x, n):
    total = x * 0.0
    for i in range(n):
        total = total + np.sin(x) * i
        if np.sum(total) > 2.0:
            return total * 2, i
    return total, n


def test_a_function_that_returns_from_a_loop():
    def f(x):
        y, count = returns_from_a_loop(x, 4)
        z, _ = returns_from_a_loop(y, 2)
        return np.sum(y * z) * count

    for scale in (1.0, 0.1, 3.0):
        assert_gradient(f, (scale * np.abs(V),))


def returns_only_in_a_loop(x):
    for i in range(x.shape[0]):
        y = x * x[i]
        if np.sum(y) > 0.5:
            return y * np.sin(y)
    return x * 1.0


def test_what_only_a_loop_makes():
    def f(x):
        return np.sum(returns_only_in_a_loop(x) * x)

    for sign in (1.0, -1.0):
        assert_gradient(f, (sign * V,))


def test_methods():
    assert_gradient(lambda net, x: net.loss(x), (Network(), X))


def params_layer(params, x):
    a = x @ params["W"] + params["b"]
    h = np.tanh(a)
    return h * params["scale"]


def test_parts_of_a_dict():
    params = {"W": W, "b": B, "scale": 1.5}

    def f(params, x):
        return np.sum(params_layer(params, x) ** 2)

    assert_gradient(f, (params, X))
    assert called(f, params, X) == ["params_layer_forward", "params_layer_backward"]


def test_a_refusal_inside_names_the_line():
    def inside(x):
        y = x * x
        z = np.linalg.svd(y)[0]
        return z

    def f(x):
        return np.sum(inside(x))

    with pytest.raises(revad.UnsupportedError) as found:
        grad(f)(X)
    line = inspect.getsourcelines(inside)[1] + 2
    assert f"line {line}" in str(found.value) or f":{line}" in str(found.value)
