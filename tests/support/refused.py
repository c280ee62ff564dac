"""For each reason that revad has to refuse a function: a function that is refused for it, and what its message tells to write instead.

A row is a name, the body of `f(x, y)`, and the body that follows the advice, which is accepted and right.
x is an array of three elements, y another, unless a row has arguments of its own.  What a body needs
outside of it stands in OUTSIDE.
"""
import collections
import dataclasses
import itertools
import math
import random
import types

import numpy as np

X, Y = np.array([0.5, 1.7, -0.8]), np.array([1.1, -0.4, 0.6])
SQUARE = np.array([[1.5, 0.2, -0.4], [0.7, 1.1, 0.3], [-0.6, 0.5, 2.1]])
CUBE = np.stack([SQUARE, SQUARE[::-1] * 2.03 + 0.17, SQUARE.T * 0.71 - 1.13])
MANY = np.linspace(0.1, 1.0, 20)
WIDE = np.array([[0.5, 1.7, -0.8], [0.9, -0.3, 0.4]])

OUTSIDE = '''
import collections, dataclasses, functools, itertools, operator, random, types

class Plain:
    def __init__(self, w):
        self.w = w

class Tape:
    def __init__(self, w):
        self.v = w * 2

class Scale:
    scale = 2.0

@dataclasses.dataclass
class Pair:
    a: object
    b: object

def two(a, b):
    return a * b

def deep(x, n):
    return x if n == 0 else deep(x * 1.01, n - 1)

def half(v):
    return v if np.sum(v) < 0.1 else half(v / 2)

def grow(v):
    v *= 2
    return np.sum(v)

class Parent:
    def __init__(self, v):
        self.v = v
    def both(self):
        return self.v * 2

class Child(Parent):
    def both(self):
        return (lambda: super().both())()

class Rows:
    def __init__(self, v):
        self.v = v
    def __getitem__(self, at):
        return self.v[at]
    def first(self, n):
        return self.v[:n]

holder = Plain(2.0)
bytes_of_numbers = bytearray(8)

class Looks:
    def __init__(self, v):
        self.w = v
    def __getattribute__(self, name):
        return object.__getattribute__(self, name)

class Constant:
    def __get__(self, instance, cls):
        return 2.0
    def __set__(self, instance, value):
        pass

class Described:
    scale = Constant()
    def __init__(self, v):
        self.w = v

class Scaled(Scale):
    def __init__(self, v):
        self.v = v
    def go(self):
        return self.v * super().scale
    def right(self):
        return self.v * Scale.scale

class Own(np.ndarray):
    pass

@functools.lru_cache
def kept(n):
    return np.zeros(n)

TRAPEZOID = getattr(np, "trapezoid", None) or np.trapz
own = np.arange(3.0).view(Own)
times = types.SimpleNamespace(add=np.multiply)
exec(compile('def secret(v): return v[0]', '<made of text>', 'exec'))
'''


class Row:
    """A refused body, what it is to be replaced by, and the arguments of both;
    `outside` is text above the function; forward: it is forward mode that refuses."""

    def __init__(self, name, refused, rewrite, args=(X, Y), outside="", wrt=None, parameters=None,
                 forward=False):
        self.name, self.args, self.wrt, self.forward = name, args, wrt, forward
        names = ", ".join(parameters or "xyzw"[:len(args)])
        self.refused, self.rewrite = (self._text(names, body, outside) for body in (refused, rewrite))

    @staticmethod
    def _text(names, body, outside):
        lines = body if isinstance(body, list) else body.split("; ")
        return ((outside + "\n\n" if outside else "") + f"def f({names}):\n"
                + "".join(f"    {line}\n" for line in lines))


HELD = "import copy\nheld = Plain(np.array([1.0, 2.0]))"
ROWS = [
    # syntax
    Row("match", ["match len(x):", "    case 3:", "        return np.sum(x * y)", "return y[0]"],
        ["if len(x) == 3:", "    return np.sum(x * y)", "return y[0]"]),
    Row("with", ["with open(__file__):", "    return np.sum(x * y)"], "return np.sum(x * y)"),
    Row("class", ["class A:", "    scale = 2.0", "return np.sum(x * A.scale)"],
        "return np.sum(x * Scale.scale)"),
    Row("global", "global count; count = 3; return np.sum(x) * count", "count = 3; return np.sum(x) * count"),
    Row("decorated function", ["@two", "def g(v):", "    return v * 2", "return np.sum(g(x))"],
        ["def g(v):", "    return v * 2", "return np.sum(g(x))"]),
    Row("yield", "yield np.sum(x); return np.sum(x * y)", "return np.stack([np.sum(x), np.sum(x * y)])"),
    Row("return without a value", "return", "return np.sum(x * y)"),
    Row("no return", "s = np.sum(x * y)", "s = np.sum(x * y); return s"),
    Row("set", "return {x[0], y[0]}", "return x[0], y[0]"),
    Row("starred display", "s = [*zip(x, y)]; return s[0][0] * s[1][1]",
        "s = [(a, b) for a, b in zip(x, y)]; return s[0][0] * s[1][1]"),
    Row("await in a function inside", ["async def g(v):", "    return await v", "return np.sum(x * y)"],
        ["def g(v):", "    return v", "return np.sum(g(x) * y)"]),
    Row("async for", ["async def g(v):", "    return [i async for i in v]", "return np.sum(x * y)"],
        ["def g(v):", "    return [i for i in v]", "return np.sum(x * y)"]),
    Row("a name imported and given", "import math as m; m = x if x[0] > 5 else m; return np.sum(x)",
        "import math as m; return np.sum(x)"),
    Row("lambda in syntax that is left alone", "g = lambda v: v * 2; return f'{g}' and np.sum(x)",
        "g = lambda v: v * 2; return np.sum(g(x))"),

    # loops
    Row("loop over a set", "s = 0.0; for i in {1, 2}: s += x[i]; return s",
        "s = 0.0; for i in [1, 2]: s += x[i]; return s"),
    Row("loop over what has no end", "s = 0.0; for a in itertools.repeat(2.0): s += a * x[0]; return s",
        "s = 0.0; for i in range(3): s += 2.0 * x[i]; return s"),
    Row("loop over a list that grows",
        "s = [x[0]]; for v in s: s.append(v * 2) if len(s) < 4 else None; return sum(s)",
        "s = [x[0]]; for v in s[:]: s.append(v * 2); return sum(s)"),
    Row("list that grows in a loop over it", "s = [x[0]]; for v in s: s.append(v * 2); return sum(s)",
        "s = [x[0]]; for v in list(s): s.append(v * 2); return sum(s)"),
    Row("loop with too many rounds", "for i in range(5000): t = [x] * (i % 3); return x[0]",
        "t = [x] * 2; return x[0]"),
    Row("loop with an unknown number of rounds",
        "s = 0.0; for a, b in zip(x, x[x > 0]): s += a * b; return s", "return np.sum(x[:2] * x[:2])"),
    Row("function that changes in a loop", "for i in range(3): g = lambda v: v * i; return g(x[0])",
        "g = lambda v: v * 2; return g(x[0])"),
    Row("array that grows in a loop",
        "z = x; while z.sum() < 10: z = np.concatenate([z, z + 5]); return np.sum(z)",
        "z = x; while z.sum() < 10: z = z + 5; return np.sum(z)"),

    # names and calls
    Row("name without a value", "if x[0] > 0: a = x; return np.sum(a)",
        "a = y; if x[0] > 0: a = x; return np.sum(a)"),
    Row("call of what has no rule", "return np.sum(np.i0(x))", "return np.sum(np.exp(x))"),
    Row("a number is called", "g = 3; return np.sum(g(x))", "g = np.exp; return np.sum(g(x))"),
    Row("names of ** unknown", "return np.sum(two(**x))", "return np.sum(two(x, y))"),
    Row("call whose result is not used", "s = [x]; random.shuffle(s); return np.sum(s[0])",
        "s = [x]; return np.sum(s[0])"),
    Row("parameter that revad does not know", "return np.sum(np.exp(x, where=x > 0))",
        "return np.sum(np.exp(x)[x > 0])"),
    Row("method without a rule", "return np.sum(x.byteswap())", "return np.sum(x)"),
    Row("attribute without a rule", "return np.sum(x.ctypes)", "return np.sum(x)"),

    # lists, dicts, tuples, objects
    Row("element of a list that only running shows", "s = [np.sum(x), x]; return np.sum(s[int(x[0])])",
        "return np.sum(np.stack([x, y])[int(x[0])])"),
    Row("store into a slice of a list", "s = [x, y]; s[int(y[0]):] = [x]; return np.sum(s[0])",
        "s = [x, y]; s = [x, s[1]]; return np.sum(s[0])"),
    Row("element to be replaced only running shows", "s = [np.sum(x), x]; s[int(x[0])] = y[0]; return s[0]",
        "s = x * 1; s[int(x[0])] = y[0]; return s[0]"),
    Row("key that is not known", "d = {}; d[int(x[0])] = y[0]; return d[0]",
        "d = {}; d[0] = y[0]; return d[0]"),
    Row("an object in a list, which one only running shows",
        "s = [Plain(x), Plain(y)]; return np.sum(s[int(x[0])].w)",
        "s = np.stack([x, y]); return np.sum(s[int(x[0])])"),
    Row("an object made inside is returned", "return Tape(x)", "return Tape(x).v"),
    Row("a function is returned", "return lambda: x", "return x * 1"),
    Row("an object with assigned attributes is returned", "p = Plain(x); p.v = y; return p",
        "p = Plain(x); p.v = y; return p.v"),

    # stores
    Row("store into an array that two elements may share",
        "s = [x * 1] * 2; s = [y * 1, s[1]] if x[0] > 1 else s; s[0][0] = 2.0; return np.sum(s[1])",
        "s = [x * 1] * 2; s = [y * 1, s[1]] if x[0] > 1 else s; s[0] = s[0].copy(); s[0][0] = 2.0; "
        "return np.sum(s[1])"),
    Row("store into a list that two elements may share",
        "s = [[x, y]] * 2; s = [[y, x], s[1]] if x[0] > 1 else s; s[0][0] = y * 2; return np.sum(s[1][0])",
        "s = [[x, y]] * 2; s = [[y, x], s[1]] if x[0] > 1 else s; s[0] = s[0].copy(); s[0][0] = y * 2; "
        "return np.sum(s[1][0])"),
    Row("a list that every round makes anew, as long as only running shows",
        "s = [y[0]]; for _ in range(2): s = [v for v in x if v > 0]; return sum(s)",
        "s = np.zeros(3); for _ in range(2): s = x * (x > 0); return sum(s)"),
    Row("store of a part of the array that NumPy may read after it wrote it",
        "z = x * 1; z[::2] = z[:2]; return np.sum(z)", "z = x * 1; z[::2] = z[:2].copy(); return np.sum(z)"),
    Row("store into integers", "z = np.arange(3); z[0] = x[0]; return np.sum(z)",
        "z = np.arange(3).astype(float); z[0] = x[0]; return np.sum(z)"),
    Row("store into a number", "z = x[0]; z[0] = y[0]; return z", "z = x[:1] * 1; z[0] = y[0]; return z[0]"),
    Row("out= with where= of a function that is no ufunc",
        "z = np.zeros(()); np.sum(x, out=z, where=x > 0); return z",
        "return np.sum(np.where(x > 0, x, 0))"),
    Row("np.put with a mode", "z = x * 1; np.put(z, [0], y[:1], mode='wrap'); return np.sum(z)",
        "z = x * 1; z[[0]] = y[:1]; return np.sum(z)"),
    Row("out of unknown type", "return np.sum(x, out=np.frombuffer(bytearray(8)).reshape(()))",
        "return np.sum(x)"),

    # rules
    Row("np.s_", "return np.sum(np.s_[x])", "return np.sum(np.concatenate([x]))"),
    Row("norm with ord 0", "return np.sum(np.linalg.norm(x, axis=0, ord=0))",
        "return np.sum(np.linalg.norm(x, axis=0, ord=2))", args=(SQUARE,)),
    Row("matrix power", "return np.sum(np.linalg.matrix_power(x, 40))",
        "z = x; for _ in range(3): z = z @ z; return np.sum(z)", args=(SQUARE / 3,)),
    Row("multi_dot of vectors", "return np.linalg.multi_dot([x, z, y])", "return x @ z @ y",
        args=(X, Y, SQUARE)),
    Row("norm of stacked matrices", "return np.sum(np.linalg.norm(np.stack([x, x]), ord=2, axis=(1, 2)))",
        "z = np.stack([x, x]); return sum(np.linalg.norm(z[i], ord=2) for i in range(2))", args=(SQUARE,)),
    Row("norm of a matrix", "return np.linalg.norm(x, ord=-2)", "return np.linalg.norm(x, ord=2)",
        args=(SQUARE,)),
    Row("svd of a wide matrix, whole", "return np.sum(np.linalg.svd(x)[2]**3)",
        "return np.sum(np.linalg.svd(x, full_matrices=False)[2]**3)", args=(WIDE,)),
    Row("qr of a wide matrix", "return np.sum(np.linalg.qr(x)[1])", "return np.sum(np.linalg.qr(x.T)[1])",
        args=(WIDE,)),
    Row("residuals of lstsq", "return np.sum(np.linalg.lstsq(x, y, rcond=None)[1])",
        "z = np.linalg.lstsq(x, y, rcond=None)[0]; return np.sum((x @ z - y)**2)", args=(WIDE.T, Y)),
    Row("lstsq of a wide matrix", "return np.sum(np.linalg.lstsq(x, y, rcond=None)[0])",
        "return np.sum(np.linalg.pinv(x) @ y)", args=(WIDE, Y[:2])),
    Row("cond by another norm", "return np.linalg.cond(x, 'fro')",
        "return np.linalg.norm(x, 'fro') * np.linalg.norm(np.linalg.inv(x), 'fro')", args=(SQUARE,)),
    Row("many windows", "return np.sum(np.lib.stride_tricks.sliding_window_view(x, 100)**2)",
        "s = 0.0; for i in range(101): s += np.sum(x[i:i + 100]**2); return s",
        args=(np.linspace(0.0, 1.0, 200),)),
    Row("as_strided of what was computed",
        "return np.sum(np.lib.stride_tricks.as_strided(x * 2, (2, 2), (8, 8)))",
        "return np.sum(np.lib.stride_tricks.sliding_window_view(x * 2, 2))"),
    Row("take_along_axis without an axis", "return np.sum(np.take_along_axis(x, np.array([0, 1]), None))",
        "return np.sum(np.ravel(x)[np.array([0, 1])])", args=(SQUARE,)),
    Row("delete without an axis", "return np.sum(np.delete(x, 0))",
        "return np.sum(np.delete(np.ravel(x), 0))", args=(SQUARE,)),
    Row("np.diff with ends of a short axis", "return np.sum(np.diff(x, 3, append=x[-1:])**2)",
        "return np.sum(np.diff(np.concatenate((x, x[-1:])), 3)**2)", args=(np.array([0.5, -0.2]),)),
    Row("power of small integers", "return np.sum(2**x)", "return np.sum(2.0**x)",
        args=(np.array([1, 2], np.int32),)),
    Row("change of a list made of an array", "s = list(y); s.append(2.0); return x[0] * len(s)",
        "s = [v for v in y]; s.append(2.0); return x[0] * len(s)", wrt="x"),
    Row("next of a generator", "return np.sum(x) * len(y) + 0 * next(v for v in y if v > 0)", "return np.sum(x) * len(y) + 0 * y[0]"),
    Row("quantile at an array of points", "return np.sum(np.quantile(x, np.array([0.2, 0.5])))",
        "return np.quantile(x, 0.2) + np.quantile(x, 0.5)"),
    Row("quantile by another method", "return np.quantile(x, 0.3, method='lower')",
        "return np.quantile(x, 0.3)"),
    Row("quantile along several axes", "return np.sum(np.quantile(z, 0.3, axis=(0, 1))**2)",
        "return np.sum(np.quantile(z.reshape(9, 3), 0.3, axis=0)**2)", args=(X, Y, CUBE)),
    Row("out= of several results", "q, r = np.divmod(x, y, out=(np.zeros(3), np.zeros(3))); return np.sum(r * q)",
        "q, r = np.divmod(x, y); return np.sum(r * q)"),
    Row("block of an array", "return np.sum(np.block(x)**2)", "return np.sum(x**2)"),
    Row("median that overwrites", "return np.median(x, None, None, True)", "return np.median(x)"),
    Row("einsum with lists", "return np.sum(np.einsum(x, [0, 1], [1, 0])**2)",
        "return np.sum(np.einsum('ij->ji', x)**2)", args=(SQUARE,)),
    Row("gradient with edge_order", "return np.sum(np.gradient(x, edge_order=2)**2)",
        "return np.sum(((x[2:] - x[:-2]) / 2)**2)"),
    Row("pad with another mode", "return np.sum(np.pad(x, 1, mode='mean')**2)",
        "return np.sum(np.concatenate([[np.mean(x)], x, [np.mean(x)]])**2)"),
    Row("unique", "return np.sum(np.unique(x)**2)", "return np.sum(np.sort(x)**2)"),
    Row("a draw that moves what varies", "return np.sum(np.random.permutation(x) * np.arange(3.0))",
        "np.random.seed(3); return np.sum(x[np.random.permutation(len(x))] * np.arange(3.0))"),
    Row("a draw by a parameter", "return np.sum(np.random.gamma(x**2 + 1))",
        "np.random.seed(3); return np.sum(x + y * np.random.normal(size=3))"),
    Row("a draw of Python's", "return np.sum(x) * random.betavariate(1.0, 2.0)",
        "np.random.seed(3); return np.sum(x) * np.random.beta(1.0, 2.0)"),

    # lists of unknown length, branches and loops
    Row("a list of unknown length in arithmetic", "s = [v for v in x if v > 0]; return np.sum(np.add(s, s))",
        "s = np.array([v for v in x if v > 0]); return np.sum(np.add(s, s))"),
    Row("a list of unknown length is unpacked", "s = [v for v in x if v > 0]; a, b = s; return a * b",
        "s = [v for v in x if v > 0]; a = s[0]; b = s[1]; return a * b"),
    Row("a slice of a list of unknown length", "s = [v for v in x if v > 0]; t = s[:2]; return t[0]",
        "s = [v for v in x if v > 0]; return s[0]"),
    Row("a structure for each side", "z = (x, y) if x[0] > 0 else x; return np.sum(z[0])",
        "z = (x, y) if x[0] > 0 else (y, x); return np.sum(z[0])"),
    Row("a list for each side", "p = [x] if x[0] > 0 else [x, 2.0]; return np.sum(p[0])",
        "p = [x] if x[0] > 0 else [y]; return np.sum(p[0])"),
    Row("memory that may be shared", "t = x if y[0] > 0 else y; t *= 2; return np.sum(x * y)",
        "t = x.copy() if y[0] > 0 else y.copy(); t *= 2; return np.sum(x * t)"),
    Row("a view or a copy", "z = x * 1; t = z[::2] if y[0] > 0 else z; t *= 2; return np.sum(z)",
        "z = x * 1; t = (z[::2] if y[0] > 0 else z).copy(); t *= 2; return np.sum(z * t[0])"),
    Row("while whose rounds differ",
        ["z = [x]", "while np.sum(z[-1]) < 9:", "    z = z + [z[-1] * 2, x]", "return np.sum(z[0])"],
        ["z = x", "while np.sum(z) < 9:", "    z = z * 2", "return np.sum(z)"]),
    Row("a value that a loop changes in kind",
        ["z = x", "for i in range(3):", "    if y[i] > 0:", "        z = (z, z)", "return np.sum(z[0])"],
        ["z = x", "for i in range(3):", "    if y[i] > 0:", "        z = z * 2", "return np.sum(z)"]),
    Row("recursion by a value", "return half(x)",
        ["s = np.sum(x)", "while s > 0.1:", "    s = s / 2", "return s * y[0]"]),
    Row("super of what is not known", "return np.sum(Child(x).both())", "return np.sum(x) * 2"),
    Row("a slice for a method", "return np.sum(Rows(x)[0:2])", "return np.sum(Rows(x).first(2))"),
    Row("a draw of unknown shape", "np.random.seed(3); return np.sum(x) * np.sum(np.random.dirichlet(y**2))",
        "np.random.seed(3); return np.sum(x) * np.sum(np.random.normal(size=3))"),
    Row("rank unknown", "z = np.squeeze(np.stack([x[x > 0]])); return np.sum(np.cumsum(z, axis=0))",
        "z = np.stack([x[x > 0]])[0]; return np.sum(np.cumsum(z, axis=0))"),
    Row("setting unknown",
        "return np.sum(np.roll(x, int(x[0])).reshape(int(x[1]) + 2, -1).sum(axis=int(x[0])))",
        "return np.sum(x)"),
    Row("pad by widths that are not known", "return np.sum(np.pad(x, int(x[1]))**2)",
        "return np.sum(np.pad(x, ((1, 1),))**2)"),
    Row("an array filled in a try", ["try:", "    z = x / np.zeros(int(x[0]) - 1)", "except ValueError:",
                                     "    z = x", "return np.sum(z)"],
        "return np.sum(x)"),
    Row("store into an element with what stores", "z = x * 1; z[0] += grow(z); return np.sum(z)",
        "z = x * 1; v = grow(z); z[0] += v; return np.sum(z)"),
    Row("np.add.reduceat", "z = x * 1; np.multiply.at(z, [0, 0], y[:2]); return np.sum(z)",
        "z = x * 1; np.add.at(z, [0, 0], y[:2]); return np.sum(z)"),
    Row("svd of a wide matrix by scipy",
        "import scipy.linalg; return np.sum(scipy.linalg.inv(x, overwrite_a=True))",
        "import scipy.linalg; return np.sum(scipy.linalg.inv(x))", args=(SQUARE,)),
    Row("solve of a special matrix by scipy",
        "import scipy.linalg; return np.sum(scipy.linalg.solve(x, y, assume_a='pos'))",
        "import scipy.linalg; return np.sum(scipy.linalg.solve(x, y))",
        args=(SQUARE + SQUARE.T + 4 * np.eye(3), Y)),
    Row("order of a Bessel function", "import scipy.special; return np.sum(scipy.special.jv(y, x))",
        "import scipy.special; return np.sum(scipy.special.jv(2, x))"),
    Row("sign of logsumexp", "import scipy.special; return scipy.special.logsumexp(x, return_sign=True)[0]",
        "import scipy.special; return scipy.special.logsumexp(x)"),
    Row("weights of logsumexp",
        "import scipy.special; return np.sum(scipy.special.logsumexp(x, b=z, axis=1))",
        "import scipy.special; return np.sum(scipy.special.logsumexp(x, b=np.stack([z, z, z]), axis=1))",
        args=(SQUARE, Y, Y ** 2 + 0.1)),
    Row("generator that is left", ["def pieces(v):", "    for i in range(3):", "        yield v[i] * 2",
                                   "s = 0.0", "for p in pieces(x):",
         "    if p > 1.5:", "        break", "    s += p", "return s * y[0]"],
        ["s = 0.0", "for p in [x[0] * 2, x[1] * 2]:", "    if p > 1.5:", "        break", "    s += p",
         "return s * y[0]"]),
    Row("tolist of several axes", "return np.sum(x.tolist()[0] * np.array([1.0, 2.0, 3.0]))",
        "return np.sum(x[0] * np.array([1.0, 2.0, 3.0]))", args=(SQUARE,)),
    Row("special method of an array", "return np.sum(x.__abs__())", "return np.sum(abs(x))"),
    Row("lists that are added", "return sum([x[0], y[0]] + x[x > 0].tolist())",
        "return sum([x[0], y[0]] + [x[1], x[2]])"),
    Row("unpacking what is not known", "a, b = eval('x'); return a * b",
        "z = x if np.sum(x) > np.sum(y) else y; a = z[0]; b = z[1]; return a * b"),
    Row("call of what has no source", "g = {1: len, 2: sum}[int(y[0])]; return g(x)",
        "return np.sum(x) if int(y[0]) == 2 else x[0]"),
    Row("a list that loops fill one after the other",
        ["s = []", "for v in x:", "    if v > 0:", "        s.append(v)", "for v in y:", "    if v > 0:",
"        s.append(v * 2)", "return sum(s)"],
        ["s = np.zeros(6)", "for i in range(3):", "    if x[i] > 0:", "        s[i] = x[i]",
         "for i in range(3):",
         "    if y[i] > 0:", "        s[3 + i] = y[i] * 2", "return sum(s)"]),
    Row("a list read while it grows", ["s = [x[0]]", "while s[-1] < 5:", "    s.append(s[-1] * 2)",
                                       "    if s[0] > 1:", "        s.append(s[-1])",
         "return s[-1]"],
        ["s = np.zeros(20)", "s[0] = x[0]", "n = 0", "while s[n] < 5:", "    s[n + 1] = s[n] * 2",
         "    n += 1", "return s[n]"]),
    Row("statement with an object", "p = Plain(x); q = f'{p}'; return np.sum(p.w)",
        "p = Plain(x); return np.sum(p.w)"),
    Row("result that differs by rounds", ["for v in x:", "    z = (v, v) if v > 0 else v", "return z[0]"],
        ["for v in x:", "    z = (v, v)", "return z[0]"]),
    Row("a value given in a branch only",
        ["s = 0.0", "for v in x:", "    if v > 0:", "        z = np.array([v, v])", "        s += z[0]",
         "return s, z"],
        ["s = 0.0", "z = np.zeros(2)", "for v in x:", "    if v > 0:", "        z = np.array([v, v])",
         "        s += z[0]",
         "return s, z"]),
    Row("pad by what varies", "return np.sum(np.pad(x, (int(x[1]), 1))**2)",
        "return np.sum(np.pad(x, ((1, 1),))**2)"),
    Row("an unknown function by value",
        ["z = x[0]", "for g in [np.sin, np.cos][:int(y[0]) + 1]:", "    z = g(z)", "return z"],
        ["z = x[0]", "for g in [np.sin, np.cos]:", "    z = g(z)", "return z"]),
    Row("deep recursion", "return np.sum(deep(x, 100))",
        "for _ in range(100): x = x * 1.01; return np.sum(x)"),

    # objects
    Row("a class that looks for attributes itself", "return np.sum(Looks(x).w)", "return np.sum(x)"),
    Row("an attribute by a descriptor", "p = Described(x); return np.sum(x * p.scale)",
        "return np.sum(x * 2.0)"),
    Row("attributes as a dict", "p = Plain(x); return np.sum(p.__dict__['w'])",
        "p = Plain(x); return np.sum(p.w)"),
    Row("assignment to a descriptor", "p = Described(x); p.scale = y; return np.sum(x * p.w)",
        "p = Described(x); scale = y; return np.sum(x * p.w)"),
    Row("assignment to an attribute of one of several",
        "s = [Plain(x), Plain(y)]; p = s[int(x[0])]; p.w = y; return np.sum(x)",
        "w = y; return np.sum(x)"),
    Row("method that is a function which only running shows",
        "p = Plain([np.sin, np.cos][int(y[0]) - 1]); return np.sum(p.w(x))",
        "return np.sum(np.sin(x))"),
    Row("a function that is made by a call", "return x[0] * operator.itemgetter(2.0)", "return x[0] * 2.0"),
    Row("an array of objects in a function of NumPy",
        "p = np.array([1, 2.0, 3], object); return np.sum(p ** x)",
        "p = np.array([1, 2.0, 3], object).astype(float); return np.sum(p ** x)"),
    Row("an object in arithmetic", "p = Plain(x); return p * np.sum(x)",
        "p = Plain(x); return p.w * np.sum(x)"),
    Row("copy.copy of a changed object", "held.w = y; e = copy.copy(held); return np.sum(x) * e.w[0]",
        "held.w = y; return np.sum(x) * held.w[0]", outside=HELD, wrt="x"),
    Row("an object from outside is returned after a change", "holder.v = x; return holder",
        "holder.v = x; return holder.v"),
    Row("statement that is left alone with an object",
        "p = Plain(x); print([q for q in [p]]); return np.sum(p.w)",
        "p = Plain(x); print(p.w.shape); return np.sum(p.w)"),
    Row("'del' of an attribute", "p = Plain(x); del p.w; return np.sum(x)", "p = Plain(x); return np.sum(x)"),
    Row("an attribute of super()", "return np.sum(Scaled(x).go())", "return np.sum(Scaled(x).right())"),
    Row("array that a cache keeps", "z = kept(3); z[0] = x[0]; return np.sum(z)",
        "z = kept(3).copy(); z[0] = x[0]; return np.sum(z)"),
    Row("complex numbers", "return np.sum((x + 1j)**2).real", "return np.sum(x**2 - 1)"),
    Row("number out of text", "return np.sum(x) * float(str(x[0]))", "return np.sum(x) * x[0]"),
    Row("eval", "return np.sum(x * eval('x'))", "return np.sum(x * x)"),
    Row("text of an array",
        "return np.sum(x.astype('U5') == 'a') * np.sum(np.char.upper(x.astype('U5')) == 'A') * x[0]",
        "return np.sum(x.astype(float)) * x[0]"),
    Row("function without source", "return secret(x)", "return x[0]"),
    Row("expression that is nested too deeply", "return " + " + ".join(["x[0]"] * 600),
        "z = x[0]; return 600 * z"),

    # lists and dicts
    Row("key of .pop", "d = {0: x, 1: y}; return np.sum(d.pop(int(y[0])))",
        "d = {0: x, 1: y}; return np.sum(d.pop(1))"),
    Row("place that is looked for", "s = [1, 2, int(y[0])]; return s.index(2) * x[0]", "return 1 * x[0]"),
    Row("key that is differentiated", "d = {}; d[z] = x; return np.sum(d[z])",
        "d = [(z, x)]; return np.sum(d[0][1])", args=(X, Y, 3.5)),
    Row("unpacking what is of unknown rank", "a, b = np.squeeze(x[x > 0]); return a * b",
        "z = x[x > 0]; return z[0] * z[1]"),
    Row("'del' of an element of an array", "del x[0]; return np.sum(x)", "z = x[1:]; return np.sum(z)"),
    Row("'del' of an element that only running shows", "s = [x, y]; del s[int(y[0])]; return np.sum(s[0])",
        "s = [x, y]; del s[1]; return np.sum(s[0])"),
    Row("fields that only running shows",
        "P = collections.namedtuple('P', ['a', 'b'][:int(y[0])]); return P(x[0]).a",
        "p = Pair(x[0], y[0]); return p.a"),
    Row("an iterator in two places", "t = iter(x); z = zip(t, t); return sum([a * b for a, b in z])",
        "t = list(x); return sum([a * b for a, b in zip(t[::2], t[1::2])])"),
    Row("items whose number only running shows", "a = list(x[x > 0]); return np.sum(a)",
        "a = x[x > 0]; return np.sum(a)"),
    Row("name that was taken away", "z = x * 1; del z; return np.sum(z)", "z = x * 1; return np.sum(z)"),
    Row("name that is not there", "return np.sum(missing * x)", "missing = 2.0; return np.sum(missing * x)"),

    # lists that grow
    Row("two loops fill one list",
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "for v in y:", "    s.append(v)",
"return s[0] * s[-1]"],
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "return s[0] * y[-1]"],
        args=(MANY, Y)),
    Row("a list that is read in the loop that fills it",
        ["s = [x[0]]", "for v in x:", "    if v > 0.5:", "        s.append(v * s[-1])", "return s[-1]"],
        ["s = np.ones(len(x) + 1)", "s[0] = x[0]", "n = 0", "for v in x:", "    if v > 0.5:",
         "        s[n + 1] = v * s[n]",
         "        n += 1", "return s[n]"], args=(MANY, Y)),
    Row("a list of tuples from a loop", ["s = []", "k = 0", "while k < x[1] * 3:",
                                         "    s.append((x[0], x[1]))", "    k += 1", "return s[-1][0]"],
        ["s = np.zeros((9, 2))", "k = 0", "while k < 4:", "    s[k] = x[:2]", "    k += 1",
         "return s[3, 0]"]),
    Row("elements of two shapes", ["s = [x[0]]", "k = 0", "while k < x[1] * 3:", "    s.append(x)",
                                   "    k += 1", "return np.sum(s[-1])"],
        ["s = np.zeros((9, 3))", "k = 0", "while k < 4:", "    s[k] = x", "    k += 1",
         "return np.sum(s[3])"]),
    Row("integers and floats in one list",
        "s = [v for v in np.arange(3) if x[v] > 0]; s.append(x[0]); return s[-1]",
        "s = [v * 1.0 for v in np.arange(3) if x[v] > 0]; return x[0]"),
    Row("lists of other lengths in a list",
        ["s = []", "k = 0", "while k < x[1] * 3:", "    s.append([x[0]] * (k + 1))", "    k += 1",
         "return s[0][0]"],
        ["s = np.zeros((9, 9))", "k = 0", "while k < 4:", "    s[k, :k + 1] = x[0]", "    k += 1",
         "return s[0, 0]"]),
    Row("slice of a list that a loop fills",
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "return sum(s[:2])"],
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "return s[0] + s[1]"],
        args=(MANY, Y)),
    Row("unpacking a list that a loop fills",
        ["s = []", "for v in x:", "    if v > 0.9:", "        s.append(v)", "a, b = s", "return a * b"],
        ["s = []", "for v in x:", "    if v > 0.9:", "        s.append(v)", "return s[0] * s[1]"],
        args=(MANY, Y)),
    Row("a method of a list that a loop fills",
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "s.pop()", "return np.sum(s)"],
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)",
         "return np.sum(np.array(s)[:-1])"], args=(MANY, Y)),
    Row("sum of lists that a loop fills",
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "return sum([s, [x[0]]], [])[0]"],
        ["s = []", "for v in x:", "    if v > 0.5:", "        s.append(v)", "return s[0]"], args=(MANY, Y)),
    Row("a list that gets longer by its slices",
        ["s = [x[0]]", "k = 0", "while k < x[1] * 3:", "    s = [x[1], x[2], x[0]][:k % 3]", "    k += 1",
         "return s[0]"],
        ["s = x[0]", "k = 0", "while k < x[1] * 3:", "    s = x[k % 3]", "    k += 1", "return s"]),
    Row("a value of another rank in the first round",
        ["k = 0", "while k < x[1] * 3:", "    z = x[x > k] if k else np.outer(x, x)", "    k += 1",
         "return np.sum(z)"],
        ["k = 0", "z = np.outer(x, x)", "while k < x[1] * 3:", "    z = np.outer(x, x) * k", "    k += 1",
         "return np.sum(z)"]),
    Row("many rounds that may be the last",
        ["s = {}", "for i in range(400):", "    s[i] = x[0] * i", "    if x[0] * i > 3:", "        break",
         "return s[0] + s[1]"],
        ["s = np.zeros(400)", "for i in range(400):", "    s[i] = x[0] * i", "    if x[0] * i > 3:",
         "        break",
         "return s[0] + s[1]"]),
    Row("'while' whose list is another each round",
        ["s = []", "t = []", "for i in range(5):", "    if x[i % 3] > 0:", "        s.append(x[i % 3])",
         "    s, t = t, s",
         "return np.sum(np.array(s))"],
        ["s = np.zeros((2, 5))", "for i in range(5):", "    if x[i % 3] > 0:",
         "        s[i % 2, i] = x[i % 3]",
         "return np.sum(s[1])"]),

    # stores by functions
    Row("store by what is called as np.add.at", "z = x * 1; times.add.at(z, [0, 0], y[:2]); return np.sum(z)",
        "z = x * 1; np.add.at(z, [0, 0], y[:2]); return np.sum(z)"),
    Row("a copy into a list", "z = [x]; np.copyto(z, y); return np.sum(x)",
        "z = x * 1; z[:] = y; return np.sum(x)"),
    Row("places of two axes", "z = x * 1; np.put(z, np.array([[0, 1]]), y[:2]); return np.sum(z)",
        "z = x * 1; z[[0, 1]] = y[:2]; return np.sum(z)"),
    Row("values of unknown rank",
        "z = x * 1; np.put(z, [0, 1], np.squeeze(y[y > 0][None])); return np.sum(z)",
        "z = x * 1; z[[0, 1]] = y[y > 0]; return np.sum(z)"),
    Row("np.add.at on .flat", "z = x * 1; np.add.at(z.flat, [0, 1], y[:2]); return np.sum(z)",
        "z = x * 1; np.add.at(z, [0, 1], y[:2]); return np.sum(z)"),
    Row("np.fill_diagonal that wraps",
        "z = np.ones((5, 3)) * x; np.fill_diagonal(z, y, wrap=True); return np.sum(z)",
        "z = np.ones((5, 3)) * x; np.fill_diagonal(z, y[0], wrap=True); return np.sum(z)"),
    Row("no values to place", "z = x * 1; np.place(z, x < -90, []); return np.sum(z)",
        "z = x * 1; np.place(z, x < -90, [1.0]); return np.sum(z)"),
    Row("np.putmask by values of unknown rank",
        "z = x * 1; np.putmask(z, x > 0, np.squeeze(y[y > 0][None])); return np.sum(z)",
        "z = np.where(x > 0, y[0], x); return np.sum(z)"),
    Row("a mask of another shape",
        "z = x * 1; np.place(z, np.array([[True, False, True]]), y); return np.sum(z)",
        "z = x * 1; z[[True, False, True]] = y[:2]; return np.sum(z)"),
    Row("store into an object", "bytes_of_numbers[0] = int(x[0]); return np.sum(x)",
        "z = [0]; z[0] = int(x[0]); return np.sum(x)"),
    Row("store by a truth value", "z = np.array(x[0]); z[y[0] > 0] = y[0]; return z * 1",
        "z = np.array(x[0]); z[...] = y[0]; return z * 1"),
    Row("a truth value as subscript of one element", "z = np.asarray(x[0]); return np.sum(z[y[0] > 0])",
        "z = np.asarray(x[0]); return np.sum(z)"),
    Row("store into the diagonal", "z = x * 1; v = np.einsum('...i->...i', z); v[0] = 1.0; return np.sum(z)",
        "z = x * 1; v = np.einsum('...i->...i', z).copy(); v[0] = 1.0; return np.sum(z)", args=(SQUARE,)),
    Row("store into what is broadcast",
        "z, w = np.broadcast_arrays(x, np.ones((2, 3))); z[0] = y; return np.sum(z * w)",
        "z, w = np.broadcast_arrays(x, np.ones((2, 3))); z = z.copy(); z[0] = y; return np.sum(z * w)"),
    Row("a reshape that may be a view",
        "z = x * 1; z = z.T if y[0] > 3 else z * 2; v = z.ravel(); v[0] = 1.0; return np.sum(z)",
        "z = x * 1; z = z.T if y[0] > 3 else z * 2; v = z.ravel().copy(); v[0] = 1.0; return np.sum(z)",
        args=(SQUARE, Y)),

    # more rules
    Row("order A", "return np.sum(x.T.ravel(order='A') * np.arange(9.0))",
        "return np.sum(x.T.ravel(order='C') * np.arange(9.0))", args=(SQUARE,)),
    Row("cross of vectors of unknown length", "return np.sum(np.cross(x[:, y > -9], x + 1) * x)",
        "return np.sum(np.cross(x[:, y > -9].reshape(-1, 3), x + 1) * x)", args=(SQUARE, Y)),
    Row("kaiser", "return np.sum(np.kaiser(3, x[0])) * y[0]", "return np.sum(np.kaiser(3, 2.0)) * y[0]"),
    Row("pinv of a Hermitian matrix that is none", "return np.sum(np.linalg.pinv(x, hermitian=True)) + y[0]",
        "return np.sum(np.linalg.pinv(x)) + y[0]", args=(np.zeros((2, 0)), Y)),
    Row("prod of a list of lists", "return np.sum(math.prod([[x[0], y[0]]]))",
        "return np.sum(math.prod(np.array([[x[0], y[0]]])))"),
    Row("diff of a list, not once", "return np.sum(np.diff([x[0], y[0]], n=0))", "return np.sum([x[0], y[0]])"),
    Row("initial of integers into floats",
        "n = np.array([1, 2]); return np.sum(np.min(n, initial=0.5, out=np.zeros(())) * x) + y[0]",
        "n = np.array([1, 2]); return np.sum(np.min(n.astype(float), initial=0.5, out=np.zeros(())) * x) + y[0]"),
    Row("linspace along another axis", "return np.sum(np.linspace(x, y, 5, axis=1) * np.arange(5.0))",
        "return np.sum(np.moveaxis(np.linspace(x, y, 5), 0, 1) * np.arange(5.0))"),
    Row("linspace with its step", "p, s = np.linspace(x, y, 5, retstep=True); return np.sum(p * s)",
        "p, s = np.linspace(x, y, 5), (y - x) / (5 - 1); return np.sum(p * s)"),
    Row("multi_dot of stacks", "return np.sum(np.linalg.multi_dot([x, np.stack([x, x])]))",
        "return np.sum(x @ np.stack([x, x]))", args=(SQUARE,)),
    Row("tile by an array", "return np.sum(np.tile(x, np.array([2, 2])) * 2)",
        "return np.sum(np.tile(x, (2, 2)) * 2)"),
    Row("pad with two constants", "return np.sum(np.pad(x, 1, constant_values=(y[0], y[1])))",
        "z = np.pad(x, (1, 0), constant_values=y[0]); return "
        "np.sum(np.pad(z, (0, 1), constant_values=y[1]))"),
    Row("math.prod from an array", "return math.prod(x, start=y)[0]", "return math.prod(x)[0] * y[0]",
        args=(SQUARE, Y)),
    Row("max of rows", "return np.sum(max(x))", "return np.max(x)", args=(SQUARE[:1],)),
    Row("average and its weights", "return np.average(x, returned=True)[0]", "return np.average(x)"),
    Row("average over axes in another order",
        "return np.sum(np.average(z, axis=(1, 0), weights=np.abs(z[0])))",
        "return np.sum(np.average(z, axis=(0, 1), weights=np.abs(z[0])))", args=(X, Y, CUBE)),
    Row("trapezoid with several steps", "return np.sum(TRAPEZOID(x, dx=y[:2]))",
        "return np.sum(TRAPEZOID(x, np.concatenate([[0.0], np.cumsum(y[:2])])))"),
    Row("trapezoid along another axis", "return np.sum(TRAPEZOID(z, np.abs(z[0]), axis=1))",
        "return np.sum(TRAPEZOID(np.moveaxis(z, 1, -1), np.abs(z[0])))", args=(X, Y, CUBE)),
    Row("bytes as other numbers", "return np.sum(x.view('i4'))", "return np.sum(x.astype(float))"),
    Row("transpose by what only running shows",
        "z = np.transpose(x, [int(y[0]) - 1, int(y[0])]); return np.sum(z[0])",
        "z = x if int(y[0]) == 1 else x.T; return np.sum(z[0])", args=(SQUARE, Y)),
    Row("a draw of unknown rank",
        "np.random.seed(1); return np.sum(np.random.normal(np.squeeze(x[x > 0][None])))",
        "np.random.seed(1); return np.sum(np.random.normal(x, size=3))"),
    Row("max of an array with a default", "return max(x, default=0.0) * 2",
        "return (max(x) if len(x) else 0.0) * 2"),
    Row("max of lists", "return max(x)[0] * 2", "return max(row[0] for row in x) * 2",
        args=([[1.0], [2.5]],)),
    Row("split of a list", "return np.sum(np.split(x, [1], axis=1)[0]**2)",
        "return np.sum(np.split(np.array(x), [1], axis=1)[0]**2)", args=([[1.0, 2.0], [3.0, 4.0]],)),
]
ROWS.append(Row("a sum that begins with an array",
                "z = x * 2; s = sum((v for v in []), z); z[0] = y[1]; return np.sum(z * x) + np.sum(s)",
                "z = x * 2; s = sum(v for v in []) + z; z[0] = y[1]; return np.sum(z * x) + np.sum(s)"))
ROWS.append(Row("a name given in any",
                ["t = x[0]", "if any((t := v) < 0 for v in x):", "    return t * 3", "return t"],
                ["t = x[0]", "for t in x:", "    if t < 0:", "        break", "return t * 3"]))
ROWS.append(Row("combinations of real numbers",
                "import scipy.special; return np.sum(scipy.special.comb(x, 2))",
                "return np.sum(x * (x - 1) / 2)"))
ROWS.append(Row("a call in a try that stores before it raises",
                ["z = x * 1", "def g(v):", "    v[0] = y[1]", "    return v[9]", "try:", "    g(z)",
                 "except IndexError:", "    z[0] = 1.0", "return np.sum(z * x)"],
                ["z = x * 1", "if len(z) < 10:", "    z[0] = 1.0", "return np.sum(z * x)"]))
ROWS.append(Row("any of items that do more than give a value",
                ["k = [1.0, 2.0, 3.0]", "b = any(k.pop() * x[0] < 4 for v in range(3))",
                 "return sum(k) * x[0] + b * y[0]"],
                ["k = [1.0, 2.0, 3.0]", "b = False", "for v in range(3):", "    if k.pop() * 2.0 < 4:",
                 "        b = True", "        break", "return sum(k) * x[0] + b * y[0]"]))
ROWS.append(Row("a power that is complex", "s = float(x[2]); return s**0.5 * y[0]",
                "s = float(x[2]); return abs(s)**0.5 * y[0]"))
ROWS.append(Row("a list that is empty in some rounds",
                ["s = 0.0", "for t in x:", "    m = []", "    for v in y:", "        if v < t:",
                 "            m.append(v * y)", "    s = s + np.sum(np.array(m).sum(axis=-1)**2)",
                 "return s * x[0]"],
                ["s = 0.0", "for t in x:", "    m = []", "    for v in y:", "        if v < t:",
                 "            m.append(v * y)", "    if len(m) > 0:",
                 "        s = s + np.sum(np.array(m).sum(axis=-1)**2)",
                 "return s * x[0]"]))
ROWS.append(Row("a place of an array without elements", "return np.sum(np.take(x, 2, 1)) + y[0]",
                "return (np.sum(np.take(x, 2, 1)) if x.size else 0.0) + y[0]", args=(np.ones((0, 2)), Y)))
ROWS.append(Row("determinants of singular matrices in a loop",
                ["s = 0.0", "for i in range(2):", "    s = s + np.linalg.det(x * (i + 1))",
                 "return s * y[0]"],
                "return np.sum(np.linalg.det(x * np.arange(1.0, 3.0)[:, None, None])) * y[0]",
                args=(np.ones((2, 2)), Y)))
ROWS.append(Row("a deep copy of an object from outside",
                "e = copy.deepcopy(held); return np.sum(x) * e.w[0] + y[0]",
                "w = held.w.copy(); return np.sum(x) * w[0] + y[0]", outside=HELD))
ROWS.append(Row("a copy of an object that says how it is copied",
                "p = copy.copy(Counted(x)); return np.sum(p.v) + y[0]",
                "p = Counted(x); p = Counted(p.v); return np.sum(p.v) + y[0]",
                outside="import copy\n\nclass Counted:\n    def __init__(self, v):\n        self.v = v\n"
                        "    def __copy__(self):\n        return Counted(self.v * 2)"))
ROWS.append(Row("a gradient of a function with *args", "return np.sum(revad.grad(many)(x, y)[0] * x)",
                "return np.sum(revad.grad(two_many)(x, y)[0] * x)",
                outside="import revad\ndef many(*v):\n    return np.sum(v[0] * v[1]**2)\n"
                        "def two_many(v, w):\n    return np.sum(v * w**2)"))
ROWS.append(Row("an attribute that one side alone may have",
                ["e = 0.5", "if x[0] > y[0]:", "    e = x[1]",
                 "return np.sum(y) * x[0] * (getattr(e, 'ndim', 1) + 1)"],
                ["e = 0.5", "if x[0] > y[0]:", "    e = x[1]", "return np.sum(y) * x[0] * (np.ndim(e) + 1)"]))
ROWS += [
    Row("choices by number with mode=", "return np.sum(np.choose([0, 1, 0], [x, y], mode='clip'))",
        "return np.sum(np.choose([0, 1, 0], [x, y]))"),
    Row("choices by number from an array", "return np.sum(np.choose([0, 1, 0], np.stack([x, y])))",
        "return np.sum(np.choose([0, 1, 0], [x, y]))"),
    Row("a running extreme with dtype=", "return np.sum(np.maximum.accumulate(x, dtype=float) * y)",
        "return np.sum(np.maximum.accumulate(x) * y)"),
    Row("a covariance of two arrays", "return np.sum(np.cov(x[None], y)**2)",
        "return np.sum(np.cov(np.vstack([x, y]))**2)"),
    Row("a covariance with weights", "return np.sum(np.cov(x * y, fweights=[1, 2, 1])**2)",
        "return np.sum(np.cov(np.repeat(x * y, [1, 2, 1]))**2)"),
    Row("a covariance of a number", "return np.sum(np.cov(x[0])) * y[0]", "return np.sum(np.cov(x)) * y[0]"),
    Row("the first item that a generator gives", "v = next((t for t in x if t > 0), 0.0); return v * y[0]",
        ["v = 0.0", "for t in x:", "    if t > 0:", "        v = t", "        break", "return v * y[0]"]),
]
ROWS.append(Row("no tangent", *["return np.interp(x, 3.0 * np.arange(3), y, left=0.0)"] * 2, forward=True))
if hasattr(np.linalg, "vecdot"):      # NumPy 2
    ROWS.append(Row("a Python integer that only running shows, beside a small one",
                    ["n = 1", "while n < y[0] + 3:", "    n = n + 1", "return np.sum(x * n) * y[0]"],
                    ["n = 1", "while n < y[0] + 3:", "    n = n + 1", "return np.sum(x.astype(float) * n) * y[0]"],
                    args=(np.array([3, 5, 7], np.uint8), Y)))
    ROWS.append(Row("axis from the front", "return np.sum(np.linalg.vecdot(x, x, axis=0))",
                    "return np.sum(np.linalg.vecdot(x, x, axis=-2))",
                    args=(SQUARE,)))
if np.__version__ < "2":      # whose np.average takes weights of one axis or of all
    ROWS = [row for row in ROWS if row.name != "average over axes in another order"]
