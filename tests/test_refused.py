"""Each reason to refuse a function: what its user is told, and that the advice works.

    REVAD_GOLDEN=write pytest tests/test_refused.py      writes tests/golden/refusals.txt anew; read the diff
"""
import linecache
import math
import os
import re
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from behind import BEHIND
from differences import assert_gradient
from reasons import readable, reasons
from refused import OUTSIDE, ROWS

import revad

pytestmark = pytest.mark.quick

GOLDEN = Path(__file__).parent / "golden" / "refusals.txt"


def defined(text, file):
    """The function of a text, beside what stands in OUTSIDE, with its source where Python looks for it."""
    namespace = {"__name__": "outside", "__file__": __file__, "np": np, "math": math}
    for source, name in ((OUTSIDE, "outside.py"), (text, file)):
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        exec(compile(source, name, "exec"), namespace)
    return namespace["f"]


@cache
def refusal(row):
    """What the user is told of the first body of a row: the UnsupportedError."""
    function, options = defined(row.refused, f"{row.name}.py"), {} if row.wrt is None else {"wrt": row.wrt}
    with warnings.catch_warnings(), pytest.raises(revad.UnsupportedError) as caught:
        warnings.simplefilter("ignore")
        if row.forward:
            revad.jvp(function, **options)(*row.args, tangents=row.args)
        gradient = revad.grad(function, **options)
        out, kept = gradient.forward(*row.args)
        gradient.backward(out, kept)
    return caught.value


def told(row):
    return f"## {row.name}\n" + str(refusal(row)).replace(f"{row.name}.py", "f.py") + "\n"


def pieces():
    """{name of a row: its piece of the golden text}"""
    return {piece.split("\n")[0][3:]: piece
            for piece in re.split(r"(?m)^(?=## )", GOLDEN.read_text()) if piece}


@pytest.fixture(params=ROWS, ids=lambda row: row.name)
def row(request):
    return request.param


def test_the_message_is_the_golden_one(row):
    if os.environ.get("REVAD_GOLDEN") != "write":
        assert told(row) == pieces()[row.name].rstrip("\n") + "\n"


def test_what_the_message_tells_to_write_is_right(row):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_gradient(defined(row.rewrite, f"{row.name}, rewritten.py"), row.args, row.wrt)


whole = pytest.mark.skipif(np.__version__ < "2", reason="some rows call what NumPy 1 does not have")


@whole
def test_each_row_has_a_name_of_its_own_and_a_message():
    names = [row.name for row in ROWS]
    if os.environ.get("REVAD_GOLDEN") == "write":
        GOLDEN.write_text("\n".join(map(told, ROWS)))
    assert len(set(names)) == len(names) and list(pieces()) == names


@whole
def test_each_reason_has_a_row():
    """Or is named in BEHIND, with why no user is told of it.

    That names none that a row shows, and none that is gone.
    """
    shown = [(one.what, one.why, one.instead) for row in ROWS for one in refusal(row).diagnostics]
    seen = {reason[2:] for reason in reasons() if any(reason.fits(*parts) for parts in shown)}
    missing = {f"{readable(reason.what)}: {readable(reason.why)}"
               for reason in reasons() if reason[2:] not in seen}
    assert missing == set(BEHIND)


@pytest.mark.parametrize("body, error", [
    ("return np.sum(two(x))", TypeError), ("return np.sum(two(x, x, x))", TypeError),
    ("return np.sum(two(x, c=x))", TypeError),
    ("return np.sum(Pair(x).a)", TypeError), ("return np.sum(Pair(x, x, x).a)", TypeError),
    ("z = (x, x); z[0] = x; return np.sum(z[0])", TypeError),
    ("z = [x]; z[3] = x; return np.sum(z[0])", IndexError),
    ("z = []; return np.sum(z.pop() * x)", IndexError),
    ("z = 'abc'; z[0] = x; return x[0]", TypeError),
    ("z = x * 1; z += x[:, None]; return np.sum(z)", ValueError),
    ("z = x * 1; np.add(x, x, z, out=z); return np.sum(z)", TypeError),
    ("z = x * 1; z.fill(x); return np.sum(z)", ValueError)])
def test_what_the_function_itself_raises_is_the_error(body, error):
    function = defined("def f(x):\n" + "".join(f"    {line}\n" for line in body.split("; ")),
                       f"raised by {body}.py")
    with pytest.raises(error):
        revad.grad(function)(np.array([0.5, 1.7, -0.8]))
