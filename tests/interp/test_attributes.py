"""Attributes, defaults and methods are looked up as Python does it: in properties and hooks of the class, late, and under names of the user's file."""
import functools
import itertools
import linecache
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
from differences import numeric_gradient

from revad import RevadError, UnsupportedError, grad

X = np.array([0.7, 1.3, 2.1])


class Ball:
    @property
    def v(self):
        return self._v * 2

    @v.setter
    def v(self, x):
        self._v = x * 3


class Heavy(Ball):
    @property
    def weight(self):
        return self.v + 1

    @Ball.v.getter
    def v(self):
        return self._v * 5


class Base:
    @property
    def area(self):
        return self.w * 2


class Derived(Base):
    def __init__(self, w):
        self.w = w

    @property
    def area(self):
        return super().area * 3

    @functools.cached_property
    def square(self):
        return self.w ** 2

    def times(self, x):
        return x * self.w


class Doubles:
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value * 2)


class Hides:
    def __setattr__(self, name, value):
        super().__setattr__("_" + name, value * 2)

    def __getattr__(self, name):
        return 7.0 if name == "missing" else 3.0


class Params:
    def __init__(self, x):
        self.p = {"W": x, "b": 2.0}

    def __getattr__(self, name):
        return self.p[name]


class Delegate:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


@dataclass(frozen=True)
class Frozen:
    a: object
    b: object = None

    def __post_init__(self):
        object.__setattr__(self, "b", self.a * 2)


class Counter:
    def __init__(self):
        self.count = 0

    def __call__(self, x):
        self.count += 1
        return x * self.count


class Described:
    class Thrice:
        def __get__(self, owner, cls):
            return owner._v

        def __set__(self, owner, value):
            owner._v = value * 3
    v = Thrice()


class Closed:
    @property
    def v(self):
        return 1.0


GLOBAL = Derived(np.array([1.0, 2.0, 3.0]))
TIMES = GLOBAL.times
DELEGATE = Delegate(GLOBAL)
COUNTER = Counter()
TABLE = {"square": lambda v: v * v, "sin": np.sin, "times": GLOBAL.times}


def applied(function, *args):
    return function(*args)


def empty(shape, dtype=np.float64):
    return np.empty(shape, dtype)


def items(x):
    for i in range(3):
        yield x[i] ** 2


PROGRAMS = {
    "a property with a setter": "b = Ball()\nb.v = x\nreturn np.sum(b.v)",
    "a property of a parent": "b = Heavy()\nb.v = x\nreturn np.sum(b.v * b.weight)",
    "augmented through a property": "b = Ball()\nb.v = x\nb.v += x\nb.v *= 2\nreturn np.sum(b.v)",
    "setattr of a property": "b = Ball()\nsetattr(b, 'v', x)\nreturn np.sum(getattr(b, 'v'))",
    "a property of super()": "return np.sum(Derived(x).area)",
    "a cached property": "d = Derived(x)\ny = np.sum(d.square * x)\nd.w = x * 100\n"
                         "return y + np.sum(d.square)",
    "__setattr__ of the class": "d = Doubles()\nd.v = x\nreturn np.sum(d.v)",
    "__setattr__ and __getattr__": "d = Hides()\nd.v = x\nreturn np.sum(d._v * d.missing)",
    "__getattr__ of an object made here": "d = Params(x)\nreturn np.sum(d.W * d.b)",
    "__getattr__ that delegates": "d = Delegate(Derived(x))\nreturn np.sum(d.times(x) * d.w)",
    "__getattr__ of a global": "return np.sum(DELEGATE.times(x) * DELEGATE.w)",
    "slots": "s = Slots(x)\ns.b = x * 2\ns.a = s.a * s.b\nreturn np.sum(s.a)",
    "a frozen dataclass": "q = Frozen(x)\nreturn np.sum(q.a * q.b)",
    "a bound method as an argument": "return np.sum(applied(GLOBAL.times, x) * applied(TIMES, x) * TIMES(x))",
    "a bound method of an object made here": "d = Derived(x)\nt = d.times\nd.w = x * x\n"
                                             "return np.sum(applied(t, x)) + sum(list(map(d.times, [x, "
                                             "x]))[1])",
    "bound methods in a dict": "ops = {'a': GLOBAL.times, 'b': applied}\n"
                               "return np.sum(ops['a'](x) + ops['b'](GLOBAL.times, x))",
    "functions of a global dict": "return np.sum(TABLE['square'](x) + TABLE['sin'](x) + "
                                  "TABLE.get('times')(x))",
    "a function of a dict in a try": "try:\n    g = TABLE['times']\nexcept KeyError:\n"
                                     "    g = TABLE['square']\nreturn np.sum(g(x))",
    "an object that is called and counts": "return np.sum(COUNTER(x) + applied(COUNTER, x) * COUNTER.count)",
    "a named tuple's class made here": "P = namedtuple('P', 'a b')\np = P(x, b=2.0)\n"
                                       "return np.sum(p.a * p.b)",
    "a store into what a helper makes": "a, b = empty(3), empty((2, 3))\na[:] = x\nb[0] = x\nb[1] = a\n"
                                        "a[0] = 0.0\nreturn np.sum(a * b)",
    "nonlocal": "n, log = 0.0, []\ndef add(v):\n    nonlocal n\n    n += v\n    log.append(n)\n"
                "    return n\nadd(x[0])\nadd(x[1])\nreturn add(x[2]) * sum(log)",
    "nonlocal in loops and branches": "n = x[0]\ndef step(v):\n    nonlocal n\n    n = n * v\n"
                                      "    if v > 1.5:\n        n = n + 1\nfor v in x:\n    step(v)\n"
                                      "for i in range(2):\n    step(x[i])\nreturn n",
    "nonlocal two functions away": "n = 0\ndef outer():\n    m = x[0]\n    def inner():\n"
                                   "        nonlocal m, n\n        m = m * 2\n        n = n + m\n"
                                   "    inner()\n"
                                   "    inner()\n    return m\nreturn outer() * n",
    "closures of a loop": "fs = [lambda v: v * i * x[i] for i in range(3)]\n"
                          "gs = [lambda v, i=i: v * i * x[i] for i in range(3)]\n"
                          "return sum(f(x[0]) for f in fs) + sum(g(x[1]) for g in gs)",
    "a closure's variable that changes": "k = x[2]\ndef h(v):\n    return v * k\nk = x[0]\nreturn h(x[1])",
    "a generator that is summed": "return sum(items(x)) + max(items(x)) * min(list(items(x)))",
    "a generator that is unpacked": "a, b, c = items(x)\nreturn a * b * c + sum(v for i, v in "
                                    "enumerate(items(x)) if i)",
}
_number = itertools.count()


def program(body):
    file = f"<attributes {next(_number)}>"
    text = "def f(x):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = dict(globals())
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"]


def fresh():
    COUNTER.count = 0


@pytest.mark.parametrize("what", PROGRAMS)
def test_what_python_finds(what):
    f = program(PROGRAMS[what])
    expected = numeric_gradient(f, (X,), fresh=fresh)
    fresh()
    np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-6, atol=1e-8)
    assert COUNTER.count == 0


@pytest.mark.parametrize("body, error, reason", [
    ("b = Described()\nb.v = x\nreturn np.sum(b.v)", UnsupportedError, "descriptor"),
    ("b = Closed()\nb.v = x\nreturn np.sum(b.v)", AttributeError, "v"),
    ("b = Slots(x)\nb.c = x\nreturn np.sum(x)", AttributeError, "c"),
    ("b = Frozen(x)\nb.a = x\nreturn np.sum(b.a)", (AttributeError, RevadError), ""),
    ("b = Ball()\nb.v = x\ndel b._v\nreturn np.sum(x)", UnsupportedError, "lose their attributes"),
    ("b = Derived(x)\nreturn np.sum(vars(b)['w'])", UnsupportedError, ""),
    ("g = items(x)\nreturn sum(g) + sum(g)", UnsupportedError, "used up"),
    ("g = map(abs, x)\nreturn sum(g) + sum(g)", UnsupportedError, "used up"),
    ("g = (v * v for v in x)\nreturn sum(zip(g, g))", UnsupportedError, "in turns"),
    ("g = zip(x, x)\ns = 0.0\nfor i in range(2):\n    s = s + sum([a * b for a, b in g])\nreturn s",
     UnsupportedError, "used up"),
])
def test_what_is_refused(body, error, reason):
    with pytest.raises(error, match=reason or "."):
        grad(program(body))(X)


def test_what_stands_in_a_class_is_read_late_under_its_own_name():
    class Gain:
        k, w, steps = 2.0, np.ones(2), 2

        def apply(self, x):
            for _ in range(self.steps):
                x = x * self.k
            return x * np.sum(self.w)

    def f(x):
        return Gain().apply(x)
    df = grad(f)
    assert df(1.0) == 8.0 and "_default" not in df.source
    Gain.k = 5.0
    assert df(1.0) == 50.0
    Gain.w = np.ones(3)
    assert df(1.0) == 75.0
    Gain.steps = 1
    assert df(1.0) == 15.0
    Gain.apply = lambda self, x: x * 7.0
    assert df(1.0) == 7.0
    Gain.__init__ = lambda self: setattr(self, "z", 1.0)
    Gain.apply = lambda self, x: x * self.z
    assert df(1.0) == 1.0


def test_a_helper_that_changes_between_calls():
    def h(x, k=3.0, *, m=2.0, d={"a": 1.0}, w=[1, 2]):
        return x * k * m * d["a"] * len(w)

    def other(x, k=1.0, *, m=1.0, d=None, w=()):
        return x * x
    df = grad(lambda x: h(x))
    assert df(1.0) == 12.0
    h.__defaults__ = (7.0,)
    assert df(1.0) == 28.0
    h.__kwdefaults__["m"] = 1.0
    assert df(1.0) == 14.0
    h.__kwdefaults__["d"]["a"] = 5.0
    assert df(1.0) == 70.0
    h.__kwdefaults__["w"].append(3)
    assert df(1.0) == 105.0
    h.__code__ = other.__code__
    assert df(4.0) == 8.0
