"""Tangent emission: the finished stages of forward mode become the text of a function.

Its parameters are those of the user's function, then one for each tangent; where some of the user's have
defaults, the tangents come by their names.

>>> from ..api import jvp
>>> print(jvp(lambda x, y: x * y).source)
# for numbers: x, y
def function_jvp(x, y, dx, dy):
    return x * y, dx * y + x * dy
"""
from __future__ import annotations

import ast

from .module import FunctionEmitter

LOAD = ast.Load()


def write_tangent(front, program, builder, request, parameters, tangent):
    """The Text of a jvp: the function with the tangents beside it."""
    has_value = request.part == "jvp"
    builder.keeps_names = True      # a tangent stands beside its value
    roots = [program.returned, tangent] if has_value else [tangent]
    emitter = FunctionEmitter.of_program(front, program, builder, [(None, builder.stages)], roots,
                                         (*program.parameters, *parameters))
    returned = emitter.writer.expression(tangent)
    if has_value:
        returned = ast.Tuple([emitter.writer.expression(program.returned), returned], LOAD)
    signature = emitter.signature()
    names = [ast.arg(emitter.names[value]) for value in parameters]
    if signature.defaults or signature.kwonlyargs or signature.vararg or signature.kwarg:
        signature.kwonlyargs += names
        signature.kw_defaults += [None] * len(names)
    else:
        signature.args += names
    of_gradient = not has_value and program.name.endswith("_grad")
    if request.part == "jacobian":
        name = f"{program.name.removesuffix('_grad')}_{'hessian' if of_gradient else 'jacobian'}"
        return emitter.finish(name, signature, returned)
    plural = "s" * (request.part == "tangents")
    name = f"{program.name.removesuffix('_grad')}_hvp{plural}" if of_gradient \
        else f"{program.name}_jvps" if plural else f"{program.name}_{request.part}"
    return emitter.finish(name, signature, returned)
