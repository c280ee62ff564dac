"""Lists of lists that loops store into count as arrays: the loops stay loops, whatever the lengths.

Lists whose rows are one list, are of other lengths, or are used as only lists can be, are written out, and
right, too.
"""
import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient
from from_text import assert_second, function

from revad import grad


def grid(first, last, *shape):
    return np.linspace(first, last, int(np.prod(shape))).reshape(shape)


LOOPS = {
    "edit": ("""
        def f(x, y, gap):
            n, m = len(x), len(y)
            d = [[0.0] * (m + 1) for _ in range(n + 1)]
            for i in range(n + 1):
                d[i][0] = i * gap
            for j in range(m + 1):
                d[0][j] = j * gap
            for i in range(1, n + 1):
                for j in range(1, m + 1):
                    swap = d[i - 1][j - 1] + (x[i - 1] - y[j - 1]) ** 2
                    d[i][j] = min(d[i - 1][j] + gap, d[i][j - 1] + gap * 1.1, swap)
            return d[n][m]
        """, lambda n: (grid(0.2, 1.7, n), grid(0.1, 1.3, n + 1)**2, 0.3), ("x", "y", "gap")),
    "edit int": ("""
        def f(x, y, gap):
            n, m = len(x), len(y)
            d = [[0 for j in range(m + 1)] for i in range(n + 1)]
            for i in range(1, n + 1):
                d[i][0] = i * gap
            for j in range(1, m + 1):
                d[0][j] = j * gap
            for i in range(1, n + 1):
                for j in range(1, m + 1):
                    cost = (x[i - 1] - y[j - 1]) ** 2
                    d[i][j] = min(d[i - 1][j] + gap, d[i][j - 1] + gap * 1.1, d[i - 1][j - 1] + cost)
            return d[-1][-1]
        """, lambda n: (grid(0.2, 1.7, n), grid(0.1, 1.3, n + 1) ** 2, 0.3), ("x", "y", "gap")),
    "matrix chain": ("""
        def f(p):
            n = len(p) - 1
            m = [[0.0] * n for _ in range(n)]
            for length in range(2, n + 1):
                for i in range(n - length + 1):
                    j = i + length - 1
                    m[i][j] = float("inf")
                    for k in range(i, j):
                        cost = m[i][k] + m[k + 1][j] + p[i] * p[k + 1] * p[j + 1]
                        if cost < m[i][j]:
                            m[i][j] = cost
            return m[0][n - 1]
        """, lambda n: (np.array([3.0, 1.7, 2.2, 4.1, 1.1, 2.9, 0.7, 3.3, 1.4])[:n + 2],), ("p",)),
    "floyd": ("""
        def f(w):
            n = len(w)
            d = [[w[i][j] for j in range(n)] for i in range(n)]
            for k in range(n):
                for i in range(n):
                    for j in range(n):
                        d[i][j] = min(d[i][j], d[i][k] + d[k][j])
            total = 0.0
            for i in range(n):
                for j in range(n):
                    total += d[i][j] ** 2
            return total
        """, lambda n: ((np.cos(grid(0, 60, n, n))+ 1.5),), ("w",)),
    "life": ("""
        def f(a, steps):
            n = len(a)
            g = [[a[i] * 0.1 * (j + 1) for j in range(n)] for i in range(n)]
            for _ in range(steps):
                new = [[0.0] * n for _ in range(n)]
                for i in range(n):
                    for j in range(n):
                        s = g[i - 1][j] + g[(i + 1) % n][j] + g[i][j - 1] + g[i][(j + 1) % n]
                        new[i][j] = np.tanh(s * g[i][j]) + 0.5
                g = new
            t = 0.0
            for row in g:
                for v in row:
                    t += v * v
            return t
        """, lambda n: (grid(0.2, 1.3, n), 3), ("a",)),
    "grid paths": ("""
        def f(cost):
            n, m = len(cost), len(cost[0])
            best = [[0.0] * m for _ in range(n)]
            best[0][0] = cost[0][0]
            for j in range(1, m):
                best[0][j] = best[0][j - 1] + cost[0][j]
            for i in range(1, n):
                best[i][0] = best[i - 1][0] + cost[i][0]
                for j in range(1, m):
                    best[i][j] = cost[i][j] + min(best[i - 1][j], best[i][j - 1])
            return best[n - 1][m - 1]
        """, lambda n: (np.cos(grid(0, 50, n, n + 1))+ 1.5,), ("cost",)),
    "row in place": ("""
        def f(x, m):
            n = len(x)
            t = [[1.0] * m for _ in range(n)]
            for i in range(n):
                row = t[i]
                for j in range(m):
                    row[j] = x[i] * row[j - 1] + j
                    t[i - 1][j] += row[j]
            s = 0.0
            for row in t:
                s += sum(row) * row[0]
            return s
        """, lambda n: (grid(0.2, 1.3, n), 3), ("x",)),
    "stores into the rows of a loop": ("""
        def f(x, m):
            n = len(x)
            t = [[1.0] * m for _ in range(n)]
            k = 0
            for row in t:
                for j in range(m):
                    row[j] = x[k] * row[j - 1] + j
                k += 1
            for i, row in enumerate(t):
                row[0] *= x[i]
            s = 0.0
            for a, b in zip(t, reversed(t)):
                s += a[0] * b[m - 1]
            return s
        """, lambda n: (grid(0.2, 1.3, n), 3), ("x",)),
    "appended rows": ("""
        def f(x, m):
            rows = []
            for a in x:
                row = [0.0] * m
                for j in range(m):
                    row[j] = a * row[j - 1] + np.sin(a * j)
                rows.append(row)
            s = 0.0
            for i in range(len(rows)):
                for j in range(m):
                    s += rows[i][j] * rows[i - 1][j]
            return s
        """, lambda n: (grid(0.2, 1.3, n), 3), ("x",)),
    "pascal rows": ("""
        def f(x, n):
            m = n + 1
            rows = []
            prev = [1.0] * m
            for i in range(n):
                cur = [0.0] * m
                for j in range(m):
                    cur[j] = prev[j] * x + prev[j - 1]
                rows.append(cur)
                prev = cur
            s = prev[0]
            for row in rows:
                s = s * 0.5 + sum(row)
            return s
        """, lambda n: (0.7, n), ("x",)),
    "two tables": ("""
        def f(x, n):
            a = [[0.0] * n for _ in range(n)]
            b = [[1.0] * n for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    a[i][j] = x * (i + 1) + b[i - 1][j]
                    b[j][i] = a[i][j] * x - b[i][j - 1]
            s = 0.0
            for i in range(n):
                for j in range(n):
                    s += a[i][j] * b[j][i]
            return s
        """, lambda n: (0.7, n), ("x",)),
    "helper fills": ("""
        def f(x, n):
            def table(n, m):
                return [[0.0] * m for _ in range(n)]
            def fill(t, s):
                for i in range(len(t)):
                    for j in range(len(t[i])):
                        t[i][j] = s * x + i * j + t[i - 1][j]
            t = table(n, n + 1)
            fill(t, 2.0)
            u = table(n + 1, n)
            fill(u, x)
            s = 0.0
            for i in range(n):
                for j in range(n):
                    s += t[i][j] * u[j][i]
            return s
        """, lambda n: (0.7, n), ("x",)),
    "an array of it": ("""
        def f(x, n):
            t = [[0.0] * n for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    t[i][j] = x ** i * (j + 1)
            a = np.array(t)
            t[0][0] = x * x
            return np.sum(a @ a) + t[0][0]
        """, lambda n: (0.7, n), ("x",)),
    "break": ("""
        def f(x):
            n = len(x)
            t = [[1.0] * n for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    if j > i:
                        break
                    if (i + j) % 3 == 1:
                        continue
                    t[i][j] = t[i - 1][j] * x[i] + t[i][j - 1] * x[j]
            s = 0.0
            for i in range(n):
                s += t[i][i] + t[-1][i]
            return s
        """, lambda n: (grid(0.2, 1.3, n),), ("x",)),
    "old row kept": ("""
        def f(x, n):
            t = [[x] * n for _ in range(n)]
            for k in range(n):
                for i in range(n):
                    t[i][k] = t[i][k] * t[k][i] + 0.1
                s = 0.0
                for row in t:
                    s += sum(row)
                t[k][0] = s * 0.1
            return s + t[0][0] if n else x
        """, lambda n: (0.7, n), ("x",)),
    "matmul": ("""
        def f(A, B):
            n, m, k = len(A), len(B[0]), len(B)
            C = [[0.0] * m for _ in range(n)]
            for i in range(n):
                for j in range(m):
                    for p in range(k):
                        C[i][j] += A[i][p] * B[p][j]
            s = 0.0
            for row in C:
                for v in row:
                    s += np.sin(v)
            return s
        """, lambda n: (grid(0.2, 1.3, n, n + 1), grid(0.5, 2.0, n + 1, n)), ("A", "B")),
    "lcs soft": ("""
        def f(s, n, m, beta):
            dp = []
            for i in range(n + 1):
                dp.append([0.0] * (m + 1))
            for i in range(1, n + 1):
                for j in range(1, m + 1):
                    up, left = np.exp(beta * dp[i - 1][j]), np.exp(beta * dp[i][j - 1])
                    both = np.exp(beta * (dp[i - 1][j - 1] + s[i - 1, j - 1]))
                    dp[i][j] = np.log(up + left + both) / beta
            return dp[n][m]
        """, lambda n: (grid(0.2, 1.3, n, n + 1), n, n + 1, 1.3), ("s", "beta")),
    "interval": ("""
        def f(freq):
            n = len(freq)
            cost = [[0.0] * (n + 1) for _ in range(n + 2)]
            prefix = [0.0] * (n + 1)
            for i in range(n):
                prefix[i + 1] = prefix[i] + freq[i]
            for size in range(1, n + 1):
                for i in range(1, n - size + 2):
                    j = i + size - 1
                    best = float("inf")
                    for r in range(i, j + 1):
                        c = cost[i][r - 1] + cost[r + 1][j]
                        best = min(best, c)
                    cost[i][j] = best + prefix[j] - prefix[i - 1]
            return cost[1][n]
        """, lambda n: (np.array([0.3, 0.12, 0.44, 0.25, 0.61, 0.17, 0.09, 0.52])[:n + 1],), ("freq",)),
}

OTHERS = {
    "prev stored after push": ("""
        def f(x, n):
            m = n + 1
            rows = []
            prev = [1.0] * m
            for i in range(n):
                cur = [0.0] * m
                for j in range(m):
                    cur[j] = prev[j] * x + prev[j - 1]
                rows.append(cur)
                prev[0] = 7.0 * x
                prev = cur
            s = prev[0]
            for i in range(n):
                for j in range(m):
                    s += rows[i][j] ** 2 * (i + j)
            return s
        """, lambda n: (0.7, n), ("x",)),
    "same row pushed": ("""
        def f(x, n):
            row = [x] * (n + 1)
            rows = []
            for i in range(n):
                rows.append(row)
            for i in range(n):
                for j in range(n):
                    rows[i][j] = rows[i - 1][j] * x + rows[i][j - 1]
            s = row[0]
            for i in range(n):
                for j in range(n):
                    s += rows[i][j] * (i + 2 * j)
            return s
        """, lambda n: (0.7, n), ("x",)),
    "last row stored later": ("""
        def f(x, n):
            rows = []
            for i in range(n):
                row = [x * i] * (n + 1)
                rows.append(row)
            row[0] = x * x
            for i in range(n):
                for j in range(n):
                    rows[i][j] = rows[i - 1][j] * x + rows[i][j - 1]
            s = row[0]
            for i in range(n):
                for j in range(n):
                    s += rows[i][j] * (i + 2 * j)
            return s
        """, lambda n: (0.7, n + 1), ("x",)),
    "rows in two lists": ("""
        def f(x, n):
            a, b = [], []
            for i in range(n):
                row = [x] * n
                a.append(row)
                b.append(row)
            for i in range(n):
                for j in range(n):
                    a[i][j] = x * (i + 1) + a[i - 1][j]
            s = 0.0
            for i in range(n):
                for j in range(n):
                    s += b[i][j] ** 2
            return s
        """, lambda n: (0.7, n), ("x",)),
    "3d": ("""
        def f(x, n):
            t = [[[0.0] * 2 for _ in range(n)] for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    for k in range(2):
                        t[i][j][k] = t[i - 1][j][k] * x + t[i][j - 1][1 - k] + k + 1
            s = 0.0
            for i in range(n):
                for j in range(n):
                    s += t[i][j][0] * t[j][i][1]
            return s
        """, lambda n: (0.7, n), ("x",)),
    "row store": ("""
        def f(x, n):
            t = [[0.0] * n for _ in range(n + 1)]
            for i in range(n):
                t[i + 1] = [x * v + i for v in t[i]]
            s = 0.0
            for row in t:
                for v in row:
                    s += v * v
            return s
        """, lambda n: (0.7, n), ("x",)),
    "swap rows": ("""
        def f(x, n):
            t = [[x * (i + j) for j in range(n)] for i in range(n)]
            for i in range(n - 1):
                t[i], t[i + 1] = t[i + 1], t[i]
                for j in range(n):
                    t[i][j] = t[i][j] * x
            s = 0.0
            for i in range(n):
                for j in range(n):
                    s += t[i][j] * (i + 1)
            return s
        """, lambda n: (0.7, n), ("x",)),
    "rows times": ("""
        def f(x, n):
            t = [[0.0] * n] * n
            for i in range(n):
                for j in range(n):
                    t[i][j] = x * i + t[i - 1][j]
            s = 0.0
            for i in range(n):
                for j in range(n):
                    s += t[i][j] * (i + 1)
            return s
        """, lambda n: (0.7, n), ("x",)),
    "zip star": ("""
        def f(x, n):
            t = [[0.0] * n for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    t[i][j] = x * (i + 1) + j
            s = 0.0
            for col in zip(*t):
                s += col[0] * sum(col)
            return s
        """, lambda n: (0.7, n), ("x",)),
    "ragged": ("""
        def f(x, n):
            t = [[0.0] * (i + 1) for i in range(n)]
            for i in range(n):
                t[i][0] = x
                for j in range(1, i):
                    t[i][j] = x * t[i - 1][j - 1] + t[i - 1][j]
            s = 0.0
            for row in t:
                for v in row:
                    s += v * v
            return s
        """, lambda n: (0.7, n), ("x",)),
    "slice of row": ("""
        def f(x, n):
            t = [[0.0] * n for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    t[i][j] = x * (i + 1) + j
            s = 0.0
            for row in t:
                s += sum(row[1:]) * max(row)
            return s
        """, lambda n: (0.7, n + 1), ("x",)),
    "pivot": ("""
        def f(A, b):
            n = len(b)
            M = [[A[i][j] for j in range(n)] + [b[i]] for i in range(n)]
            for k in range(n):
                for i in range(k + 1, n):
                    q = M[i][k] / M[k][k]
                    for j in range(k, n + 1):
                        M[i][j] -= q * M[k][j]
            x = [0.0] * n
            for i in range(n - 1, -1, -1):
                s = M[i][n]
                for j in range(i + 1, n):
                    s -= M[i][j] * x[j]
                x[i] = s / M[i][i]
            return sum(v * v for v in x)
        """, lambda n: (np.cos(grid(0, 50, n, n))+3*np.eye(n), grid(0.5, 2.0, n)), ("A", "b")),
    "viterbi list": ("""
        def f(obs, trans, emit):
            T, S = len(obs), len(trans)
            v = [[emit[s][0] for s in range(S)]]
            for t in range(1, T):
                row = []
                for s in range(S):
                    best = v[t - 1][0] + trans[0][s]
                    for r in range(1, S):
                        best = max(best, v[t - 1][r] + trans[r][s])
                    row.append(best + emit[s][obs[t]])
                v.append(row)
            return max(v[-1])
        """, lambda n: (np.arange(n + 1) % 2, np.cos(grid(0, 50, 3, 3)), np.sin(grid(0, 9, 3, 2))),
               ("trans", "emit")),
}


def program(name):
    text, arguments, wrt = {**LOOPS, **OTHERS}[name]
    return function(text), arguments, wrt


@pytest.mark.parametrize("name", [*LOOPS, *OTHERS])
def test_gradient(name):
    f, arguments, wrt = program(name)
    for n in (3, 1, 0):
        try:
            f(*arguments(n))
        except (IndexError, ValueError):
            continue        # it reads what is not there
        if n == 0 and name == "zip star":
            continue        # refused: no columns
        assert_gradient(f, arguments(n), wrt, rtol=1e-5)


@pytest.mark.parametrize("name", LOOPS)
def test_the_text_does_not_grow(name):
    f, arguments, wrt = program(name)
    texts = []
    for n in (4, 6):
        df = grad(f, wrt=wrt)
        df(*arguments(n))
        texts.append(df.source)
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", ["edit", "row in place", "pascal rows"])
def test_second_order(name):
    f, arguments, wrt = program(name)
    assert_second(f, *arguments(2), wrt=wrt)


def test_the_text_of_edit_distances():
    f, arguments, wrt = program("edit")
    df = grad(f, wrt=wrt)
    df(*arguments(3))
    assert "d[i][j] = min(" in df.source and "dd[i - 1, j - 1] +=" in df.source


def test_a_table_that_is_returned():
    f = function("""
        def f(x, n):
            t = [[0.0] * (n + 1) for _ in range(n)]
            for i in range(n):
                for j in range(n):
                    t[i][j] = x ** i * (j + 1) + t[i - 1][j]
            return t
        """)
    for n in (3, 1):
        out, cache = grad(f, wrt="x").forward(1.3, n)
        assert out == f(1.3, n)
        dout = [[np.cos(i + 2 * j) for j in range(n + 1)] for i in range(n)]
        (_, expected), = leaves(numeric_gradient(f, (1.3, n), "x", dout=dout))
        np.testing.assert_allclose(grad(f, wrt="x").backward(dout, cache), expected, rtol=1e-6)


def test_a_pair_is_no_subscript_of_a_list():
    f = function("""
        def f(x, n):
            t = [[0.0] * n for _ in range(n)]
            for i in range(n):
                t[i, i] = x
            return t[0][0]
        """)
    with pytest.raises(Exception, match="list indices|subscript|store into"):
        grad(f, wrt="x")(0.3, 2)
