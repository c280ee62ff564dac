"""Lists of numbers that are arguments and that loops read at any place: one text for any number of them."""
import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, random_dout
from from_text import function

from revad import grad, hessian

WARP = """
    def f(x, y, gamma):
        n, m = len(x), len(y)
        table = [[1e10] * (m + 1) for _ in range(n + 1)]
        table[0][0] = 0.0
        for i in range(1, n + 1):
            for j in range(1, m + 1):
                a, b, c = table[i - 1][j - 1], table[i - 1][j], table[i][j - 1]
                low = -gamma * np.log(np.exp(-a / gamma) + np.exp(-b / gamma) + np.exp(-c / gamma))
                table[i][j] = (x[i - 1] - y[j - 1])**2 + low
        return table[n][m]
    """
CONVOLUTION = """
    def f(x, c):
        def at(a, b, k):
            t = 0.0
            for i in range(k + 1):
                t += a[i] * b[k - i]
            return t
        s = 0.0
        for k in range(len(x)):
            s += at(x, x, k) * c ** k
        return s
    """
INCREASING = """
    def f(x, k):
        best = [0.0] * len(x)
        for i in range(len(x)):
            best[i] = x[i] * k
            for j in range(i):
                if x[j] < x[i]:
                    best[i] = max(best[i], best[j] + x[i] * x[j])
        return sum(best) + x[-1] + np.sum(np.array(x) ** 2)
    """
PAIRS = """
    def f(x, k):
        s = 0.0
        for i in range(len(x)):
            for j in range(i + 1):
                s += x[j] * x[i - j] * k
        {line}
        return s
    """


def wave(n, start=0.3):
    return [start + 0.4 * ((3 * i) % 5) + 0.1 * i for i in range(n)]


LOOPS = {
    "warp": (WARP, lambda n: (wave(n), wave(n + 2, 0.1), 0.7), ("x", "y", "gamma")),
    "convolution": (CONVOLUTION, lambda n: (wave(n), 0.9), ("x", "c")),
    "increasing": (INCREASING, lambda n: (wave(n + 1), 1.3), ("x", "k")),
    "increasing, NumPy's": (INCREASING, lambda n: (list(np.array(wave(n + 1))), 1.3), ("x", "k")),
}


@pytest.mark.parametrize("name", LOOPS)
def test_one_text_for_any_number(name):
    text, arguments, wrt = LOOPS[name]
    f, texts = function(text), []
    for n in (3, 1, 0):
        assert_gradient(f, arguments(n), wrt)
    df = grad(f, wrt=wrt)
    for n in (3, 5):
        dx, *_ = df(*arguments(n))
        assert type(dx) is list and {*map(type, dx)} == {float}
        texts.append(df.source)
    assert texts[0] is texts[1]     # not compiled again


@pytest.mark.parametrize("line", [
    "s += x[0] * (x * 2)[1]", "y = x[::-1]; s += y[0]", "y = x.copy(); y[0] = s; s += y[0] * y[1]",
    "y = x; y[0] = s; s += x[0]", "x.append(s); s += x[-1]", "a, *b = x; s += a * sum(b)",
    "s += max(x)", "s += 3.0 if isinstance(x, list) else 1.0", "x += [s]; s += x[-1]",
    "x[0] = 2.0; s += x[0] * x[1]", "y = [x, x]; s += y[1][0] * y[0][1]", "s += x[-1] * x[len(x) - 1]"])
def test_what_only_a_list_can_do(line):
    assert_gradient(function(PAIRS.format(line=line)), (wave(3), 0.9), ("x", "k"))


def test_a_list_that_is_returned():
    f = function("""
        def f(x):
            v = [0.0] * len(x)
            for i in range(len(x)):
                for j in range(i + 1):
                    v[i] += x[j] * x[i]
            return v, x
        """)
    for n in (3, 1):
        x = wave(n)
        dout = random_dout(f, (x,))
        out, cache = grad(f).forward(x)
        assert out == f(x)
        for (_, part), (_, wanted) in zip(leaves(grad(f).backward(dout, cache)),
                                          leaves(numeric_gradient(f, (x,), dout=dout)), strict=True):
            np.testing.assert_allclose(part, wanted, rtol=1e-6)


@pytest.mark.parametrize("lines", ["s += x[i] * x[j] * w[i - j]", "s = s * x[i - j] + w[j]**2 * x[i]"])
@pytest.mark.parametrize("n", [0, 1, 3])
def test_second_derivatives(lines, n):
    """The text of the first derivative ends with dx.tolist()."""
    f = function("def f(x, w):\n    s = 1.0\n    for i in range(len(x)):\n        for j in range(i + 1):\n"
                 f"            {lines}\n    return s * s")
    x, w = [0.3, -0.4, 1.2][:n], [0.5, 0.6, 0.7][:n]
    gradient = grad(f, wrt="x")
    gradient(x, w)
    assert ".tolist()" in gradient.source or n < 2
    h = np.array(hessian(f, wrt="x")(x, w)).reshape(n, n)
    for k in range(n):
        moved = [[v + (i == k) * step for i, v in enumerate(x)] for step in (1e-6, -1e-6)]
        high, low = (np.array(gradient(other, w)) for other in moved)
        np.testing.assert_allclose(h[k], (high - low) / 2e-6, rtol=1e-5, atol=1e-7)
