"""Loops over lists of arguments in other loops and in branches stay loops, in one text for any length."""
import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient
from from_text import function

from revad import grad

RNG = np.random.default_rng(14)


def normal(*shape):
    return RNG.normal(size=shape)


def pairs(*widths):
    """Weights and biases of layers of these widths."""
    return [(normal(m, n), normal(n)) for m, n in zip(widths, widths[1:])]


VECTORS = [([normal(4) for _ in range(n)], normal(4)) for n in (3, 2, 1, 5)]
SQUARE = [(pairs(*widths), normal(3, 4)) for widths in ((4, 5, 4), (4, 4), (4, 6, 5, 3, 4), (4, 1, 4))]

# name: (text, arguments, whether its loop stays a loop)
PROGRAMS = {
    "epochs": ("""
        def f(ws, x):
            for epoch in range(3):
                for w in ws:
                    x = np.sin(x * w)
            return np.sum(x**2)
        """, VECTORS, True),
    "epochs of pairs": ("""
        def f(params, x):
            for epoch in range(2):
                for W, b in params:
                    x = np.tanh(x @ W + b)
            return np.sum(x**2)
        """, SQUARE, True),
    "samples": ("""
        def f(params, xs):
            s = 0.0
            for x in xs:
                for W, b in params:
                    x = np.tanh(x @ W + b)
                s = s + np.sum(x**2)
            return s
        """, SQUARE, True),
    "samples and the last": ("""
        def f(params, xs):
            s = 0.0
            for x in xs:
                for W, b in params[:-1]:
                    x = np.maximum(x @ W + b, 0)
                W, b = params[-1]
                s = s + np.sum((x @ W + b)**2)
            return s + sum(np.sum(W**2) for W, b in params)
        """, SQUARE, True),
    "helper in a loop": ("""
        def f(params, xs):
            s = 0.0
            for x in xs:
                s = s + np.sum(net(params, x)**2)
            return s
        def net(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            return x @ W + b
        """, SQUARE, True),
    "in a dict in a loop": ("""
        def f(model, xs):
            s = 0.0
            for x in xs:
                for W, b in model["net"]:
                    x = np.tanh(x @ W + b)
                s = s + np.sum(x**2) * model["c"]
            return s
        """, [({"net": p, "c": 1.5}, x) for p, x in SQUARE], True),
    "three deep": ("""
        def f(ws, x):
            for a in range(2):
                for b in range(2):
                    for w in ws:
                        x = np.sin(x * w) + a * b
            return np.sum(x**2)
        """, VECTORS, True),
    "all pairs": ("""
        def f(ws, x):
            s = 0.0
            for a in ws:
                for b in ws:
                    s = s + np.sum((a - b)**2 * x)
            return s
        """, VECTORS, None),
    "epochs and before": ("""
        def f(ws, x):
            for w in ws[1:]:
                x = x + w
            for epoch in range(3):
                for w in ws:
                    x = np.sin(x * w)
            for w in ws:
                x = x * w
            return np.sum(x**2)
        """, VECTORS, True),
    "while": ("""
        def f(ws, x):
            n = 0
            while n < 3 and np.sum(x) < 100:
                for w in ws:
                    x = np.sin(x * w)
                n += 1
            return np.sum(x**2)
        """, VECTORS, None),
    "in a branch": ("""
        def f(ws, x):
            if np.sum(x) > 0:
                for w in ws:
                    x = np.sin(x * w)
            else:
                x = x * ws[0]
            return np.sum(x**2)
        """, [(ws, s * np.abs(x)) for ws, x in VECTORS for s in (1, -1)], None),
    "both sides": ("""
        def f(ws, x, train):
            for w in ws:
                x = x * w
            if np.sum(x) > 0:
                for w in ws[:-1]:
                    x = np.sin(x * w)
            else:
                for w in ws:
                    x = x + w
            for w in ws:
                x = x * w
            return np.sum(x**2)
        """, [(ws, s * np.abs(x), True) for ws, x in VECTORS for s in (1, -1)], None),
    "branch in a loop": ("""
        def f(ws, x):
            for i in range(3):
                if x[0] > 0:
                    for w in ws:
                        x = np.sin(x * w)
                else:
                    x = x + 1
            return np.sum(x**2)
        """, [(ws, s * np.abs(x)) for ws, x in VECTORS for s in (1, -1)], None),
    "element in a branch": ("""
        def f(ws, x):
            for i in range(len(ws)):
                if x[0] > 0:
                    x = np.cos(x * ws[i])
            return np.sum(x**2)
        """, VECTORS, None),
    "break": ("""
        def f(ws, x):
            for w in ws:
                x = x * w
                if np.sum(x) < 0:
                    break
            return np.sum(x**2)
        """, VECTORS, None),
    "break first": ("""
        def f(ws, x):
            for w in ws:
                if np.sum(x) < 0.5:
                    break
                x = np.cos(x * w)
            return np.sum(x**2)
        """, VECTORS, None),
    "two lists nested": ("""
        def f(params, xs):
            s = 0.0
            for x in xs:
                for W, b in params:
                    x = np.tanh(x @ W + b)
                s = s + np.sum(x**2)
            return s
        """, [(p, [normal(4) for _ in range(n)]) for (p, _), n in zip(SQUARE, (3, 1, 2, 4))], None),
    "rounds": ("""
        def f(ws, x, n):
            for epoch in range(len(n)):
                for w in ws[1:]:
                    x = np.sin(x * w) + ws[0]
                x = x * ws[-1]
            return np.sum(x**2)
        """, [(ws, x, np.ones(n)) for ws, x in VECTORS[:2] for n in (3, 0, 1)], True),
    "neighbours in epochs": ("""
        def f(ws, x, n):
            for epoch in range(len(n)):
                for a, b in zip(ws, ws[1:]):
                    x = np.sin(x * a) + b
                for w in ws:
                    x = x * w
            return np.sum(x**2)
        """, [(ws, x, np.ones(n)) for ws, x in VECTORS for n in (2, 0)], None),
    "numbers in epochs": ("""
        def f(ws, x, n):
            for epoch in range(len(n)):
                for w in ws:
                    x = np.sin(x * w)
            return x
        """, [(list(map(float, ws[0])), 0.7, np.ones(n)) for ws, _ in VECTORS for n in (2, 0)], True),
    "elements and lists": ("""
        def f(ws, vs, x):
            for w in ws:
                for v in vs:
                    x = np.sin(x * w + v)
            for v in vs[:-1]:
                x = x + v
            return np.sum(x**2) + np.sum(vs[-1])
        """, [(ws, VECTORS[i][0], x) for i, (ws, x) in enumerate(VECTORS[::-1])], True),
    "last in a loop and in a branch": ("""
        def f(ws, x):
            if np.sum(x) > 0:
                for epoch in range(2):
                    for w in ws[:-1]:
                        x = np.sin(x * w) + ws[-1]
            else:
                for w in ws:
                    x = x * w
            return np.sum(x**2)
        """, [(ws, s * np.abs(x)) for ws, x in VECTORS for s in (1, -1)], None),
    "setting": ("""
        def f(ws, x, train):
            if train:
                for w in ws:
                    x = np.sin(x * w)
            return np.sum(x**2)
        """, [(ws, x, t) for ws, x in VECTORS for t in (True, False)], None),
    "ends shared with x": ("""
        def f(ws, x):
            if np.sum(x) > 0:
                for w in ws[:-1]:
                    x = x + w
                x = x + ws[-1]
            else:
                for w in ws:
                    x = x + w
            return np.sum(np.sin(x))
        """, [(ws, s * np.abs(x)) for ws, x in VECTORS for s in (1, -1)], None),
    "ends shared before": ("""
        def f(ws, x):
            s = 0.0
            for w in ws:
                s = s + np.sum(w**2)
            for w in ws[:-1]:
                x = x + w
            x = x + ws[-1]
            return np.sum(np.sin(x)) + s
        """, VECTORS, None),
    "ends shared in epochs": ("""
        def f(ws, x, n):
            for e in range(len(n)):
                for w in ws[1:]:
                    x = x + w
                for w in ws:
                    x = x + w
                x = x + ws[0]
            for w in ws[1:]:
                x = x + w
            x = x + ws[0]
            return np.sum(np.sin(x))
        """, [(ws, x, np.ones(n)) for ws, x in VECTORS for n in (2, 0)], None),
}


def loops(text):
    """Whether a text goes over a list backwards."""
    return any(f"in reversed(range(len({name})" in text for name in ("ws", "params", "model['net']"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradient_for_lists_of_several_lengths(name):
    text, rows, stays = PROGRAMS[name]
    f = function(text)
    df = grad(f)
    for args in rows:
        assert_gradient(f, args)
    df(*rows[0])
    assert stays is None or loops(df.source) is stays


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivatives(name):
    text, rows, _ = PROGRAMS[name]
    df = grad(function(text))
    for args in rows[:2]:
        assert_gradient(df, args)


def test_text_of_epochs():
    df = grad(function(PROGRAMS["epochs"][0]))
    df(*VECTORS[0])
    assert df.source == """\
def f_grad(ws, x):
    # forward pass
    x_kepts = []
    for epoch in range(3):
        x_kept = []
        for i in range(len(ws)):
            x_kept.append(x)
            w = ws[i]
            x = np.sin(x * w)
        x_kepts.append(x_kept)
    # backprop np.sum(x**2)
    dx = 2 * x
    # backprop for epoch in range(3)
    dws = []
    for i in range(len(ws)):
        dws.append(np.zeros(ws[i].shape))
    for epoch in reversed(range(3)):
        # backprop for w in ws
        dws_2 = []
        x_kept = x_kepts[epoch]
        for i in reversed(range(len(ws))):
            # backprop x = np.sin(x * w)
            w = ws[i]
            x = x_kept[i]
            dprod = np.cos(x * w) * dx
            dx = w * dprod
            dw = x * dprod + dws[i]
            dws_2.append(dw)
        dws = dws_2[::-1]
    return dws, dx"""


@pytest.mark.parametrize("name", ["epochs", "samples and the last", "in a branch", "rounds"])
def test_passes_and_zeros(name):
    text, rows, _ = PROGRAMS[name]
    df = grad(function(text))
    for args in rows:
        out, kept = df.forward(*args)
        for dout in (-1.5, None):
            expected = numeric_gradient(df.primal, args, dout=dout or 0.0)
            for (path, a), (_, b) in zip(leaves(df.backward(dout, kept)), leaves(expected), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7, err_msg=str(path))
