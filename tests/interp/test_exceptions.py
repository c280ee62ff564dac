"""`try`: the handler that the kinds of the arguments lead to, else the body.

What that raises while running is an error of revad.
"""

import math

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

import revad

ORDER = {"xyz": (0, 1, 2), "zyx": (2, 1, 0)}
NAMED = {places: name for name, places in ORDER.items()}
V = np.array([0.4, 0.7, 1.1])


def by_order(v, order="zyx"):
    try:
        i, j, k = ORDER[order]
    except (AttributeError, KeyError):
        NAMED[order]
        i, j, k = order
    return 2 * v[i] + 3 * v[j] * v[k]


@pytest.mark.parametrize("order", ["xyz", "zyx", (2, 1, 0)])
def test_a_setting_decides(order):
    assert_gradient(by_order, (V,), "v", kwargs={"order": order})


def test_a_key_that_is_not_there():
    def f(params, x):
        try:
            scale = params["scale"]
        except KeyError:
            scale = 2.0
        finally:
            x = 3 * x
        return scale * x**2
    assert_gradient(f, ({}, 1.3), "x")
    assert_gradient(f, ({"scale": 0.5}, 1.3))


def test_a_number_without_a_length():
    def f(x):
        try:
            n = len(x)
        except TypeError:
            return x**2
        return np.sum(x) / n
    assert_gradient(f, (1.3,))
    assert_gradient(f, (V,))


def test_the_import_that_works():
    def f(x):
        try:
            from no_such_package import power
        except ImportError:
            power = None
        try:
            import math as functions
        except ImportError:
            import cmath as functions
        return functions.exp(x) if power is None else power(x)
    assert_gradient(f, (0.3,))


def inverse(a):
    try:
        b = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        b = np.linalg.pinv(a)
    return np.sum(b**2)


def logarithm(x):
    try:
        y = math.log(x)
    except ValueError:
        y = 0.0
    return 3 * y


def shifted(x):
    return math.log(x) + 1


def logarithm_in_a_call(x):
    try:
        y = shifted(x)
    except ValueError:
        y = 0.0
    return 3 * y


def sum_of_three(x):
    total = 0.0
    for i in range(3):
        try:
            total = total + x[i]**2
        except IndexError:
            break
    return total


def raising(x):
    try:
        if x < 0:
            raise ValueError("negative")
        y = math.sqrt(x)
    except ValueError:
        y = 0.0 * x
    return y


@pytest.mark.parametrize("f", [logarithm, logarithm_in_a_call])
def test_the_handler_runs_where_the_arguments_show_it(f):
    g = revad.grad(f)
    for x in (0.7, -0.7, 0.9, -0.9):
        assert_gradient(f, (x,))
        assert g(x) == revad.grad(f)(x)


@pytest.mark.parametrize("f, good, bad", [
    (inverse, np.array([[2.0, 0.5], [0.3, 1.5]]), np.zeros((2, 2))),
    (sum_of_three, np.array([1.0, 2.0, 3.0, 4.0]), V[:2]), (raising, 0.7, -0.7)])
def test_what_only_running_shows(f, good, bad):
    """The body is followed; where it raises, the gradient says so,
    though it may not need what was computed there."""
    assert_gradient(f, (good,))
    for gradient in (revad.grad(f), revad.value_and_grad(f)):
        with pytest.raises(revad.UnsupportedError, match="'try' block: .* is raised in it") as caught:
            gradient(bad)
        assert caught.value.lineno > 0


THREE = np.array([0.7, -0.4, 1.3])
DONE_BEFORE = ["s = x[0]\n    try:\n        s = s * x[1]\n        s = s * x[10]\n    except IndexError:\n"
               "        s = s + 1\n    return s",
"y = x * 1\n    try:\n        y[0] = x[1] * 2\n        y[7] = 1.0\n    except IndexError:\n"
"        y[1] = x[2]\n    return np.sum(y**2)",
"L = [x[0]]\n    try:\n        L.append(x[1])\n        L.append(x[9])\n    except IndexError:\n"
"        pass\n    return sum(L) * L[-1]",
"y = x * 1\n    def g(v):\n        v[0] = 3 * x[1]\n        return v[9]\n    try:\n        g(y)\n"
"    except IndexError:\n        pass\n    return np.sum(y**2)",
"mode = 'a'\n    try:\n        mode = 'b'\n        z = x.reshape(5)\n    except ValueError:\n"
"        z = x * 2\n    return np.sum(z) * len(mode) + (x[0] if mode == 'b' else 0)",
"try:\n        if len(x) > 2:\n            s = x[0] * 2\n            return s * x[8]\n"
"    except IndexError:\n        return x[1] * x[2]\n    return x[0]",
"s = x[0]\n    try:\n        for i in range(5):\n            s = s * x[i]\n    except IndexError:\n"
"        s = s + 1\n    return s",
"d = {}\n    try:\n        d['a'] = x[0]\n        t = d['b']\n    except KeyError:\n"
"        t = d['a'] * 2\n    return t * x[1]",
"try:\n        n = x.shape[3]\n    except IndexError:\n        n = 2\n    return np.sum(x) * n",
"try:\n        a, b = x\n    except ValueError:\n        a, b = x[0], x[2]\n    return a * b",
"n, s = 0, x[0]\n    try:\n        n = 3\n        t = s * x[n]\n        n = 7\n    except IndexError:\n"
"        t = s * n\n    finally:\n        s = s * n\n    return t + s",
]
# A callee that stores before it raises; a loop's last round.
UNFOLLOWED = ("y = x * 1\n    def g", "s = x[0]\n    try:\n        for")


@pytest.mark.parametrize("body", DONE_BEFORE)
def test_what_the_body_does_before_it_raises_is_done(body):
    f = function(f"def f(x):\n    {body}")
    if body.startswith(UNFOLLOWED):
        with pytest.raises(revad.UnsupportedError,
                           match="'try' block: (what it changes before it raises cannot be "
                                 "followed|IndexError is raised in it)"):
            revad.grad(f)(THREE)
        return
    assert_gradient(f, (THREE,))
    assert_gradient(f, (THREE.astype(np.float32),))


@pytest.mark.parametrize("body", [
    "z = x * s; for i in range(3):; try:; z[i] = z[i + 1] * s; except IndexError:; z[i] = s; return np.sum(z**2)",
    "z = x * s; for i in range(3):; try:; z[i] = np.sin(z[i + 1]) * z[i]; except IndexError:; z[i] = s; return np.sum(z)",
    "h = s; for i in range(4):; try:; h = h * x[i] * h; except IndexError:; h = h * s; return h",
    "h = s; for i in range(4):; try:; h = np.tanh(h * x[i:][0]); except IndexError:; h = h * s; return h"])
def test_a_round_that_raises_names_the_line_also_where_the_text_keeps_a_value_first(body):
    depth, lines = 1, ["def f(x, s):"]
    for line in body.split("; "):
        if line.startswith(("except", "return")):
            depth = 2 if line.startswith("except") else 1
        lines.append("    " * depth + line.rstrip(";"))
        depth += line.endswith(":;") or line.endswith(":")
    f = function("\n".join(lines) + "\n")
    f(THREE, 1.3)
    with pytest.raises(revad.UnsupportedError, match="'try' block: IndexError is raised in it"):
        revad.grad(f)(THREE, 1.3)
    longer = np.array([0.5, -1.2, 0.3, 0.8])
    assert_gradient(f, (longer, 1.3))


@pytest.mark.parametrize("call", ["np.tensordot(r, r, axes=([-1], [0]))", "np.tensordot(r, x, 1)",
                                  "np.take(r, [0], axis=1)",
                                  "np.sum(r, axis=1)", "np.split(r, 2)", "np.moveaxis(r, 0, 1)", "np.diff(r)",
                                  "np.repeat(r, 2, axis=1)", "np.linalg.det(r)", "np.roll(r, 1, axis=2)"])
def test_what_raises_for_another_number_of_rounds_has_no_kind(call):
    """A sum of no rounds is a number: a call that takes no number raises there, and is right or refused."""
    f = function(f"def f(x):\n    r = sum(v for v in np.array_split(x, 1)[False])\n    return {call}")
    try:
        revad.grad(f).forward(np.ones((2, 3)))
    except revad.InternalError:
        raise
    except (revad.RevadError, ValueError, IndexError, np.linalg.LinAlgError):
        pass
