"""Special functions: the rules of scipy.special, declared once the program has imported it.

Formulas: Abramowitz and Stegun, chapters 5 to 9; the NIST Digital Library of Mathematical Functions.

>>> special.__name__, float(round(SLOPE, 4))
('special', 1.1284)
"""
import math

import numpy as np

from ...types.kinds import FLOAT, UNKNOWN, Kind
from ...types.registry import adjoint, elementwise, when_imported
from ...types.shape_rules import floats, reduction, same
from ..axes import call, is_whole, refuse, settled, spread

SLOPE = 2 / math.sqrt(math.pi)      # of erf at 0
NORMAL = math.sqrt(2 * math.pi)


@when_imported("scipy.special")
def special(module):
    _errors(module)
    _logistic(module)
    _gammas(module)
    _entropies(module)
    _bessel(module)
    _sums(module)


def _errors(sc):
    """The error function and the normal distribution."""
    @elementwise(sc.erf, kind=floats)
    def erf(y, x):
        return SLOPE * np.exp(-x * x)

    @elementwise(sc.erfc, kind=floats)
    def erfc(y, x):
        return -SLOPE * np.exp(-x * x)

    @elementwise(sc.erfcx, kind=floats)
    def erfcx(y, x):
        return 2 * x * y - SLOPE

    @elementwise(sc.erfinv, kind=floats)
    def erfinv(y, x):
        return np.exp(y**2) / SLOPE

    @elementwise(sc.erfcinv, kind=floats)
    def erfcinv(y, x):
        return -np.exp(y**2) / SLOPE

    @elementwise(sc.dawsn, kind=floats)
    def dawsn(y, x):
        return 1 - 2 * x * y

    @elementwise(sc.ndtr, kind=floats)
    def ndtr(y, x):
        return np.exp(-0.5 * x * x) / NORMAL

    @elementwise(sc.log_ndtr, kind=floats)
    def log_ndtr(y, x):
        return math.sqrt(2 / math.pi) / sc.erfcx(-x / math.sqrt(2))

    @elementwise(sc.ndtri, kind=floats)
    def ndtri(y, x):
        return NORMAL * np.exp(0.5 * y**2)


def _logistic(sc):
    @elementwise(sc.expit, kind=floats)
    def expit(y, x):
        return (1 - y) * y

    @elementwise(sc.log_expit, kind=floats)
    def log_expit(y, x):
        return -np.expm1(y)

    @elementwise(sc.logit, kind=floats)
    def logit(y, x):
        return 1 / (x * (1 - x))

    @elementwise(sc.exp10, kind=floats)
    def exp10(y, x):
        return math.log(10) * y

    @elementwise(sc.exp2, kind=floats)
    def exp2(y, x):
        return math.log(2) * y

    @elementwise(sc.expm1, kind=floats)
    def expm1(y, x):
        return y + 1

    @elementwise(sc.log1p, kind=floats)
    def log1p(y, x):
        return 1 / (1 + x)

    @elementwise(sc.cbrt, kind=floats)
    def cbrt(y, x):
        return 1 / (3 * y**2)


def _gammas(sc):
    @elementwise(sc.gamma, kind=floats)
    def gamma(y, x):
        return y * sc.psi(x)

    @elementwise(sc.rgamma, kind=floats)
    def rgamma(y, x):
        return -y * sc.psi(x)

    @elementwise(sc.gammaln, sc.loggamma, kind=floats)
    def gammaln(y, x):
        return sc.psi(x)

    @elementwise(sc.psi, kind=floats)
    def psi(y, x):
        return call(sc.polygamma, 1, x)

    @elementwise(sc.polygamma, arrays=("x",), kind=lambda b: floats(b)._replace(shape=b.kind("x").shape))
    def polygamma(y, n, x):
        return call(sc.polygamma, settled(n) + 1, x)

    @elementwise(sc.beta, kind=floats)
    def beta(z, a, b):
        both = sc.psi(a + b)
        return z * (sc.psi(a) - both), z * (sc.psi(b) - both)

    @elementwise(sc.betaln, kind=floats)
    def betaln(z, a, b):
        both = sc.psi(a + b)
        return sc.psi(a) - both, sc.psi(b) - both

    @elementwise(sc.gammainc, kind=floats)
    def gammainc(z, a, x):
        return _in_closed_form("gammainc", a), np.exp(sc.xlogy(a - 1, x) - x - sc.gammaln(a))

    @elementwise(sc.gammaincc, kind=floats)
    def gammaincc(z, a, x):
        return _in_closed_form("gammaincc", a), -np.exp(sc.xlogy(a - 1, x) - x - sc.gammaln(a))

    @adjoint(sc.factorial, arrays=("n",), kind=_of_counts)
    def factorial(y, dy, n, exact=False):
        return _of_whole_numbers("factorial", n)

    @adjoint(sc.comb, arrays=("N", "k"), kind=_of_counts)
    def comb(y, dy, N, k, exact=False, repetition=False):
        return _of_whole_numbers("comb", N), _of_whole_numbers("comb", k)


def _of_counts(bound):
    """A float if all operands are numbers, else an array."""
    kinds = [bound.kind(name) for name in bound.gate.required]
    return FLOAT if all(kind.tag == "number" for kind in kinds) else Kind("array", "")


def _of_whole_numbers(name, operand):
    """None, for a parameter that counts something."""
    if getattr(getattr(operand, "operand", None), "varied", False) and not is_whole(operand):
        refuse(f"gradient of {name} of real numbers", "revad has a rule for whole numbers, which have none",
               "Use scipy.special.gammaln.")


def _in_closed_form(name, operand):
    """None, where no gradient is needed."""
    if getattr(getattr(operand, "operand", None), "varied", False):
        refuse(f"gradient of {name} on its first argument", "it has no closed form",
               "Leave that argument out of wrt.")


def _entropies(sc):
    """Functions that are 0 where their first argument is 0, whatever the logarithm is."""
    @elementwise(sc.xlogy, kind=floats)
    def xlogy(z, x, y):
        return np.log(y), x / np.where(x == 0, 1.0, y)

    @elementwise(sc.xlog1py, kind=floats)
    def xlog1py(z, x, y):
        return np.log1p(y), x / np.where(x == 0, 1.0, 1 + y)

    @elementwise(sc.entr, kind=floats)
    def entr(y, x):
        return -np.log(x) - 1

    @elementwise(sc.rel_entr, kind=floats)
    def rel_entr(z, x, y):
        return np.log(x / y) + 1, -x / y

    @elementwise(sc.kl_div, kind=floats)
    def kl_div(z, x, y):
        return np.log(x / y), (y - x) / y

    @elementwise(sc.huber, kind=floats)
    def huber(z, delta, r):
        size = np.abs(r)
        return (size > delta) * (size - delta), np.clip(r, -delta, delta)

    @elementwise(sc.pseudo_huber, kind=floats)
    def pseudo_huber(z, delta, r):
        ratio = r / delta
        root = np.sqrt(1 + ratio * ratio)
        return delta * (root - 1)**2 / root, r / root


def _bessel(sc):
    """Bessel functions of whole order, and integrals of the exponential."""
    @elementwise(sc.j0, kind=floats)
    def j0(y, x):
        return -sc.j1(x)

    @elementwise(sc.j1, kind=floats)
    def j1(y, x):
        return 0.5 * (sc.j0(x) - sc.jv(2, x))

    @elementwise(sc.y0, kind=floats)
    def y0(y, x):
        return -sc.y1(x)

    @elementwise(sc.i0, kind=floats)
    def i0(y, x):
        return sc.i1(x)

    @elementwise(sc.i1, kind=floats)
    def i1(y, x):
        return 0.5 * (sc.i0(x) + sc.iv(2, x))

    @elementwise(sc.i0e, kind=floats)
    def i0e(y, x):
        return sc.i1e(x) - np.sign(x) * y

    @elementwise(sc.i1e, kind=floats)
    def i1e(y, x):
        return 0.5 * (sc.i0e(x) + sc.ive(2, x)) - np.sign(x) * y

    @elementwise(sc.ive, kind=floats)
    def ive(z, v, x):
        return _in_closed_form("ive", v), 0.5 * (sc.ive(v - 1, x) + sc.ive(v + 1, x)) - np.sign(x) * z

    @elementwise(sc.y1, kind=floats)
    def y1(y, x):
        return sc.y0(x) - y / x

    @elementwise(sc.k0, kind=floats)
    def k0(y, x):
        return -sc.k1(x)

    @elementwise(sc.k1, kind=floats)
    def k1(y, x):
        return -sc.k0(x) - y / x

    @elementwise(sc.jv, kind=floats)
    def jv(z, v, x):
        return _in_closed_form("jv", v), 0.5 * (sc.jv(v - 1, x) - sc.jv(v + 1, x))

    @elementwise(sc.iv, kind=floats)
    def iv(z, v, x):
        return _in_closed_form("iv", v), 0.5 * (sc.iv(v - 1, x) + sc.iv(v + 1, x))

    @elementwise(sc.kv, kind=floats)
    def kv(z, v, x):
        return _in_closed_form("kv", v), -0.5 * (sc.kv(v - 1, x) + sc.kv(v + 1, x))

    @elementwise(sc.exp1, kind=floats)
    def exp1(y, x):
        return -np.exp(-x) / x

    @elementwise(sc.expi, kind=floats)
    def expi(y, x):
        return np.exp(x) / x


def _summed(bound):
    # A pair.
    return UNKNOWN if bound.has("return_sign") and bound.static("return_sign") else reduction(bound)


def _sums(sc):
    """Sums of exponentials along an axis."""
    @adjoint(sc.logsumexp, arrays=("a", "b"), kind=_summed)
    def logsumexp(y, dy, a, axis=None, b=None, keepdims=False, return_sign=False):
        if settled(return_sign):
            refuse("logsumexp with return_sign=True", "revad has a rule for the sum alone",
                   "Leave return_sign out.")
        weight = np.exp(a - spread(y, a, axis, keepdims))
        dy = spread(dy, a, axis, keepdims)
        if b is None:
            return dy * weight
        if b.ndim != a.ndim:
            refuse("logsumexp with weights of another rank", "revad has a rule for weights of the shape of a",
                   "Broadcast b first.")
        return dy * b * weight, dy * weight

    @adjoint(sc.softmax, kind=same)
    def softmax(y, dy, x, axis=None):
        along = (dy * y).sum() if settled(axis) is None else (dy * y).sum(axis=settled(axis), keepdims=True)
        return y * (dy - along)

    @adjoint(sc.log_softmax, kind=same)
    def log_softmax(y, dy, x, axis=None):
        along = dy.sum() if settled(axis) is None else dy.sum(axis=settled(axis), keepdims=True)
        return dy - np.exp(y) * along
