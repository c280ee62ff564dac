"""The iterators of itertools, written out and rolled: against finite differences."""
import itertools

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import assert_right, function

import revad
from revad import UnsupportedError, grad

X, V = np.arange(12.0).reshape(3, 4) / 5 - 1.1, np.array([0.5, -1.5, 2.0, 0.7])


def made(body):
    f = function("def f(x, v):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    f.__globals__["itertools"] = itertools
    return f


@pytest.mark.parametrize("body", [
    "return [a * b for a, b in itertools.product(x[0], v)]",
    "return sum(x[i, j] * v[k] for i, j, k in itertools.product(range(2), repeat=3))",
    "return [a * b for a, b in itertools.permutations(v, 2)] + [np.dot(a, b) for a, b in "
    "itertools.combinations(x, r=2)]",
    "return sum(s * a for s, a in zip(itertools.cycle([1.0, -1.0]), v))",
    "return sum(a * i for i, a in zip(itertools.count(1, 2), v)) + sum(a * i for i, a in "
    "zip(itertools.count(v[0], v[1]), x[0]))",
    "return list(itertools.accumulate(v, lambda a, b: a * b)) + list(itertools.accumulate(v, "
    "initial=x[0, 0]))",
    "return sum(itertools.chain.from_iterable([v ** 2, x[0]])) + sum(itertools.chain([v[0]], x[1] ** 2))",
    "return [a * b for a, b in zip(v, itertools.islice(v, 1, None))]",
    "return sum(a * b for a, b in zip(itertools.islice(itertools.count(3), 2, 4), itertools.repeat(v[0])))",
    "y = 0.0; y = sum(y * x[0] + v for _ in itertools.repeat(None, 3)); return y",
    "return sum(a * b for a, b in itertools.combinations_with_replacement(v, 2))",
])
def test_written_out(body):
    assert_gradient(made(body), (X, V))


def over_windows(x, w):
    out = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i, j in itertools.product(range(out.shape[0]), range(out.shape[1])):
        out[i, j] = np.sum(x[i:i + w.shape[0], j:j + w.shape[1]] * w)
    return out


def by_rows(x, w):
    s = 0.0
    for row, k in itertools.product(x, range(w.shape[0])):
        s = s * 0.9 + row[k] ** 2 * w[k, 0]
    return s


def again(x, w):
    y = x[0]
    for _ in itertools.repeat(None, x.shape[0]):
        y = np.tanh(y * w[0, 1])
    return y


@pytest.mark.parametrize("f", [over_windows, by_rows, again])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rolled(f, rows):
    w = np.arange(6.0).reshape(3, 2)[:rows] / 3 + 0.2
    assert_gradient(f, (X, w))


def test_the_text_of_a_product_of_ranges():
    gradient = revad.grad(over_windows)
    gradient.forward(X, np.ones((2, 2)))
    assert ("i = i_ // out.shape[1]" in gradient.forward.source
            and "unbroadcast" not in gradient.backward.source)


@pytest.mark.parametrize("body, message", [
    ("s = 0.0; it = itertools.repeat(v); s = sum(x[0] * a for a in it); return s",
     "it has more than 4096 rounds"),
    ("return sum(v[0] * a for a in itertools.combinations(range(40), 20))", "itertools.combinations"),
])
def test_refused(body, message):
    with pytest.raises(revad.UnsupportedError, match=message):
        revad.grad(made(body))(X, V)


# ---- items that do more than give a value, of what ends early; iterators that are used up

EFFECTS = """
    k = []; ~def p(v):;     k.append(v);     return v > 1; any(p(v) for v in x); return sum(v * v for v in k)
    z = np.zeros(3); ~def p(i):;     z[i] = x[i] * x[i];     return x[i] > 1; ~if all(not p(i) for i in range(3)):;     z[0] = x[2]; return np.sum(z)
    k = [1.0, 2.0, 3.0]; b = any(k.pop() * x[0] < 4 for v in range(3)); return sum(k) * x[0] if b else x[1]
    r = iter([1.0, 2.0, 3.0]); b = any(v * x[0] > 1 for v in r); return sum(v * x[0] for v in r)
    r = iter(range(3)); b = any(x[v] > 1 for v in r); return sum(x[v] * x[v] for v in r)
    r = iter(range(3)); a = sum(x[i] for i in r); return a + sum(x[i] for i in r)
    d = {'a': x[0], 'b': x[1]}; r = iter(d.values()); a = sum(v for v in r); return a + sum(v for v in r)
    r = iter(range(3)); s = 0.0; ~for i in r:;     s += x[i]; ~for i in r:;     s += x[i]; return s
    r = iter(range(3)); s = 0.0; ~for i in r:;     s += x[i]; ~    for j in r:;         s += x[j] * x[0]; return s
    r = iter(x); s = 0.0; ~for a in r:;     s += a; ~    if s > 2:;         break; ~for a in r:;     s += a * a; return s
    """.strip().splitlines()
NONE = """
    return x.sum() if any(v > 2 for v in x) and x[0] > 0 else x[0] * 3
    return x.sum() if any(v > 2 for row in [x, x * 2] for v in row) else x[0] * 3
    return x.sum() if not all(x[i] > 5 for i in range(len(x))) else x[0] * 3
    ~def big(v):;     u = [v * 2];     u.append(v);     return u[1] > 2; return x.sum() if any(big(v) for v in x) else x[0] * 3
    return x.sum() if all(isinstance(v, float) for v in [1.0, x[0]]) else x[0] * 3
    s = 0.0; ~for i in iter(range(3)):;     s += x[i]; r = range(3); ~for i in r:;     s += x[i]; return s + sum(x[i] * x[i] for i in r)
    d = {'a': x[0], 'b': x[1]}; r = d.values(); return sum(v for v in r) + sum(v * v for v in r)
    """.strip().splitlines()


def _in_lines(text):
    return function("def f(x):\n    "
                    + text.strip().replace("~    ", "    ").replace("~", "").replace("; ", "\n    "))


@pytest.mark.parametrize("text", EFFECTS)
def test_what_ends_early_is_refused_or_right(text):
    f, x = _in_lines(text), np.array([1.1, 2.3, 3.2])
    try:
        found = grad(f)(x)
    except UnsupportedError as error:
        assert "revad itself fails" not in str(error)
    else:
        np.testing.assert_allclose(found, numeric_gradient(f, (x,)), rtol=1e-6)


@pytest.mark.parametrize("text", NONE)
def test_items_that_only_give_a_value(text):
    assert_right(_in_lines(text), np.array([1.1, 2.3, 3.2]))


def test_the_reason_is_told():
    with pytest.raises(UnsupportedError,
                       match="any of items that do more than give a value: after which item it ends "
                             "shows only while running"):
        grad(_in_lines(EFFECTS[2]))(np.array([1.1, 2.3, 3.2]))
