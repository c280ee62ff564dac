"""A complex value that depends on what is differentiated is refused, with its place.

Complex data beside it stay.
"""
import cmath

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError, grad, value_and_grad

V, Z = np.array([-3.0, 0.5]), np.array([1 + 2j, 0.5 - 1j])
OUTSIDE = {"Z": Z, "c": 1j, "cmath": cmath}
REFUSED = """
    np.sum(np.abs(v * 1j))
    np.abs(np.exp(1j * v)).sum()
    np.abs(v + 2j)[0]
    np.sum(np.abs(v * Z))
    np.sum(np.real(v * Z))
    (v * 1j).imag.sum()
    np.sum(np.abs(v * np.fft.fft([1.0, 2.0])))
    np.sum(np.abs(np.sqrt(v, dtype=complex)))
    np.sum(np.abs(np.sqrt(v + 0j)))
    np.sum(np.abs(v.astype(complex)))
    np.abs(np.array(v, dtype=complex)).sum()
    np.abs(np.asarray(v, complex)).sum()
    np.abs(np.array([v[0], 1j])).sum()
    np.abs(np.where(v > 0, v, 1j)).sum()
    np.abs(np.dot(v, Z))
    np.abs(v @ Z)
    np.abs(np.outer(v, Z)).sum()
    np.abs(np.concatenate([v, Z])).sum()
    np.abs(np.einsum('i,i', v, Z))
    np.abs(np.polyval(Z, v)).sum()
    np.abs(np.interp(v, [0.0, 1.0], Z)).sum()
    np.abs(1j ** v).sum()
    np.abs(np.full(2, v[0], dtype=complex)).sum()
    np.abs(np.sum(v, dtype=complex))
    np.abs(np.multiply(v, 2j)).sum()
    np.abs(cmath.exp(1j) * v).sum()
    np.abs(np.linalg.norm(v * Z))
    np.abs(v * np.complex64(1j)).sum()
    np.abs(np.exp(v * c)).sum()
    abs(complex(v[0], v[1]))
    sum(v * 1j).imag
    b = np.zeros(2, complex); b[:] = v; return np.abs(b).sum()
    b = np.zeros_like(Z); b += v; return np.abs(b).sum()
    b = Z * 1.0; b *= v; return np.abs(b).sum()
    s = 1j if v[0] > 5 else v[0]; return abs(s)
    s = 0j; s = sum([s, v[0]]); return abs(s)
    """.strip().splitlines()
# Functions without a rule say that of themselves.
NO_RULE = ["np.sum(np.abs(np.fft.fft(v)))", "np.sum(np.abs(np.emath.sqrt(v)))", "abs(cmath.exp(v[0]))",
           "np.abs(np.linalg.eigvals(np.outer(v, v))).sum()"]
DATA = """
    np.sum(v * np.abs(Z)**2)
    np.sum(v * Z.real) + np.sum(v * np.imag(Z)) + np.sum(v * np.angle(Z))
    np.sum(v) * abs(2 + 1j) * (1j * 1j).real
    np.sum(v * np.abs(np.fft.fft(np.array([1.0, 2.0]))))
    np.sum(v * np.real(Z * np.conj(Z))) + np.sum(v * (Z * Z.conj()).real)
    np.sum(v * np.linalg.norm(Z)) * np.abs(Z).sum()
    np.sum(v[Z.real > 0.7]) * len(Z)
    np.sum(v * np.iscomplexobj(Z)) * cmath.phase(1j)
    np.sum(v * np.fft.irfft(np.array([1.0, 2.0])))
    np.sum(v.real * v.conj()) if not np.iscomplexobj(v) else 0.0
    """.strip().splitlines()


def _function(text):
    text = text.strip() if "return" in text else f"return {text.strip()}"
    return function("def f(v):\n    " + text.replace("; ", "\n    "), **OUTSIDE)


@pytest.mark.parametrize("text", [*REFUSED, *NO_RULE])
def test_refused(text):
    with pytest.raises(UnsupportedError) as caught:
        grad(_function(text))(V)
    assert caught.value.lineno >= 2 and caught.value.offset > 1
    if text not in NO_RULE and "complex(v" not in text:
        assert "complex value: it depends on what is differentiated" in str(caught.value)


@pytest.mark.parametrize("text", DATA)
def test_complex_data_stay(text):
    assert_gradient(_function(text), (V,))


def test_the_refusal_and_its_rewrite():
    with pytest.raises(UnsupportedError) as caught:
        grad(function("def f(v):\n    return np.abs(np.exp(1j * v) - 2)[0]"))(V)
    assert str(caught.value).split(": ", 1)[1].splitlines() == [
        "complex value: it depends on what is differentiated, and complex numbers have no gradient yet. "
        "Compute with the real and the imaginary part.",
        "    return np.abs(np.exp(1j * v) - 2)[0]", "                         ^^^^^^"]
    assert_gradient(function("def f(v):\n    return np.hypot(np.cos(v) - 2, np.sin(v))[0]"), (V,))


# ---- powers of Python's numbers

NUMBERS = """
    return (-s)**0.5
    return abs((-s)**0.5)
    return s * (-s)**0.25 * 2
    return (1 - s)**1.5
    return pow(-s, 0.5)
    return (-s)**s
    return (-2)**s
    z = -s; z **= 0.5; return z
    z = (-s)**0.5; return s if z == 1 else z * z
    t = 0.0; i = 0.5; t += sum((i - s)**k for k in (1, 2, 0.5)); return t
    return max(s, abs((s - 3)**0.5))
    """.strip().splitlines()
ARRAYS = """
    return np.sum(v * float(v[0])**0.5)
    return abs(float(v[0])**0.5)
    z = v * 1; z[0] = abs(v[0].item()**0.5); return np.sum(z)
    return np.sum(v) * (-1.5)**v[1].item()
    return sum(float(x)**0.5 for x in v)
    z = v[0].item() * 3; z **= 0.5; return np.sum(z * v)
    return float(v[1]) * (v[0].item() + 1)**1.5 * np.sum(v)
    """.strip().splitlines()
REAL = """
    return s**0.5 * s
    return (s * s + 1)**0.5 + (s**2)**1.5 + abs(-s)**0.3 + math.exp(-s)**0.5
    return (-s)**2 + (-s)**3 + (-s)**-2 + (-s)**2.0
    return (s if s > 0 else -s)**0.5
    return s**0.5 if s > 0 else s
    return (-s)**0.5 if s < 0 else s * s
    return np.sqrt(s) + (-np.float64(-s))**0.5
    return len([s, s])**0.5 * s
    """.strip().splitlines()


def _of(name, text):
    return function(f"def f({name}):\n    " + text.strip().replace("; ", "\n    "))


@pytest.mark.parametrize("text", NUMBERS)
def test_a_complex_power_of_a_number_is_refused(text):
    f = _of("s", text)
    with pytest.raises(UnsupportedError,
                       match="'\\*\\*': a negative number to a power that is not whole is complex") as caught:
        grad(f)(1.7)
    assert caught.value.lineno >= 2


@pytest.mark.parametrize("text", ARRAYS)
def test_a_complex_power_beside_arrays_is_refused(text):
    f = _of("v", text)
    for call in (grad(f), value_and_grad(f), grad(f).forward):
        with pytest.raises(UnsupportedError,
                           match="'\\*\\*': a negative number to a power that is not whole is complex"):
            call(V)
    assert_gradient(f, (np.array([1.5, 2.0]),)) if "(-1.5)" not in text else None


@pytest.mark.parametrize("text", REAL)
def test_powers_that_are_real(text):
    for s in (1.7, 0.6):
        assert_gradient(_of("s", text), (s,))
    assert "raise" not in grad(_of("s", text)).source


def test_one_text_is_for_positive_bases_and_the_next_call_may_have_a_negative_one():
    f = grad(_of("s", "return s**1.5"))
    assert f(4.0) == 3.0 == f(np.float64(4.0))
    with pytest.raises(UnsupportedError, match="is complex"):
        f(-4.0)
    with np.errstate(invalid="ignore"):
        assert f(4.0) == 3.0 and np.isnan(f(np.float64(-4.0)))
