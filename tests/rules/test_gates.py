"""Every gate, in a table of calls: its gradient against finite differences of the call itself.

A row is an expression over its parameters and the arguments for them. The reference is the function that the
expression makes, never a formula of ours. A gate, a method or an operator that no row uses fails the suite.
"""

import ast
import bisect
import builtins
import itertools
import linecache
import math
import operator
import warnings

import numpy as np
import pytest
from differences import assert_gradient

import revad
from revad.types import registry

NAMES = {"np": np, "math": math, "operator": operator, "bisect": bisect}


class Row:
    """An expression and arguments; `wrt` as in grad, None for every parameter."""

    def __init__(self, text, wrt=None, rtol=1e-5, **args):
        self.text, self.args, self.wrt, self.rtol = text, args, wrt, rtol

    @property
    def id(self):
        return self.text + " " + " ".join(f"{name}:{_describe(value)}" for name, value in self.args.items())

    def function(self, before="pass"):
        """The function, with lines before its result."""
        file = f"<row {next(_numbers)}>"
        text = f"def f({', '.join(self.args)}):\n    {before}\n    return {self.text}\n".replace("    pass\n", "")
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        namespace = dict(NAMES)
        exec(compile(text, file, "exec"), namespace)
        return namespace["f"]


_numbers = itertools.count()


def _describe(value):
    if isinstance(value, np.ndarray):
        return f"{value.dtype.char}{value.shape}"
    return f"[{','.join(map(_describe, value))}]" if isinstance(value, (list, tuple)) else repr(value)


def A(*shape, low=-2.0, high=2.0, dtype=float):
    """An array whose elements are apart from one another and in no order."""
    n = int(np.prod(shape))
    spread = np.linspace(low, high, n + 2)[1:-1] + 0.013
    mixed = spread[np.random.default_rng(n).permutation(n)].reshape(shape)
    return mixed.astype(dtype)


def ints(*shape):
    return (np.random.default_rng(1).permutation(int(np.prod(shape))) + 1).reshape(shape)


def rows(texts, wrt=None, rtol=1e-5, **args):
    """One row for each line of a text."""
    return [Row(line.strip(), wrt, rtol, **args) for line in texts.strip().splitlines() if line.strip()]


# --- elementwise functions of one argument, each on its domain

ALL, POSITIVE, UNIT, ABOVE_ONE = (-2.0, 2.0), (0.2, 3.0), (-0.9, 0.9), (1.2, 3.0)
UNARY = {
    ALL: "np.exp np.exp2 np.expm1 np.sin np.cos np.sinh np.cosh np.tanh np.arcsinh "
         "np.arctan np.cbrt np.square np.negative np.positive np.absolute np.fabs "
         "np.reciprocal np.deg2rad np.radians np.rad2deg np.degrees np.sinc np.nan_to_num",
    POSITIVE: "np.log np.log2 np.log10 np.log1p np.sqrt",
    UNIT: "np.tan np.arcsin np.arccos np.arctanh",
    ABOVE_ONE: "np.arccosh",
}
MATH = {
    ALL: "math.exp math.expm1 math.sin math.cos math.sinh math.cosh math.tanh math.asinh math.atan math.fabs "
         "math.radians math.degrees math.erf math.erfc abs float operator.neg operator.abs",
    POSITIVE: "math.log math.log2 math.log10 math.log1p math.sqrt",
    UNIT: "math.tan math.asin math.acos math.atanh",
    ABOVE_ONE: "math.acosh",
}
if hasattr(math, "cbrt"):
    MATH[ALL] += " math.cbrt"
STEPS = "np.sign np.floor np.ceil np.trunc np.rint np.fix np.round np.signbit np.isnan np.isinf np.isfinite np.logical_not np.isreal np.iscomplex"

TABLE = []
for (_low, _high), _functions in UNARY.items():
    for _name in _functions.split():
        TABLE += [Row(f"{_name}(x)", x=x) for x in (
            0.7 if _low < 1 else 1.7, A(3, low=_low, high=_high), A(2, 3, low=_low, high=_high),
            A(2, 1, 3, low=_low, high=_high), np.array(0.6 if _low < 1 else 1.6),
            A(4, low=_low, high=_high, dtype=np.float32))]
for (_low, _high), _functions in MATH.items():
    for _name in _functions.split():
        TABLE += [Row(f"{_name}(x)", x=0.7 if _low < 1 else 1.7),
                  Row(f"{_name}(x) * x", x=0.8 if _low < 1 else 1.3)]
for _name in STEPS.split():
    TABLE += [Row(f"x * {_name}(x)", x=x) for x in (1.3, A(2, 3))]

# --- elementwise functions of two arguments, on pairs that broadcast both ways

PAIRS = [((), ()), ((), (3,)), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (3,)),
         ((2, 1), (1, 3)), ((1,), (4,)), ((2, 3), (2, 1)), ((2, 3, 2), (3, 1)), ((1, 3), (2, 1, 3)),
         ((2, 2, 2), ())]
BINARY = {
    ALL: "np.add np.subtract np.multiply np.maximum np.minimum np.fmax np.fmin np.logaddexp np.logaddexp2",
    POSITIVE: "np.divide np.power np.float_power np.mod np.remainder np.fmod np.arctan2 np.hypot",
}


def _pair(shape, low, high, shift):
    return float(low + (high - low) * (0.4 + shift)) if shape == () else A(*shape, low=low, high=high) + shift / 7


for (_low, _high), _functions in BINARY.items():
    for _name in _functions.split():
        TABLE += [Row(f"{_name}(x, y)", x=_pair(a, _low, _high, 0.0), y=_pair(b, _low, _high, 0.13))
                  for a, b in PAIRS]
TABLE += rows("divmod(x, y)[1]\nnp.divmod(x, y)[1]\nnp.divmod(x, y)[0] * x", x=A(2, 3, low=0.3, high=2.0), y=A(3, low=0.4, high=1.9))
for _symbol in "+ - * / ** %".split():
    TABLE += [Row(f"x {_symbol} y", x=_pair(a, 0.3, 2.0, 0.0), y=_pair(b, 0.3, 2.0, 0.13)) for a, b in PAIRS]
    TABLE += [Row(f"x {_symbol} y", x=A(3, low=0.3, high=2.0, dtype=np.float32), y=1.7),
              Row(f"x {_symbol} y", x=ints(4), y=2.3), Row(f"x {_symbol} y", x=3, y=4)]
TABLE += rows("""
    operator.add(x, y) + operator.sub(x, y) + operator.mul(x, y)
    operator.truediv(x, y) + operator.pow(x, y) + operator.mod(x, y)
    math.atan2(x, y) + math.hypot(x, y) + math.pow(x, y) + math.fmod(x, y) + math.copysign(x, -1.0)
    math.hypot(x, y, x * y)
    math.log(x, 3) + math.log(x, y)
    math.dist([x, y], [2.0, x]) + math.fsum([x, y, x]) + math.prod([x, y, 2.0])
    pow(x, y) + pow(x, 3) + pow(2, x)
    max(x, y) + min(x, y) + max(x, y, 0.3) + min([x, y, 0.1]) + sum([x, y]) + sum((x, y), x) + sum([x, y], 2.0)
    x * int(2.7) + x * round(y) + round(1.5) * y + len([x, y]) * x + x * bool(y)
    x * math.floor(y) + x * math.ceil(y) + x * math.trunc(y) + x * math.isnan(y) + x * math.isinf(y) * math.isfinite(x)
    x * isinstance(y, float) + x * (not x) + x * any([y > 0]) * all([x > 0]) * math.isclose(x, x)
    x // y * x + (x < y) * x + (x <= y) * y + (x > y) * x + (x >= y) * y + (x == y) * x + (x != y) * y
    +x - -y + operator.pos(x)
    np.where(x > y, x, y) + np.clip(x, 0.2, y)
    np.float64(x) * np.float32(2.0) * np.float16(1.0) * np.longdouble(1.0) * np.int64(3) * np.int32(1) * np.bool_(True)
    x * np.int16(2) * np.int8(1) * np.uint8(1)
    x * math.factorial(3) * math.comb(4, 2) * math.gcd(4, 6) + y + x * bisect.bisect([1, 3], y) + x * bisect.bisect_left([1, 3], y)
    x * np.ndim(y) + y * np.size(x) + x * len(np.shape(y))
    np.sum(x) + np.mean(y) + np.var(x) + np.max(x) + np.prod(x)
    """, x=1.3, y=0.9)
TABLE += (rows("""
    x**0
    x**1
    x**2
    x**3
    x**-1
    x**0.5
    2**x
    x**x
    1 / x
    """, x=A(3, low=0.3, high=2.0)) + rows("x**2\nx**3\n(-x)**3\n2.0**x", x=1.4)
          + rows("x**2 * 1.0\nx**3\nx**0", x=ints(3)))

# --- choices

TABLE += rows("""
    np.clip(x, 0.1, 1.0)
    np.clip(x, -0.5, None)
    np.clip(x, None, 0.5)
    np.clip(x, a_min=0.1, a_max=1.2)
    x.clip(0, 1)
    x.clip(max=0.5)
    x.clip(min=0.0)
    np.where(x > 0, x, 0.1 * x)
    np.where(x > 0, x, 0)
    np.where(x > 0, 1.0, x)
    np.maximum(x, 0)
    np.maximum(0, x)
    np.minimum(x, 0.3)
    np.copysign(x, -1.0)
    np.heaviside(x, 0.5) * x
    np.select([x > 1, x > 0], [x**2, 3 * x], -x)
    np.select([x > 1, x > 0], [x**2, 2.0])
    np.add(x, 1.0, out=None) + np.exp(x, dtype=float) + np.multiply(x, x, where=True)
    """, x=A(2, 3))
TABLE += rows("np.clip(x, a, b)", x=A(2, 3), a=A(3, low=-2, high=-1), b=A(2, 1, low=0.5, high=1.0))
TABLE += rows("np.clip(x, a, b)", x=A(3), a=-0.5, b=0.7)
TABLE += rows("np.where(c > 0, x, y)", wrt=("x", "y"), c=A(2, 3), x=A(3), y=0.3)
TABLE += rows("np.where(c > 0, x, y)", wrt=("x", "y"), c=A(3), x=A(2, 1), y=A(2, 3))
TABLE += rows("np.where(c > 0, x, y)", wrt=("x", "y"), c=A(2, 1), x=1.5, y=-0.5)

# --- reductions

REDUCED = """
    np.{0}(x)
    np.{0}(x, axis=0)
    np.{0}(x, axis=-1)
    np.{0}(x, 1)
    np.{0}(x, axis=None, keepdims=True)
    np.{0}(x, axis=1, keepdims=True)
    np.{0}(x, axis=(0, 1))
    np.{0}(x, axis=(0, -1), keepdims=True)
"""
for _name in "sum mean max min amax amin prod var std ptp nansum nanmean nanmax nanmin median".split():
    for _x in (A(3, 4), A(2, 3, 2)):
        if _name == "median" and _x.ndim == 3:
            continue
        TABLE += rows(REDUCED.format(_name), x=_x)
    TABLE += rows(f"np.{_name}(x)\nnp.{_name}(x, axis=0)\nnp.{_name}(x, keepdims=True)", x=A(5))
    TABLE += [Row(f"np.{_name}(x)", x=A(2, 2, dtype=np.float32)), Row(f"np.{_name}(x, axis=0)", x=ints(2, 3))]
    TABLE += [Row(f"np.{_name}(x)", x=np.array(1.5)), Row(f"np.{_name}([x, y])", x=1.2, y=0.4)]
for _name in "sum mean max min prod var std".split():
    TABLE += rows(f"x.{_name}()\nx.{_name}(0)\nx.{_name}(axis=-1)\nx.{_name}(axis=1, keepdims=True)",
                  x=A(3, 4))
TABLE += rows("""
    np.sum(x, where=x > 0)
    np.sum(x, axis=0, where=x > 0, initial=2.0)
    np.sum(x, dtype=float, initial=3.0)
    np.mean(x, axis=0, dtype=np.float64)
    np.mean(x, where=x > -1.5)
    np.mean(x, axis=1, where=x > -1.5, keepdims=True)
    np.max(x, initial=0.3)
    np.max(x, axis=1, initial=1.0)
    np.max(x, axis=1, initial=-9.0, where=x < 1)
    np.min(x, initial=5.0, axis=0)
    np.prod(x, where=x > 0)
    np.prod(x, axis=1, initial=2.0)
    np.var(x, ddof=1)
    np.var(x, axis=0, ddof=1)
    np.std(x, axis=1, ddof=1, keepdims=True)
    np.std(x, axis=(0, 1))
    np.average(x)
    np.average(x, axis=1)
    np.average(x, axis=0, weights=np.array([0.2, 0.5, 0.3]))
    np.average(x, weights=np.ones((3, 4)))
    np.quantile(x, 0.3)
    np.quantile(x, 0.25, axis=1)
    np.percentile(x, 40, axis=0)
    np.percentile(x, [40, 70], axis=0)
    np.quantile(x, (0.1, 0.6), axis=1)
    np.percentile(x, 40, axis=0, keepdims=True)
    np.sum(np.sum(x, axis=1) * x[:, 0])
    x * np.any(x > 0) * np.all(x > 0, axis=0) + x * np.count_nonzero(x > 0, axis=1, keepdims=True)
    x * (x > 0).any(axis=0) + x * (x > 0).all()
    x * np.argmax(x) + x * np.argmin(x, axis=0) + x.argmax(axis=0) + x * x.argmin()
    x * np.argsort(x, axis=1) + x * x.argsort() * (np.argpartition(x, 1) >= 0) * (x.argpartition(1) >= 0)
    np.add.reduce(x) + np.maximum.reduce(x, axis=0) + np.minimum.reduce(x)
    np.multiply.reduce(x, axis=1)
    """, x=A(3, 4))
TABLE += rows("np.average(x, axis=0, weights=w)\nnp.average(x, axis=0, weights=w) * w[0]", x=A(3, 4),
              w=A(3, low=0.2, high=1))
TABLE += rows("np.average(x, weights=w)", x=A(5), w=A(5, low=0.2, high=1))
TABLE += rows("np.prod(x)\nnp.prod(x, axis=0)\nnp.cumprod(x)\nx.cumprod(axis=0)",
              x=np.array([1.5, 0.0, -0.7, 2.0]))
TABLE += rows("np.prod(x)\nnp.prod(x, axis=1)\nnp.cumprod(x, axis=1)\nnp.cumprod(x)",
              x=np.array([[1.5, 0.0, 0.0], [0.0, 2.0, 0.4]]))
TABLE += rows("sum(x)\nmax(x) - min(x)\nmath.fsum(x)\nmath.prod(x)\nmath.dist(x, x * 2)", x=A(4))
TABLE += rows("sum(x)\nsum(x, 1.0)", x=A(3, 4)) + rows("sum([x, y])\nsum([x, y, 2.0], y)", x=A(3), y=A(2, 3))
TABLE += rows("sum(w) + max(w) - min(w)\nnp.sum(w)\nnp.dot(w, w)\nnp.max(w)\nnp.array(w)\nnp.exp(w)\n"
              "np.linalg.norm(w)",
              w=[1.5, -0.3, 0.6])
TABLE += rows("np.sum(w, axis=0)\nnp.mean(w)\nnp.array(w) @ np.array([1.0, 2.0])",
              w=[[1.5, -0.3], [0.6, 0.2]])

# --- scans

for _x in (A(5), A(3, 4), A(2, 3, 2)):
    TABLE += rows("""
        np.cumsum(x)
        np.cumsum(x, axis=0)
        x.cumsum(-1)
        np.cumprod(x)
        np.cumprod(x, axis=0)
        x.cumprod(axis=-1)
        np.diff(x)
        np.diff(x, axis=0)
        np.diff(x, n=0)
        np.ediff1d(x)
        np.gradient(x, axis=0)
        """, x=_x)
for _x in (A(5), A(3, 4)):
    TABLE += rows("np.maximum.accumulate(x)\nnp.minimum.accumulate(x, axis=-1)\nnp.maximum.accumulate(x, axis=0)",
                  x=_x)
TABLE += rows("np.cov(x)\nnp.cov(x, rowvar=False)\nnp.cov(x, bias=True)\nnp.corrcoef(x)\n"
              "np.corrcoef(x, rowvar=False)\nnp.cov(x[0], x[1])\nnp.corrcoef(x[0], x[1])\nnp.cov(x[0])", x=A(3, 5))
TABLE += rows("np.choose([0, 1, 0], [x, y])\nnp.choose((y > 0).astype(int), (x, 2.0))", x=A(3), y=A(3))
TABLE += rows("np.diff(x, n=2)\nnp.diff(x, 2, 0)\nnp.diff(x, prepend=0)\nnp.diff(x, axis=0, append=1.0)\n"
              "np.diff(x, prepend=0, append=2)",
              x=A(3, 4)) + [Row("np.diff(x)", x=A(4, dtype=np.float32)), Row("np.diff(x)", x=ints(4))]
_trapezoid = "np.trapezoid" if hasattr(np, "trapezoid") else "np.trapz"
TABLE += rows(f"{_trapezoid}(y)\n{_trapezoid}(y, dx=0.5)\n{_trapezoid}(y, axis=0)", y=A(3, 4))
TABLE += rows(f"{_trapezoid}(y, x)", y=A(4), x=np.sort(A(4))) + rows(f"{_trapezoid}(y, x)", y=A(3, 4),
                                                                     x=np.sort(A(4)))
TABLE += rows(f"{_trapezoid}(y, x, axis=0)", y=A(3, 4), x=np.sort(A(3)))
TABLE += (rows("np.gradient(x)\nnp.gradient(x, 0.5)", x=A(5))
          + rows("np.gradient(x)[0]\nnp.gradient(x, axis=1)", x=A(3, 4)))
for _mode in ("full", "valid", "same"):
    TABLE += (rows(f"np.convolve(x, y, '{_mode}')", x=A(6), y=A(3))
              + rows(f"np.convolve(x, y, '{_mode}')", x=A(2), y=A(5)))
    TABLE += (rows(f"np.correlate(x, y, '{_mode}')", x=A(6), y=A(3))
              + rows(f"np.correlate(x, y, '{_mode}')", x=A(4), y=A(4)))
TABLE += rows("np.convolve(x, np.ones(4) / 4, mode='same')\nnp.correlate(x, np.array([1.0, 2.0]))", x=A(6))

# --- products

RANKS = [((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((5, 2, 3), (3,)),
         ((5, 2, 3), (3, 4)), ((3,), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)),
         ((5, 2, 3), (1, 3, 4)), ((2, 1, 2, 3), (5, 3, 2)), ((1, 3), (3, 1)), ((2, 1), (1, 3))]
for _a, _b in RANKS:
    TABLE += rows("x @ y\nnp.matmul(x, y)\nnp.dot(x, y)\nx.dot(y)", x=A(*_a), y=A(*_b))
TABLE += rows("operator.matmul(x, y)\nnp.vdot(x, y)\nnp.inner(x, y)\nnp.outer(x, y)", x=A(3), y=A(3))
TABLE += (rows("np.dot(x, y)\nnp.inner(x, y)\nnp.outer(x, y)", x=1.5, y=A(3))
          + rows("np.dot(x, y)\nnp.inner(x, y)", x=A(2, 3), y=0.5))
TABLE += rows("np.dot(x, y)\nnp.inner(x, y)\nnp.vdot(x, y)", x=1.5, y=0.5)
for _a, _b in [((3,), (2, 3)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (4, 3)), ((2, 3), (2, 2, 3))]:
    TABLE += rows("np.inner(x, y)\nnp.outer(x, y)", x=A(*_a), y=A(*_b))
TABLE += rows("np.vdot(x, y)", x=A(2, 3), y=A(2, 3)) + rows("np.vdot(x, y)", x=A(2, 3), y=A(3, 2))
TABLE += rows("np.outer(x, y)", x=A(2),
              y=A(3)) + [Row("x @ y", x=A(2, 3, dtype=np.float32), y=A(3, 2, dtype=np.float32))]
TABLE += rows("np.kron(x, y)", x=A(2), y=A(3)) + rows("np.kron(x, y)", x=A(2, 3), y=A(2, 2))
TABLE += rows("np.cross(x, y)", x=A(3), y=A(3)) + rows("np.cross(x, y)", x=A(4, 3), y=A(3)) + rows(
    "np.cross(x, y)\nnp.cross(x, y, axis=-1)", x=A(2, 3), y=A(2, 3))
for _a, _b in [((3,), (2, 2)), ((2, 3), (2,)), ((), (3,)), ((2, 3), ()), ((2,), (2, 1, 3)), ((0,), (2, 1)),
               ((1,), (1, 1)), ((), ())]:
    TABLE += rows("np.kron(x, y)", x=A(*_a), y=A(*_b))
TABLE += rows("np.kron(x, x[0])\nnp.kron(x, x)", x=A(2, 3)) + rows("np.kron(x, y)", x=A(2, dtype=np.float32),
                                                                   y=A(2, 2, dtype=np.float32), rtol=1e-3)
if tuple(map(int, np.__version__.split(".")[:2])) < (2, 5):        # NumPy took vectors of the plane before
    for _a, _b in [((2,), (2,)), ((4, 2), (2,)), ((2,), (3,)), ((3,), (4, 2)), ((1, 2), (4, 2)),
                   ((1, 2), (4, 3)), ((0, 2), (2,))]:
        TABLE += rows("np.cross(x, y)", x=A(*_a), y=A(*_b))
    TABLE += rows("np.cross(x, y, axis=0)", x=A(2, 4), y=A(2, 4)) + rows(
        "np.cross(x, y, axisa=0, axisb=1)\nnp.cross(x, y, axisa=0, axisb=1, axisc=0)", x=A(2, 4),
        y=A(4, 3)) + rows(
        "np.cross(x, x * x)", x=A(3, 2)) + rows("np.cross(x, y)", x=A(2, dtype=np.float32), y=A(2))
for _x in (A(3), A(0), A(1), A(2, 2), A()):
    for _y in (A(2), A(2, 1), A(0), 2.0, A()):
        TABLE += rows("np.ediff1d(x, y)\nnp.ediff1d(x, to_begin=y)\nnp.ediff1d(x, y, [1.0, 2.0])", x=_x, y=_y)
TABLE += (rows("np.ediff1d(x, y * 2, to_begin=y)", x=A(3), y=A(2))
          + rows("np.ediff1d(x, to_end=1) * 1.5", x=ints(4)))
for _m in ("wrap", "clip"):
    TABLE += (rows(f"np.take(x, [0, 4, -1, -7], mode='{_m}')\nx.take(-5, mode='{_m}')", x=A(3)) + rows(
        f"np.take(x, [[0, 4], [2, 2]], axis=1, mode='{_m}')\nx.take(5, 0, mode='{_m}')\n"
        f"x.take([7, -9], mode='{_m}')", x=A(3, 2)) + rows(
        f"x.take(np.array([7, 1, 0]), mode='{_m}')\nx.take(3, mode='{_m}')", x=A(1)) + rows(
        f"x.take(y.astype(int), mode='{_m}')", x=A(3), y=np.array([7.3, -4.2]))
              + rows(f"x.take([3, 0], mode='{_m}')", x=A()))
for _where in ("np.array([[True, False, True], [True, True, False]])", "np.array([[True], [False]])",
               "x > -1.5", "True"):
    TABLE += rows(f"""
        np.var(x, where={_where})
        np.std(x, where={_where})
        x.std(axis=(0, 1), ddof=1, where={_where})
    """, x=A(2, 3)) + rows(f"x.var(where={_where})", x=A(2, 3, dtype=np.float32), rtol=1e-3)
TABLE += rows("""
    np.var(x, axis=0, where=np.array([[True, False, True], [True, True, False]]))
    x.std(axis=1, keepdims=True, where=np.array([[True, False, True], [True, True, False]]))
    np.std(x, 0, where=np.array([True, True, True]))
""", x=A(2, 3))
TABLE += rows("np.trace(x, dtype=float)\nx.trace(dtype=None)\nnp.trace(x, 0, 0, 1, float)", x=A(3, 3)) + rows(
    "np.trace(x, dtype=float)\n1.5 * np.trace(x)", x=np.array([[3, 200], [2, 255]], np.uint8))
TABLE += rows("np.multiply.outer(x, y)\nnp.add.outer(x, y)\nnp.subtract.outer(x, y)", x=A(2), y=A(3))
TABLE += rows("np.multiply.outer(x, y)\nnp.subtract.outer(x, y)", x=A(2, 2), y=A(3))
for _axes, _a, _b in [(1, (2, 3), (3, 4)), (2, (2, 3, 4), (3, 4, 2)), (0, (2,), (3,)), (0, (2, 2), (3,)),
                      (2, (2, 3), (2, 3)), (([1], [0]), (2, 3), (3, 4)),
                      (((0, 1), (1, 0)), (2, 3, 4), (3, 2)), ((2, 0), (2, 3, 4), (4, 2)),
                      (((-1, 0), (0, -1)), (2, 3, 4), (4, 3, 2)), ((0, 0), (3, 2), (3, 4)),
                      (((1, 0), (0, 1)), (2, 3), (3, 2))]:
    TABLE += rows(f"np.tensordot(x, y, {_axes})\nnp.tensordot(x, y, axes={_axes})", x=A(*_a), y=A(*_b))
TABLE += rows("np.tensordot(x, y)", x=A(2, 3, 2), y=A(3, 2, 2)) + rows("np.tensordot(x, y, 1)",
                                                                       x=A(3), y=A(3))
EINSUM = {("ij,jk->ik", "ij,jk", "ij,jk->", "ij,jk->ki", "ij,jk->ijk", "ij,jk->j"): ((2, 3), (3, 4)),
          ("ij,ij->", "ij,ij->i", "ij,ij", "ij,ij->ji", "ij,ik->jk", "ij,kj->ik",
           "ij,kl->"): ((3, 2), (3, 2)),
          ("bij,bjk->bik", "bij,bjk->ik", "...ij,...jk->...ik", "...ij,...jk"): ((2, 2, 3), (2, 3, 2)),
          ("...ij,jk->...ik", "nij,jk->nik", "...j,jk->...k"): ((2, 4, 3), (3, 2)),
          ("i,j->ij", "i,j", "i,j->ji", "i,j->"): ((2,), (3,)), ("i,i->", "i,i->i", "i,i"): ((3,), (3,)),
          ("...i,...i->...",): ((2, 1, 3), (4, 3)), ("ii,i->i", "ii,i->", "ii,j->ij"): ((3, 3), (3,))}
for _texts, (_a, _b) in EINSUM.items():
    TABLE += [Row(f"np.einsum('{_text}', x, y)", x=A(*_a), y=A(*_b)) for _text in _texts]
for _texts, _a in {("ij->", "ij->i", "ij->j", "ij->ji", "ij", "ji"): (2, 3), ("ii->", "ii->i", "ii"): (3, 3),
                   ("bii->b", "bii->bi", "bii->i", "...ii->...", "...ij->...ji", "b...->..."): (2, 3, 3),
                   ("i->", "i->i"): (4,),
                   ("iij->j", "iij->ij"): (2, 2, 3), ("iii->i", "iii->"): (2, 2, 2)}.items():
    TABLE += [Row(f"np.einsum('{_text}', x)", x=A(*_a)) for _text in _texts]
TABLE += rows("np.einsum('ij,jk,kl->il', x, y, x)\nnp.einsum('ij,jk,kl->il', x, y, x, optimize=True)",
              x=A(2, 2), y=A(2, 2))

# --- shapes

TABLE += rows("""
    x.reshape(3, 4)
    x.reshape((4, 3))
    x.reshape(-1)
    x.reshape(2, -1)
    x.reshape(x.shape[0], -1)
    np.reshape(x, (3, 4))
    np.reshape(x, -1)
    np.reshape(x, (4, 3), order='F')
    np.reshape(x, -1, 'F')
    x.reshape(2, -1, order='F')
    x[0].reshape((2, 3), order='F')
    np.ravel(x, order='F')
    x.flatten('F')
    x.ravel()
    np.ravel(x)
    x.flatten()
    x.T
    x.transpose()
    x.transpose(2, 0, 1)
    x.transpose((1, 0, 2))
    np.transpose(x)
    np.transpose(x, (1, 2, 0))
    np.transpose(x, axes=[-1, 0, 1])
    np.swapaxes(x, 0, -1)
    x.swapaxes(1, 2)
    x.view()
    np.moveaxis(x, 0, -1)
    np.moveaxis(x, (0, 1), (-1, 0))
    np.moveaxis(x, [2], [0])
    
    np.expand_dims(x, 0)
    np.expand_dims(x, -1)
    np.expand_dims(x, (0, 2))
    x[:, None]
    x[..., np.newaxis]
    np.squeeze(x[:, None], 1)
    x[None].squeeze(0)
    x[:, :, None].squeeze(axis=2)
    np.broadcast_to(x, (2, 2, 3, 2))
    np.flip(x)
    np.flip(x, 1)
    np.flip(x, axis=(0, 2))
    np.fliplr(x)
    np.flipud(x)
    np.rot90(x)
    np.rot90(x, 2)
    np.rot90(x, k=3, axes=(1, 2))
    np.roll(x, 1)
    np.roll(x, 2, axis=1)
    np.roll(x, (1, -1), axis=(0, 2))
    np.roll(x, -1, 0)
    np.tile(x, 2)
    np.tile(x, (2, 1, 1))
    np.tile(x, (3, 1, 2, 1))
    np.tile(x, (1, 2))
    np.repeat(x, 2)
    np.repeat(x, 3, axis=1)
    x.repeat(2, axis=-1)
    np.repeat(x, [1, 0, 3], axis=1)
    np.pad(x, 1)
    np.pad(x, ((0, 0), (1, 2), (0, 1)))
    np.pad(x, (1, 2))
    np.pad(x, ((1, 1), (0, 0), (2, 0)), mode='constant', constant_values=3)
    np.pad(x, 2, 'edge')
    np.pad(x, 1, mode='reflect')
    np.pad(x, ((0, 0), (1, 2), (1, 0)), mode='symmetric')
    np.pad(x, 1, 'wrap')
    x.copy() + np.copy(x) + np.array(x) + np.asarray(x) + np.ascontiguousarray(x) + np.asanyarray(x) + np.asfortranarray(x) + np.require(x)
    x.astype(float) + x.astype(np.float64, copy=False) + np.asarray_chkfinite(x) + np.array(x, dtype=float)
    x.astype(np.float64)
    x * x.ndim * x.size * x.shape[0] + len(x)
    np.atleast_1d(x) + np.atleast_2d(x) + np.atleast_3d(x)
    np.array(x, ndmin=4)
    np.tril(x) + np.triu(x, 1) + np.tril(x, k=-1)
    np.trace(x) + x.trace(offset=1).sum()
    np.trace(x, axis1=1, axis2=2)
    np.trace(x, offset=1, axis1=2, axis2=0)
    np.diagonal(x)
    x.diagonal(1, 1, 2)
    np.diagonal(x, axis1=-2, axis2=-1)
    x * np.zeros_like(x) + np.ones_like(x) * x + np.full_like(x, 2.0) * x + np.empty_like(x).size * x
    x * np.zeros(2) + x * np.ones((3, 2)) + x * np.empty(2).size + x * np.ndarray(2).size + x * np.full(2, 3.0)
    x @ np.eye(2) + x @ np.identity(2) + x * np.arange(2) + x * np.arange(1, 3) + x * np.linspace(0, 1, 2)
    x @ (np.bartlett(2) + np.blackman(2) + np.hamming(2) + np.hanning(2) + np.kaiser(2, 3.0))
    """, rtol=1e-4, x=A(2, 3, 2))
TABLE += rows("np.squeeze(x)\nx.squeeze()\nx.squeeze(0)\nx.reshape(3)\nx.ravel()\n"
              "np.broadcast_to(x, (4, 2, 3))\nx.sum().item()\nx.item(1)\nx.item(0, 2)",
              x=A(1, 3)) + rows("np.squeeze(x)\nx.squeeze()\nx.reshape(())\nx.item()\nx.item(0)", x=A(1, 1))
TABLE += rows("np.broadcast_to(x, (2, 3))\nnp.atleast_1d(x)\nnp.atleast_2d(x)\nnp.atleast_3d(x)\n"
              "np.tile(x, 3)\nnp.repeat(x, 3)\n"
              "np.full(3, x)\nnp.full((2, 2), x)\nnp.array(x)\nnp.array([x, 2 * x])\n"
              "np.array([[x, 1.0], [0.0, x**2]])\n"
              "np.ravel(x)\nnp.reshape(x, (1, 1))\nnp.expand_dims(x, 0)", x=1.7)
TABLE += rows("np.full((2, 3), x)\nnp.full_like(np.ones((2, 3)), x)\nnp.diag(x)\nnp.diag(x, 1)\n"
              "np.diag(x, k=-2)\nnp.diagflat(x)\n"
              "np.tile(x, (2, 1))\nnp.tile(x, 2)\nnp.repeat(x, 2)\nnp.repeat(x, [2, 0, 1])\n"
              "np.pad(x, 2)\nnp.pad(x, (1, 2))\n"
              "np.pad(x, (1, 2), 'edge')\nnp.pad(x, 2, 'reflect')\nnp.pad(x, 5, 'wrap')\n"
              "np.pad(x, 4, 'symmetric')\nnp.roll(x, 2)\n"
              "np.flip(x)\nnp.flipud(x)\nnp.atleast_2d(x)\nnp.atleast_3d(x)\nx.T\nnp.outer(x, x)", x=A(3))
for _x in (A(3, 3), A(2, 4), A(4, 2)):
    TABLE += rows("np.diag(x)\nnp.diag(x, 1)\nnp.diag(x, k=-1)\nnp.diagonal(x)\nx.diagonal(-1)\n"
                  "np.trace(x)\nx.trace()\n"
                  "np.trace(x, 1)\nnp.trace(x, offset=-1)\nnp.tril(x)\nnp.triu(x, -1)\n"
                  "np.diagonal(x, 1, 1, 0)", x=_x)
TABLE += rows("np.linspace(x, y)\nnp.linspace(x, y, 5)\nnp.linspace(x, y, num=4, endpoint=False)", x=0.3,
              y=2.0)
TABLE += rows("np.linspace(x, y, 3)", x=A(2), y=A(2) + 1) + rows("np.linspace(0, x, 4)", x=1.5)
TABLE += rows("x * np.searchsorted(np.array([0.0, 1.0]), x) + x * np.isclose(x, x) * np.allclose(x, x) * "
              "np.array_equal(x, x)\n"
              "x * np.logical_and(x > 0, x < 1) + x * np.logical_or(x > 1, x < 0) + x * np.logical_xor(x "
              "> 0, x > 1)\n"
              "x * ((x > 0) & (x < 1)) + x * ((x > 1) | (x < 0)) + x * ~(x > 0) + x * ((x > 0) ^ (x > 1))\n"
              "x * (len(x) << 1) + x * (len(x) >> 1) + x * np.nonzero(x)[0].size + x * len(np.unique(x)) "
              "+ x * np.flatnonzero(x).size\n"
              "x * np.less(x, 0) + x * np.greater(x, 0) * np.less_equal(x, 9) * np.greater_equal(x, -9) "
              "* np.equal(x, x) * np.not_equal(x, 0)\n"
              "x * np.floor_divide(x, 0.7) + x // 0.3 * x + np.round(x, 1) * x + x.round() * x\n"
              "x * np.bitwise_and(3, 1) * np.bitwise_or(2, 1) * np.bitwise_xor(3, 1) * np.left_shift(1, "
              "2) * np.right_shift(4, 1) * np.invert(-2)\n"
              "x * (not False) * operator.not_(False)", x=A(4))

# --- joining and splitting

JOINED = """
    np.concatenate([x, y])
    np.concatenate((x, y), axis=0)
    np.concatenate([x, y, x], axis=-1)
    np.concatenate([x, y], axis=None)
    np.stack([x, y])
    np.stack([x, y], axis=-1)
    np.stack((x, y), 1)
    np.hstack([x, y])
    np.vstack([x, y])
    np.dstack([x, y])
    np.append(x, y)
    np.append(x, y, axis=0)
    np.block([[x, y], [y, x]])
    np.block([[x], [y]])
    np.array([x, y])
"""
TABLE += rows(JOINED.replace("np.stack((x, y), 1)", "np.column_stack([x, y])"), x=A(3), y=A(3) + 1)
for _x in (A(2, 3), A(2, 3, 2)):
    TABLE += rows(JOINED, x=_x, y=_x + 1)
TABLE += rows("np.concatenate([x, y])\nnp.hstack([x, y])\nnp.append(x, y)", x=A(2), y=A(3))
TABLE += rows("np.hstack([x, y])\nnp.vstack([x, y])\nnp.dstack([x, y])\nnp.column_stack([x, y])\n"
              "np.stack([x, y])\nnp.append(x, y)\n"
              "np.array([x, y, 2.0])\nnp.array([[x, y], [y, 1.0]])", x=1.5, y=0.5)
TABLE += rows("np.vstack([x, y])\nnp.column_stack([x.T, np.ones(3), y])", x=A(2, 3), y=A(3))
TABLE += rows("np.hstack([x, y])\nnp.concatenate([x, y], axis=1)\nnp.column_stack([x, y])",
              x=A(2, 3), y=A(2, 1))
TABLE += rows("np.concatenate([x, np.ones((1, 2))])\nnp.concatenate(x)\nnp.hstack([x, np.ones((3, 1))])\n"
              "np.dstack([x, np.ones((3, 2))])\n"
              "np.split(x, 3)[1]\nnp.split(x, [1], axis=0)[1]\nnp.split(x, 2, axis=1)[0]\n"
              "np.array_split(x, 2)[0]\n"
              "np.hsplit(x, 2)[1]\nnp.vsplit(x, 3)[0]", x=A(3, 2))
TABLE += rows("np.split(x, 2)\nnp.split(x, [1, 3])\nnp.array_split(x, 4)\n"
              "np.split(x, 3)[0] * np.split(x, 3)[2]\nnp.hsplit(x, 3)[1]", x=A(6))
TABLE += rows("np.dsplit(x, 2)[1]\nnp.split(x, 2, axis=-1)[0]", x=A(2, 1, 4))
TABLE += rows("np.broadcast_arrays(x, y[:, None])[0] * y[1]\nnp.broadcast_arrays(x, y[:, None])[1] ** 2\n"
              "np.broadcast_arrays(y, y)[0]", x=A(2), y=A(3))
TABLE += rows("np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1]\nnp.meshgrid(x, y, indexing='ij')[1]\n"
              "np.meshgrid(x, y, x)[2]", x=A(2), y=A(3))
TABLE += rows("np.c_[x, y]\nnp.c_[x, 2 * x, np.ones(3)]\nnp.r_[x, y]\nnp.r_[x, 1.0, y]", x=A(3), y=A(3) + 1)
TABLE += rows("np.c_[x, y]\nnp.c_[x, np.ones(3)]", x=A(3, 2), y=A(3, 1))
TABLE += rows("np.atleast_1d(x, y)[1] * 2\nnp.atleast_2d(x, y)[0]", x=A(3), y=0.4)

# --- selecting

I2 = np.array([[0, 2], [2, 1]])
TABLE += rows("np.take(x, i)\nnp.take(x, i, axis=0)\nnp.take(x, i, axis=-1)\nx.take(i, axis=1)\nx[i]\n"
              "x[:, i]", wrt="x", x=A(3, 4),
              i=np.array([0, 2, 2])) + rows("np.take(x, i)\nx[i]\nx.take(i)", wrt="x", x=A(4), i=I2)
TABLE += rows("np.take(x, [0, 2, 2])\nnp.take(x, 1, axis=0)\nnp.sort(x)\nnp.sort(x, axis=0)\n"
              "np.sort(x, axis=None)\n"
              "np.sort(x, kind='stable')\nnp.partition(x, 1)\nnp.partition(x, 1, axis=0)", x=A(3, 4))
TABLE += rows("np.sort(x)\nnp.sort(x)[::-1]\nnp.partition(x, 2)\nnp.take(x, 3)\n"
              "np.interp(0.3, np.array([-1.0, 0.0, 1.0, 2.0]), x)\n"
              "np.interp(x, np.array([-3.0, 0.1, 1.1]), np.array([2.0, 0.5, 1.0]))", x=A(4))
TABLE += rows("np.delete(x, 1)\nnp.delete(x, [0, 2])\nnp.polyval(x, 0.7)\n"
              "np.compress([1, 0, 1], x)\nnp.extract(x > 0.5, x)\n"
              "x * len(np.unique(x)) + x[np.nonzero(x)] + x[np.flatnonzero(x)]\n"
              "x * np.digitize(x, np.array([0.0, 1.0])) + x * np.isin(x, [1.0]) + x[np.argwhere(x > "
              "-9)[:, 0]] + x[x.nonzero()[0]]\n"
              "np.bincount(np.array([0, 1, 1, 0]), weights=x)\nx * np.bincount(np.arange(4))", x=A(4))
TABLE += rows("x[np.unravel_index(4, x.shape)] * 2\n"
              "x[np.unravel_index(np.argsort(x, axis=None)[1:4], (3, 3))] + x.ravel()[np.argpartition(x, "
              "4, axis=None)[4]]",
              x=A(3, 3))
TABLE += rows("np.delete(x, 1, axis=0)\nnp.delete(x, 0, axis=1)\nx[np.tril_indices(3)]\n"
              "x[np.triu_indices(3, 1)]\nx * np.tri(3)", x=A(3, 3))
TABLE += (rows("np.polyval(p, x)", p=A(3), x=A(4)) + rows("np.polyval(p, x)", p=A(3), x=0.4)
          + rows("np.polyval(p, x)", p=A(2), x=A(2, 2)))
TABLE += rows("np.interp(x, xp, fp)\nnp.interp(x, xp, fp, left=x[0])\nnp.interp(0.3, xp, fp)", x=A(3),
              xp=np.array([0.4]), fp=np.array([1.3]))
TABLE += rows("np.full_like(np.arange(4), x[0]) * x\nnp.full_like(np.arange(4) > 1, x) * x\n"
              "np.pad(np.arange(3), 1, constant_values=x[0])[:4] * x\n"
              "np.linspace(0, 3 * x[0], 4, dtype=int) * x", x=A(4) + 0.3)
TABLE += rows("np.gradient(x, axis=(0,))\nnp.gradient(x, 0.5, axis=(1,))\nnp.gradient(x, axis=[-1])",
              x=A(3, 4))
TABLE += rows("np.interp(x, xp, fp)", x=A(3), xp=np.array([-3.0, 0.1, 1.1, 2.5]), fp=A(4))
TABLE += rows("np.take_along_axis(x, i, axis=1)\nnp.take_along_axis(x, i[:2, :], 1)" .splitlines()[0],
              wrt="x", x=A(2, 3), i=I2)
TABLE += rows("np.take_along_axis(x, i, axis=0)", wrt="x", x=A(3, 2), i=I2)

# --- linear algebra

SQUARE = A(3, 3) + 3 * np.eye(3)
TABLE += rows("np.linalg.inv(x)\nnp.linalg.det(x)\nnp.linalg.slogdet(x)[1]\nnp.linalg.pinv(x)\n"
              "np.linalg.slogdet(x)[0] * x\n"
              "np.linalg.matrix_power(x, 3)\n"
              "np.linalg.matrix_power(x, -2)\nnp.linalg.matrix_power(x, 0) * x\n"
              "np.linalg.cholesky(x @ x.T)\nnp.linalg.multi_dot([x, x, x])\n"
              "np.linalg.eigvalsh(x @ x.T)\nnp.linalg.eigh(x @ x.T)[0]\n"
              "np.linalg.svd(x, compute_uv=False)\nnp.linalg.svd(x)[1]\n"
              "np.linalg.qr(x @ x.T)[1]**2\nnp.abs(np.linalg.eigh(x @ x.T)[1])\nnp.linalg.norm(x, 2)\n"
              "np.linalg.norm(x, 'nuc')\n"
              "x * np.linalg.matrix_rank(x)", rtol=1e-4, x=SQUARE)
if hasattr(np.linalg, "svdvals"):     # NumPy 2
    TABLE += rows("np.linalg.svdvals(x)\nnp.astype(x, float)\nnp.concat([x, x])\n"
                  "np.permute_dims(x, (1, 0))\nx.mT", x=SQUARE)
STACKED = np.stack([SQUARE, SQUARE.T + np.eye(3)])
TABLE += rows("np.linalg.inv(x)\nnp.linalg.det(x)\nnp.linalg.slogdet(x)[1]\n"
              "np.linalg.cholesky(x @ x.swapaxes(-1, -2))", rtol=1e-4, x=STACKED)
TABLE += rows("np.linalg.solve(a, b)", a=SQUARE, b=A(3)) + rows("np.linalg.solve(a, b)", a=SQUARE, b=A(3, 2))
TABLE += rows("np.linalg.solve(a, b)", a=STACKED, b=A(2, 3, 2)) + rows("np.linalg.solve(a, b)",
                                                                       a=SQUARE, b=A(2, 3, 2))
TABLE += rows("np.linalg.pinv(x)\nnp.linalg.lstsq(x, np.arange(4.0), rcond=None)[0]\n"
              "np.linalg.qr(x)[0]**2\nnp.linalg.qr(x)[1]**2\n"
              "np.linalg.norm(x, 2)\nnp.linalg.norm(x, 'nuc')\nnp.linalg.svd(x, full_matrices=False)[1]\n"
              "np.linalg.matrix_rank(x) * x", rtol=1e-4,
              x=A(4, 2) + np.eye(4, 2))
TABLE += rows("np.linalg.lstsq(a, b, rcond=None)[0]", rtol=1e-4, a=A(4, 2) + np.eye(4, 2), b=A(4, 3))
TABLE += rows("np.linalg.norm(x)\nnp.linalg.norm(x, 1)\nnp.linalg.norm(x, np.inf)\n"
              "np.linalg.norm(x, -np.inf)\nnp.linalg.norm(x, 3)\n"
              "np.linalg.norm(x, ord=2)\nnp.linalg.norm(x, axis=0)\nnp.linalg.norm(x, keepdims=True)", x=A(4))
TABLE += rows("np.linalg.norm(x)\nnp.linalg.norm(x, 'fro')\nnp.linalg.norm(x, axis=1)\n"
              "np.linalg.norm(x, axis=1, keepdims=True)\n"
              "np.linalg.norm(x, 1, axis=0)\nnp.linalg.norm(x, np.inf, axis=-1)\nnp.linalg.norm(x, 1)\n"
              "np.linalg.norm(x, np.inf)\n"
              "np.linalg.norm(x, -1)\nnp.linalg.norm(x, -np.inf)\nnp.linalg.norm(x, axis=(0, 1))\n"
              "np.linalg.norm(x, keepdims=True)",
              x=A(3, 4) * np.array([[1.0], [1.4], [0.5]]))
TABLE += rows("np.linalg.norm(x)\nnp.linalg.norm(x, axis=(1, 2))\nnp.linalg.norm(x, axis=2)", x=A(2, 3, 2))

TABLE += rows("""
    np.nanprod(x, axis=0)
    np.nanprod(x)
    np.nanvar(x, axis=1)
    np.nanvar(x, ddof=1)
    np.nanstd(x, axis=0, ddof=1)
    np.nanstd(x)
    np.lib.stride_tricks.sliding_window_view(x, 2, axis=1).max(axis=2)
    np.lib.stride_tricks.sliding_window_view(x, (2, 3))
    np.lib.stride_tricks.sliding_window_view(x, (1, 1))[::2]
    np.lib.stride_tricks.as_strided(x, (2, 4), x.strides)
    x * x.itemsize
    np.diagflat(x)
    np.cross(x, np.arange(1.0, 4), axis=0)
    sum(v**i for i, v in enumerate(x.flat))
    """, x=A(3, 4, low=0.3))


# --- NumPy 2's names, and what the array API calls otherwise

TABLE += rows("""
    np.real(x) * x.real + np.real_if_close(x) * x.imag + np.imag(x)
    np.conj(x) * x.conj() * x.conjugate()
    np.stack(x, axis=-1) * np.arange(3.0)
    np.reshape(x, (2, 3), order='A')
    np.ravel(x, order='K')
    np.sum(x, initial=x[0, 0])
    np.sum(x, where=[True, False])
    np.mean(x, axis=1, where=[True, False])
    np.max(x, where=[True, False], initial=-9.0)
    np.prod(x, axis=1, where=(True, False))
    np.matmul(x[:2], x[:2], dtype=int, casting='unsafe') * x[:2]
    np.add(x, 2.5, dtype=int, casting='unsafe') * x
    x[:2][np.diag_indices(2)] * x[:2][np.diag_indices_from(np.eye(2))]
    x[:2][np.tril_indices_from(np.eye(2))] * x[:2][np.triu_indices_from(np.eye(2))]
    x[np.ix_([0, 2], [1, 0])]
    x * len(ascii(2) + format(3))
    np.hstack(x)
    np.vstack(x)
    np.dstack(x)
    np.column_stack(x)
    """, x=A(3, 2))
TABLE += [Row(f"np.{name}(x) ** 2", x=x) for name in "stack hstack vstack dstack column_stack".split()
          for x in (A(3), A(1), A(3, 1), A(2, 3, 2), A(2, 1, 2, 2))]
TABLE += [Row(text, x=A(3, 3)) for text in (
    "np.linalg.cond(x)", "np.linalg.cond(x, -2)", "np.linalg.svd(x, False).S",
    "np.linalg.eigh(x).eigenvalues", "np.linalg.qr(x).R",
    "np.linalg.qr(x).Q")] + [Row("np.linalg.cond(x)", x=A(2, 4, 3))]
if hasattr(np.linalg, "vecdot"):      # NumPy 2
    _pairs = [((3,), (3,)), ((2, 3), (3,)), ((1, 3), (2, 3)), ((2, 1, 3), (4, 3)), ((1,), (1,))]
    TABLE += [Row(f"{name}(x, y)", x=A(*a), y=A(*b) + 0.1) for name in ("np.linalg.vecdot", "np.vecdot")
              if hasattr(np, "vecdot") for a, b in _pairs]
    TABLE += [Row("np.linalg.vecdot(x, y, axis=-2)", x=A(3, 2), y=A(3, 2) + 0.1),
              Row("np.linalg.outer(x, y)", x=A(3), y=A(2)),
              Row("np.linalg.cross(x, y)", x=A(2, 3), y=A(3)),
              Row("np.linalg.matmul(x, y)", x=A(2, 3), y=A(3)),
              Row("np.linalg.tensordot(x, y, axes=1)", x=A(2, 3), y=A(3, 2)),
              Row("np.linalg.vector_norm(x)", x=0.7)]
    TABLE += [Row(f"np.linalg.vector_norm(x, {options})", x=x) for x in (A(2, 3), A(2, 3, 2)) for options in (
        "axis=None", "axis=0", "axis=(0, 1)", "axis=-1, keepdims=True", "ord=1", "ord=np.inf", "ord=3",
        "axis=0, ord=1", "keepdims=True")]
    TABLE += [Row(text, x=x) for x in (A(3, 3), A(2, 3), A(2, 3, 2), A(1, 1)) for text in (
        "np.linalg.matrix_norm(x)", "np.linalg.matrix_norm(x, keepdims=True)",
        "np.linalg.matrix_transpose(x) * 2", "np.matrix_transpose(x)",
        "np.linalg.trace(x)", "np.linalg.trace(x, offset=1)", "np.linalg.diagonal(x)",
        "np.linalg.diagonal(x, offset=1)")]
    TABLE += [Row(f"np.linalg.matrix_norm(x, ord={order})", x=A(3, 3))
              for order in ("'nuc'", "2", "1", "np.inf", "-1")]
TABLE += rows("x.tolist()[1] * 2\nnp.array(x.tolist())\nsum(x.tolist()) * x", x=A(3))
TABLE += rows("np.sum(np.quantile(x, [0.1, 0.6], axis=1))\nnp.mean(np.percentile(x, (20, 70)))", x=A(2, 3))
if hasattr(np, "unstack"):      # NumPy 2.1
    TABLE += [Row("np.unstack(x)[0] * 2", x=A(2, 3)), Row("np.unstack(x, axis=-1)[1] ** 2", x=A(2, 3)),
              Row("np.unstack(x)[0]", x=A(2))]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE])
def test_gradient(row):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_gradient(row.function(), tuple(row.args.values()), row.wrt, rtol=row.rtol, atol=row.rtol / 100)


# --- the table is whole

OPERATORS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Pow": "**", "Mod": "%", "FloorDiv": "//",
             "MatMult": "@", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LShift": "<<", "RShift": ">>",
             "USub": "unary -", "UAdd": "unary +", "Not": "unary not", "Invert": "unary ~", "Lt": "<",
             "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!="}


def _resolved(node):
    """The object that a dotted name of the table stands for."""
    try:
        return eval(ast.unparse(node), {**NAMES, "__builtins__": builtins})
    except (NameError, AttributeError):
        return None


def _used():
    functions, methods, operators = set(), set(), set()
    for row in TABLE:
        for node in ast.walk(ast.parse(row.text)):
            if isinstance(node, (ast.BinOp, ast.UnaryOp)):
                operators.add(OPERATORS[type(node.op).__name__])
            if isinstance(node, ast.Compare):
                operators.update(OPERATORS[type(op).__name__] for op in node.ops)
            if isinstance(node, ast.Call):
                function = _resolved(node.func)
                if function is not None:
                    functions.add(function)
                elif isinstance(node.func, ast.Attribute):
                    methods.add(node.func.attr)
            elif isinstance(node, ast.Subscript) and _resolved(node.value) in (np.c_, np.r_):
                functions.add(_resolved(node.value))
            elif isinstance(node, ast.Attribute) and _resolved(node) is None:
                methods.add("." + node.attr)
    return functions, methods, operators


# The last three are read of an array.
UNTESTED = {print, range, type, str, repr, id, "dtype", "strides", "itemsize"}


def test_every_function_is_in_the_table():
    ours = {f for f in registry.all_gates() if getattr(f, "__module__", "") is None
            or not str(getattr(f, "__module__", "")).startswith(("revad", "test", "structures", "__main__"))
            and not isinstance(f, np.vectorize)}     # rules that other tests declare
    missing = {f for f in ours if f not in UNTESTED} - _used()[0]
    assert not missing, "no row calls " + ", ".join(sorted(getattr(f, "__name__", str(f)) for f in missing))


def test_every_method_is_in_the_table():
    missing = set(registry._METHODS) - _used()[1] - {".dtype"} - ({".mT"}
                                                                  if not hasattr(np.ndarray, "mT") else set())
    assert not missing, "no row uses " + ", ".join(sorted(missing))


def test_every_operator_is_in_the_table():
    missing = set(registry.OPERATORS) - _used()[2]
    assert not missing, "no row uses " + ", ".join(sorted(missing))


# --- what has no formula is refused, never wrong

REFUSED = rows("""
    np.pad(x, 1, mode='linear_ramp')
    np.pad(x, 1, mode='mean')
    np.exp(x, where=x > 0)
    np.quantile(x, np.array([0.2, 0.5]), axis=0)
    np.linalg.norm(x, axis=0, ord=0)
    np.einsum(x, [0, 1], [1, 0])
    np.fft.fft(x)
    np.unique(x)
    np.s_[x]
    """, x=A(3, 2))


@pytest.mark.parametrize("row", [pytest.param(row, id=row.text) for row in REFUSED])
def test_refusal(row):
    """A located error before anything runs, with the place in the user's text."""
    f = revad.grad(row.function())
    with warnings.catch_warnings(), pytest.raises(revad.RevadError) as caught:
        warnings.simplefilter("ignore")
        f.backward(None, f.forward(*row.args.values())[1])
    assert row.text[:4] in str(caught.value) or "line" in str(caught.value)
