"""Accuracy: local gradients against mpmath, in units in the last place, from 1e-300 to 1e300 and near zeros and poles.

A gate's local gradient may be 8 ulp off, and 8 times as many as its value is. Where a spelling is kept that
gives less, `KEPT` says why and how much: an absolute error, in units of eps, that is a function of the
operands and the gradient.
"""
import math

import numpy as np
import pytest
from from_text import function

import revad
from revad.types import registry

mpmath = pytest.importorskip("mpmath", reason="the exact derivatives are mpmath's: pip install mpmath")
special = pytest.importorskip("scipy.special", reason="scipy is not installed")
revad.grad(lambda x: special.erf(x))        # declares the rules of scipy.special
mp = mpmath.mp
DIGITS, EPS = 60, mpmath.mpf(2)**-52
SQRT_PI = mpmath.mpf("1.77245385090551602729816748334114518279754945612238712821380779")

SIZES = np.array([m * 10.0**k for k in (*range(-300, -20, 40), *range(-20, 20, 3), *range(20, 301, 40), 300)
                  for m in (1.0, 3.7)
                  if m * 10.0**k <= 1e300])
LINE = np.concatenate([-SIZES[::-1], SIZES])


def near(*places):
    """Numbers on both sides of each place, from the next one to a tenth away."""
    steps = np.array([2.0**-k for k in (3, 10, 20, 26, 30, 40, 50, 52)])
    return np.concatenate([[np.nextafter(p, -9e9), np.nextafter(p, 9e9), *(p + (p or 1) * steps), *(p - (p or 1) * steps)] for p in places])


def points(low=-math.inf, high=math.inf, *places):
    """The line and what is near some places, between two numbers which are left out."""
    x = np.unique(np.concatenate([LINE, np.linspace(-6, 6, 25) + 1e-3, near(*places) if places else []]))
    return x[(x > low) & (x < high)]


def cbrt(x):
    return mp.sign(x) * abs(x)**(mpmath.mpf(1) / 3)


def sinc_slope(x):
    return -mp.pi**2 * x / 3 if abs(x) < 1e-20 else (mp.cos(mp.pi * x) - mp.sin(mp.pi * x) / (mp.pi * x)) / x


def bell(x):
    """The derivative of erf."""
    return 2 / SQRT_PI * mp.exp(-x * x)


def normal(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def normal_integral(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def inverse(f, slope, start):
    """The inverse of f by Newton's method, from the float that SciPy gives."""
    def solve(x):
        y = mpmath.mpf(float(start(float(x))))
        for _ in range(3):
            y += (x - f(y)) / slope(y)
        return y
    return solve


erfinv = inverse(mp.erf, bell, special.erfinv)
erfcinv = inverse(mp.erfc, lambda y: -bell(y), special.erfcinv)
ndtri = inverse(normal_integral, normal, special.ndtri)
bessel = {"j": mp.besselj, "y": mp.bessely, "i": mp.besseli, "k": mp.besselk}
SHORT = points(-60, 60, 2.404825557695773, 3.8317059702075125)[::2]
RIGHT, PLUS = SHORT[SHORT > 0], points(0)
POLES = points(-20, 1e4, -2.0, 1.4616321449683622)
POLES = POLES[(POLES > 0) | (POLES != np.floor(POLES))]
TIGHT = points(-1, 1, 0.5)
CLOSE = np.unique(np.concatenate([TIGHT, near(-1.0, 1.0)]))
CLOSE = CLOSE[np.abs(CLOSE) < 1]

# gate: (value or None, derivative, operands); the derivative gets the operand as an exact number.
ONE = {
    "exp": (mp.exp, mp.exp, points()),
    "exp2": (lambda x: mp.mpf(2)**x, lambda x: mp.log(2) * mp.mpf(2)**x, points()),
    "expm1": (mp.expm1, mp.exp, points()),
    "log": (mp.log, lambda x: 1 / x, points(0, math.inf, 1.0)),
    "log1p": (mp.log1p, lambda x: 1 / (1 + x), points(-1, math.inf, -1.0)),
    "log2": (lambda x: mp.log(x, 2), lambda x: 1 / (x * mp.log(2)), points(0, math.inf, 1.0)),
    "log10": (mp.log10, lambda x: 1 / (x * mp.log(10)), points(0, math.inf, 1.0)),
    "sqrt": (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), PLUS),
    "cbrt": (cbrt, lambda x: 1 / (3 * cbrt(x)**2), points()),
    "sin": (mp.sin, mp.cos, points(-1e9, 1e9, math.pi, math.pi / 2)),
    "cos": (mp.cos, lambda x: -mp.sin(x), points(-1e9, 1e9, math.pi, math.pi / 2)),
    "tan": (mp.tan, lambda x: mp.sec(x)**2, points(-1e9, 1e9, math.pi, math.pi / 2)),
    "arcsin": (mp.asin, lambda x: 1 / mp.sqrt(1 - x * x), CLOSE),
    "arccos": (mp.acos, lambda x: -1 / mp.sqrt(1 - x * x), CLOSE),
    "arctan": (mp.atan, lambda x: 1 / (1 + x * x), points()), "sinh": (mp.sinh, mp.cosh, points()),
    "cosh": (mp.cosh, mp.sinh, points()),
    "tanh": (mp.tanh, lambda x: mp.sech(x)**2, points()),
    "arcsinh": (mp.asinh, lambda x: 1 / mp.sqrt(x * x + 1), points()),
    "arccosh": (mp.acosh, lambda x: 1 / mp.sqrt(x * x - 1), points(1, math.inf, 1.0)),
    "arctanh": (mp.atanh, lambda x: 1 / (1 - x * x), CLOSE),
    "sinc": (lambda x: mp.sinc(mp.pi * x), sinc_slope, points(-1e9, 1e9, 0.0, 1e-4, 1.0)),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2, points()),
    "square": (lambda x: x * x, lambda x: 2 * x, points()),
    "absolute": (abs, mp.sign, points()), "fabs": (abs, mp.sign, points()),
    "erf": (mp.erf, bell, points(-1e5, 1e5)), "erfc": (mp.erfc, lambda x: -bell(x), points(-1e5, 1e5)),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x),
              lambda x: 2 * x * mp.exp(x * x) * mp.erfc(x) - 2 / SQRT_PI, points(-30, 1e8)),
    "erfinv": (erfinv, lambda x: 1 / bell(erfinv(x)), CLOSE),
    "erfcinv": (erfcinv, lambda x: -1 / bell(erfcinv(x)), points(0, 2, 1.0)),
    "dawsn": (None, lambda x: 1 - x * SQRT_PI * mp.exp(-x * x) * mp.erfi(x),
              points(-1e4, 1e4, 0.9241388730045917)),
    "ndtr": (normal_integral, normal, points(-1e5, 1e5)),
    "ndtri": (ndtri, lambda x: 1 / normal(ndtri(x)), points(0, 1, 0.5, 1.0)),
    "log_ndtr": (lambda x: mp.log(normal_integral(x)), lambda x: normal(x) / normal_integral(x),
                 points(-1e8, 36)),
    "expit": (lambda x: 1 / (1 + mp.exp(-x)), lambda x: mp.exp(-abs(x)) / (1 + mp.exp(-abs(x)))**2, points()),
    "log_expit": (lambda x: -mp.log1p(mp.exp(-x)), lambda x: 1 / (1 + mp.exp(x)), points()),
    "logit": (lambda x: mp.log(x / (1 - x)), lambda x: 1 / (x * (1 - x)), points(0, 1, 0.5, 1.0)),
    "exp10": (lambda x: mp.mpf(10)**x, lambda x: mp.log(10) * mp.mpf(10)**x, points()),
    "gamma": (mp.gamma, lambda x: mp.gamma(x) * mp.psi(0, x), POLES),
    "rgamma": (mp.rgamma, lambda x: -mp.rgamma(x) * mp.psi(0, x), POLES),
    "gammaln": (lambda x: mp.log(abs(mp.gamma(x))), lambda x: mp.psi(0, x),
                points(0, 1e300, 1.4616321449683622, 1.0)),
    "psi": (lambda x: mp.psi(0, x), lambda x: mp.psi(1, x), points(1e-150, 1e150)),
    "entr": (lambda x: -x * mp.log(x), lambda x: -mp.log(x) - 1, points(0, math.inf, 1.0, math.exp(-1))),
    "j0": (lambda x: mp.besselj(0, x), lambda x: -mp.besselj(1, x), SHORT),
    "j1": (lambda x: mp.besselj(1, x), lambda x: mp.besselj(1, x, 1), SHORT),
    "y0": (lambda x: mp.bessely(0, x), lambda x: -mp.bessely(1, x), RIGHT),
    "y1": (lambda x: mp.bessely(1, x), lambda x: mp.bessely(0, x) - mp.bessely(1, x) / x, RIGHT),
    "i0": (lambda x: mp.besseli(0, x), lambda x: mp.besseli(1, x), SHORT),
    "i1": (lambda x: mp.besseli(1, x), lambda x: (mp.besseli(0, x) + mp.besseli(2, x)) / 2, SHORT),
    "i0e": (lambda x: mp.exp(-abs(x)) * mp.besseli(0, x),
            lambda x: mp.exp(-abs(x)) * (mp.besseli(1, x) - mp.sign(x) * mp.besseli(0, x)), SHORT),
    "i1e": (lambda x: mp.exp(-abs(x)) * mp.besseli(1, x),
            lambda x: mp.exp(-abs(x)) * ((mp.besseli(0, x) + mp.besseli(2, x)) / 2 - mp.sign(x) * mp.besseli(1, x)), SHORT),
    "k0": (lambda x: mp.besselk(0, x), lambda x: -mp.besselk(1, x), RIGHT),
    "k1": (lambda x: mp.besselk(1, x), lambda x: -mp.besselk(0, x) - mp.besselk(1, x) / x, RIGHT),
    "exp1": (mp.e1, lambda x: -mp.exp(-x) / x, points(0, 700)),
    "expi": (mp.ei, lambda x: mp.exp(x) / x, points(-700, 700)),
}

PAIRS = [(a, b) for a in (1e-300, 3e-170, 2e-8, 0.7, 1.0, 37.5, 4e9, 1e170, 1e300)
         for b in (1e-300, 7e-160, 3e-5, 0.2, 1.0, 500.0, 2e155, 1e300)]
# Squares in a sum: `np.hypot` of operands beyond these would cost ten times as much as the sum.
MIDDLE = [(a, b) for a, b in PAIRS if 1e-150 < min(a, b) and max(a, b) < 1e150]
CLOSE_PAIRS = [(a, a * (1 + s)) for a in (1e-9, 0.3, 1.0, 650.0) for s in (2.0**-50, -(2.0**-30), 1e-3)]
SOME = [(a, b) for a in (0.01, 0.4, 1.0, 2.5, 9.0, 60.0) for b in (0.02, 0.4, 1.0, 3.5, 20.0)]
SUMS = [(a, b) for a in (-700.0, -30.0, 0.0, 1e-300, 0.4, 20.0, 1e5)
        for b in (-800.0, -3.0, 0.0, 0.5, 21.0, 1e5)]

# gate: (derivatives, operands); None where the gate has no derivative on an operand.
TWO = {
    "add": ((lambda x, y: 1, lambda x, y: 1), PAIRS), "subtract": ((lambda x, y: 1, lambda x, y: -1), PAIRS),
    "multiply": ((lambda x, y: y, lambda x, y: x), PAIRS),
    "divide": ((lambda x, y: 1 / y, lambda x, y: -x / y**2), PAIRS),
    "power": ((lambda x, y: y * x**(y - 1), lambda x, y: mp.log(x) * x**y), PAIRS),
    "hypot": ((lambda x, y: x / mp.hypot(x, y), lambda x, y: y / mp.hypot(x, y)), PAIRS),
    "arctan2": ((lambda y, x: x / (x * x + y * y), lambda y, x: -y / (x * x + y * y)), MIDDLE),
    "logaddexp": ((lambda x, y: 1 / (1 + mp.exp(y - x)), lambda x, y: 1 / (1 + mp.exp(x - y))), SUMS),
    "logaddexp2": ((lambda x, y: 1 / (1 + mp.mpf(2)**(y - x)), lambda x, y: 1 / (1 + mp.mpf(2)**(x - y))),
                   SUMS),
    "beta": ((lambda a, b: mp.beta(a, b) * (mp.psi(0, a) - mp.psi(0, a + b)),
              lambda a, b: mp.beta(a, b) * (mp.psi(0, b) - mp.psi(0, a + b))), SOME),
    "betaln": ((lambda a, b: mp.psi(0, a) - mp.psi(0, a + b), lambda a, b: mp.psi(0, b) - mp.psi(0, a + b)),
               SOME),
    "gammainc": ((None, lambda a, x: mp.exp((a - 1) * mp.log(x) - x - mp.loggamma(a))),
                 [*SOME, (200.0, 200.0), (3.0, 1e300), (400.0, 380.0)]),
    "gammaincc": ((None, lambda a, x: -mp.exp((a - 1) * mp.log(x) - x - mp.loggamma(a))),
                  [*SOME, (200.0, 200.0), (3.0, 1e300), (400.0, 380.0)]),
    "xlogy": ((lambda x, y: mp.log(y), lambda x, y: x / y), PAIRS),
    "xlog1py": ((lambda x, y: mp.log1p(y), lambda x, y: x / (1 + y)), PAIRS),
    "rel_entr": ((lambda x, y: mp.log(x / y) + 1, lambda x, y: -x / y), [*SOME, *CLOSE_PAIRS]),
    "kl_div": ((lambda x, y: mp.log(x / y), lambda x, y: 1 - x / y), [*SOME, *CLOSE_PAIRS]),
    "huber": ((lambda d, r: max(r - d, 0), lambda d, r: min(r, d)), PAIRS),
    "pseudo_huber": ((None, lambda d, r: r / mp.hypot(1, r / d)), MIDDLE),
    "jv": ((None, lambda v, x: (mp.besselj(v - 1, x) - mp.besselj(v + 1, x)) / 2),
           [(2.0, 0.3), (2.5, 4.0), (3.0, 30.0)]),
    "iv": ((None, lambda v, x: (mp.besseli(v - 1, x) + mp.besseli(v + 1, x)) / 2),
           [(2.0, 0.3), (2.5, 4.0), (3.0, 30.0)]),
    "kv": ((None, lambda v, x: -(mp.besselk(v - 1, x) + mp.besselk(v + 1, x)) / 2),
           [(2.0, 0.3), (2.5, 4.0), (3.0, 30.0)]),
    "ive": ((None,
             lambda v, x: mp.exp(-x) * ((mp.besseli(v - 1, x) + mp.besseli(v + 1, x)) / 2 - mp.besseli(v, x))),
            [(2.0, 0.3), (2.5, 4.0), (3.0, 30.0)]),
}

# What passes a gradient on or stops it, by comparison alone, and what is one product: nothing that could lose
# accuracy.
EXACT = {"negative", "positive", "conjugate", "_identity", "deg2rad", "rad2deg", "maximum", "minimum",
         "fmax", "fmin", "clip", "nan_to_num", "heaviside", "copysign", "mod", "fmod"}
# The same rule, and what has one beside it.
OTHER_NAME = {"pow": "power", "float_power": "power", "log_to_base": "log"}



def relative(x, g):
    return abs(g)


def absolute(*_):
    return 1


def of_square(x, g):
    return x * x * abs(g)


def of_logarithm(x, g):
    return abs(mp.log(abs(g)) * g)


def of_exponent(a, x, g):
    return (abs((a - 1) * mp.log(x)) + x + abs(mp.loggamma(a))) * abs(g)


def of_difference(x, y, g):
    return abs(x - y) * abs(g)


def of_psi(a, b, g):
    return sum(abs(mp.psi(0, v)) for v in (a, b, a + b))


def of_pole(x, g):
    return abs(x * g / (x - mp.nint(x))) if x < 0 else 0


PSI = "SciPy's psi is right for an operand an ulp away, near its poles; at the poles themselves rgamma's gradient is NaN"
SATURATED = "from the result, which is a few of the same small numbers: 1 - t**2, as the course notes write it; the small difference is lost"
ROUNDED = "an exponent is rounded before exp is taken: so is the operand of the function itself, where it decays"
RECURRENCE = "the recurrence subtracts neighbours; near its zeros SciPy's own functions are off by as much"
SCALED = "two scaled functions that approach each other are subtracted"
SERIES = "terms of an expansion cancel far out, where it would take a series"

# gate: (how many eps times a size the gradient may be off beyond the 8 ulp: the largest that was seen,
# rounded up; the size; why it is kept)
KEPT = {
    "tanh": (1, absolute, SATURATED), "expit": (1, absolute, SATURATED), "expm1": (1, absolute, SATURATED),
    "arcsinh": (1, lambda x, g: abs(g) / EPS if abs(x) > 1e154 else 0,
                "0 beyond 1e154, where x * x overflows: np.hypot(x, 1) costs ten times as much"),
    "power": (1, lambda x, y, g: abs(mp.log(x) * g), "y - 1 is rounded before the power is taken"),
    "erf": (1, of_square, ROUNDED), "erfc": (1, of_square, ROUNDED), "ndtr": (1, of_square, ROUNDED),
    "erfinv": (1, of_logarithm, ROUNDED), "erfcinv": (2, of_logarithm, ROUNDED),
    "ndtri": (2, of_logarithm, ROUNDED),
    "logaddexp": (1, of_difference, ROUNDED), "logaddexp2": (1, of_difference, ROUNDED),
    "sinc": (5, lambda x, g: abs(g) * 10**7 if abs(x) < 1e-4 else 1 / abs(x) + 1,
             "one term of the series near 0, the difference beyond: 1e-8 at worst"),
    "dawsn": (8, absolute, SERIES), "erfcx": (2, lambda x, g: 1, SERIES),
    "entr": (1, absolute, "log(x) is near -1 where the gradient is 0"),
    "kl_div": (1, lambda x, y, g: 1, "x / y is rounded before log is taken"),
    "rel_entr": (1, lambda x, y, g: 1, "x / y is rounded before log is taken"),
    "gammainc": (1, of_exponent, ROUNDED), "gammaincc": (1, of_exponent, ROUNDED),
    "beta": (60, lambda a, b, g: mp.beta(a, b) * of_psi(a, b, g),
             "psi(a) - psi(a + b), of neighbours, and as far as SciPy's beta is off"),
    "betaln": (1, of_psi, "psi(a) - psi(a + b), of neighbours"),
    "j0": (1, absolute, RECURRENCE), "j1": (1, absolute, RECURRENCE), "y0": (1, absolute, RECURRENCE),
    "y1": (3, absolute, RECURRENCE),
    "gamma": (2, of_pole, PSI), "rgamma": (2, of_pole, PSI), "jv": (4, lambda v, x, g: 1, RECURRENCE),
    "i0e": (1, absolute, SCALED), "i1e": (1, absolute, SCALED), "ive": (1, lambda v, x, g: 1, SCALED),
}

MATH = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
        "arctanh": "atanh", "absolute": "fabs"}


def spelled(name):
    """The gate's function: NumPy's, or else SciPy's or that of math."""
    for library, spelling in ((np, "np"), (special, "special"), (math, "math")):
        if registry.lookup(getattr(library, name, None)) is not None:
            return f"{spelling}.{name}"
    raise AssertionError(f"{name} is no function with a gate")


def ulp(value):
    """The distance to the next float, of an exact number."""
    size = abs(float(value))
    return mpmath.mpf(math.ulp(size)) if size < math.inf else mpmath.mpf(2)**971


def off(got, exact):
    """How many ulp a float is from an exact number; none where both are beyond the floats."""
    if abs(exact) >= mpmath.mpf(2)**1024:
        return mpmath.mpf(0) if got == math.copysign(math.inf, exact) else mpmath.inf
    return abs(mpmath.mpf(float(got)) - exact) / ulp(exact) if math.isfinite(got) else mpmath.inf


def worst(name, operands, got, derivative, value=None, call=None):
    """The largest excess over what is allowed, with the operands that have it, and the largest error in units of KEPT."""
    found = (0, None)
    factor, size, _ = KEPT.get(name, (0, None, ""))
    with mp.workdps(DIGITS):
        for at, result in zip(operands, got):
            exact_at = [mpmath.mpf(float(v)) for v in (at if isinstance(at, tuple) else (at,))]
            exact = mpmath.mpf(derivative(*exact_at))
            allowed = 8
            if value is not None:
                error = off(call(*(at if isinstance(at, tuple) else (at,))), value(*exact_at))
                allowed += 8 * error if error < mpmath.inf else 0
            if size is not None:
                allowed += factor * size(*exact_at, exact) * EPS / ulp(exact)
            error = off(result, exact)
            found = max(found, (error / allowed, at), key=lambda pair: pair[0])
    return found


@pytest.mark.parametrize("name", ONE)
def test_gates_of_one_operand(name):
    value, derivative, x = ONE[name]
    gate, scope = spelled(name), {"np": np, "special": special, "math": math}
    call = eval(gate, scope)
    with np.errstate(all="ignore"):
        if not gate.startswith("math"):
            got = revad.grad(function(f"def f(x):\n    return np.sum({gate}(x))", special=special))(x)
            excess, at = worst(name, x, got, derivative, value, call)
            assert excess <= 1, f"{gate} at {at!r}: {float(excess):.3g} times what is allowed"


@pytest.mark.parametrize("name",
                         [name for name in ONE if registry.lookup(getattr(math, MATH.get(name, name), None))])
def test_gates_of_math(name):
    """Of plain numbers, where what overflows raises: only where the function itself does."""
    _, derivative, x = ONE[name]
    call = getattr(math, MATH.get(name, name))
    gradient = revad.grad(function(f"def f(x):\n    return math.{call.__name__}(x)"))
    at, got = [], []
    for v in map(float, x[::3]):
        try:
            call(v)
        except (OverflowError, ValueError):
            continue
        at.append(v)
        got.append(gradient(v))
    excess, where = worst(name, at, got, derivative)
    assert excess <= 1, f"math.{call.__name__} at {where!r}: {float(excess):.3g} times what is allowed"


@pytest.mark.parametrize("name", TWO)
def test_gates_of_two_operands(name):
    derivatives, pairs = TWO[name]
    a, b = (np.array(column) for column in zip(*pairs))
    f = function(f"def f(a, b):\n    return np.sum({spelled(name)}(a, b))", special=special)
    for parameter, derivative in zip("ab", derivatives):
        if derivative is not None:
            with np.errstate(all="ignore"):
                got = revad.grad(f, wrt=parameter)(a, b)
            excess, at = worst(name, pairs, got, derivative)
            assert (excess
                    <= 1), f"{spelled(name)}, gradient on {parameter}, at {at!r}: {float(excess):.3g} times what is allowed"


def test_every_elementwise_gate_has_a_row():
    """A new gate is compared with mpmath, or said to have nothing that could lose accuracy."""
    gates = {gate.name for gate in registry._GATES.values() if gate.mode == "elementwise"
             and gate.rule.__module__.startswith("revad.rules")
             and not gate.rule.__module__.endswith("fused")}
    # Psi's rule, with another order.
    assert gates - set(ONE) - set(TWO) - EXACT - set(OTHER_NAME) == {"polygamma"}
    assert set(KEPT) <= set(ONE) | set(TWO)
