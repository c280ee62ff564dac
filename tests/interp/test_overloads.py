"""Objects with methods that Python calls for operators, and names that are another function or object in each round of a loop."""
import numpy as np
import pytest
from differences import numeric_gradient
from from_text import assert_right, function

from revad import RevadError, UnsupportedError, grad


class V:
    """A number with all the methods that an operator, a test or a builtin function calls."""

    def __init__(self, v):
        self.v = v

    def __iadd__(self, other):
        self.v = self.v + other
        return self

    def __imul__(self, other):
        self.v = self.v * other
        return self

    def __isub__(self, other):
        return V(self.v - other)

    def __eq__(self, other):
        return self.v == other

    def __lt__(self, other):
        return self.v < other

    def __bool__(self):
        return bool(self.v > 0)

    def __len__(self):
        return 3

    def __contains__(self, key):
        return key == 2

    def __hash__(self):
        return 7

    def __add__(self, other):
        return V(self.v + (other.v if isinstance(other, V) else other))

    def __radd__(self, other):
        return V(self.v + other)

    def __pow__(self, power):
        return V(self.v**power)

    def __neg__(self):
        return V(-self.v)

    def __abs__(self):
        return V(abs(self.v))

    def __float__(self):
        return float(self.v)

    def __int__(self):
        return 3

    def __index__(self):
        return 1

    def __round__(self, n=0):
        return self.v * 2

    def __divmod__(self, other):
        return self.v, other

    def __iter__(self):
        return iter([self.v, self.v * 2])

    def __reversed__(self):
        return iter([self.v, 1.0])

    def __getitem__(self, key):
        return self.v * key


RIGHT = """
    a = V(x); a += x * x; return a.v
    a = V(x); a *= x; return a.v
    a = V(x); a -= x * x * x; return a.v
    a = V(x); a **= 2; return a.v
    a = V(x); b = a; a += x * x; return b.v
    a = V(x); b = a; a -= x * x; return b.v + a.v * x
    k = [V(x)]; k[0] += x * x; return k[0].v
    k = {'a': V(x)}; k['a'] += x * x; return k['a'].v
    s = x; s += V(x * x); return s.v
    a = V(x); b, c = a; return b * c
    a = V(x); b, *c = a; return b * c[0]
    a = V(x); return x * x if a == x else x
    a = V(x); return x * x if a != x else x * x * x
    a = V(x); return x * x if 2 in a else x
    a = V(x); return x * x if 2 not in a else x
    a = V(x); return x * x if a else x
    a = V(-x); return x * x if a else x
    a = V(x); return x * x if not a else x
    a = V(x); return x * x if bool(a) else x
    a = V(x); return x * len(a) * hash(a) * int(a)
    a = V(x); return x * x if a < 9 else x
    a = V(x); return (a + x + a).v + (x + a).v + (-a).v * x + abs(-a).v
    a = V(x); return float(a) * round(a) * divmod(a, 2)[0]
    a = V(x); return list(reversed(a))[0] * sum([t for t in a])
    a = V(x); return a[2] * [1.0, x, 3.0][a]
    return sum([a.v * x for a in [V(-x), V(x)] if a])
    a = V(x); ~if x > 0:;     a += x * x; return a.v
    a = V(x); ~for i in range(3):;     a += x * i; return a.v
    a = V(x); ~for i in range(3):;     a -= x * i; return a.v
    """.strip().splitlines()
EITHER = """
    return x * x if any([V(-x), V(x)]) else x
    return x * x if all([V(-x), V(x)]) else x
    a = V(x); y = x; ~while a:;     a -= 1.0;     y = y * a.v + x; return y
    a = V(x); return (a and x) * x
    a = V(x); return (a or x).v
    a = V(x); return x * x if a in [1, 2, a] else x
    a = V(x); return x * x if [a] == [x] else x
    return max([V(x), V(x * x)], key=lambda t: t.v).v
    return sorted([V(x * x), V(x)], key=lambda t: t.v)[0].v
    return sum([V(x), V(x * x)]).v
    """.strip().splitlines()


def _of(text):
    return function("def f(x):\n    " + text.strip().replace("~", "").replace("; ", "\n    "), V=V)


@pytest.mark.parametrize("text", RIGHT)
def test_overloads(text):
    f = _of(text)
    assert abs(grad(f)(1.7) - numeric_gradient(f, (1.7,))) < 1e-6


@pytest.mark.parametrize("text", EITHER)
def test_overloads_that_are_refused_or_right(text):
    f = _of(text)
    try:
        found = grad(f)(1.7)
    except UnsupportedError as error:
        assert "revad itself fails" not in str(error)
    else:
        assert abs(found - numeric_gradient(f, (1.7,))) < 1e-6


# ---- another function or object in each round

CHANGING = """
    g = np.sin; s = x[0]; ~for i in range(3):;     s = g(s);     g = np.cos; return s * x[1]
    g = None; s = x[0]; ~for i in range(3):;     s = g(s) if g else s * x[1];     g = np.tanh; return s
    g = lambda t: t * t; s = 0.0; ~for v in x:;     s = s + g(v);     g = lambda t: t * 3; return s
    n = V(x[0]); s = 0.0; ~for i in range(len(x)):;     s += n.v * n.v;     n = V(x[i] * n.v); return s
    n = V(x[0]); s = 0.0; i = 0; ~while i < 3:;     s += n.v * n.v;     n = V(x[i] * n.v);     i += 1; return s
    n = V(x[0]); s = 0.0; ~for i in range(3):;     s += n.v * n.v;     n += x[i]; return s
    n = None; s = 0.0; ~for i in range(3):;     s = s + (x[i]**2 if n is None else n.v * x[i]);     n = V(x[i] * i); return s
    n = 3.0; s = 0.0; ~for i in range(3):;     s += n.v * n.v if isinstance(n, V) else n * x[0];     n = V(x[i]); return s
    h = None; s = 0.0; ~for v in x:;     h = (V(v), h); ~while h is not None:;     s = s * 2 + h[0].v;     h = h[1]; return s
    a = V(x[0]); b = V(x[1]); ~for i in range(3):;     a, b = b, V(a.v * b.v + x[i]); return a.v * b.v
    a = np.sin; b = np.exp; s = x[0]; ~for i in range(4):;     s = a(s);     a, b = b, a; return s + x[1]
    s = 0.0; ~for i in range(3):;     n = V(x[i]);     s += n.v * n.v; return s
    s = 0.0; ~for g in (np.sin, np.exp):;     s = s + g(x[0]) * x[2]; return s
    """.strip().splitlines()


@pytest.mark.parametrize("text", CHANGING)
def test_a_name_that_is_another_function_or_object_in_each_round(text):
    assert_right(_of(text), np.array([1.1, 0.7, 1.3]))


def test_one_that_changes_as_often_as_only_running_shows_is_refused():
    f = _of("n = V(x[0]); ~while n.v < 9:;     n = V(n.v * x[1]); return n.v")
    with pytest.raises(UnsupportedError, match="it is a function or object that changes in a loop"):
        grad(f)(np.array([1.1, 2.0]))


# ---- recursion

@pytest.mark.parametrize("body", (
    "if len(a) <= 1:\n        return a\n    p, r = a[0], a[1:]\n"
    "    return np.concatenate([go(r[r < p]), [p], go(r[r >= p])])",
    "return a if len(a) < 2 else np.concatenate([go(a[a < a[0]]), go(a[a >= a[0]])])",
    "if np.sum(a) < 1:\n        return a\n    return go(a / 2) + go(a / 3)",
    "k = a[a > a[0]]\n    if len(k) > 3:\n        return go(k)\n"
    "    return a if len(k) < 1 else go(a[a < a[0]])",
))
def test_a_recursion_that_ends_as_values_say_is_refused_at_once(body):
    f = function(f"def f(x):\n    return np.sum(go(x)**2)\ndef go(a):\n    {body}")
    with pytest.raises(RevadError, match="calls go too deep in it|calls go deeper than") as caught:
        grad(f)(np.array([3.0, 1.0, 2.0]))
    assert caught.value.lineno >= 2
