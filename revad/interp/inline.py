"""Inline: a called function with source is followed, with its parameters bound as Python binds them.

>>> source_function(len) is None, source_function(source_function) is None
(True, True)
"""
from __future__ import annotations

import dataclasses
import functools
import types

import numpy as np

from ..errors import SourceError, UnsupportedError
from ..frontend.decorators import innermost
from ..frontend.lower import lower, lower_tree
from ..frontend.source import read_source
from ..frontend.syntax_check import check
from ..ir.nodes import Form, Lit, Stage, Value, beside
from ..types.refusals import Refusal
from .environment import RAISE, Frame, Raised, object_value
from .exceptions import in_try
from .loops.generators import generator_call, yields
from .nonlocals import read
from .outline import parameter_of_operand

DEEPEST = 60        # calls inside calls


def source_function(function):
    """The plain Python function that a call runs, or None."""
    if isinstance(function, types.MethodType):
        function = function.__func__
    if isinstance(function, (types.FunctionType, functools._lru_cache_wrapper)) \
            and hasattr(function, "__wrapped__"):
        try:
            function = innermost(function)
        except SourceError:     # the wrapper is followed itself: it may change arguments or results
            function = types.FunctionType(function.__code__, function.__globals__, function.__name__,
                                          function.__defaults__, function.__closure__)
    package = (getattr(function, "__module__", None) or "").split(".")[0]
    if isinstance(function, types.FunctionType) and package not in ("numpy", "revad"):
        return function
    return None


@functools.lru_cache(maxsize=1024)
def _program_of(code, function_of):
    source = read_source(function_of.function)
    problems = check(source, called=True)
    if problems:
        raise UnsupportedError(problems)
    return lower(source)


class _CodeKey:
    """A function, equal to any other of the same code."""

    def __init__(self, function):
        self.function = function

    def __eq__(self, other):
        return self.function.__code__ is other.function.__code__

    def __hash__(self):
        return hash(self.function.__code__)


def enter(interp, stage, function, args, keywords, apart=True):
    """Follow a Python function; `apart`: it may be outlined."""
    try:
        program = _program_of(function.__code__, _CodeKey(function))
    except SourceError as error:
        raise Refusal(f"call of {function.__name__}", "its source cannot be had",
                      f"Declare its derivative with @revad.adjoint({function.__name__}). ({error})") from None
    scope = interp.builder.scope
    frame = Frame(None, lambda path: scope.spelled(path, function))
    frame.home = function.__globals__, dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    scope.rely_on_function(function)
    defaults = tuple(constant(interp, stage, v, f"{function.__name__}.__defaults__")
                     for v in function.__defaults__ or ())
    keyword_defaults = {k: constant(interp, stage, v, k) for k, v in (function.__kwdefaults__ or {}).items()}

    def follow_program():
        return follow(interp, stage, program, frame, args, keywords, defaults, keyword_defaults, function)
    if not apart:
        return follow_program()
    return _outline_or_follow(interp, stage, program, args, keywords, follow_program)


def enter_closure(interp, stage, closure, args, keywords):
    """Follow a function defined inside a function."""
    defaults = tuple(closure.frame.env.get(default, default) for default in closure.defaults)
    return _outline_or_follow(interp, stage, closure.program, args, keywords,
                              lambda: follow(interp, stage, closure.program, closure.frame, args, keywords,
                                             defaults, None))


def _outline_or_follow(interp, stage, program, args, keywords, follow):
    """Outline a call if a derivative goes through it, else follow it inline."""
    is_active = any(operand.varied for operand in (*args, *keywords.values()))
    if not is_active or interp.frame.tried is not None or in_try(stage.statement):
        return follow()     # what may raise in a `try` must stand in it
    return interp.outline_call(
        stage, program, parameter_of_operand([v.name for v in program.parameters], args, keywords), follow)


def follow(interp, stage, program, enclosing, args, keywords, defaults, keyword_defaults, function=None):
    if interp.depth >= DEEPEST:
        raise Refusal(f"call of {program.name}", f"calls go deeper than {DEEPEST}", "Write it with a loop.")
    scope = interp.builder.scope
    frame = Frame(enclosing, scope.importing(program.imports or {}, enclosing.rename, scope.supply))
    frame.first = next(iter(program.parameters), None)
    frame.tried = stage.statement if in_try(stage.statement) else interp.frame.tried
    _bind(interp, stage, program, frame, args, keywords, defaults, keyword_defaults)
    if yields(program.tree):
        return generator_call(interp, program, frame)
    outer = interp.frame
    interp.frames.append(frame)
    interp.frame, interp.depth = frame, interp.depth + 1
    block = program.block
    if all(isinstance(callee_stage, Stage) and callee_stage.statement is block[0].statement
           for callee_stage in block):
        # A single expression takes the place of its call.
        block = tuple(dataclasses.replace(callee_stage, statement=stage.statement) for callee_stage in block)
    try:
        exit = interp.run((*block, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place)))
    finally:
        interp.frame, interp.depth = outer, interp.depth - 1
    if exit == RAISE:
        raise Raised
    return exit.value


def _bind(interp, stage, program, frame, args, keywords, defaults, keyword_defaults):
    """Bind the parameters as Python does."""
    tree = program.tree.args
    variables = {v.name: v for v in program.parameters}
    plain = [n.id for n in (*tree.posonlyargs, *tree.args)]
    keyword_only = [n.id for n in tree.kwonlyargs]
    bound = dict(zip(plain, args))
    extra_args = args[len(plain):]
    keywords = dict(keywords)
    if extra_args and not tree.vararg:
        raise Refusal(f"call of {program.name}", f"it takes {len(plain)} arguments, {len(args)} are given",
                      "Give as many.", TypeError)
    if tree.vararg:
        bound[tree.vararg.id] = interp.make(stage, Form("tuple"), tuple(extra_args))
    for name in [*plain[len(tree.posonlyargs):], *keyword_only]:
        if name in keywords:
            bound[name] = keywords.pop(name)
    if tree.kwarg:
        bound[tree.kwarg.id] = interp.make(stage, Form("dict", keywords=tuple(keywords)),
                                           tuple(keywords.values()))
    elif keywords:
        raise Refusal(f"call of {program.name}", f"it has no parameter {next(iter(keywords))!r}",
                      "Call it as it is defined.", TypeError)
    if keyword_defaults is None:       # of a nested function: those of keyword-only parameters come last
        count = len(defaults) - sum(d is not None for d in tree.kw_defaults)
        with_default = [n for n, d in zip(keyword_only, tree.kw_defaults) if d is not None]
        defaults, keyword_defaults = defaults[:count], dict(zip(with_default, defaults[count:]))
    for name, operand in [*zip(plain[len(plain) - len(defaults):], defaults), *keyword_defaults.items()]:
        bound.setdefault(name, operand)
    for name, variable in variables.items():
        if name not in bound:
            raise Refusal(f"call of {program.name}", f"it misses its argument {name!r}",
                          "Call it as it is defined.", TypeError)
        operand = bound[name]
        if isinstance(operand, Value) and operand.name is None and not operand.hint:
            operand.hint = name
        frame.assign(variable, operand)


def constant(interp, stage, value, text):
    """A default, or an argument of a partial, as an operand."""
    if isinstance(value, (int, float, str, bool, type(None))):
        return Lit(value)
    stored = interp.outside.find(interp, value)
    if stored is not None:
        return stored
    stem = text.partition(".")[0].strip("@") + "_default"
    if type(value) in (tuple, list) or isinstance(value, dict):
        parts = tuple(
            constant(interp, stage, v, text) for v in (value.values() if isinstance(value, dict) else value))
        form = Form("dict", keywords=tuple(value)) if isinstance(value, dict) else Form(type(value).__name__)
        container = interp.make(stage, form, parts)
        interp.outside.note(container, value, stem, False)
        return container
    is_dtype = isinstance(value, type) and issubclass(value, (np.generic, int, float))
    if callable(value) and not is_dtype:       # a dtype is a setting
        return object_value(value)
    stem = value.__name__ if isinstance(value, type) else stem
    return read(interp, beside(stage, Value()), interp.builder.scope.supply(stem, value))


def nested(tree, outer_names, source):
    """The Program of a function inside a function."""
    return lower_tree(tree, getattr(tree, "name", "lambda"), source, outer_names)
