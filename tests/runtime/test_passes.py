"""The two passes: every structure of a result, with every choice of the parts of `dout` that are None.

Each gradient is that of finite differences of the function itself, and the texts of the two passes, pasted
into a file, agree with each other and with what the interface returns.
"""
import inspect
import itertools
import linecache
import re
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import function as function_of_text

from revad import grad
from revad.runtime.structure import child, children

X, Y = np.array([0.4, -1.2, 0.7]), np.array([1.1, 0.6, -0.8])


class Pair(NamedTuple):
    first: object
    second: object


def a_number(x, y):
    return np.sum(np.exp(x) * y)


def an_array(x, y):
    return x * y + np.sin(x)


def one_value_is_kept(x, y):
    return 1 / (1 + np.exp(-x - y))


def nothing_is_kept(x, y):
    return x - y


def two_results(x, y):
    h = np.tanh(x * y)
    c = h * x
    return h, c


def the_same_twice(x, y):
    h = x * y
    return h, h, x


def of_one(x, y):
    return (x * y,)


def nested_tuples(x, y):
    h = x * y
    return np.sin(h), (h * x, (h, np.sum(y * y))), "a label"


def a_list(x, y):
    h = x * y
    return [h, np.sum(h) * y, x]


def a_dict(x, y):
    loss = np.sum(x * y * y)
    return {"loss": loss, "dx": x * y, "rest": [x * 2, (y * y, 3)]}


def strange_keys(x, y):
    return {("a", 1): x * y, 2: np.sum(y * y), "no name": np.exp(x)}


def a_record(x, y):
    return Pair(x * y, (np.sum(x), y * y))


def own_cache(x, y):
    out = np.exp(x) * y
    cache = (x, y, out)
    return out, cache


def own_cache_lacks_a_value(x, y):
    e = np.exp(np.sin(x))
    out = e * y
    cache = (x, y)
    return out, cache


def own_cache_of_one(x, y):
    out = np.exp(x + y)
    cache = out
    return out, cache


def own_nested_cache(x, y):
    a = x * y
    first = (x, y)
    out = np.exp(a)
    second = (out, 3, "relu")
    cache = (first, second)
    return out, cache


def own_list(x, y):
    out = np.sin(x) * y
    cache = [x, y]
    return out, cache


def own_dict(x, y):
    out = np.exp(x) * y * y
    cache = {"x": x, "y": y, "name": "sine"}
    cache["out"] = out
    return out, cache


def own_dict_of_all(x, y):
    s = np.sin(x)
    out = s * y
    cache = {"x": x, "y": y, "s": s, "rest": {"n": len(x)}}
    return out, cache


def own_cache_and_a_size(x, y):
    n = x.shape[0]
    out = y * y / n
    cache = (x, y)
    return out, cache


def stored_into_what_is_kept(x, y):
    p = np.exp(x - np.max(x))
    p /= np.sum(p)
    loss = -np.log(p[1])
    p[1] -= 1
    return loss, p * y


def stored_into_the_cache(x, y):
    p = np.exp(x)
    p /= np.sum(p)
    loss = -np.log(p[1]) * y[0]
    p[1] -= 1
    p *= y
    return loss, (p, x, y)


def stored_after_the_cache(x, y):
    a = x * y
    cache = (a, y)
    out = np.exp(a) * a
    out[0] = 0.0
    return out, cache


def chosen(x, y):
    if np.sum(x) > 0:
        a, b = x * y, y * y
    else:
        a, b = np.exp(x), x + y
    return a, (b, a * b)


def looped(x, y):
    h, out = x, np.zeros((2, 3))
    for t in range(2):
        h = np.tanh(y * h)
        out[t] = h * x
    return out, (h, y)


FUNCTIONS = [a_number, an_array, one_value_is_kept, nothing_is_kept, two_results, the_same_twice, of_one,
             nested_tuples, a_list, a_dict, strange_keys, a_record, own_cache, own_cache_lacks_a_value,
             own_cache_of_one, own_nested_cache, own_list, own_dict, own_dict_of_all,
             own_cache_and_a_size, stored_into_what_is_kept, stored_into_the_cache,
             stored_after_the_cache, chosen, looped]


def real_leaves(out, path=()):
    """(path, value) of each number and array of a result."""
    parts = children(out)
    if parts is None:
        return [(path, out)] if not isinstance(out, str) else []
    return [leaf for key, part, _ in parts for leaf in real_leaves(part, (*path, key))]


def with_parts(out, weights, path=()):
    """`dout`: a weight, or None, in the place of each leaf."""
    if children(out) is None:
        return weights.get(path)
    parts = {key: with_parts(part, weights, (*path, key)) for key, part, _ in children(out)}
    if isinstance(out, dict):
        return parts
    return type(out)(*parts.values()) if hasattr(out, "_fields") else type(out)(parts.values())


def projected(function, weights):
    def value(x, y):
        out, total = function(x, y), 0.0
        for path, weight in weights.items():
            part = out
            for key in path:
                part = child(part, key)
            total = total + np.sum(weight * part)
        return total
    return value


def choices(function):
    """Every choice of the leaves of a result that are given a weight; at random where there are many."""
    rng = np.random.default_rng(0)
    leaves = real_leaves(function(X, Y))
    masks = list(itertools.product((True, False), repeat=len(leaves)))
    for mask in masks if len(masks) <= 16 else [masks[i] for i in rng.permutation(len(masks))[:16]]:
        yield {path: rng.normal(size=np.shape(leaf)) if np.ndim(leaf) else float(rng.normal())
               for (path, leaf), is_given in zip(leaves, mask) if is_given}


@pytest.mark.quick
@pytest.mark.parametrize("wrt", [("x", "y"), ("x",), "y"], ids=str)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_choice_of_parts(function, wrt):
    gradient = grad(function, wrt=wrt)
    out, cache = gradient.forward(X, Y)
    for weights in choices(function):
        found = gradient.backward(with_parts(out, weights), cache)
        expected = numeric_gradient(projected(function, weights), (X, Y))
        assert isinstance(found, tuple) == (not isinstance(wrt, str))
        found = (found,) if isinstance(wrt, str) else found
        assert len(found) == len(wrt)
        for name, part in zip(wrt, found):
            np.testing.assert_allclose(part, expected["xy".index(name)], rtol=1e-6, atol=1e-8)
            assert part.shape == (3,) and part.flags.writeable
        for first, second in itertools.combinations([*found, *weights.values(), X, Y], 2):
            assert first is second or not np.shares_memory(first, second)


def pasted(text, name):
    namespace = {"np": np, "Pair": Pair}
    exec(text, namespace)
    return namespace[name]


def last_function(text):
    return re.findall(r"^def (\w+)\(", text, re.M)[-1]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_the_texts_work_by_themselves(function):
    """The forward text returns what the backward text takes, besides the parts of dout."""
    gradient = grad(function, wrt=("x", "y"))
    for weights in choices(function):
        out, cache = gradient.forward(X, Y)
        dout = with_parts(out, weights)
        expected = gradient.backward(dout, cache)
        forward = pasted(gradient.forward.source, last_function(gradient.forward.source))
        backward = pasted(gradient.backward.source, last_function(gradient.backward.source))
        _, kept = forward(X, Y)
        paths = gradient.backward.last.variant.paths
        parts = []
        for path in paths:
            part, same = dout, out
            for key, _ in path:
                part, same = child(part, key), child(same, key)
            parts.append(part if part is not None else np.zeros(np.shape(same)))
        for a, b in zip(backward(*parts, kept), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_part_is_a_parameter():
    gradient = grad(two_results, wrt=("x", "y"))
    out, cache = gradient.forward(X, Y)
    for dout, parameters in (((X, Y), "dh, dc, cache"), ((X, None), "dh, cache"), ((None, X), "dc, cache"),
                             ((None, None), "cache")):
        gradient.backward(dout, cache)
        assert f"def two_results_backward({parameters}):" in gradient.backward.source


def test_the_parts_of_dicts_and_records_are_parameters_and_a_list_is_one():
    for function, parameters in ((a_dict, r"dloss, ddx, drest, \w+"),
                                 (a_record, r"dfirst, dout, dout_2, \w+"),
                                 (a_list, r"dout, \w+"), (own_cache, r"dout, dx, dy, dout_2, \w+")):
        gradient = grad(function, wrt=("x", "y"))
        out, cache = gradient.forward(X, Y)
        ones = {path: np.ones(np.shape(leaf)) for path, leaf in real_leaves(out)}
        gradient.backward(with_parts(out, ones), cache)
        assert re.search(rf"def {function.__name__}_backward\({parameters}\):", gradient.backward.source), \
            gradient.backward.source


def test_an_object_among_the_results():
    def f(x, y):
        return SimpleNamespace(h=x * y, name="f"), x

    gradient = grad(f)
    out, cache = gradient.forward(X, Y)
    dx, dy = gradient.backward((SimpleNamespace(h=Y, name=None), X), cache)
    np.testing.assert_allclose(dx, Y * Y + X)
    np.testing.assert_allclose(dy, X * Y)
    dx, dy = gradient.backward((SimpleNamespace(h=Y, name=None), None), cache)
    np.testing.assert_allclose(dx, Y * Y)


class Norm:
    def __init__(self):
        self.gamma, self.inner, self.eps = np.array([1.5, -0.5, 2.0]), SimpleNamespace(b=np.ones(3)), 1e-3

    def forward(self, x):
        out = self.gamma * (x - x.mean()) / np.sqrt(self.eps + np.mean(x * x)) + self.inner.b
        return out

    def __call__(self, x):
        return self.gamma * x

    def scaled(self, x):
        return 2 * self(x)


@pytest.mark.parametrize("wrt", ["self", ("self",), ("self", "x"), ("x", "self")], ids=str)
def test_the_gradient_of_an_object_is_a_namespace_and_a_dict_in_the_text(wrt):
    gradient, norm = grad(Norm.forward, wrt=wrt), Norm()
    out, cache = gradient.forward(norm, X)
    found = gradient.backward(Y, cache)
    assert "SimpleNamespace" not in gradient.backward.source and "import" not in gradient.backward.source
    found = found["self" in wrt and wrt.index("self")] if isinstance(wrt, tuple) else found
    assert type(found) is SimpleNamespace and type(found.inner) is SimpleNamespace
    np.testing.assert_allclose(found.inner.b, Y)
    expected = numeric_gradient(lambda gamma, eps: np.sum(
        Y * (gamma * (X - X.mean()) / np.sqrt(eps + np.mean(X * X)))), (norm.gamma, norm.eps))
    np.testing.assert_allclose(found.gamma, expected[0], rtol=1e-6)
    np.testing.assert_allclose(found.eps, expected[1], rtol=1e-6)


def test_objects_in_lists_and_dicts():
    def f(layers, x):
        for layer in layers["all"]:
            x = layer.gamma * x
        return x

    gradient, layers = grad(f), {"all": [Norm(), Norm()], "n": 2}
    out, cache = gradient.forward(layers, X)
    dlayers, dx = gradient.backward(Y, cache)
    assert [type(part) for part in dlayers["all"]] == [SimpleNamespace] * 2 and dlayers["n"] == 0.0
    np.testing.assert_allclose(dlayers["all"][0].gamma, Y * layers["all"][1].gamma * X)


def relu_forward(x):
    return np.maximum(x, 0)


def forward(x):
    return np.maximum(x, 0)


def conv_forward_naive(x):
    return np.tanh(x)


def test_texts_are_called_after_the_function_or_its_class():
    for function, args, name in ((relu_forward, (X,), "relu"), (Norm.forward, (Norm(), X), "norm"),
                                 (Norm.__call__, (Norm(), X), "norm"),
                                 (Norm.scaled, (Norm(), X), "norm_scaled"), (forward, (X,), "")):
        gradient = grad(function, wrt="x")
        out, cache = gradient.forward(*args)
        gradient.backward(out, cache)
        for part in ("forward", "backward"):
            assert last_function(getattr(gradient, part).source) == f"{name}_{part}".strip("_")
    gradient = grad(conv_forward_naive)
    gradient.backward(*gradient.forward(X))
    assert last_function(gradient.backward.source) == "conv_backward_naive"


def test_a_cache_of_the_function_is_the_cache():
    """If it holds all that is needed; ours has another name than the function's, if that has one."""
    for function, parameter in ((own_nested_cache, "cache"), (own_cache_lacks_a_value, "kept"),
                                (two_results, "cache"), (own_cache_of_one, "out")):
        gradient = grad(function, wrt=("x", "y"))
        out, cache = gradient.forward(X, Y)
        gradient.backward((X, None), cache)
        assert re.search(rf"_backward\(d\w+, {parameter}\):", gradient.backward.source)
        assert not re.search(r"\bcache_\b", gradient.forward.source + gradient.backward.source)


def test_a_list_that_is_the_cache_may_be_changed():
    def f(x, y):
        out = x * y
        cache = [x, y]
        return out, cache

    gradient = grad(f)
    (out, own), cache = gradient.forward(X, Y)
    expected = gradient.backward((Y, None), cache)
    own[0] = None
    own.clear()
    for a, b in zip(gradient.backward((Y, None), cache), expected):
        np.testing.assert_array_equal(a, b)


def test_a_dict_that_is_the_cache_may_be_changed():
    gradient = grad(own_dict_of_all)
    (out, own), cache = gradient.forward(X, Y)
    expected = gradient.backward((Y, None), cache)
    own["x"] = None
    del own["y"]
    for a, b in zip(gradient.backward((Y, None), cache), expected):
        np.testing.assert_array_equal(a, b)
    assert "x, y, s = cache['x'], cache['y'], cache['s']" in gradient.backward.source


def test_what_a_branch_or_a_call_returns_is_no_cache_of_the_function():
    def pair(x, y):
        return (x, y) if np.sum(x) > 0 else (y, x)

    def f(x, y):
        cache = pair(x, y)
        return x * y, cache

    gradient = grad(f)
    for x in (X, -X):
        out, cache = gradient.forward(x, Y)
        dx, dy = gradient.backward((X, (Y, None)), cache)
        first = np.sum(x) > 0
        np.testing.assert_allclose(dx, X * Y + first * Y)
        np.testing.assert_allclose(dy, X * x + (not first) * Y)


def test_sizes_are_read_from_the_array_that_is_kept():
    def f(x, w):
        n, d = x.shape
        out = np.zeros((n, d))
        for i in range(n):
            out[i] = x[i] * w * d
        return out

    gradient = grad(f)
    x = np.arange(6.0).reshape(2, 3)
    out, cache = gradient.forward(x, Y)
    dx, dw = gradient.backward(np.ones((2, 3)), cache)
    assert "x, w = cache\n    n, d = x.shape\n" in gradient.backward.source
    np.testing.assert_allclose(dx, np.ones((2, 3)) * Y * 3)
    np.testing.assert_allclose(dw, x.sum(axis=0) * 3)


def test_a_part_that_is_returned_and_not_given_costs_no_line():
    """Its gradient begins with zeros of its shape, so that is in the cache."""
    def embedding(rows, table):
        return table[rows], (rows, table)

    gradient = grad(embedding, wrt="table")
    rows, table = np.array([0, 2, 0]), np.ones((4, 3))
    out, cache = gradient.forward(rows, table)
    found = gradient.backward((np.ones((3, 3)), None), cache)
    assert "def embedding_backward(dout, cache):" in gradient.backward.source
    assert "np.zeros_like(table)" in gradient.backward.source
    np.testing.assert_array_equal(found[:, 0], [2, 0, 1, 0])


def test_long_lines_of_names_are_broken():
    names = [f"parameter_{i}" for i in range(16)]
    namespace = {"np": np}
    text = f"def f({', '.join(names)}):\n    return {' * '.join(names)}\n"
    file = "<long names>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec"), namespace)
    gradient = grad(namespace["f"])
    arguments = [X + i for i in range(16)]
    out, cache = gradient.forward(*arguments)
    found = gradient.backward(Y, cache)
    np.testing.assert_allclose(found[3], Y * out / arguments[3])
    assert all(len(line) <= 110 for line in gradient.backward.source.splitlines() if " = cache" in line
               or "return" in line)
    assert max(map(len, gradient.forward.source.splitlines()[:3])) <= 110


@pytest.mark.parametrize("function", [one_value_is_kept, two_results, own_nested_cache, looped],
                         ids=lambda f: f.__name__)
def test_a_backward_pass_can_be_differentiated_again(function):
    gradient = grad(function, wrt=("x", "y"))
    out, cache = gradient.forward(X, Y)
    dout = with_parts(out, dict(real_leaves(out)[:1]))
    gradient.backward(dout, cache)
    backward = function_of_text(gradient.backward.source)
    kept = cache[0] if len(cache) == 1 else tuple(cache)
    first = real_leaves(out)[0][1]
    weights = [np.cos(np.arange(3.0) + shift) for shift in (0, 1)]
    again = grad(backward, wrt=0)
    _, cache_of_pass = again.forward(first, kept)
    expected = numeric_gradient(lambda dout: sum(
        np.sum(w * part) for w, part in zip(weights, backward(dout, kept))), (first,))
    np.testing.assert_allclose(again.backward(tuple(weights), cache_of_pass), expected, rtol=1e-6, atol=1e-8)


def test_the_source_of_a_pass_is_found_by_inspect_and_its_lines_by_linecache():
    gradient = grad(two_results, wrt=("x", "y"))
    out, cache = gradient.forward(X, Y)
    gradient.backward((X, Y), cache)
    function = gradient.backward.last.function
    assert inspect.getsource(function).rstrip() == gradient.backward.source.rstrip()
    called = gradient.backward.last.called
    assert "return text(dout[0], dout[1], cache)" in inspect.getsource(called)
    assert linecache.getline(function.__code__.co_filename, 2).strip().endswith("= cache")
