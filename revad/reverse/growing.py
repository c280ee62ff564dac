"""Growing: quotients by a function that grows as exp does, and its logarithm: their slopes do not overflow.

The slope of `1 / np.cosh(x)` is `-sinh(x) / cosh(x)**2`, which is 0 * inf from x = 711 on, where the quotient
is 0; but `sinh(x) / cosh(x)` is tanh(x).  So the slope of a quotient is the quotient times the relative slope
of its divisor.

>>> import gast, numpy as np
>>> from .patterns import recognise
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> text = "def f(x):\\n    return x / np.cosh(x) + np.log(np.cosh(x))"
>>> program = lower_tree(gast.parse(text).body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT], {"x"}, Scope({"np": np}, {}, "f"))
>>> [stage.gate.name for stage in recognise(builder, typed.result)]
['cosh', 'over_cosh', 'cosh', 'log_cosh', 'add']
"""
from __future__ import annotations

from ..ir.nodes import Lit, Value
from ..rules import fused
from ..types.shape_rules import kind_of_operand

OVER = {"exp": fused.over_exp_function, "exp2": fused.over_power_function, "power": fused.over_power_function,
        "cosh": fused.over_cosh_function, "sinh": fused.over_sinh_function}
LOGS = {"exp": fused.log_exp_function, "cosh": fused.log_cosh_function, "sinh": fused.log_sinh_function}


def quotient(patterns, stage, numerator, divisor):
    """A quotient by a growing function, or by a power of one, with its gate; another stage as it is.

    The functions of math raise where they overflow.
    """
    if kind_of_operand(divisor).weak:
        return stage
    growth = _growing(patterns, divisor)
    power = patterns.gate(divisor, "power") if growth is None else None
    times = _number(power["y"]) if power else 1
    if power and times is not None and times > 0:
        growth = _growing(patterns, power["x"])
    if growth is None:
        return stage
    function, bound = growth
    return patterns.replaced(stage, function, above=numerator, d=divisor, **bound, times=Lit(times))


def negative_power(patterns, stage, base, exponent):
    """The same of a growing function to a negative power."""
    times, growth = _number(exponent), _growing(patterns, base)
    if times is None or times >= 0 or growth is None or kind_of_operand(base).weak:
        return stage
    return patterns.replaced(stage, growth[0], above=Lit(1), d=stage.target, **growth[1], times=Lit(-times))


def logarithm(patterns, stage, operand):
    """The logarithm of a growing function with its gate; another stage as it is."""
    for name, function in LOGS.items():
        inner = patterns.gate(operand, name)
        if inner is not None:
            return patterns.replaced(stage, function, x=inner["x"])
    return stage


def _growing(patterns, operand):
    """(the function for a quotient by it, its operands) of an active function that grows as exp does."""
    exponent = patterns.one_plus_exp(operand)
    if isinstance(exponent, Value) and exponent.varied:
        return fused.over_one_plus_exp_function, {"x": exponent, "base": operand}
    for name, function in OVER.items():
        inner = patterns.gate(operand, name)
        if inner is None:
            continue
        bound = {"x": inner["x"]}
        if function is fused.over_power_function:
            bound = ({"x": inner["x"], "base": Lit(2)} if name == "exp2"
                     else {"x": inner["y"], "base": inner["x"]})
            if not (_number(bound["base"]) or 0) > 0:
                continue
        if isinstance(bound["x"], Value) and bound["x"].varied:
            return function, bound
    return None


def _number(operand):
    value = operand.value if isinstance(operand, Lit) else None
    return value if type(value) in (int, float) else None
