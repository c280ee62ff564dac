"""Activation functions in the usual spellings, on numbers and arrays."""

import math

import numpy as np

from .case import Case

rng = np.random.default_rng(12)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_math(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def sigmoid_other_side(x):
    return np.exp(x) / (np.exp(x) + 1)


def sigmoid_by_tanh(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def sigmoid_clipped(x):
    x = np.clip(x, -500, 500)
    return 1 / (1 + np.exp(-x))


def stable_sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def scaled_tanh(x):
    """The one of LeCun."""
    return 1.7159 * np.tanh(2.0 / 3.0 * x)


def tanh_by_exp(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def hard_tanh(x):
    return np.maximum(-1, np.minimum(1, x))


def relu(x):
    return np.maximum(0.0, x)


def relu_by_mask(x):
    return x * (x > 0)


def relu_by_abs(x):
    return (np.abs(x) + x) / 2


def relu_number(x):
    return max(0, x)


def relu_ternary(x):
    return x if x > 0 else 0.0


def relu6(x):
    return np.minimum(np.maximum(x, 0), 6)


def leaky_relu(x, alpha=0.01):
    return np.where(x > 0, x, alpha * x)


def leaky_relu_maximum(z, leak=0.1):
    return np.maximum(leak * z, z)


def prelu(x, a):
    return np.maximum(x, 0) + a * np.minimum(x, 0)


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def elu_expm1(x, alpha=1.0):
    return np.where(x < 0, alpha * np.expm1(np.minimum(x, 0)), x)


def selu(x):
    alpha = 1.6732632423543772
    scale = 1.0507009873554805
    return scale * np.where(x >= 0.0, x, alpha * (np.exp(x) - 1))


def celu(x, alpha=1.5):
    return np.maximum(0, x) + np.minimum(0, alpha * (np.exp(x / alpha) - 1))


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_math(x):
    return 0.5 * x * (1.0 + math.erf(x / math.sqrt(2.0)))


def gelu_by_sigmoid(x):
    return x / (1 + np.exp(-1.702 * x))


def softplus(x):
    return np.log(1 + np.exp(x))


def softplus_log1p(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def softplus_logaddexp(x, beta=2.0):
    return np.logaddexp(0, beta * x) / beta


def softsign(x):
    return x / (1 + np.abs(x))


def swish(x, beta=1.0):
    return x * (1 / (1 + np.exp(-beta * x)))


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def mish(x):
    return x * np.tanh(np.log(1 + np.exp(x)))


def bent_identity(x):
    return (np.sqrt(x**2 + 1) - 1) / 2 + x


def gaussian_activation(x):
    return np.exp(-np.square(x))


def sinc_activation(x):
    return np.where(x == 0, 1.0, np.sin(x) / x)


def isru(x, alpha=1.0):
    return x / np.sqrt(1 + alpha * np.power(x, 2))


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def softmax(x):
    e_x = np.exp(x - np.max(x))
    return e_x / e_x.sum()


def softmax_plain(z):
    return np.exp(z) / np.sum(np.exp(z))


def softmax_rows(x):
    x = x - np.max(x, axis=-1, keepdims=True)
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)


def softmax_columns(Z):
    expZ = np.exp(Z - np.max(Z, axis=0))
    return expZ / expZ.sum(axis=0, keepdims=True)


def softmax_transposed(x):
    x = x.T
    x = x - np.max(x, axis=0)
    y = np.exp(x) / np.sum(np.exp(x), axis=0)
    return y.T


def softmax_temperature(logits, temperature):
    logits = logits / temperature
    exps = np.exp(logits - logits.max(-1)[..., None])
    return exps / exps.sum(-1)[..., None]


def log_softmax(x):
    c = x.max(axis=1, keepdims=True)
    logsumexp = np.log(np.exp(x - c).sum(axis=1, keepdims=True))
    return x - c - logsumexp


def maxout(x, w1, w2):
    return np.maximum(x @ w1, x @ w2)


def glu(x):
    a, b = np.split(x, 2, axis=-1)
    return a * 1 / (1 + np.exp(-b))


x1, x2 = rng.normal(size=5) * 2, rng.normal(size=(3, 4))
ints = np.array([[1, -2], [3, -1]])
ELEMENTWISE = [
    sigmoid, sigmoid_other_side, sigmoid_by_tanh, sigmoid_clipped, stable_sigmoid, hard_sigmoid, scaled_tanh,
    tanh_by_exp, hard_tanh, relu, relu_by_mask, relu_by_abs, relu6, leaky_relu, leaky_relu_maximum, elu, elu_expm1,
    selu, celu, gelu, gelu_by_sigmoid, softplus, softplus_log1p, softplus_logaddexp, softsign, swish, hard_swish, mish,
    bent_identity, gaussian_activation, sinc_activation, isru, log_sigmoid,
]  # fmt: skip
CASES = [
    *[Case(f, (x2,)) for f in ELEMENTWISE],
    *[Case(f, (0.7,), note="number") for f in ELEMENTWISE],
    *[Case(f, (x1.astype(np.float32),), note="float32") for f in (sigmoid, relu, softplus, gelu)],
    *[Case(f, (ints,), note="ints") for f in (sigmoid, relu, leaky_relu, swish)],
    *[Case(f, (-2,), note="an int") for f in (sigmoid, relu_by_mask, elu, mish)],
    Case(sigmoid, (np.array(0.4),), note="0-d"),
    Case(sigmoid_math, (0.3,)),
    Case(relu_number, (0.7,)),
    Case(relu_number, (-3,), note="an int"),
    Case(relu_ternary, (0.7,)),
    Case(relu_ternary, (-0.7,), note="off"),
    Case(prelu, (x2, 0.25)),
    Case(prelu, (x2, rng.uniform(0.1, 0.3, 4)), note="channels"),
    Case(gelu_math, (0.4,)),
    Case(softmax, (x1,)),
    Case(softmax, (x2,), note="2-d"),
    Case(softmax_plain, (x1,)),
    Case(softmax_rows, (x2,)),
    Case(softmax_rows, (x1,), note="1-d"),
    Case(softmax_columns, (x2,)),
    Case(softmax_transposed, (x2,)),
    Case(softmax_temperature, (x2, 0.8)),
    Case(softmax_temperature, (x1, 2), note="1-d"),
    Case(log_softmax, (x2,)),
    Case(maxout, (x2, rng.normal(size=(4, 2)), rng.normal(size=(4, 2)))),
    Case(glu, (x2,)),
]
