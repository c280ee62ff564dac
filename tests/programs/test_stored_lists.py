"""Lists of numbers that loops read and store into by computed subscripts: they count as arrays.

A list and an array differ (a slice of a list is a copy, `+` joins lists), and so does what a program may do
with them: the programs of the second table use what only a list has, and are right, too.
"""
import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, random_dout
from from_text import assert_second, function
from partial_dout import filled, thinned

import revad
from revad import grad
from revad.types.kinds import NUMPY_1

SIZES = (5, 2, 1, 0)


def grid(first, last, n):
    return np.linspace(first, last, n)


LOOPS = {
    "backward induction": ("""
        def f(p, q, K, n):
            v = [0.0] * (n + 1)
            for i in range(n + 1):
                v[i] = np.exp(p * i) - K * q
            for k in range(n, 0, -1):
                for i in range(k):
                    v[i] = p * v[i] + q * v[i + 1]
            return v[0]
        """, lambda n: (0.3, 0.4, 1.1, n), ("p", "q", "K")),
    "comprehension": ("""
        def f(p, q, K, n):
            v = [np.maximum(np.exp(p * i) - K, 0) for i in range(n + 1)]
            for k in range(n, 0, -1):
                for i in range(k):
                    v[i] = max(p * v[i] + q * v[i + 1], K - 0.3 * i)
            return v[0]
        """, lambda n: (0.3, 0.4, 1.1, n), ("p", "q", "K")),
    "prefix": ("""
        def f(x):
            n = len(x)
            s = [0] * (n + 1)
            for i in range(n):
                s[i + 1] = s[i] + x[i] ** 2
            return sum(s) + s[n] * s[n // 2]
        """, lambda n: (grid(0.5, 1.5, n),), ("x",)),
    "knapsack": ("""
        def f(x, w, cap):
            best = [0.0] * (cap + 1)
            for i in range(len(x)):
                for c in range(cap, w[i] - 1, -1):
                    best[c] = max(best[c], best[c - w[i]] + x[i])
            return best[cap]
        """, lambda n: (grid(0.5, 1.5, n) ** 2, np.array([1, 2, 3, 2, 1, 4, 2][:n], dtype=int), 7), ("x",)),
    "inf": ("""
        def f(x):
            n = len(x)
            cost = [float("inf")] * (n + 1)
            cost[0] = 0.0
            for j in range(1, n + 1):
                for i in range(j):
                    cost[j] = min(cost[j], cost[i] + (x[j - 1] - x[i]) ** 2 + 0.1)
            return cost[n]
        """, lambda n: (grid(0.5, 1.5, n) ** 2,), ("x",)),
    "np.inf": ("""
        def f(x):
            n = len(x)
            cost = [np.inf] * (n + 1)
            cost[0] = 0
            for j in range(1, n + 1):
                for i in range(j):
                    c = cost[i] + np.sin(x[j - 1] - x[i]) ** 2 + 0.1
                    if c < cost[j]:
                        cost[j] = c
            return cost[n]
        """, lambda n: (grid(0.5, 1.5, n) ** 2,), ("x",)),
    "histogram": ("""
        def f(x, k):
            h = [0.0] * k
            for v in x:
                h[int(v * k) % k] += v * v
            return sum(a * a for a in h)
        """, lambda n: (grid(0.1, 0.93, n), 3), ("x",)),
    "two names": ("""
        def f(x):
            v = [1.0] * len(x)
            w = v
            for i in range(len(x)):
                w[i] = x[i] * v[i - 1]
            for i in range(len(x)):
                v[i] += w[i] * w[i]
            t = 0.0
            for a, b in zip(v, w):
                t += a * b
            return t
        """, lambda n: (grid(0.5, 1.5, n),), ("x",)),
    "read after store": ("""
        def f(x):
            v = [0.0] * (len(x) + 2)
            for i in range(len(x)):
                v[i] = x[i] * 2 + v[i + 1]
                y = v[i] * v[i]
                v[i + 1] = y + v[i]
                v[i] *= v[i + 1]
            return np.sum(v) + v[0]
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "filled with an active number": ("""
        def f(a, n):
            v = [a] * (n + 1)
            for i in range(n):
                v[i + 1] = np.sin(v[i]) * v[i + 1]
            return np.sum(np.exp(v))
        """, lambda n: (0.7, n), ("a",)),
    "helper": ("""
        def f(x, n):
            def fill(v, scale):
                for i in range(len(v)):
                    v[i] = scale * x + i
            v = [0.0] * n
            fill(v, 2.0)
            w = [0.0] * n
            fill(w, x)
            total = 0.0
            for i in range(n):
                total += v[i] * w[n - 1 - i]
            return total
        """, lambda n: (0.7, n), ("x",)),
    "swap": ("""
        def f(x):
            n = len(x)
            prev = [0.0] * (n + 1)
            for i in range(n):
                cur = [0.0] * (n + 1)
                for j in range(n):
                    cur[j + 1] = prev[j] * x[i] + cur[j] * x[j] + 1.0
                prev = cur
            return prev[n]
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "append and store": ("""
        def f(x):
            v = []
            for a in x:
                v.append(a * a)
            for i in range(1, len(v)):
                v[i] = v[i] + 0.5 * v[i - 1]
            return sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "while": ("""
        def f(x):
            n = len(x)
            v = [0.0] * n
            i = 0
            while i < n:
                v[i] = x[i] * (v[i - 1] + 1)
                i += 1
            s = 0.0
            while i > 0:
                i -= 1
                s = s * v[i] + v[i]
            return s
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "counts and floats": ("""
        def f(x, n):
            count = [0] * 3
            k = 3 * 1
            seen = [0] * (n + 1)
            total = [0.0] * (n + 1)
            for i in range(len(x)):
                b = i % (n + 1)
                seen[b] += 1
                total[b] += x[i] * seen[b]
            s = 0.0
            for b in range(n + 1):
                s += total[b] / max(seen[b], 1)
            return s
        """, lambda n: (grid(0.2, 0.5, 4), n), ("x",)),
    "positions": ("""
        def f(x):
            n = len(x)
            back = [0] * n
            for i in range(n):
                back[i] = (i * 2) % n
            t = 0.0
            for i in range(n):
                t += x[back[i]] * x[i]
            return t
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "branch": ("""
        def f(x):
            n = len(x)
            v = [0.0] * n
            for i in range(n):
                if x[i] > 0.3:
                    v[i] = x[i] ** 2
                else:
                    v[n - 1 - i] += x[i]
            if n > 2 and x[0] < 0.25:
                v[1] = v[1] * v[0]
            return np.sum(np.array(v) ** 2)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "old value kept": ("""
        def f(x):
            v = [0.0] * len(x)
            for i in range(len(x)):
                old = v[i]
                v[i] = x[i]
                v[i - 1] = v[i] * (old + 2)
            keep = np.array(v)
            for i in range(len(x)):
                v[i] = 0.0
            return np.sum(keep) + sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "asarray copy": ("""
        def f(x):
            v = [0.0] * len(x)
            for i in range(len(x)):
                v[i] = x[i] ** 2
            a = np.asarray(v)
            for i in range(len(x)):
                v[i] = 3.0 * a[i]
                a[i] = a[i] * v[i]
            return np.sum(a) + sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "append exp and store": ("""
        def f(x):
            v = []
            for a in x:
                v.append(np.exp(a))
            for i in range(1, len(v)):
                v[i] = v[i] * v[i - 1]
            return sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "append last and store": ("""
        def f(x):
            v = [1.0]
            for a in x:
                v.append(np.sin(v[-1] * a))
            for i in range(1, len(v)):
                v[i] = v[i] * v[i - 1]
            return sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "comprehension of exp": ("""
        def f(x):
            v = [np.exp(a) for a in x]
            w = [0.5 * a for a in v]
            for i in range(1, len(v)):
                v[i] = v[i] * w[i - 1]
                w[i] += v[i]
            return sum(v) * w[-1] if len(w) else 0.0
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "list in a list": ("""
        def f(x):
            v = [0.0] * len(x)
            outer = [v, v]
            for i in range(len(x)):
                outer[0][i] = x[i] ** 2
                outer[1][i] *= x[i]
            return sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "a list of places": ("""
        def f(x):
            n = len(x)
            v = [0] * n
            for i in range(n):
                v[i] = i // 2
            t = 0.0
            for i in range(n):
                t += x[v[i]]
            return t
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "appended lists": ("""
        def f(x):
            n = len(x)
            hist = []
            v = [1.0] * n
            for k in range(3):
                for i in range(n):
                    v[i] = v[i] * x[i] + 0.1
                hist.append(sum(v))
            return np.sum(np.array(hist) ** 2)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "break": ("""
        def f(x):
            n = len(x)
            v = [1.0] * (n + 1)
            for i in range(n):
                v[i + 1] = v[i] * (1 + x[i])
                if v[i + 1] > 1.5:
                    break
            return v[i + 1] + sum(v) if n else 0.0
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "call layer": ("""
        def f(x, n):
            def step(v, x):
                w = [0.0] * n
                for i in range(n):
                    w[i] = v[i] * x + 0.3
                return w
            v = [x] * n
            for k in range(3):
                v = step(v, x * x)
            return sum(v)
        """, lambda n: (0.7, n), ("x",)),
    "thomas": ("""
        def f(a, b, c, d):
            n = len(d)
            cp = [0.0] * n
            dp = [0.0] * n
            for i in range(n):
                m = b[i] - a[i] * cp[i - 1] if i > 0 else b[i]
                cp[i] = c[i] / m
                dp[i] = (d[i] - a[i] * dp[i - 1]) / m if i > 0 else d[i] / m
            x = [0.0] * n
            for i in range(n - 1, -1, -1):
                x[i] = dp[i] - cp[i] * x[i + 1] if i < n - 1 else dp[i]
            return sum(v * v for v in x)
        """, lambda n: tuple(grid(*e, n) for e in ((0.1, 0.3), (2.0, 3.0), (0.2, 0.5), (1.0, 2.0))),
               ("a", "b", "c", "d")),
    "in a dict": ("""
        def f(x):
            v = [0.0] * len(x)
            d = {"v": v, "n": len(x)}
            for i in range(d["n"]):
                d["v"][i] = x[i] ** 2 + v[i - 1]
            d["v"] = [2.0] * len(x)
            for i in range(d["n"]):
                v[i] = v[i] * d["v"][i]
                d["v"][i] = x[i]
            return sum(v) + sum(d["v"])
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
}

OTHERS = {
    "swap two": ("""
        def f(x):
            n = len(x)
            prev, cur = [1.0] * (n + 1), [0.0] * (n + 1)
            for i in range(n):
                for j in range(n):
                    cur[j + 1] = prev[j] * x[i] + cur[j] * x[j] + 1.0
                prev, cur = cur, prev
            return prev[n]
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "passed around": ("""
        def f(x, n):
            v = [0.0] * n
            state = (v, x)
            for i in range(n):
                u, y = state
                u[i] = y * y + i
                state = (u, y * 1.1)
            total = 0.0
            for i, a in enumerate(v):
                total += a * (i + 1)
            return total
        """, lambda n: (0.7, n), ("x",)),
    "slices": ("""
        def f(x):
            n = len(x)
            v = [0.0] * n
            for i in range(n):
                v[i] = x[i] ** 2
            w = v[:]
            for i in range(n):
                w[i] = w[i] * v[n - 1 - i]
            return np.dot(v, w)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "append and store in one": ("""
        def f(x):
            v = []
            for i in range(len(x)):
                v.append(np.exp(x[i]))
                v[i // 2] = v[i // 2] * v[i]
            return sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "rows shared": ("""
        def f(x, m):
            n = len(x)
            D = [[0.0] * n] * m
            for i in range(m):
                for j in range(n):
                    D[i][j] += x[j] * (i + 1)
            t = 0.0
            for i in range(m):
                for j in range(n):
                    t += D[i][j] ** 2
            return t
        """, lambda n: (grid(0.2, 0.5, n), 3), ("x",)),
    "rebuilt": ("""
        def f(x):
            n = len(x)
            v = [1.0] * n
            for k in range(3):
                w = [0.0] * n
                for i in range(n):
                    w[i] = v[i] * x[i] + v[i - 1]
                v = [a * 0.5 for a in w]
            return sum(v)
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
    "list appended": ("""
        def f(x):
            n = len(x)
            hist = []
            for k in range(3):
                v = [1.0] * n
                for i in range(n):
                    v[i] = v[i] * x[i] * k + 0.1
                hist.append(v)
            t = 0.0
            for v in hist:
                t = t * 0.5 + sum(v)
            return t
        """, lambda n: (grid(0.2, 0.5, n),), ("x",)),
}


def program(name):
    text, arguments, wrt = {**LOOPS, **OTHERS}[name]
    return function(text), arguments, wrt


@pytest.mark.parametrize("name", [*LOOPS, *OTHERS])
def test_gradient(name):
    f, arguments, wrt = program(name)
    for n in SIZES:
        assert_gradient(f, arguments(n), wrt, rtol=1e-5)


@pytest.mark.parametrize("name", LOOPS)
def test_the_text_does_not_grow(name):
    if NUMPY_1 and name == "filled with an active number":
        pytest.skip("in NumPy 1 the dtype of an array of np.float64 and numbers is asked of their values")
    f, arguments, wrt = program(name)
    lines = []
    for n in (4, 7):
        df = grad(f, wrt=wrt)
        df(*arguments(n))
        lines.append(len(df.source.splitlines()))
    assert lines[0] == lines[1] < 110


@pytest.mark.parametrize("name", [name for name in LOOPS if name not in ("knapsack",)])
def test_second_order(name):
    f, arguments, wrt = program(name)
    assert_second(f, *arguments(3), wrt=wrt)


@pytest.mark.parametrize("name", ["prefix", "two names", "filled with an active number", "helper", "break"])
def test_jvp(name):
    f, arguments, wrt = program(name)
    args = arguments(4)
    way = tuple(np.cos(arg) for arg in args[:len(wrt)])
    _, tangent = revad.jvp(f, wrt=wrt)(*args, tangents=way)
    gradients = numeric_gradient(f, args, wrt)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    expected = sum(np.sum(gradient * along) for gradient, along in zip(gradients, way))
    np.testing.assert_allclose(tangent, expected, rtol=1e-6)


RETURNED = """
    def f(x):
        n = len(x)
        v = [0.0] * n
        for i in range(n):
            v[i] = x[i] ** 2 + v[i - 1]
        w = [1] * n
        for i in range(1, n):
            w[i] = w[i - 1] * v[i]
        return v, sum(w), {"w": w, "n": n}
    """


@pytest.mark.parametrize("share", [1.0, 0.5, 0.0])
def test_lists_that_are_returned(share):
    f, rng = function(RETURNED), np.random.default_rng(3)
    df = grad(f)
    for n in SIZES:
        x = grid(0.2, 0.9, n)
        full = random_dout(f, (x,))
        dout = thinned(full, lambda: rng.random() < share)
        out, cache = df.forward(x)
        assert [type(part) for part in out] == [list, *map(type, f(x)[1:])]
        expected = numeric_gradient(f, (x,), dout=filled(dout, full))
        for (path, part), (_, wanted) in zip(leaves(df.backward(dout, cache)), leaves(expected), strict=True):
            np.testing.assert_allclose(part, wanted, rtol=1e-6, atol=1e-7, err_msg=str(path))


def test_the_text_of_backward_induction():
    f, arguments, wrt = program("backward induction")
    df = grad(f, wrt=wrt)
    df(*arguments(4))
    text = df.source
    assert "v = [0.0] * (n + 1)" in text and ".copy()" not in text
    assert "dv[i + 1] += q * da" in text


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision(dtype):
    f = function("""
        def f(x):
            v = [0.0] * len(x)
            for i in range(len(x)):
                v[i] = v[i - 1] + x[i] * x[i]
            return np.sum(np.array(v))
        """)
    x = grid(0.1, 0.7, 4).astype(dtype)
    dx = grad(f)(x)
    assert dx.dtype == dtype
    np.testing.assert_allclose(dx, 2 * x * np.arange(4, 0, -1), rtol=1e-5)


@pytest.mark.parametrize("line", [
    "v = v + [x[0]]", "v *= 2", "v.append(x[0])", "v = v[1:] + v[:1]", "v = v[::-1]", "v.insert(0, x[0])",
    "del v[0]", "v = sorted(v)", "v = list(v)", "v = v.copy()", "v = tuple(v)", "a, b = v[0], max(v)",
    "v.pop()", "v += [x[1]]", "w = v[:]\n    v[0] = x[1]\n    v = w", "w = np.asarray(v)\n    w[0] = x[1]",
    "v = v if v else [x[0]]", "v, w = [x[0] * a for a in v], v", "v = [v[i] for i in (1, 0)]",
    "v[0], v[1] = v[1], v[0]", "v = list(reversed(v))", "w = v\n    v = [x[0]] * 2\n    w[0] = x[1]"])
def test_what_only_a_list_can_do(line):
    f = function(f"""
        def f(x, n):
            v = [0.0] * n
            for i in range(n):
                v[i] = x[i] ** 2 + v[i - 1]
            {line.replace(chr(10), chr(10) + "        ")}
            t = 1.0
            for i in range(len(v)):
                t = t * 0.5 + v[i] * x[i % n]
            return t + v[-1]
        """)
    assert_gradient(f, (grid(0.2, 0.9, 3), 3), ("x",))
