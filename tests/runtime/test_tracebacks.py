"""An error shows the user's frames and the generated line, none of revad's own; and the name that was meant."""
import os
import sys
import traceback

import numpy as np
import pytest
from from_text import function

import revad
from revad import (
    adjoint, check_grad, elementwise_grad, flatten, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp,
)
from revad.errors import CallError, InternalError, RuleError, UnsupportedError

pytestmark = pytest.mark.quick

OWN = os.path.dirname(revad.__file__) + os.sep
# Python 3.10 puts back the frame that an exception leaves by.
MOST = 0 if sys.version_info >= (3, 11) else 1


def frames(call, *args, raises=Exception, **keywords):
    """(frame's file, line of text) of the exception of a call, after the one of this test; none is revad's."""
    with pytest.raises(raises) as caught:
        call(*args, **keywords)
    shown = traceback.extract_tb(caught.value.__traceback__)[1:]
    own = [frame for frame in shown if frame.filename.startswith(OWN)]
    assert len(own) <= MOST, own
    return caught.value, [(frame.filename, frame.line) for frame in shown if frame not in own]


def product(X, w):
    return np.sum(X @ w)


ROWS = [
    (lambda: grad(product), (np.ones((2, 4)), np.ones(3))),
    (lambda: value_and_grad(product, wrt="w"), (np.ones((2, 4)), np.ones(3))),
    (lambda: grad(product).forward, (np.ones((2, 4)), np.ones(3))),
    (lambda: vjp(product), (np.ones((2, 4)), np.ones(3))),
    (lambda: jacobian(product), (np.ones((2, 4)), np.ones(3))),
    (lambda: hessian(product), (np.ones((2, 4)), np.ones(3))),
    (lambda: elementwise_grad(product), (np.ones((2, 4)), np.ones(3))),
    (lambda: grad(grad(product, wrt="w"), wrt="X"), (np.ones((2, 4)), np.ones(3))),
    (lambda: lambda *args: check_grad(product, *args), (np.ones((2, 4)), np.ones(3))),
]


@pytest.mark.parametrize("make, args", ROWS)
def test_an_error_of_the_function_shows_its_own_line(make, args):
    _, shown = frames(make(), *args, raises=ValueError)
    assert shown[-1] == (__file__, "return np.sum(X @ w)")
    assert len([row for row in shown if "lambda" not in row[1]]) == 1


def test_an_error_of_a_text_shows_the_generated_line_only():
    f = function("""
        def f(x, i):
            return x[i] * 2.0
        """)
    g = grad(f, wrt="x")
    for _ in range(2):
        error, shown = frames(g, np.ones(3), 7, raises=IndexError)
        assert shown[-1][1] in ("return x[i] * 2.0", "dx[i] = 2.0")
        assert len(shown) == 1
    assert "x[i] * 2.0" in "".join(traceback.format_exception(error))


def test_a_text_that_is_not_the_one_for_the_call_is_not_shown():
    g = grad(product)
    g(np.ones((2, 3)), np.ones(3))
    _, shown = frames(g, np.ones((2, 4)), np.ones(3), raises=ValueError)
    assert [line for _, line in shown][MOST:] == ["return np.sum(X @ w)"]
    _, shown = frames(g, 1, 2, 3, raises=CallError)
    assert shown[MOST:] == []


@pytest.mark.parametrize("call", [
    lambda: grad(product, wrt="v"),
    lambda: jvp(product)(np.ones(2), np.ones(2), tangents=1.0),
    lambda: hvp(product)(np.ones(2), np.ones(2)),
    lambda: grad(product).backward(1.0, ()),
    lambda: flatten({"a": object()}),
], ids=["grad", "jvp", "hvp", "backward", "flatten"])
def test_a_wrong_call_shows_no_frame_of_revad(call):
    _, shown = frames(call, raises=CallError)
    assert [file for file, _ in shown] == [__file__]


def test_a_wrong_rule_shows_no_frame_of_revad():
    with pytest.raises(RuleError) as caught:
        @adjoint(product)
        def rule(y, dy):
            return dy
    shown = traceback.extract_tb(caught.value.__traceback__)
    assert sum(frame.filename.startswith(OWN) for frame in shown) <= MOST


def test_a_refusal_shows_no_frame_of_revad():
    f = function("""
        def f(x):
            global y
            y = x
            return y
        """)
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(1.0)
    assert OWN not in "".join(traceback.format_exception(caught.value)) or MOST


def test_the_cause_of_an_internal_error_keeps_its_frames():
    @revad.tracebacks.boundary
    def fails():
        try:
            revad.spelling.did_you_mean("a", None)
        except TypeError as error:
            raise InternalError("oh") from error
    with pytest.raises(InternalError) as caught:
        fails()
    assert any(frame.filename.startswith(OWN)
               for frame in traceback.extract_tb(caught.value.__cause__.__traceback__))


def test_all_frames_are_shown_on_demand(monkeypatch):
    monkeypatch.setenv("REVAD_TRACEBACK", "full")
    with pytest.raises(CallError) as caught:
        grad(product, wrt="v")
    shown = traceback.extract_tb(caught.value.__traceback__)
    assert sum(frame.filename.startswith(OWN) for frame in shown) > 2


# ---- did you mean


def refusal(text, *args):
    with pytest.raises((UnsupportedError, KeyError)) as caught:
        grad(function(text))(*args)
    return "".join(traceback.format_exception_only(type(caught.value), caught.value))


@pytest.mark.parametrize("body, meant", [
    ("np.summ(values)", "Did you mean np.sum?"),
    ("np.sum(vales)", "Did you mean values?"),
    ("np.linalg.slodet(values)[1]", "Did you mean np.linalg.slogdet?"),
    ("maxx(values[0], values[1])", "Did you mean max?"),
    ("np.sum(zzzz)", "Define it before the gradient is called."),
])
def test_a_name_that_does_not_exist(body, meant):
    assert meant in refusal(f"def f(values):\n    return {body}", np.ones((2, 2)))


def test_a_parameter_that_does_not_exist():
    f = function("def f(weights, bias):\n    return weights * bias")
    with pytest.raises(CallError, match=r"it has weights, bias\. Did you mean 'weights'\?"):
        grad(f, wrt="weight")
    with pytest.raises(CallError, match=r"it has weights, bias\. Did you mean 'bias'\?"):
        grad(f)(1.0, Bias=1.0)
    with pytest.raises(CallError, match="it has weights, bias$"):
        grad(f, wrt="zzz")


def test_a_key_that_does_not_exist():
    f = function("def f(p):\n    return p['weight'] * 2.0")
    with pytest.raises(KeyError) as caught:
        grad(f)({"weights": 1.0, "b": 2.0})
    assert caught.value.args == ("weight",)
    if sys.version_info >= (3, 11):
        assert ("the dict has no key 'weight': it has 'weights' and 'b'. Did you mean 'weights'?"
                in caught.value.__notes__)
