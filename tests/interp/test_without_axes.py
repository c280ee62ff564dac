"""A value without axes is an array, a number of NumPy's or one of Python's, as NumPy itself makes it: other names see what is done to an array."""
import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function, typed

import revad

X = np.array([1.3, 2.0, 3.2])
VALUES = """np.einsum('i,i', x, x) | np.einsum('i->', x) | np.einsum('i,i->', x, x) | np.einsum('ii', np.outer(x, x)) | np.einsum('...,...', x[0], x[1])
    np.tensordot(x, x, 1) | np.tensordot(np.outer(x, x), np.outer(x, x)) | np.zeros(()) + x[0] | np.zeros(()) | np.ones(()) * x[0] | np.full((), x[0])
    np.sinc(x[0]) | np.nan_to_num(x[0]) | np.real(x[0]) | np.squeeze(x[0]) | np.squeeze(x[:1]) | np.transpose(x[0]) | np.moveaxis(x[0], [], []) | np.asarray(x[0])
    np.array(x[0]) | x[0].copy() | np.copy(x[0]) | np.dot(x, x) | np.inner(x, x) | np.vdot(x, x) | np.trace(np.outer(x, x)) | np.linalg.det(np.diag(x) + 1)
    np.interp(x[0], x, x) | np.where(x[0] > 0, x[0], 1.0) | np.clip(x[0], 0, 1.5) | np.median(x) | np.quantile(x, 0.5) | np.take(x, 0) | np.prod(x)
    np.linalg.norm(x) | np.polyval(x, 2.0) | np.average(x) | np.reshape(x[:1], ()) | np.mean(x) | np.ptp(x) | x.sum() | x.max() | x.item(0) | x[0, ...] | x[..., 0]
    np.linalg.multi_dot([x, np.outer(x, x), x]) | np.matmul(x, x) | np.add.reduce(x) | np.std(x) | np.zeros_like(x[0]) | np.full_like(x[0], x[1])
    np.dot(x[0], x[1]) | np.broadcast_to(x[0], ()) | np.linalg.slogdet(np.diag(x))[1] | float(x[0]) | math.exp(x[0]) | abs(x[0]) | round(x[0]) * x[1]"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("change", ["s += 1.0", "s *= x[1]", "s -= x[0]"])
@pytest.mark.parametrize("value", [one.strip() for line in VALUES.splitlines() for one in line.split(" | ")])
def test_what_another_name_of_it_sees(value, change):
    f = function(f"def f(x):\n    s = {value}\n    t = s\n    {change}\n    return s * t + x[0]")
    try:
        f(X.copy())
    except ValueError:      # a read-only view
        return
    try:
        revad.grad(f)(X.copy())
    except revad.UnsupportedError as error:
        assert not isinstance(error, revad.InternalError)
        return
    assert_gradient(f, (X,))


@pytest.mark.parametrize("text, value", [
    ("np.searchsorted(np.arange(4.0), 0.3)", np.int64(1)), ("np.allclose(x, x)", True),
    ("np.array_equal(x, x)", True), ("np.iscomplex(y)", np.bool_(False)), ("np.sinc(y)", np.float64(1)),
    ("np.fix(y)", np.float64(1)), ("math.prod(x)", np.float64(1)), ("np.zeros(())", np.zeros(())),
    ("np.tensordot(x, x, 1)", np.zeros(()))])
def test_the_kind_is_that_of_numpy(text, value):
    program, _ = typed(f"def f(x, y):\n    z = {text}\n    return z", X, 0.5)
    kind = program.result.kind
    assert kind.rank == 0 and kind.known is None and np.dtype(kind.dtype) == np.asarray(value).dtype
    assert (kind.tag, kind.weak) == ("array" if isinstance(value, np.ndarray) else "number",
                                     not isinstance(value, (np.ndarray, np.generic)))


@pytest.mark.parametrize("number", ["np.average(1 + b, weights=1.0)", "np.array(b) * 2"])
@pytest.mark.parametrize("subscript", [
    "[..., None]", "[None, ..., None]", "[None, ...]", "[...]", "[()]", "[None, None][..., 0]"])
@pytest.mark.parametrize("result", [
    "h{0} * h.repeat(2, axis=0)", "sum(np.atleast_1d(h{0})) + h", "h{0} * h{0}", "np.sum(np.exp(h{0})) * h"])
def test_the_gradient_of_a_number_that_gets_axes_is_a_number(number, subscript, result):
    f = function(f"def f(b):\n    h = {number}\n    return {result.format(subscript)}")
    for b in (-0.384, np.float64(0.7), np.array(0.7)):
        assert_gradient(f, (b,))
    assert_second(function(f"def g(b):\n    h = {number}\n    return np.sum({result.format(subscript)})"), 0.7)


@pytest.mark.parametrize("name", ["max", "min"])
def test_what_max_gives_is_one_of_its_arguments(name):
    text = """
        def f(x):
            x = np.where(x > 0, x, 0.01 * x)
            y = {name}(x, x)
            x += 2 * x
            return x * y
        """
    with pytest.raises(revad.UnsupportedError, match="name 'y': it may share its memory with an array that was stored into"):
        revad.grad(function(text.format(name=name)))(1.5)
    copied = text.replace("(x, x)", "(x, x).copy()")
    assert_gradient(function(copied.format(name=name)), (1.5,))
