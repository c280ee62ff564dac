"""Effects: statements that are copied through, and calls that may not be.

>>> import gast
>>> from .scope import Scope
>>> is_harmless(Scope({}, {}, "f"), gast.parse("print(x)").body[0].value.func)
True
"""
from __future__ import annotations

import sys
import warnings

from .lengths import kind_of_operand
from .refusals import Refusal


def refuse_changes(scope, form, operands):
    """A statement copied through may not write into an array or list of the function's: Refusal if it may."""
    call = getattr(form.spec, "value", None)
    if type(call).__name__ == "Call" and not is_harmless(scope, call.func):
        held = [o for o in operands if kind_of_operand(o).tag not in ("number", "static", "function")]
        if held:
            raise Refusal("call whose result is not used", "it may change its arguments, which the gradient "
                          "would not follow", "Use what it returns, or take the call out of the function.")


def is_harmless(scope, node):
    """print, warnings and logging: calls that only show their arguments."""
    steps = []
    while type(node).__name__ == "Attribute":
        steps.append(node.attr)
        node = node.value
    if type(node).__name__ != "Name":
        return False
    root = scope.root(node.id)
    return root is print or not steps and root is warnings.warn or \
        (root is warnings or _is_log(root)) and len(steps) == 1


def _is_log(thing):
    """The module logging, or a logger; a function that uses them has imported the module."""
    logging = sys.modules.get("logging")
    return logging is not None and (thing is logging or isinstance(thing, logging.Logger))


