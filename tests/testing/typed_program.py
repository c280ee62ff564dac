"""A program as users type it, for mypy --strict and pyright; both refuse the lines with `# error`."""
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from revad import (
    UnsupportedError, check_grad, elementwise, flatten, grad, hessian, hvp, jvp, nondifferentiable,
    value_and_grad, vjp,
)

if TYPE_CHECKING:
    from typing_extensions import reveal_type

    from revad import Gradient

Array = NDArray[np.float64]


@grad
def loss(w: Array, X: Array, scale: float = 1.0) -> float:
    return float(np.sum(X @ w)) * scale


@value_and_grad(wrt="w")
def both(w: Array, X: Array) -> float:
    return float(np.sum(X @ w))


@grad(has_aux=True)
def with_aux(w: Array) -> tuple[float, str]:
    return float(np.sum(w)), "aux"


class Model:
    @grad(wrt="x")
    def energy(self, x: float) -> float:
        return 3 * x**2


def plain(x: float, y: float) -> float:
    return x * y


def count(x: float) -> int:
    return int(x)


w, X = np.ones(3), np.ones((2, 3))
reveal_type(loss)
reveal_type(loss(w, X, scale=2.0))
reveal_type(both(w, X))
reveal_type(with_aux(w))
reveal_type(Model().energy(2.0))
reveal_type(grad(plain))
reveal_type(jvp(plain)(1.0, 2.0, tangents=(1.0, None)))
reveal_type(vjp(plain)(1.0, 2.0)[0])
reveal_type(loss.source + loss.forward.source + loss.compile(w, X).source)
reveal_type(nondifferentiable(count)(1.5))
out, cache = loss.forward(w, X)
dw, dX = loss.backward(1.0, cache)
vector, unflatten = flatten({"w": w})
second: Any = hessian(plain)(1.0, 2.0), hvp(plain, wrt="x")(1.0, 1.0, 2.0)
as_argument: "Gradient[[float, float], Any]" = grad(plain)
assert check_grad(plain, 1.0, 2.0, wrt=("x", "y"))
try:
    loss(w)  # error
    loss(w, X, rate=1.0)  # error
    both(w, "X")  # error
    Model().energy("a")  # error
    grad(plain)(1.0)  # error
    loss.forward(w)  # error
    grad(3)  # error
    grad(plain, wrt=1.5)  # error
    value_and_grad(plain)(1.0, 2.0).sum()  # error
except (UnsupportedError, Exception):
    pass


@elementwise(count)
def count_rule(y: int, x: float) -> float:
    return 0.0
