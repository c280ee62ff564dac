"""Specialize: an untyped Program and the kinds of its arguments become a typed Program.

Each value gets its kind (number, rank, which axes are 1) and whether it is active; each stage gets
its gate.  All stages that would lose a derivative are reported together.

>>> import gast, numpy as np
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> from ..frontend.lower import lower_tree
>>> program = lower_tree(gast.parse("def f(x, n):\\n    return np.exp(x) * n").body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT, FLOAT], {"x"}, Scope({"np": np}, {}, "f"))
>>> [(s.gate.name, s.target.varied) for s in typed.block]
[('exp', True), ('multiply', True)]
"""
from __future__ import annotations

import dataclasses

from ..builder.builder import Builder
from ..errors import UnsupportedError
from ..ir.nodes import Form, Lit, Stage, Value
from .active_integers import as_copies, without_conversions
from .environment import RAISE
from .interpreter import Interpreter
from .nonlocals import NonlocalStore
from .objects import instances
from .real_powers import has_arrays


def infer_shapes(program, kinds, wrt, scope, layers=True):
    """The typed Program, and the builder that holds its stages.  Raises UnsupportedError.

    layers: whether called functions may become layers, see `outline`.
    """
    while True:
        try:
            scope.powers.clear()
            typed, builder = _inferred(program, kinds, wrt, scope, layers)
        except NonlocalStore:
            continue    # the scope has recorded the store
        if not scope.powers or scope.testing or not has_arrays(builder, typed):
            return typed, builder
        scope.testing = True


def _inferred(program, kinds, wrt, scope, layers):
    builder = Builder(scope)
    parameters = tuple(Value(p.name, kind=kind, varied=p.name in wrt)
                       for p, kind in zip(program.parameters, kinds))
    scope.arguments = frozenset(parameters)
    interp = Interpreter(builder, layers)
    interp.frame.rename = scope.importing(program.imports or {}, scope.own_name, scope.keep)
    interp.frame.first = next(iter(program.parameters), None)
    interp.frame.env.update(zip(program.parameters, parameters))
    interp.start = dict(interp.frame.env)
    interp.outside.begin(interp, program)
    exit = interp.run((*program.block, Stage((), Form("return"), (Lit(None),))))
    if exit == RAISE:
        result = Lit(0.0)       # the function only raises: there is no result
    else:
        last = program.block[-1]
        result = interp.guarded(last, lambda: instances.rebuilt_result(interp, last, exit.value))
    if interp.problems:
        raise UnsupportedError(interp.problems)
    interp.outside.end(interp, program)
    builder.attributes = interp.read_attributes
    if any(value.kind.tag == "array" for value in interp.conversions):
        builder.stages[:] = as_copies(builder.stages)
        builder.define_all(builder.stages)
    builder.stages[:] = without_conversions(tuple(builder.stages), interp.conversions, builder.definitions)
    typed = dataclasses.replace(program, parameters=parameters, block=tuple(builder.stages), result=result)
    return typed, builder
