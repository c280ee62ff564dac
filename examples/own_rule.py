"""A function that revad cannot look into gets a derivative in three lines."""
import math

import numpy as np

from revad import check_grad, elementwise, grad

erf = np.vectorize(math.erf)


@elementwise(erf)
def erf_rule(y, x):
    return 2 / np.sqrt(np.pi) * np.exp(-x**2)


@grad
def gelu(x):
    return np.sum(0.5 * x * (1 + erf(x / np.sqrt(2))))


x = np.linspace(-2, 2, 5)
check_grad(gelu, x)
assert math.isclose(gelu(x)[2], 0.5)

print(gelu.source)
