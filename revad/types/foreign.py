"""Foreign: arrays of classes of their own, such as np.matrix, whose operations may be other than an array's.

>>> import numpy as np
>>> from ..ir.nodes import Form
>>> from .scope import Scope
>>> [keeps_class(Scope({"np": np}, {}, "f"), {}, Form("call", name)) for name in ("np.exp", "np.asarray")]
[True, False]
"""
from __future__ import annotations

import numpy as np

from .registry import lookup, lookup_method

UNITS = ("units", "unit", "mask")     # of classes whose operations do more than those of an array
PLAIN = frozenset(("asarray", "array", "ascontiguousarray", "asfortranarray", "asarray_chkfinite"))


def class_of(kind):
    foreign = getattr(kind.known, "value", None)
    return ("an array of a class of its own" if foreign is None
            else f"a {type(foreign).__module__}.{type(foreign).__name__}")


def keeps_class(scope, externals, form):
    """Whether the result of an operation on an array of another class may be of that class."""
    if form.kind in ("binary", "unary", "augment"):
        return True
    if form.kind == "index":
        return any(item.kind != "at" for item in form.spec)
    if form.kind == "call":
        gate = lookup(externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name))
    else:
        gate = lookup_method(form.name if form.kind == "method" else f".{form.name}")
    return (gate is not None and gate.name not in PLAIN
            and (gate.mode == "elementwise" or gate.view is not None
                 or gate.name in ("copy", "dot", "matmul")))


def is_protocol_array(value) -> bool:
    """Whether it is an array of a class of its own, on which NumPy's functions and operators work.

    >>> is_protocol_array(np.ones(3)), is_protocol_array([1.0]), is_protocol_array(2.0)
    (False, False, False)
    """
    cls = type(value)
    return (hasattr(cls, "__array_function__") and hasattr(cls, "__array_ufunc__")
            and not issubclass(cls, (np.ndarray, np.generic))
            and isinstance(getattr(value, "dtype", None), np.dtype)
            and isinstance(getattr(value, "shape", None), tuple)
            and not any(hasattr(cls, name) for name in UNITS))
