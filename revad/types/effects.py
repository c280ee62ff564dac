"""Effects: which statements may be copied into the text, and which stores and calls may not.

>>> import gast
>>> from .scope import Scope
>>> is_harmless(Scope({}, {}, "f"), gast.parse("print(x)").body[0].value.func)
True
"""
from __future__ import annotations

import sys
import warnings

import gast
import numpy as np

from .kinds import INTEGERS
from .refusals import Refusal
from .shape_rules import kind_of_operand


def refuse_changes(scope, form, operands):
    """Refuse a copied statement that may write into an array or list of the function."""
    shown = form.spec.value if isinstance(form.spec, gast.Expr) else None
    harmless = shown is None or isinstance(shown, gast.Call) and is_harmless(scope, shown.func, form.keywords)
    if not harmless and any(isinstance(node, gast.Call) and not is_harmless(scope, node.func, form.keywords)
                            for node in gast.walk(shown)):
        # A function that is defined here may store.
        held = [o for o in operands if kind_of_operand(o).tag not in ("number", "static", "function")
                or kind_of_operand(o).tag == "function" and kind_of_operand(o).known.text.startswith("?")]
        if held:
            raise Refusal("call whose result is not used", "it may change its arguments, which the gradient "
                          "would not follow", "Use what it returns, or take the call out of the function.")


def refuse_stores(scope, form, operands):
    """Refuse a store unless it is into an array of numbers that can hold the stored value."""
    base, value = (kind_of_operand(operand) for operand in operands[:2])
    if base.tag != "array" or not base.dtype:
        raise Refusal("store into a subscript",
                      f"what it stores into is {_article(base)}, "
                      "and not an array of known type", "Make it an array first, with np.zeros or .copy().")
    if base.dtype in INTEGERS and (operands[1].varied or operands[0].varied and value.dtype not in INTEGERS):
        # NumPy adds no floats to integers in place.
        rejected = form.name in ("+", "-") and value.dtype and value.dtype not in INTEGERS
        raise Refusal("store into an array of integers", "it cuts off the fraction of what is stored",
                      "Make it an array of floats first, with .astype(float).",
                      TypeError if rejected else None)
    if form.name.startswith("at"):
        function = scope.resolve(form.keywords[1])
        if function not in (np.add.at, np.subtract.at):
            raise Refusal(f"call of {form.keywords[1]}", "it may change its arguments", "Use np.add.at.")


def _article(kind):
    return "unknown" if kind.tag in ("unknown", "object") or kind.tag == "array" else f"a {kind.tag}"


def is_harmless(scope, node, local=()):
    """Whether a call only shows its arguments: print, warnings, logging, writing to the terminal.

    local: names of the function's own variables.
    """
    steps = []
    while type(node).__name__ == "Attribute":
        steps.append(node.attr)
        node = node.value
    if type(node).__name__ != "Name" or node.id in local:
        return False
    owner, *steps = scope.root(node.id), *reversed(steps)
    if not steps:
        return owner is print or owner is warnings.warn
    for step in steps[:-1]:
        owner = getattr(owner, step, None)
    if owner is sys.stdout or owner is sys.stderr:
        return steps[-1] in ("write", "flush")
    return owner is warnings or _is_log(owner) or getattr(owner, steps[-1], None) in (print, warnings.warn) \
        or owner is np.random and steps[-1] == "seed"


def _is_log(candidate):
    """Whether it is the module logging, or a logger; a function that uses them has imported the module."""
    logging = sys.modules.get("logging")
    return logging is not None and (candidate is logging or isinstance(candidate, logging.Logger))
