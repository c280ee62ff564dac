"""The value and the gradient of each stage of a function, and the picture of them as a table."""

import math

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import function

import revad
from revad import grad, stages

pytestmark = pytest.mark.quick


def staged(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f


def by_hand(x, y):
    """The backward pass of the course notes."""
    sigy, sigx, xpy = 1.0 / (1 + math.exp(-y)), 1.0 / (1 + math.exp(-x)), x + y
    num, den = x + sigy, sigx + xpy**2
    invden = 1.0 / den
    dnum, dinvden = invden, num
    dden = -1.0 / den**2 * dinvden
    dxpy = 2 * xpy * dden
    return {
        "f": 1.0,
        "num": dnum,
        "invden": dinvden,
        "den": dden,
        "sigx": dden,
        "xpysqr": dden,
        "xpy": dxpy,
        "sigy": dnum,
        "x": dxpy + (1 - sigx) * sigx * dden + dnum,
        "y": dxpy + (1 - sigy) * sigy * dnum,
    }


def test_the_stages_of_the_notes():
    table = stages(staged, 3, -4)
    assert {name: gradient for _, name, _, gradient in table.rows} == pytest.approx(by_hand(3, -4))
    assert [row[1] for row in table.rows] == [
        "x",
        "y",
        "sigy",
        "num",
        "sigx",
        "xpy",
        "xpysqr",
        "den",
        "invden",
        "f",
    ]
    assert table["f"] == (pytest.approx(staged(3, -4)), 1.0)


def test_the_scale_of_the_data():
    def loss(W, X, y):
        scores = X @ W
        margins = np.maximum(0, scores - scores[np.arange(3), y][:, None] + 1)
        margins[np.arange(3), y] = 0
        return np.mean(margins)

    rng = np.random.default_rng(0)
    X, y, W = rng.normal(size=(3, 4)), np.array([0, 2, 1]), 1e-6 * rng.normal(size=(4, 3))
    small, large = (stages(loss, W, scale * X, y, wrt="W")["W"][1] for scale in (1, 1000))
    np.testing.assert_allclose(large, 1000 * small)


PROGRAMS = {
    "loop": (
        "def f(x, W):\n    h = np.zeros(2)\n    for t in range(3):\n        h = np.tanh(x[t] + h @ W)\n"
        "    return np.sum(h**2)",
        (3, 2),
        (2, 2),
    ),
    "stores": (
        "def f(x, w):\n    out = np.zeros((3, 2))\n    for i in range(3):\n        out[i] = x[i] * w\n"
        "    out[0] += x[1]\n    out[1] = 0\n    return np.sum(out**2)",
        (3, 2),
        (2,),
    ),
    "in place": (
        "def f(x, w):\n    y = x * 2\n    y *= w\n    y -= 1\n    return np.mean(y**2)",
        (3, 2),
        (2,),
    ),
    "branch": (
        "def f(x, w):\n    s = np.sum(x)\n    if s > 100:\n        r = s * w\n    else:\n        r = s - w\n"
        "    return np.sum(r * r)",
        (3, 2),
        (2,),
    ),
    "methods": (
        "def f(x, w):\n    m = x.mean(axis=0, keepdims=True)\n    s = x.std(axis=0)\n"
        "    return ((x - m) / s * w).T.reshape(-1)[1:4].sum()",
        (5, 2),
        (2,),
    ),
    "choice": (
        "def f(x, w):\n    y = np.where(x > 0, x, w * x)\n    z = w[0] if w[1] > -100 else w[1]\n"
        "    return np.sum(y) * z",
        (3, 2),
        (2,),
    ),
    "tuple": ("def f(x, w):\n    a, b = x * 2, w + 1\n    return np.sum(a * b)", (3, 2), (2,)),
    "stack": (
        "def f(x, w):\n    y = np.concatenate([x, w[None]], axis=0)\n    return np.sum(y**3)",
        (3, 2),
        (2,),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradients_of_the_inputs_are_those_of_differences(name):
    text, *shapes = PROGRAMS[name]
    f, rng = function(text), np.random.default_rng(1)
    args = tuple(rng.normal(size=shape) for shape in shapes)
    table = stages(f, *args)
    for parameter, expected in zip(
        ("x", "w" if "w" in text.split("\n")[0] else "W"), numeric_gradient(f, args)
    ):
        np.testing.assert_allclose(table[parameter][1], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("stage", ["m", "d", "s"])
def test_the_gradient_of_a_stage_is_that_of_differences(stage):
    text = (
        "def f(x, h):\n    m = np.mean(x, axis=0)\n    d = x - m\n    s = np.sum(d**2, axis=0)\n"
        "    return np.sum(d**3 / s)\n"
    )
    x = np.random.default_rng(2).normal(size=(4, 2))
    _, gradient = stages(function(text), x, 0.0, wrt="x")[stage]
    lines = text.replace(f"    {stage} = ", f"    {stage} = h + ")
    np.testing.assert_allclose(
        gradient,
        numeric_gradient(function(lines), (x, np.zeros(np.shape(gradient))), ["h"])[0],
        rtol=1e-6,
        atol=1e-9,
    )


def test_a_call_is_a_stage_and_a_dict_has_inputs():
    layer = function("def layer(x, w):\n    a = x @ w\n    return np.tanh(a)")
    f = function("def f(p, x):\n    h = layer(x, p['W'])\n    return np.sum(h * p['b'])", layer=layer)
    p, x = {"W": np.eye(2), "b": np.ones(2)}, np.ones((3, 2))
    table = stages(f, p, x, wrt=("p", "x"))
    np.testing.assert_allclose(table["x"][1], grad(f, wrt="x")(p, x))
    assert "h" in str(table)


def test_the_table_of_a_notebook():
    page = stages(staged, 3, -4)._repr_html_()
    assert page.count("<tr>") == 11 and "xpysqr" in page and "2.05957" in page


def test_what_does_not_come_apart_is_refused():
    with pytest.raises(revad.CallError, match="is a number"):
        stages(lambda text: text, "abc")
    sown = function("def f(x):\n    y = np.zeros(3)\n    np.add.at(y, [0, 0], x)\n    return np.sum(y**2)")
    with pytest.raises(revad.CallError, match="depends on a parameter"):
        stages(sown, np.ones(2))


def test_nothing_is_changed():
    x = np.ones(3)
    stages(function("def f(x):\n    x[0] = 5.0\n    return np.sum(x**2)"), x)
    assert x.tolist() == [1, 1, 1]
