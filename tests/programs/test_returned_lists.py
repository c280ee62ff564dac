"""Lists that a loop fills are returned, of any length, also lists of tuples and dicts, as caches are.

`.backward` takes `dout` in the structure of the output, with None for any part of it, and one text serves all
lengths.
"""
import numpy as np
import pytest
from differences import leaves, numeric_gradient, random_dout
from from_text import function
from partial_dout import filled, thinned

from revad import CallError, grad
from revad.runtime import variant

RNG = np.random.default_rng(7)


def normal(*shape):
    return RNG.normal(size=shape)


RECURRENT = [(normal(n, 4), normal(5), normal(4, 5)) for n in (3, 2, 6)]
VECTORS = [(normal(n),) for n in (3, 2, 5)]

PROGRAMS = {
    "arrays and tuples": ("""
        def f(xs, h, w):
            hs, caches = [], []
            for t in range(len(xs)):
                a = xs[t] @ w + h
                h = np.tanh(a)
                hs.append(h)
                caches.append((a, h, t))
            return np.stack(hs), caches
        """, RECURRENT),
    "arrays": ("""
        def f(xs, h, w):
            hs = []
            for x in xs:
                h = np.tanh(x @ w + h)
                hs.append(h)
            return hs
        """, RECURRENT),
    "one before the loop": ("""
        def f(xs, h):
            hs = [h]
            for x in xs:
                h = np.tanh(x * h)
                hs.append(h)
            return hs, h
        """, [(xs, 1.5) for xs, in VECTORS]),
    "comprehensions": ("""
        def f(x):
            return [v * v for v in x], [(v, v * 2) for v in x]
        """, VECTORS),
    "some rounds": ("""
        def f(x):
            return [v * v for v in x if v > 0]
        """, [(np.array(x),) for x in ([1.0, -2.0, 3.0], [2.0, 1.0], [-1.0, 0.5, -3.0])]),
    "a cache of a helper": ("""
        def f(xs, h, w):
            hs, caches = [], []
            for t in range(len(xs)):
                h, cache = step(xs[t], h, w)
                hs.append(h)
                caches.append(cache)
            return hs, caches

        def step(x, h, w):
            a = x @ w + h
            out = np.tanh(a)
            return out, {"a": a, "pre": (x, h)}
        """, RECURRENT),
    "in a dict": ("""
        def f(x):
            out = []
            for i in range(len(x)):
                out.append({"square": x[i]**2, "name": "row"})
            return {"rows": out, "sum": np.sum(x**3)}
        """, VECTORS),
    "while": ("""
        def f(x):
            out, i = [], 0
            while i < len(x):
                out.append(x[i]**2)
                i += 1
            return out
        """, VECTORS),
}


def assert_close(gradients, expected):
    for (path, a), (_, b) in zip(leaves(gradients), leaves(expected), strict=True):
        assert np.shape(a) == np.shape(b), path
        if isinstance(a, str):
            assert a == b
            continue
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7, err_msg=str(path))


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("share", [1.0, 0.6, 0.2, 0.0])
def test_backward_with_any_part_of_dout(name, share):
    text, rows = PROGRAMS[name]
    f = function(text)
    df, rng = grad(f), np.random.default_rng(3)
    for args in rows:
        full = random_dout(f, args)
        dout = thinned(full, lambda: rng.random() < share)
        out, cache = df.forward(*args)
        assert_close(out, f(*args))
        assert_close(df.backward(dout, cache), numeric_gradient(f, args, dout=filled(dout, full)))


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_part_or_a_whole_list_is_given(name):
    text, rows = PROGRAMS[name]
    f = function(text)
    df = grad(f)
    for args in rows:
        full, (_, cache) = random_dout(f, args), df.forward(*args)
        douts = [None]
        if isinstance(full, tuple):
            douts += [(part, *[None] * (len(full) - 1)) for part in full[:1]]
            douts += [(*[None] * (len(full) - 1), part) for part in full[-1:]]
        for dout in douts:
            assert_close(df.backward(dout, cache), numeric_gradient(f, args, dout=filled(dout, full)))


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_text_for_all_lengths(name, monkeypatch):
    text, rows = PROGRAMS[name]
    f = function(text)
    df, written, init = grad(f), [], variant.Variant.__init__

    def counted(self, *args, **keywords):
        written.append(args[1])
        init(self, *args, **keywords)
    monkeypatch.setattr(variant.Variant, "__init__", counted)
    for args in rows:
        out, cache = df.forward(*args)
        df.backward(random_dout(f, args), cache)
    assert len(written) == 2


def test_a_list_that_ends_up_empty():
    df = grad(function(PROGRAMS["some rounds"][0]))
    out, cache = df.forward(np.array([-1.0, -2.0]))
    assert out == []
    assert df.backward([], cache).tolist() == df.backward(None, cache).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dout, message", [
    ([1.0], r"dout has to be a list of 3, as the output is \(None for a part without a gradient\)"),
    ([1.0, 2.0, np.ones(2)], r"dout\[2\] has shape \(2,\), the output \(\)"),
    (3.0, r"dout has to be a list of 3, as the output is \(None for a part without a gradient\)"),
])
def test_wrong_dout(dout, message):
    df = grad(function(PROGRAMS["while"][0]))
    out, cache = df.forward(np.ones(3))
    with pytest.raises(CallError, match=message):
        df.backward(dout, cache)


def test_gradient_of_a_list_is_refused_with_what_it_needs():
    with pytest.raises(CallError, match="^f returns a list: a gradient needs one number"):
        grad(function(PROGRAMS["while"][0]))(np.ones(3))


def test_texts_of_a_recurrent_layer_that_returns_its_caches():
    df = grad(function("""
        def steps(xs, h, w):
            hs, caches = [], []
            for t in range(len(xs)):
                h, cache = step(xs[t], h, w)
                hs.append(h)
                caches.append(cache)
            return np.stack(hs), caches

        def step(x, h, w):
            out = np.tanh(x @ w + h)
            return out, (x, h, out)
        """))
    out, cache = df.forward(*RECURRENT[0])
    df.backward((np.ones_like(out[0]), None), cache)
    assert df.backward.source == """\
def steps_backward(dout, kept):
    xs, h, w, out_kept = kept
    # backprop np.stack(hs), caches
    ditems = dout
    # backprop for t in range(len(xs))
    dxs = np.zeros_like(xs)
    dw = np.zeros_like(w)
    dout = np.zeros_like(h)
    for t in reversed(range(len(xs))):
        # backprop hs.append(h)
        dout += ditems[t]
        # backprop out = np.tanh(x @ w + h)
        out = out_kept[t]
        dh = (1 - out**2) * dout
        dx = dh @ w.T
        dw += np.outer(xs[t], dh)
        # backprop h, cache = step(xs[t], h, w)
        dxs[t] += dx
        dout = dh
    return dxs, dout, dw"""
