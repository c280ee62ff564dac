"""Arguments that share memory, of a function that stores into one of them: refused.

Of any other they are right.
"""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import CallError, grad

STORES = {
    "x[0] = 2 * y[1]": "x",
    "x *= y": "x",
    "np.multiply(x, y, out=x)": "x",
    "v = x[1:]\n    v += y[1:]": "x",
    "for i in range(len(x)):\n        x[i] = x[i] * y[i]": "x",
    "x.sort()": "x",
    "if y[0] > 0:\n        x[0] = y[1]": "x",
    "y[:], x[:] = x * 2, y * 3": "xy",
    "x = x * 1\n    x[0] = y[1]": "",
    "y = y.copy()\n    y[0] = x[1]": "",
    "v = x + y\n    v[0] = 1.0": "",
}
MADE = {
    "the same": lambda a: (a, a),
    "a part": lambda a: (a[:4], a[1:5]),
    "a reversed view": lambda a: (a, a[::-1]),
    "apart in one array": lambda a: (a[::2], a[1::2]),
    "halves": lambda a: (a[:3], a[3:]),
    "each its own": lambda a: (a.copy(), a.copy()),
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("store", STORES)
def test_arrays_that_share_memory_where_one_is_stored_into(store, made):
    f = function(f"def f(x, y):\n    {store}\n    return np.sum(x * x * y)")
    args = MADE[made](np.array([1.3, 0.9, 2.1, 0.7, 1.1, 1.9]))
    if STORES[store] and np.shares_memory(*args):
        for call in (grad(f), grad(f).forward):
            with pytest.raises(CallError,
                               match=f"f stores into [{STORES[store]}], which shares memory with [xy]: "
                                     "pass a copy of one of them"):
                call(*args)
        return
    assert_gradient(f, tuple(arg.copy() for arg in args))
    for found, wanted in zip(grad(f)(*args), grad(f)(*(arg.copy() for arg in args))):
        assert np.array_equal(found, wanted)


def test_one_text_serves_calls_that_share_nothing_and_refuses_the_others():
    f = grad(function("def f(x, y):\n    x[0] = y[1]\n    return np.sum(x * y)"))
    a = np.arange(3.0)
    for _ in range(2):
        f(a, a.copy())
        with pytest.raises(CallError, match="shares memory"):
            f(a, a)


@pytest.mark.parametrize("text, make, message", (
    ("p['w'] *= x; return np.sum(p['w'] * x)", lambda a: ({"w": a}, a),
     "stores into p\\['w'\\], which shares memory with x"),
    ("p[0] *= x; return np.sum(p[0] * p[1])", lambda a: ([a, a], a + 1),
     "stores into p\\[0\\], which shares memory with another array of p"),
    ("p[0][1] *= x; return np.sum(p[0][1] * p[1])", lambda a: ([[1.0, a], a[:]], a + 1),
     "stores into p\\[0\\]\\[1\\], which shares memory with another array of p"),
    ("p[0] *= x; return np.sum(p[0] * p[1] * p[2])", lambda a: ([a * 2, a, a], a + 1), None),
    ("p['b'] += x; return np.sum(p['b'] * p['w'] * p['v'])",
     lambda a: ({"b": a * 2, "w": a, "v": a}, a), None),
    ("p[0] = x[0]; return p[0] * x[0] * x[0]", lambda a: (([1.0, 2.0],) * 2),
     "stores into p, which has a list in common with x"),
    ("p[0].append(x[0]); return len(p[1]) * p[1][0] * x[0]", lambda a: ([[2.0]] * 2, a),
     "stores into p, in which two lists are the same"),
    ("p[0] = x * 1; p[0][0] = 2.0; return np.sum(p[0] * x)", lambda a: ([a], a), None),
    ("p = [q * 2 for q in p]; p[0] *= x; return np.sum(p[0] * p[1])", lambda a: ([a, a], a), None),
    ("x[0] = 1.0; return np.sum(p[0] * p[1] * x)", lambda a: ([a, a], a + 1), None),
))
def test_containers_that_share_what_is_stored_into(text, make, message):
    f = function("def f(p, x):\n    " + text.replace("; ", "\n    "))
    args = make(np.array([1.5, 0.5, 2.0]))
    if message is None:
        assert_gradient(f, args)
    else:
        with pytest.raises(CallError, match=f"^f {message}: pass a copy of one of them$"):
            grad(f)(*args)


def test_an_array_from_outside_that_is_given_and_stored_into():
    weights = np.array([1.0, 2.0, 3.0])
    f = function("def f(x):\n    x[0] = 2 * x[1]\n    return np.sum(x * weights)", weights=weights)
    with pytest.raises(CallError, match="f stores into x, which shares memory with weights"):
        grad(f)(weights)
    assert_gradient(f, (weights + 1,))
