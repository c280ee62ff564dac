"""revad: reverse-mode automatic differentiation that writes the backward pass as source.

>>> @grad
... def f(x, y):
...     return x * y
>>> f(3.0, -4.0)
(-4.0, 3.0)
"""
from .api import grad, value_and_grad
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
from .testing.gradient_check import check_grad
from .types.registry import adjoint, elementwise, nondifferentiable

__version__ = "0.1.0"
__all__ = ["grad", "value_and_grad", "check_grad", "adjoint", "elementwise", "nondifferentiable", "RevadError",
           "CallError", "InternalError", "RuleError", "SourceError", "UnsupportedError", "VerificationError", "VerificationSkipped", "__version__"]
