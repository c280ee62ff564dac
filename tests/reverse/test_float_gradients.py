"""The gradient of a number is a float, and that of an array of its precision, whatever it is multiplied with."""
import math

import numpy as np
import pytest
from from_text import function

from revad import grad

WHOLE = """k; j + k; k * j; k // j; k % j; k ** 2; -k; abs(k); max(k, j); min(k, 3); max([k, j]); max(len(x), 2); len(x); x.size; x.ndim; max(x.shape); sum(x.shape)
math.prod(x.shape); math.prod([k, j]); math.floor(2.5); math.ceil(2.5); math.trunc(2.5); math.factorial(k); math.comb(k, 2); math.gcd(k, 4); math.isqrt(9); math.perm(k)
int(2.5); round(2.5); True; k > j; (k > j) + 1; (k > 0) - (j > 0); sum([k, j]); sum(range(k)); pow(k, 2); int(x[0, 0] > 0); k if k > j else j; x.shape[0] * k
bool(k); [k, j][0]; {'a': k}['a']; k << 1; k | 1; np.int64(k); np.argmax(x); np.sum(x > 0); not k"""


@pytest.mark.parametrize("text", [text.strip() for text in WHOLE.replace("\n", ";").split(";")])
def test_a_whole_number_times_a_number(text):
    for spelling in ("({}) * s", "s * ({})", "s * s * ({}) + ({}) * s"):
        f = function(f"def f(s, x, k, j):\n    return {spelling.replace('{}', text)}", math=math)
        args = np.ones((3, 2)), 5, 2
        for s in (1.3, np.float32(1.3), np.float64(1.3)):
            found = grad(f, wrt="s")(s, *args)
            wanted = (f(float(s) + 1e-4, *args) - f(float(s) - 1e-4, *args)) / 2e-4
            assert type(found) is (np.float32 if type(s) is np.float32 else type(s)
                                   if type(found) is not float else float), type(found)
            np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("body", [
    "a, b = p; ll = 0.0; s = y[0]; for t in range(len(y)): ll += np.float64(2) * s; s = a + b * s; return ll",
    "a, b = p; return a * np.float64(3) + b * 2.0", "a, *b = p; return a * np.float64(3) + sum(b)",
    "a, b = p * 2; return np.sum(y * np.ones(3)) * a",
    "s = 0.0; for v in p: s += v * np.float64(2); return s * y[0]"])
def test_single_precision_that_is_unpacked(body):
    lines = body.split("; ")
    at = next((i for i, line in enumerate(lines) if line.startswith("for ")), None)
    text = ("".join(f"    {line}\n" for line in lines) if at is None
            else "".join(f"    {line}\n" for line in lines[:at]) +
            "    " + lines[at] + "".join(f"; {line}" for line in lines[at + 1:-1]) + f"\n    {lines[-1]}\n")
    dy, dp = grad(function(f"def f(y, p):\n{text}"))(np.ones(3, "f"), np.array([0.5, 0.2], "f"))
    assert (dy.dtype, dp.dtype, dy.shape, dp.shape) == (np.float32, np.float32, (3,), (2,))
