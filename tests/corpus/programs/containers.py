"""Containers: dicts, lists, tuples, named tuples, dataclasses and objects, as parameters, on the way, and as results."""

import types
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field

import numpy as np

from ..case import Case

rng = np.random.default_rng(103)

Point = namedtuple("Point", ["x", "y"])
Layer = namedtuple("Layer", "W b")


@dataclass
class Gaussian:
    mean: np.ndarray
    log_std: np.ndarray
    name: str = "normal"


@dataclass
class Spring:
    k: float
    rest: float = 1.0
    damping: float = 0.0

    def force(self, x):
        return -self.k * (x - self.rest)


@dataclass(frozen=True)
class Config:
    rate: float
    steps: int = 3
    nested: dict = field(default_factory=dict)


class Linear:
    def __init__(self, W, b):
        self.W = W
        self.b = b


def dict_parameters(params, x):
    return np.sum(np.tanh(x @ params["W"] + params["b"]))


def dict_get(params, x):
    eps = params.get("eps", 1e-5)
    scale = params.get("scale", 2.0)
    return np.sum(scale * x / np.sqrt(np.mean(x**2) + eps))


def nested_dict(config, x):
    W = config["encoder"]["W"]
    h = np.maximum(x @ W, 0)
    return np.sum(h @ config["decoder"]["W"]) + config["bias"]


def list_of_weights(weights, x):
    for W in weights[:-1]:
        x = np.tanh(x @ W)
    return (x @ weights[-1]).sum()


def list_of_dicts(layers, x):
    for layer in layers:
        z = x @ layer["W"] + layer["b"]
        x = np.maximum(0.1 * z, z)
    return np.mean(x)


def tuple_parameter(p, t):
    a, b, c = p
    return a * np.exp(-b * t) + c


def starred_unpacking(p):
    first, *middle, last = p
    return first * last + sum(middle) ** 2


def nested_unpacking(p):
    (a, b), (c, (d, e)) = p
    return a * b + c * d / e


def list_indexing(p, x):
    return p[0] * x**2 + p[1] * x + p[-1]


def namedtuple_parameter(p):
    return np.sqrt(p.x**2 + p.y**2) * p[0]


def namedtuple_replaced(p, dx):
    q = p._replace(x=p.x + dx)
    moved = Point(q.x * 2, y=q.y)
    return moved.x * moved.y


def namedtuples_in_list(layers, x):
    for layer in layers:
        x = np.tanh(x @ layer.W + layer.b)
    return x.sum()


def dataclass_parameter(q, x):
    z = (x - q.mean) / np.exp(q.log_std)
    return -0.5 * np.sum(z**2) - np.sum(q.log_std)


def dataclass_method(spring, x):
    return spring.force(x) ** 2


def dataclass_on_the_way(k, x):
    s = Spring(k, damping=0.1)
    v = 0.0
    for _ in range(3):
        v += 0.1 * (s.force(x) - s.damping * v)
        x += 0.1 * v
    return x


def frozen_dataclass(config, x):
    for _ in range(config.steps):
        x = x - config.rate * 2 * x * config.nested["curvature"]
    return x


def object_parameter(layer, x):
    return np.sum((x @ layer.W + layer.b) ** 2)


def objects_in_list(layers, x):
    for i, layer in enumerate(layers):
        x = x @ layer.W + layer.b
        if i < len(layers) - 1:
            x = np.maximum(x, 0)
    return x.sum()


def namespace_parameter(theta, x):
    return theta.a * np.sin(theta.b * x).sum()


def dict_built_on_the_way(x):
    values = {"square": x**2, "cube": x**3}
    values["sum"] = values["square"] + values["cube"]
    return values["sum"].sum()


def dict_keys_made_in_a_loop(x):
    cache = {}
    h = x
    for i in range(3):
        cache["h" + str(i)] = h
        h = np.sin(h)
        cache[f"s{i}"] = h
    return np.sum(cache["h1"] * cache["s2"])


def dict_update(x, y):
    state = {"a": x}
    state.update(b=y)
    state.update({"a": state["a"] * 2})
    state["b"] *= state["a"]
    return state["a"] + state["b"]


def dict_accumulates(x, keys):
    totals = {}
    for k, v in zip(keys, x):
        if k not in totals:
            totals[k] = 0.0
        totals[k] += v**2
    return totals["a"] * totals["b"]


def defaultdict_of_floats(x, keys):
    totals = defaultdict(float)
    for k, v in zip(keys, x):
        totals[k] += v
    return sum(t**2 for t in totals.values())


def setdefault_and_pop(x):
    d = {"x": x}
    w = d.setdefault("w", x * 2)
    d.setdefault("x", 0.0)
    y = d.pop("x")
    return y * w + len(d)


def merged_dicts(defaults, given):
    p = {**defaults, **given}
    return p["a"] * p["b"] ** 2


def dict_comprehension(params, rate):
    new = {k: v - rate * 2 * v for k, v in params.items()}
    return sum(np.sum(v**2) for v in new.values())


def dict_of_lists(x):
    history = {"x": [], "y": []}
    for i in range(3):
        history["x"].append(x)
        x = x * 0.5
        history["y"].append(x**2)
    return sum(a * b for a, b in zip(history["x"], history["y"]))


def ordered_dict(x):
    d = OrderedDict()
    d["first"] = x
    d["second"] = x * x
    out = 1.0
    for value in d.values():
        out = out * np.cos(value)
    return out


def list_appended(x):
    xs = [x]
    for i in range(4):
        xs.append(xs[-1] * x + i)
    return xs[2] + xs[-1]


def list_of_layers_outputs(x, weights):
    activations = [x]
    for W in weights:
        activations.append(np.tanh(activations[-1] @ W))
    return sum((a**2).sum() for a in activations)


def list_item_store(x):
    parts = [0, x, None]
    parts[0] = parts[1] ** 2
    parts[2] = parts[0] * parts[1]
    return parts[2]


def list_extend_and_add(x, y):
    a = [x]
    a.extend([y, x * y])
    b = a + [x - y]
    b += [1.0]
    return np.prod(b[1:]) + b[0]


def list_pop_as_stack(x, program):
    stack = []
    for token in program.split():
        if token == "x":
            stack.append(x)
        elif token == "+":
            b, a = stack.pop(), stack.pop()
            stack.append(a + b)
        elif token == "*":
            b, a = stack.pop(), stack.pop()
            stack.append(a * b)
        else:
            stack.append(float(token))
    return stack.pop()


def list_reversed_and_sliced(x):
    parts = [x, x**2, x**3, x**4]
    return sum((i + 1) * p for i, p in enumerate(parts[::-1][1:]))


def tuple_accumulates(x):
    state = (x, 1.0)
    for _ in range(3):
        state = (state[0] * state[1], state[1] + x)
    return state[0] + state[1]


def returns_dict(x, y):
    return {"product": x * y, "parts": [x**2, y**2], "name": "result"}


def returns_namedtuple(x):
    return Point(x.sum(), x**2)


def returns_list(x, n):
    out = []
    for i in range(n):
        out.append(x ** (i + 1))
    return out


def returns_dataclass(x):
    return Gaussian(mean=x * 2, log_std=x**2)


def returns_nested(x, W):
    h = x @ W
    return (h.sum(), {"h": h, "stats": (h.mean(), h.max(axis=0))})


def copies_the_dict(params, x):
    p = dict(params)
    p["w"] = p["w"] * 2
    q = params.copy()
    q["b"] = 1.0
    return p["w"] * x + p["b"] * q["b"] + params["w"]


def stores_into_the_dict_parameter(params, x):
    params["w"] = params["w"] * 2
    params["w"] += x
    return params["w"] ** 2


def stores_into_array_of_dict(params):
    params["W"][0] = params["W"][1] * 2
    return np.sum(params["W"] ** 2)


def sum_over_keys(params, names=("W", "b")):
    return sum(np.sum(params[name] ** 2) for name in names if name in params)


def zip_of_dicts(a, b):
    return sum(np.sum(x * y) for x, y in zip(a.values(), b.values()))


x3, x23, W32 = rng.normal(size=3), rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
b2, W22 = rng.normal(size=2), rng.normal(size=(2, 2))
params = {"W": W32, "b": b2}
CASES = [
    Case(dict_parameters, (params, x23)),
    Case(dict_parameters, ({**params, "unused": 1.0, "name": "net"}, x23), "params", note="more keys"),
    Case(dict_get, ({"scale": 1.5}, x3)),
    Case(dict_get, ({}, x3), "x", note="default"),
    Case(nested_dict, ({"encoder": {"W": W32}, "decoder": {"W": W22}, "bias": 0.5}, x23)),
    Case(list_of_weights, ([W32, W22, W22 * 2], x23)),
    Case(list_of_dicts, ([{"W": W32, "b": b2}, {"W": W22, "b": -b2}], x23)),
    Case(tuple_parameter, ((2.0, 0.5, 1.0), x3)),
    Case(starred_unpacking, ([1.0, 2.0, 3.0, 4.0],)),
    Case(starred_unpacking, (rng.normal(size=5),), note="array"),
    Case(nested_unpacking, (((1.0, 2.0), (3.0, (4.0, 5.0))),)),
    Case(list_indexing, ([1.0, 2.0, 3.0], 0.5)),
    Case(namedtuple_parameter, (Point(3.0, 4.0),)),
    Case(namedtuple_replaced, (Point(3.0, 4.0), 0.5)),
    Case(namedtuples_in_list, ([Layer(W32, b2), Layer(W22, b2 * 2)], x23)),
    Case(dataclass_parameter, (Gaussian(x3, x3 * 0.1), x23)),
    Case(dataclass_method, (Spring(2.0), 1.7)),
    Case(dataclass_on_the_way, (2.0, 1.7)),
    Case(frozen_dataclass, (Config(0.1, nested={"curvature": 2.0}), 1.5)),
    Case(object_parameter, (Linear(W32, b2), x23)),
    Case(objects_in_list, ([Linear(W32, b2), Linear(W22, b2)], x23)),
    Case(namespace_parameter, (types.SimpleNamespace(a=2.0, b=0.7, kind="sine"), x3)),
    Case(dict_built_on_the_way, (x3,)),
    Case(dict_keys_made_in_a_loop, (x3,)),
    Case(dict_update, (1.5, 0.7)),
    Case(dict_accumulates, (x3, "aba"), "x"),
    Case(defaultdict_of_floats, (x3, "aba"), "x"),
    Case(setdefault_and_pop, (1.5,)),
    Case(merged_dicts, ({"a": 1.5, "b": 2.5}, {"b": 0.5})),
    Case(dict_comprehension, (params, 0.1)),
    Case(dict_of_lists, (1.5,)),
    Case(ordered_dict, (1.5,)),
    Case(list_appended, (1.3,)),
    Case(list_of_layers_outputs, (x23, [W32, W22])),
    Case(list_item_store, (1.3,)),
    Case(list_extend_and_add, (1.3, 0.6)),
    Case(list_pop_as_stack, (1.3, "x x * 3.5 + x *"), "x"),
    Case(list_reversed_and_sliced, (1.3,)),
    Case(tuple_accumulates, (1.3,)),
    Case(returns_dict, (1.5, x3)),
    Case(returns_namedtuple, (x3,)),
    Case(returns_list, (x3, 3), "x"),
    Case(returns_dataclass, (x3,)),
    Case(returns_nested, (x23, W32)),
    Case(returns_nested, (x23, W32), output=0, note="first"),
    Case(copies_the_dict, ({"w": 2.0, "b": 0.5}, 1.5)),
    Case(stores_into_the_dict_parameter, ({"w": 2.0, "b": 0.5}, 1.5)),
    Case(stores_into_array_of_dict, ({"W": x23},)),
    Case(sum_over_keys, (params,)),
    Case(zip_of_dicts, (params, {"W": W32 * 2, "b": b2 + 1})),
]
