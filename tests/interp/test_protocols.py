"""What Python looks up in a class: subscripts and operators of objects, super(), methods of a class that an object holds."""
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function

from revad import UnsupportedError, grad

V = np.array([0.5, -1.0, 2.0])


class Weights:
    """A container of arrays with the methods of one."""

    def __init__(self):
        self.held = {"w": np.array([1.0, 2.0, -1.0]), "b": np.array(3.0)}

    def __getitem__(self, key):
        if key in self.held:
            return self.held[key]
        raise KeyError(key)

    def __setitem__(self, key, value):
        self.held[key] = value

    def __contains__(self, key):
        return key in self.held

    def __len__(self):
        return len(self.held)

    def __iter__(self):
        return iter(self.held.values())


class Layer:
    def __init__(self):
        self.p = Weights()

    def read(self, x):
        return np.sum(np.tanh(x * self.p["w"] + self.p["b"]))

    def asked(self, x):
        if "c" in self.p or "w" not in self.p or len(self.p) != 2:
            return np.sum(x)
        return np.sum(x * self.p["w"])

    def stored(self, x):
        p = self.p
        p["c"] = x * 2
        p["c"] += p["w"]
        return np.sum(p["c"] * x * p["w"])

    def replaced(self, x):
        self.p["c"] = x * 2
        self.p["w"] = self.p["w"] * x
        self.p["w"][0] = x[1]
        return np.sum(self.p["c"] * self.p["w"]) * self.p["b"]

    def each(self, x):
        total = 0.0
        for part in self.p:
            total = total + np.sum(part**2)
        return total * np.sum(x)

    def sliced(self, x):
        return np.sum(x * self.p[0:1])


class Square:
    """A cost that is never made an object."""

    @staticmethod
    def value(a, y):
        return np.sum((a - y)**2)

    @classmethod
    def twice(cls, a, y):
        return cls.value(a, y) * 2

    def weighted(self, a, y):
        return np.sum(a * y)


class Base:
    def __init__(self, cost=Square):
        self.w, self.cost = np.array([1.0, 2.0, 3.0]), cost

    def loss(self, x, y):
        return self.cost.value(np.sin(x) * self.w, y)

    @staticmethod
    def scaled(x):
        return x * 3.0

    @classmethod
    def made(cls, x):
        return cls.scaled(x)

    def twice(self, x, y):
        return (self.cost).twice(x * self.w, y)

    def constructed(self, x, y):
        return self.cost().weighted(x * self.w, y)


class Child(Base):
    def __init__(self):
        super().__init__()
        self.k = 2.0

    def loss(self, x, y):
        return super().loss(x * self.k, y) + super(Child, self).twice(x, y)

    @staticmethod
    def scaled(x):
        return x**2

    def mixed(self, x):
        return np.sum(super().scaled(x) * super().made(x))


class Grandchild(Child):
    def loss(self, x, y):
        return super().loss(x, y) * 2

    def built(self, x, y):
        return Child().loss(x, y)


@pytest.mark.parametrize("method", [Layer.read, Layer.asked, Layer.stored, Layer.replaced, Layer.each])
@pytest.mark.parametrize("wrt", [None, "x"])
def test_containers_of_ones_own(method, wrt):
    assert_gradient(method, (Layer(), V), wrt)


def test_a_subscript_is_read_where_the_container_holds_it():
    gradient = grad(Layer.read, wrt="self")
    gradient(Layer(), V)
    assert "x * self.p.held['w'] + self.p.held['b']" in gradient.source


def test_a_slice_of_a_container_of_ones_own_is_refused():
    with pytest.raises(UnsupportedError, match="a slice is handed to a method of the object"):
        grad(Layer.sliced)(Layer(), V)


@pytest.mark.parametrize("method, receiver", [(Base.loss, Base()), (Base.twice, Base()),
                                              (Base.constructed, Base()), (Child.loss, Child()),
                                              (Grandchild.loss, Grandchild()),
                                              (Grandchild.built, Grandchild())])
def test_methods_of_a_class_and_of_its_parent(method, receiver):
    assert_gradient(method, (receiver, V, V[::-1].copy()), None)
    assert_gradient(method.__get__(receiver), (V, V[::-1].copy()), None)


@pytest.mark.parametrize("receiver", [Child(), Grandchild()])
def test_static_and_class_methods_of_a_parent(receiver):
    assert_gradient(Child.mixed, (receiver, V), "x")


def test_another_class_is_seen():
    class Absolute(Square):
        @staticmethod
        def value(a, y):
            return np.sum(a + y)
    gradient = grad(Base.loss, wrt="x")
    first = gradient(Base(), V, V)
    assert gradient(Base(Absolute), V, V).tolist() == (np.cos(V) * Base().w).tolist()
    assert gradient(Base(), V, V).tolist() == first.tolist()


def test_identity_of_strings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)      # Python advises against it
        f = function("""
            def f(x, kind="up"):
                if kind is "up":
                    return np.sum(x**2)
                if kind is not "down":
                    return np.sum(x**3)
                return np.sum(x)""")
    for kind in ("up", "down", "other", "".join(["u", "p"])):
        assert_gradient(f, (V, kind), "x")
