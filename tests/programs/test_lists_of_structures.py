"""Programs that fill lists, go over lists of arguments and store into what is in them, for several lengths.

Values, gradients for parts of `dout`, a second backward pass, and arguments that stay what they were.
"""
import copy

import numpy as np
import pytest
from differences import leaves, numeric_gradient, random_dout
from from_text import function
from partial_dout import filled, thinned

from revad import grad

RNG = np.random.default_rng(5)


def normal(*shape):
    return RNG.normal(size=shape)


def vectors(*lengths):
    return [normal(n) for n in lengths]


def layers(*widths):
    return [(normal(m, n), normal(n)) for m, n in zip(widths, widths[1:])]


def weights(*widths):
    return [normal(m, n) for m, n in zip(widths, widths[1:])]


def in_lists(pairs):
    """{"W": the weights, "b": the biases} of layers."""
    return {"W": [W for W, _ in pairs], "b": [b for _, b in pairs]}


def nested(count):
    return [((normal(3), (normal(3), 2.0)), normal(3)) for _ in range(count)]


WIDTHS = ((4, 5, 3), (4, 3), (4, 6, 7, 3))
# name: (text, rows of arguments)
PROGRAMS = {
    "inplace after append": ("""
        def f(xs, h):
            hs, cs = [], []
            for x in xs:
                h = np.tanh(x * h)
                hs.append(h)
                cs.append((x, h))
                h *= 0.5
            return hs, cs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2)), (normal(4, 2), normal(2))]),
    "dict mutated": ("""
        def f(xs, h):
            cs = []
            for x in xs:
                d = {"x": x}
                d["h"] = h
                cs.append(d)
                h = np.tanh(x * h)
                d["h2"] = h
            return h, cs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2))]),
    "one dict": ("""
        def f(xs, h):
            cs, d = [], {}
            for x in xs:
                d["h"] = h
                cs.append(d)
                h = np.tanh(x * h)
            return h, cs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2))]),
    "store after": ("""
        def f(xs, h):
            cs = []
            for x in xs:
                h = np.tanh(x * h)
                cs.append((x, h))
            cs[0][1][0] = 5.0
            return h, cs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2))]),
    "store hs after": ("""
        def f(xs, h):
            hs = []
            for x in xs:
                h = np.tanh(x * h)
                hs.append(h)
            hs[-1] *= 2
            return h, hs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2))]),
    "alias list": ("""
        def f(xs, h):
            hs = []
            out = hs
            for x in xs:
                h = np.tanh(x * h)
                hs.append(h)
            out.append(h * 2)
            return out, hs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2))]),
    "twice": ("""
        def f(xs, h):
            hs = []
            for x in xs:
                h = np.tanh(x * h)
                hs.append(h)
            return hs, np.stack(hs), hs
        """, [(normal(3, 2), normal(2)), (normal(1, 2), normal(2))]),
    "x stored": ("""
        def f(ws, x):
            for w in ws:
                x = w
                x *= 2
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3))]),
    "last": ("""
        def f(ws, x):
            for w in ws:
                x = x * w
            return w, x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3))]),
    "collect elems": ("""
        def f(ws, x):
            ys = []
            for w in ws:
                ys.append(w)
                x = x * w
            return ys, x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3)), (vectors(3, 3, 3), normal(3))]),
    "collect tuples": ("""
        def f(ws, x):
            ys = []
            for w in ws:
                x = x * w
                ys.append((w, x))
            return ys
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3)), (vectors(3, 3, 3), normal(3))]),
    "collect pairs jag": ("""
        def f(params, x):
            caches = []
            for W, b in params:
                z = x @ W + b
                caches.append((x, W, z))
                x = np.maximum(z, 0)
            return x, caches
        """, [*[(layers(*w), normal(7, w[0])) for w in WIDTHS]]),
    "collect list jag": ("""
        def f(params, x):
            acts = [x]
            for W, b in params:
                x = np.tanh(x @ W + b)
                acts.append(x)
            return acts
        """, [*[(layers(*w), normal(7, w[0])) for w in (*WIDTHS, (4, 4, 4))]]),
    "elem swap": ("""
        def f(ws, x):
            prev = ws[0]
            for w in ws:
                x = x * prev + w
                prev = w
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3))]),
    "store view of elem": ("""
        def f(ws, x):
            for w in ws:
                v = w[1:]
                v[0] = 2.0
                x = x * w
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3))]),
    "list of lists rows": ("""
        def f(rows, x):
            s = 0.0
            for row in rows:
                for v in row:
                    s = s + v * x
                    x = x * 0.9
            return s
        """, [(rows, 1.5) for rows in (
            [[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0]], [[1.0, 2.0, 3.0], [3.0, 4.0, 1.0]], [[1.0], [2.0, 3.0]])]),
    "W reuse tied": ("""
        def f(params, x):
            for W in params:
                x = np.tanh(x @ W)
            for W in reversed(params):
                x = np.tanh(x @ W.T)
            return x
        """, [*[(weights(*w), normal(7, w[0])) for w in (*WIDTHS, (4, 1, 2))]]),
    "three loops": ("""
        def f(params, x):
            n = 0.0
            for W in params:
                n = n + np.sum(W**2)
            for W in params:
                x = np.tanh(x @ W / np.sqrt(n))
            return x, sum(np.abs(W).sum() for W in params), max(np.max(W) for W in params)
        """, [*[(weights(*w), normal(7, w[0])) for w in WIDTHS]]),
    "cond index": ("""
        def f(ws, x):
            for i in range(len(ws)):
                if i % 2 == 0:
                    x = x * ws[i]
                else:
                    x = x + ws[i]
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3)), (vectors(3, 3, 3, 3), normal(3))]),
    "next elem": ("""
        def f(ws, x):
            for i in range(len(ws) - 1):
                x = x * ws[i] + ws[i + 1]
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3)), (vectors(3, 3, 3, 3), normal(3))]),
    "neg index": ("""
        def f(ws, x):
            for i in range(len(ws)):
                x = x * ws[-i - 1] + ws[i]
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3), normal(3)), (vectors(3, 3, 3, 3), normal(3))]),
    "zip shift": ("""
        def f(ws, x):
            for a, b in zip(ws, ws[1:]):
                x = x * a + b
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3, 3, 3), normal(3)), (vectors(3, 3, 3, 3), normal(3))]),
    "copy list": ("""
        def f(ws, x):
            ws = list(ws)
            ws[0] = x * 2
            for w in ws:
                x = np.sin(x * w)
            return x, ws
        """, [(vectors(3, 3), normal(3)), (vectors(3, 3, 3), normal(3))]),
    "dict of lists": ("""
        def f(p, x):
            for W, b in zip(p["W"], p["b"]):
                x = np.tanh(x @ W + b)
            return x
        """, [*[(in_lists(layers(*w)), normal(7, 4)) for w in (*WIDTHS, (4, 1, 1, 2))]]),
    "unequal lists": ("""
        def f(Ws, bs, x):
            for W, b in zip(Ws, bs):
                x = x * W + b
            return x
        """, [(vectors(*m), vectors(*n), normal(3)) for m, n in (((3, 3), (3,)), ((3,), (3, 3)), ((3, 3), (3, 3)))]),
    "nested tuple elems": ("""
        def f(ps, x):
            for (a, (b, c)), d in ps:
                x = np.sin(x * a + b) * c + d
            return x
        """, [(nested(2), normal(3)), (nested(4), normal(3))]),
    "rank change": ("""
        def f(ws, x):
            for w in ws:
                x = np.sum(x * w, axis=0)
            return x
        """, [(vectors(3), normal(3)), ([normal(3, 3), normal(3)], normal(3, 3))]),
    "reshape by len": ("""
        def f(ws, x):
            h = np.zeros((len(ws), 3))
            for i, w in enumerate(ws):
                h[i] = x * w
            return h
        """, [(vectors(*n), normal(3)) for n in ((3, 3), (3,), (3, 3, 3), (1, 1))]),
    "concat": ("""
        def f(ws, x):
            parts = []
            for w in ws:
                parts.append(w * x[0])
            return np.concatenate(parts)
        """, [(vectors(3, 3), normal(3)), (vectors(3, 2), normal(3)), (vectors(1, 3, 3), normal(3))]),
    "mean over": ("""
        def f(ws, x):
            total = 0
            for w in ws:
                total = total + w.mean() * x
            return total / len(ws)
        """, [(vectors(3, 3), normal(3)), (vectors(3, 2), normal(3)), (vectors(1, 3, 3), normal(3))]),
    "w.shape use": ("""
        def f(ws, x):
            for w in ws:
                x = x + np.sum(w) / w.shape[0] + np.ones(w.shape[0]).sum()
            return x
        """, [(vectors(3, 3), normal(3)), (vectors(3, 2), normal(3)), (vectors(1, 3, 3), normal(3))]),
    "w.size use": ("""
        def f(ws, x):
            s = 0
            for w in ws:
                x = x + np.sum(w) / len(w)
                s += w.size
            return x / s
        """, [(vectors(3, 3), normal(3)), (vectors(3, 2), normal(3)), (vectors(1, 3, 3), normal(3))]),
}


def assert_close(first, second):
    for (path, a), (_, b) in zip(leaves(first), leaves(second), strict=True):
        assert np.shape(a) == np.shape(b), path
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7, err_msg=str(path))


@pytest.mark.parametrize("name", PROGRAMS)
def test_passes(name):
    text, rows = PROGRAMS[name]
    f = function(text)
    df, rng = grad(f), np.random.default_rng(1)
    for args in rows:
        try:
            expected = f(*copy.deepcopy(args))
        except Exception as error:
            with pytest.raises(type(error)):
                df.forward(*copy.deepcopy(args))
            continue
        full = random_dout(f, args)
        for dout in (full, thinned(full, lambda: rng.random() < 0.6), None):
            given = copy.deepcopy(args)
            out, cache = df.forward(*given)
            assert_close(out, expected)
            if isinstance(out, tuple):
                assert (out[0] is out[-1]) == (expected[0] is expected[-1])
            gradients = df.backward(dout, cache)
            assert_close(gradients, numeric_gradient(f, args, dout=filled(dout, full)))
            assert_close(df.backward(dout, cache), gradients)
            assert_close(given, args)
