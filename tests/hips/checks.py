"""What `check_grads` asks: both modes beside differences of the function, and both modes of both products.

Complex numbers among the arguments are left out; a test that gives nothing else is counted as one of them.
"""
import itertools

import numpy as np
from differences import leaves, map_leaves
from from_text import function

import revad

TOLERANCE = 2e-5
STEP = 1e-4


class Complex(Exception):
    """The arguments are complex numbers, which revad refuses."""


class Wrong(AssertionError):
    """A derivative is not that of the function."""


def vector_of(value):
    """The numbers of a structure, in order; those that are no floats have no derivative."""
    parts = [np.ravel(leaf) for _, leaf in leaves(value) if leaf is not None]
    return np.concatenate([part.astype(float) for part in parts if part.dtype.kind in "fiu"] or [np.zeros(0)])


def is_complex(value):
    return any(np.iscomplexobj(leaf) for _, leaf in leaves(value))


def random_like(value, rng):
    def drawn(leaf):
        part = rng.standard_normal(np.shape(leaf))
        return part.astype(np.result_type(leaf, np.float32)) if isinstance(leaf, np.ndarray) else float(part)
    return map_leaves(drawn, value)


def moved(value, direction, h):
    steps = iter([leaf for _, leaf in leaves(direction)])

    def there(leaf):
        step = next(steps)
        return np.asarray(leaf + h * step) if isinstance(leaf, np.ndarray) else leaf + h * step
    return map_leaves(there, value)


def differences(f, x, direction):
    """The derivative of f in a direction by two central differences, extrapolated."""
    def central(h):
        return (vector_of(f(moved(x, direction, h))) - vector_of(f(moved(x, direction, -h)))) / (2 * h)
    return (4 * central(STEP / 2) - central(STEP)) / 3


def compare(what, exact, numeric):
    exact = vector_of(exact)
    scale = 1.0 + np.max(np.abs(numeric), initial=0.0)
    if exact.shape != numeric.shape or not np.all(np.abs(exact - numeric) <= TOLERANCE * scale):
        raise Wrong(f"{what}: {exact}, by differences {numeric}")


def check_equivalent(x, y):
    assert [np.shape(leaf) for _, leaf in leaves(x)] == [np.shape(leaf) for _, leaf in leaves(y)], (x, y)
    np.testing.assert_allclose(vector_of(x), vector_of(y), rtol=1e-6, atol=1e-6)


def scalar_close(a, b):
    return abs(a - b) < 1e-6 or abs(a - b) / abs(a + b) < 1e-6


def check_grads(f, argnum=0, modes=("fwd", "rev"), order=2):
    def checked(*args, **keywords):
        wrt = tuple(argnum) if isinstance(argnum, (tuple, list)) else (argnum,)
        if is_complex(args):
            raise Complex
        value = f(*args, **keywords)
        if is_complex(value):
            raise Complex
        Check(plain(f, args, keywords), wrt, args, value).all(modes, order)
    return checked


def plain(f, args, keywords):
    """A function of positional arguments alone that calls f with the keywords."""
    names, outside, settings = [f"a{i}" for i in range(len(args))], {"called": f}, []
    for name, value in keywords.items():
        if value is None or isinstance(value, (bool, int, str, tuple)):
            settings.append(f"{name}={value!r}")
        else:
            settings.append(f"{name}={name}_")
            outside[f"{name}_"] = value
    names_ = ", ".join(names)
    return function(f"def f({names_}):\n    return called({', '.join([*names, *settings])})\n", **outside)


class Check:
    """One function at one point: a random direction for its arguments, and one for its value."""

    def __init__(self, f, wrt, args, value):
        rng = np.random.default_rng(0)
        self.f, self.wrt, self.args = f, wrt, args
        self.x = tuple(args[i] for i in wrt)
        self.direction, self.dout = random_like(self.x, rng), random_like(value, rng)
        self.number = wrt[0] if len(wrt) == 1 else wrt

    def given(self, parts):
        return parts[0] if len(self.wrt) == 1 else parts

    def at(self, x):
        args = list(self.args)
        for i, part in zip(self.wrt, x):
            args[i] = part
        return args

    def value_at(self, x):
        return self.f(*self.at(x))

    def all(self, modes, order):
        numeric = differences(self.value_at, self.x, self.direction)
        if "fwd" in modes:
            tangent = revad.jvp(self.f, wrt=self.number)(
                *self.args, tangents=self.given(self.direction))[1]
            compare("forward mode", tangent, numeric)
        if "rev" in modes:
            pulled = revad.vjp(self.f, wrt=self.number)(*self.args)[1](self.dout)
            compare("reverse mode", vector_of(pulled) @ vector_of(self.direction),
                    np.array([vector_of(self.dout) @ numeric]).reshape(-1))
        if order > 1:
            for first, second in itertools.product(modes, modes):
                self.second(first, second)

    def second(self, first, second):
        """A mode of the product that a mode gives."""
        product = self.product(first)
        rng = np.random.default_rng(1)
        direction = random_like(self.x, rng)
        numeric = differences(lambda x: product(*self.at(x)), self.x, direction)
        if second == "fwd":
            exact = revad.jvp(product, wrt=self.number)(*self.args, tangents=self.given(direction))[1]
        else:
            exact = vector_of(revad.grad(product, wrt=self.number)(*self.args)) @ vector_of(direction)
        compare(f"{second} of {first}", exact, numeric)

    def product(self, mode):
        """The product of the Jacobian with both directions, as a function of the arguments."""
        names = [f"a{i}" for i in range(len(self.args))]
        if mode == "fwd":
            lines = [f"_, result = along({', '.join([*names, 'tangents=direction'])})"]
            like = self.dout
        else:
            lines = [f"_, pull = pulled({', '.join(names)})", "result = pull(dout)"]
            like = self.given(self.direction)
        other = "dout" if mode == "fwd" else "direction"
        terms = [f"np.sum({other}{path} * result{path})" for path, leaf in leaves(like) if leaf is not None]
        lines.append(f"return {' + '.join(terms) or '0.0'}")
        text = f"def product({', '.join(names)}):\n    " + "\n    ".join(lines) + "\n"
        return function(text, dout=self.dout, direction=self.given(self.direction),
                        along=revad.jvp(self.f, wrt=self.number), pulled=revad.vjp(self.f, wrt=self.number))


def combo_check(f, *settings, **options):
    """All combinations of the arguments and keywords that are given, complex ones left out."""
    def checked(*args, **keywords):
        pairs = [[(name, value) for value in values] for name, values in keywords.items()]
        count = complex_ = 0
        for chosen in itertools.product(*args):
            for named in itertools.product(*pairs):
                try:
                    check_grads(f, *settings, **options)(*chosen, **dict(named))
                    count += 1
                except Complex:
                    complex_ += 1
        if complex_ and not count:
            raise Complex
    return checked
