"""Lists whose length shows only while running: filled in a loop that stays a loop, read afterwards."""

import linecache

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import assert_second, function
from test_second_order import compiled, with_squares

import revad

RANDOM = np.random.default_rng(7)
X, Y, W, U = (RANDOM.normal(size=shape) for shape in ((5, 2), (5, 3), (2, 3), (3, 3)))


def made(body, parameters="x, w"):
    """A function of a body, with its source where inspect finds it."""
    text = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    name = f"<list {abs(hash(text))}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"np": np, "step": step, "roll": roll}
    exec(compile(text, name, "exec"), namespace)
    return namespace["f"]


def step(h, x, w):
    return np.tanh(x @ w + h)


def roll(x, w):
    hs = []
    h = np.zeros(w.shape[1])
    for t in range(len(x)):
        h = step(h, x[t], w)
        hs.append(h)
    return hs, h


def assert_loop(function, *args, rounds=2):
    """Right, and not written out: the text is as long for more rounds."""
    gradient = revad.grad(function)
    gradient(*args)
    assert ".append(" in gradient.source, gradient.source
    more = revad.grad(function)
    more(*[np.concatenate([a] * rounds) if i == 0 and isinstance(a, np.ndarray) else a
           for i, a in enumerate(args)])
    assert gradient.source == more.source
    assert_gradient(function, args)


FILL = """
hs = []
h = np.zeros(w.shape[1])
for t in range(len(x)):
    h = np.tanh(x[t] @ w + h)
    hs.append(h)
"""

READ = {
    "stack": "return np.sum(np.stack(hs)**3)",
    "stack of another axis": "return np.sum(np.stack(hs, axis=1)[0]**3)",
    "array": "return np.sum(np.array(hs)**2 * h)",
    "asarray": "return np.sum(np.asarray(hs).T @ x)",
    "concatenate": "return np.sum(np.concatenate(hs)**3)",
    "mean": "return np.mean(hs)**2",
    "exp": "return np.sum(np.exp(hs))",
    "sum over an axis": "return np.sum(np.sum(hs, axis=0)**3)",
    "sum": "return np.sum(sum(hs)**2)",
    "items": "loss = 0.0\nfor v in hs:\n    loss += np.sum(v**3)\nreturn loss",
    "reversed": "loss = 0.0\nfor v in reversed(hs):\n    loss = 0.5 * loss + np.sum(v**3)\nreturn loss",
    "enumerate": "loss = 0.0\nfor i, v in enumerate(hs):\n    loss += i * np.sum(v**3)\nreturn loss",
    "zip": "loss = 0.0\nfor v, r in zip(hs, x):\n    loss += np.sum(v**3) * r[0]\nreturn loss",
    "zip of the same": "loss = 0.0\nfor v, r in zip(reversed(hs), reversed(hs)):\n"
                       "    loss += np.sum(v * r) * v[0]\nreturn loss",
    "places": "return np.sum(hs[0]**2 * hs[-1]) + hs[1][2] * hs[-2][0]",
    "place from the end in a loop": "loss = 1.0\nfor t in range(len(x)):\n"
                                    "    loss = np.sin(loss) + np.sum(hs[-1 - t]**2)\nreturn loss",
    "place in a loop": "loss = 1.0\nfor t in range(1, len(x)):\n"
                       "    loss = np.sin(loss) + np.sum(hs[t] * hs[t - 1])\nreturn loss",
    "length": "return np.sum(hs[-1]) / len(hs)",
    "only the last": "return np.sum(h**3)",
    "more at the end": "hs.append(h**2)\nreturn np.sum(np.stack(hs)**2) + np.sum(hs[-1] * hs[0])",
    "read, then longer": "a = np.sum(np.stack(hs)**2)\nhs.append(h * 2)\nb = np.sum(np.stack(hs)**3)\n"
                         "return a * b",
    "another name": "others = hs\nothers.append(h * 2)\nreturn np.sum(np.stack(hs)**3)",
    "in a dict": "d = {'hs': hs}\nreturn np.sum(np.stack(d['hs'])**3)",
    "in a branch only": "if h[0] > -1e9:\n    gs = [h, h**2]\nelse:\n    gs = [h]\n"
                        "return np.sum(np.stack(gs)**2) + np.sum(hs[0])",
    "branch": "if h[0] > 0:\n    s = np.sum(np.stack(hs))\nelse:\n    s = np.sum(hs[0]**3)\nreturn s",
    "longer in a branch": "if np.sum(h) > -1e9:\n    hs.append(h**2)\nreturn np.sum(np.stack(hs)**3)",
}


@pytest.mark.parametrize("name", READ)
def test_what_is_read_of_a_list(name):
    assert_loop(made(FILL + READ[name]), X, W)


FILLS = {
    "numbers": "xs = []\nfor t in range(len(x)):\n    xs.append(np.sum(x[t] @ w)**2)\n"
               "return np.sum(np.array(xs)**2) + xs[0]",
    "python numbers": "xs = []\ns = 1.0\nfor t in range(len(x)):\n    s = s * 0.5\n"
                      "    xs.append(s * w[0, 0])\nreturn sum(xs) * xs[-1]",
    "first one": "xs = [w[0]]\nfor t in range(len(x)):\n    xs.append(np.sin(xs[-1]) * x[t, 0])\n"
                 "return np.sum(np.stack(xs)**2)",
    "first one, only the last": "xs = [w[0]]\nfor t in range(len(x)):\n"
                                "    xs.append(np.sin(xs[-1]) * x[t, 0])\nreturn np.sum(xs[-1]**2)",
    "first two": "xs = [w[0], w[1]]\nfor t in range(len(x)):\n"
                 "    xs.append(np.sin(xs[-1]) * xs[-2] + x[t, 0])\n"
                 "return np.sum(np.stack(xs)**2)",
    "range from 1": "xs = [w[0]]\nfor t in range(1, len(x)):\n"
                    "    xs.append(np.sin(xs[t - 1]) * x[t, 0])\nreturn np.sum(np.stack(xs)**2)",
    "two in a round": "xs = []\nfor t in range(len(x)):\n    xs.append(w[0] * x[t, 0])\n"
                      "    xs.append(w[1] * x[t, 1]**2)\n"
                      "return np.sum(np.stack(xs)**3)",
    "two lists": "xs, ys = [], []\nfor t in range(len(x)):\n    xs.append(x[t, 0] * w[0])\n"
                 "    ys.append(np.sum(xs[-1]))\n"
                 "s = 0.0\nfor a, b in zip(xs, ys):\n    s += np.sum(a**2) * b\nreturn s",
    "comprehension": "xs = [np.tanh(r @ w) for r in x]\nreturn np.sum(np.stack(xs)**2)",
    "comprehension of a list": "xs = [np.tanh(r @ w) for r in x]\nys = [v**2 for v in xs]\n"
                               "return np.sum(sum(ys)**2)",
    "comprehension of two": "xs = [np.sum(r @ w) for r in x]\n"
                            "return sum([a * b for a, b in zip(xs, x[:, 0])])",
    "rows": "xs = []\nfor r in x:\n    xs.append(r @ w)\nreturn np.sum(np.array(xs)**3)",
    "backwards": "xs = []\ns = w[0]\nfor t in reversed(range(len(x))):\n    s = np.sin(s) * x[t, 0]\n"
                 "    xs.append(s)\n"
                 "return np.sum(np.stack(xs)**2 * x[:, :1])",
    "the same twice": "xs = []\nh = w[0]\nfor t in range(len(x)):\n    xs.append(h)\n"
                      "    h = np.sin(h) * x[t, 0]\n"
                      "    h = h * np.sum(xs[-1])\nreturn np.sum(np.stack(xs)**2) + np.sum(h)",
    "+=": "xs = []\nfor t in range(len(x)):\n    xs += [x[t] @ w]\nreturn np.sum(np.stack(xs)**2)",
    "a call": "hs, h = roll(x, w)\nreturn np.sum(np.stack(hs)**2) * h[0]",
    "two calls": "hs, h = roll(x, w)\nmore, g = roll(np.stack(hs)[:, :2], w)\n"
                 "return np.sum(np.stack(more) * np.stack(hs)) * g[0]",
    "a list of a list": "hs, h = roll(x, w)\ngs = []\nfor v in hs:\n    gs.append(v**2)\ns = 0.0\n"
                        "for a, b in zip(hs, gs):\n    s += a @ b\nreturn s",
    "values of a row": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t, 0])\n"
                       "return np.sum(np.array(xs) @ x)",
    "other list of the name": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\n"
                              "a = np.sum(np.stack(xs))\nxs = []\n"
                              "for t in range(len(x)):\n    xs.append(a * x[t])\n"
                              "return np.sum(np.stack(xs)**2)",
    "break": "xs = []\ns = w[0]\nfor t in range(len(x)):\n    s = np.sin(s) + x[t, 0]\n    xs.append(s)\n"
             "    if np.sum(s) > 1e9:\n        break\n"
             "return np.sum(np.stack(xs)**2)",
    "while": "xs = []\ns = w[0]\nt = 0\nwhile t < len(x):\n    s = np.sin(s) + x[t, 0]\n"
             "    xs.append(s)\n    t += 1\n"
             "return np.sum(np.stack(xs)**2)",
    "nested reading": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\ns = 0.0\nfor a in xs:\n"
                      "    for b in xs:\n"
                      "        s += np.sum(a * b**2)\nreturn s",
    "in some rounds": "xs = []\nfor t in range(len(x)):\n    if x[t, 0] > 0.1:\n"
                      "        xs.append(x[t] @ w)\nreturn np.sum(np.array(xs)**2)",
    "in some rounds, of two": "xs = [w[0]]\nfor t in range(len(x)):\n    v = x[t] @ w\n"
                              "    if v[0] > 0.1:\n        xs.append(v)\n"
                              "    elif v[1] > 0:\n        xs.append(v**2)\n        xs.append(v * 3)\n"
                              "return np.sum(np.stack(xs)**3)",
    "of what fits": "return np.sum([v**2 for v in x[:, 0] if v > 0.0]) * w[0, 0]",
    "nested loops": "xs = []\nfor t in range(len(x)):\n    for k in range(2):\n"
                    "        xs.append(x[t, k] * w[k])\nreturn np.sum(np.stack(xs)**2)",
    "nested loops, and more": "xs = [w[1]]\nfor t in range(len(x)):\n    xs.append(w[0] * x[t, 1])\n"
                              "    for k in range(t):\n        if x[k, 0] > 0:\n"
                              "            xs.append(x[t, 0] * w[0])\nreturn np.sum(np.stack(xs)**2)",
    "left early": "xs = []\ns = w[0]\nfor t in range(20):\n    s = np.sin(s) * 0.9 + x[t % len(x), 0]\n"
                  "    if np.sum(s) > 1.4:\n        break\n"
                  "    xs.append(s)\nreturn np.sum(np.array(xs)**2)",
    "skipped": "xs = []\nt = 0\nwhile t < len(x):\n    t += 1\n    if x[t - 1, 0] < 0:\n"
               "        continue\n    xs.append(x[t - 1] @ w)\n"
               "return np.sum(np.array(xs)**2)",
    "view of a parameter": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t])\n"
                           "return np.sum(np.stack(xs) @ w)",
    "parameter": "xs = []\nfor t in range(len(x)):\n    xs.append(w)\n"
                 "return np.sum(np.stack(xs)**2) * x[0, 0]",
}


@pytest.mark.parametrize("name", FILLS)
def test_how_a_list_is_filled(name):
    assert_loop(made(FILLS[name]), X, W)


# What a loop cannot hold is followed round by round, and as right as before.
WRITTEN_OUT = {
    "other shapes": "xs = []\nfor t in range(3):\n    xs.append(x[:t + 1, 0])\n"
                    "return np.sum(np.concatenate(xs)**2) * w[0, 0]",
    "number and array": "xs = [1.0]\nfor t in range(3):\n    xs.append(x[t] @ w)\n"
                        "return np.sum(xs[0] * xs[1] * xs[3])",
    "unpacked": "xs = []\nfor t in range(3):\n    xs.append(x[t] @ w)\na, b, c = xs\n"
                "return np.sum(a * b * c)",
    "slice": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\n"
             "return np.sum(np.stack(xs[1:]) * np.stack(xs[:-1]))",
    "pop": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\ny = xs.pop()\n"
           "return np.sum(np.stack(xs) * y)",
    "element replaced": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\n"
                        "xs[1] = xs[0] * xs[1]\nreturn np.sum(np.stack(xs)**2)",
    "lists of lists": "xs = []\nfor t in range(3):\n    row = []\n    for k in range(2):\n"
                      "        row.append(x[t, k] * w[k, 0])\n    xs.append(row)\n"
                      "return np.sum(np.array(xs)**2)",
    "joined": "xs = [w[0]]\nfor t in range(3):\n    xs = xs + [x[t] @ w]\nreturn np.sum(np.stack(xs)**2)",
    "stored into": "xs = []\nh = np.zeros(3)\nfor t in range(len(x)):\n    h[t % 3] = x[t, 0] * w[0, 0]\n"
                   "    xs.append(h)\n"
                   "return np.sum(np.stack(xs)**2)",
    "stored into after": "xs = []\nfor t in range(len(x)):\n    h = x[t] @ w\n    xs.append(h)\n"
                         "    h[0] = 2.0 * h[1]\n"
                         "return np.sum(np.stack(xs)**2)",
    "stored into the first": "h = w[0] * 1.0\nxs = [h]\nfor t in range(3):\n    xs.append(h * x[t, 0])\n"
                             "h[0] = x[0, 1]\n"
                             "return np.sum(np.stack(xs)**2)",
    "element stored into": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\nxs[0][1] = 3.0\n"
                           "return np.sum(np.stack(xs)**2)",
    "items changed": "xs = []\nfor t in range(len(x)):\n    xs.append(x[t] @ w)\nfor v in xs:\n"
                     "    v *= 2.0\nreturn np.sum(np.stack(xs)**2)",
    "added to in place": "xs = []\nh = np.zeros(3)\nfor t in range(len(x)):\n    h += x[t] @ w\n"
                         "    xs.append(h)\nreturn np.sum(np.stack(xs)**2)",
    "the list doubled": "xs = [w[0]]\nfor t in range(2):\n    xs.extend(xs)\n"
                        "return np.sum(np.stack(xs)**2) * x[0, 0]",
    "the list itself": "xs = []\nys = []\nfor t in range(3):\n    xs.append(x[t] @ w)\n"
                       "    ys.append(xs)\nreturn np.sum(ys[0][2]**2)",
    "grows while read, perhaps": "xs = [w[0]]\nfor a, b in zip(xs, xs):\n    if x[0, 0] < 5:\n"
                                 "        xs.append(np.cos(a) * b)\nreturn np.sum(np.stack(xs)**2)",
    "unpacked, of two": "xs = [w[0]]\nif x[0, 0] < 5:\n    xs.append(w[1])\na, b = xs\nreturn np.sum(a * b)",
    "grows while read": "xs = [w[0]]\nfor v in xs:\n    if len(xs) < 4:\n        xs.append(np.sin(v))\n"
                        "return np.sum(xs[-1]) * x[0, 0]",
}


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_what_is_written_out(name):
    function = made(WRITTEN_OUT[name])
    try:
        revad.grad(function)(X, W)
    except revad.RevadError:
        return
    assert_gradient(function, (X, W))


@pytest.mark.parametrize("name", ["first one", "numbers", "rows", "while", "break", "two lists",
                                  "backwards", "in some rounds", "nested loops"])
def test_no_rounds(name):
    function = made(FILLS[name].replace("np.stack(xs)", "np.array(xs)").replace(" + xs[0]", ""))
    gradient = revad.grad(function, wrt="w")
    for rows in (X, X[:0], X[:1], X):
        want = numeric_gradient(function, (rows, W), ("w",))
        want = want[0] if isinstance(want, tuple) else want
        np.testing.assert_allclose(gradient(rows, W), want, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("fill", [
    "m = [v * 2 for v in x]", "m = []\nfor i in range(len(x)):\n    m.append(x[i] * 2)",
    "m, n = [], x.shape[0]\nfor i in range(1, n):\n    m.append(x[i] * x[i - 1])",
    "m = [[np.sum(v), 2.0] for v in x]"])
@pytest.mark.parametrize("result", [
    "np.array(m)", "np.sum(np.asarray(m) * 2)", "np.sum(np.stack(m))", "np.sum(np.concatenate(m))",
    "np.array(m) * x", "np.sum(np.array(m) * x)", "np.array(m).sum(axis=-1)",
    "np.array(m)[..., None] + x[:, None]"])
def test_the_array_of_no_rows_has_one_axis(fill, result):
    """Whatever call was compiled first; where the function raises without rows, so does the gradient."""
    f = made(f"{fill}\nreturn {result}", "x")
    shapes = (2, 3), (0, 3), (2, 2, 3), (0, 0, 3), (2, 1), (0, 1), (2,), (0,), (1, 1)
    calls = [np.linspace(0.2, 1.7, np.prod(shape)).reshape(shape) for shape in shapes]
    for several in (calls, calls[::-1]):
        df = revad.grad(f)
        for x in several:
            try:
                out = f(x)
            except (ValueError, IndexError, TypeError) as error:
                with pytest.raises((type(error), revad.UnsupportedError)):
                    df.forward(x) if "np.sum(" not in result else df(x)
                continue
            got, cache = df.forward(x)
            assert np.shape(got) == np.shape(out)
            weights = np.cos(np.arange(np.size(out))).reshape(np.shape(out))[()]
            dx = df.backward(weights, cache)
            assert dx.shape == x.shape
            expected = numeric_gradient(f, (x,), dout=weights)
            np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-8)


def test_a_list_of_the_caller_is_left_alone():
    function = made("for t in range(len(x)):\n    xs.append(np.sin(xs[-1]) * x[t, 0])\n"
                    "return np.sum(np.stack(xs)**2)", "x, xs")
    xs = [W[0].copy(), W[1].copy()]
    gradient = revad.grad(function)
    gradient(X, xs)
    assert len(xs) == 2
    assert "for t in" in gradient.source

    def plain(x, xs):
        return function(x, list(xs))
    assert_gradient(plain, (X, xs))


def test_a_list_that_another_has():
    function = made("d = {'xs': [], 'n': 1.0}\nxs = d['xs']\nfor t in range(len(x)):\n"
                    "    d['xs'].append(x[t] @ w)\n"
                    "return np.sum(np.stack(xs)**2)")
    assert_gradient(function, (X, W))


def test_forward_and_backward():
    function = made(FILL + "return np.stack(hs) * 2.0")
    gradient = revad.grad(function)
    out, cache = gradient.forward(X, W)
    np.testing.assert_allclose(out, function(X, W))
    dout = RANDOM.normal(size=out.shape)
    once, twice = gradient.backward(dout, cache), gradient.backward(dout, cache)
    for a, b in zip(once, twice):
        np.testing.assert_array_equal(a, b)
    assert_gradient(function, (X, W))


def test_the_gradient_above_is_left_alone():
    function = made("hs = []\nt = 0\nh = w[0]\nwhile t < len(x):\n    h = np.sin(h) * x[t, 0]\n"
                    "    hs.append(h)\n    t += 1\nreturn np.stack(hs)")
    gradient = revad.grad(function)
    out, cache = gradient.forward(X, W)
    dout = RANDOM.normal(size=out.shape)
    before = dout.copy()
    gradient.backward(dout, cache)
    np.testing.assert_array_equal(dout, before)
    assert_gradient(function, (X, W))


def test_a_list_that_is_returned():
    assert_gradient(made("hs, h = roll(x, w)\nreturn hs"), (X, W))


def test_a_list_that_is_told():
    function = made("hs, h = roll(x, w)\nreturn np.sum(h), hs")
    dx, hs = revad.grad(function, has_aux=True, wrt="x")(X, W)
    np.testing.assert_allclose(np.stack(hs), np.stack(roll(X, W)[0]))


def test_single_precision():
    fill = FILL.replace("np.zeros(w.shape[1])", "w[0]")
    for body in (fill + READ["items"], fill + READ["stack"], FILLS["first one"], FILLS["while"]):
        gradient = revad.grad(made(body))(X.astype("f"), W.astype("f"))
        assert [g.dtype.char for g in gradient] == ["f", "f"], body


SECOND = {
    "for": "for t in range(n):\n    x = np.sin(x) * 1.3\nreturn x",
    "for over a range from 1": "for t in range(1, n):\n    x = np.sin(x * t)\nreturn x",
    "while": "f = x * x - 2.0\nz = x\nwhile abs(f) > 1e-9:\n    z = z - f / (2 * z)\n    f = z * z - x\n"
             "return z",
    "nested": "for t in range(n):\n    for k in range(2):\n        x = np.sin(x) * 1.3\nreturn x",
    "branch": "for t in range(n):\n    if t % 2 == 0:\n        x = np.sin(x) * 1.3\n    else:\n"
              "        x = x**2\nreturn x",
    "break": "y = x\nfor t in range(30):\n    d = y * y - 2.0 * x\n    if abs(d) < 1e-9:\n        break\n"
             "    y = y - d / (2 * y)\nreturn y",
    "break after": "y = x\nfor t in range(30):\n    y = np.cos(y) * x\n    if abs(y) < 0.3:\n"
                   "        break\nreturn y**2",
    "list in some rounds": "xs = []\ny = x\nfor t in range(n):\n    y = np.sin(y) * 1.5\n"
                           "    if y > 0.9:\n        xs.append(y * y)\nreturn sum(xs) + y",
    "list": "xs = [x]\nfor t in range(n):\n    xs.append(np.sin(xs[-1]) * x)\nreturn np.sum(np.array(xs)**2)",
    "list, then read": "xs = []\ny = x\nfor t in range(n):\n    y = np.sin(y) * x\n    xs.append(y)\n"
                       "s = 1.0\nfor v in xs:\n    s = s * np.cos(v)\nreturn s",
}


@pytest.mark.parametrize("name", SECOND)
@pytest.mark.parametrize("n", [0, 1, 4])
def test_second_derivatives(name, n):
    first = revad.grad(made(SECOND[name], "x, n"), wrt="x")
    second = revad.grad(first, wrt="x")
    for x in (0.7, 1.1):
        h = 1e-5
        want = (first(x + h, n) - first(x - h, n)) / (2 * h)
        assert second(x, n) == pytest.approx(want, rel=1e-5, abs=1e-7)


HELPERS = """
def part(x):
    d = x + np.zeros((COUNT,))
    return np.array([v * v for v in d])[None]

def rounds(x):
    r = range(len(x))
    return sum([x[i] * x[i] for i in r]), r

def f(x):
    out = part(x)
    y, r = rounds(x + np.zeros(COUNT))
    for i in r:
        y = y + out[0, i] * y
    return np.sum(out * out) * y
"""


@pytest.mark.parametrize("n", [0, 1, 3])
def test_second_derivatives_where_a_helper_keeps_a_range(n):
    """A range is as long as an array, but has no shape."""
    text = HELPERS.replace("COUNT", str(n))
    name = f"<helpers {n}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"np": np}
    exec(compile(text, name, "exec"), namespace)
    for x in (np.linspace(0.3, 0.9, n), np.float64(0.535), 0.7):
        assert_gradient(namespace["f"], (x,))
        assert_second(namespace["f"], x)


@pytest.mark.parametrize("body", [
    "h = np.zeros(w.shape[1])\nfor t in range(len(x)):\n    h = np.tanh(x[t] @ w + h)\nreturn np.sum(h**2)",
    FILL + READ["stack"],
    FILL + READ["items"],
    FILLS["first one"],
    FILLS["while"],
    FILLS["rows"],
])
def test_second_derivatives_of_arrays(body):
    gradient = revad.grad(made(body), wrt="w")
    gradient(X, W)
    again = compiled(with_squares(gradient.source, W))
    assert_gradient(again, (X, W), rtol=1e-5, atol=1e-7)
    second = revad.grad(again)
    second(X, W)
    longer = revad.grad(again)
    longer(np.concatenate([X, X]), W)
    assert second.source == longer.source


def test_third_derivative():
    function = made(SECOND["for"], "x, n")
    second = revad.grad(revad.grad(function, wrt="x"), wrt="x")
    third = revad.grad(second, wrt="x")
    want = (second(0.7 + 1e-4, 3) - second(0.7 - 1e-4, 3)) / 2e-4
    assert third(0.7, 3) == pytest.approx(want, rel=1e-5)


class Cell:
    def __init__(self, W):
        self.W, self.cache = W, None

    def forward(self, x, h):
        h = np.tanh(x @ self.W + h)
        self.cache = (x, h)
        return h


class Recurrent:
    """Makes a cell in each round and keeps it, and a tuple, in lists; `read` says what is done with those."""

    def __init__(self, read=None):
        self.W, self.read, self.cells, self.all = np.sin(np.arange(6.0)).reshape(2, 3), read, None, []

    def forward(self, xs):
        self.cells, kept, h = [], [], np.zeros(3)
        out = np.empty((len(xs), 3))
        for t in range(len(xs)):
            cell = Cell(self.W)
            h = cell.forward(xs[t], h)
            out[t] = h
            self.cells.append(cell)
            self.all.append(cell)
            kept.append((h, t))
        self.kept = (kept, xs)
        if self.read is not None:
            out = self.read(self, kept, out)
        return out


def popped(net, kept, out):
    while kept:
        out = out + kept.pop()[0]
    return out


def looped(net, kept, out):
    for cell, (h, t) in zip(reversed(net.cells), reversed(kept)):
        out = out * h + cell.cache[0].sum()
    return out


READS = [lambda net, kept, out: out + net.cells[0].cache[0].sum(), lambda net, kept,
         out: out + len(net.cells) * out, lambda net, kept, out: out * 2 if net.cells else out, lambda net,
         kept, out: out + net.kept[0][1][0], lambda net, kept, out: out + sum(h.sum() for h, t in kept),
         lambda net, kept, out: out * (not kept and 3.0 or 2.0), popped, looped]


def test_objects_and_tuples_that_nobody_reads_leave_a_loop_a_loop():
    xs = np.cos(np.arange(8.0)).reshape(4, 2)
    assert_gradient(Recurrent.forward, (Recurrent(), xs))
    layer = revad.grad(Recurrent.forward)
    out, cache = layer.forward(Recurrent(), xs)
    layer.backward(out, cache)
    assert layer.forward.source.count("np.tanh") == 1 and "for t in reversed(range" in layer.backward.source
    assert "Cell" not in layer.forward.source and "append((" not in layer.forward.source


@pytest.mark.parametrize("read", READS)
def test_objects_and_tuples_of_a_loop_that_are_read(read):
    assert_gradient(Recurrent.forward, (Recurrent(read), np.cos(np.arange(6.0)).reshape(3, 2)))


def inner_fills(x, n):
    kept, t = [], x * 1.0
    for i in range(n):
        if len(kept) > 3:
            t = t * 2
        for j in range(2):
            t = np.sin(t) + x
            kept.append((t, j))
    return np.sum(t)


def new_in_each_round(x, n):
    t = x * 1.0
    for i in range(n):
        kept = []
        for j in range(2):
            t = np.sin(t) + x
            kept.append((t, j))
    return np.sum(t)


def two_names(x, n):
    t, kept = x * 1.0, []
    other, i = kept, 0
    while i < n:
        t = np.sin(t) + x
        kept.append({"t": t})
        i += 1
    return np.sum(t) + len(other)


def read_in_the_loop(x, n):
    t, kept = x * 1.0, [(x, 0)]
    for i in range(n):
        t = np.sin(t) + kept[-1][0]
        kept.append((t, i))
    return np.sum(t)


@pytest.mark.parametrize("function", [inner_fills, new_in_each_round, two_names, read_in_the_loop])
def test_lists_of_tuples_in_loops(function):
    assert_gradient(function, (np.array([0.3, 0.8]), 4), "x")
PLACES = np.array([0.1, 0.5, -0.3, 0.8]), np.array([1.0, -1.0, 2.0, 0.5])


def summed_over_places(x, t):
    idx = [j for j in range(len(t)) if t[j] > 0]
    return sum(np.exp(x[j]) for j in idx)


def filled_in_some_rounds(x, t):
    idx = []
    for j in range(len(t)):
        if t[j] > 0:
            idx.append(j)
    s = 0.0
    for j in idx:
        s += np.exp(x[j])
    return s


def chosen_places(x, t):
    idx = [j for j in range(len(t)) if t[j] > 0]
    s = 0.0
    for j in idx:
        s += np.exp(x[j])
    return s


def of_those_at_risk(x, t):
    s = 0.0
    for i in range(len(t)):
        idx = [j for j in range(len(t)) if t[j] >= t[i]]
        s += x[i] - np.log(sum(np.exp(x[j]) for j in idx))
    return s


def of_those_at_risk_in_some_rounds(x, t):
    s = 0.0
    for i in range(len(t)):
        if t[i] < -5:
            continue
        idx = [j for j in range(len(t)) if t[j] >= t[i]]
        s += x[i] - np.log(sum(np.exp(x[j]) for j in idx))
    return s


def appended_to_later(x, t):
    s = 0.0
    for i in range(len(t)):
        if x[i] < -0.2:
            continue
        idx = [j for j in range(len(t)) if t[j] >= t[i]]
        s += x[i] - np.log(sum(np.exp(x[j]) for j in idx))
        idx.append(0)
        s += sum(x[j] ** 2 for j in idx)
    return s


def on_one_side(x, t):
    if x[0] > 0:
        vals = []
        for j in range(len(t)):
            if t[j] > 0:
                vals.append(np.sin(x[j]))
        vals.append(x[1] * 2)
        s = 0.0
        for v in vals:
            s += v * v
        return s
    return x[1]


def longer_on_one_side(x, t):
    names = []
    for j in range(len(t)):
        if t[j] > 0:
            names.append(j)
    if x[0] > 0:
        names.append(1)
        s = x[names[-1]]
    else:
        s = x[0]
    for j in names:
        s = s * x[j]
    return s


def two_choices(x, t):
    pos = [j for j in range(len(t)) if t[j] > 0]
    neg = [j for j in range(len(t)) if t[j] <= 0]
    return np.sum(x[pos] ** 2) - np.sum(x[neg]) + len(pos) * x[0]


def mean_of_some(x, t):
    best = []
    for j in range(len(t)):
        if x[j] > 0.2:
            best.append(x[j])
    return sum(best) / len(best) if len(best) > 0 else 0.0


def places_from_while(x, t):
    out = []
    k = 0
    while k < len(t):
        if t[k] > 0:
            out.append(k)
            k += 1
        k += 1
    return sum(x[i] for i in out) * x[out[0]]


def chosen_values(x, t):
    res = [v for v in x if v > 0]
    return sum(v ** 2 for v in res)


@pytest.mark.parametrize("f", [summed_over_places, filled_in_some_rounds, chosen_places, of_those_at_risk,
                               of_those_at_risk_in_some_rounds, appended_to_later, on_one_side,
                               longer_on_one_side, two_choices, mean_of_some, places_from_while,
                               chosen_values],
                         ids=lambda f: f.__name__)
def test_lists_of_those_that_are_chosen(f):
    assert_gradient(f, PLACES, "x")


@pytest.mark.parametrize("made", [
    "c = [x[i]]\n        for j in range(2): c.append(c[j] * s)", "c = [x[i], s, y[i]]", "c = [x[i] * s]",
    "c = []\n        for j in range(3): c.append(x[j] * s)", "c = [v * s for v in x]", "c = [c[-1], x[i]]",
    "c = [y[i]]\n        for v in x: c.append(v * c[0])", "c = [x[i]] if x[i] > 0 else [s, y[i]]",
    "c = [y[i]] + [v for v in x]", "d = c\n        c = [x[i]]\n        for v in d: c.append(v * s)"])
@pytest.mark.parametrize("before", ["c = []", "c = [y[0]]", "c = [y[0], x[0]]", "c = [v for v in y]"])
@pytest.mark.parametrize("loop", ["for i in range(k)", "for i in range(3)", "for i, v in enumerate(y)"])
def test_a_list_that_every_round_makes_anew(loop, before, made):
    if before == "c = []" and "c[-1]" in made:
        made = made.replace("c[-1]", "s")
    f = function(f"def f(x, y, s, k):\n    {before}\n    {loop}:\n        {made}\n"
                 "    return sum(np.sin(q) for q in c) + s")
    for k in (0, 1, 3):
        try:
            assert_gradient(f, (np.array([0.7, -0.9, 0.4]), np.array([-0.3, 1.1, 0.6]), 0.8, k), ("x", "y", "s"))
        except revad.UnsupportedError as refusal:
            assert "list" in str(refusal) or "rounds" in str(refusal)
