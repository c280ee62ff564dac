"""Staged computation: a long expression, cut into stages whose gradients are known."""
import math

from revad import check_grad, grad


@grad
def f(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f


def by_hand(x, y):
    """The backward pass of the lecture notes."""
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    dnum = invden
    dinvden = num
    dden = (-1.0 / (den**2)) * dinvden
    dsigx = dden
    dxpysqr = dden
    dxpy = (2 * xpy) * dxpysqr
    dx = dxpy
    dy = dxpy
    dx += ((1 - sigx) * sigx) * dsigx
    dx += dnum
    dsigy = dnum
    dy += ((1 - sigy) * sigy) * dsigy
    return dx, dy


assert math.isclose(f.primal(3, -4), 1.5456448841066441)
for ours, theirs in zip(f(3, -4), by_hand(3, -4)):
    assert math.isclose(ours, theirs)
check_grad(f, 3, -4)

print(f.source)
