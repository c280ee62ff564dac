"""Determinants of singular matrices: the cofactors are right there too, in every kind of call and function."""
import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import function

import revad

SQUARE = np.array([[1.0, 2.0], [2.0, 4.0]])
rng = np.random.default_rng(0)
MATRICES = {"of rank one": SQUARE, "zero": np.zeros((3, 3)), "one number": np.zeros((1, 1)),
            "regular": np.eye(3) + 0.1,
            "of rank two": np.outer([1.0, 2, 3], [1.0, 0, 1]) + np.outer([0.5, 1, 0], [0.0, 1, 1]),
            "of rank three": np.diag([1.0, 1.0, 0.0, 1.0])[[1, 0, 3, 2]], "nothing": np.zeros((0, 0))}
FUNCTIONS = {
    "alone": "def f(a):\n    return np.linalg.det(a)",
    "with more": "def f(a):\n    b = a * a.T + a\n    return np.sum(b**2) + 3.0 * np.linalg.det(b) ** 2"
                 " - np.linalg.det(a)",
    "in both": "def f(a):\n    return np.linalg.det(a @ a) + np.linalg.det(np.tanh(a))",
    "a pair": "def f(a):\n    return np.linalg.det(a), a * np.linalg.det(a + 0.0)"}
BLOCKS = {
    "loop": "def f(a):\n    s, b = 0.0, a\n    for i in range(3):\n        b = b @ a\n"
            "        s = s + np.linalg.det(b) * i\n    return s",
    "rebound": "def f(a):\n    s = 0.0\n    for i in range(2):\n        a = a * 2\n"
               "        s = s + np.linalg.det(a)\n        a = a / 2 + 1\n    return s",
    "call": "def f(a):\n    return part(a * 2) * 3\ndef part(b):\n    c = b @ b\n    return np.linalg.det(c)",
    "branch": "def f(a):\n    if np.sum(a) < 1e9:\n        s = np.linalg.det(a)\n"
              "    else:\n        s = np.sum(a)\n    return s * 2"}


@pytest.mark.parametrize("a", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS)
def test_cofactors(text, a):
    assert_gradient(function(text), (a,))


@pytest.mark.parametrize("a", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS)
def test_in_blocks(text, a):
    """The gradient is right in each call; a backward pass has a cache for regular matrices, and says so."""
    f = function(text)
    gradient, both = revad.grad(f), revad.value_and_grad(f)
    regular = np.eye(len(a)) + 0.25
    for x in (a, regular, a, a):
        expected = numeric_gradient(f, (x,))
        np.testing.assert_allclose(gradient(x), expected, 1e-6, 1e-5)
        np.testing.assert_allclose(both(x)[1], expected, 1e-6, 1e-5)
        out, cache = gradient.forward(x)
        try:
            np.testing.assert_allclose(gradient.backward(1.0, cache), expected, 1e-6, 1e-5)
        except revad.UnsupportedError as refused:
            assert "np.linalg.det of a singular matrix" in str(refused) and x is a


def test_stacks():
    """Some of the matrices are singular, some are not."""
    f = function("def f(a):\n    return np.linalg.det(a) ** 2 + np.linalg.det(a)")
    assert_gradient(f, (np.stack([SQUARE, np.eye(2), np.zeros((2, 2)), [[1.0, 2.0], [0.5, 3.0]]]),))
    assert_gradient(f, (np.stack([[SQUARE], [np.eye(2)]]),))


@pytest.mark.parametrize("a", [np.float32(SQUARE), np.int64(SQUARE), np.uint8(SQUARE), SQUARE > 1.5])
def test_types(a):
    d = revad.grad(function("def f(a):\n    return np.linalg.det(a)"))(a)
    expected = numeric_gradient(np.linalg.det, (np.float64(a),))
    np.testing.assert_allclose(d, expected, 1e-5, 1e-5)
    assert d.dtype == (np.float32 if a.dtype == np.float32 else np.float64)


def test_a_list_of_lists_and_calls_in_turn():
    f = function("def f(a, n):\n    m = np.array(a)\n    for i in range(n):\n        m = m @ m\n"
                 "    return np.linalg.det(m)")
    d = revad.grad(f, wrt="a")
    for n in (0, 1, 2):
        for a in ([[1.0, 2.0], [2.0, 4.0]], [[1.0, 0.0], [0.5, 2.0]], [[1.0, 1.0], [1.0, 1.0]]):
            expected = numeric_gradient(f, (a, n), "a")
            np.testing.assert_allclose(d(a, n), expected, 1e-6, 1e-6)


def test_the_second_derivative_is_refused_there():
    second = revad.grad(revad.grad(function("def f(a):\n    return np.linalg.det(a)")))
    out, cache = second.forward(np.eye(2))
    assert second.backward(np.ones((2, 2)), cache).shape == (2, 2)
    with pytest.raises(revad.UnsupportedError, match="the matrix is singular"):
        second.forward(SQUARE)


@pytest.mark.parametrize("n", [0, 2])
def test_a_parameter_that_the_text_gives_another_value(n):
    """Of a call that a text gives up, the next text gets the arguments as they were passed."""
    f = function("""
    def f(x, w):
        w = w * 2.0
        m = []
        for v in x:
            if v > 0:
                m.append(v * w)
        w = w * np.sum(np.array(m).sum(axis=-1)) + w
        return np.sum(w ** 2)
    """)
    d, x, w = revad.grad(f), np.linspace(-1.0, -0.5, 3), np.array([0.5, 1.5])
    x[:n] *= -1
    for _ in range(3):
        for got, expected in zip(d(x, w), numeric_gradient(f, (x, w))):
            np.testing.assert_allclose(got, expected, 1e-6, 1e-8)
