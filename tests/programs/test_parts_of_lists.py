"""Lists of arguments that a loop goes over in part, or that are also read one by one.

Each program is run with lists of several lengths and shapes: the text that was written for the first serves
the others, or is told apart from them.
"""
import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, random_dout
from from_text import function

from revad import grad, value_and_grad
from revad.runtime import cache, variant

RNG = np.random.default_rng(13)


def normal(*shape):
    return RNG.normal(size=shape)


def pairs(*widths):
    """Weights and biases of layers of these widths."""
    return [(normal(m, n), normal(n)) for m, n in zip(widths, widths[1:])]


def vectors(*lengths):
    return [normal(n) for n in lengths]


WIDTHS = [(4, 5, 6, 3), (4, 5, 3), (4, 3), (4, 1, 1, 3), (4, 4, 4, 4, 1), (1, 1, 1), (4, 6, 5, 7, 2, 3),
          (3, 1, 4, 1)]
NETS = [(pairs(*widths), normal(7, widths[0])) for widths in WIDTHS]
DEEP = [(net, x) for net, x in NETS if len(net) > 1]
WITH_NUMBERS = [([(normal(4), float(normal())) for _ in range(n)], normal(4)) for n in (3, 2, 1, 5)]
NUMBERS = [([1.0, 2.0, 3.0], 2.0), ([1.5], 2.0), ([1.0, -2.0], 0.5)]
VECTORS = [(vectors(*[4] * n), normal(4)) for n in (3, 2, 1, 5)]

# name: (text, arguments, whether its loop stays a loop)
PROGRAMS = {
    "all but the last": ("""
        def f(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            return np.sum((x @ W + b)**2)
    """, NETS, True),
    "first by itself": ("""
        def f(params, x):
            W, b = params[0]
            x = np.tanh(x @ W + b)
            for W, b in params[1:]:
                x = np.tanh(x @ W + b)
            return np.sum(x**2)
    """, NETS, True),
    "both ends": ("""
        def f(params, x):
            h = x @ params[0][0] + params[0][1]
            for W, b in params[1:-1]:
                h = np.tanh(h @ W + b)
            return np.sum((h @ params[-1][0] + params[-1][1])**2)
    """, DEEP, True),
    "first element, too": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) + np.sum(params[0][0]**2)
    """, NETS, True),
    "last element, too": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) + np.sum(params[-1][0]**2) * params[-1][1].sum()
    """, NETS, True),
    "second but last": ("""
        def f(params, x):
            for W, b in params:
                x = np.tanh(x @ W + b)
            return np.sum(x**2) + np.sum(params[-2][0]**2)
    """, DEEP, True),
    "by position": ("""
        def f(params, x):
            for i in range(len(params) - 1):
                x = np.tanh(x @ params[i][0] + params[i][1])
            return np.sum((x @ params[-1][0] + params[-1][1])**2)
    """, NETS, True),
    "last by its number": ("""
        def f(params, x):
            n = len(params)
            for i in range(n - 1):
                x = np.tanh(x @ params[i][0] + params[i][1])
            return np.sum((x @ params[n - 1][0] + params[n - 1][1])**2)
    """, NETS, None),
    "by position + 1": ("""
        def f(params, x):
            x = x @ params[0][0] + params[0][1]
            for i in range(len(params) - 1):
                x = np.maximum(x, 0) @ params[i + 1][0] + params[i + 1][1]
            return np.sum(x**2)
    """, NETS, True),
    "range from 1": ("""
        def f(params, x):
            x = x @ params[0][0] + params[0][1]
            for i in range(1, len(params)):
                x = np.maximum(x, 0) @ params[i][0] + params[i][1]
            return np.sum(x**2)
    """, NETS, None),
    "neighbours": ("""
        def f(ws, x):
            for i in range(len(ws) - 1):
                x = np.sin(x * ws[i]) + ws[i + 1]
            return np.sum(x**2)
    """, VECTORS, None),
    "zip of neighbours": ("""
        def f(ws, x):
            s = 0.0
            for a, b in zip(ws[:-1], ws[1:]):
                s = s + np.sum((a - b)**2 * x)
            return s
    """, VECTORS, None),
    "zip of a list and its rest": ("""
        def f(ws, x):
            s = 0.0
            for a, b in zip(ws, ws[1:]):
                s = s + np.sum((a - b)**2 * x)
            return s
    """, VECTORS, None),
    "penalty after": ("""
        def f(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            return np.sum((x @ W + b)**2) + 0.1 * sum(np.sum(W**2) for W, b in params)
    """, NETS, True),
    "penalty before": ("""
        def f(params, x):
            s = 0.0
            for W, b in params:
                s = s + np.sum(W**2) + np.sum(b**4)
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            return np.sum((x @ W + b)**2) + s
    """, NETS, True),
    "other parts": ("""
        def f(ws, x):
            for w in ws[1:]:
                x = np.sin(x * w)
            for w in ws[:-1]:
                x = np.cos(x * w)
            return np.sum(x**2)
    """, VECTORS, True),
    "hidden as a name": ("""
        def f(params, x):
            hidden, last = params[:-1], params[-1]
            for W, b in hidden:
                x = np.tanh(x @ W + b)
            return np.sum((x @ last[0] + last[1])**2)
    """, NETS, True),
    "starred": ("""
        def f(params, x):
            *hidden, (V, c) = params
            for W, b in hidden:
                x = np.tanh(x @ W + b)
            return np.sum((x @ V + c)**2)
    """, NETS, None),
    "enumerate part": ("""
        def f(ws, x):
            for i, w in enumerate(ws[1:]):
                x = np.sin(x * w) * (i + 1)
            return np.sum(x * ws[0])
    """, VECTORS, True),
    "reversed part": ("""
        def f(ws, x):
            for w in reversed(ws[1:]):
                x = np.sin(x * w)
            return np.sum(x * ws[0])
    """, VECTORS, True),
    "last unread": ("""
        def f(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            return np.sum(x**2)
    """, NETS, True),
    "last given on": ("""
        def f(ws, x):
            for w in ws[:-1]:
                x = np.sin(x * w)
            return np.sum(x + ws[-1])
    """, VECTORS, True),
    "tuple part": ("""
        def f(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            return np.sum((x @ W + b)**2)
    """, [(tuple(net), x) for net, x in NETS], True),
    "in a dict": ("""
        def f(model, x):
            for W, b in model["net"][:-1]:
                x = np.tanh(x @ W + b)
            W, b = model["net"][-1]
            return np.sum((x @ W + b)**2) * model["scale"]
    """, [({"net": net, "scale": 2.0}, x) for net, x in NETS], True),
    "helper": ("""
        def f(params, x, y):
            return np.mean((predict(params, x) - y)**2)

        def predict(params, x):
            for W, b in params[:-1]:
                x = np.maximum(x @ W + b, 0)
            W, b = params[-1]
            return x @ W + b
    """, [(net, x, normal(7, net[-1][1].size)) for net, x in NETS], True),
    "helper twice": ("""
        def f(params, x, y):
            h = predict(params, x)
            g = predict(params, x * 2)
            return np.mean((h - y)**2) + np.sum(g * h)

        def predict(params, x):
            for W, b in params[:-1]:
                x = np.maximum(x @ W + b, 0)
            W, b = params[-1]
            return x @ W + b
    """, [(net, x, normal(7, net[-1][1].size)) for net, x in NETS[:4]], True),
    "an end in a loop": ("""
        def f(ws, x):
            for w in ws[:-1]:
                x = np.sin(x * w) + ws[-1]
            for i in range(3):
                x = x * ws[0] + ws[-1]
            return np.sum(x**2)
    """, VECTORS, True),
    "last in a branch": ("""
        def f(ws, x):
            for w in ws[:-1]:
                x = np.sin(x * w)
            if x.sum() > 0:
                x = x * ws[-1]
            else:
                x = x + ws[0]
            return np.sum(x**2)
    """, VECTORS, True),
    "slice asked": ("""
        def f(ws, x):
            for w in ws:
                x = np.sin(x * w)
            if ws[2:]:
                x = x * ws[0]
            return np.sum(x**2)
    """, VECTORS, None),
    "shape of the last": ("""
        def f(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            y = np.zeros(b.shape)
            return np.sum((x @ W + b - y)**2) / W.shape[0]
    """, NETS, True),
    "recursion": ("""
        def f(params, x):
            return np.sum(net(params, x)**2)

        def net(params, x):
            if len(params) == 0:
                return x
            W, b = params[0]
            return net(params[1:], np.tanh(x @ W + b))
    """, NETS, None),
    "appended": ("""
        def f(ws, x):
            vs = ws[:-1]
            vs.append(x)
            for w in vs:
                x = np.sin(x * w)
            for w in ws:
                x = x + w
            return np.sum(x**2)
    """, VECTORS, None),
    "numbers": ("""
        def f(ws, x):
            for w in ws[1:]:
                x = np.sin(x * w)
            return x * ws[0]
    """, NUMBERS, True),
    "horner": ("""
        def f(c, x):
            y = c[-1]
            for a in reversed(c[:-1]):
                y = y * x + a
            return y
    """, NUMBERS, True),

    "pairs with numbers": ("""
        def f(params, x):
            for w, c in params:
                x = np.sin(x * w) * c
            return np.sum(x**2) + params[-1][1]**2 + params[0][0] @ x
    """, WITH_NUMBERS, True),
    "neighbours of pairs": ("""
        def f(params, x):
            for i in range(len(params) - 1):
                x = x * params[i][0] + params[i + 1][1]
                x = np.sin(x * params[i + 1][0])
            return np.sum(x**2)
    """, WITH_NUMBERS, True),
    "neighbours on both sides": ("""
        def f(ws, x):
            for i in range(1, len(ws) - 1):
                x = np.sin(x * ws[i]) + ws[i + 1] * ws[i - 1]
            return np.sum(x**2) + np.sum(ws[0] * x)
    """, [(vectors(*[4] * n), normal(4)) for n in (5, 6, 3, 2, 7)], None),
    "range from 1 and all": ("""
        def f(params, x):
            s = 0.0
            for W, b in params:
                s = s + np.sum(W**2)
            x = x @ params[0][0] + params[0][1]
            for i in range(1, len(params)):
                x = np.tanh(x) @ params[i][0] + params[i][1]
            for W, b in params:
                s = s + np.sum(b**2)
            return np.sum(x**2) + s
    """, NETS, True),
}


def loops(text):
    """Whether a text goes over a list by position."""
    return any(line.lstrip().startswith("for i") and "len(" in line or "(n - 1)" in line
               for line in text.splitlines())


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


@pytest.mark.parametrize("name", ["both ends", "penalty after", "numbers", "in a dict", "last in a branch"])
def test_every_number_of_elements_first(name):
    """The text for the shortest list, or the longest, serves the others."""
    text, rows, _ = PROGRAMS[name]
    for first in (1, -1):
        f = function(text)
        for args in [rows[first], *rows]:
            assert_gradient(f, args)


@pytest.mark.parametrize("name, texts", [
    ("all but the last", 1), ("both ends", 1), ("starred", 1), ("penalty after", 1), ("penalty before", 1),
    ("last by its number", 1), ("first by itself", 1), ("range from 1", 1), ("in a dict", 1),
    ("tuple part", 1), ("last element, too", 1), ("helper", 1)])
def test_one_text_for_all_lengths(name, texts, monkeypatch):
    written, init = [], variant.Variant.__init__

    def counted(self, *args, **keywords):
        written.append(args[1])
        init(self, *args, **keywords)
    df = value_and_grad(function(PROGRAMS[name][0]))
    monkeypatch.setattr(variant.Variant, "__init__", counted)
    assert cache.Variant is variant.Variant
    for widths in ((4, 5, 6, 3), (4, 6, 5, 7, 2, 3), (4, 7, 2, 3), (4, *[8] * 30, 3)):
        params, x = pairs(*widths), normal(7, 4)
        params = {"in a dict": {"net": params, "scale": 2.0}, "tuple part": tuple(params)}.get(name, params)
        df(*((params, x, normal(7, 3)) if name == "helper" else (params, x)))
    assert len(written) == texts


def test_text_of_a_network_with_a_last_layer():
    df = grad(function(PROGRAMS["all but the last"][0]))
    df(*NETS[0])
    assert df.source == """\
def f_grad(params, x):
    # forward pass
    x_kept = []
    for i in range(len(params) - 1):
        x_kept.append(x)
        W, b = params[i]
        x = np.tanh(x @ W + b)
    W, b = params[-1]
    a = x @ W + b
    # backprop np.sum((x @ W + b)**2)
    da = 2 * a
    dx = da @ W.T
    dW = x.T @ da
    db = 2 * a.sum(axis=0)
    # backprop for W, b in params[:-1]
    dparams = []
    for i in reversed(range(len(params) - 1)):
        # backprop x = np.tanh(x @ W + b)
        da = (1 - x**2) * dx
        W = params[i][0]
        x = x_kept[i]
        dx = da @ W.T
        dW_2 = x.T @ da
        db_2 = da.sum(axis=0)
        dparams.append((dW_2, db_2))
    dparams = dparams[::-1] + [(dW, db)]
    return dparams, dx"""


@pytest.mark.parametrize("name", [
    "all but the last", "both ends", "neighbours of pairs", "penalty before", "an end in a loop"])
def test_passes_and_zeros(name):
    text, rows, _ = PROGRAMS[name]
    df = grad(function(text))
    for args in rows:
        out, kept = df.forward(*args)
        for dout in (-1.5, 0.0):
            assert_close(df.backward(dout, kept), numeric_gradient(df.primal, args, dout=dout))
        assert_close(df.backward(None, kept), numeric_gradient(df.primal, args, dout=0.0))


def test_parts_of_dout():
    net = grad(function("""
        def net(params, x):
            for W, b in params[:-1]:
                x = np.tanh(x @ W + b)
            W, b = params[-1]
            return x, x @ W + b
        """))
    for args in NETS:
        dout = random_dout(net.primal, args)
        out, kept = net.forward(*args)
        for parts in (dout, (dout[0], None), (None, dout[1]), (None, None)):
            filled = tuple(np.zeros_like(o) if d is None else d for o, d in zip(out, parts))
            assert_close(net.backward(parts, kept), numeric_gradient(net.primal, args, dout=filled))


def test_second_derivatives():
    df = grad(function("""
        def f(ws, x):
            y = x
            for w in ws[:-1]:
                y = np.tanh(y * w)
            return np.sum(y * ws[-1])
        """), wrt="x")

    def slope(ws, x):
        return np.sum(df(ws, x)**2)
    d2f = grad(slope)
    for args in VECTORS:
        assert_gradient(d2f, args)


def test_gradients_share_no_memory():
    df = grad(function("""
        def f(bs, x):
            for b in bs[:-1]:
                x = x + b + b
            return np.sum(x + bs[-1])
        """))
    for n in (4, 2, 3):
        dbs, dx = df(vectors(*[4] * n), normal(4))
        arrays = [*dbs, dx]
        assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


def assert_close(gradients, expected):
    for (path, a), (_, b) in zip(leaves(gradients), leaves(expected), strict=True):
        assert np.shape(a) == np.shape(b), path
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7, err_msg=str(path))
