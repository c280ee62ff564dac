"""One element: an array of one element stands for its number, where a function takes a number.

NumPy 1 lets `math` and np.float64 take an array whose axes have length 1, and warns.  The number is
read out of it first, which has a gradient of the array's shape; where NumPy raises, that raises the same.
>>> import math
>>> takes_numbers(math.sqrt), takes_numbers(math.hypot), takes_numbers(max)
(True, False, False)
"""
import numpy as np

from ..ir.nodes import Form, Stage, Value
from ..types.kinds import NUMPY_1
from ..types.registry import lookup
from ..types.shape_rules import kind_of_operand


def takes_numbers(function):
    """Whether it is a function of `math` whose rule is a local gradient."""
    gate = lookup(function) if getattr(function, "__module__", None) == "math" else None
    return gate is not None and gate.mode == "elementwise"


def with_numbers(interp, stage, form, operands):
    """The operands of a call, with numbers for arrays of one element."""
    if form.kind != "call" \
            or not any(operand.varied and kind_of_operand(operand).rank for operand in operands):
        return operands
    scope, externals = interp.builder.scope, interp.builder.externals
    function = externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name)
    is_float64 = NUMPY_1 and function is np.float64
    if takes_numbers(function) or is_float64 and all(
            map(scope.is_one, kind_of_operand(operands[0]).shape or ())):
        return tuple(_number(interp, stage, operand) for operand in operands)
    return operands


def without_keyword(form, operands, name):
    """A call without one of its keywords."""
    place = form.keywords.index(name)
    at = len(operands) - len(form.keywords) + place
    keywords = form.keywords[:place] + form.keywords[place + 1:]
    spec = form.spec and (*form.spec[:at], *form.spec[at + 1:])
    return form._replace(keywords=keywords, spec=spec), (*operands[:at], *operands[at + 1:])


def _number(interp, stage, operand):
    if not (operand.varied and kind_of_operand(operand).rank):
        return operand
    interp.builder.operand(float)
    form = Form("call", "@float")
    known = interp.builder.known(form, (operand,))
    if known is not None:
        return known
    return interp.emit(Stage((Value(),), form, (), stage.statement, stage.place), form, (operand,))
