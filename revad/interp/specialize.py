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
from ..types.lists import is_list_of_numbers
from .active_integers import as_copies, without_conversions
from .environment import RAISE
from .interpreter import Interpreter
from .loops import stored_lists
from .nonlocals import NonlocalStore
from .objects import instances
from .real_powers import has_arrays


def infer_shapes(program, kinds, wrt, scope, layers=True, is_exact=False):
    """The typed Program, and the builder that holds its stages.  Raises UnsupportedError.

    layers: whether called functions may become layers, see `outline`.  is_exact: where small integers are
    differentiated, follow the function as it is, too: its value is that of integers, which wrap.
    """
    is_twice = False
    while True:
        try:
            scope.powers.clear()
            typed, builder, rounds = _inferred(program, kinds, wrt, scope, layers, is_twice)
        except NonlocalStore:
            continue    # the scope has recorded the store
        if scope.powers and not scope.testing and has_arrays(builder, typed):
            scope.testing = True
        elif is_exact and rounds and not is_twice and _is_repeatable(kinds, scope) \
                and any(value.varied and _has_integers(value.kind) for value in typed.parameters):
            is_twice = True
        else:
            return typed, builder


def _is_repeatable(kinds, scope):
    """Whether a function has no effect by which a text that runs it twice would differ."""
    return not scope.draws and not scope.stored and all(kind.tag != "object" for kind in kinds)


def _has_integers(kind):
    """Whether a parameter of the kind, or a part of it, is an integer."""
    return any(map(_has_integers, kind.items)) or kind.numeric and kind.integral


def _inferred(program, kinds, wrt, scope, layers, is_twice):
    """(the typed Program, the builder, whether it computes in float what the function has in integers)."""
    builder = Builder(scope)
    parameters = tuple(Value(p.name, kind=kind, varied=p.name in wrt)
                       for p, kind in zip(program.parameters, kinds))
    scope.arguments = frozenset(parameters)
    exact = None
    if is_twice:
        exact, _ = _followed(program, [_as_constant(builder, program, value) for value in parameters],
                             builder, layers)
    result, interp = _followed(program, parameters, builder, layers)
    builder.attributes = interp.read_attributes
    if any(value.kind.tag == "array" for value in interp.conversions):
        builder.stages[:] = as_copies(builder.stages)
        builder.define_all(builder.stages)
    builder.stages[:] = without_conversions(tuple(builder.stages), interp.conversions, builder.definitions)
    typed = dataclasses.replace(program, parameters=parameters, block=tuple(builder.stages), result=result,
                                exact=exact)
    return typed, builder, interp.is_in_float


def _as_constant(builder, program, parameter):
    """A parameter that carries no derivative."""
    if not parameter.varied:
        return parameter
    value, first = Value(kind=parameter.kind), program.block[0]
    builder.append(Stage((value,), Form("alias"), (parameter,), first.statement, first.place))
    return value


def _followed(program, parameters, builder, layers):
    """(the result of a Program, the Interpreter that has followed it)."""
    interp, scope = Interpreter(builder, layers), builder.scope
    interp.frame.rename = scope.importing(program.imports or {}, scope.own_name, scope.keep)
    interp.frame.first = next(iter(program.parameters), None)
    values = [stored_lists.argument(interp, value) if scope.number_lists and is_list_of_numbers(value.kind)
              else value for value in parameters]
    interp.frame.env.update(zip(program.parameters, values))
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
    return result, interp
