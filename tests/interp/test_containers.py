"""Containers as parameters and as results: dicts, lists, tuples and named tuples, with settings inside of them."""
from collections import OrderedDict, namedtuple
from typing import NamedTuple

import numpy as np
import pytest
from differences import assert_gradient

from revad import CallError, check_grad, grad, value_and_grad

rng = np.random.default_rng(31)
x, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)

Point = namedtuple("Point", "x y")


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray
    act: str = "tanh"


def norm(p):
    return np.sqrt(p.x**2 + 2 * p.y**2) * p[0]


def layers(net, x):
    for layer in net:
        h = x @ layer.W + layer.b
        x = np.tanh(h) if layer.act == "tanh" else h
    return np.sum(x**2)


def moved(p, t):
    q = p._replace(x=p.x * t)
    u, v = Point(q.y, y=q.x)
    return u * v + q._asdict()["x"]


def settings(config, t):
    if config["mode"] == "square" and config["options"]["none"] is None:
        t = t**2
    return config["scale"] * t * config[1] * config["list"][1] * config[("a", 2)]


def of_lists(params, x):
    for W, b in zip(params["W"], params["b"]):
        x = np.tanh(x @ W + b)
    return x.sum()


def by_name(params, x):
    for i in range(1, params["depth"] + 1):
        x = np.tanh(x @ params[f"W{i}"] + params["b%d" % i])
    return x.sum()


CONFIG = {"mode": "square", "scale": 1.5, 1: 2.0, "list": ["a", 3.0, None], ("a", 2): 0.5,
          "options": {"none": None}, "flag": True, "names": np.array(["x"]), "empty": {}, "nothing": (),
          "point": Point(1.0, [2.0])}
DEEP = {"depth": 2, "W1": W, "b1": b, "W2": W[:2], "b2": b}


@pytest.mark.parametrize("function, args, wrt, integers", [
    (norm, (Point(3.0, 4.0),), None, False), (layers, ([Layer(W, b), Layer(W[:2], b, "id")], x), None, False),
    (moved, (Point(3.0, 4.0), 0.5), None, False), (settings, (CONFIG, 1.3), None, False),
    (settings, (CONFIG, 1.3), "config", False), (of_lists, ({"W": [W, W[:2]], "b": [b, -b]}, x), None, False),
    (by_name, (DEEP, x), None, True)])
def test_right(function, args, wrt, integers):
    assert_gradient(function, args, wrt, integers=integers)
    if not integers:
        assert check_grad(function, *args, wrt=wrt)


def test_a_named_tuple_has_one_as_its_gradient():
    f = grad(norm)
    found = f(Point(3.0, 4.0))
    assert type(found) is Point
    assert f.source.splitlines()[-2].startswith("    dp = Point(") and "p.x" in f.source


def test_the_gradient_keeps_all_keys():
    found = grad(settings, wrt="config")({**CONFIG, "options": {"none": None, "f": np.sum}}, 1.0)
    assert found == {"mode": None, "scale": 3.0, 1: 2.25, "list": [None, 1.5, None], ("a", 2): 9.0,
                     "options": {"none": None, "f": None}, "flag": None, "names": None, "empty": {},
                     "nothing": (), "point": Point(0.0, [0.0])}


@pytest.mark.parametrize("empty", [{}, [], ()])
def test_empty_containers(empty):
    found, dt = grad(lambda p, t: 2 * t + len(p))(empty, 1.0)
    assert found == empty and type(found) is type(empty) and dt == 2.0


def test_a_change_of_structure_or_setting_is_seen():
    f = grad(settings, wrt="t")
    assert f(CONFIG, 2.0) == 18.0
    assert f({**CONFIG, "mode": "plain"}, 2.0) == 4.5
    assert f({**CONFIG, "scale": 3.0}, 2.0) == 36.0
    assert f({**CONFIG, "list": ["a", 6.0, "b", 7]}, 2.0) == 36.0
    assert f({**CONFIG, "options": {"none": 1.0}}, 2.0) == 4.5
    g = grad(norm)
    assert type(g(Point(3.0, 4.0))) is Point
    Other = namedtuple("Other", "y x")
    assert g(Other(4.0, 3.0)) == pytest.approx(_expected(4.0, 3.0))


def _expected(y, x):
    """The gradient of `norm` where position 0 is y."""
    root = np.sqrt(x**2 + 2 * y**2)
    return root + 2 * y * y / root, x * y / root


def test_a_key_that_cannot_be_written():
    class Key:
        def __repr__(self):
            return "<a key>"
    with pytest.raises(CallError) as caught:
        grad(lambda d: 2.0 * d["k"])({Key(): 1.0, "k": 2.0})
    assert str(caught.value) == "d has the key <a key>: use strings, numbers or tuples of them as keys"


def test_what_has_no_gradient_is_refused_at_the_top_only():
    with pytest.raises(CallError, match="mode is a str, which has no gradient: name the parameters"):
        grad(lambda mode, t: t)("train", 1.0)
    with pytest.raises(CallError,
                       match=r"p\['z'\] is complex: revad differentiates functions of real numbers"):
        grad(lambda p: 2.0 * p["t"])({"t": 1.0, "z": 1j})


# ---- results


def returns_named_tuple(v):
    return Layer(v.sum(), v**2)


def returns_nested(v):
    return {"out": v * 2, "parts": [v[0], (v[1], None)], "name": "result", "point": Point(v.sum(), 3)}


def out_and_cache(v, mode):
    mask = v > 0
    out = np.where(mask, v, 0.1 * v)
    return out, (v, mask, mode, 3, None, {"shape": v.shape, "out": out})


@pytest.mark.parametrize("function, args, wrt, output", [
    (returns_named_tuple, (b,), None, None), (returns_nested, (b,), None, None),
    (returns_nested, (b,), None, "out"),
    (out_and_cache, (b, "train"), "v", 0), (out_and_cache, (b, "train"), "v", None)])
def test_results(function, args, wrt, output):
    assert_gradient(function, args, wrt, output=output)
    assert check_grad(function, *args, wrt=wrt)


def test_dout_of_a_named_tuple():
    f = grad(returns_named_tuple)
    out, cache = f.forward(b)
    assert type(out) is Layer and out.act == "tanh"
    for dout in (Layer(1.0, b, None), (1.0, b, None), [1.0, b, None]):
        np.testing.assert_allclose(f.backward(dout, cache), 1 + 2 * b * b)
    np.testing.assert_allclose(f.backward((None, b, None), cache), 2 * b * b)
    with pytest.raises(CallError, match="dout has to be a Layer of 3, as the output is"):
        f.backward((1.0, b), cache)


def test_nested_parts_of_dout_may_be_none():
    f = grad(returns_nested)
    out, cache = f.forward(b)
    dout = {"out": None, "parts": [2.0, None], "name": None, "point": Point(None, None)}
    np.testing.assert_allclose(f.backward(dout, cache), [2.0, 0.0])
    np.testing.assert_allclose(f.backward({**dout, "point": (1.0, None)}, cache), [3.0, 1.0])


# ---- parameters of every sort


def product(*factors, **powers):
    total = 1.0
    for factor in factors:
        total *= factor
    return total ** powers.get("n", 1.0)


def of_each_sort(a, /, b, *rest, k=2.0, m, **more):
    return a * b * k * m + sum(rest) + more["z"] ** 2


def test_extra_arguments_are_a_tuple_and_a_dict():
    assert grad(product)(2.0, 3.0) == (3.0, 2.0)
    assert grad(product)(2.0, 3.0, 4.0) == (12.0, 8.0, 6.0)
    assert grad(product, wrt="powers")(2.0, n=2.0)["n"] == pytest.approx(4 * np.log(2))
    assert value_and_grad(of_each_sort)(1.0, 2.0, 3.0, m=4.0, z=5.0) == (44.0, (16.0, 8.0))
    assert value_and_grad(of_each_sort, wrt=("a", "rest"))(1.0, 2.0, 3.0, m=4.0,
                                                           z=5.0) == (44.0, (16.0, (1.0,)))
    assert grad(of_each_sort, wrt=("more", "k", "m", "rest"))(1.0, 2.0, m=4.0,
                                                              z=5.0) == ({"z": 10.0}, 8.0, 4.0, ())
    assert check_grad(of_each_sort, 1.0, 2.0, 3.0, 4.0, m=4.0, z=5.0, wrt=("a", "b", "rest", "m", "more"))


def test_the_signature_is_that_of_the_function():
    f = grad(of_each_sort)
    f(1.0, 2.0, 3.0, m=4.0, z=5.0)
    assert f.source.splitlines()[0] == "def of_each_sort_grad(a, /, b, *rest, k=2.0, m, **more):"
    out, cache = f.forward(1.0, 2.0, 3.0, m=4.0, z=5.0)
    assert f.forward.source.splitlines()[0] == "def of_each_sort_forward(a, /, b, *rest, k=2.0, m, **more):"
    assert out == 44.0 and f.backward(1.0, cache) == (16.0, 8.0)
    assert f.compiled(1.0, 2.0, m=4.0, z=5.0)(1.0, 2.0, m=4.0, z=5.0) == (16.0, 8.0)


def marked(a, /, b, *, k=2.0, m):
    return a * b * k * m


def test_markers():
    f = grad(marked, wrt=("a", "m"))
    for _ in range(2):
        assert f(1.0, 2.0, m=3.0) == (12.0, 4.0) and f(1.0, b=2.0, m=3.0, k=1.0) == (6.0, 2.0)
    assert f.source.splitlines()[0] == "def marked_grad(a, /, b, *, k=2.0, m):"
    assert grad(grad(marked, wrt="a"), wrt="m")(1.0, 2.0, m=3.0) == 4.0
    with pytest.raises(CallError, match="marked.. misses its argument 'm'"):
        f(1.0, 2.0)
    with pytest.raises(TypeError):
        f(a=1.0, b=2.0, m=3.0)


def with_function(t, act=lambda z: z**2):
    return act(t)


def test_a_default_that_is_a_function():
    f = grad(with_function)
    assert f(3.0) == 6.0 and f(3.0, np.sin) == pytest.approx(np.cos(3.0))


def test_an_element_that_is_not_there():
    with pytest.raises(KeyError, match="missing"):
        grad(lambda p: p["missing"] * 2.0)({"t": 1.0})


def over_items(p, x):
    total = 0.0
    for name, part in p.items():
        total = total + (np.sum(np.sin(part * x)) if "w" in name else np.sum(part))
    return total * p["w"][0]


def asked_for_its_type(p, x):
    return np.sum(p["w"] * x) if isinstance(p, OrderedDict) else np.sum(p["b"] * x) if isinstance(p, dict) else 0.0


class Ordered:
    def __init__(self):
        self.p = OrderedDict(w=np.array([1.0, 2.0]), b=np.array([0.5, -1.0]))

    def each(self, x):
        return over_items(self.p, x)

    def grown(self, x):
        self.p["c"] = x * 2
        self.p["w"] = self.p["w"] * self.p["c"]
        return sum(np.sum(part * x) for part in self.p.values())


@pytest.mark.parametrize("function, args", [
    (over_items, (Ordered().p, np.array([0.3, 0.7]))), (Ordered.each, (Ordered(), np.array([0.3, 0.7]))),
    (Ordered().each, (np.array([0.3, 0.7]),)), (Ordered.grown, (Ordered(), np.array([0.3, 0.7])))])
def test_a_dict_that_keeps_its_order(function, args):
    assert_gradient(function, args)


def test_its_type_is_told_from_that_of_a_dict():
    f, v = grad(asked_for_its_type, wrt="x"), np.array([0.3, 0.7])
    for _ in range(2):
        assert f(Ordered().p, v).tolist() == [1.0, 2.0] and f(dict(Ordered().p), v).tolist() == [0.5, -1.0]
