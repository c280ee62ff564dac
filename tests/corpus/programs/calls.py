"""Calls of one's own functions: helpers, other modules, several results, namedtuples, closures."""

import math

import numpy as np

from ..case import Case
from . import helpers
from .helpers import Moments, affine_relu_forward
from .helpers import softmax as probabilities

rng = np.random.default_rng(104)


def square(x):
    return x * x


def hypotenuse(a, b):
    return math.sqrt(square(a) + square(b))


def normalise(x, eps=1e-8):
    """A helper of several statements with a default."""
    mean = x.mean()
    centred = x - mean
    std = np.sqrt((centred**2).mean() + eps)
    return centred / std


def skewness(x):
    return np.mean(normalise(x) ** 3)


def polar(x, y):
    r = np.sqrt(x**2 + y**2)
    return r, np.arctan2(y, x)


def rotate(x, y, angle):
    r, phi = polar(x, y)
    phi = phi + angle
    return r * np.cos(phi), r * np.sin(phi)


def one_of_several_results(x, y):
    _, phi = polar(x, y)
    return phi**2


def call_twice_with_itself(x):
    return square(square(x) + 1)


def keyword_calls(x):
    return normalise(eps=0.1, x=x).sum() + normalise(x, eps=1.0)[0]


def two_layers(x, W1, b1, W2, b2):
    h, cache1 = affine_relu_forward(x, W1, b1)
    out, cache2 = affine_relu_forward(h, W2, b2)
    return out, (cache1, cache2)


def attribute_of_a_module(x, w, b):
    out, (flat, _, _) = helpers.affine_forward(x, w, b)
    return helpers.softmax(out).max() + flat.sum()


def helper_reads_a_global(z):
    return helpers.tempered(z)[0]


def imported_under_another_name(z, k):
    return -np.log(probabilities(z)[k])


def namedtuple_from_helper(x):
    m = helpers.moments(x)
    mean, var = m
    return m.mean @ m.var + np.sum(mean / (var + 1))


def builds_namedtuple(x):
    m = Moments(mean=x.mean(), var=x.var())
    return m.mean / m.var


def helper_stores_into_its_argument(x, w):
    y = x * 1.0
    helpers.scale_rows(y, w)
    return np.sum(y**2)


def nested_function(x, w):
    def step(h):
        return np.tanh(h * w)

    return step(step(x)).sum()


def closure_over_loop_variable(x):
    total = 0.0
    for k in range(3):
        def term(v):
            return v ** (k + 1)

        total += term(x)
    return total


def local_lambda(x):
    f = lambda v: v**2 + 1  # noqa: E731
    return f(x) * f(2 * x)


def lambda_in_map(x):
    return sum(map(lambda v: v**2, x))


x3, W33, X = rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(4, 3))
b3, y4 = rng.normal(size=3), np.array([0.0, 1.0, 1.0, 0.0])
CASES = [
    Case(hypotenuse, (3.0, 4.0)),
    Case(skewness, (x3,)),
    Case(rotate, (1.0, 2.0, 0.5)),
    Case(one_of_several_results, (1.0, 2.0)),
    Case(call_twice_with_itself, (1.5,)),
    Case(keyword_calls, (x3,)),
    Case(two_layers, (X, W33, b3, W33, b3), output=0),
    Case(attribute_of_a_module, (X, W33, b3)),
    Case(helper_reads_a_global, (x3,)),
    Case(imported_under_another_name, (x3, 1), "z"),
    Case(namedtuple_from_helper, (X,)),
    Case(builds_namedtuple, (x3,)),
    Case(helper_stores_into_its_argument, (X, rng.normal(size=4))),
    Case(nested_function, (x3, 0.7)),
    Case(closure_over_loop_variable, (1.3,)),
    Case(local_lambda, (1.3,)),
    Case(lambda_in_map, ([1.0, 2.0, 3.0],)),
]
