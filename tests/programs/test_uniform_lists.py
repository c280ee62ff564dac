"""Loops over lists of arguments stay loops: right for any number of elements and any widths, in one text.

Each program is run with lists of several lengths and shapes: the text that was written for the first serves
the others, or is told apart from them.
"""
from collections import namedtuple

import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, random_dout
from from_text import function

from revad import grad, value_and_grad
from revad.runtime import cache, variant

RNG = np.random.default_rng(12)
Layer = namedtuple("Layer", "W b")


def normal(*shape):
    return RNG.normal(size=shape)


def pairs(*widths):
    """Weights and biases of layers of these widths."""
    return [(normal(m, n), normal(n)) for m, n in zip(widths, widths[1:])]


def vectors(*lengths):
    return [normal(n) for n in lengths]


WIDTHS = [(4, 5, 3), (4, 6, 5, 3), (4, 3), (4, 1, 1, 3), (4, 4, 4, 4, 1), (1, 1, 1)]
NETS = [pairs(*widths) for widths in WIDTHS]
INPUTS = [normal(7, widths[0]) for widths in WIDTHS]
OF_LAYERS = list(zip(NETS, INPUTS))
OF_VECTORS = [(vectors(*[4] * n), normal(4)) for n in (2, 1, 5)]
BROADCAST = [(vectors(*lengths), normal(n)) for lengths, n in (
    ((4, 4), 4), ((1, 4), 4), ((4, 1), 4), ((1, 1), 4), ((1, 1, 1), 1), ((4,), 1))]

# name: (text, arguments, whether its loop stays a loop)
PROGRAMS = {
    "pairs": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2)
        """, OF_LAYERS, True),
    "enumerate": ("""
        def f(params, x):
            for i, (W, b) in enumerate(params):
                x = x @ W + b
                if i < len(params) - 1:
                    x = np.maximum(x, 0)
            return np.sum(x**2)
        """, OF_LAYERS, True),
    "positions": ("""
        def f(params, x):
            for i in range(len(params)):
                x = x @ params[i][0] + params[i][1]
                x = x * params[i][1]
            return np.sum(x**2)
        """, OF_LAYERS, True),
    "two lists": ("""
        def f(Ws, bs, x):
            for W, b in zip(Ws, bs):
                x = np.tanh(x @ W + b)
            return np.sum(x**2)
        """, [([W for W, _ in net], [b for _, b in net], x) for net, x in OF_LAYERS], True),
    "two lists by position": ("""
        def f(Ws, bs, x):
            for i in range(len(Ws)):
                x = np.tanh(x @ Ws[i] + bs[i])
            return np.sum(x**2)
        """, [([W for W, _ in net], [b for _, b in net], x) for net, x in OF_LAYERS], True),
    "list and array": ("""
        def f(params, scales, x):
            for (W, b), c in zip(params, scales):
                x = np.tanh(x @ W + b) * c
            return np.sum(x**2)
        """, [(net, normal(len(net)), x) for net, x in OF_LAYERS], True),
    "list and numbers": ("""
        def f(params, scales, x):
            for (W, b), c in zip(params, scales):
                x = np.tanh(x @ W + b) * c
            return np.sum(x**2)
        """, [(net, list(map(float, normal(len(net)))), x) for net, x in OF_LAYERS], True),
    "penalty": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) + 0.1 * sum(np.sum(W**2) for W, b in params)
        """, OF_LAYERS, True),
    "penalty before": ("""
        def f(params, x):
            penalty = 0.0
            for W, b in params:
                penalty += np.sum(W**2) + np.sum(np.abs(b))
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) + penalty
        """, OF_LAYERS, True),
    "named tuples": ("""
        def f(params, x):
            for p in params:
                x = np.tanh(x @ p.W + p.b)
            return np.sum(x**2)
        """, [([Layer(*pair) for pair in net], x) for net, x in OF_LAYERS], True),
    "tuple of pairs": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2)
        """, [(tuple(net), x) for net, x in OF_LAYERS], True),
    "dicts in a dict": ("""
        def f(model, x):
            h = x @ model["in"]
            for block in model["blocks"]:
                h = h + np.tanh(h @ block["a"]["w"] + block["a"]["b"]) @ block["o"]
            return np.sum(h @ model["out"])
        """, [({"in": normal(4, 3), "out": normal(3), "blocks": [
            {"a": {"w": normal(3, k), "b": normal(k)}, "o": normal(k, 3)} for k in widths]}, normal(6, 4))
              for widths in ((5, 5), (2,), (5, 1, 3, 2))], True),
    "helper": ("""
        def f(params, x):
            for layer in params:
                x = dense(x, **layer)
            return np.sum(x**2)

        def dense(x, w, b):
            a = x @ w + b
            return np.maximum(a, 0.1 * a)
        """, [([{"w": W, "b": b} for W, b in net], x) for net, x in OF_LAYERS], True),
    "network in a helper": ("""
        def f(params, x, y):
            return np.mean((network(params, x) - y)**2)

        def network(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return x
        """, [(net, x, normal(7, net[-1][1].size)) for net, x in OF_LAYERS], True),
    "residual": ("""
        def f(params, x):
            for W, b in params:
                x = x + np.tanh(x @ W + b)
            return np.sum(x**2)
        """, [(pairs(*[4] * n), normal(7, 4)) for n in (3, 2, 5)], True),
    "broadcast": ("""
        def f(bs, x):
            for b in bs:
                x = x + b
            return np.sum(np.sin(x))
        """, BROADCAST, True),
    "broadcast twice": ("""
        def f(bs, x):
            for b in bs:
                x = x + b + b
                x = b - x
            return x @ x
        """, BROADCAST, True),
    "in place": ("""
        def f(bs, x):
            x = x.copy()
            for b in bs:
                x += b
                x *= 2
            return x @ np.cos(x)
        """, OF_VECTORS, True),
    "parts in place": ("""
        def f(ws, x):
            total = np.zeros(4)
            for w in ws:
                total[:2] += w[:2] * x[2:]
                total[2:] -= w[2:]
            return np.sum(total**2)
        """, OF_VECTORS, True),
    "numbers": ("""
        def f(ws, x):
            s = 0.0
            for w in ws:
                s = s + w * x
                x = np.sin(x)
            return s
        """, [([1.0, 2.0, 3.0], 2.0), ([1.5], 2.0), ([1.0, -2.0], 0.5)], True),
    "integers": ("""
        def f(ws, x):
            for w in ws:
                x = x * w + 1
            return x
        """, [([1, 2, 3], 2.0), ([2], 2.0), ([1, -2], 0.5)], True),
    "array scalars": ("""
        def f(ws, x):
            for w in ws:
                x = np.sin(x * w)
            return np.sum(x)
        """, [([np.float64(2), np.float64(3)], normal(4)), ([np.float64(2)], normal(4))], True),
    "without axes": ("""
        def f(ws, x):
            for w in ws:
                x = np.sin(x * w)
            return np.sum(x)
        """, [([np.array(2.0), np.array(3.0)], normal(4)), ([np.array(2.0)], normal(4))], True),
    "some rounds": ("""
        def f(ws, x):
            for w in ws:
                if np.sum(w) < 0:
                    continue
                x = x * w
            return np.sum(x**2)
        """, OF_VECTORS, True),
    "backwards": ("""
        def f(ws, x):
            for w in reversed(ws):
                x = np.sin(x * w)
            return np.sum(x**2)
        """, OF_VECTORS, True),
    "backwards over pairs": ("""
        def f(params, x):
            for W, b in reversed(params):
                x = np.tanh(x @ W + b)
            return np.sum(x**2)
        """, [(net[::-1], x) for net, x in OF_LAYERS], None),
    "last element after": ("""
        def f(ws, x):
            for w in ws:
                x = np.sin(x * w)
            return np.sum(x**2) + np.sum(w)
        """, OF_VECTORS, True),
    "element of the round before": ("""
        def f(ws, x):
            last = x
            for w in ws:
                x = np.sin(x * w) + last
                last = w
            return np.sum(x**2) + np.sum(last**3)
        """, OF_VECTORS, True),
    "collected": ("""
        def f(params, x):
            sums = []
            for W, b in params:
                x = np.tanh(x @ W + b)
                sums.append(x.sum())
            return sum(sums)
        """, OF_LAYERS, True),
    "comprehension": ("""
        def f(ws, x):
            return sum([np.sum(np.sin(x * w)) for w in ws])
        """, OF_VECTORS, True),
    "biases unused": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W)
            return np.sum(x**2)
        """, OF_LAYERS, True),
    "loop unused": ("""
        def f(params, x):
            y = x
            for W, b in params:
                y = np.tanh(y @ W)
            return np.sum(x**2)
        """, OF_LAYERS, None),
    "length": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) / len(params)
        """, OF_LAYERS, True),
    "lists in an element": ("""
        def f(blocks, x):
            for block in blocks:
                for W in block["Ws"]:
                    x = np.tanh(x @ W)
                x = x * block["s"]
            return np.sum(x**2)
        """, [([{"Ws": [normal(4, 4) for _ in range(m)], "s": 2.5} for _ in range(n)], normal(7, 4))
              for n, m in ((2, 2), (1, 1), (3, 2))], True),
    "arguments by star": ("""
        def f(x, *ws):
            for w in ws:
                x = x * w + x
            return np.sum(x**2)
        """, [(x, *ws) for ws, x in OF_VECTORS], True),
    # The others are told apart, and are written out.
    "width of the first": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) * params[0][0].shape[1]
        """, OF_LAYERS, None),
    "break": ("""
        def f(ws, x):
            for w in ws:
                x = x * w
                if np.sum(x) < 0:
                    break
            return np.sum(x**2)
        """, OF_VECTORS, None),
    "growing": ("""
        def f(bs, x):
            for b in bs:
                x = np.concatenate([x, b])
            return x @ np.cos(x)
        """, OF_VECTORS, None),
    "store into an element": ("""
        def f(bs, x):
            for b in bs:
                b *= 2
                x = x * b
            return x @ np.cos(x)
        """, OF_VECTORS, False),
    "store after": ("""
        def f(bs, x):
            for b in bs:
                x = x * b
            bs[0][0] = 3.0
            return x @ np.cos(x) + bs[0] @ x
        """, OF_VECTORS, False),
    "store before": ("""
        def f(bs, x):
            bs[0][0] = 3.0
            for b in bs:
                x = x * b
            return x @ np.cos(x)
        """, OF_VECTORS, False),
    "appended to": ("""
        def f(ws, x):
            ws.append(x)
            for w in ws:
                x = np.sin(x * w)
            return np.sum(x**2)
        """, OF_VECTORS, None),
    "element replaced": ("""
        def f(ws, x):
            ws[0] = x * 2
            for w in ws:
                x = np.sin(x * w)
            return np.sum(x**2)
        """, OF_VECTORS, None),
    "another list of it": ("""
        def f(ws, x):
            scaled = [w * 2 for w in ws]
            for i in range(len(scaled)):
                x = np.sin(x * scaled[i] + ws[i])
            return np.sum(x**2)
        """, OF_VECTORS, None),
    "sorted": ("""
        def f(ws, x):
            for w in sorted(ws):
                x = np.sin(x * w)
            return x
        """, [([3.0, 1.0, 2.0], 0.7), ([2.0, 1.0], 0.3)], None),
    "epochs": ("""
        def f(ws, x):
            for epoch in range(3):
                for w in ws:
                    x = np.sin(x * w)
            return np.sum(x**2)
        """, OF_VECTORS, None),
    "in a branch": ("""
        def f(ws, x):
            if np.sum(x) > 0:
                for w in ws:
                    x = np.sin(x * w)
            else:
                x = x * ws[0]
            return np.sum(x**2)
        """, [(ws, sign * np.abs(x)) for ws, x in OF_VECTORS for sign in (1, -1)], None),
    "unlike elements": ("""
        def f(ws, x):
            for w in ws:
                x = x * w
            return np.sum(x**2)
        """, [([2, 3.0], normal(4)), ([normal(4), 3.0], normal(4)), ([normal(4), normal(3, 4)], normal(4)),
              ([True, False], normal(4)), ([normal(4).astype("f"), normal(4)], normal(4)),
              ([], normal(4))], None),
    "the same array": ("""
        def f(ws, x):
            for w in ws:
                x = np.sin(x * w)
            return np.sum(x**2)
        """, [([v, v, v], v) for v in vectors(4, 1)], None),
}


def loops(text):
    """Whether a text goes over a list by position."""
    return "in reversed(range(len(" in text or "in range(len(" in text


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient_for_lists_of_several_lengths(name):
    text, rows, stays = PROGRAMS[name]
    f = function(text)
    df = grad(f)
    for args in rows:
        assert_gradient(f, args)
    assert_gradient(df, rows[0])        # second derivatives
    df(*rows[0])
    assert stays is None or loops(df.source) is stays


@pytest.mark.parametrize("name", [name for name in PROGRAMS if PROGRAMS[name][2]])
def test_single_precision(name):
    def single(value):
        if isinstance(value, (list, tuple)):
            parts = map(single, value)
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if isinstance(value, dict):
            return {key: single(part) for key, part in value.items()}
        return value.astype("f") if isinstance(value, np.ndarray) else value
    text, rows, _ = PROGRAMS[name]
    f = function(text)
    for args in rows[:3]:
        assert_gradient(f, tuple(map(single, args)))


def count_texts(monkeypatch):
    """A list that grows by one for each text that is written from now on."""
    written, init = [], variant.Variant.__init__

    def counted(self, *args, **keywords):
        written.append(args[1])
        init(self, *args, **keywords)
    monkeypatch.setattr(variant.Variant, "__init__", counted)
    assert cache.Variant is variant.Variant
    return written


@pytest.mark.parametrize("rows, texts", [
    ([pairs(4, 5, 3), pairs(4, 6, 7, 3), pairs(4, 3), pairs(*[4] * 30)], 1),
    ([pairs(4, 5, 3), pairs(4, 5, 1), pairs(4, 1, 3)], 3),      # no width is 1, or another one
    ([pairs(4, 5, 1), pairs(4, 3, 3, 1), pairs(4, 4, 4, 4, 1)], 1),
    ([pairs(4, 5, 3), [], pairs(4, 5, 5, 3)], 2),
    ([pairs(4, 5, 3), tuple(pairs(4, 5, 3))], 2),
])
def test_one_text_for_all_lengths(rows, texts, monkeypatch):
    df, written = value_and_grad(function(PROGRAMS["pairs"][0])), count_texts(monkeypatch)
    for _ in range(2):
        for params in rows:
            df(params, normal(7, 4))
    assert len(written) == texts


def test_other_lengths_and_shapes_are_not_taken_for_those_of_the_text():
    df = grad(function(PROGRAMS["pairs"][0]))
    df(pairs(4, 5, 3), normal(7, 4))
    with pytest.raises(ValueError, match="matmul"):
        df([*pairs(4, 5), *pairs(4, 3)], normal(7, 4))
    with pytest.raises(ValueError, match="broadcast"):
        df([(normal(4, 5), normal(4))], normal(7, 4))
    with pytest.raises(ValueError, match="unpack"):
        df([(*pair, 1.0) for pair in pairs(4, 5, 3)], normal(7, 4))


def test_text_of_a_network():
    df = grad(function("""
        def loss(params, x, y):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum((x - y)**2)
        """))
    df(pairs(4, 5, 3), normal(7, 4), normal(7, 3))
    assert df.source == """\
def loss_grad(params, x, y):
    # forward pass
    x_kept = []
    for i in range(len(params)):
        x_kept.append(x)
        W, b = params[i]
        x = np.tanh(x @ W + b)
    # backprop np.sum((x - y)**2)
    dx = 2 * (x - y)
    dy = -dx
    # backprop for W, b in params
    dparams = []
    for i in reversed(range(len(params))):
        # backprop x = np.tanh(x @ W + b)
        da = (1 - x**2) * dx
        W = params[i][0]
        x = x_kept[i]
        dx = da @ W.T
        dW = x.T @ da
        db = da.sum(axis=0)
        dparams.append((dW, db))
    dparams = dparams[::-1]
    return dparams, dx, dy"""


def test_gradients_of_elements_share_no_memory():
    df = grad(function("""
        def f(bs, x):
            for b in bs:
                x = x + b + b
            return np.sum(x * np.arange(4.0))
        """))
    dbs, dx = df(vectors(4, 4, 4), normal(4))
    arrays = [*dbs, dx]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@pytest.mark.parametrize("rows", [
    [pairs(4, 5, 3), pairs(4, 6, 7, 3), pairs(4, 3)],
    [pairs(4, 1, 3), pairs(4, 4, 1)],
])
def test_passes_of_a_returned_array(rows):
    net = grad(function("""
        def net(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return x
        """))
    for params in rows:
        args = params, normal(7, 4)
        dout = random_dout(net.primal, args)
        out, kept = net.forward(*args)
        gradients = net.backward(dout, kept)
        assert_close(gradients, numeric_gradient(net.primal, args, dout=dout))
        np.testing.assert_array_equal(out, net.primal(*args))


@pytest.mark.parametrize("name", [
    "pairs", "tuple of pairs", "dicts in a dict", "numbers", "loop unused", "penalty"])
def test_zeros_for_any_number_of_elements(name):
    text, rows, _ = PROGRAMS[name]
    df = grad(function(text))
    for args in rows:
        out, cache = df.forward(*args)
        assert_close(df.backward(None, cache), numeric_gradient(df.primal, args, dout=0.0))


def assert_close(gradients, expected):
    pairs = [(path, a, b) for (path, a), (_, b) in zip(leaves(gradients), leaves(expected), strict=True)]
    for path, a, b in pairs:
        assert np.shape(a) == np.shape(b), path
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7, err_msg=str(path))
