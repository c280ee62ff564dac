"""Permutations of axes that undo one another are gone from the text, and nothing else is."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, written

rng = np.random.default_rng(0)
Q, K = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))


@pytest.mark.parametrize("spelled", ["k.transpose(0, 2, 1)", "k.transpose((0, 2, 1))",
                                     "k.transpose([0, 2, 1])", "k.transpose(0, -1, 1)", "k.swapaxes(1, 2)",
                                     "k.swapaxes(-1, -2)", "np.transpose(k, (0, 2, 1))",
                                     "np.swapaxes(k, 1, 2)"])
def test_scores_of_attention(spelled):
    text = f"def f(q, k):\n    return q @ {spelled}\n"
    assert_gradient(function(text), (Q, K))
    back = written(text, Q, K, want="backward")
    assert "dq = dout @ k\n" in back and "dk = dout.swapaxes(-1, -2) @ q\n" in back


@pytest.mark.parametrize("text", [
    "x.transpose(1, 2, 0).transpose(1, 2, 0)", "x.transpose(1, 2, 0).swapaxes(0, 1)",
    "x.swapaxes(0, 1).swapaxes(1, 2)", "x.transpose().swapaxes(0, 2)",
    "x.transpose(1, 2, 0).transpose(2, 0, 1)", "x.transpose(0, 2, 1) @ x",
    "(x.swapaxes(-1, -2) @ x).swapaxes(-1, -2)",
    "(x.swapaxes(0, 1) @ x.swapaxes(0, 1).swapaxes(1, 2)).transpose(2, 0, 1)",
    "(x[0].T @ x).swapaxes(-1, -2)"])
def test_other_permutations(text):
    assert_gradient(function(f"def f(x):\n    return {text} ** 2\n"), (rng.normal(size=(3, 3, 3)),))
