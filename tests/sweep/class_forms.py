"""Classes as people write them around arrays, each with the calls that make an object of it.

>>> KINDS[0][1]
'Params(<any>, <num>)'
"""

CLASSES = r"""
@dataclass
class Params:
    w: np.ndarray
    b: float = 0.5

    def predict(self, t):
        return t * self.w + self.b
|||Params(<any>, <num>)|||Params(w=<any>)|||Params(<any>)
===
class Layer:
    scale = 2.0

    def __init__(self, w, b=0.0):
        self.w = w
        self.b = b
        self.history = []

    def forward(self, t):
        self.out = np.tanh(t * self.w + self.b)
        self.history.append(self.out)
        return self.out

    def predict(self, t):
        return self.forward(t) * self.scale

    @property
    def total(self):
        return np.sum(self.w) * self.scale
|||Layer(<any>)|||Layer(<any>, b=<num>)
===
class Point(NamedTuple):
    w: np.ndarray
    b: float = 1.0

    def predict(self, t):
        return self.w * t - self.b
|||Point(<any>)|||Point(<any>, <num>)|||Point(w=<any>, b=<num>)
===
class Counter:
    def __init__(self, w):
        self.w, self.b = w, 0.0

    def predict(self, t):
        self.b += np.sum(t)
        return self.w * self.b

    def __call__(self, t):
        return np.sum(self.w * t)

    def reset(self):
        self.b = 0.0
        return self
|||Counter(<any>)
===
class Base:
    def __init__(self, w):
        self.w = w
        self.b = 1.0

    def predict(self, t):
        return self.act(t * self.w)

    def act(self, t):
        return t


class Relu(Base):
    def __init__(self, w, slope=0.1):
        super().__init__(w)
        self.slope = slope

    def act(self, t):
        return np.where(t > 0, t, self.slope * t)
|||Relu(<any>)|||Relu(<any>, slope=<num>)|||Base(<any>)
===
class Vector:
    def __init__(self, w, b=2.0):
        self.w = np.array(w)
        self.b = b

    def __add__(self, other):
        return Vector(self.w + other.w, self.b)

    def __getitem__(self, at):
        return self.w[at]

    def __len__(self):
        return len(self.w)

    @staticmethod
    def squared(t):
        return t**2

    @classmethod
    def zeros(cls, n):
        return cls(np.zeros(n))

    def predict(self, t):
        return self.squared(t) + self.b * self.w
|||Vector(<any>)|||Vector(<any>, <num>)|||(Vector(<any>) + Vector(<any>))
===
|||SimpleNamespace(w=<any>, b=<num>)|||SimpleNamespace(w=<arr>, b=<num>, predict=lambda t: t * <c>)
"""
KINDS = [tuple(part.strip("\n") for part in kind.split("|||")) for kind in CLASSES.split("===")]
IMPORTS = {
    "dataclass": "from dataclasses import dataclass",
    "NamedTuple": "from typing import NamedTuple",
    "SimpleNamespace": "from types import SimpleNamespace",
    "replace": "from dataclasses import replace",
    "functools": "import functools",
    "itertools": "import itertools",
}
