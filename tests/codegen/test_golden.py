"""The generated text of the functions in golden_functions.py and golden_blocks.py, byte for byte, and that it runs pasted alone.

    REVAD_GOLDEN=write pytest tests/codegen/test_golden.py      writes tests/golden/*.py anew; read the diff
"""

import math
import os
import re
from pathlib import Path

import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, random_dout
from golden_blocks import CASES

import revad

pytestmark = pytest.mark.quick

# Functions that are called, which have passes of their own.
CALLED = {"lstm": ["lstm_step"], "two_layer_net": ["loss"]}
FOLDER = Path(__file__).parent.parent / "golden"
DESIGN = '''\
def staged_grad(x, y):
    # forward pass
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    # backprop f = num * invden
    dnum = invden
    dinvden = num
    # backprop invden = 1.0 / den
    dden = -invden / den * dinvden
    # backprop den = sigx + xpysqr
    dsigx = dden
    dxpysqr = dden
    # backprop xpysqr = xpy**2
    dxpy = 2 * xpy * dxpysqr
    # backprop xpy = x + y
    dx = dxpy
    dy = dxpy
    # backprop sigx = 1.0 / (1 + math.exp(-x))
    dx += (1 - sigx) * sigx * dsigx
    # backprop num = x + sigy
    dx += dnum
    dsigy = dnum
    # backprop sigy = 1.0 / (1 + math.exp(-y))
    dy += (1 - sigy) * sigy * dsigy
    return dx, dy
'''


def text_of(case):
    options = {} if case.wrt is None else {"wrt": case.wrt}
    gradient = revad.grad(case.function, **options)
    if case.layer:
        _, cache = gradient.forward(*case.args)
        gradient.backward(random_dout(case.function, case.args, case.wrt), cache)
        return f"{gradient.forward.source.rstrip()}\n\n\n{gradient.backward.source.rstrip()}\n"
    gradient(*case.args)
    return gradient.source.rstrip() + "\n"


def pasted(text):
    """What the text defines where nothing but np and math is there."""
    namespace = {"np": np, "math": math}
    exec(text, namespace)
    return namespace


@pytest.fixture(params=CASES)
def name(request):
    return request.param


def test_the_text_is_the_golden_one(name):
    path, text = FOLDER / f"{name}.py", text_of(CASES[name])
    if os.environ.get("REVAD_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


def test_the_text_runs_pasted_alone(name):
    case = CASES[name]
    function, args = case.function, case.args
    namespace = pasted((FOLDER / f"{name}.py").read_text())
    if case.layer:
        dout = random_dout(function, args, case.wrt)
        out, cache = namespace[f"{name}_forward"](*args)
        np.testing.assert_allclose(out, function(*args), rtol=1e-12)
        found = namespace[f"{name}_backward"](dout, cache)
        expected = numeric_gradient(function, args, case.wrt, dout)
    else:
        found = namespace[f"{name}_grad"](*args)
        expected = numeric_gradient(function, args, case.wrt)
    for (path, a), (same, b) in zip(leaves(found), leaves(expected), strict=True):
        assert path == same
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


def test_the_gradient_is_right(name):
    case = CASES[name]
    assert_gradient(case.function, case.args, case.wrt)


def test_no_helper_and_no_import_in_any_of_them(name):
    """But for that of the class of a gradient of an object, and the passes of functions that are called."""
    text = (FOLDER / f"{name}.py").read_text().removeprefix("import types\n")
    own = [f"{name}_forward", f"{name}_backward"] if CASES[name].layer else [f"{name}_grad"]
    functions = re.findall(r"^def (\w+)", text, re.MULTILINE)
    called = [one.rpartition("_") for one in functions if one not in own]
    assert "import" not in text and set(own) <= set(functions)
    assert all(part in ("forward", "backward") and layer in CALLED.get(name, ()) for layer, _, part in called)


def test_the_staged_function_is_that_of_the_design():
    assert (FOLDER / "staged.py").read_text() == DESIGN


def test_every_golden_file_has_its_function():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(CASES)
