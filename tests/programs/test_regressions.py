"""One small function for each bug that the random programs found: right, or refused with a place.

A case is the text of a function f, its arguments, and the parameters to differentiate if not all.
"""

import linecache
import math

import numpy as np
import pytest
from differences import assert_gradient

import revad

pytestmark = pytest.mark.quick

A = np.array
F = np.float32
HALF, TWO, ROW, SQUARE = A([0.5]), A([0.5, 2.0]), A([0.3, -1.2, 0.7]), A([[0.5, 2.0], [-1.0, 3.0]])
EMPTY = np.zeros((3, 0))

CASES = {
    # a cache made for the whole of dout, a backward pass for a part of it
    "part of dout": ("y = x * 2.0\n    return w, (y, x)", (SQUARE, HALF)),
    "part of dout, squared": ("w **= 2\n    return b, (w, x)", (-1.3, 1.9, -0.7)),
    # the gradient on a part of dout was added to in place
    "dout of a dict": ("y = v = x / (w * w + 1.0)\n    return {'a': y, 'b': v}", (HALF, 0.5)),
    "dout of a dict, twice": ("s = x\n    return {'a': x, 'b': s}", (TWO,)),
    "dout of a 0-d array": ("p = x.squeeze()\n    return [p, p]", (A([[0.5]]),)),
    # lists and dicts read within a conditional expression
    "list in a branch": ("h = np.abs(x[0]) if w > 1.0 else x[1]\n    return np.sum(h ** 2)",
                         ([TWO, TWO + 1], 0.5)),
    "dict in a branch": ("h = x['a'] * w if w < 1.0 else x['b']\n    return h ** 2",
                         ({"a": 0.5, "b": 0.3}, 0.5)),
    "nested list in a branch": ("h = x[1][0] * w if w < 1.0 else x[0]\n    return h * x[1][1]",
                                ((0.5, [0.3, 0.7]), 0.5)),
    # a branch that is moved behind another was moved behind its own use
    "two results of a branch": ("u = b * x\n    u = -x if b < 2.0 ** w + w else u\n    return x + u",
                                (0.5, 0.3, 0.4)),
    "a branch of a branch": ("y = x if x.sum() > 0 else -x\n    z = y if x.sum() > 0 else x\n"
                             "    z = z * 2\n    z *= z\n"
                             "    return np.sum(y * z)", (TWO,)),
    # precision: what math returns is a Python float, whatever it is given
    "float32 through math": ("return math.atan(math.atan(pow(x, 2))), w", (F(-1.1), F(0.5))),
    "float and float32": ("return max(x, w)", (0.6, F(1.6))),
    "float32 in a branch": ("s = w if w > x else x * w\n    return s, x", (F(1.6), -0.8)),
    "int array 0-d": ("return x * 2.0", (A(1),)),
    "0-d array": ("return x * x", (A(1.5),)),
    "one zero for several float32": ("a = min(w[1], w[1])\n    return [a, 1.0]",
                                     ([F(1.6)], [F(-1.6), F(-1.7)], F(-1.3))),
    "an array without axes from dots": ("s = np.squeeze(x)[..., None]\n    return (s * s).sum()", (-0.5,)),
    "an array without axes, twice": ("p = np.squeeze(x)\n    q = p * 2.0\n    return p * q, [p, p]",
                                     (A([[0.5]]),)),
    # truth values that stand for a gradient
    "minus a mask": ("return np.sum(np.maximum(x, w) - np.maximum(x, -3.0))", (TWO, A([-1.0, 3.0]))),
    "minus a truth value": ("return np.maximum(x, 0) - np.fmax(x, -1.0)", (np.float64(1.5),)),
    "two masks": ("return np.sum(np.maximum(x, 0)) + np.sum(np.maximum(x, -3.0))", (TWO,)),
    # subscripts
    "empty subscript": ("r = x[()]\n    return r", (A([[0.5]]),)),
    "empty subscript of a number": ("return np.trace(x)[()] * 2", (SQUARE,)),
    # axes of numbers
    "squeeze a number": ("return np.squeeze(x, 0) * x", (0.5,)),
    "take of a number": ("return np.take(x, [0, 0], axis=0)", (0.5,)),
    "repeat a number": ("return np.repeat(x, 2, axis=0)", (0.5,)),
    "cumsum of a number": ("t = np.cumsum(x, axis=0)\n    return t.ravel(), x", (np.float64(0.7),)),
    "pad a number": ("return np.pad(x.sum(), 1)", (TWO,)),
    "item of an array": ("return x.item() * 2", (A([[0.5]]),)),
    # empty arrays
    "repeat an empty array": ("return np.sum(np.repeat(x, 2, axis=0))", (EMPTY,)),
    "cumsum of an empty product": ("return np.sum(np.cumsum(np.outer(x, w)) ** 2)", (np.zeros(0), TWO)),
    "a length that is a sum, times another": ("r = np.ravel(x[1:])\n    a, b = np.split(r, 2)\n"
                                              "    return b.sum()",
                                              (np.ones((3, 4)),)),
    "half of a length that is a product": ("r = x[1:].reshape(-1)\n"
                                           "    a, b = np.split(np.tile(r, 3), 2)\n    return a.sum()",
                                           (np.ones((3, 4)),)),
    # triangles of one row
    "triu of a row": ("return np.sum(np.triu(x) * x)", (TWO,)),
    "tril of a row": ("return np.tril(x)[:, 0].sum()", (TWO,)),
    # sums of lists whose elements have different shapes
    "sum of a list": ("s = sum([x, w])\n    return s.sum()", (ROW, A([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]))),
    "sum of a list with a number": ("return sum([x, w, x]).sum()", (2.0, ROW)),
    # views that NumPy lets nobody write into
    "diagonal twice": ("d = np.diag(x)\n    return np.sum(np.sin(d) * d)", (SQUARE,)),
    "diagonal made and added": ("w = x * 2.0\n    return np.sum(np.arctan2(np.diag(x), abs(w) + 0.5))",
                                (HALF,)),
    # names
    "a local called float": ("float = x * 2\n    return np.sum(float * x)", (A([1, 2]),)),
    "float called and a local power": ("u = np.full_like(x, 2) if x > float(w) else x\n    v = max(u, u)\n"
                                       "    return pow(abs(v) + 0.5, v)", (-3, 1)),
    "max of the same": ("s = max(x, x)\n    return np.maximum(abs(x - s) + 0.5, 0)", (0.3,)),
    # other names for the memory that += writes into
    "+= through a branch": ("s = np.expm1(x) if x[0] < -1.5 else x\n    s **= 2\n    return np.sum(s * x)",
                            (TWO,)),
    "+= through a view in a branch": ("s = x[1:] if x[0] > 0 else x * 2\n    s **= 2\n    return np.sum(x)",
                                      (TWO,)),
    "+= through a list in a branch": ("p = [x, x * 2]\n    s = p[1] if x[0] > 0 else p[0]\n    s += 1\n"
                                      "    return np.sum(p[1])", (TWO,)),
    "+= of a wider array": ("w *= x\n    return w", (TWO, A([1.0, 2.0], dtype=F))),
    "unit axes of a branch": ("t = x[0] if w.size <= 2 else x[1]\n    return t + w", ([HALF, HALF], TWO)),
    "a branch that is stored into": ("t = 1 / (1 + np.exp(-x)) if x.sum() > 0 else x\n"
                                     "    return np.sum(np.sin(t[0])) + "
                                     "np.sum(t)", (SQUARE,)),
    "precision of a branch": ("t = np.log(x * x + 1) if x.size > 0 else w\n    return t.sum() + t",
                              (A([0.5, 1.0], dtype=F), TWO)),
    "results of a branch that read each other": ("r = np.exp(x)\n    r = -r if w < -2 else x\n"
                                                 "    return r, x", (0.17, 0.2)),
    "results of a branch, arrays": ("r = w * 2 if x > 0 else w\n    t = np.stack([w, w], axis=-1)\n"
                                    "    t = t * t if x > 0 else r\n    return np.sum(2.0 ** w + t)",
                                    (-1.0, A([[0.5], [1.5]]))),
    "two results that change places": ("u = x * 2\n    v = w * 3\n    u, v = (v, u) if x > 0 else (u, v)\n"
                                       "    return u * u * v", (0.5, 0.3)),
    "dot of a branch": ("p = x / 2.0\n    e = np.cos(x) if x.mean() >= x.sum() else x\n    q = p.dot(e)\n"
                        "    return np.sum(np.sin(e)) + q", (ROW,)),
    "an integer side of a branch": ("a = np.ravel(w @ x)\n    t = x ** 3 if w.sum() < np.sum(np.cbrt(a * "
                                    "a + 1)) else a\n"
                                    "    return t.sum()", (A([[-3]]), A([[-1.78]]))),
    "a tuple or an array": ("m = (x, x * w)\n    if w > 0:\n        m = m[0]\n    return np.sum(m[0])",
                            (SQUARE, 0.5)),
    "0-d views are written into": ("r = x.transpose().T\n    s = r\n    s -= 2.0\n    return s * x",
                                   (A(0.5),)),
    "0-d views that are not": ("r = w.T\n    r -= x\n    return r * 2.0", (A(0.5), A(1.5))),
    "a diagonal in a branch": ("if w > 0:\n        t = np.diag(x)\n    else:\n        t = np.diag(x) * 2.0\n"
                               "    return np.sum(t * t)", (TWO, 0.5)),
    "an integer side of a branch, squared": ("t = np.log1p(np.exp(x)) if x.sum() >= 100 else x\n"
                                             "    return np.sum(t ** 2)",
                                             (A([3, 0, 1]),)),
    # `+=` changes an array without axes where it is
    "/= on another name of a 0-d array": ("x **= 2\n    y = x\n    y /= w\n    return x", (A(1.25), 3.0)),
    "/= on a 0-d array": ("x **= 2\n    x /= w\n    return x", (A(1.25), 3.0)),
    "a store into a view after += on a 0-d array": ("x += w\n    y = x.T\n    y[...] = w * 2.0\n"
                                                    "    return y * w",
                                                    (A(1.25), 3.0)),
    "a store after += on a 0-d array": ("x += w\n    x[...] = w * 2.0\n    return x * w", (A(1.25), 3.0)),
    # what is of one dtype or another is not of the wider one
    "a part of floats or integers": ("t = x if x[0] > 1 else w\n    y = t[::-1]\n    return np.sum(y[1:])",
                                     (TWO, A([3, 4, 5]))),
    "the sign of a float or an integer": ("t = np.expm1(x) if x < 0.5 else w\n    return abs(t)", (1.25, 2)),
    "a factor of double or single precision": ("t = np.exp(x) if x > 0.5 else w\n    return x * t",
                                               (-0.75, F(0.5))),
    "*= of what may have axes or not": ("p = np.arctan(w) if w < 1.0 else np.broadcast_to(w, (2,))\n"
                                        "    x *= p + w\n"
                                        "    return x", (A([0.5, 2.0], dtype=F), A(-1.5))),
    # numbers where arrays are made
    "a roll of a number": ("return np.roll(x, 1) + 1.0", (1.03,)),
    "a mask on an array without axes": ("return x[x > 0.1].sum()", (A(-0.5),)),
    "unpacked single precision": ("r, q = x\n    return [r, r]", (A([-1.5, -0.9], dtype=F),)),
    "an array or a number": ("t = np.exp(-x) if x.shape[0] <= w else w\n    return np.sum(min(w, t))",
                             (A([2.0]), 1.5)),
    "a number or an array of one": ("return min(x, w)", (1.0, A([0.7]))),
    "a number or what may be an array": ("t = np.exp(-w) if w.shape[0] <= x else x\n    h = min(x, t)\n"
                                         "    return h, h", (1.5, A([2.0]))),
    "a side that is a number of Python's": ("q = x - min(abs(x), w)\n    s = sum((q, w), 1.0)\n"
                                            "    if q < w:\n"
                                            "        s = max([math.sqrt(abs(s) + 0.5), 0.2])\n"
                                            "    return s + w", (-0.315, F(1.73))),
    "rows of which there are none": ("return np.sum(sum(np.maximum(x[0], 0)) + w)",
                                     ([np.zeros((0, 2))], A([], dtype=F))),
    # ranks that differ between the two sides
    "ranks of a branch": ("t = x ** 2 if x[0] > 0 else w\n    return np.sum(t) + w", (TWO, 0.3)),
}


def defined(name):
    body, args = CASES[name][:2]
    parameters = ["x", "w", "b"][:len(args)]
    text = f"def f({', '.join(parameters)}):\n    {body}\n"
    if not body.startswith("return") and "\n" not in body:
        raise ValueError(name)
    file = f"<regression {name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"np": np, "math": math}
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"], args


@pytest.mark.parametrize("name", CASES)
def test_right_or_refused(name):
    f, args = defined(name)
    try:
        assert_gradient(f, args)
    except revad.UnsupportedError as error:
        assert error.lineno and error.diagnostics
