"""`x += y` on an array that another name sees is refused, and on one that nobody sees it is differentiated."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, typed

from revad import UnsupportedError, grad
from revad.aliases import shared_writes

V = np.array([0.5, -1.5, 2.0])


def text(body, parameters="x, y"):
    return f"def f({parameters}):\n    " + body.replace("; ", "\n    ")


def problems(body, *args, **options):
    program, builder = typed(text(body), *args or (V, V + 1), **options)
    return [(problem.place.line, problem.what) for problem in shared_writes(builder, program)]


SHARED = [
    "a = x; a += 1; return np.sum(a * x)", "a = x * y; b = a; a += 1; return np.sum(a * b)", "a = x * y; b = a[1:]; a += 1; return np.sum(a) * np.sum(b)",
    "a = x * y; b = a[1:]; b += 1; return np.sum(a) * np.sum(b)", "a = x * y; b = a.reshape(-1); b *= 2; return np.sum(a)", "a = x * y; b = a.T; b -= y; return np.sum(a * b)",
    "a = x * y; p = [a, y]; a += 1; return np.sum(p[0])", "a = x * y; p = (a, [a]); a += 1; q = p[1]; return np.sum(q[0])", "a = x * y; b = a if y[0] > 0 else y; b += 1; return np.sum(a)",
    "a = x * y; b = a if y[0] > 0 else x * 2; a += 1; return np.sum(b)", "a = x * y; b = np.asarray(a); a += 1; return np.sum(b * a)", "a = x * y; b = {'k': a}; a /= 2; return np.sum(b['k'] + a)",
    "a = np.stack([x, y]); b, c = a; b += 1; return np.sum(a * c)", "a = x * y; b = a.ravel(); c = b[::-1]; c += 1; return np.sum(a)", "a = x * y; b = np.broadcast_to(a, (2, 3)); a += 1; return np.sum(b)",
    "a = b = x * y; a += 1; return np.sum(b)", "a = x * y; b = a; b += 1; b += 1; return np.sum(a)", "a = x * y; b = np.squeeze(a[:, None], 1); b **= 2; return np.sum(a)"]


@pytest.mark.parametrize("body", SHARED)
def test_writes_that_another_name_sees_are_refused(body):
    found = problems(body)
    assert found and all(what.endswith("=' on an array that has another name") for _, what in found)
    with pytest.raises(UnsupportedError):
        grad(function(text(body)))(V, V + 1)


@pytest.mark.parametrize("body", [
    "a = x * y; a += 1; a *= y; return np.sum(a * a)", "a = x.copy(); a += y; return np.sum(a * x)", "a = x * y; b = a; a += 1; return np.sum(a * x)", "a = x * y; b = a.copy(); a += 1; return np.sum(a * b)",
    "a = x * y; b = a[[0, 1]]; a += 1; return np.sum(a) * np.sum(b)", "a = x * y; b = a * 2; a -= b; return np.sum(a * b)", "a = x * y; a += a; a *= a; return np.sum(a)", "a = x * y; n = a.shape[0]; a += n; return np.sum(a)",
    "a = x * y; p = [a * 1, y]; a += 1; return np.sum(p[0] * a)", "a = x * y; b = a.flatten(); b += 1; return np.sum(a * b)", "a = x * y; s = np.sum(a * a); a += 1; return s * np.sum(a)", "a = x * y; b = np.exp(a); a /= y; return np.sum(a * b)",
    "a = x.astype(float); a += 1.0; return np.sum(a * x)", "a = np.array(x); a *= y; return np.sum(a * x)", "a = np.zeros_like(x); a += x; a += y; return np.sum(a * a)", "a = x.T.copy(); a -= a.mean(); return np.sum(a * a * y)",
    "a = x * y; b = a[::-1]; c = b * 1; a += 1; return np.sum(a * c)", "a = x * y; a[1:]; a += 1; return np.sum(a * a)", "a = -x; a += x[::-1]; return np.sum(a * y)"])
def test_writes_that_nobody_else_sees_are_followed(body):
    assert problems(body) == []
    assert_gradient(function(text(body)), (V, V + 1))


@pytest.mark.parametrize("body", ["a = x; a += 1; return a * x", "a = x * y; b = a; b *= 2; return a * b", "p = [x, y]; a = p[0]; a += 1; return a * p[0]", "a = b = x; b -= y; return a * b"])
def test_numbers_are_never_shared(body):
    assert problems(body, 2.0, 3.0) == []
    assert_gradient(function(text(body)), (2.0, 3.0))


def test_a_parameter_that_is_written_into_is_not_changed():
    f = function(text("x += 1; x *= y; return np.sum(x * x)"))
    x = V.copy()
    found = grad(f)(x, V + 1)
    assert np.array_equal(x, V)
    np.testing.assert_allclose(found[0], 2 * (V + 1) ** 2 * (V + 1), rtol=1e-12)


@pytest.mark.parametrize("args, what", [
    ((np.ones(3, int), V), "'+=' on an array"), ((V, np.ones((2, 3))), "'+=' on an array")])
def test_what_numpy_refuses(args, what):
    with pytest.raises(UnsupportedError) as caught:
        grad(function(text("a = x.copy(); a += y; return np.sum(a)")))(*args)
    assert [d.what for d in caught.value.diagnostics] == [what]


def test_a_whole_message():
    f = function(text("a = x * y; b = a[1:]; b += 1; return np.sum(a)"))
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(V, V)
    assert str(caught.value) == (
        f"{f.__code__.co_filename}:4:5: '+=' on an array that has another name: the other name sees the change, which the "
        "gradient would not follow. Write b = b + ... if a new array is meant.\n    b += 1\n    ^^^^^^")


def test_all_of_them_are_reported():
    assert [line for line, _ in problems("a = x * y; b = a; a += 1; c = y * y; d = c; c += 1; return np.sum(b * d)")] == [4, 7]
