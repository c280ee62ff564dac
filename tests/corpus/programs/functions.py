"""Functions as values: parameters, tables, partial, recursion, * and **, state, methods."""

import functools
import math
from functools import partial

import numpy as np

from ..case import Case
from . import helpers
from .calls import normalise, square

rng = np.random.default_rng(104)
SCALE = 3.0
ACTIVATIONS = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": helpers.sigmoid}
scaled_sum = functools.partial(lambda a, x: a * np.sum(x**2), 3.0)


def function_parameter(f, x):
    return f(x) * x


def function_from_table(x, W, activation):
    z = x @ W
    return ACTIVATIONS[activation](z).sum()


def list_of_functions(x, functions):
    for f in functions:
        x = f(x)
    return x


def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x

    return composed


def composed_call(x):
    return compose(np.sin, square, np.exp)(x)


def make_power(n):
    def power(x):
        return x**n

    return power


def function_made_by_a_function(x):
    cube = make_power(3)
    return cube(x) + make_power(2)(x)


def partial_inside(x):
    f = partial(normalise, eps=0.5)
    return np.sum(f(x) ** 3)


def partial_outside(x):
    return scaled_sum(x) ** 2


def factorial_like(x, n):
    if n == 0:
        return 1.0
    return x * factorial_like(x - 1, n - 1)


def recursive_sum(x):
    if len(x) == 1:
        return x[0] ** 2
    half = len(x) // 2
    return recursive_sum(x[:half]) * 2 + recursive_sum(x[half:])


def tree_value(tree, x):
    """An expression tree in nested tuples."""
    if tree == "x":
        return x
    if isinstance(tree, float):
        return tree
    op, left, right = tree
    a, b = tree_value(left, x), tree_value(right, x)
    return a + b if op == "+" else a * b


def is_even_power(x, n):
    return x if n == 0 else is_odd_power(x, n - 1) * x


def is_odd_power(x, n):
    return 2 * x if n == 0 else is_even_power(x, n - 1) + x


def weighted(x, *weights, power=2, **others):
    total = 0.0
    for w in weights:
        total += w * x**power
    return total + others.get("bias", 0.0)


def star_arguments(x):
    return weighted(x, 1.0, 2.0) + weighted(x, *[x, 3.0], power=3, bias=x)


def star_star_arguments(x):
    options = {"power": 3, "bias": 2 * x}
    args = (x, 0.5)
    return weighted(*args, **options)


def forwards_keywords(x, **options):
    return np.sum(normalise(x, **options) ** 3)


def default_is_computed(x, y=None):
    def inner(v, w=x * 2):
        return v * w

    return inner(x) + inner(x, w=3.0)


def closure_with_state(x):
    history = []

    def remember(v):
        history.append(v)
        return v * 2

    y = remember(remember(x))
    return y * history[1] + history[0]


def nonlocal_counter(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v**2

    for i in range(3):
        add(x * i)
    return total


def global_scale(x):
    return SCALE * np.sum(x**2)


def wrapped(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs)

    return inner


@wrapped
def decorated_helper(x, k=2):
    return x**k


def calls_decorated(x):
    return decorated_helper(x, k=3) + decorated_helper(x)


def derivative_by_hand(f, x, h=1e-2):
    return (f(x + h) - f(x - h)) / (2 * h)


def higher_order(x):
    return derivative_by_hand(lambda v: np.sin(v) * v, x)


def integrate(f, a, b, n=10):
    h = (b - a) / n
    total = 0.5 * (f(a) + f(b))
    for i in range(1, n):
        total += f(a + i * h)
    return total * h


def integral_of_closure(a, b, omega):
    return integrate(lambda t: math.sin(omega * t) ** 2, a, b)


def reduce_product(xs):
    return functools.reduce(lambda a, b: a * b, xs, 1.0)


def sorted_by_key(x):
    xs = sorted(x, key=lambda v: -v)
    return xs[0] * 3 + xs[1]


def helper_with_early_return(x):
    def clip(v):
        if v > 1:
            return 1 + 0.1 * (v - 1)
        return v

    return clip(x[0]) * clip(x[1])


class Model:
    scale = 2.0

    def __init__(self, w, b):
        self.w, self.b = w, b

    def linear(self, x):
        return x @ self.w + self.b

    def predict(self, x):
        return helpers.sigmoid(self.scale * self.linear(x))

    def loss(self, x, y):
        p = self.predict(x)
        return -self._mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    @staticmethod
    def _mean(v):
        return v.sum() / v.shape[0]

    @property
    def norm(self):
        return np.sqrt(np.sum(self.w**2))

    def penalised(self, x, y, reg=0.1):
        return self.loss(x, y) + reg * self.norm

    def __call__(self, x):
        return self.linear(x)


def method_of_a_parameter(model, x):
    return model.predict(x).sum() + model(x)[0]


x3, W33, X = rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(4, 3))
b3, y4 = rng.normal(size=3), np.array([0.0, 1.0, 1.0, 0.0])
model = Model(rng.normal(size=3), 0.3)
CASES = [
    Case(function_parameter, (np.sin, 1.3), "x", note="np.sin"),
    Case(function_parameter, (square, 1.3), "x", note="own"),
    Case(function_from_table, (X, W33, "sigmoid"), ("x", "W")),
    Case(list_of_functions, (1.3, [math.sin, square, math.exp]), "x"),
    Case(composed_call, (0.7,)),
    Case(compose(np.sin, square), (0.7,), note="itself"),
    Case(function_made_by_a_function, (1.3,)),
    Case(partial_inside, (x3,)),
    Case(partial_outside, (x3,)),
    Case(factorial_like, (4.5, 3), "x"),
    Case(recursive_sum, (rng.normal(size=5),)),
    Case(tree_value, (("+", ("*", "x", "x"), ("*", 3.0, "x")), 1.3), "x"),
    Case(is_even_power, (1.3, 3), "x"),
    Case(star_arguments, (1.3,)),
    Case(star_star_arguments, (1.3,)),
    Case(forwards_keywords, (x3,), kwargs={"eps": 0.2}),
    Case(weighted, (1.3, 0.5, 2.0), "x", kwargs={"power": 3}),
    Case(default_is_computed, (1.3,)),
    Case(closure_with_state, (1.3,)),
    Case(nonlocal_counter, (1.3,)),
    Case(global_scale, (x3,)),
    Case(calls_decorated, (1.3,)),
    Case(higher_order, (0.7,)),
    Case(integral_of_closure, (0.2, 1.1, 2.0)),
    Case(reduce_product, ([1.5, 2.0, 0.5],)),
    Case(sorted_by_key, (x3,)),
    Case(helper_with_early_return, (np.array([0.5, 2.0]),)),
    Case(Model.loss, (model, X, y4), "self"),
    Case(Model.penalised, (model, X, y4, 0.2), ("self", "x", "reg")),
    Case(model.predict, (X,), note="bound"),
    Case(method_of_a_parameter, (model, X)),
]
