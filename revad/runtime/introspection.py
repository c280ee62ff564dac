"""Introspection: the signature, the names for completion and the name in messages of what users hold.

>>> def loss(x, n=3):
...     return x * n
>>> from ..api import grad, hvp
>>> inspect.signature(grad(loss)), inspect.signature(hvp(loss, wrt="x"))
(<Signature (x, n=3)>, <Signature (x, n=3, *, vector)>)
>>> [name for name in dir(grad(loss)) if not name.startswith("_")]
['backward', 'compile', 'compiled', 'forward', 'primal', 'source', 'wrt']
>>> grad(loss).forward
<forward pass of loss wrt x>
"""
from __future__ import annotations

import functools
import inspect

from . import log


def wrap(wrapper, function):
    """As functools.update_wrapper, without the annotation of the result, which is another one here."""
    functools.update_wrapper(wrapper, function)
    annotations = getattr(wrapper, "__annotations__", None)
    if isinstance(annotations, dict) and "return" in annotations:
        wrapper.__annotations__ = {name: kind for name, kind in annotations.items() if name != "return"}


def signature_of_call(gradient, extra=()):
    """The signature by which users call: without the object that a method is bound to.

    extra: names of keyword parameters besides those of the function.
    """
    signature = gradient.signature
    if gradient.receiver is not None:
        signature = without_first(signature)
    parameters = list(signature.parameters.values())
    last = [parameter for parameter in parameters if parameter.kind is parameter.VAR_KEYWORD]
    added = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in extra]
    return inspect.Signature([*parameters[:len(parameters) - len(last)], *added, *last])


def without_first(signature):
    """A signature without its first parameter."""
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def public(*names):
    """A `__dir__` that offers these names for completion, besides those of any object."""
    def listed(self):
        return sorted({*names, *object.__dir__(self)} - {
            name for name in object.__dir__(self) if not name.startswith("__") and name not in names})
    return listed


def name_of_pass(part, gradient):
    return f"<{part} pass of {gradient.__qualname__} wrt {', '.join(gradient.wrt)}>"


class Compiled:
    """What `df.compile(*args)` returns: a gradient, with the text that arguments of these kinds lead to.

    source: the text, whatever the gradient is called with later.  A call is one of the gradient.

    >>> from ..api import grad
    >>> import numpy as np
    >>> def f(x, w):
    ...     return np.sum(x * w)
    >>> compiled = grad(f, wrt="w").compile(np.ones(3), 2.0)
    >>> compiled
    <grad of f wrt w, for x: float64[3], w: float>
    >>> print(compiled.source)
    def f_grad(x, w):
        # backprop np.sum(x * w)
        dw = x.sum()
        return dw
    >>> float(compiled(np.ones(4), 2.0))
    4.0
    """

    __slots__ = ("_gradient", "_given", "source")

    def __init__(self, gradient, source, args):
        self._gradient, self.source = gradient, source
        self._given = ", ".join(f"{name}: {log.described(value)}"
                                for name, value in zip(gradient.signature.parameters, args))

    def __call__(self, *args, **keywords):
        return self._gradient(*args, **keywords)

    def __repr__(self):
        return f"{self._gradient!r}"[:-1] + f", for {self._given}>"
