"""Functions that revad cannot look into get a derivative in three lines each."""
import math

import numpy as np

from revad import adjoint, check_grad, elementwise, grad

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



# A function of whole arrays: its rule is given dy, the gradient of its result, and returns dx.
def mirror(x):
    return x[::-1].copy()


@adjoint(mirror)
def mirror_rule(y, dy, x):
    return dy[::-1]


@grad
def uneven(x):
    return np.sum(mirror(x) * np.arange(x.size))


check_grad(uneven, x)
assert uneven(x).tolist() == [4, 3, 2, 1, 0]

print(gelu.source)
print(uneven.source)
