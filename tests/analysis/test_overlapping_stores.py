"""A store of a part of an array into the array itself is right, or refused where NumPy reads what it has written."""

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError

pytestmark = pytest.mark.quick

X = np.array([0.5, -1.2, 0.8, 1.5, -0.3, 0.9, -0.7, 1.1, 0.2])
LINES = ["z[:3]", "z[1:4]", "z[3:6]", "z[:6:2]", "z[1:7:2]", "z[::3]", "z[2::-1]", "z[5:2:-1]", "z[5::-2]", "z[1:][2:5]"]
ROWS = ["m[1]", "m[0]", "m[:, 0]", "m[:, -1]", "m[..., 1]", "m[2, ::-1]", "m.T[1]", "m.T[:, 1]", "m[::-1][0]",
        "m[::-1, 1]", "np.diagonal(m)"]


def program(target, part):
    return function(f"def f(x):\n    z = x * 1.5\n    m = z.reshape(3, 3)\n    {target} = {part}\n"
                    "    return np.sum(np.sin(z) * x[::-1])")


def is_right(target, part):
    try:
        assert_gradient(program(target, part), (X,))
    except UnsupportedError as refusal:
        assert "NumPy may read places of it after it has written them" in str(refusal)
        return False
    return True


@pytest.mark.parametrize("lines, target", [(lines, target) for lines in (LINES, ROWS) for target in lines[:-1]])
def test_no_line_is_wrong(lines, target):
    assert any([is_right(target, part) for part in lines])


@pytest.mark.parametrize("target, part", [
    ("z[1:]", "z[:-1]"), ("z[:-1]", "z[1:]"), ("z[::-1]", "z"), ("z[:5]", "z[::2]"), ("z[1::2]", "z[:4]"),
    ("m[1]", "m[0]"), ("m[:, 0]", "m[:, 1]"), ("m[0, 1:]", "m[2, :-1]"), ("m[1]", "m[:, 1]"),
    ("m[1, 1:]", "m[1:, 1]"), ("m[2]", "m[2, ::-1]"), ("m[:, 1]", "m.T[2]"), ("m[1:]", "m[:-1]"),
    ("m[1:, -1]", "m[0, 1:]"), ("m[0, 1:]", "m[1:, -1]"), ("m[1:, 0]", "m[0, :2]"), ("m[0, 1:]", "m[1:, 0]"),
    ("m[1]", "m[:, -1].copy()"), ("z[::2]", "z[:5].copy()"), ("m[[1]]", "m[:, -1]"), ("m[:]", "m.T"),
])
def test_what_numpy_copies_or_reads_before_is_right(target, part):
    assert is_right(target, part)


@pytest.mark.parametrize("target, part", [("z[::2]", "z[:5]"), ("m[1]", "m[:, -1]"), ("m[:, -1]", "m[1]")])
def test_what_numpy_reads_after_it_wrote_it_is_refused(target, part):
    assert not is_right(target, part)
    z = np.arange(9.0)
    places = {"z": z, "m": z.reshape(3, 3)}
    wanted = eval(part, places).copy()
    exec(f"{target} = {part}", places)
    assert not np.array_equal(eval(target, places), wanted)


def test_rounds_that_copy_columns_into_rows():
    for body in ("m[i] = m[:, i]", "m[i, i:] = m[i:, i]", "m[i] = m[i - 1]", "r = m[i]; r[1:] = m[i - 1, :-1]"):
        f = function(f"def f(x):\n    m = x.reshape(3, 3) * 2\n    for i in range(1, 3): {body}\n"
                     "    return np.sum(np.sin(m))")
        assert_gradient(f, (X,))
