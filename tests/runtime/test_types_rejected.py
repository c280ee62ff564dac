"""What NumPy and Python reject for types, words and values is rejected by the gradient, also where it does not need the value.

Each program is one that raises for some arguments: the gradient raises the same, and names the line.  For
arguments which the function takes, it is right or refused.
"""
import itertools
import math

import numpy as np
import pytest
from from_text import function
from test_rejected import assert_rejected, error_of

import revad
from revad import grad
from revad.runtime.primal import copied

X = np.array([1.0, 2.0, 3.0])
OPERATORS = "+ - * / // % ** @ & | ^ << >> < ==".split()
OPERANDS = {
    "bool": np.array([True, False, True]), "int8": np.array([1, 2, 3], np.int8),
    "uint8": np.array([1, 2, 3], np.uint8), "int64": np.array([1, 2, 3]),
    "float16": np.array([1, 2, 3], np.float16), "float32": np.array([1, 2, 3], np.float32), "float64": X,
    "text": np.array(["a", "b", "c"]),
    "objects": np.array([1, 2.0, 3], object), "float64()": np.float64(2), "int8()": np.int8(3),
    "list": [1.0, 2, 3], "tuple": (1.0, 2, 3),
    "dict": {"a": 1.0}, "None": None, "True": True, "2": 2, "300": 300, "-1": -1, "2**70": 2**70,
    "1.5": 1.5, "'a'": "a"}


def is_number(value):
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iuf"
    return isinstance(value, (list, tuple, int, float, np.generic)) and type(value) is not bool


def assert_same(f, args, wrt, right=None):
    """The gradient raises what the function raises; else it is right, or refused."""
    own = error_of(f, args)
    if own is not None:
        return assert_rejected(grad(f, wrt=wrt), args, own)
    try:
        found = grad(f, wrt=wrt)(*args)
    except revad.UnsupportedError as error:
        return None if not isinstance(error, revad.InternalError) else pytest.fail(str(error))
    except revad.CallError:
        return None
    return right is None or np.testing.assert_array_equal(found, right)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_on_every_pair_of_types(operator):
    unused = function(f"def f(w, x, y):\n    t = x {operator} y\n    return np.sum(w)")
    beside = function(f"def f(w, x, y):\n    return np.sum(w) + np.size(x {operator} y)")
    of_both = function(f"def f(x, y):\n    return np.sum(x {operator} y)")
    for at, ((one, x), (other, y)) in enumerate(itertools.product(OPERANDS.items(), repeat=2), len(operator)):
        if operator in ("**", "<<") and other in ("300", "2**70"):
            continue        # a number without end
        if ("2**70" in (one, other)
                and (operator == "**" or np.__version__ < "2" or {one, other} & {"list", "tuple", "'a'"})):
            continue
        with np.errstate(all="ignore"):
            if at % 3:
                assert_same((unused, beside)[at % 2], (X, x, y), "w", np.ones(3))
                continue
            for name, value in (("x", x), ("y", y)):
                if is_number(value) and "'a'" not in (one, other):
                    assert_same(of_both, (x, y), name)


READ_ONLY = X.copy()
READ_ONLY.setflags(write=False)

# body, arguments that fit or None, those that do not
VALUES = [
    ("t = 1 / y; return np.sum(x)", 2, [0]), ("t = 1 / y; return np.sum(x)", 2.0, [0.0]),
    ("t = 1 / 0; return np.sum(x)", None, [2]),
    ("t = y % 0; return np.sum(x)", None, [2]), ("t = 0 ** y; return np.sum(x)", 1, [-1]),
    ("t = np.arange(3) ** y; return np.sum(x)", 1, [-1]),
    ("t = 2 << y; return np.sum(x)", 1, [-1]), ("t = math.sqrt(-1.0); return np.sum(x)", None, [2]),
    ("t = math.sqrt(y); return np.sum(x)", 2.0, [-1.0]),
    ("t = math.sqrt(x[0] - y); return np.sum(x)", 0.5, [5.0]),
    ("return np.sum(x) + math.sqrt(y)", 2.0, [-1.0]), ("return np.sum(x) + math.exp(y)", 2.0, [1e5]),
    ("t = int('a'); return np.sum(x)", None, [2]), ("t = int(y); return np.sum(x)", "2", ["a"]),
    ("t = float(y); return np.sum(x)", "2", ["a"]),
    ("t = int(y); return np.sum(x)", 2.0, [math.nan, math.inf]),
    ("t = np.linalg.inv(y); return np.sum(x)", np.eye(2), [np.zeros((2, 2))]),
    ("t = np.linalg.inv(np.outer(x, x)); return np.sum(x)", None, [0]),
    ("t = np.linalg.solve(y, np.ones(2)); return np.sum(x)", np.eye(2), [np.zeros((2, 2))]),
    ("t = np.linalg.cholesky(y); return np.sum(x)", np.eye(2), [-np.eye(2)]),
    ("t = x[7]; return np.sum(x)", None, [2]), ("t = x[y]; return np.sum(x)", 2, [7, -4]),
    ("t = [1 / y, x]; return np.sum(t[1])", 2, [0]),
    ("t = [math.log(x[0] - y), x]; return np.sum(t[1])", 0.5, [3.0]),
    ("t = max([]); return np.sum(x)", None, [2]), ("t = max(v for v in []); return np.sum(x)", None, [2]),
    ("t = max(v for v in y); return np.sum(x)", [1.0], [[]]),
    ("t = max(v for v in y); return np.sum(x)", np.ones(2), [np.ones(0)]),
    ("return max(v for v in y) * np.sum(x)", np.ones(2), [np.ones(0)]),
    ("t = np.quantile(y, 0.5); return np.sum(x)", np.ones(2), [np.ones(0)]),
    ("return np.quantile(x[y:], 0.5)", 1, [3]),
    ("t = np.quantile(x, y); return np.sum(x)", 0.5, [1.5]),
    ("t = np.zeros((2, -1)); return np.sum(x)", None, [2]),
    ("t = np.zeros((2, y)); return np.sum(x)", 1, [-1]),
    ("t = np.zeros(y - 3); return np.sum(x)", 3, [1]),
    ("t = np.zeros(len(y) - 3); return np.sum(x)", X, [X[:2]]),
    ("t = np.arange(0, 1, y); return np.sum(x)", 0.5, [0.0]),
    ("y[0] = 2.0; return np.sum(x * y)", X, [READ_ONLY]),
    ("y[0][0] = 2.0; return np.sum(x * y[0])", [X], [[READ_ONLY]]),
    ("y['a'][0] = 2.0; return np.sum(x)", {"a": X}, [{"a": READ_ONLY}]),
    ("y += 5.0; return np.sum(x * y)", X, [READ_ONLY]),
    ("v = y[1:]; v[0] = 2.0; return np.sum(x * y)", X, [READ_ONLY]),
    ("np.add(x, x, out=y); return np.sum(x * y)", X, [READ_ONLY]),
    ("y.sort(); return np.sum(x * y)", X, [READ_ONLY]), ("y.fill(2.0); return np.sum(x * y)", X, [READ_ONLY]),
    ("y += 0.5; return np.sum(x * y)", X, [np.arange(3)]),
    ("c = np.arange(3); c /= 2; return np.sum(x * c)", None, [2]),
    ("c = np.arange(3); c += x; return np.sum(c)", None, [2]),
    ("for i in range(3):\n        y += 0.5\n    return np.sum(x * y)", X, [np.arange(3)]),
    ("for i in range(len(x)):\n        y += x[i]\n    return np.sum(y)", X, [np.arange(3)]),
    ("m = x > 0; return np.sum(x) + np.sum(m - m)", None, [2]),
    ("m = x > 0; return np.sum(x * -m)", None, [2]), ("return np.sum(~x)", None, [2]),
    ("return np.sum(x | 1)", None, [2]),
    ("return np.sum(x & y)", None, [X]), ("return np.sum(x << 1)", None, [X]),
    ("return np.sum(np.exp(x, y, x))", None, [X]), ("return np.sum(np.exp(x, x, x, x))", None, [X]),
    ("return np.sum(round(x, 'a'))", None, [X]), ("t = -(1, 2); return np.sum(x)", None, [X]),
    ("t = abs(y); return np.sum(x)", X, [[1, 2]]),
    ("return np.sum(x.astype(float, False))", None, [X]), ("return np.sum(x) + c[y]", 2, [4]),
    ("return np.sum(x) + {'a': 2.0}[y]", "a", ["b"]), ("return np.sum(x) + [1.0, 2.0][y]", 1, [4]),
    ("for i in range(5):\n        t = 1 / (3 - i)\n    return np.sum(x)", None, [2]),
    ("for i in range(y):\n        t = x[i]\n    return np.sum(x)", 3, [4]),
    ("for i in range(y):\n        t = x[i] * 2\n    return np.sum(x)", 3, [4]),
    ("k = 0.0; for i in range(y):\n        k = k + c[i]\n    return np.sum(x) + k", 3, [4]),
    ("t = np.zeros(3); t[y] = 1.0; return np.sum(x)", 2, [4]),
    ("t = x.copy(); t[y] = 1.0; return np.sum(x)", 2, [4]), ("t = 'abc'[y]; return np.sum(x)", 1, [5]),
    ("t = 'abc'.index(y); return np.sum(x)", "a", ["z"]), ("t = '%d' % y; return np.sum(x)", 2, ["z"]),
    ("t = f'{y:d}'; return np.sum(x)", 2, [2.5]), ("del y['a']; return np.sum(x)", {"a": 1}, [{"b": 1}]),
    ("t = bool(y); return np.sum(x)", X[:1], [X]), ("t = 1 if y else 2; return np.sum(x)", X[:1], [X]),
    ("t = not y; return np.sum(x)", X[:1], [X]), ("t = y and 3; return np.sum(x)", X[:1], [X]),
    ("t = 0 < y < 3; return np.sum(x)", X[:1], [X]), ("t = [v for v in y]; return np.sum(x)", X, [2.0]),
    ("t = {k: 1 / v for k, v in y.items()}; return np.sum(x)", {"a": 2.0}, [{"a": 0.0}]),
    ("t = list(map(math.sqrt, y)); return np.sum(x)", [2.0], [[-2.0]]),
    ("t = y.astype(float); return np.sum(x)", np.array(["1"]), [np.array(["a"])]),
    ("t = math.cosh(y); return np.sum(x)", 2.0, [1e3]),
    ("t = round(y); return np.sum(x)", 2.0, [math.inf]),
    ("t = round(y, -308); return np.sum(x)", 2.0, [1.79e308]), ("t = max(y); return np.sum(x)", [2.0], [[]]),
    ("t = np.dtype(y); return np.sum(x)", "float32", ["abc"]),
    ("t = getattr(np, y); return np.sum(x)", "sin", ["abc"]),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("body, good, bads",
                         [pytest.param(*row, id=" ".join(row[0].split())) for row in VALUES])
def test_values_that_the_gradient_does_not_need(body, good, bads):
    f = function("def f(x, y):\n    c = np.ones(3)\n    " + body.replace("; ", "\n    ") + "\n")
    for bad in bads:
        own = error_of(f, (X, bad))
        assert own is not None
        for made in (grad(f, wrt="x"), grad(f, wrt="x").forward):
            assert_rejected(made, (X, bad), own)
            if good is not None:
                made(X.copy(), copied((good,))[0])
                assert_rejected(made, (X, bad), own)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", [
    "np.sum(x, dtype='a')", "x.reshape(3, order='Z')", "x.ravel('Z')", "x.flatten(order='Z')",
    "np.reshape(x, (3,), order='Q')", "np.meshgrid(x, x, indexing='z')[0]",
    "np.take(x, [0], mode='z')", "np.searchsorted(x, x, side='z') * x", "np.sort(x, kind='z')",
    "np.argsort(x, kind='z') * x", "np.pad(x, 1, mode='z')", "np.quantile(x, 0.5, method='z')",
    "np.zeros(3, order='Z') + x", "np.linalg.norm(x, ord='z')", "np.linalg.norm(x[None], 'z')",
    "np.linalg.qr(x[None], mode='z')[0]", "x.astype(float, order='Z')",
    "x.astype(float, casting='z')", "np.add(x, x, casting='z')", "x.copy(order='Z')",
    "np.array(x, order='Z')", "np.asarray(x, order='Z')", "np.convolve(x, x, mode='z')",
    "np.unique(x, 'a', 'b', 'c', 'd', 'e', 'f', 'g')", "np.sum(x, axis='a')", "np.sum(x, axis=0.5)",
    "np.cumsum(x, axis='a')", "np.mean(x, axis=[0])", "np.roll(x, 'a')", "np.diff(x, n='a')",
    "np.clip(x, 'a', 2)", "np.where(x > 0, x, 'a') + x", "np.power(x, 'a')", "np.round(x, 'a')",
    "np.linspace(0, x[0], 'a')", "np.swapaxes(x, 'a', 0)",
    "np.moveaxis(x, 'a', 0)", "np.expand_dims(x, 'a')", "np.repeat(x, 'a')", "np.tile(x, 1.5)",
    "np.stack([x], axis='a')", "np.concatenate([x], axis='a')", "np.split(x, 'a')[0]",
    "np.trace(x[None], 'a')", "np.flip(x, 'a')", "np.var(x, ddof='a')", "np.maximum(x)",
    "np.maximum(x, x, x, x)", "np.where(x > 0, x)", "np.dot(x)", "np.dot(x, x, x, x)", "np.tanh()",
    "np.tanh(x, 1, 2)", "x.sum(0, 1, 2, 3, 4, 5, 6)", "x.reshape()", "np.einsum(x)", "np.outer(x, x, x, x)",
    "np.cross(x, x, 1, 2, 3, 4, 5)", "np.eye('a') * x", "np.arange('a') * x",
    "math.exp('a') * x", "math.exp(1, 2) * x", "math.sqrt() * x", "math.atan2(1) * x", "abs() * x",
    "abs('a') * x", "abs(None) * x", "len(3) * x", "max(1) * x", "sum(1) * x",
    "float([1]) * x", "float(None) * x", "int(None) * x", "round() * x", "round('a') * x", "pow(1) * x",
    "x.T()", "x.shape()", "x.foo"])
def test_words_numbers_of_arguments_and_types_of_settings(expression):
    f = function(f"def f(x):\n    return np.sum({expression})\n")
    assert_same(f, (X,), "x")
    assert_same(function(f"def f(w, x):\n    t = {expression}\n    return np.sum(w)\n"), (X, X),
                "w", np.ones(3))


UNUSED = """next(iter(y)) | list(y) | set(y) | map(math.sqrt, y) | [v for v in y] | (v for v in y) | list(zip(y, y)) | lambda v: v | y.index(2.0) | y[-1] | sorted(y) | any(y)
    all(v > 0 for v in y) | f'{y}' | f'{x.sum():.2f}' | '%s' % y | 'a'.join(['b']) | isinstance(y, list) | np.random.default_rng(0) | np.random.permutation(3) | x[0].item()
    np.linalg.inv(np.eye(2)) | np.linalg.svd(np.eye(2)) | int(x[0]) | bool(x[0]) | np.array(y) | np.split(x, 3) | np.unique(x) | np.nonzero(x) | np.bincount([1, 2])
    np.repeat(x, 2) | np.meshgrid(x, x) | np.dtype('f4') | np.c_[x, x] | np.s_[1:2] | math.factorial(3) | divmod(7, 2) | range(0, 6, 2) | 2 ** -1 | ~1 | y and 1 | 0 < 1 < 2
    1 in y | y[0] / y[1] | y[0] ** y[1] | y[int(y[0]) - 1] | x[int(y[0])] | x[[0, 1]] | x[x > 0] | {**{'a': 1}} | [*y, 1] | np.arange(3, dtype=np.uint8) + 200
    np.zeros((3, 0)) | np.zeros(len(y) - 2) | x.astype(np.float32, order='F') | x.ravel('F') | np.pad(x, 1, 'edge') | 'ab' * 3 | [1] * 3 | -True | True + True"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression",
                         [one.strip() for line in UNUSED.splitlines() for one in line.split(" | ")])
def test_what_raises_nothing_is_in_nobodys_way(expression):
    for body in ("t = {}", "for i in range(2):\n        t = {}", "if x[0] > 0:\n        t = {}"):
        f = function(f"def f(x, y):\n    {body.format(expression)}\n    return np.sum(x * x)\n")
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(grad(f, wrt="x")(X, [1.0, 2.0]), 2 * X)


def test_a_float_added_to_a_part_of_an_array_of_integers():
    for line in ("c[i] += x", "c[i] -= x[0]"):
        f = function("def f(x):\n    c = np.zeros((3, 3), int)\n    for i in range(len(x)):\n"
                     f"        {line}\n    return np.sum(c)\n")
        assert_rejected(grad(f), (X,), error_of(f, (X,)))


METHODS = {"[x, 2 * x]": "append extend insert reverse clear copy pop index count".split(),
           "{'a': x, 'b': 2 * x}": "get copy update setdefault pop keys values items clear popitem".split(),
           "(x, 2 * x)": "index count".split()}
ARGUMENTS = ["", "1", "1, 2", "1, 2, 3", "order='C'", "'a', 1.0", "x, default=2", "key=None",
             "c=1", "index=0"]


@pytest.mark.parametrize("container", METHODS)
def test_methods_of_containers_with_every_number_of_arguments(container):
    for name, arguments in itertools.product(METHODS[container], ARGUMENTS):
        f = function(f"def f(x):\n    s = {container}\n    t = s.{name}({arguments})\n"
                     "    return np.sum(x * x)")
        assert_same(f, (X,), "x", 2 * X)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8])
@pytest.mark.parametrize("power", ["2**x", "x**x", "np.power(3, x)", "x**-1", "x**k",
                                   "x**np.array([1, -1, 1])", "2.0**x", "x**np.array([2, 1, 0])"])
def test_integers_to_negative_powers(power, dtype):
    for values in ([1, 2, 3], [1, -2, 1]):
        x = np.array(values).astype(dtype)
        assert_same(function(f"def f(x, k=-1):\n    return np.sum({power})"), (x,), "x")
        if dtype != np.uint8:
            assert_same(function(f"def f(x, k=2):\n    return np.sum({power} * 1.0)"), (x,), "x")


@pytest.mark.parametrize("expression",
                         ["round(y, 2)", "round(y, 0)", "max(y, 1.0)", "min(y, 2, y * y)", "max([y, 1.0])",
                          "sum((y, y))", "y**0.5", "y**1", "math.tanh(y)", "math.atan2(y, y)",
                          "abs(y)", "y * y - 1", "y / 2", "math.cbrt(y)" if hasattr(math, "cbrt") else "-y"])
def test_a_line_that_nothing_reads_and_that_cannot_raise_is_left_out(expression):
    for y in (2.0, np.float64(2.0)):
        df = grad(function(f"def f(x, y):\n    t = {expression}\n    return np.sum(x * x)\n"), wrt="x")
        np.testing.assert_array_equal(df(X, y), 2 * X)
        assert "t = " not in df.source
