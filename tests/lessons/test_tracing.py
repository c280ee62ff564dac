"""Runs as gates: programs of loops, lists, branches, calls and stores come apart into gates, at every depth.

The gradients of the inputs are those of differences in each picture and each table.
"""

import re

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import function

import revad
from revad import circuit, stages
from revad.lessons.recording import fresh

pytestmark = pytest.mark.quick

LAYER = function("def layer(x, w):\n    a = x @ w\n    return np.tanh(a), a")
X, W = np.random.default_rng(0).normal(size=(3, 2)), np.random.default_rng(1).normal(size=(2, 2))


def power(x, n):
    return x if n == 1 else x * power(x, n - 1)


def pairs(x, w):
    for i, row in enumerate(x):
        yield row * row, w[0, 0] * i


def twice(g, x):
    y = g(x)
    return g(y)


# Bodies of f(x, w), each below its name; x is (3, 2), w is (2, 2).
PROGRAMS = """
# a list that a loop fills
hs = []
h = w[0]
for t in range(3):
    h = np.tanh(x[t] + h @ w)
    hs.append(h)
return np.sum(np.stack(hs)**2)
# the last element of a list
hs = [x]
for i in range(3):
    hs.append(np.tanh(hs[-1] @ w))
return np.sum(hs[-1] + hs[0])
# a list that is stored into
v = [0.0] * 3
for i in range(3):
    v[i] = x[i, 0] * w[0, 0]
    v[i] += x[i, 1]
return v[0] + v[1] * v[2]
# a list that is popped
xs = [x, w @ w]
a = xs.pop()
b = xs.pop()
return np.sum(b @ a)
# lists that are joined
xs = [x[0]] + [2 * x[1]]
return np.sum(xs[0] * xs[1])
# lists of lists
xs = [[x[0], w[0]], [x[1]]]
s = 0.0
for row in xs:
    for a in row:
        s += np.sum(a**2)
return s
# comprehensions
ys = [np.sum(row @ w) for row in x]
return sum(y * y for y in ys) + max(ys)
# zip and enumerate
s = 0.0
for i, (a, b) in enumerate(zip(x, w)):
    s += i * a[0] * b[1] + a[1]
return s
# reversed
s = x[0]
for a in reversed(x):
    s = np.sin(s) * a
return np.sum(s)
# arrays that are unpacked
a, b, c = x
p, q = w[0]
return np.sum(a * b * c) * p * q
# a while loop
s = np.sum(x**2)
while s < 50:
    s = s * 2 + w[0, 0]
return s
# a loop that breaks
s = 0.0
for i in range(9):
    s += np.sum(x)**2 + w[0, 0]
    if s > 2:
        break
return s * s
# a branch
if np.sum(x) > 100:
    z = x @ w
else:
    z = x - w[0]
return np.sum(z * z)
# a dict
d = {}
d['a'] = x @ w
d['b'] = d['a'] * 2
d['b'] += x
return np.sum(d['b'] * d['a'])
# a view that is stored into
y = x * 1
z = y[1:]
z *= w[0]
z[0] = 3.0
return np.sum(y**2)
# a view of what is stored into
y = x * 1
z = y[1]
y[1, 0] = w[0, 0]
y += 1
return np.sum(z**2)
# an alias
y = x * 1
z = y
z += w[0]
y *= 2
return np.sum(z**3)
# elements that are added to
y = np.ones((3, 2))
y[0] *= w[0]
y[1:] += x[1:]
return np.sum(y**2)
# a function inside
def g(a):
    b = a * w[0]
    return b + x[0]
return np.sum(g(x) + g(w[1]))
# a lambda
g = lambda a: a @ w
return np.sum(g(x)**2)
# a call that gives two
h, a = layer(x, w)
return np.sum(h * a)
# a function that calls itself
return np.sum(power(x, 4)) + w[0, 0]
# a gate of two results
sign, logdet = np.linalg.slogdet(w @ w.T + 1)
return logdet + np.sum(x)
# a choice
y = x if np.sum(x) > 50 else x * w[0]
z = (q := np.sum(y)) * q
return z
# try and with
try:
    y = x * 2
except ValueError:
    y = x
with np.errstate(all='ignore'):
    y = y @ w
return np.sum(y * x)
# values of a dict
d = {k: np.sum(row**2) for k, row in enumerate(x)}
return sum(d.values()) * sum(v * w[0, 0] for _, v in d.items()) + sum(map(np.sum, [x, w]))
# a generator
s = 0.0
for row, scale in pairs(x, w):
    s += np.sum(row) * scale
return s
# a function that is given
return np.sum(twice(np.tanh, x)) + twice(lambda v: v * v, w[0, 0])
# a maximum that is an input
a = x[0, 0] * 1
m = max(a, w[0, 0])
xs = [a]
xs.append(m)
return a * xs[1] + xs[0]**2
"""
BODIES = dict(re.findall(r"# (.+)\n((?:(?!# ).*\n)+)", PROGRAMS))
programs = pytest.mark.parametrize("name", BODIES)


def written(name):
    text = "def f(x, w):\n" + "".join(f"    {line}\n" for line in BODIES[name].splitlines())
    return function(text, layer=LAYER, power=power, pairs=pairs, twice=twice)


@programs
def test_the_gradients_are_those_of_differences(name):
    f = written(name)
    expected = numeric_gradient(f, fresh((X, W)))
    pictures = [circuit(f, X, W, depth=depth) for depth in (1, 2, 9)]
    for picture in pictures:
        inputs = {node.name: node for node in picture.nodes if node.is_input}
        for parameter, right in zip("xw", expected):
            gradient = inputs[parameter].gradient if parameter in inputs else np.zeros(right.shape)
            np.testing.assert_allclose(gradient, right, rtol=1e-6, atol=1e-8)
        value = [node.value for node in picture.nodes if node.is_result]
        np.testing.assert_allclose(value, [f(*fresh((X, W)))])
    table = stages(f, X, W)
    np.testing.assert_allclose(table["x"][1], expected[0], rtol=1e-6, atol=1e-8)


def labels(picture):
    return [node.label for node in picture.nodes if not node.is_input]


def test_loops_are_boxes_that_open():
    f = function(
        "def f(x, h, w):\n    s = 0.0\n    for t in range(2):\n        h = cell(x[t], h, w)\n        s += h\n"
        "    return s * h",
        cell=function("def cell(x, h, w):\n    return np.tanh(x + h * w)"),
    )
    args = np.array([0.5, -0.2]), 0.3, 1.5
    closed, opened, whole = (circuit(f, *args, depth=depth) for depth in (1, 2, 3))
    assert labels(closed) == ["for t in range(2)", "", "", "*"]
    assert [node.name for node in closed.nodes if node.kind == "port"] == ["h", "s"]
    assert labels(opened) == ["[t]", "cell", "+"] * 2 + ["*"]
    assert labels(whole) == ["[t]", "*", "+", "tanh", "+"] * 2 + ["*"]
    assert 'stroke-width="2"' in closed.svg() and ">for t in range(2)<" in closed.svg()


def test_each_round_has_its_stages_and_lists_have_names():
    f = function(
        "def f(x):\n    hs = []\n    for i in range(2):\n        h = x[i]**2\n        hs.append(h * 3)\n"
        "    return hs[0] * hs[1]"
    )
    table = stages(f, np.array([1.0, 2.0]))
    assert [row[1] for row in table.rows] == ["x", "h", "hs[0]", "h", "hs[1]", "f"]
    assert table["hs[0]"] == (3.0, 12.0) and table["hs[1]"] == (12.0, 3.0)


def test_inputs_stand_in_dicts_lists_and_objects():
    class Net:
        def __init__(self, w):
            self.w, self.steps = w, 2

        def run(self, x):
            for _ in range(self.steps):
                x = x * self.w
            return x

    def f(net, p, x):
        return net.run(x) * p["a"][1] + p["n"]

    table = stages(f, Net(3.0), {"a": [1.0, 2.0], "n": 4}, 5.0)
    gradients = {name: gradient for _, name, _, gradient in table.rows}
    assert [gradients[name] for name in ("net.w", "p['a'][1]", "p['n']", "x")] == [60.0, 45.0, 1.0, 18.0]


def test_a_gate_that_lets_nothing_through():
    f = function("def f(x):\n    y = revad.stop_gradient(x)\n    return x * y", revad=revad)
    assert labels(circuit(f, 3.0)) == ["stop_gradient", "*"] and stages(f, 3.0)["x"] == (3.0, 3.0)


def test_integers_alone_are_inputs_and_several_results_are_summed():
    table = stages(function("def f(v):\n    a, b = v\n    return a * b, a**2"), [3, 4])
    assert table["v[0]"] == (3.0, 10.0) and table["v[1]"] == (4.0, 3.0)
    assert [row[1] for row in table.rows][-2:] == ["f[0]", "f[1]"]
