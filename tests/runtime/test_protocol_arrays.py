"""Arrays of other classes with NumPy's protocol: the texts of NumPy's run with them, or they are refused."""
import copy
import random

import numpy as np
import pytest
import random_blocks
import random_programs
from differences import random_dout
from protocol import Device, Lazy

from revad import CallError, RevadError, grad, value_and_grad

X, W = np.arange(6.0).reshape(3, 2) / 7 - 0.3, np.array([0.4, -0.7])


def as_numpy(value):
    if isinstance(value, Device):
        return value.held
    if isinstance(value, (tuple, list)):
        return type(value)(map(as_numpy, value))
    return {key: as_numpy(part) for key, part in value.items()} if isinstance(value, dict) else value


def assert_same(one, other):
    one = as_numpy(one)
    if isinstance(other, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(other, (tuple, list)):
        assert len(one) == len(other)
        for a, b in zip(one, other):
            assert_same(a, b)
        return
    assert np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-12)
    assert np.ndim(other) == 0 or one.dtype == other.dtype


def wrapped(cls, value):
    if isinstance(value, np.ndarray):
        return cls(value.copy())
    if isinstance(value, (tuple, list)):
        return type(value)(wrapped(cls, part) for part in value)
    return {key: wrapped(cls, part) for key, part in value.items()} if isinstance(value, dict) else value


def layer(X, p):
    return np.sum(np.tanh(X @ p["w"] + p["b"])**2)


def forks_of_a_number(X, w):
    s = np.sum(X @ w)
    t, u = s * 2, s
    for k in range(3):
        u += t * k
        s = s + u
    return s * u * t


def sums_that_fork(X, w):
    s = np.sum(X @ w)
    total = s + 1.0
    for k in range(3):
        total += np.sum(w) * s
        s = s + total
    return s * total


def kept_numbers(X, w):
    s = np.sum(w)
    for row in range(3):
        s *= np.sum(X[row] * w)
        s += 1.0
    return s


def rows_of_a_loop(X, w):
    out = np.zeros_like(X)
    for t in range(len(X)):
        out[t] = np.tanh(X[t] * w)
    return np.sum(out**2)


def stores_through_a_view(X, w):
    y = X * w
    part = y[1:]
    part[0] = w**2
    part += w
    return np.sum(y**3)


def choices(X, w):
    z = X * w
    return np.sum(np.where(z > 0, z, 0.1 * z)) + np.max(z) + np.mean(np.maximum(z, 0))


def repeated(X, w):
    return np.sum(w[[0, 1, 0]] * X[:, 0])


def softmax(X, w):
    z = X * w
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(3), [0, 1, 1]]))


P = {"w": W, "b": np.array(0.2)[()]}
CASES = [(layer, P), (forks_of_a_number, W), (sums_that_fork, W), (kept_numbers, W), (rows_of_a_loop, W),
         (stores_through_a_view, W),
         (choices, W), (repeated, W), (softmax, W)]
REFUSED = {(Device, "forks_of_a_number"), (Device, "softmax"), 
           (Lazy, "stores_through_a_view"), (Lazy, "repeated"), (Lazy, "softmax")}


@pytest.mark.parametrize("cls", [Device, Lazy])
@pytest.mark.parametrize("f, w", CASES, ids=lambda part: getattr(part, "__name__", ""))
def test_the_same_text_gives_the_same_gradient(cls, f, w):
    wrt = f.__code__.co_varnames[1]
    gradient = value_and_grad(f, wrt=wrt)
    expected = gradient(X, w)
    text = gradient.source
    before = wrapped(cls, X), wrapped(cls, w)
    args = wrapped(cls, X), wrapped(cls, w)
    try:
        result = gradient(*args)
    except (CallError, TypeError) as error:
        assert (cls, f.__name__) in REFUSED, error
        return
    assert_same(result, expected)
    assert gradient.source == text
    assert_same(args, as_numpy(before))
    assert_same(gradient(*args), expected)
    assert_same(gradient(X, w), expected)


@pytest.mark.parametrize("cls", [Device, Lazy])
def test_the_two_passes(cls):
    @grad
    def affine(x, w, b):
        return np.maximum(x @ w + b, 0), np.sum(w)
    args = X.copy(), np.arange(6.0).reshape(2, 3) - 2, np.array([0.1, -0.2, 0.3])
    dout = np.arange(9.0).reshape(3, 3), 2.0
    out, cache = affine.forward(*args)
    expected = affine.backward(dout, cache)
    other, cache = affine.forward(*wrapped(cls, args))
    assert_same(other, out)
    assert_same(affine.backward(wrapped(cls, dout), cache), expected)
    assert_same(affine.backward((wrapped(cls, dout[0]), None), cache), affine.backward(
        (dout[0], None), affine.forward(*args)[1]))
    with pytest.raises(CallError, match=r"dout\[0\] has shape \(3,\), the output \(3, 3\)"):
        affine.backward((cls(np.ones(3)), None), cache)


def test_random_programs():
    """Each is right with arrays of other classes, or refused, or fails as such arrays do."""
    same = 0
    for writer, modes in ((random_programs.write_program, ("arrays", "mixed")),
                          (random_blocks.write_blocks, random_blocks.MODES)):
        for mode in modes:
            for number in range(2):
                program = writer(random.Random(f"{mode} {number}").randrange, mode)
                same += sum(agrees(program, cls) for cls in (Device, Lazy))
    assert same > 4


def agrees(program, cls):
    args = program.calls[0]
    gradient = grad(program.function, wrt=program.wrt)

    def results(args, dout):
        out, cache = gradient.forward(*copy.deepcopy(args))
        return out, gradient.backward(dout, cache)
    with np.errstate(all="ignore"):
        try:
            dout = random_dout(program.function, args, program.wrt)
            expected = results(args, dout)
        except RevadError:
            return False
        try:
            result = results(wrapped(cls, args), wrapped(cls, dout))
        except (CallError, TypeError):
            return False
    assert_same(result, expected)
    return True


# ---- what is refused


def refused(f, *args, wrt=None):
    with pytest.raises(CallError) as caught:
        grad(f, wrt=wrt)(*args)
    return str(caught.value)


def test_what_only_arrays_of_numpy_are_known_to_do():
    def asks(x):
        return np.sum(x) if isinstance(x, np.ndarray) else np.sum(2 * x)
    assert refused(asks, Device(W)).endswith("protocol.Device: it asks for the class of an array")
    message = refused(stores_through_a_view, Lazy(X), Lazy(W), wrt="w")
    assert "it stores into an array that has another name or parts with a name" in message
    assert "a store is not seen, as in 'np.add.at(dw" in refused(repeated, Lazy(X), Lazy(W), wrt="w")
    message = refused(forks_of_a_number, Device(X), Device(W), wrt="w")
    assert "theirs is an array, which += changes under both of its names" in message

    def two_names(x):
        h = x * 2
        other = h
        other *= 0.5
        return np.sum(h**2)
    assert "it stores into an array that has another name" in refused(two_names, Lazy(W))
    assert_same(grad(two_names)(Device(W)), grad(two_names)(W))

    def in_memory(x, y):
        x[0] = y[0] * 2
        return np.sum(x * y)
    assert "cannot be differentiated for arrays of" in refused(in_memory, Lazy(W), Lazy(W))

    class Odd(Device):
        shape = property(lambda self: (float("nan"), *self.held.shape[1:]))
    message = refused(layer, Odd(X), P, wrt="p")
    assert message.startswith("X has a length that is not known: compute it before")

    class Metres(Device):
        units = "m"
    assert "revad differentiates NumPy's arrays" in refused(layer, X, {"w": Metres(W), "b": 0.1}, wrt="p")
    assert "is complex" in refused(layer, X, {"w": Device(W * 1j), "b": 0.1}, wrt="p")


def test_lengths_that_depend_on_what_is_in_an_array():
    class Masked(Lazy):
        @property
        def shape(self):
            return tuple(float("nan") if n == 2 else n for n in self.held.shape)

        @property
        def size(self):
            return float("nan")

    class Full(Lazy):
        def __getitem__(self, key):
            return Masked(self.held[as_numpy(key)]) if getattr(key, "dtype", None) == bool else self.held[key]

    def positive(x):
        return np.mean(x[x > 0]**2)
    assert "is not known: such arrays" in refused(positive, Full(np.array([1.0, -1.0, 2.0])))


def test_real_dask_arrays():
    da = pytest.importorskip("dask.array", reason="dask is not installed")
    for f, w in ((layer, P), (rows_of_a_loop, W), (choices, W), (forks_of_a_number, W)):
        wrt = f.__code__.co_varnames[1]
        gradient = value_and_grad(f, wrt=wrt)
        expected, text = gradient(X, w), gradient.source
        lazily = {key: da.from_array(part) if np.ndim(part) else part for key, part in w.items()} \
            if isinstance(w, dict) else da.from_array(w)
        for second in (w, lazily):
            value, derivative = gradient(da.from_array(X, chunks=2), second)
            parts = list(derivative.values()) if isinstance(derivative, dict) else [derivative]
            assert all(isinstance(part, da.Array) for part in (value, *parts))
            computed = da.compute(value, derivative)
            assert_same((float(computed[0]), computed[1]), (float(expected[0]), expected[1]))
        assert gradient.source == text
    x = da.from_array(np.array([1.0, -1.0, 2.0]), chunks=2)
    assert "is not known: such arrays" in refused(lambda x: np.mean(x[x > 0]**2), x)
    assert "x has a length that is not known" in refused(lambda x: np.sum(x**2), x[x > 0])
