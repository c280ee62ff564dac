"""A complex value that depends on what is differentiated is refused, with its place; complex data beside it stay."""
import cmath

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError, grad

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
NO_RULE = ["np.sum(np.abs(np.fft.fft(v)))", "np.sum(np.abs(np.emath.sqrt(v)))", "abs(cmath.exp(v[0]))", "np.abs(np.linalg.eigvals(np.outer(v, v))).sum()"]
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
        "complex value: it depends on what is differentiated, and complex numbers have no gradient yet. Compute with the real and the imaginary part.",
        "    return np.abs(np.exp(1j * v) - 2)[0]", "                         ^^^^^^"]
    assert_gradient(function("def f(v):\n    return np.hypot(np.cos(v) - 2, np.sin(v))[0]"), (V,))
