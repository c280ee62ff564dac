"""What only looks like a pattern has the gradient of what it is: every pattern with one of its parts changed, against differences.

A pattern is a text with slots. The first filling of each slot gives the pattern itself; a mutant takes one
other filling: another axis, another rank, an axis that is not kept or put back elsewhere, a factor, a sign,
another array. Lengths are equal, so that what is put in the wrong place is not noticed by a shape.
"""
import itertools
import warnings

import numpy as np
import pytest
from differences import numeric_gradient
from from_text import function

import revad

RNG = np.random.default_rng(0)
SHAPES = {"vector": (3,), "square": (3, 3), "cube": (3, 3, 3)}
BACK = ["[..., None]", "", "[:, None]", "[None]", "[None, :]", "[..., None, :]", "[1:, None]",
        "[:, None, None]", "[:, :, None]", "[:, None, :]"]
AXES = ["axis=-1", "axis=0", "axis=1", "", "axis=-2", "axis=-1, keepdims=True", "axis=0, keepdims=True",
        "axis=(0, 1)", "axis=(-1,), keepdims=True", "keepdims=True", "axis=-1, initial=0.3",
        "axis=-1, where=x > 0"]
OTHER = ["x", "y", "x.T", "-x", "2 * x", "x[::-1]", "x + y", "x**2", "np.sin(x)", "x.max(axis=-1)[..., None]"]

PATTERNS = {
    "softmax": ("e = np.exp({})\ns = {}\nreturn e / {}s.sum({}){}",
                (OTHER[:1], ["e", "np.exp(x)", *(f"np.exp({o})" for o in OTHER[1:6])],
["", "2 * ", "x * ", "-"], AXES, BACK)),
    "softmax with a shift": ("m = x.max({}){}\nz = {} - {}m\ne = np.exp({}z)\nreturn e / e.sum({}){}", (
        AXES[:10], BACK, ["x", "y", "x.T", "x + y"], ["", "2 * ", "-"], ["", "2 * ", "-"], AXES[:10], BACK)),
    "log-softmax": ("e = np.exp({})\nreturn {} - {}np.log({}e.sum({}){})",
                    (["x", "2 * x", "y"], ["x", "y", "x.T", "e"], ["", "2 * ", "-"], ["", "2 * ", "x * "],
                AXES, BACK)),
    "log-sum-exp": ("m = x.max({}){}\ns = np.exp({} - m{}).sum({})\nreturn {}m{} {} np.log({}s{})", (
        ["axis=-1", "axis=0", "", "keepdims=True", "axis=-1, keepdims=True", "axis=-2"], ["", *BACK[2:6]],
        ["x", "y", "x.T", "2 * x"],
        BACK, AXES, ["", "2 * ", "x * ", "-"], ["", *BACK[2:]], ["+", "-"], ["", "2 * ", "x * "],
        ["", *BACK[2:]])),
    "loss of a softmax": ("z = x - x.max({}){}\nl = np.log(np.exp(z).sum({})){}\nreturn l {} z[{}]{}", (
        AXES[:8], BACK, AXES[:8], ["", *BACK[2:]], ["-", "+"],
        ["np.arange(3), [0, 2, 1]", "[0, 2, 1], np.arange(3)", "np.arange(3), np.arange(3)",
         "[0, 1, 1], [0, 2, 1]", "0", ":, 0", "..., 0", "0, 0"],
        ["", "**2", ".T"])),
    "logistic": ("e = np.exp({}x)\nreturn {} / ({} {} {})", (
        ["-", "", "2 * ", "y * "], ["1", "2", "e", "x", "True"], ["1", "2", "e", "x", "y"], ["+", "-", "*"],
        ["e", "1", "np.exp(x)", "np.exp(y)", "2 * e"])),
    "softplus": ("e = np.exp({})\nreturn {}({}{} + {})", (
        ["x", "-x", "2 * x", "y"], ["np.log", "np.log2", "np.log10", "np.log1p", "np.sqrt"],
        ["", "2 * ", "x[0] * "], ["1", "2", "x**2", "e"],
        ["e", "e * e", "np.exp(y)", "1"])),
    "length": ("return np.sqrt({} + {}){}", (
        ["x**2", "x**4", "x * y", "x * x", "np.sum(x**2, axis=0)", "np.dot(x, x)**2",
         "np.mean(x * x)", "np.exp(x)"],
        ["y**2", "y * y", "1", "0", "np.abs(y)", "np.square(y).sum()"], ["", ".sum(axis=0)", "**3"])),
    "relu": ("return np.where({} {} {}, {}, {})", (
        ["x", "y", "x.T", "-x", "x[::-1]", "x[0]"], [">", ">=", "<", "<="], ["0", "0.3", "y", "x"],
        ["x", "y", "2 * x", "x.T", "x[..., :1]"],
        ["0", "1", "y", "x", "-x"])),
}


def mutants(pairs):
    for name, (text, slots) in PATTERNS.items():
        plain = [options[0] for options in slots]
        changes = [{}] + [{i: other} for i, options in enumerate(slots) for other in options[1:]]
        changes += ([{**a, **b} for a, b in itertools.combinations(changes[1:], 2) if not set(a) & set(b)]
                    if pairs else [])
        for change in changes:
            yield name, text.format(*[change.get(i, part) for i, part in enumerate(plain)])


def arguments(shape):
    rng = np.random.default_rng(7)
    return rng.uniform(0.2, 1.5, shape), rng.uniform(0.2, 1.5, shape), rng.normal(size=SHAPES["cube"])


def assert_right(body, shape):
    """The gradient is that of differences.

    False where the function itself does not run, or gives what is no number.
    """
    text = ("def f(x, y, w):\n    " + body.replace("return ", "t = ").replace("\n", "\n    ")
            + "\n    return np.sum(t * w)")
    f, args = function(text), arguments(shape)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = f(*args)
        except (ValueError, IndexError, TypeError):
            return False
        if not np.isfinite(value):
            return False
        try:
            gradients = revad.grad(f, wrt=("x", "y"))(*args)
        except revad.UnsupportedError:
            return False
        for gradient, expected in zip(gradients, numeric_gradient(f, args, ("x", "y"))):
            np.testing.assert_allclose(gradient, expected, 1e-5,
                                       1e-7 * max(1, np.max(np.abs(expected))), err_msg=body)
    return True


@pytest.mark.parametrize("name, shape", [(name, shape) for name in PATTERNS for shape in SHAPES
                                         if shape == "square" or name[:3] in ("sof", "log", "los")
                                         and name not in ("logistic", "softplus")
                                         and (name, shape) != ("loss of a softmax", "vector")])
def test_one_part_is_changed(name, shape):
    assert sum(assert_right(body, SHAPES[shape]) for other, body in mutants(False) if other == name) > 8


if __name__ == "__main__":      # all pairs of changes
    import sys
    import time
    start, number = time.time(), 0
    some = [m for m in mutants(True)]
    RNG.shuffle(some)
    for name, body in some:
        for shape in SHAPES.values():
            try:
                number += assert_right(body, shape)
            except Exception as error:      # noqa: BLE001
                print(name, shape, body.replace("\n", "; "), type(error).__name__,
                      str(error)[:150].replace("\n", " "))
        if time.time() - start > float(sys.argv[1]):
            break
    print(number, "right")
