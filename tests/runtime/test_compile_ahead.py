"""Texts before any call: `.compile(*args)`, `.source`, and what the log says of compilations."""
import logging

import numpy as np
import pytest
from from_text import function

from revad import CallError, grad, jvp, value_and_grad

pytestmark = pytest.mark.quick


def product(X, w):
    return np.sum(X @ w)


def layer(x, w):
    return np.tanh(x @ w)


ARGS = np.ones((2, 3)), np.ones(3)


def test_compile_gives_the_text_of_a_call():
    for make in (grad, value_and_grad, jvp):
        compiled = make(product).compile(*ARGS)
        df = make(product)
        df(*ARGS, **({"tangents": (ARGS[0], None)} if make is jvp else {}))
        assert compiled.source == df.source
        assert "X: float64[2, 3], w: float64[3]" in repr(compiled)


def test_compile_comes_before_the_first_call(caplog):
    df = grad(product, wrt="w")
    assert df.compile(*ARGS).source == df.source
    with caplog.at_level(logging.INFO, "revad"):
        assert np.array_equal(df(*ARGS), [2.0, 2.0, 2.0])
    assert not caplog.records       # nothing is compiled for it


def test_compile_of_a_layer_has_both_passes():
    compiled = grad(layer).compile(*ARGS)
    assert "def layer_forward(" in compiled.source and "def layer_backward(" in compiled.source


def test_compile_takes_keywords_and_methods():
    assert grad(product, wrt="w").compile(w=ARGS[1], X=ARGS[0]).source.startswith("def product_grad(X, w)")

    class Model:
        @grad(wrt="x")
        def energy(self, x):
            return 3 * x**2
    compiled = Model().energy.compile(2.0)
    assert "dx = 6.0 * x" in compiled.source


def test_compile_refuses_as_a_call_does():
    with pytest.raises(CallError, match="misses its argument 'w'"):
        grad(product).compile(ARGS[0])
    with pytest.raises(ValueError, match="mismatch|match"):
        grad(product).compile(ARGS[0], np.ones(4))


@pytest.mark.parametrize("body", [
    "np.sum(x @ w)", "np.einsum('ij,jk', x, w).sum()", "np.linalg.norm(x.T @ w)", "x[0] * w[1]", "x['a'] * w",
    "np.sum(np.concatenate([x, w]))", "x.shape[0] * np.sum(w)", "sum(a * b for a, b in zip(x, w))",
    "np.sum(x.reshape(-1, 2) % w)", "np.linalg.det(x) + w", "len(x) * w", "np.cumsum(x)[-1] * w",
    "np.tensordot(x, w, axes=1).sum()", "np.transpose(x, (1, 0)).sum() + w", "np.split(x, 2)[0].sum() * w",
    "np.trace(x) * w", "x.mean(axis=1)[0] * w", "np.outer(x, w).sum()",
])
def test_the_source_before_any_call_is_a_text_or_a_call_error(body):
    for make in (grad, value_and_grad):
        df = make(function(f"def f(x, w):\n    return {body}"))
        for text in (lambda: df.source, lambda: df.forward.source, lambda: df.backward.source):
            try:
                assert text().startswith("# for numbers: x, w\n")
            except CallError as refused:
                assert ".compile(...) it for example arguments" in str(refused)
                assert "revad itself fails" not in str(refused)
    second = grad(grad(function("def f(x):\n    return x @ x")))
    with pytest.raises(CallError):
        second.source


def test_the_log_says_what_was_compiled_and_why_once_more(caplog):
    df = grad(function("def f(x, k):\n    return np.sum(x * k)"))
    with caplog.at_level(logging.INFO, "revad"):
        for args in ((np.ones(3), 2.0), (np.ones(4), 3.0), (np.ones((2, 3)), 2.0), (np.ones(3), 2)):
            df(*args)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3
    assert lines[0].startswith("f_grad for x: float64[3], k: float, in ") and "once more" not in lines[0]
    assert lines[1].startswith("f_grad for x: float64[2, 3], k: float, in ")
    assert lines[1].endswith(", once more: not x.ndim == 1")
    assert lines[2].endswith(", once more: not x.ndim == 2 nor type(k) is float")
    assert all(record.name == "revad" and record.levelno == logging.INFO for record in caplog.records)


def test_the_log_names_a_global_that_changed(caplog):
    f = function("def f(x):\n    return x * k", k=2.0)
    df = grad(f)
    with caplog.at_level(logging.INFO, "revad"):
        df(3.0)
        f.__globals__["k"] = np.float64(2.0)
        df(3.0)
    assert "once more: not type(k) is float" in caplog.records[-1].getMessage()


def test_both_passes_are_logged(caplog):
    with caplog.at_level(logging.INFO, "revad"):
        df = grad(function("def f(x):\n    return np.tanh(x)"))
        out, cache = df.forward(np.ones(3))
        df.backward(out, cache)
    assert [record.getMessage().split()[0] for record in caplog.records] == ["f_forward", "f_backward,"]


def test_the_log_is_silent_by_default(capfd):
    grad(function("def f(x):\n    return x * x"))(3.0)
    assert capfd.readouterr() == ("", "")
