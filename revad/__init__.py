"""revad: reverse-mode automatic differentiation that writes the backward pass as source.

>>> @grad
... def f(x, y):
...     return x * y
>>> f(3.0, -4.0)
(-4.0, 3.0)
"""
from importlib import import_module
from typing import TYPE_CHECKING

from .api import (
    elementwise_grad, flatten, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp,
)
from .errors import (
    CallError,
    InternalError,
    RevadError,
    RuleError,
    SourceError,
    UnsupportedError,
    VerificationError,
    VerificationSkipped,
)

if TYPE_CHECKING:
    from .testing.gradient_check import check_grad
    from .types.registry import adjoint, elementwise, nondifferentiable

__version__ = "0.1.0"
__all__ = ["grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp", "elementwise_grad",
           "flatten", "check_grad", "adjoint", "elementwise", "nondifferentiable",
           "RevadError", "CallError", "InternalError", "RuleError", "SourceError", "UnsupportedError",
           "VerificationError", "VerificationSkipped", "__version__"]

# Names whose modules import the compiler are imported on first use, so that `import revad` is cheap.
_DEFERRED = {"check_grad": ".testing.gradient_check", "adjoint": ".types.registry",
             "elementwise": ".types.registry", "nondifferentiable": ".types.registry"}


def __getattr__(name):
    if name not in _DEFERRED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # The rules of revad are declared first, so that a user's rule for a function replaces them.
    import_module(".rules", __name__)
    return globals().setdefault(name, getattr(import_module(_DEFERRED[name], __name__), name))


def __dir__():
    return sorted({*globals(), *__all__})
