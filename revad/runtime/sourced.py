"""Sourced: a function with source in the place of a callable without one: `np.sin`, a partial, an object.

>>> import functools
>>> sourced(math.sin)(0.0), sourced(functools.partial(pow, 2.0))
(0.0, functools.partial(<built-in function pow>, 2.0))
>>> def scaled(a, x):
...     return a * x
>>> sourced(functools.partial(scaled, 2.0))(3.0)
6.0
"""
from __future__ import annotations

import functools
import inspect
import math
import sys
import types

import numpy as np

from ..types.registry import OTHERS, home_of, lookup
from .compilation import function_of_text

_of_gates: dict = {}
MODULES = {"np": np, "math": math}


def sourced(function):
    """The function itself, or one with source that does what it does."""
    if isinstance(function, (types.FunctionType, types.MethodType, type)):
        return function if getattr(function, "__module__", "") is None \
            or not str(getattr(function, "__module__", "")).startswith("numpy") else _of_gate(function)
    if isinstance(function, functools.partial):
        return _of_partial(function)
    if getattr(type(function), "follows", None) in ("columns", "hvp", "elementwise"):
        return _of_derivative(function)
    if isinstance(function, (staticmethod, classmethod)) or getattr(type(function), "for_kinds", None):
        return function
    if hasattr(function, "__wrapped__") and not str(getattr(function, "__module__", "")).startswith("numpy"):
        return function
    if inspect.isfunction(getattr(type(function), "__call__", None)) and not isinstance(function, np.ufunc) \
            and not type(function).__module__.startswith("revad."):
        return function.__call__
    return _of_gate(function)


def _of_gate(function):
    """A call of a function of NumPy, math or SciPy that has a rule, with the parameters that it needs."""
    path = _path(function)
    gate = lookup(function)
    if gate is None or path is None or gate.variadic or not gate.required:
        return function
    if path not in _of_gates:
        name, parameters = path.rpartition(".")[2], ", ".join(gate.required)
        namespace = {**MODULES, **{short: sys.modules[module] for short, module in OTHERS.items()
                                   if module in sys.modules}, "__name__": __name__}
        _of_gates[path] = function_of_text(f"def {name}({parameters}):\n    return {path}({parameters})\n",
                                           name, namespace, {})
    return _of_gates[path]


def _of_derivative(derivative):
    """A function that calls a Jacobian, a Hessian or a product, which is followed there."""
    parameters, called = [], []
    for parameter in inspect.signature(derivative).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        if parameter.default is not parameter.empty or parameter.kind in (
                parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            return derivative
        parameters.append(parameter.name)
        called.append(f"{parameter.name}={parameter.name}" if "*" in parameters else parameter.name)
    name = derivative.__name__ if derivative.__name__.isidentifier() else "function"
    text = f"def {name}({', '.join(parameters)}):\n    return derivative({', '.join(called)})\n"
    return function_of_text(text, name, {"__name__": derivative.__module__},
                            {"derivative": types.CellType(derivative)})


def _path(function):
    """How a text calls a function: 'np.sin', 'np.linalg.det', 'math.exp', 'special.psi', or None."""
    name = getattr(function, "__name__", "")
    for path, module in (("np", np), ("np.linalg", np.linalg), ("math", math)):
        if getattr(module, name, None) is function:
            return f"{path}.{name}"
    return home_of(function)


def _of_partial(partial):
    """A function of the parameters that a partial leaves open."""
    inner = sourced(partial.func)
    if not isinstance(inner, (types.FunctionType, types.MethodType)):
        return partial
    name = getattr(inner, "__name__", "function")
    name = name if name.isidentifier() else "function"
    given, signature = set(partial.keywords), inspect.signature(partial)
    if inner is not partial.func and lookup(partial.func) is not None:      # the rest are settings
        required = [parameter for parameter in signature.parameters.values()
                    if parameter.name in inspect.signature(inner).parameters or parameter.name in given]
        signature = signature.replace(parameters=required)
        inner = partial.func
    namespace, cells = {"__name__": inner.__module__}, {}

    def held(base, value):
        while base in signature.parameters or base in cells:
            base += "_"
        cells[base] = types.CellType(value)
        return base
    called = held(f"{name}_of_all" if name == inner.__name__ else "inner", inner)
    passed = [held(f"first_{number}", value) for number, value in enumerate(partial.args)]
    parameters, defaults, star = [], [], False
    for parameter in signature.parameters.values():
        if parameter.name in given:
            value = held(f"given_{parameter.name}", partial.keywords[parameter.name])
            passed.append(f"{parameter.name}={value}")
            star = True
            continue
        mark = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters and not any(
                p.startswith("*") for p in parameters):
            parameters.append("*")
        default = "" if parameter.default is parameter.empty else \
            f"={held(f'default_{parameter.name}', parameter.default)}"
        parameters.append(f"{mark}{parameter.name}{default}")
        passed.append(f"{parameter.name}={parameter.name}" if star or parameter.kind is parameter.KEYWORD_ONLY
                      else f"{mark}{parameter.name}")
    for key, value in partial.keywords.items():
        if key not in signature.parameters:
            passed.append(f"{key}={held(f'given_{key}', value)}")
    text = f"def {name}({', '.join(parameters)}):\n    return {called}({', '.join(passed)})\n"
    outside = {key: cell.cell_contents for key, cell in cells.items()}
    function = function_of_text(text, name, {**namespace, **outside}, {})
    open_parameters = [p for p in signature.parameters.values() if p.name not in given]
    function.__defaults__ = tuple(p.default for p in open_parameters if p.default is not p.empty
                                  and p.kind is not p.KEYWORD_ONLY) or None
    function.__kwdefaults__ = {p.name: p.default for p in open_parameters if p.default is not p.empty
                               and p.kind is p.KEYWORD_ONLY} or None
    return function
