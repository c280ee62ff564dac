"""Compositions: functions, as texts, of the parameters of another, which they call.

>>> import inspect
>>> list(parameters_of(inspect.signature(lambda x, /, y, *, k=1, n=2: 0), {"x": 0, "y": 0, "n": 0}))
['x', '/', 'y', '*', 'n']
>>> arguments_of(inspect.signature(lambda x, *, k=1, n=2: 0), {"x": 0, "n": 0})
'x, n=n'
"""
from __future__ import annotations

import numpy as np

from .lambda_lifting import refusal

SPACE = {"np": np, "__name__": "revad_inside"}      # a function of revad itself would not be followed


def given_parameters(signature, given):
    """The parameters that a call gives; others keep their defaults in the function that is called."""
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in signature.parameters.values()):
        raise refusal("its function has parameters with stars")
    return [p for p in signature.parameters.values() if p.name in given]


def parameters_of(signature, given):
    """The parameters that a call gives, as a definition writes them."""
    before = None
    for parameter in given_parameters(signature, given):
        if before is parameter.POSITIONAL_ONLY and parameter.kind is not before:
            yield "/"
        if parameter.kind is parameter.KEYWORD_ONLY and before is not parameter.kind:
            yield "*"
        before = parameter.kind
        yield parameter.name
    if before is not None and before is parameter.POSITIONAL_ONLY:
        yield "/"


def arguments_of(signature, given, instead=None):
    """The same as a call writes them; instead: {parameter: what it gets in the place of its own value}."""
    instead = instead or {}
    return ", ".join(f"{p.name}={instead.get(p.name, p.name)}" if p.kind is p.KEYWORD_ONLY
                     else instead.get(p.name, p.name) for p in given_parameters(signature, given))


def composed(interp, derivative, given, body, extra=None):
    """A function of what a call gives to the function of a derivative; `{called}` in body is its call."""
    if isinstance(derivative.primal, (staticmethod, classmethod)) or derivative.gradient.receiver is not None:
        raise refusal("it is that of a method")
    signature = derivative.gradient.signature
    parameters = list(parameters_of(signature, given))
    if extra is not None:
        parameters += [extra] if "*" in parameters else ["*", extra]
    body = body.format(called=f"inner({arguments_of(signature, given)})")
    text = f"def product({', '.join(parameters)}):\n    {body}"
    return text_function(interp, text, {"inner": derivative.primal}, derivative)


def text_function(interp, text, names, kept, name="product"):
    """The function of a text, the same for the same text of the same derivative."""
    scope = interp.builder.scope
    key = "composed", id(kept), text
    if key not in scope.local_gradients:
        scope.local_gradients[key] = scope.function_of_text(text, name, {**SPACE, **names}, {}), kept
    return scope.local_gradients[key][0]
