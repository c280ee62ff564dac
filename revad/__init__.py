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
    ExportError,
    InternalError,
    RevadError,
    RuleError,
    SourceError,
    UnsupportedError,
    VerificationError,
    VerificationSkipped,
)

if TYPE_CHECKING:
    from .exporting.command import export
    from .grading.comparison import check_backward
    from .lessons.drawing import circuit
    from .lessons.staging import stages
    from .testing.finite_check import check_finite
    from .testing.gradient_check import check_grad
    from .support import stop_gradient
    from .types.registry import adjoint, elementwise, nondifferentiable

__version__ = "0.1.0"
__all__ = ["grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp", "elementwise_grad",
           "flatten", "check_grad", "check_backward", "check_finite", "stages", "circuit", "export",
           "adjoint", "elementwise", "nondifferentiable",
           "RevadError", "CallError", "ExportError",
           "InternalError", "RuleError", "SourceError", "UnsupportedError",
           "VerificationError", "VerificationSkipped", "stop_gradient", "__version__"]

# Names whose modules import the compiler are imported on first use, so that `import revad` is cheap.
_DEFERRED = {"stop_gradient": ".support",
             "export": ".exporting.command", "check_backward": ".grading.comparison",
             "check_grad": ".testing.gradient_check", "check_finite": ".testing.finite_check",
             "stages": ".lessons.staging", "circuit": ".lessons.drawing",
             "adjoint": ".types.registry", "elementwise": ".types.registry",
             "nondifferentiable": ".types.registry"}


def __getattr__(name):
    if name == "dask":
        return import_module(".dask", __name__)
    if name not in _DEFERRED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # The rules of revad are declared first, so that a user's rule for a function replaces them.
    import_module(".rules", __name__)
    return globals().setdefault(name, getattr(import_module(_DEFERRED[name], __name__), name))


def __dir__():
    return sorted({*globals(), *__all__})
